"""Mean and standard deviation of D, M and H under chance together: the table is read once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy.typing as npt

from ..arrays import entropy, shares
from ..null_mean import margins, mean_of_d, mean_of_m
from ..null_sd import has_exact_sd, sd_of_d, sd_of_m

__all__ = ["Chance", "chance"]


@dataclass(frozen=True, slots=True)
class Chance:
    """What chance gives, both margins fixed; M in nats, D and H as shares.

    Means are exact. Standard deviations are exact for small tables, otherwise by the conditional central
    limit; `method` says which.
    """

    mean_d: float
    sd_d: float
    mean_m: float
    sd_m: float
    mean_h: float
    sd_h: float
    method: str = "exact mean with both margins fixed; sd by the conditional central limit"


def chance(x: npt.ArrayLike) -> Chance:
    """Return the moments of D, M and H under chance.

    Parameters
    ----------
    x : (Z, G) array
        Persons; rounded to whole ones.

    Returns
    -------
    Chance
        Zeros where fewer than two groups or zones have anybody.
    """
    m = margins(x)
    top = float(entropy(shares(m.columns)))
    mean_m, sd_m = mean_of_m(m), sd_of_m(m)
    part = 1 / top if top > 0 else 0.0
    found = mean_of_d(m), sd_of_d(m), mean_m, sd_m, mean_m * part, sd_m * part
    if has_exact_sd(m):
        return Chance(*found, method="exact mean and sd with both margins fixed")
    return Chance(*found)
