"""Changes of one's own account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django.conf import settings
from django.utils.translation import gettext as _

from isopolis.web.actions import Action, ValidationError

from .models import User

__all__ = ["EditProfile"]


@dataclass
class EditProfile(Action):
    """Change one's name and language."""

    name: str
    language: str
    verb: ClassVar[str] = "account.edit"
    permission: ClassVar[str] = "account.edit"
    sentence: ClassVar[str] = "{actor} changed name or language of the account"

    def check(self) -> None:
        """Require a language that is offered, or none."""
        if self.language and self.language not in dict(settings.LANGUAGES):
            raise ValidationError(_("Choose one of the languages."))

    def change(self) -> User:
        """Keep both."""
        user: User = User.objects.get(pk=self.actor.pk)
        user.name, user.language = " ".join(self.name.split())[:120], self.language
        user.save(update_fields=["name", "language"])
        return user

    def target(self, made: User) -> str:
        """The account's number."""
        return f"account:{made.pk}"
