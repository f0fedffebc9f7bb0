"""Charts of scale: by distance, between, within and inside larger areas."""

from __future__ import annotations

from collections.abc import Sequence

from .. import charts
from ..blocks import Figure, table
from ..prose import Names, clean, interval, metres, number, people, percent, plural, shown
from ..select import ByDimension
from ..svg import draw
from .common import ROWS, at, band, dot, explained, in_percent, left, notes, outside

__all__ = ["inside", "nested", "profile"]


def profile(part: ByDimension, names: Names, key: str) -> Figure | None:
    """H by radius, to see whether segregation fades when one looks further."""
    pairs = part.profile()
    if len(pairs) < 2:
        return None
    radii, found = [r for r, _ in pairs], [f for _, f in pairs]
    name = found[0].measure
    values, chance = [f.number for f in found], [f.expected for f in found]
    svg = draw(
        lambda: charts.profile(
            radii,
            values,
            chance,
            axis="distance around each zone that counts as its surroundings",
            side="measured (H)",
            as_percent=in_percent(found),
        ),
        key,
    )
    title = names.dimension(part.name)
    return Figure(
        key,
        f"{title}: near and far{at(part)}",
        f"Within {metres(radii[0])} the measure is {shown(name, values[0])}, within {metres(radii[-1])} "
        f"it is {shown(name, values[-1])}. {_fading(radii, values)}{_below_zero(values)}",
        svg,
        table(
            f"{title}: spatial information theory index by distance{at(part)}",
            ("Within", "Measured", "By chance", "Excess over chance"),
            [
                (metres(r), shown(name, f.number), shown(name, f.expected), percent(f.excess))
                for r, f in pairs
            ],
        ),
        how=explained(found),
    )


def _fading(radii: Sequence[float], values: Sequence[float]) -> str:
    """Say from which distance on less than half is left."""
    half = next((r for r, v in zip(radii, values, strict=True) if v < values[0] / 2), None)
    if half is None:
        return (
            f"More than half is left even when one looks {metres(radii[-1])} around: whole parts of the city "
            "differ, not only single zones."
        )
    return (
        f"Less than half is left when one looks {metres(half)} around: the differences are mostly between "
        "places closer together than that."
    )


def _below_zero(values: Sequence[float]) -> str:
    if min(values) >= 0:
        return ""
    return (
        " A value below 0 means that the surroundings are slightly more mixed than the city as a whole: "
        "it is as good as 0."
    )


def nested(part: ByDimension, names: Names, key: str) -> Figure | None:
    """How much lies between larger areas and how much within them."""
    pairs = [(b, w) for b, w in part.nested() if b.number + w.number > 0]
    if not pairs:
        return None
    shares = [(clean(b.scale), b.number / (b.number + w.number)) for b, w in pairs]
    svg = draw(
        lambda: charts.stacked(
            [(scale, (s, 1 - s)) for scale, s in shares],
            ("between areas", "within areas"),
            axis="share of the city's unevenness (M)",
        ),
        key,
    )
    scale, share = shares[0]
    title = names.dimension(part.name)
    rows = [
        (b.scale, number(b.number, 4), number(w.number, 4), number(b.number + w.number, 4), percent(s))
        for (b, w), (_, s) in zip(pairs, shares, strict=True)
    ]
    return Figure(
        key,
        f"{title}: between and within larger areas{at(part)}",
        f"Of all unevenness, {percent(share)} lies between {plural(scale)} and "
        f"{percent(1 - share)} lies within them, between their own zones.",
        svg,
        table(
            f"{title}: mutual information between and within areas, in nats{at(part)}",
            ("Level", "Between", "Within", "Together", "Share between"),
            rows,
        ),
    )


def inside(part: ByDimension, names: Names, key: str) -> Figure | None:
    """H inside each area of a level above the zones."""
    found = sorted((f for f in part.inside() if f.defined), key=lambda f: -f.number)
    if len(found) < 2:
        return None
    rows = [dot(f, names.place(f.scope)) for f in found[:ROWS]]
    svg = draw(
        lambda: charts.dots(
            rows,
            axis="information theory index (H) inside each area",
            value="measured",
            mark="expected by chance",
            band=band(found),
            as_percent=in_percent(found),
        ),
        key,
    )
    title = names.dimension(part.name)
    listed = [
        (
            names.place(f.scope),
            people(f.n_people),
            shown(f.measure, f.number),
            shown(f.measure, f.expected),
            percent(f.excess),
            interval(f),
        )
        for f in found
    ]
    return Figure(
        key,
        f"{title}: inside each larger area{at(part)}",
        f"Seen by itself, the area with the largest differences between its own zones is "
        f"{names.place(found[0].scope)}, the one with the smallest is {names.place(found[-1].scope)}. "
        "Rows stand by measured value, the largest first.",
        svg,
        table(
            f"{title}: information theory index inside each area{at(part)}",
            ("Area", "People", "Measured", "By chance", "Excess over chance", "Interval"),
            listed,
        ),
        notes(left(found, "areas"), outside(found)),
        explained(found),
    )
