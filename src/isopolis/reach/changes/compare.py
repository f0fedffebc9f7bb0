"""What a change means for each group, and which edit brings how much of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError, Undefined
from isopolis.model.text import Number, phrase

from ..split import shapley

__all__ = ["Change", "Comparison", "added_site", "attributed", "compare", "search_limit", "to_search_again"]

Costs = npt.NDArray[np.integer[Any]]
Known = Fraction | Undefined


@dataclass(frozen=True, slots=True)
class Change:
    """One group before and after.

    Attributes
    ----------
    group : str
    people : Fraction
    before, after : Fraction or Undefined
        Share within the standard.
    gap_before, gap_after : Fraction or Undefined
        What the group lacks to everyone's share; below 0 where it is ahead.
    better, worse : Fraction
        People whose time becomes shorter (or who reach a place at last), and longer (or reach none any more).
    newly, no_longer : Fraction
        People who come within the standard, and who fall out of it.
    unreached_before, unreached_after : Fraction
        People who reach nothing.
    saved : Fraction or Undefined
        Mean minutes saved by those who reach a place both times; undefined when nobody does.
    """

    group: str
    people: Fraction
    before: Known
    after: Known
    gap_before: Known
    gap_after: Known
    better: Fraction
    worse: Fraction
    newly: Fraction
    no_longer: Fraction
    unreached_before: Fraction
    unreached_after: Fraction
    saved: Known


@dataclass(frozen=True, slots=True)
class Comparison:
    """Every group, and everyone as the last.

    Attributes
    ----------
    changes : tuple of Change
    """

    changes: tuple[Change, ...]

    @property
    def worsened(self) -> tuple[str, ...]:
        """Groups whose share within the standard fell."""
        return tuple(
            c.group
            for c in self.changes
            if isinstance(c.before, Fraction) and isinstance(c.after, Fraction) and c.after < c.before
        )

    def words(self) -> tuple[str, ...]:
        """Say each group's change in a sentence."""
        return tuple(_sentence(c) for c in self.changes)


def compare(
    before: Costs,
    after: Costs,
    people: npt.ArrayLike,
    groups: Sequence[str],
    standard: int,
    *,
    everyone: npt.ArrayLike | None = None,
) -> Comparison:
    """Compare two states.

    Parameters
    ----------
    before, after : (O,) or (O, G) arrays of int, milliseconds
        Time to the nearest place; -1 where none is reached. One column for each group where groups move
        differently.
    people : (O, G) array, at least 0
        Counts that are not whole are taken to a thousandth of a person.
    groups : (G,) sequence of str
    standard : int, milliseconds
        Inclusive.
    everyone : (O,) array, optional
        All people; the sum of the groups when not given. Must not be given where costs differ by group.

    Raises
    ------
    CallError
        If shapes do not fit, or counts are below 0 or unknown.
    """
    counts = np.asarray(people, dtype=np.float64)
    origins = len(before)
    if counts.shape != (origins, len(groups)) or len(after) != origins:
        raise CallError(phrase("both states need the same origins, with one column of people for each group"))
    if any(a.shape not in ((origins,), counts.shape) for a in map(np.asarray, (before, after))):
        raise CallError(phrase("times need one column, or one for each group"))
    each = np.ndim(before) == 2 or np.ndim(after) == 2
    if each and everyone is not None:
        raise CallError(phrase("where groups move differently, everyone is the sum of the groups"))
    total = counts.sum(axis=1) if everyone is None else np.asarray(everyone, dtype=np.float64)
    table = np.column_stack([counts, total])
    if not np.isfinite(table).all() or (table < 0).any():
        raise CallError(phrase("people must be known and 0 or more"))
    unit = 1 if (table == np.rint(table)).all() else 1000
    whole = np.rint(table * unit).astype(np.int64)
    was, now = (
        np.broadcast_to(np.asarray(a, np.int64).reshape(origins, -1), counts.shape) for a in (before, after)
    )
    rows = [_Row(whole[:, g], was[:, g], now[:, g], standard, unit) for g in range(len(groups))]
    if each:
        flat = (whole[:, :-1].ravel(), was.ravel(), now.ravel())
        all_people = _Row(*flat, standard, unit)
    else:
        all_people = _Row(whole[:, -1], _first(before), _first(after), standard, unit)
    names = (*groups, phrase("everyone"))
    return Comparison(tuple(r.change(n, all_people) for r, n in zip((*rows, all_people), names, strict=True)))


def _first(costs: Costs) -> Costs:
    return np.asarray(costs, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    """People of one group by origin, with both times."""

    people: npt.NDArray[np.int64]
    was: Costs
    now: Costs
    standard: int
    unit: int

    def many(self, which: npt.NDArray[np.bool_]) -> Fraction:
        return Fraction(int(self.people[which].sum()), self.unit)

    def share(self, costs: Costs) -> Known:
        total = int(self.people.sum())
        if not total:
            return Undefined("nobody", phrase("there is nobody of this group at any origin"))
        return Fraction(int(self.people[self.inside(costs)].sum()), total)

    def inside(self, costs: Costs) -> npt.NDArray[np.bool_]:
        return np.asarray((costs >= 0) & (costs <= self.standard))

    def saved(self) -> Known:
        both = (self.was >= 0) & (self.now >= 0)
        who = self.people[both]
        if not who.sum():
            return Undefined("nobody", phrase("nobody of this group reaches a place both before and after"))
        minutes = sum(int(n) * int(d) for n, d in zip(who, (self.was - self.now)[both], strict=True))
        return Fraction(minutes, int(who.sum()) * 60_000)

    def change(self, group: str, everyone: _Row) -> Change:
        was, now = self.was, self.now
        inside = self.inside(was), self.inside(now)
        return Change(
            group,
            Fraction(int(self.people.sum()), self.unit),
            self.share(was),
            self.share(now),
            _less(everyone.share(everyone.was), self.share(was)),
            _less(everyone.share(everyone.now), self.share(now)),
            self.many((now >= 0) & ((was < 0) | (now < was))),
            self.many((was >= 0) & ((now < 0) | (now > was))),
            self.many(inside[1] & ~inside[0]),
            self.many(inside[0] & ~inside[1]),
            self.many(was < 0),
            self.many(now < 0),
            self.saved(),
        )


def _less(one: Known, other: Known) -> Known:
    if isinstance(one, Undefined):
        return one
    return other if isinstance(other, Undefined) else one - other


def attributed(
    level: Callable[[frozenset[str]], Fraction | float], edits: Sequence[str]
) -> dict[str, Fraction]:
    """Split a change among the edits that make it: each edit's mean effect over all orders (Shapley).

    Parameters
    ----------
    level : callable
        Level of a group when these edits are made, for every set of edits: 2 to the power of their number.
    edits : sequence of str, at most 10

    Returns
    -------
    dict
        Parts that add up to the whole change exactly.

    Raises
    ------
    CallError
        If there are more than 10 edits, two of one name, or a level is not finite.
    """
    if len(edits) > 10 or len(set(edits)) != len(edits):
        raise CallError(phrase("a change can be split among at most 10 edits, each with a name of its own"))
    return {edit: mean for edit, (mean, _, _) in shapley(level, tuple(edits)).items()}


# -- one more place: one bounded search -----------------------------------------------------------------
def search_limit(cost: Costs, limit: int | None = None) -> int | None:
    """Return how far one search from a new place must go: nobody gains from what is farther.

    Parameters
    ----------
    cost : (O,) array of int, milliseconds
        Time to the nearest place so far; -1 where none is reached.
    limit : int, optional
        What was searched so far; None when there was no limit.

    Returns
    -------
    int or None
        The longest time today; `limit` where somebody reaches nothing yet.
    """
    costs = np.asarray(cost)
    if not len(costs) or (costs < 0).any():
        return limit
    return int(costs.max())


def added_site(
    cost: Costs, place: Costs, search: Callable[[int | None], Costs], number: int, limit: int | None = None
) -> tuple[Costs, Costs]:
    """Return the nearest place of every origin when one place more is there, from one bounded search.

    Parameters
    ----------
    cost, place : (O,) arrays of int
        Time to the nearest place so far, and which it is; -1 for none.
    search : callable
        ``search(limit)``: (O,) time to the new place, -1 beyond the limit.
    number : int
        Of the new place; with equal times the lower number is nearest, as everywhere.
    limit : int, optional
        As of `search_limit`.
    """
    costs, places = np.asarray(cost), np.asarray(place)
    new = np.asarray(search(search_limit(costs, limit)))
    nearer = (new >= 0) & ((costs < 0) | (new < costs) | ((new == costs) & (number < places)))
    return np.where(nearer, new, costs).astype(costs.dtype), np.where(nearer, number, places).astype(
        places.dtype
    )


def to_search_again(place: Costs, closed: Sequence[int]) -> npt.NDArray[np.bool_]:
    """(O,) True for origins whose nearest place closes: only these need another search."""
    return np.isin(np.asarray(place), np.asarray(closed, dtype=np.int64)) & (np.asarray(place) >= 0)


def _sentence(change: Change) -> str:
    if isinstance(change.before, Undefined) or isinstance(change.after, Undefined):
        return phrase("{group}: nobody lives at any origin.", group=change.group)
    was, now = (Number(f"{float(x) * 100:.1f}%") for x in (change.before, change.after))
    if change.before == change.after:
        return phrase("{group}: {share} within the standard, as before.", group=change.group, share=now)
    return phrase(
        "{group}: {was} within the standard before, {now} after.", group=change.group, was=was, now=now
    )
