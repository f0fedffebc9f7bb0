"""A measure at several scales: its values, what chance gives at each, how sure they are, and their ratio."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal, get_args

import numpy as np

from isopolis.model import CallError, Undefined
from isopolis.model.text import phrase, phrases

from ..arrays import Floats
from ..draws import Observed, replicates
from ..estimate import FEWEST, Estimate, Question, estimate
from ..fused import Fused
from ..inference import arranged
from ..inference.resample import drawn_again
from ..neighbours import Convention
from ..spec import MEASURES, MeasureSpec
from .ask import TWINS, asked_of
from .near import Near

__all__ = ["BANDS", "Bands", "Point", "Profile", "profile"]

Bands = Literal["auto", "redrawn", "permutation", "bootstrap", "none"]
BANDS: tuple[str, ...] = get_args(Bands)

WORK = 4e9
"""Pairs × groups that may be summed for bands; more, and fewer tables are drawn, or none."""

Z95 = 1.959963984540054
Select = Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """One scale with what was found there."""

    near: Near
    found: Estimate

    @property
    def chance(self) -> tuple[float, float] | None:
        """Between which values chance alone stays in 95 of 100 cities; None where it was not looked at."""
        if self.found.expected is None or self.found.sd is None:
            return None
        half = Z95 * self.found.sd
        return self.found.expected - half, self.found.expected + half


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """A measure over scales.

    Parameters
    ----------
    spec : MeasureSpec
    convention : str
    bands : str
        How intervals and chance were found; ``none`` when they were not.
    points : tuple of Point
        In rising order of scale.
    barrier : tuple of Point
        Where a network was given: its value less that in a straight line, at each scale of the network.
    ratio : Estimate or None
        Value at `macro` over the value at `micro`.
    micro, macro : Near or None
    """

    spec: MeasureSpec
    convention: str
    bands: str
    points: tuple[Point, ...]
    barrier: tuple[Point, ...] = ()
    ratio: Estimate | None = None
    micro: Near | None = None
    macro: Near | None = None

    def of(self, *kinds: str) -> tuple[Point, ...]:
        """Points of some kinds of surroundings."""
        return tuple(p for p in self.points if p.near.kind in kinds)


def profile(
    seen: Observed,
    spec: MeasureSpec,
    near: Sequence[Near],
    *,
    seed: int,
    key: str = "profile",
    select: Select = lambda x: x,
    convention: Convention = "local",
    bands: Bands = "auto",
    simulations: int | None = None,
    ends: tuple[Near, Near] | None = None,
    pairs: Sequence[tuple[Near, Near]] = (),
) -> Profile:
    """Measure at every scale, with one set of random tables for all of them.

    Parameters
    ----------
    seen : Observed
        (Z, G) table.
    spec : MeasureSpec
        Of `isopolis.measure.scale.fitting`.
    near : sequence of Near
        Surroundings to measure.
    seed, key : int, str
        Key of the random streams.
    select : callable
        (..., Z, G) → the columns that the index is asked of.
    convention : str
        ``local`` or ``environment``.
    bands : str
        ``redrawn``: intervals by redrawing tables, chance exact where it can be; ``permutation``: chance by
        placing persons at random, no interval; ``bootstrap``: intervals of a simple random sample of persons;
        ``none``; ``auto``: ``redrawn``, or ``none`` where that would take too long.
    simulations : int, optional
        Random tables.
    ends : (micro, macro), optional
        Two of `near`, whose values are divided.
    pairs : sequence of (straight, network), optional
        Surroundings whose difference is a barrier; both in `near`.

    Returns
    -------
    Profile

    Raises
    ------
    CallError
        If a name is unknown, or fewer than 19 random tables are allowed.
    """
    if bands not in BANDS:
        raise CallError(f'there are no bands "{bands}": they are one of {", ".join(BANDS)}')
    index = {id(n): i for i, n in enumerate(near)}
    asked = [_question(spec, select, n, convention) for n in near]
    differences = [_difference(spec, asked[index[id(b)]], asked[index[id(a)]]) for a, b in pairs]
    ratio = [_ratio(spec, asked[index[id(ends[1])]], asked[index[id(ends[0])]])] if ends else []
    questions = [*asked, *differences, *ratio]
    count, bands = _how_many(seen, near, bands, simulations)
    reasons = [_reason(spec, select(seen.x), n, convention) for n in near]
    reasons += [reasons[index[id(a)]] or reasons[index[id(b)]] for a, b in pairs]
    if ends:
        reasons.append(reasons[index[id(ends[0])]] or reasons[index[id(ends[1])]])
    alive = [q for q, r in zip(questions, reasons, strict=True) if r is None]
    answers = iter(_answers(seen, alive, bands, seed, key, count))
    found = [Estimate(r) if r is not None else _finite(next(answers)) for r in reasons]
    points = tuple(Point(n, f) for n, f in zip(near, found, strict=False))
    apart = tuple(Point(b, f) for (_, b), f in zip(pairs, found[len(near) :], strict=False))
    return Profile(
        spec, convention, bands, points, apart,
        _above_zero(found[-1], found[index[id(ends[0])]]) if ends else None,
        ends[0] if ends else None, ends[1] if ends else None,
    )  # fmt: skip


Kernel = Callable[..., Floats]


def _question(spec: MeasureSpec, select: Select, near: Near, convention: Convention) -> Question:
    exact = _exact(spec, near, convention)
    kernel = _kernel(spec, near, convention)
    return Question(_asked(spec, kernel, exact), select, f"{spec.name}/{near.name}")


def _asked(spec: MeasureSpec, kernel: Kernel, exact: Callable[..., float] | None = None) -> MeasureSpec:
    """The index under a name and kind of its own: it has no floor at 0, and no short cut of its namesake."""
    return replace(spec, name=f"{spec.name}_by_scale", kernel=kernel, kind="spatial", expected=exact, sd=None)


def _kernel(spec: MeasureSpec, near: Near, convention: Convention) -> Kernel:
    held: dict[int, Floats] = {}

    def kernel(x: Floats) -> Floats:
        # a ratio or a difference asks the same of the same tables again
        mark = hash((x.shape, x.tobytes()))
        if mark not in held:
            if len(held) > 1:
                held.clear()
            values = [asked_of(spec, t, near, convention) for t in x.reshape(-1, *x.shape[-2:])]
            held[mark] = np.array([np.nan if isinstance(v, Undefined) else v for v in values])
        return held[mark].reshape(x.shape[:-2])

    return kernel


def _exact(spec: MeasureSpec, near: Near, convention: Convention) -> Callable[..., float] | None:
    """Exact mean under chance, where whole zones make up the surroundings."""
    whole = near.kind in ("zone", "distance", "network")
    expected = MEASURES["spatial_information_theory"].expected
    if not whole or convention != "local" or TWINS.get(spec.name) != "spatial_h" or expected is None:
        return None
    return partial(expected, neighbourhood=near)


def _difference(spec: MeasureSpec, network: Question, straight: Question) -> Question:
    def kernel(x: Floats) -> Floats:
        out: Floats = network.spec.kernel(x) - straight.spec.kernel(x)
        return out

    return Question(_asked(spec, kernel), network.select, f"{network.key} less {straight.key}")


def _ratio(spec: MeasureSpec, macro: Question, micro: Question) -> Question:
    def kernel(x: Floats) -> Floats:
        below = micro.spec.kernel(x)
        return np.divide(macro.spec.kernel(x), below, out=np.zeros(np.shape(below)), where=below > 0)

    asked = replace(_asked(spec, kernel), maximum=lambda _: np.inf)
    return Question(asked, macro.select, f"{macro.key} over {micro.key}")


def _reason(spec: MeasureSpec, x: Floats, near: Near, convention: Convention) -> Undefined | None:
    found = asked_of(spec, x, near, convention)
    return found if isinstance(found, Undefined) else None


def _how_many(
    seen: Observed, near: Sequence[Near], bands: Bands, simulations: int | None
) -> tuple[int, Bands]:
    """Random tables that can be paid for, and what remains of the wish for bands."""
    if simulations is not None and simulations < FEWEST:
        raise CallError(f"{simulations} random tables are too few: allow at least {FEWEST}")
    usual = simulations or max(FEWEST, replicates(*seen.x.shape))
    if bands == "none" or simulations is not None:
        return usual, "redrawn" if bands == "auto" else bands
    one = seen.x.shape[1] * sum(_work(n) for n in near)
    able = int(WORK / (4 * max(one, 1)))
    if bands == "auto":
        return min(usual, max(able, FEWEST)), "redrawn" if able >= FEWEST else "none"
    return min(usual, max(able, FEWEST)), bands


def _work(near: Near) -> int:
    if near.matrix is not None:
        return int(near.matrix.nnz)
    return 4000 * near.zones  # windows and transforms, in pairs that would take as long


def _answers(
    seen: Observed, asked: Sequence[Question], bands: Bands, seed: int, key: str, count: int
) -> list[Estimate]:
    if bands == "redrawn":
        return estimate(seen, asked, seed=seed, key=key, simulations=count)
    table = Fused(seen.x[None])
    plain = []
    for q in asked:
        chosen = q.select(seen.x)
        members = round(float(chosen[:, 0].sum()))
        plain.append(Estimate(float(q.ask(table)[0]), maximum=q.spec.maximum(chosen), members=members))
    if bands == "permutation":
        return _permuted(seen.x, asked, plain, seed, count)
    if bands == "bootstrap":
        return _drawn_again(seen.x, asked, plain, seed, count)
    return plain


def _several(
    x: Floats, asked: Sequence[Question], draw: Callable[[Floats, int, int], Floats], seed: int, count: int
) -> Floats:
    """(questions, count) values of random tables."""
    columns = []
    for r in range(count):
        table = Fused(draw(x, seed, r)[None])
        columns.append([float(q.ask(table)[0]) for q in asked])
    return np.array(columns).T


def _permuted(
    x: Floats, asked: Sequence[Question], plain: list[Estimate], seed: int, count: int
) -> list[Estimate]:
    method = phrases(
        "{n} random arrangements of persons, both margins fixed",
        "{n} random arrangements of persons, both margins fixed",
        count,
    )
    out = []
    for found, null in zip(plain, _several(x, asked, arranged, seed, count), strict=True):
        p = (1 + int((null >= float(found.value) - 1e-12).sum())) / (count + 1)  # type: ignore[arg-type]
        mean, sd = float(null.mean()), float(null.std(ddof=1))
        out.append(replace(found, expected=mean, sd=sd, p=p, null_method=method))
    return out


def _drawn_again(
    x: Floats, asked: Sequence[Question], plain: list[Estimate], seed: int, count: int
) -> list[Estimate]:
    method = phrases(
        "{n} samples of persons drawn again, less their bias, 95 %",
        "{n} samples of persons drawn again, less their bias, 95 %",
        count,
    )
    out = []
    for found, drawn in zip(plain, _several(x, asked, drawn_again, seed, count), strict=True):
        value, spread = float(found.value), float(drawn.std(ddof=1))  # type: ignore[arg-type]
        shift = float(drawn.mean()) - value
        ends = (value - shift - Z95 * spread, value - shift + Z95 * spread)
        out.append(replace(found, shift=shift, spread=spread, interval=ends, interval_method=method))
    return out


def _finite(found: Estimate) -> Estimate:
    """Take out what could not be found in every random table: an index may have no value in one of them."""
    if not isinstance(found.value, Undefined) and not np.isfinite(found.value):
        reason = phrase("In some of the tables that may lie behind the counts the measure has no value.")
        return Estimate(Undefined("not-always-defined", reason))
    numbers = {"expected": found.expected, "sd": found.sd, "shift": found.shift, "spread": found.spread}
    gone: dict[str, Any] = {k: None for k, v in numbers.items() if v is not None and not np.isfinite(v)}
    if found.interval is not None and not np.isfinite(found.interval).all():
        reason = phrase("none: in some random tables the measure has no value")
        return replace(found, interval=None, interval_method=reason, **gone)
    return replace(found, **gone)


def _above_zero(ratio: Estimate, micro: Estimate) -> Estimate:
    """Refuse a ratio of small-scale separation that chance alone would give."""
    if isinstance(ratio.value, Undefined) or isinstance(micro.value, Undefined):
        return ratio
    if micro.value <= 0 or (
        micro.expected is not None and micro.sd is not None and micro.value <= micro.expected + Z95 * micro.sd
    ):
        reason = phrase(
            "At the small scale the value is no higher than chance would give: there is nothing to divide by."
        )
        return Estimate(Undefined("by-chance", reason))
    return replace(ratio, expected=None, sd=None, p=None, null_method="", maximum=None)
