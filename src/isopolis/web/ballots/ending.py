"""Closing and counting, each by two people: one asks, another one does it."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from isopolis.engage.ledger.ballot import canonical, digest
from isopolis.engage.ledger.chain import commitment
from isopolis.model import DataError
from isopolis.web.actions import ValidationError
from isopolis.web.languages import said

from . import box, keys, log, refusals
from .about import COUNTED
from .actions import OfModule
from .casting import day_of
from .counting import counted, fingerprint_of
from .models import Boxed, LogEntry, Papers, RollEntry, Step, Vote, Waiting
from .recovery import GiveUp, given_up, is_lost
from .roll import roll_digest

__all__ = ["Ask", "Close", "DrawLot", "TakeBackAsk", "Tally", "ballots_in", "step"]

logger = logging.getLogger(__name__)


def step(kind: str, actor: Any, module: Any, now: datetime | None) -> str:
    """Ask for `kind` (``close``, ``tally``, ``give_up``), or do it as the second person."""
    asked = Step.objects.filter(vote__module=module, kind=kind).first()
    workspace = module.process.workspace
    if asked is None or asked.is_by(actor):
        Ask(actor, workspace, module, kind, now=now).run()
        return "asked"
    actions: dict[str, tuple[type[Any], str]] = {
        "close": (Close, "closed"), "tally": (Tally, "tallied"), "give_up": (GiveUp, "given_up"),
    }  # fmt: skip
    action, came = actions[kind]
    try:
        action(actor, workspace, module, now=now).run()
    except ValidationError as error:
        # a box, a log or a roll that does not fit is seen by more than the two who stand at the desk
        why = "; ".join(error.messages)
        logger.warning("%s of the vote of module %s was refused: %s", kind, module.pk, why)
        raise
    return came


@dataclass
class _Ending(OfModule):
    """A change after which nothing is as before."""

    vote: Any = field(default=None, init=False, repr=False)

    def found(self, state: Any) -> Vote:
        """Return the vote, locked, in this state."""
        vote = Vote.objects.select_for_update().filter(module=self.module).first()
        if vote is None:
            raise ValidationError(_("Nothing is voted on here yet."))
        if vote.state != state:
            shown = vote.get_state_display()
            raise ValidationError(_("This vote cannot be taken further: it is %(state)s.") % {"state": shown})
        vote.module = self.module
        return vote

    def second(self, kind: str) -> Step:
        """Require that somebody else asked for it before."""
        asked = Step.objects.filter(vote=self.vote, kind=kind).first()
        if asked is None or asked.is_by(self.actor):
            raise ValidationError(_("This needs two people: another one has to ask for it first."))
        return asked


@dataclass
class Ask(_Ending):
    """Be the first of the two."""

    kind: str
    now: datetime | None = field(default=None, kw_only=True)
    verb: ClassVar[str] = "ballot.ask"
    sentence: ClassVar[str] = "{actor} asked for a second person in process {number}"
    sentences: ClassVar[Mapping[str, str]] = {
        "close": gettext_noop("{actor} asked for a second person to close the vote in process {number}"),
        "tally": gettext_noop("{actor} asked for a second person to count the vote in process {number}"),
        "give_up": gettext_noop(
            "{actor} asked for a second person to give up ballots in process {number} that nobody can open"
        ),
    }

    def check(self) -> None:
        """Require a vote in the right state, and that one did not ask already."""
        super().check()
        self.vote = self.found(Vote.State.CLOSED if self.kind == "tally" else Vote.State.OPEN)
        if Step.objects.filter(vote=self.vote, kind=self.kind).exists():
            raise ValidationError(_("You have asked for it. Now another person has to do it."))
        if self.kind == "close":
            ready_to_close(self.vote, self.at())
        if self.kind == "give_up" and not is_lost(self.vote):
            raise ValidationError(_("Nothing is lost here: the ballots that wait can be opened."))

    def change(self) -> Step:
        """Remember who asked."""
        return Step.objects.create(vote=self.vote, kind=self.kind, asked_by=self.actor)

    def detail(self, made: Any) -> dict[str, str | int]:
        """For what."""
        return super().detail(made) | {"what": self.kind}


@dataclass
class TakeBackAsk(_Ending):
    """Ask no longer: whoever runs the vote may, so that nobody acts on what was asked for long ago."""

    kind: str
    now: datetime | None = field(default=None, kw_only=True)
    verb: ClassVar[str] = "ballot.unask"
    sentence: ClassVar[str] = "{actor} took back that a second person was asked for in process {number}"

    def check(self) -> None:
        """Require that nobody did it yet."""
        super().check()
        self.vote = self.found(Vote.State.CLOSED if self.kind == "tally" else Vote.State.OPEN)

    def change(self) -> Vote:
        """Forget who asked; what nobody asks for any more is taken back already."""
        Step.objects.filter(vote=self.vote, kind=self.kind).delete()
        return self.vote


def ready_to_close(vote: Vote, at: datetime) -> None:
    """Raise with everything that stands against closing."""
    wrong = []
    if any(start <= at < end for start, end in vote.windows("vote")):
        wrong.append(_("People can still vote. Close it when the phase is over, or end the phase first."))
    papers = Papers.objects.get(vote=vote)
    if papers.entered < papers.marked:
        said_ = _("%(n)s people were marked as voting on paper whose ballots are not entered yet.")
        wrong.append(said_ % {"n": papers.marked - papers.entered})
    if wrong:
        raise ValidationError(wrong)


@dataclass
class Close(_Ending):
    """Take no more ballots, and put the last ones into the box."""

    now: datetime | None = None
    verb: ClassVar[str] = "ballot.close"
    sentence: ClassVar[str] = "{actor} closed the vote in process {number}, as the second person"

    def check(self) -> None:
        """Require an open vote that can be closed, and another person who asked."""
        super().check()
        self.vote = self.found(Vote.State.OPEN)
        self.second("close")
        ready_to_close(self.vote, self.at())

    def change(self) -> Vote:
        """Shuffle what waits, count, and destroy the keys of what waited."""
        vote, day = self.vote, day_of(self.at())
        try:
            box.mix(vote.pk, day, last=True)
        except DataError as error:
            raise ValidationError([said(p.said()) for p in error.problems]) from None
        vote.refresh_from_db()
        vote.module, vote.state = self.module, Vote.State.CLOSED
        vote.save(update_fields=["state"])
        voted = RollEntry.objects.filter(vote=vote, state=RollEntry.State.VOTED).count()
        invalid = Papers.objects.get(vote=vote).invalid
        ballots, lost = Boxed.objects.filter(vote=vote).count(), given_up(vote)
        if Waiting.objects.filter(vote=vote).exists() or ballots + invalid + lost != voted:
            raise ValidationError(
                _("%(voted)s people have voted, and there are %(ballots)s ballots. Nothing is closed.")
                % {"voted": voted, "ballots": ballots + invalid + lost}
            )
        told = {
            "ballots": ballots,
            "invalid": invalid,
            "lost": lost,
            "refused": refusals.refused_so_far(vote),
        }
        log.add(vote, "closed", day, told)
        epoch = vote.epoch + 1
        transaction.on_commit(lambda: keys.destroy_before(vote.pk, epoch))
        return vote


def ballots_in(vote: Vote) -> list[Mapping[str, int]]:
    """Return every ballot of a closed vote in the order of their spelling, once all of it fits.

    Raises
    ------
    ValidationError
        With everything that does not: the log, the box, the roll, the rule, what was voted on.
    """
    wrong = [said(w) for w in log.wrong_with(vote)]
    wrong += _since_the_opening(vote)
    try:
        opened = box.slips_of(vote)
    except DataError as error:
        raise ValidationError([*wrong, *(said(p.said()) for p in error.problems)]) from None
    number = str(vote.pk)
    if any(commitment(number, one.receipt, one.ballot) != row.commitment for row, one in opened):
        wrong.append(_("A ballot in the box is not the one that was put there."))
    if wrong:
        raise ValidationError(wrong)
    return sorted((one.ballot for _row, one in opened), key=canonical)


def _since_the_opening(vote: Vote) -> list[str]:
    """Hold rule, question and roll against what the log says of them."""
    entries = list(LogEntry.objects.filter(vote=vote))
    kinds = {e.kind: e.content for e in entries}
    opening, end = kinds.get("opened", {}), kinds.get("closed", {})
    wrong = []
    card = dict(vote.card)
    if "lot" in kinds:
        card["lot_seed"] = "" if card["lot_seed"] == kinds["lot"].get("seed") else card["lot_seed"]
    if opening.get("card") != digest(card):
        wrong.append(_("The rule, or the seed of its lot, is not the one with which the vote was opened."))
    if opening.get("question") != digest(vote.asked):
        wrong.append(_("What is voted on is not what the vote was opened with."))
    if opening.get("least") != vote.least:
        wrong.append(_("The smallest batch is not the one with which the vote was opened."))
    if kinds.get("roll", {}).get("digest", roll_digest(vote)) != roll_digest(vote):
        wrong.append(_("Somebody was put on the roll, or taken from it, past the log."))
    if Boxed.objects.filter(vote=vote).count() != end.get("ballots"):
        wrong.append(_("The box does not hold as many ballots as when it was closed."))
    return wrong


@dataclass
class DrawLot(_Ending):
    """Write down the lot that was drawn in public, where the rule has none; once, before it is counted."""

    seed: str
    now: datetime | None = field(default=None, kw_only=True)
    verb: ClassVar[str] = "ballot.lot"
    sentence: ClassVar[str] = "{actor} wrote down the lot that was drawn for process {number}"

    def check(self) -> None:
        """Require a closed vote without a lot."""
        super().check()
        self.vote = self.found(Vote.State.CLOSED)
        if self.vote.card["lot_seed"] or self.vote.card["lot_order"]:
            raise ValidationError(_("There is a lot already, and another one would be a choice."))
        self.seed = " ".join(self.seed.split())[:200]
        if not self.seed:
            raise ValidationError(_("Write what was drawn in public: figures or words."))

    def change(self) -> Vote:
        """Keep it in the card and in the log."""
        self.vote.card = self.vote.card | {"lot_seed": self.seed}
        self.vote.save(update_fields=["card"])
        log.add(self.vote, "lot", day_of(self.at()), {"seed": self.seed})
        return self.vote


@dataclass
class Tally(_Ending):
    """Open the box and count."""

    now: datetime | None = None
    verb: ClassVar[str] = "ballot.tally"
    sentence: ClassVar[str] = "{actor} counted the vote in process {number}, as the second person"

    def check(self) -> None:
        """Require a closed vote and another person who asked."""
        super().check()
        self.vote = self.found(Vote.State.CLOSED)
        self.second("tally")

    def change(self) -> Vote:
        """Count by the card that stands since the opening."""
        vote = self.vote
        ballots = ballots_in(vote)
        try:
            vote.result, vote.bundle = counted(vote, ballots)
        except DataError as error:  # equal projects without a lot: somebody has to draw one in public
            raise ValidationError([said(p.said()) for p in error.problems]) from None
        vote.state, vote.tallied_on = Vote.State.TALLIED, timezone.localtime(self.at()).date()
        vote.save(update_fields=["result", "bundle", "state", "tallied_on"])
        told: dict[str, str | int] = {"ballots": len(ballots)}
        if vote.bundle is not None:  # of few ballots a digest would tell all of them to who tries
            told["all"], told["result"] = digest(ballots), digest(vote.result)
            told["bundle"] = hashlib.sha256(vote.bundle).hexdigest()
            told["fingerprint"] = fingerprint_of(vote.bundle)
        log.add(vote, "tallied", day_of(self.at()), told)
        if vote.module.kind in COUNTED:
            COUNTED[vote.module.kind](vote, self.actor)
        return vote
