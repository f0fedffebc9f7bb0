"""The figure for all people is the journey of each: bulk times against explained journeys."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from isopolis.flows.access_asked import POLICIES, AccessAsked, AccessFound
from isopolis.flows.access_ground import ground_of
from isopolis.flows.access_load import load_access
from isopolis.flows.access_reach import reached, ride_of
from isopolis.flows.access_trip import trip, trip_lines, trip_to_dict
from isopolis.model import AccessData, CallError, Origins, Travel
from isopolis.reach.profiles import profile

from .conftest import Ask

BODIES = ("manual_wheelchair", "adult", "pram", "cane", "night")


def _time(travel: Travel, origin: int, place: int) -> int | None:
    indices, costs = travel.row(origin)
    found = costs[indices == place]
    return int(found[0]) if len(found) else None


def _same(bulk: int | None, single: float | None, limit: int) -> bool:
    if bulk is None:
        return single is None or round(single * 1000) > limit
    return single is not None and round(single * 1000) == bulk


@pytest.fixture(scope="module")
def several(ask: Ask) -> AccessFound:
    return ask(others=BODIES[1:])


def _pairs(travel: Travel, seed: int, near: int, any_: int) -> list[tuple[int, int]]:
    """Pick some pairs that are in reach, and some without asking."""
    rng = np.random.default_rng(seed)
    chosen = rng.choice(len(travel.costs), min(near, len(travel.costs)), replace=False)
    out = list(zip(travel.rows()[chosen].tolist(), travel.indices[chosen].tolist(), strict=True))
    shape = (len(travel.origins), len(travel.places))
    return out + [(int(rng.integers(shape[0])), int(rng.integers(shape[1]))) for _ in range(any_)]


@pytest.mark.parametrize("turn", range(len(BODIES)), ids=BODIES)
def test_every_body_walks_as_the_figures_say(several: AccessFound, example: AccessData, turn: int) -> None:
    found, reachable = several.profiles[turn], 0
    assert found.name == BODIES[turn]
    limit = found.travel["expected"].limit
    for o, p in _pairs(found.travel["optimistic"], turn, 8, 3):
        one = trip(example, str(example.origins.ids[o]), str(several.places.ids[p]), profile=found.name)
        for policy, seconds in one.seconds:
            assert _same(_time(found.travel[policy], o, p), seconds, limit), (o, p, policy)
        expected = dict(one.seconds)["expected"]
        reachable += expected is not None
        if expected is not None:
            assert sum(leg.seconds for leg in one.legs) == pytest.approx(expected, abs=1e-6)
            assert all(leg.seconds >= 0 and (leg.metres or 0) >= 0 for leg in one.legs)
    assert reachable >= 5


def test_readings_hold_each_other(several: AccessFound) -> None:
    for found in several.profiles:
        low, middle, high = (np.where(found.nearest[p] < 0, np.inf, found.nearest[p]) for p in POLICIES)
        assert (low <= middle).all()
        assert (middle <= high).all()


def test_a_trip_names_its_streets_and_says_what_nobody_recorded(example: AccessData) -> None:
    one = trip(example, "0102", "health_centre-002", profile="wheelchair")
    assert any(leg.unknown for leg in one.legs)
    said = trip_to_dict(one)
    assert said["legs"][0]["kind"] in ("street", "walk")
    assert {w for leg in one.legs for w in leg.unknown} <= {
        "kerb", "surface", "smoothness", "width", "incline", "sidewalk", "wheelchair", "step_count", "lit",
        "crossing", "steps", "ramp",
    }  # fmt: skip
    assert len(trip_lines(one)) == 4 + len(one.legs)


@pytest.mark.parametrize(
    ("start", "goal", "said"),
    [("0102", "health_centre-00", "health_centre-00"), ("0102", "400,3", "longitude"), ("x", "0102", '"x"')],
)
def test_wrong_ends_are_named(example: AccessData, start: str, goal: str, said: str) -> None:
    with pytest.raises(CallError, match=said):
        trip(example, start, goal)


# -- by timetable, on a real city ----------------------------------------------------------------------
def _some(origins: Origins, rows: np.ndarray) -> Origins:
    counts = tuple(
        replace(
            c, zone_ids=c.zone_ids[rows], values=c.values[rows], mechanism=c.mechanism[rows],
            lower=None if c.lower is None else c.lower[rows],
            upper=None if c.upper is None else c.upper[rows],
            se=None if c.se is None else c.se[rows],
        )
        for c in origins.counts
    )  # fmt: skip
    return Origins(
        origins.ids[rows], origins.names[rows], origins.lon[rows], origins.lat[rows], counts,
        {k: v[rows] for k, v in origins.columns.items()}, None, "", origins.kind,
    )  # fmt: skip


@pytest.fixture(scope="module")
def city(porto_alegre: Path) -> AccessData:
    """Porto Alegre with one origin in forty: the streets and the timetable are whole."""
    whole = load_access(porto_alegre)
    return replace(whole, origins=_some(whole.origins, np.arange(3, len(whole.origins), 40)))


@pytest.mark.parametrize("body", ["adult", "manual_wheelchair"])
def test_by_timetable_the_window_of_one_departure_is_the_journey(city: AccessData, body: str) -> None:
    asked = AccessAsked("healthcare", body, minutes=30, depart="14:00-14:04")
    places, moving = city.service("healthcare"), profile(body)
    quiet = lambda _text: None  # noqa: E731
    ride = ride_of(city, asked)
    assert ride is not None
    assert ride.departures().tolist() == [14 * 3600]
    bulk = reached(city, places, moving, asked, ground_of(city, quiet), ride, quiet)
    # no stop of Porto Alegre says whether a wheelchair can board there: only the optimistic reading rides
    best, on_foot = bulk.travel["optimistic"], bulk.walking["optimistic"]
    quicker = [
        (o, p)
        for o, p in zip(best.rows().tolist(), best.indices.tolist(), strict=True)
        if (alone := _time(on_foot, o, p)) is None or alone > _time(best, o, p)
    ]
    assert len(quicker) > 20  # otherwise the timetable adds nothing, and nothing would be tested
    chosen = [quicker[i] for i in np.random.default_rng(4).choice(len(quicker), 3, replace=False)]
    rides = 0
    for o, p in [*chosen, *_pairs(on_foot, 1, 1, 1)]:
        one = trip(
            city, str(city.origins.ids[o]), str(places.ids[p]), profile=body, depart="14:00",
            date=ride.timetable.date,
        )  # fmt: skip
        for policy, seconds in one.seconds:
            travel = bulk.travel[policy]
            assert _same(_time(travel, o, p), seconds, travel.limit), (o, p, policy)
        rides += any(leg.kind == "ride" for leg in one.legs)
        if (expected := dict(one.seconds)["expected"]) is not None:
            assert sum(leg.seconds for leg in one.legs) == pytest.approx(expected, abs=1.0)
    assert rides >= (3 if body == "adult" else 0)
