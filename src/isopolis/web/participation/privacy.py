"""What the participation record keeps about people: nothing of a single one."""

from __future__ import annotations

from isopolis.web.protect.register import Record

__all__ = ["RECORDS"]

RECORDS = [
    Record(
        "participation.Participation",
        "",
        other={"*": "how many people took part, by channel, neighbourhood and group; no row is of a person"},
    ),
    Record("participation.Board", "", other={"*": "rates of groups and neighbourhoods, behind the gate"}),
]
