"""One outcome of a city beside that of its peers: only what is defined alike, and never a league table."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from isopolis.model import Undefined
from isopolis.model.peer_table import OutcomeIndicator, OutcomeTable, PeerCity, Reading
from isopolis.model.text import Number, count, joint, phrase, phrases

__all__ = ["YEARS_APART", "Benchmark", "Shown", "benchmark", "comparable", "figure"]

YEARS_APART = 5
"""Years between two readings beyond which time, and not place, may be what differs."""

DRAWS = 999
RANDOM_LEVEL = 0.9


@dataclass(frozen=True, slots=True)
class Shown:
    """One city's value, ready to be drawn."""

    city: PeerCity
    value: float
    low: float | None
    high: float | None
    year: str


@dataclass(frozen=True, slots=True, eq=False)
class Benchmark:
    """One outcome, the city and its peers.

    Parameters
    ----------
    own : Shown or None
        None when the table has no value of the city; `own_missing` says why.
    shown : tuple of Shown
        Peers in the order of the peer list, not of the value.
    refused : mapping of str to str
        Peers that are not shown, and why.
    median, least, most : float or None
        Of the peers shown.
    random : (low, high) or None
        Where the median of as many cities drawn at random from the table lies in 90 % of draws.
    """

    indicator: OutcomeIndicator
    own: Shown | None
    own_missing: str
    shown: tuple[Shown, ...]
    refused: Mapping[str, str]
    median: float | None = None
    least: float | None = None
    most: float | None = None
    random: tuple[float, float] | None = None
    cautions: tuple[str, ...] = ()
    said: str = ""
    names: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "refused", MappingProxyType(dict(self.refused)))
        object.__setattr__(self, "names", MappingProxyType(dict(self.names)))

    def to_dict(self) -> dict[str, Any]:
        """Return the plain JSON form."""
        return {
            "indicator": self.indicator.id,
            "label": self.indicator.label,
            "unit": self.indicator.unit,
            "own": _plain(self.own),
            "own_missing": self.own_missing,
            "peers": [_plain(s) for s in self.shown],
            "refused": dict(self.refused),
            "median": self.median,
            "range": None if self.least is None else [self.least, self.most],
            "random": None if self.random is None else list(self.random),
            "cautions": list(self.cautions),
            "said": self.said,
        }


def _plain(shown: Shown | None) -> dict[str, Any] | None:
    if shown is None:
        return None
    interval = None if shown.low is None else [shown.low, shown.high]
    return {"city": shown.city.id, "value": shown.value, "interval": interval, "year": shown.year}


def benchmark(
    city_id: str, table: OutcomeTable, indicator: str, peer_ids: Sequence[str], *, seed: int = 0
) -> Benchmark:
    """Put one outcome of a city beside that of its peers.

    Parameters
    ----------
    peer_ids : sequence of str
        In the order of the peer list.
    seed : int
        Of the draws of random cities.

    Raises
    ------
    CallError
        When there is no such indicator or city.
    """
    what, readings = table.indicator(indicator), table.of(indicator)
    cities = {c.id: c for c in table.cities}
    mine = readings[city_id]
    shown, refused = [], {}
    for id_ in peer_ids:
        reason = comparable(what, mine, readings[id_])
        if reason:
            refused[id_] = reason
        else:
            shown.append(_shown(cities[id_], readings[id_], what))
    missing = mine.value.reason if isinstance(mine.value, Undefined) else ""
    own = None if missing else _shown(cities[city_id], mine, what)
    values = [s.value for s in shown]
    others = [_number(r) for c, r in readings.items() if c != city_id and not comparable(what, mine, r)]
    made = Benchmark(
        what,
        own,
        missing,
        tuple(shown),
        refused,
        float(np.median(values)) if values else None,
        min(values, default=None),
        max(values, default=None),
        _random(others, len(values), seed, what.id),
        tuple(_cautions(own, shown)),
        names={i: c.name for i, c in cities.items()},
    )
    return replace(made, said=_said(made))


def _number(reading: Reading) -> float:
    assert not isinstance(reading.value, Undefined)
    return reading.value


def _shown(city: PeerCity, reading: Reading, what: OutcomeIndicator) -> Shown:
    return Shown(city, _number(reading), reading.low, reading.high, reading.year or what.year)


def comparable(what: OutcomeIndicator, mine: Reading, other: Reading) -> str:
    """Say why a reading cannot stand beside the city's own; empty when it can."""
    if isinstance(other.value, Undefined):
        return other.value.reason
    for name, said in (
        ("unit", phrase("another unit")),
        ("definition", phrase("another definition")),
        ("scale", phrase("other zones or another distance")),
    ):
        ours = getattr(mine, name) or getattr(what, name)
        theirs = getattr(other, name) or getattr(what, name)
        if ours.casefold().strip() != theirs.casefold().strip():
            return phrase(
                "{what}: {theirs} there, {ours} here",
                what=said,
                theirs=theirs or phrase("not stated"),
                ours=ours or phrase("not stated"),
            )
    return _years(mine.year or what.year, other.year or what.year)


def _years(ours: str, theirs: str) -> str:
    here, there = (([int(y) for y in re.findall(r"(?<!\d)\d{4}(?!\d)", t)]) for t in (ours, theirs))
    if bool(here) != bool(there):
        return phrase("only one of the two states its year")
    if here and there and max(abs(max(here) - max(there)), abs(min(here) - min(there))) > YEARS_APART:
        return phrase(
            "the years are too far apart: {theirs} there, {ours} here; at most {years} years are taken",
            theirs=theirs,
            ours=ours,
            years=count(YEARS_APART),
        )
    return ""


def _random(others: Sequence[float], k: int, seed: int, key: str) -> tuple[float, float] | None:
    """Where the median of k cities drawn at random lies; None where there is nothing to draw from."""
    if k < 1 or k >= len(others):
        return None
    state = np.random.SeedSequence([seed, zlib.crc32(key.encode())]).generate_state(2, np.uint64)
    rng = np.random.Generator(np.random.Philox(key=state))
    pool = np.sort(np.array(others))
    medians = [float(np.median(rng.choice(pool, size=k, replace=False))) for _ in range(DRAWS)]
    edge = (1 - RANDOM_LEVEL) / 2
    low, high = np.quantile(medians, [edge, 1 - edge])
    return float(low), float(high)


def _cautions(own: Shown | None, shown: Sequence[Shown]) -> list[str]:
    out: list[str] = []
    everybody = [*shown, *([own] if own else [])]
    without = sum(s.low is None for s in everybody)
    if everybody and without:
        out.append(
            phrases(
                "{n} value states no interval: there a difference may be chance and nobody can tell.",
                "{n} values state no interval: there a difference may be chance and nobody can tell.",
                without,
            )
        )
    if everybody and not any(s.year for s in everybody):
        out.append(phrase("No value states its year."))
    elif len({s.year for s in everybody}) > 1:
        out.append(phrase("The values are of different years."))
    return out


def figure(value: float | None) -> str:
    """Write a number with up to four significant digits, never with an exponent."""
    if value is None:
        return phrase("unknown")
    if value == 0:
        return Number("0")
    digits = max(0, 3 - int(np.floor(np.log10(abs(value)))))
    text = f"{value:,.{min(digits, 12)}f}"
    return Number(text.rstrip("0").rstrip(".") if "." in text else text)


def _said(made: Benchmark) -> str:
    if made.median is None:
        return phrase("No peer has a value that is defined as this city's.")
    peers = phrases(
        "The middle of {n} peer is {median}; they lie between {least} and {most}.",
        "The middle of {n} peers is {median}; they lie between {least} and {most}.",
        len(made.shown),
        median=figure(made.median),
        least=figure(made.least),
        most=figure(made.most),
    )
    if made.own is None:
        return joint((phrase("There is no value of the city itself: {why}.", why=made.own_missing), peers))
    first = phrase("{city}: {value}.", city=made.own.city.name, value=figure(made.own.value))
    return joint((first, peers, _where(made), _by_chance(made)))


def _where(made: Benchmark) -> str:
    """Say on which side of its peers the city is, as far as the intervals allow."""
    own, least, most = made.own, made.least, made.most
    assert own is not None
    assert least is not None
    assert most is not None
    if least <= own.value <= most:
        return phrase("The city is within the range of its peers.")
    side = phrase("above") if own.value > most else phrase("below")
    ends = [s for s in made.shown if s.low is not None and s.high is not None]
    if own.low is None or own.high is None or len(ends) < len(made.shown):
        return phrase(
            "The city is {side} all of its peers; without intervals nobody can say whether by chance.",
            side=side,
        )
    apart = all(
        (s.high is not None and own.low > s.high) or (s.low is not None and own.high < s.low) for s in ends
    )
    if apart:
        return phrase("The city is {side} all of its peers, and the intervals do not overlap.", side=side)
    return phrase(
        "The city is {side} all of its peers, but intervals overlap: it may be no more than chance.",
        side=side,
    )


def _by_chance(made: Benchmark) -> str:
    if made.random is None:
        return ""
    low, high = made.random
    return phrase(
        "As many cities drawn at random from the table have their middle between {low} and {high} in "
        "{level} of draws.",
        low=figure(low),
        high=figure(high),
        level=Number(f"{RANDOM_LEVEL:.0%}"),
    )
