"""Changes of an assembly: the pool, the public seed, the number drawn in the room, replacements."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from isopolis.engage.lottery.lots import digest
from isopolis.engage.lottery.mixing import Budget
from isopolis.engage.lottery.plain import lottery_from_plain
from isopolis.engage.lottery.pool import Person, collapse
from isopolis.engage.lottery.public import PANELS, public_list
from isopolis.engage.lottery.replace import replacements, vacancy
from isopolis.model import CallError, DataError
from isopolis.web import jobs
from isopolis.web.actions import Action, ValidationError
from isopolis.web.modules.models import Module, Process
from isopolis.web.participation import record

from .models import CODE_MOST, Assembly, Volunteer, plain_quotas

__all__ = ["KIND", "DrawNumber", "PreparePool", "PublishList", "ReplacePeople"]

KIND = "assembly"
BYTES_MOST = 2_000_000
PEOPLE_MOST, QUOTAS_MOST, SIZE_MOST = 5000, 300, 500
SECONDS = 8.0
"""For replacements, which are answered at once."""


@dataclass
class _OfAssembly(Action):
    """A change of one assembly of this workspace."""

    workspace: Any
    module: Module
    permission: ClassVar[str] = "assembly.manage"

    def check(self) -> None:
        """Require a module of this workspace and of this kind."""
        if self.module.process.workspace_id != self.workspace.pk or self.module.kind != "assembly":
            raise ValidationError(_("This belongs to another workspace."))
        self.found = Assembly.objects.select_for_update().filter(module=self.module).first()

    def needed(self) -> Assembly:
        """Return the assembly, which must be prepared."""
        if self.found is None:
            raise ValidationError(_("Send the volunteers and the quotas first."))
        self.found.module = self.module
        return self.found

    def detail(self, made: Any) -> dict[str, str | int]:
        """Number of the process in the city."""
        return {"number": self.module.process.number}

    def target(self, made: Any) -> str:
        """Name the process."""
        return f"process:{self.module.process.pk}"


@dataclass
class PreparePool(_OfAssembly):
    """Keep the volunteers under their codes and the quotas, and have the fairest lottery searched."""

    size: int
    objective: str = "leximin"
    people: bytes = b""
    quotas: bytes = b""
    household: str = ""
    slack: int = 0
    verb: ClassVar[str] = "assembly.prepare"
    sentence: ClassVar[str] = "{actor} sent the volunteers of the assembly in process {number}"

    def check(self) -> None:
        """Require tables that can be read, codes that are no names, and a list that is not public yet."""
        super().check()
        if self.found is not None and self.found.listed_at is not None:
            raise ValidationError(_("The list is public. Nothing about the pool can be changed any more."))
        if max(len(self.people), len(self.quotas)) > BYTES_MOST:
            raise ValidationError(
                _("A file is too large: at most %(most)s MB.") % {"most": BYTES_MOST // 1_000_000}
            )
        if self.objective not in Assembly.Objective.values:
            raise ValidationError(_("Choose what is fairest."))
        from isopolis.flows.lottery import pool_from_files

        columns = [c.strip() for c in self.household.split(",") if c.strip()]
        try:
            self.pool, self.bounds = pool_from_files(
                self.people, self.quotas, self.size, household=columns, slack=self.slack
            )
            collapse(self.pool, self.bounds, self.size, bool(columns))
        except DataError as error:
            raise ValidationError([str(p) for p in error.problems]) from None
        except CallError as error:
            raise ValidationError(str(error)) from None
        self._refuse_names()

    def _refuse_names(self) -> None:
        if len(self.pool) > PEOPLE_MOST or len(self.bounds) > QUOTAS_MOST or self.size > SIZE_MOST:
            said = _("At most %(people)s volunteers, %(quotas)s quotas and %(size)s people on the panel.")
            most = {"people": PEOPLE_MOST, "quotas": QUOTAS_MOST, "size": SIZE_MOST}
            raise ValidationError(said % most)
        if any(len(p.id) > CODE_MOST or "@" in p.id or len(p.id.split()) != 1 for p in self.pool):
            raise ValidationError(
                _("Give every volunteer a code without blanks and without the sign @: the list is published.")
            )
        if any("\0" in text for p in self.pool for text in (p.id, p.household, *p.traits.values())):
            raise ValidationError(_("A text holds a zero character."))

    def change(self) -> Assembly:
        """Keep the pool in the place of an earlier one, and queue the search."""
        made = self.found or Assembly(module=self.module)
        made.size, made.objective = self.size, self.objective
        made.households, made.quotas = bool(self.household.strip()), plain_quotas(self.bounds)
        made.solved, made.trouble, made.version = None, "", made.version + 1
        made.pool_digest = digest("\n".join(sorted(_line(p) for p in self.pool)))
        made.save()
        made.volunteer_set.all().delete()
        Volunteer.objects.bulk_create(
            Volunteer(assembly=made, place=i, code=p.id, traits=p.traits, household=_home(made, p.household))
            for i, p in enumerate(self.pool)
        )
        jobs.submit(self.workspace, KIND, made.pk, f"{made.pk.hex}-{made.version}", self.actor)
        return made


def _line(person: Person) -> str:
    return "|".join([person.id, *(f"{a}={v}" for a, v in sorted(person.traits.items()))])


def _home(made: Assembly, household: str) -> str:
    """Keep a digest instead of an address: it tells that two live together, and not where."""
    if not household:
        return ""
    return salted_hmac(f"assembly-{made.pk}", household, algorithm="sha256").hexdigest()


@dataclass
class PublishList(_OfAssembly):
    """Make the list of equally likely panels from the seed that was found in public, and publish it."""

    seed: str
    now: datetime | None = None
    verb: ClassVar[str] = "assembly.list"
    sentence: ClassVar[str] = "{actor} published the list of panels in process {number}"

    def check(self) -> None:
        """Require a public process, a lottery, a seed, and no list before."""
        super().check()
        made = self.needed()
        self.seed = " ".join(self.seed.replace("\0", "").split())[:200]
        if self.module.process.state != Process.State.PUBLISHED:
            raise ValidationError(_("Publish the process first: the draw is public."))
        if made.listed_at is not None:
            raise ValidationError(_("The list is public already. Another seed is not possible."))
        if made.solved is None:
            raise ValidationError(_("The fairest lottery is not found yet."))
        if len(self.seed) < 4:
            raise ValidationError(_("Write the seed as it was found in public: at least four characters."))

    def change(self) -> Assembly:
        """Keep list, digest and everybody's tickets."""
        made = self.needed()
        people = made.people()
        types = collapse(people, made.bounds(), made.size, made.households)
        lottery = lottery_from_plain(types, made.solved)
        listed = public_list(lottery, self.seed, PANELS)
        codes = [p.id for p in people]
        made.seed, made.listed_at = self.seed, self.now or timezone.now()
        made.list_text, made.list_digest = listed.text(codes), listed.digest(codes)
        made.save()
        chance = {i: float(c) for c, who in zip(lottery.chances, types.members, strict=True) for i in who}
        rows = list(made.volunteer_set.all())
        for row in rows:
            row.tickets, row.chance = listed.tickets[row.place], chance[row.place]
        Volunteer.objects.bulk_update(rows, ["tickets", "chance"], batch_size=500)
        record(self.module, "import", weight=len(rows))
        return made


@dataclass
class DrawNumber(_OfAssembly):
    """Write down the number that was drawn in the room: its panel is the assembly."""

    number: int
    now: datetime | None = None
    verb: ClassVar[str] = "assembly.draw"
    sentence: ClassVar[str] = "{actor} wrote down the number drawn in process {number}"

    def check(self) -> None:
        """Require a public list, a number on it, and no number before."""
        super().check()
        made = self.needed()
        if made.listed_at is None:
            raise ValidationError(_("Publish the list first."))
        if made.number is not None:
            raise ValidationError(_("A number was drawn already. It cannot be changed."))
        if not 0 <= self.number < PANELS:
            raise ValidationError(_("The number must be from 0 to %(last)s.") % {"last": PANELS - 1})

    def change(self) -> Assembly:
        """Give seats to the panel."""
        made = self.needed()
        made.number, made.drawn_at = self.number, self.now or timezone.now()
        made.save(update_fields=["number", "drawn_at"])
        codes = made.list_text.splitlines()[self.number].split()[1:]
        made.volunteer_set.filter(code__in=codes).update(seat=Volunteer.Seat.DRAWN)
        return made


@dataclass
class ReplacePeople(_OfAssembly):
    """Draw newcomers for those who leave, so that the whole panel keeps its quotas."""

    gone: Sequence[str] = field(default_factory=tuple)
    seed: str = ""
    clock: Callable[[], float] = time.monotonic
    verb: ClassVar[str] = "assembly.replace"
    sentence: ClassVar[str] = "{actor} replaced people of the assembly in process {number}"

    def check(self) -> None:
        """Require a drawn panel, people of it, a seed, and newcomers who fit."""
        super().check()
        made = self.needed()
        self.seed = " ".join(self.seed.replace("\0", "").split())[:200]
        if made.number is None:
            raise ValidationError(_("Nobody has been drawn yet."))
        if len(self.seed) < 4:
            raise ValidationError(_("Write the seed as it was found in public: at least four characters."))
        panel = made.codes(Volunteer.Seat.DRAWN, Volunteer.Seat.CAME)
        try:
            seats = vacancy(
                made.people(),
                made.bounds(),
                panel,
                self.gone,
                made.codes(Volunteer.Seat.LEFT),
                made.households,
            )
        except CallError as error:
            raise ValidationError(str(error)) from None
        budget = Budget(self.clock, self.clock() + SECONDS)
        lottery = replacements(seats, budget)
        if lottery is None:
            raise ValidationError(_("Nobody in the pool fits. Keep the seats empty, or draw more at once."))
        listed = public_list(lottery, self.seed, PANELS)
        self.came = [seats.people[i].id for i in listed.panels[listed.number()]]

    def change(self) -> Assembly:
        """Change seats and keep what was done."""
        made = self.needed()
        made.volunteer_set.filter(code__in=self.gone).update(seat=Volunteer.Seat.LEFT)
        made.volunteer_set.filter(code__in=self.came).update(seat=Volunteer.Seat.CAME)
        made.changes = [
            *made.changes, {"seed": self.seed, "left": sorted(self.gone), "came": sorted(self.came)}
        ]  # fmt: skip
        made.save(update_fields=["changes"])
        return made
