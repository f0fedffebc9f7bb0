"""What a worker does for a profile of a grid: people of a band, its windows, and its random tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import DataError, Problem
from isopolis.model.text import phrase
from isopolis.read.grids import Grid, sent
from isopolis.run import ARRAYS, PAIRS, Band, Form

__all__ = ["FOLDERS", "FORMS", "Part", "Tables", "chance_of", "scores_of", "totals_of", "with_people"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """Random tables: their key, how many, and the people of every row of the grid."""

    seed: int
    count: int
    people: Integers


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """What a worker gets: where to read, and what to add up."""

    grid: Grid
    band: Band
    radii: tuple[float, ...]
    shape: Any
    scores: tuple[Any, ...]
    engines: tuple[Any, ...]
    city: Floats | None = None
    tables: Tables | None = None


def totals_of(part: Part) -> tuple[Integers, Integers]:
    """(groups + 1,) people of each group in a band and its cells without data; (rows,) people of its rows."""
    first, last = part.band.first, part.band.last
    people, unknown = part.grid.rows(first, last)
    if people.size and people.min() < 0:
        row, column, group = (int(a[0]) for a in np.nonzero(people < 0))
        raise DataError([
            Problem(
                "negative",
                phrase(
                    'row {row}, column {column}, group "{group}" of the grid is below 0',
                    row=first + row, column=column, group=part.grid.names[group],
                ),
                value=str(people[row, column, group]),
                rule=phrase("people are numbers from 0 up"),
            )
        ])  # fmt: skip
    sums = people.sum(axis=(0, 1), dtype=np.int64)
    return np.append(sums, np.int64(unknown)), people.sum(axis=(1, 2), dtype=np.int64)


def scores_of(part: Part) -> tuple[Floats, Integers]:
    """(scores, radii, rows of the band): what each row adds; (K, 4): radius and sizes of windows."""
    people, _ = part.grid.rows(part.band.top, part.band.bottom)
    by_row, sums = _scored(part, people)
    return by_row, np.empty((0, 4), dtype=np.int64) if sums is None else _sizes(part, sums)


def chance_of(part: Part) -> Floats:
    """(tables, scores, radii, rows of the band): the same of random tables."""
    from isopolis.measure.scale.placed import placed_rows, rows_of_groups

    tables = part.tables
    assert tables is not None
    top, bottom = part.band.top, part.band.bottom
    people, _ = part.grid.rows(top, bottom)
    size = people.sum(axis=2, dtype=np.int64)
    del people
    out = []
    for replicate in range(tables.count):
        groups = rows_of_groups(tables.people, _city(part), tables.seed, replicate)[top:bottom]
        placed = placed_rows(size, groups, tables.seed, replicate, top)
        out.append(_scored(part, placed)[0])
    return np.stack(out)


def _city(part: Part) -> Floats:
    if part.city is None:
        raise RuntimeError("windows are scored against the mix of the city, which is counted before them")
    return part.city


def _scored(part: Part, people: npt.NDArray[np.integer]) -> tuple[Floats, Any]:
    """(scores, radii, rows of the band), and the sums from the corner; None for kernels."""
    from isopolis.measure.scale.grid import SHAPES
    from isopolis.measure.scale.kernel_rows import kernel_rows
    from isopolis.measure.scale.scores import row_scores

    city = _city(part)
    if part.shape not in SHAPES:
        by_kernel = kernel_rows(
            people, part.radii, part.shape, scores=part.scores, city=city, rows=part.band.inside
        )
        return by_kernel, None
    sums = _sums(part, people)
    out = [
        row_scores(sums, part.radii, part.shape, score=score, city=city, rows=part.band.inside, engine=engine)
        for score, engine in zip(part.scores, part.engines, strict=True)
    ]
    return np.array(out, dtype=np.float64), sums


def _sums(part: Part, people: npt.NDArray[np.integer]) -> Any:
    """Sums from the corner of what a band reads; of one kind for all bands of a grid."""
    from isopolis.measure.scale.grid import SMALL, Prefixes

    sums = Prefixes.of(people, compiled="compiled" in part.engines)
    if _city(part).sum() >= SMALL and sums.table.dtype != np.int64:
        # compilers may round a loop over long numbers in another way than one over short ones
        sums = Prefixes(sums.table.astype(np.int64))
    return sums


def _sizes(part: Part, sums: Any) -> Integers:
    """(K, 4) which radius, then what `window_sizes` finds."""
    from isopolis.measure.scale.chance import window_sizes
    from isopolis.measure.scale.grid import Prefixes

    table = sums.table
    everyone = Prefixes(table.sum(axis=0, keepdims=True, dtype=table.dtype))
    found = []
    for place, radius in enumerate(part.radii):
        sizes = window_sizes(everyone, radius, part.shape, rows=part.band.inside)
        found.append(np.insert(sizes, 0, place, axis=1))
    return np.concatenate(found)


def with_people(part: Part) -> Part:
    """Read what a band needs, so that the part can be sent."""
    wide = part.band.top, part.band.bottom
    grid = sent(part.grid, *(wide if part.city is not None else (part.band.first, part.band.last)))
    return replace(part, grid=grid)


FOLDERS: dict[Callable[[Part], Any], str] = {totals_of: "people", scores_of: "windows", chance_of: "chance"}
"""Where parts of a kind are kept."""

FORMS: dict[Callable[[Part], Any], Form] = {totals_of: PAIRS, scores_of: PAIRS, chance_of: ARRAYS}
"""And as what."""
