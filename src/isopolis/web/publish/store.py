"""Reading the files of a publication. Whoever asks has checked that they may be seen."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from django.http import Http404

from isopolis.web.diagnoses import store

from .models import Publication

__all__ = ["FILES", "digest_of", "download", "figures", "finding", "listed", "overview", "public", "table"]


FILES = {
    "findings.csv": "text/csv; charset=utf-8",
    "findings.json": "application/json",
    "counts.csv": "text/csv; charset=utf-8",
    "counts.json": "application/json",
}
"""What may be downloaded."""


def digest_of(folder: Path) -> str:
    """Name what lies in a folder: SHA-256 over names and contents."""
    whole = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        whole.update(f"{path.relative_to(folder).as_posix()}\0".encode())
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def overview(row: Publication) -> dict[str, Any]:
    """Return what the first page shows."""
    return store.overview(row)


def public(row: Publication) -> dict[str, Any]:
    """Return how it was protected, and which tables there are."""
    made: dict[str, Any] = store._page(row, "public.json")
    return made


def listed(row: Publication, dimension: int) -> list[dict[str, Any]]:
    """Return the list of findings of one dimension."""
    return store.listed(row, dimension)


def finding(row: Publication, number: int) -> dict[str, Any]:
    """Return one finding."""
    return store.finding(row, number)


def figures(row: Publication, found: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the drawings of one finding."""
    return [store.figure(row, key) for key in found["figures"]]


def table(row: Publication, number: int) -> dict[str, Any]:
    """Return one table of counts."""
    made: dict[str, Any] = store._page(row, f"table-{number}.json")
    return made


def download(row: Publication, name: str) -> tuple[Path, str]:
    """Return path and type of one of the files that may be downloaded."""
    path = row.folder / name
    if name not in FILES or not path.is_file():
        raise Http404
    return path, FILES[name]
