"""Who can be drawn and what a panel must look like; people who are alike become one type.

Two people are of one type when every rule treats them alike: they count for the same quotas and, with
the rule of one per household, live in households of the same make-up. Exchanging them turns an allowed
panel into an allowed panel, so the best chances of types are the best chances of people.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError
from isopolis.model.text import phrase

__all__ = ["Person", "Quota", "Types", "collapse", "counted"]

Whole = npt.NDArray[np.int64]
NO_ROW = -1


@dataclass(frozen=True, slots=True)
class Quota:
    """Fewest and most people of a kind on the panel.

    Parameters
    ----------
    traits : tuple of (str, str)
        Attribute and value, one pair or several that are crossed: ``(("gender", "female"), ("age", "65+"))``.
    low, high : int
        Fewest and most people, ``0 <= low <= high``.
    """

    traits: tuple[tuple[str, str], ...]
    low: int
    high: int

    @property
    def attributes(self) -> tuple[str, ...]:
        """Names of the attributes that are crossed."""
        return tuple(a for a, _ in self.traits)

    @property
    def values(self) -> tuple[str, ...]:
        """Values, in the order of the attributes."""
        return tuple(v for _, v in self.traits)

    @property
    def name(self) -> str:
        """``gender=female & age=65+``."""
        return " & ".join(f"{a}={v}" for a, v in self.traits)


@dataclass(frozen=True, slots=True)
class Person:
    """One volunteer: an id, the value of every attribute, and where there is one a household."""

    id: str
    traits: dict[str, str] = field(hash=False)
    household: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Types:
    """The pool as types of people, ready for a solver.

    Attributes
    ----------
    members : tuple of tuple of int
        People of each type, by their place in the pool; ``(T,)``.
    count, cap : (T,) arrays
        People of a type, and how many of them one panel can hold.
    rows : (T, S) array
        For each family of quotas the row a type counts for, or -1. Types × families.
    low, high : (R,) arrays
        Bounds of every row: the quotas first, then one row for each make-up of households.
    quotas : tuple of Quota
        The quotas, in the order of the first rows.
    households : (T,) tuple
        For each type the households of its members, or "" for people who live apart from the others.
    """

    members: tuple[tuple[int, ...], ...]
    count: Whole
    cap: Whole
    rows: Whole
    low: Whole
    high: Whole
    quotas: tuple[Quota, ...]
    households: tuple[tuple[str, ...], ...]
    size: int

    def __len__(self) -> int:
        return len(self.members)

    @property
    def people(self) -> int:
        """People in the pool."""
        return int(self.count.sum())

    def pairs(self) -> tuple[Whole, Whole]:
        """Return (row, type) of every ones in the matrix rows × types."""
        types, families = np.nonzero(self.rows >= 0)
        return self.rows[types, families], types

    def sums(self, panel: npt.NDArray[np.generic]) -> npt.NDArray[np.float64]:
        """Return what a panel, ``(T,)``, counts in each row, ``(R,)``."""
        row, kind = self.pairs()
        seats = np.asarray(panel, dtype=float)[kind]
        return np.bincount(row, weights=seats, minlength=len(self.low)).astype(np.float64)

    def allows(self, panel: Whole) -> bool:
        """True when a panel of types keeps every rule."""
        sums = self.sums(panel)
        within = bool(((sums >= self.low) & (sums <= self.high)).all())
        return within and int(panel.sum()) == self.size and bool(((panel >= 0) & (panel <= self.cap)).all())


def collapse(people: Sequence[Person], quotas: Sequence[Quota], size: int, households: bool = False) -> Types:
    """Collapse a pool to types.

    Parameters
    ----------
    people : sequence of Person
        Every person has a value for every attribute of the quotas.
    quotas : sequence of Quota
        Rows with the same attributes are one family; a value stands in a family at most once.
    size : int
        People on the panel, at least 1.
    households : bool
        True when at most one person of a household may be on a panel.

    Raises
    ------
    CallError
        When the size is not between 1 and the number of people, or a quota stands there twice.
    """
    if not 1 <= size <= len(people):
        raise CallError(
            phrase("a panel of {size} cannot be drawn from {people} people", size=size, people=len(people))
        )
    keys = _keys(people, quotas)
    homes = _homes(people, keys) if households else [()] * len(people)
    found: dict[tuple[tuple[int, ...], tuple[tuple[int, ...], ...]], list[int]] = {}
    for place, key in enumerate(zip(keys, homes, strict=True)):
        found.setdefault(key, []).append(place)
    return _types(people, quotas, size, found)


def _keys(people: Sequence[Person], quotas: Sequence[Quota]) -> list[tuple[int, ...]]:
    """For each person the row in each family of quotas, or -1."""
    families: dict[tuple[str, ...], dict[tuple[str, ...], int]] = {}
    for row, quota in enumerate(quotas):
        family = families.setdefault(quota.attributes, {})
        if quota.values in family:
            raise CallError(phrase('there are two quotas for "{name}"', name=quota.name))
        family[quota.values] = row
    return [
        tuple(known.get(tuple(p.traits[a] for a in names), NO_ROW) for names, known in families.items())
        for p in people
    ]


def _homes(people: Sequence[Person], keys: Sequence[tuple[int, ...]]) -> list[tuple[tuple[int, ...], ...]]:
    """For each person the make-up of the household; nothing where nobody else of it is in the pool."""
    lives: dict[str, list[tuple[int, ...]]] = {}
    for person, key in zip(people, keys, strict=True):
        if person.household:
            lives.setdefault(person.household, []).append(key)
    made = {home: tuple(sorted(who)) for home, who in lives.items() if len(who) > 1}
    return [made.get(p.household, ()) if p.household else () for p in people]


def _types(
    people: Sequence[Person],
    quotas: Sequence[Quota],
    size: int,
    found: dict[tuple[tuple[int, ...], tuple[tuple[int, ...], ...]], list[int]],
) -> Types:
    order = sorted(found)
    makeups = sorted({home for _, home in order if home})
    row_of_home = {home: len(quotas) + i for i, home in enumerate(makeups)}
    homes = {h: len({people[i].household for key, home in order if home == h for i in found[key, home]})
             for h in makeups}  # fmt: skip
    rows = np.array([(*key, row_of_home.get(home, NO_ROW)) for key, home in order], dtype=np.int64)
    low = np.array([q.low for q in quotas] + [0] * len(makeups), dtype=np.int64)
    high = np.array([q.high for q in quotas] + [homes[h] for h in makeups], dtype=np.int64)
    count = np.array([len(found[key]) for key in order], dtype=np.int64)
    most = np.where(rows >= 0, high[rows] if len(high) else 0, size).min(axis=1, initial=size)
    return Types(
        members=tuple(tuple(found[key]) for key in order),
        count=count,
        cap=np.minimum(count, most),
        rows=rows,
        low=low,
        high=high,
        quotas=tuple(quotas),
        households=tuple(
            tuple(people[i].household if home else "" for i in found[key, home]) for key, home in order
        ),
        size=size,
    )


def counted(people: Iterable[Person], quotas: Sequence[Quota]) -> list[int]:
    """Count the people of each quota."""
    have: Counter[tuple[tuple[str, str], ...]] = Counter()
    families = {q.attributes for q in quotas}
    for person in people:
        for names in families:
            have[tuple((a, person.traits[a]) for a in names)] += 1
    return [have[q.traits] for q in quotas]
