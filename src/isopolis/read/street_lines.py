"""Streets from a layer of lines: GeoPackage, GeoJSON, Shapefile, GeoParquet.

A feature is a way. Its ends are joined to other features by columns of node ids, or where they have none by
their place. Points between the ends become vertices of their own, since the edges of `Streets` are straight.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from isopolis.model import Problems, near
from isopolis.model.streets import Streets
from isopolis.model.text import Number, phrase, phrases

from .archives import readable_place
from .columns import Column, Table
from .failure import fail, guarded
from .osm_network import millimetres, say_parts
from .street_lines_places import points, vertices, whole
from .zones import Layer, read_layer

__all__ = ["StreetsConfig", "read_lines"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]

_HINT = phrase("The file may be cut off or of another format; get it again.")
_UNKNOWN = frozenset({"", "unknown", "nan", "none", "null", "n/a", "na", "?", "..", "<na>"})
_UNIT = re.compile(r"(.+?)_(m|cm|pct|percent|kmh)")
_NAMES = {"steps": "step_count", "slope": "incline", "speed": "maxspeed", "bridge": "bridge"}
_LONGEST = 2_000_000.0  # metres, what whole millimetres in 32 bits hold
_RATIO = (0.5, 2.0)  # of stated to drawn lengths, beyond which the unit must be another


@dataclass(frozen=True, slots=True)
class StreetsConfig:
    """What a folder says of its layer of streets.

    Parameters
    ----------
    file : Path
    layer : str
        May be left out when the file has one layer of lines.
    id : str
        Column of the ids of features; without it they are numbered.
    start, end : str
        Columns with the ids of the nodes at the first and at the last point of each line. Without them, lines
        are joined where their ends lie within a centimetre.
    length : str
        Column of lengths in metres; without it the lines are measured.
    tags : tuple of str, or mapping of column to key
        Columns that hold tags. A mapping says the key of OpenStreetMap; without one the key is the name of
        the column, where ``width_m`` means ``width`` in metres, ``incline_pct`` means ``incline`` in per
        cent and ``steps`` means ``step_count``.
    crs : str
        Reference system, when the file names none or a wrong one.
    """

    file: Path
    layer: str = ""
    id: str = ""
    start: str = ""
    end: str = ""
    length: str = ""
    tags: tuple[str, ...] | Mapping[str, str] = field(default_factory=tuple)
    crs: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "file", Path(self.file))
        if isinstance(self.tags, Mapping):
            object.__setattr__(self, "tags", MappingProxyType(dict(self.tags)))
        else:
            object.__setattr__(self, "tags", tuple(self.tags))


def read_lines(
    path: Path, config: StreetsConfig | None = None, *, problems: Problems | None = None
) -> Streets:
    """Read streets from a layer of lines.

    Parameters
    ----------
    path : Path
        GeoPackage, GeoJSON, Shapefile, FlatGeobuf or GeoParquet, also in a ``.zip``.
    config : StreetsConfig, optional
        Which columns mean what; its `file` is not looked at. Without it, every column is a tag.
    problems : Problems, optional
        A notebook that caveats are written into as well; `Streets.caveats` always has them.

    Returns
    -------
    Streets
        In WGS84. Values such as ``unknown`` and empty cells mean that there is no such tag. Stated lengths
        are shared out over the pieces of a line in proportion to what is drawn, to the millimetre.

    Raises
    ------
    DataError
        If the file is missing, damaged, has no lines or an unknown layer, column or reference system, or if
        lengths are negative or in another unit; all problems together.
    """
    path = Path(path)
    config = config or StreetsConfig(path)
    notes, file = Problems(), path.name
    layer = _layer(path, config.layer)
    _check_columns(layer.table, config, notes, file)
    notes.raise_if_fatal()
    drawn = points(layer, config.crs, file, notes)
    vertex, ids, lon, lat = vertices(drawn, layer.table, config.start, config.end, file, notes)
    inside = drawn.line[:-1] == drawn.line[1:]
    tail, head, row = vertex[:-1][inside], vertex[1:][inside], drawn.row[:-1][inside]
    length = millimetres(lon, lat, tail, head).astype(np.int64)
    loop = tail == head
    if config.length:
        length = _stated(layer.table, config.length, row, length, file, notes)
    notes.raise_if_fatal()
    tail, head, row, length = tail[~loop], head[~loop], row[~loop], length[~loop]
    if not len(tail):
        fail("no-streets", phrase("no line of the file has two different points"), file=file)
    kept, way = np.unique(row, return_inverse=True)
    used, ends = np.unique(np.concatenate([tail, head]), return_inverse=True)
    tail, head = np.split(ends.ravel(), 2)
    say_parts(len(used), tail, head, file, notes)
    streets = Streets(
        node_ids=ids[used],
        lon=lon[used],
        lat=lat[used],
        tail=tail.astype(np.int32),
        head=head.astype(np.int32),
        length=length.astype(np.int32),
        way=way.ravel().astype(np.int32),
        way_ids=_way_ids(layer.table, config.id, kept),
        way_tags=_tags(layer.table, config, kept),
        tagged=np.empty(0, dtype=np.int32),
        node_tags={},
        caveats=tuple(notes),
        source=file,
    )
    if problems is not None:
        for problem in streets.caveats:
            problems.add(problem)
    return streets


# -- the layer and its columns --------------------------------------------------------------------------
def _layer(path: Path, wanted: str) -> Layer:
    file = path.name
    if path.is_file() and path.stat().st_size and path.suffix.lower() not in (".parquet", ".geoparquet"):
        with guarded(file, phrase("a file of lines"), _HINT), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            wanted = _choose(readable_place(path, file), wanted, file)
    found = read_layer(path, file, wanted)
    import shapely

    kinds = shapely.get_type_id(found.geometry)
    if not np.isin(kinds, (1, 2, 5)).any():  # LineString, LinearRing, MultiLineString
        fail(
            "no-lines",
            phrase("the file has no lines"),
            file=file,
            hint=phrase("Streets are lines; take the layer that has them."),
        )
    return found


def _choose(source: str, wanted: str, file: str) -> str:
    """Take the layer of lines, when there is one, and see that it has features."""
    import pyogrio

    layers = [(str(n), str(kind)) for n, kind in pyogrio.list_layers(source)]
    names = [n for n, _ in layers]
    if wanted and wanted not in names:
        fail(
            "unknown-layer",
            phrase(
                'there is no layer "{wanted}": {suggestion}', wanted=wanted, suggestion=near(wanted, names)
            ),
            file=file,
            hint=phrase('Correct layer = "..." under [streets] in city.toml.'),
        )
    lines = [n for n, kind in layers if "Line" in kind or kind in ("Unknown", "GeometryCollection")]
    if not wanted and not lines:
        fail("no-lines", phrase("the file has no layer of lines"), file=file)
    if not wanted and len(lines) > 1:
        fail(
            "several-layers",
            phrase("the file has several layers of lines: {listed}", listed=", ".join(lines[:8])),
            file=file,
            hint=phrase('Write layer = "..." under [streets] in city.toml.'),
        )
    chosen = wanted or lines[0]
    if pyogrio.read_info(source, layer=chosen, force_feature_count=True)["features"] == 0:
        fail("empty-file", phrase("the layer has no lines"), file=file, hint=phrase("Export it again."))
    return chosen


def _check_columns(table: Table, config: StreetsConfig, notes: Problems, file: str) -> None:
    """Write down every column that is asked for and not there."""
    there = list(table.columns)
    for key, names in (
        ("id", (config.id,)), ("start", (config.start,)), ("end", (config.end,)),
        ("length", (config.length,)), ("tags", tuple(config.tags)),
    ):  # fmt: skip
        for name in names:
            if name and name not in table.columns:
                notes.error(
                    "unknown-column",
                    phrase(
                        'there is no column "{name}": {suggestion}', name=name, suggestion=near(name, there)
                    ),
                    file=file,
                    hint=phrase("Correct {key} under [streets] in city.toml.", key=key),
                )
    if bool(config.start) != bool(config.end):
        notes.error(
            "half-nodes",
            phrase("only one end of the streets has a column of nodes"),
            file=file,
            rule=phrase("start and end, or neither: then lines are joined where they meet"),
        )


def _tags(table: Table, config: StreetsConfig, rows: Ints) -> dict[str, Texts]:
    """Tags of the kept rows by their key in OpenStreetMap."""
    out: dict[str, Texts] = {}
    plain = () if not config.tags else config.tags
    special = {config.id, config.start, config.end, config.length}
    names = list(plain) or [c for c in table.columns if c not in special]
    for name in names:
        key, unit = (plain[name], "") if isinstance(plain, Mapping) else (name, "")
        if not isinstance(plain, Mapping) and (found := _UNIT.fullmatch(name)):
            key, unit = found[1], found[2]
        key = key if isinstance(plain, Mapping) else _NAMES.get(key, key)
        if isinstance(plain, Mapping) and (found := _UNIT.fullmatch(name)):
            unit = found[2]
        values = _values(table.columns[name], key, unit)[rows]
        if (values != "").any():
            # a second column with the same key fills what the first leaves open
            out[key] = np.where(out[key] == "", values, out[key]) if key in out else values
    return out


def _values(column: Column, key: str, unit: str) -> Texts:
    """(n,) values of one column, empty where nothing is known."""
    codes, texts = column.coded()
    known = np.array([_value(t, key, unit) for t in texts.tolist()] or [""], dtype=object)
    out: Texts = known[codes] if len(texts) else np.full(len(column), "", dtype=object)
    return out


def _value(text: str, key: str, unit: str) -> str:
    if text.strip().lower() in _UNKNOWN:
        return ""
    if text in ("True", "False"):
        return "yes" if text == "True" else "no"
    if key == "step_count" and text in ("0", "0.0", "no"):
        return ""  # no steps are no count of steps
    if unit in ("pct", "percent"):
        return f"{text}%"
    return _metres(text) if unit == "cm" else text


def _metres(text: str) -> str:
    try:
        return f"{float(text) / 100:g}"
    except ValueError:
        return text


def _way_ids(table: Table, column: str, rows: Ints) -> Ints:
    """Ids of features where they are unique whole numbers; their row numbers otherwise."""
    if column:
        found = whole(table.columns[column])
        if found is not None and len(np.unique(found)) == len(found):
            return found[rows]
    return rows + 1


# -- lengths ------------------------------------------------------------------------------------------
def _stated(table: Table, name: str, row: Ints, drawn: Ints, file: str, notes: Problems) -> Ints:
    """Lengths as the column states them, in millimetres over the pieces of each line."""
    codes, texts = table.columns[name].coded()
    parsed, strange = np.full(len(texts) or 1, np.nan), []
    for i, text in enumerate(texts.tolist()):
        try:
            parsed[i] = np.nan if text.lower() in _UNKNOWN else float(text)
        except ValueError:
            strange.append(i)
    metres = parsed[codes]
    rule = phrase("metres above 0, as a plain number")
    for bad, code in (
        (np.isin(codes, strange), "no-number"),
        (metres <= 0, "no-length"),
        (metres > _LONGEST, "no-length"),
    ):
        if bad.any():
            rows = np.flatnonzero(bad)
            notes.error(
                code,
                phrases("{n} length is not one", "{n} lengths are not lengths", len(rows)),
                file=file,
                column=name,
                rows=tuple(int(r) + 2 for r in rows[:5]),
                count=len(rows),
                value=str(texts[codes[rows[0]]]),
                rule=rule,
            )
    notes.raise_if_fatal()
    total = np.bincount(row, weights=drawn.astype(float), minlength=len(codes))
    known = np.isfinite(metres) & (total > 0)
    if (~known).any():
        many = int((~known).sum())
        notes.caveat(
            "length-measured",
            phrases(
                "{n} line without a length was measured", "{n} lines without a length were measured", many
            ),
            file=file,
            column=name,
            count=many,
        )
    ratio = metres[known] * 1000 / total[known]
    if len(ratio) and not _RATIO[0] <= float(np.median(ratio)) <= _RATIO[1]:
        notes.error(
            "length-unit",
            phrase("the lengths are {ratio} times what is drawn", ratio=Number(f"{np.median(ratio):.3g}")),
            file=file,
            column=name,
            rule=rule,
            hint=phrase("Correct the column or the reference system, or leave length out under [streets]."),
        )
        return drawn
    want: Floats = np.where(known, np.rint(np.nan_to_num(metres) * 1000), total)
    return _shared(want, row, drawn, total.astype(float))


def _shared(want: Floats, row: Ints, drawn: Ints, total: Floats) -> Ints:
    """Share whole millimetres out over the pieces of each line, so that they sum to what is wanted."""
    order = np.argsort(row, kind="stable")
    walked = np.cumsum(drawn[order].astype(float))
    before = np.concatenate([[0.0], np.cumsum(total)])[row[order]]
    until = np.rint((walked - before) / total[row[order]] * want[row[order]])
    since = np.concatenate([[0.0], until[:-1]])
    since[np.diff(row[order], prepend=-1) != 0] = 0.0
    out = np.empty(len(row), dtype=np.int64)
    out[order] = np.maximum(until - since, 1).astype(np.int64)
    return out
