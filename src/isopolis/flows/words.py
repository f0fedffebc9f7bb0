"""Sentences for findings: the measure's own template, filled with this city's numbers."""

from __future__ import annotations

from dataclasses import dataclass

from isopolis.measure import Estimate, MeasureSpec
from isopolis.model import City, Dimension, Group, Undefined
from isopolis.model.text import Number, capital, joint, phrase, worded
from isopolis.model.vocabulary import standard

__all__ = ["Names", "change_sentence", "percent", "sentence"]


def percent(share: float | None) -> str:
    """Write a share as a percentage with a sensible number of digits."""
    if share is None:
        return phrase("an unknown share")
    value = 100 * share
    if value != 0 and abs(value) < 0.1:
        if value > 0:
            return phrase("less than {share}", share=Number("0.1%"))
        return phrase("about {number}", number=Number("0%"))
    return Number(f"{value:.1f}%")


def less(share: float | None) -> str:
    """Write ``2.2% less``, or ``0.5% more`` where the share is below 0."""
    if share is not None and 100 * share <= -0.1:
        return phrase("{share} more", share=percent(-share))
    return phrase("{share} less", share=percent(share))


def number(value: float | None) -> str:
    """Write a number with three significant digits, never with an exponent."""
    if value is None:
        return phrase("unknown")
    if abs(value) < 0.0005:
        return Number("0") if value == 0 else phrase("about {number}", number=Number("0"))
    return Number(f"{value:,.0f}" if abs(value) >= 100 else f"{value:#.3g}")


def at(date: str) -> str:
    """Write ``in 2020`` or ``on 2020-12-31``."""
    return phrase("on {date}", date=date) if date.count("-") == 2 else phrase("in {date}", date=date)


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
        return joint([standard(_uncapitalised(p)) for p in parts], " × ")

    def group(self, text: str) -> str:
        """Name a group: ``the group “65 and over” (age)``; ``everyone else`` for the rest."""
        if text == "rest":
            return phrase("everyone else")
        if not text:
            return phrase("everyone")
        words = []
        for name, category in Group.parse(text):
            known = self.dimensions.get(name)
            label = known.label_of(category) if known else category
            words.append(
                phrase("“{label}” ({dimension})", label=standard(label), dimension=self.dimension(name))
            )
        together = words[0]
        for word in words[1:]:
            together = phrase("{first} and {last}", first=together, last=word)
        return phrase("the group {name}", name=together)


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
    level = standard(level)
    if isinstance(found.value, Undefined):
        title, reason = phrase(spec.explain.title), found.value.reason
        return _there(
            level, unit, phrase("{measure} cannot be given: {reason}", measure=title, reason=reason)
        )
    template = spec.say_all if about_all and spec.say_all else spec.say
    part = None if total is None else found.value / total if total > 0 else 0.0
    beyond = phrase("an unknown part") if found.excess is None else percent(max(found.excess, 0.0))
    values = {
        "group": group,
        "versus": versus,
        "scale": standard(scale),
        "value": number(found.value),
        "percent": percent(found.value),
        "less": less(found.value),
        "whole": phrase("the whole {level}", level=level) if level else phrase("the city"),
        "expected": number(found.expected),
        "expected_percent": percent(found.expected),
        "excess_percent": beyond,
        "city": percent(city_share),
        "share_percent": percent(part),
    }
    # only what is said is kept
    text = phrase(template, **{k: v for k, v in values.items() if f"{{{k}}}" in template})
    said = worded(text, text[0].lower() + text[1:]) if level else capital(text)
    return _there(level, unit, joint((said, _beyond_chance(found))))


def _there(level: str, unit: str, text: str) -> str:
    """Put the place before a sentence about one unit of a level."""
    return phrase("In {level} “{unit}”: {sentence}", level=level, unit=unit, sentence=text) if level else text


def _beyond_chance(found: Estimate) -> str:
    if (
        found.excess is None
        or found.sd is None
        or isinstance(found.value, Undefined)
        or found.expected is None
    ):
        return ""
    if abs(found.value - found.expected) <= 2 * found.sd:
        return phrase("This is no more than chance would give.")
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
        text = phrase(
            "{measure} for {group} stayed at {value} from {before} to {after}.",
            measure=title,
            group=group,
            value=write(last),
            before=before,
            after=after,
        )
    else:
        ends = {"before": write(first), "at_first": at(before), "after": write(last), "at_last": at(after)}
        rose = phrase(
            "{measure} for {group} rose from {before} {at_first} to {after} {at_last}.",
            measure=title,
            group=group,
            **ends,
        )
        fell = phrase(
            "{measure} for {group} fell from {before} {at_first} to {after} {at_last}.",
            measure=title,
            group=group,
            **ends,
        )
        text = rose if last > first else fell
    return text if interval is None else joint((text, _how_sure(*interval, share=share)))


def _how_sure(low: float, high: float, *, share: bool) -> str:
    if low <= 0 <= high:
        return phrase("The change is within what may be an accident of the counts.")
    if share:
        ends = phrase(
            "{low} and {high} points", low=Number(f"{100 * low:+.1f}"), high=Number(f"{100 * high:+.1f}")
        )
    else:
        ends = phrase("{first} and {last}", first=number(low), last=number(high))
    return phrase("The change lies between {ends}: more than an accident of the counts explains.", ends=ends)
