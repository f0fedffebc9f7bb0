"""What the guards of a plan need to know beside it: vocabulary, clock, and what other apps tell of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from isopolis.act.plan import Facts, facts_of
from isopolis.learn.vocabulary import Vocabulary, shipped
from isopolis.web.languages import page_language
from isopolis.web.vocabulary.local import vocabulary_of

from .models import ActionPlan

__all__ = ["LISTENERS", "Told", "facts", "label", "words_of"]


@dataclass(frozen=True, slots=True)
class Told:
    """What an app tells of a plan.

    Parameters
    ----------
    known : bool
        It knows of a public consultation on the plan; the days in the plan itself count only without one.
    over : bool
        Every such consultation is over.
    asked : frozenset of str
        Ids of the actions that people were asked about.
    open_points : dict of str to int
        Points without an answer, by id of the action; "" for the plan as a whole.
    links : tuple of (str, address)
        What a page of the plan can lead to.
    """

    known: bool = False
    over: bool = False
    asked: frozenset[str] = frozenset()
    open_points: dict[str, int] = field(default_factory=dict)
    links: tuple[tuple[Any, str], ...] = ()


LISTENERS: list[Callable[[ActionPlan, Any], Told]] = []
"""Asked about a plan with the time; the consultation puts itself here when it is installed."""


def words_of(workspace: Any) -> Vocabulary:
    """Return the vocabulary, with the words of a city's own where it has some."""
    return shipped() if workspace is None else vocabulary_of(workspace)


def label(vocabulary: Vocabulary) -> Callable[[str], str]:
    """Return a function from the id of a term to its words in the language of the page."""
    language = page_language()
    return lambda term: vocabulary.label(term, language) if term in vocabulary else term


def told(row: ActionPlan, now: Any) -> list[Told]:
    """Ask every app that has something to tell."""
    return [listener(row, now) for listener in LISTENERS]


def facts(row: ActionPlan, now: Any = None) -> Facts:
    """Return what the guards need."""
    now = now or timezone.now()
    heard = told(row, now)
    points: dict[str, int] = {}
    for one in heard:
        for name, n in one.open_points.items():
            points[name] = points.get(name, 0) + n
    today = timezone.localtime(now).date()
    own = facts_of(row.plan, words_of(row.workspace), today, points)
    knowing = [h for h in heard if h.known]
    if not knowing:
        return Facts(today, own.terms, own.consulted, points)
    asked = frozenset[str]().union(*(h.asked for h in knowing))
    return Facts(today, own.terms, all(h.over for h in knowing), points, asked)
