"""How much a zone tells about its people: mutual information M and Theil's H."""

from __future__ import annotations

import numpy as np
from scipy.special import xlogy

from isopolis.explain import Citation, Explain

from . import null_mean, null_sd
from .arrays import Floats, column_totals, divide, entropy, grand_total, shares, zone_totals
from .spec import measure

__all__ = ["information_theory", "most_information", "mutual_information"]

THEIL = Citation(
    "Theil, H. and Finizza, A. J.", 1971, "A note on the measurement of racial integration of schools",
    "Journal of Mathematical Sociology 1(2), 187-193",
)  # fmt: skip
MORA = Citation(
    "Mora, R. and Ruiz-Castillo, J.", 2011, "Entropy-based segregation indices",
    "Sociological Methodology 41(1), 159-194",
)  # fmt: skip
REARDON_FIREBAUGH = Citation(
    "Reardon, S. F. and Firebaugh, G.", 2002, "Measures of multigroup segregation",
    "Sociological Methodology 32, 33-67", "table 2",
)  # fmt: skip


def most_information(x: Floats) -> float:
    """Largest M possible with these group totals: the entropy of the groups, in nats."""
    return float(entropy(shares(column_totals(x))))


@measure(
    "mutual_information",
    because="It adds up exactly over districts, groups and dates.",
    oracle="elbersb 1.1.0.9000 mutual_total (M); PySAL segregation 2.5.4 MultiDivergence",
    peers=("elbersb mutual_total (M)", "PySAL MultiDivergence"),
    symbol="M",
    family="information",
    unit="nats",
    explain=Explain(
        title="Mutual information (M)",
        one_line="How much does knowing somebody's zone tell about the group they belong to?",
        low="At 0 the zone tells nothing: every zone has the city's mix.",
        high=(
            "The largest value possible means that the zone gives the group away. That limit depends "
            "on the groups."
        ),
        ask_next=(
            "How much of it lies between districts, and how much inside them? The parts add up exactly.",
            "Which zones contribute most?",
        ),
        pitfalls=(
            (
                "Its largest value depends on how many groups there are and how large. Use H to "
                "compare dimensions."
            ),
            "Many small zones raise it by chance alone.",
        ),
        not_for="Do not compare it between cities with other groups or categories.",
        example=(
            "If it is 0.10 in all and 0.07 between districts, then 70 percent of the separation lies "
            "between districts."
        ),
        citations=(MORA,),
    ),
    laws=(
        "zone-order", "group-order", "scale", "split", "merge", "empty-zone", "absent-group",
        "zero-when-even", "one-when-apart", "bounded", "adds-up",
    ),
    say=(
        "Knowing the zone tells {excess_percent} of all there is to know about {group}, beyond what "
        "chance tells."
    ),
    maximum=most_information,
    expected=null_mean.mutual_information,
    sd=null_sd.mutual_information,
)  # fmt: skip
def mutual_information(x: Floats) -> Floats:
    r"""Mutual information of zone and group, in nats.

    :math:`M = \frac1N [\sum_{ig} x \ln x - \sum_i n_i \ln n_i - \sum_g X_g \ln X_g + N \ln N]`.

    Parameters
    ----------
    x : (..., Z, G) array
        Persons, >= 0.

    Returns
    -------
    (...) array, >= 0.

    References
    ----------
    Mora and Ruiz-Castillo (2011), eq. 3.
    """
    x = np.asarray(x, dtype=np.float64)
    n, p = zone_totals(x), shares(column_totals(x))
    # relative to the even table, so that an even table gives 0 and not a rounding error
    even = n[..., None] * p[..., None, :]
    total = grand_total(xlogy(x, divide(x, even)))
    return np.maximum(divide(total, n.sum(axis=-1)), 0)


@measure(
    "information_theory",
    because="One share for all groups at once that adds up over districts.",
    oracle="elbersb 1.1.0.9000 mutual_total (H); PySAL segregation 2.5.4 Entropy, MultiInfoTheory",
    peers=(
        "elbersb mutual_total (H)", "PySAL Entropy",
        "PySAL MultiInfoTheory", "OasisR HTheil", "OasisR HMulti",
    ),
    symbol="H",
    family="information",
    explain=Explain(
        title="Information theory index (H)",
        one_line="How much less mixed is the average zone than the city as a whole?",
        low="Near 0 the average zone is as mixed as the city.",
        high="Near 1 every zone holds one group only.",
        ask_next=(
            "At which distance does it fall? Small pockets and large quarters call for other policies.",
            "Which group is the most apart? Look at each group against the rest.",
        ),
        pitfalls=(
            "It is above 0 by chance alone, more so where zones or groups are small.",
            "A value of 0.10 is not small: H runs lower than dissimilarity for the same city.",
        ),
        not_for="Do not read it as a share of people who would have to move. Dissimilarity says that.",
        example="A value of 0.10 means that the average zone has 10 percent less variety than the city.",
        citations=(THEIL, REARDON_FIREBAUGH),
    ),
    laws=(
        "zone-order", "group-order", "scale", "split", "merge", "empty-zone", "absent-group",
        "zero-when-even", "one-when-apart", "bounded", "adds-up",
    ),
    say=(
        "Counting only {group} and everyone else, the average zone is {percent} less mixed than {whole}. "
        "Chance alone would give {expected_percent}."
    ),
    say_all=(
        "By {group}, the average zone is {percent} less mixed than {whole}. "
        "Chance alone would give {expected_percent}."
    ),
    expected=null_mean.information_theory,
    sd=null_sd.information_theory,
)  # fmt: skip
def information_theory(x: Floats) -> Floats:
    """Theil's information theory index H = M / entropy of the groups.

    Parameters
    ----------
    x : (..., Z, G) array
        Persons, >= 0.

    Returns
    -------
    (...) array in 0..1; 0 where fewer than two groups are present.

    References
    ----------
    Theil and Finizza (1971); Reardon and Firebaugh (2002), table 2.
    """
    return divide(mutual_information(x), entropy(shares(column_totals(x))))
