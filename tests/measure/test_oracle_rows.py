"""Every row of the catalogue names its oracle; here stands the test that holds the two together.

A new index needs a row: where its value is compared with one that does not come from our own kernel.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from isopolis.measure import CATALOGUE

HERE = Path(__file__).parent
OLD, NEW, SPACE = (
    "test_oracles.py",
    "catalogue/test_catalogue_oracles.py",
    "spatial_indices/test_spatial_oracles.py",
)

ROWS: dict[str, tuple[str, str]] = {
    "dissimilarity": (
        OLD,
        "pysal_on_berlin schools_dissimilarity_and_isolation oasisr_on_grenoble_households",
    ),
    "gini": (OLD, "pysal_on_berlin gini_is_the_sum_over_pairs_of_zones"),
    "information_theory": (OLD, "schools_m_and_h pysal_on_berlin"),
    "mutual_information": (OLD, "schools_m_and_h pysal_on_berlin"),
    "exposure": (OLD, "pysal_on_berlin"),
    "isolation": (OLD, "pysal_on_berlin schools_dissimilarity_and_isolation"),
    "variance_ratio": (OLD, "pysal_on_berlin oasisr_on_grenoble_households"),
    "mutual_information_between": (OLD, "schools_between_districts_and_states"),
    "mutual_information_within": (OLD, "schools_between_districts_and_states"),
    "ordinal_information_theory": (
        OLD,
        "oasisr_on_grenoble_households ordinal_h_is_the_mean_of_h_over_thresholds_weighted_by_entropy",
    ),
    "rank_order_information_theory": (
        NEW,
        "oasisr_rank_order_example_with_its_unweighted_fit rank_order_of_a_city_known_in_full",
    ),
    "spatial_information_theory": (OLD, "spatial_h_by_its_definition"),
    "local_mutual_information": (OLD, "schools_local_scores_of_races"),
    "location_quotient": (
        NEW,
        "pysal_location_quotients_run_on_barcelona local_indices_by_a_loop_and_their_means",
    ),
    "share": (NEW, "share_of_the_published_total"),
    "atkinson": (NEW, "pysal_on_barcelona oasisr_on_grenoble two_group_indices_by_their_definitions"),
    "bias_corrected_dissimilarity": (NEW, "redrawn_dissimilarity_by_enumeration pysal_run_on_barcelona"),
    "concentration_profile": (
        NEW,
        "pysal_run_on_barcelona concentration_profile_is_the_integral_over_thresholds",
    ),
    "density_corrected_dissimilarity": (NEW, "pysal_run_on_barcelona folded_mode_by_grid_search"),
    "gorard": (NEW, "oasisr_gorard_on_pattern_a two_group_indices_by_their_definitions"),
    "min_max": (NEW, "pysal_on_barcelona"),
    "modified_dissimilarity": (NEW, "beyond_chance_by_enumeration pysal_run_on_barcelona"),
    "modified_gini": (NEW, "beyond_chance_by_enumeration"),
    "square_root": (NEW, "two_group_indices_by_their_definitions"),
    "squared_coefficient_of_variation": (NEW, "pysal_on_barcelona oasisr_on_grenoble"),
    "relative_diversity": (NEW, "pysal_on_barcelona oasisr_on_grenoble"),
    "diversity": (NEW, "pysal_on_barcelona oasisr_on_grenoble"),
    "normalised_diversity": (NEW, "pysal_run_on_barcelona diversity_of_known_cities"),
    "simpson_concentration": (NEW, "pysal_on_barcelona"),
    "simpson_interaction": (NEW, "pysal_on_barcelona oasisr_on_grenoble"),
    "ordinal_absolute": (NEW, "oasisr_on_grenoble ordinal_by_a_loop_over_thresholds"),
    "ordinal_square_root": (NEW, "oasisr_on_grenoble ordinal_by_a_loop_over_thresholds"),
    "ordinal_variation_ratio": (NEW, "oasisr_on_grenoble ordinal_by_a_loop_over_thresholds"),
    "rank_order_square_root": (
        NEW,
        "oasisr_rank_order_example_with_its_unweighted_fit rank_order_of_a_city_known_in_full",
    ),
    "rank_order_variation_ratio": (
        NEW,
        "oasisr_rank_order_example_with_its_unweighted_fit rank_order_of_a_city_known_in_full",
    ),
    "local_diversity": (NEW, "pysal_local_run_on_barcelona local_indices_by_a_loop_and_their_means"),
    "local_normalised_diversity": (
        NEW,
        "pysal_local_run_on_barcelona local_indices_by_a_loop_and_their_means",
    ),
    "local_simpson_concentration": (
        NEW,
        "pysal_local_run_on_barcelona local_indices_by_a_loop_and_their_means",
    ),
    "local_simpson_interaction": (
        NEW,
        "pysal_local_run_on_barcelona local_indices_by_a_loop_and_their_means",
    ),
    "boundary_dissimilarity": (SPACE, "pysal oasisr"),
    "contiguity_dissimilarity": (SPACE, "pysal oasisr"),
    "ring_dissimilarity": (SPACE, "oasisr"),
    "shape_dissimilarity": (SPACE, "pysal oasisr"),
    "environment_exposure": (SPACE, "environments_by_a_loop oasisr"),
    "environment_isolation": (SPACE, "oasisr"),
    "environment_variance_ratio": (SPACE, "pysal environments_by_a_loop"),
    "spatial_dissimilarity": (SPACE, "pysal environments_by_a_loop"),
    "spatial_h": (SPACE, "pysal environments_by_a_loop"),
    "spatial_relative_diversity": (SPACE, "pysal environments_by_a_loop"),
    "surface_min_max": (SPACE, "pysal surface_is_dissimilarity_of_the_surfaces"),
    "distortion": (SPACE, "pysal"),
    "local_distortion": (SPACE, "pysal_local_distortion distortion_by_a_loop"),
    "environment_divergence": (SPACE, "maps_of_surroundings_by_a_loop"),
    "environment_diversity": (SPACE, "pysal_maps_of_surroundings maps_of_surroundings_by_a_loop"),
    "environment_simpson": (SPACE, "pysal_maps_of_surroundings maps_of_surroundings_by_a_loop"),
    "environment_quotient": (SPACE, "pysal_maps_of_surroundings maps_of_surroundings_by_a_loop"),
    "local_centralization": (SPACE, "pysal_local_centralization"),
    "absolute_centralization": (SPACE, "pysal absolute_centralization_of_three_rings_in_closed_form"),
    "relative_centralization": (SPACE, "pysal proximity_and_centralization_by_pairs_of_people"),
    "absolute_clustering": (SPACE, "oasisr"),
    "mean_proximity": (SPACE, "oasisr proximity_and_centralization_by_pairs_of_people"),
    "proximity_profile": (
        SPACE,
        "proximity_profile_of_a_row_of_four_by_hand pysal_proximity_profile_in_finer_steps",
    ),
    "relative_clustering": (SPACE, "oasisr"),
    "spatial_proximity": (SPACE, "oasisr"),
    "delta": (SPACE, "oasisr pysal"),
    "absolute_concentration": (SPACE, "pysal concentration_of_three_zones_by_hand"),
    "relative_concentration": (SPACE, "pysal concentration_of_three_zones_by_hand"),
}
"""Index → file, and the tests in it that compare."""

PEERS = {"PySAL": ("pysal",), "OasisR": ("oasisr",), "elbersb": ("schools",)}
"""Where an oracle names a tool, one of its tests has a name with it."""


@cache
def functions(file: str) -> set[str]:
    tree = ast.parse((HERE / file).read_text(encoding="utf-8"))
    return {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}


def test_every_index_has_its_row() -> None:
    assert set(ROWS) == set(CATALOGUE), "say here which test compares a new index with an independent value"


@pytest.mark.parametrize("name", ROWS)
def test_the_row_names_tests_that_are_there_and_compare(name: str) -> None:
    file, tests = ROWS[name]
    assert {f"test_{t}" for t in tests.split()} <= functions(file)
    assert name in (HERE / file).read_text(encoding="utf-8")
    oracle = CATALOGUE[name].oracle
    for tool, words in PEERS.items():
        assert tool not in oracle or any(w in tests for w in words), f"{name}: no test with {tool}"
