"""Addresses of the first page and of sign-in links."""

from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [
    path("", views.home, name="home"),
    path("sign-in/<str:token>/", views.sign_in_link, name="sign_in_link"),
]
