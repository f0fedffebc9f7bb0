"""Plans: exact figures of a diagnosis stay inside; everybody sees what went through the privacy gate."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from isopolis.web.diagnoses.store import result_folder
from isopolis.web.modules.consultation.actions import OpenConsultation
from isopolis.web.modules.consultation.models import Consultation
from isopolis.web.plans.actions import AddAction, CreatePlan, EditAction, PublishPlan
from isopolis.web.plans.models import ActionPlan
from isopolis.web.plans.shielding import shielded
from isopolis.web.plans.showing import FILES
from isopolis.web.publish.actions import Withdraw

from . import publishing
from .publishing import diagnosed, published
from .test_consultation import end, midnight
from .test_plans import FIELDS, move, now

light = publishing.light
undrawn = publishing.undrawn

SENTENCE = "By the measure, 41.237% of women would have to move in 2024. "


def lines(source: Any) -> list[dict[str, Any]]:
    text = (result_folder(source) / "findings.json").read_text(encoding="utf-8")
    found: list[dict[str, Any]] = json.loads(text)
    return found


def drafted(owner: Any, city: Any, job: Any, number: int, baseline: float = 0.41237) -> ActionPlan:
    """Make a plan as a draft from this finding would be."""
    ref = f"diagnosis:{job.pk}/{number}"
    fields = FIELDS | {
        "bottleneck": SENTENCE.strip(),
        "indicators": [
            {"name": "Women", "finding": ref, "baseline": baseline, "baseline_date": "2024", "target": 0.2},
            {"name": "Places", "baseline": 40, "target": 160},
        ],
        "evidence": [
            {"kind": "finding", "ref": ref, "title": "Women", "why": SENTENCE + "It is the widest."},
            {"kind": "document", "ref": "report", "why": "41.237 stands in it"},
        ],
    }
    made = AddAction(owner, city, row=CreatePlan(owner, city, title="Our plan").run(), fields=fields).run()
    return move(owner, made, "draft")


def asked(owner: Any, row: ActionPlan) -> Consultation:
    start = midnight()
    opening = (owner, row.home, "T", "consultation", start, now(row), "D", start + timedelta(days=42))
    return Consultation.objects.get(module=OpenConsultation(*opening).run().module_set.get())


def everything(row: ActionPlan, held: Consultation) -> str:
    base, address = held.module.get_absolute_url(), now(row).public_url()
    paths = [base, base + "answers/a1/", address, *(f"{address}files/{n}" for n in FILES if n != "plan.pdf")]
    answers = [Client().get(p) for p in paths]
    assert {a.status_code for a in answers} == {200}
    return "".join(a.content.decode("utf-8", "replace") for a in answers)


def public(owner: Any, row: ActionPlan) -> str:
    held = asked(owner, row)
    end(held)
    move(owner, row, "consulted", "final")
    PublishPlan(owner, row.home, row=now(row)).run()
    return everything(row, held)


def test_figures_that_are_not_published_stay_inside(
    owner: Any, city: Any, browse: Callable[[Any], Client]
) -> None:
    row = drafted(owner, city, diagnosed(owner, city), 0)
    seen = public(owner, row)
    assert "41.237% of women" not in seen
    assert "0.41237" not in seen
    assert "Women: measured, not published" in seen
    assert "41.237 stands in it" in json.dumps(now(row).public), "what is no finding stays"
    shown = json.loads(json.dumps(now(row).public))["actions"][0]
    assert [i["baseline"] for i in shown["indicators"]] == [None, 40]
    inside = browse(owner).get(row.address("plan_action", "a1")).content.decode()
    assert "41.237% of women" in inside


def test_figures_that_are_published_are_shown_as_published(owner: Any, city: Any, undrawn: None) -> None:
    job = diagnosed(owner, city)
    release = published(owner, city, job)
    out = lines(release)
    key = ("measure", "dimension", "group", "versus", "scale", "scope", "date")
    into = {tuple(f[k] for k in key): n for n, f in enumerate(lines(job))}
    there, number = next((f, into[k]) for f in out if (k := tuple(f[x] for x in key)) in into)
    row = drafted(owner, city, job, number, 0.987654321)
    seen = public(owner, row)
    assert "0.987654321" not in seen
    assert "41.237% of women" not in seen
    assert "measured, not published" not in seen
    shown = now(row).public["actions"][0]
    assert shown["indicators"][0]["baseline"] == there["value"]
    assert shown["bottleneck"] == shown["evidence"][0]["why"] == there["explanation"]
    Withdraw(owner, city, release).run()
    again = shielded(now(row).plan, city).actions[0]
    assert again.indicators[0].baseline is None


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (
            f"Also shifts. {SENTENCE}People leave.",
            "Women: measured, not published Also shifts. People leave.",
        ),
        ("Corrected: 41.237 in 2024", "Women: measured, not published"),
        ("Opening hours since 2024", "Opening hours since 2024"),
    ],
)
def test_sentences_that_somebody_wrote_on(owner: Any, city: Any, text: str, kept: str) -> None:
    row = drafted(owner, city, diagnosed(owner, city), 0)
    EditAction(owner, city, row=now(row), name="a1", fields={"bottleneck": text}).run()
    assert shielded(now(row).plan, city).actions[0].bottleneck == kept


@pytest.mark.parametrize("ref", ["diagnosis:nothing/0", "diagnosis:{job}/99999", "diagnosis:{job}/0"])
def test_what_cannot_be_looked_up_is_not_shown(
    owner: Any, city: Any, undrawn: None, ref: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = diagnosed(owner, city)
    release = published(owner, city, job)
    (result_folder(release) / "findings.json").rename(release.folder / "gone.json")
    row = drafted(owner, city, job, 0)
    wrong = [{"name": "Women", "finding": ref.format(job=job.pk), "baseline": 0.41237}]
    EditAction(owner, city, row=now(row), name="a1", fields={"indicators": wrong}).run()
    shown = shielded(now(row).plan, city).actions[0].indicators[0]
    assert (shown.baseline, shown.name) == (None, "Women: measured, not published")
    assert "Women" in shielded(now(row).plan, None).actions[0].bottleneck
