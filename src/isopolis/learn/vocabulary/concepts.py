"""What a vocabulary is made of: concepts, schemes, definitions and a city's own words."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

__all__ = ["LOCAL", "STATES", "Concept", "Definition", "LocalTerm", "Match", "Scheme", "Source", "is_id"]

LOCAL = "local"
STATES = ("unmapped", "proposed", "confirmed", "declined")
_ID = re.compile(r"[a-z][a-z0-9_]{0,39}:[a-z0-9][a-z0-9_.-]{0,79}")


def is_id(text: str) -> bool:
    """Say whether `text` has the form ``scheme:name``, such as ``ground:disability``."""
    return _ID.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Match:
    """The same or nearly the same thing in a list of somebody else.

    Parameters
    ----------
    relation : str
        ``exact``, ``close``, ``broad`` or ``narrow``, as SKOS means them.
    scheme : str
        The other list: ``tfeu-19``, ``sdg``, or ``iri`` when `notation` is a web address.
    notation : str
        What the other list calls it.
    """

    relation: str
    scheme: str
    notation: str


@dataclass(frozen=True)
class Concept:
    """One thing that records, processes and plans can be about.

    Parameters
    ----------
    id : str
        ``scheme:name``. It never changes; labels may.
    labels : mapping of str to tuple of str
        Language → the preferred label, then the other words people use. Not to be changed.
    definition, note : str
        What it is, and how it should be used; English, may be empty.
    broader, related : tuple of str
        Ids of concepts. `broader` stays inside one scheme and makes no circle.
    matches : tuple of Match
        The same thing elsewhere.
    scheme : str, optional
        Only for a city's own words: the scheme they belong to, beside that of their id.
    """

    id: str
    labels: Mapping[str, tuple[str, ...]] = field(hash=False)
    definition: str = ""
    note: str = ""
    broader: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    matches: tuple[Match, ...] = ()
    kind: str = ""

    @property
    def scheme(self) -> str:
        """The scheme it belongs to; for a city's own word the one it was entered for."""
        return self.kind or self.id.partition(":")[0]

    @property
    def name(self) -> str:
        """The id without its scheme."""
        return self.id.partition(":")[2]

    @property
    def local(self) -> bool:
        """True for a city's own word."""
        return self.id.startswith(LOCAL + ":")

    def label(self, lang: str = "en") -> str:
        """Return the preferred label in a language, else in English, else in any, else the id."""
        found = self.labels.get(lang) or self.labels.get("en") or next(iter(self.labels.values()), ())
        return found[0] if found else self.id


@dataclass(frozen=True, slots=True)
class Scheme:
    """One list of concepts, with the version and licence it is given out under."""

    name: str
    title: str
    about: str
    version: str
    date: dt.date
    licence: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where something was read, and when. `url` is empty when no address was recorded."""

    title: str
    publisher: str
    read: dt.date
    url: str = ""


@dataclass(frozen=True, slots=True)
class Definition:
    """One version of a definition. Once out it stays as it is; a new wording is a new version."""

    id: str
    version: str
    date: dt.date
    status: str
    label: str
    text: str
    note: str = ""
    sources: tuple[Source, ...] = ()

    @property
    def key(self) -> str:
        """What a report names: ``definition:city_of_equality@1.0``."""
        return f"{self.id}@{self.version}"


@dataclass(frozen=True, slots=True)
class LocalTerm:
    """A word of a city's own, and the shipped concept a person has said it means.

    Parameters
    ----------
    id : str
        ``local:name``.
    label, lang : str
        The word and its language.
    kind : str
        The scheme it belongs to: ``ground``, ``group`` …
    state : str
        ``unmapped``, ``proposed`` (by likeness, nobody has looked), ``confirmed`` or ``declined``.
    concept : str
        Id of the shipped concept that was proposed or confirmed.
    score : float
        Likeness of the words between 0 and 1, when proposed.
    by : str
        Who confirmed or declined.
    """

    id: str
    label: str
    lang: str
    kind: str
    state: str = "unmapped"
    concept: str = ""
    score: float = 0.0
    by: str = ""

    def __post_init__(self) -> None:
        if not self.id.startswith(LOCAL + ":") or not is_id(self.id):
            raise ValueError(f"{self.id!r} is no id of a local term; allowed: local:name in small letters")
        if self.state not in STATES:
            raise ValueError(f"{self.id}: state {self.state!r}; allowed: {', '.join(STATES)}")
        if self.state in ("confirmed", "declined") and not self.by:
            raise ValueError(f"{self.id} is {self.state} by nobody; a person has to do that")
        if self.state in ("proposed", "confirmed") and not self.concept:
            raise ValueError(f"{self.id} is {self.state}, but no concept is named")

    def proposed(self, concept: str, score: float) -> LocalTerm:
        """Return it with a proposal that waits for a person."""
        return replace(self, state="proposed", concept=concept, score=score, by="")

    def confirmed(self, concept: str, by: str) -> LocalTerm:
        """Return it mapped to `concept` by a person."""
        return replace(self, state="confirmed", concept=concept, by=by)

    def declined(self, by: str) -> LocalTerm:
        """Return it kept as a word of its own: a person said that no shipped concept means it."""
        return replace(self, state="declined", concept="", score=0.0, by=by)
