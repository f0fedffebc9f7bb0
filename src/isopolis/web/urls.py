"""All addresses."""

from __future__ import annotations

from django.urls import include, path

from . import health

urlpatterns = [
    path("health", health.health, name="health"),
    path("", include("isopolis.web.accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("language/", include("django.conf.urls.i18n")),
    path("w/", include("isopolis.web.datasets.urls")),
    path("w/", include("isopolis.web.diagnoses.urls")),
    path("w/", include("isopolis.web.workspaces.urls")),
]
handler400 = "isopolis.web.errors.bad_request"
handler403 = "isopolis.web.errors.forbidden"
handler404 = "isopolis.web.errors.not_found"
handler500 = "isopolis.web.errors.broken"
