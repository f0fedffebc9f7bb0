"""Six types of neighbourhoods by absolute shares, after Poulsen, Johnston and Forrest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..arrays import Floats, divide

__all__ = ["LIMITS", "TYPES", "Limits", "Typed", "neighbourhood_types"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

TYPES = (
    "isolated host community",
    "non-isolated host community",
    "assimilation-pluralism enclave",
    "mixed-minority enclave",
    "polarised enclave",
    "extreme polarised enclave",
)
"""Names of the types by number; -1 means that a type cannot be known."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of the types, all shares.

    Parameters
    ----------
    isolated, host : float
        Share of the host group from which a zone is its own, and from which it is in the majority.
    plural_host, minority : float
        Least share of the host and of the largest minority in an assimilation-pluralism enclave.
    times : float
        How many times all other minorities together the largest must be to be polarised.
    extreme, concentrated : float
        Share of a zone that one minority holds in an extreme enclave, and part of that minority in the whole
        city that must live in such zones.
    """

    isolated: float = 0.8
    host: float = 0.5
    plural_host: float = 0.3
    minority: float = 0.2
    times: float = 2.0
    extreme: float = 0.6
    concentrated: float = 0.3


LIMITS = Limits()


@dataclass(frozen=True, slots=True, eq=False)
class Typed:
    """Types of zones.

    Parameters
    ----------
    type : (Z,) int array
        Place in `TYPES`, -1 where it cannot be known.
    largest : (Z,) int array
        Column of the largest minority, -1 where there is none.
    stability : (Z,) array
        Share of the redrawn cities in which the zone has the same type; NaN where it has none.
    draws : int
    """

    type: Ints
    largest: Ints
    stability: Floats
    draws: int


def neighbourhood_types(
    counts: Floats,
    host: int,
    *,
    limits: Limits = LIMITS,
    fewest: float = 30,
    draws: int = 200,
    seed: int = 0,
) -> Typed:
    """Type every zone, and say how often the type comes back when the people are drawn anew.

    Parameters
    ----------
    counts : (Z, G) array
        Persons by group; NaN where a count is not known.
    host : int
        Column of the host group. Which group that is, is a choice of the user and no property of the data.
    limits : Limits
    fewest : float
        People under which a zone gets no type.
    draws : int
        Cities redrawn: the people of each zone with replacement from that zone.
    seed : int

    Returns
    -------
    Typed

    Raises
    ------
    ValueError
        If `host` is no column, or there are fewer than two groups.

    References
    ----------
    Poulsen, Johnston and Forrest (2001), *Environment and Planning A* 33(11), 2071-2082. Of the paper
    itself the abstract was read; its rules and thresholds were read in an implementation that cites it
    (R package catseg, ``R/pjf.r``), see docs/typologies.md.
    """
    x = np.asarray(counts, dtype=np.float64)
    if x.ndim != 2 or x.shape[1] < 2 or not 0 <= host < x.shape[1]:
        raise ValueError(f"types need at least two groups and a host among them, not {x.shape} and {host}")
    known = np.isfinite(x).all(axis=1) & (np.nansum(x, axis=1) >= max(fewest, 1))
    whole = np.where(known[:, None], x, 0)
    found, largest = _types(whole, host, limits)
    same = np.zeros(len(x))
    for draw in range(draws):
        again, _ = _types(redrawn(whole, seed, draw), host, limits)
        same += again == found
    stability = np.where(known, same / draws if draws else np.nan, np.nan)
    return Typed(np.where(known, found, -1), np.where(known, largest, -1), stability, draws)


def _types(x: Floats, host: int, limits: Limits) -> tuple[Ints, Ints]:
    total = x.sum(axis=1)
    others = x.copy()
    others[:, host] = -1
    largest = others.argmax(axis=1)
    most = x[np.arange(len(x)), largest]
    rest = total - x[:, host] - most
    p_host, p_most = divide(x[:, host], total), divide(most, total)
    polar = (p_most >= limits.minority) & (most >= limits.times * rest)
    extreme = polar & (p_most >= limits.extreme) & _gathered(x, total, limits)[largest]
    out = np.select(
        [
            p_host >= limits.isolated,
            p_host >= limits.host,
            (p_host >= limits.plural_host) & (p_most >= limits.minority),
            extreme,
            polar,
        ],
        [0, 1, 2, 5, 4],
        default=3,
    ).astype(np.int64)
    return out, np.where(most > 0, largest, -1).astype(np.int64)


def _gathered(x: Floats, total: Floats, limits: Limits) -> Bools:
    """(G,) groups of which a large part lives where they are by far the most."""
    dominant = divide(x, np.broadcast_to(total[:, None], x.shape)) >= limits.extreme
    inside = np.where(dominant, x, 0).sum(axis=0)
    out: Bools = divide(inside, x.sum(axis=0)) >= limits.concentrated
    return out


def redrawn(x: Floats, seed: int, draw: int) -> Floats:
    """(Z, G) city `draw`: as many people in each zone, drawn with replacement from that zone."""
    chance = np.random.Generator(np.random.Philox(key=[seed, draw]))
    total = np.rint(x.sum(axis=1)).astype(np.int64)
    lived_in = total > 0
    out = np.zeros_like(x)
    mix = divide(x[lived_in], np.broadcast_to(x[lived_in].sum(axis=1, keepdims=True), x[lived_in].shape))
    out[lived_in] = chance.multinomial(total[lived_in], mix)
    return out
