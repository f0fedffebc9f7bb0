"""What if: an edit changes the answer by what a second search on the edited streets finds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from isopolis.flows.access import access
from isopolis.flows.access_asked import POLICIES, AccessAsked, AccessFound
from isopolis.flows.access_doors import doors_of
from isopolis.flows.access_ground import ground_of
from isopolis.flows.access_people import everybody
from isopolis.model import AccessData, CallError, Streets
from isopolis.reach.changes import with_kerb, with_way_tag
from isopolis.reach.profiles import costs, missing, parse_tags, profile

from .conftest import Ask
from .dijkstra import share_within, to_nearest

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


def _candidates(example: AccessData, before: AccessFound) -> list[int]:
    """Ways without a recorded kerb on which somebody outside the standard lives in the pessimistic reading."""
    streets = _streets(example)
    ground = ground_of(example, _quiet)
    assert ground is not None
    walk = ground.walk(profile(BODY), _quiet)
    kerb = missing(ground.parsed, walk.profile, decides=True)["kerb"]
    open_ = (before.main.nearest["pessimistic"] < 0) & (before.main.nearest["expected"] >= 0)
    rows = streets.way[walk.origins.points.edge[open_]]
    return sorted({int(streets.way_ids[w]) for w in rows[kerb[walk.origins.points.edge[open_]]]})


def test_recording_kerbs_moves_the_bounds_by_what_a_plain_search_finds(
    example: AccessData, before: AccessFound
) -> None:
    """All unknown kerbs of the streets that the answer hangs on, recorded: lowered here, raised there."""
    streets = _streets(example)
    kerb = np.flatnonzero(streets.tag("kerb") == "")
    assert len(kerb) > 100
    edited = streets
    for turn, row in enumerate(kerb[:60].tolist()):
        edited = with_way_tag(edited, int(streets.way_ids[row]), "kerb", "raised" if turn % 2 else "flush")
    changed = replace(example, streets=edited)
    after = access(changed, AccessAsked("health_centre", BODY, MINUTES, ("adult",), (("age",),), sites=0))
    plain = _plain(changed)
    assert _shares(after) == pytest.approx(plain, abs=1e-12)
    assert plain != _plain(example)


def test_one_tag_through_the_command_is_one_tag_in_the_streets(
    example: AccessData, before: AccessFound, ask: Ask
) -> None:
    """The first unknown kerbs that matter: what --change says is what the plain search finds."""
    ways = _candidates(example, before)[:3]
    assert ways
    edits = tuple(f"tag:{way}:kerb=raised" for way in ways)
    found = ask(by=(("age",),), changes=edits)
    whole = before.main.everyone
    people = everybody(example.origins).values[:, 0].sum()
    lost = 0.0
    for way, change in zip(ways, found.changed, strict=True):
        plain = _plain(replace(example, streets=with_way_tag(_streets(example), way, "kerb", "raised")))
        was, now = change.levels[whole.label]
        assert was == pytest.approx(whole.finding.number, abs=1e-12)
        assert now == pytest.approx(plain["expected"], abs=1e-12)
        lost += abs(change.gained)
        assert abs(change.gained) <= people
    assert np.isfinite(lost)


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


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("ad:0101", "add"),
        ("add", "add:ZONE"),
        ("add:010l", "0101"),
        ("add:200,95", "no longitude"),
        ("close:health_centre-0001", "health_centre-001"),
        ("move:health_centre-001:nowhere", "neither the id of a zone"),
        ("extend:health_centre-001:fee", "NAME=VALUE"),
        ("extend:health_centre-001:fee=much", "number"),
        ("extend:health_centre-001:step_free=perhaps", "yes, no or unknown"),
        ("extend:health_centre-001:colour=red", "colour"),
        ("ramp:first", "no number"),
        ("ramp:-5", "-5"),
        ("kerb:-5", "-5"),
        ("tag:1:kerb", "KEY=VALUE"),
        ("tag:-5:kerb=flush", "-5"),
        ("trips:t:14:05", "no timetable"),
    ],
)
def test_a_wrong_edit_is_refused_with_what_is_right(ask: Ask, change: str, said: str) -> None:
    with pytest.raises(CallError, match=said):
        ask(others=(BODY,), by=(("age",),), changes=(change,))
