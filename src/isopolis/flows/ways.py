"""Ways through a city: a table of travel times between zones, or a layer of streets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.measure.scale import Costs, along_links, from_pairs
from isopolis.model import CallError, Problems
from isopolis.model.text import phrase

__all__ = ["COST", "END", "START", "costs_by_streets", "read_travel"]

Floats = npt.NDArray[np.float64]

START = ("from", "from_id", "origin")
END = ("to", "to_id", "destination")
COST = {
    "minutes": "min", "travel_time": "min", "travel_time_p50": "min", "min": "min",
    "metres": "m", "meters": "m", "distance": "m", "length_m": "m", "m": "m",
}  # fmt: skip
"""Name of the column → unit of what stands in it."""

JOINT = 0.1
"""Metres within which the ends of two streets are the same crossing."""

SHOWN = 5


def read_travel(path: Path, ids: npt.NDArray[np.object_], kept: npt.NDArray[np.intp]) -> Costs:
    """Read a table of pairs of zones, CSV or Parquet, as a router writes it.

    Parameters
    ----------
    path : Path
        Columns for start (`START`), end (`END`) and cost (`COST`), in any order. Pairs that are not there
        are out of reach.
    ids : (Z,) array of str
        All zones of the city.
    kept : (K,) int array
        Zones that are measured; the costs are about these, in this order.

    Raises
    ------
    CallError
        If there is no such file.
    DataError
        With every column that is missing, unknown zone and cost that is no number of 0 or more.
    """
    import pandas as pd

    if not path.is_file():
        raise CallError(f"there is no table of travel times {path}; name a CSV or Parquet file")
    parquet = path.suffix.lower() == ".parquet"
    table = pd.read_parquet(path) if parquet else pd.read_csv(path, dtype=str, keep_default_na=False)
    table.columns = [str(c).strip().lower() for c in table.columns]
    problems = Problems()
    start, end, cost = (_column(table, names, path.name, problems) for names in (START, END, tuple(COST)))
    problems.raise_if_fatal()
    a, b = (_places(table[c], ids, c, path.name, problems) for c in (start, end))
    values = pd.to_numeric(table[cost], errors="coerce").to_numpy(dtype=np.float64)
    _told(
        ~(np.isfinite(values) & (values >= 0)), table[cost], cost, path.name, problems,
        "bad-cost", phrase("a cost is no number of 0 or more"),
    )  # fmt: skip
    problems.raise_if_fatal()
    place = np.full(len(ids), -1)
    place[kept] = np.arange(len(kept))
    a, b = place[a], place[b]
    both = (a >= 0) & (b >= 0)
    return from_pairs(a[both], b[both], values[both], len(kept), COST[cost])


def _column(table: Any, names: tuple[str, ...], file: str, problems: Problems) -> str:
    found = next((n for n in names if n in table.columns), "")
    if not found:
        rule = ", ".join(names)
        problems.error(
            "no-column", phrase('there is no column "{name}"', name=names[0]), file=file, rule=rule
        )
    return found


def _places(
    column: Any, ids: npt.NDArray[np.object_], name: str, file: str, problems: Problems
) -> npt.NDArray[np.intp]:
    position = {str(z): i for i, z in enumerate(ids)}
    texts, inverse = np.unique(np.asarray(column, dtype=object).astype(str), return_inverse=True)
    codes = np.array([position.get(t.strip(), -1) for t in texts], dtype=np.intp)[inverse]
    hint = phrase("Zone ids are text: keep leading zeros.")
    _told(codes < 0, column, name, file, problems, "unknown-zone", phrase("there is no such zone"), hint)
    return codes


def _told(
    bad: npt.NDArray[np.bool_], column: Any, name: str, file: str, problems: Problems,
    code: str, message: str, hint: str = "",
) -> None:  # fmt: skip
    rows = np.flatnonzero(bad)
    if len(rows):
        problems.error(
            code, message, file=file, column=name, rows=tuple(int(r) + 2 for r in rows[:SHOWN]),
            count=len(rows), value=str(column.iloc[rows[0]]), hint=hint,
        )  # fmt: skip


def costs_by_streets(
    path: Path, points: Floats, crs: str, limit: float, *, size: Floats | None = None, most: float = 0.0
) -> Costs:
    """Ways along a layer of streets, in metres, walked in both directions.

    Streets meet where their ends do. A zone is joined to the nearest crossing, and the way there counts.

    Parameters
    ----------
    path : Path
        A layer of lines with a reference system.
    points : (K, 2) array, metres
    crs : str
        Reference system of the points.
    limit : float
        Metres; longer ways are looked for only as far as `most` needs them.
    size : (K,) array, optional
        People of each zone.
    most : float
        People whom every zone must reach, or all whom the streets join it to.

    Raises
    ------
    CallError
        If there is no such file, or no line in it, or too many pairs of zones must be looked at.
    """
    import geopandas
    import shapely
    from scipy.sparse import coo_array
    from scipy.spatial import cKDTree

    if not path.exists():
        raise CallError(f"there is no layer of streets {path}")
    layer = geopandas.read_file(path)
    if layer.crs is None:
        raise CallError(f"{path} does not say its reference system: streets cannot be laid over the zones")
    lines = layer.to_crs(crs).geometry.explode(index_parts=False)
    lines = lines[(lines.geom_type == "LineString") & ~lines.is_empty].to_numpy()
    if not len(lines):
        raise CallError(f"{path} holds no lines: streets are needed")
    ends = np.stack([shapely.get_coordinates(shapely.get_point(lines, at)) for at in (0, -1)], axis=1)
    nodes, code = np.unique(np.rint(ends.reshape(-1, 2) / JOINT), axis=0, return_inverse=True)
    a, b = code.reshape(-1, 2).T
    length = shapely.length(lines)
    real = (a != b) & (length > 0)
    a, b, length = a[real], b[real], length[real]
    if not len(a):
        raise CallError(f"{path} holds no street from one place to another: streets are needed")
    # of two streets between the same crossings the shorter one counts
    low, high = np.minimum(a, b), np.maximum(a, b)
    order = np.lexsort((length, high, low))
    low, high, length = low[order], high[order], length[order]
    first = np.append(True, (low[1:] != low[:-1]) | (high[1:] != high[:-1]))
    half = coo_array((length[first], (low[first], high[first])), shape=(len(nodes),) * 2)
    used = np.unique(np.concatenate([low, high]))
    off, at = cKDTree(nodes[used] * JOINT).query(points)
    links, node = (half + half.T).tocsr(), used[at]
    costs = along_links(links, node, limit, off=off)
    while size is not None and _cut_off(costs, links, node, size, most):
        limit *= 2
        costs = along_links(links, node, limit, off=off)
    return costs


def _cut_off(costs: Costs, links: Any, node: npt.NDArray[np.intp], size: Floats, most: float) -> bool:
    """Whether a zone has fewer people than asked for only because longer ways were not looked for."""
    from scipy.sparse.csgraph import connected_components

    part = connected_components(links, directed=False)[1][node]
    joined = np.bincount(part, weights=size)[part]
    reached = np.add.reduceat(size[costs.to], costs.starts[:-1])  # every zone reaches itself
    return bool((reached < np.minimum(most, joined) * (1 - 1e-9)).any())
