"""Groups of points in the plane: k-means in two steps, silhouettes, and how far two groupings agree.

References
----------
Arthur & Vassilvitskii (2007): k-means++, SODA, p. 1029 (the start). Rousseeuw (1987): Silhouettes, Journal
of Computational and Applied Mathematics 20, p. 56. Hubert & Arabie (1985): Comparing partitions, Journal of
Classification 2, p. 198 (adjusted Rand index).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["BASE", "Grouping", "adjusted_rand", "grouped", "kmeans", "silhouette"]

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]

BASE = 100
"""Points are first joined to so many, as in Polis, and these are then grouped."""

MOST = 5
"""Most groups, as in Polis."""

STARTS = 12
ROUNDS = 60
BASE_ROUNDS = 10


@dataclass(frozen=True, slots=True, eq=False)
class Grouping:
    """Groups of points.

    Parameters
    ----------
    labels : (n,) int array
        The largest group is 0.
    centres : (k, 2) float array
    silhouettes : mapping of int to float
        By number of groups tried.
    """

    labels: Labels
    centres: Floats
    silhouettes: dict[int, float]

    @property
    def sizes(self) -> Labels:
        """Points of each group, not weighted."""
        return np.bincount(self.labels, minlength=len(self.centres))


def nearest(points: Floats, centres: Floats) -> Labels:
    """Return the place of the nearest centre of each point."""
    return np.asarray(np.argmin((centres**2).sum(axis=1) - 2 * points @ centres.T, axis=1))


def _started(points: Floats, weights: Floats, k: int, rng: np.random.Generator) -> Floats:
    chosen = [int(np.searchsorted(np.cumsum(weights), rng.random() * weights.sum(), side="right"))]
    chosen[0] = min(chosen[0], len(points) - 1)
    far = ((points - points[chosen[0]]) ** 2).sum(axis=1)
    for _ in range(1, k):
        pull = np.cumsum(far * weights)
        if pull[-1] <= 0:
            break
        place = min(int(np.searchsorted(pull, rng.random() * pull[-1], side="right")), len(points) - 1)
        chosen.append(place)
        far = np.minimum(far, ((points - points[place]) ** 2).sum(axis=1))
    return points[chosen]


def kmeans(
    points: Floats,
    weights: Floats,
    k: int,
    rng: np.random.Generator,
    *,
    starts: int = STARTS,
    rounds: int = ROUNDS,
) -> tuple[Labels, Floats, float]:
    """Return labels, centres and the weighted sum of squared distances of the best start.

    Parameters
    ----------
    points : (n, 2) float array
    weights : (n,) float array
        Not negative, not all zero.
    k : int
        Fewer come out when there are fewer different points.
    """
    best: tuple[Labels, Floats, float] | None = None
    for _ in range(starts):
        labels, centres = _settled(points, weights, _started(points, weights, k, rng), rounds)
        cost = float((weights * ((points - centres[labels]) ** 2).sum(axis=1)).sum())
        if best is None or cost < best[2] - 1e-12:
            best = (labels, centres, cost)
    assert best is not None
    return best


def _settled(points: Floats, weights: Floats, centres: Floats, rounds: int) -> tuple[Labels, Floats]:
    labels = nearest(points, centres)
    for _ in range(rounds):
        centres = _means(points, weights, labels, centres)
        moved = nearest(points, centres)
        if np.array_equal(moved, labels):
            break
        labels = moved
    return labels, centres


def _means(points: Floats, weights: Floats, labels: Labels, centres: Floats) -> Floats:
    k = len(centres)
    total = np.bincount(labels, weights, k)
    sums = np.stack([np.bincount(labels, weights * points[:, i], k) for i in range(2)], axis=1)
    # a centre that lost all its points stays where it is
    return np.divide(sums, total[:, None], out=centres.copy(), where=total[:, None] > 0)


def silhouette(points: Floats, weights: Floats, labels: Labels) -> float:
    """Return the mean silhouette, where each point is as many as its weight says, from -1 to 1."""
    k = int(labels.max()) + 1
    total = np.bincount(labels, weights, k)
    if (total > 0).sum() < 2:
        return -1.0
    apart = np.sqrt(np.maximum(((points[:, None, :] - points[None, :, :]) ** 2).sum(axis=2), 0))
    sums = apart @ (np.eye(k)[labels] * weights[:, None])
    own = total[labels]
    inside = np.divide(
        sums[np.arange(len(points)), labels], own - 1, out=np.zeros(len(points)), where=own > 1
    )
    mean = np.divide(sums, total, out=np.full_like(sums, np.inf), where=total > 0)
    mean[np.arange(len(points)), labels] = np.inf
    outside = mean.min(axis=1)
    larger = np.maximum(inside, outside)
    score = np.divide(outside - inside, larger, out=np.zeros(len(points)), where=larger > 0)
    score[own <= 1] = 0
    return float((weights * score).sum() / weights.sum())


def grouped(points: Floats, weights: Floats, rng: np.random.Generator, *, most: int = MOST) -> Grouping:
    """Group points; the number of groups is the one with the highest mean silhouette.

    Parameters
    ----------
    points : (n, 2) float array
    weights : (n,) float array
        Points of weight zero are labelled but do not matter.
    rng : numpy Generator
    most : int
        Most groups tried; fewer where there are few points.

    Raises
    ------
    ValueError
        When there are fewer than three different points.
    """
    held = weights > 0
    base, base_weights = _base(points[held], weights[held], rng)
    tried: dict[int, float] = {}
    for k in range(2, min(most, 2 + len(base) // 12, len(base) - 1) + 1):
        labels = kmeans(base, base_weights, k, rng)[0]
        if len(np.unique(labels)) == k:
            tried[k] = silhouette(base, base_weights, labels)
    if not tried:
        raise ValueError("fewer than three different points")
    best = max(tried, key=lambda k: (tried[k], -k))
    # joined points choose the number only: their groups are often not the best of everybody's
    _, centres, _ = kmeans(points[held], weights[held], best, rng)
    labels = nearest(points, centres)
    order = np.argsort(-np.bincount(labels, weights, best), kind="stable")
    return Grouping(
        np.argsort(order)[labels], centres[order], {k: round(score, 9) for k, score in tried.items()}
    )


def _base(points: Floats, weights: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    if len(points) <= BASE:
        return points, weights
    labels, centres, _ = kmeans(points, weights, BASE, rng, starts=1, rounds=BASE_ROUNDS)
    total = np.bincount(labels, weights, len(centres))
    return centres[total > 0], np.asarray(total[total > 0], float)


def adjusted_rand(one: Labels, other: Labels) -> float:
    """Return how far two groupings of the same people agree: 1 wholly, 0 as by chance.

    Parameters
    ----------
    one, other : (n,) int array
        Not negative.
    """
    if len(one) == 0:
        return 1.0
    table = np.zeros((int(one.max()) + 1, int(other.max()) + 1))
    np.add.at(table, (one, other), 1)
    pairs, rows, columns = (float((x * (x - 1) / 2).sum()) for x in (table, table.sum(1), table.sum(0)))
    all_ = len(one) * (len(one) - 1) / 2
    expected = rows * columns / all_ if all_ else 0.0
    most = (rows + columns) / 2
    return 1.0 if most == expected else (pairs - expected) / (most - expected)
