"""Pages of the vocabulary, and the words of a city: proposed by likeness, meant when a person says so."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from isopolis.learn.vocabulary import shipped
from isopolis.web.audit.models import AuditEvent
from isopolis.web.protect.equality import ATTRIBUTES
from isopolis.web.vocabulary.actions import AddLocalTerm, JudgeLocalTerm, RemoveLocalTerm
from isopolis.web.vocabulary.local import vocabulary_of
from isopolis.web.vocabulary.models import LocalTerm
from isopolis.web.vocabulary.words import ABOUT, LANGUAGES, SCHEMES
from isopolis.web.workspaces.actions import CreateWorkspace

from .test_pages import check

Browse = Callable[[Any], Client]


def test_names_of_pages_are_those_of_the_files() -> None:
    for name, scheme in shipped().schemes.items():
        assert str(SCHEMES[name]) == scheme.title
        assert scheme.about.startswith(str(ABOUT[name])[:-1])
    assert list(SCHEMES) == list(ABOUT) == list(shipped().schemes)
    assert {code for c in shipped().concepts.values() for code in c.labels} == set(LANGUAGES)


def test_questions_about_oneself_ask_for_known_grounds() -> None:
    for name in ATTRIBUTES:
        assert shipped().resolve(name, "ground", "en").scheme == "ground"


def test_every_page_and_every_link(db: None) -> None:
    client = Client()
    answer = client.get("/vocabulary/")
    page = check(answer, "/vocabulary/")
    assert {f"/vocabulary/{s}/" for s in shipped().schemes} <= page.links
    assert shipped().definition().text in answer.content.decode()
    for path in sorted(p for p in page.links if re.fullmatch(r"/vocabulary/\w+/", p)):
        listed = check(client.get(path), path)
        concepts = {p for p in listed.links if re.fullmatch(r"/vocabulary/\w+/\w+/", p)}
        assert len(concepts) == len(shipped().scheme(path.split("/")[2]))
    for concept in ("ground/disability", "group/single_parents", "theme/housing", "hazard/heat"):
        answer = client.get(f"/vocabulary/{concept}/")
        page = check(answer, concept)
        assert len(answer.content) < 60_000
        assert {p.rstrip("/") for p in page.links if p.startswith("/vocabulary/group/")} <= {
            f"/vocabulary/group/{c.name}" for c in shipped().scheme("group")
        } | {"/vocabulary/group"}
    for path in ("/vocabulary/colour/", "/vocabulary/ground/colour/", "/vocabulary.xml"):
        assert client.get(path).status_code == 404


def test_a_concept_in_all_its_languages(db: None) -> None:
    text = Client().get("/vocabulary/group/single_parents/").content.decode()
    for lang, labels in shipped().labels("group:single_parents").items():
        assert re.search(rf'lang="{lang}" dir="auto">{re.escape(labels[0])}<', text), lang
    german = Client().get("/vocabulary/group/single_parents/", headers={"accept-language": "de"})
    assert "<h1>" in german.content.decode()


def test_looking_up(db: None) -> None:
    client = Client()
    assert b"/vocabulary/group/single_parents/" in client.get("/vocabulary/", {"q": "mères seules"}).content
    near = client.get("/vocabulary/", {"q": "wheelchairusers"})
    assert b"Perhaps you meant" in near.content
    assert b"/vocabulary/group/wheelchair_users/" in near.content
    answer = client.get("/vocabulary/", {"q": "<script>alert(1)</script>" + "x" * 5000})
    check(answer, "hostile")
    assert b"<script>alert" not in answer.content
    assert len(answer.content) < 60_000


@pytest.mark.parametrize(("form", "kind"), [("jsonld", "application/ld+json"), ("ttl", "text/turtle")])
def test_files(db: None, form: str, kind: str) -> None:
    answer = Client().get(f"/vocabulary.{form}")
    assert answer.headers["Content-Type"].startswith(kind)
    assert b"ground:disability" in answer.content
    if form == "jsonld":
        assert len(json.loads(answer.content)["@graph"]) > 200


def test_a_word_is_proposed_then_confirmed(owner: Any, city: Any, browse: Browse) -> None:
    client, path = browse(owner), f"/w/{city.slug}/words/"
    check(client.get(path), path)
    client.post(path, {"label": " sorgende  Angehörige ", "lang": "de", "kind": "group"})
    term = LocalTerm.objects.get(workspace=city)
    assert (term.label, term.state, term.concept) == ("sorgende Angehörige", "proposed", "group:carers")
    assert vocabulary_of(city).resolve("sorgende Angehörige").id == f"local:{term.pk}"
    answer = client.get(path)
    check(answer, path)
    assert b"Proposed:" in answer.content
    client.post(f"{path}{term.pk}/", {"verdict": "confirm"})
    term.refresh_from_db()
    assert (term.state, term.judged_by) == ("confirmed", owner)
    assert term.judged_at is not None
    assert vocabulary_of(city).resolve("sorgende Angehörige").id == "group:carers"
    assert b"Means:" in client.get(path).content
    assert [e.verb for e in AuditEvent.objects.filter(workspace=city.pk).order_by("number")][-2:] == [
        "vocabulary.add", "vocabulary.judge",
    ]  # fmt: skip


def test_another_concept_none_and_gone(owner: Any, city: Any, browse: Browse) -> None:
    client, path = browse(owner), f"/w/{city.slug}/words/"
    term = AddLocalTerm(owner, city, "Kiezmütter", "de", "group").run()
    client.post(f"{path}{term.pk}/", {"verdict": "other", "concept": "migrant women"})
    term.refresh_from_db()
    assert (term.state, term.concept) == ("confirmed", "group:migrant_women")
    answer = client.post(f"{path}{term.pk}/", {"verdict": "other", "concept": "wheelchairusers"}, follow=True)
    assert b"group:wheelchair_users" in answer.content
    assert (
        b"no such concept"
        in client.post(
            f"{path}{term.pk}/", {"verdict": "other", "concept": "hazard:heat"}, follow=True
        ).content
    )
    assert (
        b"Say which concept"
        in client.post(f"{path}{term.pk}/", {"verdict": "other", "concept": " "}, follow=True).content
    )
    client.post(f"{path}{term.pk}/", {"verdict": "decline"})
    term.refresh_from_db()
    assert (term.state, term.concept) == ("declined", "")
    assert vocabulary_of(city).resolve("Kiezmütter").id == f"local:{term.pk}"
    client.post(f"{path}{term.pk}/", {"verdict": "remove"})
    assert not LocalTerm.objects.exists()


@pytest.mark.parametrize(
    ("label", "lang", "kind"),
    [("", "de", "group"), ("<b>x</b>", "de", "group"), ("x" * 121, "de", "group"), ("…", "de", "group"),
     ("x", "xx", "group"), ("x", "de", "colour")],
)  # fmt: skip
def test_what_is_no_word(owner: Any, city: Any, browse: Browse, label: str, lang: str, kind: str) -> None:
    with pytest.raises(ValidationError):
        AddLocalTerm(owner, city, label, lang, kind).run()
    answer = browse(owner).post(f"/w/{city.slug}/words/", {"label": label, "lang": lang, "kind": kind})
    check(answer, "form")
    assert b'role="alert"' in answer.content
    assert not LocalTerm.objects.exists()


def test_a_word_is_there_once(owner: Any, city: Any) -> None:
    AddLocalTerm(owner, city, "Kiez", "de", "theme").run()
    with pytest.raises(ValidationError, match="already"):
        AddLocalTerm(owner, city, " Kiez", "de", "theme").run()
    AddLocalTerm(owner, city, "Kiez", "de", "group").run()


def test_who_may(city: Any, staff: dict[str, Any], browse: Browse) -> None:
    term = AddLocalTerm(staff["owner"], city, "Kiez", "de", "theme").run()
    for role, user in staff.items():
        allowed = role in ("owner", "analyst", "policy_officer")
        for path, method in ((f"/w/{city.slug}/words/", "get"), (f"/w/{city.slug}/words/{term.pk}/", "post")):
            status = getattr(browse(user), method)(path, {"verdict": "decline"}).status_code
            assert status == (404 if role == "stranger" else (200, 302)[method == "post"] if allowed else 403)
        if not allowed:
            for action in (
                AddLocalTerm(user, city, "x", "de", "theme"),
                JudgeLocalTerm(user, city, term, "theme:housing"),
                RemoveLocalTerm(user, city, term),
            ):
                with pytest.raises(PermissionDenied):
                    action.run()
    assert Client().get(f"/w/{city.slug}/words/").status_code == 302


def test_words_of_another_city_do_not_exist(owner: Any, city: Any, browse: Browse, person: Any) -> None:
    other = CreateWorkspace(person("other"), "Othertown").run()
    term = LocalTerm.objects.create(workspace=other, label="x", lang="de", kind="group")
    assert browse(owner).post(f"/w/{city.slug}/words/{term.pk}/", {"verdict": "remove"}).status_code == 404
    for action in (JudgeLocalTerm(owner, city, term, "group:women"), RemoveLocalTerm(owner, city, term)):
        with pytest.raises(ValidationError):
            action.run()
    assert term.concept == ""
    assert not vocabulary_of(city).terms


def test_erasing_the_person_keeps_the_verdict(city: Any, staff: dict[str, Any]) -> None:
    term = AddLocalTerm(staff["owner"], city, "Kiez", "de", "theme").run()
    JudgeLocalTerm(staff["analyst"], city, term, "theme:housing").run()
    staff["analyst"].delete()
    term.refresh_from_db()
    assert (term.state, term.judged_by) == ("confirmed", None)
    assert vocabulary_of(city).resolve("Kiez").id == "theme:housing"


def test_an_older_verdict_on_a_concept_that_is_gone_breaks_nothing(
    owner: Any, city: Any, browse: Browse
) -> None:
    LocalTerm.objects.create(
        workspace=city, label="old", lang="en", kind="theme", state="confirmed", concept="theme:gone_since"
    )
    assert not vocabulary_of(city).terms
    check(browse(owner).get(f"/w/{city.slug}/words/"), "words")
