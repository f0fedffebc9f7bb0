"""How mixed the city is, and the indices of separation that are built on variety."""

from __future__ import annotations

import numpy as np

from isopolis.explain import Citation, Explain

from ..arrays import Floats, column_totals, divide, entropy, shares, zone_totals
from ..spec import index
from .sources import REARDON_FIREBAUGH

__all__ = [
    "diversity",
    "normalised_diversity",
    "relative_diversity",
    "simpson_concentration",
    "simpson_interaction",
    "squared_coefficient_of_variation",
]

SIMPSON = Citation("Simpson, E. H.", 1949, "Measurement of diversity", "Nature 163", "page 688")
SHANNON = Citation(
    "Shannon, C. E.", 1948, "A mathematical theory of communication",
    "Bell System Technical Journal 27(3), 379-423", "section 6",
)  # fmt: skip
EVEN = (
    "zone-order", "group-order", "scale", "split", "merge", "empty-zone", "absent-group", "zero-when-even",
    "one-when-apart", "bounded",
)  # fmt: skip
CITY = ("zone-order", "group-order", "scale", "split", "merge", "empty-zone", "absent-group", "bounded")
NO_ZONES = "It is about the city as a whole and says nothing about who lives where."


def _log_groups(x: Floats) -> float:
    return float(np.log(max(int((column_totals(x) > 0).sum()), 1)))


@index(
    "diversity",
    symbol="E",
    family="composition",
    groups="many",
    unit="nats",
    verdict="recommended",
    because="It is the yardstick of H and M: the most that zones could tell about groups.",
    oracle="PySAL segregation 2.5.4 MultiDiversity; OasisR 3.1.1 HShannon",
    peers=("PySAL MultiDiversity", "OasisR HShannon", "elbersb entropy"),
    maximum=_log_groups,
    explain=Explain(
        title="Diversity of the city (Shannon)",
        one_line="How many groups are there, and how even are they in size?",
        low="At 0 everybody belongs to one group.",
        high="It is highest when all groups are of the same size.",
        ask_next=("Which groups are counted apart, and which are lumped together?",),
        pitfalls=(NO_ZONES, "More categories give a higher value."),
        not_for="Do not compare cities that count other groups.",
        example="Two groups of the same size give 0.69; four give 1.39.",
        citations=(SHANNON, REARDON_FIREBAUGH),
    ),
    laws=CITY,
)
def diversity(x: Floats) -> Floats:
    r"""Shannon diversity of the city :math:`-\sum_g P_g \ln P_g`, in nats.

    Parameters
    ----------
    x : (..., Z, G) array
        Persons, >= 0.

    Returns
    -------
    (...) array from 0 to the logarithm of the number of groups present.

    References
    ----------
    Shannon (1948), section 6; Reardon and Firebaugh (2002), page 37, eq. 2.
    """
    return np.maximum(entropy(shares(column_totals(x))), 0)


@index(
    "normalised_diversity",
    symbol="J",
    family="composition",
    groups="many",
    verdict="recommended",
    because="The only diversity that can be compared between different numbers of groups.",
    oracle="PySAL segregation 2.5.4 MultiDiversity(normalized=True); closed form of 90 and 10 percent",
    peers=("PySAL MultiDiversity(normalized=True)", "OasisR NShannon"),
    explain=Explain(
        title="Diversity of the city, from 0 to 1",
        one_line="How close is the city to having all its groups of the same size?",
        low="At 0 everybody belongs to one group.",
        high="At 1 all groups are of the same size.",
        ask_next=("Which groups are counted apart, and which are lumped together?",),
        pitfalls=(NO_ZONES, "Groups with nobody in them are not counted."),
        not_for="Do not read it as a goal: no city needs groups of equal size.",
        example="Two groups of 90 and 10 percent give 0.47.",
        citations=(SHANNON, REARDON_FIREBAUGH),
    ),
    laws=CITY,
)
def normalised_diversity(x: Floats) -> Floats:
    r"""Shannon diversity over its maximum, the logarithm of the number of groups present.

    Parameters
    ----------
    x : (..., Z, G) array
        Persons, >= 0.

    Returns
    -------
    (...) array in 0..1; 0 where fewer than two groups are present.

    References
    ----------
    Shannon (1948), section 6.
    """
    present = (column_totals(x) > 0).sum(axis=-1)
    return divide(diversity(x), np.log(np.maximum(present, 1)))


@index(
    "simpson_interaction",
    symbol="I",
    family="composition",
    groups="many",
    verdict="recommended",
    because="It reads as a chance: two people taken at random belong to different groups.",
    oracle="PySAL segregation 2.5.4 SimpsonsInteraction; OasisR 3.1.1 ISimpson",
    peers=("PySAL SimpsonsInteraction", "OasisR ISimpson"),
    explain=Explain(
        title="Simpson's interaction",
        one_line="How often do two people taken at random belong to different groups?",
        low="At 0 everybody belongs to one group.",
        high="It comes near 1 with many groups of the same size.",
        ask_next=("How much lower is it inside the zones? Relative diversity tells.",),
        pitfalls=(NO_ZONES,),
        not_for="Do not read it as contact between people.",
        example="Two groups of the same size give 0.50.",
        citations=(SIMPSON, REARDON_FIREBAUGH),
    ),
    laws=CITY,
)
def simpson_interaction(x: Floats) -> Floats:
    r"""Simpson's interaction index of the city :math:`\sum_g P_g (1 - P_g)`.

    Parameters
    ----------
    x : (..., Z, G) array
        Persons, >= 0.

    Returns
    -------
    (...) array in 0..1.

    References
    ----------
    Reardon and Firebaugh (2002), page 37, eq. 1.
    """
    p = shares(column_totals(x))
    out: Floats = (p * (1 - p)).sum(axis=-1)
    return out


@index(
    "simpson_concentration",
    symbol="λ",
    family="composition",
    groups="many",
    verdict="legacy",
    because="It is 1 minus Simpson's interaction and tells nothing more.",
    oracle="PySAL segregation 2.5.4 SimpsonsConcentration",
    peers=("PySAL SimpsonsConcentration",),
    explain=Explain(
        title="Simpson's concentration",
        one_line="How often do two people taken at random belong to the same group?",
        low="It comes near 0 with many groups of the same size.",
        high="At 1 everybody belongs to one group.",
        ask_next=("How much higher is it inside the zones? Isolation tells.",),
        pitfalls=(NO_ZONES,),
        not_for="Do not read it as separation: a mixed city with one large group has a high value.",
        example="Two groups of the same size give 0.50.",
        citations=(SIMPSON,),
    ),
    laws=CITY,
)
def simpson_concentration(x: Floats) -> Floats:
    r"""Simpson's concentration index of the city :math:`\sum_g P_g^2`.

    Parameters
    ----------
    x : (..., Z, G) array
        Persons, >= 0.

    Returns
    -------
    (...) array in 0..1; 0 where nobody is.

    References
    ----------
    Simpson (1949), page 688.
    """
    p = shares(column_totals(x))
    out: Floats = (p * p).sum(axis=-1)
    return out


@index(
    "relative_diversity",
    symbol="R",
    family="exposure",
    groups="many",
    verdict="recommended",
    because="It reads as a chance and adds up over districts, as H does, without logarithms.",
    oracle="PySAL segregation 2.5.4 MultiRelativeDiversity; OasisR 3.1.1 RelDivers",
    peers=("PySAL MultiRelativeDiversity", "OasisR RelDivers", "seg spseg R"),
    explain=Explain(
        title="Relative diversity (R)",
        one_line="How much less often do two people of one zone differ in group than two people of the city?",
        low="Near 0 the average zone is as mixed as the city.",
        high="At 1 every zone holds one group only.",
        ask_next=("Which groups drive it? Large groups weigh most.",),
        pitfalls=("A small group hardly moves it, however apart it lives.",),
        not_for="Do not use it alone where the groups of concern are small.",
        example="If two people differ with chance 0.45 in the city and 0.44 in their zone, it is about 0.02.",
        citations=(REARDON_FIREBAUGH,),
    ),
    laws=EVEN,
)
def relative_diversity(x: Floats) -> Floats:
    r"""Relative diversity :math:`R = \sum_{ig} n_i (p_{ig} - P_g)^2 / (N I)`, I Simpson's interaction.

    Parameters
    ----------
    x : (..., Z, G) array
        Persons, >= 0.

    Returns
    -------
    (...) array in 0..1; 0 where fewer than two groups are present.

    References
    ----------
    Reardon and Firebaugh (2002), table 2 (R).
    """
    gap, people, p = _gaps(x)
    return divide(gap.sum(axis=-1), people * (p * (1 - p)).sum(axis=-1))


@index(
    "squared_coefficient_of_variation",
    symbol="C",
    family="evenness",
    groups="many",
    verdict="legacy",
    because="It rests on averages of ratios to group size, so the smallest group dominates it.",
    oracle="PySAL segregation 2.5.4 MultiSquaredCoefVar; OasisR 3.1.1 CMulti",
    peers=("PySAL MultiSquaredCoefVar", "OasisR CMulti"),
    explain=Explain(
        title="Squared coefficient of variation (C)",
        one_line="How much do the shares of the groups vary over zones, each beside its share of the city?",
        low="Near 0 every zone has the city's mix.",
        high="At 1 every zone holds one group only.",
        ask_next=("How large is the smallest group? It weighs as much as the largest.",),
        pitfalls=("A group of a few dozen people can decide the value.",),
        not_for="Do not use it where one of the groups is tiny.",
        example="With two groups it equals the variance ratio V.",
        citations=(REARDON_FIREBAUGH,),
    ),
    laws=EVEN,
)
def squared_coefficient_of_variation(x: Floats) -> Floats:
    r"""Squared coefficient of variation :math:`C = \sum_{ig} n_i (p_{ig} - P_g)^2 / (N (G - 1) P_g)`.

    G counts the groups that are present, so an absent group changes nothing.

    Parameters
    ----------
    x : (..., Z, G) array
        Persons, >= 0.

    Returns
    -------
    (...) array in 0..1; 0 where fewer than two groups are present.

    References
    ----------
    Reardon and Firebaugh (2002), table 2 (C).
    """
    gap, people, p = _gaps(x)
    others = np.maximum((p > 0).sum(axis=-1) - 1, 0)
    return divide(divide(gap, p).sum(axis=-1), people * others)


def _gaps(x: Floats) -> tuple[Floats, Floats, Floats]:
    """Σ n (p − P)² of each group, everyone, and the shares of the city."""
    x = np.asarray(x, dtype=np.float64)
    n, p = zone_totals(x), shares(column_totals(x))
    gap = (x - n[..., None] * p[..., None, :]) ** 2
    return column_totals(divide(gap, n[..., None])), n.sum(axis=-1), p
