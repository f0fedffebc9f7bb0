"""The file that a backup is: a gzipped tar whose last member says what all the others must be.

The manifest is last because only then is everything known, and because a file that was cut off then has
none. Reading trusts nothing: names, kinds, sizes and digests are checked before anything is used.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
import zlib
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any, BinaryIO

from isopolis.model import CallError

__all__ = ["FORMAT", "MANIFEST", "VanishedError", "Writer", "clean_name", "sha256", "unpack"]

FORMAT = 1
MANIFEST = "manifest.json"
SPARE = 50_000_000
PIECE = 1 << 20
MOST_OF_MANIFEST = 200_000_000


class VanishedError(Exception):
    """A file that was listed is gone: somebody removed it while the backup was made."""


class Writer:
    """Write a backup beside its place and rename it when it is whole and safely on the disk."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.files: dict[str, dict[str, str | int]] = {}
        handle, name = tempfile.mkstemp(prefix=f".{target.name}-", suffix=".part", dir=target.parent)
        self.part = Path(name)  # mkstemp makes it readable by its owner only
        self._file = os.fdopen(handle, "wb")
        self._tar = tarfile.open(fileobj=self._file, mode="w:gz", compresslevel=6)  # noqa: SIM115

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._file.closed:
            self._file.close()
        self.part.unlink(missing_ok=True)

    def add(self, path: Path, name: str) -> None:
        """Add one file as it is now."""
        try:
            stream = path.open("rb")
        except FileNotFoundError:
            raise VanishedError(name) from None
        with stream:
            size = os.fstat(stream.fileno()).st_size
            counted = _Counted(stream, size)
            self._tar.addfile(_member(name, size), counted)  # type: ignore[arg-type]
        self.files[name] = {"size": size, "sha256": counted.digest.hexdigest()}

    def finish(self, manifest: dict[str, Any]) -> Path:
        """Add the manifest, make everything durable, and give the file its name."""
        text = json.dumps(manifest | {"files": self.files}, indent=1, sort_keys=True).encode()
        self._tar.addfile(_member(MANIFEST, len(text)), io.BytesIO(text))
        self._tar.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        os.replace(self.part, self.target)
        _sync_folder(self.target.parent)
        return self.target


class _Counted:
    """A stream that computes the digest of what is read through it, and gives `size` bytes and no more."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self.stream, self.left, self.digest = stream, size, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Read at most `size` bytes."""
        piece = self.stream.read(self.left if size < 0 else min(size, self.left))
        self.left -= len(piece)
        self.digest.update(piece)
        return piece


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member


def _sync_folder(folder: Path) -> None:
    """Make a rename durable; Windows has no way to ask for it and needs none."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def sha256(path: Path) -> str:
    """Digest of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def clean_name(name: str) -> bool:
    """Tell whether a name leads to a place inside the folder and nowhere else."""
    parts = PurePosixPath(name).parts
    if not parts or name != "/".join(parts) or "\\" in name or "\0" in name:
        return False
    return not name.startswith("/") and not any(p in (".", "..") or ":" in p for p in parts)


def unpack(path: Path, folder: Path) -> dict[str, Any]:
    """Unpack a backup into an empty folder and return its manifest.

    Raises
    ------
    CallError
        With a plain reason if it is no backup, is cut off or damaged, or holds what no backup holds.
    """
    found: dict[str, dict[str, str | int]] = {}
    text = b""
    try:
        with gzip.open(path) as plain, tarfile.open(fileobj=plain, mode="r|") as archive:
            for member in archive:
                _refuse_odd(member, path, found)
                stream = archive.extractfile(member)
                assert stream is not None  # a regular file has one
                if member.name == MANIFEST:
                    text = stream.read(MOST_OF_MANIFEST)
                else:
                    found[member.name] = _keep(stream, member, folder)
            while plain.read(PIECE):  # to the very end, where the checksum of everything is
                pass
    except FileNotFoundError:
        raise CallError(f"there is no file {path}") from None
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise CallError(f"{path.name} cannot be read as a backup ({error}): cut off or damaged") from None
    except OSError as error:
        why = error.strerror or str(error)
        raise CallError(f"{path.name} cannot be unpacked into {folder}: {why}") from None
    manifest = _manifest(text, path)
    _compare(found, manifest["files"], path)
    return manifest


def _refuse_odd(member: tarfile.TarInfo, path: Path, found: dict[str, Any]) -> None:
    why = ""
    if not member.isreg():
        why = "is no plain file"
    elif not clean_name(member.name):
        why = "would lie outside the folder"
    elif member.name in found:
        why = "is there twice"
    if why:
        raise CallError(
            f'{path.name} is no backup of ours: "{member.name[:100]}" {why}; nothing was restored'
        )


def _keep(stream: Any, member: tarfile.TarInfo, folder: Path) -> dict[str, str | int]:
    target = folder / member.name
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if member.size > shutil.disk_usage(folder).free - SPARE:
        raise CallError(
            f'the disk of {folder} has no room for "{member.name}" ({member.size / 1e6:,.0f} MB); make some'
        )
    digest, size = hashlib.sha256(), 0
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        while piece := stream.read(PIECE):
            digest.update(piece)
            size += out.write(piece)
    return {"size": size, "sha256": digest.hexdigest()}


def _manifest(text: bytes, path: Path) -> dict[str, Any]:
    if not text:
        raise CallError(f"{path.name} has no manifest: it was cut off, or is no backup of Isopolis")
    try:
        manifest = json.loads(text)
        known = manifest["format"]
    except (ValueError, KeyError, TypeError):
        raise CallError(f"the manifest of {path.name} cannot be read: the file is damaged") from None
    if known != FORMAT:
        raise CallError(
            f"{path.name} has the backup format {known}, and this version knows {FORMAT}: restore it with "
            f"the version that made it ({manifest.get('version', 'unknown')})"
        )
    wanted = {"version": str, "made_at": str, "databases": list, "files": dict}
    if any(not isinstance(manifest.get(k), kind) for k, kind in wanted.items()):
        raise CallError(f"the manifest of {path.name} lacks something: the file is damaged")
    made: dict[str, Any] = manifest
    return made


def _compare(found: dict[str, Any], said: dict[str, Any], path: Path) -> None:
    wrong = sorted(n for n in found.keys() | said.keys() if found.get(n) != said.get(n))
    if wrong:
        raise CallError(
            f"{path.name} is damaged: {len(wrong)} of its files are not what its manifest says "
            f'("{wrong[0]}" first); use another backup'
        )
