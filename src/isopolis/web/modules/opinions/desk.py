"""Changes by the officer: settings, the result, closing, and a conversation brought from elsewhere."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from isopolis.model import DataError
from isopolis.web import jobs
from isopolis.web.actions import ValidationError
from isopolis.web.languages import said
from isopolis.web.modules.comments.words import plain
from isopolis.web.participation import record

from .actions import MOST_STATEMENTS, OfConversation
from .models import TEXT_LEAST, TEXT_MOST, Conversation, Statement, Vote, Voter

__all__ = ["KIND", "Bring", "Close", "Compute", "SetUp", "ask"]

KIND = "opinions"
CENSUS_BYTES = 200_000
MOST_BROUGHT = 150_000
"""Votes that are brought by one upload; larger ones are mapped by the command line."""
LONGEST_BROUGHT = 1000


def ask(conversation: Conversation, by: Any) -> None:
    """Queue the computation of a result."""
    conversation.revision += 1
    conversation.save(update_fields=["revision"])
    jobs.submit(
        conversation.process.workspace, KIND, conversation.pk,
        f"{conversation.pk.hex}-{conversation.revision}", by,
    )  # fmt: skip


@dataclass
class SetUp(OfConversation):
    """Set how long statements may be, and the residents that voters are held against."""

    longest: int
    residents: int | None = None
    census: bytes = b""
    verb: ClassVar[str] = "opinion.set_up"
    sentence: ClassVar[str] = "{actor} set up the conversation in process {number}"

    def check(self) -> None:
        """Require a length that can be, and a table that can be read."""
        super().check()
        if not TEXT_LEAST <= self.longest <= TEXT_MOST:
            told = _("A statement has at most %(least)s to %(most)s characters.")
            raise ValidationError(told % {"least": TEXT_LEAST, "most": TEXT_MOST})
        self.families = self.found.census
        if not self.census:
            return
        if Voter.objects.filter(conversation=self.found).exclude(about=None).exists():
            raise ValidationError(
                _("People have described themselves by the groups already. These cannot be changed any more.")
            )
        if len(self.census) > CENSUS_BYTES:
            raise ValidationError(_("The table is too large."))
        from isopolis.flows.opinions_town import census_plain

        try:
            self.families = census_plain(self.census)
        except DataError as error:
            raise ValidationError([said(p.said()) for p in error.problems]) from None

    def change(self) -> Conversation:
        """Keep it."""
        self.found.longest, self.found.residents = self.longest, self.residents
        self.found.census = self.families
        self.found.save(update_fields=["longest", "residents", "census"])
        return self.found


@dataclass
class Compute(OfConversation):
    """Have the result computed."""

    now: datetime | None = None
    verb: ClassVar[str] = "opinion.compute"
    sentence: ClassVar[str] = "{actor} asked for the map of opinions in process {number}"

    def check(self) -> None:
        """Require votes."""
        super().check()
        if not Vote.objects.filter(voter__conversation=self.found).exists():
            raise ValidationError(_("Nobody has voted yet."))

    def change(self) -> Conversation:
        """Queue it."""
        ask(self.found, self.actor)
        return self.found


@dataclass
class Close(OfConversation):
    """Close a conversation before its last day, for good; the result is computed."""

    now: datetime | None = None
    verb: ClassVar[str] = "opinion.close"
    sentence: ClassVar[str] = "{actor} closed the conversation in process {number}"

    def check(self) -> None:
        """Require one that is open."""
        super().check()
        if self.found.closed_at is not None:
            raise ValidationError(_("The conversation is closed already."))

    def change(self) -> Conversation:
        """Close it."""
        self.found.closed_at = self.at()
        self.found.save(update_fields=["closed_at"])
        if Vote.objects.filter(voter__conversation=self.found).exists():
            ask(self.found, self.actor)
        return self.found


@dataclass
class Bring(OfConversation):
    """Bring a conversation that was held elsewhere, in the form that Polis exports."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    language: str = ""
    now: datetime | None = None
    verb: ClassVar[str] = "opinion.bring"
    sentence: ClassVar[str] = "{actor} brought a conversation from elsewhere into process {number}"

    def check(self) -> None:
        """Require files that can be read, and a conversation that nobody has voted in."""
        super().check()
        if Voter.objects.filter(conversation=self.found).exists():
            raise ValidationError(
                _("People take part here already: votes from elsewhere would mix with theirs.")
            )
        from isopolis.flows.opinions_town import brought

        try:
            self.brought = brought(self.files)
        except DataError as error:
            raise ValidationError([said(p.said()) for p in error.problems]) from None
        if len(self.brought.votes.value) > MOST_BROUGHT or len(self.brought.statements) > MOST_STATEMENTS:
            told = _("At most %(votes)s votes on %(statements)s statements can be brought by this page.")
            raise ValidationError(told % {"votes": MOST_BROUGHT, "statements": MOST_STATEMENTS})

    def change(self) -> Conversation:
        """Keep statements, voters without names, and votes."""
        votes = self.brought.votes
        last = Statement.objects.filter(conversation=self.found).aggregate(n=Max("number"))["n"] or 0
        day, counts = timezone.localtime(self.at()).date(), _per_statement(votes)
        rows = Statement.objects.bulk_create(
            [
                Statement(
                    conversation=self.found, number=last + n, language=self.language[:12], day=day,
                    text=" ".join(plain(text).split())[:LONGEST_BROUGHT] or f"({n})", votes=counts[n - 1],
                    state=Statement.State.REFUSED if moderated < 0 else Statement.State.ACCEPTED,
                )
                for n, (text, moderated) in enumerate(self.brought.statements, 1)
            ],
            batch_size=500,
        )  # fmt: skip
        people = [Voter(id=uuid.uuid4(), conversation=self.found, brought=True) for _p in votes.people]
        Voter.objects.bulk_create(people, batch_size=500)
        given = zip(votes.person.tolist(), votes.statement.tolist(), votes.value.tolist(), strict=True)
        Vote.objects.bulk_create(
            (Vote(voter_id=people[p].pk, statement_id=rows[s].pk, value=v) for p, s, v in given),
            batch_size=1000,
        )
        record(self.module, "import", weight=len(people))
        return self.found


def _per_statement(votes: Any) -> list[int]:
    import numpy as np

    counted: list[int] = np.bincount(votes.statement, minlength=len(votes.statements)).tolist()
    return counted
