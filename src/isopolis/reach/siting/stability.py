"""How firmly a plan stands: the same question again with other counts, other travel, other bodies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError
from isopolis.model.text import phrase

from .losses import Losses
from .plan import Plan, _value, choose
from .question import Question
from .search import searched

__all__ = ["Stability", "redrawn", "stability"]


@dataclass(frozen=True, slots=True)
class Stability:
    """How often sites are chosen when the question is asked again.

    Attributes
    ----------
    asked : int
        How many other questions.
    kept : tuple of (str, int)
        Each site of the plan, in its order, and in how many of the other plans it is chosen again.
    rivals : tuple of (str, int)
        Candidates that are not in the plan, and in how many others they are; most often first.
    regret : tuple of float
        For each other question: how much worse the plan's goal comes out than that question's own plan, in
        the unit of `Plan.value`; 0 where the plan does as well. The plan's own sites are kept as they are,
        also where they would leave the budget.
    """

    asked: int
    kept: tuple[tuple[str, int], ...]
    rivals: tuple[tuple[str, int], ...]
    regret: tuple[float, ...]


def stability(
    plan: Plan, others: Sequence[Question], *, method: str = "greedy", seconds: float = 10.0
) -> Stability:
    """Ask other questions and look whether the sites stay.

    Parameters
    ----------
    plan : Plan
    others : sequence of Question
        The same candidates, with other counts (`redrawn`), or pessimistic and optimistic travel
        (``dataclasses.replace(question, existing=…, costs=…)``).
    method, seconds
        As of `choose`, for each.

    Raises
    ------
    CallError
        If another question has other candidates, or another measure.
    """
    names = set(plan.question.ids)
    if any(set(q.ids) != names or q.measure != plan.question.measure for q in others):
        raise CallError(phrase("stability needs the same candidates and the same measure in every question"))
    times = dict.fromkeys(sorted(names), 0)
    regret = []
    for question in others:
        losses = Losses.of(question)
        sites, value = _answer(losses, method, seconds)
        for site in sites:
            times[site] += 1
        regret.append(max(_done(plan, losses) - value, 0.0))
    kept = tuple((s, times.pop(s)) for s in plan.sites)
    rivals = sorted(((s, n) for s, n in times.items() if n), key=lambda pair: (-pair[1], pair[0]))
    return Stability(len(others), kept, tuple(rivals), tuple(regret))


def _answer(losses: Losses, method: str, seconds: float) -> tuple[tuple[str, ...], float]:
    """Sites that another question opens, and the value of its goal."""
    if method != "greedy":
        other = choose(losses.question, method=method, seconds=seconds)
        return other.sites, other.value
    # a greedy choice is asked many times: its bound and its ties are not needed here
    chosen = searched(losses)
    opened = tuple(losses.ids[c] for c in np.flatnonzero(chosen & ~losses.open_now))
    return opened, _value(losses, chosen) * _unit(losses)


def _unit(losses: Losses) -> float:
    return 1.0 if losses.question.measure == "within" else losses.worst / 60_000


def _done(plan: Plan, losses: Losses) -> float:
    """Value that the plan's sites come to under another question."""
    opened, closed = set(plan.sites), set(plan.closed)
    chosen = np.array(
        [i in opened or (now and i not in closed) for i, now in zip(losses.ids, losses.open_now, strict=True)]
    )
    return _value(losses, chosen) * _unit(losses)


def redrawn(question: Question, people: npt.NDArray[np.floating]) -> tuple[Question, ...]:
    """Return the question with other counts of people.

    Parameters
    ----------
    question : Question
    people : (R, O, G) array
        Counts drawn again, from whatever draws them (replicates, intervals of an estimate).

    Raises
    ------
    CallError
        If the shape does not fit.
    """
    draws = np.asarray(people)
    if draws.ndim != 3 or draws.shape[1:] != question.people.shape:
        raise CallError(phrase("counts drawn again need one table of origins and groups for each draw"))
    return tuple(replace(question, people=one) for one in draws)
