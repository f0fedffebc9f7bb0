"""Making and revoking tokens."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from isopolis.web.actions import Action, ValidationError

from .models import ApiToken
from .scopes import SCOPES
from .tokens import digest_of, fresh

__all__ = ["LONGEST_DAYS", "MOST", "MakeToken", "RevokeToken"]

LONGEST_DAYS = 366
MOST = 20
"""Valid tokens that one account may have."""


@dataclass
class MakeToken(Action):
    """Make a token; `secret` holds it afterwards, and nothing else ever does."""

    name: str
    scopes: Sequence[str]
    days: int
    only: Any = None
    verb: ClassVar[str] = "token.make"
    permission: ClassVar[str] = "token.make"
    sentence: ClassVar[str] = gettext_noop("{actor} made a token for programs ({scopes})")
    words: ClassVar[Mapping[str, Callable[[str], Any]]] = {
        "scopes": lambda codes: ", ".join(str(SCOPES[code]) for code in codes.split(", "))
    }

    def check(self) -> None:
        """Require a name, known scopes, a sensible end, and a workspace of one's own."""
        if not self.name.strip():
            raise ValidationError(_("Give the token a name, so that you know it again."))
        if not self.scopes or set(self.scopes) - set(SCOPES):
            raise ValidationError(_("Choose what the token may be used for."))
        if not 1 <= self.days <= LONGEST_DAYS:
            raise ValidationError(_("A token lasts from 1 to %(most)s days.") % {"most": LONGEST_DAYS})
        if self.only is not None and not self.only.role_of(self.actor):
            raise ValidationError(_("Choose one of your workspaces."))
        mine = ApiToken.objects.filter(user=self.actor, revoked_at=None, expires_at__gt=timezone.now())
        if mine.count() >= MOST:
            raise ValidationError(
                _("You have %(most)s tokens, and more cannot be had. Revoke one first.") % {"most": MOST}
            )

    def change(self) -> ApiToken:
        """Keep the hash."""
        self.secret = fresh()
        return ApiToken.objects.create(
            user=self.actor, digest=digest_of(self.secret), name=self.name.strip(),
            scopes=sorted(set(self.scopes)), workspace=self.only,
            expires_at=timezone.now() + timedelta(days=self.days),
        )  # fmt: skip

    def home(self, made: ApiToken) -> Any:
        """Return the workspace that the token is for, whose log then tells of it."""
        return made.workspace

    def detail(self, made: ApiToken) -> dict[str, str | int]:
        """What it is good for."""
        return {"scopes": ", ".join(made.scopes)}


@dataclass
class RevokeToken(Action):
    """End a token."""

    token: ApiToken
    verb: ClassVar[str] = "token.revoke"
    permission: ClassVar[str] = "token.revoke"
    sentence: ClassVar[str] = gettext_noop("{actor} revoked a token for programs")

    def thing(self) -> Any:
        """Look at whose token it is."""
        return self.token

    def check(self) -> None:
        """Require a token that is not revoked."""
        if self.token.revoked_at is not None:
            raise ValidationError(_("This token is revoked already."))

    def change(self) -> ApiToken:
        """Note when; the row stays, so that the log keeps its meaning."""
        self.token.revoked_at = timezone.now()
        self.token.save(update_fields=["revoked_at"])
        return self.token

    def home(self, made: ApiToken) -> Any:
        """Return the workspace that the token was for."""
        return made.workspace
