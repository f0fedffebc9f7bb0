"""What tags of ways do to a body: factors on time, and what stops it, by what is assumed of each tag."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .model import CLASSES, SMOOTHNESS, SURFACES, Choice, Profile, Range, Speed
from .tags import REFUSED, Parsed

__all__ = ["Slopes", "WayEffects", "pick", "slope_factor", "way_effects"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Assumed = Mapping[str, int]
"""By tag, what is assumed where it is missing: 0 the best, 1 the expected, 2 the worst."""
NO_YES = ("no", "yes")
MAJOR, STREET, STEPS = (CLASSES.index(c) for c in ("major", "street", "steps"))


@dataclass(frozen=True, slots=True)
class Slopes:
    """Factors on time and what is too steep, along a way as it is drawn and against it."""

    forward: Floats
    backward: Floats
    too_steep: Bools
    too_steep_back: Bools


@dataclass(frozen=True, slots=True)
class WayEffects:
    """Effects on ways.

    Parameters
    ----------
    factor : (W,) array
        On time, slope aside.
    slopes : Slopes
        (W,) arrays.
    step_time : (W,) array of int, milliseconds
        For all steps of a way.
    stops : mapping of str to (W,) array of bool
        What stops the body in both directions, by reason.
    lifted : (W,) array of bool
        Somebody found that wheelchairs can pass, so that no limit on single tags stops them.
    """

    factor: Floats
    slopes: Slopes
    step_time: npt.NDArray[np.int64]
    stops: Mapping[str, Bools]
    lifted: Bools


def pick(values: Sequence[float], expected: float, assumed: int) -> float:
    """Return the best, the expected or the worst of some effects; larger is worse."""
    return (min(values), expected, max(values))[assumed]


def slope_factor(speed: Speed, percent: Floats) -> Floats:
    """Return the factor on time for slopes in percent, up being positive; 1 on the flat.

    Tobler (1993), p. 3: W = 6 exp(−3.5 |S + 0.05|) km/h, divided by its value on the flat.
    """
    if speed.function == "tobler":
        return np.asarray(np.exp(3.5 * (np.abs(percent / 100.0 + 0.05) - 0.05)))
    if speed.function == "table":
        at, factors = zip(*speed.table, strict=True)
        return np.asarray(np.interp(percent, at, factors))
    return np.ones_like(percent)


def way_effects(parsed: Parsed, profile: Profile, assumed: Assumed) -> WayEffects:
    """Return what each way does to the body of `profile`; effects never get better from 0 to 2."""
    limits, cost = profile.limits, profile.costing
    steps, classes = parsed.classes == STEPS, parsed.classes
    lifted = (parsed.wheelchair >= 1) & limits.wheelchair_tag
    surface_factor = _effects(SURFACES, cost.surface, sorted(limits.surfaces))
    smooth_factor = _effects(SMOOTHNESS, cost.smoothness, _too_rough(limits.roughest))
    refused = np.array([float(s in limits.surfaces) for s in SURFACES])
    rough = np.array([float(s in _too_rough(limits.roughest)) for s in SMOOTHNESS])
    unlit = np.array([1.0, 0.0])
    factor = np.where(steps, 1.0, _surface(parsed, profile, surface_factor, assumed, 1.0))
    factor = factor * np.where(steps, 1.0, _smoothness(parsed, profile, smooth_factor, assumed, 1.0))
    dark = np.array([cost.unlit, 1.0])
    factor = factor * _words(parsed.lit, parsed, profile, "lit", NO_YES, dark, assumed, 1.0)
    factor = factor * _sidewalk_factor(parsed, profile, assumed)
    factor = factor * np.where((parsed.wheelchair == 1) & limits.wheelchair_tag, cost.limited, 1.0)
    if limits.steps in ("ramp", "wheelchair_ramp"):
        factor = factor * np.where(steps, cost.ramp, 1.0)
    stops = {
        "access": parsed.closed | (classes == REFUSED) | (_foot(parsed, profile, assumed) > 0),
        "steps": steps & _stopped_by_steps(parsed, profile, assumed),
        "surface": ~steps & ~lifted & (_surface(parsed, profile, refused, assumed, 0.0) > 0),
        "smoothness": ~steps & ~lifted & (_smoothness(parsed, profile, rough, assumed, 0.0) > 0),
        "width": ~lifted & _too_narrow(parsed, profile, assumed),
        "wheelchair": (parsed.wheelchair == 0) & limits.wheelchair_tag,
    }
    if limits.unlit:
        stops["unlit"] = _words(parsed.lit, parsed, profile, "lit", NO_YES, unlit, assumed, 0.0) > 0
    if limits.major_without_sidewalk:
        without = _words(parsed.sidewalk, parsed, profile, "sidewalk", NO_YES, unlit, assumed, 0.0) > 0
        stops["major_road"] = (classes == MAJOR) & without
    slopes = _slopes(parsed, profile, assumed, steps, lifted)
    return WayEffects(factor, slopes, _step_time(parsed, profile, assumed), stops, lifted)


def _too_rough(roughest: str | None) -> tuple[str, ...]:
    return () if roughest is None else SMOOTHNESS[SMOOTHNESS.index(roughest) + 1 :]


def _effects(words: Sequence[str], factors: Mapping[str, float], refused: Sequence[str]) -> Floats:
    """Factors by word; refused words without one get the largest, for where somebody found them passable."""
    worst = max(factors.values(), default=1.0)
    return np.array([factors.get(w, worst if w in refused else 1.0) for w in words])


def _table(
    words: Sequence[str], effects: Floats, choices: Sequence[Choice | None], assumed: int, neutral: float
) -> Floats:
    """Effect of a missing tag, by key; `neutral` where the tag does not matter."""
    by_word = dict(zip(words, effects.tolist(), strict=True))
    return np.array(
        [
            neutral if c is None else pick([by_word[w] for w in c.possible], by_word[c.expected], assumed)
            for c in choices
        ]
    )


def _by_class(profile: Profile, tag: str) -> list[Choice | None]:
    found = [profile.unknown.choice(tag, c) or profile.unknown.choice(tag) for c in CLASSES]
    return [*found, None]


def _words(
    codes: npt.NDArray[np.int8],
    parsed: Parsed,
    profile: Profile,
    tag: str,
    words: Sequence[str],
    effects: Floats,
    assumed: Assumed,
    neutral: float,
) -> Floats:
    missing = _table(words, effects, _by_class(profile, tag), assumed[tag], neutral)
    return np.where(codes >= 0, effects[np.maximum(codes, 0)], missing[parsed.classes])


def _surface(parsed: Parsed, profile: Profile, effects: Floats, assumed: Assumed, neutral: float) -> Floats:
    return _words(parsed.surface, parsed, profile, "surface", SURFACES, effects, assumed, neutral)


def _smoothness(
    parsed: Parsed, profile: Profile, effects: Floats, assumed: Assumed, neutral: float
) -> Floats:
    """Missing smoothness goes by the surface; where that is missing too, by all that it may be."""
    unknown = profile.unknown
    of_surface = {s: unknown.choice("smoothness", s) or unknown.choice("smoothness") for s in SURFACES}
    choices = [*of_surface.values(), *(_joined(c, of_surface) for c in _by_class(profile, "surface"))]
    missing = _table(SMOOTHNESS, effects, choices, assumed["smoothness"], neutral)
    key = np.where(parsed.surface >= 0, parsed.surface, len(SURFACES) + parsed.classes)
    return np.where(parsed.smoothness >= 0, effects[np.maximum(parsed.smoothness, 0)], missing[key])


def _joined(surfaces: Choice | None, of_surface: Mapping[str, Choice | None]) -> Choice | None:
    if surfaces is None:
        return None
    choices = [c for s in surfaces.possible if (c := of_surface[s]) is not None]
    expected = of_surface[surfaces.expected]
    words = tuple(w for w in SMOOTHNESS if any(w in c.possible for c in choices))
    return Choice(words, expected.expected) if words and expected is not None else None


def _sidewalk_factor(parsed: Parsed, profile: Profile, assumed: Assumed) -> Floats:
    factor = np.ones(len(parsed.classes))
    for place, name in ((MAJOR, "major"), (STREET, "street")):
        effects = np.array([profile.costing.without_sidewalk.get(name, 1.0), 1.0])
        found = _words(parsed.sidewalk, parsed, profile, "sidewalk", NO_YES, effects, assumed, 1.0)
        factor = np.where(parsed.classes == place, found, factor)
    return factor


def _foot(parsed: Parsed, profile: Profile, assumed: Assumed) -> Floats:
    return _words(parsed.foot, parsed, profile, "foot", NO_YES, np.array([1.0, 0.0]), assumed, 0.0)


def _stopped_by_steps(parsed: Parsed, profile: Profile, assumed: Assumed) -> Bools:
    if profile.limits.steps not in ("ramp", "wheelchair_ramp"):
        return np.full(len(parsed.classes), profile.limits.steps == "never")
    ramp = parsed.ramp if profile.limits.steps == "ramp" else parsed.wheelchair_ramp
    return _words(ramp, parsed, profile, "ramp", NO_YES, np.array([1.0, 0.0]), assumed, 0.0) > 0


def _ranges(profile: Profile, tag: str) -> list[Range | None]:
    return [*(profile.unknown.range(tag, c) or profile.unknown.range(tag) for c in CLASSES), None]


def _too_narrow(parsed: Parsed, profile: Profile, assumed: Assumed) -> Bools:
    need = profile.limits.width
    if need is None:
        return np.zeros(len(parsed.classes), bool)
    at = assumed["width"]
    missing = [
        r is not None and (r.highest, r.expected, r.lowest)[at] < need for r in _ranges(profile, "width")
    ]
    known = ~np.isnan(parsed.width)
    return np.where(known, np.where(known, parsed.width, need) < need, np.array(missing)[parsed.classes])


def _step_time(parsed: Parsed, profile: Profile, assumed: Assumed) -> npt.NDArray[np.int64]:
    """Milliseconds for the steps of a way; a ramp beside them takes none."""
    if profile.limits.steps != "allowed":
        return np.zeros(len(parsed.classes), np.int64)
    table = profile.unknown.range("steps")
    each = 0.0 if table is None else (table.lowest, table.expected, table.highest)[assumed["steps"]]
    known = ~np.isnan(parsed.step_count)
    count = np.where(known, np.where(known, parsed.step_count, 0.0), parsed.way_length * each / 1000.0)
    count = np.where(parsed.classes == STEPS, count, 0.0)
    return np.floor(count * profile.costing.seconds_per_step * 1000.0 + 0.5).astype(np.int64)


def _slopes(parsed: Parsed, profile: Profile, assumed: Assumed, steps: Bools, lifted: Bools) -> Slopes:
    """Effects of incline: of its number, of a range where only its direction or nothing is known."""
    known = ~np.isnan(parsed.incline)
    percent = np.where(known, parsed.incline, 0.0)
    key = parsed.classes.astype(np.int64) * 3 + parsed.upward + 1
    ranges = [_directed(r, way) for r in _ranges(profile, "incline") for way in (-1, 0, 1)]
    at = assumed["incline"]

    def both(
        of_known: Callable[[Floats], Floats], of_range: Callable[[Range], float], neutral: float
    ) -> Floats:
        missing = np.array([neutral if r is None else of_range(r) for r in ranges])
        return np.where(steps, neutral, np.where(known, of_known(percent), missing[key]))

    def back(r: Range) -> Range:
        return Range(-r.highest, -r.lowest, -r.expected)

    speed, flat = profile.speed, ~lifted
    return Slopes(
        both(lambda p: slope_factor(speed, p), lambda r: _factor_in(speed, r, at), 1.0),
        both(lambda p: slope_factor(speed, -p), lambda r: _factor_in(speed, back(r), at), 1.0),
        flat & (both(lambda p: steep(profile, p), lambda r: _steep_in(profile, r, at), 0.0) > 0),
        flat & (both(lambda p: steep(profile, -p), lambda r: _steep_in(profile, back(r), at), 0.0) > 0),
    )


def _directed(r: Range | None, way: int) -> Range | None:
    """Narrow a range to the direction that is known."""
    if r is None or way == 0:
        return r
    cut = max if way > 0 else min
    low, high = cut(r.lowest, 0.0), cut(r.highest, 0.0)
    return Range(low, high, (low + high) / 2.0)


def steep(profile: Profile, percent: Floats) -> Floats:
    """Return 1 where a slope in percent is beyond what the body climbs or descends, else 0."""
    up, down = profile.limits.incline_up, profile.limits.incline_down
    too_much = np.zeros(percent.shape, bool)
    if up is not None:
        too_much |= percent > up
    if down is not None:
        too_much |= -percent > down
    return too_much.astype(float)


def _steep_in(profile: Profile, r: Range, assumed: int) -> float:
    """Effect somewhere in a range; what can be climbed is one interval around the flat."""
    nearest = min(max(0.0, r.lowest), r.highest)
    values = steep(profile, np.array([r.lowest, r.highest, nearest, r.expected])).tolist()
    return pick(values[:3], values[3], assumed)


def _factor_in(speed: Speed, r: Range, assumed: int) -> float:
    """Extremes of the factor lie at the ends of a range or where its function bends."""
    bends = [-5.0] if speed.function == "tobler" else [at for at, _ in speed.table]
    at = [r.lowest, r.highest, *(b for b in bends if r.lowest < b < r.highest), r.expected]
    values = slope_factor(speed, np.array(at)).tolist()
    return pick(values[:-1], values[-1], assumed)
