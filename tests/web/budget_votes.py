"""A budget with accepted projects and a vote on them: example data, not a real place."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from isopolis.web import ballots
from isopolis.web.ballots.roll import Person
from isopolis.web.modules.actions import CreateProcess, EditProcess, PublishProcess
from isopolis.web.modules.budget.models import Budget, Idea
from isopolis.web.modules.budget.voting_actions import ChooseProjects, OpenBudgetVote
from isopolis.web.modules.models import Module

SEED = "dice 3 1 6 6 2 4"
PROJECTS = (
    ("Trees in Mill Street", 40_000, "N", "en", "|green|"),
    ("A ramp for the library", 30_000, "S", "en", "|access|culture|"),
    ("Lamps <script>alert(1)</script>", 50_000, "N", "en", "|safety|"),
    ("مقاعد في الحديقة", 20_000, "E", "ar", "|green|"),
    ("Ein Brunnen", 60_000, "", "de", "|play|"),
)
"""Title, cost in euros, neighbourhood, language, topics."""


def budget_for(owner: Any, city: Any, published: bool = True) -> Budget:
    """A public process with one budget of 90,000 euros, whose phase of voting is open."""
    at = timezone.now()
    process = CreateProcess(owner, city, "Hero of your city", "discussion", at - timedelta(days=1)).run()
    EditProcess(owner, city, process, "Hero of your city", "Vote for what is to be built.").run()
    if published:
        PublishProcess(owner, city, process).run()
    process.refresh_from_db()
    Module.objects.filter(process=process).update(kind="budget")
    module = Module.objects.get(process=process)
    module.process = process
    module.phase_set.update(kind="vote", ends_at=at + timedelta(days=7))
    made = Budget.objects.create(
        module=module, money=9_000_000, zones=[["N", "North"], ["S", "South"], ["E", "East"]],
        card={"rule": "equal_shares"},
    )  # fmt: skip
    for number, (title, cost, zone, language, topics) in enumerate(PROJECTS, start=1):
        Idea.objects.create(
            budget=made, number=number, title=title, text=f"{title}: what it is about.", language=language,
            zone=zone, topics=topics, cost=100 * cost, state=Idea.State.ACCEPTED, created_at=at,
        )  # fmt: skip
    return made


def opened(owner: Any, budget: Budget, people: int = 12, least: int = 3) -> dict[str, str]:
    """Put everything on the ballot, open the vote and give everybody a code."""
    workspace, module = budget.module.process.workspace, budget.module
    ChooseProjects(owner, workspace, budget, [i.number for i in budget.ideas.all()]).run()
    OpenBudgetVote(owner, workspace, budget, SEED, least).run()
    names = [f"ID-{n:05d}" for n in range(people)]
    ballots.load_roll(owner, module, [Person(n, "N") for n in names])
    return ballots.make_letters(owner, module, names)


def voted(owner: Any, other: Any, budget: Budget, choices: list[list[str]]) -> None:
    """Open the vote, let people cast these ballots, close it and count it."""
    module = budget.module
    codes = opened(owner, budget, people=len(choices) + 2)
    for code, choice in zip(codes.values(), choices, strict=False):
        ballots.cast(module, choice, code=code)
    module.phase_set.update(ends_at=timezone.now() - timedelta(minutes=1))
    module = Module.objects.select_related("process__workspace").get(pk=module.pk)
    for step in (ballots.close, ballots.tally):
        step(owner, module)
        step(other, module)
