"""Edits of services: open, close, move, extend. Each returns new places and leaves the old as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from isopolis.model import CallError, Places
from isopolis.model.errors import near
from isopolis.model.text import phrase

__all__ = ["closed", "extended", "moved", "opened"]

COLUMNS = (
    "ids", "names", "lon", "lat", "zone", "amount", "capacity", "fee", "step_free", "booking", "hours",
    "languages", "eligibility",
)  # fmt: skip
EXTENSIBLE = COLUMNS[5:]


def opened(places: Places, place_id: str, lon: float, lat: float, **known: Any) -> Places:
    """Add a place at the end.

    Parameters
    ----------
    places : Places
    place_id : str
        Not one of those there are.
    lon, lat : float, degrees (WGS84)
    **known
        What is known of it, by the names of the columns of `Places`; the rest stays unknown.

    Raises
    ------
    CallError
        If the id is taken or a column is unknown.
    """
    if place_id in set(places.ids.tolist()):
        raise CallError(phrase('there is a place "{id}" already: give the new one another id', id=place_id))
    _check_columns(known)
    name = str(known.pop("names", place_id))
    rest: dict[str, Any] = {column: _column([value]) for column, value in known.items()}
    one = Places(
        places.kind,
        _texts([place_id]),
        _texts([name]),
        np.array([float(lon)]),
        np.array([float(lat)]),
        **rest,
    )
    both: dict[str, Any] = {name: _joined(getattr(places, name), getattr(one, name)) for name in COLUMNS}
    return replace(places, **both)


def closed(places: Places, place_id: str) -> Places:
    """Take a place away.

    Raises
    ------
    CallError
        If there is no such place.
    """
    kept = np.ones(len(places), dtype=bool)
    kept[_row(places, place_id)] = False
    left: dict[str, Any] = {name: getattr(places, name)[kept] for name in COLUMNS}
    return replace(places, **left)


def moved(places: Places, place_id: str, lon: float, lat: float) -> Places:
    """Put a place elsewhere; it is no longer counted in the zone where it was.

    Raises
    ------
    CallError
        If there is no such place.
    """
    row = _row(places, place_id)
    return _edited(places, row, {"lon": float(lon), "lat": float(lat), "zone": ""})


def extended(places: Places, place_id: str, **known: Any) -> Places:
    """Change what a place offers: ``capacity=40``, ``hours="24/7"``, ``fee=0``, ``step_free=YES``.

    Raises
    ------
    CallError
        If there is no such place or no such column.
    """
    _check_columns(known)
    return _edited(places, _row(places, place_id), known)


def _edited(places: Places, row: int, values: Mapping[str, Any]) -> Places:
    new: dict[str, Any] = {name: _with(getattr(places, name), row, value) for name, value in values.items()}
    return replace(places, **new)


def _check_columns(known: Mapping[str, Any]) -> None:
    if isinstance(known.get("languages"), str):
        # the letters of one code would become languages
        raise CallError('languages are a list of codes: ("en", "fr")')
    for name in known:
        if name not in (*EXTENSIBLE, "names", "zone"):
            allowed = near(name, EXTENSIBLE)
            raise CallError(phrase('a place has no column "{name}": {near}', name=name, near=allowed))


def _row(places: Places, place_id: str) -> int:
    found = np.flatnonzero(places.ids == place_id)
    if not len(found):
        known = near(place_id, places.ids.tolist())
        raise CallError(phrase('there is no place "{id}": {near}', id=place_id, near=known))
    return int(found[0])


def _texts(values: list[str]) -> np.ndarray:
    return np.array(values, dtype=object)


def _column(values: list[Any]) -> np.ndarray:
    out = np.empty(len(values), dtype=object)
    out[:] = values
    return out


def _joined(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    out = np.empty(len(first) + len(second), dtype=first.dtype)
    out[: len(first)], out[len(first) :] = first, second
    return out


def _with(column: np.ndarray, row: int, value: Any) -> np.ndarray:
    out = column.copy()
    out[row] = tuple(value) if isinstance(out[row], tuple) else value
    return out
