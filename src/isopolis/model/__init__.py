"""The frozen types that everything shares. No input, no output."""

from .city import City, Source
from .counts import Counts, Mechanism, frozen
from .errors import CallError, DataError, IsopolisError, Problem, Problems, near
from .finding import Finding, Undefined
from .groups import EVERYONE, Dimension, Group
from .registry import Registry
from .vocabulary import GROUNDS, ground_of
from .zones import Zones

__all__ = [
    "EVERYONE",
    "GROUNDS",
    "CallError",
    "City",
    "Counts",
    "DataError",
    "Dimension",
    "Finding",
    "Group",
    "IsopolisError",
    "Mechanism",
    "Problem",
    "Problems",
    "Registry",
    "Source",
    "Undefined",
    "Zones",
    "frozen",
    "ground_of",
    "near",
]
