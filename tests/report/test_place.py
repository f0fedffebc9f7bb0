"""A report never takes the place of what it did not write."""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from isopolis.flows.diagnosis import Diagnosis
from isopolis.model import CallError, Source
from isopolis.report import FILES, check_place, write_report

from .conftest import OURS, make_diagnosis
from .test_write import snapshot


@pytest.fixture(scope="module")
def small() -> Diagnosis:
    return make_diagnosis(12)


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_somebody_else_is_not_replaced(name: str, tmp_path: Path, small: Diagnosis) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(CallError, match=f"holds {name}.*name another folder"):
        write_report(small, tmp_path)
    assert snapshot(tmp_path) == {name: b"mine"}


def test_beside_a_page_of_somebody_else(tmp_path: Path, small: Diagnosis) -> None:
    (tmp_path / "report.html").write_text("<meta name='generator' content='Isopoly'>")
    (tmp_path / "findings.csv").write_text("mine")
    with pytest.raises(CallError, match=r"report\.html and findings\.csv"):
        check_place(tmp_path, small.city)


def test_the_folder_of_a_city_is_refused(tmp_path: Path, small: Diagnosis) -> None:
    (tmp_path / "city.toml").write_text("")
    (tmp_path / "report.html").write_text(OURS)
    with pytest.raises(CallError, match=r"folder of a city.*name another folder"):
        write_report(small, tmp_path)


def test_an_input_file_is_not_replaced_beside_our_own_page(tmp_path: Path, small: Diagnosis) -> None:
    (tmp_path / "report.html").write_text(OURS)
    (tmp_path / "zones.gpkg").write_bytes(b"outlines")
    read = Source("city", sha256={"zones.gpkg": hashlib.sha256(b"outlines").hexdigest()})
    with pytest.raises(CallError, match=r"zones\.gpkg.*the numbers come from"):
        check_place(tmp_path, replace(small.city, sources=(read,)))
    check_place(tmp_path, small.city)


def test_our_own_report_is_replaced(tmp_path: Path, small: Diagnosis) -> None:
    write_report(small, tmp_path / "out", pdf=False)
    made = write_report(small, tmp_path / "out", pdf=False)
    assert made["report.html"].exists()


def test_a_file_is_no_folder(tmp_path: Path, small: Diagnosis) -> None:
    (tmp_path / "x").write_text("")
    with pytest.raises(CallError, match="is a file"):
        write_report(small, tmp_path / "x")
    with pytest.raises(CallError, match="cannot be written"):
        write_report(small, tmp_path / "x" / "y" / "z")
    assert snapshot(tmp_path) == {"x": b""}


@pytest.mark.parametrize("out", ["/proc/xx", "/proc/xx/yy", "a" * 300])
def test_where_nothing_can_be_written(out: str, tmp_path: Path, small: Diagnosis) -> None:
    with pytest.raises(CallError, match=r"cannot be written to.*name a folder that can be written"):
        write_report(small, tmp_path / out)


def test_new_folders_above_go_when_anything_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: Diagnosis
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("isopolis.report.files.write_csv", full)
    (tmp_path / "old").mkdir()
    with pytest.raises(CallError, match="no space left on device"):
        write_report(small, tmp_path / "old" / "new" / "newer" / "out")
    assert [p.name for p in tmp_path.rglob("*")] == ["old"]


def test_new_folders_above_stay_when_all_went_well(tmp_path: Path, build: Callable[..., Diagnosis]) -> None:
    made = write_report(build(4), tmp_path / "a" / "b" / "out", pdf=False)
    assert made["report.html"].parent == tmp_path / "a" / "b" / "out"
