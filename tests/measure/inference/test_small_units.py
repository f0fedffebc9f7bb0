"""Corrections for small units: tiny tables by brute force, and simulations whose truth is known."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import beta, betabinom

from isopolis.measure import null_mean
from isopolis.measure.evenness import dissimilarity
from isopolis.measure.inference import (
    Corrected,
    corrections,
    disagreement,
    dissimilarity_bounds,
    half_samples,
    less_expected,
    rathelot,
)
from isopolis.measure.inference.bounds import deviation_bounds
from isopolis.measure.inference.mixture import _dissimilarity
from isopolis.measure.information import mutual_information
from isopolis.model import CallError


def table(k: np.ndarray, n: np.ndarray | int) -> np.ndarray:
    return np.stack([k, n - k], axis=1).astype(float)


def true_d(a: float, b: float) -> float:
    mean = a / (a + b)
    return quad(lambda p: abs(p - mean) * beta.pdf(p, a, b), 0, 1, points=[mean])[0] / (2 * mean * (1 - mean))


# -- bounds ----------------------------------------------------------------------------------


def test_units_of_one_person_say_nothing() -> None:
    assert dissimilarity_bounds(table(np.array([1, 0, 0, 0]), 1)) == pytest.approx((0, 1), abs=1e-6)


def by_brute_force(seen: np.ndarray, share: float, points: int) -> tuple[float, float]:
    """Least and greatest mean distance over every law on three points of a coarse grid with two moments."""
    grid = np.linspace(0, 1, points)
    m1, m2 = seen[1] / 2 + seen[2], seen[2]  # the mean, and the chance that both are members
    found = []
    for three in combinations(range(points), 3):
        p = grid[list(three)]
        w = np.linalg.solve(np.stack([np.ones(3), p, p * p]), [1, m1, m2])
        if w.min() >= -1e-12:
            found.append(float(w @ np.abs(p - share)))
    return min(found), max(found)


@pytest.mark.parametrize("seen", [(0.3, 0.4, 0.3), (0.6, 0.1, 0.3), (0.55, 0.3, 0.15)])
def test_bounds_of_pairs_are_those_of_brute_force(seen: tuple[float, ...]) -> None:
    share = seen[1] / 2 + seen[2]
    got = deviation_bounds(seen, share)
    coarse = by_brute_force(np.array(seen), share, 41)
    assert got[0] <= coarse[0] + 1e-4  # the finer grid reaches further out
    assert got[1] >= coarse[1] - 1e-4
    assert got == pytest.approx(coarse, abs=0.02)


def test_a_law_that_no_shares_can_give_is_replaced_by_the_likeliest_that_can() -> None:
    # of two persons always exactly one a member: more even than independent persons can be
    low, high = deviation_bounds([0, 1, 0], 0.5)
    assert low == pytest.approx(0, abs=0.02)
    assert high == pytest.approx(0, abs=0.08)


def test_bounds_hold_the_truth_and_close_with_the_size_of_units() -> None:
    a, b = 1.2, 2.8
    truth, width = true_d(a, b) * 2 * 0.3 * 0.7, []
    for n in (2, 4, 8):
        low, high = deviation_bounds(betabinom.pmf(np.arange(n + 1), n, a, b), 0.3)
        assert low - 1e-4 <= truth <= high + 1e-4
        width.append(high - low)
    assert width == sorted(width, reverse=True)
    assert width[-1] < 0.4 * width[0]


def test_bounds_refuse_what_they_are_not_for() -> None:
    with pytest.raises(CallError, match="at most 30"):
        dissimilarity_bounds(table(np.array([3, 4]), 31))
    with pytest.raises(CallError, match="both present"):
        dissimilarity_bounds(table(np.array([0, 0]), 5))


# -- Rathelot --------------------------------------------------------------------------------


def test_the_closed_form_of_a_mixture_is_its_integral() -> None:
    got = _dissimilarity(np.array([0.4, 0.6]), np.array([1.0, 3.0]), np.array([4.0, 2.0]))
    mean = 0.4 * 0.2 + 0.6 * 0.6
    want = quad(
        lambda p: abs(p - mean) * (0.4 * beta.pdf(p, 1, 4) + 0.6 * beta.pdf(p, 3, 2)), 0, 1, points=[mean]
    )[0]
    assert got == pytest.approx(want / (2 * mean * (1 - mean)), rel=1e-8)


def test_rathelot_finds_the_true_value_where_the_plain_index_is_far_off() -> None:
    rng = np.random.default_rng(5)
    n = rng.integers(4, 11, 4000)
    x = table(rng.binomial(n, rng.beta(3, 7, 4000)), n)
    truth = true_d(3, 7)
    assert float(dissimilarity(x)) > truth + 0.12
    assert rathelot(x) == pytest.approx(truth, abs=0.035)


def test_rathelot_of_even_and_of_divided_units() -> None:
    rng = np.random.default_rng(6)
    assert rathelot(table(rng.binomial(8, 0.3, 3000), 8)) < 0.08
    assert rathelot(np.array([[5.0, 0], [0, 5]] * 30)) > 0.95
    with pytest.raises(CallError, match="both present"):
        rathelot(np.array([[5.0, 0], [3, 0]]))


def test_what_a_table_does_not_tell_is_left_out_not_given_a_number() -> None:
    # units of one person: D is 1 whatever the true shares
    alone = corrections(table(np.array([1, 0, 0, 1, 0]), 1), seed=1)
    assert [(c.name, round(c.low, 6), round(c.high, 6)) for c in alone] == [
        ("D'Haultfœuille–Rathelot bounds", 0, 1)
    ]
    with pytest.raises(CallError, match="chance alone"):
        less_expected(table(np.array([1, 0]), 1), dissimilarity, null_mean.dissimilarity)
    # one member: one of any two halves has none, and an index of it would be 0
    rare = table(np.array([1, *[0] * 20]), 10)
    assert "half-sample jackknife" not in [c.name for c in corrections(rare, seed=1)]
    with pytest.raises(CallError, match="both halves"):
        half_samples(rare, dissimilarity, seed=1)
    # units of four tell four moments, the mixture has five parameters
    four = table(np.array([0, 1, 2, 3, 4, 1, 2, 1] * 9), 4)
    assert "Rathelot" not in [c.name for c in corrections(four, seed=1)]
    with pytest.raises(CallError, match="5 parameters"):
        rathelot(four)


@pytest.mark.parametrize("bad", [np.nan, -1.0, np.inf])
def test_cells_that_are_no_persons_are_refused(bad: float) -> None:
    x = np.array([[3.0, 2], [1, bad], [4, 4]])
    for call in (
        lambda: corrections(x, seed=1),
        lambda: rathelot(x),
        lambda: dissimilarity_bounds(x),
        lambda: null_mean.dissimilarity(x),
    ):
        with pytest.raises(CallError, match="row 1, column 1"):
            call()


# -- expected value and halves -----------------------------------------------------------------


def test_less_expected_is_0_by_chance_and_1_apart() -> None:
    rng = np.random.default_rng(7)
    even = table(rng.hypergeometric(6, 14, 10, 400), 10)
    chance = [
        less_expected(table(rng.binomial(10, 0.3, 400), 10), dissimilarity, null_mean.dissimilarity).low
        for _ in range(30)
    ]
    assert np.mean(chance) == pytest.approx(0, abs=0.01)
    apart = less_expected(np.array([[9.0, 0], [0, 9]]), dissimilarity, null_mean.dissimilarity)
    assert apart.low == pytest.approx(1)
    assert less_expected(even, dissimilarity, null_mean.dissimilarity).sign == -1  # more even than chance


def test_halves_take_the_bias_of_m_away() -> None:
    rng = np.random.default_rng(8)
    share = rng.beta(4, 6, 300)
    truth = float(mutual_information(np.stack([share, 1 - share], axis=1) * 1e6))
    tables = [table(rng.binomial(40, share), 40) for _ in range(15)]
    plain = np.mean([float(mutual_information(x)) for x in tables]) - truth
    halved = np.mean([half_samples(x, mutual_information, seed=1, splits=4).low for x in tables]) - truth
    assert plain > 0.01
    assert abs(halved) < 0.4 * plain
    again = half_samples(tables[0], mutual_information, seed=1, splits=4)
    assert again == half_samples(tables[0], mutual_information, seed=1, splits=4)


def test_all_corrections_are_named_and_bounds_stay_out_where_units_are_large() -> None:
    rng = np.random.default_rng(9)
    found = corrections(table(rng.binomial(6, 0.4, 60), 6), seed=1)
    assert [c.name for c in found] == [
        "expected value", "half-sample jackknife", "Rathelot", "D'Haultfœuille–Rathelot bounds",
    ]  # fmt: skip
    assert all(c.assumes.endswith(".") and c.source.endswith(")") for c in found)
    large = corrections(table(rng.binomial(60, 0.4, 60), 60), seed=1)
    assert [c.name for c in large][-1] == "Rathelot"
    with pytest.raises(CallError, match="two groups"):
        corrections(np.ones((4, 3)), seed=1)


def test_a_warning_where_signs_disagree_and_only_there() -> None:
    up, down = (Corrected(n, v, v, "It holds.", "(2000)") for n, v in (("a", 0.02), ("b", -0.02)))
    vague, flat = Corrected("c", -0.1, 0.3, "It holds.", "(2000)"), Corrected("d", 0.001, 0.001, "", "")
    assert "above 0 by a; below 0 by b" in disagreement([up, down, vague])
    assert disagreement([up, vague, flat]) == ""
    assert disagreement([down, flat]) == ""
    moved = vague.less(Corrected("c", 0.4, 0.5, "It holds.", "(2000)"))
    assert (moved.low, moved.high, moved.sign) == (-0.6, pytest.approx(-0.1), -1)
    with pytest.raises(CallError, match="not the same"):
        up.less(down)
