"""Sentences, ranking, what cannot be known, which distances: the small parts of the diagnosis."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from isopolis.flows.ask import among_all, versus_other, versus_rest
from isopolis.flows.headlines import candidates, headlines, moves_beyond_chance
from isopolis.flows.observe import table_of
from isopolis.flows.space import neighbourhoods, parent_codes, radii_for
from isopolis.flows.unknowns import unknowns
from isopolis.flows.words import Names, at, change_sentence, less, number, percent, sentence
from isopolis.measure import MEASURES, Estimate
from isopolis.model import City, Counts, Dimension, Finding, Mechanism, Undefined, Zones

# -- words -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.1786, "17.9%"), (0.0, "0.0%"), (1.0, "100.0%"), (0.0004, "less than 0.1%"),
        (-0.0004, "about 0%"), (-0.02, "-2.0%"), (None, "an unknown share"),
    ],
)  # fmt: skip
def test_percent(share: float | None, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.37, "0.370"), (0.07689, "0.0769"), (-0.0523, "-0.0523"), (0.0, "0"), (3e-5, "about 0"),
        (12.345, "12.3"), (1.0, "1.00"), (123456.0, "123,456"), (None, "unknown"),
    ],
)  # fmt: skip
def test_number_has_three_digits_and_no_exponent(value: float | None, text: str) -> None:
    assert number(value) == text


def test_less_turns_round_below_zero() -> None:
    assert less(0.022) == "2.2% less"
    assert less(-0.022) == "2.2% more"
    assert less(-0.0001) == "about 0% less"


def test_dates_take_the_right_preposition() -> None:
    assert at("2020") == "in 2020"
    assert at("2020-12-31") == "on 2020-12-31"


def names(*dimensions: Dimension) -> Names:
    return Names({d.name: d for d in dimensions})


def test_names_for_readers() -> None:
    n = names(
        Dimension("age", ("65+",), labels={"65+": "65 and over"}),
        Dimension("l", ("yes", "no"), label="LGBTIQ"),
        Dimension("b", ("x",), label="Birthplace in Spain"),
        Dimension("born_in", ("x",)),
    )
    assert n.group("age=65+") == "the group “65 and over” (age)"
    assert n.group("age=65+ & l=yes") == "the group “65 and over” (age) and “Yes” (LGBTIQ)"
    assert n.group("rest") == "everyone else"
    assert n.group("") == "everyone"
    assert n.group("other=x") == "the group “x” (other)"
    assert n.dimension("b") == "birthplace in Spain"
    assert n.dimension("age × l") == "age × LGBTIQ"
    assert n.dimension("born_in") == "born in"


def said(measure: str, **more: Any) -> str:
    found = Estimate(
        more.pop("value", 0.25), expected=0.05, maximum=more.pop("maximum", 1.0), sd=more.pop("sd", 0.01)
    )
    words = {"group": "origin", "versus": "everyone else", "scale": "2000 m"} | more
    return sentence(MEASURES[measure], found, **words)


@pytest.mark.parametrize("measure", list(MEASURES))
def test_every_measure_makes_a_sentence(measure: str) -> None:
    for about_all in (False, True):
        text = said(measure, about_all=about_all, city_share=0.4, total=0.5)
        assert text[0].isupper() or text[0].isdigit()
        assert text.endswith(".")
        assert "{" not in text
        assert "unknown" not in text
        assert "  " not in text


def test_sentences_quote_the_right_numbers() -> None:
    group = "the group “Born abroad” (origin)"
    assert said("dissimilarity", group=group) == (
        "25.0% of the group “Born abroad” (origin) would have to move to another zone to be spread like "
        "everyone else. Chance alone would give 5.0%."
    )
    assert "40.0%" in said("isolation", group=group, city_share=0.4)
    assert said("mutual_information_between", total=0.5, scale="district") == (
        "50.0% of the separation by origin lies between the areas of the level “district”."
    )
    # excess (0.25 - 0.05) / (1 - 0.05)
    assert "tells 21.1% of all there is to know" in said("mutual_information")
    assert "have 3.0% more variety" in said("spatial_information_theory", value=-0.03)


def test_a_value_that_chance_would_give_says_so() -> None:
    assert "no more than chance" in said("dissimilarity", value=0.06)
    assert "no more than chance" not in said("dissimilarity", value=0.08)


def test_no_separation_at_all_has_parts_of_zero() -> None:
    assert said("mutual_information_within", value=0.0, total=0.0, sd=None).startswith("0.0% of")


def test_an_undefined_value_says_why_and_where() -> None:
    lost = Estimate(Undefined("one-zone", "All live in one zone."))
    words = {"group": "origin", "versus": "", "scale": ""}
    spec = MEASURES["information_theory"]
    assert sentence(spec, lost, **words) == (
        "Information theory index (H) cannot be given: All live in one zone."
    )
    assert sentence(spec, lost, scope="district:5", **words).startswith("In district “5”: Information")


def test_changes_say_direction_and_doubt() -> None:
    up = change_sentence("D", "x", "2010", "2020", 0.2, 0.3, (0.05, 0.15))
    assert up.startswith("D for x rose from 0.200 in 2010 to 0.300 in 2020.")
    assert "between 0.0500 and 0.150: more than an accident" in up
    down = change_sentence("D", "x", "2010-01-01", "2020-01-01", 0.3, 0.2, (-0.15, 0.05))
    assert "fell from 0.300 on 2010-01-01 to 0.200 on 2020-01-01" in down
    assert "within what may be an accident" in down
    same = change_sentence("D", "x", "2010", "2020", 0.30001, 0.3, None)
    assert same == "D for x stayed at 0.300 from 2010 to 2020."


# -- selections --------------------------------------------------------------------------------


def test_selections_of_columns_keep_everyone() -> None:
    x = np.arange(24.0).reshape(2, 3, 4)
    np.testing.assert_array_equal(versus_rest(1)(x), np.stack([x[..., 1], x[..., [0, 2, 3]].sum(-1)], -1))
    np.testing.assert_array_equal(
        versus_rest(0, 2)(x), np.stack([x[..., [0, 2]].sum(-1), x[..., [1, 3]].sum(-1)], -1)
    )
    np.testing.assert_array_equal(
        versus_other((0,), (2, 3))(x), np.stack([x[..., 0], x[..., 2:].sum(-1)], -1)
    )
    three = among_all((0,), (2,))(x)
    np.testing.assert_array_equal(three, np.stack([x[..., 0], x[..., 2], x[..., [1, 3]].sum(-1)], -1))


# -- headlines -----------------------------------------------------------------------------------


def found(group: str, excess: float | None, members: int = 1000, **more: Any) -> Finding:
    dimension = " × ".join(p.split("=")[0] for p in group.split(" & "))
    values: dict[str, Any] = {
        "value": 0.02 + (excess or 0) * 0.98,
        "expected": 0.02, "excess": excess, "sd": 0.001,
        "n_people": 10_000, "n_group": members, "dimension": dimension, "group": group,
        "versus": "rest", "date": "2020",
    }  # fmt: skip
    return Finding("dissimilarity", **(values | more))


NAMES = names()


def groups(*rows: Finding) -> list[str]:
    return [f.group for f in headlines(rows, NAMES)[0]]


def test_people_who_would_have_to_move() -> None:
    assert moves_beyond_chance(found("a=x", 0.3, 1000)) == pytest.approx(0.3 * 0.98 * 1000)
    # of a majority, everyone else would move
    assert moves_beyond_chance(found("a=x", 0.3, 9000)) == pytest.approx(0.3 * 0.98 * 1000)
    assert moves_beyond_chance(found("a=x", -0.3)) == 0
    assert moves_beyond_chance(found("a=x", 0.3, n_people=0)) == 0


def test_ranked_by_people_first_then_by_separation() -> None:
    many = [found(f"d{i}=x", 0.10 + i / 100, 3000) for i in range(6)]
    apart = [found(f"e{i}=x", 0.8 - i / 100, 150) for i in range(4)]
    top, reasons = headlines([*apart, *many], NAMES)
    assert [f.group for f in top] == [f"d{i}=x" for i in (5, 4, 3, 2, 1)] + ["e0=x", "e1=x", "e2=x"]
    assert (
        reasons[0]
        == "That is about 440 people more than chance explains: number 1 of 10 by people concerned."
    )
    assert "the most separated group: 80.0% of the way from chance" in reasons[5]
    assert "for 150 people" in reasons[5]


def test_changes_beyond_doubt_come_last() -> None:
    def moved(group: str, by: float, low: float, high: float) -> Finding:
        change = {"value": by, "interval": (low, high), "date": "2015/2025"}
        return replace(found(group, None, 3000, **change), measure="dissimilarity_change")

    rows = [
        found("a=x", 0.3, 3000),
        moved("a=x", -0.05, -0.06, -0.04),
        moved("b=x", 0.03, -0.01, 0.07),  # may be an accident
        moved("c=x", 0.005, 0.004, 0.006),  # too small
        moved("d=x", 0.02, 0.01, 0.03),
    ]
    top, reasons = headlines(rows, NAMES)
    assert [(f.measure, f.group) for f in top] == [
        ("dissimilarity", "a=x"),
        ("dissimilarity_change", "a=x"),
        ("dissimilarity_change", "d=x"),
    ]
    assert reasons[1] == "It is the change that concerns most people."


def test_ranking_does_not_depend_on_the_order_of_findings() -> None:
    rows = [found(f"d{i}=x", 0.2 + i / 1000, 3000) for i in range(9)]
    assert groups(*rows) == groups(*rows[::-1])


def test_two_groups_that_are_everyone_are_one_headline() -> None:
    few, many = found("a=x", 0.3, 3000), found("a=y", 0.3, 7000, value=0.314 + 1e-15)
    assert groups(many, few) == ["a=x"]
    half = [found("a=x", 0.3, 5000), found("a=y", 0.3, 5000)]
    assert len(groups(*half)) == 1
    three = [found("a=x", 0.3, 3000), found("a=y", 0.31, 6000), found("a=z", 0.2, 1000)]
    assert len(groups(*three)) == 2  # at most two of one dimension


def test_weighted_counts_may_miss_the_whole_by_one() -> None:
    assert groups(found("a=x", 0.3, 3000), found("a=y", 0.3, 7001)) == ["a=x"]


def test_a_crossing_is_news_only_above_each_of_its_parts() -> None:
    parts = [found("a=x", 0.30, 3000), found("b=y", 0.20, 3000)]
    assert "a=x & b=y" in groups(*parts, found("a=x & b=y", 0.34, 900))
    assert "a=x & b=y" not in groups(*parts, found("a=x & b=y", 0.32, 900))
    assert "a=x & b=y" not in groups(*parts, found("a=x & b=y", 0.25, 900))


@pytest.mark.parametrize(
    "more",
    [
        {"n_group": 99},
        {"n_group": 150, "n_people": 100_000},
        {"scope": "district:1"},
        {"versus": "a=y"},
        {"value": Undefined("nobody", "Nobody.")},
        {"excess": None},
        {"excess": -0.1},
        {"sd": 0.2},
        {"excess": 0.01},
    ],
)
def test_what_is_no_headline(more: dict[str, Any]) -> None:
    assert candidates([found("a=x", 0.3)])
    assert candidates([found("a=x", **({"excess": 0.3} | more))]) == []


def test_only_the_newest_date_of_a_dimension_is_a_headline() -> None:
    rows = [found("a=x", 0.5, date="2010"), found("a=y", 0.2, date="2020"), found("b=z", 0.2, date="2010")]
    assert set(groups(*rows)) == {"a=y", "b=z"}


def test_reasons_never_say_zero_people() -> None:
    _, reasons = headlines([found("a=x", 0.03, 100)], NAMES)
    assert reasons[0].startswith("That is about 3 people")
    _, reasons = headlines([found("a=x", 0.123456, 1_000_000, n_people=4_000_000)], NAMES)
    assert reasons[0].startswith("That is about 121,000 people")


# -- space -----------------------------------------------------------------------------------------


def test_radii_go_from_the_spacing_of_zones_to_a_part_of_the_city() -> None:
    grid = np.array([(300.0 * i, 300.0 * j) for i in range(20) for j in range(20)])
    assert radii_for(grid) == (500.0, 1000.0, 2000.0, 4000.0)
    assert radii_for(grid[:2]) == ()
    assert radii_for(np.zeros((5, 2))) == ()
    assert list(neighbourhoods(grid)) == [500.0, 1000.0, 2000.0, 4000.0]
    far = grid * 1000
    assert radii_for(far) == ()


SEX = Dimension("sex", ("female", "male"), ground="sex")


def zones(count: int = 6, **more: Any) -> Zones:
    return Zones(np.array([str(i) for i in range(count)], dtype=object), **more)


def counted(x: Any, *dimensions: Dimension, mechanism: Any = 0, **more: Any) -> Counts:
    x = np.asarray(x, dtype=float)
    dimensions = dimensions or (SEX,)
    return Counts(zones(len(x)).ids, dimensions, x, np.asarray(mechanism, np.uint8), **more)


def test_parents_are_coded_for_the_kept_zones_only() -> None:
    district = np.array(["b", "b", "a", "a", "c", "c"], dtype=object)
    mechanism = np.zeros((6, 2), dtype=np.uint8)
    mechanism[4:] = Mechanism.NOT_COLLECTED
    c = counted(np.ones((6, 2)), mechanism=mechanism)
    city = City("T", zones(parents={"district": district}), (c,))
    (level,) = parent_codes(city, table_of(c))
    assert level.ids == ("a", "b")
    assert level.codes.tolist() == [1, 1, 0, 0]


# -- unknowns ----------------------------------------------------------------------------------------


def told(*tables: Counts, **more: Any) -> str:
    where = more.pop("where", zones(len(tables[0].zone_ids) if tables else 3))
    return "\n".join(unknowns(City("T", where, tables, **more)))


def test_unknowns_name_missing_grounds() -> None:
    text = told(counted(np.ones((3, 2))))
    assert "sex or gender" not in text
    assert "No table counts people by " in text
    for ground in ("age", "disability", "religion", "sexual orientation", "income"):
        assert ground in text
    assert " or income: about these nothing can be said." in text


def test_unknowns_about_dates() -> None:
    age = Dimension("age", ("a", "b"))
    one = counted(np.ones((3, 2)), date="2020")
    assert "one date only (2020)" in told(one)
    assert "carry no date" in told(counted(np.ones((3, 2))))
    two = (one, counted(np.ones((3, 2)), date="2010"))
    assert "date" not in told(*two)
    assert "No change can be given for age: counted at one date only." in told(
        *two, counted(np.ones((3, 2)), age, date="2020")
    )


def test_unknowns_about_crossings() -> None:
    age = Dimension("age", ("a", "b"))
    apart = told(counted(np.ones((3, 2))), counted(np.ones((3, 2)), age))
    assert "Sex and age are counted apart" in apart
    crossed = counted(np.ones((3, 2, 2)), SEX, age)
    assert "counted apart" not in told(crossed)
    other = counted(np.ones((3, 2)), Dimension("origin", ("c", "d")))
    assert "No table crosses origin with anything else." in told(crossed, other)


def test_unknowns_about_places_and_hidden_cells() -> None:
    assert "no outlines" in told(counted(np.ones((3, 2))))
    outlines = np.array([object(), None, object()], dtype=object)
    where = zones(3, geometry=outlines)
    assert "2 residents (33.3%) live in zones without an outline" in told(
        counted(np.ones((3, 2))), where=where
    )
    mechanism = np.zeros((3, 2), dtype=np.uint8)
    mechanism[0] = Mechanism.INTERVAL
    bounds = {"lower": np.zeros((3, 2)), "upper": np.ones((3, 2))}
    assert "2 cells are suppressed" in told(counted(np.ones((3, 2)), mechanism=mechanism, **bounds))
