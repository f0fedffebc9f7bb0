"""What is wrong in a feed is found, placed and said; what can still be read is read."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from isopolis.model import CallError, DataError, Problem, Problems
from isopolis.model.timetable import Timetable
from isopolis.read.gtfs import feed_days, read_timetable
from isopolis.read.gtfs_files import Feed
from isopolis.read.gtfs_stops import read_stops

from .feeds import calls, clock, small, stop, text, trip, week, write_feed

Tables = dict[str, Any]
DAY = "2026-01-05"


def many(change: Callable[[Tables], None]) -> Tables:
    """Forty good trips beside those of the small feed, so that a few wrong ones are few."""
    tables: Tables = small()
    for i in range(40):
        name = f"g{i}"
        tables["trips"].append(trip(name))
        tables["stop_times"] += calls(name, ("A", clock(36000 + 60 * i)), ("C", clock(37000 + 60 * i)))
    change(tables)
    return tables


def read(tmp_path: Path, tables: Tables, date: str = DAY) -> Timetable:
    return read_timetable([write_feed(tmp_path / "f.zip", tables)], date)


def refused(tmp_path: Path, tables: Tables, date: str = DAY) -> tuple[Problem, ...]:
    with pytest.raises(DataError) as error:
        read(tmp_path, tables, date)
    return error.value.problems


def one(problems: tuple[Problem, ...], code: str) -> Problem:
    (found,) = [p for p in problems if p.code == code]
    return found


def test_the_small_feed_is_clean(tmp_path: Path) -> None:
    made = read(tmp_path, many(lambda t: None))
    assert {c.code for c in made.caveats} == {"wheelchair-unknown", "few-hours"}
    assert made.trip_ids[:2].tolist() == ["t1", "t2"]
    assert made.call_departure[:3].tolist() == [28800, 29160, 29400]


# -- files and columns --------------------------------------------------------------------------------
def test_everything_that_is_missing_is_said_at_once(tmp_path: Path) -> None:
    a = write_feed(tmp_path / "a.zip", {k: v for k, v in small().items() if k != "stop_times"})
    bad = small() | {"stops": [{"stop_id": "A", "stop_lat": 1}], "trips": [{"trip_id": "t1"}]}
    b = write_feed(tmp_path / "b.zip", bad)
    c = write_feed(tmp_path / "c.zip", {k: v for k, v in small().items() if k != "calendar"})
    d = tmp_path / "d.zip"
    d.write_bytes(b"PK broken")
    with pytest.raises(DataError) as error:
        read_timetable([a, b, c, d, tmp_path / "e.zip"])
    found = {(p.file, p.code) for p in error.value.problems}
    assert {
        ("a.zip", "no-feed"), ("b.zip/trips.txt", "missing-column"), ("c.zip", "no-calendar"),
        ("d.zip", "unreadable-file"), ("e.zip", "missing-file"),
    } <= found  # fmt: skip
    assert "stop_times.txt" in one(error.value.problems, "no-feed").message


def test_columns_of_two_files_are_said_together(tmp_path: Path) -> None:
    tables = small()
    for row in tables["stops"]:
        del row["stop_lon"]
    for row in tables["stop_times"]:
        del row["stop_sequence"]
    found = refused(tmp_path, tables)
    assert {p.file for p in found if p.code == "missing-column"} == {"f.zip/stops.txt"}
    assert '"stop_lon"' in one(found, "missing-column").message


def test_a_zip_that_unpacks_to_too_much(tmp_path: Path) -> None:
    tables: Tables = small() | {"stops": b"stop_id,stop_lat,stop_lon\n" + b"\n" * 30_000_000}
    assert one(refused(tmp_path, tables), "too-large").fatal


def test_a_zip_with_a_password(tmp_path: Path) -> None:
    path = write_feed(tmp_path / "f.zip")
    raw = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as packed:
        entry = packed.getinfo("stops.txt")
    at = raw.index(b"PK\x01\x02")
    while bytes(raw[at + 46 : at + 46 + 9]) != b"stops.txt":
        at = raw.index(b"PK\x01\x02", at + 4)
    raw[at + 8] |= 1
    raw[entry.header_offset + 6] |= 1
    path.write_bytes(raw)
    with pytest.raises(DataError) as error:
        read_timetable([path])
    assert one(error.value.problems, "locked-file").file == "f.zip"


@pytest.mark.parametrize(
    "dress",
    [
        lambda b: b"\xef\xbb\xbf" + b,
        lambda b: b.replace(b"\n", b"\r\n"),
        lambda b: b.replace(b",", b" , "),
        lambda b: b.replace(b"\n", b"\n\n"),
        lambda b: b"\n".join(b'"' + r.replace(b",", b'","') + b'"' for r in b.rstrip().split(b"\n")),
        lambda b: b.decode().encode("utf-16"),
        lambda b: b.rstrip(b"\n"),
        lambda b: b.replace(b"\n", b",\n"),
    ],
    ids=["mark", "crlf", "blanks", "empty-rows", "quotes", "utf-16", "no-end", "comma-at-end"],
)
def test_files_as_programs_write_them(tmp_path: Path, dress: Callable[[bytes], bytes]) -> None:
    plain = read(tmp_path, small())
    tables = {name: dress(text(rows).encode()) for name, rows in small().items()}
    made = read(tmp_path, tables)
    for name in ("stop_ids", "stop_lon", "trip_ids", "trip_routes", "call_stop", "call_arrival"):
        assert getattr(made, name).tolist() == getattr(plain, name).tolist()


def test_latin_letters(tmp_path: Path) -> None:
    tables: Tables = small()
    tables["stops"][0]["stop_name"] = "Praça São João"
    tables["stops"] = text(tables["stops"]).encode("latin-1")
    made = read(tmp_path, tables)
    assert made.stop_names[0] == "Praça São João"
    assert one(made.caveats, "encoding-guessed").file == "f.zip/stops.txt"


def test_rows_of_another_length(tmp_path: Path) -> None:
    tables: Tables = small()
    tables["stops"] = text(tables["stops"]) + "D,Short,48.3\n"
    made = read(tmp_path, tables)
    assert one(made.caveats, "short-rows").rows == (5,)
    assert one(made.caveats, "stop-nowhere").rows == (5,)
    tables["stops"] += "E,Long, with comma,48.3,16.3\n"
    found = one(refused(tmp_path, tables), "long-rows")
    assert (found.file, found.rows) == ("f.zip/stops.txt", (6,))


# -- dates --------------------------------------------------------------------------------------------
def test_a_date_without_service_names_the_nearest(tmp_path: Path) -> None:
    found = one(refused(tmp_path, small(), "2026-01-10"), "no-service")
    assert "2026-01-05" in found.rule
    assert "2026-01-30" in found.rule
    assert "2026-01-09 and 2026-01-12" in found.hint
    found = one(refused(tmp_path, small(), "2031-05-05"), "no-service")
    assert "2026-01-30" in found.hint
    with pytest.raises(CallError, match="not a date"):
        read(tmp_path, small(), "5 May")
    with pytest.raises(CallError):
        read_timetable([])


def test_a_feed_with_exceptions_only(tmp_path: Path) -> None:
    tables: Tables = small() | {"calendar": []}
    tables["calendar_dates"] = [{"service_id": "W", "date": "20260110", "exception_type": 1}]
    made = read(tmp_path, tables, "")
    assert (made.date, made.covers) == ("2026-01-10", ("2026-01-10", "2026-01-10"))


def test_the_best_day_is_the_earliest_working_day_with_most_trips(tmp_path: Path) -> None:
    tables: Tables = small()
    tables["calendar"] = [week("W"), week("E", "0001111", first="20260115")]
    tables["trips"].append(trip("t3", service="E"))
    tables["calendar_dates"] = [
        {"service_id": "W", "date": "20260115", "exception_type": 2},
        {"service_id": "W", "date": "20260117", "exception_type": 1},
        {"service_id": "W", "date": "20260117", "exception_type": 1},
    ]
    tables["stop_times"] += calls("t3", ("A", "10:00:00"), ("B", "10:05:00"))
    days = feed_days([write_feed(tmp_path / "f.zip", tables)])
    by = dict(zip(days.dates, days.together.tolist(), strict=True))
    assert [by[f"2026-01-{d}"] for d in (14, 15, 16, 17, 18)] == [2, 1, 3, 3, 1]
    assert days.best() == "2026-01-16"
    assert one(read(tmp_path, tables).caveats, "exception-twice").rows == (4,)


def test_feeds_that_do_not_overlap(tmp_path: Path) -> None:
    a = write_feed(tmp_path / "a.zip")
    later: Tables = small() | {"calendar": [week("W", first="20270104", last="20270131")]}
    b = write_feed(tmp_path / "b.zip", later)
    made = read_timetable([a, b])
    assert made.date == "2026-01-05"
    assert one(made.caveats, "feed-without-trips").file == "b.zip"
    assert made.covers == ("2026-01-05", "2027-01-31")


@pytest.mark.parametrize(
    ("table", "row", "code", "column", "fatal"),
    [
        ("calendar", {**week("V"), "start_date": "2026-13-01"}, "bad-date", "start_date", True),
        ("calendar", {**week("V"), "end_date": "20251231"}, "dates-reversed", "end_date", False),
        ("calendar", {**week("V"), "monday": "yes"}, "bad-value", "monday", True),
        ("calendar", week("W"), "service-twice", "service_id", True),
        ("trips", trip("t1"), "trip-twice", "trip_id", True),
        ("trips", trip("x", service="none"), "unknown-service", "service_id", False),
        ("trips", trip("x", route="none"), "unknown-route", "route_id", False),
        ("stops", stop("A", 48, 16), "stop-twice", "stop_id", False),
        ("stops", stop("", 48, 16), "no-id", "stop_id", True),
        ("stops", stop("Z", 0, 0), "stop-nowhere", "stop_lon", False),
        ("stops", stop("Z", 91, 16), "stop-nowhere", "stop_lat", False),
        ("stops", stop("Z", 48, 181), "stop-nowhere", "stop_lon", False),
        ("stops", {"stop_id": "Z"}, "stop-nowhere", "stop_lat", False),
        ("stops", stop("Z", 16.3, 48.2), "stop-far", "stop_lon", False),
    ],
)
def test_a_wrong_row(
    tmp_path: Path, table: str, row: dict[str, Any], code: str, column: str, fatal: bool
) -> None:
    tables = many(lambda t: t[table].append(row))
    at = len(tables[table]) + 1
    problems = refused(tmp_path, tables) if fatal else read(tmp_path, tables).caveats
    found = one(problems, code)
    assert (found.file, found.rows, found.column, found.count) == (f"f.zip/{table}.txt", (at,), column, 1)
    assert found.rule or found.hint
    assert found.said()


@pytest.mark.parametrize(
    ("change", "code", "column"),
    [
        ({"stop_id": "nowhere"}, "unknown-stop", "stop_id"),
        ({"arrival_time": "7:5:00", "departure_time": "7:5:00"}, "bad-time", "arrival_time"),
        ({"arrival_time": "08:61:00"}, "bad-time", "arrival_time"),
        ({"departure_time": "eight"}, "bad-time", "departure_time"),
        ({"departure_time": "08:04:00"}, "time-falls", "departure_time"),
        ({"arrival_time": "07:59:00", "departure_time": "07:59:00"}, "time-falls", "arrival_time"),
        ({"stop_sequence": 1}, "sequence-twice", "stop_sequence"),
        ({"stop_sequence": "1st"}, "bad-sequence", "stop_sequence"),
    ],
)
def test_a_trip_with_a_wrong_row_is_left_out(
    tmp_path: Path, change: dict[str, Any], code: str, column: str
) -> None:
    made = read(tmp_path, many(lambda t: t["stop_times"][1].update(change)))
    found = made.caveats
    place = one(tuple(p for p in found if p.column == column), code)
    assert place.file == "f.zip/stop_times.txt"
    assert place.rows == (3,)
    assert "t1" not in made.trip_ids
    assert one(found, "broken-trips").count == 1
    assert len(made.trip_ids) == 41
    # where it is one trip of two, there is no timetable
    tables: Tables = small()
    tables["stop_times"][1].update(change)
    assert one(refused(tmp_path, tables), "broken-trips").fatal


def test_a_wrong_trip_of_another_day_stops_nothing(tmp_path: Path) -> None:
    tables: Tables = small()
    tables["calendar"].append(week("S", "0000011"))
    tables["trips"].append(trip("s", service="S"))
    tables["stop_times"] += calls("s", ("A", "x"), ("B", "09:00:00"))
    codes = {c.code for c in read(tmp_path, tables).caveats}
    assert "bad-time" in codes
    assert "broken-trips" not in codes


def test_no_time_at_an_end(tmp_path: Path) -> None:
    made = read(
        tmp_path, many(lambda t: t["stop_times"][2].update({"arrival_time": "", "departure_time": ""}))
    )
    assert one(made.caveats, "no-time").rows == (4,)


def test_a_row_that_stands_twice_counts_once(tmp_path: Path) -> None:
    made = read(tmp_path, many(lambda t: t["stop_times"].append(dict(t["stop_times"][0]))))
    assert one(made.caveats, "row-twice").count == 1
    assert np.diff(made.trip_pointer)[0] == 3


def test_a_trip_with_one_call_or_none(tmp_path: Path) -> None:
    def change(t: Tables) -> None:
        t["trips"] += [trip("x"), trip("y")]
        t["stop_times"] += calls("x", ("A", "12:00:00"))

    made = read(tmp_path, many(change))
    assert one(made.caveats, "one-call").value == "x"
    assert one(made.caveats, "no-calls").count == 2
    assert not {"x", "y"} & set(made.trip_ids)


def test_hours_one_knows_only_after_midnight(tmp_path: Path) -> None:
    made = read(tmp_path, many(lambda t: t["stop_times"][2].update(arrival_time="25:10:00",
                                                                    departure_time="25:10:00")))  # fmt: skip
    assert made.call_arrival.max() == 25 * 3600 + 600


def test_rows_of_a_trip_that_does_not_exist(tmp_path: Path) -> None:
    made = read(tmp_path, many(lambda t: t["stop_times"].extend(calls("?", ("A", "1:00:00")))))
    assert one(made.caveats, "unknown-trip").value == "?"


def test_stops_where_one_may_only_get_on_or_off(tmp_path: Path) -> None:
    def change(t: Tables) -> None:
        t["stop_times"][1].update(pickup_type=1, drop_off_type=1)
        t["stop_times"][4].update(pickup_type=1)
        t["stop_times"][0].update(drop_off_type=1)  # as every first stop
        t["stop_times"][5].update(pickup_type=1, drop_off_type=2)

    made = read(tmp_path, many(change))
    assert np.diff(made.trip_pointer)[:2].tolist() == [2, 3]
    assert one(made.caveats, "one-way-stop").rows == (6,)
    assert one(made.caveats, "on-request").rows == (7,)


def test_calls_at_a_stop_without_coordinates_are_left_out(tmp_path: Path) -> None:
    made = read(tmp_path, many(lambda t: t["stops"][1].update(stop_lat="", stop_lon="")))
    assert made.stop_ids.tolist() == ["A", "C"]
    assert made.stop_ids[made.call_stop[:2]].tolist() == ["A", "C"]
    assert one(made.caveats, "stop-nowhere").rows == (3,)


def test_time_zones(tmp_path: Path) -> None:
    there: Tables = small()
    there["agency"][0]["agency_timezone"] = "Europe/London"
    a, b = write_feed(tmp_path / "a.zip"), write_feed(tmp_path / "b.zip", there)
    assert "Europe/London and Europe/Vienna" in one(read_timetable([a, b]).caveats, "time-zones").message
    assert one(read(tmp_path, small() | {"agency": []}).caveats, "no-time-zone").file == "f.zip/agency.txt"


def test_a_feed_published_for_other_dates(tmp_path: Path) -> None:
    tables: Tables = small()
    tables["feed_info"] = [{"feed_publisher_name": "X", "feed_start_date": "20260112", "feed_end_date": ""}]
    assert "2026-01-12" in one(read(tmp_path, tables).caveats, "outside-feed").message
    assert not [c for c in read(tmp_path, tables, "2026-01-12").caveats if c.code == "outside-feed"]


def test_a_date_with_few_trips(tmp_path: Path) -> None:
    tables = many(lambda t: t["calendar"].append(week("S", "0000010")))
    tables["trips"][0]["service_id"] = "S"
    found = one(read(tmp_path, tables, "2026-01-10").caveats, "few-trips")
    assert "1 trips" in found.message
    assert "41" in found.message


@given(
    places=st.lists(st.tuples(st.floats(-3, 3), st.floats(-3, 3), st.booleans()), min_size=2, max_size=12),
    south=st.floats(-80, 80),
)
def test_far_stops_are_those_without_a_neighbour(places: list[Any], south: float) -> None:
    """Against every pair, with the distance of the spherical law of cosines."""
    lat = np.array([south + a for a, _, _ in places])
    lon = np.array([179.9 + b if far else b for _, b, far in places])
    rows = [stop(f"s{i}", a, (b + 180) % 360 - 180) for i, (a, b) in enumerate(zip(lat, lon, strict=True))]
    a, b = np.radians(lat), np.radians(lon)
    cos = np.sin(a)[:, None] * np.sin(a) + np.cos(a)[:, None] * np.cos(a) * np.cos(b[:, None] - b)
    away = 6371008.8 * np.arccos(np.clip(cos, -1, 1)) + np.diag(np.full(len(a), np.inf))
    assume((np.abs(away - 100_000) > 10).all())
    assume((np.abs(lat) > 0.01).all())
    feed = Feed("f", "f", {"stops.txt": text(rows).encode()}, Problems())
    read_stops(feed)
    far = [p for p in feed.problems if p.code == "stop-far"]
    assert sum(p.count for p in far) == (away.min(axis=1) > 100_000).sum()


def test_a_feed_without_any_stop(tmp_path: Path) -> None:
    tables: Tables = small() | {"stops": b"stop_id,stop_lat,stop_lon\n"}
    assert one(refused(tmp_path, tables), "no-rows").file == "f.zip/stops.txt"


ODD = [
    b"",
    b"0",
    b"-1",
    b"9" * 30,
    b"inf",
    b"nan",
    b"A",
    b"25:00:00",
    b"99991231",
    "²".encode(),
    b"\xff",
    b'"',
]


@given(
    table=st.sampled_from(sorted(small())),
    at=st.tuples(st.integers(0, 10), st.integers(0, 10)),
    odd=st.sampled_from(ODD),
    cut=st.none() | st.integers(0, 60),
)
def test_whatever_stands_in_a_cell_is_read_or_refused_in_words(
    table: str, at: tuple[int, int], odd: bytes, cut: int | None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rows = [row.split(b",") for row in text(small()[table]).encode().split(b"\n")]
    row = rows[at[0] % (len(rows) - 1)]
    row[at[1] % len(row)] = odd
    data = b"\n".join(b",".join(r) for r in rows)
    tables: Tables = small() | {table: data[: cut or len(data)]}
    try:
        made = read_timetable([write_feed(tmp_path_factory.mktemp("f") / "f.zip", tables)])
    except DataError as error:
        problems = [p for p in error.problems if p.fatal]
    else:
        problems = []
        assert len(made.trip_ids)
    assert all(p.file and (p.rule or p.hint) for p in problems)
