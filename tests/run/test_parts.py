"""Bands, kept parts and the one loop, in this process."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isopolis.model import CallError
from isopolis.run import (
    ARRAYS,
    JSON,
    Dask,
    InProcess,
    Kept,
    Progress,
    bands,
    carry_out,
    executor,
    keep,
    rows_that_fit,
)  # fmt: skip


# -- bands ----------------------------------------------------------------------------------
@given(st.integers(0, 60), st.integers(1, 70), st.integers(0, 20))
def test_bands_cover_each_row_once_and_read_the_halo_that_is_there(rows: int, each: int, halo: int) -> None:
    cut = bands(rows, each, halo)
    assert [r for b in cut for r in range(b.first, b.last)] == list(range(rows))
    for b in cut:
        read = list(range(rows))[b.top : b.bottom]
        assert read == [r for r in range(rows) if b.first - halo <= r < b.last + halo]
        assert read[slice(*b.inside)] == list(range(b.first, b.last))


@given(st.integers(1, 5000), st.integers(1, 10_000), st.integers(0, 50), st.integers(1, 9))
def test_a_band_with_its_halo_fits(rows: int, row_bytes: int, halo: int, workers: int) -> None:
    memory = 2_000_000
    each = rows_that_fit(rows, row_bytes, halo, memory, workers)
    assert 1 <= each <= rows
    assert (each + 2 * halo) * row_bytes <= memory or each == 1


def test_a_halo_that_does_not_fit_says_what_would() -> None:
    with pytest.raises(CallError, match=r"reaches 200 rows.* takes 39 MiB.* has 9 MiB"):
        rows_that_fit(1000, 100_000, 200, 10_000_000)
    with pytest.raises(CallError, match="at least one row"):
        bands(10, 0, 1)


# -- the loop -------------------------------------------------------------------------------
class Backwards(InProcess):
    """Ends parts in the wrong order, as a cluster may."""

    def results(self, task, items):
        yield from reversed(list(super().results(task, items)))


def test_results_come_in_the_order_of_the_items() -> None:
    seen: list[Progress] = []
    assert carry_out(lambda i: i * i, range(5), Backwards(), progress=seen.append) == [0, 1, 4, 9, 16]
    assert [p.done for p in seen] == [0, 1, 2, 3, 4, 5]
    assert {p.total for p in seen} == {5}
    assert carry_out(lambda i: i, []) == []


def test_items_are_made_when_they_are_begun() -> None:
    made: list[int] = []

    def send(item: int) -> int:
        made.append(item)
        return item + 10

    def task(item: int) -> int:
        assert made[-1] == item - 10
        return item

    assert carry_out(task, range(3), send=send) == [10, 11, 12]


class StopError(Exception):
    pass


def stopping_after(parts: int):
    def tell(p: Progress) -> None:
        if p.done == parts:
            raise StopError

    return tell


@pytest.mark.parametrize("form", [JSON, ARRAYS], ids=["json", "arrays"])
def test_a_run_that_was_stopped_goes_on(tmp_path: Path, form) -> None:
    def task(item: int):
        worked.append(item)
        return [item, 0.1 * item] if form is JSON else np.array([item, 0.1 * item])

    run = {"what": "test", "n": 6}
    worked: list[int] = []
    with pytest.raises(StopError):
        carry_out(task, range(6), kept=Kept(tmp_path, run, form), progress=stopping_after(4))
    assert worked == [0, 1, 2, 3]
    seen: list[Progress] = []
    again = carry_out(task, range(6), kept=Kept(tmp_path, run, form), progress=seen.append)
    assert worked == [0, 1, 2, 3, 4, 5]
    assert (seen[0].done, seen[-1].done, seen[-1].kept) == (4, 6, 4)
    assert [list(r) for r in again] == [list(task(i)) for i in range(6)]


def test_a_damaged_part_is_computed_again(tmp_path: Path) -> None:
    kept = Kept(tmp_path, {}, JSON)
    kept.put(0, [1])
    kept.put(1, [2])
    for damage in (b"", b"short", kept.path(0).read_bytes()[:-1] + b"9"):
        kept.path(0).write_bytes(damage)
        assert kept.get(0) == (False, None)
    assert kept.get(1) == (True, [2])
    assert kept.get(2) == (False, None)
    assert carry_out(lambda i: [i + 1], range(2), kept=kept) == [[1], [2]]
    assert kept.get(0) == (True, [1])


def test_parts_of_another_run_are_refused(tmp_path: Path) -> None:
    Kept(tmp_path / "a", {"radii": [1, 2], "grid": "x"}, JSON)
    Kept(tmp_path / "a", {"radii": (1, 2), "grid": "x"}, JSON)  # the same
    with pytest.raises(CallError, match=r"another run \(radii differ\)"):
        Kept(tmp_path / "a", {"radii": [1, 3], "grid": "x"}, JSON)
    with pytest.raises(CallError, match=r"another run \(form differ\)"):
        Kept(tmp_path / "a", {"radii": [1, 2], "grid": "x"}, ARRAYS)
    (tmp_path / "b").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keep, "__version__", "0.0")
        with pytest.raises(CallError, match=r"another run \(isopolis differ\)"):
            Kept(tmp_path / "a", {"radii": [1, 2], "grid": "x"}, JSON)
    (tmp_path / "b" / "letter.txt").write_text("mine")
    with pytest.raises(CallError, match="holds no run"):
        Kept(tmp_path / "b", {}, JSON)
    assert [p.name for p in (tmp_path / "b").iterdir()] == ["letter.txt"]


def test_a_kept_part_never_runs_code(tmp_path: Path) -> None:
    kept = Kept(tmp_path, {}, ARRAYS)
    with pytest.raises(ValueError, match="allow_pickle"):
        kept.put(0, np.array([object()], dtype=object))
    assert kept.get(0) == (False, None)


# -- choosing where -------------------------------------------------------------------------
def test_the_executor_that_was_asked_for() -> None:
    assert isinstance(executor(), InProcess)
    assert executor(memory=5).memory == 5
    with pytest.raises(CallError, match="not both"):
        executor(2, scheduler="tcp://127.0.0.1:1")
    with pytest.raises(CallError, match="0 or more"):
        executor(-1)


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    for make in (lambda: executor(2), lambda: executor(scheduler="tcp://127.0.0.1:1"), lambda: Dask.local(1)):
        with pytest.raises(CallError, match=r"isopolis\[cluster\]"):
            make()
