"""The dimensions of a wide table while they are being guessed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .config import CrossingConfig, DimensionConfig
from .labels import labels_of
from .vocabulary import DIMENSIONS, known_dimension, rising, words

__all__ = ["Draft"]

Floats = npt.NDArray[np.float64]


@dataclass(slots=True)
class Draft:
    """A guess in the making."""

    names: list[str]
    table: Floats
    universe: str
    total: int = -1
    used: set[int] = field(default_factory=set)
    dimensions: list[DimensionConfig] = field(default_factory=list)
    crossings: list[CrossingConfig] = field(default_factory=list)
    reasons: dict[str, str] = field(default_factory=dict)

    def name(self, parts: Sequence[int], hint: str = "") -> str:
        """A name that no dimension has yet, from the vocabulary if the headings (or `hint`) say one."""
        known = known_dimension([hint]) or known_dimension([self.names[i] for i in parts])
        taken = {d.name for d in self.dimensions}
        if known and known.name not in taken:
            return known.name
        if known:
            others = [
                w for w in (known_dimension([self.names[i]]) for i in parts) if w and w.name != known.name
            ]
            joined = "_and_".join(dict.fromkeys([known.name, *(w.name for w in others)]))
            if others and joined not in taken:
                return joined
        stem = known.name if known else _stem([self.names[i] for i in parts], self.names)
        return next(
            n
            for k in range(1, 1000)
            if (n := stem if k == 1 and stem != "groups" else f"{stem}_{k}") not in taken
        )

    def add(
        self,
        parts: Sequence[int],
        why: str,
        total: str = "",
        complement: str = "",
        universe: str = "",
        hint: str = "",
    ) -> DimensionConfig:
        """Add a dimension of the columns `parts`."""
        known = known_dimension([self.names[i] for i in parts])
        columns = tuple(self.names[i] for i in parts)
        ordered = bool(known and known.ordered) and not complement
        if ordered:
            arranged = rising(known.name if known else "", columns)
            ordered, columns = arranged is not None, arranged or columns
        name = self.name(parts, hint)
        made = DimensionConfig(
            name,
            columns,
            label=_label(name),
            labels=labels_of([*columns, complement]) if complement else labels_of(columns),
            ordered=ordered,
            total=total,
            complement=complement,
            universe=universe,
        )
        self.dimensions.append(made)
        self.reasons[made.name] = why
        self.used |= set(parts)
        return made


def _label(name: str) -> str:
    """What the vocabulary calls a dimension, where that is more than its name written out."""
    said = next((w.label for w in DIMENSIONS if w.name == name), "")
    return "" if said == name.replace("_", " ").capitalize() else said


def _stem(names: Sequence[str], others: Sequence[str]) -> str:
    """What all headings, and no others, begin with; else ``groups``."""
    letters = {re.sub(r"[\W\d_]+$", "", n) for n in names}
    if (
        len(letters) == 1
        and (start := next(iter(letters)))
        and sum(n.startswith(start) for n in others) == len(names)
    ):
        return "_".join(words(start)) or "groups"
    lists = [words(n) for n in names]
    shared = [w for w, *others in zip(*lists, strict=False) if all(w == o for o in others)]
    return "_".join(shared) if shared and all(len(w) > 2 for w in shared) else "groups"
