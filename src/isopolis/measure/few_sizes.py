r"""Smooth functions of the number of people in a zone, at thousands of sizes from a few dozen.

The mean of a smooth function of a count, hypergeometric or binomial, is an analytic function of the number
of draws n: the weights are products of gamma functions, and n may be any real number. So between two sizes it
is a polynomial in ln n to any accuracy wanted, and the sizes between cost nothing. With 20 Chebyshev points
for each fourfold of n the error is that of rounding (Trefethen 2013, *Approximation theory and approximation
practice*, theorem 8.2: it falls like :math:`\rho^{-20}`; in ln n the nearest singularity, n = 0, is
infinitely far and :math:`\rho` about 4.7).

Below `LEAST` people each size is found by itself: there the end of the support, where n counts draws one by
one, still has weight.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from .arrays import Floats

__all__ = ["at_sizes"]

LEAST = 64.0
FOLD = 4.0
NODES = 20
Evaluate = Callable[[Floats], list[Floats]]


def at_sizes(sizes: Floats, evaluate: Evaluate, *, most: float = np.inf) -> list[Floats]:
    """Values of `evaluate` at all `sizes`, worked out at few of them.

    Parameters
    ----------
    sizes : (K,) array
        People, at least 0.
    evaluate : callable
        Sizes, whole or not → list of arrays of their shape, each smooth in the size from `LEAST` on.
    most : float
        Largest size for which `evaluate` takes any real number.

    Returns
    -------
    list of (K,) arrays
    """
    spans = list(_spans(sizes, most))
    if not spans:
        return evaluate(sizes)
    alone = np.ones(len(sizes), dtype=bool)
    for chosen, _ in spans:
        alone[chosen] = False
    asked = np.concatenate([sizes[alone], *(_nodes(low) for _, low in spans)])
    found = evaluate(asked)
    out = [np.empty(len(sizes)) for _ in found]
    for target, values in zip(out, found, strict=True):
        target[alone] = values[: alone.sum()]
    start = int(alone.sum())
    for chosen, low in spans:
        weights = _weights(sizes[chosen], low)
        for target, values in zip(out, found, strict=True):
            target[chosen] = weights @ values[start : start + NODES]
        start += NODES
    return out


def _spans(sizes: Floats, most: float) -> Iterator[tuple[npt.NDArray[np.bool_], float]]:
    """Yield which sizes lie in a span with more of them than nodes, and where it begins."""
    top, low = float(sizes.max(initial=0.0)), LEAST
    while low <= top and low * FOLD <= most:
        chosen = (sizes >= low) & (sizes < low * FOLD)
        if chosen.sum() > NODES:
            yield chosen, low
        low *= FOLD


def _points() -> Floats:
    out: Floats = np.pi * (np.arange(NODES) + 0.5) / NODES
    return out


def _nodes(low: float) -> Floats:
    out: Floats = low * FOLD ** ((1 + np.cos(_points())) / 2)
    return out


def _weights(sizes: Floats, low: float) -> Floats:
    """(K, NODES) weights of the values at the nodes (barycentric: Berrut and Trefethen 2004, eq. 4.2)."""
    place = 2 * np.log(sizes / low) / np.log(FOLD) - 1
    away = place[:, None] - np.cos(_points())
    hit = away == 0
    parts = np.where(np.arange(NODES) % 2, -1, 1) * np.sin(_points()) / np.where(hit, 1, away)
    parts = np.where(hit.any(axis=1, keepdims=True), hit, parts)
    out: Floats = parts / parts.sum(axis=1, keepdims=True)
    return out
