"""How much a place counts that is so far away: the decays of the literature, as data."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError, near
from isopolis.model.text import phrase

from .result import MINUTE, minutes

__all__ = ["DECAYS", "LUO_QI_SLOW", "LUO_QI_STEEP", "Decay", "decay", "stepped"]

Floats = npt.NDArray[np.float64]

DECAYS = ("exponential", "power", "gaussian", "linear", "logistic")
"""Names of the decays that are laid through one half-time; `stepped` ones are given by their steps."""

PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "exponential": ("beta",),
    "power": ("beta",),
    "gaussian": ("variance",),
    "linear": ("end",),
    "logistic": ("middle", "width"),
}


@dataclass(frozen=True, slots=True)
class Decay:
    r"""Weight of a place by the time to it: 1 at the door, never rising, never below 0.

    With t in minutes:

    - ``exponential``: :math:`e^{-\beta t}` (Kwan 1998, type of Wilson 1971)
    - ``power``: :math:`\min(1, t^{-\beta})`; the first minute counts in full (Hansen 1959; Kwan 1998)
    - ``gaussian``: :math:`e^{-t^2 / v}` (Ingram 1971; Kwan 1998)
    - ``linear``: :math:`\max(0, 1 - t / T)` (Black and Conroy 1977; Kwan 1998 for negative linear)
    - ``logistic``: :math:`(1 + e^{-m/s}) / (1 + e^{(t - m)/s})` (Geurs and van Wee 2004)
    - ``stepped``: one weight for each zone of minutes, their ends included (Luo and Qi 2009)

    Parameters
    ----------
    name : str
        One of `DECAYS`, or ``stepped``.
    numbers : tuple of float
        The parameters in the order above; of a stepped decay the ends of the zones in minutes, then
        their weights.
    """

    name: str
    numbers: tuple[float, ...]

    def weights(self, costs: npt.ArrayLike) -> Floats:
        """Weights of times in milliseconds, in 0..1."""
        t = minutes(costs)
        first = self.numbers[0]
        if self.name == "exponential":
            return np.exp(-first * t)
        if self.name == "power":
            return np.asarray(np.maximum(t, 1.0) ** -first)
        if self.name == "gaussian":
            return np.exp(-(t**2) / first)
        if self.name == "linear":
            return np.asarray(np.maximum(1 - t / first, 0.0))
        if self.name == "logistic":
            middle, width = self.numbers
            # the ratio of two logistic values, without overflow
            return np.exp(np.logaddexp(0, -middle / width) - np.logaddexp(0, (t - middle) / width))
        many = len(self.numbers) // 2
        # whole milliseconds, so that the end of a zone is inside it
        ends = np.rint(np.array(self.numbers[:many]) * MINUTE)
        weight = np.array([*self.numbers[many:], 0.0])
        return weight[np.searchsorted(ends, np.asarray(costs), side="left")]

    @property
    def end(self) -> float:
        """Minutes beyond which nothing counts; infinite for decays that never reach 0."""
        if self.name == "linear":
            return self.numbers[0]
        return self.numbers[len(self.numbers) // 2 - 1] if self.name == "stepped" else math.inf

    def said(self) -> str:
        """Say the decay in words, by the time at which a place counts half."""
        if self.name == "stepped":
            return phrase("places count less in steps, up to {end} minutes", end=f"{self.end:g}")
        return phrase("a place counts half at {half} minutes", half=f"{self.half():.3g}")

    def half(self) -> float:
        """Minutes at which a place counts half."""
        first = self.numbers[0]
        if self.name == "exponential":
            return math.log(2) / first
        if self.name == "power":
            return float(2 ** (1 / first))
        if self.name == "gaussian":
            return math.sqrt(first * math.log(2))
        if self.name == "linear":
            return first / 2
        if self.name == "logistic":
            middle, width = self.numbers
            return middle + width * math.log(1 + 2 * math.exp(-middle / width))
        many = len(self.numbers) // 2
        inside = [e for e, w in zip(self.numbers[:many], self.numbers[many:], strict=True) if w >= 0.5]
        return inside[-1] if inside else 0.0


def decay(name: str, *, half: float | None = None, **parameters: float) -> Decay:
    """Make a decay, by its own parameters or by the minutes at which a place counts half.

    Parameters
    ----------
    name : str
        One of `DECAYS`.
    half : float, minutes
        A place so far away counts half. The way in which tools make decays comparable.
    **parameters : float
        ``beta`` (exponential, power), ``variance`` (gaussian, square minutes), ``end`` (linear, minutes),
        ``middle`` and ``width`` (logistic, minutes). Of a logistic decay `width` may go with `half`;
        it is a tenth of the half-time when not given.

    Raises
    ------
    CallError
        If the name is unknown, or parameters are missing, unknown, or not above 0.
    """
    if name not in DECAYS:
        raise CallError(f'there is no decay "{name}": ' + near(name, DECAYS))
    wanted = PARAMETERS[name]
    given = dict(parameters)
    if half is not None:
        given = _by_half(name, half, given)
    if set(given) != set(wanted):
        raise CallError(f"a decay that is {name} is given by half, or by {' and '.join(wanted)}")
    if any(not (math.isfinite(v) and v > 0) for v in given.values()):
        raise CallError("the parameters of a decay are numbers above 0")
    return Decay(name, tuple(float(given[w]) for w in wanted))


def _by_half(name: str, half: float, given: dict[str, float]) -> dict[str, float]:
    if not (math.isfinite(half) and half > 0) or (name == "power" and half <= 1):
        raise CallError("the half-time of a decay is above 0 minutes, of a power above 1 minute")
    if name == "exponential":
        return {**given, "beta": math.log(2) / half}
    if name == "power":
        return {**given, "beta": math.log(2) / math.log(half)}
    if name == "gaussian":
        return {**given, "variance": half**2 / math.log(2)}
    if name == "linear":
        return {**given, "end": 2 * half}
    width = given.get("width", half / 10)
    # the curve is set to 1 at the door, which moves its middle a little: solve for it
    low, high = 0.0, half
    for _ in range(200):
        middle = (low + high) / 2
        at = middle + width * math.log(1 + 2 * math.exp(-middle / width))
        low, high = (middle, high) if at < half else (low, middle)
    if abs(middle + width * math.log(1 + 2 * math.exp(-middle / width)) - half) > 1e-9 * half:
        raise CallError("the width of a logistic decay is too large for its half-time")
    return {**given, "middle": middle, "width": width}


def stepped(ends: Sequence[float], weights: Sequence[float]) -> Decay:
    """Make a decay of zones: up to ``ends[0]`` minutes a place counts ``weights[0]``, and so on.

    Raises
    ------
    CallError
        If ends do not rise, or weights do not fall within 0..1.
    """
    rising = all(a < b for a, b in zip((0.0, *ends), ends, strict=False))
    falling = all(a >= b for a, b in zip((1.0, *weights), weights, strict=False))
    if not ends or len(ends) != len(weights) or not rising or not falling or min(weights) < 0:
        raise CallError("a stepped decay has rising ends of zones and falling weights between 1 and 0")
    return Decay("stepped", (*map(float, ends), *map(float, weights)))


LUO_QI_SLOW = stepped((10, 20, 30), (1, 0.68, 0.22))
"""Slow step decay of Luo and Qi (2009), p. 1103: zones of 10, 20 and 30 minutes."""

LUO_QI_STEEP = stepped((10, 20, 30), (1, 0.42, 0.09))
"""Steep step decay of Luo and Qi (2009), for services that people seek near home."""
