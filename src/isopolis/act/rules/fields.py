"""The facts that a set of rules may ask for: their types, words, and the check of what somebody states."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from isopolis.model import DataError, Problem
from isopolis.model.errors import near
from isopolis.model.text import listing, phrase

__all__ = ["TYPES", "Field", "fits", "kept_facts", "wrong_facts"]

TYPES = {
    "text": "a text",
    "choice": "one of the choices",
    "number": "a number",
    "integer": "a whole number",
    "yes_no": "true or false",
    "date": "a date",
    "list": "a list of texts",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One fact that rules may look at.

    Parameters
    ----------
    name : str
        As rules call it.
    type : str
        A key of `TYPES`.
    label : str or mapping of language to str
        The question that asks for it.
    choices : tuple
        What a ``choice`` may be.
    """

    name: str
    type: str
    label: Any
    choices: tuple[Any, ...] = ()

    def allowed(self) -> str:
        """Say what it may be."""
        if self.type == "choice":
            return listing([str(c) for c in self.choices], "or")
        return TYPES[self.type]


def fits(field: Field, value: Any) -> bool:
    """Tell whether a value has the type of a field; ``None`` is a missing fact and fits everywhere."""
    if value is None:
        return True
    number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    return {
        "text": lambda: isinstance(value, str),
        "choice": lambda: any(type(value) is type(c) and value == c for c in field.choices),
        "number": lambda: number,
        "integer": lambda: number and isinstance(value, int),
        "yes_no": lambda: isinstance(value, bool),
        "date": lambda: isinstance(value, datetime.date) and not isinstance(value, datetime.datetime),
        "list": lambda: (
            isinstance(value, (list, tuple)) and all(i is None or isinstance(i, str) for i in value)
        ),
    }[field.type]()


def wrong_facts(fields: Mapping[str, Field], facts: Mapping[str, Any], file: str = "") -> list[Problem]:
    """List facts that no rule knows, and facts of the wrong type."""
    out = []
    for name, value in facts.items():
        if name not in fields:
            said = phrase('the fact "{name}" is unknown here', name=str(name))
            out.append(Problem("unknown-fact", said, file=file or None, hint=near(str(name), fields)))
        elif not fits(fields[name], value):
            said = phrase('the fact "{name}" has another type', name=name)
            hint = ""
            if isinstance(value, bool) and fields[name].type in ("text", "choice"):
                hint = phrase('Write "NO" with quotes: without them YAML reads NO and YES as false and true.')
            rule = fields[name].allowed()
            out.append(
                Problem("fact-type", said, file=file or None, value=str(value)[:80], rule=rule, hint=hint)
            )
    return out


def kept_facts(fields: Mapping[str, Field], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts that are stated, after their check.

    Raises
    ------
    DataError
        With every fact that is unknown or of another type.
    """
    wrong = wrong_facts(fields, facts)
    if wrong:
        raise DataError(wrong)
    return {name: value for name, value in facts.items() if value is not None}
