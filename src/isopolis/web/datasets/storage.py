"""Where a dataset lies, and a folder with it and one version of its city.toml."""

from __future__ import annotations

import hashlib
import os
import shutil
from contextlib import suppress
from pathlib import Path

from .models import Dataset
from .names import CONFIG

__all__ = ["config_digest", "snapshot"]


def config_digest(text: str) -> str:
    """Name one version of a city.toml."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def snapshot(dataset: Dataset, config: str) -> Path:
    """Return a folder with the files and this city.toml; it never changes once it is there.

    A correction that is made while a job runs makes another folder, so that a result always tells of
    one version.
    """
    folder = dataset.folder.with_name(f"{dataset.pk}.versions") / (
        config_digest(config) if config else "bare"
    )
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = folder.with_name(f".{folder.name}-{os.getpid()}")
    shutil.rmtree(fresh, ignore_errors=True)
    for name in dataset.names:
        (fresh / name).parent.mkdir(parents=True, exist_ok=True)
        _link(dataset.folder / name, fresh / name)
    if config:
        (fresh / CONFIG).write_text(config, encoding="utf-8")
    with suppress(OSError):  # another process made the same folder meanwhile
        os.rename(fresh, folder)
    shutil.rmtree(fresh, ignore_errors=True)
    return folder


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another disk, or one that has no hard links
        shutil.copyfile(source, target)
