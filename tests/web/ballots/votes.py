"""A vote to try things on: example data, not a real place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from isopolis.engage.budget.election import Limits, Project
from isopolis.engage.ledger.ballot import Question
from isopolis.web import ballots
from isopolis.web.ballots.grouping import RefusedError
from isopolis.web.ballots.models import Vote
from isopolis.web.ballots.roll import Person
from isopolis.web.modules.actions import CreateProcess, EditProcess, PublishProcess
from isopolis.web.modules.models import Module

PROJECTS = (
    Project("p1", 40_000, "Trees in Mill Street", place="North"),
    Project("p2", 30_000, "A ramp for the library", place="South"),
    Project("p3", 50_000, "Lamps <script>alert(1)</script>", place="North"),
    Project("p4", 20_000, "مقاعد في الحديقة", place="East"),
)
CARD = {"rule": "greedy", "lot_seed": "drawn on market day: 4 8 1 9"}


def question(kind: str = "approval", **limits: Any) -> Question:
    """Four projects and money for some of them."""
    return Question("Budget 2027", 90_000, PROJECTS, kind, Limits(**limits), currency="EUR")


def module_for_votes(owner: Any, city: Any, now: datetime | None = None) -> Module:
    """A public process with one module, whose phase is open from yesterday on for a week."""
    at = now or timezone.now()
    process = CreateProcess(owner, city, "Hero of your city", "discussion", at - timedelta(days=1)).run()
    EditProcess(owner, city, process, "Hero of your city", "Vote for what is to be built.").run()
    PublishProcess(owner, city, process).run()
    process.refresh_from_db()
    module: Module = process.module_set.get()
    module.process = process
    module.phase_set.update(ends_at=at + timedelta(days=7))
    return module


def opened(
    owner: Any, module: Module, people: int = 8, least: int = 3, asked: Question | None = None
) -> tuple[Vote, dict[str, str]]:
    """Open a vote and make a code for everybody on its roll."""
    vote = ballots.open_vote(owner, module, CARD, asked or question(), least=least)
    names = [f"ID-{n:05d}" for n in range(people)]
    ballots.load_roll(owner, module, [Person(n, "North|") for n in names])
    return vote, ballots.make_letters(owner, module, names)


def end_phase(module: Module) -> None:
    """Let the time in which people vote be over."""
    module.phase_set.update(ends_at=timezone.now() - timedelta(minutes=1))


def finished(owner: Any, officer: Any, module: Module) -> Vote:
    """Close and count with two people."""
    end_phase(module)
    assert [ballots.close(p, module) for p in (owner, officer)] == ["asked", "closed"]
    assert [ballots.tally(p, module) for p in (owner, officer)] == ["asked", "tallied"]
    found = ballots.vote_of(module)
    assert found is not None
    return found


def choices(count: int) -> list[Sequence[str]]:
    """Different ballots."""
    every = [["p1"], ["p2", "p4"], ["p1", "p2"], ["p3"], ["p4"], ["p1", "p3"], ["p2"], ["p1", "p2", "p4"]]
    return [every[n % len(every)] for n in range(count)]


def reason(what: Any) -> str:
    """Why something is refused."""
    with pytest.raises(RefusedError) as caught:
        what()
    return caught.value.reason
