"""Addresses of processes, and of the modules in them."""

from __future__ import annotations

from django.urls import include, path

from . import views
from .manifests import kinds

_OFFICER = [
    path("w/<slug:slug>/processes/", views.manage_list, name="processes"),
    path("w/<slug:slug>/processes/new/", views.create, name="process_new"),
    path("w/<slug:slug>/processes/<int:number>/", views.manage, name="process_manage"),
    path("w/<slug:slug>/processes/<int:number>/state/", views.change_state, name="process_state"),
    path("w/<slug:slug>/processes/<int:number>/dates/<int:module>/", views.dates, name="process_dates"),
]
_PUBLIC = [
    path("take-part/", views.take_part, name="take_part"),
    path("take-part/<slug:slug>/", views.city_processes, name="city_processes"),
    path("take-part/<slug:slug>/<int:number>/", views.process, name="process"),
    path("take-part/<slug:slug>/<int:number>/join/", views.join, name="process_join"),
]
urlpatterns = [
    *_OFFICER,
    *_PUBLIC,
    *(
        path(f"take-part/<slug:slug>/<int:number>/{manifest.kind}/<int:module>/", include(manifest.urls))
        for manifest in kinds().values()
    ),
]
