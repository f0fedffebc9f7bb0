"""Every index of the catalogue, when people move towards evenness and when two zones become one.

Six zones in a row, the group most frequent in the first: it is the smallest of them and the nearest
to the centre, so that whoever leaves it for the last one makes the city more even in every way that
an index may look at.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from isopolis.measure import CATALOGUE
from isopolis.measure.neighbours import Borders, contiguity, grid_borders, kernel
from isopolis.measure.spatial import neighbours_within

X = np.array([[80.0, 15, 5], [60, 30, 10], [45, 35, 20], [30, 40, 30], [20, 40, 40], [10, 30, 60]])
WIDTHS = np.array([100.0, 120, 150, 190, 240, 300])
AT = np.column_stack([np.cumsum(WIDTHS) - WIDTHS / 2, np.zeros(6)])
BORDERS: Borders = grid_borders(WIDTHS, [100])
PARENTS = np.array([0, 0, 0, 1, 1, 1])
TOUCHING = ("contiguity_dissimilarity", "ring_dissimilarity", "proximity_profile")

FALLS = """
    dissimilarity gini information_theory mutual_information isolation variance_ratio atkinson
    bias_corrected_dissimilarity concentration_profile density_corrected_dissimilarity gorard min_max
    modified_dissimilarity modified_gini square_root squared_coefficient_of_variation relative_diversity
    mutual_information_between mutual_information_within ordinal_information_theory
    rank_order_information_theory ordinal_absolute ordinal_square_root ordinal_variation_ratio
    rank_order_square_root rank_order_variation_ratio spatial_information_theory boundary_dissimilarity
    contiguity_dissimilarity ring_dissimilarity shape_dissimilarity environment_isolation distortion
    environment_variance_ratio spatial_dissimilarity spatial_h spatial_relative_diversity surface_min_max
    absolute_centralization relative_centralization absolute_clustering mean_proximity
    relative_clustering spatial_proximity absolute_concentration relative_concentration delta
""".split()
PARTED = ["proximity_profile"]  # not of evenness: it ranks zones by their share
RISES = "exposure environment_exposure".split()
STAYS = "share diversity normalised_diversity simpson_concentration simpson_interaction".split()
FALLS_THERE = """
    local_mutual_information location_quotient local_simpson_concentration environment_divergence
    environment_quotient local_centralization local_distortion
""".split()
RISES_THERE = """
    local_diversity local_normalised_diversity local_simpson_interaction environment_diversity
    environment_simpson
""".split()
WAYS = {
    name: way
    for way, names in [
        ("falls", FALLS), ("rises", RISES), ("stays", STAYS), ("falls there", FALLS_THERE),
        ("rises there", RISES_THERE), ("falls when parted", PARTED),
    ]
    for name in names
}  # fmt: skip


def value(name: str, x: np.ndarray) -> Any:
    spec = CATALOGUE[name]
    given = {
        "neighbourhood": contiguity(BORDERS) if name in TOUCHING else kernel(AT, 300, "triangular"),
        "borders": BORDERS,
        "areas": BORDERS.area,
        "centre_distances": AT[:, 0],
        "points": AT,
        "parents": PARENTS,
    }
    if name == "spatial_information_theory":
        return spec.kernel(x, neighbours_within(AT, 300))
    return spec.kernel(x, *(given[need] for need in spec.needs))


def moved(people: int, there: int = 5) -> np.ndarray:
    """So many members of the group leave the first zone; as many of the last group take their place."""
    x = X.copy()
    x[0] += [-people, 0, people]
    x[there] += [people, 0, -people]
    return x


def test_every_index_has_its_row() -> None:
    assert set(WAYS) == set(CATALOGUE), "say here which way a new index moves"


@pytest.mark.parametrize("name", [n for n in WAYS if n not in PARTED])
def test_people_moved_towards_evenness(name: str) -> None:
    there, each = (2, 2) if name == "mutual_information_within" else (5, 4)
    values = [value(name, moved(people * each, there)) for people in range(4)]
    if WAYS[name].endswith("there"):  # in the zone that they left
        values = [v[0] if np.ndim(v[0]) == 0 else v[0][0] for v in values]
    steps = np.diff(np.asarray(values, dtype=float))
    if WAYS[name] == "stays":
        np.testing.assert_array_equal(steps, 0)
    elif WAYS[name].startswith("falls"):
        assert (steps < -1e-5).all(), values
    else:
        assert (steps > 1e-5).all(), values


@pytest.mark.parametrize("name", PARTED)
def test_zones_of_the_group_moved_apart(name: str) -> None:
    assert value(name, X[[0, 5, 2, 3, 4, 1]]) < value(name, X) - 0.05


WITHOUT_SPACE = [n for n in FALLS if not set(CATALOGUE[n].needs) and n != "spatial_information_theory"]


@pytest.mark.parametrize("name", [*WITHOUT_SPACE, *RISES[:1], *STAYS])
def test_the_first_and_the_last_zone_become_one(name: str) -> None:
    joined = X[:-1].copy()
    joined[0] += X[-1]
    before, after = CATALOGUE[name].kernel(X), CATALOGUE[name].kernel(joined)
    if name in STAYS:
        assert after == before
    elif name in RISES:
        assert after > before + 0.01
    else:
        assert after < before - 0.002


@pytest.mark.parametrize(
    "name", ["mutual_information_between", "mutual_information_within", "local_mutual_information"]
)
def test_zones_of_one_district_become_one(name: str) -> None:
    """What lies between districts stays, what lies within them falls, and parts still add up."""
    joined, parents = X[1:].copy(), PARENTS[1:]
    joined[0] += X[0]
    kernel_of = CATALOGUE[name].kernel
    if name == "local_mutual_information":
        for x in (X, joined):
            total = x.sum(axis=1) @ kernel_of(x) / x.sum()
            assert total == pytest.approx(float(CATALOGUE["mutual_information"].kernel(x)), abs=1e-14)
    elif name.endswith("between"):
        assert kernel_of(joined, parents) == pytest.approx(float(kernel_of(X, PARENTS)), abs=1e-14)
    else:
        assert kernel_of(joined, parents) < kernel_of(X, PARENTS) - 1e-3
