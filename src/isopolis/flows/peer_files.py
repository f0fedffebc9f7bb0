"""A table of cities as plain JSON and back, so that it is read once and used often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from isopolis.learn.peers import (
    CityTable,
    ContextFeature,
    ContextTable,
    OutcomeIndicator,
    OutcomeTable,
    PeerCity,
    Reading,
)
from isopolis.model import Undefined
from isopolis.model.peer_table import GONE
from isopolis.model.text import from_tree, to_tree

__all__ = ["table_from_plain", "table_to_plain"]

MARK = "?"
"""Key of the reason in the place of a value that is not there."""


def table_to_plain(table: CityTable) -> dict[str, Any]:
    """Return lists and dictionaries that JSON can hold."""
    plain: dict[str, Any] = to_tree(
        {
            "title": table.title,
            "unused": dict(table.unused),
            "cities": [_short(c) for c in table.cities],
            "features": [_short(f) for f in table.context.features],
            "cells": [[_cell(c) for c in column] for column in table.context.cells],
            "indicators": [_short(i) for i in table.outcomes.indicators],
            "readings": [[_reading(r) for r in column] for column in table.outcomes.readings],
        }
    )
    return plain


def _short(one: Any) -> dict[str, Any]:
    every = {f.name: getattr(one, f.name) for f in fields(one)}
    return {k: v for k, v in every.items() if v not in (None, "", ())}


def _cell(value: Any) -> Any:
    return {MARK: value.code} if isinstance(value, Undefined) else value


def _reading(reading: Reading) -> dict[str, Any]:
    rest = {n: getattr(reading, n) for n in Reading.__slots__ if n != "value"}
    return {"value": _cell(reading.value)} | {k: v for k, v in rest.items() if v not in (None, "")}


def table_from_plain(plain: Mapping[str, Any]) -> CityTable:
    """Read back what `table_to_plain` made."""
    cities = tuple(PeerCity(**_tuples(c)) for c in plain["cities"])
    features = tuple(ContextFeature(**_tuples(from_tree(f))) for f in plain["features"])
    indicators = tuple(OutcomeIndicator(**_tuples(from_tree(i))) for i in plain["indicators"])
    cells = tuple(tuple(_value(c) for c in column) for column in plain["cells"])
    readings = tuple(
        tuple(Reading(**(r | {"value": _value(r["value"])})) for r in column) for column in plain["readings"]
    )
    return CityTable(
        ContextTable(cities, features, cells),
        OutcomeTable(cities, indicators, readings),
        plain["title"],
        from_tree(plain["unused"]),
    )


def _tuples(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()}


def _value(cell: Any) -> Any:
    if isinstance(cell, Mapping):
        return GONE[cell[MARK]]
    return tuple(cell) if isinstance(cell, list) else cell
