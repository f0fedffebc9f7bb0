"""Edits and what they mean: inverse edits, laws of adding, and counts by plain loops."""

from __future__ import annotations

import heapq
from dataclasses import fields
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isopolis.model import YES, CallError, Places, Streets, Timetable, Undefined
from isopolis.reach import changes

MINUTE = 60_000


# -- services -------------------------------------------------------------------------------------------
def places() -> Places:
    return Places(
        "library", np.array(["a", "b"], object), np.array(["A", "B"], object), np.array([2.1, 2.2]),
        np.array([41.3, 41.4]), zone=np.array(["z1", "z2"], object), capacity=np.array([10.0, np.nan]),
        languages=np.array([("ca", "es"), ()], object),
    )  # fmt: skip


def equal(one: Any, other: Any) -> bool:
    for field in fields(one):
        a, b = getattr(one, field.name), getattr(other, field.name)
        same = np.array_equal(a, b, equal_nan=a.dtype.kind == "f") if isinstance(a, np.ndarray) else a == b
        if not same:
            return False
    return True


def test_open_and_close_is_nothing() -> None:
    more = changes.opened(
        places(), "c", 2.3, 41.5, capacity=5, languages=("ca",), hours="24/7", step_free=YES
    )
    assert len(more) == 3
    assert (more.capacity[2], more.languages[2], more.hours[2], more.step_free[2]) == (
        5,
        ("ca",),
        "24/7",
        YES,
    )
    assert np.isnan(more.fee[2])  # not known, not free
    assert equal(changes.closed(more, "c"), places())


def test_move_and_move_back() -> None:
    there = changes.moved(places(), "b", 2.9, 41.9)
    assert (there.lon[1], there.lat[1], there.zone[1]) == (2.9, 41.9, "")
    assert (there.lon[0], there.zone[0]) == (2.1, "z1")
    back = changes.extended(changes.moved(there, "b", 2.2, 41.4), "b", zone="z2")
    assert equal(back, places())


def test_extend_changes_one_place_only() -> None:
    wider = changes.extended(places(), "a", capacity=99.0, languages=("ar",))
    assert wider.capacity.tolist()[0] == 99
    assert wider.languages.tolist() == [("ar",), ()]
    assert equal(changes.extended(wider, "a", capacity=10.0, languages=("ca", "es")), places())


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda p: changes.closed(p, "aa"), '"a"'),
        (lambda p: changes.opened(p, "a", 0, 0), "already"),
        (lambda p: changes.extended(p, "a", capcity=3), "capacity"),
        (lambda p: changes.moved(p, "zz", 0, 0), "no place"),
        (lambda p: changes.extended(p, "a", languages="en"), "list of codes"),
    ],
)
def test_wrong_edits_of_places(edit: Any, said: str) -> None:
    with pytest.raises(CallError, match=said):
        edit(places())


# -- streets --------------------------------------------------------------------------------------------
def streets(seed: int = 0, nodes: int = 6, edges: int = 9) -> Streets:
    rng = np.random.default_rng(seed)
    tail = rng.integers(0, nodes, edges)
    head = (tail + rng.integers(1, nodes, edges)) % nodes
    kinds = np.array(["residential", "steps", "footway"], object)
    return Streets(
        np.arange(nodes) + 100, rng.random(nodes), rng.random(nodes), tail, head,
        rng.integers(1_000, 90_000, edges), np.arange(edges), np.arange(edges) + 10,
        {"highway": kinds[rng.integers(0, 3, edges)]}, np.array([1]), {"kerb": np.array(["raised"], object)},
    )  # fmt: skip


def test_ramp_changes_the_named_way_only() -> None:
    before = streets()
    row = int(np.flatnonzero(before.tag("highway") == "steps")[0])
    way = int(before.way_ids[row])
    after = changes.with_ramp(before, way)
    for key in ("highway", "ramp", "ramp:wheelchair"):
        changed = np.flatnonzero(before.tag(key) != after.tag(key))
        assert changed.tolist() == ([] if key == "highway" else [row])
    assert before.tag("ramp")[row] == ""
    back = changes.with_way_tag(changes.with_way_tag(after, way, "ramp", ""), way, "ramp:wheelchair", "")
    assert not changes.same_streets(before, after)
    assert changes.same_streets(before, back)


@given(st.integers(0, 8), st.sampled_from(["highway", "surface"]), st.sampled_from(["steps", "sett", ""]))
def test_a_tag_set_and_set_back(row: int, key: str, value: str) -> None:
    before = streets(3)
    way, was = int(before.way_ids[row]), before.tag(key)[row]
    after = changes.with_way_tag(before, way, key, value)
    assert after.tag(key)[row] == value
    assert changes.same_streets(after, before) == (was == value)
    assert changes.same_streets(changes.with_way_tag(after, way, key, was), before)


def test_kerbs_on_tagged_and_untagged_vertices() -> None:
    before = streets()
    lowered = changes.with_kerb(before, 101)
    assert lowered.node_tag("kerb").tolist() == ["flush"]
    assert before.node_tag("kerb").tolist() == ["raised"]
    new = changes.with_kerb(before, 104, "lowered")
    assert new.tagged.tolist() == [1, 4]
    assert new.node_tag("kerb").tolist() == ["raised", "lowered"]
    assert changes.same_streets(changes.with_node_tag(new, 104, "kerb", ""), before)
    assert changes.same_streets(changes.with_node_tag(lowered, 101, "kerb", "raised"), before)


def shortest(net: Streets, start: int) -> list[float]:
    """Plain Dijkstra by length, both ways."""
    best = [float("inf")] * len(net.node_ids)
    best[start], queue = 0, [(0, start)]
    while queue:
        far, at = heapq.heappop(queue)
        if far > best[at]:
            continue
        for t, h, length in zip(net.tail.tolist(), net.head.tolist(), net.length.tolist(), strict=True):
            for a, b in ((t, h), (h, t)):
                if a == at and far + length < best[b]:
                    best[b] = far + length
                    heapq.heappush(queue, (best[b], b))
    return best


@given(st.integers(0, 50), st.permutations(range(6)), st.integers(1, 50_000))
def test_a_link_never_makes_a_way_longer(seed: int, ends: list[int], length: int) -> None:
    before = streets(seed)
    after = changes.with_link(
        before, (100 + ends[0], 100 + ends[1]), length, {"highway": "footway", "lit": "yes"}
    )
    assert after.tag("lit")[-1] == "yes"
    assert set(after.tag("lit")[:-1]) == {""}
    old, new = shortest(before, ends[0]), shortest(after, ends[0])
    assert all(n <= o for n, o in zip(new, old, strict=True))
    assert new[ends[1]] <= length


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda s: changes.with_way_tag(s, 1, "a", "b"), "no way 1"),
        (lambda s: changes.with_node_tag(s, 1, "a", "b"), "no vertex 1"),
        (lambda s: changes.with_kerb(s, 101, "high"), "flush or lowered"),
        (lambda s: changes.with_link(s, (101, 101), 5, {}), "two different ends"),
        (lambda s: changes.with_link(s, (101, 102), 0, {}), "length"),
        (lambda s: changes.with_link(s, (101, 102), 5, {}, way_id=10), "already"),
        (lambda s: changes.with_ramp(s, int(s.way_ids[s.tag("highway") != "steps"][0])), "no steps"),
    ],
)
def test_wrong_edits_of_streets(edit: Any, said: str) -> None:
    with pytest.raises(CallError, match=said):
        edit(streets())


# -- timetables -----------------------------------------------------------------------------------------
def timetable() -> Timetable:
    """T1 from stop 0 over 1 to 2 at 8:00 and 9:00, back at 8:30; T2 from 2 to 3 at 8:20."""
    stops = np.array(list("abcd"), object)
    begin = {"x8": (8, 0, [0, 1, 2]), "x9": (9, 0, [0, 1, 2]), "y": (8, 30, [2, 1, 0]), "z": (8, 20, [2, 3])}
    stop, arrival, departure, pointer = [], [], [], [0]
    for hour, minute, calls in begin.values():
        for i, s in enumerate(calls):
            stop.append(s)
            arrival.append(hour * 3600 + minute * 60 + 600 * i)
            departure.append(arrival[-1] + 30)
        pointer.append(len(stop))
    return Timetable(
        "2026-03-02", stops, stops, np.arange(4.0), np.arange(4.0), np.full(4, YES),
        np.array(list(begin), object),
        np.array(["T1", "T1", "T1", "T2"], object), np.array([1, 0, -1, 1]), np.array(pointer),
        np.array(stop), np.array(arrival), np.array(departure), trip_fare=np.array([1.5, 1.5, 1.5, np.nan]),
    )  # fmt: skip


def arrivals(table: Timetable, start: int, at: int) -> list[float]:
    """Earliest arrivals by scanning the calls until nothing changes; a change of vehicle takes no time."""
    best = [float("inf")] * len(table.stop_ids)
    best[start], moving = at, True
    while moving:
        moving = False
        for trip in range(len(table.trip_ids)):
            aboard = False
            for c in range(int(table.trip_pointer[trip]), int(table.trip_pointer[trip + 1])):
                stop = int(table.call_stop[c])
                if aboard and table.call_arrival[c] < best[stop]:
                    best[stop], moving = int(table.call_arrival[c]), True
                aboard = aboard or best[stop] <= table.call_departure[c]
    return best


@given(
    st.sampled_from(["x8", "x9", "y", "z"]), st.lists(st.integers(0, 90_000), max_size=4, unique=True),
    st.integers(0, 3), st.integers(20_000, 40_000),
)  # fmt: skip
def test_more_trips_are_never_worse(like: str, starts: list[int], origin: int, at: int) -> None:
    before = timetable()
    after = changes.with_trips(before, like, starts)
    assert all(n <= o for n, o in zip(arrivals(after, origin, at), arrivals(before, origin, at), strict=True))
    new = after.trip_ids[len(before.trip_ids) :].tolist()
    assert len(new) == len(starts)
    assert equal(changes.without_trips(after, new), before)


def test_new_trips_run_like_the_old_one() -> None:
    after = changes.with_trips(timetable(), "x8", [10 * 3600])
    assert after.trip_ids[-1] == "x8 10:00:00"
    assert (after.trip_routes[-1], after.trip_wheelchair[-1], after.trip_fare[-1]) == ("T1", YES, 1.5)
    assert after.call_stop[-3:].tolist() == [0, 1, 2]
    assert after.call_departure[-3:].tolist() == [36_000, 36_600, 37_200]
    assert after.call_arrival[-3:].tolist() == [35_970, 36_570, 37_170]
    again = changes.with_trips(after, "x8", [10 * 3600])
    assert again.trip_ids[-1] == "x8 10:00:00 (2)"


def test_a_new_trip_just_after_midnight_arrives_at_no_time_below_0() -> None:
    after = changes.with_trips(timetable(), "x8", [10])
    assert after.call_arrival[-3:].tolist() == [0, 580, 1180]
    assert after.call_departure[-3:].tolist() == [10, 610, 1210]


def test_the_end_of_a_span_is_without() -> None:
    first = 9 * 3600 + 30  # x9 leaves its first stop then
    kept = changes.with_headway(timetable(), "T1", 900, (8 * 3600, first))
    assert "x9" in kept.trip_ids.tolist()
    gone = changes.with_headway(timetable(), "T1", 900, (8 * 3600, first + 1))
    assert "x9" not in gone.trip_ids.tolist()


@pytest.mark.parametrize(("number", "place"), [(1, 1), (4, 3)])
def test_of_equally_near_places_the_lower_number_is_nearest(number: int, place: int) -> None:
    cost, found = changes.added_site(np.array([5]), np.array([3]), lambda limit: np.array([5]), number)
    assert (cost.tolist(), found.tolist()) == ([5], [place])


def test_headway_keeps_directions_and_other_hours_apart() -> None:
    after = changes.with_headway(timetable(), "T1", 900, (8 * 3600, 9 * 3600))
    first = {t: int(after.call_departure[after.trip_pointer[i]]) for i, t in enumerate(after.trip_ids)}
    assert {"x9", "z"} <= first.keys()  # another hour, another route
    assert "x8" not in first
    out = sorted(v for t, v in first.items() if t.startswith("x8 "))
    back = sorted(v for t, v in first.items() if t.startswith("y "))
    assert out == [28_830 + 900 * i for i in range(4)]
    assert back == [30_630, 31_530]


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda t: changes.with_trips(t, "x7", [1]), "x"),
        (lambda t: changes.with_trips(t, "x8", [-1]), "before midnight"),
        (lambda t: changes.with_trips(t, "x8", [1, 1]), "different times"),
        (lambda t: changes.with_trips(t, "x8", [2**31 - 5]), "too long"),
        (lambda t: changes.with_headway(t, "T9", 60, (0, 9)), "T"),
        (lambda t: changes.with_headway(t, "T1", 0, (0, 9)), "headway"),
        (lambda t: changes.with_headway(t, "T1", 60, (0, 9)), "no trip"),
        (lambda t: changes.without_trips(t, ["q"]), "no trip"),
    ],
)
def test_wrong_edits_of_timetables(edit: Any, said: str) -> None:
    with pytest.raises(CallError, match=said):
        edit(timetable())


# -- before and after -----------------------------------------------------------------------------------
tables = st.integers(0, 2**32 - 1).map(np.random.default_rng)


@given(tables)
def test_comparison_equals_counting_people_one_by_one(rng: np.random.Generator) -> None:
    people = rng.integers(0, 5, (6, 3))
    was, now = (np.where(rng.random(6) < 0.3, -1, rng.integers(0, 30, 6) * MINUTE) for _ in range(2))
    made = changes.compare(was, now, people, ["a", "b", "c"], 15 * MINUTE)
    for g, change in enumerate(made.changes):
        each = [
            (int(w), int(n))
            for o, (w, n) in enumerate(zip(was, now, strict=True))
            for _ in range(int(people[o].sum() if g == 3 else people[o, g]))
        ]
        inside = [(0 <= w <= 15 * MINUTE, 0 <= n <= 15 * MINUTE) for w, n in each]
        assert change.people == len(each)
        assert change.newly == sum(n and not w for w, n in inside)
        assert change.no_longer == sum(w and not n for w, n in inside)
        assert change.unreached_after == sum(n < 0 for _, n in each)
        assert change.better == sum(n >= 0 and (w < 0 or n < w) for w, n in each)
        assert change.worse == sum(w >= 0 and (n < 0 or n > w) for w, n in each)
        if each:
            assert change.after == Fraction(sum(n for _, n in inside), len(each))
            assert change.gap_after == made.changes[3].after - change.after
        else:
            assert isinstance(change.after, Undefined)
        both = [w - n for w, n in each if w >= 0 and n >= 0]
        assert (
            change.saved == Fraction(sum(both), len(both) * MINUTE)
            if both
            else isinstance(change.saved, Undefined)
        )
    assert len(made.words()) == 4


@given(tables)
def test_groups_that_move_differently_are_summed_to_everyone(rng: np.random.Generator) -> None:
    people = rng.integers(1, 5, (5, 2))
    was, now = (
        np.where(rng.random((5, 2)) < 0.3, -1, rng.integers(0, 30, (5, 2)) * MINUTE) for _ in range(2)
    )
    made = changes.compare(was, now, people, ["a", "b"], 15 * MINUTE)
    a, b, both = made.changes
    assert both.newly == a.newly + b.newly
    assert both.after * both.people == a.after * a.people + b.after * b.people


@given(tables)
def test_a_site_more_is_never_worse_and_one_search_is_enough(rng: np.random.Generator) -> None:
    table = np.where(rng.random((8, 4)) < 0.3, -1, rng.integers(0, 20, (8, 4)))
    far = np.where(table < 0, 10**9, table)
    old, new = far[:, :3].min(axis=1), far.min(axis=1)
    cost = np.where(old == 10**9, -1, old)
    place = np.where(old == 10**9, -1, far[:, :3].argmin(axis=1))
    asked: list[int | None] = []

    def search(limit: int | None) -> np.ndarray:
        asked.append(limit)
        found = table[:, 3]
        return found if limit is None else np.where(found <= limit, found, -1)

    after, where = changes.added_site(cost, place, search, 3)
    assert after.tolist() == np.where(new == 10**9, -1, new).tolist()
    assert where.tolist() == np.where(new == 10**9, -1, far.argmin(axis=1)).tolist()
    assert asked == [None if (cost < 0).any() else int(cost.max())]
    people = rng.integers(0, 5, (8, 2))
    made = changes.compare(cost, after, people, ["a", "b"], 10)
    assert made.worsened == ()
    assert all(c.worse == c.no_longer == 0 for c in made.changes)
    again = changes.to_search_again(where, [3])
    assert again.tolist() == [w == 3 for w in where]


def test_parts_of_a_change_add_up() -> None:
    # a ramp alone does nothing, a site alone 2 points, both together 10
    levels = {frozenset(): 0, frozenset({"ramp"}): 0, frozenset({"site"}): 2, frozenset({"ramp", "site"}): 10}
    parts = changes.attributed(levels.__getitem__, ["ramp", "site"])
    assert parts == {"ramp": 4, "site": 6}


@pytest.mark.parametrize(
    "wrong",
    [
        {"people": np.ones((2, 2))},
        {"people": np.full((3, 2), -1.0)},
        {"before": np.zeros((3, 5), int)},
        {"after": np.zeros(2, int)},
        {"before": np.zeros((3, 2), int), "everyone": np.ones(3)},
    ],
)
def test_wrong_comparisons(wrong: dict[str, Any]) -> None:
    given_ = {"before": np.zeros(3, int), "after": np.zeros(3, int), "people": np.ones((3, 2))} | wrong
    with pytest.raises(CallError):
        changes.compare(**given_, groups=["a", "b"], standard=1)


def test_too_many_edits_are_refused() -> None:
    with pytest.raises(CallError):
        changes.attributed(lambda s: 0, [str(i) for i in range(11)])
