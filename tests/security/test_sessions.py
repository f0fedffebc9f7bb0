"""Sessions: fresh keys, ends by time and by hand, nothing that outlives its account."""

from __future__ import annotations

import time
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.test import Client

from isopolis.web import idle
from isopolis.web.accounts.links import make_link
from isopolis.web.accounts.models import User
from isopolis.web.protect.actions import SERVER, EraseAccount

BACKEND = "isopolis.web.accounts.backends.Accounts"
INSIDE = "/w/"


def sign_in(user: User, client: Client | None = None) -> Client:
    """Sign in by the form, as people do."""
    client = client or Client()
    answer = client.post("/accounts/login/", {"login": user.email, "password": f"{user.name}-long-password"})
    assert answer.status_code == 302
    assert SESSION_KEY in client.session
    return client


def again(client: Client, user: User) -> None:
    """Say the password once more."""
    client.post("/accounts/reauthenticate/", {"password": f"{user.name}-long-password"})


def is_in(client: Client) -> bool:
    return client.get(INSIDE).status_code == 200


def test_a_session_that_an_attacker_prepared_is_worth_nothing(owner: User) -> None:
    """Fixation: the key that was there before signing in opens nothing afterwards."""
    prepared = SessionStore()
    prepared["planted"] = 1
    prepared.save()
    victim = Client()
    victim.cookies["sessionid"] = prepared.session_key
    sign_in(owner, victim)
    assert victim.cookies["sessionid"].value != prepared.session_key
    assert not Session.objects.filter(pk=prepared.session_key).exists()
    attacker = Client()
    attacker.cookies["sessionid"] = prepared.session_key
    assert not is_in(attacker)


def test_a_made_up_key_opens_nothing_and_is_not_taken_over(owner: User) -> None:
    client = Client()
    client.cookies["sessionid"] = "a" * 32
    assert not is_in(client)
    sign_in(owner, client)
    assert client.cookies["sessionid"].value != "a" * 32


def test_every_way_in_gives_a_fresh_key(owner: User) -> None:
    """By password, by one-time link, and by saying the password again."""
    client = sign_in(owner)
    first = client.session.session_key
    client.post("/accounts/logout/")
    sign_in(owner, client)
    second = client.session.session_key
    linked = Client()
    linked.post(make_link(owner))
    assert len({first, second, linked.session.session_key}) == 3


def test_keys_are_long_random_and_only_in_the_database(owner: User) -> None:
    keys = {SessionStore()._get_new_session_key() for _ in range(500)}  # type: ignore[attr-defined]
    assert len(keys) == 500
    # 32 characters out of 36: more than 128 bits
    assert all(len(k) >= 32 and k.isalnum() for k in keys)
    assert len(set("".join(keys))) == 36
    client = sign_in(owner)
    value = client.cookies["sessionid"].value
    assert value == client.session.session_key, "the cookie is a reference, without any content"


def test_keys_come_from_the_systems_source(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    import secrets

    asked = []
    real = secrets.choice
    monkeypatch.setattr("django.utils.crypto.secrets.choice", lambda s: asked.append(1) or real(s))
    SessionStore()._get_new_session_key()  # type: ignore[attr-defined]
    assert len(asked) >= 32


def test_what_the_browser_says_about_the_session_is_not_believed(owner: User) -> None:
    """Only the server's own row tells who somebody is."""
    client = Client()
    client.cookies["_auth_user_id"] = str(owner.pk)
    client.cookies["user"] = owner.email
    answer = client.get(
        INSIDE, {"user": owner.pk, "_auth_user_id": owner.pk}, headers={"X-User-Id": str(owner.pk)}
    )
    assert answer.status_code == 302


def test_signing_out_ends_the_session_on_the_server(owner: User) -> None:
    client = sign_in(owner)
    key = client.session.session_key
    client.post("/accounts/logout/")
    assert not Session.objects.filter(pk=key).exists()
    thief = Client()
    thief.cookies["sessionid"] = key
    assert not is_in(thief)


def test_signing_out_needs_a_form(owner: User) -> None:
    client = sign_in(owner)
    client.get("/accounts/logout/")
    assert is_in(client), "a link or an image must not sign anybody out"


@pytest.mark.parametrize(("minutes", "still"), [(59, True), (61, False)])
def test_who_is_away_is_signed_out(
    owner: User, monkeypatch: pytest.MonkeyPatch, minutes: int, still: bool
) -> None:
    client = sign_in(owner)
    assert is_in(client)
    key, now = client.session.session_key, time.time()
    monkeypatch.setattr(idle.time, "time", lambda: now + 60 * minutes)
    assert is_in(client) is still
    assert Session.objects.filter(pk=key).exists() is still


def test_twelve_hours_are_the_most_even_for_the_busy(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    client = sign_in(owner)
    now = time.time()
    for half_hours in range(24):
        monkeypatch.setattr(idle.time, "time", lambda h=half_hours: now + 1800 * h)
        assert is_in(client), half_hours
    monkeypatch.setattr(idle.time, "time", lambda: now + 12 * 3600 + 5)
    assert not is_in(client)


def test_the_row_in_the_database_ends_too(owner: User, settings: Any) -> None:
    client = sign_in(owner)
    client.session.get_expiry_age()
    assert settings.SESSION_COOKIE_AGE == 12 * 3600
    assert settings.SESSION_EXPIRE_AT_BROWSER_CLOSE is True
    Session.objects.update(expire_date="2001-01-01T00:00:00Z")
    assert not is_in(client)


def test_a_switched_off_account_is_out_at_once(owner: User) -> None:
    client = sign_in(owner)
    User.objects.filter(pk=owner.pk).update(is_active=False)
    assert not is_in(client)
    assert not is_in(client)


def test_an_erased_account_is_out_at_once(person: Any) -> None:
    ana = person("ana")
    client = sign_in(ana)
    key = client.session.session_key
    EraseAccount(SERVER, ana).run()
    assert not is_in(client)
    assert not Session.objects.filter(pk=key).exists()


def test_another_password_ends_the_other_sessions(owner: User) -> None:
    mine, stolen = sign_in(owner), sign_in(owner)
    again(mine, owner)
    new = "entirely different words"
    answer = mine.post(
        "/accounts/password/change/",
        {"oldpassword": "owner-long-password", "password1": new, "password2": new},
    )
    assert answer.status_code == 302, answer.content.decode()
    assert not is_in(stolen)
    assert is_in(mine)


def test_sessions_are_listed_and_can_be_ended(owner: User) -> None:
    mine, other = sign_in(owner), sign_in(owner)
    is_in(mine), is_in(other)
    assert UserSession.objects.filter(user=owner).count() == 2
    again(mine, owner)
    page = mine.get("/accounts/sessions/")
    assert page.status_code == 200
    mine.post("/accounts/sessions/")
    assert not is_in(other)
    assert is_in(mine)


def test_signing_out_everywhere(owner: User) -> None:
    mine, other = sign_in(owner), sign_in(owner)
    is_in(mine), is_in(other)
    from django.urls import reverse

    mine.post(reverse("sign_out_everywhere"))
    assert not is_in(other)
    assert not is_in(mine)


def test_whoever_runs_the_server_can_end_sessions(owner: User) -> None:
    """Those of one account by command; everybody's by another secret key."""
    from django.test import override_settings

    from isopolis.web.protect.actions import EndSessions

    first, second = sign_in(owner), sign_in(owner)
    assert EndSessions(SERVER, owner).run() == 2
    assert not is_in(first)
    assert not is_in(second)
    client = sign_in(owner)
    assert is_in(client)
    with override_settings(SECRET_KEY="another one"):
        assert not is_in(client)


@pytest.mark.parametrize(
    "url", ["/accounts/email/", "/accounts/2fa/totp/activate/", "/account/data/", "/account/erase/"]
)
def test_what_protects_the_account_asks_for_the_password_again(owner: User, url: str) -> None:
    client = Client()
    client.force_login(owner, BACKEND)
    answer = client.post(url, {"email": "new@example.org", "action_add": "1"})
    assert answer.status_code == 302
    assert "reauthenticate" in answer["Location"]
    assert not owner.emailaddress_set.filter(email="new@example.org").exists()


def test_every_page_of_a_member_offers_to_sign_out(owner: User, city: Any) -> None:
    client = sign_in(owner)
    for url in (INSIDE, city.get_absolute_url(), "/accounts/email/", "/accounts/2fa/", "/w/new/"):
        page = client.get(url, follow=True).content.decode()
        header = page[page.index("<header") : page.index("</header>")]
        assert "/accounts/logout/" in header, url


def test_nobody_is_signed_in_by_following_a_link(owner: User) -> None:
    """A session begins by sending a form, never by opening an address."""
    client = Client()
    path = make_link(owner)
    client.get(path)
    client.head(path)
    client.get("/accounts/login/", {"login": owner.email, "password": "owner-long-password"})
    assert SESSION_KEY not in client.session


def test_many_sessions_of_one_account_are_allowed_and_shown(owner: User) -> None:
    """As documented: there is no limit, each one is listed and can be ended."""
    clients = [sign_in(owner) for _ in range(5)]
    assert all(is_in(c) for c in clients)
    assert UserSession.objects.filter(user=owner).count() == 5
