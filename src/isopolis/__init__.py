"""Isopolis: measure and reduce inequality between the people of a city.

Everything public is imported on first use, so that ``import isopolis`` costs next
to nothing::

    city = isopolis.load("my-city/")
    diagnosis = isopolis.diagnose(city)
    isopolis.measure(city, "dissimilarity", "sex=female")
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

__version__ = "0.1.0"

_PUBLIC = {
    "load": ("isopolis.flows.cities", "load"),
    "diagnose": ("isopolis.flows.diagnose", "diagnose"),
    "access": ("isopolis.flows.access_load", "access_to"),
    "load_access": ("isopolis.flows.access_load", "load_access"),
    "measures": ("isopolis.flows.measure_one", "measures"),
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

_CALLABLE = {
    "measure": ("isopolis.flows.measure_one", "measure"),
    "explain": ("isopolis.flows.measure_one", "explain"),
}
"""Rooms that are also verbs: ``isopolis.measure(city, …)`` is the flow of that name."""

__all__ = ["__version__", *_PUBLIC, *_CALLABLE]


def _resolve(module: str, attribute: str) -> Any:
    return getattr(importlib.import_module(module), attribute)


class _Room(ModuleType):
    """A package that can be called by its name."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return _resolve(*_CALLABLE[self.__name__.rpartition(".")[2]])(*args, **kwargs)


class _House(ModuleType):
    """The package itself; it makes the rooms named in `_CALLABLE` callable as they are imported."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _CALLABLE and isinstance(value, ModuleType):
            value.__class__ = _Room
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _House


def __getattr__(name: str) -> Any:
    if name in _CALLABLE:
        return importlib.import_module(f"{__name__}.{name}")
    if name not in _PUBLIC:
        raise AttributeError(f"module 'isopolis' has no attribute {name!r}")
    value = _resolve(*_PUBLIC[name])
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
