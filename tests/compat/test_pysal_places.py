"""PySAL's names that need outlines or neighbours: its own values where they are right.

All values are those of PySAL segregation 2.5.4 (libpysal 4) on the same town: rectangles with
three groups, the first against everybody. Where people around a zone were counted by a kernel the
town had a million times the people, since PySAL rounds what it counts to whole persons.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from isopolis.compat import pysal
from isopolis.measure import CATALOGUE
from isopolis.measure.neighbours import contiguity, from_matrix, grid_borders, kernel
from isopolis.model import CallError

WIDTHS, HEIGHTS = (100, 150, 200, 100, 250, 120), (100, 180, 90, 140, 210)
N = np.arange(30)
GROUPS = ["g0", "g1", "g2"]
X = np.column_stack(
    [
        (7 * N * N + 13 * N + 5) % 97 + 3,
        (11 * N * N + 3 * N + 29) % 101 + 2,
        (5 * N * N + 17 * N + 1) % 89 + 1,
    ]
).astype(float)
PLACES = {
    "AbsoluteCentralization": 0.008388848603836152,
    "AbsoluteConcentration": 0.5143477030950941,
    "BoundarySpatialDissim": 0.05317889533281714,
    "Delta": 0.23426354811021993,
    "PARDissim": 0.10298169569971789,
    "RelativeCentralization": 0.04057786526458251,
    "RelativeConcentration": -0.02866274053631544,
    "SpatialDissim": 0.050443009076416356,
}
OPTIONS = [
    ("BoundarySpatialDissim", {"standardize": False}, 0.053619074468673006),
    ("SpatialDissim", {"standardize": True}, 0.05307214818118641),
    ("RelativeCentralization", {"center": "population_weighted_mean"}, 0.025057889534059186),
    ("RelativeCentralization", {"center": "largest_population"}, 0.030815498145003062),
    ("RelativeCentralization", {"center": 7}, 0.052694410866589436),
    ("RelativeCentralization", {"center": (310.0, 400.0)}, 0.04316805161491999),
    ("AbsoluteCentralization", {"center": "population_weighted_mean"}, -0.01933487320895999),
    ("AbsoluteCentralization", {"center": "largest_population"}, 0.04204659994146098),
    ("AbsoluteCentralization", {"center": 7}, 0.06496674016633719),
]
AROUND = {  # class → with zones that touch, with a triangular kernel of 300 m
    "Atkinson": (0.0035561609175549513, 0.005863377084604493),
    "ConProf": (0.033558181894690356, 0.042816368009404374),
    "CorrelationR": (0.003286715719156445, 0.005324325012768994),
    "Dissim": (0.04744316660152433, 0.06038774794357536),
    "Entropy": (0.002512613884714643, 0.004119708293748826),
    "Gini": (0.0661546231532016, 0.08638017473368756),
    "Interaction": (0.6443104153384851, 0.6433654762608317),
    "Isolation": (0.3556895846615149, 0.35663452373916843),
    "MinMax": (0.09058852664141337, 0.1138974835629939),
    "MultiDissim": (0.10302900888950983, 0.11426793959818482),
    "MultiDivergence": (0.018061362295967224, 0.019436031280988204),
    "MultiDiversity": (1.097664107472044, 1.0977212913412373),
    "MultiGini": (0.1442968319791924, 0.1543359918604714),
    "MultiInfoTheory": (0.016454361742375925, 0.017705797850782808),
    "MultiNormExposure": (0.016797164067354882, 0.01816958257691737),
    "MultiRelativeDiversity": (0.017004269902640205, 0.018362179800781222),
    "MultiSquaredCoefVar": (0.01739861998980912, 0.018728626515745965),
    "SimpsonsConcentration": (0.33397065926843406, 0.33393270659597524),
    "SimpsonsInteraction": (0.6660293407315658, 0.6660672934040248),
}
MAPS = {  # the first three zones, with zones that touch
    "MultiLocalDiversity": [0.9787875457059065, 1.0238720189402388, 1.0368274587021737],
    "MultiLocalEntropy": [0.8909308186353246, 0.9319684746850216, 0.9437610241545357],
    "MultiLocalSimpsonConcentration": [0.4065225414214401, 0.3785869987159963, 0.37295219976218785],
    "MultiLocalSimpsonInteraction": [0.5934774585785599, 0.6214130012840037, 0.6270478002378121],
    "MultiLocationQuotient": [
        [0.9859589372138676, 1.581399630082142, 0.4217002812374448],
        [1.0586936129099727, 1.4052912484393032, 0.521157894736842],
        [0.9557820918161314, 1.4441963559084108, 0.5951982577132485],
    ],
}
GAUSSIAN = 0.06396721135919371  # Dissim(distance=300, function="gaussian")
UPSIDE_DOWN = {  # PySAL's value, whose nearness rises with distance
    "AbsoluteClustering": 0.06596155501013107,
    "DistanceDecayInteraction": 0.6412806343850491,
    "DistanceDecayIsolation": 0.3708815008516648,
    "RelativeClustering": 0.11107204421411199,
    "SpatialProximity": 1.0288554869664,
}


def town(x: np.ndarray, shapes: list[Any]) -> Any:
    frame = gpd.GeoDataFrame(dict(zip(GROUPS, x.T, strict=False)), geometry=shapes, crs="EPSG:3035")
    frame["total"] = x.sum(axis=1)
    return frame


def boxes(widths: Any, heights: Any) -> list[Any]:
    across, up = np.cumsum([0, *widths]), np.cumsum([0, *heights])
    return [
        shapely.box(across[c], up[r], across[c + 1], up[r + 1])
        for r in range(len(heights))
        for c in range(len(widths))
    ]


@pytest.fixture(scope="module")
def frame() -> Any:
    return town(X, boxes(WIDTHS, HEIGHTS))


def made(name: str, frame: Any, **options: Any) -> Any:
    columns = (GROUPS,) if "Multi" in name or "Simpsons" in name or "Distortion" in name else ("g0", "total")
    return getattr(pysal, name)(frame, *columns, **options)


def test_every_class_of_pysal_is_here() -> None:
    theirs = {
        *PLACES, *AROUND, *MAPS, *UPSIDE_DOWN, "BiasCorrectedDissim", "DensityCorrectedDissim",
        "ModifiedDissim", "ModifiedGini", "SpatialProxProf", "GlobalDistortion", "LocalDistortion",
        "LocalRelativeCentralization",
    }  # fmt: skip
    assert len(theirs) == 45  # 27 of one group, 11 of several, 7 maps
    assert set(pysal.__all__) == theirs | {"Hutchens"}  # from its main branch


@pytest.mark.parametrize(("name", "options", "value"), [*((n, {}, v) for n, v in PLACES.items()), *OPTIONS])
def test_places(frame: Any, name: str, options: dict[str, Any], value: float) -> None:
    assert made(name, frame, **options).statistic == pytest.approx(value, rel=1e-11, abs=1e-13)


@pytest.mark.parametrize("name", AROUND)
def test_people_around_each_zone(frame: Any, name: str) -> None:
    touching, by_kernel = AROUND[name]
    close = {"abs": 1e-3} if name == "ConProf" else {"rel": 1e-10}  # they sum in 1,000 steps
    near = contiguity(grid_borders(WIDTHS, HEIGHTS), "queen")
    for w in (near.weights, near.weights.toarray(), near.with_self()):
        assert made(name, frame, w=w).statistic == pytest.approx(touching, **close)
    close = close if name == "ConProf" else {"rel": 2e-6}
    assert made(name, frame, distance=300).statistic == pytest.approx(by_kernel, **close)


@pytest.mark.parametrize("name", MAPS)
def test_maps(frame: Any, name: str) -> None:
    near = contiguity(grid_borders(WIDTHS, HEIGHTS), "queen")
    np.testing.assert_allclose(made(name, frame, w=near.weights).statistics[:3], MAPS[name], rtol=1e-11)


def test_a_graph_of_libpysal_is_taken_by_its_matrix(frame: Any) -> None:
    class Graph:
        sparse = contiguity(grid_borders(WIDTHS, HEIGHTS), "queen").weights.tocoo()

    assert made("Dissim", frame, w=Graph()).statistic == pytest.approx(AROUND["Dissim"][0], rel=1e-11)
    assert made("SpatialDissim", frame, w=Graph()).statistic == pytest.approx(
        PLACES["SpatialDissim"], rel=1e-11
    )


def test_the_profile_of_proximity_is_the_limit_of_their_sum(frame: Any) -> None:
    ours = made("SpatialProxProf", frame).statistic
    assert abs(ours - 0.4413921574521759) < 1e-4  # m = 20,001
    assert abs(ours - 0.4413921574521759) < abs(ours - 0.4413011543056159)  # m = 1,000


def test_local_centralization_takes_one_group_or_several(frame: Any) -> None:
    """PySAL's class takes no list of groups, though it is one of its multigroup classes."""
    one = made("LocalRelativeCentralization", frame).statistics
    several = pysal.LocalRelativeCentralization(frame, GROUPS).statistics
    assert several.shape == (30, 3)
    np.testing.assert_allclose(several[:, 0], one)
    np.testing.assert_array_equal(pysal.LocalRelativeCentralization(frame, groups=GROUPS).statistics, several)
    # zone 2: PySAL's value, where no two of the five nearest are equally far
    assert one[2] == pytest.approx(0.05238095238095264, rel=1e-9)
    with pytest.raises(CallError, match="name a group"):
        pysal.LocalRelativeCentralization(frame)


# -- where PySAL 2.5.4 is not right ------------------------------------------------------


def test_places_equally_far_from_the_centre_come_into_view_together(frame: Any) -> None:
    """From the median many zones are equally far; PySAL ranks them by their order in the table."""
    theirs = {"RelativeCentralization": 0.044475436866543205, "AbsoluteCentralization": 0.017731486962439647}
    order = np.random.default_rng(5).permutation(30)
    for name, value in theirs.items():
        ours = made(name, frame, center="median").statistic
        assert ours == pytest.approx(value, abs=2e-3)
        assert ours != pytest.approx(value, abs=1e-3)
        shuffled = frame.iloc[order].reset_index(drop=True)
        assert made(name, shuffled, center="median").statistic == pytest.approx(ours, abs=1e-13)


@pytest.mark.parametrize("name", UPSIDE_DOWN)
def test_their_nearness_rises_with_distance_and_ours_falls(frame: Any, name: str) -> None:
    """Their value comes out of our kernel when nearness is turned upside down."""
    at = np.column_stack([frame.centroid.x, frame.centroid.y])
    apart = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1))
    c = 1 - np.exp(-(apart / apart.sum(axis=1)))
    np.fill_diagonal(c, 1 - np.exp(-((0.6 * frame.area.to_numpy()) ** 0.5)))
    far, near = np.argsort(apart[0])[[-1, 1]]
    assert c[0, far] > c[0, near]
    m, t = X[:, 0], X.sum(axis=1)
    o = t - m
    if name == "RelativeClustering":  # and it squares members of one zone where two zones meet
        pairs = [(n * n * c).sum() / n.sum() ** 2 for n in (m, o)]
        theirs = pairs[0] / pairs[1] - 1
    elif name.startswith("DistanceDecay"):  # and it divides columns by the sums of rows
        chance = c * t / (c * t).sum(axis=1)
        met = m if name.endswith("Isolation") else o
        theirs = m / m.sum() @ (chance @ (met / t))
    else:
        theirs = CATALOGUE[getattr(pysal, name).index].kernel(X, from_matrix(c))
    assert theirs == pytest.approx(UPSIDE_DOWN[name], rel=1e-9)
    index = made(name, frame)
    assert index.near.weights[0, near] > index.near.weights[0, far]
    assert index.statistic != pytest.approx(UPSIDE_DOWN[name], rel=1e-3)


def test_nearness_as_oasisr_has_it() -> None:
    """OasisR 3.1.1 on its pattern A, 10 by 10 squares with the group in a corner."""
    corner = np.array([c < 5 and r < 5 for r in range(10) for c in range(10)])
    ghetto = town(np.column_stack([100.0 * corner, 100.0 * ~corner]), boxes([1] * 10, [1] * 10))
    settings = {"alpha": 0, "unit": 1}
    for name, value in [
        ("SpatialProximity", 1.6934), ("RelativeClustering", 1.5020), ("DistanceDecayIsolation", 0.7882),
        ("DistanceDecayInteraction", 1 - 0.7882),
    ]:  # fmt: skip
        assert round(getattr(pysal, name)(ghetto, "g0", "total", **settings).statistic, 4) == round(value, 4)


def test_surroundings_are_not_rounded() -> None:
    rng = np.random.default_rng(4)
    x = rng.poisson(0.65, (400, 2)).astype(float)
    sparse = town(x, boxes([100] * 20, [100] * 20))
    index = pysal.MultiInfoTheory(sparse, ["g0", "g1"], distance=150)
    assert (index.core_data != index.core_data.round()).any()
    rounded = CATALOGUE["information_theory"].kernel(index.core_data.round())
    assert rounded > 1.2 * index.statistic


def test_the_zone_itself_counts_once_under_every_kernel(frame: Any) -> None:
    at = np.column_stack([frame.centroid.x, frame.centroid.y])
    for theirs, ours in [("quadratic", "epanechnikov"), ("quartic", "biweight"), ("uniform", "uniform")]:
        index = made("MultiInfoTheory", frame, distance=300, function=theirs)
        np.testing.assert_allclose(index.core_data, kernel(at, 300, ours).environment(X))


def test_a_gaussian_kernel_ends_at_the_distance_as_theirs_does(frame: Any) -> None:
    """Theirs is 0.40 of it but for the zone itself, and 0 beyond; a million times the people."""
    at = np.column_stack([frame.centroid.x, frame.centroid.y])
    apart = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1))
    w = np.where(apart <= 300, np.exp(-((apart / 300) ** 2) / 2), 0)
    around = made("Dissim", frame, distance=300, function="gaussian").core_data
    np.testing.assert_allclose(around.sum(axis=1), w @ X.sum(axis=1))
    theirs = from_matrix(w / np.sqrt(2 * np.pi)).with_self()
    assert made("Dissim", frame, w=theirs).statistic == pytest.approx(GAUSSIAN, rel=1e-6)


def test_distances_are_metres_where_outlines_are_in_feet(frame: Any) -> None:
    foot = 1200 / 3937  # the survey foot of EPSG:2263
    feet = frame.set_geometry(frame.scale(1 / foot, 1 / foot, origin=(0, 0))).set_crs(
        2263, allow_override=True
    )
    for name, options in [
        ("SpatialProximity", {}), ("DistanceDecayIsolation", {"unit": 250}), ("Dissim", {"distance": 311}),
        ("MultiInfoTheory", {"distance": 311, "function": "gaussian"}), ("RelativeCentralization", {}),
        ("AbsoluteConcentration", {}), ("PARDissim", {}),
    ]:  # fmt: skip
        value = made(name, frame, **options).statistic
        assert made(name, feet, **options).statistic == pytest.approx(value, rel=1e-9), name


def test_zones_far_from_chance_keep_their_part() -> None:
    """Their search for the density-corrected D loses zones beyond 38 standard deviations: 0.0 here."""
    table = {"g0": [40_000, 10_000], "total": [50_000, 50_000]}
    assert pysal.DensityCorrectedDissim(table, "g0", "total").statistic == pytest.approx(0.6, abs=1e-4)


# -- what cannot be answered -------------------------------------------------------------


def test_what_is_missing_is_named(frame: Any) -> None:
    table = {"g0": [1, 2], "total": [3, 4]}
    with pytest.raises(CallError, match="needs outlines: give a GeoDataFrame"):
        pysal.Delta(table, "g0", "total")
    with pytest.raises(CallError, match="needs outlines"):
        pysal.Dissim(table, "g0", "total", distance=500)
    with pytest.raises(CallError, match=r"degrees: .* to_crs"):
        pysal.SpatialDissim(frame.set_crs(4326, allow_override=True), "g0", "total")
    with pytest.raises(CallError, match="row 1 has no outline"):
        pysal.Delta(frame.assign(geometry=[frame.geometry[0], None, *frame.geometry[2:]]), "g0", "total")
    with pytest.raises(CallError, match="'middle' is no centre"):
        pysal.RelativeCentralization(frame, "g0", "total", center="middle")
    with pytest.raises(CallError, match='no kernel "bisquare"'):
        pysal.Dissim(frame, "g0", "total", distance=300, function="bisquare")
    with pytest.raises(CallError, match="alpha"):
        pysal.SpatialProximity(frame, "g0", "total", alpha=-1)
    with pytest.raises(CallError, match="leave w out"):
        pysal.BoundarySpatialDissim(frame, "g0", "total", contiguity(grid_borders(WIDTHS, HEIGHTS)))  # type: ignore[arg-type]
    with pytest.raises(CallError, match="has no value here: "):
        pysal.AbsoluteConcentration(town(X, boxes([10] * 6, [10] * 5)), "g0", "total")
