"""Charts: how groups compare, near and far, between and within, before and after."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from isopolis.model.text import Number, count, phrase, split_lines

from .style import ACCENT, CHANCE, FAINT, GRID, INK, MUTED, WIDTH

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Dot", "arrows", "bars", "dots", "profile", "stacked"]

ROW = 34
LINE = 14
LETTERS = 30
"""Longest line of a label."""
LABEL = 230
RIGHT = 56
TOP = 34
BOTTOM = 44


@dataclass(frozen=True, slots=True)
class Dot:
    """One row of a chart.

    Parameters
    ----------
    label : str
    value : float
    mark : float or None
        What it is compared with: by chance, in the city, at the older date.
    low, high : float or None
        Ends of the interval.
    text : str
        The value as it is written beside the dot.
    """

    label: str
    value: float
    mark: float | None = None
    low: float | None = None
    high: float | None = None
    text: str = ""


def _figure(width: float, height: float) -> Figure:
    from matplotlib.figure import Figure

    # 72 dots an inch, so that one unit of the drawing is one pixel of the page
    return Figure(figsize=(width / 72, height / 72), dpi=72, facecolor="white")


def _axes(figure: Figure, left: float, right: float, top: float, bottom: float) -> Axes:
    width, height = figure.get_size_inches() * 72
    box = (left / width, bottom / height, (width - left - right) / width, (height - top - bottom) / height)
    axes = figure.add_axes(box)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.tick_params(length=0, colors=MUTED, labelsize=12)
    return axes


def _rows(
    labels: Sequence[str], *, left: float = LABEL, right: float = RIGHT
) -> tuple[Figure, Axes, list[float]]:
    """Return an empty chart with a row for each label, the first on top, and the middles of the rows.

    A row is as high as its label needs; heights are in pixels, downwards.
    """
    wrapped = [split_lines(text, LETTERS) for text in labels]
    heights = [max(ROW, LINE * len(lines) + 8) for lines in wrapped]
    tops = list(itertools.accumulate(heights, initial=0))
    middles = [top + height / 2 for top, height in zip(tops, heights, strict=False)]
    figure = _figure(WIDTH, TOP + BOTTOM + tops[-1])
    axes = _axes(figure, left, right, TOP, BOTTOM)
    axes.set_ylim(tops[-1], 0)
    axes.set_yticks([])
    axes.grid(axis="x", color=GRID, linewidth=1)
    axes.set_axisbelow(True)
    for middle, lines in zip(middles, wrapped, strict=True):
        _label(axes, middle, lines)
    return figure, axes, middles


def _label(axes: Axes, y: float, lines: Sequence[str]) -> None:
    for i, line in enumerate(lines):
        drop = (i - (len(lines) - 1) / 2) * LINE
        axes.annotate(
            line,
            (0, y),
            (-12, -drop),
            xycoords=axes.get_yaxis_transform(),
            textcoords="offset points",
            ha="right",
            va="center_baseline",
            color=INK,
            fontsize=12,
            annotation_clip=False,
        )


def _value(axes: Axes, x: float, y: float, text: str, shift: float = 9) -> None:
    axes.annotate(
        text,
        (x, y),
        (shift, 0),
        textcoords="offset points",
        ha="left" if shift > 0 else "right",
        va="center_baseline",
        color=INK,
        fontsize=12,
        annotation_clip=False,
    )


def _scale(axes: Axes, highest: float, *, as_percent: bool, lowest: float = 0.0) -> None:
    from matplotlib.ticker import MaxNLocator

    span = (highest - lowest) or 1.0
    axes.set_xlim(lowest - (0.04 * span if lowest < 0 else 0), highest + 0.04 * span)
    axes.xaxis.set_major_locator(MaxNLocator(5, min_n_ticks=3))
    axes.xaxis.set_major_formatter(_written(as_percent))


def _written(as_percent: bool) -> Any:
    """How the numbers of a scale are written."""
    from matplotlib.ticker import FuncFormatter

    def form(value: float, _position: int) -> str:
        return Number((f"{100 * value:.4g}%" if as_percent else f"{value:.4g}").replace("-", "−"))

    return FuncFormatter(form)


def _caption(axes: Axes, text: str) -> None:
    """Name the horizontal axis."""
    axes.set_xlabel(text, color=MUTED, fontsize=12, labelpad=6)


def _key(figure: Figure, handles: Sequence[Any], left: float = LABEL) -> None:
    width = figure.get_size_inches()[0] * 72
    figure.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(min(left - 14, 40) / width, 1.0),
        ncols=len(handles),
        frameon=False,
        fontsize=12,
        handletextpad=0.4,
        columnspacing=1.4,
        borderaxespad=0.3,
    )


def _handle(label: str, *, marker: str = "", colour: str = INK, hollow: bool = False, line: str = "") -> Any:
    from matplotlib.lines import Line2D

    return Line2D(
        [],
        [],
        label=label,
        color=colour,
        marker=marker or None,
        markersize=8,
        linestyle=line or "none",
        linewidth=2,
        markerfacecolor="white" if hollow else colour,
        markeredgewidth=2,
    )


def dots(
    rows: Sequence[Dot], *, axis: str, value: str, mark: str = "", band: str = "", as_percent: bool = False
) -> Figure:
    """Dots on a common scale, each with what it is compared with and its interval.

    Parameters
    ----------
    rows : sequence of Dot
    axis : str
        Name of the scale.
    value, mark, band : str
        Names of the dot, the diamond and the bar under them, for the key.
    as_percent : bool
        Write the scale in per cent.
    """
    figure, axes, middles = _rows([r.label for r in rows])
    ends = [x for r in rows for x in (r.value, r.mark, r.high, r.low) if x is not None]
    _scale(axes, max([*ends, 1e-9]), as_percent=as_percent, lowest=min([*ends, 0.0]))
    for middle, row in zip(middles, rows, strict=True):
        # the interval has a line of its own: it need not hold the dot
        y = middle if row.low is None else middle - 5
        edge = max(x for x in (row.value, row.mark, row.high) if x is not None)
        if row.mark is not None:
            axes.plot([row.mark, row.value], [y, y], color=FAINT, linewidth=1.5, zorder=1)
        if row.low is not None and row.high is not None:
            _interval(axes, row.low, row.high, middle + 9)
        axes.plot(row.value, y, "o", color=ACCENT, markersize=10, markeredgecolor="white", zorder=3)
        if row.mark is not None:
            axes.plot(row.mark, y, "D", color="white", markeredgecolor=CHANCE, markersize=7, mew=2, zorder=4)
        _value(axes, edge, y, row.text)
    handles = [_handle(value, marker="o", colour=ACCENT)]
    if mark:
        handles.append(_handle(mark, marker="D", colour=CHANCE, hollow=True))
    if band and any(r.low is not None for r in rows):
        handles.append(_handle(band, marker="|", colour=INK, line="-"))
    _key(figure, handles)
    _caption(axes, axis)
    return figure


def _interval(axes: Axes, low: float, high: float, y: float) -> None:
    """Draw a bar with a stroke at its middle."""
    axes.plot([low, high], [y, y], color=INK, linewidth=3, zorder=2, solid_capstyle="butt")
    axes.plot((low + high) / 2, y, "|", color=INK, markersize=9, mew=1.5, zorder=2)


def bars(rows: Sequence[Dot], *, axis: str, as_percent: bool = False) -> Figure:
    """Horizontal bars, each with its value written at its end."""
    figure, axes, middles = _rows([r.label for r in rows])
    values = [r.value for r in rows]
    _scale(axes, max([*values, 1e-9]), as_percent=as_percent, lowest=min([*values, 0.0]))
    for y, row in zip(middles, rows, strict=True):
        axes.barh(y, row.value, height=21, color=ACCENT)
        _value(axes, max(row.value, 0), y, row.text, 6)
    _caption(axes, axis)
    return figure


def arrows(rows: Sequence[Dot], *, axis: str, before: str, after: str, as_percent: bool = False) -> Figure:
    """From the older value (hollow) to the newer one (full)."""
    figure, axes, middles = _rows([r.label for r in rows], right=140)
    ends = [x for r in rows for x in (r.value, r.mark) if x is not None]
    _scale(axes, max([*ends, 1e-9]), as_percent=as_percent, lowest=min([*ends, 0.0]))
    for y, row in zip(middles, rows, strict=True):
        old = row.value if row.mark is None else row.mark
        axes.plot([old, row.value], [y, y], color=FAINT, linewidth=2.5, zorder=1)
        axes.plot(old, y, "o", color="white", markeredgecolor=CHANCE, markersize=8, mew=2, zorder=2)
        axes.plot(row.value, y, "o", color=ACCENT, markersize=10, markeredgecolor="white", zorder=3)
        _value(axes, max(old, row.value), y, row.text)
    _key(
        figure,
        [_handle(before, marker="o", colour=CHANCE, hollow=True), _handle(after, marker="o", colour=ACCENT)],
    )
    _caption(axes, axis)
    return figure


def profile(
    radii: Sequence[float],
    values: Sequence[float],
    chance: Sequence[float | None],
    *,
    axis: str,
    side: str,
    as_percent: bool = False,
) -> Figure:
    """One value by distance, with what chance would give.

    Parameters
    ----------
    radii : sequence of float
        Metres, rising; the first may be 0 for the zones themselves.
    values : sequence of float
    chance : sequence of float or None
    axis, side : str
        Names of the horizontal and the vertical scale.
    as_percent : bool
        Write the vertical scale in per cent.
    """
    figure = _figure(WIDTH, 330)
    axes = _axes(figure, 66, 30, TOP + 12, 52)
    axes.grid(color=GRID, linewidth=1)
    axes.set_axisbelow(True)
    places = range(len(radii))
    known = [(i, c) for i, c in enumerate(chance) if c is not None]
    if known:
        axes.plot(
            *zip(*known, strict=True),
            color=CHANCE,
            linewidth=2,
            linestyle="--",
            marker="D",
            markerfacecolor="white",
            markeredgewidth=2,
            markersize=6,
        )
    axes.plot(places, values, color=ACCENT, linewidth=2.5, marker="o", markersize=8, markeredgecolor="white")
    ends = [*values, *(c for _, c in known), 0.0, 1e-9]
    room = 0.12 * (max(ends) - min(ends))
    axes.set_ylim(min(ends) - (room if min(ends) < 0 else 0), max(ends) + room)
    axes.set_xlim(-0.25, len(radii) - 0.75)
    axes.set_xticks(list(places), [_distance(r) for r in radii])
    axes.yaxis.set_major_formatter(_written(as_percent))
    _caption(axes, axis)
    handles = [_handle(side, marker="o", colour=ACCENT, line="-")]
    if known:
        handles.append(
            _handle(phrase("expected by chance"), marker="D", colour=CHANCE, hollow=True, line="--")
        )
    _key(figure, handles)
    return figure


def _distance(radius: float) -> str:
    if radius <= 0:
        return phrase("zone itself")
    if radius < 1000:
        return phrase("{length} m", length=count(radius))
    return phrase("{length} km", length=Number(f"{radius / 1000:.3g}"))


def stacked(rows: Sequence[tuple[str, Sequence[float]]], parts: Sequence[str], *, axis: str) -> Figure:
    """Bars of one length cut in parts, in per cent of the whole.

    Parameters
    ----------
    rows : sequence of (label, shares)
        Shares add up to 1.
    parts : sequence of str
        Names of the parts.
    axis : str
    """
    figure, axes, middles = _rows([label for label, _ in rows])
    _scale(axes, 1.0, as_percent=True)
    axes.set_xlim(0, 1)
    fills = ((ACCENT, "white"), ("#c5dbe6", INK), ("#f1d9c4", INK), (FAINT, INK))
    for y, (_, shares) in zip(middles, rows, strict=True):
        start = 0.0
        for (fill, ink), share in zip(fills, shares, strict=False):
            axes.barh(y, share, left=start, height=22, color=fill, edgecolor="white", linewidth=1.5)
            if share >= 0.07:
                text = Number(f"{100 * share:.0f}%")
                axes.text(start + share / 2, y, text, ha="center", va="center_baseline", color=ink)
            start += share
    _key(figure, [_handle(p, marker="s", colour=f) for p, (f, _) in zip(parts, fills, strict=False)])
    _caption(axes, axis)
    return figure
