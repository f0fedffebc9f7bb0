"""What changed between dates: how much of a change is other people, other zones, or another spread.

Pure functions on tables (zone, group). `decompose` splits the change of an index between two tables,
`along` that of several dates; `carry` brings a table to other zones by a crosswalk first.
"""

from .crosswalk import Crosswalk, carry, from_shares
from .dates import Path, along
from .fit import Fitted, fit
from .parts import METHODS, Part, Parts, Zeros
from .stable import Decomposed, decompose

__all__ = [
    "METHODS",
    "Crosswalk",
    "Decomposed",
    "Fitted",
    "Part",
    "Parts",
    "Path",
    "Zeros",
    "along",
    "carry",
    "decompose",
    "fit",
    "from_shares",
]
