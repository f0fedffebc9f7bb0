"""The rule card says everything, and ties stop and ask."""

from __future__ import annotations

import hashlib
import json
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isopolis.engage.budget.card import RULES, Floor, RuleCard, card_for
from isopolis.engage.budget.election import Attribute, election
from isopolis.engage.budget.rules import allocate
from isopolis.engage.budget.ties import TieNeedsLot, lot_places
from isopolis.model import CallError, DataError

from .random_votes import votes

FULL = RuleCard(
    rule="equal_shares", utility="cardinality", by="money", step="0.01", start="whole", stop="exhaustive",
    fill="greedy", min_score=12, ties=("more_votes",), lot_order=("b", "a"), attribute="district",
    shares={"north": "0.5", "süd": "3"}, cap="2.5", floors=(Floor("100", place="north"),),
    comparison="greedy",
)  # fmt: skip


def test_a_card_survives_its_text() -> None:
    assert RuleCard.from_json(FULL.to_json()) == FULL
    assert RuleCard.from_dict({}) == RuleCard()
    assert set(json.loads(RuleCard().to_json())) == set(FULL.to_dict())
    assert json.loads(FULL.to_json())["version"] == 1


@pytest.mark.parametrize(("plain", "said"), [
    ({"rule": "equal_share"}, 'did you mean "equal_shares"'),
    ({"utillity": "cost"}, 'did you mean "utility"'),
    ({"utility": 3}, "cannot be"),
    ({"step": "0"}, "above 0"),
    ({"step": "a lot"}, "above 0"),
    ({"cap": "0.5"}, "below 1"),
    ({"version": 2}, "version 1 can be read"),
    ({"ties": ["alphabet"]}, "alphabet"),
    ({"floors": [{"amount": "3"}]}, "cannot be read"),
    ({"floors": [{"money": "-3"}]}, "above 0"),
    ({"shares": {"north": "-1"}}, "north"),
    ({"shares": 3}, "cannot be read"),
    ({"min_score": "many"}, "cannot be read"),
    ({"lot_seed": "a", "lot_order": ["1"]}, "not both"),
])  # fmt: skip
def test_a_wrong_card_is_refused_in_words(plain: dict[str, object], said: str) -> None:
    with pytest.raises(CallError, match=said):
        RuleCard.from_dict(plain)


@pytest.mark.parametrize("text", ["", "[]", "{", "nonsense"])
def test_what_is_no_card_is_said(text: str) -> None:
    with pytest.raises(CallError, match="rule card"):
        RuleCard.from_json(text)


def test_the_election_is_written_into_the_card() -> None:
    e = election(5, [1], [[0]], min_score=3)
    assert card_for(e, RuleCard()).min_score == 3
    assert card_for(e, RuleCard(min_score=0)).min_score == 0
    with pytest.raises(DataError, match="lot names a project"):
        card_for(e, RuleCard(lot_order=("9",)))


TIED = election(10, [10, 10], [[0, 1], [0, 1]])


@pytest.mark.parametrize("rule", RULES)
def test_equals_stop_and_ask(rule: str) -> None:
    with pytest.raises(TieNeedsLot) as stop:
        allocate(TIED, RuleCard(rule=rule))
    assert stop.value.tied == ("0", "1")
    assert "Draw a lot" in stop.value.problems[0].hint
    assert pickle.loads(pickle.dumps(stop.value)).tied == ("0", "1")


@pytest.mark.parametrize("rule", RULES)
def test_a_published_lot_decides(rule: str) -> None:
    for first, second in (("0", "1"), ("1", "0")):
        got = allocate(TIED, RuleCard(rule=rule, lot_order=(first, second)))
        assert got.ids == (first,)
        assert got.ties[0].by == "lot"
        assert got.ties[0].over == (int(second),)


def test_a_lot_that_leaves_some_out_puts_them_last_and_equal() -> None:
    three = election(10, [10, 10, 10], [[0], [1], [2]])
    assert allocate(three, RuleCard(rule="greedy", lot_order=("2",))).ids == ("2",)
    two = election(20, [10, 10, 10], [[0], [1], [2]])
    with pytest.raises(TieNeedsLot) as stop:
        allocate(two, RuleCard(rule="greedy", lot_order=("2",)))
    assert stop.value.tied == ("0", "1")


def test_a_seed_is_an_order_that_anyone_can_repeat() -> None:
    places = lot_places(RuleCard(lot_seed="21 May, 4 1 6"), ["a", "b", "c", "d"])
    # sha256 of "21 May, 4 1 6\na" and so on, ascending
    drawn = sorted("abcd", key=lambda i: hashlib.sha256(f"21 May, 4 1 6\n{i}".encode()).hexdigest())
    assert places == {p: n for n, p in enumerate(drawn)}
    others = {
        tuple(sorted("abcd", key=lot_places(RuleCard(lot_seed=str(n)), list("abcd")).get)) for n in range(60)
    }
    assert len(others) > 15


def test_lower_cost_then_more_votes() -> None:
    # cost utility: the same number of supporters who can all pay makes a tie; the cheaper wins
    e = election(12, [10, 8], [[0], [1]] * 3)
    assert allocate(e, RuleCard(rule="greedy")).ids == ("1",)
    assert allocate(e, RuleCard(rule="greedy")).ties[0].by == "lower_cost"
    points = election(10, [10, 10], [[0], [0], [1]], weights=[[1], [1], [2]], ballot="cumulative")
    assert allocate(points, RuleCard(rule="greedy")).ties[0].by == "more_votes"
    with pytest.raises(TieNeedsLot):
        allocate(points, RuleCard(rule="greedy", ties=()))


def test_equals_that_both_fit_need_no_lot() -> None:
    e = election(20, [10, 10], [[0], [1]])
    got = allocate(e, RuleCard(rule="greedy"))
    assert (got.ids, got.ties) == (("0", "1"), ())


@given(votes(), st.sampled_from(RULES))
@settings(max_examples=60)
def test_a_lot_matters_only_in_ties(e: object, rule: str) -> None:
    try:
        free = allocate(e, RuleCard(rule=rule))  # type: ignore[arg-type]
    except TieNeedsLot:
        return
    assert allocate(e, RuleCard(rule=rule, lot_seed="any")).winners == free.winners  # type: ignore[arg-type]
    assert allocate(e, RuleCard(rule=rule, lot_seed="other")).winners == free.winners  # type: ignore[arg-type]


@pytest.mark.parametrize("rule", RULES)
def test_a_tie_that_changes_nothing_needs_no_lot(rule: str) -> None:
    e = election(30, [10, 10, 10], [[0], [0], [1], [1], [2], [2]])
    got = allocate(e, RuleCard(rule=rule))
    assert got.winners == (0, 1, 2)
    assert {t.by for t in got.ties} <= {"either"}
    # both would be bought at the next step, which is too dear whichever comes first
    assert allocate(election(10, [10, 10], [[0], [1]]), RuleCard()).order == ()


@pytest.mark.parametrize(("more", "said"), [
    ({"budget": 0}, "more than nothing"),
    ({"costs": [0, 1]}, "costs nothing"),
    ({"ids": ["a", "a"]}, "stands twice"),
    ({"ballot": "smileys"}, "no ballot of this kind"),
    ({"budget": 2**60}, "too large"),
    ({"chosen": []}, "no ballot to count"),
    ({"chosen": [[0, 0]]}, "names a project twice"),
    ({"chosen": [[2]]}, "does not exist"),
    ({"attributes": {"sex": Attribute.of("sex", ["F", "M", "F"])}}, "not known for each ballot"),
])  # fmt: skip
def test_an_impossible_election_is_refused(more: dict[str, object], said: str) -> None:
    given_ = {"budget": 5, "costs": [1, 2], "chosen": [[0], [1]]} | more
    with pytest.raises(DataError, match=said):
        election(**given_)  # type: ignore[arg-type]
