"""Lists of zones: which values they show, in which order."""

from __future__ import annotations

from typing import Any

from isopolis.web.languages import collated

from . import words

__all__ = ["COLUMNS", "cells", "order", "quotient"]

COLUMNS = ("name", "people", "times", "share")
"""What a list can be sorted by; with ``-`` before it the other way round."""


def quotient(share: float | None, city: float) -> float | None:
    """Return the location quotient: the share here in times the share of the city."""
    return None if share is None or city <= 0 else share / city


def order(named: dict[str, Any], values: dict[str, Any], group: int | None, sort: str) -> list[int]:
    """Return the zones in the order asked for; zones without a value come last."""
    key, down = sort.removeprefix("-"), sort.startswith("-")
    every = range(len(named["ids"]))
    if key == "share" and group is None:
        key = "times"
    if key == "name":
        return sorted(every, key=lambda n: (collated(named["names"][n]), named["ids"][n]), reverse=down)
    column = values["share"][group] if key == "share" else values[key]
    known = [n for n in every if column[n] is not None]
    known.sort(key=lambda n: column[n], reverse=down)
    return known + [n for n in every if column[n] is None]


def cells(n: int, named: dict[str, Any], values: dict[str, Any], group: int | None) -> dict[str, Any]:
    """Return one row of the list in words."""
    people = values["people"][n]
    row = {
        "number": n,
        "name": named["names"][n],
        "id": named["ids"][n],
        "people": words.said(words.people(people)) if people is not None else "",
        "times": words.times(values["times"][n]),
        "hidden": people is None,
    }
    if group is not None:
        share = values["share"][group][n]
        row["share"] = words.said(words.percent(share))
        row["quotient"] = words.times(quotient(share, values["city"][group]))
    return row
