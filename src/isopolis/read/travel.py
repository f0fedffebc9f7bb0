"""[[travel]] of city.toml → `Travel`: ready travel times, long or wide."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from isopolis.model import Problem, Problems, Travel
from isopolis.model.text import phrase, phrases

from .access_tables import named_table, numbers_of
from .columns import Column, Table
from .config import CityConfig
from .config_access import TravelConfig
from .ids import match
from .numbers import Decimal, table_decimal
from .wording import listed

__all__ = ["read_travel"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Texts = npt.NDArray[np.object_]

MOST = np.iinfo(np.int32).max


def read_travel(
    config: CityConfig, section: TravelConfig, origins: Texts, places: Sequence[str], problems: Problems
) -> Travel | None:
    """Read one matrix.

    Parameters
    ----------
    config : CityConfig
    section : TravelConfig
    origins : (O,) array of str
        The rows of the result, in this order.
    places : sequence of str
        Ids that journeys may lead to besides origins: those of services.
    problems : Problems
        Receives unknown ids (counted), repeated pairs, origins without any row, wrong times.

    Returns
    -------
    Travel or None
        Columns are the origins and then the places that some journey leads to. None when the
        table cannot be used; the reason is among `problems`.
    """
    place = f"[[travel]] number {section.number}"
    how = {k: getattr(section, k) for k in ("encoding", "delimiter", "sheet")}
    mine = Problems()
    columns = section.needed() if section.layout == "long" else ()
    table = named_table(config, section.file, columns, place, mine, where=section.where, **how)
    made = None if table is None else _made(table, section, origins, places, mine)
    for problem in mine:
        problems.add(problem)
    return made


def _made(
    table: Table, section: TravelConfig, origins: Texts, places: Sequence[str], problems: Problems
) -> Travel | None:
    timed = (section.time, section.price) if section.layout == "long" else ()
    decimal = table_decimal(table, section.decimal, [c for c in timed if c] or None)
    known = list(dict.fromkeys([*(str(o) for o in origins), *places]))
    if section.layout == "wide":
        found = _wide(table, section, decimal, known, problems)
    else:
        found = _long(table, section, decimal, known, problems)
    if found is None:
        return None
    start, end, cost = found
    keep = (start >= 0) & (start < len(origins)) & (end >= 0)
    start, end, cost = start[keep], end[keep], cost[keep]
    if not len(start):
        problems.error(
            "no-match",
            phrase("no row of this table leads from one of the city's origins to a place that is known"),
            file=table.file,
            column=section.from_,
            value=table[section.from_].at(0),
            rule=phrase("ids like {ids}", ids=listed(known, 3)),
            hint=phrase("Check that the ids are those of the zones."),
        )
        return None
    if section.limit:
        near = cost <= section.limit * 60_000
        start, end, cost = start[near], end[near], cost[near]
    start, end, cost = _fastest(start, end, cost, table, problems)
    _say_rowless(start, origins, table, problems)
    reached = np.unique(end)
    position = np.full(len(known), -1)
    position[reached] = np.arange(len(reached))
    indptr = np.zeros(len(origins) + 1, dtype=np.int64)
    np.cumsum(np.bincount(start, minlength=len(origins)), out=indptr[1:])
    caveats: tuple[Problem, ...] = tuple(p for p in problems if not p.fatal)
    return Travel(
        origins,
        np.array(known, dtype=object)[reached],
        indptr,
        position[end].astype(np.int32),
        cost.astype(np.int32),
        mode=section.mode,
        limit=round(section.limit * 60_000),
        caveats=caveats,
        source=section.file,
    )


def _positions(table: Table, column: Column, known: Sequence[str], problems: Problems) -> Ints:
    """(n,) position of each row's id among those known, -1 for others, which are counted."""
    codes, texts = column.coded()
    present = np.unique(codes)
    found = [str(texts[c]) for c in present if texts[c] != ""]
    index = {k: i for i, k in enumerate(known)}
    if all(f in index for f in found):
        lookup = index
    else:
        matched = match(found, list(known)).to
        lookup = {f: index[m] for f, m in matched.items() if m in index}
    where = np.array([lookup.get(str(t), -1) for t in texts], dtype=np.int64)
    out = where[codes] if len(texts) else np.empty(0, dtype=np.int64)
    rows = np.flatnonzero(out < 0)
    if len(rows):
        strange = [str(texts[c]) for c in np.unique(codes[rows])]
        problems.caveat(
            "travel-unknown-id",
            phrases(
                "a row names a place that is no origin and no service, and was left out: {ids}",
                "{n} rows name places that are no origins and no services, and were left out: {ids}",
                len(rows),
                ids=listed(strange, 3),
            ),
            file=table.file,
            column=column.name,
            rows=table.shown(rows),
            count=len(rows),
        )
    return out


def _times(
    values: Floats, wrong: npt.NDArray[np.bool_], unit: int, table: Table, column: str, problems: Problems
) -> Ints:
    """(n,) milliseconds, -1 where the cell is empty (it cannot be reached) or refused (written down)."""
    with np.errstate(invalid="ignore"):
        cost = np.rint(values * unit)
        refused = wrong | (values < 0) | (cost > MOST)
    rows = np.flatnonzero(refused)
    if len(rows):
        problems.error(
            "bad-time",
            phrase("this is no travel time"),
            file=table.file,
            column=column,
            rows=table.shown(rows),
            count=len(rows),
            value=table[column].at(int(rows[0])),
            rule=phrase("a number of 0 or more; an empty cell where it cannot be reached"),
            hint=phrase("Leave out pairs that cannot be reached; no large number stands for them."),
        )
    out: Ints = np.where(refused | ~np.isfinite(cost), -1, np.nan_to_num(cost)).astype(np.int64)
    return out


def _long(
    table: Table, section: TravelConfig, decimal: Decimal, known: Sequence[str], problems: Problems
) -> tuple[Ints, Ints, Ints] | None:
    start = _positions(table, table[section.from_], known, problems)
    end = _positions(table, table[section.to], known, problems)
    values, wrong = numbers_of(table, section.time, decimal)
    cost = _times(values, wrong, section.milliseconds, table, section.time, problems)
    if problems.fatal:
        return None
    keep = cost >= 0
    if section.price:
        price, bad = numbers_of(table, section.price, decimal)
        unpriced = np.flatnonzero(bad | ~np.isfinite(price))
        if len(unpriced):
            problems.caveat(
                "unknown-price",
                phrases("a journey without a price was left out",
                        "{n} journeys without a price were left out", len(unpriced)),
                file=table.file,
                column=section.price,
                rows=table.shown(unpriced),
                count=len(unpriced),
            )  # fmt: skip
        with np.errstate(invalid="ignore"):
            keep &= ~bad & (price <= section.most)
    return start[keep], end[keep], cost[keep]


def _wide(
    table: Table, section: TravelConfig, decimal: Decimal, known: Sequence[str], problems: Problems
) -> tuple[Ints, Ints, Ints] | None:
    """One row per origin, one column per place, minutes in the cells."""
    if section.from_ not in table.columns:
        problems.error(
            "unknown-column",
            phrase('there is no column "{name}"', name=section.from_),
            file=table.file,
            column=section.from_,
        )
        return None
    start = _positions(table, table[section.from_], known, problems)
    names = [n for n in table.columns if n != section.from_]
    index = {k: i for i, k in enumerate(known)}
    matched = match(names, list(known)).to
    to = [index.get(matched.get(n, ""), -1) for n in names]
    strange = [n for n, t in zip(names, to, strict=True) if t < 0]
    if strange:
        problems.caveat(
            "travel-unknown-id",
            phrases(
                "a column is no origin and no service, and was left out: {ids}",
                "{n} columns are no origins and no services, and were left out: {ids}",
                len(strange),
                ids=listed(strange, 3),
            ),
            file=table.file,
            count=len(strange),
        )
    rows, ends, costs = [], [], []
    for name, t in zip(names, to, strict=True):
        if t < 0:
            continue
        values, wrong = numbers_of(table, name, decimal)
        cost = _times(values, wrong, section.milliseconds, table, name, problems)
        good = cost >= 0
        rows.append(start[good])
        ends.append(np.full(int(good.sum()), t, dtype=np.int64))
        costs.append(cost[good])
    if problems.fatal:
        return None
    empty = [np.empty(0, dtype=np.int64)]
    return np.concatenate(rows or empty), np.concatenate(ends or empty), np.concatenate(costs or empty)


def _fastest(start: Ints, end: Ints, cost: Ints, table: Table, problems: Problems) -> tuple[Ints, Ints, Ints]:
    """Sort by pair and keep the fastest journey of each."""
    order = np.lexsort((cost, end, start))
    start, end, cost = start[order], end[order], cost[order]
    first = np.ones(len(start), dtype=bool)
    first[1:] = (np.diff(start) != 0) | (np.diff(end) != 0)
    more = int((~first).sum())
    if more:
        problems.caveat(
            "repeated-pair",
            phrases(
                "a pair of places stands more than once; its fastest journey was used",
                "{n} rows repeat a pair of places; the fastest journey of each pair was used",
                more,
            ),
            file=table.file,
            count=more,
        )
    return start[first], end[first], cost[first]


def _say_rowless(start: Ints, origins: Texts, table: Table, problems: Problems) -> None:
    there = np.zeros(len(origins), dtype=bool)
    there[start] = True
    rowless = [str(o) for o in origins[~there]]
    if rowless:
        problems.caveat(
            "origin-without-travel",
            phrases(
                "an origin has no journey in this table at all, so nothing can be reached from it: {ids}",
                "{n} origins have no journey in this table at all, so nothing can be reached from them: "
                "{ids}",
                len(rowless),
                ids=listed(rowless, 3),
            ),
            file=table.file,
            count=len(rowless),
            hint=phrase("If they were only left out of the table, their access is not known: add them."),
        )
