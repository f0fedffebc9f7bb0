"""``isopolis vocabulary``: lists, words in any language, SKOS files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from isopolis.cli.app import run


def test_the_lists_and_the_definition(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["vocabulary"]) == 0
    said = capsys.readouterr().out
    assert "ground           10  Grounds of discrimination" in said
    assert "definition:city_of_equality@1.0" in said


def test_a_word_in_any_language(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["vocabulary", "одинокие матери", "--lang", "ru"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("group:single_parents  одинокие родители")
    assert "broader: group:families" in said
    assert run(["vocabulary", "hazard", "--lang", "pl"]) == 0
    assert "hazard:earthquake                        trzęsienie ziemi" in capsys.readouterr().out


def test_what_is_wrong_is_said(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(["vocabulary", "wheelchairusers"]) == 2
    assert "group:wheelchair_users" in capsys.readouterr().err
    assert run(["vocabulary", "heat", "--lang", "xx"]) == 2
    assert "none of the languages: ar, bg" in capsys.readouterr().err
    assert run(["vocabulary", "--skos", str(tmp_path / "x.rdf")]) == 2
    assert ".jsonld" in capsys.readouterr().err


def test_skos_files(tmp_path: Path) -> None:
    for name in ("x.jsonld", "x.ttl"):
        assert run(["vocabulary", "--skos", str(tmp_path / name)]) == 0
    assert json.loads((tmp_path / "x.jsonld").read_text(encoding="utf-8"))["@graph"]
    assert "<urn:isopolis:ground:age> a skos:Concept" in (tmp_path / "x.ttl").read_text(encoding="utf-8")
