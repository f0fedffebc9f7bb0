"""Bars of received, registered and resolved, as SVG that needs neither style nor script."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

__all__ = ["Bar", "bars"]

Bar = tuple[str, tuple[int, int, int] | None, str]
"""Name of the row, its three numbers or None where they are hidden, and what is written beside it."""

WIDTH, NAME, ROW, KEY = 640, 22, 46, 30
COLOURS = ("#a9cfdd", "#3f87a3", "#0b3f57")
INK, LINE = "#1b1f24", "#6b747d"
LETTERS = 70


def bars(rows: Sequence[Bar], legend: Sequence[str], *, rtl: bool = False) -> str:
    """Draw one bar for each row, in it how much was registered and how much resolved.

    Parameters
    ----------
    rows : sequence of Bar
    legend : three words
        Received, registered, resolved.
    rtl : bool
        Bars grow from the right, as readers of Arabic begin there.
    """
    begin, end = ("end", "start") if rtl else ("start", "end")

    def at(x: float, wide: float = 0.0) -> str:
        return f"{WIDTH - x - wide if rtl else x:.1f}"

    most = max((n[0] for _name, n, _said in rows if n), default=0) or 1
    height = KEY + ROW * len(rows) + 4
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" direction="ltr" '
        f'font-family="system-ui, sans-serif" font-size="14">'
    ]
    for i, (word, colour) in enumerate(zip(legend, COLOURS, strict=True)):
        x, label = i * WIDTH / 3, escape(_cut(word, 24), quote=False)
        out.append(f'<rect x="{at(x, 14)}" y="4" width="14" height="14" fill="{colour}" stroke="{LINE}"/>')
        out.append(f'<text x="{at(x + 20)}" y="16" fill="{INK}" text-anchor="{begin}">{label}</text>')
    for i, (name, numbers, said) in enumerate(rows):
        y = KEY + i * ROW
        label, beside = escape(_cut(name, LETTERS), quote=False), escape(said, quote=False)
        out.append(f'<text x="{at(0)}" y="{y + 15}" fill="{INK}" text-anchor="{begin}">{label}</text>')
        out.append(f'<text x="{at(WIDTH)}" y="{y + 15}" fill="{INK}" text-anchor="{end}">{beside}</text>')
        for n, colour, inset in zip(numbers or (), COLOURS, (0, 3, 6), strict=False):
            wide = n / most * WIDTH
            out.append(
                f'<rect x="{at(0, wide)}" y="{y + NAME + inset / 2}" width="{wide:.1f}" '
                f'height="{16 - inset}" fill="{colour}"/>'
            )
        out.append(f'<line x1="0" x2="{WIDTH}" y1="{y + 40}" y2="{y + 40}" stroke="{LINE}" opacity="0.3"/>')
    out.append("</svg>")
    return "".join(out)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
