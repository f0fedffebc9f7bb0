"""The command line: exit codes, what goes where, and nothing half-written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from isopolis import __version__
from isopolis.cli.app import run
from isopolis.explain import to_text
from isopolis.measure import CATALOGUE, MEASURES

PROMISED = set(
    "measure dimension group versus scale date value undefined_reason expected excess sd interval "
    "interval_method p n_people n_zones caveats provenance explanation".split()
)
TOML = """
name = "Smallville"

[zones]
id = "zone"
kind = "ward"

[[tables]]
file = "people.csv"
layout = "wide"
zone = "zone"
date = "2020"
total = "total"

[[tables.dimensions]]
name = "origin"
label = "Origin"
columns = ["born_here", "born_abroad"]
labels = { born_abroad = "Born abroad" }
total = "total"
"""


@pytest.fixture
def smallville(tmp_path: Path) -> Path:
    rng = np.random.default_rng(1)
    folder = tmp_path / "smallville"
    folder.mkdir()
    rows = ["zone,total,born_here,born_abroad"]
    for i in range(45):
        here, abroad = rng.poisson(100), rng.poisson(rng.gamma(2, 20))
        rows.append(f"w{i:02d},{here + abroad},{here},{abroad}")
    (folder / "people.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (folder / "city.toml").write_text(TOML, encoding="utf-8")
    return folder


def spoil(folder: Path, old: str, new: str, file: str = "people.csv") -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def listed(folder: Path) -> set[str]:
    return {p.name for p in folder.rglob("*")}


# -- results and progress --------------------------------------------------------------------


def test_json_is_a_list_of_findings_and_nothing_else(
    smallville: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["diagnose", str(smallville), "--json", "--simulations", "19"]) == 0
    said = capsys.readouterr()
    findings = json.loads(said.out)
    assert isinstance(findings, list)
    assert findings
    for f in findings:
        assert set(f) >= PROMISED
        assert (f["value"] is None) == (f["undefined_reason"] is not None)
    d = next(f for f in findings if f["measure"] == "dissimilarity" and f["group"] == "origin=born_abroad")
    x = np.loadtxt(smallville / "people.csv", delimiter=",", skiprows=1, usecols=(2, 3))
    share = x / x.sum(axis=0)
    assert d["value"] == pytest.approx(0.5 * np.abs(share[:, 0] - share[:, 1]).sum(), abs=1e-12)
    assert (d["n_people"], d["n_zones"], d["date"]) == (x.sum(), 45, "2020")
    # progress is for the eye, on the other stream
    assert "reading" in said.err
    assert "Traceback" not in said.err


def test_quiet_says_nothing_but_the_result(smallville: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diagnose", str(smallville), "-q", "--simulations", "19"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert said.out.startswith("Smallville: 45 zones, ")
    assert "“Born abroad”" in said.out
    assert "What cannot be known from this data" in said.out
    assert max(map(len, said.out.splitlines())) <= 88


def test_equal_seeds_print_equal_findings(smallville: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed = []
    for seed in ("5", "5", "6"):
        assert run(["diagnose", str(smallville), "--json", "-q", "--simulations", "19", "--seed", seed]) == 0
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1] != printed[2]


def test_out_receives_every_file(
    smallville: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "deep" / "report"
    assert run(["diagnose", str(smallville), "--out", str(out), "--no-pdf", "--simulations", "19"]) == 0
    said = capsys.readouterr()
    assert str(out / "report.html") in said.out
    assert {p.name for p in out.iterdir()} >= {"report.html", "findings.json", "findings.csv"}
    findings = json.loads((out / "findings.json").read_text(encoding="utf-8"))
    assert isinstance(findings, list)
    assert set(findings[0]) >= PROMISED


# -- the data says no: 1 ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("w03,", "w02,", ("people.csv", "w02")),
        ("zone,total,born_here", "zone,total,other", ("people.csv", "born_here")),
        ("w05,", "w05,many", ("people.csv", "row 7", "many")),
        ("w05,", "w05,-", ("people.csv", "row 7")),
    ],
    ids=["a zone twice", "a column gone", "text in a count", "a negative count"],
)
def test_bad_data_stops_with_1_and_writes_nothing(
    smallville: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    old: str,
    new: str,
    words: tuple[str, ...],
) -> None:
    spoil(smallville, old, new)
    before = listed(tmp_path)
    assert (
        run(["diagnose", str(smallville), "--json", "--out", str(tmp_path / "out"), "--simulations", "19"])
        == 1
    )
    said = capsys.readouterr()
    assert said.out == ""
    assert "Nothing was written." in said.err
    assert "Traceback" not in said.err
    for word in words:
        assert word in said.err, said.err
    assert listed(tmp_path) == before


def test_several_problems_are_told_at_once(smallville: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spoil(smallville, "w05,", "w05,many")
    spoil(smallville, "w09,", "w09,few")
    assert run(["diagnose", str(smallville), "-q"]) == 1
    said = capsys.readouterr().err
    assert "many" in said or "rows 7, 11" in said
    assert "11" in said


def test_a_report_that_fails_leaves_the_earlier_one(
    smallville: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    earlier = '<meta name="generator" content="Isopolis 0.1.0">earlier'
    (out / "report.html").write_text(earlier, encoding="utf-8")
    before = listed(tmp_path)

    def broken(*_: object) -> None:
        raise MemoryError("the disk of a test")

    monkeypatch.setattr("isopolis.report.html.render", broken)
    with pytest.raises(MemoryError):  # not the user's to mend: it shows
        run(["diagnose", str(smallville), "--out", str(out), "--no-pdf", "-q", "--simulations", "19"])
    assert (out / "report.html").read_text(encoding="utf-8") == earlier
    assert listed(tmp_path) == before


# -- the call is wrong: 2 -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["explain", "dissimilarty"], 'did you mean "dissimilarity"'),
        (["explain", "zzzzzzz"], "there are"),
        (["diagnos"], "diagnos"),
        (["diagnose"], "PATH"),
        (["diagnose", "x", "--outt", "y"], "--outt"),
        (["diagnose", "x", "--simulations", "3"], "19"),
        (["diagnose", "x", "--seed", "-1"], "seed"),
        (["example"], "FOLDER"),
        (["example", "x", "--zones", "3"], "12"),
    ],
)
def test_a_wrong_call_is_2_and_says_why(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert words in said.err
    assert "Traceback" not in said.err


def test_a_path_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["diagnose", str(tmp_path / "nowhere")])
    said = capsys.readouterr()
    assert code in (1, 2)
    assert "nowhere" in said.err
    assert said.out == ""


def test_out_must_be_a_folder(smallville: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "file"
    file.write_text("mine", encoding="utf-8")
    assert run(["diagnose", str(smallville), "--out", str(file), "-q", "--simulations", "19"]) == 2
    assert "is a file" in capsys.readouterr().err
    assert file.read_text(encoding="utf-8") == "mine"


# -- explain, measures, version, help -----------------------------------------------------------------


@pytest.mark.parametrize("name", list(MEASURES))
def test_explain_prints_the_explanation(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", name]) == 0
    said = capsys.readouterr()
    assert said.out.startswith(to_text(MEASURES[name].explain))
    assert "In every diagnosis" in said.out
    assert said.err == ""


def test_every_index_of_the_catalogue_is_explained_with_its_verdict(
    capsys: pytest.CaptureFixture[str],
) -> None:
    from isopolis.flows.measure_one import index_of, standing

    for spec in CATALOGUE.values():
        assert index_of(spec.symbol) is spec
        told = dict(standing(spec))
        assert spec.because in told["Verdict"][0]
        assert told["Groups"][0].endswith(".")
        assert (spec.name in MEASURES) == (told["Asked"][0] == "In every diagnosis.")
    assert run(["explain", "Atkinson"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(to_text(CATALOGUE["atkinson"].explain))
    for part in ("Legacy, kept", "One group against", 'value_of("atkinson", table)', "PySAL Atkinson"):
        assert part in out
    assert run(["explain", "atkinsn"]) == 2
    assert '"atkinson"' in capsys.readouterr().err


def test_a_change_is_explained_by_its_measure(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "gini_change"]) == 0
    assert capsys.readouterr().out.startswith(to_text(MEASURES["gini"].explain))


def test_measures_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["measures"]) == 0
    text = capsys.readouterr().out
    assert run(["measures", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {r["name"] for r in rows} == set(MEASURES)
    for row in rows:
        assert set(row) == {"name", "symbol", "family", "question"}
        assert row["name"] in text
        assert row["question"] in text
    families = [r["family"] for r in rows]
    assert families == sorted(families, key=families.index)  # family by family


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.strip() == __version__
    assert run(["--help"]) == 0
    text = capsys.readouterr().out
    for command in ("init", "example", "diagnose", "measures", "explain"):
        assert command in text


# -- as a process ------------------------------------------------------------------------------------


def process(*arguments: str) -> subprocess.CompletedProcess[str]:
    source = str(Path(__file__).resolve().parents[2] / "src")
    return subprocess.run(
        [sys.executable, "-m", "isopolis", *arguments],
        capture_output=True, text=True, env=os.environ | {"PYTHONPATH": source}, timeout=60, check=False,
    )  # fmt: skip


def test_the_process_leaves_with_the_code(smallville: Path) -> None:
    done = process("explain", "gini")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Gini index")
    assert process("explain", "ginni").returncode == 2
    spoil(smallville, "w05,", "w05,many")
    refused = process("diagnose", str(smallville), "--json")
    assert (refused.returncode, refused.stdout) == (1, "")


def test_a_reader_that_stops_early_is_no_error() -> None:
    source = str(Path(__file__).resolve().parents[2] / "src")
    shell = f'"{sys.executable}" -m isopolis explain gini | true; exit ${{PIPESTATUS[0]}}'
    done = subprocess.run(
        ["bash", "-c", shell],
        capture_output=True, text=True, env=os.environ | {"PYTHONPATH": source}, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 141)
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
