"""Findings as JSON and CSV: read back, they are what was written."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isopolis.flows.diagnosis import Diagnosis
from isopolis.model import Finding, Undefined
from isopolis.report.files import COLUMNS, neutral, write_csv, write_json

PROMISED = {
    "measure",
    "dimension",
    "group",
    "versus",
    "scale",
    "date",
    "value",
    "undefined_reason",
    "expected",
    "excess",
    "sd",
    "interval",
    "interval_method",
    "p",
    "n_people",
    "n_zones",
    "caveats",
    "provenance",
    "explanation",
}


def refuse(constant: str) -> float:
    raise AssertionError(f"{constant} is not JSON")


def test_json_is_strict_and_gives_the_findings_back(diagnosis: Diagnosis, made: dict[str, Path]) -> None:
    rows = json.loads(made["findings.json"].read_text(encoding="utf-8"), parse_constant=refuse)
    assert isinstance(rows, list)
    assert all(set(row) >= PROMISED for row in rows)
    back = [Finding.from_dict(row) for row in rows]
    assert [f.to_dict() for f in back] == [f.to_dict() for f in diagnosis.findings]
    undefined = [row for row in rows if row["value"] is None]
    assert undefined
    assert all(row["undefined_reason"] for row in undefined)


def test_an_empty_list_is_still_a_list(tmp_path: Path) -> None:
    write_json([], tmp_path / "f.json")
    assert json.loads((tmp_path / "f.json").read_text()) == []


def test_numpy_numbers_become_numbers(tmp_path: Path) -> None:
    finding = Finding(
        "x", np.float64(0.1), n_people=np.int64(3), detail={"a": np.arange(2), "b": {"c": np.float32(1)}}
    )  # type: ignore[arg-type]
    write_json([finding], tmp_path / "f.json")
    row = json.loads((tmp_path / "f.json").read_text())[0]
    assert (row["value"], row["n_people"], row["detail"]) == (0.1, 3, {"a": [0, 1], "b": {"c": 1.0}})
    write_csv([finding], tmp_path / "f.csv")
    assert "np.float" not in (tmp_path / "f.csv").read_text()


def test_not_a_number_is_refused_rather_than_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json([Finding("x", 0.1, detail={"a": float("nan")})], tmp_path / "f.json")


def test_csv_has_one_flat_row_per_finding(diagnosis: Diagnosis, made: dict[str, Path]) -> None:
    raw = made["findings.csv"].read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in raw
    with made["findings.csv"].open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == len(diagnosis.findings)
    for row, finding in zip(rows, diagnosis.findings, strict=True):
        assert row["group"] == finding.group
        if finding.defined:
            assert float(row["value"]) == finding.number
        else:
            assert row["value"] == ""
            assert row["undefined_reason"] == str(finding.value)
        if finding.interval:
            assert (float(row["interval_low"]), float(row["interval_high"])) == finding.interval


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_digit_survives_both_files(tmp_path_factory: pytest.TempPathFactory, value: float) -> None:
    folder = tmp_path_factory.mktemp("digits")
    write_json([Finding("x", value)], folder / "f.json")
    write_csv([Finding("x", value)], folder / "f.csv")
    assert json.loads((folder / "f.json").read_text())[0]["value"] == value
    with (folder / "f.csv").open(newline="") as file:
        assert float(next(csv.DictReader(file))["value"]) == value


@given(st.text())
def test_no_text_cell_can_be_a_formula(text: str) -> None:
    safe = neutral(text)
    assert not safe.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert safe.removeprefix("'") == text.removeprefix("'")


def test_numbers_are_left_alone_and_formulas_are_not(tmp_path: Path) -> None:
    finding = Finding("x", -0.5, dimension="=1+1", group="@SUM(A1)", caveats=("-2",), explanation="+3")
    write_csv([finding, Finding("y", Undefined("nobody", "=no"))], tmp_path / "f.csv")
    with (tmp_path / "f.csv").open(newline="") as file:
        first, second = csv.DictReader(file)
    assert first["value"] == "-0.5"
    assert (first["dimension"], first["group"], first["caveats"], first["explanation"]) == (
        "'=1+1",
        "'@SUM(A1)",
        "'-2",
        "'+3",
    )
    assert second["undefined_reason"] == "'=no"
