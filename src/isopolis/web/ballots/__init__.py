"""A vote with a roll, a ballot box without a key to the voter, and a log that is chained.

What a kind of module uses (`docs/ballots.md` tells how it works and what it does not protect from)::

    from isopolis.web import ballots

    ballots.open_vote(officer, module, card, question)         # the projects, kind of ballot and rule stand
    ballots.load_roll(officer, module, [Person("12-345", cell="0601|age=65+")])
    ballots.make_letters(officer, module, ["12-345"])          # {identifier: code}, shown once, never kept
    ballots.cast(module, ["p1", "p7"], code="7KQ2-…")          # a Receipt, after the ballot is on the disk
    ballots.close(officer, module); ballots.close(another, module)
    ballots.tally(officer, module); ballots.tally(another, module)

Pages are here too: ``reverse("ballot_vote", args=[slug, number, module.pk])`` is where people vote,
``ballot_desk`` where officers load the roll, print codes, enter paper, close and tally, ``ballot_log`` the
public log, ``ballot_receipt`` where a receipt is looked up. All take the same three arguments.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from isopolis.engage.ledger.ballot import Question

    from .casting import Receipt
    from .models import Vote
    from .roll import Loaded, Person

__all__ = [
    "cast", "cast_for", "close", "draw_lot", "enter", "free", "give_up", "load_roll", "make_letters",
    "make_package", "mark", "open_vote", "revoke", "tally", "turnout", "vote_of",
]  # fmt: skip

Choice = Sequence[str] | Mapping[str, int]
"""Ids of projects (the best first in a ranking), or points by id."""


def vote_of(module: Any) -> Vote | None:
    """Return the vote of a module; None as long as none was opened.

    `Vote.state` is ``open``, ``closed`` or ``tallied``; `Vote.question` what is voted on; `Vote.card` the
    rule; `Vote.result` what `isopolis vote --json` says, once it is tallied; ``ballot_bundle`` is the
    address of what everybody may have to count it again.
    """
    from .models import Vote

    return Vote.objects.filter(module=module).defer("bundle").first()


def open_vote(actor: Any, module: Any, card: Mapping[str, Any], question: Question, **more: Any) -> Vote:
    """Fix what is voted on and by which rule. Neither can be changed afterwards: both are in the log.

    When people can vote is said by the phases of the module that open ``vote``, not here.

    Parameters
    ----------
    actor : account
        Somebody who may ``ballot.manage``.
    module : modules.Module
        Without a vote so far.
    card : mapping
        Rule card as plain JSON, the seed of a lot included.
    question : Question
        Name, currency, scale, budget, kind of ballot, limits and projects.
    **more
        ``least``, the smallest batch that enters the box (50), and ``now``.

    Raises
    ------
    ValidationError
        If there is a vote already, or the question makes no sense; everything at once.
    """
    from .actions import OpenVote

    return OpenVote(actor, module.process.workspace, module, dict(card), question, **more).run()


def load_roll(actor: Any, module: Any, people: Iterable[Person], *, now: datetime | None = None) -> Loaded:
    """Put people on the roll: only keyed hashes of their identifiers are kept.

    Who is on it already is left as it is. `Loaded` says how many are new, how many were there, and how many
    lines of the list name somebody twice.
    """
    from .actions import LoadRoll

    return LoadRoll(actor, module.process.workspace, module, list(people), now=now).run()


def make_letters(
    actor: Any, module: Any, identifiers: Iterable[str], *, now: datetime | None = None
) -> dict[str, str]:
    """Make a one-time code for each of these people of the roll, for letters; older codes of theirs end.

    The codes are returned once and kept as salted hashes only. Who is not on the roll, or has voted, gets
    none.
    """
    from .actions import MakeLetters

    return MakeLetters(actor, module.process.workspace, module, list(identifiers), now=now).run()


def make_package(
    actor: Any, module: Any, count: int, label: str, *, now: datetime | None = None
) -> list[str]:
    """Make codes for people whom no register knows, for those who hand them out (social workers, shelters).

    Each code is a place of its own on the roll. How many there are, and for whom, stands in the public log.
    """
    from .actions import MakePackage

    return MakePackage(actor, module.process.workspace, module, count, label, now=now).run()


def cast(
    module: Any, choice: Choice, *, code: str, channel: str = "web", address: str = "",
    now: datetime | None = None,
) -> Receipt:  # fmt: skip
    """Take a ballot with a one-time code; return only once it is safely on the disk.

    The first accepted ballot of a person counts, whatever its channel.

    Parameters
    ----------
    module : modules.Module
    choice : sequence of str, or mapping of str to int
        Ids of projects (the best first in a ranking), or points by id.
    code : str
        As printed; spaces, dashes and small letters do not matter.
    channel : str
        ``web``, ``kiosk``, ``sms`` or ``phone``.
    address : str
        Where it comes from, to slow down guessing; never kept.

    Raises
    ------
    RefusedError
        A `ValidationError` with ``reason``: ``code`` (unknown or wrong), ``used`` (this person has voted),
        ``revoked``, ``closed``, ``ballot`` (the choice breaks a limit), ``many`` (too many wrong codes).
    PermissionDenied
        If no phase opens ``vote`` now, with the day in the reason.
    """
    from .casting import cast_with_code

    return cast_with_code(module, choice, code=code, channel=channel, address=address, now=now)


def cast_for(
    actor: Any, module: Any, choice: Choice, *, identifier: str, channel: str = "assisted",
    now: datetime | None = None,
) -> Receipt:  # fmt: skip
    """Take a ballot for somebody of the roll who is there, by an officer who sees it (channel ``assisted``).

    Use `mark` and `enter` for paper in envelopes, where the officer must not know whose ballot it is.

    Raises
    ------
    RefusedError
        As `cast`; ``roll`` when the person is not on the roll.
    """
    from .actions import CastFor

    return CastFor(actor, module.process.workspace, module, choice, identifier, channel, now=now).run()


def mark(
    actor: Any, module: Any, identifier: str, *, channel: str = "paper", now: datetime | None = None
) -> None:
    """Write down that somebody of the roll votes on paper (the outer envelope); no ballot is entered yet.

    Raises
    ------
    RefusedError
        ``used``, ``revoked``, ``roll`` or ``closed``: then the envelope is put aside unopened.
    """
    from .actions import Mark

    Mark(actor, module.process.workspace, module, identifier, channel, now=now).run()


def enter(
    actor: Any, module: Any, choice: Choice | None, *, channel: str = "paper", now: datetime | None = None
) -> Receipt | None:
    """Enter a paper ballot (the inner envelope) of nobody in particular; never more than were marked.

    A choice of None is a sheet that cannot be counted; then there is no receipt.

    Raises
    ------
    RefusedError
        ``marks`` when there are as many ballots as marks, ``ballot`` or ``closed``.
    """
    from .actions import Enter

    return Enter(actor, module.process.workspace, module, choice, channel, now=now).run()


def revoke(actor: Any, module: Any, identifier: str, *, now: datetime | None = None) -> None:
    """Take somebody who has not voted off the roll; nothing can be cast in their name any more."""
    from .actions import Revoke

    Revoke(actor, module.process.workspace, module, identifier, now=now).run()


def close(actor: Any, module: Any, *, now: datetime | None = None) -> str:
    """Ask to close the vote for good, or, as a second person, close it.

    Returns
    -------
    str
        ``asked``, or ``closed``: the last ballots are in the box, and it takes no more.

    Raises
    ------
    ValidationError
        If people can still vote, paper ballots are missing, or the same person asks twice.
    """
    from .ending import step

    return step("close", actor, module, now)


def draw_lot(actor: Any, module: Any, seed: str, *, now: datetime | None = None) -> None:
    """Write down a lot that was drawn in public after closing, where the rule card has none; only once.

    Raises
    ------
    ValidationError
        If the vote is not closed, or has a lot.
    """
    from .ending import DrawLot

    DrawLot(actor, module.process.workspace, module, seed, now=now).run()


def free(actor: Any, module: Any, identifier: str, receipt: str, *, now: datetime | None = None) -> None:
    """Let somebody vote again whose ballot was lost in a restore, and who has its receipt."""
    from .recovery import Free

    Free(actor, module.process.workspace, module, identifier, receipt, now=now).run()


def give_up(actor: Any, module: Any, *, now: datetime | None = None) -> str:
    """Ask to give up ballots lost in a restore, or, as a second person, do it (``asked``, ``given_up``)."""
    from .ending import step

    return step("give_up", actor, module, now)


def take_back_ask(actor: Any, module: Any, kind: str, *, now: datetime | None = None) -> None:
    """Take back that a second person was asked for; ``kind`` is ``close``, ``tally`` or ``give_up``."""
    from .ending import TakeBackAsk

    TakeBackAsk(actor, module.process.workspace, module, kind, now=now).run()


def tally(actor: Any, module: Any, *, now: datetime | None = None) -> str:
    """Ask for the tally, or, as a second person, open the box and count it by the rule card.

    Every ballot is held against its batch, the log against its chain, rule and projects against what the
    log says of the opening. Afterwards `vote_of(module).result` has the result.

    Returns
    -------
    str
        ``asked`` or ``tallied``.

    Raises
    ------
    ValidationError
        If something does not fit, with what; if the same person asks twice; if the vote is not closed.
    """
    from .ending import step

    return step("tally", actor, module, now)


def turnout(module: Any) -> dict[str, int]:
    """Return how many are on the roll (``roll``), voted (``voted``) and by which channel, for officers."""
    from .roll import turnout_of

    return turnout_of(module)
