"""Findings side by side as a chart with its table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from isopolis.flows.compare import Part

from . import charts
from .blocks import Figure, Table, table
from .charts import Dot
from .prose import NONE, is_share, measure_title, people, percent, shown
from .svg import draw

__all__ = ["Words", "beside"]


@dataclass(frozen=True, slots=True)
class Words:
    """What the chart and its table say; English unless a caller says otherwise."""

    measured: str = "measured"
    chance: str = "expected by chance"
    band: str = "interval"
    who: str = "Who"
    people: str = "People"
    value: str = "Measured"
    by_chance: str = "By chance"
    excess: str = "Excess over chance"
    interval: str = "Interval"
    to: str = "{low} to {high}"


def beside(
    parts: Sequence[Part],
    *,
    key: str,
    title: str,
    summary: str,
    words: Words,
    axis: str = "",
    say: Callable[[str], str] = str,
) -> Figure:
    """Draw a dot, what chance gives and the interval for each part.

    Parameters
    ----------
    parts : sequence of Part
        Of one measure, all with a value.
    key : str
        Prefix for ids in the drawing.
    title, summary, axis : str
        What is drawn, what it shows, and the name of the scale (the measure's when empty).
    words : Words
        The other texts, in the reader's language.
    say : callable
        Says numbers in that language.
    """
    measure = parts[0].measure
    rows = [
        Dot(p.label, p.value or 0.0, p.expected, p.low, p.high, say(shown(p.measure, p.value))) for p in parts
    ]

    def paint() -> Any:
        return charts.dots(
            rows,
            axis=axis or say(measure_title(measure)),
            value=words.measured,
            mark=words.chance,
            band=words.band,
            as_percent=is_share(measure),
        )

    return Figure(key, title, summary, draw(paint, key), _table(parts, title, words, say))


def _table(parts: Sequence[Part], caption: str, words: Words, say: Callable[[str], str]) -> Table:
    rows = [
        (
            p.label,
            say(people(p.members or p.people)),
            say(shown(p.measure, p.value)),
            say(shown(p.measure, p.expected)),
            say(percent(p.excess)),
            _interval(p, words, say),
        )
        for p in parts
    ]
    head = (words.who, words.people, words.value, words.by_chance, words.excess, words.interval)
    return table(caption, head, rows, open_rows=10**9)


def _interval(part: Part, words: Words, say: Callable[[str], str]) -> str:
    if part.low is None or part.high is None:
        return NONE
    low, high = (say(shown(part.measure, end)) for end in (part.low, part.high))
    return words.to.format(low=low, high=high)
