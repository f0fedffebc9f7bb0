"""What is open to everybody: publications, all numbers of which have passed the privacy gate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from django.utils.translation import gettext as _

from isopolis.web.diagnoses.store import result_folder
from isopolis.web.publish.models import Publication as Row

from .features import Layer, layer_of, run_apart
from .ogc import Collection
from .prepare import FOLDER

__all__ = ["Publication", "collections", "make_features", "publications"]


@dataclass(frozen=True, slots=True)
class Publication:
    """One publication of a city.

    Parameters
    ----------
    key : str
        Part of addresses; never changes.
    title : str
    page : str
        Path of its page for people.
    published_at : datetime or None
    collections : sequence of Collection
        What of it can be had as features.
    """

    key: str
    title: str
    page: str
    published_at: datetime | None = None
    collections: Sequence[Collection] = field(default_factory=tuple)


def publications() -> list[Publication]:
    """Return what is published now, newest first; what was withdrawn is not among it."""
    rows = Row.objects.filter(state=Row.State.PUBLISHED).select_related("workspace", "diagnosis")
    return [_of(row) for row in rows.order_by("-published_at", "pk")]


def _of(row: Row) -> Publication:
    key = f"{row.workspace.slug}-{row.number}"
    texts = {
        "zones": (_("Zones"), _("Each zone with the numbers of people that may be shown.")),
        "findings": (_("Findings"), _("Each finding, with a coarse outline of the part that it is about.")),
    }
    made = [
        Collection(
            f"{key}-{name}",
            f"{row.title}: {title}",
            text,
            f"{row.pk} {row.digest}",
            partial(_layer, row, name),
        )
        for name, (title, text) in texts.items()
    ]
    return Publication(key, row.title, row.public_url, row.published_at, made)


def _layer(row: Row, name: str) -> Layer:
    """Open the features of a publication."""
    return layer_of(make_features(row), name)


def make_features(row: Row) -> Path:
    """Make the features of a publication beside its files when they are not there yet; return their folder.

    Raises
    ------
    FileNotFoundError
        If it could not be done; the log says why.
    """
    folder = row.folder.with_name(f"{row.pk}.features")
    if not (folder / FOLDER).is_dir():
        known = row.diagnosis is not None
        zones = result_folder(row.diagnosis) / "zones.gpkg" if known else folder / "none"
        run_apart(folder, row.folder, zones)
    return folder


def collections() -> list[Collection]:
    """Return every public collection."""
    return [c for p in publications() for c in p.collections]
