"""Where results lie, and reading the small files that pages are made of."""

from __future__ import annotations

import errno
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404

from isopolis.web.languages import page_language, said_drawing, spoken

from .pages import CHUNK

__all__ = ["DOWNLOADS", "download", "figure", "finding", "listed", "overview", "result_folder"]

DOWNLOADS = {
    "report.html": "text/html; charset=utf-8",
    "report.pdf": "application/pdf",
    "findings.csv": "text/csv; charset=utf-8",
    "findings.json": "application/json",
    "zones.gpkg": "application/geopackage+sqlite3",
    "zones.parquet": "application/vnd.apache.parquet",
    "findings.parquet": "application/vnd.apache.parquet",
}


MISSING = (errno.ENOENT, errno.ENAMETOOLONG)
"""What the system says of a file that is not there; a number in an address may have hundreds of digits."""


def result_folder(job: Any) -> Path:
    """Folder of the files that a job has made, or of the files of a publication."""
    own: Path | None = getattr(job, "folder", None)
    return own or Path(settings.DATA_DIR) / "results" / str(job.workspace_id) / str(job.pk)


@lru_cache(maxsize=64)
def _json(path: Path, changed: int) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@lru_cache(maxsize=64)
def _said(path: Path, changed: int, code: str) -> Any:
    """One file with its texts in one language."""
    item = _json(path, changed)
    if isinstance(item, dict) and "svg" in item:
        words = item.get("words", {})
        item = {k: v for k, v in item.items() if k != "words"}
        return spoken(item, code) | {"svg": said_drawing(item["svg"], words, code)}
    return spoken(item, code)


def _page(job: Any, name: str) -> Any:
    path = result_folder(job) / "pages" / name
    try:
        return _said(path, path.stat().st_mtime_ns, page_language())
    except OSError as error:
        if error.errno in MISSING:
            raise Http404 from None
        raise


def overview(job: Any) -> dict[str, Any]:
    """Return what the first page of a diagnosis shows."""
    made: dict[str, Any] = _page(job, "overview.json")
    return made


def listed(job: Any, number: int) -> list[dict[str, Any]]:
    """Return the list of findings of one dimension."""
    made: list[dict[str, Any]] = _page(job, f"list-{number}.json")
    return made


def finding(job: Any, number: int) -> dict[str, Any]:
    """Return one finding."""
    rows = _page(job, f"findings-{number // CHUNK}.json")
    if number % CHUNK >= len(rows):
        raise Http404
    made: dict[str, Any] = rows[number % CHUNK]
    return made


def figure(job: Any, key: str) -> dict[str, Any]:
    """Return one figure; `key` comes from a finding, never from an address."""
    made: dict[str, Any] = _page(job, f"figure-{key}.json")
    return made


def download(job: Any, name: str) -> tuple[Path, str]:
    """Return path and type of one of the files that may be downloaded."""
    path = result_folder(job) / name
    if name in DOWNLOADS and name.endswith(".parquet") and not path.is_file():
        _made_late(path.parent)
    if name not in DOWNLOADS or not path.is_file():
        raise Http404
    return path, DOWNLOADS[name]


def _made_late(folder: Path) -> None:
    """Make the tables of a result that is older than they are."""
    from isopolis.web.api.features import made

    try:
        made(folder)
    except FileNotFoundError:
        raise Http404 from None
