"""Rates of small cells, drawn towards what their margins say, with credible intervals.

Each cell (a neighbourhood crossed with a group) has a rate of its own. Rates of cells with the same margins
differ by chance as a beta distribution says: ``p ~ Beta(m φ, (1 − m) φ)``, where ``logit m`` is the sum of an
effect of each category, of the crossing and of the neighbourhood. The margins then count as φ more people
of the cell. How far crossings and neighbourhoods spread, and φ, are learned from all cells, and the doubt
about them is part of the intervals. A cell of which only bounds are known takes part with its bounds.

The effects are found by Laplace's approximation, spreads and φ integrated over a grid around
their mode, corrected by the true density.

References
----------
Skellam, J. G. (1948): A probability distribution derived from the binomial distribution by regarding the
probability of success as variable between the sets of trials, JRSS B 10(2), 257–261.
Rue, H., Martino, S. & Chopin, N. (2009): Approximate Bayesian inference for latent Gaussian models by using
integrated nested Laplace approximations, JRSS B 71(2), 319–392, section 3 (grid over hyperparameters).
Evans, C. R. et al. (2018): A multilevel approach to modeling health inequalities at the intersection of
multiple social identities, Social Science & Medicine 203, 64–73 (crossings as random effects).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv, expit, gammaln, logit, psi, zeta

from isopolis.model import CallError

__all__ = ["Rates", "jeffreys", "shrink"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

CATEGORY_SD = 1.5  # of the effect of a category, on the scale of log-odds: wide
LEVEL_SD = 5.0
SPREAD_SD = 1.0  # half-normal, of the spreads of crossings and neighbourhoods
LOOSE_SD = 0.3  # half-normal, of 1 / sqrt(φ)
WIDEST = 400  # bounds further apart than this tell nothing worth its time
CELLS_TO_LEARN = 20_000  # cells from which spreads are learned; more would not move them
STEPS = 60
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(7)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()
_POINTS = {1: 9, 2: 5, 3: 3}
"""Points of the grid along each hyperparameter, by how many there are."""


@dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """Rates of all cells.

    Parameters
    ----------
    mean, low, high : (Z, G) arrays
        Rate between 0 and 1 with its credible interval; NaN-free: where nobody lives they are those of the
        margins and mean nothing.
    margin : (Z, G) array
        What the margins alone say.
    own : (Z, G) array
        Part of the rate that comes from the cell itself, 0 to 1: ``n / (n + φ)``.
    people : float
        φ: how many people of the cell the margins count as.
    spread_zones, spread_crossings : float
        Standard deviations of the log-odds between neighbourhoods, and between crossings beyond the sum of
        their categories; 0 where there is only one.
    level : float
        Probability of the intervals.
    """

    mean: Floats
    low: Floats
    high: Floats
    margin: Floats
    own: Floats
    people: float
    spread_zones: float
    spread_crossings: float
    level: float


def jeffreys(took: npt.ArrayLike, people: npt.ArrayLike, level: float = 0.95) -> tuple[Floats, Floats]:
    """Return the interval of a share by Jeffreys' prior; 0 and 1 are its ends where all or none took part.

    References
    ----------
    Brown, L. D., Cai, T. T. & DasGupta, A. (2001): Interval estimation for a binomial proportion,
    Statistical Science 16(2), 101–133, section 4.1.1.
    """
    k, n = np.asarray(took, dtype=np.float64), np.asarray(people, dtype=np.float64)
    tail = (1 - level) / 2
    low = np.where(k <= 0, 0.0, betaincinv(k + 0.5, n - k + 0.5, tail))
    high = np.where(k >= n, 1.0, betaincinv(k + 0.5, n - k + 0.5, 1 - tail))
    return low, high


def shrink(
    took: npt.ArrayLike,
    people: npt.ArrayLike,
    features: npt.ArrayLike | None = None,
    *,
    crossed: bool = False,
    lower: npt.ArrayLike | None = None,
    upper: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> Rates:
    """Estimate the rate of every cell.

    Parameters
    ----------
    took, people : (Z, G) arrays
        How many took part, of how many; ``0 <= took <= people``. A cell of nobody says nothing.
    features : (G, B) array of 0 and 1, optional
        Categories that each group belongs to, for their effects; none when not given.
    crossed : bool
        True when groups are crossings, which may differ from the sum of their categories.
    lower, upper : (Z, G) arrays, optional
        Bounds of `took` where it is not known exactly; equal where it is. Given both or none.
    level : float
        Probability of the intervals.

    Returns
    -------
    Rates

    Raises
    ------
    CallError
        If shapes disagree or somebody took part who is not counted.
    """
    k, n = np.asarray(took, dtype=np.float64), np.asarray(people, dtype=np.float64)
    if k.ndim != 2 or k.shape != n.shape:
        raise CallError("give both tables with one row per neighbourhood and one column per group")
    low = k if lower is None else np.asarray(lower, dtype=np.float64)
    high = k if upper is None else np.minimum(np.asarray(upper, dtype=np.float64), n)
    if not ((low >= 0) & (low <= high) & (high <= n)).all():
        raise CallError("in no cell can more people take part than are counted there, or fewer than none")
    groups = np.zeros((k.shape[1], 0)) if features is None else np.asarray(features, dtype=np.float64)
    if groups.shape[0] != k.shape[1]:
        raise CallError("features need one row per group")
    model = _Model(_cells(low, high, n), groups, k.shape, crossed)
    return _integrated(model, n, level)


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """Cells that say something, and for each the numbers of people that may have taken part."""

    zone: Ints
    group: Ints
    people: Floats
    term: Floats
    of_term: Ints
    first: Ints

    def some(self, zones: Ints) -> _Cells:
        """Return the cells of these zones only."""
        keep = np.isin(self.zone, zones)
        number = np.cumsum(keep) - 1
        terms = keep[self.of_term]
        of_term = number[self.of_term[terms]]
        first = np.flatnonzero(np.diff(of_term, prepend=-1))
        return _Cells(
            np.searchsorted(zones, self.zone[keep]), self.group[keep], self.people[keep],
            self.term[terms], of_term, first,
        )  # fmt: skip


def _cells(low: Floats, high: Floats, people: Floats) -> _Cells:
    use = (people > 0) & (high - low <= WIDEST) & ~((low <= 0) & (high >= people))
    zone, group = np.nonzero(use)
    width = (np.floor(high[use] + 1e-9) - np.ceil(low[use] - 1e-9)).astype(np.int64) + 1
    width = np.maximum(width, 1)
    first = np.cumsum(width) - width
    of_term = np.repeat(np.arange(len(zone)), width)
    term = low[use][of_term] + (np.arange(len(of_term)) - first[of_term])
    return _Cells(zone, group, people[use], term, of_term, first)


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """The effects at one choice of spreads and φ."""

    density: float
    eta: Floats  # (Z, G)
    variance: Floats
    phi: float


@dataclass(slots=True, eq=False)
class _Model:
    """The model on one set of cells; keeps where the last search ended."""

    cells: _Cells
    features: Floats
    shape: tuple[int, int]
    crossed: bool
    effects: Floats = field(init=False)
    columns: Floats = field(init=False)

    def __post_init__(self) -> None:
        g = self.shape[1]
        parts = [np.ones((g, 1)), self.features] + ([np.eye(g)] if self.crossed else [])
        self.columns = np.concatenate(parts, axis=1)
        self.effects = np.zeros(self.columns.shape[1] + self.shape[0])
        c = self.cells
        middle = np.bincount(c.of_term, c.term) / np.maximum(np.bincount(c.of_term), 1) if len(c.zone) else 0
        rate = (np.sum(middle) + 0.5) / (c.people.sum() + 1.0)
        self.effects[0] = float(logit(min(max(rate, 1e-6), 1 - 1e-6)))

    @property
    def names(self) -> tuple[str, ...]:
        """Hyperparameters that this model has, as logarithms of standard deviations."""
        out = ["loose"]
        # with one group, what a neighbourhood differs by is what its cell differs by
        out += ["zones"] if min(self.shape) > 1 else []
        return (*out, "crossings") if self.crossed else tuple(out)

    def start(self) -> Floats:
        """Return where the search for spreads begins."""
        return np.log(np.array([{"loose": 0.1, "zones": 0.3, "crossings": 0.2}[n] for n in self.names]))

    def spreads(self, theta: Floats) -> dict[str, float]:
        """Return standard deviations by name; a part that is not there has none."""
        found = dict(zip(self.names, np.exp(np.clip(theta, -9, 3)).tolist(), strict=True))
        return {"zones": 1e-6, "crossings": 1e-6} | found

    def prior(self, theta: Floats) -> float:
        """Log density of the hyperparameters, of their logarithms."""
        sizes = np.array([LOOSE_SD if n == "loose" else SPREAD_SD for n in self.names])
        return float((theta - np.exp(2 * theta) / (2 * sizes**2)).sum())

    def precision(self, spread: dict[str, float]) -> Floats:
        """Precision of every effect before anything is seen."""
        b, g = self.features.shape[1], self.shape[1] if self.crossed else 0
        sds = [LEVEL_SD, *[CATEGORY_SD] * b, *[spread["crossings"]] * g, *[spread["zones"]] * self.shape[0]]
        return 1 / np.square(sds)

    def predicted(self, effects: Floats) -> Floats:
        """(Z, G) log-odds."""
        width = self.columns.shape[1]
        return (self.columns @ effects[:width])[None, :] + effects[width:, None]

    def fit(self, theta: Floats) -> _Fit:
        """Find the effects for these spreads, and the density of the spreads themselves."""
        spread = self.spreads(theta)
        phi, prior = spread["loose"] ** -2, self.precision(spread)
        x = self.effects.copy()
        value, slope, bend = self.likelihood(x, phi)
        goal = value - 0.5 * float(prior @ x**2)
        for _step in range(STEPS):
            system = _System(self, bend, prior)
            move = system.solve(self.gathered(slope) - prior * x)
            size = 1.0
            while True:
                trial = x + size * move
                value, slope_, bend_ = self.likelihood(trial, phi)
                reached = value - 0.5 * float(prior @ trial**2)
                if reached >= goal - 1e-9 or size < 1e-4:
                    break
                size /= 2
            gained, x, goal, slope, bend = reached - goal, trial, reached, slope_, bend_
            if abs(gained) < 1e-7 and size == 1.0:
                break
        self.effects = x
        system = _System(self, bend, prior)
        density = goal + 0.5 * float(np.log(prior).sum()) - 0.5 * system.log_determinant
        return _Fit(density + self.prior(theta), self.predicted(x), system.variance(), phi)

    def gathered(self, slope: Floats) -> Floats:
        """Bring slopes of cells to slopes of effects."""
        zones, groups = self.shape
        by_group = np.bincount(self.cells.group, slope, groups)
        return np.concatenate([by_group @ self.columns, np.bincount(self.cells.zone, slope, zones)])

    def likelihood(self, effects: Floats, phi: float) -> tuple[float, Floats, Floats]:
        """Log likelihood, its slope and its (positive) bend by cell, in the log-odds."""
        c = self.cells
        m = expit(self.predicted(effects)[c.zone, c.group])
        value, first, second = _beta_binomial(c, m, phi)
        v = m * (1 - m)
        slope = first * v
        fisher = -second * v**2
        bend = fisher - first * v * (1 - 2 * m)
        return float(value.sum()), slope, np.maximum(bend, 0.1 * np.abs(fisher) + 1e-9)


def _beta_binomial(cells: _Cells, mean: Floats, phi: float) -> tuple[Floats, Floats, Floats]:
    """Log probability of each cell and its two derivatives in the mean; a cell may have several terms."""
    of, k = cells.of_term, cells.term
    m, n = np.clip(mean, 1e-12, 1 - 1e-12), cells.people
    a, b = (m * phi)[of], ((1 - m) * phi)[of]
    rest = n[of] - k
    value = gammaln(a + k) - gammaln(a) + gammaln(b + rest) - gammaln(b)
    value += gammaln(n + 1)[of] - gammaln(k + 1) - gammaln(rest + 1)
    first = phi * (psi(a + k) - psi(a) - psi(b + rest) + psi(b))
    second = phi**2 * (zeta(2, a + k) - zeta(2, a) + zeta(2, b + rest) - zeta(2, b))
    whole = gammaln(phi) - gammaln(phi + n)
    if len(of) == len(n):
        return value + whole, first, second
    top = np.maximum.reduceat(value, cells.first)
    part = np.exp(value - top[of])
    total = np.add.reduceat(part, cells.first)
    part /= total[of]
    slope = np.add.reduceat(part * first, cells.first)
    bend = np.add.reduceat(part * (second + first**2), cells.first) - slope**2
    return top + np.log(total) + whole, slope, np.minimum(bend, -1e-12)


class _System:
    """The matrix of second derivatives, with the neighbourhoods eliminated."""

    def __init__(self, model: _Model, bend: Floats, prior: Floats) -> None:
        zones, groups = model.shape
        cells, self.columns = model.cells, model.columns
        flat = np.bincount(cells.zone * groups + cells.group, bend, zones * groups)
        table = flat.reshape(zones, groups)
        width = self.columns.shape[1]
        self.corner = table.sum(axis=1) + prior[width:]  # (Z,)
        self.side = table @ self.columns  # (Z, K)
        block = (self.columns.T * table.sum(axis=0)) @ self.columns + np.diag(prior[:width])
        self.schur = block - self.side.T @ (self.side / self.corner[:, None])
        self.inverse = np.linalg.inv(self.schur)
        self.log_determinant = float(np.linalg.slogdet(self.schur)[1] + np.log(self.corner).sum())

    def solve(self, right: Floats) -> Floats:
        """Solve for the effects."""
        width = len(self.inverse)
        top, bottom = right[:width], right[width:]
        x = self.inverse @ (top - self.side.T @ (bottom / self.corner))
        return np.concatenate([x, (bottom - self.side @ x) / self.corner])

    def variance(self) -> Floats:
        """(Z, G) variances of the log-odds of all cells."""
        shared = np.einsum("gk,kl,gl->g", self.columns, self.inverse, self.columns)
        pull = self.side / self.corner[:, None]
        spun = pull @ self.inverse
        own = 1 / self.corner + np.einsum("zk,zk->z", spun, pull)
        return np.maximum(shared[None, :] - 2 * spun @ self.columns.T + own[:, None], 1e-12)


def _integrated(model: _Model, people: Floats, level: float) -> Rates:
    """Put the fits of all choices of spreads together."""
    learner = _learner(model)
    mode, scale = _mode(learner)
    nodes, parts = np.polynomial.hermite_e.hermegauss(_POINTS[len(mode)])
    grids = np.array(np.meshgrid(*[nodes] * len(mode), indexing="ij")).reshape(len(mode), -1).T
    rules = np.array(np.meshgrid(*[parts] * len(mode), indexing="ij")).prod(axis=0).ravel()
    points = mode + grids @ scale.T
    densities = np.array([learner.fit(p).density for p in points])
    # the rule is for a normal density: what the true one has more or less comes in as a factor
    log_weight = densities + 0.5 * (grids**2).sum(axis=1) + np.log(rules)
    weights = np.exp(log_weight - log_weight.max())
    weights /= weights.sum()
    used = weights > 1e-4
    weights, points = weights[used] / weights[used].sum(), points[used]
    sums = np.zeros((4, *model.shape))
    spreads = {"loose": 0.0, "zones": 0.0, "crossings": 0.0}
    for weight, point in zip(weights, points, strict=True):
        fit = model.fit(point)
        sums += weight * np.stack(_moments(model, fit, people))
        for name in model.names:
            spreads[name] += weight * model.spreads(point)[name]
    mean, square, margin, own = sums
    low, high = _beta_interval(mean, square - mean**2, level)
    weight_of_margins = spreads["loose"] ** -2
    return Rates(
        mean, low, high, margin, own, weight_of_margins, spreads["zones"], spreads["crossings"], level
    )


def _learner(model: _Model) -> _Model:
    """Return the model from which spreads are learned: of all cells, or of every n-th neighbourhood."""
    cells = len(model.cells.zone)
    if cells <= CELLS_TO_LEARN:
        return model
    zones = np.arange(0, model.shape[0], -(-cells // CELLS_TO_LEARN))
    return _Model(model.cells.some(zones), model.features, (len(zones), model.shape[1]), model.crossed)


def _mode(model: _Model) -> tuple[Floats, Floats]:
    """Return the mode of the hyperparameters and a root of their covariance there."""
    from scipy.optimize import minimize

    def loss(theta: Floats) -> float:
        return -model.fit(np.clip(theta, -9, 3)).density

    found = minimize(loss, model.start(), method="BFGS", options={"gtol": 0.02, "eps": 1e-3, "maxiter": 40})
    mode = np.clip(found.x, -7, 2)
    bends, turns = np.linalg.eigh(_second(loss, mode))
    return mode, turns * np.minimum(1.5, 1 / np.sqrt(np.maximum(bends, 1e-3)))


def _second(loss: object, at: Floats, step: float = 0.1) -> Floats:
    """Second derivatives by differences."""
    d = len(at)
    assert callable(loss)
    middle = loss(at)
    shifts = np.eye(d) * step
    out = np.zeros((d, d))
    plus, minus = [loss(at + s) for s in shifts], [loss(at - s) for s in shifts]
    for i in range(d):
        out[i, i] = (plus[i] - 2 * middle + minus[i]) / step**2
        for j in range(i):
            both = loss(at + shifts[i] + shifts[j])
            out[i, j] = out[j, i] = (both - plus[i] - plus[j] + middle) / step**2
    return out


def _moments(model: _Model, fit: _Fit, people: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Mean and mean square of the rates, mean of the margins, and the weight of the cells' own people."""
    c, phi = model.cells, fit.phi
    known = np.zeros(model.shape)
    known[c.zone, c.group] = c.people
    mean, square, margin = np.zeros(model.shape), np.zeros(model.shape), np.zeros(model.shape)
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        m = np.clip(expit(fit.eta + node * np.sqrt(fit.variance)), 1e-12, 1 - 1e-12)
        k, k_square = np.zeros(model.shape), np.zeros(model.shape)
        k[c.zone, c.group], k_square[c.zone, c.group] = _took(c, m[c.zone, c.group], phi)
        a, size = m * phi, known + phi
        mean += weight * (k + a) / size
        square += weight * (k_square + k * (2 * a + 1) + a * (a + 1)) / (size * (size + 1))
        margin += weight * m
    return mean, square, margin, known / (known + phi)


def _took(cells: _Cells, mean: Floats, phi: float) -> tuple[Floats, Floats]:
    """Mean and mean square of how many took part in each cell, within its bounds."""
    if len(cells.of_term) == len(cells.people):
        return cells.term, cells.term**2
    of, k = cells.of_term, cells.term
    a, b, n = (mean * phi)[of], ((1 - mean) * phi)[of], cells.people[of]
    value = gammaln(a + k) + gammaln(b + n - k) - gammaln(k + 1) - gammaln(n - k + 1)
    part = np.exp(value - np.maximum.reduceat(value, cells.first)[of])
    total = np.add.reduceat(part, cells.first)
    return np.add.reduceat(part * k, cells.first) / total, np.add.reduceat(part * k**2, cells.first) / total


def _beta_interval(mean: Floats, variance: Floats, level: float) -> tuple[Floats, Floats]:
    """Quantiles of the beta distribution with these moments."""
    mean = np.clip(mean, 1e-9, 1 - 1e-9)
    variance = np.clip(variance, 1e-14, 0.999 * mean * (1 - mean))
    size = mean * (1 - mean) / variance - 1
    tail = (1 - level) / 2
    a, b = mean * size, (1 - mean) * size
    return betaincinv(a, b, tail), betaincinv(a, b, 1 - tail)
