"""Ways in: tries are limited, nobody learns who has an account, second factors cannot be gone around."""

from __future__ import annotations

import re
import time
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.test import Client

from isopolis.web.accounts.links import make_link, redeem
from isopolis.web.accounts.models import SignInLink, User

KEY = "JBSWY3DPEHPK3PXP"


def try_in(email: str, password: str, client: Client | None = None) -> Client:
    client = client or Client()
    client.post("/accounts/login/", {"login": email, "password": password})
    return client


def is_in(client: Client) -> bool:
    return SESSION_KEY in client.session


def text(answer: Any) -> str:
    page = re.sub(r'value="[^"]*"', "", answer.content.decode())
    return re.sub(r"\s+", " ", page)


def with_factor(user: User) -> None:
    totp.TOTP.activate(user, KEY)
    RecoveryCodes.activate(user)


def code_now(shift: int = 0) -> str:
    # moments counted as the library counts them
    counter = int(time.time()) // 30 + shift
    return str(totp.format_hotp_value(totp.hotp_value(KEY, counter)))


# -- tries -----------------------------------------------------------------------------------------
def test_guessing_one_account_is_stopped(owner: User) -> None:
    """Also when each guess comes from another place."""
    for i in range(12):
        try_in(owner.email, "wrong wrong wrong", Client(REMOTE_ADDR=f"198.51.100.{i}"))
    assert not is_in(try_in(owner.email, "owner-long-password", Client(REMOTE_ADDR="203.0.113.5")))


def test_guessing_many_accounts_from_one_place_is_stopped(db: None, person: Any) -> None:
    people = [person(f"p{i}") for i in range(40)]
    codes = [
        Client().post("/accounts/login/", {"login": p.email, "password": "wrong wrong"}).status_code
        for p in people
    ]
    assert codes[0] == 200
    assert codes[-1] == 429, "one address of the network tries many accounts"


def test_a_stopped_account_opens_again_by_itself(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(12):
        try_in(owner.email, "wrong wrong wrong")
    assert not is_in(try_in(owner.email, "owner-long-password"))

    now = time.time()
    monkeypatch.setattr("allauth.core.internal.ratelimit.time.time", lambda: now + 3 * 3600)
    assert is_in(try_in(owner.email, "owner-long-password")), "nobody can be locked out for good by others"


def test_asking_for_resets_and_signing_up_is_limited(owner: User) -> None:
    for url, data in (
        ("/accounts/password/reset/", {"email": owner.email}),
        ("/accounts/signup/", {"email": "x", "password1": "y", "password2": "z"}),
    ):
        codes = [Client().post(url, data).status_code for _ in range(40)]
        assert 429 in codes, url
    assert len(mail.outbox) < 40


# -- who has an account ----------------------------------------------------------------------------
def test_sign_in_says_the_same_for_known_and_unknown(owner: User) -> None:
    answers = [
        Client().post("/accounts/login/", {"login": e, "password": "wrong wrong wrong"})
        for e in (owner.email, "nobody@example.org")
    ]
    assert answers[0].status_code == answers[1].status_code == 200
    assert text(answers[0]) == text(answers[1])


def test_sign_in_takes_the_same_work_for_known_and_unknown(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not the time, which is noisy, but what takes the time: hashes that are computed."""
    done: list[int] = []
    real = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda self, p, s: done.append(1) or real(self, p, s))
    counts = []
    for email in (owner.email, "nobody@example.org"):
        done.clear()
        try_in(email, "wrong wrong wrong")
        counts.append(len(done))
    assert counts[0] == counts[1] >= 1


def test_sign_up_does_not_tell_where_mail_is_sent(owner: User, settings: Any) -> None:
    from allauth.account.models import EmailAddress

    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    said = []
    for email in (owner.email, "fresh@example.org"):
        answer = Client().post(
            "/accounts/signup/",
            {"email": email, "password1": "some rare words", "password2": "some rare words"},
        )
        said.append((answer.status_code, urlsplit(answer.headers.get("Location", "")).path))
    assert said[0] == said[1]
    assert User.objects.filter(email=owner.email).count() == 1


def test_a_reset_says_the_same_for_known_and_unknown(owner: User) -> None:
    answers = [
        Client().post("/accounts/password/reset/", {"email": e}, follow=True)
        for e in (owner.email, "no@example.org")
    ]
    assert text(answers[0]) == text(answers[1])
    assert answers[0].redirect_chain == answers[1].redirect_chain


# -- second factors --------------------------------------------------------------------------------
@pytest.fixture
def guarded(owner: User) -> User:
    with_factor(owner)
    return owner


def test_the_password_alone_is_not_enough(guarded: User) -> None:
    client = try_in(guarded.email, "owner-long-password")
    assert not is_in(client)
    assert client.get("/w/").status_code == 302
    client.post("/accounts/2fa/authenticate/", {"code": code_now()})
    assert is_in(client)


def test_a_code_works_once(guarded: User) -> None:
    code = code_now()
    for number, works in ((1, True), (2, False)):
        client = try_in(guarded.email, "owner-long-password")
        client.post("/accounts/2fa/authenticate/", {"code": code})
        assert is_in(client) is works, number


def test_an_old_or_early_code_does_not_work(guarded: User) -> None:
    for shift in (-20, -3, -2, 2, 3, 20):
        client = try_in(guarded.email, "owner-long-password")
        client.post("/accounts/2fa/authenticate/", {"code": code_now(shift)})
        assert not is_in(client), shift


def test_guessing_codes_is_stopped(guarded: User) -> None:
    client = try_in(guarded.email, "owner-long-password")
    answers = [client.post("/accounts/2fa/authenticate/", {"code": f"{i:06d}"}) for i in range(12)]
    assert any(a.status_code == 429 or b"Too many" in a.content for a in answers)
    client.post("/accounts/2fa/authenticate/", {"code": code_now()})
    assert not is_in(client)


def test_a_recovery_code_works_once(guarded: User) -> None:
    codes = Authenticator.objects.get(user=guarded, type="recovery_codes").wrap().get_unused_codes()
    for number, works in ((1, True), (2, False)):
        client = try_in(guarded.email, "owner-long-password")
        client.post("/accounts/2fa/authenticate/", {"code": codes[0]})
        assert is_in(client) is works, number


def test_recovery_codes_cannot_be_guessed(guarded: User, person: Any) -> None:
    other = person("other")
    with_factor(other)
    sets = [
        set(Authenticator.objects.get(user=u, type="recovery_codes").wrap().get_unused_codes())
        for u in (guarded, other)
    ]
    assert not sets[0] & sets[1]
    for codes in sets:
        assert len(codes) >= 8
        assert all(len(c) >= 6 for c in codes)


def test_secrets_of_factors_come_from_the_systems_source(monkeypatch: pytest.MonkeyPatch) -> None:
    import random

    def never(*_a: Any, **_k: Any) -> Any:
        raise AssertionError("not from a source that can be predicted")

    for name in ("random", "randint", "choice", "getrandbits", "sample", "shuffle"):
        monkeypatch.setattr(random, name, never)
    keys = {totp.generate_totp_secret() for _ in range(50)}
    seeds = {RecoveryCodes.generate_seed() for _ in range(50)}
    assert len(keys) == len(seeds) == 50
    assert all(len(k) >= 32 for k in keys), "160 bits in base 32"


def test_a_reset_does_not_go_around_the_second_factor(guarded: User) -> None:
    Client().post("/accounts/password/reset/", {"email": guarded.email})
    link = re.search(r"http://testserver(/\S+)", mail.outbox[-1].body)
    assert link
    client = Client()
    where = client.get(link[1], follow=True).redirect_chain[-1][0]
    client.post(where, {"password1": "completely new words", "password2": "completely new words"})
    assert not is_in(client)
    guarded.refresh_from_db()
    assert guarded.check_password("completely new words")
    again = try_in(guarded.email, "completely new words")
    assert not is_in(again)
    assert Authenticator.objects.filter(user=guarded, type="totp").exists()


def test_a_reset_works_once_and_for_its_account_only(owner: User, person: Any) -> None:
    person("other")
    Client().post("/accounts/password/reset/", {"email": owner.email})
    link = re.search(r"http://testserver(/\S+)", mail.outbox[-1].body)
    assert link
    client = Client()
    where = client.get(link[1], follow=True).redirect_chain[-1][0]
    client.post(where, {"password1": "completely new words", "password2": "completely new words"})
    second = Client()
    second.get(link[1], follow=True)
    second.post(where, {"password1": "and yet other words", "password2": "and yet other words"})
    owner.refresh_from_db()
    assert owner.check_password("completely new words")
    assert User.objects.get(email="other@example.org").check_password("other-long-password")


def test_a_one_time_link_asks_for_the_second_factor_too(guarded: User) -> None:
    client = Client()
    client.post(make_link(guarded))
    assert not is_in(client)


def test_a_lost_factor_needs_the_recovery_codes(guarded: User) -> None:
    """Without factor and codes nobody is let in by the pages: neither by link nor by a new password."""
    client = try_in(guarded.email, "owner-long-password")
    for url in (
        "/accounts/2fa/totp/deactivate/",
        "/accounts/2fa/recovery-codes/generate/",
        "/accounts/2fa/totp/activate/",
    ):
        client.post(url, {})
    assert Authenticator.objects.filter(user=guarded).count() == 2
    assert not is_in(client)


def test_the_waiting_sign_in_belongs_to_its_browser(guarded: User) -> None:
    """A code that is right for the account opens nothing in a browser that has not given the password."""
    try_in(guarded.email, "owner-long-password")
    other = Client()
    other.post("/accounts/2fa/authenticate/", {"code": code_now()})
    assert not is_in(other)


# -- one-time links --------------------------------------------------------------------------------
def test_one_time_links_are_long_random_and_short_lived(owner: User, settings: Any) -> None:
    tokens = {make_link(owner).split("/")[2] for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(t) >= 43 for t in tokens), "256 bits"
    assert settings.OPTIONS["link_minutes"] <= 60
    left = SignInLink.objects.get().expires_at.timestamp() - time.time()
    assert left <= 3600
    assert not owner.check_password(tokens.pop())


def test_a_link_is_spent_by_its_first_use(owner: User) -> None:
    token = make_link(owner).split("/")[2]
    assert redeem(token) == owner
    assert redeem(token) is None


DOCUMENTED = {"password", "one-time link", "passkey", "city account", "token of a program"}


def test_there_is_no_other_way_in(settings: Any) -> None:
    """The ways that docs/security.md names, and no other backend, header or door."""
    from .conftest import ROOT, WEB

    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    for way in DOCUMENTED:
        assert f"| {way} |" in page, way
    assert settings.AUTHENTICATION_BACKENDS == ["isopolis.web.accounts.backends.Accounts"]
    assert not [m for m in settings.MIDDLEWARE if "RemoteUser" in m]
    doors = [
        p.relative_to(WEB).as_posix()
        for p in sorted(WEB.rglob("*.py"))
        if re.search(
            r"\b(perform_login|force_login|django\.contrib\.auth import .*\blogin\b)",
            p.read_text(encoding="utf-8"),
        )
    ]
    assert doors == ["accounts/views.py"]


def test_every_way_in_counts_tries(owner: User) -> None:
    """Passwords, links and tokens: after many wrong ones the right answer is "too many" or never "in"."""
    client = Client()
    assert {client.post(f"/sign-in/{'x' * 40}{i}/").status_code for i in range(5)} <= {410, 429}
    codes = {
        Client().get("/api/v1/workspaces", headers={"Authorization": f"Bearer wrong{i}"}).status_code
        for i in range(5)
    }
    assert codes <= {401, 429}


def test_phones_and_messages_are_no_factor(settings: Any) -> None:
    assert set(settings.MFA_SUPPORTED_TYPES) == {"totp", "webauthn", "recovery_codes"}
    assert get_adapter() is not None
    assert "phone" not in {f.name for f in User._meta.get_fields()}
