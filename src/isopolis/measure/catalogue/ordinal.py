"""Separation along an order: the variants of the ordinal and of the rank-order index."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from isopolis.explain import Explain

from ..arrays import Floats, column_totals, divide, shares, zone_totals
from ..ordered import ORDER
from ..spec import index
from .sources import REARDON_2009, REARDON_2011

__all__ = [
    "ordinal_absolute",
    "ordinal_square_root",
    "ordinal_variation_ratio",
    "rank_order",
    "rank_order_square_root",
    "rank_order_variation_ratio",
]

Variety = Callable[[Floats], Floats]
LAWS = (
    "zone-order", "scale", "split", "merge", "empty-zone", "zero-when-even", "one-when-apart", "bounded",
)  # fmt: skip


def _quadratic(c: Floats) -> Floats:
    return 4 * c * (1 - c)


def _root(c: Floats) -> Floats:
    out: Floats = 2 * np.sqrt(np.maximum(c * (1 - c), 0))
    return out


def _absolute(c: Floats) -> Floats:
    out: Floats = 1 - np.abs(2 * c - 1)
    return out


def _thresholds(x: Floats, variety: Variety) -> tuple[Floats, Floats]:
    """(..., K-1) variety of the city at each threshold, and how much of it the zones take away."""
    x = np.asarray(x, dtype=np.float64)
    n = zone_totals(x)[..., None]
    below = np.cumsum(x, axis=-1)[..., :-1]
    people = n.sum(axis=-2)
    city = variety(divide(below.sum(axis=-2), people))
    inside = divide((n * variety(divide(below, n))).sum(axis=-2), people)
    # thresholds below or above which nobody is have no variety to lose
    return city, np.where(city > 1e-15, np.maximum(city - inside, 0), 0.0)


def _ordinal(x: Floats, variety: Variety) -> Floats:
    city, lost = _thresholds(x, variety)
    return np.clip(divide(lost.sum(axis=-1), city.sum(axis=-1)), 0, 1)


def rank_order(x: Floats, variety: Variety, moment: Callable[[int], float], weighted: bool = True) -> Floats:
    """∫ variety(p) index(p) dp / ∫ variety, the index at thresholds fitted by a polynomial in p.

    Weighted by variety², as Reardon (2011) has it, or all thresholds alike, as OasisR does.
    """
    city, lost = _thresholds(x, variety)
    p = np.cumsum(shares(column_totals(x)), axis=-1)[..., :-1]
    order = min(ORDER, p.shape[-1] - 1)
    powers = p[..., None] ** np.arange(order + 1)
    # a threshold without variety has nothing to fit
    weight = np.maximum(city, 0) if weighted else (city > 1e-15).astype(np.float64)
    solve = np.linalg.pinv(powers * weight[..., None], rcond=1e-10)
    moments = np.array([moment(m) for m in range(order + 1)])
    out: Floats = np.einsum("m,...mk,...k->...", moments, solve, weight * divide(lost, city))
    return out


def _quadratic_moment(m: int) -> float:
    """Mean of p**m with the density 6 p (1 − p)."""
    return 6 / ((m + 2) * (m + 3))


def _root_moment(m: int) -> float:
    """Mean of p**m with the density (8/π) √(p (1 − p)), that of Beta(3/2, 3/2)."""
    return float(np.prod([(1.5 + r) / (3 + r) for r in range(m)]))


def _words(title: str, one_line: str, pitfall: str, *sources: Any) -> Explain:
    return Explain(
        title=title,
        one_line=one_line,
        low="Near 0 the average zone has the same range from low to high as the city.",
        high="Near 1 every zone holds one step of the order only.",
        ask_next=("At which step is the separation strongest: among the lowest, the middle or the highest?",),
        pitfalls=(pitfall, "It is above 0 by chance alone, more so where zones are small."),
        not_for="Do not compare two cities whose steps are not the same.",
        example="People one step apart count as less different than people many steps apart.",
        citations=sources,
    )


@index(
    "ordinal_variation_ratio",
    symbol="RO",
    family="ordinal",
    kind="ordered",
    groups="many",
    verdict="recommended",
    because="The reading as a share of the spread is easier than that of the index with logarithms.",
    oracle="OasisR 3.1.1 ordinalseg on GreHSize; mean over thresholds by a loop",
    peers=("OasisR ordinalseg (2nd)",),
    explain=_words(
        "Ordinal variation ratio index",
        "What share of the spread along an order lies between zones?",
        "It takes the steps as equally far apart. Other steps give another value.",
        REARDON_2009,
    ),
    laws=LAWS,
)
def ordinal_variation_ratio(x: Floats) -> Floats:
    r"""Ordinal variation ratio index, with :math:`f(c) = 4c(1 - c)`.

    :math:`\sum_i n_i \sum_k [f(c_k) - f(c_{ik})] / (N \sum_k f(c_k))`, c the share at or
    below each threshold.

    Parameters
    ----------
    x : (..., Z, K) array
        Persons by category in rising order, K >= 2.

    Returns
    -------
    (...) array in 0..1.

    References
    ----------
    Reardon (2009), R^O.
    """
    return _ordinal(x, _quadratic)


@index(
    "ordinal_square_root",
    symbol="SO",
    family="ordinal",
    kind="ordered",
    groups="many",
    verdict="legacy",
    because="Thresholds that cut off very few people weigh almost as much as the one in the middle.",
    oracle="OasisR 3.1.1 ordinalseg on GreHSize; mean over thresholds by a loop",
    peers=("OasisR ordinalseg (3rd)",),
    explain=_words(
        "Ordinal square root index",
        "How far apart do people of different steps live, with rare steps weighed up?",
        "Steps with few people weigh almost as much as steps with many.",
        REARDON_2009,
    ),
    laws=LAWS,
)
def ordinal_square_root(x: Floats) -> Floats:
    r"""Ordinal square root index, with :math:`f(c) = 2\sqrt{c(1 - c)}`.

    Parameters
    ----------
    x : (..., Z, K) array
        Persons by category in rising order, K >= 2.

    Returns
    -------
    (...) array in 0..1.

    References
    ----------
    Reardon (2009), S^O.
    """
    return _ordinal(x, _root)


@index(
    "ordinal_absolute",
    symbol="LO",
    family="ordinal",
    kind="ordered",
    groups="many",
    verdict="legacy",
    because="It stays at 0 while the same half is the larger one in every zone, however unlike zones are.",
    oracle="OasisR 3.1.1 ordinalseg on GreHSize; mean over thresholds by a loop",
    peers=("OasisR ordinalseg (4th)",),
    explain=_words(
        "Ordinal absolute difference index",
        "How often is another half of the order the larger one in a zone than in the city?",
        "A value of 0 does not mean that zones are alike.",
        REARDON_2009,
    ),
    laws=LAWS,
)
def ordinal_absolute(x: Floats) -> Floats:
    r"""Ordinal absolute difference index, with :math:`f(c) = 1 - |2c - 1|`.

    Parameters
    ----------
    x : (..., Z, K) array
        Persons by category in rising order, K >= 2.

    Returns
    -------
    (...) array in 0..1.

    References
    ----------
    Reardon (2009), L^O.
    """
    return _ordinal(x, _absolute)


@index(
    "rank_order_variation_ratio",
    symbol="RR",
    family="ordinal",
    kind="ordered",
    groups="many",
    verdict="recommended",
    because="It does not depend on where the steps were cut and reads as a share of the spread in rank.",
    oracle="OasisR 3.1.1 rankorderseg (help page; its fit is unweighted); Reardon's integral by quadrature",
    peers=("OasisR rankorderseg Rr",),
    explain=_words(
        "Rank-order variation ratio index",
        "What share of the spread in rank lies between zones, whatever the steps in which it was counted?",
        "It is a curve drawn through a few thresholds. With fewer than five steps it says little.",
        REARDON_2011,
    ),
    laws=("zone-order", "scale", "split", "empty-zone", "zero-when-even"),
)
def rank_order_variation_ratio(x: Floats, weighted: bool = True) -> Floats:
    r"""Rank-order variation ratio index :math:`R^R = 6 \int_0^1 p(1-p) R(p) dp`.

    R(p), the variance ratio of people below and above rank p, is fitted by a polynomial
    of order min(4, K − 2) through the thresholds, weighted by the squared variety.

    Parameters
    ----------
    x : (..., Z, K) array
        Persons by category in rising order, K >= 2.
    weighted : bool
        Thresholds weigh in the fit by their squared variety (Reardon), or all alike (OasisR).

    Returns
    -------
    (...) array, about 0..1.

    References
    ----------
    Reardon (2011), eqs. 7-13, with the variance ratio in place of H.
    """
    return rank_order(x, _quadratic, _quadratic_moment, weighted)


@index(
    "rank_order_square_root",
    symbol="SR",
    family="ordinal",
    kind="ordered",
    groups="many",
    verdict="legacy",
    because="The highest and lowest ranks, where counts are smallest, weigh almost as much as the middle.",
    oracle="OasisR 3.1.1 rankorderseg (help page; its fit is unweighted); Reardon's integral by quadrature",
    peers=("OasisR rankorderseg Sr",),
    explain=_words(
        "Rank-order square root index",
        "How far apart do people of different rank live, with the ends of the order weighed up?",
        "It is a curve drawn through a few thresholds. With fewer than five steps it says little.",
        REARDON_2011,
    ),
    laws=("zone-order", "scale", "split", "empty-zone", "zero-when-even"),
)
def rank_order_square_root(x: Floats, weighted: bool = True) -> Floats:
    r"""Rank-order square root index :math:`S^R = \frac8\pi \int_0^1 \sqrt{p(1-p)} S(p) dp`.

    Parameters
    ----------
    x : (..., Z, K) array
        Persons by category in rising order, K >= 2.
    weighted : bool
        Thresholds weigh in the fit by their squared variety (Reardon), or all alike (OasisR).

    Returns
    -------
    (...) array, about 0..1.

    References
    ----------
    Reardon (2011), eqs. 7-13, with the square root index in place of H.
    """
    return rank_order(x, _root, _root_moment, weighted)
