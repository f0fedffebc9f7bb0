"""Codes, ballots in one form, chains: laws, examples by hand, and a second way of computing the same."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import Counter
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isopolis.engage.budget.election import BALLOTS, Limits, Project
from isopolis.engage.ledger import chain, codes
from isopolis.engage.ledger.ballot import (
    Question,
    canonical,
    checked,
    digest,
    election_of,
    padded,
    question_from,
    unpadded,
)
from isopolis.model import DataError

FIVE = tuple(Project(f"p{n}", 100 * n, f"Project {n}", ("topic",), ("young",), "North") for n in range(1, 6))


def asked(kind: str = "approval", **limits: Any) -> Question:
    if kind == "cumulative":
        limits.setdefault("max_points", 10)
    return Question("Vote", 500, FIVE, kind, Limits(**limits))


# -- codes -------------------------------------------------------------------------------------------------
@given(st.binary(min_size=13, max_size=20))
def test_codes_survive_how_people_write(noise: bytes) -> None:
    for made in (codes.code_from(noise), codes.receipt_from(noise)):
        assert set(made) <= set(codes.ALPHABET)
        typed = codes.grouped(made).lower().replace("-", " – ").replace("0", "O").replace("1", "l")
        assert codes.normal(f" {typed}. ") == made


def test_every_letter_of_a_code_is_as_likely_as_any_other() -> None:
    """Each letter equally often, over all values of the byte that it comes from."""
    seen = Counter(codes.code_from(bytes([n]) * 10)[0] for n in range(256))
    assert set(seen.values()) == {8}
    assert len(seen) == 32


def test_a_code_needs_enough_noise() -> None:
    with pytest.raises(ValueError, match="16 letters need 10 random bytes"):
        codes.code_from(b"123")


@pytest.mark.parametrize("wrong", ["", "ABC", "U" * 16, "0" * 15, "0" * 17, "é" * 16])
def test_what_is_no_code(wrong: str) -> None:
    assert codes.split(codes.normal(wrong)) is None


def test_a_secret_is_kept_as_a_salted_keyed_hash() -> None:
    """RFC 2104 by hand, from SHA-256 alone."""
    key, salt, secret = b"k" * 32, "aa", "0123456789"
    block = key.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(b ^ 0x36 for b in block) + b"aa\x1f0123456789").digest()
    outer = hashlib.sha256(bytes(b ^ 0x5C for b in block) + inner).hexdigest()
    assert codes.sealed_secret(key, salt, secret) == outer
    assert codes.secret_fits(key, salt, secret, outer)
    assert not codes.secret_fits(key, "ab", secret, outer)
    assert not codes.secret_fits(b"j" * 32, salt, secret, outer)


def test_the_roll_is_hmac_sha_256() -> None:
    assert codes.roll_key(b"key", "ab-12/3 ٤") == hmac.new(b"key", b"ab1234", "sha256").hexdigest()
    with pytest.raises(ValueError, match="at least one letter"):
        codes.roll_key(b"key", " -- ")


# -- ballots -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", BALLOTS)
def test_a_question_is_read_as_it_was_written(kind: str) -> None:
    made = asked(kind, max_length=3, min_cost=7)
    assert question_from(json.loads(canonical(made.to_plain()))) == made


def test_everything_wrong_with_a_question_is_said_at_once() -> None:
    with pytest.raises(DataError) as caught:
        Question("", 0, (Project("a", 0), Project("a", 1)), "wish")
    assert {p.code for p in caught.value.problems} == {"ballot-kind", "budget", "project-twice", "cost"}


@given(st.permutations(["p1", "p3", "p5"]))
def test_a_ballot_has_one_spelling(order: list[str]) -> None:
    assert canonical(checked(asked(), order)) == b'{"p1":1,"p3":1,"p5":1}'


def test_a_ranking_keeps_its_order() -> None:
    spelled = {canonical(checked(asked("ordinal"), order)) for order in permutations(["p1", "p2", "p3"])}
    assert len(spelled) == 6
    assert checked(asked("ordinal"), ["p2", "p1"]) == {"p2": 2, "p1": 1}


@given(st.sampled_from(BALLOTS), st.data())
@settings(max_examples=150, deadline=None)
def test_whatever_is_accepted_fits_its_envelope_and_every_envelope_is_as_long(kind: str, data: Any) -> None:
    question = asked(kind, max_points=10) if kind in ("cumulative", "scoring") else asked(kind)
    ids = [p.id for p in question.projects]
    choice: Any = data.draw(
        st.dictionaries(st.sampled_from(ids), st.integers(0, 12))
        if kind in ("cumulative", "scoring")
        else st.lists(st.sampled_from(ids), unique=True)
    )
    try:
        ballot = checked(question, choice)
    except DataError:
        return
    filled = padded(canonical(ballot), question.room)
    assert len(filled) == question.room
    assert json.loads(unpadded(filled)) == ballot
    total = sum(FIVE[ids.index(i)].cost for i in ballot)
    assert total <= 500 or kind not in ("knapsack",)
    assert sum(ballot.values()) <= 10 or kind != "cumulative"
    assert len(ballot) <= 1 or kind != "choose-1"


@given(
    st.lists(st.lists(st.sampled_from(["p1", "p2", "p3", "p4"]), unique=True), min_size=1, max_size=12),
    st.randoms(),
)
@settings(max_examples=60, deadline=None)
def test_an_election_forgets_the_order_of_ballots(lists: list[list[str]], dice: Any) -> None:
    ballots = [checked(asked(), x) for x in lists]
    mixed = list(ballots)
    dice.shuffle(mixed)
    one, two = election_of(asked(), ballots), election_of(asked(), mixed)
    assert one.ballots.by_voter.other.tolist() == two.ballots.by_voter.other.tolist()
    assert one.ballots.votes.tolist() == [sum(p.id in x for x in lists) for p in FIVE]
    assert one.n_voters == len(lists)


def test_rankings_are_counted_as_files_are() -> None:
    """The same ballots through the reader's own way of making elections."""
    from isopolis.engage.budget.election import election

    lists = [[0, 2], [2], [3, 1, 0]]
    ours = election_of(asked("ordinal"), [checked(asked("ordinal"), [f"p{i + 1}" for i in x]) for x in lists])
    theirs = election(500, [p.cost for p in FIVE], lists, ballot="ordinal")
    assert sorted(ours.ballots.score.tolist()) == sorted(theirs.ballots.score.tolist())
    assert ours.ballots.score.tolist() == theirs.ballots.score.tolist()


def test_points_reach_the_election() -> None:
    question = asked("cumulative")
    made = election_of(question, [checked(question, {"p1": 7, "p2": 3}), checked(question, {"p1": 1})])
    assert made.ballots.score.tolist() == [8, 3, 0, 0, 0]


# -- chains ------------------------------------------------------------------------------------------------
def log_of(batches: dict[int, list[tuple[str, str]]]) -> list[chain.Sealed]:
    out = [chain.sealed_entry(None, "opened", "2027-05-01", {"card": "x"})]
    for number, pairs in batches.items():
        told = {"batch": number, "ballots": len(pairs), "digest": chain.batch_digest(pairs)}
        out.append(chain.sealed_entry(out[-1], "batch", "2027-05-02", told))
    return out


BATCHES = {1: [("b", "2"), ("a", "1"), ("c", "3")], 2: [("e", "5"), ("d", "4")]}


def test_a_whole_log_is_whole_in_any_order_of_its_batches() -> None:
    log = log_of(BATCHES)
    assert chain.broken(log, BATCHES) == []
    assert chain.broken(log, {n: p[::-1] for n, p in BATCHES.items()}) == []


def test_a_seal_by_hand() -> None:
    text = '{"content":{"card":"x"},"day":"2027-05-01","kind":"opened","number":1}'
    assert log_of({})[0].seal == hashlib.sha256(f"\n{text}".encode()).hexdigest()


def changed(log: list[chain.Sealed], place: int, **more: Any) -> list[chain.Sealed]:
    from dataclasses import replace

    return [replace(e, entry=replace(e.entry, **more)) if n == place else e for n, e in enumerate(log)]


@pytest.mark.parametrize(
    ("log", "batches", "found"),
    [
        (changed(log_of(BATCHES), 1, day="2027-05-03"), BATCHES, "entry 2 of the log was changed"),
        (changed(log_of(BATCHES), 0, content={"card": "y"}), BATCHES, "entry 1 of the log was changed"),
        (log_of(BATCHES)[:1] + log_of(BATCHES)[2:], BATCHES, "entry 2 of the log is missing"),
        (log_of(BATCHES)[:2], BATCHES, "a batch 2 that the log does not know"),
        (log_of(BATCHES), {1: BATCHES[1]}, "batch 2 has 0 ballots, and the log says 2"),
        (log_of(BATCHES), BATCHES | {2: [("e", "5")]}, "batch 2 has 1 ballots"),
        (log_of(BATCHES), BATCHES | {2: [("e", "5"), ("d", "9")]}, "a ballot of batch 2 was changed"),
        (log_of(BATCHES), {1: BATCHES[2], 2: BATCHES[1]}, "batch 1 has 2 ballots, and the log says 3"),
    ],
)
def test_every_change_shows(log: Any, batches: Any, found: str) -> None:
    assert any(found in w for w in chain.broken(log, batches)), chain.broken(log, batches)


def test_a_commitment_binds_all_of_it() -> None:
    made = chain.commitment("v", "r", {"a": 1})
    others = [
        ("w", "r", {"a": 1}),
        ("v", "s", {"a": 1}),
        ("v", "r", {"a": 2}),
        ("v", "r", {}),
        ("v", "r", {"b": 1}),
    ]
    assert made not in {chain.commitment(*o) for o in others}
    text = '{"ballot":{"a":1},"receipt":"r","version":1,"vote":"v"}'
    assert made == hashlib.sha256(text.encode()).hexdigest() == digest(json.loads(text))


def test_a_tag_differs_from_place_to_place() -> None:
    assert len({chain.tag(v, "r", p) for v in "vw" for p in ("box", "waiting 0", "waiting 1")}) == 6
