"""The value of an expression, where some answers are not there yet.

A question that was not asked yet is unknown: ``${age} > 17`` is then neither true nor false but unknown,
and says what it waits for. A question that was asked and left empty, or skipped, has the empty text, as in
XForms: it is greater than nothing, and equal to ``''``. “and” with one part false is false whatever the
other; “or” with one part true is true (Kleene).

References
----------
Kleene, S. C. (1952): Introduction to Metamathematics, section 64 (three values).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from .expressions import Node
from .patterns import fits

__all__ = ["Scope", "Unknown", "Value", "evaluate", "number", "text", "truth"]


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that waits for the answers to some questions."""

    waits_for: frozenset[str]


Value = str | float | bool | Unknown


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression can see.

    Parameters
    ----------
    answers : mapping of str to Value
        Question → answer; the empty text where it was left empty or skipped. Not there: not asked yet.
    today : date
    dot : Value
        The answer that a constraint is about.
    columns : mapping of str to str
        Columns of the choice that a filter is about.
    """

    answers: Mapping[str, Value]
    today: date
    dot: Value = ""
    columns: Mapping[str, str] | None = None


def evaluate(node: Node, scope: Scope) -> Value:
    """Return the value of an expression."""
    kind, value = node.kind, node.value
    if kind in ("number", "text"):
        return value
    if kind == "ref":
        return scope.answers.get(str(value), Unknown(frozenset({str(value)})))
    if kind == "dot":
        return scope.dot
    if kind == "column":
        return (scope.columns or {}).get(str(value), "")
    if kind == "op":
        return _operated(str(value), node.parts, scope)
    if kind == "minus":
        inner = evaluate(node.parts[0], scope)
        return inner if isinstance(inner, Unknown) else -number(inner)
    return _called(str(value), node.parts, scope)


def truth(value: Value) -> bool | Unknown:
    """Return the value as true, false or unknown: an empty text and 0 are false."""
    if isinstance(value, Unknown | bool):
        return value
    if isinstance(value, str):
        return value != ""
    return value != 0 and not math.isnan(value)


def number(value: str | float | bool) -> float:
    """Return the value as a number; a date as its day, what is no number as NaN (inside only)."""
    if isinstance(value, str):
        try:
            if len(value) == 10 and value[4] == "-":
                return float(date.fromisoformat(value).toordinal() - 719_163)  # days since 1970
            return float(value) if value.strip() and "_" not in value else math.nan
        except ValueError:
            return math.nan
    return float(value)


def text(value: str | float | bool) -> str:
    """Return the value as text, whole numbers without a point."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else ("" if math.isnan(value) else repr(value))
    return value


def _joined(*values: Value) -> Unknown:
    return Unknown(frozenset().union(*(v.waits_for for v in values if isinstance(v, Unknown))))


def _operated(op: str, parts: tuple[Node, ...], scope: Scope) -> Value:
    if op in ("and", "or"):
        return _both(op == "or", parts, scope)
    left, right = evaluate(parts[0], scope), evaluate(parts[1], scope)
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return _joined(left, right)
    if op in ("=", "!="):
        return _equal(left, right) == (op == "=")
    a, b = number(left), number(right)
    if op in _COMPARE:
        return _COMPARE[op](a, b)
    return _arithmetic(op, a, b)


_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
}  # fmt: skip


def _both(decides: bool, parts: tuple[Node, ...], scope: Scope) -> Value:
    found = [truth(evaluate(p, scope)) for p in parts]
    if any(f is decides for f in found):
        return decides
    waiting = [f for f in found if isinstance(f, Unknown)]
    return _joined(*waiting) if waiting else not decides


def _equal(left: str | float | bool, right: str | float | bool) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return truth(left) == truth(right)
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    return number(left) == number(right)


def _arithmetic(op: str, a: float, b: float) -> float:
    if op == "+":
        return a + b
    if op == "-":
        return a - b
    if op == "*":
        return a * b
    if b == 0 or not (math.isfinite(a) and math.isfinite(b)):
        return math.nan
    return a / b if op == "div" else math.fmod(a, b)


def _called(name: str, parts: tuple[Node, ...], scope: Scope) -> Value:
    if name == "if":
        return _chosen(parts, scope)
    if name == "today":
        return scope.today.isoformat()
    values = [evaluate(p, scope) for p in parts]
    if name == "coalesce" and not isinstance(values[0], Unknown) and values[0] != "":
        return values[0]
    if any(isinstance(v, Unknown) for v in values):
        return _joined(*values)
    return _FUNCTIONS[name](*values)


def _chosen(parts: tuple[Node, ...], scope: Scope) -> Value:
    which = truth(evaluate(parts[0], scope))
    if not isinstance(which, Unknown):
        return evaluate(parts[1] if which else parts[2], scope)
    yes, no = evaluate(parts[1], scope), evaluate(parts[2], scope)
    if isinstance(yes, Unknown) or isinstance(no, Unknown):
        return _joined(which, yes, no)
    return yes if type(yes) is type(no) and yes == no else which


def _rounded(value: float, digits: float = 0.0) -> float:
    a, n = number(value), number(digits)
    if not (math.isfinite(a) and math.isfinite(n)):
        return math.nan
    scale = 10.0 ** max(-15, min(15, int(n)))
    return math.floor(a * scale + 0.5) / scale  # halves go up, as in XPath


def _whole(value: float) -> float:
    a = number(value)
    return float(math.trunc(a)) if math.isfinite(a) else math.nan


def _extreme(best: Callable[[list[float]], float]) -> Callable[..., float]:
    def found(*values: str | float | bool) -> float:
        numbers = [number(v) for v in values if v != ""]
        return math.nan if not numbers or any(map(math.isnan, numbers)) else best(numbers)

    return found


def _dated(value: str | float | bool) -> str:
    if isinstance(value, str):
        return value
    day = number(value)
    # outside of the years 1 to 9999 there is no date
    return date.fromordinal(719_163 + int(day)).isoformat() if -719_162 <= day <= 2_932_896 else ""


_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "abs": lambda a: abs(number(a)),
    "boolean": truth,
    "coalesce": lambda a, b: b if a == "" else a,
    "concat": lambda *v: "".join(map(text, v)),
    "contains": lambda a, b: text(b) in text(a),
    "count-selected": lambda a: float(len(text(a).split())),
    "date": lambda a: _dated(a),
    "false": lambda: False,
    "int": _whole,
    "max": _extreme(max),
    "min": _extreme(min),
    "not": lambda a: not truth(a),
    "number": lambda a: number(a),
    "regex": lambda a, b: fits(text(b), text(a)),
    "round": _rounded,
    "selected": lambda a, b: text(b) in text(a).split(),
    "starts-with": lambda a, b: text(a).startswith(text(b)),
    "string": text,
    "string-length": lambda a: float(len(text(a))),
    "true": lambda: True,
}
