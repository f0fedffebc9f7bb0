"""Voters by groups of the census behind the gate; the order in which people are asked."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isopolis.engage.opinions.routing import next_statement, priority
from isopolis.engage.opinions.shown import families_shown, statements_shown
from isopolis.engage.opinions.standing import Said

AGE = ("age",)


def ages(**counts: int) -> dict[str, list[str]]:
    return {"age": [name if name != "unknown" else "" for name, n in counts.items() for _ in range(n)]}


def told(counts: dict[str, int], lived: dict[str, float] | None = None) -> dict[str, int | None]:
    residents = {AGE: {(v,): n for v, n in (lived or {}).items()}}
    (one,) = families_shown({AGE: list(residents[AGE])}, ages(**counts), residents)
    out: dict[str, int | None] = {
        g[0]: None if h else n for g, n, h in zip(one.groups, one.people, one.hidden, strict=True)
    }
    return out | {"unknown": one.unknown}


def test_large_groups_are_told() -> None:
    assert told({"young": 30, "old": 60}, {"young": 500, "old": 400, "middle": 300}) == {
        "young": 30, "old": 60, "middle": 0, "unknown": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    "counts",
    [
        {"young": 4, "old": 60, "middle": 26},
        {"young": 30, "old": 60, "unknown": 3},
        {"young": 3, "old": 6, "middle": 90},
    ],
)
def test_a_small_group_cannot_be_worked_out(counts: dict[str, int]) -> None:
    """The total is known: of what is hidden, every split between 0 and ten must stay possible."""
    shown = told(counts)
    hidden = {g: n for g, n in counts.items() if shown[g] is None}
    assert set(hidden) >= {g for g, n in counts.items() if n < 10}
    rest = sum(hidden.values())
    assert len(hidden) >= 2
    for group, n in hidden.items():
        if n < 10:
            assert rest >= 10, "the hidden ones together are as many as one must be able to be"
            assert rest - n >= 10 - n, group


def test_those_who_stayed_away_are_not_told_either() -> None:
    shown = told({"young": 395, "old": 300, "middle": 200}, {"young": 400, "old": 900, "middle": 900})
    assert shown["young"] is None
    assert None in (shown["old"], shown["middle"])


def test_a_crossing_and_its_margins_are_protected_together() -> None:
    """Young women 12, young men 4, old women 40, old men 44: the margins would give the four away."""
    groups = [("young", "f")] * 12 + [("young", "m")] * 4 + [("old", "f")] * 40 + [("old", "m")] * 44
    traits = {"age": [a for a, _s in groups], "sex": [s for _a, s in groups]}
    families = {("age",): [], ("sex",): [], ("age", "sex"): []}
    age, sex, both = families_shown(families, traits, {})
    cells = {g: None if h else n for g, n, h in zip(both.groups, both.people, both.hidden, strict=True)}
    assert cells["young", "m"] is None
    row = dict(zip((g[0] for g in age.groups), age.hidden, strict=True))
    column = dict(zip((g[0] for g in sex.groups), sex.hidden, strict=True))
    values = list(itertools.product(range(101), repeat=2))
    possible = set()
    for x, y in values:  # young men and young women, by what is shown
        told_ = {("young", "m"): x, ("young", "f"): y}
        if any(cells[g] is not None and cells[g] != n for g, n in told_.items()):
            continue
        if not row["young"] and x + y != 16:
            continue
        if not column["m"] and cells["old", "m"] is not None and x + 44 != 48:
            continue
        possible.add(x)
    assert {0, 10} <= possible


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=2, max_size=5))
def test_no_group_below_ten_is_ever_told(numbers: list[int]) -> None:
    counts = {f"g{i}": n for i, n in enumerate(numbers)}
    shown = told(counts)
    assert all(shown.get(g) in (None, n) for g, n in counts.items())
    assert all(shown.get(g) is None for g, n in counts.items() if 0 < n < 10)
    assert sum(v is None for v in shown.values()) != 1


def test_a_statement_is_told_where_every_group_gave_ten_votes() -> None:
    votes = np.array([[10.0, 9.0, 40.0, 0.0], [12.0, 30.0, 40.0, 20.0]])
    assert statements_shown(Said(votes, votes * 0, votes)).tolist() == [True, False, True, False]
    assert statements_shown(Said(votes[:0], votes[:0], votes[:0])).tolist() == [False] * 4


# -- the order of statements -------------------------------------------------------------------------------
def test_the_order_is_the_same_for_a_person_and_differs_between_people() -> None:
    rows = [(i, 0) for i in range(1, 11)]

    def order(person: str) -> list[int]:
        voted: set[int] = set()
        out = []
        while (one := next_statement("seed", person, rows, voted)) is not None:
            out.append(one)
            voted.add(one)
        return out

    assert order("anna") == order("anna")
    assert sorted(order("anna")) == list(range(1, 11))
    assert len({tuple(order(f"p{i}")) for i in range(20)}) == 20


def test_chances_are_in_proportion_to_weights() -> None:
    """Of a statement without votes, one with five and one with a thousand: 81, 25 and 1 of 107."""
    rows = [(1, 0), (2, 5), (3, 1000)]
    assert [priority(n) for _s, n in rows] == pytest.approx([81, 25, 1])
    n = 4000
    first = [next_statement("seed", f"p{i}", rows, ()) for i in range(n)]
    for statement, weight in ((1, 81), (2, 25), (3, 1)):
        share = weight / 107
        assert abs(first.count(statement) / n - share) < 4 * math.sqrt(share * (1 - share) / n)


def test_what_was_set_aside_comes_last_and_in_its_order() -> None:
    rows = [(1, 0), (2, 0), (3, 0)]
    assert next_statement("s", "p", rows, {1}, [3]) == 2
    assert next_statement("s", "p", rows, {1, 2}, [9, 3]) == 3
    assert next_statement("s", "p", rows, {1}, [3, 2]) == 3
    assert next_statement("s", "p", rows, {1, 2, 3}, [3]) is None
    assert next_statement("s", "p", [], ()) is None
