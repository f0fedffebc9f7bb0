"""Passwords: long ones of any kind, taken exactly as they are, but none that everybody tries first."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.hashers import check_password, identify_hasher, make_password
from django.contrib.auth.password_validation import CommonPasswordValidator, validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from isopolis.web import settings as own
from isopolis.web.accounts.models import User
from isopolis.web.passwords import OWN_WORDS

from .conftest import texts

FORMS = ["/accounts/login/", "/accounts/signup/", "/accounts/password/change/", "/accounts/reauthenticate/"]


def refused(password: str, user: Any = None) -> bool:
    try:
        validate_password(password, user)
    except ValidationError:
        return True
    return False


def sign_up(password: str) -> bool:
    Client().post(
        "/accounts/signup/", {"email": "new@example.org", "password1": password, "password2": password}
    )
    return User.objects.filter(email="new@example.org").exists()


def test_twelve_characters_are_the_least(db: None) -> None:
    assert refused("tiger-boats")
    assert not sign_up("tiger-boats")
    assert sign_up("tiger-boats!")


@pytest.mark.parametrize("size", [64, 128, 1000])
def test_long_passwords_are_taken_whole(db: None, size: int) -> None:
    password = ("correct horse battery staple and so on " * 40)[: size - 1] + "z"
    assert sign_up(password)
    client = Client()
    client.post("/accounts/login/", {"login": "new@example.org", "password": password[:-1]})
    assert SESSION_KEY not in client.session, "nothing is cut off"
    client.post("/accounts/login/", {"login": "new@example.org", "password": password})
    assert SESSION_KEY in client.session


ANY = [
    "only small letters",
    "ONLY LARGE LETTERS",
    "739105826473910",
    "гора река лес",
    "夢の中の静かな長い川の水",
    "!$%&/()=?*+-_.,;",
    "  spaces at both ends  ",
    "emoji 🦊🌧️🎻 inside",
]


@pytest.mark.parametrize("password", ANY)
def test_any_composition_will_do_and_is_compared_exactly(db: None, password: str) -> None:
    assert sign_up(password)
    user = User.objects.get()
    assert check_password(password, user.password)
    for other in (password.strip() + "\n", password.swapcase() + ".", password + " ", " " + password):
        assert other == password or not check_password(other, user.password)
    if password.strip() != password:
        client = Client()
        client.post("/accounts/login/", {"login": user.email, "password": password.strip()})
        assert SESSION_KEY not in client.session
        client.post("/accounts/login/", {"login": user.email, "password": password})
        assert SESSION_KEY in client.session


def test_well_known_passwords_are_refused(db: None) -> None:
    """All of the list that are long enough, and 3,000 more that are drawn out to be so."""
    words = sorted(CommonPasswordValidator().passwords)
    long = [w for w in words if len(w) >= 12]
    assert len(long) > 100
    short = [w for w in words if 5 <= len(w) < 12 and w.isalpha()]
    drawn = [w.capitalize() + ("2024!" + "1234567")[: max(5, 12 - len(w))] for w in short][:3200]
    assert len(drawn) >= 3000
    assert [w for w in long + drawn if not refused(w)] == []
    assert not sign_up("Password1234")


@pytest.mark.parametrize("word", OWN_WORDS)
def test_our_own_words_make_no_password(word: str) -> None:
    assert refused(f"{word}{word}1!")
    assert refused(f"{word.capitalize()}-2024-2025")


def test_the_own_name_and_address_make_no_password(person: Any) -> None:
    who = person("margarethe")
    assert refused("margarethe12", who)
    assert refused("margarethe@example.org", who)


@pytest.mark.parametrize("password", ["aaaaaaaaaaaaaa", "abcabcabcabcabc", "letmein-letmein", "121212121212"])
def test_repetition_makes_no_password(password: str) -> None:
    assert refused(password)


def test_forms_hide_what_is_typed_and_let_programs_fill_it_in(owner: User) -> None:
    client = Client()
    client.force_login(owner, "isopolis.web.accounts.backends.Accounts")
    seen = 0
    for url in FORMS:
        for who in (Client(), client):
            page = who.get(url).content.decode()
            for field in re.findall(r"<input[^>]*name=\"(?:old)?password\d?\"[^>]*>", page):
                seen += 1
                assert 'type="password"' in field, url
                assert 'autocomplete="off"' not in field, url
                assert re.search(r'autocomplete="(current|new)-password"', field), url
                assert not re.search(r"onpaste|oncopy|readonly|maxlength", field), url
    assert seen >= 4
    assert texts(r"onpaste|['\"]paste['\"]|clipboardData", ".html", ".js") == []


def test_changing_asks_for_the_old_one(owner: User) -> None:
    client = Client()
    client.force_login(owner, "isopolis.web.accounts.backends.Accounts")
    client.post("/accounts/reauthenticate/", {"password": "owner-long-password"})
    new = {"password1": "entirely new words", "password2": "entirely new words"}
    for old in ({}, {"oldpassword": ""}, {"oldpassword": "wrong wrong wrong"}):
        client.post("/accounts/password/change/", new | old)
        owner.refresh_from_db()
        assert owner.check_password("owner-long-password")
    client.post("/accounts/password/change/", new | {"oldpassword": "owner-long-password"})
    owner.refresh_from_db()
    assert owner.check_password("entirely new words")


def test_a_change_is_held_to_the_same_rules(owner: User) -> None:
    client = Client()
    client.force_login(owner, "isopolis.web.accounts.backends.Accounts")
    client.post("/accounts/reauthenticate/", {"password": "owner-long-password"})
    for weak in ("short", "Password1234", "isopolis-isopolis"):
        client.post(
            "/accounts/password/change/",
            {"oldpassword": "owner-long-password", "password1": weak, "password2": weak},
        )
        owner.refresh_from_db()
        assert owner.check_password("owner-long-password"), weak


def test_a_password_stays_valid(owner: User) -> None:
    """There is no age of passwords: none in the tables, and an old account signs in."""
    User.objects.update(joined_at="2001-01-01T00:00:00Z", last_login="2001-01-01T00:00:00Z")
    client = Client()
    answer = client.post("/accounts/login/", {"login": owner.email, "password": "owner-long-password"})
    assert answer.status_code == 302
    assert "password" not in answer["Location"]
    assert SESSION_KEY in client.session


def test_there_are_no_hints_and_no_questions(db: None) -> None:
    # answers in the surveys of a partnership are no answers to a secret question
    names = {f.name for f in User._meta.get_fields()} - {"surveyanswer"}
    assert not [n for n in names if re.search(r"hint|question|secret|answer", n)]
    for url in ("/accounts/password/reset/", "/accounts/login/", "/accounts/signup/"):
        fields = set(re.findall(r'name="(\w+)"', Client().get(url).content.decode()))
        known = {
            "csrfmiddlewaretoken",
            "viewport",
            "login",
            "password",
            "email",
            "password1",
            "password2",
            "language",
            "next",
            "remember",
            "credential",
        }
        assert fields <= known, url


def test_passwords_are_hashed_slowly_with_salt(db: None, settings: Any) -> None:
    settings.PASSWORD_HASHERS = own.PASSWORD_HASHERS
    one, two = make_password("the same words"), make_password("the same words")
    assert one != two, "salted"
    assert "the same" not in one
    facts = identify_hasher(one).decode(one)
    assert facts["algorithm"] == "argon2"
    assert facts["variety"] == "argon2id"
    # the least of the usual advice: 19 MiB and two turns
    assert facts["memory_cost"] >= 19 * 1024
    assert facts["time_cost"] >= 2


def test_nobody_is_there_from_the_start(db: None) -> None:
    """No account comes with the program; the first is made by a link on the machine itself."""
    assert User.objects.count() == 0
    from isopolis.web.accounts.links import make_link

    make_link()
    assert not User.objects.get().has_usable_password()
    for name in ("root", "admin", "administrator@isopolis.localhost", "sa"):
        for password in ("root", "admin", "", "password", "isopolis"):
            client = Client()
            client.post("/accounts/login/", {"login": name, "password": password})
            assert SESSION_KEY not in client.session
