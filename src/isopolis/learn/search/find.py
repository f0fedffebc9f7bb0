"""From a search to its results: hits, counts of options, what to drop, and why in this order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from isopolis.model.text import count, phrase, phrases

from .columns import Columns
from .documents import FIELDS
from .index import Index
from .letters import fold, lower
from .logic import All, Any, Logic, pruned, tokens_of
from .nearby import with_nearby
from .query import Asked, Found, Part, Query, Term, understood
from .rank import (
    Counted,
    Reason,
    city_factor,
    counted,
    evidence_factor,
    fullness_factor,
    idf,
    need_factor,
    score,
    word_scores,
    words_factor,
    words_value,
)

if TYPE_CHECKING:
    from isopolis.learn.vocabulary import Vocabulary

__all__ = ["MOST_RANKED", "Facet", "Hit", "Hits", "Option", "Relaxation", "search"]

Bools = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int32]

MOST_RANKED = 3_000
"""Hits that are put in order; of more, those with the words in the title and the best evidence."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One result; `loose` when it has only some of the words."""

    id: str
    score: float
    reasons: tuple[Reason, ...]
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a facet: how many results it would leave; `disabled` when none."""

    value: str
    count: int
    chosen: bool
    disabled: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """A field with its options, those of most results first."""

    field: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Relaxation:
    """One thing to drop, and how many results that gives.

    Parameters
    ----------
    kind : str
        ``word``, ``minus`` or ``filter``.
    said : str
        The word, or the field of the filter.
    hits : int
    query : Query
        The search without it.
    """

    kind: str
    said: str
    hits: int
    query: Query


@dataclass(frozen=True)
class Hits:
    """The answer to a search.

    Parameters
    ----------
    query : Query
    asked : Asked
        How it was understood.
    total : int
        Records with all that was asked for.
    loose : int
        Records with some of the words, added because there are few others.
    hits : tuple of Hit
        The part of the results that was wanted, best first; the loose ones after all others.
    facets : tuple of Facet
        Counted on the records with all that was asked for; on the loose ones where there is none.
    relaxations : tuple of Relaxation
    found : tuple of Found
        Concepts that were searched for besides.
    notes : tuple of str
        What a reader must be told.
    """

    query: Query
    asked: Asked
    total: int
    loose: int
    hits: tuple[Hit, ...]
    facets: tuple[Facet, ...]
    relaxations: tuple[Relaxation, ...]
    found: tuple[Found, ...]
    notes: tuple[str, ...]


def search(index: Index, query: Query, vocabulary: Vocabulary | None = None) -> Hits:
    """Search an index.

    Parameters
    ----------
    index : Index
    query : Query
    vocabulary : Vocabulary, optional
        With it the concepts named are searched for in every language.

    Raises
    ------
    CallError
        Only from `Query` itself: any text up to its length has an answer.
    """
    columns = index.columns()
    asked = understood(query, columns.languages, vocabulary)
    seen = index.frequencies(t for part in (*asked.parts, *asked.minus) for t in tokens_of(part.logic))
    asked, nearby = with_nearby(index, asked, seen)
    seen |= nearby
    run = _Run(index, query, asked, columns, seen)
    strict = run.matching(asked.parts)
    total = int((strict & run.filtered()).sum())
    few = total < query.enough
    loose = run.some() & ~strict & run.filtered() if few and len(asked.parts) > 1 else run.none
    base = strict if total or not loose.any() else loose | strict
    hits, notes = run.ranked(strict & run.filtered(), loose)
    if total == 0 and loose.any():
        notes.append(phrase("No record has all of this; these have some of the words."))
    elif loose.any():
        notes.append(phrases("{n} record has all of this; those after it have some of the words.",
                             "{n} records have all of this; those after them have some of the words.",
                             total))  # fmt: skip
    return Hits(
        query, asked, total, int(loose.sum()), hits, run.facets(base), run.relaxations(total) if few else (),
        run.found(), (*asked.notes, *run.unknown(), *notes),
    )  # fmt: skip


class _Scored(NamedTuple):
    """A record with its score: what the words add, and the other parts."""

    id: str
    score: float
    added: list[tuple[str, float]]
    others: tuple[Reason, ...]


class _Run:
    """One search while it runs."""

    def __init__(
        self, index: Index, query: Query, asked: Asked, columns: Columns, seen: Mapping[str, int]
    ) -> None:
        self.index, self.query, self.asked, self.columns, self.seen = index, query, asked, columns, seen
        self.none = np.zeros(len(columns.live), bool)
        self._filter = {k: columns.having(k, _values(columns, k, v)) for k, v in asked.filters.items()}
        self._of: dict[Part, Bools] = {}
        self._minus: Bools | None = None

    # -- which records ----------------------------------------------------------------------------
    def pruned(self, part: Part) -> Logic | None:
        return pruned(part.logic, self.seen.__contains__)

    def rows(self, logic: Logic) -> Bools:
        return self.marked(self.index.rows(logic)) & self.columns.live

    def marked(self, numbers: Numbers) -> Bools:
        """Return True for these rows; one that was taken in after the columns were read is in no column."""
        found = self.none.copy()
        found[numbers[numbers < len(found)]] = True
        return found

    def of(self, part: Part) -> Bools:
        """Records that fulfil one condition."""
        if part not in self._of:
            logic = self.pruned(part)
            self._of[part] = self.none if logic is None else self.rows(logic)
        return self._of[part]

    def minus(self) -> Bools:
        """Records that have none of the words to leave out."""
        if self._minus is None:
            logics = [p for p in map(self.pruned, self.asked.minus) if p is not None]
            self._minus = self.columns.live & ~self.rows(Any(tuple(logics))) if logics else self.columns.live
        return self._minus

    def matching(self, parts: Sequence[Part]) -> Bools:
        """Records that fulfil all conditions, asked of the engine at once."""
        logics = [self.pruned(part) for part in parts]
        if any(logic is None for logic in logics):
            return self.none
        kept = tuple(logic for logic in logics if logic is not None)
        return self.rows(All(kept)) & self.minus() if kept else self.minus()

    def some(self) -> Bools:
        """Records that fulfil at least one condition."""
        found = self.none.copy()
        for part in self.asked.parts:
            found |= self.of(part)
        return found & self.minus()

    def filtered(self, but: str = "") -> Bools:
        """Records that pass the filters, except one."""
        passed = self.columns.live
        for name, mask in self._filter.items():
            if name != but:
                passed = passed & mask
        return passed

    # -- beside the results -------------------------------------------------------------------------
    def facets(self, base: Bools) -> tuple[Facet, ...]:
        """Count the options, each as if it were chosen beside the filters of the other fields."""
        columns, filters = self.columns, self.asked.filters
        everywhere = columns.counts(base & self.filtered()).tolist()
        own = {name: columns.counts(base & self.filtered(but=name)).tolist() for name in filters}
        chosen = {name: _values(columns, name, values) for name, values in filters.items()}
        options: dict[str, list[Option]] = {name: [] for name in FIELDS}
        for code, (name, value) in enumerate(columns.values):
            if columns.starts[code] == columns.starts[code + 1]:
                continue
            n = own.get(name, everywhere)[code]
            is_chosen = value in chosen.get(name, ())
            options[name].append(Option(value, n, is_chosen, disabled=n == 0 and not is_chosen))
        return tuple(
            Facet(name, tuple(sorted(some, key=lambda o: (-o.count, o.value))))
            for name, some in options.items()
            if some
        )

    def relaxations(self, total: int) -> tuple[Relaxation, ...]:
        """Say what each single thing dropped would give, most first."""
        asked, passed = self.asked, self.filtered()
        out: list[Relaxation] = []
        query = replace(self.query, text=asked.text_without(()), filters=asked.filters, start=0)
        for part in asked.parts if len(asked.parts) > 1 else ():
            left = passed & self.minus()
            for other in asked.parts:
                left = left & (self.of(other) if other is not part else left)
            text = asked.text_without(part.items)
            out.append(Relaxation("word", part.said, int(left.sum()), replace(query, text=text)))
        if asked.parts or asked.minus:
            out += self._without_filters(query)
        else:
            out += self._without_filters(query) if len(asked.filters) > 1 else []
        return tuple(sorted((r for r in out if r.hits > total), key=lambda r: (-r.hits, r.kind, r.said)))

    def _without_filters(self, query: Query) -> list[Relaxation]:
        strict = self.matching(self.asked.parts)
        out = [
            Relaxation(
                "filter", name, int((strict & self.filtered(but=name)).sum()), query.without_filter(name)
            )
            for name in self.asked.filters
        ]
        if self.asked.minus:
            kept = self.columns.live & self.filtered()
            for part in self.asked.parts:
                kept = kept & self.of(part)
            gone = [i for part in self.asked.minus for i in part.items]
            said = " ".join(part.said for part in self.asked.minus)
            text = self.asked.text_without(gone)
            out.append(Relaxation("minus", said, int(kept.sum()), replace(query, text=text)))
        return out

    def found(self) -> tuple[Found, ...]:
        """Concepts searched for, with the labels that may be in a record."""
        return tuple(
            replace(one, labels=tuple(x for x in one.labels if all(t in self.seen for t in x[2])))
            for one in self.asked.found
        )

    def unknown(self) -> list[str]:
        """Say which words stand in no record."""
        return [
            phrase("“{word}” is in no record.", word=part.said)
            for part in self.asked.parts
            if self.pruned(part) is None
        ]

    # -- in which order ---------------------------------------------------------------------------------
    def ranked(self, strict: Bools, loose: Bools) -> tuple[tuple[Hit, ...], list[str]]:
        """Put the hits in order and return the part that is wanted, with what must be said."""
        notes: list[str] = []
        made: list[tuple[_Scored, bool]] = []
        for mask, is_loose in ((strict, False), (loose, True)):
            numbers = self._first(mask, is_loose)
            if len(numbers) < mask.sum():
                notes.append(
                    phrase(
                        "{n} records fit; the {most} of them with the words in the title or the best "
                        "evidence were put in order.",
                        n=count(int(mask.sum())),
                        most=count(MOST_RANKED),
                    )
                )
            made += [(one, is_loose) for one in self._scored(numbers)]
        wanted = made[self.query.start : self.query.start + self.query.limit]
        return tuple(
            Hit(x.id, x.score, (words_factor(x.added), *x.others), late) for x, late in wanted
        ), notes

    def _first(self, mask: Bools, loose: bool) -> Numbers:
        numbers = np.flatnonzero(mask).astype(np.int32)
        if len(numbers) <= MOST_RANKED:
            return numbers
        columns = self.columns
        if loose:
            prior = np.sum([self.of(part)[numbers] for part in self.asked.parts], axis=0).astype(float)
        else:
            logics = tuple(x for x in map(self.pruned, self.asked.parts) if x is not None)
            titled = self.marked(self.index.rows(All(logics), titles=True)) if logics else self.none
            prior = titled[numbers].astype(float)
        rest = (10 + columns.evidence[numbers]) * (3 + columns.completeness[numbers])
        order = np.lexsort((numbers, -rest, -prior))
        return np.sort(numbers[order[:MOST_RANKED]])

    def _scored(self, numbers: Numbers) -> list[_Scored]:
        """Score records, best first; the reason of the words is written later, for those that are shown."""
        columns, terms = self.columns, self._terms()
        mean = max(columns.mean_length, 1.0)
        cities, needs = self._cities(numbers), self._needs(numbers)
        elsewhere = city_factor(None, "")
        texts = self.index.strings(numbers) if terms else [(int(n), "", "") for n in numbers]
        out = []
        for (number, title, body), need in zip(texts, needs, strict=True):
            added = word_scores(terms, title, body, float(columns.length[number]), mean)
            others = (
                evidence_factor(int(columns.evidence[number])),
                fullness_factor(float(columns.completeness[number])),
                cities.get(number, elsewhere),
                need,
            )
            total = score((words_value(added), *(r.value for r in others)))
            out.append(_Scored(columns.ids[number], total, added, others))
        return sorted(out, key=lambda one: (-one.score, one.id))

    def _terms(self) -> list[Counted]:
        known = [self._known(term) for part in self.asked.parts for term in part.terms]
        return [counted(t, idf(self.columns.count, self._having(t))) for t in known if t.phrases]

    def _known(self, term: Term) -> Term:
        return replace(term, phrases=tuple(p for p in term.phrases if all(t in self.seen for t in p)))

    def _having(self, term: Term) -> int:
        return max(min(self.seen[t] for t in tokens) for tokens in term.phrases)

    def _cities(self, numbers: Numbers) -> dict[int, Reason]:
        """Return the part of the city for the records of peers."""
        peers = {_name(city): alike for city, alike in self.query.alike.items()}
        wanted = set(numbers.tolist())
        out: dict[int, Reason] = {}
        for name, value in self.columns.values if peers else ():
            alike = peers.get(_name(value)) if name == "city" else None
            if alike is None:
                continue
            made = city_factor(alike, value)
            for number in wanted.intersection(self.columns.rows_of("city", value).tolist()):
                if number not in out or made.value > out[number].value:
                    out[number] = made
        return out

    def _needs(self, numbers: Numbers) -> list[Reason]:
        """Return the part of the needs for each record."""
        needs = self.query.needs
        if not needs:
            return [need_factor(())] * len(numbers)
        marked = [[self.columns.marked(ids)[numbers] for ids in n.aspects.values()] for n in needs]
        shares = np.stack([np.mean(of, axis=0) for of in marked], axis=1)
        made: dict[tuple[float, ...], Reason] = {}
        out = []
        for row in map(tuple, shares.tolist()):
            if row not in made:
                made[row] = need_factor(list(zip(needs, row, strict=True)))
            out.append(made[row])
        return out


def _name(city: str) -> str:
    return fold(lower(city)).strip()


def _values(columns: Columns, name: str, values: Sequence[str]) -> tuple[str, ...]:
    """Return values as they are stored: ``housing`` for the field theme is ``theme:housing``."""
    known = {v for n, v in columns.values if n == name}
    return tuple(v if v in known or f"{name}:{v}" not in known else f"{name}:{v}" for v in values)
