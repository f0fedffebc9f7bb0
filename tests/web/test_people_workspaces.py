"""Invitations, leaving, handing over, archive and end of a workspace."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from isopolis.web.audit.chain import verify
from isopolis.web.audit.models import AuditEvent
from isopolis.web.work.models import Job
from isopolis.web.workspaces.actions import AddMember, ChangeRole, CreateWorkspace
from isopolis.web.workspaces.invitations import MOST_PER_DAY, VALID_FOR, fresh_token
from isopolis.web.workspaces.invite import AcceptInvitation, InviteMember, WithdrawInvitation
from isopolis.web.workspaces.models import Invitation, Membership, Workspace
from isopolis.web.workspaces.running import (
    FOLDERS,
    ArchiveWorkspace,
    DeleteWorkspace,
    HandOver,
    LeaveWorkspace,
    RenameWorkspace,
)

from .test_pages import check
from .towns import diagnosed, upload


def invite(owner: Any, city: Any, email: str, role: str = "analyst", **more: Any) -> str:
    action = InviteMember(owner, city, email, role, **more)
    action.run()
    return action.path.rstrip("/").rsplit("/", 1)[-1]


@pytest.fixture
def mailing(settings: Any) -> None:
    settings.OPTIONS = settings.OPTIONS | {"email_url": "smtp://localhost"}


# -- invitations -------------------------------------------------------------------------------------------
def test_an_invitation_is_kept_as_a_hash_and_works_once(owner: Any, city: Any, person: Any) -> None:
    guest = person("guest")
    token = invite(owner, city, " GUEST@example.org ")
    assert token not in str(Invitation.objects.values().get())
    AcceptInvitation(guest, token).run()
    assert city.role_of(guest) == "analyst"
    assert not Invitation.objects.exists(), "the address goes with the invitation"
    with pytest.raises(ValidationError, match="not work"):
        AcceptInvitation(person("other"), token).run()


@pytest.mark.parametrize("how", ["wrong address", "too old", "withdrawn", "replaced", "made up"])
def test_invitations_that_do_not_work(owner: Any, city: Any, person: Any, how: str) -> None:
    guest, now = person("guest"), timezone.now()
    token = invite(owner, city, guest.email, now=now)
    if how == "wrong address":
        guest = person("thief")
    elif how == "too old":
        now += VALID_FOR
    elif how == "withdrawn":
        WithdrawInvitation(owner, city, Invitation.objects.get()).run()
    elif how == "replaced":
        invite(owner, city, guest.email)
    else:
        token = fresh_token()[0]
    with pytest.raises(ValidationError):
        AcceptInvitation(guest, token, now).run()
    assert city.role_of(guest) == ""


def test_with_a_mail_server_the_address_must_be_confirmed(
    owner: Any, city: Any, person: Any, mailing: None
) -> None:
    guest = person("guest")
    token = invite(owner, city, guest.email)
    for verified in (None, False):
        if verified is not None:
            EmailAddress.objects.create(user=guest, email=guest.email, verified=verified, primary=True)
        with pytest.raises(ValidationError, match="another e-mail"):
            AcceptInvitation(guest, token).run()
    EmailAddress.objects.update(verified=True)
    AcceptInvitation(guest, token).run()


def test_the_page_says_the_same_with_and_without_account(
    owner: Any, city: Any, person: Any, browse: Callable[[Any], Client], mailing: None,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    known = person("known")
    said = []
    for email in (known.email, "nobody@example.org"):
        with django_capture_on_commit_callbacks(execute=True):
            answer = browse(owner).post(
                f"/w/{city.slug}/members/", {"email": email, "role": "viewer"}, follow=True
            )
        said.append(answer.content.decode().count("The invitation is on its way"))
    assert said == [1, 1]
    assert [m.to for m in mail.outbox] == [[known.email], ["nobody@example.org"]]
    assert all("/invitations/" in m.body for m in mail.outbox)


def test_without_a_mail_server_the_link_is_shown_once(
    owner: Any, city: Any, browse: Callable[[Any], Client]
) -> None:
    client, path = browse(owner), f"/w/{city.slug}/members/"
    answer = client.post(path, {"email": "guest@example.org", "role": "viewer"}, follow=True)
    check(answer, path)
    assert b"http://testserver/invitations/" in answer.content
    assert b"/invitations/" not in client.get(path).content.replace(b"members/invitations/", b"")
    assert mail.outbox == []


def test_the_page_of_an_invitation(
    owner: Any, city: Any, person: Any, browse: Callable[[Any], Client]
) -> None:
    guest, thief = person("guest"), person("thief")
    path = f"/invitations/{invite(owner, city, guest.email)}/"
    for client in (Client(), browse(guest), browse(thief)):
        answer = client.get(path)
        check(answer, path)
        assert guest.email not in answer.content.decode(), "whoever finds the link does not learn the address"
    browse(thief).post(path)
    assert city.role_of(thief) == ""
    assert browse(guest).post(path).status_code == 302
    assert city.role_of(guest) == "analyst"
    answer = Client().get(path)
    assert answer.status_code == 410
    check(answer, path)


def test_a_resident_rises_and_an_owner_does_not_sink(owner: Any, city: Any, person: Any) -> None:
    resident = person("resident")
    AddMember(owner, city, resident.email, "resident").run()
    AcceptInvitation(resident, invite(owner, city, resident.email, "moderator")).run()
    assert city.role_of(resident) == "moderator"
    token = invite(owner, city, "later@example.org", "viewer")
    later = person("later")
    AddMember(owner, city, later.email, "owner").run()
    AcceptInvitation(later, token).run()
    assert city.role_of(later) == "owner"


def test_this_is_no_way_to_send_mail_to_strangers(owner: Any, city: Any) -> None:
    now = timezone.now()
    for n in range(MOST_PER_DAY):
        invite(owner, city, f"p{n}@example.org", now=now)
    with pytest.raises(ValidationError, match="tomorrow"):
        invite(owner, city, "one-more@example.org", now=now)
    invite(owner, city, "one-more@example.org", now=now + timedelta(days=1))


def test_only_owners_invite(staff: Any, city: Any) -> None:
    for role, user in staff.items():
        if role != "owner":
            with pytest.raises(PermissionDenied):
                InviteMember(user, city, "x@example.org", "viewer").run()


# -- the workspace as a whole ------------------------------------------------------------------------------
def test_leaving(staff: Any, owner: Any, city: Any) -> None:
    LeaveWorkspace(staff["viewer"], city).run()
    assert city.role_of(staff["viewer"]) == ""
    with pytest.raises(PermissionDenied, match="at least one owner"):
        LeaveWorkspace(owner, city).run()


def test_handing_over(staff: Any, owner: Any, city: Any) -> None:
    heir = city.membership_set.get(user=staff["analyst"])
    for wrong in (city.membership_set.get(user=owner), city.membership_set.get(user=staff["resident"])):
        with pytest.raises(ValidationError):
            HandOver(owner, city, wrong).run()
    HandOver(owner, city, heir).run()
    assert (city.role_of(staff["analyst"]), city.role_of(owner)) == ("owner", "analyst")


def test_a_new_name_keeps_the_address(owner: Any, city: Any) -> None:
    RenameWorkspace(owner, city, "  Newtown ").run()
    assert (Workspace.objects.get().name, Workspace.objects.get().slug) == ("Newtown", "testville")


def test_an_archive_can_be_read(owner: Any, city: Any, browse: Callable[[Any], Client]) -> None:
    job = diagnosed(owner, city)
    ArchiveWorkspace(owner, city).run()
    client = browse(owner)
    assert client.get(f"/w/{city.slug}/diagnoses/{job.pk}/").status_code == 200
    assert client.get(f"/w/{city.slug}/data/upload/").status_code == 403
    with pytest.raises(PermissionDenied, match="archive"):
        upload(owner, city)
    address = f"/w/{city.slug}/settings/archive/"
    client.post(address)
    assert client.get(f"/w/{city.slug}/data/upload/").status_code == 403, "pressed twice is pressed once"
    client.post(address, {"back": ""})
    client.post(address, {"back": ""})
    assert client.get(f"/w/{city.slug}/data/upload/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_demote_each_other_leave_one(owner: Any, city: Any, person: Any) -> None:
    other = person("other")
    AddMember(owner, city, other.email, "owner").run()
    mine, theirs = (Membership.objects.get(user=u) for u in (owner, other))
    for _round in range(6):
        gate, refused = threading.Barrier(2), []

        def demote(actor: Any, key: int, gate: Any = gate, refused: list[Any] = refused) -> None:
            try:
                membership = Membership.objects.get(pk=key)
                gate.wait()
                ChangeRole(actor, city, membership, "viewer").run()
            except (PermissionDenied, OperationalError) as no:  # the tables in memory of tests lock at once
                refused.append(no)
            finally:
                connection.close()

        both = [threading.Thread(target=demote, args=pair) for pair in ((owner, theirs.pk), (other, mine.pk))]
        for one in both:
            one.start()
        for one in both:
            one.join(60)
        assert Membership.objects.filter(workspace=city, role="owner").count() == 1
        assert len(refused) == 1
        Membership.objects.filter(workspace=city).update(role="owner")


def test_deleting_takes_the_files_along_after_the_commit(
    owner: Any, city: Any, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    diagnosed(owner, city)
    number = str(city.pk)
    folders = [Path(settings.DATA_DIR) / f / number for f in FOLDERS]
    kept = [f for f in folders if f.is_dir()]
    assert len(kept) >= 2
    with pytest.raises(ValidationError, match="exactly"):
        DeleteWorkspace(owner, city, "testville").run()
    with django_capture_on_commit_callbacks() as waiting:
        DeleteWorkspace(owner, city, "Testville").run()
    assert all(f.is_dir() for f in kept), "nothing goes before it is certain"
    for then in waiting:
        then()
    assert not any(f.exists() for f in kept)
    assert not Workspace.objects.exists()
    assert not Job.objects.exists()
    assert AuditEvent.objects.filter(verb="workspace.delete").count() == 1
    assert list(verify()) == []


def test_nothing_is_deleted_under_a_running_computation(owner: Any, city: Any) -> None:
    dataset = upload(owner, city)
    Job.objects.filter(subject=dataset.pk).update(state="running")
    with pytest.raises(ValidationError, match="running"):
        DeleteWorkspace(owner, city, city.name).run()


def test_another_citys_files_stay(
    owner: Any, city: Any, person: Any, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    other = person("other")
    elsewhere = CreateWorkspace(other, "Othertown").run()
    upload(other, elsewhere)
    upload(owner, city)
    Job.objects.all().delete()
    with django_capture_on_commit_callbacks(execute=True):
        DeleteWorkspace(owner, city, "Testville").run()
    assert (Path(settings.DATA_DIR) / "cities" / str(elsewhere.pk)).is_dir()


def test_the_pages(owner: Any, city: Any, browse: Callable[[Any], Client]) -> None:
    for page in ("settings/", "settings/hand-over/", "settings/delete/", "leave/", "members/"):
        answer = browse(owner).get(f"/w/{city.slug}/{page}")
        assert answer.status_code == 200, page
        check(answer, page)


def test_residents_are_counted_not_listed(
    owner: Any, city: Any, person: Any, browse: Callable[[Any], Client]
) -> None:
    rosa = person("rosa")
    AddMember(owner, city, rosa.email, "resident").run()
    page = browse(owner).get(f"/w/{city.slug}/members/").content.decode()
    assert rosa.email not in page
    assert "1 resident takes part" in page


def test_two_clicks_make_one_member(owner: Any, city: Any, person: Any) -> None:
    guest = person("guest")
    token = invite(owner, city, guest.email)
    stale = AcceptInvitation(guest, token)
    stale.check()
    AcceptInvitation(guest, token).run()
    with pytest.raises(ValidationError):
        stale.change()
    assert Membership.objects.filter(user=guest).count() == 1
