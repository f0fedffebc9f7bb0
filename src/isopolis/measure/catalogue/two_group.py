"""One group against everybody else: the indices beside D, Gini and H.

The first column is the group, all further columns together are everybody else.
"""

from __future__ import annotations

import numpy as np

from isopolis.explain import Citation, Explain
from isopolis.model import CallError

from ..arrays import Floats, divide, zone_totals
from ..spec import index
from .sources import MASSEY_DENTON

__all__ = ["atkinson", "concentration_profile", "gorard", "min_max", "pair", "square_root"]

ATKINSON = Citation(
    "Atkinson, A. B.", 1970, "On the measurement of inequality", "Journal of Economic Theory 2(3), 244-263"
)
GORARD = Citation(
    "Gorard, S. and Taylor, C.", 2002,
    "What is segregation? A comparison of measures in terms of strong and weak compositional invariance",
    "Sociology 36(4), 875-895",
)  # fmt: skip
HUTCHENS = Citation(
    "Hutchens, R.", 2004, "One measure of segregation", "International Economic Review 45(2), 555-578"
)
OSULLIVAN = Citation(
    "O'Sullivan, D. and Wong, D. W. S.", 2007, "A surface-based approach to measuring spatial segregation",
    "Geographical Analysis 39(2), 147-168",
)  # fmt: skip
HONG = Citation(
    "Hong, S.-Y. and Sadahiro, Y.", 2014, "Measuring geographic segregation: a graph-based approach",
    "Journal of Geographical Systems 16(2), 211-231",
)  # fmt: skip
EVEN = ("zone-order", "scale", "split", "merge", "empty-zone", "absent-group", "zero-when-even", "bounded")


def pair(x: Floats) -> tuple[Floats, Floats, Floats]:
    """(..., Z, G) → members, others and everyone, each (..., Z)."""
    x = np.asarray(x, dtype=np.float64)
    everyone = zone_totals(x)
    return x[..., 0], x[..., 1:].sum(axis=-1), everyone


def spread(x: Floats) -> tuple[Floats, Floats, Floats]:
    """Shares of the members and of the others that live in each zone, and whether both exist."""
    members, others, _ = pair(x)
    m, o = members.sum(axis=-1, keepdims=True), others.sum(axis=-1, keepdims=True)
    return divide(members, m), divide(others, o), ((m > 0) & (o > 0))[..., 0]


def others_share(x: Floats) -> float:
    """Share of everybody else in the city: the largest Gorard index possible."""
    members, others, everyone = pair(x)
    return float(divide(others.sum(axis=-1), everyone.sum(axis=-1))) if members.sum() else 0.0


def _largest_profile(x: Floats) -> float:
    """Largest concentration profile index: above 1 for a group of more than half of the city."""
    members, _, everyone = pair(x)
    p = float(divide(members.sum(), everyone.sum()))
    q = 1 - np.sqrt(2 - 2 * p)
    return float((p - q) * (1 + q) / (p * (1 - q))) if 0.5 < p < 1 else 1.0


@index(
    "atkinson",
    symbol="A",
    family="evenness",
    groups="one",
    verdict="legacy",
    because="Its value depends on a weight that somebody has to choose. At one half, D and H tell the same.",
    oracle="PySAL segregation 2.5.4 Atkinson; OasisR 3.1.1 Atkinson(0.5)",
    peers=("PySAL Atkinson", "OasisR Atkinson"),
    explain=Explain(
        title="Atkinson index (A)",
        one_line="How unevenly is the group spread, with zones of few members weighed as one chooses?",
        low="Near 0 every zone has the city's share of the group.",
        high="At 1 the group and the others share no zone.",
        ask_next=("Does the ranking of cities stay the same with another weight?",),
        pitfalls=(
            "The weight decides whether zones where the group is rare or frequent count more.",
            "It is above 0 by chance alone, more so where zones are small.",
        ),
        not_for="Do not compare values that were made with different weights.",
        example="With weight one half, 0.06 means little and 0.50 means deep separation.",
        citations=(ATKINSON, MASSEY_DENTON),
    ),
    laws=(*EVEN, "one-when-apart", "margin-free"),
)
def atkinson(x: Floats, shape: float = 0.5) -> Floats:
    r"""Atkinson index of the first column against all others.

    :math:`A = 1 - [\sum_i (x_i/X)^b (y_i/Y)^{1-b}]^{1/(1-b)}`, the form of Massey and
    Denton (1988), eq. 5, with the shares of the city cancelled.

    Parameters
    ----------
    x : (..., Z, G) array
        Persons, >= 0.
    shape : float
        b, strictly between 0 and 1; below one half zones with few members weigh more.

    Returns
    -------
    (...) array in 0..1; 0 where the group or the others are absent.

    Raises
    ------
    CallError
        If `shape` is not between 0 and 1.

    References
    ----------
    Atkinson (1970); Massey and Denton (1988), pages 283-287.
    """
    if not 0 < shape < 1:
        raise CallError(f"the shape of Atkinson's index lies between 0 and 1, not at {shape:g}")
    a, b, both = spread(x)
    alike = (a**shape * b ** (1 - shape)).sum(axis=-1)
    return np.where(both, np.clip(1 - alike ** (1 / (1 - shape)), 0, 1), 0.0)


@index(
    "square_root",
    symbol="Sq",
    family="evenness",
    groups="one",
    verdict="recommended",
    because="The only index of its kind that adds up over districts and does not move when a group grows.",
    oracle="definition by a loop; 1 − √(1 − A) with Atkinson(0.5), a kernel of its own",
    peers=("PySAL main Hutchens", "OasisR ordinalseg (two columns)"),
    explain=Explain(
        title="Square root index (Hutchens)",
        one_line="How far are the places of the group from the places of the others?",
        low="Near 0 both are spread alike.",
        high="At 1 they share no zone.",
        ask_next=("How much of it lies between districts, and how much inside them?",),
        pitfalls=("Small zones raise it by chance alone.",),
        not_for="Do not read it as a share of people who would have to move.",
        example="If half of the zones hold the group and the other half everybody else, it is 1.",
        citations=(HUTCHENS,),
    ),
    laws=(*EVEN, "one-when-apart", "margin-free"),
)
def square_root(x: Floats) -> Floats:
    r"""Hutchens' square root index :math:`1 - \sum_i \sqrt{(x_i/X)(y_i/Y)}`.

    Parameters
    ----------
    x : (..., Z, G) array
        Persons, >= 0; the first column against all others.

    Returns
    -------
    (...) array in 0..1; 0 where the group or the others are absent.

    References
    ----------
    Hutchens (2004).
    """
    a, b, both = spread(x)
    return np.where(both, np.clip(1 - np.sqrt(a * b).sum(axis=-1), 0, 1), 0.0)


@index(
    "gorard",
    symbol="GS",
    family="evenness",
    groups="one",
    verdict="legacy",
    because="Its maximum falls as the group grows, so two groups of unlike size cannot be compared with it.",
    oracle="OasisR 3.1.1 Gorard on pattern A (0.75, 0.25); D times the share of the others",
    peers=("OasisR Gorard",),
    maximum=others_share,
    explain=Explain(
        title="Gorard index (GS)",
        one_line="What share of the group would have to move to be spread like the whole city?",
        low="Near 0 the group is spread like all people.",
        high="Its maximum is the share of everybody else in the city.",
        ask_next=("How large is the group? The maximum depends on it.",),
        pitfalls=("For a group of nine tenths of the city it cannot pass 0.10.",),
        not_for="Do not rank groups of different size with it.",
        example="A value of 0.20 means that 20 of 100 members would have to move.",
        citations=(GORARD,),
    ),
    laws=(*EVEN, "one-when-apart"),
)
def gorard(x: Floats) -> Floats:
    r"""Gorard's segregation index :math:`\tfrac12 \sum_i |x_i/X - n_i/N|`.

    Parameters
    ----------
    x : (..., Z, G) array
        Persons, >= 0; the first column against everyone.

    Returns
    -------
    (...) array from 0 to the share of the others.

    References
    ----------
    Gorard and Taylor (2002).
    """
    members, _, everyone = pair(x)
    m, n = members.sum(axis=-1, keepdims=True), everyone.sum(axis=-1, keepdims=True)
    gap = np.abs(divide(members, m) - divide(everyone, n)).sum(axis=-1) / 2
    return np.where(m[..., 0] > 0, gap, 0.0)


@index(
    "min_max",
    symbol="MM",
    family="evenness",
    groups="one",
    verdict="legacy",
    because="Without surfaces it is only another scale of D: 2D / (1 + D).",
    oracle="PySAL segregation 2.5.4 MinMax",
    peers=("PySAL MinMax",),
    explain=Explain(
        title="Min-max index",
        one_line="How little do the places of the group and of the others overlap?",
        low="Near 0 both are spread alike.",
        high="At 1 they share no zone.",
        ask_next=("What does D say? It carries the same information and is easier to read.",),
        pitfalls=("It runs higher than D, so values of both must not be mixed.",),
        not_for="Do not compare it with D.",
        example="A D of 0.16 is a min-max index of 0.27.",
        citations=(OSULLIVAN,),
    ),
    laws=(*EVEN, "one-when-apart", "margin-free"),
)
def min_max(x: Floats) -> Floats:
    r"""Min-max index :math:`1 - \sum_i \min(x_i/X, y_i/Y) / \sum_i \max(x_i/X, y_i/Y)`.

    Parameters
    ----------
    x : (..., Z, G) array
        Persons, >= 0; the first column against all others.

    Returns
    -------
    (...) array in 0..1; 0 where the group or the others are absent.

    References
    ----------
    O'Sullivan and Wong (2007).
    """
    a, b, both = spread(x)
    ratio = divide(np.minimum(a, b).sum(axis=-1), np.maximum(a, b).sum(axis=-1))
    return np.where(both, np.clip(1 - ratio, 0, 1), 0.0)


@index(
    "concentration_profile",
    symbol="CP",
    family="evenness",
    groups="one",
    verdict="legacy",
    because="Joining two zones can raise it, so it may fall just because zones were drawn smaller.",
    oracle=(
        "PySAL segregation 2.5.4 ConProf (5e-4, it sums in steps); "
        "the integral over thresholds, as a staircase"
    ),
    peers=("PySAL ConProf", "seg conprof"),
    explain=Explain(
        title="Concentration profile index",
        one_line="How far does the share of the group in a member's zone lie from its share of the city?",
        low="Near 0 all members live where their share is that of the city.",
        high="At 1 members live among themselves. A group of more than half of the city can pass 1.",
        ask_next=("Do members live where the group is frequent or where it is rare? Isolation tells.",),
        pitfalls=("It counts members in zones where the group is rare as well as where it is frequent.",),
        not_for="Do not compare cities with zones of different size.",
        example="If the group is 20 percent of the city and each member's zone has 40 percent, it is 0.25.",
        citations=(HONG,),
    ),
    maximum=_largest_profile,
    laws=("zone-order", "scale", "split", "empty-zone", "absent-group", "zero-when-even", "bounded"),
)
def concentration_profile(x: Floats) -> Floats:
    r"""Summary of the concentration profile, in closed form.

    Hong and Sadahiro integrate v(t), the share of the group in zones where its share is
    at least t, over thresholds below and above the city's share P. The integrals are
    :math:`\sum_i (x_i/X) |p_i - P| / (1 - P)`, so no steps are needed.

    Parameters
    ----------
    x : (..., Z, G) array
        Persons, >= 0; the first column against all others.

    Returns
    -------
    (...) array, >= 0; 1 when no zone is shared. A group of more than half of the city can
    pass 1, up to (P − q)(1 + q) / (P (1 − q)) with q = 1 − √(2 − 2P).

    References
    ----------
    Hong and Sadahiro (2014).
    """
    members, others, everyone = pair(x)
    m, n = members.sum(axis=-1, keepdims=True), everyone.sum(axis=-1, keepdims=True)
    share = divide(members, everyone)
    gap = (members * np.abs(share - divide(m, n))).sum(axis=-1)
    return divide(gap, divide(m * others.sum(axis=-1, keepdims=True), n)[..., 0])
