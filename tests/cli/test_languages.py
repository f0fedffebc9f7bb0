"""``isopolis languages`` and ``--lang``."""

from __future__ import annotations

import pytest

from isopolis.cli.app import run


def test_every_language_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    run(["languages"])
    said = capsys.readouterr().out
    lines = {line.split()[0]: line for line in said.splitlines() if not line.startswith(" ")}
    assert len(lines) == 25
    assert "complete" in lines["en"]
    assert "untranslated" in lines["fi"]


def test_what_is_left_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["languages", "fi"]) == 0
    assert "no catalogue" in capsys.readouterr().out


def test_a_language_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["languages", "xx"]) == 2
    assert "none of the languages" in capsys.readouterr().err


def test_an_explanation_in_another_language(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "dissimilarity"]) == 0
    english = capsys.readouterr().out
    assert run(["explain", "dissimilarity", "--lang", "de"]) == 0
    german = capsys.readouterr().out
    assert english != german
    assert run(["explain", "dissimilarity", "--lang", "xx"]) == 2
    assert 'no translation into "xx"' in capsys.readouterr().err
