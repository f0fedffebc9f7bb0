"""The record of the library: one case, policy, method, tool, law, study, story, commitment or document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from .parts import (
    Contact,
    Cost,
    Document,
    Effect,
    Funding,
    Identifier,
    Link,
    Open,
    OpenNumber,
    Part,
    Participants,
    Participation,
    Period,
    Place,
    Result,
    Review,
    Short,
    Source,
    Term,
    Transfer,
)
from .rules import broken, wanting
from .texts import Language, Moment, Texts

__all__ = ["GRADES", "KINDS", "SCALES", "STATES", "Record"]

KINDS = (
    "case", "policy", "method", "tool", "law", "study", "funding_story", "commitment", "document",
    "strategy", "call",
)  # fmt: skip
GRADES = (0, 1, 2, 3, 4)
"""0 none, 1 described by those who did it, 2 figures before and after, 3 set against others or judged by
somebody independent, 4 controlled study."""
SCALES = ("neighbourhood", "city", "functional_area", "region", "country", "europe", "world")
STATES = ("draft", "submitted", "asked", "published", "withdrawn")

Terms = Annotated[tuple[Term, ...], Field(max_length=200)]


class Record(Part):
    """One entry of the library; see ``docs/library-record.md`` for every field.

    Raises
    ------
    pydantic.ValidationError
        From ``Record.model_validate(plain)``; use `isopolis.learn.record.problems` for the same in
        sentences, with what the vocabulary has to say.
    """

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,119}$")]
    kind: Literal[KINDS]  # type: ignore[valid-type]
    language: Language = "en"
    title: Texts
    summary: Texts | None = None
    body: Texts | None = None
    place: Place | None = None
    period: Period | None = None
    themes: Terms = ()
    grounds: Terms = ()
    groups: Terms = ()
    intersections: Annotated[
        tuple[Annotated[tuple[Term, ...], Field(min_length=2)], ...], Field(max_length=200)
    ] = ()
    services: Terms = ()
    barriers: Terms = ()
    hazards: Terms = ()
    pillars: Terms = ()
    instruments: Terms = ()
    measure_type: Term | None = None
    scale: Literal[SCALES] | None = None  # type: ignore[valid-type]
    gained: Open[Effect] | None = None
    lost: Open[Effect] | None = None
    participants: Open[Participants] | None = None
    participation: Participation | None = None
    cost: Open[Cost] | None = None
    staff_fte: OpenNumber | None = None
    funding_sources: Open[tuple[Funding, ...]] | None = None
    results: Open[tuple[Result, ...]] | None = None
    evidence_grade: Literal[GRADES] = 0  # type: ignore[valid-type]
    failures: Open[Texts] | None = None
    side_effects: Open[Texts] | None = None
    legal_basis: Open[Texts] | None = None
    transfer: Transfer | None = None
    contact: Contact | None = None
    sources: Annotated[tuple[Source, ...], Field(min_length=1, max_length=100)]
    documents: Annotated[tuple[Document, ...], Field(max_length=100)] = ()
    links: Annotated[tuple[Link, ...], Field(max_length=200)] = ()
    identifiers: Annotated[tuple[Identifier, ...], Field(max_length=20)] = ()
    translations: dict[Language, Literal["human", "machine"]] = Field(default_factory=dict)
    reviews: Annotated[tuple[Review, ...], Field(max_length=200)] = ()
    licence: Short | None = None
    created: Moment | None = None
    updated: Moment | None = None

    @model_validator(mode="after")
    def _whole(self) -> Record:
        found = broken(self.plain())
        if found:
            raise ValueError("; ".join(f"{b.path} {b.rule} {b.found}" for b in found))
        return self

    def wanting(self) -> tuple[str, ...]:
        """Name what a grade of 2 or more needs and is not there: ``results``, ``cost``, ``failures``."""
        return wanting(self.plain())

    def texts(self) -> Iterator[tuple[str, Texts]]:
        """Yield every text in several languages with the path of its field."""
        yield from _texts(self, "")

    def terms(self) -> Iterator[tuple[str, str, str]]:
        """Yield path, scheme that belongs there ("" for grounds or groups), and term."""
        for name, scheme in TERM_FIELDS.items():
            for i, term in enumerate(getattr(self, name)):
                yield f"{name}[{i}]", scheme, term
        if self.measure_type:
            yield "measure_type", "measure_type", self.measure_type
        for i, cross in enumerate(self.intersections):
            yield from ((f"intersections[{i}][{j}]", "", term) for j, term in enumerate(cross))
        yield from self._group_terms()

    def _group_terms(self) -> Iterator[tuple[str, str, str]]:
        for name in ("gained", "lost"):
            effect = getattr(self, name)
            if isinstance(effect, Effect):
                yield from ((f"{name}.groups[{i}]", "", t) for i, t in enumerate(effect.groups))
        people = self.participants
        if isinstance(people, Participants) and isinstance(people.targeted, tuple):
            yield from ((f"participants.targeted[{i}]", "", t) for i, t in enumerate(people.targeted))
        for i, result in enumerate(self.results if isinstance(self.results, tuple) else ()):
            if result.group:
                yield f"results[{i}].group", "", result.group

    def plain(self) -> dict[str, Any]:
        """Return the JSON form, without what was left out; ``Record.model_validate`` reads it back."""
        always = {"language": self.language, "evidence_grade": self.evidence_grade}
        return self.model_dump(mode="json", exclude_defaults=True) | always


TERM_FIELDS = {
    "themes": "theme", "grounds": "ground", "groups": "group", "services": "service",
    "barriers": "barrier", "hazards": "hazard", "pillars": "pillar", "instruments": "instrument",
}  # fmt: skip
"""The fields that hold terms, and the scheme of each."""


def _texts(part: Any, path: str) -> Iterator[tuple[str, Texts]]:
    if isinstance(part, Texts):
        yield path, part
    elif isinstance(part, Part):
        for name in type(part).model_fields:
            yield from _texts(getattr(part, name), f"{path}.{name}" if path else name)
    elif isinstance(part, tuple):
        for i, item in enumerate(part):
            yield from _texts(item, f"{path}[{i}]")
