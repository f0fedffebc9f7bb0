"""Peer lists: which cities are given the same, how sure that is, and why the others are not there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError, Undefined
from isopolis.model.peer_table import CityTable, ContextFeature, ContextTable, PeerCity
from isopolis.model.text import Number, count, joint, listing, phrase, phrases

from .distance import COMMON_LEAST, Space, gaps_from, space_of
from .stability import TIE, Resampling, interval, shares

__all__ = ["ENOUGH", "FEWEST", "Filter", "Peer", "Peers", "peers"]

FEWEST = 2
"""Features below which no list is made."""

ENOUGH = 6
"""Features below which a list says first that there are too few."""

SURE = 0.5
"""Share of runs below which a place in the list is called unsure."""

NAMED = 3
RUNS_MOST = 100_000


@dataclass(frozen=True, slots=True)
class Filter:
    """What narrows the cities that may be peers; what is empty does not narrow.

    Parameters
    ----------
    countries, languages, networks : tuple of str
        One of these (any of them is enough).
    size : (low, high) or None
        Residents, both ends included; None for an open end.
    """

    countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    size: tuple[float | None, float | None] | None = None

    def why_not(self, city: PeerCity) -> str:
        """Say why a city is filtered out; empty when it is not."""
        if self.countries and not _meets(self.countries, (city.country,)):
            return phrase("it is in another country than those chosen")
        if self.languages and not _meets(self.languages, city.languages):
            return phrase("it shares none of the languages chosen, or states none")
        if self.networks and not _meets(self.networks, city.networks):
            return phrase("it is in none of the networks chosen, or states none")
        if self.size is None or self.size == (None, None):
            return ""
        if city.population is None:
            return phrase("the table does not state its population, so the filter by size cannot be applied")
        low, high = self.size
        if (low is not None and city.population < low) or (high is not None and city.population > high):
            return phrase("it is not of the size chosen")
        return ""


def _meets(wanted: Sequence[str], has: Sequence[str]) -> bool:
    return bool({w.casefold() for w in wanted} & {h.casefold() for h in has if h})


@dataclass(frozen=True, slots=True)
class Peer:
    """One city of a list.

    Parameters
    ----------
    place : int
        1 for the nearest; equal distances are in the order of ids and marked `tied`.
    distance : float
        0 (the same in everything known of both) to 1.
    common, of : int
        Features known of both, and features in use.
    share, low, high : float
        Share of the runs in which it is among the k nearest, with its Monte Carlo interval of 95 %.
    alike, unlike : tuple of str
        Ids of the features in which the two are nearest and farthest.
    """

    city: PeerCity
    place: int
    distance: float
    common: int
    of: int
    share: float
    low: float
    high: float
    alike: tuple[str, ...]
    unlike: tuple[str, ...]
    tied: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Peers:
    """The peers of one city.

    Parameters
    ----------
    ranked : tuple of Peer
        The k nearest, or the cities that the reader chose; nearest first.
    shares : mapping of str to float
        Share of runs in which a city is among the k nearest, for every comparable city.
    intervals : mapping of str to (low, high)
        Monte Carlo interval of each share.
    reasons : mapping of str to str
        Why each city of `ranked` is there, in a sentence.
    refused : mapping of str to str
        Cities that are not compared, and why.
    features : tuple of (ContextFeature, weight)
        What the distance is made of.
    left_out : mapping of str to str
        Features that are not in it, and why.
    undefined : Undefined or None
        Why there is no list, if so.
    """

    city: PeerCity
    ranked: tuple[Peer, ...]
    shares: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]]
    reasons: Mapping[str, str]
    refused: Mapping[str, str]
    features: tuple[tuple[ContextFeature, float], ...]
    left_out: Mapping[str, str]
    caveats: tuple[str, ...] = ()
    theme: str = ""
    k: int = 10
    runs: int = 200
    seed: int = 0
    undefined: Undefined | None = None
    distances: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("shares", "intervals", "reasons", "refused", "left_out", "distances"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def to_dict(self) -> dict[str, Any]:
        """Return the plain JSON form."""
        return {
            "city": self.city.id,
            "theme": self.theme,
            "k": self.k,
            "runs": self.runs,
            "seed": self.seed,
            "undefined_reason": self.undefined.reason if self.undefined else None,
            "ranked": [_plain(p, self.reasons.get(p.city.id, "")) for p in self.ranked],
            "shares": dict(self.shares),
            "refused": dict(self.refused),
            "features": [
                {
                    "id": f.id,
                    "label": f.label,
                    "unit": f.unit,
                    "year": f.year,
                    "source": f.source,
                    "weight": w,
                }
                for f, w in self.features
            ],
            "left_out": dict(self.left_out),
            "caveats": list(self.caveats),
        }


def _plain(peer: Peer, reason: str) -> dict[str, Any]:
    return {
        "city": peer.city.id,
        "name": peer.city.name,
        "place": peer.place,
        "tied": peer.tied,
        "distance": peer.distance,
        "common_features": peer.common,
        "of_features": peer.of,
        "share": peer.share,
        "share_interval": [peer.low, peer.high],
        "alike": list(peer.alike),
        "unlike": list(peer.unlike),
        "reason": reason,
    }


def peers(
    city_id: str,
    table: ContextTable | CityTable,
    *,
    weights: Mapping[str, float] | None = None,
    k: int = 10,
    runs: int = 200,
    seed: int = 0,
    theme: str = "",
    filtered: Filter | None = None,
    chosen: Sequence[str] = (),
    how: Resampling | None = None,
) -> Peers:
    """Find the cities that are given the same, and how sure each one's place is.

    Parameters
    ----------
    city_id : str
    table : ContextTable or CityTable
        Of a city table only the context is used: outcomes cannot change the list.
    weights : mapping of str to float, optional
        By feature id, where other than the feature's own; 0 leaves a feature out.
    k : int
        Length of the list.
    runs, seed : int
        Runs of the resampling. The same seed gives the same shares, in any order of rows.
    theme : str
        Only features of this theme and those of every theme.
    filtered : Filter, optional
        Narrows who may be a peer; the scales of the features stay those of the whole table.
    chosen : sequence of str
        Ids that the reader picks: the list shows these, with their place among all.
    how : Resampling, optional

    Returns
    -------
    Peers

    Raises
    ------
    CallError
        When a city, feature or number is not one that can be.
    """
    context = table.context if isinstance(table, CityTable) else table
    space = space_of(context, weights, theme)
    row = context.position(city_id)
    for other in chosen:
        context.position(other)
    _counts(k, runs, seed)
    made = _Making(context, space, row, filtered or Filter(), tuple(chosen), k, runs, seed, theme)
    return made.listed(how or Resampling())


def _counts(k: int, runs: int, seed: int) -> None:
    for name, value, least, most in (
        ("k", k, 1, 1000),
        ("runs", runs, 1, RUNS_MOST),
        ("seed", seed, 0, 2**63),
    ):
        if not least <= value <= most:
            raise CallError(f"{name} is {value}; a whole number from {least} to {most} is allowed")


@dataclass(frozen=True, slots=True, eq=False)
class _Making:
    """One list being made: what was asked for."""

    table: ContextTable
    space: Space
    row: int
    filtered: Filter
    chosen: tuple[str, ...]
    k: int
    runs: int
    seed: int
    theme: str

    def listed(self, how: Resampling) -> Peers:
        if len(self.space.features) < FEWEST:
            return self._none()
        distance, common, number = gaps_from(self.space, self.row)
        refused = self._refused(common, number)
        ids = self.space.cities
        rows = np.array([i for i, c in enumerate(ids) if c not in refused and i != self.row], dtype=np.int64)
        if not len(rows):
            return self._none(refused)
        found = shares(self.space, self.row, rows, self.k, runs=range(self.runs), seed=self.seed, how=how)
        share = {ids[i]: float(s) for i, s in zip(rows, found, strict=True)}
        between = {c: interval(s, self.runs) for c, s in share.items()}
        order = sorted(rows, key=lambda i: (round(float(distance[i]), 9), ids[i]))
        ranked = [
            self._peer(place, int(i), distance, int(number[i]), share, between)
            for place, i in enumerate(order, start=1)
            if (ids[i] in self.chosen if self.chosen else place <= self.k)
        ]
        return self._out(tuple(ranked), share, between, refused, distance, rows)

    def _refused(self, common: npt.NDArray[np.float64], number: npt.NDArray[np.int64]) -> dict[str, str]:
        out = {}
        for i, city in enumerate(self.table.cities):
            reason = "" if i == self.row or city.id in self.chosen else self.filtered.why_not(city)
            if not reason and i != self.row and common[i] < COMMON_LEAST - TIE:
                reason = phrases(
                    "not comparable: {common} of {n} feature is known of both; at least {least} of their "
                    "weight must be",
                    "not comparable: {common} of {n} features are known of both; at least {least} of their "
                    "weight must be",
                    len(self.space.features),
                    common=count(int(number[i])),
                    least=Number(f"{COMMON_LEAST:.0%}"),
                )
            if reason:
                out[city.id] = reason
        return out

    def _peer(
        self,
        place: int,
        i: int,
        distance: npt.NDArray[np.float64],
        common: int,
        share: Mapping[str, float],
        between: Mapping[str, tuple[float, float]],
    ) -> Peer:
        id_ = self.space.cities[i]
        near_, far = self._alike(i)
        level = [c for c in share if c != id_ and abs(distance[self.table.position(c)] - distance[i]) <= TIE]
        low, high = between[id_]
        return Peer(
            self.table.cities[i],
            place,
            float(distance[i]),
            common,
            len(self.space.features),
            share[id_],
            low,
            high,
            near_,
            far,
            bool(level),
        )

    def _alike(self, i: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Features in which two cities are nearest (gap to a quarter) and farthest (gap above it)."""
        gaps = [
            (float(p.gaps(p.at[self.row], p.at[[i]])[0]), p.feature.id)
            for p in self.space.features
            if p.known[i] and p.known[self.row]
        ]
        closest = sorted(g for g in gaps if g[0] <= 0.25)
        widest = sorted((g for g in gaps if g[0] > 0.25), key=lambda g: (-g[0], g[1]))
        return tuple(n for _, n in closest[:NAMED]), tuple(n for _, n in widest[:NAMED])

    def _none(self, refused: Mapping[str, str] | None = None) -> Peers:
        n = len(self.space.features)
        reason = phrase("No other city is comparable; the reason stands beside each.")
        if refused is None:
            reason = phrases(
                "Too few context features remain: {n} feature. A list needs at least {least}, and says "
                "little with fewer than {enough}.",
                "Too few context features remain: {n} features. A list needs at least {least}, and says "
                "little with fewer than {enough}.",
                n,
                least=count(FEWEST),
                enough=count(ENOUGH),
            )
        undefined = Undefined("too-few-features" if refused is None else "nobody-comparable", reason)
        return self._finish((), {}, {}, refused or {}, {}, undefined)

    def _out(
        self,
        ranked: tuple[Peer, ...],
        share: Mapping[str, float],
        between: Mapping[str, tuple[float, float]],
        refused: Mapping[str, str],
        distance: npt.NDArray[np.float64],
        rows: npt.NDArray[np.int64],
    ) -> Peers:
        apart = {self.space.cities[i]: float(distance[i]) for i in rows}
        return self._finish(ranked, share, between, refused, apart, None)

    def _finish(
        self,
        ranked: tuple[Peer, ...],
        share: Mapping[str, float],
        between: Mapping[str, tuple[float, float]],
        refused: Mapping[str, str],
        apart: Mapping[str, float],
        undefined: Undefined | None,
    ) -> Peers:
        labels = {p.feature.id: p.feature.label for p in self.space.features}
        return Peers(
            self.table.cities[self.row],
            ranked,
            share,
            between,
            {p.city.id: _reason(p, self.k, self.runs, labels) for p in ranked},
            refused,
            tuple((p.feature, p.weight) for p in self.space.features),
            self.space.left_out,
            _caveats(self, ranked, share),
            self.theme,
            self.k,
            self.runs,
            self.seed,
            undefined,
            apart,
        )


def _reason(peer: Peer, k: int, runs: int, labels: Mapping[str, str]) -> str:
    first = phrase(
        "{city} is in the top {k} in {share} of {runs} runs ({low} to {high}).",
        city=peer.city.name,
        k=count(k),
        share=Number(f"{peer.share:.0%}"),
        runs=count(runs),
        low=Number(f"{peer.low:.0%}"),
        high=Number(f"{peer.high:.0%}"),
    )
    alike = listing([labels[f] for f in peer.alike])
    unlike = listing([labels[f] for f in peer.unlike])
    return joint(
        (
            first,
            phrase("Most alike in {features}.", features=alike) if alike else "",
            phrase("Most unlike in {features}.", features=unlike) if unlike else "",
        )
    )


def _caveats(made: _Making, ranked: Sequence[Peer], share: Mapping[str, float]) -> tuple[str, ...]:
    out: list[str] = []
    n = len(made.space.features)
    if FEWEST <= n < ENOUGH:
        out.append(
            phrases(
                "Only {n} common context feature remains: this list says little about who is alike.",
                "Only {n} common context features remain: this list says little about who is alike.",
                n,
            )
        )
    if share and len(share) <= made.k:
        out.append(
            phrase("There are no more comparable cities than places in the list: every one of them is in it.")
        )
    elif unsure := [p.city.name for p in ranked if p.share < SURE]:
        out.append(
            phrase(
                "In the list in fewer than half of the runs: {listed}. Another fair choice of features and "
                "weights would leave them out.",
                listed=listing(unsure),
            )
        )
    own = len([p for p in made.space.features if not p.known[made.row]])
    if own:
        out.append(
            phrases(
                "The table lacks {n} feature of the city itself.",
                "The table lacks {n} features of the city itself.",
                own,
            )
        )
    out.append(
        phrase("Alike is what a city is given, not how well it does: this is no judgement of performance.")
    )
    return tuple(out)
