"""Who starts with how much, and money that is kept for some first."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isopolis.engage.budget.card import Floor, RuleCard
from isopolis.engage.budget.election import Attribute, Election, Project, election
from isopolis.engage.budget.endowments import capped, parts_by_label
from isopolis.engage.budget.rules import allocate
from isopolis.model import DataError

from .slow_shares import Plain, shares


def town(budget: int = 100) -> Election:
    """Ten voters of the north, two of the south, who want their own projects."""
    chosen = [[0, 1]] * 10 + [[2, 3]] * 2
    projects = tuple(
        Project(i, cost, place=place, target=target)
        for i, cost, place, target in (
            ("n1", 40, "north", ()), ("n2", 30, "north", ()), ("s1", 30, "south", ("older people",)),
            ("s2", 20, "south", ()),
        )
    )  # fmt: skip
    places = Attribute.of("district", ["north"] * 10 + ["south"] * 2)
    return election(budget, [40, 30, 30, 20], chosen, projects=projects, attributes={"district": places})


def test_a_district_with_low_turnout_keeps_its_weight() -> None:
    e = town()
    equal = allocate(e, RuleCard(completion="none"))
    assert set(equal.ids) == {"n1", "n2"}
    half = RuleCard(completion="none", attribute="district", shares={"north": "6000", "south": "6000"})
    assert set(allocate(e, half).ids) == {"n2", "s1", "s2"}
    held = allocate(e, replace(half, cap="1.5"))
    # two voters of the south with 1.5 times the mean have 25 of 100
    assert set(held.ids) == {"n1", "n2", "s2"}


def test_the_run_with_shares_is_the_textbooks() -> None:
    e = town()
    card = RuleCard(completion="none", attribute="district", shares={"north": "2", "south": "1"})
    money = [Fraction(100) * 2 / 3 / 10] * 10 + [Fraction(100) / 3 / 2] * 2
    slow = [e.ids[p] for p in shares(e, money)]
    plain = Plain()
    assert list(allocate(e, card).ids) == slow
    assert list(allocate(e, card, how="certified", load=lambda: plain).ids) == slow  # type: ignore[arg-type,return-value]
    assert plain.calls


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=6),
    st.integers(0, 4),
    st.sampled_from([None, Fraction(1), Fraction(3, 2), Fraction(3)]),
)
@settings(max_examples=80)
def test_endowments_add_up_to_the_budget(
    groups: list[tuple[int, int]], unknown: int, cap: Fraction | None
) -> None:
    """The mean is 1, the cap holds, and within it money goes in proportion to the shares."""
    values = [str(i) for i, (n, _) in enumerate(groups) for _ in range(n)] + [""] * unknown
    attribute = Attribute.of("district", values)
    parts, other = parts_by_label(attribute, {str(i): Fraction(s) for i, (_, s) in enumerate(groups)}, cap)
    people = [n for n, _ in groups]
    assert sum(p * n for p, n in zip(parts, people, strict=True)) + other * unknown == len(values)
    if cap is not None:
        assert all(p <= cap for p in (*parts, *([other] if unknown else [])))
    free = [(p * n / s) for p, (n, s) in zip(parts, groups, strict=True) if cap is None or p < cap]
    assert len(set(free)) <= 1


def test_labels_without_voters_give_their_part_back() -> None:
    parts, _ = parts_by_label(
        Attribute.of("d", ["a", "b", "b"]), {"a": Fraction(1), "b": Fraction(1), "c": Fraction(8)}, None
    )
    assert parts == (Fraction(3, 2), Fraction(3, 4))
    assert capped([Fraction(3), Fraction(1, 3)], [1, 3], Fraction(2)) == [2, Fraction(2, 3)]


def test_what_a_card_cannot_share_is_said() -> None:
    e = town()
    with pytest.raises(DataError, match="gives no share to south"):
        allocate(e, RuleCard(attribute="district", shares={"north": "1"}))
    with pytest.raises(DataError, match="do not say this about voters"):
        allocate(e, RuleCard(attribute="suburb", shares={"north": "1"}))
    with pytest.raises(DataError, match="nobody who voted has a share"):
        allocate(e, RuleCard(attribute="district", shares={"north": "0", "south": "0"}))


def test_a_floor_is_spent_first_by_its_own_voters() -> None:
    e = town()
    floor = Floor("35", place="south", attribute="district", label="south")
    got = allocate(e, RuleCard(completion="none", floors=(floor,)))
    assert [(e.ids[s.project], s.phase) for s in got.steps] == [
        ("s2", "floor 1"),
        ("n2", "main"),
        ("n1", "main"),
    ]
    # the two of the south have paid 10 each and have nothing left, the ten of the north keep theirs
    assert got.cost == 90
    # all twelve decide about the next; the two who want it can pay once the endowment is raised
    older = allocate(e, RuleCard(floors=(Floor("30", target="older people"),)))
    assert older.steps[0].phase == "floor 1"
    assert e.ids[older.steps[0].project] == "s1"


def test_a_floor_stays_within_its_money_and_all_within_the_budget() -> None:
    e = town()
    for money in ("10", "30", "50", "100"):
        floor = Floor(money, place="south", attribute="district", label="south")
        got = allocate(e, RuleCard(floors=(floor,), lot_seed="x"))
        inside = [s.project for s in got.steps if s.phase == "floor 1"]
        assert e.cost_of(inside) <= int(money)
        assert got.cost <= e.budget
        assert all(e.projects[p].place == "south" for p in inside)


@pytest.mark.parametrize(("floor", "said"), [
    (Floor("101", place="south"), "more than the budget"),
    (Floor("10", attribute="district", label="east"), "nobody who voted"),
    (Floor("0.5"), "finer than the money"),
])  # fmt: skip
def test_an_impossible_floor_is_said(floor: Floor, said: str) -> None:
    with pytest.raises(DataError, match=said):
        allocate(town(), RuleCard(floors=(floor,)))
