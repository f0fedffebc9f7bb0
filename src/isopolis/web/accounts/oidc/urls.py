"""Addresses of the city's own sign-in; allauth finds them by their place beside the provider."""

from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [
    path("oidc/login/", views.login, name="oidc_login"),
    path("oidc/login/callback/", views.callback, name="oidc_callback"),
]
