"""Which zone and date each row of a table is about, and rows that are about none."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from isopolis.model import Problems
from isopolis.model.text import phrase, phrases

from .columns import Table
from .config import TableConfig
from .ids import match
from .numbers import Decimal, Kind, parse, table_decimal
from .total_rows import find_totals

__all__ = ["Rows", "chosen_rows", "index_dates", "index_zones", "without_totals"]

Index = npt.NDArray[np.int64]


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
        problems.error(
            "no-rows",
            phrase("no row has {said}", said=said),
            file=table.file,
            hint=phrase("Correct where in city.toml."),
        )
    return table.take(np.flatnonzero(keep)) if config.where else table


def without_totals(rows: Rows, known_ids: frozenset[str], problems: Problems) -> Rows:
    """Leave out rows that repeat the sum of the others, at the end or named so."""
    table, config = rows.table, rows.config
    if config.level == "city" or config.zone not in table.columns:
        return rows
    drop = find_totals(
        table,
        config.zone,
        lambda: _counted(rows),
        known_ids,
        wide=config.layout == "wide",
        share=0.8,
    )
    if not drop:
        return rows
    problems.caveat(
        "total-row",
        phrases(
            "a row that holds the total of the others was left out",
            "rows that hold the total of the others were left out",
            len(drop),
        ),
        file=table.file,
        rows=table.shown(np.array(drop)),
        count=len(drop),
        column=config.zone,
    )
    keep = np.ones(len(table), dtype=bool)
    keep[drop] = False
    return replace(rows, table=table.take(np.flatnonzero(keep)))


def _counted(rows: Rows) -> list[npt.NDArray[np.float64]]:
    """Columns of counts, NaN where there is no number."""
    config = rows.config
    names = [config.total, config.count, *(c for d in config.dimensions for c in d.columns)]
    columns = [
        parse(rows.table[n], rows.decimal, config.missing)
        for n in dict.fromkeys(names)
        if n in rows.table.columns
    ]
    return [np.where(p.kind == Kind.NUMBER, p.values, np.nan) for p in columns]


def index_zones(rows: Rows, ids: dict[str, int], problems: Problems) -> Index:
    """(n,) position of each row's zone in `ids`, which grows by ids that are new; -1 where there is none."""
    table, config = rows.table, rows.config
    codes, texts = table[config.zone].coded()
    blank = np.flatnonzero((texts == "")[codes])
    if len(blank):
        problems.error(
            "row-without-zone",
            phrases(
                "a row has no zone id: their people cannot be placed",
                "{n} rows have no zone id: their people cannot be placed",
                len(blank),
            ),
            file=table.file,
            rows=table.shown(blank),
            count=len(blank),
            column=config.zone,
            hint=phrases(
                "Fill in the id, or remove the row.", "Fill in the id, or remove the rows.", len(blank)
            ),
        )
    found = [str(texts[c]) for c in np.unique(codes) if texts[c] != ""]
    matched = match(found, list(ids))
    for kind, some in matched.repaired.items():
        sample = ", ".join(f'"{f}" → "{matched.to[f]}"' for f in some[:3])
        problems.caveat(
            "repaired-ids",
            phrases(
                "{n} zone id was matched in spite of {kind}: {sample}",
                "{n} zone ids were matched in spite of {kind}: {sample}",
                len(some),
                kind=kind,
                sample=sample,
            ),
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
            phrases("a row has no date", "{n} rows have no date", len(blank)),
            file=table.file,
            rows=table.shown(blank),
            count=len(blank),
            column=config.date_column,
            hint=phrases(
                "Fill in the date, or remove the row.", "Fill in the date, or remove the rows.", len(blank)
            ),
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
