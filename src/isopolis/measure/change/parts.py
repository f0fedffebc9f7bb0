"""The change of an index between two tables of the same zones and groups, in parts that add up.

Eight tables stand between two dates: each takes its odds (the structure), its zone populations and its
group totals from one date or the other (`fit`). How an index moves from one to the next is what that
side contributes.

References
----------
Elbers, B. (2021): A method for studying differences in segregation across time and space, Sociological
Methods & Research 52(1), 5-42 (the Shapley parts of M, by zone too).
Karmel, T. & Maclachlan, M. (1988): Occupational sex segregation - increasing or decreasing?, Economic
Record 64(3), 187-195 (`km`).
Mora, R. & Ruiz-Castillo, J. (2009): The invariance properties of the mutual information index of
multigroup segregation, Research on Economic Inequality 17, 33-53 (`mrc`).
Owen, G. (1977): Values of games with a priori unions, in Mathematical Economics and Game Theory, 76-88
(Shapley's value in which zones and groups go together, as in Elbers).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import xlogy

from isopolis.measure.arrays import divide, entropy
from isopolis.model import CallError

from .fit import CLOSE, fit

__all__ = ["METHODS", "Part", "Parts", "Worlds", "Zeros", "contributions", "parts_of", "worlds"]

Floats = npt.NDArray[np.float64]
Index = Callable[[Floats], float]
Zeros = Literal["structural", "sampling"]
Method = Literal["shapley", "shapley_equal", "km", "mrc"]
Place = tuple[int, int, int]

METHODS: dict[str, str] = {
    "shapley": "Elbers (2021): structure against both margins, and the margins against each other.",
    "shapley_equal": "Shapley's value of three equal sides: structure, zone populations, group totals.",
    "km": "Karmel and Maclachlan (1988): from the older date only, with what the two margins do together.",
    "mrc": "Mora and Ruiz-Castillo (2009): entropies of the margins; for M only, nothing is fitted.",
}

HALF = 0.5
"""Most persons that a sampling zero is given."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a change.

    Parameters
    ----------
    name : str
        ``structure``, ``zones``, ``groups``, ``together``, ``removed``, ``added`` or ``zeros``.
    value : float
        In the unit of the index.
    low, high : float
        Smallest and largest value over the orders in which the sides can change; equal where there is
        one order only.
    """

    name: str
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """A change and its parts, which add up to it.

    Parameters
    ----------
    before, after : float
        The index of the two tables.
    parts : tuple of Part
    residual : float
        Largest residual of the fitted tables, in shares of everyone; 0 where nothing was fitted.
    converged : bool
        True when every fitted table met both margins.
    """

    before: float
    after: float
    parts: tuple[Part, ...]
    residual: float = 0.0
    converged: bool = True

    @property
    def change(self) -> float:
        """`after` − `before`."""
        return self.after - self.before

    def of(self, name: str) -> float:
        """Value of the part `name`; 0 when the method has no such part."""
        return next((p.value for p in self.parts if p.name == name), 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Worlds:
    """The eight tables, by (structure, zones, groups): 0 for the older date, 1 for the newer.

    `given` are the two tables as they were counted, in shares.
    """

    tables: dict[Place, Floats]
    residual: float
    converged: bool
    zeros: Zeros
    given: tuple[Floats, Floats]


def smoothed(x: Floats) -> Floats:
    """(Z, G) table in which each zero has what an even mix would give it, half a person at most."""
    even = x.sum(axis=1, keepdims=True) * x.sum(axis=0) / x.sum()
    return np.where(x > 0, x, np.minimum(HALF, even))


def worlds(before: Floats, after: Floats, *, zeros: Zeros = "structural", close: float = CLOSE) -> Worlds:
    """Return the eight tables between two dates.

    Parameters
    ----------
    before, after : (Z, G) arrays, persons
        Same zones, same groups, nobody missing from a whole row or column.
    zeros : {"structural", "sampling"}
        ``structural``: a cell in which nobody was counted stays empty whatever the margins.
        ``sampling``: nobody happened to be there; it gets what an even mix gives, at most half a person.
    close : float
        Residual to reach.
    """
    given = (before / before.sum(), after / after.sum())
    odds = given if zeros == "structural" else (smoothed(before), smoothed(after))
    margins = [(p.sum(axis=1), p.sum(axis=0)) for p in given]
    tables: dict[Place, Floats] = {}
    residual, converged = 0.0, True
    for s, u, g in product((0, 1), repeat=3):
        if s == u == g and zeros == "structural":
            tables[s, u, g] = given[s]
            continue
        made = fit(odds[s], margins[u][0], margins[g][1], close=close)
        tables[s, u, g] = made.table
        residual, converged = max(residual, made.residual), converged and made.converged
    return Worlds(tables, residual, converged, zeros, given)


def parts_of(index: Index, made: Worlds, method: Method = "shapley") -> Parts:
    """Split the change of `index` over the eight tables.

    Parameters
    ----------
    index : callable
        (Z, G) shares → value; must not depend on how many people there are.
    made : Worlds
    method : {"shapley", "shapley_equal", "km", "mrc"}

    Raises
    ------
    CallError
        If the method is not known.
    """
    first, last = (index(x) for x in made.given)
    if method == "mrc":
        return Parts(first, last, _entropies(*made.given))
    if method not in METHODS:
        raise CallError(f'there is no method "{method}"; there are {", ".join(METHODS)}')
    value = {place: index(table) for place, table in made.tables.items()}
    found = _km(index, value, made) if method == "km" else _shapley(value, equal=method == "shapley_equal")
    if made.zeros == "sampling":
        rest = (last - first) - (value[1, 1, 1] - value[0, 0, 0])
        found = (*found, Part("zeros", rest, rest, rest))
    return Parts(first, last, found, made.residual, made.converged)


SIDES = {"structure": 0, "zones": 1, "groups": 2}


def _moves(value: dict[Place, float], side: int) -> dict[tuple[int, int], float]:
    """How the index moves when one side changes, for each state of the two others."""
    out = {}
    for a, b in product((0, 1), repeat=2):
        ends = []
        for new in (0, 1):
            place = [a, b]
            place.insert(side, new)
            ends.append(value[place[0], place[1], place[2]])
        out[a, b] = ends[1] - ends[0]
    return out


def _shapley(value: dict[Place, float], *, equal: bool) -> tuple[Part, ...]:
    out = []
    for name, side in SIDES.items():
        move = _moves(value, side)
        weight: dict[tuple[int, int], float]
        if equal:
            weight = {(0, 0): 2, (1, 1): 2, (0, 1): 1, (1, 0): 1}
        elif name == "structure":
            # both margins are of one date: they change together
            weight = {(0, 0): 3, (1, 1): 3}
        else:
            # the structure first or last, the other margin first or last: four orders
            weight = {(a, b): 1.5 for a in (0, 1) for b in (0, 1)}
        steps = [move[k] for k in weight]
        total = sum(weight[k] * move[k] for k in weight) / 6
        out.append(Part(name, total, min(steps), max(steps)))
    return tuple(out)


def _km(index: Index, value: dict[Place, float], made: Worlds) -> tuple[Part, ...]:
    """From the older date: each margin scaled alone, then both by fitting, then the structure."""
    x = made.tables[0, 0, 0]
    new = made.tables[1, 1, 1]
    start, both = value[0, 0, 0], value[0, 1, 1]
    zones = index(x * divide(new.sum(axis=1), x.sum(axis=1))[:, None]) - start
    groups = index(x * divide(new.sum(axis=0), x.sum(axis=0))) - start
    found = {
        "structure": value[1, 1, 1] - both,
        "zones": zones,
        "groups": groups,
        "together": both - start - zones - groups,
    }
    return tuple(Part(name, v, v, v) for name, v in found.items())


def _entropies(p: Floats, q: Floats) -> tuple[Part, ...]:
    """Mora and Ruiz-Castillo (2009): M is the entropy of groups less that inside the zones."""
    inside = [entropy(divide(x, x.sum(axis=1, keepdims=True))) for x in (p, q)]
    share = [x.sum(axis=1) for x in (p, q)]
    found = {
        "structure": -float((share[0] + share[1]) @ (inside[1] - inside[0])) / 2,
        "zones": -float((share[1] - share[0]) @ (inside[0] + inside[1])) / 2,
        "groups": float(entropy(q.sum(axis=0)) - entropy(p.sum(axis=0))),
    }
    return tuple(Part(name, v, v, v) for name, v in found.items())


def contributions(made: Worlds, axis: int = 0) -> tuple[Floats, Floats]:
    """Split the structure and the margins of M's change by zone, or by group.

    With both margins held, every zone keeps its population, so that what its own local score gains
    is its part of the structure (Elbers 2021, section on local changes).

    Parameters
    ----------
    made : Worlds
    axis : int
        0 for zones, 1 for groups.

    Returns
    -------
    structure, margins : arrays, nats
        They sum to the parts ``structure`` and ``zones`` + ``groups`` of the method ``shapley``.
    """
    local = {(s, m): _local(made.tables[s, m, m], axis) for s in (0, 1) for m in (0, 1)}
    structure = (local[1, 0] - local[0, 0] + local[1, 1] - local[0, 1]) / 2
    margins = (local[0, 1] - local[0, 0] + local[1, 1] - local[1, 0]) / 2
    return structure, margins


def _local(x: Floats, axis: int) -> Floats:
    """(Z, G) shares → (Z,) or (G,): share times local score; they sum to M."""
    even = x.sum(axis=1, keepdims=True) * x.sum(axis=0)
    return np.asarray(xlogy(x, divide(x, even)).sum(axis=1 - axis), dtype=np.float64)
