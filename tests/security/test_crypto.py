"""Keys, hashes and random numbers: known ones, long enough, from the system's own source."""

from __future__ import annotations

import ast
import re
import secrets
from typing import Any

import pytest
from django.conf import settings
from django.core import signing

from isopolis.web.audit.chain import append, seal_of
from isopolis.web.audit.models import AuditEvent

from .conftest import WEB, calls, imports, trees

STRONG = {"sha256", "sha384", "sha512", "sha3_256", "blake2b"}


def test_only_strong_hashes_are_used() -> None:
    for place, name, node in calls():
        if name == "hashlib.file_digest":
            assert ast.unparse(node.args[1]).strip("'") in STRONG, place
        elif name.startswith("hashlib.") and "(" not in name:
            assert name.split(".")[1] in STRONG or "usedforsecurity=False" in ast.unparse(node), place
        if name in ("hmac.new", "hmac.digest"):
            last = ast.unparse(node.args[-1])
            assert re.search("sha256|sha384|sha512", last), place
    assert [
        p for p, m in imports() if m.startswith(("hashlib.md5", "hashlib.sha1")) or m.split(".")[0] == "crypt"
    ] == []


def test_what_must_not_be_guessed_comes_from_the_system() -> None:
    assert [p for p, m in imports(WEB) if m.split(".")[0] == "random" or m.startswith("numpy.random")] == []
    for place, name, _node in calls(WEB):
        assert not name.startswith(("random.", "np.random.", "uuid.uuid1")), place


def test_what_must_not_be_guessed_is_long() -> None:
    """Every token of ours has 128 bits and more; identifiers (UUID) open nothing by themselves.

    Codes on letters are typed by hand: 80 bits, each for one vote, tried through a rate limit.
    """
    sizes = []
    for place, name, node in calls(WEB):
        if name in (
            "secrets.token_urlsafe",
            "secrets.token_bytes",
            "secrets.token_hex",
            "token_urlsafe",
            "token_bytes",
        ):
            said = node.args[0] if node.args else ast.Constant(32)
            value = said.value if isinstance(said, ast.Constant) else 32
            if place.partition(":")[0].endswith(("/ballots/roll.py", "/surveys/roll.py")):
                assert int(str(value)) in (10, 16, 32), place
                continue
            if "/operate/" in place:  # names of scratch folders and trial databases open nothing
                continue
            assert int(str(value)) >= 16, place
            sizes.append(value)
    assert len(sizes) >= 4


def test_the_key_of_the_server_is_made_at_random(tmp_path: Any) -> None:
    from isopolis.web.server import _secret_key

    keys = set()
    for i in range(20):
        path = tmp_path / f"key{i}"
        _secret_key(path)
        assert path.stat().st_mode & 0o077 == 0
        keys.add(path.read_text(encoding="utf-8"))
    assert len(keys) == 20
    assert all(len(k) >= 50 for k in keys)


def test_signed_values_are_held_against_their_signature() -> None:
    made = signing.dumps({"account": 5}, salt="test")
    body, mark = made.split(":", 1)
    assert signing.loads(made, salt="test") == {"account": 5}
    for bad in (
        body[:-1] + "A:" + mark,
        made[:-1] + ("A" if made[-1] != "A" else "B"),
        body,
        made.replace(":", "::"),
    ):
        with pytest.raises(signing.BadSignature):
            signing.loads(bad, salt="test")
    with pytest.raises(signing.BadSignature):
        signing.loads(made, salt="another purpose")
    assert signing.Signer().algorithm == "sha256"


def test_seals_of_the_log_are_256_bits(owner: Any) -> None:
    event = append("account.create", actor=owner.pk, target="account:1")
    assert re.fullmatch(r"[0-9a-f]{64}", event.seal)
    changed = AuditEvent(
        number=event.number,
        at=event.at,
        verb=event.verb,
        actor=event.actor,
        target="account:2",
        detail={},
        previous=event.previous,
    )
    assert seal_of(changed) != event.seal


def test_no_key_stands_in_the_source() -> None:
    """Long random-looking texts that are given to something called key, secret, token or password."""
    found = []
    for place, tree in trees():
        for node in ast.walk(tree):
            names: list[str] = []
            value = None
            if isinstance(node, ast.Assign):
                names, value = [ast.unparse(t) for t in node.targets], node.value
            elif isinstance(node, ast.keyword):
                names, value = [node.arg or ""], node.value
            if not (isinstance(value, ast.Constant) and isinstance(value.value, str)):
                continue
            if any(re.search(r"key|secret|token|passw", n, re.I) for n in names) and re.fullmatch(
                r"[A-Za-z0-9+/=_-]{20,}", value.value
            ):
                found.append((place, node.lineno if hasattr(node, "lineno") else 0))
    assert found == []


def test_keys_can_be_changed(settings: Any) -> None:
    """Another secret key, and what the old one signed is worth nothing."""
    made = signing.dumps("x", salt="test")
    settings.SECRET_KEY = "another key of the server"
    with pytest.raises(signing.BadSignature):
        signing.loads(made, salt="test")


def test_passwords_move_over_to_a_stronger_hash(owner: Any, settings: Any) -> None:
    from django.contrib.auth.hashers import identify_hasher
    from django.test import Client

    from isopolis.web import settings as own

    assert identify_hasher(owner.password).algorithm == "md5"
    settings.PASSWORD_HASHERS = [*own.PASSWORD_HASHERS, "django.contrib.auth.hashers.MD5PasswordHasher"]
    Client().post("/accounts/login/", {"login": owner.email, "password": "owner-long-password"})
    owner.refresh_from_db()
    assert identify_hasher(owner.password).algorithm == "argon2"


def test_secrets_are_compared_without_telling_by_time() -> None:
    """Where our own code compares a secret, it uses a comparison of constant time or looks up a hash."""
    loose = []
    for place, tree in trees(WEB):
        for node in ast.walk(tree):
            if isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.Eq, ast.NotEq)):
                sides = [ast.unparse(node.left), *(ast.unparse(c) for c in node.comparators)]
                if any(re.fullmatch(r"[\w.]*(token|secret|signature)", s) for s in sides):
                    loose.append((place, node.lineno, sides))
    assert loose == []
    assert secrets.compare_digest("a", "a")
    assert settings.SECRET_KEY
