"""Cities side by side: what is compared is defined alike, everything else says why not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from isopolis.flows.benchmark import Measured, measured, side_by_side
from isopolis.flows.compare import Part
from isopolis.model import CallError, DataError, Finding

ONE = Part(
    label="Anna",
    measure="dissimilarity",
    city="Anna",
    dimension="age",
    group="age=old",
    versus="rest",
    scale="ward",
    date="2024",
    value=0.30,
    expected=0.05,
    excess=0.26,
    low=0.25,
    high=0.35,
    interval_method="199 tables redrawn",
    people=10_000,
    members=3_000,
    zones=50,
    universe="residents",
)
ALL = replace(ONE, measure="mutual_information", group="", versus="", categories=("old", "young"))


def bela(part: Part, **other: object) -> Part:
    return replace(part, label="Bela", city="Bela", **other)


def row_of(first: Part, second: Part, *more: Part) -> object:
    return side_by_side([Measured("Anna", (first,)), Measured("Bela", (second, *more))])[0]


def test_what_is_defined_alike_is_compared() -> None:
    row = row_of(ONE, bela(ONE, value=0.2, low=0.15, high=0.24))
    assert row.compared
    assert "The intervals of the two do not overlap" in row.comparison.said
    assert row.to_dict()["parts"][0]["written"] == "30.0%"
    assert row_of(ALL, bela(ALL, value=0.1)).compared


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"scale": "street"}, "different zones or distances: ward and street"),
        ({"universe": "workers"}, "count different people"),
        ({"versus": "age=middle"}, "compared with different people"),
        ({"people": 100_000}, "zones are of different sizes"),
        ({"date": "2010"}, "too far apart"),
        ({"value": None, "why_none": "Nobody."}, "no value for Bela"),
    ],
)
def test_every_reason_against_it_is_said(other: dict[str, object], why: str) -> None:
    row = row_of(ONE, bela(ONE, **other))
    assert not row.compared
    assert why in " ".join(row.comparison.refused)


def test_the_likest_of_several_is_taken() -> None:
    row = row_of(ONE, bela(ONE, scale="street"), bela(ONE, date="2023"), bela(ONE, date="2019"))
    assert [p.date for p in row.comparison.parts] == ["2024", "2023"]
    newest = side_by_side(
        [Measured("Anna", (ONE, replace(ONE, date="2020"))), Measured("Bela", (bela(ONE),))]
    )
    assert [r.comparison.parts[0].date for r in newest] == ["2024"]


def test_a_distance_is_part_of_the_title() -> None:
    near, far = (replace(ALL, scale=s) for s in ("500 m", "2 km"))
    pair = [Measured("Anna", (near, far)), Measured("Bela", (bela(near), bela(far)))]
    titles = [row.title for row in side_by_side(pair)]
    assert [t.rsplit(", ", 1)[-1] for t in titles] == ["500 m", "2 km"]
    assert "ward" not in row_of(ONE, bela(ONE)).title  # type: ignore[attr-defined]


def test_what_one_city_did_not_measure_is_said() -> None:
    row = row_of(ONE, bela(ONE, group="age=young"))
    assert row.missing == ("Bela",)
    assert not row.compared


def test_groups_that_are_not_stated_are_not_taken_for_the_same() -> None:
    nothing = replace(ALL, categories=())
    assert "not stated into which groups" in row_of(nothing, bela(nothing)).comparison.refused[-1]


def test_wrong_calls() -> None:
    with pytest.raises(CallError, match="2 to 12"):
        side_by_side([Measured("Anna", (ONE,))])
    with pytest.raises(CallError, match="twice"):
        side_by_side([Measured("Anna", (ONE,)), Measured("Anna", (ONE,))])


def test_findings_of_an_earlier_run(tmp_path: Path) -> None:
    rows = [
        Finding("dissimilarity", 0.3, group="age=old", dimension="age").to_dict(),
        Finding("dissimilarity", 0.4, group="age=old", dimension="age", scope="district:1").to_dict(),
    ]
    place = tmp_path / "anna.json"
    place.write_text(json.dumps(rows), encoding="utf-8")
    found = measured(place, seed=1)
    assert found.city == "anna"
    assert [p.value for p in found.parts] == [0.3], "parts of a city are not the city"
    (tmp_path / "findings.json").write_text(json.dumps(rows), encoding="utf-8")
    assert measured(tmp_path / "findings.json", seed=1).city == tmp_path.name


@pytest.mark.parametrize(
    "text", ["", "{", "[1]", '[{"value": 1}]', '[{"value": NaN, "measure": "x"}]', "[" * 10**5]
)
def test_files_that_hold_no_findings(tmp_path: Path, text: str) -> None:
    place = tmp_path / "x.json"
    place.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="isopolis diagnose CITY --json"):
        measured(place, seed=1)
