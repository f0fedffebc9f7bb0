"""The example city as these tests read it: its files with pandas, the plainest way."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from isopolis.flows.example import write_example

LAYERS = ("zones", "districts", "streets")


class ExampleCity:
    """What a folder holds, read the plainest way."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.toml = tomllib.loads((folder / "city.toml").read_text(encoding="utf-8"))
        self.truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
        self.zones, self.districts, self.streets = (gpd.read_file(folder / f"{n}.gpkg") for n in LAYERS)
        self.people = self.table("population")
        self.vote = self.table("participation")
        self.religion = self.table("religion")

    def table(self, name: str) -> pd.DataFrame:
        return pd.read_csv(
            self.folder / f"{name}.csv", dtype={"zone": str, "date": str}, keep_default_na=False
        )

    def wide(self, date: str, *names: str) -> pd.DataFrame:
        """Zones × categories; zones with nobody left out."""
        at = self.people[(self.people["date"] == date) & (self.people["count"] > 0)]
        table = at.groupby(["zone", *names])["count"].sum().unstack(list(names), fill_value=0)
        return table.sort_index(axis=1)


@pytest.fixture(scope="session")
def example_cities(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], ExampleCity]:
    made: dict[int, ExampleCity] = {}

    def get(size: int) -> ExampleCity:
        if size not in made:
            made[size] = ExampleCity(write_example(tmp_path_factory.mktemp("cities") / str(size), zones=size))
        return made[size]

    return get


@pytest.fixture(scope="session")
def example_city(example_cities: Callable[[int], ExampleCity]) -> ExampleCity:
    return example_cities(240)
