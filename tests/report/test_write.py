"""All or nothing, light enough, and quiet about what it cannot do."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from isopolis.flows.diagnosis import Diagnosis
from isopolis.model import City, Undefined, Zones
from isopolis.report import FILES, write, write_report

from .conftest import OURS, make_diagnosis


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_all_files_are_there_and_nothing_else(made: dict[str, Path]) -> None:
    assert tuple(made) == FILES
    folder = made["report.html"].parent
    assert {p.name for p in folder.iterdir()} == set(FILES)
    assert [p.name for p in folder.parent.iterdir()] == [folder.name]


def test_other_files_stay_and_a_stale_pdf_goes(tmp_path: Path, build: Callable[..., Diagnosis]) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "report.pdf").write_text("of another run")
    (tmp_path / "report.html").write_text(OURS)
    told: list[str] = []
    made = write_report(build(12), tmp_path, pdf=False, progress=told.append)
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert "report.pdf" not in made
    assert not (tmp_path / "report.pdf").exists()
    assert made["report.html"].read_text() != OURS
    assert told


@pytest.mark.parametrize(
    "place",
    [
        "isopolis.report.files.write_csv",
        "isopolis.report.geopackage.write_zones",
        "isopolis.report.html.render",
        "isopolis.report.pdf.write_pdf",
    ],
)
@pytest.mark.parametrize("existing", [True, False])
def test_nothing_is_left_when_anything_fails(
    place: str,
    existing: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    build: Callable[..., Diagnosis],
) -> None:
    out = tmp_path / "out"
    if existing:
        out.mkdir()
        (out / "report.html").write_text(OURS)
    before = snapshot(tmp_path)

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(place, fail)
    with pytest.raises(OSError, match="disk full"):
        write_report(build(12), out)
    assert snapshot(tmp_path) == before
    assert out.exists() == existing


@pytest.mark.parametrize("at", range(1, 9))
def test_a_failed_move_puts_everything_back(
    at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, build: Callable[..., Diagnosis]
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    for name in FILES:
        (out / name).write_text(OURS + name)
    before, real, calls = snapshot(tmp_path), os.replace, [0]

    def replace_but_once(source: object, target: object) -> None:
        calls[0] += 1
        if calls[0] == at:
            raise OSError("no")
        real(source, target)  # type: ignore[arg-type]

    monkeypatch.setattr(write.os, "replace", replace_but_once)
    monkeypatch.setattr(
        write, "_make", lambda _d, folder, _s, _p: [(folder / n).write_text("new") for n in FILES]
    )
    with pytest.raises(OSError, match="no"):
        write_report(build(12), out)
    assert snapshot(tmp_path) == before


def test_a_city_of_which_nothing_could_be_measured(tmp_path: Path) -> None:
    city = City("Empty", Zones(np.array(["a", "b"], dtype=object)), ())
    reason = Undefined("no-counts", "There is no table of people by zone.")
    made = write_report(
        Diagnosis(city, (), (), {}, (), ("Everything is unknown.",), (reason,), {}), tmp_path / "out"
    )
    page = made["report.html"].read_text()
    assert reason.reason in page
    assert "Everything is unknown." in page
    assert "one column for each group" in page
    assert "Only how many live in each zone" in page
    assert "beyond chance" not in page
    assert "What stands out" not in page


@pytest.mark.parametrize("zones", [1, 2])
def test_very_small_cities(zones: int, tmp_path: Path) -> None:
    write_report(make_diagnosis(zones), tmp_path / "out")


def test_without_outlines_bars_stand_for_the_map(tmp_path: Path) -> None:
    made = write_report(make_diagnosis(40, geometry=False), tmp_path / "out", pdf=False)
    page = made["report.html"].read_text()
    assert "There is no map because the data has no outlines" in page
    assert "The bars say" in page
    assert "The colour says" not in page


def test_a_page_that_would_be_too_large_says_less(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = write_report(make_diagnosis(16), tmp_path / "full", pdf=False)["report.html"].stat().st_size
    monkeypatch.setattr(write, "LARGEST", full // 2)
    page = write_report(make_diagnosis(16), tmp_path / "less", pdf=False)["report.html"]
    assert page.stat().st_size < full // 2
    assert "findings.csv and findings.json: " in page.read_text()


def test_equal_diagnoses_give_equal_pages(tmp_path: Path) -> None:
    one = write_report(make_diagnosis(30), tmp_path / "one")
    two = write_report(make_diagnosis(30), tmp_path / "two")
    for name in ("report.html", "report.pdf", "findings.json", "findings.csv"):
        assert one[name].read_bytes() == two[name].read_bytes(), name


def test_drawing_settings_do_not_leak(tmp_path: Path) -> None:
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    write_report(make_diagnosis(12), tmp_path / "out", pdf=False)
    assert dict(mpl.rcParams) == before
