"""Long tables: a row per zone, date and crossing of categories."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isopolis.model import Counts, Dimension, Mechanism, Problems, near
from isopolis.model.text import count, phrase, phrases

from .cells import Cells, counts_of
from .checks import fractional, rounding
from .config import DimensionConfig
from .counts_wide import Sheet
from .numbers import Kind, Parsed, report
from .vocabulary import dimension_of, plain

__all__ = ["ALL_WORDS", "read_long"]

Index = npt.NDArray[np.int64]

ALL_WORDS = frozenset(
    "total totals all everyone sum both both_sexes overall gesamt insgesamt zusammen summe ensemble tous "
    "toutes_les totale tutti "
    "todos ambos_sexos ambos razem ogolem yhteensa kaikki totaal i_alt totalt alla общо всичко συνολο "
    "t".split()
)
"""Names of a category that is everyone."""

MOST_CELLS = 50_000_000


@dataclass(frozen=True, slots=True, eq=False)
class _Axis:
    """One dimension, and the category of each row (-1 where the row is left out)."""

    dimension: Dimension
    code: Index


def read_long(sheet: Sheet, problems: Problems) -> list[Counts]:
    """Read a long table into crossed counts, one per date.

    A combination without a row is 0 where the zone has other rows at that
    date, because long tables usually leave zeros out; this is said. A zone
    without any row at a date was not collected.
    """
    axes = _axes(sheet, problems)
    if axes is None:
        return []
    numbers = _numbers(sheet, problems)
    if numbers is None:
        return []
    use = np.logical_and.reduce([a.code >= 0 for a in axes])
    shape = (len(sheet.ids), *(len(a.dimension.categories) for a in axes))
    if np.prod(shape) > MOST_CELLS:
        problems.error(
            "too-many-cells",
            phrase("the crossing has {prod} cells", prod=count(float(np.prod(shape)))),
            file=sheet.table.file,
            rule=phrase("at most {MOST_CELLS}", MOST_CELLS=count(MOST_CELLS)),
            hint=phrase("Cross fewer dimensions in one table."),
        )
        return []
    out = []
    for date, rows in sheet.by_date().items():
        counts = _one_date(sheet, axes, numbers, rows[use[rows]], shape, date, problems)
        if counts is not None:
            out.append(counts)
    return out


def _axes(sheet: Sheet, problems: Problems) -> list[_Axis] | None:
    axes = [_axis(sheet, d, problems) for d in sheet.config.dimensions]
    return None if any(a is None for a in axes) else [a for a in axes if a is not None]


def _natural(text: str) -> tuple[float, str]:
    """Sort key: by the first number, so that 5-9 comes before 10-14; below and under come first."""
    number = re.search(r"\d+(?:\.\d+)?", text)
    lower = plain(text).startswith(("under", "below", "less", "unter", "moins", "menos", "do_", "alle"))
    return (float(number[0]) - (0.5 if lower else 0.0) if number else np.inf, text)


def _axis(sheet: Sheet, config: DimensionConfig, problems: Problems) -> _Axis | None:
    codes, texts = sheet.table[config.column].coded()
    present = [str(texts[c]) for c in np.unique(codes)]
    blank = np.flatnonzero(texts[codes] == "") if "" in present else np.empty(0, dtype=np.int64)
    if len(blank):
        problems.error(
            "missing-category",
            phrases(
                '{n} row has no category of "{name}"',
                '{n} rows have no category of "{name}"',
                len(blank),
                name=config.name,
            ),
            file=sheet.table.file,
            rows=sheet.table.shown(blank),
            count=len(blank),
            column=config.column,
            hint=phrase('Fill every such cell, with a category such as "unknown" where it is not known.'),
        )
        return None
    everyone = [t for t in present if plain(t) in ALL_WORDS] if not config.categories else []
    left = [t for t in present if t not in everyone] or present
    if everyone and left != present:
        problems.caveat(
            "total-category",
            phrase(
                'rows in which "{name}" is "{everyone}" were left out: they repeat the others',
                name=config.name,
                everyone=everyone[0],
            ),
            file=sheet.table.file,
            column=config.column,
        )
    categories = config.categories or tuple(sorted(left, key=_natural))
    unknown = [t for t in left if t not in categories]
    if unknown:
        rows = np.flatnonzero(texts[codes] == unknown[0])
        problems.error(
            "unknown-category",
            phrase(
                '"{name}" has categories that city.toml does not list: {suggestion}',
                name=config.name,
                suggestion=near(unknown[0], categories),
            ),
            file=sheet.table.file,
            rows=sheet.table.shown(rows),
            count=len(rows),
            column=config.column,
            value=unknown[0],
            rule=", ".join(categories),
            hint=phrase("Add it to categories, or correct the cells."),
        )
        return None
    position = {c: i for i, c in enumerate(categories)}
    lookup = np.array([position.get(str(t), -1) for t in texts], dtype=np.int64)
    return _Axis(dimension_of(config, categories), lookup[codes])


@dataclass(frozen=True, slots=True, eq=False)
class _Numbers:
    count: Parsed
    lower: Parsed | None
    upper: Parsed | None
    se: Parsed | None
    mechanism: npt.NDArray[np.uint8]


def _numbers(sheet: Sheet, problems: Problems) -> _Numbers | None:
    config, n = sheet.config, len(sheet.table)
    one = np.ones(n)
    read: dict[str, Parsed | None] = {
        k: sheet.number(getattr(config, k)) if getattr(config, k) else None
        for k in ("count", "lower", "upper", "se")
    }
    good = [report(p, sheet.table, getattr(config, k), problems) for k, p in read.items() if p is not None]
    if not all(good):
        return None
    count = read["count"] or Parsed(one, np.zeros(n, dtype=np.uint8), one, one)
    mechanism = _mechanisms(sheet, count, problems)
    low, high = read["lower"], read["upper"]
    if mechanism is not None and low is not None and high is not None:
        # an empty count between stated bounds is suppressed, not missing
        both = (low.kind == Kind.NUMBER) & (high.kind == Kind.NUMBER) & (count.kind == Kind.MISSING)
        mechanism = np.where(both, np.uint8(Mechanism.INTERVAL), mechanism)
    return None if mechanism is None else _Numbers(count, read["lower"], read["upper"], read["se"], mechanism)


def _mechanisms(sheet: Sheet, count: Parsed, problems: Problems) -> npt.NDArray[np.uint8] | None:
    config = sheet.config
    out = np.full(len(sheet.table), Mechanism[config.mechanism_default.upper()], dtype=np.uint8)
    if config.mechanism:
        codes, texts = sheet.table[config.mechanism].coded()
        names = {m.name.lower(): int(m) for m in Mechanism}
        wrong = [str(t) for t in texts if str(t).lower() not in ("", *names)]
        if wrong:
            rows = np.flatnonzero(texts[codes] == wrong[0])
            problems.error(
                "unknown-mechanism",
                phrase("this is no way of observing a count: {suggestion}", suggestion=near(wrong[0], names)),
                file=sheet.table.file,
                rows=sheet.table.shown(rows),
                count=len(rows),
                column=config.mechanism,
                value=wrong[0],
                rule=", ".join(names),
                hint=phrase("Correct the cells."),
            )
            return None
        default = int(Mechanism[config.mechanism_default.upper()])
        out = np.array([names.get(str(t).lower(), default) for t in texts], dtype=np.uint8)[codes]
    out = np.where(count.kind == Kind.SUPPRESSED, np.uint8(Mechanism.INTERVAL), out)
    # an empty cell is not collected, unless its bounds are given beside it
    empty = (count.kind == Kind.MISSING) & (out != Mechanism.INTERVAL)
    return np.where(empty, np.uint8(Mechanism.NOT_COLLECTED), out).astype(np.uint8)


def _one_date(
    sheet: Sheet,
    axes: list[_Axis],
    numbers: _Numbers,
    rows: Index,
    shape: tuple[int, ...],
    date: str,
    problems: Problems,
) -> Counts | None:
    flat = (
        np.ravel_multi_index((sheet.zone[rows], *(a.code[rows] for a in axes)), shape) if len(rows) else rows
    )
    size = int(np.prod(shape))
    times = np.bincount(flat, minlength=size)
    if sheet.config.count and (times > 1).any():
        _say_twice(sheet, rows, flat, times, problems)
        return None
    cells = _cells(numbers, rows, flat, size, shape)
    has_rows = times.reshape(shape[0], -1).sum(axis=1) > 0
    _say_absent(sheet, times.reshape(shape[0], -1), has_rows, date, problems)
    cells.mechanism[~has_rows] = Mechanism.NOT_COLLECTED
    se = _spread(numbers.se, rows, flat, size, shape) if numbers.se is not None else None
    base, weighted = sheet.config.parameter, fractional(cells.values[cells.known])
    found = None if base or weighted else rounding(cells.values[cells.mechanism == Mechanism.EXACT])
    if found:
        base = float(found.base)
        cells.mechanism[cells.mechanism == Mechanism.EXACT] = Mechanism.ROUNDED
        problems.caveat(
            "rounded-counts",
            phrase(
                "small counts are rounded: of {small} values from 1 to {top}, {multiples} are "
                "multiples of {base} and none is below it",
                small=count(found.small),
                top=found.top,
                multiples=count(found.multiples),
                base=found.base,
            ),
            file=sheet.table.file,
            column=sheet.config.count or None,
            count=found.small,
        )
    if weighted:
        problems.caveat(
            "fractional-counts",
            phrase("the counts are no whole numbers: they are estimates"),
            file=sheet.table.file,
            column=sheet.config.count or None,
        )
    return counts_of(
        cells,
        sheet.ids,
        tuple(a.dimension for a in axes),
        date=date,
        universe=sheet.config.universe,
        source=sheet.config.source,
        parameter=base,
        weighted=weighted,
        se=se,
    )


def _spread(
    parsed: Parsed, rows: Index, flat: Index, size: int, shape: tuple[int, ...]
) -> npt.NDArray[np.float64]:
    return _summed(flat, parsed.values[rows], size).reshape(shape)


def _summed(flat: Index, weights: npt.NDArray[np.float64], size: int) -> npt.NDArray[np.float64]:
    # without rows, numpy counts in whole numbers
    return np.bincount(flat, weights=weights, minlength=size).astype(np.float64)


def _cells(numbers: _Numbers, rows: Index, flat: Index, size: int, shape: tuple[int, ...]) -> Cells:
    codes = numbers.mechanism[rows]
    mechanism = np.zeros(size, dtype=np.uint8)
    if codes.any():
        np.maximum.at(mechanism, flat, codes)
    values = _summed(flat, np.where(codes == Mechanism.NOT_COLLECTED, 0.0, numbers.count.values[rows]), size)
    if not (codes == Mechanism.INTERVAL).any():
        return Cells(
            values.reshape(shape), mechanism.reshape(shape), values.reshape(shape), values.reshape(shape)
        )
    hidden = codes == Mechanism.INTERVAL
    low = np.where(
        hidden & (numbers.lower is not None),
        numbers.lower.values[rows] if numbers.lower else 0,
        numbers.count.lower[rows],
    )
    high = np.where(
        hidden & (numbers.upper is not None),
        numbers.upper.values[rows] if numbers.upper else 0,
        numbers.count.upper[rows],
    )
    lower = _summed(flat, low, size)
    upper = _summed(flat, high, size)
    open_end = np.isinf(upper)
    mechanism[open_end] = Mechanism.NOT_COLLECTED
    upper[open_end] = lower[open_end] = values[open_end] = 0.0
    tight = (mechanism == Mechanism.INTERVAL) & ((values < lower) | (values > upper))
    values[tight] = (lower[tight] + upper[tight]) / 2
    return Cells(values.reshape(shape), mechanism.reshape(shape), lower.reshape(shape), upper.reshape(shape))


def _say_twice(sheet: Sheet, rows: Index, flat: Index, times: Index, problems: Problems) -> None:
    again = rows[times[flat] > 1]
    problems.error(
        "duplicate-cell",
        phrase("the same zone, date and categories stand in more than one row"),
        file=sheet.table.file,
        rows=sheet.table.shown(again),
        count=len(again),
        rule=phrase("one row per zone, date and combination of categories"),
        hint=phrase("Remove the repeated rows, or name the column that tells them apart as a dimension."),
    )


def _say_absent(
    sheet: Sheet, times: Index, has_rows: npt.NDArray[np.bool_], date: str, problems: Problems
) -> None:
    if not sheet.config.count:
        return
    absent = int((times[has_rows] == 0).sum())
    if absent:
        at = phrase(" at {date}", date=date) if date else ""
        problems.caveat(
            "absent-rows",
            phrases(
                "{n} combination of zone and categories has no row{at} and was read as 0, as long "
                "tables usually leave zeros out",
                "{n} combinations of zone and categories have no row{at} and were read as 0, as long "
                "tables usually leave zeros out",
                absent,
                at=at,
            ),
            file=sheet.table.file,
            count=absent,
        )
