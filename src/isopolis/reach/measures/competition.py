"""Access when others want the same places: floating catchments, balanced ones, spatial availability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isopolis.explain import Citation, Explain
from isopolis.model import CallError, Problem, Travel
from isopolis.model.text import phrases

from .decay import LUO_QI_SLOW, Decay, stepped
from .gravity import cut_short
from .result import MINUTE, NOBODY, REACHED, UNREACHABLE, Access
from .sparse import Rows, cutoffs_of, rows_of
from .spec import access

__all__ = [
    "Shared",
    "balanced_catchment",
    "enhanced_two_step",
    "spatial_availability",
    "two_step",
]

Floats = npt.NDArray[np.float64]

RADKE = Citation(
    "Radke, J. and Mu, L.", 2000, "Spatial decompositions, modeling and mapping service regions to predict "
    "access to social programs", "Geographic Information Sciences 6(2), 105-112",
)  # fmt: skip
LUO_WANG = Citation(
    "Luo, W. and Wang, F.", 2003, "Measures of spatial accessibility to health care in a GIS environment: "
    "synthesis and a case study in the Chicago region",
    "Environment and Planning B 30(6), 865-884",
)  # fmt: skip
LUO_QI = Citation(
    "Luo, W. and Qi, Y.", 2009, "An enhanced two-step floating catchment area (E2SFCA) method for measuring "
    "spatial accessibility to primary care physicians", "Health & Place 15(4), 1100-1107",
)  # fmt: skip
PAEZ = Citation(
    "Páez, A., Higgins, C. D. and Vivona, S. F.", 2019,
    "Demand and level of service inflation in Floating Catchment Area (FCA) methods",
    "PLOS ONE 14(6), e0218773",
)  # fmt: skip
SOUKHOV = Citation(
    "Soukhov, A., Páez, A., Higgins, C. D. and Mohamed, M.", 2023,
    "Introducing spatial availability, a singly-constrained measure of competitive accessibility",
    "PLOS ONE 18(1), e0278468",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Shared:
    """What competition gives to each origin, and what it does at each place.

    Parameters
    ----------
    access : Access
        (O, G), per person.
    total : (O, G) array
        What all people of the group at the origin get together.
    demand : (P,) array
        People who count on the place.
    served : (P,) array of bool
        Places that somebody can reach.
    """

    access: Access
    total: Floats
    demand: Floats
    served: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """One group: its rows, the weight of each entry, its people."""

    rows: Rows
    row: npt.NDArray[np.int64]
    weight: Floats
    people: Floats

    def at_places(self, entries: Floats) -> Floats:
        out: Floats = np.bincount(self.rows.indices, entries, self.rows.places).astype(np.float64, copy=False)
        return out

    def at_origins(self, entries: Floats) -> Floats:
        out: Floats = np.bincount(self.row, entries, self.rows.origins).astype(np.float64, copy=False)
        return out


def _sides(
    travel: Travel | Rows | Sequence[Travel | Rows], demand: npt.ArrayLike, fade: Decay
) -> list[_Side]:
    people = np.asarray(demand, dtype=np.float64)
    people = people[:, None] if people.ndim == 1 else people
    if not (np.isfinite(people).all() and (people >= 0).all()):
        raise CallError("people who want a service must be finite numbers, not negative")
    each = [travel] * people.shape[1] if isinstance(travel, Travel | Rows) else list(travel)
    if len(each) != people.shape[1]:
        raise CallError("give travel times once, or once for each group of people")
    made: dict[int, tuple[Rows, npt.NDArray[np.int64], Floats]] = {}
    for one in each:
        if id(one) not in made:
            rows = rows_of(one)
            weight = fade.weights(rows.costs)
            rows, weight = rows.kept(weight > 0), weight[weight > 0]
            made[id(one)] = (rows, rows.row(), weight)
    sides = [_Side(*made[id(one)], people[:, g]) for g, one in enumerate(each)]
    if any(s.rows.origins != len(people) or s.rows.places != sides[0].rows.places for s in sides):
        raise CallError("travel times and people who want a service must have the same origins and places")
    return sides


def _supply(sides: list[_Side], supply: npt.ArrayLike) -> Floats:
    out = np.asarray(supply, dtype=np.float64)
    if out.shape != (sides[0].rows.places,):
        raise CallError(f"give what each of the {sides[0].rows.places} places offers")
    if not (np.isfinite(out).all() and (out >= 0).all()):
        raise CallError("what a place offers must be finite and not negative")
    return out


def _ratio(top: Floats, bottom: Floats) -> Floats:
    return np.divide(
        top, bottom, out=np.zeros(np.broadcast_shapes(top.shape, bottom.shape)), where=bottom > 0
    )


def _shared(
    name: str, sides: list[_Side], per_person: list[Floats], demand: Floats, supply: Floats, fade: Decay
) -> Shared:
    values = np.stack(per_person, axis=1)
    people = np.stack([s.people for s in sides], axis=1)
    reach = np.stack([s.at_origins(s.weight) > 0 for s in sides], axis=1)
    # an origin without reach gets a true nothing, but it is said apart from one with a small share
    state = np.where(reach, REACHED, UNREACHABLE)
    caveats = list(cut_short(sides[0].rows, fade))
    idle = int(((demand <= 0) & (supply > 0)).sum())
    if idle:
        message = phrases(
            "{n} place is in reach of nobody who wants it, so what it offers is left out",
            "{n} places are in reach of nobody who wants them, so what they offer is left out",
            idle,
        )
        caveats.append(Problem("place-without-people", message, count=idle, fatal=False))
    found = Access(values, state, name, "places per person", caveats=tuple(caveats))
    return Shared(found, values * people, demand, demand > 0)


def _two_step(
    name: str,
    travel: Travel | Rows | Sequence[Travel | Rows],
    demand: npt.ArrayLike,
    supply: npt.ArrayLike,
    fade: Decay,
) -> Shared:
    sides = _sides(travel, demand, fade)
    offer = _supply(sides, supply)
    wanted = np.sum([s.at_places(s.weight * s.people[s.row]) for s in sides], axis=0)
    level = _ratio(offer, wanted)
    each = [s.at_origins(s.weight * level[s.rows.indices]) for s in sides]
    return _shared(name, sides, each, wanted, offer, fade)


@access(
    "two_step",
    symbol="2SFCA",
    family="competition",
    unit="places per person",
    verdict="legacy",
    because="It counts a person once at every place in reach, so demand grows with the number of places.",
    oracle="PySAL access 1.1.10 two_stage_fca of Belo Horizonte; two loops over dictionaries",
    peers=("PySAL access two_stage_fca", "R accessibility floating_catchment_area(2sfca)"),
    explain=Explain(
        title="Places per person, two-step catchments (2SFCA)",
        one_line="How much of a service is there per person, when all within so many minutes share it?",
        low="A low value: little is offered, or many share it.",
        high="A high value: much is offered, and few share it.",
        ask_next=("Does a balanced catchment, which counts everybody once, tell the same?",),
        pitfalls=(
            "Everybody within the limit counts in full at every place, and more are seen than there are.",
            "A person at the edge counts as much as a neighbour of the place.",
        ),
        not_for="Do not use it alone to share out places or money: it counts people more than once.",
        example="A value of 0.002 visits to a health centre means 2 visits for every 1,000 people.",
        citations=(RADKE, LUO_WANG),
    ),
    laws=("order", "replication", "supply-kept", "adds-up"),
    say="There are {per_thousand} {service} for every 1,000 people.",
)  # fmt: skip
def two_step(
    travel: Travel | Rows | Sequence[Travel | Rows],
    demand: npt.ArrayLike,
    supply: npt.ArrayLike,
    cutoff: int,
) -> Shared:
    """Two-step floating catchment areas.

    Parameters
    ----------
    travel : Travel or Rows, or one for each group
        A group with its own times (wheelchairs) competes with the others for the same places.
    demand : (O,) or (O, G) array
        People who want the service, by group.
    supply : (P,) array
        What each place offers.
    cutoff : int, milliseconds
        Included.

    Returns
    -------
    Shared
        Per person. Supply is kept: people × value adds up to what reached places offer.

    Raises
    ------
    CallError
        If shapes disagree, or the cutoff is longer than was looked for.

    References
    ----------
    Radke and Mu (2000); Luo and Wang (2003).
    """
    first = travel if isinstance(travel, Travel | Rows) else travel[0]
    (cut,) = cutoffs_of(rows_of(first), [cutoff])
    return _two_step("two_step", travel, demand, supply, stepped((cut / MINUTE,), (1.0,)))


@access(
    "enhanced_two_step",
    symbol="E2SFCA",
    family="competition",
    unit="places per person",
    verdict="legacy",
    because="It counts far people less, but still counts a person at every place in reach.",
    oracle="two loops over dictionaries; PySAL access 1.1.10 enhanced_two_stage_fca",
    peers=("PySAL access enhanced_two_stage_fca", "R accessibility floating_catchment_area(2sfca, stepped)"),
    explain=Explain(
        title="Places per person, enhanced catchments (E2SFCA)",
        one_line="How much of a service is there per person, when far people and far places count less?",
        low="A low value: little is offered, far away, or many share it.",
        high="A high value: much is offered near by, and few share it.",
        ask_next=("Does a balanced catchment, which counts everybody once, tell the same?",),
        pitfalls=(
            "The weights are a choice. The usual ones are for doctors in a region of cars.",
            "Demand is still more than there are people, or less, as the weights add up.",
        ),
        not_for="Do not use it alone to share out places or money: it does not count people once.",
        example="A value of 0.002 means about 2 visits for every 1,000 people, near places counted more.",
        citations=(LUO_QI,),
    ),
    laws=("order", "replication", "supply-kept", "adds-up"),
    say="Counting near places more, there are {per_thousand} {service} for every 1,000 people.",
)  # fmt: skip
def enhanced_two_step(
    travel: Travel | Rows | Sequence[Travel | Rows],
    demand: npt.ArrayLike,
    supply: npt.ArrayLike,
    fade: Decay = LUO_QI_SLOW,
) -> Shared:
    """Two-step floating catchment areas with weights by zones of time, or any other decay.

    Parameters
    ----------
    travel, demand, supply
        As for `two_step`.
    fade : Decay
        `LUO_QI_SLOW` (1, 0.68, 0.22) when not given; `LUO_QI_STEEP` for services near home.

    References
    ----------
    Luo and Qi (2009), p. 1103.
    """
    return _two_step("enhanced_two_step", travel, demand, supply, fade)


@access(
    "balanced_catchment",
    symbol="BFCA",
    family="competition",
    unit="places per person",
    because="Everybody is counted once over all places, and every place is given out once.",
    oracle="two loops over dictionaries; sums of demand and of level of service",
    peers=("R accessibility floating_catchment_area(bfca)",),
    explain=Explain(
        title="Balanced catchments (BFCA)",
        one_line="How much of a service falls to people here, when each person is counted only once?",
        low="A low value: little is offered, far away, or many share it.",
        high="A high value: much is offered near by, and few share it.",
        ask_next=("Which places are full, and for whom are they the only ones?",),
        pitfalls=(
            "People spread over all places by their weight. In truth many have a place where they belong.",
            "The level of a place is shared out over zones, so it depends on how zones are drawn.",
        ),
        not_for="Do not read it as a number of visits: read spatial availability for that.",
        example="Two zones of equal people with one clinic between them each get half of its level.",
        citations=(PAEZ,),
    ),
    laws=("order", "demand-kept", "supply-kept"),
    say="The level of {service} that falls to people here is {value}.",
)  # fmt: skip
def balanced_catchment(
    travel: Travel | Rows | Sequence[Travel | Rows],
    demand: npt.ArrayLike,
    supply: npt.ArrayLike,
    fade: Decay,
) -> Shared:
    r"""Balanced floating catchment areas.

    :math:`D_j = \sum_i P_i w_{ij} / \sum_j w_{ij}`, :math:`L_j = S_j / D_j`,
    :math:`A_i = \sum_j L_j w_{ij} / \sum_i w_{ij}`. Demand is kept (:math:`\sum_j D_j` is everybody who
    reaches a place) and so is the level of service (:math:`\sum_i A_i = \sum_j L_j`).

    Parameters
    ----------
    travel, demand, supply
        As for `two_step`. Groups compete; the sum over i runs over all groups.
    fade : Decay

    References
    ----------
    Páez, Higgins and Vivona (2019), eqs. 7 to 10.
    """
    sides = _sides(travel, demand, fade)
    offer = _supply(sides, supply)
    spread = [_ratio(s.weight, s.at_origins(s.weight)[s.row]) for s in sides]
    wanted = np.sum([s.at_places(w * s.people[s.row]) for s, w in zip(sides, spread, strict=True)], axis=0)
    level = _ratio(offer, wanted)
    column = np.sum([s.at_places(s.weight) for s in sides], axis=0)
    each = [s.at_origins(level[s.rows.indices] * _ratio(s.weight, column[s.rows.indices])) for s in sides]
    return _shared("balanced_catchment", sides, each, wanted, offer, fade)


@access(
    "spatial_availability",
    symbol="v",
    family="competition",
    unit="places per person",
    because="Every place is given out once, so that the values of a city add up to what it offers.",
    oracle="two loops over dictionaries; totals; with alpha 1 it is the two-step value of the same weights",
    peers=("R accessibility spatial_availability",),
    explain=Explain(
        title="Spatial availability",
        one_line="How much of what is offered is there for one person, when it is shared out only once?",
        low="A low value: little is offered here, or many compete for it.",
        high="A high value: much is offered here, and few compete for it.",
        ask_next=(
            "Which group gets less than its share of all that is offered?",
            "Would people of this group be admitted where they are counted?",
        ),
        pitfalls=(
            "It shares out what is offered by numbers of people and time, not by need or by who goes there.",
            "A place that nobody reaches is not given out. See how many there are.",
        ),
        not_for="Do not use it for things that are not used up, such as a park bench at dawn.",
        example="A value of 0.5 jobs means that one job is there for every two people, all others counted.",
        citations=(SOUKHOV,),
    ),
    laws=("order", "supply-kept", "adds-up"),
    say="For every person here there are {value} {service}, shared with all who reach them.",
)  # fmt: skip
def spatial_availability(
    travel: Travel | Rows | Sequence[Travel | Rows],
    demand: npt.ArrayLike,
    supply: npt.ArrayLike,
    fade: Decay,
    *,
    alpha: float = 1.0,
) -> Shared:
    r"""Spatial availability, per person and in all.

    :math:`V_i = \sum_j O_j F^p_i F^c_{ij} / \sum_i F^p_i F^c_{ij}` with
    :math:`F^p_i = P_i^\alpha / \sum P^\alpha` and :math:`F^c_{ij} = f_{ij} / \sum_i f_{ij}`. What does not
    depend on i cancels. Per person, :math:`v_i = V_i / P_i`.

    Parameters
    ----------
    travel, demand, supply
        As for `two_step`. Groups with times of their own compete (Soukhov et al., multimodal).
    fade : Decay
    alpha : float, above 0
        How strongly numbers of people draw; 1 is in proportion.

    Returns
    -------
    Shared
        `Shared.total` adds up to what the reached places offer. State `NOBODY` where no person lives.

    Raises
    ------
    CallError
        If shapes disagree or `alpha` is not above 0.

    References
    ----------
    Soukhov et al. (2023), eqs. 3 to 7.
    """
    if not (np.isfinite(alpha) and alpha > 0):
        raise CallError("alpha of spatial availability is a number above 0")
    sides = _sides(travel, demand, fade)
    offer = _supply(sides, supply)
    drawn = [s.people**alpha for s in sides]
    wanted = np.sum([s.at_places(s.weight * d[s.row]) for s, d in zip(sides, drawn, strict=True)], axis=0)
    level = _ratio(offer, wanted)
    total = [
        s.at_origins(s.weight * d[s.row] * level[s.rows.indices]) for s, d in zip(sides, drawn, strict=True)
    ]
    each = [_ratio(t, s.people) for s, t in zip(sides, total, strict=True)]
    made = _shared("spatial_availability", sides, each, wanted, offer, fade)
    nobody = np.stack([s.people <= 0 for s in sides], axis=1)
    state = np.where(nobody, NOBODY, made.access.state)
    found = Access(
        made.access.values, state, "spatial_availability", "places per person", caveats=made.access.caveats
    )
    return Shared(found, np.stack(total, axis=1), wanted, wanted > 0)
