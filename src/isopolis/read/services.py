"""[[places]] of city.toml → `Places`, one per kind of service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from isopolis.model import DataError, Places, Problem, Problems
from isopolis.model.text import phrase, phrases

from .access_places import Box, to_degrees
from .access_tables import named_table, numbers_of, own
from .columns import Table
from .config import CityConfig
from .config_access import PlacesConfig
from .ids import match
from .numbers import Decimal, table_decimal
from .service_rows import Zoned, counted_places, listed_places
from .source_files import existing_file

__all__ = ["Zoned", "read_services"]

Floats = npt.NDArray[np.float64]
Texts = npt.NDArray[np.object_]


@dataclass(slots=True)
class _Rows:
    """Places of one kind while they are collected from several tables."""

    parts: list[dict[str, npt.NDArray[np.generic]]] = field(default_factory=list)
    caveats: list[Problem] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    term: str = ""


def read_services(
    config: CityConfig,
    sections: Sequence[PlacesConfig],
    zoned: Zoned,
    box: Box | None,
    problems: Problems,
) -> tuple[Places, ...]:
    """Read every table of services.

    Parameters
    ----------
    config : CityConfig
    sections : sequence of PlacesConfig
    zoned : Zoned
        Zones that places may be counted in.
    box : Box or None
        Where the city lies.
    problems : Problems
        Receives everything found; fatal: unknown columns, a wrong reference system, repeated ids.

    Returns
    -------
    tuple of Places
        One per kind, in the order of the tables. Caveats of one table stand at the kinds in it.
    """
    kinds: dict[str, _Rows] = {}
    for section in sections:
        mine = Problems()
        found = _read(config, section, zoned, box, mine)
        told = _without_echoes(mine)
        for problem in told:
            problems.add(problem)
        caveats = [p for p in told if not p.fatal]
        for kind, part in found.items():
            rows = kinds.setdefault(kind, _Rows())
            rows.parts.append(part)
            rows.caveats += caveats
            rows.sources.append(section.file)
            rows.term = rows.term or section.terms.get(kind, "")
    return tuple(made for kind, rows in kinds.items() if (made := _made(kind, rows, problems)) is not None)


def _without_echoes(problems: Problems) -> list[Problem]:
    """Leave out that places have no coordinates where their reference system was refused: they have some."""
    refused = any(p.code in ("wrong-crs", "unknown-crs") for p in problems)
    echoes = ("place-without-place", "place-by-zone-only") if refused else ()
    return [p for p in problems if p.code not in echoes]


def _made(kind: str, rows: _Rows, problems: Problems) -> Places | None:
    names = {n for part in rows.parts for n in part}
    columns = {n: _joined(n, rows.parts) for n in names}
    ids = columns["ids"]
    repeated = {i for i in ids.tolist() if ids.tolist().count(i) > 1} if len(set(ids)) < len(ids) else set()
    if repeated:
        problems.error(
            "repeated-place",
            phrase('two tables have places of the kind "{kind}" with the same id', kind=kind),
            file=", ".join(rows.sources),
            value=str(min(repeated)),
            count=len(repeated),
            hint=phrase("Leave out one of the tables, or give its places ids of their own."),
        )
        return None
    source = ", ".join(dict.fromkeys(rows.sources))
    told = {"term": rows.term, "caveats": tuple(rows.caveats), "source": source}
    return Places(kind, **told, **columns)  # type: ignore[arg-type]


_EMPTY: Mapping[str, object] = {
    "hours": "", "booking": "", "eligibility": "", "zone": "", "languages": (), "step_free": -1,
    "capacity": np.nan, "fee": np.nan,
}  # fmt: skip


def _joined(name: str, parts: list[dict[str, npt.NDArray[np.generic]]]) -> npt.NDArray[np.generic]:
    """One column of all parts; what a table does not say is not known."""
    arrays = []
    for part in parts:
        if name in part:
            arrays.append(part[name])
        else:
            filler = np.empty(len(part["ids"]), dtype=object)
            filler[:] = [_EMPTY[name]] * len(filler)
            arrays.append(filler)
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


# -- one table ----------------------------------------------------------------
def _read(
    config: CityConfig, section: PlacesConfig, zoned: Zoned, box: Box | None, problems: Problems
) -> dict[str, dict[str, npt.NDArray[np.generic]]]:
    place = f"[[{section.section}]] number {section.number}"
    how = {k: getattr(section, k) for k in ("encoding", "delimiter", "sheet", "layer")}
    table = named_table(config, section.file, section.needed(), place, problems, where=section.where, **how)
    if table is None:
        return {}
    drawn = _drawn(config, section, table, problems)
    crs = section.crs
    if section.x:
        mark = _mark(table, section)
        x, y = (_coordinate(table, c, mark, problems) for c in (section.x, section.y))
        names = (section.x, section.y)
    elif drawn is not None:
        x, y, own_crs = drawn
        crs, names = section.crs or own_crs, ("geometry", "geometry")
    else:
        x = y = np.full(len(table), np.nan)
        names = ("", "")
    lon, lat = to_degrees(x, y, crs, box, names, table, problems)
    zone, row = _zones(table, section, zoned, problems)
    numbers = (*section.columns, section.amount)
    decimal = table_decimal(table, section.decimal, [c for c in numbers if c])
    if section.columns:
        return counted_places(table, section, decimal, lon, lat, zone, row, zoned, problems)
    return listed_places(table, section, decimal, lon, lat, zone, problems)


def _mark(table: Table, section: PlacesConfig) -> Decimal:
    """Decimal mark of the coordinates, which may differ from that of the fees beside them.

    Degrees with three decimals look like thousands, and nobody writes thousands in coordinates.
    """
    found = table_decimal(table, section.decimal, (section.x, section.y))
    if found.why in ("ambiguous", "thousands"):
        texts = [str(t) for c in (section.x, section.y) for t in table[c].coded()[1]]
        mark = "," if any("," in t for t in texts) and not any("." in t for t in texts) else "."
        return Decimal(mark, "evidence", found.examples)
    return found


def _coordinate(table: Table, column: str, decimal: Decimal, problems: Problems) -> Floats:
    values, wrong = numbers_of(table, column, decimal)
    if wrong.any():
        rows = np.flatnonzero(wrong)
        problems.caveat(
            "bad-coordinate",
            phrases("a coordinate is no number", "{n} coordinates are no numbers", len(rows)),
            file=table.file,
            column=column,
            rows=table.shown(rows),
            count=len(rows),
            value=table[column].at(int(rows[0])),
        )
    return values


def _drawn(
    config: CityConfig, section: PlacesConfig, table: Table, problems: Problems
) -> tuple[Floats, Floats, str] | None:
    """Points of a file that carries them itself; a point inside of each area."""
    from .tables import is_outline_file

    try:
        path = existing_file(config, section.file)
        if section.x or not is_outline_file(path):
            return None
        import shapely

        from .zones import read_layer

        layer = read_layer(path, path.name, section.layer)
    except DataError as error:
        own(problems, error)
        return None
    kept = layer.geometry[table.row_numbers - 2]
    # a point stays itself; an area gets a point that lies in it
    point = shapely.point_on_surface(kept)
    return shapely.get_x(point), shapely.get_y(point), layer.crs


def _zones(
    table: Table, section: PlacesConfig, zoned: Zoned, problems: Problems
) -> tuple[Texts, npt.NDArray[np.int64]]:
    """(n,) id of each row's zone as the city writes it, empty where unknown, and its position or -1."""
    if not section.zone:
        return np.full(len(table), "", dtype=object), np.full(len(table), -1)
    codes, texts = table[section.zone].coded()
    found = [str(texts[c]) for c in np.unique(codes) if texts[c] != ""]
    matched = match(found, [str(i) for i in zoned.ids]).to
    index = {str(z): i for i, z in enumerate(zoned.ids)}
    where = np.array([index.get(matched.get(str(t), ""), -1) for t in texts], dtype=np.int64)
    row = where[codes] if len(texts) else np.empty(0, dtype=np.int64)
    strange = np.flatnonzero((row < 0) & (texts != "")[codes])
    if len(strange):
        problems.caveat(
            "unknown-zone",
            phrases(
                "the zone of a row is none of the city's",
                "the zones of {n} rows are none of the city's",
                len(strange),
            ),
            file=table.file,
            column=section.zone,
            rows=table.shown(strange),
            count=len(strange),
            value=table[section.zone].at(int(strange[0])),
        )
    ids = np.where(row >= 0, zoned.ids[np.maximum(row, 0)] if len(zoned.ids) else "", "").astype(object)
    return ids, row
