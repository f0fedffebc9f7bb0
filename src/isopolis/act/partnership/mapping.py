"""Where the members' points lie on a drawing, without any map from elsewhere.

The projection is the equirectangular one with a true parallel in the middle of the points
(Snyder 1987, Map Projections: A Working Manual, p. 90): plain, and good enough to see who is where.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .members import Member

__all__ = ["Dot", "Drawing", "GridLine", "draw"]

STEP = 10
"""Degrees between the lines of the net."""
NEAR = 14.0
"""Units within which two points share one label."""


@dataclass(frozen=True, slots=True)
class Dot:
    """One place: x to the right, y down, in units of the drawing, and who sits there."""

    x: float
    y: float
    name: str
    members: tuple[Member, ...]

    @property
    def type(self) -> str:
        """Type of the first of them, for the sign of the dot."""
        return self.members[0].type


@dataclass(frozen=True, slots=True)
class GridLine:
    """One line of the net with its degrees."""

    x1: float
    y1: float
    x2: float
    y2: float
    degrees: int
    north: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """Dots and lines in a frame of `width` × `height` units."""

    width: float
    height: float
    dots: tuple[Dot, ...]
    lines: tuple[GridLine, ...]


def draw(members: Iterable[Member], width: float = 720.0, margin: float = 48.0) -> Drawing:
    """Lay the members that have a place out on a drawing.

    Parameters
    ----------
    members : iterable of Member
        Those to show; those without place are left to the table.
    width : float
        Width of the drawing in its own units; the height follows from the places.
    margin : float
        Units that stay free on each side.
    """
    placed: dict[tuple[float, float], list[Member]] = {}
    for m in members:
        if m.place is not None:
            placed.setdefault((m.place.lat, m.place.lon), []).append(m)
    if not placed:
        return Drawing(width, 2 * margin, (), ())
    south, north = _span([lat for lat, _lon in placed])
    west, east = _span([lon for _lat, lon in placed])
    squeeze = math.cos(math.radians((south + north) / 2))
    scale = (width - 2 * margin) / ((east - west) * squeeze)
    height = (north - south) * scale + 2 * margin

    def at(lat: float, lon: float) -> tuple[float, float]:
        return round(margin + (lon - west) * squeeze * scale, 1), round(margin + (north - lat) * scale, 1)

    dots = [Dot(*at(*place), _named(who), tuple(who)) for place, who in placed.items()]
    lines = [
        *(GridLine(*at(lat, west), *at(lat, east), lat, True) for lat in range(south, north + 1, STEP)),
        *(GridLine(*at(south, lon), *at(north, lon), lon, False) for lon in range(west, east + 1, STEP)),
    ]
    return Drawing(width, round(height, 1), tuple(sorted(dots, key=lambda d: (d.x, d.y))), tuple(lines))


def _span(degrees: Sequence[float]) -> tuple[int, int]:
    """Round outwards to lines of the net, never to nothing."""
    low = math.floor(min(degrees) / STEP) * STEP
    high = math.ceil(max(degrees) / STEP) * STEP
    return low, high if high > low else low + STEP


def _named(members: Sequence[Member]) -> str:
    place = members[0].place
    return place.name if place else ""
