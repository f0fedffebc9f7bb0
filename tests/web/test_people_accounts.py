"""Accounts under attack: guessing, enumerating, stealing sessions, going round the second factor."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client
from django.urls import reverse

from isopolis.web.accounts.links import make_link
from isopolis.web.accounts.models import User
from isopolis.web.audit.chain import verify
from isopolis.web.audit.models import AuditEvent

from .test_pages import check

LOGIN, PASSWORD = "/accounts/login/", "owner-long-password"


@pytest.fixture
def mailing(settings: Any) -> None:
    """As where a mail server is set: addresses must be confirmed."""
    settings.OPTIONS = settings.OPTIONS | {"email_url": "smtp://localhost"}
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    settings.MFA_ALLOW_UNVERIFIED_EMAIL = False


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def enter(user: User, password: str = "", **extra: Any) -> Client:
    client = Client(**extra)
    client.post(LOGIN, {"login": user.email, "password": password or PASSWORD})
    return client


def confirm(client: Client) -> Client:
    """Enter the password again, as pages ask that change what protects the account."""
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def bare(answer: Any) -> tuple[int, str]:
    """What an attacker can compare: status and text without tokens."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", answer.content.decode())
    return answer.status_code, re.sub(r"[\w.-]+@example\.org", "ADDRESS", text)


# -- guessing ----------------------------------------------------------------------------------------------
def guess(times: int, email: str, **vary: Callable[[int], str]) -> None:
    for n in range(times):
        extra = {k: v(n) for k, v in vary.items()}
        Client().post(LOGIN, {"login": email, "password": f"wrong {n}"}, **extra)


@pytest.mark.parametrize(
    "vary",
    [
        {},
        {"REMOTE_ADDR": lambda n: f"198.51.100.{n}"},
        {"HTTP_X_FORWARDED_FOR": lambda n: f"198.51.100.{n}"},
        {"HTTP_HOST": lambda n: f"testserver:{8000 + n}"},
        {"HTTP_USER_AGENT": lambda n: f"browser {n}"},
    ],
    ids=["plain", "many addresses", "forged header", "port in host", "many browsers"],
)
def test_an_account_is_locked_however_the_guesses_come(owner: Any, vary: Any) -> None:
    guess(6, owner.email, **vary)
    late = Client()
    late.post(LOGIN, {"login": owner.email, "password": PASSWORD}, REMOTE_ADDR="203.0.113.9")
    assert not signed_in(late)


def test_one_address_cannot_try_many_accounts(db: None, person: Any) -> None:
    people = [person(f"p{n}") for n in range(12)]
    for p in people:
        Client().post(LOGIN, {"login": p.email, "password": "wrong"})
    client = Client()
    client.post(LOGIN, {"login": people[0].email, "password": "p0-long-password"})
    assert not signed_in(client)
    other = Client()
    other.post(LOGIN, {"login": people[1].email, "password": "p1-long-password"}, REMOTE_ADDR="203.0.113.9")
    assert signed_in(other), "people elsewhere are not locked out by it"


def test_behind_a_proxy_the_last_address_counts(owner: Any, settings: Any, person: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    people = [person(f"p{n}") for n in range(12)]
    for n, p in enumerate(people):
        Client().post(
            LOGIN,
            {"login": p.email, "password": "wrong"},
            HTTP_X_FORWARDED_FOR=f"10.0.0.{n}, 198.51.100.7",
        )
    client = Client()
    client.post(
        LOGIN, {"login": owner.email, "password": PASSWORD}, HTTP_X_FORWARDED_FOR="10.1.1.1, 198.51.100.7"
    )
    assert not signed_in(client)


def test_other_entries_cannot_push_the_counts_out(settings: Any) -> None:
    assert settings.CACHES["default"]["OPTIONS"]["MAX_ENTRIES"] >= 100_000
    assert settings.CACHES["default"]["BACKEND"].endswith("DatabaseCache"), "one count for all processes"


def test_codes_cannot_be_guessed(owner: Any) -> None:
    TOTP.activate(owner, generate_totp_secret())
    client = enter(owner)
    for n in range(8):
        client.post("/accounts/2fa/authenticate/", {"code": f"{n:06d}"})
    secret = get_adapter().decrypt(Authenticator.objects.get(user=owner).data["secret"])
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    client.post("/accounts/2fa/authenticate/", {"code": code})
    assert not signed_in(client)


# -- enumerating -------------------------------------------------------------------------------------------
def test_signing_in_tells_nothing(owner: Any) -> None:
    said = [
        bare(Client().post(LOGIN, {"login": e, "password": "wrong"}))
        for e in (owner.email, "nobody@example.org")
    ]
    assert said[0] == said[1]


def test_signing_up_tells_nothing(owner: Any, mailing: None) -> None:
    said = []
    for email in (owner.email, "nobody@example.org"):
        data = {"email": email, "password1": "a long enough one", "password2": "a long enough one"}
        first = Client().post("/accounts/signup/", data)
        said.append(
            (first.status_code, first.headers["Location"], bare(Client().get(first.headers["Location"])))
        )
    assert said[0] == said[1]
    by = {m.to[0]: m.body for m in mail.outbox}
    assert set(by) == {owner.email, "nobody@example.org"}
    assert "/accounts/confirm-email/" in by["nobody@example.org"]
    assert "/accounts/confirm-email/" not in by[owner.email]


def test_a_reset_tells_nothing_even_when_asked_often(owner: Any) -> None:
    for _round in range(3):
        said = [
            bare(Client().post("/accounts/password/reset/", {"email": e}, follow=True))
            for e in (owner.email, "nobody@example.org")
        ]
        assert said[0] == said[1]


# -- the second factor -------------------------------------------------------------------------------------
def test_the_one_time_link_does_not_go_round_the_second_factor(owner: Any) -> None:
    TOTP.activate(owner, generate_totp_secret())
    client = Client()
    answer = client.post(make_link(owner))
    assert answer.headers["Location"].startswith("/accounts/2fa/authenticate/")
    assert not signed_in(client)
    assert client.get("/w/").status_code == 302
    secret = get_adapter().decrypt(Authenticator.objects.get(user=owner).data["secret"])
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    client.post("/accounts/2fa/authenticate/", {"code": code})
    assert signed_in(client)


def test_a_recovery_code_works_once(owner: Any) -> None:
    TOTP.activate(owner, generate_totp_secret())
    code = RecoveryCodes.activate(owner).get_unused_codes()[0]
    for works in (True, False):
        client = enter(owner)
        client.post("/accounts/2fa/authenticate/", {"code": code})
        assert signed_in(client) is works


def test_a_code_works_once(owner: Any) -> None:
    secret = generate_totp_secret()
    TOTP.activate(owner, secret)
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    for works in (True, False):
        client = enter(owner)
        client.post("/accounts/2fa/authenticate/", {"code": code})
        assert signed_in(client) is works


@pytest.mark.parametrize(
    "page",
    [
        "/accounts/2fa/totp/activate/",
        "/accounts/2fa/webauthn/add/",
        "/accounts/2fa/recovery-codes/generate/",
        "/accounts/email/",
    ],
)
def test_what_protects_the_account_asks_again(owner: Any, browse: Callable[[Any], Client], page: str) -> None:
    # a session that was opened long ago, or stolen
    client = browse(owner)
    if "recovery" in page:
        TOTP.activate(owner, generate_totp_secret())
    data = {"email": "thief@example.org", "action_add": ""}
    answer = client.post(page, data) if "email" in page else client.get(page)
    assert answer.status_code == 302
    assert "reauthenticate" in answer.headers["Location"]


# -- sessions ------------------------------------------------------------------------------------------------
def test_the_key_changes_with_signing_in_and_with_rights(owner: Any, city: Any, person: Any) -> None:
    client = Client()
    client.get(LOGIN)
    session = client.session
    session["planted"] = 1
    session.save()
    client.cookies["sessionid"] = session.session_key
    before = session.session_key
    client.post(LOGIN, {"login": owner.email, "password": PASSWORD})
    assert client.session.session_key != before
    heir = person("heir")
    from isopolis.web.workspaces.actions import AddMember

    made = AddMember(owner, city, heir.email, "viewer").run()
    before = client.session.session_key
    client.post(f"/w/{city.slug}/settings/hand-over/", {"member": made.pk})
    assert city.role_of(heir) == "owner"
    assert client.session.session_key != before
    assert UserSession.objects.filter(user=owner).get().session_key == client.session.session_key


def test_a_new_password_ends_the_other_sessions_and_writes_a_mail(owner: Any) -> None:
    here, elsewhere = enter(owner), enter(owner)
    assert elsewhere.get("/w/").status_code == 200
    new = "an entirely new password"
    here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert elsewhere.get("/w/").status_code == 302
    assert here.get("/w/").status_code == 200
    assert [m.to for m in mail.outbox] == [[owner.email]]
    assert AuditEvent.objects.filter(verb="account.security", actor=owner.pk).count() == 1
    assert list(verify()) == []


def test_sign_out_elsewhere_and_everywhere(owner: Any) -> None:
    one, two, three = enter(owner), enter(owner), enter(owner)
    page = one.get("/accounts/sessions/")
    check(page, "sessions")
    assert page.content.decode().count("from 127.0.0.1") == 3
    one.post("/accounts/sessions/")
    assert [c.get("/w/").status_code for c in (one, two, three)] == [200, 302, 302]
    four = enter(owner)
    one.post("/account/sign-out-everywhere/")
    assert [c.get("/w/").status_code for c in (one, four)] == [302, 302]


def test_the_old_address_is_told(owner: Any, mailing: None) -> None:
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    client = confirm(enter(owner))
    client.post("/accounts/email/", {"email": "new@example.org", "action_add": ""})
    owner.refresh_from_db()
    assert owner.email == "owner@example.org", "nothing changes until the new address is confirmed"
    (link,) = re.findall(r"(/accounts/confirm-email/\S+)", mail.outbox[-1].body)
    assert mail.outbox[-1].to == ["new@example.org"]
    client.post(link)
    owner.refresh_from_db()
    assert owner.email == "new@example.org"
    assert "owner@example.org" in [m.to[0] for m in mail.outbox]


# -- pages ---------------------------------------------------------------------------------------------------
PAGES = [
    "/account/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/2fa/",
    "/accounts/2fa/totp/activate/",
    "/accounts/2fa/webauthn/",
    "/accounts/2fa/webauthn/add/",
    "/accounts/2fa/recovery-codes/",
    "/accounts/2fa/recovery-codes/generate/",
    "/accounts/sessions/",
    "/accounts/3rdparty/",
    "/accounts/logout/",
    "/accounts/reauthenticate/",
]


@pytest.mark.parametrize("page", PAGES)
def test_pages_of_accounts_are_well_formed(owner: Any, page: str) -> None:
    client = enter(owner) if page == "/accounts/reauthenticate/" else confirm(enter(owner))
    if "recovery" in page:
        TOTP.activate(owner, generate_totp_secret())
        RecoveryCodes.activate(owner)
    answer = client.get(page, follow=True)
    assert answer.status_code == 200
    check(answer, page)


def test_pages_before_signing_in_are_well_formed(owner: Any) -> None:
    TOTP.activate(owner, generate_totp_secret())
    answer = enter(owner).get("/accounts/2fa/authenticate/")
    check(answer, "second factor")
    for name in (
        "account_login", "account_signup", "account_reset_password", "account_reset_password_done",
        "account_inactive", "account_email_verification_sent", "socialaccount_login_error",
        "socialaccount_login_cancelled",
    ):  # fmt: skip
        check(Client().get(reverse(name), follow=True), name)


def test_the_passkey_page_names_its_equal(owner: Any) -> None:
    for page in ("/accounts/2fa/webauthn/add/", "/accounts/login/"):
        client = confirm(enter(owner)) if "add" in page else Client()
        text = client.get(page).content.decode()
        assert "A password with an authenticator app is as good and needs none." in text
        assert 'src="/static/isopolis/passkeys.js"' in text


def test_name_and_language_are_kept(owner: Any, settings: Any) -> None:
    from isopolis.web.accounts.language import preferred

    client = enter(owner)
    answer = client.post("/account/", {"name": "  Ana   Maria ", "language": "en"})
    owner.refresh_from_db()
    assert (owner.name, owner.language) == ("Ana Maria", "en")
    assert answer.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"
    assert client.post("/account/", {"name": "", "language": "xx"}).status_code == 200
    owner.refresh_from_db()
    assert owner.language == "en"
    assert callable(preferred(lambda _r: None))
