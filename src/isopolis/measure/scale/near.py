"""Surroundings at several scales, without a matrix where that would not fit.

Each maker looks at the geometry and picks how sums are made: windows of a regular grid from sums that start
at its corner, kernels there by Fourier transform, pairs of points from a tree, pairs along a network. What
comes out can be used wherever an index takes a `Neighbourhood` and asks it for environments.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError

from ..arrays import Floats
from ..neighbours.distance import _REACH, _SHAPES, _points
from ..neighbours.distance import Shape as KernelShape
from ..neighbours.types import Neighbourhood
from .lattice import Lattice, lattice

__all__ = ["Near", "Reach", "by_distance", "by_kernel", "itself"]

Reach = Literal["zone", "distance", "people", "kernel", "network", "network people"]

PAIRS_FEW = 3_000_000
"""Pairs kept in memory even where a grid could do without: asked again and again, a matrix is quicker."""

PAIRS_MOST = 30_000_000
"""Pairs that a matrix may hold; beyond it they are found again block by block."""

AT_ONCE = 4_000_000
"""Pairs looked at together when no matrix is kept."""


@dataclass(frozen=True, slots=True, eq=False)
class Near:
    """The surroundings of every zone at one scale.

    Parameters
    ----------
    scale : float
        Metres, minutes or people.
    kind : str
        ``zone``, ``distance``, ``people``, ``kernel``, ``network`` or ``network people``.
    unit : str
        ``m``, ``min`` or ``people``.
    name : str
        In words.
    engine : str
        How the sums are made: ``pairs``, ``pairs block by block``, ``grid windows``, ``Fourier transform``,
        ``everyone``, ``zone alone``.
    zones : int
    summed : callable
        (Z, G) people → (Z, G) people around.
    matrix : (Z, Z) CSR array, optional
        The weights, where they are kept.
    fewest : float
        For nearest people: how many the zone with the fewest has around; below `scale` where the ways end.
    """

    scale: float
    kind: str
    unit: str
    name: str
    engine: str
    zones: int
    summed: Callable[[Floats], Floats]
    matrix: Any = None
    fewest: float = np.inf

    def environment(self, x: npt.ArrayLike) -> Floats:
        """People of each group around each zone, never rounded: (..., Z, G) → (..., Z, G)."""
        table = np.asarray(x, dtype=np.float64)
        self.fits(table.shape[-2])
        if table.ndim == 2:
            return np.asarray(self.summed(table), dtype=np.float64)
        flat = table.reshape(-1, *table.shape[-2:])
        return np.stack([np.asarray(self.summed(t), dtype=np.float64) for t in flat]).reshape(table.shape)

    __matmul__ = environment

    @property
    def weights(self) -> Any:
        """The matrix of weights, for indices that look at pairs.

        Raises
        ------
        CallError
            If it is not kept, because there are too many pairs.
        """
        if self.matrix is None:
            raise CallError(
                f"an index of pairs of zones needs all pairs {self.name}, and they do not fit in memory: "
                "choose a smaller scale or larger zones"
            )
        return self.matrix

    def fits(self, zones: int) -> None:
        """Refuse a table of another number of zones."""
        if zones != self.zones:
            raise CallError(
                f"the table has {zones} zones and the surroundings ({self.name}) have {self.zones}"
            )

    def neighbourhood(self) -> Neighbourhood:
        """Return the same as a matrix; see `weights`."""
        return Neighbourhood(self.weights, self.name, self.kind)


def from_matrix(matrix: Any, scale: float, kind: Reach, unit: str, name: str, engine: str = "pairs") -> Near:
    """Surroundings by a matrix of weights."""
    return Near(scale, kind, unit, name, engine, matrix.shape[0], matrix.__matmul__, matrix)


def itself(zones: int) -> Near:
    """Each zone by itself: the smallest scale there is."""
    from scipy.sparse import eye_array

    matrix = eye_array(zones).tocsr()
    return Near(0.0, "zone", "m", "the zone alone", "zone alone", zones, lambda x: x, matrix)


def rising(scales: Sequence[float], what: str) -> list[float]:
    """Return scales in rising order, each once.

    Raises
    ------
    CallError
        If one is not a number above 0.
    """
    bad = [s for s in scales if not (np.isfinite(s) and s > 0)]
    if bad:
        raise CallError(f"{what}: {bad[0]:g} is not above 0")
    return sorted({float(s) for s in scales})


def metres(radius: float) -> str:
    """Name a straight line."""
    return f"within {radius:g} m, straight line"


def by_distance(points: npt.ArrayLike, radii: Sequence[float]) -> list[Near]:
    """Everybody within each radius, in a straight line between points.

    Parameters
    ----------
    points : (Z, 2) array, metres
    radii : sequence of float, metres, > 0
        A zone exactly on the rim belongs.

    Returns
    -------
    list of Near
        In rising order. The engine is chosen for each radius: pairs while they are few, windows where
        the zones stand in a regular grid, pairs block by block otherwise.
    """
    at, wanted = _points(points), rising(radii, "a radius")
    if not len(at) or not wanted:
        return []
    many = _pairs(at, wanted)
    grid = lattice(at) if many[-1] > PAIRS_FEW else None
    span = float(np.hypot(*(at.max(axis=0) - at.min(axis=0))))
    keep = [r for r, n in zip(wanted, many, strict=True) if n <= (PAIRS_FEW if grid else PAIRS_MOST)]
    kept = dict(zip(keep, _matrices(at, keep), strict=True))
    out = []
    for radius in wanted:
        if radius in kept:
            out.append(from_matrix(kept[radius], radius, "distance", "m", metres(radius)))
        elif radius >= span:
            out.append(_near(at, radius, "everyone", _everyone))
        elif grid is not None:
            out.append(_near(at, radius, "grid windows", _windows(grid, radius)))
        else:
            out.append(_near(at, radius, "pairs block by block", _blocks(at, radius)))
    return out


def _near(at: Floats, radius: float, engine: str, summed: Callable[[Floats], Floats]) -> Near:
    return Near(radius, "distance", "m", metres(radius), engine, len(at), summed)


def _everyone(x: Floats) -> Floats:
    return np.broadcast_to(x.sum(axis=0), x.shape).copy()


def _windows(grid: Lattice, radius: float) -> Callable[[Floats], Floats]:
    return lambda x: grid.windows(x, radius)


def _pairs(at: Floats, radii: Sequence[float]) -> npt.NDArray[np.int64]:
    from scipy.spatial import cKDTree

    tree = cKDTree(at)
    return np.atleast_1d(tree.count_neighbors(tree, np.asarray(radii) * (1 + 1e-9)))


def _matrices(at: Floats, radii: Sequence[float]) -> list[Any]:
    """One matrix for each radius, from one search for the largest."""
    from scipy.sparse import coo_array, eye_array
    from scipy.spatial import cKDTree

    if not radii:
        return []
    pairs = cKDTree(at).query_pairs(radii[-1] * (1 + 1e-9), output_type="ndarray")
    i, j = pairs[:, 0], pairs[:, 1]
    apart = np.hypot(*(at[i] - at[j]).T)
    out = []
    for radius in radii:
        inside = apart <= radius * (1 + 1e-9)
        a, b = i[inside], j[inside]
        half = coo_array((np.ones(len(a)), (a, b)), shape=(len(at),) * 2)
        out.append((half + half.T + eye_array(len(at))).tocsr())
    return out


def _blocks(at: Floats, radius: float) -> Callable[[Floats], Floats]:
    """Sums without a matrix: the pairs of some zones at a time."""

    def summed(x: Floats) -> Floats:
        from scipy.sparse import csr_array
        from scipy.spatial import cKDTree

        tree = cKDTree(at)
        count = tree.query_ball_point(at, radius * (1 + 1e-9), return_length=True)
        out, start = np.zeros(x.shape), 0
        while start < len(at):
            room = int(np.searchsorted(np.cumsum(count[start:]), AT_ONCE, side="right"))
            stop = start + max(1, room)
            found = tree.query_ball_point(at[start:stop], radius * (1 + 1e-9))
            ends = np.concatenate([[0], np.cumsum(count[start:stop])])
            columns = np.concatenate([np.asarray(f, dtype=np.intp) for f in found])
            part = csr_array((np.ones(len(columns)), columns, ends), shape=(stop - start, len(at)))
            out[start:stop] = part @ x
            start = stop
        return out

    return summed


def by_kernel(
    points: npt.ArrayLike, bandwidths: Sequence[float], shape: KernelShape = "biweight"
) -> list[Near]:
    """Everybody, nearer ones counting more; on a large grid by Fourier transform.

    Parameters
    ----------
    points : (Z, 2) array, metres
    bandwidths : sequence of float, metres, > 0
    shape : str
        See `isopolis.measure.neighbours.kernel`.

    Returns
    -------
    list of Near
        In rising order. Sums by Fourier transform differ from exact ones by 1e-12 of everybody at most.
    """
    from ..neighbours import kernel

    at, wanted = _points(points), rising(bandwidths, "a bandwidth")
    if shape not in _SHAPES:
        raise CallError(f'there is no kernel "{shape}": it is one of {", ".join(_SHAPES)}')
    if not len(at) or not wanted:
        return []
    many = _pairs(at, [b * _REACH.get(shape, 1.0) for b in wanted])
    grid = lattice(at) if max(many) > PAIRS_FEW else None
    out = []
    for width, pairs in zip(wanted, many, strict=True):
        name = f"{shape} kernel of {width:g} m, straight line"
        if grid is None and pairs > PAIRS_MOST:
            raise CallError(
                f"a {name} has {int(pairs):,} pairs of zones, more than {PAIRS_MOST:,}: "
                "choose a smaller bandwidth, or a radius"
            )
        if grid is None or pairs <= PAIRS_FEW:
            out.append(from_matrix(kernel(at, width, shape).weights, width, "kernel", "m", name))
        else:
            summed = _transformed(grid, width, shape)
            out.append(Near(width, "kernel", "m", name, "Fourier transform", len(at), summed))
    return out


def _transformed(grid: Lattice, width: float, shape: str) -> Callable[[Floats], Floats]:
    from scipy.fft import irfft2, next_fast_len, rfft2

    cells = width * _REACH.get(shape, 1.0) / grid.step * (1 + 1e-9)
    far = min(int(cells), max(grid.rows, grid.columns))
    line = np.arange(-far, far + 1) * grid.step
    apart = np.hypot(line[:, None], line[None, :])
    inside = apart <= width * _REACH.get(shape, 1.0) * (1 + 1e-9)
    weights = np.where(inside, _SHAPES[shape](apart / width), 0.0)
    size = [next_fast_len(n + 2 * far, real=True) for n in (grid.rows, grid.columns)]
    transform = rfft2(weights, size)

    def summed(x: Floats) -> Floats:
        out = np.empty(x.shape)
        spread = grid.spread(x)
        for g in range(x.shape[1]):
            whole = irfft2(rfft2(spread[:, :, g], size) * transform, size)
            # what the transform leaves below 0 is its rounding
            out[:, g] = np.maximum(whole[grid.row + far, grid.column + far], 0.0)
        return out

    return summed
