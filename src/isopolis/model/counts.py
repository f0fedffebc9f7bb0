"""Counts of people by zone and group, each cell with how it was observed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import CallError, near
from .groups import Dimension, Group
from .pickling import as_fields

__all__ = ["Counts", "Mechanism", "frozen"]

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


class Mechanism(IntEnum):
    """How a cell came to be known; a larger code is weaker knowledge."""

    EXACT = 0
    SAMPLE = 1
    ROUNDED = 2
    CELL_KEY = 3
    DP = 4
    MODELLED = 5
    INTERVAL = 6
    NOT_COLLECTED = 7


def frozen(array: npt.ArrayLike, dtype: npt.DTypeLike = np.float64) -> npt.NDArray[np.generic]:
    """Return a read-only view of `array` as `dtype`, copying only if it must."""
    out = np.asarray(array, dtype=dtype).view()
    out.flags.writeable = False
    return out


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """People by zone and by crossing of dimensions, at one date.

    Parameters
    ----------
    zone_ids : (Z,) array of str
        In the order of the city's zones, never reordered.
    dimensions : tuple of Dimension
        One per axis after the first.
    values : (Z, K1, ..., Kd) array, persons, finite and >= 0
        Where a cell is not known (see `mechanism`) the number carries no meaning
        and must not be read.
    mechanism : array of Mechanism codes, broadcastable to `values`
        How each cell was observed.
    date : str
        ISO date or year, empty when not stated.
    universe : str
        Who is counted: ``residents``, ``residents aged 16 and over``, ``pupils``.
    source : str
        Key of the source in the city's list.
    lower, upper, se : arrays like `values`, optional
        Bounds of hidden cells, which must have them (elsewhere they mean nothing);
        standard errors of sampled or modelled cells.
    parameter : float
        Rounding base, or the noise parameter of the mechanism; 0 when none.
    weighted : bool
        True when the numbers are estimates that need not be whole.

    Raises
    ------
    CallError
        If the shapes disagree, a cell is negative or not finite, or a hidden cell
        has no bounds.
    """

    zone_ids: npt.NDArray[np.object_]
    dimensions: tuple[Dimension, ...]
    values: Floats
    mechanism: npt.NDArray[np.uint8]
    date: str = ""
    universe: str = "residents"
    source: str = ""
    lower: Floats | None = None
    upper: Floats | None = None
    se: Floats | None = None
    parameter: float = 0.0
    weighted: bool = False

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "zone_ids", frozen(self.zone_ids, object))
        put(self, "values", frozen(self.values))
        shape = self.values.shape
        wanted = (len(self.zone_ids), *(len(d.categories) for d in self.dimensions))
        if shape != wanted:
            raise CallError(f"counts have the shape {shape}; their zones and dimensions say {wanted}")
        put(self, "mechanism", np.broadcast_to(frozen(self.mechanism, np.uint8), shape))
        for name in ("lower", "upper", "se"):
            array = getattr(self, name)
            if array is not None:
                put(self, name, np.broadcast_to(frozen(array), shape))
        if not (np.isfinite(self.values).all() and (self.values >= 0).all()):
            raise CallError("counts must be finite and not negative; say what is unknown in mechanism")
        self._check_bounds()

    def __reduce__(self) -> tuple[Any, ...]:
        return as_fields(self)

    def _check_bounds(self) -> None:
        hidden = self.hidden
        if not hidden.any():
            return
        if self.lower is None or self.upper is None:
            raise CallError("hidden cells need bounds: give lower and upper")
        if not (self.lower[hidden] <= self.upper[hidden]).all():
            raise CallError("the bounds of a hidden cell must be numbers, the lower one first")

    # -- asking ---------------------------------------------------------
    def dimension(self, name: str) -> Dimension:
        """Return the dimension called `name`."""
        return self.dimensions[self.axis(name) - 1]

    def axis(self, name: str) -> int:
        """Return the axis of `values` that holds dimension `name`."""
        names = [d.name for d in self.dimensions]
        if name not in names:
            raise CallError(f'these counts have no dimension "{name}": ' + near(name, names))
        return names.index(name) + 1

    def has(self, names: Sequence[str]) -> bool:
        """True when all of `names` are crossed here."""
        return set(names) <= {d.name for d in self.dimensions}

    @property
    def hidden(self) -> Flags:
        """(Z, ...) True where the cell is suppressed: only bounds are known."""
        out: Flags = self.mechanism == Mechanism.INTERVAL
        return out

    @property
    def absent(self) -> Flags:
        """(Z, ...) True where nothing was collected."""
        out: Flags = self.mechanism == Mechanism.NOT_COLLECTED
        return out

    @property
    def covered(self) -> Flags:
        """(Z,) True for zones in which every cell was collected."""
        gaps = self.absent.reshape(len(self.zone_ids), -1)
        return np.asarray(~gaps.any(axis=1), dtype=np.bool_)

    def groups(self) -> Iterator[Group]:
        """Every group of the full crossing, in the order of the flattened cells."""
        shape = self.values.shape[1:]
        for flat in np.ndindex(*shape):
            pairs = zip(self.dimensions, flat, strict=True)
            yield Group(tuple((d.name, d.categories[i]) for d, i in pairs))

    # -- deriving -------------------------------------------------------
    def margin(self, *names: str) -> Counts:
        """Sum over every dimension that is not in `names`.

        A margin over a suppressed cell is itself an interval, over a cell that
        was not collected it is not collected; standard errors add in quadrature
        (cells of one sample taken as independent).
        """
        if self.dimensions and tuple(names) == tuple(d.name for d in self.dimensions):
            return self
        keep = [self.axis(n) for n in names]
        drop = tuple(a for a in range(1, self.values.ndim) if a not in keep)
        order: list[int] = np.argsort(np.argsort(keep)).tolist() if keep else []

        def fold(array: Floats) -> Floats:
            summed = array.sum(axis=drop)
            return np.transpose(summed, (0, *(i + 1 for i in order)))

        def fold_max(array: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
            worst = array.max(axis=drop)
            return np.transpose(worst, (0, *(i + 1 for i in order)))

        def fold_bound(bound: Floats | None) -> Floats | None:
            # what is known counts as it is: bounds are stated for hidden cells only
            unknown = self.mechanism >= Mechanism.INTERVAL
            return None if bound is None else fold(np.where(unknown, bound, self.values))

        return replace(
            self,
            dimensions=tuple(self.dimensions[a - 1] for a in keep),
            values=fold(self.values),
            # a sum is known as badly as its worst part
            mechanism=fold_max(self.mechanism),
            lower=fold_bound(self.lower),
            upper=fold_bound(self.upper),
            se=np.sqrt(fold(self.se**2)) if self.se is not None else None,
        )

    def best(self) -> Floats:
        """(Z, ...) one number per cell: the middle of the bounds where hidden, 0 where not collected.

        For sums that need a number; whoever shows it must also show `mechanism`.
        """
        if (self.mechanism < Mechanism.INTERVAL).all():
            return self.values
        out = np.where(self.absent, 0.0, self.values)
        if self.lower is not None and self.upper is not None:
            out = np.where(self.hidden, (self.lower + self.upper) / 2, out)
        return out

    def of(self, group: Group) -> Floats:
        """(Z,) persons of `group` in each zone, as `best` knows them."""
        where: list[int | slice] = [slice(None)] * self.values.ndim
        for name, category in group:
            where[self.axis(name)] = self.dimension(name).index(category)
        return np.asarray(self.best()[tuple(where)].reshape(len(self.zone_ids), -1).sum(axis=1))

    def totals(self) -> Floats:
        """(Z,) everyone counted in each zone, as `best` knows them."""
        return np.asarray(self.best().reshape(len(self.zone_ids), -1).sum(axis=1), dtype=np.float64)

    def flat(self) -> Floats:
        """(Z, G) all crossed groups side by side, read-only; `values` as they stand."""
        out: Floats = self.values.reshape(len(self.zone_ids), -1)
        return out
