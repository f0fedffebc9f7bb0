"""Shrinkage: against integrals done another way, laws, and known rates of an invented city."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.special import betaln, expit

from isopolis.intersect import shrink as module
from isopolis.intersect.shrink import jeffreys, shrink
from isopolis.model import CallError


def test_jeffreys_is_that_of_statsmodels() -> None:
    # statsmodels 0.15.0, proportion_confint(7, 50, 0.05, "jeffreys") and (480, 1000, 0.1, "jeffreys")
    assert [float(x) for x in jeffreys(7, 50)] == pytest.approx([0.0648717011505185, 0.25532502815639163])
    low, high = jeffreys(480, 1000, 0.9)
    assert (float(low), float(high)) == pytest.approx((0.4540801117296131, 0.5060052630986898))
    assert float(jeffreys([0], [20])[0][0]) == 0.0
    assert float(jeffreys([20], [20])[1][0]) == 1.0


# -- the slow twin: draws from the prior, weighted by the likelihood ------------------------------------
def twin(took: np.ndarray, people: np.ndarray, draws: int, *, upper: np.ndarray | None = None) -> tuple:
    """Mean and standard deviation of every rate, with one effect per zone and none of groups."""
    rng = np.random.default_rng(5)
    zones, groups = took.shape
    level = rng.normal(0, module.LEVEL_SD, draws)
    loose = np.abs(rng.normal(0, module.LOOSE_SD, draws))
    phi = np.maximum(loose, np.exp(-9)) ** -2
    spread = np.abs(rng.normal(0, module.SPREAD_SD, draws)) if min(zones, groups) > 1 else np.zeros(draws)
    m = expit(level[:, None] + spread[:, None] * rng.normal(size=(draws, zones)))
    a, b = np.maximum(m * phi[:, None], 1e-9), np.maximum((1 - m) * phi[:, None], 1e-9)
    weight = np.zeros(draws)
    for z in range(zones):
        for g in range(groups):
            beta = stats.betabinom(int(people[z, g]), a[:, z], b[:, z])
            if upper is None or upper[z, g] == took[z, g]:
                weight += beta.logpmf(took[z, g])
            else:
                terms = [beta.pmf(k) for k in range(int(took[z, g]), int(upper[z, g]) + 1)]
                weight += np.log(np.maximum(np.sum(terms, axis=0), 1e-300))
    weight = np.exp(weight - weight.max())
    weight /= weight.sum()
    assert 1 / (weight**2).sum() > 600  # enough draws count
    mean, sd = np.zeros(took.shape), np.zeros(took.shape)
    for z in range(zones):
        for g in range(groups):
            size = people[z, g] + phi
            rate = (took[z, g] + a[:, z]) / size
            square = rate * (took[z, g] + a[:, z] + 1) / (size + 1)
            mean[z, g] = weight @ rate
            sd[z, g] = np.sqrt(weight @ square - mean[z, g] ** 2)
    return mean, sd


def test_rates_are_those_of_the_slow_twin() -> None:
    took = np.array([[2.0, 9.0], [6.0, 5.0], [1.0, 2.0]])
    people = np.array([[30.0, 80.0], [40.0, 50.0], [12.0, 60.0]])
    mean, sd = twin(took, people, 200_000)
    found = shrink(took, people)
    assert found.mean == pytest.approx(mean, abs=0.006)
    width = (found.high - found.low) / (2 * 1.96)
    assert width == pytest.approx(sd, rel=0.12)


def test_cells_of_one_group_are_those_of_an_integral() -> None:
    """Many cells, one mean, one φ: two integrals by quadrature."""
    took = np.array([[3.0], [0.0], [8.0], [4.0], [2.0], [6.0]])
    people = np.array([[20.0], [15.0], [25.0], [40.0], [11.0], [30.0]])

    x, t = np.meshgrid(np.linspace(-4, 1, 400), np.linspace(-6, 0.8, 400), indexing="ij")
    m, phi = expit(x), np.exp(-2 * t)
    log = -(x**2) / (2 * module.LEVEL_SD**2) + t - np.exp(2 * t) / (2 * module.LOOSE_SD**2)
    for k, n in zip(took[:, 0], people[:, 0], strict=True):
        log += betaln(k + m * phi, n - k + (1 - m) * phi) - betaln(m * phi, (1 - m) * phi)
    density = np.exp(log - log.max())
    found = shrink(took, people)
    for z in range(6):
        rate = (took[z, 0] + m * phi) / (people[z, 0] + phi)
        square = rate * (took[z, 0] + m * phi + 1) / (people[z, 0] + phi + 1)
        mean = (density * rate).sum() / density.sum()
        sd = np.sqrt((density * square).sum() / density.sum() - mean**2)
        assert found.mean[z, 0] == pytest.approx(mean, abs=0.006)
        assert (found.high - found.low)[z, 0] / 3.92 == pytest.approx(sd, rel=0.12)


# -- laws ---------------------------------------------------------------------------------------------------
def town(seed: int, zones: int = 40, noise: float = 0.0) -> tuple[np.ndarray, ...]:
    """True rates, residents and participants of a town with 3 ages × 2 origins."""
    rng = np.random.default_rng(seed)
    features = np.array([[a == 0, a == 1, a == 2, o == 0, o == 1] for a in range(3) for o in range(2)], float)
    effect = features @ np.array([-0.6, 0.2, 0.1, 0.3, -0.5]) - 1.6
    logit = effect + rng.normal(0, 0.4, zones)[:, None] + noise * rng.normal(size=(zones, 6))
    rate = expit(logit)
    people = rng.poisson(np.array([4, 8, 60, 90, 150, 25]), (zones, 6)).astype(float)
    return rate, people, rng.binomial(people.astype(int), rate).astype(float), features


@pytest.mark.parametrize("noise", [0.0, 0.35])
def test_true_rates_lie_in_their_intervals_as_often_as_is_said(noise: float) -> None:
    inside = cells = 0
    small = small_in = 0
    for seed in range(2):
        rate, people, took, features = town(seed, noise=noise)
        found = shrink(took, people, features, crossed=True)
        good = (found.low <= rate) & (rate <= found.high)
        lived = people > 0
        few = lived & (people < 10)
        inside, cells = inside + good[lived].sum(), cells + lived.sum()
        small_in, small = small_in + good[few].sum(), small + few.sum()
    assert 0.93 <= inside / cells <= 0.985
    assert small_in / small >= 0.93


def test_small_cells_are_estimated_far_better_than_by_counting() -> None:
    rate, people, took, features = town(11)
    found = shrink(took, people, features, crossed=True)
    few = (people > 0) & (people < 10)
    counted = took[few] / people[few]
    assert np.sqrt(((found.mean[few] - rate[few]) ** 2).mean()) < 0.25 * np.sqrt(
        ((counted - rate[few]) ** 2).mean()
    )


def test_large_cells_keep_what_was_counted_and_small_ones_follow_their_margins() -> None:
    # one cell of a million people among small ones
    _rate, people, took, features = town(2, zones=20, noise=0.35)
    people[0, 0], took[0, 0] = 1_000_000, 400_000
    found = shrink(took, people, features, crossed=True)
    assert found.mean[0, 0] == pytest.approx(0.4, abs=0.002)
    tiny = (people > 0) & (people <= 2)
    assert (np.abs(found.mean - found.margin)[tiny] < 0.05).all()
    assert ((found.own >= 0) & (found.own <= 1)).all()


def test_order_of_zones_does_not_matter() -> None:
    _rate, people, took, features = town(4)
    order = np.random.default_rng(0).permutation(len(people))
    one, two = shrink(took, people, features), shrink(took[order], people[order], features)
    assert two.mean == pytest.approx(one.mean[order], abs=1e-4)


def test_bounds_instead_of_numbers_widen_and_still_cover() -> None:
    rate, people, took, features = town(6)
    hidden = took < 10
    low, high = np.where(hidden, 0, took), np.where(hidden, np.minimum(9, people), took)
    exact = shrink(took, people, features)
    found = shrink(took, people, features, lower=low, upper=high)
    lived = people > 0
    inside = ((found.low <= rate) & (rate <= found.high))[lived & hidden]
    assert inside.mean() >= 0.93
    assert (found.high - found.low)[lived & hidden].mean() >= (exact.high - exact.low)[lived & hidden].mean()


def test_many_cells_learn_from_some_zones(monkeypatch: pytest.MonkeyPatch) -> None:
    _rate, people, took, features = town(8, zones=80)
    whole = shrink(took, people, features)
    monkeypatch.setattr(module, "CELLS_TO_LEARN", 200)
    part = shrink(took, people, features)
    assert part.mean == pytest.approx(whole.mean, abs=0.02)


def test_nobody_anywhere_and_everybody_everywhere() -> None:
    people = np.full((5, 2), 40.0)
    none, all_ = shrink(np.zeros((5, 2)), people), shrink(people, people)
    assert (none.high < 0.06).all()
    assert (all_.low > 0.94).all()
    empty = shrink(np.zeros((3, 1)), np.zeros((3, 1)))
    assert np.isfinite(empty.mean).all()


@pytest.mark.parametrize("call", [
    lambda: shrink([1.0], [2.0]),
    lambda: shrink([[3.0]], [[2.0]]),
    lambda: shrink([[-1.0]], [[2.0]]),
    lambda: shrink([[1.0]], [[2.0]], np.zeros((2, 1))),
    lambda: shrink([[1.0]], [[2.0]], lower=[[2.0]], upper=[[1.0]]),
])  # fmt: skip
def test_calls_that_make_no_sense_say_so(call) -> None:
    with pytest.raises(CallError):
        call()
