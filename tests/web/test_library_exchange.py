# ruff: noqa: F811 - fixtures of a neighbour have the names of arguments
"""Named contacts and libraries of others: consent by link, and what a hostile file may not do."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from isopolis.learn.exchange import OURS, bundle, merge
from isopolis.learn.record import Record
from isopolis.web.library import index
from isopolis.web.library.actions import PublishEntry, RemoveDraft, SaveEntry, SubmitEntry, WithdrawEntry
from isopolis.web.library.contact import AskContact, GiveConsent, LinkHolder, TakeConsentBack
from isopolis.web.library.desk import ImportBundle, holding
from isopolis.web.library.models import Contact, Entry, Import

from .test_library import moderator, plain, published  # noqa: F401
from .test_pages import check

THERE = "https://library.example/library/"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


# -- contacts ------------------------------------------------------------------------------------------
def asked(owner: Any, city: Any, entry: Entry) -> str:
    action = AskContact(owner, city, entry, "Ada Lind", "ada@example.org", "head of sport")
    action.run()
    return str(action.path)


def test_nobody_is_named_before_consent_and_nowhere_after(
    city: Any, owner: Any, published: Entry, client: Client
) -> None:  # fmt: skip
    link, page = asked(owner, city, published), "/library/free-swimming/"
    assert b"Ada Lind" not in client.get(page).content
    check(client.get(link), "contact")
    assert b"Ada Lind" not in client.get(page).content, "opening the link is no consent"
    assert client.post(link, {"agree": ""}).status_code == 302
    assert b"Ada Lind" in client.get(page).content
    entry = Entry.objects.get(pk=published.pk)
    assert entry.record["contact"]["consent"]["by"] == "Ada Lind"
    check(client.get(link), "contact again")
    gone = client.post(link, {"take_back": ""})
    check(gone, "gone")
    entry.refresh_from_db()
    assert "Ada" not in json.dumps([entry.record, *(v.record for v in entry.versions.all())]) + entry.words
    assert b"Ada Lind" not in client.get(page).content
    assert client.get(link).status_code == 410
    assert b"ada@example.org" not in client.get("/library/export/library.json").content


def test_a_changed_entry_keeps_its_contact_and_a_new_one_replaces_it(
    city: Any, owner: Any, published: Entry, client: Client
) -> None:  # fmt: skip
    first = asked(owner, city, published)
    client.post(first, {"agree": ""})
    second = asked(owner, city, published)
    assert client.get(first).status_code == 410, "whoever was asked before is forgotten"
    assert "contact" not in Entry.objects.get(pk=published.pk).record
    assert client.get(second).status_code == 200


def test_an_erased_account_is_named_no_more(
    city: Any, owner: Any, published: Entry, client: Client, person: Any
) -> None:  # fmt: skip
    from isopolis.web.protect.erasure import erase

    ada = person("ada")
    assert ada.email == "ada@example.org"
    client.post(asked(owner, city, published), {"agree": ""})
    erase(ada)
    assert not Contact.objects.exists()
    assert "contact" not in Entry.objects.get(pk=published.pk).record


def test_only_the_link_opens_consent(city: Any, owner: Any, published: Entry) -> None:
    asked(owner, city, published)
    contact = Contact.objects.get()
    for actor in (owner, LinkHolder("0" * 64), LinkHolder("")):
        with pytest.raises(PermissionDenied):
            GiveConsent(actor, contact).run()
        with pytest.raises(PermissionDenied):
            TakeConsentBack(actor, contact).run()
    assert not mail.outbox or "ada@example.org" in mail.outbox[0].to


def test_who_never_answers_is_forgotten_after_a_month(city: Any, owner: Any, published: Entry) -> None:
    from isopolis.web.protect.retention import run

    asked(owner, city, published)
    Contact.objects.update(asked_at=NOON)
    for days, left in ((29, 1), (31, 0)):
        done = {c.rule.key: c.count for c in run(NOON + timedelta(days=days), dry=False)}
        assert done["library contact"] == 1 - left
        assert Contact.objects.count() == left
    asked(owner, city, published)
    Contact.objects.update(asked_at=NOON, given_at=NOON)
    run(NOON + timedelta(days=400), dry=False)
    assert Contact.objects.count() == 1, "who agreed stays until they take it back"


def test_consent_touches_nothing_but_the_person(city: Any, owner: Any, published: Entry) -> None:
    """Entry and contact as they were when the page was opened, while both change elsewhere."""
    asked(owner, city, published)
    contact = Contact.objects.select_related("entry").get()
    WithdrawEntry(owner, published, reason="Wrong.").run()
    changed = SaveEntry(owner, city, plain(title={"en": "Changed meanwhile"}), published).run()
    GiveConsent(LinkHolder(contact.digest), contact).run()
    entry = Entry.objects.get(pk=published.pk)
    assert (entry.state, entry.title, entry.changed_at) == ("draft", "Changed meanwhile", changed.changed_at)
    assert entry.record["contact"]["name"] == "Ada Lind"
    contact = Contact.objects.select_related("entry").get()
    Entry.objects.filter(pk=published.pk).update(state="submitted")
    TakeConsentBack(LinkHolder(contact.digest), contact).run()
    entry.refresh_from_db()
    assert (entry.state, "contact" in entry.record) == ("submitted", False)
    with pytest.raises(ValidationError, match="nobody"):
        GiveConsent(LinkHolder(contact.digest), Contact(pk=7, entry=entry, digest=contact.digest)).run()


def test_a_name_without_consent_cannot_be_written_by_form(city: Any, owner: Any) -> None:
    with pytest.raises(ValidationError, match="consent"):
        SaveEntry(owner, city, plain(contact={"name": "Somebody"})).run()


# -- libraries of others ----------------------------------------------------------------------------------
def theirs(*ids: str, made: datetime = NOON, origin: str = THERE, **more: Any) -> str:
    return bundle([Record.model_validate(plain(id=i) | more) for i in ids], origin, made)


def take(boss: Any, text: str, origin: str = THERE) -> Import:
    made: Import = ImportBundle(boss, text, "theirs.json", origin, "http://testserver/library/").run()
    return made


def codes(made: Import) -> list[str]:
    return sorted(p["code"] for p in made.refused)


def test_a_library_comes_in_once(moderator: Any, client: Client) -> None:
    text = theirs("one", "two")
    made = take(moderator, text)
    assert (made.added, made.unchanged, made.refused) == (2, 0, [])
    assert client.get("/library/one/").status_code == 200
    state = list(Entry.objects.order_by("key").values())
    again = take(moderator, text)
    assert (again.added, again.updated, again.unchanged) == (0, 0, 2)
    assert list(Entry.objects.order_by("key").values()) == state, "nothing changes, not even a date"


def test_it_can_change_and_withdraw_its_own(moderator: Any, client: Client) -> None:
    take(moderator, theirs("one", "two"))
    later = bundle(
        [Record.model_validate(plain(id="one", title={"en": "Newer"}))], THERE, NOON + timedelta(hours=1),
        withdrawn=["two"],
    )  # fmt: skip
    made = take(moderator, later)
    assert (made.updated, made.withdrawn) == (1, 1)
    assert b"Newer" in client.get("/library/one/").content
    assert client.get("/library/two/").status_code == 410
    old = take(moderator, theirs("one"))
    assert codes(old) == ["older"], "an older file does not bring back what was changed"


def test_no_person_comes_in_and_those_of_earlier_go(moderator: Any, client: Client) -> None:
    ada = {"organisation": "City", "name": "Ada Lind", "email": "ada@example.org", "role": "head",
           "consent": {"by": "Ada Lind", "date": "2026-01-01"}}  # fmt: skip
    good = Record.model_validate(plain(id="one", contact=ada)).plain()
    text = sealed([good])
    assert take(moderator, text).added == 1
    assert b"Ada" not in client.get("/library/one/").content
    entry = Entry.objects.get()
    assert entry.record["contact"] == {"organisation": "City"}
    assert take(moderator, text).unchanged == 1
    # as it was kept before
    for later, withdrawn in ((theirs("one", made=NOON + timedelta(hours=1)), []), (None, ["one"])):
        Entry.objects.update(record=good)
        entry.versions.update(record=good)
        take(moderator, later or bundle([], THERE, NOON + timedelta(hours=2), withdrawn=withdrawn))
        entry.refresh_from_db()
        assert "Ada" not in json.dumps([entry.record, *(v.record for v in entry.versions.all())])
    assert entry.state == "withdrawn"


def test_what_was_withdrawn_here_comes_back_by_a_moderator_only(
    moderator: Any, browse: Any, client: Client
) -> None:
    take(moderator, theirs("one", "two"))
    for entry in Entry.objects.all():
        WithdrawEntry(moderator, entry, reason="It slanders somebody.").run()
    made = take(moderator, theirs("one", "two", made=NOON + timedelta(hours=1), title={"en": "Newer"}))
    assert (made.updated, codes(made)) == (0, ["withdrawn-here", "withdrawn-here"])
    assert client.get("/library/one/").status_code == 410
    one, desk = Entry.objects.get(key="one"), browse(moderator)
    assert b"Publish this entry" in desk.get(f"/moderation/library/{one.pk}/").content
    desk.post(f"/moderation/library/{one.pk}/publish/")
    assert client.get("/library/one/").status_code == 200
    assert Entry.objects.get(key="one").record == one.record, "as its origin wrote it"
    made = take(moderator, bundle([], THERE, NOON + timedelta(hours=2), withdrawn=["one"]))
    assert made.withdrawn == 1
    again = take(moderator, theirs("one", made=NOON + timedelta(hours=3)))
    assert again.updated == 1, "what its origin withdrew, its origin brings back"


@pytest.mark.parametrize("name", ["isopolis/", "  Isopolis", "this installation/ ", "This Installation"])
def test_nobody_speaks_for_what_ships_or_is_written_here(published: Entry, moderator: Any, name: str) -> None:
    text = theirs("free-swimming", origin=name, title={"en": "Taken over"})
    with pytest.raises(ValidationError, match="origin"):
        take(moderator, text, name)
    assert not Import.objects.exists()


def test_what_a_city_saved_while_a_merge_went_on_stays_its_own(
    city: Any, owner: Any, moderator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from isopolis.web.library import desk

    def meanwhile(*args: Any, **more: Any) -> Any:
        done = merge(*args, **more)
        for key in ("one", "two"):
            SaveEntry(owner, city, plain(id=key)).run()
        Entry.objects.filter(key="two").update(workspace=None, origin=THERE, made="2026-11-22T12:30:00Z")
        return done

    monkeypatch.setattr(desk, "merge", meanwhile)
    made = take(moderator, theirs("one", "two", "three", title={"en": "Theirs"}))
    assert (made.added, codes(made)) == (1, ["not-theirs", "older"])
    assert list(Entry.objects.filter(title="Theirs").values_list("key", flat=True)) == ["three"]


def test_what_a_city_here_has_taken_over_is_ours_whoever_wrote_it_first(published: Entry) -> None:
    published.origin = "https://library.example.org"
    assert published.workspace_id is not None
    assert holding(published).origin == OURS
    published.workspace = None
    assert holding(published).origin == "https://library.example.org"


def test_it_cannot_touch_ours_nor_those_of_a_third(moderator: Any, published: Entry) -> None:
    take(moderator, theirs("third", origin="https://third.example"), "https://third.example")
    text = theirs("free-swimming", "third", title={"en": "Taken over"})
    made = take(moderator, text)
    assert (made.added, made.updated, codes(made)) == (0, 0, ["not-theirs", "not-theirs"])
    assert not Entry.objects.filter(title="Taken over").exists()
    gone = bundle([], THERE, NOON, withdrawn=["free-swimming", "third", "nothing"])
    assert codes(take(moderator, gone)) == ["not-theirs", "not-theirs"]
    assert Entry.objects.filter(state="published").count() == 2


def lie(text: str) -> str:
    return text.replace("Free swimming lessons", "Paid swimming lessons")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (lie(theirs("one")), "false-checksum"),
        (theirs("one", origin="http://testserver/library"), "our-origin"),
        (theirs("one", origin="https://somebody.example"), "other-origin"),
        (theirs("one", made=NOON + timedelta(days=9999)), "from-the-future"),
        ("[" * 100_000 + "]" * 100_000, "too-deep"),
        ("{}", "no-bundle"),
        ("\x00", "no-json"),
        ('{"a": NaN}', "no-json"),
        ('{"a": 1e999}', "no-json"),
        ('{"format": "isopolis-bundle", "format": "isopolis-bundle"}', "no-json"),
    ],
)
def test_a_hostile_file_is_refused_as_a_whole_and_written_down(
    moderator: Any, text: str, code: str, caplog: pytest.LogCaptureFixture
) -> None:  # fmt: skip
    made = take(moderator, text)
    expected = {"http://testserver/library": "our-origin"}.get(THERE, code)
    assert codes(made) == [expected]
    assert not Entry.objects.exists()
    assert Import.objects.get().refused[0]["code"] == code
    assert code in caplog.text


AGREED = {"by": "A", "date": "2026-01-01"}


def test_scripts_and_unknown_terms_are_refused_one_by_one(moderator: Any) -> None:
    good = Record.model_validate(plain(id="good"))
    # the schema would not let these be made, so they are written past it
    bad = [
        good.plain() | {"id": "script", "title": {"en": "<script>alert(1)</script>"}},
        good.plain() | {"id": "hidden", "summary": {"en": "a\u202eb"}},
        good.plain() | {"id": "zero", "title": {"en": "a\x00b"}},
        good.plain() | {"id": "list", "sources": [{"url": []}]},
        good.plain() | {"id": "tongue", "language": [], "title": {"en": "x"}},
        good.plain() | {"id": "mail", "contact": {"email": "a\x00@b", "consent": AGREED}},
        good.plain() | {"id": "term", "themes": ["theme:nonsense"]},
        good.plain() | {"id": "link", "sources": [{"url": "javascript:alert(1)", "read_on": "2026-11-22"}]},
        good.plain() | {"id": "french", "title": {"en": "x", "fr": "<img src=x onerror=alert(1)>"},
                        "translations": {"fr": "human"}},
    ]  # fmt: skip
    made = take(moderator, sealed([good.plain(), *bad]))
    assert made.added == 1
    found = codes(made)
    assert [c for c in found if c in ("bad-address", "unknown-term")] == ["bad-address", "unknown-term"]
    assert found.count("markup") == 5
    assert list(Entry.objects.values_list("key", flat=True)) == ["good"]


def sealed(plains: list[dict[str, Any]]) -> str:
    """A bundle with right checksums of whatever stands in it."""
    import hashlib

    from isopolis.learn.exchange import canonical

    def sha(value: Any) -> str:
        return hashlib.sha256(canonical(value)).hexdigest()

    whole = {
        "format": "isopolis-bundle", "version": 1, "origin": THERE, "made": "2026-11-22T12:00:00Z",
        "records": [{"checksum": sha(p), "record": p} for p in plains], "withdrawn": [],
    }  # fmt: skip
    return json.dumps(whole | {"checksum": sha(whole)})


def test_the_page_for_files(moderator: Any, browse: Any, client: Client) -> None:
    desk, path = browse(moderator), "/moderation/library/imports/"
    check(desk.get(path), path)
    given = {"origin": THERE, "file": SimpleUploadedFile("x.json", theirs("one").encode())}
    assert desk.post(path, given).status_code == 302
    page = desk.get(path)
    check(page, path)
    assert b"New: 1." in page.content
    lying = {"origin": THERE, "file": SimpleUploadedFile("x.json", lie(theirs("two")).encode())}
    desk.post(path, lying)
    assert b"1 refusal" in desk.get(path).content
    assert desk.post(path, {"origin": THERE, "file": SimpleUploadedFile("x", b"\xff")}).status_code == 200
    assert Entry.objects.count() == 1


def test_what_was_written_here_can_be_taken_in_there(
    published: Entry, moderator: Any, client: Client
) -> None:
    text = client.get("/library/bundle").content.decode()
    whole = json.loads(text)
    assert whole["origin"] == "http://testserver/library/"
    assert [r["record"]["id"] for r in whole["records"]] == ["free-swimming"]
    assert codes(take(moderator, text, whole["origin"])) == ["our-origin"], "not by itself"


def test_a_withdrawal_reaches_others_whatever_is_written_afterwards(
    published: Entry, city: Any, owner: Any, moderator: Any, client: Client
) -> None:
    WithdrawEntry(moderator, published, reason="It is wrong.").run()
    published.refresh_from_db()
    SaveEntry(owner, city, plain(title={"en": "Written anew"}), published).run()
    with pytest.raises(ValidationError, match="withdrawn"):
        RemoveDraft(owner, published).run()
    assert published.messages.get().text == "It is wrong."
    for act in (None, lambda: SubmitEntry(owner, published).run()):
        if act:
            act()
        whole = json.loads(client.get("/library/bundle").content)
        assert (whole["records"], whole["withdrawn"]) == ([], ["free-swimming"])
        assert client.get("/library/free-swimming/").status_code == 410
    PublishEntry(moderator, published).run()
    whole = json.loads(client.get("/library/bundle").content)
    assert (len(whole["records"]), whole["withdrawn"]) == (1, [])


def test_the_search_forgets_what_goes_with_a_workspace(published: Entry, city: Any) -> None:
    assert index.find(index.Query("swimming")).total == 1
    city.delete()
    assert not index.open_index().everything()


def test_a_script_in_a_record_stays_text(city: Any, owner: Any, moderator: Any, client: Client) -> None:
    """Even where a record came past all checks, pages escape it."""
    entry = Entry(key="evil", origin="x", state="published", changed_at=NOON, published_at=NOON)
    record = Record.model_validate(
        plain(id="evil", title={"en": "x <3 y & **z**"}, failures={"en": "- a <5\n- b"})
    )
    entry.hold(record, "0" * 64)
    entry.save()
    index.refresh([entry])
    page = client.get("/library/evil/").content.decode()
    assert "x &lt;3 y &amp; **z**" in page
    assert "<li>a &lt;5</li><li>b</li>" in page


@pytest.mark.parametrize(
    "asked_for", ["q=" + "a" * 200_000, "q=%00%01", "theme=" + "x" * 50_000, "page=99999999999", "page=-1",
                  "q=%22%22%22-(((", "q=theme:", "&".join(f"theme=t{i}" for i in range(900)), "q=*:*%20NEAR(",
                  "kind=<script>alert(1)</script>", "q=%22" + "a" * 999,
                  "q=" + ("x" * 63 + "%22" + "y" * 60 + "%22") * 8],
)  # fmt: skip
def test_hostile_searches_have_an_answer(published: Entry, client: Client, asked_for: str) -> None:
    answer = client.get(f"/library/?{asked_for}")
    assert answer.status_code == 200
    assert b"<script>alert" not in answer.content


@pytest.mark.parametrize(
    "path", ["/library/%00/", "/api/v1/library/%00", "/library/%ED%A0%80/", "/library/-/"]
)
def test_hostile_keys_are_not_there(db: None, client: Client, path: str) -> None:
    assert client.get(path).status_code == 404
