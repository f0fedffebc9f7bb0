"""Dates as people write them: a year, or a month, that fits exactly one date of the tables."""

from __future__ import annotations

from collections.abc import Iterable

from isopolis.model import CallError

__all__ = ["date_of"]

DASH = "-"


def date_of(wanted: str, have: Iterable[str], of: str) -> str:
    """Return the date of a table that is meant; the beginning of a date will do where it fits just one.

    Parameters
    ----------
    wanted : str
        ``2020-12-31``, ``2020-12`` or ``2020``.
    have : iterable of str
        Dates of the tables.
    of : str
        What the dates belong to, for the message.

    Raises
    ------
    CallError
        When no date fits, or more than one; the dates there are get listed.
    """
    dates = sorted({d for d in have if d})
    if wanted in dates:
        return wanted
    fitting = [d for d in dates if d.startswith(wanted + DASH)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise CallError(f'"{wanted}" fits several dates of {of}: {", ".join(fitting)}')
    raise CallError(f'{of} has no date "{wanted}"; it has {", ".join(dates) or "none"}')
