"""An index asked by name: tables that are none are refused, and what has no value says why."""

from __future__ import annotations

import numpy as np
import pytest

from isopolis.measure import CATALOGUE, value_of, why_not
from isopolis.model import CallError, Undefined

X = np.array([[4.0, 16, 3], [0, 15, 3], [0, 0, 0], [3, 27, 9]])
BARE = [s.name for s in CATALOGUE.values() if not s.needs]
CITY = [n for n in BARE if CATALOGUE[n].kind != "local"]
MIX = [n for n in CITY if CATALOGUE[n].family == "composition"]


def test_the_value_is_that_of_the_kernel() -> None:
    for name in BARE:
        found, kernel = value_of(name, X), CATALOGUE[name].kernel(X)
        if name in CITY:
            assert found == float(kernel), name
        else:
            empty = np.ma.getmaskarray(found).reshape(4, -1).all(axis=1)
            assert empty.tolist() == [False, False, True, False], name
            np.testing.assert_array_equal(found[[0, 1, 3]], kernel[[0, 1, 3]])


@pytest.mark.parametrize("bad", [np.nan, -1.0, np.inf])
def test_what_is_no_table_of_people_is_refused(bad: float) -> None:
    """The bare kernel of Atkinson's index gives 0 for a count below 0 or unknown."""
    x = X.copy()
    x[3, 1] = bad
    for name in BARE:
        with pytest.raises(CallError, match="zone 3, group 1 holds"):
            value_of(name, x)
        with pytest.raises(CallError, match="two groups or more"):
            value_of(name, x[:, :1])


@pytest.mark.parametrize(
    ("x", "codes"),
    [
        (np.zeros((3, 2)), {"nobody"}),
        (np.array([[0.0, 5], [0, 6]]), {"group-absent", "one-group"}),
        (np.array([[5.0, 0], [6, 0]]), {"everyone", "one-group"}),
        (np.array([[5.0, 7], [0, 0]]), {"one-zone"}),
    ],
)
def test_no_value_is_said_with_its_reason(x: np.ndarray, codes: set[str]) -> None:
    for name in CITY:
        found = value_of(name, x)
        if name in MIX and x.any():
            assert 0 <= found <= 1, name  # a city of one group or one zone has a mix as well
        else:
            assert isinstance(found, Undefined), name
            assert found.code in codes, name


def test_exposure_to_a_group_that_is_absent() -> None:
    x = np.array([[1.0, 0, 3], [2, 0, 1]])
    assert value_of("exposure", x).code == "group-absent"  # type: ignore[union-attr]
    assert why_not(CATALOGUE["dissimilarity"], x) is None  # of three groups two are there
    assert why_not(CATALOGUE["dissimilarity"], x[:, [1, 0, 2]], many=False).code == "group-absent"  # type: ignore[union-attr]


def test_what_an_index_needs_is_given_beside_the_table() -> None:
    assert value_of("delta", X, [1, 2, 3, 4]) == CATALOGUE["delta"].kernel(X, [1, 2, 3, 4])
    assert value_of("atkinson", X, shape=0.3) == float(CATALOGUE["atkinson"].kernel(X, 0.3))
    parents = np.array([0, 0, 1, 1])
    between = CATALOGUE["mutual_information_between"].kernel(X, parents)
    assert value_of("mutual_information_between", X, parents) == float(between)
    with pytest.raises(CallError, match="delta needs areas beside the table"):
        value_of("delta", X)
    with pytest.raises(CallError, match="neighbourhood, points"):
        value_of("local_centralization", X)
