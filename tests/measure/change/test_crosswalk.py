"""Bringing counts to other zones."""

from __future__ import annotations

import numpy as np
import pytest

from isopolis.measure.change import carry, from_shares
from isopolis.model import CallError


def test_people_are_shared_out_and_none_is_lost() -> None:
    walk = from_shares([0, 0, 1, 2, 2], [0, 1, 1, 2, 2], [30, 10, 5, 1, 3], (3, 3))
    x = np.array([[8.0, 4], [3, 3], [5, 0]])
    made = carry(x, walk)
    np.testing.assert_allclose(made, [[6, 3], [5, 4], [5, 0]])
    assert list(walk.split) == [True, False, False]
    assert made.sum() == x.sum()


def test_the_same_zones_change_nothing() -> None:
    x = np.arange(12.0).reshape(4, 3)
    walk = from_shares(range(4), range(4), [0.3, 7, 1, 2], (4, 4), by="area")
    assert (carry(x, walk) == x).all()


def test_a_zone_with_people_that_leads_nowhere_stops_it() -> None:
    walk = from_shares([0], [0], [1.0], (2, 1))
    assert list(walk.lost) == [False, True]
    assert (carry([[2.0], [0]], walk) == [[2]]).all()
    with pytest.raises(CallError, match="1 zones with people lead nowhere"):
        carry([[2.0], [1]], walk)


@pytest.mark.parametrize(
    ("rows", "columns", "weight", "by", "said"),
    [
        ([0, 1], [0], [1, 1], "people", "one entry per row"),
        ([0], [0], [-1.0], "people", "not negative"),
        ([0], [0], [np.inf], "people", "finite"),
        ([2], [0], [1], "people", "old zones outside"),
        ([0], [-1], [1], "people", "new zones outside"),
        ([0], [0], [1], "guess", "by people or by area"),
    ],
)
def test_what_is_no_crosswalk(rows: list, columns: list, weight: list, by: str, said: str) -> None:
    with pytest.raises(CallError, match=said):
        from_shares(rows, columns, weight, (2, 2), by=by)


def test_a_table_of_other_zones_is_refused() -> None:
    with pytest.raises(CallError, match="about 2 zones"):
        carry(np.ones((3, 1)), from_shares([0, 1], [0, 1], [1, 1], (2, 2)))
