"""Unpacking a zip that may be hostile."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Callable
from typing import BinaryIO

__all__ = ["RATIO", "bomb", "opened", "unpack"]

RATIO = 200
"""Larger than any real table packs; a zip bomb packs a thousandfold."""

MOST_ENTRIES = 5000
FREE = 10_000_000
"""Bytes below which a high ratio harms nobody."""

LISTED = 4_000_000
"""Bytes that the list of entries may have. It is read as a whole, before anything is known of it."""

PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Ways of packing that need little memory; others may ask for as much as they unpack to."""

Take = Callable[[str, BinaryIO], None]


class _Short:
    """A file of which nobody reads more than a little at once."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.seek, self.tell, self.seekable = stream.seek, stream.tell, lambda: True

    def read(self, size: int = -1) -> bytes:
        """Read, unless it is too much."""
        piece = self.stream.read(LISTED + 1 if size < 0 else min(size, LISTED + 1))
        if len(piece) > LISTED:
            raise zipfile.BadZipFile("the list of entries is too long")
        return piece


def opened(stream: BinaryIO) -> zipfile.ZipFile:
    """Open a zip whose list of entries could be made to fill the memory."""
    return zipfile.ZipFile(_Short(stream))  # type: ignore[arg-type]


def unpack(name: str, stream: BinaryIO, take: Take, most: int, reasons: list[str]) -> None:
    """Hand every file of a zip to `take`; add to `reasons` what is wrong with it as a whole."""
    try:
        with opened(stream) as archive:
            entries = archive.infolist()
            why = bomb(entries, most)
            if why:
                reasons.append(f"{name}: {why}")
                return
            for entry in entries:
                _one(name, archive, entry, take, reasons)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError):
        reasons.append(f"{name} cannot be unpacked. Pack it again as an ordinary zip without password.")


def bomb(entries: list[zipfile.ZipInfo], most: int) -> str:
    """Say why a zip with these entries is not unpacked; empty when it may be."""
    if len(entries) > MOST_ENTRIES:
        return f"it holds {len(entries):,} entries. Pack only the files of the city."
    if any(e.compress_type not in PACKED for e in entries):
        return "it is packed in an unusual way. Pack it again as an ordinary zip."
    size = sum(e.file_size for e in entries)
    packed = sum(e.compress_size for e in entries)
    if size > most:
        return f"unpacked it would be {size // 1_000_000:,} MB; at most {most // 1_000_000:,} MB are taken."
    if size > FREE and size > RATIO * max(packed, 1):
        return "it unpacks to so much more than its size that it would fill the disk."
    return ""


def _one(name: str, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, take: Take, reasons: list[str]) -> None:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if entry.is_dir():
        return
    if entry.flag_bits & 1:
        reasons.append(f"{name} is locked with a password. Pack it again without one.")
    elif kind not in (0, stat.S_IFREG):
        reasons.append(f'{name}: "{entry.filename[:80]}" is a link and no file. Pack the file itself.')
    elif entry.filename.lower().endswith(".zip"):
        reasons.append(f'{name}: "{entry.filename[:80]}" is a zip inside a zip. Unpack it first.')
    else:
        with archive.open(entry) as inner:
            take(entry.filename, inner)  # type: ignore[arg-type]
