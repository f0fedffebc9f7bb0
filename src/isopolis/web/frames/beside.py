"""What the page of comparison shows: another date of the same city, and medians of other cities."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.utils.translation import gettext as _

from isopolis.act.frames import (
    LEAST,
    ORDERED,
    Frame,
    PeerLine,
    over_time,
    shipped_names,
    shown,
    with_peers,
)
from isopolis.model.text import Number
from isopolis.web.languages import page_language, said
from isopolis.web.workspaces.models import Membership

from .kept import term_label, word
from .models import Sheet

__all__ = ["LEAST", "changes", "lines"]

MOST_CITIES = 2000


def changes(earlier: Sheet, row: Sheet, frame: Frame) -> list[dict[str, Any]]:
    """Return each question with both answers and what became of it."""
    before = earlier.frame()
    words = {
        "same": _("unchanged"), "up": _("higher"), "down": _("lower"), "changed": _("changed"),
        "blocked": _("not compared"), "only_before": _("no longer asked"), "only_now": _("new"),
        "open": _("open"),
    }  # fmt: skip
    out = []
    for change in over_time(before, earlier.given(before), frame, row.given(frame)):
        old = before.question(change.question.id) or change.question
        out.append(
            {
                "text": word(change.question.text),
                "before": shown(before, old, change.before, page_language(), term_label),
                "now": shown(frame, change.question, change.now, page_language(), term_label),
                "state": words[change.state],
                "why": said(change.why) if change.state == "blocked" else "",
            }
        )
    return out


def lines(row: Sheet, frame: Frame) -> list[dict[str, Any]]:
    """Return each question with an order beside the median of other cities that share theirs."""
    # two cities may bring questionnaires of the same id that have nothing in common
    exact = row.key not in shipped_names()
    made = with_peers(frame, row.given(frame), _others(row), exact=exact)
    return [
        {
            "text": word(line.question.text),
            "mine": _place(frame, line, line.mine),
            "median": _place(frame, line, line.median),
            "n": line.n,
            "why": said(line.why) if line.why else "",
        }
        for line in made
    ]


def _others(row: Sheet) -> list[tuple[Frame, dict[str, Any]]]:
    """Return the newest shared questionnaire of each other city, of one city for each owner.

    Whoever owns several workspaces knows their answers, and could work out the one that is left.
    """
    rows = Sheet.objects.filter(key=row.key, compared=True, closed_at__isnull=False)
    rows = rows.exclude(workspace_id=row.workspace_id).order_by("workspace_id", "-closed_at", "-pk")
    newest: dict[Any, Sheet] = {}
    for other in rows[:MOST_CITIES]:
        newest.setdefault(other.workspace_id, other)
    owners = defaultdict(set)
    named = Membership.objects.filter(role="owner", workspace__in=[*newest, row.workspace_id])
    for workspace, user in named.values_list("workspace_id", "user_id"):
        owners[workspace].add(user)
    out, counted = [], owners[row.workspace_id]
    for workspace, other in newest.items():
        if not owners[workspace] & counted:
            counted = counted | owners[workspace]
            frame = other.frame()
            out.append((frame, other.given(frame)))
    return out


def _place(frame: Frame, line: PeerLine, at: float | None) -> str:
    """Say a place on a scale; between two steps it is said as a number."""
    if at is None:
        return ""
    steps = ORDERED.get(line.question.scale)
    if steps is None or at != int(at) or isinstance(steps[0], int):
        return str(said(Number(f"{at:,.10g}")))
    words = {"yes": _("yes"), "no": _("no"), "partly": _("partly")}
    return words.get(str(steps[int(at)]), str(steps[int(at)]))
