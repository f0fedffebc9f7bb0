"""Processes, phases and comments: from the blueprint to the moderated discussion."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from isopolis.web.audit.models import AuditEvent
from isopolis.web.modules import manifests
from isopolis.web.modules.actions import (
    ArchiveProcess,
    CreateProcess,
    DatePhases,
    EditProcess,
    PublishProcess,
    TakePart,
)
from isopolis.web.modules.blueprints import BLUEPRINTS
from isopolis.web.modules.comments.actions import (
    MOST_PER_TEN_MINUTES,
    AddComment,
    DeleteComment,
    EditComment,
    HideComment,
    ReportComment,
    ShowComment,
)
from isopolis.web.modules.comments.exports import rows
from isopolis.web.modules.comments.models import EDIT_MINUTES, Comment, CommentVersion, Report
from isopolis.web.modules.comments.words import plain
from isopolis.web.modules.manifests import ManifestError, ModuleManifest, PhaseKind
from isopolis.web.modules.models import Module, Participant, Process, name_key
from isopolis.web.modules.readiness import missing
from isopolis.web.permissions import FEATURES
from isopolis.web.workspaces.models import Membership
from isopolis.web.workspaces.running import LeaveWorkspace

from .maps import program, token
from .test_pages import check

START = datetime(2026, 5, 4, tzinfo=UTC)
DURING = START + timedelta(days=1, hours=10)


@pytest.fixture
def process(city: Any, owner: Any) -> Process:
    """A public discussion that is open since yesterday."""
    today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    made = CreateProcess(owner, city, "The square", "discussion", today - timedelta(days=1)).run()
    EditProcess(owner, city, made, "The square", "What should it look like?").run()
    PublishProcess(owner, city, made).run()
    return made


@pytest.fixture
def resident(process: Process, person: Any) -> Any:
    someone = person("rosa")
    TakePart(someone, process.workspace, process, "Rosa from the square").run()
    return someone


def module_of(process: Process) -> Module:
    return process.module_set.get()


def write(user: Any, process: Process, text: str = "Trees, please", **more: Any) -> Comment:
    return AddComment(user, process.workspace, module_of(process), text, "en", **more).run()


# -- manifests and blueprints --------------------------------------------------------------------------
def test_every_blueprint_uses_kinds_that_exist() -> None:
    for plan in BLUEPRINTS:
        for planned in plan.modules:
            manifest = manifests.manifest_of(planned.kind)
            assert manifest is not None, plan.name
            assert all(manifest.phase(p.kind) for p in planned.phases), plan.name


def test_every_kind_of_phase_opens_known_features() -> None:
    assert {f for m in manifests.kinds().values() for p in m.phases for f in p.opens} <= set(FEATURES)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "two words"}, "letters and underscores"),
        ({"phases": ()}, "no kind of phase"),
        ({"phases": (PhaseKind("a", "A", "", frozenset({"dance"})),)}, "opens dance"),
        ({"phases": (PhaseKind("a", "A", "", frozenset()),) * 2}, "twice"),
    ],
)
def test_a_wrong_manifest_is_refused(change: dict[str, Any], said: str) -> None:
    right: dict[str, Any] = {
        "kind": "idea",
        "title": "Ideas",
        "description": "",
        "phases": (PhaseKind("a", "A", "", frozenset({"propose"})),),
        "page": "x",
        "urls": "x",
    }
    manifests.check(ModuleManifest(**right), "here")
    with pytest.raises(ManifestError, match=said):
        manifests.check(ModuleManifest(**(right | change)), "here")


def test_a_module_whose_kind_is_gone_breaks_no_page(process: Process) -> None:
    Module.objects.update(kind="gone")
    answer = Client().get(process.get_absolute_url())
    assert answer.status_code == 200
    assert any("not installed" in r for r in missing(process, timezone.now()))


# -- a process ---------------------------------------------------------------------------------------------
def test_a_draft_says_what_is_missing_and_cannot_be_published(city: Any, owner: Any) -> None:
    draft = CreateProcess(owner, city, "Empty", "two_rounds").run()
    reasons = missing(draft, START)
    assert len(reasons) == 4, reasons  # the text and the dates of three phases
    with pytest.raises(ValidationError) as refused:
        PublishProcess(owner, city, draft, now=START).run()
    assert refused.value.messages == reasons
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_phases_of_a_blueprint_follow_each_other(city: Any, owner: Any) -> None:
    made = CreateProcess(owner, city, "Two", "two_rounds", START).run()
    spans = [(p.starts_at, p.ends_at) for p in module_of(made).phases()]
    assert [(e - s).days for s, e in spans] == [21, 14, 14]
    assert all(a[1] == b[0] for a, b in pairwise(spans))
    assert len(module_of(made).windows("comment")) == 2


@pytest.mark.parametrize(
    ("first", "second"),
    [((5, 5), (6, 7)), ((5, 4), (6, 7)), ((5, 9), (8, 12))],
    ids=["empty", "backwards", "overlapping"],
)
def test_wrong_dates_are_refused(city: Any, owner: Any, first: Any, second: Any) -> None:
    made = CreateProcess(owner, city, "Two", "two_rounds").run()
    a, b, _c = module_of(made).phases()
    dates = {p.pk: tuple(START + timedelta(days=d) for d in span) for p, span in ((a, first), (b, second))}
    with pytest.raises(ValidationError):
        DatePhases(owner, city, made, module_of(made), dates).run()


def test_archived_is_readable_and_closed(process: Process, owner: Any, resident: Any) -> None:
    write(resident, process)
    ArchiveProcess(owner, process.workspace, process).run()
    assert b"Trees, please" in Client().get(module_of(process).get_absolute_url()).content
    with pytest.raises(PermissionDenied, match="not open"):
        write(resident, process)


def test_a_draft_is_nobodys_business(
    city: Any, owner: Any, staff: Any, browse: Callable[[Any], Client]
) -> None:
    draft = CreateProcess(owner, city, "Secret", "discussion").run()
    path, inner = draft.get_absolute_url(), module_of(draft).get_absolute_url()
    for client in (Client(), browse(staff["viewer"]), browse(staff["stranger"]), browse(staff["resident"])):
        assert client.get(path).status_code == 404
        assert client.get(inner).status_code == 404
        assert client.get(path + "join/").status_code in (302, 404)
        assert b"Secret" not in client.get("/take-part/").content
    assert browse(staff["participation_officer"]).get(path).status_code == 200
    # a city with drafts only looks like no city
    assert Client().get(f"/take-part/{city.slug}/").status_code == 404


def test_numbers_count_in_each_city(city: Any, owner: Any, person: Any) -> None:
    from isopolis.web.workspaces.actions import CreateWorkspace

    other = person("other")
    elsewhere = CreateWorkspace(other, "Othertown").run()
    made = [CreateProcess(owner, city, t, "discussion").run().number for t in "ab"]
    assert made == [1, 2]
    assert CreateProcess(other, elsewhere, "c", "discussion").run().number == 1


# -- taking part -------------------------------------------------------------------------------------------
def test_who_takes_part_becomes_a_resident(process: Process, resident: Any) -> None:
    assert process.workspace.role_of(resident) == "resident"
    TakePart(resident, process.workspace, process, "Rosa").run()
    assert Participant.objects.get(user=resident).shown_as == "Rosa"
    assert Membership.objects.filter(user=resident).count() == 1


def test_staff_keeps_its_role(process: Process, staff: Any) -> None:
    TakePart(staff["analyst"], process.workspace, process, "An analyst").run()
    assert process.workspace.role_of(staff["analyst"]) == "analyst"


@pytest.mark.parametrize(
    "name", ["ROSA  from the square", "Ｒｏｓａ from the square", "", "  ", "rosa@example.org"]
)
def test_names_that_are_taken_or_no_names(process: Process, resident: Any, person: Any, name: str) -> None:
    with pytest.raises(ValidationError):
        TakePart(person("other"), process.workspace, process, name).run()


@given(st.text(max_size=40))
def test_a_name_key_is_stable(name: str) -> None:
    assert name_key(name_key(name)) == name_key(name_key(name_key(name)))
    assert name_key(name) == name_key("  " + name.upper().lower() + " ") or name.upper().lower() != name


# -- comments ----------------------------------------------------------------------------------------------
def test_two_levels_and_no_more(process: Process, resident: Any) -> None:
    first = write(resident, process)
    answer = write(resident, process, "Which?", parent=first)
    deeper = write(resident, process, "Limes", parent=answer)
    assert answer.parent == first
    assert deeper.parent == first


def test_phase_decides(city: Any, owner: Any, resident: Any, process: Process) -> None:
    module = module_of(process)
    (start, end), *_ = module.windows("comment")
    for now, opened in ((start - timedelta(seconds=1), False), (start, True), (end, False)):
        action = AddComment(resident, city, module, "x", "en", now=now)
        if opened:
            action.run()
        else:
            with pytest.raises(PermissionDenied, match=r"Comments (open|closed) on"):
                action.run()


def test_editing_keeps_what_was_said_and_ends(process: Process, resident: Any, owner: Any) -> None:
    comment = write(resident, process)
    soon = comment.created_at + timedelta(minutes=EDIT_MINUTES, seconds=-1)
    EditComment(resident, process.workspace, comment, soon, "Limes, please").run()
    assert [v.text for v in CommentVersion.objects.all()] == ["Trees, please"]
    late = comment.created_at + timedelta(minutes=EDIT_MINUTES)
    with pytest.raises(PermissionDenied, match="no longer"):
        EditComment(resident, process.workspace, comment, late, "Roses").run()
    with pytest.raises(PermissionDenied, match="Only who wrote this"):
        EditComment(owner, process.workspace, comment, soon, "Roses").run()


def test_deleting_takes_the_text_and_its_history(process: Process, resident: Any, owner: Any) -> None:
    comment = write(resident, process)
    EditComment(resident, process.workspace, comment, None, "Limes").run()
    answer = write(resident, process, "Yes", parent=comment)
    with pytest.raises(PermissionDenied):
        DeleteComment(owner, process.workspace, comment).run()
    DeleteComment(resident, process.workspace, comment).run()
    kept = Comment.objects.get(pk=comment.pk)
    assert (kept.text, kept.state, CommentVersion.objects.count()) == ("", "deleted", 0)
    assert Comment.objects.get(pk=answer.pk).is_shown
    page = Client().get(module_of(process).get_absolute_url()).content.decode()
    assert "Its author deleted this comment" in page
    assert "Limes" not in page


def test_moderation(process: Process, resident: Any, staff: Any, person: Any) -> None:
    city, comment = process.workspace, write(resident, process, "Something rude")
    reader = person("reader")
    TakePart(reader, city, process, "A reader").run()
    ReportComment(reader, city, comment, reason="It is rude").run()
    with pytest.raises(ValidationError, match="already"):
        ReportComment(reader, city, comment, reason="Again").run()
    for role in ("analyst", "participation_officer", "policy_officer", "viewer", "resident"):
        with pytest.raises(PermissionDenied):
            HideComment(staff[role], city, comment, reason="no").run()
    with pytest.raises(ValidationError, match="Say why"):
        HideComment(staff["moderator"], city, comment, reason=" ").run()
    HideComment(staff["moderator"], city, comment, reason="Rude to neighbours").run()
    assert Report.objects.get().settled_at is not None
    page = Client().get(module_of(process).get_absolute_url()).content.decode()
    assert "Something rude" not in page
    assert "Rude to neighbours" in page
    comment.refresh_from_db()
    with pytest.raises((PermissionDenied, ValidationError)):
        EditComment(resident, city, comment, None, "Something else").run()
    ShowComment(staff["moderator"], city, comment).run()
    assert "Something rude" in Client().get(module_of(process).get_absolute_url()).content.decode()


def test_too_many_too_quickly(process: Process, resident: Any) -> None:
    now = timezone.now()
    for n in range(MOST_PER_TEN_MINUTES):
        write(resident, process, f"number {n}", now=now)
    with pytest.raises(ValidationError, match="ten minutes"):
        write(resident, process, "one more", now=now)
    write(resident, process, "later", now=now + timedelta(minutes=11))


def test_machines_are_told_nothing(process: Process, resident: Any, browse: Callable[[Any], Client]) -> None:
    path = module_of(process).get_absolute_url()
    answer = browse(resident).post(path, {"text": "Buy now", "website": "spam.example"})
    assert answer.status_code == 302
    assert not Comment.objects.exists()
    browse(resident).post(path, {"text": "A real one", "website": ""})
    assert Comment.objects.get().text == "A real one"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("<script>alert(1)</script> https://example.org", "<script>alert(1)</script> https://example.org"),
        ("a\u202eb\u2066c\u0000d", "abcd"),
        ("one\r\n\r\n\r\n\r\ntwo  ", "one\n\ntwo"),
        ("مرحبا\u200cبك", "مرحبا\u200cبك"),
    ],
)
def test_text_is_plain(process: Process, resident: Any, typed: str, kept: str) -> None:
    assert plain(typed) == kept
    write(resident, process, typed)
    page = Client().get(module_of(process).get_absolute_url()).content.decode()
    assert "<script>alert" not in page
    assert 'href="https://example.org' not in page, "links are text, nothing is embedded"


@given(st.text(max_size=200))
def test_plain_changes_nothing_twice(text: str) -> None:
    assert plain(plain(text)) == plain(text)


def test_nobody_learns_who_it_is(
    process: Process, resident: Any, owner: Any, browse: Callable[[Any], Client]
) -> None:
    resident.name = "Rosa Secretname"
    resident.save()
    comment = write(resident, process)
    client = browse(owner)
    paths = [
        process.get_absolute_url(),
        module_of(process).get_absolute_url(),
        comment.get_absolute_url().split("#")[0],
        f"/w/{process.workspace.slug}/members/",
        f"/w/{process.workspace.slug}/log/",
        f"/w/{process.workspace.slug}/",
    ]
    for path in paths:
        page = client.get(path).content.decode()
        assert "Secretname" not in page, path
        assert resident.email not in page, path
    assert all("Secretname" not in str(row) for row in rows(module_of(process)))
    assert all("Trees" not in f"{e.detail}{e.target}" for e in AuditEvent.objects.all())


def test_programs_learn_of_residents_no_more_than_pages(process: Process, resident: Any, owner: Any) -> None:
    city = process.workspace
    write(resident, process)
    client, base = program(token(owner)), f"/api/v1/workspaces/{city.slug}"
    members = client.get(f"{base}/members").json()["members"]
    assert [m["account"] for m in members] == [owner.pk]
    log = client.get(f"{base}/log").json()["rows"]
    said = [r["sentence"] for r in log if r["actor"] == resident.pk]
    assert said
    assert all(resident.name not in s and f"Resident {resident.pk}" in s for s in said)


@pytest.mark.parametrize("left", [False, True])
def test_a_resident_stays_nameless_in_the_log(
    process: Process, resident: Any, owner: Any, browse: Callable[[Any], Client], left: bool
) -> None:
    city = process.workspace
    resident.name = ""
    resident.save()
    if left:
        LeaveWorkspace(resident, city).run()
    page = browse(owner).get(f"/w/{city.slug}/log/").content.decode()
    assert resident.email not in page
    assert f"Resident {resident.pk} takes part in process" in page
    assert b"@" not in program(token(owner)).get(f"/api/v1/workspaces/{city.slug}/log").content


def test_who_works_here_and_comments_is_no_more_known_than_others(
    process: Process, staff: dict[str, Any], owner: Any, browse: Callable[[Any], Client]
) -> None:
    viewer, city = staff["viewer"], process.workspace
    TakePart(viewer, city, process, "Somebody").run()
    write(viewer, process)
    page = browse(owner).get(f"/w/{city.slug}/log/").content.decode()
    assert "viewer wrote a comment" not in page
    assert f"Resident {viewer.pk} wrote a comment" in page


def test_trying_numbers_finds_no_resident(
    process: Process, resident: Any, owner: Any, browse: Callable[[Any], Client]
) -> None:
    city, client = process.workspace, browse(owner)
    membership = city.membership_set.get(user=resident)
    for said in ({"role": "viewer"}, {"remove": ""}):
        assert client.post(f"/w/{city.slug}/members/{membership.pk}/", said).status_code == 404
    assert city.role_of(resident) == "resident"
    assert resident.email not in client.get(f"/w/{city.slug}/members/").content.decode()


def test_an_erased_author_leaves_a_nameless_comment(process: Process, resident: Any) -> None:
    write(resident, process)
    Participant.objects.filter(user=resident).update(shown_as="", key="")
    resident.delete()
    page = Client().get(module_of(process).get_absolute_url()).content.decode()
    assert "Somebody who took part" in page
    assert "Trees, please" in page


def test_pages_of_many(process: Process, resident: Any, browse: Callable[[Any], Client]) -> None:
    author, module = Participant.objects.get(user=resident), module_of(process)
    now = timezone.now()
    Comment.objects.bulk_create(
        Comment(module=module, author=author, text=f"comment {n}", created_at=now - timedelta(minutes=n))
        for n in range(45)
    )
    first = Comment.objects.order_by("-created_at").first()
    Comment.objects.bulk_create(
        Comment(module=module, author=author, parent=first, text=f"answer {n}", created_at=now)
        for n in range(8)
    )
    texts = ""
    for page in (1, 2, 3):
        answer = Client().get(f"{module.get_absolute_url()}?page={page}")
        check(answer, "discussion")
        texts += answer.content.decode()
    assert all(f"comment {n}<" in texts for n in range(45))
    assert "3 more answers" in texts


def test_every_page_is_well_formed(
    process: Process, resident: Any, staff: Any, browse: Callable[[Any], Client]
) -> None:
    comment = write(resident, process)
    slug, module = process.workspace.slug, module_of(process)
    inner = module.get_absolute_url()
    seen = {
        None: [
            "/take-part/",
            f"/take-part/{slug}/",
            process.get_absolute_url(),
            inner,
            f"{inner}{comment.pk}/",
        ],
        resident: [
            inner,
            f"{inner}{comment.pk}/",
            f"{inner}{comment.pk}/edit/",
            f"{inner}{comment.pk}/delete/",
            f"{process.get_absolute_url()}join/",
            f"/w/{slug}/",
        ],
        staff["moderator"]: [
            f"{inner}{comment.pk}/moderate/",
            f"{inner}reports/",
            f"{inner}{comment.pk}/report/",
        ],
        staff["participation_officer"]: [
            f"/w/{slug}/processes/",
            f"/w/{slug}/processes/new/",
            f"/w/{slug}/processes/1/",
        ],
    }
    for user, paths in seen.items():
        client = browse(user) if user else Client()
        for path in paths:
            answer = client.get(path)
            assert answer.status_code == 200, (path, answer.status_code)
            check(answer, path)
            assert len(answer.content) < 60_000


def test_the_officers_way_through_the_pages(staff: Any, city: Any, browse: Callable[[Any], Client]) -> None:
    client, base = browse(staff["participation_officer"]), f"/w/{city.slug}/processes/"
    answer = client.post(base + "new/", {"title": "The park", "blueprint": "two_rounds"}, follow=True)
    assert answer.redirect_chain[-1][0] == base + "1/"
    page = answer.content.decode()
    assert "Before it can be published" in page
    assert 'name="publish"' not in page
    client.post(base + "1/state/", {"publish": ""})
    made = Process.objects.get()
    assert made.state == "draft"
    client.post(base + "1/", {"title": "The park", "description": "Benches?"})
    dates = {}
    today = timezone.now().date()
    for n, phase in enumerate(module_of(made).phases()):
        dates[f"phase{phase.pk}-first"] = today + timedelta(days=7 * n)
        dates[f"phase{phase.pk}-last"] = today + timedelta(days=7 * n + 6)
    client.post(f"{base}1/dates/{module_of(made).pk}/", dates)
    client.post(base + "1/state/", {"publish": ""})
    made.refresh_from_db()
    assert made.state == "published"
    assert "open now" in Client().get(made.get_absolute_url()).content.decode()
