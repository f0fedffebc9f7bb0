"""The example city's tables as CSV (or Parquet) files."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .composition import AXES, DIMENSIONS, SHAPE
from .fields import DATES
from .households import HOUSEHOLDS, UNITS
from .names import NOTICE
from .participation import AGES, Vote
from .people import People
from .plan import Plan
from .prices import Broadband, Prices
from .survey import RELIGIONS, Sample

__all__ = [
    "write_broadband",
    "write_csv",
    "write_households",
    "write_population",
    "write_prices",
    "write_religion",
    "write_survey",
    "write_vote",
]

CSV_UP_TO = 5_000  # zones; above, the residents' table is Parquet


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Iterable[object]]) -> None:
    """Write rows under a heading, UTF-8, commas, one newline character per row."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(columns)
        out.writerows(rows)


def _listed(people: People) -> tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]:
    """Return zone, cell, count; an empty zone has one row of 0, so that it does not look uncounted."""
    empty = np.flatnonzero(people.total == 0)
    zone = np.concatenate([people.zone, empty])
    cell = np.concatenate([people.cell, np.zeros_like(empty)])
    count = np.concatenate([people.count, np.zeros_like(empty)])
    order = np.lexsort((cell, zone))
    return zone[order], cell[order], count[order]


def write_population(folder: Path, plan: Plan, people: list[People]) -> str:
    """Write the residents of all dates as one long table; return the file's name."""
    if len(plan) > CSV_UP_TO:
        _write_parquet(folder / "population.parquet", plan, people)
        return "population.parquet"
    cells = [",".join(DIMENSIONS[a][k] for a, k in zip(AXES, at, strict=True)) for at in np.ndindex(*SHAPE)]
    with (folder / "population.csv").open("w", encoding="utf-8", newline="") as file:
        file.write(f"zone,date,{','.join(AXES)},count\n")
        for one in people:
            rows = zip(*(array.tolist() for array in _listed(one)), strict=True)
            file.writelines(f"{plan.ids[z]},{one.date},{cells[c]},{n}\n" for z, c, n in rows)
    return "population.csv"


def _write_parquet(path: Path, plan: Plan, people: list[People]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = ["zone", "date", *AXES, "count"]
    schema = pa.schema([(n, pa.string()) for n in names[:-1]] + [("count", pa.int32())], {"notice": NOTICE})

    def coded(codes: npt.NDArray[Any], words: Sequence[str]) -> Any:
        return pa.DictionaryArray.from_arrays(codes.astype(np.int32), pa.array(words)).cast(pa.string())

    with pq.ParquetWriter(path, schema) as out:
        for one in people:
            everything = _listed(one)
            for start in range(0, len(everything[0]), 1_000_000):
                zone, cell, count = (array[start : start + 1_000_000] for array in everything)
                at = np.unravel_index(cell, SHAPE)
                columns = [coded(zone, plan.ids), coded(np.zeros_like(zone), [one.date])]
                columns += [coded(at[k], DIMENSIONS[name]) for k, name in enumerate(AXES)]
                out.write_table(pa.table([*columns, pa.array(count.astype(np.int32))], schema=schema))


def write_religion(path: Path, plan: Plan, people: People, drawn: npt.NDArray[np.int64]) -> None:
    """Write residents by religion, one column each, and all residents."""
    rows = np.column_stack([people.total, drawn]).tolist()
    columns = ["zone", "residents", *RELIGIONS]
    write_csv(path, columns, ([z, *row] for z, row in zip(plan.ids, rows, strict=True)))


def write_survey(path: Path, sample: Sample) -> None:
    """Write the estimates of the city-wide sample; there is no zone in it."""
    rows = zip(sample.categories, sample.estimate, sample.se, strict=True)
    write_csv(path, ["lgbtiq", "count", "se", "mechanism"], ([*row, "sample"] for row in rows))


def _write_values(
    path: Path, plan: Plan, columns: dict[str, list[str]], known: npt.NDArray[np.bool_]
) -> None:
    """Write numbers by zone, left empty where they are not known."""
    cells = zip(*columns.values(), strict=True)
    rows = (
        [zone, *(row if there else [""] * len(columns))]
        for zone, row, there in zip(plan.ids, cells, known.tolist(), strict=True)
    )
    write_csv(path, ["zone", *columns], rows)


def write_prices(path: Path, plan: Plan, prices: Prices) -> None:
    """Write rents and sale prices, one column per date."""
    rents = {f"rent_eur_m2_{d}": [f"{v:.2f}" for v in prices.rent[:, k]] for k, d in enumerate(DATES)}
    sales = {f"price_eur_m2_{d}": [f"{v:.0f}" for v in prices.price[:, k]] for k, d in enumerate(DATES)}
    _write_values(path, plan, rents | sales, prices.known)


def write_households(path: Path, plan: Plan, drawn: dict[str, dict[str, Any]], prices: Prices) -> None:
    """Write a row per zone and date; empty where nobody lives."""
    rows = (
        [zone, date, *(_cell(name, drawn[date][name][z]) if there else "" for name in HOUSEHOLDS)]
        for date in DATES
        for z, (zone, there) in enumerate(zip(plan.ids, prices.known.tolist(), strict=True))
    )
    write_csv(path, ["zone", "date", *HOUSEHOLDS], rows)


def _cell(name: str, value: float) -> str:
    return f"{value:.0f}" if name in UNITS else f"{value:.4f}"


def write_broadband(path: Path, plan: Plan, got: Broadband) -> None:
    """Write shares of households."""
    columns = {
        "coverage_100mbit_pct": got.mbit_100,
        "coverage_1gbit_pct": got.gbit_1,
        "households_online_pct": got.online,
    }
    _write_values(path, plan, {k: [f"{v:.1f}" for v in values] for k, values in columns.items()}, got.known)


def write_vote(path: Path, plan: Plan, vote: Vote) -> None:
    """Write eligible residents and voters of every cell in which somebody could vote."""
    origins = DIMENSIONS["origin"]
    some = vote.eligible > 0
    rows = zip(
        np.argwhere(some).tolist(), vote.eligible[some].tolist(), vote.voters[some].tolist(), strict=True
    )
    columns = ["zone", "age", "origin", "eligible", "voters"]
    write_csv(path, columns, ([plan.ids[z], AGES[a], origins[o], n, k] for (z, a, o), n, k in rows))
