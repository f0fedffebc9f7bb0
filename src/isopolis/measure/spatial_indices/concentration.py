"""How little land a group has: delta, and Massey and Denton's concentration."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from isopolis.explain import Citation, Explain
from isopolis.model import Undefined
from isopolis.model.text import phrase

from ..arrays import Floats
from ..spec import index
from .common import MASSEY_DENTON, TWO, Value, along, missing, no_limit, pair

__all__ = ["absolute_concentration", "delta", "relative_concentration"]

HOOVER = Citation(
    "Hoover, E. M.", 1941, "Interstate redistribution of population, 1850-1940",
    "Journal of Economic History 1(2), 199-205",
)  # fmt: skip
LAND = "Land is the area of zones: parks, rivers and works count like housing."
EQUAL = "all-areas-equal"


@index(
    "delta",
    symbol="Delta",
    family="concentration",
    groups="two",
    needs=("areas",),
    verdict="recommended",
    because="Density in one number: it is dissimilarity between people and land.",
    oracle="OasisR 3.1.1 Delta on its pattern A; PySAL segregation 2.5.4 Delta",
    peers=("PySAL Delta", "OasisR Delta"),
    laws=("zone-order", "scale", "split", "merge", "bounded"),
    explain=Explain(
        title="Delta",
        one_line="What share of the group would have to move to be spread evenly over the land?",
        low="Near 0 the group lives at the same density everywhere.",
        high="Near 1 the group lives on a small part of the land.",
        ask_next=("What is it for everybody? People live close together in any city.",),
        pitfalls=(LAND, TWO),
        not_for="Do not read it as crowding: it knows nothing about homes.",
        example="A group on a quarter of the land, evenly, has 0.75.",
        citations=(HOOVER, MASSEY_DENTON),
    ),
)
def delta(x: npt.ArrayLike, areas: npt.ArrayLike) -> Value:
    r""":math:`\tfrac12 \sum_i |x_i/X - a_i/A|`.

    Parameters
    ----------
    x : (Z, G) array
        Persons; the group first. Others play no part.
    areas : (Z,) array
        Land of each zone, any unit.

    Returns
    -------
    float in 0..1 or Undefined

    References
    ----------
    Hoover (1941); Massey and Denton (1988).
    """
    members, _, _ = pair(x)
    land = along(areas, len(members), "the area")
    if members.sum() == 0:
        return Undefined("group-absent", phrase("Nobody of this group was counted."))
    if land.sum() == 0:
        return Undefined("no-land", phrase("The zones have no area."))
    return float(np.abs(members / members.sum() - land / land.sum()).sum() / 2)


def _packed(everyone: Floats, land: Floats, people: float, *, whole: bool) -> float:
    """Mean area, over people, of the first zones that hold `people`.

    With `whole` the last zone counts with all its people, as published. Otherwise in
    part, and then the order of zones of the same area makes no difference.
    """
    filled = np.cumsum(everyone)
    last = min(int(np.searchsorted(filled, people * (1 - 1e-12))), len(filled) - 1)
    taken = everyone[: last + 1].copy()
    if not whole:
        taken[last] -= filled[last] - people
    return float(taken @ land[: last + 1] / taken.sum())


def _ends(members: Floats, everyone: Floats, land: Floats, *, whole: bool) -> tuple[float, float]:
    """Mean area with the group in the smallest zones, and in the largest."""
    order = np.argsort(land, kind="stable")
    small = _packed(everyone[order], land[order], members.sum(), whole=whole)
    back = order[::-1]
    return small, _packed(everyone[back], land[back], members.sum(), whole=whole)


def _all_equal() -> Undefined:
    return Undefined(
        EQUAL, phrase("All inhabited zones have the same area, so no group can live on less land.")
    )


@index(
    "absolute_concentration",
    symbol="ACO",
    family="concentration",
    groups="two",
    needs=("areas",),
    minimum=-np.inf,
    maximum=no_limit,
    verdict="legacy",
    because="It asks who lives in small zones. How zones were drawn decides that.",
    oracle="PySAL segregation 2.5.4 AbsoluteConcentration; closed form for three zones",
    peers=("PySAL AbsoluteConcentration", "OasisR ACO"),
    laws=("zone-order", "scale"),
    explain=Explain(
        title="Absolute concentration (ACO)",
        one_line="How near does the group come to living in the smallest zones only?",
        low="At 0 the group lives in the largest zones that could hold it.",
        high="At 1 the group lives in the smallest zones that could hold it.",
        ask_next=("Who drew the zones, and by which number of people?",),
        pitfalls=(
            "It is not defined where all zones have the same area, as on a grid.",
            LAND,
            TWO,
        ),
        not_for="Do not use it with grids or zones drawn to hold equal numbers.",
        example="A group that fills the smallest zones alone has 1.",
        citations=(MASSEY_DENTON,),
    ),
)
def absolute_concentration(x: npt.ArrayLike, areas: npt.ArrayLike, whole: bool = False) -> Value:
    r""":math:`1 - (\bar a_x - \bar a_{min}) / (\bar a_{max} - \bar a_{min})`, mean areas over people.

    Parameters
    ----------
    x : (Z, G) array
        Persons; the group first.
    areas : (Z,) array
        Land of each zone.
    whole : bool
        Count the zone at which the group is housed with all its people, as published.
        Then zones of the same area make the value depend on their order. Otherwise
        the part that is needed counts.

    Returns
    -------
    float or Undefined

    References
    ----------
    Massey and Denton (1988).
    """
    if (none := missing(x)) is not None:
        return none
    members, _, everyone = pair(x)
    land = along(areas, len(members), "the area")
    small, large = _ends(members, everyone, land, whole=whole)
    if large - small <= 1e-12 * large:
        return _all_equal()
    return 1 - (float(members @ land / members.sum()) - small) / (large - small)


@index(
    "relative_concentration",
    symbol="RCO",
    family="concentration",
    groups="two",
    needs=("areas",),
    minimum=-np.inf,
    maximum=no_limit,
    verdict="legacy",
    because="Tools disagree about its ranks, and how zones were drawn decides it.",
    oracle="PySAL segregation 2.5.4 RelativeConcentration; closed form for three zones",
    peers=("PySAL RelativeConcentration", "OasisR RCO"),
    laws=("zone-order", "scale", "zero-when-even"),
    explain=Explain(
        title="Relative concentration (RCO)",
        one_line="Does the group live in smaller zones than the others do?",
        low="Below 0 the group lives in larger zones than the others.",
        high="At 1 the group fills the smallest zones and the others the largest.",
        ask_next=("Who drew the zones, and by which number of people?",),
        pitfalls=("It may fall far below -1.", LAND, TWO),
        not_for="Do not use it with grids or zones drawn to hold equal numbers.",
        example="At 0 both live in zones of the same size on average.",
        citations=(MASSEY_DENTON,),
    ),
)
def relative_concentration(x: npt.ArrayLike, areas: npt.ArrayLike, whole: bool = False) -> Value:
    r""":math:`(\bar a_x / \bar a_y - 1) / (\bar a_{min} / \bar a_{max} - 1)`, mean areas over people.

    Parameters
    ----------
    x, areas, whole
        See `absolute_concentration`.

    Returns
    -------
    float or Undefined

    References
    ----------
    Massey and Denton (1988).
    """
    if (none := missing(x)) is not None:
        return none
    members, others, everyone = pair(x)
    land = along(areas, len(members), "the area")
    small, large = _ends(members, everyone, land, whole=whole)
    if large - small <= 1e-12 * large:
        return _all_equal()
    own, their = members @ land / members.sum(), others @ land / others.sum()
    if their == 0:  # the others live on zones without land: no quotient of the two means
        return Undefined("no-land", phrase("The zones have no area."))
    return float((own / their - 1) / (small / large - 1))
