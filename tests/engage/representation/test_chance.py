"""Chance: against scipy's own distributions and against going through every table by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from isopolis.engage.representation.chance import Unequal, exact_test, unequal
from isopolis.model import CallError, Undefined


def test_two_groups_are_fishers_exact_test() -> None:
    for k, rest, n, others in ((3, 17, 100, 200), (8, 4, 100, 200), (0, 9, 40, 400)):
        table = [[k, n - k], [rest, others - rest]]
        assert exact_test([k, rest], [n, others]) == pytest.approx(stats.fisher_exact(table).pvalue, rel=1e-9)


def test_four_groups_are_the_enumeration_by_scipy() -> None:
    # sum of scipy 1.17.1 multivariate_hypergeom.pmf over all tables at most as likely as this one
    assert exact_test([1, 6, 2, 3], [40, 30, 20, 10]) == pytest.approx(0.021669187132425355, rel=1e-8)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 6)), min_size=2, max_size=4))
def test_every_table_is_gone_through(groups: list[tuple[int, int]]) -> None:
    residents = np.array([n for n, _k in groups])
    took = np.array([min(n, k) for n, k in groups])
    if took.sum() == 0:
        return
    drawn = stats.multivariate_hypergeom(residents, took.sum())
    tables = np.stack(np.meshgrid(*[np.arange(n + 1) for n in residents], indexing="ij"), -1)
    tables = tables.reshape(-1, len(residents))
    tables = tables[tables.sum(axis=1) == took.sum()]
    chance = drawn.pmf(tables)
    seen = drawn.pmf(took)
    assert exact_test(took, residents) == pytest.approx(
        min(1.0, chance[chance <= seen * (1 + 1e-6)].sum()), rel=1e-6
    )


def test_a_lot_is_rejected_as_often_as_the_test_says() -> None:
    rng = np.random.default_rng(2)
    residents = np.array([300, 200, 100])
    lots = rng.multivariate_hypergeometric(residents, 24, size=150)
    p = np.array([exact_test(lot, residents) for lot in lots])
    assert (p <= 0.05).mean() <= 0.085
    assert (p <= 0.5).mean() <= 0.6


def test_too_many_tables_are_drawn_by_lot_or_refused() -> None:
    took, residents = [30, 25, 20, 15, 10, 8, 5], [300, 250, 200, 150, 100, 80, 400]
    assert isinstance(exact_test(took, residents), Undefined)
    p = exact_test(took, residents, np.random.default_rng(1))
    assert 0 < p < 0.01
    assert p == exact_test(took, residents, np.random.default_rng(1))


def test_nothing_to_compare() -> None:
    assert exact_test([0, 0], [5, 5]).code == "nothing-to-compare"
    assert exact_test([3], [5]).code == "nothing-to-compare"
    assert unequal([0, 0], [5, 5]).code == "nobody"
    with pytest.raises(CallError):
        exact_test([6, 1], [5, 5])


def test_unequal_by_hand() -> None:
    # 8 of 10 participants from half of the residents: 3 would have to be others
    found = unequal([8, 2], [50, 50])
    assert isinstance(found, Unequal)
    assert found.value == pytest.approx(0.3)
    # E|X − 5| for 10 drawn of 50 + 50, by scipy
    x = np.arange(11)
    mean = (np.abs(x - 5) * stats.hypergeom(100, 50, 10).pmf(x)).sum()
    assert found.by_chance == pytest.approx(mean / 10)
    assert found.excess == pytest.approx((0.3 - found.by_chance) / (1 - found.by_chance))
    assert unequal([100, 300], [1000, 3000]).value == 0


def test_the_mean_under_chance_is_that_of_many_lots() -> None:
    residents = np.array([400, 900, 50, 1650])
    lots = np.random.default_rng(0).multivariate_hypergeometric(residents, 60, size=4000)
    seen = [0.5 * np.abs(lot / 60 - residents / residents.sum()).sum() for lot in lots]
    assert unequal(lots[0], residents).by_chance == pytest.approx(np.mean(seen), abs=0.002)
