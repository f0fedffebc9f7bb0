"""D and Gini with the part taken away that small zones make by chance.

Whole persons are counted: a table of weights is rounded. The first column is the group,
all further columns together are everybody else.
"""

from __future__ import annotations

import numpy as np
from scipy.special import bdtr, gammaln, xlog1py, xlogy

from isopolis.explain import Explain

from .. import null_mean
from ..arrays import Floats, divide
from ..draws import blocks, by_chance, generator
from ..evenness import dissimilarity, gini
from ..spec import index
from .sources import ALLEN, CARRINGTON
from .two_group import pair

__all__ = [
    "bias_corrected_dissimilarity",
    "density_corrected_dissimilarity",
    "modified_dissimilarity",
    "modified_gini",
]

WIDE = 9.0
"""Standard deviations of a count that are summed to each side: what is left out is below 1e-17."""

ZONES = 2_000
"""Zones whose windows are summed at once."""

DRAWS = 199
"""Random tables behind the chance mean of Gini, for which no short closed form is known."""

CHANCE = "It takes one average of chance away. In a single city chance may have given more or less."
LAWS = ("zone-order", "empty-zone", "absent-group")


def _tables(x: Floats) -> Floats:
    """(..., Z, G) → (T, Z, 2) whole persons: the group and everybody else."""
    members, others, _ = pair(null_mean.whole(x))
    both = np.stack([members, others], axis=-1)
    return both.reshape(int(np.prod(both.shape[:-2], dtype=int)), *both.shape[-2:])


def _each(x: Floats, one: object) -> Floats:
    tables = _tables(x)
    values = [one(t) if (t.sum(axis=0) > 0).all() else 0.0 for t in tables]  # type: ignore[operator]
    return np.array(values, dtype=np.float64).reshape(np.shape(x)[:-2])


def _excess(value: float, expected: float) -> float:
    """Carrington and Troske: above chance over what is left to 1, below chance over chance."""
    room = 1 - expected if value >= expected else expected
    return (value - expected) / room if room > 1e-12 else 0.0


@index(
    "modified_dissimilarity",
    symbol="Dct",
    family="evenness",
    groups="one",
    minimum=-1.0,
    verdict="recommended",
    because="It shows how much of D is more than small zones make by chance, without any drawing of lots.",
    oracle="enumeration of every table with the same margins; PySAL 2.5.4 Dissim on separate draws (5e-3)",
    peers=("PySAL ModifiedDissim", "segregsmall CT"),
    explain=Explain(
        title="Dissimilarity beyond chance (Carrington and Troske)",
        one_line="How far is D above what chance gives, from there to complete separation?",
        low="At 0 the group is spread as chance would spread it. Below 0 it is spread more evenly than that.",
        high="At 1 the group and the others share no zone.",
        ask_next=("Do the other corrections agree that it is above 0?",),
        pitfalls=(CHANCE, "A value near 0 in a city of tiny zones may only mean that nothing can be seen."),
        not_for="Do not read it as a share of people who would have to move.",
        example="With a D of 0.30 where chance gives 0.20, it is 0.125.",
        citations=(CARRINGTON,),
    ),
    laws=(*LAWS, "one-when-apart"),
)
def modified_dissimilarity(x: Floats) -> Floats:
    r"""D rescaled from its chance mean: :math:`(D - E_0)/(1 - E_0)` above it, :math:`(D - E_0)/E_0` below.

    The chance mean is exact, with zone sizes and group totals fixed.

    Parameters
    ----------
    x : (..., Z, G) array
        Persons, >= 0, rounded to whole ones.

    Returns
    -------
    (...) array in -1..1; 0 where the group or the others are absent.

    References
    ----------
    Carrington and Troske (1997), section 2.
    """
    return _each(x, lambda t: _excess(float(dissimilarity(t)), null_mean.dissimilarity(t)))


@index(
    "modified_gini",
    symbol="Gct",
    family="evenness",
    groups="one",
    minimum=-1.0,
    verdict="legacy",
    because="Its chance mean must be simulated. The same correction of D is exact.",
    oracle="enumeration of every table with the same margins (to 0.02, as it is drawn)",
    peers=("PySAL ModifiedGini",),
    explain=Explain(
        title="Gini beyond chance (Carrington and Troske)",
        one_line="How far is the Gini index above what chance gives, from there to complete separation?",
        low="At 0 the group is spread as chance would spread it. Below 0 it is spread more evenly than that.",
        high="At 1 the group and the others share no zone.",
        ask_next=("Does dissimilarity beyond chance say the same?",),
        pitfalls=(CHANCE, "The third digit depends on the random tables that stand for chance."),
        not_for="Do not compare cities by its third digit.",
        example="With a Gini of 0.40 where chance gives 0.25, it is 0.20.",
        citations=(CARRINGTON,),
    ),
    laws=(*LAWS, "one-when-apart"),
)
def modified_gini(x: Floats, draws: int = DRAWS, seed: int = 0) -> Floats:
    """Gini rescaled from its chance mean, which is the mean over random tables of the same margins.

    Parameters
    ----------
    x : (..., Z, G) array
        Persons, >= 0, rounded to whole ones.
    draws : int
        Random tables.
    seed : int
        The same seed gives the same value, whatever the order of the zones.

    Returns
    -------
    (...) array in -1..1; 0 where the group or the others are absent.

    References
    ----------
    Carrington and Troske (1997), section 2.
    """

    def one(table: Floats) -> float:
        inhabited = table[table.sum(axis=-1) > 0]
        by_size = inhabited[np.argsort(inhabited.sum(axis=-1), kind="stable")]
        rng = generator(seed, "modified_gini")
        # a block at a time: 199 tables of a large city would not fit a small machine
        chance = sum(float(gini(by_chance(by_size, n, rng)).sum()) for n in blocks(draws, *by_size.shape))
        return _excess(float(gini(table)), chance / draws)

    return _each(x, one)


@index(
    "density_corrected_dissimilarity",
    symbol="Ddc",
    family="evenness",
    groups="one",
    verdict="legacy",
    because="It treats zones one by one and takes too little away where almost nothing but chance is seen.",
    oracle=(
        "PySAL segregation 2.5.4 DensityCorrectedDissim (1e-5, it searches); "
        "grid search over the likelihood of a folded normal"
    ),
    peers=("PySAL DensityCorrectedDissim",),
    explain=Explain(
        title="Dissimilarity, density corrected (Allen)",
        one_line="What is left of D when each zone gives back what chance most likely added?",
        low="At 0 no zone differs by more than chance would make it differ.",
        high="It comes near D where zones and groups are large.",
        ask_next=("How far is it below D? That part may be chance.",),
        pitfalls=(CHANCE, "Zones that differ a little are set to no difference at all."),
        not_for="Do not use it to show that there is no separation.",
        example="In Barcelona's neighbourhoods it hardly differs from D: they hold thousands of people.",
        citations=(ALLEN,),
    ),
    laws=(*LAWS, "bounded"),
)
def density_corrected_dissimilarity(x: Floats) -> Floats:
    r"""Allen's density-corrected D.

    With :math:`\sigma_i^2 = a_i(1-a_i)/X + b_i(1-b_i)/Y` and
    :math:`\hat\theta_i = |a_i - b_i| / \sigma_i`, the index is
    :math:`\tfrac12 \sum_i \sigma_i \mu_i`, where :math:`\mu_i` makes
    :math:`\phi(\mu - \hat\theta_i) + \phi(\mu + \hat\theta_i)` largest: the root of
    :math:`\mu = \hat\theta \tanh(\mu \hat\theta)`, and 0 for :math:`\hat\theta \le 1`.

    Parameters
    ----------
    x : (..., Z, G) array
        Persons, >= 0, rounded to whole ones.

    Returns
    -------
    (...) array from 0 to D; 0 where the group or the others are absent.

    References
    ----------
    Allen, Burgess, Davidson and Windmeijer (2015), section 4.
    """
    return _each(x, _density_corrected)


def _density_corrected(table: Floats) -> float:
    totals = table.sum(axis=0)
    p = table / totals
    sigma = np.sqrt((p * (1 - p) / totals).sum(axis=1))
    gap = np.abs(p[:, 0] - p[:, 1])
    theta = divide(gap, sigma)
    # a zone that holds the whole of both groups has no variance and no gap
    return float(np.where(sigma > 0, sigma * folded_mode(theta), gap).sum() / 2)


def folded_mode(theta: Floats) -> Floats:
    """Largest point of the likelihood of the mean of a folded normal seen once, at `theta`.

    Newton from the right on a convex function, so it cannot overshoot the root.
    """
    theta = np.asarray(theta, dtype=np.float64)
    far = theta > 1
    mu = angle = theta[far]
    for _ in range(100):
        t = np.tanh(mu * angle)
        slope = 1 - angle**2 * (1 - t * t)
        step = np.where(slope > 1e-12, divide(mu - angle * t, np.where(slope > 1e-12, slope, 1)), 0.0)
        mu = mu - step
        if (np.abs(step) <= 1e-15 * mu).all():
            break
    out = np.zeros(theta.shape)
    out[far] = mu
    return out


@index(
    "bias_corrected_dissimilarity",
    symbol="Dbc",
    family="evenness",
    groups="one",
    minimum=-1.0,
    verdict="legacy",
    because="Redrawing a table that holds chance already shows only part of what chance has added.",
    oracle="enumeration of all redrawn tables; PySAL segregation 2.5.4 BiasCorrectedDissim (5e-3, it draws)",
    peers=("PySAL BiasCorrectedDissim",),
    explain=Explain(
        title="Dissimilarity, bias corrected (Allen)",
        one_line="What is left of D when the rise that redrawing the table makes is taken away once?",
        low="Near 0 most of D may be chance.",
        high="It comes near D where zones and groups are large.",
        ask_next=("How far is it below D? That part may be chance.",),
        pitfalls=(CHANCE, "Where zones are very small it takes away too little."),
        not_for="Do not use it with zones of fewer than ten people.",
        example="If D is 0.30 and tables drawn again give 0.34 on average, it is 0.26.",
        citations=(ALLEN,),
    ),
    laws=LAWS,
)
def bias_corrected_dissimilarity(x: Floats) -> Floats:
    r"""Allen's bootstrap-corrected D: :math:`2D - E^*[D]`, the mean over redrawn tables in closed form.

    Each group is redrawn over the zones by a multinomial with its own shares. A zone's
    :math:`E|A/X - B/Y|` is summed over A, with the binomial distribution function of B.

    Parameters
    ----------
    x : (..., Z, G) array
        Persons, >= 0, rounded to whole ones.

    Returns
    -------
    (...) array from -1 to D; 0 where the group or the others are absent.

    References
    ----------
    Allen, Burgess, Davidson and Windmeijer (2015), section 4.
    """
    return _each(x, lambda t: 2 * float(dissimilarity(t)) - redrawn_dissimilarity(t))


def redrawn_dissimilarity(table: Floats) -> float:
    """Mean of D over tables (Z, 2) in which both groups are drawn anew with their own shares."""
    small, large = (0, 1) if table[:, 0].sum() <= table[:, 1].sum() else (1, 0)
    # zones with the same two numbers have the same mean gap, and in a large city most share theirs
    code = table[:, small] * (table[:, large].max(initial=0) + 1) + table[:, large]
    _, first, times = np.unique(code, return_index=True, return_counts=True)
    alike, total = table[first], 0.0
    for start in range(0, len(alike), ZONES):
        part = alike[start : start + ZONES]
        gaps = _mean_gaps(part[:, small], part[:, large], table[:, small].sum(), table[:, large].sum())
        total += float(times[start : start + ZONES] @ gaps)
    return total / 2


def _mean_gaps(a: Floats, b: Floats, a_all: float, b_all: float) -> Floats:
    """E|A/a_all − B/b_all| of each zone, A and B binomial with means a and b."""
    sd = np.sqrt(a * (1 - a / a_all))
    low = np.maximum(np.floor(a - WIDE * sd) - WIDE, 0)
    count = (np.minimum(np.ceil(a + WIDE * sd) + WIDE, a_all) - low + 1).astype(int)
    zone = np.repeat(np.arange(len(a)), count)
    k = low[zone] + np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    p, q = a[zone] / a_all, b[zone] / b_all
    here = k / a_all
    j = np.floor(here * b_all + 1e-9)
    below = np.where(j >= b_all, 1.0, bdtr(j, int(b_all), q))
    # De Moivre: the mean of q − B/b_all over B <= j is (1 − j/b_all) q P(B = j)
    short = np.where(j >= b_all, 0.0, (1 - j / b_all) * q * _binomial(j, b_all, q))
    gap = (here - q) * (2 * below - 1) + 2 * short
    return np.bincount(zone, _binomial(k, a_all, p) * gap, len(a)).astype(np.float64)


def _binomial(k: Floats, n: float, p: Floats) -> Floats:
    """Probability of `k` out of `n`."""
    log_choose = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    out: Floats = np.exp(log_choose + xlogy(k, p) + xlog1py(n - k, -p))
    return out
