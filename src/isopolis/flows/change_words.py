"""A change in words: its parts as sentences, and the zones that did most for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from isopolis.measure.change import Decomposed
from isopolis.measure.change.stable import SIGNED, SLACK, said
from isopolis.model.text import Number, count, joint, phrase

from .words import change_sentence

if TYPE_CHECKING:
    from .change import Changed

__all__ = ["most_changed", "people_said", "sentences", "signed"]

SHOWN = 10
NAMED = 3
"""Zones that the sentences name for each way."""


def signed(value: float, digits: int = 4) -> str:
    """Write a change with its sign, as tables have it."""
    text = f"{value:+.{digits}f}"
    return Number(f"{0:.{digits}f}" if float(text) == 0 else text.replace("-", "−"))


def sentences(found: Changed) -> tuple[str, ...]:
    """Say a change for a councillor: what it was, and which part did most of it."""
    direct = found.path.direct
    title = phrase(found.spec.explain.title)
    first = change_sentence(
        title,
        found.about,
        found.dates[0],
        found.dates[-1],
        direct.parts.before,
        direct.parts.after,
        None,
        share=found.spec.unit == "share",
    )
    if found.refusal is not None:
        return (first, found.refusal.reason)
    # what came and went is told where there is any, so that what is told adds up to the change
    parts = [p for p in direct.parts.parts if p.name in SIGNED or abs(p.value) > SLACK]
    share = found.spec.unit == "share"
    told = [phrase("{part}: {value}", part=said(p.name), value=_step(p.value, share=share)) for p in parts]
    out = [first, joint((_made_of(direct.parts.change, share=share), joint(told, "; ")), " ")]
    most = max(parts, key=lambda p: abs(p.value))
    if abs(most.value) > SLACK:
        out.append(
            phrase("The part that raises it most: {part}.", part=said(most.name))
            if most.value > 0
            else phrase("The part that lowers it most: {part}.", part=said(most.name))
        )
    return (*out, _spread_said(direct), *_zones_said(found))


def _zones_said(found: Changed) -> list[str]:
    """Name the zones that pushed most each way, so that a reader knows where to look."""
    rows = [(name, value) for name, value, _ in most_changed(found)]
    up, down = [r for r in rows if r[1] > 0], [r for r in rows[::-1] if r[1] < 0]
    out = []
    if up:
        out.append(phrase("Zones whose mix raises it most: {zones}.", zones=_listed(up)))
    if down:
        out.append(phrase("Zones whose mix lowers it most: {zones}.", zones=_listed(down)))
    return out


def _listed(rows: list[tuple[str, float]]) -> str:
    told = [phrase("{part}: {value}", part=name, value=signed(v, 5)) for name, v in rows[:NAMED]]
    return joint(told, "; ")


def _made_of(value: float, *, share: bool) -> str:
    return phrase("The change is {change}. Its parts, which add up to it:", change=_step(value, share=share))


def _step(value: float, *, share: bool) -> str:
    """A part in the unit of the sentence before it: points for shares."""
    return phrase("{points} points", points=signed(100 * value, 1)) if share else signed(value)


def _spread_said(direct: Decomposed) -> str:
    value = direct.parts.of("structure")
    if abs(value) < 5e-5:
        return phrase("With the same people in the same zones, separation would not have changed.")
    if value > 0:
        return phrase("With the sizes of groups and zones held still, separation rose.")
    return phrase("With the sizes of groups and zones held still, separation fell.")


def most_changed(found: Changed, n: int = SHOWN) -> list[tuple[str, float, float]]:
    """Zones that did most for the structure each way: (name, structure, margins).

    The largest rise comes first and the largest fall last; half of the `n` rows are kept for each way.
    """
    local = found.path.direct.by_zone
    if local is None or found.refusal is not None:
        return []
    order = np.argsort(-local.structure, kind="stable")
    order = order[np.abs(local.structure[order]) > SLACK]
    up, down = order[local.structure[order] > 0], order[local.structure[order] < 0]
    # where one way has few zones the other may fill its rows
    most_up = min(len(up), max(n - n // 2, n - len(down)))
    chosen = [*up[:most_up], *down[max(len(down) - (n - most_up), 0) :]]
    return [(str(found.zone_names[i]), float(local.structure[i]), float(local.margins[i])) for i in chosen]


def people_said(found: Changed) -> str:
    """People counted at each date."""
    rows = zip(found.dates, found.people, strict=True)
    return joint([phrase("{date}: {n} people", date=d, n=count(n)) for d, n in rows], "; ")
