"""The answer that every measure gives: never a bare number."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

from .errors import CallError

__all__ = ["Finding", "Undefined"]


@dataclass(frozen=True, slots=True)
class Undefined:
    """A value that does not exist, and why.

    Parameters
    ----------
    code : str
        ``group-absent``, ``one-zone``, ``nobody``, ``everyone``, ``suppressed`` …
    reason : str
        One sentence for a reader.
    """

    code: str
    reason: str

    def __str__(self) -> str:
        return self.reason


@dataclass(frozen=True, slots=True)
class Finding:
    """One measured fact with its uncertainty, caveats, origin and words.

    Parameters
    ----------
    measure : str
        Registered name, ``dissimilarity``; ``dissimilarity_change`` for a change.
    value : float or Undefined
    dimension : str
        Dimension, or crossing of dimensions joined by `` × ``.
    group, versus : str
        Canonical text of the group and of whom it is compared with
        (``rest`` for everyone else); empty when the measure takes all groups.
    scale : str
        Level of the zones (``neighbourhood``), or ``2000 m`` for a radius.
    scope : str
        The part of the city measured: ``city`` or the id of a parent zone.
    date : str
        Date, or ``before/after`` for a change.
    expected : float or None
        What pure chance would give with the same zones and the same totals.
    maximum : float or None
        Largest value possible here.
    excess : float or None
        (value − expected) / (maximum − expected): 0 as by chance, 1 the most possible.
    sd : float or None
        Standard deviation under chance.
    null_method : str
        How `expected` and `sd` were obtained.
    interval : (low, high) or None
    interval_method : str
        Method and the population that the interval is about, or why there is none.
    p : float or None
        (1 + b)/(R + 1) where chance was simulated; None where it was computed.
    n_people, n_group, n_zones : int
        People and zones that entered, people in the group.
    caveats : tuple of str
    provenance : mapping
        Sources, columns, method versions, seed.
    explanation : str
        What this says, for a councillor.
    detail : mapping
        What else a chart of this finding needs (plain JSON values).
    """

    measure: str
    value: float | Undefined
    dimension: str = ""
    group: str = ""
    versus: str = ""
    scale: str = ""
    scope: str = "city"
    date: str = ""
    expected: float | None = None
    maximum: float | None = None
    excess: float | None = None
    sd: float | None = None
    null_method: str = ""
    interval: tuple[float, float] | None = None
    interval_method: str = ""
    p: float | None = None
    n_people: int = 0
    n_group: int = 0
    n_zones: int = 0
    caveats: tuple[str, ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict)
    explanation: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "provenance", MappingProxyType(dict(self.provenance)))
        object.__setattr__(self, "detail", MappingProxyType(dict(self.detail)))
        for name in ("value", "expected", "maximum", "excess", "sd", "p"):
            number = getattr(self, name)
            if number is not None and not isinstance(number, Undefined):
                object.__setattr__(self, name, self._finite(name, number))
        if self.interval is not None:
            low, high = (self._finite("interval", end) for end in self.interval)
            object.__setattr__(self, "interval", (low, high))

    def _finite(self, name: str, number: float) -> float:
        if not math.isfinite(number):
            raise CallError(f"{self.measure}: {name} is {number}; say Undefined with a reason")
        return float(number)

    def __reduce__(self) -> Any:
        return (_rebuild, (self.to_dict(),))

    @property
    def defined(self) -> bool:
        """True when there is a value."""
        return not isinstance(self.value, Undefined)

    @property
    def number(self) -> float:
        """The value as a number.

        Raises
        ------
        CallError
            If it is undefined; the message says why.
        """
        if isinstance(self.value, Undefined):
            raise CallError(f"{self.measure} is undefined: {self.value.reason}")
        return self.value

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form; `value` is None and `undefined_reason` set when undefined."""
        out: dict[str, Any] = {}
        for f in fields(self):
            item = getattr(self, f.name)
            if f.name == "value":
                gone = isinstance(item, Undefined)
                out["value"] = None if gone else item
                out["undefined_reason"] = item.reason if gone else None
                out["undefined_code"] = item.code if gone else None
            elif f.name in ("provenance", "detail"):
                out[f.name] = dict(item)
            elif f.name in ("caveats", "interval"):
                out[f.name] = None if item is None else list(item)
            else:
                out[f.name] = item
        return out

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Finding:
        """Read the JSON form back; equal inputs give equal findings."""
        rest = dict(data)
        reason, code = rest.pop("undefined_reason", None), rest.pop("undefined_code", None)
        value = rest.pop("value")
        if value is None:
            value = Undefined(code or "undefined", reason or "")
        rest["caveats"] = tuple(rest.get("caveats") or ())
        rest["interval"] = tuple(rest["interval"]) if rest.get("interval") else None
        return cls(value=value, **rest)

    def to_json(self) -> str:
        """Return one JSON object as text."""
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False)


def _rebuild(data: dict[str, Any]) -> Finding:
    return Finding.from_dict(data)
