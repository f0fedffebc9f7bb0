"""A small town with outlines, two dates, addresses and a background map (example data, not a real place)."""

from __future__ import annotations

import atexit
import gzip
import io
import json
import shutil
import struct
import tempfile
import zlib
from pathlib import Path
from typing import Any

from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from isopolis.web.datasets.models import Dataset
from isopolis.web.diagnoses.actions import StartDiagnosis
from isopolis.web.diagnoses.store import result_folder
from isopolis.web.work.models import Job

from .towns import upload, work

WEST, SOUTH, SIDE = 2.10, 41.35, 0.004
COLUMNS, ROWS = 6, 5
ZONES = COLUMNS * ROWS
NAMES = [f"Quarter {n}" for n in range(ZONES - 4)] + ["Łódź-Północ", "الحي الجديد", "Ñandú <b>&", "Άνω Πόλη"]


def square(n: int) -> tuple[float, float, float, float]:
    """West, south, east and north of a zone."""
    x, y = n % COLUMNS, n // COLUMNS
    west, south = WEST + x * SIDE, SOUTH + y * SIDE
    return west, south, west + SIDE, south + SIDE


def outlines() -> bytes:
    shapes = []
    for n in range(ZONES):
        w, s, e, t = square(n)
        ring = [[w, s], [e, s], [e, t], [w, t], [w, s]]
        shapes.append(
            {
                "type": "Feature",
                "properties": {"zone": f"Z{n:02d}", "name": NAMES[n], "district": f"D{n % 3}"},
                "geometry": {"type": "Polygon", "coordinates": [ring]},
            }
        )
    return json.dumps({"type": "FeatureCollection", "features": shapes}, ensure_ascii=False).encode()


def people(shift: int) -> bytes:
    rows = ["zone,total,born_here,born_abroad,young,old"]
    for n in range(ZONES):
        here, abroad = 150 + 3 * n + shift, 20 + (n * 17 + shift) % 90
        total = here + abroad
        if n == 3:
            here, abroad, total = 12, 5, 17  # too few people to be shown
        young = total // 3 + n % 5
        rows.append(f"Z{n:02d},{total},{here},{abroad},{young},{total - young}")
    return "\n".join(rows).encode() + b"\n"


def addresses() -> bytes:
    rows = ["street;number;lat;lon"]
    for n in range(ZONES):
        w, s, e, t = square(n)
        rows.append(f"Straße der Übung;{n + 1};{(s + t) / 2:.6f};{(w + e) / 2:.6f}")
    rows.append("Far away;1;10.0;10.0")
    return "\n".join(rows).encode() + b"\n"


def plain_png(*colour: int) -> bytes:
    """A picture of 4 × 4 points in one colour."""
    rows = b"".join(b"\0" + bytes(200 + c for c in colour) * 4 for _ in range(4))

    def piece(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", 4, 4, 8, 2, 0, 0, 0)
    parts = piece(b"IHDR", head) + piece(b"IDAT", zlib.compress(rows)) + piece(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def tiles(kind: TileType = TileType.PNG, **more: Any) -> tuple[bytes, dict[tuple[int, int, int], bytes]]:
    """A PMTiles archive made by the library's own writer, and what is in it."""
    contents = {(z, x, y): plain_png(z, x, y) for z in range(3) for x in range(2**z) for y in range(2**z)}
    if kind == TileType.MVT:
        contents = {k: gzip.compress(v, mtime=0) for k, v in contents.items()}
    contents.pop((2, 3, 3))
    out = io.BytesIO()
    writer = Writer(out)
    for zxy in sorted(contents, key=lambda k: zxy_to_tileid(*k)):
        writer.write_tile(zxy_to_tileid(*zxy), contents[zxy])
    packed = Compression.GZIP if kind == TileType.MVT else Compression.NONE
    told = {"vector_layers": [{"id": "water"}], "attribution": "<a href='x'>Town</a> <script>x</script>"}
    writer.finalize({"tile_type": kind, "tile_compression": packed} | more, told)
    return out.getvalue(), contents


TABLE = """
[[tables]]
file = "people_{date}.csv"
layout = "wide"
zone = "zone"
date = "{date}"
total = "total"
[[tables.dimensions]]
name = "birthplace"
columns = ["born_here", "born_abroad"]
total = "total"
[[tables.dimensions]]
name = "age"
columns = ["young", "old"]
total = "total"
"""


def toml(name: str = "Maptown", dates: tuple[str, ...] = ("2014", "2024")) -> bytes:
    head = f"""name = "{name}"
notes = ["example data, not a real place"]
[zones]
file = "zones.geojson"
id = "zone"
name = "name"
kind = "quarter"
"""
    return (head + "".join(TABLE.format(date=d) for d in dates)).encode()


def files(name: str = "Maptown", dates: tuple[str, ...] = ("2014", "2024")) -> dict[str, bytes]:
    out = {"zones.geojson": outlines(), "city.toml": toml(name, dates), "addresses.csv": addresses()}
    return out | {f"people_{d}.csv": people(int(d) - 2014) for d in dates}


_DONE: dict[str, Path] = {}
"""Results of towns that were diagnosed before, by what was uploaded."""


def settle(user: Any, city: Any, sent: dict[str, bytes] | None = None) -> Job:
    """Upload, read and diagnose the town; what was computed before in this process is copied."""
    dataset = upload(user, city, files() if sent is None else sent)
    key = f"{dataset.digest} {dataset.config}"
    if key in _DONE:
        Job.objects.filter(workspace=city).update(state=Job.State.DONE)
        Dataset.objects.filter(pk=dataset.pk).update(state=Dataset.State.READY)
        job = Job.objects.create(
            workspace=city, kind="diagnose", subject=dataset.pk, key=dataset.digest, state=Job.State.DONE
        )
        shutil.copytree(_DONE[key], result_folder(job))
        return job
    job = _diagnosed(user, city, dataset)
    _DONE[key] = Path(tempfile.mkdtemp(prefix="isopolis-maptown-")) / "result"
    atexit.register(shutil.rmtree, _DONE[key].parent, ignore_errors=True)
    shutil.copytree(result_folder(job), _DONE[key])
    return job


def _diagnosed(user: Any, city: Any, dataset: Dataset) -> Job:
    work()
    dataset.refresh_from_db()
    assert dataset.state == "ready", dataset.problems
    job = StartDiagnosis(user, city, dataset).run()
    work()
    job.refresh_from_db()
    assert job.state == "done", job.error
    return job
