"""Checks that a file holds what its name says, and nothing that a library would follow or run.

Libraries for maps open a file by what is in it, not by its name: a "GeoJSON" can be a recipe that reads
other files of the server. So each kind must begin as its kind does, and may not hold such recipes.
"""

from __future__ import annotations

import re
import sqlite3
import zipfile
import zlib
from pathlib import Path

from .archives import bomb, opened

__all__ = ["suspicion"]

MAGIC = {
    ".gpkg": b"SQLite format 3\x00",
    ".parquet": b"PAR1",
    ".geoparquet": b"PAR1",
    ".xlsx": b"PK\x03\x04",
    ".fgb": b"fgb",
    ".shp": b"\x00\x00\x27\x0a",
    ".shx": b"\x00\x00\x27\x0a",
    ".pmtiles": b"PMTiles\x03",
}
XLSX_MOST = 500_000_000
_GEOJSON = re.compile(
    rb'"type"\s*:\s*"(FeatureCollection|Feature|GeometryCollection|(Multi)?(Point|LineString|Polygon))"'
)
_RECIPE = re.compile(rb"gdal_streamed_alg|OGRVRTDataSource|/vsi[a-z0-9_]+[/{]|stac_extensions", re.I)
_GAP = r"(?>\s++|/\*(?>.*?\*/)|--[^\n]*+\n)++"
"""Blanks and remarks; what was matched is not tried again in another way, which could take for ever."""
_NAME = r"(?:\"(?:[^\"]|\"\")*\"|'(?:[^']|'')*'|`[^`]*`|\[[^\]]*\]|\w+)"
_MADE = re.compile(rf"create{_GAP}(?:temp(?:orary)?{_GAP})?(virtual|view)\b", re.I | re.S)
_VIRTUAL = re.compile(
    rf"create{_GAP}virtual{_GAP}table{_GAP}(?:if{_GAP}not{_GAP}exists{_GAP})?{_NAME}{_GAP}using{_GAP}({_NAME})",
    re.I | re.S,
)
TABLES_MOST = 2000
SQL_MOST = 1_000_000


def suspicion(path: Path, name: str) -> str:
    """Say why a file is not taken; empty when nothing speaks against it."""
    suffix = path.suffix.lower()
    with path.open("rb") as stream:
        head = stream.read(65_536)
    if suffix in MAGIC and not head.startswith(MAGIC[suffix]):
        return f"{name} does not hold what its name says. Export it again as {suffix}."
    if suffix == ".gpkg":
        return _geopackage(path, name)
    if suffix == ".xlsx":
        return _workbook(path, name)
    if suffix == ".pmtiles":
        from isopolis.web.explore.tiles import why_not

        why = why_not(path)
        return f"{name} cannot be the background map: {why}. Make the file again." if why else ""
    if suffix in (".geojson", ".json"):
        return _geojson(path, name, head)
    return ""


def _geojson(path: Path, name: str, head: bytes) -> str:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text.startswith(b"{") or not _GEOJSON.search(head):
        return f"{name} is no GeoJSON of features. Export the zones again as GeoJSON or GeoPackage."
    overlap = b""
    with path.open("rb") as stream:
        while piece := stream.read(1 << 20):
            if _RECIPE.search(overlap + piece):
                return (
                    f"{name} refers to other files or runs steps of its own. Export the features themselves."
                )
            overlap = piece[-64:]
    return ""


def _geopackage(path: Path, name: str) -> str:
    """Look at the tables only: views and virtual tables could reach out or never end."""
    try:
        base = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
        try:
            base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, SQL_MOST)
            base.execute("PRAGMA trusted_schema=OFF")
            rows = base.execute(
                "SELECT type, name, coalesce(sql, '') FROM sqlite_master LIMIT ?", [TABLES_MOST + 1]
            ).fetchall()
        finally:
            base.close()
    except sqlite3.Error:
        return f"{name} is damaged: it cannot be opened as a GeoPackage. Export it again."
    if len(rows) > TABLES_MOST:
        return f"{name} has more than {TABLES_MOST} tables. Save the zones in a file of their own."
    return next(filter(None, (_trick(name, *map(str, row)) for row in rows)), "")


def _trick(name: str, kind: str, table: str, sql: str) -> str:
    """Say what one row of the list of tables would make; its own word for its kind may be a lie."""
    made = _MADE.match(sql.lstrip())
    if kind == "view" or (made and made[1].lower() == "view"):
        return f'{name}: "{table[:60]}" is a view. Save it as a layer of its own.'
    by = _VIRTUAL.match(sql.lstrip()) if made else None
    module = by[1].strip("\"'`[]") if by else "something else"
    if made and module.lower() not in ("rtree", "fts5", "fts4"):
        return f'{name}: the table "{table[:60]}" is made by "{module[:30]}". Save it as a plain table.'
    return ""


def _workbook(path: Path, name: str) -> str:
    try:
        with path.open("rb") as stream, opened(stream) as book:
            why = bomb(book.infolist(), XLSX_MOST)
            if why:
                return f"{name}: {why}"
            for entry in book.infolist():
                if entry.filename.lower().endswith((".xml", ".rels", ".vml")):
                    with book.open(entry) as part:
                        head = part.read(65_536)
                    if _declares(head):
                        return (
                            f"{name} declares things that no spreadsheet needs. Save it again as xlsx or CSV."
                        )
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError):
        return f"{name} is damaged or locked. Save it again without a password."
    return ""


def _declares(head: bytes) -> bool:
    """Find a document type, in which "a billion laughs" live; other encodings could hide one."""
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in head[:200]
    encoding = re.search(rb'encoding\s*=\s*["\']([\w-]+)', head[:200])
    odd = encoding is not None and encoding[1].lower() not in (b"utf-8", b"us-ascii", b"iso-8859-1")
    return wide or odd or b"<!DOCTYPE" in head or b"<!ENTITY" in head
