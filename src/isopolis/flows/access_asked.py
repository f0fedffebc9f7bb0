"""What is asked of access, and the answer as a whole."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from isopolis.model import AccessData, CallError, Finding, Places, Problem, Streets, Travel, near

if TYPE_CHECKING:
    from .access_digital import DigitalAccess

__all__ = [
    "DAYS",
    "POLICIES",
    "AccessAsked",
    "AccessFound",
    "ChangeFound",
    "GroupAccess",
    "HourAccess",
    "ProfileAccess",
    "SiteFound",
    "clock",
    "moment",
    "window",
]

POLICIES = ("optimistic", "expected", "pessimistic")
"""How unknown tags of streets are read; the outer two bound every result."""

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_CODE = re.compile(r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$")
_TIME = re.compile(r"^([01]?\d|2[0-9]):([0-5]\d)$")

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class AccessAsked:
    """One question about access.

    Parameters
    ----------
    service : str
        The data's own name of a service, or a term of the vocabulary.
    profile : str
        How people move: the profile that the answer is about.
    minutes : float
        The standard: how far is near.
    others : tuple of str
        Profiles to compare with.
    by : tuple of tuple of str
        Crossings of dimensions, ``(("age", "disability"),)``; empty: every dimension and every pair
        of dimensions that the data crosses.
    at : str
        When the service must be open: ``Tu 14:30``; empty: at any time.
    fee : float or None
        The most that people can pay for one use, euros.
    language : str
        ISO 639 code of a language that must be spoken there.
    transit : bool
        Use the timetables as well, where the folder has them.
    depart : str
        Window of departures, ``14:00-16:00``; empty: the two hours in which most trips run.
    date : str
        ISO date of the timetable; empty: the working day with most trips.
    sites : int
        How many new sites to look for; 0 for none.
    changes : tuple of str
        What-if edits, as docs/access.md writes them.
    offline : bool
        People without internet: a place that is booked online only does not admit them.
    """

    service: str
    profile: str = "adult"
    minutes: float = 15.0
    others: tuple[str, ...] = ()
    by: tuple[tuple[str, ...], ...] = ()
    at: str = ""
    fee: float | None = None
    language: str = ""
    transit: bool = True
    depart: str = ""
    date: str = ""
    sites: int = 2
    changes: tuple[str, ...] = ()
    offline: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.minutes <= 24 * 60:
            raise CallError(f"--minutes {self.minutes:g}: a number above 0 and up to a day is needed")
        if self.sites < 0 or self.sites > 50:
            raise CallError(f"--sites {self.sites}: a number from 0 to 50 is needed")
        if self.fee is not None and not self.fee >= 0:
            raise CallError(f"--fee {self.fee:g}: euros are needed, 0 or more")
        if self.language and not _CODE.match(self.language.strip()):
            raise CallError(f'--language "{self.language}": an ISO 639 code such as ar or pt-BR is needed')
        if self.at:
            moment(self.at)
        if self.depart:
            window(self.depart)

    @property
    def limit(self) -> int:
        """The standard in milliseconds."""
        return round(self.minutes * 60_000)


def clock(text: str, option: str) -> int:
    """Return ``14:30`` as seconds after midnight; hours up to 29 belong to the night after."""
    found = _TIME.match(text.strip())
    if not found:
        raise CallError(f'{option} "{text}": a time such as 14:30 is needed')
    return int(found[1]) * 3600 + int(found[2]) * 60


def moment(text: str) -> tuple[str, int]:
    """Return ``Tu 14:30`` as the day and seconds after midnight.

    Raises
    ------
    CallError
        If it is no such moment.
    """
    day, _, time = text.strip().partition(" ")
    if len(day) < 2 or day[:2].capitalize() not in DAYS:
        raise CallError(f'--at "{text}": a day and a time such as "Tu 14:30" are needed; ' + near(day, DAYS))
    return day[:2].capitalize(), clock(time, "--at")


def window(text: str) -> tuple[int, int]:
    """Return ``14:00-16:00`` as seconds after midnight.

    Raises
    ------
    CallError
        If it is no such window, or ends before it begins.
    """
    first, dash, last = text.partition("-")
    if not dash:
        raise CallError(f'--depart "{text}": a window such as 14:00-16:00 is needed')
    begin, end = clock(first, "--depart"), clock(last, "--depart")
    if end <= begin:
        raise CallError(f'--depart "{text}": the window ends before it begins')
    return begin, end


@dataclass(frozen=True, slots=True, eq=False)
class GroupAccess:
    """One group's access under one profile.

    Parameters
    ----------
    dimension : str
        Names of the crossed dimensions joined by `` × ``; empty for everyone.
    group : str
        Canonical text; ``everyone`` for all.
    label : str
        For readers.
    people : float
    finding : Finding
        Share of the group within the standard, 0 to 1; bounds and intervals inside.
    low, high : float or None
        The share if unknown tags are barriers, and if they are none.
    median : float or None
        Minutes of the middle person; None when she cannot get there.
    gap : float or None
        Share less everyone's share, in points of 1.
    beyond : float
        People outside the standard.
    reached : float or None
        Places (jobs, seats) within the standard, on average over the group.
    reached_interval : (float, float) or None
    """

    dimension: str
    group: str
    label: str
    people: float
    finding: Finding
    low: float | None
    high: float | None
    median: float | None
    gap: float | None
    beyond: float
    reached: float | None = None
    reached_interval: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ProfileAccess:
    """Everything about one way of moving.

    Parameters
    ----------
    name, title : str
    travel : mapping of str to Travel
        By policy.
    nearest : mapping of str to (O,) array of int, milliseconds
        To the nearest admitted place by policy; -1 where none is in reach.
    groups : tuple of GroupAccess
        Everyone first.
    usable : float or None
        Share of the length of streets that this body can use as expected.
    reasons : tuple of (str, float)
        Why streets cannot be used, and the share of their length.
    unknown : float or None
        Share of the length whose tags leave it open.
    """

    name: str
    title: str
    travel: Mapping[str, Travel]
    nearest: Mapping[str, Ints]
    groups: tuple[GroupAccess, ...]
    usable: float | None = None
    reasons: tuple[tuple[str, float], ...] = ()
    unknown: float | None = None

    @property
    def everyone(self) -> GroupAccess:
        """The access of all people together."""
        return self.groups[0]


@dataclass(frozen=True, slots=True)
class HourAccess:
    """Share of people within the standard by hour of departure."""

    profile: str
    title: str
    begin: int
    end: int
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class SiteFound:
    """A place where one more service would help the worst-off group most.

    Parameters
    ----------
    origin, name : str
    lon, lat : float, degrees
    gained : float
        People of this way of moving newly within the standard, after the sites before it.
    levels : mapping of str to (float, float)
        Label of a group → its share before and after all sites.
    again : (int, int) or None
        In how many of how many repeats with other counts, times or readings it is chosen again.
    """

    origin: str
    name: str
    lon: float
    lat: float
    gained: float
    levels: Mapping[str, tuple[float, float]]
    again: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ChangeFound:
    """What one what-if edit does to each group's share within the standard.

    Parameters
    ----------
    text : str
        The edit as it was asked for, and `said` for readers.
    gained : float
        People within the standard after it who were not before; below 0 where it loses people.
    levels : mapping of str to (float, float)
        Label of a group → its share before and after.
    """

    text: str
    said: str
    gained: float
    levels: Mapping[str, tuple[float, float]]


@dataclass(frozen=True, slots=True, eq=False)
class AccessFound:
    """The answer.

    Parameters
    ----------
    data : AccessData
    asked : AccessAsked
    places : Places
        Of the service that was asked for.
    profiles : tuple of ProfileAccess
        The one asked for first.
    hours : tuple of HourAccess
        Empty without timetables.
    barriers : tuple of str
        How many places admit, and why the others do not.
    inequality : tuple of Finding
        Gini, Palma and their like of the profile asked for.
    split : mapping
        Shapley parts of each group's gap: where, how, admitted.
    sites : tuple of SiteFound
    sites_note : str
        How good the choice is known to be.
    survey : (n, 4) array
        Longitude and latitude of both ends of the streets whose unknown tags would change most.
    survey_people : (n,) array
        People whose nearest journey uses the street.
    survey_rows : tuple of (str, float, str)
        Name of a street, people, what nobody has recorded of it.
    changed : tuple of ChangeFound
        What each what-if edit would do.
    service_day : str
        Date of the timetable.
    origin_names : (O,) tuple of str
        For readers.
    digital : DigitalAccess or None
    firm : str
        What late trips change.
    window : str
        Of departures, ``14:00-16:00``; empty without timetables.
    admitting : int or None
        Places that admit people at large, unknown ones counted in.
    on_foot : float or None
        Share within the standard without timetables, where there are timetables.
    bodies_gained : tuple of (str, float)
        Title of each other way of moving → people it brings within the standard with all sites.
    alarms : tuple of str
        What must be read before anything else.
    caveats : tuple of Problem
    """

    data: AccessData
    asked: AccessAsked
    places: Places
    profiles: tuple[ProfileAccess, ...]
    hours: tuple[HourAccess, ...] = ()
    barriers: tuple[str, ...] = ()
    inequality: tuple[Finding, ...] = ()
    split: Mapping[str, Any] = field(default_factory=dict)
    sites: tuple[SiteFound, ...] = ()
    sites_note: str = ""
    survey: Floats | None = None
    survey_people: Floats | None = None
    survey_rows: tuple[tuple[str, float, str], ...] = ()
    changed: tuple[ChangeFound, ...] = ()
    service_day: str = ""
    origin_names: tuple[str, ...] = ()
    digital: DigitalAccess | None = None
    firm: str = ""
    admitting: int | None = None
    window: str = ""
    on_foot: float | None = None
    bodies_gained: tuple[tuple[str, float], ...] = ()
    alarms: tuple[str, ...] = ()
    caveats: tuple[Problem, ...] = ()
    streets: Streets | None = None

    def name_of(self, origin: int) -> str:
        """Name a place to start from, with its street where the name is only an id."""
        return self.origin_names[origin] if self.origin_names else str(self.data.origins.names[origin])

    @property
    def main(self) -> ProfileAccess:
        """The profile that was asked for."""
        return self.profiles[0]

    @property
    def looked(self) -> float:
        """Longest journey that was looked for, minutes."""
        return next(iter(self.main.travel.values())).limit / 60_000

    @property
    def counted(self) -> bool:
        """True where one place stands for many, as jobs or seats do: what matters is how many are near."""
        return self.places.amount is not None and bool((self.places.amount > 1).any())
