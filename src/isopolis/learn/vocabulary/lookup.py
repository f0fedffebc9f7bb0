"""Tables from words to concepts; each is made when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import cached_property

from .concepts import Concept
from .words import folded, plain, triples

__all__ = ["Lookup"]

ByLanguage = dict[str, dict[str, set[str]]]


class Lookup:
    """The labels of some concepts, to be found as written, without accents, by likeness.

    Parameters
    ----------
    concepts : collection of Concept
    """

    def __init__(self, concepts: Collection[Concept]) -> None:
        self.concepts = concepts

    def labels(self) -> Iterator[tuple[Concept, str, str]]:
        """Go through concept, language and label."""
        for concept in self.concepts:
            for lang, labels in concept.labels.items():
                for label in labels:
                    yield concept, lang, label

    @cached_property
    def names(self) -> dict[str, set[str]]:
        """Bare name → ids."""
        names: dict[str, set[str]] = {}
        for concept in self.concepts:
            names.setdefault(concept.name, set()).add(concept.id)
        return names

    @cached_property
    def words(self) -> ByLanguage:
        """Label as written → language → ids."""
        return self._by(plain)

    @cached_property
    def bare(self) -> ByLanguage:
        """Label without accents → language → ids."""
        return self._by(folded)

    def _by(self, key: Callable[[str], str]) -> ByLanguage:
        table: ByLanguage = {}
        for concept, lang, label in self.labels():
            table.setdefault(key(label), {}).setdefault(lang, set()).add(concept.id)
        return table

    @cached_property
    def shapes(self) -> tuple[list[tuple[Concept, str, int]], dict[str, list[int]]]:
        """Every label with the number of its letter triples, and triple → numbers of the labels with it."""
        listed: list[tuple[Concept, str, int]] = []
        holders: dict[str, list[int]] = {}
        for concept, lang, label in self.labels():
            shape = triples(label)
            for triple in shape:
                holders.setdefault(triple, []).append(len(listed))
            listed.append((concept, lang, len(shape)))
        return listed, holders
