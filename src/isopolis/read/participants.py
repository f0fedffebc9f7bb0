"""A table of people who took part → the neighbourhood and the categories of each row, in the city's words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError, City, Dimension, Problem, Problems, near
from isopolis.model.text import listing, phrase

from .columns import Column, Table
from .numbers import Decimal, parse, report
from .tables import read_table
from .vocabulary import plain

__all__ = ["Participants", "read_participants"]

Texts = npt.NDArray[np.object_]
Floats = npt.NDArray[np.float64]

KNOWN = 0.6
"""Part of the filled cells of a column that must be names of the city for the column to be theirs."""

ZONE_WORDS = frozenset(
    "zone zone_id area neighbourhood neighborhood quarter district ward barrio quartier quartiere stadtteil "
    "dzielnica osiedle municipality section tract".split()
)
COUNT_WORDS = ("participants", "voters", "took_part", "people", "count", "n")
RESIDENTS_WORDS = ("eligible", "electorate", "residents", "could_vote", "entitled")
SEXES = {
    "female": "f w k woman women female frau femme mujer donna kobieta",
    "male": "m man men male mann homme hombre uomo mezczyzna",
}
_YEARS = re.compile(r"^\D{0,12}?(\d{1,3})\D+(\d{1,3})\D*$")
_FROM = re.compile(r"^(\d{1,3})\s*(\+|plus|and|or|und|et|y|o)")
_UP_TO = re.compile(r"^(under|below|less than|unter|moins de|menos de|<)\D*(\d{1,3})")


@dataclass(frozen=True, slots=True, eq=False)
class Participants:
    """Rows of people who took part.

    Parameters
    ----------
    file : str
    zones : (n,) array of str
        Ids of the level; empty where not known.
    level : str
        ``zone``, or the name of a level of parents.
    categories : mapping of str to (n,) array of str
        Dimension of the city → category of each row; empty where not known.
    people : (n,) array
        How many people each row is.
    residents : (n,) array or None
        How many could have taken part, where the file says so.
    columns : mapping of str to str
        ``zone``, ``people``, ``residents`` and each dimension → the column it was read from.
    table : Table
        Everything else in the file.
    caveats : tuple of Problem
    """

    file: str
    zones: Texts
    level: str
    categories: Mapping[str, Texts]
    people: Floats
    residents: Floats | None
    columns: Mapping[str, str]
    table: Table
    caveats: tuple[Problem, ...] = ()


def read_participants(
    path: Path,
    city: City,
    *,
    zone: str = "",
    people: str = "",
    residents: str = "",
    dimensions: Mapping[str, str] | None = None,
) -> Participants:
    """Read a table with a row per person, or per neighbourhood and group with a number of people.

    Parameters
    ----------
    path : Path
        CSV, Excel or Parquet.
    city : City
        Its zones, levels and dimensions say what the columns mean.
    zone, people, residents : str
        Columns, where their names do not say it.
    dimensions : mapping of str to str, optional
        Dimension of the city → its column, where the column has another name.

    Raises
    ------
    DataError
        If there is no column of neighbourhoods, or numbers cannot be read; with everything found.
    """
    problems = Problems()
    table = read_table(path, problems=problems)
    stated = dict(dimensions or {})
    known = {d.name: d for d in _dimensions(city)}
    for name in stated:
        if name not in known:
            raise CallError(
                phrase('the city has no dimension "{name}": {near}', name=name, near=near(name, known))
            )
    for name in (zone, people, residents, *stated.values()):
        if name:
            table[name]  # says what there is when there is no such column
    found = _zone_column(table, city, zone, problems)
    if not len(table):
        problems.error("empty-table", phrase("there is no row of participants"), file=table.file)
    problems.raise_if_fatal()
    where, level, zones = found
    number = people or _named(table, COUNT_WORDS)
    could = residents or (_named(table, RESIDENTS_WORDS) if number else "")
    counted = _numbers(table, number, problems) if number else np.ones(len(table))
    lived = _numbers(table, could, problems) if could else None
    problems.raise_if_fatal()
    columns = {k: v for k, v in (("zone", where), ("people", number), ("residents", could)) if v}
    categories: dict[str, Texts] = {}
    for dimension in known.values():
        column, values = _category_column(
            table, dimension, set(columns.values()), stated.get(dimension.name, "")
        )
        if column:
            columns[dimension.name], categories[dimension.name] = column, values
            _say_unknown(table, column, dimension, values, problems)
    assert counted is not None
    return Participants(table.file, zones, level, categories, counted, lived, columns, table, tuple(problems))


def _dimensions(city: City) -> tuple[Dimension, ...]:
    found: dict[str, Dimension] = {}
    for counts in sorted(city.counts, key=lambda c: c.date, reverse=True):
        for dimension in counts.dimensions:
            found.setdefault(dimension.name, dimension)
    return tuple(found.values())


def _named(table: Table, words: Sequence[str]) -> str:
    names = {plain(n): n for n in table.columns}
    return next((names[w] for w in words if w in names), "")


def _numbers(table: Table, name: str, problems: Problems) -> Floats | None:
    parsed = parse(table[name], Decimal(table.decimal or ".", "stated"))
    if not report(parsed, table, name, problems):
        return None
    wrong = np.flatnonzero(parsed.values != np.rint(parsed.values))
    if len(wrong):
        problems.error(
            "not-whole", phrase("people are counted in whole numbers"), file=table.file, column=name,
            rows=table.shown(wrong), count=len(wrong), value=table[name].at(int(wrong[0])),
        )  # fmt: skip
        return None
    return parsed.values


# -- neighbourhoods ----------------------------------------------------------------------------------
def _levels(city: City) -> dict[str, dict[str, str]]:
    """Level → what may be written there → the id."""
    ids = [str(i) for i in city.zones.ids]
    names = [str(n) for n in (city.zones.names if city.zones.names is not None else ids)]
    own: dict[str, str] = {}
    for id_, name in zip(ids, names, strict=True):
        # a name that two zones share, or an id without its zeros that two share, means neither
        for text in {plain(name), plain(id_).lstrip("0")} - {plain(id_)}:
            own[text] = "" if text in own else id_
    own |= {plain(i): i for i in ids}
    out = {"zone": {k: v for k, v in own.items() if v}}
    for level, parents in city.zones.parents.items():
        units = {str(p) for p in parents if str(p)}
        out[level] = {plain(u).lstrip("0"): u for u in units} | {plain(u): u for u in units}
    return out


def _zone_column(table: Table, city: City, wanted: str, problems: Problems) -> tuple[str, str, Texts]:
    best: tuple[float, str, str, Texts] = (0.0, "", "", np.empty(0, dtype=object))
    for name, column in table.columns.items():
        if wanted and name != wanted:
            continue
        for level, known in _levels(city).items():
            values, share = _translated(column, known)
            named = plain(name) in ZONE_WORDS or plain(name) == plain(level)
            # a column of small numbers could be anything: without a name that says so it is no zone
            if share >= (0.01 if wanted else KNOWN) and (named or wanted) and share > best[0]:
                best = (share, name, level, values)
    if not best[1]:
        levels = listing([phrase("“{level}”", level=n) for n in _levels(city)], "or")
        problems.error(
            "no-zone", phrase("no column holds neighbourhoods of {city}", city=city.name), file=table.file,
            column=wanted or None, rule=phrase("ids or names of {levels}", levels=levels),
            hint=phrase("Name the column with --zone, and write the neighbourhoods as the city's tables do."),
        )  # fmt: skip
        return "", "", best[3]
    filled = table[best[1]].filled()
    lost = np.flatnonzero(filled & (best[3] == ""))
    if len(lost):
        problems.caveat(
            "unknown-zone", phrase("these neighbourhoods are none of the city's"), file=table.file,
            column=best[1], rows=table.shown(lost), count=len(lost), value=table[best[1]].at(int(lost[0])),
        )  # fmt: skip
    return best[1], best[2], best[3]


def _translated(column: Column, known: Mapping[str, str]) -> tuple[Texts, float]:
    codes, texts = column.coded()
    plains = [plain(str(t)) for t in texts]
    found = np.array([known.get(p, known.get(p.lstrip("0"), "")) for p in plains], dtype=object)
    values = found[codes] if len(texts) else np.empty(0, dtype=object)
    filled = column.filled()
    share = float((values[filled] != "").mean()) if filled.any() else 0.0
    return values, share


# -- categories ----------------------------------------------------------------------------------------
def _category_column(table: Table, dimension: Dimension, taken: set[str], wanted: str) -> tuple[str, Texts]:
    """Return the column of a dimension, by its name only: a yes could be an answer to anything."""
    named = {plain(dimension.name), plain(dimension.title)}
    if dimension.name == "sex":
        named |= {"gender", "sexe", "sexo", "sesso", "geschlecht", "plec"}
    for name, column in table.columns.items():
        if name == wanted if wanted else (name not in taken and plain(name) in named):
            values, share = _categories(column, dimension)
            if wanted or share >= KNOWN:
                return name, values
    return "", np.empty(0, dtype=object)


def _categories(column: Column, dimension: Dimension) -> tuple[Texts, float]:
    codes, texts = column.coded()
    known = {plain(dimension.label_of(c)): c for c in dimension.categories}
    known |= {plain(c): c for c in dimension.categories}
    for category, words in SEXES.items():
        if category in dimension.categories and dimension.name in ("sex", "gender"):
            known = dict.fromkeys(words.split(), category) | known
    bands = _bands(dimension)
    found = []
    for text in (str(t) for t in texts):
        category = known.get(plain(text), "") if text else ""
        if not category and bands and text.isascii() and text.isdigit():
            category = next((c for c, (low, high) in bands.items() if low <= int(text[:4]) <= high), "")
        found.append(category)
    values = np.array(found, dtype=object)[codes] if len(texts) else np.empty(0, dtype=object)
    filled = column.filled()
    return values, (float((values[filled] != "").mean()) if filled.any() else 0.0)


def _bands(dimension: Dimension) -> dict[str, tuple[int, int]]:
    """Read categories as bands of whole years: ``15-29``, ``80+``, ``under 15``; empty when one is not."""
    out = {}
    for category in dimension.categories:
        text = category.replace("_", "-").strip().lower()
        if found := _UP_TO.match(text):
            out[category] = (0, int(found[2]) - 1)
        elif found := _YEARS.match(text):
            out[category] = (int(found[1]), int(found[2]))
        elif (found := _FROM.match(text)) or text.isdigit():
            low = int(found[1]) if found else int(text)
            out[category] = (low, 199 if found else low)
        else:
            return {}
    return out


def _say_unknown(table: Table, column: str, dimension: Dimension, values: Texts, problems: Problems) -> None:
    lost = np.flatnonzero(table[column].filled() & (values == ""))
    if len(lost):
        problems.caveat(
            "unknown-category",
            phrase("these are no categories of {dimension}", dimension=dimension.title.lower()),
            file=table.file, column=column, rows=table.shown(lost), count=len(lost),
            value=table[column].at(int(lost[0])), rule=", ".join(dimension.categories),
        )  # fmt: skip
