"""Changes of a workspace as a whole: its name, its owner, its end."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from isopolis.web.actions import Action, ValidationError
from isopolis.web.work.models import Job

from .models import Membership, Workspace

__all__ = [
    "FOLDERS", "ArchiveWorkspace", "DeleteWorkspace", "HandOver", "LeaveWorkspace", "RenameWorkspace",
    "UnarchiveWorkspace", "remove_files",
]  # fmt: skip

FOLDERS = ("cities", "results", "publications", "tiles")
"""Folders of the data folder with one folder per workspace."""


@dataclass
class RenameWorkspace(Action):
    """Give the workspace another name; its address stays, so that links go on working."""

    workspace: Any
    name: str
    verb: ClassVar[str] = "workspace.rename"
    permission: ClassVar[str] = "workspace.rename"
    sentence: ClassVar[str] = "{actor} renamed the workspace"

    def check(self) -> None:
        """Require a name."""
        if not self.name.strip():
            raise ValidationError(_("Give the workspace a name."))

    def change(self) -> Workspace:
        """Keep it."""
        self.workspace.name = " ".join(self.name.split())[:120]
        self.workspace.save(update_fields=["name"])
        return self.workspace


@dataclass
class HandOver(Action):
    """Make another member the owner, and oneself an analyst."""

    workspace: Any
    membership: Membership
    verb: ClassVar[str] = "workspace.hand_over"
    permission: ClassVar[str] = "workspace.hand_over"
    sentence: ClassVar[str] = "{actor} handed the workspace over to account {account}"

    def check(self) -> None:
        """Require another member of this workspace, no resident."""
        if self.membership.workspace_id != self.workspace.pk:
            raise ValidationError(_("This is no member of the workspace."))
        if self.membership.user_id == self.actor.pk:
            raise ValidationError(_("You are the owner already."))
        if self.membership.role == "resident" or not self.membership.user.is_active:
            raise ValidationError(_("Choose somebody who works in this workspace."))

    def change(self) -> Membership:
        """Change both roles, the new owner first, so that there is one at every moment."""
        self.membership.role = "owner"
        self.membership.save(update_fields=["role"])
        Membership.objects.filter(workspace=self.workspace, user=self.actor).update(role="analyst")
        return self.membership

    def detail(self, made: Membership) -> dict[str, str | int]:
        """Number of the new owner's account."""
        return {"account": made.user_id}


@dataclass
class LeaveWorkspace(Action):
    """Go out of a workspace."""

    workspace: Any
    verb: ClassVar[str] = "member.leave"
    permission: ClassVar[str] = "workspace.leave"
    sentence: ClassVar[str] = "{actor} left the workspace"

    def thing(self) -> Any:
        """Look at one's own membership: the last owner stays."""
        return Membership.objects.filter(workspace=self.workspace, user=self.actor).first()

    def change(self) -> Workspace:
        """Delete the membership."""
        Membership.objects.filter(workspace=self.workspace, user=self.actor).delete()
        return self.workspace


@dataclass
class ArchiveWorkspace(Action):
    """Put the workspace into the archive: everything can be read, nothing can be changed."""

    workspace: Any
    verb: ClassVar[str] = "workspace.archive"
    permission: ClassVar[str] = "workspace.archive"
    sentence: ClassVar[str] = "{actor} put the workspace into the archive"

    def change(self) -> Workspace:
        """Set the mark."""
        self.workspace.archived_at = timezone.now()
        self.workspace.save(update_fields=["archived_at"])
        return self.workspace


@dataclass
class UnarchiveWorkspace(Action):
    """Take the workspace out of the archive."""

    workspace: Any
    verb: ClassVar[str] = "workspace.unarchive"
    permission: ClassVar[str] = "workspace.archive"
    sentence: ClassVar[str] = "{actor} took the workspace out of the archive"

    def change(self) -> Workspace:
        """Take the mark away."""
        self.workspace.archived_at = None
        self.workspace.save(update_fields=["archived_at"])
        return self.workspace


@dataclass
class DeleteWorkspace(Action):
    """Delete a workspace with its files, results and processes; the audit log keeps its rows."""

    workspace: Any
    typed: str
    verb: ClassVar[str] = "workspace.delete"
    permission: ClassVar[str] = "workspace.delete"
    sentence: ClassVar[str] = "{actor} deleted the workspace"

    def check(self) -> None:
        """Require the name as a confirmation, and no computation that still writes."""
        if " ".join(self.typed.split()) != " ".join(self.workspace.name.split()):
            raise ValidationError(_("Type the name of the workspace exactly as it is shown."))
        if Job.objects.filter(workspace=self.workspace, state=Job.State.RUNNING).exists():
            raise ValidationError(_("A computation is running. Cancel it, or wait until it is over."))

    def change(self) -> Workspace:
        """Delete the rows; the files go when that is certain."""
        from isopolis.web.protect import equality  # it looks at workspaces itself

        number = self.workspace.pk
        equality.close_all(self.workspace)
        self.workspace.delete()
        self.workspace.pk = number
        transaction.on_commit(lambda: remove_files(str(number)))
        return self.workspace


def remove_files(number: str) -> None:
    """Remove every file of a workspace that is deleted."""
    for folder in FOLDERS:
        # what cannot be removed now is found by the doctor's look for folders without workspace
        shutil.rmtree(Path(settings.DATA_DIR) / folder / number, ignore_errors=True)
