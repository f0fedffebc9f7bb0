"""What a city decides once about publishing, with defaults that suit a census office."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from isopolis.model import CallError, Dimension

__all__ = ["Policy"]


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules of publication.

    Parameters
    ----------
    protection : {"cell_key", "suppress"}
        ``cell_key``, the default, adds noise to every count and hides only what noise does not
        protect. ``suppress`` shows true counts and hides what is small, for cities whose law asks it.
    threshold : int
        Fewest people of a group that are shown exactly, or that a finding may be about: 10.
    sensitive_threshold : int
        Fewest people for sensitive dimensions anywhere below the city: 30.
    sensitive : frozenset of str
        Names of dimensions to treat as sensitive beside those that say so themselves.
    households : int
        Fewest households behind a count, where households are known: 2.
    small_group : int
        Groups below this many people must not all share one category or one zone: 30.
        For sensitive dimensions there is no such limit.
    local_people : int
        Fewest residents of a zone about which a finding may speak: 100.
    noise_largest, noise_variance, noise_small : int, float, int
        D = 5, V = 2 and the small results that do not occur (none) of the cell-key noise.
    differencing : bool
        Compare with everything published earlier.
    across_dates : bool
        Compare counts of different dates too.
    digits, local_digits : int
        Decimals of published indices of the city (4), significant digits of local ones (2).
    rounding : int
        Numbers of people beside findings are rounded to multiples of this: 10.
    """

    protection: Literal["cell_key", "suppress"] = "cell_key"
    threshold: int = 10
    sensitive_threshold: int = 30
    sensitive: frozenset[str] = frozenset()
    households: int = 2
    small_group: int = 30
    local_people: int = 100
    noise_largest: int = 5
    noise_variance: float = 2.0
    noise_small: int = 0
    differencing: bool = True
    across_dates: bool = False
    digits: int = 4
    local_digits: int = 2
    rounding: int = 10

    def __post_init__(self) -> None:
        object.__setattr__(self, "sensitive", frozenset(self.sensitive))
        if self.protection not in ("cell_key", "suppress"):
            raise CallError(f'there is no protection "{self.protection}": choose cell_key or suppress')
        if self.threshold < 3 or self.sensitive_threshold < self.threshold:
            raise CallError("the threshold is at least 3, and the one for sensitive dimensions not lower")
        if min(self.households, self.rounding, self.digits, self.local_digits) < 1:
            raise CallError("households, rounding and digits are at least 1")

    def is_sensitive(self, dimension: Dimension) -> bool:
        """True when the dimension says so, or this policy does."""
        return dimension.sensitive or dimension.name in self.sensitive
