"""Changes of boards: counted anew, people of a meeting entered, published."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from isopolis.engage.representation.cells import Cell
from isopolis.web import jobs
from isopolis.web.actions import Action, ValidationError
from isopolis.web.datasets.models import Dataset
from isopolis.web.modules.models import Module, Process

from . import CHANNELS, record
from .models import Board, Participation

__all__ = ["KIND", "PEOPLE_MOST", "CountBoard", "EnterPeople", "PublishBoard", "over"]

KIND = "took_part"
PEOPLE_MOST = 100_000


def over(module: Module, now: datetime) -> bool:
    """Tell whether nothing in the module will open any more."""
    if module.process.state == Process.State.ARCHIVED:
        return True
    ends = [p.ends_at for p in module.phases()]
    return bool(ends) and all(end is not None and end <= now for end in ends)


@dataclass
class _OfModule(Action):
    """A change that concerns one module of a process of this workspace."""

    workspace: Any
    module: Module
    permission: ClassVar[str] = "process.manage"

    def check(self) -> None:
        """Require a module of this workspace."""
        if self.module.process.workspace_id != self.workspace.pk:
            raise ValidationError(_("This belongs to another workspace."))

    def detail(self, made: Any) -> dict[str, str | int]:
        """Number of the process in the city."""
        return {"number": self.module.process.number}


@dataclass
class CountBoard(_OfModule):
    """Have the participants held against the census anew."""

    by: list[str] = field(default_factory=list)
    level: str = ""
    leave_out: list[str] = field(default_factory=list)
    verb: ClassVar[str] = "board.count"
    sentence: ClassVar[str] = "{actor} had counted who took part in process {number}"

    def check(self) -> None:
        """Require files that could be read."""
        super().check()
        found = Dataset.objects.filter(workspace=self.workspace, state=Dataset.State.READY)
        self.dataset = found.order_by("-created_at", "pk").first()
        if self.dataset is None:
            raise ValidationError(
                _("There is no census yet: upload the city's tables, so that there is something to compare.")
            )

    def change(self) -> Board:
        """Keep what is asked and queue the counting."""
        board, _made = Board.objects.get_or_create(module=self.module)
        board.revision += 1
        board.asked = {
            "by": self.by, "level": self.level, "leave_out": self.leave_out, "dataset": str(self.dataset.pk),
        }  # fmt: skip
        board.save(update_fields=["revision", "asked"])
        jobs.submit(self.workspace, KIND, board.pk, f"{board.pk.hex}:{board.revision}", self.actor)
        return board


@dataclass
class EnterPeople(_OfModule):
    """Count people whom no other page counts: those of a meeting, of a list on paper."""

    channel: str = "meeting"
    people: int = 1
    zone: str = ""
    verb: ClassVar[str] = "participation.enter"
    sentence: ClassVar[str] = "{actor} entered {people} people ({channel}) in process {number}"
    words: ClassVar[Mapping[str, Callable[[str], Any]]] = {
        "channel": lambda code: Participation.Channel(code).label
    }

    def check(self) -> None:
        """Require a channel, a sensible number, a neighbourhood of the census, a process that is public."""
        super().check()
        if self.channel not in CHANNELS:
            raise ValidationError(_("Choose in which way they took part."))
        if not 1 <= self.people <= PEOPLE_MOST:
            raise ValidationError(
                _("Enter a number of people from 1 to %(most)s.") % {"most": f"{PEOPLE_MOST:,}"}
            )
        board = Board.objects.filter(module=self.module).first()
        if self.zone and self.zone not in dict(board.known.get("zones", []) if board else []):
            raise ValidationError(_("Choose one of the neighbourhoods of the census."))
        if self.module.process.state == Process.State.DRAFT:
            raise ValidationError(_("Nobody can have taken part: this process is a draft."))

    def change(self) -> Module:
        """Count them."""
        record(self.module, self.channel, Cell(self.zone), self.people)
        return self.module

    def detail(self, made: Any) -> dict[str, str | int]:
        """How many, in which way."""
        return super().detail(made) | {"people": self.people, "channel": self.channel}


@dataclass
class PublishBoard(_OfModule):
    """Show the board to everybody, once nothing can change any more; or take it away again."""

    withdraw: bool = False
    now: datetime | None = None
    verb: ClassVar[str] = "board.publish"
    sentence: ClassVar[str] = "{actor} published who took part in process {number}"
    sentences: ClassVar[Mapping[str, str]] = {
        "withdrew": gettext_noop("{actor} took back what was published on who took part in process {number}")
    }

    def check(self) -> None:
        """Require a board that was counted after the end: two boards in a row would tell who came between."""
        super().check()
        self.board = Board.objects.filter(module=self.module).first()
        now = self.now or timezone.now()
        if self.board is None or not self.board.shown:
            raise ValidationError(_("Count first who took part."))
        if self.withdraw:
            return
        if not over(self.module, now):
            raise ValidationError(
                _("Who took part is published when all phases are over: two tables with a day between them "
                  "would tell who took part on that day.")
            )  # fmt: skip
        ends = [p.ends_at for p in self.module.phases() if p.ends_at is not None and p.ends_at <= now]
        if ends and self.board.counted_at < max(ends):
            raise ValidationError(_("This was counted before the end. Count once more, then publish."))
        if self.board.published_at is not None:
            raise ValidationError(
                _("It was published already; a second table beside the first would tell too much.")
            )

    def change(self) -> Board:
        """Publish or withdraw."""
        self.board.public = {} if self.withdraw else self.board.shown
        if not self.withdraw:
            self.board.published_at = self.now or timezone.now()
        self.board.save(update_fields=["public", "published_at"])
        return self.board

    def detail(self, made: Any) -> dict[str, str | int]:
        """What was done."""
        return super().detail(made) | {"what": "withdrew" if self.withdraw else "published"}
