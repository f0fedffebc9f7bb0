"""Texts of the platform: what its Python code and its templates mark for translation."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from .library_texts import Found, literal

__all__ = ["web_texts"]

ONE = {"_", "gettext", "gettext_lazy", "gettext_noop", "noop", "predicate"}
"""Calls whose first argument is shown: `predicate` takes the reason that a "no" has."""
SEVERAL = {"ngettext", "ngettext_lazy"}
IN_CONTEXT = {"pgettext", "pgettext_lazy"}
_MARKED = re.compile(r"\b(_|gettext|ngettext|pgettext|npgettext)\(")


def web_texts(folder: Path) -> Iterator[Found]:
    """Yield text, plural, context, places, notes and format of each message of the platform."""
    for path in sorted(folder.rglob("*.py")):
        tree, name = ast.parse(path.read_text(encoding="utf-8")), path.relative_to(folder).as_posix()
        yield from _calls(name, tree)
        yield from _sentences(name, tree)
    for path in sorted([*folder.rglob("*.html"), *folder.rglob("*.txt")]):
        if "templates" in path.parts:
            yield from _template(path.relative_to(folder).as_posix(), path.read_text(encoding="utf-8"))


def _found(text: str, more: str, context: str, place: str) -> Found:
    style = "python-format" if re.search(r"%\(\w+\)[sd]|%[sd]", text + more) else ""
    if not style and re.search(r"{\w+}", text + more):
        style = "python-brace-format"
    return text, more, context, {place}, set(), style


def _sentences(place: str, tree: ast.AST) -> Iterator[Found]:
    """What actions say in the log of changes: the class attribute ``sentence``, and the table of the log."""
    for node in ast.walk(tree):
        if not isinstance(node, (ast.Assign, ast.AnnAssign)):
            continue
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        name = ast.unparse(targets[0])
        if name == "sentence" and node.value is not None and literal(node.value):
            yield _found(literal(node.value) or "", "", "", place)
        if name.partition("[")[0] == "SENTENCES":
            values = node.value.values if isinstance(node.value, ast.Dict) else [node.value]
            yield from (_found(literal(v) or "", "", "", place) for v in values if v and literal(v))


def _calls(place: str, tree: ast.AST) -> Iterator[Found]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func).rpartition(".")[2]
        texts = [literal(a) or "" for a in node.args]
        if called in ONE and texts and texts[0]:
            yield _found(texts[0], "", "", place)
        elif called in SEVERAL and len(texts) > 1 and texts[0]:
            yield _found(texts[0], texts[1], "", place)
        elif called in IN_CONTEXT and len(texts) > 1 and texts[1]:
            yield _found(texts[1], "", texts[0], place)


def _template(place: str, source: str) -> Iterator[Found]:
    from django.utils.translation.template import templatize

    said = templatize(source, origin=place)
    for match in _MARKED.finditer(said):
        call = _call_at(said, match.start())
        if call is not None:
            texts = [literal(a) or "" for a in call.args]
            if match[1] in ("ngettext",):
                yield _found(texts[0], texts[1], "", place)
            elif match[1] == "pgettext":
                yield _found(texts[1], "", texts[0], place)
            elif match[1] == "npgettext":
                yield _found(texts[1], texts[2], texts[0], place)
            elif texts and texts[0]:
                yield _found(texts[0], "", "", place)


def _call_at(said: str, start: int) -> ast.Call | None:
    """Parse the call that begins at `start`; the code around it need not be Python."""
    for end in (m.end() for m in re.finditer(r"\)", said[start:])):
        try:
            node = ast.parse(said[start : start + end].strip(), mode="eval").body
        except SyntaxError:
            continue
        return node if isinstance(node, ast.Call) else None
    return None
