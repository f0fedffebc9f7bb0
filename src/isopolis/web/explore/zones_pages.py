"""What a diagnosis writes for looking around: its zones, its outlines, its addresses, what can be compared.

``zones.json`` says what there is; ``zones-names.json`` and ``zones-values-D.json`` are columns for lists;
``zones-K.json`` has a hundred zones each, for the page of one zone; ``outlines.geojson.gz`` is for the map
in the browser, ``outlines.npz`` for finding the zone of a point; ``parts.json`` and ``parts-K.json`` hold
findings by measure; ``addresses.sqlite`` is the city's list of addresses.
"""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from isopolis.flows.compare import part_of
from isopolis.flows.diagnosis import Diagnosis
from isopolis.flows.places import addresses_of, features, fold, write_outlines
from isopolis.model import City
from isopolis.model.text import to_tree
from isopolis.model.vocabulary import standard
from isopolis.report.prose import Names, clean
from isopolis.report.zonal import Columns, columns_of, zone_names

__all__ = ["ZONES_EACH", "ZONES_MOST", "write_addresses", "write_explore"]

ZONES_EACH = 100
ZONES_MOST = 100_000
"""Zones beyond which no page lists them one by one; the files to download do."""

Say = Callable[[str], None]


def write_explore(diagnosis: Diagnosis, drawings: Any, names: Names, folder: Path, say: Say) -> None:
    """Write everything into the folder of a diagnosis' pages."""
    say("pages: comparisons")
    _parts(diagnosis, names, folder)
    if len(diagnosis.city.zones) > ZONES_MOST:
        return
    say("pages: zones")
    columns = columns_of(diagnosis, names)
    named = zone_names(diagnosis)
    _write(folder / "zones-names.json", named | {"search": _searched(named)})
    for k, column in enumerate(columns):
        numbers = {key: getattr(column, key) for key in ("city", "people", "times", "place", "share")}
        _write(folder / f"zones-values-{k}.json", numbers)
    for start in range(0, len(named["ids"]), ZONES_EACH):
        rows = range(start, min(start + ZONES_EACH, len(named["ids"])))
        _write(folder / f"zones-{start // ZONES_EACH}.json", [_zone(n, named, columns) for n in rows])
    bounds = _outlines(diagnosis.city, folder)
    about = [_about(k, column, drawings) for k, column in enumerate(columns)]
    summary = {"zones": len(named["ids"]), "kind": standard(named["kind"]), "levels": list(named["parents"])}
    _write(folder / "zones.json", summary | {"dimensions": about, "bounds": bounds})


def _write(path: Path, item: Any) -> None:
    path.write_text(json.dumps(to_tree(item), ensure_ascii=False, allow_nan=False), encoding="utf-8")


def _searched(named: dict[str, Any]) -> list[str]:
    """One folded text per zone, with a blank at both ends: its name, its id, its parents."""
    columns = [named["names"], named["ids"], *named["parents"].values()]
    return [f" {fold(' '.join(row))} " for row in zip(*columns, strict=True)]


def _zone(n: int, named: dict[str, Any], columns: list[Columns]) -> dict[str, Any]:
    return {
        "number": n,
        "id": named["ids"][n],
        "name": named["names"][n],
        "parents": {level: codes[n] for level, codes in named["parents"].items() if codes[n]},
        "area": named["area"][n] if named["area"] else 0,
        "values": [
            {
                "people": c.people[n],
                "times": c.times[n],
                "place": c.place[n],
                "share": [column[n] for column in c.share],
            }
            for c in columns
        ],
    }


def _about(k: int, column: Columns, drawings: Any) -> dict[str, Any]:
    about = {
        key: getattr(column, key)
        for key in ("name", "title", "date", "universe", "categories", "labels", "city")
    }
    about["universe"] = standard(clean(column.universe))
    return about | {"number": k, "shown": column.shown, "figures": drawings.maps_of(column.name)}


def _outlines(city: City, folder: Path) -> list[float]:
    """Write the outlines for browsers and for finding points; return their bounds in degrees."""
    made = features(city.zones)
    if made is None:
        return []
    shapes, bounds = made
    text = json.dumps(
        {"type": "FeatureCollection", "features": shapes}, ensure_ascii=False, separators=(",", ":")
    )
    (folder / "outlines.geojson.gz").write_bytes(gzip.compress(text.encode(), 6, mtime=0))
    write_outlines(city.zones, folder / "outlines.npz")
    return [round(b, 6) for b in bounds]


# -- comparisons ---------------------------------------------------------------------------
def _parts(diagnosis: Diagnosis, names: Names, folder: Path) -> None:
    """Write the findings of each measure, as far as a comparison needs them."""
    categories = {d.name: d.categories for c in diagnosis.city.counts for d in c.dimensions}
    city = clean(diagnosis.city.name)
    rows: dict[str, list[dict[str, Any]]] = {}
    for n, finding in enumerate(diagnosis.findings):
        label = names.group(finding.group) if finding.group else names.dimension(finding.dimension)
        whole = [c for part in finding.dimension.split(" × ") for c in categories.get(part, ())]
        part = part_of(finding, label=clean(label), city=city, categories=whole)
        rows.setdefault(finding.measure, []).append(
            {
                "number": n,
                "title": clean(names.dimension(finding.dimension)),
                "versus": clean(names.group(finding.versus)) if finding.versus else "",
                "place": clean(names.place(finding.scope)),
                "part": part.to_dict(),
            }
        )
    for k, found in enumerate(rows.values()):
        _write(folder / f"parts-{k}.json", found)
    listed = [{"number": k, "measure": m, "count": len(r)} for k, (m, r) in enumerate(rows.items())]
    _write(folder / "parts.json", {"city": city, "measures": listed})


# -- addresses -------------------------------------------------------------------------------
def write_addresses(paths: Iterable[Path], city: City, folder: Path, say: Say) -> None:
    """Keep the city's lists of addresses with the zone of each, if there are any."""
    if len(city.zones) > ZONES_MOST:
        return
    say("pages: addresses")
    found = addresses_of(paths, city.zones)
    if not found.texts:
        return
    base = sqlite3.connect(folder / "addresses.sqlite")
    try:
        with base:
            base.execute("CREATE TABLE address (folded TEXT, said TEXT, zone INTEGER)")
            rows = (
                (f" {fold(t)} ", clean(t)[:200], z)
                for t, z in zip(found.texts, found.zones.tolist(), strict=True)
            )
            base.executemany("INSERT INTO address VALUES (?, ?, ?)", rows)
    finally:
        base.close()
