"""Additive indices of a grid: one number for each row of cells, and the index from all rows.

An index is additive when it is a mean over people of something about their surroundings: H~, R~, D~ and V~ of
Reardon and O'Sullivan are. Windows are whole numbers, and the number of a row depends on its own cells alone,
always added up in the same order. So a grid cut in bands of rows gives the same bits as the whole.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError, Undefined
from isopolis.model.text import phrase

from ..arrays import Floats, divide, entropy, shares
from ..neighbours import CONVENTIONS, Convention
from .grid import Prefixes, Shape

__all__ = ["ENGINES", "SCORES", "Engine", "Score", "from_rows", "row_scores", "window_totals"]

Score = Literal["entropy", "interaction", "gap", "squares"]
SCORES: tuple[str, ...] = get_args(Score)
"""Variety, chance of meeting another group, distance from the city's mix, and its square."""

Engine = Literal["auto", "numpy", "compiled"]
ENGINES: tuple[str, ...] = get_args(Engine)

LARGE = 40_000_000
"""Cells × groups × radii from which compiling pays: below, numpy is done before it would begin."""


def row_scores(
    counts: npt.ArrayLike | Prefixes,
    radius: float | Sequence[float],
    shape: Shape = "square",
    *,
    score: Score,
    city: npt.ArrayLike,
    rows: tuple[int, int] | None = None,
    convention: Convention = "local",
    engine: Engine = "auto",
) -> Floats:
    """For each row of cells, the sum over its cells of weight × score of the surroundings.

    Parameters
    ----------
    counts : (rows, columns, groups) array of integers, or Prefixes
        See `isopolis.measure.scale.grid.window_sums`.
    radius : float or sequence of float
        In cells.
    shape : str
        ``square`` or ``disc``.
    score : str
        ``entropy`` (for H~), ``interaction`` (R~), ``gap`` (D~) or ``squares`` (V~).
    city : (groups,) array
        Totals of the whole city; with ``environment`` those of `window_totals`.
    rows : (first, last), optional
        The rows that are asked about.
    convention : str
        ``local``: a cell weighs its own people; ``environment``: everybody in its window.
    engine : str
        ``numpy``; ``compiled`` (entropy of square windows, local weights); ``auto`` compiles for large grids.

    Returns
    -------
    (last − first,) array, or (radii, last − first) for several radii

    Raises
    ------
    CallError
        If a name is unknown, or the compiled engine cannot do this.
    """
    _names(score, convention, engine)
    one = np.ndim(radius) == 0
    radii = [float(radius)] if one else [float(r) for r in radius]  # type: ignore[arg-type, union-attr]
    able = score == "entropy" and shape == "square" and convention == "local"
    if engine == "compiled" and not able:
        raise CallError("the compiled engine knows the entropy of square windows with local weights only")
    plain: Any = counts
    sums = plain if isinstance(plain, Prefixes) else None
    size = sums.table.size if sums else np.size(plain)
    if able and (engine == "compiled" or (engine == "auto" and size * len(radii) >= LARGE)):
        from .compiled import entropy_rows

        sums = sums or Prefixes.of(plain, compiled=True)
        out = entropy_rows(sums, radii, rows)
    else:
        sums = sums or Prefixes.of(plain)
        scorer = _scorer(score, np.asarray(city, dtype=np.float64))
        out = np.stack([_rows(sums, r, shape, scorer, rows, convention) for r in radii])
    return out[0] if one else out


def _names(score: str, convention: str, engine: str) -> None:
    for name, known, what in (
        (score, SCORES, "score"), (convention, CONVENTIONS, "weighting"), (engine, ENGINES, "engine"),
    ):  # fmt: skip
        if name not in known:
            raise CallError(f'there is no {what} "{name}": it is one of {", ".join(known)}')


def _rows(
    sums: Prefixes,
    radius: float,
    shape: Shape,
    scorer: Callable[[Floats, Floats], Floats],
    rows: tuple[int, int] | None,
    convention: Convention,
) -> Floats:
    parts = []
    for start, block in sums.blocks(radius, shape, rows):
        around = block.astype(np.float64)
        people = around.sum(axis=0)
        weight = people
        if convention == "local":
            own = sums.planar(0, "square", (start, start + block.shape[1]))
            weight = own.sum(axis=0, dtype=np.int64).astype(np.float64)
        parts.append((weight * scorer(around, people)).sum(axis=1))
    return np.concatenate(parts) if parts else np.empty(0)


def _scorer(score: Score, city: Floats) -> Callable[[Floats, Floats], Floats]:
    """(groups, rows, columns) windows and their people → (rows, columns); 0 where nobody is."""
    mix = shares(city)[:, None, None]

    def variety(x: Floats, n: Floats) -> Floats:
        some = np.maximum(n, 1.0)
        cells = np.log(np.maximum(x, 1.0))
        cells *= x
        out: Floats = np.log(some) - cells.sum(axis=0) / some
        return out

    def meeting(x: Floats, n: Floats) -> Floats:
        some = np.maximum(n, 1.0)
        return np.where(n > 0, 1 - (x**2).sum(axis=0) / some**2, 0.0)

    def apart(x: Floats, n: Floats) -> Floats:
        return np.where(n > 0, np.abs(x / np.maximum(n, 1.0) - mix).sum(axis=0), 0.0)

    def squared(x: Floats, n: Floats) -> Floats:
        gap = (x / np.maximum(n, 1.0) - mix) ** 2
        return np.where(n > 0, divide(gap, np.broadcast_to(1 - mix, gap.shape)).sum(axis=0), 0.0)

    return {"entropy": variety, "interaction": meeting, "gap": apart, "squares": squared}[score]


def window_totals(
    counts: npt.ArrayLike | Prefixes,
    radius: float,
    shape: Shape = "square",
    *,
    rows: tuple[int, int] | None = None,
) -> npt.NDArray[np.int64]:
    """(groups,) sums over all windows of inhabited surroundings, for the weighting ``environment``."""
    sums = counts if isinstance(counts, Prefixes) else Prefixes.of(counts)
    total = np.zeros(sums.shape[2], dtype=np.int64)
    for _, block in sums.blocks(radius, shape, rows):
        total += block.sum(axis=(1, 2), dtype=np.int64)
    return total


def from_rows(score: Score, values: npt.ArrayLike, weight: float, city: npt.ArrayLike) -> float | Undefined:
    """Turn the numbers of all rows into the index.

    Parameters
    ----------
    score : str
        That `row_scores` was asked for.
    values : (rows,) array
        Of the whole city. They are added without rounding in between, so that their order does not matter.
    weight : float
        Total of the weights: everybody in the city with ``local`` weights.
    city : (groups,) array
        As given to `row_scores`.

    Returns
    -------
    float or Undefined
        H~, R~, D~ or V~.
    """
    mix = shares(np.asarray(city, dtype=np.float64))
    if not weight > 0:
        return Undefined("nobody", phrase("Nobody was counted here."))
    if (mix > 0).sum() < 2:
        return Undefined("one-group", phrase("Only one group was counted, so there is nothing to compare."))
    mean = math.fsum(np.asarray(values, dtype=np.float64).tolist()) / weight
    if score == "squares":
        return float(mean)
    whole = float(entropy(mix)) if score == "entropy" else float((mix * (1 - mix)).sum())
    return float(mean / (2 * whole) if score == "gap" else 1 - mean / whole)
