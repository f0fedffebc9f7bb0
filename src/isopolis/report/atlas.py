"""The maps of a report, or bars where there is nothing to draw on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from isopolis.flows.diagnosis import FALSE
from isopolis.model import City
from isopolis.model.text import Number, count, joint, phrase, phrases

from . import charts
from .blocks import Figure
from .charts import Dot
from .classes import RELATIVE, TIMES, classify
from .local import Local
from .maps import Layer, draw_map, paths_of
from .prose import Names, dated, joined, percent, several
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
        title = phrase(
            "{dimension}: where the mix differs most from the city's",
            dimension=self.names.dimension(local.dimension),
        )
        title = dated(title, local.date)
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
        told = [
            phrase(
                "The group “{group}” is {share} of the city. The largest share is {largest}, in {zone}.",
                group=label,
                share=percent(city),
                largest=percent(float(mine[top])),
                zone=local.name(top),
            )
        ]
        if twice.any():
            told.append(
                phrases(
                    "{n} person lives where the share is at least twice the city's.",
                    "{n} people live where the share is at least twice the city's.",
                    float(local.people[twice].sum()),
                )
            )
        told += _beyond_chance(local, g)
        listed = every_zone(local, self.names, self.city.zones.kind or "zone", category)
        title = phrase(
            "{dimension}: where the group “{group}” lives",
            dimension=self.names.dimension(local.dimension),
            group=label,
        )
        return Figure(key, dated(title, local.date), joint(told), svg, listed, self._note(local))

    # -- words ----------------------------------------------------------
    def _told(self, local: Local) -> str:
        first, listed = [local.name(z) for z in local.top(3)], local.top(NUMBERED)
        part = local.contribution[listed].sum()
        count = len(listed)
        seen = phrase("The bars say what part of the city's unevenness lies in each zone.")
        if self.units is not None:
            seen = phrase(
                "The colour says how far the mix of people in each zone is from the mix of the whole city: "
                "1 is the average over all residents."
            )
        most = phrases(
            "The zone that contributes most is {zones}.",
            "The zones that contribute most are {zones}.",
            len(first),
            zones=joined(first),
        )
        share = phrases(
            "The {n} zone in the table makes up {percent} of the city's unevenness.",
            "The {n} zones in the table make up {percent} of the city's unevenness.",
            count,
            percent=percent(float(part)),
        )
        return joint((seen, most, share))

    def _note(self, local: Local) -> str:
        assert self.units is not None
        hidden = int((~local.shown & (self.units.of_zone >= 0)).sum())
        lost = ~self.city.zones.drawable
        parts = [self.units.note] if self.units.note else []
        if hidden:
            parts.append(
                phrases(
                    "{n} zone is drawn as no data: nothing was collected, a number is hidden, "
                    "or fewer than 30 people live there.",
                    "{n} zones are drawn as no data: nothing was collected, a number is hidden, "
                    "or fewer than 30 people live there.",
                    hidden,
                )
            )
        if lost.any():
            parts.append(
                phrases(
                    "{n} zone with {people} has no outline: in all numbers, but not on the map.",
                    "{n} zones with {people} have no outline: in all numbers, but not on the map.",
                    int(lost.sum()),
                    people=several(local.people[lost].sum(), "person"),
                )
            )
        return joint(parts)

    def _why_no_map(self) -> str:
        return phrase(
            "There is no map because the data has no outlines of the zones; the bars show the same numbers."
        )

    # -- drawings -------------------------------------------------------
    def _bars(self, local: Local, key: str) -> str:
        rows = [
            Dot(
                joint((f"{i}.", local.name(z))),
                float(local.contribution[z]),
                text=percent(float(local.contribution[z])),
            )
            for i, z in enumerate(local.top(NUMBERED), start=1)
        ]
        return draw(
            lambda: charts.bars(rows, axis=phrase("share of the city's unevenness (M)"), as_percent=True), key
        )

    def _score_layer(self, local: Local, units: Units) -> Layer:
        weights = np.where(local.shown, local.people, 0.0)
        score = units.mean(np.where(local.shown, local.score, 0.0), weights) / local.average
        ends = [phrase("{number} times", number=Number(f"{b:g}")) for b in RELATIVE]
        labels = _ranges([Number(f"{b:g}") for b in RELATIVE], ends)
        return self._layer(
            units,
            score,
            weights,
            RELATIVE,
            RAMP,
            labels,
            phrase("Difference from\nthe city's mix\n(1 = average)"),
            lambda v: phrase("{number} times the average difference", number=Number(f"{v:.2g}")),
            local.top(NUMBERED),
        )

    def _quotient_layer(self, local: Local, g: int, units: Units) -> Layer:
        weights = np.where(local.shown, local.people, 0.0)
        share = units.mean(np.where(local.shown, local.table.share[:, g], 0.0), weights)
        city = float(local.city_share[g])
        # a group of more than half of the city cannot have twice its share anywhere
        breaks = tuple(t * city for t in TIMES if t * city < 1)
        ends = [percent(b) for b in breaks]
        words = (
            phrase("less than half"), phrase("less"), phrase("about the same"), phrase("more"),
            phrase("over twice"),
        )  # fmt: skip
        spans = _ranges(ends, ends)
        labels = [
            phrase("{range}\n({words})", range=s, words=w)
            for s, w in zip(spans, words[: len(breaks) + 1], strict=True)
        ]
        heading = phrase("Share of people\n(city: {percent})", percent=percent(city))
        form = lambda v: Number(f"{v:.1%}")  # noqa: E731
        return self._layer(units, share, weights, breaks, QUOTIENT, labels, heading, form, [])

    def _layer(
        self,
        units: Units,
        values: Floats,
        weights: Floats,
        breaks: tuple[float, ...],
        colours: Sequence[str],
        labels: Sequence[str],
        heading: str,
        form: Callable[[float], str],
        numbered: Sequence[int],
    ) -> Layer:
        counted = units.total(weights)
        classes = np.where(counted > 0, classify(values, breaks), -1)
        texts = (
            ()
            if units.raster
            else [_pointed(name, form(v), n) for name, v, n in zip(units.names, values, counted, strict=True)]
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


def _beyond_chance(local: Local, g: int) -> list[str]:
    """Say in how many zones a group stands out, when that can be tested."""
    if local.table.stands_out is None:
        return []
    marks = local.table.stands_out[local.shown, g]
    return [
        phrase(
            "The share differs from the city's by more than chance allows in {n} of {all} zones: above it in "
            "{above}, below it in {below}. At most {false} of such marks are false.",
            n=count(int((marks != 0).sum())),
            all=count(len(marks)),
            above=count(int((marks > 0).sum())),
            below=count(int((marks < 0).sum())),
            false=percent(FALSE),
        )
    ]


def _pointed(name: str, value: str, count: float) -> str:
    """What a pointer shows over one shape of a map."""
    if count <= 0:
        return phrase("{zone}: no data", zone=name)
    return phrase("{zone}: {value}, {people}", zone=name, value=value, people=several(count, "person"))


def _ranges(bare: Sequence[str], ends: Sequence[str]) -> list[str]:
    """Name the classes between the `ends`; the lower end of a range goes without its unit."""
    middle = [phrase("{low} to {high}", low=a, high=b) for a, b in zip(bare, ends[1:], strict=False)]
    return [phrase("under {limit}", limit=ends[0]), *middle, phrase("over {limit}", limit=ends[-1])]
