"""The law of true shares over zones, found from what was observed of each zone.

A zone has a true share p; what is observed of it has a likelihood that depends on p (`observed`). Log-odds
of p follow a mixture of one or two normal laws over zones. Everything is put on one grid of log-odds: the
likelihood is a matrix (zone × point), a law is a row of weights (point), and the evidence for hundreds of
laws is one product of matrices, whatever the mechanism was.

The doubt about the law is kept: laws are drawn from their posterior by importance sampling around the
mode for one part and for two, each weighted by its evidence.

References
----------
Robbins, H. (1956): An empirical Bayes approach to statistics, Third Berkeley Symposium 1, 157–163.
Kass, R. E. & Steffey, D. (1989): Approximate Bayesian inference in conditionally independent hierarchical
models (parametric empirical Bayes models), JASA 84(407), 717–726 (why the doubt about the law must be kept).
Geweke, J. (1989): Bayesian inference in econometric models using Monte Carlo integration, Econometrica
57(6), 1317–1339 (importance sampling from a Student law around the mode).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, ndtr

__all__ = ["Law", "grid_of", "law_of", "shares_drawn"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

POINTS = 128
BLOCK = 4096
FARTHEST = 9.0
SD_CENTRE, SD_WIDTH = np.log(0.4), 1.0
LEVEL_WIDTH = 1.5
FREEDOM = 6.0
CANDIDATES, FEW_CANDIDATES = 192, 64
FEW_DRAWS = 40
FAMILIES = ((1, True, 0.45), (2, True, 0.35), (2, False, 0.20))
"""Parts, whether they have a width of their own, and how likely that is before anything was seen.

Two parts without width are a city of two kinds of zones.
"""

POINT_SD = np.log(0.01)
NEWTON = 5


@dataclass(frozen=True, slots=True, eq=False)
class Law:
    """Draws of the law of log-odds over zones.

    Parameters
    ----------
    theta : (T,) array
        Grid of log-odds.
    weights : (M, T) array
        Laws drawn from their posterior; rows add up to 1.
    values : (M, T) array
        Log-odds that a point of the grid stands for under each law: the points about a part without width
        stand for that part.
    two : float
        Posterior probability that the law has two parts.
    effective : float
        Effective number of the drawn candidates; a few of them only means that the doubt is understated.
    """

    theta: Floats
    weights: Floats
    values: Floats
    two: float
    effective: float


def grid_of(x: Floats, n: Floats, points: int = POINTS) -> Floats:
    """Grid of log-odds that holds all shares x/n with room for their error; (T,)."""
    use = n > 0
    x, n = x[use], n[use]
    raw = np.log((x + 0.5) / (n - x + 0.5))
    error = np.sqrt(1 / (x + 0.5) + 1 / (n - x + 0.5))
    reach = 2.5 * error
    low, high = float((raw - reach).min(initial=0.0)), float((raw + reach).max(initial=-1.0))
    if low > high:
        low, high = -1.0, 1.0
    room = 0.15 * (high - low) + 0.05
    return np.linspace(max(low - room, -FARTHEST), min(high + room, FARTHEST), points)


def law_of(
    loglik: Floats, theta: Floats, times: Floats, rng: np.random.Generator, draws: int, learn: int = 500
) -> Law:
    """Draw laws from their posterior.

    Parameters
    ----------
    loglik : (Z, T) array
        Log-likelihood of each zone (or kind of zone) at each point, up to a constant by row.
    theta : (T,) array
        Equally spaced log-odds.
    times : (Z,) array
        How many zones each row stands for.
    rng : Generator
    draws : int
        Laws wanted, M.
    learn : int
        Rows from which the law is learned, drawn at random where there are more.
    """
    if len(times) > learn:
        chosen = rng.permutation(len(times))[:learn]
        loglik, times = loglik[chosen], times[chosen]
    likelihood = np.exp(loglik - loglik.max(axis=1, keepdims=True))
    centre, spread = _start(likelihood, theta, times)
    two = _two_parts(likelihood, theta, times, centre, spread)
    one = np.array([centre, np.log(spread)])
    size = CANDIDATES if draws > FEW_DRAWS else FEW_CANDIDATES
    found = []
    for parts, wide, prior in FAMILIES:
        goal = _goal(likelihood, theta, times, centre, (parts, wide, prior))
        found.append(_sampled(goal, one if parts == 1 else two if wide else two[[0, 1, 4]], rng, size))
    every = np.concatenate([value for _, value in found])
    weight = np.exp(every - every.max())
    weight /= weight.sum()
    rows = pick(weight, (rng.random() + np.arange(draws)) / draws)
    rows = rng.permutation(rows)
    params = [found[r // size][0][r % size] for r in rows]
    laws = [_weights(v[None], theta, FAMILIES[r // size])[0] for v, r in zip(params, rows, strict=True)]
    values = [_values(v, theta, FAMILIES[r // size]) for v, r in zip(params, rows, strict=True)]
    return Law(
        theta, np.array(laws), np.array(values), float(weight[size:].sum()), float(1 / (weight**2).sum())
    )


def pick(weight: Floats, at: Floats) -> Ints:
    """Positions at which the cumulated `weight` passes each of `at`, numbers of 0..1."""
    edges = np.cumsum(weight)
    return np.minimum(np.searchsorted(edges, at * edges[-1], side="right"), len(weight) - 1)


# -- the family ---------------------------------------------------------------------------


Family = tuple[int, bool, float]


def _split(params: Floats, family: Family) -> tuple[Floats, Floats, Floats]:
    """(C, d) parameters → levels and log sds (C, K), log shares (C, K)."""
    parts, wide, _ = family
    level, rest = params[:, :parts], params[:, parts:]
    sd = rest[:, :parts] if wide else np.full(level.shape, POINT_SD)
    logits = rest[:, parts if wide else 0 :]
    full = np.concatenate([np.zeros((len(params), 1)), logits], axis=1)
    most = full.max(axis=1, keepdims=True)
    return level, sd, full - most - np.log(np.exp(full - most).sum(axis=1, keepdims=True))


def _weights(params: Floats, theta: Floats, family: Family) -> Floats:
    """(C, d) parameters → (C, T) weights of the points of the grid."""
    step = theta[1] - theta[0]
    edges = np.concatenate([[-np.inf], (theta[1:] + theta[:-1]) / 2, [np.inf]])
    level, log_sd, log_share = _split(params, family)
    share = np.exp(log_share)
    out = np.zeros((len(params), len(theta)))
    if not family[1]:
        return _points(level, share, theta)
    for k in range(family[0]):
        wide = np.maximum(np.exp(log_sd[:, k]), 0.2 * step)[:, None]
        below = ndtr((edges[None, 1:-1] - level[:, k, None]) / wide)
        mass = np.diff(below, axis=1, prepend=0.0, append=1.0)
        out += share[:, k, None] * mass
    return out


def _points(level: Floats, share: Floats, theta: Floats) -> Floats:
    """Weights of parts without width: each is divided between its two neighbours on the grid."""
    out = np.zeros((len(level), len(theta)))
    rows = np.arange(len(level))
    for k in range(level.shape[1]):
        below, part = _neighbour(level[:, k], theta)
        np.add.at(out, (rows, below), share[:, k] * (1 - part))
        np.add.at(out, (rows, below + 1), share[:, k] * part)
    return out


def _neighbour(level: Floats, theta: Floats) -> tuple[Ints, Floats]:
    """Point of the grid below each level, and how far towards the next it lies."""
    at = np.clip((level - theta[0]) / (theta[1] - theta[0]), 0, len(theta) - 1.001)
    below = at.astype(np.intp)
    return below, at - below


def _values(params: Floats, theta: Floats, family: Family) -> Floats:
    """(T,) what each point of the grid stands for under one law."""
    out = theta.copy()
    if not family[1]:
        for level in params[: family[0]]:
            below, part = _neighbour(np.array([level]), theta)
            out[below[0] : below[0] + 2] = theta[below[0]] + part[0] * (theta[1] - theta[0])
    return out


Goal = Callable[[Floats], tuple[Floats, Floats]]


def _goal(likelihood: Floats, theta: Floats, times: Floats, centre: float, family: Family) -> Goal:
    """Log posterior of (C, d) parameters, and their laws."""
    parts, wide, prior = family
    constant = np.log(prior) + gammaln(parts + 1)  # parts can be named in that many orders; one is looked at
    constant += gammaln(1.5 * parts) - parts * gammaln(1.5)
    constant -= parts * (np.log(LEVEL_WIDTH) + 0.5 * np.log(2 * np.pi))
    if wide:
        constant -= parts * (np.log(SD_WIDTH) + 0.5 * np.log(2 * np.pi))

    def goal(params: Floats) -> tuple[Floats, Floats]:
        weights = _weights(params, theta, family)
        seen = np.log(np.maximum(likelihood @ weights.T, 1e-300))
        level, sd, log_share = _split(params, family)
        before = -0.5 * (((level - centre) / LEVEL_WIDTH) ** 2).sum(axis=1)
        if wide:
            before -= 0.5 * (((sd - SD_CENTRE) / SD_WIDTH) ** 2).sum(axis=1)
        # Dirichlet(1.5, 1.5) for the shares, as a density of their logits
        before += 1.5 * log_share.sum(axis=1)
        return times @ seen + before + constant, weights

    return goal


# -- where to begin -----------------------------------------------------------------------


def _start(likelihood: Floats, theta: Floats, times: Floats) -> tuple[float, float]:
    """Level and sd of one normal law, by a few steps of EM."""
    level, sd = float(theta.mean()), float(np.ptp(theta)) / 4
    for _ in range(25):
        law = np.exp(-0.5 * ((theta - level) / max(sd, 1e-3)) ** 2)
        mass = _mass(likelihood, law, times)
        total = mass.sum()
        level = float(mass @ theta / total)
        sd = float(np.sqrt(mass @ (theta - level) ** 2 / total))
    return level, max(sd, 0.02)


def _mass(likelihood: Floats, law: Floats, times: Floats) -> Floats:
    """(T,) how many zones each point is expected to hold."""
    law = law / law.sum()
    return law * ((times / np.maximum(likelihood @ law, 1e-300)) @ likelihood)


def _two_parts(likelihood: Floats, theta: Floats, times: Floats, centre: float, spread: float) -> Floats:
    """Where to begin with two parts: EM from three splits, the best of them."""
    best: list[tuple[float, Floats]] = []
    for offsets in _OFFSETS:
        level = centre + spread * np.array(offsets)
        sd, share, fit = np.full(2, 0.5 * spread), np.full(2, 0.5), 0.0
        for _ in range(15):
            density = np.exp(-0.5 * ((theta - level[:, None]) / sd[:, None]) ** 2)
            part = share[:, None] * density / density.sum(axis=1, keepdims=True).clip(1e-300)
            seen = np.maximum(likelihood @ (part.sum(axis=0) + 1e-12), 1e-300)
            fit = float(times @ np.log(seen))
            mass = part * ((times / seen) @ likelihood)
            total = mass.sum(axis=1) + 1e-9
            level = mass @ theta / total
            sd = np.sqrt((mass * (theta - level[:, None]) ** 2).sum(axis=1) / total).clip(0.03)
            share = (total + 1) / (total.sum() + 2)
        best.append((fit, np.array([*level, *np.log(sd), np.log(share[1] / share[0])])))
    return max(best, key=lambda b: b[0])[1]


_OFFSETS = ((-0.8, 0.8), (-0.3, 1.8), (-1.8, 0.3))


# -- drawing ------------------------------------------------------------------------------


def _sampled(goal: Goal, start: Floats, rng: np.random.Generator, count: int) -> tuple[Floats, Floats]:
    """Parameters of laws and log weights: Newton to the mode, then a Student law around it."""
    at, cov = _mode(goal, start)
    root = np.linalg.cholesky(cov)
    size = len(at)
    z = rng.standard_normal((count, size))
    chi = rng.chisquare(FREEDOM, count) / FREEDOM
    params = at + (z @ root.T) / np.sqrt(chi)[:, None]
    value, _ = goal(params)
    distance = (z * z).sum(axis=1) / chi
    density = (
        gammaln((FREEDOM + size) / 2) - gammaln(FREEDOM / 2) - 0.5 * size * np.log(FREEDOM * np.pi)
        - np.log(np.diag(root)).sum() - 0.5 * (FREEDOM + size) * np.log1p(distance / FREEDOM)
    )  # fmt: skip
    return params, value - density - np.log(count)


def _mode(goal: Goal, start: Floats) -> tuple[Floats, Floats]:
    """Mode of the posterior and the inverse of its curvature there."""
    at, size = start.copy(), len(start)
    step = np.full(size, 0.05)
    cov = np.eye(size)
    for _ in range(NEWTON):
        best, slope, curve = _shape(goal, at, step)
        value, vector = np.linalg.eigh(-curve)
        value = np.maximum(np.abs(value), 0.3)
        cov = (vector / value) @ vector.T
        step = np.clip(0.4 * np.sqrt(np.diag(cov)), 1e-3, 0.3)
        scales = np.array([1.0, 0.5, 0.2, 0.05, 0.01])
        jump = cov @ slope
        longest = np.abs(jump).max()
        if longest > 1.0:
            jump = jump / longest
        tried = at + scales[:, None] * jump
        values, _ = goal(tried)
        pick_ = int(values.argmax())
        if values[pick_] <= best + 0.01:
            break
        at = tried[pick_]
    return at, cov


def _shape(goal: Goal, at: Floats, step: Floats) -> tuple[float, Floats, Floats]:
    """Value, slope and curvature by differences, all in one call."""
    size = len(at)
    e = np.diag(step)
    rows = [np.zeros(size)]
    for i in range(size):
        rows += [e[i], -e[i]]
    pairs = [(i, j) for i in range(size) for j in range(i)]
    for i, j in pairs:
        rows += [e[i] + e[j], -e[i] - e[j]]
    value, _ = goal(at + np.array(rows))
    slope, curve = np.zeros(size), np.zeros((size, size))
    for i in range(size):
        up, down = value[1 + 2 * i], value[2 + 2 * i]
        slope[i] = (up - down) / (2 * step[i])
        curve[i, i] = (up - 2 * value[0] + down) / step[i] ** 2
    for m, (i, j) in enumerate(pairs):
        both = value[1 + 2 * size + 2 * m] + value[2 + 2 * size + 2 * m]
        own = curve[i, i] * step[i] ** 2 + curve[j, j] * step[j] ** 2
        curve[i, j] = curve[j, i] = (both - 2 * value[0] - own) / (2 * step[i] * step[j])
    return float(value[0]), slope, curve


def shares_drawn(
    likelihood: Callable[[slice], Floats], law: Law, zones: int, count: int, rng: np.random.Generator
) -> Floats:
    """(count, zones) log-odds, drawn from what is known of each zone's share.

    Parameters
    ----------
    likelihood : callable
        A slice of zones → their (k, T) log-likelihood; asked for part by part, so that memory stays bounded.
    law : Law
        Its M laws serve in turn; `count` should be a multiple of M or not above it.
    """
    laws = law.weights[: min(count, len(law.weights))]
    per = -(-count // len(laws))
    out = np.empty((per * len(laws), zones))
    for start in range(0, zones, BLOCK):
        part = slice(start, min(start + BLOCK, zones))
        seen = likelihood(part)
        seen = np.exp(seen - seen.max(axis=1, keepdims=True))
        rows = np.arange(len(seen))
        for m, weights in enumerate(laws):
            edges = np.cumsum(seen * weights, axis=1)
            edges /= np.maximum(edges[:, -1:], 1e-300)
            edges[:, -1] = 1.0
            edges += rows[:, None]
            at = rows + rng.random((per, len(rows))) * (1 - 1e-9)
            found = np.searchsorted(edges.ravel(), at.ravel(), side="right").reshape(at.shape)
            at_point = np.minimum(found - rows * len(weights), len(weights) - 1)
            out[m * per : (m + 1) * per, part] = law.values[m][at_point]
    return out[:count]
