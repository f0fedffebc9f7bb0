"""Zone outlines: GeoPackage, GeoJSON, GeoParquet, Shapefile, or a table of points."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import Problems, near
from isopolis.model.text import phrase

from .archives import readable_place
from .arrow_tables import columns_of_arrow
from .columns import Table
from .crs import place
from .failure import fail, guarded
from .outlines import mend, unique_outlines

__all__ = ["Layer", "ZoneFile", "read_attributes", "read_layer", "read_zones"]

Objects = npt.NDArray[np.object_]
_HINT = phrase("The file may be cut off or of another format; get it again.")


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One layer as its file has it: attributes, geometries (None where absent), reference system."""

    table: Table
    geometry: Objects
    crs: str
    name: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class ZoneFile:
    """Zones with unique ids, in the order of the file.

    Parameters
    ----------
    ids : (Z,) array of str
    geometry : (Z,) array of shapely geometries or None
        In the metric system `crs`.
    table : Table
        Attributes, one row per zone.
    points : bool
        True when zones are points, which have no area.
    also : mapping of int to list of geometries
        Position of a zone → further, different outlines that carry its id.
    """

    ids: Objects
    geometry: Objects
    crs: str
    table: Table
    points: bool = False
    also: Mapping[int, list[Any]] = field(default_factory=dict)


def read_attributes(path: Path, file: str, layer: str = "") -> Table:
    """Read only the columns of an outlines file."""
    return read_layer(path, file, layer).table


def read_layer(path: Path, file: str, layer: str = "") -> Layer:
    """Read one layer.

    Raises
    ------
    DataError
        If the file cannot be read, has no outlines, or the layer is not clear.
    """
    if not path.is_file():
        fail(
            "missing-file",
            phrase("there is no such file"),
            file=file,
            hint=phrase("Correct the name in city.toml."),
        )
    if path.stat().st_size == 0:
        fail("empty-file", phrase("the file is empty"), file=file, hint=phrase("Export it again."))
    with guarded(file, phrase("a file of outlines"), _HINT), warnings.catch_warnings():
        # what the library warns of is either harmless or found again below, in words
        warnings.simplefilter("ignore")
        found = (
            _read_parquet(path, file)
            if path.suffix.lower() in (".parquet", ".geoparquet")
            else _read_ogr(path, file, layer)
        )
    if not len(found.table):
        fail("empty-file", phrase("the file has no zones"), file=file, hint=phrase("Export it again."))
    return found


def _read_ogr(path: Path, file: str, layer: str) -> Layer:
    import pyogrio

    source = readable_place(path, file)
    chosen = _choose_layer(pyogrio.list_layers(source), file, layer)
    meta, data = pyogrio.raw.read_arrow(source, layer=chosen)
    column = meta["geometry_name"] or "wkb_geometry"
    if column not in data.column_names:
        fail(
            "no-outlines",
            phrase("the file has no outlines"),
            file=file,
            hint=phrase("Take a file with polygons, or leave zones out."),
        )
    table = Table(file, columns_of_arrow(data, skip=(column,)), np.arange(2, data.num_rows + 2), decimal=".")
    return Layer(table, _from_wkb(data.column(column)), meta["crs"] or "", chosen)


def _choose_layer(layers: Any, file: str, wanted: str) -> str:
    names = [str(n) for n, _ in layers]
    if wanted:
        if wanted not in names:
            fail(
                "unknown-layer",
                phrase(
                    'there is no layer "{wanted}": {suggestion}',
                    wanted=wanted,
                    suggestion=near(wanted, names),
                ),
                file=file,
            )
        return wanted
    drawn = [str(n) for n, kind in layers if kind]
    polygons = [str(n) for n, kind in layers if kind and "Polygon" in str(kind)]
    for some in (polygons, drawn):
        if len(some) == 1:
            return some[0]
        if some:
            fail(
                "several-layers",
                phrase("the file has several layers: {listed}", listed=", ".join(some[:8])),
                file=file,
                hint=phrase('Write layer = "..." under [zones] in city.toml.'),
            )
    return fail(
        "no-outlines",
        phrase("the file has no outlines"),
        file=file,
        hint=phrase("Take a file with polygons."),
    )


def _read_parquet(path: Path, file: str) -> Layer:
    import json

    import pyarrow.parquet as pq

    data = pq.read_table(path)
    meta = json.loads((data.schema.metadata or {}).get(b"geo", b"{}"))
    column = meta.get("primary_column", "geometry")
    if column not in data.column_names:
        fail(
            "no-outlines",
            phrase("the file has no outlines"),
            file=file,
            hint=phrase("Take a GeoParquet file."),
        )
    told = meta.get("columns", {}).get(column, {})
    crs = told.get("crs", "OGC:CRS84") if meta else ""
    table = Table(file, columns_of_arrow(data, skip=(column,)), np.arange(2, data.num_rows + 2), decimal=".")
    return Layer(
        table, _from_wkb(data.column(column)), json.dumps(crs) if isinstance(crs, dict) else crs or "", ""
    )


def _from_wkb(column: Any) -> Objects:
    import shapely

    raw = np.array(column.to_pylist(), dtype=object)
    out: Objects = shapely.from_wkb(raw, on_invalid="ignore")
    return out


def read_zones(
    path: Path,
    file: str,
    *,
    id_column: str,
    layer: str = "",
    crs: str = "",
    xy: tuple[str, str] | None = None,
    problems: Problems,
) -> ZoneFile:
    """Read zones with unique ids and sound outlines in a metric system.

    Parameters
    ----------
    path, file : Path, str
        The file, and its name in messages.
    id_column : str
        Column of the ids.
    layer : str
        Layer of the file; its only one with polygons when empty.
    crs : str
        What the user states; used when the file states none.
    xy : (str, str), optional
        Columns of the coordinates of a table of points.
    problems : Problems
        Receives caveats: projection, mended outlines, repeated ids.

    Raises
    ------
    DataError
        If the file cannot be read or the coordinates are absurd.
    """
    found = _read_points(path, file, xy, problems) if xy else read_layer(path, file, layer)
    if id_column not in found.table.columns:
        fail(
            "unknown-column",
            phrase(
                'there is no column "{id_column}": {suggestion}',
                id_column=id_column,
                suggestion=near(id_column, found.table.columns),
            ),
            file=file,
            column=id_column,
            hint=phrase("Correct id under [zones] in city.toml."),
        )
    ids = np.array([_plain_id(t) for t in found.table[id_column].text()], dtype=object)
    if found.crs and crs and not _same(found.crs, crs):
        problems.caveat(
            "crs-overridden",
            phrase(
                "the file states {crs}, city.toml states {crs_2}; the latter was used",
                crs=found.crs[:60],
                crs_2=crs,
            ),
            file=file,
        )
    placed = place(found.geometry, crs or found.crs, file, problems)
    geometry = mend(placed.geometry, ids, found.table, problems)
    every = geometry
    ids, keep, geometry, others = unique_outlines(ids, every, found.table, problems)
    also = {i: [every[r] for r in rows] for i, rows in others.items()}
    return ZoneFile(ids, geometry, placed.crs, found.table.take(keep), _only_points(geometry), also)


def _same(one: str, other: str) -> bool:
    from pyproj import CRS

    try:
        return bool(CRS.from_user_input(one) == CRS.from_user_input(other))
    except Exception:
        return one == other


def _plain_id(text: str) -> str:
    return text[:-2] if text.endswith(".0") and text[:-2].isdigit() else text


def _only_points(geometry: Objects) -> bool:
    import shapely

    kinds = shapely.get_type_id(geometry)
    return bool((kinds[kinds >= 0] == 0).all() and (kinds >= 0).any())


def _read_points(path: Path, file: str, xy: tuple[str, str], problems: Problems) -> Layer:
    import shapely

    from .numbers import parse, table_decimal
    from .tables import read_table

    table = read_table(path, file=file, problems=problems)
    for name in xy:
        if name not in table.columns:
            fail(
                "unknown-column",
                phrase(
                    'there is no column "{name}": {suggestion}',
                    name=name,
                    suggestion=near(name, table.columns),
                ),
                file=file,
                column=name,
            )
    decimal = table_decimal(table)
    x, y = (parse(table[n], decimal) for n in xy)
    good = (x.kind <= 3) & (y.kind <= 3) & (x.kind != 1) & (y.kind != 1)
    points = np.full(len(table), None, dtype=object)
    points[good] = shapely.points(x.values[good], y.values[good])
    return Layer(table, points, "")
