"""The library beside a city's own figures: what answers its gaps, what cities like it did."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from isopolis.flows.draft_plan import harmful
from isopolis.flows.library import alike_of, because, needs_of_gaps
from isopolis.learn.search import Hit, Need
from isopolis.web.actions import ValidationError
from isopolis.web.languages import said
from isopolis.web.workspaces.access import inside
from isopolis.web.workspaces.models import Workspace

from .index import Found, find, query_of
from .pages import address_of, language
from .shown import shown

__all__ = ["for_city"]

PARTS = ("words", "evidence", "fullness", "city", "need")


@dataclass(frozen=True, slots=True)
class Gap:
    """One gap of the city on the page; `counts` is False when the reader has left it out."""

    number: int
    said: str
    weight: float
    counts: bool


@inside("findings.read")
@require_GET
def for_city(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Rank the library by the largest gaps of the newest diagnosis and by the settled peers."""
    left_out = {n for n in request.GET.getlist("without") if n.isdecimal()}
    needs, job, trouble = _needs(workspace)
    kept = tuple(n for n in needs if str(n.place) not in left_out)
    peers = _peers(workspace)
    query, page = query_of(request.GET, language())
    query = replace(query, needs=kept, alike=alike_of(peers) if peers else {})
    found = find(query, page)
    gaps = [Gap(n.place, str(said(n.said)), n.weight, str(n.place) not in left_out) for n in needs]
    more = {"without": sorted(left_out)} if left_out else {}
    context = {
        "workspace": workspace,
        "job": job,
        "trouble": trouble,
        "gaps": gaps,
        "peers": _nearest(peers),
        "settled": peers is not None,
        "found": found,
        "notes": found.notes,
        "rows": _rows(found),
        "columns": _names(),
        "before": _address(found, page - 1, more) if page > 1 else "",
        "after": _address(found, page + 1, more) if page < found.pages else "",
    }
    return render(request, "library/for_city.html", context)


def _needs(workspace: Workspace) -> tuple[tuple[Need, ...], Any, str]:
    """Return the gaps as needs, the diagnosis that they are from, and why there are none."""
    from isopolis.web.plans.drafting import gaps_in, newest_diagnosis
    from isopolis.web.vocabulary.local import vocabulary_of

    job = newest_diagnosis(workspace)
    if job is None:
        return (), None, _("There is no diagnosis yet, so that nothing is known of your gaps.")
    words = vocabulary_of(workspace)
    try:
        return needs_of_gaps(gaps_in(job, words), words), job, ""
    except ValidationError as error:
        return (), job, " ".join(error.messages)


def _peers(workspace: Workspace) -> Any:
    from isopolis.web.peers.store import settled

    peers = settled(workspace)
    return None if peers is None or peers.undefined is not None else peers


def _nearest(peers: Any) -> list[tuple[str, int]]:
    """Return the peers with their share of runs in whole per cent."""
    return [(p.city.name, round(100 * p.share)) for p in peers.ranked] if peers else []


def _rows(found: Found) -> list[dict[str, Any]]:
    return [
        {
            "entry": entry,
            "shown": shown(entry.content, language()),
            "because": said(because(hit)),
            "loose": hit.loose,
            "harmful": harmful(entry.content),
            "score": hit.score,
            "parts": _parts(hit),
        }
        for entry, hit in found.rows
    ]


def _parts(hit: Hit) -> list[tuple[str, float, str]]:
    names = _names()
    return [(names[r.name], r.value, str(said(r.said))) for r in hit.reasons]


def _names() -> dict[str, str]:
    named = (_("Words"), _("Evidence"), _("Record filled in"), _("City like yours"), _("Your gaps"))
    return dict(zip(PARTS, named, strict=True))


def _address(found: Found, page: int, more: dict[str, list[str]]) -> str:
    pairs = "".join(f"&without={n}" for n in more.get("without", ()))
    return address_of(found.asked, page=page) + pairs
