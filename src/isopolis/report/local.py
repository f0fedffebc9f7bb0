"""One dimension zone by zone, with what may be shown and what may not."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from isopolis.flows.diagnosis import LocalTable
from isopolis.model import Zones

from .prose import clean

__all__ = ["FEWEST", "Local", "known_cells", "known_zones"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

FEWEST = 30
"""People below which a zone's mix is too much a matter of chance, and too private, to draw."""


def known_cells(table: LocalTable) -> Bools:
    """(Z, G) True where the share of a category is known: measured, collected, not hidden."""
    out: Bools = table.measured[:, None] & ~table.counts.hidden & ~table.counts.absent
    return out


def known_zones(table: LocalTable) -> Bools:
    """(Z,) True where every category is known."""
    return np.asarray(known_cells(table).all(axis=1))


@dataclass(frozen=True, eq=False)
class Local:
    """A `LocalTable` as maps and tables of zones need it."""

    table: LocalTable
    zones: Zones

    @property
    def dimension(self) -> str:
        """Name of the dimension."""
        return self.table.name

    @property
    def date(self) -> str:
        """Date of the counts."""
        return clean(self.table.counts.date)

    @property
    def people(self) -> Floats:
        """(Z,) persons counted."""
        return self.table.people

    @property
    def score(self) -> Floats:
        """(Z,) local segregation score in nats."""
        return self.table.local_m

    @property
    def expected(self) -> Floats:
        """(Z,) score by chance."""
        return self.table.local_expected

    @property
    def contribution(self) -> Floats:
        """(Z,) share of the city's unevenness."""
        return self.table.contribution

    @cached_property
    def known(self) -> Bools:
        """(Z,) zones of which every category is known."""
        return known_zones(self.table)

    @cached_property
    def shown(self) -> Bools:
        """(Z,) zones that may be drawn: known, and with enough people."""
        return self.known & (self.people >= FEWEST)

    @cached_property
    def city_share(self) -> Floats:
        """(G,) share of each category among the people of the known zones."""
        weights = np.where(self.known, self.people, 0.0)
        whole = weights.sum()
        share = np.where(self.known[:, None], self.table.share, 0.0)
        return weights @ share / whole if whole > 0 else np.zeros(share.shape[1])

    @cached_property
    def average(self) -> float:
        """Score of the average resident of the zones that may be shown; 1 where all scores are 0."""
        weights = np.where(self.shown, self.people, 0.0)
        whole = float(weights.sum())
        mean = float(weights @ np.where(self.shown, self.score, 0.0)) / whole if whole > 0 else 0.0
        return mean or 1.0

    def top(self, count: int) -> list[int]:
        """Return the zones that may be shown and contribute most, largest first; ties in the city's order."""
        score = np.where(self.shown, self.contribution, -1.0)
        count = min(count, int((score > 0).sum()))
        if count == 0:
            return []
        nearest = np.argpartition(-score, count - 1)[:count]
        limit = score[nearest].min()
        candidates = np.flatnonzero(score >= limit)
        return [int(z) for z in candidates[np.argsort(-score[candidates], kind="stable")][:count]]

    def name(self, zone: int) -> str:
        """Name of a zone, with its id when the name is not the id."""
        label, own = clean(self.zones.names[zone]), clean(self.zones.ids[zone])  # type: ignore[index]
        return label if label == own else f"{label} ({own})"

    def typical(self, zone: int) -> tuple[str, float, float]:
        """Category furthest above the city's share in `zone`, its share there and in the city."""
        g = int(np.argmax(self.table.share[zone] - self.city_share))
        category = self.table.counts.dimensions[0].categories[g]
        return category, float(self.table.share[zone, g]), float(self.city_share[g])
