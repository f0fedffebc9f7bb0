"""Sensitive questions answered by chance: nobody can know what one answer meant, the share is still known.

Every design is two numbers: the chance of a “yes” from somebody to whom it applies (`yes_if`) and from
somebody to whom it does not (`yes_if_not`). The share is then estimated by turning
``P(yes) = share · yes_if + (1 − share) · yes_if_not`` around.

References
----------
Warner, S. L. (1965): Randomized response, a survey technique for eliminating evasive answer bias, JASA
60(309), 63–69 (the opposite question with chance 1 − p).
Greenberg, B. G., Abul-Ela, A. A., Simmons, W. R. & Horvitz, D. G. (1969): The unrelated question randomized
response model, JASA 64(326), 520–539 (section 3: prevalence of the other question known).
Fox, J. A. & Tracy, P. E. (1986): Randomized Response, Sage, chapter 2 (forced answers).
Dwork, C. & Roth, A. (2014): The algorithmic foundations of differential privacy, section 3.2 (privacy loss).
Wilson, E. B. (1927): Probable inference, JASA 22(158), 209–212 (the interval).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from isopolis.model import CallError, Undefined
from isopolis.model.text import Number, count, phrase

__all__ = ["FEWEST", "Design", "Estimate", "design_of", "estimate", "forced", "unrelated", "warner"]

FEWEST = 100
"""Fewest answers from which a share is estimated: below it the interval says next to nothing."""

LOUDEST = math.log(20)
"""Largest privacy loss of a design: beyond it an answer tells nearly as much as a plain one."""

_Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Design:
    """How chance comes into an answer.

    Parameters
    ----------
    name : {"warner", "unrelated", "forced"}
    yes_if, yes_if_not : Fraction, 0–1
        Chance of a “yes” where the sensitive thing applies, and where it does not.
    text : str
        As it stands in the form.
    """

    name: str
    yes_if: Fraction
    yes_if_not: Fraction
    text: str = ""

    def __post_init__(self) -> None:
        both = (self.yes_if, self.yes_if_not)
        if not all(0 < p < 1 for p in both):
            raise CallError(
                phrase("one of the answers would give a person away: leave a chance for both answers to all")
            )
        if self.yes_if == self.yes_if_not:
            raise CallError(phrase("the answers would tell nothing: both kinds of people answer alike"))
        if self.loss > LOUDEST + 1e-12:
            raise CallError(
                phrase(
                    "an answer would tell too much: its privacy loss is {loss}, at most {most} is allowed",
                    loss=Number(f"{self.loss:.2f}"), most=Number(f"{LOUDEST:.2f}"),
                )
            )  # fmt: skip

    @property
    def loss(self) -> float:
        """Privacy loss of one answer: the largest logarithm of how much likelier one kind gives it."""
        a, b = self.yes_if, self.yes_if_not
        return max(abs(math.log(a / b)), abs(math.log((1 - a) / (1 - b))))


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share with its price.

    Parameters
    ----------
    people : int
        Who answered.
    effective_n : float
        What their answers are worth after weighting.
    said_yes : float
        Share of “yes” among the answers, weighted where there are weights.
    share : float or Undefined
        Estimate; may lie a little outside of 0 and 1, which is chance.
    variance, direct_variance : float
        Of the estimate, and of a plain question to as many people who all answer truly.
    interval : (low, high) or None
        95 %, within 0 and 1.
    loss : float
        Privacy loss of one answer.
    surest : float
        Largest chance, for the share estimated, that somebody with a given answer is one to whom it applies.
    """

    people: int
    effective_n: float
    said_yes: float
    share: float | Undefined
    variance: float | None
    direct_variance: float | None
    interval: tuple[float, float] | None
    loss: float
    surest: float | None


def _chance(value: Fraction | float | str) -> Fraction:
    try:
        out = Fraction(value).limit_denominator(10**9)
    except (ValueError, ZeroDivisionError, OverflowError):
        raise CallError(phrase("“{value}” is no chance such as 3/4", value=str(value))) from None
    if not 0 <= out <= 1:
        raise CallError(phrase("“{value}” is no chance between 0 and 1", value=str(value)))
    return out


def warner(p: Fraction | float | str) -> Design:
    """With chance `p` the question, otherwise its opposite (Warner 1965, p. 64)."""
    chance = _chance(p)
    return Design("warner", chance, 1 - chance)


def unrelated(p: Fraction | float | str, prevalence: Fraction | float | str) -> Design:
    """With chance `p` the question, otherwise a harmless one with known share of “yes” (Greenberg 1969)."""
    chance, known = _chance(p), _chance(prevalence)
    return Design("unrelated", chance + (1 - chance) * known, (1 - chance) * known)


def forced(yes: Fraction | float | str, no: Fraction | float | str) -> Design:
    """With chance `yes` and `no` the die tells what to say, otherwise the truth (Fox & Tracy 1986)."""
    a, b = _chance(yes), _chance(no)
    if a + b >= 1:
        raise CallError(phrase("no chance is left for a true answer"))
    return Design("forced", 1 - b, a)


def design_of(text: str) -> Design:
    """Read a design as forms write it: ``warner 3/4``, ``unrelated 1/2 1/4`` or ``forced 1/6 1/6``.

    Raises
    ------
    CallError
        With what was allowed.
    """
    name, *chances = text.replace(",", " ").split() or [""]
    makers = {"warner": (warner, 1), "unrelated": (unrelated, 2), "forced": (forced, 2)}
    if name.lower() not in makers or len(chances) != makers[name.lower()][1]:
        raise CallError(
            phrase("“{text}” is no design: write warner 3/4, unrelated 1/2 1/4 or forced 1/6 1/6", text=text)
        )
    made = makers[name.lower()][0](*chances)  # type: ignore[operator]
    return Design(made.name, made.yes_if, made.yes_if_not, text.strip())


def estimate(design: Design, said_yes: float, people: int, effective_n: float | None = None) -> Estimate:
    """Estimate the share to whom the sensitive thing applies.

    Parameters
    ----------
    design : Design
    said_yes : float, 0–1
        Share of “yes” among the answers (weighted where they are).
    people : int
    effective_n : float, optional
        People with equal weights who would tell as much; `people` when not given.

    Notes
    -----
    Unbiased for equal weights; its variance is that of the share of “yes”, divided by the square of the
    difference of the two chances. The interval is Wilson's for the share of “yes”, turned around.
    """
    n = float(people) if effective_n is None else effective_n
    if people < FEWEST or n < FEWEST / 2:
        why = phrase(
            "Only {n} answers: a randomised question needs {least}.",
            n=count(min(n, people)),
            least=count(FEWEST),
        )
        return Estimate(people, n, said_yes, Undefined("too-thin", why), None, None, None, design.loss, None)
    a, b = float(design.yes_if), float(design.yes_if_not)
    share = (said_yes - b) / (a - b)
    variance = said_yes * (1 - said_yes) / (n - 1) / (a - b) ** 2
    inside = min(1.0, max(0.0, share))
    ends = sorted((x - b) / (a - b) for x in _wilson(said_yes, n))
    low, high = (min(1.0, max(0.0, x)) for x in ends)
    return Estimate(
        people, n, said_yes, share, variance, inside * (1 - inside) / (n - 1), (low, high), design.loss,
        _surest(inside, a, b),
    )  # fmt: skip


def _wilson(part: float, n: float) -> tuple[float, float]:
    z2 = _Z95**2
    middle = (part + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z95 / (1 + z2 / n) * math.sqrt(part * (1 - part) / n + z2 / (4 * n * n))
    return middle - half, middle + half


def _surest(share: float, a: float, b: float) -> float:
    """Bayes: the answer that points most to somebody to whom it applies."""
    both = ((a, b), (1 - a, 1 - b))
    return max(share * x / (share * x + (1 - share) * y) for x, y in both)
