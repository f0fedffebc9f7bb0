"""What was found wrong in other tools is not wrong here: a test for each finding.

PySAL segregation 2.5.4 and R segregation 1.1.0.9000, as they were run. Each is said neutrally, with what
they give, so that the test can go when they change.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from isopolis.compat import pysal
from isopolis.measure import CATALOGUE, MEASURES
from isopolis.measure.change import decompose
from isopolis.measure.inference import arranged, randomised
from isopolis.measure.neighbours import from_matrix, kernel
from isopolis.measure.spatial_indices import spatial_h

X = np.array([[4.0, 16, 3], [0, 15, 3], [7, 11, 0], [3, 27, 9], [12, 28, 1], [1, 11, 4]])
TABLE: dict[str, Any] = dict(zip(["a", "b", "c"], X.T, strict=True)) | {"all": X.sum(axis=1)}


def h(x: np.ndarray) -> float:
    return float(CATALOGUE["information_theory"].kernel(x))


def test_random_tables_are_new_ones_and_a_seed_is_kept() -> None:
    """`ModifiedDissim` draws 1 different table of 50, and takes no seed."""
    drawn = {arranged(X, 7, r).tobytes() for r in range(50)}
    assert len(drawn) == 50
    assert {arranged(X, 7, r).tobytes() for r in range(50)} == drawn
    assert {arranged(X, 8, r).tobytes() for r in range(50)}.isdisjoint(drawn)
    assert len({pysal.ModifiedDissim(TABLE, "a", "all").statistic for _ in range(20)}) == 1


@pytest.mark.parametrize("name", ["information_theory", "squared_coefficient_of_variation"])
def test_a_group_that_is_absent_changes_nothing(name: str) -> None:
    """`MultiInfoTheory` and `MultiSquaredCoefVar` are NaN."""
    kernel_of = CATALOGUE[name].kernel
    assert kernel_of(np.column_stack([X, np.zeros(6)])) == pytest.approx(float(kernel_of(X)), abs=1e-15)


def test_surroundings_are_not_rounded_to_whole_persons() -> None:
    """`_build_local_environment` rounds: H of 1.3 people a cell and a kernel of 150 m is 0.273 for 0.143."""
    near = from_matrix(np.eye(6) + 0.3 * np.eye(6, k=1))
    tenth = X / 10
    assert spatial_h(tenth, near) == pytest.approx(spatial_h(X, near), abs=1e-14)


def test_the_weighting_of_surroundings_has_a_name() -> None:
    """PySAL weighs by the people around, Reardon and O'Sullivan by those who live there."""
    near = kernel(np.column_stack([np.arange(6) ** 2.0, np.zeros(6)]), 12, "triangular")
    around = near.environment(X)
    own, n = X.sum(axis=1), around.sum(axis=1)

    def entropy(p: np.ndarray) -> np.ndarray:
        return -(p * np.log(np.where(p > 0, p, 1))).sum(axis=-1)

    inside = entropy(around / n[:, None])
    assert spatial_h(X, near, "local") == pytest.approx(
        1 - own @ inside / own.sum() / entropy(X.sum(axis=0) / X.sum()), abs=1e-14
    )
    assert spatial_h(X, near, "environment") == pytest.approx(h(around), abs=1e-14)


def test_a_p_of_draws_is_never_0() -> None:
    """Theirs is twice the least count over the draws, which may be 0."""
    apart = np.kron(np.eye(2), np.full((20, 1), 30.0))
    found = randomised(apart, h, seed=1, most=99, enough=None)
    assert found.p == pytest.approx(2 / 100) or found.p == pytest.approx(1 / 100)
    assert found.p > 0


def test_chance_needs_no_outlines() -> None:
    """`simulate_evenness` and `simulate_geo_permutation` stop at a table without a geometry."""
    assert randomised(X, h, seed=1, most=19).p > 0
    assert MEASURES["information_theory"].expected is not None


def test_local_centralization_takes_several_groups() -> None:
    """`LocalRelativeCentralization(df, groups)` raises TypeError."""
    import geopandas
    import shapely

    boxes = [shapely.box(i * i, 0, (i + 1) ** 2, 1) for i in range(6)]
    frame = geopandas.GeoDataFrame({g: TABLE[g] for g in "abc"}, geometry=boxes, crs="EPSG:3035")
    assert pysal.LocalRelativeCentralization(frame, ["a", "b", "c"]).statistics.shape == (6, 3)


def test_values_keep_their_digits() -> None:
    """Their `batch_compute_*` rounds to 4 decimals."""
    value = pysal.MultiInfoTheory(TABLE, ["a", "b", "c"]).statistic
    assert value == h(X)
    assert json.loads(json.dumps(value)) == value != round(value, 12)


def test_the_parts_of_a_change_do_not_hang_on_a_tolerance_or_a_coin() -> None:
    """R segregation's default 1e-3 gives the structural part another sign than 1e-10; it starts at random."""
    later = X[::-1] + 2.0
    found = [decompose(X, later, h) for _ in range(2)]
    assert found[0].parts.parts == found[1].parts.parts
    assert found[0].parts.residual <= 1e-10
    turned = decompose(later, X, h).parts
    for name in ("structure", "zones", "groups"):
        assert turned.of(name) == pytest.approx(-found[0].parts.of(name), abs=1e-9)
