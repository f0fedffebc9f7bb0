"""What ships with the program as dated text: vocabulary, library, questionnaires, rules.

Each is a YAML file under ``data/``, so that somebody who knows the subject can correct it without
writing code. This room only reads; what the records mean is decided in ``learn`` and ``act``.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

__all__ = ["DEEPEST", "names", "parse", "read", "text"]

DEEPEST = 64
"""How deep lists and tables of a YAML text may lie inside each other."""


def text(path: str) -> str:
    """Return a shipped file as text.

    Parameters
    ----------
    path : str
        Its place below ``data/``, with slashes: ``"vocabulary/grounds.yaml"``.

    Raises
    ------
    FileNotFoundError
        When no such file ships; the message lists what is in that folder.
    """
    place = _place(path)
    if not place.is_file():
        folder = path.rpartition("/")[0]
        there = ", ".join(names(folder))
        raise FileNotFoundError(f"no shipped file {path}; in {folder or '.'}/ there is {there}")
    return place.read_text(encoding="utf-8")


@functools.cache
def read(path: str) -> Any:
    """Return a shipped YAML file as plain lists and dictionaries; do not change what you get."""
    return parse(text(path), path)


def parse(written: str, name: str) -> Any:
    """Read YAML text by its safe subset: no tags that make objects; dates stay dates.

    Raises
    ------
    ValueError
        When it is no YAML, with `name`, line and column.
    """
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        _not_too_deep(yaml.parse(written, Loader=loader), name)
        return yaml.load(written, Loader=loader)
    except yaml.YAMLError as error:
        raise ValueError(f"{name}: {error}") from error


def _not_too_deep(events: Iterable[Any], name: str) -> None:
    """Refuse nesting that would overflow the stack of the loader, which ends the whole process."""
    depth = 0
    for event in events:
        kind = type(event).__name__
        depth += kind.endswith("StartEvent") - kind.endswith("EndEvent")
        if depth > DEEPEST:
            raise ValueError(f"{name}: lists and tables inside each other more than {DEEPEST} deep")


def names(folder: str) -> tuple[str, ...]:
    """Return the names of the shipped files of a folder, sorted, without folders."""
    place = _place(folder)
    return tuple(sorted(f.name for f in place.iterdir() if f.is_file())) if place.is_dir() else ()


def _place(path: str) -> Traversable:
    place: Traversable = resources.files(__name__) / "data"
    for part in filter(None, path.split("/")):
        if part in (".", ".."):
            raise FileNotFoundError(f"{path} leaves the folder of shipped files")
        place = place / part
    return place
