"""Why one result stands before another: parts that are printed, and multiply to the score.

The words by BM25 (Robertson & Zaragoza (2009), "The probabilistic relevance framework: BM25 and
beyond", Foundations and Trends in Information Retrieval 3(4), pp. 333–389), words of the title five
times, computed here from the stored tokens, so that every database gives the same numbers. A word
and its variants count as one word: the largest count and the largest frequency of them.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from isopolis.model import CallError
from isopolis.model.text import Number, phrase

from .documents import spaced
from .query import Term

__all__ = [
    "CITY",
    "COMPLETE",
    "EVIDENCE",
    "K1",
    "NEED",
    "TITLE",
    "Alike",
    "B",
    "Need",
    "Reason",
    "city_factor",
    "counted",
    "evidence_factor",
    "fullness_factor",
    "idf",
    "need_factor",
    "score",
    "word_scores",
    "words_factor",
    "words_value",
]  # fmt: skip

K1, B = 1.2, 0.75
TITLE = 5
EVIDENCE = 0.1
"""What each grade of evidence adds: a controlled study (4) counts 1.4 times."""
COMPLETE = 0.25
"""What a full record has over an empty one: 1 against 0.75."""
CITY = 0.5
"""What a city adds that is a peer in all runs."""
NEED = 3.0
"""What a gap as wide as possible (excess 1) adds to a record that answers all of it."""
DIGITS = 4
"""Decimals of a part; it is used as it is printed."""


@dataclass(frozen=True)
class Need:
    """A gap of the city that asks, as the library can answer it.

    Parameters
    ----------
    said : str
        The gap in words, to stand in "because … is …".
    weight : float
        How wide it is, 0 (as by chance) to 1 (the most possible).
    aspects : mapping of str to frozenset of str
        ``group`` or ``topic`` → ids of the vocabulary, of which a record has to have one.
    place : int
        1 for the widest gap.

    Raises
    ------
    CallError
        When the weight is out of range or there is no aspect.
    """

    said: str
    weight: float
    aspects: Mapping[str, frozenset[str]]
    place: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.weight <= 1 or not self.aspects or not all(self.aspects.values()):
            raise CallError(f'need "{self.said}": weight 0 to 1 and at least one id for each aspect')


@dataclass(frozen=True, slots=True)
class Alike:
    """How sure it is that a city is a peer: `share` of runs, and the sentence that says so."""

    share: float
    said: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise CallError(f"a share of runs is 0 to 1, not {self.share}")


@dataclass(frozen=True)
class Reason:
    """One printed part of a score.

    Parameters
    ----------
    name : str
        ``words``, ``evidence``, ``fullness``, ``city`` or ``need``.
    value : float
        What it multiplies by, rounded to what is printed.
    said : str
        Why.
    detail : tuple of (str, float)
        For the words: what each adds.
    """

    name: str
    value: float
    said: str
    detail: tuple[tuple[str, float], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Counted:
    """A term made ready for counting: what a full count would add, and the texts to count."""

    said: str
    most: float
    texts: tuple[str, ...]


def counted(term: Term, telling: float) -> Counted:
    """Make a term ready; `telling` is its `idf`."""
    return Counted(term.said, term.weight * telling * (K1 + 1), tuple(map(spaced, term.phrases)))


def word_scores(
    terms: Sequence[Counted], title: str, body: str, length: float, mean: float
) -> list[tuple[str, float]]:
    """Return what each term adds to a record of `length` words, by BM25."""
    out = []
    damped = K1 * (1 - B + B * length / mean)
    for term in terms:
        times = 0
        for text in term.texts:
            times = max(times, body.count(text) + TITLE * title.count(text))
        if times:
            out.append((term.said, term.most * times / (times + damped)))
    return out


def words_value(added: Sequence[tuple[str, float]]) -> float:
    """Return the part of the words as it is printed; 1 when nothing was searched for."""
    return max(round(math.fsum(v for _, v in added), DIGITS), 10**-DIGITS) if added else 1.0


def idf(records: int, having: int) -> float:
    """Return how telling a word is that `having` of `records` have."""
    having = min(having, records)
    return math.log(1 + (records - having + 0.5) / (having + 0.5))


def words_factor(added: Sequence[tuple[str, float]]) -> Reason:
    """Return the part of the words; 1 when nothing was searched for."""
    said = phrase("how well the words fit") if added else phrase("no words were searched for")
    return Reason("words", words_value(added), said, tuple(added))


@functools.lru_cache(maxsize=16)
def evidence_factor(grade: int) -> Reason:
    """Return the part of the evidence."""
    return Reason(
        "evidence", round(1 + EVIDENCE * grade, DIGITS), phrase("evidence of grade {grade} of 4", grade=grade)
    )


@functools.lru_cache(maxsize=4096)
def fullness_factor(completeness: float) -> Reason:
    """Return the part of how much of the record is filled in."""
    said = phrase("{share} of the record is filled in", share=Number(f"{100 * completeness:.0f}%"))
    return Reason("fullness", round(1 - COMPLETE * (1 - completeness), DIGITS), said)


def city_factor(alike: Alike | None, city: str) -> Reason:
    """Return the part of the city's likeness; 1 for a city that is no known peer."""
    if alike is None or not alike.share:
        return Reason("city", 1.0, phrase("its city is not among your peers"))
    said = alike.said or phrase(
        "{city} is in your top ten peers in {share} of runs",
        city=city,
        share=Number(f"{100 * alike.share:.0f}%"),
    )
    return Reason("city", round(1 + CITY * alike.share, DIGITS), said)


def need_factor(needs: Sequence[tuple[Need, float]]) -> Reason:
    """Return the part of the needs: of the one that is answered best, so that they do not pile up.

    Parameters
    ----------
    needs : sequence of (Need, float)
        Each need with the share of its aspects that the record answers.
    """
    best = max(needs, key=lambda n: (n[0].weight * n[1], -n[0].place), default=None)
    if best is None or not best[0].weight * best[1]:
        return Reason("need", 1.0, phrase("it answers none of your gaps by its marks"))
    return Reason("need", round(1 + NEED * best[0].weight * best[1], DIGITS), best[0].said)


def score(values: Iterable[float]) -> float:
    """Multiply the printed parts, in their order."""
    return math.prod(values)
