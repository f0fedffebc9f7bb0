"""Which names of files are taken."""

from __future__ import annotations

import re

__all__ = ["CONFIG", "IGNORED", "SUFFIXES", "common_folder", "wrong_name"]

CONFIG = "city.toml"
TABLES = (".csv", ".tsv", ".txt", ".tab", ".xlsx", ".parquet")
OUTLINES = (".gpkg", ".geojson", ".json", ".geoparquet", ".fgb", ".shp", ".shx", ".dbf", ".prj", ".cpg")
TILES = (".pmtiles",)
SUFFIXES = (*TABLES, *OUTLINES, *TILES)
IGNORED = {"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini"}
"""What file managers add by themselves; left out without a word."""

LONGEST, DEEPEST = 150, 3
_PART = re.compile(r"[^\x00-\x1f\x7f/\\:*?\"<>|$~]+")


def wrong_name(name: str) -> str:
    """Say why a name is not taken; empty when it is fine."""
    shown = re.sub(r"[\x00-\x1f\x7f]", "?", name)[:80]
    parts = name.split("/")
    if name.startswith("/") or "\\" in name or ".." in parts or re.match(r"^[A-Za-z]:", name):
        return f'"{shown}" points outside its folder. Pack the folder again without absolute or ".." paths.'
    if len(name) > LONGEST or len(parts) > DEEPEST:
        return f'"{shown}" is too long or lies too deep. Put the files next to each other.'
    if any(not _PART.fullmatch(p) or p.startswith(".") or p != p.strip() for p in parts):
        return f'"{shown}" has signs in its name that are not taken. Use letters, digits, - and _.'
    if parts[-1] == CONFIG:
        return ""
    suffix = "." + name.rpartition(".")[2].lower()
    if "." not in parts[-1] or suffix not in SUFFIXES:
        return (
            f'"{shown}" is of no kind that can be read. Taken are: {", ".join(SUFFIXES)}, {CONFIG} and zip.'
        )
    return ""


def common_folder(names: list[str]) -> str:
    """Name of the one folder in which everything lies; empty when there is none."""
    tops = {n.split("/")[0] if "/" in n else "" for n in names}
    return tops.pop() if len(tops) == 1 else ""
