"""Plans as plain JSON data, and back with every mistake said at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from isopolis.model import DataError, Problem
from isopolis.model.text import phrase

from .types import Plan

__all__ = ["from_errors", "read_plan", "to_plain"]

SHOWN = 80


def to_plain(plan: Plan) -> dict[str, Any]:
    """Return the JSON form: dates as ISO 8601, what is not stated as null or empty."""
    return plan.model_dump(mode="json")


def read_plan(data: Any) -> Plan:
    """Read the JSON form.

    Raises
    ------
    DataError
        All that is wrong in it, each with its place: ``actions.2.pillar``.
    """
    if not isinstance(data, Mapping):
        said = phrase("A plan is an object with a title and a list of actions")
        raise DataError([Problem("no-plan", said, value=type(data).__name__)])
    try:
        return Plan.model_validate(data)
    except ValidationError as error:
        raise DataError(from_errors(error)) from None


def from_errors(error: ValidationError) -> list[Problem]:
    """Turn what the check of the types says into problems with their places."""
    out = []
    for one in error.errors(include_url=False, include_context=False):
        place = ".".join(str(part) for part in one["loc"])
        given = one.get("input")
        value = str(given)[:SHOWN] if isinstance(given, str | int | float | bool) else None
        out.append(Problem(f"plan-{one['type']}", _said(one), column=place, value=value))
    return out


def _said(one: Mapping[str, Any]) -> str:
    name = str(one["loc"][-1]) if one["loc"] else ""
    match one["type"]:
        case "missing" if name == "pillar":
            return phrase("An action belongs to a pillar: regulation, funding or knowledge")
        case "missing":
            return phrase("“{name}” is missing", name=name)
        case "extra_forbidden":
            return phrase("There is no field “{name}”", name=name)
        case "string_pattern_mismatch" if name == "pillar":
            return phrase("An action belongs to a pillar: regulation, funding or knowledge")
        case _:
            return phrase("“{name}” cannot be like this: {detail}", name=name, detail=one["msg"])
