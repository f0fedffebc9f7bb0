"""How unevenly groups are spread over zones: D and Gini."""

from __future__ import annotations

import numpy as np

from isopolis.explain import Citation, Explain

from . import null_mean, null_sd
from .arrays import Floats, column_totals, divide, grand_total, shares, zone_totals
from .spec import measure

__all__ = ["dissimilarity", "gini"]

REARDON_FIREBAUGH = Citation(
    "Reardon, S. F. and Firebaugh, G.", 2002, "Measures of multigroup segregation",
    "Sociological Methodology 32, 33-67", "table 2",
)  # fmt: skip
DUNCAN = Citation(
    "Duncan, O. D. and Duncan, B.", 1955, "A methodological analysis of segregation indexes",
    "American Sociological Review 20(2), 210-217",
)  # fmt: skip


def _diversity(p: Floats) -> Floats:
    out: Floats = (p * (1 - p)).sum(axis=-1)
    return out


@measure(
    "dissimilarity",
    because="It is known everywhere and can be said in people; read it beside what chance gives.",
    oracle="PySAL segregation 2.5.4 Dissim, MultiDissim; elbersb 1.1.0.9000 dissimilarity; OasisR DMulti",
    peers=(
        "PySAL Dissim", "PySAL MultiDissim", "elbersb dissimilarity",
        "OasisR ISDuncan", "OasisR DIDuncan", "OasisR DMulti", "seg dissim",
    ),
    symbol="D",
    family="evenness",
    explain=Explain(
        title="Dissimilarity (D)",
        one_line="What share of a group would have to move to another zone to be spread like the others?",
        low="Near 0 the group lives in every zone in the same proportion as in the whole city.",
        high="Near 1 the group and the others share no zone at all.",
        ask_next=(
            "Which zones hold the group, and did people choose them or had no choice?",
            "Is the value still high when chance is taken away? Look at the excess.",
        ),
        pitfalls=(
            (
                "Small zones and small groups give a high value by chance alone. Read it beside what "
                "chance gives."
            ),
            "Zones drawn differently give another value. Compare cities only with zones of like size.",
            "It does not see which zones are neighbours.",
        ),
        not_for=(
            "Do not use it to decide who may live where: it counts distance from evenness, not a duty"
            " to move."
        ),
        example=(
                "A value of 0.30 for residents born abroad means that 30 of every 100 of them would "
                "have to move. "
            "Only then would every zone have the same share."
        ),
        citations=(DUNCAN, REARDON_FIREBAUGH),
    ),
    laws=(
        "zone-order", "group-order", "scale", "split", "merge", "empty-zone", "absent-group",
        "zero-when-even", "one-when-apart", "margin-free", "bounded",
    ),
    say=(
        "{percent} of {group} would have to move to another zone to be spread like {versus}. "
        "Chance alone would give {expected_percent}."
    ),
    say_all=(
            "By {group}, {percent} of the moves that would be needed in a completely divided city are"
            " needed here. "
        "Chance alone would give {expected_percent}."
    ),
    expected=null_mean.dissimilarity,
    sd=null_sd.dissimilarity,
)  # fmt: skip
def dissimilarity(x: Floats) -> Floats:
    r"""Dissimilarity of two or more groups.

    :math:`D = \sum_g \sum_i n_i |p_{ig} - P_g| / (2 N \sum_g P_g (1 - P_g))`;
    with two groups this is :math:`\tfrac12 \sum_i |x_i/X - y_i/Y|`.

    Parameters
    ----------
    x : (..., Z, G) array
        Persons, >= 0.

    Returns
    -------
    (...) array in 0..1; 0 where fewer than two groups are present.

    References
    ----------
    Reardon and Firebaugh (2002), table 2; Duncan and Duncan (1955).
    """
    x = np.asarray(x, dtype=np.float64)
    n, p = zone_totals(x), shares(column_totals(x))
    gap = grand_total(np.abs(x - n[..., None] * p[..., None, :]))
    return divide(gap, 2 * n.sum(axis=-1) * _diversity(p))


@measure(
    "gini",
    verdict="legacy",
    because="It ranks cities as D and H do, but nobody can picture it and it does not add up.",
    oracle="PySAL segregation 2.5.4 Gini, MultiGini; sum over pairs of zones by a loop",
    peers=("PySAL Gini", "PySAL MultiGini", "OasisR Gini", "OasisR Gini2", "OasisR GiniMulti"),
    symbol="G",
    family="evenness",
    explain=Explain(
        title="Gini index of segregation (G)",
        one_line="How different are the group's shares of any two zones, on average?",
        low="Near 0 every zone has the same share of the group.",
        high="Near 1 some zones hold the whole group and the others nobody of it.",
        ask_next=(
            "Is the difference made by a few zones or by many? Look at the map.",
            "Does dissimilarity tell the same story? If not, look at zones in the middle.",
        ),
        pitfalls=(
            "Like dissimilarity it is above 0 by chance alone, more so where zones are small.",
            "This is not the Gini index of incomes, although the arithmetic is the same.",
        ),
        not_for="Do not use it to compare a city counted by large zones with one counted by small zones.",
        example=(
            "Take two residents of the city at random: the index says how far apart the mixes of "
            "their zones lie."
        ),
        citations=(DUNCAN, REARDON_FIREBAUGH),
    ),
    laws=(
        "zone-order", "group-order", "scale", "split", "merge", "empty-zone", "absent-group",
        "zero-when-even", "one-when-apart", "margin-free", "bounded",
    ),
    say="Between two zones, the share of {group} differs by {percent} of the most possible, on average.",
    say_all="Between two zones, the mix by {group} differs by {percent} of the most possible, on average.",
)  # fmt: skip
def gini(x: Floats) -> Floats:
    r"""Gini index of segregation of two or more groups.

    :math:`G = \sum_g \sum_i \sum_j n_i n_j |p_{ig} - p_{jg}| / (2 N^2 \sum_g P_g(1-P_g))`,
    by sorting, in O(Z log Z) per group.

    Parameters
    ----------
    x : (..., Z, G) array
        Persons, >= 0.

    Returns
    -------
    (...) array in 0..1.

    References
    ----------
    Reardon and Firebaugh (2002), table 2.
    """
    x = np.asarray(x, dtype=np.float64)
    n = zone_totals(x)
    people = n.sum(axis=-1)
    spread = np.zeros(x.shape[:-2])
    groups = range(1) if x.shape[-1] == 2 else range(x.shape[-1])
    for g in groups:
        order = np.argsort(divide(x[..., g], n), axis=-1)
        size = np.take_along_axis(n, order, axis=-1)
        below = np.cumsum(size, axis=-1)
        members = np.take_along_axis(x[..., g], order, axis=-1)
        spread += 2 * (members * (2 * below - size - people[..., None])).sum(axis=-1)
    if x.shape[-1] == 2:
        spread *= 2
    return np.clip(divide(spread, 2 * people**2 * _diversity(shares(column_totals(x)))), 0, 1)
