"""Outlines inside a .zip, read where they are: nothing is unpacked to disk."""

from __future__ import annotations

import zipfile
from pathlib import Path, PurePosixPath

from isopolis.model.text import count, listing, phrase, phrases

from .failure import fail, guarded

__all__ = ["ARCHIVES", "check_sisters", "outlines_inside", "readable_place"]

ARCHIVES = (".zip", ".7z", ".rar", ".gz", ".tar", ".tgz", ".bz2", ".xz")
LARGEST = 1_000_000_000
"""Bytes that an archive may unpack to."""
MOST_FILES = 2_000
MOST_TIMES = 500
"""How many times larger than the archive its content may be."""
_INSIDE = (".gpkg", ".geojson", ".shp", ".fgb")
_SISTERS = (".shx", ".dbf")


def outlines_inside(path: Path) -> list[str]:
    """Names of the outlines in a .zip; empty when it is damaged or holds none."""
    try:
        with zipfile.ZipFile(path) as packed:
            return _outlines(packed.namelist())
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError):
        return []


def _outlines(names: list[str]) -> list[str]:
    some = [n for n in names if PurePosixPath(n).suffix.lower() in _INSIDE]
    return sorted(n for n in some if not n.startswith("__MACOSX/"))


def readable_place(path: Path, file: str) -> str:
    """Where the library of outlines finds the content of a file, which may be a .zip.

    Raises
    ------
    DataError
        If a .zip holds no outlines or several, is absurdly large or locked, or
        if the files that belong to a Shapefile are missing.
    """
    if path.suffix.lower() == ".shp":
        check_sisters(path.name, [p.name for p in path.parent.iterdir()], file)
    if path.suffix.lower() != ".zip":
        return str(path)
    hint = "The file may be cut off; get it again."
    with guarded(file, phrase("a .zip archive"), hint), zipfile.ZipFile(path) as packed:
        entries = packed.infolist()
    _refuse_absurd(path, file, entries)
    inside = _outlines([e.filename for e in entries])
    if len(inside) != 1:
        said = f"several outlines: {', '.join(inside[:5])}" if inside else "no outlines"
        fail(
            "several-layers" if inside else "no-outlines",
            phrase("the archive holds {said}", said=said),
            file=file,
            rule=phrase("one GeoPackage, GeoJSON, Shapefile or FlatGeobuf in a .zip"),
            hint=(
                phrase("Unzip it first and keep the one that is meant.")
                if inside
                else phrase("Unzip it first.")
            ),
        )
    (name,) = inside
    if any(e.filename == name and e.flag_bits & 1 for e in entries):
        fail("locked-file", phrase("the archive has a password"), file=file, hint=phrase("Unzip it first."))
    if name.lower().endswith(".shp"):
        folder = PurePosixPath(name).parent
        beside = [e.filename for e in entries if PurePosixPath(e.filename).parent == folder]
        check_sisters(PurePosixPath(name).name, [PurePosixPath(n).name for n in beside], file)
    return f"/vsizip/{{{path.absolute()}}}/{name}"


def _refuse_absurd(path: Path, file: str, entries: list[zipfile.ZipInfo]) -> None:
    size = sum(e.file_size for e in entries)
    if len(entries) > MOST_FILES or size > LARGEST or size > MOST_TIMES * max(path.stat().st_size, 1):
        fail(
            "too-large",
            phrases(
                "the archive unpacks to {size} MB in {n} file, which is refused",
                "the archive unpacks to {size} MB in {n} files, which is refused",
                len(entries),
                size=count(size / 1e6),
            ),
            file=file,
            rule=phrase(
                "at most {size} MB, {files} files and {times} times the archive",
                size=count(LARGEST / 1e6),
                files=count(MOST_FILES),
                times=MOST_TIMES,
            ),
            hint=phrase("Unzip it first and keep what is needed."),
        )


def check_sisters(name: str, beside: list[str], file: str) -> None:
    """Refuse a Shapefile without the files that belong to it.

    Parameters
    ----------
    name : str
        Of the ``.shp`` file.
    beside : list of str
        Names in its folder.
    file : str
        Name in messages.
    """
    stem = name[:-4]
    there = {n.lower() for n in beside}
    missing = [stem + s for s in _SISTERS if (stem + s).lower() not in there]
    if not missing:
        return
    if (stem + ".prj").lower() not in there:
        missing.append(stem + ".prj")
    fail(
        "missing-file",
        phrases(
            "a Shapefile is several files of one name, and {files} is not beside {name}",
            "a Shapefile is several files of one name, and {files} are not beside {name}",
            len(missing),
            files=listing(missing),
            name=name,
        ),
        file=file,
        rule=phrase(".shp, .shx and .dbf together, and .prj with the reference system"),
        hint=phrase("Copy the missing files too, or export the outlines as GeoPackage (.gpkg)."),
    )
