"""Every address of the platform is public by this list, or guarded; new ones are found by themselves."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from isopolis.web.modules.actions import CreateProcess
from isopolis.web.workspaces.actions import CreateWorkspace

from .towns import diagnosed

PUBLIC = {
    # what anybody may open, and why it tells nothing about a person or of an unpublished number
    "health": "whether the server works",
    "home": "first page",
    "set_language": "changes a cookie",
    "privacy": "says what is stored",
    "accessibility": "statement",
    "metrics": "guarded by a token or by the address of this machine; test_operate_metrics.py",
    "take_part": "list of public processes",
    "city_processes": "list of public processes of a city",
    "process": "404 unless public",
    "discussion": "404 unless public",
    "who_took_part": "404 unless published",
    "who_took_part_table": "404 unless published",
    "consultation": "404 unless public",
    "consultation_answer": "404 unless public",
    "consultation_responses": "404 unless published",
    "thread": "404 unless public",
    "assembly": "404 unless public",
    "survey": "404 unless public",
    "survey_kiosk": "404 unless public",
    "survey_start": "404 unless public; makes a draft that only its browser can read",
    "survey_page": "404 unless public; shows the draft of the running session",
    "survey_send": "404 unless public; shows the draft of the running session",
    "survey_stop": "404 unless public; forgets the draft of the running session",
    "survey_results": "404 unless published",
    "budget_vote": "404 unless public; projects only",
    "budget_result": "404 unless counted; out of the public bundle",
    "budget_lost": "404 unless counted; out of the public bundle",
    "budget_rules": "404 unless counted; out of the public bundle",
    "budget_recount": "404 unless counted; out of the public bundle",
    "budget_outcome": "404 unless counted; out of the public bundle",
    "budget_delivery": "404 unless counted; steps of the city",
    "budget_delivery_feed": "404 unless counted; steps of the city",
    "budget_built": "404 unless counted; steps of the city",
    "assembly_panels": "404 unless the list is public; codes only",
    "opinions": "404 unless public",
    "opinions_vote": "404 unless public; no account is needed",
    "opinions_propose": "404 unless public; no account is needed",
    "opinions_mine": "404 unless public; what the cookie or the account stands for",
    "opinions_take_back": "404 unless public and one's own",
    "opinions_withdraw": "404 unless public; what the cookie or the account stands for",
    "opinions_forget": "404 unless public; takes the cookie away",
    "opinions_about": "404 unless public; what the cookie or the account stands for",
    "opinions_log": "404 unless public; without texts that were refused",
    "opinions_result": "404 unless public; behind the gate",
    "worries": "404 unless public; numbers behind the gate",
    "worries_tell": "404 unless public; no account is needed",
    "worries_texts": "404 unless public; what an officer has published",
    "worries_log": "404 unless public; no hidden text",
    "worries_numbers": "404 unless published; behind the gate",
    "georeport_discovery": "404 unless public",
    "georeport_services": "404 unless public; topics only",
    "georeport_service": "404 unless public; topics only",
    "georeport_requests": "404 unless public; what an officer has read; handing in needs a token",
    "georeport_request": "404 unless public; what an officer has read",
    "georeport_token": "404 unless public; the token is the key",
    "budget": "404 unless public",
    "budget_idea": "404 unless public; a draft is its author's",
    "budget_log": "404 unless public; holds no names",
    "budget_mails_stop": "the signed link of a mail; says nothing and stops mail",
    "sign_in_link": "the token is the key",
    "invitation": "the token is the key",
    "partnership_invitation": "the token is the key",
    "oidc_login": "the way in",
    "oidc_callback": "the way in",
}
PUBLIC_PREFIXES = {
    "accounts/": "allauth guards its own pages; test_people_accounts.py opens each",
    "glossary": "explains terms",
    "static/": "files of the packages",
    "library/": "published records of the library, and the link of a contact; test_library*.py",
    "vocabulary": "words on which all agree; test_vocabulary.py",
    "p/": "what cities have published; test_publish*.py",
    "public/": "what cities have published",
    "published/": "what cities have published",
    "ogc": "what cities have published, and with a token more; test_api*.py",
    "api/": "tokens; test_api*.py",
    "plans/": "published plans; 404 unless published; test_plans.py",
    "assets/map/": "the script of the map, from its package",
}


def every(patterns: Any = None, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Yield each address with its whole pattern."""
    for p in get_resolver().url_patterns if patterns is None else patterns:
        whole = before + str(p.pattern)
        if isinstance(p, URLResolver):
            yield from every(p.url_patterns, whole)
        else:
            yield whole, p


def guarded(view: Any) -> bool:
    """Tell whether a view has one of our doors, or asks to sign in."""
    while view is not None:
        if getattr(view, "permission", None) or getattr(view, "guarded_by", None):
            return True
        code = getattr(view, "__code__", None)
        if code is not None and code.co_filename.endswith(
            ("auth/decorators.py", "contrib/auth/decorators.py")
        ):
            return True
        view = getattr(view, "__wrapped__", None)
    return False


def public(whole: str, pattern: URLPattern) -> bool:
    return pattern.name in PUBLIC or whole.startswith(tuple(PUBLIC_PREFIXES))


def test_every_address_is_public_by_list_or_guarded() -> None:
    loose = [w for w, p in every() if not public(w, p) and not guarded(p.callback)]
    assert loose == []


def test_the_look_finds_a_page_without_a_guard() -> None:
    from django.urls import path

    from isopolis.web.accounts.views import account, home

    naked = path("new/thing/", home, name="new_thing")
    assert not public("new/thing/", naked)
    assert not guarded(naked.callback)
    assert guarded(account)


VALUES: dict[str, Callable[[dict[str, Any]], list[Any]]] = {
    "IntConverter": lambda ids: [0, ids["member"], ids["process"], ids["module"]],
    "UUIDConverter": lambda ids: [ids["job"], ids["dataset"], uuid.UUID(int=0)],
    "StringConverter": lambda _ids: ["report.html"],
    "SlugConverter": lambda _ids: ["x"],
    "PathConverter": lambda _ids: ["x"],
}


@pytest.fixture
def foreign(owner: Any, city: Any, person: Any) -> dict[str, Any]:
    """A city with one of everything that has a number, and the owner of another one."""
    job = diagnosed(owner, city)
    process = CreateProcess(owner, city, "Secret plans", "discussion").run()
    other = person("other")
    CreateWorkspace(other, "Othertown").run()
    return {
        "slug": city.slug,
        "job": job.pk,
        "dataset": job.subject,
        "member": city.membership_set.get().pk,
        "process": process.number,
        "module": process.module_set.get().pk,
        "user": other,
    }


def addresses(whole: str, pattern: URLPattern, ids: dict[str, Any]) -> list[str]:
    """Fill an address with numbers of the foreign city."""
    import re

    options = [whole]
    for kind, name in re.findall(r"<(?:(\w+):)?(\w+)>", whole):
        converter = {"int": "IntConverter", "uuid": "UUIDConverter", "slug": "SlugConverter"}
        values = VALUES.get(converter.get(kind, "StringConverter"), VALUES["StringConverter"])(ids)
        values = [ids["slug"]] if name == "slug" else values[:4]
        mark = f"<{kind}:{name}>" if kind else f"<{name}>"
        options = [o.replace(mark, str(v)) for o in options for v in values][:16]
    return ["/" + o for o in options]


@pytest.mark.parametrize("method", ["get", "post"])
def test_numbers_of_another_city_lead_nowhere(
    foreign: dict[str, Any], browse: Callable[[Any], Client], method: str
) -> None:
    client = browse(foreign["user"])
    wrong, asked = [], 0
    for whole, pattern in every():
        if "<" not in whole or "(?P" in whole or whole.startswith("accounts/"):
            continue
        for address in addresses(whole, pattern, foreign):
            status = getattr(client, method)(address).status_code
            asked += 1
            token = pattern.name in ("sign_in_link",) or "token" in whole
            if status == 401 and whole.startswith("api/"):
                continue  # no token; test_api*.py asks with one of another city
            if status not in (404, 405) and not (token and status in (200, 410)):
                wrong.append(f"{method} {address} ({pattern.name}) answers {status}")
    assert wrong == []
    assert asked > 100
