"""Tests of two cities' findings: from their intervals, with all tests taken into account."""

from __future__ import annotations

from dataclasses import replace

import pytest

from isopolis.flows.benchmark import Row
from isopolis.flows.compare import Comparison, Part
from isopolis.flows.differences import differences
from isopolis.model import CallError

Z95 = 1.959963984540054
ONE = Part(label="Anna", measure="dissimilarity", city="Anna", value=0.4, low=0.3, high=0.4)


def row(title: str, first: Part, second: Part) -> Row:
    return Row(title, Comparison((first, second), ()))


def around(middle: float, se: float) -> Part:
    return replace(ONE, low=middle - Z95 * se, high=middle + Z95 * se)


def test_differences_are_of_middles_with_both_errors() -> None:
    rows = [row("a", around(0.5, 0.03), around(0.4, 0.04)), row("b", around(0.4, 0.03), around(0.4, 0.04))]
    clear, even = differences(rows, "greater")
    assert clear.difference is not None
    assert even.difference is not None
    assert clear.difference.z == pytest.approx(2)
    assert clear.difference.p == pytest.approx(0.0227501319)
    assert clear.adjusted == pytest.approx(0.0227501319 * 2 * 1.5)  # two tests that may depend on each other
    assert even.difference.p == pytest.approx(0.5)
    plain = clear.to_dict()
    assert plain["side"] == "greater"
    assert plain["interval"] == pytest.approx([0.1 - 0.05 * Z95, 0.1 + 0.05 * Z95])


def test_an_interval_that_was_cut_off_is_not_tested() -> None:
    cut, without = replace(ONE, low=0.0, high=0.1), replace(ONE, low=None, high=None)
    for other in (cut, without):
        (found,) = differences([row("a", ONE, other)])
        assert found.difference is None
        assert "interval" in found.to_dict()["why_none"]


def test_what_is_not_a_test_is_refused() -> None:
    with pytest.raises(CallError, match="two-sided, greater, less"):
        differences([row("a", ONE, ONE)], "up")
    three = Row("a", Comparison((ONE, ONE, ONE), ()))
    with pytest.raises(CallError, match="exactly two"):
        differences([three])


def test_two_rows_that_are_one_test_are_counted_once() -> None:
    """Of two groups D of one from the other is D of both; copies would weigh on all other tests."""
    first, second, other = around(0.5, 0.03), around(0.4, 0.04), around(0.45, 0.03)
    rows = [row("both", first, second), row("one", first, second), row("other", other, second)]
    both, one, last = differences(rows)
    p = [t.difference.p for t in (both, last) if t.difference is not None]
    by_hand = min(p[0] * 2 * 1.5, p[1] * 1.5)  # Benjamini and Yekutieli (2001), theorem 1.3, for two tests
    assert (both.adjusted, one.adjusted) == (pytest.approx(by_hand), both.adjusted)
    assert last.adjusted == pytest.approx(min(p[1] * 1.5, 1))
    assert (both.same_as, one.same_as, last.same_as) == ("", "both", "")
    assert one.to_dict()["same_as"] == "both"
    assert both.values == (0.4, 0.4)
    assert both.to_dict()["values"] == [0.4, 0.4]


def test_the_chance_of_each_side_adds_up() -> None:
    rows = [row("a", around(0.42, 0.03), around(0.4, 0.04))]
    found = {s: differences(rows, s)[0].difference for s in ("two-sided", "greater", "less")}
    p = {s: d.p for s, d in found.items() if d is not None}
    assert p["greater"] + p["less"] == pytest.approx(1)
    assert p["two-sided"] == pytest.approx(2 * min(p["greater"], p["less"]))
    assert p["greater"] == pytest.approx(0.3445782584)  # 1 - Φ(0.02 / 0.05), tables of the normal law
