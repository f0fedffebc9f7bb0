"""The vocabulary itself: look a word up, go up and down, say it in another language."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import chain

from isopolis.model import CallError, DataError

from .checks import problems
from .concepts import Concept, Definition, LocalTerm, Match, Scheme, is_id
from .lookup import Lookup
from .words import folded, plain, triples

__all__ = ["AmbiguousTermError", "UnknownTermError", "Vocabulary"]

NEAREST = 5
LEAST_LIKE = 0.3
LONGEST_TERM = 200


class UnknownTermError(CallError):
    """A word that the vocabulary does not have.

    Attributes
    ----------
    term : str
        The word.
    nearest : tuple of Concept
        Concepts whose labels are most like it, best first.
    """

    def __init__(self, message: str, term: str, nearest: Sequence[Concept] = ()) -> None:
        super().__init__(message)
        self.term, self.nearest = term, tuple(nearest)


class AmbiguousTermError(UnknownTermError):
    """A word that means several concepts; `nearest` are these. Say which scheme is meant."""


class Vocabulary:
    """Concepts by id and by label, in all languages.

    Parameters
    ----------
    schemes : sequence of Scheme
    concepts : sequence of Concept
    definitions : sequence of Definition

    Raises
    ------
    DataError
        When an id or label is doubled, a link leads nowhere or broader links run in a circle; with
        every problem at once.
    """

    def __init__(
        self,
        schemes: Sequence[Scheme],
        concepts: Sequence[Concept],
        definitions: Sequence[Definition] = (),
        *,
        terms: Sequence[LocalTerm] = (),
        shipped: Vocabulary | None = None,
    ) -> None:
        own = tuple(concepts)
        known = shipped.concepts if shipped else {}
        # what ships was checked when it was made, and its tables are kept
        wrong = problems(own)
        if wrong:
            raise DataError(wrong)
        self.schemes: Mapping[str, Scheme] = {s.name: s for s in schemes}
        self.concepts: Mapping[str, Concept] = {**known, **{c.id: c for c in own}}
        self.definitions = tuple(sorted(definitions, key=lambda d: (d.id, d.date, d.version)))
        self.terms = tuple(terms)
        self._lookups: tuple[Lookup, ...] = (*(shipped._lookups if shipped else ()), Lookup(own))
        self._meant = {t.id: t.concept for t in terms if t.state == "confirmed"}

    # -- by id ---------------------------------------------------------------------------------
    def concept(self, id: str) -> Concept:
        """Return the concept with this id.

        Raises
        ------
        UnknownTermError
            When there is none, naming the nearest.
        """
        found = self.concepts.get(id)
        if found is None:
            raise self._unknown(id, id.partition(":")[0] if is_id(id) else None)
        return found

    def __contains__(self, id: object) -> bool:
        return id in self.concepts

    def label(self, id: str, lang: str = "en") -> str:
        """Return the preferred label of a concept in a language, or in English when it has none."""
        return self.concept(id).label(lang)

    def labels(self, id: str) -> Mapping[str, tuple[str, ...]]:
        """Return language → (preferred label, other labels …)."""
        return self.concept(id).labels

    def scheme(self, name: str) -> tuple[Concept, ...]:
        """Return the concepts of a scheme in their order, a city's own ones last."""
        if name not in self.schemes:
            raise CallError(f"there is no scheme {name!r}; there are: {', '.join(self.schemes)}")
        return tuple(c for c in self.concepts.values() if c.scheme == name)

    def broader(self, id: str) -> tuple[Concept, ...]:
        """Return the concepts right above one."""
        return tuple(self.concepts[b] for b in self.concept(id).broader)

    def narrower(self, id: str) -> tuple[Concept, ...]:
        """Return the concepts right below one."""
        return tuple(self.concepts[n] for n in self._below.get(self.concept(id).id, ()))

    def below(self, id: str) -> frozenset[str]:
        """Return a concept's id with those of everything below it, at any depth."""
        found = {self.concept(id).id}
        waiting = [id]
        while waiting:
            fresh = [n for n in self._below.get(waiting.pop(), ()) if n not in found]
            found.update(fresh)
            waiting.extend(fresh)
        return frozenset(found)

    @cached_property
    def _below(self) -> dict[str, tuple[str, ...]]:
        below: dict[str, list[str]] = {}
        for concept in self.concepts.values():
            for above in concept.broader:
                below.setdefault(above, []).append(concept.id)
        return {above: tuple(ids) for above, ids in below.items()}

    def definition(self, id: str = "definition:city_of_equality", version: str | None = None) -> Definition:
        """Return a version of a definition, the latest one when none is asked for."""
        found = [d for d in self.definitions if d.id == id and version in (None, d.version)]
        if not found:
            there = ", ".join(d.key for d in self.definitions)
            raise CallError(
                f"there is no definition {id!r} in version {version or 'any'}; there are: {there}"
            )
        return found[-1]

    # -- by word -------------------------------------------------------------------------------
    def resolve(self, text: str, scheme: str | None = None, lang: str | None = None) -> Concept:
        """Return the concept that a word means.

        An id is taken first, then labels as written, the bare name of an id, and labels without
        accents. A city's own word that a person has mapped gives the shipped concept; one that nobody has
        mapped gives itself.

        Parameters
        ----------
        text : str
        scheme : str, optional
            Look in this scheme only.
        lang : str, optional
            Look in this language only. Without it English wins over the others.

        Raises
        ------
        UnknownTermError
            When nothing fits, naming the nearest terms.
        AmbiguousTermError
            When the word means several concepts.
        """
        found = self._found(text, scheme, lang) if len(text) <= LONGEST_TERM else set()
        if not found:
            raise self._unknown(text, scheme, lang)
        meant = {self._meant.get(id, id) for id in found}
        if len(meant) > 1:
            several = [self.concepts[id] for id in self.concepts if id in meant]
            said = ", ".join(c.id for c in several)
            raise AmbiguousTermError(f'"{text}" means {said}: say which scheme is meant', text, several)
        return self.concepts[meant.pop()]

    def _found(self, text: str, scheme: str | None, lang: str | None) -> set[str]:
        if text in self.concepts:
            return self._within({text}, scheme)
        own, name = lang or "en", plain(text).replace(" ", "_")
        written, bare = plain(text), folded(text)
        tries: tuple[Callable[[Lookup], Iterable[str]], ...] = (
            lambda table: table.words.get(written, {}).get(own, ()),
            lambda table: table.names.get(name, ()),
            lambda table: () if lang else chain(*table.words.get(written, {}).values()),
            lambda table: table.bare.get(bare, {}).get(own, ()),
            lambda table: () if lang else chain(*table.bare.get(bare, {}).values()),
        )
        for attempt in tries:
            found = self._within(chain(*map(attempt, self._lookups)), scheme)
            if found:
                return found
        return set()

    def _within(self, ids: Iterable[str], scheme: str | None) -> set[str]:
        return {id for id in ids if scheme is None or self.concepts[id].scheme == scheme}

    def nearest(
        self, text: str, scheme: str | None = None, lang: str | None = None, n_best: int = NEAREST
    ) -> tuple[tuple[Concept, float], ...]:
        """Return the shipped concepts with labels most like `text`, each with its likeness in 0..1."""
        asked = triples(text[:LONGEST_TERM].replace("_", " ").rpartition(":")[2])
        labels, holders = self._lookups[0].shapes
        shared = Counter(i for triple in asked for i in holders.get(triple, ()))
        best: dict[str, float] = {}
        for i, n in shared.items():
            concept, spoken, size = labels[i]
            if (scheme and concept.scheme != scheme) or (lang and spoken not in (lang, "en")):
                continue
            # the same as `likeness`, without comparing the word to all that share nothing with it
            best[concept.id] = max(best.get(concept.id, 0.0), 2 * n / (len(asked) + size))
        ranked = heapq.nsmallest(n_best, best.items(), key=lambda item: (-item[1], item[0]))
        return tuple((self.concepts[id], score) for id, score in ranked if score >= LEAST_LIKE)

    def _unknown(self, text: str, scheme: str | None, lang: str | None = None) -> UnknownTermError:
        known = scheme if scheme in self.schemes else None
        near = [concept for concept, _ in self.nearest(text, known, lang)]
        where = f" of {self.schemes[known].title.lower()}" if known else ""
        shown = text if len(text) <= 80 else text[:80] + "…"
        hint = "nearest: " + ", ".join(f"{c.id} ({c.label(lang or 'en')})" for c in near) if near else (
            "nothing is near; isopolis vocabulary lists what there is"
        )  # fmt: skip
        return UnknownTermError(f'"{shown}" is no term{where} of the vocabulary; {hint}', text, near)

    # -- a city's own words --------------------------------------------------------------------
    def with_local(self, terms: Iterable[LocalTerm]) -> Vocabulary:
        """Return the vocabulary with a city's own words beside the shipped ones.

        Raises
        ------
        UnknownTermError
            When a term is confirmed as a concept that does not exist.
        """
        terms = tuple(terms)
        return Vocabulary(
            tuple(self.schemes.values()),
            [self._own(term) for term in terms],
            self.definitions,
            terms=terms,
            shipped=self,
        )

    def _own(self, term: LocalTerm) -> Concept:
        same: tuple[Match, ...] = ()
        if term.state == "confirmed":
            same = (Match("exact", "isopolis", self.concept(term.concept).id),)
        if term.kind not in self.schemes:
            raise CallError(f"{term.id} is of scheme {term.kind!r}; there are: {', '.join(self.schemes)}")
        return Concept(term.id, {term.lang: (term.label,)}, matches=same, kind=term.kind)

    def proposal(self, term: LocalTerm) -> LocalTerm:
        """Return a city's word with the likest shipped concept of its scheme, for a person to judge."""
        near = self.nearest(term.label, term.kind, term.lang, 1)
        return term.proposed(near[0][0].id, round(near[0][1], 3)) if near else term
