"""Preparing, publishing, withdrawing and discarding."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from isopolis.model import CallError
from isopolis.web import jobs
from isopolis.web.actions import Action, ValidationError

from .gate import ledger_of, lock, policy_of
from .models import GateRecord, Publication
from .store import digest_of

__all__ = ["DiscardPublication", "PreparePublication", "Publish", "Withdraw"]

State = Publication.State
KIND = "publish"


def features_of(publication: Publication) -> Path:
    """Folder with its zones and findings as the programming interface serves them."""
    return publication.folder.with_name(f"{publication.pk}.features")


@dataclass
class PreparePublication(Action):
    """Send a finished diagnosis through the privacy gate, for a decision later."""

    workspace: Any
    diagnosis: Any
    title: str
    policy: Mapping[str, Any]
    verb: ClassVar[str] = "publication.prepare"
    permission: ClassVar[str] = "publication.prepare"
    sentence: ClassVar[str] = "{actor} had publication {number} prepared"

    def check(self) -> None:
        """Require a diagnosis of this workspace that is done, a title, and rules that make sense."""
        if self.diagnosis.workspace_id != self.workspace.pk:
            raise ValidationError(_("This belongs to another workspace."))
        if self.diagnosis.kind != "diagnose" or self.diagnosis.state != "done":
            raise ValidationError(_("Only a finished diagnosis can be published."))
        if not self.title.strip():
            raise ValidationError(_("Give the publication a title."))
        try:
            policy_of(self.policy)
        except CallError as error:
            raise ValidationError(str(error)) from None

    def change(self) -> Publication:
        """Keep the draft and queue its preparation."""
        lock(self.workspace)
        last = Publication.objects.filter(workspace=self.workspace).aggregate(last=Max("number"))["last"]
        made = Publication.objects.create(
            workspace=self.workspace,
            number=(last or 0) + 1,
            diagnosis=self.diagnosis,
            title=self.title.strip()[:120],
            policy=dict(self.policy),
            created_by=self.actor,
        )
        jobs.submit(self.workspace, KIND, made.pk, made.pk.hex, self.actor)
        return made

    def detail(self, made: Publication) -> dict[str, str | int]:
        """Its number."""
        return {"number": made.number}


@dataclass
class _OnPublication(Action):
    """An action on one publication of the workspace."""

    workspace: Any
    publication: Publication
    verb: ClassVar[str] = "publication.prepare"
    permission: ClassVar[str] = "publication.prepare"
    sentence: ClassVar[str] = PreparePublication.sentence

    def fresh(self, *states: Any) -> Publication:
        """Return the row as it is now, locked, or say that it is in another state."""
        if self.publication.workspace_id != self.workspace.pk:
            raise ValidationError(_("This belongs to another workspace."))
        lock(self.workspace)
        found = Publication.objects.filter(pk=self.publication.pk, state__in=states).first()
        if found is None:
            raise ValidationError(_("This publication is in another state by now: look at it again."))
        return found

    def detail(self, made: Publication) -> dict[str, str | int]:
        """Its number."""
        return {"number": made.number}


@dataclass
class Publish(_OnPublication):
    """Let everybody read it."""

    verb: ClassVar[str] = "publication.publish"
    permission: ClassVar[str] = "publication.publish"
    sentence: ClassVar[str] = "{actor} published publication {number}, digest {digest}"

    def check(self) -> None:
        """Require that it is ready, and that it was compared with everything that is public now."""
        self.row = self.fresh(State.READY)
        record = GateRecord.objects.get(publication=self.row)
        if record.beside != ledger_of(self.workspace)[1]:
            raise ValidationError(
                _(
                    "Something else was published after this was prepared, and the two were not compared. "
                    "Prepare it again; that takes the new publication into account."
                )
            )
        if digest_of(self.row.folder) != self.row.digest:
            raise ValidationError(_("The files are not those that were prepared. Prepare it again."))

    def change(self) -> Publication:
        """Open the doors; from here on the ledger has it."""
        self.row.state, self.row.published_at = State.PUBLISHED, timezone.now()
        self.row.published_by = self.actor
        self.row.save(update_fields=["state", "published_at", "published_by"])
        return self.row

    def detail(self, made: Publication) -> dict[str, str | int]:
        """Its number, and the digest of every file that is public now."""
        return {"number": made.number, "digest": made.digest}


@dataclass
class Withdraw(_OnPublication):
    """Close every public address of it; the ledger keeps remembering what was shown."""

    verb: ClassVar[str] = "publication.withdraw"
    permission: ClassVar[str] = "publication.withdraw"
    sentence: ClassVar[str] = "{actor} withdrew publication {number}"

    def check(self) -> None:
        """Require that it is public."""
        self.row = self.fresh(State.PUBLISHED)

    def change(self) -> Publication:
        """Close the doors."""
        transaction.on_commit(partial(shutil.rmtree, features_of(self.row), ignore_errors=True))
        self.row.state, self.row.withdrawn_at = State.WITHDRAWN, timezone.now()
        self.row.withdrawn_by = self.actor
        self.row.save(update_fields=["state", "withdrawn_at", "withdrawn_by"])
        return self.row


@dataclass
class DiscardPublication(_OnPublication):
    """Throw away what was never public."""

    verb: ClassVar[str] = "publication.discard"
    permission: ClassVar[str] = "publication.prepare"
    sentence: ClassVar[str] = "{actor} threw publication {number} away before it was public"

    def check(self) -> None:
        """Require that it was never public and is not being computed."""
        self.row = self.fresh(State.DRAFT, State.READY, State.REFUSED)
        if jobs.Job.objects.filter(subject=self.row.pk, state__in=["queued", "running"]).exists():
            raise ValidationError(_("Something is being computed from it. Cancel that first."))

    def change(self) -> Publication:
        """Delete rows now and files once that is safely kept."""
        gone, number = self.row, self.row.pk
        for folder in (gone.folder, features_of(gone)):
            transaction.on_commit(partial(shutil.rmtree, folder, ignore_errors=True))
        jobs.Job.objects.filter(workspace=self.workspace, kind=KIND, subject=number).delete()
        gone.delete()
        gone.pk = number
        return gone
