"""The one participation record: how many people took part in what, by which channel, from which cell.

Every module writes through `record`, in the transaction in which somebody takes part::

    from isopolis.web.participation import record

    record(module, "paper", cell=Cell("0601", Group.of(age="65+")))

It counts people. There is no row, no number and no time of a single person in it, so nothing leads from
here to an account, an answer or a ballot. Call it once per person and module.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from isopolis.engage.representation.cells import Cell

__all__ = ["CHANNELS", "record", "record_many", "take_back"]

CHANNELS = ("web", "paper", "kiosk", "sms", "phone", "meeting", "assisted", "import")
"""The ways in which people take part."""


def record(module: Any, channel: str, cell: Cell | str | None = None, weight: int = 1) -> None:
    """Count somebody who takes part.

    Parameters
    ----------
    module : modules.Module
        What they take part in.
    channel : str
        One of `CHANNELS`.
    cell : Cell or its text, optional
        Neighbourhood and group, as far as they are known.
    weight : int
        How many people this stands for: 1, or those of a meeting.

    Raises
    ------
    CallError
        If the channel is none of ours, the cell cannot be read or fewer than one person is counted.
    """
    record_many(module, {(channel, cell): weight})


def record_many(module: Any, people: Mapping[tuple[str, Cell | str | None], int]) -> None:
    """Count many people at once: ``{(channel, cell): how many}``.

    Raises
    ------
    CallError
        As `record`; then nobody is counted.
    """
    from .counting import add

    add(module, people)


def take_back(module: Any, channel: str, cell: Cell | str | None = None, weight: int = 1) -> None:
    """Count somebody no longer: a withdrawn answer, a sheet that was entered twice.

    Raises
    ------
    CallError
        If fewer people than that were counted there; then nothing is changed.
    """
    from .counting import subtract

    subtract(module, channel, cell, weight)
