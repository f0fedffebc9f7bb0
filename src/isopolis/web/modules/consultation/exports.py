"""Tables of a consultation: single answers for the officer, the table of responses for everybody."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from isopolis.report.files import neutral

from .models import Consultation, Point, Topic

__all__ = ["as_csv", "response_rows", "rows"]


def rows(module: Any) -> Iterator[dict[str, str | int]]:
    """Yield single answers for the officer, without anything that tells who gave them or at what time."""
    for point in Point.objects.filter(consultation__module=module).order_by("day", "pk"):
        yield {
            "day": point.day.isoformat(),
            "channel": point.channel,
            "action": point.action,
            "stance": point.stance,
            "language": point.language,
            "text": "" if point.withdrawn else point.text,
            "topic": point.topic_id or "",
            "set_aside": point.set_aside,
        }


def response_rows(consultation: Consultation) -> list[dict[str, str]]:
    """Return the table of responses as it was published: the point, what becomes of it, why."""
    return [
        {
            "action": told["action"] or _("the plan as a whole"),
            "point": told["point"],
            "said_by": _said_by(told["said_by"]),
            "decision": str(Topic.Decision(told["decision"]).label),
            "why": told["why"],
        }
        for told in (consultation.published or {}).get("responses", ())
    ]


def _said_by(count: int | None) -> str:
    return _("fewer than 5") if count is None else _("about %(n)s") % {"n": count}


def as_csv(table: list[Mapping[str, str]] | list[dict[str, str]], columns: tuple[str, ...]) -> str:
    """Write rows as CSV (RFC 4180); no cell runs as a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(columns)
    for row in table:
        writer.writerow([neutral(str(row[c])) for c in columns])
    return out.getvalue()
