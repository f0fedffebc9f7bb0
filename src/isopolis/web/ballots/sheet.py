"""A ballot as a page shows it and as a form sends it, for those who vote and for those who enter paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.http import QueryDict
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from isopolis.engage.ledger.ballot import Question

from .grouping import RefusedError

__all__ = ["Line", "choice_of", "hidden_fields", "lines_of", "money", "rules_of"]

TICKS = ("approval", "choose-1", "knapsack")


@dataclass(frozen=True, slots=True)
class Line:
    """A project on a ballot: id, name, cost in words, place, name of its field, and what was put there."""

    id: str
    name: str
    cost: str
    place: str
    field: str
    value: str
    chosen: bool


def money(question: Question, units: int) -> str:
    """Write an amount in the currency of the vote."""
    amount = Fraction(units, question.scale)
    digits = 0 if amount.denominator == 1 else 2
    shown = number_format(float(amount), decimal_pos=digits, use_l10n=True, force_grouping=True)
    return f"{shown} {question.currency}".strip()


def _field(question: Question, number: int) -> str:
    return "choice" if question.ballot in TICKS else f"p{number}"


def lines_of(question: Question, sent: QueryDict | None = None) -> list[Line]:
    """Return the projects with what somebody has put beside each."""
    ticked = set(sent.getlist("choice")) if sent is not None else set()
    out = []
    for number, p in enumerate(question.projects):
        field = _field(question, number)
        value = (sent.get(field, "") if sent is not None else "") if field != "choice" else p.id
        chosen = p.id in ticked if field == "choice" else bool(value)
        out.append(Line(p.id, p.name or p.id, money(question, p.cost), p.place, field, value, chosen))
    return out


def choice_of(question: Question, sent: QueryDict) -> list[str] | dict[str, int]:
    """Read a choice from what a form sends.

    Raises
    ------
    RefusedError
        If a number is none, or two projects have the same place in a ranking.
    """
    if question.ballot in TICKS:
        return sent.getlist("choice")[:2000]
    numbers = _numbers(question, sent)
    if question.ballot != "ordinal":
        return numbers
    places = list(numbers.values())
    if len(set(places)) != len(places):
        raise RefusedError("ballot", _("Two projects have the same place. Give each place once."))
    return sorted(numbers, key=lambda p: numbers[p])


def _numbers(question: Question, sent: QueryDict) -> dict[str, int]:
    out = {}
    for number, p in enumerate(question.projects):
        typed = sent.get(f"p{number}", "").strip()
        if not typed or typed == "0":
            continue
        if not (typed.isdecimal() and len(typed) <= 6):
            raise RefusedError("ballot", _("“%(text)s” is no whole number.") % {"text": typed[:20]})
        out[p.id] = int(typed)
    return out


def hidden_fields(question: Question, sent: QueryDict) -> list[tuple[str, str]]:
    """Return name and value of everything that a page carries on to the next one."""
    if question.ballot in TICKS:
        return [("choice", one) for one in sent.getlist("choice")]
    return [(f"p{n}", sent.get(f"p{n}", "")) for n in range(len(question.projects)) if sent.get(f"p{n}")]


def rules_of(question: Question) -> list[str]:
    """Say how the ballot is filled in, one sentence per limit."""
    kind: Mapping[str, Any] = {
        "approval": _("Tick the projects that you want."),
        "choose-1": _("Choose the project that you want most."),
        "knapsack": _("Tick the projects that you want; together they cost no more than the budget."),
        "cumulative": _("Give points to the projects that you want, out of one sum."),
        "scoring": _("Give points to each project that you want."),
        "ordinal": _("Number the projects that you want: 1 is the one you want most, then 2, and so on."),
    }
    limits, said = question.limits, [kind[question.ballot]]
    if limits.min_length:
        said.append(_("At least %(n)s projects.") % {"n": limits.min_length})
    if limits.max_length and question.ballot != "choose-1":
        said.append(_("At most %(n)s projects.") % {"n": limits.max_length})
    if limits.max_cost:
        said.append(_("Together they cost at most %(money)s.") % {"money": money(question, limits.max_cost)})
    if question.ballot == "cumulative":
        said.append(_("You have %(n)s points.") % {"n": limits.max_points})
    if question.ballot == "scoring":
        said.append(_("At most %(n)s points for one project.") % {"n": question.most_points})
    return said
