"""Benchmarks and positive deviants: refusals, ranges, chance, and numbers worked out on paper."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import combinations
from statistics import mean, median, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isopolis.learn.peers import (
    CityTable,
    ContextFeature,
    ContextTable,
    OutcomeIndicator,
    OutcomeTable,
    PeerCity,
    Reading,
    peers,
)
from isopolis.learn.peers.benchmarks import benchmark, comparable, figure
from isopolis.learn.peers.deviants import deviants
from isopolis.model import CallError, Undefined

GONE = Undefined("not-stated", "the table does not state it")
GAP = OutcomeIndicator("gap", "Gap", unit="%", definition="d", scale="districts", year="2020", better="low")
MINE = Reading(10.0, 9.0, 11.0)


def table(*readings: Reading, what: OutcomeIndicator = GAP) -> OutcomeTable:
    cities = tuple(PeerCity(f"c{i}", f"C{i}") for i in range(len(readings)))
    return OutcomeTable(cities, (what,), (readings,))


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (Reading(GONE), "does not state it"),
        (Reading(1.0, unit="per mille"), "another unit: per mille there, % here"),
        (Reading(1.0, definition="e"), "another definition"),
        (Reading(1.0, scale="streets"), "other zones or another distance: streets there, districts here"),
        (Reading(1.0, year="2014"), "too far apart: 2014 there, 2020 here; at most 5 years"),
        (Reading(1.0, year="2011-2021"), "too far apart"),
        (Reading(1.0, year="unknown"), "only one of the two states its year"),
        (Reading(1.0), ""),
        (Reading(1.0, unit=" % ", year="2015"), ""),
    ],
)
def test_only_what_is_defined_alike_stands_beside(other: Reading, why: str) -> None:
    reason = comparable(GAP, MINE, other)
    assert why in reason
    assert bool(reason) is bool(why)


def test_the_city_in_the_range_of_its_peers() -> None:
    made = benchmark("c0", table(MINE, Reading(8.0, 7, 9), Reading(12.0, 11, 13)), "gap", ["c2", "c1"])
    assert (made.median, made.least, made.most) == (10, 8, 12)
    assert [s.city.id for s in made.shown] == ["c2", "c1"], "in the order of the list, not of the value"
    assert made.said == (
        "C0: 10. The middle of 2 peers is 10; they lie between 8 and 12. The city is within the range of its "
        "peers."
    )
    assert made.random is None


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (Reading(20.0, 19, 21), "below all of its peers, and the intervals do not overlap"),
        (Reading(11.5, 10.5, 12.5), "below all of its peers, but intervals overlap"),
        (Reading(20.0), "below all of its peers; without intervals nobody can say"),
        (Reading(2.0, 1, 3), "above all of its peers, and the intervals do not overlap"),
    ],
)
def test_outside_the_range_only_intervals_can_tell(other: Reading, said: str) -> None:
    made = benchmark("c0", table(MINE, other), "gap", ["c1"])
    assert said in made.said
    assert any("no interval" in c for c in made.cautions) is (other.low is None)


def test_the_ends_belong_to_the_range() -> None:
    assert "within the range" in benchmark("c0", table(MINE, Reading(10.0)), "gap", ["c1"]).said


def test_a_city_without_value_says_so_and_shows_its_peers() -> None:
    made = benchmark("c0", table(Reading(GONE), Reading(8.0)), "gap", ["c1"])
    assert made.own is None
    assert made.said.startswith("There is no value of the city itself: the table does not state it.")
    nothing = benchmark("c0", table(MINE, Reading(GONE)), "gap", ["c1"])
    assert nothing.said == "No peer has a value that is defined as this city's."
    assert nothing.refused == {"c1": "the table does not state it"}
    with pytest.raises(CallError, match='no indicator "gab"'):
        benchmark("c0", table(MINE), "gab", [])


def test_random_cities_by_counting_all_of_them() -> None:
    """Medians of all triples of seven cities, against those drawn."""
    values = [3.0, 1.0, 4.0, 1.5, 9.0, 2.6, 5.0]
    made = benchmark("c0", table(MINE, *map(Reading, values)), "gap", ["c1", "c2", "c3"], seed=4)
    every = sorted(median(c) for c in combinations(values, 3))
    assert made.random is not None
    low, high = made.random
    for end, p in ((low, 0.05), (high, 0.95)):
        under = sum(m < end for m in every) / len(every)
        upto = sum(m <= end for m in every) / len(every)
        assert under - 0.03 <= p <= upto + 0.03
    assert (
        made.random
        == benchmark("c0", table(MINE, *map(Reading, values)), "gap", ["c1", "c2", "c3"], seed=4).random
    )


@given(st.floats(1e-6, 1e9) | st.floats(-1e9, -1e-6))
def test_figures_keep_four_digits(value: float) -> None:
    read = float(figure(value).replace(",", "").replace("−", "-"))
    assert math.isclose(read, value, rel_tol=1e-3, abs_tol=1e-9)


# -- positive deviants -----------------------------------------------------------------------------
LINE = 12


def line(values: list[Reading], better: str = "low") -> CityTable:
    """Cities on a line in two features: the nearest of each are those beside it."""
    cities = tuple(PeerCity(f"c{i:02d}", f"C{i}") for i in range(len(values)))
    features = (ContextFeature("a", "A"), ContextFeature("b", "B"))
    column = tuple(float(i**1.01) for i in range(len(values)))
    what = replace(GAP, better=better)
    return CityTable(
        ContextTable(cities, features, (column, column)), OutcomeTable(cities, (what,), (tuple(values),))
    )


T_FOUR = 2.7764451051977987
"""The 97.5 % quantile of Student's t with 4 degrees of freedom, from a table."""


def test_a_deviant_by_hand() -> None:
    """C2 has 1 where its five nearest (0, 1, 3, 4, 5) have a mean of 20."""
    numbers = [19.0, 20.0, 1.0, 21.0, 20.5, 19.5, *[20.0 + i / 10 for i in range(6)]]
    whole = line([Reading(n) for n in numbers])
    found = deviants(peers("c00", whole, k=5, runs=5), whole, "gap")
    first = next(d for d in found.looked_at if d.city.id == "c02")
    around = [19.0, 20.0, 21.0, 20.5, 19.5]
    assert set(first.neighbours) == {"c00", "c01", "c03", "c04", "c05"}
    half = T_FOUR * stdev(around) * math.sqrt(1 + 1 / 5)
    assert first.predicted == pytest.approx(mean(around))
    assert (first.low, first.high) == pytest.approx((mean(around) - half, mean(around) + half))
    assert [d.city.id for d in found.better] == ["c02"]
    assert first.holds
    assert found.by_chance == pytest.approx(0.025 * 5)
    assert "about 0.125 would look better by chance alone" in found.caveats[0]


def test_the_worse_end_of_its_interval_decides() -> None:
    numbers = [Reading(n) for n in (19.0, 20.0, 1.0, 21.0, 20.5, 19.5, 20.1, 20.2)]
    numbers[2] = Reading(1.0, 0.0, 20.0)
    whole = line(numbers)
    assert deviants(peers("c00", whole, k=5, runs=5), whole, "gap").better == ()


def test_better_high_is_the_mirror_image() -> None:
    numbers = [19.0, 20.0, 1.0, 21.0, 20.5, 19.5, 20.1, 20.2, 20.3]
    low, high = line([Reading(n) for n in numbers]), line([Reading(-n) for n in numbers], "high")
    one, other = (deviants(peers("c00", t, k=5, runs=5), t, "gap") for t in (low, high))
    assert [(d.city.id, d.better, d.holds, d.predicted) for d in one.looked_at] == [
        (d.city.id, d.better, d.holds, -d.predicted) for d in other.looked_at
    ]
    assert [d.p for d in one.looked_at] == pytest.approx([d.p for d in other.looked_at])


def test_who_cannot_be_judged_and_why() -> None:
    numbers = [Reading(20.0)] * 6 + [Reading(GONE)]
    whole = line(numbers)
    found = deviants(peers("c00", whole, k=6, runs=5), whole, "gap")
    assert found.looked_at == ()
    assert "no spread" in found.unjudged["c01"]
    assert "does not state it" in found.unjudged["c06"]
    few = line(numbers[:4])
    assert "only 3 comparable cities" in deviants(peers("c00", few, runs=5), few, "gap").unjudged["c01"]
    neither = line(numbers, "neither")
    assert deviants(peers("c00", neither, runs=5), neither, "gap").undefined is not None


def test_about_as_many_look_better_by_chance_as_is_said() -> None:
    """Values without any pattern: 2.5 % look better, and corrected nearly nobody."""
    import numpy as np

    rng = np.random.default_rng(5)
    better = holds = looked = 0
    for _ in range(60):
        whole = line([Reading(float(v)) for v in rng.normal(size=24)])
        found = deviants(peers("c12", whole, k=10, runs=1), whole, "gap")
        looked += len(found.looked_at)
        better += len(found.better)
        holds += any(d.holds for d in found.looked_at)
    assert 0.01 < better / looked < 0.045
    assert holds / 60 < 0.12
