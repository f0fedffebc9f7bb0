"""Signing up, signing in, the one-time link, and what the session is kept by."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import identify_hasher, make_password
from django.core import mail
from django.test import Client
from django.utils import timezone

from isopolis.web.accounts.links import ADMINISTRATOR, make_link, redeem
from isopolis.web.accounts.models import SignInLink, User
from isopolis.web.audit.models import AuditEvent

NEW = {"email": "ana@example.org", "password1": "a long enough one", "password2": "a long enough one"}


def test_sign_up_and_make_a_workspace(db: None) -> None:
    client = Client()
    answer = client.post("/accounts/signup/", NEW, follow=True)
    assert answer.status_code == 200
    assert answer.redirect_chain[-1][0] == "/w/"
    answer = client.post("/w/new/", {"name": "Café de l’Été"}, follow=True)
    assert answer.redirect_chain[-1][0] == "/w/cafe-de-lete/"
    assert [e.verb for e in AuditEvent.objects.order_by("number")] == ["account.create", "workspace.create"]


def test_an_address_is_one_account_whatever_its_case(db: None) -> None:
    Client().post("/accounts/signup/", NEW)
    Client().post("/accounts/signup/", NEW | {"email": "ANA@Example.org"})
    assert User.objects.count() == 1
    client = Client()
    answer = client.post("/accounts/login/", {"login": "Ana@example.ORG", "password": NEW["password1"]})
    assert answer.status_code == 302
    assert "_auth_user_id" in client.session


@pytest.mark.parametrize("password", ["short", "password1234", "ana@example.org"])
def test_weak_passwords_are_refused(db: None, password: str) -> None:
    answer = Client().post("/accounts/signup/", NEW | {"password1": password, "password2": password})
    assert answer.status_code == 200
    assert not User.objects.exists()


def test_sign_up_can_be_closed(db: None, settings: Any) -> None:
    settings.OPTIONS = settings.OPTIONS | {"signup": False}
    Client().post("/accounts/signup/", NEW)
    assert not User.objects.exists()
    assert b"Sign up" not in Client().get("/").content


def test_a_reset_does_not_tell_who_has_an_account(owner: Any) -> None:
    said = []
    for email in (owner.email, "nobody@example.org"):
        answer = Client().post("/accounts/password/reset/", {"email": email}, follow=True)
        said.append(re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode()))
    assert said[0] == said[1]
    assert mail.outbox[0].to == [owner.email]


def test_many_wrong_tries_lock_out(owner: Any) -> None:
    client = Client()
    for _ in range(12):
        answer = client.post("/accounts/login/", {"login": owner.email, "password": "wrong"})
    assert answer.status_code in (200, 429)
    client.post("/accounts/login/", {"login": owner.email, "password": "owner-long-password"})
    assert "_auth_user_id" not in client.session


def test_passwords_are_kept_with_argon2(db: None) -> None:
    from isopolis.web import settings as own

    assert own.PASSWORD_HASHERS[0].endswith("Argon2PasswordHasher")
    from django.test import override_settings

    with override_settings(PASSWORD_HASHERS=own.PASSWORD_HASHERS):
        assert identify_hasher(make_password("x")).algorithm == "argon2"


def test_a_second_factor_is_asked_for(owner: Any) -> None:
    from allauth.mfa.adapter import get_adapter
    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import generate_totp_secret

    secret = get_adapter().encrypt(generate_totp_secret())
    Authenticator.objects.create(user=owner, type="totp", data={"secret": secret})
    client = Client()
    answer = client.post("/accounts/login/", {"login": owner.email, "password": "owner-long-password"})
    assert answer.headers["Location"].startswith("/accounts/2fa/authenticate/")
    assert client.get("/w/").status_code == 302


# -- the one-time link -------------------------------------------------------------------------------------
def test_the_link_signs_in_once(db: None) -> None:
    path = make_link()
    client = Client()
    assert b"Press the button" in client.get(path).content
    assert "_auth_user_id" not in client.session, "following the link alone must not spend it"
    assert client.post(path).headers["Location"] == "/w/"
    assert User.objects.get(pk=client.session["_auth_user_id"]).email == ADMINISTRATOR
    again = Client()
    assert again.post(path).status_code == 410
    assert "_auth_user_id" not in again.session


def test_the_link_is_kept_as_a_hash_and_grows_old(db: None) -> None:
    token = make_link().split("/")[2]
    kept = SignInLink.objects.get()
    assert token not in (kept.digest, str(kept.pk))
    SignInLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert redeem(token) is None


def test_a_new_link_ends_the_old_one(db: None) -> None:
    old, new = make_link().split("/")[2], make_link().split("/")[2]
    assert redeem(old) is None
    assert redeem(new) is not None
    assert User.objects.count() == 1


def test_a_link_of_an_account_that_is_switched_off(owner: Any) -> None:
    token = make_link(owner).split("/")[2]
    User.objects.update(is_active=False)
    assert redeem(token) is None


def test_cookies_are_kept_from_scripts_and_other_sites(owner: Any) -> None:
    client = Client()
    client.get("/accounts/login/")
    client.post("/accounts/login/", {"login": owner.email, "password": "owner-long-password"})
    for name in ("sessionid", "csrftoken"):
        cookie = client.cookies[name]
        assert cookie["httponly"], name
        assert cookie["samesite"] == "Lax", name
