"""Segregation of environments: the indices of Reardon and O'Sullivan, exposure, surfaces.

Two conventions are in use for the mean over zones, and they differ. ``local`` weighs a zone
by its own people and compares with the city's mix; ``environment`` weighs it by everybody
around and compares with the mix of all environments together. The first is the default.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from isopolis.explain import Citation, Explain
from isopolis.model import Undefined
from isopolis.model.text import phrase

from ..arrays import Floats, column_totals, divide, entropy, shares
from ..neighbours import Convention, Neighbourhood, weights_of
from ..spec import index
from .common import REARDON_OSULLIVAN, TWO, Value, missing, pair, table_of

__all__ = [
    "environment_exposure",
    "environment_isolation",
    "environment_variance_ratio",
    "spatial_dissimilarity",
    "spatial_h",
    "spatial_relative_diversity",
    "surface_min_max",
]

MORGAN = Citation(
    "Morgan, B. S.", 1983, "A distance-decay based interaction index to measure residential segregation",
    "Area 15(3), 211-217",
)  # fmt: skip
OSULLIVAN_WONG = Citation(
    "O'Sullivan, D. and Wong, D. W. S.", 2007, "A surface-based approach to measuring spatial segregation",
    "Geographical Analysis 39(2), 147-168",
)  # fmt: skip
SCALE = "It depends on the neighbourhood: name it with the value."
EDGE = "At the edge of the city people outside are not counted."
MANY = ("zone-order", "group-order", "scale", "empty-zone", "absent-group", "zero-when-even")


def _surroundings(
    x: npt.ArrayLike, near: Neighbourhood, convention: Convention
) -> tuple[Floats, Floats, Floats]:
    """Mixes of environments (Z, G), what each zone weighs (Z,), and the mix to compare with (G,)."""
    table = table_of(x)
    around = near.environment(table)
    mix, weight = shares(around), weights_of(convention, table, around)
    weight = np.where(around.sum(axis=1) > 0, weight, 0.0)  # an environment without people has no mix
    return mix, weight, shares(column_totals(table if convention == "local" else around))


def _nobody_near(weight: Floats) -> Undefined | None:
    if weight.sum() > 0:
        return None
    return Undefined("no-neighbours", phrase("Nobody lives in any of these neighbourhoods."))


@index(
    "spatial_dissimilarity",
    symbol="D~",
    family="multiscale",
    kind="spatial",
    groups="many",
    needs=("neighbourhood",),
    verdict="recommended",
    because="Dissimilarity at a distance that is named, for any number of groups.",
    oracle="PySAL segregation 2.5.4 MultiDissim with weights; a loop over zones and groups",
    peers=("PySAL MultiDissim(w)", "seg spseg D~"),
    laws=MANY,
    explain=Explain(
        title="Spatial dissimilarity (D~)",
        one_line="How far do the mixes of surroundings lie from the mix of the city?",
        low="Near 0 the surroundings of everybody have the city's mix.",
        high="Near 1 people have only their own group around them.",
        ask_next=("At which distance does it fall? A profile shows it.",),
        pitfalls=(SCALE, EDGE),
        not_for="Do not compare cities by neighbourhoods of different kind.",
        example="With each zone alone it is dissimilarity.",
        citations=(REARDON_OSULLIVAN,),
    ),
)
def spatial_dissimilarity(
    x: npt.ArrayLike, neighbourhood: Neighbourhood, convention: Convention = "local"
) -> Value:
    r""":math:`\sum_{pg} \tau_p |\tilde\pi_{pg} - \pi_g| / (2 T I)`, I Simpson's interaction of the city.

    Parameters
    ----------
    x : (Z, G) array
        Persons.
    neighbourhood : Neighbourhood
    convention : str
        ``local`` or ``environment``; see `isopolis.measure.neighbours.weights_of`.

    Returns
    -------
    float in 0..1 or Undefined
        Zones with nobody around are left out, their own people as well: an island without
        neighbours counts only where the neighbourhood holds the zone itself.

    References
    ----------
    Reardon and O'Sullivan (2004), eq. 9.
    """
    if (none := missing(x, many=True)) is not None:
        return none
    mix, weight, city = _surroundings(x, neighbourhood, convention)
    if (none := _nobody_near(weight)) is not None:
        return none
    gap = weight @ np.abs(mix - city).sum(axis=1)
    return float(gap / (2 * weight.sum() * (city * (1 - city)).sum()))


def _less(x: npt.ArrayLike, near: Neighbourhood, convention: Convention, variety: object) -> Value:
    """Return 1 less the mean variety of environments over that of the city."""
    if (none := missing(x, many=True)) is not None:
        return none
    mix, weight, city = _surroundings(x, near, convention)
    if (none := _nobody_near(weight)) is not None:
        return none
    return float(1 - weight @ variety(mix) / (weight.sum() * variety(city)))  # type: ignore[operator]


@index(
    "spatial_h",
    symbol="H~",
    family="multiscale",
    kind="spatial",
    groups="many",
    needs=("neighbourhood",),
    minimum=-np.inf,
    verdict="recommended",
    because="The information index at a distance that is named, for any number of groups.",
    oracle="PySAL segregation 2.5.4 MultiInfoTheory with weights; a loop over zones and groups",
    peers=("PySAL MultiInfoTheory(w)", "seg spseg H~"),
    laws=MANY,
    explain=Explain(
        title="Spatial information index (H~)",
        one_line="How much less mixed are the surroundings of people than the city?",
        low="Near 0 the surroundings are as mixed as the city.",
        high="Near 1 people have only their own group around them.",
        ask_next=("At which distance does it fall? A profile shows it.",),
        pitfalls=(SCALE, EDGE, "It can be a little below 0 where surroundings are more mixed than the city."),
        not_for="Do not compare cities by neighbourhoods of different kind.",
        example="With each zone alone it is the information index H.",
        citations=(REARDON_OSULLIVAN,),
    ),
)
def spatial_h(x: npt.ArrayLike, neighbourhood: Neighbourhood, convention: Convention = "local") -> Value:
    r""":math:`1 - \sum_p \tau_p \tilde E_p / (T E)`; see `spatial_dissimilarity`.

    Parameters
    ----------
    x, neighbourhood, convention
        See `spatial_dissimilarity`.

    Returns
    -------
    float or Undefined

    References
    ----------
    Reardon and O'Sullivan (2004), eq. 11.
    """
    return _less(x, neighbourhood, convention, entropy)


@index(
    "spatial_relative_diversity",
    symbol="R~",
    family="multiscale",
    kind="spatial",
    groups="many",
    needs=("neighbourhood",),
    minimum=-np.inf,
    verdict="recommended",
    because="Like H~, read as chances of meeting another group.",
    oracle="PySAL segregation 2.5.4 MultiRelativeDiversity with weights; a loop over zones and groups",
    peers=("PySAL MultiRelativeDiversity(w)", "seg spseg R~"),
    laws=MANY,
    explain=Explain(
        title="Spatial relative diversity (R~)",
        one_line="How much rarer are two people of different groups nearby than in the city?",
        low="Near 0 surroundings mix groups as the city does.",
        high="Near 1 surroundings hold one group only.",
        ask_next=("At which distance does it fall? A profile shows it.",),
        pitfalls=(SCALE, EDGE),
        not_for="Do not compare cities by neighbourhoods of different kind.",
        example="At 0.10 two people nearby are of different groups 10 percent more rarely than in the city.",
        citations=(REARDON_OSULLIVAN,),
    ),
)
def spatial_relative_diversity(
    x: npt.ArrayLike, neighbourhood: Neighbourhood, convention: Convention = "local"
) -> Value:
    r""":math:`1 - \sum_p \tau_p \tilde I_p / (T I)`, I Simpson's interaction.

    Parameters
    ----------
    x, neighbourhood, convention
        See `spatial_dissimilarity`.

    Returns
    -------
    float or Undefined

    References
    ----------
    Reardon and O'Sullivan (2004), eq. 10.
    """
    return _less(x, neighbourhood, convention, _interaction)


def _interaction(p: Floats) -> Floats:
    out: Floats = (p * (1 - p)).sum(axis=-1)
    return out


@index(
    "environment_variance_ratio",
    symbol="V~",
    family="multiscale",
    kind="spatial",
    groups="many",
    needs=("neighbourhood",),
    verdict="recommended",
    because="V at a distance that is named.",
    oracle="PySAL segregation 2.5.4 MultiNormExposure with weights; a loop over zones and groups",
    peers=("PySAL MultiNormExposure(w)",),
    laws=MANY,
    explain=Explain(
        title="Spatial variance ratio (V~)",
        one_line="How far do the shares of groups nearby vary from place to place?",
        low="Near 0 every place has the city's mix around it.",
        high="Near 1 every place has one group around it.",
        ask_next=("At which distance does it fall? A profile shows it.",),
        pitfalls=(SCALE, EDGE),
        not_for="Do not compare cities by neighbourhoods of different kind.",
        example="With each zone alone it is the variance ratio V.",
        citations=(REARDON_OSULLIVAN,),
    ),
)
def environment_variance_ratio(
    x: npt.ArrayLike, neighbourhood: Neighbourhood, convention: Convention = "local"
) -> Value:
    r""":math:`\sum_{pg} \tau_p (\tilde\pi_{pg} - \pi_g)^2 / (T (1 - \pi_g))`.

    Parameters
    ----------
    x, neighbourhood, convention
        See `spatial_dissimilarity`.

    Returns
    -------
    float or Undefined
    """
    if (none := missing(x, many=True)) is not None:
        return none
    mix, weight, city = _surroundings(x, neighbourhood, convention)
    if (none := _nobody_near(weight)) is not None:
        return none
    return float(divide(weight @ (mix - city) ** 2, 1 - city).sum() / weight.sum())


@index(
    "environment_exposure",
    symbol="xPy~",
    family="exposure",
    kind="spatial",
    groups="two",
    needs=("neighbourhood",),
    verdict="recommended",
    because="Whom a typical member has nearby, at a distance that is named.",
    oracle="A loop over pairs of zones; OasisR 3.1.1 on its pattern A, where it is 1 less DPxx",
    peers=("PySAL DistanceDecayInteraction", "OasisR DPxy", "seg spseg P*"),
    laws=("zone-order", "scale", "empty-zone"),
    explain=Explain(
        title="Exposure nearby (distance-decay xPy)",
        one_line="Near a typical member of a group, what share of people belong to the other group?",
        low="Near 0 the other group is hardly ever near.",
        high="Near 1 the typical member has the other group around.",
        ask_next=("What is the other group's share of the city? That is the yardstick.",),
        pitfalls=(SCALE, EDGE, "It is not the same in both directions."),
        not_for="Do not read it as contact between people.",
        example="With each zone alone it is exposure.",
        citations=(MORGAN, REARDON_OSULLIVAN),
    ),
)
def environment_exposure(x: npt.ArrayLike, neighbourhood: Neighbourhood) -> Value:
    r""":math:`\sum_i \frac{x_i}{X} \frac{\sum_j c_{ij} y_j}{\sum_j c_{ij} t_j}`.

    Parameters
    ----------
    x : (Z, G) array
        Persons: the group, the other group, everybody else.
    neighbourhood : Neighbourhood
        An ``exponential`` kernel gives Morgan's distance decay; any other will do.

    Returns
    -------
    float in 0..1 or Undefined
        Members with nobody near, not even in their zone, are left out.

    References
    ----------
    Morgan (1983); Reardon and O'Sullivan (2004).
    """
    return _met(x, neighbourhood, 1)


@index(
    "environment_isolation",
    symbol="xPx~",
    family="exposure",
    kind="spatial",
    groups="two",
    needs=("neighbourhood",),
    verdict="recommended",
    because="How much of their own group members have nearby, at a distance that is named.",
    oracle="OasisR 3.1.1 DPxx on its pattern A, both groups",
    peers=("PySAL DistanceDecayIsolation", "OasisR DPxx", "seg spseg P*"),
    laws=("zone-order", "scale", "empty-zone"),
    explain=Explain(
        title="Isolation nearby (distance-decay xPx)",
        one_line="Near a typical member of a group, what share of people belong to the same group?",
        low="Near the group's share of the city: it lives where everybody lives.",
        high="Near 1 members have only their own group around them.",
        ask_next=("How far is it above the group's share of the city?",),
        pitfalls=(SCALE, EDGE, TWO),
        not_for="Do not compare groups of very different size by it.",
        example="With each zone alone it is isolation.",
        citations=(MORGAN, REARDON_OSULLIVAN),
    ),
)
def environment_isolation(x: npt.ArrayLike, neighbourhood: Neighbourhood) -> Value:
    """Exposure nearby of the first group to itself; see `environment_exposure`.

    Parameters
    ----------
    x, neighbourhood
        See `environment_exposure`.

    Returns
    -------
    float in 0..1 or Undefined

    References
    ----------
    Morgan (1983).
    """
    return _met(x, neighbourhood, 0)


def _met(x: npt.ArrayLike, near: Neighbourhood, column: int) -> Value:
    if (none := missing(x)) is not None:
        return none
    table = table_of(x)
    around = near.environment(table)
    members = np.where(around.sum(axis=1) > 0, table[:, 0], 0.0)
    if (none := _nobody_near(members)) is not None:
        return none
    return float(members @ shares(around)[:, column] / members.sum())


@index(
    "surface_min_max",
    symbol="S",
    family="multiscale",
    kind="spatial",
    groups="two",
    needs=("neighbourhood",),
    verdict="recommended",
    because="Two maps laid over each other: what they have in common, at a distance that is named.",
    oracle="PySAL segregation 2.5.4 MinMax for zones alone; 2 D / (1 + D) of the surfaces for any",
    peers=("PySAL MinMax",),
    laws=("zone-order", "scale", "empty-zone", "zero-when-even", "bounded"),
    explain=Explain(
        title="Surface index (min-max)",
        one_line="How little do the maps of two groups overlap, once smoothed over the neighbourhood?",
        low="At 0 both maps are the same.",
        high="At 1 the two groups share no place.",
        ask_next=("At which distance do the maps begin to overlap?",),
        pitfalls=(SCALE, EDGE, TWO),
        not_for="Do not compare surfaces smoothed in different ways.",
        example="With each zone alone and a dissimilarity of 0.50 it is 0.67.",
        citations=(OSULLIVAN_WONG,),
    ),
)
def surface_min_max(x: npt.ArrayLike, neighbourhood: Neighbourhood) -> Value:
    r""":math:`1 - \sum_i \min(f_i, g_i) / \sum_i \max(f_i, g_i)`, densities that add up to 1.

    Parameters
    ----------
    x : (Z, G) array
        Persons; the group first.
    neighbourhood : Neighbourhood
        The kernel of the surface.

    Returns
    -------
    float in 0..1 or Undefined

    References
    ----------
    O'Sullivan and Wong (2007).
    """
    if (none := missing(x)) is not None:
        return none
    members, others, _ = pair(x)
    around = neighbourhood.environment(np.column_stack([members, others]))
    totals = column_totals(around)
    if not totals.all():
        return Undefined("no-neighbours", phrase("Nobody lives in any of these neighbourhoods."))
    f, g = (around / totals).T
    return float(1 - np.minimum(f, g).sum() / np.maximum(f, g).sum())
