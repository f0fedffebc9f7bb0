"""Figures of a diagnosis in what everybody sees of a plan: as they are public, else only that there are some.

A diagnosis counts people exactly and is read by those who work with it. What is published of it went through
the privacy gate; a plan that was drafted from it must not carry the exact figures past that gate.
"""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils.translation import gettext as _

from isopolis.act.plan import Action, Evidence, Indicator, Plan
from isopolis.web.diagnoses import store
from isopolis.web.publish.models import Publication
from isopolis.web.work.models import Job

from .drafting import finding_number

__all__ = ["shielded"]

QUESTION = ("measure", "dimension", "group", "versus", "scale", "scope", "date")
"""What makes two findings answers to one question."""
FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
YEAR = re.compile(r"(?:19|20)\d\d")
SENTENCE = re.compile(r"(?<=[.!?])\s+")


def shielded(plan: Plan, workspace: Any) -> Plan:
    """Return a plan as everybody may see it: of the figures of a diagnosis only those that are public."""
    refs = {e.ref for a in plan.actions for e in a.evidence if e.kind == "finding"}
    refs |= {i.finding for a in plan.actions for i in a.indicators}
    told = {r: _public(*number, workspace) for r in sorted(refs) if (number := finding_number(r)) is not None}
    return plan.model_copy(update={"actions": tuple(_shielded(a, told) for a in plan.actions)})


@dataclass(frozen=True, slots=True)
class _Told:
    """What is public of a finding."""

    sentence: str = ""
    number: float | None = None


def _shielded(action: Action, told: dict[str, _Told]) -> Action:
    bottleneck = action.bottleneck
    for e in action.evidence:
        if e.kind == "finding" and e.ref in told:
            bottleneck = _without(bottleneck, e, told[e.ref])
    return action.model_copy(
        update={
            "bottleneck": bottleneck,
            "evidence": tuple(_evidence(e, told) for e in action.evidence),
            "indicators": tuple(_indicator(i, told) for i in action.indicators),
        }
    )


def _without(text: str, evidence: Evidence, told: _Told) -> str:
    """Return a text with what is public in the place of the sentences that hold figures of a finding."""
    figures = {n for n in FIGURE.findall(evidence.why) if len(n) > 1 and not YEAR.fullmatch(n)}
    sentences = SENTENCE.split(text)
    kept = [s for s in sentences if figures.isdisjoint(FIGURE.findall(s))]
    if len(kept) == len(sentences):
        return text
    return " ".join((told.sentence or _hidden(evidence.title), *kept))[:8000]


def _evidence(one: Evidence, told: dict[str, _Told]) -> Evidence:
    if one.kind != "finding" or one.ref not in told:
        return one
    return one.model_copy(update={"why": told[one.ref].sentence or _hidden(one.title)})


def _indicator(one: Indicator, told: dict[str, _Told]) -> Indicator:
    if one.finding not in told or one.baseline is None:
        return one
    number = told[one.finding].number
    name = one.name if number is not None else _hidden(one.name)
    return one.model_copy(update={"baseline": number, "name": name})


def _hidden(subject: str) -> str:
    return _("%(subject)s: measured, not published") % {"subject": subject[:200]}


def _public(job: str, number: int, workspace: Any) -> _Told:
    """Look a finding of a diagnosis up in what is published of that diagnosis."""
    try:
        row = Publication.objects.filter(
            workspace=workspace, diagnosis=job, state=Publication.State.PUBLISHED
        ).order_by("-published_at", "-number").first()  # fmt: skip
        if row is None:
            return _Told()
        asked: dict[str, Any] = next(_findings(Job.objects.get(pk=job), number), {})
        there = (n for n, f in enumerate(_findings(row)) if _question(f) == _question(asked))
        found = store.finding(row, next(there))
        value = next(_findings(row, found["number"]))["value"]
    except (ValidationError, OSError, Http404, StopIteration):  # no such number; files that were cleaned away
        return _Told()
    return _Told(found["sentence"], value)


def _findings(source: Any, first: int = 0) -> Any:
    """Yield the findings of a diagnosis or publication: the file has one on each line after its first."""
    with (store.result_folder(source) / "findings.json").open(encoding="utf-8") as file:
        for line in itertools.islice(file, 1 + first, None):
            if line.startswith(" {"):
                yield json.loads(line.strip().rstrip(","))


def _question(finding: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(finding.get(name) for name in QUESTION)
