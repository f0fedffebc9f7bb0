"""Writing the guessed city.toml beside the files."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from isopolis.model import CallError

__all__ = ["init_city"]


def init_city(folder: str | Path, *, overwrite: bool = False) -> Path:
    """Guess a folder's layout and write ``city.toml`` into it, whole or not at all.

    Raises
    ------
    CallError
        If it is no folder, cannot be written, or has a city.toml already.
    DataError
        If nothing usable is found.
    """
    from .guess import guess_city

    folder = Path(folder)
    target = folder / "city.toml"
    if not folder.is_dir():
        raise CallError(f"there is no folder {folder}")
    if target.exists() and not overwrite:
        raise CallError(
            f"{target} exists already; add --overwrite to write it anew (what was changed in it is lost then)"
        )
    text = guess_city(folder)
    try:
        handle, draft = tempfile.mkstemp(dir=folder, prefix=".city-", suffix=".toml")
    except OSError as error:
        raise CallError(f"{folder} cannot be written to: {error.strerror}") from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        os.chmod(draft, 0o644)
        os.replace(draft, target)
    except OSError as error:
        Path(draft).unlink(missing_ok=True)
        raise CallError(f"{target} cannot be written: {error.strerror}") from None
    return target
