"""Tokens: kept as a hash, shown once, never more than their owner may do."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.utils import timezone

from isopolis.web.api import tokens
from isopolis.web.api.actions import LONGEST_DAYS, MOST, MakeToken, RevokeToken
from isopolis.web.api.models import ApiToken
from isopolis.web.api.scopes import SCOPES
from isopolis.web.audit.models import AuditEvent
from isopolis.web.workspaces.actions import ChangeRole, CreateWorkspace

from .maps import program, token
from .test_pages import check

ME = "/api/v1/token"


def test_a_token_tells_what_it_is(owner: Any, city: Any) -> None:
    answer = program(token(owner, "read:findings", only=city)).get(ME)
    assert answer.status_code == 200
    assert answer.json()["scopes"] == ["read:findings"]
    assert answer.json()["workspace"] == city.slug


def test_only_a_hash_is_kept(owner: Any, city: Any) -> None:
    secret = token(owner)
    assert re.fullmatch(r"iso_[\w-]{43}", secret)
    with connection.cursor() as cursor:
        found = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [str(row) for row in cursor.fetchall() if secret in str(row) or secret[4:20] in str(row)]
    assert found == []
    assert ApiToken.objects.get().digest == tokens.digest_of(secret)


def test_tokens_are_random() -> None:
    made = {tokens.fresh() for _ in range(200)}
    assert len(made) == 200
    assert len({t[4:] for t in made}) == 200


@pytest.mark.parametrize(
    "header",
    [
        "", "Bearer", "Bearer ", "Bearer wrong", "Basic {0}", "{0}", "Bearer {1}", "Bearer {0}x",
        "Bearer {0} {0}", "Bearer \u00e9{0}", "Bearer iso_" + "a" * 43, "Bearer " + "a" * 5000,
    ],
)  # fmt: skip
def test_anything_else_opens_nothing(owner: Any, city: Any, header: str) -> None:
    secret = token(owner)
    changed = secret[:-1] + ("a" if secret[-1] != "a" else "b")
    answer = Client(headers={"authorization": header.format(secret, changed)}).get(ME)
    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["status"] == 401


def test_a_token_in_the_address_or_a_cookie_opens_nothing(
    owner: Any, city: Any, browse: Callable[[Any], Client]
) -> None:
    secret = token(owner)
    for name in ("token", "access_token", "authorization"):
        assert Client().get(ME, {name: secret}).status_code == 401
    client = browse(owner)
    client.cookies["token"] = secret
    assert client.get(ME).status_code == 401
    assert client.get("/api/v1/workspaces").status_code == 401, "a session of a browser is no token"
    assert client.post(f"/api/v1/workspaces/{city.slug}/datasets").status_code == 401


def test_a_token_opens_no_page(owner: Any, city: Any) -> None:
    client = program(token(owner))
    for path in ("/w/", f"/w/{city.slug}/", f"/w/{city.slug}/members/", "/account/tokens/"):
        assert client.get(path).status_code == 302


def test_revoked_expired_and_switched_off(owner: Any, city: Any) -> None:
    secret = token(owner)
    mine = ApiToken.objects.get()
    client = program(secret)
    assert client.get(ME).status_code == 200
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(ME).status_code == 401
    ApiToken.objects.update(expires_at=timezone.now() + timedelta(days=1))
    assert client.get(ME).status_code == 200
    type(owner).objects.filter(pk=owner.pk).update(is_active=False)
    assert client.get(ME).status_code == 401
    type(owner).objects.filter(pk=owner.pk).update(is_active=True)
    RevokeToken(owner, mine).run()
    assert client.get(ME).status_code == 401
    with pytest.raises(ValidationError, match="revoked already"):
        RevokeToken(owner, ApiToken.objects.get()).run()


def test_the_day_of_use_and_no_more(owner: Any, city: Any) -> None:
    client = program(token(owner))
    client.get(ME)
    assert ApiToken.objects.get().last_used_on == timezone.now().date()
    with CaptureUpdates() as seen:
        client.get(ME)
    assert [q for q in seen if "api_apitoken" in q] == [], "a second use on the same day writes nothing"


class CaptureUpdates(list[str]):
    """Statements that write, while inside."""

    def __enter__(self) -> CaptureUpdates:
        self.wrapper = connection.execute_wrapper(self.note)
        self.wrapper.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self.wrapper.__exit__(*error)

    def note(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("UPDATE", "INSERT", "DELETE")):
            self.append(sql)
        return execute(sql, params, many, context)


def test_a_token_follows_its_owners_role(owner: Any, city: Any, person: Callable[..., Any]) -> None:
    other = CreateWorkspace(person("second"), "Secondtown").run()
    boss = other.membership_set.get().user
    other.membership_set.create(user=owner, role="analyst")
    client = program(token(owner))
    path = f"/api/v1/workspaces/{other.slug}/datasets"
    assert client.get(path).status_code == 200
    mine = other.membership_set.get(user=owner)
    ChangeRole(boss, other, mine, "viewer").run()
    answer = client.get(path)
    assert answer.status_code == 403
    assert "Yours is: viewer" in answer.json()["detail"]
    mine.delete()
    assert client.get(path).status_code == 404


def test_a_token_for_one_workspace_reaches_no_other(owner: Any, city: Any) -> None:
    other = CreateWorkspace(owner, "Othertown").run()
    client = program(token(owner, only=city))
    assert [w["slug"] for w in client.get("/api/v1/workspaces").json()["workspaces"]] == [city.slug]
    assert client.get(f"/api/v1/workspaces/{city.slug}").status_code == 200
    assert client.get(f"/api/v1/workspaces/{other.slug}").status_code == 404


def test_what_a_token_must_be(owner: Any, city: Any, person: Callable[..., Any]) -> None:
    theirs = CreateWorkspace(person("other"), "Othertown").run()
    for name, scopes, days, only in (
        ("", ["read:data"], 1, None),
        ("x", [], 1, None),
        ("x", ["read:everything"], 1, None),
        ("x", ["read:data"], 0, None),
        ("x", ["read:data"], LONGEST_DAYS + 1, None),
        ("x", ["read:data"], 1, theirs),
    ):
        with pytest.raises(ValidationError):
            MakeToken(owner, name, scopes, days, only).run()
    for _ in range(MOST):
        token(owner)
    with pytest.raises(ValidationError, match="Revoke one first"):
        token(owner)


def test_the_log_tells_of_tokens_without_their_names(owner: Any, city: Any) -> None:
    secret = token(owner, "read:data", only=city)
    RevokeToken(owner, ApiToken.objects.get()).run()
    rows = list(AuditEvent.objects.filter(workspace=city.pk, verb__startswith="token.").order_by("number"))
    assert [r.verb for r in rows] == ["token.make", "token.revoke"]
    assert rows[0].detail == {"scopes": "read:data"}
    assert not any(secret in str(vars(r)) or "a program" in str(vars(r)) for r in rows)


def test_another_persons_token_cannot_be_revoked(
    owner: Any, city: Any, person: Callable[..., Any], browse: Callable[[Any], Client]
) -> None:
    token(owner)
    mine = ApiToken.objects.get()
    other = person("other")
    with pytest.raises(PermissionDenied):
        RevokeToken(other, mine).run()
    assert browse(other).post(f"/account/tokens/{mine.pk}/revoke/").status_code == 404
    assert ApiToken.objects.get().revoked_at is None


# -- pages -------------------------------------------------------------------------------------------------
FORM = {"name": "QGIS", "scopes": ["read:findings"], "days": "30", "only": ""}


def test_making_a_token_asks_for_the_password_again(
    owner: Any, city: Any, browse: Callable[[Any], Client]
) -> None:
    client = browse(owner)
    for answer in (client.get("/account/tokens/new/"), client.post("/account/tokens/new/", FORM)):
        assert answer.status_code == 302
        assert "reauthenticate" in answer.headers["Location"]
    assert not ApiToken.objects.exists()


def test_pages_of_tokens(owner: Any, city: Any, browse: Callable[[Any], Client]) -> None:
    client = browse(owner)
    client.post("/accounts/reauthenticate/", {"password": "owner-long-password"})
    check(client.get("/account/tokens/"), "none")
    check(client.get("/account/tokens/new/"), "new")
    wrong = client.post("/account/tokens/new/", FORM | {"name": "", "scopes": []})
    assert wrong.status_code == 422
    check(wrong, "wrong")
    answer = client.post("/account/tokens/new/", FORM)
    check(answer, "made")
    (secret,) = re.findall(r'value="(iso_[\w-]{43})"', answer.content.decode())
    assert "no-store" in answer.headers["Cache-Control"]
    assert program(secret).get(ME).json()["name"] == "QGIS"
    listed = client.get("/account/tokens/")
    check(listed, "one")
    assert secret.encode() not in listed.content
    assert str(SCOPES["read:findings"]).encode() in listed.content
    assert client.post(f"/account/tokens/{ApiToken.objects.get().pk}/revoke/").status_code == 302
    assert program(secret).get(ME).status_code == 401


def test_the_form_offers_only_ones_own_workspaces(
    owner: Any, city: Any, person: Callable[..., Any], browse: Callable[[Any], Client]
) -> None:
    theirs = CreateWorkspace(person("other"), "Othertown").run()
    client = browse(owner)
    client.post("/accounts/reauthenticate/", {"password": "owner-long-password"})
    assert b"Othertown" not in client.get("/account/tokens/new/").content
    assert client.post("/account/tokens/new/", FORM | {"only": str(theirs.pk)}).status_code == 422
