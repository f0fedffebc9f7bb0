"""What can be worked out from a set of published sums: the attacker as linear programming.

All cells of all linked tables are the unknowns of one system ``A x = 0`` (a total is the sum of its
parts). Shown cells are numbers, hidden ones are variables of at least 0; the smallest and the
largest value of a hidden cell is what everybody with a computer can deduce.

References
----------
Fischetti, M. & Salazar, J. J. (2001): Solving the cell suppression problem on tabular data with
linear constraints, Management Science 47(7) (attacker subproblems). Solver: HiGHS through scipy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from isopolis.model import CallError, Counts, Mechanism

from .blocks import Block, blocks

__all__ = ["System", "bounds", "minimise", "system_of"]

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]
CLOSE = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class System:
    """The cells of linked tables and the sums between them.

    Parameters
    ----------
    tables : tuple of tuple of Block
        The blocks of each table.
    index : tuple of tuple of int arrays
        For each block, the number of each cell; a cell that several tables share has one number.
    truth : (n,) array
        True values; without meaning where `given`.
    given : (n,) bool array
        Hidden in the source already.
    low, high : (n,) arrays
        What everybody knows beforehand: 0 and infinity, or the bounds of the source.
    sums : (m, n) sparse array
        One row per total: +1 for parts, −1 for the total.
    weight : (n,) array
        How much is lost when the cell is hidden: totals of large areas most.
    whole : bool
        True when only whole numbers are possible and sums of whole solutions are not whole by
        themselves (more than one dimension beside the zones, or linked tables).
    """

    tables: tuple[tuple[Block, ...], ...]
    index: tuple[tuple[Indices, ...], ...]
    truth: Floats
    given: Flags
    low: Floats
    high: Floats
    sums: csr_array
    weight: Floats
    whole: bool

    def place(self, cell: int) -> tuple[str, str]:
        """Unit and group of a cell, for people."""
        for parts, numbers in zip(self.tables, self.index, strict=True):
            for block, at in zip(parts, numbers, strict=True):
                found = np.flatnonzero(at.reshape(-1) == cell)
                if len(found):
                    return block.place(int(found[0]))
        raise CallError(f"there is no cell {cell}")


class _Cells:
    """Numbers the cells, giving shared ones one number."""

    def __init__(self) -> None:
        self.truth: list[Floats] = []
        self.size = 0
        self.seen: dict[object, Indices] = {}
        self.columns: dict[str, list[Floats]] = {"given": [], "low": [], "high": [], "weight": []}

    def add(self, block: Block, depth: int, dropped: int) -> Indices:
        counts = block.counts
        unknown = (counts.mechanism >= Mechanism.INTERVAL).reshape(-1)
        truth = counts.values.reshape(-1)
        low, high = _source_bounds(counts, unknown)
        key = _identity(block)
        known = self.seen.get(key)
        new = np.ones(truth.size, dtype=np.bool_)
        if known is not None:
            theirs = np.concatenate(self.truth)[known]
            hidden = np.concatenate(self.columns["given"])[known].astype(np.bool_)
            new = (unknown != hidden) | (~unknown & (theirs != truth))
        numbers = np.empty(truth.size, dtype=np.intp)
        if known is not None:
            numbers[~new] = known[~new]
        numbers[new] = self.size + np.arange(int(new.sum()))
        self.size += int(new.sum())
        self.truth.append(truth[new])
        cost = (1 + np.log1p(truth)) * 4.0**dropped * 10.0**depth
        for name, values in (("given", unknown), ("low", low), ("high", high), ("weight", cost)):
            self.columns[name].append(np.asarray(values, dtype=np.float64)[new])
        self.seen.setdefault(key, numbers)
        return numbers.reshape(counts.values.shape)


def _identity(block: Block) -> object:
    counts = block.counts
    dimensions = tuple((d.name, d.categories) for d in counts.dimensions)
    return block.level, dimensions, counts.date, counts.universe, block.extents


def _source_bounds(counts: Counts, unknown: Flags) -> tuple[Floats, Floats]:
    low, high = np.zeros(unknown.size), np.full(unknown.size, np.inf)
    hidden = counts.hidden.reshape(-1)
    if counts.lower is not None and counts.upper is not None and hidden.any():
        low[hidden] = counts.lower.reshape(-1)[hidden]
        high[hidden] = counts.upper.reshape(-1)[hidden]
    return low, high


def system_of(tables: Sequence[Counts], parents: Mapping[str, npt.ArrayLike] | None = None) -> System:
    """Number the cells of linked tables and write down every sum between them.

    Parameters
    ----------
    tables : sequence of Counts
        Tables with the same zones; those of the same date and universe share their totals.
    parents : mapping of str to (Z,) array of str, optional
        Levels of parents, finest first.
    """
    parts = tuple(blocks(table, parents) for table in tables)
    cells = _Cells()
    index = []
    for table in parts:
        levels = list(dict.fromkeys(b.level for b in table))
        full = max(len(b.names) for b in table)
        index.append(tuple(cells.add(b, levels.index(b.level), full - len(b.names)) for b in table))
    truth = np.concatenate(cells.truth) if cells.truth else np.zeros(0)
    column = {name: np.concatenate(values) for name, values in cells.columns.items()}
    entries = [e for t, i in zip(parts, index, strict=True) for e in _table_sums(t, i)]
    whole = bool((truth == np.rint(truth)).all())
    network = len(tables) == 1 and all(len(t.dimensions) < 2 for t in tables)
    return System(
        tables=parts,
        index=tuple(index),
        truth=truth,
        given=column["given"].astype(np.bool_),
        low=column["low"],
        high=column["high"],
        sums=_matrix(entries, len(truth)),
        weight=column["weight"],
        whole=whole and not network,
    )


def _table_sums(parts: Sequence[Block], index: Sequence[Indices]) -> list[tuple[Indices, Indices]]:
    """Pairs of totals (m,) and their parts (m, k) inside one table."""
    at = {(b.level, b.names): i for b, i in zip(parts, index, strict=True)}
    out = []
    for block, numbers in zip(parts, index, strict=True):
        for axis, name in enumerate(block.names, start=1):
            total = at[block.level, tuple(n for n in block.names if n != name)]
            rows = np.moveaxis(numbers, axis, -1)
            out.append((total.reshape(-1), rows.reshape(-1, rows.shape[-1])))
    levels = list(dict.fromkeys(b.level for b in parts))
    for block, numbers in zip(parts, index, strict=True):
        if block.level != levels[0]:
            finer = levels[: levels.index(block.level)]
            below = [(b, i) for b, i in zip(parts, index, strict=True) if b.names == block.names]
            below = [(b, i) for b, i in below if b.level in finer]
            out += [_level_sum(numbers[row], extent, below) for row, extent in enumerate(block.extents)]
    return out


def _level_sum(
    total: Indices, extent: frozenset[str], below: list[tuple[Block, Indices]]
) -> tuple[Indices, Indices]:
    """Parts of one unit: the units of the coarsest finer level that make it up exactly."""
    for block, numbers in reversed(below):
        inside = [i for i, part in enumerate(block.extents) if part <= extent]
        if frozenset().union(*(block.extents[i] for i in inside)) == extent:
            return total.reshape(-1), numbers[inside].reshape(len(inside), -1).T
    raise CallError("a unit is not made of zones")


def _matrix(entries: Sequence[tuple[Indices, Indices]], cells: int) -> csr_array:
    rows, cols, data, top = [], [], [], 0
    for total, parts in entries:
        m, k = parts.shape
        line = top + np.arange(m)
        rows += [line, np.repeat(line, k)]
        cols += [total, parts.reshape(-1)]
        data += [np.full(m, -1.0), np.ones(m * k)]
        top += m
    if not rows:
        return csr_array((0, cells))
    place = (np.concatenate(rows), np.concatenate(cols))
    out = coo_array((np.concatenate(data), place), shape=(top, cells)).tocsr()
    out.sum_duplicates()
    return out


def minimise(
    cost: Floats, sums: csr_array, right: Floats, low: Floats, high: Floats, *, whole: bool
) -> tuple[str, Floats]:
    """Solve one linear (or whole-number) programme ``min cost·z, sums z = right, low ≤ z ≤ high``.

    Returns
    -------
    status : str
        ``optimal``, ``unbounded`` or ``infeasible``.
    z : array
        The solution when optimal, else empty.
    """
    solved = milp(
        cost,
        constraints=LinearConstraint(sums, right, right) if sums.shape[0] else (),
        bounds=Bounds(low, high),
        integrality=np.ones(len(cost)) if whole else None,
        options={"mip_rel_gap": 0.0},
    )
    if solved.status == 0:
        return "optimal", np.asarray(solved.x)
    return ("unbounded" if solved.status in (3, 4) else "infeasible"), np.zeros(0)


def bounds(system: System, hidden: Flags) -> tuple[Floats, Floats, bool]:
    """Return for every cell the bounds that an outsider can deduce when `hidden` is not shown.

    Parameters
    ----------
    system : System
    hidden : (n,) bool array

    Returns
    -------
    low, high : (n,) arrays
        Equal to the truth where shown; infinity where nothing limits a cell.
    consistent : bool
        False when the shown numbers contradict the bounds of the source; such cells keep those.
    """
    low, high = system.truth.copy(), system.truth.copy()
    free = np.flatnonzero(hidden)
    low[free], high[free] = system.low[free], system.high[free]
    lines = system.sums[:, free]
    used = np.diff(lines.indptr) > 0
    lines, shown = lines[used], np.where(hidden, 0.0, system.truth)
    right = -(system.sums[used] @ shown)
    _, label = connected_components((abs(lines.T) @ abs(lines)) if len(free) else csr_array((0, 0)))
    consistent = True
    for part in _by_label(label):
        mine = lines[:, part]
        rows = np.diff(mine.indptr) > 0
        ends = _component(mine[rows], right[rows], low[free[part]], high[free[part]], system.whole)
        if ends is None:
            consistent = False
            continue
        low[free[part]], high[free[part]] = ends
    return low, high, consistent


def _by_label(label: npt.NDArray[np.int32]) -> list[Indices]:
    order = np.argsort(label, kind="stable")
    cuts = np.flatnonzero(np.diff(label[order])) + 1
    return [p for p in np.split(order, cuts) if len(p)]


def _component(
    sums: csr_array, right: Floats, low: Floats, high: Floats, whole: bool
) -> tuple[Floats, Floats] | None:
    """Smallest and largest value of every variable of one connected part."""
    low, high = _tighten(sums, right, low, high)
    inner_low, inner_high = np.full(len(low), np.inf), np.full(len(low), -np.inf)
    for sign in (1.0, -1.0):
        for i in range(len(low)):
            reached = inner_low[i] <= low[i] + CLOSE if sign > 0 else inner_high[i] >= high[i] - CLOSE
            if reached:
                continue
            cost = np.zeros(len(low))
            cost[i] = sign
            status, z = minimise(cost, sums, right, low, high, whole=whole)
            if status == "infeasible":
                return None
            if status == "unbounded":
                continue
            inner_low, inner_high = np.minimum(inner_low, z), np.maximum(inner_high, z)
            end = low if sign > 0 else high
            end[i] = z[i]
    return _clean(low), _clean(high)


def _clean(ends: Floats) -> Floats:
    finite = np.where(np.isfinite(ends), ends, 0.0)
    near = np.rint(finite)
    return np.where(np.isfinite(ends) & (np.abs(finite - near) < CLOSE), near + 0.0, ends)


def _tighten(sums: csr_array, right: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Bounds from each sum by itself, repeated a few times: never too narrow, often exact."""
    low, high = low.copy(), high.copy()
    lines = sums.tocoo()
    row, col, sign = lines.row, lines.col, lines.data
    for _ in range(6):
        floor = np.where(sign > 0, low[col], -high[col])
        roof = np.where(sign > 0, high[col], -low[col])
        most = right[row] - _others(floor, row, len(right), -np.inf)
        least = right[row] - _others(roof, row, len(right), np.inf)
        before = low.copy(), high.copy()
        np.minimum.at(high, col, np.where(sign > 0, most, -least))
        np.maximum.at(low, col, np.where(sign > 0, least, -most))
        if np.array_equal(before[0], low) and np.array_equal(before[1], high):
            break
    return low, np.maximum(low, high)


def _others(values: Floats, row: Indices, lines: int, endless_as: float) -> Floats:
    """Sum of the other values in the same line; `endless_as` when one of them is infinite."""
    endless = ~np.isfinite(values)
    finite = np.where(endless, 0.0, values)
    rest = np.bincount(row, finite, minlength=lines)[row] - finite
    count = np.bincount(row, endless, minlength=lines)[row]
    return np.where(count - endless > 0, endless_as, rest)
