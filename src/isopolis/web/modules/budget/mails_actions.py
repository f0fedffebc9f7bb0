"""Choosing which mail comes about a budget."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext as _

from isopolis.web.actions import ValidationError

from .models import MailChoice
from .voting_actions import OfBudget

__all__ = ["ChooseMail"]


@dataclass
class ChooseMail(OfBudget):
    """Choose which mail one wants, or none."""

    wish: str
    now: datetime | None = None
    verb: ClassVar[str] = "budget.mail"
    permission: ClassVar[str] = "budget.mail"
    sentence: ClassVar[str] = "{actor} chose which mail comes about the budget of process {number}"

    def thing(self) -> Any:
        """Look at the process."""
        return self.budget

    def check(self) -> None:
        """Require one of the choices."""
        super().check()
        if self.wish not in MailChoice.Wish.values:
            raise ValidationError(_("Choose which mail you want."))

    def change(self) -> MailChoice:
        """Keep it."""
        made, _new = MailChoice.objects.update_or_create(
            user=self.actor, budget=self.budget,
            defaults={"wish": self.wish, "changed_at": self.now or timezone.now()},
        )  # fmt: skip
        return made
