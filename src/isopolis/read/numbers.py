"""Numbers as statistical offices write them: decimal marks, thousands, gaps, suppressed cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from isopolis.model import Problems
from isopolis.model.text import phrase

from .columns import Column, Table

__all__ = ["MISSING", "Decimal", "Kind", "Parsed", "decide_decimal", "parse", "report", "table_decimal"]

Floats = npt.NDArray[np.float64]

MISSING = frozenset(
    {"", "..", "...", "…", ".", "-", "–", "—", "−", "x", "n/a", "n.a.", "na", "nan", "null", "none", ":", "/"}
    | {"#n/a", "#nv", "k.a.", "k. a.", "s.d.", "nd", "n.d.", "<na>", "missing", "·", "?"}
)
"""Marks of a cell for which there is no number (compared in lower case)."""

SUPPRESSED = frozenset({"c", "*", "**", "s", "(c)", "[c]", "(*)", "suppressed", "confidential"})
"""Marks of a cell that is hidden without a stated bound."""

_MARKS = "., '’\u00a0\u202f\u2009"
_SPACES = re.compile("[\u00a0\u202f\u2009\u2007]")
_BODY = re.compile(r"\d[\d.,' ’]*")
_PLAIN = re.compile(r"\d+")
_BELOW = re.compile(r"(<=|≤|<|under|below|less than|unter|moins de|menos de|alle)\s*(\d{1,6})", re.I)
_RANGE = re.compile(r"(\d{1,6})\s*(?:-|–|—|to|bis|à|a)\s*(\d{1,6})", re.I)


class Kind(IntEnum):
    """What a cell's text turned out to be."""

    NUMBER = 0
    MISSING = 1
    SUPPRESSED = 2
    NEGATIVE = 3
    TEXT = 4
    PERCENT = 5
    INFINITE = 6
    AMBIGUOUS = 7


@dataclass(frozen=True, slots=True)
class Decimal:
    """The decimal mark of a table and how it was found.

    Parameters
    ----------
    mark : str
        ``"."`` or ``","``; empty when it cannot be told.
    why : str
        ``stated``, ``stored``, ``evidence``, ``thousands`` (inferred from how
        numbers below and above 1000 are written), ``unmarked`` (no number has a
        mark), ``ambiguous``, ``mixed``.
    examples : tuple of str
        Texts that decided it, or that disagree.
    """

    mark: str
    why: str
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Parsed:
    """A column read as numbers, one entry per row.

    Parameters
    ----------
    values : (n,) float array
        Finite everywhere; without meaning where `kind` is neither NUMBER,
        NEGATIVE nor PERCENT.
    kind : (n,) uint8 array of `Kind`
    lower, upper : (n,) float arrays
        Bounds of suppressed cells (`upper` is inf where none is stated); equal
        to `values` elsewhere.
    """

    values: Floats
    kind: npt.NDArray[np.uint8]
    lower: Floats
    upper: Floats

    def where(self, *kinds: Kind) -> npt.NDArray[np.int64]:
        """Rows of these kinds."""
        return np.flatnonzero(np.isin(self.kind, kinds))


# -- the decimal mark ---------------------------------------------------
def _body(text: str) -> str:
    """Digits and marks of a number-like text, or an empty text."""
    text = _SPACES.sub(" ", text).strip().lstrip("+-−<≤= ").rstrip("% ").strip()
    return text if _BODY.fullmatch(text) else ""


def _evidence(body: str) -> str:
    """Say what one number shows: a decimal mark, ``not.``, ``not,``, ``?.``, ``?,``, ``long``, ``short``."""
    marks = [c for c in body if c in ".,"]
    if not marks:
        digits = re.sub(r"\D", "", body)
        return "grouped" if digits != body else ("long" if len(digits) > 3 else "short")
    if len(set(marks)) == 2:
        last = marks[-1]
        return last if marks.count(last) == 1 else "mixed"
    mark = marks[0]
    if len(marks) > 1:
        return "not" + mark
    before, after = body.split(mark)
    if len(after) != 3 or not after.isdigit() or not before.isdigit():
        return mark
    return mark if len(before) > 3 or before.startswith("0") else "?" + mark


def decide_decimal(texts: Iterable[str]) -> Decimal:
    """Find the decimal mark that explains every number of a table.

    Parameters
    ----------
    texts : iterable of str
        Distinct cells of all columns that look like numbers.

    Notes
    -----
    "1.234" alone could be 1.234 or 1234. Any number that can be read in one
    way only decides for the whole table. Without one, marks are thousands
    separators only if numbers below 1000 stand without the mark and none of
    four digits does; otherwise the answer is `ambiguous`, never a guess.
    """
    seen: dict[str, str] = {}
    for text in texts:
        body = _body(text)
        if body:
            seen.setdefault(_evidence(body), text)
    point, comma = "." in seen, "," in seen
    if "mixed" in seen or (point and comma) or ("not." in seen and point) or ("not," in seen and comma):
        clash = [seen[k] for k in ("mixed", ".", ",", "not.", "not,") if k in seen]
        return Decimal("", "mixed", tuple(clash[:2]))
    if point or comma:
        mark = "." if point else ","
        return Decimal(mark, "evidence", (seen[mark],))
    if "not." in seen or "not," in seen:
        return _by_thousands(seen)
    return _by_size(seen)


def _by_thousands(seen: dict[str, str]) -> Decimal:
    if "not." in seen and "not," in seen:
        return Decimal("", "mixed", (seen["not."], seen["not,"]))
    mark = "," if "not." in seen else "."
    if f"?{mark}" in seen:
        return Decimal("", "ambiguous", (seen[f"?{mark}"],))
    return Decimal(mark, "evidence", (seen.get("not.") or seen["not,"],))


def _by_size(seen: dict[str, str]) -> Decimal:
    unsure = [m for m in ".," if "?" + m in seen]
    if not unsure:
        return Decimal(".", "unmarked")
    examples = tuple(seen["?" + m] for m in unsure)
    if len(unsure) == 1 and "short" in seen and not {"long", "grouped"} & set(seen):
        return Decimal("," if unsure[0] == "." else ".", "thousands", examples)
    return Decimal("", "ambiguous", examples)


def looks_numeric(texts: Sequence[str], share: float = 0.5) -> bool:
    """True when at least `share` of the filled distinct texts have the shape of a number."""
    filled = [t for t in texts[:2000] if t.lower() not in MISSING]
    return bool(filled) and sum(bool(_body(t)) for t in filled) >= share * len(filled)


def table_decimal(table: Table, stated: str = "", columns: Iterable[str] | None = None) -> Decimal:
    """Decide the decimal mark for a whole table.

    Parameters
    ----------
    table : Table
    stated : str
        What the user says; wins.
    columns : iterable of str, optional
        Columns to look at; all when not given.
    """
    if stated:
        return Decimal(stated, "stated")
    if table.decimal:
        return Decimal(table.decimal, "stored")
    texts: list[str] = []
    for name in columns if columns is not None else table.columns:
        distinct = table[name].texts
        if distinct is not None and looks_numeric(distinct.tolist()):
            texts += distinct.tolist()
    return decide_decimal(texts)


# -- one cell, one column -----------------------------------------------
def _number(text: str, mark: str) -> float | None:
    """Read an unsigned number, or None when it is not one."""
    if text.isdigit() and text.isascii():
        return float(text)
    other = "." if mark == "," else ","
    head, _, tail = text.partition(mark) if mark else (text, "", "")
    power = re.fullmatch(r"(\d*)[eE]([+-]?\d{1,2})", tail) or re.fullmatch(r"()[eE]([+-]?\d{1,2})", tail)
    if power or re.fullmatch(r"\d+[eE][+-]?\d{1,2}", head):
        return float(text.replace(",", ".")) if re.fullmatch(r"[\d.,eE+-]+", text) else None
    if (mark and mark in tail) or (tail and not tail.isdigit()):
        return None
    if not re.fullmatch(rf"\d+|\d{{1,3}}(?:([{re.escape(other)} '’])\d{{3}})(?:\1\d{{3}})*", head):
        return float("0." + tail) if head == "" and tail else None
    return float(re.sub(r"\D", "", head) + "." + (tail or "0"))


def _cell(text: str, mark: str, missing: frozenset[str]) -> tuple[Kind, float, float, float]:
    low = text.lower()
    if low in missing:
        return Kind.MISSING, 0.0, 0.0, 0.0
    if low in SUPPRESSED:
        return Kind.SUPPRESSED, 0.0, 0.0, np.inf
    body = _SPACES.sub(" ", text).strip()
    if body.strip("+-").lower() in ("inf", "infinity", "∞"):
        return Kind.INFINITE, 0.0, 0.0, 0.0
    bounds = _bounds(body)
    if bounds:
        return Kind.SUPPRESSED, sum(bounds) / 2, *bounds
    percent, body = body.endswith("%"), body.rstrip("% ")
    negative = body[:1] in "-−" or (body.startswith("(") and body.endswith(")"))
    body = body.strip("()").lstrip("+-− ")
    if not mark and _evidence(body) not in ("short", "long", "grouped") and _body(body):
        return Kind.AMBIGUOUS, 0.0, 0.0, 0.0
    value = _number(body, mark or ".")
    if value is None or not np.isfinite(value):
        return Kind.TEXT, 0.0, 0.0, 0.0
    signed = -value if negative else value
    kind = Kind.PERCENT if percent else Kind.NEGATIVE if signed < 0 else Kind.NUMBER
    return kind, signed, signed, signed


def _bounds(text: str) -> tuple[float, float] | None:
    below = _BELOW.fullmatch(text)
    if below:
        top = float(below[2])
        return (0.0, top if below[1] in ("<=", "≤") else max(top - 1, 0.0))
    between = _RANGE.fullmatch(text)
    if between and float(between[1]) < float(between[2]):
        return float(between[1]), float(between[2])
    return None


def parse(column: Column, decimal: Decimal, missing: Iterable[str] = ()) -> Parsed:
    """Read a column as numbers.

    Parameters
    ----------
    column : Column
    decimal : Decimal
        Of the whole table.
    missing : iterable of str
        More marks of missing cells than `MISSING`.
    """
    if column.numbers is not None:
        return _parse_native(column.numbers)
    marks = MISSING | {m.strip().lower() for m in missing}
    assert column.texts is not None
    assert column.codes is not None
    cells = [_cell(t, decimal.mark, marks) for t in column.texts.tolist()]
    table = np.array(cells, dtype=np.float64).reshape(len(cells), 4)
    rows = table[column.codes] if len(cells) else np.zeros((0, 4))
    return Parsed(rows[:, 1], rows[:, 0].astype(np.uint8), rows[:, 2], rows[:, 3])


def _parse_native(numbers: npt.NDArray[np.generic]) -> Parsed:
    values = numbers.astype(np.float64)
    kind = np.zeros(len(values), dtype=np.uint8)
    kind[values < 0] = Kind.NEGATIVE
    kind[np.isinf(values)] = Kind.INFINITE
    kind[np.isnan(values)] = Kind.MISSING
    values = np.where(np.isfinite(values), values, 0.0)
    return Parsed(values, kind, values, values)


_SAYS = {
    Kind.NEGATIVE: ("negative-count", phrase("a count of people cannot be negative"), phrase("0 or more")),
    Kind.TEXT: (
        "text-in-counts",
        phrase("this is no number"),
        phrase("a number, or a mark such as .. or <5"),
    ),
    Kind.PERCENT: (
        "percent-in-counts",
        phrase("this is a percentage, not a number of people"),
        phrase("numbers of people"),
    ),
    Kind.INFINITE: ("infinite-count", phrase("this is not a finite number"), phrase("a finite number")),
    Kind.AMBIGUOUS: (
        "decimal-unclear",
        phrase("it cannot be told whether the point or comma here marks decimals or thousands"),
        phrase("one decimal mark in the whole table"),
    ),
}
_HINTS = {
    Kind.TEXT: phrase(
        'Correct the cell; if it stands for a gap, add missing = ["..."] to this table in city.toml.'
    ),
    Kind.PERCENT: phrase("Give numbers of people, or take the column out of the dimension."),
    Kind.AMBIGUOUS: phrase('Write decimal = "." or decimal = "," for this table in city.toml.'),
    Kind.NEGATIVE: phrase("Correct the cell, or leave it empty if it is not known."),
    Kind.INFINITE: phrase("Correct the cell, or leave it empty if it is not known."),
}


def report(parsed: Parsed, table: Table, name: str, problems: Problems, allow: Iterable[Kind] = ()) -> bool:
    """Write down what is wrong in a column; return True when nothing is."""
    clean = True
    for kind, (code, message, rule) in _SAYS.items():
        rows = parsed.where(kind)
        if kind in allow or not len(rows):
            continue
        clean = False
        value = table[name].at(int(rows[0]))
        where = {"file": table.file, "rows": table.shown(rows), "count": len(rows), "column": name}
        problems.error(code, message, value=value, rule=rule, hint=_HINTS[kind], **where)
    return clean
