"""Sets of rules: dated, with their source; judged by facts into one verdict with reasons and a to-do list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

from isopolis.model.text import joint, phrase

from .conditions import Condition
from .fields import Field, kept_facts
from .truth import Judged, Truth, all_of, any_of, not_of
from .words import said_as

__all__ = ["STATUSES", "Answer", "Rule", "RuleSet", "RuleVerdict", "Source", "Verdict", "judge"]

STATUSES = ("law", "programme", "call", "proposal")
"""Where a rule comes from: a law in force, a programme, one call, or a proposal that is no law."""

MARKS = ("read", "inferred", "general")
"""How its content is known: the source was read; concluded from it; general knowledge, not looked up."""


class Answer(Enum):
    """What became of one rule."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not applicable"
    NOT_IN_FORCE = "not in force"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule was read.

    Parameters
    ----------
    url, title : str
    read : date or None
        The day on which it was read.
    mark : str
        One of `MARKS`.
    """

    url: str
    title: str
    read: date | None
    mark: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Parameters
    ----------
    id : str
    title : str or mapping of language to str
        What is required, as a sentence without a full stop.
    require : Condition
    when : Condition or None
        Where it applies; everywhere without it.
    hard : bool
        False for a recommendation, which never makes the whole a no.
    todo : str or mapping of language to str
        What to do when it is not met.
    source : Source
    status : str
        One of `STATUSES`.
    valid_from, valid_to : date or None
        First and last day on which it holds.
    """

    id: str
    title: Any
    require: Condition
    when: Condition | None
    hard: bool
    todo: Any
    source: Source
    status: str
    valid_from: date | None
    valid_to: date | None

    def in_force(self, on: date) -> bool:
        """Tell whether it holds on a day; both ends included."""
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_to is None or on <= self.valid_to
        )

    def fields(self) -> frozenset[str]:
        """Name every fact that it looks at."""
        return self.require.fields() | (self.when.fields() if self.when else frozenset())

    def judged(self, facts: Mapping[str, Any]) -> tuple[Answer, frozenset[str]]:
        """Return its answer on stated facts, and what is missing."""
        applies = self.when.judge(facts) if self.when else Judged(Truth.YES)
        if applies.truth is Truth.NO:
            return Answer.NOT_APPLICABLE, frozenset()
        # "where it applies it is met"; when nobody knows whether it applies, a rule that is met is met
        whole = any_of((not_of(applies), self.require.judge(facts)))
        return Answer(whole.truth.value), whole.missing


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules of one programme, call or law.

    Parameters
    ----------
    id, version : str
    title, note : str or mapping of language to str
    fields : mapping of str to Field
    rules : tuple of Rule
    """

    id: str
    version: str
    title: Any
    note: Any
    fields: Mapping[str, Field]
    rules: tuple[Rule, ...]

    def rule(self, name: str) -> Rule | None:
        """Return a rule by its id."""
        return next((r for r in self.rules if r.id == name), None)


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """What a rule says about stated facts, in a sentence, with its source.

    Parameters
    ----------
    rule : Rule
    answer : Answer
    missing : tuple of str
        Fields that are missing, in the order of the file; empty unless the answer is unknown.
    reason : str
        One sentence.
    """

    rule: Rule
    answer: Answer
    missing: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a set of rules says about stated facts.

    Parameters
    ----------
    set : RuleSet
    on : date
        The day of the verdict.
    answer : Answer
        Yes, no or unknown, by the hard rules in force only.
    rules : tuple of RuleVerdict
    todo : tuple of str
        What to do next: unmet rules first, then facts to state.
    missing : tuple of str
        Every missing field that leaves a rule open.
    """

    set: RuleSet
    on: date
    answer: Answer
    rules: tuple[RuleVerdict, ...]
    todo: tuple[str, ...]
    missing: tuple[str, ...]

    def of(self, name: str) -> RuleVerdict:
        """Return the verdict of one rule."""
        return next(r for r in self.rules if r.rule.id == name)


def judge(rules: RuleSet, facts: Mapping[str, Any], on: date, language: str = "en") -> Verdict:
    """Judge stated facts by every rule of a set.

    Parameters
    ----------
    rules : RuleSet
    facts : mapping of field to value
        ``None``, or nothing, where a fact is not known.
    on : date
        The day for which it is asked.
    language : str
        In which the texts of the rules stand in the sentences, where they are translated.

    Raises
    ------
    DataError
        When a fact is unknown to the set or has another type; every one of them is named.
    """
    stated = kept_facts(rules.fields, facts)
    made = tuple(_one(rules, rule, stated, on, language) for rule in rules.rules)
    hard = [v for v in made if v.rule.hard]
    parts = {
        Answer.YES: Judged(Truth.YES),
        Answer.NO: Judged(Truth.NO),
    }
    whole = all_of(
        parts.get(v.answer) or Judged(Truth.UNKNOWN, frozenset(v.missing))
        for v in hard
        if v.answer in (Answer.YES, Answer.NO, Answer.UNKNOWN)
    )
    open_fields = {name for v in made for name in v.missing}
    missing = tuple(name for name in rules.fields if name in open_fields)
    return Verdict(rules, on, Answer(whole.truth.value), made, _todo(rules, made, missing, language), missing)


def _one(rules: RuleSet, rule: Rule, facts: Mapping[str, Any], on: date, language: str) -> RuleVerdict:
    if not rule.in_force(on):
        return RuleVerdict(
            rule, Answer.NOT_IN_FORCE, (), _reason(rules, rule, Answer.NOT_IN_FORCE, (), language)
        )
    answer, open_fields = rule.judged(facts)
    missing = tuple(name for name in rules.fields if name in open_fields)
    return RuleVerdict(rule, answer, missing, _reason(rules, rule, answer, missing, language))


def _reason(rules: RuleSet, rule: Rule, answer: Answer, missing: tuple[str, ...], language: str) -> str:
    title = said_as(rule.title, language)
    if answer is Answer.YES:
        return phrase("Met: {rule}.", rule=title)
    if answer is Answer.NO and rule.hard:
        return phrase("Not met: {rule}.", rule=title)
    if answer is Answer.NO:
        return phrase("Recommended, and not so: {rule}.", rule=title)
    if answer is Answer.NOT_APPLICABLE:
        return phrase("Does not apply here: {rule}.", rule=title)
    if answer is Answer.NOT_IN_FORCE:
        return phrase("Not in force on that day: {rule}.", rule=title)
    names = joint([said_as(rules.fields[n].label, language) for n in missing], "; ")
    return phrase("Not known yet: {rule}. Missing: {facts}", rule=title, facts=names)


def _todo(
    rules: RuleSet, made: tuple[RuleVerdict, ...], missing: tuple[str, ...], language: str
) -> tuple[str, ...]:
    unmet = [said_as(v.rule.todo, language) for v in made if v.answer is Answer.NO and v.rule.hard]
    asked = [phrase("State: {fact}", fact=said_as(rules.fields[n].label, language)) for n in missing]
    better = [said_as(v.rule.todo, language) for v in made if v.answer is Answer.NO and not v.rule.hard]
    return tuple(dict.fromkeys(t for t in (*unmet, *asked, *better) if t))
