"""The partnership's plan at a glance: a drawing and the same as a table, on the page, as SVG and as PDF."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from isopolis.act.plan import tree
from isopolis.web.languages import page_language, said
from isopolis.web.partnerships.access import in_partnership
from isopolis.web.partnerships.models import Partnership
from isopolis.web.permissions import may

from . import shelf
from .access import levels, open_partnership
from .pages import shown

__all__ = ["at_a_glance", "drawing", "paper"]


def _label(term: str) -> str:
    from isopolis.learn.vocabulary import shipped

    try:
        return shipped().label(term, page_language())
    except LookupError:
        return term


def _drawn(record: Any, key: str) -> str:
    from isopolis.report.plan import summary_of
    from isopolis.report.plan_tree import draw_tree

    themes = tree(record.plan, _label)
    rtl = bool(translation.get_language_bidi())
    return draw_tree(themes, key, record.plan.title, summary_of(record.plan), say=said, rtl=rtl)


def _figure(record: Any) -> dict[str, Any]:
    from isopolis.report.plan import glance_table, summary_of

    key = f"glance-{record.key}"
    # the page gives the drawing its name itself
    bare = _drawn(record, key).replace(f'role="img" aria-labelledby="{key}-name {key}-about" ', "", 1)
    table = glance_table(tree(record.plan, _label), said)
    return {
        "key": key,
        "title": record.plan.title,
        "summary": said(summary_of(record.plan)),
        "svg": bare,
        "table": table,
    }


@open_partnership
@require_safe
def at_a_glance(request: HttpRequest, partnership: Partnership) -> HttpResponse:
    """Show themes, bottlenecks, actions and outputs of each plan as a drawing and as a table."""
    found = shelf.records(partnership, "plan", levels(partnership, request.user))
    rows = [(record, _figure(record)) for record in found if record.plan.actions]
    return shown(request, partnership, "glance", {"rows": rows, "plans": _plans(request, partnership)})


def _plans(request: HttpRequest, partnership: Partnership) -> list[tuple[str, str]]:
    """List the plans that the partnership works on here: published ones, and all of them for members."""
    from isopolis.web.plans.models import ActionPlan

    mine = ActionPlan.objects.filter(partnership=partnership).select_related("partnership").order_by("number")
    if may(request.user, "partnership.see", partnership=partnership):
        return [(str(row), row.get_absolute_url()) for row in mine]
    return [(str(row), row.public_url()) for row in mine.exclude(published_at=None)]


@open_partnership
@require_safe
def drawing(request: HttpRequest, partnership: Partnership, key: str) -> HttpResponse:
    """Give the drawing as a file."""
    record = shelf.record(partnership, "plan", key, levels(partnership, request.user))
    answer = HttpResponse(_drawn(record, "glance"), content_type="image/svg+xml")
    answer.headers["Content-Disposition"] = f'attachment; filename="{partnership.slug}-{key}.svg"'
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
    return answer


@in_partnership("hub.read")
@require_safe
def paper(request: HttpRequest, partnership: Partnership, key: str) -> HttpResponse:
    """Give the whole plan as PDF; for members, since making one takes seconds."""
    from isopolis.report.plan import compose_plan, write_plan_pdf

    record = shelf.record(partnership, "plan", key, levels(partnership, request.user))
    if not record.plan.actions:
        raise Http404
    report = compose_plan(
        record.plan, timezone.localdate(), _label, language=page_language(), say=said, paper=True
    )
    with tempfile.TemporaryDirectory(prefix="isopolis-plan-") as folder:
        path = Path(folder) / "plan.pdf"
        write_plan_pdf(report, path)
        answer = HttpResponse(path.read_bytes(), content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="{partnership.slug}-{key}.pdf"'
    return answer
