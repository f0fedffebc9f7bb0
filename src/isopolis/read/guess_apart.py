"""Files of a folder that are no tables of people: streets, travel times, services, points of people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .guess_files import FoundFile
from .ids import normal
from .not_people import is_total
from .numbers import looks_numeric
from .profile import Look, Looks
from .tables import OUTLINE_SUFFIXES
from .vocabulary import known_dimension, words

__all__ = [
    "Apart",
    "attribute_columns",
    "kind_column",
    "points_of",
    "set_apart",
    "share_known",
    "texts_of",
    "travel_columns",
]

_FROM = {"from", "origin", "orig", "start", "source"}
_TO = {"to", "destination", "dest", "end", "target"}
_TIME = {"time", "minutes", "mins", "min", "duration", "seconds", "secs"}
_PRICE = {"cost", "price", "fare", "monetary"}
_POINTS = (
    ({"lon", "lng", "long", "longitude", "lengte"}, {"lat", "latitude", "breedte"}),
    (
        {"x", "xcoord", "easting", "eastings", "utmx", "coordx"},
        {"y", "ycoord", "northing", "northings", "utmy", "coordy"},
    ),
)
_KIND = set(
    "kind type category amenity service facility art typ tipo categoria kategorie categorie tyyppi "
    "rodzaj".split()
)
_ATTRIBUTE_WORDS = {
    "opening_hours": "opening_hours hours opening oeffnungszeiten offnungszeiten horario horarios horaires "
    "aukioloajat orari godziny",
    "capacity": "capacity beds seats kapazitat capacite capacidad capacidade capienza pojemnosc",
    "fee": "fee price charge gebuhr tarif precio preco prix hinta",
    "languages": "languages language sprachen langues idiomas lingue kielet",
    "step_free": "step_free stepfree wheelchair accessible accessibility barrierefrei accesible esteeton",
    "booking": "booking appointment reservation termin cita ajanvaraus",
    "eligibility": "eligibility eligible admits admitted target_group zielgruppe",
}


@dataclass(frozen=True, slots=True)
class Apart:
    """Files that are no tables of people: lines of streets, travel times, services."""

    lines: tuple[str, ...] = ()
    travel: tuple[FoundFile, ...] = ()
    services: tuple[FoundFile, ...] = ()
    points: tuple[FoundFile, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all of them."""
        return (*self.lines, *(f.name for f in (*self.travel, *self.services, *self.points)))


def set_apart(path: Path, files: Sequence[FoundFile]) -> tuple[list[FoundFile], Apart]:
    """Take files about access out of those that may count people.

    Returns
    -------
    files, apart
        Every file is in one of both.
    """
    if not path.is_dir():
        return list(files), Apart()
    kinds = {f.name: _drawn(path / f.name) for f in files if f.outlines}
    areas = any(k == "Polygon" for k in kinds.values())
    zoned = areas or any(is_total(n) for f in files for n in f.looks.columns)
    rest: list[FoundFile] = []
    apart: dict[str, list[FoundFile]] = {"lines": [], "travel": [], "services": [], "points": []}
    for found in files:
        kind = kinds.get(found.name, "")
        if kind == "LineString":
            apart["lines"].append(found)
        elif not found.outlines and travel_columns(found.looks) is not None:
            apart["travel"].append(found)
        elif zoned and _like_services(found, kind):
            apart["services"].append(found)
        elif areas and _like_people(found, files, kinds):
            apart["points"].append(found)
        else:
            rest.append(found)
    return rest, Apart(
        tuple(f.name for f in apart["lines"]),
        tuple(apart["travel"]),
        tuple(apart["services"]),
        tuple(apart["points"]),
    )


def _drawn(path: Path) -> str:
    """What the layer of a file draws: ``Polygon``, ``LineString``, ``Point``; empty when mixed or unknown."""
    if path.suffix.lower() not in OUTLINE_SUFFIXES or path.suffix.lower() == ".geoparquet":
        return _drawn_in_parquet(path) if "parquet" in path.suffix.lower() else "Polygon"
    import pyogrio

    try:
        kinds = {
            str(kind).removeprefix("Multi").partition(" ")[0] for _, kind in pyogrio.list_layers(path) if kind
        }
    except Exception:
        return ""  # the reader of outlines says what is wrong with it
    return kinds.pop() if len(kinds) == 1 else ("Polygon" if "Polygon" in kinds else "")


def _drawn_in_parquet(path: Path) -> str:
    import json

    import pyarrow.parquet as pq

    try:
        told = json.loads((pq.read_schema(path).metadata or {}).get(b"geo", b"{}"))
        kinds = told["columns"][told["primary_column"]].get("geometry_types", [])
    except Exception:
        return ""
    plain = {str(k).removeprefix("Multi").partition(" ")[0] for k in kinds}
    return plain.pop() if len(plain) == 1 else ""


def points_of(looks: Looks) -> tuple[str, str] | None:
    """Columns of coordinates, x (or longitude) first; None where there are none."""
    for xs, ys in _POINTS:
        x = [n for n, look in looks.columns.items() if _is_one(n, xs) and _numeric(looks, look)]
        y = [n for n, look in looks.columns.items() if _is_one(n, ys) and _numeric(looks, look)]
        if x and y:
            return x[0], y[0]
    return None


def _numeric(looks: Looks, look: Look) -> bool:
    """True for columns of numbers, also where another column uses another decimal mark."""
    texts = [str(t) for t in looks.table[look.name].coded()[1]]
    return look.numeric or looks_numeric(texts, 0.9)


def _is_one(heading: str, allowed: set[str]) -> bool:
    found = words(heading)
    kept = [w for w in found if w not in ("stop", "point", "coord", "coordinate", "wgs84", "m", "geo")]
    return "".join(found) in allowed or (len(kept) == 1 and kept[0] in allowed)


def travel_columns(looks: Looks) -> tuple[str, str, str, str] | None:
    """Columns from, to, time and (or empty) price of a long table of travel times."""
    start = [n for n in looks.columns if set(words(n)) & _FROM]
    end = [n for n in looks.columns if set(words(n)) & _TO and n not in start]
    times = [
        n for n, look in looks.columns.items()
        if look.numeric and not look.dates and set(words(n)) & _TIME and n not in (*start, *end)
    ]  # fmt: skip
    if not (len(start) == len(end) == 1 and times):
        return None
    price = [n for n, look in looks.columns.items() if look.numeric and set(words(n)) & _PRICE]
    return start[0], end[0], times[0], next((n for n in price if n not in times), "")


def _counts_people(looks: Looks) -> bool:
    """True when a heading speaks of everyone, or of a group of people."""
    return any(
        look.counts and not look.dates and (is_total(n) or (look.whole and known_dimension([n]) is not None))
        for n, look in looks.columns.items()
    )


def attribute_columns(looks: Looks) -> dict[str, str]:
    """Columns that say what keeps people out, by key of [[places]]."""
    out: dict[str, str] = {}
    for key, text in _ATTRIBUTE_WORDS.items():
        allowed = set(text.split())
        for name in looks.columns:
            found = words(name)
            if "_".join(found) in allowed or (found and found[0] in allowed) or set(found) & allowed:
                out.setdefault(key, name)
    return out


def kind_column(looks: Looks) -> str:
    """Column that says which service a row is; empty when there is none."""
    named = [
        n for n, look in looks.columns.items()
        if not look.numeric and set(words(n)) & _KIND and look.distinct <= max(0.5 * len(looks.table), 1)
    ]  # fmt: skip
    return next(iter(named), "")


def _like_services(found: FoundFile, drawn: str) -> bool:
    looks = found.looks
    placed = drawn == "Point" or (not found.outlines and points_of(looks) is not None)
    if _counts_people_besides(looks):
        return False
    barriers = set(attribute_columns(looks)) - {"fee", "languages"}
    if barriers and kind_column(looks):
        return True  # even without coordinates: services by zone
    if not placed:
        return False
    xy = points_of(looks) or ("", "")
    numbers = [n for n, look in looks.columns.items() if look.numeric and n not in xy and not look.unique]
    return bool(kind_column(looks) or barriers or not numbers)


def _counts_people_besides(looks: Looks) -> bool:
    """`_counts_people`, but for columns that describe services: an age admitted is no group."""
    own = set(attribute_columns(looks).values())
    return any(
        look.counts and not look.dates and n not in own
        and (is_total(n) or (look.whole and known_dimension([n]) is not None))
        for n, look in looks.columns.items()
    )  # fmt: skip


def _like_people(found: FoundFile, files: Sequence[FoundFile], drawn: dict[str, str]) -> bool:
    """True for points of people that carry no ids of the zones."""
    if found.outlines or points_of(found.looks) is None or not _counts_people(found.looks):
        return False
    areas = [f for f in files if drawn.get(f.name) == "Polygon"]
    unique = [(f, look) for f in areas for look in f.looks.columns.values() if look.unique]
    ids = {normal(t) for f, look in unique for t in texts_of(f, look)}
    return not any(share_known(found, look, ids) >= 0.3 for look in found.looks.columns.values())


def texts_of(found: FoundFile, look: Look) -> list[str]:
    """Distinct texts of a column, without empty ones."""
    codes, texts = found.table[look.name].coded()
    return [str(texts[c]) for c in np.unique(codes) if texts[c] != ""]


def share_known(found: FoundFile, look: Look, ids: set[str]) -> float:
    """Share of the distinct cells of a column that are among `ids`."""
    cells = {normal(t) for t in texts_of(found, look)}
    return len(cells & ids) / len(cells) if len(cells) > 1 else 0.0
