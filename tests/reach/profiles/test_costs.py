"""Costs by profile, held against a slow twin, against laws, and against published values."""

from __future__ import annotations

import pickle
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from isopolis.model.errors import CallError
from isopolis.reach.profiles import costs, missing, names, parse_tags, profile

from .made import SHARED, Twin, kind_of, streets_of, surface_of, surveyed

POLICIES = ("optimistic", "expected", "pessimistic")
WAY_TAGS: dict[str, list[str]] = {
    "highway": [
        "residential", "primary", "footway", "path", "steps", "cycleway", "service", "living_street",
        "motorway", "pedestrian",
    ],
    "surface": ["", "asphalt", "sett", "cobblestone", "gravel", "compacted", "grass"],
    "smoothness": ["", "excellent", "good", "intermediate", "bad", "very_bad", "horrible"],
    "width": ["", "0.5", "0.85", "0.9", "2"],
    "incline": ["", "up", "down", "0%", "3%", "-4%", "9%", "-9%", "13%", "20%"],
    "lit": ["", "yes", "no"],
    "sidewalk": ["", "both", "no", "left", "separate"],
    "kerb": ["", "unknown", "flush", "lowered", "raised", "rolled"],
    "crossing": ["", "traffic_signals", "zebra", "unmarked"],
    "footway": ["", "crossing"],
    "crossing:markings": ["", "zebra", "no"],
    "crossing:signals": ["", "yes", "no"],
    "oneway:foot": ["", "", "yes", "-1", "no"],
    "ramp": ["", "yes", "no"],
    "ramp:wheelchair": ["", "yes", "no"],
    "step_count": ["", "3", "20"],
    "foot": ["", "yes", "no"],
    "access": ["", "private"],
    "wheelchair": ["", "", "yes", "no", "limited"],
}  # fmt: skip
NODE_TAGS: list[dict[str, str]] = [
    {"barrier": "kerb"},
    {"barrier": "kerb", "kerb": "raised"},
    {"kerb": "lowered"},
    {"highway": "crossing"},
    {"highway": "crossing", "crossing": "traffic_signals"},
    {"highway": "crossing", "crossing": "unmarked"},
    {"barrier": "bollard"},
    {"barrier": "cycle_barrier"},
    {"barrier": "cycle_barrier", "wheelchair": "yes"},
    {"barrier": "gate", "access": "private"},
    {"barrier": "stile"},
    {"wheelchair": "no", "barrier": "gate"},
    {"highway": "crossing", "kerb": "raised"},
    {"highway": "crossing", "wheelchair": "no"},
    {"highway": "bus_stop", "wheelchair": "no"},
    {"crossing:markings": "zebra", "crossing:signals": "no"},
    {"highway": "crossing", "crossing": "marked", "crossing:markings": "no"},
    {"crossing:signals": "yes"},
    {"barrier": "bollard", "maxwidth:physical": "0.85"},
]


@st.composite
def cities(draw: st.DrawFn) -> tuple[list[dict[str, Any]], dict[int, dict[str, str]]]:
    ways = []
    for _ in range(draw(st.integers(1, 8))):
        many = draw(st.integers(2, 4))
        way: dict[str, Any] = {
            k: draw(st.sampled_from(v)) for k, v in WAY_TAGS.items() if draw(st.booleans())
        }
        way.setdefault("highway", draw(st.sampled_from(WAY_TAGS["highway"])))
        way["nodes"] = draw(st.lists(st.integers(0, 9), min_size=many, max_size=many))
        way["mm"] = draw(st.lists(st.integers(1, 400_000), min_size=many - 1, max_size=many - 1))
        ways.append(way)
    nodes = draw(st.dictionaries(st.integers(0, 9), st.sampled_from(NODE_TAGS), max_size=4))
    top = max(n for w in ways for n in w["nodes"])
    return ways, {n: dict(t) for n, t in nodes.items() if n <= top}


def infinite(cost: np.ndarray) -> np.ndarray:
    return np.where(cost < 0, np.inf, cost)


def both(found: Any) -> np.ndarray:
    return infinite(np.stack([found.forward, found.backward]))


# -- the twin, and the laws -----------------------------------------------------------------------------
@given(cities(), st.sampled_from(names()))
@settings(max_examples=100, deadline=None)
def test_costs_equal_the_slow_twin(city: Any, name: str) -> None:
    ways, nodes = city
    parsed = parse_tags(streets_of(ways, nodes))
    assert parsed.caveats == ()
    for policy in POLICIES:
        found = costs(parsed, profile(name), policy)
        twin = Twin(name, policy).edges(ways, nodes)
        assert list(zip(found.forward.tolist(), found.backward.tolist(), strict=True)) == twin


@given(cities(), st.sampled_from(names()))
@settings(max_examples=40, deadline=None)
def test_bounds_are_in_order_and_unknown_says_where_they_differ(city: Any, name: str) -> None:
    parsed = parse_tags(streets_of(*city))
    best, middle, worst = (costs(parsed, profile(name), p) for p in POLICIES)
    assert (both(best) <= both(middle)).all()
    assert (both(middle) <= both(worst)).all()
    differ = (both(best) != both(worst)).any(axis=0)
    for found in (best, middle, worst):
        np.testing.assert_array_equal(found.unknown, differ)
    some = np.logical_or.reduce(list(missing(parsed, profile(name)).values()))
    assert not (some & ~differ).any()
    blocked = np.isinf(both(worst)) & ~np.isinf(both(best))
    assert not (blocked.any(axis=0) & ~some).any()


@given(st.data())
@settings(max_examples=120, deadline=None)
def test_writing_a_possible_value_in_place_of_a_missing_tag_stays_within_the_bounds(
    data: st.DataObject,
) -> None:
    ways, nodes = data.draw(cities())
    name = data.draw(st.sampled_from(names()))
    gaps = [(i, tag, v) for i, w in enumerate(ways) for tag, v in fillings(w)]
    if surveyed(ways):
        heights = SHARED["unknown"]["kerb"]["any"]["possible"]
        bare = [i for i, w in enumerate(ways) if not w.get("kerb") and not set(w["nodes"]) & set(nodes)]
        gaps += [(i, "kerb", v) for i in bare if ways[i].get("footway") != "crossing" for v in heights]
    if not gaps:
        return
    row, tag, value = data.draw(st.sampled_from(gaps))
    filled = [w | {tag: value} if i == row else w for i, w in enumerate(ways)]
    before, after = parse_tags(streets_of(ways, nodes)), parse_tags(streets_of(filled, nodes))
    best, worst = (both(costs(before, profile(name), p)) for p in ("optimistic", "pessimistic"))
    for policy in POLICIES:
        now = both(costs(after, profile(name), policy))
        assert (best <= now).all(), (row, tag, value)
        assert (now <= worst).all(), (row, tag, value)


def fillings(way: dict[str, Any]) -> list[tuple[str, str]]:
    """Every missing tag of a way with every value that it may have."""
    kind, unknown = kind_of(way), SHARED["unknown"]
    if kind is None:
        return []
    out: list[tuple[str, str]] = []

    def add(tag: str, values: list[str]) -> None:
        if way.get(tag, "") in ("", "unknown"):
            out.extend((tag, v) for v in values)

    surfaces = unknown["surface"][kind]["possible"]
    add("surface", [SHARED["surfaces"][s][0] for s in surfaces])
    known = [surface_of(way)] if surface_of(way) else surfaces
    add("smoothness", [v for s in known for v in unknown["smoothness"][s]["possible"]])
    low, high = unknown["width"][kind]["lowest"], unknown["width"][kind]["highest"]
    add("width", [str(low), str((low + high) / 2), str(high)])
    add(
        "incline",
        [f"{s}%" for s in range(unknown["incline"][kind]["lowest"], unknown["incline"][kind]["highest"] + 1)],
    )
    add("lit", ["yes", "no"])
    if kind in ("major", "street"):
        add("sidewalk", ["both", "no"])
    if kind == "steps":
        most = sum(way["mm"]) * unknown["steps"]["any"]["highest"] / 1000
        least = sum(way["mm"]) * unknown["steps"]["any"]["lowest"] / 1000
        add("step_count", [str(n) for n in range(max(1, int(np.ceil(least))), min(int(most), 5000) + 1, 7)])
        add("ramp", ["yes", "no"])
        if way.get("wheelchair") != "yes" and way.get("ramp") != "no":
            add("ramp:wheelchair", ["yes", "no"])
    if kind == "cycleway":
        add("foot", ["yes", "no"])
    if way.get("footway") == "crossing" and not way.get("crossing"):
        add("crossing", ["traffic_signals", "zebra", "unmarked"])
    if way.get("kerb") == "unknown":
        out.extend(("kerb", v) for v in unknown["kerb"]["any"]["possible"])
    return out


KNOWN = {
    "highway": "footway", "surface": "asphalt", "smoothness": "good", "width": "2", "incline": "1%",
    "lit": "yes",
}  # fmt: skip


@pytest.mark.parametrize("name", names())
def test_where_everything_is_known_the_bounds_coincide(name: str) -> None:
    road = {"highway": "primary", "sidewalk": "both"}
    stair = {"highway": "steps", "step_count": "9", "ramp": "no", "ramp:wheelchair": "no"}
    over = {"footway": "crossing", "crossing": "zebra", "kerb": "flush"}
    ways = [KNOWN | more | {"nodes": [0, 1], "mm": [50_000]} for more in ({}, road, stair, over)]
    assert not costs(streets_of(ways), profile(name)).unknown.any()
    bare = [{"highway": h, "nodes": [0, 1], "mm": [50_000]} for h in ("footway", "primary", "path")]
    assert costs(streets_of(bare), profile(name)).unknown.all()


# -- published and hand values --------------------------------------------------------------------------
def one(name: str, policy: str = "expected", mm: int = 100_000, **tags: str) -> tuple[int, int]:
    way = KNOWN | {"incline": "0%"} | {k.replace("__", ":"): v for k, v in tags.items()}
    found = costs(streets_of([way | {"nodes": [0, 1], "mm": [mm]}]), profile(name), policy)
    return int(found.forward[0]), int(found.backward[0])


@pytest.mark.parametrize(
    ("name", "milliseconds"),
    [
        ("adult", 75_188),  # 100 m at 1.33 m/s
        ("older_person", 103_093),  # Knoblauch and others: 0.97 m/s
        ("manual_wheelchair", 144_928),  # Boyce and others: 0.69 m/s
        ("powered_wheelchair", 112_360),  # 0.89 m/s
        ("cane", 123_457),  # 0.81 m/s
        ("pram", 80_000),  # 1.25 m/s
    ],
)
def test_a_hundred_metres_on_the_flat(name: str, milliseconds: int) -> None:
    assert one(name) == (milliseconds, milliseconds)
    assert profile(name).offset(100.0) == milliseconds


def test_slope_slows_as_tobler_wrote() -> None:
    # 6 exp(-3.5 |S + 0.05|): 6 km/h at -5 percent, 5.037 km/h on the flat, 3.549 km/h at +10 percent
    up, down = one("adult", incline="10%")
    assert up == pytest.approx(75_188 * 5.0367 / 3.5493, rel=1e-3)
    assert down == pytest.approx(75_188 * 5.0367 / 5.0367, rel=1e-3)  # -10 percent is as far from -5 as 0 is
    assert one("adult", incline="-5%")[0] == pytest.approx(75_188 * 5.0367 / 6.0, rel=1e-3)


@pytest.mark.parametrize("policy", POLICIES)
def test_stairs_stop_wheelchairs_and_a_ramp_lets_them_pass(policy: str) -> None:
    for name in ("manual_wheelchair", "powered_wheelchair"):
        assert one(name, policy, highway="steps", ramp="no", ramp__wheelchair="no") == (-1, -1)
        assert one(
            name, policy, highway="steps", ramp="yes", ramp__stroller="yes", ramp__wheelchair="no"
        ) == (-1, -1)
        assert min(one(name, policy, highway="steps", ramp__wheelchair="yes")) > 0
    assert one("pram", policy, highway="steps", ramp="no") == (-1, -1)
    assert min(one("pram", policy, highway="steps", ramp__stroller="yes")) > 0
    assert min(one("adult", policy, highway="steps", ramp="no")) > 0


def test_a_stair_without_a_word_about_ramps_is_what_the_bounds_differ_by() -> None:
    found = [one("manual_wheelchair", p, highway="steps") for p in POLICIES]
    assert [f[0] > 0 for f in found] == [True, False, False]


@pytest.mark.parametrize(
    ("height", "manual", "powered"),
    [("3 cm", True, True), ("0.031", False, True), ("0.06", False, True), ("7cm", False, False)],
)
def test_kerbs_of_three_and_six_centimetres(height: str, manual: bool, powered: bool) -> None:
    crossing = {"footway": "crossing", "crossing": "zebra", "kerb__height": height}
    assert (one("manual_wheelchair", **crossing)[0] > 0) == manual
    assert (one("powered_wheelchair", **crossing)[0] > 0) == powered
    assert one("adult", **crossing)[0] == 75_188 + 4_000


@pytest.mark.parametrize(
    ("incline", "manual"),
    [("8%", (True, True)), ("8.1%", (False, True)), ("-10.5%", (False, False)), ("10.5%", (False, False))],
)
def test_eight_percent_up_and_ten_down(incline: str, manual: tuple[bool, bool]) -> None:
    assert tuple(c > 0 for c in one("manual_wheelchair", incline=incline)) == manual


def test_a_wheelchair_tag_overrules_single_limits_and_costs_what_they_cost() -> None:
    assert one("manual_wheelchair", surface="grass")[0] == -1
    assert one("manual_wheelchair", surface="grass", wheelchair="yes")[0] == pytest.approx(
        3 * 144_928, rel=1e-4
    )
    assert one("manual_wheelchair", wheelchair="no")[0] == -1
    assert one("adult", wheelchair="no")[0] > 0


def test_a_child_alone_neither_walks_along_nor_crosses_a_major_road_unprotected() -> None:
    assert one("child_alone", highway="primary", sidewalk="no")[0] == -1
    assert one("child_alone", highway="primary", sidewalk="both")[0] > 0
    road = {"highway": "primary", "sidewalk": "both", "nodes": [0, 1, 2], "mm": [9000, 9000]}
    for kind, good in (("unmarked", False), ("zebra", True), ("traffic_signals", True)):
        over = {
            "highway": "footway",
            "footway": "crossing",
            "crossing": kind,
            "nodes": [3, 1, 4],
            "mm": [4000, 6000],
        }
        found = costs(streets_of([road, over]), profile("child_alone"), "pessimistic")
        assert (found.forward[2:] > 0).all() == good


def test_the_wait_at_a_crossing_is_shared_by_its_edges() -> None:
    over = KNOWN | {"incline": "0%", "footway": "crossing", "crossing": "traffic_signals", "kerb": "flush"}
    whole = costs(streets_of([over | {"nodes": [0, 1], "mm": [10_000]}]), profile("adult")).forward
    parts = costs(streets_of([over | {"nodes": [0, 1, 2], "mm": [4_000, 6_000]}]), profile("adult")).forward
    assert whole[0] == 7_519 + 20_000
    assert parts.tolist() == [3_008 + 8_000, 4_511 + 12_000]


def test_night_refuses_what_is_not_lit() -> None:
    assert one("night", lit="no") == (-1, -1)
    assert one("night", lit="yes") == one("adult", lit="yes")
    assert [one("night", p, lit="")[0] > 0 for p in POLICIES] == [True, True, False]


def test_heights_give_the_slope_where_no_tag_does_but_not_on_bridges() -> None:
    tags = KNOWN | {"incline": ""}
    ways = [
        tags | {"nodes": [0, 1], "mm": [100_000]},
        tags | {"nodes": [0, 1], "mm": [100_000], "incline": "2%"},
        tags | {"nodes": [0, 1], "mm": [100_000], "bridge": "yes"},
        tags | {"nodes": [1, 2], "mm": [100_000]},
    ]
    found = costs(streets_of(ways, height=[0.0, 5.0, np.nan]), profile("manual_wheelchair"))
    assert found.forward[0] == pytest.approx(144_928 * (1.3 + 0.6 * 2 / 3), rel=1e-5)
    assert found.backward[0] == 144_928
    assert found.forward[1] == pytest.approx(144_928 * 1.2, rel=1e-5)
    assert found.unknown.tolist() == [False, False, True, True]
    steep = costs(streets_of(ways[:1], height=[0.0, 9.0]), profile("manual_wheelchair"))
    assert (steep.forward[0], steep.backward[0] > 0) == (-1, True)


# -- what is said about a result ------------------------------------------------------------------------
def test_reasons_count_what_an_adult_passes_and_this_body_does_not() -> None:
    ways = [
        KNOWN | {"nodes": [0, 1], "mm": [60_000]},
        KNOWN | {"highway": "steps", "ramp": "no", "ramp:wheelchair": "no", "nodes": [1, 2], "mm": [30_000]},
        KNOWN | {"surface": "grass", "width": "0.5", "nodes": [2, 3], "mm": [5_000]},
        KNOWN | {"access": "private", "nodes": [3, 4], "mm": [5_000]},
    ]
    found = costs(streets_of(ways), profile("wheelchair"))
    assert {r.code: r.edges for r in found.reasons} == {"steps": 1, "surface": 1, "width": 1}
    assert found.shares == pytest.approx({"steps": 0.3, "surface": 0.05, "width": 0.05})
    assert found.unusable == pytest.approx(0.4)
    assert [r.code for r in costs(streets_of(ways), profile("adult")).reasons] == ["access"]
    assert found.passable.tolist() == [True, False, False, False]


def test_changed_leaves_the_speed_on_the_flat_aside() -> None:
    ways = [
        KNOWN | {"incline": "0%", "nodes": [0, 1], "mm": [60_000]},
        KNOWN | {"incline": "0%", "surface": "sett", "nodes": [1, 2], "mm": [60_000]},
    ]
    assert costs(streets_of(ways), profile("cane")).changed.tolist() == [False, True]
    assert costs(streets_of(ways), profile("adult")).changed.tolist() == [False, False]


def test_missing_names_the_tag_that_somebody_has_to_look_at() -> None:
    way = {"highway": "footway", "footway": "crossing", "crossing": "zebra", "nodes": [0, 1], "mm": [8_000]}
    open_ = costs(streets_of([KNOWN | way]), profile("wheelchair"))
    assert open_.unknown[0]
    found = {
        tag for tag, edges in missing(streets_of([KNOWN | way]), profile("wheelchair")).items() if edges[0]
    }
    assert found == {"kerb"}
    rough = KNOWN | {"surface": "sett", "smoothness": "", "incline": "", "nodes": [0, 1], "mm": [8_000]}
    some = missing(streets_of([rough]), profile("wheelchair"))
    decides = missing(streets_of([rough]), profile("wheelchair"), decides=True)
    assert {tag for tag, edges in some.items() if edges[0]} == {"smoothness", "incline"}
    assert {tag for tag, edges in decides.items() if edges[0]} == {"smoothness"}


def test_where_a_table_describes_kerbs_by_street_an_empty_cell_is_a_gap() -> None:
    streets = [KNOWN | {"kerb": "flush" if i else "", "nodes": [i, i + 1], "mm": [8_000]} for i in range(5)]
    found = costs(streets_of(streets), profile("wheelchair"), "pessimistic")
    assert (found.forward < 0).tolist() == [True, False, False, False, False]
    alone = [
        KNOWN | {"kerb": "flush" if i == 0 else "", "nodes": [i, i + 1], "mm": [8_000]} for i in range(20)
    ]
    assert (costs(streets_of(alone), profile("wheelchair"), "pessimistic").forward > 0).all()


def test_values_that_nobody_understands_are_counted_and_unknown() -> None:
    ways = [
        KNOWN | {"width": "wide", "nodes": [0, 1], "mm": [1000]},
        KNOWN | {"width": "wide", "surface": "lava", "nodes": [1, 2], "mm": [1000]},
    ]
    parsed = parse_tags(streets_of(ways))
    assert [(p.column, p.count, p.value, p.file) for p in parsed.caveats] == [
        ("surface", 1, "lava", "made.osm"),
        ("width", 2, "wide", "made.osm"),
    ]
    assert not any(p.fatal for p in parsed.caveats)
    assert np.isnan(parsed.width).all()


def test_an_unknown_policy_is_refused_with_the_nearest() -> None:
    with pytest.raises(CallError, match="pessimistic"):
        costs(streets_of([KNOWN | {"nodes": [0, 1], "mm": [1000]}]), profile("adult"), "pesimistic")


def test_costs_travel_between_processes() -> None:
    found = costs(streets_of([KNOWN | {"nodes": [0, 1], "mm": [1000]}]), profile("wheelchair"))
    again = pickle.loads(pickle.dumps(found))
    assert again.forward.tolist() == found.forward.tolist()
    assert not again.forward.flags.writeable
    assert pickle.loads(pickle.dumps(profile("wheelchair"))) == profile("wheelchair")


def test_streets_without_edges_have_costs() -> None:
    empty = streets_of([KNOWN | {"nodes": [0, 1], "mm": [1000]}])
    none = type(empty)(*[np.zeros(0)] * 8, {}, np.zeros(0), {})
    found = costs(none, profile("wheelchair"))
    assert len(found.forward) == 0
    assert found.unusable == 0.0
