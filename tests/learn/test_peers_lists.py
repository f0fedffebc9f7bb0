"""Peers: six cities by hand, a slow twin, laws, and what must not be possible."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from isopolis.learn.peers import (
    CityTable,
    ContextFeature,
    ContextTable,
    Filter,
    OutcomeIndicator,
    OutcomeTable,
    PeerCity,
    Reading,
    Resampling,
    gaps_from,
    interval,
    peers,
    space_of,
)
from isopolis.learn.peers.stability import credit, one_run, shares
from isopolis.model import CallError, Undefined

from .six_cities import CELLS, CITIES, FEATURES, GONE, SIX, shuffled, twin_distance, twin_shares


# -- six cities, by hand ---------------------------------------------------------------------------
def test_six_cities_by_hand() -> None:
    """A against B: climate 0, people 0, rented 10 of 100, mean of three. And so on."""
    found = peers("A", SIX, k=4)
    assert [p.city.id for p in found.ranked] == ["B", "C", "D", "F"]
    assert [p.distance for p in found.ranked] == pytest.approx([0.1 / 3, 0.5 / 3, 2 / 3, 2 / 3])
    assert [p.tied for p in found.ranked] == [False, False, True, True]
    assert [(p.common, p.of) for p in found.ranked] == [(3, 3)] * 4
    assert found.ranked[2].unlike == ("climate", "people", "rented")
    assert found.ranked[0].alike == ("climate", "people", "rented")


def test_a_city_with_too_little_in_common_is_not_compared() -> None:
    """E states two of three features, which is less than 70 %."""
    found = peers("A", SIX)
    assert set(found.refused) == {"E"}
    assert "2 of 3 features" in found.refused["E"]
    assert "E" not in found.shares


def test_weights_count_by_hand() -> None:
    found = peers("A", SIX, weights={"rented": 8, "climate": 1, "people": 1}, k=2)
    assert [(p.city.id, round(p.distance, 9)) for p in found.ranked] == [("C", 0.05), ("B", 0.08)]
    # with a weight of 1 in 10 that E lacks, it is comparable: (1 + 1) / 8 of the weight of 8, and 0 of 1
    light = peers("A", SIX, weights={"rented": 1, "climate": 4, "people": 5})
    assert light.refused == {}
    assert next(p.distance for p in light.ranked if p.city.id == "E") == pytest.approx(4 / 9)


def test_stability_by_hand() -> None:
    """Three features drawn with replacement: 27 equally likely draws.

    B is nearest where people is drawn (19 of 27); nobody but C where it is not and rented is; both are
    level where climate is drawn three times (1 of 27).
    """
    runs = 20_000
    found = peers("A", SIX, k=1, runs=runs, how=Resampling(weight_sd=0))
    for city, expected in {"B": 19 / 27 + 1 / 54, "C": 7 / 27 + 1 / 54, "D": 0, "F": 0}.items():
        assert found.shares[city] == pytest.approx(expected, abs=4 * math.sqrt(0.25 / runs))
    low, high = found.intervals["B"]
    assert low < 39 / 54 < high


def test_shares_are_those_of_the_slow_twin() -> None:
    found = peers("A", SIX, k=2, seed=3)
    assert found.shares == pytest.approx(dict(twin_shares(SIX, 0, [1, 2, 3, 5], 2, 200, 3)))
    assert sum(found.shares.values()) == pytest.approx(2)


def test_shares_with_gaps_are_those_of_the_slow_twin() -> None:
    weights = {"rented": 1, "climate": 4, "people": 5}
    table = ContextTable(CITIES, tuple(replace(f, weight=weights[f.id]) for f in FEATURES), CELLS)
    found = peers("E", table, k=2, seed=11)
    assert set(found.shares) == set("ABCDF")
    assert found.shares == pytest.approx(dict(twin_shares(table, 4, [0, 1, 2, 3, 5], 2, 200, 11)))


def test_same_seed_same_shares_and_another_seed_others() -> None:
    assert peers("A", SIX, k=2, seed=5).shares == peers("A", SIX, k=2, seed=5).shares
    assert peers("A", SIX, k=2, seed=5).shares != peers("A", SIX, k=2, seed=6).shares


def test_runs_are_of_no_order() -> None:
    """Two workers that share the runs, the later half first, find the same."""
    space, rows, how = space_of(SIX), np.array([1, 2, 3, 5]), Resampling()
    whole = shares(space, 0, rows, 2, runs=range(200), seed=9, how=how)
    parts = {r: one_run(space, 0, rows, 2, 9, r, how) for r in [*range(100, 200), *range(100)]}
    assert np.array_equal(whole, [math.fsum(parts[r][i] for r in range(200)) / 200 for i in range(4)])


def test_gaps_are_filled_by_the_ids_of_cities_and_not_by_their_rows() -> None:
    weights = {"rented": 1.0, "climate": 4.0, "people": 5.0}
    turned = peers("A", shuffled(SIX, [5, 4, 3, 2, 1, 0]), k=2, weights=weights)
    assert dict(turned.shares) == dict(peers("A", SIX, k=2, weights=weights).shares)
    assert 0 < turned.shares["E"] < 1


def test_ties_at_the_edge_share_the_place() -> None:
    assert credit(np.array([0.1, 0.2, 0.2, 0.2]), 2).tolist() == pytest.approx([1, 1 / 3, 1 / 3, 1 / 3])
    assert credit(np.array([0.1, 0.2]), 5).tolist() == [1, 1]


@pytest.mark.parametrize(("share", "n"), [(0.0, 200), (1.0, 200), (0.83, 200), (0.5, 10)])
def test_interval_is_where_the_share_is_not_refuted(share: float, n: int) -> None:
    """Wilson's ends are the p for which |share - p| is 1.96 standard errors of p."""
    for end in interval(share, n):
        if 0 < end < 1:
            assert abs(share - end) == pytest.approx(1.959963984540054 * math.sqrt(end * (1 - end) / n))


# -- filters, themes, chosen cities -----------------------------------------------------------------
@pytest.mark.parametrize(
    ("narrow", "left"),
    [
        (Filter(countries=("yy",)), {"D", "F"}),
        (Filter(languages=("de",)), {"C", "F"}),
        (Filter(networks=("rings",)), {"B", "D", "F"}),
        (Filter(size=(50_000, 200_000)), {"B"}),
        (Filter(size=(None, None)), {"B", "C", "D", "F"}),
        (Filter(countries=("XX",), size=(500_000, None)), {"C"}),
    ],
)
def test_filters(narrow: Filter, left: set[str]) -> None:
    found = peers("A", SIX, filtered=narrow)
    assert set(found.shares) == left
    assert set(found.refused) == set("BCDEF") - left
    by_id = {p.city.id: p.distance for p in peers("A", SIX).ranked}
    assert all(p.distance == by_id[p.city.id] for p in found.ranked)


def test_who_does_not_state_its_size_is_filtered_with_that_reason() -> None:
    cities = (*CITIES[:1], replace(CITIES[1], population=None), *CITIES[2:])
    found = peers("A", ContextTable(cities, FEATURES, CELLS), filtered=Filter(size=(1, None)))
    assert "does not state its population" in found.refused["B"]


def test_chosen_cities_are_shown_with_their_true_place() -> None:
    found = peers("A", SIX, k=1, chosen=["F", "C", "E"], filtered=Filter(countries=("XX",)))
    assert [(p.city.id, p.place) for p in found.ranked] == [("C", 2), ("F", 3)]
    assert found.ranked[1].share == 0
    assert "2 of 3" in found.refused["E"]


def test_themes_take_their_own_features_and_those_of_every_theme() -> None:
    features = (
        FEATURES[0],
        replace(FEATURES[1], themes=("theme:a",)),
        replace(FEATURES[2], themes=("theme:b",)),
    )
    table = ContextTable(CITIES, features, CELLS)
    assert [f.id for f, _ in peers("A", table, theme="theme:b").features] == ["climate", "rented"]
    assert peers("A", table, theme="theme:b").left_out == {"people": "it belongs to other themes"}
    assert [f.id for f, _ in peers("A", table).features] == ["climate", "people", "rented"]


def test_too_few_features_make_no_list_and_few_make_a_warning() -> None:
    none = peers("A", SIX, weights={"rented": 0, "climate": 0})
    assert none.ranked == ()
    assert none.undefined is not None
    assert "1 feature" in none.undefined.reason
    assert "Only 3 common context features remain" in peers("A", SIX).caveats[0]


def test_what_tells_cities_apart_nowhere_is_left_out_and_said() -> None:
    features = (*FEATURES, ContextFeature("same", "Same"), ContextFeature("rare", "Rare"))
    cells = (*CELLS, (7.0,) * 6, (1.0, *(GONE,) * 5))
    found = peers("A", ContextTable(CITIES, features, cells))
    assert set(found.left_out) == {"same", "rare"}
    assert [p.distance for p in found.ranked] == [p.distance for p in peers("A", SIX).ranked]


# -- what must not be possible -----------------------------------------------------------------------
def test_an_outcome_cannot_become_context() -> None:
    outcome = OutcomeIndicator("gini", "Gini")
    with pytest.raises(CallError, match="never matched on"):
        ContextTable(CITIES, (outcome,), ((1.0,) * 6,))  # type: ignore[arg-type]
    with pytest.raises(CallError, match="never matched on"):
        space_of(OutcomeTable(CITIES))  # type: ignore[arg-type]
    with pytest.raises(CallError, match='no context feature "gini"'):
        peers(
            "A", CityTable(SIX, OutcomeTable(CITIES, (outcome,), ((Reading(1.0),) * 6,))), weights={"gini": 1}
        )


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ({"city_id": "Q"}, 'no city "Q"'),
        ({"chosen": ["Q"]}, 'no city "Q"'),
        ({"k": 0}, "k is 0"),
        ({"runs": 0}, "runs is 0"),
        ({"runs": 10**9}, "runs is"),
        ({"seed": -1}, "seed is -1"),
        ({"weights": {"rented": -1}}, "is -1"),
        ({"weights": {"rented": math.nan}}, "is nan"),
        ({"weights": {"rente": 1}}, 'did you mean "rented"'),
    ],
)
def test_wrong_calls_are_said(call: dict[str, object], said: str) -> None:
    with pytest.raises(CallError, match=said):
        peers(**({"city_id": "A", "table": SIX} | call))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("feature", "cell"),
    [
        (FEATURES[2], math.nan),
        (FEATURES[2], math.inf),
        (FEATURES[2], "many"),
        (FEATURES[1], 0.0),
        (FEATURES[0], 3.0),
    ],
)
def test_a_table_holds_no_cell_that_has_no_place(feature: ContextFeature, cell: object) -> None:
    with pytest.raises(CallError, match=feature.id):
        ContextTable(CITIES[:1], (feature,), ((cell,),))  # type: ignore[arg-type]


# -- laws --------------------------------------------------------------------------------------------
@st.composite
def tables(draw: st.DrawFn) -> ContextTable:
    n = draw(st.integers(4, 9))
    cities = tuple(PeerCity(f"c{i}", f"C{i}") for i in range(n))
    number = st.floats(0.5, 1000).map(lambda v: round(v, 3))
    kinds = {
        "number": number,
        "category": st.sampled_from(["a", "b", "c"]),
        "tags": st.sets(st.sampled_from(["de", "fr", "nl"]), min_size=1).map(lambda s: tuple(sorted(s))),
    }
    features, cells = [], []
    for f in range(draw(st.integers(2, 5))):
        kind = draw(st.sampled_from(["number", "number", "category", "tags"]))
        transform = draw(st.sampled_from(["none", "log", "rank"])) if kind == "number" else "none"
        weight = draw(st.sampled_from([0.5, 1.0, 3.0]))
        features.append(ContextFeature(f"f{f}", f"F{f}", kind=kind, transform=transform, weight=weight))
        cells.append(tuple(draw(st.one_of(st.just(GONE), kinds[kind], kinds[kind])) for _ in range(n)))
    table = ContextTable(cities, tuple(features), tuple(cells))
    assume(len(space_of(table).features) == len(features))
    return table


@settings(deadline=None, max_examples=60)
@given(tables())
def test_distances_are_those_of_the_slow_twin(table: ContextTable) -> None:
    space = space_of(table)
    weights = [f.weight for f in table.features]
    for one in range(len(table.cities)):
        distance, common, _count = gaps_from(space, one)
        for other in range(len(table.cities)):
            away, known = twin_distance(table, weights, one, other)
            assert distance[other] == pytest.approx(away, abs=1e-9)
            assert common[other] == pytest.approx(known, abs=1e-9)
            assert 0 <= distance[other] <= 1 + 1e-12


@settings(deadline=None, max_examples=40)
@given(tables(), st.randoms(use_true_random=False))
def test_the_order_of_rows_is_of_no_consequence(table: ContextTable, random: object) -> None:
    order = list(range(len(table.cities)))
    random.shuffle(order)  # type: ignore[attr-defined]
    one, other = (peers("c0", t, k=3, runs=20) for t in (table, shuffled(table, order)))
    assert dict(one.shares) == dict(other.shares)
    assert [(p.city.id, p.distance, p.tied) for p in one.ranked] == [
        (p.city.id, p.distance, p.tied) for p in other.ranked
    ]
    assert dict(one.refused) == dict(other.refused)


@settings(deadline=None, max_examples=40)
@given(tables(), st.sampled_from([0.001, 0.45359237, 1000.0]), st.data())
def test_another_unit_changes_nothing(table: ContextTable, factor: float, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(table.features) - 1))
    assume(table.features[place].kind == "number")
    column = tuple(c if isinstance(c, Undefined) else c * factor for c in table.cells[place])  # type: ignore[operator]
    cells = (*table.cells[:place], column, *table.cells[place + 1 :])
    same = ContextTable(table.cities, table.features, cells)
    for one, other in zip(gaps_from(space_of(table), 0), gaps_from(space_of(same), 0), strict=True):
        assert one == pytest.approx(other, abs=1e-9)


@settings(deadline=None, max_examples=40)
@given(tables(), st.data())
def test_a_feature_twice_with_half_the_weight_changes_nothing(
    table: ContextTable, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(table.features) - 1))
    half = replace(table.features[place], weight=table.features[place].weight / 2)
    features = (
        *table.features[:place], half, *table.features[place + 1 :], replace(half, id="zz"),
    )  # fmt: skip
    twice = ContextTable(table.cities, features, (*table.cells, table.cells[place]))
    one, other = gaps_from(space_of(table), 0), gaps_from(space_of(twice), 0)
    assert one[0] == pytest.approx(other[0], abs=1e-9)
    assert one[1] == pytest.approx(other[1], abs=1e-9)


@settings(deadline=None, max_examples=25)
@given(tables(), st.lists(st.floats(-1e6, 1e6), min_size=9, max_size=9))
def test_an_outcome_more_changes_nothing(table: ContextTable, values: list[float]) -> None:
    n = len(table.cities)
    indicator = OutcomeIndicator("d", "Dissimilarity", better="low")
    outcomes = OutcomeTable(table.cities, (indicator,), (tuple(Reading(v) for v in values[:n]),))
    bare = CityTable(table, OutcomeTable(table.cities))
    full = CityTable(table, outcomes)
    assert peers("c1", bare, k=2, runs=10).to_dict() == peers("c1", full, k=2, runs=10).to_dict()
