"""Costs on real streets: sampled ways of Porto Alegre against the slow twin, and laws on the whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from isopolis.model.streets import Streets
from isopolis.reach.profiles import Parsed, costs, names, parse_tags, profile

from .made import ORDER, SHARED, Twin, kind_of

PLAIN = {
    "surface": {"", *(w for words in SHARED["surfaces"].values() for w in words)},
    "smoothness": {"", *ORDER},
    "sidewalk": {"", "both", "left", "no", "separate"},
    "crossing": {"", "traffic_signals", "zebra", "marked", "unmarked"},
    "foot": {"", "yes", "no", "designated", "private", "use_sidepath"},
    "access": {"", "yes", "no", "private"},
    "incline": {"", "up", "down", "10%"},
    "ramp": {"", "yes", "no"},
    "wheelchair": {"", "yes", "no", "limited"},
    "oneway:foot": {"", "yes", "no"},
    "conveying": {""},
    "foot:backward": {""},
    "sidewalk:surface": {""},
}
"""Values that the twin knows; the product knows more of them."""


@pytest.fixture(scope="module")
def streets(data: Path) -> Streets:
    from isopolis.read.osm import read_osm

    return read_osm(data / "access_porto_alegre/poa_osm.pbf")


@pytest.fixture(scope="module")
def parsed(streets: Streets) -> Parsed:
    return parse_tags(streets)


def way_of(streets: Streets, row: int, edges: np.ndarray) -> dict[str, Any]:
    tags = {k: str(v[row]) for k, v in streets.way_tags.items() if v[row]}
    return tags | {
        "nodes": [*streets.tail[edges].tolist(), int(streets.head[edges[-1]])],
        "mm": streets.length[edges].tolist(),
    }


@pytest.mark.parametrize("policy", ["optimistic", "expected", "pessimistic"])
def test_sampled_ways_equal_the_twin(streets: Streets, parsed: Parsed, policy: str) -> None:
    nodes = {
        int(n): {k: str(v[i]) for k, v in streets.node_tags.items() if v[i]}
        for i, n in enumerate(streets.tagged.tolist())
    }
    kinds = [kind_of({"highway": h}) for h in streets.tag("highway")]
    major = {n for n, tags in nodes.items() if "road" in tags} | {
        int(n)
        for ends in (streets.tail, streets.head)
        for n in ends[np.array([k == "major" for k in kinds])[streets.way]]
    }
    order = np.argsort(streets.way, kind="stable")
    starts = np.searchsorted(streets.way[order], np.arange(len(streets.way_ids) + 1))
    chosen = np.random.default_rng(7).permutation(len(streets.way_ids))[:600]
    every = {name: costs(parsed, profile(name), policy) for name in names()}
    compared = 0
    for turn, row in enumerate(chosen.tolist()):
        edges = order[starts[row] : starts[row + 1]]
        way = way_of(streets, row, edges) if len(edges) else {"nodes": []}
        joined = len(edges) > 0 and (streets.tail[edges[1:]] == streets.head[edges[:-1]]).all()
        at_ends = {nodes.get(n, {}).get("crossing", "") for n in way["nodes"]} <= PLAIN["crossing"]
        if not (joined and at_ends and all(way.get(k, "") in v for k, v in PLAIN.items())):
            continue
        name = names()[turn % len(names())]
        twin, found = Twin(name, policy), every[name]
        twin.surveyed = False
        pairs = zip(way["nodes"], way["nodes"][1:], way["mm"], edges.tolist(), strict=False)
        for a, b, mm, edge in list(pairs)[:4]:
            both = (int(found.forward[edge]), int(found.backward[edge]))
            assert both == twin.edge(way, mm, a, b, nodes, major), (name, way)
            compared += 1
    assert compared > 300


def test_fewer_streets_are_open_to_wheelchairs_and_hardly_any_is_known_to_be_lit(parsed: Parsed) -> None:
    shares = {
        (n, p): costs(parsed, profile(n), p)
        for n in ("adult", "manual_wheelchair", "night")
        for p in ("expected", "pessimistic")
    }
    assert shares["adult", "pessimistic"].unusable < 0.01
    for policy in ("expected", "pessimistic"):
        wheels = shares["manual_wheelchair", policy]
        assert wheels.unusable > shares["adult", policy].unusable
        assert "steps" in wheels.shares
        assert max(wheels.shares.values()) <= wheels.unusable <= sum(wheels.shares.values()) + 0.01
    assert shares["night", "pessimistic"].shares["unlit"] > 0.9  # 738 of 15,886 ways are tagged lit=yes


def test_strange_values_are_counted(parsed: Parsed) -> None:
    assert {("width", "600"), ("surface", "paving_stonesm")} <= {(c.column, c.value) for c in parsed.caveats}
