"""Rules: what each finds, and that no reason holds a count."""

from __future__ import annotations

import re

import numpy as np
import pytest

from isopolis.model import CallError, Counts, Mechanism
from isopolis.privacy import rules

from .tables import AGE, FAITH, SEX, table


def test_few_people_are_hidden_and_nobody_is_not() -> None:
    found = rules.few_people(table([[0, 1], [9, 10]], SEX))
    assert found.cells.tolist() == [[False, True], [True, False]]
    hits = list(found.hits())
    assert (hits[0].zone, hits[0].group, hits[0].rule, hits[0].action) == (
        "z0", "sex=male", "few-people", "hidden",
    )  # fmt: skip
    assert rules.few_people(table([[0, 1], [9, 10]], SEX), zeros=True).met == 3


def test_what_is_hidden_already_is_not_judged() -> None:
    counts = Counts(
        np.array(["a"], object), (SEX,), np.array([[3.0, 4]]), np.array([[6, 0]]), lower=0.0, upper=9.0
    )
    assert rules.few_people(counts).cells.tolist() == [[False, True]]


def test_households() -> None:
    found = rules.few_households(table([[12, 0]], SEX), [[1, 0]])
    assert found.cells.tolist() == [[True, False]]


@pytest.mark.parametrize(
    ("row", "below", "met"),
    [
        ([12, 0, 0], 30, 3),
        ([12, 1, 0], 30, 0),
        ([40, 0, 0], 30, 0),
        ([40, 0, 0], np.inf, 3),
        ([0, 0, 0], 30, 0),
    ],
)
def test_one_attribute_takes_the_whole_line(row: list[int], below: float, met: int) -> None:
    assert rules.one_attribute(table([row], AGE), "age", below).met == met


def test_one_attribute_inside_a_crossing() -> None:
    found = rules.one_attribute(table([[[5, 0, 0], [4, 4, 4]]], SEX, AGE), "age")
    assert found.cells.tolist() == [[[True, True, True], [False, False, False]]]


def test_one_zone() -> None:
    found = rules.one_zone(table([[12, 4], [0, 7]], SEX))
    assert found.cells.tolist() == [[True, False], [False, False]]
    assert rules.one_zone(table([[12, 4]], SEX)).met == 0


def test_zero_cells_are_shown_and_said() -> None:
    (hit,) = rules.zero_cells(table([[0, 4]], SEX)).hits()
    assert hit.action == "shown"
    assert next(rules.zero_cells(table([[0, 4]], SEX), hide=True).hits()).action == "hidden"


def test_dominance_of_magnitudes() -> None:
    money = table([[111.0, 300.0]], SEX)
    parts = [[[100, 10, 1], [100, 100, 100]]]
    assert rules.p_percent(money, parts, 10).cells.tolist() == [[True, False]]
    assert rules.n_k(money, parts, 2, 85).cells.tolist() == [[True, False]]
    assert rules.p_percent(money, [[[101, 5, 5], [1, 1, 1]]], 3).cells.tolist() == [[False, False]]
    with pytest.raises(CallError):
        rules.n_k(money, [[[-1, 1, 1], [1, 1, 1]]])


def test_no_reason_holds_a_count() -> None:
    counts = table([[[7, 0, 0], [4, 4, 4]], [[0, 0, 0], [6, 6, 6]]], SEX, FAITH)
    for found in (
        rules.few_people(counts),
        rules.one_attribute(counts, "faith"),
        rules.one_zone(counts),
        rules.zero_cells(counts),
    ):
        assert found.met
        assert set(re.findall(r"\d+", found.reason)) <= {"10"}
        assert all(str(h).count(".") >= 1 for h in found.hits())
    assert counts.mechanism[0, 0, 0] == Mechanism.EXACT
