"""What a what-if may say: zones by id or name, points near the city, hours, tags that somebody reads."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from isopolis.model import NO, UNKNOWN, YES, CallError, Origins, Problems, near

__all__ = ["TAGS", "check_tag", "numbered", "spot", "terms_of"]

FAR = 50.0
"""Kilometres from every place where people start beyond which a point cannot be the city's."""

RADIUS = 6371.0
"""Kilometres: mean radius of the earth."""

_ANSWERS = {"yes": YES, "no": NO, "unknown": UNKNOWN}
_SIDES = ("sidewalk", "sidewalk:both", "sidewalk:left", "sidewalk:right")

TAGS = (
    "highway", "foot", "access", *_SIDES, *(f"{s}:surface" for s in _SIDES), *(f"{s}:width" for s in _SIDES),
    "surface", "smoothness", "width", "est_width", "incline", "lit", "kerb", "kerb:height", "step_count",
    "steps", "ramp", "ramp:stroller", "ramp:wheelchair", "ramp:bicycle", "wheelchair", "crossing",
    "crossing:signals", "crossing:markings", "footway", "cycleway", "path", "oneway:foot", "foot:forward",
    "foot:backward", "conveying", "bridge", "tunnel", "railway", "public_transport",
)  # fmt: skip
"""Tags of ways that profiles read; a change of any other tag would change nothing."""


# -- where ------------------------------------------------------------------------------------------------
def numbered(text: str, ids: Sequence[str], names: Sequence[str], whole: str) -> int | None:
    """Return the row that an id names, or else a name that no other row has; None when neither is there.

    Raises
    ------
    CallError
        If several rows have the name; it lists their ids.
    """
    if text in ids:
        return list(ids).index(text)
    wanted = " ".join(text.split()).casefold()
    rows = [i for i, name in enumerate(names) if wanted and " ".join(str(name).split()).casefold() == wanted]
    if len(rows) > 1:
        shown = ", ".join(str(ids[i]) for i in rows[:12]) + (" …" if len(rows) > 12 else "")
        raise CallError(f'--change "{whole}": {len(rows)} have the name "{text}"; write the id: {shown}')
    return rows[0] if rows else None


def spot(text: str, origins: Origins, whole: str) -> tuple[float, float, str]:
    """Return longitude, latitude and name of a zone (its id, or a name that is its own), or of two numbers.

    Raises
    ------
    CallError
        If it is neither, or the point lies farther than `FAR` from every place where people start.
    """
    ids, names = ([str(t) for t in column] for column in (origins.ids, origins.names))
    row = numbered(text, ids, names, whole)
    if row is not None:
        if not origins.located[row]:
            raise CallError(f'--change "{whole}": nobody knows where "{text}" is')
        return float(origins.lon[row]), float(origins.lat[row]), names[row]
    try:
        lon, lat = (float(part) for part in text.split(","))
    except ValueError:
        raise CallError(
            f'--change "{whole}": "{text}" is neither a zone (its id or its name) nor LON,LAT; '
            + near(text, dict.fromkeys((*ids, *names)))
        ) from None
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise CallError(f'--change "{whole}": {lon:g} is no longitude or {lat:g} no latitude, in degrees')
    away = _kilometres(lon, lat, origins)
    if away > FAR:
        swapped = _kilometres(lat, lon, origins) <= FAR
        hint = (
            f"longitude comes first: {lat:g},{lon:g}" if swapped else "write LON,LAT of a point in the city"
        )
        raise CallError(
            f'--change "{whole}": this point lies {away:,.0f} km from the nearest place where people start; '
            + hint
        )
    return lon, lat, text


def _kilometres(lon: float, lat: float, origins: Origins) -> float:
    """Distance to the nearest located origin along the ground; 0 when none is located."""
    here = np.asarray(origins.located, dtype=bool)
    if not here.any():
        return 0.0
    a, b = (np.radians(np.asarray(v)[here]) for v in (origins.lon, origins.lat))
    x, y = math.radians(lon), math.radians(lat)
    half = np.sin((b - y) / 2) ** 2 + np.cos(b) * math.cos(y) * np.sin((a - x) / 2) ** 2
    return float(2 * RADIUS * np.arcsin(np.sqrt(np.clip(half, 0, 1))).min())


# -- what a place offers ----------------------------------------------------------------------------------
def terms_of(text: str, whole: str) -> dict[str, Any]:
    """Read ``hours=24/7;fee=0``; a part without = belongs to the hours before it: ``hours=24/7;Tu off``.

    Raises
    ------
    CallError
        If a part is not NAME=VALUE, or its value is none that is possible.
    """
    said: dict[str, str] = {}
    last = ""
    for term in text.split(";"):
        key, sign, value = (part.strip() for part in term.partition("="))
        if sign:
            last, said[key] = key, value
        elif last == "hours":
            said[last] += f"; {key}"
        else:
            raise CallError(f'--change "{whole}": "{term}" is not NAME=VALUE')
    return {key: _value(key, value, whole) for key, value in said.items()}


def _value(key: str, text: str, whole: str) -> Any:
    if key == "step_free":
        if text not in _ANSWERS:
            raise CallError(f'--change "{whole}": step_free is yes, no or unknown')
        return _ANSWERS[text]
    if key in ("capacity", "fee", "amount"):
        return _amount(key, text, whole)
    if key == "hours":
        return _hours(text, whole)
    if key == "languages":
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return _booking(text, whole) if key == "booking" else text


def _amount(key: str, text: str, whole: str) -> float:
    try:
        found = float(text)
    except ValueError:
        raise CallError(f'--change "{whole}": {key} is a number') from None
    if not (math.isfinite(found) and found >= 0):
        raise CallError(f'--change "{whole}": {key} is a number of 0 or more')
    return found


def _hours(text: str, whole: str) -> str:
    from isopolis.read.opening import open_at

    problems = Problems()
    open_at([text], "Tu 12:00", problems=problems)
    if any(problems):
        raise CallError(
            f'--change "{whole}": "{text}" is no opening hours; write 24/7 or Mo-Fr 08:00-18:00 '
            "(the notation of OpenStreetMap)"
        )
    return text


def _booking(text: str, whole: str) -> str:
    from isopolis.read.service_places import BOOKINGS, booking_word

    found = booking_word(text)
    if found is None:
        raise CallError(f'--change "{whole}": "{text}" is no way of booking; {near(text, BOOKINGS)}')
    return found


# -- tags of streets --------------------------------------------------------------------------------------
def check_tag(key: str, value: str, whole: str) -> None:
    """Refuse a tag that no profile reads, and a value that nobody can read; an empty value takes it away.

    Raises
    ------
    CallError
        It names what is near.
    """
    if key not in TAGS:
        raise CallError(f'--change "{whole}": no way of moving reads the tag "{key}"; {near(key, TAGS)}')
    if value and _not_read(key, value):
        raise CallError(f'--change "{whole}": "{value}" is no value of {key}; {_allowed(key, value)}')


def _not_read(key: str, value: str) -> bool:
    """Let the reader of all streets read one street with this tag."""
    from isopolis.model import Streets
    from isopolis.reach.profiles import parse_tags

    def texts(text: str) -> Any:
        return np.array([text], dtype=object)

    ends, edge = np.array([1, 2]), np.zeros(1, dtype=np.int32)
    one = Streets(
        ends, np.array([0.0, 0.001]), np.zeros(2), edge, edge + 1, edge + 100_000, edge, np.array([1]),
        {"highway": texts("residential")} | {key: texts(value)}, np.empty(0, dtype=np.int32), {},
    )  # fmt: skip
    return bool(parse_tags(one).caveats)


def _allowed(key: str, value: str) -> str:
    """Say which values there are."""
    from isopolis.reach.profiles.model import SMOOTHNESS
    from isopolis.reach.profiles.shipped import vocabulary

    known = vocabulary()
    last = key.rpartition(":")[2]
    if last in ("width", "est_width", "height"):
        return "write metres, as in 1.5"
    words = {
        "incline": "write per cent up in the direction of the way, as in 6% or -3%, or up or down",
        "steps": "write a whole number",
        "step_count": "write a whole number",
    }
    if last in words:
        return words[last]
    values: dict[str, Sequence[str]] = {
        "highway": (*known.classes, *sorted(known.for_vehicles | known.not_there)),
        "surface": tuple(known.surfaces),
        "smoothness": SMOOTHNESS,
        "kerb": (*known.kerb_heights, "yes"),
        "wheelchair": ("yes", "limited", "no"),
        "sidewalk": ("both", "left", "right", "no", "separate"),
        "crossing": ("traffic_signals", "marked", "unmarked", "no"),
    }
    found = values.get(key if key in values else last, ("yes", "no"))
    return near(value, found)
