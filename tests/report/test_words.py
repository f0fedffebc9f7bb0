"""What the report says of values: chance first, one unit, and no interval without its reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from isopolis.flows.diagnosis import Diagnosis
from isopolis.model import Counts, Dimension, Finding, Source
from isopolis.report.blocks import Cards, Facts, Figure, Section, Table, Text
from isopolis.report.content import Limits, compose
from isopolis.report.figures import glance, profile, spread
from isopolis.report.figures.common import OUTSIDE, ROWS
from isopolis.report.prose import Names
from isopolis.report.select import ByDimension
from isopolis.report.tables import sources

AGES = Dimension("age", tuple(f"age {i}" for i in range(40)))


def dissimilarity(i: int, value: float, expected: float, **more: object) -> Finding:
    excess = (value - expected) / (1 - expected)
    return Finding(
        "dissimilarity", value, "age", f"age=age {i}", "rest", "quarter", date="2025",
        expected=expected, excess=excess, n_people=1000, n_group=100, n_zones=9, **more,
    )  # fmt: skip


@pytest.fixture
def names(diagnosis: Diagnosis) -> Names:
    city = diagnosis.city
    counts = Counts(
        city.zones.ids,
        (AGES,),
        np.ones((len(city.zones), 40)),
        np.zeros((len(city.zones), 40), dtype=np.uint8),
        date="2025",
    )
    return Names(replace(city, counts=(counts,)))


def drawn(found: list[Finding], names: Names) -> Figure:
    figure = spread(ByDimension("age", tuple(found), ()), names, "k")
    assert figure is not None
    return figure


def test_the_most_even_group_is_chosen_and_told_by_excess(names: Names) -> None:
    # the group with the least raw value is not the one with the least excess
    found = [dissimilarity(0, 0.5, 0.1), dissimilarity(1, 0.2, 0.02), dissimilarity(2, 0.4, 0.35)]
    told = drawn(found, names).summary
    assert "spread most evenly is “age 2”, with an excess of 7.7%" in told
    assert "40.0%" not in told


def test_two_halves_are_not_told_apart(names: Names) -> None:
    assert "most evenly" not in drawn([dissimilarity(0, 0.5, 0.1), dissimilarity(1, 0.5, 0.1)], names).summary


def test_below_chance_is_no_negative_excess(names: Names) -> None:
    told = drawn([dissimilarity(0, 0.5, 0.1), dissimilarity(1, 0.2, 0.3)], names).summary
    assert "“age 1”, no more unevenly than chance would spread it" in told


def test_an_interval_without_its_value_is_explained(names: Names) -> None:
    apart = dissimilarity(0, 0.5, 0.1, interval=(0.4, 0.45), interval_method="corrected for bias")
    around = dissimilarity(1, 0.5, 0.1, interval=(0.4, 0.6), interval_method="corrected for bias")
    figure = drawn([apart, around], names)
    assert OUTSIDE in figure.note
    assert "interval, chance part taken out" in figure.svg
    assert OUTSIDE not in drawn([around], names).note


def test_charts_say_their_order_and_what_is_left_to_the_table(names: Names) -> None:
    figure = drawn([dissimilarity(i, 0.5 - i / 100, 0.1) for i in range(40)], names)
    assert "Rows stand by excess over chance" in figure.summary
    assert f"The chart shows {ROWS} of 40 groups; the other 16 are in the table only." in figure.note
    assert figure.table is not None
    assert len(figure.table.rows) == 40


def test_long_labels_are_wrapped_and_never_cut(names: Names) -> None:
    long = " ".join(f"word{i}" for i in range(30))
    names.dimensions["age"] = replace(AGES, labels={"age 0": long})
    names._groups["age=age 0"] = long
    svg = drawn([dissimilarity(0, 0.5, 0.1)], names).svg
    assert all(f"word{i}" in svg for i in range(30))
    assert "…" not in svg


def test_values_below_zero_by_distance_are_explained(names: Names) -> None:
    found = tuple(
        Finding("spatial_information_theory", v, "age", scale=s, date="2025")
        for v, s in ((0.1, "500 m"), (-0.01, "1 km"))
    )
    figure = profile(ByDimension("age", found, ()), names, "k")
    assert figure is not None
    assert "−1.0%" in figure.summary
    assert "as good as 0" in figure.summary


# -- the whole report -------------------------------------------------------------------------------


def sections(diagnosis: Diagnosis) -> dict[str, Section]:
    return {s.key: s for s in compose(diagnosis, Limits(), lambda _: None).sections}


def change() -> Finding:
    ends = {"before": {"date": "2015", "value": 0.3}, "after": {"date": "2025", "value": 0.25}}
    return Finding(
        "dissimilarity_change", -0.05, "age", "age=65+", "rest", "quarter", date="2015/2025",
        interval=(-0.06, -0.04), n_people=1000, n_group=1, n_zones=1, detail=ends, explanation="It fell.",
    )  # fmt: skip


def test_a_change_shows_both_values_and_stays_out_of_the_chart(diagnosis: Diagnosis) -> None:
    shown = replace(diagnosis, headlines=(change(), *diagnosis.headlines))
    cards = next(b for b in sections(shown)["headlines"].blocks if isinstance(b, Cards))
    first = cards.items[0]
    assert first.facts == (
        ("2015 → 2025", "30.0% → 25.0%"),
        ("Change", "−5.0 points"),
        ("Interval of the change", "−6.0 to −4.0 points"),
    )
    assert "1 person in the group, out of 1,000 people in 1 zone" in first.small
    figure = glance(shown.headlines, Names(diagnosis.city))
    assert figure is not None
    assert figure.table is not None
    assert [r[0] for r in figure.table.rows] == ["2", "3", "4", "5", "6"]
    assert glance([change()], Names(diagnosis.city)) is None


def test_cards_have_one_unit(diagnosis: Diagnosis) -> None:
    cards = next(b for b in sections(diagnosis)["headlines"].blocks if isinstance(b, Cards))
    for card in cards.items:
        for _, value in card.facts:
            assert "%" in value or value == "–"


def test_without_headlines_the_values_still_follow(diagnosis: Diagnosis) -> None:
    found = sections(replace(diagnosis, headlines=(), headline_reasons={}))
    assert found["headlines"].blocks == (
        Text("No group is separated enough to lead this report; all values follow."),
    )


def test_each_method_is_told_once_in_the_method_chapter(diagnosis: Diagnosis) -> None:
    how = next(p for p in sections(diagnosis)["method"].parts if p.key == "how")
    pairs = [pair for b in how.blocks if isinstance(b, Facts) for pair in b.pairs]
    told = [text for text, _ in pairs]
    assert len(told) == len(set(told))
    assert ("Exact, fixed margins", "Dissimilarity (D)") in pairs
    methods = {f.null_method for f in diagnosis.findings} | {f.interval_method for f in diagnosis.findings}
    assert {t.lower() for t in told} == {m.lower() for m in methods if m}


def test_methods_do_not_stand_under_charts(made: dict[str, Path]) -> None:
    page = made["report.html"].read_text(encoding="utf-8")
    assert page.lower().count("exact, fixed margins") == 1
    assert page.count('href="#how"') > 3


def facts(diagnosis: Diagnosis) -> dict[str, str]:
    return dict(next(b for b in sections(diagnosis)["city"].blocks if isinstance(b, Facts)).pairs)


def test_the_city_in_short(diagnosis: Diagnosis) -> None:
    told = facts(diagnosis)
    assert told["Districts"] == "4"
    assert told["Quarters"] == "64 zones, 63 with people"
    assert told["Country"] == "ES"
    assert "Country" not in facts(replace(diagnosis, city=replace(diagnosis.city, country="XX")))
    empty = tuple(
        replace(c, values=np.where(np.arange(64)[:, None] < 3, 0, c.values)) for c in diagnosis.city.counts
    )
    told = facts(replace(diagnosis, city=replace(diagnosis.city, counts=empty)))
    assert told["Quarters"] == "64 zones, 60 with people"


def test_sources_have_no_empty_rows_or_columns() -> None:
    table = sources([Source("a", "Register", date="2025"), Source("b")])
    assert table.head == ("Source", "Date")
    assert table.rows == (("Register", "2025"),)


def test_one_dimension_of_several_populations(build: Callable[..., Diagnosis]) -> None:
    whole = build(12)
    name = "sex (candidates)"
    renamed = tuple(
        replace(f, dimension=name, group=f.group.replace("sex=", f"{name}=")) if f.dimension == "sex" else f
        for f in whole.findings
    )
    found = sections(replace(whole, findings=renamed))
    titles = [s.title for s in found.values()]
    assert "Sex (candidates)" in titles


def test_our_words_use_one_apostrophe(diagnosis: Diagnosis) -> None:
    def texts(section: Section) -> list[str]:
        out = [section.title]
        for block in section.blocks:
            match block:
                case Text(text, _):
                    out.append(text)
                case Figure():
                    out += [block.title, block.summary, block.note]
                case Table():
                    out += [block.caption, *block.head]
        return out + [t for part in section.parts for t in texts(part)]

    said = " ".join(t for s in sections(diagnosis).values() for t in texts(s))
    assert "’" not in said.replace("l’étranger", "")
