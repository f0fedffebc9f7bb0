"""A benchmark as a chart with its table: the city, its peers, their intervals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from isopolis.learn.peers.benchmarks import Benchmark, Shown, figure

from . import charts
from .blocks import Figure, Table, table
from .charts import Dot
from .prose import NONE
from .svg import draw

__all__ = ["BenchmarkWords", "benchmark_figure"]


@dataclass(frozen=True, slots=True)
class BenchmarkWords:
    """What the chart and its table say; English unless a caller says otherwise."""

    value: str = "value"
    middle: str = "middle of the peers"
    band: str = "interval"
    city: str = "City"
    number: str = "Value"
    interval: str = "Interval"
    year: str = "Year"
    to: str = "{low} to {high}"
    own: str = "{city} (this city)"


def benchmark_figure(
    made: Benchmark, *, key: str, title: str, words: BenchmarkWords, say: Callable[[str], str] = str
) -> Figure | None:
    """Draw one dot per city, the city first, peers in the order of their list; None without values.

    Parameters
    ----------
    key : str
        Prefix for ids in the drawing.
    title : str
    words : BenchmarkWords
        In the reader's language.
    say : callable
        Says numbers and sentences in that language.
    """
    shown = [*([made.own] if made.own else []), *made.shown]
    if not shown:
        return None
    rows = [
        Dot(_label(s, made, words), s.value, made.median, s.low, s.high, say(figure(s.value))) for s in shown
    ]
    axis = f"{made.indicator.label} ({made.indicator.unit})" if made.indicator.unit else made.indicator.label

    def paint() -> Any:
        return charts.dots(rows, axis=say(axis), value=words.value, mark=words.middle, band=words.band)

    return Figure(key, title, say(made.said), draw(paint, key), _table(shown, made, title, words, say))


def _label(shown: Shown, made: Benchmark, words: BenchmarkWords) -> str:
    if made.own is not None and shown.city.id == made.own.city.id:
        return words.own.format(city=shown.city.name)
    return shown.city.name


def _table(
    shown: list[Shown], made: Benchmark, caption: str, words: BenchmarkWords, say: Callable[[str], str]
) -> Table:
    rows = [
        (_label(s, made, words), say(figure(s.value)), _interval(s, words, say), s.year or NONE)
        for s in shown
    ]
    return table(caption, (words.city, words.number, words.interval, words.year), rows, open_rows=10**9)


def _interval(shown: Shown, words: BenchmarkWords, say: Callable[[str], str]) -> str:
    if shown.low is None or shown.high is None:
        return NONE
    return words.to.format(low=say(figure(shown.low)), high=say(figure(shown.high)))
