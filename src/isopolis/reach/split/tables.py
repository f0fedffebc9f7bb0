"""The levels that a split needs, from tables of who lives where and who reaches what in which way."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError
from isopolis.model.text import phrase

from .shapley import Split, Value, split

__all__ = ["level_of", "split_levels"]

Whole = npt.NDArray[np.integer[Any]]


def level_of(
    people: Mapping[str, npt.ArrayLike], costs: Mapping[tuple[str, str], npt.ArrayLike], standard: int
) -> Value:
    """Return the value function of a share within the standard.

    Parameters
    ----------
    people : mapping with ``own`` and ``reference``
        (O,) counts: where the group lives, and where the reference lives.
    costs : mapping of (how, service) to (O,) array of int, milliseconds
        Time to the nearest site for ``own`` or ``reference`` movement, among the sites that admit ``own`` or
        ``reference``; -1 where none can be reached. All four must be there.
    standard : int, milliseconds
        Inclusive.

    Returns
    -------
    callable
        From a set of factors to the exact share of people within the standard; in thousandths of a person
        where counts are not whole.

    Raises
    ------
    CallError
        If a table is missing or its length differs, counts are below 0, or nobody lives anywhere.
    """
    sides = ("own", "reference")
    counts = {s: np.asarray(people[s], dtype=np.float64) for s in sides if s in people}
    times = {(h, v): np.asarray(costs[h, v]) for h in sides for v in sides if (h, v) in costs}
    if len(counts) < 2 or len(times) < 4:
        raise CallError(phrase("a split needs two tables of people and four tables of times"))
    if len({len(a) for a in (*counts.values(), *times.values())}) != 1:
        raise CallError(phrase("a split needs one entry for each origin in every table"))
    if any(not np.isfinite(c).all() or (c < 0).any() or not c.sum() for c in counts.values()):
        raise CallError(phrase("a split needs known counts of people, and somebody on both sides"))
    whole = all((c == np.rint(c)).all() for c in counts.values())
    units = {s: np.rint(c * (1 if whole else 1000)).astype(np.int64) for s, c in counts.items()}
    if any(not u.sum() for u in units.values()):
        raise CallError(phrase("a split needs known counts of people, and somebody on both sides"))
    inside = {k: (t >= 0) & (t <= standard) for k, t in times.items()}

    def value(given: frozenset[str]) -> Fraction:
        side = {f: "reference" if f in given else "own" for f in ("where", "how", "service")}
        who = units[side["where"]]
        return Fraction(int(who[inside[side["how"], side["service"]]].sum()), int(who.sum()))

    return value


def split_levels(
    people: Mapping[str, npt.ArrayLike],
    costs: Mapping[tuple[str, str], npt.ArrayLike],
    standard: int,
    group: str,
    reference: str,
) -> Split:
    """Split the gap in the share within the standard; arguments as of `level_of` and `split`."""
    return split(level_of(people, costs, standard), group, reference)
