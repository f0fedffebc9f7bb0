"""One exchange as it is planned and carried out, and its pre-check by the rules of the programme."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from isopolis.act.rules import Verdict, judge
from isopolis.act.rules import shipped as rules_shipped

from .lessons import Lesson
from .workflow import Workflow

__all__ = ["Dated", "Exchange", "Peer", "Visit", "facts_of", "months_between", "precheck"]


@dataclass(frozen=True, slots=True)
class Peer:
    """A city that takes part.

    Parameters
    ----------
    name, country : str
        Country as two letters; empty where it is not known.
    degurba : int or None
        Degree of urbanisation, 1 to 3.
    article11 : bool or None
    persons : int or None
        People who come from it.
    """

    name: str
    country: str = ""
    degurba: int | None = None
    article11: bool | None = None
    persons: int | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit: when and where."""

    start: date
    end: date
    place: str = ""

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError("a visit ends on the day it begins or later")


@dataclass(frozen=True, slots=True)
class Dated:
    """A step with the day for which it is planned and the day on which it was done."""

    step: str
    planned: date | None = None
    done: date | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """An exchange of one city with others.

    Parameters
    ----------
    title : str
    workflow : Workflow
    started : date
    questions : tuple of str
        What the city wants to know.
    peers : tuple of Peer
    visits : tuple of Visit
    steps : tuple of Dated
    lessons : tuple of Lesson
    stated : mapping of fact to value
        Facts for the rules that nothing else here tells.
    closed : date or None
        Day on which it was ended.
    """

    title: str
    workflow: Workflow
    started: date
    questions: tuple[str, ...] = ()
    peers: tuple[Peer, ...] = ()
    visits: tuple[Visit, ...] = ()
    steps: tuple[Dated, ...] = ()
    lessons: tuple[Lesson, ...] = ()
    stated: Mapping[str, Any] = field(default_factory=dict)
    closed: date | None = None

    def ended(self) -> date | None:
        """Return the day it ended: the day it was closed, else of its last visit."""
        return self.closed or max((v.end for v in self.visits), default=None)


def months_between(first: date, last: date) -> float:
    """Count months from one day to another; the same day of the next month is exactly one.

    Days beyond whole months count as thirty-firsts, so that five months and a day are more than five.
    """
    return (last.year - first.year) * 12 + last.month - first.month + (last.day - first.day) / 31


def facts_of(exchange: Exchange) -> dict[str, Any]:
    """Return what the exchange itself tells the rules, over what was stated.

    What is planned here cannot be stated otherwise; a peer, visit or question that is not entered yet leaves
    its facts as they were stated, or missing.
    """
    known = rules_shipped(exchange.workflow.rules).fields if exchange.workflow.rules else {}
    told = {**_of_peers(exchange.peers), **_of_visits(exchange), **_of_steps(exchange)}
    if any(q.strip() for q in exchange.questions):
        told["guiding_questions"] = sum(bool(q.strip()) for q in exchange.questions)
    out = {k: v for k, v in {**exchange.stated, **told}.items() if k in known}
    return {k: v for k, v in out.items() if v is not None}


def _of_peers(peers: tuple[Peer, ...]) -> dict[str, Any]:
    if not peers:
        return {}
    first, persons = peers[0], [p.persons for p in peers]
    out = {
        "peers": len(peers),
        "peer_cities": len(peers),
        "peer_named": True,
        "peer_country": first.country or None,
        "peer_degurba": first.degurba,
        "peer_article11": first.article11,
        **_of_second(peers[1:2]),
        "peers_degurba": [None if p.degurba is None else str(p.degurba) for p in peers],
    }
    known = [p for p in persons if p is not None]
    # one city with too many says no already; otherwise all must be known
    if known and (len(known) == len(persons) or max(known) > 2):
        out["most_persons_of_a_city"] = max(known)
    return {k: v for k, v in out.items() if v is not None}


def _of_second(peers: tuple[Peer, ...]) -> dict[str, Any]:
    return {
        k: v
        for p in peers
        for k, v in (
            ("second_peer_country", p.country or None),
            ("second_peer_degurba", p.degurba),
            ("second_peer_article11", p.article11),
        )
    }


def _of_visits(exchange: Exchange) -> dict[str, Any]:
    if not exchange.visits:
        return {}
    first, last = min(v.start for v in exchange.visits), max(v.end for v in exchange.visits)
    out: dict[str, Any] = {"visits": len(exchange.visits)}
    if exchange.workflow.step("event"):
        longest = max(exchange.visits, key=lambda v: v.end - v.start)
        return out | {"event_days": (longest.end - longest.start).days + 1}
    return out | {"months": months_between(first, last)}


def _of_steps(exchange: Exchange) -> dict[str, Any]:
    dated = {d.step for d in exchange.steps if d.planned or d.done}
    return {s.fact: True for s in exchange.workflow.steps if s.fact and s.id in dated}


def precheck(exchange: Exchange, on: date, language: str = "en") -> Verdict | None:
    """Judge an exchange by the rules of its programme; None where it has none.

    Raises
    ------
    DataError
        When a stated fact has another type than the rules want.
    """
    if not exchange.workflow.rules:
        return None
    return judge(rules_shipped(exchange.workflow.rules), facts_of(exchange), on, language)
