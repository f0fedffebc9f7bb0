"""The maps of a report, or bars where there is nothing to draw on."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from isopolis.model import City

from . import charts
from .blocks import Figure
from .charts import Dot
from .classes import RELATIVE, TIMES, classify
from .local import Local
from .maps import Layer, draw_map, paths_of
from .prose import Names, joined, people, percent, several, verb
from .style import QUOTIENT, RAMP
from .svg import draw
from .tables import every_zone, top_zones
from .units import Units, units_of

__all__ = ["Atlas"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
NUMBERED = 10
"""Zones named in the table and numbered on the map."""


@dataclass(frozen=True, eq=False)
class Atlas:
    """Draws one city's zones again and again with shapes made once."""

    city: City
    names: Names

    @cached_property
    def units(self) -> Units | None:
        """Shapes of the city."""
        return units_of(self.city)

    @cached_property
    def paths(self) -> list[object]:
        """Shapes as lines to draw."""
        return list(paths_of(self.units)) if self.units is not None else []

    # -- figures --------------------------------------------------------
    def score(self, local: Local, key: str) -> Figure | None:
        """Where the mix differs most from the city's, with the zones that contribute most."""
        if not local.top(1):
            return None
        kind = self.city.zones.kind or "zone"
        listed = top_zones(local, self.names, kind, NUMBERED, mapped=self.units is not None)
        title = f"{self.names.dimension(local.dimension)}: where the mix differs most from the city's"
        title += f", {local.date}" if local.date else ""
        summary = self._told(local)
        if self.units is None:
            return Figure(key, title, summary, self._bars(local, key), listed, self._why_no_map())
        svg = draw_map(self.units, self.paths, self._score_layer(local, self.units), key)  # type: ignore[arg-type]
        return Figure(key, title, summary, svg, listed, self._note(local))

    def quotient(self, local: Local, category: str, key: str) -> Figure | None:
        """Share of one category by zone, in times its share of the city."""
        g = local.table.counts.dimensions[0].index(category)
        city = float(local.city_share[g])
        if self.units is None or city <= 0 or not local.shown.any():
            return None
        label = self.names.category(local.dimension, category)
        svg = draw_map(self.units, self.paths, self._quotient_layer(local, g, self.units), key)  # type: ignore[arg-type]
        mine = np.where(local.shown, local.table.share[:, g], 0.0)
        top = int(np.argmax(mine))
        twice = local.shown & (local.table.share[:, g] >= 2 * city)
        summary = (
            f"The group “{label}” is {percent(city)} of the city. "
            f"The largest share is {percent(float(mine[top]))}, in {local.name(top)}."
        )
        if twice.any():
            count = float(local.people[twice].sum())
            live = verb(count, "person lives", "people live")
            summary += f" {people(count)} {live} where the share is at least twice the city's."
        listed = every_zone(local, self.names, self.city.zones.kind or "zone", category)
        title = f"{self.names.dimension(local.dimension)}: where the group “{label}” lives"
        return Figure(
            key, title + (f", {local.date}" if local.date else ""), summary, svg, listed, self._note(local)
        )

    # -- words ----------------------------------------------------------
    def _told(self, local: Local) -> str:
        first, listed = [local.name(z) for z in local.top(3)], local.top(NUMBERED)
        part = local.contribution[listed].sum()
        count = len(listed)
        who = verb(len(first), "zone that contributes most is", "zones that contribute most are")
        seen = "The bars say what part of the city's unevenness lies in each zone."
        if self.units is not None:
            seen = (
                "The colour says how far the mix of people in each zone is from the mix of the whole city: "
                "1 is the average over all residents."
            )
        return (
            f"{seen} The {who} {joined(first)}. "
            f"The {several(count, 'zone')} in the table {verb(count, 'makes', 'make')} up "
            f"{percent(float(part))} of the city's unevenness."
        )

    def _note(self, local: Local) -> str:
        assert self.units is not None
        hidden = int((~local.shown & (self.units.of_zone >= 0)).sum())
        lost = ~self.city.zones.drawable
        parts = [self.units.note] if self.units.note else []
        if hidden:
            parts.append(
                f"{several(hidden, 'zone')} {verb(hidden, 'is', 'are')} drawn as no data: nothing was "
                "collected, a number is hidden, or fewer than 30 people live there."
            )
        if lost.any():
            parts.append(
                f"{several(lost.sum(), 'zone')} with {several(local.people[lost].sum(), 'person')} "
                f"{verb(lost.sum(), 'has', 'have')} no outline: in all numbers, but not on the map."
            )
        return " ".join(parts)

    def _why_no_map(self) -> str:
        return (
            "There is no map because the data has no outlines of the zones; the bars show the same numbers."
        )

    # -- drawings -------------------------------------------------------
    def _bars(self, local: Local, key: str) -> str:
        rows = [
            Dot(
                f"{i}. {local.name(z)}",
                float(local.contribution[z]),
                text=percent(float(local.contribution[z])),
            )
            for i, z in enumerate(local.top(NUMBERED), start=1)
        ]
        return draw(
            lambda: charts.bars(rows, axis="share of the city's unevenness (M)", as_percent=True), key
        )

    def _score_layer(self, local: Local, units: Units) -> Layer:
        weights = np.where(local.shown, local.people, 0.0)
        score = units.mean(np.where(local.shown, local.score, 0.0), weights) / local.average
        labels = _ranges(RELATIVE, "{:g}", " times")
        return self._layer(
            units,
            score,
            weights,
            RELATIVE,
            RAMP,
            labels,
            "Difference from\nthe city's mix\n(1 = average)",
            "{:.2g} times the average difference",
            local.top(NUMBERED),
        )

    def _quotient_layer(self, local: Local, g: int, units: Units) -> Layer:
        weights = np.where(local.shown, local.people, 0.0)
        share = units.mean(np.where(local.shown, local.table.share[:, g], 0.0), weights)
        city = float(local.city_share[g])
        # a group of more than half of the city cannot have twice its share anywhere
        breaks = tuple(t * city for t in TIMES if t * city < 1)
        ends = [percent(b) for b in breaks]
        words = ("less than half", "less", "about the same", "more", "over twice")[: len(breaks) + 1]
        spans = [
            f"under {ends[0]}",
            *(f"{a} to {b}" for a, b in itertools.pairwise(ends)),
            f"over {ends[-1]}",
        ]
        labels = [f"{s}\n({w})" for s, w in zip(spans, words, strict=True)]
        heading = f"Share of people\n(city: {percent(city)})"
        return self._layer(units, share, weights, breaks, QUOTIENT, labels, heading, "{:.1%}", [])

    def _layer(
        self,
        units: Units,
        values: Floats,
        weights: Floats,
        breaks: tuple[float, ...],
        colours: Sequence[str],
        labels: Sequence[str],
        heading: str,
        form: str,
        numbered: Sequence[int],
    ) -> Layer:
        counted = units.total(weights)
        classes = np.where(counted > 0, classify(values, breaks), -1)
        texts = (
            ()
            if units.raster
            else [
                f"{name}: " + (f"{form.format(v)}, {several(n, 'person')}" if n > 0 else "no data")
                for name, v, n in zip(units.names, values, counted, strict=True)
            ]
        )
        return Layer(classes, colours, labels, heading, texts, self._marks(numbered))

    def _marks(self, zones: Sequence[int]) -> list[tuple[float, float, str]]:
        """Place the numbers of the table on the map."""
        import shapely

        out = []
        for place, zone in enumerate(zones, start=1):
            shape = None if self.city.zones.geometry is None else self.city.zones.geometry[zone]
            if shape is not None and not shapely.is_empty(shape):
                point = shapely.point_on_surface(shape)
                out.append((float(point.x), float(point.y), str(place)))
        return out


def _ranges(breaks: Sequence[float], form: str, unit: str) -> list[str]:
    ends = [form.format(b) for b in breaks]
    middle = [f"{a} to {b}{unit}" for a, b in itertools.pairwise(ends)]
    return [f"under {ends[0]}{unit}", *middle, f"over {ends[-1]}{unit}"]
