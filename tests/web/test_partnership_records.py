"""A partnership's records when two people work on them, when keys change, and when something fails."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection
from django.test import Client

from isopolis.act.partnership import first_day
from isopolis.web.operate.databases import facts
from isopolis.web.partnerships.hub import actions
from isopolis.web.partnerships.hub.actions import KeepRecord, LoadBook, RemoveRecord
from isopolis.web.partnerships.hub.documents import UploadDocument
from isopolis.web.partnerships.hub.voices import AnswerComment, AnswerSurvey, CommentPaper
from isopolis.web.partnerships.models import Comment, HubItem, Partnership, SurveyAnswer
from isopolis.web.protect.actions import SERVER

from .partnered import partnership_of, shipped

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture
def hub(person: Any) -> SimpleNamespace:
    return partnership_of(person)


def paper(hub: Any, key: str, **more: Any) -> HubItem:
    version = {"number": "1", "sections": [{"key": "one", "title": {"en": "One"}, "text": "x"}]}
    plain = {"key": key, "title": "A paper", "versions": [version]} | more
    made: HubItem = KeepRecord(hub.chair, hub.all, "paper", plain).run()
    return made


def upload(hub: Any, key: str = "doc") -> UploadDocument:
    plain = {"key": key, "title": "D", "access": "members"}
    return UploadDocument(hub.chair, hub.all, plain=plain, upload=SimpleUploadedFile("d.pdf", PDF))


# -- comments stay with their paper ------------------------------------------------------------------
def test_comments_go_along_when_a_paper_gets_another_key(hub: Any) -> None:
    row = paper(hub, "draft", access="coordinators")
    CommentPaper(hub.chair, hub.all, row, "1", "", "Not for all").run()
    KeepRecord(hub.chair, hub.all, "paper", row.data | {"key": "inner"}, "draft").run()
    paper(hub, "draft", access="public")
    assert list(Comment.objects.values_list("paper", "text")) == [("inner", "Not for all")]
    # whoever read the row before it was renamed comments on the same paper, and removes its comments
    CommentPaper(hub.chair, hub.all, row, "1", "", "Late").run()
    assert set(Comment.objects.values_list("paper", flat=True)) == {"inner"}
    RemoveRecord(hub.chair, hub.all, row).run()
    assert not Comment.objects.exists()
    with pytest.raises(ValidationError, match="not there any more"):
        CommentPaper(hub.chair, hub.all, row, "1", "", "Too late").run()
    with pytest.raises(ValidationError, match="not there any more"):
        RemoveRecord(hub.chair, hub.all, row).run()


def test_nobody_comments_on_the_paper_of_another_partnership(hub: Any) -> None:
    other = Partnership.objects.create(name="Other", slug="other")
    row = paper(hub, "draft")
    row.partnership_id = other.pk
    with pytest.raises(ValidationError, match="another partnership"):
        CommentPaper(hub.chair, hub.all, row, "1", "", "x").run()


# -- two people at once ------------------------------------------------------------------------------
def sent_form(client: Client, at: str) -> dict[str, Any]:
    form = client.get(at).context["form"]
    return {n: v for n in form.fields if (v := form[n].value()) not in (None, False)}


def test_nobody_undoes_what_another_one_wrote_meanwhile(hub: Any, browse: Callable[[Any], Client]) -> None:
    at, client = f"{hub.at}edit/member/varna/?in=en", browse(hub.chair)
    mine, theirs = sent_form(client, at), sent_form(client, at)
    assert client.post(at, theirs | {"note": "theirs"}).status_code == 302
    refused = client.post(at, mine | {"note": "mine"})
    assert "Somebody else saved this part meanwhile" in refused.content.decode()
    row = HubItem.objects.get(kind="member", key="varna")
    assert row.data["note"] == "theirs"
    assert "seen" not in row.data
    # told so, they look, and then decide
    form = refused.context["form"]
    again = mine | {"note": "both", "seen": form["seen"].value()}
    assert client.post(at, again).status_code == 302
    assert HubItem.objects.get(pk=row.pk).data["note"] == "both"


def test_two_new_versions_of_a_paper_are_both_kept(hub: Any, browse: Callable[[Any], Client]) -> None:
    paper(hub, "draft")
    at, client = f"{hub.at}edit/paper/draft/?in=en", browse(hub.chair)
    mine, theirs = sent_form(client, at), sent_form(client, at)
    assert client.post(at, theirs | {"number": "2"}).status_code == 302
    refused = client.post(at, mine | {"number": "3"})
    assert refused.status_code == 200
    seen = refused.context["form"]["seen"].value()
    assert client.post(at, mine | {"number": "3", "seen": seen}).status_code == 302
    kept = HubItem.objects.get(kind="paper", key="draft").record()
    assert [v.number for v in kept.versions] == ["1", "2", "3"]


def test_a_key_that_is_taken_at_the_same_moment_is_said(hub: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    paper(hub, "draft")

    class Blind(KeepRecord):
        def check(self) -> None:
            self.row, (self.record, _wrong) = None, actions.check_record(self.kind, dict(self.plain))

    plain = HubItem.objects.get(kind="paper", key="draft").data
    with pytest.raises(ValidationError, match="Another record has this key"):
        Blind(hub.chair, hub.all, "paper", plain).run()


# -- what is written ---------------------------------------------------------------------------------
def test_signs_that_no_database_keeps_are_left_out(hub: Any, browse: Callable[[Any], Client]) -> None:
    row = paper(hub, "draft")
    made = CommentPaper(hub.reader, hub.all, row, "1", "", "A\x00B\u202e").run()
    assert Comment.objects.get().text == "AB"
    AnswerComment(hub.chair, hub.all, made, "\x00Yes").run()
    assert Comment.objects.get().answer == "Yes"
    with pytest.raises(ValidationError):
        CommentPaper(hub.reader, hub.all, row, "1", "", "\x00\u200b").run()
    questions = [
        {"key": "topic", "text": "Which?", "kind": "one", "options": ["Caf\u0065\u0301"]},
        {"key": "why", "text": "Why?"},
    ]
    survey = KeepRecord(
        hub.chair, hub.all, "survey", {"key": "s", "title": "S", "questions": questions}
    ).run()
    said = {"topic": ("Caf\u0065\u0301",), "why": ("Be\x00cause",)}
    AnswerSurvey(hub.reader, hub.all, survey, "Var\x00na", said).run()
    kept = SurveyAnswer.objects.get()
    assert (kept.member, kept.answers["why"]) == ("Varna", ["Because"])
    assert kept.answers["topic"] == ["Caf\u0065\u0301"], "an option stays as the survey has it"


@pytest.mark.parametrize("day", ["9999-12-31", "2101", "1899-12-31", "0000"])
def test_a_day_that_no_calendar_can_count_on_from_is_refused(hub: Any, day: str) -> None:
    with pytest.raises(ValidationError, match="between the years 1900 and 2100"):
        KeepRecord(hub.chair, hub.all, "meeting", {"key": "late", "title": "L", "day": day}).run()
    assert first_day("2100") == date(2100, 1, 1)


# -- files -------------------------------------------------------------------------------------------
def test_a_backup_knows_which_documents_it_needs(hub: Any) -> None:
    row = upload(hub).run()

    def ask(sql: str) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    needs = facts(ask, connection.vendor)["needs"]
    assert [n for n in needs if n.startswith("partnerships/")] == [f"partnerships/{hub.all.pk}/{row.pk}.file"]


def test_there_is_no_document_without_its_file_and_no_file_without_its_document(
    hub: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from isopolis.web import actions as base
    from isopolis.web.partnerships.hub import documents

    folder = HubItem.objects.first().file.parent

    def full(*_given: Any) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as broken:
        broken.setattr(documents.os, "replace", full)
        with pytest.raises(OSError, match="space"):
            upload(hub).run()
    assert not HubItem.objects.filter(key="doc").exists()

    def unwritten(*_given: Any, **_more: Any) -> None:
        raise IntegrityError("the log")

    with monkeypatch.context() as broken:
        broken.setattr(base, "append", unwritten)
        with pytest.raises(IntegrityError):
            upload(hub).run()
    assert not HubItem.objects.filter(key="doc").exists()
    assert list(folder.iterdir()) == []


# -- pages -------------------------------------------------------------------------------------------
def test_news_and_a_meeting_of_the_same_key_have_their_own_pages(
    hub: Any, browse: Callable[[Any], Client]
) -> None:
    same = {"key": "same", "title": "Same", "day": "2026-05-01"}
    KeepRecord(hub.chair, hub.all, "meeting", same).run()
    KeepRecord(hub.chair, hub.all, "news", same | {"text": "x"}).run()
    page = browse(hub.chair).get(f"{hub.at}timeline/").content.decode()
    assert page.count(f'href="{hub.at}meetings/same/"') == 1
    assert page.count(f'href="{hub.at}news/same/"') == 1


def test_only_a_partnership_with_them_speaks_of_the_european_institutions(hub: Any, client: Client) -> None:
    assert "and the European institutions" in client.get(hub.at).content.decode()
    HubItem.objects.filter(kind="member", data__type="eu_institution").delete()
    page = client.get(hub.at).content.decode()
    assert "and the European institutions" not in page
    assert "without the European institutions" in page


# -- loading -----------------------------------------------------------------------------------------
def test_loading_again_never_counts_a_meeting_back(hub: Any) -> None:
    row = HubItem.objects.filter(kind="meeting").first()
    for where in ("Here", "There"):
        KeepRecord(hub.chair, hub.all, "meeting", row.data | {"where": where}, row.key).run()
    before = HubItem.objects.get(pk=row.pk).record().revision
    LoadBook(SERVER, shipped(), replace=True).run()
    loaded = HubItem.objects.get(pk=row.pk)
    assert loaded.record().revision == before + 1
    assert loaded.record().where == row.record().where
    again = LoadBook(SERVER, shipped(), replace=True)
    again.run()
    assert again.added == 0
    assert HubItem.objects.get(pk=row.pk).record().revision == before + 1
