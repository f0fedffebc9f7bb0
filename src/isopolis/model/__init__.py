"""The frozen types that everything shares. No input, no output."""

from .access_data import AccessData, Origins
from .city import City, Source
from .counts import Counts, Mechanism, frozen
from .errors import CallError, DataError, IsopolisError, Problem, Problems, near
from .finding import Finding, Undefined
from .groups import EVERYONE, Dimension, Group
from .places import NO, UNKNOWN, YES, Places
from .registry import Registry
from .streets import Streets
from .timetable import Timetable
from .travel import Travel
from .vocabulary import GROUNDS, ground_of
from .zones import Zones

__all__ = [
    "EVERYONE",
    "GROUNDS",
    "NO",
    "UNKNOWN",
    "YES",
    "AccessData",
    "CallError",
    "City",
    "Counts",
    "DataError",
    "Dimension",
    "Finding",
    "Group",
    "IsopolisError",
    "Mechanism",
    "Origins",
    "Places",
    "Problem",
    "Problems",
    "Registry",
    "Source",
    "Streets",
    "Timetable",
    "Travel",
    "Undefined",
    "Zones",
    "frozen",
    "ground_of",
    "near",
]
