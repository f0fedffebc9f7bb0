"""Digital access: who is online at home, who has a help point near, who has neither."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import AccessData, Group, Places, Undefined
from isopolis.model.text import phrase

from .access_asked import AccessAsked
from .access_people import People
from .access_reach import Reached
from .words import percent

__all__ = ["DigitalAccess", "DigitalGroup", "digital_of", "digital_said"]

TERM = "service:digital_help"
ONLINE = ("online", "internet", "connected")
"""Words in the name of the column that says how many households or people are online."""


@dataclass(frozen=True, slots=True)
class DigitalGroup:
    """One group: shares of 1, None where nothing is known.

    Parameters
    ----------
    label : str
    people : float
    online : float or None
        Connected at home.
    helped : float or None
        Connected, or with a help point within the standard.
    left_out : float or None
        Neither.
    """

    label: str
    people: float
    online: float | None
    helped: float | None
    left_out: float | None


@dataclass(frozen=True, slots=True)
class DigitalAccess:
    """Digital access of everyone and of each group.

    Parameters
    ----------
    column : str
        Column of the data that says who is online.
    groups : tuple of DigitalGroup
        Everyone first.
    """

    column: str
    groups: tuple[DigitalGroup, ...]


def digital_of(
    data: AccessData, places: Places, reach: Reached, nearest: npt.NDArray[np.int32], everyone: People,
    tables: Sequence[People], asked: AccessAsked,
) -> DigitalAccess | None:  # fmt: skip
    """Combine help points with the share of people who are online; None where either is not in the data.

    A zone's share online is taken for every group in it: groups that are online less than their
    neighbours are worse off than this says.
    """
    from isopolis.reach.services import digital

    column = next((c for word in ONLINE for c in data.origins.columns if word in c.lower()), None)
    if places.term != TERM or column is None:
        return None
    share = np.asarray(data.origins.columns[column], dtype=np.float64)
    if np.nanmax(share, initial=0.0) > 1:
        share = share / 100
    if np.nanmin(share, initial=0.0) < 0 or np.nanmax(share, initial=0.0) > 1:
        return None
    found = digital(share, nearest, asked.limit, attached=reach.located)
    three = (found.online, found.helped, found.left_out)
    groups = [
        _group(people, column_, group, three)
        for people in (everyone, *tables)
        for column_, group in enumerate(people.groups)
        if people.values[:, column_].sum() > 0
    ]
    return DigitalAccess(column, tuple(groups))


def _group(people: People, column: int, group: Group, three: Sequence[Any]) -> DigitalGroup:
    from isopolis.reach.equity import EVERYONE_NAME, equity_of
    from isopolis.reach.equity import People as Counted

    values = people.values[:, [column]]
    counted = Counted.plain(values, ("one",))
    means = []
    for access in three:
        value = equity_of(access, counted, measures=("mean",)).of("mean", EVERYONE_NAME).value
        means.append(None if isinstance(value, Undefined) else float(value))
    return DigitalGroup(people.label(group), float(values.sum()), *means)


def digital_said(found: DigitalAccess) -> tuple[str, ...]:
    """Return the sentences to read first."""
    everyone, *groups = found.groups
    out = [
        phrase(
            "Digital access: {online} of people are online at home ({column}); with help points "
            "within the standard {helped} have a way in, and {left} have none.",
            online=percent(everyone.online), column=found.column.replace("_", " "),
            helped=percent(everyone.helped), left=percent(everyone.left_out),
        )
    ]  # fmt: skip
    known = [g for g in groups if g.left_out is not None and g.people >= 50]
    if known:
        worst = max(known, key=lambda g: (g.left_out or 0.0, str(g.label)))
        out.append(
            phrase("Most often left out: {group}, {share}.", group=worst.label, share=percent(worst.left_out))
        )
    return tuple(out)
