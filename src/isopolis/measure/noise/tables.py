"""Tables drawn from what is known of a city, given what was published of it.

For a full count the tables hold zone populations times shares that may have generated the counts. For counts
with noise, hidden cells or rounding, and for samples, they hold true counts that may lie behind the published
ones. Any measure of the drawn tables then has the distribution that is known of it.

Shares of a group follow a law over zones that is learned from all of them (`isopolis.intersect.mixing`);
small zones are thereby drawn towards the others as far as the data say. A group against another, or against
the rest, has a law of its own; all groups at once are divided one after the other, the largest first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.intersect.mixing import POINTS, grid_of, law_of, shares_drawn
from isopolis.intersect.sampled import SampledPair
from isopolis.model import Mechanism

from ..arrays import Floats, zone_totals
from ..draws import Observed, generator
from .hidden import HiddenPair, cells_of

__all__ = ["JOINT", "Drawn", "Part", "kind_of"]

LAWS_MOST, LAWS_LEAST = 199, 16
WORK = 40_000
MANY_GROUPS = 8
"""Tables of more groups (crossings) are drawn column by column, each with less effort."""

MANY_ZONES = 5_000
SHARP = 2.0
"""Where the error of a share's log-odds is below 1/√2 steps of the grid, the zone speaks for itself."""

KEPT_CELLS = 2_000_000
"""Above so many cells (tables × zones) only the last pair is kept."""

JOINT = b"joint"


def kind_of(seen: Observed) -> str:
    """How a table is to be drawn: ``full``, ``noisy``, ``sample``, ``modelled``, or ``unstated``: not at all.

    Noise of unstated size cannot be drawn. Rounding to an unstated base is left aside.
    """
    codes = set() if seen.mechanism is None else set(np.unique(seen.mechanism).tolist())
    if seen.se is not None:
        return "modelled" if Mechanism.MODELLED in codes and Mechanism.SAMPLE not in codes else "sample"
    if codes & {Mechanism.CELL_KEY, Mechanism.DP} and seen.parameter <= 0:
        return "unstated"
    if codes & {Mechanism.SAMPLE, Mechanism.MODELLED}:
        return "unstated"
    rounded = Mechanism.ROUNDED in codes and seen.parameter >= 2
    if seen.hidden or rounded or codes & {Mechanism.CELL_KEY, Mechanism.DP}:
        return "noisy"
    return "full"


class Drawn:
    """Tables of one city, made when first asked for.

    Parameters
    ----------
    seen : Observed
        (Z, G).
    count : int
        Tables, R.
    seed, key : int, str
        Key of the random streams; what is drawn does not depend on what else was asked.
    """

    def __init__(self, seen: Observed, count: int, seed: int, key: str) -> None:
        self.seen, self.count, self.seed, self.key = seen, count, seed, key
        self.kind = kind_of(seen)
        self._pairs: dict[bytes, Floats] = {}
        self._joint: Floats | None = None
        self._cells = cells_of(seen) if self.kind == "noisy" else []

    # -- asking ---------------------------------------------------------
    def mark(self, select: Callable[[Floats], Floats]) -> bytes:
        """Name the tables that answer a selection of columns: `pair` takes it, or it is `JOINT`.

        Two groups of columns have a law of their own; everything else is asked of all columns.
        """
        members = np.asarray(select(np.eye(self.groups)))
        if members.shape[-1] != 2 or self.kind == "modelled" or not np.isin(members, (0, 1)).all():
            return JOINT
        if (members.sum(axis=1) > 1).any() or not members.any(axis=0).all():
            return JOINT
        return np.ascontiguousarray(members.astype(bool)).tobytes()

    def pair(self, mark: bytes) -> Floats:
        """(R, Z, 2) tables of two groups of columns, named by `mark`."""
        if mark not in self._pairs:
            members = np.frombuffer(mark, dtype=bool).reshape(self.groups, 2)
            mirror = np.ascontiguousarray(members[:, ::-1]).tobytes()
            # of two mirrored questions the same one is drawn, whichever comes first: the smaller group's
            sizes = self.seen.x.sum(axis=0) @ members
            first = mark if (sizes[0], mark) <= (sizes[1], mirror) else mirror
            drawn = self._drawn_pair(np.frombuffer(first, dtype=bool).reshape(self.groups, 2))
            if self.count * len(self.seen.x) > KEPT_CELLS:
                self._pairs.clear()
            self._pairs[first] = drawn
            self._pairs[mirror if first == mark else mark] = drawn[..., ::-1]
        return self._pairs[mark]

    def joint(self) -> Floats:
        """(R, Z, G) tables of all columns."""
        if self._joint is None and self.groups == 2 and self.kind != "modelled":
            self._joint = self.pair(np.eye(2, dtype=bool).tobytes())
        if self._joint is None:
            self._joint = {
                "full": self._divided if self.groups <= MANY_GROUPS else self._filled_up,
                "sample": self._divided,
                "noisy": self._column_by_column,
                "modelled": self._scattered,
            }[self.kind]()
        return self._joint

    @property
    def groups(self) -> int:
        """Columns of the table."""
        return int(self.seen.x.shape[1])

    def rows(self, kept: npt.NDArray[Any]) -> Part:
        """The same tables with some zones only: parts of a city share its law."""
        return Part(self, np.asarray(kept))

    # -- two groups -------------------------------------------------------
    def _rng(self, what: str) -> np.random.Generator:
        return generator(self.seed, f"{self.key}/{self.kind}/{what}")

    def _drawn_pair(self, members: npt.NDArray[Any]) -> Floats:
        rng = self._rng(members.tobytes().hex())
        if self.kind == "noisy":
            columns = [[self._cells[g] for g in np.flatnonzero(members[:, k])] for k in range(2)]
            return HiddenPair(columns[0], columns[1]).drawn(self.count, rng, self._laws())
        if self.kind == "full":
            pair = self.seen.x @ members
            share = self._shares(pair[:, 0], zone_totals(pair), rng)
            return np.stack([share * zone_totals(pair), (1 - share) * zone_totals(pair)], axis=-1)
        people, variance = self._people(members)
        sample = SampledPair.of(self.seen.x @ members, variance)
        share = self._shares(sample.x[:, 0], sample.people, rng, sample)
        own = self._with_unseen(share, people, sample, rng)
        return np.stack([own, people - own], axis=-1)

    @property
    def _points(self) -> int:
        few = len(self.seen.x) <= MANY_ZONES and self.groups <= MANY_GROUPS
        return POINTS if few else POINTS // 2

    @property
    def _learn(self) -> int:
        return int(np.clip(3_000 // self.groups, 120, 500))

    def _laws(self) -> int:
        return int(np.clip(WORK // max(len(self.seen.x), 1), LAWS_LEAST, min(LAWS_MOST, max(self.count, 1))))

    def _shares(
        self, x: Floats, n: Floats, rng: np.random.Generator, sample: SampledPair | None = None
    ) -> Floats:
        """(R, Z) shares that may lie behind x of n persons, all of them counted or a sample."""
        if x.sum() <= 0 or x.sum() >= n.sum():
            return np.broadcast_to(float(x.sum() > 0), (self.count, len(x)))
        if sample is not None:
            worth = sample.worth(sample.share)
            x, n = np.divide(x, n, where=n > 0, out=np.zeros(n.shape)) * worth, worth
        theta = grid_of(x, n, self._points)
        yes, no = -np.logaddexp(0, -theta), -np.logaddexp(0, theta)

        def likelihood(part: slice) -> Floats:
            if sample is not None:
                return sample.loglik(theta, part)
            return np.asarray(x[part, None] * yes + (n - x)[part, None] * no)

        if sample is None:
            kinds, times = np.unique(np.stack([x, n], axis=1), axis=0, return_counts=True)
            kinds, times = kinds[kinds[:, 1] > 0], times[kinds[:, 1] > 0]
            of_kind = kinds[:, :1] * yes + (kinds[:, 1:] - kinds[:, :1]) * no
        else:
            # of very many zones no more than are learned from, so that memory stays bounded
            of_kind = sample.loglik(theta, rng.permutation(np.flatnonzero(n > 0))[: self._learn])
            times = np.ones(len(of_kind), dtype=np.intp)
        law = law_of(of_kind, theta, times.astype(np.float64), rng, self._laws(), self._learn)
        out: Floats = 1 / (1 + np.exp(-shares_drawn(likelihood, law, len(x), self.count, rng)))
        rough = (x + 0.5) / (n + 1)
        sharp = n * rough * (1 - rough) * (theta[1] - theta[0]) ** 2 > SHARP
        if sharp.any():
            out[:, sharp] = rng.beta(x[sharp] + 0.5, (n - x)[sharp] + 0.5, (self.count, int(sharp.sum())))
        return out

    # -- all columns -----------------------------------------------------------
    def _divided(self) -> Floats:
        """Divide the people of each zone: the largest group against the rest, then the next of those left."""
        rng = self._rng("joint")
        order = np.argsort(-self.seen.x.sum(axis=0), kind="stable")
        if self.kind == "sample":
            return self._divided_sample(order, rng)
        left = np.ones((self.count, len(self.seen.x)))
        shares = np.zeros((self.count, *self.seen.x.shape))
        rest = zone_totals(self.seen.x)
        for g in order[:-1]:
            cut = self._shares(self.seen.x[:, g], rest, rng)
            shares[..., g] = left * cut
            left, rest = left * (1 - cut), rest - self.seen.x[:, g]
        shares[..., order[-1]] = left
        return shares * zone_totals(self.seen.x)[:, None]

    def _column_by_column(self) -> Floats:
        """Each column by its own law against the rest; noise of cells is independent."""
        groups = self.groups
        if groups == 1:
            if self.kind == "full":
                return np.repeat(self.seen.x[None], self.count, axis=0)
            return HiddenPair([self._cells[0]], []).alone(self.count, self._rng("alone"))[..., None]
        out = np.empty((self.count, *self.seen.x.shape))
        for g in range(groups):
            mine = np.zeros((groups, 2), dtype=bool)
            mine[g, 0] = True
            mine[:, 1] = ~mine[:, 0]
            out[..., g] = self.pair(mine.tobytes())[..., 0]
        return out

    def _filled_up(self) -> Floats:
        """Each column by its own law against the rest, then all of them brought to the people of the zone."""
        out = self._column_by_column()
        out *= np.divide(zone_totals(self.seen.x), out.sum(axis=2), where=out.sum(axis=2) > 0,
                         out=np.zeros(out.shape[:2]))[..., None]  # fmt: skip
        return out

    def _scattered(self) -> Floats:
        assert self.seen.se is not None
        noise = self._rng("modelled").standard_normal((self.count, *self.seen.x.shape))
        return np.maximum(self.seen.x + noise * self.seen.se, 0)

    # -- samples -------------------------------------------------------------
    def _people(self, members: npt.NDArray[Any]) -> tuple[Floats, Floats]:
        """(R, Z) people of some columns, and the (Z, k) variances of these."""
        assert self.seen.se is not None
        pair, variance = self.seen.x @ members, self.seen.se**2 @ members
        size, doubt = zone_totals(pair), zone_totals(variance)
        shape = np.divide(size**2, doubt, where=doubt > 0, out=np.ones(size.shape))
        drawn = self._rng("people").gamma(shape, size=(self.count, len(size))) * (size / shape.clip(1e-12))
        return np.where(doubt > 0, drawn, size), variance

    def _with_unseen(
        self, share: Floats, people: Floats, sample: SampledPair, rng: np.random.Generator
    ) -> Floats:
        """(R, Z) people of the group: those of the sample, and a draw of the others."""
        taken = np.minimum(sample.worth(share), people)
        asked = np.divide(sample.x[:, 0], sample.people, where=sample.people > 0, out=np.zeros(len(sample.x)))
        others = people - taken
        whole = np.floor(others)
        placed = rng.binomial(whole.astype(np.int64), share) + (others - whole) * share
        return np.asarray(taken * asked + placed)

    def _divided_sample(self, order: npt.NDArray[Any], rng: np.random.Generator) -> Floats:
        left, _ = self._people(np.eye(self.groups))
        out = np.zeros((self.count, *self.seen.x.shape))
        assert self.seen.se is not None
        for k, g in enumerate(order[:-1]):
            rest = order[k + 1 :]
            x, v = (
                np.stack([part[:, g], part[:, rest].sum(axis=1)], axis=1)
                for part in (self.seen.x, self.seen.se**2)
            )
            sample = SampledPair.of(x, v)
            out[..., g] = self._with_unseen(
                self._shares(x[:, 0], sample.people, rng, sample), left, sample, rng
            )
            left = left - out[..., g]
        out[..., order[-1]] = left
        return out


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Some zones of tables that were drawn for more zones."""

    whole: Drawn
    kept: npt.NDArray[Any]

    @property
    def count(self) -> int:
        """Tables, R."""
        return self.whole.count

    @property
    def kind(self) -> str:
        """How the tables were drawn."""
        return self.whole.kind

    def mark(self, select: Callable[[Floats], Floats]) -> bytes:
        """Name the tables that answer a selection of columns."""
        return self.whole.mark(select)

    def pair(self, mark: bytes) -> Floats:
        """(R, K, 2) tables of two groups of columns."""
        return self.whole.pair(mark)[:, self.kept]

    def joint(self) -> Floats:
        """(R, K, G) tables of all columns."""
        return self.whole.joint()[:, self.kept]
