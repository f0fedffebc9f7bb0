"""Time limits: what is too old goes, what is not stays, a dry run changes nothing, a day is done once."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from isopolis.web.accounts.links import make_link
from isopolis.web.accounts.models import SignInLink, User
from isopolis.web.protect.models import RetentionDay, Warned
from isopolis.web.protect.register import retention_rules
from isopolis.web.protect.retention import once_a_day, run
from isopolis.web.work.models import Job
from isopolis.web.workspaces.actions import AddMember
from isopolis.web.workspaces.models import Invitation

from .towns import upload

NOW = datetime(2030, 5, 1, 3, 0, tzinfo=UTC)


def counts(now: datetime, *, dry: bool = False) -> dict[str, int]:
    return {c.rule.key: c.count for c in run(now, dry=dry) if c.count}


@pytest.fixture
def with_mail(settings: Any) -> None:
    settings.OPTIONS = settings.OPTIONS | {"email_url": "smtp://mail.example.org"}


def a_session(until: datetime) -> str:
    made = SessionStore()
    made["x"] = 1
    made.save()
    Session.objects.filter(pk=made.session_key).update(expire_date=until)
    return str(made.session_key)


def test_sessions_end(db: None) -> None:
    old, new = a_session(NOW - timedelta(seconds=1)), a_session(NOW + timedelta(seconds=1))
    assert counts(NOW, dry=True)["session"] == 1
    assert Session.objects.count() == 2
    assert counts(NOW)["session"] == 1
    assert [s.pk for s in Session.objects.all()] == [new] != [old]


def test_spent_and_old_links_go(owner: User, person: Callable[..., User]) -> None:
    for who, until, used in (
        (owner, NOW + timedelta(hours=1), None),
        (person("a"), NOW - timedelta(hours=1), None),
        (person("b"), NOW + timedelta(hours=1), NOW - timedelta(minutes=1)),
    ):
        make_link(who)
        SignInLink.objects.filter(user=who).update(expires_at=until, used_at=used)
    assert counts(NOW)["link"] == 2
    assert SignInLink.objects.get().user == owner


def test_invitations_end(city: Any) -> None:
    for email, until in (("a@example.org", NOW - timedelta(1)), ("b@example.org", NOW + timedelta(1))):
        Invitation.objects.create(workspace=city, email=email, role="viewer", digest=email, expires_at=until)
    assert counts(NOW)["invitation"] == 1
    assert Invitation.objects.get().email == "b@example.org"


def test_jobs_forget_who_asked(owner: User, city: Any) -> None:
    upload(owner, city)
    limit = NOW - timedelta(days=365)
    Job.objects.update(state="failed", error="what went wrong", ended_at=limit + timedelta(seconds=1))
    assert "job" not in counts(NOW)
    Job.objects.update(ended_at=limit - timedelta(seconds=1))
    assert counts(NOW, dry=True)["job"] == 1
    assert counts(NOW)["job"] == 1
    job = Job.objects.get()
    assert (job.asked_by, job.error, job.state) == (None, "", "failed")
    assert "job" not in counts(NOW)


@pytest.mark.parametrize(("folder", "days"), [("mail", 30), ("logs", 90)])
def test_old_files_go(db: None, settings: Any, folder: str, days: int) -> None:
    where = Path(settings.DATA_DIR) / folder
    where.mkdir(parents=True)
    for name, age in (("old", days + 1), ("new", days - 1)):
        (where / name).write_text("x", encoding="utf-8")
        moment = (NOW - timedelta(days=age)).timestamp()
        os.utime(where / name, (moment, moment))
    run(NOW, dry=True)
    assert len(list(where.iterdir())) == 2
    run(NOW, dry=False)
    assert [p.name for p in where.iterdir()] == ["new"]


def test_rows_of_the_cache_go(db: None) -> None:
    call_command("createcachetable", verbosity=0)
    with connection.cursor() as cursor:
        for key, until in (("old", NOW - timedelta(seconds=5)), ("new", NOW + timedelta(seconds=5))):
            said = connection.ops.adapt_datetimefield_value(until)
            cursor.execute("INSERT INTO isopolis_cache VALUES (%s, %s, %s)", [key, "x", said])
    assert counts(NOW, dry=True)["cache"] == 1
    assert counts(NOW)["cache"] == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM isopolis_cache")
        assert cursor.fetchall() == [("new",)]


# -- accounts that nobody uses ---------------------------------------------------------------------
def unused(person: Callable[..., User], name: str, days: int, **more: Any) -> User:
    return person(name, joined_at=NOW - timedelta(days=2000), last_login=NOW - timedelta(days=days), **more)


def test_unused_accounts_are_warned_and_erased_a_month_later(
    with_mail: None, person: Callable[..., User]
) -> None:
    gone, there = unused(person, "gone", 1096), unused(person, "there", 1094)
    boss = unused(person, "boss", 5000, is_admin=True)
    assert counts(NOW, dry=True) == {}
    assert mail.outbox == []
    assert "account" not in counts(NOW)
    assert [m.to for m in mail.outbox] == [[gone.email]]
    assert Warned.objects.get().user == gone
    assert "account" not in counts(NOW + timedelta(days=1))
    assert len(mail.outbox) == 1, "warned once"
    there.last_login = NOW
    there.save()
    assert counts(NOW + timedelta(days=30), dry=True)["account"] == 1
    assert counts(NOW + timedelta(days=30))["account"] == 1
    assert set(User.objects.all()) == {there, boss}


def test_who_comes_back_is_not_erased(with_mail: None, person: Callable[..., User]) -> None:
    back = unused(person, "back", 1096)
    run(NOW, dry=False)
    back.last_login = NOW + timedelta(days=2)
    back.save()
    run(NOW + timedelta(days=40), dry=False)
    assert User.objects.get() == back
    assert not Warned.objects.exists()


def test_nobody_is_erased_without_a_warning_that_can_arrive(person: Callable[..., User]) -> None:
    unused(person, "gone", 3000)
    for days in (0, 31, 62):
        run(NOW + timedelta(days=days), dry=False)
    assert User.objects.count() == 1


def test_the_last_owner_stays(with_mail: None, owner: User, city: Any, person: Callable[..., User]) -> None:
    AddMember(owner, city, person("other").email, "viewer").run()
    User.objects.update(joined_at=NOW - timedelta(days=3000))
    for days in (0, 31):
        run(NOW + timedelta(days=days), dry=False)
    assert list(User.objects.all()) == [owner]


def test_accounts_that_were_never_confirmed_go(with_mail: None, person: Callable[..., User]) -> None:
    old, new = NOW - timedelta(days=15), NOW - timedelta(days=13)
    never, young = person("never", joined_at=old), person("young", joined_at=new)
    confirmed, used = person("confirmed", joined_at=old), person("used", joined_at=old, last_login=old)
    EmailAddress.objects.create(user=confirmed, email=confirmed.email, verified=True)
    EmailAddress.objects.create(user=never, email=never.email, verified=False)
    assert counts(NOW, dry=True)["unverified"] == 1
    assert counts(NOW)["unverified"] == 1
    assert set(User.objects.all()) == {young, confirmed, used}


# -- once a day ------------------------------------------------------------------------------------
def test_a_day_is_done_once(db: None) -> None:
    a_session(NOW - timedelta(days=1))
    assert once_a_day(NOW) == 1
    a_session(NOW - timedelta(days=1))
    assert once_a_day(NOW + timedelta(hours=20)) is None
    assert once_a_day(NOW + timedelta(hours=21)) == 1
    assert RetentionDay.objects.count() == 2


def test_the_job_runner_does_it(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from isopolis.web.work import runner

    class Twice(runner.Runner):
        turns = 0

        def turn(self) -> None:
            self.turns += 1
            self.stopping = self.turns == 2

    clock = iter(range(0, 10_000, 10))
    monkeypatch.setattr(runner, "PAUSE", 0)
    monkeypatch.setattr(runner.time, "monotonic", lambda: float(next(clock)))
    monkeypatch.setattr("django.db.close_old_connections", lambda: None)
    a_session(timezone.now() - timedelta(days=1))
    runner.loop(Twice(1, 60.0), "here:1", os.getppid())
    assert not Session.objects.exists()
    assert RetentionDay.objects.get().removed == 1


@pytest.mark.parametrize("wrong", [OSError, ValueError, KeyError])
def test_a_rule_that_fails_stops_no_other(
    db: None, monkeypatch: pytest.MonkeyPatch, wrong: type[Exception]
) -> None:
    from isopolis.web.protect import retention
    from isopolis.web.protect.rules import Rule

    def broken(limit: datetime, dry: bool) -> int:
        raise wrong("disk")

    monkeypatch.setattr(
        retention, "retention_rules", lambda: (Rule("x", "x", clean=broken), *retention_rules())
    )
    a_session(NOW - timedelta(days=1))
    assert counts(NOW)["session"] == 1


def test_what_is_done_once_a_day_comes_after_the_rules_and_stops_nothing(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from isopolis.web.protect import retention

    seen: list[int] = []

    def broken(now: datetime) -> None:
        seen.append(Session.objects.count())
        raise ValueError("no mail")

    monkeypatch.setattr(retention, "daily_rounds", lambda: (broken, broken))
    a_session(NOW - timedelta(days=1))
    assert retention.once_a_day(NOW) == 1
    assert seen == [0, 0]
    assert retention.once_a_day(NOW) is None


def test_limits_say_their_days(db: None) -> None:
    said = {r.key: str(r) for r in retention_rules()}
    assert "1095" in said["account"]
    assert not [s for s in said.values() if "%" in s]
