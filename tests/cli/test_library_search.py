"""``isopolis library search``: words, reasons, an engine that is not there, queries that are too long."""

from __future__ import annotations

import builtins
import json
from pathlib import Path

import pytest

from isopolis.cli.app import run


def test_results_say_why_they_stand_where_they_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["library", "search", "period", "products", "--limit", "1"]) == 0
    said = capsys.readouterr().out
    assert "[evian-free-period-products]" in said
    assert "Also searched for “sanitary products”" in said
    line = next(x for x in said.splitlines() if " = " in x)
    score, parts = line.split(" = ")
    product = 1.0
    for part in parts.split(" × "):
        product *= float(part.split()[0])
    assert float(score) == pytest.approx(product, rel=1e-3)


def test_json_has_parts_counts_and_what_to_drop(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["library", "search", "Frauen", "zeppelin", "--lang", "de", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["total"] == 0
    assert found["without"][0]["dropped"] == "zeppelin"
    assert not found["results"][0]["has_all"]
    assert set(found["results"][0]["parts"]) == {"words", "evidence", "fullness", "city", "need"}


def test_tantivy_finds_the_same_and_is_missed_clearly(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ["library", "search", "housing", "--json"]
    assert run(arguments) == 0
    plain = capsys.readouterr().out
    assert run([*arguments, "--engine", "tantivy"]) == 0
    assert capsys.readouterr().out == plain
    ordinary = builtins.__import__

    def without(name: str, *more: object) -> object:
        if name == "tantivy":
            raise ImportError(name)
        return ordinary(name, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)
    assert run([*arguments, "--engine", "tantivy"]) == 2
    assert "tantivy is not installed: pip install 'isopolis[search]'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["x" * 2000], "2,000 letters; up to 1,000 are allowed"),
        (["x", "--engine", "lucene"], 'no engine "lucene"'),
        (["x", "--peers", "cities.csv"], "--peers needs --city"),
    ],
)
def test_what_cannot_be_asked_is_said(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["library", "search", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_a_citys_gaps_rank_the_results(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(["example", str(tmp_path / "town"), "--zones", "40"]) == 0
    capsys.readouterr()
    assert run(["library", "search", "--city", str(tmp_path / "town"), "--limit", "3"]) == 0
    assert "is your widest gap" in capsys.readouterr().out
