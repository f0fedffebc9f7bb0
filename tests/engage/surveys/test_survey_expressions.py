"""Conditions of forms: what they mean, what they mean while answers are missing, what is refused."""

from __future__ import annotations

import re
from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isopolis.engage.surveys.evaluate import Scope, Unknown, evaluate, truth
from isopolis.engage.surveys.expressions import ExpressionError, Node, parse, references
from isopolis.engage.surveys.patterns import PatternError, fits, parse_pattern

TODAY = date(2026, 5, 31)
KNOWN = {"age": 30.0, "ways": "foot bus", "empty": "", "code": "7", "day": "2026-05-30", "word": "Zoé"}


def value(text: str, dot: object = "") -> object:
    return evaluate(parse(text, dot=True), Scope(KNOWN, TODAY, dot=dot))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", 7.0),
        ("(1 + 2) * 3", 9.0),
        ("7 div 2 - 1", 2.5),
        ("-7 mod 3", -1.0),
        ("- - 2", 2.0),
        ("2 - -3", 5.0),
        ("1 < 2 = true()", True),
        ("true() or false() and false()", True),
        ("${age} >= 18 and ${age} < 65", True),
        ("${code} = 7", True),
        ("${code} = '7.0'", False),
        ("${empty} = ''", True),
        ("${empty} > 3", False),
        ("not(${empty} > 3)", True),
        ("selected(${ways}, 'bus')", True),
        ("selected(${ways}, 'us')", False),
        ("count-selected(${ways}) = 2", True),
        ("if(${age} > 18, 'adult', 'child')", "adult"),
        ("coalesce(${empty}, 'none')", "none"),
        ("concat(${word}, '-', 3)", "Zoé-3"),
        ("string-length(${word})", 3.0),
        ("${day} < today()", True),
        ("today() - ${day}", 1.0),
        ("round(2.345, 2)", 2.35),
        ("round(-2.5)", -2.0),
        ("int(-2.7)", -2.0),
        ("max(3, ${empty}, 5)", 5.0),
        ("contains('Lyon 3e', '3e') and starts-with('Lyon', 'L')", True),
        ('"it\'s" = "it\'s"', True),
    ],
)
def test_values(text: str, expected: object) -> None:
    assert value(text) == expected


def test_the_answer_itself() -> None:
    assert value(". > 0 and . < 20", dot=5.0) is True
    assert value(".>=.5", dot=0.25) is False
    assert value("regex(., '[0-9]{5}')", dot="67000") is True


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("1 +", "ends too early"),
        ("(1", "ends too early"),
        ("1)", "not understood here"),
        ("age > 3", "neither number nor text"),
        ("“yes” = ${a}", "printer's quotation mark"),
        ("pulldata('x','y')", "no function pulldata"),
        ("__import__('os')", "no function"),
        ("selected(${a})", "does not take 1 argument"),
        ("${a} | ${b}", "not understood"),
        ("/data/age > 3", "not understood"),
        ("regex(${a}, ${b})", "must be a text"),
        ("regex(${a}, '(?=a)')", "look ahead"),
        ("(" * 500 + "1" + ")" * 500, "too deeply"),
        ("1" + " + 1" * 400, "too deeply"),
        ("'" + "a" * 5000 + "'", "longer than"),
    ],
)
def test_what_is_refused(text: str, said: str) -> None:
    with pytest.raises(ExpressionError, match=re.escape(said)) as caught:
        parse(text)
    assert caught.value.place >= 1


def test_long_conditions_are_not_deep() -> None:
    node = parse(" or ".join(f"${{q}} = '{i}'" for i in range(200)))
    assert len(node.parts) == 200
    assert references(node) == {"q"}


def test_missing_answers_are_unknown_and_say_what_they_wait_for() -> None:
    def ask(text: str) -> object:
        return truth(evaluate(parse(text), Scope({"a": "yes"}, TODAY)))

    assert ask("${b} = 'x' and ${c} = 'y'") == Unknown(frozenset("bc"))
    assert ask("${a} = 'no' and ${b} = 'x'") is False
    assert ask("${b} = 'x' or ${a} = 'yes'") is True
    assert ask("not(${b} = 'x')") == Unknown(frozenset("b"))
    assert ask("if(${b} = 'x', 1, 1)") is True
    assert ask("coalesce(${a}, ${b})") is True


def conditions() -> st.SearchStrategy[str]:
    leaf = st.tuples(st.sampled_from("abc"), st.sampled_from(["=", "!=", "<", ">="]), st.integers(0, 2)).map(
        lambda t: f"${{{t[0]}}} {t[1]} {t[2]}"
    )

    def more(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        pair = st.tuples(inner, st.sampled_from(["and", "or"]), inner)
        return st.one_of(
            pair.map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
            inner.map(lambda t: f"not({t})"),
            st.tuples(inner, inner, inner).map(lambda t: f"if({t[0]}, {t[1]}, {t[2]})"),
        )

    return st.recursive(leaf, more, max_leaves=6)


@settings(max_examples=120, deadline=None)
@given(conditions(), st.dictionaries(st.sampled_from("abc"), st.sampled_from(["", "0", "1", "2"])))
def test_what_is_known_stays_true_whatever_comes(text: str, known: dict[str, str]) -> None:
    """Law: true or false before all answers are there is true or false with any of them."""
    node = parse(text)
    early = truth(evaluate(node, Scope(known, TODAY)))
    missing = [n for n in "abc" if n not in known]
    whole = {
        truth(evaluate(node, Scope(known | dict(zip(missing, rest, strict=True)), TODAY)))
        for rest in product(["", "0", "1", "2"], repeat=len(missing))
    }
    assert not any(isinstance(w, Unknown) for w in whole)
    if not isinstance(early, Unknown):
        assert whole == {early}
    else:
        assert early.waits_for <= set(missing)


# -- patterns ----------------------------------------------------------------------------------------------
PATTERNS = [
    "a*b",
    "(ab|a)b?c*",
    "[a-c]{2,3}",
    "^a.c$",
    "[^a]+",
    r"\d{2}-\w+",
    "(a|b)*c?",
    "a?{0,2}",
    "(?:ab)+c",
]


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(PATTERNS[:7] + PATTERNS[8:]), st.text("abc1-", max_size=7))
def test_patterns_agree_with_the_library(pattern: str, text: str) -> None:
    assert fits(pattern, text) == (re.fullmatch(pattern, text) is not None)


def test_a_hostile_pattern_does_not_take_for_ever() -> None:
    assert not fits("(a+)+$", "a" * 2_000 + "b")
    assert not fits("(a|a)*(a|a)*(a|a)*c", "a" * 500)
    with pytest.raises(PatternError, match="repeats too much"):
        parse_pattern("(a{99}){99}")


@pytest.mark.parametrize(
    "pattern", ["(", "a)", "[a", "a{2,1}", "*a", "\\", "[z-a]", "(?P<x>a)", r"\1", "a{x}"]
)
def test_damaged_patterns(pattern: str) -> None:
    with pytest.raises(PatternError):
        parse_pattern(pattern)


@settings(max_examples=200, deadline=None)
@given(st.text("()[]{}*+?|^$\\.abc-,1", max_size=12))
def test_any_pattern_is_refused_or_matched(pattern: str) -> None:
    try:
        parse_pattern(pattern)
    except PatternError:
        return
    fits(pattern, "abc1")


@settings(max_examples=200, deadline=None)
@given(st.text("${}()'\"<>=!+-*.,ab 1or", max_size=30))
def test_any_text_is_refused_or_read(text: str) -> None:
    try:
        node = parse(text, columns=True, dot=True)
    except ExpressionError:
        return
    assert isinstance(node, Node)
    evaluate(node, Scope({}, TODAY))
