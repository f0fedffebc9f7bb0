"""Porto Alegre by public transport: 1,227 hexagons to each other, 120 departures from 14:00, one thread.

Walks are along streets, to stops within 800 s, between stops within 400 s and directly within an hour. There
is no peer in the table: none can be installed without a Java runtime and its archive. For the same matrix R5
took less than 120 s on a laptop (Pereira et al. 2021, r5r). ``ISOPOLIS_DATA`` names the folder of real data.
"""

from __future__ import annotations

import csv
import os
import platform
import resource
import time
from pathlib import Path
from typing import Any

import numpy as np

from isopolis.model.timetable import Timetable
from isopolis.reach.engine import Points, Topology, matrix
from isopolis.reach.profiles import costs, profile
from isopolis.reach.streets import snap
from isopolis.reach.transit import Links, Network, Walks, adds_nothing, times
from isopolis.read.gtfs import read_timetable
from isopolis.read.osm import read_osm

DATA = Path(os.environ.get("ISOPOLIS_DATA", "../shared/data")) / "access_porto_alegre"
DEPARTURES = np.arange(14 * 3600, 16 * 3600, 60)
PERCENTILES = (25.0, 50.0, 75.0)


def on_streets(plan: Timetable, limit: int) -> Walks:
    """Walks of an adult along the streets, milliseconds."""
    with (DATA / "poa_hexgrid.csv").open(encoding="utf-8") as file:
        lon, lat = np.array([[float(r["lon"]), float(r["lat"])] for r in csv.DictReader(file)]).T
    streets, adult = read_osm(DATA / "poa_osm.pbf"), profile("adult")
    cost = costs(streets, adult, "expected")
    graph = Topology.of(
        streets.tail, streets.head, len(streets.lon), streets.lon, streets.lat
    ).weigh(cost.forward, cost.backward)  # fmt: skip

    def points(at_lon: Any, at_lat: Any) -> Points:
        passable = (cost.forward >= 0) | (cost.backward >= 0)
        at = snap(streets, at_lon, at_lat, passable, limit=300.0)
        gap = np.where(at.edge >= 0, at.gap, 0.0) * 1000 / adult.speed.flat
        return Points(at.edge, np.nan_to_num(at.share), np.rint(gap).astype(np.int32))

    homes, stops = points(lon, lat), points(plan.stop_lon, plan.stop_lat)

    def links(a: Points, b: Points, seconds: int) -> Links:
        return Links.of(*matrix(graph, a, b, limit=seconds * 1000), len(b.edge))

    return Walks(
        links(homes, stops, 800),
        links(stops, homes, 800),
        links(stops, stops, 400),
        links(homes, homes, limit),
    )


def run() -> list[dict[str, Any]]:
    """Time reading, walking and searching."""
    rows: list[dict[str, Any]] = []
    conditions = f"{platform.machine()}, Python {platform.python_version()}, one thread, least of two rounds"

    def add(name: str, call: Any, repeats: int = 2, **more: Any) -> Any:
        spent = []
        for _ in range(repeats):
            start = time.process_time()
            out = call()
            spent.append(time.process_time() - start)
        rows.append({"name": name, "ours": min(spent), "peer": None, "ratio": None, "unit": "CPU seconds",
                     "conditions": conditions, **more})  # fmt: skip
        return out

    feeds = [DATA / "poa_eptc.zip", DATA / "poa_trensurb.zip"]
    plan = add("read two feeds", lambda: read_timetable(feeds, "2019-05-13"))
    walks = add("streets read, weighed and walked", lambda: on_streets(plan, 3600), 1)
    network = add("patterns", lambda: _patterns(plan))
    add("compile, or load what was compiled", compiled_once, 1)
    for minutes, rounds in ((60, 2), (60, 4), (90, 4)):
        name = f"1,227 x 1,227 x 120, {minutes} min, {rounds} boardings, three percentiles"
        options = {"limit": 60 * minutes, "rounds": rounds, "percentiles": PERCENTILES}
        found = add(name, lambda options=options: times(network, walks, DEPARTURES, **options))
        if rounds == 4 and minutes == 60:
            alarm = adds_nothing(found, walks.direct, plan)
            rows[-1] |= {"pairs": float((found.at(50.0) >= 0).mean()), "alarm": alarm is not None}
    rows[-1]["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return rows


def _patterns(plan: Timetable) -> Network:
    network = Network.of(plan)
    network.patterns()
    return network


def compiled_once() -> None:
    """Search a town of two stops, so that every loop is there."""
    plan = Timetable(
        "", ["a", "b"], ["", ""], np.zeros(2), np.zeros(2), [1, 1], ["t"], ["R"], [1], [0, 2], [0, 1],
        [0, 60], [0, 60],
    )  # fmt: skip
    none = Links.none(2, 2)
    times(plan, Walks(none, none, none, none), [0], limit=60)
