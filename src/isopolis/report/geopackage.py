"""Results of every zone as a GeoPackage; what is not known is NULL, never 0."""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.flows.diagnosis import FALSE, Diagnosis, LocalTable
from isopolis.model import City

from .local import known_cells, known_zones
from .prose import Names, clean

__all__ = ["Column", "columns_of", "write_zones"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

ROWS_AT_ONCE = 100_000
WIDEST = 900
"""Columns of one layer; SQLite knows no more than 2,000."""

LONGEST = 60


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column of results.

    Parameters
    ----------
    name : str
        Unique in the file; lower-case ASCII letters, digits and underscores.
    meaning, unit, dimension, category, date : str
    values : (Z,) array
    known : (Z,) bool array
        False where the file gets NULL.
    """

    name: str
    meaning: str
    unit: str
    dimension: str
    category: str
    date: str
    values: Floats
    known: Bools


def _plain(text: str) -> str:
    """Return `text` as part of a column name: ``Née à l'étranger`` → ``nee_a_l_etranger``."""
    flat = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", flat).strip("_")


class _Taken:
    """Hands out each name once."""

    def __init__(self, *names: str) -> None:
        self._names = set(names)

    def name(self, *parts: str) -> str:
        stem = "_".join(p for p in (_plain(p) for p in parts) if p)[:LONGEST].strip("_") or "column"
        stem = stem if stem[0].isalpha() else "c_" + stem
        name, n = stem, 2
        while name in self._names:
            name, n = f"{stem[: LONGEST - 5]}_{n}", n + 1
        self._names.add(name)
        return name


def columns_of(diagnosis: Diagnosis) -> list[Column]:
    """Return every column of results, in the order of the file."""
    taken = _Taken(
        "id", "name", "fid", "geom", "geometry", "ogc_fid", "rowid", *_levels(diagnosis.city).values()
    )
    names = Names(diagnosis.city)
    return [c for table in diagnosis.local for c in _columns(table, names, taken)]


def _columns(table: LocalTable, names: Names, taken: _Taken) -> Iterator[Column]:
    dimension, date = table.counts.dimensions[0], table.counts.date
    title, zones, cells = names.dimension(dimension.name), known_zones(table), known_cells(table)
    at = f" in {clean(date)}" if date else ""

    def column(
        what: str, meaning: str, unit: str, values: Floats, known: Bools, category: str = ""
    ) -> Column:
        name = taken.name(dimension.name, date, what, category)
        return Column(name, meaning, unit, dimension.name, category, date, values, known)

    yield column("people", f"{title}: persons counted{at}", "persons", table.people, table.measured)
    for g, category in enumerate(dimension.categories):
        label = names.category(dimension.name, category)
        share = f"{title}: share of “{label}”{at}, 0 to 1"
        yield column("share", share, "share", table.share[:, g], cells[:, g], category)
        quotient = f"{title}: share of “{label}” divided by the share in the city{at}; 1 is as in the city"
        yield column("lq", quotient, "ratio", table.quotient[:, g], cells[:, g], category)
        if table.stands_out is not None:
            beyond = (
                f"{title}: 1 where the share of “{label}” is above the city's beyond chance{at}, -1 where it "
                f"is below, else 0; at most {FALSE:.0%} of the marks are false"
            )
            marks = table.stands_out[:, g].astype(np.float64)
            yield column("beyond_chance", beyond, "sign", marks, cells[:, g], category)
    local = f"{title}: local segregation score{at}; 0 is a mix like the city's"
    yield column("local_m", local, "nats", table.local_m, zones)
    chance = f"{title}: score that chance alone would give a zone of this size{at}"
    yield column("local_expected", chance, "nats", table.local_expected, zones)
    part = f"{title}: share of the city's mutual information that the zone contributes{at}"
    yield column("contribution", part, "share", table.contribution, zones)


def _levels(city: City) -> dict[str, str]:
    """Level of parents → its column."""
    taken = _Taken("id", "name", "fid", "geom", "geometry", "ogc_fid", "rowid")
    return {level: taken.name(level) for level in city.zones.parents}


def write_zones(diagnosis: Diagnosis, path: Path) -> None:
    """Write the layers ``zones`` and ``columns``.

    ``zones`` has one row per zone in the city's order, an outline where there is
    one, id, name, parents and the results. Results beyond 900 columns go on in
    ``zones_2``, ``zones_3`` …, joined by id. ``columns`` says what each column
    means, in which unit.

    Parameters
    ----------
    diagnosis : Diagnosis
    path : Path
        File to write; must not exist.
    """
    city, columns = diagnosis.city, columns_of(diagnosis)
    batches = [columns[i : i + WIDEST] for i in range(0, len(columns), WIDEST)] or [[]]
    for number, batch in enumerate(batches, start=1):
        layer = "zones" if number == 1 else f"zones_{number}"
        _write_layer(city, batch, path, layer, first=number == 1)
    placed = [(c, "zones" if i == 0 else f"zones_{i + 1}") for i, batch in enumerate(batches) for c in batch]
    _write_meanings(city, placed, path)


def _write_layer(city: City, columns: Sequence[Column], path: Path, layer: str, *, first: bool) -> None:
    count = len(city.zones)
    for start in range(0, max(count, 1), ROWS_AT_ONCE):
        rows = slice(start, min(start + ROWS_AT_ONCE, count))
        _append(_frame(city, columns, rows, whole=first), path, layer, city, start == 0, geometry=first)


def _frame(city: City, columns: Sequence[Column], rows: slice, *, whole: bool) -> Any:
    import pandas as pd

    zones = city.zones
    data: dict[str, Any] = {"id": _texts(zones.ids[rows])}
    if whole:
        data["name"] = _texts(zones.names[rows])  # type: ignore[index]
        for level, name in _levels(city).items():
            data[name] = _texts(zones.parents[level][rows])
    for column in columns:
        data[column.name] = np.where(column.known[rows], column.values[rows], np.nan)
    if whole and zones.geometry is not None:
        data["geometry"] = zones.geometry[rows]
    return pd.DataFrame(data)


def _texts(values: npt.NDArray[np.object_]) -> list[str | None]:
    return [None if v is None else str(v) for v in values.tolist()]


def _append(frame: Any, path: Path, layer: str, city: City, fresh: bool, *, geometry: bool) -> None:
    import pyogrio

    options: dict[str, Any] = {"layer": layer, "driver": "GPKG", "append": not fresh, "use_arrow": True}
    if geometry and city.zones.geometry is not None:
        import geopandas

        frame = geopandas.GeoDataFrame(frame, geometry="geometry", crs=city.zones.crs or None)
        kind = _geometry_type(city)
        options |= {"geometry_type": kind, "promote_to_multi": kind == "MultiPolygon"}
    with warnings.catch_warnings():
        # a city whose outlines state no reference system has none here either; the report says so
        warnings.filterwarnings("ignore", message="'crs' was not provided")
        pyogrio.write_dataframe(frame, path, **options)


def _geometry_type(city: City) -> str:
    """Return the one type that fits all outlines: the same for every batch of rows."""
    import shapely

    assert city.zones.geometry is not None
    kinds = set(np.unique(shapely.get_type_id(city.zones.geometry)).tolist()) - {-1}
    return "MultiPolygon" if kinds <= {3, 6} else "Unknown"


def _write_meanings(city: City, placed: Sequence[tuple[Column, str]], path: Path) -> None:
    import pandas as pd

    rows = [("zones", "id", "Zone", "", "", "", ""), ("zones", "name", "Name of the zone", "", "", "", "")]
    rows += [
        ("zones", n, f"Level above: {clean(level)}", "", "", "", "") for level, n in _levels(city).items()
    ]
    rows += [(layer, c.name, c.meaning, c.unit, c.dimension, c.category, c.date) for c, layer in placed]
    rows += [("", "", f"Note: {clean(note)}", "", "", "", "") for note in city.notes]
    head = ["layer", "column", "meaning", "unit", "dimension", "category", "date"]
    _append(pd.DataFrame(rows, columns=head), path, "columns", city, True, geometry=False)
