"""The audit log: every change is in it, a changed row shows, and no person stands in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.forms.models import model_to_dict

from isopolis.web.audit.chain import SENTENCES, append, say, verify
from isopolis.web.audit.models import AuditEvent, AuditHead
from isopolis.web.workspaces.actions import AddMember, CreateWorkspace

from .towns import upload


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_whole_log_is_whole(staff: dict[str, Any]) -> None:
    assert AuditEvent.objects.count() == 7
    assert list(verify()) == []


CHANGES: dict[str, tuple[str, str]] = {
    "a verb": ("UPDATE audit_auditevent SET verb = 'data.remove' WHERE number = 3", "row 3 .* was changed"),
    "a person": ("UPDATE audit_auditevent SET actor = 99 WHERE number = 2", "row 2 .* was changed"),
    "a time": ("UPDATE audit_auditevent SET at = '2020-01-01' WHERE number = 1", "row 1 .* was changed"),
    "a detail": ("UPDATE audit_auditevent SET detail = '{}' WHERE number = 4", "row 4 .* was changed"),
    "a seal": ("UPDATE audit_auditevent SET seal = 'f00' WHERE number = 5", "row 6 does not follow"),
    "a row gone": ("DELETE FROM audit_auditevent WHERE number = 3", "rows 3 to 3 are missing"),
    "the end gone": ("DELETE FROM audit_auditevent WHERE number = 7", "ends with row 7, but .* row 6"),
    "the head": ("UPDATE audit_audithead SET count = 6", "ends with row 6, but"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_shows(staff: dict[str, Any], what: str) -> None:
    statement, said = CHANGES[what]
    sql(statement)
    found = " · ".join(verify())
    import re

    assert re.search(said, found), found


def test_rows_cannot_be_changed_by_the_program(city: Any) -> None:
    event = AuditEvent.objects.get(number=1)
    event.verb = "x"
    for attempt in (event.save, event.delete):
        with pytest.raises(TypeError):
            attempt()


def test_no_person_stands_in_the_log(staff: dict[str, Any], city: Any) -> None:
    upload(staff["analyst"], city)
    rows = json.dumps([model_to_dict(e) for e in AuditEvent.objects.all()], default=str)
    for user in staff.values():
        assert user.email not in rows
    assert "@" not in rows
    assert "people.csv" not in rows


def test_an_erased_person_does_not_break_the_chain(staff: dict[str, Any], city: Any) -> None:
    upload(staff["analyst"], city)
    gone = staff["analyst"].pk
    staff["analyst"].delete()
    assert list(verify()) == []
    event = AuditEvent.objects.filter(actor=gone).get()
    assert say(event, {}) == f"account {gone} (erased) uploaded 1 files"


def test_a_refused_change_leaves_no_row(staff: dict[str, Any], city: Any) -> None:
    before = AuditHead.objects.get().count
    with pytest.raises(PermissionDenied):
        AddMember(staff["viewer"], city, staff["stranger"].email, "owner").run()
    assert AuditHead.objects.get().count == before
    assert city.role_of(staff["stranger"]) == ""


def test_a_change_and_its_row_are_one(owner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **more: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("isopolis.web.actions.append", broken)
    with pytest.raises(RuntimeError):
        CreateWorkspace(owner, "Nowhere").run()
    assert not owner.workspace_set.exists()


def test_a_verb_needs_a_sentence(db: None) -> None:
    with pytest.raises(KeyError):
        append("nothing.known", actor=None, target="x:1")


def test_the_page_says_sentences(owner: Any, city: Any, browse: Callable[[Any], Any]) -> None:
    page = browse(owner).get(f"/w/{city.slug}/log/").content.decode()
    assert "owner created the workspace" in page


def test_no_code_stands_in_a_sentence(db: None) -> None:
    for room in (
        "modules.budget.ideas_actions",
        "modules.surveys.actions",
        "modules.worries.actions",
        "ballots.ending",
        "participation.actions",
        "plans.actions",
        "partnerships.hub.actions",
        "api.actions",
    ):
        import_module(f"isopolis.web.{room}")
    assert not [verb for verb, said in SENTENCES.items() if "{what}" in said]
    for verb, detail, said in (
        ("ballot.ask", {"what": "tally", "number": 3}, "to count the vote in process 3"),
        ("ballot.ask", {"what": "give_up", "number": 3}, "that nobody can open"),
        ("board.publish", {"what": "withdrew", "number": 3}, "took back what was published"),
        ("board.publish", {"what": "published", "number": 3}, "published who took part in process 3"),
        ("participation.enter", {"channel": "meeting", "people": 9, "number": 3}, "(at a meeting)"),
        ("plan.action.move", {"state": "consulted", "number": 1}, "“consulted on”"),
        ("hub.keep", {"kind": "news", "partnership": "1"}, "(news)"),
        ("hub.show", {"what": "members", "partnership": "1"}, "to its members only"),
        ("token.make", {"scopes": "read:data, read:audit"}, "Read the log of changes"),
        ("account.security", {"what": "password"}, "chose another password"),
    ):
        assert said in say(append(verb, actor=None, target="x:1", detail=detail), {})


def test_a_code_of_an_earlier_version_is_given_as_it_is(db: None) -> None:
    old = append("plan.action.move", actor=None, target="x:1", detail={"state": "gone", "number": 1})
    assert "“gone”" in say(old, {})
