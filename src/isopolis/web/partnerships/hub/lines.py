"""Lists in a form as lines of text, so that they can be written without any script.

``what | who | when`` on a line is one task. Reading back what was written gives the same lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

__all__ = ["as_lines", "from_lines"]


def from_lines(text: str, names: Sequence[str]) -> list[dict[str, str]]:
    """Read each line that is not empty as fields parted by ``|``; further parts go to the last field."""
    out = []
    for line in text.splitlines():
        parts = [p.strip() for p in line.split("|", len(names) - 1)]
        if any(parts):
            out.append({n: p for n, p in zip(names, parts, strict=False) if p})
    return out


def as_lines(rows: Iterable[Mapping[str, Any]], names: Sequence[str]) -> str:
    """Write fields as lines; empty ones at the end are left out."""
    lines = []
    for row in rows:
        cells = [str(row[n]) if row.get(n) is not None else "" for n in names]
        while cells and not cells[-1]:
            cells.pop()
        lines.append(" | ".join(cells))
    return "\n".join(lines)
