"""The timetable against a slow, obvious reader of the same files, and against counts made by others."""

from __future__ import annotations

import csv
import datetime
import io
import itertools
import json
import math
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isopolis.model.places import NO, UNKNOWN, YES
from isopolis.model.timetable import Timetable
from isopolis.read.gtfs import feed_days, is_feed, read_timetable

from .feeds import calls, clock, small, stop, trip, week, write_feed

Run = tuple[str, tuple[tuple[str, int, int], ...]]
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


# -- the twin: rows as they stand, one after the other ------------------------------------------------
def rows_of(path: Path, name: str) -> list[dict[str, str]]:
    with zipfile.ZipFile(path) as packed:
        if name not in packed.namelist():
            return []
        text = packed.read(name).decode("utf-8-sig")
    return [
        {k.strip(): v.strip() for k, v in row.items() if k}
        for row in csv.DictReader(io.StringIO(text, newline=""))
    ]


def services_on(path: Path, day: datetime.date) -> set[str]:
    stamp = day.strftime("%Y%m%d")
    out = {
        r["service_id"]
        for r in rows_of(path, "calendar.txt")
        if r["start_date"] <= stamp <= r["end_date"] and r[DAYS[day.weekday()]] == "1"
    }
    for r in rows_of(path, "calendar_dates.txt"):
        if r["date"] == stamp:
            (out.add if r["exception_type"] == "1" else out.discard)(r["service_id"])
    return out


def seconds_of(text: str) -> int | None:
    if not text:
        return None
    h, m, s = text.split(":")
    return int(h) * 3600 + int(m) * 60 + int(s)


Point = tuple[float, float, float]


def on_ball(row: dict[str, str]) -> Point:
    u, v = math.radians(float(row["stop_lat"])), math.radians(float(row["stop_lon"]))
    return (math.cos(u) * math.cos(v), math.cos(u) * math.sin(v), math.sin(u))


def apart(a: Point, b: Point) -> float:
    """Distance by the chord: another formula than the reader's."""
    return 2 * math.asin(min(1.0, math.dist(a, b) / 2))


def filled(rows: list[dict[str, str]], stops: dict[str, Point]) -> list[tuple[str, int, int]]:
    given = [(seconds_of(r["arrival_time"]), seconds_of(r["departure_time"])) for r in rows]
    known = [(a if a is not None else d, d if d is not None else a) for a, d in given]
    ids = [r["stop_id"] for r in rows]
    legs = [apart(stops[a], stops[b]) for a, b in itertools.pairwise(ids)]
    out: list[tuple[str, int, int]] = []
    for i, (arrival, departure) in enumerate(known):
        if arrival is None or departure is None:
            p = next(j for j in range(i, -1, -1) if known[j][0] is not None)
            n = next(j for j in range(i, len(known)) if known[j][0] is not None)
            whole = sum(legs[p:n])
            share = sum(legs[p:i]) / whole if whole > 0 else (i - p) / (n - p)
            start, end = known[p][1], known[n][0]
            assert start is not None
            assert end is not None
            arrival = departure = math.floor(start + share * (end - start) + 1e-9)
        out.append((ids[i], arrival, departure))
    return out


def slow_runs(path: Path, day: datetime.date) -> list[Run]:
    stops = {r["stop_id"]: on_ball(r) for r in rows_of(path, "stops.txt")}
    by_trip: dict[str, list[dict[str, str]]] = {}
    for r in rows_of(path, "stop_times.txt"):
        by_trip.setdefault(r["trip_id"], []).append(r)
    headways: dict[str, list[dict[str, str]]] = {}
    for r in rows_of(path, "frequencies.txt"):
        headways.setdefault(r["trip_id"], []).append(r)
    out: list[Run] = []
    for ago in range(4):
        running = services_on(path, day - datetime.timedelta(days=ago))
        for t in rows_of(path, "trips.txt"):
            name = t["trip_id"]
            if t["service_id"] not in running or name not in by_trip:
                continue
            line = filled(sorted(by_trip[name], key=lambda r: int(r["stop_sequence"])), stops)
            starts = [line[0][2]]
            if name in headways:
                starts = [
                    s
                    for r in headways[name]
                    for s in range(
                        seconds_of(r["start_time"]) or 0,
                        seconds_of(r["end_time"]) or 0,
                        int(r["headway_secs"]),
                    )
                ]
            for start in starts:
                shift = start - line[0][2] - 86400 * ago
                today = [(s, max(a + shift, 0), d + shift) for s, a, d in line if d + shift >= 0]
                if len(today) > 1:
                    out.append((name, tuple(today)))
    return sorted(out)


def quick_runs(timetable: Timetable) -> list[Run]:
    out = []
    for i, name in enumerate(timetable.trip_ids.tolist()):
        part = slice(timetable.trip_pointer[i], timetable.trip_pointer[i + 1])
        stops = timetable.stop_ids[timetable.call_stop[part]].tolist()
        times = (timetable.call_arrival[part].tolist(), timetable.call_departure[part].tolist())
        out.append((name, tuple(zip(stops, *times, strict=True))))
    return sorted(out)


def compare(quick: list[Run], slow: list[Run]) -> None:
    """Same trips and stops; a time in between may round the other way where floats end alike."""
    assert [(n.split("@2")[0], [c[0] for c in r]) for n, r in quick] == [
        (n, [c[0] for c in r]) for n, r in slow
    ]
    a, b = (np.array([c[1:] for _, r in runs for c in r]) for runs in (quick, slow))
    assert np.abs(a - b).max(initial=0) <= 1
    assert (a != b).mean() < 0.001 if a.size else True


# -- Porto Alegre -------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def poa(data: Path) -> Path:
    return data / "access_porto_alegre"


def test_porto_alegre_has_the_rows_that_were_counted(poa: Path) -> None:
    rows = json.loads((poa / "expected.json").read_text())["gtfs_rows"]
    buses, trains = poa / "poa_eptc.zip", poa / "poa_trensurb.zip"
    made = read_timetable([buses, trains])
    assert len(made.stop_ids) == rows[buses.name]["stops.txt"] + rows[trains.name]["stops.txt"]
    # on this Monday every bus runs; the trains of Saturday and Sunday do not
    assert made.date == "2019-04-15"
    runs = {i.partition("@1#")[0] if "@1#" in i else "train" for i in made.trip_ids}
    assert len(runs) > 100
    assert sum("#" in i for i in made.trip_ids) == rows[buses.name]["trips.txt"] == 2374
    assert sum(len(slow_runs(z, datetime.date(2019, 4, 15))) for z in (buses, trains)) == len(made.trip_ids)
    times = np.diff(made.trip_pointer)[["#" in i for i in made.trip_ids]].sum()
    assert times == rows[buses.name]["stop_times.txt"] == 130019


def test_porto_alegre_says_which_buses_take_wheelchairs(poa: Path) -> None:
    made = read_timetable([poa / "poa_eptc.zip"], "2019-04-15")
    assert [int((made.trip_wheelchair == k).sum()) for k in (YES, NO, UNKNOWN)] == [913, 1461, 0]
    assert (made.stop_wheelchair == UNKNOWN).all()
    trains = read_timetable([poa / "poa_trensurb.zip"], "2019-04-15")
    assert (trains.trip_wheelchair == UNKNOWN).all()
    assert "wheelchair-unknown" in {c.code for c in trains.caveats}
    assert set(np.unique(made.trip_fare)) == {4.7}
    assert made.currency == "BRL"


def test_porto_alegre_says_that_its_buses_run_for_a_few_hours_only(poa: Path) -> None:
    made = read_timetable([poa / "poa_eptc.zip"])
    (few,) = [c for c in made.caveats if c.code == "few-hours"]
    assert "11:20" in few.message
    assert clock(int(made.call_arrival.min()))[:5] == "11:20"
    (fill,) = [c for c in made.caveats if c.code == "times-filled-in"]
    empty = sum(not r["arrival_time"] for r in rows_of(poa / "poa_eptc.zip", "stop_times.txt"))
    assert fill.count == empty


@pytest.mark.parametrize(
    ("file", "day"), [("poa_eptc.zip", "2019-04-16"), ("poa_trensurb.zip", "2019-05-05")]
)
def test_porto_alegre_equals_the_twin(poa: Path, file: str, day: str) -> None:
    made = read_timetable([poa / file], day)
    compare(quick_runs(made), slow_runs(poa / file, datetime.date.fromisoformat(day)))


def test_the_days_of_porto_alegre(poa: Path) -> None:
    paths = [poa / "poa_eptc.zip", poa / "poa_trensurb.zip"]
    days = feed_days(paths)
    assert days.feeds == ("poa_eptc.zip", "poa_trensurb.zip")
    assert (days.dates[0], days.dates[-1]) == ("2019-03-01", "2019-12-31")
    for f, path in enumerate(paths):
        for at in range(0, len(days.dates), 13):
            running = services_on(path, datetime.date.fromisoformat(days.dates[at]))
            slow = sum(t["service_id"] in running for t in rows_of(path, "trips.txt"))
            assert days.trips[f, at] == slow
    assert days.best() == "2019-04-15"
    # Good Friday is a working day of the calendar on which buses do not run
    assert days.trips[0, days.dates.index("2019-04-19")] < days.trips[0].max()


def test_porto_alegre_is_read_fast(poa: Path) -> None:
    paths = [poa / "poa_eptc.zip", poa / "poa_trensurb.zip"]
    read_timetable(paths)
    start = time.process_time()
    read_timetable(paths)
    assert time.process_time() - start < 1.5


# -- feeds drawn at random ----------------------------------------------------------------------------
@st.composite
def feeds(draw: st.DrawFn) -> dict[str, object]:
    """Feeds with services that begin and end, exceptions, headways, gaps in times and late trips."""
    tables: dict[str, object] = dict(small())
    n = draw(st.integers(2, 5))
    tables["stops"] = [stop(f"s{i}", 48 + draw(st.integers(0, 50)) / 1000, 16.3 + i / 500) for i in range(n)]
    names = ["W", "V", "U"]
    first = [draw(st.integers(5, 12)) for _ in names]
    tables["calendar"] = [
        week(s, "".join(draw(st.lists(st.sampled_from("01"), min_size=7, max_size=7))),
             f"202601{f:02d}", f"202601{draw(st.integers(f, 14)):02d}")
        for s, f in zip(names[:2], first, strict=False)
    ]  # fmt: skip
    dates = draw(st.dictionaries(st.tuples(st.sampled_from(names), st.integers(4, 15)), st.sampled_from("12"),
                                 max_size=6))  # fmt: skip
    tables["calendar_dates"] = [
        {"service_id": s, "date": f"202601{d:02d}", "exception_type": k} for (s, d), k in dates.items()
    ]
    trips, times, often = [], [], []
    for t in range(draw(st.integers(1, 4))):
        trips.append(trip(f"t{t}", service=draw(st.sampled_from(names))))
        now, line = draw(st.integers(0, 30 * 3600)), []
        for _ in range(draw(st.integers(2, 6))):
            stay = draw(st.integers(0, 7200))
            line.append((f"s{draw(st.integers(0, n - 1))}", clock(now), clock(now + stay)))
            now += stay + draw(st.integers(0, 9000))
        for i in range(1, len(line) - 1):
            if draw(st.booleans()):
                line[i] = (line[i][0], "", "")
        times += calls(f"t{t}", *line)
        if draw(st.integers(0, 3)) == 0:
            start = draw(st.integers(0, 90000))
            often.append({"trip_id": f"t{t}", "start_time": clock(start),
                          "end_time": clock(start + draw(st.integers(1, 9000))),
                          "headway_secs": draw(st.integers(600, 4000))})  # fmt: skip
    tables |= {"trips": trips, "stop_times": draw(st.permutations(times)), "frequencies": often}
    return tables


@given(tables=feeds(), day=st.integers(4, 16))
@settings(max_examples=80)
def test_a_random_feed_equals_the_twin(
    tables: dict[str, object], day: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = write_feed(tmp_path_factory.mktemp("f") / "f.zip", tables)  # type: ignore[arg-type]
    date = datetime.date(2026, 1, day)
    days = feed_days([path])
    many = dict(zip(days.dates, days.together.tolist(), strict=True)).get(date.isoformat(), 0)
    running = services_on(path, date)
    starts = {}
    for r in rows_of(path, "frequencies.txt"):
        span = range(seconds_of(r["start_time"]) or 0, seconds_of(r["end_time"]) or 0, int(r["headway_secs"]))
        starts[r["trip_id"]] = len(span)
    slow = [starts.get(t["trip_id"], 1) for t in rows_of(path, "trips.txt") if t["service_id"] in running]
    assert many == sum(slow)
    if many:
        made = read_timetable([path], date.isoformat())
        plain = [(n.partition("@")[0], r) for n, r in quick_runs(made)]
        compare(sorted(plain), slow_runs(path, date))
        first = made.call_departure[made.trip_pointer[:-1]]
        assert (np.diff(first) >= 0).all()
        assert len(set(made.trip_ids)) == len(made.trip_ids)


def test_folders_and_zips_are_feeds(tmp_path: Path) -> None:
    made = [
        write_feed(tmp_path / "a.zip"),
        write_feed(tmp_path / "b"),
        write_feed(tmp_path / "c.zip", inside="gtfs/"),
        write_feed(tmp_path / "d", inside="gtfs/") / "gtfs",
    ]
    for path in made:
        assert is_feed(path)
        assert quick_runs(read_timetable([path])) == quick_runs(read_timetable([made[0]]))
    (tmp_path / "e.zip").write_bytes(b"no zip")
    write_feed(tmp_path / "f.zip", small() | {"trips": []})
    assert not any(is_feed(tmp_path / n) for n in ("e.zip", "f.zip", "nothing", ".", "d"))
