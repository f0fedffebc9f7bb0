"""Where: indices with one value for each zone, beside the local score and the location quotient."""

from __future__ import annotations

import numpy as np

from isopolis.explain import Explain

from ..arrays import Floats, column_totals, divide, entropy, shares
from ..spec import index
from .diversity import SHANNON, SIMPSON, _log_groups
from .sources import REARDON_FIREBAUGH

__all__ = [
    "local_diversity",
    "local_normalised_diversity",
    "local_simpson_concentration",
    "local_simpson_interaction",
]

LAWS = ("zone-order", "group-order", "scale", "empty-zone", "absent-group", "bounded")
SMALL = "In a zone with few people the mix is decided by chance."
NOT_FOR = "Do not publish it as a list of good and bad areas."


@index(
    "local_diversity",
    symbol="Ei",
    family="local",
    kind="local",
    groups="many",
    unit="nats",
    verdict="recommended",
    because="Its mean over people is what H compares with the diversity of the city.",
    oracle=(
        "PySAL segregation 2.5.4 MultiLocalDiversity; "
        "definition by a loop; H = 1 − mean / diversity of the city"
    ),
    peers=("PySAL MultiLocalDiversity", "OasisR LShannon"),
    maximum=_log_groups,
    explain=Explain(
        title="Diversity of a zone",
        one_line="How many groups live in this zone, and how even are they in size?",
        low="At 0 one group lives there.",
        high="It is highest when all groups of the city are of the same size there.",
        ask_next=("Is the zone more or less mixed than the city?",),
        pitfalls=(SMALL, "A zone can be mixed and still unlike the city. The local score tells."),
        not_for=NOT_FOR,
        example="A zone with two groups of the same size has 0.69, whichever groups they are.",
        citations=(SHANNON, REARDON_FIREBAUGH),
    ),
    laws=LAWS,
)
def local_diversity(x: Floats) -> Floats:
    r"""Shannon diversity of each zone :math:`-\sum_g p_{ig} \ln p_{ig}`, in nats.

    Parameters
    ----------
    x : (..., Z, G) array
        Persons, >= 0.

    Returns
    -------
    (..., Z) array, >= 0; 0 for an empty zone.

    References
    ----------
    Shannon (1948), section 6; Reardon and Firebaugh (2002), page 37.
    """
    return np.maximum(entropy(shares(x)), 0)


@index(
    "local_normalised_diversity",
    symbol="Ji",
    family="local",
    kind="local",
    groups="many",
    verdict="recommended",
    because="The only local diversity that can be compared between different numbers of groups.",
    oracle="PySAL segregation 2.5.4 MultiLocalEntropy; definition by a loop",
    peers=("PySAL MultiLocalEntropy", "OasisR HLoc"),
    explain=Explain(
        title="Diversity of a zone, from 0 to 1",
        one_line="How close is this zone to having all groups of the city in the same number?",
        low="At 0 one group lives there.",
        high="At 1 all groups of the city are of the same size there.",
        ask_next=("Is the zone more or less mixed than the city?",),
        pitfalls=(SMALL, "Groups with nobody in the whole city are not counted."),
        not_for=NOT_FOR,
        example="With two groups of 90 and 10 percent a zone has 0.47.",
        citations=(SHANNON,),
    ),
    laws=LAWS,
)
def local_normalised_diversity(x: Floats) -> Floats:
    """Shannon diversity of each zone over the logarithm of the number of groups in the city.

    Parameters
    ----------
    x : (..., Z, G) array
        Persons, >= 0.

    Returns
    -------
    (..., Z) array in 0..1; 0 for an empty zone or fewer than two groups in the city.

    References
    ----------
    Shannon (1948), section 6.
    """
    present = (column_totals(x) > 0).sum(axis=-1)[..., None]
    return divide(local_diversity(x), np.log(np.maximum(present, 1)))


@index(
    "local_simpson_interaction",
    symbol="Ii",
    family="local",
    kind="local",
    groups="many",
    verdict="recommended",
    because="It reads as a chance: two people of the zone belong to different groups.",
    oracle=(
        "PySAL segregation 2.5.4 MultiLocalSimpsonInteraction; "
        "definition by a loop; R = 1 − mean / interaction of the city"
    ),
    peers=("PySAL MultiLocalSimpsonInteraction", "OasisR LSimpson"),
    explain=Explain(
        title="Simpson's interaction of a zone",
        one_line="How often do two people of this zone belong to different groups?",
        low="At 0 one group lives there.",
        high="It comes near 1 with many groups of the same size.",
        ask_next=("Is it higher or lower than in the city?",),
        pitfalls=(SMALL,),
        not_for=NOT_FOR,
        example="A zone with two groups of the same size has 0.50.",
        citations=(SIMPSON, REARDON_FIREBAUGH),
    ),
    laws=LAWS,
)
def local_simpson_interaction(x: Floats) -> Floats:
    r"""Simpson's interaction of each zone :math:`\sum_g p_{ig} (1 - p_{ig})`.

    Parameters
    ----------
    x : (..., Z, G) array
        Persons, >= 0.

    Returns
    -------
    (..., Z) array in 0..1; 0 for an empty zone.

    References
    ----------
    Simpson (1949), page 688; Reardon and Firebaugh (2002), page 37.
    """
    p = shares(x)
    out: Floats = (p * (1 - p)).sum(axis=-1)
    return out


@index(
    "local_simpson_concentration",
    symbol="λi",
    family="local",
    kind="local",
    groups="many",
    verdict="legacy",
    because="It is 1 minus Simpson's interaction of the zone and tells nothing more.",
    oracle="PySAL segregation 2.5.4 MultiLocalSimpsonConcentration; definition by a loop",
    peers=("PySAL MultiLocalSimpsonConcentration",),
    explain=Explain(
        title="Simpson's concentration of a zone",
        one_line="How often do two people of this zone belong to the same group?",
        low="It comes near 0 with many groups of the same size.",
        high="At 1 one group lives there.",
        ask_next=("Is it higher or lower than in the city?",),
        pitfalls=(SMALL,),
        not_for=NOT_FOR,
        example="A zone with two groups of the same size has 0.50.",
        citations=(SIMPSON,),
    ),
    laws=LAWS,
)
def local_simpson_concentration(x: Floats) -> Floats:
    r"""Simpson's concentration of each zone :math:`\sum_g p_{ig}^2`.

    Parameters
    ----------
    x : (..., Z, G) array
        Persons, >= 0.

    Returns
    -------
    (..., Z) array in 0..1; 0 for an empty zone.

    References
    ----------
    Simpson (1949), page 688.
    """
    p = shares(np.asarray(x, dtype=np.float64))
    out: Floats = (p * p).sum(axis=-1)
    return out
