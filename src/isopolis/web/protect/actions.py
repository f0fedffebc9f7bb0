"""Exporting and erasing an account, by its owner or by whoever runs the server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from isopolis.web.actions import Action, ValidationError

from . import erasure, traces
from .export import collect

__all__ = ["SERVER", "EndSessions", "EraseAccount", "ExportAccount", "Server"]


@dataclass(frozen=True, slots=True)
class Server:
    """The server as actor, when somebody runs a command on it or the daily rules run."""

    pk: None = None
    is_server: bool = True
    is_authenticated: bool = True
    is_active: bool = True
    is_admin: bool = False


SERVER = Server()


@dataclass
class ExportAccount(Action):
    """Give everything that is kept about an account."""

    account: Any

    verb = "account.export"
    permission = "account.export"
    sentence = "{actor} exported what is kept about {target}"

    def thing(self) -> Any:
        """Return the account."""
        return self.account

    def change(self) -> dict[str, Any]:
        """Collect it; nothing is changed."""
        return collect(self.account)

    def target(self, made: Any) -> str:
        """Name the account by its number."""
        return f"account:{self.account.pk}"


@dataclass
class EndSessions(Action):
    """Sign an account out everywhere, for instance when a device was stolen."""

    account: Any

    verb = "account.end_sessions"
    permission = "account.erase"
    sentence = "{actor} ended {count} sessions of {target}"

    def thing(self) -> Any:
        """Return the account."""
        return self.account

    def change(self) -> int:
        """End them all."""
        ending = traces.sessions_of(self.account.pk)
        for session in ending:
            session.delete()
        return len(ending)

    def target(self, made: Any) -> str:
        """Name the account by its number."""
        return f"account:{self.account.pk}"

    def detail(self, made: Any) -> dict[str, str | int]:
        """Say how many."""
        return {"count": made}


@dataclass
class EraseAccount(Action):
    """Erase an account; `close` agrees that workspaces without any other member go too."""

    account: Any
    close: bool = False

    verb = "account.erase"
    permission = "account.erase"
    sentence = "{actor} erased {target}"

    def thing(self) -> Any:
        """Return the account."""
        return self.account

    def check(self) -> None:
        """Refuse while a workspace would be left without owner."""
        found = erasure.plan(self.account)
        if found.hand_over:
            raise ValidationError(
                _("Name another owner of these workspaces first: %(names)s.")
                % {"names": ", ".join(w.name for w in found.hand_over)}
            )
        if found.alone and not self.close:
            raise ValidationError(
                _("You are the only member of these workspaces: %(names)s. Agree that they go too.")
                % {"names": ", ".join(w.name for w in found.alone)}
            )

    def change(self) -> erasure.Plan:
        """Close workspaces that would be empty, then erase."""
        for workspace in erasure.plan(self.account).alone:
            erasure.remove_workspace(workspace)
        self.number = self.account.pk
        return erasure.erase(self.account)

    def target(self, made: Any) -> str:
        """Name the account by its number."""
        return f"account:{made.number}"
