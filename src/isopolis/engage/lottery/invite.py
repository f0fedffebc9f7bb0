"""The first stage: which addresses get a letter, so that the second stage has everybody to choose from.

Response falls with deprivation. Equal letters then give a pool without the poor, and no draw from that
pool can mend it. Letters are therefore shared out so that the volunteers expected from each stratum
match what the panel needs from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from isopolis.model import CallError
from isopolis.model.text import phrase

from .lots import Lots

__all__ = ["Letters", "Stratum", "addresses", "letters"]


@dataclass(frozen=True, slots=True)
class Stratum:
    """Households of one level of deprivation.

    Parameters
    ----------
    name : str
    households : int
        Addresses that can get a letter.
    response : float
        Share of letters that bring a volunteer, above 0 and at most 1; from earlier invitations.
    """

    name: str
    households: int
    response: float


@dataclass(frozen=True, slots=True)
class Letters:
    """What a stratum gets and what is expected of it.

    Attributes
    ----------
    stratum : Stratum
    letters : int
    chance : float
        Chance of a household to be invited.
    volunteers : float
        Volunteers expected.
    """

    stratum: Stratum
    letters: int
    chance: float
    volunteers: float

    def end_to_end(self, chance_in_pool: float) -> float:
        """Chance of a household of the stratum to end on the panel, given the chance of its volunteers."""
        return self.chance * self.stratum.response * chance_in_pool


def letters(strata: Sequence[Stratum], total: int) -> tuple[Letters, ...]:
    """Share out letters so that every stratum is expected to volunteer in proportion to its households.

    A stratum gets letters in proportion to households ÷ response; where that is more than it has
    households, all of them get one and the rest goes to the others.

    Parameters
    ----------
    strata : sequence of Stratum
    total : int
        Letters in all, at most the households.

    Raises
    ------
    CallError
        When there are more letters than households, or a response is not above 0 and at most 1.
    """
    wrong = [s.name for s in strata if not 0 < s.response <= 1 or s.households < 0]
    if wrong:
        raise CallError(phrase("response must be above 0 and at most 1: {names}", names=", ".join(wrong)))
    if total > sum(s.households for s in strata) or total < 0:
        raise CallError(phrase("there are {total} letters and fewer households", total=total))
    given = _shared(strata, total)
    return tuple(
        Letters(s, n, n / s.households if s.households else 0.0, n * s.response)
        for s, n in zip(strata, given, strict=True)
    )


def _shared(strata: Sequence[Stratum], total: int) -> list[int]:
    wish = [Fraction(s.households) / Fraction(s.response) for s in strata]
    exact = [Fraction(0)] * len(strata)
    open_ = {i for i, w in enumerate(wish) if w > 0}
    left = Fraction(total)
    while open_ and left > 0:
        sum_ = sum((wish[i] for i in open_), Fraction(0))
        full = {i for i in open_ if wish[i] * left / sum_ >= strata[i].households}
        if not full:
            for i in open_:
                exact[i] = wish[i] * left / sum_
            break
        for i in full:
            exact[i] = Fraction(strata[i].households)
            left -= exact[i]
        open_ -= full
    given = [int(e) for e in exact]
    # largest remainders get the letters that rounding left over
    order = sorted(range(len(strata)), key=lambda i: (given[i] - exact[i], i))
    for i in order[: total - sum(given)]:
        given[i] += 1
    return given


def addresses(households: Sequence[str], many: int, seed: str, purpose: str) -> tuple[str, ...]:
    """Draw so many addresses of one stratum, each equally likely, in the order of the list.

    Raises
    ------
    CallError
        When there are fewer addresses than letters.
    """
    if many > len(households):
        raise CallError(phrase("{many} letters for {have} addresses", many=many, have=len(households)))
    drawn = Lots(seed, purpose).shuffled(range(len(households)))[:many]
    return tuple(households[i] for i in sorted(drawn))
