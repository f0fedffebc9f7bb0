"""Dissimilarity corrected for small zones, correction beside correction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from isopolis.flows.small_units import read
from isopolis.measure.inference import Corrected, disagreement
from isopolis.model import Finding
from isopolis.model.text import phrase

from .blocks import Block, Text, table
from .prose import NONE, Names, percent, sentence

__all__ = ["corrected_for_small_zones"]


def corrected_for_small_zones(items: Sequence[Finding], names: Names) -> Iterator[Block]:
    """Yield a sentence and a table of the corrected values; nothing where none were asked for."""
    corrected = [(f, found) for f in items if f.defined and (found := read(f.detail))]
    if not corrected:
        return
    yield Text(
        phrase(
            "The zones hold few people, and chance alone makes them uneven. There are four ways to take that "
            "part out. They do not assume the same, so all that can be used here are shown."
        )
    )
    kinds = list(dict.fromkeys(c.name for _, found in corrected for c in found))
    rows = []
    for finding, found in corrected:
        by_name = {c.name: c for c in found}
        cells = [_written(by_name.get(kind)) for kind in kinds]
        rows.append((names.group(finding.group), percent(finding.number), *cells))
    head = (phrase("Group"), phrase("Value"), *(phrase("{text}", text=k) for k in kinds))
    yield table(phrase("Dissimilarity corrected for small zones"), head, rows)
    assumed = dict.fromkeys((c.name, c.assumes, c.source) for _, found in corrected for c in found)
    for name, what, source in assumed:
        yield Text(phrase("{name}: {what} {source}.", name=name, what=what, source=source))
    for finding, found in corrected:
        if why := disagreement(found):
            yield Text(sentence(phrase("{group}: {why}", group=names.group(finding.group), why=why)))


def _written(c: Corrected | None) -> str:
    if c is None:
        return NONE
    if c.low == c.high:
        return percent(c.low)
    return phrase("{low} to {high}", low=percent(c.low), high=percent(c.high))
