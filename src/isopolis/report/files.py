"""Findings as JSON and CSV."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from isopolis.model import Finding

__all__ = ["COLUMNS", "neutral", "write_csv", "write_json"]

COLUMNS = (
    "measure", "dimension", "group", "versus", "scale", "scope", "date", "value", "undefined_reason",
    "undefined_code", "expected", "maximum", "excess", "sd", "null_method", "interval_low", "interval_high",
    "interval_method", "p",
    "n_people", "n_group", "n_zones", "caveats", "explanation", "provenance", "detail",
)  # fmt: skip

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def _plain(item: Any) -> Any:
    """Turn numpy numbers, arrays and read-only mappings into what JSON knows."""
    if hasattr(item, "tolist"):
        return item.tolist()
    if isinstance(item, Mapping):
        return dict(item)
    if isinstance(item, set | frozenset):
        return sorted(item)
    raise TypeError(f"{type(item).__name__} cannot be written as JSON")


def _dump(item: Any) -> str:
    return json.dumps(item, ensure_ascii=False, allow_nan=False, default=_plain)


def write_json(findings: Sequence[Finding], path: Path) -> None:
    """Write a strict JSON list, one finding a line, every digit kept.

    Raises
    ------
    ValueError
        If a detail holds a number that JSON does not have (NaN, infinity).
    """
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("[")
        for i, finding in enumerate(findings):
            file.write((",\n " if i else "\n ") + _dump(finding.to_dict()))
        file.write("\n]\n")


def neutral(cell: Any) -> Any:
    """Return text that a spreadsheet will not run as a formula; numbers stay numbers."""
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return "'" + cell
    return cell


def _row(finding: Finding) -> list[Any]:
    data = finding.to_dict()
    low, high = data.pop("interval") or (None, None)
    data |= {
        "interval_low": low,
        "interval_high": high,
        "caveats": " | ".join(data["caveats"]),
        "provenance": _dump(data["provenance"]),
        "detail": _dump(data["detail"]),
    }
    return ["" if data[name] is None else neutral(_number(data[name])) for name in COLUMNS]


def _number(cell: Any) -> Any:
    return cell.item() if hasattr(cell, "item") else cell


def write_csv(findings: Sequence[Finding], path: Path) -> None:
    """Write one row per finding: UTF-8, commas, RFC 4180; no value is an empty cell."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(_row(f) for f in findings)
