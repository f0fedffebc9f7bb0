"""Isopolis: measure and reduce inequality between the people of a city.

Everything public is imported on first use, so that ``import isopolis`` costs no
more than numpy.
"""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np  # noqa: F401  (the one library that every part needs)

__version__ = "0.1.0"

_PUBLIC = {
    "load": ("isopolis.read", "read_city"),
    "diagnose": ("isopolis.flows.diagnose", "diagnose"),
    "measure": ("isopolis.flows.measure_one", "measure"),
    "measures": ("isopolis.flows.measure_one", "measures"),
    "explain": ("isopolis.flows.measure_one", "explain"),
    "write_report": ("isopolis.report", "write_report"),
    "write_example": ("isopolis.flows.example", "write_example"),
    "City": ("isopolis.model", "City"),
    "Counts": ("isopolis.model", "Counts"),
    "Dimension": ("isopolis.model", "Dimension"),
    "Finding": ("isopolis.model", "Finding"),
    "Group": ("isopolis.model", "Group"),
    "Zones": ("isopolis.model", "Zones"),
    "DataError": ("isopolis.model", "DataError"),
    "CallError": ("isopolis.model", "CallError"),
}

__all__ = ["__version__", *_PUBLIC]


def __getattr__(name: str) -> Any:
    try:
        module, attribute = _PUBLIC[name]
    except KeyError:
        raise AttributeError(f"module 'isopolis' has no attribute {name!r}") from None
    value = getattr(importlib.import_module(module), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
