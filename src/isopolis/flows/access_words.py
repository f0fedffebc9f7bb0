"""What an answer about access says, in sentences that a councillor understands."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from isopolis.model import Undefined
from isopolis.model.text import Number, count, joint, listing, phrase, phrases

from .access_asked import AccessFound, GroupAccess, HourAccess
from .access_digital import digital_said
from .words import number, percent

__all__ = ["bounds_said", "hour_said", "in_short", "lines", "minutes_said", "service_said", "worst_zones"]

WORST = 3
"""Groups and zones named in a summary."""

CROSSED = 10
"""Crossed groups printed on the command line."""

LEAST_PEOPLE = 50
"""Smaller groups are in the tables and not in the summary: a handful of people may stand out by luck."""


def service_said(found: AccessFound) -> str:
    """Name the service as its data does, with spaces."""
    return found.places.kind.replace("_", " ")


def minutes_said(value: float | None, looked: float) -> str:
    """Write minutes; what was not reached within the minutes that were looked at is said in words."""
    if value is None:
        return phrase("not within {n} minutes", n=Number(f"{looked:g}"))
    if value < 1:
        return phrase("less than a minute")
    # up: fifteen and a half minutes are not within fifteen
    return phrases("{n} minute", "{n} minutes", math.ceil(value - 1e-9))


def bounds_said(group: GroupAccess) -> str:
    """Write ``81.2% (between 40.1% and 83.0%)``, or the reason why there is no value."""
    value = group.finding.value
    if isinstance(value, Undefined):
        return value.reason
    if group.low is None or group.high is None or group.high - group.low < 0.0005:
        return percent(value)
    return phrase(
        "{share} (between {low} and {high})",
        share=percent(value), low=percent(group.low), high=percent(group.high),
    )  # fmt: skip


def hour_said(hour: HourAccess) -> str:
    """Write ``14:00 to 15:00``."""
    return _span(hour.begin, hour.end)


def _time(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}"


def in_short(found: AccessFound) -> tuple[str, ...]:
    """Return the sentences to read first: for whom, where, when, how sure, what would help."""
    parts = (
        *found.alarms, *_counted(found), _everyone(found), *_bodies(found), *_groups(found), *_hours(found),
        *_where(found), *_barriers(found), *_digital(found), *_sure(found), *_firm(found), *_helps(found),
    )  # fmt: skip
    return tuple(p for p in parts if p)


def _everyone(found: AccessFound) -> str:
    main, everyone = found.main, found.main.everyone
    if isinstance(everyone.finding.value, Undefined):
        return everyone.finding.value.reason
    return phrase(
        "{share} of people can be at the nearest of this service ({service}) within {minutes} minutes: "
        "{profile}. {beyond} cannot.",
        share=bounds_said(everyone),
        service=service_said(found),
        minutes=Number(f"{found.asked.minutes:g}"),
        profile=main.title,
        beyond=_people(everyone.beyond),
    )


def _counted(found: AccessFound) -> Iterator[str]:
    """Where one place stands for many: how many the average person has in reach, and who has fewest."""
    everyone = found.main.everyone
    if not found.counted or everyone.reached is None:
        return
    assert found.places.amount is not None
    whole = float(found.places.amount.sum())
    yield phrase(
        "The average person has {reached} of {whole} in reach within {minutes} minutes ({service}; "
        "{profile}).",
        reached=number(everyone.reached), whole=count(whole), minutes=Number(f"{found.asked.minutes:g}"),
        service=service_said(found), profile=found.main.title,
    )  # fmt: skip
    groups = [g for g in found.main.groups[1:] if g.reached is not None and g.people >= LEAST_PEOPLE]
    if len(groups) < 2:
        return
    groups.sort(key=lambda g: g.reached or 0.0)
    least, most = groups[0], groups[-1]
    yield phrase(
        "Fewest in reach: {group}, {n} on average; most: {other}, {m}.",
        group=least.label, n=number(least.reached), other=most.label, m=number(most.reached),
    )  # fmt: skip


def _people(many: float) -> str:
    return phrases("{n} person", "{n} people", round(many))


def _bodies(found: AccessFound) -> Iterator[str]:
    known = [p for p in found.profiles if p.everyone.finding.defined]
    if len(known) < 2:
        return
    order = sorted(known, key=lambda p: p.everyone.finding.number)
    least, most = order[0], order[-1]
    yield phrase(
        "The city is smallest for this way of moving: {profile}, with {share} of people in reach. It is "
        "largest for: {other}, with {more}.",
        profile=least.title,
        share=bounds_said(least.everyone),
        other=most.title,
        more=bounds_said(most.everyone),
    )
    cannot = [p for p in order if p.usable is not None and p.usable < 0.95]
    if cannot:
        first = min(cannot, key=lambda p: p.usable or 0.0)
        reason = first.reasons[0] if first.reasons else None
        why = phrase(" Most often: {reason}.", reason=reason[0]) if reason else ""
        yield joint(
            (
                phrase(
                    "{profile}: {share} of the length of streets cannot be used.",
                    profile=first.title,
                    share=percent(1 - (first.usable or 0.0)),
                ),
                why,
            ),
            "",
        )


def _groups(found: AccessFound) -> Iterator[str]:
    everyone = found.main.everyone
    if not everyone.finding.defined:
        return
    # a gap counts where both its interval and the bounds of the streets leave the sign alone
    groups = [
        g
        for g in found.main.groups[1:]
        if g.finding.defined and g.people >= LEAST_PEOPLE and g.gap is not None and g.gap <= -0.01
    ]
    single = [g for g in groups if "×" not in g.dimension]
    crossed = [g for g in groups if "×" in g.dimension]
    for chosen, lead in (
        (single, phrase("Furthest behind among groups")),
        (crossed, phrase("Furthest behind where groups cross")),
    ):
        worst = sorted(chosen, key=lambda g: g.finding.number)[:WORST]
        if worst:
            said = listing(
                [phrase("{group} ({share})", group=g.label, share=percent(g.finding.number)) for g in worst]
            )
            yield phrase(
                "{lead}: {groups}; of everyone {share}.",
                lead=lead, groups=said, share=percent(everyone.finding.number),
            )  # fmt: skip


def _spans(hours: list[HourAccess], share: float) -> list[tuple[int, int]]:
    """Return the spans of hours with (nearly) that share, hours on end together."""
    out: list[tuple[int, int]] = []
    for hour in sorted(hours, key=lambda h: h.begin):
        if abs(hour.share - share) >= 0.0005:
            continue
        if out and out[-1][1] == hour.begin:
            out[-1] = (out[-1][0], hour.end)
        else:
            out.append((hour.begin, hour.end))
    return out


def _span(begin: int, end: int) -> str:
    return phrase("{begin} to {end}", begin=_time(begin), end=_time(end))


def _hours(found: AccessFound) -> Iterator[str]:
    hours = [h for h in found.hours if h.profile == found.main.name]
    if len(hours) < 2:
        return
    least, most = min(hours, key=lambda h: h.share), max(hours, key=lambda h: h.share)
    if most.share - least.share < 0.005:
        yield phrase(
            "The hour makes little difference: {least} to {most} of people from {begin} to {end}.",
            least=percent(least.share), most=percent(most.share),
            begin=_time(hours[0].begin), end=_time(hours[-1].end),
        )  # fmt: skip
        return
    yield phrase(
        "The city is smallest at these hours: {hours}, with {share} of people in reach; it is largest at: "
        "{other}, with {more}.",
        hours=listing([_span(a, b) for a, b in _spans(hours, least.share)]), share=percent(least.share),
        other=listing([_span(a, b) for a, b in _spans(hours, most.share)]), more=percent(most.share),
    )  # fmt: skip


def worst_zones(found: AccessFound, most: int = WORST) -> list[tuple[str, float, float | None]]:
    """Return zones with most people outside the standard: name, people, minutes to the nearest place."""
    from .access_people import everybody

    origins = found.data.origins
    people = everybody(origins).values[:, 0]
    nearest = found.main.nearest["expected"]
    outside = (nearest < 0) | (nearest > found.asked.limit)
    lost = np.where(outside, people, 0.0)
    order = np.argsort(-lost, kind="stable")[:most]
    return [
        (found.name_of(int(i)), float(lost[i]), nearest[i] / 60_000 if nearest[i] >= 0 else None)
        for i in order
        if lost[i] > 0
    ]


def _where(found: AccessFound) -> Iterator[str]:
    worst = worst_zones(found)
    if worst:
        said = listing([phrase("{zone} ({people})", zone=n, people=_people(p)) for n, p, _ in worst])
        yield phrase("Most people who cannot live in: {zones}.", zones=said)


def _barriers(found: AccessFound) -> Iterator[str]:
    yield from found.barriers


def _digital(found: AccessFound) -> Iterator[str]:
    if found.digital is not None:
        yield from digital_said(found.digital)


def _sure(found: AccessFound) -> Iterator[str]:
    everyone = found.main.everyone
    if everyone.low is None or everyone.high is None:
        return
    width = everyone.high - everyone.low
    if width >= 0.005:
        yield phrase(
            "How sure: what nobody has recorded of streets leaves {width} points open. It is known for "
            "{known} of the length of streets.",
            width=Number(f"{100 * width:.0f}"),
            known=percent(None if found.main.unknown is None else 1 - found.main.unknown),
        )
    else:
        yield phrase("How sure: what nobody has recorded of streets changes next to nothing here.")


def _firm(found: AccessFound) -> Iterator[str]:
    if found.firm:
        yield found.firm


def _helps(found: AccessFound) -> Iterator[str]:
    for number_, site in enumerate(found.sites, 1):
        worst = min(site.levels.items(), key=lambda kv: (kv[1][0], str(kv[0])), default=None)
        said = phrase(
            "Site {number} that would help most: {zone}, with {people} more within the standard.",
            number=Number(str(number_)), zone=site.name, people=_people(site.gained),
        )  # fmt: skip
        yield said
        if worst is not None and len(site.levels) > 1 and number_ == len(found.sites):
            group, (before, after) = worst
            yield phrase(
                "With all of these sites the group that is worst off today ({group}) goes from {before} to "
                "{after} within the standard.",
                group=group, before=percent(before), after=percent(after),
            )  # fmt: skip


def lines(found: AccessFound) -> list[str]:
    """Return everything that the command line prints."""
    out: list[str] = [found.title, *(_item(t) for t in in_short(found))]
    main = found.main
    single = [g for g in main.groups if "×" not in g.dimension]
    crossed = [g for g in main.groups if "×" in g.dimension and g.finding.defined]
    worst = sorted(crossed, key=lambda g: g.finding.number)
    out.append(phrase("{profile}:", profile=main.title))
    out += [_row(found, g) for g in single]
    if worst:
        out.append(phrase("Where groups cross, furthest behind first:"))
        out += [_row(found, g) for g in worst[:CROSSED]]
        if len(worst) > CROSSED:
            out.append(phrase("  … and {n} more: --json, or --report", n=count(len(worst) - CROSSED)))
    if len(found.profiles) > 1:
        out.append(phrase("Everyone, by how people move:"))
        out += [
            phrase("  {profile}: {share}", profile=p.title, share=bounds_said(p.everyone))
            for p in found.profiles
        ]
    if found.sites_note:
        out.append(found.sites_note)
    out += [
        phrase(
            "  What if {change}: {people} people within the standard", change=c.said, people=_signed(c.gained)
        )
        for c in found.changed
    ]
    out += [phrase("  ! {caveat}", caveat=problem.said()) for problem in found.caveats]
    return out


def _signed(many: float) -> str:
    return Number(f"{many:+,.0f}".replace("-", "−"))


def _item(text: str) -> str:
    return phrase("  - {sentence}", sentence=text)


def _row(found: AccessFound, group: GroupAccess) -> str:
    if found.counted and group.reached is not None:
        return phrase(
            "  {group}: {reached} in reach on average; {share} reach at least one; {people}",
            group=group.label if group.group else phrase("everyone"),
            reached=number(group.reached), share=bounds_said(group), people=_people(group.people),
        )  # fmt: skip
    return phrase(
        "  {group}: {share}; the middle person: {median}; {people}",
        group=group.label if group.group else phrase("everyone"),
        share=bounds_said(group),
        median=minutes_said(group.median, found.looked),
        people=_people(group.people),
    )
