"""Fitting a table to margins, against sweeps written out in loops."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from isopolis.measure.change import fit
from isopolis.model import CallError


def swept(source: np.ndarray, zones: np.ndarray, groups: np.ndarray, *, zones_first: bool) -> np.ndarray:
    """Deming and Stephan's cycle, cell by cell."""
    x = [[float(v) for v in row] for row in source]
    u, g = zones / zones.sum(), groups / groups.sum()
    for turn in range(2_000):
        if (turn % 2 == 0) == zones_first:
            for i, row in enumerate(x):
                total = sum(row)
                x[i] = [v * u[i] / total for v in row]
            off = max(abs(sum(row[j] for row in x) - g[j]) for j in range(len(g)))
        else:
            for j in range(len(g)):
                total = sum(row[j] for row in x)
                for row in x:
                    row[j] *= g[j] / total
            off = max(abs(sum(row) - u[i]) for i, row in enumerate(x))
        if off < 1e-13:
            break
    return np.array(x)


@settings(max_examples=6)
@given(
    arrays(float, (4, 3), elements=st.integers(1, 9).map(float)),
    arrays(float, (4,), elements=st.integers(1, 9).map(float)),
    arrays(float, (3,), elements=st.integers(1, 9).map(float)),
)
def test_it_is_the_limit_of_the_sweeps_from_either_side(
    source: np.ndarray, zones: np.ndarray, groups: np.ndarray
) -> None:
    made = fit(source, zones, groups)
    assert made.converged
    assert made.residual <= 1e-10
    for side in (True, False):
        np.testing.assert_allclose(
            made.table, swept(source, zones, groups, zones_first=side), rtol=0, atol=1e-10
        )


def test_a_table_fitted_to_its_own_margins_stays() -> None:
    x = np.random.default_rng(5).integers(0, 40, (300, 6)).astype(float) + np.eye(300, 6)
    made = fit(x, x.sum(axis=1), x.sum(axis=0))
    np.testing.assert_allclose(made.table, x / x.sum(), rtol=0, atol=1e-15)


def test_odds_and_zeros_stay() -> None:
    source = np.array([[30.0, 10, 0], [5, 20, 8], [0, 4, 9], [7, 7, 7]])
    made = fit(source, [1, 2, 3, 4], [5, 3, 2])
    assert made.converged
    assert ((made.table == 0) == (source == 0)).all()
    odds = made.table[1, 0] * made.table[3, 1] / (made.table[1, 1] * made.table[3, 0])
    assert odds == pytest.approx(5 * 7 / (20 * 7), rel=1e-12)


def test_blocks_that_never_meet_converge_when_their_totals_agree() -> None:
    source = np.array([[3.0, 5, 0, 0], [1, 2, 0, 0], [0, 0, 4, 1], [0, 0, 2, 2]])
    made = fit(source, [3, 2, 1, 4], [1, 4, 2, 3])
    assert made.converged
    np.testing.assert_allclose(made.table[:2, :2].sum(), 0.5, atol=1e-12)


def test_margins_that_zeros_forbid_are_not_met_and_it_says_so() -> None:
    made = fit(np.diag([1.0, 1]), [1, 1], [7, 3])
    assert not made.converged
    assert made.residual == pytest.approx(0.2)


def test_a_hard_case_converges_in_few_rounds() -> None:
    rng = np.random.default_rng(11)
    # nearly separate: sweeps alone need thousands of rounds
    source = np.kron(np.eye(2), np.ones((50, 1))) * rng.uniform(5, 50, (100, 2)) + 1e-7
    made = fit(source, rng.uniform(1, 5, 100), [3, 7])
    assert made.converged
    assert made.rounds < 60


@pytest.mark.parametrize(
    ("source", "zones", "groups", "said"),
    [
        ([[1, 2]], [1, 1], [1, 1], "shape"),
        ([[1, -2]], [1], [1, 1], "not negative"),
        ([[1, np.nan]], [1], [1, 1], "finite"),
        ([[1, 2], [0, 0]], [1, 1], [1, 1], "nobody there"),
        ([[1, 0], [1, 0]], [1, 1], [1, 1], "nobody there"),
    ],
)
def test_what_cannot_be_fitted(source: list, zones: list, groups: list, said: str) -> None:
    with pytest.raises(CallError, match=said):
        fit(source, zones, groups)
