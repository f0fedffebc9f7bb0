"""Wide tables: a column per group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isopolis.model import Counts, Dimension, Mechanism, Problems, near
from isopolis.model.text import phrase, phrases

from .cells import Cells, bounded, cells_of, counts_of, joined, scatter
from .checks import GROSS, check_total, fractional
from .columns import Table
from .config import CrossingConfig, DimensionConfig, TableConfig
from .numbers import Decimal, Kind, Parsed, parse, report
from .rounded import rounded_base
from .vocabulary import dimension_of
from .wording import named_zones

__all__ = ["Sheet", "read_wide"]

Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A table whose rows are placed in zones and dates.

    Parameters
    ----------
    table : Table
    config : TableConfig
    decimal : Decimal
    zone : (n,) int array
        Position of each row's zone in `ids`.
    ids : (Z,) array of str
        Zones of the city.
    date : (n,) int array
        Position of each row's date in `dates`.
    dates : tuple of str
        Oldest first.
    """

    table: Table
    config: TableConfig
    decimal: Decimal
    zone: Index
    ids: npt.NDArray[np.object_]
    date: Index
    dates: tuple[str, ...]

    def by_date(self) -> dict[str, Index]:
        """Rows of each date, oldest first."""
        return {name: np.flatnonzero(self.date == i) for i, name in enumerate(self.dates)}

    def number(self, column: str) -> Parsed:
        """Parse one column."""
        return parse(self.table[column], self.decimal, self.config.missing)


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    """What all dimensions of a table share."""

    sheet: Sheet
    parsed: dict[str, Parsed]
    totals: dict[str, Floats]
    total_known: dict[str, npt.NDArray[np.bool_]]
    mechanism: Mechanism
    base: float


def read_wide(sheet: Sheet, problems: Problems) -> list[Counts]:
    """Read every dimension and crossing of a wide table.

    Parameters
    ----------
    sheet : Sheet
    problems : Problems
        Receives negative counts, text, totals that disagree, repeated zones.

    Returns
    -------
    list of Counts
        Per date, a one-dimensional table for each dimension and a two-dimensional
        one for each crossing; a total without any dimension gives counts without
        dimensions. Empty when something fatal was found.
    """
    config = sheet.config
    if not _once(sheet, problems):
        return []
    numeric = [
        n
        for n in config.needed()
        if n not in (config.zone, config.date_column, *config.context, *config.where)
    ]
    parsed = {n: sheet.number(n) for n in numeric}
    clean = [report(p, sheet.table, n, problems) for n, p in parsed.items()]
    if not all(clean):
        return []
    read = _shared(sheet, parsed, problems)
    _say_fractions(sheet, parsed, problems)
    out: list[Counts] = []
    made: dict[str, tuple[Dimension, Cells]] = {}
    for dimension in config.dimensions:
        cells = _dimension(read, dimension, problems)
        if cells is not None:
            made[dimension.name] = cells
            out += _by_date(read, (cells[0],), cells[1], dimension.universe or config.universe)
    for crossing in config.crossings:
        crossed = _crossing(read, crossing, made, problems)
        if crossed is not None:
            out += _by_date(read, *crossed, config.universe)
    if not config.dimensions and config.total:
        everyone = cells_of([parsed[config.total]], read.mechanism)
        flat = Cells(
            everyone.values[:, 0], everyone.mechanism[:, 0], everyone.lower[:, 0], everyone.upper[:, 0]
        )
        out += _by_date(read, (), flat, config.universe)
    return out


def _once(sheet: Sheet, problems: Problems) -> bool:
    """True when no zone stands twice at a date."""
    _, first, times = np.unique(
        sheet.zone * len(sheet.dates) + sheet.date, return_index=True, return_counts=True
    )
    twice = times > 1
    if not twice.any():
        return True
    rows = np.sort(first[twice])
    names = named_zones(sheet.ids[sheet.zone[rows]])
    problems.error(
        "duplicate-zone",
        phrases(
            "{names} stands in more than one row at the same date",
            "{names} stand in more than one row at the same date",
            len(rows),
            names=names,
        ),
        file=sheet.table.file,
        rows=sheet.table.shown(rows),
        count=int(twice.sum()),
        column=sheet.config.zone,
        rule=phrase("one row per zone and date"),
        hint=phrase('Remove the repeated rows, or name the date column: date_column = "...".'),
    )
    return False


def _say_fractions(sheet: Sheet, parsed: dict[str, Parsed], problems: Problems) -> None:
    broken = [n for n, p in parsed.items() if fractional(p.values[p.kind == Kind.NUMBER])]
    if broken:
        problems.caveat(
            "fractional-counts",
            phrases(
                "the numbers of people are no whole numbers in {n} column: they are estimates or weighted",
                "the numbers of people are no whole numbers in {n} columns: they are estimates or weighted",
                len(broken),
            ),
            file=sheet.table.file,
            column=broken[0],
            count=len(broken),
        )


def _shared(sheet: Sheet, parsed: dict[str, Parsed], problems: Problems) -> _Read:
    config = sheet.config
    names = {config.total, *(d.total for d in config.dimensions)} - {""}
    mechanism = Mechanism[config.mechanism_default.upper()]
    noisy = mechanism in (Mechanism.CELL_KEY, Mechanism.DP)
    base = config.parameter or (0 if noisy else rounded_base(sheet, parsed, problems))
    if base and mechanism is Mechanism.EXACT:
        mechanism = Mechanism.ROUNDED
    return _Read(
        sheet,
        parsed,
        {n: parsed[n].values for n in names},
        {n: parsed[n].kind == Kind.NUMBER for n in names},
        mechanism,
        float(base),
    )


def _dimension(read: _Read, config: DimensionConfig, problems: Problems) -> tuple[Dimension, Cells] | None:
    sheet = read.sheet
    cells = cells_of([read.parsed[c] for c in config.columns], read.mechanism)
    total = read.totals.get(config.total)
    cells = bounded(cells, total)
    categories = config.columns
    if config.complement:
        completed = _complete(read, config, cells, problems)
        if completed is None:
            return None
        cells, categories = completed, (*config.columns, config.complement)
    elif total is not None:
        known = cells.known.all(axis=1) & read.total_known[config.total]
        weighted = fractional(cells.values[cells.known])
        if not check_total(
            cells.values.sum(axis=1),
            total,
            known,
            name=config.name,
            total_name=config.total,
            ids=sheet.ids[sheet.zone].tolist(),
            file=sheet.table.file,
            problems=problems,
            weighted=weighted,
        ):
            return None
    return dimension_of(config, categories), cells


def _complete(read: _Read, config: DimensionConfig, cells: Cells, problems: Problems) -> Cells | None:
    """Add the category that is everyone else."""
    sheet = read.sheet
    total_name = config.total or sheet.config.total
    if not total_name:
        problems.error(
            "missing-total",
            phrase(
                'the rest "{complement}" of "{name}" needs a total to be taken from',
                complement=config.complement,
                name=config.name,
            ),
            file=sheet.table.file,
            hint=phrase('Write total = "..." for this dimension in city.toml.'),
        )
        return None
    total, known = (
        read.parsed[total_name].values,
        read.total_known.get(total_name, read.parsed[total_name].kind == 0),
    )
    known = known & (cells.mechanism != Mechanism.NOT_COLLECTED).all(axis=1)
    rest = total - cells.values.sum(axis=1)
    below = np.flatnonzero(known & (rest < -1e-6 * np.maximum(total, 1.0)) & cells.known.all(axis=1))
    if len(below):
        share = float(-rest[below].sum() / max(float(total[known].sum()), 1.0))
        worst = int(below[np.argmin(rest[below])])
        add = problems.error if share > GROSS else problems.caveat
        add(
            "groups-exceed-total",
            f'the columns of "{config.name}" are more than "{total_name}", worst in zone '
            f"{sheet.ids[sheet.zone[worst]]} by {-rest[worst]:,.6g}",
            file=sheet.table.file,
            rows=sheet.table.shown(below),
            count=len(below),
            column=total_name,
            hint="Check that both are about the same people; the rest was taken as 0 there.",
        )
        if share > GROSS:
            return None
    hidden = (cells.mechanism == Mechanism.INTERVAL).any(axis=1)
    code = np.where(
        ~known, Mechanism.NOT_COLLECTED, np.where(hidden, Mechanism.INTERVAL, read.mechanism)
    ).astype(np.uint8)
    value = np.where(known, np.maximum(rest, 0.0), 0.0)
    low = np.where(known, np.maximum(total - cells.upper.sum(axis=1), 0.0), 0.0)
    high = np.where(known, np.maximum(total - cells.lower.sum(axis=1), 0.0), 0.0)
    return joined(cells, Cells(value, code, low, high))


def _crossing(
    read: _Read, config: CrossingConfig, made: dict[str, tuple[Dimension, Cells]], problems: Problems
) -> tuple[tuple[Dimension, ...], Cells] | None:
    """Cross one category of dimension A with all of dimension B."""
    name, category = config.within
    file = read.sheet.table.file
    declared = [d.name for d in read.sheet.config.dimensions]
    for wanted in (name, config.dimension):
        if wanted not in declared:
            problems.error(
                "unknown-dimension",
                phrase(
                    'a crossing names the dimension "{wanted}": {suggestion}',
                    wanted=wanted,
                    suggestion=near(wanted, declared),
                ),
                file=file,
            )
            return None
    if name not in made or config.dimension not in made:
        return None
    (a, first), (b, whole) = made[name], made[config.dimension]
    absent = [c for c in b.categories if c not in config.columns]
    wrong = [c for c in config.columns if c not in b.categories] + (absent if len(absent) > 1 else [])
    if category not in a.categories or len(a.categories) != 2 or wrong:
        said = (
            f'"{wrong[0]}" is not one for one'
            if wrong
            else f'"{name}" needs two categories, one of them "{category}"'
        )
        problems.error(
            "bad-crossing",
            phrase(
                'the crossing of "{name}" and "{dimension}" does not fit: {said}',
                name=name,
                dimension=config.dimension,
                said=said,
            ),
            file=file,
            rule=phrase(
                "one column for every category of the second dimension but one, which is the remainder"
            ),
            hint=phrase("Correct [[tables.crossings]]."),
        )
        return None
    position = a.categories.index(category)
    inside = cells_of(
        [read.parsed[config.columns[c]] for c in b.categories if c in config.columns], read.mechanism
    )
    if absent:
        inside = _with_remainder(inside, first, position, b.categories.index(absent[0]))
    crossed = _split(read, config, inside, whole, position, problems)
    return None if crossed is None else ((a, b), crossed)


def _with_remainder(inside: Cells, first: Cells, position: int, place: int) -> Cells:
    """Put in the category of B that has no column: what the others leave of A's category."""
    value = first.values[:, position] - inside.values.sum(axis=1)
    code = np.maximum(inside.mechanism.max(axis=1), first.mechanism[:, position])
    gone = code == Mechanism.NOT_COLLECTED
    low = first.lower[:, position] - inside.upper.sum(axis=1)
    high = first.upper[:, position] - inside.lower.sum(axis=1)
    column = [np.where(gone, 0.0, np.maximum(v, 0.0)) for v in (value, low, high)]
    return Cells(
        np.insert(inside.values, place, column[0], axis=1),
        np.insert(inside.mechanism, place, code, axis=1),
        np.insert(inside.lower, place, column[1], axis=1),
        np.insert(inside.upper, place, column[2], axis=1),
    )


def _split(
    read: _Read, config: CrossingConfig, inside: Cells, whole: Cells, position: int, problems: Problems
) -> Cells | None:
    sheet = read.sheet
    both = inside.known & whole.known
    rest = whole.values - inside.values
    over = np.argwhere(both & (rest < -1e-6 * np.maximum(whole.values, 1.0)))
    if len(over):
        share = -float(rest[tuple(over.T)].sum()) / max(float(whole.values.sum()), 1.0)
        add = problems.error if share > GROSS else problems.caveat
        add(
            "crossing-exceeds",
            f'"{config.within[1]}" has more people than there are in all in some categories of '
            f'"{config.dimension}"',
            file=sheet.table.file,
            rows=sheet.table.shown(over[:, 0]),
            count=len(over),
            hint="Check that both columns are about the same people; the others were taken as 0 there.",
        )
        if share > GROSS:
            return None
    mechanism = np.maximum(inside.mechanism, whole.mechanism)
    gone = mechanism == Mechanism.NOT_COLLECTED
    other = Cells(
        np.where(gone, 0.0, np.maximum(rest, 0.0)),
        mechanism,
        np.where(gone, 0.0, np.maximum(whole.lower - inside.upper, 0.0)),
        np.where(gone, 0.0, np.maximum(whole.upper - inside.lower, 0.0)),
    )
    return joined(inside, other, axis=1) if position == 0 else joined(other, inside, axis=1)


def _by_date(read: _Read, dimensions: tuple[Dimension, ...], cells: Cells, universe: str) -> list[Counts]:
    sheet = read.sheet
    out = []
    weighted = fractional(cells.values[cells.known])
    for date, rows in sheet.by_date().items():
        spread = scatter(cells.take(rows), sheet.zone[rows], len(sheet.ids))
        out.append(
            counts_of(
                spread,
                sheet.ids,
                dimensions,
                date=date,
                universe=universe,
                source=sheet.config.source,
                parameter=read.base,
                weighted=weighted,
            )
        )
    return out
