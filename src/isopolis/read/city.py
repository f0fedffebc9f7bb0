"""A city's files → `City`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from isopolis.model import (
    CallError,
    City,
    Counts,
    DataError,
    Problem,
    Problems,
    Zones,
    near,
)
from isopolis.model.text import phrase, phrases

from .config import CityConfig, TableConfig
from .config_file import load_config
from .context import context_of, parents_of, zone_names
from .counts_long import read_long
from .counts_wide import Sheet, read_wide
from .outlines import give_back_strays
from .sheet_rows import Rows, index_dates, index_zones, read_rows, without_totals
from .source_files import existing_file, file_of, sources_of
from .tables import read_table
from .together import compare_zones, one_each
from .wording import many
from .zones import ZoneFile, read_zones

__all__ = ["Progress", "city_from", "read_city"]

Progress = Callable[[str], None]
Objects = npt.NDArray[np.object_]


def read_city(
    path: str | Path,
    *,
    groups: list[str] | tuple[str, ...] | None = None,
    total: str | None = None,
    zone: str | None = None,
    progress: Progress | None = None,
) -> City:
    """Read a city.

    Parameters
    ----------
    path : str or Path
        A folder with or without ``city.toml`` (without one, its layout is
        guessed and a caveat says how), a ``city.toml``, or one file of zones
        with columns of counts.
    groups : list of str, optional
        Columns of a single file that form one dimension, ``group``.
    total : str, optional
        Column of everyone in a single file.
    zone : str, optional
        Column of the zone ids in a single file.
    progress : callable, optional
        Receives one line per step.

    Returns
    -------
    City

    Raises
    ------
    DataError
        With every problem found in the files.
    CallError
        If there is no such path, or `groups` are given for a folder.
    """
    path = Path(path)
    say = progress or (lambda _: None)
    if not path.exists():
        raise CallError(f"there is no file or folder {path}")
    if path.is_dir():
        if groups or total:
            raise CallError(
                "groups and total name columns of a single file; a folder says them in its city.toml"
            )
        return _read_folder(path, say)
    if path.suffix.lower() == ".toml":
        return city_from(load_config(path), say)
    from .single import single_file_config

    config, found = single_file_config(path, groups, total, zone)
    return city_from(config, say, found)


def _read_folder(folder: Path, say: Progress) -> City:
    toml = folder / "city.toml"
    if toml.is_file():
        return city_from(load_config(toml), say)
    from .guess import guess, guesses_in_words

    say("no city.toml: guessing the layout")
    found = guess(folder)
    guessed = Problem(
        "guessed",
        phrase("the folder has no city.toml; this was guessed: {guesses}", guesses=guesses_in_words(found)),
        fatal=False,
        hint=phrase("Run `isopolis init` on the folder to see and correct it."),
    )
    return city_from(found.config, say, (guessed,))


def city_from(config: CityConfig, say: Progress | None = None, found: tuple[Problem, ...] = ()) -> City:
    """Read what a configuration describes.

    Raises
    ------
    DataError
        With every problem of every file.
    """
    say = _once(say or (lambda _: None))
    problems = Problems()
    for problem in found:
        problems.add(problem)
    zones = _zones(config, problems, say)
    ids: dict[str, int] = {str(z): i for i, z in enumerate(zones.ids)} if zones else {}
    rows = [r for t in config.tables if (r := _rows(config, t, frozenset(ids), problems, say)) is not None]
    sheets = [(r, _placed(r, ids, zones, problems)) for r in rows if r.config.level == "zone"]
    stop(problems)
    all_ids = np.array(list(ids), dtype=object)
    ready = [_sheet(r, z, all_ids, problems) for r, z in sheets]
    stop(problems)
    counts = [c for s in ready for c in _counts(s, problems)]
    survey = [c for r in rows if r.config.level == "city" for c in _survey(r, config, problems)]
    context = context_of(ready, problems)
    stop(problems)
    if not counts:
        problems.error(
            "nothing-counted",
            phrase("no table holds counts of people by zone"),
            hint=phrase("Name a table of counts in city.toml."),
        )
        stop(problems)
    counts = one_each(counts, problems)
    compare_zones(all_ids, zones, counts, ready, problems)
    stop(problems)
    made = _make_zones(config, zones, all_ids, ready, counts, problems)
    stop(problems)
    return City(
        name=config.name,
        zones=made,
        counts=tuple(counts),
        code=config.code,
        country=config.country,
        survey=tuple(survey),
        sources=sources_of(config),
        caveats=tuple(problems),
        notes=config.notes,
        context=context,
        units={c: u for t in config.tables for c, u in t.units.items()},
    )


def _once(say: Progress) -> Progress:
    """Tell each step once: a file with several tables is read for each of them."""
    told: set[str] = set()

    def tell(step: str) -> None:
        if step not in told:
            told.add(step)
            say(step)

    return tell


def stop(problems: Problems) -> None:
    """Raise once, with everything found so far, when something is fatal."""
    if any(p.fatal for p in problems):
        raise DataError(problems)


def _collect(error: DataError, problems: Problems) -> None:
    for problem in error.problems:
        problems.add(problem)


# -- files ---------------------------------------------------------------
def _zones(config: CityConfig, problems: Problems, say: Progress) -> ZoneFile | None:
    asked = config.zones
    if not asked.file:
        return None
    path = file_of(config, asked.file)
    say(f"reading {path.name}")
    try:
        existing_file(config, asked.file)
        return read_zones(
            path,
            path.name,
            id_column=asked.id,
            layer=asked.layer,
            crs=config.crs,
            xy=(asked.x, asked.y) if asked.x else None,
            problems=problems,
        )
    except DataError as error:
        _collect(error, problems)
        return None


def _rows(
    config: CityConfig, table: TableConfig, known: frozenset[str], problems: Problems, say: Progress
) -> Rows | None:
    path = file_of(config, table.file)
    say(f"reading {path.name}")
    parents = [p.column for p in config.zones.parents if p.column]
    file = f'{path.name}, sheet "{table.sheet}"' if table.sheet else path.name
    wanted = (*table.needed(), *parents, config.zones.name) if table.layout == "long" else ()
    try:
        existing_file(config, table.file)
        read = read_table(
            path,
            file=file,
            encoding=table.encoding,
            delimiter=table.delimiter,
            sheet=table.sheet,
            layer=table.layer,
            columns=tuple(c for c in wanted if c),
            problems=problems,
        )
        missing = [c for c in table.needed() if c not in read.columns]
        for column in missing:
            problems.error(
                "unknown-column",
                phrase(
                    'there is no column "{column}": {suggestion}',
                    column=column,
                    suggestion=near(column, read.columns),
                ),
                file=read.file,
                column=column,
                hint=phrase(
                    "Correct [[tables]] number {number} in {origin}.",
                    number=table.number,
                    origin=config.origin,
                ),
            )
        if missing:
            return None
        if not len(read):
            problems.error(
                "no-rows",
                phrase("the table has a heading and no rows"),
                file=read.file,
                hint=phrase("Export it again."),
            )
            return None
        return without_totals(read_rows(read, table, problems), known, problems)
    except DataError as error:
        _collect(error, problems)
        return None


def _placed(
    rows: Rows, ids: dict[str, int], zones: ZoneFile | None, problems: Problems
) -> npt.NDArray[np.int64]:
    before = len(ids)
    zone = index_zones(rows, ids, problems)
    present = np.unique(zone[zone >= 0])
    matched = int((present < before).sum())
    if before and len(present) and (matched == 0 or (zones is not None and matched < 0.1 * len(present))):
        other = zones.table.file if zones else "the other tables"
        known = list(ids)[:3]
        problems.error(
            "no-match",
            phrases(
                "only {matched} of {many} of this table is known from {other}, where they look like {listed}",
                "only {matched} of {many} of this table are known from {other}, where they look like "
                "{listed}",
                matched,
                matched=matched,
                many=many(len(present), "zone id"),
                other=other,
                listed=", ".join(known),
            ),
            file=rows.table.file,
            column=rows.config.zone,
            value=rows.table[rows.config.zone].at(0),
            hint=phrase("Check that both use the same column of ids."),
        )
    return zone


def _sheet(rows: Rows, zone: npt.NDArray[np.int64], ids: Objects, problems: Problems) -> Sheet:
    date, dates = index_dates(rows, problems)
    return Sheet(rows.table, rows.config, rows.decimal, zone, ids, date, dates)


def _counts(sheet: Sheet, problems: Problems) -> list[Counts]:
    _say_decimal(sheet, problems)
    if sheet.config.layout == "wide":
        return read_wide(sheet, problems)
    return read_long(sheet, problems) if sheet.config.layout == "long" else []


def _say_decimal(sheet: Sheet, problems: Problems) -> None:
    if sheet.decimal.why == "thousands":
        mark = "," if sheet.decimal.mark == "." else "."
        problems.caveat(
            "thousands-assumed",
            phrase(
                '"{mark}" was read as a thousands separator, because no number of four digits stands '
                "without it",
                mark=mark,
            ),
            file=sheet.table.file,
            value=sheet.decimal.examples[0],
            hint=phrase(
                'Write decimal = "{mark}" for this table in city.toml if it marks decimals.', mark=mark
            ),
        )


def _survey(rows: Rows, config: CityConfig, problems: Problems) -> list[Counts]:
    whole = np.array([config.code or config.name], dtype=object)
    sheet = _sheet(rows, np.zeros(len(rows.table), dtype=np.int64), whole, problems)
    return _counts(sheet, problems)


# -- zones ----------------------------------------------------------------
def _make_zones(
    config: CityConfig,
    zones: ZoneFile | None,
    ids: Objects,
    sheets: list[Sheet],
    counts: list[Counts],
    problems: Problems,
) -> Zones:
    names = zone_names(config.zones.name, zones, sheets, ids, problems)
    parents = parents_of(config.zones.parents, zones, sheets, ids, problems)
    if zones is None:
        return Zones(ids, names, config.zones.kind, parents)
    import shapely

    geometry = np.full(len(ids), None, dtype=object)
    geometry[: len(zones.ids)] = zones.geometry
    counted = np.any([~c.absent.reshape(len(ids), -1).all(axis=1) for c in counts], axis=0)
    homeless = [str(z) for z, g, c in zip(ids, geometry, counted, strict=True) if g is None and c]
    geometry = _with_strays(ids, geometry, homeless, zones, problems)
    centre = shapely.centroid(geometry)
    centroid = np.column_stack([shapely.get_x(centre), shapely.get_y(centre)])
    area = None if zones.points else shapely.area(geometry)
    if area is not None:
        area = np.where(shapely.is_missing(geometry), np.nan, area)
    return Zones(ids, names, config.zones.kind, parents, geometry, zones.crs, area, centroid)


def _with_strays(
    ids: Objects, geometry: Objects, homeless: list[str], zones: ZoneFile, problems: Problems
) -> Objects:
    """Find the right zone for outlines that carry another zone's id."""
    import shapely

    together = geometry.copy()
    for i, more in zones.also.items():
        together[i] = shapely.union_all([geometry[i], *more])
    settled = give_back_strays(ids, together, homeless, zones.table.file, problems, zones.also)
    for i in zones.also:
        if settled[i] is together[i]:
            settled[i] = geometry[i]
    return settled
