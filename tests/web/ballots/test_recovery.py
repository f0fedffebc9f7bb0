"""After a restore: what waited is lost, and settled without anybody's ballot being known or counted twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from isopolis.web import ballots
from isopolis.web.ballots import keys, log
from isopolis.web.ballots.models import Vote, Waiting
from isopolis.web.participation.counting import counted

from ..test_pages import check
from .votes import choices, finished, opened, reason


def lose_the_key() -> None:
    """As after a restore on another machine: the folder of keys is in no backup."""
    for path in (Path(settings.DATA_DIR) / keys.FOLDER).iterdir():
        path.unlink()
    keys._kept.cache_clear()


def test_lost_ballots_are_settled(
    owner: Any, officer: Any, module: Any, browse: Callable[[Any], Client]
) -> None:
    vote, codes = opened(owner, module, people=16)
    people = list(codes.items())
    given = {
        n: ballots.cast(module, c, code=k).code for (n, k), c in zip(people[:14], choices(14), strict=True)
    }
    lost = Waiting.objects.count()
    lose_the_key()
    assert reason(lambda: ballots.cast(module, ["p1"], code=people[14][1])) == "busy"
    place = [module.process.workspace.slug, module.process.number, module.pk]
    page = browse(owner).get(reverse("ballot_desk", args=place))
    check(page, "desk")
    assert "lost in a restore" in page.text
    back, freed = 0, []
    for name, receipt in given.items():
        try:
            ballots.free(owner, module, name, receipt)
        except ValidationError:
            continue
        freed.append(name)
        back += 1
        if back == 2:
            break
    assert back == 2, "who has the receipt of a lost ballot may vote again"
    with pytest.raises(ValidationError, match="has not voted"):
        ballots.free(owner, module, freed[0], given[freed[0]])
    with pytest.raises(ValidationError, match="not of a lost ballot"):
        ballots.free(owner, module, next(n for n in given if n not in freed), "0" * 20)
    assert ballots.give_up(owner, module) == "asked"
    with pytest.raises(ValidationError, match="You have asked"):
        ballots.give_up(owner, module)
    assert ballots.give_up(officer, module) == "given_up"
    again = dict(people)
    for name in freed:
        ballots.cast(module, ["p3"], code=again[name])
    ballots.cast(module, ["p3"], code=people[14][1])
    with pytest.raises(ValidationError, match="Nothing is lost"):
        ballots.give_up(owner, module)
    done = finished(owner, officer, module)
    content = {e.kind: e.content for e in log.entries_of(done)}
    assert content["lost"] == {"ballots": lost - 2}
    assert content["closed"]["ballots"] == 15 - (lost - 2)
    assert (done.result or {})["voters"] == content["closed"]["ballots"]
    assert sum(counted([module.pk])[module.pk].values()) == 15
    assert Vote.objects.get(pk=vote.pk).state == "tallied"


def test_nothing_is_given_up_as_long_as_it_can_be_opened(owner: Any, module: Any) -> None:
    _vote, codes = opened(owner, module)
    receipt = ballots.cast(module, ["p1"], code=codes["ID-00001"]).code
    with pytest.raises(ValidationError, match="Nothing is lost"):
        ballots.free(owner, module, "ID-00001", receipt)
    with pytest.raises(ValidationError, match="Nothing is lost"):
        ballots.give_up(owner, module)


def test_a_lot_is_written_down_when_projects_are_equal(owner: Any, officer: Any, module: Any) -> None:
    from isopolis.engage.budget.election import Project
    from isopolis.engage.ledger.ballot import Question
    from isopolis.web.ballots.roll import Person

    from .votes import end_phase

    twins = Question("Tie", 10, (Project("a", 10), Project("b", 10)))
    vote = ballots.open_vote(owner, module, {"rule": "greedy"}, twins, least=3)
    names = [f"ID-{n}" for n in range(4)]
    ballots.load_roll(owner, module, [Person(n) for n in names])
    for n, code in enumerate(ballots.make_letters(owner, module, names).values()):
        ballots.cast(module, ["ab"[n % 2]], code=code)
    end_phase(module)
    assert [ballots.close(p, module) for p in (owner, officer)] == ["asked", "closed"]
    ballots.tally(owner, module)
    with pytest.raises(ValidationError, match="lot"):
        ballots.tally(officer, module)
    ballots.draw_lot(owner, module, " 4  8 1 ")
    with pytest.raises(ValidationError, match="lot already"):
        ballots.draw_lot(owner, module, "4 8 2")
    assert ballots.tally(officer, module) == "tallied"
    assert [e.content for e in log.entries_of(vote) if e.kind == "lot"] == [{"seed": "4 8 1"}]
