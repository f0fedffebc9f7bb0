"""Who may walk on which way, in which direction, and what kind of way it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from isopolis.model.streets import Streets

from .model import CLASSES

if TYPE_CHECKING:
    from .shipped import Vocabulary
    from .tags import Reading

__all__ = ["classes_of", "closed_ways", "foot_of", "one_ways"]

Ints = npt.NDArray[np.int8]
Bools = npt.NDArray[np.bool_]

_ALLOWED = frozenset({"yes", "designated", "permissive", "destination", "customers", "official", "public"})
_FORBIDDEN = frozenset(
    "no private military restricted use_sidepath discouraged agricultural forestry delivery".split()
)
_SHUT = frozenset("no private military restricted agricultural forestry emergency".split())
_BESIDE = frozenset({"yes", "both", "left", "right"})
_SIDES = ("sidewalk", "sidewalk:both", "sidewalk:left", "sidewalk:right")


def classes_of(streets: Streets, vocab: Vocabulary, reading: Reading) -> Ints:
    """(W,) place in `CLASSES`, one past the end for ways on which nobody walks.

    A road for motor vehicles that has a sidewalk, or that people may walk on, is a major road. A platform
    drawn without a class is a footway. A class that nobody knows counts as a street and is counted.
    """
    street, major, footway = (CLASSES.index(c) for c in ("street", "major", "footway"))
    out: Ints = reading.column("highway", streets.tag("highway"), vocab.class_of, street, np.int8)
    said = _allowed(streets)
    for side in _SIDES:
        said |= np.array([t.strip().lower() in _BESIDE for t in streets.tag(side)], bool)
    kind = [t.strip().lower() for t in streets.tag("highway")]
    out[np.array([k in vocab.for_vehicles for k in kind], bool) & said] = major
    platform = np.zeros(len(out), bool)
    for key in ("railway", "public_transport"):
        platform |= np.array([t.strip().lower() == "platform" for t in streets.tag(key)], bool)
    out[platform & np.array([not k for k in kind], bool)] = footway
    return out


def closed_ways(streets: Streets) -> Bools:
    """(W,) ways that are forbidden: ``foot`` decides, then ``access``."""
    pairs = zip(streets.tag("foot"), streets.tag("access"), strict=True)
    return np.array([_is_closed(f.strip().lower(), a.strip().lower()) for f, a in pairs], bool)


def _is_closed(foot: str, access: str) -> bool:
    if foot in _ALLOWED or foot in _FORBIDDEN:
        return foot in _FORBIDDEN
    return access in _SHUT


def _allowed(streets: Streets) -> Bools:
    return np.array([t.strip().lower() in _ALLOWED for t in streets.tag("foot")], bool)


def foot_of(streets: Streets, classes: Ints) -> Ints:
    """(W,) 1 where walking is allowed, -1 where nobody said (cycle tracks)."""
    said = _allowed(streets)
    return np.where((classes == CLASSES.index("cycleway")) & ~said, -1, 1).astype(np.int8)


_ONE_WAY = {"yes": 1, "1": 1, "true": 1, "-1": -1, "reverse": -1}
_CONVEYING = {"forward": 1, "backward": -1}


def one_ways(streets: Streets) -> Ints:
    """(W,) 1 and -1 where people may walk only as the way is drawn or only against it, else 0.

    ``oneway:foot`` decides, then ``foot:forward`` and ``foot:backward``, then the direction in which an
    escalator or a moving walkway runs. ``oneway`` alone is for vehicles.
    """
    keys = ("oneway:foot", "foot:forward", "foot:backward", "conveying")
    rows = zip(*(streets.tag(k) for k in keys), strict=True)
    return np.array([_one_way(*(t.strip().lower() for t in row)) for row in rows], np.int8)


def _one_way(said: str, forward: str, backward: str, conveying: str) -> int:
    if said:
        return _ONE_WAY.get(said, 0)
    if forward or backward:
        return (backward in _FORBIDDEN) - (forward in _FORBIDDEN)
    return _CONVEYING.get(conveying, 0)
