"""Samples: persons drawn again, and the replicate weights that a survey brings along."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from isopolis.model import CallError

from ..arrays import Floats
from ..null_mean import whole
from .permute import BLOCK, value_of
from .streams import stream

__all__ = ["FACTORS", "Resampled", "drawn_again", "person_bootstrap", "replicate_weights"]

Z95 = 1.959963984540054
Statistic = Callable[[Floats], float]
FACTORS = ("brr", "fay", "bootstrap", "jk1", "jk2", "sdr")


@dataclass(frozen=True, slots=True)
class Resampled:
    """A value of a sample with its standard error, its bias and a 95 % interval.

    `bias` is what drawing again adds to the value on average, None where the method says nothing about it;
    `corrected` is the value less the bias, and the interval lies around it.
    """

    value: float
    se: float
    bias: float | None
    corrected: float
    interval: tuple[float, float]
    runs: int
    method: str


def drawn_again(x: npt.ArrayLike, seed: int, replicate: int) -> Floats:
    """(Z, G) table of as many persons, each a copy of one of the sample, drawn with replacement.

    Multinomial over all cells: first over blocks of zones, then within each, every block with a stream of
    its own.
    """
    table = whole(x)
    starts = np.arange(0, len(table), BLOCK)
    people = int(table.sum())
    out = np.zeros(table.shape)
    if people == 0:
        return out
    totals = np.add.reduceat(table.sum(axis=1), starts)
    shared = stream(seed, replicate, 0, "draw again").multinomial(people, totals / people)
    for b, start in enumerate(starts):
        if shared[b]:
            part = table[start : start + BLOCK]
            drawn = stream(seed, replicate, b + 1, "draw again").multinomial(
                shared[b], part.ravel() / totals[b]
            )
            out[start : start + BLOCK] = drawn.reshape(part.shape)
    return out


def person_bootstrap(x: npt.ArrayLike, statistic: Statistic, *, seed: int, count: int = 499) -> Resampled:
    """Standard error and bias of an index of a simple random sample, by drawing persons again.

    The zones are not drawn again: they are the city. An index of small zones grows each time persons are
    drawn, once when the sample was taken and once more here, so the rise is taken off (Elbers 2023).

    Parameters
    ----------
    x : (Z, G) array
        Persons of the sample, unweighted.
    count : int
        Tables drawn, at least 49.

    References
    ----------
    Efron and Tibshirani (1993), *An introduction to the bootstrap*, chapters 6 and 10.
    Elbers (2023), *Sociological Methods & Research* 52(1), 286-322.
    """
    if count < 49:
        raise CallError(f"{count} tables are too few for a standard error: draw at least 49")
    value = value_of(statistic, whole(x))
    values = np.array([value_of(statistic, drawn_again(x, seed, r)) for r in range(count)])
    se, bias = float(values.std(ddof=1)), float(values.mean()) - value
    middle = value - bias
    return Resampled(
        value, se, bias, middle, (middle - Z95 * se, middle + Z95 * se), count,
        f"{count} samples of persons drawn again, less their bias, 95 %",
    )  # fmt: skip


def replicate_weights(
    full: npt.ArrayLike,
    tables: npt.ArrayLike,
    statistic: Statistic,
    *,
    kind: str,
    fay: float = 0.0,
    factors: npt.ArrayLike | None = None,
) -> Resampled:
    r"""Standard error from the replicate weights of a survey, :math:`\sum_r c_r (\theta_r - \theta)^2`.

    Parameters
    ----------
    full : (Z, G) array
        Weighted counts with the main weights.
    tables : (R, Z, G) array
        Weighted counts with each set of replicate weights.
    kind : str
        ``brr`` and ``bootstrap`` (c = 1/R), ``fay`` (1/(R(1 − fay)²)), ``jk1`` ((R − 1)/R), ``jk2`` (1: one
        of two units of each stratum left out), ``sdr`` (4/R: the American Community Survey), or ``given``
        with `factors`, as the survey's manual says: (n − 1)/n of its stratum for each replicate of a
        stratified jackknife (JKn).
    fay : float
        Fay's constant, 0 < fay < 1, with ``fay`` only.
    factors : (R,) array, optional
        With ``given`` only.

    Notes
    -----
    The interval is that of a Student law with R − 1 degrees of freedom: with few replicates the standard
    error itself is hardly known. Surveys with fewer strata than that have fewer degrees of freedom.

    Raises
    ------
    CallError
        For tables of another shape, an unknown kind, and factors or a constant that do not go with it.

    References
    ----------
    Wolter (2007), *Introduction to variance estimation*, chapters 3 and 4; Fay and Train (1995).
    """
    given = np.asarray(tables, dtype=np.float64)
    runs = len(given)
    if given.ndim != 3 or runs < 2:
        raise CallError("replicate weights need two or more tables: an array of replicates × zones × groups")
    main = np.asarray(full, dtype=np.float64)
    if given.shape[1:] != main.shape:
        raise CallError(f"the replicates are tables of {given.shape[1:]}, the main one is of {main.shape}")
    constant = _factor(kind, runs, fay, factors)
    value = value_of(statistic, main)
    values = np.array([value_of(statistic, t) for t in given])
    se = float(np.sqrt((constant * (values - value) ** 2).sum()))
    half = float(stdtrit(runs - 1, 0.975)) * se
    return Resampled(
        value, se, None, value, (value - half, value + half), runs,
        f"{runs} replicate weights ({kind}), 95 %",
    )  # fmt: skip


def _factor(kind: str, runs: int, fay: float, factors: npt.ArrayLike | None) -> Floats:
    if kind == "given":
        constant = np.asarray(factors if factors is not None else [], dtype=np.float64)
        if constant.shape != (runs,):
            raise CallError(f"kind given needs one factor for each of {runs} replicates, not {constant.size}")
        if not (np.isfinite(constant) & (constant >= 0)).all():
            raise CallError("the factors of replicate weights must be numbers of 0 or more")
        return constant
    if factors is not None:
        raise CallError(f"factors go with kind given, not with {kind}, which has its own")
    if kind not in FACTORS:
        raise CallError(f"replicate weights of kind {kind!r}: allowed are {', '.join((*FACTORS, 'given'))}")
    if kind == "fay" and not 0 < fay < 1:
        raise CallError(f"Fay's constant is {fay}: more than 0 and less than 1 is allowed, often 0.3 or 0.5")
    if kind != "fay" and fay != 0:
        raise CallError(f"Fay's constant goes with kind fay, not with {kind}")
    by_kind = {
        "brr": 1 / runs, "fay": 1 / (runs * (1 - fay) ** 2), "bootstrap": 1 / runs,
        "jk1": (runs - 1) / runs, "jk2": 1.0, "sdr": 4 / runs,
    }  # fmt: skip
    return np.full(runs, by_kind[kind])
