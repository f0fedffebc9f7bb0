"""Where people start from: the zones of a city, or points finer than they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from isopolis.model import City, Counts, DataError, Dimension, Origins, Problems, near
from isopolis.model.text import phrase, phrases

from .access_tables import named_table, numbers_of, own
from .city import city_from
from .config import CityConfig, DimensionConfig, TableConfig, ZonesConfig
from .config_access import DigitalConfig, OriginsConfig
from .ids import match
from .numbers import table_decimal
from .vocabulary import known_dimension
from .wording import named_zones

__all__ = ["origins_of", "with_digital"]

Floats = npt.NDArray[np.float64]

UNKNOWN_CLASS = "unknown"
"""Category of people whose zone has no class: a state of its own, in no order with the others."""


def origins_of(city: City, config: CityConfig, section: OriginsConfig, problems: Problems) -> Origins:
    """Make the origins of a city.

    Parameters
    ----------
    city : City
    config : CityConfig
        Whose folder the file of points is relative to.
    section : OriginsConfig
        Without a file, the city's zones.
    problems : Problems
        Receives zones without a place, and what classes of zones mean.

    Returns
    -------
    Origins
        Points inside of the outlines, in degrees; of each set of dimensions the newest table.
    """
    if section.file:
        points = _points(config, section, problems)
        city = city if points is None else points
    lon, lat = _degrees(city, problems)
    counts = _newest(city.counts)
    columns = {k: np.asarray(v, dtype=np.float64) for k, v in city.context.items()}
    columns = _newest_columns(columns)
    for name in section.classes:
        made = _class(name, columns, counts, problems)
        if made is not None:
            counts = (*counts, made)
    drawn = None if city.zones.area is None else city.zones.geometry
    return Origins(
        city.zones.ids,
        city.zones.names,  # type: ignore[arg-type]
        lon,
        lat,
        counts,
        columns,
        drawn,
        city.zones.crs,
        city.zones.kind,
    )


def _points(config: CityConfig, section: OriginsConfig, problems: Problems) -> City | None:
    """Read points of people as a city whose zones are points: the same repairs, the same refusals."""
    columns = [(n, c) for n, c in section.dimensions.items()]
    dimensions = tuple(
        DimensionConfig(n, c, total=section.total, ordered=bool((w := known_dimension([n])) and w.ordered))
        for n, c in columns
    )
    table = TableConfig(
        section.file,
        "wide",
        section.id,
        date=section.date,
        source=section.source,
        total=section.total,
        context=section.context,
        dimensions=dimensions,
    )
    zones = ZonesConfig(section.file, "", section.id, section.name, section.kind, x=section.x, y=section.y)
    try:
        made = city_from(replace(config, zones=zones, tables=(table,), crs=section.crs))
    except DataError as error:
        own(problems, error)
        return None
    for problem in made.caveats:
        problems.add(problem)
    return made


def _degrees(city: City, problems: Problems) -> tuple[Floats, Floats]:
    """(Z,) longitude and latitude of a point inside of each zone; NaN without an outline."""
    zones = city.zones
    lon, lat = np.full(len(zones), np.nan), np.full(len(zones), np.nan)
    if zones.geometry is None:
        problems.caveat(
            "no-outlines",
            phrase("the zones have neither outlines nor points, so nobody knows where people start from"),
            hint=phrase("Name a file of outlines under [zones], or use a table of travel times."),
        )
        return lon, lat
    if not zones.crs:
        problems.caveat(
            "no-crs",
            phrase(
                "the reference system of the zones is not known, so they cannot be laid over streets or "
                "services"
            ),
            hint=phrase('Write crs = "EPSG:..." in city.toml.'),
        )
        return lon, lat
    import shapely
    from pyproj import Transformer

    # inside of the outline, unlike the centre of gravity of a crescent
    point = shapely.point_on_surface(zones.geometry)
    x, y = shapely.get_x(point), shapely.get_y(point)
    good = np.isfinite(x) & np.isfinite(y)
    lon[good], lat[good] = Transformer.from_crs(zones.crs, "EPSG:4326", always_xy=True).transform(
        x[good], y[good]
    )
    nowhere = [str(i) for i in zones.ids[~good]]
    if nowhere:
        problems.caveat(
            "origin-without-place",
            phrases(
                "{zones} has no outline: its people are counted, and nobody can say what they reach",
                "{zones} have no outline: their people are counted, and nobody can say what they reach",
                len(nowhere),
                zones=named_zones(nowhere),
            ),
            count=len(nowhere),
        )
    return lon, lat


def _newest(tables: tuple[Counts, ...]) -> tuple[Counts, ...]:
    """Of each set of dimensions and people the newest table, in the order of the city."""
    best: dict[tuple[object, ...], Counts] = {}
    for table in tables:
        key = (frozenset(d.name for d in table.dimensions), table.universe)
        if key not in best or table.date > best[key].date:
            best[key] = table
    return tuple(best.values())


def _newest_columns(columns: dict[str, Floats]) -> dict[str, Floats]:
    """Of columns that are stated at several dates the newest, under their own name."""
    out: dict[str, Floats] = {}
    dates: dict[str, str] = {}
    for name, values in columns.items():
        plain, _, date = name.partition(" at ")
        if plain not in out or date > dates[plain]:
            out[plain], dates[plain] = values, date
    return out


def _class(
    name: str, columns: dict[str, Floats], counts: tuple[Counts, ...], problems: Problems
) -> Counts | None:
    """Count everybody of a zone in the class of the zone; people of zones without one are ``unknown``."""
    if name not in columns:
        problems.error(
            "unknown-column",
            phrase('no column of the zones is called "{column}": {suggestion}', column=name,
                   suggestion=near(name, columns)),
            file="city.toml",
            column="classes",
            hint=phrase("Name it under context in [[tables]] of city.toml too."),
        )  # fmt: skip
        return None
    if not counts:
        return None
    residents = [c for c in counts if c.universe.startswith("residents")] or list(counts)
    everyone = min(residents, key=lambda c: (c.values.ndim, c.universe != "residents")).margin()
    column = columns[name]
    known = np.isfinite(column)
    classes = np.unique(column[known])
    if len(classes) > 40:
        problems.error(
            "too-many-classes",
            phrase('"{column}" has {n} different values, which are no classes', column=name, n=len(classes)),
            file="city.toml",
            column="classes",
            hint=phrase("Take it out of classes under [origins]."),
        )
        return None
    labels = [f"{v:g}" for v in classes]
    rest = not known.all()
    categories = (*labels, UNKNOWN_CLASS) if rest else tuple(labels)
    inside = np.zeros((len(column), len(categories)), dtype=bool)
    inside[known, np.searchsorted(classes, column[known])] = True
    if rest:
        inside[~known, -1] = True
    problems.caveat(
        "class-of-zones",
        phrase(
            'everybody of a zone was counted in its "{column}": whoever differs from the neighbours '
            "stands in the wrong class",
            column=name,
        ),
        column=name,
        hint=phrase("Read differences between these classes as differences between areas."),
    )
    return _spread(everyone, name, categories, inside, ordered=not rest)


def _spread(
    everyone: Counts, name: str, categories: tuple[str, ...], inside: npt.NDArray[np.bool_], *, ordered: bool
) -> Counts:
    """Counts by class: all people of a zone in its class, as they were observed; 0 for sure elsewhere."""
    word = known_dimension([name])
    labels = {UNKNOWN_CLASS: phrase("not known")} if UNKNOWN_CLASS in categories else {}
    dimension = Dimension(
        name, categories, labels=labels, ordered=ordered, ground=word.ground if word else "",
        sensitive=bool(word and word.sensitive),
    )  # fmt: skip

    def filled(array: Floats | None) -> Floats | None:
        return None if array is None else np.where(inside, array[:, None], 0.0)

    return replace(
        everyone,
        dimensions=(dimension,),
        values=np.where(inside, everyone.values[:, None], 0.0),
        mechanism=np.where(inside, everyone.mechanism[:, None], np.uint8(0)),
        lower=filled(everyone.lower),
        upper=filled(everyone.upper),
        se=filled(everyone.se),
    )


def with_digital(origins: Origins, config: CityConfig, section: DigitalConfig, problems: Problems) -> Origins:
    """Add shares of coverage and use as columns of the origins, NaN where not known.

    Parameters
    ----------
    origins : Origins
    config : CityConfig
    section : DigitalConfig
    problems : Problems
    """
    needed = (section.zone, *section.columns)
    table = named_table(config, section.file, needed, "[digital]", problems)
    if table is None:
        return origins
    decimal = table_decimal(table, columns=section.columns)
    texts = table[section.zone].text()
    matched = match([str(t) for t in dict.fromkeys(texts)], [str(i) for i in origins.ids]).to
    index = {str(i): k for k, i in enumerate(origins.ids)}
    row = np.array([index.get(matched.get(str(t), ""), -1) for t in texts], dtype=np.int64)
    columns = dict(origins.columns)
    for name in section.columns:
        values, wrong = numbers_of(table, name, decimal)
        with np.errstate(invalid="ignore"):
            wrong = wrong | (values < 0) | (values > 100)
        values = np.where(wrong, np.nan, values)
        out = np.full(len(origins), np.nan)
        out[row[row >= 0]] = values[row >= 0]
        columns[name] = out
        lost = int(wrong.sum())
        if lost:
            problems.caveat(
                "bad-share",
                phrases(
                    "a cell is no share and is not known", "{n} cells are no shares and are not known", lost
                ),
                file=table.file,
                column=name,
                count=lost,
            )
    return replace(origins, columns=columns)
