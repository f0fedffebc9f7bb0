"""Tests of differences between two cities, finding by finding, with false discoveries kept in check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from isopolis.measure.inference import benjamini_yekutieli, of_normal
from isopolis.measure.inference.difference import SIDES, Difference
from isopolis.model import CallError
from isopolis.model.text import phrase

from .benchmark import Row
from .compare import Part
from .small_units import read, told

__all__ = ["SIDES", "Difference", "Tested", "differences"]

Z95 = 1.959963984540054
EDGE = 1e-9


@dataclass(frozen=True, slots=True)
class Tested:
    """The test of one row: first city less second.

    Parameters
    ----------
    difference : Difference or None
        None when there is no test; `why_none` says why.
    adjusted : float or None
        p with all tested rows taken into account (Benjamini and Yekutieli).
    values : tuple of float, optional
        The two values as measured: of the first and the second city, or of the older and the newer date.
    same_as : str
        Title of an earlier row whose numbers these are: of two groups, an index of one from the other is
        that of both. It is the same test and counted once.
    caution : str
        Set where the corrections for small zones disagree on which city has the larger value.
    """

    title: str
    difference: Difference | None
    adjusted: float | None = None
    why_none: str = ""
    caution: str = ""
    values: tuple[float, float] | None = None
    same_as: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the plain JSON form."""
        caution: dict[str, Any] = {"caution": self.caution} if self.caution else {}
        if self.values is not None:
            caution["values"] = list(self.values)
        if self.same_as:
            caution["same_as"] = self.same_as
        if self.difference is None:
            return {"title": self.title, "why_none": self.why_none, **caution}
        d = self.difference
        return {
            "title": self.title,
            "difference": d.value,
            "interval": list(d.interval or ()),
            "se": d.se,
            "z": d.z,
            "p": d.p,
            "p_adjusted": self.adjusted,
            "side": d.side,
            "method": d.method,
            **caution,
        }


def differences(rows: Sequence[Row], side: str = "two-sided") -> tuple[Tested, ...]:
    """Test every row that can be compared.

    The standard errors are those of the intervals, whose middle is the value less its bias. An interval
    that was cut off at the end of the scale has lost its middle, so such a row is not tested.

    Parameters
    ----------
    rows : sequence of Row
        Of exactly two cities.
    side : str
        One of `SIDES`; ``greater`` asks whether the first city has the larger value.

    Raises
    ------
    CallError
        For another side, or another number of cities.
    """
    if side not in SIDES:
        raise CallError(f"--test {side}: allowed are {', '.join(SIDES)}")
    if any(len(r.comparison.parts) + len(r.missing) != 2 for r in rows):
        raise CallError("a test compares two cities: name exactly two")
    found = [_one(r, side) for r in rows if r.compared]
    numbers = [_numbers(r) for r in rows if r.compared]
    first: dict[tuple[object, ...], int] = {}
    for n, (tested, key) in enumerate(zip(found, numbers, strict=True)):
        if tested.difference is not None:
            first.setdefault(key, n)
    p = [t.difference.p for n in first.values() if (t := found[n]).difference is not None]
    raised = dict(zip(first.values(), benjamini_yekutieli(p).tolist(), strict=True))
    out = []
    for n, (tested, key) in enumerate(zip(found, numbers, strict=True)):
        of = first.get(key, n)
        same_as = "" if of == n else found[of].title
        out.append(replace(tested, adjusted=raised.get(of), same_as=same_as))
    return tuple(out)


def _numbers(row: Row) -> tuple[object, ...]:
    """Return measure, dimension, dates and what is tested: equal for two rows that are one test."""
    tested = [
        (p.date, *(round(v, 9) for v in (p.low, p.high) if v is not None)) for p in row.comparison.parts
    ]
    return (row.comparison.parts[0].measure, row.comparison.parts[0].dimension, *tested)


def _one(row: Row, side: str) -> Tested:
    first, second = row.comparison.parts
    values = None if first.value is None or second.value is None else (first.value, second.value)
    caution = told(*(read({"corrections": p.corrections}) for p in (first, second)))
    ends = [_middle(p) for p in (first, second)]
    if ends[0] is None or ends[1] is None or not (ends[0][1] or ends[1][1]):
        why = phrase("no interval, or one cut off at the end of the scale")
        return Tested(row.title, None, why_none=why, caution=caution, values=values)
    method = phrase("difference of values less their bias, standard errors by redrawn tables")
    found = of_normal(ends[0], ends[1], side=side, method=method)
    return Tested(row.title, found, caution=caution, values=values)


def _middle(part: Part) -> tuple[float, float] | None:
    low, high = part.low, part.high
    if low is None or high is None or abs(low) < EDGE or abs(high - 1) < EDGE:
        return None
    return (low + high) / 2, (high - low) / (2 * Z95)
