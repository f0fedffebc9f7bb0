"""Addresses of partnerships."""

from __future__ import annotations

from django.urls import include, path

from . import views

urlpatterns = [
    path("partnership/", include("isopolis.web.partnerships.hub.urls")),
    path("partnerships/", views.partnerships, name="partnerships"),
    path("partnerships/new/", views.create, name="partnership_new"),
    path("partnerships/invitations/<str:token>/", views.invitation, name="partnership_invitation"),
    path("partnerships/<slug:slug>/", views.partnership, name="partnership"),
    path("partnerships/<slug:slug>/manage/", views.manage, name="partnership_manage"),
    path(
        "partnerships/<slug:slug>/cities/<int:pk>/",
        views.remove,
        {"what": "city"},
        name="partnership_remove_city",
    ),
    path(
        "partnerships/<slug:slug>/people/<int:pk>/",
        views.remove,
        {"what": "person"},
        name="partnership_remove_person",
    ),
    path("partnerships/<slug:slug>/leave/", views.leave, name="partnership_leave"),
    path("w/<slug:slug>/partnerships/", views.city, name="city_partnerships"),
    path("w/<slug:slug>/partnerships/<int:pk>/share/", views.share, name="share_findings"),
    path("w/<slug:slug>/partnerships/<int:pk>/leave/", views.take_out, name="city_leaves_partnership"),
]
