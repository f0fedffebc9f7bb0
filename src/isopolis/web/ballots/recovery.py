"""After a restore: what waited when the backup was made may be sealed with a key that is gone, as it must be.

Nobody can open those ballots any more, and nobody can tell whose they are. Whoever brings the receipt of one
of them shows by it that theirs is lost, and may vote again; what nobody comes for is given up by two people.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from isopolis.engage.ledger import codes
from isopolis.model import DataError
from isopolis.web.actions import ValidationError
from isopolis.web.participation import take_back

from . import box, keys, log
from .actions import OfVote
from .casting import day_of, entry_of_person
from .grouping import PAPER
from .models import LogEntry, RollEntry, Step, Vote, Waiting

__all__ = ["Free", "GiveUp", "given_up", "is_lost"]


def is_lost(vote: Vote) -> bool:
    """Tell whether the key of what waits is gone."""
    try:
        keys.epoch_key(vote.pk, vote.epoch)
    except DataError:
        return vote.state == Vote.State.OPEN
    return False


def given_up(vote: Vote) -> int:
    """Return how many ballots were given up: so many marks on the roll have no ballot."""
    entries = LogEntry.objects.filter(vote=vote, kind="lost").values_list("content", flat=True)
    return sum(int(content["ballots"]) for content in entries)


@dataclass
class _Lost(OfVote):
    """A change that only makes sense when the key is gone."""

    def check(self) -> None:
        """Require that it is."""
        super().check()
        if not is_lost(self.vote):
            raise ValidationError(_("Nothing is lost here: the ballots that wait can be opened."))


@dataclass
class Free(_Lost):
    """Let somebody vote again whose ballot is lost, and who has its receipt."""

    identifier: str
    receipt: str
    verb: ClassVar[str] = "ballot.free"
    sentence: ClassVar[str] = "{actor} let somebody vote again in process {number}, whose ballot was lost"

    def change(self) -> Vote:
        """Take the lost ballot and the mark away."""
        found = entry_of_person(self.vote, self.identifier)
        entry = RollEntry.objects.filter(pk=found[0] if found else "", state=RollEntry.State.VOTED).first()
        bare = codes.normal(self.receipt)
        if entry is None or entry.channel == PAPER or box.held(self.vote, bare) != "waiting":
            raise ValidationError(
                _("This person has not voted by themselves, or this receipt is not of a lost ballot.")
            )
        Waiting.objects.filter(vote=self.vote, pk=box.waiting_name(self.vote, bare)).delete()
        take_back(self.module, entry.channel, entry.cell or None)
        entry.state, entry.channel = RollEntry.State.OPEN, ""
        entry.save(update_fields=["state", "channel"])
        log.add(self.vote, "freed", day_of(self.at()), {"people": 1})
        return self.vote


@dataclass
class GiveUp(_Lost):
    """Give up what nobody can open, as the second person, and take ballots again."""

    verb: ClassVar[str] = "ballot.give_up"
    sentence: ClassVar[str] = "{actor} gave up {count} lost ballots of process {number}, as the second person"

    def check(self) -> None:
        """Require another person who asked."""
        super().check()
        asked = Step.objects.filter(vote=self.vote, kind="give_up").first()
        if asked is None or asked.is_by(self.actor):
            raise ValidationError(_("This needs two people: another one has to ask for it first."))
        asked.delete()

    def change(self) -> int:
        """Remove them, say in the log how many they were, and begin with a new key."""
        count, _rows = Waiting.objects.filter(vote=self.vote).delete()
        log.add(self.vote, "lost", day_of(self.at()), {"ballots": count})
        self.vote.epoch += 1
        self.vote.save(update_fields=["epoch"])
        keys.make_epoch(self.vote.pk, self.vote.epoch)
        return count

    def detail(self, made: Any) -> dict[str, str | int]:
        """How many, and where."""
        return super().detail(made) | {"count": made}
