"""Receiving files from strangers: everything is checked before anything is kept.

All reasons against an upload are collected and told at once. Files are first written into a folder
beside their place and renamed at the end, so that a refused or interrupted upload leaves nothing.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol

from .archives import unpack
from .config_check import LONGEST
from .contents import suspicion
from .names import CONFIG, IGNORED, common_folder, wrong_name

__all__ = ["Kept", "Limits", "RefusedError", "Upload", "receive"]

PIECE = 1 << 20


class Upload(Protocol):
    """What a web framework hands over for one file."""

    name: str
    file: BinaryIO


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one upload may bring."""

    files: int
    bytes: int
    unpacked: int


class RefusedError(Exception):
    """An upload that is not kept, with every reason."""

    def __init__(self, reasons: Iterable[str]) -> None:
        self.reasons = tuple(dict.fromkeys(reasons))
        super().__init__("; ".join(self.reasons))


@dataclass(frozen=True, slots=True)
class Kept:
    """What was kept of one upload."""

    files: list[dict[str, str | int]]
    digest: str
    config: str


@dataclass(slots=True)
class _Desk:
    """Where an upload is unpacked and looked at."""

    folder: Path
    limits: Limits
    reasons: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    size: int = 0

    def take(self, name: str, stream: BinaryIO) -> None:
        """Write one file, or a reason why not."""
        parts = name.replace("\\", "/").split("/")
        if set(parts) & IGNORED or parts[-1] in ("", *IGNORED):
            return
        why = wrong_name(name)
        if why or name.lower() in self.names:
            self.reasons.append(why or f'"{name}" is there twice. Send each file once.')
            return
        if len(self.names) >= self.limits.files:
            raise RefusedError(
                [
                    *self.reasons,
                    f"More than {self.limits.files} files. Send only those that count people and zones.",
                ]
            )
        self.names[name.lower()] = name
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        self._write(path, stream)

    def _write(self, path: Path, stream: BinaryIO) -> None:
        with path.open("xb") as out:
            while piece := stream.read(PIECE):
                self.size += len(piece)
                if self.size > self.limits.unpacked:
                    most = self.limits.unpacked // 1_000_000
                    raise RefusedError(
                        [*self.reasons, f"Unpacked, the files are larger than {most} MB together."]
                    )
                out.write(piece)


@contextmanager
def _desk(place: Path, limits: Limits) -> Iterator[_Desk]:
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = Path(tempfile.mkdtemp(prefix=".upload-", dir=place.parent))
    try:
        yield _Desk(folder, limits)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def receive(uploads: Iterable[Upload], place: Path, limits: Limits) -> Kept:
    """Keep an upload in the folder `place`, which must not be there yet.

    Raises
    ------
    RefusedError
        With every reason; nothing is kept then.
    """
    with _desk(place, limits) as desk:
        for upload in uploads:
            if upload.name.lower().endswith(".zip"):
                unpack(upload.name, upload.file, desk.take, limits.unpacked, desk.reasons)
            else:
                desk.take(upload.name, upload.file)
        root = _root(desk)
        files = list(_looked_at(root, desk.reasons))
        if sum(str(f["name"]).lower().endswith(".pmtiles") for f in files) > 1:
            desk.reasons.append("There are several background maps (.pmtiles). Send one.")
        if not files and not desk.reasons:
            desk.reasons.append("There is no file in it. Send tables and outlines, or one zip of them.")
        config = _config(root, desk.reasons)
        if desk.reasons:
            raise RefusedError(desk.reasons)
        os.replace(root, place)
    text = "\n".join(f"{f['name']} {f['sha256']}" for f in files)
    return Kept(files, hashlib.sha256(text.encode()).hexdigest(), config)


def _root(desk: _Desk) -> Path:
    """Step into the one folder that a zip of a folder has."""
    inner = common_folder(list(desk.names.values()))
    return desk.folder / inner if inner else desk.folder


def _looked_at(root: Path, reasons: list[str]) -> Iterator[dict[str, str | int]]:
    for path in sorted(p for p in root.rglob("*") if p.is_file()):
        name = path.relative_to(root).as_posix()
        if name == CONFIG:
            continue
        why = suspicion(path, name)
        if why:
            reasons.append(why)
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        yield {"name": name, "size": path.stat().st_size, "sha256": digest}


def _config(root: Path, reasons: list[str]) -> str:
    path = root / CONFIG
    if not path.is_file():
        return ""
    if path.stat().st_size > 4 * LONGEST:  # before it is in memory; the exact limit is checked with the rest
        reasons.append(f"{CONFIG} is too long: at most {LONGEST:,} characters are taken.")
        return ""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        reasons.append(f"{CONFIG} is not UTF-8 text. Save it in UTF-8.")
        return ""
    path.unlink()
    return text
