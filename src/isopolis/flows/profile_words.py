"""A profile in words: near and far, where it fades, what chance would give, barriers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from isopolis.measure import MeasureSpec
from isopolis.measure.scale import Near, Point
from isopolis.model import Undefined
from isopolis.model.text import Number, capital, count, joint, phrase

from .words import number, percent

if TYPE_CHECKING:
    from isopolis.measure.estimate import Estimate

    from .profile import Profiled

__all__ = ["corrected", "scale_said", "sentences", "shown"]

RISES = 1.1
"""Times the nearest value above which the farthest is told to rise."""


def shown(spec: MeasureSpec, value: float | Undefined | None) -> str:
    """Write a value as tables have it."""
    if value is None or isinstance(value, Undefined):
        return "–"
    text = f"{value:.4f}"
    return Number(f"{0:.4f}" if float(text) == 0 else text.replace("-", "−"))


def _value(point: Point) -> float:
    """The number of a point that has one."""
    value = point.found.value
    if isinstance(value, Undefined):
        raise TypeError("this point has no value")
    return float(value)


def _told(spec: MeasureSpec, value: float) -> str:
    if value >= 0:
        return percent(value) if spec.unit == "share" else number(value)
    if spec.unit != "share":
        return Number(str(number(value)).replace("-", "−")) if value <= -0.0005 else number(value)
    return percent(value) if value > -0.001 else Number(f"−{-100 * value:.1f}%")


def corrected(point: Point) -> float | None:
    """Return the value less what the uncertainty of the counts adds to it; None where nobody knows."""
    found = point.found
    if isinstance(found.value, Undefined) or found.shift is None or found.interval is None:
        return None
    return float(found.value) - found.shift


def scale_said(near: Near) -> str:
    """Name a scale for readers."""
    if near.kind == "zone":
        return phrase("the zone itself")
    amount = count(near.scale) if near.scale == round(near.scale) else Number(f"{near.scale:g}")
    if near.kind == "people":
        return phrase("the {n} nearest people", n=amount)
    if near.kind == "network people":
        return phrase("the {n} people reached first", n=amount)
    if near.unit == "min":
        return phrase("{n} minutes on the way", n=amount)
    length = phrase("{length} m", length=amount)
    if near.scale >= 1000:
        length = phrase("{length} km", length=Number(f"{near.scale / 1000:g}"))
    if near.kind == "network":
        return phrase("{length} on the way", length=length)
    return length


def sentences(found: Profiled) -> tuple[str, ...]:
    """Say a profile for a councillor: near and far, where it fades, what chance would give, barriers."""
    spec, points = found.spec, found.profile.points
    out = []
    for kinds in (("zone", "distance", "kernel"), ("people",)):
        known = [p for p in points if p.near.kind in kinds and not isinstance(p.found.value, Undefined)]
        if len(known) > 1:
            out += _near_and_far(spec, found.about, known)
    out += _ratio_said(found)
    out += _by_chance_said(points)
    out += _barrier_said(found)
    if not out:
        reasons = [p.found.value.reason for p in points if isinstance(p.found.value, Undefined)]
        out += list(dict.fromkeys(reasons))
    return tuple(out)


def _near_and_far(spec: MeasureSpec, about: str, known: Sequence[Point]) -> list[str]:
    first, last = known[0], known[-1]
    values = [_value(p) for p in known]
    out = [
        phrase(
            "{about}, {measure}: {first} for {near}, {last} for {far}.",
            about=capital(about),
            measure=phrase(spec.explain.title),
            first=_told(spec, values[0]),
            near=scale_said(first.near),
            last=_told(spec, values[-1]),
            far=scale_said(last.near),
        )
    ]
    half = next((p for p, v in zip(known, values, strict=True) if v < values[0] / 2), None)
    if values[0] <= 0:
        half = None  # nothing there that could fade
    elif values[-1] > RISES * values[0]:
        out.append(
            phrase(
                "It does not fade but is larger for {far} than for {near}: wide surroundings differ more "
                "than places close together. That surroundings are cut off at the edge may be part of this.",
                far=scale_said(last.near),
                near=scale_said(first.near),
            )
        )
    elif half is None:
        out.append(
            phrase(
                "More than half is left for {far}: whole parts of the city differ, not only single zones.",
                far=scale_said(last.near),
            )
        )
    else:
        out.append(
            phrase(
                "Less than half is left for {half}: the differences are mostly between places closer "
                "together than that.",
                half=scale_said(half.near),
            )
        )
    within = [v for p, v in zip(known, values, strict=True) if v < 0 and not _below_chance(p)]
    if within:
        out.append(
            phrase(
                "A value below 0 means that the surroundings are slightly more mixed than the city as a "
                "whole: it is as good as 0."
            )
        )
    return out


def _below_chance(point: Point) -> bool:
    return point.chance is not None and _value(point) < point.chance[0]


def _ratio_said(found: Profiled) -> list[str]:
    ratio, micro, macro = found.profile.ratio, found.profile.micro, found.profile.macro
    if ratio is None or micro is None or macro is None:
        return []
    if isinstance(ratio.value, Undefined):
        return [ratio.value.reason]
    if ratio.value > 1:
        return [_rising_said(ratio, micro, macro)]
    text = phrase(
        "Macro to micro: {share} of what is there within {near} is left within {far}.",
        share=percent(max(0.0, float(ratio.value))), near=scale_said(micro), far=scale_said(macro),
    )  # fmt: skip
    if ratio.interval is None:
        return [text]
    low, high = (percent(max(0.0, v)) for v in ratio.interval)
    if low == high:
        return [joint((text, _narrow_said(Number("0.1%"))))]
    return [joint((text, phrase("The interval is {low} to {high}.", low=low, high=high)))]


def _narrow_said(width: str) -> str:
    return phrase(
        "Its interval is narrower than {width}: it is about errors of the counts such as rounding, not about "
        "chance.",
        width=width,
    )


def _rising_said(ratio: Estimate, micro: Near, macro: Near) -> str:
    text = phrase(
        "Macro to micro: the value within {far} is {times} times that within {near}; it does not fade.",
        times=Number(f"{ratio.value:.2f}"), near=scale_said(micro), far=scale_said(macro),
    )  # fmt: skip
    if ratio.interval is None:
        return text
    low, high = (Number(f"{max(0.0, v):.2f}") for v in ratio.interval)
    if low == high:
        return joint((text, _narrow_said(Number("0.01"))))
    return joint((text, phrase("The interval is {low} to {high}.", low=low, high=high)))


def _by_chance_said(points: Sequence[Point]) -> list[str]:
    known = [p for p in points if p.chance is not None and not isinstance(p.found.value, Undefined)]
    below = [p for p in known if _below_chance(p)]
    within = [p for p in known if p not in below and p.chance is not None and _value(p) <= p.chance[1]]
    out = []
    if within:
        named = joint([scale_said(p.near) for p in within], "; ")
        out.append(phrase("No higher than chance alone may give: {named}.", named=named))
    if below:
        named = joint([scale_said(p.near) for p in below], "; ")
        out.append(
            phrase(
                "Clearly below what chance alone gives: {named}. That comes from the edge of the city, where "
                "surroundings are cut off, and from how zones are weighed; it does not mean that people mix.",
                named=named,
            )
        )
    return out


def _barrier_said(found: Profiled) -> list[str]:
    known = [p for p in found.profile.barrier if not isinstance(p.found.value, Undefined)]
    if not known:
        return []
    # ways are longer than lines; among the same number of people the detours are left out
    same = [p for p in known if p.near.kind == "network people"] or known
    most = max(same, key=lambda p: abs(_value(p)))
    value = _value(most)
    more = phrase("more") if value >= 0 else phrase("less")
    text = phrase(
        "Barrier: by the ways people really take, separation for {scale} is {value} {more} than in a "
        "straight line.",
        scale=scale_said(most.near), value=Number(f"{abs(value):.4f}"), more=more,
    )  # fmt: skip
    band = most.chance
    if band is None or found.profile.bands == "bootstrap":
        return [text]
    inside = band[0] <= value <= band[1]
    beyond = (
        phrase("Chance alone could give that much.")
        if inside
        else phrase("That is beyond what chance gives.")
    )
    return [joint((text, beyond))]
