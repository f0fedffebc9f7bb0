"""Reading the files that a diagnosis wrote for looking around."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.http import Http404

from isopolis.flows.compare import Part
from isopolis.model.text import from_tree
from isopolis.web.diagnoses.store import MISSING, result_folder
from isopolis.web.languages import page_language, said, spoken

from .zones_pages import ZONES_EACH

__all__ = [
    "Row",
    "bounds",
    "has_zones",
    "names",
    "offers",
    "outlines",
    "page_file",
    "parts",
    "rows_of",
    "values",
    "zone",
    "zones",
]

Row = dict[str, Any]


def page_file(job: Any, name: str) -> Path:
    """Return the path of one of our files; `name` never comes from an address."""
    return result_folder(job) / "pages" / name


@lru_cache(maxsize=64)
def _kept(path: Path, changed: int) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@lru_cache(maxsize=64)
def _said(path: Path, changed: int, code: str) -> Any:
    """One file with its texts in one language."""
    return spoken(_kept(path, changed), code)


def _json(job: Any, name: str, code: str = "") -> Any:
    path = page_file(job, name)
    try:
        return _said(path, path.stat().st_mtime_ns, code or page_language())
    except OSError as error:
        if error.errno in MISSING:
            raise Http404 from None
        raise


def has_zones(job: Any) -> bool:
    """Tell whether the zones of this diagnosis can be looked at one by one."""
    return page_file(job, "zones.json").is_file()


def offers(job: Any) -> dict[str, bool]:
    """Tell which pages of ours a diagnosis has; one of an earlier version has none."""
    compared = page_file(job, "parts.json").is_file() and bool(parts(job)["measures"])
    return {"explored": compared, "zoned": has_zones(job) and bool(zones(job)["dimensions"])}


def zones(job: Any) -> Row:
    """Return what is known zone by zone."""
    made: Row = _json(job, "zones.json")
    return made


def bounds(job: Any) -> list[float]:
    """Return west, south, east, north in degrees; empty without outlines."""
    found: list[float] = zones(job)["bounds"]
    return found


def names(job: Any) -> Row:
    """Return names, ids and parents of all zones as columns."""
    made: Row = _json(job, "zones-names.json")
    return made


def values(job: Any, dimension: int) -> Row:
    """Return one dimension over all zones as columns."""
    made: Row = _json(job, f"zones-values-{dimension}.json")
    return made


def zone(job: Any, number: int) -> Row:
    """Return one zone."""
    rows = _json(job, f"zones-{number // ZONES_EACH}.json")
    if number % ZONES_EACH >= len(rows):
        raise Http404
    made: Row = rows[number % ZONES_EACH]
    return made


def outlines(job: Any) -> Path:
    """Return the path of the outlines for browsers."""
    path = page_file(job, "outlines.geojson.gz")
    if not path.is_file():
        raise Http404
    return path


# -- what can be compared -----------------------------------------------------------------
def parts(job: Any) -> Row:
    """Return the city's name and its measures."""
    made: Row = _json(job, "parts.json")
    return made


def rows_of(job: Any, measure: int) -> list[Row]:
    """Return the findings of one measure, each with a `Part`."""
    path = page_file(job, f"parts-{measure}.json")
    try:
        return _rows(path, path.stat().st_mtime_ns, page_language())
    except FileNotFoundError:
        raise Http404 from None


@lru_cache(maxsize=64)
def _rows(path: Path, changed: int, code: str) -> list[Row]:
    rows: list[Row] = _said(path, changed, code)
    # comparisons are worked out with the texts themselves and said at the end
    kept = from_tree([row["part"] for row in _kept(path, changed)])
    parts = [Part.from_dict(part | {"label": said(part.get("label", ""))}) for part in kept]
    return [row | {"part": part} for row, part in zip(rows, parts, strict=True)]
