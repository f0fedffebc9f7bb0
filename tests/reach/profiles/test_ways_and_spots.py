"""What single tags of OpenStreetMap do to costs, each against what its page in the wiki says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from isopolis.reach.profiles import costs, missing, parse_tags, profile

from .made import streets_of

KNOWN = {
    "highway": "footway", "surface": "asphalt", "smoothness": "good", "width": "2", "incline": "0%",
    "lit": "yes",
}  # fmt: skip


def one(name: str, policy: str = "expected", nodes: Any = None, **tags: str) -> tuple[int, int]:
    way = KNOWN | {k.replace("__", ":"): v for k, v in tags.items()} | {"nodes": [0, 1], "mm": [100_000]}
    found = costs(streets_of([way], nodes), profile(name), policy)
    return int(found.forward[0]), int(found.backward[0])


FLAT = 75_188  # 100 m at 1.33 m/s


# -- who may walk, and in which direction ------------------------------------------------------------------
@pytest.mark.parametrize(
    ("tags", "open_"),
    [
        ({"highway": "motorway"}, False),
        ({"highway": "motorway", "foot": "designated"}, True),
        ({"highway": "busway", "sidewalk": "both"}, True),
        ({"highway": "busway", "sidewalk": "no"}, False),
        ({"highway": "construction", "foot": "yes"}, False),
        ({"highway": "", "railway": "platform"}, True),
        ({"highway": "service", "access": "restricted"}, False),
        ({"foot": "restricted"}, False),
        ({"foot": "military", "access": "yes"}, False),
        *[
            ({"access": "no", "foot": foot}, True)
            for foot in "yes designated permissive destination customers official public".split()
        ],
        *[
            ({"access": "yes", "foot": foot}, False)
            for foot in "no private use_sidepath discouraged agricultural forestry delivery".split()
        ],
        *[({"access": access}, True) for access in ("destination", "customers", "permissive", "delivery")],
    ],
)
def test_who_may_walk_on_what(tags: dict[str, str], open_: bool) -> None:
    assert (min(one("adult", **tags)) > 0) is open_


def test_kinds_of_way_that_count_as_something_else() -> None:
    ways = [
        {"highway": "motorway", "foot": "yes"}, {"highway": "", "railway": "platform"}, {"highway": "avenue"},
        {"highway": "footway", "step_count": "5"}, {"highway": "proposed", "step_count": "5"},
    ]  # fmt: skip
    parsed = parse_tags(streets_of([w | {"nodes": [0, 1], "mm": [1000]} for w in ways]))
    assert parsed.classes.tolist() == [0, 3, 1, 6, 7]
    assert [(c.column, c.value, c.count) for c in parsed.caveats] == [("highway", "avenue", 1)]


@pytest.mark.parametrize(
    ("tags", "open_"),
    [
        ({"oneway__foot": "yes"}, (True, False)),
        ({"oneway__foot": "-1"}, (False, True)),
        ({"oneway__foot": "reverse"}, (False, True)),
        ({"oneway__foot": "no", "foot__backward": "no"}, (True, True)),
        ({"foot__backward": "no"}, (True, False)),
        ({"foot__forward": "no"}, (False, True)),
        ({"oneway": "yes"}, (True, True)),
        ({"highway": "steps", "conveying": "forward"}, (True, False)),
        ({"highway": "steps", "conveying": "backward"}, (False, True)),
        ({"highway": "steps", "conveying": "yes"}, (True, True)),
    ],
)
def test_ways_that_people_use_in_one_direction(tags: dict[str, str], open_: tuple[bool, bool]) -> None:
    assert tuple(c > 0 for c in one("adult", **tags)) == open_


def test_on_a_one_way_path_a_tag_can_still_decide_and_a_reason_be_given() -> None:
    way = KNOWN | {"oneway:foot": "yes", "nodes": [0, 1], "mm": [1000]}
    lit = missing(streets_of([way]), profile("night"), decides=True)
    assert not lit["lit"].any()
    dark = streets_of([way | {"lit": ""}])
    assert missing(dark, profile("night"), decides=True)["lit"].tolist() == [True]
    grass = streets_of([way | {"surface": "grass"}])
    assert [r.code for r in costs(grass, profile("wheelchair")).reasons] == ["surface"]


def test_columns_that_fill_others() -> None:
    ways = [
        {"width": "2", "est_width": "1"}, {"est_width": "1"}, {"width": "?", "est_width": "3"},
        {"step_count": "4", "steps": "9"}, {"steps": "9"}, {"step_count": "0"},
    ]  # fmt: skip
    parsed = parse_tags(
        streets_of([KNOWN | {"width": ""} | w | {"nodes": [0, 1], "mm": [1000]} for w in ways])
    )
    np.testing.assert_array_equal(parsed.width[:3], [2, 1, 3])
    np.testing.assert_array_equal(parsed.step_count, [np.nan] * 3 + [4, 9, np.nan])
    assert parsed.caveats == ()


# -- sidewalks and ramps -----------------------------------------------------------------------------------
def test_on_a_road_the_sidewalk_is_what_is_walked_on() -> None:
    road = {"highway": "residential", "sidewalk": "both", "surface": "cobblestone", "width": "9"}
    assert one("wheelchair", **road)[0] == -1
    assert one("wheelchair", **road, sidewalk__both__surface="asphalt")[0] > 0
    assert (
        one("wheelchair", **road, sidewalk__left__surface="grass", sidewalk__right__surface="asphalt")[0] > 0
    )
    road["surface"] = "asphalt"
    assert one("wheelchair", **road)[0] > 0
    assert one("wheelchair", **road, sidewalk__surface="grass")[0] == -1
    assert one("wheelchair", **road, sidewalk__both__width="0.6")[0] == -1
    assert one("wheelchair", **road, sidewalk__left__width="0.6", sidewalk__right__width="1.2")[0] > 0
    assert one("wheelchair", sidewalk__both__width="0.6")[0] > 0  # a footway has no sidewalk


def test_a_ramp_that_is_drawn_apart_is_not_on_the_stair() -> None:
    assert one("pram", "optimistic", highway="steps", ramp="yes")[0] > 0
    assert one("pram", "optimistic", highway="steps", ramp="separate")[0] == -1
    assert one("wheelchair", "optimistic", highway="steps", ramp__wheelchair="separate")[0] == -1


@pytest.mark.parametrize(
    ("tags", "pram", "wheelchair"),
    [
        ({"ramp": "yes"}, "yes", "unknown"),
        ({"ramp": "no"}, "no", "no"),
        ({"ramp": "yes", "ramp__stroller": "no", "ramp__bicycle": "yes"}, "no", "unknown"),
        ({"ramp": "yes", "ramp__bicycle": "yes", "ramp__wheelchair": "no"}, "unknown", "no"),
        ({"ramp__bicycle": "yes"}, "unknown", "unknown"),
        ({"ramp__wheelchair": "yes", "ramp__stroller": "no"}, "yes", "yes"),
        ({"ramp": "no", "wheelchair": "yes"}, "yes", "yes"),
        ({"wheelchair": "limited"}, "unknown", "unknown"),
    ],
)
def test_whom_a_ramp_is_for(tags: dict[str, str], pram: str, wheelchair: str) -> None:
    said = {(True, True): "yes", (False, False): "no", (True, False): "unknown"}
    for name, want in (("pram", pram), ("wheelchair", wheelchair)):
        bounds = (one(name, p, highway="steps", **tags)[0] > 0 for p in ("optimistic", "pessimistic"))
        assert said[tuple(bounds)] == want, name


# -- crossings and kerbs -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("tags", "seconds"),
    [
        ({"crossing__markings": "zebra"}, 4),
        ({"crossing__markings": "no"}, 8),
        ({"crossing__signals": "yes"}, 20),
        ({"crossing__signals": "no", "crossing__markings": "lines"}, 4),
        ({"crossing": "uncontrolled", "crossing__signals": "yes"}, 20),
        ({"crossing": "uncontrolled", "crossing__markings": "no"}, 8),
        ({"crossing": "unmarked", "crossing__markings": "zebra"}, 8),
        ({"crossing": "traffic_signals", "crossing__markings": "no"}, 20),
    ],
)
def test_kinds_of_crossing_by_all_their_tags(tags: dict[str, str], seconds: int) -> None:
    for policy in ("optimistic", "pessimistic"):
        assert one("adult", policy, footway="crossing", kerb="flush", **tags)[0] == FLAT + 1000 * seconds
    at = {1: {"highway": "crossing"} | {k.replace("__", ":"): v for k, v in tags.items()}}
    assert one("adult", nodes=at)[0] == FLAT + 500 * seconds


def test_an_island_is_no_crossing_of_its_own() -> None:
    assert one("adult", footway="traffic_island") == (FLAT, FLAT)


@pytest.mark.parametrize("more", [{"kerb": "raised"}, {"wheelchair": "no"}, {"kerb:height": "12 cm"}])
def test_a_bad_crossing_stops_who_crosses_not_who_walks_along_the_road(more: dict[str, str]) -> None:
    at = {1: {"highway": "crossing", "crossing": "zebra"} | more}
    for road in ({"highway": "residential", "sidewalk": "both"}, {"highway": "service"}):
        ways = [
            KNOWN | road | {"nodes": [0, 1, 2], "mm": [9000, 9000]},
            KNOWN | {"footway": "crossing", "nodes": [3, 1, 4], "mm": [4000, 4000]},
            KNOWN | {"highway": "pedestrian", "nodes": [1, 5], "mm": [4000]},
        ]
        found = costs(streets_of(ways, at), profile("wheelchair"))
        assert (found.forward > 0).tolist() == [True, True, False, False, False]
    # a kerb that is no crossing stands across the street
    assert one("wheelchair", nodes={1: {"barrier": "kerb", "kerb": "raised"}}, highway="service")[0] == -1


def test_a_stop_that_wheelchairs_cannot_use_does_not_close_the_street() -> None:
    for tags, open_ in (
        ({"highway": "bus_stop"}, True), ({"public_transport": "stop_position"}, True),
        ({"railway": "tram_stop"}, True), ({"railway": "crossing"}, False), ({"barrier": "gate"}, False),
        ({}, False),
    ):  # fmt: skip
        assert (one("wheelchair", nodes={1: tags | {"wheelchair": "no"}})[0] > 0) is open_


def test_heights_of_kerbs_that_cannot_be_metres_are_unknown() -> None:
    over = {"footway": "crossing", "crossing": "zebra"}
    found = [one("wheelchair", p, kerb__height="3", **over)[0] > 0 for p in ("optimistic", "pessimistic")]
    assert found == [True, False]
    at = {1: {"barrier": "kerb", "kerb:height": "3"}}
    found = [one("wheelchair", p, nodes=at)[0] > 0 for p in ("optimistic", "pessimistic")]
    assert found == [True, False]
    assert one("wheelchair", nodes={1: {"kerb:height": "3"}}, policy="pessimistic")[0] == -1
    assert one("wheelchair", kerb__height="0.6", **over)[0] == -1
    parsed = parse_tags(streets_of([KNOWN | {"kerb:height": "3", "nodes": [0, 1], "mm": [1000]}]))
    assert [(c.column, c.value) for c in parsed.caveats] == [("kerb:height", "3")]


def test_to_cross_a_road_that_nobody_walks_along_is_to_cross_a_major_road() -> None:
    over = KNOWN | {"footway": "crossing", "kerb": "flush", "nodes": [0, 1, 2], "mm": [5000, 5000]}
    for kind, good in (("unmarked", False), ("traffic_signals", True)):
        found = costs(streets_of([over | {"crossing": kind}], {1: {"road": "trunk"}}), profile("child_alone"))
        assert (found.forward > 0).tolist() == [good, good]


# -- barriers ----------------------------------------------------------------------------------------------
def test_gates_and_gaps() -> None:
    def open_(name: str, **tags: str) -> bool:
        return one(name, nodes={1: {k.replace("__", ":"): v for k, v in tags.items()}})[0] > 0

    assert open_("adult", barrier="gate")
    assert not open_("adult", barrier="gate", locked="yes")
    assert not open_("adult", barrier="gate", access="private")
    assert open_("adult", barrier="gate", access="private", foot="yes")
    assert not open_("adult", barrier="gate", access="yes", foot="private")
    assert open_("adult", barrier="bollard", maxwidth__physical="0.8")
    assert not open_("wheelchair", barrier="bollard", maxwidth__physical="0.8")
    assert open_("wheelchair", barrier="bollard", maxwidth__physical="0.9")
    assert open_("wheelchair", barrier="bollard", maxwidth__physical="0.8", wheelchair="yes")
    assert open_("wheelchair", barrier="bollard", maxwidth__physical="narrow")


# -- heights -----------------------------------------------------------------------------------------------
def test_noise_over_a_metre_is_no_cliff() -> None:
    tags = KNOWN | {"incline": ""}
    ways = [tags | {"nodes": [0, 1, 2], "mm": [1_000, 59_000]}]
    found = costs(streets_of(ways, height=[0.0, 0.5, 0.6]), profile("wheelchair"), "pessimistic")
    assert (found.forward > 0).all()
    assert (found.backward > 0).all()


def test_a_tag_that_says_up_is_believed_before_a_model_that_says_down() -> None:
    way = KNOWN | {"nodes": [0, 1], "mm": [100_000]}
    for said, height in (("up", [5.0, 0.0]), ("down", [0.0, 5.0])):
        denied = costs(streets_of([way | {"incline": said}], height=height), profile("adult"))
        plain = costs(streets_of([way | {"incline": said}]), profile("adult"))
        assert (denied.forward[0], denied.backward[0]) == (plain.forward[0], plain.backward[0])
        agreed = costs(streets_of([way | {"incline": said}], height=height[::-1]), profile("adult"))
        number = "5%" if said == "up" else "-5%"
        exact = costs(streets_of([way | {"incline": number}]), profile("adult"))
        np.testing.assert_array_equal(agreed.forward, exact.forward)
        np.testing.assert_array_equal(agreed.backward, exact.backward)


@pytest.mark.parametrize(
    "over", [{"bridge": "yes"}, {"tunnel": "yes"}, {"bridge": "viaduct"}, {"tunnel": "no"}]
)
def test_the_ground_says_nothing_of_bridges_and_tunnels(over: dict[str, str]) -> None:
    way = KNOWN | {"incline": "", "nodes": [0, 1], "mm": [100_000]} | over
    found = costs(streets_of([way], height=[0.0, 20.0]), profile("wheelchair"), "pessimistic")
    assert (found.forward[0] > 0) == (over != {"tunnel": "no"})


def test_no_edge_takes_no_time() -> None:
    fast = profile({"profile": "fast", "speed": {"flat": 5}})
    found = costs(streets_of([KNOWN | {"nodes": [0, 1], "mm": [1]}]), fast)
    assert (found.forward.tolist(), found.backward.tolist()) == ([1], [1])


def test_heights_say_nothing_of_a_stair() -> None:
    stair = KNOWN | {"highway": "steps", "incline": "", "step_count": "9", "nodes": [0, 1], "mm": [20_000]}
    plain, high = (costs(streets_of([stair], height=h), profile("adult")) for h in (None, [0.0, 5.0]))
    assert high.forward.tolist() == plain.forward.tolist()
    assert high.backward.tolist() == plain.backward.tolist()
