"""What the index is given of a record of the library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .documents import Document

if TYPE_CHECKING:
    from isopolis.learn.record import Record

__all__ = ["document_of"]

STATED = ("cost", "staff_fte", "results", "failures", "side_effects", "participants", "funding_sources")
"""Fields of which people ask whether the record says anything about them."""


def document_of(record: Record) -> Document:
    """Make the document of a record: all its texts by language, its terms and marks as facets.

    A contact's name and address are no text of the search.
    """
    from isopolis.learn.record import completeness

    return Document(
        record.id,
        _texts(record),
        _facets(record),
        int(record.evidence_grade),
        round(completeness(record).share, 4),
    )


def _texts(record: Record) -> dict[str, tuple[str, str]]:
    titles = dict(record.title.items())
    bodies: dict[str, list[str]] = {lang: [] for lang in titles}
    for path, texts in record.texts():
        for lang, text in texts.items() if path != "title" else ():
            bodies.setdefault(lang, []).append(text)
    own = bodies.setdefault(record.language, [])
    place = record.place
    if place is not None:
        own += [n for n in (place.name, place.city, place.region, place.country_name) if n]
    own += [i for name in ("issues", "topics", "methods") for i in getattr(record.participation, name, ())]
    # an empty line: a phrase does not reach over it
    return {lang: (titles.get(lang, ""), "\n\n".join(parts)) for lang, parts in bodies.items()}


def _facets(record: Record) -> dict[str, tuple[str, ...]]:
    terms: dict[str, set[str]] = {}
    for _, _, term in record.terms():
        terms.setdefault(term.partition(":")[0], set()).add(term)
    place = record.place
    named = {
        "kind": {record.kind},
        "scale": {record.scale} if record.scale else set(),
        "country": {place.country} if place and place.country else set(),
        "city": {place.city or place.name} if place else set(),
        "size": {place.population_band} if place and place.population_band else set(),
        "language": set(record.title.keys()),
        "evidence": {str(record.evidence_grade)},
        "stated": {name for name in STATED if getattr(record, name, None) not in (None, "not stated")},
    }
    known = (
        "theme",
        "ground",
        "group",
        "service",
        "barrier",
        "hazard",
        "pillar",
        "instrument",
        "measure_type",
    )
    return {k: tuple(sorted(v)) for k, v in (named | {n: terms.get(n, set()) for n in known}).items() if v}
