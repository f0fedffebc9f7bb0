"""A city's streets made ready: where people start, where services are, what each body can use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import AccessData, Places, Problem, Streets, Travel
from isopolis.model.text import count, phrase, phrases

from .access_asked import POLICIES

__all__ = ["Ground", "Spots", "Walk", "ground_of"]

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Progress = Callable[[str], None]

ISLAND = 50
"""Vertices of a part of the streets below which people are taken to the nearest larger part instead,
when one is within the limit: courtyards and mapping gaps cut off many small parts."""


@dataclass(frozen=True, slots=True, eq=False)
class Spots:
    """Points put on the streets of one profile.

    Parameters
    ----------
    points : reach.engine.Points
    attached : (P,) array of bool
    refused : tuple of Problem
    moved : int
        Points taken to a larger part of the streets.
    """

    points: Any
    attached: Flags
    refused: tuple[Problem, ...] = ()
    moved: int = 0

    def part(self, which: list[int]) -> Spots:
        """Return some of the points."""
        return Spots(self.points.take(which), self.attached[which])


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """One profile on the streets.

    Parameters
    ----------
    profile : reach.profiles.Profile
    costs : mapping of str to reach.profiles.Costs
        By policy.
    graphs : mapping of str to reach.engine.Graph
    origins : Spots
    """

    profile: Any
    costs: dict[str, Any]
    graphs: dict[str, Any]
    origins: Spots


@dataclass(slots=True, eq=False)
class Ground:
    """Streets, ready for any profile; what has been worked out is kept."""

    data: AccessData
    streets: Streets
    parsed: Any
    topology: Any
    walks: dict[str, Walk] = field(default_factory=dict)

    def walk(self, profile: Any, progress: Progress) -> Walk:
        """Weigh the streets for a profile, once."""
        known = self.walks.get(profile.name)
        if known is not None:
            return known
        from isopolis.reach.profiles import costs

        progress(phrase("streets for {profile}", profile=profile.title))
        by_policy = {policy: costs(self.parsed, profile, policy) for policy in POLICIES}
        graphs = {p: self.topology.weigh(c.forward, c.backward) for p, c in by_policy.items()}
        data = self.data.origins
        origins = self.spots(data.lon, data.lat, profile, by_policy["expected"])
        walk = Walk(profile, by_policy, graphs, origins)
        self.walks[profile.name] = walk
        return walk

    def spots(self, lon: Floats, lat: Floats, profile: Any, costs: Any) -> Spots:
        """Put points on the nearest street that the profile can use as expected.

        The same spots serve the pessimistic and the optimistic reading, so that the bounds hold what lies
        between them: a street of unknown tags on which somebody lives is a barrier in the one and none in
        the other.
        """
        from isopolis.reach.engine import Points
        from isopolis.reach.streets import components, snap

        passable = (costs.forward >= 0) | (costs.backward >= 0)
        labels, sizes = components(self.streets, passable)
        of_edge = labels[self.streets.tail]
        # a city where this body can use no street at all has no parts
        large = np.zeros(len(passable), dtype=np.bool_)
        large[of_edge >= 0] = np.asarray(sizes)[of_edge[of_edge >= 0]] >= ISLAND
        large &= passable
        limit = profile.snap_limit
        near = snap(self.streets, lon, lat, passable, limit=limit)
        main = snap(self.streets, lon, lat, large, limit=limit) if large.any() else near
        better = main.edge >= 0
        edge = np.where(better, main.edge, near.edge).astype(np.int32)
        share = np.where(better, main.share, near.share)
        gap = np.where(better, main.gap, near.gap)
        offset = np.where(edge >= 0, np.rint(np.nan_to_num(gap) / profile.speed.flat * 1000), 0).astype(
            np.int32
        )
        moved = int((better & (near.edge != main.edge)).sum())
        return Spots(Points(edge, share, offset), edge >= 0, near.refused, moved)

    def travel(self, walk: Walk, places: Places, spots: Spots, policy: str, limit: int) -> Travel:
        """Return the times on foot or wheels from all origins to `places` within `limit` milliseconds."""
        from isopolis.reach.engine import matrix

        indptr, indices, costs = matrix(walk.graphs[policy], walk.origins.points, spots.points, limit=limit)
        return Travel(
            self.data.origins.ids, places.ids, indptr, indices, costs, walk.profile.title, limit, (), policy
        )

    def street_of(self, spots: Spots, row: int) -> str:
        """Return the name of the street that a point was put on, empty where it has none."""
        edge = int(spots.points.edge[row])
        return str(self.streets.tag("name")[self.streets.way[edge]]) if edge >= 0 else ""


def ground_of(data: AccessData, progress: Progress) -> Ground | None:
    """Make the streets of a city ready; None when its folder holds none."""
    from isopolis.reach.engine import Topology, ready
    from isopolis.reach.profiles import parse_tags

    if data.streets is None:
        return None
    streets = data.streets
    progress(
        phrases("{n} piece of street", "{n} pieces of street", len(streets.tail), n=count(len(streets.tail)))
    )
    progress(phrase("making the search ready; the first time on a machine this takes some seconds"))
    ready()
    topology = Topology.of(streets.tail, streets.head, len(streets.node_ids), streets.lon, streets.lat)
    return Ground(data, streets, parse_tags(streets), topology)
