"""Six invented cities whose distances can be worked out on paper, and a slow twin of every step."""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping, Sequence

import numpy as np

from isopolis.learn.peers import ContextFeature, ContextTable, PeerCity
from isopolis.model import Undefined

GONE = Undefined("not-stated", "the table does not state it")
FEATURES = (
    ContextFeature("climate", "Climate", kind="category"),
    ContextFeature("people", "People", transform="log"),
    ContextFeature("rented", "Rented homes", unit="%"),
)
CELLS = (
    ("oceanic", "oceanic", "oceanic", "dry", "dry", "dry"),
    (100_000.0, 100_000.0, 1_000_000.0, 10_000.0, 100_000.0, 1_000_000.0),
    (50.0, 60.0, 50.0, 100.0, GONE, 0.0),
)
CITIES = tuple(
    PeerCity(
        id_,
        f"City {id_}",
        country="XX" if id_ in "ABC" else "YY",
        languages=("fr",) if id_ in "BD" else ("de", "fr"),
        networks=("Rings",) if id_ != "C" else (),
        population=float(people),
    )
    for id_, people in zip("ABCDEF", CELLS[1], strict=True)
)
"""On a line from 10,000 to 1,000,000 by logarithm, A lies in the middle; rented homes go from 0 to 100."""

SIX = ContextTable(CITIES, FEATURES, CELLS)


def shuffled(table: ContextTable, order: Sequence[int]) -> ContextTable:
    """The same cities in another order of rows."""
    return ContextTable(
        tuple(table.cities[i] for i in order),
        table.features,
        tuple(tuple(column[i] for i in order) for column in table.cells),
    )


# -- the slow twin: one number after the other, no arrays -----------------------------------------
def twin_gap(table: ContextTable, f: int, one: int, other: int) -> float | None:
    """Gap of two cities in one feature; None when it is not known of both."""
    feature, column = table.features[f], table.cells[f]
    a, b = column[one], column[other]
    if isinstance(a, Undefined) or isinstance(b, Undefined):
        return None
    if feature.kind == "category":
        return 0.0 if a == b else 1.0
    if feature.kind == "tags":
        return 1 - len(set(a) & set(b)) / len(set(a) | set(b)) if set(a) | set(b) else 0.0
    known = [c for c in column if not isinstance(c, Undefined)]
    line = [twin_place(feature.transform, c, known) for c in known]
    span = max(line) - min(line)
    return abs(twin_place(feature.transform, a, known) - twin_place(feature.transform, b, known)) / span


def twin_place(transform: str, value: float, known: Sequence[float]) -> float:
    if transform == "log":
        return math.log(value)
    if transform == "rank":
        return sum(k < value for k in known) + (sum(k == value for k in known) - 1) / 2
    return value


def twin_distance(table: ContextTable, weights: Sequence[float], one: int, other: int) -> tuple[float, float]:
    """Distance of two cities, and the share of weight known of both."""
    total = common = 0.0
    for f, weight in enumerate(weights):
        gap = twin_gap(table, f, one, other)
        if gap is not None:
            total, common = total + weight * gap, common + weight
    return (total / common if common else 1.0), common / sum(weights)


def twin_shares(
    table: ContextTable, one: int, able: Sequence[int], k: int, runs: int, seed: int
) -> Mapping[str, float]:
    """Shares by lists and loops; features must be in the order of their ids, cities too."""
    n, credit = len(table.features), dict.fromkeys((table.cities[i].id for i in able), 0.0)
    key = np.random.SeedSequence([seed, zlib.crc32(b"peers")]).generate_state(2, np.uint64)
    for run in range(runs):
        rng = np.random.Generator(np.random.Philox(key=key, counter=[0, 0, 0, run]))
        times = rng.multinomial(n, [1 / n] * n).tolist()
        weights = [t * f.weight * math.exp(0.25 * z) for t, f, z in
                   zip(times, table.features, rng.standard_normal(n).tolist(), strict=True)]  # fmt: skip
        filled = twin_filled(table, rng.random((len(table.cities), n)).tolist())
        away = {i: twin_distance(filled, weights, one, i)[0] for i in able}
        for i in able:
            nearer = sum(away[j] < away[i] - 1e-9 for j in able)
            level = sum(abs(away[j] - away[i]) <= 1e-9 for j in able)
            credit[table.cities[i].id] += min(1.0, max(0.0, (k - nearer) / level))
    return {city: c / runs for city, c in credit.items()}


def twin_filled(table: ContextTable, uniform: Sequence[Sequence[float]]) -> ContextTable:
    """The table with each gap filled by the value of a city drawn at random."""
    cells = []
    for f, column in enumerate(table.cells):
        donors = sorted(c for c in column if not isinstance(c, Undefined))
        cells.append(
            tuple(
                donors[int(uniform[i][f] * len(donors))] if isinstance(c, Undefined) else c
                for i, c in enumerate(column)
            )
        )
    return ContextTable(table.cities, table.features, tuple(cells))
