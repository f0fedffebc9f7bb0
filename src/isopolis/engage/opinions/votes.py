"""Votes on statements, kept sparse: what nobody voted on takes no room."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError
from isopolis.model.text import phrase

__all__ = ["Votes", "latest"]

Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Votes:
    """Who voted how on what.

    Parameters
    ----------
    people, statements : tuple of str
        Ids.
    person, statement : (v,) int array
        Places in `people` and `statements`; sorted by person, then by statement, no pair twice.
    value : (v,) int8 array
        1 agrees, -1 disagrees, 0 passes.
    allowed : (m,) bool array
        False where moderation took the statement out.
    """

    people: tuple[str, ...]
    statements: tuple[str, ...]
    person: Ints
    statement: Ints
    value: npt.NDArray[np.int8]
    allowed: npt.NDArray[np.bool_]

    def __post_init__(self) -> None:
        """Refuse what the sums below could not hold."""
        if not len(self.person) == len(self.statement) == len(self.value):
            raise CallError(phrase("person, statement and value differ in length"))
        if len(self.allowed) != len(self.statements):
            raise CallError(phrase("there is not one mark of moderation for each statement"))
        if not len(self.value):
            return
        for places, size in ((self.person, len(self.people)), (self.statement, len(self.statements))):
            if places.min() < 0 or places.max() >= size:
                raise CallError(phrase("a vote names a person or statement that is not there"))
        key = self.person.astype(np.int64) * len(self.statements) + self.statement
        if (np.diff(key) <= 0).any():
            raise CallError(
                phrase("votes must be sorted by person and statement, and no pair may come twice")
            )
        if not np.isin(self.value, (-1, 0, 1)).all():
            raise CallError(phrase("a vote is 1, 0 or -1"))

    @property
    def per_person(self) -> Ints:
        """Votes of each person, on whatever statement."""
        return np.bincount(self.person, minlength=len(self.people)).astype(np.int32)

    def on_allowed(self) -> npt.NDArray[np.bool_]:
        """Tell which votes are on statements that moderation left in."""
        return self.allowed[self.statement]


def latest(
    people: tuple[str, ...],
    statements: tuple[str, ...],
    person: Ints,
    statement: Ints,
    value: npt.NDArray[np.int8],
    when: npt.NDArray[np.int64],
    allowed: npt.NDArray[np.bool_],
) -> tuple[Votes, npt.NDArray[np.int64]]:
    """Keep the last vote of each person on each statement, as Polis does.

    Parameters
    ----------
    when : (v,) int array
        Times; of two votes at one time the later row counts.

    Returns
    -------
    votes : Votes
    rows : (k,) int array
        The rows that were kept, in the order of `votes`.
    """
    key = person.astype(np.int64) * max(len(statements), 1) + statement
    order = np.lexsort((np.arange(len(key)), when, key))
    last = np.ones(len(order), bool)
    last[:-1] = key[order][1:] != key[order][:-1]
    rows = order[last]
    kept = Votes(people, statements, person[rows], statement[rows], value[rows], allowed)
    return kept, rows
