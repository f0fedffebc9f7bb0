"""Changes of processes: made from a blueprint, dated, published, archived, joined."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from isopolis.web.actions import Action, ValidationError
from isopolis.web.workspaces.models import Membership

from .blueprints import PlannedModule, blueprint
from .models import Module, Participant, Phase, Process, name_key
from .readiness import missing

__all__ = ["ArchiveProcess", "CreateProcess", "DatePhases", "EditProcess", "PublishProcess", "TakePart"]


@dataclass
class CreateProcess(Action):
    """Make a process as a draft, with the modules and phases of a blueprint."""

    workspace: Any
    title: str
    blueprint: str
    start: datetime | None = None
    verb: ClassVar[str] = "process.create"
    permission: ClassVar[str] = "process.manage"
    sentence: ClassVar[str] = "{actor} drafted process {number}"

    def check(self) -> None:
        """Require a title and a known blueprint."""
        plan = blueprint(self.blueprint)
        if plan is None:
            raise ValidationError(_("Choose one of the kinds of process."))
        self.plan = plan
        if not self.title.strip():
            raise ValidationError(_("Give the process a title."))

    def change(self) -> Process:
        """Make process, modules and phases, one phase after the other from `start`."""
        made = self._numbered()
        for position, planned in enumerate(self.plan.modules):
            self._module(made, position, planned)
        return made

    def _numbered(self) -> Process:
        for _try in range(5):
            last = Process.objects.filter(workspace=self.workspace).aggregate(n=Max("number"))["n"] or 0
            try:
                with transaction.atomic():
                    return Process.objects.create(
                        workspace=self.workspace, number=last + 1, title=self.title.strip()[:160]
                    )
            except IntegrityError:  # somebody else took the number
                continue
        raise ValidationError(_("Somebody else is making a process at this moment. Try again."))

    def _module(self, process: Process, position: int, planned: PlannedModule) -> None:
        module = Module.objects.create(
            process=process, kind=planned.kind, title=str(planned.title), position=position
        )
        at = self.start
        for n, p in enumerate(planned.phases):
            end = at + timedelta(days=p.days) if at else None
            Phase.objects.create(
                module=module, kind=p.kind, name=str(p.name), position=n, starts_at=at, ends_at=end
            )
            at = end

    def detail(self, made: Process) -> dict[str, str | int]:
        """Its number in the city."""
        return {"number": made.number}


@dataclass
class _OfProcess(Action):
    """A change of one process of this workspace."""

    workspace: Any
    process: Process
    permission: ClassVar[str] = "process.manage"

    def check(self) -> None:
        """Require a process of this workspace."""
        if self.process.workspace_id != self.workspace.pk:
            raise ValidationError(_("This belongs to another workspace."))

    def detail(self, made: Any) -> dict[str, str | int]:
        """Number of the process in the city."""
        return {"number": self.process.number}


@dataclass
class EditProcess(_OfProcess):
    """Change title and description."""

    title: str
    description: str
    verb: ClassVar[str] = "process.edit"
    sentence: ClassVar[str] = "{actor} edited process {number}"

    def check(self) -> None:
        """Require a title."""
        super().check()
        if not self.title.strip():
            raise ValidationError(_("Give the process a title."))

    def change(self) -> Process:
        """Keep both."""
        self.process.title = self.title.strip()[:160]
        self.process.description = self.description.strip()[:8000]
        self.process.save(update_fields=["title", "description"])
        return self.process


@dataclass
class DatePhases(_OfProcess):
    """Set from when to when each phase of a module runs."""

    module: Module
    dates: dict[int, tuple[datetime | None, datetime | None]] = field(default_factory=dict)
    verb: ClassVar[str] = "process.date"
    sentence: ClassVar[str] = "{actor} set the dates of process {number}"

    def check(self) -> None:
        """Require phases of this module, each ending after it begins, none before the one ahead of it."""
        super().check()
        self.phases = [p for p in self.module.phases() if p.pk in self.dates]
        if self.module.process_id != self.process.pk or len(self.phases) != len(self.dates):
            raise ValidationError(_("This belongs to another process."))
        last = None
        for phase in self.phases:
            start, end = self.dates[phase.pk]
            if start is not None and end is not None and end <= start:
                raise ValidationError(_("“%(phase)s” ends before it begins.") % {"phase": phase.name})
            if start is not None and last is not None and start < last:
                said = _("“%(phase)s” begins before the phase ahead of it is over.")
                raise ValidationError(said % {"phase": phase.name})
            last = end or last
            if self.process.state != Process.State.DRAFT and None in (start, end):
                raise ValidationError(_("A process that is public needs dates for every phase."))

    def change(self) -> Module:
        """Keep them."""
        for phase in self.phases:
            phase.starts_at, phase.ends_at = self.dates[phase.pk]
            phase.save(update_fields=["starts_at", "ends_at"])
        return self.module


@dataclass
class PublishProcess(_OfProcess):
    """Show a process to everybody, when nothing is missing."""

    now: datetime | None = None
    verb: ClassVar[str] = "process.publish"
    sentence: ClassVar[str] = "{actor} published process {number}"

    def check(self) -> None:
        """Require a draft that is complete."""
        super().check()
        if self.process.state == Process.State.PUBLISHED:
            raise ValidationError(_("This process is public already."))
        reasons = missing(self.process, self.now or timezone.now())
        if reasons:
            raise ValidationError(reasons)

    def change(self) -> Process:
        """Publish."""
        self.process.state = Process.State.PUBLISHED
        self.process.published_at = self.process.published_at or self.now or timezone.now()
        self.process.save(update_fields=["state", "published_at"])
        return self.process


@dataclass
class ArchiveProcess(_OfProcess):
    """Close a process for good: it stays readable, nothing in it opens again."""

    verb: ClassVar[str] = "process.archive"
    sentence: ClassVar[str] = "{actor} archived process {number}"

    def check(self) -> None:
        """Require a process that is public."""
        super().check()
        if self.process.state != Process.State.PUBLISHED:
            raise ValidationError(_("Only a public process goes into the archive."))

    def change(self) -> Process:
        """Archive."""
        self.process.state = Process.State.ARCHIVED
        self.process.save(update_fields=["state"])
        return self.process


@dataclass
class TakePart(Action):
    """Join a city's processes under a name of one's own choice."""

    workspace: Any
    process: Process
    shown_as: str
    verb: ClassVar[str] = "process.join"
    permission: ClassVar[str] = "process.join"
    sentence: ClassVar[str] = "{actor} takes part in process {number}"

    def thing(self) -> Any:
        """Look at the process: it must be public."""
        return self.process

    def check(self) -> None:
        """Require a name that nobody else has here."""
        if self.process.workspace_id != self.workspace.pk:
            raise ValidationError(_("This belongs to another workspace."))
        key = name_key(self.shown_as)
        if not key:
            raise ValidationError(_("Choose a name that others see. It need not be your own."))
        if "@" in key:
            raise ValidationError(_("Choose a name without the sign @: an e-mail address is not for others."))
        taken = Participant.objects.filter(workspace=self.workspace, key=key[:120])
        if taken.exclude(user=self.actor).exists():
            raise ValidationError(_("Somebody takes part under this name already. Choose another one."))

    def change(self) -> Participant:
        """Keep the name, and give the role of a resident to who has none."""
        mine = Participant.objects.filter(user=self.actor, workspace=self.workspace).first()
        mine = mine or Participant(user=self.actor, workspace=self.workspace)
        mine.call(self.shown_as)
        try:
            with transaction.atomic():
                mine.save()
                Membership.objects.get_or_create(
                    user=self.actor, workspace=self.workspace, defaults={"role": "resident"}
                )
        except IntegrityError:  # somebody else took the name at this moment
            said = _("Somebody takes part under this name already. Choose another one.")
            raise ValidationError(said) from None
        return mine

    def detail(self, made: Participant) -> dict[str, str | int]:
        """Number of the process in the city."""
        return {"number": self.process.number}
