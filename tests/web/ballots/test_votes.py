"""Votes: one ballot for each person over all channels, safely kept, counted by two people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError

from isopolis.web import ballots
from isopolis.web.ballots import box, keys, log
from isopolis.web.ballots.models import Boxed, Code, Papers, RollEntry, Vote, Waiting
from isopolis.web.ballots.roll import Person, people_from

from .votes import CARD, choices, end_phase, finished, opened, question, reason


# -- one ballot for each person ----------------------------------------------------------------------------
def test_the_first_ballot_counts_whatever_the_channel(owner: Any, module: Any) -> None:
    _vote, codes = opened(owner, module)
    names = list(codes)
    ballots.cast(module, ["p1"], code=codes[names[0]])
    ballots.cast_for(owner, module, ["p2"], identifier=names[1])
    ballots.mark(owner, module, names[2])
    again = [
        lambda: ballots.cast(module, ["p2"], code=codes[names[0]]),
        lambda: ballots.cast(module, ["p2"], code=codes[names[0]], channel="kiosk"),
        lambda: ballots.cast_for(owner, module, ["p2"], identifier=names[0]),
        lambda: ballots.mark(owner, module, names[0]),
        lambda: ballots.cast(module, ["p2"], code=codes[names[1]]),
        lambda: ballots.mark(owner, module, names[1]),
        lambda: ballots.cast(module, ["p2"], code=codes[names[2]]),
        lambda: ballots.cast_for(owner, module, ["p2"], identifier=names[2].lower().replace("-", " ")),
    ]
    assert [reason(a) for a in again] == ["used"] * len(again)
    assert ballots.turnout(module) == {"roll": 8, "voted": 3, "web": 1, "assisted": 1, "paper": 1}
    assert Waiting.objects.count() == 2


def test_a_whole_vote(owner: Any, officer: Any, module: Any, django_capture_on_commit_callbacks: Any) -> None:
    vote, codes = opened(owner, module, people=20)
    for choice, code in zip(choices(14), codes.values(), strict=False):
        ballots.cast(module, choice, code=code)
    assert 0 < Boxed.objects.count() < 14, "some entered the box, some wait"
    assert Waiting.objects.count() + Boxed.objects.count() == 14
    ballots.mark(owner, module, "ID-00019")
    ballots.enter(owner, module, ["p1"])
    with django_capture_on_commit_callbacks(execute=True):
        done = finished(owner, officer, module)
    assert done.state == "tallied"
    assert Boxed.objects.count() == 15
    assert not Waiting.objects.exists()
    assert log.wrong_with(done) == []
    assert done.result is not None
    assert set(done.result["winners"]) <= {"p1", "p2", "p3", "p4"}
    assert not list((Path(settings.DATA_DIR) / keys.FOLDER).iterdir()), "no key of an epoch is left"
    kinds = [e.kind for e in log.entries_of(vote)]
    assert kinds[:3] == ["opened", "roll", "codes"]
    assert kinds[-2:] == ["closed", "tallied"]
    sizes = [e.content["ballots"] for e in log.entries_of(vote) if e.kind == "batch"]
    assert sum(sizes) == 15
    assert min(sizes) >= 3


def test_a_code_is_typed_as_people_type(owner: Any, module: Any) -> None:
    _vote, codes = opened(owner, module)
    first, second = list(codes.values())[:2]
    ballots.cast(module, ["p1"], code=f"  {first.lower().replace('-', ' ')} ")
    arabic = second.translate({ord(str(n)): chr(0x660 + n) for n in range(10)})
    ballots.cast(module, ["p1"], code=arabic.replace("1", "I"))


@pytest.mark.parametrize(
    ("kind", "limits", "choice", "fits"),
    [
        ("approval", {"max_length": 2}, ["p1", "p2"], True),
        ("approval", {"max_length": 2}, ["p1", "p2", "p3"], False),
        ("approval", {"min_length": 1}, [], False),
        ("approval", {}, [], True),
        ("approval", {}, ["p1", "p1"], False),
        ("approval", {}, ["p9"], False),
        ("choose-1", {}, ["p1", "p2"], False),
        ("knapsack", {}, ["p1", "p3"], True),
        ("knapsack", {}, ["p1", "p2", "p3"], False),
        ("cumulative", {"max_points": 10}, {"p1": 7, "p2": 3}, True),
        ("cumulative", {"max_points": 10}, {"p1": 7, "p2": 4}, False),
        ("cumulative", {"max_points": 10}, {"p1": -7}, False),
        ("scoring", {"max_points": 5}, {"p1": 5, "p2": 5}, True),
        ("scoring", {"max_points": 5}, {"p1": 6}, False),
        ("scoring", {"max_points": 5}, ["p1"], False),
        ("ordinal", {"max_length": 3}, ["p3", "p1"], True),
    ],
)
def test_limits_of_ballots(
    owner: Any, module: Any, kind: str, limits: dict[str, int], choice: Any, fits: bool
) -> None:
    _vote, codes = opened(owner, module, asked=question(kind, **limits))
    code = next(iter(codes.values()))
    if fits:
        assert ballots.cast(module, choice, code=code).code
    else:
        assert reason(lambda: ballots.cast(module, choice, code=code)) == "ballot"
        assert not Waiting.objects.exists()


def test_nothing_is_taken_before_or_after(owner: Any, officer: Any, module: Any) -> None:
    _vote, codes = opened(owner, module)
    first, second, *_ = codes.values()
    ballots.cast(module, ["p1"], code=first)
    end_phase(module)
    with pytest.raises(PermissionDenied, match="Voting closed"):
        ballots.cast(module, ["p1"], code=second)
    with pytest.raises(PermissionDenied, match="Voting closed"):
        ballots.cast_for(owner, module, ["p1"], identifier="ID-00003")
    ballots.close(owner, module)
    ballots.close(officer, module)
    module.phase_set.update(ends_at=keys_of_time())
    assert reason(lambda: ballots.cast(module, ["p1"], code=second)) == "closed"
    assert reason(lambda: ballots.mark(owner, module, "ID-00003")) == "closed"


def keys_of_time() -> Any:
    from datetime import timedelta

    from django.utils import timezone

    return timezone.now() + timedelta(days=9)


# -- paper -------------------------------------------------------------------------------------------------
def test_paper_has_a_mark_and_a_ballot_of_nobody(owner: Any, officer: Any, module: Any) -> None:
    opened(owner, module)
    assert reason(lambda: ballots.enter(owner, module, ["p1"])) == "marks"
    for name in ("ID-00001", "ID-00002", "ID-00003"):
        ballots.mark(owner, module, name)
    assert reason(lambda: ballots.mark(owner, module, "ID-99999")) == "roll"
    ballots.enter(owner, module, ["p1", "p4"])
    end_phase(module)
    with pytest.raises(ValidationError, match="2 people were marked"):
        ballots.close(owner, module)
    ballots.enter(owner, module, ["p2"])
    assert ballots.enter(owner, module, None) is None, "a sheet that cannot be counted"
    assert reason(lambda: ballots.enter(owner, module, ["p1"])) == "marks"
    done = finished(owner, officer, module)
    assert Boxed.objects.count() == 2
    papers = Papers.objects.get(vote=done)
    assert (papers.marked, papers.entered, papers.invalid) == (3, 3, 1)


# -- roll and codes ----------------------------------------------------------------------------------------
def test_only_hashes_are_kept(owner: Any, module: Any) -> None:
    _vote, codes = opened(owner, module)
    shown = repr(list(RollEntry.objects.values_list())) + repr(list(Code.objects.values_list()))
    for identifier, code in codes.items():
        assert identifier not in shown
        assert code not in shown
        assert code.replace("-", "") not in shown
        assert code.replace("-", "")[6:] not in shown
    # the same person has another place in another vote
    twin = Vote(module_id=module.pk)
    assert keys.lasting(twin.pk, "roll") != keys.lasting(_vote.pk, "roll")


def test_a_new_letter_ends_the_old_one(owner: Any, module: Any) -> None:
    _vote, codes = opened(owner, module)
    fresh = ballots.make_letters(owner, module, ["id 00001"])
    assert list(fresh) == ["id 00001"]
    assert reason(lambda: ballots.cast(module, ["p1"], code=codes["ID-00001"])) == "code"
    ballots.cast(module, ["p1"], code=fresh["id 00001"])
    with pytest.raises(ValidationError, match="Nobody in this list"):
        ballots.make_letters(owner, module, ["ID-00001", "unknown"])


def test_codes_to_hand_out_have_places_of_their_own(owner: Any, module: Any) -> None:
    vote, _codes = opened(owner, module)
    handed = ballots.make_package(owner, module, 3, "Shelter at the station")
    assert len(set(handed)) == 3
    ballots.cast(module, ["p1"], code=handed[0])
    assert reason(lambda: ballots.cast(module, ["p1"], code=handed[0])) == "used"
    assert ballots.turnout(module)["roll"] == 11
    told = [e.content for e in log.entries_of(vote) if e.kind == "codes"]
    assert {"codes": 3, "for": "Shelter at the station"} in told


def test_who_was_taken_off_cannot_vote(owner: Any, module: Any) -> None:
    _vote, codes = opened(owner, module)
    ballots.revoke(owner, module, "ID-00001")
    assert reason(lambda: ballots.cast(module, ["p1"], code=codes["ID-00001"])) == "code"
    assert reason(lambda: ballots.mark(owner, module, "ID-00001")) == "revoked"
    ballots.cast(module, ["p1"], code=codes["ID-00002"])
    with pytest.raises(ValidationError, match="has voted"):
        ballots.revoke(owner, module, "ID-00002")


def test_a_roll_may_be_loaded_twice(owner: Any, module: Any) -> None:
    opened(owner, module)
    more = [Person("ID-00001"), Person("id00001"), Person("ID-00100", "South|")]
    made = ballots.load_roll(owner, module, more)
    assert (made.new, made.there, made.twice) == (1, 1, 1)


def test_lists_are_read_as_offices_write_them() -> None:
    read = people_from("\ufeffIdentifier;Cell\n12-3;North\n\n45;\n")
    assert read == [Person("12-3", "North"), Person("45", "")]
    with pytest.raises(ValidationError, match="Nothing else is taken"):
        people_from("identifier,religion\n1,x\n")
    with pytest.raises(ValidationError, match="lines: 3"):
        people_from("identifier\n1\n--\n")


# -- two people --------------------------------------------------------------------------------------------
def test_nobody_closes_or_counts_alone(owner: Any, officer: Any, module: Any, staff: dict[str, Any]) -> None:
    opened(owner, module)
    with pytest.raises(ValidationError, match="People can still vote"):
        ballots.close(owner, module)
    end_phase(module)
    assert ballots.close(owner, module) == "asked"
    with pytest.raises(ValidationError, match="another person"):
        ballots.close(owner, module)
    for other in ("moderator", "analyst", "policy_officer", "viewer", "resident", "stranger"):
        with pytest.raises(PermissionDenied):
            ballots.close(staff[other], module)
    assert ballots.close(officer, module) == "closed"
    assert ballots.tally(officer, module) == "asked"
    with pytest.raises(ValidationError, match="another person"):
        ballots.tally(officer, module)
    assert ballots.tally(owner, module) == "tallied"
    with pytest.raises(ValidationError, match="counted"):
        ballots.tally(officer, module)


def test_the_log_of_a_small_vote_does_not_tell_its_ballots(owner: Any, officer: Any, module: Any) -> None:
    vote, codes = opened(owner, module)
    for code in list(codes.values())[:4]:
        ballots.cast(module, ["p1", "p2"], code=code)
    finished(owner, officer, module)
    last = log.entries_of(vote)[-1]
    assert (last.kind, dict(last.content)) == ("tallied", {"ballots": 4})


def test_a_vote_in_which_nobody_votes_ends_too(owner: Any, officer: Any, module: Any) -> None:
    opened(owner, module)
    assert finished(owner, officer, module).result == {
        "winners": [], "cost": 0, "voters": 0, "rule_card": finished_card(module),
    }  # fmt: skip


def finished_card(module: Any) -> Any:
    found = ballots.vote_of(module)
    assert found is not None
    return found.card


def test_what_is_voted_on_is_fixed_once(owner: Any, module: Any) -> None:
    opened(owner, module)
    with pytest.raises(ValidationError, match="stands already"):
        ballots.open_vote(owner, module, CARD, question())


# -- the box -----------------------------------------------------------------------------------------------
def test_a_receipt_leads_to_the_ballot_before_and_after(owner: Any, officer: Any, module: Any) -> None:
    from isopolis.engage.ledger import codes as spelling
    from isopolis.engage.ledger.chain import commitment

    vote, codes = opened(owner, module, people=14)
    got = [ballots.cast(module, c, code=k) for c, k in zip(choices(14), codes.values(), strict=True)]
    vote.refresh_from_db()
    places = [box.held(vote, spelling.normal(r.code)) for r in got]
    assert places.count("waiting") == Waiting.objects.count() > 0
    assert None not in places
    done = finished(owner, officer, module)
    for receipt, choice in zip(got, choices(14), strict=True):
        bare = spelling.normal(receipt.code)
        row = box.held(done, bare)
        assert isinstance(row, Boxed)
        assert (
            row.commitment == receipt.commitment == commitment(str(done.pk), bare, dict.fromkeys(choice, 1))
        )
    assert box.held(done, "0" * 20) is None
