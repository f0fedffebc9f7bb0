"""What each rule promises, on random votes; and examples that fit on a hand."""

from __future__ import annotations

import itertools
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isopolis.engage.budget.card import RULES, RuleCard
from isopolis.engage.budget.election import Election, election
from isopolis.engage.budget.exact import exact_run, money_left
from isopolis.engage.budget.rules import allocate, task_of

from .random_votes import votes

LOT = "seven"


def card(rule: str, **more: object) -> RuleCard:
    return RuleCard(rule=rule, lot_seed=LOT, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_keeps_to_the_budget_and_to_what_people_want(rule: str) -> None:
    @given(votes(), st.integers(0, 3), st.sampled_from(["none", "greedy", "greedy_value"]))
    @settings(max_examples=40)
    def check(e: Election, least: int, fill: str) -> None:
        got = allocate(e, card(rule, min_score=least, fill=fill))
        assert got.cost <= e.budget
        assert len(set(got.order)) == len(got.order)
        assert all(e.ballots.score[p] >= max(1, least) for p in got.order)
        assert allocate(e, got.card).order == got.order  # the card says everything
        if fill != "none":
            left = e.budget - got.cost
            wanted = [p for p in range(e.n_projects) if e.ballots.score[p] >= max(1, least)]
            assert not [p for p in wanted if p not in got.order and e.costs[p] <= left]

    check()


@pytest.mark.parametrize("rule", RULES)
def test_order_of_voters_and_names_of_projects_do_not_matter(rule: str) -> None:
    @given(votes(), st.randoms(use_true_random=False))
    @settings(max_examples=25)
    def check(e: Election, chance: object) -> None:
        rows = [e.ballots.by_voter.row(i).tolist() for i in range(e.n_voters)]
        chance.shuffle(rows)  # type: ignore[attr-defined]
        place = list(range(e.n_projects))
        chance.shuffle(place)  # type: ignore[attr-defined]
        moved = election(
            e.budget, [int(e.costs[p]) for p in place], [[place.index(p) for p in row] for row in rows],
            ids=[e.ids[p] for p in place],
        )  # fmt: skip
        assert sorted(allocate(moved, card(rule)).ids) == sorted(allocate(e, card(rule)).ids)

    check()


@given(votes())
@settings(max_examples=60)
def test_greedy_takes_the_best_that_fits(e: Election) -> None:
    """At each step no project with more votes was left out that would have fitted."""
    got, left = allocate(e, card("greedy")), e.budget
    score = e.ballots.score
    for i, p in enumerate(got.order):
        later = set(range(e.n_projects)) - set(got.order[: i + 1])
        assert not [r for r in later if score[r] > score[p] and e.costs[r] <= left]
        left -= int(e.costs[p])
    stopped = allocate(e, card("greedy_stop")).order
    assert set(stopped) <= set(range(e.n_projects))
    assert sum(e.costs[p] for p in stopped) <= e.budget


@given(votes(), st.sampled_from(["cost", "cardinality"]))
@settings(max_examples=60)
def test_shares_pay_exactly_and_nobody_pays_twice(e: Election, utility: str) -> None:
    """The price system of the outcome: each project paid by its supporters, who could not buy another."""
    rules = card("equal_shares", utility=utility, completion="none")
    got, task = allocate(e, rules), task_of(e, replace(rules, min_score=0))
    b = Fraction(e.budget, e.n_voters)
    left = [b] * e.n_voters
    for n, p in enumerate(got.order):
        place, values = money_left(task, b, list(got.order[: n + 1]))
        now = [values[c] for c in place]
        paid = [x - y for x, y in zip(left, now, strict=True)]
        supporters = set(e.ballots.by_project.row(p).tolist())
        assert sum(paid) == e.costs[p]
        assert {v for v, x in enumerate(paid) if x} <= supporters
        price = got.steps[n].price
        assert all(paid[v] == min(left[v], price) for v in supporters)
        left = now
    for p in set(range(e.n_projects)) - set(got.order):
        if e.costs[p] <= e.budget:
            assert sum(left[v] for v in e.ballots.by_project.row(p)) < e.costs[p]


def gains(e: Election, group: tuple[int, ...], chosen: set[int], utility: str) -> list[int]:
    worth = [int(c) if utility == "cost" else 1 for c in e.costs]
    return [sum(worth[p] for p in e.ballots.by_voter.row(v).tolist() if p in chosen) for v in group]


@given(votes(voters=6, projects=4), st.sampled_from(["cost", "cardinality"]))
@settings(max_examples=50)
def test_shares_represent_every_cohesive_group_up_to_one_project(e: Election, utility: str) -> None:
    """EJR up to one project, by trying all groups and all sets of projects (Peters et al. 2021)."""
    won = set(allocate(e, card("equal_shares", utility=utility, completion="none")).order)
    likes = [set(e.ballots.by_voter.row(v).tolist()) for v in range(e.n_voters)]
    for size in range(1, e.n_voters + 1):
        for group in itertools.combinations(range(e.n_voters), size):
            common = set.intersection(*(likes[v] for v in group))
            for many in range(1, len(common) + 1):
                for wish in itertools.combinations(sorted(common), many):
                    if e.cost_of(wish) * e.n_voters > e.budget * size:
                        continue
                    aim = sum(int(e.costs[p]) if utility == "cost" else 1 for p in wish)
                    best = [
                        max([g, *(gains(e, (v,), won | {p}, utility)[0] for p in wish)])
                        for v, g in zip(group, gains(e, group, won, utility), strict=True)
                    ]
                    assert set(wish) <= won or max(best) > aim or max(gains(e, group, won, utility)) >= aim


@given(votes())
@settings(max_examples=50)
def test_phragmen_buys_in_time(e: Election) -> None:
    """Each purchase is paid by what its supporters earned since they last paid; times never fall."""
    got = allocate(e, card("phragmen"))
    last = [Fraction(0)] * e.n_voters
    before = Fraction(0)
    for step in got.steps:
        supporters = e.ballots.by_project.row(step.project).tolist()
        assert sum(step.price - last[v] for v in supporters) == e.costs[step.project]
        assert step.price >= before
        for v in supporters:
            last[v] = step.price
        before = step.price
    skipping = allocate(e, card("phragmen", past_budget="skip"))
    assert skipping.order[: len(got.order)] == got.order


def test_equal_shares_gives_a_minority_its_part() -> None:
    """60 of 100 people want three projects, 40 two others: greedy gives the 60 all, equal shares divides."""
    e = election(100, [30, 30, 40, 20, 20], [[0, 1, 2]] * 60 + [[3, 4]] * 40)
    assert set(allocate(e, card("greedy")).ids) == {"0", "1", "2"}
    got = allocate(e, card("equal_shares"))
    assert set(got.ids) == {"0", "1", "3", "4"}
    assert got.voters_with_nothing == 0
    assert set(allocate(e, card("phragmen")).ids) == {"0", "1", "3", "4"}


def test_greedy_by_any_other_name() -> None:
    """Skipping, stopping and votes per cost are three rules."""
    e = election(100, [60, 50, 40, 10], [[0]] * 9 + [[1]] * 8 + [[2]] * 7 + [[3]] * 2)
    assert allocate(e, card("greedy")).ids == ("0", "2")
    assert allocate(e, card("greedy_stop")).ids == ("0",)
    assert allocate(e, card("greedy_value")).ids == ("3", "2", "1")


def test_points_and_rankings_weigh() -> None:
    points = election(10, [10, 10], [[0, 1], [0, 1], [1]], weights=[[9, 1], [9, 1], [5]], ballot="cumulative")
    assert allocate(points, card("greedy")).ids == ("0",)
    ranked = election(10, [10, 10], [[0, 1], [0, 1], [1, 0]], ballot="ordinal")
    assert ranked.ballots.score.tolist() == [5, 4]
    assert allocate(ranked, card("greedy")).ids == ("0",)
    got = allocate(replace(points, budget=19), card("equal_shares", completion="none"))
    # nine points pay nine times what one point pays
    assert got.ids == ("0",)
    assert got.steps[0].price == Fraction(10, 18)


def test_comparison_keeps_greedy_where_more_gain() -> None:
    e = election(10, [10, 4, 3], [[0]] * 5 + [[1], [1], [2], [2]])
    shares = allocate(e, card("equal_shares", completion="none"))
    compared = allocate(e, card("equal_shares", completion="none", comparison="greedy"))
    assert shares.ids == ()
    assert compared.ids == ("0",)
    assert compared.card.comparison == "greedy"
    assert compared.compared is not None
    assert (compared.compared.theirs, compared.compared.ours) == (5, 0)
    assert (compared.rule, shares.rule) == ("greedy", "equal_shares")
    kept = allocate(election(10, [6, 4], [[0], [1]]), card("equal_shares", comparison="greedy"))
    assert kept.compared is not None
    assert kept.rule == "equal_shares", "nobody gains by the other: the rule of the card stays"


def test_exact_prices_are_fractions() -> None:
    e = election(7, [3, 2], [[0, 1], [0], [1]])
    run = exact_run(
        task_of(e, replace(card("equal_shares"), min_score=0)), Fraction(7, 3), lambda tied: tied[0]
    )
    assert [c.price for c in run] == [Fraction(3, 2), Fraction(7, 6)]
