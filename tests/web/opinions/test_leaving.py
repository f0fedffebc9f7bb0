"""Who leaves a conversation leaves its files; single votes are told in tens; a browser can forget."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from isopolis.web.modules.models import Module
from isopolis.web.modules.opinions import people, tasks
from isopolis.web.modules.opinions.desk import Bring, Close, Compute
from isopolis.web.modules.opinions.models import Archive, Conversation, Statement, Vote, Voter
from isopolis.web.work.models import Job

from ..test_pages import check
from ..towns import work
from .talks import say, town


def computed(talk: Conversation, owner: Any) -> Conversation:
    Compute(owner, talk.process.workspace, talk.module).run()
    assert [j.state for j in work()] == ["done"], Job.objects.last().error
    return Conversation.objects.get()


# -- the file of single votes ------------------------------------------------------------------------------
def test_single_votes_are_told_anew_only_for_ten_more(talk: Conversation, owner: Any) -> None:
    town(talk, 20)
    computed(talk, owner)
    first = Archive.objects.get().download()
    town(talk, 9)
    assert computed(talk, owner).shown["absent"]["voters"] == 29
    assert Archive.objects.get().download() == first
    town(talk, 1)
    computed(talk, owner)
    assert Archive.objects.get().download() != first


def test_the_file_does_not_say_who_wrote_what(talk: Conversation, owner: Any) -> None:
    town(talk, 12)
    Statement.objects.filter(number=1).update(author=Voter.objects.first())
    computed(talk, owner)
    with zipfile.ZipFile(io.BytesIO(Archive.objects.get().download())) as files:
        rows = list(csv.DictReader(io.StringIO(files.read("comments.csv").decode())))
    assert len(rows) == 12
    assert len({r["author-id"] for r in rows}) == 1


def test_whoever_leaves_while_it_is_computed_is_in_nothing(
    talk: Conversation, owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    town(talk, 20)
    read = tasks._talk

    def meanwhile(found: Conversation) -> Any:
        out = read(found)
        people.leave(Conversation.objects.get(), Voter.objects.first())
        return out

    monkeypatch.setattr(tasks, "_talk", meanwhile)
    found = computed(talk, owner)
    assert (found.shown, found.public) == ({}, {})
    assert not Archive.objects.exists()
    monkeypatch.setattr(tasks, "_talk", read)
    assert computed(talk, owner).shown["absent"]["voters"] == 19


# -- ended, and nothing in it ------------------------------------------------------------------------------
def test_an_empty_conversation_is_not_computed_day_after_day(talk: Conversation, city: Any) -> None:
    Voter.objects.create(conversation=talk)  # wrote a statement, voted on none
    late = timezone.now() + timedelta(days=400)
    for _day in range(3):
        tasks.due(late)
    assert not Job.objects.filter(kind="opinions").exists()
    town(talk, 1)
    tasks.due(late)
    assert Job.objects.filter(kind="opinions").count() == 1


def test_who_did_not_vote_is_no_reason_to_compute_anew(talk: Conversation, owner: Any) -> None:
    town(talk, 12)
    Voter.objects.create(conversation=talk)
    computed(talk, owner)
    before = Job.objects.count()
    tasks.due(timezone.now())
    assert Job.objects.count() == before
    Close(owner, talk.process.workspace, talk.module).run()
    assert Job.objects.count() == before + 1


# -- a browser that several people use ---------------------------------------------------------------------
def test_a_second_resident_says_not_me(talk: Conversation) -> None:
    module, browser = talk.module, Client()
    url = module.get_absolute_url()
    say(browser, module, "1")
    mine = browser.get(f"{url}mine/")
    check(mine, f"{url}mine/")
    assert f"{url}mine/forget/" in mine.content.decode()
    assert browser.get(f"{url}mine/forget/").status_code == 405
    assert browser.post(f"{url}mine/forget/").status_code == 302
    assert not browser.cookies[f"opinions-{module.pk}"].value
    assert "You have not voted here" in browser.get(f"{url}mine/").content.decode()
    assert Vote.objects.count() == 1, "the first one's vote stays"
    say(browser, module, "-1")
    assert Voter.objects.count() == 2


# -- brought from elsewhere --------------------------------------------------------------------------------
def test_a_conversation_is_brought_in_few_statements_of_the_database(
    module: Module, owner: Any, city: Any
) -> None:
    texts = ["timestamp,datetime,comment-id,author-id,agrees,disagrees,moderated,comment-body"]
    texts += [f'0,,{s},0,0,0,1,"Brought statement {s}"' for s in range(200)]
    votes = ["timestamp,datetime,comment-id,voter-id,vote"]
    votes += [f"1000,,{s},{p},1" for p in range(3) for s in range(200)]
    files = {"comments.csv": "\n".join(texts).encode(), "votes.csv": "\n".join(votes).encode()}
    with CaptureQueriesContext(connection) as caught:
        Bring(owner, city, module, files).run()
    assert len(caught) < 60
    assert list(Statement.objects.order_by("number").values_list("number", "votes")) == [
        (n, 3) for n in range(1, 201)
    ]
    assert Vote.objects.count() == 600
