"""All addresses."""

from __future__ import annotations

from django.urls import include, path

from . import health
from .operate import metrics

urlpatterns = [
    path("health", health.health, name="health"),
    path("metrics", metrics.metrics, name="metrics"),
    path("", include("isopolis.web.accounts.urls")),
    path("", include("isopolis.web.protect.urls")),
    path("accounts/", include("allauth.urls")),
    path("language/", include("django.conf.urls.i18n")),
    path("", include("isopolis.web.ballots.urls")),
    path("", include("isopolis.web.participation.urls")),
    path("", include("isopolis.web.modules.urls")),
    path("", include("isopolis.web.plans.urls")),
    path("", include("isopolis.web.modules.consultation.plan_urls")),
    path("", include("isopolis.web.partnerships.urls")),
    path("", include("isopolis.web.vocabulary.urls")),
    path("", include("isopolis.web.library.urls")),
    path("", include("isopolis.web.api.urls")),
    path("w/", include("isopolis.web.datasets.urls")),
    path("w/", include("isopolis.web.diagnoses.urls")),
    path("w/", include("isopolis.web.explore.urls")),
    path("", include("isopolis.web.explore.site_urls")),
    path("w/", include("isopolis.web.publish.urls")),
    path("w/", include("isopolis.web.frames.urls")),
    path("w/", include("isopolis.web.exchanges.urls")),
    path("w/", include("isopolis.web.peers.urls")),
    path("p/", include("isopolis.web.publish.public_urls")),
    path("w/", include("isopolis.web.workspaces.urls")),
]
handler400 = "isopolis.web.errors.bad_request"
handler403 = "isopolis.web.errors.forbidden"
handler404 = "isopolis.web.errors.not_found"
handler500 = "isopolis.web.errors.broken"
