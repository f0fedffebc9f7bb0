"""Access of every group under one profile, with what counts and map leave open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import Finding, Group, Places, Undefined
from isopolis.model.text import Number, joint, phrase

from .access_asked import POLICIES, AccessAsked, GroupAccess
from .access_doors import Doors
from .access_people import People
from .access_reach import Reached
from .words import number, percent

__all__ = ["everyone_access", "groups_access", "inequality_of", "nearest_by_policy"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]

MEASURES = ("share_within", "median", "fgt1", "fgt2")
UNEQUAL = ("gini", "theil", "atkinson", "kolm_pollak_ede")
RANKED = ("palma", "concentration")


def nearest_by_policy(reach: Reached, places: Places, doors: Doors) -> dict[str, Ints]:
    """Return the time to the nearest place that admits people at large, by policy; -1 where none is."""
    from isopolis.reach.measures import closest_costs

    assert places.amount is not None
    return {
        p: np.asarray(closest_costs(reach.travel[p], places.amount * doors.everyone(p))[:, 0])
        for p in POLICIES
    }


def _bounds(
    reach: Reached, places: Places, open_to: Mapping[str, npt.NDArray[np.bool_]], asked: AccessAsked
) -> Any:
    """Return minutes to the nearest admitting place, and what is reached within the standard, as bounds."""
    from isopolis.reach.measures import Bounds, closest, cumulative

    assert places.amount is not None
    times, sums = {}, {}
    for policy in POLICIES:
        amounts = places.amount * open_to[policy]
        times[policy] = closest(reach.travel[policy], amounts).column(0).located(reach.located)
        found = cumulative(reach.travel[policy], amounts, [asked.limit])
        while found.values.ndim > 1:
            found = found.column(0)
        sums[policy] = found.located(reach.located)

    def three(of: Mapping[str, Any]) -> Any:
        return Bounds(of["pessimistic"], of["expected"], of["optimistic"])

    return three(times), three(sums)


def groups_access(
    tables: Sequence[People], reach: Reached, places: Places, doors: Doors, asked: AccessAsked,
    everyone: GroupAccess, rng: np.random.Generator | None,
) -> tuple[GroupAccess, ...]:  # fmt: skip
    """Measure every group of every crossing."""
    out: list[GroupAccess] = []
    for people in tables:
        masks = doors.of(people.groups)
        for mask, chosen in masks:
            if mask is None:
                out += [_not_for(people, g) for g in chosen]
            else:
                out += _measured(people, chosen, mask, reach, places, asked, everyone, rng)
    order = {(t.name, str(g)): i for i, (t, g) in enumerate((t, g) for t in tables for g in t.groups)}
    return tuple(sorted((a for a in out if a.people > 0), key=lambda a: order[a.dimension, a.group]))


def everyone_access(
    everybody: People, reach: Reached, places: Places, doors: Doors, asked: AccessAsked,
    rng: np.random.Generator | None,
) -> GroupAccess:  # fmt: skip
    """Measure everyone together."""
    mask = {p: doors.everyone(p) for p in POLICIES}
    return _measured(everybody, everybody.groups, mask, reach, places, asked, None, rng)[0]


def _measured(
    people: People, chosen: Sequence[Group], open_to: Mapping[str, npt.NDArray[np.bool_]], reach: Reached,
    places: Places, asked: AccessAsked, everyone: GroupAccess | None, rng: np.random.Generator | None,
) -> list[GroupAccess]:  # fmt: skip
    from isopolis.reach.equity import EVERYONE_NAME, Settings, equity_of
    from isopolis.reach.equity import People as Counted

    times, sums = _bounds(reach, places, open_to, asked)
    counted = Counted.of(people.counts, [g for g in chosen if g])
    near = equity_of(times, counted, measures=MEASURES, settings=Settings(standard=asked.minutes), rng=rng)
    many = equity_of(sums, counted, measures=("mean",), rng=rng)
    out = []
    for group in chosen:
        name = str(group) if group else EVERYONE_NAME
        out.append(_access(people, group, name, near, many, asked, everyone))
    return out


def _access(
    people: People,
    group: Group,
    name: str,
    near: Any,
    many: Any,
    asked: AccessAsked,
    everyone: GroupAccess | None,
) -> GroupAccess:
    share, median, reached = near.of("share_within", name), near.of("median", name), many.of("mean", name)
    total = share.people + share.away + share.lost
    tags = share.parts.tags
    known = not isinstance(share.value, Undefined)
    middle = None if isinstance(median.value, Undefined) else float(median.value)
    gap = None
    if known and everyone is not None and everyone.finding.defined:
        gap = float(share.value) - everyone.finding.number
    detail: dict[str, Any] = {
        "minutes": asked.minutes,
        "bounds": list(tags) if tags else None,
        "count_interval": list(share.parts.counts) if share.parts.counts else None,
        "median_minutes": middle,
        "places_in_reach": None if isinstance(reached.value, Undefined) else float(reached.value),
        "places_interval": list(reached.interval) if reached.interval else None,
        "not_on_network": share.lost,
    }
    for measure in (m for m in ("fgt1", "fgt2") if any(f.measure == m for f in near.figures)):
        value = near.of(measure, name).value
        detail[measure] = None if isinstance(value, Undefined) else float(value)
    label = people.label(group)
    finding = Finding(
        "access_share_within", share.value, people.name, str(group), "everyone" if group else "",
        interval=share.interval, interval_method=share.parts.said(), n_people=round(total),
        n_group=round(total), n_zones=len(people.counts.zone_ids), date=people.counts.date,
        caveats=(*share.caveats, *near.caveats), explanation=_said(share.value, label, asked), detail=detail,
    )  # fmt: skip
    beyond = 0.0 if not known else (1 - float(share.value)) * (share.people + share.away)
    return GroupAccess(
        people.name, str(group), label, total, finding,
        tags[0] if tags else None, tags[1] if tags else None, middle, gap, beyond,
        detail["places_in_reach"], reached.interval,
    )  # fmt: skip


def _said(value: float | Undefined, label: str, asked: AccessAsked) -> str:
    if isinstance(value, Undefined):
        return value.reason
    return phrase(
        "{share} of this group ({group}) can be there within {minutes} minutes.",
        share=percent(value), group=label, minutes=Number(f"{asked.minutes:g}"),
    )  # fmt: skip


def _not_for(people: People, group: Group) -> GroupAccess:
    """Answer for a group that the service does not admit at all."""
    reason = phrase("This service is not for this group.")
    total = float(people.counts.of(group).sum())
    finding = Finding(
        "access_share_within", Undefined("not-eligible", reason), people.name, str(group), "everyone",
        n_people=round(total), n_group=round(total), explanation=reason,
    )  # fmt: skip
    return GroupAccess(
        people.name, str(group), people.label(group), total, finding, None, None, None, None, 0.0
    )


def inequality_of(
    everybody: People, reach: Reached, places: Places, doors: Doors, asked: AccessAsked,
    rank: tuple[str, Floats] | None, rng: np.random.Generator | None,
) -> tuple[Finding, ...]:  # fmt: skip
    """Measure how unequally access is spread over everyone: minutes, and places within the standard."""
    from isopolis.reach.equity import EQUITY, EVERYONE_NAME, Settings, equity_of
    from isopolis.reach.equity import People as Counted

    times, sums = _bounds(reach, places, {p: doors.everyone(p) for p in POLICIES}, asked)
    counted = Counted.of(everybody.counts, [])
    out = []
    # with an aversion of 1 a single person who reaches nothing would make the Atkinson index 1
    settings = Settings(rank=None if rank is None else rank[1], epsilon=0.5)
    names = UNEQUAL + (RANKED if rank is not None else ())
    for access, what in ((sums, phrase("places within the standard")), (times, phrase("minutes"))):
        for name in names:
            if access is times and name not in ("gini", "kolm_pollak_ede"):
                continue
            figure = equity_of(access, counted, measures=(name,), settings=settings, rng=rng).of(
                name, EVERYONE_NAME
            )
            spec = EQUITY[name]
            title = phrase("{measure}: {what}", measure=spec.explain.title, what=what)
            by = phrase(" by {column}", column=rank[0].replace("_", " ")) if rank and name in RANKED else ""
            value = figure.value
            said = (
                value.reason
                if isinstance(value, Undefined)
                else phrase("{title} is {value}. {low} {high}", title=title, value=number(float(value)),
                            low=spec.explain.low, high=spec.explain.high)
            )  # fmt: skip
            out.append(
                Finding(
                    f"access_{name}", value, interval=figure.interval, interval_method=figure.parts.said(),
                    n_people=round(figure.people + figure.away + figure.lost), caveats=figure.caveats,
                    explanation=said, detail={"title": joint((title, by), ""), "of": str(what)},
                )
            )  # fmt: skip
    return tuple(out)
