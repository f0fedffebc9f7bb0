"""The records that ship: each is one, says where it was read, and leaves no question open in silence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from isopolis.content import names, read
from isopolis.learn.record import problems
from isopolis.learn.vocabulary import shipped as vocabulary

FILES = tuple(name for name in names("library") if name.endswith(".yaml"))
ANSWERED = ("gained", "lost", "cost", "staff_fte", "results", "failures", "side_effects")
WRITTEN = date(2026, 11, 22)


def plain(name: str) -> dict[str, Any]:
    return dict(read(f"library/{name}"))


def cited(record: dict[str, Any]) -> Iterator[str]:
    """Yield the addresses that numbers in the record give as theirs."""
    results = record["results"] if isinstance(record["results"], list) else []
    for part in [record["cost"], *results]:
        if isinstance(part, dict) and "source" in part:
            yield part["source"]


def test_a_new_installation_is_not_empty() -> None:
    assert len(FILES) >= 64


@pytest.mark.parametrize("name", FILES)
def test_every_shipped_record_is_one(name: str) -> None:
    assert problems(plain(name), vocabulary(), file=name) == []
    assert plain(name)["id"] == name.removesuffix(".yaml")


@pytest.mark.parametrize("name", FILES)
def test_every_shipped_record_answers_the_hard_questions(name: str) -> None:
    record = plain(name)
    assert [field for field in ANSWERED if field not in record] == []
    assert record["grounds" if record.get("grounds") else "groups"]
    assert 40 <= len(record["summary"]["en"].split()) <= 300


@pytest.mark.parametrize("name", FILES)
def test_every_number_names_a_source_that_is_listed(name: str) -> None:
    record = plain(name)
    listed = {source.get("url") for source in record["sources"]}
    assert set(cited(record)) <= listed
    for source in record["sources"]:
        assert date(2026, 1, 1) <= source["read_on"] <= WRITTEN


@pytest.mark.parametrize("name", FILES)
def test_links_lead_to_records_that_ship(name: str) -> None:
    there = {file.removesuffix(".yaml") for file in FILES}
    assert {link["to"] for link in plain(name).get("links", ())} <= there
