"""People by origin and group, as they were counted, and as they may be in truth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from isopolis.intersect.observed import NEVER, candidates
from isopolis.model import CallError, Counts, Group, Mechanism
from isopolis.model.text import phrase, phrases

__all__ = ["EVERYONE_NAME", "People", "Redraw", "lattice"]

Floats = npt.NDArray[np.float64]

EVERYONE_NAME = "everyone"
NOISY = (Mechanism.ROUNDED, Mechanism.CELL_KEY, Mechanism.DP, Mechanism.INTERVAL)
SAMPLED = (Mechanism.SAMPLE, Mechanism.MODELLED)


def lattice(counts: Counts, depth: int = 2) -> tuple[Group, ...]:
    """Every group of one dimension, then every crossing of two, and so on up to `depth` dimensions."""
    sizes = range(1, min(depth, len(counts.dimensions)) + 1)
    return tuple(
        Group(tuple((d.name, d.categories[i]) for d, i in zip(chosen, flat, strict=True)))
        for size in sizes
        for chosen in combinations(counts.dimensions, size)
        for flat in np.ndindex(*(len(d.categories) for d in chosen))
    )


@dataclass(frozen=True, slots=True, eq=False)
class Redraw:
    """What true counts may be behind published ones, cell by cell and apart from one another.

    Parameters
    ----------
    base : (n,) array
        Best single number of each cell.
    at, law : (m,) arrays of int
        Cells with a law of candidates, and which one.
    edges, count : (U, S) arrays
        Laws: rising sums of probability, and the candidates.
    sampled, spread : (k,) arrays
        Cells with a standard error, and the error.
    """

    base: Floats
    at: npt.NDArray[np.intp]
    law: npt.NDArray[np.intp]
    edges: Floats
    count: Floats
    sampled: npt.NDArray[np.intp]
    spread: Floats

    @property
    def sure(self) -> bool:
        """True when every cell is known exactly."""
        return not len(self.at) and not len(self.sampled)

    def drawn(self, rng: np.random.Generator) -> Floats:
        """(n,) one set of counts that may be true.

        Counts of a sample follow a gamma law with the published count as its mean and the published
        standard error: never below 0, and right on average.
        """
        out = self.base.copy()
        if len(self.at):
            width = self.edges.shape[1]
            flat = (self.edges + np.arange(len(self.edges))[:, None]).ravel()
            spot = self.law + rng.random(len(self.at)) * (1 - 1e-9)
            pick = np.searchsorted(flat, spot, side="right") - self.law * width
            out[self.at] = self.count[self.law, np.clip(pick, 0, width - 1)]
        if len(self.sampled):
            mean = self.base[self.sampled]
            shape = (mean / self.spread) ** 2
            out[self.sampled] = rng.gamma(shape, mean / shape)
        return out


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """People by origin and group.

    Parameters
    ----------
    names : tuple of str
        Groups, then ``everyone``.
    cells : (O, C) array
        Best single numbers of the crossed cells.
    members : (C, G) array of 0 and 1
        Cells that make up each group; the last column is everyone.
    redraw : Redraw or None
        None when the error of the counts was not stated, or is not known.
    caveats : tuple of str
    """

    names: tuple[str, ...]
    cells: Floats
    members: Floats
    redraw: Redraw | None = None
    caveats: tuple[str, ...] = ()

    @classmethod
    def of(cls, counts: Counts, groups: Sequence[Group] | None = None) -> People:
        """Take people from counts.

        Parameters
        ----------
        counts : Counts
            Zones are the origins, in their order.
        groups : sequence of Group, optional
            Any groups of the crossed dimensions, also overlapping ones; every group and every crossing
            of two dimensions when not given.

        Raises
        ------
        CallError
            If a group names a dimension or category that is not counted.
        """
        chosen = lattice(counts) if groups is None else tuple(groups)
        crossed = list(counts.groups())
        for group in chosen:
            for name, category in group:
                counts.dimension(name).index(category)
        # everyone belongs to every cell: cells that were not collected are people not known
        member = np.array([[g.within(want) for want in chosen] for g in crossed], dtype=np.float64)
        members = np.concatenate([member.reshape(len(crossed), len(chosen)), np.ones((len(crossed), 1))], 1)
        redraw, caveats = _redraw(counts)
        cells = counts.best().reshape(len(counts.zone_ids), -1)
        return cls((*map(str, chosen), EVERYONE_NAME), cells, members, redraw, tuple(caveats))

    @classmethod
    def plain(cls, table: npt.ArrayLike, names: Iterable[str]) -> People:
        """Take (O, G) exact people by groups that share nobody and together are everyone."""
        cells = np.asarray(table, dtype=np.float64)
        labels = tuple(names)
        if cells.ndim != 2 or cells.shape[1] != len(labels):
            raise CallError("give one column of people for each group")
        members = np.concatenate([np.eye(len(labels)), np.ones((len(labels), 1))], axis=1)
        none = np.empty(0, dtype=np.intp)
        exact = Redraw(cells.ravel(), none, none, np.empty((0, 1)), np.empty((0, 1)), none, np.empty(0))
        return cls((*labels, EVERYONE_NAME), cells, members, exact)

    def table(self) -> Floats:
        """(O, G) people by group, the last column everyone."""
        return np.asarray(self.cells @ self.members)

    def drawn(self, rng: np.random.Generator) -> Floats:
        """(O, G) people by group as they may be in truth.

        Raises
        ------
        CallError
            If the error of the counts is not known.
        """
        if self.redraw is None:
            raise CallError("the error of these counts was not stated, so they cannot be drawn again")
        return np.asarray(self.redraw.drawn(rng).reshape(self.cells.shape) @ self.members)


def _redraw(counts: Counts) -> tuple[Redraw | None, list[str]]:
    base = counts.best().ravel()
    codes = np.asarray(counts.mechanism).ravel()
    caveats = []
    absent = int((codes == Mechanism.NOT_COLLECTED).sum())
    if absent:
        caveats.append(
            phrases(
                "{n} cell was not collected: its people are not in these figures.",
                "{n} cells were not collected: their people are not in these figures.",
                absent,
            )
        )
    in_sample = np.flatnonzero(np.isin(codes, SAMPLED))
    spread = np.zeros(0)
    if len(in_sample):
        if counts.se is None:
            caveats.append(
                phrase("The counts come from a sample whose error was not stated: no interval is given.")
            )
            return None, caveats
        error = np.asarray(counts.se).ravel()[in_sample]
        zero = int(((base[in_sample] == 0) & (error > 0)).sum())
        if zero:
            caveats.append(
                phrases(
                    "In {n} cell the sample found nobody: it was taken as empty.",
                    "In {n} cells the sample found nobody: they were taken as empty.",
                    zero,
                )
            )
        use = (error > 0) & (base[in_sample] > 0)
        in_sample, spread = in_sample[use], error[use]
    noisy = np.flatnonzero(np.isin(codes, NOISY))
    law, edges, count = _laws(counts, noisy, codes)
    return Redraw(base, noisy, law, edges, count, in_sample, spread), caveats


def _laws(
    counts: Counts, at: npt.NDArray[np.intp], codes: npt.NDArray[np.uint8]
) -> tuple[npt.NDArray[np.intp], Floats, Floats]:
    """Law of each noisy cell. Cells that were published alike share one, and there are few of those."""
    if not len(at):
        return np.empty(0, dtype=np.intp), np.empty((0, 1)), np.empty((0, 1))
    hidden = codes[at] == Mechanism.INTERVAL
    seen = np.where(hidden, 0.0, np.rint(counts.values.ravel()[at]))
    none = np.zeros(len(at))
    low = none if counts.lower is None else np.where(hidden, np.asarray(counts.lower).ravel()[at], 0.0)
    high = none if counts.upper is None else np.where(hidden, np.asarray(counts.upper).ravel()[at], 0.0)
    kinds, law = np.unique(np.stack([codes[at], seen, low, high]), axis=1, return_inverse=True)
    found = candidates(
        kinds[1],
        kinds[0].astype(np.uint8),
        counts.parameter,
        kinds[2] if counts.lower is not None else None,
        kinds[3] if counts.upper is not None else None,
    )
    weight = np.where(found.log > NEVER / 2, np.exp(found.log - found.log.max(axis=1, keepdims=True)), 0.0)
    edges = np.cumsum(weight, axis=1)
    return law.ravel().astype(np.intp), edges / edges[:, -1:], found.count
