"""Shortest journeys on foot for many origins and places at once, in whole milliseconds.

A network is read once (`Topology.of`), gets the costs of a profile (`Topology.weigh`) and answers `nearest`,
`nearest_k`, `within`, `matrix`, `blocks` and `trip`. Every figure is exact: the same on any machine, with any
number of threads, and equal to that of the single journey that `trip` explains.
"""

from __future__ import annotations

from .bulk import Nearest, Rows, blocks, matrix, nearest, nearest_k, within
from .decays import Decay
from .network import LONGEST, Graph, Topology
from .points import Points
from .trips import Trip, trip
from .warm import ready

__all__ = [
    "LONGEST",
    "Decay",
    "Graph",
    "Nearest",
    "Points",
    "Rows",
    "Topology",
    "Trip",
    "blocks",
    "matrix",
    "nearest",
    "nearest_k",
    "ready",
    "trip",
    "within",
]
