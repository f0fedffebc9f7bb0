"""What is new for somebody about a budget: of ideas of their own, of the result, of funded projects.

Each piece of news has a key that stays the same as long as it says the same. What has a moment is told within
a fortnight of it, so that nobody who takes mail only from now on is told of last year.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from isopolis.web.ballots.models import Vote
from isopolis.web.modules.models import Process

from .models import Budget, Idea, MailChoice, Milestone

__all__ = ["REMIND_DAYS", "WINDOW", "About", "News", "news_for"]

WINDOW = timedelta(days=14)
REMIND_DAYS = 2
"""How many days before the last one somebody is reminded of a repair."""
State: Any = Idea.State
Step: Any = Milestone.State
Wish: Any = MailChoice.Wish


@dataclass(frozen=True, slots=True)
class News:
    """A piece of news: its key, what it says, words of the city that belong to it, and where more stands."""

    key: str
    text: str
    words: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class About:
    """Everything new about one idea, or about the whole budget when there is no idea."""

    idea: Idea | None
    news: tuple[News, ...]


def news_for(
    budget: Budget,
    vote: Vote | None,
    mine: Iterable[Idea],
    others: Iterable[Idea],
    told: Mapping[str, datetime],
    wish: str,
    now: datetime,
) -> list[About]:
    """Return what somebody has not been told, in the language that is active.

    Parameters
    ----------
    budget, vote
        The budget with its module and process, and its vote if one was opened.
    mine, others : iterable of Idea
        Ideas that the person proposed, and funded projects of others, each with its steps.
    told : mapping of str to datetime
        Keys of what was told already, and when.
    wish : str
        One of `MailChoice.Wish`.
    now : datetime
    """
    if wish == Wish.NONE:
        return []
    found = [About(i, tuple(_of_own(i, budget, vote, told, now))) for i in mine]
    if wish == Wish.ALL:
        found.append(About(None, tuple(_of_all(budget, vote, now))))
        found += [About(i, tuple(_steps(i, budget, now))) for i in others]
    fresh = [About(a.idea, tuple(n for n in a.news if n.key not in told)) for a in found]
    return [a for a in fresh if a.news]


def _path(budget: Budget, name: str, *more: Any) -> str:
    process = budget.module.process
    return reverse(name, args=[process.workspace.slug, process.number, budget.module_id, *more])


def _digest(*parts: Any) -> str:
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:16]


def _recent(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and now - WINDOW <= moment <= now


# -- ideas of one's own ------------------------------------------------------------------------------------
def _of_own(
    idea: Idea, budget: Budget, vote: Vote | None, told: Mapping[str, datetime], now: datetime
) -> Iterator[News]:
    if idea.state == State.REPAIR:
        yield from _repair(idea, budget, told, now)
    elif idea.state in (State.REFUSED, State.MERGED):
        yield from _decided(idea, now)
    elif idea.state == State.IN_CHECK:
        yield from _reopened(idea, told)
    elif idea.state in (State.ACCEPTED, State.ON_BALLOT) and idea.won is None:
        yield from _accepted(idea, budget, vote, now)
    if idea.won is not None and _counted(vote, now):
        said = _("This project is funded.") if idea.won else _("This project is not funded.")
        yield News(f"{idea.number}:result", said, path=_path(budget, "budget_result"))
    yield from _steps(idea, budget, now)


def _repair(idea: Idea, budget: Budget, told: Mapping[str, datetime], now: datetime) -> Iterator[News]:
    running = budget.module.process.state == Process.State.PUBLISHED
    if not running or idea.repair_until is None or idea.repair_until <= now:
        return
    until = timezone.localtime(idea.repair_until)
    # asked again, with another day or another reason, it is another piece of news
    mark = _digest(until.isoformat(), idea.reason)
    day, path = date_format(until, "DATETIME_FORMAT"), _path(budget, "budget_edit", idea.number)
    asked = f"{idea.number}:repair:{mark}"
    if asked not in told:
        yield News(
            asked, _("The city asked for a repair before %(day)s:") % {"day": day}, idea.reason, path
        )  # fmt: skip
        return
    last = (until - timedelta(microseconds=1)).date()
    left, when_told = last - timezone.localdate(now), last - timezone.localdate(told[asked])
    # who heard of it within these days needs no second mail about it
    if left.days <= REMIND_DAYS < when_told.days:
        said = _("The time for the repair that the city asked for ends soon: before %(day)s.") % {"day": day}
        yield News(f"{idea.number}:remind:{mark}", said, idea.reason, path)


def _decided(idea: Idea, now: datetime) -> Iterator[News]:
    if not _recent(idea.decided_at, now):
        return
    if idea.state == State.REFUSED:
        said = _("The city refused this idea, because:")
    elif idea.merged_into is not None:
        said = _("It was merged into idea %(n)s, because:") % {"n": idea.merged_into.number}
    else:
        said = _("It was merged into another idea, because:")
    yield News(_decision(idea), said, idea.reason, idea.get_absolute_url())


def _decision(idea: Idea) -> str:
    return f"{idea.number}:decided:{_digest(idea.decided_at)}"


def _reopened(idea: Idea, told: Mapping[str, datetime]) -> Iterator[News]:
    """Tell those who were told of a decision that it does not stand."""
    start = f"{idea.number}:"
    last = max((k for k in told if k.startswith(start)), key=lambda k: told[k], default="")
    if last.startswith(f"{start}decided:"):
        said = _("The city took back what it had decided about this idea, and checks it again.")
        yield News(f"{start}reopened:{_digest(last)}", said, path=idea.get_absolute_url())


def _accepted(idea: Idea, budget: Budget, vote: Vote | None, now: datetime) -> Iterator[News]:
    # as long as no vote was opened the list of projects may still change
    if vote is None and _recent(idea.decided_at, now):
        said = _("The city accepted this idea: it passed all checks.")
        yield News(_decision(idea), said, path=idea.get_absolute_url())
    elif vote is not None and vote.state != Vote.State.TALLIED:
        if idea.state == State.ON_BALLOT:
            said = _("This idea is on the ballot.")
            yield News(f"{idea.number}:ballot", said, path=_path(budget, "budget_vote"))
        else:
            said = _("This idea is not on the ballot. The city says:")
            yield News(f"{idea.number}:left out", said, idea.reason, idea.get_absolute_url())


# -- the result and what comes after it ---------------------------------------------------------------------
def _counted(vote: Vote | None, now: datetime) -> bool:
    if vote is None or vote.state != Vote.State.TALLIED or vote.tallied_on is None:
        return False
    return vote.tallied_on >= timezone.localdate(now - WINDOW)


def _of_all(budget: Budget, vote: Vote | None, now: datetime) -> Iterator[News]:
    if _counted(vote, now):
        yield News("result", _("The vote is counted."), path=_path(budget, "budget_result"))


def _steps(idea: Idea, budget: Budget, now: datetime) -> Iterator[News]:
    if not idea.won:
        return
    path = _path(budget, "budget_built", idea.number)
    for row in sorted(idea.milestones.all(), key=lambda r: (r.position, r.pk)):
        if not _recent(row.changed_at, now):
            continue
        held_up = row.note if row.state in (Step.LATE, Step.STOPPED) else ""
        key = f"{idea.number}:step:{row.pk}:{_digest(row.state, row.planned_on, row.reached_on, held_up)}"
        yield News(key, f"\u2068{row.what}\u2069: {_how_far(row)}", held_up, path)


def _how_far(row: Milestone) -> str:
    shown = str(row.get_state_display())
    if row.state == Step.REACHED or row.planned_on is None:
        return f"{shown}, {date_format(row.reached_on, 'DATE_FORMAT')}" if row.reached_on else shown
    day = date_format(row.planned_on, "DATE_FORMAT")
    if row.state == Step.PLANNED:
        return _("planned for %(day)s") % {"day": day}
    return _("%(state)s, planned for %(day)s") % {"state": shown, "day": day}
