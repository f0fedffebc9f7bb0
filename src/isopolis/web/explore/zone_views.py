"""Pages of zones: map and list, search, one zone."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from isopolis.web.diagnoses.store import figure, overview
from isopolis.web.workspaces.access import inside
from isopolis.web.workspaces.models import Workspace

from . import store, words
from .access import finished, picked
from .search import search
from .zone_lists import COLUMNS, cells, order, quotient

__all__ = ["PER_PAGE", "choice", "zone", "zone_search", "zones"]

PER_PAGE = 50


def choice(request: HttpRequest, about: dict[str, Any]) -> tuple[int, int | None]:
    """Return the dimension and the group that an address asks for."""
    dimension = picked(request.GET.get("d"), about["dimensions"])
    if not about["dimensions"]:
        raise Http404
    asked = request.GET.get("g")
    return dimension, picked(asked, about["dimensions"][dimension]["labels"]) if asked else None


@inside("findings.read")
@require_GET
def zones(request: HttpRequest, workspace: Workspace, pk: UUID) -> HttpResponse:
    """Show the map and the list of all zones for one dimension or one of its groups."""
    job = finished(workspace, pk)
    about = store.zones(job)
    dimension, group = choice(request, about)
    chosen, named = about["dimensions"][dimension], store.names(job)
    sort = request.GET.get("sort", "-times" if group is None else "-share")
    if sort.removeprefix("-") not in COLUMNS:
        raise Http404
    values = store.values(job, dimension)
    page = Paginator(order(named, values, group, sort), PER_PAGE).get_page(request.GET.get("page"))
    key = chosen["figures"].get("where" if group is None else f"map-{group}", "")
    context = {
        "workspace": workspace,
        "job": job,
        "overview": overview(job),
        "about": about,
        "chosen": chosen,
        "group": group,
        "group_label": chosen["labels"][group] if group is not None else "",
        "group_city": words.said(words.percent(chosen["city"][group])) if group is not None else "",
        "page": page,
        "rows": [cells(n, named, values, group) for n in page],
        "sort": sort,
        "columns": _columns(request, group, sort),
        "figure": figure(job, key) if key else None,
        "query": _without(request, "page"),
    }
    return render(request, "explore/zones.html", context)


def _without(request: HttpRequest, *names: str) -> str:
    query = request.GET.copy()
    for name in names:
        query.pop(name, None)
    return query.urlencode()


def _columns(request: HttpRequest, group: int | None, sort: str) -> list[dict[str, str]]:
    """Return the headings, each with the address that sorts by it, and the other way round when it does."""
    titles = {"name": _("Zone"), "people": _("People"), "times": _("Difference from the city's mix")}
    if group is not None:
        titles["share"] = _("Share of the group")
    rest = _without(request, "sort", "page")
    out = []
    for key, title in titles.items():
        now = sort.removeprefix("-") == key
        down = sort.startswith("-")
        first = key if key == "name" else f"-{key}"
        then = (key if down else f"-{key}") if now else first
        state = ("descending" if down else "ascending") if now else "none"
        out.append(
            {"title": title, "state": state, "query": f"{rest}&sort={then}" if rest else f"sort={then}"}
        )
    return out


@inside("findings.read")
@require_GET
def zone_search(request: HttpRequest, workspace: Workspace, pk: UUID) -> HttpResponse:
    """Look for zones by name, number, address or point."""
    job = finished(workspace, pk)
    about = store.zones(job)
    hits = search(job, request.GET.get("q", ""))
    found = [
        {"number": n, "name": name, "why": why, "parents": list(store.zone(job, n)["parents"].values())}
        for n, name, why in hits.zones
    ]
    context = {
        "workspace": workspace,
        "job": job,
        "overview": overview(job),
        "about": about,
        "hits": hits,
        "found": found,
        "addresses": store.page_file(job, "addresses.sqlite").is_file(),
    }
    return render(request, "explore/search.html", context)


@inside("findings.read")
@require_GET
def zone(request: HttpRequest, workspace: Workspace, pk: UUID, number: int) -> HttpResponse:
    """Show one zone: what was measured there, and its place in the city."""
    job = finished(workspace, pk)
    about, found = store.zones(job), store.zone(job, number)
    context = {
        "workspace": workspace,
        "job": job,
        "overview": overview(job),
        "about": about,
        "zone": found,
        "sections": [_section(a, v) for a, v in zip(about["dimensions"], found["values"], strict=True)],
    }
    return render(request, "explore/zone.html", context)


def _section(about: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """Return one dimension of a zone in words."""
    hidden = values["people"] is None
    rows = [
        {
            "label": label,
            "number": g,
            "share": words.said(words.percent(values["share"][g])),
            "city": words.said(words.percent(about["city"][g])),
            "quotient": words.times(quotient(values["share"][g], about["city"][g])),
        }
        for g, label in enumerate(about["labels"])
    ]
    people = "" if hidden else words.said(words.people(values["people"]))
    return {
        "about": about,
        "hidden": hidden,
        "people": people,
        "times": words.times(values["times"]),
        "place": "" if hidden else words.said(words.people(values["place"])),
        "of": words.said(words.people(about["shown"])),
        "rows": rows,
    }
