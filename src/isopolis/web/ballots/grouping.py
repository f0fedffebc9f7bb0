"""Accepting ballots: mark and ballot in one transaction, those of many in one, an answer after its commit.

Whoever comes first takes along everybody who came meanwhile, so that one wait for the disk serves many. The
others find their answer when their turn comes. A process that dies takes with it only ballots that nobody was
told of.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, DataError, IntegrityError, connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from isopolis.model import IsopolisError
from isopolis.web.modules.models import Module
from isopolis.web.participation import record_many

from . import box, rows
from .models import Papers, Vote

__all__ = ["REASONS", "Job", "RefusedError", "submit"]

MOST = 64
"""Ballots in one transaction: nobody waits for more than these."""
PAPER = "paper"
REFUSED = {"open": "", "voted": "used", "revoked": "revoked"}
logger = logging.getLogger(__name__)

REASONS = {
    "code": gettext_noop("This code is not known here. Look at the letter again: every letter counts."),
    "used": gettext_noop("This person has voted already. The first ballot counts; this one does not."),
    "revoked": gettext_noop("Nobody can vote with this code any more."),
    "roll": gettext_noop("This person is not on the roll."),
    "closed": gettext_noop("No ballots are taken here any more."),
    "marks": gettext_noop("As many paper ballots were entered as people were marked. Mark the next one."),
    "many": gettext_noop("Many wrong codes came from here just now. Wait ten minutes, then try again."),
    "ballot": gettext_noop("This ballot cannot be counted as it is."),
    "busy": gettext_noop("Your ballot was not taken, because the server is busy. Please send it again."),
}  # fmt: skip


class RefusedError(ValidationError):
    """A ballot that was not taken, and why.

    Attributes
    ----------
    reason : str
        A key of `REASONS`.
    """

    def __init__(self, reason: str, message: Any = None) -> None:
        super().__init__(_(REASONS[reason]) if message is None else message, code=reason)
        self.reason = reason


@dataclass(eq=False)
class Job:
    """What somebody waits for: a mark on the roll, a ballot, or both.

    Parameters
    ----------
    vote : UUID
    room : int
        Bytes in which every ballot of the vote fits.
    day : str
        For the log, if the box is filled by the way.
    entry : str
        Key on the roll; empty for a paper ballot of nobody in particular.
    channel : str
    cell : str
        Of the person, for the participation record.
    slip : Slip or None
        None when somebody is only marked.
    """

    vote: Any
    room: int
    day: str
    channel: str
    entry: str = ""
    cell: str = ""
    slip: box.Slip | None = None
    done: bool = False
    error: Exception | None = None


_mutex, _turn = threading.Lock(), threading.Lock()
_queue: list[Job] = []


def submit(job: Job) -> None:
    """Return when it is safely on the disk; raise `RefusedError` when it was not taken."""
    if connection.in_atomic_block:
        # somebody else's transaction is around this one: its end is not ours to tell others about
        _committed([job])
    else:
        with _mutex:
            _queue.append(job)
        with _turn:
            while not job.done:
                _lead()
    if job.error is not None:
        raise job.error


def _lead() -> None:
    """Take the first of those who wait; who comes after them is the leader's of another turn."""
    with _mutex:
        group = _queue[:MOST]
        del _queue[:MOST]
    votes: dict[Any, list[Job]] = defaultdict(list)
    for job in group:
        votes[job.vote].append(job)
    try:
        for jobs in votes.values():
            _committed(jobs)
    finally:  # whatever happens, nobody waits for ever
        for job in group:
            job.done = True


def _committed(jobs: Sequence[Job]) -> None:
    """Commit them together; one by one when something is wrong with one of them."""
    for job in jobs:
        job.error = RefusedError("busy")  # until the commit is over
    try:
        outcome, full = _written(jobs)
    except (DataError, IntegrityError, IsopolisError) as error:
        if len(jobs) > 1:
            for job in jobs:
                _committed([job])
        else:
            logger.error("a ballot could not be written: %s", type(error).__name__)
        return
    except (DatabaseError, OSError) as error:
        # whether the commit was the last that happened is not known: nobody is told that it was
        logger.error("%d ballots could not be written: %s", len(jobs), type(error).__name__)
        return
    for job, refused in zip(jobs, outcome, strict=True):
        job.error = RefusedError(refused) if refused else None
    if full:
        _mixed(jobs[0])


def _mixed(job: Job) -> None:
    """Shuffle; the ballots are accepted already, so a failure here is nobody's who votes."""
    try:
        box.mix(job.vote, job.day)
    except (DatabaseError, IsopolisError, OSError) as error:
        logger.error("the ballots that wait could not be shuffled: %s", type(error).__name__)


def _written(jobs: Sequence[Job]) -> tuple[list[str], bool]:
    """Write one group of one vote; return why each was refused, if it was, and whether enough waits now."""
    with transaction.atomic():
        vote = rows.locked(jobs[0].vote)
        if vote is None or vote.state != Vote.State.OPEN:
            return ["closed"] * len(jobs), False
        refused = _marked(vote, jobs)
        for job in jobs:
            if job.channel == PAPER and not refused[job]:
                refused[job] = _paper(vote, job)
        taken = [job for job in jobs if not refused[job]]
        box.put(vote, [job.slip for job in taken if job.slip is not None], jobs[0].room)
        people: Counter[tuple[str, Any]] = Counter((j.channel, j.cell or None) for j in taken if j.entry)
        if people:
            record_many(Module(pk=vote.module_id), people)
        return [refused[job] for job in jobs], bool(taken) and box.due(vote)


def _marked(vote: Vote, jobs: Sequence[Job]) -> dict[Job, str]:
    """Mark the roll, who came first with an entry; return why others are refused, or nothing."""
    first = {job.entry: job for job in reversed(jobs) if job.entry}
    kept = rows.states(vote, sorted(first)) if first else {}
    refused = {}
    by_channel: dict[str, list[str]] = defaultdict(list)
    for job in jobs:
        state = kept.get(job.entry, "")
        refused[job] = "" if not job.entry else REFUSED.get(state, "roll")
        if state == "open":
            refused[job] = "" if first[job.entry] is job else "used"
            if first[job.entry] is job:
                by_channel[job.channel].append(job.entry)
    for channel, entries in sorted(by_channel.items()):
        if rows.mark(vote, channel, entries) != len(entries):
            raise IntegrityError("somebody else has marked a right to vote in between")
    return refused


def _paper(vote: Vote, job: Job) -> str:
    """Count an envelope, or find one that has no ballot yet; return why not, or nothing."""
    papers = Papers.objects.filter(vote=vote)
    if job.entry:
        papers.update(marked=F("marked") + 1)
    if job.slip is not None and not papers.filter(entered__lt=F("marked")).update(entered=F("entered") + 1):
        return "marks"
    return ""
