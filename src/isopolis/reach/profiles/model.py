"""The types of a mobility profile: how a body moves, what stops it, what it does where tags are missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from isopolis.model.pickling import as_fields

__all__ = [
    "BARRIERS",
    "CLASSES",
    "CROSSINGS",
    "POLICIES",
    "SMOOTHNESS",
    "SURFACES",
    "TAGS",
    "Choice",
    "Citation",
    "Costing",
    "Limits",
    "Profile",
    "Range",
    "Speed",
    "Transit",
    "Unknown",
]

POLICIES = ("optimistic", "expected", "pessimistic")
"""What is assumed where a tag is missing, from the best to the worst."""
CLASSES = ("major", "street", "calm", "footway", "cycleway", "path", "steps")
"""Kinds of way; ``shared/streets.yaml`` says which value of ``highway`` is which."""
SURFACES = ("smooth", "cobbles", "rough_cobbles", "firm", "loose", "soft")
SMOOTHNESS = (
    "excellent", "good", "intermediate", "bad", "very_bad", "horrible", "very_horrible", "impassable",
)  # fmt: skip
"""From the best to the worst, as OpenStreetMap orders them."""
CROSSINGS = ("signals", "marked", "unmarked")
BARRIERS = (
    "block", "bollard", "cattle_grid", "chain", "cycle_barrier", "full-height_turnstile", "horse_stile",
    "jersey_barrier", "kissing_gate", "log", "motorcycle_barrier", "stile", "swing_gate", "turnstile",
)  # fmt: skip
"""Barriers on vertices that stop some bodies; gates stop everybody, and only when they are closed."""
TAGS = (
    "surface", "smoothness", "width", "incline", "lit", "sidewalk", "kerb", "crossing", "ramp", "steps",
    "foot",
)  # fmt: skip
"""Tags that have a policy where they are missing."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A source, what was read in it and where."""

    cite: str
    where: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a missing tag may be: words, one of them expected."""

    possible: tuple[str, ...]
    expected: str


@dataclass(frozen=True, slots=True)
class Range:
    """What a missing tag may be: a number from `lowest` to `highest`."""

    lowest: float
    highest: float
    expected: float


@dataclass(frozen=True, slots=True, eq=False)
class Unknown:
    """By tag, then by class of way (by surface for ``smoothness``; ``any``): what a missing tag may be."""

    tables: Mapping[str, Mapping[str, Choice | Range]]

    def __post_init__(self) -> None:
        kept = {t: MappingProxyType(dict(by)) for t, by in self.tables.items()}
        object.__setattr__(self, "tables", MappingProxyType(kept))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Unknown):
            return NotImplemented
        return {t: dict(b) for t, b in self.tables.items()} == {t: dict(b) for t, b in other.tables.items()}

    def __hash__(self) -> int:
        return hash(tuple(sorted(self.tables)))

    def __reduce__(self) -> tuple[Any, ...]:
        return (Unknown, ({t: dict(by) for t, by in self.tables.items()},))

    def choice(self, tag: str, key: str = "any") -> Choice | None:
        """Return the words a missing tag may be; None where the tag does not matter on that class."""
        found = self.tables[tag].get(key)
        return found if isinstance(found, Choice) else None

    def range(self, tag: str, key: str = "any") -> Range | None:
        """Return the numbers a missing tag may be; None where the tag does not matter on that class."""
        found = self.tables[tag].get(key)
        return found if isinstance(found, Range) else None


@dataclass(frozen=True, slots=True)
class Speed:
    """Speed on the flat, and how slope changes the time.

    Parameters
    ----------
    flat : float, metres per second
    function : {"none", "tobler", "table"}
        ``tobler``: Tobler (1993), p. 3, W = 6 exp(−3.5 |S + 0.05|), as a factor on `flat`.
    table : tuple of (percent, factor)
        Factors of time, linear between the points and constant beyond; percent ascending.
    """

    flat: float
    function: str = "none"
    table: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """What stops this body; None where nothing does.

    Parameters
    ----------
    incline_up, incline_down : float or None, percent, above 0
    kerb : float or None, metres
    width : float or None, metres, least that is needed
    surfaces : frozenset of str
        Surfaces that are refused, of `SURFACES`.
    roughest : str or None
        Worst smoothness that can be used, of `SMOOTHNESS`.
    steps : {"allowed", "ramp", "wheelchair_ramp", "never"}
        ``ramp``: only beside a ramp of any kind; ``wheelchair_ramp``: only beside one for wheelchairs.
    unlit : bool
        True when unlit ways are refused.
    major_without_sidewalk : bool
        True when walking along a major road without sidewalk is refused.
    major_crossing : {"unmarked", "marked", "signals"}
        Least that a crossing of a major road must have.
    barriers : frozenset of str
        Barriers on vertices that are refused, of `BARRIERS`.
    wheelchair_tag : bool
        True when ``wheelchair=yes/limited/no``, the judgement of somebody who looked, decides.
    """

    incline_up: float | None = None
    incline_down: float | None = None
    kerb: float | None = None
    width: float | None = None
    surfaces: frozenset[str] = frozenset()
    roughest: str | None = None
    steps: str = "allowed"
    unlit: bool = False
    major_without_sidewalk: bool = False
    major_crossing: str = "unmarked"
    barriers: frozenset[str] = frozenset()
    wheelchair_tag: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Costing:
    """What costs time without stopping anybody; factors at least 1 on time, seconds at least 0.

    Parameters
    ----------
    surface, smoothness : mapping of str to float
    seconds_per_step : float
    ramp : float
        Factor on a stair that is passed by its ramp.
    kerb_seconds : float
        For each kerb higher than 3 cm.
    crossing_seconds : mapping of str to float
        Mean wait by kind of crossing, of `CROSSINGS`.
    unlit : float
    without_sidewalk : mapping of str to float
        By class, ``major`` and ``street``.
    limited : float
        Factor on ways tagged ``wheelchair=limited``.
    """

    surface: Mapping[str, float] = field(default_factory=dict)
    smoothness: Mapping[str, float] = field(default_factory=dict)
    seconds_per_step: float = 0.0
    ramp: float = 1.0
    kerb_seconds: float = 0.0
    crossing_seconds: Mapping[str, float] = field(default_factory=dict)
    unlit: float = 1.0
    without_sidewalk: Mapping[str, float] = field(default_factory=dict)
    limited: float = 1.0

    def __post_init__(self) -> None:
        for name in ("surface", "smoothness", "crossing_seconds", "without_sidewalk"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def __reduce__(self) -> tuple[Any, ...]:
        return as_fields(self)

    def _key(self) -> tuple[Any, ...]:
        values = (getattr(self, name) for name in self.__slots__)
        return tuple(tuple(sorted(v.items())) if isinstance(v, Mapping) else v for v in values)

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, Costing) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())


@dataclass(frozen=True, slots=True)
class Transit:
    """How this body uses public transport.

    Parameters
    ----------
    needs_wheelchair : bool
        True when trips and stops must be usable by wheelchair.
    boarding_seconds : int
    walk_limit : int, metres
        To the first stop, from the last one and between stops, each.
    """

    needs_wheelchair: bool = False
    boarding_seconds: int = 0
    walk_limit: int = 1000


@dataclass(frozen=True, slots=True)
class Profile:
    """How one kind of body moves in a city.

    Parameters
    ----------
    name, title, note : str
        `note` says which figures are judgement.
    read : str, ISO date
        When the sources were read.
    citations : tuple of Citation
    speed, limits, costing, transit, unknown
    max_minutes : int
        Longest journey that is looked at.
    snap_limit : int, metres
        Longest way from a point to the street.
    """

    name: str
    title: str
    note: str
    read: str
    citations: tuple[Citation, ...]
    speed: Speed
    limits: Limits
    costing: Costing
    transit: Transit
    unknown: Unknown
    max_minutes: int = 60
    snap_limit: int = 200

    def offset(self, gap: float) -> int:
        """Return the time in ms for `gap` metres on the flat, between a point and its street."""
        return int(gap * 1000.0 / self.speed.flat + 0.5)
