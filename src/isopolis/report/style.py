"""Colours and sizes of the drawings. Text colours hold 4.5:1 on white, marks 3:1."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

__all__ = [
    "ACCENT",
    "CHANCE",
    "FAINT",
    "FAMILY",
    "GRID",
    "INK",
    "MUTED",
    "QUOTIENT",
    "RAMP",
    "WIDTH",
    "settings",
]

INK = "#1b1f24"
MUTED = "#57606a"
FAINT = "#8c959f"
GRID = "#d8dee4"
ACCENT = "#0b5a7a"
CHANCE = "#b34700"
WIDTH = 680
FAMILY = "'DejaVu Sans', Verdana, sans-serif"
"""Faces with the same widths, so that what was laid out with the first fits in the second."""

RAMP = ("#ffffcc", "#c7e9b4", "#7fcdbb", "#41b6c4", "#2c7fb8", "#253494")
"""Light to dark, ColorBrewer YlGnBu: safe for colour-blind readers and in grey print."""

QUOTIENT = ("#5e3c99", "#b2abd2", "#f7f7f7", "#fdb863", "#e66101")
"""Less to more, ColorBrewer PuOr: safe for colour-blind readers."""


@contextmanager
def settings() -> Iterator[None]:
    """Drawing settings for one figure; nothing stays behind."""
    import matplotlib as mpl

    wanted = {
        "svg.fonttype": "none",
        "svg.hashsalt": "isopolis",
        "svg.image_inline": True,
        "font.family": ["DejaVu Sans"],
        "font.size": 12,
        "text.parse_math": False,
        "text.usetex": False,
        "text.color": INK,
        "axes.edgecolor": GRID,
        "axes.unicode_minus": True,
        "hatch.linewidth": 0.6,
        "hatch.color": FAINT,
        "path.simplify": False,
    }
    with mpl.rc_context(wanted):
        yield
