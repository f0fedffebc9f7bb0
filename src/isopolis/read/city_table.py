"""A file of cities and its sheet of roles → `CityTable`, with every problem collected."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from isopolis.model import Problems, Undefined, near
from isopolis.model.peer_table import (
    GONE,
    WORDS_MOST,
    CityTable,
    ContextFeature,
    ContextTable,
    OutcomeIndicator,
    OutcomeTable,
    PeerCity,
    Reading,
)
from isopolis.model.text import phrase

from .city_roles import OutcomeColumns, Roles
from .columns import Table
from .numbers import MISSING, SUPPRESSED, Decimal, Kind, parse, table_decimal
from .tables import read_table

__all__ = ["CITIES_MOST", "read_city_table"]

CITIES_MOST = 5000

_GONE = {Kind.MISSING: GONE["not-stated"], Kind.SUPPRESSED: GONE["suppressed"]}
_SAYS = {
    Kind.TEXT: ("no-number", phrase("this is no number"), phrase("a number, or an empty cell")),
    Kind.INFINITE: ("no-number", phrase("this is not a finite number"), phrase("a finite number")),
    Kind.AMBIGUOUS: (
        "decimal-unclear",
        phrase("it cannot be told whether the point or comma here marks decimals or thousands"),
        phrase("one decimal mark in the whole table"),
    ),
}


def read_city_table(path: Path, roles: Roles, problems: Problems, *, file: str = "") -> CityTable | None:
    """Read a table of cities.

    Parameters
    ----------
    path : Path
        CSV, TSV, Excel or Parquet; one row per city.
    roles : Roles
        What each column is; other columns are not used, which is said.
    problems : Problems
        Receives everything found.
    file : str
        Name for messages.

    Returns
    -------
    CityTable or None
        None when a problem is fatal; the caller raises.

    Raises
    ------
    DataError
        When the file cannot be read at all.
    """
    table = read_table(path, file=file or path.name, problems=problems)
    reading = _Reading(table, roles, problems)
    cities = reading.cities()
    context = [reading.feature(f, c, cities) for f, c in roles.context]
    outcomes = [reading.outcome(o, c, len(cities)) for o, c in roles.outcomes]
    unused = reading.unused()
    if problems.fatal:
        return None
    return CityTable(
        ContextTable(cities, tuple(f for f, _ in roles.context), tuple(context)),
        OutcomeTable(cities, tuple(o for o, _ in roles.outcomes), tuple(outcomes)),
        roles.title or table.file,
        unused,
    )


class _Reading:
    """One table being read."""

    def __init__(self, table: Table, roles: Roles, problems: Problems) -> None:
        self.table, self.roles, self.problems = table, roles, problems
        self.decimals: Decimal = table_decimal(table, "", self._numeric())

    def _numeric(self) -> list[str]:
        wanted = [c for f, c in self.roles.context if f.kind == "number"]
        for _, columns in self.roles.outcomes:
            wanted += [columns.value, columns.low, columns.high]
        return [c for c in wanted if c in self.table.columns]

    def has(self, column: str, what: str) -> bool:
        """Say whether a column is there; a missing one is a problem."""
        if column in self.table.columns:
            return True
        self.problems.error(
            "unknown-column",
            phrase(
                'the sheet of roles names the column "{column}" ({what}), which is not there: {names}',
                column=column,
                what=what,
                names=near(column, self.table.columns),
            ),
            file=self.table.file,
            hint=phrase("Correct the sheet of roles, or give the column this name."),
        )
        return False

    def texts(self, column: str) -> list[str]:
        """Texts of a column, empty where nothing is stated."""
        return ["" if t.lower() in MISSING else t for t in self.table[column].text().tolist()]

    def about(self, what: str) -> list[str]:
        """Texts of a column that says something of the city; all empty where there is none."""
        column = self.roles.about.get(what) or (what if what in self.table.columns else "")
        if not column or not self.has(column, what):
            return [""] * len(self.table)
        return self.texts(column)

    def cities(self) -> tuple[PeerCity, ...]:
        """Make a city of every row."""
        names = self.about("city")
        if "city" not in self.roles.about and "city" not in self.table.columns:
            self.problems.error(
                "no-city-column",
                phrase("no column holds the names of the cities"),
                file=self.table.file,
                hint=phrase('Call it "city", or write city = "…" in the sheet of roles.'),
            )
        if not len(self.table):
            said = phrase("the table has no rows")
            hint = phrase("Write one row per city below the headings.")
            self.problems.error("no-rows", said, file=self.table.file, hint=hint)
        if len(self.table) > CITIES_MOST:
            self.problems.error(
                "too-many",
                phrase("the table has {n} rows", n=str(len(self.table))),
                file=self.table.file,
                rule=phrase("at most {n} cities", n=str(CITIES_MOST)),
            )
        ids = [i or n for i, n in zip(self.about("id"), names, strict=True)]
        self._check_ids(names, ids)
        tags = {w: [_tags(t) for t in self.about(w)] for w in ("languages", "networks")}
        people = self._population()
        return tuple(
            PeerCity(ids[i], names[i], country, tags["languages"][i], tags["networks"][i], people[i])
            for i, country in enumerate(self.about("country"))
        )

    def _check_ids(self, names: Sequence[str], ids: Sequence[str]) -> None:
        first: dict[str, int] = {}
        for row, (name, id_) in enumerate(zip(names, ids, strict=True)):
            rows = self.table.shown(np.array([row]))
            if not name:
                said = phrase("the city has no name")
                self.problems.error("no-name", said, file=self.table.file, rows=rows)
            elif id_ in first:
                said = phrase("this city is there twice")
                both = self.table.shown(np.array([first[id_], row]))
                hint = phrase("Give one row per city; different cities of one name need a column of codes.")
                self.problems.error(
                    "twice", said, file=self.table.file, rows=both, count=2, value=id_, hint=hint
                )
            first.setdefault(id_, row)

    def _population(self) -> list[float | None]:
        named = self.roles.about.get("population", "")
        known = {f.id: c for f, c in self.roles.context}
        column = named or known.get("population", "")
        if not column or column not in self.table.columns:
            if named:
                self.has(named, "population")
            return [None] * len(self.table)
        return [None if isinstance(v, Undefined) else v for v in self.numbers(column, said=bool(named))]

    def numbers(self, column: str, *, said: bool = True) -> list[float | Undefined]:
        """Numbers of a column; what is none is a problem with its row."""
        parsed = parse(self.table[column], self.decimals)
        for kind, (code, message, rule) in _SAYS.items():
            rows = parsed.where(kind)
            if len(rows) and said:
                self.problems.error(
                    code,
                    message,
                    file=self.table.file,
                    column=column,
                    rows=self.table.shown(rows),
                    count=len(rows),
                    value=self.table[column].at(int(rows[0])),
                    rule=rule,
                )
        plain = (Kind.NUMBER, Kind.NEGATIVE, Kind.PERCENT)
        return [
            float(v) if Kind(k) in plain else _GONE.get(Kind(k), GONE["not-stated"])
            for v, k in zip(parsed.values.tolist(), parsed.kind.tolist(), strict=True)
        ]

    def feature(
        self, feature: ContextFeature, column: str, cities: Sequence[PeerCity]
    ) -> tuple[float | str | tuple[str, ...] | Undefined, ...]:
        """Read the cells of one context feature."""
        if not self.has(column, feature.label):
            return (_GONE[Kind.MISSING],) * len(cities)
        if feature.kind == "number":
            cells = self.numbers(column)
            if feature.transform == "log":
                self._positive(column, cells)
            return tuple(cells)
        words = [_word(t, feature.kind) for t in self.table[column].text().tolist()]
        if len({w for w in words if not isinstance(w, Undefined)}) > WORDS_MOST:
            self.problems.error(
                "too-many-words",
                phrase("this column has too many different words to be a category"),
                file=self.table.file,
                column=column,
                rule=phrase("at most {n} different words", n=str(WORDS_MOST)),
            )
        return tuple(words)

    def _positive(self, column: str, cells: Sequence[float | Undefined]) -> None:
        rows = np.array(
            [i for i, v in enumerate(cells) if not isinstance(v, Undefined) and v <= 0], dtype=np.int64
        )
        if len(rows):
            self.problems.error(
                "not-positive",
                phrase("a number that is compared by its logarithm must be more than 0"),
                file=self.table.file,
                column=column,
                rows=self.table.shown(rows),
                count=len(rows),
                value=self.table[column].at(int(rows[0])),
                hint=phrase('Correct the cell, leave it empty, or write transform = "rank".'),
            )

    def outcome(self, what: OutcomeIndicator, columns: OutcomeColumns, n: int) -> tuple[Reading, ...]:
        """Read one outcome with what the table states of each value."""
        if not self.has(columns.value, what.label):
            return (Reading(_GONE[Kind.MISSING]),) * n
        values = self.numbers(columns.value)
        low, high = (self._end(c, what.label, n) for c in (columns.low, columns.high))
        stated = {
            name: self.texts(column) if column and self.has(column, what.label) else [""] * n
            for name in ("unit", "definition", "scale", "year", "source")
            for column in (getattr(columns, name),)
        }
        self._check_ends(columns, values, low, high)
        both = [a is not None and b is not None for a, b in zip(low, high, strict=True)]
        return tuple(
            Reading(
                values[i],
                low[i] if both[i] else None,
                high[i] if both[i] else None,
                unit=stated["unit"][i],
                definition=stated["definition"][i],
                scale=stated["scale"][i],
                year=stated["year"][i],
                source=stated["source"][i],
            )
            for i in range(n)
        )

    def _end(self, column: str, what: str, n: int) -> list[float | None]:
        if not column or not self.has(column, what):
            return [None] * n
        return [None if isinstance(v, Undefined) else v for v in self.numbers(column)]

    def _check_ends(
        self,
        columns: OutcomeColumns,
        values: Sequence[float | Undefined],
        low: Sequence[float | None],
        high: Sequence[float | None],
    ) -> None:
        wrong = [
            i
            for i, (v, a, b) in enumerate(zip(values, low, high, strict=True))
            if not isinstance(v, Undefined) and ((a is not None and a > v) or (b is not None and b < v))
        ]
        if wrong:
            self.problems.error(
                "interval-without-value",
                phrase("the value lies outside its own interval"),
                file=self.table.file,
                column=columns.value,
                rows=self.table.shown(np.array(wrong)),
                count=len(wrong),
                rule=phrase("low ≤ value ≤ high"),
            )

    def unused(self) -> dict[str, str]:
        """Columns that are neither context nor outcome, and why."""
        used = {*self.roles.about.values(), *(c for _, c in self.roles.context)}
        used |= {w for w in ("city", "id", "country", "languages", "networks") if w in self.table.columns}
        for _, columns in self.roles.outcomes:
            used |= {getattr(columns, n) for n in columns.__slots__}
        out, undeclared = {}, []
        for name in self.table.columns:
            if name in used:
                continue
            out[name] = self.roles.why_ignored(name)
            if not out[name]:
                out[name] = phrase("it has no declared role")
                undeclared.append(name)
        if undeclared:
            self.problems.caveat(
                "no-role",
                phrase("a column without a declared role is not used, neither to match nor to compare"),
                file=self.table.file,
                value=", ".join(undeclared[:8]) + (", …" if len(undeclared) > 8 else ""),
                count=len(undeclared),
                hint=phrase(
                    "Declare it as context or outcome in the sheet of roles, or list it under ignore."
                ),
            )
        return out


def _tags(text: str) -> tuple[str, ...]:
    parts = {p.strip().casefold(): p.strip() for p in text.replace(",", ";").split(";") if p.strip()}
    return tuple(parts[k] for k in sorted(parts))


def _word(text: str, kind: str) -> str | tuple[str, ...] | Undefined:
    low = text.strip().casefold()
    if low in MISSING:
        return _GONE[Kind.MISSING]
    if low in SUPPRESSED:
        return _GONE[Kind.SUPPRESSED]
    return tuple(t.casefold() for t in _tags(text)) if kind == "tags" else low
