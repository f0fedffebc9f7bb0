"""The short ways that every request and every change takes lead where Django's own lead."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends import db as django_sessions
from django.core.handlers.base import BaseHandler
from django.db import OperationalError, connection
from django.db.models import Model
from django.http import Http404, HttpRequest
from django.test import Client, RequestFactory
from django.utils import timezone

from isopolis.web.accounts.backends import Accounts
from isopolis.web.accounts.models import User
from isopolis.web.addresses import Application, _resolve
from isopolis.web.audit.models import AuditEvent
from isopolis.web.database import database_from
from isopolis.web.engines.sqlite.base import DatabaseWrapper
from isopolis.web.inserts import insert
from isopolis.web.modules.models import Process
from isopolis.web.sessions import SessionStore
from isopolis.web.workspaces.models import Membership, Workspace

Make = Callable[[Path, int], DatabaseWrapper]


# -- who somebody is ----------------------------------------------------------------------------
@pytest.mark.django_db
def test_an_account_is_read_as_django_reads_it(owner: User) -> None:
    owner.last_login = timezone.now()
    owner.language, owner.name = "ar", "عمر"
    owner.save()
    for given in (owner.pk, str(owner.pk)):
        ours, theirs = Accounts().get_user(given), ModelBackend().get_user(owner.pk)
        assert ours is not None
        assert theirs is not None
        assert {f.attname: getattr(ours, f.attname) for f in User._meta.concrete_fields} == {
            f.attname: getattr(theirs, f.attname) for f in User._meta.concrete_fields
        }
        assert type(ours.is_active) is bool
        assert ours.last_login is not None
        assert ours.last_login.tzinfo
        assert ours == theirs
        assert not ours._state.adding
        ours.save()  # it is a real row


@pytest.mark.django_db
def test_who_may_not_sign_in_or_is_gone_is_nobody(owner: User) -> None:
    User.objects.filter(pk=owner.pk).update(is_active=False)
    assert Accounts().get_user(owner.pk) is None
    assert Accounts().get_user(owner.pk + 1000) is None


@pytest.mark.django_db
def test_a_session_is_read_as_django_reads_it() -> None:
    made = SessionStore()
    made["a"] = {"b": [1, "ü"]}
    made.save()
    assert SessionStore(made.session_key).load() == {"a": {"b": [1, "ü"]}}
    assert django_sessions.SessionStore(made.session_key).load() == {"a": {"b": [1, "ü"]}}
    rows = made.model.objects.filter(session_key=made.session_key)
    for apart, there in ((timedelta(seconds=30), True), (-timedelta(seconds=1), False)):
        rows.update(expire_date=timezone.now() + apart)
        for store in (SessionStore(made.session_key), django_sessions.SessionStore(made.session_key)):
            assert bool(store.load()) is there
            assert (store.session_key is not None) is there
    assert SessionStore("x" * 32).load() == {}


# -- where an address leads ---------------------------------------------------------------------
def _asked(path: str) -> HttpRequest:
    return RequestFactory().get(path)


def test_an_address_leads_to_the_same_view_the_second_time() -> None:
    ours = Application()
    for path in ("/w/x/plans/3/", "/glossary/", "/take-part/x/7/"):
        expected = BaseHandler().resolve_request(_asked(path))
        for _ in range(2):
            request = _asked(path)
            found = ours.resolve_request(request)
            assert request.resolver_match is found
            assert (found.func, found.args, found.kwargs, found.view_name) == (
                expected.func, expected.args, expected.kwargs, expected.view_name,
            )  # fmt: skip
            found.kwargs["slug"] = "another"  # what one request does to its own is nobody else's


def test_addresses_that_lead_nowhere_are_not_remembered() -> None:
    before = _resolve.cache_info().currsize
    for number in range(20):
        with pytest.raises(Http404):
            Application().resolve_request(_asked(f"/nowhere-{number}/at-all/"))
    assert _resolve.cache_info().currsize == before


# -- adding rows --------------------------------------------------------------------------------
def _seen(row: Model) -> dict[str, Any]:
    return {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["workspace", "membership", "process"])
def test_a_row_is_kept_as_django_keeps_it(kind: str, owner: User, city: Workspace) -> None:
    def made(number: int) -> Model:
        if kind == "workspace":
            return Workspace(name="Nowa Huta", slug=f"nowa-{number}")
        if kind == "membership":
            person = User.objects.create_user(f"p{number}@example.org")
            return Membership(user=person, workspace=city, role="viewer")
        return Process(workspace=city, number=number + 70, title="مشروع")

    ours, theirs = made(1), made(2)
    insert(ours)
    theirs.save()
    again, other = type(ours).objects.get(pk=ours.pk), type(theirs).objects.get(pk=theirs.pk)
    assert _seen(again) == _seen(ours)
    assert not ours._state.adding
    differ = {k for k in _seen(again) if _seen(again)[k] != _seen(other)[k]}
    assert differ <= {"id", "slug", "created_at", "since", "user_id", "number"}
    ours.save()  # changes the same row
    assert type(ours).objects.filter(pk=ours.pk).count() == 1


@pytest.mark.django_db
def test_a_kept_row_of_the_log_refuses_to_change(browse: Callable[[Any], Client], owner: User) -> None:
    browse(owner).post("/w/new/", {"name": "Another"})
    event = AuditEvent.objects.latest("number")
    with pytest.raises(TypeError, match="only ever added"):
        event.save()


# -- whose turn it is on SQLite -----------------------------------------------------------------
@pytest.fixture
def wrapper(django_db_blocker: Any) -> Iterator[Callable[[Path, int], DatabaseWrapper]]:
    """Make connections to files of the test's own."""

    def make(path: Path, seconds: int) -> DatabaseWrapper:
        said = database_from(f"sqlite://{path}?timeout={seconds}", path.parent)
        made = DatabaseWrapper({**connection.settings_dict, **said, "TIME_ZONE": None}, "default")
        made.inc_thread_sharing()
        made.connect()
        return made

    with django_db_blocker.unblock():
        yield make


def _begin(wrapper: DatabaseWrapper) -> None:
    wrapper._start_transaction_under_autocommit()


def test_a_change_waits_for_its_turn_and_not_for_ever(tmp_path: Path, wrapper: Make) -> None:
    path = tmp_path / "a.sqlite3"
    first, second = wrapper(path, 20), wrapper(path, 1)
    first.connection.execute("CREATE TABLE t (x)")
    _begin(first)
    began = time.monotonic()
    with pytest.raises(OperationalError, match="locked"):
        _begin(second)
    assert 0.9 < time.monotonic() - began < 10
    assert second.connection.execute("PRAGMA busy_timeout").fetchone() == (1000,)
    threading.Timer(0.2, first.connection.execute, ["ROLLBACK"]).start()
    _begin(second)
    second.connection.execute("INSERT INTO t VALUES (1)")
    second.connection.execute("COMMIT")
    assert first.connection.execute("SELECT x FROM t").fetchall() == [(1,)]
    assert first.connection.execute("PRAGMA busy_timeout").fetchone() == (20_000,)


def test_other_errors_are_told_at_once(tmp_path: Path, wrapper: Make) -> None:
    one = wrapper(tmp_path / "a.sqlite3", 20)
    _begin(one)
    began = time.monotonic()
    with pytest.raises(OperationalError, match="within a transaction"):
        _begin(one)
    assert time.monotonic() - began < 10


def test_waiting_for_one_file_does_not_hold_up_another(tmp_path: Path, wrapper: Make) -> None:
    a, b = tmp_path / "a.sqlite3", tmp_path / "b.sqlite3"
    holds, waits, other = wrapper(a, 20), wrapper(a, 20), wrapper(b, 1)
    _begin(holds)
    waiting = threading.Thread(target=_begin, args=[waits])
    waiting.start()
    time.sleep(0.05)
    _begin(other)  # who holds a change of one file may begin one of another
    assert waiting.is_alive()
    holds.connection.execute("ROLLBACK")
    waiting.join(10)
    assert not waiting.is_alive()


def test_everybody_gets_a_turn(tmp_path: Path, wrapper: Make) -> None:
    """Two processes' worth of writers: each of them comes about as often as the others."""
    path = tmp_path / "a.sqlite3"
    made = wrapper(path, 20)
    made.connection.execute("CREATE TABLE t (x)")
    counts, until = [0] * 6, time.monotonic() + 1.5

    def write(number: int) -> None:
        own = wrapper(path, 20)
        while time.monotonic() < until:
            _begin(own)
            own.connection.execute("INSERT INTO t VALUES (?)", [number])
            time.sleep(0.002)
            own.connection.execute("COMMIT")
            counts[number] += 1

    threads = [threading.Thread(target=write, args=[n]) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sqlite3.connect(path).execute("SELECT count(*) FROM t").fetchone() == (sum(counts),)
    assert min(counts) >= sum(counts) / 6 / 4, counts
