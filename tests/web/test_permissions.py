"""Who may do what: the one table, role × verb, and the reasons that a "no" has."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from isopolis.web.permissions import ROLES, RULES, may, who_may
from isopolis.web.workspaces.actions import AddMember, ChangeRole, CreateWorkspace, RemoveMember

# columns: owner, analyst, participation officer, policy officer, moderator, viewer, resident, stranger
TABLE = """
workspace.create   y y y y y y y y
workspace.see      y y y y y y y -
members.manage     y - - - - - - -
members.change     y - - - - - - -
audit.read         y - - - - - - -
data.read          y y - - - - - -
data.upload        y y - - - - - -
data.correct       y y - - - - - -
data.remove        y - - - - - - -
diagnosis.start    y y - - - - - -
diagnosis.cancel   y y - - - - - -
findings.read      y y y y - y - -
findings.download  y y - y - - - -
"""
WHO = (*ROLES, "stranger")
CELLS = [
    (verb, who, cell == "y")
    for verb, *cells in map(str.split, TABLE.strip().splitlines())
    for who, cell in zip(WHO, cells, strict=True)
]


def test_the_table_has_every_verb() -> None:
    assert {verb for verb, _, _ in CELLS} == set(RULES)


@pytest.mark.parametrize(("verb", "who", "allowed"), CELLS)
def test_role_and_verb(staff: dict[str, Any], city: Any, verb: str, who: str, allowed: bool) -> None:
    verdict = may(staff[who], verb, city)
    assert bool(verdict) is allowed
    assert bool(verdict.why) is not allowed, "a no says why, a yes needs no reason"


def test_nobody_may_do_anything_before_signing_in(city: Any) -> None:
    from django.contrib.auth.models import AnonymousUser

    assert [v for v in RULES if may(AnonymousUser(), v, city)] == []
    assert may(AnonymousUser(), "data.read", city).why == "Sign in first."


def test_an_account_that_is_switched_off_may_nothing(owner: Any, city: Any) -> None:
    owner.is_active = False
    assert [v for v in RULES if may(owner, v, city)] == []


def test_the_reason_names_the_roles(staff: dict[str, Any], city: Any) -> None:
    why = may(staff["viewer"], "data.upload", city).why
    assert "owner, analyst" in why
    assert why.endswith("Yours is: viewer.")


def test_who_may(staff: dict[str, Any], city: Any) -> None:
    assert who_may("findings.download", city) == [staff[r] for r in ("owner", "analyst", "policy_officer")]


def test_founding_can_be_kept_to_administrators(settings: Any, person: Any) -> None:
    settings.OPTIONS = settings.OPTIONS | {"founding": False}
    with pytest.raises(PermissionDenied, match="administrators"):
        CreateWorkspace(person("somebody"), "Elsewhere").run()
    assert CreateWorkspace(person("boss", is_admin=True), "Elsewhere").run().slug == "elsewhere"


def test_an_administrator_sees_no_foreign_workspace(city: Any, person: Any) -> None:
    boss = person("boss", is_admin=True)
    assert [v for v in RULES if may(boss, v, city)] == ["workspace.create"]


def test_the_last_owner_stays(staff: dict[str, Any], city: Any, owner: Any) -> None:
    mine = city.membership_set.get(user=owner)
    for action in (ChangeRole(owner, city, mine, "viewer"), RemoveMember(owner, city, mine)):
        with pytest.raises(PermissionDenied, match="at least one owner"):
            action.run()
    other = city.membership_set.get(user=staff["analyst"])
    ChangeRole(owner, city, other, "owner").run()
    RemoveMember(owner, city, mine).run()
    assert city.role_of(owner) == ""


def test_a_member_is_added_once_and_must_exist(owner: Any, city: Any, person: Any) -> None:
    guest = person("guest")
    AddMember(owner, city, "GUEST@example.org", "viewer").run()
    assert city.role_of(guest) == "viewer"
    for email, role in (
        ("guest@example.org", "viewer"),
        ("nobody@example.org", "viewer"),
        (guest.email, "king"),
    ):
        with pytest.raises(ValidationError):
            AddMember(owner, city, email, role).run()


def test_a_membership_of_another_city_cannot_be_changed(owner: Any, city: Any, person: Any) -> None:
    other = CreateWorkspace(person("other"), "Othertown").run()
    theirs = other.membership_set.get()
    for action in (ChangeRole(owner, city, theirs, "owner"), RemoveMember(owner, city, theirs)):
        with pytest.raises((ValidationError, PermissionDenied)):
            action.run()
    assert other.membership_set.get().role == "owner"
