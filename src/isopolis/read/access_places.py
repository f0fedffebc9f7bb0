"""Coordinates of services → degrees, with what gives a wrong reference system away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import Problems
from isopolis.model.text import Number, phrase, phrases

from .columns import Table

__all__ = ["FAR", "Box", "box_of", "to_degrees"]

Floats = npt.NDArray[np.float64]

FAR = 50_000.0
"""Metres outside the city's box beyond which a place cannot be the city's."""

METRES_PER_DEGREE = 111_195.0


@dataclass(frozen=True, slots=True)
class Box:
    """Where the city lies, degrees; and the reference systems that its other files use."""

    west: float
    south: float
    east: float
    north: float
    systems: tuple[str, ...] = ()

    def near(self, lon: Floats, lat: Floats, metres: float = FAR) -> npt.NDArray[np.bool_]:
        """(n,) True within `metres` of the box; False where a coordinate is missing."""
        up = metres / METRES_PER_DEGREE
        across = up / max(np.cos(np.radians((self.south + self.north) / 2)), 0.05)
        with np.errstate(invalid="ignore"):
            inside = (lon >= self.west - across) & (lon <= self.east + across)
            return np.asarray(inside & (lat >= self.south - up) & (lat <= self.north + up))


def box_of(lon: Floats, lat: Floats, systems: Iterable[str] = ()) -> Box | None:
    """Box around what is located; None when nothing is."""
    good = np.isfinite(lon) & np.isfinite(lat)
    if not good.any():
        return None
    west, south, east, north = (float(f(v[good])) for f in (np.min, np.max) for v in (lon, lat))
    return Box(west, south, east, north, tuple(dict.fromkeys(s for s in systems if s)))


def _transformed(x: Floats, y: Floats, crs: str) -> tuple[Floats, Floats]:
    from pyproj import Transformer

    lon, lat = Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform(x, y)
    lon, lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    bad = ~(np.isfinite(lon) & np.isfinite(lat))
    return np.where(bad, np.nan, lon), np.where(bad, np.nan, lat)


def _candidates(box: Box) -> tuple[str, ...]:
    """Systems in which a table about this city is likely to be kept."""
    lon = (box.west + box.east) / 2
    zone = int((lon + 180) // 6) % 60 + 1
    utm = f"EPSG:{32600 + zone if box.south >= 0 else 32700 + zone}"
    etrs = f"EPSG:{25800 + zone}" if 28 <= zone <= 38 and box.south > 30 else ""
    sirgas = f"EPSG:{31960 + zone}" if 17 <= zone <= 25 and box.north < 0 else ""
    named = (
        *box.systems,
        "EPSG:4326",
        etrs,
        sirgas,
        utm,
        "EPSG:3035",
        "EPSG:3857",
        "EPSG:2154",
        "EPSG:27700",
    )
    return tuple(dict.fromkeys(n for n in named if n))


def _share(lon: Floats, lat: Floats, box: Box) -> float:
    return float(box.near(lon, lat, 20_000.0).mean()) if len(lon) else 0.0


def _in_degrees(x: Floats, y: Floats) -> bool:
    """Tell numbers that look like degrees, in either order: metres of a city are hardly ever below 180."""
    return bool(((np.abs(x) <= 180) & (np.abs(y) <= 180)).mean() > 0.5)


def _likely(x: Floats, y: Floats, stated: str, box: Box) -> tuple[str, bool]:
    """System (and whether x and y are swapped) that puts most places into the city; empty when none does.

    Numbers that look like degrees are tried as degrees only: read as metres of a system whose origin is in
    the city, they would all lie on one point of it.
    """
    options: list[tuple[float, str, bool]] = []
    known = ("EPSG:4326",) if _in_degrees(x, y) else _candidates(box)
    for swapped in (False, True):
        a, b = (y, x) if swapped else (x, y)
        likely = [crs for crs in known if crs != stated or swapped]
        options += [(_share(*_transformed(a, b, crs), box), crs, swapped) for crs in likely]
    best = max(options, key=lambda o: o[0])  # the first of equals: unswapped, the city's own system
    return (best[1], best[2]) if best[0] >= 0.8 else ("", False)


def _system(x: Floats, y: Floats, stated: str, box: Box | None, table: Table, problems: Problems) -> str:
    """System of the coordinates: stated, else told from the numbers, which a caveat says."""
    if stated:
        return stated
    degrees = bool((np.abs(x) <= 180).all() and (np.abs(y) <= 90).all())
    if degrees or box is None:
        return "EPSG:4326"
    found, swapped = _likely(x, y, "", box)
    if found and not swapped:
        problems.caveat(
            "crs-assumed",
            phrase(
                "the reference system of these coordinates is not stated; {crs} was assumed, because it puts "
                "them into the city",
                crs=found,
            ),
            file=table.file,
            hint=phrase('Write crs = "{crs}" in city.toml if that is right.', crs=found),
        )
    return found or "EPSG:4326"


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """Coordinates as the table has them, what they were read as, and the rows far from the city."""

    x: Floats
    y: Floats
    lon: Floats
    lat: Floats
    far: npt.NDArray[np.intp]
    crs: str
    columns: tuple[str, str]


def _kilometres(found: _Found, box: Box) -> int | None:
    """How far the middle one of the far places lies from the city's box; None where no place is known."""
    lon, lat = found.lon[found.far], found.lat[found.far]
    good = np.isfinite(lon) & np.isfinite(lat)
    if not good.any():
        return None
    here, there = np.radians(np.clip(lat[good], box.south, box.north)), np.radians(lat[good])
    turn = np.radians(lon[good] - np.clip(lon[good], box.west, box.east))
    half = np.sin((there - here) / 2) ** 2 + np.cos(here) * np.cos(there) * np.sin(turn / 2) ** 2
    turned = np.degrees(2 * np.arcsin(np.sqrt(np.clip(half, 0, 1))))
    return round(float(np.median(turned)) * METRES_PER_DEGREE / 1000)


def _swapped(found: _Found, crs: str, stated: str) -> str:
    """Say that x and y are swapped, and what to write."""
    x, y = found.columns
    if x == y:
        return phrase(
            "Longitude and latitude (or x and y) are swapped in the file: write it longitude first."
        )
    if crs == (stated or "EPSG:4326"):
        return phrase(
            'Longitude and latitude (or x and y) are swapped: write x = "{y}", y = "{x}" for this table in '
            "city.toml.",
            x=x,
            y=y,
        )
    return phrase(
        'Longitude and latitude (or x and y) are swapped: write x = "{y}", y = "{x}", crs = "{crs}" for '
        "this table in city.toml.",
        x=x,
        y=y,
        crs=crs,
    )


def _hint(found: _Found, some: npt.NDArray[np.bool_], stated: str, box: Box) -> str:
    """Say what to write into city.toml, or what to correct in the table."""
    likely, swapped = _likely(found.x[some], found.y[some], found.crs, box)
    if likely and swapped:
        return _swapped(found, likely, stated)
    if likely:
        return phrase(
            'With {crs} they lie in the city: write crs = "{crs}" for this table in city.toml.', crs=likely
        )
    x, y = found.x[found.far], found.y[found.far]
    if _likely(x, y, found.crs, box)[1]:
        return phrase("In these rows longitude and latitude (or x and y) are swapped: put them right.")
    if _in_degrees(x, y):
        return phrase(
            "No reference system puts them into the city, nor does swapping longitude and latitude: correct "
            "the coordinates."
        )
    return phrase(
        "None of the reference systems usual there puts them into the city: find out that of the table and "
        'write crs = "EPSG:..." for it in city.toml, or correct the coordinates.'
    )


def _refuse(
    found: _Found, some: npt.NDArray[np.bool_], stated: str, box: Box, table: Table, problems: Problems
) -> None:
    first, crs = int(found.far[0]), found.crs
    away = _kilometres(found, box)
    metres = bool((np.maximum(np.abs(found.x), np.abs(found.y))[found.far] > 360).any())
    if crs == "EPSG:4326" and metres:
        what = phrase("these coordinates look like metres and cannot be those of {crs}", crs=crs)
    elif away is None:
        what = phrase("read as {crs}, these places lie far from the city", crs=crs)
    else:
        what = phrase(
            "read as {crs}, these places lie {km} km from the city", crs=crs, km=Number(f"{away:,}")
        )
    problems.error(
        "wrong-crs",
        what,
        file=table.file,
        column=found.columns[0],
        rows=table.shown(found.far),
        value=f"{found.x[first]:.8g}, {found.y[first]:.8g}",
        count=len(found.far),
        rule=phrase(
            "places near the city, which lies between longitudes {west} and {east}, latitudes {south} and "
            "{north}",
            west=f"{box.west:.3f}", east=f"{box.east:.3f}",
            south=f"{box.south:.3f}", north=f"{box.north:.3f}",
        ),
        hint=_hint(found, some, stated, box),
    )  # fmt: skip


def to_degrees(
    x: Floats,
    y: Floats,
    stated: str,
    box: Box | None,
    columns: tuple[str, str],
    table: Table,
    problems: Problems,
) -> tuple[Floats, Floats]:
    """Bring the places of a table into degrees.

    Parameters
    ----------
    x, y : (n,) arrays
        NaN where missing.
    stated : str
        Reference system, empty when not said.
    box : Box or None
        The city's; None when nothing of it is located.
    columns : (str, str)
        Headings of x and y, for messages.
    table : Table
    problems : Problems
        Receives ``wrong-crs`` (fatal) when half of the places or more lie farther than `FAR`
        from the city, naming the system that would put them there, or saying that x and y are
        swapped, or that nothing puts them there; ``far-place`` (a
        caveat) for single ones, whose place is then taken as not known.

    Returns
    -------
    lon, lat : (n,) arrays
        Degrees (WGS84), NaN where not known.
    """
    lon, lat = np.full(len(x), np.nan), np.full(len(x), np.nan)
    some = np.isfinite(x) & np.isfinite(y)
    if not some.any():
        return lon, lat
    crs = _system(x[some], y[some], stated, box, table, problems)
    made = _in_system(x[some], y[some], crs, table, problems)
    if made is None:
        return lon, lat
    lon[some], lat[some] = made
    if box is None:
        return lon, lat
    far = np.flatnonzero(some & ~box.near(lon, lat))
    if len(far) >= 0.5 * some.sum():
        _refuse(_Found(x, y, lon, lat, far, crs, columns), some, stated, box, table, problems)
    elif len(far):
        first = int(far[0])
        problems.caveat(
            "far-place",
            phrases(
                "a place lies more than 50 km from the city; where it is was taken as not known",
                "{n} places lie more than 50 km from the city; where they are was taken as not known",
                len(far),
            ),
            file=table.file,
            rows=table.shown(far),
            count=len(far),
            column=columns[0],
            value=f"{x[first]:.8g}, {y[first]:.8g}",
            hint=phrase("Correct the coordinates; two of them may be swapped."),
        )
    lon[far] = lat[far] = np.nan
    return lon, lat


def _in_system(x: Floats, y: Floats, crs: str, table: Table, problems: Problems) -> Any:
    from pyproj.exceptions import CRSError

    try:
        return _transformed(x, y, crs)
    except CRSError:
        problems.error(
            "unknown-crs",
            phrase("this reference system is not known"),
            file=table.file,
            value=crs[:80],
            hint=phrase('Write crs = "EPSG:..." in city.toml.'),
        )
        return None
