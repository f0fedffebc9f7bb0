"""The parts of a record of the library: place, cost, results, sources, contact and the like.

Wherever a part may be ``"not stated"``, that is an answer: somebody has read the sources and they
do not say. A part that is left out is a question that nobody has answered yet.
"""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StringConstraints, Tag, model_validator

from .texts import Address, Day, Language, NotStated, Plain, Texts

__all__ = [
    "ACCESS", "BANDS", "CRITERIA", "DESIGNS", "Consent", "Contact", "Copy", "Cost", "Document", "Effect",
    "Funding", "Identifier", "Link", "Open", "Part", "Participants", "Participation", "Period", "Place",
    "Result", "Review", "Short", "Source", "Term", "Transfer",
]  # fmt: skip

BANDS = (
    "under_20k", "20k_50k", "50k_100k", "100k_250k", "250k_500k", "500k_1m", "1m_5m", "over_5m",
)  # fmt: skip
"""Bands of population, in people."""

DESIGNS = (
    "self_reported", "monitoring", "before_after", "comparison_group", "natural_experiment", "randomised",
)  # fmt: skip
"""How a result was found, from the weakest to the strongest."""

CRITERIA = ("local_impact", "participatory", "integrated", "eu_relevance", "transferable")
"""The five questions of a review; after the good-practice criteria of URBACT (call of 2024)."""

ACCESS = ("public", "members", "workspace", "closed")

T = TypeVar("T")
Short = Annotated[Plain, StringConstraints(max_length=500)]
Term = Annotated[str, StringConstraints(pattern=r"^[a-z_]+:[A-Za-z0-9_.\-]+$", max_length=120)]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False, strict=True)]


def _kind(value: Any) -> str:
    return "absent" if isinstance(value, str) else "given"


Open = Annotated[Annotated[T, Tag("given")] | Annotated[NotStated, Tag("absent")], Discriminator(_kind)]
"""Either the thing or the words "not stated"."""


def _size(value: Any) -> str:
    return "absent" if isinstance(value, str) else "number"


OpenNumber = Annotated[
    Annotated[Amount, Tag("number")] | Annotated[NotStated, Tag("absent")], Discriminator(_size)
]


class Part(BaseModel):
    """Base of all parts: nothing changes, nothing unknown is let in."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Place(Part):
    """Where it happened. `lau` and `nuts` are codes of Eurostat; `degurba` is 1 city, 2 town, 3 rural."""

    name: Short
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None
    country_name: Short | None = None
    region: Short | None = None
    city: Short | None = None
    lau: Short | None = None
    nuts: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}[A-Z0-9]{0,3}$")] | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    population_band: Literal[BANDS] | None = None  # type: ignore[valid-type]
    degurba: Literal[1, 2, 3] | None = None


class Period(Part):
    """When it ran; `ongoing` is left out where nobody knows."""

    start: Day | None = None
    end: Day | None = None
    ongoing: bool | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Period:
        if self.start and self.end:
            both = min(len(self.start), len(self.end))
            if self.start[:both] > self.end[:both]:
                raise ValueError("period")
        return self


class Effect(Part):
    """Who gained or who lost: groups of the vocabulary, a sentence, or both."""

    groups: tuple[Term, ...] = ()
    note: Texts | None = None


class Participants(Part):
    """Who took part, how they were found and whom it was meant for."""

    recruited: Open[Texts] | None = None
    n: OpenNumber | None = None
    targeted: Open[tuple[Term, ...]] | None = None


class Cost(Part):
    """What it cost: `capex` once, `opex` for each year, `total` where the source gives only a sum.

    Amounts are in units of `currency` (ISO 4217) at prices of `year`. `source` is one of the
    addresses under ``sources``.
    """

    total: Amount | None = None
    capex: Amount | None = None
    opex: Amount | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None
    year: Annotated[int, Field(ge=1800, le=2200)] | None = None
    note: Texts | None = None
    source: Address | None = None

    @model_validator(mode="after")
    def _said(self) -> Cost:
        amounts = [a for a in (self.total, self.capex, self.opex) if a is not None]
        if not amounts and self.note is None:
            raise ValueError("cost")
        if amounts and self.currency is None:
            raise ValueError("currency")
        return self


class Funding(Part):
    """One source of the money."""

    name: Short
    amount: Amount | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None
    url: Address | None = None


class Result(Part):
    """One number or finding that a source reports: `before` and `after` in `unit`, of `n` cases."""

    indicator: Texts
    group: Term | None = None
    before: float | None = Field(default=None, allow_inf_nan=False)
    after: float | None = Field(default=None, allow_inf_nan=False)
    unit: Short | None = None
    n: Annotated[int, Field(ge=0)] | None = None
    design: Literal[DESIGNS] | None = None  # type: ignore[valid-type]
    note: Texts | None = None
    source: Address | None = None


class Copy(Part):
    """Another place that took it over, and what it changed."""

    place: Short
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None
    year: Annotated[int, Field(ge=1800, le=2200)] | None = None
    changes: Open[Texts] | None = None
    url: Address | None = None


class Transfer(Part):
    """What has to be there for it to work elsewhere, who copied it, and what they changed."""

    conditions: Open[Texts] | None = None
    copied_by: Open[tuple[Copy, ...]] | None = None
    adaptations: Open[Texts] | None = None


class Consent(Part):
    """Who agreed to be named, when, and since when no longer."""

    by: Short
    date: datetime.date
    withdrawn: datetime.date | None = None


class Contact(Part):
    """Whom to ask. A person's name or address stands here only with that person's consent."""

    organisation: Short | None = None
    role: Short | None = None
    name: Short | None = None
    email: Annotated[Plain, StringConstraints(pattern=r"^[^@\s<>]+@[^@\s<>]+$", max_length=254)] | None = None
    phone: Short | None = None
    url: Address | None = None
    consent: Consent | None = None

    @property
    def personal(self) -> bool:
        """True when a person can be known by it."""
        return bool(self.name or self.email or self.phone)

    @model_validator(mode="after")
    def _agreed(self) -> Contact:
        if self.personal and (self.consent is None or self.consent.withdrawn is not None):
            raise ValueError("consent")
        return self


class Source(Part):
    """Where a statement was read, by whom it was published, and on which day we read it."""

    url: Address | None = None
    title: Short | None = None
    author: Short | None = None
    publisher: Short | None = None
    published: Day | None = None
    read_on: datetime.date
    archived_on: datetime.date | None = None
    archived_url: Address | None = None
    licence: Short | None = None
    language: Language | None = None
    status: Literal["self_reported", "official", "press", "evaluation", "study", "law", "other"] | None = None

    @model_validator(mode="after")
    def _findable(self) -> Source:
        if not self.url and not self.title:
            raise ValueError("source")
        return self


class Document(Part):
    """A file that belongs to the record, known by its checksum."""

    title: Texts
    url: Address | None = None
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None
    media_type: Short | None = None
    size: Annotated[int, Field(ge=0)] | None = None
    language: Language | None = None
    version: Short | None = None
    access: Literal[ACCESS] = "public"  # type: ignore[valid-type]


class Link(Part):
    """How this record is tied to another one of the library."""

    to: Short
    relation: Literal["implements", "part_of", "copies", "replaces", "see_also"] = "see_also"


class Identifier(Part):
    """The number of this record in another collection, e.g. ``participedia`` and ``8448``."""

    scheme: Short
    value: Short


class Participation(Part):
    """How people took part, in the terms of Participedia, kept as they stand there."""

    approaches: tuple[Short, ...] = ()
    purposes: tuple[Short, ...] = ()
    method_types: tuple[Short, ...] = ()
    tool_types: tuple[Short, ...] = ()
    methods: tuple[Short, ...] = ()
    issues: tuple[Short, ...] = ()
    topics: tuple[Short, ...] = ()
    targeted: tuple[Short, ...] = ()
    interactions: tuple[Short, ...] = ()
    learning_resources: tuple[Short, ...] = ()
    decision_methods: tuple[Short, ...] = ()
    voting: tuple[Short, ...] = ()
    outcomes: tuple[Short, ...] = ()
    organizer_types: tuple[Short, ...] = ()
    funder_types: tuple[Short, ...] = ()
    change_types: tuple[Short, ...] = ()
    implementers_of_change: tuple[Short, ...] = ()
    spectrum: Short | None = None
    scope: Short | None = None
    open_limited: Short | None = None
    recruitment_method: Short | None = None
    facetoface_online: Short | None = None
    time_limited: Short | None = None
    legality: Short | None = None
    facilitators: Short | None = None
    facilitator_training: Short | None = None
    staff: Short | None = None
    volunteers: Short | None = None
    impact_evidence: Short | None = None
    formal_evaluation: Short | None = None
    primary_organizer: Short | None = None
    primary_organizer_id: Short | None = None


class Review(Part):
    """What one reviewer says to the five questions, from 0 (no) to 4 (fully)."""

    by: Short
    date: datetime.date
    criteria: dict[Literal[CRITERIA], Annotated[int, Field(ge=0, le=4)]]  # type: ignore[valid-type]
    note: Texts | None = None
