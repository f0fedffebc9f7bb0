"""What if: an edit changes the answer by what a second search on the edited streets finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from isopolis.flows.access import access
from isopolis.flows.access_asked import POLICIES, AccessAsked, AccessFound
from isopolis.flows.access_changes import check_changes
from isopolis.flows.access_doors import doors_of
from isopolis.flows.access_edits import TAGS, check_tag, spot, terms_of
from isopolis.flows.access_ground import ground_of
from isopolis.flows.access_people import everybody
from isopolis.model import AccessData, CallError, Streets
from isopolis.reach.changes import with_kerb, with_way_tag
from isopolis.reach.profiles import costs, parse_tags, profile

from .conftest import Ask
from .dijkstra import share_within, to_nearest

Check = Callable[..., None]

MINUTES = 15
LIMIT = MINUTES * 60_000
BODY = "manual_wheelchair"


def _quiet(_text: str) -> None:
    """Say nothing."""


def _plain(data: AccessData) -> dict[str, float]:
    """Share of everyone within the standard by reading, from the heap search over edge costs."""
    moving, ground = profile(BODY), ground_of(data, _quiet)
    assert ground is not None
    places = data.service("health_centre")
    doors = doors_of(data, places, moving, AccessAsked("health_centre", BODY))
    middle = costs(parse_tags(data.streets), moving, "expected")
    starts = ground.spots(data.origins.lon, data.origins.lat, moving, middle)
    ends = ground.spots(places.lon, places.lat, moving, middle)
    people = everybody(data.origins).values[:, 0]
    out = {}
    for policy in POLICIES:
        which = np.flatnonzero(doors.everyone(policy)).tolist()
        weights = costs(parse_tags(data.streets), moving, policy)
        times = to_nearest(data.streets, weights, starts.points, ends.points, which)
        out[policy] = share_within(times, people, np.asarray(starts.attached), LIMIT)
    return out


def _shares(found: AccessFound) -> dict[str, float]:
    everyone = found.main.everyone
    assert everyone.low is not None
    assert everyone.high is not None
    return {
        "pessimistic": everyone.low, "expected": everyone.finding.number, "optimistic": everyone.high
    }  # fmt: skip


@pytest.fixture(scope="module")
def before(ask: Ask) -> AccessFound:
    return ask(by=(("age",),))


def _streets(example: AccessData) -> Streets:
    assert example.streets is not None
    return example.streets


def test_the_answer_is_that_of_a_plain_search(example: AccessData, before: AccessFound) -> None:
    assert _shares(before) == pytest.approx(_plain(example), abs=1e-12)


def test_recording_streets_moves_the_bounds_by_what_a_plain_search_finds(
    example: AccessData, before: AccessFound
) -> None:
    """Two thirds of what nobody knew of kerbs, surfaces and widths, recorded: one kerb in five is high."""
    streets, rng = _streets(example), np.random.default_rng(3)
    tags = dict(streets.way_tags)
    known = rng.random(len(streets.way_ids)) < 2 / 3
    high = rng.random(len(streets.way_ids)) < 0.2
    for key, good in (("kerb", "flush"), ("surface", "asphalt"), ("width", "2.5"), ("lit", "yes")):
        value = np.where(high, "raised", good) if key == "kerb" else good
        tags[key] = np.where((streets.tag(key) == "") & known, value, streets.tag(key)).astype(object)
    changed = replace(example, streets=replace(streets, way_tags=tags))
    after = access(changed, AccessAsked("health_centre", BODY, MINUTES, ("adult",), (("age",),), sites=0))
    plain, was = _plain(changed), _plain(example)
    assert _shares(after) == pytest.approx(plain, abs=1e-12)
    assert plain["optimistic"] != was["optimistic"]  # some unknown kerbs are high now
    assert plain["pessimistic"] > was["pessimistic"] + 0.01


def test_one_tag_through_the_command_is_one_tag_in_the_streets(
    example: AccessData, before: AccessFound, ask: Ask
) -> None:
    """Tags on streets that the survey points at: what --change says is what the plain search finds."""
    streets, people = _streets(example), everybody(example.origins).values[:, 0]
    ways = [int(w) for w in _asked_for(before)]
    found = ask(by=(("age",),), changes=tuple(f"tag:{way}:kerb=raised" for way in ways))
    label, moved = before.main.everyone.label, 0
    for way, change in zip(ways, found.changed, strict=True):
        plain = _plain(replace(example, streets=with_way_tag(streets, way, "kerb", "raised")))
        was, now = change.levels[label]
        assert was == pytest.approx(before.main.everyone.finding.number, abs=1e-12)
        assert now == pytest.approx(plain["expected"], abs=1e-12)
        assert change.gained == pytest.approx((now - was) * people.sum(), abs=1e-6)
        moved += now < was
    assert moved  # a kerb that is on somebody's way must be seen


def _asked_for(found: AccessFound) -> list[int]:
    """Ways of the survey without a recorded kerb that most people go along."""
    streets = found.streets
    assert streets is not None
    assert found.survey is not None
    assert found.survey_people is not None
    order = np.argsort(-found.survey_people, kind="stable")
    ends = np.stack(
        [streets.lon[streets.tail], streets.lat[streets.tail], streets.lon[streets.head],
         streets.lat[streets.head]], axis=1,
    )  # fmt: skip
    out = []
    for row in order.tolist():
        (edge,) = np.flatnonzero((ends == found.survey[row]).all(axis=1))[:1]
        way = int(streets.way[edge])
        if not streets.tag("kerb")[way] and len(out) < 4:
            out.append(int(streets.way_ids[way]))
    return out


def test_a_kerb_at_a_crossing_never_makes_anybody_worse(example: AccessData, ask: Ask) -> None:
    streets = _streets(example)
    nodes = [int(streets.node_ids[n]) for n in streets.tail[::900]]
    found = ask(by=(("age",),), changes=tuple(f"kerb:{n}" for n in nodes))
    for node, change in zip(nodes, found.changed, strict=True):
        plain = _plain(replace(example, streets=with_kerb(streets, node)))
        assert change.levels[found.main.everyone.label][1] == pytest.approx(plain["expected"], abs=1e-12)
        assert change.gained >= -1e-6


def test_the_first_site_keeps_its_promise_when_it_is_built(ask: Ask) -> None:
    found = ask(by=(("age",), ("age", "disability")), sites=1)
    (site,) = found.sites
    built = ask(by=(("age",), ("age", "disability")), changes=(f"add:{site.origin}",)).changed[0]
    assert site.gained > 0
    assert built.gained == pytest.approx(site.gained, abs=1e-6)
    for label, (was, now) in site.levels.items():
        assert built.levels[label] == pytest.approx((was, now), abs=1e-9), label
    # no other site helps the worst-off group more
    others = tuple(f"add:{i}" for i in found.data.origins.ids[::60])
    worst = min(now for _, now in site.levels.values())
    for other in ask(by=(("age",), ("age", "disability")), changes=others).changed:
        assert min(other.levels[label][1] for label in site.levels) <= worst + 1e-12


def test_closing_moving_and_opening_again(ask: Ask, before: AccessFound) -> None:
    place = str(before.places.ids[before.places.step_free == 1][0])
    row = before.places.ids.tolist().index(place)
    lon, lat = before.places.lon[row], before.places.lat[row]
    found = ask(
        by=(("age",),),
        changes=(f"close:{place}", f"move:{place}:{lon},{lat}", f"extend:{place}:step_free=no",
                 f"extend:{place}:fee=0;step_free=yes"),
    )  # fmt: skip
    closed, moved, steps, same = (c.gained for c in found.changed)
    assert moved == pytest.approx(0, abs=1e-9)
    assert same == pytest.approx(0, abs=1e-9)
    assert closed <= 0
    assert steps == pytest.approx(closed, abs=1e-9)  # a place that nobody can enter is a closed one


@pytest.fixture(scope="module")
def check(example: AccessData) -> Check:
    """Check edits of the example city, or of a copy with other names, without measuring anything."""
    ground, moving = ground_of(example, _quiet), profile(BODY)

    def go(*changes: str, data: AccessData = example) -> None:
        asked, places = AccessAsked("health_centre", BODY, changes=changes), data.service("health_centre")
        check_changes(data, asked, places, moving, ground, None, _quiet)

    return go


def test_a_wrong_edit_is_refused_by_the_whole_flow(ask: Ask) -> None:
    with pytest.raises(CallError, match="did you mean"):
        ask(others=(BODY,), by=(("age",),), changes=("add:010l",))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("ad:0101", "add"),
        ("add", "add:ZONE"),
        ("add:010l", "did you mean"),
        ("add:200,95", "no longitude"),
        ("close:health_centre-0001", "health_centre-001"),
        ("move:health_centre-001:nowhere", "neither a zone"),
        ("add:0,0", r"km from the nearest place where people start; write LON,LAT"),
        ("move:health_centre-001:0,0", "km from the nearest place"),
        ("close:nothing", "no place"),
        ("extend:health_centre-001:fee", "NAME=VALUE"),
        ("extend:health_centre-001:fee=much", "number"),
        ("extend:health_centre-001:fee=-1", "0 or more"),
        ("extend:health_centre-001:capacity=nan", "0 or more"),
        ("extend:health_centre-001:step_free=perhaps", "yes, no or unknown"),
        ("extend:health_centre-001:hours=always", "no opening hours; write 24/7 or Mo-Fr 08:00-18:00"),
        ("extend:health_centre-001:booking=onlin", 'did you mean "online'),
        ("extend:health_centre-001:colour=red", "colour"),
        ("ramp:first", "no number"),
        ("ramp:-5", "-5"),
        ("kerb:-5", "-5"),
        ("tag:1:kerb", "KEY=VALUE"),
        ("tag:-5:kerb=flush", "-5"),
        ("tag:1:surfce=asphalt", 'did you mean "surface"'),
        ("tag:1:surface=aspahlt", 'did you mean "asphalt"'),
        ("tag:1:sidewalk:left:surface=aspahlt", 'did you mean "asphalt"'),
        ("tag:1:highway=residental", 'did you mean "residential"'),
        ("tag:1:smoothness=god", 'did you mean "good"'),
        ("tag:1:kerb=flat", "flush"),
        ("tag:1:width=wide", "metres"),
        ("tag:1:incline=steeply", "per cent"),
        ("tag:1:step_count=some", "whole number"),
        ("tag:1:name=Main Street", "no way of moving reads"),
        ("trips:t:14:05", "no timetable"),
    ],
)
def test_a_wrong_edit_is_refused_with_what_is_right(check: Check, change: str, said: str) -> None:
    with pytest.raises(CallError, match=said):
        check(change)


def test_a_point_with_latitude_first_is_told_to_turn_round(check: Check, example: AccessData) -> None:
    lon, lat = float(example.origins.lon[0]), float(example.origins.lat[0])
    with pytest.raises(CallError, match=f"longitude comes first: {lon:g},{lat:g}"):
        check(f"add:{lat},{lon}")


def test_a_place_without_a_street_is_refused(check: Check, example: AccessData) -> None:
    lon, lat = float(example.origins.lon.max()) + 0.3, float(example.origins.lat.max())
    with pytest.raises(CallError, match="m from any street"):
        check(f"add:{lon},{lat}")
    check(f"add:{example.origins.ids[0]}")


def _named(example: AccessData, names: list[str]) -> AccessData:
    """Give the first zones names of their own."""
    column = example.origins.names.copy()
    column[: len(names)] = names
    return replace(example, origins=replace(example.origins, names=column))


def _changed(data: AccessData, *changes: str) -> list[float]:
    asked = AccessAsked("health_centre", BODY, MINUTES, (BODY,), (("age",),), sites=0, changes=changes)
    return [c.gained for c in access(data, asked).changed]


def test_zones_and_places_by_name(check: Check, example: AccessData) -> None:
    data = _named(example, ["Old Town", "Station, North"])
    first, second = (str(i) for i in data.origins.ids[:2])
    places = data.service("health_centre")
    place, name = str(places.ids[0]), str(places.names[0])
    assert places.names.tolist().count(name) == 1
    by_id = (f"add:{first}", f"move:{place}:{second}", f"close:{place}")
    by_name = ("add:old town", f"move:{name}:Station, North", f"close:{name}")
    found = _changed(data, *by_id, *by_name)
    assert found[:3] == found[3:]
    with pytest.raises(CallError, match='did you mean "Old Town"'):
        check("add:Old Twon", data=data)


def test_a_name_of_two_zones_lists_their_ids_and_an_id_goes_before_a_name(
    check: Check, example: AccessData
) -> None:
    first, second = (str(i) for i in example.origins.ids[:2])
    with pytest.raises(CallError, match=f"2 have the name.*{first}, {second}"):
        check("add:Twin", data=_named(example, ["Twin", "Twin"]))
    like_another = _named(example, ["a", "b", second]).origins
    lon, lat, name = spot(second, like_another, "x")
    assert (lon, lat, name) == (example.origins.lon[1], example.origins.lat[1], "b")


def test_hours_may_have_several_parts() -> None:
    assert terms_of("hours=Mo-Fr 08:00-18:00;Sa 09:00-12:00;fee=0", "x") == {
        "hours": "Mo-Fr 08:00-18:00; Sa 09:00-12:00", "fee": 0.0,
    }  # fmt: skip


def test_every_tag_that_is_read_may_be_changed(example: AccessData, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list is what the reader of streets asks for, with heights and without."""
    asked: set[str] = set()
    plain = Streets.tag

    def listening(self: Streets, key: str) -> np.ndarray:
        asked.add(key)
        return plain(self, key)

    monkeypatch.setattr(Streets, "tag", listening)
    streets = _streets(example)
    parse_tags(replace(streets, height=np.zeros(len(streets.node_ids))))
    assert asked == set(TAGS)


def test_values_that_can_be_read_are_taken() -> None:
    for pair in (
        "surface=asphalt", "surface=paving_stones:30", "width=1,5 m", "incline=up", "incline=8%", "lit=24/7",
        "kerb=lowered", "kerb:height=0.03", "sidewalk=both", "wheelchair=limited", "surface=",
        "crossing=zebra", "ramp:wheelchair=yes", "smoothness=good", "step_count=12", "foot=yes",
    ):  # fmt: skip
        key, _, value = pair.partition("=")
        check_tag(key, value, pair)
