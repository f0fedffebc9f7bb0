"""Shipped profiles, and what is said about a profile that is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from isopolis.model.errors import CallError, DataError
from isopolis.reach.profiles import Choice, Range, names, parse_profile, parse_profile_text, profile

from .made import written

EIGHT = {
    "adult", "older_person", "child_alone", "pram", "cane", "manual_wheelchair", "powered_wheelchair",
    "night",
}  # fmt: skip


def test_there_are_eight_profiles_each_with_sources_a_date_and_a_note() -> None:
    assert set(names()) == EIGHT
    assert names()[0] == "adult"
    for name in names():
        found = profile(name)
        assert found.name == name
        assert found.title
        assert "judgement" in found.note
        assert found.read >= "2026-11-23"
        assert len(found.citations) >= 2
        assert all(c.cite for c in found.citations)


@pytest.mark.parametrize(
    "word", ["wheelchair", "Manual wheelchair", "manual-wheelchair", " manual_wheelchair "]
)
def test_a_profile_by_other_words(word: str) -> None:
    assert profile(word) is profile("manual_wheelchair")


def test_an_unknown_name_gets_the_nearest() -> None:
    with pytest.raises(CallError, match='did you mean "older_person"'):
        profile("older people")


def test_what_stands_in_the_file_is_what_the_profile_says() -> None:
    found, yaml = profile("manual_wheelchair"), written("manual_wheelchair")
    assert found.speed.flat == yaml["speed"]["flat"]
    assert [list(p) for p in found.speed.table] == [[float(a), float(b)] for a, b in yaml["speed"]["factors"]]
    for key, value in yaml["limits"].items():
        kept = getattr(found.limits, key)
        assert kept == (frozenset(value) if isinstance(value, list) else value)
    for key, value in yaml["costs"].items():
        kept = getattr(found.costing, key)
        assert (dict(kept) if isinstance(value, dict) else kept) == value
    assert found.transit.needs_wheelchair
    assert found.transit.boarding_seconds == yaml["transit"]["boarding_seconds"]
    assert profile(yaml) == found


def test_a_profile_of_two_lines_walks_everywhere() -> None:
    found = parse_profile_text("profile: robot\nspeed: {flat: 1.5}\n", "robot.yaml")
    assert found.title == "robot"
    assert found.limits.steps == "allowed"
    assert found.offset(3.0) == 2000


def test_a_profile_puts_its_own_assumptions_in_place_of_the_shared_ones() -> None:
    text = """
    profile: local
    speed: {flat: 1}
    unknown:
      lit: {any: {possible: [yes], expected: yes}}
      incline: {footway: {lowest: 0, highest: 2, expected: 1}}
    """
    found = parse_profile_text(text, "local.yaml").unknown
    assert found.choice("lit") == Choice(("yes",), "yes")
    assert found.choice("lit", "path") is None
    assert found.range("incline", "footway") == Range(0, 2, 1)
    assert found.range("incline", "path") is None
    assert found.choice("kerb") == profile("adult").unknown.choice("kerb")


GOOD: dict[str, Any] = {"profile": "mine", "speed": {"flat": 1.0}}


@pytest.mark.parametrize(
    ("more", "column", "says"),
    [
        ({"sped": {}}, "sped", 'did you mean "speed"'),
        ({"profile": "Mine!"}, "profile", "small letters"),
        ({"speed": {"flat": 9}}, "speed.flat", "0.1 to 5.0"),
        ({"speed": {"flat": True}}, "speed.flat", "0.1 to 5.0"),
        ({"speed": {"flat": float("nan")}}, "speed.flat", "0.1 to 5.0"),
        ({"speed": None}, "speed", "missing"),
        ({"speed": {"flat": 1, "slope": "table"}}, "speed.factors", "pairs"),
        ({"speed": {"flat": 1, "slope": "table", "factors": [[0, 1], [0, 2]]}}, "speed.factors", "ascending"),
        ({"speed": {"flat": 1, "slope": "tobbler"}}, "speed.slope", "tobler"),
        ({"limits": {"steps": "sometimes"}}, "limits.steps", "never"),
        ({"limits": {"surfaces": ["lava"]}}, "limits.surfaces", "cobbles"),
        ({"limits": {"kerb": -1}}, "limits.kerb", "0 to 1"),
        ({"limits": {"unlit": "maybe"}}, "limits.unlit", "yes or no"),
        ({"limits": [1]}, "limits", "table"),
        ({"costs": {"surface": {"soft": 0.5}}}, "costs.surface.soft", "1 to 20"),
        ({"costs": {"surface": {"sand": 2}}}, "costs.surface.sand", "smooth"),
        ({"transit": {"boarding_seconds": 1.5}}, "transit.boarding_seconds", "whole number"),
        ({"max_minutes": 0}, "max_minutes", "1 to 600"),
        ({"sources": "me"}, "sources", "list"),
        ({"sources": [{"where": "p. 3"}]}, "sources[1].cite", "missing"),
        ({"read": "yesterday"}, "read", "2026"),
        (
            {"unknown": {"lit": {"path": {"possible": [True], "expected": False}}}},
            "unknown.lit.path.expected",
            "yes",
        ),
        (
            {"unknown": {"lit": {"path": {"possible": [], "expected": True}}}},
            "unknown.lit.path.possible",
            "list",
        ),
        (
            {"unknown": {"width": {"path": {"lowest": 3, "highest": 1, "expected": 2}}}},
            "unknown.width.path.expected",
            "lowest",
        ),
        ({"unknown": {"width": {"path": {"lowest": 3}}}}, "unknown.width.path.highest", "0.0 to 100.0"),
        ({"unknown": {"colour": {}}}, "unknown.colour", "surface"),
    ],
)
def test_each_mistake_is_named_with_its_place_and_what_is_allowed(
    more: dict[str, Any], column: str, says: str
) -> None:
    with pytest.raises(DataError) as caught:
        parse_profile(GOOD | more, "mine.yaml")
    found = [p for p in caught.value.problems if p.column == column]
    assert found, caught.value
    assert found[0].file == "mine.yaml"
    assert says in str(found[0])


def test_all_mistakes_come_at_once() -> None:
    wrong = {"profile": "", "speed": {"flat": "fast"}, "limits": {"width": "x", "steps": 3}, "more": 1}
    with pytest.raises(DataError) as caught:
        parse_profile(wrong, "mine.yaml")
    columns = {p.column for p in caught.value.problems}
    assert columns == {"profile", "speed.flat", "limits.width", "limits.steps", "more"}


@pytest.mark.parametrize("text", ["", "- a list", "profile: [", "just words"])
def test_what_is_no_table_is_refused(text: str) -> None:
    with pytest.raises(DataError):
        parse_profile_text(text, "mine.yaml")
