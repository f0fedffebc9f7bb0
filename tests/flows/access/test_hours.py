"""Hours of the day, late trips and added trips, on a real timetable."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from isopolis.flows.access import access
from isopolis.flows.access_asked import AccessAsked, AccessFound
from isopolis.flows.access_load import load_access
from isopolis.flows.access_words import in_short
from isopolis.model import AccessData, Origins

ASKED = {"minutes": 15, "others": ("manual_wheelchair",), "sites": 0, "depart": "14:00-15:00", "by": ()}


@pytest.fixture(scope="module")
def city(porto_alegre: Path) -> AccessData:
    """Porto Alegre with one origin in thirty, so that a whole answer takes seconds."""
    data = load_access(porto_alegre)
    origins = data.origins
    rows = np.arange(0, len(origins), 30)
    counts = tuple(
        replace(c, zone_ids=c.zone_ids[rows], values=c.values[rows], mechanism=c.mechanism[rows])
        for c in origins.counts
    )
    columns = {k: v[rows] for k, v in origins.columns.items()}
    few = Origins(
        origins.ids[rows], origins.names[rows], origins.lon[rows], origins.lat[rows], counts, columns,
        kind=origins.kind,
    )  # fmt: skip
    return replace(data, origins=few)


@pytest.fixture(scope="module")
def found(city: AccessData) -> AccessFound:
    trip = str(city.timetable("").trip_ids[0]) if city.timetable is not None else ""
    change = f"trips:{trip}:14:05,14:20,14:35,14:50"
    return access(city, AccessAsked("healthcare", "adult", changes=(change,), **ASKED))  # type: ignore[arg-type]


def test_hours_are_those_with_trips_and_equal_a_window_of_that_hour(
    city: AccessData, found: AccessFound
) -> None:
    assert city.timetable is not None
    departures = np.asarray(city.timetable("").call_departure) // 3600
    calls = np.bincount(departures[departures >= 0])
    shown = [h.begin // 3600 for h in found.hours]
    assert shown == [h for h in range(len(calls)) if calls[h] >= 0.1 * calls.max()]
    # the window that was asked for is one of these hours: both must say the same
    at_two = next(h for h in found.hours if h.begin == 14 * 3600)
    assert at_two.share == pytest.approx(found.main.everyone.finding.number, abs=0.002)
    assert found.on_foot is not None
    assert all(h.share >= found.on_foot - 0.002 for h in found.hours)
    assert len({round(h.share, 4) for h in found.hours}) > 1


def test_the_answer_says_day_window_feed_and_late_trips(city: AccessData, found: AccessFound) -> None:
    assert city.timetable is not None
    assert found.service_day == city.timetable("").date
    assert found.window == "14:00-15:00"
    told = " ".join(in_short(found))
    assert "With delays" in told
    assert any("few-hours" in p.code for p in found.caveats)
    assert any(p.code == "stops-silent" for p in found.caveats)


def test_more_trips_make_nobody_worse(found: AccessFound) -> None:
    (changed,) = found.changed
    assert changed.gained >= 0
    assert all(after >= before for before, after in changed.levels.values())
