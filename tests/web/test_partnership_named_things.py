"""The table of 54 named things: complete, and every address, command and record in it exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer
from django.urls import resolve

from isopolis.cli.app import app
from isopolis.content import names
from isopolis.learn.vocabulary import shipped

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "named-things.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (\d+) \| (.+?) \| (.+) \|$", TEXT, re.M)
ADDRESSES = sorted(set(re.findall(r"`(/[^`]*)`", TEXT)))
COMMANDS = sorted(set(re.findall(r"`isopolis ([^`]*)`", TEXT)))


def test_there_are_54_and_each_says_where_or_later() -> None:
    assert [int(n) for n, _named, _where in ROWS] == list(range(1, 55))
    for n, _named, where in ROWS:
        assert re.search(r"`/|`isopolis|[Ll]ater|process", where), n


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_address_exists(address: str) -> None:
    path, _, query = address.partition("?")
    filled = path.replace("<city>", "x").replace("<p>", "y").replace("<n>", "1")
    assert resolve(filled).func
    record = re.fullmatch(r"/library/([a-z0-9-]+)/", path)
    if record and record[1] != "collections":
        assert f"{record[1]}.yaml" in names("library")
    if query.startswith("theme="):
        assert query.removeprefix("theme=") in shipped()
    scheme = re.fullmatch(r"/vocabulary/(\w+)/", path)
    if scheme:
        assert scheme[1] in shipped().schemes


@pytest.mark.parametrize("said", COMMANDS)
def test_every_command_exists(said: str) -> None:
    at = typer.main.get_command(app)
    for word in said.split():
        below = getattr(at, "commands", {})
        if not below:
            break
        assert word in below, said
        at = below[word]
