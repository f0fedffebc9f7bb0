"""Attacks on a vote: refused, counted, told in the log; what was tampered with is not counted."""

from __future__ import annotations

import json
import logging
import re
import secrets
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, connections
from django.test import Client
from django.urls import reverse

from isopolis.engage.ledger import codes as spelling
from isopolis.web import ballots
from isopolis.web.audit.chain import verify
from isopolis.web.ballots import log, refusals
from isopolis.web.ballots.grouping import RefusedError
from isopolis.web.ballots.models import Boxed, Code, LogEntry, RollEntry, Vote, Waiting
from isopolis.web.ballots.sheet import lines_of

from .votes import choices, end_phase, module_for_votes, opened, reason


def place(module: Any, name: str) -> str:
    return reverse(name, args=[module.process.workspace.slug, module.process.number, module.pk])


def fill(module: Any, codes: dict[str, str], count: int) -> None:
    for choice, code in zip(choices(count), codes.values(), strict=False):
        ballots.cast(module, choice, code=code)


# -- codes -------------------------------------------------------------------------------------------------
def test_forged_codes(owner: Any, module: Any, caplog: pytest.LogCaptureFixture) -> None:
    vote, codes = opened(owner, module)
    code = codes["ID-00001"].replace("-", "")
    forged = [
        "", "0" * 16, secrets.token_hex(8), code[:-1], code + "0", code[:6] + "0" * 10, "0" * 6 + code[6:],
        codes["ID-00002"].replace("-", "")[:6] + code[6:], "' OR 1=1 --", "\0" * 16, "🗳" * 16,
    ]  # fmt: skip
    with caplog.at_level(logging.WARNING, "isopolis"):
        said = {str(error_of(module, one)) for one in forged}
    assert len(said) == 1, "every wrong code gets the same answer"
    assert not Waiting.objects.exists()
    assert refusals.refused_so_far(vote) == {"code": len(forged)}
    assert caplog.text.count("a ballot was refused") == len(forged)
    assert code[:6] not in caplog.text


def error_of(module: Any, code: str) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        ballots.cast(module, ["p1"], code=code)
    assert caught.value.reason == "code"
    return caught.value


def test_a_code_of_another_vote(owner: Any, city: Any, module: Any) -> None:
    other = module_for_votes(owner, city)
    opened(owner, module)
    _vote, foreign = opened(owner, other)
    assert reason(lambda: ballots.cast(module, ["p1"], code=foreign["ID-00001"])) == "code"


def test_guessing_is_slowed_down_and_stops_nobody_else(owner: Any, module: Any) -> None:
    _vote, codes = opened(owner, module)
    for _n in range(refusals.MOST_WRONG):
        with pytest.raises(RefusedError):
            ballots.cast(module, ["p1"], code="0" * 16, address="192.0.2.7")
    good = codes["ID-00001"]
    assert reason(lambda: ballots.cast(module, ["p1"], code=good, address="192.0.2.7")) == "many"
    ballots.cast(module, ["p1"], code=good, address="198.51.100.9")
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key, value FROM isopolis_cache")
        assert "192.0.2.7" not in repr(cursor.fetchall())
    cache.clear()


def test_replayed_over_the_page(owner: Any, module: Any, client: Client) -> None:
    _vote, codes = opened(owner, module)
    sent = {"code": codes["ID-00001"], "choice": ["p1"], "cast": ""}
    first = client.post(place(module, "ballot_vote"), sent)
    again = client.post(place(module, "ballot_vote"), sent | {"choice": ["p2"]})
    assert first.status_code == 200
    assert again.status_code == 422
    assert "has voted already" in again.text
    assert Waiting.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_code_many_times_at_once(owner: Any, module: Any) -> None:
    """Twelve threads with one code and twelve with their own: one and twelve ballots."""
    if connection.vendor == "sqlite":  # the database of the tests is in memory and belongs to one thread
        from isopolis.web.ballots.grouping import Job, _committed

        vote, codes = opened(owner, module, people=3)
        jobs = [
            Job(vote.pk, 500, "2027-01-01", "web", *entry(vote, codes["ID-00001"]), slip())
            for _n in range(12)
        ]
        _committed(jobs)
        assert [j.error is None for j in jobs].count(True) == 1
        assert {j.error.reason for j in jobs if isinstance(j.error, RefusedError)} == {"used"}
        assert Waiting.objects.count() == 1
        return
    _vote, codes = opened(owner, module, people=13, least=100)
    mine, *others = codes.values()
    came: list[str] = []

    def send(code: str) -> None:
        try:
            ballots.cast(module, ["p1"], code=code)
            came.append("taken")
        except RefusedError as error:
            came.append(error.reason)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send, args=(c,)) for c in [mine] * 12 + others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(came) == ["taken"] * 13 + ["used"] * 11
    assert Waiting.objects.count() == 13


def entry(vote: Vote, code: str) -> tuple[str, str]:
    from isopolis.web.ballots.casting import entry_of_code

    found = entry_of_code(vote, code)
    assert found is not None
    return found


def slip() -> Any:
    from isopolis.web.ballots.casting import slip as made

    return made({"p1": 1})


def test_one_person_through_every_door(owner: Any, module: Any, client: Client) -> None:
    """Whichever way is first, all others are shut, over the pages too, and each refusal is counted."""
    vote, codes = opened(owner, module)
    desk = Client()
    desk.force_login(owner, "isopolis.web.accounts.backends.Accounts")
    first = ["ID-00001", "ID-00002", "ID-00003", "ID-00004"]

    def web(name: str) -> int:
        sent = {"code": codes[name], "choice": ["p2"], "cast": ""}
        return client.post(place(module, "ballot_vote"), sent).status_code

    def kiosk(name: str) -> int:
        sent = {"code": codes[name], "choice": ["p2"], "cast": ""}
        return client.post(place(module, "ballot_kiosk"), sent).status_code

    def paper(name: str) -> int:
        answer = desk.post(place(module, "ballot_mark"), {"identifier": name})
        return 200 if answer.status_code == 302 else 422

    def help_(name: str) -> int:
        sent = {"identifier": name, "choice": ["p2"]}
        return desk.post(place(module, "ballot_assist"), sent).status_code

    doors = [web, kiosk, paper, help_]
    for name, mine in zip(first, doors, strict=True):
        assert mine(name) == 200
        assert {door(name) for door in doors} == {422}
    assert refusals.refused_so_far(vote) == {"used": 16}
    assert ballots.turnout(module)["voted"] == 4
    assert Waiting.objects.count() + Boxed.objects.count() == 3, "the paper ballot is still in its envelope"


# -- stuffing ----------------------------------------------------------------------------------------------
def test_nothing_but_the_page_takes_a_ballot(
    owner: Any, module: Any, browse: Callable[[Any], Client]
) -> None:
    _vote, codes = opened(owner, module)
    sent = {"code": codes["ID-00001"], "choice": ["p1"], "cast": ""}
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(place(module, "ballot_vote"), sent).status_code == 403
    token = {"HTTP_AUTHORIZATION": "Bearer iso_anything"}
    assert strict.post(place(module, "ballot_vote"), sent, **token).status_code == 403
    slug = module.process.workspace.slug
    for path in (f"/api/v1/workspaces/{slug}/ballots", f"/api/v1/ballots/{module.pk}", "/api/v1/votes"):
        answer = browse(owner).post(path, sent, content_type="application/json")
        assert answer.status_code in (401, 403, 404, 405)
    from isopolis.web.api.service import api

    assert not [p for p in api.get_openapi_schema()["paths"] if "ballot" in p or "/vote" in p]
    assert not Waiting.objects.exists()


def counted(owner: Any, officer: Any, module: Any) -> None:
    ballots.tally(owner, module)
    ballots.tally(officer, module)


def _stuff_roll(vote: Vote) -> None:
    RollEntry.objects.create(id="f" * 64, vote=vote, state="voted", channel="web")


def _stuff_box(vote: Vote) -> None:
    row = Boxed.objects.filter(vote=vote).first()
    assert row is not None
    Boxed.objects.create(id="e" * 64, vote=vote, batch=1, commitment=row.commitment, content=row.content)


def _take_away(vote: Vote) -> None:
    row = Boxed.objects.filter(vote=vote).last()
    assert row is not None
    row.delete()


def _exchange(vote: Vote) -> None:
    one, two = Boxed.objects.filter(vote=vote).order_by("id")[:2]
    Boxed.objects.filter(pk=one.pk).update(content=two.content)


def _change(vote: Vote) -> None:
    row = Boxed.objects.filter(vote=vote).first()
    assert row is not None
    Boxed.objects.filter(pk=row.pk).update(content=bytes(row.content)[:-1] + b"\0")


def _copy(vote: Vote) -> None:
    """A whole row in the place of another one, its name in it too."""
    one, two = Boxed.objects.filter(vote=vote).order_by("id")[:2]
    Boxed.objects.filter(pk=one.pk).update(content=two.content, commitment=two.commitment)


def _other_seed(vote: Vote) -> None:
    vote.card["lot_seed"] = "drawn again: 1 1 1 1"
    vote.save(update_fields=["card"])


def _other_rule(vote: Vote) -> None:
    vote.card["rule"] = "phragmen"
    vote.save(update_fields=["card"])


def _cheaper(vote: Vote) -> None:
    vote.asked["projects"][2]["cost"] = 1
    vote.save(update_fields=["asked"])


def _smaller(vote: Vote) -> None:
    vote.least = 2
    vote.save(update_fields=["least"])


def _rewrite_log(vote: Vote) -> None:
    LogEntry.objects.filter(vote=vote, kind="roll").update(content={"people": 1, "digest": "0" * 64})


def _forget_log(vote: Vote) -> None:
    LogEntry.objects.filter(vote=vote, kind="codes").delete()


@pytest.mark.parametrize(
    ("attack", "found"),
    [
        (_stuff_roll, "put on the roll"),
        (_stuff_box, "has 9 ballots, and the log says 8"),
        (_take_away, "has 7 ballots, and the log says 8"),
        (_exchange, "sealed ballot was changed"),
        (_change, "sealed ballot was changed"),
        (_copy, "a ballot of batch 1 was changed"),
        (_other_seed, "seed of its lot"),
        (_other_rule, "The rule"),
        (_cheaper, "What is voted on"),
        (_smaller, "smallest batch"),
        (_rewrite_log, "entry 2 of the log was changed"),
        (_forget_log, "entry 3 of the log is missing"),
    ],
)
def test_what_was_tampered_with_is_not_counted(
    owner: Any,
    officer: Any,
    module: Any,
    attack: Callable[[Vote], None],
    found: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    vote, codes = opened(owner, module, least=5)
    fill(module, codes, 8)
    end_phase(module)
    ballots.close(owner, module)
    ballots.close(officer, module)
    vote = Vote.objects.get(pk=vote.pk)
    assert log.wrong_with(vote) == []
    attack(vote)
    with pytest.raises(ValidationError) as caught, caplog.at_level(logging.WARNING, "isopolis"):
        counted(owner, officer, module)
    assert f"tally of the vote of module {module.pk} was refused" in caplog.text
    assert any(found in str(m) for m in caught.value.messages), caught.value.messages
    assert Vote.objects.get(pk=vote.pk).state == "closed"


def test_a_ballot_that_was_taken_away_before_closing(owner: Any, officer: Any, module: Any) -> None:
    _vote, codes = opened(owner, module)
    fill(module, codes, 8)
    row = Waiting.objects.first()
    assert row is not None
    row.delete()
    end_phase(module)
    ballots.close(owner, module)
    with pytest.raises(ValidationError, match="8 people have voted, and there are 7 ballots"):
        ballots.close(officer, module)


def test_a_seed_is_drawn_once(owner: Any, officer: Any, module: Any) -> None:
    opened(owner, module)
    end_phase(module)
    with pytest.raises(ValidationError):
        ballots.draw_lot(owner, module, "1 2 3")
    ballots.close(owner, module)
    ballots.close(officer, module)
    with pytest.raises(ValidationError, match="lot already"):
        ballots.draw_lot(owner, module, "1 2 3")


def test_the_api_lets_nobody_vote(owner: Any, module: Any) -> None:
    """Whatever it offers to write, with a ballot as what is sent: nothing comes of it."""
    from isopolis.web.api.service import api

    _vote, codes = opened(owner, module)
    desk = Client()
    desk.force_login(owner, "isopolis.web.accounts.backends.Accounts")
    sent = {"code": codes["ID-00001"], "choice": ["p1"], "cast": "", "module": module.pk, "channel": "web"}
    tried = 0
    for path, said in api.get_openapi_schema()["paths"].items():
        where = re.sub(r"\{(\w+)\}", lambda m: str(sent.get(m[1], module.process.workspace.slug)), path)
        for verb in {"post", "put", "patch"} & set(said):
            answer = desk.generic(verb.upper(), where, json.dumps(sent), content_type="application/json")
            assert answer.status_code >= 400, (verb, where)
            tried += 1
    assert tried > 0
    assert not Waiting.objects.exists()
    assert not RollEntry.objects.filter(state="voted").exists()


# -- enumeration, scripts, moderators ----------------------------------------------------------------------
def test_known_and_unknown_people_are_answered_alike(owner: Any, module: Any, client: Client) -> None:
    """The same page, the same questions to the database, about the same time."""
    from time import perf_counter

    from django.test.utils import CaptureQueriesContext

    _vote, codes = opened(owner, module)
    known = codes["ID-00001"].replace("-", "")[:6]
    times: dict[str, list[float]] = {"known": [], "unknown": []}
    shown, asked = set(), set()
    for turn in range(12):
        for kind, begins in (("known", known), ("unknown", "ZZZZZZ")):
            sent = {"code": begins + "0" * 10, "choice": ["p1"], "cast": ""}
            began = perf_counter()
            with CaptureQueriesContext(connection) as queries:
                answer = client.post(place(module, "ballot_vote"), sent)
            times[kind].append(perf_counter() - began)
            assert answer.status_code == 422
            if turn:  # the first answers fill what the server keeps
                asked.add(tuple(shape(q["sql"]) for q in queries))
            shown.add(bare(answer.text).replace(sent["code"], ""))
    assert len(shown) == 1
    assert len(asked) == 1
    middle = {k: sorted(v)[len(v) // 2] for k, v in times.items()}
    assert 1 / 3 < middle["known"] / middle["unknown"] < 3, "thirty times of this end a drawer"
    cache.clear()


def shape(sql: str) -> str:
    """A statement without its values."""
    return re.sub(r"'[^']*'|\b\d+\b|\bs\d+_x\d+\b", "?", sql)


def test_the_roll_cannot_be_asked(
    owner: Any,
    module: Any,
    staff: dict[str, Any],
    client: Client,
    browse: Callable[[Any], Client],
) -> None:
    _vote, codes = opened(owner, module)
    ballots.cast(module, ["p1"], code=codes["ID-00001"])
    pages = ["ballot_vote", "ballot_receipt", "ballot_log", "ballot_log_file"]
    shown = "".join(client.get(place(module, p)).text for p in pages)
    shown += client.post(place(module, "ballot_receipt"), {"receipt": "ID-00001"}).text
    hidden = [
        *RollEntry.objects.values_list("pk", flat=True),
        *Code.objects.values_list("pk", "salt", "secret"),
    ]
    assert not [h for h in hidden for part in ([h] if isinstance(h, str) else h) if part in shown]
    people = {who: browse(staff[who]) for who in ("moderator", "analyst", "viewer", "resident", "stranger")}
    for name in ("desk", "roll", "letters", "package", "mark", "enter", "assist", "revoke"):
        where = place(module, f"ballot_{name}")
        assert client.get(where).status_code == 302, "sign in first"
        assert people["moderator"].get(where).status_code == 403
        assert people["stranger"].post(where, {"identifier": "ID-00002"}).status_code == 403
    assert {p.get(where).status_code for p in people.values()} == {403}
    assert browse(staff["moderator"]).post(place(module, "ballot_end")).status_code == 403


def test_no_page_shows_a_ballot_before_the_end(
    owner: Any,
    module: Any,
    staff: dict[str, Any],
    browse: Callable[[Any], Client],
) -> None:
    """What everybody chose makes no difference to any page of anybody, the owner included."""
    shown = []
    for choice in (["p1"], ["p2", "p4"]):
        Vote.objects.all().delete()
        _vote, codes = opened(owner, module)
        for code in codes.values():
            ballots.cast(module, choice, code=code)
        for who in ("owner", "participation_officer", "moderator"):
            for name in ("desk", "log", "vote"):
                page = browse(staff[who]).get(place(module, f"ballot_{name}")).text
                shown.append((who, name, bare(page)))
    half = len(shown) // 2
    assert shown[:half] == shown[half:]


def bare(page: str) -> str:
    """A page without the seals and tokens that differ each time."""
    return re.sub(r"[0-9A-Za-z]{16,}", "", page)


def test_a_moderator_reads_no_ballot(owner: Any, module: Any, staff: dict[str, Any]) -> None:
    opened(owner, module)
    for change in (ballots.close, ballots.tally):
        with pytest.raises(PermissionDenied):
            change(staff["moderator"], module)
    with pytest.raises(PermissionDenied):
        ballots.mark(staff["moderator"], module, "ID-00001")


def test_a_script_in_a_project_is_text(owner: Any, module: Any, client: Client) -> None:
    vote, codes = opened(owner, module)
    page = client.get(place(module, "ballot_vote"))
    sent = {"code": codes["ID-00001"], "choice": ["p3"], "review": ""}
    review = client.post(place(module, "ballot_vote"), sent)
    for answer in (page, review):
        assert "<script>alert" not in answer.text
        assert "&lt;script&gt;alert" in answer.text
        assert "script-src 'self'" in answer["Content-Security-Policy"]
    ballots.make_package(owner, module, 1, "<script>alert(2)</script>")
    assert "<script>alert" not in client.get(place(module, "ballot_log")).text
    wild = client.post(
        place(module, "ballot_vote"), {"code": '"><script>', "choice": ['"><script>'], "review": ""}
    )
    assert wild.status_code == 422
    assert '"><script>' not in wild.text
    assert len(lines_of(vote.question)) == 4


def test_everything_officers_did_stands_in_the_audit_log(owner: Any, officer: Any, module: Any) -> None:
    from isopolis.web.audit.models import AuditEvent

    opened(owner, module)
    ballots.mark(officer, module, "ID-00001")
    ballots.enter(officer, module, ["p1"])
    ballots.cast_for(officer, module, ["p1"], identifier="ID-00002")
    verbs = list(AuditEvent.objects.filter(verb__startswith="ballot.").values_list("verb", "actor", "target"))
    assert [v[0].removeprefix("ballot.") for v in verbs] == [
        "open",
        "roll",
        "letters",
        "mark",
        "enter",
        "assist",
    ]
    assert {v[2] for v in verbs} == {f"module:{module.pk}"}, "nothing leads to a person or a ballot"
    assert list(verify()) == []


def test_codes_are_long_enough() -> None:
    made = {spelling.code_from(secrets.token_bytes(10)) for _n in range(200)}
    assert len(made) == 200
    assert {len(c) for c in made} == {16}
    assert set("".join(made)) <= set(spelling.ALPHABET)
    assert len(spelling.ALPHABET) ** (spelling.CODE - spelling.SELECTOR) >= 2**50
