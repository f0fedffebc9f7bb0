"""Tests of rules that experts write as YAML beside the rules: facts, and what each rule must answer.

A rule is covered when a test expects yes of it, another no, and a third unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from isopolis.model import DataError, Problem
from isopolis.model.errors import near
from isopolis.model.text import phrase

from .fields import wrong_facts
from .sets import Answer, RuleSet, judge

__all__ = ["Checked", "Trial", "check", "read_trials"]

OVERALL = "overall"
"""The name under which a test expects the answer of the whole set."""

COVERED_BY = (Answer.YES, Answer.NO, Answer.UNKNOWN)
KEYS = {"name", "date", "facts", "expect"}


@dataclass(frozen=True, slots=True)
class Trial:
    """One test: its name, the day, the facts, and the answer expected of each rule named."""

    name: str
    on: date
    facts: Mapping[str, Any]
    expect: Mapping[str, Answer]


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of the tests of one set.

    Parameters
    ----------
    set : RuleSet
    passed : int
        Tests in which every expectation held.
    failed : tuple of str
        One sentence for each expectation that did not hold.
    uncovered : tuple of (str, tuple of Answer)
        Rules, and the answers that no test expects of them.
    """

    set: RuleSet
    passed: int
    failed: tuple[str, ...]
    uncovered: tuple[tuple[str, tuple[Answer, ...]], ...]

    @property
    def fine(self) -> bool:
        """True when nothing failed and every rule is covered."""
        return not self.failed and not self.uncovered


def read_trials(plain: Any, rules: RuleSet, file: str) -> tuple[Trial, ...]:
    """Read the plain data of a test file.

    It holds ``rules`` (the id of the set), ``date``, ``base`` (facts of every test) and ``tests``, a list
    of ``name``, ``facts`` (over the base; null takes a fact away), ``expect`` and, if need be, ``date``.

    Raises
    ------
    DataError
        With every unknown rule, fact or answer.
    """
    problems: list[Problem] = []

    def wrong(message: str, value: Any = None, hint: str = "") -> None:
        shown = str(value)[:120] if value is not None else None
        problems.append(Problem("rule-test", message, file=file, value=shown, hint=hint))

    if not isinstance(plain, Mapping) or not isinstance(plain.get("tests"), list) or not plain["tests"]:
        wrong(phrase("there are no tests"))
        raise DataError(problems)
    if plain.get("rules") != rules.id:
        wrong(phrase('these tests are for the rules "{id}"', id=rules.id), plain.get("rules"))
    base, out = plain.get("base") or {}, []
    for number, one in enumerate(plain["tests"], 1):
        if not isinstance(one, Mapping) or set(one) - KEYS or not isinstance(one.get("expect"), Mapping):
            wrong(phrase("test {n} is not name, date, facts and expect", n=number), one)
            continue
        facts = {**base, **(one.get("facts") or {})}
        problems += wrong_facts(rules.fields, facts, file)
        expect = {}
        for name, said in one["expect"].items():
            answer = _answer(said)
            if answer is None:
                wrong(phrase("test {n} expects what no rule can answer", n=number), said)
            elif name != OVERALL and rules.rule(name) is None:
                wrong(
                    phrase('there is no rule "{id}"', id=str(name)),
                    hint=near(str(name), [r.id for r in rules.rules]),
                )
            else:
                expect[name] = answer
        on = one.get("date", plain.get("date"))
        if not isinstance(on, date):
            wrong(phrase("test {n} has no date", n=number), on)
            continue
        out.append(Trial(str(one.get("name", number)), on, facts, expect))
    if problems:
        raise DataError(problems)
    return tuple(out)


def _answer(said: Any) -> Answer | None:
    if isinstance(said, bool):  # YAML reads yes and no so
        return Answer.YES if said else Answer.NO
    return next((a for a in Answer if a.value == said), None)


def check(rules: RuleSet, trials: tuple[Trial, ...]) -> Checked:
    """Run the tests of a set of rules."""
    failed: list[str] = []
    passed = 0
    for trial in trials:
        verdict = judge(rules, trial.facts, trial.on)
        wrong = [
            phrase(
                'test "{test}": {rule} should be {wanted} and is {found}. {reason}',
                test=trial.name,
                rule=name,
                wanted=str(wanted),
                found=str(found),
                reason=reason,
            )
            for name, wanted in trial.expect.items()
            for found, reason in [_found(verdict, name)]
            if found is not wanted
        ]
        failed += wrong
        passed += not wrong
    return Checked(rules, passed, tuple(failed), tuple(_uncovered(rules, trials)))


def _found(verdict: Any, name: str) -> tuple[Answer, str]:
    if name == OVERALL:
        return verdict.answer, ""
    one = verdict.of(name)
    return one.answer, one.reason


def _uncovered(rules: RuleSet, trials: tuple[Trial, ...]) -> list[tuple[str, tuple[Answer, ...]]]:
    out = []
    for rule in rules.rules:
        expected = {t.expect[rule.id] for t in trials if rule.id in t.expect}
        absent = tuple(a for a in COVERED_BY if a not in expected)
        if absent:
            out.append((rule.id, absent))
    return out
