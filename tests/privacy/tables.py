"""Small tables for the tests of the gate, and the attacker who knows nothing of our code."""

from __future__ import annotations

from itertools import product

import numpy as np
from scipy.optimize import linprog

from isopolis.model import Counts, Dimension, Mechanism

SECRET = b"a secret of the tests, 32 bytes!"
SEX = Dimension("sex", ("female", "male"))
AGE = Dimension("age", ("young", "middle", "old"), ordered=True)
FAITH = Dimension("faith", ("one", "other", "none"), sensitive=True)


def table(values: object, *dimensions: Dimension, date: str = "2020", ids: list[str] | None = None) -> Counts:
    numbers = np.asarray(values, dtype=float)
    zones = np.array(ids or [f"z{i}" for i in range(len(numbers))], dtype=object)
    return Counts(zones, dimensions, numbers, np.uint8(Mechanism.EXACT), date)


def shown_sums(out, parents: dict[str, list[str]] | None = None) -> list[tuple[tuple, float]]:
    """Every shown number of one suppressed table as (cells of the finest block it adds up, value)."""
    finest = out.blocks[0][0].counts
    ids = [str(z) for z in finest.zone_ids]
    sums = []
    for block in out.blocks[0]:
        counts = block.counts
        for at in np.ndindex(*counts.values.shape):
            if counts.mechanism[at] >= Mechanism.INTERVAL:
                continue
            rows = [ids.index(z) for z in block.extents[at[0]]]
            fixed = {n: at[i + 1] for i, n in enumerate(block.names)}
            axes = [
                [fixed[d.name]] if d.name in fixed else range(len(d.categories)) for d in finest.dimensions
            ]
            sums.append((tuple(product(rows, *axes)), float(counts.values[at])))
    return sums


def attack(out, whole: tuple) -> tuple[float, float]:
    """Smallest and largest possible sum of the cells `whole`, by a linear programme of its own."""
    shape = out.blocks[0][0].counts.values.shape
    number = {at: i for i, at in enumerate(np.ndindex(*shape))}
    sums = shown_sums(out)
    lines = np.zeros((len(sums), len(number)))
    for row, (cells, _) in enumerate(sums):
        lines[row, [number[c] for c in cells]] = 1
    cost = np.zeros(len(number))
    cost[[number[c] for c in whole]] = 1
    ends = []
    for sign in (1, -1):
        found = linprog(
            sign * cost,
            A_eq=lines if len(sums) else None,
            b_eq=[v for _, v in sums] if sums else None,
            bounds=(0, None),
            method="highs",
        )
        ends.append(sign * found.fun if found.status == 0 else np.inf)
    return ends[0], ends[1]


def enumerate_tables(out, most: int):
    """Every whole table with cells up to `most` that agrees with all shown numbers, one by one."""
    shape = out.blocks[0][0].counts.values.shape
    places = list(np.ndindex(*shape))
    sums = shown_sums(out)
    for numbers in product(range(most + 1), repeat=len(places)):
        cell = dict(zip(places, numbers, strict=True))
        if all(sum(cell[c] for c in cells) == value for cells, value in sums):
            yield cell
