"""Positive deviants: peers that do better than the cities most like them let one expect.

A lead to whom to ask, not a proof that a policy works.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from isopolis.model import Undefined
from isopolis.model.peer_table import CityTable, OutcomeIndicator, PeerCity, Reading
from isopolis.model.text import Number, count, phrase, phrases

from .benchmarks import comparable, figure
from .distance import COMMON_LEAST, Space, gaps_from, space_of
from .lists import Peers
from .stability import TIE

__all__ = ["LEVEL", "NEIGHBOURS_FEWEST", "Deviant", "Deviants", "deviants"]

LEVEL = 0.95
NEIGHBOURS_FEWEST = 5
"""Neighbours with a value below which a city is not judged."""


@dataclass(frozen=True, slots=True)
class Deviant:
    """One peer beside what its own nearest cities predict.

    Parameters
    ----------
    predicted, low, high : float
        Mean of its neighbours, and where one more city like them lies with 95 %.
    better : bool
        True when its value (its worse end, where it has an interval) is better than all of that interval.
    p : float
        One-sided, of a value at least so good among cities like its neighbours.
    holds : bool
        True when it stands after correction for the number of cities looked at (Holm 1979).
    """

    city: PeerCity
    value: float
    predicted: float
    low: float
    high: float
    neighbours: tuple[str, ...]
    better: bool
    p: float
    holds: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Deviants:
    """All peers looked at for one outcome.

    Parameters
    ----------
    looked_at : tuple of Deviant
        In the order of the peer list.
    unjudged : mapping of str to str
        Peers that cannot be judged, and why.
    by_chance : float
        How many would look better by chance alone.
    """

    indicator: OutcomeIndicator
    looked_at: tuple[Deviant, ...]
    unjudged: Mapping[str, str]
    by_chance: float
    caveats: tuple[str, ...]
    undefined: Undefined | None = None

    @property
    def better(self) -> tuple[Deviant, ...]:
        """Those that do better."""
        return tuple(d for d in self.looked_at if d.better)

    def to_dict(self) -> dict[str, Any]:
        """Return the plain JSON form."""
        return {
            "indicator": self.indicator.id,
            "undefined_reason": self.undefined.reason if self.undefined else None,
            "by_chance": self.by_chance,
            "caveats": list(self.caveats),
            "unjudged": dict(self.unjudged),
            "looked_at": [
                {
                    "city": d.city.id,
                    "value": d.value,
                    "predicted": d.predicted,
                    "interval": [d.low, d.high],
                    "neighbours": list(d.neighbours),
                    "better": d.better,
                    "p": d.p,
                    "holds": d.holds,
                }
                for d in self.looked_at
            ],
        }


def deviants(found: Peers, table: CityTable, indicator: str, *, k: int | None = None) -> Deviants:
    """Look for peers with a better outcome than their own neighbours predict.

    Parameters
    ----------
    found : Peers
        The list; its weights and theme make the neighbours of each peer too.
    k : int, optional
        Neighbours of each peer; as many as the list has places when not given.

    Raises
    ------
    CallError
        When there is no such indicator.
    """
    what, readings = table.outcomes.indicator(indicator), table.outcomes.of(indicator)
    if what.better == "neither":
        reason = phrase("Which end of this outcome is better is not stated, so nobody can do better in it.")
        return Deviants(what, (), {}, 0.0, (), Undefined("no-better-end", reason))
    used = {f.id: w for f, w in found.features}
    space = space_of(table.context, {f.id: used.get(f.id, 0.0) for f in table.context.features}, found.theme)
    seen: list[Deviant] = []
    unjudged: dict[str, str] = {}
    for peer in found.ranked:
        made = _judged(peer.city, space, what, readings, k or found.k)
        if isinstance(made, Deviant):
            seen.append(made)
        else:
            unjudged[peer.city.id] = made
    kept = _holm(seen)
    chance = (1 - LEVEL) / 2 * len(kept)
    return Deviants(what, tuple(kept), unjudged, chance, _caveats(kept, chance))


def _judged(
    city: PeerCity, space: Space, what: OutcomeIndicator, readings: Mapping[str, Reading], k: int
) -> Deviant | str:
    mine = readings[city.id]
    if isinstance(mine.value, Undefined):
        return mine.value.reason
    near = _neighbours(city.id, space, what, readings, k)
    if len(near) < NEIGHBOURS_FEWEST:
        return phrases(
            "only {n} comparable city has a value; at least {least} are needed",
            "only {n} comparable cities have a value; at least {least} are needed",
            len(near),
            least=count(NEIGHBOURS_FEWEST),
        )
    values = np.array([readings[c].value for c in near], dtype=np.float64)
    spread = float(values.std(ddof=1)) * (1 + 1 / len(values)) ** 0.5
    if spread <= TIE * max(1.0, abs(float(values.mean()))):
        return phrase("the cities most like it all have the same value: there is no spread to judge by")
    return _deviant(city, mine, near, float(values.mean()), spread, what.better)


def _deviant(
    city: PeerCity, mine: Reading, near: tuple[str, ...], middle: float, spread: float, end: str
) -> Deviant:
    from scipy.special import stdtr, stdtrit

    assert not isinstance(mine.value, Undefined)
    half = float(stdtrit(len(near) - 1, 1 - (1 - LEVEL) / 2)) * spread
    sign = 1 if end == "high" else -1
    worse = (mine.low if end == "high" else mine.high) if mine.low is not None else mine.value
    assert worse is not None
    beyond = sign * (worse - middle)
    p = float(stdtr(len(near) - 1, -beyond / spread))
    return Deviant(city, mine.value, middle, middle - half, middle + half, near, beyond > half, p)


def _neighbours(
    city: str, space: Space, what: OutcomeIndicator, readings: Mapping[str, Reading], k: int
) -> tuple[str, ...]:
    distance, common, _ = gaps_from(space, space.cities.index(city))
    able = [
        (round(float(distance[i]), 9), other)
        for i, other in enumerate(space.cities)
        if other != city
        and common[i] >= COMMON_LEAST - TIE
        and not comparable(what, readings[city], readings[other])
    ]
    return tuple(other for _, other in sorted(able)[:k])


def _holm(seen: list[Deviant]) -> list[Deviant]:
    """Mark those that stand when every city looked at counts (Holm 1979, *Scand. J. Stat.* 6, 65-70)."""
    order = sorted(range(len(seen)), key=lambda i: seen[i].p)
    held: set[int] = set()
    for step, i in enumerate(order):
        if seen[i].p * (len(seen) - step) > (1 - LEVEL) / 2:
            break
        held.add(i)
    return [replace(d, holds=i in held) for i, d in enumerate(seen)]


def _caveats(seen: list[Deviant], chance: float) -> tuple[str, ...]:
    if not seen:
        return ()
    return (
        phrases(
            "{n} city was looked at: about {chance} would look better by chance alone.",
            "{n} cities were looked at: about {chance} would look better by chance alone.",
            len(seen),
            chance=figure(chance),
        ),
        phrase(
            "The interval takes the values of alike cities as scattered evenly about their mean; with few "
            "or skewed values it is rough."
        ),
        phrase(
            "Doing better than cities like it is a reason to ask how, not a proof that a policy did it. "
            "It stands after correction for the number of cities only where it is marked {mark}.",
            mark=Number("✓"),
        ),
    )
