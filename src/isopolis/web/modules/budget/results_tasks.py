"""Making the result page, as a background job after the count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils import timezone

from isopolis.model import DataError
from isopolis.web import jobs
from isopolis.web.ballots.models import Vote

from .models import Budget, Idea, Result

__all__ = ["KIND", "after_count", "compute", "queue"]

KIND = "budget_result"


def queue(budget: Budget, vote: Vote, by: Any) -> None:
    """Queue the making of a result page, anew where there was one."""
    kept, _made = Result.objects.get_or_create(budget=budget)
    kept.revision += 1
    kept.save(update_fields=["revision"])
    jobs.submit(budget.module.process.workspace, KIND, vote.pk, f"{vote.pk.hex}:{kept.revision}", by)


def after_count(vote: Vote, by: Any) -> None:
    """Queue it when two people have counted the vote of a budget; in one transaction with the count."""
    budget = Budget.objects.filter(module=vote.module).first()
    if budget is not None:
        budget.module = vote.module
        queue(budget, vote, by)


def compute(job: Any, say: Callable[[str], None]) -> None:
    """Read the public bundle, count and audit it again, and keep what pages say."""
    # brings solvers and drawings with it, which web workers do not need
    from .results_build import told_of, unpacked_bundle
    from .results_turnout import turnout_told

    vote = Vote.objects.select_related("module").get(pk=job.subject)
    budget = Budget.objects.get(module=vote.module)
    budget.module = vote.module
    if vote.state != Vote.State.TALLIED:
        return
    told: dict[str, Any] = {"turnout": turnout_told(vote.module)}
    trouble = ""
    if vote.bundle is not None:
        say("auditing")
        try:
            told |= told_of(unpacked_bundle(bytes(vote.bundle)), say)
        except DataError as error:
            trouble = str(error)[:8000]
    winners = [int(w) for w in (vote.result or {}).get("winners", []) if str(w).isdecimal()]
    with transaction.atomic():
        Result.objects.update_or_create(
            budget=budget, defaults={"told": told, "trouble": trouble, "made_at": timezone.now()}
        )
        on_ballot = Idea.objects.filter(budget=budget, state=Idea.State.ON_BALLOT)
        on_ballot.exclude(number__in=winners).update(won=False)
        on_ballot.filter(number__in=winners).update(won=True)
