"""Who may do what: the one table, role × verb, and the reasons that a "no" has."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from isopolis.web.permissions import ROLES, RULES, Case, may, who_may
from isopolis.web.workspaces.actions import AddMember, ChangeRole, CreateWorkspace, RemoveMember

# columns: owner, analyst, participation officer, policy officer, moderator, viewer, resident, stranger
TABLE = """
workspace.create   y y y y y y y y
workspace.see      y y y y y y y -
members.manage     y - - - - - - -
members.change     y - - - - - - -
audit.read         y - - - - - - -
workspace.leave    y y y y y y y -
workspace.rename   y - - - - - - -
workspace.archive  y - - - - - - -
workspace.delete   y - - - - - - -
workspace.hand_over y - - - - - - -
invitation.accept  y y y y y y y y
account.edit       y y y y y y y y
process.manage     y - y - - - - -
ballot.manage      y - y - - - - -
assembly.manage    y - y - - - - -
budget.manage      y - y - - - - -
idea.check         y - y y - - - -
idea.moderate      y - - - y - - -
survey.manage      y - y - - - - -
worries.manage     y - y - - - - -
opinion.manage     y - y - - - - -
opinion.moderate   y - y - y - - -
budget.ballot      y - y - - - - -
delivery.manage    y - y - - - - -
comment.moderate   y - - - y - - -
partnership.create y y y y y y y y
city.partner       y - - - - - - -
findings.share     y - - - - - - -
token.make         y y y y y y y y
token.revoke       - - - - - - - -
account.export     - - - - - - - -
account.erase      - - - - - - - -
records.read       - - - - - - - -
partnership.load   - - - - - - - -
hub.own            - - - - - - - -
equality.ask       y - y - - - - -
equality.read      y - y - - - - -
data.read          y y - - - - - -
data.upload        y y - - - - - -
data.correct       y y - - - - - -
data.remove        y - - - - - - -
diagnosis.start    y y - - - - - -
diagnosis.cancel   y y - - - - - -
findings.read      y y y y - y - -
findings.download  y y - y - - - -
publication.read     y y - y - - - -
publication.prepare  y y - y - - - -
publication.publish  y - - - - - - -
publication.withdraw y - - - - - - -
frames.read          y y y y - y - -
frames.answer        y y y y - - - -
frames.share         y - - - - - - -
exchange.read        y y y y - y - -
exchange.manage      y - - y - - - -
plan.see             y y y y - y - -
consultation.manage  y - y y - - - -
answer.withdraw      - - - - - - - -
plan.manage          y - - y - - - -
plan.finalise        y - - - - - - -
vocabulary.local     y y - y - - - -
library.submit       y y y y - - - -
library.moderate     - - - - - - - -
library.withdraw     - - - - - - - -
library.translate    - - - - - - - -
library.name_moderators - - - - - - - -
library.import       - - - - - - - -
library.load         - - - - - - - -
library.consent      - - - - - - - -
peers.see            y y y y - y - -
peers.manage         y y - y - - - -
"""
WHO = (*ROLES, "stranger")
CELLS = [
    (verb, who, cell == "y")
    for verb, *cells in map(str.split, TABLE.strip().splitlines())
    for who, cell in zip(WHO, cells, strict=True)
]


# verbs that a phase opens and closes: before it, during it, after it, and once the process is in the archive;
# each with the same columns of roles; "own" verbs are asked by the author, or by nobody but the author
PHASES = ("before", "during", "after", "archived")
PHASE_TABLE = """
process.see     y y y y y y y y   y y y y y y y y   y y y y y y y y   y y y y y y y y
process.join    y y y y y y y y   y y y y y y y y   y y y y y y y y   - - - - - - - -
comment.add     - - - - - - - -   y y y y y y y -   - - - - - - - -   - - - - - - - -
comment.edit    - - - - - - - -   y y y y y y y y   - - - - - - - -   - - - - - - - -
comment.delete  y y y y y y y y   y y y y y y y y   y y y y y y y y   y y y y y y y y
idea.add        - - - - - - - -   y y y y y y y -   - - - - - - - -   - - - - - - - -
idea.edit       - - - - - - - -   y y y y y y y y   - - - - - - - -   - - - - - - - -
idea.withdraw   y y y y y y y y   y y y y y y y y   y y y y y y y y   - - - - - - - -
idea.report     y y y y y y y -   y y y y y y y -   y y y y y y y -   y y y y y y y -
idea.appeal     y y y y y y y y   y y y y y y y y   y y y y y y y y   y y y y y y y y
budget.mail     y y y y y y y y   y y y y y y y y   y y y y y y y y   y y y y y y y y
ballot.cast     - - - - - - - -   y y y y y y y y   - - - - - - - -   - - - - - - - -
opinion.vote    - - - - - - - -   y y y y y y y y   - - - - - - - -   - - - - - - - -
opinion.propose - - - - - - - -   y y y y y y y y   - - - - - - - -   - - - - - - - -
opinion.withdraw y y y y y y y y   y y y y y y y y   y y y y y y y y   y y y y y y y y
answer.add      - - - - - - - -   y y y y y y y y   - - - - - - - -   - - - - - - - -
worry.add       - - - - - - - -   y y y y y y y y   - - - - - - - -   - - - - - - - -
comment.report  y y y y y y y -   y y y y y y y -   y y y y y y y -   y y y y y y y -
"""
OPENS, CLOSES = datetime(2026, 5, 3, tzinfo=UTC), datetime(2026, 5, 24, tzinfo=UTC)
CLOCK = {
    "before": OPENS - timedelta(seconds=1),
    "during": OPENS,
    "after": CLOSES,
    "archived": OPENS + timedelta(days=1),
}
OWN = ("comment.edit", "comment.delete", "idea.edit", "idea.withdraw", "idea.appeal")
PHASE_CELLS = [
    (verb, phase, who, cells[8 * n + m] == "y")
    for verb, *cells in map(str.split, PHASE_TABLE.strip().splitlines())
    for n, phase in enumerate(PHASES)
    for m, who in enumerate(WHO)
]

# columns: coordinator, reader, who reads findings in a member city, an expert from outside, a resident of a
# member city, stranger
PARTNERSHIP_TABLE = """
partnership.see     y y y - - -
partnership.manage  y - - - - -
partnership.leave   y y - y - -
hub.read            y y y y - -
hub.comment         y y y y - -
hub.answer          y y y - - -
"""
PARTNERS = ("coordinator", "reader", "city", "expert", "resident", "stranger")
PARTNER_CELLS = [
    (verb, who, cell == "y")
    for verb, *cells in map(str.split, PARTNERSHIP_TABLE.strip().splitlines())
    for who, cell in zip(PARTNERS, cells, strict=True)
]


def test_the_tables_have_every_verb() -> None:
    rows = [*(c[0] for c in CELLS), *(c[0] for c in PHASE_CELLS), *(c[0] for c in PARTNER_CELLS)]
    assert set(rows) == set(RULES)


def test_every_row_of_phases_is_whole() -> None:
    for line in PHASE_TABLE.strip().splitlines():
        assert len(line.split()) == 1 + len(PHASES) * len(WHO), line


@pytest.mark.parametrize(("verb", "phase", "who", "allowed"), PHASE_CELLS)
def test_role_and_verb_and_phase(verb: str, phase: str, who: str, allowed: bool) -> None:
    """No database: role, object and clock are all that a predicate looks at."""
    state = "archived" if phase == "archived" else "published"
    module = SimpleNamespace(process=SimpleNamespace(state=state), windows=lambda _f: [(OPENS, CLOSES)])
    user = SimpleNamespace(pk=1, is_authenticated=True, is_active=True, is_admin=False)
    thing = module
    if verb in (*OWN, "comment.report", "idea.report"):
        thing = SimpleNamespace(
            process=module.process,
            windows=module.windows,
            belongs_to=lambda u: u.pk == 1,
            is_fresh=lambda _now: True,
        )
    role = "" if who == "stranger" else who
    verdict = RULES[verb](Case(user, role, thing, None, "", CLOCK[phase]))
    assert bool(verdict) is allowed, verdict.why
    if verb in OWN:
        user.pk = 2
        assert not RULES[verb](Case(user, role, thing, None, "", CLOCK[phase])), "only one's own"


def test_the_reason_names_the_day() -> None:
    def why(now: datetime, windows: list[tuple[datetime, datetime]]) -> str:
        module = SimpleNamespace(
            process=SimpleNamespace(state="published"), windows=lambda f: windows if f == "comment" else []
        )
        user = SimpleNamespace(pk=1, is_authenticated=True, is_active=True, is_admin=False)
        return RULES["comment.add"](Case(user, "resident", module, None, "", now)).why

    assert why(CLOCK["before"], [(OPENS, CLOSES)]) == "Comments open on May 3, 2026."
    # a phase that ends at midnight was open on the day before, for the last time
    assert why(CLOCK["after"], [(OPENS, CLOSES)]) == "Comments closed on May 23, 2026."
    later = (CLOSES + timedelta(days=7), CLOSES + timedelta(days=9))
    assert why(CLOCK["after"], [(OPENS, CLOSES), later]) == "Comments open on May 31, 2026."
    assert why(OPENS, []) == "No comments are taken here."


@pytest.mark.parametrize(("verb", "who", "allowed"), PARTNER_CELLS)
def test_partnership_role_and_verb(
    city: Any, owner: Any, person: Any, verb: str, who: str, allowed: bool
) -> None:
    from isopolis.web.partnerships.actions import CreatePartnership
    from isopolis.web.partnerships.models import PartnershipCity, PartnershipMembership

    people = {name: person(name) for name in PARTNERS}
    made = CreatePartnership(person("founder"), "Ten cities", "").run()
    PartnershipCity.objects.create(partnership=made, workspace=city)
    for name in ("coordinator", "reader", "expert"):
        PartnershipMembership.objects.create(user=people[name], partnership=made, role=name)
    AddMember(owner, city, people["city"].email, "viewer").run()
    AddMember(owner, city, people["resident"].email, "resident").run()
    verdict = may(people[who], verb, partnership=made)
    assert bool(verdict) is allowed
    assert bool(verdict.why) is not allowed


@pytest.mark.parametrize(
    "verb", ["data.upload", "data.correct", "diagnosis.start", "process.manage", "findings.share"]
)
def test_an_archived_workspace_is_not_changed(city: Any, owner: Any, verb: str) -> None:
    assert may(owner, verb, city)
    city.archived_at = OPENS
    assert "archive" in may(owner, verb, city).why
    assert may(owner, "findings.read", city)


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
    everybody = {verb for verb, who, allowed in CELLS if who == "stranger" and allowed}
    # the records of processing tell what the server keeps, not what a city does; of the library an
    # administrator sees what cities handed in
    of_the_server = {
        "records.read", "partnership.load", "library.moderate", "library.withdraw", "library.translate",
        "library.import", "library.name_moderators",
    }  # fmt: skip
    assert {v for v in RULES if may(boss, v, city)} - everybody <= of_the_server


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
