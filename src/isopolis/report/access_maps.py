"""Maps of access: minutes to the nearest place, what is left open, streets to look at first."""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from isopolis.flows.access_asked import AccessFound
from isopolis.flows.access_words import minutes_said
from isopolis.model import City, Zones
from isopolis.model.text import Number, count, noted, phrase

from .blocks import Figure, Table
from .maps import Layer, draw_map, paths_of
from .style import CHANCE, FAINT, GRID, RAMP, WIDTH
from .svg import draw
from .units import Units, units_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

__all__ = ["bound_map", "near_map", "sites_map", "spoken", "survey_map"]

Say = Callable[[str], str]

STEPS = (5, 10, 15, 30, 60)
FAR = "#3b3b3b"
BOUNDS = (RAMP[4], "#f28e2b", RAMP[1])
"""Outside, left open, within: blue, orange, pale green, apart in grey print as well."""
ALIKE = 0.95
"""Share of people in one class from which on a map of jobs or seats by minutes is one colour."""
HEADING = 26
_TEXT = re.compile(r"(<text[^>]*>)([^<]*)</text>")
STREETS = 2_000
"""Streets drawn on the survey map, those of most people."""


def shapes_of(found: AccessFound) -> Units | None:
    """Return what the maps are drawn with: outlines of the origins, or a spot for each."""
    origins = found.data.origins
    geometry, crs = _shapes(found)
    if not any(g is not None for g in geometry):
        return None
    zones = Zones(origins.ids, origins.names, origins.kind, geometry=geometry, crs=crs)
    return units_of(City(found.data.name, zones, ()))


def _shapes(found: AccessFound) -> tuple[npt.NDArray[np.object_], str]:
    """Return the shape of each origin in the coordinates of the map, and their reference system."""
    origins = found.data.origins
    if origins.outlines is not None and origins.crs:
        return origins.outlines, origins.crs
    return _spots(origins.lon, origins.lat)


def _spots(lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.object_], str]:
    import shapely

    out = np.full(len(lon), None, dtype=object)
    known = np.isfinite(lon) & np.isfinite(lat)
    if known.any():
        x, y = metric(lon[known], lat[known], float(lon[known].mean()), float(lat[known].mean()))
        out[known] = shapely.points(x, y)
    return out, "local"


def metric(lon: Any, lat: Any, lon0: float, lat0: float) -> tuple[Any, Any]:
    """Return metres east and north of a middle; good to a thousandth over a city."""
    earth = 6_371_008.8
    east = np.radians(np.asarray(lon) - lon0) * np.cos(np.radians(lat0)) * earth
    return east, np.radians(np.asarray(lat) - lat0) * earth


def near_map(found: AccessFound, say: Say) -> Figure | None:
    """Return the minutes to the nearest place; None where (nearly) all is of one class."""
    classes, labels, texts = _near_classes(found, say)
    if len(np.unique(classes[classes >= 0])) < 2 or _one_colour(found, classes):
        return None
    title = phrase("Minutes to the nearest place")
    summary = phrase(
        "{profile}. In dark zones nothing is in reach within {n} minutes.",
        profile=found.main.title,
        n=Number(f"{found.looked:g}"),
    )
    svg = _drawn(found, classes, [*_ramp(len(labels) - 1), FAR], labels, texts, "near", title, say)
    if svg is None:
        return None
    return Figure("near", say(title), say(summary), svg, _people_table(found, classes, labels, say))


def _one_colour(found: AccessFound, classes: npt.NDArray[np.int64]) -> bool:
    """Return True where one place stands for many and nearly everybody has one about equally near."""
    from isopolis.flows.access_people import everybody

    if not found.counted:
        return False
    people = np.where(classes >= 0, everybody(found.data.origins).values[:, 0], 0.0)
    return bool(np.bincount(np.maximum(classes, 0), people).max() >= ALIKE * people.sum())


def _near_classes(found: AccessFound, say: Say) -> tuple[npt.NDArray[np.int64], list[str], list[str]]:
    """Return the class of each origin (-1: no place on the map), the labels, and a text for each origin."""
    nearest = found.main.nearest["expected"]
    minutes = np.where(nearest >= 0, nearest / 60_000, np.inf)
    steps = sorted({*(s for s in STEPS if s < found.looked), found.asked.minutes, found.looked})
    classes = np.searchsorted(steps, minutes, side="left").astype(np.int64)
    located = found.data.origins.located
    classes = np.where(located, np.where(nearest >= 0, classes, len(steps)), -1)
    labels = [phrase("up to {n} min", n=Number(f"{s:g}")) for s in steps]
    labels += [phrase("more, or no way")]
    texts = [say(minutes_said(m if np.isfinite(m) else None, found.looked)) for m in minutes]
    return classes, labels, texts


def _people_table(
    found: AccessFound, classes: npt.NDArray[np.int64], labels: Sequence[str], say: Say
) -> Table:
    """Return how many people live in the zones of each class, the last class first."""
    from isopolis.flows.access_people import everybody

    people = everybody(found.data.origins).values[:, 0]
    rows = tuple(
        (say(labels[k]), say(count(float(people[classes == k].sum())))) for k in reversed(range(len(labels)))
    )
    return Table(say(phrase("People")), (say(phrase("Answer")), say(phrase("People"))), rows)


def sites_map(found: AccessFound, table: Table, say: Say) -> Figure | None:
    """Return the new sites by number on the minutes to the nearest place of today, `table` beside it."""
    marks = _marks(found)
    if not marks:
        return None
    classes, labels, _ = _near_classes(found, say)
    title = phrase("New sites on the map")
    summary = phrase(
        "The numbers are those of the table below. Colours: minutes to the nearest place today ({profile}).",
        profile=found.main.title,
    )
    heading = phrase("Minutes to the nearest place")
    colours = [*_ramp(len(labels) - 1), FAR]
    svg = _drawn(found, classes, colours, labels, (), "sites", heading, say, marks)
    return None if svg is None else Figure("sites", say(title), say(summary), svg, table)


def _marks(found: AccessFound) -> list[tuple[float, float, str]]:
    """Return the number of each new site at the middle of its zone, in the map's coordinates."""
    import shapely

    geometry, _ = _shapes(found)
    row = {str(name): i for i, name in enumerate(found.data.origins.ids)}
    numbers: dict[int, list[str]] = {}
    for n, site in enumerate(found.sites, 1):
        zone = row.get(site.origin)
        if zone is not None and geometry[zone] is not None and not shapely.is_empty(geometry[zone]):
            numbers.setdefault(zone, []).append(str(n))
    out = []
    for zone, said in numbers.items():
        middle = shapely.centroid(geometry[zone])
        out.append((float(middle.x), float(middle.y), ", ".join(said)))
    return out


def _ramp(many: int) -> list[str]:
    if many <= len(RAMP):
        return [RAMP[round(i * (len(RAMP) - 1) / max(many - 1, 1))] for i in range(many)]
    return [RAMP[min(i, len(RAMP) - 1)] for i in range(many)]


def _drawn(
    found: AccessFound, classes: npt.NDArray[np.int64], colours: Sequence[str], labels: Sequence[str],
    texts: Sequence[str], key: str, title: str, say: Say, marks: Sequence[tuple[float, float, str]] = (),
) -> str | None:  # fmt: skip
    units = shapes_of(found)
    if units is None:
        return None
    shape = np.full(len(units), -1, dtype=np.int64)
    drawn = units.of_zone >= 0
    np.maximum.at(shape, units.of_zone[drawn], classes[drawn])
    said = [""] * len(units)
    for zone in np.flatnonzero(drawn) if texts else ():
        unit = int(units.of_zone[zone])
        said[unit] = f"{units.names[unit]}: {texts[int(zone)]}"
    heading = "\n".join(textwrap.wrap(say(title), HEADING))
    layer = Layer(shape, colours, [say(x) for x in labels], heading, () if units.raster else said, marks)
    return spoken(lambda: draw_map(units, paths_of(units), layer, key), say)


def spoken(drawn: Callable[[], str], say: Say) -> str:
    """Return a drawing with the words that it makes itself said in the page's language.

    What is handed to a drawing is said already; the numbers of its axes, the length of its scale bar
    and the legend of what is missing are made inside, in English.
    """
    with noted() as seen:
        svg = drawn()
    words = {_escaped(english): _escaped(say(text)) for english, text in seen.items()}
    return _TEXT.sub(lambda m: m[1] + words.get(m[2], m[2]) + "</text>", svg)


def bound_map(found: AccessFound, say: Say) -> Figure | None:
    """Return where unknown tags decide whether people are near enough."""
    nearest = found.main.nearest
    if "optimistic" not in nearest or "pessimistic" not in nearest:
        return None
    best, worst = nearest["optimistic"], nearest["pessimistic"]
    if np.array_equal(best, worst):
        return None
    limit = found.asked.limit
    near = [(t >= 0) & (t <= limit) for t in (best, worst)]
    classes = np.where(near[1], 2, np.where(near[0], 1, 0)).astype(np.int64)
    labels = [phrase("outside, surely"), phrase("left open"), phrase("within, surely")]
    texts = [say(labels[c]) for c in classes]
    title = phrase("Within the standard: sure or left open")
    summary = phrase(
        "Left open: near enough if unknown kerbs, surfaces and widths are no barrier, too far if they are."
    )
    svg = _drawn(found, classes, BOUNDS, labels, texts, "bounds", title, say)
    table = _people_table(found, classes, labels, say)
    return None if svg is None else Figure("bounds", say(title), say(summary), svg, table)


def survey_map(found: AccessFound, say: Say) -> Figure | None:
    """Return the streets whose unknown tags would change the answer for most people."""
    lines, people = found.survey, found.survey_people
    if lines is None or people is None or not len(lines) or found.streets is None:
        return None
    order = np.argsort(-people, kind="stable")[:STREETS]
    title = phrase("Look here first")
    summary = phrase(
        "Streets on the way of most people about which nobody has recorded what this way of moving needs to "
        "know. Thicker: more people."
    )
    svg = spoken(lambda: draw(lambda: _paint(found, lines[order], people[order]), "survey"), say)
    rows = tuple((name, say(count(p)), tags) for name, p, tags in found.survey_rows)
    head = (phrase("Street"), phrase("People on their way"), phrase("What to record"))
    table = Table(say(phrase("Streets to look at first")), tuple(map(say, head)), rows, frozenset({0, 2}))
    return Figure("survey", say(title), say(summary), svg, table)


def _paint(found: AccessFound, lines: npt.NDArray[np.float64], people: npt.NDArray[np.float64]) -> Drawing:
    from matplotlib.collections import LineCollection
    from matplotlib.figure import Figure as Sheet

    streets = found.streets
    assert streets is not None
    lon0, lat0 = float(streets.lon.mean()), float(streets.lat.mean())
    x, y = metric(streets.lon, streets.lat, lon0, lat0)
    ends = np.stack([x, y], axis=1)
    every = np.stack([ends[streets.tail], ends[streets.head]], axis=1)
    a, b = metric(lines[:, 0], lines[:, 1], lon0, lat0), metric(lines[:, 2], lines[:, 3], lon0, lat0)
    chosen = np.stack([np.stack(a, axis=1), np.stack(b, axis=1)], axis=1)
    low, high = np.percentile(ends, 1, axis=0), np.percentile(ends, 99, axis=0)
    wide, tall = np.maximum(high - low, 1.0)
    height = float(np.clip(WIDTH * tall / wide, 260, 760))
    figure = Sheet(figsize=(WIDTH / 72, height / 72), dpi=72, facecolor="white")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(low[0], high[0])
    axes.set_ylim(low[1], high[1])
    axes.set_aspect("equal", adjustable="datalim")
    under = LineCollection(list(every), colors=GRID if len(every) > 20_000 else FAINT, linewidths=0.35)
    under.set_rasterized(True)
    axes.add_collection(under, autolim=False)
    width = 0.8 + 4.0 * np.sqrt(people / max(float(people.max()), 1e-12))
    over = LineCollection(list(chosen), colors=CHANCE, linewidths=width, capstyle="round")
    over.set_rasterized(len(chosen) > 300)
    axes.add_collection(over, autolim=False)
    return figure


def _escaped(text: str) -> str:
    """Write a text as it stands inside an element."""
    return html.escape(text, quote=False)
