r"""Where a group gathers: local statistics with false discoveries controlled, and clusters that hold.

The local statistic is :math:`G_i^*` of Getis and Ord on shares: the people of the group in a zone and its
neighbours, against what as many people would bring if the city were mixed. Its mean and variance are
those of a hypergeometric count, so that they are exact for full counts and no simulation is needed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array, eye_array
from scipy.stats import norm

from ..arrays import Floats
from .areas import connected
from .types import redrawn

__all__ = ["FIRM", "WEAK", "Clusters", "clusters", "discoveries", "local_z"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

FIRM, WEAK = 0.75, 0.6
"""Mean Jaccard similarity from which a cluster is firm, and below which it should not be shown."""


@dataclass(frozen=True, slots=True, eq=False)
class Clusters:
    """Clusters of zones where a group gathers.

    Parameters
    ----------
    z : (Z,) array
        Local statistic in standard deviations; NaN for a zone that cannot be known.
    high, low : (Z,) bool arrays
        Zones with more, and with fewer, of the group than chance gives, false discoveries controlled.
    cluster : (Z,) int array
        Number of the cluster of neighbouring high zones, -1 in none.
    zone_stability : (Z,) array
        Share of redrawn cities in which the zone is again high, low or neither; NaN where unknown.
    stability : (C,) array
        Mean over redrawn cities of the Jaccard similarity with the most similar cluster.
    draws : int
    level : float
        Share of false discoveries that is allowed.
    """

    z: Floats
    high: Bools
    low: Bools
    cluster: Ints
    zone_stability: Floats
    stability: Floats
    draws: int
    level: float


def local_z(members: Floats, people: Floats, near: csr_array) -> Floats:
    """(Z,) standard deviations by which the members in a neighbourhood differ from chance.

    Parameters
    ----------
    members, people : (Z,) arrays
        Persons of the group, and everyone.
    near : (Z, Z) sparse array of 0 and 1
        Neighbours, the zone itself among them.

    Returns
    -------
    (Z,) array; 0 where the neighbourhood holds nobody or everybody.

    References
    ----------
    Getis and Ord (1992), *Geographical Analysis* 24(3), 189-206; here the moments are those of a
    hypergeometric count, with the members of the city and the people of the neighbourhood fixed.
    """
    n, x = near @ people, near @ members
    everyone, group = float(people.sum()), float(members.sum())
    if everyone <= 1:
        return np.zeros(len(people))
    p = group / everyone
    variance = n * p * (1 - p) * (everyone - n) / (everyone - 1)
    out: Floats = np.divide(x - n * p, np.sqrt(variance), out=np.zeros(len(people)), where=variance > 1e-12)
    return out


def discoveries(p: Floats, level: float) -> Bools:
    """(T,) True for the tests that stand with at most `level` false ones among them.

    References
    ----------
    Benjamini and Hochberg (1995), *Journal of the Royal Statistical Society B* 57(1), 289-300.
    """
    order = np.argsort(p, kind="stable")
    under = p[order] <= level * np.arange(1, len(p) + 1) / max(len(p), 1)
    out = np.zeros(len(p), dtype=bool)
    if under.any():
        out[order[: int(np.flatnonzero(under)[-1]) + 1]] = True
    return out


def clusters(
    members: Floats,
    people: Floats,
    pairs: Ints,
    *,
    level: float = 0.05,
    fewest: float = 30,
    draws: int = 200,
    seed: int = 0,
) -> Clusters:
    """Find where a group gathers, and which of the clusters come back when the people are drawn anew.

    Parameters
    ----------
    members, people : (Z,) arrays
        Persons of the group, and everyone; NaN where not known.
    pairs : (E, 2) int array
        Neighbours, each pair once.
    level : float
        Share of false discoveries that is allowed.
    fewest : float
        People under which a zone is not tested.
    draws, seed : int
        Cities redrawn.

    Returns
    -------
    Clusters

    References
    ----------
    Hennig (2007), *Computational Statistics & Data Analysis* 52(1), 258-271: the Jaccard similarity of a
    cluster with its most similar one in redrawn data.
    """
    known = np.isfinite(members) & np.isfinite(people) & (np.nan_to_num(people) >= max(fewest, 1))
    n = np.where(known, people, 0.0)
    x = np.where(known, members, 0.0)
    near = _near(pairs, known)
    z, side, cluster = _found(x, n, near, known, pairs, level)
    table = np.stack([x, np.maximum(n - x, 0)], axis=1)
    same, likeness = np.zeros(len(x)), np.zeros(int(cluster.max(initial=-1)) + 1)
    for draw in range(draws):
        again = redrawn(table, seed, draw)
        _, other, groups = _found(again[:, 0], again.sum(axis=1), near, known, pairs, level)
        same += other == side
        likeness += _likeness(cluster, groups)
    share = same / draws if draws else np.full(len(x), np.nan)
    return Clusters(
        np.where(known, z, np.nan), side > 0, side < 0, cluster,
        np.where(known, share, np.nan), likeness / max(draws, 1), draws, level,
    )  # fmt: skip


def _near(pairs: Ints, known: Bools) -> csr_array:
    ends = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
    ends = ends[known[ends].all(axis=1)]
    size = len(known)
    one = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(size, size))
    return csr_array(one + one.T + eye_array(size))


def _found(
    x: Floats, n: Floats, near: csr_array, known: Bools, pairs: Ints, level: float
) -> tuple[Floats, Ints, Ints]:
    z = local_z(x, n, near)
    stands = np.zeros(len(z), dtype=bool)
    stands[known] = discoveries(2 * norm.sf(np.abs(z[known])), level)
    side = np.where(stands, np.sign(z), 0).astype(np.int64)
    return z, side, connected(side > 0, pairs)


def _likeness(cluster: Ints, other: Ints) -> Floats:
    """(C,) Jaccard similarity of each cluster with the most similar one of another clustering."""
    size, most = int(cluster.max(initial=-1)) + 1, int(other.max(initial=-1)) + 1
    if not size or not most:
        return np.zeros(size)
    both = (cluster >= 0) & (other >= 0)
    shared = np.zeros((size, most))
    np.add.at(shared, (cluster[both], other[both]), 1)
    mine = np.bincount(cluster[cluster >= 0], minlength=size)[:, None]
    theirs = np.bincount(other[other >= 0], minlength=most)[None, :]
    out: Floats = (shared / (mine + theirs - shared)).max(axis=1)
    return out
