"""Small random timetables with everything that is awkward in them."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from isopolis.model import Timetable
from isopolis.reach.transit import Links, Walks


def timetable(stops: int, trips, *, wheelchair=None, stop_wheelchair=None, rules=(), fares=None, routes=None):
    """Trips are lists of (stop, arrival, departure)."""
    calls = [c for trip in trips for c in trip]
    return Timetable(
        date="2026-05-04",
        stop_ids=[f"s{i}" for i in range(stops)],
        stop_names=[f"Stop {i}" for i in range(stops)],
        stop_lon=np.zeros(stops),
        stop_lat=np.zeros(stops),
        stop_wheelchair=[-1] * stops if stop_wheelchair is None else stop_wheelchair,
        trip_ids=[f"t{i}" for i in range(len(trips))],
        trip_routes=[f"R{i}" for i in range(len(trips))] if routes is None else routes,
        trip_wheelchair=[-1] * len(trips) if wheelchair is None else wheelchair,
        trip_pointer=np.concatenate([[0], np.cumsum([len(t) for t in trips])]),
        call_stop=[c[0] for c in calls],
        call_arrival=[c[1] for c in calls],
        call_departure=[c[2] for c in calls],
        transfer_from=[r[0] for r in rules],
        transfer_to=[r[1] for r in rules],
        transfer_seconds=[r[2] for r in rules],
        trip_fare=fares,
    )


def links(rows: int, columns: int, ways) -> Links:
    """Ways are (row, column, milliseconds)."""
    ways = sorted(ways, key=lambda w: w[0])
    many = np.bincount([w[0] for w in ways], minlength=rows) if ways else np.zeros(rows)
    return Links.of(
        np.concatenate([[0], np.cumsum(many)]), [w[1] for w in ways], [w[2] for w in ways], columns
    )


def _ways(rows, columns, least=0):
    one = st.tuples(
        st.integers(0, rows - 1), st.integers(0, columns - 1), st.integers(least, 400).map(lambda s: s * 500)
    )
    forbidden = st.tuples(st.integers(0, rows - 1), st.integers(0, columns - 1), st.just(-1))
    return st.lists(st.one_of(one, one, one, forbidden), max_size=2 * rows + 2)


@st.composite
def feeds(draw, begin: int = 86_000):
    """A timetable and walks around it: loops, overtaking, hops without time, trips past midnight."""
    stops = draw(st.integers(2, 6))
    lines = draw(
        st.lists(st.lists(st.integers(0, stops - 1), min_size=1, max_size=5), min_size=1, max_size=4)
    )
    trips = []
    for line in lines:
        for _ in range(draw(st.integers(1, 3))):
            clock, trip = begin + 20 * draw(st.integers(0, 40)), []
            for stop in line:
                arrive = clock + 20 * draw(st.integers(0, 8))
                clock = arrive + 20 * draw(st.integers(0, 2))
                trip.append((stop, arrive, clock))
            trips.append(trip)
    answers = st.sampled_from([-1, 0, 1])
    origins, places = draw(st.integers(1, 2)), draw(st.integers(1, 3))
    rules = draw(st.lists(st.tuples(st.integers(0, stops - 1), st.integers(0, stops - 1),
                                    st.integers(-1, 200)), max_size=3))  # fmt: skip
    made = timetable(
        stops, trips, rules=rules,
        wheelchair=draw(st.lists(answers, min_size=len(trips), max_size=len(trips))),
        stop_wheelchair=draw(st.lists(answers, min_size=stops, max_size=stops)),
    )  # fmt: skip
    walks = Walks(
        links(origins, stops, draw(_ways(origins, stops))), links(stops, places, draw(_ways(stops, places))),
        links(stops, stops, draw(_ways(stops, stops))),
        links(origins, places, draw(_ways(origins, places, 300))),
    )  # fmt: skip
    return made, walks
