"""Comparing groups and dates of one city."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from isopolis.flows.compare import Comparison, compare
from isopolis.web.diagnoses.store import finding, overview
from isopolis.web.workspaces.access import inside
from isopolis.web.workspaces.models import Workspace

from . import store, words
from .access import finished
from .charts import drawn
from .choices import Choice, chosen

__all__ = ["compare_here", "shown"]


def shown(made: Comparison, title: str) -> dict[str, Any]:
    """Return what the part of a page with a comparison needs."""
    said = words.said(made.said)
    return {
        "refused": words.all_said(made.refused),
        "cautions": words.all_said(made.cautions),
        "said": said,
        "figure": None if made.refused else asdict(drawn(made.parts, title, said)),
    }


@inside("findings.read")
@require_GET
def compare_here(request: HttpRequest, workspace: Workspace, pk: UUID) -> HttpResponse:
    """Put groups of one date, or dates of one group, side by side."""
    job = finished(workspace, pk)
    choice = chosen(job, request.GET)
    across = choice.by
    parts = [row["part"].called(_label(row, choice)) for row in choice.ticked]
    context = {
        "workspace": workspace,
        "job": job,
        "overview": overview(job),
        "choice": choice,
        "rows": [{"number": r["number"], "label": _offer(r, choice)} for r in choice.rows],
        "links": [
            {"number": r["number"], "label": p.label} for r, p in zip(choice.ticked, parts, strict=True)
        ],
        "change": _change(job, choice) if across == "dates" else "",
        **shown(compare(parts, across), _title(choice)),
    }
    return render(request, "explore/compare.html", context)


def _title(choice: Choice) -> str:
    measure = choice.measures[choice.measure]["title"]
    if choice.by == "dates" and choice.ticked:
        return _("%(measure)s of %(who)s over time") % {"measure": measure, "who": _who(choice.ticked[0])}
    if choice.dimension:
        return _("%(dimension)s: %(measure)s") % {
            "dimension": dict(choice.dimensions)[choice.dimension],
            "measure": measure,
        }
    return str(measure)


def _who(row: store.Row) -> str:
    part = row["part"]
    if part.versus and part.versus not in ("rest", part.group):
        return _("%(who)s and %(others)s") % {"who": part.label, "others": row["versus"]}
    return str(part.label)


def _offer(row: store.Row, choice: Choice) -> str:
    if not choice.dimension and row["part"].group:
        return _("%(dimension)s: %(group)s") % {"dimension": row["title"], "group": _who(row)}
    return _who(row)


def _label(row: store.Row, choice: Choice) -> str:
    if choice.by == "dates":
        return str(row["part"].date) or _("no date")
    titles = {r["title"] for r in choice.ticked}
    if len(titles) > 1 and row["part"].group:
        return _("%(dimension)s: %(group)s") % {"dimension": row["title"], "group": _who(row)}
    return _who(row)


def _change(job: Any, choice: Choice) -> dict[str, Any] | str:
    """Return the finding about the change between the dates, if there is one."""
    if len(choice.ticked) < 2:
        return ""
    one = choice.ticked[0]["part"]
    name = f"{one.measure}_change"
    listed = next((m for m in store.parts(job)["measures"] if m["measure"] == name), None)
    keys = ("dimension", "group", "versus", "scale", "scope")
    for row in store.rows_of(job, listed["number"]) if listed else []:
        if all(getattr(row["part"], k) == getattr(one, k) for k in keys):
            return {"number": row["number"], "sentence": finding(job, row["number"])["sentence"]}
    return ""
