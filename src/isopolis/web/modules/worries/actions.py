"""Worries as they come in: from the page, from letters, calls and meetings, from programs; and the desk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from isopolis.engage.representation.cells import Cell
from isopolis.web.actions import Action, ValidationError
from isopolis.web.modules.comments.words import plain
from isopolis.web.modules.models import Module, Process
from isopolis.web.participation import CHANNELS, record
from isopolis.web.participation.models import Participation
from isopolis.web.permissions import require

from .limits import let_in
from .models import CONTACT_MOST, TEXT_MOST, Contact, Worry, WorryDesk, desk_of

__all__ = [
    "EnterWorry",
    "HandInWorry",
    "SetUpDesk",
    "TellWorry",
    "WorryDeskChange",
    "give_number",
    "midnight",
]

SHORTEST = 3
PEOPLE_MOST = 10_000


def midnight(day: date) -> datetime:
    """Return the beginning of a day: the desk keeps days and no times of its own."""
    return timezone.make_aware(datetime.combine(day, time.min))


def give_number(worry: Worry, at: datetime) -> None:
    """Register a worry under the next number of its desk."""
    taken = True
    while taken:  # a number that came with another desk's file is not given a second time
        WorryDesk.objects.filter(pk=worry.desk_id).update(last_number=F("last_number") + 1)
        worry.number = WorryDesk.objects.values_list("last_number", flat=True).get(pk=worry.desk_id)
        taken = Worry.objects.filter(desk=worry.desk_id, outside=str(worry.number)).exists()
    worry.registered, worry.registered_at = True, at


@dataclass
class WorryDeskChange(Action):
    """A change at one desk of this workspace."""

    workspace: Any
    module: Module
    permission: ClassVar[str] = "worries.manage"

    def thing(self) -> Any:
        """Look at the module and its phases."""
        return self.module

    def check(self) -> None:
        """Require a module of this workspace and of this kind."""
        if self.module.process.workspace_id != self.workspace.pk or self.module.kind != "worries":
            raise ValidationError(_("This belongs to another workspace."))

    def detail(self, made: Any) -> dict[str, str | int]:
        """Number of the process in the city."""
        return {"number": self.module.process.number}

    def target(self, made: Any) -> str:
        """Name the process only: a time beside a worry would tell whose it is."""
        return f"process:{self.module.process.pk}"


@dataclass
class _Intake(WorryDeskChange):
    """A worry that comes in."""

    text: str = ""
    zone: str = ""
    street: str = ""
    seen: str = ""
    language: str = ""
    contact: str = ""
    now: datetime | None = None

    def check(self) -> None:
        """Require something said, and a neighbourhood of the city or none."""
        super().check()
        self.desk = desk_of(self.module, make=True)
        self.at = self.now or timezone.now()
        self.text = plain(self.text)
        self.street, self.seen = _line(self.street)[:200], _line(self.seen)[:120]
        self.contact = _line(self.contact)[:CONTACT_MOST]
        wrong = []
        if len(self.text) < SHORTEST:
            wrong.append(_("Write what worries you."))
        if len(self.text) > TEXT_MOST:
            wrong.append(
                _("This is too long: at most %(most)s characters are possible.") % {"most": TEXT_MOST}
            )
        if self.zone and self.zone not in dict(self.desk.zones):
            wrong.append(_("Choose one of the neighbourhoods."))
        if self.module.process.state == Process.State.DRAFT:
            wrong.append(_("Nobody can have told anything: this process is a draft."))
        if wrong:
            raise ValidationError(wrong)

    def keep(self, channel: str, day: date, **more: Any) -> Worry:
        """Keep it, its contact apart, and count who took part."""
        made = Worry.objects.create(
            desk=self.desk, text=self.text, zone=self.zone, street=self.street, seen=self.seen,
            language=self.language[:12], channel=channel, received_at=midnight(day), **more,
        )  # fmt: skip
        if self.contact:
            Contact.objects.create(worry=made, text=self.contact)
        record(self.module, channel, Cell(self.zone), made.people)
        return made


def _line(text: str) -> str:
    return " ".join(plain(text).split())


@dataclass
class TellWorry(_Intake):
    """Tell a worry on the page; no account is needed, and none is kept."""

    address: str = ""
    verb: ClassVar[str] = "worry.tell"
    permission: ClassVar[str] = "worry.add"
    sentence: ClassVar[str] = gettext_noop("Somebody told a worry in process {number}")

    def check(self) -> None:
        """Require not too many at once, too."""
        super().check()
        let_in(str(self.desk.pk), self.address, self.at)

    def change(self) -> Worry:
        """Keep it."""
        return self.keep("web", timezone.localtime(self.at).date())

    def run(self) -> Worry:
        """Tell it; no line of the audit log, which would say at which moment somebody did."""
        with transaction.atomic():
            require(self.actor, self.permission, self.where(), self.thing(), now=self.now)
            self.check()
            return self.change()


@dataclass
class EnterWorry(_Intake):
    """Write down what came by letter or telephone, at a meeting, or with somebody's help."""

    channel: str = "phone"
    people: int = 1
    day: date | None = None
    verb: ClassVar[str] = "worry.enter"
    sentence: ClassVar[str] = gettext_noop("{actor} entered a worry ({channel}) in process {number}")
    words: ClassVar[Mapping[str, Callable[[str], Any]]] = {
        "channel": lambda code: Participation.Channel(code).label
    }

    def check(self) -> None:
        """Require a way by which it came, a number of people and a day that was."""
        super().check()
        today = timezone.localtime(self.at).date()
        self.day = self.day or today
        wrong = []
        if self.channel not in CHANNELS or self.channel in ("web", "import"):
            wrong.append(_("Choose the way by which it came."))
        if not 1 <= self.people <= PEOPLE_MOST:
            wrong.append(_("Enter a number of people from 1 to %(most)s.") % {"most": f"{PEOPLE_MOST:,}"})
        if self.day > today:
            wrong.append(_("This day is still to come."))
        if wrong:
            raise ValidationError(wrong)

    def change(self) -> Worry:
        """Keep it."""
        assert self.day is not None
        return self.keep(self.channel, self.day, people=self.people)

    def detail(self, made: Any) -> dict[str, str | int]:
        """In which way it came."""
        return super().detail(made) | {"channel": self.channel}


@dataclass
class HandInWorry(_Intake):
    """Take a request that a program hands in by GeoReport."""

    topic: str = ""
    lat: float | None = None
    lon: float | None = None
    verb: ClassVar[str] = "worry.hand_in"
    sentence: ClassVar[str] = gettext_noop("{actor} handed a worry in by a program in process {number}")

    def check(self) -> None:
        """Require a desk that takes requests, and a topic of the list."""
        from .words import topic_names

        super().check()
        if not self.desk.takes_requests:
            raise ValidationError(_("This desk takes no requests from programs."))
        if self.topic not in topic_names("en"):
            raise ValidationError(_("This is none of the topics."))

    def change(self) -> Worry:
        """Keep it."""
        return self.keep(
            "import", timezone.localtime(self.at).date(), proposed=self.topic, lat=self.lat, lon=self.lon
        )


@dataclass
class SetUpDesk(WorryDeskChange):
    """Say in which languages residents may write, and whether programs may hand requests in."""

    languages: list[str] = field(default_factory=list)
    takes_requests: bool = False
    verb: ClassVar[str] = "worries.set_up"
    sentence: ClassVar[str] = gettext_noop("{actor} set the worries desk of process {number} up")

    def check(self) -> None:
        """Require languages that can be told apart."""
        from isopolis.engage.worries.language import known_languages

        super().check()
        self.languages = list(dict.fromkeys(c.strip().lower() for c in self.languages if c.strip()))
        wrong = [c for c in self.languages if c not in known_languages()]
        if wrong or not self.languages:
            raise ValidationError(
                _("Name languages by codes of two letters, such as en, ar or ru. Not known: %(codes)s")
                % {"codes": ", ".join(wrong)[:100] or "–"}
            )

    def change(self) -> WorryDesk:
        """Keep both."""
        desk = desk_of(self.module, make=True)
        if desk.languages != self.languages:
            # in other languages the same words may mean something else; what programs said stays
            open_ = Worry.objects.filter(desk=desk, topic="").exclude(channel="import", source=None)
            open_.update(looked=False, proposed="")
        desk.languages, desk.takes_requests = self.languages, self.takes_requests
        desk.save(update_fields=["languages", "takes_requests"])
        return desk
