"""Having the result page made once more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from isopolis.web.actions import ValidationError
from isopolis.web.ballots.models import Vote

from .results_tasks import queue
from .voting_actions import OfBudget

__all__ = ["MakeResult"]


@dataclass
class MakeResult(OfBudget):
    """Make the page anew from the same bundle: after a failure, or when a newer version tells more."""

    verb: ClassVar[str] = "budget.result"
    sentence: ClassVar[str] = "{actor} had the result page of process {number} made anew"

    def check(self) -> None:
        """Require a counted vote."""
        super().check()
        held = Vote.objects.filter(module=self.budget.module).defer("bundle").first()
        if held is None or held.state != Vote.State.TALLIED:
            raise ValidationError(_("Nothing is counted yet."))
        self.vote = held

    def change(self) -> Any:
        """Queue it."""
        queue(self.budget, self.vote, self.actor)
        return self.vote
