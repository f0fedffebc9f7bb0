"""Whom a typical member of a group meets in their zone: exposure, isolation, V."""

from __future__ import annotations

import numpy as np

from isopolis.explain import Citation, Explain

from . import null_mean, null_sd
from .arrays import Floats, column_totals, divide, shares, zone_totals
from .spec import measure

__all__ = ["exposure", "exposure_matrix", "isolation", "variance_ratio"]

BELL = Citation(
    "Bell, W.", 1954, "A probability model for the measurement of ecological segregation",
    "Social Forces 32(4), 357-364",
)  # fmt: skip
MASSEY = Citation(
    "Massey, D. S. and Denton, N. A.", 1988, "The dimensions of residential segregation",
    "Social Forces 67(2), 281-315", "eqs. 6-8",
)  # fmt: skip
JAMES = Citation(
    "James, D. R. and Taeuber, K. E.", 1985, "Measures of segregation", "Sociological Methodology 15, 1-32"
)
REARDON_FIREBAUGH = Citation(
    "Reardon, S. F. and Firebaugh, G.", 2002, "Measures of multigroup segregation",
    "Sociological Methodology 32, 33-67", "table 2",
)  # fmt: skip


def exposure_matrix(x: Floats) -> Floats:
    r"""Exposure of every group to every group: :math:`\sum_i x_{ig} x_{ih} / (n_i X_g)`.

    Parameters
    ----------
    x : (..., Z, G) array
        Persons, >= 0; the groups must be everyone whom one can meet.

    Returns
    -------
    (..., G, G) array
        Row g: the mix of the zone of a typical member of g; a row adds up to 1
        (to 0 for an absent group). The diagonal is isolation.
    """
    x = np.asarray(x, dtype=np.float64)
    mix = divide(x, zone_totals(x)[..., None])
    met = np.einsum("...ig,...ih->...gh", x, mix)
    return divide(met, column_totals(x)[..., None])


def _pick(row: int, column: int):  # type: ignore[no-untyped-def]
    def expected(x: Floats) -> float:
        return float(null_mean.exposure_matrix(x)[row, column])

    def sd(x: Floats) -> float:
        return null_sd.exposure_cell(x, row, column)

    return expected, sd


_OTHER, _SAME = _pick(0, 1), _pick(0, 0)


@measure(
    "exposure",
    because="It says in everyday words whom a typical member shares a zone with.",
    oracle="PySAL segregation 2.5.4 Interaction",
    peers=("PySAL Interaction", "elbersb exposure", "OasisR xPy"),
    symbol="xPy",
    family="exposure",
    kind="exposure",
    explain=Explain(
        title="Exposure (xPy)",
        one_line=(
            "In the zone of a typical member of one group, what share of people belong to the other "
            "group?"
        ),
        low="Near 0 the two groups hardly ever share a zone.",
        high="Near 1 the typical member lives among the other group.",
        ask_next=(
            "Is it low because the other group is small? Compare with its share of the city.",
            "Do people who share a zone also share schools, shops and clubs?",
        ),
        pitfalls=(
            "A large group is met often wherever one lives. The city's share is the yardstick.",
            "It is not the same in both directions: a small group meets a large one more than the reverse.",
        ),
        not_for="Do not read it as contact between people: sharing a zone is not meeting.",
        example=(
            "A value of 0.60 means: of 100 people in the zone of a typical member, 60 belong to the "
            "other group."
        ),
        citations=(BELL, MASSEY),
    ),
    laws=("zone-order", "scale", "split", "empty-zone", "absent-group"),
    say=(
        "In the zone of a typical member of {group}, {percent} of people belong to {versus}. In the "
        "city it is {city}."
    ),
    expected=_OTHER[0],
    sd=_OTHER[1],
)  # fmt: skip
def exposure(x: Floats) -> Floats:
    """Exposure of the first group to the second; further columns are everyone else.

    Parameters
    ----------
    x : (..., Z, G) array
        Persons; G >= 2.

    Returns
    -------
    (...) array in 0..1.

    References
    ----------
    Bell (1954); Massey and Denton (1988), eq. 6.
    """
    x = np.asarray(x, dtype=np.float64)
    met = (x[..., 0] * divide(x[..., 1], zone_totals(x))).sum(axis=-1)
    return divide(met, x[..., 0].sum(axis=-1))


@measure(
    "isolation",
    groups="one",
    because="It says in everyday words how much members live among themselves.",
    oracle="PySAL segregation 2.5.4 Isolation; elbersb 1.1.0.9000 isolation",
    peers=("PySAL Isolation", "elbersb isolation", "OasisR xPx"),
    symbol="xPx",
    family="exposure",
    explain=Explain(
        title="Isolation (xPx)",
        one_line="In the zone of a typical member, what share of people belong to the same group?",
        low="Close to the group's share of the city: its members live where everybody lives.",
        high="Near 1 the typical member sees only their own group in the zone.",
        ask_next=(
            "How far is it above the group's share of the city?",
            "Did it rise because the group grew or because it became more apart?",
        ),
        pitfalls=(
            "It rises when the group grows, even if nobody moves. V takes that out.",
            (
                "In very small zones each person weighs on their own neighbours. What chance gives "
                "takes care of it."
            ),
        ),
        not_for="Do not use it alone to compare groups of different size.",
        example=(
            "A value of 0.33 for a group that is 29 percent of the city means four points more than "
            "even mixing."
        ),
        citations=(BELL, MASSEY),
    ),
    laws=(
        "zone-order", "scale", "split", "merge", "empty-zone", "absent-group", "one-when-apart", "bounded",
    ),
    say=(
        "In the zone of a typical member of {group}, {percent} of people belong to the same group. In"
        " the city it is {city}."
    ),
    expected=_SAME[0],
    sd=_SAME[1],
)  # fmt: skip
def isolation(x: Floats) -> Floats:
    """Exposure of the first group to itself; further columns are everyone else.

    Parameters
    ----------
    x : (..., Z, G) array
        Persons; G >= 2.

    Returns
    -------
    (...) array in 0..1.

    References
    ----------
    Bell (1954); Massey and Denton (1988), eq. 8.
    """
    x = np.asarray(x, dtype=np.float64)
    met = (x[..., 0] * divide(x[..., 0], zone_totals(x))).sum(axis=-1)
    return divide(met, x[..., 0].sum(axis=-1))


@measure(
    "variance_ratio",
    because="It is isolation with the size of the group taken out, and noise can be taken out of it exactly.",
    oracle="PySAL segregation 2.5.4 CorrelationR, MultiNormExposure; OasisR PMulti",
    peers=("PySAL CorrelationR", "PySAL MultiNormExposure", "OasisR Eta2", "OasisR PMulti"),
    symbol="V",
    family="exposure",
    explain=Explain(
        title="Variance ratio (V, eta squared)",
        one_line="How much more does a group meet itself than even mixing would give?",
        low="Near 0 members meet their own group no more than its share of the city.",
        high="At 1 members meet nobody but their own group.",
        ask_next=("Which group drives it? Look at the isolation of each.",),
        pitfalls=(
            "It stays low for a small group that is spread over many zones, even when dissimilarity is high.",
            "By chance alone it is about the number of zones divided by the number of people.",
        ),
        not_for=(
            "Do not mix it up with dissimilarity: one is about whom people meet, the other about "
            "evenness."
        ),
        example="With a share of 29 percent and an isolation of 33 percent, V is about 0.05.",
        citations=(JAMES, REARDON_FIREBAUGH),
    ),
    laws=(
        "zone-order", "group-order", "scale", "split", "merge", "empty-zone", "absent-group",
        "zero-when-even", "one-when-apart", "bounded",
    ),
    say="For {group}, the zones are {percent} of the way from even mixing to complete separation.",
    say_all=(
        "By {group}, people meet their own group: {percent} of the way from even mixing to complete "
        "separation."
    ),
    expected=null_mean.variance_ratio,
    sd=null_sd.variance_ratio,
)  # fmt: skip
def variance_ratio(x: Floats) -> Floats:
    r"""Variance ratio, the normalised exposure of two or more groups.

    :math:`V = \sum_g \sum_i n_i (p_{ig} - P_g)^2 / (N (1 - P_g))`; with two groups,
    (xPx − P)/(1 − P).

    Parameters
    ----------
    x : (..., Z, G) array
        Persons, >= 0.

    Returns
    -------
    (...) array in 0..1.

    References
    ----------
    James and Taeuber (1985); Reardon and Firebaugh (2002), table 2 (P).
    """
    x = np.asarray(x, dtype=np.float64)
    n, p = zone_totals(x), shares(column_totals(x))
    gap = (x - n[..., None] * p[..., None, :]) ** 2
    by_group = column_totals(divide(gap, n[..., None]))
    return divide(divide(by_group, 1 - p).sum(axis=-1), n.sum(axis=-1))
