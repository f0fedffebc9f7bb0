"""Loops of the engine in machine code, made when they are first asked for and kept on the machine.

numba keeps what it compiled beside the package, or in the user's own cache folder where the package cannot
be written to, or not at all where neither can be. Each loop has one signature: nothing is compiled twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from . import kernel_network, kernel_search, kernel_sums, lanes

__all__ = ["NAMES", "kernel"]

_MODULES: tuple[ModuleType, ...] = (kernel_network, kernel_search, kernel_sums)

NAMES: tuple[str, ...] = tuple(name for module in _MODULES for name in module.SIGNATURES)
"""Every loop that can be asked for."""


@cache
def kernel(name: str) -> Callable[..., Any]:
    """Return a loop in machine code: compiled now, or loaded where an earlier process kept it.

    Parameters
    ----------
    name : str
        One of `NAMES`.
    """
    module = next(m for m in _MODULES if name in m.SIGNATURES)
    return _made(getattr(module, name), _types(module.SIGNATURES[name]), _helpers(module))


@cache
def _helpers(module: ModuleType) -> dict[str, Any]:
    """Names that the loops of a module see: its constants, and small loops that go into larger ones."""
    from numba import njit

    space: dict[str, Any] = {"__name__": module.__name__, "np": np}
    space |= {k: v for k, v in vars(module).items() if k.isupper() and isinstance(v, int)}
    for name in module.HELPERS:
        plain = getattr(module, name)
        own = FunctionType(plain.__code__, space, name)
        space[name] = njit(error_model="numpy", nogil=True)(own)
    if module is kernel_sums:
        space |= lanes.vectors()
    return space


def _made(plain: Any, types: Any, space: dict[str, Any]) -> Callable[..., Any]:
    from numba import njit

    own = FunctionType(plain.__code__, space, plain.__name__)
    # numba knows what it kept by this name and the file; a loop also holds code and numbers of other files
    own.__qualname__ = f"{plain.__name__}_{_digest()}"
    try:
        made = njit(types, error_model="numpy", nogil=True, cache=True)(own)
    except RuntimeError:  # no folder in which code could be kept
        made = njit(types, error_model="numpy", nogil=True)(own)
    return made  # type: ignore[no-any-return]


@cache
def _digest() -> str:
    """Name for all loops as they are written, with their constants."""
    parts: list[str] = []

    def note(code: CodeType) -> None:
        parts.append(f"{code.co_name} {code.co_code.hex()} {code.co_names}")
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                note(constant)
            else:
                parts.append(repr(constant))

    for module in _MODULES:
        parts += [f"{k} {v}" for k, v in vars(module).items() if k.isupper() and isinstance(v, int)]
        parts += [repr(module.SIGNATURES)]
        for name in (*module.HELPERS, *module.SIGNATURES):
            note(getattr(module, name).__code__)
    for method in vars(lanes.Vectors).values():
        if isinstance(method, FunctionType):
            note(method.__code__)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def _types(words: str) -> Any:
    """Types of arguments: ``i4`` an array of int32, ``I4`` one only read, ``:2`` two axes, ``n`` number."""
    from numba import types

    kinds = {"i4": types.int32, "i8": types.int64, "f8": types.float64, "u1": types.uint8, "u4": types.uint32}

    def one(word: str) -> Any:
        if word == "n":
            return types.int64
        if word == "x":
            return types.float64
        kind, _, axes = word.partition(":")
        return types.Array(kinds[kind.lower()], int(axes or 1), "C", readonly=kind[0].isupper())

    return tuple(one(w) for w in words.split())
