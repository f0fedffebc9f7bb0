"""The map of a conversation: groups of opinion, how far they can be trusted, and consensus over them.

Everything is done again on resampled participants: how often the same number of groups comes out, how far
the same people come together, how often a statement keeps its standing. Too few people or a group too
small to be nobody in particular: no groups are given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from isopolis.model.text import phrase

from .clusters import Grouping, adjusted_rand, grouped, nearest
from .space import axes, centred, positions
from .standing import Said, said, standings
from .votes import Votes

__all__ = [
    "FEWEST_IN_GROUP",
    "FEWEST_PEOPLE",
    "FEWEST_STATEMENTS",
    "STEADY",
    "OpinionMap",
    "Stability",
    "opinion_map",
]

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]

FEWEST_STATEMENTS = 7
"""Votes that a person needs to be placed on the map, as in Polis."""

FEWEST_PEOPLE = 50
"""Placed people below which groups are refused."""

FEWEST_TRIED = 12
"""Placed people from which grouping is tried at all, to tell how unsteady it is."""

FEWEST_IN_GROUP = 10
STEADY = 0.8
"""Share of resamples, and adjusted Rand index, from which groups are called steady."""


@dataclass(frozen=True, slots=True, eq=False)
class Stability:
    """What resampling says.

    Parameters
    ----------
    resamples : int
    numbers : mapping of int to float
        Share of resamples by number of groups.
    agreement : (b,) float array
        Adjusted Rand index of each resample with the map.
    kept : (m,) float array
        Share of resamples in which each statement keeps its standing.
    """

    resamples: int
    numbers: dict[int, float]
    agreement: Floats
    kept: Floats


@dataclass(frozen=True, slots=True, eq=False)
class OpinionMap:
    """A conversation on a map.

    Parameters
    ----------
    state : {"steady", "unsteady", "refused", "untested"}
    reason : str
        Why groups are refused or unsteady; empty otherwise.
    group : (n,) int array
        Of each person, the largest is 0; -1 for who is not on the map or when groups are refused.
    placed : (n,) bool array
        Who voted enough to be placed.
    positions : (n, 2) float array
    statements : (m, 2) float array
        Directions of the axes.
    number : int
        Groups; 0 when refused.
    counts : Said
        By group; everybody as one when groups are refused.
    standing : (m,) int8 array
        Places in `isopolis.engage.opinions.standing.STANDINGS`.
    silhouettes : mapping of int to float
    stability : Stability or None
    """

    state: str
    reason: str
    group: Labels
    placed: npt.NDArray[np.bool_]
    positions: Floats
    statements: Floats
    number: int
    counts: Said
    standing: npt.NDArray[np.int8]
    silhouettes: dict[int, float] = field(default_factory=dict)
    stability: Stability | None = None


def opinion_map(
    votes: Votes,
    rng: np.random.Generator,
    *,
    resamples: int = 100,
    fewest_people: int = FEWEST_PEOPLE,
    fewest_in_group: int = FEWEST_IN_GROUP,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> OpinionMap:
    """Draw the map of a conversation.

    Parameters
    ----------
    votes : Votes
    rng : numpy Generator
        For the starts of the grouping and the resamples.
    resamples : int
        0 leaves stability out.
    fewest_people, fewest_in_group : int
        Below these groups are refused.
    progress : callable
        Told resamples done, and of how many.
    """
    needed = min(FEWEST_STATEMENTS, int(votes.allowed.sum()))
    placed = (votes.per_person >= max(needed, 1)) & _voted_allowed(votes)
    one = np.where(placed, 0, -1)
    matrix = centred(votes)
    directions = axes(matrix)
    where = positions(votes, matrix, directions)
    found, reason = _found(where[placed], rng, fewest_people, fewest_in_group)
    tested = None
    if found is not None and resamples:
        tested = _tested(votes, placed, found, rng, resamples, progress)
    shown = found is not None and not reason
    group, number = one, 1
    if found is not None and shown:
        group, number = np.full(len(placed), -1), len(found.centres)
        group[placed] = found.labels
    counts = said(votes, group, number)
    state, reason = _state(reason, number, tested)
    return OpinionMap(
        state, reason, group if shown else np.full(len(placed), -1), placed, where, directions,
        number if shown else 0, counts, standings(counts),
        {} if found is None else found.silhouettes, tested,
    )  # fmt: skip


def _found(
    points: Floats, rng: np.random.Generator, fewest_people: int, fewest_in_group: int
) -> tuple[Grouping | None, str]:
    """Group the placed people and say why the groups are not to be shown, if so."""
    found = None
    if len(points) >= FEWEST_TRIED and len(np.unique(np.round(points, 9), axis=0)) >= 3:
        found = grouped(points, np.ones(len(points)), rng)
    if len(points) < fewest_people:
        return found, phrase(
            "{n} people voted on enough statements to be placed; {fewest} are needed before groups "
            "mean anything",
            n=len(points), fewest=fewest_people,
        )  # fmt: skip
    if found is None:
        return None, phrase("people do not differ enough to be grouped")
    if found.sizes.min() < fewest_in_group:
        return found, phrase(
            "a group of {n} people would come out; below {fewest} no group is shown",
            n=int(found.sizes.min()), fewest=fewest_in_group,
        )  # fmt: skip
    return found, ""


def _voted_allowed(votes: Votes) -> npt.NDArray[np.bool_]:
    return np.bincount(votes.person[votes.on_allowed()], minlength=len(votes.people)) > 0


def _state(reason: str, number: int, tested: Stability | None) -> tuple[str, str]:
    if reason:
        return "refused", reason
    if tested is None:
        return "untested", ""
    same, agree = tested.numbers.get(number, 0.0), float(np.median(tested.agreement))
    if same >= STEADY and agree >= STEADY:
        return "steady", ""
    return "unsteady", phrase(
        "of {n} resamples {share} gave {k} groups, and half of them agree with the map by {index} at most "
        "(1 would be wholly, 0 as by chance)",
        n=tested.resamples, share=f"{same:.0%}", k=number, index=f"{agree:.2f}",
    )  # fmt: skip


def _tested(
    votes: Votes, placed: npt.NDArray[np.bool_], found: Grouping, rng: np.random.Generator, resamples: int,
    progress: Callable[[int, int], None],
) -> Stability:  # fmt: skip
    n = len(placed)
    number = len(found.centres)
    group = np.full(n, -1)
    group[placed] = found.labels
    standing = standings(said(votes, group, number))
    numbers: dict[int, int] = {}
    agreement = np.zeros(resamples)
    kept = np.zeros(len(votes.statements))
    for b in range(resamples):
        weights = np.bincount(rng.integers(0, n, n), minlength=n).astype(float)
        labels = _once(votes, placed, weights, rng)
        again = np.full(n, -1)
        again[placed] = labels
        k = int(labels.max()) + 1
        numbers[k] = numbers.get(k, 0) + 1
        agreement[b] = adjusted_rand(found.labels, labels)
        kept += standings(said(votes, again, k, weights)) == standing
        progress(b + 1, resamples)
    return Stability(
        resamples, {k: v / resamples for k, v in sorted(numbers.items())}, agreement, kept / resamples
    )


def _once(votes: Votes, placed: npt.NDArray[np.bool_], weights: Floats, rng: np.random.Generator) -> Labels:
    """Group resampled people; those who were not drawn go to the nearest group."""
    matrix = centred(votes, weights)
    where = positions(votes, matrix, axes(matrix, weights))[placed]
    try:
        found = grouped(where, weights[placed], rng)
    except ValueError:  # the drawn people do not differ
        return np.zeros(int(placed.sum()), np.int64)
    return nearest(where, found.centres)
