"""The result of a conversation: a guarded map, brought and given back, and what is forgotten."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from isopolis.engage.representation.cells import Cell
from isopolis.web.modules.actions import CreateProcess
from isopolis.web.modules.models import Module
from isopolis.web.modules.opinions import privacy, tasks
from isopolis.web.modules.opinions.actions import AddSeeds, Decide, Propose, Withdraw
from isopolis.web.modules.opinions.desk import Bring, Close, Compute, SetUp
from isopolis.web.modules.opinions.models import (
    About,
    Archive,
    Conversation,
    Statement,
    Vote,
    Voter,
)
from isopolis.web.modules.opinions.people import Person, cast
from isopolis.web.participation.counting import counted
from isopolis.web.protect.erasure import erase
from isopolis.web.work.models import Job

from ..test_pages import check
from ..towns import work
from .talks import CENSUS, SEEDS, say, town


# -- the result --------------------------------------------------------------------------------------------
def test_the_map_shows_camps_agreement_and_who_is_not_there(
    talk: Conversation, owner: Any, city: Any, browse: Callable[[Any], Client]
) -> None:
    module = talk.module
    SetUp(owner, city, module, 280, 1200, CENSUS).run()
    town(talk, traits=True)
    Close(owner, city, module).run()
    assert [j.state for j in work()] == ["done"], Job.objects.get().error
    found = Conversation.objects.get()
    kept = found.public
    assert kept["final"]
    assert [g["people"] for g in kept["groups"]] == [30, 30]
    assert kept["absent"]["not_there"] == 1140
    standing = {r["id"]: r["standing"] for r in kept["statements"]}
    assert standing["1"] == "agreed"
    assert standing["2"] == "divides"
    age, place = kept["census"]
    told = {g["group"]: g["voters"] for g in age["groups"]}
    assert told["old"] is None  # four people
    assert None in (told["young"], told["middle"])  # or the four could be worked out
    assert {g["group"]: g["voters"] for g in place["groups"]} == {"north": 40, "south": 20}
    assert not About.objects.exists()
    url = f"{module.get_absolute_url()}result/"
    page = Client().get(url)
    check(page, url)
    text = page.content.decode()
    assert re.search(r"agrees with 6 statements \(\d+, \d+, \d+, \d+, \d+, …\)\.", text)
    assert "Group A" in text
    assert "<svg" in text
    assert "1,140" in text
    assert len(page.content) < 60_000
    assert str(Voter.objects.first().pk) not in str(kept)
    desk = browse(owner)
    packed = desk.get(f"{module.get_absolute_url()}manage/export.zip")
    with zipfile.ZipFile(io.BytesIO(packed.content)) as files:
        assert set(files.namelist()) >= {"votes.csv", "comments.csv", "participants-votes.csv"}
        assert files.read("votes.csv").count(b"\n") == 1 + 60 * 12
        names = files.read("votes.csv").decode()
    assert all(v.pk.hex not in names and str(v.pk) not in names for v in Voter.objects.all())
    # the census stays as it was told once, though nobody's groups are known any more
    Compute(owner, city, module).run()
    work()
    assert Conversation.objects.get().public["census"] == kept["census"]


def test_a_small_conversation_gets_no_groups(talk: Conversation, owner: Any, city: Any) -> None:
    module = talk.module
    town(talk, 16)
    Close(owner, city, module).run()
    work()
    kept = Conversation.objects.get().public
    assert (kept["state"], kept["groups"]) == ("refused", [])
    url = f"{module.get_absolute_url()}result/"
    page = Client().get(url)
    check(page, url)
    text = page.content.decode()
    assert "No groups are shown: 16 people voted on enough statements to be placed; 50 are needed" in text
    assert "drawn again from 20 resamples" in text
    assert "every group agrees" not in text


def test_two_looks_do_not_tell_one_vote(talk: Conversation, owner: Any, city: Any) -> None:
    """While people vote, everybody sees another result only when ten more have voted; counts are in tens."""
    module = talk.module
    town(talk, 20)
    tasks.due(timezone.now())
    work()
    first = Conversation.objects.get().public
    top = first["statements"][0]["all"]
    assert (top["votes"], top["disagree"]) == (20, 0.0)
    assert round(top["agree"] * 20) == pytest.approx(top["agree"] * 20)
    town(talk, 5)
    tasks.due(timezone.now())
    work()
    found = Conversation.objects.get()
    assert found.public == first
    assert found.shown != first
    assert not found.public["census"]
    town(talk, 5)
    Compute(owner, city, module).run()
    work()
    assert Conversation.objects.get().public["absent"]["voters"] == 30
    before = Job.objects.count()
    tasks.due(timezone.now())
    assert Job.objects.count() == before  # nobody new


def test_fewer_than_ten_voters_are_shown_to_nobody(talk: Conversation, owner: Any, city: Any) -> None:
    town(talk, 9)
    Compute(owner, city, talk.module).run()
    work()
    found = Conversation.objects.get()
    assert found.public == {}
    assert all(r["all"] is None and r["value"] is None for r in found.shown["statements"])
    assert "no result yet" in Client().get(f"{talk.module.get_absolute_url()}result/").content.decode()


def test_a_result_says_nothing_of_a_statement_that_was_taken_back(
    talk: Conversation, owner: Any, city: Any
) -> None:
    town(talk, 16)
    Compute(owner, city, talk.module).run()
    work()
    Statement.objects.filter(number=3).update(text="")
    text = Client().get(f"{talk.module.get_absolute_url()}result/").content.decode()
    assert SEEDS[2] not in text
    assert "taken back" in text


# -- brought from elsewhere --------------------------------------------------------------------------------
def test_a_conversation_is_brought_mapped_and_given_back(
    module: Module, owner: Any, city: Any, browse: Callable[[Any], Client]
) -> None:
    rows = ["timestamp,datetime,comment-id,voter-id,vote"]
    rng = np.random.default_rng(1)
    for p in range(60):
        views = [1 if s % 2 or p % 2 else -1 for s in range(10)]
        rows += [f"{1000 + p},,{s},{p},{v if rng.random() < 0.9 else 0}" for s, v in enumerate(views)]
    texts = ["timestamp,datetime,comment-id,author-id,agrees,disagrees,moderated,comment-body"]
    texts += [f'0,,{s},0,0,0,{-1 if s == 9 else 1},"Brought statement {s} <b>مرحبا</b>"' for s in range(10)]
    files = [
        SimpleUploadedFile("votes.csv", "\n".join(rows).encode()),
        SimpleUploadedFile("comments.csv", "\n".join(texts).encode()),
    ]
    desk, url = browse(owner), f"{module.get_absolute_url()}manage/"
    answer = desk.post(f"{url}upload/", {"files": files, "files_language": "en"})
    assert answer.status_code == 302, answer.content.decode()
    assert Vote.objects.count() == 600
    assert Statement.objects.filter(state="refused").count() == 1
    assert counted([module])[module.pk] == {("import", ""): 60}
    desk.post(f"{url}compute/")
    work()
    kept = Conversation.objects.get().public
    assert kept["brought"] == 60
    assert [g["people"] for g in kept["groups"]] == [30, 30]
    assert len(kept["statements"]) == 9
    packed = desk.get(f"{url}export.zip").content
    again = CreateProcess(owner, city, "Again", "opinions", timezone.now()).run().module_set.get()
    Bring(owner, city, again, {"all.zip": packed}).run()
    assert Vote.objects.filter(voter__conversation__module=again).count() == 600
    with pytest.raises(ValidationError, match="take part here already"):
        Bring(owner, city, again, {"all.zip": packed}).run()
    third = CreateProcess(owner, city, "Third", "opinions", timezone.now()).run().module_set.get()
    for bad in ({}, {"x.zip": b"no zip"}, {"votes.csv": b"a,b\n1,2\n"}, {"other.csv": b"x"}):
        with pytest.raises(ValidationError):
            Bring(owner, city, third, bad).run()


# -- people's data -----------------------------------------------------------------------------------------
def test_describing_oneself_is_optional_and_moves_the_count_of_participants(
    talk: Conversation, owner: Any, city: Any
) -> None:
    module, client = talk.module, Client()
    url = f"{module.get_absolute_url()}about-me/"
    assert client.get(url).status_code == 404
    SetUp(owner, city, module, 280, None, CENSUS).run()
    check(client.get(url), url)
    assert "Vote on a statement first" in client.post(url, {"about0": "old"}).content.decode()
    say(client, module, "1")
    check(client.get(url), url)
    client.post(url, {"about0": "old", "about1": ""})
    assert About.objects.get().traits == {"age": "old"}
    assert counted([module])[module.pk] == {("web", "|age=old"): 1}
    assert client.post(url, {"about0": "ancient"}).status_code == 200
    with pytest.raises(ValidationError, match="cannot be changed"):
        SetUp(owner, city, module, 280, None, CENSUS).run()
    client.post(url, {"about0": "", "about1": ""})
    assert not About.objects.exists()
    assert counted([module])[module.pk] == {("web", ""): 1}
    client.post(url, {"about0": "young", "about1": "north"})
    client.post(f"{module.get_absolute_url()}mine/withdraw/")
    assert module.pk not in counted([module])


def test_an_erased_account_takes_its_votes_along(
    talk: Conversation, person: Any, owner: Any, city: Any
) -> None:
    user, module = person("anna"), talk.module
    town(talk, 12)
    made = Propose(owner, city, module, Person(user), "Benches for the old people", "en").run()
    Decide(owner, city, module, made, accepted=True).run()
    cast(talk, Person(user), made, 1, timezone.now())
    Compute(owner, city, module).run()
    work()
    assert Archive.objects.exists()
    erase(user)
    made.refresh_from_db()
    assert (made.text, made.author) == ("", None)
    assert Voter.objects.count() == 12
    assert not Archive.objects.exists()
    Compute(owner, city, module).run()
    work()
    assert Statement.objects.get(pk=made.pk).votes == 0


def test_votes_are_forgotten_a_year_after_the_end(talk: Conversation, owner: Any, city: Any) -> None:
    town(talk, 12, traits=True)
    votes, traits = privacy.RULES
    Voter.objects.filter(about__isnull=False).update(cell="|age=old")
    Close(owner, city, talk.module).run()
    now = timezone.now()
    assert traits.run(now + timedelta(days=29), False) == 0
    assert traits.run(now + timedelta(days=31), True) == 12
    assert votes.run(now + timedelta(days=364), False) == 0
    assert traits.run(now + timedelta(days=31), False) == 12
    assert set(Voter.objects.values_list("cell", flat=True)) == {str(Cell())}, "nor where they were counted"
    votes.run(now + timedelta(days=366), False)
    assert not Voter.objects.exists()
    assert not Vote.objects.exists()
    assert Statement.objects.count() == 12


def test_whoever_withdraws_is_one_of_this_conversation(talk: Conversation, owner: Any, city: Any) -> None:
    other = CreateProcess(owner, city, "Other", "opinions", timezone.now()).run().module_set.get()
    AddSeeds(owner, city, other, SEEDS[:2], "en").run()
    voter = Voter.objects.create(conversation=Conversation.objects.get(module=other))
    with pytest.raises(ValidationError, match="another conversation"):
        Withdraw(owner, city, talk.module, voter).run()


# -- size --------------------------------------------------------------------------------------------------
def test_a_page_reads_no_votes_but_ones_own(talk: Conversation, django_assert_max_num_queries: Any) -> None:
    town(talk, 40)
    client = Client()
    say(client, talk.module, "1")
    with django_assert_max_num_queries(14) as asked:
        client.get(talk.module.get_absolute_url())
    sql = [q["sql"] for q in asked.captured_queries if '"opinions_vote"' in q["sql"]]
    assert len(sql) == 1
    assert '"voter_id" =' in sql[0]


def test_every_real_folder_is_brought(module: Module, owner: Any, city: Any, data: Path) -> None:
    folder = data / "polis_london_youth_policing"
    files = {p.name: p.read_bytes() for p in folder.glob("*.csv")}
    Bring(owner, city, module, files).run()
    Compute(owner, city, module).run()
    assert [j.state for j in work()] == ["done"]
    assert Conversation.objects.get().shown["state"] == "refused"
