"""zones.gpkg read back: what is known is there, what is not is NULL."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyogrio
import pytest

from isopolis.flows.diagnosis import Diagnosis
from isopolis.report import geopackage
from isopolis.report.geopackage import columns_of, write_zones

from .conftest import HOSTILE, NOTICE, make_diagnosis


@pytest.fixture(scope="module")
def zones(made: dict[str, Path]):
    return pyogrio.read_dataframe(made["zones.gpkg"], layer="zones")


def test_rows_names_parents_and_outlines(diagnosis: Diagnosis, zones) -> None:
    city = diagnosis.city
    assert zones["id"].tolist() == city.zones.ids.tolist()
    assert zones["name"].tolist() == city.zones.names.tolist()
    assert HOSTILE in set(zones["name"])
    assert zones["district"].tolist() == city.zones.parents["district"].tolist()
    assert zones.crs.to_epsg() == 25831
    assert zones.geometry.isna().tolist() == (~city.zones.drawable).tolist()
    assert zones.geometry.iloc[0].equals(city.zones.geometry[0])


def test_values_are_exact_where_known_and_null_elsewhere(diagnosis: Diagnosis, zones) -> None:
    table = next(t for t in diagnosis.local if t.name == "origin" and t.counts.date == "2025")
    share = zones["origin_2025_share_here"].to_numpy()
    known = table.measured & ~table.counts.hidden[:, 0] & ~table.counts.absent[:, 0]
    assert np.array_equal(np.isnan(share), ~known)
    assert np.array_equal(share[known], table.share[known, 0])
    hidden = zones["origin_2025_share_abroad"].isna().to_numpy()
    assert hidden[7]  # suppressed
    assert hidden[11]  # never collected
    assert hidden[3]  # nobody there
    assert zones["origin_2025_local_m"].isna()[7]
    assert not zones["origin_2025_people"].isna()[7]
    assert zones["age_2025_contribution"].sum() == pytest.approx(1)


def test_null_is_null_in_the_file_itself(made: dict[str, Path]) -> None:
    with sqlite3.connect(made["zones.gpkg"]) as connection:
        kinds = connection.execute('SELECT DISTINCT typeof("origin_2025_share_abroad") FROM zones').fetchall()
    assert {k for (k,) in kinds} == {"real", "null"}


def test_every_column_is_explained_once(made: dict[str, Path], zones) -> None:
    told = pyogrio.read_dataframe(made["zones.gpkg"], layer="columns")
    names = [n for n in told["column"] if n]
    assert set(names) == set(zones.columns) - {"geometry"}
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z][a-z0-9_]{0,62}", n) for n in names)
    assert any(NOTICE in m for m in told["meaning"])
    row = told[told["column"] == "origin_2025_share_abroad"].iloc[0]
    assert (row["unit"], row["dimension"], row["category"], row["date"]) == (
        "share",
        "origin",
        "abroad",
        "2025",
    )


def test_without_outlines_there_is_a_plain_table(tmp_path: Path) -> None:
    path = tmp_path / "z.gpkg"
    write_zones(make_diagnosis(20, geometry=False), path)
    assert pyogrio.read_info(path, layer="zones")["geometry_type"] is None
    assert len(pyogrio.read_dataframe(path, layer="zones")) == 20


def test_points_and_mixed_outlines_are_kept(tmp_path: Path) -> None:
    import shapely

    shapes = np.array(
        [shapely.Point(i, 0) if i % 2 else shapely.box(i, 0, i + 1, 1) for i in range(20)], dtype=object
    )
    write_zones(make_diagnosis(20, shapes=shapes), tmp_path / "z.gpkg")
    back = pyogrio.read_dataframe(tmp_path / "z.gpkg", layer="zones")
    assert set(back.geometry.geom_type) == {"Point", "Polygon"}


def test_batches_and_extra_layers_lose_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made = make_diagnosis(50)
    write_zones(made, tmp_path / "whole.gpkg")
    monkeypatch.setattr(geopackage, "ROWS_AT_ONCE", 7)
    monkeypatch.setattr(geopackage, "WIDEST", 20)
    write_zones(made, tmp_path / "parts.gpkg")
    whole = pyogrio.read_dataframe(tmp_path / "whole.gpkg", layer="zones")
    layers = [name for name, _ in pyogrio.list_layers(tmp_path / "parts.gpkg") if name.startswith("zones")]
    assert len(layers) > 1
    for layer in layers:
        part = pyogrio.read_dataframe(tmp_path / "parts.gpkg", layer=layer)
        for column in set(part.columns) - {"geometry"}:
            assert part[column].equals(whole[column]), column


def test_names_of_columns_never_clash(build: Callable[..., Diagnosis]) -> None:
    names = [c.name for c in columns_of(build(20))]
    assert len(names) == len(set(names))
    taken = geopackage._Taken("id")
    given = [
        taken.name("x" * 80, "y"),
        taken.name("x" * 80, "z"),
        taken.name("id"),
        taken.name("é", "#"),
        taken.name("9"),
    ]
    assert len(set(given)) == 5
    assert all(len(n) <= 60 for n in given)
