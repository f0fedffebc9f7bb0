"""How unlike two cities are: a Gower distance over context features, gaps allowed and counted.

For each feature the gap of two cities lies between 0 and 1; the distance is the weighted mean of the gaps
over the features known of both (Gower 1971, *Biometrics* 27, 857-871, with weights as in its section 4).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError, Undefined, near
from isopolis.model.peer_table import ContextFeature, ContextTable
from isopolis.model.text import phrase

__all__ = ["COMMON_LEAST", "Prepared", "Space", "gaps_from", "space_of"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

COMMON_LEAST = 0.7
"""Share of the weight of all features that must be known of both cities."""

_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """One feature, ready to be compared.

    Parameters
    ----------
    at : (C,) float array
        Place on a line from 0 to 1, or the code of a word; 0 where not `known`.
    known : (C,) bool array
    apart : (U, U) float array or None
        Gap of two codes; None where the gap is the distance on the line.
    """

    feature: ContextFeature
    weight: float
    at: Floats
    known: Bools
    apart: Floats | None = None

    def gaps(self, one: float, at: Floats) -> Floats:
        """Gap of one place to many, 0 to 1."""
        if self.apart is None:
            return np.abs(at - one)
        out: Floats = self.apart[int(one), at.astype(np.intp)]
        return out


@dataclass(frozen=True, slots=True, eq=False)
class Space:
    """All features in use, in the order of their ids.

    Parameters
    ----------
    left_out : mapping of str to str
        Features that are not in use, and why.
    """

    cities: tuple[str, ...]
    features: tuple[Prepared, ...]
    left_out: Mapping[str, str]

    @property
    def weights(self) -> Floats:
        """(F,) weights."""
        return np.array([p.weight for p in self.features])

    @property
    def known(self) -> Bools:
        """(C, F) True where known."""
        columns = [p.known for p in self.features]
        return np.column_stack(columns) if columns else np.zeros((len(self.cities), 0), dtype=bool)


def space_of(table: ContextTable, weights: Mapping[str, float] | None = None, theme: str = "") -> Space:
    """Prepare the features of a table.

    Parameters
    ----------
    weights : mapping of str to float, optional
        Weight by feature where it is not the feature's own; 0 leaves a feature out.
    theme : str
        Only features of this theme and those of every theme; all when empty.

    Raises
    ------
    CallError
        When the table is not one of context, a feature is unknown or a weight is no number from 0 up.
    """
    if not isinstance(table, ContextTable):
        raise CallError("a distance is made of a ContextTable; outcomes are compared, never matched on")
    chosen = _weights(table, weights or {})
    kept, left = [], {}
    for feature, column in sorted(zip(table.features, table.cells, strict=True), key=lambda fc: fc[0].id):
        reason = _why_not(feature, chosen[feature.id], theme)
        ready = None if reason else _prepare(feature, chosen[feature.id], column)
        if ready is None:
            left[feature.id] = reason or phrase("the cities do not differ in it, or fewer than two state it")
        else:
            kept.append(ready)
    return Space(tuple(c.id for c in table.cities), tuple(kept), left)


def _weights(table: ContextTable, given: Mapping[str, float]) -> dict[str, float]:
    ids = [f.id for f in table.features]
    for name, weight in given.items():
        if name not in ids:
            raise CallError(f'there is no context feature "{name}": ' + near(name, ids))
        if not 0 <= weight < float("inf"):
            raise CallError(f'the weight of "{name}" is {weight}; a number from 0 up is allowed')
    return {f.id: float(given.get(f.id, f.weight)) for f in table.features}


def _why_not(feature: ContextFeature, weight: float, theme: str) -> str:
    if weight == 0:
        return phrase("its weight is 0")
    if theme and feature.themes and theme not in feature.themes:
        return phrase("it belongs to other themes")
    return ""


def _prepare(feature: ContextFeature, weight: float, column: Sequence[object]) -> Prepared | None:
    known = np.array([not isinstance(cell, Undefined) for cell in column], dtype=bool)
    if known.sum() < 2:
        return None
    given = [cell for cell in column if not isinstance(cell, Undefined)]
    at, apart = np.zeros(len(column)), None
    if feature.kind == "number":
        at[known] = _line(feature.transform, np.array(given, dtype=np.float64))
        same = not at[known].any()
    else:
        words = sorted(set(given), key=str)
        at[known] = [words.index(cell) for cell in given]
        apart, same = _between(words), len(words) == 1
    return None if same else Prepared(feature, weight, at, known, apart)


def _line(transform: str, values: Floats) -> Floats:
    """Place numbers on a line from 0 (the least) to 1 (the most); all 0 when they are equal."""
    if transform == "log":
        values = np.log(values)
    elif transform == "rank":
        values = _ranks(values)
    span = values.max() - values.min()
    # what only rounding tells apart is equal
    if span <= _ROUNDING * max(1.0, float(np.abs(values).max())):
        return np.zeros(len(values))
    out: Floats = (values - values.min()) / span
    return out


def _ranks(values: Floats) -> Floats:
    """Ranks from 0, equal values sharing the mean of their ranks."""
    below = np.searchsorted(np.sort(values), values, side="left")
    upto = np.searchsorted(np.sort(values), values, side="right")
    out: Floats = (below + upto - 1) / 2
    return out


def _between(words: Sequence[object]) -> Floats:
    """Gap of words: 0 or 1; of sets of words: the part of all their words that they do not share."""
    out = np.zeros((len(words), len(words)))
    for i, one in enumerate(words):
        for j, other in enumerate(words):
            if isinstance(one, tuple) and isinstance(other, tuple):
                both, either = set(one) & set(other), set(one) | set(other)
                out[i, j] = 1 - len(both) / len(either) if either else 0.0
            else:
                out[i, j] = float(one != other)
    return out


def gaps_from(space: Space, row: int) -> tuple[Floats, Floats, npt.NDArray[np.int64]]:
    """Distances of every city from one.

    Returns
    -------
    distance : (C,) array
        0 to 1; 1 where nothing is common (and `common` is 0).
    common : (C,) array
        Share of the weight of all features that is known of both, 0 to 1.
    count : (C,) array
        Number of features known of both.
    """
    total, weight = np.zeros(len(space.cities)), np.zeros(len(space.cities))
    count = np.zeros(len(space.cities), dtype=np.int64)
    for one in space.features:
        if not one.known[row]:
            continue
        total += np.where(one.known, one.weight * one.gaps(one.at[row], one.at), 0.0)
        weight += np.where(one.known, one.weight, 0.0)
        count += one.known
    everything = sum(p.weight for p in space.features)
    distance = np.divide(total, weight, out=np.ones_like(total), where=weight > 0)
    return distance, weight / everything if everything else weight, count
