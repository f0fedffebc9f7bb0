"""Pages of a partnership that are public when the partnership is; members find more on the same pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from isopolis.act.partnership import LACKS, LAYERS, LEVELS, ROLES, draw, layers_on, register, slip, without
from isopolis.web.partnerships.models import Partnership
from isopolis.web.permissions import may

from . import shelf
from .access import levels, open_partnership
from .links import collection_url, library_url, record_url
from .paging import page_of

__all__ = [
    "about", "calls", "commitments", "everything", "members", "members_json", "news", "news_item", "shown",
    "strategies", "timeline",
]  # fmt: skip

MARKS = {
    "national_authority": "square",
    "region": "diamond",
    "city": "circle",
    "umbrella": "up",
    "other": "down",
    "eu_institution": "cross",
}
"""Sign of each layer on the map: it differs by form, not by colour alone."""
NEWS_SHOWN = 3


def shown(request: HttpRequest, partnership: Partnership, name: str, more: Mapping[str, Any]) -> HttpResponse:
    """Render a page with what all pages of a partnership need."""
    context = {
        "partnership": partnership,
        "today": timezone.localdate(),
        "inside": bool(partnership.role_of(request.user)),
        "manages": bool(may(request.user, "partnership.manage", partnership=partnership)),
        "layer_names": LAYERS,
        "level_names": LEVELS,
        "role_names": ROLES,
        **more,
    }
    return render(request, f"partnerships/hub/{name}.html", context)


@require_safe
def everything(request: HttpRequest) -> HttpResponse:
    """List the partnerships that are public."""
    page = page_of(request, list(Partnership.objects.filter(public=True).order_by("name", "pk")))
    return render(request, "partnerships/hub/all.html", {"page": page})


everything.guarded_by = "only what is public"  # type: ignore[attr-defined]


@open_partnership
@require_safe
def about(request: HttpRequest, partnership: Partnership) -> HttpResponse:
    """Say what the partnership is, who is in it, and where everything else is."""
    may_read, today = levels(partnership, request.user), timezone.localdate()
    asked = shelf.members_asked(partnership, may_read, today, tuple(LAYERS))
    papers = shelf.records(partnership, "paper", may_read)
    more = asked | {
        "layers": layers_on(asked["everybody"], today),
        "european": any(m.type == "eu_institution" for m in asked["members"]),
        "calls": [(c, c.open_on(today)) for c in shelf.records(partnership, "call", may_read)],
        "news": _news(partnership, may_read)[:NEWS_SHOWN],
        "themes": [(p, t) for p in papers[:1] for t in p.versions[-1].themes],
        "documents": shelf.records(partnership, "document", may_read)[:5],
        "strategies": shelf.records(partnership, "strategy", may_read),
        "collection_url": collection_url(partnership.texts.get("collection", "")),
        "library_url": library_url(partnership.texts.get("library", "")),
    }
    return shown(request, partnership, "about", more)


def _news(partnership: Partnership, may_read: tuple[str, ...]) -> list[Any]:
    return shelf.newest_first([n for n in shelf.records(partnership, "news", may_read) if n.kind == "news"])


def _asked(request: HttpRequest, partnership: Partnership) -> dict[str, Any]:
    on, readable = shelf.day_asked(request.GET.get("on", ""), timezone.localdate())
    types = shelf.types_asked(request.GET.getlist("layer"))
    found = shelf.members_asked(partnership, levels(partnership, request.user), on, types)
    return found | {"on": on, "readable": readable, "types": types}


@open_partnership
@require_safe
def members(request: HttpRequest, partnership: Partnership) -> HttpResponse:
    """Show the members of a day as a map and as a table, by layers."""
    asked = _asked(request, partnership)
    on = asked["on"]
    more = asked | {
        "layers": [(layer, layer.type in asked["types"]) for layer in layers_on(asked["everybody"], on)],
        "rows": [(m, m.role_on(on)) for m in asked["members"]],
        "drawing": draw(asked["members"]),
        "unplaced": [m for m in asked["members"] if m.place is None],
        "marks": MARKS,
    }
    return shown(request, partnership, "members", more)


@open_partnership
@require_safe
def members_json(request: HttpRequest, partnership: Partnership) -> HttpResponse:
    """Give the same members as the page, for programs; only what everybody may read."""
    on, readable = shelf.day_asked(request.GET.get("on", ""), timezone.localdate())
    if not readable:
        return JsonResponse({"detail": _("Write the day as 2025-06-01.")}, status=400)
    types = shelf.types_asked(request.GET.getlist("layer"))
    asked = shelf.members_asked(partnership, ("public",), on, types)
    body = {
        "partnership": partnership.slug,
        "on": on.isoformat(),
        "count": asked["count"],
        "stakeholders": asked["stakeholders"],
        "countries": list(asked["countries"]),
        "members": [m.model_dump(mode="json") | {"role": m.role_on(on)} for m in asked["members"]],
    }
    answer = JsonResponse(body, json_dumps_params={"ensure_ascii": False})
    answer.headers["Access-Control-Allow-Origin"] = "*"  # public, without cookies
    return answer


@open_partnership
@require_safe
def news(request: HttpRequest, partnership: Partnership) -> HttpResponse:
    """List the news, the newest first."""
    page = page_of(request, _news(partnership, levels(partnership, request.user)))
    return shown(request, partnership, "news", {"page": page})


@open_partnership
@require_safe
def news_item(request: HttpRequest, partnership: Partnership, key: str) -> HttpResponse:
    """Show one piece of news."""
    item = shelf.record(partnership, "news", key, levels(partnership, request.user))
    return shown(request, partnership, "news_item", {"item": item})


@open_partnership
@require_safe
def timeline(request: HttpRequest, partnership: Partnership) -> HttpResponse:
    """Show what happened when, and which dates were kept."""
    may_read, today = levels(partnership, request.user), timezone.localdate()
    dated = [
        *((n, "news") for n in shelf.records(partnership, "news", may_read)),
        *((m, "meeting") for m in shelf.records(partnership, "meeting", may_read)),
    ]
    kinds = {id(r): k for r, k in dated}  # news and a meeting may have the same key
    rows = list(reversed(shelf.newest_first([r for r, _kind in dated])))
    milestones = [(m, slip(m, today)) for m in shelf.records(partnership, "milestone", may_read)]
    more = {"rows": [(r, kinds[id(r)]) for r in rows], "milestones": milestones}
    return shown(request, partnership, "timeline", more)


@open_partnership
@require_safe
def calls(request: HttpRequest, partnership: Partnership) -> HttpResponse:
    """List the calls, open ones first."""
    today = timezone.localdate()
    found = [
        (c, c.open_on(today)) for c in shelf.records(partnership, "call", levels(partnership, request.user))
    ]
    return shown(request, partnership, "calls", {"calls": sorted(found, key=lambda c: not c[1])})


@open_partnership
@require_safe
def strategies(request: HttpRequest, partnership: Partnership) -> HttpResponse:
    """List strategies, programmes and networks that the partnership refers to."""
    found = shelf.records(partnership, "strategy", levels(partnership, request.user))
    return shown(request, partnership, "strategies", {"strategies": found})


@open_partnership
@require_safe
def commitments(request: HttpRequest, partnership: Partnership) -> HttpResponse:
    """Show the register of commitments, all or those that lack something."""
    found = shelf.records(partnership, "commitment", levels(partnership, request.user))
    rows = register(found, timezone.localdate())
    lacking = request.GET.get("without", "")
    kept = without(rows, lacking) if lacking in LACKS else rows
    more = {
        "rows": [(r, [(c, record_url(c.record)) for c in r.commitment.cases]) for r in kept],
        "total": len(rows),
        "lacking": lacking if lacking in LACKS else "",
        "lacks": [(k, words, len(without(rows, k))) for k, words in LACKS.items()],
        "lack_names": LACKS,
    }
    return shown(request, partnership, "commitments", more)
