"""Maps: shapes coloured by class, with a legend in numbers and a scale bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from isopolis.model.text import Number, phrase, split_lines

from .style import FAINT, INK, MUTED, WIDTH
from .svg import draw
from .units import MAP_PIXELS, Units

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.path import Path

__all__ = ["Layer", "draw_map", "paths_of"]

LEGEND = WIDTH - MAP_PIXELS - 18
ROW = 24


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """What the shapes of a map show.

    Parameters
    ----------
    classes : (N,) int array
        Class of each shape, -1 for no data.
    colours, labels : sequences of str
        One per class.
    heading : str
        What the legend counts.
    texts : sequence of str
        One per shape: what a pointer shows over it.
    marks : sequence of (x, y, text)
        Numbers written on the map.
    """

    classes: npt.NDArray[np.int64]
    colours: Sequence[str]
    labels: Sequence[str]
    heading: str
    texts: Sequence[str] = ()
    marks: Sequence[tuple[float, float, str]] = ()


def paths_of(units: Units) -> list[Path | None]:
    """One drawable path per shape, holes included; None for an empty shape."""
    import shapely

    return [None if s is None or shapely.is_empty(s) else _path(s) for s in units.shapes]


def _path(shape: Any) -> Path | None:
    import shapely
    from matplotlib.path import Path

    rings = shapely.get_rings(shapely.get_parts(shape))
    if not len(rings):
        return None
    vertices, codes = [], []
    for ring in rings:
        points = shapely.get_coordinates(ring)
        code = np.full(len(points), Path.LINETO, dtype=Path.code_type)
        code[0], code[-1] = Path.MOVETO, Path.CLOSEPOLY
        vertices.append(points)
        codes.append(code)
    return Path(np.concatenate(vertices), np.concatenate(codes))


def draw_map(units: Units, paths: Sequence[Path | None], layer: Layer, key: str) -> str:
    """Draw one map and return its SVG."""
    titles = {} if units.raster else {f"zone-{i}": t for i, t in enumerate(layer.texts)}
    return draw(lambda: _paint(units, paths, layer), key, titles)


def _paint(units: Units, paths: Sequence[Path | None], layer: Layer) -> Figure:
    from matplotlib.figure import Figure

    xmin, ymin, xmax, ymax = units.bounds
    wide, high = max(xmax - xmin, 1.0), max(ymax - ymin, 1.0)
    rows = len(layer.labels) + 1 + layer.heading.count("\n") + 1
    height = float(np.clip(MAP_PIXELS * high / wide, max(200, ROW * (rows + 2)), 1.2 * MAP_PIXELS)) + 36
    figure = Figure(figsize=(WIDTH / 72, height / 72), dpi=72, facecolor="white")
    axes = figure.add_axes((0, 36 / height, MAP_PIXELS / WIDTH, 1 - 36 / height))
    axes.set_axis_off()
    # the scale of the drawing, in metres a pixel, is what the scale bar needs
    scale = max(wide / MAP_PIXELS, high / (height - 36)) * 1.02
    axes.set_xlim((xmin + xmax - scale * MAP_PIXELS) / 2, (xmin + xmax + scale * MAP_PIXELS) / 2)
    axes.set_ylim((ymin + ymax - scale * (height - 36)) / 2, (ymin + ymax + scale * (height - 36)) / 2)
    (_collection if units.raster else _patches)(axes, paths, layer)
    for x, y, text in layer.marks:
        axes.text(
            x,
            y,
            text,
            ha="center",
            va="center_baseline",
            fontsize=11 if len(paths) < 200 else 9,
            color=INK,
            fontweight="bold",
            bbox={"boxstyle": "circle,pad=0.2", "fc": "white", "ec": INK, "lw": 1},
            zorder=5,
        )
    _legend(figure, layer, height, no_data=bool((layer.classes < 0).any()))
    _scale_bar(figure, scale, height)
    return figure


def _look(layer: Layer, kind: int, lines: float) -> dict[str, Any]:
    if kind < 0:
        return {"facecolor": "white", "edgecolor": FAINT, "hatch": "////", "linewidth": lines}
    return {"facecolor": layer.colours[kind], "edgecolor": MUTED, "linewidth": lines}


def _patches(axes: Axes, paths: Sequence[Path | None], layer: Layer) -> None:
    """Draw each shape on its own, so that it can carry its text."""
    from matplotlib.patches import PathPatch

    lines = 0.6 if len(paths) < 600 else 0.3
    for i, path in enumerate(paths):
        if path is not None:
            look = _look(layer, int(layer.classes[i]), lines)
            # as an artist: add_patch would work out the limits of the axes anew each time
            axes.add_artist(PathPatch(path, gid=f"zone-{i}", transform=axes.transData, clip_on=False, **look))


def _collection(axes: Axes, paths: Sequence[Path | None], layer: Layer) -> None:
    """Draw all shapes of a class at once, as pixels."""
    from matplotlib.collections import PathCollection

    for kind in np.unique(layer.classes):
        inside = [p for p, c in zip(paths, layer.classes, strict=True) if c == kind and p is not None]
        look = _look(layer, int(kind), 0.15)
        shapes = PathCollection(
            inside,
            facecolors=look["facecolor"],
            edgecolors=look["edgecolor"],
            linewidths=look["linewidth"],
            hatch=look.get("hatch"),
        )
        shapes.set_rasterized(True)
        axes.add_collection(shapes, autolim=False)


def _legend(figure: Figure, layer: Layer, height: float, *, no_data: bool) -> None:
    from matplotlib.patches import Rectangle

    left = MAP_PIXELS + 12
    y = 16.0
    for line in split_lines(layer.heading):
        _write(figure, left, y, line, height, colour=INK, bold=True)
        y += 16
    y += 8
    # the highest class on top, as on a thermometer
    entries = [(k, layer.labels[k]) for k in reversed(range(len(layer.labels)))]
    if no_data:
        entries.append((-1, phrase("no data, hidden or\nfewer than 30 people")))
    for kind, label in entries:
        box = Rectangle(
            (left / WIDTH, 1 - (y + 8) / height),
            26 / WIDTH,
            16 / height,
            transform=figure.transFigure,
            **{**_look(layer, kind, 0.8), "edgecolor": MUTED if kind >= 0 else FAINT},
        )
        figure.add_artist(box)
        for i, line in enumerate(split_lines(label)):
            _write(figure, left + 34, y + 15 * i, line, height)
        y += ROW + 15 * label.count("\n")


def _write(
    figure: Figure, x: float, y: float, text: str, height: float, *, colour: str = INK, bold: bool = False
) -> None:
    weight = "bold" if bold else "normal"
    figure.text(
        x / WIDTH, 1 - y / height, text, va="center_baseline", fontsize=12, color=colour, fontweight=weight
    )


def _scale_bar(figure: Figure, scale: float, height: float) -> None:
    from matplotlib.lines import Line2D

    length = _round_length(scale * MAP_PIXELS / 4)
    pixels = length / scale
    left, y = 12.0, 18 / height
    for x0, y0, x1, y1 in (
        (left, y, left + pixels, y),
        (left, y, left, y + 5 / height),
        (left + pixels, y, left + pixels, y + 5 / height),
    ):
        figure.add_artist(Line2D([x0 / WIDTH, x1 / WIDTH], [y0, y1], color=INK, linewidth=1.5))
    if length < 1000:
        text = phrase("{length} m", length=Number(f"{length:.0f}"))
    else:
        text = phrase("{length} km", length=Number(f"{length / 1000:g}"))
    figure.text((left + pixels + 8) / WIDTH, y, text, va="center_baseline", fontsize=12, color=INK)


def _round_length(longest: float) -> float:
    """Return the longest of 1, 2, 5, 10 … metres that is not longer than `longest`."""
    power = 10 ** np.floor(np.log10(max(longest, 1e-9)))
    return float(next(power * k for k in (5, 2, 1) if power * k <= longest))
