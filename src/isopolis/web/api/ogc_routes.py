"""OGC API Features over the web: once for everybody, once inside a workspace with a token."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from ninja import Router

from isopolis.web.diagnoses import store
from isopolis.web.permissions import may, require
from isopolis.web.work.models import Job

from . import ogc
from . import ogc_schemas as schemas
from . import ogc_views as views
from .door import may_use, needs
from .features import layer_of
from .ogc_schemas import ASKED, FORMAT, FREE
from .publications import collections as published
from .service import operation

__all__ = ["private", "public"]

private, public = Router(), Router()
INSIDE = "/workspaces/{slug:workspace}/ogc"
MOST_RUNS = 50
"""Diagnoses whose collections are listed, the newest first."""

ONE, MANY = {"parameters": [FORMAT]}, {"parameters": [FORMAT, *ASKED, FREE]}
GEO = (ogc.GEOJSON,)


# -- for everybody -------------------------------------------------------------------------------------
def _open(request: HttpRequest) -> views.Place:
    root = request.build_absolute_uri(reverse("ogc:landing_public")).rstrip("/")
    return views.Place(
        root, _("Published features"), _("Zones and findings that cities have published."),
        f"{root}/api", request.build_absolute_uri(reverse("api_manual")), html=True,
    )  # fmt: skip


@operation(public, "GET", "/", "Where everything begins", schemas.Landing, extra=ONE)
def landing_public(request: HttpRequest) -> Any:
    """Lead to all other documents."""
    return views.landing(request, _open(request))


@operation(public, "GET", "/conformance", "What is kept of the standard", schemas.Conformance, extra=ONE)
def conformance_public(request: HttpRequest) -> Any:
    """List the conformance classes."""
    return views.conformance(request, _open(request))


@operation(public, "GET", "/collections", "Collections", schemas.Collections, extra=ONE)
def collections_public(request: HttpRequest) -> Any:
    """List what is published."""
    return views.collections(request, _open(request), published())


@operation(public, "GET", "/collections/{str:key}", "One collection", schemas.CollectionOut, extra=ONE)
def collection_public(request: HttpRequest, key: str) -> Any:
    """Tell what a collection is."""
    return views.collection(request, _open(request), views.chosen(published(), key))


@operation(public, "GET", "/collections/{str:key}/items", "Features", schemas.Items, media=GEO, extra=MANY)
def items_public(request: HttpRequest, key: str) -> Any:
    """Return one page of features."""
    return views.items(request, _open(request), views.chosen(published(), key))


@operation(
    public, "GET", "/collections/{str:key}/items/{path:fid}", "One feature", schemas.FeatureOut,
    media=GEO, extra=ONE,
)  # fmt: skip
def item_public(request: HttpRequest, key: str, fid: str) -> Any:
    """Return one feature."""
    return views.item(request, _open(request), views.chosen(published(), key), fid)


# -- inside a workspace --------------------------------------------------------------------------------
def _inside(request: HttpRequest) -> views.Place:
    slug = request.workspace.slug
    root = request.build_absolute_uri(reverse("api:landing_private", args=[slug])).rstrip("/")
    return views.Place(
        root, request.workspace.name, _("Zones and findings of the diagnoses of this workspace."),
        request.build_absolute_uri(reverse("api_document")),
        request.build_absolute_uri(reverse("api_manual")), html=False,
    )  # fmt: skip


def _mine(request: HttpRequest) -> list[ogc.Collection]:
    """Return findings of finished diagnoses, and zones for those who may have their numbers."""
    runs = Job.objects.filter(workspace=request.workspace, kind="diagnose", state=Job.State.DONE)
    names = ["findings"]
    if may(request.auth.user, "findings.download", request.workspace) and "read:files" in request.auth.scopes:
        names.append("zones")
    newest = runs.order_by("-ended_at", "pk")[:MOST_RUNS]
    return [_collection(run, name) for run in newest for name in names]


def _collection(run: Job, name: str) -> ogc.Collection:
    if name == "zones":
        title, text = _("Zones"), _("Each zone with its people, shares and scores.")
    else:
        title = _("Findings")
        text = _("Each finding, with a coarse outline of the part of the city that it is about.")
    when = run.ended_at.strftime("%Y-%m-%d %H:%M") if run.ended_at else ""
    opened = partial(layer_of, store.result_folder(run), name)
    return ogc.Collection(f"{run.pk}-{name}", f"{title} ({when})", text, f"{run.pk} {name}", opened)


def _my(request: HttpRequest, key: str) -> ogc.Collection:
    if key.endswith("-zones"):
        # numbers of single zones that no privacy gate has seen yet
        may_use(request.auth, "read:files")
        require(request.auth.user, "findings.download", request.workspace)
    return views.chosen(_mine(request), key)


@operation(private, "GET", INSIDE + "/", "Where features begin", schemas.Landing, extra=ONE)
@needs("read:findings", "findings.read")
def landing_private(request: HttpRequest, workspace: str) -> Any:
    """Lead to all other documents of OGC API Features."""
    return views.landing(request, _inside(request))


@operation(private, "GET", INSIDE + "/conformance", "What is kept of it", schemas.Conformance, extra=ONE)
@needs("read:findings", "findings.read")
def conformance_private(request: HttpRequest, workspace: str) -> Any:
    """List the conformance classes."""
    return views.conformance(request, _inside(request))


@operation(private, "GET", INSIDE + "/collections", "Collections", schemas.Collections, extra=ONE)
@needs("read:findings", "findings.read")
def collections_private(request: HttpRequest, workspace: str) -> Any:
    """List zones and findings of all diagnoses; zones need the scope read:files too."""
    return views.collections(request, _inside(request), _mine(request))


@operation(
    private, "GET", INSIDE + "/collections/{str:key}", "One collection", schemas.CollectionOut, extra=ONE
)
@needs("read:findings", "findings.read")
def collection_private(request: HttpRequest, workspace: str, key: str) -> Any:
    """Tell what a collection is."""
    return views.collection(request, _inside(request), _my(request, key))


@operation(
    private, "GET", INSIDE + "/collections/{str:key}/items", "Features", schemas.Items,
    media=GEO, extra=MANY,
)  # fmt: skip
@needs("read:findings", "findings.read")
def items_private(request: HttpRequest, workspace: str, key: str) -> Any:
    """Return one page of features."""
    return views.items(request, _inside(request), _my(request, key))


@operation(
    private, "GET", INSIDE + "/collections/{str:key}/items/{path:fid}", "One feature",
    schemas.FeatureOut, media=GEO, extra=ONE,
)  # fmt: skip
@needs("read:findings", "findings.read")
def item_private(request: HttpRequest, workspace: str, key: str, fid: str) -> Any:
    """Return one feature."""
    return views.item(request, _inside(request), _my(request, key), fid)
