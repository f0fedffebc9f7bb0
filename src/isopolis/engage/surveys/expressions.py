"""The part of XPath that forms are written in, read into a small tree; nothing of it is ever executed.

Grammar: ``or and = != < <= > >= + - * div mod``, a minus sign, numbers, texts in quotes, ``${question}``,
``.`` for the answer itself, names of columns of the choices (in choice filters), and the functions of
`FUNCTIONS`. Everything else is refused with its place in the text.

References
----------
XLSForm specification, sections on relevant, constraint, required, calculation and choice filters.
W3C (1999): XML Path Language 1.0, section 3 (precedence of operators).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from isopolis.model import near
from isopolis.model.text import count, phrase

from .patterns import PatternError, parse_pattern

__all__ = ["FUNCTIONS", "ExpressionError", "Node", "parse", "references", "walk"]

LONGEST = 4_000
DEEPEST = 25

FUNCTIONS: dict[str, tuple[int, int]] = {
    "abs": (1, 1), "boolean": (1, 1), "coalesce": (2, 2), "concat": (1, 20), "contains": (2, 2),
    "count-selected": (1, 1), "date": (1, 1), "false": (0, 0), "if": (3, 3), "int": (1, 1), "max": (1, 20),
    "min": (1, 20), "not": (1, 1), "number": (1, 1), "regex": (2, 2), "round": (1, 2), "selected": (2, 2),
    "starts-with": (2, 2), "string": (1, 1), "string-length": (1, 1), "today": (0, 0), "true": (0, 0),
}  # fmt: skip
"""Functions with their fewest and most arguments."""

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d*)?|\.\d+)|(?P<text>\"[^\"]*\"|'[^']*')|\$\{\s*(?P<ref>[^{}\s]+)\s*\}"
    r"|(?P<sign>!=|<=|>=|[=<>+\-*(),.])|(?P<name>[^\W\d](?:[\w\-]|:(?=\w))*))"
)
_LEVELS: tuple[tuple[str, ...], ...] = (
    ("or",), ("and",), ("=", "!="), ("<", "<=", ">", ">="), ("+", "-"), ("*", "div", "mod"),
)  # fmt: skip


class ExpressionError(ValueError):
    """What cannot be read, and where in the text (counted from 1)."""

    def __init__(self, reason: str, place: int) -> None:
        super().__init__(reason)
        self.reason, self.place = reason, place


@dataclass(frozen=True, slots=True)
class Node:
    """One part of an expression.

    Parameters
    ----------
    kind : {"number", "text", "ref", "dot", "column", "call", "op", "minus"}
    value : str or float
        Number, text, name of question, column, function or operator.
    parts : tuple of Node
        Arguments.
    """

    kind: str
    value: str | float = ""
    parts: tuple[Node, ...] = ()


def parse(text: str, *, columns: bool = False, dot: bool = False) -> Node:
    """Read an expression.

    Parameters
    ----------
    text : str
    columns : bool
        True in a choice filter, where bare names are columns of the choices.
    dot : bool
        True where ``.`` has a meaning (constraints).

    Raises
    ------
    ExpressionError
        With what is not understood and where.
    """
    if len(text) > LONGEST:
        raise ExpressionError(phrase("it is longer than {most} characters", most=count(LONGEST)), LONGEST)
    return _Parser(_tokens(text), columns, dot).whole()


def walk(node: Node) -> Iterator[Node]:
    """Give a node and everything in it."""
    yield node
    for part in node.parts:
        yield from walk(part)


def references(node: Node) -> frozenset[str]:
    """Return the questions that an expression asks about."""
    return frozenset(str(n.value) for n in walk(node) if n.kind == "ref")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    place: int


def _tokens(text: str) -> list[_Token]:
    # word processors put these in; inside a quoted text they would be compared with answers
    text = text.replace("\N{NO-BREAK SPACE}", " ").strip()
    out, at = [], 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            sign = text[at:].lstrip()[:1]
            hint = phrase("“{sign}” is not understood", sign=sign)
            if sign in "“”‘’«»":
                hint = phrase("“{sign}” is a printer's quotation mark: write ' or \"", sign=sign)
            raise ExpressionError(hint, at + 1)
        kind = str(found.lastgroup)
        out.append(_Token(kind, found.group(kind), found.start(kind) + 1))
        at = found.end()
    return [*out, _Token("end", "", len(text) + 1)]


class _Parser:
    def __init__(self, tokens: list[_Token], columns: bool, dot: bool) -> None:
        self.tokens, self.at, self.deep = tokens, 0, 0
        self.columns, self.dot = columns, dot

    def whole(self) -> Node:
        if self.now.kind == "end":
            raise ExpressionError(phrase("it is empty"), 1)
        node = self.level(0)
        if self.now.kind != "end":
            raise self.wrong()
        if _depth(node) > 2 * DEEPEST:
            raise ExpressionError(phrase("it is nested too deeply"), 1)
        return node

    @property
    def now(self) -> _Token:
        return self.tokens[self.at]

    def wrong(self) -> ExpressionError:
        token = self.now
        if token.kind == "end":
            return ExpressionError(phrase("it ends too early"), token.place)
        return ExpressionError(phrase("“{text}” is not understood here", text=token.text), token.place)

    def take(self, *texts: str) -> str:
        token = self.now
        if token.kind in ("sign", "name") and token.text in texts:
            self.at += 1
            return token.text
        return ""

    def level(self, depth: int) -> Node:
        if depth == len(_LEVELS):
            return self.minus()
        left = self.level(depth + 1)
        while op := self.take(*_LEVELS[depth]):
            right = self.level(depth + 1)
            # a chain of "and" is one node with many parts, so that long conditions are not deep
            chain = depth < 2 and left.kind == "op" and left.value == op
            left = Node("op", op, (*left.parts, right) if chain else (left, right))
        return left

    def minus(self) -> Node:
        signs = 0
        while self.take("-"):
            signs += 1
        node = self.single()
        return Node("minus", "-", (node,)) if signs % 2 else node

    def single(self) -> Node:
        token = self.now
        if token.kind in ("number", "text", "ref"):
            self.at += 1
            if token.kind == "number":
                return Node("number", float(token.text))
            return Node(token.kind, token.text[1:-1] if token.kind == "text" else token.text)
        if self.take("("):
            return self.inside()
        if token.text == "." and self.dot and token.kind == "sign":
            self.at += 1
            return Node("dot")
        if token.kind == "name" and token.text not in ("and", "or", "div", "mod"):
            return self.named()
        raise self.wrong()

    def inside(self) -> Node:
        self.deep += 1
        if self.deep > DEEPEST:
            raise ExpressionError(phrase("it is nested too deeply"), self.now.place)
        node = self.level(0)
        if not self.take(")"):
            raise self.wrong()
        self.deep -= 1
        return node

    def named(self) -> Node:
        token = self.now
        self.at += 1
        if self.now.text != "(" or self.now.kind != "sign":
            if self.columns:
                return Node("column", token.text)
            raise ExpressionError(
                phrase(
                    "“{name}” is neither number nor text: write {question} for a question, texts in quotes",
                    name=token.text,
                    question=f"${{{token.text}}}",
                ),
                token.place,
            )
        if token.text not in FUNCTIONS:
            hint = near(token.text, FUNCTIONS)
            said = phrase("there is no function {name}() here; {hint}", name=token.text, hint=hint)
            raise ExpressionError(said, token.place)
        return self.call(token)

    def call(self, token: _Token) -> Node:
        self.take("(")
        self.deep += 1
        if self.deep > DEEPEST:
            raise ExpressionError(phrase("it is nested too deeply"), token.place)
        parts: list[Node] = []
        if not self.take(")"):
            parts.append(self.level(0))
            while self.take(","):
                parts.append(self.level(0))
            if not self.take(")"):
                raise self.wrong()
        self.deep -= 1
        fewest, most = FUNCTIONS[token.text]
        if not fewest <= len(parts) <= most:
            said = phrase("{name}() does not take {n} arguments", name=token.text, n=count(len(parts)))
            raise ExpressionError(said, token.place)
        if token.text == "regex":
            _check_pattern(parts[1], token.place)
        return Node("call", token.text, tuple(parts))


def _depth(node: Node) -> int:
    depth, layer = 0, [node]
    while layer:
        depth, layer = depth + 1, [p for n in layer for p in n.parts]
    return depth


def _check_pattern(node: Node, place: int) -> None:
    if node.kind != "text":
        raise ExpressionError(phrase("the pattern of regex() must be a text in quotes"), place)
    try:
        parse_pattern(str(node.value))
    except PatternError as error:
        raise ExpressionError(error.reason, place) from None
