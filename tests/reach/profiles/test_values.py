"""Values of tags as people write them."""

from __future__ import annotations

import math

import pytest

from isopolis.reach.profiles import parse_tags, values

from .made import streets_of


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        ("1.5", 1.5),
        ("1.5 m", 1.5),
        ("1,2", 1.2),
        ("90 cm", 0.9),
        ("90cm", 0.9),
        ("30 mm", 0.03),
        ("2'6\"", 0.762),
        ("2'", 0.6096),
        ('6"', 0.1524),
        ("5 ft", 1.524),
        ("0", 0.0),
        (".5", 0.5),
        ("wide", None),
        ("-1", None),
        ("600", None),
        ("1;2", None),
        ("1.2.3", None),
        ("٣", None),
        ("nan", None),
        ("1e9", None),
    ],
)
def test_lengths(text: str, metres: float | None) -> None:
    assert values.metres(text) == (None if metres is None else pytest.approx(metres))


@pytest.mark.parametrize(
    ("text", "percent"),
    [
        ("8%", 8.0),
        ("-5%", -5.0),
        ("−5 %", -5.0),
        ("+3,5%", 3.5),
        ("4", 4.0),
        ("10°", math.tan(math.radians(10)) * 100),
        ("-10°", -math.tan(math.radians(10)) * 100),
        ("1:12", 100 / 12),
        ("-1:20", -5.0),
        ("1:0", None),
        ("up", None),
        ("120%", None),
        ("89°", None),
        ("8%%", None),
        ("", None),
    ],
)
def test_inclines(text: str, percent: float | None) -> None:
    assert values.incline(text) == (None if percent is None else pytest.approx(percent))


@pytest.mark.parametrize(
    ("text", "count"), [("12", 12), ("0", 0), ("1,000", None), ("12+", None), ("²", None)]
)
def test_numbers_of_steps(text: str, count: int | None) -> None:
    assert values.steps(text) == count


def test_words_of_surfaces_kerbs_and_sidewalks() -> None:
    ways = [
        {"surface": "paving_stones;sett", "sidewalk": "none"},
        {"surface": "Asphalt ", "sidewalk:both": "no"},
        {"surface": "asphalt;lava", "sidewalk:left": "yes"},
        {"surface": "", "sidewalk:left": "no"},
        {"sidewalk:left": "no", "sidewalk:right": "no"},
        {"sidewalk": "separate"},
        {"sidewalk": "separate", "highway": "footway"},
        {"sidewalk:left": "separate", "sidewalk:right": "yes"},
    ]
    all_ways = [{"highway": "residential"} | w | {"nodes": [0, 1], "mm": [1000]} for w in ways]
    parsed = parse_tags(streets_of(all_ways))
    assert parsed.surface.tolist() == [1, 0, -1, -1, -1, -1, -1, -1]
    assert parsed.sidewalk.tolist() == [0, 0, 1, -1, 0, -1, -1, 1]
    assert parsed.closed.tolist() == [False] * 5 + [True, False, False]
    assert [c.column for c in parsed.caveats] == ["surface"]


def test_who_may_walk() -> None:
    ways = [
        ({"access": "private"}, True),
        ({"access": "private", "foot": "yes"}, False),
        ({"access": "yes", "foot": "no"}, True),
        ({"foot": "use_sidepath"}, True),
        ({"access": "customers"}, False),
        ({"access": "destination"}, False),
    ]
    streets = streets_of([{"highway": "service"} | w | {"nodes": [0, 1], "mm": [1000]} for w, _ in ways])
    assert parse_tags(streets).closed.tolist() == [closed for _, closed in ways]
