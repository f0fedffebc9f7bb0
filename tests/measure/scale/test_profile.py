"""Profiles: the index itself at the smallest scale, as by matrices at any, and nothing at the largest."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import coo_array

from isopolis.measure import CATALOGUE, Observed
from isopolis.measure.neighbours import distance_band, nearest_people, network_band
from isopolis.measure.scale import (
    along_links,
    asked_of,
    by_distance,
    by_network,
    by_people,
    fitting,
    from_pairs,
    itself,
    profile,
    spatial_form,
)  # fmt: skip
from isopolis.measure.scale import people as people_module
from isopolis.measure.spatial import spatial_information_theory
from isopolis.model import CallError, Undefined

RNG = np.random.default_rng(8)
POINTS = RNG.random((50, 2)) * 2000
X = RNG.integers(0, 60, (50, 3)).astype(float)
X[4] = 0
SEEN = Observed(X)


def names() -> list[str]:
    out = []
    for spec in CATALOGUE.values():
        try:
            out.append(fitting(spec.name).name)
        except CallError:
            continue
    return out


def columns(name: str) -> np.ndarray:
    return X if CATALOGUE[name].groups in ("many", "any") else X[:, :2]


@pytest.mark.parametrize("name", names())
def test_at_the_smallest_scale_it_is_the_measure_itself(name: str) -> None:
    spec, alone = fitting(name), itself(50)
    near = [alone.neighbourhood()] if spec.needs else []
    for convention in ("local", "environment"):
        found, own = asked_of(spec, columns(name), alone, convention), spec.kernel(columns(name), *near)  # type: ignore[arg-type]
        if isinstance(own, Undefined):  # indices of contact: zones that stand alone touch nobody
            assert found == own
        else:
            assert found == pytest.approx(float(own), abs=1e-12)


@pytest.mark.parametrize(
    "name", ["dissimilarity", "gini", "variance_ratio", "mutual_information", "atkinson"]
)
def test_where_everybody_is_near_nothing_is_apart(name: str) -> None:
    everyone = by_distance(POINTS, [9000.0])[0]
    assert asked_of(fitting(name), columns(name), everyone) == pytest.approx(0, abs=1e-12)


def test_mutual_information_is_h_times_the_variety_of_the_city() -> None:
    near = by_distance(POINTS, [400.0])[0]
    city = X.sum(axis=0) / X.sum()
    h, m = (asked_of(fitting(n), X, near) for n in ("information_theory", "mutual_information"))
    assert m == pytest.approx(h * -(city * np.log(city)).sum(), abs=1e-13)
    matrix = distance_band(POINTS, 400.0).weights
    assert h == pytest.approx(float(spatial_information_theory(X, matrix)), abs=1e-13)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("delta", "it needs areas"),
        ("local_mutual_information", "no value of a city"),
        ("diversity", "no value of a city"),
        ("density_corrected_dissimilarity", "how many people"),
    ],
)
def test_an_index_without_a_profile_is_told(name: str, said: str) -> None:
    with pytest.raises(CallError, match=said):
        fitting(name)
    assert spatial_form(CATALOGUE["gini"]).name == "gini"


def test_the_nearest_people_as_one_by_one() -> None:
    people = X.sum(axis=1)
    for near in by_people(POINTS, people, [40, 900, people.sum()]):
        want = nearest_people(POINTS, people, near.scale).environment(X)
        np.testing.assert_allclose(near.environment(X), want, atol=1e-9)
        assert near.fewest == pytest.approx(near.scale)
    with pytest.raises(CallError, match="the city has"):
        by_people(POINTS, people, [people.sum() + 1])


def test_zones_equally_far_share_alike_whatever_the_last_bits() -> None:
    points = np.round(np.array([[c, r] for r in range(5) for c in range(6)]) * 10.1 + 431_000.1, 1)
    people = np.random.default_rng(11).integers(0, 9, 30).astype(float)
    for near in by_people(points, people, [7.0, 60.0]):
        weights = near.weights.toarray()
        for i in range(30):
            away = [round(float(d), 6) for d in np.hypot(*(points - points[i]).T)]
            away[i] = -1
            left = near.scale
            for far in sorted(set(away)):
                ring = [j for j in range(30) if away[j] == far and people[j]]
                there = sum(people[j] for j in ring)
                part = min(1.0, left / there) if there else 0.0
                assert weights[i, ring] == pytest.approx(max(0.0, part), abs=1e-9)
                left -= min(left, there)


def test_more_pairs_than_memory_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people_module, "PAIRS_MOST", 500)
    assert by_people(POINTS, X.sum(axis=1), [50.0])[0].matrix.nnz <= 500
    with pytest.raises(CallError, match=r"more than 500 pairs of zones.*choose fewer people"):
        by_people(POINTS, X.sum(axis=1), [X.sum() / 2])


# -- ways -----------------------------------------------------------------------------------------
def street(nodes: int = 50) -> object:
    """One long street along the zones in their order; between 24 and 25 there is a river."""
    i = np.array([k for k in range(nodes - 1) if k != 24])
    half = coo_array((np.full(len(i), 100.0), (i, i + 1)), shape=(nodes, nodes))
    return (half + half.T).tocsr()


def test_along_a_street_as_the_network_band_has_it() -> None:
    costs = along_links(street(), np.arange(50), 500.0)
    for near in by_network(costs, [100.0, 350.0, 500.0]):
        want = network_band(street(), np.arange(50), near.scale).environment(X)
        np.testing.assert_array_equal(near.environment(X), want)
    with pytest.raises(CallError, match="looked for up to 500 m"):
        by_network(costs, [501.0])
    without_limit = by_network(along_links(street(), np.arange(50), np.inf), [1e6])[0]
    np.testing.assert_allclose(without_limit.environment(X)[3], X[:25].sum(axis=0))
    from_door = along_links(street(), np.arange(50), 500.0, off=np.full(50, 60.0))
    assert (by_network(from_door, [219.0])[0].environment(X) == X).all()
    assert by_network(from_door, [220.0])[0].environment(X)[1] == pytest.approx(X[:3].sum(axis=0))


def test_people_behind_the_river_are_never_reached() -> None:
    costs = along_links(street(), np.arange(50), 1e6)
    near = by_people(costs, X.sum(axis=1), [X.sum() * 0.9])[0]
    assert near.fewest < near.scale
    np.testing.assert_allclose(near.environment(X)[0], X[:25].sum(axis=0))
    np.testing.assert_allclose(near.environment(X)[30], X[25:].sum(axis=0))


def test_pairs_of_a_table_keep_the_least_and_the_zone_itself() -> None:
    costs = from_pairs([0, 0, 1], [1, 1, 2], [9.0, 4.0, 3.0], 3)
    x = np.array([[1.0], [10.0], [100.0]])
    assert by_network(costs, [4.0])[0].environment(x).ravel().tolist() == [11, 110, 100]
    assert by_people(costs, x[:, 0], [6.0])[0].environment(x).ravel().tolist() == pytest.approx([6, 6, 6])
    for wrong, said in (([5], "there are 3 from 0"), ([-1], "there are 3 from 0")):
        with pytest.raises(CallError, match=said):
            from_pairs(wrong, [0], [1.0], 3)
    with pytest.raises(CallError, match="from 0 up"):
        from_pairs([0], [1], [-1.0], 3)


# -- bands ----------------------------------------------------------------------------------------
SPEC = fitting("information_theory")
FAR = [itself(50), *by_distance(POINTS, [300.0, 900.0])]


def test_values_are_the_same_with_any_bands_and_chance_agrees() -> None:
    found = {
        bands: profile(SEEN, SPEC, FAR, seed=3, bands=bands, simulations=99, ends=(FAR[1], FAR[2]))  # type: ignore[arg-type]
        for bands in ("redrawn", "permutation", "bootstrap", "none")
    }
    want = [asked_of(SPEC, X, n) for n in FAR]
    for one in found.values():
        assert [p.found.value for p in one.points] == pytest.approx(want, abs=1e-12)
        assert one.ratio is not None
    assert found["redrawn"].ratio.value == pytest.approx(want[2] / want[1])  # type: ignore[union-attr]
    for exact, drawn in zip(found["redrawn"].points, found["permutation"].points, strict=True):
        assert drawn.found.interval is None
        assert exact.found.interval is not None
        error = 4 * drawn.found.sd / np.sqrt(99)  # type: ignore[operator]
        assert drawn.found.expected == pytest.approx(exact.found.expected, abs=error)
        assert exact.chance[0] < exact.found.expected < exact.chance[1]  # type: ignore[index]
    for p in found["bootstrap"].points:
        assert p.found.expected is None
        assert p.found.shift > 0  # type: ignore[operator]
        assert p.found.interval[0] < p.found.value - p.found.shift < p.found.interval[1]  # type: ignore[index, operator]
    assert found["none"].points[1].found.interval is None


def test_equal_seeds_give_equal_profiles() -> None:
    one, two = (profile(SEEN, SPEC, FAR, seed=5, bands="permutation", simulations=19) for _ in range(2))
    assert [p.found for p in one.points] == [p.found for p in two.points]


def test_a_ratio_over_chance_is_refused() -> None:
    even = np.random.default_rng(9).multinomial(60, [0.5, 0.3, 0.2], 50).astype(float)
    found = profile(Observed(even), SPEC, FAR, seed=1, bands="redrawn", simulations=99, ends=(FAR[1], FAR[2]))
    assert isinstance(found.ratio.value, Undefined)  # type: ignore[union-attr]
    assert found.ratio.value.code == "by-chance"  # type: ignore[union-attr]


def test_a_river_is_a_barrier_and_chance_gives_none() -> None:
    """Two quarters a step apart in a straight line, and no bridge: by the way nobody meets the others."""
    points = np.column_stack([np.arange(50) * 100.0, np.zeros(50)])
    x = np.where(np.arange(50)[:, None] < 25, [90.0, 10.0], [10.0, 90.0])
    straight = by_distance(points, [400.0])
    network = by_network(along_links(street(), np.arange(50), 400.0), [400.0])
    found = profile(
        Observed(x), SPEC, [*straight, *network], seed=1, bands="redrawn", simulations=99,
        pairs=[(straight[0], network[0])],
    )  # fmt: skip
    a, b = (p.found.value for p in found.points)
    assert found.barrier[0].found.value == pytest.approx(b - a)
    assert b == pytest.approx(float(CATALOGUE["information_theory"].kernel(x)), abs=1e-12)
    assert found.barrier[0].found.value > found.barrier[0].chance[1]  # type: ignore[index]


def test_undefined_stays_undefined_at_every_scale() -> None:
    lonely = np.column_stack([X[:, 0], np.zeros(50)])
    found = profile(Observed(lonely), SPEC, FAR, seed=1, simulations=19)
    assert {p.found.value.code for p in found.points} == {"one-group"}


def test_wrong_calls_are_told() -> None:
    with pytest.raises(CallError, match="no bands"):
        profile(SEEN, SPEC, FAR, seed=1, bands="wide")  # type: ignore[arg-type]
    with pytest.raises(CallError, match="too few"):
        profile(SEEN, SPEC, FAR, seed=1, simulations=5)
    with pytest.raises(CallError, match="not above 0"):
        by_distance(POINTS, [0.0])
    with pytest.raises(CallError, match="have 50"):
        FAR[1].environment(X[:3])
