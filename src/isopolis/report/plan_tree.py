"""A plan at a glance as one drawing: themes → bottlenecks → actions → outputs, from the nodes of the table.

Every word is text, no style sheet is used, and the drawing names itself with a title and a description.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from isopolis.act.plan import Node
from isopolis.act.plan.tree import KINDS
from isopolis.model.text import phrase

from .style import ACCENT, FAMILY, INK

__all__ = ["HEADS", "Box", "chunks", "draw_tree", "laid_out"]

COLUMN, GAP, PAD = 190, 34, 8
LINE, SIZE = 16, 12
LETTERS = 25
"""Letters of the drawing's size that fit beside each other in a column, capitals allowed for."""
BETWEEN = 10
TOP = 34
FILLS = {"theme": "#e3eef3", "bottleneck": "#fff4d6", "action": "#ffffff", "output": "#eef5e9"}

Say = Callable[[str], str]
HEADS = (phrase("Theme"), phrase("Bottleneck"), phrase("Action"), phrase("Output"))
"""Words over the four columns."""


@dataclass(frozen=True, slots=True)
class Box:
    """A node with its place: left edge of its column, top, height, its lines, and where its parent is."""

    node: Node
    column: int
    top: float
    height: float
    lines: tuple[str, ...]
    parent: float | None


def _lines(node: Node, say: Say) -> tuple[str, ...]:
    text = say(node.text)
    if node.tag:
        text = f"{text} ({say(node.tag)})"
    return tuple(_wrapped(text))


def _wrapped(text: str) -> Iterator[str]:
    """Cut into lines that put together are the text again: where a blank was, the line keeps it."""
    rest = " ".join(text.split())
    while len(rest) > LETTERS:
        line = textwrap.wrap(rest, LETTERS, break_on_hyphens=False)[0]
        blank = " " if rest[len(line) : len(line) + 1] == " " else ""
        yield line + blank
        rest = rest[len(line) + len(blank) :]
    yield rest


def laid_out(themes: Sequence[Node], say: Say = str) -> tuple[tuple[Box, ...], float]:
    """Place every node; a parent stands in the middle of what hangs on it.

    Returns
    -------
    (boxes, height)
    """
    boxes: list[Box] = []
    bottom = float(TOP)

    def place(node: Node, column: int, parent: int | None) -> float:
        nonlocal bottom
        lines = _lines(node, say)
        height = len(lines) * LINE + 2 * PAD
        start, mine = bottom, len(boxes)
        boxes.append(Box(node, column, start, height, lines, None))
        middles = [place(child, column + 1, mine) for child in node.children]
        bottom = max(bottom, start + height + BETWEEN)
        middle = (middles[0] + middles[-1]) / 2 if middles else start + height / 2
        top = min(max(start, middle - height / 2), bottom - height - BETWEEN)
        boxes[mine] = Box(node, column, top, height, lines, None)
        centre = top + height / 2
        for n in range(mine + 1, len(boxes)):
            if boxes[n].column == column + 1:
                b = boxes[n]
                boxes[n] = Box(b.node, b.column, b.top, b.height, b.lines, centre)
        return centre

    for theme in themes:
        place(theme, 0, None)
    return tuple(boxes), bottom


def draw_tree(
    themes: Sequence[Node], key: str, title: str, summary: str, *, say: Say = str, rtl: bool = False
) -> str:
    """Return the drawing as SVG.

    Parameters
    ----------
    themes : sequence of Node
        From `isopolis.act.plan.tree`.
    key : str
        Put before the ids of title and description.
    title, summary : str
        What it is, and what it shows.
    say : callable
        Says a text in the reader's language.
    rtl : bool
        Columns from right to left.
    """
    boxes, height = laid_out(themes, say)
    width = 4 * COLUMN + 3 * GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:.0f}" width="{width}"'
        f' height="{height:.0f}" role="img" aria-labelledby="{key}-name {key}-about"'
        f' font-family="{escape(FAMILY)}" font-size="{SIZE}" fill="{INK}">',
        f'<title id="{key}-name">{escape(say(title))}</title>',
        f'<desc id="{key}-about">{escape(say(summary))}</desc>',
        *(_head(n, say, rtl) for n in range(4)),
        *(_join(b, rtl) for b in boxes if b.parent is not None),
        *(_box(b, rtl) for b in boxes),
        "</svg>",
    ]
    return "".join(parts)


def _left(column: int, rtl: bool) -> int:
    return ((3 - column) if rtl else column) * (COLUMN + GAP)


def _text_at(column: int, rtl: bool) -> tuple[int, str]:
    """Where lines begin; a browser turns "start" about by itself where the direction is given."""
    left = _left(column, rtl)
    return (left + COLUMN - PAD, ' direction="rtl"') if rtl else (left + PAD, "")


def _head(column: int, say: Say, rtl: bool) -> str:
    x, turned = _text_at(column, rtl)
    words = escape(say(HEADS[column]))
    return f'<text class="head" x="{x}" y="20" font-weight="bold"{turned}>{words}</text>'


def _join(box: Box, rtl: bool) -> str:
    here, there = _left(box.column, rtl), _left(box.column - 1, rtl)
    x1, x2 = (there, here + COLUMN) if rtl else (there + COLUMN, here)
    middle, y = (x1 + x2) / 2, box.top + box.height / 2
    return (
        f'<path d="M{x1} {box.parent:.1f}H{middle:.1f}V{y:.1f}H{x2}" fill="none" stroke="{ACCENT}"'
        ' stroke-width="1.5"/>'
    )


def _box(box: Box, rtl: bool) -> str:
    kind = box.node.kind
    x, turned = _text_at(box.column, rtl)
    bold = ' font-weight="bold"' if kind == "theme" else ""
    spans = "".join(
        f'<tspan x="{x}" y="{box.top + PAD + LINE * (n + 0.75):.1f}">{escape(line)}</tspan>'
        for n, line in enumerate(box.lines)
    )
    left = _left(box.column, rtl)
    return (
        f'<rect x="{left}" y="{box.top:.1f}" width="{COLUMN}" height="{box.height:.1f}" rx="3"'
        f' fill="{FILLS[kind]}" stroke="{ACCENT}"/><text class="{kind}"{bold}{turned}>{spans}</text>'
    )


def chunks(themes: Sequence[Node], most: int) -> Iterator[tuple[Node, ...]]:
    """Cut the tree into pieces of at most `most` rows for paper; a theme that goes on is named again."""
    for theme in themes:
        kept: list[Node] = []
        for piece in _pieces(theme, most):
            if kept and sum(n.leaves for n in kept) + piece.leaves > most:
                yield tuple(kept)
                kept = []
            kept.append(piece)
        yield tuple(kept)


def _pieces(node: Node, most: int) -> Iterator[Node]:
    """Split one node so that no part has more rows than `most`."""
    if node.leaves <= most or not node.children:
        yield node
        return
    held: list[Node] = []
    for child in node.children:
        for part in _pieces(child, most):
            if held and sum(n.leaves for n in held) + part.leaves > most:
                yield Node(node.kind, node.text, node.tag, node.id, tuple(held))
                held = []
            held.append(part)
    yield Node(node.kind, node.text, node.tag, node.id, tuple(held))


assert set(FILLS) == set(KINDS)
