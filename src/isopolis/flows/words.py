"""Sentences for findings: the measure's own template, filled with this city's numbers."""

from __future__ import annotations

from dataclasses import dataclass

from isopolis.measure import Estimate, MeasureSpec
from isopolis.model import City, Dimension, Group, Undefined

__all__ = ["Names", "change_sentence", "percent", "sentence"]


def percent(share: float | None) -> str:
    """Write a share as a percentage with a sensible number of digits."""
    if share is None:
        return "an unknown share"
    value = 100 * share
    if value != 0 and abs(value) < 0.1:
        return "less than 0.1%" if value > 0 else "about 0%"
    return f"{value:.1f}%"


def less(share: float | None) -> str:
    """Write ``2.2% less``, or ``0.5% more`` where the share is below 0."""
    if share is not None and 100 * share <= -0.1:
        return f"{percent(-share)} more"
    return f"{percent(share)} less"


def number(value: float | None) -> str:
    """Write a number with three significant digits, never with an exponent."""
    if value is None:
        return "unknown"
    if abs(value) < 0.0005:
        return "0" if value == 0 else "about 0"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:#.3g}"


def at(date: str) -> str:
    """Write ``in 2020`` or ``on 2020-12-31``."""
    return f"on {date}" if date.count("-") == 2 else f"in {date}"


def _uncapitalised(title: str) -> str:
    # "Birthplace" → "birthplace"; "LGBTIQ" stays, and so do names inside
    first, *_ = title.split(maxsplit=1)
    return title if first[1:] != first[1:].lower() else title[0].lower() + title[1:]


@dataclass(frozen=True, slots=True)
class Names:
    """Names for readers of the dimensions of one city."""

    dimensions: dict[str, Dimension]

    @classmethod
    def of(cls, city: City) -> Names:
        """Collect the dimensions of all tables."""
        return cls({d.name: d for c in (*city.counts, *city.survey) for d in c.dimensions})

    def dimension(self, text: str) -> str:
        """Name a dimension, or a crossing joined by `` × ``."""
        parts = [self.dimensions[n].title if n in self.dimensions else n for n in text.split(" × ")]
        return " × ".join(_uncapitalised(p) for p in parts)

    def group(self, text: str) -> str:
        """Name a group: ``the group “65 and over” (age)``; ``everyone else`` for the rest."""
        if text == "rest":
            return "everyone else"
        if not text:
            return "everyone"
        words = []
        for name, category in Group.parse(text):
            known = self.dimensions.get(name)
            label = known.label_of(category) if known else category
            words.append(f"“{label}” ({self.dimension(name)})")
        return "the group " + " and ".join(words)


def sentence(
    spec: MeasureSpec,
    found: Estimate,
    *,
    group: str,
    versus: str,
    scale: str,
    city_share: float | None = None,
    total: float | None = None,
    about_all: bool = False,
    scope: str = "city",
) -> str:
    """Fill the measure's template; say the reason when there is no value.

    Parameters
    ----------
    scope : str
        ``level:unit`` when only that unit was measured.
    city_share : float, optional
        Share in the city of the group that is met (for exposure and isolation).
    total : float, optional
        The city's M, for the nested parts.
    """
    level, _, unit = scope.rpartition(":")
    place = f"In {level} “{unit}”: " if level else ""
    if isinstance(found.value, Undefined):
        return f"{place}{spec.explain.title} cannot be given: {found.value.reason}"
    template = spec.say_all if about_all and spec.say_all else spec.say
    part = None if total is None else found.value / total if total > 0 else 0.0
    text = template.format(
        group=group,
        versus=versus,
        scale=scale,
        value=number(found.value),
        percent=percent(found.value),
        less=less(found.value),
        whole=f"the whole {level}" if level else "the city",
        expected=number(found.expected),
        expected_percent=percent(found.expected),
        excess_percent=percent(max(found.excess, 0.0)) if found.excess is not None else "an unknown part",
        city=percent(city_share),
        share_percent=percent(part),
    )
    first = text[0].lower() if place else text[0].upper()
    return place + first + text[1:] + _beyond_chance(found)


def _beyond_chance(found: Estimate) -> str:
    if (
        found.excess is None
        or found.sd is None
        or isinstance(found.value, Undefined)
        or found.expected is None
    ):
        return ""
    if abs(found.value - found.expected) <= 2 * found.sd:
        return " This is no more than chance would give."
    return ""


def change_sentence(
    title: str,
    group: str,
    before: str,
    after: str,
    first: float,
    last: float,
    interval: tuple[float, float] | None,
    *,
    share: bool = False,
) -> str:
    """Say how a value moved between two dates, and whether the move is beyond doubt.

    With `share` the values are written in percent and the change in percentage points.
    """
    write = percent if share else number
    if write(first) == write(last):
        text = f"{title} for {group} stayed at {write(last)} from {before} to {after}."
    else:
        moved = "rose" if last > first else "fell"
        text = f"{title} for {group} {moved} from {write(first)} {at(before)} to {write(last)} {at(after)}."
    if interval is None:
        return text
    low, high = interval
    if low <= 0 <= high:
        return text + " The change is within what may be an accident of the counts."
    ends = f"{100 * low:+.1f} and {100 * high:+.1f} points" if share else f"{number(low)} and {number(high)}"
    return f"{text} The change lies between {ends}: more than an accident of the counts explains."
