"""Equal shares three ways: the textbook, whole numbers, and doubles that know their error."""

from __future__ import annotations

import os
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings

from isopolis.engage.budget.card import RuleCard
from isopolis.engage.budget.election import Election, election
from isopolis.engage.budget.outcome import Outcome
from isopolis.engage.budget.rules import allocate
from isopolis.engage.budget.ties import lot_places

from .random_votes import random_vote, votes
from .slow_shares import Plain, add1, shares

LOT = "three dice: 4 1 6"


def lot(e: Election) -> list[int]:
    places = lot_places(RuleCard(lot_seed=LOT), e.ids)
    assert places is not None
    return sorted(range(e.n_projects), key=lambda p: places[e.ids[p]])


def both(e: Election, card: RuleCard) -> tuple[Outcome, Outcome, Plain]:
    plain = Plain()
    exact = allocate(e, card, how="exact")
    quick = allocate(e, card, how="certified", load=lambda: plain)  # type: ignore[arg-type,return-value]
    return exact, quick, plain


@pytest.mark.parametrize("utility", ["cost", "cardinality"])
@pytest.mark.parametrize("weighted", [False, True])
def test_one_run_is_the_textbooks(utility: str, weighted: bool) -> None:
    @given(votes(weighted=weighted))
    @settings(max_examples=60)
    def check(e: Election) -> None:
        card = RuleCard(utility=utility, completion="none", lot_seed=LOT)
        exact, quick, _ = both(e, card)
        slow = shares(e, [Fraction(e.budget, e.n_voters)] * e.n_voters, utility, lot(e))
        assert list(exact.order) == slow
        assert list(quick.order) == slow

    check()


@given(votes(voters=6, projects=5))
@settings(max_examples=30)
def test_raising_the_endowment_is_looking_at_every_step(e: Election) -> None:
    card = RuleCard(lot_seed=LOT, step="0.5")
    exact, quick, _ = both(e, card)
    slow, endowment = add1(e, Fraction(1, 2), "cost", lot(e))
    assert (list(exact.order), exact.endowment) == (slow, endowment)
    assert (list(quick.order), quick.endowment) == (slow, endowment)


@given(votes(voters=6, projects=5))
@settings(max_examples=20)
def test_by_money_the_budget_grows(e: Election) -> None:
    got = allocate(e, RuleCard(lot_seed=LOT, by="money", step="1"))
    slow, endowment = add1(e, Fraction(1, e.n_voters), "cost", lot(e))
    assert (list(got.order), got.endowment) == (slow, endowment)


ROUNDS = int(os.environ.get("ISOPOLIS_VOTE_ROUNDS", "40"))


def test_fast_is_exact_on_random_votes() -> None:
    """With ISOPOLIS_VOTE_ROUNDS=10000 the study that docs/vote.md reports."""
    fell_back = 0
    for seed in range(ROUNDS):
        rng = np.random.default_rng([5, seed])
        e = random_vote(rng)
        step = str(max(1, e.budget // e.n_voters // 40))
        card = RuleCard(
            utility=("cost", "cardinality")[seed % 2], step=step, lot_seed=LOT,
            stop=("overspend", "exhaustive")[seed // 2 % 2],
        )  # fmt: skip
        exact, quick, plain = both(e, card)
        assert exact.order == quick.order, seed
        assert exact.endowment == quick.endowment, seed
        assert exact.tried == quick.tried, seed
        assert exact.ties == quick.ties, seed
        fell_back += plain.undecided > 0
    assert fell_back  # the exact path is really taken for some


def test_jumping_looks_at_fewer_endowments() -> None:
    e = election(
        2_160_000, [1_000_000, 900_000, 800_000, 700_000], [[0, 1], [0], [1, 2], [2, 3], [3], [0, 3]]
    )
    exact = allocate(e, RuleCard(step="200"), how="exact")
    _, quick, plain = both(e, RuleCard(step="200"))
    assert (quick.order, quick.endowment) == (exact.order, exact.endowment)
    assert plain.calls < quick.tried / 5


def test_a_tie_that_doubles_cannot_see_is_counted_exactly() -> None:
    e = election(60, [30, 30, 20], [[0, 1], [0, 1], [0, 1, 2], [2]])
    exact, quick, plain = both(e, RuleCard(completion="none", lot_order=("1", "0", "2")))
    assert exact.order == quick.order
    assert exact.ids[0] == "1"
    assert plain.undecided > 0  # same supporters, some of whom run out: never apart, whatever the rounding
    assert (quick.how, quick.ties) == ("exact", exact.ties)


def test_ties_between_ratios_of_whole_numbers_need_no_exact_count() -> None:
    e = election(99, [30, 30, 30], [[0], [0], [0], [1], [1], [1], [2], [2], [2]])
    exact, quick, plain = both(e, RuleCard(completion="none", lot_order=("1", "0", "2")))
    assert exact.ids == quick.ids == ("1", "0", "2")
    assert (quick.how, plain.undecided) == ("certified", 0)
    assert [(t.by, t.over) for t in quick.ties] == [("lot", (0, 2)), ("lot", (2,))]
    assert quick.ties == exact.ties
