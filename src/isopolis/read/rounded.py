"""Telling that small counts of a wide table were rounded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from isopolis.model import Problems
from isopolis.model.text import count, listing, phrase

from .checks import Rounding, rounding
from .numbers import Kind, Parsed, parse

if TYPE_CHECKING:
    from .counts_wide import Sheet

__all__ = ["rounded_base"]


def _counts(parsed: Parsed) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return parsed.values[parsed.kind == Kind.NUMBER]


def rounded_base(sheet: Sheet, used: Mapping[str, Parsed], problems: Problems) -> int:
    """Return the base to which the counts in use were rounded, or 0; say what was found.

    Columns that no dimension uses are looked at too, family by family (columns
    whose names begin alike), because an analyst may add them later.
    """
    config = sheet.config
    groups = [c for d in config.dimensions for c in d.columns] + [
        c for x in config.crossings for c in x.columns.values()
    ]
    found = rounding(np.concatenate([_counts(used[c]) for c in dict.fromkeys(groups)])) if groups else None
    if found:
        _say(found, phrase("the groups in use"), "", sheet, problems)
    rest = [n for n in sheet.table.columns if n not in (*config.needed(),)]
    families: dict[str, list[str]] = {}
    for name in rest:
        families.setdefault(name.replace("-", "_").replace(" ", "_").split("_")[0], []).append(name)
    for family, names in families.items():
        columns = [parse(sheet.table[n], sheet.decimal, config.missing) for n in names]
        whole = [
            _counts(p)
            for p in columns
            if not len(p.where(Kind.TEXT, Kind.AMBIGUOUS, Kind.PERCENT, Kind.NEGATIVE))
        ]
        other = rounding(np.concatenate(whole)) if whole else None
        if other:
            what = phrase('the column "{name}", which no dimension uses', name=names[0])
            if len(whole) > 1:
                what = phrase(
                    "the {n} columns {name}_…, which no dimension uses", n=count(len(whole)), name=family
                )
            _say(other, what, names[0], sheet, problems)
    return found.base if found else 0


def _say(found: Rounding, what: str, column: str, sheet: Sheet, problems: Problems) -> None:
    multiples = listing([str(k * found.base) for k in (1, 2, 3)], "or")
    below = listing([str(k) for k in range(1, found.base)], "or")
    if found.base > 3:
        below = phrase("{low} to {high}", low="1", high=found.base - 1)
    problems.caveat(
        "rounded-counts",
        phrase(
            "small counts are rounded in {what}: of {small} values from 1 to {top}, {some} "
            "are {multiples} and none is {below}; a single small value is not exact",
            what=what,
            small=count(found.small),
            top=found.top,
            some=count(found.multiples),
            multiples=multiples,
            below=below,
        ),
        file=sheet.table.file,
        column=column or None,
        count=found.small,
        hint=phrase("Read small groups and small zones with care."),
    )
