"""``python -m isopolis.web.api.prepare FOLDER``: what the interface serves of one result, made once.

Out of ``findings.json`` and ``zones.gpkg`` come two GeoParquet files and the folder ``features``: one line
of text for each feature, and a table that says where each line begins and what it can be found by. A web
process then answers with pieces of those files and needs none of the libraries that made them.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["EVER", "FOLDER", "NEVER", "PARQUET", "SIMPLE", "key_of", "period", "prepare", "prepare_public"]

FOLDER = "features"
PARQUET = ("zones.parquet", "findings.parquet")
SIMPLE = (
    "measure", "dimension", "group", "versus", "scale", "scope", "date", "value", "undefined_reason",
    "undefined_code", "expected", "maximum", "excess", "sd", "null_method", "interval_low", "interval_high",
    "interval_method", "p", "n_people", "n_group", "n_zones", "caveats", "explanation",
)  # fmt: skip
"""Columns of a finding as a flat row."""

CHOSEN = ("measure", "dimension", "group", "date")
SOUGHT = ("measure", "dimension", "group", "versus", "scale", "scope", "date")
PLACES = 7
"""Decimals of a degree: about a centimetre, and no more is meant."""

NEVER, EVER = -(2**62), 2**62
OUTLINE_POINTS = 400
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")


def prepare(folder: Path) -> None:
    """Make the files in a folder of results; all of them or none.

    Parameters
    ----------
    folder : Path
        Holds ``findings.json`` and ``zones.gpkg``. Nothing is done when ``features`` is there already.
    """
    if not (folder / FOLDER).is_dir():
        zones, columns = _read_zones(folder / "zones.gpkg")
        _prepare(folder, folder / "findings.json", zones, columns)


def prepare_public(folder: Path, made: Path, zones: Path) -> None:
    """Make the files of a publication: outlines and names of zones, and numbers that the gate gave out.

    Parameters
    ----------
    folder : Path
        Where to put them.
    made : Path
        Folder of the publication, with ``findings.json`` and ``counts.json``.
    zones : Path
        ``zones.gpkg`` of the diagnosis. Its results are not read into anything; it may be gone.
    """
    if not (folder / FOLDER).is_dir():
        frame, columns = _released(json.loads((made / "counts.json").read_text(encoding="utf-8")), zones)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _prepare(folder, made / "findings.json", frame, columns)


def _prepare(folder: Path, said: Path, zones: Any, columns: list[dict[str, str]]) -> None:
    fresh = Path(tempfile.mkdtemp(prefix=".features-", dir=folder))
    try:
        findings = json.loads(said.read_text(encoding="utf-8"))
        outlines = _outlines(zones, columns, {f["scope"] for f in findings})
        (fresh / FOLDER).mkdir()
        _write_zones(zones, columns, fresh)
        _write_findings(findings, outlines, zones.crs, fresh)
        for name in PARQUET:
            os.replace(fresh / name, folder / name)
        with suppress(OSError):  # another process was faster
            os.rename(fresh / FOLDER, folder / FOLDER)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def key_of(value: object) -> bytes:
    """Shorten a value to the key by which features are found; what is not known has none."""
    if value is None:
        return b""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest().encode()


def period(text: str) -> tuple[int, int] | None:
    """Return first and last second (since 1970) of ``2024``, ``2024-03``, ``2024-03-31`` or ``2015/2024``."""
    ends = [_calendar(part) for part in text.split("/")]
    if len(ends) > 2 or None in ends:
        return None
    return min(e[0] for e in ends if e), max(e[1] for e in ends if e)


def _calendar(text: str) -> tuple[int, int] | None:
    match = _DATE.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day = match.groups()
    try:
        start = datetime(int(year), int(month or 1), int(day or 1), tzinfo=UTC)
        if day:
            end = start + timedelta(days=1)
        elif month:
            end = (start + timedelta(days=32)).replace(day=1)
        else:
            end = start.replace(year=start.year + 1)
    except (ValueError, OverflowError):
        return None
    return int(start.timestamp()), int(end.timestamp()) - 1


# -- zones ---------------------------------------------------------------------------------------------
def _read_zones(path: Path) -> tuple[Any, list[dict[str, str]]]:
    """Return every zone with all its results, and what each column means."""
    import geopandas
    import pyogrio

    layers = [str(name) for name, _ in pyogrio.list_layers(path)]
    frame = pyogrio.read_dataframe(path, layer="zones")
    more = sorted((n for n in layers if re.fullmatch(r"zones_\d+", n)), key=lambda n: int(n[6:]))
    for layer in more:
        part = pyogrio.read_dataframe(path, layer=layer, read_geometry=False)
        frame = frame.merge(part, on="id", how="left", validate="1:1")
    if not hasattr(frame, "crs"):  # a city without outlines
        frame = geopandas.GeoDataFrame(frame, geometry=[None] * len(frame))
    meanings = pyogrio.read_dataframe(path, layer="columns", read_geometry=False).fillna("")
    rows = meanings.astype(str).to_dict("records")
    return frame, [r for r in rows if r["column"]]


def _write_zones(zones: Any, columns: Sequence[Mapping[str, str]], fresh: Path) -> None:
    zones.to_parquet(fresh / "zones.parquet", compression="zstd", index=False)
    numbers = {c["column"] for c in columns if c["unit"]}
    words = [c["column"] for c in columns if not c["unit"]]
    records = zones.drop(columns=zones.geometry.name).to_dict("records")
    fields = [
        {"name": c["column"], "title": c["meaning"], "unit": c["unit"],
         "type": "number" if c["column"] in numbers else "string"}
        for c in columns
    ]  # fmt: skip
    features = (
        (str(r["id"]), shape, {k: _json_value(v) for k, v in r.items()}, None)
        for r, shape in zip(records, _on_earth(zones.geometry.array, zones.crs), strict=True)
    )
    _write_layer(fresh / FOLDER, "zones", features, fields, words)


def _json_value(value: Any) -> Any:
    """Return what JSON knows; not known is null, never 0."""
    if hasattr(value, "item"):
        value = value.item()
    return None if value is None or value != value else value


def _released(tables: Sequence[Mapping[str, Any]], path: Path) -> tuple[Any, list[dict[str, str]]]:
    """Return the zones with the counts that were released; what is not shown is null, and listed by name."""
    import geopandas
    import pandas as pd

    people, columns, hidden = _counts(tables)
    if path.is_file():
        zones, meanings = _read_zones(path)
        known = [m for m in meanings if m["layer"] == "zones" and not m["unit"]]
        kept = zones[[*(m["column"] for m in known), zones.geometry.name]].copy()
    else:
        names = {u["id"]: u["name"] for t in tables for u in t["levels"][0]["units"]}
        known = [_column(n, t) for n, t in (("id", "Zone"), ("name", "Name of the zone"))]
        rows = {"id": list(names), "name": list(names.values())}
        kept = geopandas.GeoDataFrame(rows, geometry=[None] * len(names))
    ids = [str(i) for i in kept["id"]]
    for column in columns:
        values = people[column["column"]]
        kept[column["column"]] = pd.array([values.get(i) for i in ids], dtype="Float64")
    kept["not_shown"] = [" | ".join(hidden.get(i, ())) for i in ids]
    return kept, [*known, *columns, _column("not_shown", "Columns not shown here, to protect people")]


def _column(name: str, meaning: str, unit: str = "") -> dict[str, str]:
    return {"layer": "zones", "column": name, "meaning": meaning, "unit": unit}


def _counts(
    tables: Sequence[Mapping[str, Any]],
) -> tuple[dict[str, dict[str, float]], list[dict[str, str]], dict[str, list[str]]]:
    """Return column → zone → people, the columns, and zone → columns that are not shown."""
    people: dict[str, dict[str, float]] = {}
    columns: list[dict[str, str]] = []
    hidden: dict[str, list[str]] = {}
    for table in tables:
        stem = "_".join(filter(None, (table["dimension"], table["date"])))
        for place, label in enumerate([*table["labels"], ""]):
            name = f"{stem}_{[*table['categories'], 'people'][place]}"
            if name in people:
                name = f"{name}_{len(people)}"
            when = f" in {table['date']}" if table["date"] else ""
            columns.append(_column(name, f"{table['title']}: {label or 'everybody'}{when}", "persons"))
            people[name] = {}
            for unit in table["levels"][0]["units"]:
                cell = [*unit["cells"], unit["all"]][place]
                if isinstance(cell, str):
                    hidden.setdefault(unit["id"], []).append(name)
                else:
                    people[name][unit["id"]] = cell
    return people, columns, hidden


# -- findings ------------------------------------------------------------------------------------------
def _flat(finding: Mapping[str, Any]) -> dict[str, Any]:
    low, high = finding.get("interval") or (None, None)
    more = {"interval_low": low, "interval_high": high, "caveats": " | ".join(finding.get("caveats") or ())}
    return {name: (dict(finding) | more).get(name) for name in SIMPLE}


def _write_findings(
    findings: Sequence[Mapping[str, Any]], outlines: Mapping[str, Any], crs: Any, fresh: Path
) -> None:
    import geopandas
    import pandas as pd

    shapes = np.array([outlines.get(f["scope"]) for f in findings], dtype=object)
    flat = [_flat(f) for f in findings]
    frame = pd.DataFrame(
        {
            name: pd.array([r[name] for r in flat], dtype="Float64" if name in _NUMBERS else "string")
            for name in SIMPLE
        }
    )
    frame.insert(0, "number", np.arange(len(findings)))
    for name in ("provenance", "detail"):
        frame[name] = pd.array([json.dumps(f[name], ensure_ascii=False) for f in findings], dtype="string")
    frame = geopandas.GeoDataFrame(frame, geometry=list(shapes), crs=crs)
    frame.to_parquet(fresh / "findings.parquet", compression="zstd", index=False)
    features = (
        (n, shape, {"number": n} | row, full)
        for n, (row, full, shape) in enumerate(zip(flat, findings, _on_earth(shapes, crs), strict=True))
    )
    fields = [{"name": "number", "title": "number", "unit": "", "type": "number"}] + [
        {"name": n, "title": n.replace("_", " "), "unit": "", "type": "number" if n in _NUMBERS else "string"}
        for n in SIMPLE
    ]
    _write_layer(fresh / FOLDER, "findings", features, fields, SOUGHT)


_NUMBERS = {
    "value", "expected", "maximum", "excess", "sd", "interval_low", "interval_high", "p", "n_people",
    "n_group", "n_zones",
}  # fmt: skip


def _outlines(zones: Any, columns: Iterable[Mapping[str, str]], scopes: Iterable[str]) -> dict[str, Any]:
    """Return coarse outlines of what findings are about: good for finding the place, not for measuring it."""
    import shapely

    levels = {c["meaning"].partition(": ")[2]: c["column"] for c in columns if c["layer"] == "zones"}
    ids, made = zones["id"].astype(str), {}
    for scope in scopes:
        level, colon, part = scope.partition(":")
        if scope == "city":
            inside = zones
        elif (ids == scope).any():
            inside = zones[ids == scope]
        elif colon and level in levels:
            inside = zones[zones[levels[level]].astype(str) == part]
        else:
            continue
        shapes = [g for g in inside.geometry if g is not None and not g.is_empty]
        if shapes:
            made[scope] = _coarse(shapely.make_valid(np.array(shapes, dtype=object)))
    return made


def _coarse(shapes: Any) -> Any:
    import shapely

    west, south, east, north = shapely.total_bounds(shapes)
    size = max(east - west, north - south, 1e-6)
    # a fine grid closes the gaps that digitising leaves between neighbours
    whole = simple = shapely.union_all(shapes, grid_size=size / 20_000)
    tolerance = size / 2_000
    for _ in range(8):
        if shapely.get_num_coordinates(simple) <= OUTLINE_POINTS:
            break
        simple = shapely.simplify(whole, tolerance)
        tolerance *= 2
    return simple if not simple.is_empty else whole


# -- any layer -----------------------------------------------------------------------------------------
def _on_earth(shapes: Any, crs: Any) -> list[Any]:
    """Return shapes in longitude and latitude as RFC 7946 wants them; None where that cannot be known."""
    import shapely
    from pyproj import Transformer

    if crs is None:
        return [None] * len(shapes)
    to_degrees = Transformer.from_crs(crs, "OGC:CRS84", always_xy=True)

    def moved(points: Any) -> Any:
        x, y = to_degrees.transform(points[:, 0], points[:, 1])
        return np.round(np.column_stack([x, y]), PLACES)

    made: list[Any] = []
    for shape in shapes:
        if shape is None or shape.is_empty:
            made.append(None)
            continue
        shape = shapely.transform(shapely.force_2d(shape), moved)
        made.append(_wound(shape) if np.isfinite(shapely.get_coordinates(shape)).all() else None)
    return made


def _wound(shape: Any) -> Any:
    """Turn outer rings counter-clockwise and holes clockwise."""
    from shapely.geometry import GeometryCollection, MultiPolygon, Polygon
    from shapely.geometry.polygon import orient

    if isinstance(shape, Polygon):
        return orient(shape)
    if isinstance(shape, MultiPolygon):
        return MultiPolygon([orient(p) for p in shape.geoms])
    if isinstance(shape, GeometryCollection):
        return GeometryCollection([_wound(s) for s in shape.geoms])
    return shape


def _write_layer(
    folder: Path,
    name: str,
    features: Iterable[tuple[str | int, Any, dict[str, Any], Mapping[str, Any] | None]],
    fields: Sequence[Mapping[str, str]],
    sought: Sequence[str],
) -> None:
    """Write the lines of a layer, its table and what it is."""
    import shapely

    rows: list[tuple[Any, ...]] = []
    values: dict[str, set[str]] = {s: set() for s in sought if s in CHOSEN}
    with (folder / f"{name}.geojsonl").open("wb") as lines, (folder / f"{name}.jsonl").open("wb") as full:
        for fid, shape, properties, whole in features:
            geometry = None if shape is None else json.loads(shapely.to_geojson(shape))
            feature = {"type": "Feature", "id": fid, "geometry": geometry, "properties": properties}
            bounds = (np.nan,) * 4 if shape is None else shape.bounds
            for s, met in values.items():
                met |= {properties[s]} - {"", None}
            date = properties.get("date") if whole else None  # a zone has many dates, in its columns
            when = period(str(date or "")) or (NEVER, EVER)
            place = (*_add(lines, feature), *_add(full, whole))
            rows.append((*place, *bounds, *when, key_of(str(fid)), *(key_of(properties[s]) for s in sought)))
    kinds = [("offset", "u8"), ("length", "u4"), ("full_offset", "u8"), ("full_length", "u4")]
    kinds += [(side, "f8") for side in ("west", "south", "east", "north")]
    kinds += [("from", "i8"), ("until", "i8"), ("id", "S32"), *((f"={s}", "S32") for s in sought)]
    table = np.array(rows, dtype=kinds)
    np.save(folder / f"{name}.npy", table)
    about = {
        "fields": fields, "sought": list(sought), "values": {s: sorted(v) for s, v in values.items()},
        "extent": _extent(table), "interval": _interval(table),
    }  # fmt: skip
    (folder / f"{name}.json").write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")


def _add(file: Any, item: Any) -> tuple[int, int]:
    start = file.tell()
    if item is None:
        return start, 0
    text = json.dumps(item, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    file.write(text + b"\n")
    return start, len(text)


def _extent(table: Any) -> list[float] | None:
    known = table[~np.isnan(table["west"])]
    if not len(known):
        return None
    least, most = ("west", "south"), ("east", "north")
    return [*(float(known[s].min()) for s in least), *(float(known[s].max()) for s in most)]


def _interval(table: Any) -> list[int] | None:
    known = table[table["from"] != NEVER]
    return [int(known["from"].min()), int(known["until"].max())] if len(known) else None


if __name__ == "__main__":
    if len(sys.argv) > 2:
        prepare_public(*map(Path, sys.argv[1:4]))
    else:
        prepare(Path(sys.argv[1]))
