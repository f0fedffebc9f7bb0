"""Addresses of the first page and of sign-in links."""

from __future__ import annotations

from django.urls import path

from isopolis.web.workspaces.settings_views import invitation

from . import views

urlpatterns = [
    path("", views.home, name="home"),
    path("sign-in/<str:token>/", views.sign_in_link, name="sign_in_link"),
    path("invitations/<str:token>/", invitation, name="invitation"),
    path("account/", views.account, name="your_account"),
    path("account/sign-out-everywhere/", views.sign_out_everywhere, name="sign_out_everywhere"),
]
