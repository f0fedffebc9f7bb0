"""Export and erasure: everything is found, and afterwards no byte of the data folder leads to the person."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from isopolis.web.accounts.links import make_link
from isopolis.web.accounts.models import SignInLink, User
from isopolis.web.audit.chain import verify
from isopolis.web.audit.models import AuditEvent
from isopolis.web.modules.comments.models import Comment, CommentVersion, Report
from isopolis.web.modules.models import Module, Participant, Process
from isopolis.web.permissions import require
from isopolis.web.protect.actions import SERVER, EraseAccount, ExportAccount
from isopolis.web.protect.erasure import LIST, known_erasures, plan, wipe
from isopolis.web.protect.export import files
from isopolis.web.protect.models import Erasure
from isopolis.web.protect.replay import replay
from isopolis.web.work.models import Job
from isopolis.web.workspaces.actions import AddMember, ChangeRole
from isopolis.web.workspaces.models import Workspace
from isopolis.web.workspaces.running import FOLDERS

from .towns import upload

ADDRESS, SECOND, NAME = "zelda.quux@example.org", "zq-second@example.org", "Zelda Quuxbridge"


@pytest.fixture
def cached(db: None, settings: Any) -> None:
    """The cache table, as the platform has it."""
    call_command("createcachetable", verbosity=0)


@pytest.fixture
def zelda(cached: None, city: Workspace, owner: User, settings: Any) -> User:
    """Somebody with traces in every corner."""
    who = User.objects.create_user(ADDRESS, "a password of zelda", name=NAME)
    EmailAddress.objects.create(user=who, email=ADDRESS, primary=True, verified=True)
    EmailAddress.objects.create(user=who, email=SECOND)
    AddMember(owner, city, ADDRESS, "analyst").run()
    upload(who, city)
    Authenticator.objects.create(user=who, type="totp", data={"secret": "s"})
    make_link(who)
    browser = Client()
    browser.post("/accounts/login/", {"login": ADDRESS, "password": "wrong wrong wrong"})
    browser.force_login(who, "isopolis.web.accounts.backends.Accounts")
    session = browser.session
    session["note"] = f"{NAME} was here"
    session.save()
    cache.set("hello", f"for {ADDRESS}", 3600)
    _mail_and_logs(settings)
    return who


def _mail_and_logs(settings: Any) -> None:
    folder = Path(settings.DATA_DIR)
    with_backend = "django.core.mail.backends.filebased.EmailBackend"
    link = mail.get_connection(with_backend, file_path=str(folder / "mail"))
    mail.EmailMessage("Hello", f"Ünïcode for {NAME}", "a@example.org", [ADDRESS], connection=link).send()
    (folder / "logs").mkdir()
    (folder / "logs" / "web.log").write_text(f"kept\nfailed for {ADDRESS}\nkept too\n", encoding="utf-8")


def every_byte(folder: Path) -> bytes:
    """The whole database as text, table by table, and every file of the data folder."""
    out = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            out += [repr(row) for row in cursor.fetchall()]
    cached = " ".join(str(cache.get(k)) for k in ("hello",))
    return ("\n".join(out) + cached).encode() + b"".join(
        p.read_bytes() for p in folder.rglob("*") if p.is_file()
    )


def test_nothing_leads_to_the_person_afterwards(zelda: User, city: Workspace, settings: Any) -> None:
    folder = Path(settings.DATA_DIR)
    before = every_byte(folder)
    assert ADDRESS.encode() in before
    assert NAME.encode() in before
    assert SECOND.encode() in before
    number = zelda.pk
    EraseAccount(SERVER, zelda).run()
    after = every_byte(folder).lower()
    for mark in (ADDRESS, SECOND, NAME, "zelda", "quux"):
        assert mark.lower().encode() not in after
    assert list(verify()) == []
    assert not User.objects.filter(pk=number).exists()
    assert Erasure.objects.get().number == number
    assert city.dataset_set.get().created_by is None
    assert (folder / "logs" / "web.log").read_text(encoding="utf-8") == "kept\nkept too\n"
    assert AuditEvent.objects.filter(actor=number).exists(), "the log keeps the number"


def test_only_this_person_goes(zelda: User, city: Workspace, owner: User, browse: Any, settings: Any) -> None:
    mine = browse(owner)
    cache.set("other", "kept", 3600)
    other = Path(settings.DATA_DIR) / "mail" / "other.log"
    other.write_text("To: zelda.quux@example.org.invalid\n\nsomebody else", encoding="utf-8")
    other.write_text("To: ann@example.org\n\nsomebody else", encoding="utf-8")
    EraseAccount(SERVER, zelda).run()
    assert mine.get("/w/").status_code == 200
    assert User.objects.get() == owner
    assert city.membership_set.get().user == owner
    assert cache.get("other") == "kept"
    assert other.is_file()


def test_the_plan_is_what_happens(zelda: User) -> None:
    said = {line.place: (line.rows, line.what.value) for line in plan(zelda).lines}
    assert said["accounts.User"] == (1, "delete")
    assert said["account.EmailAddress"][1] == "delete"
    assert said["datasets.Dataset"] == (1, "unlink")
    assert said["work.Job"][1] == "unlink"
    assert said["audit.AuditEvent"][1] == "keep"
    assert said["sessions"] == (1, "delete")
    assert said["mail"] == (1, "delete")
    assert said["logs"] == (1, "delete")
    assert User.objects.filter(pk=zelda.pk).exists(), "a plan changes nothing"
    jobs, events = Job.objects.count(), AuditEvent.objects.count()
    EraseAccount(SERVER, zelda).run()
    assert Job.objects.count() == jobs
    assert AuditEvent.objects.count() == events + 1


def test_words_in_public_go_with_their_author(zelda: User, city: Workspace, owner: User) -> None:
    """The place of a comment stays, so that answers keep their sense; what was said and by whom goes."""
    process = Process.objects.create(workspace=city, number=1, title="Budget")
    module = Module.objects.create(process=process, kind="comments", title="Discussion")
    authors = []
    for user, name in ((zelda, NAME), (owner, "Ann Other")):
        who = Participant(user=user, workspace=city)
        who.call(name)
        who.save()
        authors.append(who)
    mine, other = (
        Comment.objects.create(module=module, author=a, text=f"text of {a}", created_at=timezone.now())
        for a in authors
    )
    CommentVersion.objects.create(comment=mine, text=f"earlier text of {NAME}", until=timezone.now())
    Report.objects.create(comment=other, by=zelda, reason=f"{NAME} is annoyed", created_at=timezone.now())
    EraseAccount(SERVER, zelda).run()
    for row in (mine, other, *authors):
        row.refresh_from_db()
    assert (mine.text, mine.state, str(mine.author), mine.author.user) == ("", "deleted", "", None)
    assert (other.text, other.state, other.author.user) == ("text of Ann Other", "shown", owner)
    assert not CommentVersion.objects.exists()
    assert (Report.objects.get().by, Report.objects.get().reason) == (None, "")


def test_the_last_owner_hands_over_first(zelda: User, city: Workspace, owner: User) -> None:
    with pytest.raises(ValidationError, match="Testville"):
        EraseAccount(owner, owner).run()
    ChangeRole(owner, city, city.membership_set.get(user=zelda), "owner").run()
    EraseAccount(owner, owner).run()
    assert city.role_of(zelda) == "owner"
    with pytest.raises(ValidationError, match="only member"):
        EraseAccount(zelda, zelda).run()
    assert User.objects.filter(pk=zelda.pk).exists()
    EraseAccount(zelda, zelda, close=True).run()
    assert not Workspace.objects.exists()


def test_files_of_a_closed_workspace_go(
    owner: User, city: Workspace, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    upload(owner, city)
    folders = [Path(settings.DATA_DIR) / name / str(city.pk) for name in FOLDERS]
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "counts.json").write_text("{}", encoding="utf-8")
    with django_capture_on_commit_callbacks(execute=True):
        EraseAccount(owner, owner, close=True).run()
    assert not [f for f in folders if f.exists()]


def test_nobody_exports_or_erases_others(owner: User, person: Any) -> None:
    boss, other = person("boss", is_admin=True), person("other")
    for who in (boss, owner):
        for action in (ExportAccount(who, other), EraseAccount(who, other)):
            with pytest.raises(PermissionDenied):
                action.run()
    require(SERVER, "account.export", thing=other)


@pytest.mark.django_db(transaction=True)
def test_the_raw_file_and_its_journal_are_clean(tmp_path: Path) -> None:
    """With the settings of our database, what was deleted is overwritten, in the journal too."""
    from isopolis.web.database import PRAGMAS

    path = tmp_path / "raw.sqlite3"
    base = sqlite3.connect(path, isolation_level=None)
    base.execute("PRAGMA secure_delete=OFF")  # some builds have it on without being asked
    base.executescript(PRAGMAS.replace("{}", "1000"))
    base.execute("CREATE TABLE t (a TEXT, b TEXT)")
    for i in range(400):
        base.execute("INSERT INTO t VALUES (?, ?)", (f"{ADDRESS} {i}", NAME * 30))
    base.execute("UPDATE t SET b = 'short'")
    base.execute("DELETE FROM t")
    base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw = b"".join(p.read_bytes() for p in tmp_path.glob("raw.sqlite3*"))
    assert len(raw) > 4096
    assert ADDRESS.encode() not in raw
    assert NAME.encode() not in raw
    base.close()
    wipe()


# -- export ----------------------------------------------------------------------------------------
def test_an_export_has_everything(zelda: User) -> None:
    found = ExportAccount(zelda, zelda).run()
    text = json.dumps(found, default=str)
    for word in (ADDRESS, SECOND, NAME, "analyst", "people.csv"):
        assert word in text
    assert zelda.password not in text
    assert SignInLink.objects.get(user=zelda).digest not in text
    assert {t["table"] for t in found["tables"]} >= {
        "accounts.User", "account.EmailAddress", "workspaces.Membership", "datasets.Dataset", "work.Job",
        "mfa.Authenticator", "accounts.SignInLink",
    }  # fmt: skip
    assert all(t["purpose"] and t["legal basis"] and t["seen by"] for t in found["tables"])
    assert len(found["sessions"]) == 1
    assert any("You uploaded" in e["what"] for e in found["log"])


def test_every_table_with_a_relation_is_in_the_export(zelda: User) -> None:
    """A slow obvious twin: look for the number in every column that relates to accounts."""
    from django.apps import apps

    holding = {
        m._meta.label
        for m in apps.get_models()
        for f in m._meta.concrete_fields
        if f.is_relation and f.related_model is User and m._base_manager.filter(**{f.name: zelda.pk}).exists()
    }
    assert holding <= {t["table"] for t in ExportAccount(zelda, zelda).run()["tables"]}
    assert len(holding) >= 6


def test_an_export_of_formulas_is_harmless(owner: User, city: Workspace) -> None:
    owner.name = "=HYPERLINK(0)"
    owner.save()
    text = files(ExportAccount(owner, owner).run())["accounts.user.csv"]
    row = next(csv.DictReader(io.StringIO(text)))
    assert not any(str(v).startswith(("=", "+", "-", "@")) for v in row.values())


def test_names_of_others_are_not_in_an_export(zelda: User, owner: User) -> None:
    assert owner.email not in json.dumps(ExportAccount(zelda, zelda).run(), default=str)


# -- pages -----------------------------------------------------------------------------------------
def signed_in(user: User, password: str) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": user.email, "password": password})
    return client


def test_the_pages_ask_for_the_password_again(owner: User, browse: Any) -> None:
    for url in ("/account/data/", "/account/erase/"):
        answer = browse(owner).get(url)
        assert answer.status_code == 302
        assert "reauthenticate" in answer["Location"]
        assert Client().get(url)["Location"].startswith("/accounts/login/")


def again(client: Client, user: User, password: str) -> None:
    client.post("/accounts/reauthenticate/", {"password": password})


def test_download_by_page(zelda: User) -> None:
    client = signed_in(zelda, "a password of zelda")
    client.force_login(zelda, "isopolis.web.accounts.backends.Accounts")
    again(client, zelda, "a password of zelda")
    assert client.get("/account/data/").status_code == 200
    answer = client.post("/account/data/")
    assert answer["Content-Type"] == "application/zip"
    pack = zipfile.ZipFile(io.BytesIO(answer.content))
    assert json.loads(pack.read("account.json"))["account"] == zelda.pk
    assert answer["Cache-Control"].startswith("max-age=0") or "no-store" in answer["Cache-Control"]


def test_erase_by_page(zelda: User) -> None:
    client = Client()
    client.force_login(zelda, "isopolis.web.accounts.backends.Accounts")
    again(client, zelda, "a password of zelda")
    page = client.get("/account/erase/").content.decode()
    assert "What goes" in page
    assert client.post("/account/erase/", {"email": "other@example.org"}).status_code == 200
    assert User.objects.filter(pk=zelda.pk).exists()
    answer = client.post("/account/erase/", {"email": ADDRESS.upper()}, follow=True)
    assert "erased" in answer.content.decode()
    assert not User.objects.filter(pk=zelda.pk).exists()
    assert client.get("/w/").status_code == 302


# -- the list that outlives a restore --------------------------------------------------------------
def test_a_restored_backup_is_erased_again(
    zelda: User, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    number, joined = zelda.pk, zelda.joined_at
    with django_capture_on_commit_callbacks(execute=True):
        EraseAccount(SERVER, zelda).run()
    file = Path(settings.DATA_DIR) / LIST
    assert file.read_text(encoding="utf-8").splitlines()[1].startswith(f"{number},")
    Erasure.objects.all().delete()  # the backup knew nothing of it
    User.objects.create(pk=number, email=ADDRESS, name=NAME, joined_at=joined)
    assert replay(dry=True) == ([number], [])
    assert User.objects.filter(pk=number).exists()
    assert replay() == ([number], [])
    assert not User.objects.filter(pk=number).exists()
    assert replay() == ([], [])


def test_a_number_given_anew_is_somebody_else(person: Any) -> None:
    fresh = person("fresh")
    Erasure.objects.create(number=fresh.pk, at=timezone.now() - timedelta(days=1))
    assert fresh.pk in known_erasures()
    assert replay() == ([], [])
    assert User.objects.filter(pk=fresh.pk).exists()
