"""The map that can be moved about, and what it asks for: outlines, values, the city's own background."""

from __future__ import annotations

import gzip
import json
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_safe

from isopolis.report.classes import RELATIVE, TIMES
from isopolis.report.style import QUOTIENT, RAMP
from isopolis.web.datasets.models import Dataset
from isopolis.web.diagnoses.store import overview
from isopolis.web.security import POLICY
from isopolis.web.work.models import Job
from isopolis.web.workspaces.access import inside
from isopolis.web.workspaces.models import Workspace

from . import store, words
from .access import finished
from .assets import asset_url
from .tiles import SUFFIX, Background, background, tile
from .zone_lists import quotient
from .zone_views import choice

__all__ = ["MAP_POLICY", "explore_map", "map_outlines", "map_tile", "map_values"]

MAP_POLICY = f"{POLICY}; worker-src 'self' blob:"
"""MapLibre makes its worker from a blob of its own script; nothing else is added."""

KEPT = "private, max-age=86400"
NO_DATA = "#ffffff"


def _background_file(dataset: Dataset) -> Path | None:
    name = next((n for n in dataset.names if n.lower().endswith(SUFFIX)), "")
    path = dataset.folder / name
    return path if name and path.is_file() else None


@inside("findings.read")
@require_GET
def explore_map(request: HttpRequest, workspace: Workspace, pk: UUID) -> HttpResponse:
    """Show the zones on a map that can be moved about."""
    job = finished(workspace, pk)
    about = store.zones(job)
    if not about["bounds"]:
        raise Http404
    dimension, group = choice(request, about)
    chosen = about["dimensions"][dimension]
    zone = request.GET.get("zone", "")
    settings = {
        "outlines": reverse("map_outlines", args=[workspace.slug, job.pk]),
        "values": reverse("map_values", args=[workspace.slug, job.pk])
        + f"?d={dimension}"
        + (f"&g={group}" if group is not None else "")
        + f"&l={get_language()}",
        "zones": reverse("zones", args=[workspace.slug, job.pk]),
        "bounds": about["bounds"],
        "zone": int(zone) if zone.isascii() and zone.isdigit() and len(zone) < 9 else None,
        "background": _described(workspace, job),
        "rtl": get_language_bidi(),
        "words": _map_words(),
    }
    context = {
        "workspace": workspace,
        "job": job,
        "overview": overview(job),
        "about": about,
        "chosen": chosen,
        "group": group,
        "group_label": chosen["labels"][group] if group is not None else "",
        "legend": _legend(chosen, group),
        "settings_text": json.dumps(settings, ensure_ascii=False),
        "script": asset_url("maplibre-gl.js"),
        "sheet": asset_url("maplibre-gl.css"),
        "attribution": settings["background"]["attribution"] if settings["background"] else "",
    }
    response = render(request, "explore/map.html", context)
    response.headers["Content-Security-Policy"] = MAP_POLICY
    return response


def _map_words() -> dict[str, str]:
    """Return what MapLibre and our script say."""
    return {
        "NavigationControl.ZoomIn": _("Zoom in"),
        "NavigationControl.ZoomOut": _("Zoom out"),
        "NavigationControl.ResetBearing": _("North up"),
        "Map.Title": _("Map of the zones; move it with the arrow keys"),
        "Popup.Close": _("Close"),
        "nodata": _("no data, hidden or fewer than 30 people"),
        "open": _("Open the page of this zone"),
        "failed": _("The map cannot be shown by this browser. The list of all zones has the same numbers."),
    }


def _described(workspace: Workspace, job: Job) -> dict[str, Any] | None:
    dataset = Dataset.objects.filter(pk=job.subject, workspace=workspace).first()
    path = _background_file(dataset) if dataset is not None else None
    if dataset is None or path is None:
        return None
    known = background(path)
    address = reverse("tile", args=[workspace.slug, dataset.pk, 0, 0, 0, known.suffix])
    stem = address.removesuffix(f"0/0/0.{known.suffix}")
    return {
        "tiles": f"{stem}{{z}}/{{x}}/{{y}}.{known.suffix}",
        "vector": known.suffix == "mvt",
        "minzoom": known.min_zoom,
        "maxzoom": known.max_zoom,
        "layers": list(known.layers),
        "attribution": known.attribution,
    }


# -- colours ---------------------------------------------------------------------------------
def _scale(chosen: dict[str, Any], group: int | None) -> tuple[list[float], tuple[str, ...]]:
    """Return the breaks between classes and their colours, as on the report's maps."""
    if group is None:
        return list(RELATIVE), RAMP[: len(RELATIVE) + 1]
    city = chosen["city"][group]
    breaks = [t * city for t in TIMES if t * city < 1]
    return breaks, QUOTIENT[: len(breaks) + 1]


def _legend(chosen: dict[str, Any], group: int | None) -> dict[str, Any]:
    breaks, colours = _scale(chosen, group)
    if group is None:
        ends = [words.times(b) for b in breaks]
        heading = _("Difference from the city's mix; 1.00 times is the average")
    else:
        ends = [words.said(words.percent(b)) for b in breaks]
        share = words.said(words.percent(chosen["city"][group]))
        heading = _("Share of people; in the whole city it is %(share)s") % {"share": share}
    labels = [_("under %(end)s") % {"end": ends[0]}] if ends else [_("all zones")]
    labels += [_("%(low)s to %(high)s") % {"low": a, "high": b} for a, b in pairwise(ends)]
    labels += [_("over %(end)s") % {"end": ends[-1]}] if ends else []
    return {"heading": heading, "rows": list(zip(colours, labels, strict=False))}


@inside("findings.read")
@require_safe
def map_outlines(request: HttpRequest, workspace: Workspace, pk: UUID) -> HttpResponse:
    """Hand out the outlines; they never change, so an unchanged copy is not sent again."""
    job = finished(workspace, pk)
    path = store.outlines(job)
    mark = f'"{job.pk}"'
    if request.headers.get("If-None-Match") == mark:
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = _maybe_packed(request, path.read_bytes(), "application/geo+json", packed=True)
    response.headers["ETag"] = mark
    response.headers["Cache-Control"] = KEPT
    return response


def _maybe_packed(request: HttpRequest, body: bytes, content_type: str, *, packed: bool) -> HttpResponse:
    takes = "gzip" in request.headers.get("Accept-Encoding", "")
    if packed and not takes:
        body = gzip.decompress(body)
    response = HttpResponse(body, content_type=content_type)
    if packed and takes:
        response.headers["Content-Encoding"] = "gzip"
    if packed:
        response.headers["Vary"] = "Accept-Encoding"
    return response


@inside("findings.read")
@require_GET
def map_values(request: HttpRequest, workspace: Workspace, pk: UUID) -> HttpResponse:
    """Hand out one colour and one sentence for each zone."""
    job = finished(workspace, pk)
    about = store.zones(job)
    dimension, group = choice(request, about)
    chosen, values = about["dimensions"][dimension], store.values(job, dimension)
    breaks, colours = _scale(chosen, group)
    column = values["times"] if group is None else values["share"][group]
    rows: list[list[Any] | None] = []
    for n, value in enumerate(column):
        if value is None:
            rows.append(None)
            continue
        people = words.said(words.people(values["people"][n]))
        rows.append([sum(value >= b for b in breaks), _sentence(values, group, value, people)])
    made = JsonResponse({"colours": colours, "nodata": NO_DATA, "rows": rows})
    made.headers["Cache-Control"] = "no-store"  # not for whoever sits at this browser next
    return made


def _sentence(values: dict[str, Any], group: int | None, value: float, people: str) -> str:
    if group is None:
        return _("%(times)s the average difference, %(people)s people") % {
            "times": words.times(value),
            "people": people,
        }
    return _("%(share)s of %(people)s people, %(times)s the share of the city") % {
        "share": words.said(words.percent(value)),
        "people": people,
        "times": words.times(quotient(value, values["city"][group])),
    }


# -- the city's own background ----------------------------------------------------------------
@inside("findings.read")
@require_safe
def map_tile(
    request: HttpRequest, workspace: Workspace, pk: UUID, z: int, x: int, y: int, ext: str
) -> HttpResponse:
    """Hand out one tile of the background that came with an upload."""
    dataset = get_object_or_404(Dataset, pk=pk, workspace=workspace)
    path = _background_file(dataset)
    known: Background | None = background(path) if path is not None else None
    if path is None or known is None or ext != known.suffix or z > known.max_zoom or max(x, y) >= 1 << z:
        raise Http404
    mark = f'"{dataset.digest[:24]}-{z}-{x}-{y}"'
    if request.headers.get("If-None-Match") == mark:
        response: HttpResponse = HttpResponseNotModified()
    else:
        body = tile(path, z, x, y)
        # an empty answer, and no error: most files have no tile for the open sea
        response = (
            HttpResponse(status=204)
            if body is None
            else _maybe_packed(request, body, known.content_type, packed=known.packed)
        )
    response.headers["ETag"] = mark
    response.headers["Cache-Control"] = KEPT
    return response
