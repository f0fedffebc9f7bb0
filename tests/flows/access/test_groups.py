"""Shares of groups, doors, parts of gaps and the JSON form, each against the plainest way to count it."""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from isopolis.flows.access import access
from isopolis.flows.access_asked import POLICIES, AccessAsked, AccessFound
from isopolis.flows.access_doors import doors_of
from isopolis.flows.access_json import to_dict
from isopolis.flows.access_words import in_short, lines
from isopolis.model import AccessData, CallError
from isopolis.reach.profiles import profile

from .conftest import Ask

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


def _people(folder: Path) -> dict[tuple[str, str, str], float]:
    """People of 2025 by zone, age and disability, row by row."""
    out: dict[tuple[str, str, str], float] = defaultdict(float)
    with (folder / "population.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["date"] == "2025":
                out[row["zone"], row["age"], row["disability"]] += float(row["count"])
    return out


def _middle(pairs: list[tuple[float, float]]) -> float:
    """Return the value of the person in the middle, one by one."""
    whole, so_far = sum(n for _, n in pairs), 0.0
    for value, many in sorted(pairs):
        so_far += many
        if so_far >= whole / 2:
            return value
    raise AssertionError("nobody")


def test_shares_are_those_of_a_loop_over_zones_and_groups(wheelchair: AccessFound, folder: Path) -> None:
    ids, people = wheelchair.data.origins.ids.tolist(), _people(folder)
    compared = 0
    for group in wheelchair.main.groups:
        named = dict(re.findall(r"(\w+)=([^&]+?)(?= &|$)", group.group))
        mine = dict.fromkeys(ids, 0.0)
        for (zone, age, disability), many in people.items():
            if named.get("age", age) == age and named.get("disability", disability) == disability:
                mine[zone] += many
        shares = {}
        for policy in POLICIES:
            near = 0.0
            for zone, time in zip(ids, wheelchair.main.nearest[policy].tolist(), strict=True):
                near += mine[zone] if 0 <= time <= 15 * 60_000 else 0.0
            shares[policy] = near / sum(mine.values())
        assert group.people == pytest.approx(sum(mine.values()))
        assert group.finding.number == pytest.approx(shares["expected"], abs=1e-12)
        assert group.low == pytest.approx(shares["pessimistic"], abs=1e-12)
        assert group.high == pytest.approx(shares["optimistic"], abs=1e-12)
        assert group.beyond == pytest.approx((1 - shares["expected"]) * group.people, rel=1e-9)
        if group.gap is not None and group.group:
            everyone = wheelchair.main.everyone.finding.number
            assert group.gap == pytest.approx(shares["expected"] - everyone, abs=1e-12)
        times = wheelchair.main.nearest["expected"].tolist()
        middle = _middle(
            [(np.inf if t < 0 else t / 60_000, mine[z]) for z, t in zip(ids, times, strict=True)]
        )
        assert (group.median is None) == np.isinf(middle)
        if group.median is not None:
            assert group.median == pytest.approx(middle, abs=1e-9)
        compared += 1
    assert compared == 1 + 6 + 6 * 2


def test_in_reach_is_a_plain_sum(ask: Ask) -> None:
    found = ask("pharmacy", "adult", others=("manual_wheelchair",), by=(("age",),))
    travel, people = found.main.travel["expected"], _people_of(found)
    open_ = doors_of(found.data, found.places, profile("adult"), found.asked).everyone("expected")
    whole = 0.0
    for o in range(len(people)):
        indices, costs = travel.row(o)
        whole += people[o] * sum(1 for i, c in zip(indices, costs, strict=True) if open_[i] and c <= 900_000)
    assert found.main.everyone.reached == pytest.approx(whole / people.sum(), rel=1e-12)


def _people_of(found: AccessFound) -> np.ndarray:
    from isopolis.flows.access_people import everybody

    return everybody(found.data.origins).values[:, 0]


# -- doors ---------------------------------------------------------------------------------------------
def _rows(folder: Path, kind: str) -> list[dict[str, str]]:
    with (folder / "services.csv").open(encoding="utf-8") as file:
        return [r for r in csv.DictReader(file) if r["kind"] == kind]


def _open(hours: str, day: str, minute: int) -> bool:
    """Read what the example city writes: ``24/7``, or days and spans, one rule after the other."""
    if hours == "24/7":
        return True
    for rule in hours.split(";"):
        days, _, spans = rule.strip().partition(" ")
        on = False
        for part in days.split(","):
            first, _, last = part.partition("-")
            on |= DAYS.index(first) <= DAYS.index(day) <= DAYS.index(last or first)
        for span in spans.split(","):
            begin, end = (int(t[:2]) * 60 + int(t[3:]) for t in span.split("-"))
            if on and begin <= minute < end:
                return True
    return False


CASES = [
    ("health_centre", {"at": "Tu 17:00"}, lambda r: _open(r["opening_hours"], "Tu", 17 * 60)),
    ("health_centre", {"at": "Sa 10:00"}, lambda r: _open(r["opening_hours"], "Sa", 600)),
    ("health_centre", {"at": "We 14:00"}, lambda r: _open(r["opening_hours"], "We", 840)),
    ("town_hall_office", {"at": "Mo 08:30"}, lambda r: _open(r["opening_hours"], "Mo", 510)),
    ("town_hall_office", {"at": "Th 17:30"}, lambda r: _open(r["opening_hours"], "Th", 1050)),
    ("health_centre", {"fee": 0.0}, lambda r: float(r["fee_eur"]) <= 0),
    ("public_toilet", {"fee": 0.5}, lambda r: float(r["fee_eur"]) <= 0.5),
    ("health_centre", {"language": "ar"}, lambda r: "ar" in r["languages"].split(";")),
    ("health_centre", {"language": "en"}, lambda r: True),
    ("health_centre", {"offline": True}, lambda r: r["booking"] != "online_only"),
    (
        "health_centre",
        {"at": "Tu 17:00", "fee": 0.0, "offline": True},
        lambda r: _open(r["opening_hours"], "Tu", 1020) and float(r["fee_eur"]) == 0
        and r["booking"] != "online_only",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "terms", "admits"), CASES, ids=lambda x: "" if callable(x) else str(x))
def test_a_term_removes_exactly_the_places_it_should(
    example: AccessData, folder: Path, kind: str, terms: dict[str, object], admits
) -> None:
    asked = AccessAsked(kind, "adult", **terms)  # type: ignore[arg-type]
    places = example.service(kind)
    doors = doors_of(example, places, profile("adult"), asked)
    expected = {r["id"] for r in _rows(folder, kind) if admits(r)}
    for policy in POLICIES:  # nothing of these is unknown in the example city
        assert set(places.ids[doors.everyone(policy)].tolist()) == expected
    assert len(expected) == len(places) or doors.said


def test_steps_at_the_door_close_it_to_wheels_only_and_unknown_is_neither(
    example: AccessData, folder: Path
) -> None:
    places, rows = example.service("health_centre"), _rows(folder, "health_centre")
    answers = {word: {r["id"] for r in rows if r["step_free"] == word} for word in ("yes", "no", "unknown")}
    assert all(answers.values())
    doors = doors_of(example, places, profile("manual_wheelchair"), AccessAsked("health_centre"))
    assert set(places.ids[doors.everyone("pessimistic")].tolist()) == answers["yes"]
    for policy in ("expected", "optimistic"):
        assert set(places.ids[doors.everyone(policy)].tolist()) == answers["yes"] | answers["unknown"]
    on_foot = doors_of(example, places, profile("adult"), AccessAsked("health_centre"))
    assert on_foot.everyone("pessimistic").all()


def test_no_place_open_means_nobody_and_not_an_error(ask: Ask) -> None:
    found = ask(at="Su 03:00", others=("adult",))
    assert found.main.everyone.finding.number == 0
    assert found.main.everyone.median is None
    assert (found.main.nearest["optimistic"] == -1).all()
    assert found.barriers
    assert lines(found)


def test_who_is_not_admitted_has_no_share(ask: Ask, folder: Path) -> None:
    """Childcare is for children, care for older people: other ages have a reason and no number."""
    said = {r["eligibility"] for r in _rows(folder, "care_for_older_people")}
    assert len(said) == 1
    (age,) = re.findall(r"\d+", said.pop()) or [""]
    assert age == "65"
    found = ask("care_for_older_people", "adult", others=("manual_wheelchair",), by=(("age",),))
    defined = {g.group: g.finding.defined for g in found.main.groups[1:]}
    assert defined["age=65-79"]
    assert defined["age=80+"]
    assert not defined["age=15-29"]
    assert not defined["age=0-14"]
    reason = next(g for g in found.main.groups if g.group == "age=0-14")
    assert "not for this group" in reason.finding.explanation
    assert reason.beyond == 0


# -- parts of gaps -------------------------------------------------------------------------------------
def test_parts_add_up_to_the_gap(ask: Ask) -> None:
    found = ask("health_centre", "adult", others=("manual_wheelchair", "older_person", "child_alone"),
                by=(("age",), ("disability",), ("income", "disability")), fee=0.0)  # fmt: skip
    assert found.split
    for label, parts in found.split.items():
        assert parts["gap"] < 0, label
        whole = parts["where"] + parts["how"] + parts["admits"]
        assert whole == pytest.approx(parts["gap"], abs=1e-12), label
        assert str(parts["said"])
    moved = [p for label, p in found.split.items() if "wheelchair" in label.lower()]
    assert moved
    assert all(p["how"] < 0 for p in moved)  # streets hold a wheelchair back more than where its user lives


def test_the_whole_gap_of_a_split_is_the_difference_of_two_answers(wheelchair: AccessFound) -> None:
    """Where all move as asked, a group's gap is its share less everyone's share as an adult."""
    adult = next(p for p in wheelchair.profiles if p.name == "adult").everyone.finding.number
    by_label = {str(g.label): g for g in wheelchair.main.groups}
    compared = 0
    for label, parts in wheelchair.split.items():
        plain = next((g for name, g in by_label.items() if str(label).startswith(f"{name} (")), None)
        if plain is not None:
            assert parts["gap"] == pytest.approx(plain.finding.number - adult, abs=1e-9)
            compared += 1
    assert compared == len(wheelchair.split) > 0


# -- the JSON form -------------------------------------------------------------------------------------
def test_json_is_plain_whole_and_says_what_the_answer_says(wheelchair: AccessFound) -> None:
    text = json.dumps(to_dict(wheelchair), allow_nan=False)
    back = json.loads(text)
    assert back == json.loads(json.dumps(back))
    assert [p["name"] for p in back["profiles"]] == [p.name for p in wheelchair.profiles]
    for told, found in zip(back["profiles"], wheelchair.profiles, strict=True):
        assert [g["value"] for g in told["groups"]] == [g.finding.number for g in found.groups]
        assert [g["people"] for g in told["groups"]] == [g.people for g in found.groups]
        for policy, times in found.nearest.items():
            minutes = list(told["origins"][policy].values())
            assert [m is None for m in minutes] == (times < 0).tolist()
            for m, t in zip(minutes, times.tolist(), strict=True):
                assert m is None or m == pytest.approx(t / 60_000, abs=0.001)
    assert len(back["caveats"]) == len(wheelchair.caveats)
    assert back["notes"] == [str(n) for n in wheelchair.data.notes]
    assert back["in_short"] == [str(t) for t in in_short(wheelchair)]


def test_a_value_that_does_not_exist_is_null_with_its_reason(ask: Ask) -> None:
    found = ask("care_for_older_people", "adult", others=("manual_wheelchair",), by=(("age",),))
    told = json.loads(json.dumps(to_dict(found), allow_nan=False))
    child = next(g for g in told["profiles"][0]["groups"] if g["group"] == "age=0-14")
    assert not isinstance(child["value"], int | float)
    assert "not for this group" in json.dumps(child)


def test_the_same_question_has_the_same_answer(ask: Ask, wheelchair: AccessFound) -> None:
    again = ask(by=(("age",), ("age", "disability")))
    assert json.dumps(to_dict(again)) == json.dumps(to_dict(wheelchair))


# -- questions that cannot be asked ----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"service": "helth_centre"}, "health_centre"),
        ({"profile": "weelchair"}, "wheelchair"),
        ({"others": ("adlt",)}, "adult"),
        ({"by": (("agge",),)}, "age"),
        ({"by": (("age", "religion"),)}, "no table"),
        ({"at": "Tuesday"}, "14:30"),
        ({"at": "Xx 14:30"}, "Tu"),
        ({"at": "Tu 14:99"}, "14:30"),
        ({"depart": "14:00"}, "14:00-16:00"),
        ({"depart": "16:00-14:00"}, "ends before"),
        ({"minutes": 0}, "minutes"),
        ({"minutes": float("nan")}, "minutes"),
        ({"sites": -1}, "sites"),
        ({"fee": -1.0}, "fee"),
        ({"fee": float("nan")}, "fee"),
    ],
)
def test_a_wrong_question_is_refused_with_what_is_near(
    example: AccessData, terms: dict[str, object], said: str
) -> None:
    asked = {"service": "health_centre", "others": ("adult",), "sites": 0} | terms
    with pytest.raises(CallError, match=said):
        access(example, AccessAsked(**asked))  # type: ignore[arg-type]
