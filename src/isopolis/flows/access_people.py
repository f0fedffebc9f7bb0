"""Whom access is asked for: every dimension of the data, and the crossings that it really counts."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isopolis.model import EVERYONE, CallError, Counts, Dimension, Group, Mechanism, Origins, near
from isopolis.model.text import joint, phrase
from isopolis.model.vocabulary import standard

__all__ = ["People", "everybody", "people_of", "tables"]

Floats = npt.NDArray[np.float64]

FEW_GROUPS = 60
"""Crossings with more groups than this are measured only when they are asked for by name."""

CLASSES = 12
"""A column of origins with at most so many whole numbers is taken as classes, else cut in fifths."""


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """People by origin and group of one crossing.

    Parameters
    ----------
    dimensions : tuple of Dimension
        Empty for everyone.
    groups : tuple of Group
    counts : Counts
        Rows are origins; the groups are its flattened cells.
    """

    dimensions: tuple[Dimension, ...]
    groups: tuple[Group, ...]
    counts: Counts

    @property
    def name(self) -> str:
        """Names of the dimensions as findings write them."""
        return " × ".join(d.name for d in self.dimensions)

    @property
    def values(self) -> Floats:
        """(O, G) people, as well as they are known."""
        return np.asarray(self.counts.best().reshape(len(self.counts.zone_ids), -1))

    def label(self, group: Group) -> str:
        """Return the name of a group for readers: ``65 and over, with a disability``."""
        if not self.dimensions:
            return phrase("everyone")
        by_name = {d.name: d for d in self.dimensions}
        said = []
        for name, category in group:
            dimension = by_name[name]
            label = standard(dimension.label_of(category))
            plain = category.lower() in ("yes", "no", "other") or label.isdigit()
            said.append(
                phrase("{dimension}: {label}", dimension=standard(dimension.title), label=label)
                if plain and category == dimension.label_of(category).lower()
                else label
            )
        return joint(said, ", ")


def everybody(origins: Origins) -> People:
    """Return everyone, from the table that misses the fewest cells.

    Raises
    ------
    CallError
        If nobody is counted.
    """
    if not origins.counts:
        raise CallError("nobody is counted in this folder: access has no people to be measured for")
    newest = max(c.date for c in origins.counts)
    fitting = [c for c in origins.counts if c.date == newest]
    widest = max(fitting, key=lambda c: (-int(c.absent.sum()), float(c.totals().sum())))
    return People((), (EVERYONE,), widest.margin())


def people_of(origins: Origins, names: Sequence[str]) -> People:
    """Return the crossing of the dimensions (or classed columns) called `names`.

    Raises
    ------
    CallError
        If no table crosses them.
    """
    known = sorted({d.name for c in origins.counts for d in c.dimensions})
    columns = [n for n in names if n in origins.columns and n not in known]
    plain = [n for n in names if n not in columns]
    for name in plain:
        if name not in known:
            every = [*known, *origins.columns]
            raise CallError(f'--by "{name}": there is no such dimension or column; ' + near(name, every))
    fitting = [c for c in origins.counts if c.has(plain)]
    if not fitting:
        raise CallError(f"--by {','.join(names)}: no table of this city crosses these dimensions")
    newest = max(c.date for c in fitting)
    table = min((c for c in fitting if c.date == newest), key=lambda c: c.values.size).margin(*plain)
    for column in columns:
        table = _classed(table, column, origins.columns[column])
    return People(table.dimensions, tuple(table.groups()), table)


def _classed(table: Counts, name: str, values: Floats) -> Counts:
    """Cross a table with classes of the origins: everybody of an origin is in its class."""
    codes, categories = _classes(values, np.asarray(table.totals()))
    inside = codes[:, None] == np.arange(len(categories))
    shape = (len(codes), *[1] * len(table.dimensions), len(categories))
    here = inside.reshape(shape)

    def spread(array: npt.NDArray[np.generic] | None, outside: float = 0.0) -> Floats | None:
        return None if array is None else np.where(here, np.asarray(array)[..., None], outside)

    exact = int(Mechanism.EXACT)
    mechanism = np.where(here, np.asarray(table.mechanism)[..., None], exact).astype(np.uint8)
    dimension = Dimension(name, categories, ordered=True)
    values_ = spread(table.values)
    assert values_ is not None
    return Counts(
        table.zone_ids, (*table.dimensions, dimension), values_, mechanism, table.date, table.universe,
        table.source, spread(table.lower), spread(table.upper), spread(table.se), table.parameter,
        table.weighted,
    )  # fmt: skip


def _classes(values: Floats, people: Floats) -> tuple[npt.NDArray[np.intp], tuple[str, ...]]:
    """Return the class of each origin and the names of the classes; what is not known is one of its own."""
    known = np.isfinite(values)
    seen = np.unique(values[known])
    if len(seen) <= CLASSES and (seen == np.rint(seen)).all():
        codes = np.searchsorted(seen, np.where(known, values, seen[0] if len(seen) else 0.0))
        names = [f"{v:g}" for v in seen]
    else:
        order = np.argsort(np.where(known, values, np.inf), kind="stable")
        weight = np.where(known, people, 0.0)[order]
        below = np.cumsum(weight) - weight / 2
        fifth = np.empty(len(values), dtype=np.intp)
        fifth[order] = np.clip((5 * below / max(weight.sum(), 1e-12)).astype(np.intp), 0, 4)
        codes = fifth
        names = ["Lowest fifth", "Second fifth", "Middle fifth", "Fourth fifth", "Highest fifth"]
    codes = np.where(known, codes, len(names))
    return codes, (*names, *(["not known"] if not known.all() else []))


def tables(origins: Origins, asked: Sequence[Sequence[str]]) -> Iterator[People]:
    """Every crossing to be measured: those asked for, or each dimension and each pair that is counted."""
    if asked:
        for names in asked:
            yield people_of(origins, names)
        return
    names = list(dict.fromkeys(d.name for c in origins.counts for d in c.dimensions))
    for name in names:
        yield people_of(origins, (name,))
    for pair in itertools.combinations(names, 2):
        if any(c.has(pair) for c in origins.counts):
            people = people_of(origins, pair)
            if len(people.groups) <= FEW_GROUPS:
                yield people
