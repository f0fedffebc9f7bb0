"""At what distance: segregation of the surroundings, not of the zone alone."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.spatial import cKDTree
from scipy.special import xlogy

from isopolis.explain import Citation, Explain

from . import null_mean
from .arrays import Floats, column_totals, divide, entropy, shares, zone_totals
from .spec import measure

__all__ = ["neighbours_within", "pairs_within", "spatial_information_theory"]

REARDON_OSULLIVAN = Citation(
    "Reardon, S. F. and O'Sullivan, D.", 2004, "Measures of spatial segregation",
    "Sociological Methodology 34, 121-162", "eq. 11",
)  # fmt: skip


def pairs_within(points: Floats, radius: float) -> int:
    """How many ordered pairs of points (a point with itself included) lie within `radius` metres."""
    tree = cKDTree(points)
    return int(tree.count_neighbors(tree, radius))


def neighbours_within(points: Floats, radius: float) -> Any:
    """Neighbourhood matrix of all zones whose points lie within `radius`.

    Parameters
    ----------
    points : (Z, 2) array, metres
    radius : float, metres

    Returns
    -------
    (Z, Z) scipy CSR array of 0 and 1, with 1 on the diagonal.
    """
    from scipy.sparse import coo_array, eye_array

    pairs = cKDTree(points).query_pairs(radius, output_type="ndarray")
    i, j = pairs[:, 0], pairs[:, 1]
    ones = np.ones(len(pairs))
    half = coo_array((ones, (i, j)), shape=(len(points),) * 2)
    return (half + half.T + eye_array(len(points))).tocsr()


def surroundings(x: Floats, neighbourhood: Any) -> Floats:
    """(..., Z, G) → (..., Z, G): everybody in the neighbourhood of each zone."""
    if neighbourhood is None or x.size == 0:
        return x
    flat = x.reshape(-1, *x.shape[-2:])
    out: Floats = np.stack([neighbourhood @ table for table in flat]).reshape(x.shape)
    return out


def _expected(x: Floats, neighbourhood: Any = None) -> float:
    """Exact chance mean: the surroundings of a zone are a hypergeometric draw of their size."""
    table = null_mean.whole(x)
    n, columns = zone_totals(table), column_totals(table)
    people, top = float(n.sum()), float(entropy(shares(columns)))
    if top == 0:
        return 0.0
    around = zone_totals(surroundings(table, neighbourhood))
    sizes, inverse = np.unique(around, return_inverse=True)
    cells = sum(null_mean.xlogx(sizes, people, float(m)) for m in columns)
    mixed = divide(xlogy(sizes, sizes) - cells, sizes)
    return 1 - float(n @ mixed[inverse]) / (people * top)


@measure(
    "spatial_information_theory",
    groups="many",
    because="It shows at which distance a pattern lives, whatever the zones.",
    oracle="definition by a loop over pairs of zones",
    peers=("PySAL MultiInfoTheory(w=…)", "seg spseg H"),
    symbol="H(r)",
    family="multiscale",
    kind="spatial",
    explain=Explain(
        title="Information theory index by distance, H(r)",
        one_line=(
            "How much less mixed are the surroundings of the average resident than the city, within a"
            " given distance?"
        ),
        low="Near 0 the surroundings are as mixed as the city.",
        high="A value that stays high at long distances means large areas of one group.",
        ask_next=(
            "At which distance does it fall to half? That is the size of the pattern.",
            "Is the fall slow because a river or a railway keeps quarters apart?",
        ),
        pitfalls=(
            "Distances are straight lines between the middle points of zones, not walks.",
            "Below the size of a zone nothing can be known. The first distances may all give the same value.",
            "Near the edge of the city the surroundings outside are not counted.",
        ),
        not_for="Do not compare distances between cities with zones of very different size.",
        example=(
            "If it is 0.10 in the zone and 0.08 within two kilometres, most of the separation is "
            "between large quarters."
        ),
        citations=(REARDON_OSULLIVAN,),
    ),
    laws=("zone-order", "group-order", "scale", "empty-zone", "absent-group", "zero-when-even"),
    say=(
        "Within {scale}, the surroundings of the average resident have {less} variety of {group} than the"
        " city."
    ),
    expected=_expected,
)  # fmt: skip
def spatial_information_theory(x: Floats, neighbourhood: Any = None) -> Floats:
    r"""Spatial information theory index, weighted by the local population.

    :math:`\tilde H = 1 - \sum_i n_i \tilde E_i / (N E)` with :math:`\tilde E_i` the
    entropy of the neighbourhood of zone i. Environments are never rounded, and zones
    are weighted by their own people, not by those around (Reardon and O'Sullivan's
    convention; PySAL's weighs by those around).

    Parameters
    ----------
    x : (..., Z, G) array
        Persons, >= 0.
    neighbourhood : (Z, Z) sparse matrix, optional
        Weights; the zone alone when None, which gives H.

    Returns
    -------
    (...) array; slightly below 0 where surroundings are more mixed than the city.

    References
    ----------
    Reardon and O'Sullivan (2004), eq. 11.
    """
    x = np.asarray(x, dtype=np.float64)
    n, top = zone_totals(x), entropy(shares(column_totals(x)))
    mixed = entropy(shares(surroundings(x, neighbourhood)))
    inside = divide((n * mixed).sum(axis=-1), n.sum(axis=-1))
    return np.where(top > 0, 1 - divide(inside, top), 0.0)
