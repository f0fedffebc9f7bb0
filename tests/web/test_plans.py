"""Action plans on the platform: drafted, edited, moved, logged, exported, public; nobody else's."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone

from isopolis.act.plan import COLUMNS, read_plan, to_plain
from isopolis.web.audit.models import AuditEvent
from isopolis.web.partnerships.actions import CreatePartnership
from isopolis.web.plans.actions import (
    AddAction,
    CreatePlan,
    DraftPlan,
    EditAction,
    EditPlan,
    MoveAction,
    PublishPlan,
    RemoveAction,
    WithdrawPlan,
    moving,
)
from isopolis.web.plans.drafting import newest_diagnosis
from isopolis.web.plans.lines import LISTS, parsed, written
from isopolis.web.plans.models import ActionPlan
from isopolis.web.plans.showing import FILES
from isopolis.web.plans.standing import facts
from isopolis.web.workspaces.actions import CreateWorkspace

from .test_pages import check
from .towns import diagnosed

FIELDS: dict[str, Any] = {
    "title": "Open later",
    "pillar": "pillar:knowledge",
    "theme": "theme:childcare",
    "measure_type": "measure_type:targeted",
    "bottleneck": "Opening hours",
    "objective": "Work and children fit",
    "groups": ["group:women"],
    "outputs": [{"title": "Map of hours"}],
    "leader": "Youth office",
    "start": "2026-12-01",
    "end": "2028-11-30",
    "resources": {"amount": 1000, "currency": "EUR"},
    "indicators": [{"name": "Places", "baseline": 40, "target": 160}],
}


@pytest.fixture
def row(city: Any, owner: Any) -> ActionPlan:
    made = CreatePlan(owner, city, title="Our plan").run()
    return AddAction(owner, city, row=made, fields=FIELDS).run()


def now(row: ActionPlan) -> ActionPlan:
    return ActionPlan.objects.get(pk=row.pk)


def consulted(row: ActionPlan) -> ActionPlan:
    """Write into the plan that a consultation was held."""
    over = {"opens": "2026-01-01", "closes": "2026-02-01"}
    ActionPlan.objects.filter(pk=row.pk).update(content=row.content | {"consultation": over})
    return now(row)


def move(user: Any, row: ActionPlan, *states: str, why: str = "") -> ActionPlan:
    for to in states:
        row = moving(to)(user, row.home, row=now(row), name="a1", to=to, why=why).run()
    return row


# -- making and changing -------------------------------------------------------------------------------
def test_plans_count_in_each_place(city: Any, owner: Any, person: Any) -> None:
    other = person("other")
    elsewhere = CreateWorkspace(other, "Othertown").run()
    together = CreatePartnership(other, "Ten cities", "").run()
    made = [CreatePlan(owner, city, title=t).run() for t in "ab"]
    assert [m.number for m in made] == [1, 2]
    assert CreatePlan(other, elsewhere, title="c").run().number == 1
    assert CreatePlan(other, together, title="d").run().number == 1


def test_changes_are_logged_twice_and_nobody_is_named(row: ActionPlan, owner: Any) -> None:
    EditAction(owner, row.home, row=row, name="a1", fields={"title": "Secret words", "gap": "x"}).run()
    log = now(row).plan.changes
    assert [(c.what, c.who) for c in log] == [
        ("added", f"account:{owner.pk}"),
        ("title", f"account:{owner.pk}"),
        ("gap", f"account:{owner.pk}"),
    ]
    rows = AuditEvent.objects.filter(verb__startswith="plan.")
    assert [r.verb for r in rows.order_by("number")] == ["plan.create", "plan.action.add", "plan.action.edit"]
    assert "Secret" not in str([(r.detail, r.target) for r in rows])


def test_two_people_at_once(row: ActionPlan, owner: Any) -> None:
    first, second = now(row), now(row)
    EditAction(owner, row.home, row=first, name="a1", fields={"gap": "one"}).run()
    with pytest.raises(ValidationError, match="Somebody else changed"):
        EditAction(owner, row.home, row=second, name="a1", fields={"gap": "two"}).run()
    with pytest.raises(ValidationError, match="Somebody else changed"):
        EditAction(owner, row.home, row=now(row), revision=1, name="a1", fields={"gap": "two"}).run()
    assert now(row).plan.actions[0].gap == "one"


def test_wrong_values_are_said_and_nothing_is_kept(row: ActionPlan, owner: Any) -> None:
    before = now(row).content
    for change in (
        EditAction(owner, row.home, row=now(row), name="a1", fields={"pillar": "none"}),
        EditAction(owner, row.home, row=now(row), name="a9", fields={"gap": "x"}),
        EditPlan(owner, row.home, row=now(row), fields={"title": ""}),
        AddAction(owner, row.home, row=now(row), fields={"title": "x"}),
        MoveAction(owner, row.home, row=now(row), name="a1", to="nowhere"),
    ):
        with pytest.raises(ValidationError):
            change.run()
    assert now(row).content == before


def test_ids_are_never_given_twice(row: ActionPlan, owner: Any) -> None:
    two = AddAction(owner, row.home, row=now(row), fields=FIELDS).run()
    gone = RemoveAction(owner, row.home, row=now(row), name="a2").run()
    three = AddAction(owner, row.home, row=now(row), fields=FIELDS).run()
    ids = [[a.id for a in r.plan.actions] for r in (two, gone, three)]
    assert ids == [["a1", "a2"], ["a1"], ["a1", "a3"]]


# -- states ----------------------------------------------------------------------------------------------
def test_the_way_to_a_final_plan(row: ActionPlan, owner: Any) -> None:
    move(owner, row, "draft")
    with pytest.raises(ValidationError, match="No public consultation"):
        move(owner, row, "consulted")
    consulted(now(row))
    move(owner, row, "consulted", "final", "running")
    assert now(row).plan.actions[0].status == "running"
    with pytest.raises(ValidationError, match="delivered"):
        move(owner, row, "done")


def test_only_an_owner_makes_it_final(row: ActionPlan, staff: dict[str, Any]) -> None:
    officer = staff["policy_officer"]
    consulted(move(officer, row, "draft"))
    move(officer, row, "consulted")
    with pytest.raises(PermissionDenied, match="owner"):
        move(officer, row, "final")
    with pytest.raises(ValidationError, match="Only an owner"):
        MoveAction(officer, row.home, row=now(row), name="a1", to="final").run()
    with pytest.raises(PermissionDenied):
        PublishPlan(officer, row.home, row=now(row)).run()


def test_going_back_needs_a_reason(row: ActionPlan, owner: Any) -> None:
    move(owner, row, "draft")
    with pytest.raises(ValidationError, match="Say why"):
        move(owner, row, "dropped")
    assert move(owner, row, "dropped", why="No money").plan.changes[-1].why == "No money"


@pytest.mark.parametrize(
    "who", ["analyst", "participation_officer", "moderator", "viewer", "resident", "stranger"]
)
def test_others_change_nothing(row: ActionPlan, staff: dict[str, Any], who: str) -> None:
    user = staff[who]
    for change in (
        CreatePlan(user, row.home, title="x"),
        EditPlan(user, row.home, row=row, fields={"title": "x"}),
        AddAction(user, row.home, row=row, fields=FIELDS),
        EditAction(user, row.home, row=row, name="a1", fields={"gap": "x"}),
        RemoveAction(user, row.home, row=row, name="a1"),
        MoveAction(user, row.home, row=row, name="a1", to="draft"),
        PublishPlan(user, row.home, row=row),
        WithdrawPlan(user, row.home, row=row),
    ):
        with pytest.raises(PermissionDenied):
            change.run()


def test_a_plan_of_another_city_is_not_changed(row: ActionPlan, person: Any) -> None:
    other = person("other")
    elsewhere = CreateWorkspace(other, "Othertown").run()
    with pytest.raises(ValidationError, match="another workspace"):
        EditPlan(other, elsewhere, row=row, fields={"title": "x"}).run()
    together = CreatePartnership(other, "Ten cities", "").run()
    with pytest.raises(ValidationError, match="another workspace"):
        EditPlan(other, together, row=row, fields={"title": "x"}).run()


# -- drafting ------------------------------------------------------------------------------------------------
def test_a_draft_from_the_newest_diagnosis(
    city: Any, owner: Any, staff: dict[str, Any], browse: Callable[[Any], Client]
) -> None:
    diagnosed(owner, city)
    client = browse(staff["policy_officer"])
    answer = client.post(f"/w/{city.slug}/plans/draft/", follow=True)
    assert "Nothing in it is decided" in answer.content.decode()
    made = ActionPlan.objects.get()
    assert "example data" in made.plan.place
    assert made.plan.definition
    for action in made.plan.actions:
        assert (action.status, action.leader, action.objective) == ("proposal", "", "")
        page = client.get(made.address("plan_action", action.id))
        check(page, "action")
        finding = next(e for e in action.evidence if e.kind == "finding")
        job, number = finding.ref.removeprefix("diagnosis:").split("/")
        assert f"/w/{city.slug}/diagnoses/{job}/findings/{number}/" in page.content.decode()


def test_no_diagnosis_no_draft(city: Any, owner: Any, person: Any, browse: Callable[[Any], Client]) -> None:
    assert newest_diagnosis(city) is None
    with pytest.raises(ValidationError):
        DraftPlan(owner, city, title="x").run()
    other = person("other")
    elsewhere = CreateWorkspace(other, "Othertown").run()
    with pytest.raises(ValidationError, match="another workspace"):
        DraftPlan(owner, city, title="x", job=diagnosed(other, elsewhere)).run()
    assert browse(owner).post(f"/w/{city.slug}/plans/draft/").status_code == 302
    assert not ActionPlan.objects.exists()


# -- pages ---------------------------------------------------------------------------------------------------
def inner(row: ActionPlan) -> list[str]:
    names = ("plan", "plan_edit", "plan_glance", "plan_log", "plan_monitoring", "plan_action_new")
    one = ("plan_action", "plan_action_edit")
    return [*(row.address(n) for n in names), *(row.address(n, "a1") for n in one)]


def test_every_page_is_well_formed(row: ActionPlan, owner: Any, browse: Callable[[Any], Client]) -> None:
    client = browse(owner)
    for path in (f"/w/{row.home.slug}/", f"/w/{row.home.slug}/plans/", *inner(row), "/plans/"):
        answer = client.get(path)
        assert answer.status_code == 200, path
        check(answer, path)
        assert len(answer.content) < 60_000


def test_who_reads_and_who_does_not(
    row: ActionPlan, staff: dict[str, Any], browse: Callable[[Any], Client]
) -> None:
    for who, user in staff.items():
        client = browse(user)
        status = client.get(row.address("plan_glance")).status_code
        expected = {"stranger": 404, "resident": 403, "moderator": 403}.get(who, 200)
        assert status == expected, who
        assert client.get(row.address("plan_edit")).status_code == (
            200 if who in ("owner", "policy_officer") else 404 if who == "stranger" else 403
        )
    assert Client().get(row.address("plan")).status_code == 302


def test_an_officer_writes_an_action_by_form(
    row: ActionPlan, owner: Any, browse: Callable[[Any], Client]
) -> None:
    client = browse(owner)
    data = {
        "title": "Night buses",
        "pillar": "pillar:funding",
        "theme": "theme:mobility",
        "groups": "women\nCHILDREN",
        "activities": "Ask riders | Transport office | spring",
        "outputs": "Timetable | paper | 2027-05-31",
        "milestones": "Vote | 2027-01-31",
        "indicators": "Lines | lines | 3 | 2024 | 9,5 | 2028-01-01",
        "money": "10.5",
        "currency": "EUR",
        "revision": now(row).revision,
    }
    answer = client.post(row.address("plan_action_new"), data, follow=True)
    assert answer.status_code == 200
    made = now(row).plan.action("a2")
    assert made is not None, answer.content.decode()
    assert made.groups == ("group:women", "group:children")
    assert made.outputs[0].due is not None
    assert made.indicators[0].target == 9.5
    assert made.resources.amount == 10.5
    # what is kept unchanged leaves no trace
    form = client.get(row.address("plan_action_edit", "a2")).context["form"]
    again = {k: ("" if v is None else v) for k, v in form.initial.items()}
    again |= {k: v.isoformat() for k, v in again.items() if hasattr(v, "isoformat")}
    again = {k: v for k, v in again.items() if v is not False}
    logged = len(now(row).plan.changes)
    assert client.post(row.address("plan_action_edit", "a2"), again).status_code == 302
    assert len(now(row).plan.changes) == logged


def test_all_mistakes_of_a_form_are_shown(
    row: ActionPlan, owner: Any, browse: Callable[[Any], Client]
) -> None:
    data = {
        "title": "x",
        "pillar": "",
        "groups": "elves",
        "outputs": "A | B | soon\nC | D | E | F | G | H",
        "money": "3",
        "revision": now(row).revision,
    }
    answer = browse(owner).post(row.address("plan_action_new"), data)
    page = answer.content.decode()
    check(answer, "form")
    assert {"pillar", "groups", "outputs", "currency"} <= set(answer.context["form"].errors)
    assert "Line 1" in page
    assert "Line 2 has 6 parts" in page


def test_the_page_says_why_not(row: ActionPlan, owner: Any, browse: Callable[[Any], Client]) -> None:
    move(owner, row, "draft")
    page = browse(owner).get(row.address("plan_action", "a1")).content.decode()
    assert "No public consultation on this plan is over yet" in page
    answer = browse(owner).post(
        row.address("plan_action_move", "a1"), {"to": "consulted", "revision": now(row).revision}, follow=True
    )
    assert "No public consultation" in answer.content.decode()


def test_scripts_stay_words(row: ActionPlan, owner: Any, browse: Callable[[Any], Client]) -> None:
    bad = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    outputs = [{"title": bad}]
    EditAction(
        owner, row.home, row=now(row), name="a1", fields={"title": bad, "bottleneck": bad, "outputs": outputs}
    ).run()
    for path in inner(row):
        answer = browse(owner).get(path)
        check(answer, path)
        assert "<script>alert" not in answer.content.decode()
        assert "<img src=x" not in answer.content.decode()


def test_the_glance_says_what_the_table_says(
    row: ActionPlan, owner: Any, browse: Callable[[Any], Client]
) -> None:
    answer = browse(owner).get(row.address("plan_glance"))
    glance = answer.context["glance"]
    texts = ET.fromstring(glance["svg"]).iter("{http://www.w3.org/2000/svg}text")
    drawn = {"".join(t.itertext()).strip() for t in texts}
    for theme, bottleneck, action, state, output in glance["table"].rows:
        assert {theme, bottleneck, f"{action} ({state})", output} <= drawn
    assert "Map of hours" in answer.content.decode()


# -- files ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", FILES)
def test_files(row: ActionPlan, owner: Any, browse: Callable[[Any], Client], name: str) -> None:
    answer = browse(owner).get(row.address("plan_file", name))
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    body = answer.content
    if name.endswith(".csv"):
        assert tuple(next(csv.reader(io.StringIO(body.decode())))) == COLUMNS
    if name.endswith(".json"):
        assert read_plan(json.loads(body)["plan"]) == now(row).plan
    assert browse(owner).get(row.address("plan_file", "secret_key")).status_code == 404


# -- the public page -----------------------------------------------------------------------------------------
@pytest.fixture
def final(row: ActionPlan, owner: Any) -> ActionPlan:
    move(owner, row, "draft")
    consulted(now(row))
    return move(owner, row, "consulted", "final")


def test_nothing_is_public_before(row: ActionPlan, owner: Any) -> None:
    assert Client().get(row.public_url()).status_code == 404
    with pytest.raises(ValidationError, match="not final"):
        PublishPlan(owner, row.home, row=row).run()
    empty = CreatePlan(owner, row.home, title="e").run()
    with pytest.raises(ValidationError, match="no action"):
        PublishPlan(owner, row.home, row=empty).run()


def test_a_public_plan_stays_as_it_was_published(final: ActionPlan, owner: Any) -> None:
    PublishPlan(owner, final.home, row=final, note="First").run()
    client, address = Client(), now(final).public_url()
    answer = client.get(address)
    check(answer, address)
    assert "Open later" in answer.content.decode()
    assert "version 1: First" in answer.content.decode()
    EditAction(owner, final.home, row=now(final), name="a1", fields={"leader": "Changed office"}).run()
    assert "Changed office" not in client.get(address).content.decode()
    for name in FILES:
        body = client.get(f"{address}files/{name}")
        assert body.status_code == 200
        assert f"account:{owner.pk}".encode() not in body.content
    assert "Our plan" in client.get("/plans/").content.decode()
    WithdrawPlan(owner, final.home, row=now(final)).run()
    assert client.get(address).status_code == 404
    assert client.get(f"{address}files/plan.json").status_code == 404


def test_nobody_is_named_in_public(final: ActionPlan, owner: Any) -> None:
    PublishPlan(owner, final.home, row=final).run()
    public = json.dumps(now(final).public)
    assert "account:" not in public
    assert read_plan(now(final).public).versions[0].number == 1


@pytest.mark.parametrize("number", [0, 99, 2**40, 10**30])
def test_numbers_that_are_none(db: None, number: int) -> None:
    assert Client().get(f"/plans/nowhere/{number}/").status_code == 404


# -- partnerships ----------------------------------------------------------------------------------------
def test_a_partnership_has_plans_too(person: Any, browse: Callable[[Any], Client]) -> None:
    lead, stranger = person("lead"), person("outsider")
    together = CreatePartnership(lead, "Ten cities", "").run()
    client = browse(lead)
    answer = client.post(f"/partnerships/{together.slug}/plans/", {"title": "Joint plan"}, follow=True)
    assert answer.status_code == 200
    made = AddAction(lead, together, row=ActionPlan.objects.get(), fields=FIELDS).run()
    for path in (f"/partnerships/{together.slug}/plans/", *inner(made)):
        page = client.get(path)
        assert page.status_code == 200, path
        check(page, path)
        assert browse(stranger).get(path).status_code == 404
    move(lead, made, "draft")
    consulted(now(made))
    move(lead, made, "consulted", "final")
    PublishPlan(lead, together, row=now(made)).run()
    assert Client().get(now(made).public_url()).status_code == 200
    with pytest.raises(PermissionDenied):
        EditPlan(stranger, together, row=now(made), fields={"title": "x"}).run()


# -- lines ----------------------------------------------------------------------------------------
def test_lines_come_back() -> None:
    from isopolis.act.plan import Action

    from ..act.plans import WHOLE

    whole = Action.model_validate(WHOLE)
    for name in LISTS:
        items = getattr(whole, name)
        assert items
        again = whole.model_validate(whole.model_dump() | {name: parsed(name, written(name, items))})
        assert getattr(again, name) == items


def test_facts_of_a_plan(row: ActionPlan) -> None:
    known = facts(row, timezone.now())
    assert "theme:housing" in known.terms
    assert not known.consulted
    assert to_plain(row.plan) == row.content
