"""What may stand side by side: every definition that differs is a refusal, and the words fit the numbers."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isopolis.flows.compare import ACROSS, MOST, SIZE_RATIO, YEARS_APART, Part, compare, part_of
from isopolis.model import Finding, Undefined

METHOD = "{} tables redrawn around shrunken zone shares, corrected for bias, 95 %"
ONE = Part(
    label="one",
    measure="dissimilarity",
    city="Testville",
    dimension="age",
    group="age=old",
    versus="rest",
    scale="zone",
    date="2024",
    value=0.30,
    expected=0.05,
    excess=0.26,
    low=0.22,
    high=0.28,
    interval_method=METHOD.format(199),
    people=10_000,
    members=3_000,
    zones=50,
    universe="residents",
)
TWO = {
    "groups": replace(ONE, label="two", group="age=young", value=0.2, excess=0.16, low=0.12, high=0.18),
    "dates": replace(ONE, label="two", date="2014", value=0.2, excess=0.16, low=0.12, high=0.18),
    "cities": replace(ONE, label="two", city="Othertown", value=0.2, excess=0.16, low=0.12, high=0.18),
}


@pytest.mark.parametrize("across", ACROSS)
def test_what_is_defined_alike_is_compared(across: str) -> None:
    made = compare([ONE, TWO[across]], across)
    assert made.refused == ()
    assert made.said == (
        "Dissimilarity (D) is highest for one (30.0%) and lowest for two (20.0%). Beyond what chance gives, "
        "it is most for one (26.0%) and least for two (16.0%). The intervals of the two do not overlap: the "
        "difference is more than chance."
    )


DIFFERENT = [
    ("groups dates cities", {"measure": "gini"}, "different measures"),
    ("groups dates cities", {"scale": "district"}, "different zones or distances: zone and district"),
    ("groups dates cities", {"universe": "residents aged 15 and over"}, "count different people"),
    ("groups dates cities", {"universe": ""}, "count different people: residents and not stated"),
    ("groups dates cities", {"interval_method": "stated standard errors, 95 %"}, "different methods"),
    ("groups dates cities", {"versus": "age=middle"}, "compared with different people"),
    ("groups dates", {"scope": "district:3"}, "different parts of the city"),
    ("cities", {"scope": "district:3"}, "only whole cities"),
    ("groups dates cities", {"value": None, "why_none": "Nobody."}, "no value for two: Nobody."),
    ("dates cities", {"zones": 5}, "different sizes: about 200 people in a zone of one, 2,000"),
    ("groups", {"date": "2023"}, "different dates: 2024 and 2023"),
    ("groups dates", {"city": "Othertown"}, "different cities"),
    ("groups", {"group": ""}, "cannot stand beside"),
    ("dates cities", {"group": "age=young"}, "different groups: age=old and age=young"),
    ("dates cities", {"dimension": "sex"}, "different things known of people"),
    ("cities", {"date": "2018"}, "too far apart: 2024 and 2018"),
    ("cities", {"date": "2014/2024"}, "too far apart"),
    ("cities", {"date": ""}, "states no date"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("across", "change", "said"),
    [(a, change, said) for kinds, change, said in DIFFERENT for a in kinds.split()],
)
def test_each_difference_is_refused(across: str, change: dict[str, object], said: str) -> None:
    made = compare([ONE, replace(TWO[across], **change)], across)  # type: ignore[arg-type]
    assert any(said in str(reason) for reason in made.refused), made.refused
    assert made.said == ""
    # in the other order it is no less refused
    assert compare([replace(TWO[across], **change), ONE], across).refused  # type: ignore[arg-type]


def test_the_same_twice_and_too_many_and_too_few() -> None:
    for across, word in zip(ACROSS, ("group", "date", "city"), strict=True):
        assert any(f"the same {word} is chosen twice" in r for r in compare([ONE, ONE], across).refused)
    assert "at least two" in compare([ONE], "groups").refused[0]
    assert "at least two" in compare([], "groups").refused[0]
    many = [replace(ONE, group=f"age={n}") for n in range(MOST + 1)]
    assert "more than 12" in compare(many, "groups").refused[0]
    assert compare(many[:MOST], "groups").refused == ()
    assert compare([ONE, TWO["dates"]], "moods").refused


def test_groups_that_make_up_a_measure_of_all() -> None:
    whole = replace(ONE, group="", versus="", categories=("old", "young"))
    other = replace(TWO["cities"], group="", versus="", categories=("old", "young", "middle"))
    assert any("divide people into different groups" in r for r in compare([whole, other], "cities").refused)
    same = replace(other, categories=("Old", "Young"))
    assert compare([whole, same], "cities").refused == ()


def test_isolation_of_each_in_itself_is_one_question() -> None:
    own = replace(ONE, measure="isolation", versus="age=old")
    other = replace(TWO["groups"], measure="isolation", versus="age=young")
    assert compare([own, other], "groups").refused == ()


def test_the_number_of_random_tables_is_no_other_method() -> None:
    made = compare([ONE, replace(TWO["groups"], interval_method=METHOD.format(999))], "groups")
    assert made.refused == ()


@given(st.integers(1, 400), st.integers(1, 400))
def test_zones_of_one_size(a: int, b: int) -> None:
    """A twin written from the sentence alone: refused when one zone holds over three times the other's."""
    here, there = replace(ONE, people=1000 * a, zones=10), replace(TWO["cities"], people=1000 * b, zones=10)
    refused = any("different sizes" in r for r in compare([here, there], "cities").refused)
    assert refused is (max(a, b) > SIZE_RATIO * min(a, b))


@given(st.integers(1990, 2030), st.integers(1990, 2030))
def test_years_between_cities(a: int, b: int) -> None:
    made = compare([replace(ONE, date=str(a)), replace(TWO["cities"], date=f"{b}-01-01")], "cities")
    assert bool(made.refused) is (abs(a - b) > YEARS_APART)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=MOST, unique_by=lambda v: round(v, 2)))
def test_the_order_of_the_parts_does_not_matter(values: list[float]) -> None:
    parts = [replace(ONE, label=f"g{i}", group=f"age={i}", value=v) for i, v in enumerate(values)]
    most, least = max(parts, key=lambda p: p.value or 0), min(parts, key=lambda p: p.value or 0)
    for order in list(permutations(parts[:3])) if len(parts) == 3 else [parts, parts[::-1]]:
        said = compare(order, "groups").said
        assert f"highest for {most.label} " in said
        assert f"lowest for {least.label} " in said


def test_cautions() -> None:
    few = replace(TWO["groups"], members=40)
    said = " ".join(compare([ONE, few], "groups").cautions)
    assert "Fewer than 100 people: two." in said
    assert "very different sizes" in said
    bare = replace(TWO["groups"], low=None, high=None, interval_method="none: no interval is given")
    made = compare([ONE, bare], "groups")
    assert "There is no interval for two." in made.cautions
    assert "Without intervals nobody can say" in made.said
    assert "Each city counts with its own forms" in " ".join(compare([ONE, TWO["cities"]], "cities").cautions)
    later = replace(TWO["cities"], date="2021")
    assert "The dates differ: 2024 and 2021." in compare([ONE, later], "cities").cautions


def test_intervals_that_overlap_or_touch() -> None:
    for low, high, word in (
        (0.10, 0.25, "overlap: the difference may be"),
        (0.10, 0.22, "may be"),
        (0.1, 0.219, "do not overlap"),
    ):
        assert word in compare([ONE, replace(TWO["groups"], low=low, high=high)], "groups").said


def test_equal_values() -> None:
    made = compare([ONE, replace(TWO["dates"], value=0.3001)], "dates")
    assert made.said.startswith("Dissimilarity (D) is 30.0% for both.")
    assert "more than chance" not in made.said  # there is no difference that could be any
    more = [ONE, *(replace(TWO["dates"], value=0.3, date=d, label=d) for d in ("1998", "1999"))]
    assert compare(more, "dates").said.startswith("Dissimilarity (D) is 30.0% for all of them.")


def test_from_a_finding_and_through_json() -> None:
    finding = Finding(
        "dissimilarity", 0.3, "age", "age=old", "rest", "zone", date="2024", expected=0.1,
        interval=(0.2, 0.4), n_people=10, n_group=4, n_zones=2, provenance={"universe": "residents"},
    )  # fmt: skip
    part = part_of(finding, label="Old", city="Testville", categories=("old", "young"))
    assert (part.low, part.high, part.universe, part.categories) == (0.2, 0.4, "residents", ())
    assert Part.from_dict(part.to_dict()) == part
    whole = part_of(replace(finding, group=""), label="Age", categories=("old", "young"))
    assert Part.from_dict(whole.to_dict()).categories == ("old", "young")
    gone = part_of(replace(finding, value=Undefined("nobody", "Nobody lives there.")), label="x")
    assert (gone.value, gone.why_none) == (None, "Nobody lives there.")
    change = {"before": {"universe": "residents"}, "after": {"universe": "adults"}}
    assert part_of(replace(finding, provenance=change), label="x").universe == "residents / adults"
