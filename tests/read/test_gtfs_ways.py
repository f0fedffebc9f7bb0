"""Stations, changes, pathways, headways, nights, fares, and several feeds together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isopolis.model.places import NO, UNKNOWN, YES
from isopolis.model.timetable import Timetable
from isopolis.read.gtfs import read_timetable
from isopolis.read.gtfs_times import seconds

from .feeds import calls, clock, small, stop, trip, week, write_feed

Tables = dict[str, Any]
DAY = "2026-01-05"


def read(tmp_path: Path, tables: Tables, date: str = DAY) -> Timetable:
    return read_timetable([write_feed(tmp_path / "f.zip", tables)], date)


def codes(made: Timetable) -> set[str]:
    return {c.code for c in made.caveats}


def ways(made: Timetable) -> dict[tuple[str, str], int]:
    ends = zip(made.transfer_from.tolist(), made.transfer_to.tolist(), strict=True)
    return {
        (made.stop_ids[a], made.stop_ids[b]): s
        for (a, b), s in zip(ends, made.transfer_seconds.tolist(), strict=True)
    }


@given(s=st.integers(0, 999 * 3600 + 3599))
def test_a_clock_is_read_as_it_was_written(s: int) -> None:
    assert seconds(clock(s)) == s


@pytest.mark.parametrize("wrong", ["7:5:00", "07:05", "07:60:00", "-1:00:00", "07:05:00.5", "7 h", "24:00:0"])
def test_no_clock(wrong: str) -> None:
    assert seconds(wrong) == -2


# -- times in between ---------------------------------------------------------------------------------
def between(tmp_path: Path, line: list[tuple[str, str]], ways_along: list[object] | None = None) -> list[int]:
    tables: Tables = small()
    tables["stop_times"] = calls("t1", *line)
    for row, way in zip(tables["stop_times"], ways_along or [], strict=False):
        row["shape_dist_traveled"] = way
    made = read(tmp_path, tables)
    return made.call_arrival.tolist()


def test_times_in_between(tmp_path: Path) -> None:
    even = [("A", "08:00:00"), ("B", ""), ("C", "08:10:00")]
    assert between(tmp_path, even)[1] == 28800 + 300  # B lies half way
    assert between(tmp_path, even, [0, 1, 4])[1] == 28800 + 150  # by the length along the line
    assert between(tmp_path, even, [0, 5, 4])[1] == 28800 + 300  # which falls, so the straight line
    assert between(tmp_path, even, [0, "", 4])[1] == 28800 + 300
    still = [("A", "08:00:00"), ("A", ""), ("A", ""), ("A", "08:09:00")]
    assert between(tmp_path, still) == [28800, 28980, 29160, 29340]  # no way at all: by the number of stops
    mixed = [("A", "08:00:00"), ("B", ""), ("C", "08:10:00"), ("B", ""), ("A", "08:20:00")]
    assert between(tmp_path, mixed, [0, 1, 4, "", ""]) == [28800, 28950, 29400, 29700, 30000]


def test_one_of_two_times_is_enough(tmp_path: Path) -> None:
    tables: Tables = small()
    tables["stop_times"][1].update(arrival_time="")
    made = read(tmp_path, tables)
    assert made.call_arrival[1] == made.call_departure[1] == 8 * 3600 + 360


# -- nights and headways ------------------------------------------------------------------------------
def test_the_evening_before_runs_past_midnight(tmp_path: Path) -> None:
    tables: Tables = small()
    tables["calendar"] = [week("W", "1000000"), week("M", "0100000")]
    tables["trips"] = [trip("night"), trip("gone"), trip("day", service="M")]
    tables["stop_times"] = [
        *calls("night", ("A", "23:50:00"), ("B", "23:58:00", "24:05:00"), ("C", "24:15:00")),
        *calls("gone", ("A", "23:30:00"), ("B", "23:40:00"), ("C", "24:01:00")),
        *calls("day", ("A", "06:00:00"), ("C", "06:10:00")),
    ]
    monday, tuesday = read(tmp_path, tables), read(tmp_path, tables, "2026-01-06")
    assert sorted(monday.trip_ids) == ["gone", "night"]
    assert monday.call_arrival.max() == 24 * 3600 + 900
    assert tuesday.trip_ids.tolist() == ["night@2026-01-05", "day"]
    assert tuesday.call_arrival[:2].tolist() == [0, 900]  # it stands at B at midnight
    assert tuesday.call_departure[:2].tolist() == [300, 900]
    assert tuesday.stop_ids[tuesday.call_stop[:2]].tolist() == ["B", "C"]


@pytest.mark.parametrize("exact", ["", "0", "1"])
def test_headways_are_laid_out_from_the_start(tmp_path: Path, exact: str) -> None:
    tables: Tables = small()
    tables["frequencies"] = [
        {"trip_id": "t1", "start_time": "10:00:00", "end_time": "10:30:00", "headway_secs": 600,
         "exact_times": exact},
        {"trip_id": "t1", "start_time": "23:50:00", "end_time": "24:10:00", "headway_secs": 900,
         "exact_times": exact},
    ]  # fmt: skip
    made = read(tmp_path, tables)
    starts = dict(zip(made.trip_ids, made.call_departure[made.trip_pointer[:-1]].tolist(), strict=True))
    assert starts == {
        "t2": 32400, "t1@10:00:00": 36000, "t1@10:10:00": 36600, "t1@10:20:00": 37200,
        "t1@23:50:00": 85800, "t1@24:05:00": 86700,
    }  # fmt: skip
    i = made.trip_ids.tolist().index("t1@10:10:00")
    part = slice(made.trip_pointer[i], made.trip_pointer[i + 1])
    assert made.call_arrival[part].tolist() == [36600, 36900, 37200]
    assert made.call_departure[part].tolist() == [36600, 36960, 37200]
    assert ("headways" in codes(made)) == (exact != "1")
    after = read(tmp_path, tables, "2026-01-06")
    # that of 23:50 reaches its last stop at midnight sharp: nobody can board it any more
    assert {i for i in after.trip_ids if "2026" in i} == {"t1@24:05:00@2026-01-05"}


def test_wrong_headways(tmp_path: Path) -> None:
    tables: Tables = small()
    good = {"trip_id": "t1", "start_time": "10:00:00", "end_time": "11:00:00", "headway_secs": 1800}
    tables["frequencies"] = [
        good, good | {"trip_id": "?"}, good | {"headway_secs": 0}, good | {"end_time": "10:00:00"},
        good | {"start_time": "ten"}, good | {"start_time": "10:30:00"},
    ]  # fmt: skip
    made = read(tmp_path, tables)
    found = {(c.column, c.rows) for c in made.caveats if c.code in {"bad-headway", "unknown-trip"}}
    assert found == {
        ("trip_id", (3,)), ("headway_secs", (4,)), ("end_time", (5,)), ("start_time", (6,)),
    }  # fmt: skip
    assert "headways-overlap" in codes(made)


# -- stations -----------------------------------------------------------------------------------------
def station() -> Tables:
    """Platforms P and Q and entrance D in station S; everything else as in the small feed."""
    tables: Tables = small()
    tables["stops"] += [
        stop("S", 48.23, 16.30, location_type=1, wheelchair_boarding=1),
        stop("P", 48.23, 16.30, parent_station="S"),
        stop("Q", 48.2301, 16.30, parent_station="S", wheelchair_boarding=2),
        stop("D", 48.2302, 16.30, parent_station="S", location_type=2),
    ]
    return tables


def test_a_platform_inherits_from_its_station(tmp_path: Path) -> None:
    made = read(tmp_path, station())
    assert made.stop_ids.tolist() == ["A", "B", "C", "P", "Q"]  # neither the station nor its entrance
    assert made.stop_wheelchair.tolist() == [UNKNOWN, UNKNOWN, UNKNOWN, YES, NO]
    # 0.0001 degrees of latitude are 11.12 m: 15 s at 1.3 times the straight line and a metre a second
    assert ways(made) == {("P", "Q"): 15, ("Q", "P"): 15}
    assert "assumed-transfers" in codes(made)


def test_boarding_areas_inherit_from_their_platform(tmp_path: Path) -> None:
    tables = station()
    tables["stops"].append({"stop_id": "P1", "location_type": 4, "parent_station": "P"})
    made = read(tmp_path, tables)
    at = made.stop_ids.tolist().index("P1")
    assert (made.stop_wheelchair[at], made.stop_lat[at]) == (YES, 48.23)
    assert ("P1", "Q") in ways(made)


def test_a_wrong_station(tmp_path: Path) -> None:
    tables = station()
    tables["stops"][0]["parent_station"] = "?"
    tables["stops"][1]["parent_station"] = "A"
    found = [c.rows for c in read(tmp_path, tables).caveats if c.code == "unknown-station"]
    assert sorted(found) == [(2,), (3,)]


def test_a_trip_that_calls_at_a_station_is_left_out(tmp_path: Path) -> None:
    tables = station()
    tables["trips"] += [trip(f"g{i}") for i in range(30)]
    for i in range(30):
        tables["stop_times"] += calls(f"g{i}", ("A", "10:00:00"), ("S" if i == 0 else "P", "10:30:00"))
    made = read(tmp_path, tables)
    assert "unknown-stop" in codes(made)
    assert "g0" not in made.trip_ids


def test_stated_changes(tmp_path: Path) -> None:
    def change(a: str, b: str, kind: object = 2, time: object = "", **more: object) -> dict[str, object]:
        return {"from_stop_id": a, "to_stop_id": b, "transfer_type": kind, "min_transfer_time": time, **more}

    tables = station()
    tables["transfers"] = [
        change("S", "S", 2, 120), change("P", "Q", 2, 60), change("A", "B", 3), change("A", "C", 0),
        change("B", "C", 1, 30), change("B", "A", 2, 100), change("B", "A", 2, 90), change("C", "S", 2, 200),
        change("C", "C", 2), change("?", "C", 2, 1), change("C", "A", 9, 1), change("C", "B", 2, "soon"),
        change("A", "B", 2, 5, from_route_id="R1"),
    ]  # fmt: skip
    made = read(tmp_path, tables)
    assert ways(made) == {
        ("P", "P"): 120, ("Q", "Q"): 120, ("Q", "P"): 120, ("P", "Q"): 60, ("A", "B"): -1, ("B", "C"): 30,
        ("B", "A"): 100, ("C", "P"): 200, ("C", "Q"): 200,
    }  # fmt: skip
    found = {(c.code, c.rows) for c in made.caveats if c.file == "f.zip/transfers.txt"}
    assert found == {
        ("no-time", (10,)), ("unknown-stop", (11,)), ("bad-value", (12,)), ("bad-value", (13,)),
        ("special-transfer", (14,)),
    }  # fmt: skip


def way(a: str, b: str, mode: int, both: int = 1, **more: object) -> dict[str, object]:
    return {"pathway_id": f"{a}{b}{mode}", "from_stop_id": a, "to_stop_id": b, "pathway_mode": mode,
            "is_bidirectional": both, **more}  # fmt: skip


@pytest.mark.parametrize(
    ("to_p", "access"),
    [
        (way("D", "P", 1, traversal_time=30), YES),
        (way("D", "P", 5, traversal_time=30), YES),
        (way("D", "P", 2, traversal_time=30), NO),
        (way("D", "P", 4, traversal_time=30), NO),
        (way("D", "P", 1, traversal_time=30, max_slope=0.05), YES),
        (way("D", "P", 1, traversal_time=30, max_slope=-0.2), NO),
        (way("D", "P", 6, traversal_time=30, min_width=0.5), NO),
        (way("D", "P", 1, both=0, traversal_time=30), NO),  # in, but not out
    ],
)
def test_pathways_say_whether_a_wheelchair_gets_through(
    tmp_path: Path, to_p: dict[str, object], access: int
) -> None:
    tables = station()
    del tables["stops"][3]["wheelchair_boarding"]
    tables["stops"][5]["wheelchair_boarding"] = 1
    tables["pathways"] = [to_p, way("D", "Q", 2, stair_count=40)]
    made = read(tmp_path, tables)
    assert made.stop_wheelchair.tolist()[3:] == [access, YES]
    assert "ways-contradict" in codes(made)
    both = to_p["is_bidirectional"]
    # 40 steps of 0.6 s and the 30 s of the other way
    assert ways(made)["Q", "P"] == 54
    assert ways(made)["P", "Q"] == (54 if both else 15)


def test_the_shortest_way_through_a_station_counts(tmp_path: Path) -> None:
    tables = station()
    tables["stops"].append(stop("N", 48.23, 16.30, location_type=3, parent_station="S"))
    tables["pathways"] = [
        way("P", "N", 1, length=20), way("N", "Q", 4, both=0, traversal_time=15), way("N", "Q", 5),
        way("P", "D", 1, length=500), way("Q", "D", 1, length=500),
    ]  # fmt: skip
    made = read(tmp_path, tables)
    assert ways(made) == {("P", "Q"): 35, ("Q", "P"): 65}
    assert made.stop_wheelchair.tolist()[3:] == [YES, NO]  # what is stated stays


# -- fares --------------------------------------------------------------------------------------------
def fare(name: str, price: object, currency: str = "EUR", **more: object) -> dict[str, object]:
    return {"fare_id": name, "price": price, "currency_type": currency, "payment_method": 0,
            "transfers": 0, **more}  # fmt: skip


def prices(tmp_path: Path, tables: Tables) -> tuple[list[float], str, set[str]]:
    base: Tables = small()
    base["routes"].append({"route_id": "R2", "agency_id": "Y", "route_short_name": "2", "route_type": 3})
    base["trips"][1]["route_id"] = "R2"
    made = read(tmp_path, base | tables)
    return made.trip_fare.tolist(), made.currency, codes(made)


NAN = pytest.approx(np.nan, nan_ok=True)


def rule(name: str, route: str = "", **more: object) -> dict[str, object]:
    return {"fare_id": name, "route_id": route, "origin_id": "", **more}


@pytest.mark.parametrize(
    ("attributes", "rules", "wanted", "unclear"),
    [
        ([fare("a", 2.5)], [], [2.5, 2.5], False),
        ([fare("a", 2.5), fare("b", 3)], [], [NAN, NAN], True),
        ([fare("a", 2.5), fare("b", 2.5)], [], [2.5, 2.5], False),
        ([fare("a", 2.5), fare("b", 3)], [rule("a", "R1"), rule("b", "R2")], [2.5, 3.0], False),
        ([fare("a", 2.5), fare("b", 3)], [rule("a", "R1")], [NAN, 3.0], True),
        ([fare("a", 2.5)], [rule("a", "R1", origin_id="z")], [NAN, NAN], True),
        ([fare("a", 2.5, agency_id="X"), fare("b", 1, agency_id="Y")], [], [2.5, 1.0], False),
        ([fare("a", "free")], [], [NAN, NAN], False),
    ],
)
def test_fares(tmp_path: Path, attributes: Any, rules: Any, wanted: Any, unclear: bool) -> None:
    made, currency, said = prices(tmp_path, {"fare_attributes": attributes, "fare_rules": rules})
    assert made == wanted
    assert currency == ("" if "bad-price" in said else "EUR")
    assert ("fare-unclear" in said) == unclear


def test_a_ticket_for_changes_is_said(tmp_path: Path) -> None:
    made, _, said = prices(tmp_path, {"fare_attributes": [fare("a", 2, transfers="")]})
    assert made == [2.0, 2.0]
    assert "ticket-for-changes" in said


@pytest.mark.parametrize(
    ("rules", "wanted"),
    [
        ([("", "one")], [2.0, 2.0]),
        ([("n", "one"), ("", "two")], [2.0, 3.0]),
        ([("n", "one"), ("n", "two")], [NAN, NAN]),
    ],
)
def test_fares_of_the_second_version(tmp_path: Path, rules: Any, wanted: Any) -> None:
    def product(name: str, amount: float, rider: str = "") -> dict[str, object]:
        return {"fare_product_id": name, "amount": amount, "currency": "EUR", "rider_category_id": rider}

    made, _, _ = prices(
        tmp_path,
        {
            "fare_products": [product("one", 2, "adult"), product("one", 1, "child"), product("two", 3)],
            "rider_categories": [
                {"rider_category_id": "adult", "is_default_fare_category": 1},
                {"rider_category_id": "child", "is_default_fare_category": 0},
            ],
            "fare_leg_rules": [{"network_id": n, "fare_product_id": p} for n, p in rules],
            "networks": [{"network_id": "n"}],
            "route_networks": [{"network_id": "n", "route_id": "R1"}],
        },
    )
    assert made == wanted


# -- several feeds ------------------------------------------------------------------------------------
def test_ids_that_two_feeds_share_get_the_name_of_their_feed(tmp_path: Path) -> None:
    other: Tables = small()
    other["stops"][2]["stop_id"] = "D"
    for row in other["stop_times"]:
        row["stop_id"] = {"C": "D"}.get(row["stop_id"], row["stop_id"])
    other["fare_attributes"] = [fare("a", 9, "USD")]
    first: Tables = small() | {"fare_attributes": [fare("a", 2)]}
    (tmp_path / "x").mkdir()
    paths = [
        write_feed(tmp_path / "bus.zip", first), write_feed(tmp_path / "tram.zip", other),
        write_feed(tmp_path / "x" / "bus.zip", first),
    ]  # fmt: skip
    made = read_timetable(paths)
    assert made.stop_ids.tolist() == [
        "bus:A", "bus:B", "bus:C", "tram:A", "tram:B", "D", "bus-2:A", "bus-2:B", "bus-2:C",
    ]  # fmt: skip
    assert made.trip_ids.tolist() == ["bus:t1", "tram:t1", "bus-2:t1", "bus:t2", "tram:t2", "bus-2:t2"]
    i = made.trip_ids.tolist().index("tram:t2")
    part = slice(made.trip_pointer[i], made.trip_pointer[i + 1])
    assert made.stop_ids[made.call_stop[part]].tolist() == ["tram:A", "tram:B", "D"]
    assert (made.currency, np.isnan(made.trip_fare).tolist()) == ("EUR", [False, True, False] * 2)
    assert "currencies" in codes(made)
    assert made.source == "bus.zip, tram.zip, bus.zip"
