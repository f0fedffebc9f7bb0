"""What an answer about access says, in sentences that a councillor understands."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from isopolis.model import Undefined
from isopolis.model.text import Number, capital, count, joint, listing, phrase, phrases

from .access_asked import AccessFound, GroupAccess, HourAccess
from .access_digital import digital_said
from .words import number, percent

__all__ = [
    "bounds_said",
    "hour_said",
    "in_short",
    "lines",
    "minutes_said",
    "question_said",
    "service_said",
    "worst_zones",
]

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


def question_said(found: AccessFound) -> str:
    """Return the question with its conditions: what, how far, how, when, for how much."""
    asked = found.asked
    parts = [
        phrase(
            "{service} within {minutes} minutes, {profile}",
            service=capital(service_said(found)), minutes=_standard(found), profile=found.main.title,
        )
    ]  # fmt: skip
    if found.service_day:
        parts.append(
            phrase("leaving in this window: {window}, on {date}", window=found.window, date=found.service_day)
        )
    if asked.at:
        parts.append(phrase("open at this time: {moment}", moment=asked.at))
    if asked.fee is not None:
        parts.append(
            phrase("free of charge") if asked.fee == 0 else phrase("for {fee} at most", fee=number(asked.fee))
        )
    if asked.language:
        parts.append(phrase("spoken there: {language}", language=asked.language))
    if asked.offline:
        parts.append(phrase("without internet"))
    return joint(parts, "; ")


def _standard(found: AccessFound) -> str:
    return Number(f"{found.asked.minutes:g}")


def in_short(found: AccessFound) -> tuple[str, ...]:
    """Return the sentences to read first: for whom, where, when, how sure, what would help."""
    if found.admitting == 0:
        return (*found.alarms, _nobody(found), *found.barriers, *_digital(found))
    parts = (
        *found.alarms, *_counted(found), _everyone(found), *_sure(found), *_bodies(found), *_groups(found),
        *_split(found), *_hours(found), *_where(found), *_barriers(found), *_digital(found), *_firm(found),
        *_helps(found),
    )  # fmt: skip
    return tuple(p for p in parts if p)


def _nobody(found: AccessFound) -> str:
    return phrase(
        "No place admits anybody under these conditions, so nobody reaches one: {question}.",
        question=question_said(found),
    )


def _everyone(found: AccessFound) -> str:
    everyone = found.main.everyone
    if isinstance(everyone.finding.value, Undefined):
        return everyone.finding.value.reason
    return phrase(
        "{share} of people reach one of the {n} places within {minutes} minutes ({profile}); {beyond} are "
        "farther away.",
        share=bounds_said(everyone), n=count(len(found.places)), minutes=_standard(found),
        profile=found.main.title, beyond=_people(everyone.beyond),
    )  # fmt: skip


def _counted(found: AccessFound) -> Iterator[str]:
    """Where one place stands for many: how many the average person has in reach, and who has fewest."""
    everyone = found.main.everyone
    if not found.counted or everyone.reached is None:
        return
    assert found.places.amount is not None
    whole = float(found.places.amount.sum())
    yield phrase(
        "On average {reached} of {whole} are within {minutes} minutes ({service}; {profile}).",
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
        "Fewest people reach one in this way: {profile}, {share}. Most reach one in this way: "
        "{other}, {more}.",
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


def _split(found: AccessFound) -> Iterator[str]:
    """Where groups are read as moving like a body of their own: the one that is furthest behind."""
    if found.split:
        label, parts = min(found.split.items(), key=lambda kv: (kv[1]["gap"], str(kv[0])))
        if parts["how"] < -0.01:
            yield phrase(
                "The figures of groups take everybody to move in one way. Read with the body beside it, this "
                "group is furthest behind: {group}, {points} points less than everyone.",
                group=label, points=Number(f"{-100 * parts['gap']:.0f}"),
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
        "Fewest people reach one at these hours: {hours}, {share}; most at these: {other}, {more}.",
        hours=listing([_span(a, b) for a, b in _spans(hours, least.share)]), share=percent(least.share),
        other=listing([_span(a, b) for a, b in _spans(hours, most.share)]), more=percent(most.share),
    )  # fmt: skip
    if found.on_foot is not None:
        yield phrase(
            "At hours without trips in the timetable, all the way by oneself: {share}.",
            share=percent(found.on_foot),
        )


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
        yield phrase("Most of those who are farther away live in: {zones}.", zones=said)


def _barriers(found: AccessFound) -> Iterator[str]:
    yield from found.barriers


def _digital(found: AccessFound) -> Iterator[str]:
    if found.digital is not None:
        yield from digital_said(found.digital)


def _sure(found: AccessFound) -> Iterator[str]:
    everyone = found.main.everyone
    if everyone.low is None or everyone.high is None or found.main.unknown is None:
        return
    width = everyone.high - everyone.low
    if width >= 0.005:
        yield phrase(
            "How sure: the range is what gaps in the data on streets leave open; {known} of the length of "
            "streets is fully recorded for this way of moving.",
            known=percent(1 - found.main.unknown),
        )  # fmt: skip
    else:
        yield phrase("How sure: what nobody has recorded of streets changes next to nothing here.")


def _firm(found: AccessFound) -> Iterator[str]:
    if found.firm:
        yield found.firm


def _helps(found: AccessFound) -> Iterator[str]:
    if not found.sites:
        return
    named = [phrase("{zone} (+{people})", zone=s.name, people=count(s.gained)) for s in found.sites]
    yield phrase(
        "New sites that would help most ({profile}): {sites} people.",
        profile=found.main.title,
        sites=listing(named),
    )
    levels = found.sites[-1].levels
    worst = min(levels.items(), key=lambda kv: (kv[1][0], str(kv[0])), default=None)
    if worst is not None and len(levels) > 1:
        group, (before, after) = worst
        yield phrase(
            "With these sites the group that is worst off today ({group}) goes from {before} to {after}.",
            group=group, before=percent(before), after=percent(after),
        )  # fmt: skip
    if found.bodies_gained:
        few = sorted(found.bodies_gained, key=lambda pair: pair[1])[:WORST]
        said = listing([phrase("{profile} +{people}", profile=t, people=count(n)) for t, n in few])
        yield phrase(
            "The same sites bring fewest people near in these ways of moving: {bodies}.", bodies=said
        )
    weak = [s for s in found.sites if s.again is not None and 2 * s.again[0] < s.again[1]]
    if weak:
        times, asked = min(s.again for s in weak if s.again is not None)
        yield phrase(
            "Unsure: with slightly other times, counts or readings the least firm of them came out only {n} "
            "of {all} times.",
            n=count(times), all=count(asked),
        )  # fmt: skip


def lines(found: AccessFound) -> list[str]:
    """Return everything that the command line prints."""
    out: list[str] = [question_said(found), *(_item(t) for t in in_short(found))]
    main = found.main
    if found.admitting == 0:
        # rows of nobody by group would say nothing more
        return out + [phrase("  ! {caveat}", caveat=problem.said()) for problem in found.caveats]
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
            "  What if, alone ({profile}): {change}: {people} people within the time",
            profile=main.title,
            change=c.said,
            people=_signed(c.gained),
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
