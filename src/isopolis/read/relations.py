"""Which columns of a table add up to which: exact integer relations between columns.

The columns of a table span a space; every sum that holds in all rows is a
vector of coefficients that maps the columns to zero. Going through the columns
from the smallest to the largest, each column that depends on the smaller ones
gives one basic relation, and every relation with coefficients -1, 0 and 1 is a
combination of the basic ones with coefficients -1, 0 and 1. So all sums are
found without looking at names or at the order of columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import numpy.typing as npt

__all__ = ["Partition", "find_partitions", "near_partition", "shares"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

NEARLY = 0.95
"""Share of rows in which a sum must hold."""
MOST_RELATIONS = 11
"""Basic relations up to which every combination is tried; above, those of up to three."""


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    """Columns `parts` that add up to the column `total` (or to an unnamed one, numbered -1, -2 …)."""

    total: int
    parts: tuple[int, ...]


def find_partitions(table: Floats, seed: int = 0, trials: int = 6) -> list[Partition]:
    """Find all sums that hold in nearly every row.

    Parameters
    ----------
    table : (n, m) array
        Complete rows of the columns that may be counts.
    seed : int
        For the choice of rows: a sum that fails in a few rows is found in a
        sample without them.

    Returns
    -------
    list of Partition
        Sums with a column as total first. Sets of columns with the same sum
        but without a total column share a negative `total`.
    """
    n, m = table.shape
    if m < 2 or n < 4:
        return []
    table = table / max(float(np.abs(table).max()), 1.0)
    found: set[tuple[int, ...]] = set()
    for rows in _samples(n, m, seed, trials):
        found |= {tuple(v) for v in _relations(table[rows])}
    relations = [np.array(v) for v in sorted(found)]
    relations = [v for v in relations if _holds(table, v)]
    named = {p for v in relations for p in _with_total(v)}
    return sorted(named, key=lambda p: (p.total, p.parts)) + _without_total(table, relations, named)


def _samples(n: int, m: int, seed: int, trials: int) -> list[Ints]:
    size = max(m + 12, n // 2)
    if n <= m + 6:
        return []
    whole = np.arange(n)
    if size >= n:
        size = m + 6
    rng = np.random.default_rng(seed)
    return [whole] + [np.sort(rng.choice(n, size, replace=False)) for _ in range(trials)]


def _relations(table: Floats) -> Ints:
    """(r, m) every relation with coefficients -1, 0, 1, each up to sign once."""
    basis = _basis(table)
    if not len(basis):
        return basis
    d = len(basis)
    if d <= MOST_RELATIONS:
        weights = np.array(list(product((0, 1, -1), repeat=d)), dtype=np.int64)[1:]
    else:
        weights = _sparse_weights(d, 3 if d <= 40 else 2)
    vectors = weights @ basis
    vectors = vectors[(np.abs(vectors) <= 1).all(axis=1) & (np.abs(vectors).sum(axis=1) > 2)]
    first = np.take_along_axis(vectors, (vectors != 0).argmax(axis=1)[:, None], axis=1)
    return np.unique(vectors * first, axis=0) if len(vectors) else vectors


def _sparse_weights(d: int, most: int) -> Ints:
    rows = []
    for k in range(1, most + 1):
        for where in combinations(range(d), k):
            for signs in product((1, -1), repeat=k):
                row = np.zeros(d, dtype=np.int64)
                row[list(where)] = signs
                rows.append(row)
    return np.array(rows)


def _basis(table: Floats) -> Ints:
    """(d, m) one relation per column that depends on smaller ones with small whole coefficients."""
    n, m = table.shape
    order = np.argsort(table.sum(axis=0), kind="stable")
    directions = np.zeros((n, m))
    triangle = np.zeros((m, m))
    pivots: list[int] = []
    out = []
    for j in order:
        column = table[:, j]
        norm = float(np.linalg.norm(column))
        if norm == 0:
            continue
        k = len(pivots)
        known = directions[:, :k]
        along = known.T @ column
        rest = column - known @ along
        # once more: cancellation leaves a little of the known directions behind
        again = known.T @ rest
        rest, along = rest - known @ again, along + again
        size = float(np.linalg.norm(rest))
        if size > 1e-9 * norm:
            directions[:, k] = rest / size
            triangle[:k, k], triangle[k, k] = along, size
            pivots.append(int(j))
            continue
        weights = np.linalg.solve(triangle[:k, :k], along) if k else along
        whole = np.round(weights)
        if np.abs(weights - whole).max(initial=0.0) < 1e-4 and np.abs(whole).max(initial=0.0) <= 3:
            relation = np.zeros(m, dtype=np.int64)
            relation[pivots] = whole.astype(np.int64)
            relation[j] = -1
            out.append(relation)
    return np.array(out, dtype=np.int64).reshape(len(out), m)


def _holds(table: Floats, relation: Ints) -> bool:
    gap = np.abs(table @ relation)
    size = np.abs(table) @ np.abs(relation)
    good = gap <= 1e-8 * np.maximum(size, 1e-12)
    # rows of zeros show nothing
    filled = size > 0
    return bool(filled.sum() >= 3 and good[filled].mean() >= NEARLY and gap.sum() <= 0.05 * size.sum())


def _with_total(relation: Ints) -> list[Partition]:
    out = []
    for sign in (1, -1):
        minus = np.flatnonzero(relation == -sign)
        plus = np.flatnonzero(relation == sign)
        if len(minus) == 1 and len(plus) >= 2:
            out.append(Partition(int(minus[0]), tuple(int(i) for i in plus)))
    return out


def _without_total(table: Floats, relations: list[Ints], named: set[Partition]) -> list[Partition]:
    """Sets of columns with equal sums where no column holds the sum; the smallest sets only."""
    supports = [frozenset(np.flatnonzero(v).tolist()) for v in relations]
    used = {i for p in named for i in (p.total, *p.parts)}
    sides: dict[tuple[int, ...], Floats] = {}
    for v, support in zip(relations, supports, strict=True):
        if support & used or any(other < support for other in supports):
            continue
        for sign in (1, -1):
            side = tuple(int(i) for i in np.flatnonzero(v == sign))
            sides[side] = table[:, list(side)].sum(axis=1)
    classes: list[tuple[Floats, list[tuple[int, ...]]]] = []
    for side, total in sorted(sides.items()):
        for known, members in classes:
            if np.mean(np.abs(known - total) <= 1e-8 * np.maximum(total, 1e-12)) >= NEARLY:
                members.append(side)
                break
        else:
            classes.append((total, [side]))
    classes.sort(key=lambda c: -len(c[1]))
    return [Partition(-k, side) for k, (_, members) in enumerate(classes, 1) for side in _disjoint(members)]


def _disjoint(members: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    out: list[tuple[int, ...]] = []
    for side in sorted(members, key=len):
        if not any(set(side) & set(o) for o in out):
            out.append(side)
    return sorted(out)


def near_partition(
    left: Floats, targets: Floats, limit: float = 0.02, most: int = 11
) -> tuple[tuple[int, ...], int] | None:
    """Find left-over columns that together are nearly one of `targets` in nearly every row.

    For a dimension of its own universe (education of people aged 16 and over):
    no sum holds exactly, but zone by zone it follows one closely.

    Parameters
    ----------
    left : (n, k) array
    targets : (n, t) array
    limit : float
        Largest sum of absolute gaps, as a share of the target.

    Returns
    -------
    (positions in `left`, position in `targets`), or None
    """
    n, k = left.shape
    if not 3 <= k <= most or not targets.shape[1] or n < 10:
        return None
    masks = np.array([m for m in product((0.0, 1.0), repeat=k) if sum(m) >= 3])
    sums = left @ masks.T
    best: tuple[float, int, int] | None = None
    for t in range(targets.shape[1]):
        gaps = np.abs(sums - targets[:, [t]]).sum(axis=0) / max(float(targets[:, t].sum()), 1e-12)
        i = int(gaps.argmin())
        if best is None or gaps[i] < best[0]:
            best = (float(gaps[i]), i, t)
    if best is None or best[0] > limit:
        return None
    chosen = tuple(int(i) for i in np.flatnonzero(masks[best[1]]))
    return chosen, best[2]


def shares(table: Floats) -> list[tuple[int, int, int]]:
    """Find columns that are a share: (share, part, whole) where share = part ÷ whole, or in per cent.

    A stored share is proof that `part` is a part of `whole`.
    """
    m = table.shape[1]
    small = [j for j in range(m) if 0 < table[:, j].max(initial=0.0) <= 100 and table[:, j].std() > 0]
    out = []
    for j in small:
        for part, whole in product(range(m), repeat=2):
            if (
                part == whole
                or j in (part, whole)
                or not (table[:, part] <= table[:, whole] * (1 + 1e-9)).all()
            ):
                continue
            if _is_share(table[:, j], table[:, part], table[:, whole]):
                out.append((j, part, whole))
    return out


def _is_share(share: Floats, part: Floats, whole: Floats) -> bool:
    use = whole > 0
    if use.sum() < 8:
        return False
    for scale, slack in ((100.0, 0.06), (1.0, 0.0006)):
        gap = np.abs(scale * part[use] / whole[use] - share[use])
        if share[use].std() > 10 * slack and (gap <= slack).mean() >= NEARLY:
            return True
    return False
