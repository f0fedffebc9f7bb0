"""A change between two dates with what came and went, under both readings of zeros, and its verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError, Undefined
from isopolis.model.text import listing, phrase

from .fit import CLOSE
from .parts import METHODS, Index, Method, Part, Parts, Worlds, contributions, parts_of, worlds

__all__ = ["Decomposed", "Local", "common", "decompose"]

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

SLACK = 1e-9
"""A part smaller than this is 0: its sign says nothing."""

SIGNED = ("structure", "zones", "groups")


@dataclass(frozen=True, slots=True, eq=False)
class Local:
    """Contributions of zones or groups to the change of M, in nats.

    Parameters
    ----------
    structure, margins : arrays
        NaN-free; 0 for what is not at both dates. They sum to the parts of the method ``shapley``.
    shared : bool array
        True for what is at both dates.
    """

    structure: Floats
    margins: Floats
    shared: Flags


@dataclass(frozen=True, slots=True, eq=False)
class Decomposed:
    """A change of an index in parts.

    Parameters
    ----------
    method : str
    parts : Parts
        With zeros taken as structural: these are the parts to show. They add up to the change.
    other : Parts or None
        The same with zeros taken as sampling zeros; None for ``mrc``, which fits nothing.
    zones, groups : bool arrays
        True for the zones and groups that are at both dates.
    refusal : Undefined or None
        Why the parts must not be shown as a result; None when they may. The numbers stay, so that
        a reader can see what disagrees.
    by_zone, by_group : Local or None
        For M with the method ``shapley``.
    """

    method: str
    parts: Parts
    other: Parts | None
    zones: Flags
    groups: Flags
    refusal: Undefined | None
    by_zone: Local | None = None
    by_group: Local | None = None

    def disagree(self) -> tuple[str, ...]:
        """Names of the parts whose sign depends on how zeros are read."""
        return _opposite(self.parts, self.other)


def common(before: Floats, after: Floats) -> tuple[Flags, Flags]:
    """Return which zones and which groups have people at both dates.

    Leaving out a group can empty a zone, so that is looked at until nothing more falls out.
    """
    zones, groups = np.ones(before.shape[0], dtype=bool), np.ones(before.shape[1], dtype=bool)
    while True:
        cut = [x * zones[:, None] * groups for x in (before, after)]
        now = (
            (cut[0].sum(axis=1) > 0) & (cut[1].sum(axis=1) > 0),
            (cut[0].sum(axis=0) > 0) & (cut[1].sum(axis=0) > 0),
        )
        if (now[0] == zones).all() and (now[1] == groups).all():
            return zones, groups
        zones, groups = now


def decompose(
    before: npt.ArrayLike,
    after: npt.ArrayLike,
    index: Index,
    *,
    method: Method = "shapley",
    local: bool = False,
    close: float = CLOSE,
) -> Decomposed:
    """Split the change of an index between two dates into parts that add up to it.

    Parameters
    ----------
    before, after : (Z, G) arrays, persons, >= 0
        The same zones and groups in the same order; zeros where a zone or group was not there.
    index : callable
        (Z, G) → value; must not depend on how many people there are (law ``scale``).
    method : str
        One of `METHODS`.
    local : bool
        True to split M by zone and by group too; only right when `index` is M.
    close : float
        Residual that each fitted table must reach, in shares of everyone.

    Returns
    -------
    Decomposed
        With a `refusal` where the parts cannot be told: a fit that does not converge, or a sign
        that depends on how zeros are read.

    Raises
    ------
    CallError
        If shapes disagree, a number is negative or not finite, the method is not known, or fewer than two
        zones or two groups have people at both dates.
    """
    first, last = _checked(before, after, method)
    zones, groups = common(first, last)
    _enough(zones, groups)
    cut = [x[np.ix_(zones, groups)] for x in (first, last)]
    made = worlds(cut[0], cut[1], close=close)
    parts = _with_ends(parts_of(index, made, method), index, first, last, zones, groups)
    other = None
    if method != "mrc":
        loose = worlds(cut[0], cut[1], zeros="sampling", close=close)
        other = _with_ends(parts_of(index, loose, method), index, first, last, zones, groups)
    refusal = _refusal(parts, other, close)
    detail = [None, None]
    if local and method == "shapley":
        detail = [_spread(made, zones, 0), _spread(made, groups, 1)]  # type: ignore[list-item]
    return Decomposed(method, parts, other, zones, groups, refusal, *detail)


def _enough(zones: Flags, groups: Flags) -> None:
    """Refuse where nothing is left in which people could be apart: every part would be 0 and mean nothing."""
    if not zones.any():
        raise CallError("no zone has people of the same groups at both dates: match the zones first")
    n, k = int(zones.sum()), int(groups.sum())
    if n < 2 or k < 2:
        raise CallError(
            f"only {n} of {len(zones)} zones and {k} of {len(groups)} groups have people at both dates, and "
            f"a change needs two of each: name zones and groups alike at both dates"
        )


def _checked(before: npt.ArrayLike, after: npt.ArrayLike, method: str) -> tuple[Floats, Floats]:
    if method not in METHODS:
        raise CallError(f'there is no method "{method}"; there are {", ".join(METHODS)}')
    first, last = (np.asarray(x, dtype=np.float64) for x in (before, after))
    if first.ndim != 2 or first.shape != last.shape:
        raise CallError(f"tables of shapes {first.shape} and {last.shape}: give the same zones and groups")
    for name, x in (("before", first), ("after", last)):
        if not (np.isfinite(x).all() and (x >= 0).all() and x.sum() > 0):
            raise CallError(f"the counts {name} must be finite, not negative and not all 0")
    return first, last


def _with_ends(inner: Parts, index: Index, first: Floats, last: Floats, zones: Flags, groups: Flags) -> Parts:
    """Add what the zones and groups do that are at one date only."""
    start, end = index(first), index(last)
    # where nobody is left out the two differ by rounding only
    same = [x.sum() == x[np.ix_(zones, groups)].sum() for x in (first, last)]
    start, end = (inner.before if same[0] else start), (inner.after if same[1] else end)
    ends = {"removed": inner.before - start, "added": end - inner.after}
    more = tuple(Part(name, v, v, v) for name, v in ends.items())
    return Parts(start, end, (*inner.parts, *more), inner.residual, inner.converged)


def _opposite(parts: Parts, other: Parts | None) -> tuple[str, ...]:
    if other is None:
        return ()
    slack = max(SLACK, 100 * max(parts.residual, other.residual))
    pairs = [(name, parts.of(name), other.of(name)) for name in SIGNED]
    return tuple(name for name, a, b in pairs if a * b < 0 and min(abs(a), abs(b)) > slack)


def _refusal(parts: Parts, other: Parts | None, close: float) -> Undefined | None:
    worst = [p for p in (parts, other) if p is not None and not p.converged]
    if worst:
        return Undefined(
            "no-fit",
            phrase(
                "The change cannot be split: no table has the pattern of one date and the totals of the "
                "other. The best is off by {residual} of everyone, and {close} is allowed. Join small zones "
                "or groups.",
                residual=f"{max(p.residual for p in worst):.2g}",
                close=f"{close:.0e}",
            ),
        )
    opposite = _opposite(parts, other)
    if not opposite:
        return None
    return Undefined(
        "sign-not-stable",
        phrase(
            "The sign of {parts} depends on how empty cells are read, so it must not be told as a rise or a "
            "fall. Join small zones or groups, or compare more people.",
            parts=listing([said(name) for name in opposite]),
        ),
    )


def said(name: str) -> str:
    """Name of a part for readers."""
    return {
        "structure": phrase("the spread of groups over zones"),
        "zones": phrase("how many live in each zone"),
        "groups": phrase("how large each group is"),
        "together": phrase("zones and groups together"),
        "removed": phrase("zones or groups that went"),
        "added": phrase("zones or groups that came"),
        "zeros": phrase("empty cells filled up"),
    }[name]


def _spread(made: Worlds, kept: Flags, axis: Literal[0, 1]) -> Local:
    structure, margins = (np.zeros(len(kept)) for _ in range(2))
    structure[kept], margins[kept] = contributions(made, axis)
    return Local(structure, margins, kept)
