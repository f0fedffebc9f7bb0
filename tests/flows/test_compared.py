"""Comparisons are settled by definitions before anything is measured, and only what is left is measured."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from isopolis.flows import diagnose as diagnosing
from isopolis.flows.benchmark import Measured, compared, measured_by, side_by_side
from isopolis.flows.compare import Part, compare, identity
from isopolis.flows.diagnose import diagnose
from isopolis.flows.diagnosis import Diagnosis
from isopolis.flows.planned import asked_for, planned
from isopolis.model import CallError, City, Dimension

from .test_benchmark import ONE, bela
from .towns import AGE, ORIGIN, SEX, counts, town, values


@pytest.fixture(scope="module")
def city() -> City:
    """Dates, a crossing, districts, outlines, populations, a survey; example data, not a real place."""
    gender = replace(SEX, name="gender")
    later = counts(values(36, (2, 3), 2), SEX, ORIGIN, date="2020", universe="residents")
    return town(
        counts(values(36, (2, 3), 1), SEX, ORIGIN, date="2010", universe="residents"),
        later,
        counts(values(36, (4,), 3), AGE, date="2020", universe="residents"),
        counts(values(36, (2,), 4), gender, date="2020", universe="voters"),
        counts(values(36, (2,), 5), gender, date="2020", universe="candidates"),
        survey=(counts(values(36, (2,), 6), SEX, date="2021", universe="adults"),),
    )


@pytest.fixture(scope="module")
def whole(city: City) -> Diagnosis:
    return diagnose(city, simulations=19)


def definition(part: Part) -> tuple[object, ...]:
    return (*identity(part), part.universe, part.people, part.members, part.zones)


def test_what_is_planned_is_what_a_diagnosis_finds(city: City, whole: Diagnosis) -> None:
    told = planned(city)
    assert all(p.value is None and p.subject and p.about for p in told)
    found = [f for f in whole.findings if f.scope == "city"]
    assert [identity(p) for p in told] == [identity(f) for f in found]
    measured = measured_by(whole).parts
    assert [definition(p) for p in told] == [definition(p) for p in measured]
    assert [p.value for p in measured] == [f.number for f in found]
    kinds = {"mutual_information_within", "spatial_information_theory", "share", "dissimilarity_change"}
    assert kinds <= {p.measure for p in told}


def test_a_part_of_a_diagnosis_has_the_values_of_the_whole(city: City, whole: Diagnosis) -> None:
    wanted = [
        p
        for p in planned(city)
        if (p.measure, p.group) in (("dissimilarity_change", "origin=far"), ("isolation", "age=65+"))
        or p.measure in ("spatial_information_theory", "share")
    ]
    some = diagnose(city, simulations=19, only=asked_for(wanted))
    assert all(f.scope == "city" for f in some.findings)
    assert len(some.findings) < len(whole.findings) / 4
    full = {identity(f): f.to_dict() for f in whole.findings if f.scope == "city"}
    assert {identity(p) for p in wanted} <= {identity(f) for f in some.findings}
    for finding in some.findings:
        assert finding.to_dict() == full[identity(finding)]


def folder(place: Path, name: str, kind: str, labels: str = "") -> Path:
    place.mkdir()
    rows = ["zone,total,here,abroad"] + [f"w{i},{200 + i},{150 - 7 * i},{50 + 8 * i}" for i in range(12)]
    (place / "people.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (place / "city.toml").write_text(
        f'name = "{name}"\n[zones]\nid = "zone"\nkind = "{kind}"\n[[tables]]\nfile = "people.csv"\n'
        'layout = "wide"\nzone = "zone"\ndate = "2020"\ntotal = "total"\n[[tables.dimensions]]\n'
        f'name = "origin"\ncolumns = ["here", "abroad"]\ntotal = "total"\n{labels}\n',
        encoding="utf-8",
    )
    return place


def test_a_refusal_comes_before_anything_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = folder(tmp_path / "a", "Anna", "ward"), folder(tmp_path / "b", "Bela", "street")

    def never(*_args: object, **_more: object) -> None:
        raise AssertionError("measured")

    monkeypatch.setattr(diagnosing, "diagnose", never)
    rows = compared([one, two], seed=1)
    assert not any(r.compared for r in rows)
    assert all("different zones or distances" in r.comparison.refused[0] for r in rows)
    with pytest.raises(CallError, match='did you mean "dissimilarity"'):
        compared([one, two], seed=1, measure="dissimilarty")
    with pytest.raises(CallError, match="2 to 12"):
        compared([tmp_path / "not read"], seed=1)


def test_only_what_may_be_compared_is_measured_and_named_by_labels(tmp_path: Path) -> None:
    labels = 'labels = { here = "Born here", abroad = "Born abroad" }'
    one = folder(tmp_path / "a", "Anna", "ward", labels)
    two = folder(tmp_path / "b", "Bela", "ward", labels.replace("Born abroad", "Foreigners"))
    (row,) = compared([one, two], seed=1, simulations=19, measure="isolation", group="born abroad")
    assert row.title == "Isolation (xPx): the group “Born abroad” (origin)"
    assert row.compared
    assert [p.value for p in row.comparison.parts] == pytest.approx([row.comparison.parts[0].value] * 2)
    said = " ".join(row.comparison.cautions)
    assert "the group “Born abroad” (origin) and the group “Foreigners” (origin)" in said
    assert "rise with the share of a group" in said


def test_the_dates_that_can_be_compared_are_taken() -> None:
    far = Measured("Bela", (bela(ONE, date="2024"), bela(ONE, date="2016"), bela(ONE, date="2011")))
    near = Measured("Anna", (replace(ONE, date="2012"),))
    (row,) = side_by_side([near, far])
    assert row.compared
    assert [p.date for p in row.comparison.parts] == ["2012", "2011"], "the nearest, not the newest"
    (other,) = side_by_side([far, near])
    assert [p.date for p in other.comparison.parts] == ["2016", "2012"], "the newest that can be compared"


def test_the_order_of_groups_counts_only_where_they_are_ordered() -> None:
    whole = replace(ONE, group="", versus="", measure="information_theory", categories=("a", "b", "c"))
    other = bela(whole, categories=("C", "a", "b"))
    assert compare([whole, other], "cities").refused == ()
    ordered = [replace(p, measure="ordinal_information_theory") for p in (whole, other)]
    assert "divide people into different groups" in compare(ordered, "cities").refused[0]


def test_groups_of_each_date_are_its_own() -> None:
    """Two dates that divide people in another way do not borrow each other's groups."""
    fine = Dimension("origin", ("here", "abroad", "far", "unknown"))
    city = town(
        counts(values(12, (3,)), ORIGIN, date="2010"),
        counts(values(12, (4,)), fine, date="2020"),
        drawn=False,
    )
    told = {p.date: p.categories for p in planned(city) if p.measure == "mutual_information"}
    assert told == {"2010": ORIGIN.categories, "2020": fine.categories}
    again = {p.date: p.categories for p in measured_by(diagnose(city, simulations=19)).parts if p.categories}
    assert again == told


def test_people_of_zones_that_differ_in_size_are_known_before() -> None:
    small = town(counts(values(12, (2,), size=20), SEX), drawn=False)
    large = replace(town(counts(values(12, (2,), size=400), SEX), drawn=False), name="Large")
    rows = side_by_side([Measured(c.name, planned(c), known=False) for c in (small, large)])
    assert rows
    assert all(any("zones are of different sizes" in w for w in r.comparison.refused) for r in rows)
