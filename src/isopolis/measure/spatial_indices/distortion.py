"""How far one must look around before the city's mix appears: distortion."""

from __future__ import annotations

from itertools import permutations
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import xlogy

from isopolis.explain import Citation, Explain
from isopolis.model import CallError

from ..arrays import Floats, column_totals, divide, shares, zone_totals
from ..spec import index
from .centralization import SAME
from .common import Value, missing, no_limit, places, table_of

__all__ = ["By", "Rule", "distortion", "local_distortion", "most_distorted"]

By = Literal["zones", "people"]
Rule = Literal["sum", "last"]

OLTEANU = Citation(
    "Olteanu, M., Randon-Furling, J. and Clark, W. A. V.", 2019, "Segregation through the multiscalar lens",
    "Proceedings of the National Academy of Sciences 116(25), 12250-12254",
)  # fmt: skip
GROUPS_MOST = 8
"""Groups of which every order is tried for the largest distortion."""

CELLS = 4_000_000
"""Cells of the cumulative table held at once; bounds memory near 100 MB."""

EXPLAIN = Explain(
    title="Distortion",
    one_line="Walking outwards from a zone, how long does the mix seen so far differ from the city's?",
    low="Near 0 a short walk shows the city as it is.",
    high="A high value means that one sees another city for a long time.",
    ask_next=("Is the zone at the edge? From there the city comes into view late.",),
    pitfalls=(
        "A zone at the edge of the city has a higher value than one in the middle.",
        "The value depends on the number of zones or people. Compare shares of the most possible.",
    ),
    not_for="Do not rank zones at the edge against zones in the middle.",
    example="At 0.10 of the most possible, the walk is a tenth as misleading as it could be.",
    citations=(OLTEANU,),
)


def _divergence(seen: Floats, city: Floats) -> Floats:
    mix = shares(seen)
    out: Floats = xlogy(mix, divide(mix, np.broadcast_to(city, mix.shape))).sum(axis=-1)
    return np.maximum(out, 0)


def _walk(table: Floats, apart: Floats, city: Floats, by: By, rule: Rule) -> Floats:
    """(B,) areas under the divergence of what is seen, for B zones with their distances (B, Z)."""
    order = np.argsort(apart, axis=1, kind="stable")
    sorted_apart = np.take_along_axis(apart, order, axis=1)
    gap = _divergence(np.cumsum(table[order], axis=1), city)
    # zones at the same distance come into view together: each takes the value after the last of them
    ends = np.empty(gap.shape, dtype=bool)
    ends[:, -1], ends[:, :-1] = True, np.diff(sorted_apart, axis=1) > SAME * sorted_apart[:, -1:]
    place = np.where(ends, np.arange(gap.shape[1]), gap.shape[1])
    last = np.minimum.accumulate(place[:, ::-1], axis=1)[:, ::-1]
    gap = np.take_along_axis(gap, last, axis=1)
    if rule == "last":
        gap = np.maximum.accumulate(gap[:, ::-1], axis=1)[:, ::-1]
    steps = np.ones(len(table)) if by == "zones" else zone_totals(table)
    out: Floats = (gap * steps[order]).sum(axis=1)
    return out


def most_distorted(columns: npt.ArrayLike, by: By = "people", zones: int = 0) -> float:
    r"""Largest area under the divergence when groups come into view one after the other.

    Every order of whole groups is tried. Between two groups the integral is exact:
    the divergence after n people is :math:`\sum_g \frac{x_g}{n} \ln \frac{x_g N}{n X_g}`.

    Parameters
    ----------
    columns : (G,) array
        People of each group.
    by : str
        ``people``, or ``zones``: people in steps of equal size.
    zones : int
        Number of zones, for ``zones``.

    Returns
    -------
    float
        In nats times people, or nats times zones.

    Raises
    ------
    CallError
        For more than 8 groups: the orders are too many.
    """
    x = np.asarray(columns, dtype=np.float64)
    x = x[x > 0]
    if len(x) > GROUPS_MOST:
        raise CallError(f"{len(x)} groups come in too many orders: join some, to {GROUPS_MOST} at most")
    p = x / x.sum()
    best = max(_order_area(np.array(order)) for order in permutations(p)) if len(p) > 1 else 0.0
    return best * (zones if by == "zones" else float(x.sum()))


def _order_area(p: Floats) -> float:
    """Area under the divergence over shares seen, groups one after the other in the order of `p`.

    While group g fills up, with s the share seen before and u all seen so far, the divergence is
    (s ln(1/u) + (u - s) ln((u - s) / (u p_g))) / u; its integral over u is taken in 64 Gauss points
    on a scale that is fine near u = s.
    """
    nodes, weights = np.polynomial.legendre.leggauss(64)
    r, w = (nodes + 1) / 2, weights / 2
    total, before = 0.0, 0.0
    for share in p:
        new = share * r**3  # finer where the new group appears
        u = before + new
        gap = (xlogy(before, 1 / u) + xlogy(new, new / (u * share))) / u
        total += float(w @ (gap * 3 * share * r**2))
        before += float(share)
    return total


def _checked(table: Floats, points: npt.ArrayLike, by: str, rule: str) -> Floats:
    at = places(points, len(table))
    if by not in ("zones", "people"):
        raise CallError(f'a walk counts "zones" or "people", not "{by}"')
    if rule not in ("sum", "last"):
        raise CallError(f'divergence adds up by "sum" or "last", not by "{rule}"')
    return at


@index(
    "local_distortion",
    symbol="Δi",
    family="local",
    kind="local",
    groups="many",
    unit="nats",
    needs=("points",),
    maximum=no_limit,
    verdict="recommended",
    because="It looks at all distances at once, so that no distance must be chosen.",
    oracle="PySAL segregation 2.5.4 LocalDistortion; a loop over zones",
    peers=("PySAL LocalDistortion",),
    laws=("zone-order", "group-order", "scale", "zero-when-even"),
    explain=EXPLAIN,
)
def local_distortion(
    x: npt.ArrayLike,
    points: npt.ArrayLike,
    by: By = "zones",
    rule: Rule = "sum",
    normalised: bool = False,
) -> Floats:
    r"""Area under :math:`KL(\text{mix of all nearer zones} \| \text{city})` while zones come into view.

    Parameters
    ----------
    x : (Z, G) array
        Persons.
    points : (Z, 2) array, metres
    by : str
        The walk counts ``zones`` (as PySAL) or ``people``, which cutting a zone in two
        at one place does not change.
    rule : str
        ``sum``: the divergence as it is (as PySAL). ``last``: at each step the largest
        that is still to come, so that the area is that of the distances after which
        the divergence stays below a level.
    normalised : bool
        Divide by `most_distorted`.

    Returns
    -------
    (Z,) array, >= 0
        Zones at the same distance come into view together. Memory grows with a block
        of zones, never with their square.

    References
    ----------
    Olteanu, Randon-Furling and Clark (2019).
    """
    from scipy.spatial.distance import cdist

    table = table_of(x)
    at = _checked(table, points, by, rule)
    columns = column_totals(table)
    if columns.sum() == 0:
        return np.zeros(len(table))
    city, rows = shares(columns), max(1, CELLS // table.size)
    parts = [
        _walk(table, cdist(at[start : start + rows], at), city, by, rule)
        for start in range(0, len(table), rows)
    ]
    out: Floats = np.concatenate(parts)
    most = most_distorted(columns, by, len(table)) if normalised else 1.0
    return out / most if most > 0 else out


@index(
    "distortion",
    symbol="Δ",
    family="multiscale",
    kind="spatial",
    groups="many",
    unit="nats",
    needs=("points",),
    maximum=no_limit,
    verdict="recommended",
    because="One number over all distances, so that no distance must be chosen.",
    oracle="PySAL segregation 2.5.4 GlobalDistortion; the mean of local values, which a loop confirms",
    peers=("PySAL GlobalDistortion",),
    laws=("zone-order", "group-order", "scale", "zero-when-even"),
    explain=EXPLAIN,
)
def distortion(
    x: npt.ArrayLike,
    points: npt.ArrayLike,
    by: By = "zones",
    rule: Rule = "sum",
    normalised: bool = False,
) -> Value:
    """Mean of the local distortion over people.

    Parameters
    ----------
    x, points, by, rule, normalised
        See `local_distortion`.

    Returns
    -------
    float or Undefined

    References
    ----------
    Olteanu, Randon-Furling and Clark (2019).
    """
    if (none := missing(x, many=True)) is not None:
        return none
    n = zone_totals(table_of(x))
    return float(n @ local_distortion(x, points, by, rule, normalised) / n.sum())
