"""Conversations: statements moderated first, votes without an account, and attacks on both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone

from isopolis.web.audit.models import AuditEvent
from isopolis.web.modules.opinions import limits
from isopolis.web.modules.opinions.actions import AddSeeds, Decide, Propose
from isopolis.web.modules.opinions.desk import Close
from isopolis.web.modules.opinions.models import (
    Conversation,
    Decision,
    Statement,
    Vote,
    Voter,
)
from isopolis.web.modules.opinions.people import Person, cast
from isopolis.web.participation.counting import counted

from ..test_pages import check
from .talks import SEEDS, hidden, say


# -- residents -----------------------------------------------------------------------------------------
def test_somebody_without_an_account_votes_one_statement_after_the_other(talk: Conversation) -> None:
    module, client = talk.module, Client()
    url = module.get_absolute_url()
    page = client.get(url)
    check(page, url)
    assert "opinions-" not in str(client.cookies)
    assert not Voter.objects.exists()
    answer = say(client, module, "1")
    assert answer.status_code == 302
    assert answer.url.endswith("#statement")
    cookie = client.cookies[f"opinions-{module.pk}"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", url)
    seen = set(Vote.objects.values_list("statement__number", flat=True))
    for choice in ("-1", "0", "1", "1", "-1", "1", "1", "1", "1", "1", "1"):
        seen.add(int(hidden(client.get(url), "statement")))
        assert say(client, module, choice).status_code == 302
    assert len(seen) == 12
    assert "voted on every statement" in client.get(url).content.decode()
    assert Voter.objects.count() == 1
    assert Vote.objects.count() == 12
    assert counted([module])[module.pk] == {("web", ""): 1}
    assert list(Statement.objects.values_list("votes", flat=True).distinct()) == [1]
    assert not AuditEvent.objects.filter(verb__contains="vote").exists()


def test_a_vote_is_changed_and_everything_taken_back(talk: Conversation) -> None:
    module, client = talk.module, Client()
    url = module.get_absolute_url()
    say(client, module, "1")
    vote = Vote.objects.get()
    mine = client.get(f"{url}mine/")
    check(mine, f"{url}mine/")
    assert vote.statement.text in mine.content.decode()
    client.post(f"{url}vote/", {"statement": vote.statement.number, "choice": "-1", "back": "mine"})
    assert Vote.objects.get().value == -1
    assert Statement.objects.get(pk=vote.statement_id).votes == 1
    check(client.get(f"{url}mine/withdraw/"), "withdraw")
    assert client.post(f"{url}mine/withdraw/").status_code == 302
    assert not Voter.objects.exists()
    assert not Vote.objects.exists()
    assert Statement.objects.get(pk=vote.statement_id).votes == 0
    assert module.pk not in counted([module])


def test_later_comes_again_when_nothing_else_is_left(talk: Conversation) -> None:
    module, client = talk.module, Client()
    url = module.get_absolute_url()
    page = client.get(url)
    first = hidden(page, "statement")
    aside = client.post(f"{url}vote/", {"statement": first, "choice": "later"})
    assert aside.url == f"{url}?later={first}#statement"
    assert not Voter.objects.exists()
    at, seen = aside.url.partition("#")[0], []
    for _ in range(12):
        page = client.get(at)
        seen.append(hidden(page, "statement"))
        answer = client.post(
            f"{url}vote/", {n: hidden(page, n) for n in ("statement", "sign", "later")} | {"choice": "1"}
        )
        at = answer.url.partition("#")[0]
    assert seen[-1] == first
    assert len(set(seen)) == 12
    assert client.get(f"{url}?later=x.9999999.-3.²").status_code == 200


def test_an_account_is_one_voter_on_every_device(
    talk: Conversation, browse: Callable[[Any], Client], person: Any
) -> None:
    module, user = talk.module, person("anna")
    plain = Client()
    say(plain, module, "1")
    plain.force_login(user)
    say(plain, module, "1")  # goes on as the same person
    assert Voter.objects.get().user_id == user.pk
    other = browse(user)
    say(other, module, "-1")
    assert Voter.objects.count() == 1
    assert Vote.objects.count() == 3
    assert counted([module])[module.pk] == {("web", ""): 1}
    stolen = Client()
    stolen.cookies[f"opinions-{module.pk}"] = plain.cookies[f"opinions-{module.pk}"].value
    assert "You have not voted here" in stolen.get(f"{module.get_absolute_url()}mine/").content.decode()


def test_an_arabic_statement_keeps_its_language_and_is_seen_only_once_accepted(
    talk: Conversation, browse: Callable[[Any], Client], staff: dict[str, Any]
) -> None:
    module, client = talk.module, Client()
    url = module.get_absolute_url()
    page = client.get(f"{url}write/")
    check(page, f"{url}write/")
    text = "نحتاج إلى حدائق أكثر في الحي"
    sent = {"text": text, "language": "ar", "sign": hidden(page, "sign"), "website": ""}
    assert client.post(f"{url}write/", sent).status_code == 302
    made = Statement.objects.get(language="ar")
    assert (made.state, made.text) == ("waiting", text)
    for place in ("", "log/", "result/"):
        assert text not in Client().get(url + place).content.decode()
    assert text in client.get(f"{url}mine/").content.decode()
    vote = {"statement": made.number, "choice": "1", "sign": hidden(Client().get(url), "sign")}
    again = Client().post(f"{url}vote/", vote)
    assert "cannot be voted on" in again.content.decode()
    assert not Vote.objects.exists()
    desk = browse(staff["moderator"])
    check(desk.get(f"{url}manage/queue/"), "queue")
    assert desk.post(f"{url}manage/queue/{made.number}/", {"accept": ""}).status_code == 302
    shown = Client().get(f"{url}log/")
    check(shown, "log")
    assert f'lang="ar" dir="auto">{text}' in shown.content.decode()
    assert "مزيد" not in shown.content.decode()


def test_a_refused_statement_stands_in_the_log_without_its_text(
    talk: Conversation, browse: Callable[[Any], Client], staff: dict[str, Any]
) -> None:
    module, client = talk.module, Client()
    url = module.get_absolute_url()
    sign = hidden(client.get(f"{url}write/"), "sign")
    text = "Mr X of Main Street is a fool"
    client.post(f"{url}write/", {"text": text, "language": "en", "sign": sign})
    made = Statement.objects.get(text=text)
    desk = browse(staff["participation_officer"])
    without = desk.post(f"{url}manage/queue/{made.number}/", {"rule": "", "note": ""})
    assert without.status_code == 200
    check(without, "queue with an error")
    desk.post(f"{url}manage/queue/{made.number}/", {"rule": "person", "note": "Names a neighbour."})
    log = Client().get(f"{url}log/").content.decode()
    assert "Names a neighbour." in log
    assert "about a private person" in log
    assert text not in log
    assert "Names a neighbour." in client.get(f"{url}mine/").content.decode()
    Decide(staff["owner"], module.process.workspace, module, made, accepted=True).run()
    assert Decision.objects.count() == 2


def test_script_in_a_statement_is_text(talk: Conversation, owner: Any) -> None:
    module = talk.module
    attack = '<script>alert(1)</script> "onclick=" ‮ more parks'
    AddSeeds(owner, module.process.workspace, module, [attack], "en").run()
    Statement.objects.exclude(text__contains="script").delete()
    kept = Statement.objects.get()
    assert "‮" not in kept.text
    client = Client()
    for place in ("", "mine/"):
        text = client.get(module.get_absolute_url() + place).content.decode()
        assert "<script>alert" not in text
        say(client, module, "1")
    assert "&lt;script&gt;alert(1)" in client.get(f"{module.get_absolute_url()}mine/").content.decode()


# -- attacks -----------------------------------------------------------------------------------------------
def test_forged_and_foreign_cookies_are_nobody(talk: Conversation, city: Any, owner: Any) -> None:
    module, client = talk.module, Client()
    url = module.get_absolute_url()
    say(client, module, "1")
    voter, name = Voter.objects.get(), f"opinions-{module.pk}"
    good = client.cookies[name].value
    for bad in (
        voter.pk.hex,
        str(voter.pk),
        good[:-1] + ("a" if good[-1] != "a" else "b"),
        "",
        "a:b:c",
        limits.cookie_of(module.pk + 1, voter.pk),
        limits.fresh_sign(module.pk, timezone.now(), voter.pk.hex),
    ):
        forger = Client()
        forger.cookies[name] = bad
        assert "You have not voted here" in forger.get(f"{url}mine/").content.decode()
        forger.post(f"{url}vote/", {"statement": 1, "choice": "-1"})
    assert Vote.objects.count() == 1
    assert Voter.objects.count() == 1


def test_without_a_sign_of_ours_nobody_new_comes_in(talk: Conversation, monkeypatch: Any) -> None:
    module = talk.module
    url, now = module.get_absolute_url(), timezone.now()
    bad = [
        "",
        "x",
        limits.fresh_sign(module.pk + 1, now),
        limits.fresh_sign(module.pk, now - timedelta(days=3)),
    ]
    for sign in bad:
        answer = Client().post(f"{url}vote/", {"statement": 1, "choice": "1", "sign": sign})
        assert "send it once more" in answer.content.decode()
    monkeypatch.setattr(limits, "FASTEST", 3600.0)
    assert say(Client(), module, "1").status_code == 200  # sooner after the page than anybody reads
    assert not Voter.objects.exists()


def test_one_page_sent_twice_is_one_person(talk: Conversation) -> None:
    module = talk.module
    url = module.get_absolute_url()
    page = Client().get(url)
    data = {n: hidden(page, n) for n in ("statement", "sign")}
    for choice in ("1", "-1", "-1"):
        assert Client().post(f"{url}vote/", data | {"choice": choice}).status_code == 302
    assert Voter.objects.count() == 1
    assert Vote.objects.get().value == -1
    assert Statement.objects.get(pk=Vote.objects.get().statement_id).votes == 1


def test_stuffing_from_one_place_ends(talk: Conversation, monkeypatch: Any) -> None:
    module = talk.module
    monkeypatch.setattr(limits, "NEW_PER_DRAWER", 3)
    codes = [say(Client(), module, "1").status_code for _ in range(6)]
    assert codes == [302, 302, 302, 200, 200, 200]
    assert Voter.objects.count() == 3
    assert counted([module])[module.pk] == {("web", ""): 3}
    elsewhere = Client(REMOTE_ADDR="203.0.113.9")
    assert say(elsewhere, module, "1").status_code == 302


def test_nobody_votes_faster_than_people_read(talk: Conversation, monkeypatch: Any) -> None:
    module, client = talk.module, Client()
    monkeypatch.setattr(limits, "VOTES_A_MINUTE", 4)
    codes = [say(client, module, "1").status_code for _ in range(8)]
    assert codes.count(302) <= 8  # a minute may end in between
    assert Vote.objects.count() <= 8
    assert 200 in codes


def test_statements_are_limited_and_none_stands_there_twice(
    talk: Conversation, owner: Any, monkeypatch: Any
) -> None:
    module = talk.module
    city = module.process.workspace
    someone = Person(owner)

    def write(text: str) -> Any:
        return Propose(owner, city, module, someone, text, "en").run()

    for text, said in (
        ("short", "too short"),
        ("x" * 281, "too long"),
        (SEEDS[0].upper() + "  ", "there already"),
    ):
        with pytest.raises(ValidationError, match=said):
            write(text)
    monkeypatch.setattr(limits, "STATEMENTS_A_DAY", 2)
    write("One more idea for the town")
    write("Another idea for the town")
    with pytest.raises(ValidationError, match="tomorrow"):
        write("A third idea for the town")
    with pytest.raises(ValidationError) as wrong:
        AddSeeds(owner, city, module, ["short", "x" * 300], "en").run()
    assert len(wrong.value.messages) == 2


def test_a_machine_that_fills_in_everything_is_told_nothing(talk: Conversation) -> None:
    url = f"{talk.module.get_absolute_url()}write/"
    sent = {"text": "Buy our wonderful products", "language": "en", "website": "x", "sign": ""}
    assert Client().post(url, sent).status_code == 302
    assert Statement.objects.count() == 12


def test_foreign_statements_and_closed_conversations_take_no_vote(
    talk: Conversation, owner: Any, city: Any
) -> None:
    module, client = talk.module, Client()
    url = module.get_absolute_url()
    for number in ("99", "0", "-1", "x", "9" * 30, ""):
        assert client.post(f"{url}vote/", {"statement": number, "choice": "1"}).status_code == 404
    assert client.post(f"{url}mine/statements/1/").status_code == 404
    wrong = say(client, module, "7")
    assert "Choose one" in wrong.content.decode()
    one = Statement.objects.get(number=1)
    Close(owner, city, module).run()
    talk.refresh_from_db()
    with pytest.raises(PermissionDenied, match="closed"):
        cast(talk, Person(owner), one, 1, timezone.now() + timedelta(seconds=1))
    page = client.get(url)
    assert "Voting closed" in page.content.decode()
    assert say(client, module, "1", statement="1").status_code == 403
    with pytest.raises(ValidationError, match="closed already"):
        Close(owner, city, module).run()


def test_only_the_officer_has_the_desk(
    talk: Conversation, browse: Callable[[Any], Client], staff: dict[str, Any]
) -> None:
    url = f"{talk.module.get_absolute_url()}manage/"
    desk = browse(staff["participation_officer"])
    check(desk.get(url), url)
    resident = browse(staff["resident"])
    for place in ("seeds/", "settings/", "compute/", "close/", "upload/", "queue/1/"):
        assert resident.post(url + place).status_code == 403
        assert Client().post(url + place).status_code == 302
    for place in ("", "queue/", "export.zip"):
        assert resident.get(url + place).status_code == 403
    assert Statement.objects.filter(state="accepted").count() == 12
    assert Conversation.objects.get().closed_at is None
