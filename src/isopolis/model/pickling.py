"""How frozen types travel between processes: as their fields, made anew by their own constructor.

Python's own way keeps neither promise of these types: a read-only view of a mapping cannot be pickled, and an
array comes back writable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any

import numpy as np

__all__ = ["as_fields"]


def as_fields(thing: Any) -> tuple[Any, tuple[type, dict[str, Any]]]:
    """Return what ``__reduce__`` of a frozen dataclass answers.

    The constructor freezes arrays and mappings again and checks again what the type promises, so that a
    damaged pickle raises `CallError` and never gives a city that is wrong.
    """
    return _made, (type(thing), {f.name: _plain(getattr(thing, f.name)) for f in fields(thing) if f.init})


def _made(kind: type, values: Mapping[str, Any]) -> Any:
    return kind(**values)


def _plain(value: Any) -> Any:
    if isinstance(value, MappingProxyType):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, np.ndarray) and 0 in value.strides and value.size:
        # an array that was broadcast: one number is sent, and the constructor broadcasts it again
        return value[tuple(slice(0, 1) if step == 0 else slice(None) for step in value.strides)]
    return value
