"""The report's own maps and charts, each drawn once, and which of them show a finding."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import asdict
from html import unescape
from typing import Any
from xml.etree import ElementTree as ET

from isopolis.flows.diagnosis import Diagnosis
from isopolis.model import Finding
from isopolis.model.text import Text, noted, to_plain
from isopolis.report import figures
from isopolis.report.atlas import Atlas
from isopolis.report.blocks import Figure
from isopolis.report.local import Local
from isopolis.report.prose import CROSS, Names
from isopolis.report.select import ByDimension, by_dimension

__all__ = ["Drawings", "without_inline_styles"]

MAPS_MOST = 40
SVG = "http://www.w3.org/2000/svg"
_PAINT = set(
    "clip-path clip-rule dominant-baseline fill fill-opacity fill-rule font-family font-size font-style "
    "font-weight image-rendering opacity shape-rendering stroke stroke-dasharray stroke-dashoffset "
    "stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity stroke-width text-anchor".split()
)
BY_MEASURE = {
    "dissimilarity": "spread",
    "isolation": "isolation",
    "exposure": "isolation",
    "spatial_information_theory": "profile",
    "mutual_information_between": "nested",
    "mutual_information_within": "nested",
    "share": "survey",
}
CHARTS: dict[str, Callable[[ByDimension, Names, str], Figure | None]] = {
    "spread": figures.spread,
    "isolation": figures.isolation,
    "profile": figures.profile,
    "nested": figures.nested,
    "inside": figures.inside,
    "change": figures.change,
    "survey": figures.survey,
}


def without_inline_styles(svg: str) -> str:
    """Turn ``style="fill: red"`` into ``fill="red"``: our pages allow no inline styles."""
    ET.register_namespace("", SVG)
    root = ET.fromstring(svg)
    for element in root.iter():
        style = element.attrib.pop("style", "")
        for name, value in re.findall(r"([\w-]+)\s*:\s*([^;]+)", style):
            if name in _PAINT:
                element.set(name, value.strip())
    return ET.tostring(root, encoding="unicode")


def _drawn(figure: Figure | None, texts: dict[str, Text]) -> dict[str, Any]:
    """Return the words that stand in a drawing and can be said in other languages, in their JSON form."""
    if figure is None:
        return {}
    nodes = {unescape(t) for t in re.findall(r"<(?:text|title)(?:\s[^>]*)?>([^<]+)<", figure.svg)}
    return {node: {"is": to_plain(texts[node])} for node in sorted(nodes & texts.keys())}


class Drawings:
    """Draws what the findings of one diagnosis need, each figure once."""

    def __init__(self, diagnosis: Diagnosis, names: Names) -> None:
        self.names = names
        self.atlas = Atlas(diagnosis.city, names)
        self.parts = {p.name: (i, p) for i, p in enumerate(by_dimension(diagnosis), start=1)}
        self.made: dict[str, Figure | None] = {}
        self.words: dict[str, dict[str, Any]] = {}
        self.maps = 0

    def of(self, finding: Finding) -> tuple[str, ...]:
        """Keys of the figures that show `finding`, the map first; drawn when not yet there."""
        if finding.dimension not in self.parts:
            return ()
        place, part = self.parts[finding.dimension]
        kinds = list(self._kinds(finding, part))
        drawn = [key for kind in kinds if (key := self._once(place, part, kind))]
        if not drawn and part.tables and kinds != ["change"]:
            # no outlines, or no map of this group: where the mix differs is the next best answer
            drawn = [key for key in [self._once(place, part, "where")] if key]
        return tuple(dict.fromkeys(drawn))

    def maps_of(self, dimension: str) -> dict[str, str]:
        """Keys of the maps of one dimension: ``where``, and ``map-N`` for each group that has one."""
        if dimension not in self.parts or not self.parts[dimension][1].tables:
            return {}
        place, part = self.parts[dimension]
        kinds = ["where", *(f"map-{n}" for n in range(len(part.tables[0].counts.dimensions[0].categories)))]
        return {kind: key for kind in kinds if (key := self._once(place, part, kind))}

    def _once(self, place: int, part: ByDimension, kind: str) -> str:
        """Draw one figure if it is not there yet; return its key, empty when there is nothing to draw."""
        key = f"f{place}-{kind}"
        if key not in self.made:
            with noted() as seen:
                self.made[key] = self._draw(part, kind, key)
            self.words[key] = _drawn(self.made[key], self.names.texts() | seen)
        return key if self.made[key] is not None else ""

    def as_json(self, key: str) -> dict[str, Any]:
        """Return one figure as plain values."""
        figure = self.made[key]
        assert figure is not None
        said = asdict(figure) | {"svg": without_inline_styles(figure.svg), "words": self.words[key]}
        if figure.table is not None:
            said["table"]["text_columns"] = sorted(figure.table.text_columns)
        return said

    def _kinds(self, finding: Finding, part: ByDimension) -> Iterator[str]:
        if finding.measure.endswith("_change"):
            yield "change"
        elif finding.date not in ("", part.newest):
            # the drawings show the newest date: an older value stands in the chart of changes
            yield "change"
        elif finding.measure == "information_theory" and ":" in finding.scope:
            yield "inside"
        else:
            chart = BY_MEASURE.get(finding.measure)
            category = finding.group.partition("=")[2] if CROSS not in part.name else ""
            if category and finding.versus == "rest" and part.tables:
                categories = part.tables[0].counts.dimensions[0].categories
                if category in categories:
                    yield f"map-{categories.index(category)}"
            elif chart is None and part.tables:
                yield "where"
            if chart:
                yield chart

    def _draw(self, part: ByDimension, kind: str, key: str) -> Figure | None:
        if kind in CHARTS:
            return CHARTS[kind](part, self.names, key)
        if self.maps >= MAPS_MOST:
            return None
        self.maps += 1
        local = Local(part.tables[0], self.atlas.city.zones)
        if kind == "where":
            return self.atlas.score(local, key)
        category = local.table.counts.dimensions[0].categories[int(kind.partition("-")[2])]
        return self.atlas.quotient(local, category, key)
