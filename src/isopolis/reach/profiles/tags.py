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
from isopolis.reach.streets import slopes

from . import values
from .access import classes_of, closed_ways, foot_of, one_ways
from .entries import Entries, entries_of
from .model import CLASSES, SMOOTHNESS, SURFACES
from .shipped import Vocabulary, vocabulary

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
    one_way : (W,) array
        1 and -1 where people may walk only as the way is drawn or only against it, else 0.
    ramp, wheelchair_ramp : (W,) arrays
        Beside steps: a ramp of any kind, one for wheelchairs.
    step_count : (W,) array
    wheelchair : (W,) array
        0 no, 1 limited, 2 yes.
    slope : (E,) array or None, percent
        From heights, see `isopolis.reach.streets.slopes`; NaN where there are none, where the way is a
        bridge or a tunnel, and where the tag ``incline`` names the other direction.
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
    one_way: Ints
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
    classes = classes_of(streets, vocab, reading)
    step_count = _step_counts(streets, reading)
    # a table may count steps in a column of their own, whatever the street is called
    classes[(step_count > 0) & (classes != REFUSED)] = CLASSES.index("steps")
    way_length = np.bincount(streets.way, weights=streets.length, minlength=len(streets.way_ids)).astype(
        np.int64
    )
    sidewalk, separate = _sidewalks(streets, reading, classes)
    upward = np.array([values.UP_OR_DOWN.get(t.strip().lower(), 0) for t in streets.tag("incline")], np.int8)
    ramps = [_column(streets, reading, f"ramp{kind}", _ramp) for kind in _RAMPS]
    wheelchair = _column(streets, reading, "wheelchair", _wheelchair)
    steps = classes == CLASSES.index("steps")
    ramps[2][steps & (ramps[2] == UNKNOWN) & (wheelchair == 2)] = 1
    ramps[2][(ramps[2] == UNKNOWN) & (ramps[0] == 0)] = 0
    columns: dict[str, Any] = {
        "surface": _surfaces(streets, reading, vocab, classes),
        "smoothness": _column(streets, reading, "smoothness", _place_in(SMOOTHNESS)),
        "width": _widths(streets, reading, classes),
        "incline": reading.column("incline", streets.tag("incline"), _incline, np.nan, np.float64),
        "lit": _column(streets, reading, "lit", values.yes_no),
        "step_count": step_count,
    }
    return Parsed(
        streets=streets,
        way_length=way_length,
        classes=classes,
        closed=closed_ways(streets) | separate,
        foot=foot_of(streets, classes),
        one_way=one_ways(streets),
        upward=upward,
        sidewalk=sidewalk,
        ramp=_any_ramp(ramps),
        wheelchair_ramp=ramps[2],
        wheelchair=wheelchair,
        slope=_slopes(streets, upward),
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


def _ramp(text: str) -> bool | None:
    # a ramp that is drawn as a way of its own is not on the stair
    return False if text.strip().lower() == "separate" else values.yes_no(text)


def _roads(classes: Ints) -> Bools:
    return np.isin(classes, [CLASSES.index(c) for c in ("major", "street")])


def _beside(key: str) -> tuple[str, ...]:
    return tuple(f"sidewalk{side}:{key}" for side in ("", ":both", ":left", ":right"))


def _surfaces(streets: Streets, reading: Reading, vocab: Vocabulary, classes: Ints) -> Ints:
    """Surface of the sidewalk where it is known, the better of two sides; else that of the way."""
    own = _column(streets, reading, "surface", vocab.surface_of)
    sides = [_column(streets, reading, k, vocab.surface_of) for k in _beside("surface")]
    best = np.min([np.where(s == UNKNOWN, len(SURFACES), s) for s in sides], axis=0)
    return np.where(_roads(classes) & (best < len(SURFACES)), best, own).astype(np.int8)


def _widths(streets: Streets, reading: Reading, classes: Ints) -> Floats:
    width = reading.column("width", streets.tag("width"), values.metres, np.nan, np.float64)
    guess = reading.column("est_width", streets.tag("est_width"), values.metres, np.nan, np.float64)
    width = np.where(np.isnan(width), guess, width)
    sides = [reading.column(k, streets.tag(k), values.metres, np.nan, np.float64) for k in _beside("width")]
    widest = np.fmax.reduce(sides)
    return np.where(_roads(classes) & ~np.isnan(widest), widest, width)


def _step_counts(streets: Streets, reading: Reading) -> Floats:
    count = reading.column("step_count", streets.tag("step_count"), values.steps, np.nan, np.float64)
    # steps=0 is said of streets without any, in tables that have such a column
    other = reading.column("steps", streets.tag("steps"), values.steps, np.nan, np.float64)
    count = np.where(np.isnan(count), other, count)
    return np.where(count == 0, np.nan, count)


def _any_ramp(ramps: list[Ints]) -> Ints:
    """A ramp for prams: 0 no, 1 yes, -1 unknown."""
    any_, stroller, wheelchair, bicycle = ramps
    # "ramp=no" speaks of all kinds; "yes" beside a gutter for bicycles may mean no more than that
    plain = np.where((any_ == 1) & (bicycle == 1), UNKNOWN, any_)
    plain = np.where(stroller == UNKNOWN, plain, stroller)
    return np.where(wheelchair == 1, 1, plain).astype(np.int8)


_RAMPS = ("", ":stroller", ":wheelchair", ":bicycle")


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
    found = np.where(yes, 1, np.where(no, 0, UNKNOWN)).astype(np.int8)
    return found, separate & ~yes & _roads(classes)


def _sidewalk(text: str) -> int | None:
    said = text.strip().lower()
    if said in ("both", "left", "right", "yes", "shared"):
        return 1
    return {"no": 0, "none": 0, "separate": 2}.get(said)


def _slopes(streets: Streets, upward: Ints) -> Floats | None:
    """Percent from tail to head by the heights; a bridge is not as high as the ground under it."""
    if streets.height is None:
        return None
    slope = slopes(streets) * 100.0
    in_air = np.zeros(len(streets.way_ids), bool)
    for tag in ("bridge", "tunnel"):
        in_air |= np.array([t.strip().lower() not in ("", "no") for t in streets.tag(tag)], bool)
    # somebody who was there knows better than a model which way is up
    denied = upward[streets.way] * slope < 0
    return np.where(in_air[streets.way] | denied, np.nan, slope)
