"""Publishing: the gate, the decision, the public pages, the way back."""

from __future__ import annotations

import base64
import csv
import gzip
import io
import json
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from isopolis.web.audit.models import AuditEvent
from isopolis.web.datasets.models import Dataset
from isopolis.web.publish.actions import DiscardPublication, PreparePublication, Publish, Withdraw
from isopolis.web.publish.gate import gate_of, ledger_of
from isopolis.web.publish.models import GateRecord, Publication
from isopolis.web.publish.public import EMBED_POLICY
from isopolis.web.security import POLICY
from isopolis.web.workspaces.actions import CreateWorkspace

from ..databases import POSTGRES
from .conftest import CSV, TOML
from .publishing import RULES, addresses, diagnosed, light, prepared, published, undrawn
from .test_pages import check
from .towns import work

__all__ = ["light", "undrawn"]  # fixtures


def test_the_whole_way(owner: Any, city: Any, browse: Callable[[Any], Client]) -> None:
    job = diagnosed(owner, city)
    client = browse(owner)
    form = f"/w/{city.slug}/diagnoses/{job.pk}/publish/"
    check(client.get(form), form)
    answer = client.post(form, {**RULES, "across_dates": "", "title": "Who lives where"})
    row = Publication.objects.get()
    assert answer.headers["Location"] == row.get_absolute_url()
    check(client.get(row.get_absolute_url()), "waiting")
    work()
    page = client.get(row.get_absolute_url())
    check(page, "ready")
    for path in addresses(client, row.get_absolute_url() + "preview/"):
        check(client.get(path), path)
    assert Client().get(row.public_url).status_code == 404
    confirm = row.get_absolute_url() + "publish/"
    check(client.get(confirm), confirm)
    assert client.post(confirm, {}).status_code == 200
    assert Client().get(row.public_url).status_code == 404
    client.post(confirm, {"sure": "on"})
    assert Client().get(row.public_url).status_code == 200
    text = client.get(row.get_absolute_url()).content.decode()
    assert f'&lt;iframe src="http://testserver{row.public_url}embed/"' in text
    withdraw = row.get_absolute_url() + "withdraw/"
    check(client.get(withdraw), withdraw)
    client.post(withdraw, {"sure": "on"})
    check(client.get(row.get_absolute_url()), "withdrawn")
    assert Client().get(row.public_url).status_code == 410
    verbs = list(AuditEvent.objects.filter(verb__startswith="publication").values_list("verb", flat=True))
    assert verbs == ["publication.prepare", "publication.publish", "publication.withdraw"]


# -- what everybody sees -------------------------------------------------------------------------------
def test_every_public_page(owner: Any, city: Any) -> None:
    row = published(owner, city, diagnosed(owner, city))
    seen = addresses(Client(), "/p/")
    kinds = {re.sub(r"\d+", "#", p) for p in seen}
    stem = f"/p/{city.slug}/#/"
    pages = {"/p/", f"/p/{city.slug}/", stem, f"{stem}findings/#/", f"{stem}list/#/", f"{stem}tables/#/"}
    files = {f"{stem}files/{n}" for n in ("findings.csv", "findings.json", "counts.csv", "counts.json")}
    assert pages | files <= kinds
    for path, text in seen.items():
        answer = Client().get(path)
        if "/files/" in path:
            assert answer.headers["Content-Security-Policy"].startswith("sandbox;")
            assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
            continue
        page = check(answer, path)
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert not answer.cookies, path
        assert "Cookie" not in answer.headers.get("Vary", ""), path
        assert len(gzip.compress(text.encode())) <= 60_000, path
        if path.startswith(row.public_url):
            assert "example data, not a real place" in text, path
            assert f'<link rel="canonical" href="{path}">' in text
        assert not [i for i in page.inputs if i.get("type") != "hidden"]
    assert any("<svg" in t for p, t in seen.items() if "/findings/" in p)


@pytest.mark.usefixtures("undrawn")
def test_a_page_that_did_not_change_is_not_sent_again(owner: Any, city: Any) -> None:
    row = published(owner, city, diagnosed(owner, city))
    for part in ("", "findings/0/", "list/0/", "tables/0/", "embed/", "files/counts.csv"):
        path = row.public_url + part
        first = Client().get(path)
        assert first.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
        for header in (
            {"if-none-match": first.headers["ETag"]},
            {"if-modified-since": first.headers["Last-Modified"]},
        ):
            with CaptureQueriesContext(connection) as asked:
                again = Client().get(path, headers=header)
            assert (again.status_code, again.content) == (304, b""), path
            assert len(asked) == 1
        assert Client().get(path, headers={"if-none-match": '"other"'}).status_code == 200


@pytest.mark.usefixtures("undrawn")
def test_the_embedded_page_and_only_it_may_be_framed(owner: Any, city: Any) -> None:
    row = published(owner, city, diagnosed(owner, city))
    answer = Client().get(row.public_url + "embed/")
    assert answer.headers["Content-Security-Policy"] == EMBED_POLICY
    assert POLICY.replace("frame-ancestors 'none'", "frame-ancestors *") == EMBED_POLICY
    assert "X-Frame-Options" not in answer.headers
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert not answer.cookies
    assert b"<form" not in answer.content
    assert b"<header" not in answer.content
    Withdraw(owner, city, row).run()
    later = Client().get(row.public_url + "embed/")
    assert later.status_code == 410
    assert "X-Frame-Options" not in later.headers


def test_after_withdrawal_every_address_says_so(owner: Any, city: Any) -> None:
    row = published(owner, city, diagnosed(owner, city))
    seen = [p for p in addresses(Client(), "/p/") if p.startswith(row.public_url)]
    etag = Client().get(row.public_url).headers["ETag"]
    Withdraw(owner, city, row).run()
    for path in [*seen, row.public_url + "embed/"]:
        for headers in ({}, {"if-none-match": etag}):
            answer = Client().get(path, headers=headers)
            assert answer.status_code == 410, path
            assert b"has taken it back" in answer.content
            assert answer.headers["Cache-Control"] == "no-store"
    assert Client().get(f"/p/{city.slug}/").status_code == 404
    assert row.public_url not in Client().get("/p/").content.decode()
    assert len(ledger_of(city)[0].entries) > 0, "what was public stays known"


@pytest.mark.usefixtures("undrawn")
def test_nothing_is_there_before_it_is_published(owner: Any, city: Any) -> None:
    row = prepared(owner, city, diagnosed(owner, city))
    for path in ("", "findings/0/", "list/0/", "tables/0/", "embed/", "files/counts.csv"):
        assert Client().get(row.public_url + path).status_code == 404
    assert Client().get(f"/p/{city.slug}/").status_code == 404
    assert ledger_of(city) == (type(ledger_of(city)[0])(), [])
    preview = row.get_absolute_url() + "preview/"
    assert Client().get(preview).status_code == 302, "the preview is for members"


@pytest.mark.usefixtures("undrawn")
def test_only_the_named_files_are_handed_out(owner: Any, city: Any) -> None:
    row = published(owner, city, diagnosed(owner, city))
    for name in ("staff.json", "pages", "pages%2foverview.json", "..%2f..%2fsecret_key", "counts.csv%00"):
        assert Client().get(f"{row.public_url}files/{name}").status_code == 404, name
    for part in ("findings/99999/", "list/99/", "tables/99/"):
        assert Client().get(row.public_url + part).status_code == 404
    assert Client().post(row.public_url).status_code == 405


@pytest.mark.usefixtures("undrawn")
def test_the_language_stands_in_the_address(owner: Any, city: Any, monkeypatch: Any) -> None:
    row = published(owner, city, diagnosed(owner, city))
    monkeypatch.setattr("isopolis.web.languages.complete", lambda code: True)
    answer = Client().get(row.public_url + "?lang=ar")
    assert answer.headers["Content-Language"] == "ar"
    assert b'dir="rtl"' in answer.content
    assert f"{row.public_url}list/0/?lang=ar" in answer.content.decode()
    assert not answer.cookies
    assert Client().get(row.public_url).headers["ETag"] != answer.headers["ETag"]
    assert Client().get(row.public_url + "?lang=%3Cscript%3E").headers["Content-Language"] == "en"


@pytest.mark.usefixtures("undrawn")
def test_formulas_in_names_are_neutralised(owner: Any, city: Any) -> None:
    evil = TOML.replace('name = "birthplace"', 'name = "birthplace"\nlabel = "=1+1"').encode()
    rows = CSV.replace(b"Z00,", b"=Z00,").replace(b"born_here", b"@born").replace(b"born_abroad", b"-abroad")
    evil = evil.replace(b'"born_here", "born_abroad"', b'"@born", "-abroad"')
    row = published(owner, city, diagnosed(owner, city, {"people.csv": rows, "city.toml": evil}))
    for name in ("counts.csv", "findings.csv"):
        text = b"".join(Client().get(f"{row.public_url}files/{name}").streaming_content).decode()
        cells = [cell for line in csv.reader(io.StringIO(text)) for cell in line]
        assert [c for c in cells if c[:1] in "=+-@\t\r" and c and not is_number(c)] == [], name
    assert "'=Z00" in text or "'@born" in text or "'-abroad" in text


def is_number(text: str) -> bool:
    return re.fullmatch(r"-?[\d.]+(e-?\d+)?", text) is not None


# -- who, and whose -----------------------------------------------------------------------------------
@pytest.mark.usefixtures("undrawn")
def test_roles(staff: Any, owner: Any, city: Any, browse: Callable[[Any], Client]) -> None:
    job = diagnosed(owner, city)
    row = prepared(owner, city, job)
    here = row.get_absolute_url()
    expected = {
        "analyst": (200, 403),
        "policy_officer": (200, 403),
        "owner": (200, 200),
        "viewer": (403, 403),
        "participation_officer": (403, 403),
        "moderator": (403, 403),
        "stranger": (404, 404),
    }
    for role, (read, decide) in expected.items():
        client = browse(staff[role])
        assert client.get(here).status_code == read, role
        assert client.get(here + "preview/").status_code == read, role
        assert client.get(f"/w/{city.slug}/diagnoses/{job.pk}/publish/").status_code == read, role
        assert client.get(here + "publish/").status_code == decide, role
    for role in ("analyst", "policy_officer", "viewer", "stranger"):
        with pytest.raises(PermissionDenied):
            Publish(staff[role], city, row).run()
    Publish(owner, city, row).run()
    with pytest.raises(PermissionDenied):
        Withdraw(staff["analyst"], city, row).run()


@pytest.mark.usefixtures("undrawn")
def test_a_publication_of_another_city_cannot_be_touched(owner: Any, city: Any, person: Any) -> None:
    job = diagnosed(owner, city)
    row = prepared(owner, city, job)
    other = person("other")
    town = CreateWorkspace(other, "Othertown").run()
    for action in (
        PreparePublication(other, town, job, "Mine now", RULES),
        Publish(other, town, row),
        Withdraw(other, town, row),
        DiscardPublication(other, town, row),
    ):
        with pytest.raises(ValidationError):
            action.run()
    row.refresh_from_db()
    assert (row.state, Publication.objects.count()) == ("ready", 1)


@pytest.mark.usefixtures("undrawn")
def test_states_only_go_forward(owner: Any, city: Any) -> None:
    row = prepared(owner, city, diagnosed(owner, city))
    with pytest.raises(ValidationError):
        Withdraw(owner, city, row).run()
    Publish(owner, city, row).run()
    for action in (Publish(owner, city, row), DiscardPublication(owner, city, row)):
        with pytest.raises(ValidationError):
            action.run()
    Withdraw(owner, city, row).run()
    for action in (Publish(owner, city, row), Withdraw(owner, city, row)):
        with pytest.raises(ValidationError):
            action.run()


@pytest.mark.usefixtures("undrawn")
def test_throwing_away(owner: Any, city: Any, django_capture_on_commit_callbacks: Any) -> None:
    row = prepared(owner, city, diagnosed(owner, city))
    assert row.folder.is_dir()
    with django_capture_on_commit_callbacks(execute=True):
        DiscardPublication(owner, city, row).run()
    assert not row.folder.exists()
    assert not Publication.objects.exists()


def test_wrong_rules_are_refused(owner: Any, city: Any, browse: Callable[[Any], Client]) -> None:
    job = diagnosed(owner, city)
    form = f"/w/{city.slug}/diagnoses/{job.pk}/publish/"
    for wrong in ({"title": ""}, {"threshold": 1}, {"threshold": 50}, {"protection": "hope"}):
        answer = browse(owner).post(form, {**RULES, "across_dates": "", "title": "T"} | wrong)
        check(answer, form)
        assert b'role="alert"' in answer.content
    with pytest.raises(ValidationError):
        PreparePublication(owner, city, job, "T", RULES | {"threshold": 1}).run()
    assert not Publication.objects.exists()


@pytest.mark.usefixtures("undrawn")
def test_prepared_files_that_were_changed_are_not_published(owner: Any, city: Any) -> None:
    row = prepared(owner, city, diagnosed(owner, city))
    (row.folder / "counts.csv").write_text("forged")
    with pytest.raises(ValidationError, match="not those that were prepared"):
        Publish(owner, city, row).run()


def test_a_preparation_that_breaks_leaves_nothing(owner: Any, city: Any, monkeypatch: Any) -> None:
    job = diagnosed(owner, city)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("isopolis.web.publish.build.write_counts_json", full)
    row = PreparePublication(owner, city, job, "T", RULES).run()
    assert [j.state for j in work()] != ["done"]
    row.refresh_from_db()
    assert row.state == "draft"
    assert not row.folder.exists()
    assert list(row.folder.parent.iterdir()) == []
    assert not GateRecord.objects.exists()


def test_files_corrected_since_are_not_published(owner: Any, city: Any) -> None:
    job = diagnosed(owner, city)
    dataset = Dataset.objects.get(pk=job.subject)
    Dataset.objects.filter(pk=dataset.pk).update(config=dataset.config + "\n# other\n")
    row = PreparePublication(owner, city, job, "T", RULES).run()
    (done,) = work()
    assert done.state == "failed"
    assert "Start the diagnosis again" in done.error
    row.refresh_from_db()
    assert row.state == "draft"


# -- the ledger -----------------------------------------------------------------------------------------
@pytest.mark.usefixtures("undrawn")
def test_two_prepared_at_once_cannot_both_pass_unseen(owner: Any, city: Any) -> None:
    job = diagnosed(owner, city)
    first, second = prepared(owner, city, job), prepared(owner, city, job)
    assert (first.number, second.number) == (1, 2)
    Publish(owner, city, first).run()
    with pytest.raises(ValidationError, match="Prepare it again"):
        Publish(owner, city, second).run()
    third = prepared(owner, city, job)
    Publish(owner, city, third).run()
    ledger, numbers = ledger_of(city)
    assert numbers == [1, 3]
    assert {e.number for e in ledger.entries} == {1, 3}
    mine = [[e.cells for e in ledger.entries if e.number == n] for n in numbers]
    assert mine[0] == mine[1], "the same people receive the same noise"


@pytest.mark.usefixtures("undrawn")
def test_the_secret_is_made_once_and_shown_nowhere(owner: Any, city: Any, browse: Any) -> None:
    secret = bytes(gate_of(city).secret)
    assert len(secret) >= 16
    row = published(owner, city, diagnosed(owner, city))
    assert bytes(gate_of(city).secret) == secret
    written = b"".join(p.read_bytes() for p in row.folder.rglob("*") if p.is_file())
    written += json.dumps(GateRecord.objects.get(publication=row).staff).encode()
    written += browse(owner).get(row.get_absolute_url()).content
    for form in (secret, secret.hex().encode(), base64.b64encode(secret)):
        assert form not in written


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("undrawn")
def test_two_press_publish_at_the_same_moment(owner: Any, city: Any) -> None:
    """One passes, the other has to prepare again; on SQLite, which has one writer, one after the other."""
    job = diagnosed(owner, city)
    rows = [prepared(owner, city, job), prepared(owner, city, job)]
    together = threading.Barrier(2 if POSTGRES else 1, timeout=30)

    def press(row: Publication) -> str:
        try:
            together.wait()
            return Publish(owner, city, row).run().state
        except ValidationError as error:
            return " ".join(error.messages)
        finally:
            if POSTGRES:
                connection.close()

    if POSTGRES:
        with ThreadPoolExecutor(2) as pool:
            said = list(pool.map(press, rows))
    else:
        said = [press(row) for row in rows]
    assert sorted("Prepare it again" in s for s in said) == [False, True]
    assert len(ledger_of(city)[1]) == 1
    Publish(owner, city, prepared(owner, city, job)).run()
    ledger, numbers = ledger_of(city)
    assert len(numbers) == 2
    assert {e.number for e in ledger.entries} == set(numbers)
