"""Kinds of neighbourhoods, each with how firmly it holds.

Pure functions on arrays. Neighbours come in as pairs of zones, so that no outline is needed here; random
numbers come from a seed and the number of the draw, so that any order of draws gives the same answer.
"""

from __future__ import annotations

from .areas import Delimited, connected, delimit, held
from .clusters import Clusters, clusters
from .types import TYPES, Typed, neighbourhood_types
from .warning import NO, UNKNOWN, YES, Condition, Rule, Verdict, agreement, judge

__all__ = [
    "NO",
    "TYPES",
    "UNKNOWN",
    "YES",
    "Clusters",
    "Condition",
    "Delimited",
    "Rule",
    "Typed",
    "Verdict",
    "agreement",
    "clusters",
    "connected",
    "delimit",
    "held",
    "judge",
    "neighbourhood_types",
]
