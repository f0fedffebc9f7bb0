"""What the index is given of a record, and the strings of tokens that are kept of it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from isopolis.model import CallError

from .analyser import GAP, MOST_TIMES, encoded, indexed

__all__ = ["FIELDS", "Document", "Stored", "mark", "spaced", "stored"]

FIELDS = (
    "kind", "theme", "ground", "group", "service", "barrier", "hazard", "pillar", "instrument",
    "measure_type", "scale", "country", "city", "language", "evidence", "stated", "size",
)  # fmt: skip
"""Names of the facets, in the order in which they are shown."""

LONGEST_STREAM = 16_000
"""Tokens of one record, all languages together; PostgreSQL counts places up to 16,383."""

LONGEST_CHARS = 400_000


@dataclass(frozen=True)
class Document:
    """One record as the index sees it.

    Parameters
    ----------
    id : str
    texts : mapping of str to (str, str)
        Language → title and the rest of the text; a phrase does not reach over an empty line.
    facets : mapping of str to tuple of str
        Field of `FIELDS` → values: ids of the vocabulary, codes of countries and the like.
    evidence : int
        Grade from 0 (none) to 4 (controlled study).
    completeness : float
        Share of the record that is filled in, 0 to 1.

    Raises
    ------
    CallError
        For a field that is no facet, or a grade or share out of range.
    """

    id: str
    texts: Mapping[str, tuple[str, str]]
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    evidence: int = 0
    completeness: float = 0.0

    def __post_init__(self) -> None:
        for name, values in (("texts", self.texts), ("facets", self.facets)):
            object.__setattr__(self, name, MappingProxyType(dict(values)))
        wrong = [f for f in self.facets if f not in FIELDS]
        if wrong:
            raise CallError(f'record {self.id}: "{wrong[0]}" is no facet; there is {", ".join(FIELDS)}')
        if not 0 <= self.evidence <= 4 or not 0 <= self.completeness <= 1:
            raise CallError(
                f"record {self.id}: evidence {self.evidence} must be 0 to 4 "
                f"and completeness {self.completeness} must be 0 to 1"
            )


@dataclass(frozen=True, slots=True)
class Stored:
    """The row of one document.

    Parameters
    ----------
    title, body : str
        Encoded tokens, each with a space on both sides, so that counting ``" token "`` in the text
        counts it right; `GAP` stands between languages and where a phrase must not reach over.
    length : float
        Words of title and body, the mean over the languages.
    facets : str
        JSON.
    languages : str
        Codes with spaces between.
    digest : str
        The same for the same row.
    """

    id: str
    title: str
    body: str
    length: float
    facets: str
    languages: str
    evidence: int
    completeness: float
    digest: str

    @property
    def tokens(self) -> frozenset[str]:
        """All tokens once, without `GAP`."""
        return frozenset(self.title.split()) | frozenset(self.body.split()) - {GAP}


def mark(concept: str) -> str:
    """Return the token by which records marked with a term of the vocabulary are found."""
    return encoded("@" + concept)


def spaced(tokens: tuple[str, ...]) -> str:
    """Write tokens as they stand in `Stored`."""
    return "".join(f" {t} " for t in tokens)


def stored(document: Document) -> Stored:
    """Analyse a document, each text in its language."""
    titles: list[str] = []
    bodies: list[str] = []
    words = 0
    for lang, (title, body) in sorted(document.texts.items()):
        for text, out in ((title, titles), (body, bodies)):
            for paragraph in text.split("\n\n"):
                made = indexed(paragraph, lang)
                words += len(made.places)
                out += [*made.places, GAP]
                for token in made.besides:
                    out += [token, GAP]
    for field_name in sorted(document.facets):
        for value in document.facets[field_name]:
            if ":" in value:
                bodies += [mark(value), GAP]
    room = _Room()
    title, body = room.text(titles), room.text(bodies)
    facets = json.dumps(
        {k: sorted(set(v)) for k, v in sorted(document.facets.items()) if v}, ensure_ascii=False
    )
    languages = " ".join(sorted(document.texts))
    length = round(words / max(1, len(document.texts)), 3)
    digest = hashlib.sha256(
        "\n".join(
            [document.id, title, body, facets, languages, str(document.evidence), str(document.completeness)]
        ).encode()
    ).hexdigest()
    return Stored(
        document.id, title, body, length, facets, languages, document.evidence, document.completeness, digest
    )


class _Room:
    """Lets in as much of one record as every database can hold; the rest is left unsearched."""

    def __init__(self) -> None:
        self.times: Counter[str] = Counter()
        self.places = 0
        self.chars = 0

    def text(self, tokens: list[str]) -> str:
        return spaced(tuple(self._kept(tokens)))

    def _kept(self, tokens: list[str]) -> Iterator[str]:
        for token in tokens:
            self.places += 1
            self.chars += len(token) + 2
            if self.places > LONGEST_STREAM or self.chars > LONGEST_CHARS:
                return
            self.times[token] += 1
            yield token if self.times[token] <= MOST_TIMES else GAP
