"""Conditions from the plain form that experts write in YAML.

``{op: arguments}`` with one op each. The first argument of a comparison is the name of a fact; where a value
stands, ``{field: name}`` takes another fact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from isopolis.model.errors import Problems, near
from isopolis.model.text import phrase

from .conditions import (
    ORDERS,
    All,
    Any_,
    Between,
    Compare,
    Condition,
    Count,
    In,
    Not,
    Ref,
    Share,
    TopK,
    Use,
    Window,
)
from .fields import Field, fits

__all__ = ["Parser"]

DEEPEST = 40
"""Conditions inside conditions, counted; far more than a person can read."""

ORDERED = {"number", "integer", "date"}


class Parser:
    """Reads conditions of one file; what is wrong goes into `problems` and gives ``None``.

    Parameters
    ----------
    fields : mapping of str to Field
        The facts that may be named.
    defined : mapping of str to plain conditions
        What ``{use: name}`` may name.
    problems : Problems
    file : str
        Name of the file, for the problems.
    """

    def __init__(
        self, fields: Mapping[str, Field], defined: Mapping[str, Any], problems: Problems, file: str
    ) -> None:
        self.fields, self.defined, self.problems, self.file = fields, defined, problems, file
        self._open: list[str] = []
        self._done: dict[str, Condition | None] = {}

    def read(self, plain: Any, where: str, depth: int = 0) -> Condition | None:
        """Read one condition; `where` names the rule and the place in it."""
        if depth > DEEPEST:
            return self._wrong(where, phrase("conditions lie inside each other too deep"))
        if not isinstance(plain, Mapping) or len(plain) != 1:
            return self._wrong(where, phrase("a condition is one operation with its arguments"), str(plain))
        op, given = next(iter(plain.items()))
        reader = self._readers().get(op)
        if reader is None:
            return self._wrong(
                where, phrase('there is no operation "{op}"', op=str(op)), hint=near(str(op), self._readers())
            )
        return reader(given, f"{where} › {op}", depth)

    def _readers(self) -> dict[str, Callable[[Any, str, int], Condition | None]]:
        orders = {op: self._compare(op) for op in ORDERS}
        return orders | {
            "in": self._in,
            "between": self._between,
            "all": self._many(All),
            "any": self._many(Any_),
            "not": self._not,
            "count": self._count,
            "share": self._share,
            "window": self._window,
            "top_k": self._top_k,
            "use": self._use,
        }

    # -- problems -------------------------------------------------------------------------------
    def _wrong(self, where: str, message: str, value: str | None = None, hint: str = "") -> Any:
        """Write a problem down; what comes back is the nothing that a reader returns for it."""
        shown = value[:120] if value is not None else None
        self.problems.error("rule", message, file=self.file, column=where, value=shown, hint=hint)
        return None

    def _field(self, name: Any, where: str, types: set[str] | None = None) -> Field | None:
        field = self.fields.get(name) if isinstance(name, str) else None
        if field is None:
            self._wrong(
                where,
                phrase('the field "{name}" is unknown', name=str(name)),
                hint=near(str(name), self.fields),
            )
        elif types and field.type not in types:
            self._wrong(
                where,
                phrase('"{name}" is {type} and does not fit here', name=field.name, type=field.allowed()),
            )
            return None
        return field

    def _operand(self, given: Any, of: Field, where: str) -> Any:
        if isinstance(given, Mapping):
            other = self._field(given.get("field"), where) if set(given) == {"field"} else None
            if other is None or _kind(other) != _kind(of):
                return self._wrong(
                    where, phrase('"{name}" cannot be compared with this', name=of.name), str(given)
                )
            return Ref(other.name)
        if given is None or not fits(of, given):
            return self._wrong(
                where,
                phrase('"{name}" is {type}: this value does not fit', name=of.name, type=of.allowed()),
                str(given),
            )
        return given

    # -- operations ------------------------------------------------------------------------------
    def _compare(self, op: str) -> Callable[[Any, str, int], Condition | None]:
        def read(given: Any, where: str, _depth: int) -> Condition | None:
            if not isinstance(given, list) or len(given) != 2:
                return self._wrong(where, phrase("this takes a field and a value"), str(given))
            field = self._field(given[0], where, None if op in ("eq", "ne") else ORDERED)
            value = self._operand(given[1], field, where) if field else None
            return Compare(op, field.name, value) if field and value is not None else None

        return read

    def _in(self, given: Any, where: str, _depth: int) -> Condition | None:
        if not (isinstance(given, list) and len(given) == 2 and isinstance(given[1], list) and given[1]):
            return self._wrong(where, phrase("this takes a field and a list of values"), str(given))
        field = self._field(given[0], where)
        values = [self._operand(v, field, where) for v in given[1]] if field else [None]
        if any(v is None or isinstance(v, Ref) for v in values):
            return None
        return In(given[0], tuple(values))

    def _between(self, given: Any, where: str, _depth: int) -> Condition | None:
        if not isinstance(given, list) or len(given) != 3:
            return self._wrong(where, phrase("this takes a field, the lowest and the highest value"))
        field = self._field(given[0], where, ORDERED)
        ends = [self._operand(v, field, where) for v in given[1:]] if field else [None]
        return None if any(e is None for e in ends) else Between(given[0], ends[0], ends[1])

    def _parts(self, given: Any, where: str, depth: int) -> tuple[Condition, ...] | None:
        if not isinstance(given, list) or not given:
            return self._wrong(where, phrase("this takes a list of conditions"), str(given))
        read = [self.read(p, f"{where} {n}", depth + 1) for n, p in enumerate(given, 1)]
        return None if any(p is None for p in read) else tuple(p for p in read if p is not None)

    def _many(self, make: type[All] | type[Any_]) -> Callable[[Any, str, int], Condition | None]:
        def read(given: Any, where: str, depth: int) -> Condition | None:
            parts = self._parts(given, where, depth)
            return make(parts) if parts else None

        return read

    def _not(self, given: Any, where: str, depth: int) -> Condition | None:
        part = self.read(given, where, depth + 1)
        return Not(part) if part else None

    def _count(self, given: Any, where: str, depth: int) -> Condition | None:
        asked = self._asked(given, where, {"of"}, {"at_least": int, "at_most": int})
        parts = self._parts(asked["of"], where, depth) if asked else None
        if not asked or parts is None or not self._ends(asked, where):
            return None
        return Count(parts, asked.get("at_least"), asked.get("at_most"))

    def _share(self, given: Any, where: str, _depth: int) -> Condition | None:
        listed = isinstance(given, Mapping) and "list" in given
        needed = {"list", "value"} if listed else {"part", "whole"}
        optional: dict[str, Any] = {"at_least": (int, float), "at_most": (int, float)}
        asked = self._asked(given, where, needed, optional | ({"round": str} if listed else {}))
        if not asked or not self._ends(asked, where):
            return None
        rounding = asked.get("round", "")
        if rounding not in ("", "up", "down", "nearest"):
            return self._wrong(where, phrase("round is up, down or nearest"), rounding)
        if listed:
            found = [self._field(asked["list"], where, {"list"})]
        else:
            found = [self._field(asked[k], where, {"number", "integer"}) for k in ("part", "whole")]
        if not all(found):
            return None
        named = (asked.get("part", ""), asked.get("whole", ""), asked.get("list", ""))
        return Share(*named, _values(asked), asked.get("at_least"), asked.get("at_most"), rounding)

    def _window(self, given: Any, where: str, _depth: int) -> Condition | None:
        needed = {"list", "value", "at_least", "of_every"}
        asked = self._asked(given, where, needed, {"at_least": int, "of_every": int, "blocks": bool})
        if not asked or not self._field(asked["list"], where, {"list"}):
            return None
        if not 1 <= asked["at_least"] <= asked["of_every"]:
            return self._wrong(where, phrase("at_least is from 1 to of_every"), str(asked["at_least"]))
        values = _values(asked)
        return Window(asked["list"], values, asked["at_least"], asked["of_every"], asked.get("blocks", False))

    def _top_k(self, given: Any, where: str, _depth: int) -> Condition | None:
        asked = self._asked(given, where, {"list", "value", "k", "at_least"}, {"k": int, "at_least": int})
        if not asked or not self._field(asked["list"], where, {"list"}):
            return None
        if not 1 <= asked["at_least"] <= asked["k"]:
            return self._wrong(where, phrase("at_least is from 1 to k"), str(asked["at_least"]))
        return TopK(asked["list"], _values(asked), asked["k"], asked["at_least"])

    def _use(self, given: Any, where: str, depth: int) -> Condition | None:
        if not isinstance(given, str) or given not in self.defined:
            said = phrase('no condition is defined under "{name}"', name=str(given))
            return self._wrong(where, said, hint=near(str(given), self.defined))
        if given in self._open:
            circle = " → ".join([*self._open[self._open.index(given) :], given])
            return self._wrong(where, phrase("these conditions define each other in a circle"), circle)
        if given not in self._done:
            self._open.append(given)
            self._done[given] = self.read(self.defined[given], f"define {given}", depth + 1)
            self._open.pop()
        part = self._done[given]
        return Use(given, part) if part else None

    # -- arguments with names ----------------------------------------------------------------------
    def _asked(
        self, given: Any, where: str, needed: set[str], types: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        names = needed | set(types)
        if not isinstance(given, Mapping):
            return self._wrong(where, phrase("this takes {names}", names=", ".join(sorted(names))))
        for name in sorted(needed - set(given)):
            return self._wrong(where, phrase('"{name}" is missing', name=name))
        for name in given:
            if name not in names:
                return self._wrong(
                    where, phrase('"{name}" is unknown', name=str(name)), hint=near(name, names)
                )
            kind = types.get(name)
            wrong_bool = isinstance(given[name], bool) and kind is not bool
            if kind and (wrong_bool or not isinstance(given[name], kind)):
                return self._wrong(where, phrase('"{name}" has another type', name=name), str(given[name]))
        return dict(given)

    def _ends(self, asked: Mapping[str, Any], where: str) -> bool:
        low, high = asked.get("at_least"), asked.get("at_most")
        if low is None and high is None:
            self._wrong(where, phrase("this takes at_least, at_most or both"))
            return False
        if low is not None and high is not None and low > high:
            self._wrong(where, phrase("at_least is more than at_most"), f"{low} > {high}")
            return False
        return True


def _values(asked: Mapping[str, Any]) -> tuple[Any, ...]:
    value = asked.get("value", ())
    return tuple(value) if isinstance(value, (list, tuple)) else (value,)


def _kind(field: Field) -> Any:
    """Return what a field can be compared with: numbers with numbers, texts with texts."""
    if field.type in ("number", "integer"):
        return float
    if field.type == "choice":
        return float if isinstance(field.choices[0], int) else str
    return {"text": str, "yes_no": bool, "date": date, "list": list}[field.type]
