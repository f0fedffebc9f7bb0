"""Segregation along an order: income, age, years of residence."""

from __future__ import annotations

from math import comb

import numpy as np
from scipy.special import xlogy

from isopolis.explain import Citation, Explain

from . import null_mean
from .arrays import Floats, column_totals, divide, shares, zone_totals
from .spec import measure

__all__ = ["ordinal_information_theory", "rank_order_information_theory"]

REARDON_2009 = Citation(
    "Reardon, S. F.", 2009, "Measures of ordinal segregation", "Research on Economic Inequality 17, 129-155"
)
REARDON_2011 = Citation(
    "Reardon, S. F.", 2011, "Measures of income segregation",
    "CEPA Working Paper, Stanford University", "eqs. 7-13",
)  # fmt: skip

ORDER = 4
"""Largest order of the polynomial through H at the thresholds (Reardon 2011)."""


def _binary_entropy(c: Floats) -> Floats:
    out: Floats = -xlogy(c, c) - xlogy(1 - c, 1 - c)
    return out


def _below(x: Floats) -> Floats:
    """(..., Z, K) → (..., Z, K-1) persons at or below each threshold."""
    out: Floats = np.cumsum(x, axis=-1)[..., :-1]
    return out


def _threshold_information(x: Floats) -> Floats:
    """(..., Z, K) → (..., K-1): M in nats of below against above each threshold."""
    x = np.asarray(x, dtype=np.float64)
    below, n = _below(x), zone_totals(x)[..., None]
    share = divide(below, np.broadcast_to(n, below.shape))
    city = divide(below.sum(axis=-2), n.sum(axis=-2))
    inside = divide((n * _binary_entropy(share)).sum(axis=-2), n.sum(axis=-2))
    return np.maximum(_binary_entropy(city) - inside, 0)


def ordinal_weights(columns: Floats) -> Floats:
    """(..., K) column totals → (..., K-1) weights of M at each threshold."""
    top = _binary_entropy(np.cumsum(shares(columns), axis=-1)[..., :-1])
    return np.broadcast_to(divide(1.0, top.sum(axis=-1, keepdims=True)), top.shape)


def moment(m: int) -> float:
    """Mean of p**m with the density 2 E(p), E the binary entropy in nats (Reardon 2011, eq. 13)."""
    return 2 * (1 / (m + 2) ** 2 + sum((-1.0) ** j * comb(m, j) / (j + 2) ** 2 for j in range(m + 1)))


def rank_order_weights(columns: Floats) -> Floats:
    """(..., K) column totals → (..., K-1) weights of M at each threshold.

    H at the thresholds is fitted by a polynomial in the rank, weighted by E(p)²,
    and its mean over ranks is linear in the fitted values.
    """
    p = np.cumsum(shares(columns), axis=-1)[..., :-1]
    e = np.maximum(_binary_entropy(p), 0)
    order = min(ORDER, p.shape[-1] - 1)
    powers = p[..., None] ** np.arange(order + 1)
    solve = np.linalg.pinv(powers * e[..., None], rcond=1e-10)  # (..., order + 1, K - 1)
    moments = np.array([moment(m) for m in range(order + 1)])
    on_h = np.einsum("m,...mk->...k", moments, solve) * e
    return divide(on_h, e)


def _expected(x: Floats, weights: Floats) -> float:
    table = null_mean.whole(x)
    below, n = _below(table), zone_totals(table)[:, None]
    means = [null_mean.mutual_information(np.stack([b, n[:, 0] - b], axis=1)) for b in below.T]
    return float(np.asarray(means) @ weights)


@measure(
    "ordinal_information_theory",
    groups="many",
    because="It respects the order of steps and adds up as H does.",
    oracle="OasisR 3.1.1 ordinalseg on GreHSize; mean of H over thresholds by a loop",
    peers=("OasisR ordinalseg (1st)",),
    symbol="HO",
    family="ordinal",
    kind="ordered",
    explain=Explain(
        title="Ordinal information theory index",
        one_line=(
            "How much less varied is the average zone than the city, along an order such as age or "
            "schooling?"
        ),
        low="Near 0 the average zone has the same range from low to high as the city.",
        high="Near 1 every zone holds one step of the order only.",
        ask_next=("At which step is the separation strongest: among the lowest, the middle or the highest?",),
        pitfalls=(
            "It takes the steps as equally far apart. Other steps give another value.",
            "It is above 0 by chance alone, more so where zones are small.",
        ),
        not_for="Do not compare two cities whose steps are not the same.",
        example=(
            "People next to each other on the ladder count as less different than people far apart on"
            " it."
        ),
        citations=(REARDON_2009,),
    ),
    laws=(
        "zone-order", "scale", "split", "merge", "empty-zone", "zero-when-even", "one-when-apart",
        "bounded",
    ),
    say=(
        "Along {group}, the average zone has {percent} less variety than the city. Chance alone would"
        " give {expected_percent}."
    ),
    expected=lambda x: _expected(x, ordinal_weights(column_totals(x))),
)  # fmt: skip
def ordinal_information_theory(x: Floats) -> Floats:
    """Ordinal information theory index H^O.

    Parameters
    ----------
    x : (..., Z, K) array
        Persons by category in rising order, K >= 3.

    Returns
    -------
    (...) array in 0..1.

    References
    ----------
    Reardon (2009), H^O.
    """
    out: Floats = (_threshold_information(x) * ordinal_weights(column_totals(x))).sum(axis=-1)
    return out


@measure(
    "rank_order_information_theory",
    groups="many",
    because="It does not depend on where the steps of income or age were cut.",
    oracle="Reardon's integral by quadrature; OasisR 3.1.1 rankorderseg (its fit is unweighted)",
    peers=("OasisR rankorderseg Hr",),
    symbol="HR",
    family="ordinal",
    kind="ordered",
    explain=Explain(
        title="Rank-order information theory index",
        one_line=(
            "How separately do people of different rank live, whatever the steps in which rank was counted?"
        ),
        low="Near 0 every zone has people of all ranks as the city has.",
        high="Near 1 zones hold people of one rank only.",
        ask_next=(
            "Is the separation stronger among the poorest or among the richest? Look at H at each threshold.",
            "Is it the same for families with children as for everybody?",
        ),
        pitfalls=(
            (
                "It is a curve drawn through a few thresholds. With fewer than five steps it says "
                "little more than H."
            ),
            "Ranks are those of this city: a rich city and a poor city may have the same value.",
        ),
        not_for="Do not read it as inequality of incomes: it says who lives apart, not how much they earn.",
        example=(
            "With tenths of income, it sums up nine comparisons: the poorest tenth against the rest, "
            "and so on."
        ),
        citations=(REARDON_2011,),
    ),
    laws=("zone-order", "scale", "split", "empty-zone", "zero-when-even"),
    say=(
        "By rank of {group}, the average zone has {less} variety than the city. Chance alone would give"
        " {expected_percent}."
    ),
    expected=lambda x: _expected(x, rank_order_weights(column_totals(x))),
)
def rank_order_information_theory(x: Floats) -> Floats:
    r"""Rank-order information theory index :math:`H^R = 2 \int_0^1 E(p) H(p) dp`.

    H(p) is fitted by a polynomial of order min(4, K − 2) through the K − 1 thresholds.

    Parameters
    ----------
    x : (..., Z, K) array
        Persons by category in rising order, K >= 3.

    Returns
    -------
    (...) array, about 0..1.

    References
    ----------
    Reardon (2011), eqs. 7-13.
    """
    out: Floats = (_threshold_information(x) * rank_order_weights(column_totals(x))).sum(axis=-1)
    return out
