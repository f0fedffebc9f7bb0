"""Reading the records of a partnership: the one query behind pages, feeds and the public interface."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import Http404

from isopolis.act.partnership import LAYERS, Member, countries_of, first_day, members_on, stakeholders
from isopolis.web.partnerships.models import HubItem, Partnership

__all__ = ["day_asked", "item", "members_asked", "newest_first", "record", "records", "types_asked"]


def records(partnership: Partnership, kind: str, levels: Sequence[str]) -> list[Any]:
    """Return the records of a kind that somebody with these levels of access may read, in their order."""
    rows = HubItem.objects.filter(partnership=partnership, kind=kind, access__in=levels)
    return [row.record() for row in rows.order_by("position", "pk")]


def item(partnership: Partnership, kind: str, key: str, levels: Sequence[str]) -> HubItem:
    """Return one row; 404 when there is none or it is not for this reader."""
    found = HubItem.objects.filter(partnership=partnership, kind=kind, key=key, access__in=levels).first()
    if found is None:
        raise Http404
    found.partnership = partnership
    return found


def record(partnership: Partnership, kind: str, key: str, levels: Sequence[str]) -> Any:
    """Return one record; 404 when there is none or it is not for this reader."""
    return item(partnership, kind, key, levels).record()


def newest_first(found: Sequence[Any]) -> list[Any]:
    """Sort dated records, the newest first; of the same day in the order of their keys."""
    return sorted(sorted(found, key=lambda r: r.key), key=lambda r: first_day(r.day), reverse=True)


def day_asked(said: str, today: date) -> tuple[date, bool]:
    """Return the day of ``?on=``, and whether it could be read; today without one."""
    if not said:
        return today, True
    try:
        return date.fromisoformat(said), True
    except ValueError:
        return today, False


def types_asked(said: Sequence[str]) -> tuple[str, ...]:
    """Return the layers of ``?layer=``; all when none of them is one."""
    chosen = tuple(t for t in LAYERS if t in said)
    return chosen or tuple(LAYERS)


def members_asked(
    partnership: Partnership, levels: Sequence[str], on: date, types: Sequence[str]
) -> dict[str, Any]:
    """Return the members of a day with their counts: what the page shows and what the interface gives."""
    everybody: list[Member] = records(partnership, "member", levels)
    shown = members_on(everybody, on, types)
    counted = stakeholders(members_on(everybody, on))
    return {
        "everybody": everybody,
        "members": shown,
        "count": len(shown),
        "stakeholders": len(counted),
        "countries": countries_of(counted),
    }
