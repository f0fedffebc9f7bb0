"""Invented names."""

from __future__ import annotations

import numpy as np

__all__ = ["CITY", "CODE", "COUNTRY", "NOTICE", "place_names"]

NOTICE = "example data, not a real place"
CITY = "Brevenna"
CODE = "brevenna"
COUNTRY = "XX"  # ISO 3166-1 leaves XX to users: it will never be a real country

_FIRST = (
    "Alv Bren Corv Dresk Elv Farn Gred Halm Irv Jost Karv Lovr Mirn Nold Oltan Prest Querv Rask "
    "Sarv Tolm Ulv Vesk Wern Yarv Zelm Arn Brosk Drav Fenn Grav Hesk Kold Larn Morv Nesk Orl"
).split()
_LAST = (
    "inge ova mark esk aria und ette hal orn wick mere ena oste by and olm ert ula isk enne "
    "aven ito ara ulk omme isse atte olle eda urg"
).split()
_PART = ("", "North ", "South ", "Upper ", "Lower ", "Old ", "New ", "East ", "West ")


def place_names(rng: np.random.Generator, n: int) -> list[str]:
    """Return `n` different invented names; a number is added when the syllables run out."""
    whole = len(_FIRST) * len(_LAST)
    order = rng.permutation(whole)
    names = []
    for k in range(n):
        lap, position = divmod(k, whole)
        first, last = divmod(int(order[position]), len(_LAST))
        number, part = divmod(lap, len(_PART))
        names.append(f"{_PART[part]}{_FIRST[first]}{_LAST[last]}" + (f" {number + 1}" if number else ""))
    return names
