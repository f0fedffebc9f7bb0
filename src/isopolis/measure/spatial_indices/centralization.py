"""Whether a group lives near the centre, or near one of several centres."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from isopolis.explain import Citation, Explain
from isopolis.model import CallError, Undefined
from isopolis.model.text import phrase

from ..arrays import Floats
from ..spec import index
from .common import MASSEY_DENTON, TWO, Value, along, missing, pair, places

__all__ = ["absolute_centralization", "centralized", "distance_to_centres", "relative_centralization"]

DUNCAN = Citation(
    "Duncan, O. D. and Duncan, B.", 1955, "Residential distribution and occupational stratification",
    "American Journal of Sociology 60(5), 493-503",
)  # fmt: skip
SAME = 1e-12
"""Distances nearer to each other than this part of the longest are one distance."""
CENTRE = "The centre is a choice. Another one gives another value, so name it."


def distance_to_centres(points: npt.ArrayLike, centres: npt.ArrayLike) -> Floats:
    """Distance of each zone to the nearest of one or several centres.

    Parameters
    ----------
    points : (Z, 2) array, metres
    centres : (2,) or (C, 2) array, metres

    Returns
    -------
    (Z,) array, metres

    Raises
    ------
    CallError
        If there is no centre, or a zone or a centre has no place.
    """
    from scipy.spatial.distance import cdist

    several = np.atleast_2d(np.asarray(centres, dtype=np.float64))
    if several.size == 0 or several.shape[1] != 2 or not np.isfinite(several).all():
        raise CallError("name at least one centre, as (x, y) in metres")
    out: Floats = cdist(places(points), several).min(axis=1)
    return out


def rings(distance: Floats) -> npt.NDArray[np.intp]:
    """(Z,) distances → number of the ring, from the nearest; rounding makes no rings of its own."""
    order = np.argsort(distance, kind="stable")
    apart = distance[order]
    step = np.diff(apart, prepend=apart[:1]) > SAME * np.abs(apart).max(initial=0.0)
    out = np.empty(len(order), dtype=np.intp)
    out[order] = np.cumsum(step)
    return out


def centralized(first: Floats, second: Floats, distance: Floats) -> float:
    r"""Return :math:`\sum_i (F_{i-1} S_i - F_i S_{i-1})`, cumulative shares by distance.

    Zones at the same distance are taken together, so that their order does not matter.
    """
    ring = rings(distance)
    f = np.cumsum(np.bincount(ring, first)) / first.sum()
    s = np.cumsum(np.bincount(ring, second)) / second.sum()
    # rings sorted by distance rise: a group that is nearer has the larger cumulative share
    return float((f[:-1] * s[1:]).sum() - (f[1:] * s[:-1]).sum())


@index(
    "absolute_centralization",
    symbol="ACE",
    family="centralization",
    groups="two",
    needs=("centre_distances",),
    minimum=-1.0,
    verdict="legacy",
    because="Most cities have more than one centre, and empty land at the edge raises the value.",
    oracle="PySAL segregation 2.5.4 AbsoluteCentralization; closed form for three rings",
    peers=("PySAL AbsoluteCentralization", "OasisR ACE", "OasisR ACEPoly", "OasisR ACEDuncan(Poly)"),
    laws=("zone-order", "scale"),
    explain=Explain(
        title="Absolute centralization (ACE)",
        one_line="Does the group live nearer to the centre than an even spread over the land?",
        low="Below 0 the group lives farther out than even.",
        high="Near 1 the group lives at the centre only.",
        ask_next=("What is it for everybody? People are denser at most centres.",),
        pitfalls=(CENTRE, "Empty land at the edge of the city raises it.", TWO),
        not_for="Do not use one centre for a city that has several.",
        example="At 0 the group has the same density at every distance.",
        citations=(MASSEY_DENTON, DUNCAN),
    ),
)
def absolute_centralization(
    x: npt.ArrayLike,
    centre_distances: npt.ArrayLike,
    areas: npt.ArrayLike | None = None,
) -> Value:
    r""":math:`\sum_i (X_{i-1} A_i - X_i A_{i-1})`, cumulative shares of members and land by distance.

    Parameters
    ----------
    x : (Z, G) array
        Persons; the group first.
    centre_distances : (Z,) array
        Distance to the centre, or to the nearest of several (`distance_to_centres`),
        straight or along a network.
    areas : (Z,) array, optional
        Land of each zone. Without it members are compared with everybody (Duncan's form).

    Returns
    -------
    float in -1..1 or Undefined

    References
    ----------
    Massey and Denton (1988); Duncan and Duncan (1955).
    """
    if (none := missing(x)) is not None:
        return none
    members, _, everyone = pair(x)
    apart = along(centre_distances, len(members), "the distance to the centre")
    ground = everyone if areas is None else along(areas, len(members), "the area")
    if ground.sum() == 0:
        return Undefined("no-land", phrase("The zones have no area."))
    return centralized(members, ground, apart)


@index(
    "relative_centralization",
    symbol="RCE",
    family="centralization",
    groups="two",
    needs=("centre_distances",),
    minimum=-1.0,
    verdict="recommended",
    because="It compares people with people, so that empty land plays no part.",
    oracle="PySAL segregation 2.5.4 RelativeCentralization; sum over pairs of people",
    peers=("PySAL RelativeCentralization", "OasisR RCE", "OasisR RCEPoly"),
    laws=("zone-order", "scale", "empty-zone", "zero-when-even"),
    explain=Explain(
        title="Relative centralization (RCE)",
        one_line="Does the group live nearer to the centre than the others do?",
        low="Below 0 the group lives farther out than the others.",
        high="At 1 every member lives nearer to the centre than any of the others.",
        ask_next=("Is it the same with every centre of the city, by walking time as well?",),
        pitfalls=(CENTRE, TWO),
        not_for="Do not read it as good access: centres differ in what they offer.",
        example="A member and another person meet: the index is how much oftener the member is nearer.",
        citations=(DUNCAN, MASSEY_DENTON),
    ),
)
def relative_centralization(x: npt.ArrayLike, centre_distances: npt.ArrayLike) -> Value:
    r""":math:`\sum_i (X_{i-1} Y_i - X_i Y_{i-1})`, cumulative shares by distance.

    Equal to the share of pairs (member, other) in which the member lives nearer, less
    the share in which the other does.

    Parameters
    ----------
    x : (Z, G) array
        Persons; the group first.
    centre_distances : (Z,) array
        See `absolute_centralization`.

    Returns
    -------
    float in -1..1 or Undefined

    References
    ----------
    Duncan and Duncan (1955).
    """
    if (none := missing(x)) is not None:
        return none
    members, others, _ = pair(x)
    apart = along(centre_distances, len(members), "the distance to the centre")
    return centralized(members, others, apart)
