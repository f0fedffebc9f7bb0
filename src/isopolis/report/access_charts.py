"""Charts of access by group, by way of moving and by hour, each with its table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from isopolis.flows.access_asked import AccessFound, GroupAccess, HourAccess
from isopolis.flows.access_words import hour_said
from isopolis.flows.words import number, percent
from isopolis.model import Undefined
from isopolis.model.text import Number, count, joint, phrase

from .access_maps import spoken
from .access_tables import points, shares
from .blocks import Block, Figure, Table
from .charts import Dot, bars, dots
from .svg import draw

__all__ = ["ROWS", "group_chart", "hour_chart", "hour_spans"]

Say = Callable[[str], str]
Rows = Sequence[tuple[str, GroupAccess]]

ROWS = 24
"""Groups drawn in one chart; the table beside it has all."""

NOTHING = 1e-3
"""Shares below this have no scale of their own: an axis up to a millionth of a per cent says nothing."""

SAME = 0.0005
"""Hours on end that differ by less are one span: 0.05 points, the digit that is printed."""


def group_chart(
    found: AccessFound, key: str, rows: Rows, words: tuple[str, str], say: Say, *, gaps: bool = True
) -> Block | None:
    """Return groups on one scale with their table; the table alone when there is nothing to draw.

    Parameters
    ----------
    found : AccessFound
    key : str
        Of the figure.
    rows : sequence of (label, GroupAccess)
    words : (str, str)
        Title and summary.
    say : callable
    gaps : bool
        Show the difference to everyone and the people of each group.
    """
    shown = [d for label, g in rows if (d := _dot(found, say(label), g, say)) is not None]
    if not shown:
        return None
    table = _table(found, rows, words[0], say, gaps=gaps)
    many = found.counted
    ends = [x for d in shown for x in (d.value, d.low, d.high) if x is not None]
    if max(ends) <= 0:
        return table
    if many:
        axis = phrase("In reach within {minutes} minutes, on average", minutes=_minutes(found))
        band = phrase("what is unknown leaves open")
    else:
        axis = phrase("Share of people within the standard")
        band = phrase("what unknown streets leave open")

    def paint() -> object:
        figure = dots(
            shown[:ROWS], axis=say(axis), value=say(phrase("as expected")), band=say(band),
            as_percent=not many,
        )  # fmt: skip
        if many:
            _amounts(figure.axes[0], max(ends))
        elif max(ends) < NOTHING:
            figure.axes[0].set_xlim(0, 1.04)
        return figure

    svg = spoken(lambda: draw(paint, key), say)  # type: ignore[arg-type]
    return Figure(key, say(words[0]), say(words[1]), svg, table)


def _amounts(axes: Any, most: float) -> None:
    """Write a scale of jobs or seats in whole numbers, with room at its end for six digits."""
    axes.set_xlim(0, 1.12 * most)
    if most >= 10:
        axes.xaxis.set_major_formatter(lambda value, _position: count(value))


def _minutes(found: AccessFound) -> str:
    return Number(f"{found.asked.minutes:g}")


def _dot(found: AccessFound, label: str, group: GroupAccess, say: Say) -> Dot | None:
    """Return one row: how many are in reach where one place stands for many, else the share."""
    if found.counted:
        if group.reached is None:
            return None
        low, high = _apart(group.reached_interval)
        return Dot(label, group.reached, None, low, high, say(number(group.reached)))
    if not group.finding.defined:
        return None
    known = None if group.low is None or group.high is None else (group.low, group.high)
    low, high = known or (None, None)
    return Dot(label, group.finding.number, None, low, high, say(percent(group.finding.number)))


def _apart(ends: tuple[float, float] | None) -> tuple[float | None, float | None]:
    """Return both ends of an interval, or none where they are one."""
    return ends if ends is not None and ends[0] != ends[1] else (None, None)


def _table(found: AccessFound, rows: Rows, caption: str, say: Say, *, gaps: bool) -> Table:
    streets = [shares(_pair(g.low, g.high)) for _, g in rows]
    drawn = [shares(g.finding.detail.get("count_interval")) for _, g in rows]
    known = any(x != "–" for x in streets), any(x != "–" for x in drawn)
    head = [phrase("Who")] + ([phrase("In reach")] if found.counted else [])
    head.append(phrase("At least one") if found.counted else phrase("Within the standard"))
    head += [phrase("Left open")] if known[0] else []
    head += [phrase("Interval")] if known[1] else []
    head.append(phrase("Middle person, minutes"))
    head += [phrase("Gap, points")] if gaps and not found.counted else []
    head.append(phrase("Outside"))
    cells = []
    for (label, g), street, chance in zip(rows, streets, drawn, strict=True):
        value = g.finding.value
        missing = isinstance(value, Undefined)
        row = [phrase("{group}: {reason}", group=label, reason=g.finding.explanation) if missing else label]
        row += [_number(g.reached)] if found.counted else []
        row.append("–" if isinstance(value, Undefined) else percent(value))
        row += [street] if known[0] else []
        row += [chance] if known[1] else []
        row.append("–" if missing else _middle(g.median, found.looked))
        row += ["–" if g.gap is None else points(g.gap)] if gaps and not found.counted else []
        outside = phrase("{part} of {whole}", part=count(g.beyond), whole=count(g.people))
        row.append("–" if missing else outside)
        cells.append(tuple(map(say, row)))
    return Table(
        say(caption), tuple(map(say, head)), tuple(cells), frozenset({0}),
        folded=len(cells) > ROWS, note=say(_note(found, *known)),
    )  # fmt: skip


def _note(found: AccessFound, streets: bool, counts: bool) -> str:
    parts = []
    if found.counted:
        parts.append(phrase("In reach: the average over the people of the group."))
    if streets:
        parts.append(
            phrase(
                "Left open: the share if everything that nobody has recorded of streets is a barrier, and if "
                "nothing of it is."
            )
        )
    if counts:
        parts.append(
            phrase("Interval: 95 in 100, from how people were counted; none where counts are exact.")
        )
    parts.append(phrase("Outside: people for whom no place is near enough, of all people of the group."))
    return joint(parts)


def _pair(low: float | None, high: float | None) -> tuple[float, float] | None:
    return None if low is None or high is None else (low, high)


def _number(value: float | None) -> str:
    return "–" if value is None else number(value)


def _middle(minutes: float | None, looked: float) -> str:
    """Write the minutes of the middle person, short enough for a column of numbers."""
    if minutes is None:
        return Number(f">{looked:g}")
    # up, as in sentences: fifteen and a half minutes are not within fifteen
    return Number("<1") if minutes < 1 else count(-((-minutes + 1e-9) // 1))


def hour_spans(hours: Sequence[HourAccess]) -> list[HourAccess]:
    """Join hours on end with nearly one share into spans, each with the share of its first hour."""
    out: list[HourAccess] = []
    for hour in sorted(hours, key=lambda h: h.begin):
        last = out[-1] if out else None
        if last is not None and last.end == hour.begin and abs(last.share - hour.share) < SAME:
            out[-1] = HourAccess(last.profile, last.title, last.begin, hour.end, last.share)
        else:
            out.append(hour)
    return out


def hour_chart(found: AccessFound, say: Say) -> Block | None:
    """Return the share within the standard over the day, hours of one share as one bar."""
    if not found.hours:
        return None
    spans = hour_spans([h for h in found.hours if h.profile == found.main.name])
    head = [phrase("Departure"), *dict.fromkeys(h.title for h in found.hours)]
    rows = []
    for begin, end in dict.fromkeys((h.begin, h.end) for h in found.hours):
        mine = {h.title: h for h in found.hours if (h.begin, h.end) == (begin, end)}
        first = next(iter(mine.values()))
        shown = (say(percent(mine[t].share)) if t in mine else "–" for t in head[1:])
        rows.append((say(hour_said(first)), *shown))
    table = Table(
        say(phrase("People within the standard by hour of departure")), tuple(map(say, head)), tuple(rows),
        folded=len(rows) > 8,
    )  # fmt: skip
    if not any(h.share for h in spans):
        return table
    drawn = [Dot(say(hour_said(h)), h.share, text=say(percent(h.share))) for h in spans]
    axis = say(phrase("Share of people within the standard"))

    def paint() -> object:
        figure = bars(drawn, axis=axis, as_percent=True)
        figure.axes[0].set_xlim(0, 1.04)
        return figure

    svg = spoken(lambda: draw(paint, "hours"), say)  # type: ignore[arg-type]
    summary = phrase(
        "Departures of one day, {date}: {profile}", date=found.service_day, profile=found.main.title
    )
    return Figure("hours", say(phrase("Hour by hour")), say(summary), svg, table)
