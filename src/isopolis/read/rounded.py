"""Telling that small counts of a wide table were rounded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from isopolis.model import Problems

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
        _say(found, "the groups in use", "", sheet, problems)
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
            what = f"the {len(whole)} columns {family}_…" if len(whole) > 1 else f'the column "{names[0]}"'
            _say(other, f"{what}, which no dimension uses", names[0], sheet, problems)
    return found.base if found else 0


def _say(found: Rounding, what: str, column: str, sheet: Sheet, problems: Problems) -> None:
    multiples = ", ".join(str(k * found.base) for k in (1, 2)) + f" or {3 * found.base}"
    below = " or ".join(str(k) for k in range(1, found.base)) if found.base <= 3 else f"1 to {found.base - 1}"
    problems.caveat(
        "rounded-counts",
        f"small counts are rounded in {what}: of {found.small:,} values from 1 to {found.top}, "
        f"{found.multiples:,} are "
        f"{multiples} and none is {below}; a single small value is not exact",
        file=sheet.table.file,
        column=column or None,
        count=found.small,
        hint="Read small groups and small zones with care.",
    )
