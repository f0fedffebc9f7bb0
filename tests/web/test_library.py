"""The library on the web: a city submits, a moderator asks and publishes, everybody reads and finds."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from isopolis.learn.exchange import from_csv, from_json
from isopolis.learn.library import shipped
from isopolis.learn.record import CRITERIA, Record
from isopolis.web.audit.models import AuditEvent
from isopolis.web.library import index
from isopolis.web.library.actions import (
    AnswerEntry,
    AskEntry,
    PublishEntry,
    RemoveDraft,
    ReviewEntry,
    SaveEntry,
    SubmitEntry,
    TranslateEntry,
    WithdrawEntry,
)
from isopolis.web.library.desk import NameModerator, SaveCollection
from isopolis.web.library.models import Collection, Entry, Moderator
from isopolis.web.library.shipped import load_shipped
from isopolis.web.workspaces.actions import CreateWorkspace

from .test_pages import check

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def plain(**more: Any) -> dict[str, Any]:
    """A small right record."""
    return {
        "id": "free-swimming",
        "kind": "case",
        "title": {"en": "Free swimming lessons"},
        "summary": {"en": "Lessons for girls who never learned to swim."},
        "place": {"name": "Testville", "country": "FR"},
        "themes": ["theme:culture_and_sport"],
        "groups": ["group:girls"],
        "evidence_grade": 1,
        "sources": [{"title": "Report of the city", "read_on": "2026-11-22"}],
    } | more


@pytest.fixture
def moderator(person: Any) -> Any:
    """Somebody whom an administrator named."""
    found = person("moderatrix")
    NameModerator(person("boss", is_admin=True), found.email).run()
    return found


@pytest.fixture
def published(city: Any, owner: Any, moderator: Any) -> Entry:
    """An entry that everybody may read."""
    entry = SaveEntry(owner, city, plain()).run()
    SubmitEntry(owner, entry).run()
    return PublishEntry(moderator, entry, now=NOON).run()


# -- the way of an entry ------------------------------------------------------------------------------
def test_from_draft_to_publication_and_back(city: Any, owner: Any, moderator: Any, client: Client) -> None:
    entry = SaveEntry(owner, city, plain()).run()
    assert (entry.state, entry.key) == ("draft", "free-swimming")
    SubmitEntry(owner, entry).run()
    AskEntry(moderator, entry, text="What did it cost?", field="cost").run()
    entry.refresh_from_db()
    assert entry.state == "asked"
    entry = SaveEntry(owner, city, plain(cost="not stated"), entry).run()
    AnswerEntry(owner, entry, text="Nobody counted it.").run()
    assert client.get("/library/free-swimming/").status_code == 404, "not before it is published"
    entry = PublishEntry(moderator, entry, now=NOON).run()
    assert entry.record["cost"] == "not stated"
    assert entry.record["updated"] == "2026-11-22"
    assert client.get("/library/free-swimming/").status_code == 200
    assert [v.what for v in entry.versions.all()] == ["written", "written", "published"]
    WithdrawEntry(owner, entry, reason="It was wrong.").run()
    assert client.get("/library/free-swimming/").status_code == 410
    assert b"Free swimming" not in client.get("/library/?q=swimming").content
    events = AuditEvent.objects.filter(verb__startswith="library.").order_by("pk")
    verbs = list(events.values_list("verb", flat=True))
    assert verbs == [
        "library.name_moderator", "library.write", "library.submit", "library.ask", "library.write",
        "library.answer", "library.publish", "library.withdraw",
    ]  # fmt: skip


def test_steps_in_a_wrong_order_are_refused(city: Any, owner: Any, moderator: Any) -> None:
    entry = SaveEntry(owner, city, plain()).run()
    for action in (
        PublishEntry(moderator, entry), AskEntry(moderator, entry, text="?"),
        AnswerEntry(owner, entry, text="!"), WithdrawEntry(moderator, entry, reason="-"),
    ):  # fmt: skip
        with pytest.raises(ValidationError):
            action.run()
    SubmitEntry(owner, entry).run()
    with pytest.raises(ValidationError):
        SubmitEntry(owner, entry).run()
    with pytest.raises(ValidationError):
        SaveEntry(owner, city, plain(), entry).run()
    with pytest.raises(ValidationError):
        RemoveDraft(owner, entry).run()


def test_a_city_cannot_publish_and_a_moderator_of_nothing_cannot_write(
    city: Any, owner: Any, moderator: Any, person: Any
) -> None:
    entry = SaveEntry(owner, city, plain()).run()
    SubmitEntry(owner, entry).run()
    with pytest.raises(PermissionDenied):
        PublishEntry(owner, entry).run()
    with pytest.raises(PermissionDenied):
        SaveEntry(moderator, city, plain(id="other")).run()
    other = person("other")
    foreign = CreateWorkspace(other, "Othertown").run()
    with pytest.raises(ValidationError):
        SaveEntry(other, foreign, plain(), entry).run()
    PublishEntry(moderator, entry).run()
    with pytest.raises(PermissionDenied):
        WithdrawEntry(other, entry, reason="I dislike it.").run()


def test_a_taken_key_gets_a_number(city: Any, owner: Any, published: Entry) -> None:
    assert SaveEntry(owner, city, plain()).run().key == "free-swimming-2"
    assert SaveEntry(owner, city, plain(id="export")).run().key == "export-2"


# -- what everybody sees -------------------------------------------------------------------------------
def test_the_pages_are_right(published: Entry, moderator: Any, client: Client) -> None:
    SaveCollection(moderator, "Sport for all", "Read these first.", ["free-swimming"]).run()
    ReviewEntry(moderator, published, criteria=dict.fromkeys(CRITERIA, 3)).run()
    for path in (
        "/library/", "/library/?q=swim", "/library/?q=nothing+of+this&kind=law", "/library/free-swimming/",
        "/library/collections/", "/library/collections/sport-for-all/",
    ):  # fmt: skip
        answer = client.get(path)
        assert answer.status_code == 200, path
        check(answer, path)
    page = client.get("/library/free-swimming/").content.decode()
    assert "No answer yet." in page
    assert "3.0" in page


def test_a_text_in_another_language_is_marked(published: Entry, moderator: Any, client: Client) -> None:
    texts = {"title": "Cours de natation gratuits"}
    TranslateEntry(moderator, published, language="fr", by="machine", texts=texts).run()
    page = client.get("/library/free-swimming/", headers={"accept-language": "fr"}).content.decode()
    assert "Cours de natation gratuits" in page
    assert '<div lang="en" dir="auto"><p>Lessons for girls' in page, (
        "the summary stays in English and says so"
    )
    record = Entry.objects.get(pk=published.pk).content
    assert record.translations == {"fr": "machine"}
    assert index.find(index.Query("natation", "fr")).total == 1


def test_the_search_finds_across_languages_and_switches_off_what_gives_nothing(
    published: Entry, client: Client
) -> None:
    found = index.find(index.Query("Mädchen", "de"))
    assert [e.key for e, _hit in found.rows] == ["free-swimming"], "by the label of group:girls in German"
    page = client.get("/library/?kind=law&scale=world").content.decode()
    assert "0 entries" in page
    assert client.get("/library/?kind=case&scale=world").content.decode().count("without the filter") == 1
    page = client.get("/library/?q=swimming&kind=law").content.decode()
    assert "without the filter" in page


def test_downloads_can_be_read_back(published: Entry, client: Client) -> None:
    expected = (Entry.objects.get(pk=published.pk).content,)
    assert from_json(client.get("/library/export/library.json").content.decode()) == expected
    assert from_csv(client.get("/library/export/library.csv").content.decode()) == expected
    whole = json.loads(client.get("/library/export/library.jsonld").content)
    assert [d["dct:identifier"] for d in whole["dcat:dataset"]] == ["free-swimming"]
    assert from_json(client.get("/library/export/library.json?kind=law").content.decode()) == ()
    assert client.get("/library/export/library.exe").status_code == 404


# -- the browser's way ---------------------------------------------------------------------------------
FORM = {
    "kind": "case", "language": "en", "title": "Night buses", "summary": "Buses that stop on demand.",
    "place": "Testville", "country": "fr", "start": "2021", "themes": ["theme:mobility"],
    "groups": ["group:women"], "lost": "not stated", "cost_state": "not stated", "failures": "not stated",
    "source_title": "The city's own report",
}  # fmt: skip


def test_a_city_submits_by_form_and_a_moderator_publishes(
    city: Any, staff: dict[str, Any], moderator: Any, browse: Callable[[Any], Client]
) -> None:
    town, desk = browse(staff["policy_officer"]), browse(moderator)
    base = f"/w/{city.slug}/library/"
    check(town.get(base + "new/"), "new")
    answer = town.post(base + "new/", FORM | {"country": "France"})
    assert answer.status_code == 200, "two letters are wanted"
    answer = town.post(base + "new/", FORM)
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    entry = Entry.objects.get(key="night-buses")
    assert entry.record["place"] == {"name": "Testville", "country": "FR"}
    assert entry.record["cost"] == "not stated"
    own = f"{base}{entry.pk}/"
    check(town.get(own), "own")
    assert town.post(own + "submit/").status_code == 302
    check(desk.get("/moderation/library/"), "queue")
    one = f"/moderation/library/{entry.pk}/"
    check(desk.get(one), "desk")
    desk.post(one + "ask/", {"field": "cost", "text": "Is there no budget?"})
    assert b"Is there no budget?" in town.get(own).content
    kept = FORM | {
        "cost_state": "stated",
        "cost_amount": "12000",
        "cost_currency": "eur",
        "cost_year": "2021",
    }
    assert town.post(own + "edit/", kept).status_code == 302
    town.post(own + "answer/", {"text": "There is: added."})
    desk.post(one + "publish/")
    entry.refresh_from_db()
    assert entry.state == "published"
    assert entry.record["cost"] == {"total": 12000.0, "currency": "EUR", "year": 2021}
    page = town.get("/library/night-buses/").content.decode()
    assert "12,000 EUR in all; prices of 2021" in page
    assert "Is there no budget?" not in page, "the talk is not for everybody"
    check(town.get(f"/w/{city.slug}/"), "workspace")


def test_what_is_emptied_or_said_anew_leaves_nothing_behind(
    city: Any, owner: Any, moderator: Any, browse: Callable[[Any], Client]
) -> None:
    town, base = browse(owner), f"/w/{city.slug}/library/"
    said = FORM | {"end": "2022", "summary": "Buses.\r\n\r\nThey stop on demand.", "failures": "Too late."}
    assert town.post(base + "new/", said).status_code == 302, "browsers end lines with two signs"
    entry = Entry.objects.get()
    assert entry.record["summary"] == {"en": "Buses.\n\nThey stop on demand."}
    texts = {"title": "Bus de nuit", "summary": "Des bus.", "failures": "Trop tard."}
    TranslateEntry(moderator, entry, language="fr", by="human", texts=texts).run()
    edit = f"{base}{entry.pk}/edit/"
    town.post(edit, said | {"end": "", "failures": "Too late and too dear."})
    entry.refresh_from_db()
    assert entry.record["period"] == {"start": "2021"}
    assert entry.record["failures"] == {"en": "Too late and too dear."}, "the translation said something else"
    assert entry.record["summary"].keys() == entry.record["title"].keys() == {"en", "fr"}
    assert entry.record["translations"] == {"fr": "human"}
    french = said | {"language": "fr", "title": "Bus de nuit", "summary": "Autre chose.", "failures": "Rien."}
    assert town.post(edit, french).status_code == 302, "begun in another language by mistake"
    entry.refresh_from_db()
    assert "translations" not in entry.record
    for name in ("title", "summary", "failures"):
        assert entry.record[name] == {"fr": french[name]}


def test_all_problems_of_a_form_are_shown_at_once(
    city: Any, owner: Any, browse: Callable[[Any], Client]
) -> None:
    bad = FORM | {"summary": "word " * 301, "start": "21", "source_url": "ftp://x", "cost_state": "stated"}
    page = browse(owner).post(f"/w/{city.slug}/library/new/", bad).content.decode()
    for said in ("the summary has 301 words", "this is no day", "no address of a page", "needs an amount"):
        assert said in page, said


def test_collections_and_moderators_by_form(
    published: Entry, moderator: Any, person: Any, browse: Any
) -> None:
    desk = browse(moderator)
    new = "/moderation/library/collections/new/"
    check(desk.get(new), new)
    said = {"title": "Sport", "language": "en", "intro": "Why sport.", "keys": "free-swimming\nmissing"}
    assert b"not published here: missing" in desk.post(new, said).content
    assert desk.post(new, said | {"keys": "free-swimming"}).status_code == 302
    again = "/moderation/library/collections/sport/"
    assert desk.post(again, said | {"title": "Sport for all", "keys": "free-swimming"}).status_code == 302
    assert Collection.objects.get().title == "Sport for all"
    assert desk.post(again, {"remove": ""}).status_code == 302
    assert not Collection.objects.exists()
    assert desk.get("/moderation/library/moderators/").status_code == 403
    boss = browse(person("chief", is_admin=True))
    check(boss.get("/moderation/library/moderators/"), "moderators")
    boss.post("/moderation/library/moderators/", {"email": person("next").email})
    assert Moderator.objects.count() == 2
    boss.post("/moderation/library/moderators/", {"dismiss": Moderator.objects.get(user=moderator).pk})
    assert desk.get("/moderation/library/").status_code == 404


def test_strangers_see_neither_desk_nor_drafts(
    city: Any, owner: Any, staff: dict[str, Any], browse: Callable[[Any], Client]
) -> None:
    entry = SaveEntry(owner, city, plain()).run()
    stranger, viewer = browse(staff["stranger"]), browse(staff["viewer"])
    for path in ("", "imports/", f"{entry.pk}/", "collections/new/", "moderators/"):
        assert stranger.get(f"/moderation/library/{path}").status_code == 404, path
        assert stranger.post(f"/moderation/library/{path}").status_code in (404, 405), path
    assert stranger.get(f"/w/{city.slug}/library/{entry.pk}/").status_code == 404
    assert viewer.get(f"/w/{city.slug}/library/").status_code == 403


def test_an_entry_of_another_city_is_not_there(city: Any, owner: Any, person: Any, browse: Any) -> None:
    entry = SaveEntry(owner, city, plain()).run()
    other = person("other")
    foreign = CreateWorkspace(other, "Othertown").run()
    client = browse(other)
    for path in ("", "edit/"):
        assert client.get(f"/w/{foreign.slug}/library/{entry.pk}/{path}").status_code == 404
    for what in ("submit", "remove", "withdraw", "contact"):
        assert client.post(f"/w/{foreign.slug}/library/{entry.pk}/{what}/").status_code == 404


# -- what ships ------------------------------------------------------------------------------------------
def test_a_new_installation_has_what_ships(db: None, client: Client) -> None:
    assert load_shipped()
    assert Entry.objects.filter(state="published", origin="isopolis").count() == len(shipped())
    assert b"Evian" in client.get("/library/?q=Evian").content
    assert not load_shipped(), "the second time nothing is left to do"
    before = Entry.objects.get(key="evian-free-period-products").versions.count()
    from isopolis.web.library.models import Loaded

    Loaded.objects.update(digest="of an earlier edition")
    assert load_shipped()
    assert Entry.objects.get(key="evian-free-period-products").versions.count() == before


def test_a_new_edition_changes_and_withdraws_what_ships_only(published: Entry, moderator: Any) -> None:
    from isopolis.web.library.desk import LoadShipped
    from isopolis.web.protect.actions import SERVER

    one, two = (Record.model_validate(plain(id=i)) for i in ("one", "two"))
    LoadShipped(SERVER, (one, two)).run()
    changed = Record.model_validate(plain(id="one", title={"en": "Another title"}))
    squatter = Record.model_validate(plain(title={"en": "Not yours"}))
    LoadShipped(SERVER, (changed, squatter)).run()
    assert Entry.objects.get(key="one").title == "Another title"
    assert Entry.objects.get(key="two").state == "withdrawn"
    assert Entry.objects.get(key="free-swimming").title == "Free swimming lessons"
    LoadShipped(SERVER, (changed, two)).run()
    assert Entry.objects.get(key="two").state == "published", "back in the next edition, just as it was"
    WithdrawEntry(moderator, Entry.objects.get(key="two"), reason="It slanders somebody.").run()
    for again in (two, Record.model_validate(plain(id="two", title={"en": "Changed"}))):
        LoadShipped(SERVER, (changed, again)).run()
        assert Entry.objects.get(key="two").state == "withdrawn", "what was withdrawn here stays so"


def test_the_index_can_be_made_anew(published: Entry) -> None:
    index.forget(["free-swimming"])
    assert index.find(index.Query("swimming")).total == 0
    assert index.rebuild() == 1
    assert index.find(index.Query("swimming")).total == 1


# -- for programs ------------------------------------------------------------------------------------------
def test_programs_get_what_the_page_shows(published: Entry, client: Client) -> None:
    answer = client.get("/api/v1/library?q=swimming&theme=theme:culture_and_sport")
    assert answer.status_code == 200, answer.content
    said = answer.json()
    assert said["matched"] == 1
    assert said["records"][0]["record"] == Entry.objects.get(pk=published.pk).record
    assert said["records"][0]["page"] == "http://testserver/library/free-swimming/"
    assert {f["field"] for f in said["facets"]} >= {"kind", "theme", "group"}
    none = client.get("/api/v1/library?kind=law&q=swimming").json()
    assert (none["matched"], none["relaxations"][0]["hits"]) == (0, 1)
    assert client.get("/api/v1/library/free-swimming").json()["id"] == "free-swimming"
    assert client.get("/api/v1/library/nothing").status_code == 404


def test_programs_see_no_drafts_and_no_closed_documents(
    city: Any, owner: Any, moderator: Any, client: Client
) -> None:
    closed = {"title": {"en": "Minutes"}, "access": "workspace"}
    entry = SaveEntry(owner, city, plain(documents=[closed])).run()
    assert client.get("/api/v1/library/free-swimming").status_code == 404
    SubmitEntry(owner, entry).run()
    PublishEntry(moderator, entry).run()
    for path in (
        "/api/v1/library/free-swimming", "/api/v1/library", "/library/free-swimming/", "/library/bundle",
        "/library/export/library.json", "/library/export/library.csv", "/library/export/library.jsonld",
    ):  # fmt: skip
        answer = client.get(path)
        assert answer.status_code == 200
        assert b"Minutes" not in answer.content, path
    for made in (lambda: 0, index.rebuild):
        made()
        assert index.find(index.Query("Minutes")).total == 0, "nor does the search know its title"
