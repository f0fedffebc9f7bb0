"""Who somebody is in a conversation, and their votes. Voting is no action: a log would tell its moment."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from isopolis.engage.representation.cells import Cell
from isopolis.model import CallError
from isopolis.model.groups import Group
from isopolis.web.actions import ValidationError
from isopolis.web.participation import record, take_back
from isopolis.web.permissions import require

from .limits import let_in, let_vote
from .models import About, Archive, Conversation, Statement, Vote, Voter

__all__ = ["Person", "cast", "describe", "enter", "find", "forget_groups", "leave"]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody before a page.

    Parameters
    ----------
    user : user or AnonymousUser
    known : UUID or None
        Out of a cookie that we signed.
    fresh : UUID or None
        Out of the sign of a page, for somebody new.
    address : str
        Where the request comes from; it is not stored.
    """

    user: Any
    known: uuid.UUID | None = None
    fresh: uuid.UUID | None = None
    address: str = ""


def find(conversation: Conversation, person: Person) -> Voter | None:
    """Return the voter that somebody is; None for somebody new."""
    mine = Voter.objects.filter(conversation=conversation, brought=False)
    if person.user.is_authenticated:
        found = mine.filter(user=person.user).first()
        if found is not None:
            return found
    # with the cookie of somebody else's account nobody votes in their place
    return mine.filter(pk=person.known, user=None).first() if person.known else None


def enter(conversation: Conversation, person: Person, now: datetime) -> Voter:
    """Return the voter that somebody is, made now for somebody new; inside the caller's transaction."""
    found = find(conversation, person)
    if found is not None:
        if found.user_id is None and person.user.is_authenticated:
            # who voted without an account and signs in goes on as the same person, and is not counted twice
            found.user = person.user
            found.save(update_fields=["user"])
        return found
    if person.user.is_authenticated:
        return _new(conversation, uuid.uuid4(), person.user)
    if person.fresh is None:
        raise ValidationError(_("This came back very quickly, or very late. Please send it once more."))
    there = Voter.objects.filter(pk=person.fresh).first()
    if there is not None:  # the same page sent twice, before the cookie came
        if there.conversation_id != conversation.pk or there.user_id is not None or there.brought:
            raise ValidationError(_("This belongs to another conversation."))
        return there
    let_in(conversation.module_id, person.address, now)
    return _new(conversation, person.fresh, None)


def _new(conversation: Conversation, name: uuid.UUID, user: Any) -> Voter:
    try:
        with transaction.atomic():
            made = Voter.objects.create(id=name, conversation=conversation, user=user)
    except IntegrityError:  # the same person, at the same moment
        where = {"user": user} if user is not None else {"pk": name}
        return Voter.objects.get(conversation=conversation, **where)
    record(conversation.module, "web", str(Cell()))
    return made


def cast(
    conversation: Conversation, person: Person, statement: Statement, value: int, now: datetime
) -> Voter:
    """Keep what somebody thinks of a statement, in the place of what they thought before.

    Raises
    ------
    PermissionDenied
        When voting is not open.
    ValidationError
        When it cannot be taken, with a sentence.
    """
    require(person.user, "opinion.vote", conversation.process.workspace, conversation, now=now)
    if value not in Vote.Value.values:
        raise ValidationError(_("Choose one of the answers."))
    with transaction.atomic():
        voter = enter(conversation, person, now)
        let_vote(conversation.module_id, voter.pk, person.address, now)
        there = Statement.objects.filter(pk=statement.pk, conversation=conversation).first()
        if there is None or not there.open:
            raise ValidationError(_("This statement cannot be voted on any more."))
        _vote, made = Vote.objects.update_or_create(voter=voter, statement=there, defaults={"value": value})
        if made:
            Statement.objects.filter(pk=there.pk).update(votes=F("votes") + 1)
    return voter


def describe(conversation: Conversation, person: Person, traits: dict[str, str], now: datetime) -> Voter:
    """Keep what somebody says of themselves; nothing said takes back what was said before."""
    require(person.user, "opinion.vote", conversation.process.workspace, conversation, now=now)
    choices = conversation.choices()
    said = {a: v for a, v in traits.items() if v}
    if any(v not in choices.get(a, ()) for a, v in said.items()):
        raise ValidationError(_("Choose one of the answers."))
    with transaction.atomic():
        voter = find(conversation, person)
        if voter is None:
            raise ValidationError(_("Vote on a statement first; this is about those who voted."))
        if said:
            About.objects.update_or_create(voter=voter, defaults={"traits": said})
        else:
            About.objects.filter(voter=voter).delete()
        _move(voter, conversation, _cell_of(said))
    return voter


def _cell_of(said: dict[str, str]) -> str:
    try:
        return str(Cell("", Group.of(**said)) if said else Cell())
    except CallError:  # a name that groups cannot have: the person counts, the group is not told
        return str(Cell())


def _move(voter: Voter, conversation: Conversation, cell: str) -> None:
    if cell == voter.cell:
        return
    try:
        with transaction.atomic():
            take_back(conversation.module, "web", voter.cell)
            record(conversation.module, "web", cell)
    except CallError:  # nothing to take back, or a cell too long to be written: it stays where it was
        return
    voter.cell = cell
    voter.save(update_fields=["cell"])


def forget_groups(conversations: Iterable[int]) -> int:
    """Remove what voters said of themselves, also where it tells in which cell they were counted."""
    ended = Voter.objects.filter(conversation__in=list(conversations))
    ended.exclude(cell="").update(cell=str(Cell()))
    gone, _each = About.objects.filter(voter__in=ended).delete()
    return gone


def leave(conversation: Conversation, voter: Voter) -> None:
    """Remove a voter: votes, what they said of themselves, their place in the count of participants.

    The file of single votes goes, and no result that is being computed is kept; one that is public already
    stays. Statements that they wrote stay with all their text, and lose their author.
    """
    voted = list(Vote.objects.filter(voter=voter).values_list("statement", flat=True))
    for start in range(0, len(voted), 500):
        Statement.objects.filter(pk__in=voted[start : start + 500], votes__gt=0).update(votes=F("votes") - 1)
    try:
        with transaction.atomic():
            take_back(conversation.module, "web", voter.cell)
    except CallError:  # the count was cleared meanwhile
        pass
    # what is being computed from their votes is not kept either
    Conversation.objects.filter(pk=conversation.pk).update(revision=F("revision") + 1)
    Archive.objects.filter(conversation=conversation).delete()
    voter.delete()
