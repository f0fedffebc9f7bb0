"""Every spatial index against other tools, or against a loop written from its definition.

OasisR 3.1.1 (R 4.2) on its pattern A prints 4 decimals. PySAL segregation 2.5.4 was run on the
towns of `towns.py`: zones as rectangles, the first group against all three together.
"""

from __future__ import annotations

import numpy as np
import pytest

from isopolis.measure import spatial_indices as s
from isopolis.measure.evenness import dissimilarity
from isopolis.measure.exposure import exposure, isolation, variance_ratio
from isopolis.measure.information import information_theory
from isopolis.measure.local import local_mutual_information, location_quotient
from isopolis.measure.neighbours import alone, contiguity, kernel, nearest_zones

from .towns import BORDERS, CENTRES, CORNER, GHETTO, LOOSE, SCATTERED, SQUARES, X

QUEEN, ROOK = contiguity(BORDERS, "queen"), contiguity(BORDERS, "rook")
ROOK10 = contiguity(SQUARES, "rook")
NEAR = kernel(CORNER, 1, "exponential")
BACK = GHETTO[:, ::-1]

OASISR = {
    "ISMorrill": (lambda: s.contiguity_dissimilarity(GHETTO, ROOK10), 0.9444),
    "ISMorrillK": (lambda: s.ring_dissimilarity(GHETTO, ROOK10, most=2), 0.9022),
    "ISMorrill, squares": (lambda: s.boundary_dissimilarity(GHETTO, SQUARES), 0.9444),
    "ISWong": (lambda: s.shape_dissimilarity(GHETTO, SQUARES, "inner"), 0.9472),
    "SP": (lambda: s.spatial_proximity(GHETTO, NEAR), 1.6934),
    "Poo": (lambda: s.mean_proximity(GHETTO, NEAR, "everyone"), 0.0509),
    "ACL": (lambda: s.absolute_clustering(GHETTO, ROOK10.with_self()), 0.8841),
    "RCL": (lambda: s.relative_clustering(GHETTO, NEAR), 1.5020),
    "RCL the other way": (lambda: s.relative_clustering(BACK, NEAR), -0.6003),
    "DPxx": (lambda: s.environment_isolation(GHETTO, NEAR), 0.7882),
    "DPxx of the others": (lambda: s.environment_isolation(BACK, NEAR), 0.9294),
    "DPxy": (lambda: s.environment_exposure(GHETTO, NEAR), 0.2118),
    "Delta": (lambda: s.delta(GHETTO, SQUARES.area), 0.75),
    "Delta of the others": (lambda: s.delta(BACK, SQUARES.area), 0.25),
}


@pytest.mark.parametrize("name", OASISR)
def test_oasisr(name: str) -> None:
    ours, theirs = OASISR[name]
    assert round(ours(), 4) == theirs


MIDDLE = s.distance_to_centres(CENTRES, CENTRES.mean(axis=0))
APART = s.distance_to_centres(SCATTERED, SCATTERED.mean(axis=0))
_SIDE = 8 + (np.arange(30) * 37) % 41 + np.arange(30) * 0.013
AREAS = _SIDE * (1 + _SIDE / 50)
AROUND = QUEEN.with_self()

PYSAL = {
    "SpatialDissim": (lambda: s.contiguity_dissimilarity(X, QUEEN), 0.050443009076416356),
    "SpatialDissim rook": (lambda: s.contiguity_dissimilarity(X, ROOK), 0.0492843944194121),
    "SpatialDissim rook, rows": (lambda: s.contiguity_dissimilarity(X, ROOK.by_rows()), 0.052456940917042366),
    "BoundarySpatialDissim": (lambda: s.boundary_dissimilarity(X, BORDERS, "rows"), 0.05317889533281714),
    "PARDissim": (lambda: s.shape_dissimilarity(X, BORDERS), 0.10298169569971789),
    "Delta": (lambda: s.delta(X, BORDERS.area), 0.23426354811021993),
    "Delta, areas": (lambda: s.delta(X, AREAS), 0.3034428033775504),
    "AbsoluteConcentration": (
        lambda: s.absolute_concentration(X, BORDERS.area, whole=True),
        0.5143477030950941,
    ),
    "AbsoluteConcentration, areas": (
        lambda: s.absolute_concentration(X, AREAS, whole=True),
        0.5356792138815756,
    ),
    "RelativeConcentration": (
        lambda: s.relative_concentration(X, BORDERS.area, whole=True),
        -0.02866274053631544,
    ),
    "RelativeConcentration, areas": (
        lambda: s.relative_concentration(X, AREAS, whole=True),
        0.08732317894431076,
    ),
    "AbsoluteCentralization": (
        lambda: s.absolute_centralization(X, MIDDLE, BORDERS.area),
        0.008388848603836152,
    ),
    "AbsoluteCentralization, places": (
        lambda: s.absolute_centralization(X, APART, np.ones(30)),
        -0.06482868164284028,
    ),
    "RelativeCentralization": (lambda: s.relative_centralization(X, MIDDLE), 0.04057786526458251),
    "RelativeCentralization, places": (lambda: s.relative_centralization(X, APART), -0.02283056528063554),
    "RelativeCentralization, a centre": (
        lambda: s.relative_centralization(X, s.distance_to_centres(SCATTERED, (300.0, 400.0))),
        0.019070173251902744,
    ),
    "MinMax": (lambda: s.surface_min_max(X, alone(30)), 0.34513452191435234),
    "MultiInfoTheory(w)": (lambda: s.spatial_h(X, AROUND, "environment"), 0.016454361742375925),
    "MultiDissim(w)": (lambda: s.spatial_dissimilarity(X, AROUND, "environment"), 0.10302900888950983),
    "MultiRelativeDiversity(w)": (
        lambda: s.spatial_relative_diversity(X, AROUND, "environment"),
        0.017004269902640205,
    ),
    "MultiNormExposure(w)": (
        lambda: s.environment_variance_ratio(X, AROUND, "environment"),
        0.016797164067354882,
    ),
    "GlobalDistortion": (lambda: s.distortion(X, LOOSE), 0.3461512977393861),
}


@pytest.mark.parametrize("name", PYSAL)
def test_pysal(name: str) -> None:
    ours, theirs = PYSAL[name]
    assert ours() == pytest.approx(theirs, rel=1e-11, abs=1e-13)


def test_pysal_local_distortion() -> None:
    theirs = [0.661036545402839, 0.2113858307858557, 0.21842382962198373, 0.472313203842837]
    np.testing.assert_allclose(s.local_distortion(X, LOOSE)[:4], theirs, rtol=1e-11)


def test_pysal_maps_of_surroundings() -> None:
    """Whole neighbours, so that the rounding of people around changes nothing."""
    for ours, theirs in [
        (s.environment_diversity(X, AROUND), [0.9787875457059065, 1.0238720189402388, 1.0368274587021737]),
        (
            s.environment_diversity(X, AROUND, normalised=True),
            [0.8909308186353246, 0.9319684746850216, 0.9437610241545357],
        ),
        (s.environment_simpson(X, AROUND), [0.5934774585785599, 0.6214130012840037, 0.6270478002378121]),
        (s.environment_diversity(X, alone(30)), [0.6775859683238661, 1.0605374707413127, 1.0860062916469468]),
        (s.environment_simpson(X, alone(30)), [0.38786436644854255, 0.6402380699330428, 0.6580641902982247]),
        (
            s.environment_quotient(X, alone(30))[0],
            [0.562918195553637, 2.288815331010453, 0.15100928218924264],
        ),
    ]:
        np.testing.assert_allclose(ours[:3], theirs, rtol=1e-11)


def test_maps_of_surroundings_by_a_loop() -> None:
    near, city = kernel(SCATTERED, 300, "triangular"), X.sum(axis=0) / X.sum()
    maps = (
        s.environment_divergence, s.environment_diversity, s.environment_simpson, s.environment_quotient,
    )  # fmt: skip
    divergence, diversity, simpson, quotient = (f(X, near) for f in maps)
    for i in range(30):
        around = np.zeros(3)
        for j in range(30):
            apart = float(np.hypot(*(SCATTERED[i] - SCATTERED[j])))
            around += max(0.0, 1 - apart / 300) * X[j]
        mix = around / around.sum()
        want = sum(p * np.log(p / q) for p, q in zip(mix, city, strict=True))
        assert divergence[i] == pytest.approx(want, abs=1e-13)
        assert diversity[i] == pytest.approx(-sum(p * np.log(p) for p in mix), abs=1e-13)
        assert simpson[i] == pytest.approx(1 - sum(p * p for p in mix), abs=1e-13)
        np.testing.assert_allclose(quotient[i], mix / city, rtol=1e-12)


def test_pysal_proximity_profile_in_finer_steps() -> None:
    # SpatialProxProf with m = 1,000 and 20,001; ours is the integral
    ours, coarse, fine = s.proximity_profile(X, QUEEN), 0.4413011543056159, 0.4413921574521759
    assert ours == pytest.approx(fine, abs=2e-5)
    assert abs(ours - fine) < abs(ours - coarse)


def test_pysal_local_centralization() -> None:
    theirs = [
        0.017502978948762404, -0.08395405230463049, 0.13104448742746655, -0.16460625408422347,
        0.08280806686603848, 0.1057531483667844,
    ]  # fmt: skip
    ours = s.local_centralization(X, nearest_zones(SCATTERED, 5), SCATTERED)
    np.testing.assert_allclose(ours[:6], theirs, rtol=1e-11)


def test_zones_alone_give_the_indices_without_space() -> None:
    by_itself, two = alone(30), np.column_stack([X[:, 0], X[:, 1:].sum(axis=1)])
    assert s.spatial_h(X, by_itself) == pytest.approx(float(information_theory(X)), abs=1e-14)
    assert s.spatial_dissimilarity(X, by_itself) == pytest.approx(float(dissimilarity(X)), abs=1e-14)
    assert s.environment_variance_ratio(X, by_itself) == pytest.approx(float(variance_ratio(X)), abs=1e-14)
    assert s.environment_exposure(X, by_itself) == pytest.approx(float(exposure(X)), abs=1e-14)
    assert s.environment_isolation(X, by_itself) == pytest.approx(float(isolation(X)), abs=1e-14)
    d = float(dissimilarity(two))
    assert s.surface_min_max(X, by_itself) == pytest.approx(2 * d / (1 + d), abs=1e-14)
    np.testing.assert_allclose(
        s.environment_divergence(X, by_itself), local_mutual_information(X), atol=1e-14
    )
    np.testing.assert_allclose(s.environment_quotient(X, by_itself), location_quotient(X), atol=1e-14)


def test_environments_by_a_loop() -> None:
    near = kernel(SCATTERED, 300, "triangular")
    h = d = r = v = met = 0.0
    n, city = X.sum(), X.sum(axis=0) / X.sum()
    variety, chance = -sum(p * np.log(p) for p in city), sum(p * (1 - p) for p in city)
    for i in range(30):
        around = np.zeros(3)
        for j in range(30):
            apart = float(np.hypot(*(SCATTERED[i] - SCATTERED[j])))
            around += max(0.0, 1 - apart / 300) * X[j]
        mix, own = around / around.sum(), X[i].sum()
        h += own * -sum(p * np.log(p) for p in mix if p > 0) / (n * variety)
        d += own * sum(abs(p - q) for p, q in zip(mix, city, strict=True)) / (2 * n * chance)
        r += own * sum(p * (1 - p) for p in mix) / (n * chance)
        v += own * sum((p - q) ** 2 / (1 - q) for p, q in zip(mix, city, strict=True)) / n
        met += X[i, 0] / X[:, 0].sum() * mix[1]
    assert s.spatial_h(X, near) == pytest.approx(1 - h, abs=1e-13)
    assert s.spatial_dissimilarity(X, near) == pytest.approx(d, abs=1e-13)
    assert s.spatial_relative_diversity(X, near) == pytest.approx(1 - r, abs=1e-13)
    assert s.environment_variance_ratio(X, near) == pytest.approx(v, abs=1e-13)
    assert s.environment_exposure(X, near) == pytest.approx(met, abs=1e-13)


def test_surface_is_dissimilarity_of_the_surfaces() -> None:
    near = kernel(SCATTERED, 300)
    around = near.environment(np.column_stack([X[:, 0], X[:, 1:].sum(axis=1)]))
    d = float(dissimilarity(around))
    assert s.surface_min_max(X, near) == pytest.approx(2 * d / (1 + d), abs=1e-13)


def test_absolute_centralization_of_three_rings_in_closed_form() -> None:
    # members 6, 3, 1 of 10 in rings of land 1, 3, 5: the area between the curve of members and that of
    # land, from the centre outwards, by trapezoids over the steps of land
    rings = np.array([[6.0, 10.0], [3.0, 20.0], [1.0, 30.0]])
    land, members = np.cumsum([0, 1, 3, 5]) / 9, np.cumsum([0, 6, 3, 1]) / 10
    want = 2 * np.trapezoid(members, land) - 1
    at = np.array([1.0, 2.0, 3.0])
    assert s.absolute_centralization(rings, at, [1.0, 3.0, 5.0]) == pytest.approx(want, abs=1e-14)
    inwards = np.array([[10.0, 0.0], [0.0, 20.0], [0.0, 30.0]])
    assert s.absolute_centralization(inwards, at, [1.0, 3.0, 5.0]) == pytest.approx(1 - 1 / 9, abs=1e-14)


def test_proximity_and_centralization_by_pairs_of_people() -> None:
    x = np.array([[2.0, 1.0], [1.0, 3.0], [0.0, 2.0], [1.0, 0.0]])
    at = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0], [3.0, 1.0]])
    members = [tuple(at[i]) for i in range(4) for _ in range(int(x[i, 0]))]
    others = [tuple(at[i]) for i in range(4) for _ in range(int(x[i, 1]))]
    near = kernel(at, 1, "exponential")

    def mean(a: list, b: list) -> float:
        return float(np.mean([np.exp(-np.hypot(p[0] - q[0], p[1] - q[1])) for p in a for q in b]))

    assert s.mean_proximity(x, near) == pytest.approx(mean(members, members), abs=1e-12)
    assert s.mean_proximity(x, near, "between") == pytest.approx(mean(members, others), abs=1e-12)
    assert s.mean_proximity(x, near, "others") == pytest.approx(mean(others, others), abs=1e-12)
    centre = (0.3, 0.2)
    far = s.distance_to_centres(at, centre)
    nearer = [
        np.sign(np.hypot(q[0] - 0.3, q[1] - 0.2) - np.hypot(p[0] - 0.3, p[1] - 0.2))
        for p in members
        for q in others
    ]
    assert s.relative_centralization(x, far) == pytest.approx(float(np.mean(nearer)), abs=1e-12)


def test_concentration_of_three_zones_by_hand() -> None:
    # 10 members, zones of 10, 20 and 30 people on land of 1, 2 and 4
    areas = np.array([1.0, 2.0, 4.0])
    smallest = np.array([[10.0, 0.0], [0.0, 20.0], [0.0, 30.0]])
    largest = np.array([[0.0, 10.0], [0.0, 20.0], [10.0, 20.0]])
    assert s.absolute_concentration(smallest, areas) == pytest.approx(1)
    assert s.absolute_concentration(largest, areas) == pytest.approx(0)
    half = np.array([[5.0, 5.0], [5.0, 15.0], [0.0, 30.0]])
    # mean area of members 1.5, of others (5 + 30 + 120) / 50 = 3.1; least 1, most 4
    assert s.absolute_concentration(half, areas) == pytest.approx(1 - 0.5 / 3)
    assert s.relative_concentration(half, areas) == pytest.approx((1.5 / 3.1 - 1) / (1 / 4 - 1))


def test_proximity_profile_of_a_row_of_four_by_hand() -> None:
    from isopolis.measure.neighbours import grid_borders

    row = contiguity(grid_borders([1, 1, 1, 1], [1]), "rook")
    x = np.array([[8.0, 2.0], [6.0, 4.0], [2.0, 8.0], [4.0, 6.0]])
    # shares 0.8, 0.6, 0.2, 0.4; sets of the highest: {0}, {0,1}, {0,1,3}, all
    # heights: 0, 2/2, 6/12, 12/20 above 0.6, 0.4, 0.2 and 0; city 0.5
    below = 0.6 * 0.2 + 0.5 * 0.2 + 1.0 * 0.1
    above = 1.0 * 0.1
    assert s.proximity_profile(x, row) == pytest.approx((0.5 - below + above) / 0.5)


def test_distortion_by_a_loop() -> None:
    city = X.sum(axis=0) / X.sum()
    for by, steps in (("zones", np.ones(30)), ("people", X.sum(axis=1))):
        slow, last = np.zeros(30), np.zeros(30)
        for i in range(30):
            order = sorted(range(30), key=lambda j: float(np.hypot(*(LOOSE[i] - LOOSE[j]))))
            gaps = []
            for k in range(30):
                mix = X[order[: k + 1]].sum(axis=0) / X[order[: k + 1]].sum()
                gaps.append(sum(p * np.log(p / q) for p, q in zip(mix, city, strict=True) if p > 0))
            slow[i] = sum(g * steps[j] for g, j in zip(gaps, order, strict=True))
            last[i] = sum(max(gaps[k:]) * steps[order[k]] for k in range(30))
        np.testing.assert_allclose(s.local_distortion(X, LOOSE, by), slow, atol=1e-11)
        np.testing.assert_allclose(s.local_distortion(X, LOOSE, by, "last"), last, atol=1e-11)
