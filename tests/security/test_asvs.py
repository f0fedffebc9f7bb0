"""The list of ASVS 5.0: every requirement of level 1 and 2 once, with tests that there are, or a reason."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from .conftest import ROOT

FILE = ROOT / "docs" / "security" / "asvs-5.0.toml"
LIST: list[dict[str, Any]] = tomllib.loads(FILE.read_text(encoding="utf-8"))["requirement"]
# how many requirements of level 1 and of level 2 each chapter has, counted from the standard
CHAPTERS = {
    1: (8, 19),
    2: (4, 7),
    3: (8, 11),
    4: (2, 8),
    5: (4, 5),
    6: (13, 22),
    7: (6, 12),
    8: (4, 3),
    9: (4, 3),
    10: (5, 24),
    11: (3, 11),
    12: (3, 6),
    13: (1, 12),
    14: (2, 7),
    15: (3, 10),
    16: (0, 16),
    17: (0, 7),
}
MOST_REASONS = 0.15


def names_in(path: Path) -> set[str]:
    """Functions of a test file, methods with their class."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    out = {n.name for n in tree.body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            out |= {f"{node.name}::{n.name}" for n in node.body if isinstance(n, ast.FunctionDef)}
    return out


def test_every_requirement_is_there_once() -> None:
    ids = [r["id"] for r in LIST]
    assert len(ids) == len(set(ids)) == 253
    assert all(re.fullmatch(r"V\d+\.\d+\.\d+", i) for i in ids)
    for chapter, wanted in CHAPTERS.items():
        mine = [r["level"] for r in LIST if r["id"].startswith(f"V{chapter}.")]
        assert (mine.count(1), mine.count(2)) == wanted, f"V{chapter}"
    levels = [r["level"] for r in LIST]
    assert (levels.count(1), levels.count(2)) == (70, 183)


def test_the_list_is_in_order() -> None:
    keys = [tuple(map(int, r["id"][1:].split("."))) for r in LIST]
    assert keys == sorted(keys)


@pytest.mark.parametrize("requirement", LIST, ids=lambda r: r["id"])
def test_every_requirement_has_tests_or_a_reason(requirement: dict[str, Any]) -> None:
    assert set(requirement) <= {"id", "level", "about", "tests", "reason"}
    assert 1 <= len(requirement["about"].split()) <= 12
    assert bool(requirement.get("tests")) != bool(requirement.get("reason"))
    assert "reason" not in requirement or len(requirement["reason"]) >= 40, "a reason is a sentence"
    for name in requirement.get("tests", ()):
        place, _, test = name.partition("::")
        path = ROOT / place
        assert path.is_file(), f"{requirement['id']}: there is no {place}"
        bare = test.partition("[")[0]
        assert bare in names_in(path), f"{requirement['id']}: {place} has no {bare}"
        assert bare.rpartition("::")[2].startswith("test_")


def test_reasons_are_few() -> None:
    reasons = [r["id"] for r in LIST if "reason" in r]
    assert len(reasons) <= MOST_REASONS * len(LIST), reasons
