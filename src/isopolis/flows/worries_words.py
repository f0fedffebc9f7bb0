"""What a desk heard as sentences, as tables of text and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from isopolis.model import Undefined
from isopolis.model.text import Number, count, phrase

if TYPE_CHECKING:
    from isopolis.engage.worries.desk import Desk
    from isopolis.engage.worries.response import Wait
    from isopolis.engage.worries.shown import ShownLine

    from .worries import Heard, Pressing

__all__ = ["as_json", "first_lines", "headings", "notes_of", "pressing_said", "rows_of", "wait_said"]

PAIRS_MOST = 1000


def notes_of(desk: Desk, threshold: int, counted: bool) -> tuple[str, ...]:
    """Return what a reader must know; `counted` where there is a census."""
    everything = count(len(desk))

    def some(n: int) -> str:
        return count(n) if n >= threshold else phrase("fewer than {least}", least=count(threshold))

    out = []
    if lost := int((desk.topics == "").sum()):
        out.append(
            phrase("{n} of {all} worries name no topic of the thesaurus.", n=some(lost), all=everything)
        )
    if lost := int((desk.zones == "").sum()):
        out.append(phrase("{n} of {all} worries have no known neighbourhood.", n=some(lost), all=everything))
    if lost := int((desk.resolved & np.isnat(desk.closed)).sum()):
        out.append(
            phrase(
                "{n} of {all} worries are resolved and nobody wrote when; they are in no response time.",
                n=some(lost), all=everything,
            )
        )  # fmt: skip
    if threshold:
        out.append(
            phrase(
                "Numbers of worries below {least} are hidden, and others from which they could be told.",
                least=count(threshold),
            )
        )
    out.append(
        phrase("Who calls is not who lives here: numbers of worries say nothing of those who never call.")
    )
    if counted:
        out.append(
            phrase(
                "Worries of the unheard are topics that a group or neighbourhood has more often than all "
                "others, measured by how often it calls at all; a day on which a topic overflows counts as a "
                "usual one."
            )
        )
    out.append(phrase("Duplicates are suggestions: nothing is joined until a person says so."))
    return tuple(out)


def first_lines(heard: Heard) -> tuple[str, ...]:
    """Say the three numbers, and the leading worry of each list."""
    w = heard.whole
    out = [
        phrase(
            "{received} worries were received, {registered} of them registered and {resolved} resolved.",
            received=count(w.received or 0), registered=count(w.registered or 0),
            resolved=count(w.resolved or 0),
        )
    ]  # fmt: skip
    if heard.many:
        first = heard.many[0]
        out.append(
            phrase(
                "Worry of the many: {topic}, received {n} times.", topic=_topic(heard, first.topic),
                n=count(first.received),
            )
        )  # fmt: skip
    if isinstance(heard.unheard, Undefined):
        out.append(heard.unheard.reason)
    elif heard.unheard:
        out.append(phrase("Worry of the unheard: {worry}", worry=pressing_said(heard, heard.unheard[0])))
    else:
        out.append(phrase("No group or neighbourhood has a topic clearly more often than all others."))
    out += [
        phrase(
            "On {day} “{topic}” overflowed: {n} worries, where {usual} are usual.", day=surge.day,
            topic=_topic(heard, surge.topic), n=count(surge.received), usual=Number(f"{surge.usual:g}"),
        )
        for surge in heard.surges
    ]  # fmt: skip
    return tuple(out)


def pressing_said(heard: Heard, one: Pressing) -> str:
    """Say one worry of the unheard in a sentence."""
    found = one.found
    said = phrase(
        "{topic}, in {unit}: {ratio} times as often as elsewhere for as often as it calls "
        "({low} to {high}; about {n} worries).",
        topic=_topic(heard, one.topic), unit=heard.places.get(one.unit, one.unit),
        ratio=Number(f"{found.ratio:.1f}"), low=Number(f"{found.low:.1f}"), high=Number(f"{found.high:.1f}"),
        n=count(one.received),
    )  # fmt: skip
    if not found.quiet:
        return said
    return phrase("{said} It calls less than others.", said=said)


def wait_said(wait: Wait) -> str:
    """Say how long half of the worries wait."""
    if isinstance(wait.median, Undefined):
        return wait.median.reason
    low = Number(f"{wait.low:.1f}") if wait.low is not None else "?"
    if wait.high is None:
        return phrase(
            "half within {days} days ({low} or more)", days=Number(f"{wait.median:.1f}"), low=low
        )  # fmt: skip
    return phrase(
        "half within {days} days ({low} to {high})", days=Number(f"{wait.median:.1f}"), low=low,
        high=Number(f"{wait.high:.1f}"),
    )  # fmt: skip


def _topic(heard: Heard, topic: str) -> str:
    return heard.labels.get(topic, topic) if topic else phrase("no known topic")


def headings() -> Mapping[str, str]:
    """Return table → its caption."""
    return {
        "topic": phrase("By topic"),
        "place": phrase("By neighbourhood"),
        "week": phrase("By week"),
        "channel": phrase("By channel"),
        "language": phrase("By language"),
        "group": phrase("By group"),
    }


def rows_of(heard: Heard, table: str) -> tuple[tuple[str, ...], ...]:
    """Return the rows of a table as text: what, received, registered, resolved; the most frequent first."""
    lines = sorted(heard.tables[table], key=lambda x: (x.received is None, -(x.received or 0), x.key))
    if table == "week":
        lines = sorted(lines, key=lambda x: x.key)
    return tuple((_key(heard, table, x.key), *_numbers(x)) for x in lines)


def _numbers(line: ShownLine) -> tuple[str, ...]:
    if line.received is None:
        return (phrase("hidden"), "", "")
    return count(line.received), count(line.registered or 0), count(line.resolved or 0)


def _key(heard: Heard, table: str, key: str) -> str:
    if not key:
        return phrase("not known")
    if table == "topic":
        return _topic(heard, key)
    return heard.places.get(key, key) if table == "place" else key


def as_json(heard: Heard) -> dict[str, Any]:
    """Return everything as plain values; what is hidden or not defined is null, with the reason beside it."""
    return {
        "received": heard.whole.received,
        "registered": heard.whole.registered,
        "resolved": heard.whole.resolved,
        "tables": {name: [_line_json(heard, name, x) for x in lines] for name, lines in heard.tables.items()},
        "many": [
            {"topic": m.topic, "label": _topic(heard, m.topic), "received": m.received}
            | {"distinct": m.distinct, **_rate_json(m.rate)}
            for m in heard.many
        ],
        "unheard": None
        if isinstance(heard.unheard, Undefined)
        else [_pressing_json(heard, p) for p in heard.unheard],
        "unheard_reason": heard.unheard.reason if isinstance(heard.unheard, Undefined) else None,
        "surges": [
            {"topic": s.topic, "day": s.day, "received": s.received, "usual": s.usual} for s in heard.surges
        ],
        "response_days": {zone or "": _wait_json(w) for zone, w in heard.waits.items()},
        "duplicates": _pairs_json(heard),
        "duplicates_found": len(heard.pairs),
        "notes": [*heard.notes],
        "caveats": [str(c.said()) for c in heard.caveats],
        "rule_card": dict(heard.card),
    }


def _line_json(heard: Heard, table: str, x: ShownLine) -> dict[str, Any]:
    out: dict[str, Any] = {"key": x.key or None}
    if x.key and table in ("topic", "place"):
        out["label"] = str(_key(heard, table, x.key))
    out |= {"received": x.received, "registered": x.registered, "resolved": x.resolved}
    return out | ({"hidden": True} if x.received is None else {})


def _rate_json(rate: Any) -> dict[str, Any]:
    if isinstance(rate, Undefined):
        return {"per_1000": None, "interval": None, "reason": rate.reason}
    return {"per_1000": round(rate.rate, 4), "interval": [round(rate.low, 4), round(rate.high, 4)]}


def _pressing_json(heard: Heard, p: Pressing) -> dict[str, Any]:
    f = p.found
    return {
        "kind": p.kind, "unit": p.unit, "topic": p.topic, "label": _topic(heard, p.topic),
        "received_about": p.received, "residents": p.residents, "ratio": round(f.ratio, 1),
        "interval": [round(f.low, 1), round(f.high, 1)], "voice": round(f.voice, 2), "quiet": f.quiet,
        "said": str(pressing_said(heard, p)),
    }  # fmt: skip


def _wait_json(wait: Wait) -> dict[str, Any]:
    if isinstance(wait.median, Undefined):
        return {"median": None, "reason": wait.median.reason, "at_least": wait.low}
    return {
        "median": round(wait.median, 3), "interval": [wait.low, wait.high], "worries": wait.worries,
        "resolved": wait.resolved,
    }  # fmt: skip


def _pairs_json(heard: Heard) -> list[dict[str, Any]]:
    """Return pairs by the numbers of their worries; those without a number by their place in the files."""

    def name(i: int) -> str:
        return str(heard.desk.ids[i]) or f"#{i + 1}"

    return [
        {
            "first": name(p.first), "second": name(p.second), "score": round(p.score, 3),
            "likeness": round(p.likeness, 3), "days": round(p.days, 2),
            "metres": None if p.metres is None else round(p.metres), "by": p.by,
        }
        for p in heard.pairs[:PAIRS_MOST]
    ]  # fmt: skip
