"""The change over several dates: step by step, and from the first to the last at once."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy.typing as npt

from isopolis.model import CallError, Undefined

from .parts import Index, Method
from .stable import Decomposed, decompose

__all__ = ["Path", "along"]


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """A change over two or more dates.

    Parameters
    ----------
    steps : tuple of Decomposed
        Each date to the next.
    direct : Decomposed
        The first date to the last, as if nothing were known between.
    """

    steps: tuple[Decomposed, ...]
    direct: Decomposed

    def summed(self) -> dict[str, float]:
        """Part → its sum over the steps; the sums add up to the change from first to last."""
        names = dict.fromkeys(p.name for step in self.steps for p in step.parts.parts)
        return {name: sum(step.parts.of(name) for step in self.steps) for name in names}

    @property
    def refusal(self) -> Undefined | None:
        """The first reason why a step, or the change at once, must not be shown."""
        return next((d.refusal for d in (*self.steps, self.direct) if d.refusal is not None), None)


def along(
    tables: Sequence[npt.ArrayLike], index: Index, *, method: Method = "shapley", local: bool = False
) -> Path:
    """Split the change of an index over the dates of `tables`, oldest first.

    The parts of the steps add up to the change from the first date to the last. They are not the parts of
    the change at once: what happened between counts along the way, and both are given.

    Parameters
    ----------
    tables : sequence of (Z, G) arrays
        Two or more, the same zones and groups.
    index, method, local
        See `decompose`; `local` is for the change at once.

    Raises
    ------
    CallError
        If there are fewer than two dates, or for what `decompose` refuses.
    """
    if len(tables) < 2:
        raise CallError("a change needs two dates at least")
    direct = decompose(tables[0], tables[-1], index, method=method, local=local)
    if len(tables) == 2:
        return Path((direct,), direct)
    pairs = itertools.pairwise(tables)
    return Path(tuple(decompose(a, b, index, method=method) for a, b in pairs), direct)
