"""Laws that spatial indices declare, moves of people and zones, and defects that must not be ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from isopolis.measure import CATALOGUE, LAWS, MeasureSpec
from isopolis.measure import spatial_indices as s
from isopolis.measure.neighbours import Borders, Neighbourhood, alone, contiguity, from_matrix, kernel
from isopolis.model import CallError, Undefined

from .towns import BORDERS, CENTRES, GHETTO, SCATTERED, SQUARES, X

OURS = [m for m in CATALOGUE.values() if m.kernel.__module__.startswith("isopolis.measure.spatial_indices.")]
DECLARED = [(m.name, law) for m in OURS for law in LAWS if law in m.laws]
TOUCH = ("contiguity_dissimilarity", "ring_dissimilarity", "proximity_profile")


@dataclass
class Town:
    """A table with whatever places, borders and areas an index asks for."""

    x: np.ndarray
    at: np.ndarray
    borders: Borders

    def value(self, spec: MeasureSpec) -> Any:
        return spec.kernel(self.x, *(self.given(spec, need) for need in spec.needs))

    def given(self, spec: MeasureSpec, need: str) -> Any:
        return {
            "neighbourhood": lambda: (
                contiguity(self.borders) if spec.name in TOUCH else kernel(self.at, 300, "triangular")
            ),
            "borders": lambda: self.borders,
            "areas": lambda: self.borders.area,
            "centre_distances": lambda: s.distance_to_centres(self.at, (300.0, 280.0)),
            "points": lambda: self.at,
        }[need]()

    def reordered(self, order: np.ndarray) -> Town:
        place = np.argsort(order)
        b = self.borders
        moved = Borders(place[b.first], place[b.second], b.length, b.area[order], b.perimeter[order])
        return Town(self.x[order], self.at[order], moved)


def town(x: np.ndarray = X) -> Town:
    return Town(x, CENTRES + SCATTERED / 1e5, BORDERS)


def same(a: Any, b: Any) -> None:
    np.testing.assert_allclose(np.ma.filled(a, 0.0), np.ma.filled(b, 0.0), rtol=1e-9, atol=1e-12)


def zone_order(spec: MeasureSpec) -> None:
    order = np.random.default_rng(1).permutation(30)
    before = town().value(spec)
    same(town().reordered(order).value(spec), before[order] if spec.kind == "local" else before)


def group_order(spec: MeasureSpec) -> None:
    same(town(X[:, [2, 0, 1]]).value(spec), town().value(spec))


def scale(spec: MeasureSpec) -> None:
    same(town(10 * X).value(spec), town().value(spec))


def split(spec: MeasureSpec) -> None:
    """Cut zone 4 in two of the same mix, each with half of the land."""
    order = np.append(np.arange(30), 4)
    x, area = X[order].copy(), BORDERS.area[order].copy()
    x[[4, 30]] /= 2
    area[[4, 30]] /= 2
    same(spec.kernel(x, area), spec.kernel(X, BORDERS.area))


def merge(spec: MeasureSpec) -> None:
    x, area = X.copy(), BORDERS.area.copy()
    x[3] += x[9]
    area[3] += area[9]
    assert spec.kernel(np.delete(x, 9, 0), np.delete(area, 9)) <= spec.kernel(X, BORDERS.area) + 1e-12


def empty_zone(spec: MeasureSpec) -> None:
    """An empty zone far out that touches one other: in the town, and cut away."""
    b = BORDERS
    wide = Borders(
        np.append(b.first, 5), np.append(b.second, 30), np.append(b.length, 40.0),
        np.append(b.area, 900.0), np.append(b.perimeter, 130.0),
    )  # fmt: skip
    at = np.vstack([town().at, [2000.0, 2000.0]])
    with_it = Town(np.vstack([X, np.zeros(3)]), at, wide).value(spec)
    same(np.ma.filled(with_it, 0.0)[:30] if spec.kind == "local" else with_it, town().value(spec))


def absent_group(spec: MeasureSpec) -> None:
    same(town(np.column_stack([X, np.zeros(30)])).value(spec), town().value(spec))


def zero_when_even(spec: MeasureSpec) -> None:
    even = np.outer(X.sum(axis=1), [0.2, 0.3, 0.5])
    same(town(even).value(spec), np.zeros(30) if spec.kind == "local" else 0.0)


def bounded(spec: MeasureSpec) -> None:
    for x in (X, X * (np.arange(30) < 3)[:, None] + 1e-9):
        value = town(x).value(spec)
        assert spec.minimum <= np.min(value)
        assert np.max(value) <= spec.maximum(x) + 1e-12


CHECKS: dict[str, Callable[[MeasureSpec], None]] = {
    "zone-order": zone_order,
    "group-order": group_order,
    "scale": scale,
    "split": split,
    "merge": merge,
    "empty-zone": empty_zone,
    "absent-group": absent_group,
    "zero-when-even": zero_when_even,
    "bounded": bounded,
}


@pytest.mark.parametrize(("name", "law"), DECLARED)
def test_law(name: str, law: str) -> None:
    CHECKS[law](CATALOGUE[name])


def test_all_are_registered_with_a_verdict() -> None:
    assert len(OURS) == 28
    assert {m.kernel.__name__ for m in OURS} == set(s.__all__) - {"distance_to_centres"}
    assert all(m.because and m.oracle and m.needs for m in OURS)


@pytest.mark.parametrize("spec", OURS, ids=lambda m: m.name)
def test_minimum_and_maximum_hold_on_the_town(spec: MeasureSpec) -> None:
    for x in (X, X[:, ::-1], np.where(X > 60, X, 0.0)):
        value = town(x).value(spec)
        assert spec.minimum - 1e-12 <= np.min(value) <= np.max(value) <= spec.maximum(x) + 1e-12


CITY = [m for m in OURS if m.kind != "local"]


@pytest.mark.parametrize("spec", CITY, ids=lambda m: m.name)
@pytest.mark.parametrize(
    ("x", "code"),
    [
        (np.zeros((30, 3)), ("nobody", "group-absent")),
        (np.outer(np.arange(30), [0.0, 1.0, 0.0]), ("group-absent", "one-group")),
        (np.outer(np.arange(30), [1.0, 0.0, 0.0]), ("everyone", "one-group")),
        (np.outer(np.arange(30) == 7, [4.0, 2.0, 1.0]), ("one-zone",)),
    ],
)
def test_no_value_is_said_with_a_reason(spec: MeasureSpec, x: np.ndarray, code: tuple[str, ...]) -> None:
    value = town(x).value(spec)
    if spec.name == "delta" and not isinstance(value, Undefined):
        assert np.isfinite(value)  # one group alone, or in one zone, has a density
    else:
        assert value.code in code
        assert value.reason.endswith(".")


@pytest.mark.parametrize("spec", OURS, ids=lambda m: m.name)
def test_wrong_tables_are_refused(spec: MeasureSpec) -> None:
    for x in (X[:, :1], np.where(X > 90, -1, X), np.where(X > 90, np.nan, X)):
        with pytest.raises(CallError):
            town(x).value(spec)


def test_zones_that_touch_nobody_give_a_reason_and_not_dissimilarity() -> None:
    """Outlines with gaps between them share no border: that is no city without contact."""
    nobody = np.array([], dtype=int)
    apart = Borders(nobody, nobody, np.array([]), BORDERS.area, BORDERS.perimeter)
    steps = (s.contiguity_dissimilarity, s.ring_dissimilarity, s.proximity_profile)
    found = [f(X, contiguity(apart)) for f in steps]
    found += [s.boundary_dissimilarity(X, apart), s.shape_dissimilarity(X, apart)]
    only = np.where(np.isin(np.arange(30), (0, 29))[:, None], X, 0.0)  # two inhabited zones, far apart
    found += [s.contiguity_dissimilarity(only, contiguity(BORDERS)), s.boundary_dissimilarity(only, BORDERS)]
    for value in found:
        assert isinstance(value, Undefined)
        assert value.code == "no-neighbours"
    pair = np.where(np.isin(np.arange(30), (0, 1))[:, None], X, 0.0)
    d = float(CATALOGUE["dissimilarity"].kernel(np.column_stack([pair[:, 0], pair[:, 1:].sum(axis=1)])))
    gap = abs(X[0, 0] / X[0].sum() - X[1, 0] / X[1].sum())
    # they touch, nobody lives two steps away, and that ring takes nothing away
    assert s.ring_dissimilarity(pair, contiguity(BORDERS)) == pytest.approx(d - gap, abs=1e-14)


def test_land_of_0_gives_a_reason_and_not_infinity() -> None:
    x = np.array([[0.0, 9.0], [5.0, 0.0], [5.0, 0.0]])
    flat = Borders(BORDERS.first, BORDERS.second, BORDERS.length, np.zeros(30), BORDERS.perimeter)
    for value in (s.relative_concentration(x, [0, 1, 2]), s.shape_dissimilarity(X, flat)):
        assert isinstance(value, Undefined)
        assert value.code == "no-land"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: s.mean_proximity(X, kernel(CENTRES, 300), of="members"), "group, others, between, everyone"),
        (lambda: s.ring_dissimilarity(X, contiguity(BORDERS), discount=-1), "discount is -1"),
        (lambda: s.distance_to_centres(CENTRES, (np.nan, 2.0)), "at least one centre"),
        (lambda: s.distance_to_centres([[0.0, np.inf]], (0.0, 2.0)), "zone 0 has no place"),
        (lambda: s.local_centralization(X, kernel(CENTRES, 300), CENTRES[:9]), "each of the 30 zones"),
        (lambda: s.local_distortion(X, np.full((30, 2), np.nan)), "zone 0 has no place"),
    ],
)
def test_wrong_arguments_are_named(call: Callable[[], Any], words: str) -> None:
    with pytest.raises(CallError, match=words):
        call()


# -- people moved, zones merged --------------------------------------------------------


def test_moving_the_ghetto_apart_lowers_what_looks_across_borders() -> None:
    """The same zones, reshuffled: D stays, and every index of nearness falls."""
    board = np.array([(i // 10 + i % 10) % 2 == 0 for i in range(100)])
    rows = np.flatnonzero(board)[:25]
    scattered = np.zeros(100, dtype=bool)
    scattered[rows] = True
    x = np.column_stack([100.0 * scattered, 100.0 * ~scattered])
    queen = contiguity(SQUARES)
    at = np.array([(i % 10, i // 10) for i in range(100)], dtype=float)
    near = kernel(at, 1, "exponential")
    for index in (s.contiguity_dissimilarity, s.ring_dissimilarity, s.proximity_profile):
        assert index(x, queen) < index(GHETTO, queen)
    for index in (
        s.spatial_proximity, s.relative_clustering, s.absolute_clustering, s.environment_isolation,
        s.spatial_h, s.spatial_dissimilarity, s.spatial_relative_diversity, s.environment_variance_ratio,
        s.surface_min_max, s.mean_proximity,
    ):  # fmt: skip
        assert index(x, near) < index(GHETTO, near), index.__name__
    assert s.environment_exposure(x, near) > s.environment_exposure(GHETTO, near)
    for index in (s.boundary_dissimilarity, s.shape_dissimilarity):
        assert index(x, SQUARES) < index(GHETTO, SQUARES)
    assert s.distortion(x, at) < s.distortion(GHETTO, at)


def test_a_member_moving_inwards_or_to_less_land_raises_the_index() -> None:
    far = s.distance_to_centres(CENTRES, CENTRES[14])
    outer, inner = int(np.argmax(far)), 14
    moved = X.copy()
    moved[outer, 0] -= 1
    moved[inner, 0] += 1
    assert s.relative_centralization(moved, far) > s.relative_centralization(X, far)
    assert s.absolute_centralization(moved, far, BORDERS.area) > s.absolute_centralization(
        X, far, BORDERS.area
    )
    large, small = int(np.argmax(BORDERS.area)), int(np.argmin(BORDERS.area))
    packed = X.copy()
    packed[large, 0] -= 2
    packed[small, 0] += 2
    packed[small, 1] -= 2
    packed[large, 1] += 2  # zones keep their people
    assert s.absolute_concentration(packed, BORDERS.area) > s.absolute_concentration(X, BORDERS.area)
    assert s.relative_concentration(packed, BORDERS.area) > s.relative_concentration(X, BORDERS.area)


def test_a_second_centre_brings_the_group_nearer() -> None:
    corner = SCATTERED[[0]]
    one = s.distance_to_centres(SCATTERED, corner)
    two = s.distance_to_centres(SCATTERED, np.vstack([corner, SCATTERED[[7]]]))
    assert (two <= one).all()
    lone = np.column_stack([np.eye(30)[7] * 50, X[:, 1]])
    assert s.relative_centralization(lone, two) > s.relative_centralization(lone, one)


def test_joining_two_zones_at_one_place_changes_no_environment() -> None:
    at = SCATTERED.copy()
    at[5] = at[11]
    joined = X.copy()
    joined[11] += joined[5]
    x, kept = np.delete(joined, 5, axis=0), np.delete(at, 5, axis=0)
    for index in (s.spatial_h, s.spatial_dissimilarity, s.environment_exposure, s.spatial_proximity):
        assert index(x, kernel(kept, 400)) == pytest.approx(index(X, kernel(at, 400)), abs=1e-13)
    assert s.distortion(x, kept, "people") == pytest.approx(s.distortion(X, at, "people"), rel=1e-12)


def test_the_whole_city_as_neighbourhood_leaves_nothing() -> None:
    everyone = from_matrix(np.ones((30, 30)))
    for index in (s.spatial_h, s.spatial_dissimilarity, s.spatial_relative_diversity):
        assert index(X, everyone) == pytest.approx(0, abs=1e-13)
    assert s.surface_min_max(X, everyone) == pytest.approx(0, abs=1e-13)


def test_normalised_distortion_is_a_share() -> None:
    for by in ("people", "zones"):
        for rule in ("sum", "last"):
            value = s.local_distortion(X, SCATTERED, by, rule, normalised=True)
            assert (value > 0).all()
            assert (value < 1).all()
    # groups in three places far apart: whoever stands in the smallest sees nearly the worst order
    x = np.zeros((600, 2))
    x[:100, 0] = x[100:, 1] = 1
    at = np.column_stack([np.arange(600.0), np.zeros(600)])
    assert s.local_distortion(x, at, "people", normalised=True)[0] == pytest.approx(1, abs=0.02)


# -- defects that must not be ours -----------------------------------------------------


def test_sparse_environments_are_not_rounded() -> None:
    """1.3 people for each zone and a kernel: rounding to whole people would change the value much."""
    rng = np.random.default_rng(4)
    x = rng.poisson(0.65, (400, 2)).astype(float)
    at = 100 * np.array([(i % 20, i // 20) for i in range(400)], dtype=float)
    near = kernel(at, 150, "triangular")
    around = near.environment(x)
    assert (around != np.round(around)).any()
    rounded = s.spatial_h(np.round(around), alone(400), "environment")
    exact = s.spatial_h(x, near, "environment")
    assert exact == pytest.approx(s.spatial_h(around, alone(400)), abs=1e-13)
    assert rounded > 1.2 * exact  # what rounding would have done


def test_the_two_conventions_differ_and_are_asked_by_name() -> None:
    near = kernel(SCATTERED, 300)
    local, around = s.spatial_h(X, near), s.spatial_h(X, near, "environment")
    assert local != pytest.approx(around, abs=1e-4)
    assert s.spatial_h(X, near, "local") == local
    with pytest.raises(CallError, match="local, environment"):
        s.spatial_h(X, near, "people")  # type: ignore[arg-type]


@pytest.mark.parametrize("spec", OURS, ids=lambda m: m.name)
def test_an_empty_group_and_empty_zones_never_make_a_city_unknown(spec: MeasureSpec) -> None:
    x = np.column_stack([X, np.zeros(30)])
    x[[0, 8, 29]] = 0
    value = town(x).value(spec)
    assert np.isfinite(np.ma.filled(value, 0.0)).all()


def test_local_centralization_takes_more_than_two_groups() -> None:
    assert s.local_centralization(X, kernel(SCATTERED, 400), SCATTERED).shape == (30,)


def test_nearness_falls_with_distance() -> None:
    """A group that gathers has SP above 1; with nearness upside down it would fall below."""
    assert s.spatial_proximity(GHETTO, kernel(np.array([(i % 10, i // 10) for i in range(100)]), 2)) > 1


def test_equal_areas_give_a_reason_and_no_nan() -> None:
    for index in (s.absolute_concentration, s.relative_concentration):
        value = index(GHETTO, SQUARES.area)
        assert isinstance(value, Undefined)
        assert value.code == "all-areas-equal"


def test_ties_in_area_and_distance_do_not_depend_on_the_order_of_zones() -> None:
    rng = np.random.default_rng(3)
    areas, far = rng.integers(1, 4, 30).astype(float), rng.integers(0, 5, 30).astype(float)
    order = rng.permutation(30)
    for index in (s.absolute_concentration, s.relative_concentration):
        assert index(X[order], areas[order]) == pytest.approx(index(X, areas), abs=1e-12)
    assert s.relative_centralization(X[order], far[order]) == pytest.approx(
        s.relative_centralization(X, far), abs=1e-12
    )
    at = np.array([(i % 6, i // 6) for i in range(30)], dtype=float)
    assert s.distortion(X[order], at[order]) == pytest.approx(s.distortion(X, at), abs=1e-11)


def test_inputs_are_not_changed() -> None:
    x = X.copy()
    for spec in OURS:
        town(x).value(spec)
    np.testing.assert_array_equal(x, X)


def test_a_neighbourhood_of_another_town_is_refused() -> None:
    small: Neighbourhood = alone(29)
    with pytest.raises(CallError, match="30 zones"):
        s.spatial_h(X, small)
