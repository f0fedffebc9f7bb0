"""Who took part, from files: the invented city with known turnout, files as cities have them, refusals."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from isopolis.engage.representation.cells import Cell
from isopolis.flows.cities import load
from isopolis.flows.took_part_answers import weigh
from isopolis.flows.took_part_words import as_json, lead, listings, unequal_said
from isopolis.flows.who_took_part import Taken, Turnout, people_of, policy_of, residents_of, who_took_part
from isopolis.model import CallError, City, DataError, Group
from isopolis.report.took_part import compose_took_part, took_part_html

NOTE = "example data, not a real place"


@pytest.fixture(scope="module")
def folder(example_cities: Callable[[int], Any]) -> Path:
    return example_cities(60).folder


@pytest.fixture(scope="module")
def city(folder: Path) -> City:
    return load(folder)


@pytest.fixture(scope="module")
def vote(folder: Path, city: City) -> Turnout:
    return people_of(folder / "participation.csv", city)


@pytest.fixture(scope="module")
def taken(vote: Turnout, city: City) -> Taken:
    return who_took_part(vote, city, by=("age",))


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


# -- the show: known turnout is found again -----------------------------------------------------------------
def true_rates(folder: Path, ages: list[str], origins: list[str], districts: Any) -> np.ndarray:
    """(Z, ages, origins) rates that the city was made with, from truth.json alone."""
    told = json.loads((folder / "truth.json").read_text(encoding="utf-8"))["turnout"]
    cell = np.array([[told["cell_rates"][o][a] for o in origins] for a in ages])
    shift = np.array([told["district_logit"].get(str(d), 0.0) for d in districts])
    return 1 / (1 + np.exp(-(np.log(cell / (1 - cell))[None] + shift[:, None, None])))


def test_true_rates_of_the_invented_city_lie_in_their_intervals(
    folder: Path, city: City, vote: Turnout, taken: Taken
) -> None:
    lived = vote.residents
    assert lived is not None
    ages, origins = (list(lived.dimension(n).categories) for n in ("age", "origin"))
    rates = true_rates(folder, ages, origins, city.zones.parents["district"])
    people = lived.values
    by_age = (rates * people).sum(axis=2) / np.maximum(people.sum(axis=2), 1)
    true = {(str(z), a): by_age[i, j] for i, z in enumerate(lived.zone_ids) for j, a in enumerate(ages)}
    inside = [
        line.rate_interval[0] <= true[line.zone, dict(line.group)["age"]] <= line.rate_interval[1]
        for line in taken.board.cells
        if line.rate_interval
    ]
    assert len(inside) >= 280
    assert 0.92 <= np.mean(inside) <= 1.0  # 95 % of them, and hidden cells among them
    whole = (rates * people).sum() / people.sum()
    for line in taken.board.groups["age"]:
        j = ages.index(dict(line.group)["age"])
        ratio = (rates * people).sum(axis=(0, 2))[j] / people.sum(axis=(0, 2))[j] / whole
        assert line.ratio_interval[0] <= ratio <= line.ratio_interval[1]


def test_the_youngest_are_named_first(city: City, taken: Taken) -> None:
    said = lead(taken, city)
    assert "took part" in said[0]
    assert said[1].startswith("15-29: ")
    assert any("would have to be others" in s for s in unequal_said(taken.board, city))
    keys = [t.key for t in listings(taken, city)]
    assert keys == ["by-1", "zones", "gaps", "cells"]


def test_nothing_that_is_hidden_is_in_the_json(taken: Taken) -> None:
    out = json.loads(json.dumps(as_json(taken), allow_nan=False))
    hidden = [c for c in out["cells"] if c["hidden"]]
    assert len(hidden) == out["hidden_cells"] > 0
    assert all(c["took_part"] is None and not c["counted"] for c in hidden)
    assert NOTE in out["notes"]
    assert out["rule_card"]["threshold"] == 10
    assert "placed" not in {k for c in out["cells"] for k in c}


def test_small_neighbourhoods_are_joined_and_it_is_said(city: City, vote: Turnout) -> None:
    both = who_took_part(vote, city, by=("age", "origin"), level="district")
    assert both.level == "district"
    alone = who_took_part(vote, city, policy=policy_of(40))
    assert alone.level == "district" or alone.board.card["by"] != ["age", "origin"]
    with pytest.raises(CallError, match="too many cells"):
        who_took_part(vote, city, by=("age", "origin"), level="zone")


# -- files as cities have them ------------------------------------------------------------------------------
def test_one_row_per_person_with_ages_in_years_and_names_of_zones(tmp_path: Path, city: City) -> None:
    names = [str(n) for n in city.zones.names]
    rows = [
        f"{names[i % 40].upper()};{16 + i % 70};{'FM'[i % 2]};{['yes', 'no', ''][i % 3]}" for i in range(900)
    ]
    path = written(tmp_path / "p.csv", "Neighbourhood;age;Gender;car\n" + "\n".join(rows))
    turnout = people_of(path, city)
    assert turnout.columns == {"zone": "Neighbourhood", "age": "age", "sex": "Gender"}
    assert sum(turnout.people.values()) == 900
    assert turnout.people[Cell(str(city.zones.ids[0]), Group.of(age="15-29", sex="female"))] > 0
    out = who_took_part(turnout, city, by=("sex",), leave_out=[Group.of(age="0-14")])
    assert out.board.counted == 900
    assert out.placed.residents.values.sum() < city.table("sex").values.sum()
    car = weigh(turnout, city, "car", leave_out=[Group.of(age="0-14")])
    assert car.by == ("age", "sex")
    assert [s.answer for s in car.shares] == ["yes", "no"]
    assert "Weighted by" in car.note


def test_ids_that_lost_their_zeros_and_districts_are_known(tmp_path: Path, city: City) -> None:
    ids = [str(i) for i in city.zones.ids]
    lines = "\n".join(f"{i.lstrip('0')},{30}" for i in ids)
    lost = people_of(written(tmp_path / "a.csv", f"zone,participants\n{lines}"), city)
    assert {c.zone for c in lost.people} == set(ids)
    units = sorted({str(d) for d in city.zones.parents["district"]})
    lines = "\n".join(f"{u},{200}" for u in units)
    whole = people_of(written(tmp_path / "b.csv", f"district,voters\n{lines}"), city)
    assert whole.level == "district"
    assert who_took_part(whole, city).level == "district"
    with pytest.raises(CallError, match="known by"):
        who_took_part(whole, city, level="zone")


def test_all_problems_are_said_at_once(tmp_path: Path, city: City) -> None:
    nowhere = written(tmp_path / "a.csv", "zone,n\nAtlantis,5\nShangri-La,7\n")
    with pytest.raises(DataError, match="no column holds neighbourhoods"):
        people_of(nowhere, city)
    zone = str(city.zones.ids[0])
    bad = written(tmp_path / "b.csv", f"zone,participants,eligible\n{zone},1.5,10\n{zone},3,many\n")
    with pytest.raises(DataError) as error:
        people_of(bad, city)
    assert len(error.value.problems) == 2
    half = written(tmp_path / "c.csv", f"zone,age\n{zone},30\n{zone},40\n{zone},dog\nAtlantis,50\n")
    found = people_of(half, city)
    assert sorted(p.code for p in found.caveats) == ["unknown-category", "unknown-zone"]
    assert {p.rows for p in found.caveats} == {(4,), (5,)}
    with pytest.raises(CallError, match=r"did you mean|there is"):
        people_of(half, city, zone="zonne")
    with pytest.raises(CallError, match="only"):
        who_took_part(found, city)
    with pytest.raises(DataError):
        people_of(written(tmp_path / "d.csv", "zone,age\n"), city)


def test_calls_that_make_no_sense_say_so(city: City, vote: Turnout) -> None:
    for wrong in ({"by": ("shoe",)}, {"level": "planet"}):
        with pytest.raises(CallError, match=r"did you mean|there is"):
            who_took_part(vote, city, **wrong)
    with pytest.raises(CallError, match=r"there is no|has no category|no category"):
        residents_of(city, ("age",), leave_out=[Group.of(age="0-15")])
    with pytest.raises(CallError, match="every row of the file is one person"):
        weigh(vote, city, "voters")


def test_residents_of_the_census_leave_out_who_could_not_take_part(city: City) -> None:
    all_, grown = (
        residents_of(city, ("origin",)),
        residents_of(city, ("origin",), leave_out=[Group.of(age="0-14")]),
    )
    ages = city.table("age", "origin").values
    assert all_.values.sum() - grown.values.sum() == ages[:, 0].sum()
    whole = residents_of(city, ("age",), leave_out=[Group.of(age="0-14")], level="district")
    assert whole.values.sum() == grown.values.sum()
    assert "0-14" not in whole.dimension("age").categories


def test_the_page_is_whole_and_says_that_it_is_invented(taken: Taken, city: City) -> None:
    page = took_part_html(compose_took_part(taken, city))
    assert page.count("<h1") == 1
    assert "Example data, not a real place." in page
    assert "<svg" in page
    assert "<script" not in page
    assert "hidden" in page
