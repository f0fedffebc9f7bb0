"""Time along every edge for one body, and whether that is known.

Costs are integer milliseconds. A factor on time becomes a whole number of millionths of a millisecond per
millimetre before it meets a length, so that the last bits of an exponential, which differ between machines,
do not reach a cost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from isopolis.model.counts import frozen
from isopolis.model.errors import CallError, near
from isopolis.model.pickling import as_fields
from isopolis.model.streets import Streets
from isopolis.model.text import phrase

from .effects import STEPS, WayEffects, pick, slope_factor, steep, way_effects
from .entries import KERB_UNKNOWN, Spots, shared
from .model import BARRIERS, CROSSINGS, POLICIES, TAGS, Profile
from .shipped import profile as shipped_profile
from .shipped import vocabulary
from .tags import Parsed, parse_tags
from .words import reasons_in_words

__all__ = ["Costs", "Reason", "costs", "missing"]

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
MILLION = 1_000_000
LONGEST = 2**31 - 1
RAISED = 0.03
"""Metres above which a kerb costs time: a lowered kerb is that high."""


class Reason(NamedTuple):
    """Why edges cannot be used: a code, a sentence and how many edges, which may have other reasons too."""

    code: str
    sentence: str
    edges: int


@dataclass(frozen=True, slots=True, eq=False)
class Costs:
    """Time along every edge for one profile under one policy.

    Parameters
    ----------
    profile : str
    policy : str
    forward, backward : (E,) arrays of int32, milliseconds
        As the edge is drawn and against it, at least 1; -1 where it cannot be used.
    changed : (E,) array of bool
        Edges that an adult of the same speed would pass otherwise.
    unknown : (E,) array of bool
        Edges whose optimistic and pessimistic costs differ.
    reasons : tuple of Reason
        What stops this body in both directions or in one, where an adult passes (for the adult itself:
        everywhere), most edges first.
    shares : mapping of str to float
        By the same codes, the part of the length of all edges, 0 to 1; codes overlap.
    unusable : float
        The part of the length that this body cannot use in one direction at least, 0 to 1.
    """

    profile: str
    policy: str
    forward: npt.NDArray[np.int32]
    backward: npt.NDArray[np.int32]
    changed: Bools
    unknown: Bools
    reasons: tuple[Reason, ...]
    shares: Mapping[str, float]
    unusable: float

    def __post_init__(self) -> None:
        put = object.__setattr__
        for name in ("forward", "backward"):
            put(self, name, frozen(getattr(self, name), np.int32))
        for name in ("changed", "unknown"):
            put(self, name, frozen(getattr(self, name), bool))
        put(self, "shares", MappingProxyType(dict(self.shares)))

    def __reduce__(self) -> tuple[Any, ...]:
        return as_fields(self)

    @property
    def passable(self) -> Bools:
        """(E,) edges that can be used in one direction at least."""
        return np.asarray((self.forward >= 0) | (self.backward >= 0))


def costs(streets: Streets | Parsed, profile: Profile, policy: str = "expected") -> Costs:
    """Return the time along every edge for one body.

    Parameters
    ----------
    streets : Streets or Parsed
        Give what `parse_tags` made where several profiles are computed.
    profile : Profile
    policy : {"pessimistic", "expected", "optimistic"}
        What is assumed where a tag is missing. For every edge optimistic ≤ expected ≤ pessimistic, with
        what cannot be used as infinite; writing any possible value in the place of one missing tag gives a
        cost between the two bounds.

    Returns
    -------
    Costs

    Raises
    ------
    CallError
        If there is no such policy.
    """
    if policy not in POLICIES:
        hint = near(policy, POLICIES)
        raise CallError(
            phrase('there is no policy "{word}" for missing tags; {near}', word=policy, near=hint)
        )
    parsed = streets if isinstance(streets, Parsed) else parse_tags(streets)
    at = POLICIES.index(policy)
    weighed = {i: _weigh(parsed, profile, _all(i)) for i in {0, at, 2}}
    found, usual_body = weighed[at], shipped_profile("adult")
    alike = replace(usual_body, speed=replace(usual_body.speed, flat=profile.speed.flat))
    adult = _weigh(parsed, alike, _all(at))
    usual = np.ones_like(found.stopped) if profile.name == "adult" else adult.passed
    reasons, shares = _reasons(parsed, found, usual)
    length = parsed.streets.length.astype(np.int64)
    return Costs(
        profile.name,
        policy,
        found.forward,
        found.backward,
        found.differs(adult),
        weighed[0].differs(weighed[2]),
        reasons,
        shares,
        float(length[found.stopped].sum() / max(1, length.sum())),
    )


def missing(streets: Streets | Parsed, profile: Profile, *, decides: bool = False) -> Mapping[str, Bools]:
    """Return, by tag, the edges where not knowing it makes a difference to this body.

    A tag makes a difference when its worst value changes the cost while all else that is unknown is as good
    as it can be: it is what somebody has to look at, however bad the rest may turn out.

    Parameters
    ----------
    streets : Streets or Parsed
    profile : Profile
    decides : bool
        True to count only edges that this body can use or not depending on the tag; else also those that
        only take longer.

    Returns
    -------
    mapping of str to (E,) array of bool
        The tags of `TAGS`.
    """
    parsed = streets if isinstance(streets, Parsed) else parse_tags(streets)
    best = _weigh(parsed, profile, _all(0))
    worst = {tag: _weigh(parsed, profile, _all(0) | {tag: 2}) for tag in TAGS}
    if decides:
        return {tag: best.decided_by(w) for tag, w in worst.items()}
    return {tag: best.differs(w) for tag, w in worst.items()}


@dataclass(frozen=True, slots=True, eq=False)
class _Weighed:
    forward: npt.NDArray[np.int32]
    backward: npt.NDArray[np.int32]
    stops: Mapping[str, Bools | Ints]
    way: WayEffects
    one_way: tuple[Bools, Bools]

    def differs(self, other: _Weighed) -> Bools:
        return np.asarray((self.forward != other.forward) | (self.backward != other.backward))

    def decided_by(self, worse: _Weighed) -> Bools:
        forward = (self.forward >= 0) & (worse.forward < 0)
        return np.asarray(forward | ((self.backward >= 0) & (worse.backward < 0)))

    @property
    def stopped(self) -> Bools:
        return np.asarray((self.forward < 0) | (self.backward < 0))

    @property
    def passed(self) -> Bools:
        return np.asarray((self.forward >= 0) | (self.backward >= 0))


def _all(at: int) -> dict[str, int]:
    return dict.fromkeys(TAGS, at)


def _weigh(parsed: Parsed, profile: Profile, assumed: Mapping[str, int]) -> _Weighed:
    streets, of_way = parsed.streets, way_effects(parsed, profile, assumed)
    way, length = streets.way, streets.length.astype(np.int64)
    steps = shared_by_length(of_way.step_time, parsed)
    extra, stops = _at_edges(parsed, profile, assumed, of_way.lifted)
    pace_f, pace_b, steep_f, steep_b = _paces(parsed, profile, of_way)
    stopped = np.logical_or.reduce(list(of_way.stops.values()))[way]
    for edges in stops.values():
        stopped[edges] = True

    against = [(parsed.one_way == way)[streets.way] for way in (-1, 1)]

    def along(pace: Ints, refused: Bools) -> npt.NDArray[np.int32]:
        time = (length * pace + MILLION // 2) // MILLION
        time += steps
        time += extra
        np.clip(time, 1, LONGEST, out=time)
        time[stopped | refused] = -1
        return time.astype(np.int32)

    forward, backward = along(pace_f, steep_f | against[0]), along(pace_b, steep_b | against[1])
    return _Weighed(forward, backward, stops, of_way, (steep_f, steep_b))


def shared_by_length(milliseconds: Ints, parsed: Parsed) -> Ints | int:
    """Return each edge's part of the time of its way, rounded half up; 0 where no way has any."""
    if not milliseconds.any():
        return 0
    way = parsed.streets.way
    whole = np.maximum(parsed.way_length[way], 1)
    return (2 * milliseconds[way] * parsed.streets.length + whole) // (2 * whole)


def _paces(parsed: Parsed, profile: Profile, of_way: WayEffects) -> tuple[Ints, Ints, Bools, Bools]:
    """Millionths of a millisecond per millimetre and what is too steep, both ways along each edge."""
    way, slopes, flat = parsed.streets.way, of_way.slopes, profile.speed.flat
    pace = [_whole(of_way.factor * s / flat)[way] for s in (slopes.forward, slopes.backward)]
    too_steep = [slopes.too_steep[way], slopes.too_steep_back[way]]
    if parsed.slope is not None:
        use = np.isnan(parsed.incline)[way] & ~np.isnan(parsed.slope) & (parsed.classes != STEPS)[way]
        edges = np.flatnonzero(use)
        factor, lifted = of_way.factor[way[edges]], of_way.lifted[way[edges]]
        for side, percent in enumerate((parsed.slope[edges], -parsed.slope[edges])):
            pace[side][edges] = _whole(factor * slope_factor(profile.speed, percent) / flat)
            too_steep[side][edges] = (steep(profile, percent) > 0) & ~lifted
    return pace[0], pace[1], too_steep[0], too_steep[1]


def _whole(pace: npt.NDArray[np.float64]) -> Ints:
    return np.floor(pace * MILLION + 0.5).astype(np.int64)


def _at_edges(
    parsed: Parsed, profile: Profile, assumed: Mapping[str, int], lifted: Bools
) -> tuple[Ints, dict[str, Ints]]:
    """Time at crossings and kerbs, and the edges that they and barriers stop, by reason."""
    entries, limits = parsed.entries, profile.limits
    extra = np.zeros(len(parsed.streets.tail), np.int64)
    np.add.at(extra, entries.crossings.edge, _crossing_time(entries.crossings, profile, assumed))
    height = _kerb_heights(entries.kerbs, profile, assumed)
    seconds = np.where(height > RAISED, profile.costing.kerb_seconds, 0.0)
    np.add.at(extra, entries.kerbs.edge, shared(_milliseconds(seconds), entries.kerbs))
    refused = np.array([b in limits.barriers for b in BARRIERS])
    stops = {
        "crossing": entries.crossings.edge[_bad_crossings(entries.crossings, profile, assumed)],
        "barrier": entries.barrier_edge[refused[entries.barrier]],
        "access": np.flatnonzero(entries.closed),
    }
    if limits.kerb is not None:
        passed = entries.kerbs.flag & lifted[parsed.streets.way[entries.kerbs.edge]]
        stops["kerb"] = entries.kerbs.edge[(height > limits.kerb) & ~passed]
    if limits.width is not None:
        stops["width"] = np.flatnonzero(entries.narrow < limits.width)
    if limits.wheelchair_tag:
        stops["wheelchair"] = np.flatnonzero(entries.wheelchair_no)
    return extra, stops


def _milliseconds(seconds: npt.NDArray[np.float64]) -> Ints:
    return np.floor(seconds * 1000.0 + 0.5).astype(np.int64)


def _by_kind(spots: Spots, profile: Profile, effects: list[float], assumed: int) -> npt.NDArray[np.float64]:
    choice = profile.unknown.choice("crossing")
    of = dict(zip(CROSSINGS, effects, strict=True))
    unknown = 0.0 if choice is None else pick([of[k] for k in choice.possible], of[choice.expected], assumed)
    return np.array([*effects, unknown])[spots.value.astype(np.int64)]


def _crossing_time(spots: Spots, profile: Profile, assumed: Mapping[str, int]) -> Ints:
    seconds = [profile.costing.crossing_seconds.get(k, 0.0) for k in CROSSINGS]
    return shared(_milliseconds(_by_kind(spots, profile, seconds, assumed["crossing"])), spots)


def _bad_crossings(spots: Spots, profile: Profile, assumed: Mapping[str, int]) -> Bools:
    least = CROSSINGS.index(profile.limits.major_crossing)
    bad = [float(i > least) for i in range(len(CROSSINGS))]
    return spots.flag & (_by_kind(spots, profile, bad, assumed["crossing"]) > 0)


def _kerb_heights(spots: Spots, profile: Profile, assumed: Mapping[str, int]) -> npt.NDArray[np.float64]:
    choice, heights = profile.unknown.choice("kerb"), vocabulary().kerb_heights
    if choice is None:
        unknown = 0.0
    else:
        unknown = pick([heights[w] for w in choice.possible], heights[choice.expected], assumed["kerb"])
    return np.where(spots.value == KERB_UNKNOWN, unknown, spots.value)


def _reasons(parsed: Parsed, found: _Weighed, usual: Bools) -> tuple[tuple[Reason, ...], dict[str, float]]:
    """Count, among the edges that are `usual`, what stops the body."""
    length = parsed.streets.length.astype(np.int64)
    total, counted, shares = max(1, int(length.sum())), [], {}
    for code, sentence in reasons_in_words().items():
        hit = np.zeros(len(length), bool)
        if code in found.way.stops:
            hit |= found.way.stops[code][parsed.streets.way]
        if code in found.stops:
            hit[found.stops[code]] = True
        if code == "incline":
            hit |= found.one_way[0] | found.one_way[1]
        hit &= usual
        if hit.any():
            counted.append(Reason(code, sentence, int(hit.sum())))
            shares[code] = float(length[hit].sum() / total)
    return tuple(sorted(counted, key=lambda r: (-r.edges, r.code))), shares
