"""What drawn tables say of a value: its middle, its interval, or that it cannot be known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from isopolis.model import Undefined
from isopolis.model.text import Number, joint, phrase, phrases

from ..arrays import Floats
from ..draws import Observed
from .tables import kind_of

__all__ = ["Known", "about", "known", "not_identifiable"]

ENOUGH = 39
"""Fewest draws whose own ends are the interval; with fewer a Student law is laid through them."""

WIDE_LINEAR, WIDE_SQUARE = 0.25, 0.5
"""A value is refused where its standard deviation is more than this part of it; larger for squares."""

SMALL = 0.01
UNSEEN = 0.95
"""A group that is hidden in more than this part of the zones is not known at all."""

SQUARES = ("information", "nested")
SQUARE_NAMES = ("variance_ratio", "spatial_information_theory", "ordinal_information_theory")


@dataclass(frozen=True, slots=True)
class Known:
    """Mean, standard deviation and 95 % interval of what is known of a value."""

    middle: float
    sd: float
    low: float
    high: float


def known(draws: Floats) -> Known:
    """Summarise the values of drawn tables.

    Parameters
    ----------
    draws : (R,) array
        With R of 39 and more the interval has the ends that R + 1 equally likely places give.
    """
    middle = float(draws.mean())
    if np.ptp(draws) == 0:  # the same bits, not the same up to rounding
        value = float(draws[0])
        return Known(value, 0.0, value, value)
    sd = float(draws.std(ddof=1))
    if len(draws) >= ENOUGH:
        low, high = (float(v) for v in np.quantile(draws, [0.025, 0.975], method="weibull"))
        return Known(middle, sd, low, high)
    from scipy.special import stdtrit

    half = float(stdtrit(len(draws) - 1, 0.975)) * sd * (1 + 1 / len(draws)) ** 0.5
    return Known(middle, sd, middle - half, middle + half)


def not_identifiable(
    found: Known,
    seen: Observed,
    family: str,
    name: str,
    select: Callable[[Floats], Floats] = lambda x: x,
) -> Undefined | None:
    """Refuse a value that the published counts leave open.

    So it is where it is too wide, and where a group is hidden nearly everywhere: the interval is then about
    what was thought of cities before. A full count or a plain sample is never refused: its noise is the
    reader's to judge by the interval.
    """
    if kind_of(seen) != "noisy":
        return None
    square = family in SQUARES or name in SQUARE_NAMES
    most = WIDE_SQUARE if square else WIDE_LINEAR
    if found.sd <= max(most * found.middle, SMALL) and not _unseen(seen, select):
        return None
    return Undefined(
        "not-identifiable",
        phrase(
            "Not identifiable: {reason}. Counts that agree with what was published give values from {low} "
            "to {high}.",
            reason=_reason(seen),
            low=Number(f"{found.low:.2f}"),
            high=Number(f"{found.high:.2f}"),
        ),
    )


def _unseen(seen: Observed, select: Callable[[Floats], Floats]) -> bool:
    """Whether one of the selected groups may be nobody in nearly every zone."""
    if seen.lower is None or seen.upper is None:
        return False
    hidden = select(((seen.upper > seen.lower) & (seen.lower <= 0)).astype(np.float64))
    whole = hidden >= select(np.ones(seen.x.shape))
    return bool((whole[seen.upper.sum(axis=1) > 0].mean(axis=0) > UNSEEN).any())


def _reason(seen: Observed) -> str:
    if seen.lower is not None and seen.upper is not None:
        hidden = int((seen.upper > seen.lower).sum())
        if hidden:
            return phrases("{n} hidden cell leaves it open", "{n} hidden cells leave it open", hidden)
    return phrase("the noise that was added to the counts is larger than what they say")


_ABOUT = {
    "full": phrase("about: the probabilities that generated the counts, zone populations fixed"),
    "noisy": phrase("about: the true counts behind the published ones"),
    "sample": phrase("about: the true counts behind the sample"),
    "modelled": phrase("about: the true counts behind the estimates"),
}


def about(seen: Observed, draws: int) -> str:
    """Name the method of the interval and what it is about."""
    kind = kind_of(seen)
    return joint((_how(kind, draws), _ABOUT[kind]), "; ")


def _how(kind: str, draws: int) -> str:
    if kind == "full":
        return phrases(
            "{n} table drawn from the shares that may lie behind the counts, corrected for bias, 95 %",
            "{n} tables drawn from the shares that may lie behind the counts, corrected for bias, 95 %",
            draws,
        )
    if kind == "noisy":
        return phrases(
            "{n} table of true counts drawn by the likelihood of the published ones, 95 %",
            "{n} tables of true counts drawn by the likelihood of the published ones, 95 %",
            draws,
        )
    if kind == "sample":
        return phrases(
            "{n} table of true counts drawn by the likelihood of the sample, corrected for bias, 95 %",
            "{n} tables of true counts drawn by the likelihood of the sample, corrected for bias, 95 %",
            draws,
        )
    return phrases(
        "{n} table drawn around stated standard errors, 95 %",
        "{n} tables drawn around stated standard errors, 95 %",
        draws,
    )
