"""Any table file → `Table`."""

from __future__ import annotations

from pathlib import Path

from isopolis.model import Problems
from isopolis.model.text import phrase

from .archives import ARCHIVES, outlines_inside
from .arrow_tables import read_parquet
from .columns import Table
from .failure import fail
from .sheets import read_sheet
from .text_tables import read_text_table

__all__ = ["ACCEPTED", "OUTLINE_SUFFIXES", "TABLE_SUFFIXES", "is_outline_file", "read_table"]

TEXT_SUFFIXES = (".csv", ".tsv", ".txt", ".tab")
TABLE_SUFFIXES = (*TEXT_SUFFIXES, ".xlsx", ".xlsm", ".parquet")
OUTLINE_SUFFIXES = (".gpkg", ".geojson", ".json", ".shp", ".geoparquet", ".fgb")

ACCEPTED = phrase(
    "tables as CSV, TSV, text (.txt), Excel (.xlsx) or Parquet; outlines as GeoPackage (.gpkg), GeoJSON, "
    "GeoParquet, Shapefile (.shp) or FlatGeobuf (.fgb), also one of them in a .zip"
)
"""The kinds of files that can be read, in words."""


def is_outline_file(path: Path) -> bool:
    """True for files of outlines; a Parquet file with geometry metadata and a .zip with outlines are such."""
    if path.suffix.lower() == ".parquet":
        return _has_geometry(path)
    if path.suffix.lower() == ".zip":
        return bool(outlines_inside(path))
    return path.suffix.lower() in OUTLINE_SUFFIXES


def _has_geometry(path: Path) -> bool:
    import pyarrow.parquet as pq

    try:
        return b"geo" in (pq.read_schema(path).metadata or {})
    except Exception:
        return False


def read_table(
    path: Path,
    *,
    file: str = "",
    encoding: str = "",
    delimiter: str = "",
    sheet: str = "",
    layer: str = "",
    columns: tuple[str, ...] = (),
    problems: Problems,
) -> Table:
    """Read a table file, or the attributes of an outlines file.

    Parameters
    ----------
    path : Path
    file : str
        Name to show in messages; the file's own name when not given.
    encoding, delimiter : str
        Of a text file; found out when empty.
    sheet, layer : str
        Of a workbook; of an outlines file.
    columns : tuple of str
        Only these are needed (a saving for Parquet); all when empty.
    problems : Problems
        Receives what does not stop the reading.

    Raises
    ------
    DataError
        If the file cannot be read; it names the file and what to do.
    """
    file = file or path.name
    if not path.is_file():
        fail(
            "missing-file",
            phrase("there is no such file"),
            file=file,
            hint=phrase("Correct the name in city.toml."),
        )
    suffix = path.suffix.lower()
    if is_outline_file(path):
        from .zones import read_attributes

        return read_attributes(path, file, layer)
    if suffix in (".xlsx", ".xlsm"):
        return read_sheet(path, file, sheet=sheet, problems=problems)
    if suffix == ".parquet":
        return read_parquet(path, file, columns)
    if suffix in TEXT_SUFFIXES:
        return read_text_table(path, file, encoding=encoding, delimiter=delimiter, problems=problems)
    return fail(
        "unknown-format",
        phrase('files of the kind "{suffix}" cannot be read as a table', suffix=suffix),
        file=file,
        rule=ACCEPTED,
        hint=(phrase("Unzip it first.") if suffix in ARCHIVES else phrase("Export it as CSV in UTF-8.")),
    )
