"""Pages of people and processes in a real browser: axe, 320 pixels, Arabic, a passkey."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone

from isopolis.web.modules.actions import CreateProcess, EditProcess, PublishProcess, TakePart
from isopolis.web.modules.comments.actions import AddComment
from isopolis.web.partnerships.actions import CreatePartnership
from isopolis.web.workspaces.actions import AddMember

from . import test_browser
from .test_browser import narrow

PASSWORD = "owner-long-password"
browser = test_browser.browser


@pytest.fixture(scope="module", autouse=True)
def _beside_the_loop_of_the_browser() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture
def site(live_server: Any, settings: Any) -> str:
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
    settings.ALLOWED_HOSTS = ["*"]
    return live_server.url.replace("127.0.0.1", "localhost")


def sign_in(context: Any, site: str, user: Any) -> Any:
    client = Client()
    client.force_login(user, "isopolis.web.accounts.backends.Accounts")
    cookie = {"name": "sessionid", "value": client.session.session_key, "url": site}
    context.add_cookies([cookie])
    return context.new_page()


def listen(page: Any, said: list[str]) -> None:
    """Collect what the browser complains of: a policy that was broken, a script that failed."""
    page.on("console", lambda m: m.type in ("error", "warning") and said.append(f"{page.url}: {m.text}"))
    page.on("pageerror", lambda e: said.append(f"{page.url}: {e}"))


def confirm(page: Any, site: str) -> None:
    page.goto(f"{site}/accounts/reauthenticate/")
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("main form button").first.click()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_pages_at_320_pixels(
    browser: Any, site: str, owner: Any, city: Any, person: Any, language: str
) -> None:
    today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    process = CreateProcess(owner, city, "The square", "two_rounds", today).run()
    EditProcess(owner, city, process, "The square", "What should it look like?").run()
    PublishProcess(owner, city, process).run()
    rosa = person("rosa")
    TakePart(rosa, city, process, "Rosa").run()
    module = process.module_set.get()
    first = AddComment(rosa, city, module, "Trees, please", "en").run()
    AddComment(rosa, city, module, "أشجار", "ar", parent=first).run()
    partnership = CreatePartnership(owner, "Ten cities", "").run()
    AddMember(owner, city, person("helper").email, "viewer").run()
    base, inner = f"/w/{city.slug}/", module.get_absolute_url()
    context = browser.new_context(viewport={"width": 320, "height": 640}, locale=language)
    context.add_cookies([{"name": django_settings.LANGUAGE_COOKIE_NAME, "value": language, "url": site}])
    visitor = context.new_page()
    found: list[str] = []
    said: list[str] = []
    listen(visitor, said)
    for path in ("/take-part/", process.get_absolute_url(), inner, "/accounts/login/", "/accounts/signup/"):
        visitor.goto(site + path)
        narrow(visitor, found)
    page = sign_in(context, site, owner)
    listen(page, said)
    confirm(page, site)
    for path in (
        "/account/", "/accounts/email/", "/accounts/2fa/", "/accounts/2fa/totp/activate/",
        "/accounts/2fa/webauthn/add/", "/accounts/sessions/", base, f"{base}settings/",
        f"{base}settings/delete/", f"{base}settings/hand-over/", f"{base}members/", f"{base}partnerships/",
        f"{base}processes/", f"{base}processes/new/", f"{base}processes/1/", inner, f"{inner}{first.pk}/",
        f"{inner}{first.pk}/moderate/", f"{inner}reports/", "/partnerships/", "/partnerships/new/",
        partnership.get_absolute_url(), f"{partnership.get_absolute_url()}manage/",
    ):  # fmt: skip
        answer = page.goto(site + path)
        assert answer.status == 200, path
        narrow(page, found)
    assert found == []
    assert said == []


@pytest.mark.django_db(transaction=True)
def test_a_passkey_is_made_and_opens_the_door(browser: Any, site: str, owner: Any) -> None:
    """With the browser's own virtual authenticator, under the strict policy."""
    context = browser.new_context()
    page = sign_in(context, site, owner)
    said: list[str] = []
    listen(page, said)
    tools = context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    confirm(page, site)
    page.goto(f"{site}/accounts/2fa/webauthn/add/")
    page.locator("input[type=checkbox]").check()
    page.get_by_role("button", name="Add").click()
    page.wait_for_url(lambda address: "webauthn/add" not in address)  # the form leads away once it is kept
    assert Authenticator.objects.filter(user=owner, type="webauthn").count() == 1
    page.goto(f"{site}/accounts/logout/")
    page.locator("main form button").first.click()
    page.goto(f"{site}/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/w/**")
    assert said == []


@pytest.mark.django_db(transaction=True)
def test_without_javascript_the_passkey_steps_aside(browser: Any, site: str, owner: Any) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{site}/accounts/login/")
    assert not page.get_by_role("button", name="Sign in with a passkey").is_visible()
    assert page.get_by_text("A password with an authenticator app is as good").is_visible()
    page.locator("input[type=email]").fill(owner.email)
    page.locator("input[type=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/w/**")
