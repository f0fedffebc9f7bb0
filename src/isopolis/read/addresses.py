"""A city's list of addresses: recognised by its headings, so that residents find their zone by street.

Such a list holds streets, numbers and coordinates, and nobody's name.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from isopolis.model import DataError, Problems

from .columns import Column, Table
from .text_tables import read_text_table

__all__ = ["Addresses", "Headings", "address_headings", "read_addresses"]

Floats = npt.NDArray[np.float64]

HEAD = 8_192
TEXT = (".csv", ".tsv", ".txt", ".tab")
_WORDS: dict[str, frozenset[str]] = {
    "street": frozenset(
        "street streetname street_name addr_street road address full_address calle carrer via rua rue strada "
        "strasse straße str strassenname straat straatnaam ulica ulice улица utca katu gatan gade gatve iela "
        "tanav οδος adresse adres indirizzo direccion direccio adreca adresa adresas адрес".split()
    ),
    "number": frozenset(
        "number house_number housenumber house_no addr_housenumber numero num nr no hausnummer hnr "
        "huisnummer civico numero_civico номер αριθμος numer szam namo_numeris".split()
    ),
    "lon": frozenset("lon lng long longitude longitud longitudine lon_wgs84 x_wgs84".split()),
    "lat": frozenset("lat latitude latitud latitudine lat_wgs84 y_wgs84".split()),
    "x": frozenset("x easting east coord_x x_coord utm_x x_etrs89 x_utm rechtswert ost".split()),
    "y": frozenset("y northing north coord_y y_coord utm_y y_etrs89 y_utm hochwert nord".split()),
}


@dataclass(frozen=True, slots=True)
class Headings:
    """Columns of a list of addresses; `number` is empty when the street holds it."""

    street: str
    number: str
    x: str
    y: str
    degrees: bool


@dataclass(frozen=True, slots=True, eq=False)
class Addresses:
    """Addresses with their coordinates as the file has them.

    Parameters
    ----------
    texts : list of str
    x, y : (n,) array
        NaN where a cell is no number.
    degrees : bool
        True for longitude and latitude.
    """

    texts: list[str]
    x: Floats
    y: Floats
    degrees: bool


def address_headings(path: Path) -> Headings | None:
    """Return the columns of a list of addresses, None for any other file."""
    if path.suffix.lower() not in TEXT or not path.is_file():
        return None
    with path.open("rb") as stream:
        head = stream.read(HEAD)
    try:
        text = head.decode("utf-8-sig", errors="strict" if len(head) < HEAD else "ignore")
    except UnicodeDecodeError:
        text = head.decode("cp1252", errors="replace")
    line = text.splitlines()[0] if text.strip() else ""
    delimiter = max(",;\t|", key=line.count)
    try:
        cells = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return None
    return _chosen(cells)


def _chosen(cells: Sequence[str]) -> Headings | None:
    names = {_plain(c): c.strip() for c in reversed(cells)}

    def first(kind: str) -> str:
        return next((names[n] for n in names if n in _WORDS[kind]), "")

    street = first("street")
    for a, b in (("lon", "lat"), ("x", "y")):
        if street and first(a) and first(b):
            return Headings(street, first("number"), first(a), first(b), a == "lon")
    return None


def _plain(heading: str) -> str:
    bare = unicodedata.normalize("NFKD", heading.strip().lower())
    kept = "".join(c for c in bare if not unicodedata.combining(c))
    return kept.replace(" ", "_").replace(":", "_").replace("-", "_").replace("º", "").strip("_.")


def read_addresses(path: Path) -> Addresses | None:
    """Read a list of addresses; None for a file that is none, or that cannot be read."""
    found = address_headings(path)
    if found is None:
        return None
    try:
        table = read_text_table(path, path.name, encoding="", delimiter="", problems=Problems())
    except DataError:
        return None
    columns = {c: table[c] if c in table.columns else None for c in (found.street, found.x, found.y)}
    if any(c is None for c in columns.values()):
        return None
    return Addresses(_texts(table, found), _numbers(table[found.x]), _numbers(table[found.y]), found.degrees)


def _texts(table: Table, found: Headings) -> list[str]:
    streets = table[found.street].text().tolist()
    if not found.number or found.number not in table.columns:
        return [str(s) for s in streets]
    numbers = table[found.number].text().tolist()
    return [f"{s} {n}".strip() for s, n in zip(streets, numbers, strict=True)]


def _numbers(column: Column) -> Floats:
    if column.numbers is not None:
        return np.asarray(column.numbers, dtype=np.float64)
    codes, texts = column.coded()
    values = np.array([_float(t) for t in texts.tolist()], dtype=np.float64)
    return values[codes] if len(values) else np.zeros(0)


def _float(text: str) -> float:
    try:
        return float(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
    except ValueError:
        return float("nan")
