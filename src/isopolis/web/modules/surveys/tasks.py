"""Counting and weighting the answers of a survey, as a background job."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from django.utils import timezone

from isopolis.engage.surveys.form import Form
from isopolis.engage.surveys.results import QuestionResult, Results, results
from isopolis.flows.surveys import question_json, results_json
from isopolis.flows.surveys_confirmed import confirmed_margins
from isopolis.flows.who_took_part import policy_of
from isopolis.model import City
from isopolis.model.text import to_tree
from isopolis.web.actions import ValidationError
from isopolis.web.datasets.models import Dataset
from isopolis.web.datasets.storage import snapshot

from . import box
from .actions import ended, turnout
from .models import Answer, Apart, Survey, Version

__all__ = ["THRESHOLD", "count"]

THRESHOLD = 10
"""Fewest people that are shown."""


def count(job: Any, say: Callable[[str], None]) -> None:
    """Read census and answers, weight, pass the gate, and keep what may be shown."""
    survey = Survey.objects.select_related("module__process").get(pk=job.subject)
    revision, asked = survey.revision, survey.asked
    over = ended(survey.module, timezone.now())
    if over:
        try:
            box.flush(survey, THRESHOLD)
        except ValidationError:
            say("answers that were lost in a restore are left out")
    version = Version.objects.get(pk=asked["version"])
    city = _city(asked, job, say)
    if city is not None:
        known = {d.name: [str(d.title), list(d.categories)] for t in city.counts for d in t.dimensions}
        Survey.objects.filter(pk=survey.pk).update(known={"dimensions": known})
    say("counting and weighting")
    shown = _shown(survey, version, city, over)
    # what was asked for meanwhile has its own job
    Survey.objects.filter(pk=survey.pk, revision=revision).update(shown=shown, counted_at=timezone.now())


def _city(asked: Mapping[str, Any], job: Any, say: Callable[[str], None]) -> City | None:
    from isopolis.flows.cities import load

    found = Dataset.objects.filter(pk=asked["dataset"] or None, workspace_id=job.workspace_id).first()
    return load(snapshot(found, found.config), progress=say) if found is not None else None


def _shown(survey: Survey, version: Version, city: City | None, over: bool) -> dict[str, Any]:
    """Put results together: those that are weighted, and those about special categories, which are not."""
    form, rows = version.form, Answer.objects.filter(version=version).order_by("pk")
    given: list[dict[str, str]] = list(rows.values_list("given", flat=True))
    policy, special = policy_of(THRESHOLD), set(version.purposes)
    by = confirmed_margins(form, given, city, survey.asked["weights"]) if city is not None else []
    told = results(_part(form, set(form.by_name) - special), given, by, policy=policy)
    found = {q.name: (q, "") for q in told.questions}
    if special:
        apart = results(_part(form, special), _apart(version, len(given)), policy=policy)
        found |= {q.name: (q, "apart") for q in apart.questions}
    plain: dict[str, Any] = to_tree(results_json(told)) | {
        "questions": [_question(*found[q.name]) for q in form.asked],
        "version": version.pk.hex, "whole": over, "channels": _channels(version),
        "turnout": turnout(survey) if survey.access == Survey.Access.ROLL else {},
        "furthest": round(told.raked.furthest, 6),
        "notes": to_tree(list(told.notes)), "refused": _reason(told),
    }  # fmt: skip
    return plain


def _reason(told: Results) -> Any:
    return to_tree(told.raked.refusal.reason) if told.raked.refusal is not None else ""


def _part(form: Form, names: set[str]) -> Form:
    return replace(form, questions=tuple(q for q in form.questions if q.name in names))


def _apart(version: Version, people: int) -> list[dict[str, str]]:
    """Return answers about special categories as if of people; what stands in one row belongs to nobody."""
    columns: dict[str, list[str]] = {}
    rows = Apart.objects.filter(version=version).order_by("question", "value")
    for question, value in rows.values_list("question", "value"):
        columns.setdefault(question, []).append(value)
    out: list[dict[str, str]] = [{} for _ in range(people)]
    for question, values in columns.items():
        for row, value in zip(out, values, strict=False):
            row[question] = value
    return out


def _question(q: QuestionResult, kind: str) -> dict[str, Any]:
    """Return one result as plain values; its labels are those of the form and are not kept."""
    plain: dict[str, Any] = question_json(q)
    plain |= {"apart": kind == "apart", "notes": to_tree(list(q.notes)),
              "refused": to_tree(q.refusal.reason) if q.refusal is not None else ""}  # fmt: skip
    return plain


def _channels(version: Version) -> list[list[Any]]:
    """How many by which channel; small numbers are hidden, and one more where only one is small."""
    sums: dict[str, int] = {}
    for channel in Answer.objects.filter(version=version).order_by().values_list("channel", flat=True):
        sums[channel] = sums.get(channel, 0) + 1
    small = {c for c, n in sums.items() if n < THRESHOLD}
    if len(small) == 1 and len(sums) > 1:
        small.add(min((c for c in sums if c not in small), key=lambda c: (sums[c], c)))
    return [[channel, None if channel in small else n] for channel, n in sorted(sums.items())]
