"""What the form of a comparison offers, and what an address of it asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import Http404, QueryDict

from isopolis.flows.compare import MOST, Part

from . import store, words
from .access import picked

__all__ = ["Choice", "chosen", "find", "same_over_dates"]

Row = store.Row


@dataclass(slots=True)
class Choice:
    """One state of the form.

    Parameters
    ----------
    by : str
        ``groups`` or ``dates``.
    measures, dimensions, dates : list
        What each list offers.
    measure : int
        Position in `measures`.
    dimension : str
        Name of the dimension, empty for all of them.
    date : str
    rows : list
        What can be ticked.
    ticked : list
        What is compared, rows of any measure.
    start : int or None
        Finding whose question is followed over dates.
    """

    by: str
    measures: list[Row]
    measure: int
    dimensions: list[tuple[str, str]]
    dimension: str
    dates: list[str]
    date: str
    rows: list[Row] = field(default_factory=list)
    ticked: list[Row] = field(default_factory=list)
    start: int | None = None

    @property
    def mark(self) -> str:
        """Say for which state the ticks were made; ticks of another state are not meant any more."""
        return f"{self.measure}|{self.dimension}|{self.date}"

    @property
    def numbers(self) -> set[int]:
        """Numbers of the ticked findings."""
        return {row["number"] for row in self.ticked}


def _numbers(asked: Sequence[str]) -> list[int]:
    if any(not (a.isascii() and a.isdigit() and len(a) < 9) for a in asked):
        raise Http404
    return list(dict.fromkeys(int(a) for a in asked))[: MOST + 1]


def find(job: Any, numbers: Sequence[int]) -> list[Row]:
    """Return findings of any measure by their numbers, in this order; 404 for one that is not there."""
    wanted = set(numbers)
    found: dict[int, Row] = {}
    for listed in store.parts(job)["measures"]:
        if len(found) == len(wanted):
            break
        found |= {r["number"]: r for r in store.rows_of(job, listed["number"]) if r["number"] in wanted}
    if wanted - set(found):
        raise Http404
    return [found[n] for n in numbers]


def chosen(job: Any, asked: QueryDict) -> Choice:
    """Read the form out of an address."""
    listed = store.parts(job)["measures"]
    if not listed:
        raise Http404
    by = "dates" if asked.get("by") == "dates" else "groups"
    ticks = find(job, _numbers(asked.getlist("f")))
    first = ticks[0] if ticks and "m" not in asked else None
    measure = _measure_of(listed, first["part"].measure) if first else picked(asked.get("m"), listed)
    rows = store.rows_of(job, measure)
    titles = {r["part"].dimension: r["title"] for r in rows}
    names = list(titles)
    dimension = first["part"].dimension if first else asked.get("d", names[0])
    if dimension and dimension not in titles:
        dimension = names[0]  # another measure was chosen, which has no such dimension
    date = first["part"].date if first else asked.get("t", "")
    made = Choice(by, _named(listed), measure, list(titles.items()), dimension, [], date)
    _offer(made, rows, first["part"] if first else None)
    if by == "groups" and len(made.rows) < 2 and dimension and len(names) > 1:
        # a measure of all groups together has one finding for each dimension: those stand side by side
        made.dimension = ""
        _offer(made, rows, first["part"] if first else None)
    if asked.get("was", made.mark) == made.mark:
        made.ticked = ticks
    if by == "groups":
        if len(made.ticked) < 2:
            made.ticked = made.rows[:MOST]
    else:
        start = made.ticked[0] if made.ticked else (made.rows[0] if made.rows else None)
        made.start = start["number"] if start else None
        made.ticked = same_over_dates(rows, start)
    return made


def _measure_of(listed: list[Row], name: str) -> int:
    return next(i for i, row in enumerate(listed) if row["measure"] == name)


def _named(listed: list[Row]) -> list[Row]:
    return [row | {"title": words.measure(row["measure"])} for row in listed]


def _offer(made: Choice, rows: list[Row], like: Part | None) -> None:
    """Fill in the dates and the findings that fit the chosen dimension."""
    fitting = {r["part"].date for r in rows if not made.dimension or r["part"].dimension == made.dimension}
    made.dates = sorted(fitting, reverse=True)
    made.date = made.date if made.date in made.dates else made.dates[0]
    made.rows = _offered(rows, made, like)


def _offered(rows: list[Row], made: Choice, like: Part | None) -> list[Row]:
    """Findings of the chosen dimension and date that are measured in the same way as the first of them."""
    fitting = [
        r
        for r in rows
        if (not made.dimension or r["part"].dimension == made.dimension)
        and (made.by == "dates" or r["part"].date == made.date)
    ]
    if not fitting:
        return []
    # a finding that was asked for says which kind is meant; else the whole city comes first
    model = like or min(fitting, key=lambda r: (r["part"].scope != "city", fitting.index(r)))["part"]
    same = [r for r in fitting if _like(r["part"], model)]
    if made.by == "dates":
        seen: dict[tuple[str, str], Row] = {}
        for row in same:
            seen.setdefault((row["part"].group, row["part"].versus), row)
        return list(seen.values())
    return same


def _like(part: Part, model: Part) -> bool:
    own = part.versus == part.group, model.versus == model.group
    return (
        part.scale == model.scale
        and part.scope == model.scope
        and part.universe == model.universe
        and bool(part.group) == bool(model.group)
        and (part.versus == model.versus or all(own))
    )


def same_over_dates(rows: list[Row], start: Row | None) -> list[Row]:
    """Return the same question at every date, oldest first."""
    if start is None:
        return []
    one = start["part"]
    keys = ("dimension", "group", "versus", "scale", "scope", "universe", "categories")
    same = [r for r in rows if all(getattr(r["part"], k) == getattr(one, k) for k in keys)]
    same.sort(key=lambda r: r["part"].date)
    return same
