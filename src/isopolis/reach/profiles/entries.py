"""What stands at single edges rather than along ways: crossings, kerbs, barriers, closed gates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from isopolis.model.streets import Streets

from . import values
from .model import BARRIERS, CLASSES, CROSSINGS

if TYPE_CHECKING:
    from .shipped import Vocabulary
    from .tags import Reading

__all__ = ["Entries", "Spots", "entries_of", "shared"]

Bools = npt.NDArray[np.bool_]
UNKNOWN = -1
SURVEYED = 0.1
"""From this share of ways with a kerb on, drawn crossings aside, a file describes kerbs by way."""
HIGHEST_KERB = 0.6
"""Metres; who writes a higher one, such as 3, means centimetres or has mistyped."""
KERB_UNKNOWN = -2.0
"""A kerb whose height nobody wrote down; NaN is no kerb at all."""


@dataclass(frozen=True, slots=True, eq=False)
class Spots:
    """Things at edges, each with the part of its time that the edge bears.

    Parameters
    ----------
    edge : (S,) array of int
    value : (S,) array
        Kind of crossing (place in `CROSSINGS`, -1 unknown) or height of a kerb in metres (-2 unknown).
    part, whole : (S,) arrays of int
        The edge bears part / whole of the seconds: its share of the way that is the crossing, or one half
        of what stands on a vertex, since a journey passes a vertex by two edges.
    flag : (S,) array of bool
        For a crossing: the road is a major one. For a kerb: it is a tag of the way, not of a vertex.
    """

    edge: npt.NDArray[np.int64]
    value: npt.NDArray[np.float64]
    part: npt.NDArray[np.int64]
    whole: npt.NDArray[np.int64]
    flag: Bools


@dataclass(frozen=True, slots=True, eq=False)
class Entries:
    """Crossings and kerbs at edges; edges that a barrier or a closed gate at one end stops.

    Parameters
    ----------
    crossings, kerbs : Spots
    barrier_edge, barrier : (B,) arrays
        Edge and place in `BARRIERS`.
    closed : (E,) array of bool
        A gate at one end is closed to everybody.
    wheelchair_no : (E,) array of bool
        Somebody found that wheelchairs cannot pass one end.
    narrow : (E,) array, metres
        Narrowest gap at one of its ends; infinite where there is none.
    """

    crossings: Spots
    kerbs: Spots
    barrier_edge: npt.NDArray[np.int64]
    barrier: npt.NDArray[np.int8]
    closed: Bools
    wheelchair_no: Bools
    narrow: npt.NDArray[np.float64]


def shared(milliseconds: npt.NDArray[np.int64], spots: Spots) -> npt.NDArray[np.int64]:
    """Return the part of `milliseconds` that each edge bears, rounded half up."""
    return (2 * milliseconds * spots.part + spots.whole) // (2 * spots.whole)


def entries_of(
    streets: Streets,
    classes: npt.NDArray[np.int8],
    way_length: npt.NDArray[np.int64],
    vocab: Vocabulary,
    reading: Reading,
) -> Entries:
    """Find crossings, kerbs and barriers on vertices and on ways."""
    nodes = len(streets.node_ids)
    drawn = _drawn_crossings(streets)
    crossings = _crossings(streets, classes, drawn, way_length, reading)
    along = _past_crossings(streets, classes, drawn)
    kerbs = _kerbs(streets, drawn, along, way_length, vocab, reading)
    places = {name: i for i, name in enumerate(BARRIERS)}
    lower = [t.strip().lower() for t in streets.node_tag("barrier")]
    open_to = _column(streets, reading, "wheelchair", {"no": 0, "limited": 1, "yes": 2, "designated": 2}.get)
    barrier = _at_nodes(streets, np.array([places.get(t, UNKNOWN) for t in lower], np.int8), UNKNOWN)
    passed = np.zeros(nodes, bool)
    passed[streets.tagged[open_to >= 1]] = True
    refused, locked = np.zeros(nodes, bool), np.zeros(nodes, bool)
    refused[streets.tagged[(open_to == 0) & ~_stops(streets)]] = True
    locked[streets.tagged[_locked(streets)]] = True
    found = [
        (np.flatnonzero((barrier[ends] >= 0) & ~passed[ends]), ends) for ends in (streets.tail, streets.head)
    ]
    return Entries(
        crossings,
        kerbs,
        np.concatenate([edges for edges, _ in found]),
        np.concatenate([barrier[ends[edges]] for edges, ends in found]),
        locked[streets.tail] | locked[streets.head],
        (refused[streets.tail] & ~along[0]) | (refused[streets.head] & ~along[1]),
        _narrow(streets, passed, reading),
    )


def _narrow(streets: Streets, passed: Bools, reading: Reading) -> npt.NDArray[np.float64]:
    """(E,) the narrowest gap that somebody measured at an end, metres."""
    texts = streets.node_tag("maxwidth:physical")
    gap = reading.column("maxwidth:physical", texts, values.metres, np.inf, np.float64)
    at = _at_nodes(streets, np.where(np.isnan(gap), np.inf, gap), np.inf)
    at[passed] = np.inf
    return np.minimum(at[streets.tail], at[streets.head])


def _stops(streets: Streets) -> Bools:
    """(K,) vertices whose ``wheelchair`` speaks of a stop, not of the way past it."""
    out = np.array([t.strip() != "" for t in streets.node_tag("public_transport")], bool)
    for key in ("highway", "railway"):
        out |= np.array([t.strip().lower() in _STOPS for t in streets.node_tag(key)], bool)
    return out


_STOPS = frozenset({"bus_stop", "platform", "stop", "halt", "station", "tram_stop"})


def _past_crossings(streets: Streets, classes: npt.NDArray[np.int8], drawn: Bools) -> tuple[Bools, Bools]:
    """(E,) roads that run past a crossing at their tail, at their head.

    A crossing on the vertex of a road, with its kerbs, concerns whoever crosses, not whoever walks along.
    """
    there = _at_nodes(streets, _is_crossing(streets), False)
    on_foot = np.array([t.strip().lower() == "pedestrian" for t in streets.tag("highway")], bool)
    road = np.isin(classes, [CLASSES.index(c) for c in ("major", "street", "calm")]) & ~drawn & ~on_foot
    return there[streets.tail] & road[streets.way], there[streets.head] & road[streets.way]


def _column(streets: Streets, reading: Reading, tag: str, read: Any) -> npt.NDArray[np.int8]:
    texts = [t.strip().lower() for t in streets.node_tag(tag)]
    return reading.column(tag, texts, read, UNKNOWN, np.int8)


def _at_nodes(streets: Streets, column: npt.NDArray[Any], nothing: float) -> npt.NDArray[Any]:
    full = np.full(len(streets.node_ids), nothing, dtype=column.dtype)
    full[streets.tagged] = column
    return full


def _drawn_crossings(streets: Streets) -> Bools:
    """Ways that are crossings themselves: ``footway=crossing`` and its kin."""
    drawn = np.zeros(len(streets.way_ids), bool)
    for tag in ("footway", "path", "cycleway", "highway"):
        texts = streets.tag(tag)
        drawn |= np.array([t.strip().lower() == "crossing" for t in texts], bool)
    return drawn


_SIGNALS = frozenset({"traffic_signals", "toucan", "pelican", "puffin", "pegasus", "controlled"})
_MARKED = frozenset({"marked", "zebra", "uncontrolled", "tiger", "island", "crossing", "yes"})
_KINDS = {name: i for i, name in enumerate(CROSSINGS)}


def _kind(text: str) -> int | None:
    """Place in `CROSSINGS`; values with a semicolon by their best part."""
    words = {w.strip() for w in text.strip().lower().split(";")}
    if words & _SIGNALS:
        return _KINDS["signals"]
    if words & (_MARKED - {"yes", "crossing"}):
        return _KINDS["marked"]
    if words & {"unmarked", "no", "informal"}:
        return _KINDS["unmarked"]
    return UNKNOWN if words & {"yes", "crossing"} else None


def _is_crossing(streets: Streets) -> Bools:
    """(K,) vertices that are crossings."""
    out = np.array(["crossing" in t.strip().lower().split(";") for t in streets.node_tag("highway")], bool)
    # signals for cars often stand on a vertex of their own, with crossing=no
    for key in ("crossing", "crossing:markings", "crossing:signals"):
        out |= np.array([t.strip().lower() not in ("", "no") for t in streets.node_tag(key)], bool)
    return out


def _kinds(tag: Callable[[str], npt.NDArray[np.object_]], reading: Reading) -> npt.NDArray[np.int8]:
    """Kind of crossing by ``crossing``, ``crossing:signals`` and ``crossing:markings`` together."""
    kind = reading.column("crossing", tag("crossing"), _kind, UNKNOWN, np.int8)
    signals = reading.column("crossing:signals", tag("crossing:signals"), _signals, UNKNOWN, np.int8)
    marks = reading.column("crossing:markings", tag("crossing:markings"), _marks, UNKNOWN, np.int8)
    marked, unmarked = _KINDS["marked"], _KINDS["unmarked"]
    kind = np.where((kind == UNKNOWN) & (marks == 1), marked, kind)
    kind = np.where(np.isin(kind, (UNKNOWN, marked)) & (marks == 0), unmarked, kind)
    return np.where(signals == 1, _KINDS["signals"], kind).astype(np.int8)


def _signals(text: str) -> int | None:
    return {"no": 0, "yes": 1, "shared": 1, "separate": 1}.get(text.strip().lower())


def _marks(text: str) -> int:
    return int(text.strip().lower() != "no")


def _crossings(
    streets: Streets,
    classes: npt.NDArray[np.int8],
    drawn: Bools,
    way_length: npt.NDArray[np.int64],
    reading: Reading,
) -> Spots:
    way_kind, node_kind = _kinds(streets.tag, reading), _kinds(streets.node_tag, reading)
    is_crossing = _is_crossing(streets)
    kind = _at_nodes(streets, np.where(is_crossing, node_kind, UNKNOWN).astype(np.int8), UNKNOWN)
    there = _at_nodes(streets, is_crossing, False)
    major_node = np.zeros(len(streets.node_ids), bool)
    on_major = classes[streets.way] == CLASSES.index("major")
    major_node[streets.tail[on_major]] = major_node[streets.head[on_major]] = True
    # roads that nobody walks along, which are no streets here, are crossed all the same
    major_node[streets.tagged[np.array([t != "" for t in streets.node_tag("road")], bool)]] = True
    along = drawn[streets.way]
    major = major_node[streets.tail] | major_node[streets.head]
    edges = np.flatnonzero(along)
    at_ends = np.maximum(kind[streets.tail[edges]], kind[streets.head[edges]])
    of_way = way_kind[streets.way[edges]]
    kinds, whole = np.where(of_way >= 0, of_way, at_ends), way_length[streets.way[edges]]
    found: list[tuple[Any, Any, Any, Any]] = [(edges, kinds, streets.length[edges], whole)]
    # where the sidewalks are not drawn, a path meets the road at a vertex that is the crossing
    walked = np.isin(classes[streets.way], [CLASSES.index(c) for c in ("footway", "cycleway", "path")])
    flags = [major[edges]]
    for ends in (streets.tail, streets.head):
        edges = np.flatnonzero(walked & ~along & there[ends])
        half = np.ones(len(edges), np.int64)
        found.append((edges, kind[ends[edges]], half, 2 * half))
        flags.append(major_node[ends[edges]])
    return _spots(found, flags)


def _spots(found: list[tuple[Any, Any, Any, Any]], flags: list[Bools]) -> Spots:
    edge, value, part, whole = (np.concatenate([np.asarray(f[i]) for f in found]) for i in range(4))
    return Spots(
        edge.astype(np.int64),
        value.astype(np.float64),
        part.astype(np.int64),
        whole.astype(np.int64),
        np.concatenate(flags),
    )


def _kerbs(
    streets: Streets,
    drawn: Bools,
    past: tuple[Bools, Bools],
    way_length: npt.NDArray[np.int64],
    vocab: Vocabulary,
    reading: Reading,
) -> Spots:
    """Kerbs on ways, on vertices, and those of drawn crossings where nobody said anything."""
    of_way = _heights(streets.tag("kerb"), streets.tag("kerb:height"), vocab, reading)
    texts = streets.node_tag("kerb"), streets.node_tag("kerb:height")
    on_node = _heights(*texts, vocab, reading)
    is_kerb = np.array([t.strip().lower() == "kerb" for t in streets.node_tag("barrier")], bool)
    on_node = np.where(is_kerb & np.isnan(on_node), KERB_UNKNOWN, on_node)
    node = _at_nodes(streets, on_node, np.nan)
    at_end = ~np.isnan(node[streets.tail]) | ~np.isnan(node[streets.head])
    way = of_way[streets.way]
    crosses = drawn | _surveyed(streets, drawn)
    way = np.where(np.isnan(way) & crosses[streets.way] & ~at_end, KERB_UNKNOWN, way)
    edges = np.flatnonzero(~np.isnan(way))
    whole = way_length[streets.way[edges]]
    found: list[tuple[Any, Any, Any, Any]] = [(edges, way[edges], streets.length[edges], whole)]
    flags = [np.ones(len(edges), bool)]
    for ends, along in zip((streets.tail, streets.head), past, strict=True):
        edges = np.flatnonzero(~np.isnan(node[ends]) & ~along)
        half = np.ones(len(edges), np.int64)
        found.append((edges, node[ends[edges]], half, 2 * half))
        flags.append(np.zeros(len(edges), bool))
    return _spots(found, flags)


def _surveyed(streets: Streets, drawn: Bools) -> Bools:
    """Ways that have a kerb which nobody described, because the file describes kerbs by way.

    In OpenStreetMap kerbs stand on vertices and on drawn crossings, and a street without a word has none to
    speak of. A city's own table has a column for the kerb on each street, and an empty cell is a gap.
    """
    said = np.array([t.strip() != "" for t in streets.tag("kerb")], bool)[~drawn]
    return np.full(len(drawn), bool(said.any() and said.mean() >= SURVEYED))


def _heights(
    kerb: npt.NDArray[np.object_], height: npt.NDArray[np.object_], vocab: Vocabulary, reading: Reading
) -> npt.NDArray[np.float64]:
    """Metres; NaN without any kerb, `KERB_UNKNOWN` for one whose height cannot be known."""
    words = reading.column("kerb", kerb, vocab.kerb_of, KERB_UNKNOWN, np.float64)
    exact = reading.column("kerb:height", height, _kerb_metres, np.nan, np.float64)
    silent = np.array([t.strip() == "" for t in kerb], bool)
    measured = np.array([t.strip() != "" for t in height], bool)
    words = np.where(silent, np.where(measured, KERB_UNKNOWN, np.nan), words)
    return np.where(np.isnan(exact), words, exact)


def _kerb_metres(text: str) -> float | None:
    found = values.metres(text)
    return None if found is not None and found > HIGHEST_KERB else found


def _locked(streets: Streets) -> Bools:
    """Vertices that nobody may pass: a barrier that is private or locked."""
    tags = [streets.node_tag(t) for t in ("barrier", "locked", "foot", "access")]
    return np.array([_is_locked(*(t.strip().lower() for t in row)) for row in zip(*tags, strict=True)], bool)


def _is_locked(barrier: str, locked: str, foot: str, access: str) -> bool:
    if not barrier or foot in ("yes", "designated", "permissive", "destination", "customers"):
        return False
    return locked == "yes" or (foot or access) in ("no", "private", "military", "restricted")
