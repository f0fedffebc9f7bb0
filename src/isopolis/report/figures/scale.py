"""Charts of scale: by distance, between, within and inside larger areas."""

from __future__ import annotations

from collections.abc import Sequence

from isopolis.model.text import joint, phrase
from isopolis.model.vocabulary import standard

from .. import charts
from ..blocks import Figure, table
from ..prose import Names, clean, dated, interval, metres, number, people, percent, plural, shown
from ..select import ByDimension
from ..svg import draw
from .common import ROWS, band, dot, explained, in_percent, left, notes, outside

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
            axis=phrase("distance around each zone that counts as its surroundings"),
            side=phrase("measured (H)"),
            as_percent=in_percent(found),
        ),
        key,
    )
    title = names.dimension(part.name)
    return Figure(
        key,
        dated(phrase("{dimension}: near and far", dimension=title), part.newest),
        joint(
            (
                phrase(
                    "Within {near} the measure is {first}, within {far} it is {last}.",
                    near=metres(radii[0]),
                    first=shown(name, values[0]),
                    far=metres(radii[-1]),
                    last=shown(name, values[-1]),
                ),
                _fading(radii, values),
                _below_zero(values),
            )
        ),
        svg,
        table(
            dated(
                phrase("{dimension}: spatial information theory index by distance", dimension=title),
                part.newest,
            ),
            (phrase("Within"), phrase("Measured"), phrase("By chance"), phrase("Excess over chance")),
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
        return phrase(
            "More than half is left even when one looks {distance} around: whole parts of the city "
            "differ, not only single zones.",
            distance=metres(radii[-1]),
        )
    return phrase(
        "Less than half is left when one looks {distance} around: the differences are mostly between "
        "places closer together than that.",
        distance=metres(half),
    )


def _below_zero(values: Sequence[float]) -> str:
    if min(values) >= 0:
        return ""
    return phrase(
        "A value below 0 means that the surroundings are slightly more mixed than the city as a whole: "
        "it is as good as 0."
    )


def nested(part: ByDimension, names: Names, key: str) -> Figure | None:
    """How much lies between larger areas and how much within them."""
    pairs = [(b, w) for b, w in part.nested() if b.number + w.number > 0]
    if not pairs:
        return None
    shares = [(standard(clean(b.scale)), b.number / (b.number + w.number)) for b, w in pairs]
    svg = draw(
        lambda: charts.stacked(
            [(scale, (s, 1 - s)) for scale, s in shares],
            (phrase("between areas"), phrase("within areas")),
            axis=phrase("share of the city's unevenness (M)"),
        ),
        key,
    )
    scale, share = shares[0]
    title = names.dimension(part.name)
    rows = [
        (
            standard(b.scale),
            number(b.number, 4),
            number(w.number, 4),
            number(b.number + w.number, 4),
            percent(s),
        )
        for (b, w), (_, s) in zip(pairs, shares, strict=True)
    ]
    return Figure(
        key,
        dated(phrase("{dimension}: between and within larger areas", dimension=title), part.newest),
        phrase(
            "Of all unevenness, {between} lies between {areas} and {within} lies within them, "
            "between their own zones.",
            between=percent(share),
            areas=plural(scale),
            within=percent(1 - share),
        ),
        svg,
        table(
            dated(
                phrase("{dimension}: mutual information between and within areas, in nats", dimension=title),
                part.newest,
            ),
            (
                phrase("Level"),
                phrase("Between"),
                phrase("Within"),
                phrase("Together"),
                phrase("Share between"),
            ),
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
            axis=phrase("information theory index (H) inside each area"),
            value=phrase("measured"),
            mark=phrase("expected by chance"),
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
        dated(phrase("{dimension}: inside each larger area", dimension=title), part.newest),
        phrase(
            "Seen by itself, the area with the largest differences between its own zones is {most}, "
            "the one with the smallest is {least}. Rows stand by measured value, the largest first.",
            most=names.place(found[0].scope),
            least=names.place(found[-1].scope),
        ),
        svg,
        table(
            dated(
                phrase("{dimension}: information theory index inside each area", dimension=title),
                part.newest,
            ),
            (
                phrase("Area"),
                phrase("People"),
                phrase("Measured"),
                phrase("By chance"),
                phrase("Excess over chance"),
                phrase("Interval"),
            ),
            listed,
        ),
        notes(left(found, "areas"), outside(found)),
        explained(found),
    )
