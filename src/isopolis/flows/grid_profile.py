"""A profile of a grid of any size: how separated people live at each distance, in one process or on many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError, DataError, Problem, Undefined
from isopolis.model.text import joint, phrase
from isopolis.read.grids import Grid
from isopolis.run import Executor, InProcess, Kept, Progress, bands, carry_out, rows_that_fit

from .diagnose import SEED
from .grid_chance import Strays, method_of, strays, tables_that_fit
from .grid_parts import FOLDERS, FORMS, Part, Tables, chance_of, scores_of, totals_of, with_people

__all__ = ["GridProfile", "grid_profile"]

Floats = npt.NDArray[np.float64]
LEVEL = 1e-9
"""Excess up to which a value is that of chance: rounding, as where a window is the whole city."""

WORK = 32
"""Bytes for each cell and group beside the counts: sums from the corner, strips of them, a random table."""

NAMES = {
    "entropy": phrase("information theory index H by distance (score: entropy)"),
    "interaction": phrase("relative diversity R by distance (score: interaction)"),
    "gap": phrase("dissimilarity D by distance (score: gap)"),
    "squares": phrase("variance ratio V by distance (score: squares)"),
}
"""Score → the index it makes."""


@dataclass(frozen=True, slots=True, eq=False)
class GridProfile:
    """Measures of a grid by distance.

    Parameters
    ----------
    names : tuple of str
        Groups.
    totals : tuple of int
        People of each group in the whole grid.
    rows, columns : int
    cell : float
        Metres along the side of a cell.
    shape : str
        ``square``, ``disc`` or the name of a kernel.
    radii : tuple of float
        Metres, as they were asked for; bandwidths for a kernel.
    values : mapping of str to tuple of (float or Undefined)
        Score → its value at each radius.
    expected : mapping of str to tuple of (float or Undefined)
        What chance alone gives in its place, both margins fixed: exact for squares and discs, the mean of
        random tables for kernels; or why that is not known.
    strays : mapping of str to tuple of Strays
        How far chance strays from it: standard deviation and p.
    tables, seed : int
        How many random tables were drawn, and by which key.
    by_row : mapping of str to (radii, rows) array
        What each row of the grid adds to the sum behind `values`.
    unknown : int
        Cells whose people the file does not tell; they count as empty.
    cut : mapping
        Bands, rows of one, rows of halo, workers: how it was computed. The values do not depend on it.
    """

    names: tuple[str, ...]
    totals: tuple[int, ...]
    rows: int
    columns: int
    cell: float
    shape: str
    radii: tuple[float, ...]
    values: dict[str, tuple[float | Undefined, ...]]
    expected: dict[str, tuple[float | Undefined, ...]]
    strays: dict[str, tuple[Strays, ...]]
    tables: int
    seed: int
    by_row: dict[str, Floats]
    unknown: int
    cut: dict[str, int]

    @property
    def excess(self) -> dict[str, tuple[float | Undefined, ...]]:
        """Excess over chance by score and radius, (value − expected) / (1 − expected); or why not."""
        return {
            score: tuple(_excess(v, e) for v, e in zip(values, self.expected[score], strict=True))
            for score, values in self.values.items()
        }

    @property
    def beyond(self) -> dict[str, tuple[float | Undefined, ...]]:
        """How many standard deviations of chance a value lies above what chance gives; or why not."""
        return {
            score: tuple(s.beyond(v) for v, s in zip(values, self.strays[score], strict=True))
            for score, values in self.values.items()
        }

    @property
    def method(self) -> str:
        """How it was found how far chance strays; empty where that was not looked at."""
        return method_of(self.tables) if self.tables else ""

    @property
    def caveats(self) -> tuple[str, ...]:
        """What a reader must know beside the numbers."""
        said = [phrase("Distances are straight lines between the middle points of cells, not walks."),
                phrase("Beyond the edge of the grid nobody is counted."),
                *self._about_chance()]  # fmt: skip
        if self.unknown:
            said.append(
                phrase("{n} cells have no data. They count as empty, which may be wrong.", n=self.unknown)
            )
        return tuple(said)

    def _about_chance(self) -> list[str]:
        """What the values are beside those of chance."""
        pairs = [(v, k.sd) for s, of in self.strays.items() for v, k in zip(self.values[s], of, strict=True)]
        missing = [sd for v, sd in pairs if isinstance(sd, Undefined) and not isinstance(v, Undefined)]
        said = [missing[0].reason] if missing else []
        for score, excess in self.excess.items():
            at = [f"{r:g} m" for r, e in zip(self.radii, excess, strict=True)
                  if not isinstance(e, Undefined) and e <= LEVEL]  # fmt: skip
            beside = zip(self.radii, self.values[score], self.strays[score], strict=True)
            within = [f"{r:g} m" for r, v, s in beside if s.within(v) and f"{r:g} m" not in at]
            if at:
                said.append(
                    phrase(
                        "No more than chance alone gives, at {places}: {index}.",
                        index=NAMES[score], places=", ".join(at),
                    )
                )  # fmt: skip
            if within:
                named = joint([NAMES[score], ", ".join(within)], ": ")
                said.append(phrase("No higher than chance alone may give: {named}.", named=named))
        return said

    def to_dict(self) -> dict[str, Any]:
        """Return the plain JSON form, without the rows."""
        return {
            "groups": dict(zip(self.names, self.totals, strict=True)),
            "rows": self.rows,
            "columns": self.columns,
            "cell_metres": self.cell,
            "shape": self.shape,
            "radii_metres": list(self.radii),
            "indices": {k: str(NAMES[k]) for k in self.values},
            "values": {k: [_plain(v) for v in vs] for k, vs in self.values.items()},
            "expected": {k: [_plain(v) for v in vs] for k, vs in self.expected.items()},
            "excess": {k: [_plain(v) for v in vs] for k, vs in self.excess.items()},
            "sd": {k: [_plain(s.sd) for s in of] for k, of in self.strays.items()},
            "beyond": {k: [_plain(v) for v in vs] for k, vs in self.beyond.items()},
            "p": {k: [_plain(s.p) for s in of] for k, of in self.strays.items()},
            "random_tables": self.tables,
            "seed": self.seed,
            "null_method": str(self.method),
            "cells_without_data": self.unknown,
            "computed": dict(self.cut),
            "caveats": [str(c) for c in self.caveats],
        }


def grid_profile(
    grid: Grid,
    radii: Sequence[float],
    *,
    cell: float = 0.0,
    shape: str = "square",
    scores: Sequence[str] = ("entropy",),
    executor: Executor | None = None,
    band_rows: int = 0,
    keep: Path | None = None,
    send: bool = False,
    simulations: int | None = None,
    seed: int = SEED,
    progress: Callable[[str], None] | None = None,
) -> GridProfile:
    """Measure a grid at several distances.

    The values are equal bit for bit whatever the bands, the executor and the number of workers: windows are
    sums of whole people, a row is added up in one order, and rows are added up exactly.

    Parameters
    ----------
    grid : Grid
        See `isopolis.read.grids.read_grid`.
    radii : sequence of float
        Metres, >= 0.
    cell : float
        Metres along the side of a cell; what the grid says when 0.
    shape : str
        ``square`` or ``disc``; or a kernel (``biweight``, ``gaussian`` …), with the radii as its bandwidths.
        Kernels go by Fourier transform and are equal to 1e-12, not to the bit.
    scores : sequence of str
        Of ``entropy`` (H), ``interaction`` (R), ``gap`` (D), ``squares`` (V).
    executor : Executor, optional
        This process when not given; see `isopolis.run.executor`.
    band_rows : int
        Rows of a band; chosen from the memory of a worker when 0.
    keep : Path, optional
        Folder for what is done, from which a run that was stopped goes on.
    send : bool
        True to read here and send the people to the workers, which then need not see the file.
    simulations : int, optional
        Random tables that tell how far chance strays, and for kernels what it gives: 0 for none, or 19 and
        more; as many as take about `grid_chance.SECONDS`, up to 99, when not given.
    seed : int
        Key of the random tables.
    progress : callable, optional
        Called with a sentence after every part.

    Returns
    -------
    GridProfile

    Raises
    ------
    CallError
        If the call is wrong, the halo of the longest radius does not fit into a worker, or there are more
        people than random tables can place.
    DataError
        If the grid holds negative numbers or nobody.
    """
    by = executor or InProcess()
    step = cell or grid.cell
    cells = _in_cells(radii, step)
    far = _reach(cells, shape, scores)
    rows, columns, _ = grid.shape
    engines = _engines(grid.shape, cells, shape, scores)
    each = band_rows or _rows_before(keep) or _rows_of_a_band(grid, shape, far, by)
    parts = [Part(grid, b, cells, shape, tuple(scores), engines) for b in bands(rows, each, far)]
    say = progress or (lambda _: None)
    run = _Run(by, keep, send, say, {"grid": grid.identity(), "band_rows": each})
    totals, unknown, people = _totals(run, parts)
    count, why = tables_that_fit(simulations, grid.shape, cells, shape, len(scores), sum(totals))
    city = np.array(totals, dtype=np.float64)
    parts = [replace(p, city=city) for p in parts]
    about = {
        "radii_in_cells": list(cells), "shape": shape, "scores": list(scores), "engines": list(engines),
        "totals": totals,
    }  # fmt: skip
    sizes = _Sizes([np.empty((0, 3), dtype=np.int64) for _ in cells])
    by_row = np.concatenate(run.carry_out(phrase("windows"), scores_of, parts, about, sizes.take), axis=2)
    values = {s: _values(s, by_row[i], sum(totals), city) for i, s in enumerate(scores)}
    expected = _by_chance(sizes, shape, scores, totals)
    drawn = _drawn(run, parts, about, Tables(seed, count, people)) if count else None
    known = strays(values, expected, drawn, sum(totals), city, why)
    return GridProfile(
        names=grid.names,
        totals=tuple(totals),
        rows=rows,
        columns=columns,
        cell=step,
        shape=shape,
        radii=tuple(float(r) for r in radii),
        values=values,
        expected={s: tuple(k.expected for k in of) for s, of in known.items()},
        strays=known,
        tables=count,
        seed=seed,
        by_row={s: by_row[i] for i, s in enumerate(scores)},
        unknown=unknown,
        cut={"bands": len(parts), "rows_of_a_band": each, "rows_of_halo": far, "workers": by.workers,
             "workers_lost": by.lost},
    )  # fmt: skip


def _drawn(run: _Run, parts: list[Part], about: dict[str, Any], tables: Tables) -> Floats:
    """(tables, scores, radii, rows) what each row of random tables adds."""
    about = about | {"seed": tables.seed, "simulations": tables.count}
    done = run.carry_out(phrase("chance"), chance_of, [replace(p, tables=tables) for p in parts], about)
    return np.concatenate(done, axis=3)


@dataclass(frozen=True, slots=True)
class _Run:
    """How parts are carried out, kept and told."""

    by: Executor
    keep: Path | None
    send: bool
    say: Callable[[str], None]
    identity: dict[str, Any]
    """Which grid, and how it is cut."""

    def carry_out(
        self, what: str, task: Callable[[Part], Any], parts: list[Part], about: dict[str, Any],
        take: Callable[[Any], Any] | None = None,
    ) -> list[Any]:  # fmt: skip
        kept = None
        if self.keep is not None:
            kept = Kept(self.keep / FOLDERS[task], self.identity | about, FORMS[task])
        return carry_out(
            task,
            parts,
            self.by,
            kept=kept,
            progress=lambda p: self.say(_sentence(what, p)),
            send=with_people if self.send else None,
            take=take,
        )


def _rows_of_a_band(grid: Grid, shape: str, far: int, by: Executor) -> int:
    rows, columns, groups = grid.shape
    # a transform holds complex numbers of a larger table, and some of them at once
    wide = columns if shape in ("square", "disc") else 4 * (columns + 2 * far)
    row_bytes = wide * groups * (WORK + 2 * grid.itemsize)
    return rows_that_fit(rows, row_bytes, far, by.memory, by.workers)


def _rows_before(keep: Path | None) -> int:
    """Rows of a band in the run that is gone on with, which may have had other workers; 0 for none."""
    before = Kept.before(keep / FOLDERS[totals_of]) if keep is not None else {}
    rows = before.get("band_rows", 0)
    return rows if isinstance(rows, int) else 0


def _sentence(what: str, p: Progress) -> str:
    said = phrase("{what}: {done} of {total} bands", what=what, done=p.done, total=p.total)
    if p.kept:
        said = phrase("{said}, {n} of them from an earlier run", said=said, n=p.kept)
    if p.lost:
        said = phrase("{said}; workers lost and replaced: {n}", said=said, n=p.lost)
    return said


def _in_cells(radii: Sequence[float], cell: float) -> tuple[float, ...]:
    if not cell > 0:
        raise CallError(phrase("the file does not say how long a cell is: give it in metres"))
    if not radii or not all(np.isfinite(r) and r >= 0 for r in radii):
        raise CallError(phrase("give one or more radii in metres, 0 or more"))
    # 300 m in cells of 100 m is 3 cells, whatever the last bit of the division
    return tuple(float(np.round(r / cell, 9)) for r in radii)


def _reach(cells: Sequence[float], shape: str, scores: Sequence[str]) -> int:
    from isopolis.measure.scale.grid import SHAPES, reach
    from isopolis.measure.scale.kernel_rows import KERNELS, kernel_reach
    from isopolis.measure.scale.scores import SCORES

    if shape not in SHAPES + KERNELS:
        names = ", ".join(SHAPES + KERNELS)
        raise CallError(phrase('there is no window "{name}": it is one of {names}', name=shape, names=names))
    for score in scores:
        if score not in SCORES:
            raise CallError(
                phrase(
                    'there is no score "{name}": it is one of {names}', name=score, names=", ".join(SCORES)
                )
            )
    return max(kernel_reach(r, shape) if shape in KERNELS else reach(r) for r in cells)


def _engines(
    size: Sequence[int], cells: Sequence[float], shape: str, scores: Sequence[str]
) -> tuple[str, ...]:
    """Engine of each score, chosen once for the grid: two engines agree to 1e-13 and not to the bit."""
    from isopolis.measure.scale.scores import LARGE

    large = int(np.prod(size)) * len(cells) >= LARGE
    return tuple("compiled" if large and shape == "square" and s == "entropy" else "numpy" for s in scores)


def _totals(run: _Run, parts: list[Part]) -> tuple[list[int], int, npt.NDArray[np.int64]]:
    """People of each group, cells without data, people of each row."""
    found = run.carry_out(phrase("people"), totals_of, parts, {})
    whole = [int(n) for n in np.atleast_1d(np.sum([t for t, _ in found], axis=0, dtype=np.int64))]
    *totals, unknown = whole if found else [0]
    if not sum(totals):
        raise DataError([Problem("nobody", phrase("nobody lives in this grid"))])
    return totals, unknown, np.concatenate([people for _, people in found])


@dataclass(frozen=True, slots=True)
class _Sizes:
    """How many people have windows of which size, at each radius: added up as bands come, in any order."""

    of: list[npt.NDArray[np.int64]]

    def take(self, result: tuple[Floats, npt.NDArray[np.int64]]) -> Floats:
        from isopolis.measure.scale.chance import merged

        by_row, found = result
        for place, before in enumerate(self.of):
            self.of[place] = merged([before, found[found[:, 0] == place, 1:]])
        return by_row


def _by_chance(
    sizes: _Sizes, shape: str, scores: Sequence[Any], totals: list[int]
) -> dict[str, tuple[float | Undefined, ...]]:
    """Score → what chance gives at each radius; from whole numbers of all bands, so no cut can show."""
    from isopolis.measure.scale.chance import expected_by_chance
    from isopolis.measure.scale.grid import SHAPES

    if shape not in SHAPES:
        reason = Undefined("not-found", phrase("What chance alone gives with a kernel is found by random "
                                               "tables only, and none were drawn."))  # fmt: skip
        return {s: (reason,) * len(sizes.of) for s in scores}
    return {s: tuple(expected_by_chance(s, found, totals) for found in sizes.of) for s in scores}


def _values(score: Any, by_row: Floats, people: int, city: Floats) -> tuple[float | Undefined, ...]:
    from isopolis.measure.scale.scores import from_rows

    return tuple(from_rows(score, rows, people, city) for rows in by_row)


def _excess(value: float | Undefined, expected: float | Undefined) -> float | Undefined:
    if isinstance(value, Undefined) or isinstance(expected, Undefined):
        return value if isinstance(value, Undefined) else expected
    if expected >= 1 - 1e-12:
        reason = phrase("Chance alone gives the highest value there is: nothing can lie above it.")
        return Undefined("no-room", reason)
    return (value - expected) / (1 - expected)


def _plain(value: float | Undefined) -> Any:
    return {"undefined": value.code, "reason": str(value)} if isinstance(value, Undefined) else value
