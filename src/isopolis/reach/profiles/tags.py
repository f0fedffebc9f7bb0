"""The tags of a street network as columns of numbers, read once for all profiles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model.errors import Problem
from isopolis.model.streets import Streets
from isopolis.model.text import phrase, phrases

from . import values
from .entries import Entries, entries_of
from .model import CLASSES, SMOOTHNESS
from .shipped import vocabulary

__all__ = ["Parsed", "Reading", "parse_tags"]

Ints = npt.NDArray[np.int8]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
UNKNOWN = -1
REFUSED = len(CLASSES)
"""Class of ways on which nobody walks: motorways, building sites, planned streets."""


@dataclass(frozen=True, slots=True, eq=False)
class Parsed:
    """Columns of numbers made of the tags of some streets; -1 or NaN is unknown.

    Parameters
    ----------
    streets : Streets
    way_length : (W,) array of int, millimetres
        Length of all edges of a way.
    classes : (W,) array
        Place in `CLASSES`, or `REFUSED`.
    closed : (W,) array of bool
        Ways that nobody may walk on, or whose sidewalks are drawn apart.
    foot : (W,) array
        1 where walking is allowed, -1 where nobody said (cycle tracks).
    surface, smoothness : (W,) arrays
        Places in `SURFACES` and `SMOOTHNESS`.
    width : (W,) array, metres
    incline : (W,) array, percent
    upward : (W,) array
        1 and -1 where only the direction of the incline is known, else 0.
    lit, sidewalk : (W,) arrays
        0 no, 1 yes.
    ramp, wheelchair_ramp : (W,) arrays
        Beside steps: a ramp of any kind, one for wheelchairs.
    step_count : (W,) array
    wheelchair : (W,) array
        0 no, 1 limited, 2 yes.
    slope : (E,) array or None, percent
        From the heights of the ends; NaN where there is none, or the way is a bridge or a tunnel.
    entries : Entries
        What stands at single edges: crossings, kerbs, barriers.
    caveats : tuple of Problem
        Values that nobody can understand, counted by tag.
    """

    streets: Streets
    way_length: npt.NDArray[np.int64]
    classes: Ints
    closed: Bools
    foot: Ints
    surface: Ints
    smoothness: Ints
    width: Floats
    incline: Floats
    upward: Ints
    lit: Ints
    sidewalk: Ints
    ramp: Ints
    wheelchair_ramp: Ints
    step_count: Floats
    wheelchair: Ints
    slope: Floats | None
    entries: Entries
    caveats: tuple[Problem, ...]


class Reading:
    """Reads columns of texts by a function for one value, and counts what it cannot read."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.strange: dict[str, Counter[str]] = {}

    def column(
        self,
        tag: str,
        texts: Iterable[str],
        read: Callable[[str], float | int | None],
        unknown: float,
        dtype: npt.DTypeLike,
    ) -> npt.NDArray[Any]:
        """Return the values of one tag; what `read` answers None to is `unknown` and is counted."""
        column = list(texts)
        known: dict[str, float] = {}
        for text in set(column):
            if text.strip().lower() in values.UNSAID:
                known[text] = unknown
                continue
            value = read(text)
            known[text] = unknown if value is None else value
            if value is None:
                self.strange.setdefault(tag, Counter())[text] = 0
        counts = self.strange.get(tag)
        if counts is not None:
            for text in column:
                if text in counts:
                    counts[text] += 1
        return np.fromiter((known[t] for t in column), dtype=dtype, count=len(column))

    def caveats(self) -> tuple[Problem, ...]:
        """Say what could not be read, one caveat for each tag."""
        return tuple(self._caveat(tag, counts) for tag, counts in sorted(self.strange.items()))

    def _caveat(self, tag: str, counts: Counter[str]) -> Problem:
        many, first = sum(counts.values()), min(counts, key=lambda t: (-counts[t], t))
        message = phrases(
            'a value of the tag "{tag}" cannot be understood and counts as unknown',
            '{n} values of the tag "{tag}" cannot be understood and count as unknown',
            many,
            tag=tag,
        )
        return Problem(
            "tag-not-understood",
            message,
            file=self.source or None,
            column=tag,
            value=first,
            count=many,
            hint=phrase("Correct them where the streets are kept, for example in OpenStreetMap."),
            fatal=False,
        )


def parse_tags(streets: Streets) -> Parsed:
    """Read the tags of `streets` once; `costs` takes the result for any number of profiles.

    Parameters
    ----------
    streets : Streets

    Returns
    -------
    Parsed
    """
    vocab, reading = vocabulary(), Reading(streets.source)
    classes = reading.column(
        "highway", streets.tag("highway"), vocab.class_of, CLASSES.index("street"), np.int8
    )
    reading.strange.pop("highway", None)  # kinds of way that nobody walks on are no mistakes
    way_length = np.bincount(streets.way, weights=streets.length, minlength=len(streets.way_ids)).astype(
        np.int64
    )
    sidewalk, separate = _sidewalks(streets, reading, classes)
    upward = np.array([values.UP_OR_DOWN.get(t.strip().lower(), 0) for t in streets.tag("incline")], np.int8)
    ramps = [
        _column(streets, reading, t, values.yes_no) for t in ("ramp", "ramp:stroller", "ramp:wheelchair")
    ]
    wheelchair = _column(streets, reading, "wheelchair", _wheelchair)
    steps = classes == CLASSES.index("steps")
    ramps[2][steps & (ramps[2] == UNKNOWN) & (wheelchair == 2)] = 1
    columns: dict[str, Any] = {
        "surface": _column(streets, reading, "surface", vocab.surface_of),
        "smoothness": _column(streets, reading, "smoothness", _place_in(SMOOTHNESS)),
        "width": _widths(streets, reading),
        "incline": reading.column("incline", streets.tag("incline"), _incline, np.nan, np.float64),
        "lit": _column(streets, reading, "lit", values.yes_no),
        "step_count": _step_counts(streets, reading),
    }
    return Parsed(
        streets=streets,
        way_length=way_length,
        classes=classes,
        closed=_closed(streets) | separate,
        foot=_foot(streets, classes),
        upward=upward,
        sidewalk=sidewalk,
        ramp=_any_ramp(ramps),
        wheelchair_ramp=ramps[2],
        wheelchair=wheelchair,
        slope=_slopes(streets),
        entries=entries_of(streets, classes, way_length, vocab, reading),
        caveats=reading.caveats(),
        **columns,
    )


def _column(streets: Streets, reading: Reading, tag: str, read: Callable[[str], Any]) -> Ints:
    return reading.column(tag, streets.tag(tag), read, UNKNOWN, np.int8)


def _place_in(words: tuple[str, ...]) -> Callable[[str], int | None]:
    places = {w: i for i, w in enumerate(words)}
    return lambda text: places.get(text.strip().lower())


def _wheelchair(text: str) -> int | None:
    return {"no": 0, "limited": 1, "yes": 2, "designated": 2}.get(text.strip().lower())


def _incline(text: str) -> float | None:
    return np.nan if text.strip().lower() in values.UP_OR_DOWN else values.incline(text)


def _widths(streets: Streets, reading: Reading) -> Floats:
    width = reading.column("width", streets.tag("width"), values.metres, np.nan, np.float64)
    guess = reading.column("est_width", streets.tag("est_width"), values.metres, np.nan, np.float64)
    return np.where(np.isnan(width), guess, width)


def _step_counts(streets: Streets, reading: Reading) -> Floats:
    count = reading.column("step_count", streets.tag("step_count"), values.steps, np.nan, np.float64)
    # steps=0 is said of streets without any, in tables that have such a column
    other = reading.column("steps", streets.tag("steps"), values.steps, np.nan, np.float64)
    count = np.where(np.isnan(count), other, count)
    return np.where(count == 0, np.nan, count)


def _any_ramp(ramps: list[Ints]) -> Ints:
    yes = np.any([r == 1 for r in ramps], axis=0)
    # "ramp=no" speaks of all kinds; "no" to one kind leaves the others open
    return np.where(yes, 1, np.where(ramps[0] == 0, 0, UNKNOWN)).astype(np.int8)


def _sidewalks(streets: Streets, reading: Reading, classes: Ints) -> tuple[Ints, Bools]:
    """0 no, 1 yes, -1 unknown; and the carriageways whose sidewalks are drawn as ways of their own."""
    keys = ("sidewalk", "sidewalk:both", "sidewalk:left", "sidewalk:right")
    codes = [reading.column(k, streets.tag(k), _sidewalk, UNKNOWN, np.int8) for k in keys]
    yes = np.any([c == 1 for c in codes], axis=0)
    separate = np.any([c == 2 for c in codes], axis=0)
    one_side_open = (codes[2] == 0) ^ (codes[3] == 0)
    no = np.any([c == 0 for c in codes], axis=0) & ~(
        (codes[0] == UNKNOWN) & (codes[1] == UNKNOWN) & one_side_open
    )
    road = (classes == CLASSES.index("major")) | (classes == CLASSES.index("street"))
    found = np.where(yes, 1, np.where(no, 0, UNKNOWN)).astype(np.int8)
    return found, separate & ~yes & road


def _sidewalk(text: str) -> int | None:
    said = text.strip().lower()
    if said in ("both", "left", "right", "yes", "shared"):
        return 1
    return {"no": 0, "none": 0, "separate": 2}.get(said)


_ALLOWED = frozenset({"yes", "designated", "permissive", "destination", "customers", "official", "public"})
_FORBIDDEN = frozenset(
    {"no", "private", "use_sidepath", "discouraged", "agricultural", "forestry", "delivery"}
)


def _closed(streets: Streets) -> Bools:
    """Ways that are forbidden: ``foot`` decides, then ``access``."""
    pairs = zip(streets.tag("foot"), streets.tag("access"), strict=True)
    return np.array([_is_closed(f.strip().lower(), a.strip().lower()) for f, a in pairs], bool)


def _is_closed(foot: str, access: str) -> bool:
    if foot in _ALLOWED or foot in _FORBIDDEN:
        return foot in _FORBIDDEN
    return access in ("no", "private", "military", "agricultural", "forestry", "emergency")


def _foot(streets: Streets, classes: Ints) -> Ints:
    said = np.array([t.strip().lower() in _ALLOWED for t in streets.tag("foot")], bool)
    return np.where((classes == CLASSES.index("cycleway")) & ~said, UNKNOWN, 1).astype(np.int8)


def _slopes(streets: Streets) -> Floats | None:
    """Percent from tail to head by the heights; a bridge is not as high as the ground under it."""
    if streets.height is None:
        return None
    rise = streets.height[streets.head] - streets.height[streets.tail]
    slope = np.clip(rise * 100_000.0 / streets.length, -values.STEEPEST, values.STEEPEST)
    in_air = np.zeros(len(streets.way_ids), bool)
    for tag in ("bridge", "tunnel"):
        in_air |= np.array([t.strip().lower() not in ("", "no") for t in streets.tag(tag)], bool)
    return np.where(in_air[streets.way], np.nan, slope)
