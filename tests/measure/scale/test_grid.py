"""Windows of a grid against loops over cells, bands against the whole, and one engine against the other."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isopolis.measure import CATALOGUE
from isopolis.measure.neighbours import distance_band
from isopolis.measure.scale import (
    Prefixes,
    by_distance,
    by_kernel,
    by_people,
    compiled,
    from_rows,
    lattice,
    reach,
    row_scores,
    window_sums,
    window_totals,
)  # fmt: skip
from isopolis.measure.scale import near as near_module
from isopolis.measure.scale import people as people_module
from isopolis.measure.scale.scores import SCORES
from isopolis.model import CallError, Undefined


def by_loops(x: np.ndarray, radius: float, shape: str) -> np.ndarray:
    rows, columns, _ = x.shape
    out = np.zeros(x.shape, dtype=np.int64)
    cells = list(itertools.product(range(rows), range(columns)))
    for (i, j), (a, b) in itertools.product(cells, cells):
        away = max(abs(a - i), abs(b - j)) if shape == "square" else math.hypot(a - i, b - j)
        if away <= radius * (1 + 1e-12):
            out[i, j] += x[a, b]
    return out


@pytest.mark.parametrize("shape", ["square", "disc"])
@pytest.mark.parametrize("size", [(5, 7, 2), (1, 6, 3), (9, 3, 1)])
def test_windows_are_what_a_loop_over_cells_adds_up(size: tuple[int, int, int], shape: str) -> None:
    x = np.random.default_rng(1).integers(0, 9, size)
    for radius in (0, 0.5, 1, math.sqrt(2), 2, 2.5, 3, 5, 20):
        found = window_sums(x, radius, shape)
        assert found.dtype == np.int64
        np.testing.assert_array_equal(found, by_loops(x, radius, shape))


@pytest.mark.parametrize("shape", ["square", "disc"])
def test_a_cell_on_the_rim_belongs_whatever_the_last_bit(shape: str) -> None:
    x = np.random.default_rng(9).integers(0, 9, (9, 8, 1))
    just_below = float(np.nextafter(3, 0))
    assert reach(just_below) == 3
    np.testing.assert_array_equal(window_sums(x, just_below, shape), by_loops(x, 3, shape))


@given(st.integers(0, 10**6), st.floats(0, 6), st.sampled_from(["square", "disc"]), st.integers(0, 8))
def test_a_band_with_its_halo_is_the_whole_cut(seed: int, radius: float, shape: str, first: int) -> None:
    x = np.random.default_rng(seed).integers(0, 50, (12, 5, 2))
    last = min(12, first + 3)
    halo = reach(radius)
    low, high = max(0, first - halo), min(12, last + halo)
    part = window_sums(x[low:high], radius, shape, rows=(first - low, last - low))
    np.testing.assert_array_equal(part, window_sums(x, radius, shape)[first:last])


def test_sums_beyond_32_bits_stay_exact() -> None:
    x = np.full((3, 3, 1), 2**40 + 1)
    assert Prefixes.of(x).table.dtype == np.int64
    assert window_sums(x, 5)[1, 1, 0] == 9 * (2**40 + 1)
    assert Prefixes.of(x % 7).table.dtype == np.int32
    lonely = np.zeros((3, 3, 1), dtype=np.uint64)
    lonely[0, 0] = 2**31 - 1
    assert Prefixes.of(lonely).table.dtype == np.int32
    lonely[1, 1] = 1
    assert Prefixes.of(lonely).table.dtype == np.int64


@pytest.mark.parametrize(
    ("x", "said"),
    [
        (np.zeros((2, 2)), "rows, columns, groups"),
        (np.zeros((2, 2, 1)), "whole people"),
        (np.array([[[1], [-1]]]), "row 0, column 1, group 0"),
    ],
)
def test_a_wrong_grid_is_told(x: np.ndarray, said: str) -> None:
    with pytest.raises(CallError, match=said):
        window_sums(x, 1)


def test_a_wrong_window_is_told() -> None:
    x = np.ones((2, 2, 1), dtype=int)
    for radius in (-1, math.inf, math.nan):
        with pytest.raises(CallError, match="from 0 up"):
            window_sums(x, radius)
    with pytest.raises(CallError, match="square, disc"):
        window_sums(x, 1, "hexagon")  # type: ignore[arg-type]
    with pytest.raises(CallError, match="2 rows"):
        window_sums(x, 1, rows=(0, 3))


# -- indices ------------------------------------------------------------------------------------
def town(rows: int = 14, columns: int = 14) -> np.ndarray:
    """The grid whose values PySAL gave: invented, smooth, nobody missing."""
    rng = np.random.default_rng(5)
    people = rng.poisson(40, (rows, columns))
    y, x = np.mgrid[:rows, :columns] / rows
    mix = np.exp(np.stack([np.sin(5 * x + g) + np.cos(6 * y - g) for g in range(3)], axis=-1))
    return rng.multinomial(people, mix / mix.sum(axis=-1, keepdims=True)) + 1


PYSAL = {1.5: 0.11579253705411367, 4.5: 0.035112556075206226}
"""segregation 2.5.4, compute_multiscalar_profile(MultiInfoTheory, function="boxcar"), cells of 1 m."""


def test_the_profile_of_pysal() -> None:
    x = town()
    for radius, value in PYSAL.items():
        city = window_totals(x, radius, "disc")
        rows = row_scores(x, radius, "disc", score="entropy", city=city, convention="environment")
        assert from_rows("entropy", rows, float(city.sum()), city) == pytest.approx(value, abs=1e-14)


SPATIAL = {
    "entropy": "spatial_h", "interaction": "spatial_relative_diversity", "gap": "spatial_dissimilarity",
    "squares": "environment_variance_ratio",
}  # fmt: skip


@pytest.mark.parametrize("score", SCORES)
def test_scores_of_rows_make_the_index_that_a_matrix_of_neighbours_gives(score: str) -> None:
    x = town(9, 11) * (np.random.default_rng(2).random((9, 11, 1)) < 0.7)
    row, column = np.mgrid[:9, :11]
    near = distance_band(np.column_stack([column.ravel(), row.ravel()]), 2.5)
    flat, city = x.reshape(-1, 3), x.sum(axis=(0, 1))
    rows = row_scores(x, 2.5, "disc", score=score, city=city)  # type: ignore[arg-type]
    wanted = CATALOGUE[SPATIAL[score]].kernel(flat, near)
    assert from_rows(score, rows, city.sum(), city) == pytest.approx(wanted, abs=1e-13)  # type: ignore[arg-type]
    total = window_totals(x, 2.5, "disc")
    around = row_scores(x, 2.5, "disc", score=score, city=total, convention="environment")  # type: ignore[arg-type]
    wanted = CATALOGUE[SPATIAL[score]].kernel(flat, near, "environment")
    assert from_rows(score, around, total.sum(), total) == pytest.approx(wanted, abs=1e-13)  # type: ignore[arg-type]


def test_rows_of_bands_are_the_same_bits() -> None:
    x = town(30, 9)
    city = x.sum(axis=(0, 1))
    whole = row_scores(x, (1, 4), score="entropy", city=city)
    parts = []
    for first in range(0, 30, 7):
        last, low, high = min(30, first + 7), max(0, first - 4), min(30, first + 11)
        parts.append(
            row_scores(x[low:high], (1, 4), score="entropy", city=city, rows=(first - low, last - low))
        )
    assert (np.concatenate(parts, axis=1) == whole).all()


def test_both_engines_agree() -> None:
    x = town(23, 17)
    x[3:5] = 0
    x[7, 7] = 90_000  # beyond the table of x ln x
    city, radii = x.sum(axis=(0, 1)), (0, 1, 3, 8, 9, 40)
    plain = row_scores(x, radii, score="entropy", city=city, engine="numpy")
    quick = row_scores(x, radii, score="entropy", city=city, engine="compiled")
    np.testing.assert_allclose(quick, plain, rtol=1e-13, atol=1e-9)
    np.testing.assert_array_equal(Prefixes.of(x, compiled=True).table, Prefixes.of(x).table)
    part = row_scores(x, radii, score="entropy", city=city, engine="compiled", rows=(4, 9))
    assert (part == quick[:, 4:9]).all()
    with pytest.raises(CallError, match="entropy of square windows"):
        row_scores(x, 1, "disc", score="entropy", city=city, engine="compiled")


def test_the_compiled_loops_are_also_plain_python() -> None:
    numbers = np.append([1, 2, 3, 2**31 - 1], np.random.default_rng(1).integers(1, 10**9, 60)).astype(float)
    np.testing.assert_allclose([compiled.ln(x) for x in numbers], np.log(numbers), rtol=4e-16, atol=0)
    assert 0 * compiled.ln(0.0) == 0  # a finite number: nobody adds nothing
    w = np.empty(7, dtype=np.int64)
    sums = np.arange(8) ** 2
    for k in (0, 1, 3, 4, 7):
        compiled.window(sums, np.zeros(8, dtype=np.int64), k, w)
        want = [sums[min(7, c + k + 1)] - sums[max(0, c - k)] for c in range(7)]
        assert w.tolist() == want


def test_nothing_to_measure_is_told() -> None:
    assert isinstance(from_rows("entropy", np.zeros(2), 0, np.zeros(2)), Undefined)
    lonely = from_rows("gap", np.zeros(2), 9, np.array([9, 0]))
    assert isinstance(lonely, Undefined)
    assert lonely.code == "one-group"
    for wrong in (
        {"score": "luck"},
        {"score": "gap", "engine": "steam"},
        {"score": "gap", "convention": "own"},
    ):
        with pytest.raises(CallError, match="it is one of"):
            row_scores(np.ones((2, 2, 2), dtype=int), 1, city=[4, 4], **wrong)  # type: ignore[arg-type]


# -- grids found from points ----------------------------------------------------------------------
def test_a_grid_is_found_and_nothing_else_is() -> None:
    row, column = np.mgrid[:12, :20]
    points = np.column_stack([column.ravel(), row.ravel()]) * 250.0 + [431_000, 5_290_125]
    keep = np.random.default_rng(3).random(len(points)) < 0.6
    found = lattice(np.round(points[keep], 1))
    assert found is not None
    assert found.step == pytest.approx(250)
    assert (found.rows, found.columns) == (12, 20)
    shaken = points + np.random.default_rng(4).normal(0, 20, points.shape)
    assert lattice(shaken) is None
    hexagons = points + np.where(row.ravel() % 2, 125.0, 0.0)[:, None] * [1, 0]
    assert lattice(hexagons * [1, 0.866]) is None
    assert lattice(np.vstack([points, points[:1]])) is None
    assert lattice(points[:3]) is None
    assert lattice(points * [1, 2]) is None


def test_windows_kernels_and_rings_stand_in_for_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(6)
    row, column = np.mgrid[:15, :18]
    points = (np.column_stack([column.ravel(), row.ravel()]) * 100.0)[rng.random(270) < 0.8]
    x = rng.integers(0, 30, (len(points), 3)).astype(float)
    radii = [100.0, 141.5, 450.0, 99_999.0]
    pairs, kernels = by_distance(points, radii), by_kernel(points, [320.0])
    assert {n.engine for n in pairs} == {"pairs"}
    monkeypatch.setattr(near_module, "PAIRS_FEW", 0)
    windows, transformed = by_distance(points, radii), by_kernel(points, [320.0])
    assert [n.engine for n in windows] == ["grid windows"] * 3 + ["everyone"]
    assert transformed[0].engine == "Fourier transform"
    for table in (x, x + 0.25):
        for a, b in zip(pairs, windows, strict=True):
            np.testing.assert_allclose(b.environment(table), a.environment(table), rtol=0, atol=1e-8)
    assert (windows[1].environment(x) == pairs[1].environment(x)).all()
    np.testing.assert_allclose(
        transformed[0].environment(x), kernels[0].environment(x), rtol=0, atol=1e-12 * x.sum()
    )
    monkeypatch.setattr(near_module, "PAIRS_MOST", 0)
    shaken = points + rng.normal(0, 9, points.shape)
    blocks = by_distance(shaken, [300.0])
    assert blocks[0].engine == "pairs block by block"
    monkeypatch.setattr(near_module, "AT_ONCE", 50)
    np.testing.assert_array_equal(blocks[0].environment(x), distance_band(shaken, 300.0).environment(x))
    with pytest.raises(CallError, match="do not fit in memory"):
        _ = blocks[0].weights
    with pytest.raises(CallError, match="more than 0"):
        by_kernel(shaken, [300.0])


def test_coordinates_with_decimals_lose_no_cell_on_the_rim(monkeypatch: pytest.MonkeyPatch) -> None:
    """The step of such a grid is some bits longer than it was meant to be, and 3 steps are then 2.999…"""
    row, column = np.mgrid[:6, :7]
    points = np.round(np.column_stack([column.ravel(), row.ravel()]) * 100.1 + [431_000.1, 431_003.8], 1)
    found = lattice(points)
    assert found is not None
    assert found.step > 100.1
    x = np.random.default_rng(10).integers(0, 30, (42, 2)).astype(float)
    pairs = by_distance(points, [300.3])[0].environment(x)
    monkeypatch.setattr(near_module, "PAIRS_FEW", 0)
    windows, transformed = by_distance(points, [300.3])[0], by_kernel(points, [300.3], "uniform")[0]
    assert (windows.engine, transformed.engine) == ("grid windows", "Fourier transform")
    np.testing.assert_array_equal(windows.environment(x), pairs)
    np.testing.assert_allclose(transformed.environment(x), pairs, rtol=0, atol=1e-9)


def test_square_rings_hold_exactly_so_many_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people_module, "GRID_FROM", 1)
    rng = np.random.default_rng(7)
    row, column = np.mgrid[:9, :8]
    points = np.column_stack([column.ravel(), row.ravel()]) * 50.0
    x = rng.integers(0, 20, (72, 2)).astype(float)
    people = x.sum(axis=1)
    for near in by_people(points, people, [3, 77, 700, people.sum()]):
        around = near.environment(x)
        np.testing.assert_allclose(around.sum(axis=1), near.scale, rtol=1e-12)
        if near.scale == 77:
            np.testing.assert_allclose(around[30], ring_by_ring(x.reshape(9, 8, 2), 3, 6, 77), rtol=1e-12)


def ring_by_ring(x: np.ndarray, row: int, column: int, k: float) -> np.ndarray:
    inner = np.zeros(2)
    for wide in range(9):
        whole = x[max(0, row - wide) : row + wide + 1, max(0, column - wide) : column + wide + 1].sum(
            axis=(0, 1)
        )
        if whole.sum() >= k:
            return inner + (k - inner.sum()) / (whole - inner).sum() * (whole - inner)
        inner = whole
    raise AssertionError
