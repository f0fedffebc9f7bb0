"""The search over a window of departures, held against a scan of connections."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isopolis.model.errors import CallError
from isopolis.reach.transit import Links, Network, Walks, blocks, by_departure, times, with_rules
from isopolis.reach.transit.times import ranks_of

from .connection_scan import travel
from .towns import feeds, links, timetable

DEPARTURES = np.arange(85_900, 86_900, 97)
policies = st.sampled_from([None, "optimistic", "pessimistic"])


@given(
    feeds(), policies, st.integers(1, 4), st.sampled_from([300, 900, 2000]), st.sampled_from([0, 30]),
    st.sampled_from([None, 0, 60]),
)  # fmt: skip
def test_every_departure_is_what_the_scan_says(feed, wheelchair, rounds, limit, boarding, change) -> None:
    plan, walks = feed
    if change is not None:
        walks = with_rules(walks, plan, change=change)
    got = by_departure(
        plan, walks, DEPARTURES, limit=limit, rounds=rounds, wheelchair=wheelchair, boarding=boarding
    )
    asked = [(o, t) for o in range(walks.origins) for t in DEPARTURES.tolist()]
    want = travel(plan, walks, asked, limit=limit, rounds=rounds, wheelchair=wheelchair, boarding=boarding)
    assert got.transpose(0, 2, 1).reshape(want.shape).tolist() == want.tolist()


@given(feeds(), st.lists(st.integers(1, 100), min_size=1, max_size=4, unique=True).map(sorted))
def test_percentiles_are_order_statistics_and_unreached_is_worst(feed, percentiles) -> None:
    plan, walks = feed
    got = times(plan, walks, DEPARTURES, limit=900, percentiles=percentiles)
    every = by_departure(plan, walks, DEPARTURES, limit=900).astype(float)
    every[every < 0] = np.inf
    every.sort(axis=2)
    for n, q in enumerate(percentiles):
        rank = -(-q * len(DEPARTURES) // 100) - 1
        worst_is_far = np.where(np.isinf(every[:, :, rank]), -1, every[:, :, rank])
        assert got.seconds[:, :, n].tolist() == worst_is_far.tolist()
    assert got.within.tolist() == np.isfinite(every).sum(axis=2).tolist()
    assert got.share().tolist() == np.isfinite(every).mean(axis=2).tolist()


@given(feeds())
def test_more_boardings_time_and_stops_never_take_longer(feed) -> None:
    plan, walks = feed

    def far(**options):
        found = by_departure(plan, walks, DEPARTURES, **({"limit": 900} | options)).astype(float)
        found[found < 0] = np.inf
        return found

    assert (far(rounds=3) <= far(rounds=1)).all()
    assert (far(limit=1800) <= far(limit=900)).all()
    assert (far() <= far(wheelchair="optimistic")).all()
    assert (far(wheelchair="optimistic") <= far(wheelchair="pessimistic")).all()
    assert (far() <= far(boarding=45)).all()


def city(rng: np.random.Generator):
    """Forty stops, sixty trips, seventy origins: more than one thread takes at a time."""
    trips = []
    for _ in range(60):
        clock, trip = int(rng.integers(0, 3000)), []
        for stop in rng.integers(0, 40, int(rng.integers(2, 9))).tolist():
            clock += int(rng.integers(0, 200))
            trip.append((stop, clock, clock + int(rng.integers(0, 20))))
            clock = trip[-1][2]
        trips.append(trip)

    def ways(rows, columns, many):
        triple = (rng.integers(0, rows, many), rng.integers(0, columns, many), rng.integers(0, 400_000, many))
        return list(zip(*(t.tolist() for t in triple), strict=True))

    walks = Walks(
        links(70, 40, ways(70, 40, 400)), links(40, 30, ways(40, 30, 100)),
        links(40, 40, ways(40, 40, 100)), links(70, 30, ways(70, 30, 10)),
    )  # fmt: skip
    return timetable(40, trips), walks


def test_threads_and_blocks_change_nothing() -> None:
    plan, walks = city(np.random.default_rng(3))
    leave = np.arange(0, 3600, 60)
    options = {"limit": 2400, "percentiles": (10.0, 50.0)}
    one = times(plan, walks, leave, **options)
    two = times(plan, walks, leave, threads=2, **options)
    assert (one.seconds > 0).mean() > 0.2
    assert one.seconds.tobytes() == two.seconds.tobytes()
    assert one.within.tobytes() == two.within.tobytes()
    parts = list(blocks(plan, walks, leave, rows=33, **options))
    assert [p[0] for p in parts] == [slice(0, 33), slice(33, 66), slice(66, 70)]
    assert np.concatenate([p[1].seconds for p in parts]).tobytes() == one.seconds.tobytes()


def test_a_known_town() -> None:
    # stop 0 -> 1 -> 2 at 10:00, 10:05, 10:10; an express that overtakes it; walks of a minute at both ends
    plan = timetable(
        3,
        [[(0, 36_000, 36_000), (1, 36_300, 36_300), (2, 36_600, 36_600)],
         [(0, 36_060, 36_060), (1, 36_120, 36_120), (2, 36_180, 36_180)]],
    )  # fmt: skip
    walks = Walks(
        links(1, 3, [(0, 0, 59_001)]), links(3, 2, [(2, 0, 60_000)]), Links.none(3, 3),
        links(1, 2, [(0, 1, 300_000)]),
    )  # fmt: skip
    found = by_departure(plan, walks, [35_940, 35_941, 36_000, 36_001], limit=1800)
    # rounded up to 60 s of walking; the express is caught from 36,000 on; then nothing runs
    assert found[0, 0].tolist() == [36_240 - 35_940, 36_240 - 35_941, 240, -1]
    assert found[0, 1].tolist() == [300] * 4
    assert len(Network.of(plan).patterns().trip_pointer) == 3  # two patterns, since one overtakes
    assert times(plan, walks, [36_000], limit=240).seconds[0].tolist() == [[240], [-1]]
    assert times(plan, walks, [36_000], limit=239).seconds[0].tolist() == [[-1], [-1]]


def test_the_feed_overrides_and_forbids_walks() -> None:
    plan = timetable(3, [[(0, 0, 0), (1, 60, 60)]], rules=[(0, 1, 90), (1, 2, -1), (2, 2, -1), (0, 1, 70)])
    walks = Walks(
        Links.none(1, 3), Links.none(3, 1), links(3, 3, [(0, 1, 400_000), (1, 2, 30_000), (1, 0, 30_000)]),
        Links.none(1, 1),
    )  # fmt: skip
    ruled = with_rules(walks, plan, change=45).transfers
    stated = dict(zip(zip(ruled.tails().tolist(), ruled.indices.tolist(), strict=True), ruled.costs.tolist(),
                      strict=True))  # fmt: skip
    assert stated == {
        (0, 1): 70_000, (1, 2): -1, (1, 0): 45_000, (0, 0): 45_000, (1, 1): 45_000, (2, 2): -1,
    }  # fmt: skip


def test_times_become_links() -> None:
    plan, walks = city(np.random.default_rng(4))
    found = times(plan, walks, [0, 60, 120], limit=2400, percentiles=(50, 100))
    made = found.links(100)
    dense = np.full((70, 30), -1)
    dense[made.tails(), made.indices] = made.costs // 1000
    assert dense.tolist() == found.at(100).tolist()
    with pytest.raises(CallError, match="25 was not computed, only 50, 100"):
        found.at(25)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"limit": 0}, "limit must be between"),
        ({"rounds": 0}, "rounds must be between"),
        ({"boarding": -1}, "boarding must be between"),
        ({"percentiles": (50, 20)}, "percentiles must rise"),
        ({"percentiles": (0,)}, "percentiles must rise"),
        ({"wheelchair": "pesimistic"}, 'did you mean "pessimistic"'),
        ({"departures": [60, 60]}, "each later than before"),
        ({"departures": [0.5]}, "whole seconds"),
        ({"departures": [-60]}, "72 hours"),
    ],
)
def test_wrong_calls_are_refused(options, said) -> None:
    plan, walks = city(np.random.default_rng(4))
    with pytest.raises(CallError, match=said):
        times(**({"network": plan, "walks": walks, "departures": [0], "limit": 600} | options))


def test_walks_of_another_timetable_are_refused() -> None:
    plan = timetable(3, [[(0, 0, 0), (1, 60, 60)]])
    walks = city(np.random.default_rng(4))[1]
    with pytest.raises(CallError, match="made for 40 stops; the timetable has 3"):
        times(plan, walks, [0], limit=600)
    with pytest.raises(CallError, match="disagree about the number of stops"):
        Walks(walks.access, walks.egress, Links.none(3, 3), walks.direct)
    with pytest.raises(CallError, match="direct walks are from 1 origins"):
        Walks(walks.access, walks.egress, walks.transfers, Links.none(1, 1))


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (([0, 1], [0, 1], [5, 5], 2), "do not fit"),
        (([0, 1], [2], [5], 2), "column 2 of 2"),
        (([0, 1], [0], [-2], 2), "no way"),
    ],
)
def test_links_that_do_not_fit_are_refused(parts, said) -> None:
    with pytest.raises(CallError, match=said):
        Links.of(*parts)


def test_an_empty_timetable_leaves_walking() -> None:
    plan = timetable(2, [[(0, 0, 0)]])  # one call takes nobody anywhere
    walks = Walks(
        links(1, 2, [(0, 0, 0)]), links(2, 1, [(1, 0, 0)]), Links.none(2, 2), links(1, 1, [(0, 0, 1)])
    )
    assert times(plan, walks, [0, 60], limit=600).seconds.tolist() == [[[1]]]


def test_ranks_do_not_fall_to_binary_numbers() -> None:
    assert ranks_of(list(range(10, 101, 10)), 10).tolist() == list(range(10))
    assert ranks_of([50], 120).tolist() == [59]
    assert ranks_of([0.01], 120).tolist() == [0]


def test_every_bus_is_caught_to_the_second() -> None:
    plan = timetable(2, [[(0, 600 * n, 600 * n), (1, 600 * n + 300, 600 * n + 300)] for n in range(4)])
    walks = Walks(links(1, 2, [(0, 0, 0)]), links(2, 1, [(1, 0, 0)]), Links.none(2, 2), Links.none(1, 1))
    found = by_departure(plan, walks, [0, 1, 600, 601, 1200, 1201, 1800, 1801], limit=899)
    assert found[0, 0].tolist() == [300, 899, 300, 899, 300, 899, 300, -1]


def test_an_earlier_stop_that_is_missed_by_a_second_does_not_hide_the_next() -> None:
    # a bus to stop 1 at 100 s; the line leaves stop 2 at 109 s, ten seconds away, and stop 3 at 130 s
    plan = timetable(5, [[(0, 0, 0), (1, 100, 100)], [(2, 109, 109), (3, 130, 130), (4, 200, 200)]])
    walks = Walks(
        links(1, 5, [(0, 0, 0)]), links(5, 1, [(4, 0, 0)]), links(5, 5, [(1, 2, 10_000), (1, 3, 30_000)]),
        Links.none(1, 1),
    )  # fmt: skip
    assert by_departure(plan, walks, [0], limit=200).tolist() == [[[200]]]
