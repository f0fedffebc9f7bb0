"""Pages of a vote: for those who vote with a code and nothing else, for those who look on, for officers."""

from __future__ import annotations

import gzip
import io
import json
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from isopolis.engage.budget.election import Limits, Project
from isopolis.engage.ledger.ballot import Question
from isopolis.engage.ledger.chain import Entry, Sealed, broken
from isopolis.web import ballots
from isopolis.web.ballots import refusals
from isopolis.web.ballots.models import RollEntry, Vote, Waiting

from ..test_pages import check
from .votes import choices, end_phase, finished, opened, question

PUBLIC = ("vote", "kiosk", "receipt", "log")
DESK = ("desk", "roll", "letters", "package", "mark", "enter", "assist", "revoke")


def place(module: Any, name: str) -> str:
    return reverse(f"ballot_{name}", args=[module.process.workspace.slug, module.process.number, module.pk])


def test_pages_keep_the_rules(
    owner: Any, module: Any, client: Client, browse: Callable[[Any], Client]
) -> None:
    opened(owner, module)
    for name in PUBLIC:
        answer = client.get(place(module, name))
        check(answer, place(module, name))
        assert answer["Cache-Control"] == "no-store"
    signed_in = browse(owner)
    for name in DESK:
        check(signed_in.get(place(module, name)), place(module, name))


@pytest.mark.parametrize(
    ("kind", "limits", "fields", "words"),
    [
        ("approval", {"max_length": 3}, {"choice": ["p1", "p4"]}, ["Trees in Mill Street", "60,000 EUR"]),
        ("knapsack", {}, {"choice": ["p2"]}, ["30,000 EUR, out of 90,000 EUR"]),
        ("choose-1", {}, {"choice": ["p2"]}, ["A ramp"]),
        ("cumulative", {"max_points": 10}, {"p0": "7", "p3": "3"}, ["7", "مقاعد"]),
        ("ordinal", {}, {"p2": "1", "p0": "2"}, ["Lamps", "Trees"]),
    ],
)
def test_somebody_votes_with_a_code(
    owner: Any, module: Any, client: Client, kind: str, limits: Any, fields: Any, words: list[str]
) -> None:
    _vote, codes = opened(owner, module, asked=question(kind, **limits))
    code, path = codes["ID-00001"], place(module, "vote")
    assert "You need the code from your letter and no account" in client.get(path).text
    review = client.post(path, fields | {"code": code, "review": ""})
    page = check(review, path)
    assert all(w in review.text for w in words)
    assert not Waiting.objects.exists(), "nothing is taken before it was looked at"
    carried = dict.fromkeys(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', review.text))
    assert code in [v for n, v in carried if n == "code"]
    assert [i["id"] for i in page.inputs] == ["language"]
    back = client.post(path, fields | {"code": code, "change": ""})
    assert code in back.text
    sent: dict[str, list[str]] = {}
    for name, value in carried:
        sent.setdefault(name, []).append(value)
    done = client.post(path, sent | {"cast": ""})
    check(done, path)
    found = re.search(r"<strong>([0-9A-Z-]{24})</strong>", done.text)
    assert found
    assert "sessionid" not in client.cookies
    asked = client.post(place(module, "receipt"), {"receipt": found[1].lower()})
    assert "waits until enough others" in asked.text
    assert "There is no ballot" in client.post(place(module, "receipt"), {"receipt": "0" * 20}).text


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(owner: Any, module: Any, client: Client) -> None:
    _vote, codes = opened(owner, module, asked=question(max_length=1))
    path = place(module, "vote")
    many = client.post(path, {"code": codes["ID-00001"], "choice": ["p1", "p2"], "review": ""})
    assert many.status_code == 422
    assert "too many projects" in many.text
    assert many.text.count(" checked") == 2
    assert codes["ID-00001"] in many.text
    wrong = client.post(path, {"code": "123", "choice": ["p1"], "review": ""})
    assert "This code is not known here" in wrong.text
    check(wrong, path)


def test_numbers_that_are_none(owner: Any, module: Any, client: Client) -> None:
    _vote, codes = opened(owner, module, asked=question("ordinal"))
    for fields in ({"p0": "1", "p1": "1"}, {"p0": "x"}, {"p0": "-1"}, {"p0": "9" * 30}):
        answer = client.post(place(module, "vote"), fields | {"code": codes["ID-00001"], "cast": ""})
        assert answer.status_code == 422
    assert not Waiting.objects.exists()


def test_arabic_and_a_long_list(owner: Any, module: Any, client: Client) -> None:
    projects = tuple(
        Project(f"p{n}", 1000 + n, f"Project {n} with a name of some length", place="North")
        for n in range(160)
    )
    opened(owner, module, asked=Question("ميزانية ٢٠٢٧", 90_000, projects, limits=Limits(max_length=10)))
    client.cookies["django_language"] = "ar"
    answer = client.get(place(module, "vote"))
    page = check(answer, place(module, "vote"))
    assert '<html lang="ar" dir="rtl">' in answer.text
    assert len(page.inputs) == 162, "code, projects, language"
    assert len(gzip.compress(answer.content)) < 60_000


def test_shut_doors_say_when(owner: Any, officer: Any, module: Any, client: Client) -> None:
    _vote, codes = opened(owner, module)
    end_phase(module)
    assert "Voting closed on" in client.get(place(module, "vote")).text
    late = client.post(place(module, "vote"), {"code": codes["ID-00001"], "choice": ["p1"], "cast": ""})
    assert late.status_code == 403
    assert "Voting closed on" in late.text
    finished(owner, officer, module)
    assert "No ballots are taken here any more" in client.get(place(module, "vote")).text
    assert not RollEntry.objects.filter(state="voted").exists()


def test_nothing_of_a_draft_is_seen(
    owner: Any, module: Any, client: Client, browse: Callable[[Any], Client]
) -> None:
    opened(owner, module)
    type(module.process).objects.update(state="draft")
    assert client.get(place(module, "vote")).status_code == 404
    assert browse(owner).get(place(module, "vote")).status_code == 200


def test_officers_run_a_vote_from_the_desk(
    owner: Any, officer: Any, module: Any, client: Client, browse: Callable[[Any], Client]
) -> None:
    ballots.open_vote(owner, module, {"rule": "phragmen", "lot_seed": "7"}, question(), least=3)
    one, two = browse(owner), browse(officer)
    table = "identifier;cell\n" + "".join(f"ID-{n:05d};North|\n" for n in range(15))
    assert one.post(place(module, "roll"), {"people": table}).status_code == 302
    assert "Nothing else is taken" in one.post(place(module, "roll"), {"people": "name\nAna\n"}).text
    names = "\n".join(f"ID-{n:05d}" for n in range(12))
    letters = one.post(place(module, "letters"), {"identifiers": names, "to": "file"})
    rows = letters.text.splitlines()
    assert rows[0] == "identifier,code,address"
    codes = [r.split(",")[1] for r in rows[1:]]
    assert len(set(codes)) == 12
    slips = one.post(place(module, "package"), {"count": "2", "label": "Shelter"})
    check(slips, place(module, "package"))
    codes += re.findall(r'class="code" dir="ltr">([0-9A-Z-]{19})<', slips.text)
    for choice, code in zip(choices(14), codes, strict=True):
        sent = {"code": code, "choice": choice, "cast": ""}
        assert client.post(place(module, "vote"), sent).status_code == 200
    assert two.post(place(module, "mark"), {"identifier": "id 00013"}).status_code == 302
    assert "has voted already" in two.post(place(module, "mark"), {"identifier": "ID-00013"}).text
    assert two.post(place(module, "enter"), {"choice": ["p1"]}).status_code == 302
    assert two.post(place(module, "enter"), {"choice": ["p1"]}).status_code == 422
    helped = two.post(place(module, "assist"), {"identifier": "ID-00014", "choice": ["p2"]})
    check(helped, place(module, "assist"))
    assert "Your ballot is cast" in helped.text
    desk = one.get(place(module, "desk")).text
    assert "1 × This person has voted already" in desk
    end_phase(module)
    for client_, says in ((one, "Ask for it"), (two, "Close it as the second person")):
        assert says in client_.get(place(module, "desk")).text
        assert client_.post(place(module, "end")).status_code == 302
    assert "You have asked for it" not in two.get(place(module, "desk")).text
    for client_ in (two, one):
        client_.post(place(module, "end"))
    assert Vote.objects.get().state == "tallied"
    _verified(client, module, 16)


def _verified(client: Client, module: Any, people: int) -> None:
    """What everybody can fetch is enough to count it again, and to check the log."""
    from isopolis.engage.budget.rules import allocate
    from isopolis.engage.budget.verify import verify_bundle

    whole = client.get(place(module, "log_file")).json()
    entries = [
        Sealed(Entry(e["number"], e["kind"], e["day"], e["content"]), e["previous"], e["seal"])
        for e in whole["entries"]
    ]
    batches = {int(n): [(a, b) for a, b in pairs] for n, pairs in whole["batches"].items()}
    assert broken(entries, batches) == []
    assert sum(map(len, batches.values())) == people
    answer = client.get(place(module, "bundle"))
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        texts = {n: archive.read(n) for n in archive.namelist()}
    assert verify_bundle(texts, allocate).holds
    texts["ballots.jsonl"] = texts["ballots.jsonl"].replace(b'"p1"', b'"p2"', 1)
    assert not verify_bundle(texts, allocate).holds
    assert json.loads(texts["manifest.json"])["totals"]["ballots"] == people
    assert "bundle.zip" in client.get(place(module, "log")).text


def test_there_is_no_bundle_of_a_handful_of_people(
    owner: Any, officer: Any, module: Any, client: Client
) -> None:
    _vote, codes = opened(owner, module)
    for code in list(codes.values())[:4]:
        ballots.cast(module, ["p1"], code=code)
    assert finished(owner, officer, module).state == "tallied"
    assert client.get(place(module, "bundle")).status_code == 404


def test_behind_a_proxy_wrong_codes_of_one_line_stop_nobody_else(
    owner: Any, module: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1  # what the option "proxy" sets
    monkeypatch.setitem(settings.OPTIONS, "proxy", True)
    _vote, codes = opened(owner, module)
    where = place(module, "vote")

    def sent(code: str, forwarded: str) -> int:
        one = Client(REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)
        return one.post(where, {"code": code, "choice": ["p1"], "cast": ""}).status_code

    for _n in range(refusals.MOST_WRONG):
        assert sent("0" * 16, "203.0.113.7") == 422
    assert sent(codes["ID-00001"], "203.0.113.7") == 422
    assert sent(codes["ID-00001"], "198.51.100.9") == 200
    cache.clear()
