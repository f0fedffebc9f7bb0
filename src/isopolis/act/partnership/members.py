"""Who is in a partnership, in which role, from when to when, and where on the map.

Counts, lists, maps and the public interface all ask `members_on`, so that they cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import Field, model_validator

from isopolis.model.text import phrase

from .base import Access, Key, Link, Plain, Source, Texts
from .when import When, covers, first_day, last_day

__all__ = [
    "LAYERS",
    "LEVELS",
    "Layer",
    "Member",
    "Place",
    "Role",
    "coordinators_on",
    "countries_of",
    "dates_of_change",
    "layers_on",
    "members_on",
    "stakeholders",
]

LAYERS: dict[str, str] = {
    "national_authority": phrase("National authorities"),
    "region": phrase("Regions"),
    "city": phrase("Cities"),
    "umbrella": phrase("Organisations of cities"),
    "other": phrase("Other stakeholders"),
    "eu_institution": phrase("European institutions"),
}
"""Types of members, which are the layers of the map, in the order in which they are listed."""
LEVELS: dict[str, str] = {
    "european": phrase("European"),
    "national": phrase("national"),
    "regional": phrase("regional"),
    "local": phrase("local"),
}
ROLES: dict[str, str] = {
    "coordinator": phrase("coordinator"),
    "member": phrase("member"),
    "observer": phrase("observer"),
    "expert": phrase("expert"),
}
OUTSIDE = ("eu_institution",)
"""Types that take part without being counted among the stakeholders."""


class Role(Plain):
    """What a member does, from when to when."""

    role: Literal["coordinator", "member", "observer", "expert"]
    start: When | None = None
    end: When | None = None


class Place(Plain):
    """A point on the map: degrees north and east (WGS 84), of the town, not of a building."""

    name: str
    lat: Annotated[float, Field(ge=-90, le=90)]
    lon: Annotated[float, Field(ge=-180, le=180)]


class Member(Plain):
    """An organisation in a partnership; never a person."""

    key: Key
    name: Texts
    short: str = ""
    type: Literal["national_authority", "region", "city", "umbrella", "other", "eu_institution"]
    level: Literal["european", "national", "regional", "local"]
    country: Annotated[str, Field(pattern=r"^([A-Z]{2}|EU)$")]
    place: Place | None = None
    url: Link | None = None
    start: When | None = None
    end: When | None = None
    roles: tuple[Role, ...] = ()
    note: str = ""
    access: Access = "public"
    sources: tuple[Source, ...] = ()

    @model_validator(mode="after")
    def _dates_in_order(self) -> Member:
        spans = [(self.start, self.end), *((r.start, r.end) for r in self.roles)]
        for start, end in spans:
            if start and end and last_day(end) < first_day(start):
                raise ValueError(f"it ends ({end}) before it begins ({start})")
        return self

    def active(self, on: date) -> bool:
        """Tell whether it is a member on a day; the day of leaving is still one."""
        return covers(self.start, self.end, on)

    def role_on(self, on: date) -> str:
        """Return its role on a day: that of the list that covers the day, else plain member."""
        return next((r.role for r in self.roles if covers(r.start, r.end, on)), "member")


@dataclass(frozen=True, slots=True)
class Layer:
    """The members of one type on one day."""

    type: str
    title: str
    members: tuple[Member, ...]

    def __len__(self) -> int:
        return len(self.members)


def members_on(members: Iterable[Member], on: date, types: Iterable[str] | None = None) -> tuple[Member, ...]:
    """Return who is a member on a day, by type in the order of `LAYERS`, then as given.

    Parameters
    ----------
    members : iterable of Member
        All that ever were.
    on : date
        The day.
    types : iterable of str, optional
        Only these types; all when None.
    """
    wanted = set(LAYERS if types is None else types)
    order = {t: n for n, t in enumerate(LAYERS)}
    here = [m for m in members if m.type in wanted and m.active(on)]
    return tuple(sorted(here, key=lambda m: order[m.type]))


def layers_on(members: Iterable[Member], on: date) -> tuple[Layer, ...]:
    """Return one layer for each type, empty ones too, so that a switch can show that it is empty."""
    here = members_on(members, on)
    return tuple(Layer(t, title, tuple(m for m in here if m.type == t)) for t, title in LAYERS.items())


def coordinators_on(members: Iterable[Member], on: date) -> tuple[Member, ...]:
    """Return the members that coordinate on a day."""
    return tuple(m for m in members_on(members, on) if m.role_on(on) == "coordinator")


def stakeholders(members: Iterable[Member]) -> tuple[Member, ...]:
    """Leave out the European institutions, which public pages count apart."""
    return tuple(m for m in members if m.type not in OUTSIDE)


def countries_of(members: Iterable[Member]) -> tuple[str, ...]:
    """Return the countries of some members, without "EU", in alphabetical order of their codes."""
    return tuple(sorted({m.country for m in members} - {"EU"}))


def dates_of_change(members: Iterable[Member]) -> tuple[date, ...]:
    """Return the days on which the list of members differs from the day before."""
    days: set[date] = set()
    for m in members:
        if m.start:
            days.add(first_day(m.start))
        if m.end:
            days.add(last_day(m.end) + timedelta(days=1))
    return tuple(sorted(days))
