"""Adding to the counts, taking from them, and reading them."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping
from contextlib import nullcontext
from functools import lru_cache
from typing import Any

from django.db import connection, transaction
from django.db.models import Sum

from isopolis.engage.representation.cells import Cell
from isopolis.model.errors import CallError
from isopolis.model.text import phrase

from . import CHANNELS
from .models import CELL_MOST, Participation

__all__ = ["LANES", "add", "counted", "subtract"]

LANES = 8
"""Rows over which one count is spread."""
PORTION = 200
"""Counts in one statement."""

_TABLE = f'"{Participation._meta.db_table}"'
_ADD = (
    f"INSERT INTO {_TABLE} (module_id, channel, cell, lane, people) VALUES {{}} "
    "ON CONFLICT (module_id, channel, cell, lane) "
    f"DO UPDATE SET people = {_TABLE}.people + excluded.people"
)

Key = tuple[str, "Cell | str | None"]


def add(module: Any, people: Mapping[Key, int]) -> None:
    """Count people, all of them or none."""
    wanted: Counter[tuple[str, str]] = Counter()
    for (channel, cell), weight in people.items():
        wanted[_checked(channel, cell, weight)] += weight
    # in one order everywhere, so that two who count at once never wait for each other in a ring
    rows = [
        (module.pk, channel, cell, secrets.randbelow(LANES), weight)
        for (channel, cell), weight in sorted(wanted.items())
    ]
    # one statement is all of them or none without more ado
    with nullcontext() if len(rows) <= PORTION else transaction.atomic(), connection.cursor() as cursor:
        for start in range(0, len(rows), PORTION):
            part = rows[start : start + PORTION]
            values = ", ".join(["(%s, %s, %s, %s, %s)"] * len(part))
            cursor.execute(_ADD.format(values), [value for row in part for value in row])


def subtract(module: Any, channel: str, cell: Cell | str | None, weight: int) -> None:
    """Take people from a count, all of them or none."""
    channel, text = _checked(channel, cell, weight)
    with transaction.atomic():
        rows = Participation.objects.select_for_update().filter(module=module, channel=channel, cell=text)
        left = weight
        for row in rows.order_by("lane"):
            taken = min(left, row.people)
            left -= taken
            row.people -= taken
            row.save(update_fields=["people"])
        if left:
            raise CallError(phrase("fewer people than that were counted there; nothing was changed"))


def counted(modules: Any) -> dict[int, dict[tuple[str, str], int]]:
    """Return ``{module: {(channel, cell): people}}`` for these modules, without empty counts."""
    out: dict[int, dict[tuple[str, str], int]] = {}
    rows = Participation.objects.filter(module__in=modules, people__gt=0)
    for module, channel, cell, people in (
        rows.values_list("module", "channel", "cell").order_by("module", "channel", "cell")
        .annotate(n=Sum("people"))
    ):  # fmt: skip
        out.setdefault(module, {})[channel, cell] = people
    return out


def _checked(channel: str, cell: Cell | str | None, weight: int) -> tuple[str, str]:
    if channel not in CHANNELS:
        raise CallError(
            phrase('"{channel}" is no way of taking part; there are {channels}',
                   channel=channel, channels=", ".join(CHANNELS))
        )  # fmt: skip
    if isinstance(weight, bool) or not isinstance(weight, int) or weight < 1:
        raise CallError(phrase("a count of people is a whole number from 1 on"))
    text = _text(cell) if isinstance(cell, str) else str(cell or Cell())
    if len(text) > CELL_MOST:
        raise CallError(phrase("a cell is written in at most {n} letters", n=CELL_MOST))
    return channel, text


@lru_cache(maxsize=4096)
def _text(cell: str) -> str:
    """Return a cell in its one spelling."""
    return str(Cell.parse(cell))
