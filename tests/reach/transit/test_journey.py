"""One journey, explained: its legs follow the timetable and add up to the figure of the search."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isopolis.model.errors import CallError
from isopolis.reach.transit import Links, Walks, by_departure, fare, journey, with_rules

from .connection_scan import changes, rows, travel, usable
from .towns import feeds, links, timetable


def check(found, plan, walks, origin, place, boarding=0, wheelchair=None) -> None:
    """Every leg is possible, and each begins where and when the one before ended."""
    ok = usable(plan.stop_wheelchair, wheelchair)
    trips_ok = usable(plan.trip_wheelchair, wheelchair)
    clock, stop = found.departure, -1
    for leg in found.legs:
        assert (leg.start, leg.from_stop) == (clock, stop)
        assert leg.seconds >= 0
        clock, stop = leg.end, leg.to_stop
        if leg.kind == "ride":
            calls = range(plan.trip_pointer[leg.trip], plan.trip_pointer[leg.trip + 1])
            assert ok[leg.from_stop]
            assert ok[leg.to_stop]
            assert trips_ok[leg.trip]
            assert any(
                (plan.call_stop[a], plan.call_departure[a]) == (leg.from_stop, leg.start)
                and (plan.call_stop[b], plan.call_arrival[b]) == (leg.to_stop, leg.end)
                for a in calls
                for b in calls
                if a < b
            )
    assert (clock, stop) == (found.arrival, -1)
    if not found.boardings:
        assert found.seconds == rows(walks.direct)[origin][place]
        return
    _check_walks(found, walks, origin, place, boarding, ok)


def _check_walks(found, walks, origin, place, boarding, ok) -> None:
    """Before, between and after the rides there is time enough for the walk and for boarding."""
    rides = [leg for leg in found.legs if leg.kind == "ride"]
    into = changes(walks.transfers, ok)
    first, last = rides[0], rides[-1]
    assert found.departure + rows(walks.access)[origin][first.from_stop] + boarding <= first.start
    assert last.end + rows(walks.egress)[last.to_stop][place] == found.arrival
    for a, b in pairwise(rides):
        assert a.end + dict(into[b.from_stop])[a.to_stop] + boarding <= b.start


@given(
    feeds(), st.sampled_from([None, "optimistic", "pessimistic"]), st.integers(1, 4), st.sampled_from([0, 30])
)
def test_a_journey_is_what_the_search_says(feed, wheelchair, rounds, boarding) -> None:
    plan, walks = feed
    walks = with_rules(walks, plan)
    leave = [85_950, 86_200, 86_600]
    options = {"limit": 1500, "wheelchair": wheelchair, "boarding": boarding}
    bulk = by_departure(plan, walks, leave, rounds=rounds, **options)
    for origin in range(walks.origins):
        for place in range(walks.places):
            for n, t in enumerate(leave):
                found = journey(plan, walks, origin, place, t, rounds=rounds, **options)
                assert (-1 if found is None else found.seconds) == bulk[origin, place, n]
                if found is None:
                    continue
                check(found, plan, walks, origin, place, boarding, wheelchair)
                assert sum(found.spent(kind) for kind in ("walk", "wait", "ride")) == found.seconds
                # with one boarding fewer it takes longer
                if found.boardings > 1:
                    fewer = travel(plan, walks, [(origin, t)], rounds=found.boardings - 1, **options)[
                        0, place
                    ]
                    assert fewer == -1 or fewer > found.seconds


def town():
    plan = timetable(
        4,
        [[(0, 50_400, 50_580), (1, 51_600, 51_600)], [(2, 51_900, 51_900), (3, 52_200, 52_230)]],
        routes=["T1", "T 2"], fares=[4.5, float("nan")],
    )  # fmt: skip
    walks = Walks(
        links(1, 4, [(0, 0, 119_500)]), links(4, 1, [(3, 0, 60_000)]), links(4, 4, [(1, 2, 90_000)]),
        Links.none(1, 1),
    )  # fmt: skip
    return plan, walks


def test_a_journey_is_said_leg_by_leg() -> None:
    plan, walks = town()
    found = journey(plan, walks, 0, 0, 50_400, limit=3600)
    assert found is not None
    assert found.said(plan) == (
        "14:00: walk 2 min to Stop 0.",
        "14:02: wait 1 min at Stop 0.",
        "14:03: ride T1 from Stop 0, to Stop 1 at 14:20.",
        "14:20: walk 2 min to Stop 2.",
        "14:21: wait 4 min at Stop 2.",
        "14:25: ride T 2 from Stop 2, to Stop 3 at 14:30.",
        "14:30: walk 1 min to the place.",
    )
    assert [found.spent(k) for k in ("walk", "wait", "ride")] == [120 + 90 + 60, 60 + 210, 1020 + 300]
    assert found.boardings == 2


def test_an_unknown_fare_is_not_free() -> None:
    plan, walks = town()
    found = journey(plan, walks, 0, 0, 50_400, limit=3600)
    assert found is not None
    price = fare(found, plan)
    assert (price.known, price.unknown) == (4.5, 1)
    assert "4.50" in price.said()
    assert "or more" in price.said()


def test_too_late_is_no_journey_and_wrong_rows_are_refused() -> None:
    plan, walks = town()
    assert journey(plan, walks, 0, 0, 50_461, limit=3600) is None  # the bus leaves one second before
    assert journey(plan, walks, 0, 0, 50_460, limit=3600) is not None
    assert journey(plan, walks, 0, 0, 50_400, limit=3600, rounds=1) is None
    with pytest.raises(CallError, match="1 origins and 1 places"):
        journey(plan, walks, 0, 1, 50_400, limit=3600)
    assert np.array_equal(by_departure(plan, walks, [50_460, 50_461], limit=3600)[0, 0] >= 0, [True, False])
