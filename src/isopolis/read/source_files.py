"""Paths of the files that a configuration names, and what they were when they were read."""

from __future__ import annotations

import hashlib
from pathlib import Path

from isopolis.model import Source

from .config import CityConfig
from .config_file import expand

__all__ = ["file_of", "sources_of"]


def file_of(config: CityConfig, name: str) -> Path:
    """Path of a file named in a configuration."""
    path = Path(expand(name)).expanduser()
    return path if path.is_absolute() else config.folder / path


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
