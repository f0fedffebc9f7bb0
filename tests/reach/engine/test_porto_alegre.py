"""The engine on real streets equals a plain Dijkstra search, to the millisecond."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from isopolis.reach.engine import Points, Topology, matrix, nearest, trip, within
from isopolis.reach.profiles import costs, parse_tags, profile
from isopolis.reach.streets import snap
from isopolis.read.osm import read_osm

from .twin import FAR, At, Net, table

LIMIT = 45 * 60_000


@pytest.fixture(scope="module")
def city(data: Any) -> tuple[Any, Any, Any]:
    streets = read_osm(data / "access_porto_alegre" / "poa_osm.pbf")
    topology = Topology.of(streets.tail, streets.head, len(streets.node_ids), streets.lon, streets.lat)
    return streets, parse_tags(streets), topology


@pytest.mark.parametrize(("body", "policy"), [("adult", "expected"), ("manual_wheelchair", "optimistic")])
def test_porto_alegre_equals_a_plain_search(city: Any, body: str, policy: str) -> None:
    streets, parsed, topology = city
    moving = profile(body)
    weights = costs(parsed, moving, policy)
    graph = topology.weigh(weights.forward, weights.backward)
    rng = np.random.default_rng(7)
    spots = []
    for many in (12, 40):
        lon = rng.uniform(*np.percentile(streets.lon, [10, 90]), many)
        lat = rng.uniform(*np.percentile(streets.lat, [10, 90]), many)
        put = snap(streets, lon, lat, costs(parsed, moving, "expected").passable, limit=400)
        offset = np.where(put.edge >= 0, np.rint(np.nan_to_num(put.gap) / moving.speed.flat * 1000), 0)
        spots.append(Points(put.edge, put.share, offset.astype(np.int32)))
    net = Net(len(streets.node_ids), *(a.tolist() for a in (streets.tail, streets.head, weights.forward,
                                                            weights.backward)))  # fmt: skip
    ends = [
        [At(int(e), float(s), int(o)) for e, s, o in zip(p.edge, p.share, p.offset, strict=True)]
        for p in spots
    ]
    wanted = table(net, ends[0], ends[1], LIMIT)
    indptr, indices, found = matrix(graph, *spots, limit=LIMIT)
    dense = np.full((12, 40), FAR)
    dense[np.repeat(np.arange(12), np.diff(indptr)), indices] = found
    assert dense.tolist() == wanted
    assert any(math.isfinite(c) for row in wanted for c in row)

    first = [min(row) for row in wanted]
    best = nearest(graph, *spots, limit=LIMIT)
    assert [FAR if c < 0 else c for c in best.cost.tolist()] == first
    cutoffs = np.array([10, 20, 45]) * 60_000
    amounts = rng.integers(0, 9, (40, 2))
    sums = within(graph, *spots, amounts, cutoffs)
    slow = [[[sum(int(a) for a, c in zip(amounts[:, k], row, strict=True) if c <= t) for k in range(2)]
             for t in cutoffs] for row in wanted]  # fmt: skip
    assert sums.tolist() == slow
    for o in range(0, 12, 3):
        journey = trip(graph, spots[0].take([o]), spots[1].take([o]), limit=LIMIT)
        assert (FAR if journey.cost < 0 else journey.cost) == wanted[o][o]
        if journey.cost >= 0:
            assert journey.to_network + int(journey.parts.sum()) + journey.from_network == journey.cost
