"""A neighbourhood: a sparse matrix of weights that knows how it was made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError

from ..arrays import Floats, zone_totals

__all__ = ["CONVENTIONS", "Convention", "Neighbourhood", "alone", "from_matrix", "weights_of"]

Convention = Literal["local", "environment"]
CONVENTIONS: tuple[str, ...] = get_args(Convention)
"""What a zone weighs: its own people, or everybody in its environment."""


@dataclass(frozen=True, slots=True, eq=False)
class Neighbourhood:
    """How much each zone counts for each other one.

    Parameters
    ----------
    weights : (Z, Z) scipy CSR array
        Row i: how much of each zone belongs to the environment of zone i; finite, >= 0.
    name : str
        How it was made, in words: ``within 500 m, straight line``.
    kind : str
        ``alone``, ``contiguity``, ``distance``, ``kernel``, ``people``, ``zones``,
        ``network`` or ``matrix``.
    """

    weights: Any
    name: str
    kind: str

    @property
    def zones(self) -> int:
        """Number of zones."""
        return int(self.weights.shape[0])

    def environment(self, x: npt.ArrayLike) -> Floats:
        """People of each group around each zone.

        Never rounded: weights are fractions of people, and whole numbers would move
        sparse environments far from what is there.

        Parameters
        ----------
        x : (..., Z, G) array
            Persons, >= 0.

        Returns
        -------
        (..., Z, G) array

        Raises
        ------
        CallError
            If the table has another number of zones.
        """
        x = np.asarray(x, dtype=np.float64)
        self.fits(x.shape[-2])
        flat = x.reshape(-1, *x.shape[-2:])
        out: Floats = np.stack([self.weights @ table for table in flat]).reshape(x.shape)
        return out

    def fits(self, zones: int) -> None:
        """Refuse a table of another number of zones.

        Raises
        ------
        CallError
            If the numbers differ.
        """
        if zones != self.zones:
            raise CallError(
                f"the table has {zones} zones and the neighbourhood ({self.name}) has {self.zones}: "
                "make both from the same zones in the same order"
            )

    def without_self(self) -> Neighbourhood:
        """Return the same neighbourhood with nobody next to themselves."""
        from scipy.sparse import diags_array

        kept = (self.weights - diags_array(self.weights.diagonal())).tocsr()
        kept.eliminate_zeros()
        return Neighbourhood(kept, f"{self.name}, without the zone itself", self.kind)

    def with_self(self, weight: float | npt.ArrayLike = 1.0) -> Neighbourhood:
        """Return the same neighbourhood in which a zone counts `weight` for itself.

        White (1983) and Massey and Denton (1988) take what the distance inside a zone makes of it,
        √(0.6 area): ``kernel(at, 1000, "exponential").with_self(np.exp(-np.sqrt(0.6 * areas) / 1000))``.

        Raises
        ------
        CallError
            If a weight is below 0 or unknown, or there are more or fewer than zones.
        """
        from scipy.sparse import diags_array

        own = np.asarray(weight, dtype=np.float64)
        if own.shape not in ((), (self.zones,)) or not (np.isfinite(own) & (own >= 0)).all():
            raise CallError(
                f"what a zone counts for itself is a number from 0 up, or one for each of {self.zones} zones"
            )
        diagonal = np.broadcast_to(own, (self.zones,))
        moved = self.weights + diags_array(diagonal - self.weights.diagonal())
        return Neighbourhood(moved.tocsr(), f"{self.name}, with the zone itself", self.kind)

    def by_rows(self) -> Neighbourhood:
        """Return the same neighbourhood, each row adding up to 1; empty rows stay empty."""
        from scipy.sparse import diags_array

        totals = np.asarray(self.weights.sum(axis=1)).ravel()
        scaled = diags_array(np.divide(1.0, totals, out=np.zeros(len(totals)), where=totals > 0))
        return Neighbourhood((scaled @ self.weights).tocsr(), f"{self.name}, rows add up to 1", self.kind)


def from_matrix(weights: Any, name: str = "a matrix that was given", kind: str = "matrix") -> Neighbourhood:
    """Neighbourhood from a square matrix, dense or sparse.

    Parameters
    ----------
    weights : (Z, Z) array or sparse array
        Finite, >= 0.
    name, kind : str
        See `Neighbourhood`.

    Raises
    ------
    CallError
        If it is not square, or holds a negative or unknown weight.
    """
    from scipy.sparse import csr_array

    matrix = csr_array(weights, dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise CallError(f"a neighbourhood needs a square matrix, not one of shape {matrix.shape}")
    bad = ~np.isfinite(matrix.data) | (matrix.data < 0)
    if bad.any():
        row = int(np.searchsorted(matrix.indptr, np.flatnonzero(bad)[0], side="right")) - 1
        raise CallError(
            f"row {row} of the neighbourhood holds {matrix.data[bad][0]:g}: weights are numbers from 0 up"
        )
    return Neighbourhood(matrix, name, kind)


def alone(zones: int) -> Neighbourhood:
    """Each zone by itself: spatial indices become those without space."""
    from scipy.sparse import eye_array

    return Neighbourhood(eye_array(zones).tocsr(), "the zone alone", "alone")


def weights_of(convention: Convention, x: Floats, environment: Floats) -> Floats:
    """What each zone weighs in a mean over zones.

    Parameters
    ----------
    convention : str
        ``local``: its own people (Reardon and O'Sullivan 2004). ``environment``: everybody
        around it, as PySAL's spatial indices do; people near many others count more often.
    x, environment : (..., Z, G) arrays

    Returns
    -------
    (..., Z) array

    Raises
    ------
    CallError
        If the convention has another name.
    """
    if convention not in CONVENTIONS:
        raise CallError(f'there is no weighting "{convention}": it is one of {", ".join(CONVENTIONS)}')
    return zone_totals(x if convention == "local" else environment)
