"""From all sums of a table to the few that are worth being dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from .relations import Partition
from .vocabulary import words

__all__ = ["Chosen", "Crossing", "choose"]

Floats = npt.NDArray[np.float64]
MOST_CATEGORIES = 40
MOST_REFINED = 12


@dataclass(frozen=True, slots=True)
class Crossing:
    """Columns `inside` count, category by category of `across`, the members of `part`."""

    part: int
    within: Partition
    across: Partition
    inside: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Partitions to make dimensions of, main total first, and crossings between them."""

    partitions: tuple[Partition, ...]
    crossings: tuple[Crossing, ...]


def choose(table: Floats, names: Sequence[str], partitions: Sequence[Partition]) -> Chosen:
    """Pick the sums that are dimensions of their own.

    A sum that merely replaces a part of another sum by that part's own parts is
    left out, unless all parts that can be split are (the finest version, one
    per city total); a split that mirrors another dimension is a crossing.

    Parameters
    ----------
    table : (n, m) array
    names : sequence of str
        Headings; used only to tell columns with equal numbers apart.
    partitions : sequence of Partition
    """
    unnamed = [p for p in partitions if p.total < 0]
    by_total = _without_doubles(table, names, [p for p in partitions if p.total >= 0])
    parts = {i for some in by_total.values() for p in some for i in p.parts}
    equal = _classes(table)
    part_classes = {equal[i] for i in parts}
    roots = sorted(
        (t for t in by_total if equal[t] not in part_classes), key=lambda t: -float(table[:, t].sum())
    )
    out: list[Partition] = []
    crossings: list[Crossing] = []
    for root in roots:
        direct = [
            p for p in by_total[root] if not _derived(p, by_total, equal) and len(p.parts) <= MOST_CATEGORIES
        ]
        found = _crossings(table, direct, by_total)
        crossings += found
        mirrored = {frozenset(c.inside) for c in found}
        finest = [f for p in direct if len((f := _finest(p, by_total, mirrored)).parts) <= MOST_REFINED]
        out += [p for some in _without_doubles(table, names, direct + finest).values() for p in some]
    return Chosen(tuple(out + unnamed), tuple(crossings))


def _classes(table: Floats) -> list[int]:
    """First column with the same numbers, for each column."""
    first: dict[bytes, int] = {}
    return [first.setdefault(np.ascontiguousarray(table[:, j]).tobytes(), j) for j in range(table.shape[1])]


def _affinity(names: Sequence[str], parts: Sequence[int]) -> float:
    sets = [set(words(names[i])) for i in parts]
    return sum(len(a & b) / max(len(a | b), 1) for a, b in combinations(sets, 2))


def _without_doubles(
    table: Floats, names: Sequence[str], partitions: Sequence[Partition]
) -> dict[int, list[Partition]]:
    """Keep one of sums that differ only by columns with equal numbers: that with the most alike headings."""
    equal = _classes(table)
    best: dict[tuple[int, tuple[int, ...]], Partition] = {}
    for p in partitions:
        key = (equal[p.total], tuple(sorted(equal[i] for i in p.parts)))
        known = best.get(key)
        if known is None or _rank(names, p) > _rank(names, known):
            best[key] = p
    out: dict[int, list[Partition]] = {}
    for (total, _), p in best.items():
        out.setdefault(total, []).append(Partition(total, p.parts))
    return out


def _rank(names: Sequence[str], p: Partition) -> tuple[float, int]:
    return (round(_affinity(names, p.parts), 9), -p.total)


def _derived(p: Partition, by_total: dict[int, list[Partition]], equal: Sequence[int]) -> bool:
    """True when `p` is another sum of the same total with one part split into its own parts."""
    mine = sorted(equal[i] for i in p.parts)
    for other in by_total[p.total]:
        for t in other.parts:
            rest = [equal[i] for i in other.parts if i != t]
            for split in by_total.get(equal[t], ()):
                if sorted(rest + [equal[i] for i in split.parts]) == mine:
                    return True
    return False


def _finest(p: Partition, by_total: dict[int, list[Partition]], mirrored: set[frozenset[int]]) -> Partition:
    """Split every part that adds up in exactly one way of its own."""
    parts = list(p.parts)
    for _ in range(4):
        before = parts
        parts = [i for t in before for i in _split(t, by_total, mirrored)]
        if parts == before or len(set(parts)) != len(parts):
            return Partition(p.total, tuple(sorted(before)))
    return Partition(p.total, tuple(sorted(parts)))


def _split(t: int, by_total: dict[int, list[Partition]], mirrored: set[frozenset[int]]) -> tuple[int, ...]:
    ways = [
        q
        for q in by_total.get(t, ())
        if frozenset(q.parts) not in mirrored and not _shorter(q, by_total[t], by_total)
    ]
    return ways[0].parts if len(ways) == 1 else (t,)


def _shorter(q: Partition, others: Sequence[Partition], by_total: dict[int, list[Partition]]) -> bool:
    """True when `q` only splits a part of another way."""
    return any(
        set(o.parts) - {t} | set(s.parts) == set(q.parts)
        for o in others if o != q for t in o.parts for s in by_total.get(t, ())
    )  # fmt: skip


def _crossings(
    table: Floats, direct: Sequence[Partition], by_total: dict[int, list[Partition]]
) -> list[Crossing]:
    out = []
    for across in direct:
        for within in direct:
            if within == across or len(within.parts) != 2:
                continue
            for part in within.parts:
                pairs = [
                    _paired(table, across.parts, q.parts)
                    for q in by_total.get(part, ())
                    if len(q.parts) == len(across.parts)
                ]
                good = [p for p in pairs if p]
                if len(good) == 1 and len(across.parts) > 2:
                    out.append(Crossing(part, within, across, good[0]))
    unique: dict[tuple[Partition, Partition], Crossing] = {}
    for c in out:
        unique.setdefault((c.within, c.across), c)
    return list(unique.values())


def _paired(table: Floats, wholes: Sequence[int], parts: Sequence[int]) -> tuple[int, ...]:
    """Pair each whole with the part that fits into it and follows it most closely; empty if they do not."""
    fits = np.array([[bool((table[:, q] <= table[:, w] * (1 + 1e-9)).all()) for q in parts] for w in wholes])
    alike = np.array([[_alike(table[:, w], table[:, q]) for q in parts] for w in wholes])
    score = np.where(fits, alike, -np.inf)
    chosen = [-1] * len(wholes)
    for _ in wholes:
        i, j = np.unravel_index(int(np.argmax(score)), score.shape)
        if not np.isfinite(score[i, j]):
            return ()
        chosen[int(i)] = parts[int(j)]
        score[i, :] = score[:, j] = -np.inf
    return tuple(chosen)


def _alike(a: Floats, b: Floats) -> float:
    if a.std() == 0 or b.std() == 0:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])
