"""The interface: every operation by scope, by role and for strangers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver

from isopolis.web.api.scopes import SCOPES
from isopolis.web.audit.models import AuditEvent
from isopolis.web.datasets.models import Dataset
from isopolis.web.permissions import ROLES
from isopolis.web.workspaces.actions import CreateWorkspace

from .api_calls import PUBLIC, TABLE, WITHOUT_WORKSPACE, ask, fits, ids, operations, ready, schema, uncounted
from .maps import program, token

__all__ = ["ready", "uncounted"]  # fixtures


# -- every operation -----------------------------------------------------------------------------------


def test_the_table_has_every_operation(db: None) -> None:
    assert set(operations()) == set(TABLE) | WITHOUT_WORKSPACE
    for name, methods in (
        (n, m) for p in schema()["paths"].values() for m in p.values() for n in [m["operationId"]]
    ):
        scope = TABLE.get(name, ("", ""))[0]
        if name not in PUBLIC:
            assert methods["security"] == [{"Bearer": [scope] if scope else []}], name


def test_every_address_is_in_the_document(db: None) -> None:
    """A path added to the code is in the document, and so in the tables of this file."""
    spoken = {re.sub(r"\{\w+\}", "#", p) for p in schema()["paths"]}
    served = {
        "/api/v1/" + re.sub(r"<[^>]+>", "#", str(p.pattern).removeprefix("^"))
        for r in get_resolver().url_patterns
        for inner in getattr(r, "url_patterns", [])
        for p in getattr(inner, "url_patterns", [])
        if isinstance(p, URLPattern) and getattr(inner, "namespace", "") == "api" and p.name
    }
    assert served - {"/api/v1/"} == spoken
    assert len(spoken) > 18


@pytest.mark.parametrize("operation", TABLE)
def test_scope_by_operation(owner: Any, ready: Any, city: Any, operation: str) -> None:
    """A token with every scope but the one that is needed is refused; with that one alone it is let in."""
    needed, _ = TABLE[operation]
    if needed:
        without = program(token(owner, *(s for s in SCOPES if s != needed)))
        answer = ask(without, operation, ids(ready, city))
        assert answer.status_code == 403
        assert needed in answer.json()["detail"]
        assert f'scope="{needed}"' in answer.headers["WWW-Authenticate"]
    only = program(token(owner, needed or "read:data"))
    answer = ask(only, operation, ids(ready, city))
    # 409: this diagnosis is over, and so cannot be cancelled
    assert answer.status_code in ((409,) if operation == "cancel" else (200, 201, 204)), answer.content


@pytest.mark.parametrize("operation", TABLE)
def test_role_by_operation(staff: Any, owner: Any, ready: Any, city: Any, operation: str) -> None:
    """Roles get what the table of permissions says, strangers an answer as if there were no city."""
    from .test_permissions import CELLS

    verb = TABLE[operation][1]
    allowed = {who: yes for v, who, yes in CELLS if v == verb}
    for role in (*ROLES[1:], "owner"):  # the owner last: what is removed is gone
        answer = ask(program(token(staff[role])), operation, ids(ready, city))
        if allowed[role]:
            assert answer.status_code in (200, 201, 204, 409), (role, answer.content)
        else:
            assert answer.status_code == 403, role
            assert f"Yours is: {role.replace('_', ' ')}." in answer.json()["detail"]
    assert ask(program(token(staff["stranger"])), operation, ids(ready, city)).status_code == 404


@pytest.mark.parametrize("operation", TABLE)
def test_nothing_of_another_city(
    owner: Any, ready: Any, city: Any, person: Callable[..., Any], operation: str
) -> None:
    """Neither through the other city nor, with its ids, through one's own."""
    other = person("other")
    town = CreateWorkspace(other, "Othertown").run()
    before = (Dataset.objects.count(), AuditEvent.objects.count())
    client = program(token(other))
    log = AuditEvent.objects.count()
    through_it = ask(client, operation, ids(ready, city))
    assert through_it.status_code == 404
    fits(through_it, operation)
    if set(re.findall(r"\{(\w+)\}", operations()[operation][1])) - {"workspace"}:
        through_mine = ask(client, operation, ids(ready, town))
        assert through_mine.status_code == 404
        assert through_mine.json() == through_it.json()
        nowhere = {
            k: uuid4() if k in ("dataset", "job", "diagnosis") else v for k, v in ids(ready, town).items()
        }
        nowhere["key"] = f"{uuid4()}-zones"
        assert ask(client, operation, nowhere).json() == through_it.json(), "the same as what never was"
    assert (Dataset.objects.count(), AuditEvent.objects.count()) == (before[0], log)


@pytest.mark.parametrize("operation", [*TABLE, "token", "workspaces"])
def test_nothing_without_a_token(ready: Any, city: Any, operation: str) -> None:
    answer = ask(Client(), operation, ids(ready, city))
    assert answer.status_code == 401
    fits(answer, operation)
