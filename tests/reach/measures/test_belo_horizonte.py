"""Belo Horizonte: our sums against direct sums and PySAL's catchments, and one figure that others lost."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from isopolis.reach.equity import People, Settings, Weighted, equity_of, palma_between
from isopolis.reach.equity.level import mean
from isopolis.reach.measures import MINUTE, Access, Rows, cumulative, enhanced_two_step, two_step

CUTS = (15, 30, 45, 60)


@dataclass(frozen=True)
class Belo:
    rows: Rows
    people: np.ndarray
    jobs: np.ndarray
    schools: np.ndarray
    decile: np.ndarray
    expected: dict
    ids: list[str]
    within: Access


@pytest.fixture(scope="module")
def belo(data: Path) -> Belo:
    from pyarrow import parquet

    folder = data / "access_belo_horizonte"
    with (folder / "land_use.csv").open(encoding="utf-8") as file:
        land = list(csv.DictReader(file))
    ids = [r["id"] for r in land]
    place = {name: i for i, name in enumerate(ids)}
    table = parquet.read_table(folder / "travel_matrix.parquet")
    origin = np.array([place[x] for x in table["from_id"].to_pylist()])
    target = np.array([place[x] for x in table["to_id"].to_pylist()])
    costs = np.rint(np.asarray(table["travel_time"], dtype=np.float64) * MINUTE).astype(np.int32)
    order = np.lexsort((target, origin))
    rows = Rows(
        np.searchsorted(origin[order], np.arange(len(ids) + 1)), target[order], costs[order], len(ids)
    )
    jobs, schools = (np.array([float(r[c]) for r in land]) for c in ("jobs", "schools"))
    within = cumulative(rows, np.stack([jobs, schools], axis=1), np.array(CUTS) * MINUTE)
    people = np.array([float(r["population"]) for r in land])
    decile = np.array([int(r["income_decile"] or 0) for r in land])
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    return Belo(rows, people, jobs, schools, decile, expected, ids, within)


def by_decile(belo: Belo, t: int, service: int) -> Weighted:
    table = np.stack([np.where(belo.decile == d, belo.people, 0) for d in range(1, 11)], axis=1)
    return Weighted(belo.within.column(t, service), table)


def too_large(belo: Belo, t: int) -> list[int]:
    """Hexagons whose product of jobs in reach and people leaves 32 bits."""
    jobs = belo.within.values[:, t, 0]
    return [i for i, (j, p) in enumerate(zip(jobs, belo.people, strict=True)) if int(j) * int(p) >= 2**31]


@pytest.mark.parametrize("t", range(4))
def test_cumulative_access_equals_direct_sums(belo: Belo, t: int) -> None:
    wanted = belo.expected["cumulative"][f"{CUTS[t]}min"]
    jobs, schools = belo.within.values[:, t, 0], belo.within.values[:, t, 1]
    assert jobs.sum() == wanted["jobs_total"]
    assert jobs.max() == wanted["jobs_max"]
    near = np.average(schools, weights=belo.people)
    assert near == pytest.approx(wanted["schools_population_weighted_mean"], rel=1e-12)
    w = by_decile(belo, t, 0)
    theirs = [wanted["jobs_weighted_mean_by_income_decile"][str(d)] for d in range(1, 11)]
    # the hexagon of the test below is of the seventh tenth
    lost = [2**32 * sum(belo.decile[i] == d for i in too_large(belo, t)) for d in range(1, 11)]
    assert mean(w, Settings()).tolist() == pytest.approx(
        [m + x / p for m, x, p in zip(theirs, lost, w.total, strict=True)], rel=1e-12
    )
    ratio = palma_between(by_decile(belo, t, 0), [9], [0, 1, 2, 3])
    assert ratio == pytest.approx(wanted["palma_top10_over_bottom40"], rel=1e-12)


@pytest.mark.parametrize("t", range(4))
def test_the_share_without_a_school_is_that_below_one_school(belo: Belo, t: int) -> None:
    people = People.plain(belo.people[:, None], ["residents"])
    found = equity_of(
        belo.within.column(t, 1), people, measures=("fgt0", "share_within"), settings=Settings(standard=1)
    )
    wanted = belo.expected["cumulative"][f"{CUTS[t]}min"]["share_of_population_with_no_school"]
    assert found.of("fgt0", "everyone").value == pytest.approx(wanted, rel=1e-12)
    assert found.of("share_within", "everyone").value == pytest.approx(1 - wanted, rel=1e-12)


@pytest.mark.parametrize("t", range(4))
def test_the_mean_of_everyone_is_the_exact_sum_where_others_overflowed(belo: Belo, t: int) -> None:
    """The stored means at 45 and 60 minutes fell by 2**32: one product of jobs and people left 32 bits."""
    jobs = [int(x) for x in belo.within.values[:, t, 0]]
    people = [int(x) for x in belo.people]
    exact = sum(j * p for j, p in zip(jobs, people, strict=True))
    ours = mean(Weighted(belo.within.column(t, 0), belo.people), Settings())[0]
    assert ours == pytest.approx(exact / sum(people), rel=1e-14)
    theirs = belo.expected["cumulative"][f"{CUTS[t]}min"]["jobs_population_weighted_mean"] * sum(people)
    assert round(exact - theirs) == 2**32 * len(too_large(belo, t))
    assert len(too_large(belo, t)) == (0 if CUTS[t] < 45 else 1)


@pytest.mark.parametrize("service", ["schools", "jobs"])
def test_two_step_catchments_equal_pysal(belo: Belo, service: str) -> None:
    wanted = belo.expected["two_stage_fca_30min"][f"2sfca_{service}"]
    found = two_step(belo.rows, belo.people, getattr(belo, service), 30 * MINUTE).access.values[:, 0]
    for name, value in wanted["first3"].items():
        assert found[belo.ids.index(name)] == pytest.approx(value, rel=1e-12)
    # PySAL lists zones that are in reach of a place; the others have a true 0
    assert found.max() == pytest.approx(wanted["max"], rel=1e-12)
    assert found.min() == wanted["min"]
    assert found.mean() == pytest.approx(wanted["mean"], rel=1e-12)


@pytest.mark.parametrize(
    ("service", "first", "mean_of_all", "largest"),
    [
        ("schools", [4.3526776881741705e-06, 6.905123398305484e-05, 4.3526776881741705e-06], None, None),
        ("jobs", [0.3328932861869192, 0.963039341983346, 0.3588805591907951], 0.49618770672856877,
         2.251270985708454),
    ],
)  # fmt: skip
def test_enhanced_catchments_equal_pysal(belo: Belo, service: str, first, mean_of_all, largest) -> None:
    """PySAL access 1.1.10.post3, ``enhanced_two_stage_fca``, ``step_fn({10: 1, 20: 0.68, 30: 0.22})``."""
    found = enhanced_two_step(belo.rows, belo.people, getattr(belo, service)).access.values[:, 0]
    assert found[:3].tolist() == pytest.approx(first, rel=1e-12)
    if mean_of_all:
        assert found.mean() == pytest.approx(mean_of_all, rel=1e-12)
        assert found.max() == pytest.approx(largest, rel=1e-12)


def test_what_two_steps_give_out_is_every_job_in_reach(belo: Belo) -> None:
    found = two_step(belo.rows, belo.people, belo.jobs, 30 * MINUTE)
    assert found.total.sum() == pytest.approx(belo.jobs[found.served].sum(), rel=1e-12)
