"""Which questions a table of counts can answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from isopolis.measure import MEASURES, Question, fused
from isopolis.measure.fused import Fast
from isopolis.model import Dimension, Group

__all__ = ["Asked", "about_crossing", "about_dimension", "about_distance", "about_levels", "versus_rest"]

Floats = Any
AGAINST_REST = ("dissimilarity", "gini", "information_theory", "isolation", "variance_ratio")
ALL_GROUPS = ("dissimilarity", "gini", "information_theory", "mutual_information", "variance_ratio")


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A question together with how its finding is labelled.

    `met` are the columns of the table whose share of the city the sentence quotes.
    """

    question: Question
    dimension: str
    group: str = ""
    versus: str = ""
    scale: str = ""
    met: tuple[int, ...] = ()

    @property
    def measure(self) -> str:
        """Registered name of the measure."""
        return self.question.spec.name


def _together(tables: Floats, columns: Sequence[int] | None = None) -> Floats:
    """Sum some columns, or all of them; by a product, which beats a sum over a short axis."""
    if columns is not None and len(columns) == 1:
        return tables[..., columns[0]]
    ones = np.ones(tables.shape[-1])
    if columns is not None:
        ones = np.isin(np.arange(tables.shape[-1]), columns).astype(float)
    return tables @ ones


def versus_rest(*columns: int) -> Callable[[Floats], Floats]:
    """Select the sum of some columns, and everybody else."""

    def select(tables: Floats) -> Floats:
        group = _together(tables, columns)
        return np.stack([group, np.maximum(_together(tables) - group, 0)], axis=-1)

    return select


def versus_other(columns: Sequence[int], others: Sequence[int]) -> Callable[[Floats], Floats]:
    """Select two groups of columns, and nobody else."""

    def select(tables: Floats) -> Floats:
        return np.stack([_together(tables, c) for c in (columns, others)], axis=-1)

    return select


def among_all(columns: Sequence[int], others: Sequence[int]) -> Callable[[Floats], Floats]:
    """Select two groups of columns, with everybody else beside them."""

    def select(tables: Floats) -> Floats:
        group, other = _together(tables, columns), _together(tables, others)
        rest = np.maximum(_together(tables) - group - other, 0)
        return np.stack([group, other, rest], axis=-1)

    return select


def everything(tables: Floats) -> Floats:
    """Select all columns."""
    return tables


def question(
    name: str, select: Callable[[Floats], Floats], key: str, *extra: Any, fast: Fast | None = None
) -> Question:
    """Make a question of the registered measure `name`."""
    return Question(MEASURES[name], select, f"{name}/{key}", extra, fast)


def about_dimension(dimension: Dimension, scale: str) -> Iterator[Asked]:
    """Everything to ask of one dimension: all groups at once, each against the rest, each pair."""
    name = dimension.name
    steps = len(dimension.categories)
    for measure in ALL_GROUPS:
        asked = question(measure, everything, name, fast=fused.all_groups(measure))
        yield Asked(asked, name, scale=scale)
    if dimension.ordered and steps >= 3:
        yield Asked(question("ordinal_information_theory", everything, name), name, scale=scale)
    if dimension.ordered and steps >= 4:
        yield Asked(question("rank_order_information_theory", everything, name), name, scale=scale)
    texts = [str(Group(((name, c),))) for c in dimension.categories]
    for column, text in enumerate(texts):
        for measure in AGAINST_REST:
            asked = question(measure, versus_rest(column), text, fast=fused.against_rest(measure, column))
            yield Asked(asked, name, text, "rest", scale, (column,))
    for column, text in enumerate(texts):
        for other, versus in enumerate(texts):
            if other != column:
                key, fast = f"{text}|{versus}", fused.pair(column, other)
                asked = question("exposure", among_all([column], [other]), key, fast=fast)
                yield Asked(asked, name, text, versus, scale, (other,))


def about_crossing(dimensions: tuple[Dimension, ...], groups: list[Group], scale: str) -> Iterator[Asked]:
    """H over all crossed groups, and D of each against the rest."""
    name = " × ".join(d.name for d in dimensions)
    for measure in ("information_theory", "mutual_information"):
        asked = question(measure, everything, name, fast=fused.all_groups(measure))
        yield Asked(asked, name, scale=scale)
    for column, group in enumerate(groups):
        fast = fused.against_rest("dissimilarity", column)
        asked = question("dissimilarity", versus_rest(column), str(group), fast=fast)
        yield Asked(asked, name, str(group), "rest", scale, (column,))


def about_levels(dimension: Dimension, parents: dict[str, Any]) -> Iterator[Asked]:
    """M between and within the units of each level above the zones."""
    for level, codes in parents.items():
        for measure in ("mutual_information_between", "mutual_information_within"):
            asked = question(measure, everything, f"{dimension.name}/{level}", codes)
            yield Asked(asked, dimension.name, scale=level)


def about_distance(dimension: Dimension, neighbourhoods: dict[float, Any]) -> Iterator[Asked]:
    """H at each radius (metres)."""
    for radius, matrix in neighbourhoods.items():
        asked = question("spatial_information_theory", everything, f"{dimension.name}/{radius:g}", matrix)
        yield Asked(asked, dimension.name, scale=f"{radius:g} m")
