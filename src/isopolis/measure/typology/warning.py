"""Rules about change between two dates, answered yes, no, or cannot be known.

A rule is a list of conditions. Each is true, false or unknown for a zone; an unknown condition makes the
answer unknown unless another one is false. Published rules disagree with each other about most zones, so no
rule is shown alone: `agreement` counts them, and says how many could be asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .areas import weighted_median

__all__ = [
    "FEWEST_RULES",
    "NO",
    "TESTS",
    "UNKNOWN",
    "YES",
    "Condition",
    "Rule",
    "Verdict",
    "agreement",
    "judge",
]

Floats = npt.NDArray[np.float64]
Answers = npt.NDArray[np.int8]

NO, YES, UNKNOWN = 0, 1, -1
FEWEST_RULES = 3
"""Rules that must have been asked of a zone before anything is said of it."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a rule.

    Parameters
    ----------
    test : str
        A key of `TESTS`.
    column : str
        What is looked at.
    at : str
        ``before`` or ``after``; not used by tests of change.
    number : float
        Threshold: a share of zones, a factor, or an amount.
    reference : str
        Name of a number that the user gives, for amounts in another money.
    real : bool
        True when prices of both dates must be made equal first.
    """

    test: str
    column: str
    at: str = "before"
    number: float = 0.0
    reference: str = ""
    real: bool = False

    @property
    def needs(self) -> tuple[str, ...]:
        """Columns with their dates, and numbers, that must be given."""
        dates = ("before", "after") if self.test.startswith("change") else (self.at,)
        columns = tuple(f"{self.column} ({d})" for d in dates)
        weighted = self.test.endswith(("median", "mean"))
        people = (f"population ({self.at})",) if weighted else ()
        return (*columns, *people, *((self.reference,) if self.reference else ()), *(("prices",) * self.real))


@dataclass(frozen=True, slots=True)
class Rule:
    """A published rule.

    Parameters
    ----------
    id, title : str
    conditions : tuple of Condition
    at_least : int
        Conditions that must hold; 0 for all of them.
    """

    id: str
    title: str
    conditions: tuple[Condition, ...]
    at_least: int = 0

    @property
    def needs(self) -> tuple[str, ...]:
        """Everything that the rule asks for, once each, in order."""
        return tuple(dict.fromkeys(n for c in self.conditions for n in c.needs))


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """What a rule says of every zone.

    Parameters
    ----------
    rule : Rule
    answer : (Z,) int8 array
        `YES`, `NO` or `UNKNOWN`.
    missing : tuple of str
        What was not given at all; the rule was then not asked of any zone.
    """

    rule: Rule
    answer: Answers
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Given:
    values: Mapping[str, Floats]
    numbers: Mapping[str, float]
    shift: float

    def at(self, condition: Condition, date: str) -> Floats:
        values = self.values[f"{condition.column} ({date})"]
        # prices of the first date are brought to those of the second, so that a change is a real one
        return values * self.numbers["prices"] if condition.real and date == "before" else values

    def change(self, condition: Condition) -> tuple[Floats, Floats]:
        return self.at(condition, "before"), self.at(condition, "after")

    def quantile(self, values: Floats, share: float) -> float:
        known = values[np.isfinite(values)]
        return float(np.quantile(known, min(max(share + self.shift, 0), 1))) if len(known) else float("nan")


Finder = Callable[[Condition, _Given], tuple[Floats, float]]


def _value(c: Condition, given: _Given) -> tuple[Floats, float]:
    values = given.at(c, c.at)
    return values, given.quantile(values, c.number)


def _median(c: Condition, given: _Given) -> tuple[Floats, float]:
    values = given.at(c, c.at)
    return values, c.number * weighted_median(values, given.values[f"population ({c.at})"])


def _mean(c: Condition, given: _Given) -> tuple[Floats, float]:
    values, people = given.at(c, c.at), given.values[f"population ({c.at})"]
    kept = np.isfinite(values) & np.isfinite(people)
    whole = people[kept].sum()
    return values, float((values[kept] * people[kept]).sum() / whole) if whole > 0 else float("nan")


def _ratio(before: Floats, after: Floats) -> Floats:
    out: Floats = np.divide(after, before, out=np.full(len(after), np.nan), where=before > 0) - 1
    return out


def _grown(c: Condition, given: _Given) -> tuple[Floats, float]:
    return _ratio(*given.change(c)), c.number


def _grown_more(c: Condition, given: _Given) -> tuple[Floats, float]:
    values = _ratio(*given.change(c))
    return values, given.quantile(values, c.number)


def _risen(c: Condition, given: _Given) -> tuple[Floats, float]:
    before, after = given.change(c)
    return after - before, given.numbers[c.reference] if c.reference else c.number


def _risen_more(c: Condition, given: _Given) -> tuple[Floats, float]:
    before, after = given.change(c)
    return after - before, given.quantile(after - before, c.number)


def _amount(c: Condition, given: _Given) -> tuple[Floats, float]:
    return given.at(c, c.at), c.number


TESTS: Mapping[str, tuple[Finder, str]] = {
    "below-quantile": (_value, "<"),
    "at-most-quantile": (_value, "<="),
    "above-quantile": (_value, ">"),
    "below-times-median": (_median, "<"),
    "above-times-median": (_median, ">"),
    "above-mean": (_mean, ">"),
    "at-least": (_amount, ">="),
    "change-ratio-at-least": (_grown, ">="),
    "change-ratio-above": (_grown, ">"),
    "change-ratio-above-quantile": (_grown_more, ">"),
    "change-at-least": (_risen, ">="),
    "change-above-quantile": (_risen_more, ">"),
}
"""Name of a test → how its value and its threshold are found, and how they are compared."""

_COMPARE = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}


def judge(
    rule: Rule,
    values: Mapping[str, Floats],
    numbers: Mapping[str, float],
    *,
    zones: int,
    shift: float = 0.0,
) -> Verdict:
    """Ask one rule of every zone.

    Parameters
    ----------
    rule : Rule
    values : mapping of ``column (before)`` and ``column (after)`` to (Z,) arrays
        NaN where a zone has no value.
    numbers : mapping of str to float
        ``prices``, the price level of the second date over that of the first, and what rules refer to.
    zones : int
    shift : float
        Added to every threshold that is a share of zones, to see what hangs on it.

    Returns
    -------
    Verdict
    """
    missing = tuple(n for n in rule.needs if n not in values and n not in numbers)
    if missing:
        return Verdict(rule, np.full(zones, UNKNOWN, dtype=np.int8), missing)
    given = _Given(values, numbers, shift)
    answers = np.stack([_answer(c, given) for c in rule.conditions])
    least = rule.at_least or len(rule.conditions)
    true, unknown = (answers == YES).sum(axis=0), (answers == UNKNOWN).sum(axis=0)
    out = np.where(true >= least, YES, np.where(true + unknown < least, NO, UNKNOWN))
    return Verdict(rule, out.astype(np.int8))


def _answer(condition: Condition, given: _Given) -> Answers:
    find, sign = TESTS[condition.test]
    values, threshold = find(condition, given)
    unknown = ~np.isfinite(values) | ~np.isfinite(threshold)
    with np.errstate(invalid="ignore"):
        holds = _COMPARE[sign](values, threshold)
    return np.where(unknown, UNKNOWN, holds).astype(np.int8)


def agreement(verdicts: Sequence[Verdict], fewest: int = FEWEST_RULES) -> tuple[Answers, Answers]:
    """Count the rules that say yes of each zone, and those that could be asked.

    Parameters
    ----------
    verdicts : sequence of Verdict
    fewest : int
        Rules that must have given an answer.

    Returns
    -------
    (yes, asked) : (Z,) int8 arrays
        `yes` is `UNKNOWN` where fewer than `fewest` rules gave an answer.

    Raises
    ------
    ValueError
        Without a rule, or when `fewest` is below 1.
    """
    if not verdicts or fewest < 1:
        raise ValueError("agreement needs at least one rule and at least one answer")
    answers = np.stack([v.answer for v in verdicts])
    asked = (answers != UNKNOWN).sum(axis=0)
    yes = np.where(asked >= fewest, (answers == YES).sum(axis=0), UNKNOWN)
    return yes.astype(np.int8), asked.astype(np.int8)
