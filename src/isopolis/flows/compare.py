"""Side by side: what may be compared, why not, and what a comparison says.

Groups of one city at one date, one group at several dates, or one group in several cities. Everything that
is not compared must be defined in the same way, or the comparison is refused with each reason.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from isopolis.measure import MEASURES
from isopolis.model import Finding, IsopolisError, Undefined
from isopolis.model.text import joint, listing, phrase

from .words import number, percent

__all__ = [
    "ACROSS",
    "MOST",
    "SIZE_RATIO",
    "YEARS_APART",
    "Comparison",
    "Part",
    "compare",
    "identity",
    "part_of",
    "title_of",
    "unit_of",
    "unlike",
    "written",
]

ACROSS = ("groups", "dates", "cities")
MOST = 12
"""Most findings side by side: more cannot be read."""

SIZE_RATIO = 3.0
"""Zones of which one holds so many times the people of the other are not zones of one size."""

YEARS_APART = 5
"""Years between two cities' dates beyond which time, and not place, may be what differs."""

SMALL_GROUP = 100
UNLIKE_SIZES = 10


@dataclass(frozen=True, slots=True)
class Part:
    """One finding, as far as a comparison needs it; plain values only.

    Parameters
    ----------
    label : str
        What the reader calls it: a group, a date or a city.
    value : float or None
        None when there is no value; `why_none` says why.
    categories : tuple of str
        Groups that a measure of all groups takes together.
    corrections : tuple of mapping
        Values corrected for small zones, where the finding has any (`small_units`).
    subject, about, against : str
        Names for readers of the dimension, of the group (of the dimension where there is none), and of whom
        it is compared with; empty where only the ids of a file of findings are known.
    """

    label: str
    measure: str
    city: str = ""
    dimension: str = ""
    group: str = ""
    versus: str = ""
    scale: str = ""
    scope: str = "city"
    date: str = ""
    value: float | None = None
    why_none: str = ""
    expected: float | None = None
    excess: float | None = None
    low: float | None = None
    high: float | None = None
    interval_method: str = ""
    people: int = 0
    members: int = 0
    zones: int = 0
    universe: str = ""
    categories: tuple[str, ...] = ()
    corrections: tuple[Mapping[str, Any], ...] = ()
    subject: str = ""
    about: str = ""
    against: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form without what is empty."""
        return {k: v for k, v in asdict(self).items() if v not in (None, "", ())}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Part:
        """Read the JSON form back."""
        listed = {k: tuple(data.get(k, ())) for k in ("categories", "corrections")}
        return cls(**(dict(data) | listed))

    def called(self, label: str) -> Part:
        """Return the same under another name."""
        return replace(self, label=label)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of it.

    Parameters
    ----------
    parts : tuple of Part
        In the order in which they were asked for.
    refused : tuple of str
        Why they cannot be compared; empty when they can.
    cautions : tuple of str
        What to keep in mind.
    said : str
        The result as one or two sentences; empty when refused.
    """

    parts: tuple[Part, ...]
    refused: tuple[str, ...]
    cautions: tuple[str, ...] = ()
    said: str = ""


def identity(one: Part | Finding) -> tuple[str, ...]:
    """Measure, dimension, group, versus, scale and date: what tells findings of a whole city apart."""
    return one.measure, one.dimension, one.group, one.versus, one.scale, one.date


def part_of(finding: Finding, *, label: str, city: str = "", categories: Sequence[str] = ()) -> Part:
    """Take from a finding what a comparison needs."""
    low, high = finding.interval or (None, None)
    gone = isinstance(finding.value, Undefined)
    return Part(
        label=label,
        measure=finding.measure,
        city=city,
        dimension=finding.dimension,
        group=finding.group,
        versus=finding.versus,
        scale=finding.scale,
        scope=finding.scope,
        date=finding.date,
        value=None if gone else finding.number,
        why_none=str(finding.value) if gone else "",
        expected=finding.expected,
        excess=finding.excess,
        low=low,
        high=high,
        interval_method=finding.interval_method,
        people=finding.n_people,
        members=finding.n_group,
        zones=finding.n_zones,
        universe=_universe(finding.provenance),
        categories=() if finding.group else tuple(categories),
        corrections=tuple(finding.detail.get("corrections", ())),
    )


def _universe(provenance: Mapping[str, Any]) -> str:
    if "before" in provenance and "after" in provenance:
        ends = [str(provenance[k].get("universe") or "") for k in ("before", "after")]
        return ends[0] if ends[0] == ends[1] else " / ".join(ends)
    return str(provenance.get("universe") or "")


def compare(parts: Sequence[Part], across: str) -> Comparison:
    """Compare findings, or say every reason why they cannot be.

    Parameters
    ----------
    parts : sequence of Part
    across : {"groups", "dates", "cities"}
        What may differ; everything else must be the same.
    """
    given = tuple(parts)
    refused = tuple(_refusals(given, across))
    if refused:
        return Comparison(given, refused)
    return Comparison(given, (), tuple(_cautions(given, across)), _said(given))


# -- why not --------------------------------------------------------------------------------
def unlike(parts: Sequence[Part], across: str) -> tuple[str, ...]:
    """Every reason against a comparison that is known before anything is measured.

    Takes the parameters of `compare`; the parts need no values.
    """
    given = tuple(parts)
    if wrong := _call(given, across):
        return (wrong,)
    return (*_definitions(given, across), *_who(given, across), *_when(given, across))


def _refusals(parts: tuple[Part, ...], across: str) -> list[str]:
    if wrong := _call(parts, across):
        return [wrong]
    missing = [
        phrase("there is no value for {who}: {why}", who=p.label, why=p.why_none)
        for p in parts
        if p.value is None
    ]
    return [*missing, *unlike(parts, across)]


def _call(parts: tuple[Part, ...], across: str) -> str:
    """Say what is wrong with the question itself; empty when nothing is."""
    if across not in ACROSS:
        return phrase("there is no comparison of this kind; there are groups, dates and cities")
    if len(parts) < 2:
        return phrase("there must be at least two to compare")
    if len(parts) > MOST:
        return phrase("more than {most} side by side cannot be read; choose fewer", most=str(MOST))
    return ""


def _different(items: Sequence[str], names: Sequence[str] = ()) -> str:
    """List what differs, by its names where there are any; empty when all are the same."""
    named = dict.fromkeys(items, "")
    named.update(reversed(list(zip(items, names, strict=False))))
    seen = [name or item or phrase("not stated") for item, name in named.items()]
    return listing(seen) if len(seen) > 1 else ""


def _definitions(parts: tuple[Part, ...], across: str) -> list[str]:
    out: list[str] = []
    if listed := _different([title_of(p.measure) for p in parts]):
        out.append(phrase("they are different measures: {listed}", listed=listed))
    if listed := _different([p.scale for p in parts]):
        out.append(phrase("they are measured on different zones or distances: {listed}", listed=listed))
    elif across != "groups" and (found := _unlike_zones(parts)):
        out.append(found)
    if listed := _different([p.universe for p in parts]):
        out.append(phrase("they count different people: {listed}", listed=listed))
    if across == "cities" and any(p.scope != "city" for p in parts):
        out.append(phrase("between cities only whole cities can be compared, not parts of them"))
    elif listed := _different([p.scope for p in parts]):
        out.append(phrase("they are about different parts of the city: {listed}", listed=listed))
    with_interval = [p for p in parts if p.low is not None]
    if len({_kind(p.interval_method) for p in with_interval}) > 1:
        out.append(phrase("their intervals were found by different methods"))
    return out


def _unlike_zones(parts: tuple[Part, ...]) -> str:
    sizes = [(p.people / p.zones, p.label) for p in parts if p.zones > 1 and p.people > 0]
    if len(sizes) < 2:
        return ""
    (small, here), (large, there) = min(sizes), max(sizes)
    if large <= SIZE_RATIO * small:
        return ""
    return phrase(
        "the zones are of different sizes: about {small} people in a zone of {here}, {large} in one of "
        "{there}; small zones always show more unevenness",
        small=f"{small:,.0f}",
        here=here,
        large=f"{large:,.0f}",
        there=there,
    )


def _kind(method: str) -> str:
    """Return the method without its numbers: 19 or 199 redrawn tables are one method."""
    return re.sub(r"\d+", "#", str(method))


def _who(parts: tuple[Part, ...], across: str) -> list[str]:
    out: list[str] = []
    whom = ["own" if p.versus == p.group else p.versus for p in parts]
    if listed := _different(whom, [p.against for p in parts]):
        out.append(phrase("they are compared with different people: {listed}", listed=listed))
    if across == "groups":
        if len({(p.dimension, p.group) for p in parts}) < len(parts):
            out.append(phrase("the same group is chosen twice"))
        if any(p.group for p in parts) and not all(p.group for p in parts):
            out.append(phrase("a measure of one group cannot stand beside one of all groups together"))
        if listed := _different([p.city for p in parts]):
            out.append(phrase("they are about different cities: {listed}", listed=listed))
        return out
    if listed := _different([p.dimension.casefold() for p in parts], [p.subject for p in parts]):
        out.append(phrase("they are about different things known of people: {listed}", listed=listed))
    elif listed := _different([p.group.casefold() for p in parts], [p.about for p in parts]):
        out.append(phrase("they are about different groups: {listed}", listed=listed))
    elif not parts[0].group and len({_divided(p) for p in parts}) > 1:
        out.append(phrase("they divide people into different groups"))
    return out


def _divided(part: Part) -> tuple[str, ...]:
    """Return the groups of a measure of all; their order counts only for measures of ordered groups."""
    groups = tuple(c.casefold() for c in part.categories)
    base = re.sub(r"_change$", "", part.measure)
    ordered = base in MEASURES and MEASURES[base].kind == "ordered"
    return groups if ordered else tuple(sorted(groups))


def _when(parts: tuple[Part, ...], across: str) -> list[str]:
    dates = [p.date for p in parts]
    if across == "dates":
        out: list[str] = []
        if len(set(dates)) < len(dates):
            out.append(phrase("the same date is chosen twice"))
        if listed := _different([p.city for p in parts]):
            out.append(phrase("they are about different cities: {listed}", listed=listed))
        return out
    if across == "groups":
        listed = _different(dates)
        return [phrase("they are of different dates: {listed}", listed=listed)] if listed else []
    if len({p.city for p in parts}) < len(parts):
        return [phrase("the same city is chosen twice")]
    ends = [_years(d) for d in dates]
    if any(not e for e in ends) and any(ends):
        return [phrase("one of them states no date")]
    apart = max((max(c) - min(c) for c in zip(*ends, strict=False)), default=0)
    spans = {e[-1] - e[0] for e in ends if e}
    if apart > YEARS_APART or (spans and max(spans) - min(spans) > 1):
        listed = listing(list(dict.fromkeys(dates)))
        return [
            phrase(
                "their dates are too far apart: {listed}; at most {years} years are taken",
                listed=listed,
                years=str(YEARS_APART),
            )
        ]
    return []


def _years(date: str) -> list[int]:
    return [int(y) for y in re.findall(r"(?<!\d)\d{4}(?!\d)", date)]


# -- what to keep in mind ---------------------------------------------------------------------
def _cautions(parts: tuple[Part, ...], across: str) -> list[str]:
    out: list[str] = []
    small = [p.label for p in parts if p.group and p.members < SMALL_GROUP]
    if small:
        out.append(
            phrase(
                "Fewer than {n} people: {listed}. Read what lies beyond chance, not the value.",
                n=str(SMALL_GROUP),
                listed=listing(small),
            )
        )
    members = [p.members for p in parts if p.members]
    if across == "groups" and members and max(members) > UNLIKE_SIZES * min(members):
        out.append(
            phrase(
                "The groups are of very different sizes. Chance alone scatters a small group less evenly, "
                "so compare what lies beyond chance."
            )
        )
    without = [p.label for p in parts if p.low is None]
    if without:
        out.append(phrase("There is no interval for {listed}.", listed=listing(without)))
    if across == "cities" and len({p.date for p in parts}) > 1:
        out.append(
            phrase("The dates differ: {listed}.", listed=listing(list(dict.fromkeys(p.date for p in parts))))
        )
    if across == "cities":
        called = list(dict.fromkeys(p.about for p in parts if p.about))
        if parts[0].group and len(called) > 1:
            out.append(
                phrase(
                    "One group has different names: {listed}. Check that the same people are meant.",
                    listed=listing(called),
                )
            )
        if re.sub(r"_change$", "", parts[0].measure) in ("exposure", "isolation"):
            out.append(
                phrase(
                    "Isolation and exposure also rise with the share of a group in the city. A difference in "
                    "them need not come from where people live."
                )
            )
        out.append(
            phrase(
                "Each city counts with its own forms and draws its own zones. A small difference between "
                "cities may come from that alone."
            )
        )
    if across == "dates" and len({p.zones for p in parts}) > 1:
        out.append(phrase("The number of zones with people is not the same at all dates."))
    return out


# -- in words ----------------------------------------------------------------------------------
def title_of(measure: str) -> str:
    """Name of a measure for readers, of a change too."""
    base = re.sub(r"_(change|between|within)$", "", measure)
    for name in (measure, base):
        try:
            title = phrase(MEASURES[name].explain.title)
        except IsopolisError:
            continue
        return phrase("{measure}, change", measure=title) if measure.endswith("_change") else title
    return measure.replace("_", " ")


def unit_of(measure: str) -> str:
    """Unit of a measure, of a change too; empty for one that is not known here."""
    base = re.sub(r"_(change|between|within)$", "", measure)
    found = next((name for name in (measure, base) if name in MEASURES), "")
    return MEASURES[found].unit if found else ""


def written(measure: str, value: float | None) -> str:
    """Write a value in the unit of its measure."""
    return percent(value) if unit_of(measure) == "share" else number(value)


def _said(parts: tuple[Part, ...]) -> str:
    ranked = sorted(parts, key=_value)
    low, top = ranked[0], ranked[-1]
    measure = title_of(top.measure)
    if written(top.measure, top.value) == written(low.measure, low.value):
        words = {"measure": measure, "value": written(top.measure, top.value)}
        # without a difference to be seen there is nothing that could be chance
        if len(parts) == 2:
            return phrase("{measure} is {value} for both.", **words)
        return phrase("{measure} is {value} for all of them.", **words)
    first = phrase(
        "{measure} is highest for {top} ({most}) and lowest for {low} ({least}).",
        measure=measure,
        top=top.label,
        most=written(top.measure, top.value),
        low=low.label,
        least=written(low.measure, low.value),
    )
    return joint([first, _beyond(parts), _apart(low, top)])


def _value(part: Part) -> float:
    assert part.value is not None
    return part.value


def _beyond(parts: tuple[Part, ...]) -> str:
    ranked = sorted(((p.excess, p.label) for p in parts if p.excess is not None), key=lambda r: r[0])
    if len(ranked) < len(parts):
        return ""
    (least, low), (most, top) = ranked[0], ranked[-1]
    if str(percent(least)) == str(percent(most)) and len(parts) == 2:
        return phrase("Beyond what chance gives, it is {value} for both.", value=percent(most))
    if str(percent(least)) == str(percent(most)):
        return phrase("Beyond what chance gives, it is {value} for all of them.", value=percent(most))
    return phrase(
        "Beyond what chance gives, it is most for {top} ({most}) and least for {low} ({least}).",
        top=top,
        most=percent(most),
        low=low,
        least=percent(least),
    )


def _apart(low: Part, top: Part) -> str:
    """Say whether the intervals of the two ends overlap."""
    if low.low is None or low.high is None or top.low is None or top.high is None:
        return phrase("Without intervals nobody can say whether the difference is more than chance.")
    if low.high < top.low or top.high < low.low:
        return phrase("The intervals of the two do not overlap: the difference is more than chance.")
    return phrase("The intervals of the two overlap: the difference may be no more than chance.")
