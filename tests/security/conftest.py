"""The fixtures of the platform, and ways to look at our own source."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

from ..web.conftest import _fast_and_apart, browse, city, owner, person, staff

__all__ = ["_fast_and_apart", "browse", "city", "owner", "person", "staff"]

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "src" / "isopolis" / "web"
EVERYTHING = ROOT / "src" / "isopolis"


def trees(folder: Path = EVERYTHING) -> Iterator[tuple[str, ast.Module]]:
    """Every module of ours with its syntax tree."""
    for path in sorted(folder.rglob("*.py")):
        yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


@functools.cache
def calls(folder: Path = EVERYTHING) -> tuple[tuple[str, str, ast.Call], ...]:
    """Every call in our source: place, name as written, node."""
    return tuple(
        (f"{place}:{node.lineno}", ast.unparse(node.func), node)
        for place, tree in trees(folder)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    )


@functools.cache
def imports(folder: Path = EVERYTHING) -> tuple[tuple[str, str], ...]:
    """Every module that we import, with its place."""
    found: list[tuple[str, str]] = []
    for place, tree in trees(folder):
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found += ((f"{place}:{node.lineno}", a.name) for a in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found += ((f"{place}:{node.lineno}", f"{node.module}.{a.name}") for a in node.names)
    return tuple(found)


def texts(pattern: str, *suffixes: str) -> list[str]:
    """Places in our templates and scripts where a pattern occurs."""
    found = []
    for path in sorted(EVERYTHING.rglob("*")):
        if path.suffix in suffixes:
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                if re.search(pattern, line):
                    found.append(f"{path.relative_to(ROOT).as_posix()}:{number}")
    return found
