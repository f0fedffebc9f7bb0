"""Places of streets drawn as lines: points in degrees, and which of them are one vertex."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import Problems
from isopolis.model.text import phrase, phrases

from .columns import Column, Table
from .failure import fail
from .osm_network import parts_of
from .zones import Layer

__all__ = ["Drawn", "points", "vertices", "whole"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_SAME_PLACE = 0.01  # metres within which two ends are one vertex
_DEGREE = 111_195.0  # metres of a degree of latitude on the sphere that lengths are measured on


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Lines as points one after the other: place, the feature and the piece of each."""

    lon: Floats
    lat: Floats
    row: Ints
    line: Ints


def whole(column: Column) -> Ints | None:
    """(n,) whole numbers; None when something else stands in the column."""
    if column.numbers is not None and column.numbers.dtype.kind in "iu":
        return np.asarray(column.numbers, dtype=np.int64)
    codes, texts = column.coded()
    if not all(re.fullmatch(r"-?\d{1,18}", t) for t in texts.tolist()):
        return None
    return np.array([int(t) for t in texts.tolist()], dtype=np.int64)[codes]


def points(layer: Layer, stated: str, file: str, notes: Problems) -> Drawn:
    """Every point of every line in degrees, in the order of the file."""
    import shapely

    lines, row = shapely.get_parts(layer.geometry, return_index=True)
    is_line = np.isin(shapely.get_type_id(lines), (1, 2)) & ~shapely.is_empty(lines)
    lost = len(layer.geometry) - len(np.unique(row[is_line]))
    if lost:
        notes.caveat(
            "no-line",
            phrases(
                "{n} feature has no line and is left out", "{n} features have no line and are left out", lost
            ),
            file=file,
            count=lost,
        )
    lines, row = lines[is_line], row[is_line]
    xy, line = shapely.get_coordinates(lines, return_index=True)
    lon, lat = _degrees(xy, stated or layer.crs, file, notes)
    bad = ~(np.isfinite(lon) & np.isfinite(lat))
    if bad.any():
        many = len(np.unique(line[bad]))
        notes.caveat(
            "no-place",
            phrases("{n} line has a point without a place", "{n} lines have a point without a place", many),
            file=file,
            count=many,
        )
        lon, lat, line = lon[~bad], lat[~bad], line[~bad]
    return Drawn(lon, lat, row[line].astype(np.int64), line.astype(np.int64))


def _degrees(xy: Floats, stated: str, file: str, notes: Problems) -> tuple[Floats, Floats]:
    """Longitude and latitude in WGS84."""
    from pyproj import CRS, Transformer
    from pyproj.exceptions import CRSError

    finite = xy[np.isfinite(xy).all(axis=1)]
    like_degrees = bool(len(finite)) and bool((np.abs(finite) <= (180.0, 90.0)).all())
    hint = phrase('Write crs = "EPSG:..." under [streets] in city.toml.')
    if not stated:
        if not like_degrees:
            fail("no-crs", phrase("the file names no reference system"), file=file, hint=hint)
        notes.caveat(
            "no-crs",
            phrase(
                "the file names no reference system; its numbers look like degrees, so EPSG:4326 was assumed"
            ),
            file=file,
        )
        return xy[:, 0], xy[:, 1]
    try:
        crs = CRS.from_user_input(stated)
    except CRSError:
        fail(
            "unknown-crs",
            phrase("this reference system is not known"),
            file=file,
            value=stated[:80],
            hint=hint,
        )
    if crs.is_geographic != like_degrees and len(finite) and (crs.is_geographic or np.ptp(finite) < 100):
        fail(
            "wrong-crs",
            phrase("the coordinates do not fit the reference system {name}", name=crs.name),
            file=file,
            value=", ".join(f"{v:.6g}" for v in finite[0]),
            hint=hint,
        )
    lon, lat = Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform(xy[:, 0], xy[:, 1])
    lon, lat = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    there = np.isfinite(xy).all(axis=1)
    if not (np.isfinite(lon[there]) & (np.abs(lat[there]) <= 90)).all():
        fail(
            "wrong-crs",
            phrase("the coordinates cannot belong to the reference system {name}", name=crs.name),
            file=file,
            hint=hint,
        )
    return lon, lat


def vertices(
    drawn: Drawn, table: Table, start: str, end: str, file: str, notes: Problems
) -> tuple[Ints, Ints, Floats, Floats]:
    """Vertex of each point, and the ids and places of the vertices."""
    first = np.ones(len(drawn.line), dtype=bool)
    first[1:] = np.diff(drawn.line) != 0
    last = np.roll(first, -1)
    named = np.full(len(drawn.line), -1, dtype=np.int64)
    ids = np.empty(0, dtype=np.int64)
    if start:
        named, ids = _named(drawn, first, last, table, start, end, file, notes)
    # what has no name is one vertex with what lies at the same place, and lies between ends only on its line
    ends = (first | last) & (named < 0)
    grid = np.arange(len(drawn.line), dtype=np.int64) + len(ids)
    if ends.any():
        grid[ends] = len(ids) + np.flatnonzero(ends)[_same_place(drawn.lon[ends], drawn.lat[ends])]
    vertex = np.where(named >= 0, named, grid)
    used, position, vertex = np.unique(vertex, return_index=True, return_inverse=True)
    new = used >= len(ids)
    given = ids if len(ids) else np.zeros(1, dtype=np.int64)
    below = min(0, int(ids.min())) if len(ids) else 0
    unnamed = np.cumsum(new)
    out = np.where(new, below - unnamed if len(ids) else unnamed, given[np.minimum(used, len(given) - 1)])
    return vertex.ravel(), out.astype(np.int64), drawn.lon[position], drawn.lat[position]


def _named(
    drawn: Drawn, first: npt.NDArray[Any], last: npt.NDArray[Any], table: Table, start: str, end: str,
    file: str, notes: Problems,
) -> tuple[Ints, Ints]:  # fmt: skip
    """Vertex of each end by the columns of nodes, and the ids of those vertices."""
    columns = (table.columns[start], table.columns[end])
    numbers = [whole(c) for c in columns]
    texts = [c.text() for c in columns]
    if all(n is not None for n in numbers):
        ids = np.unique(np.concatenate([n for n in numbers if n is not None]))
        codes = [np.searchsorted(ids, n) for n in numbers if n is not None]
    else:
        words, both = np.unique(np.concatenate(texts).astype(str), return_inverse=True)
        ids = np.arange(1, len(words) + 1, dtype=np.int64)
        codes = np.split(both.ravel(), 2)
    empty = [np.array([not t for t in some.tolist()]) for some in texts]
    # of a feature in several pieces only the very first and the very last point have a name
    begin, finish = first.copy(), last.copy()
    begin[1:] &= np.diff(drawn.row) != 0
    finish[:-1] &= np.diff(drawn.row) != 0
    named = np.full(len(drawn.line), -1, dtype=np.int64)
    for where, code, missing in zip((finish, begin), codes[::-1], empty[::-1], strict=True):
        rows = drawn.row[where]
        named[where] = np.where(missing[rows], -1, code[rows])
    lacking = int(empty[0].sum() + empty[1].sum())
    if lacking:
        notes.caveat(
            "node-not-named",
            phrases(
                "{n} end of a line names no node; it is joined by its place",
                "{n} ends of lines name no node; they are joined by their place",
                lacking,
            ),
            file=file,
            count=lacking,
        )
    _say_apart(drawn, named, file, notes)
    return named, ids


def _say_apart(drawn: Drawn, named: Ints, file: str, notes: Problems) -> None:
    """Say when the ends that name one node lie at different places."""
    some = named >= 0
    code, lon, lat = named[some], drawn.lon[some], drawn.lat[some]
    _, first, which = np.unique(code, return_index=True, return_inverse=True)
    which = which.ravel()
    east = (lon - lon[first][which]) * np.cos(np.radians(lat))
    apart = np.hypot(east, lat - lat[first][which]) * _DEGREE > 1.0
    many = len(np.unique(which[apart]))
    if many:
        notes.caveat(
            "node-apart",
            phrases(
                "{n} node lies at places more than a metre apart; the first is taken",
                "{n} nodes lie at places more than a metre apart; the first is taken",
                many,
            ),
            file=file,
            count=many,
        )


def _same_place(lon: Floats, lat: Floats) -> Ints:
    """(n,) index of the first point within a centimetre; points chained together are one."""
    step = _SAME_PLACE / _DEGREE
    # counted from the first point, so that both sides of the date line are one
    x = ((lon - lon[0] + 180.0) % 360.0 - 180.0) * np.cos(np.radians(lat.mean()))
    order = np.lexsort((lat, x))
    # neighbours along one axis are compared until they are further apart than a centimetre
    pairs: list[Ints] = []
    at = np.arange(len(order))
    for gap in range(1, len(order)):
        near_ = x[order[gap:]] - x[order[:-gap]] <= step
        if not near_.any():
            break
        a, b = order[at[:-gap][near_]], order[at[gap:][near_]]
        close = np.hypot(x[a] - x[b], lat[a] - lat[b]) <= step
        pairs.append(np.stack([a[close], b[close]], axis=1))
    both = np.concatenate(pairs) if pairs else np.empty((0, 2), dtype=np.int64)
    return parts_of(len(lon), both[:, 0], both[:, 1])
