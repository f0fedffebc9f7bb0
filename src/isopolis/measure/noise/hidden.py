"""True counts behind published ones that carry noise, were rounded, or are hidden between bounds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from isopolis.intersect.mixing import grid_of, law_of, shares_drawn
from isopolis.intersect.observed import NEVER, Candidates, candidates, joined
from isopolis.model import Mechanism

from ..arrays import Floats
from ..draws import Observed

__all__ = ["HiddenPair", "cells_of"]

SURE_OWN, SURE_REST = 0.01, 0.03
"""A count whose error is below this part of it says the same of its share without it; it is drawn apart."""

SIZE_FREEDOM, NARROWEST = 5.0, 0.1
PAIRS_MOST, MANY_ZONES = 125, 20_000
ELEMENTS = 3_000_000


def cells_of(seen: Observed) -> list[Candidates]:
    """Candidates of every column of a table."""
    codes = np.zeros(seen.x.shape, dtype=np.uint8) if seen.mechanism is None else np.array(seen.mechanism)
    if seen.lower is not None and seen.upper is not None:
        codes = np.where(seen.upper > seen.lower, np.uint8(Mechanism.INTERVAL), codes)
    return [
        candidates(
            seen.x[:, g],
            codes[:, g],
            seen.parameter,
            None if seen.lower is None else seen.lower[:, g],
            None if seen.upper is None else seen.upper[:, g],
        )
        for g in range(seen.x.shape[1])
    ]


class HiddenPair:
    """Pairs of true counts that each zone may have: of a group, and of the more numerous others."""

    def __init__(self, own: Sequence[Candidates], rest: Sequence[Candidates]) -> None:
        a, self.apart_own = _settled(joined(list(own)), SURE_OWN)
        zones = len(a.count)
        nobody = Candidates(np.zeros((zones, 1)), np.zeros((zones, 1)))
        b, self.apart_rest = _settled(joined(list(rest)) if rest else nobody, SURE_REST)
        most = PAIRS_MOST if zones <= MANY_ZONES else PAIRS_MOST // 4
        if a.count.shape[1] * b.count.shape[1] > most:
            b = _three(b)
        shape = (zones, a.count.shape[1], b.count.shape[1])
        self.a = np.broadcast_to(a.count[:, :, None], shape).reshape(zones, -1)
        self.b = np.broadcast_to(b.count[:, None, :], shape).reshape(zones, -1)
        log = np.maximum(a.log[:, :, None] + b.log[:, None, :], NEVER).reshape(zones, -1)
        n = self.a + self.b
        self.log = log + gammaln(n + 1) - gammaln(self.a + 1) - gammaln(self.b + 1) + _size_law(n, log)
        # candidates that count come first, so that blocks of zones can be cut to what they need
        order = np.argsort(-(log > NEVER / 2).astype(np.int8), axis=1, kind="stable")
        self.a, self.b, self.log, self.seen = (
            np.take_along_axis(v, order, axis=1) for v in (self.a, self.b, self.log, log)
        )
        self.live = (self.log > NEVER / 2).sum(axis=1)

    def drawn(self, count: int, rng: np.random.Generator, laws: int) -> Floats:
        """(count, Z, 2) true counts."""
        theta = self._grid()
        if theta is None:
            return self.alone(count, rng, both=True)
        yes, no = -np.logaddexp(0, -theta), -np.logaddexp(0, theta)
        seen = self._likelihood(yes, no)
        law = law_of(seen, theta, np.ones(len(seen)), rng, min(laws, count))
        at = shares_drawn(lambda part: seen[part], law, len(seen), count, rng)
        out = np.empty((count, len(seen), 2))
        for zones in self._blocks(count):
            pick = self._picked(zones, -np.logaddexp(0, -at[:, zones]), -np.logaddexp(0, at[:, zones]), rng)
            for k, values in enumerate((self.a, self.b)):
                out[:, zones, k] = np.take_along_axis(values[zones][None], pick[..., None], axis=2)[..., 0]
        return self._with_errors(out, rng)

    def alone(self, count: int, rng: np.random.Generator, both: bool = False) -> Floats:
        """(count, Z) true counts of the group without a law of shares, or (count, Z, 2) with the others."""
        zero = np.zeros((count, len(self.a)))
        out = np.stack([zero, zero], axis=-1)
        for zones in self._blocks(count):
            pick = self._picked(zones, zero[:, zones] - 0.7, zero[:, zones] - 0.7, rng)
            for k, values in enumerate((self.a, self.b)):
                out[:, zones, k] = np.take_along_axis(values[zones][None], pick[..., None], axis=2)[..., 0]
        out = self._with_errors(out, rng)
        return out if both else out[..., 0]

    def _with_errors(self, out: Floats, rng: np.random.Generator) -> Floats:
        """Draw the counts that were settled by their own likelihood; (R, Z, 2) is changed in place."""
        for k, apart in enumerate((self.apart_own, self.apart_rest)):
            if apart is None:
                continue
            zones, c = apart
            rows = np.arange(len(zones))
            edges = np.cumsum(np.exp(c.log - c.log.max(axis=1, keepdims=True)), axis=1)
            edges = edges / edges[:, -1:] + rows[:, None]
            at = rows + rng.random((len(out), len(zones))) * (1 - 1e-9)
            pick = np.searchsorted(edges.ravel(), at.ravel(), side="right").reshape(at.shape)
            width = c.count.shape[1]
            out[:, zones, k] = c.count[rows, np.minimum(pick - rows * width, width - 1)]
        return out

    def _grid(self) -> Floats | None:
        """Log-odds that hold every share that may be; None where nobody is of the group or of the others."""
        weight = np.exp(self.seen - self.seen.max(axis=1, keepdims=True))
        weight /= weight.sum(axis=1, keepdims=True)
        n = (weight * (self.a + self.b)).sum(axis=1)
        mean = (weight * self.a).sum(axis=1)
        if mean.sum() <= 0 or mean.sum() >= n.sum():
            return None
        apart = 2 * np.sqrt((weight * (self.a - mean[:, None]) ** 2).sum(axis=1))
        ends = [np.clip(mean + side * apart, 0, n) for side in (-1, 1)]
        return grid_of(np.concatenate(ends), np.concatenate([n, n]))

    def _blocks(self, each: int) -> list[npt.NDArray[Any]]:
        """Zones in blocks of like numbers of candidates, so large that `each` copies fit in memory."""
        order = np.argsort(self.live, kind="stable")
        out, start = [], 0
        while start < len(order):
            size = 256
            while (
                size > 1 and size * int(self.live[order[min(start + size, len(order)) - 1]]) * each > ELEMENTS
            ):
                size //= 2
            out.append(order[start : start + size])
            start += size
        return out

    def _likelihood(self, yes: Floats, no: Floats) -> Floats:
        """(Z, T) log-likelihood of each share."""
        out = np.empty((len(self.a), len(yes)))
        for zones in self._blocks(len(yes)):
            k = int(self.live[zones].max())
            a, b, log = (v[zones, :k, None] for v in (self.a, self.b, self.log))
            power = log + a * yes + b * no
            top = power.max(axis=1)
            out[zones] = top + np.log(np.exp(power - top[:, None]).sum(axis=1))
        return out

    def _picked(
        self, zones: npt.NDArray[Any], yes: Floats, no: Floats, rng: np.random.Generator
    ) -> npt.NDArray[Any]:
        k = int(self.live[zones].max())
        if k == 1:
            return np.zeros(yes.shape, dtype=np.intp)
        a, b, log = (v[zones, :k] for v in (self.a, self.b, self.log))
        power = log + a * yes[..., None] + b * no[..., None]
        edges = np.cumsum(np.exp(power - power.max(axis=-1, keepdims=True)), axis=-1)
        at = rng.random(yes.shape)[..., None] * edges[..., -1:]
        return np.asarray((edges < at).sum(axis=-1))


def _size_law(n: Floats, log: Floats) -> Floats:
    """(Z, S) log of how likely each zone population is, given the others: a Student law of its logarithm.

    Where few people are known beside a hidden cell, it probably hides more of them.
    """
    weight = np.exp(log - log.max(axis=1, keepdims=True))
    middle = np.log(((weight * n).sum(axis=1) / weight.sum(axis=1)).clip(1))
    lived = middle > 0
    if not lived.any():
        return np.zeros(n.shape)
    size = np.log(n.clip(1))
    apart = (size - middle[lived].mean()) / max(float(middle[lived].std()), NARROWEST)
    return np.asarray(-size - (SIZE_FREEDOM + 1) / 2 * np.log1p(apart**2 / SIZE_FREEDOM))


Apart = tuple[npt.NDArray[Any], Candidates]


def _settled(c: Candidates, sure: float) -> tuple[Candidates, Apart | None]:
    """Take counts as they stand where their doubt is small beside them, and return what was left out."""
    if c.sure:
        return c, None
    mean, variance = c.moments()
    settled = np.sqrt(variance) <= sure * mean
    count = np.where(settled[:, None], np.rint(mean)[:, None], c.count)
    first = np.arange(c.count.shape[1]) == 0
    log = np.where(settled[:, None], np.where(first, 0.0, NEVER), c.log)
    doubtful = np.flatnonzero(settled & (variance > 0))
    apart = (doubtful, Candidates(c.count[doubtful], c.log[doubtful])) if len(doubtful) else None
    if settled.all():
        return Candidates(count[:, :1], log[:, :1]), apart
    return Candidates(count, log), apart


def _three(c: Candidates) -> Candidates:
    """Three counts that have the mean and the variance of all candidates: mean and mean ± √3 sd."""
    mean, variance = c.moments()
    apart = np.sqrt(3 * variance)
    count = np.rint(np.maximum(mean[:, None] + apart[:, None] * np.array([-1.0, 0.0, 1.0]), 0))
    return Candidates(count, np.broadcast_to(np.log([1 / 6, 2 / 3, 1 / 6]), count.shape))
