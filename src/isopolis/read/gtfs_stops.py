"""The stops of a feed, with what they inherit from their stations.

Source: GTFS Schedule Reference, stops.txt: `location_type` 0 stop, 1 station, 2 entrance, 3 node of a
path, 4 boarding area; `wheelchair_boarding` 0 or empty inherits from the station, 1 yes, 2 no.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isopolis.model import Problems
from isopolis.model.places import NO, UNKNOWN, YES
from isopolis.model.text import listing, phrase

from .gtfs_files import Column, Feed, Table, get_again, note

__all__ = ["EARTH", "Stops", "metres", "read_stops", "three_valued"]

EARTH = 6_371_008.8
"""Mean radius in metres (IUGG)."""
FAR = 100_000.0
"""Metres: a stop further from every other one is likely to be misplaced."""
_STOP, _STATION, _ENTRANCE, _AREA = 0, 1, 2, 4


@dataclass(frozen=True, slots=True)
class Stops:
    """Every row of stops.txt.

    Parameters
    ----------
    ids, names : (S,) arrays of str
    row : mapping of str to int
        Row of each id.
    kind : (S,) array of int
        `location_type`.
    parent : (S,) array of int
        Row of the station, or of the platform of a boarding area; -1 where none.
    lon, lat : (S,) arrays, degrees; NaN where not usable
    wheelchair : (S,) array of int, three-valued
    """

    ids: npt.NDArray[np.object_]
    names: npt.NDArray[np.object_]
    row: dict[str, int]
    kind: npt.NDArray[np.int64]
    parent: npt.NDArray[np.int64]
    lon: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]
    wheelchair: npt.NDArray[np.int8]

    @property
    def placed(self) -> npt.NDArray[np.bool_]:
        """(S,) where coordinates are usable."""
        return ~np.isnan(self.lon)


def metres(
    lon1: npt.NDArray[np.float64],
    lat1: npt.NDArray[np.float64],
    lon2: npt.NDArray[np.float64],
    lat2: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Great-circle distance in metres between points in degrees (haversine)."""
    a, b = np.radians(lat1), np.radians(lat2)
    half = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(np.radians(lon2 - lon1) / 2) ** 2
    return np.asarray(2 * EARTH * np.arcsin(np.sqrt(np.minimum(half, 1.0))))


def three_valued(table: Table, column: str, problems: Problems) -> npt.NDArray[np.int8]:
    """(R,) `UNKNOWN` where 0 or empty, `YES` where 1, `NO` where 2; anything else is unknown and said."""
    said = {"": UNKNOWN, "0": UNKNOWN, "1": YES, "2": NO}
    given = table.column(column)
    note(
        problems, table, "bad-value", phrase("this does not say yes or no; it was taken as not known"),
        given.each(lambda v: v not in said, bool), column=column,
        rule=phrase("empty or 0 for not known, 1 for yes, 2 for no"),
    )  # fmt: skip
    return given.each(lambda v: said.get(v, UNKNOWN), np.int8)


def read_stops(feed: Feed) -> Stops | None:
    """Read stops.txt; None, with a fatal problem, where it cannot be."""
    table = feed.table(
        "stops.txt", ("stop_id", "stop_lat", "stop_lon"),
        ("stop_name", "location_type", "parent_station", "wheelchair_boarding"),
    )  # fmt: skip
    if table is None:
        return None
    problems = feed.problems
    if not table.rows:
        problems.error("no-rows", phrase("there is no stop in it"), file=table.file, hint=get_again())
        return None
    ids = table.column("stop_id")
    text = ids.text
    row: dict[str, int] = {}
    for r, name in enumerate(text.tolist()):
        row.setdefault(name, r)
    first = ids.rows_in(row) == np.arange(table.rows)
    note(
        problems, table, "stop-twice", phrase("a stop stands twice; its first row counts"), ~first,
        column="stop_id", rule=phrase("one row for each stop"), hint=get_again(),
    )  # fmt: skip
    note(
        problems, table, "no-id", phrase("a stop has no id"), ids.empty, column="stop_id",
        rule=phrase("an id of its own for each stop"), hint=get_again(), fatal=True,
    )  # fmt: skip
    kind = _kinds(table, problems)
    parent = _parents(table, row, kind, problems)
    lon, lat = _coordinates(table, kind, parent, problems)
    lon[~first] = lat[~first] = np.nan
    wheelchair = three_valued(table, "wheelchair_boarding", problems)
    for _ in range(2):  # a boarding area has a platform, which has a station
        inherits = (wheelchair == UNKNOWN) & (parent >= 0)
        wheelchair = np.where(inherits, wheelchair[parent], wheelchair).astype(np.int8)
    names = table.column("stop_name").text
    names = np.where(names == "", text, names).astype(object)
    return Stops(text, names, row, np.where(first, kind, -1), parent, lon, lat, wheelchair)


def _kinds(table: Table, problems: Problems) -> npt.NDArray[np.int64]:
    said = {"": 0, "0": 0, "1": 1, "2": 2, "3": 3, "4": 4}
    given = table.column("location_type")
    note(
        problems, table, "bad-value", phrase("this kind of place is not known; it was taken as a stop"),
        given.each(lambda v: v not in said, bool), column="location_type",
        rule=listing(("0", "1", "2", "3", "4"), "or"),
    )  # fmt: skip
    return given.each(lambda v: said.get(v, 0), np.int64)


def _parents(
    table: Table, row: dict[str, int], kind: npt.NDArray[np.int64], problems: Problems
) -> npt.NDArray[np.int64]:
    given = table.column("parent_station")
    parent = given.rows_in(row)
    note(
        problems, table, "unknown-station", phrase("the station of a stop does not exist"),
        (parent < 0) & ~given.empty, column="parent_station",
        rule=phrase('a "stop_id" of the same file'), hint=get_again(),
    )  # fmt: skip
    allowed = np.where(kind == _AREA, kind[parent] == _STOP, kind[parent] == _STATION)
    wrong = (parent >= 0) & ~(allowed & (kind != _STATION))
    note(
        problems, table, "unknown-station", phrase("what stands as the station of a stop is none"),
        wrong, column="parent_station", rule=phrase('a place with "location_type" 1'), hint=get_again(),
    )  # fmt: skip
    return np.where(wrong, -1, parent)


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return np.nan
    return value if np.isfinite(value) else np.nan


def _coordinates(
    table: Table, kind: npt.NDArray[np.int64], parent: npt.NDArray[np.int64], problems: Problems
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    given: dict[str, Column] = {n: table.column(n) for n in ("stop_lon", "stop_lat")}
    lon, lat = (c.each(_number, np.float64) for c in given.values())
    empty = given["stop_lon"].empty & given["stop_lat"].empty
    null = (np.abs(lon) < 0.001) & (np.abs(lat) < 0.001)
    with np.errstate(invalid="ignore"):
        wrong = ~((np.abs(lon) <= 180) & (np.abs(lat) <= 90)) | null
    for _ in range(2):
        take = wrong & (parent >= 0) & ~wrong[parent]
        lon, lat = np.where(take, lon[parent], lon), np.where(take, lat[parent], lat)
        wrong &= ~take
        empty &= ~take
    matters = wrong & np.isin(kind, (_STOP, _AREA))
    left = phrase("Nobody can get on or off there in the results.")
    note(
        problems, table, "stop-nowhere", phrase("a stop has no coordinates, and was left out"),
        matters & empty, column="stop_lat", rule=phrase("degrees of latitude and longitude"), hint=left,
    )  # fmt: skip
    for column, of in (("stop_lat", ~(np.abs(np.nan_to_num(lat, nan=99.0)) <= 90)), ("stop_lon", ~empty)):
        here = matters & ~empty & of & ~(null & (column == "stop_lat"))
        note(
            problems, table, "stop-nowhere", phrase("a stop has impossible coordinates, and was left out"),
            here, column=column, hint=left,
            rule=phrase("latitude from -90 to 90, longitude from -180 to 180, and not 0 and 0"),
        )  # fmt: skip
        matters = matters & ~here
    lon, lat = np.where(wrong, np.nan, lon), np.where(wrong, np.nan, lat)
    _note_far(table, lon, lat, np.isin(kind, (_STOP, _AREA)) & ~wrong, problems)
    return lon, lat


def _note_far(
    table: Table,
    lon: npt.NDArray[np.float64],
    lat: npt.NDArray[np.float64],
    use: npt.NDArray[np.bool_],
    problems: Problems,
) -> None:
    rows = np.flatnonzero(use)
    if len(rows) < 2:
        return
    a, b = np.radians(lat[rows]), np.radians(lon[rows])
    points = np.column_stack([np.cos(a) * np.cos(b), np.cos(a) * np.sin(b), np.sin(a)])
    # two points in one cube of this size are near each other; only those alone in theirs are compared
    cube = np.floor(points / (FAR / EARTH / np.sqrt(3))).astype(np.int64)
    _, place, many = np.unique(cube, axis=0, return_inverse=True, return_counts=True)
    far = many[place.ravel()] == 1
    for i in np.flatnonzero(far).tolist():
        away = metres(lon[rows], lat[rows], lon[rows[i : i + 1]], lat[rows[i : i + 1]])
        away[i] = np.inf
        far[i] = away.min() > FAR
    note(
        problems, table, "stop-far", phrase("a stop lies more than 100 km from every other one"), rows[far],
        column="stop_lon", hint=phrase("Check whether latitude and longitude are swapped."),
    )  # fmt: skip
