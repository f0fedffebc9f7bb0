"""The city's own background: byte for byte what the file has, for members only; damaged files are refused."""

from __future__ import annotations

import gzip
import io
import struct
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from pmtiles.reader import MemorySource, Reader
from pmtiles.tile import (
    Compression,
    Entry,
    TileType,
    deserialize_header,
    serialize_directory,
    serialize_header,
)

from isopolis.web.actions import ValidationError
from isopolis.web.explore import tiles as background_of
from isopolis.web.workspaces.actions import CreateWorkspace

from .maptown import files, tiles
from .towns import upload

SITES = {TileType.PNG: ("png", "image/png"), TileType.MVT: ("mvt", "application/vnd.mapbox-vector-tile")}


@pytest.mark.parametrize("kind", SITES)
def test_tiles_are_what_was_written(owner: Any, city: Any, browse: Any, kind: TileType) -> None:
    archive, contents = tiles(kind)
    dataset = upload(owner, city, files() | {"town.pmtiles": archive})
    suffix, content_type = SITES[kind]
    client, stem = browse(owner), f"/w/{city.slug}/tiles/{dataset.pk}/"
    reader = Reader(MemorySource(archive))
    for (z, x, y), body in contents.items():
        answer = client.get(f"{stem}{z}/{x}/{y}.{suffix}", headers={"accept-encoding": "gzip"})
        assert answer.status_code == 200
        assert answer.content == body == reader.get(z, x, y)
        assert answer.headers["Content-Type"] == content_type
        assert answer.headers.get("Content-Encoding") == ("gzip" if kind == TileType.MVT else None)
        assert answer.headers["Cache-Control"].startswith("private")
    again = client.get(f"{stem}1/0/1.{suffix}", headers={"if-none-match": f'"{dataset.digest[:24]}-1-0-1"'})
    assert (again.status_code, again.content) == (304, b"")
    plain = client.get(f"{stem}1/0/1.{suffix}").content
    assert plain == (gzip.decompress(contents[1, 0, 1]) if kind == TileType.MVT else contents[1, 0, 1])
    assert client.get(f"{stem}2/3/3.{suffix}").status_code == 204
    for wrong in ("3/0/0", "1/2/0", "1/0/2", f"{10**30}/0/0", f"1/{10**30}/0"):
        assert client.get(f"{stem}{wrong}.{suffix}").status_code == 404, wrong
    assert client.get(f"{stem}1/0/0.svg").status_code == 404


def test_tiles_are_for_members(owner: Any, city: Any, browse: Any, person: Any) -> None:
    dataset = upload(owner, city, files() | {"town.pmtiles": tiles()[0]})
    other = person("other")
    theirs = CreateWorkspace(other, "Othertown").run()
    for slug in (city.slug, theirs.slug):
        assert browse(other).get(f"/w/{slug}/tiles/{dataset.pk}/0/0/0.png").status_code == 404
    assert Client().get(f"/w/{city.slug}/tiles/{dataset.pk}/0/0/0.png").status_code == 302
    bare = upload(owner, city, files("Baretown"))
    assert browse(owner).get(f"/w/{city.slug}/tiles/{bare.pk}/0/0/0.png").status_code == 404


# -- hostile files ------------------------------------------------------------------------------------------
def changed(**more: Any) -> bytes:
    """An archive whose header says something else."""
    archive = tiles()[0]
    return serialize_header(deserialize_header(archive[:127]) | more) + archive[127:]


def with_root(root: bytes) -> bytes:
    head = deserialize_header(tiles()[0][:127])
    meta = gzip.compress(b"{}")
    head |= {"root_offset": 127, "root_length": len(root), "metadata_offset": 127 + len(root)}
    head |= {"metadata_length": len(meta), "leaf_directory_offset": 127, "leaf_directory_length": 0}
    head |= {"tile_data_offset": 127, "tile_data_length": 1}
    return serialize_header(head) + root + meta


BOMB = gzip.compress(b"\x00" * 40_000_000)
LEAF_LOOP = serialize_directory([Entry(0, 0, 30, 0)])
DAMAGED = {
    "cut off": tiles()[0][:-40],
    "only a header": tiles()[0][:127],
    "too short": b"PMTiles\x03",
    "brotli": changed(internal_compression=Compression.BROTLI),
    "zstd tiles": changed(tile_compression=Compression.ZSTD),
    "unknown tiles": changed(tile_type=TileType.UNKNOWN),
    "zoom": changed(min_zoom=5, max_zoom=2),
    "far zoom": changed(max_zoom=31),
    "root outside": changed(root_offset=10**15),
    "root in the header": changed(root_offset=3),
    "metadata outside": changed(metadata_offset=2**63),
    "root is a bomb": with_root(BOMB),
    "a bomb behind a good part": with_root(gzip.compress(b"\x00") + BOMB),
    "root is no gzip": with_root(b"x" * 200),
    "a leaf that is itself": with_root(LEAF_LOOP),
    "a tile outside": with_root(serialize_directory([Entry(0, 10**14, 10**12, 1)])),
    "many entries": with_root(gzip.compress(b"\xff\xff\xff\xff\x7f")),
    "metadata is a bomb": changed(metadata_offset=127, metadata_length=10),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_files_are_refused_with_a_reason(name: str, tmp_path: Path) -> None:
    path = tmp_path / "map.pmtiles"
    path.write_bytes(DAMAGED[name])
    assert background_of.why_not(path)


def test_a_refused_file_keeps_nothing(owner: Any, city: Any) -> None:
    for sent, said in (
        ({"town.pmtiles": DAMAGED["cut off"]}, "town.pmtiles cannot be the background map: it is cut off"),
        ({"town.pmtiles": b"GIF89a"}, "does not hold what its name says"),
        ({"a.pmtiles": tiles()[0], "b.pmtiles": tiles()[0]}, "several background maps"),
    ):
        with pytest.raises(ValidationError, match=said):
            upload(owner, city, files() | sent)
    assert city.dataset_set.count() == 0


def test_directories_that_lead_to_each_other_for_ever_end_soon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = []
    real = background_of._unpacked
    monkeypatch.setattr(background_of, "_unpacked", lambda *given: looked.append(1) or real(*given))
    root, size = b"", 0
    while len(root) != size or not size:  # a leaf that is exactly as long as it says
        size = len(root)
        root = serialize_directory([Entry(0, 0, size, 0)])
    path = tmp_path / "map.pmtiles"
    path.write_bytes(with_root(root))
    assert background_of.why_not(path)
    assert len(looked) < 10_000


@settings(max_examples=150)
@given(st.data())
def test_any_damage_is_refused_or_harmless(data: st.DataObject) -> None:
    """Change some bytes: either it is refused, or every tile can still be asked for."""
    import tempfile

    archive = bytearray(tiles()[0])
    for _ in range(data.draw(st.integers(1, 4))):
        archive[data.draw(st.integers(0, len(archive) - 1))] = data.draw(st.integers(0, 255))
    with tempfile.NamedTemporaryFile(suffix=".pmtiles") as file:
        file.write(bytes(archive))
        file.flush()
        if not background_of.why_not(Path(file.name)):
            known = background_of.background.__wrapped__(Path(file.name))
            for z in range(min(known.max_zoom, 3) + 1):
                background_of.tile(Path(file.name), z, 0, 0)


def test_description_is_words_only(tmp_path: Path) -> None:
    path = tmp_path / "map.pmtiles"
    path.write_bytes(tiles(TileType.MVT)[0])
    known = background_of.background(path)
    assert known.layers == ("water",)
    assert "<" not in known.attribution
    assert known.attribution.startswith("Town")


def test_header_of_127_bytes() -> None:
    """What the checks rely on: the header's length and where the version stands."""
    archive = tiles()[0]
    assert struct.unpack("<Q", archive[8:16])[0] == 127
    assert io.BytesIO(archive).read(8) == b"PMTiles\x03"
