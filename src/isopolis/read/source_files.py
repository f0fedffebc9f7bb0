"""Paths of the files that a configuration names, and what they were when they were read."""

from __future__ import annotations

import hashlib
import os
import re
from difflib import get_close_matches
from pathlib import Path

from isopolis.model import Source, near
from isopolis.model.text import joint, phrase

from .config import CityConfig
from .config_file import expand
from .failure import fail

__all__ = ["existing_file", "file_of", "sources_of"]


def file_of(config: CityConfig, name: str) -> Path:
    """Path of a file named in a configuration."""
    path = Path(expand(name)).expanduser()
    return path if path.is_absolute() else config.folder / path


def existing_file(config: CityConfig, name: str) -> Path:
    """Path of a file named in a configuration, which must be there.

    Raises
    ------
    DataError
        If it is not; it names the place, the nearest name there, and the
        environment variables from which the place was made.
    """
    path = file_of(config, name)
    if path.is_file():
        return path
    place = os.path.abspath(path)
    what = phrase("this is a folder, not a file") if path.is_dir() else phrase("there is no such file")
    hint = [phrase("Looked at {place}.", place=place), _nearest(Path(place)), *_variables(name)]
    hint.append(phrase("Correct the name in {file}.", file=config.origin))
    return fail("missing-file", what, file=path.name, hint=joint(hint))


def _nearest(path: Path) -> str:
    if not path.parent.is_dir():
        there = next(p for p in path.parents if p.is_dir())
        return phrase(
            "The folder {folder} does not exist; the last part of it that does is {there}.",
            folder=path.parent,
            there=there,
        )
    names = sorted(p.name for p in path.parent.iterdir() if p.is_file() and not p.name.startswith("."))
    close = {n.lower(): n for n in names}
    found = get_close_matches(path.name.lower(), close, n=1, cutoff=0.4)
    if found:
        return phrase('In that folder: did you mean "{name}"?', name=close[found[0]])
    return phrase("In that folder {suggestion}", suggestion=near(path.name, names))


def _variables(name: str) -> list[str]:
    """Say of each environment variable in a file name whether it was set."""
    out = []
    for match in re.finditer(r"\$(?:\{(\w+)(?::-([^}]*))?\}|(\w+))", name):
        variable, default = match[1] or match[3], match[2]
        value = os.environ.get(variable)
        if value:
            out.append(
                phrase(
                    'The environment variable {variable} is set to "{value}".', variable=variable, value=value
                )
            )
        elif default is not None:
            out.append(
                phrase(
                    'The environment variable {variable} is not set, so its default "{default}" was used.',
                    variable=variable,
                    default=default,
                )
            )
        else:
            out.append(
                phrase(
                    "The environment variable {variable} is not set: set it to the folder meant.",
                    variable=variable,
                )
            )
    return out


def sources_of(config: CityConfig) -> tuple[Source, ...]:
    """Every source with the files read from it; files of no named source come last."""
    files: dict[str, list[Path]] = {s.key: [] for s in config.sources}
    only = config.sources[0].key if len(config.sources) == 1 else ""
    for table in config.tables:
        files.setdefault(table.source or only, []).append(file_of(config, table.file))
    if config.zones.file:
        files.setdefault(only, []).append(file_of(config, config.zones.file))
    stated = {s.key: s for s in config.sources}
    out = []
    for key, paths in files.items():
        unique = list(dict.fromkeys(paths))
        s = stated.get(key)
        known = (
            {} if s is None else {k: getattr(s, k) for k in ("title", "publisher", "licence", "date", "url")}
        )
        out.append(
            Source(
                key or "files",
                files=tuple(p.name for p in unique),
                sha256={p.name: _sha256(p) for p in unique},
                **known,
            )
        )
    return tuple(out)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
