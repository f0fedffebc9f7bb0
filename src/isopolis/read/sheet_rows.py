"""Which zone and date each row of a table is about, and rows that are about none."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from isopolis.model import Problems

from .columns import Table
from .config import TableConfig
from .counts_long import ALL_WORDS
from .ids import match
from .numbers import Decimal, Kind, parse, table_decimal
from .vocabulary import plain

__all__ = ["Rows", "chosen_rows", "index_dates", "index_zones", "without_totals"]

Index = npt.NDArray[np.int64]
_TOTAL_IDS = ALL_WORDS | {
    "grand_total",
    "city_total",
    "gesamtsumme",
    "total_general",
    "total_city",
    "stadt",
    "suma",
}


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """A table as read, with the settings under which it is read."""

    table: Table
    config: TableConfig
    decimal: Decimal


def chosen_rows(table: Table, config: TableConfig, problems: Problems) -> Table:
    """Keep the rows that ``where`` names."""
    keep = np.ones(len(table), dtype=bool)
    for column, value in config.where.items():
        codes, texts = table[column].coded()
        keep &= (texts == value)[codes]
    if config.where and not keep.any():
        said = ", ".join(f'{k} = "{v}"' for k, v in config.where.items())
        problems.error("no-rows", f"no row has {said}", file=table.file, hint="Correct where in city.toml.")
    return table.take(np.flatnonzero(keep)) if config.where else table


def without_totals(rows: Rows, known_ids: frozenset[str], problems: Problems) -> Rows:
    """Leave out rows that repeat the sum of the others, at the end or named so."""
    table, config = rows.table, rows.config
    if config.level == "city" or len(table) < 3 or config.zone not in table.columns:
        return rows
    codes, texts = table[config.zone].coded()
    named = np.array([_names_total(str(t)) and str(t) not in known_ids for t in texts], dtype=bool)[codes]
    blank = (texts == "")[codes]
    last = np.arange(len(table)) >= len(table) - 2
    strange = np.zeros(len(table), dtype=bool)
    if config.layout == "wide" and len(table) >= 5:
        strange[-2:] = [str(texts[c]) not in known_ids for c in codes[-2:]]
    suspects = np.flatnonzero(named | (last & (blank | strange)))
    few = len(suspects) < len(table) / 2
    drop = [int(i) for i in suspects if (named[i] and few) or _is_sum(rows, int(i), bool(blank[i]))]
    if not drop:
        return rows
    problems.caveat(
        "total-row",
        "rows that hold the total of the others were left out",
        file=table.file,
        rows=table.shown(np.array(drop)),
        count=len(drop),
        column=config.zone,
    )
    keep = np.ones(len(table), dtype=bool)
    keep[drop] = False
    return replace(rows, table=table.take(np.flatnonzero(keep)))


def _names_total(text: str) -> bool:
    # ids mostly hold digits, names of totals never do
    return text.replace(" ", "").replace("_", "").isalpha() and plain(text) in _TOTAL_IDS


def _is_sum(rows: Rows, i: int, blank: bool) -> bool:
    """True when the row equals the sum of the rows before it in all its counts, of which there are some."""
    config = rows.config
    names = [config.total, config.count, *(c for d in config.dimensions for c in d.columns)]
    slack = 0.01 if blank else 1e-9
    hits = []
    for name in dict.fromkeys(n for n in names if n in rows.table.columns):
        parsed = parse(rows.table[name], rows.decimal, config.missing)
        if parsed.kind[i] == Kind.NUMBER:
            before = parsed.values[:i][parsed.kind[:i] == Kind.NUMBER].sum()
            hits.append(
                abs(before - parsed.values[i]) <= slack * max(parsed.values[i], 1e-9) and parsed.values[i] > 0
            )
    # one number alone can be the sum of the others by chance
    return all(hits) and len(hits) >= (1 if blank else 2)


def index_zones(rows: Rows, ids: dict[str, int], problems: Problems) -> Index:
    """(n,) position of each row's zone in `ids`, which grows by ids that are new; -1 where there is none."""
    table, config = rows.table, rows.config
    codes, texts = table[config.zone].coded()
    blank = np.flatnonzero((texts == "")[codes])
    if len(blank):
        problems.error(
            "row-without-zone",
            "rows without a zone id: their people cannot be placed",
            file=table.file,
            rows=table.shown(blank),
            count=len(blank),
            column=config.zone,
            hint="Fill in the id, or remove the rows.",
        )
    found = [str(texts[c]) for c in np.unique(codes) if texts[c] != ""]
    matched = match(found, list(ids))
    for kind, some in matched.repaired.items():
        sample = ", ".join(f'"{f}" → "{matched.to[f]}"' for f in some[:3])
        problems.caveat(
            "repaired-ids",
            f"{len(some)} zone ids were matched in spite of {kind}: {sample}",
            file=table.file,
            column=config.zone,
            count=len(some),
        )
    for f in found:
        ids.setdefault(matched.to[f], len(ids))
    lookup = np.array(
        [ids[matched.to[str(t)]] if str(t) in matched.to else -1 for t in texts], dtype=np.int64
    )
    return lookup[codes] if len(texts) else np.empty(0, dtype=np.int64)


def index_dates(rows: Rows, problems: Problems) -> tuple[Index, tuple[str, ...]]:
    """(n,) position of each row's date, and the dates, oldest first."""
    table, config = rows.table, rows.config
    if not config.date_column:
        return np.zeros(len(table), dtype=np.int64), (config.date,)
    codes, texts = table[config.date_column].coded()
    present = np.unique(codes)
    blank = np.flatnonzero((texts == "")[codes])
    if len(blank):
        problems.error(
            "row-without-date",
            "rows without a date",
            file=table.file,
            rows=table.shown(blank),
            count=len(blank),
            column=config.date_column,
            hint="Fill in the date, or remove the rows.",
        )
    dates = tuple(sorted(str(texts[c]) for c in present))
    position = {d: i for i, d in enumerate(dates)}
    lookup = np.array([position.get(str(t), 0) for t in texts], dtype=np.int64)
    return lookup[codes], dates


def read_rows(table: Table, config: TableConfig, problems: Problems) -> Rows:
    """Choose rows and decide the decimal mark."""
    chosen = chosen_rows(table, config, problems)
    columns = [c for c in chosen.columns if c not in (config.zone, config.date_column, *config.where)]
    return Rows(chosen, config, table_decimal(chosen, config.decimal, columns))
