"""Texts of the library: templates in the code, explanations and sentences of the measures, standard words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = ["library_texts", "literal"]

Found = tuple[str, str, str, set[str], set[str], str]


def library_texts(package: Path) -> Iterator[Found]:
    """Yield text, plural, context, places, notes and format of each message of the library."""
    for path in sorted(package.rglob("*.py")):
        yield from _in_code(path.relative_to(package).as_posix(), ast.parse(path.read_text(encoding="utf-8")))
    yield from _measures()
    yield from _access()
    yield from _words()


def literal(node: ast.AST) -> str | None:
    """Return the text of a literal, None for anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _in_code(name: str, tree: ast.AST) -> Iterator[Found]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func).rpartition(".")[2]
        texts = [literal(a) for a in node.args]
        if called in ("phrase", "noop") and texts and texts[0]:
            yield _found(texts[0], "", name, "")
        elif called == "phrases" and len(texts) > 2 and texts[0] and texts[1]:
            yield _found(texts[0], texts[1], name, "")


def _found(text: str, more: str, place: str, note: str) -> Found:
    style = "python-brace-format" if re.search(r"{\w+}", text + more) else ""
    return text, more, "", {place}, {note} if note else set(), style


def _measures() -> Iterator[Found]:
    from isopolis.measure import MEASURES

    for name in sorted(MEASURES):
        spec: Any = MEASURES[name]
        place = f"measure {name}"
        yield _found(spec.explain.title, "", place, "Name of a measure.")
        for text in spec.explain.sentences():
            yield _found(text, "", place, f"Explains the measure “{spec.explain.title}”.")
        for text in filter(None, (spec.say, spec.say_all)):
            yield _found(text, "", place, f"What a finding of “{spec.explain.title}” says.")
        if spec.no_interval:
            yield _found(spec.no_interval, "", place, "Why there is no interval; keep “none:” as a lead.")


def _access() -> Iterator[Found]:
    """What pages on access say of the measures of equity: name, low end, high end."""
    from isopolis.reach.measures.spec import EQUITY

    for name in sorted(EQUITY):
        explain = EQUITY[name].explain
        for text in (explain.title, explain.low, explain.high):
            yield _found(text, "", f"equity {name}", f"Explains the measure “{explain.title}”.")


def _words() -> Iterator[Found]:
    from isopolis.model.vocabulary import STANDARD

    for word in STANDARD:
        yield _found(word, "", "words of cities", "A dimension, group or kind of zone that many cities have.")
