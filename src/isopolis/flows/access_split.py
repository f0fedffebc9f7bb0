"""What each group's gap is made of: where it lives, how it moves, what the service admits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import Group, Places
from isopolis.model.text import capital, joint, phrase
from isopolis.model.vocabulary import standard

from .access_asked import AccessAsked, ProfileAccess
from .access_doors import Doors
from .access_people import People
from .access_reach import Reached

__all__ = ["split_of"]

Ints = npt.NDArray[np.int32]

LEAST_PEOPLE = 50
MOST = 12
"""Groups in the table: those furthest behind everyone."""

REFERENCE = "adult"


def split_of(
    found: Sequence[ProfileAccess],
    reaches: Mapping[str, Reached],
    doors: Mapping[str, Doors],
    crossings: Sequence[People],
    places: Places,
    everyone: People,
    profiles: Sequence[Any],
    asked: AccessAsked,
) -> dict[str, dict[str, Any]]:
    """Return the Shapley parts of the gaps to everyone who moves as an adult.

    Where the question is about another body than an adult's, every group moves as asked. Otherwise groups of
    older people, children and disabled people move as the profile that stands for them, where it was
    compared; the label says so. This is a reading, no fact about each person.

    Returns
    -------
    dict
        Label of the group → ``gap``, ``where``, ``how``, ``admits`` (points of 1, below 0 where the group
        is behind) and ``said``.
    """
    from isopolis.reach.split import split_levels

    names = {p.name: p for p in profiles}
    if REFERENCE not in names or reaches[REFERENCE].walk is None:
        return {}
    base = everyone.values[:, 0]
    located = reaches[REFERENCE].located & reaches[found[0].name].located
    out: dict[str, dict[str, Any]] = {}
    for people in crossings:
        for column, group in enumerate(people.groups):
            values = people.values[:, column]
            body = found[0].name if found[0].name != REFERENCE else _body(people, group, names)
            own = _mask(doors[body], group)
            if values[located].sum() < LEAST_PEOPLE or own is None or not base[located].sum():
                continue
            at_large = doors[REFERENCE].everyone("expected")
            at_door = doors[body].everyone("expected") & own
            costs = {
                ("own", "own"): _nearest(reaches[body], places, at_door)[located],
                ("own", "reference"): _nearest(reaches[body], places, at_large)[located],
                ("reference", "own"): _nearest(reaches[REFERENCE], places, at_door)[located],
                ("reference", "reference"): _nearest(reaches[REFERENCE], places, at_large)[located],
            }
            sides = {"own": values[located], "reference": base[located]}
            made = split_levels(sides, costs, asked.limit, people.label(group), phrase("everyone"))
            parts = {p.factor: -float(p.amount) for p in made.parts}
            label = people.label(group)
            if body != REFERENCE:
                label = phrase(
                    "{group} (moving: {profile})", group=label, profile=standard(names[body].title)
                )
            out[label] = {
                "gap": float(made.own - made.other), "where": parts["where"], "how": parts["how"],
                "admits": parts["service"], "said": _levers(parts),
            }  # fmt: skip
    worst = sorted(out, key=lambda label: (out[label]["gap"], str(label)))[:MOST]
    return {label: out[label] for label in worst if out[label]["gap"] < 0}


def _nearest(reach: Reached, places: Places, admitted: npt.NDArray[np.bool_]) -> Ints:
    from isopolis.reach.measures import closest_costs

    assert places.amount is not None
    return np.asarray(closest_costs(reach.travel["expected"], places.amount * admitted)[:, 0])


def _mask(doors: Doors, group: Group) -> npt.NDArray[np.bool_] | None:
    mask = doors.of((group,))[0][0]
    return None if mask is None else mask["expected"]


def _body(people: People, group: Group, names: Mapping[str, Any]) -> str:
    """Return the profile that stands for a group, when it was compared."""
    dimensions = {d.name: d for d in people.dimensions}
    for name, category in group:
        ground = dimensions[name].ground or name
        if ground == "disability" and category.lower() in ("yes", "true", "disabled", "with_disability"):
            return "manual_wheelchair" if "manual_wheelchair" in names else REFERENCE
    for name, category in group:
        if (dimensions[name].ground or name) == "age":
            from isopolis.read.eligible import ages_of

            ages = ages_of(category)
            if ages is not None and ages[0] >= 65 and "older_person" in names:
                return "older_person"
            if ages is not None and ages[1] <= 15 and "child_alone" in names:
                return "child_alone"
    return REFERENCE


def _levers(parts: Mapping[str, float]) -> str:
    """Say where to act on the largest part that holds the group back."""
    factor = min(parts, key=lambda k: parts[k])
    if parts[factor] >= 0:
        return "–"
    said = {
        "where": phrase("funding: new or moved places, and trips to them"),
        "how": phrase("funding for streets and vehicles; knowledge where tags are missing"),
        "service": phrase("regulation: hours, fees, languages, entrances, whom it admits"),
    }
    return joint((capital(said[factor]),))
