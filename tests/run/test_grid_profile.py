"""A grid by bands: against loops over cells, whatever the cut, read from any kind of file."""

from __future__ import annotations

import math
import signal
import subprocess
import sys
import time
import tracemalloc
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isopolis.cli.app import run
from isopolis.cli.grid_profile import size
from isopolis.flows.grid_profile import GridProfile
from isopolis.flows.grid_profile import grid_profile as with_chance
from isopolis.measure.evenness import dissimilarity
from isopolis.measure.information import information_theory
from isopolis.measure.neighbours import kernel as by_matrix
from isopolis.measure.spatial_indices.environments import (
    spatial_dissimilarity,
    spatial_h,
    spatial_relative_diversity,
)
from isopolis.model import CallError, DataError, Undefined
from isopolis.read.grids import ArrayGrid, NpyGrid, read_grid, sent
from isopolis.run import InProcess

SCORES = ("entropy", "interaction", "gap", "squares")

grid_profile = partial(with_chance, simulations=0)
"""Without random tables, which have tests of their own in `test_grid_chance`."""


def people(seed: int, rows: int = 23, columns: int = 17, groups: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.poisson(rng.gamma(0.3, 8, (rows, columns, groups))).astype(np.uint16)


def slow_h(x: np.ndarray, far: int) -> float:
    """H~ by a loop over cells and their windows."""
    city = x.sum(axis=(0, 1)) / x.sum()
    inside = 0.0
    for r, c in np.ndindex(*x.shape[:2]):
        window = x[max(0, r - far) : r + far + 1, max(0, c - far) : c + far + 1].sum(axis=(0, 1))
        mix = [n / window.sum() for n in window.tolist() if n]
        inside += int(x[r, c].sum()) * -sum(p * math.log(p) for p in mix)
    return 1 - inside / (x.sum() * -sum(p * math.log(p) for p in city if p))


def assert_same_bits(a: GridProfile, b: GridProfile) -> None:
    assert a.values == b.values
    for score in a.by_row:
        assert a.by_row[score].tobytes() == b.by_row[score].tobytes(), score
    assert (a.totals, a.unknown, a.radii) == (b.totals, b.unknown, b.radii)


def test_against_loops_over_cells() -> None:
    x = people(1)
    found = grid_profile(ArrayGrid(x, cell=100), [0, 100, 250, 600], band_rows=5)
    expected = [slow_h(x, far) for far in (0, 1, 2, 6)]
    assert found.values["entropy"] == pytest.approx(expected, abs=1e-12)
    assert found.totals == tuple(x.sum(axis=(0, 1)).tolist())


def test_the_first_radius_is_the_index_without_space_and_the_last_is_0() -> None:
    x = people(2, groups=2)
    found = grid_profile(ArrayGrid(x), [0, 9000], cell=100, scores=SCORES)
    flat = x.reshape(-1, 2).astype(float)
    assert found.values["entropy"][0] == pytest.approx(float(information_theory(flat)), abs=1e-12)
    assert found.values["gap"][0] == pytest.approx(float(dissimilarity(flat)), abs=1e-12)
    for score in SCORES:
        assert found.values[score][1] == pytest.approx(0, abs=1e-12)


@settings(max_examples=25)
@given(
    st.integers(0, 99), st.integers(1, 30), st.integers(1, 12), st.integers(1, 9), st.integers(1, 40),
    st.sampled_from(["square", "disc"]), st.booleans(),
)  # fmt: skip
def test_any_cut_gives_the_same_bits(
    seed: int, rows: int, columns: int, groups: int, each: int, shape: str, send: bool
) -> None:
    x = people(seed, rows, columns, groups)
    x[0, 0, 0] += 1
    whole = grid_profile(ArrayGrid(x), [0, 1, 2.5, 7], cell=1, shape=shape, scores=SCORES, band_rows=rows)
    cut = grid_profile(
        ArrayGrid(x), [0, 1, 2.5, 7], cell=1, shape=shape, scores=SCORES, band_rows=each, send=send
    )
    assert_same_bits(whole, cut)


def test_bands_on_both_sides_of_the_compiled_engine_and_of_32_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    from isopolis.measure.scale import scores

    monkeypatch.setattr(scores, "LARGE", 4_000)
    x = people(3, 60, 40).astype(np.int64) * 300_000  # the whole needs 64 bits, a band of one row does not
    assert x.sum() > 2**31 > x[:1].sum()
    whole = grid_profile(ArrayGrid(x), [0, 3], cell=1, band_rows=60)
    cut = grid_profile(ArrayGrid(x), [0, 3], cell=1, band_rows=1)
    assert_same_bits(whole, cut)
    monkeypatch.setattr(scores, "LARGE", 10**12)
    plain = grid_profile(ArrayGrid(x), [0, 3], cell=1)
    assert plain.values["entropy"] == pytest.approx(whole.values["entropy"], abs=1e-12)


@pytest.mark.parametrize("kernel", ["biweight", "gaussian", "uniform"])
def test_kernels_by_transform_are_those_of_a_matrix_whatever_the_cut(kernel: str) -> None:
    x = people(17, 19, 13)
    x[4:9, 3:8] = 0
    at = np.argwhere(np.ones(x.shape[:2])) * 100.0
    whole = grid_profile(ArrayGrid(x, cell=100), [150, 420], shape=kernel, scores=SCORES)
    exact = {"entropy": spatial_h, "interaction": spatial_relative_diversity, "gap": spatial_dissimilarity}
    for score, index in exact.items():
        expected = [index(x.reshape(-1, 3).astype(float), by_matrix(at, b, kernel)) for b in (150.0, 420.0)]
        assert whole.values[score] == pytest.approx(expected, abs=1e-12)
    for each in (1, 5, 19):
        cut = grid_profile(
            ArrayGrid(x, cell=100), [150, 420], shape=kernel, scores=SCORES, band_rows=each, send=True
        )
        for score in SCORES:
            assert cut.values[score] == pytest.approx(whole.values[score], abs=1e-12)


def test_a_window_of_the_grid_is_what_memory_gives() -> None:
    """Rows of a large run are those of the rows in memory, with as many more as the windows reach."""
    x = people(4, 90, 30)
    whole = grid_profile(ArrayGrid(x), [500], cell=100, band_rows=11)
    from isopolis.measure.scale.scores import row_scores

    inside = row_scores(x[35:65], 5, score="entropy", city=x.sum(axis=(0, 1)), rows=(5, 25), engine="numpy")
    assert whole.by_row["entropy"][0][40:60].tobytes() == inside.tobytes()


# -- memory ---------------------------------------------------------------------------------
def peak(path: Path, rows: int) -> int:
    tracemalloc.start()
    try:
        grid_profile(read_grid([path]), [300], cell=100, band_rows=rows, scores=["squares"])
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_is_that_of_a_band_whatever_the_grid(tmp_path: Path) -> None:
    for rows in (100, 1000):
        np.save(tmp_path / f"{rows}.npy", people(5, rows, 200, 4))
    grid_profile(read_grid([tmp_path / "100.npy"]), [300], cell=100)  # imports and tables are not counted
    small, large = peak(tmp_path / "100.npy", 25), peak(tmp_path / "1000.npy", 25)
    assert large < 1.3 * small
    assert large < peak(tmp_path / "1000.npy", 1000) / 3


def test_the_plan_of_memory_holds(tmp_path: Path) -> None:
    np.save(tmp_path / "g.npy", people(6, 1500, 200, 4))
    grid = read_grid([tmp_path / "g.npy"])
    by = InProcess(memory=4 * 2**20)
    found = grid_profile(grid, [300], cell=100, executor=by, scores=["squares"])
    assert found.cut["bands"] > 1
    tracemalloc.start()
    grid_profile(grid, [300], cell=100, executor=by, scores=["squares"])
    used = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert used < by.memory


# -- kept -----------------------------------------------------------------------------------
COMMAND = ["-m", "isopolis", "grid-profile", "--cell", "100", "--radii", "2000", "--band", "2", "--shape",
           "disc", "--simulations", "0", "--json"]  # fmt: skip


def test_a_killed_program_goes_on_from_what_it_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save(tmp_path / "g.npy", people(7, 500, 120))
    keep = tmp_path / "kept"
    command = [*COMMAND, str(tmp_path / "g.npy"), "--keep", str(keep)]
    begun = subprocess.Popen([sys.executable, *command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    parts = keep / "windows"
    for _ in range(3000):
        if len(list(parts.glob("part-??????"))) >= 3 or begun.poll() is not None:
            break
        time.sleep(0.02)
    begun.send_signal(signal.SIGKILL)
    assert begun.communicate()[0] == b""
    done = {p.name: p.stat().st_mtime_ns for p in parts.glob("part-??????")}
    assert 3 <= len(done) < 250
    assert run(command[2:]) == 0
    printed = capsys.readouterr()
    assert f"windows: {len(done)} of 250 bands, {len(done)} of them from an earlier run" in printed.err
    assert all((parts / name).stat().st_mtime_ns == when for name, when in done.items())
    assert run([*command[2:-2], "--quiet"]) == 0
    assert capsys.readouterr().out == printed.out


def test_going_on_with_other_memory_keeps_the_cut(tmp_path: Path) -> None:
    grid = ArrayGrid(people(8, 64), cell=100)
    first = grid_profile(grid, [300], keep=tmp_path / "k", executor=InProcess(60_000))
    again = grid_profile(grid, [300], keep=tmp_path / "k")
    assert again.cut["rows_of_a_band"] == first.cut["rows_of_a_band"] < 64
    with pytest.raises(CallError, match=r"another run \(grid"):
        grid_profile(ArrayGrid(people(9, 64), cell=100), [300], keep=tmp_path / "k")
    with pytest.raises(CallError, match=r"radii_in_cells differ"):
        grid_profile(grid, [400], keep=tmp_path / "k")


# -- files ----------------------------------------------------------------------------------
def test_npy_files_one_or_one_for_each_group(tmp_path: Path) -> None:
    x = people(10)
    np.save(tmp_path / "all.npy", x)
    for g, name in enumerate(("young", "middle", "old")):
        np.save(tmp_path / f"{name}.npy", x[:, :, g])
    one = read_grid([tmp_path / "all.npy"], names=["young", "middle", "old"], cell=100)
    many = read_grid([tmp_path / f"{n}.npy" for n in ("young", "middle", "old")], cell=100)
    assert one.names == many.names == ("young", "middle", "old")
    assert_same_bits(grid_profile(one, [200]), grid_profile(many, [200], band_rows=4))


def test_files_of_signed_and_unsigned_numbers_make_a_grid(tmp_path: Path) -> None:
    x = people(18, groups=2)
    np.save(tmp_path / "a.npy", x[:, :, 0].astype(np.uint64))
    np.save(tmp_path / "b.npy", x[:, :, 1].astype(np.int64))
    grid = read_grid([tmp_path / "a.npy", tmp_path / "b.npy"], cell=100)
    assert_same_bits(grid_profile(grid, [200]), grid_profile(ArrayGrid(x, cell=100), [200]))


def test_a_raster_by_windows(tmp_path: Path) -> None:
    import rasterio
    from rasterio.transform import from_origin

    x = people(11, 40, 30, 2)
    bands_first = np.moveaxis(x, 2, 0).astype(np.int32)
    bands_first[:, 5, 6] = -1
    with rasterio.open(
        tmp_path / "g.tif", "w", driver="GTiff", height=40, width=30, count=2, dtype="int32", nodata=-1,
        crs="EPSG:3035", transform=from_origin(4_000_000, 3_000_000, 100, 100), tiled=True, blockxsize=16,
        blockysize=16,
    ) as out:  # fmt: skip
        out.write(bands_first)
        out.descriptions = ("here", "abroad")
    grid = read_grid([tmp_path / "g.tif"])
    assert (grid.shape, grid.names, grid.cell) == ((40, 30, 2), ("here", "abroad"), 100.0)
    x[5, 6] = 0
    found = grid_profile(grid, [0, 300], band_rows=7)
    assert found.unknown == 1
    assert "1 cells have no data" in str(found.caveats[-1])
    expected = grid_profile(ArrayGrid(x), [0, 300], cell=100)
    assert found.values == expected.values
    assert found.unknown != expected.unknown


def test_what_is_no_grid_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "float.npy", np.zeros((2, 2, 2)))
    np.save(tmp_path / "flat.npy", np.zeros(4, dtype=int))
    np.save(tmp_path / "small.npy", np.zeros((2, 2), dtype=int))
    np.save(tmp_path / "wide.npy", np.zeros((2, 3), dtype=int))
    (tmp_path / "broken.npy").write_bytes(b"\x93NUMPY\x01\x00")
    np.save(tmp_path / "objects.npy", np.array([{}]), allow_pickle=True)
    for names, said in (
        (["float"], "not whole people"), (["flat"], "do not make one grid"),
        (["small", "wide"], "do not make one grid"), (["broken"], "no whole .npy"), (["objects"], "no whole"),
    ):  # fmt: skip
        with pytest.raises(DataError, match=said):
            read_grid([tmp_path / f"{n}.npy" for n in names])
    with pytest.raises(CallError, match="there is no file"):
        read_grid([tmp_path / "gone.npy"])
    with pytest.raises(CallError, match="as many different names"):
        read_grid([tmp_path / "small.npy"], names=["a", "b"])
    (tmp_path / "no.tif").write_text("no")
    with pytest.raises(DataError, match="no raster"):
        read_grid([tmp_path / "no.tif"])


def test_wrong_numbers_are_named_with_the_row_of_the_grid() -> None:
    x = people(12).astype(int)
    x[17, 3, 1] = -4
    with pytest.raises(DataError, match=r'row 17, column 3, group "b".*\(found "-4"\)'):
        grid_profile(ArrayGrid(x, ("a", "b", "c")), [1], cell=1, band_rows=5)
    with pytest.raises(DataError, match="nobody lives"):
        grid_profile(ArrayGrid(np.zeros((3, 3, 2), dtype=int)), [1], cell=1)
    for empty in ((0, 3, 2), (3, 0, 2)):
        with pytest.raises(DataError, match="nobody lives"):
            grid_profile(ArrayGrid(np.zeros(empty, dtype=int)), [1], cell=1)


def test_one_group_is_undefined_and_not_nan() -> None:
    x = np.zeros((4, 4, 2), dtype=int)
    x[:, :, 0] = 3
    found = grid_profile(ArrayGrid(x), [1], cell=1)
    (value,) = found.values["entropy"]
    assert isinstance(value, Undefined)
    assert found.to_dict()["values"]["entropy"][0]["undefined"] == "one-group"


def test_wrong_calls() -> None:
    grid = ArrayGrid(people(13))
    for call, said in (
        ({"radii": [1]}, "how long a cell is"),
        ({"radii": [], "cell": 1}, "one or more radii"),
        ({"radii": [-1], "cell": 1}, "one or more radii"),
        ({"radii": [1], "cell": 1, "shape": "star"}, "square, disc, uniform"),
        ({"radii": [0], "cell": 1, "shape": "biweight"}, "above 0"),
        ({"radii": [1], "cell": 1, "scores": ["gini"]}, "entropy, interaction"),
        ({"radii": [20], "cell": 1, "executor": InProcess(4000)}, "longest radius"),
    ):
        with pytest.raises(CallError, match=said):
            grid_profile(grid, **call)


def test_a_grid_that_is_sent_holds_its_rows_only() -> None:
    grid = ArrayGrid(people(14), ("a", "b", "c"), 100)
    part = sent(grid, 5, 9)
    assert part.shape == grid.shape
    assert len(part.array) == 4
    assert np.array_equal(part.rows(6, 8)[0], grid.array[6:8])


def test_the_map_of_a_file_is_not_pickled(tmp_path: Path) -> None:
    import pickle

    np.save(tmp_path / "g.npy", people(15, 400, 50))
    grid = read_grid([tmp_path / "g.npy"])
    data = pickle.dumps(grid)
    assert len(data) < 1000
    again = pickle.loads(data)
    assert isinstance(again, NpyGrid)
    assert (again.shape, again.names) == (grid.shape, grid.names)


# -- the command ----------------------------------------------------------------------------
def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.save(tmp_path / "g.npy", people(16))
    words = ["grid-profile", str(tmp_path / "g.npy"), "--cell", "100", "--radii", "0,250",
             "--simulations", "0"]  # fmt: skip
    assert run([*words, "--score", "entropy", "--score", "squares", "--groups", "a,b,c"]) == 0
    printed = capsys.readouterr()
    assert "windows: 23 of 23 bands" not in printed.err
    assert "250 m" in printed.out
    assert "Beyond the edge of the grid nobody is counted." in printed.out
    assert run(["grid-profile", str(tmp_path / "gone.npy"), "--radii", "1"]) == 2
    assert run([*words[:2], "--radii", "1"]) == 2
    assert "how long a cell is" in capsys.readouterr().err


def test_sizes_as_people_write_them() -> None:
    assert [size(t) for t in ("", "4GiB", "1.5 G", "500MB", "12")] == [
        0, 4 * 2**30, 1_500_000_000, 500_000_000, 12,
    ]  # fmt: skip
    for wrong in ("many", "4GiBB", "GiB4", "-"):
        with pytest.raises(CallError, match="no size"):
            size(wrong)
