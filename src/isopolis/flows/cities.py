"""Getting a city: the door that the command line and notebooks use to the readers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from isopolis.model import City

__all__ = ["init", "load"]


def load(
    path: str | Path,
    *,
    groups: Sequence[str] | None = None,
    total: str | None = None,
    zone: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> City:
    """Read a city folder, or one file of zones with columns.

    Parameters
    ----------
    path : str or Path
        A folder with a ``city.toml``, a folder without one (then its tables are
        guessed and the guesses are told), or one file.
    groups, total, zone : str
        Columns, for one file: the groups, everyone, the zone ids.
    progress : callable, optional
        Called with a sentence before each step.

    Returns
    -------
    City

    Raises
    ------
    DataError
        With every problem found, when one of them makes a result wrong.
    CallError
        If the call itself is wrong.
    """
    from isopolis.read import read_city

    named = tuple(groups) if groups else None
    return read_city(Path(path), groups=named, total=total, zone=zone, progress=progress)


def init(folder: str | Path, *, overwrite: bool = False) -> Path:
    """Look at a folder's files and write a commented ``city.toml`` with the guesses.

    Raises
    ------
    DataError
        If nothing in the folder can be used.
    CallError
        If there is a ``city.toml`` already and `overwrite` is False.
    """
    from isopolis.read import init_city

    return init_city(Path(folder), overwrite=overwrite)
