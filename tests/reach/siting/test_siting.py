"""Sitings against every plan there is, on small random cities."""

from __future__ import annotations

import pickle
import re
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isopolis.model import CallError, Undefined
from isopolis.reach.siting import Question, choose, explained, redrawn, stability

from . import brute

MINUTE = 60_000


@st.composite
def questions(draw: st.DrawFn, **fixed: Any) -> Question:
    origins, many, groups = draw(st.integers(1, 7)), draw(st.integers(1, 6)), draw(st.integers(1, 4))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    people = rng.integers(0, 9, (origins, groups)) * (rng.random((origins, groups)) < 0.7)
    costs = np.where(rng.random((origins, many)) < 0.3, -1, rng.integers(0, 30, (origins, many)) * MINUTE)
    existing = np.where(rng.random(origins) < 0.4, -1, rng.integers(5, 40, origins) * MINUTE)
    given = {
        "standard": draw(st.sampled_from([0, 10 * MINUTE, 15 * MINUTE])),
        "measure": draw(st.sampled_from(["within", "shortfall"])),
        "longest": 35 * MINUTE,
        "budget": draw(st.sampled_from([None, 3.0, 5.5])),
    }
    given["sites"] = draw(st.integers(0, 3)) if given["budget"] is None else draw(st.sampled_from([None, 2]))
    prices = rng.integers(0, 300, many) / 100
    if draw(st.booleans()):
        given |= {"open_now": rng.random(many) < 0.4, "closing": rng.integers(-200, 200, many) / 100}
        given["closures"] = draw(st.sampled_from([None, 0, 1]))
    names = [f"p{c}" for c in rng.permutation(many)]
    groups_named = [f"g{g}" for g in range(groups)]
    return Question(groups_named, people, existing, names, costs, prices, **(given | fixed))


@given(questions())
def test_leximin_equals_every_plan_tried(question: Question) -> None:
    plan = choose(question)
    wanted = brute.best_leximin(question)
    unit = 1 if question.measure == "within" else MINUTE
    assert tuple(x * unit for x in plan.ordered) == wanted
    assert plan.proven
    assert plan.bound <= plan.value


@given(questions(objective="total"))
def test_covering_and_median_equal_every_plan_tried(question: Question) -> None:
    plan = choose(question)
    assert plan.proven
    assert plan.score[0] == brute.best_total(question)


@settings(max_examples=40)
@given(questions(objective="ede"), st.sampled_from([0.5, 1.0, 4.0]))
def test_equivalent_equals_every_plan_tried(question: Question, aversion: float) -> None:
    question = replace(question, aversion=aversion)
    plan = choose(question)
    wanted = brute.best_ede(question) * (
        1 if question.measure == "within" else 35 - question.standard / MINUTE
    )
    assert plan.value == pytest.approx(wanted, abs=1e-7)
    assert plan.bound <= plan.value + 1e-12


@given(questions(), st.sampled_from(["leximin", "total", "ede"]))
def test_greedy_keeps_its_limits_and_its_bound_is_one(question: Question, objective: str) -> None:
    question = replace(question, objective=objective)
    plan, best = choose(question, method="greedy"), choose(question)
    assert plan.bound <= best.value + 1e-9
    assert best.score <= plan.score or objective == "ede"
    if question.budget is not None:
        assert plan.price <= question.budget
    if question.sites is not None:
        assert len(plan.steps) <= question.sites
    if question.closures is not None:
        assert len(plan.closed) <= question.closures


@given(questions())
def test_no_group_is_worse_and_levels_are_counted_again(question: Question) -> None:
    plan = choose(question, method="greedy")
    now = {c for c, i in enumerate(question.ids) if question.open_now[c]}
    then = {question.ids.index(i) for i in plan.sites} | {
        c for c in now if question.ids[c] not in plan.closed
    }
    table = brute.dense(question)
    for sites, levels in ((now, plan.before), (then, plan.after)):
        costs = brute.nearest(question, table, sites)
        for g, level in enumerate(levels):
            people = question.people[:, g]
            assert level.people == people.sum()
            assert level.unreached == sum(n for n, c in zip(people, costs, strict=True) if c < 0)
            inside = [n for n, c in zip(people, costs, strict=True) if 0 <= c <= question.standard]
            assert level.served == sum(inside)
            assert isinstance(level.value, Undefined) == (people.sum() == 0)
    for was, now_ in zip(plan.before, plan.after, strict=True):
        if not isinstance(was.value, Undefined):
            better = now_.value - was.value
            assert better >= 0 if question.measure == "within" else better <= 0


@given(questions(), st.randoms(use_true_random=False))
def test_order_of_candidates_does_not_matter(question: Question, random: Any) -> None:
    turn = list(range(len(question.ids)))
    random.shuffle(turn)
    table = np.array(brute.dense(question)).reshape(len(question.existing), len(turn))
    turned = replace(
        question, ids=[question.ids[c] for c in turn], costs=table[:, turn], prices=question.prices[turn],
        open_now=question.open_now[turn], closing=question.closing[turn],
    )  # fmt: skip
    one, other = choose(question), choose(turned)
    assert (one.sites, one.closed, one.after, one.price) == (
        other.sites,
        other.closed,
        other.after,
        other.price,
    )


@settings(max_examples=30)
@given(questions(budget=2.0, sites=None), st.floats(0.0, 4.0))
def test_more_money_is_never_worse(question: Question, more: float) -> None:
    assert choose(replace(question, budget=2.0 + more)).score <= choose(question).score


@given(questions())
def test_steps_add_up_to_the_whole(question: Question) -> None:
    plan = choose(question)
    if plan.closed:
        return  # a site that closes takes away what the steps do not show
    hours = 1 if question.measure == "within" else 60
    for g, (was, now) in enumerate(zip(plan.before, plan.after, strict=True)):
        gained = sum((s.gains[g] for s in plan.steps), Fraction(0))
        if not isinstance(was.value, Undefined):
            assert gained * hours == abs(now.value - was.value) * was.people


# -- greedy is not enough -----------------------------------------------------------------------------
def trap(seed: int) -> Question:
    """A middling site reaches half of each group, two others everybody: greedy takes the first."""
    rng = np.random.default_rng(seed)
    half = int(rng.integers(4, 40))
    # four places: a1, a2 of group A, b1, b2 of group B; "middle" reaches a1 and b1 and a bit more
    people = np.array([[half, 0], [half, 0], [0, half], [0, half], [1, 1]])
    near, far = 5 * MINUTE, 40 * MINUTE
    costs = np.full((5, 4), far)
    for c, reached in enumerate(([0, 2, 4], [0, 1], [2, 3], [4])):
        costs[reached, c] = near
    return Question(["A", "B"], people, np.full(5, -1), ["middle", "left", "right", "hut"], costs,
                    np.ones(4), 10 * MINUTE, sites=2)  # fmt: skip


def plain_greedy(question: Question) -> tuple[Fraction, ...]:
    """Always the site that makes the sorted losses best, one at a time."""
    table, chosen = brute.dense(question), set()
    for _ in range(question.sites):
        rest = set(range(len(question.ids))) - chosen
        chosen |= {min(rest, key=lambda c: (_losses(question, table, chosen | {c}), question.ids[c]))}
    return _losses(question, table, chosen)


def _losses(question: Question, table: list[list[int]], chosen: set[int]) -> tuple[Fraction, ...]:
    costs = brute.nearest(question, table, chosen)
    return tuple(sorted(brute.group_losses(question, costs), reverse=True))


def random_city(seed: int) -> Question:
    rng = np.random.default_rng(seed)
    where, sites = rng.random((9, 2)) * 40, rng.random((7, 2)) * 40
    costs = (np.abs(where[:, None] - sites[None]).sum(axis=2) * MINUTE).astype(int)
    return Question([f"g{g}" for g in range(3)], rng.integers(0, 30, (9, 3)), np.full(9, -1),
                    [f"s{c}" for c in range(7)], costs, np.ones(7), 12 * MINUTE, sites=3)  # fmt: skip


def test_twenty_cities_where_greedy_is_not_best() -> None:
    """The first twenty random cities on which taking the best site each time is not best."""
    found, seed = 0, 0
    while found < 20:
        question, seed = random_city(seed), seed + 1
        simple, best = plain_greedy(question), brute.best_leximin(question)
        if simple == best:
            continue
        found += 1
        plan = choose(question)
        assert plan.ordered == best < simple
        assert plan.proven
    assert seed < 2_000


@pytest.mark.parametrize("seed", range(5))
def test_a_trap_for_greedy(seed: int) -> None:
    question = trap(seed)
    assert choose(question).ordered == brute.best_leximin(question) < plain_greedy(question)
    assert set(choose(question).sites) == {"left", "right"}


# -- by hand --------------------------------------------------------------------------------------------
def hand(**other: Any) -> Question:
    """Old town 60 young and 20 old, hill 10 and 30, valley 30 and 50; the example of docs/siting.md."""
    people = np.array([[60, 20], [10, 30], [30, 50]])
    costs = np.array([[5, 30, -1], [30, 10, 25], [-1, 25, 10]]) * MINUTE
    given = {"prices": [100, 100, 100], "standard": 15 * MINUTE, "sites": 1} | other
    existing = np.array([10 * MINUTE, -1, 20 * MINUTE])
    return Question(["young", "old"], people, existing, ["centre", "hill", "valley"],
                    np.where(costs < 0, -1, costs), **given)  # fmt: skip


def test_worked_example() -> None:
    plan = choose(hand())
    assert [lv.value for lv in plan.before] == [Fraction(60, 100), Fraction(20, 100)]
    assert plan.sites == ("valley",)
    assert [lv.value for lv in plan.after] == [Fraction(90, 100), Fraction(70, 100)]
    assert plan.steps[0].gains == (30, 50)
    assert [lv.unreached for lv in plan.after] == [0, 0]  # the hill reaches the valley, in 25 minutes
    both = choose(hand(sites=2))
    assert both.sites == ("valley", "hill")
    assert [lv.value for lv in both.after] == [1, 1]


def test_shortfall_of_the_worked_example() -> None:
    plan = choose(hand(measure="shortfall", longest=45 * MINUTE))
    # today: the hill cannot get there and counts 30 minutes beyond, the valley 5
    assert plan.before[0].value == Fraction(10 * 30 + 30 * 5, 100)
    assert plan.before[1].value == Fraction(30 * 30 + 50 * 5, 100)
    assert plan.before[1].unreached == 30
    # a site on the hill brings it to 0, one in the valley leaves it 10 beyond
    assert plan.sites == ("hill",)
    assert plan.after[1].value == Fraction(50 * 5, 100)
    assert plan.steps[0].gains[1] == Fraction(30 * 30, 60)


def test_a_move_that_would_hurt_is_not_made() -> None:
    # closing the centre would pay for the hill, but the young of the old town would lose
    people = np.array([[50, 10], [10, 30]])
    question = Question(["young", "old"], people, np.array([-1, -1]), ["centre", "hill"],
                        np.array([[5, 60], [60, 5]]) * MINUTE, [0, 80], 15 * MINUTE, budget=50,
                        open_now=[True, False], closing=[-40, 0])  # fmt: skip
    assert choose(question).sites == ()
    everyone_wins = replace(question, costs=np.array([[5, 14], [60, 5]]) * MINUTE)
    moved = choose(everyone_wins)
    assert (moved.sites, moved.closed, moved.price) == (("hill",), ("centre",), 40.0)


def test_ties_are_said_and_broken_by_name() -> None:
    question = hand(sites=1)
    twins = Question(question.groups, question.people, question.existing, ["b", "a"],
                     np.array([[-1, -1], [-1, -1], [5, 5]]), [1, 1], question.standard, sites=1)  # fmt: skip
    plan = choose(twins)
    assert plan.sites == ("a",)
    assert plan.steps[0].ties == ("b",)
    assert any("could be exchanged for b" in s for s in explained(plan))


def test_groups_without_people_are_not_judged() -> None:
    question = hand()
    empty = replace(question, groups=["young", "old", "nobody"], people=np.c_[question.people, [0, 0, 0]])
    plan = choose(empty)
    assert plan.sites == ("valley",)
    assert isinstance(plan.after[2].value, Undefined)
    assert len(plan.ordered) == 2


def test_stability_counts_how_often_a_site_stays() -> None:
    question = hand()
    plan = choose(question)
    people = np.array(question.people)
    hill = people.copy()
    hill[1] *= 100  # now nearly everyone lives on the hill
    firm = stability(plan, [*redrawn(question, np.stack([people, hill])), question])
    assert firm.kept == (("valley", 2),)
    assert firm.rivals == (("hill", 1),)
    assert firm.regret[0] == 0
    assert firm.regret[1] > 0
    assert any("2 of 3" in s for s in explained(plan, firm))


def test_a_solver_without_time_says_its_gap() -> None:
    rng = np.random.default_rng(1)
    where, sites = rng.random((400, 2)) * 60, rng.random((120, 2)) * 60
    costs = (np.abs(where[:, None] - sites[None]).sum(axis=2) * MINUTE).astype(int)
    question = Question([f"g{g}" for g in range(6)], rng.integers(0, 30, (400, 6)), np.full(400, -1),
                        [f"s{c}" for c in range(120)], costs, np.ones(120), 8 * MINUTE, sites=6)  # fmt: skip
    plan = choose(question, method="exact", seconds=0.001)  # for no machine enough
    assert not plan.proven
    assert 0 < plan.gap < plan.value
    assert any("may exist" in s for s in explained(plan))
    greedy = choose(question, method="greedy")
    assert 0 <= greedy.bound <= greedy.value


def test_examples_of_the_page_run(capsys: pytest.CaptureFixture[str]) -> None:
    page = Path(__file__).resolve().parents[3] / "docs" / "siting.md"
    blocks = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.S)
    for block in blocks:
        exec(compile(block, page.name, "exec"), {})
    said = capsys.readouterr().out
    assert "('valley',) ['9/10', '7/10']\n" in said
    assert "this was proven" in said
    assert "What the service admits: 0.433 of the gap." in said


def test_plans_travel_between_processes() -> None:
    plan = choose(hand())
    again = pickle.loads(pickle.dumps(plan))
    assert again.steps == plan.steps
    assert again.score == plan.score


def test_rows_and_tables_give_the_same() -> None:
    question = hand(sites=2)
    again = replace(question, costs=np.array(brute.dense(question)))
    assert choose(again).steps == choose(question).steps


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"objective": "leximinn"}, "leximin"),
        ({"measure": "minutes"}, "within"),
        ({"sites": None}, "budget, a number of sites"),
        ({"budget": -1.0}, "0 or more"),
        ({"prices": [1, 1]}, "price"),
        ({"prices": [1, 1, np.nan]}, "known"),
        ({"prices": [1, 1, 0.001]}, "cents"),
        ({"ids": ["a", "a", "b"]}, "unique"),
        ({"people": np.ones((3, 3))}, "one row for each origin"),
        ({"people": np.full((3, 2), -1)}, "0 or more"),
        ({"people": np.full((3, 2), 1e18)}, "too many people"),
        ({"standard": 20, "measure": "shortfall", "longest": 20}, "longer than the standard"),
        ({"aversion": 0.0}, "above 0"),
        ({"costs": np.zeros((2, 3), int)}, "one row for each origin"),
        ({"costs": np.full((3, 3), -2)}, "or -1"),
        ({"costs": (np.array([0, 1, 1, 1]), np.array([3]), np.array([1]))}, "does not exist"),
        ({"costs": (np.array([0, 2, 2, 2]), np.array([1, 1]), np.array([1, 2]))}, "two times"),
        ({"existing": np.array([-2, 0, 0])}, "or -1"),
        ({"everyone": np.ones(2)}, "everyone"),
    ],
)
def test_wrong_questions_are_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(CallError, match=said):
        choose(replace(hand(), **change))


@pytest.mark.parametrize(("method", "seconds"), [("magic", 1.0), ("auto", 0.0)])
def test_wrong_calls_are_refused(method: str, seconds: float) -> None:
    with pytest.raises(CallError):
        choose(hand(), method=method, seconds=seconds)


# -- many groups ----------------------------------------------------------------------------------------
def many_groups(objective: str, measure: str, groups: int = 150) -> Question:
    """Overlapping groups of odd sizes, whose common denominator is larger than any float."""
    rng = np.random.default_rng(7)
    where, sites = rng.random((30, 2)) * 40, rng.random((8, 2)) * 40
    costs = (np.abs(where[:, None] - sites[None]).sum(axis=2) * MINUTE).astype(int)
    people = rng.integers(0, 400, (30, groups)) * 2
    people[0] += 1  # odd in sum
    return Question([f"g{g}" for g in range(groups)], people, np.full(30, -1), [f"s{c}" for c in range(8)],
                    costs, np.ones(8), 12 * MINUTE, measure=measure, objective=objective, sites=2,
                    longest=40 * MINUTE, everyone=people[:, 0])  # fmt: skip


@pytest.mark.parametrize(("objective", "measure"), [("leximin", "within"), ("ede", "shortfall")])
def test_150_overlapping_groups_of_odd_sizes(objective: str, measure: str) -> None:
    question = many_groups(objective, measure)
    plan = choose(question, seconds=0.2)
    if objective == "leximin":
        assert plan.ordered == brute.best_leximin(question)
    quick = choose(question, method="greedy")
    for found in (plan, quick):
        assert found.bound <= found.value + 1e-9
        assert quick.score >= plan.score
    assert stability(plan, [question]).kept == tuple((s, 1) for s in plan.sites)


def test_groups_that_overlap_do_not_use_up_the_room_of_sums() -> None:
    wide = hand(measure="shortfall", longest=60 * MINUTE)
    people = np.tile(np.array([[6e6], [3e6], [9e6]]) + 0.25, (1, 400))
    many = replace(wide, groups=[f"g{g}" for g in range(400)], people=people, everyone=people[:, 0])
    one = replace(wide, groups=["g"], people=people[:, :1], everyone=people[:, 0])
    assert choose(many, method="greedy").sites == choose(one, method="greedy").sites


def test_what_the_budget_does_not_pay_for_is_no_tie() -> None:
    question = Question(["a"], np.array([[3]]), np.array([-1]), ["cheap", "dear", "same"],
                        np.full((1, 3), 5 * MINUTE), [1, 9, 1], 15 * MINUTE, budget=2.0, sites=1)  # fmt: skip
    (step,) = choose(question).steps
    assert (step.site, step.ties) == ("cheap", ("same",))


def test_what_ties_for_the_worst_off_only_is_no_tie() -> None:
    people = np.array([[2, 0], [2, 0], [0, 2], [0, 2]])
    near = np.array([[5, 5], [-1, -1], [5, 5], [5, -1]]) * MINUTE
    question = Question(["a", "b"], people, np.full(4, -1), ["more", "less"],
                        np.where(near < 0, -1, near), [1, 1], 15 * MINUTE, sites=1)  # fmt: skip
    (step,) = choose(question).steps
    assert (step.site, step.ties) == ("more", ())


@settings(max_examples=15, deadline=None)
@given(questions(), st.sampled_from(["leximin", "total"]))
def test_a_proof_cut_short_has_a_true_bound(question: Question, objective: str) -> None:
    from isopolis.reach.siting.exact import prove
    from isopolis.reach.siting.losses import Losses

    asked = replace(question, objective=objective)
    losses = Losses.of(asked)
    best = choose(asked)
    assert best.proven
    unit = 1.0 if asked.measure == "within" else losses.worst / MINUTE
    assert prove(losses, losses.open_now, 1e-9).bound * unit <= best.value + 1e-9


@given(questions())
def test_what_is_allowed_equals_every_plan_tried(question: Question) -> None:
    from isopolis.reach.siting.losses import Losses

    losses, every = Losses.of(question), range(len(question.ids))
    wanted = {frozenset(chosen) for chosen, _ in brute.plans(question)}
    sets = [frozenset(c) for n in range(len(every) + 1) for c in combinations(every, n)]
    found = {s for s in sets if losses.allowed(np.array([int(c) in s for c in losses.order]))}
    assert found == wanted


@settings(max_examples=12, deadline=None)
@given(questions())
def test_ties_are_all_exchanges_of_equal_goal(question: Question) -> None:
    from isopolis.reach.siting.losses import Losses

    losses, plan = Losses.of(question), choose(question, method="greedy")
    opened = {i: i in plan.sites or (now and i not in plan.closed)
              for i, now in zip(losses.ids, losses.open_now, strict=True)}  # fmt: skip
    for step in plan.steps:
        equal = []
        for other, there in opened.items():
            if there or losses.open_now[losses.ids.index(other)]:
                continue
            trial = np.array(list((opened | {step.site: False, other: True}).values()))
            if losses.allowed(trial) and losses.score(trial) == plan.score:
                equal.append(other)
        assert step.ties == tuple(equal)


@settings(max_examples=12, deadline=None)
@given(questions(), st.sampled_from(["leximin", "ede", "total"]))
def test_stability_asks_the_same_greedy_question(question: Question, objective: str) -> None:
    other = replace(question, objective=objective)
    again = choose(other, method="greedy")
    plan = choose(question, method="greedy")
    firm = stability(plan, [other])
    assert {s for s, n in (*firm.kept, *firm.rivals) if n} == set(again.sites)
    assert stability(again, [other]).regret == (0.0,)
