"""Published features hold what the privacy gate gave out, and nothing else."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from isopolis.web.diagnoses.store import result_folder
from isopolis.web.publish.actions import Withdraw

from .maps import MISSING, mapped
from .publishing import published, undrawn

__all__ = ["undrawn"]  # fixtures


@pytest.fixture
def row(owner: Any, city: Any, undrawn: None) -> Any:
    return published(
        owner, city, mapped(owner, city), protection="suppress", threshold=60, sensitive_threshold=60
    )


def released(row: Any) -> dict[str, dict[str, Any]]:
    """Zone → every number that was released, read from the published file the slow way."""
    out: dict[str, dict[str, Any]] = {}
    for table in json.loads((row.folder / "counts.json").read_text(encoding="utf-8")):
        for unit in table["levels"][0]["units"]:
            cells = zip([*table["categories"], "people"], [*unit["cells"], unit["all"]], strict=True)
            out.setdefault(unit["id"], {}).update(
                {f"{table['dimension']}_{table['date']}_{c}": v for c, v in cells}
            )
    return out


def test_published_zones_are_those_of_the_gate(row: Any, city: Any) -> None:
    client = Client()
    (listed,) = client.get("/api/v1/publications").json()["publications"]
    assert listed["id"] == f"{city.slug}-{row.number}"
    assert client.get(listed["page"]).status_code == 200
    zones, findings = (f"/ogc/collections/{key}" for key in listed["collections"])
    page = client.get(f"{zones}/items")
    assert page.status_code == 200, page.content
    true, hidden = released(row), 0
    for n, feature in enumerate(page.json()["features"]):
        said = dict(feature["properties"])
        assert (feature["geometry"] is None) is (n == MISSING)
        assert set(said) == {"id", "name", "district", "not_shown"} | set(true[feature["id"]])
        gone = [c for c, v in true[feature["id"]].items() if isinstance(v, str)]
        assert said["not_shown"] == " | ".join(gone)
        hidden += len(gone)
        for column, value in true[feature["id"]].items():
            assert said[column] == (None if isinstance(value, str) else value)
    assert hidden, "this test is about something only when numbers are held back"
    got = client.get(f"{findings}/items?limit=1000").json()["features"]
    file = json.loads((row.folder / "findings.json").read_text(encoding="utf-8"))
    assert [f["properties"]["value"] for f in got] == [f["value"] for f in file]


def test_no_true_number_is_in_the_files_behind_it(row: Any, city: Any) -> None:
    """Shares and scores of zones, which the gate did not give out, are in none of the prepared files."""
    folder: Path = row.folder.with_name(f"{row.pk}.features")
    text = (folder / "features" / "zones.geojsonl").read_text(encoding="utf-8")
    true = (result_folder(row.diagnosis) / "features" / "zones.geojsonl").read_text(encoding="utf-8")
    numbers = {
        str(v)
        for line in true.splitlines()
        for k, v in json.loads(line)["properties"].items()
        if "share" in k or "local" in k
    }
    assert len(numbers) > 20
    assert [n for n in numbers if len(n) > 8 and n in text] == []
    import geopandas

    assert not [c for c in geopandas.read_parquet(folder / "zones.parquet").columns if "share" in c]


def test_withdrawn_is_gone_at_once(row: Any, owner: Any, city: Any) -> None:
    client = Client()
    keys = client.get("/api/v1/publications").json()["publications"][0]["collections"]
    tags = {k: client.get(f"/ogc/collections/{k}/items").headers["ETag"] for k in keys}
    Withdraw(owner, city, row).run()
    assert client.get("/api/v1/publications").json()["publications"] == []
    assert client.get("/ogc/collections").json()["collections"] == []
    for key, tag in tags.items():
        assert client.get(f"/ogc/collections/{key}/items", headers={"if-none-match": tag}).status_code == 404


def test_a_publication_outlives_its_diagnosis(row: Any) -> None:
    """Without the outlines there are still numbers, should its features have to be made anew."""
    (result_folder(row.diagnosis) / "zones.gpkg").unlink()
    shutil.rmtree(row.folder.with_name(f"{row.pk}.features"))
    client = Client()
    key = client.get("/api/v1/publications").json()["publications"][0]["collections"][0]
    page = client.get(f"/ogc/collections/{key}/items").json()
    assert page["numberMatched"] == 24
    assert {f["geometry"] for f in page["features"]} == {None}
