"""What became of projects that won: steps, delays with reasons, money, a feed; by the officer only."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from isopolis.web.audit.models import AuditEvent
from isopolis.web.modules.budget.delivery_actions import STEPS_MOST, SaveStep
from isopolis.web.modules.budget.delivery_standing import standing_of
from isopolis.web.modules.budget.models import Budget, Idea, Milestone

from .budget_votes import budget_for
from .test_pages import check

TODAY = date(2026, 5, 3)


@pytest.fixture
def budget(owner: Any, city: Any) -> Budget:
    """A budget whose vote gave money to two of its projects."""
    made = budget_for(owner, city)
    made.ideas.update(state="on_ballot", won=False)
    made.ideas.filter(number__in=[1, 4]).update(won=True)
    return made


def at(budget: Budget, name: str, *more: Any) -> str:
    process = budget.module.process
    return reverse(name, args=[process.workspace.slug, process.number, budget.module.pk, *more])


def step(state: str, planned: int, **more: Any) -> Milestone:
    return Milestone(what=f"step {planned}", state=state, planned_on=TODAY + timedelta(days=planned), **more)


@pytest.mark.parametrize(
    ("steps", "stands"),
    [
        ([], "unplanned"),
        ([("planned", 5)], "planned"),
        ([("reached", -9), ("planned", 5)], "running"),
        ([("running", 5)], "running"),
        ([("reached", -9), ("reached", -1)], "built"),
        ([("late", 5)], "late"),
        # its day is over and nobody has said so: the calendar says it
        ([("planned", -1)], "late"),
        ([("running", -1), ("planned", 5)], "late"),
        ([("planned", 0)], "planned"),
        ([("reached", -9), ("stopped", 5)], "stopped"),
    ],
)
def test_how_a_project_stands(steps: list[tuple[str, int]], stands: str) -> None:
    rows = [step(s, d, position=n) for n, (s, d) in enumerate(steps)]
    for n, row in enumerate(rows):
        row.pk = n
    assert standing_of(Idea(number=1, cost=100), rows, TODAY).stands == stands


def test_money_next_step_and_the_published_reason() -> None:
    rows = [
        step("planned", 30, spent=0), step("reached", -30, spent=70),
        step("late", 3, spent=50, note="The firm went bankrupt."),
    ]  # fmt: skip
    for n, row in enumerate(rows):
        row.pk = n
    one = standing_of(Idea(number=1, cost=100), rows, TODAY)
    assert (one.spent, one.too_much, one.reached) == (120, True, 1)
    assert one.next is not None
    assert one.next.row is rows[2]
    assert one.reason == "The firm went bankrupt."
    assert [s.row for s in one.steps] == [rows[1], rows[2], rows[0]], "by the day that was planned"


def test_an_officer_keeps_the_steps_and_everybody_follows(
    budget: Budget, staff: dict[str, Any], browse: Any
) -> None:
    officer, anybody = browse(staff["participation_officer"]), Client()
    page, one = at(budget, "budget_delivery"), at(budget, "budget_built", 4)
    for address in (page, one):
        check(anybody.get(address), address)
    assert "0 of 2 funded projects are built" in anybody.get(page).content.decode()
    new = at(budget, "budget_step_new", 4)
    check(officer.get(new), new)
    soon = timezone.localdate() + timedelta(days=30)
    sent = {"what": "The contract is signed", "planned_on": soon.isoformat(), "state": "planned"}
    assert officer.post(new, sent).status_code == 302
    row = Milestone.objects.get()
    edit = at(budget, "budget_step", 4, row.pk)
    check(officer.get(edit), edit)
    late = officer.post(edit, sent | {"state": "late"})
    check(late, edit)
    assert "Write why it is late" in late.content.decode()
    reason = "No firm could be found <b>yet</b>."
    assert officer.post(edit, sent | {"state": "late", "note": reason}).status_code == 302
    text = anybody.get(one).content.decode()
    check(anybody.get(one), one)
    assert "No firm could be found &lt;b&gt;yet&lt;/b&gt;." in text
    done = sent | {"state": "reached", "reached_on": "", "spent": "1200,50", "note": ""}
    assert officer.post(edit, done).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.reached_on, row.spent) == ("reached", timezone.localdate(), 120_050)
    overview = anybody.get(page).content.decode()
    assert "1 of 2 funded projects are built" in overview
    assert "1,200.50" in overview
    assert 'value="1200.50"' in officer.get(edit).content.decode()
    assert edit not in anybody.get(one).content.decode(), "only the officer is offered changes"
    event = AuditEvent.objects.filter(verb="delivery.step").last()
    assert event is not None
    assert event.detail == {"number": budget.process.number, "project": 4, "state": "reached"}


def test_the_feed_tells_the_newest_steps_and_of_nobody(budget: Budget, owner: Any) -> None:
    city, idea = budget.process.workspace, budget.ideas.get(number=4)
    for n, what in enumerate(("Plans <drawn>", "It is open")):
        now = datetime(2026, 5, 3 + n, 12, tzinfo=UTC)
        SaveStep(owner, city, budget, idea, what, date(2026, 5, 3), "reached", now=now).run()
    answer = Client().get(at(budget, "budget_delivery_feed"))
    assert answer["Content-Type"].startswith("application/atom+xml")
    root = ET.fromstring(answer.content)
    space = "{http://www.w3.org/2005/Atom}"
    titles = [t.text for t in root.findall(f"{space}entry/{space}title")]
    assert titles == ["مقاعد في الحديقة: It is open (reached)", "مقاعد في الحديقة: Plans <drawn> (reached)"]
    assert root.findall(f".//{space}author") == []
    assert "owner" not in answer.content.decode()
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("who", ["moderator", "analyst", "resident", "stranger"])
def test_nobody_else_writes_steps(budget: Budget, staff: dict[str, Any], browse: Any, who: str) -> None:
    idea = budget.ideas.get(number=4)
    with pytest.raises(PermissionDenied):
        SaveStep(staff[who], budget.process.workspace, budget, idea, "x", TODAY).run()
    assert browse(staff[who]).get(at(budget, "budget_step_new", 4)).status_code == 403
    assert Client().get(at(budget, "budget_step_new", 4)).status_code == 302


def test_what_makes_no_sense_is_refused(budget: Budget, owner: Any) -> None:
    city = budget.process.workspace
    won, lost = budget.ideas.get(number=4), budget.ideas.get(number=3)

    def save(idea: Idea = won, what: str = "x", planned: date | None = TODAY, **more: Any) -> Milestone:
        made: Milestone = SaveStep(owner, city, budget, idea, what, planned, **more).run()
        return made

    with pytest.raises(ValidationError, match="Only what the vote has funded"):
        save(lost)
    with pytest.raises(ValidationError) as error:
        save(what=" ", planned=None, state="eaten", spent=-1)
    assert len(error.value.messages) == 4
    with pytest.raises(ValidationError, match="still to come"):
        save(state="reached", reached_on=date(2026, 5, 4), now=datetime(2026, 5, 3, tzinfo=UTC))
    with pytest.raises(ValidationError, match="The reason is published"):
        save(state="stopped")
    first = save()
    with pytest.raises(ValidationError, match="another project"):
        save(budget.ideas.get(number=1), step=first)
    Milestone.objects.bulk_create(
        Milestone(idea=won, what="x", planned_on=TODAY) for _n in range(STEPS_MOST - 1)
    )
    with pytest.raises(ValidationError, match="at most"):
        save()


def test_foreign_projects_and_steps_are_not_found(budget: Budget, owner: Any, browse: Any) -> None:
    step_of_1 = Milestone.objects.create(idea=budget.ideas.get(number=1), what="x", planned_on=TODAY)
    client = browse(owner)
    assert client.get(at(budget, "budget_built", 3)).status_code == 404, "not funded"
    assert client.get(at(budget, "budget_step", 4, step_of_1.pk)).status_code == 404
    assert client.get(at(budget, "budget_step", 4, 0)).status_code == 404
