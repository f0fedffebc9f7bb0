from __future__ import annotations

from pathlib import Path

import numpy as np

TOML = """
name = "Smallville"
code = "smallville"
notes = ["example data, not a real place"]

[zones]
file = "zones.gpkg"
id = "id"
name = "name"
kind = "block"
parents = { district = { prefix = 2 } }

[[sources]]
key = "office"
title = "Register"

[[tables]]
file = "people.csv"
layout = "wide"
zone = "id"
date = "2024"
source = "office"
total = "total"
context = ["rent_eur"]
[[tables.dimensions]]
name = "sex"
columns = ["female", "male"]
total = "total"
[[tables.dimensions]]
name = "age"
columns = ["age_0_17", "age_18_64", "age_65_plus"]
ordered = true
total = "total"
[[tables.dimensions]]
name = "citizenship"
columns = ["foreign"]
complement = "native"
total = "total"
"""


def people(zones: int = 24, seed: int = 3) -> dict[str, list[str]]:
    """A small valid table: text columns by name."""
    rng = np.random.default_rng(seed)
    ids = [f"0{1 + k // 8}{k % 8:02d}" for k in range(zones)]
    total = rng.integers(300, 4000, zones)
    female = rng.binomial(total, 0.52)
    young = rng.binomial(total, 0.2)
    old = rng.binomial(total - young, 0.3)
    foreign = rng.binomial(total, rng.uniform(0.02, 0.5, zones))
    numbers = {
        "total": total,
        "female": female,
        "male": total - female,
        "age_0_17": young,
        "age_18_64": total - young - old,
        "age_65_plus": old,
        "foreign": foreign,
    }
    out = {"id": ids, "name": [f"Block {k}" for k in range(zones)]}
    out |= {n: [str(int(v)) for v in col] for n, col in numbers.items()}
    out["rent_eur"] = [f"{v:.2f}" for v in rng.uniform(6, 19, zones)]
    return out


def csv_text(columns: dict[str, list[str]], mark: str = ",") -> str:
    rows = [mark.join(columns), *(mark.join(r) for r in zip(*columns.values(), strict=True))]
    return "\n".join(rows) + "\n"


def squares(zones: int = 24):  # type: ignore[no-untyped-def]
    """Squares of 500 m in rows of eight, in Barcelona's metric system."""
    from shapely import box

    x0, y0 = 425_000.0, 4_580_000.0
    return [
        box(x0 + 500 * (k % 8), y0 + 500 * (k // 8), x0 + 500 * (k % 8 + 1), y0 + 500 * (k // 8 + 1))
        for k in range(zones)
    ]


def write_small(folder: Path, *, toml: bool = True, zones: int = 24) -> Path:
    """Write a small valid city."""
    import geopandas

    folder.mkdir(parents=True, exist_ok=True)
    table = people(zones)
    frame = geopandas.GeoDataFrame(
        {"id": table["id"], "name": table["name"]}, geometry=squares(zones), crs=25831
    )
    frame.to_file(folder / "zones.gpkg", driver="GPKG")
    (folder / "people.csv").write_text(csv_text(table), encoding="utf-8")
    if toml:
        (folder / "city.toml").write_text(TOML, encoding="utf-8")
    return folder
