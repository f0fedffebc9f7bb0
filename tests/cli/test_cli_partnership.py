"""Commands on partnerships: lists, checks, a calendar, and loading twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from icalendar import Calendar

from isopolis.cli.app import run


def test_members_of_a_day(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["partnership", "members", "cities-of-equality", "--on", "2024-12-31"]) == 0
    said = capsys.readouterr().out
    assert "11 stakeholders from 9 countries" in said
    assert "Cities (3)" in said
    assert "Barcelona" not in said
    assert run(["partnership", "members", "cities-of-equality", "--on", "soon"]) == 2


def test_the_list_and_an_unknown_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["partnership", "list"]) == 0
    assert "cities-of-equality: Cities of Equality" in capsys.readouterr().out
    assert run(["partnership", "check", "nose"]) == 2
    assert "shipped are: cities-of-equality" in capsys.readouterr().err


def test_a_file_of_ones_own_is_checked_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("key: x\nname: X\nabout: x\nmembers: [{key: a}]\nnews: [{key: n}]\n", encoding="utf-8")
    assert run(["partnership", "check", str(own)]) == 1
    said = capsys.readouterr().err
    assert "member a" in said
    assert "news n" in said
    own.write_text("key: [", encoding="utf-8")
    assert run(["partnership", "check", str(own)]) == 2
    own.write_text("!!python/object/apply:os.system [true]", encoding="utf-8")
    assert run(["partnership", "check", str(own)]) == 2


def test_a_calendar_is_written(tmp_path: Path) -> None:
    out = tmp_path / "meetings.ics"
    assert run(["partnership", "calendar", "cities-of-equality", "--to", str(out)]) == 0
    assert len(list(Calendar.from_ical(out.read_bytes()).walk("VEVENT"))) == 2
    assert b"\r\n" in out.read_bytes()
    assert b"\r\r\n" not in out.read_bytes()
