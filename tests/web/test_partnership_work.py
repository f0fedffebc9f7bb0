"""What members do in a partnership: records, files, comments, surveys, calendars, and for how long."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from isopolis.web.audit.models import AuditEvent
from isopolis.web.partnerships.actions import AcceptForPerson, InviteToPartnership
from isopolis.web.partnerships.hub.actions import ChangeEnd, KeepRecord, LoadBook, RemoveRecord
from isopolis.web.partnerships.hub.documents import UploadDocument, whole
from isopolis.web.partnerships.hub.voices import AnswerComment, AnswerSurvey, CommentPaper, MakeFeed
from isopolis.web.partnerships.models import (
    EXPERT_DAYS,
    Comment,
    HubItem,
    Partnership,
    PartnershipMembership,
    SurveyAnswer,
)
from isopolis.web.permissions import may
from isopolis.web.protect.actions import SERVER

from .partnered import partnership_of, shipped
from .test_pages import check

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture
def hub(person: Any) -> SimpleNamespace:
    return partnership_of(person)


def upload(hub: Any, name: str = "paper.pdf", body: bytes = PDF, who: Any = None, **more: str) -> HubItem:
    plain = {
        "key": "a-paper",
        "title": "A paper",
        "access": "members",
        "language": "en",
        "version": "2",
    } | more
    return UploadDocument(who or hub.chair, hub.all, plain=plain, upload=SimpleUploadedFile(name, body)).run()


# -- loading ---------------------------------------------------------------------------------------------
def test_loading_again_changes_nothing_and_keeps_what_was_changed_here(hub: Any) -> None:
    before = HubItem.objects.count()
    row = HubItem.objects.get(kind="member", key="varna")
    KeepRecord(hub.chair, hub.all, "member", row.data | {"note": "ours"}, "varna").run()
    again = LoadBook(SERVER, shipped())
    assert again.run() == hub.all
    assert (again.added, HubItem.objects.count(), Partnership.objects.count()) == (0, before, 1)
    assert HubItem.objects.get(kind="member", key="varna").data["note"] == "ours"
    replaced = LoadBook(SERVER, shipped(), replace=True)
    replaced.run()
    assert replaced.added == 1
    assert "note" not in HubItem.objects.get(kind="member", key="varna").data


def test_loading_does_not_take_over_a_partnership_of_others(person: Any) -> None:
    Partnership.objects.create(name="Mine", slug="cities-of-equality")
    with pytest.raises(ValidationError, match="Another partnership"):
        LoadBook(SERVER, shipped()).run()
    with pytest.raises(PermissionDenied):
        LoadBook(person("somebody"), shipped()).run()


def test_what_is_kept_is_what_was_shipped(hub: Any) -> None:
    kept = {(r.kind, r.key): r.record() for r in HubItem.objects.all()}
    assert kept == {(kind, record.key): record for kind, record in shipped()}


# -- records by coordinators -----------------------------------------------------------------------------
KINDS = [
    "member",
    "meeting",
    "news",
    "document",
    "call",
    "strategy",
    "milestone",
    "survey",
    "paper",
    "commitment",
]


@pytest.mark.parametrize("kind", KINDS)
def test_a_form_that_is_sent_as_it_came_changes_nothing(
    hub: Any, browse: Callable[[Any], Client], kind: str
) -> None:
    """Round trip of every shipped record through its form; a paper gets one more version."""
    client = browse(hub.chair)
    if kind == "survey":
        survey(hub)
    for row in HubItem.objects.filter(kind=kind):
        page = client.get(f"{hub.at}edit/{kind}/{row.key}/?in=en")
        check(page, kind)
        form = page.context["form"]
        sent = {n: v for n in form.fields if (v := form[n].value()) not in (None, False)}
        if kind == "paper":
            sent |= {"number": "2"}
        answer = client.post(f"{hub.at}edit/{kind}/{row.key}/", sent)
        assert answer.status_code == 302, (row.key, answer.context["form"].errors)
        again, before = HubItem.objects.get(pk=row.pk).record(), row.record()
        if kind == "meeting":
            assert again.revision == before.revision + 1
            again = again.model_copy(update={"revision": before.revision})
        if kind == "paper":
            assert [v.number for v in again.versions] == ["outline", "2"]
            assert again.versions[0] == before.versions[0]
            assert [s.key for s in again.versions[1].sections] == [s.key for s in before.versions[0].sections]
            continue
        assert again == before, row.key


def test_a_meeting_is_written_in_a_form(hub: Any, browse: Callable[[Any], Client], client: Client) -> None:
    sent = {
        "language": "en", "title": "Second meeting", "key": "second", "access": "members",
        "day": "2026-12-03",
        "starts": "10:00", "ends": "11:30", "zone": "Europe/Rome", "form": "online",
        "agenda": "Welcome | 10 | Rome\nPlan",
        "decisions": "2-1 | We go on | segregation",
        "tasks": "Write it down | ANCT | 2026-12-31\nSend it | Varna | 2026-12-04 | done",
    }  # fmt: skip
    assert browse(hub.chair).post(f"{hub.at}edit/meeting/new/", sent).status_code == 302
    kept = HubItem.objects.get(kind="meeting", key="second").record()
    assert [(a.title, a.minutes, a.by) for a in kept.agenda] == [("Welcome", 10, "Rome"), ("Plan", None, "")]
    assert [(t.owner, t.due, t.state) for t in kept.tasks] == [
        ("ANCT", "2026-12-31", "open"),
        ("Varna", "2026-12-04", "done"),
    ]
    inside = browse(hub.reader).get(f"{hub.at}decisions/?q=we+go")
    assert b"We go on" in inside.content
    check(inside, "decisions")
    check(browse(hub.reader).get(f"{hub.at}meetings/second/"), "meeting")
    assert b"We go on" not in client.get(f"{hub.at}decisions/?q=we+go").content
    assert client.get(f"{hub.at}meetings/second/").status_code == 404


def test_what_is_wrong_in_a_form_is_said_and_nothing_is_kept(
    hub: Any, browse: Callable[[Any], Client]
) -> None:
    before = HubItem.objects.count()
    client = browse(hub.chair)
    sent = {
        "language": "en",
        "title": "T",
        "day": "2025-13",
        "text": "x",
        "key": "Bad Key",
        "access": "public",
    }
    answer = client.post(f"{hub.at}edit/news/new/", sent)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "a key is at most" in text
    assert "month must be" in text
    check(answer, "news form")
    taken = sent | {"day": "2025", "key": "activities-launched"}
    assert "Another record has this key" in client.post(f"{hub.at}edit/news/new/", taken).content.decode()
    assert (
        "address of its own"
        in client.post(f"{hub.at}edit/news/new/", taken | {"key": "new"}).content.decode()
    )
    assert HubItem.objects.count() == before


SCRIPT = "<script>alert(1)</script>"


def test_what_looks_like_markup_is_shown_as_text(hub: Any, client: Client) -> None:
    KeepRecord(
        hub.chair, hub.all, "news", {"key": "n", "title": SCRIPT, "day": "2025", "text": f"{SCRIPT}\n\n<b>x"}
    ).run()
    row = HubItem.objects.get(kind="member", key="varna")
    KeepRecord(
        hub.chair,
        hub.all,
        "member",
        row.data | {"name": SCRIPT, "place": {"name": SCRIPT, "lat": 1, "lon": 2}},
        "varna",
    ).run()
    for room in ("", "news/n/", "news/", "timeline/", "members/"):
        answer = client.get(hub.at + room)
        assert SCRIPT not in answer.content.decode()
        check(answer, room)


@pytest.mark.parametrize("who", ["reader", "expert", "stranger"])
def test_only_coordinators_keep_and_remove(hub: Any, browse: Callable[[Any], Client], who: str) -> None:
    actor, row = getattr(hub, who), HubItem.objects.filter(kind="news").first()
    with pytest.raises(PermissionDenied):
        KeepRecord(actor, hub.all, "news", {"key": "n", "title": "x", "day": "2025", "text": "x"}).run()
    with pytest.raises(PermissionDenied):
        RemoveRecord(actor, hub.all, row).run()
    with pytest.raises(PermissionDenied):
        upload(hub, who=actor)
    assert not HubItem.objects.filter(key="a-paper").exists()
    status = 404 if who == "stranger" else 403
    for room in ("edit/", "edit/news/", "edit/news/new/", "documents/upload/", "settings/"):
        assert browse(actor).get(hub.at + room).status_code == status, room


def test_records_of_another_partnership_are_not_mine(
    hub: Any, browse: Callable[[Any], Client], person: Any
) -> None:
    from isopolis.web.partnerships.actions import CreatePartnership

    other_chair = person("otherchair")
    other = CreatePartnership(other_chair, "Others", "").run()
    row = HubItem.objects.filter(kind="news").first()
    with pytest.raises(ValidationError):
        RemoveRecord(other_chair, other, row).run()
    client = browse(other_chair)
    assert client.get(f"/partnership/{other.slug}/edit/news/{row.key}/").status_code == 404
    assert client.post(f"/partnership/{other.slug}/edit/news/{row.key}/remove/").status_code == 404
    assert client.post(f"{hub.at}edit/news/{row.key}/remove/").status_code == 404
    assert HubItem.objects.filter(pk=row.pk).exists()


def test_coordinators_see_all_their_pages(hub: Any, browse: Callable[[Any], Client]) -> None:
    client = browse(hub.chair)
    for room in (
        "edit/",
        "settings/",
        "documents/upload/",
        *(f"edit/{k}/" for k in KINDS),
        *(f"edit/{k}/new/" for k in KINDS),
    ):
        answer = client.get(hub.at + room)
        assert answer.status_code == 200, room
        check(answer, room)


# -- documents -------------------------------------------------------------------------------------------
def test_a_document_keeps_its_checksum_and_comes_back_as_it_was(
    hub: Any, browse: Callable[[Any], Client], client: Client
) -> None:
    row = upload(hub)
    assert row.data["sha256"] == hashlib.sha256(PDF).hexdigest()
    sent = browse(hub.reader).get(f"{hub.at}documents/a-paper/file/")
    assert b"".join(sent.streaming_content) == PDF
    assert sent["Content-Disposition"] == 'attachment; filename="paper.pdf"'
    assert sent["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in sent["Content-Security-Policy"]
    assert client.get(f"{hub.at}documents/a-paper/file/").status_code == 404
    assert b"A paper" not in client.get(f"{hub.at}documents/").content
    page = browse(hub.reader).get(f"{hub.at}documents/")
    assert row.data["sha256"].encode() in page.content


def test_a_file_that_was_changed_is_not_sent(hub: Any, browse: Callable[[Any], Client]) -> None:
    row = upload(hub)
    assert whole(row)
    row.file.write_bytes(PDF + b"more")
    answer = browse(hub.reader).get(f"{hub.at}documents/a-paper/file/", follow=True)
    assert b"its checksum differs" in answer.content
    row.file.unlink()
    assert not whole(row)


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, body in files.items():
            made.writestr(name.replace("_", "/").replace("DOT", "."), body)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("page.html", b"<script>"),
        ("drawing.svg", b"<svg onload='x'/>"),
        ("paper.pdf", b"<html>"),
        ("paper.pdf.exe", PDF),
        ("noname", PDF),
        ("text.txt", b"a\x00b"),
        ("book.docx", b"PK\x03\x04 broken"),
        ("macros.docx", zipped(word_vbaProjectDOTbin=b"x")),
        ("bomb.xlsx", zipped(a=b"0" * 30_000_000)),
        ("picture.png", b"GIF89a"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(hub: Any, name: str, body: bytes) -> None:
    with pytest.raises(ValidationError):
        upload(hub, name, body)
    assert not HubItem.objects.filter(key="a-paper").exists()
    folder = HubItem.objects.first().file.parent
    assert not folder.exists() or not list(folder.iterdir())


def test_a_name_leads_nowhere_else(hub: Any) -> None:
    row = upload(hub, "..\\..\\etc\\pa\u202ess.pdf")
    assert row.data["file"] == "pass.pdf"
    assert row.file.name == f"{row.pk}.file"


def test_a_removed_document_takes_its_file_along(hub: Any, django_capture_on_commit_callbacks: Any) -> None:
    row = upload(hub)
    path = row.file
    assert path.is_file()
    with django_capture_on_commit_callbacks(execute=True):
        RemoveRecord(hub.chair, hub.all, row).run()
    assert not path.exists()


def test_a_document_is_uploaded_by_its_form(hub: Any, browse: Callable[[Any], Client]) -> None:
    sent = {"language": "en", "title": "Report", "key": "report", "access": "public", "doc_language": "fr",
            "version": "1.0", "file": SimpleUploadedFile("report.pdf", PDF)}  # fmt: skip
    assert browse(hub.chair).post(f"{hub.at}documents/upload/", sent).status_code == 302
    kept = HubItem.objects.get(kind="document", key="report").record()
    assert (kept.language, kept.version, kept.file, kept.access) == ("fr", "1.0", "report.pdf", "public")
    bad = sent | {"key": "other", "file": SimpleUploadedFile("x.html", b"<p>")}
    assert b"are not taken" in browse(hub.chair).post(f"{hub.at}documents/upload/", bad).content


# -- the paper -------------------------------------------------------------------------------------------
def test_members_comment_and_coordinators_answer_every_comment(
    hub: Any, browse: Callable[[Any], Client], client: Client
) -> None:
    sent = {"version": "outline", "section": "segregation", "text": "Add <b>housing</b>."}
    for who in (hub.reader, hub.expert):
        assert browse(who).post(f"{hub.at}paper/orientation-paper/comment/", sent).status_code == 302
    assert browse(hub.stranger).post(f"{hub.at}paper/orientation-paper/comment/", sent).status_code == 404
    page = browse(hub.chair).get(f"{hub.at}paper/")
    check(page, "paper")
    assert "2 comments wait for an answer" in page.content.decode()
    assert "Add <b>" not in page.content.decode()
    first = Comment.objects.order_by("pk").first()
    assert browse(hub.chair).post(f"{hub.at}comments/{first.pk}/answer/", {"text": "Yes."}).status_code == 302
    assert browse(hub.reader).post(f"{hub.at}comments/{first.pk}/answer/", {"text": "No."}).status_code == 403
    assert "1 comment waits" in browse(hub.reader).get(f"{hub.at}paper/").content.decode()
    assert "housing" not in client.get(f"{hub.at}paper/").content.decode()
    # only one's own can be deleted
    assert browse(hub.expert).post(f"{hub.at}comments/{first.pk}/delete/").status_code == 404
    assert browse(hub.reader).post(f"{hub.at}comments/{first.pk}/delete/").status_code == 302
    assert Comment.objects.count() == 1


def test_comments_need_a_text_a_part_and_a_rest(hub: Any) -> None:
    row = HubItem.objects.get(kind="paper")
    for version, section, text in (
        ("9", "", "x"),
        ("outline", "nose", "x"),
        ("outline", "", "  "),
        ("outline", "", "x" * 4001),
    ):
        with pytest.raises(ValidationError):
            CommentPaper(hub.reader, hub.all, row, version, section, text).run()
    for _n in range(10):
        CommentPaper(hub.reader, hub.all, row, "outline", "", "x").run()
    with pytest.raises(ValidationError, match="short time"):
        CommentPaper(hub.reader, hub.all, row, "outline", "", "x").run()
    with pytest.raises(ValidationError):
        AnswerComment(hub.chair, hub.all, Comment.objects.first(), " ").run()


# -- surveys ---------------------------------------------------------------------------------------------
def survey(hub: Any, **more: str) -> HubItem:
    questions = [
        {"key": "topics", "text": "Which topics?", "kind": "several", "options": ["Housing", "Schools"]},
        {"key": "why", "text": "Why?"},
    ]
    plain = {"key": "topics", "title": "Topics", "questions": questions, "access": "members"} | more
    return KeepRecord(hub.chair, hub.all, "survey", plain).run()


def test_members_answer_with_their_name_and_see_the_results(
    hub: Any, browse: Callable[[Any], Client], client: Client
) -> None:
    survey(hub)
    at = f"{hub.at}surveys/topics/"
    assert client.get(at).status_code == 302  # to sign in
    page = browse(hub.reader).get(at)
    check(page, "survey")
    assert "Answers carry names" in page.content.decode()
    sent = {"member": "Varna", "q-topics": ["Housing", "Schools"], "q-why": "Because."}
    assert browse(hub.reader).post(at, sent).status_code == 302
    assert browse(hub.reader).post(at, sent | {"q-topics": ["Housing"]}).status_code == 302
    assert SurveyAnswer.objects.count() == 1, "a second answer replaces the first"
    shown = browse(hub.chair).get(at)
    check(shown, "survey")
    text = " ".join(shown.content.decode().split())
    assert '<th scope="row" class="words">Housing</th><td>1</td>' in text
    assert '<th scope="row" class="words">Schools</th><td>0</td>' in text
    assert "Varna" in text
    assert browse(hub.expert).post(at, sent).status_code == 403
    assert SurveyAnswer.objects.count() == 1, "an expert from outside does not answer for a member"
    assert (
        b"none of the options" in browse(hub.chair).post(at, sent | {"q-topics": "Nose"}, follow=True).content
    )


def test_a_survey_closes(hub: Any) -> None:
    row = survey(hub, opens="2026-01-01", closes="2026-01-31")
    for day, opened in ((date(2025, 12, 31), False), (date(2026, 1, 31), True), (date(2026, 2, 1), False)):
        action = AnswerSurvey(hub.reader, hub.all, row, "Varna", {"why": ("x",)}, day)
        if opened:
            action.run()
        else:
            with pytest.raises(ValidationError, match="not open"):
                action.run()


# -- calendars -------------------------------------------------------------------------------------------
def names(answer: Any) -> set[str]:
    assert answer["Content-Type"].startswith("text/calendar")
    return {str(e["UID"]).split("@")[0] for e in Calendar.from_ical(answer.content).walk("VEVENT")}


def test_the_public_calendar_has_public_meetings_whoever_asks(
    hub: Any, browse: Callable[[Any], Client], client: Client
) -> None:
    KeepRecord(hub.chair, hub.all, "meeting", {"key": "secret", "title": "S", "day": "2026-12-01"}).run()
    for asker in (client, browse(hub.chair)):
        assert names(asker.get(f"{hub.at}meetings.ics")) == {"kick-off-2024", "paris-2025"}


def test_a_secret_link_shows_what_its_owner_may_read_until_it_ends(
    hub: Any, browse: Callable[[Any], Client], client: Client
) -> None:
    for key, access in (("ours", "members"), ("chairs", "coordinators")):
        KeepRecord(
            hub.chair, hub.all, "meeting", {"key": key, "title": "S", "day": "2026-12-01", "access": access}
        ).run()
    made = browse(hub.reader).post(f"{hub.at}meetings/feed/", follow=True)
    link = made.content.decode().split("/partnership/calendar/")[1].split("<")[0]
    first = f"/partnership/calendar/{link}"
    assert names(client.get(first)) == {"kick-off-2024", "paris-2025", "ours"}
    assert link.removesuffix(".ics") not in str(list(AuditEvent.objects.values_list("detail", flat=True)))
    again = MakeFeed(hub.reader, hub.all)
    again.run()
    assert client.get(first).status_code == 404, "a new link ends the old one"
    second = f"/partnership/calendar/{again.token}.ics"
    assert client.get(second).status_code == 200
    PartnershipMembership.objects.filter(user=hub.reader).delete()
    assert client.get(second).status_code == 404, "who has left has no calendar"
    assert client.get("/partnership/calendar/wrong.ics").status_code == 404


# -- experts ---------------------------------------------------------------------------------------------
def test_an_expert_reads_for_a_time_and_not_what_cities_found(
    hub: Any, browse: Callable[[Any], Client]
) -> None:
    client, today = browse(hub.expert), timezone.localdate()
    assert client.get(f"{hub.at}surveys/").status_code == 200
    page = client.get(hub.all.get_absolute_url())
    assert page.status_code == 200
    assert "What the cities share" not in page.content.decode()
    mine = PartnershipMembership.objects.get(user=hub.expert)
    ChangeEnd(hub.chair, hub.all, mine, today).run()
    assert may(hub.expert, "hub.read", partnership=hub.all)
    ChangeEnd(hub.chair, hub.all, mine, today - timedelta(days=1)).run()
    assert not may(hub.expert, "hub.read", partnership=hub.all)
    assert client.get(hub.all.get_absolute_url()).status_code == 404
    assert hub.all.name not in client.get("/partnerships/").content.decode()
    assert client.post(f"{hub.at}paper/orientation-paper/comment/", {"text": "x"}).status_code == 404
    with pytest.raises(ValidationError, match="for a time only"):
        ChangeEnd(hub.chair, hub.all, mine, None).run()


def test_an_invited_expert_gets_an_end_and_takes_nothing_from_a_reader(hub: Any, person: Any) -> None:
    for who, role in ((hub.stranger, "expert"), (hub.reader, "reader"), (hub.chair, "coordinator")):
        asked = InviteToPartnership(hub.chair, hub.all, who.email, "expert")
        asked.run()
        AcceptForPerson(who, asked.path.rstrip("/").rsplit("/", 1)[-1]).run()
        mine = PartnershipMembership.objects.get(user=who, partnership=hub.all)
        assert mine.role == role
        assert mine.until == (
            timezone.localdate() + timedelta(days=EXPERT_DAYS) if role == "expert" else None
        )


def test_changes_are_written_down_without_names(hub: Any) -> None:
    upload(hub)
    CommentPaper(hub.reader, hub.all, HubItem.objects.get(kind="paper"), "outline", "", "Secret words").run()
    said = str(list(AuditEvent.objects.order_by("-pk").values_list("verb", "target", "detail")[:2]))
    assert "hub.upload" in said
    assert "hub.comment" in said
    assert "Secret words" not in said
    assert "paper.pdf" not in said
