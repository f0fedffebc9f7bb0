"""Lists in a form without JavaScript: one item a line, its parts apart by "|", and back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

__all__ = ["LISTS", "Column", "parsed", "written"]

BETWEEN = " | "
MOST_LINES = 100


@dataclass(frozen=True, slots=True)
class Column:
    """One part of an item: its field, and what its text is turned into."""

    name: str
    kind: str = "text"


LISTS: Mapping[str, tuple[Column, ...]] = {
    "activities": (Column("text"), Column("who"), Column("when")),
    "outputs": (
        Column("title"), Column("kind"), Column("due", "day"), Column("delivered", "day"), Column("url"),
    ),
    "milestones": (Column("title"), Column("planned", "day"), Column("actual", "day")),
    "indicators": (
        Column("name"), Column("unit"), Column("baseline", "number"), Column("baseline_date"),
        Column("target", "number"), Column("target_date", "day"), Column("latest", "number"),
        Column("latest_date", "day"), Column("finding"),
    ),
    "responses": (Column("point"), Column("raised_by", "whole"), Column("decision"), Column("why")),
    "evidence": (Column("kind"), Column("ref"), Column("title"), Column("why"), Column("url")),
}  # fmt: skip
"""Fields of an action that are lists of things with parts, in the order in which a line has them."""


def parsed(name: str, text: str) -> list[dict[str, Any]]:
    """Read the lines of a field.

    Raises
    ------
    ValidationError
        Every line that cannot be read, with its number.
    """
    columns, out, wrong = LISTS[name], [], []
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_LINES:
        raise ValidationError(_("At most %(most)s lines are possible here.") % {"most": MOST_LINES})
    for n, line in enumerate(lines, start=1):
        cells = [c.strip() for c in line.split("|")]
        if len(cells) > len(columns):
            said = _("Line %(n)s has %(found)s parts; at most %(most)s are possible.")
            wrong.append(said % {"n": n, "found": len(cells), "most": len(columns)})
            continue
        item, reasons = _item(columns, cells, n)
        wrong += reasons
        out.append(item)
    if wrong:
        raise ValidationError(wrong)
    return out


def _item(columns: Sequence[Column], cells: Sequence[str], n: int) -> tuple[dict[str, Any], list[str]]:
    item: dict[str, Any] = {}
    wrong = []
    for column, cell in zip(columns, cells, strict=False):
        if not cell and column.kind != "text":
            continue
        try:
            item[column.name] = READ[column.kind](cell)
        except ValueError:
            said = _("Line %(n)s: “%(cell)s” is not written as it should be (%(form)s).")
            wrong.append(said % {"n": n, "cell": cell[:40], "form": FORMS[column.kind]})
    return item, wrong


def _number(cell: str) -> float:
    # thousands to some, thousandths to others: nobody may have to guess
    if re.search(r"\d,\d{3}$", cell):
        raise ValueError(cell)
    return float(cell.replace(",", "."))


READ: Mapping[str, Callable[[str], Any]] = {
    "text": str,
    "day": lambda cell: date.fromisoformat(cell).isoformat(),
    "number": _number,
    "whole": int,
}
FORMS = {"day": "2027-05-31", "number": "12.5", "whole": "12"}


def written(name: str, items: Sequence[Any]) -> str:
    """Write the items as lines; a line that is read again gives the same item."""
    return "\n".join(_line(LISTS[name], item) for item in items)


def _line(columns: Sequence[Column], item: Any) -> str:
    cells = [_cell(getattr(item, c.name)) for c in columns]
    while cells and not cells[-1]:
        cells.pop()
    return BETWEEN.join(cells)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = repr(value) if isinstance(value, float) else str(value)
    # what would cut the line, or end it, is written in another way
    return " ".join(text.replace("|", "/").split())
