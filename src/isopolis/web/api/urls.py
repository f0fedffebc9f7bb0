"""Addresses of the interface, of its documents and of the tokens."""

from __future__ import annotations

from functools import cache, partial
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path, re_path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from . import data, library, ogc_routes, runs, spaces, views
from .door import gate
from .ogc import OPENAPI
from .problems import as_answer
from .service import Interface, api, public_api

__all__ = ["urlpatterns"]

for router in (spaces.router, data.router, runs.router, library.router, ogc_routes.private):
    api.add_router("", router)
public_api.add_router("", ogc_routes.public)


@cache
def _document(interface: Interface) -> Any:
    return interface.get_openapi_schema()


@require_safe
def document(request: HttpRequest, interface: Interface, kind: str) -> HttpResponse:
    """Return the OpenAPI document."""
    return JsonResponse(_document(interface), content_type=kind)


def unknown(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Answer what no operation has as its address."""
    return as_answer(404, _("There is no such address. The list of operations has all of them."))


def _gated(interface: Interface, *, public: bool) -> Any:
    """Return the addresses of an interface, each behind the gate, and the rest as not there."""
    patterns, app, namespace = interface.urls
    kept = [p for p in patterns if p.name != "api-root"]
    for pattern in kept:
        pattern.callback = gate(pattern.callback, public=public)
    root = [p for p in patterns if p.name == "api-root"]
    return ([*kept, re_path("^(?P<rest>.*)$", gate(unknown, public=public)), *root], app), namespace


def _open(interface: Interface, kind: str) -> Any:
    return gate(partial(document, interface=interface, kind=kind), public=True)


urlpatterns = [
    path("account/tokens/", views.tokens, name="tokens"),
    path("account/tokens/new/", views.new, name="token_new"),
    path("account/tokens/<uuid:token>/revoke/", views.revoke, name="token_revoke"),
    path("api/", views.manual, name="api_manual"),
    path("api/v1/openapi.json", _open(api, "application/json"), name="api_document"),
    path("ogc/api", _open(public_api, OPENAPI), name="ogc_document"),
    path("api/v1/", include(_gated(api, public=False)[0], namespace=api.urls_namespace)),
    path("ogc/", include(_gated(public_api, public=True)[0], namespace=public_api.urls_namespace)),
]
