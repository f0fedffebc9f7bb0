"""Second moments without noise: unbiased over thousands of noisy copies of one table."""

from __future__ import annotations

import numpy as np
import pytest

from isopolis.measure import MEASURES, Observed
from isopolis.measure.noise import (
    biased,
    corrected,
    isolation,
    meetings,
    of_persons,
    simpson,
    variance_ratio,
    variances,
)
from isopolis.model import Mechanism, Undefined

COPIES = 4_000


def table(seed: int = 1, zones: int = 25) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.poisson(rng.dirichlet([1, 4, 6], zones) * rng.integers(40, 90, (zones, 1))).astype(float) + 6


def noisy(x: np.ndarray, seed: int = 2) -> np.ndarray:
    return x + np.random.default_rng(seed).normal(0, 2, (COPIES, *x.shape))


def test_meetings_are_exact_where_zone_totals_are_known() -> None:
    x, v = table(), np.full((25, 3), 4.0)
    n = x.sum(axis=1)
    truth = x.T @ (x / n[:, None])
    found = np.array([meetings(y, v, n) for y in noisy(x)])
    error = found.std(axis=0) / COPIES**0.5
    assert (np.abs(found.mean(axis=0) - truth) < 4 * error).all()
    naive = np.array([y.T @ (y / n[:, None]) for y in noisy(x)])
    assert (np.abs(naive.mean(axis=0) - truth)[np.diag_indices(3)] > 4 * error[np.diag_indices(3)]).all()


def test_meetings_are_right_to_second_order_where_totals_carry_noise() -> None:
    x, v = table(), np.full((25, 3), 4.0)
    truth = x.T @ (x / x.sum(axis=1)[:, None])
    found = np.array([meetings(y, v) for y in noisy(x)])
    error = found.std(axis=0) / COPIES**0.5
    assert (np.abs(found.mean(axis=0) - truth) < 4 * error + 0.02).all()


@pytest.mark.parametrize("measure", ["variance_ratio", "isolation"])
def test_values_of_noisy_tables_lose_their_bias(measure: str) -> None:
    x = table()
    x = np.stack([x[:, 0], x[:, 1:].sum(axis=1)], axis=1)
    v, kernel = np.full(x.shape, 4.0), MEASURES[measure].kernel
    naive, found = (np.array([f(y) for y in noisy(x)]) for f in (kernel, lambda y: corrected(measure, y, v)))
    bias = abs(float(np.mean(naive)) - float(kernel(x)))
    assert abs(float(np.mean(found)) - float(kernel(x))) < 0.1 * bias + 4 * found.std() / COPIES**0.5


def test_without_noise_they_are_the_measures() -> None:
    x = table()
    two = np.stack([x[:, 0], x[:, 1:].sum(axis=1)], axis=1)
    none = np.zeros(two.shape)
    assert variance_ratio(two, none) == pytest.approx(float(MEASURES["variance_ratio"].kernel(two)))
    assert isolation(two, none) == pytest.approx(float(MEASURES["isolation"].kernel(two)))
    wide = np.zeros(x.shape)
    assert variance_ratio(x, wide) == pytest.approx(float(MEASURES["variance_ratio"].kernel(x)))
    assert corrected("exposure", x, wide) == pytest.approx(float(MEASURES["exposure"].kernel(x)))
    n = x.sum(axis=1)
    differ = 1 - ((x / n[:, None]) ** 2).sum(axis=1)
    assert simpson(x, wide) == pytest.approx((n * differ).sum() / n.sum())
    assert corrected("dissimilarity", two, none) is None


def test_people_of_a_full_count_are_unbiased_for_their_probabilities() -> None:
    rng = np.random.default_rng(3)
    n, q = np.array([5, 12, 30, 80]), np.array([[0.1, 0.9], [0.3, 0.7], [0.5, 0.5], [0.2, 0.8]])
    truth = (q * n[:, None]).T @ q
    draws = np.stack([rng.multinomial(k, p, COPIES) for k, p in zip(n, q, strict=True)], axis=1)
    found = np.array([of_persons(x) for x in draws])
    assert (np.abs(found.mean(axis=0) - truth) < 4 * found.std(axis=0) / COPIES**0.5).all()


def test_cells_whose_noise_was_cut_off_are_marked() -> None:
    x = np.array([[0.0, 40], [5, 12]])
    for code, parameter, want in (
        (Mechanism.CELL_KEY, 2.0, [[True, False], [False, False]]),
        (Mechanism.DP, 1.0, [[True, False], [True, False]]),  # below 8/ε some were cut off
        (Mechanism.ROUNDED, 5.0, [[True, True], [True, True]]),
        (Mechanism.EXACT, 0.0, [[False, False], [False, False]]),
    ):
        seen = Observed(x, mechanism=np.full(x.shape, code, np.uint8), parameter=parameter)
        np.testing.assert_array_equal(biased(seen), want)
    assert not biased(Observed(x)).any()


def test_variances_by_mechanism_and_none_for_hidden_cells() -> None:
    x = np.array([[0.0, 40], [9, 12]])
    codes = np.full(x.shape, Mechanism.CELL_KEY, np.uint8)
    found = variances(Observed(x, mechanism=codes, parameter=2.0))
    np.testing.assert_array_equal(found, [[0, 2], [2, 2]])
    sampled = variances(Observed(x, se=np.full(x.shape, 3.0)))
    np.testing.assert_array_equal(sampled, np.full(x.shape, 9.0))
    hidden = variances(Observed(x, x, x + 4))
    assert isinstance(hidden, Undefined)
    assert hidden.code == "not-identifiable"
