"""Two hundred damaged city folders through the command line: a message, a caveat, never a traceback."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from isopolis.cli.app import run

from ..mutate import Mutation, mutations
from ..read.small_city import write_small

PARTS = 10
TOTAL = 200


def judge(mutation: Mutation, folder: Path, capsys: pytest.CaptureFixture[str], *, report: bool) -> int:
    """Diagnose one damaged folder, with the report or as JSON, and hold it to the rules."""
    target = mutation.write(folder / "city")
    out = folder / "out"
    how = ["--out", str(out), "--no-pdf"] if report else ["--json"]
    code = run(["diagnose", str(target), "--quiet", "--simulations", "19", *how])
    said = capsys.readouterr()
    assert code in (0, 1), (mutation.name, said.err)
    assert "Traceback" not in said.err + said.out, mutation.name
    left = sorted(p.name for p in folder.iterdir())
    if code == 1:
        assert "problem" in said.err, mutation.name
        assert said.out == "", mutation.name
        assert left == ["city"], (mutation.name, left)
    elif report:
        assert left == ["city", "out"], (mutation.name, left)
        check(json.loads((out / "findings.json").read_text(encoding="utf-8")), mutation.name)
    else:
        check(json.loads(said.out), mutation.name)
    return code


def check(findings: list[dict[str, object]], name: str) -> None:
    """Every number is finite, and what has no value says why."""
    for f in findings:
        if f["value"] is None:
            assert f["undefined_reason"], name
        else:
            assert isinstance(f["value"], float), name
            assert math.isfinite(f["value"]), name


@pytest.mark.parametrize("part", range(PARTS))
def test_damaged_folders(part: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with_toml = mutations(write_small(tmp_path / "a", toml=True), TOTAL // 2, seed=11)
    without = mutations(write_small(tmp_path / "b", toml=False), TOTAL // 2, seed=12)
    mine = [*with_toml, *without][part::PARTS]
    codes = set()
    for k, mutation in enumerate(mine):
        folder = tmp_path / f"m{k}"
        folder.mkdir()
        codes.add(judge(mutation, folder, capsys, report=k % 5 == 0))
    assert codes == {0, 1}


def test_a_bad_target_is_refused_before_the_work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    city = write_small(tmp_path / "city", toml=True)
    target = tmp_path / "taken"
    target.write_text("a file")
    assert run(["diagnose", str(city), "--out", str(target)]) == 2
    said = capsys.readouterr().err
    assert "is a file" in said
    assert "ranking" not in said
    assert target.read_text() == "a file"
