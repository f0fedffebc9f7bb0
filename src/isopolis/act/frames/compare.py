"""Answers of two dates, and of other cities: compared only where the question has stayed the same."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from isopolis.model.text import phrase

from .answers import Answer, Answers
from .model import ORDERED, Frame, Question

__all__ = ["LEAST", "Change", "PeerLine", "level", "over_time", "with_peers"]

LEAST = 5
"""Fewest other cities whose answers a median may come from."""


@dataclass(frozen=True, slots=True)
class Change:
    """One question at two dates.

    Parameters
    ----------
    question : Question
        As it stands now, or as it stood where it is gone.
    state : str
        ``same``, ``up``, ``down`` (on scales with an order), ``changed``, ``blocked``, ``only_before``,
        ``only_now``, ``open``.
    before, now : Answer or None
    why : str
        Why nothing is compared; empty otherwise.
    """

    question: Question
    state: str
    before: Answer | None
    now: Answer | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class PeerLine:
    """One question beside other cities.

    Parameters
    ----------
    question : Question
    mine : float or None
        Place on the scale, or the number.
    median : float or None
        Of the other cities; ``None`` when it is refused.
    n : int
        Other cities that answered the same question.
    why : str
        Why there is no median.
    """

    question: Question
    mine: float | None
    median: float | None
    n: int
    why: str = ""


def level(question: Question, answer: Answer | None) -> float | None:
    """Return an answer as a number: its place on a scale with an order, or the number itself."""
    if answer is None or answer.state != "answered" or answer.value is None:
        return None
    if question.scale in ORDERED:
        return float(ORDERED[question.scale].index(answer.value))
    return float(answer.value) if question.scale == "number" else None


def over_time(before: Frame, earlier: Answers, now: Frame, later: Answers) -> tuple[Change, ...]:
    """Compare answers of two dates; questions are matched by id, whatever their place and wording.

    Where the meaning, the scale or the choices of a question changed, nothing is compared.
    """
    out = [_change(before.question(q.id), earlier.get(q.id), q, later.get(q.id)) for q in now.asked()]
    kept = {q.id for q in now.asked()}
    why = phrase("The question is no longer asked.")
    gone = [q for q in before.asked() if q.id not in kept and q.id in earlier]
    return (*out, *(Change(q, "only_before", earlier[q.id], None, why) for q in gone))


def _change(old: Question | None, first: Answer | None, new: Question, last: Answer | None) -> Change:
    if old is None or old.absent:
        return Change(new, "only_now", None, last, phrase("The question is new."))
    if old.measured() != new.measured():
        why = phrase("The question came to mean something else, so the answers are not compared.")
        return Change(new, "blocked", first, last, why)
    if first is None or last is None or "answered" not in (first.state, last.state):
        return Change(new, "open", first, last, phrase("One of the two dates has no answer."))
    if first.state != last.state:
        return Change(new, "open", first, last, phrase("One of the two dates has no answer."))
    a, b = level(new, first), level(new, last)
    if a is not None and b is not None:
        return Change(new, "same" if a == b else "up" if b > a else "down", first, last)
    return Change(new, "same" if _plain(first.value) == _plain(last.value) else "changed", first, last)


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, (list, tuple)) else value


def with_peers(
    frame: Frame,
    mine: Answers,
    others: Sequence[tuple[Frame, Answers]],
    least: int = LEAST,
    *,
    exact: bool = False,
) -> tuple[PeerLine, ...]:
    """Put answers beside the median of other cities, each with the frame that it answered.

    A median of fewer than `least` cities is refused; below it one could tell who answered what. With
    `exact` only questions in the same words from the same source count as the same: for frames whose ids
    nobody hands out.
    """
    asked = [q for q in frame.asked() if _has_order(q)]
    if exact:
        wanted = {q.id: _words(frame, q) for q in asked}
        others = [
            (f, {k: a for k, a in given.items() if (q := f.question(k)) and _words(f, q) == wanted.get(k)})
            for f, given in others
        ]
    return tuple(_beside(q, mine.get(q.id), others, least) for q in asked)


def _words(frame: Frame, question: Question) -> tuple[Any, ...]:
    source = question.source or frame.source
    return question.text, source.url, source.title


def _has_order(question: Question) -> bool:
    return question.scale in ORDERED or question.scale == "number"


def _beside(
    question: Question, mine: Answer | None, others: Sequence[tuple[Frame, Answers]], least: int
) -> PeerLine:
    found = []
    for frame, answers in others:
        theirs = frame.question(question.id)
        if theirs is not None and theirs.measured() == question.measured():
            at = level(theirs, answers.get(question.id))
            found += [] if at is None else [at]
    own = level(question, mine)
    if len(found) < least:
        why = phrase("Fewer than {n} other cities answered the same question.", n=least)
        return PeerLine(question, own, None, len(found), why)
    return PeerLine(question, own, statistics.median(found), len(found))
