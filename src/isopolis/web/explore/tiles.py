"""The city's own background map: one PMTiles file, checked when it comes in, read tile by tile.

The directories of such a file are packed, and a hostile one could unpack to anything; so every directory is
unpacked with a limit before the file is kept, and later reading meets only what was looked at.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pmtiles.reader import Reader
from pmtiles.tile import Compression, TileType, deserialize_directory, deserialize_header

__all__ = ["KINDS", "SUFFIX", "Background", "background", "tile", "why_not"]

SUFFIX = ".pmtiles"
HEADER = 127
DIRECTORIES_MOST = 4_000_000
"""Bytes of all directories after unpacking: about a million tiles."""
DIRECTORY_LEAST = 1_000
"""Bytes that each directory counts at least: a small one can be named again and again."""
METADATA_MOST = 2_000_000
LAYERS_MOST = 60
ZOOM_MOST = 22

KINDS = {
    TileType.MVT: ("mvt", "application/vnd.mapbox-vector-tile"),
    TileType.PNG: ("png", "image/png"),
    TileType.JPEG: ("jpg", "image/jpeg"),
    TileType.WEBP: ("webp", "image/webp"),
}


@dataclass(frozen=True, slots=True)
class Background:
    """What a page must know of a background."""

    suffix: str
    content_type: str
    packed: bool
    min_zoom: int
    max_zoom: int
    layers: tuple[str, ...]
    attribution: str


class DamagedError(Exception):
    """A file that is no PMTiles file that can be served, and why."""


def why_not(path: Path) -> str:
    """Say why a file is not taken; empty when it is fine."""
    try:
        with path.open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            header = _header(stream.fileno(), size)
            for offset, length in _directories(stream.fileno(), header, size):
                if offset + length > size:
                    raise DamagedError("it is cut off")
            _metadata(stream.fileno(), header)
    except DamagedError as damaged:
        return str(damaged)
    except Exception:
        # whatever the reader meets in a damaged file: nothing of it is kept
        return "it is damaged"
    return ""


def _header(file: int, size: int) -> dict[str, Any]:
    head = os.pread(file, HEADER, 0)
    if len(head) < HEADER or not head.startswith(b"PMTiles") or head[7] != 3:
        raise DamagedError("it is no PMTiles file of version 3")
    header: dict[str, Any] = dict(deserialize_header(head))
    if header["tile_type"] not in KINDS:
        raise DamagedError("its tiles are of no kind that is served (vector, PNG, JPEG or WebP)")
    if header["internal_compression"] != Compression.GZIP:
        raise DamagedError("its directories are packed in a way that is not read; use gzip")
    if header["tile_compression"] not in (Compression.GZIP, Compression.NONE):
        raise DamagedError("its tiles are packed in a way that is not served; use gzip")
    if header["min_zoom"] > header["max_zoom"] or header["max_zoom"] > ZOOM_MOST:
        raise DamagedError("its zoom levels make no sense")
    for part in ("root", "metadata", "leaf_directory", "tile_data"):
        start, length = header[f"{part}_offset"], header.get(f"{part}_length", 0)
        if (start < HEADER and length) or start + length > size:
            raise DamagedError("it is cut off")
    return header


def _directories(file: int, header: dict[str, Any], size: int) -> Iterator[tuple[int, int]]:
    """Unpack every directory, within one limit for all; yield where each tile lies."""
    waiting = [(header["root_offset"], header["root_length"])]
    left = DIRECTORIES_MOST
    while waiting:
        offset, length = waiting.pop()
        if offset < HEADER or length > left or offset + length > size:
            raise DamagedError("its directories are damaged, or it has too many tiles; cut out your city")
        raw = os.pread(file, length, offset)
        left -= max(len(_unpacked(raw, left)), DIRECTORY_LEAST)
        # the library unpacks it once more, now that its size is known
        for entry in deserialize_directory(raw):
            if entry.run_length == 0:
                waiting.append((header["leaf_directory_offset"] + entry.offset, entry.length))
            else:
                yield header["tile_data_offset"] + entry.offset, entry.length


def _unpacked(raw: bytes, most: int) -> bytes:
    """Unpack one gzip stream and nothing behind it, up to a limit."""
    machine = zlib.decompressobj(31)
    out = machine.decompress(raw, most + 1)
    if len(out) > most or not machine.eof or machine.unused_data:
        raise DamagedError("it is damaged, or unpacks to too much")
    return out


def _metadata(file: int, header: dict[str, Any]) -> dict[str, Any]:
    if header["metadata_length"] > METADATA_MOST:
        raise DamagedError("its description is too long")
    raw = os.pread(file, header["metadata_length"], header["metadata_offset"])
    found = json.loads(_unpacked(raw, METADATA_MOST) or b"{}")
    if not isinstance(found, dict):
        raise DamagedError("its description is damaged")
    return found


@lru_cache(maxsize=32)
def background(path: Path) -> Background:
    """Describe a file that was taken; its files never change."""
    with path.open("rb") as stream:
        header = _header(stream.fileno(), os.fstat(stream.fileno()).st_size)
        told = _metadata(stream.fileno(), header)
    suffix, content_type = KINDS[header["tile_type"]]
    layers = told.get("vector_layers")
    names = (
        [str(row.get("id", "")) for row in layers if isinstance(row, dict)]
        if isinstance(layers, list)
        else []
    )
    return Background(
        suffix=suffix,
        content_type=content_type,
        packed=header["tile_compression"] == Compression.GZIP,
        min_zoom=int(header["min_zoom"]),
        max_zoom=int(header["max_zoom"]),
        layers=tuple(n[:100] for n in names if n)[:LAYERS_MOST],
        attribution=_text(str(told.get("attribution", ""))),
    )


def _text(html: str) -> str:
    """Return the words of an attribution, which is often written as HTML."""
    from django.utils.html import strip_tags

    return " ".join(strip_tags(html).split())[:200]


def tile(path: Path, z: int, x: int, y: int) -> bytes | None:
    """Return one tile as the file has it, None where it has none."""
    with path.open("rb") as stream:
        file = stream.fileno()
        found: bytes | None = Reader(lambda offset, length: os.pread(file, length, offset)).get(z, x, y)
    return found
