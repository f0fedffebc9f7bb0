"""Who got what, what of it may be shown, why projects lost, and what changes between two outcomes."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isopolis.engage.budget.audit import (
    approvals,
    approvals_of,
    audit,
    by_group,
    by_place,
    difference,
    groups_of,
    losers_of,
    lost,
    publish,
    reach,
    replay,
)
from isopolis.engage.budget.audit.satisfied import age_bands, shares
from isopolis.engage.budget.card import Floor, RuleCard
from isopolis.engage.budget.election import Attribute, Project, election
from isopolis.engage.budget.rules import allocate
from isopolis.model import CallError

SMALL = approvals_of([{0}, {0, 1}, {1}, {2}, set()], [30, 12, 20], 50)


def money(units: int) -> str:
    return f"{units} zł"


# -- who got what --------------------------------------------------------------------------------------------
def test_reach_by_hand() -> None:
    found = reach(SMALL, [0, 1])
    assert (found.voters, found.empty, found.nothing, found.cost) == (5, 1, 2, 42)
    assert (found.projects, found.money) == (Fraction(4, 5), Fraction(84, 5))
    # shares 0, 0, 6, 15, 21: the half with least has 0 + 0 + half of 6
    assert found.bottom_half == pytest.approx(3 / 42)
    assert found.gini == pytest.approx((-4 * 0 - 2 * 0 + 0 * 6 + 2 * 15 + 4 * 21) / (5 * 42))


def test_nothing_funded_is_nobody_unequal() -> None:
    found = reach(SMALL, [])
    assert (found.nothing, found.bottom_half, found.gini) == (5, 0.0, 0.0)


BALLOTS = st.lists(st.sets(st.integers(0, 3)), min_size=1, max_size=8)


@given(BALLOTS, st.sets(st.integers(0, 3)))
def test_shares_add_up_to_the_money_that_somebody_supports(ballots, won) -> None:
    a = approvals_of(ballots, [5, 7, 11, 13], 40)
    spent = sum([5, 7, 11, 13][p] for p in won if a.votes[p])
    assert float(shares(a, won).sum()) * 40 == pytest.approx(spent)
    codes = [i % 3 - 1 for i in range(len(ballots))]
    groups = by_group(a, won, codes, ["odd", "even"])
    unknown = by_group(a, won, [0 if c < 0 else -1 for c in codes], ["?"])
    assert sum((g.share for g in (*groups, *unknown)), Fraction(0)) == spent
    assert sum(g.nothing for g in (*groups, *unknown)) == reach(a, won).nothing


def test_the_twin_of_types_counts_voter_by_voter() -> None:
    ballots = [{0, 2}, {1}, {0, 2}, set(), {1}]
    kinds = approvals_of(ballots, [1, 1, 1], 2).ballots([0, 1, 2])
    assert [set(np.flatnonzero(kinds.support[k])) for k in kinds.kind] == ballots
    assert sorted(kinds.weight.tolist()) == [1, 2, 2]
    assert kinds.weight[kinds.kind].tolist() == [2, 2, 2, 1, 2]


def test_many_projects_are_grouped_like_few() -> None:
    rng = np.random.default_rng(5)
    ballots = [set(np.flatnonzero(row)) for row in rng.random((60, 150)) < 0.02]
    kinds = approvals_of(ballots, [1] * 150, 2).ballots(range(150))
    assert [set(np.flatnonzero(kinds.support[k])) for k in kinds.kind] == ballots
    assert len(kinds.weight) == len({frozenset(b) for b in ballots})


def test_ages_stand_in_bands_and_anything_else_is_unknown() -> None:
    bands, names = age_bands(["0", "17", "18", "75", "abc", "131", "-3", "29"])
    assert bands == (0, 0, 1, 5, -1, -1, -1, 1)
    assert names[0] == "0–17"
    assert names[-1] == "75+"


def test_money_by_place() -> None:
    rows = by_place(np.array([10, 20, 30]), np.array([1, 2, 3]), [0, 2], [("a",), ("b",), ("a", "c")])
    assert [(r.label, r.listed, r.funded, r.asked, r.spent, r.votes) for r in rows] == [
        ("a", 2, 2, 40, 40, 4), ("c", 1, 1, 30, 30, 3), ("b", 1, 0, 20, 0, 2),
    ]  # fmt: skip


# -- what may be shown ---------------------------------------------------------------------------------------
def town(small: int = 4):
    """200 voters; in district C there are only `small`."""
    where = ["A"] * 100 + ["B"] * (100 - small) + ["C"] * small
    chosen = [[0] if i % 2 else [1] for i in range(200)]
    attribute = Attribute.of("district", where)
    return election(10, [10, 10], chosen, attributes={"district": attribute})


def test_large_groups_are_shown_as_they_are() -> None:
    e = town(40)
    rows = {r.label: r for r in publish(approvals(e), {"x": [0]}, groups_of(e)).rows["x"]["district"]}
    assert (rows["C"].voters, rows["C"].nothing, rows["C"].projects) == (40, 20, Fraction(1, 2))
    assert rows["A"].share == Fraction(5, 100)


def test_a_small_group_is_hidden_and_cannot_be_worked_out() -> None:
    e = town(4)
    found = publish(approvals(e), {"x": [0], "y": [1]}, groups_of(e))
    for name in ("x", "y"):
        rows = {r.label: r for r in found.rows[name]["district"]}
        assert (rows["C"].voters, rows["C"].nothing, rows["C"].share) == (None, None, None)
        # one more group at least, or 200 voters less those shown would be those of C
        assert [r.voters for r in rows.values()].count(None) >= 2
    assert found.hidden > 0
    assert "hidden" in found.note


def test_what_one_outcome_hides_the_other_does_not_show() -> None:
    e = town(4)
    found = publish(approvals(e), {"x": [0], "y": [0, 1]}, groups_of(e))
    hidden = [{r.label for r in found.rows[n]["district"] if r.voters is None} for n in ("x", "y")]
    assert hidden[0] == hidden[1]


def test_without_attributes_there_is_nothing_to_show() -> None:
    e = election(10, [10], [[0], []])
    assert publish(approvals(e), {"x": [0]}, groups_of(e)).rows == {}


def test_blank_labels_are_unknown_and_many_labels_are_put_together() -> None:
    e = election(5, [5, 5], [[i // 45 % 2] for i in range(1800)], attributes={
        "district": Attribute.of("district", [f"d{i % 45}" if i < 1780 else "-" for i in range(1800)]),
        "shoe_size": Attribute.of("shoe_size", ["42"] * 1800),
    })  # fmt: skip
    groups = groups_of(e)
    assert set(groups) == {"district"}
    assert int((groups["district"][0] < 0).sum()) == 20
    rows = publish(approvals(e), {"x": [0]}, groups).rows["x"]["district"]
    assert len(rows) == 41
    assert rows[-2].label == "others"


# -- why projects lost ---------------------------------------------------------------------------------------
def test_payments_by_hand() -> None:
    a = approvals_of([{0, 1}, {0}, {1, 2}], [6, 5, 9], 12)
    # 4 each: project 0 takes 3 from two; project 1 takes the last 1 of the first voter and 4 of the third
    purses = replay(a, [0, 1], 4)
    assert purses.paid[0].tolist() == [3, 3]
    assert purses.paid[1].tolist() == [1, 4]
    assert purses.left.tolist() == [0, 1, 0]
    assert replay(a, [2], 4).unpaid == (2,)


def test_why_a_project_lost_under_equal_shares() -> None:
    # 3 of 4 voters pay the park; the pond then has 1 × 2.5 + 1 × 0.5 of its cost of 4
    e = election(
        10, [6, 4], [[0], [0], [0, 1], [1]], projects=(Project("p", 6, "park"), Project("q", 4, "pond"))
    )
    outcome = allocate(e, RuleCard(completion="none"))
    assert outcome.winners == (0,)
    (pond,) = losers_of(outcome)
    assert (pond.reason, pond.available, pond.support, pond.nothing) == ("spent", 3, Fraction(3, 4), 1)
    assert [(x.project, x.voters, x.money) for x in pond.elsewhere] == [(0, 1, 2)]
    assert pond.said(["park", "pond"], money) == (
        "Its supporters had 3 zł left between them, 75% of its cost of 4 zł: the rest of their share had "
        "gone to other projects they support. The largest part, 2 zł, went to “park”, which 1 of its "
        "supporters also chose. 1 of its supporters got none of their projects."
    )


def test_why_a_project_lost_under_most_votes_first() -> None:
    e = election(10, [8, 5, 2, 11, 1], [[0, 1], [0, 1], [0], [2], [3]], min_score=1)
    outcome = allocate(e, RuleCard(rule="greedy", min_score=1))
    assert outcome.winners == (0, 2)
    found = {one.project: one for one in losers_of(outcome)}
    assert (found[1].reason, found[1].available) == ("no-room", 2)
    assert found[3].reason == "too-dear"
    assert found[4].reason == "no-votes"
    assert found[1].said("abcde", money).startswith("When its turn came, 2 zł of the budget was left")
    assert "2 of its 2 supporters also chose “a”, which is funded." in found[1].said("abcde", money)


def test_a_project_under_the_threshold_is_not_said_to_lack_money() -> None:
    e = election(10, [4, 4], [[0, 1], [0], [0]])
    (one,) = losers_of(allocate(e, RuleCard(min_score=2)))
    assert one.said(["park", "pond"], money) == (
        "The rules of this vote ask for at least 2 votes or points; it had fewer. 1 of its 1 supporters also "
        "chose “park”, which is funded. 0 of its supporters got none of their projects."
    )


def test_a_project_under_the_threshold_says_so() -> None:
    e = election(10, [4, 4], [[0], [0], [1]])
    (one,) = losers_of(allocate(e, RuleCard(rule="greedy", min_score=2)))
    assert one.reason == "threshold"


def test_the_money_of_each_loser_is_below_its_cost() -> None:
    rng = np.random.default_rng(3)
    for _ in range(15):
        chosen = [np.flatnonzero(row).tolist() for row in rng.random((30, 8)) < 0.3]
        points = [[int(rng.integers(1, 5)) for _ in c] for c in chosen]
        e = election(60, rng.integers(3, 30, 8).tolist(), chosen, weights=points, ballot="scoring")
        outcome = allocate(e, RuleCard(completion="none", lot_seed="public"))
        for one in losers_of(outcome):
            assert one.reason in ("spent", "no-votes")
            assert one.available is None or one.available < one.cost


def test_rules_that_let_nobody_pay_say_that_others_came_before() -> None:
    e = election(10, [6, 6], [[0], [0], [1]])
    assert losers_of(allocate(e, RuleCard(rule="phragmen")))[0].reason == "behind"
    place = Attribute.of("district", ["A", "A", "B"])
    e = election(10, [6, 6], [[0], [0], [1]], attributes={"district": place})
    card = RuleCard(floors=(Floor("6", attribute="district", label="A"),))
    assert losers_of(allocate(e, card))[0].reason == "behind"
    with pytest.raises(CallError, match="not both"):
        lost(approvals(e), [0], purses=replay(approvals(e), [0], 5), queue=[0, 1])


# -- two outcomes --------------------------------------------------------------------------------------------
@given(BALLOTS, st.sets(st.integers(0, 3)), st.sets(st.integers(0, 3)))
def test_a_difference_is_turned_round_by_turning_it_round(ballots, one, two) -> None:
    a = approvals_of(ballots, [5, 7, 11, 13], 40)
    there, back = difference(a, one, two), difference(a, two, one)
    assert (there.added, there.money, there.votes) == (back.displaced, -back.money, -back.votes)
    assert (there.better, there.from_nothing) == (back.worse, back.to_nothing)
    assert there.better + there.worse + there.same == len(ballots)
    assert reach(a, one).nothing - reach(a, two).nothing == there.from_nothing - there.to_nothing


def test_the_whole_audit_in_json_and_the_price_of_a_guarantee() -> None:
    e = town(40)
    outcome = allocate(e, RuleCard(rule="greedy", lot_order=("1", "0")))
    found = audit(outcome, {"official": [0]}, without={"a floor": [0]})
    assert list(found.judged) == ["greedy", "official"]
    assert found.guarantees["a floor"].to_dict(e.ids) == {
        "added": ["1"], "displaced": ["0"], "money": 0, "votes": 0, "voters_better": 100, "voters_worse": 100,
        "voters_same": 0, "from_nothing": 100, "to_nothing": 100,
    }  # fmt: skip
    plain = found.to_dict()
    assert plain["outcomes"][0]["priceable"]["answer"] == "holds"
    assert plain["lost"][0]["project"] == "0"
    assert "is new, 1 is no longer funded." in found.changes["official"].said()
    assert "Nothing changes" in difference(approvals(e), [0], [0]).said()
