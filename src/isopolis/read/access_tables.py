"""A table that a section of city.toml about access names, with its columns checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from isopolis.model import DataError, Problems, near
from isopolis.model.text import phrase

from .columns import Table
from .config import CityConfig
from .numbers import Decimal, Kind, parse
from .source_files import existing_file
from .tables import read_table

__all__ = ["named_table", "numbers_of", "own"]

Floats = npt.NDArray[np.float64]


def own(problems: Problems, error: DataError) -> None:
    """Write down the problems of an error among the others."""
    for problem in error.problems:
        problems.add(problem)


def named_table(
    config: CityConfig,
    file: str,
    needed: Sequence[str],
    place: str,
    problems: Problems,
    *,
    where: Mapping[str, str] | None = None,
    **how: str,
) -> Table | None:
    """Read a table and keep the rows that are asked for; None, with the reason written down, if it cannot be.

    Parameters
    ----------
    config : CityConfig
        Whose folder the file is relative to.
    file : str
    needed : sequence of str
        Columns that it must have.
    place : str
        The section, for messages: ``[[places]] number 1``.
    problems : Problems
    where : mapping of str to str, optional
        Values of columns of the rows that count.
    **how : str
        ``encoding``, ``delimiter``, ``sheet``, ``layer`` as for `isopolis.read.tables.read_table`.
    """
    try:
        path = existing_file(config, file)
        table = read_table(path, problems=problems, columns=tuple(needed), **how)
    except DataError as error:
        own(problems, error)
        return None
    missing = [c for c in needed if c not in table.columns]
    for column in missing:
        problems.error(
            "unknown-column",
            phrase(
                'there is no column "{column}": {suggestion}',
                column=column,
                suggestion=near(column, table.columns),
            ),
            file=table.file,
            column=column,
            hint=phrase("Correct {section} in {origin}.", section=place, origin=config.origin),
        )
    if missing:
        return None
    keep = np.ones(len(table), dtype=bool)
    for column, value in (where or {}).items():
        codes, texts = table[column].coded()
        keep &= (texts == value)[codes]
    if not keep.any():
        problems.error(
            "no-rows",
            phrase("the table has no row that {section} asks for", section=place),
            file=table.file,
            hint=phrase("Export it again, or correct where in {origin}.", origin=config.origin),
        )
        return None
    return table if keep.all() else table.take(np.flatnonzero(keep))


def numbers_of(table: Table, column: str, decimal: Decimal) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """(n,) numbers of a column, NaN where there is none, and (n,) True where a cell holds something else."""
    parsed = parse(table[column], decimal)
    good = np.isin(parsed.kind, (Kind.NUMBER, Kind.NEGATIVE))
    wrong = ~good & (parsed.kind != Kind.MISSING)
    return np.where(good, parsed.values, np.nan), wrong
