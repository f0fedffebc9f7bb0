"""What the tests of the search share: texts in 28 languages, an index, a slow search by looking."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import yaml

from isopolis.learn import library, vocabulary
from isopolis.learn.search import Document, Index, document_of
from isopolis.learn.search.documents import stored
from isopolis.learn.search.query import Asked, Part

HERE = Path(__file__).parent
CORPUS: dict[str, dict[str, list[str]]] = yaml.safe_load((HERE / "search_corpus.yaml").read_text("utf-8"))[
    "texts"
]
QUERIES: list[list[str]] = yaml.safe_load((HERE / "queries.yaml").read_text("utf-8"))["queries"]
WORDS = vocabulary.shipped()

MARKS: dict[str, dict[str, tuple[str, ...]]] = {
    "care": {"theme": ("theme:childcare",), "group": ("group:single_parents",), "kind": ("case",)},
    "home": {"theme": ("theme:housing",), "ground": ("ground:origin",), "kind": ("policy",)},
    "heat": {"theme": ("theme:ageing",), "ground": ("ground:age",), "kind": ("case",)},
}


def documents() -> list[Document]:
    """Return the corpus, one record for each language and subject, and one in all languages."""
    made = [
        Document(
            f"{subject}-{lang}",
            {lang: (title, body)},
            MARKS[subject] | {"language": (lang,), "city": (f"Town {i % 7}",)},
            evidence=i % 5,
            completeness=(i % 10) / 10,
        )
        for i, (lang, texts) in enumerate(CORPUS.items())
        for subject, (title, body) in texts.items()
    ]
    many = {lang: (texts["home"][0], texts["home"][1]) for lang, texts in CORPUS.items()}
    return [*made, Document("home-everywhere", many, MARKS["home"], 2, 0.5)]


def shipped() -> list[Document]:
    return [document_of(record) for record in library.shipped()]


def on_sqlite(given: list[Document]) -> Index:
    index = Index(sqlite3.connect(":memory:"), "sqlite")
    index.create_tables()
    index.put(given)
    return index


class Scan:
    """A search by looking through the words of every record: slow, and plain to read."""

    def __init__(self, given: list[Document]) -> None:
        self.given = {d.id: d for d in given}
        self.words: dict[str, tuple[list[str], list[str]]] = {}
        self.sets: dict[str, frozenset[str]] = {}
        for d in given:
            row = stored(d)
            self.words[d.id] = (row.title.split(), row.body.split())
            self.sets[d.id] = frozenset((*row.title.split(), *row.body.split()))

    def has(self, id_: str, logic: Any) -> bool:
        kind = type(logic).__name__
        if kind == "Phrase":
            wanted = list(logic.tokens)
            n = len(wanted)
            if not self.sets[id_].issuperset(wanted) or n == 1:
                return n == 1 and wanted[0] in self.sets[id_]
            return any(
                words[i : i + n] == wanted for words in self.words[id_] for i in range(len(words) - n + 1)
            )
        parts = [self.has(id_, part) for part in logic.of]
        return all(parts) if kind == "All" else any(parts)

    def passes(self, id_: str, asked: Asked, but: str = "") -> bool:
        facets = self.given[id_].facets
        return all(
            any(v in facets.get(name, ()) or f"{name}:{v}" in facets.get(name, ()) for v in values)
            for name, values in asked.filters.items()
            if name != but
        )

    def looked(self, asked: Asked, without: Part | None = None, but: str = "") -> set[str]:
        """Return the records with all that was asked for, except one condition or filter."""
        return {
            id_
            for id_ in self.given
            if all(self.has(id_, p.logic) for p in asked.parts if p != without)
            and not any(self.has(id_, p.logic) for p in asked.minus)
            and self.passes(id_, asked, but)
        }
