"""Likelihoods of published counts: against the mechanisms themselves, simulated or written out."""

from __future__ import annotations

import numpy as np
import pytest

from isopolis.intersect.observed import (
    NEVER,
    WIDEST,
    candidates,
    joined,
    largest_noise,
    noise_rows,
    noise_variance,
)
from isopolis.model import CallError, Mechanism
from isopolis.privacy.perturb import noise_table


def one(seen: float, mechanism: Mechanism, parameter: float = 0.0, **bounds: float) -> dict[int, float]:
    """Likelihood by true count of one published number."""
    put = {k: np.array([v]) for k, v in bounds.items()}
    found = candidates(np.array([seen]), np.array([mechanism]), parameter, **put)
    live = found.log[0] > NEVER / 2
    return {int(c): float(np.exp(v)) for c, v in zip(found.count[0][live], found.log[0][live], strict=True)}


def test_rows_of_cell_keys_are_those_of_the_gate() -> None:
    # an independent program of this house adds the noise; ptable's published row for 1 is in its tests
    table = noise_table(5, 2.0, 0)
    np.testing.assert_allclose(noise_rows(2.0, 5), table.rows[:6], atol=1e-9)
    assert largest_noise(2.0) == 5


@pytest.mark.parametrize("seen", [0, 1, 3, 40])
def test_cell_keys_turned_round(seen: int) -> None:
    rows, found = noise_table(5, 2.0, 0).rows, one(seen, Mechanism.CELL_KEY, 2.0)
    for true in range(60):
        v = seen - true
        chance = rows[min(true, len(rows) - 1)][v + 5] if abs(v) <= 5 else 0.0
        assert found.get(true, 0.0) == pytest.approx(chance, abs=1e-9), true


def test_a_zero_may_hide_people_and_an_empty_cell_stays_empty() -> None:
    found = one(0, Mechanism.CELL_KEY, 2.0)
    assert found[0] == 1
    assert found[1] == pytest.approx(0.5204, abs=1e-4)  # the row of 1, value −1
    assert 0 not in one(1, Mechanism.CELL_KEY, 2.0)


@pytest.mark.parametrize("epsilon", [0.5, 1.0])
def test_geometric_noise_as_the_difference_of_two_geometric_draws(epsilon: float) -> None:
    alpha = np.exp(-epsilon)
    one_way = (1 - alpha) * alpha ** np.arange(200)
    noise = np.convolve(one_way, one_way[::-1])  # of -199 ... 199
    for seen in (0, 2, 9):
        found = one(seen, Mechanism.DP, epsilon)
        chance = {t: noise[: 200 - t].sum() if seen == 0 else noise[199 + seen - t] for t in found}
        for true in found:
            assert found[true] / found[5] == pytest.approx(chance[true] / chance[5], rel=1e-9), (seen, true)


def test_rounding_knows_what_is_no_multiple() -> None:
    assert one(7, Mechanism.ROUNDED, 3) == {7: 1.0}
    found = one(6, Mechanism.ROUNDED, 3)
    assert set(found) == {4, 5, 6, 7, 8}
    assert [round(found[k], 6) for k in (4, 5, 6)] == [round(1 / 3, 6), round(2 / 3, 6), 1.0]
    assert set(one(0, Mechanism.ROUNDED, 3)) == {0, 1, 2}


def test_hidden_cells_lie_between_their_bounds() -> None:
    assert set(one(4.5, Mechanism.INTERVAL, lower=0, upper=9)) == set(range(10))
    wide = one(500, Mechanism.INTERVAL, lower=0, upper=1000)
    assert len(wide) == WIDEST
    assert (min(wide), max(wide)) == (0, 1000)
    assert sum(wide.values()) == pytest.approx(1001)  # each stands for those about it
    assert all(k in wide and wide[k] < 1.6 for k in (0, 1, 2, 3))


def test_what_is_missing_is_said() -> None:
    with pytest.raises(CallError, match="parameter"):
        candidates(np.array([3.0]), np.array([Mechanism.CELL_KEY]), 0.0)
    with pytest.raises(CallError, match="bounds"):
        candidates(np.array([3.0]), np.array([Mechanism.INTERVAL]), 0.0)


def test_sums_of_cells_have_the_mean_and_the_variance_of_both() -> None:
    codes = np.array([Mechanism.CELL_KEY])
    cells = [candidates(np.array([v]), codes, 2.0) for v in (20.0, 35.0)]
    mean, variance = joined(cells).moments()
    assert mean[0] == pytest.approx(55, abs=0.1)
    assert variance[0] == pytest.approx(4, rel=0.1)
    exact = candidates(np.array([7.0]), np.array([Mechanism.EXACT]), 0.0)
    np.testing.assert_array_equal(joined([cells[0], exact]).count, cells[0].count + 7)


def test_variances_of_noise() -> None:
    rng = np.random.default_rng(2)
    draws = rng.geometric(1 - np.exp(-0.7), 400_000) - rng.geometric(1 - np.exp(-0.7), 400_000)
    assert noise_variance(Mechanism.DP, 0.7) == pytest.approx(draws.var(), rel=0.02)
    x = rng.integers(0, 300, 400_000)
    rounded = 5 * (x // 5 + (rng.random(x.shape) < x % 5 / 5))
    assert noise_variance(Mechanism.ROUNDED, 5) == pytest.approx(np.mean((rounded - x) ** 2), rel=0.02)
    assert noise_variance(Mechanism.CELL_KEY, 2.0) == 2.0
    assert noise_variance(Mechanism.EXACT, 0.0) == 0.0
