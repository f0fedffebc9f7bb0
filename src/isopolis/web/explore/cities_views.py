"""Comparing cities: those whose findings the visitor may read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from isopolis.flows.compare import MOST, Part, compare
from isopolis.web.permissions import may
from isopolis.web.publish.models import Publication
from isopolis.web.work.models import Job
from isopolis.web.workspaces.models import Workspace

from . import store, words
from .access import newest, picked
from .compare_views import shown

__all__ = ["City", "cities_of", "compare_cities"]


@dataclass(frozen=True, slots=True)
class City:
    """One city that the visitor may read, with its newest diagnosis or what it has published."""

    workspace: Workspace
    job: Job | Publication

    @property
    def published(self) -> bool:
        """True for what everybody may read."""
        return isinstance(self.job, Publication)

    @property
    def name(self) -> str:
        """Name for readers."""
        if self.published:
            return _("%(city)s (published)") % {"city": self.workspace.name}
        return str(self.workspace.name)

    def address(self, number: int) -> str:
        """Address of one finding."""
        if isinstance(self.job, Publication):
            return reverse("public_finding", args=[self.slug, self.job.number, number])
        return reverse("finding", args=[self.slug, self.job.pk, number])

    @property
    def slug(self) -> str:
        """Short name in addresses."""
        return str(self.workspace.slug)


def cities_of(user: Any) -> list[City]:
    """List the cities whose findings `user` may read, by name."""
    mine = Workspace.objects.filter(membership__user=user).order_by("name", "pk")
    found = []
    for workspace in mine:
        job = newest(workspace) if may(user, "findings.read", workspace) else None
        if job is not None and store.page_file(job, "parts.json").is_file():
            found.append(City(workspace, job))
    return found + _published([c.workspace.pk for c in found])


def _published(without: list[Any]) -> list[City]:
    """List what other cities have published, the newest of each."""
    public = Publication.objects.filter(state=Publication.State.PUBLISHED).exclude(workspace__in=without)
    found: dict[Any, City] = {}
    for row in public.select_related("workspace").order_by("workspace__name", "workspace", "-number"):
        if row.workspace_id not in found and store.page_file(row, "parts.json").is_file():
            found[row.workspace_id] = City(row.workspace, row)
    return list(found.values())


@login_required
@require_GET
def compare_cities(request: HttpRequest) -> HttpResponse:
    """Put the same finding of several cities side by side."""
    cities = cities_of(request.user)
    context: dict[str, Any] = {"cities": cities, "measures": [], "rows": []}
    if cities:
        context |= _form(request, cities)
    return render(request, "explore/cities.html", context)


def _form(request: HttpRequest, cities: list[City]) -> dict[str, Any]:
    asked = request.GET.get("c")
    first = next((c for c in cities if c.slug == asked), None)
    if asked and first is None:
        raise Http404
    first = first or cities[0]
    listed = [
        m | {"title": words.measure(m["measure"])}
        for m in store.parts(first.job)["measures"]
        if m["measure"] != "local_mutual_information"
    ]
    if not listed:
        return {"first": first}
    measure = listed[picked(request.GET.get("m"), listed) if not _stale(request, first) else 0]
    rows = [r for r in store.rows_of(first.job, measure["number"]) if r["part"].scope == "city"]
    numbers = {str(r["number"]): r for r in rows}
    chosen = numbers.get(request.GET.get("f", "")) or (rows[0] if rows else None)
    out: dict[str, Any] = {
        "first": first,
        "measures": listed,
        "measure": measure,
        "rows": [{"number": r["number"], "label": _row_label(r)} for r in rows],
        "chosen": chosen,
    }
    return out | (_compared(request, cities, first, chosen) if chosen else {})


def _stale(request: HttpRequest, first: City) -> bool:
    """Another city was chosen: its measures have other places in the list."""
    return request.GET.get("was", first.slug) != first.slug


def _row_label(row: store.Row) -> str:
    part = row["part"]
    said = [row["title"], part.label] if part.group else [row["title"]]
    return " · ".join(
        filter(None, [*said, row["versus"] if part.group else "", words.kind(part.scale), part.date])
    )


def _compared(request: HttpRequest, cities: list[City], first: City, chosen: store.Row) -> dict[str, Any]:
    wanted = request.GET.getlist("with")
    found, without = [(first, chosen)], []
    for city in cities:
        if city.slug == first.slug:
            continue
        row = same_in(city.job, chosen["part"])
        if row is None:
            without.append(city.name)
        else:
            found.append((city, row))
    picked_cities = [f for f in found if not wanted or f[0].slug in wanted or f[0] is first][:MOST]
    parts = [
        r["part"].called(
            _("%(city)s, %(date)s") % {"city": c.name, "date": r["part"].date} if r["part"].date else c.name
        )
        for c, r in picked_cities
    ]
    title = _("%(who)s: %(measure)s") % {
        "who": _row_label(chosen),
        "measure": words.measure(parts[0].measure),
    }
    return {
        "others": [(c, not wanted or c.slug in wanted) for c, _row in found[1:]],
        "without": without,
        "links": [(c.address(r["number"]), p.label) for (c, r), p in zip(picked_cities, parts, strict=True)],
        "published": any(c.published for c, _row in picked_cities),
        **shown(
            compare([_of(c, p) for (c, _r), p in zip(picked_cities, parts, strict=True)], "cities"), title
        ),
    }


def _of(city: City, part: Part) -> Part:
    """Two workspaces may hold cities of one name; each counts as a city of its own."""
    return replace(part, city=str(city.workspace.pk))


def same_in(job: Any, like: Part) -> store.Row | None:
    """Find the same question in another city, at the date that is nearest."""
    listed = next((m for m in store.parts(job)["measures"] if m["measure"] == like.measure), None)
    rows = store.rows_of(job, listed["number"]) if listed else []
    same = [r for r in rows if _same(r["part"], like)]
    # of several, the one measured most like it; what still differs is told as a reason
    return min(same, key=lambda r: _distance(r["part"], like), default=None)


def _same(part: Part, like: Part) -> bool:
    return (
        part.scope == like.scope
        and part.dimension.casefold() == like.dimension.casefold()
        and part.group.casefold() == like.group.casefold()
    )


def _distance(part: Part, like: Part) -> tuple[bool, bool, bool, bool, str]:
    return (
        part.versus != like.versus,
        part.scale != like.scale,
        part.universe != like.universe,
        part.date != like.date,
        # the newest of those that are left
        "".join(chr(0x10FFFF - ord(c)) for c in part.date),
    )
