"""Reading the features of a result: which ones match, and their text, without any library for maps."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .prepare import FOLDER, key_of

__all__ = ["Box", "Layer", "layer_of", "made", "run_apart"]

log = logging.getLogger(__name__)

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees; west is larger than east across the 180th meridian."""

SECONDS = 300


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """The zones or the findings of one result.

    Parameters
    ----------
    path : Path
        File of the lines; the others lie beside it.
    rows : structured array
        Where each line begins, its box, its time, its keys.
    about : mapping
        Fields, what can be sought, extent and interval.
    """

    path: Path
    rows: npt.NDArray[Any]
    about: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)

    def matching(
        self,
        box: Box | None = None,
        when: tuple[float, float] | None = None,
        sought: Mapping[str, str] | None = None,
    ) -> npt.NDArray[np.intp]:
        """Return the places of the features that match, in their order.

        Features without outline match every box, those without date every time, as OGC 17-069r4
        (7.15.3, 7.15.4) asks.
        """
        keep = np.ones(len(self.rows), dtype=bool)
        for name, value in (sought or {}).items():
            keep &= self.rows["id" if name == "id" else f"={name}"] == key_of(value)
        if when is not None:
            keep &= (self.rows["from"] <= when[1]) & (self.rows["until"] >= when[0])
        if box is not None:
            keep &= self._touched(box, keep)
        return np.flatnonzero(keep)

    def _touched(self, box: Box, among: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        west, south, east, north = box
        halves = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
        rows, hit = self.rows, np.isnan(self.rows["west"])
        for left, right in halves:
            near = (rows["west"] <= right) & (rows["east"] >= left)
            near &= (rows["south"] <= north) & (rows["north"] >= south)
            within = (rows["west"] >= left) & (rows["east"] <= right)
            within &= (rows["south"] >= south) & (rows["north"] <= north)
            hit |= within
            hit |= self._shapes_touch(near & ~hit & among, (left, south, right, north))
        return hit

    def _shapes_touch(self, maybe: npt.NDArray[np.bool_], box: Box) -> npt.NDArray[np.bool_]:
        """Look at the outlines where the boxes alone do not decide."""
        places = np.flatnonzero(maybe)
        if len(places):
            import shapely

            texts = [json.dumps(json.loads(line)["geometry"]) for line in self.lines(places)]
            maybe = maybe.copy()
            maybe[places] = shapely.intersects(shapely.from_geojson(texts), shapely.box(*box))
        return maybe

    def lines(self, places: Sequence[int] | npt.NDArray[np.intp]) -> list[bytes]:
        """Return features as GeoJSON."""
        return self._read(self.path, places, "")

    def whole(self, places: Sequence[int] | npt.NDArray[np.intp]) -> list[bytes]:
        """Return everything known of findings, as JSON."""
        return self._read(self.path.with_suffix(".jsonl"), places, "full_")

    def _read(self, path: Path, places: Sequence[int] | npt.NDArray[np.intp], column: str) -> list[bytes]:
        with path.open("rb") as file:
            out = []
            for place in places:
                row = self.rows[int(place)]
                file.seek(int(row[f"{column}offset"]))
                out.append(file.read(int(row[f"{column}length"])))
        return out


def made(folder: Path) -> Path:
    """Return the folder of features of a result; make it for results that are older than this interface."""
    if not (folder / FOLDER).is_dir():
        run_apart(folder)
    return folder / FOLDER


def run_apart(*paths: Path) -> None:
    """Prepare in a process of its own: the libraries for maps would stay in the memory of the web server.

    Raises
    ------
    FileNotFoundError
        If it could not be done; the log says why.
    """
    command = [sys.executable, "-m", "isopolis.web.api.prepare", *map(str, paths)]
    try:
        subprocess.run(command, check=True, timeout=SECONDS, capture_output=True, text=True)
    except (subprocess.SubprocessError, OSError) as error:
        log.warning("features of %s could not be made: %s", paths[0].name, getattr(error, "stderr", error))
        raise FileNotFoundError(paths[0]) from None


def layer_of(folder: Path, name: str) -> Layer:
    """Return the layer ``zones`` or ``findings`` of the result in `folder`.

    Raises
    ------
    FileNotFoundError
        If there is no such result.
    """
    table = made(folder) / f"{name}.npy"
    return _open(table, table.stat().st_mtime_ns)


@lru_cache(maxsize=32)
def _open(table: Path, changed: int) -> Layer:
    about = json.loads(table.with_suffix(".json").read_text(encoding="utf-8"))
    return Layer(table.with_suffix(".geojsonl"), np.load(table, mmap_mode="r"), about)
