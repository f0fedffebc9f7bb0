"""Which files of a folder belong together, and on which ids."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from isopolis.model import DataError, Problem, Problems

from .addresses import address_headings
from .archives import ARCHIVES
from .columns import Table
from .ids import normal
from .not_people import purpose, zone_word
from .profile import Look, Looks, look_at
from .tables import OUTLINE_SUFFIXES, TABLE_SUFFIXES, is_outline_file, read_table
from .total_rows import looks_without_totals
from .vocabulary import words

__all__ = ["FoundFile", "Join", "dates_of", "id_score", "join_files", "scan"]

SAMPLE = 200_000
"""Rows looked at when guessing."""

_NEVER = {"city.toml", "expected.json"}


@dataclass(frozen=True, slots=True, eq=False)
class FoundFile:
    """A readable file of the folder, or one sheet of a workbook with a sheet per year.

    Parameters
    ----------
    name : str
    looks : Looks
        Its columns at a glance, without rows of totals.
    outlines : bool
    crs : str
    sheet, date : str
        Of a workbook with a sheet per date.
    totals : tuple of int
        Rows of totals, as a spreadsheet counts them.
    """

    name: str
    looks: Looks
    outlines: bool
    crs: str = ""
    sheet: str = ""
    date: str = ""
    totals: tuple[int, ...] = ()

    @property
    def title(self) -> str:
        """Name in messages."""
        return f'{self.name}, sheet "{self.sheet}"' if self.sheet else self.name

    @property
    def table(self) -> Table:
        """Its table (the first rows of a long one)."""
        return self.looks.table


@dataclass(frozen=True, slots=True, eq=False)
class Join:
    """Files about the same zones.

    Parameters
    ----------
    zones : FoundFile or None
        The outlines, if any.
    zone_id : str
        Id column of the outlines.
    tables : list of (FoundFile, column)
        Tables with the column that holds zone ids; the outlines' own columns included.
    apart : dict
        Name of a file that is about other zones → why.
    overlap : float
        Share of the tables' ids that the zones have, on average.
    """

    zones: FoundFile | None
    zone_id: str
    tables: list[tuple[FoundFile, str]]
    apart: dict[str, str] = field(default_factory=dict)
    overlap: float = 1.0


def scan(path: Path) -> tuple[list[FoundFile], dict[str, str], list[Problem]]:
    """Read every table and outlines file of a folder (or the one file).

    Returns
    -------
    files, ignored, problems
        `ignored` maps the name of a file to the reason; `problems` are files
        that should be readable and are not.
    """
    files: list[FoundFile] = []
    ignored: dict[str, str] = {}
    broken: list[Problem] = []
    for item in sorted(path.iterdir()) if path.is_dir() else [path]:
        reason = _no_table(item)
        if reason:
            if reason != "hidden":
                ignored[item.name] = reason
            continue
        try:
            found, aside = _look(item)
            files += found
            ignored |= aside
        except DataError as error:
            if item.suffix.lower() == ".zip":
                p = error.problems[0]
                ignored[item.name] = f"{p.message}; unzip it first"
            elif item.suffix.lower() in (".txt", ".json"):
                ignored[item.name] = error.problems[0].message
            else:
                broken += error.problems
    return files, ignored, broken


def _no_table(item: Path) -> str:
    if (
        item.name.startswith(".")
        or item.name in _NEVER
        or item.suffix.lower() in (".md", ".toml", ".shx", ".dbf", ".prj", ".cpg", ".qmd")
    ):
        return "hidden"
    if item.is_dir():
        return "a folder"
    suffix = item.suffix.lower()
    if suffix in ARCHIVES and not is_outline_file(item):
        return "an archive without outlines that can be read; unzip it first if it holds any, or tables"
    if suffix not in (*TABLE_SUFFIXES, *OUTLINE_SUFFIXES, *ARCHIVES):
        return "neither a table nor outlines"
    if address_headings(item) is not None:
        return "a list of addresses, for finding a zone by street"
    if suffix == ".json" and b"FeatureCollection" not in item.open("rb").read(2000):
        return "JSON without outlines"
    return ""


def _look(item: Path) -> tuple[list[FoundFile], dict[str, str]]:
    """Look at one file; the second part names sheets that are left aside."""
    if is_outline_file(item):
        from .zones import read_layer

        layer = read_layer(item, item.name)
        return [FoundFile(item.name, look_at(layer.table), True, layer.crs)], {}
    if item.suffix.lower() in (".xlsx", ".xlsm"):
        return _look_at_sheets(item)
    return [_found(item.name, read_table(item, problems=Problems()))], {}


def _found(name: str, table: Table, sheet: str = "", date: str = "") -> FoundFile:
    if len(table) > SAMPLE:
        table = table.take(np.arange(SAMPLE))
    looks, totals = looks_without_totals(look_at(table))
    return FoundFile(name, looks, False, sheet=sheet, date=date, totals=totals)


def _look_at_sheets(item: Path) -> tuple[list[FoundFile], dict[str, str]]:
    """Take the first sheet; or every sheet of the same columns, when their names are dates."""
    from .sheets import read_sheets

    sheets = read_sheets(item, item.name)
    dates = dates_of(list(sheets))
    first = next(iter(sheets))
    dated = [n for n in sheets if n in dates]
    lead = dated[0] if dated else first
    alike = [n for n in dated if list(sheets[n].columns) == list(sheets[lead].columns)]
    if len(alike) < 2 or len({dates[n] for n in alike}) < len(alike):
        # the reader says which other sheets it leaves out
        return [_found(item.name, sheets[first], date=dates.get(first, ""))], {}
    aside = {
        f'{item.name}, sheet "{n}"': "its columns are not those of the sheets named after dates"
        for n in sheets
        if n not in alike
    }
    return [_found(item.name, sheets[n], n, dates[n]) for n in alike], aside


# -- ids ------------------------------------------------------------------
def id_score(look: Look, table: Table) -> float:
    """Say how much a column looks like ids of zones; below 0 it does not."""
    if not look.filled or look.distinct < 2 or look.dates:
        return -9.0
    if purpose(look.name) in ("money", "area", "share", "thing", "place", "time", "level") and not zone_word(
        look.name
    ):
        return -9.0
    texts = [str(t) for t in table[look.name].coded()[1][:500] if t != ""]
    if look.numeric and not all(re.fullmatch(r"\d+", t) for t in texts):
        return -9.0
    lengths = {len(t) for t in texts}
    score = (
        2.0 * (len(lengths) == 1 and len(texts[0]) > 1)
        + 2.0 * (not look.numeric)
        + 2.0 * any(t.startswith("0") for t in texts)
    )
    score += 3.0 * zone_word(look.name) - 1.0 * any(" " in t for t in texts) + 1.5 * look.unique
    score += 0.5 * (next(iter(table.columns)) == look.name) - 2.0 * bool(
        {"name", "nom", "nombre", "nimi"} & set(words(look.name))
    )
    return score


def _forms(found: FoundFile, column: str) -> set[str]:
    codes, texts = found.table[column].coded()
    return {normal(str(texts[c])) for c in np.unique(codes) if texts[c] != ""}


def _candidates(found: FoundFile, unique: bool) -> list[str]:
    out = []
    for name, look in found.looks.columns.items():
        score = id_score(look, found.table)
        if score > -5 and (look.unique or not unique):
            out.append((score, name))
    return [n for _, n in sorted(out, key=lambda s: -s[0])]


def _best_link(base: set[str], found: FoundFile) -> tuple[float, str]:
    """Column of `found` whose ids are best known from `base`."""
    best = (0.0, "")
    for column in _candidates(found, unique=False):
        ids = _forms(found, column)
        hits = len(ids & base)
        share = hits / max(len(ids), 1)
        if hits >= 2 and share >= 0.3:
            score = share + 0.5 * hits / max(len(base), 1)
            # equal overlap: the earlier candidate looks more like ids
            if score > best[0] + 1e-9:
                best = (score, column)
    return best


def join_files(files: list[FoundFile]) -> Join | None:
    """Find the largest set of files about the same zones."""
    options: list[Join | None] = [o for f in files if f.outlines for o in _around_outlines(f, files)]
    options = options or [_around_table(f, files) for f in files]
    good = [o for o in options if o is not None and o.tables]
    if not good:
        return None
    return max(good, key=_worth)


def _worth(join: Join) -> tuple[float, ...]:
    rows = sum(len(f.table) for f, _ in join.tables)
    numbers = sum(look.numeric for f, c in join.tables for n, look in f.looks.columns.items() if n != c)
    best_id = max((id_score(f.looks[c], f.table) for f, c in join.tables), default=0.0)
    others = sum(f is not join.zones for f, _ in join.tables)
    return (others, bool(join.zones and join.zones.crs), numbers > 0, round(join.overlap, 2), best_id, rows)


def _around_outlines(zones: FoundFile, files: list[FoundFile]) -> list[Join]:
    out = []
    for column in _candidates(zones, unique=True)[:4] or _candidates(zones, unique=False)[:1]:
        base = _forms(zones, column)
        tables, apart = [], {}
        overlaps = []
        for other in files:
            if other is zones:
                if _has_counts(zones, column):
                    tables.append((zones, column))
                continue
            score, link = (0.0, "") if other.outlines else _best_link(base, other)
            if link:
                tables.append((other, link))
                overlaps.append(score)
            else:
                apart[other.title] = _why_apart(other, zones.name)
        out.append(Join(zones, column, tables, apart, float(np.mean(overlaps)) if overlaps else 1.0))
    return out


def _has_counts(zones: FoundFile, column: str) -> bool:
    """True when outlines carry numbers that are no second set of ids."""
    return any(
        look.counts and n != column and id_score(look, zones.table) < 3.0
        for n, look in zones.looks.columns.items()
    )


def _why_apart(other: FoundFile, name: str) -> str:
    return (
        "other outlines, about other zones"
        if other.outlines
        else f"no column holds the ids of the zones in {name}"
    )


def _around_table(first: FoundFile, files: list[FoundFile]) -> Join | None:
    columns = [c for c in _candidates(first, unique=False) if _like_zone(first, c)]
    if not columns:
        return None
    finest = max(
        columns[:4],
        key=lambda c: (first.looks[c].unique, id_score(first.looks[c], first.table), first.looks[c].distinct),
    )
    base = _forms(first, finest)
    tables, apart = [(first, finest)], {}
    for other in files:
        if other is first:
            continue
        _, link = _best_link(base, other)
        if link and _like_zone(other, link):
            tables.append((other, link))
        else:
            apart[other.title] = f"no column holds the ids of the zones in {first.name}"
    return Join(None, finest, [t for f in files for t in tables if t[0] is f], apart)


def _like_zone(found: FoundFile, column: str) -> bool:
    look = found.looks[column]
    return id_score(look, found.table) > 2.0 and (look.unique or zone_word(column))


# -- dates in names -----------------------------------------------------------
def dates_of(names: list[str]) -> dict[str, str]:
    """Dates in file names: ``population_2020h2.csv``, or ``schools00.csv`` beside ``schools05.csv``."""
    full = {
        n: m
        for n in names
        if (
            m := re.search(
                r"(?<!\d)((?:19|20)\d\d)(?:[-_]?([hHqQ][1-4])|[-_](0[1-9]|1[0-2]))?(?!\d)", Path(n).stem
            )
        )
    }
    years = [m[1] for m in full.values()]
    out = {}
    for name, m in full.items():
        more = (m[2] or "").upper() or (m[3] or "")
        out[name] = m[1] + (f"-{more}" if more and years.count(m[1]) > 1 else "")
    short = {n: m for n in names if n not in out and (m := re.fullmatch(r"(.*?\D)(\d\d)", Path(n).stem))}
    stems = [m[1] for m in short.values()]
    for name, m in short.items():
        if stems.count(m[1]) > 1:
            out[name] = ("19" if int(m[2]) > 50 else "20") + m[2]
    return out
