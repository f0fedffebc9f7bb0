"""Files → `City` and `AccessData`: tables, outlines, city.toml, and guesses where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .access_data import read_access
    from .city import read_city
    from .guess import guess_city
    from .init import init_city

__all__ = ["guess_city", "init_city", "read_access", "read_city"]

_HOMES = {
    "read_access": "access_data",
    "read_city": "city",
    "guess_city": "guess",
    "init_city": "init",
}


def __getattr__(name: str) -> Any:
    # the readers' libraries are heavy: nobody pays for them before the first use
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
