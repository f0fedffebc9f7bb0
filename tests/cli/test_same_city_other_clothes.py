"""The same tables with other headings, order, delimiter and decimal mark give the same values."""

from __future__ import annotations

import csv
import json
import random
import shutil
from pathlib import Path

import pytest

from isopolis.cli.app import run


def disguise(source: Path, target: Path, seed: int) -> None:
    """Rewrite a CSV with meaningless headings, shuffled columns, semicolons and decimal commas."""
    with source.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    order = list(range(len(rows[0])))
    random.Random(seed).shuffle(order)
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow([f"c{k + 1}" for k in range(len(order))])
        for row in rows[1:]:
            writer.writerow([row[k].replace(".", ",") for k in order])


def values(folder: Path, capsys: pytest.CaptureFixture[str]) -> list[tuple[object, ...]]:
    """Init and diagnose without an edit; what was measured, names of columns aside."""
    assert run(["init", str(folder)]) == 0
    capsys.readouterr()
    assert run(["diagnose", str(folder), "--json", "--quiet", "--simulations", "19"]) == 0
    found = json.loads(capsys.readouterr().out)
    simple = {"dissimilarity", "information_theory", "isolation", "variance_ratio", "mutual_information"}
    rows = [
        (f["measure"], bool(f["group"]), f["n_people"], f["n_group"], f["n_zones"], round(f["value"], 12))
        for f in found
        if f["measure"] in simple and f["scope"] == "city" and f["value"] is not None
    ]
    return sorted(rows)


@pytest.mark.parametrize(
    ("name", "table", "outlines"),
    [
        ("barcelona_neighbourhoods", "neighbourhoods.csv", "neighbourhoods.gpkg"),
        ("berlin_planning_areas", "population_2020h2.csv", "planning_areas.gpkg"),
    ],
)
def test_names_and_marks_do_not_matter(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, table: str, outlines: str
) -> None:
    plain, odd = tmp_path / "plain", tmp_path / "odd"
    for folder in (plain, odd):
        folder.mkdir()
        shutil.copyfile(data / name / outlines, folder / outlines)
    shutil.copyfile(data / name / table, plain / table)
    disguise(data / name / table, odd / table, seed=3)
    same = values(plain, capsys)
    assert len(same) > 20
    assert values(odd, capsys) == same
