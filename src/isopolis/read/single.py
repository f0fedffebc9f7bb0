"""One file given on the command line, with the columns named there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from isopolis.model import DataError, Problem, Problems, near
from isopolis.model.text import phrase

from .config import CityConfig, DimensionConfig, TableConfig, ZonesConfig
from .guess_files import id_score
from .numbers import Kind, parse
from .profile import Looks, look_at
from .tables import is_outline_file, read_table
from .total_rows import looks_without_totals

__all__ = ["single_file_config"]


def single_file_config(
    path: Path, groups: Sequence[str] | None, total: str | None, zone: str | None
) -> tuple[CityConfig, tuple[Problem, ...]]:
    """Make a configuration for one file.

    Without `groups` the whole layout is guessed. With them, they are the
    categories of one dimension called ``group``; what they lack to `total`
    is the category ``other``.

    Raises
    ------
    DataError
        If a column does not exist; the message names near ones.
    """
    if not groups:
        return _guessed(path, total)
    problems = Problems()
    looks, _ = looks_without_totals(look_at(read_table(path, problems=problems)))
    for name in [*groups, total, zone]:
        if name and name not in looks.columns:
            problems.error(
                "unknown-column",
                phrase(
                    'there is no column "{name}": {suggestion}',
                    name=name,
                    suggestion=near(name, looks.columns),
                ),
                file=path.name,
                column=name,
            )
    if any(p.fatal for p in problems):
        raise DataError(problems)
    id_column = zone or _id(looks, path, [*groups, total or ""])
    complement = "other" if total and _rest(looks, groups, total) else ""
    dimension = DimensionConfig(
        "group", tuple(dict.fromkeys(groups)), label="Group", total=total or "", complement=complement
    )
    table = TableConfig(path.name, "wide", id_column, total=total or "", dimensions=(dimension,))
    zones = ZonesConfig(path.name if is_outline_file(path) else "", id=id_column)
    config = CityConfig(
        path.parent, path.stem.replace("_", " ").capitalize(), path.stem, zones=zones, tables=(table,)
    )
    said = Problem(
        "guessed",
        phrase('zone ids were taken from the column "{id_column}"', id_column=id_column),
        file=path.name,
        fatal=False,
        hint=phrase("Name another with the option for the zone column."),
    )
    return config, () if zone else (said,)


def _guessed(path: Path, total: str | None) -> tuple[CityConfig, tuple[Problem, ...]]:
    from .guess import guess, guesses_in_words

    found = guess(path)
    said = Problem(
        "guessed",
        phrase(
            "nothing says what the columns are; this was guessed: {guesses}", guesses=guesses_in_words(found)
        ),
        fatal=False,
        hint=phrase("Name columns as groups, or write a city.toml."),
    )
    return found.config, (said,)


def _id(looks: Looks, path: Path, but: Sequence[str]) -> str:
    some = [
        n
        for n, look in looks.columns.items()
        if look.unique and n not in but and id_score(look, looks.table) > -5
    ]
    if not some:
        raise DataError(
            [
                Problem(
                    "no-zone-ids",
                    phrase("no column holds a different id in every row"),
                    file=path.name,
                    hint=phrase("Name the column of zone ids."),
                )
            ]
        )
    return max(some, key=lambda n: id_score(looks[n], looks.table))


def _rest(looks: Looks, groups: Sequence[str], total: str) -> bool:
    """True when the groups are plainly less than the total, so that somebody is left."""
    parsed = [parse(looks.table[n], looks.decimal) for n in (*groups, total)]
    good = np.logical_and.reduce([p.kind == Kind.NUMBER for p in parsed])
    gap = parsed[-1].values[good] - sum(p.values[good] for p in parsed[:-1])
    everyone = float(parsed[-1].values[good].sum())
    return (
        bool(good.any())
        and float(gap.sum()) > 1e-6 * everyone
        and float(-gap[gap < 0].sum()) <= 0.05 * everyone
    )
