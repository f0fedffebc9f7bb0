"""Executors: the same work in this process or on a cluster, with the same answer to the last bit.

A run is a list of parts. Each part is a pure function of its item; parts may end in any order, on any worker,
once or again, and are put together in the order of the items. What is done can be kept in a folder, so that a
run that was stopped goes on where it was.
"""

from .bands import Band, bands, rows_that_fit
from .cluster import Dask
from .executor import Executor, InProcess, executor
from .keep import ARRAYS, JSON, PAIRS, Form, Kept
from .parts import Progress, carry_out

__all__ = [
    "ARRAYS",
    "JSON",
    "PAIRS",
    "Band",
    "Dask",
    "Executor",
    "Form",
    "InProcess",
    "Kept",
    "Progress",
    "bands",
    "carry_out",
    "executor",
    "rows_that_fit",
]
