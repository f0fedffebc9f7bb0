"""Numbers and names in words."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isopolis.flows.diagnosis import Diagnosis
from isopolis.measure import MEASURES
from isopolis.model import Finding
from isopolis.report.prose import (
    Names,
    clean,
    interval,
    joined,
    measure_title,
    metres,
    number,
    percent,
    plural,
    several,
    shown,
)
from isopolis.report.select import radius_of
from isopolis.report.svg import draw

from .conftest import HOSTILE


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.000"),
        (0.2428, "0.243"),
        (-0.05, "−0.050"),
        (0.0001, "<0.001"),
        (-0.0001, ">−0.001"),
        (None, "–"),
    ],
)
def test_numbers(value: float | None, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0%"),
        (0.234, "23.4%"),
        (0.0234, "2.3%"),
        (0.00234, "0.2%"),
        (0.0009, "0.09%"),
        (-0.00001, ">−0.01%"),
        (0.00001, "<0.01%"),
        (-0.05, "−5.0%"),
        (1, "100%"),
    ],
)
def test_shares(value: float, text: str) -> None:
    assert percent(value) == text


@given(st.floats(1e-9, 1))
def test_something_never_reads_as_nothing(value: float) -> None:
    assert percent(value) not in ("0%", "0.0%", "0.00%")
    assert number(value) != "0.000"


@pytest.mark.parametrize(
    ("text", "radius"),
    [("500 m", 500), ("2 km", 2000), ("1,000 m", 1000), ("district", None), ("", None), ("5 minutes", None)],
)
def test_radii(text: str, radius: float | None) -> None:
    assert radius_of(text) == radius


@pytest.mark.parametrize(
    ("measure", "value", "text"),
    [
        ("dissimilarity", 0.319, "31.9%"),
        ("spatial_information_theory", -0.006, "−0.6%"),
        ("mutual_information", 0.061, "0.061"),
        ("mutual_information_between", 0.061, "0.061"),
        ("dissimilarity_change", -0.059, "−5.9 points"),
        ("mutual_information_change", -0.059, "−0.059"),
        ("never_heard_of", 0.319, "0.319"),
        ("dissimilarity", None, "–"),
    ],
)
def test_one_unit_per_measure(measure: str, value: float | None, text: str) -> None:
    assert shown(measure, value) == text


def test_intervals_have_the_unit_of_their_measure() -> None:
    ends = {"interval": (0.314, 0.322)}
    assert interval(Finding("dissimilarity", 0.319, **ends)) == "31.4% to 32.2%"
    assert interval(Finding("dissimilarity_change", 0.319, **ends)) == "31.4 to 32.2 points"
    assert interval(Finding("mutual_information", 0.319, **ends)) == "0.314 to 0.322"
    assert interval(Finding("gini", 0.3)) == "–"


def test_words() -> None:
    assert (joined([]), joined(["a"]), joined("ab"), joined("abc")) == ("", "a", "a and b", "a, b and c")
    assert (metres(500), metres(2500)) == ("500 m", "2.5 km")
    assert (plural("city"), plural("parish"), plural("way"), several(1, "zone"), several(2000, "zone")) == (
        "cities",
        "parishes",
        "ways",
        "1 zone",
        "2,000 zones",
    )


@given(st.text())
def test_clean_text_is_always_drawable(text: str) -> None:
    svg = draw(lambda: _written(clean(text)), "k")
    ET.fromstring(svg)


def _written(text: str):
    from matplotlib.figure import Figure

    figure = Figure()
    figure.text(0.5, 0.5, text)
    return figure


def test_dollars_and_backslashes_are_no_formula() -> None:
    svg = draw(lambda: _written(r"$\frac{1}{0}$ _x_ ^2"), "k")
    assert r"$\frac{1}{0}$ _x_ ^2" in "".join(ET.fromstring(svg).itertext())


def test_names_of_groups(diagnosis: Diagnosis) -> None:
    names = Names(diagnosis.city, {"0000001", "district:D1"})
    assert names.group("origin=abroad") == "Née à l’étranger"
    assert names.group(f"origin={HOSTILE}") == HOSTILE
    assert names.group("origin=abroad & sex=female") == "Née à l’étranger, Women"
    assert names.group(f"origin={HOSTILE} & sex=female") == f"origin={HOSTILE} & sex=female"
    assert names.group("rest") == "everyone else"
    assert names.group("unheard=of") == "unheard=of"
    assert names.dimension("age × origin") == "Age × Origin <b>bold</b>"
    assert (names.place("city"), names.place("0000001"), names.place("district:D1")) == (
        "whole city",
        "Quarter 1",
        "district D1",
    )


def test_titles_of_measures() -> None:
    assert measure_title("dissimilarity") == "Dissimilarity (D)"
    assert measure_title("dissimilarity_change") == "Dissimilarity (D), change"
    assert measure_title("variance_ratio") == "Variance ratio (V, eta squared)"
    assert measure_title("never_heard_of") == "Never heard of"


@pytest.mark.parametrize("name", list(MEASURES))
def test_no_title_says_its_letter_twice(name: str) -> None:
    title, symbol = measure_title(name), MEASURES[name].symbol
    assert len(re.findall(rf"(?<!\w){re.escape(symbol)}(?!\w)", title)) <= 1
