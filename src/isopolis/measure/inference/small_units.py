"""What an index would be without the part that small units make, by four ways that do not assume the same.

In units of few persons the shares scatter by chance, and every index of unevenness is above 0 for that reason
alone. No correction is right for all data, so each is named in the result, and `disagreement` says where they
do not even share a sign.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError
from isopolis.model.text import listing, phrase

from .. import null_mean
from ..arrays import Floats
from ..evenness import dissimilarity
from ..null_mean import whole
from .bounds import LARGE, dissimilarity_bounds
from .mixture import least_unit, rathelot
from .streams import stream

__all__ = ["EVEN", "Corrected", "corrections", "disagreement", "half_samples", "less_expected"]

ALL = 1 - 1e-9
"""Mean under chance above which nothing is left beside it."""

TWO_LAWS = 2
"""Beta laws of Rathelot's mixture."""

EVEN = 0.005
"""Values and differences closer to 0 than this have no sign: nobody would act on them."""

Kernel = Callable[[Floats], Floats | float]


@dataclass(frozen=True, slots=True)
class Corrected:
    """One corrected value; `low` < `high` where the data only give bounds.

    `assumes` says in one sentence what must hold for it to be right.
    """

    name: str
    low: float
    high: float
    assumes: str
    source: str

    def to_dict(self) -> dict[str, Any]:
        """Return the plain JSON form."""
        return {"name": str(self.name), "low": self.low, "high": self.high,
                "assumes": str(self.assumes), "source": self.source}  # fmt: skip

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Corrected:
        """Read the JSON form back."""
        return cls(**data)

    @property
    def sign(self) -> int:
        """1 or −1 where both ends lie on one side of 0 by more than `EVEN`, else 0."""
        return int(self.low > EVEN) - int(self.high < -EVEN)

    def less(self, other: Corrected) -> Corrected:
        """Return the difference of two values of one kind; of bounds the widest."""
        if self.name != other.name:
            raise CallError(f"{self.name} and {other.name} are not the same correction")
        return Corrected(self.name, self.low - other.high, self.high - other.low, self.assumes, self.source)


def less_expected(x: npt.ArrayLike, kernel: Kernel, expected: Callable[[Floats], float]) -> Corrected:
    """(value − mean under chance) / (1 − mean under chance); below 0 where people are more even than chance.

    Raises
    ------
    CallError
        If chance alone gives 1, as in units of one person: nothing is left to compare with.

    References
    ----------
    Carrington and Troske (1997), *Journal of Business & Economic Statistics* 15(4), 402-409; the mean is
    exact here (Winship 1977), not simulated.
    """
    table = whole(x)
    chance = expected(table)
    if chance > ALL:
        raise CallError("chance alone makes the index 1 in such small units: no value is left to correct")
    value = (float(kernel(table)) - chance) / (1 - chance)
    return Corrected(
        phrase("expected value"), value, value,
        phrase("Chance adds as much to a divided city as to an even one, in proportion to the room left."),
        "Carrington and Troske (1997)",
    )  # fmt: skip


def half_samples(x: npt.ArrayLike, kernel: Kernel, *, seed: int, splits: int = 20) -> Corrected:
    """Twice the value less the mean value of random halves of the persons of each zone.

    Takes off whatever grows as one over the number of persons, as the bias of M, H and V does; that of D
    does so only where zones are not small.

    Raises
    ------
    CallError
        If a group of the table is in one half only: an index of the other half is not defined.

    References
    ----------
    Quenouille (1956), *Biometrika* 43, 353-360; Dhaene and Jochmans (2015), *Review of Economic Studies*
    82(3), 991-1030 (the split panel).
    """
    table = whole(x)
    if splits < 1:
        raise CallError("the half-sample jackknife needs one split or more")
    halves = []
    for r in range(splits):
        for half in _halves(table, stream(seed, r, 0, "halves")):
            if ((half.sum(axis=0) == 0) & (table.sum(axis=0) > 0)).any():
                raise CallError("a group is too small to be in both halves: no half-sample jackknife")
            halves.append(float(kernel(half)))
    value = 2 * float(kernel(table)) - float(np.mean(halves))
    return Corrected(
        phrase("half-sample jackknife"), value, value,
        phrase("What chance adds shrinks as one over the number of persons in a zone."),
        "Dhaene and Jochmans (2015)",
    )  # fmt: skip


def _halves(table: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    left = table.astype(np.int64)
    size = left.sum(axis=1)
    wanted = (size + rng.integers(0, 2, len(size))) // 2
    taken, rest = np.zeros(table.shape), size.copy()
    for g in range(table.shape[1]):
        rest = rest - left[:, g]
        drawn = rng.hypergeometric(left[:, g], rest, wanted)
        taken[:, g] = drawn
        wanted = wanted - drawn
    return taken, table - taken


def corrections(x: npt.ArrayLike, *, seed: int, mixture: bool = True) -> tuple[Corrected, ...]:
    """All corrections of the dissimilarity of two groups that this table allows.

    Parameters
    ----------
    x : (Z, 2) array
        Persons of a group and of all others; both present.
    mixture : bool
        False leaves Rathelot's mixture out, which takes seconds for a hundred thousand zones.

    Returns
    -------
    tuple of Corrected
        Expected value, half-sample jackknife, Rathelot, and D'Haultfœuille–Rathelot bounds where no unit
        has more than `LARGE` persons: in larger ones the bounds close and need not be asked for. What a
        table does not allow is left out: the jackknife where a group is in one half only, the mixture where
        no unit has five persons, all but the bounds in units of one person.

    Raises
    ------
    CallError
        For other than two groups, or one that has nobody.
    """
    table = whole(x)
    if table.ndim != 2 or table.shape[1] != 2 or (table.sum(axis=0) == 0).any():
        raise CallError("corrections for small units are for two groups, both with somebody in them")
    found = []
    most = table.sum(axis=1).max()
    if null_mean.dissimilarity(table) <= ALL:
        found.append(less_expected(table, dissimilarity, null_mean.dissimilarity))
        with suppress(CallError):  # a group that is not in both halves
            found.append(half_samples(table, dissimilarity, seed=seed))
    if mixture and most >= least_unit(TWO_LAWS):
        value = rathelot(table, TWO_LAWS)
        assumes = phrase(
            "The true shares follow a mixture of two beta laws that does not depend on the size of units."
        )
        found.append(Corrected("Rathelot", value, value, assumes, "Rathelot (2012)"))
    if most <= LARGE:
        low, high = dissimilarity_bounds(table)
        assumes = phrase(
            "Persons come to a unit independently of each other, with its true share; nothing else."
        )
        name, source = phrase("D'Haultfœuille–Rathelot bounds"), "D'Haultfœuille and Rathelot (2017)"
        found.append(Corrected(name, low, high, assumes, source))
    return tuple(found)


def disagreement(found: Sequence[Corrected]) -> str:
    """Say which corrections, or their differences, point to different sides of 0; empty when none."""
    above = [c.name for c in found if c.sign > 0]
    below = [c.name for c in found if c.sign < 0]
    if not above or not below:
        return ""
    return phrase(
        "The corrections for small units disagree in sign: above 0 by {above}; below 0 by {below}. "
        "Do not say in which direction it goes.",
        above=listing(above),
        below=listing(below),
    )
