"""The example city's outlines and streets as GeoPackages."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .names import NOTICE
from .plan import CRS, Plan
from .streets import Streets

__all__ = ["write_outlines", "write_streets"]


def _write_layer(
    path: Path, geometry: npt.NDArray[Any], kind: str, columns: dict[str, npt.NDArray[Any]]
) -> None:
    import pyogrio.raw
    import shapely

    pyogrio.raw.write(
        path,
        shapely.to_wkb(geometry),
        list(columns.values()),
        list(columns),
        layer=path.stem,
        driver="GPKG",
        geometry_type=kind,
        crs=CRS,
        # on the layer: on the file as a whole it would make every reader leave a side file behind
        layer_metadata={"NOTICE": NOTICE},
    )


def _texts(values: Iterable[str]) -> npt.NDArray[np.object_]:
    return np.array(list(values), dtype=object)


def write_outlines(folder: Path, plan: Plan) -> None:
    """Write zones and districts."""
    zones = {
        "zone": _texts(plan.ids),
        "name": _texts(plan.names),
        "district": _texts(plan.district_ids[d] for d in plan.district),
        "land_use": _texts(plan.land_use),
    }
    _write_layer(folder / "zones.gpkg", plan.polygons, "Polygon", zones)
    districts = {"district": _texts(plan.district_ids), "name": _texts(plan.district_names)}
    _write_layer(folder / "districts.gpkg", plan.district_polygons, "Polygon", districts)


def write_streets(path: Path, streets: Streets) -> None:
    """Write one line per street segment."""
    import shapely

    columns = {
        "street": np.arange(1, len(streets.ends) + 1),
        "from_node": streets.ends[:, 0] + 1,
        "to_node": streets.ends[:, 1] + 1,
        "highway": streets.highway,
        "bridge": streets.bridge,
        "lit": streets.lit,
        "kerb": streets.kerb,
        "steps": streets.steps,
        "surface": streets.surface,
        "width_m": streets.width,
        "incline_pct": streets.incline,
        "length_m": streets.length,
    }
    _write_layer(path, shapely.linestrings(streets.nodes[streets.ends]), "LineString", columns)
