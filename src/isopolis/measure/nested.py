"""Zones within districts: how much separation lies between, how much within."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from isopolis.explain import Citation, Explain

from . import null_mean, null_sd
from .arrays import Floats
from .information import most_information, mutual_information
from .spec import measure

__all__ = ["mutual_information_between", "mutual_information_within", "together"]

THEIL_FINIZZA = Citation(
    "Theil, H. and Finizza, A. J.", 1971, "A note on the measurement of racial integration of schools",
    "Journal of Mathematical Sociology 1(2), 187-193",
)  # fmt: skip
MORA = Citation(
    "Mora, R. and Ruiz-Castillo, J.", 2011, "Entropy-based segregation indices",
    "Sociological Methodology 41(1), 159-194", "eq. 6",
)  # fmt: skip

Codes = npt.NDArray[np.integer]


def together(x: Floats, parents: Codes) -> Floats:
    """Add zones up to their parents.

    Parameters
    ----------
    x : (..., Z, G) array
    parents : (Z,) array of int
        0..P-1, the parent of each zone.

    Returns
    -------
    (..., P, G) array
    """
    x = np.asarray(x, dtype=np.float64)
    out = np.zeros((*x.shape[:-2], int(parents.max()) + 1 if len(parents) else 0, x.shape[-1]))
    np.add.at(np.moveaxis(out, -2, 0), parents, np.moveaxis(x, -2, 0))
    return out


def _within_sd(x: Floats, parents: Codes) -> float:
    # under chance the two parts are asymptotically independent: their variances add up to that of M
    total, between = null_sd.mutual_information(x), null_sd.mutual_information(together(x, parents))
    return float(np.sqrt(max(total**2 - between**2, 0.0)))


@measure(
    "mutual_information_between",
    groups="many",
    needs=("parents",),
    because="It says at which level of the city the separation lies.",
    oracle="elbersb 1.1.0.9000 mutual_total_nested",
    peers=("elbersb mutual_total_nested",),
    symbol="M between",
    family="nested",
    kind="nested",
    unit="nats",
    explain=Explain(
        title="Separation between districts",
        one_line="How much of the separation would be left if every district were mixed inside?",
        low="At 0 the districts are alike: people live apart inside them, if at all.",
        high="Close to the city's M the districts are the whole story.",
        ask_next=("Who decides on homes and schools in the districts that differ most?",),
        pitfalls=("Districts are administrative lines. Lines drawn elsewhere give another split.",),
        not_for="Do not compare the shares of two cities with very different numbers of districts.",
        example="Of a total of 0.10, 0.06 between districts means 60 percent.",
        citations=(THEIL_FINIZZA, MORA),
    ),
    laws=(
        "zone-order",
        "group-order",
        "scale",
        "split",
        "empty-zone",
        "absent-group",
        "zero-when-even",
        "adds-up",
        "bounded",
    ),
    say="{share_percent} of the separation by {group} lies between the areas of the level “{scale}”.",
    maximum=most_information,
    expected=lambda x, parents: null_mean.mutual_information(together(x, parents)),
    sd=lambda x, parents: null_sd.mutual_information(together(x, parents)),
)
def mutual_information_between(x: Floats, parents: Codes) -> Floats:
    """M of the parents' table, in nats.

    Parameters
    ----------
    x : (..., Z, G) array
    parents : (Z,) array of int

    References
    ----------
    Mora and Ruiz-Castillo (2011), eq. 6.
    """
    out: Floats = mutual_information(together(x, parents))
    return out


@measure(
    "mutual_information_within",
    groups="many",
    needs=("parents",),
    because="It says at which level of the city the separation lies.",
    oracle="elbersb 1.1.0.9000 mutual_total_nested",
    peers=("elbersb mutual_within",),
    symbol="M within",
    family="nested",
    kind="nested",
    unit="nats",
    explain=Explain(
        title="Separation inside districts",
        one_line="How much of the separation lies between zones of the same district?",
        low="At 0 every district is evenly mixed inside.",
        high="Close to the city's M the districts are alike and all separation is inside them.",
        ask_next=("Which district is the most divided inside?",),
        pitfalls=("Smaller zones raise this part by chance. Read it beside what chance gives.",),
        not_for="Do not compare the shares of two cities with very different numbers of districts.",
        example="Of a total of 0.10, 0.04 inside districts means 40 percent.",
        citations=(THEIL_FINIZZA, MORA),
    ),
    laws=(
        "zone-order",
        "group-order",
        "scale",
        "split",
        "merge",
        "empty-zone",
        "absent-group",
        "zero-when-even",
        "adds-up",
        "bounded",
    ),
    say="{share_percent} of the separation by {group} lies inside the areas of the level “{scale}”.",
    maximum=most_information,
    expected=lambda x, parents: max(
        null_mean.mutual_information(x) - null_mean.mutual_information(together(x, parents)), 0.0
    ),
    sd=_within_sd,
)
def mutual_information_within(x: Floats, parents: Codes) -> Floats:
    """People-weighted mean over parents of M inside each, in nats.

    Parameters
    ----------
    x : (..., Z, G) array
    parents : (Z,) array of int

    References
    ----------
    Mora and Ruiz-Castillo (2011), eq. 6.
    """
    out: Floats = np.maximum(mutual_information(x) - mutual_information_between(x, parents), 0)
    return out
