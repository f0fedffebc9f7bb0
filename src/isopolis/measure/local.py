"""Where: one value for each zone."""

from __future__ import annotations

import numpy as np
from scipy.special import xlogy

from isopolis.explain import Citation, Explain

from . import null_mean
from .arrays import Floats, column_totals, divide, shares, zone_totals
from .spec import measure

__all__ = ["local_mutual_information", "location_quotient"]

ALONSO = Citation(
    "Alonso-Villar, O. and Del Rio, C.", 2010, "Local versus overall segregation measures",
    "Mathematical Social Sciences 60(1), 30-38",
)  # fmt: skip
ISARD = Citation("Isard, W.", 1960, "Methods of regional analysis", "MIT Press", "chapter 7")


def _widest(table: Floats) -> float:
    p = shares(column_totals(table))
    return float(-np.log(p[p > 0].min())) if (p > 0).any() else 0.0


def _largest_quotient(table: Floats) -> float:
    p = shares(column_totals(table))
    return float(1 / p[p > 0].min()) if (p > 0).any() else 0.0


@measure(
    "local_mutual_information",
    groups="many",
    because="The scores of zones average to M, so that a map and the city's number agree.",
    oracle="elbersb 1.1.0.9000 mutual_local",
    peers=("elbersb mutual_local",),
    symbol="Li",
    family="local",
    kind="local",
    unit="nats",
    explain=Explain(
        title="Local segregation score",
        one_line="How different is the mix of this zone from the mix of the city?",
        low="At 0 the zone is a small copy of the city.",
        high="A high value means that the zone holds other groups than the city does, whichever they are.",
        ask_next=(
            "Which groups are more, and which fewer, than in the city? Look at the location quotients.",
            "Is the zone large? Its weight in the city's value is the score times its people.",
        ),
        pitfalls=(
            (
                "A zone with few people gets a high score by chance. Compare it with what chance "
                "gives for its size."
            ),
            "It says different, not bad: a zone of students stands out as well.",
        ),
        not_for="Do not publish it as a list of problem areas.",
        example=(
            "The scores of all zones, weighted by their people, average to the city's mutual "
            "information."
        ),
        citations=(ALONSO,),
    ),
    laws=(
        "zone-order", "group-order", "scale", "absent-group", "zero-when-even", "adds-up", "bounded",
    ),
    say=(
        "By {group}, the mix of this zone is unlike the city's: "
        "score {value}, where chance gives {expected}."
    ),
    maximum=_widest,
)  # fmt: skip
def local_mutual_information(x: Floats) -> Floats:
    r"""Local score of each zone: :math:`L_i = \sum_g p_{ig} \ln(p_{ig}/P_g)`, in nats.

    Parameters
    ----------
    x : (..., Z, G) array
        Persons, >= 0.

    Returns
    -------
    (..., Z) array, >= 0; 0 for an empty zone. :math:`M = \sum_i n_i L_i / N`.

    References
    ----------
    Alonso-Villar and Del Rio (2010), in the form for units.
    """
    x = np.asarray(x, dtype=np.float64)
    mix, p = shares(x), shares(column_totals(x))[..., None, :]
    scores: Floats = np.maximum(xlogy(mix, divide(mix, np.broadcast_to(p, mix.shape))).sum(axis=-1), 0)
    return scores


@measure(
    "location_quotient",
    groups="many",
    because="The simplest map of where a group lives.",
    oracle="PySAL segregation 2.5.4 MultiLocationQuotient; definition by a loop",
    peers=("PySAL MultiLocationQuotient", "OasisR LQ"),
    symbol="LQ",
    family="local",
    kind="local",
    unit="ratio",
    explain=Explain(
        title="Location quotient (LQ)",
        one_line="How many times the city's share does the group have in this zone?",
        low="At 0 nobody of the group lives in the zone.",
        high="At 2 the group's share in the zone is twice that of the city.",
        ask_next=("How many people is that? A quotient of 4 may be four persons.",),
        pitfalls=(
            "For a rare group small numbers of people make large quotients.",
            "A quotient of 1 means the same share as the city, not the same number of people.",
        ),
        not_for="Do not average it over zones of different size.",
        example="Where 10 percent of the zone and 5 percent of the city are over 80, the quotient is 2.",
        citations=(ISARD,),
    ),
    laws=("zone-order", "scale", "bounded"),
    say="The share of {group} in this zone is {value} times that of the city.",
    maximum=_largest_quotient,
)
def location_quotient(x: Floats) -> Floats:
    """Location quotient of every group in every zone.

    Parameters
    ----------
    x : (..., Z, G) array
        Persons, >= 0.

    Returns
    -------
    (..., Z, G) array, >= 0; 0 for an empty zone or an absent group.

    References
    ----------
    Isard (1960), chapter 7.
    """
    x = np.asarray(x, dtype=np.float64)
    mix = shares(x)
    return divide(mix, np.broadcast_to(shares(column_totals(x))[..., None, :], mix.shape))


def local_expected(x: Floats) -> Floats:
    """(Z,) chance means of the local score; see `null_mean.local_mutual_information`."""
    return null_mean.local_mutual_information(x)


def contribution(x: Floats) -> Floats:
    """(..., Z) share of the city's M that each zone contributes; 0 everywhere when M is 0."""
    weighted = zone_totals(x) * local_mutual_information(x)
    return divide(weighted, weighted.sum(axis=-1, keepdims=True))
