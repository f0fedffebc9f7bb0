"""Porto Alegre: two feeds, 4,010 stops, 1,227 hexagons, against the scan and journey by journey."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

from isopolis.reach.transit import (
    Links,
    Network,
    Walks,
    adds_nothing,
    by_departure,
    fare,
    journey,
    times,
)
from isopolis.read.gtfs import read_timetable

from .connection_scan import travel
from .test_journey import check

LEAVE = np.arange(14 * 3600, 14 * 3600 + 40 * 60, 60)
LIMIT = 2700


def near(lon, lat, other_lon, other_lat, metres: float) -> Links:
    """Walks as the crow flies times 1.3, at 1 m/s."""
    scale = np.radians(1) * 6_371_008.8 * np.array([np.cos(np.radians(-30.05)), 1])
    a, b = np.stack([lon, lat], 1) * scale, np.stack([other_lon, other_lat], 1) * scale
    found = cKDTree(a).query_ball_tree(cKDTree(b), metres)
    pointer = np.concatenate([[0], np.cumsum([len(f) for f in found])])
    to = np.concatenate([np.array(f, dtype=int) for f in found])
    rows = np.repeat(np.arange(len(a)), np.diff(pointer))
    return Links.of(pointer, to, np.rint(np.hypot(*(a[rows] - b[to]).T) * 1300), len(b))


@cache
def city(folder: Path):
    plan = read_timetable([folder / "poa_eptc.zip", folder / "poa_trensurb.zip"], "2019-05-13")
    with (folder / "poa_hexgrid.csv").open(encoding="utf-8") as file:
        at = np.array([[float(r["lon"]), float(r["lat"])] for r in csv.DictReader(file)]).T
    stop = (plan.stop_lon, plan.stop_lat)
    walks = Walks(near(*at, *stop, 800), near(*stop, *at, 800), near(*stop, *stop, 400), near(*at, *at, 1500))
    return Network.of(plan), walks


def of_origins(walks: Walks, origins: np.ndarray) -> Walks:
    def some(links: Links) -> Links:
        parts = [np.arange(links.indptr[o], links.indptr[o + 1]) for o in origins]
        at = np.concatenate(parts)
        pointer = np.concatenate([[0], np.cumsum([len(p) for p in parts])])
        return Links.of(pointer, links.indices[at], links.costs[at], links.columns)

    return Walks(some(walks.access), walks.egress, walks.transfers, some(walks.direct))


def test_two_hundred_journeys_to_every_place_are_what_the_scan_says(data: Path) -> None:
    network, walks = city(data / "access_porto_alegre")
    rng = np.random.default_rng(7)
    origins = rng.choice(walks.origins, 105, replace=False)
    few = of_origins(walks, origins)
    asked = [(o, int(t)) for o in range(len(origins)) for t in rng.choice(LEAVE, 2, replace=False)]
    every = by_departure(network, few, LEAVE, limit=LIMIT, rounds=3)
    got = np.array([every[o, :, (t - LEAVE[0]) // 60] for o, t in asked])
    want = travel(network.timetable, few, asked, limit=LIMIT, rounds=3)
    assert len(asked) == 210
    assert (want >= 0).mean() > 0.3
    assert np.array_equal(got, want)


def test_wheelchairs_unknown_lies_between(data: Path) -> None:
    network, walks = city(data / "access_porto_alegre")
    few = of_origins(walks, np.arange(0, 1227, 40))
    every = {w: times(network, few, LEAVE, limit=LIMIT, rounds=3, wheelchair=w).seconds[:, :, 0] >= 0
             for w in (None, "optimistic", "pessimistic")}  # fmt: skip
    assert (every["pessimistic"] <= every["optimistic"]).all()
    assert (every["optimistic"] <= every[None]).all()
    # 1,461 of 2,374 buses take no wheelchair
    assert every["optimistic"].sum() < 0.98 * every[None].sum()


def test_journeys_explain_the_figures(data: Path) -> None:
    network, walks = city(data / "access_porto_alegre")
    rng = np.random.default_rng(8)
    origins = rng.choice(walks.origins, 5, replace=False)
    every = by_departure(network, of_origins(walks, origins), LEAVE, limit=LIMIT, rounds=3)
    rides = 0
    for n, origin in enumerate(origins.tolist()):
        for place in rng.choice(walks.places, 4, replace=False).tolist():
            d = int(rng.integers(len(LEAVE)))
            found = journey(network, walks, origin, place, int(LEAVE[d]), limit=LIMIT, rounds=3)
            assert (-1 if found is None else found.seconds) == every[n, place, d]
            if found is not None:
                check(found, network.timetable, walks, origin, place)
                assert fare(found, network.timetable).unknown <= found.boardings
                rides += found.boardings
    assert rides > 5


def test_the_alarm_is_silent_in_the_afternoon_and_loud_in_the_early_morning(data: Path) -> None:
    network, walks = city(data / "access_porto_alegre")
    few = of_origins(walks, np.arange(0, 1227, 60))
    for hour, loud in ((14, False), (3, True)):
        leave = np.arange(hour * 3600, hour * 3600 + 1800, 60)
        found = times(network, few, leave, limit=3600)
        assert (adds_nothing(found, few.direct, network.timetable) is not None) == loud
