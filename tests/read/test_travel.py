"""Ready travel times against a dense twin; and what is wrong in them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isopolis.model import DataError, Problems, Travel
from isopolis.read.config import CityConfig
from isopolis.read.config_access import TravelConfig
from isopolis.read.travel import read_travel

from .access_city import minutes, travel_csv, zone_ids

IDS = np.array(zone_ids(), dtype=object)
JOURNEYS = st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 60), st.integers(0, 9))
LONG = {"from_": "from_id", "to": "to_id", "minutes": "travel_time"}


def read(
    folder: Path, text: str, origins: np.ndarray = IDS, places: tuple[str, ...] = (), **keys: object
) -> Travel:
    (folder / "t.csv").write_text(text, encoding="utf-8")
    problems = Problems()
    section = TravelConfig("t.csv", **(LONG | keys))  # type: ignore[arg-type]
    made = read_travel(CityConfig(folder, "C"), section, origins, places, problems)
    problems.raise_if_fatal()
    assert made is not None
    assert made.caveats == tuple(problems)
    return made


def dense(travel: Travel) -> np.ndarray:
    """(O, O) minutes in the order of the origins, NaN where there is no entry."""
    out = np.full((len(travel.origins), len(travel.origins)), np.nan)
    order = {str(i): k for k, i in enumerate(travel.origins)}
    for i in range(len(travel.origins)):
        for place, cost in zip(*travel.row(i), strict=True):
            out[i, order[str(travel.places[place])]] = cost / 60_000
    return out


def test_a_long_table(tmp_path: Path) -> None:
    times = minutes()
    travel = read(tmp_path, travel_csv(times), mode="by bus")
    assert np.array_equal(dense(travel), times, equal_nan=True)
    assert (travel.mode, travel.source, travel.caveats) == ("by bus", "t.csv", ())


def test_rows_in_any_order_give_the_same(tmp_path: Path) -> None:
    head, *rows = travel_csv(minutes()).splitlines()
    other = "\n".join([head, *np.random.default_rng(1).permutation(rows)])
    a, b = read(tmp_path, travel_csv(minutes())), read(tmp_path, other)
    for name in ("places", "indptr", "indices", "costs"):
        assert np.array_equal(getattr(a, name), getattr(b, name))


def test_a_wide_table(tmp_path: Path) -> None:
    times = minutes()
    rows = [",".join(["from", *IDS])]
    rows += [
        ",".join([i, *("" if np.isnan(v) else f"{v:g}" for v in r)]) for i, r in zip(IDS, times, strict=True)
    ]
    travel = read(tmp_path, "\n".join(rows), layout="wide", from_="from", to="", minutes="")
    assert np.array_equal(dense(travel), times, equal_nan=True)


def test_seconds_and_fractions_are_exact_milliseconds(tmp_path: Path) -> None:
    text = "from_id,to_id,travel_time\n0100,0101,5.8\n0100,0102,0.0001\n"
    assert read(tmp_path, text).costs.tolist() == [348_000, 6]
    assert read(tmp_path, text, minutes="", seconds="travel_time").costs.tolist() == [5_800, 0]


def test_a_limit_is_inclusive(tmp_path: Path) -> None:
    text = "from_id,to_id,travel_time\n0100,0101,30\n0100,0102,30.001\n"
    travel = read(tmp_path, text, limit=30.0)
    assert travel.costs.tolist() == [1_800_000]
    assert travel.limit == 1_800_000


@settings(max_examples=30, deadline=None)
@given(st.lists(JOURNEYS, min_size=1), st.integers(0, 9))
def test_the_fastest_affordable_journey_of_a_pair(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, int, int, int]], most: int
) -> None:
    best: dict[tuple[int, int], int] = {}
    for a, b, t, price in rows:
        if price <= most:
            best[a, b] = min(t, best.get((a, b), t))
    text = "from_id,to_id,travel_time,price\n" + "\n".join(
        f"{IDS[a]},{IDS[b]},{t},{p}" for a, b, t, p in rows
    )
    folder = tmp_path_factory.getbasetemp()
    if not best:
        with pytest.raises(DataError):
            read(folder, text, IDS[:5], price="price", most=float(most))
        return
    travel = read(folder, text, IDS[:5], price="price", most=float(most))
    found = dense(travel)
    assert {(a, b): found[a, b] for a in range(5) for b in range(5) if np.isfinite(found[a, b])} == best
    more = sum(p <= most for *_, p in rows) - len(best)
    assert sum(p.count for p in travel.caveats if p.code == "repeated-pair") == more


def test_unknown_ids_and_lonely_origins_are_counted(tmp_path: Path) -> None:
    text = "from_id,to_id,travel_time\n0100,0101,5\nXX,0101,5\n0100,YY,7\nXX,0102,5\n0100,library 1,9\n"
    travel = read(tmp_path, text, places=("library 1",))
    assert travel.places.tolist() == ["0101", "library 1"]
    said = {(p.code, p.column): (p.count, p.rows) for p in travel.caveats}
    assert said["travel-unknown-id", "from_id"] == (2, (3, 5))
    assert said["travel-unknown-id", "to_id"] == (1, (4,))
    assert said["origin-without-travel", None][0] == 23


@pytest.mark.parametrize(
    ("cell", "code"), [("-1", "bad-time"), ("far", "bad-time"), ("999999999", "bad-time")]
)
def test_no_times(tmp_path: Path, cell: str, code: str) -> None:
    with pytest.raises(DataError) as error:
        read(tmp_path, f"from_id,to_id,travel_time\n0100,0101,5\n0100,0102,{cell}\n")
    (problem,) = error.value.problems
    assert (problem.code, problem.rows, problem.column) == (code, (3,), "travel_time")


def test_an_empty_time_cannot_be_reached(tmp_path: Path) -> None:
    assert len(read(tmp_path, "from_id,to_id,travel_time\n0100,0101,5\n0100,0102,\n").costs) == 1


def test_ids_of_another_city_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError) as error:
        read(tmp_path, "from_id,to_id,travel_time\nA,B,5\n")
    assert "no-match" in {p.code for p in error.value.problems if p.fatal}
    assert "0100" in str(error.value)
