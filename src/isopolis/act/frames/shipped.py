"""The frames that ship."""

from __future__ import annotations

from functools import cache

from isopolis.content import names, parse, read
from isopolis.model import CallError
from isopolis.model.errors import near
from isopolis.model.text import phrase

from .model import Frame
from .reading import read_frame

__all__ = ["read_text", "shipped", "shipped_names"]

FOLDER = "frames"


def shipped_names() -> tuple[str, ...]:
    """Return the ids of the frames that ship."""
    return tuple(n.removesuffix(".yaml") for n in names(FOLDER) if n.endswith(".yaml"))


@cache
def shipped(name: str) -> Frame:
    """Return a frame that ships.

    Raises
    ------
    CallError
        When there is none of that name, with those that there are.
    """
    if name not in shipped_names():
        hint = near(name, shipped_names())
        raise CallError(phrase('no frame "{name}" ships; {hint}', name=name, hint=hint))
    return read_frame(read(f"{FOLDER}/{name}.yaml"), f"{name}.yaml")


def read_text(text: str, file: str) -> Frame:
    """Read a frame from YAML text.

    Raises
    ------
    DataError
        With everything that is wrong in it.
    CallError
        When it is no YAML.
    """
    try:
        return read_frame(parse(text, file), file)
    except ValueError as error:
        raise CallError(str(error)) from None
