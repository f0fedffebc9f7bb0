"""Two real worker processes: the same bits, a worker that is killed, many cities."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from isopolis.cli.app import run
from isopolis.flows.batch import diagnose_many
from isopolis.model import CallError, DataError
from isopolis.read.grids import ArrayGrid, read_grid
from isopolis.run import JSON, Dask, Kept, Progress, carry_out

from ..read.small_city import write_small
from .test_grid_profile import assert_same_bits, grid_profile, people


@pytest.fixture(scope="module")
def two() -> Iterator[Dask]:
    """One cluster for all tests here; who kills a worker leaves a new one to the others."""
    with Dask.local(2, memory=2**30) as by:
        yield by


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("grid") / "g.npy"
    np.save(path, people(21, 240, 60, 4))
    return path


def kill_one(by: Dask) -> int:
    """End a worker as the kernel does that is out of memory: it gets no word."""
    # a name inside, so that the function travels by value: workers do not know the tests
    pids: dict[str, int] = by.client.run(lambda: __import__("os").getpid())
    victim = sorted(pids.values())[0]
    os.kill(victim, signal.SIGKILL)
    return victim


def test_two_workers_and_one_process_give_the_same_bits(two: Dask, file: Path, tmp_path: Path) -> None:
    assert two.workers == 2
    assert two.memory < 2**30
    grid = read_grid([file], cell=100)
    call: dict[str, Any] = {"radii": [0, 100, 300, 1000, 2000], "scores": ["entropy", "gap"]}
    here = grid_profile(grid, **call)
    said: list[str] = []
    there = grid_profile(grid, **call, executor=two, band_rows=17, progress=said.append)
    assert_same_bits(here, there)
    assert said[-1] == "windows: 15 of 15 bands"
    assert_same_bits(here, grid_profile(grid, **call, executor=two, band_rows=64, send=True))


def test_a_killed_worker_does_not_lose_the_run(two: Dask, file: Path, tmp_path: Path) -> None:
    grid = read_grid([file], cell=100)
    expected = grid_profile(grid, [500, 1500], shape="disc")
    said: list[str] = []
    killed: list[int] = []

    def tell(sentence: str) -> None:
        said.append(sentence)
        if sentence.startswith("windows: 5 of 60") and not killed:
            killed.append(kill_one(two))

    lost = two.lost
    found = grid_profile(
        grid, [500, 1500], shape="disc", executor=two, band_rows=4, keep=tmp_path / "kept", progress=tell
    )
    assert killed
    assert_same_bits(expected, found)
    assert two.lost > lost
    assert "workers lost and replaced" in said[-1]
    assert len(list((tmp_path / "kept" / "windows").glob("part-*"))) == 60


def test_a_part_that_ends_every_worker_is_named_and_the_others_are_kept(two: Dask, tmp_path: Path) -> None:
    def task(item: int) -> int:
        import os
        import signal

        if item == 8:
            os.kill(os.getpid(), signal.SIGKILL)
        return item

    run_is, seen = {"run": 1}, list[Progress]()
    with pytest.raises(CallError, match=r"part 8 ended every worker.*more memory"):
        carry_out(task, range(9), two, kept=Kept(tmp_path, run_is, JSON))
    again = carry_out(lambda i: i, range(9), two, kept=Kept(tmp_path, run_is, JSON), progress=seen.append)
    assert again == list(range(9))
    assert seen[0].kept >= 5  # at most four are under way at once


def test_an_error_of_a_part_comes_back_as_it_is(two: Dask) -> None:
    x = people(22, 40, 20).astype(int)
    x[30, 2, 0] = -1
    with pytest.raises(DataError, match="row 30, column 2"):
        grid_profile(ArrayGrid(x), [1], cell=1, executor=two, band_rows=8)


def test_a_file_that_fails_for_a_moment_is_read_again(two: Dask, tmp_path: Path) -> None:
    marks = str(tmp_path)

    def task(item: int) -> int:
        from pathlib import Path

        mark = Path(marks) / f"{item}"
        if item == 1 and not mark.exists():
            mark.touch()
            raise OSError(5, "Input/output error")
        if item == 3:
            raise FileNotFoundError(f"no file {item}")
        return item

    assert carry_out(task, [0, 1, 2], two) == [0, 1, 2]
    with pytest.raises(FileNotFoundError):
        carry_out(task, [3], two)


def test_many_cities_here_and_on_workers_are_found_as_each_alone(
    two: Dask, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from isopolis.flows.cities import load
    from isopolis.flows.diagnose import diagnose

    town = write_small(tmp_path / "town", zones=12)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "city.toml").write_text("name = ")
    places = [tmp_path / "broken", town]
    here = diagnose_many(places, simulations=19, keep=tmp_path / "kept")
    there = diagnose_many(places, simulations=19, executor=two)
    assert [c.to_dict() for c in here] == [c.to_dict() for c in there]
    assert [c.failed for c in here] == [True, False]
    assert here[0].problems[0].fatal
    alone = diagnose(load(town), simulations=19)
    assert here[1].headlines
    assert (here[1].findings, here[1].headlines) == (alone.findings, alone.headlines)
    assert here[1].notes == alone.city.notes
    assert run(["batch", *map(str, places), "--keep", str(tmp_path / "kept")]) == 2
    assert "another run (simulations differ)" in capsys.readouterr().err
    assert run(["batch", *map(str, places), "--simulations", "19", "--keep", str(tmp_path / "kept")]) == 1
    printed = capsys.readouterr()
    assert "2 of 2 cities, 2 of them from an earlier run" in printed.err
    assert f"isopolis: {tmp_path / 'broken'}" in printed.err
    assert "example data, not a real place" in printed.out
    with pytest.raises(CallError, match="named twice"):
        diagnose_many([town, town])
    assert run(["batch", str(tmp_path / "gone"), str(town), "--simulations", "19", "-q"]) == 1
    printed = capsys.readouterr()
    assert "gone" in printed.err
    assert "no diagnosis" in printed.out
    assert " findings" in printed.out


def test_a_worker_with_other_code_is_refused(two: Dask, monkeypatch: pytest.MonkeyPatch) -> None:
    from isopolis.run import cluster

    monkeypatch.setattr(cluster, "__version__", "0.0")
    with pytest.raises(CallError, match=r"has isopolis .* with numpy .*, and this is isopolis 0\.0"):
        Dask(two.client)


def test_where_no_scheduler_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    from isopolis.run import cluster

    monkeypatch.setattr(cluster, "WAIT", 0.2)
    with pytest.raises(CallError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        Dask.at("tcp://127.0.0.1:9")
