"""Findings, problems and the registry."""

from __future__ import annotations

import json
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isopolis.model import (
    CallError,
    DataError,
    Finding,
    IsopolisError,
    Problem,
    Problems,
    Registry,
    Undefined,
    near,
)

number = st.floats(allow_nan=False, allow_infinity=False)
maybe = st.none() | number
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | number | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
findings = st.builds(
    Finding,
    measure=st.just("dissimilarity"),
    value=number | st.builds(Undefined, st.text(min_size=1, max_size=5), st.text(max_size=9)),
    dimension=st.text(max_size=5),
    group=st.text(max_size=5),
    expected=maybe,
    maximum=maybe,
    excess=maybe,
    sd=maybe,
    p=maybe,
    interval=st.none() | st.tuples(number, number),
    n_people=st.integers(0, 10**9),
    caveats=st.lists(st.text(max_size=5), max_size=3).map(tuple),
    provenance=st.dictionaries(st.text(max_size=3), json_values, max_size=3),
    detail=st.dictionaries(st.text(max_size=3), json_values, max_size=3),
)


@settings(max_examples=100)
@given(findings)
def test_json_comes_back_as_an_equal_finding(f: Finding) -> None:
    assert Finding.from_dict(json.loads(f.to_json())) == f
    assert pickle.loads(pickle.dumps(f)) == f


def test_json_has_what_the_issue_promises() -> None:
    promised = set(
        "measure dimension group versus scale date value undefined_reason expected excess sd interval "
        "interval_method p n_people n_zones caveats provenance explanation".split()
    )
    assert promised <= set(Finding("dissimilarity", 0.5).to_dict())


def test_undefined_has_a_reason_and_no_number() -> None:
    f = Finding("dissimilarity", Undefined("one-zone", "All live in one zone."))
    data = json.loads(f.to_json())
    assert data["value"] is None
    assert data["undefined_reason"] == "All live in one zone."
    assert not f.defined
    with pytest.raises(CallError, match="All live in one zone"):
        _ = f.number
    assert Finding("x", 0.25).number == 0.25


@pytest.mark.parametrize(
    "bad", [float("nan"), float("inf"), -float("inf"), np.float64("nan"), np.float32("nan")]
)
@pytest.mark.parametrize("name", ["value", "expected", "maximum", "excess", "sd", "p", "interval"])
def test_never_nan(name: str, bad: float) -> None:
    entry: dict[str, Any] = {"value": 0.5} | {name: (0.1, bad) if name == "interval" else bad}
    with pytest.raises(CallError, match=name):
        Finding("dissimilarity", **entry)


def test_findings_are_frozen() -> None:
    f = Finding("x", 1.0, detail={"a": 1})
    with pytest.raises(AttributeError):
        f.value = 2.0  # type: ignore[misc]
    with pytest.raises(TypeError):
        f.detail["a"] = 2  # type: ignore[index]


# -- problems ----------------------------------------------------------------------------


def test_a_problem_names_place_value_rule_and_what_to_do() -> None:
    p = Problem(
        "not-a-number", "a count is not a number", "people.csv", (12,), "age_65", "many",
        "whole numbers", "Correct the cell.",
    )  # fmt: skip
    assert str(p) == (
        'people.csv, row 12, column "age_65": a count is not a number (found "many"). '
        "Allowed: whole numbers. Correct the cell."
    )


def test_a_problem_shows_the_first_rows_and_how_many_more() -> None:
    p = Problem("x", "m", "f.csv", (2, 3, 4, 5, 6, 7, 8), count=40)
    assert p.place() == "f.csv, rows 2, 3, 4, 5, 6 and 35 more"
    assert p.to_dict()["rows"] == [2, 3, 4, 5, 6]
    assert Problem("x", "m", "f.csv", (2,), count=1).place() == "f.csv, row 2"
    assert Problem("x", "m", "f.csv", (2,), count=3).place() == "f.csv, rows 2 and 2 more"
    assert str(Problem("x", "message")) == "message."


def test_problems_are_collected_and_raised_once_fatal_first() -> None:
    notebook = Problems()
    notebook.caveat("small", "a caveat")
    notebook.raise_if_fatal()  # a caveat stops nothing
    notebook.error("bad", "first", file="a.csv")
    notebook.caveat("more", "another caveat")
    notebook.add(Problem("worse", "second"))
    assert (len(notebook), notebook.fatal) == (4, True)
    with pytest.raises(DataError) as caught:
        notebook.raise_if_fatal()
    assert [p.code for p in caught.value.problems] == ["bad", "worse", "small", "more"]
    assert str(caught.value).splitlines() == ["a.csv: first.", "second.", "a caveat.", "another caveat."]
    assert isinstance(caught.value, IsopolisError)


def test_errors_pickle() -> None:
    error = DataError(
        [Problem("a", "one", "f.csv", (2, 3), "c", "v", "r", "h", 9, False), Problem("b", "two")]
    )
    again = pickle.loads(pickle.dumps(error))
    assert again.problems == error.problems
    assert str(again) == str(error)
    assert str(pickle.loads(pickle.dumps(CallError("no")))) == "no"


def test_a_problem_becomes_json() -> None:
    data = json.loads(json.dumps(Problem("a", "one", "f.csv", (2,), "c", "v", "r", "h", 1, False).to_dict()))
    assert data["fatal"] is False
    assert set(data) == {
        "code", "message", "file", "rows", "count", "column", "value", "rule", "hint", "fatal",
    }  # fmt: skip


def test_near_names() -> None:
    assert near("dissimilarty", ["dissimilarity", "gini"]) == 'did you mean "dissimilarity"?'
    assert near("q", ["aa", "bb"]) == 'there is "aa", "bb".'
    assert near("q", [f"x{i}x" for i in range(20)]) == "there are 20 to choose from."
    assert near("q", []) == "there is none."


# -- registry ------------------------------------------------------------------------------


def registry() -> tuple[Registry[int], list[int]]:
    loads: list[int] = []

    def load() -> None:
        loads.append(1)
        made.add("one", 1)
        made.add("two", 2)

    made: Registry[int] = Registry("thing", load, "isopolis.nothing-of-this-name")
    return made, loads


def test_registry_fills_on_first_use_and_once() -> None:
    made, loads = registry()
    assert loads == []
    assert list(made) == ["one", "two"]
    assert made["two"] == 2
    assert made.values() == (1, 2)
    assert "one" in made
    assert "three" not in made
    assert loads == [1]


def test_registry_suggests_near_names_and_refuses_doubles() -> None:
    made, _ = registry()
    with pytest.raises(CallError, match='there is no thing "tow": did you mean "two"'):
        made["tow"]
    with pytest.raises(CallError, match='already a thing called "one"'):
        made.add("one", 3)


def test_registry_that_could_not_load_says_so_again() -> None:
    calls = []

    def broken() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise ImportError("a plugin is broken")
        made.add("one", 1)

    made: Registry[int] = Registry("thing", broken, "isopolis.nothing-of-this-name")
    with pytest.raises(ImportError):
        list(made)
    assert list(made) == ["one"]  # not silently empty
