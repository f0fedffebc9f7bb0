"""Values of tags as people write them: widths, inclines, kerbs, numbers of steps.

A reader answers None for a value that it cannot understand; that value then counts as unknown.
"""

from __future__ import annotations

import math
import re

__all__ = ["UNSAID", "UP_OR_DOWN", "incline", "metres", "steps", "yes_no"]

UNSAID = frozenset({"", "unknown", "unspecified", "?", "fixme"})
"""Values that say nothing; they are unknown, and no mistake."""
UP_OR_DOWN = {"up": 1, "down": -1, "yes": 0, "up/down": 0, "steep": 0}
"""Inclines without a number, with their direction; 0 where even that is unsaid."""

_NUMBER = r"([0-9]+(?:[.,][0-9]+)?|[.,][0-9]+)"
_METRIC = re.compile(rf"^{_NUMBER}\s*(m|metres?|meters?|cm|mm|ft|feet|in|inch(?:es)?)?$")
_FEET = re.compile(rf"""^(?:{_NUMBER}\s*')?\s*(?:{_NUMBER}\s*(?:"|''))?$""")
_INCLINE = re.compile(rf"^([+-]?)\s*{_NUMBER}\s*(%|°)?$")
_RATIO = re.compile(rf"^([+-]?)\s*1\s*:\s*{_NUMBER}$")
_IN_METRES = {"c": 0.01, "mm": 0.001, "f": 0.3048, "i": 0.0254}
WIDEST = 100.0
STEEPEST = 100.0


def metres(text: str) -> float | None:
    """Read a length: ``1.5``, ``1,5 m``, ``90 cm``, ``2'6"``; None outside 0 to 100 m.

    Source of the notations: OpenStreetMap Wiki, page Map features/Units.
    """
    said = text.strip().lower().replace("’", "'").replace("”", '"')
    value: float | None = None
    if found := _METRIC.match(said):
        unit = found[2] or "m"
        value = _float(found[1]) * (_IN_METRES.get(unit[:2]) or _IN_METRES.get(unit[0]) or 1.0)
    elif said and (found := _FEET.match(said)) and (found[1] or found[2]):
        value = _float(found[1] or "0") * 0.3048 + _float(found[2] or "0") * 0.0254
    return value if value is not None and 0.0 <= value <= WIDEST else None


def incline(text: str) -> float | None:
    """Read a slope in percent, up in the direction of the way: ``8%``, ``-5 %``, ``10°``, ``1:12``.

    A bare number is percent. ``up`` and ``down`` are no numbers: see `UP_OR_DOWN`. None beyond ±100 percent.
    """
    said = text.strip().replace("−", "-")
    value: float | None = None
    if found := _INCLINE.match(said):
        value = _float(found[2])
        if found[3] == "°":
            value = math.tan(math.radians(value)) * 100.0 if value < 60 else None
    elif (found := _RATIO.match(said)) and _float(found[2]) > 0:
        value = 100.0 / _float(found[2])
    if value is None or value > STEEPEST:
        return None
    return -value if found and found[1] == "-" else value


def steps(text: str) -> int | None:
    """Read a number of steps, 0 to 10,000."""
    said = text.strip()
    return int(said) if said.isascii() and said.isdigit() and int(said) <= 10_000 else None


def yes_no(text: str) -> bool | None:
    """Read yes or no; hours of light, kinds of lamps and the like are yes."""
    said = text.strip().lower()
    if said in ("no", "none", "disused", "0", "false"):
        return False
    if said in _YES:
        return True
    return None


_YES = frozenset(
    "yes 1 true both left right limited automatic 24/7 sunset-sunrise dusk-dawn operating_times interval "
    "separate good electric led gas".split()
)


def _float(text: str) -> float:
    return float(text.replace(",", "."))
