"""Sign-in with the city's own account, against a small OpenID Connect server that can lie in every way."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount, SocialToken
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client

from isopolis.model import CallError
from isopolis.web.accounts.domains import belongs_to_staff
from isopolis.web.accounts.models import User
from isopolis.web.options import oidc_provider, read_options

from .test_pages import check

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
STRANGE_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CLIENT = "isopolis"


class Issuer:
    """The city's sign-in: codes once, PKCE checked, an ID token that a test can spoil."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {"email": "staff@city.example", "email_verified": True, "sub": "s1"}
        self.spoil: dict[str, Any] = {}
        self.signing: tuple[Any, str] = (KEY, "RS256")
        self.codes: dict[str, dict[str, str]] = {}
        self.config: dict[str, Any] = {}
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *args: Any) -> None:
                pass

            def answer(self, status: int, body: Any) -> None:
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def do_GET(self) -> None:
                pages = {
                    "/.well-known/openid-configuration": issuer.discovery,
                    "/jwks": lambda: {"keys": [issuer.public_key()]},
                    "/userinfo": lambda: issuer.spoil.get("userinfo", {}),
                }
                page = pages.get(self.path)
                self.answer(200 if page else 404, page() if page else {})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self.answer(*issuer.token({k: v[0] for k, v in parse_qs(body).items()}))

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/jwks",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        } | self.config

    def public_key(self) -> dict[str, Any]:
        jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
        return jwk | {"kid": "k1", "alg": "RS256", "use": "sig"}

    def authorize(self, location: str, code: str = "code1") -> dict[str, str]:
        """Do what its sign-in page does: remember the question under a code."""
        asked = {k: v[0] for k, v in parse_qs(urlsplit(location).query).items()}
        self.codes[code] = asked
        return asked

    def token(self, said: dict[str, str]) -> tuple[int, dict[str, Any]]:
        asked = self.codes.pop(said.get("code", ""), None)  # a code works once
        if asked is None or said.get("client_secret") != "secret":
            return 400, {"error": "invalid_grant"}
        digest = hashlib.sha256(said.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked.get("nonce")}
        claims |= self.claims | self.spoil.get("claims", {})
        claims = {k: v for k, v in claims.items() if v is not None}
        key, algorithm = self.signing
        made = jwt.encode(
            claims, key, algorithm=algorithm, headers={"kid": "k1"} | self.spoil.get("headers", {})
        )
        answer = {"access_token": "a", "token_type": "Bearer", "id_token": made}
        return 200, answer | self.spoil.get("answer", {})


@pytest.fixture
def issuer(settings: Any, db: None) -> Iterator[Issuer]:
    made = Issuer()
    settings.OPTIONS = settings.OPTIONS | {
        "oidc_url": made.url, "oidc_client": CLIENT, "oidc_secret": "secret", "oidc_name": "City hall",
        "oidc_domains": "city.example", "email_url": "smtp://localhost",
    }  # fmt: skip
    settings.SOCIALACCOUNT_PROVIDERS = oidc_provider(settings.OPTIONS)
    yield made
    made.server.shutdown()
    made.server.server_close()


def enter(issuer: Issuer, client: Client | None = None, **change: str) -> tuple[Client, Any]:
    """Go the whole way; `change` spoils what comes back with the browser."""
    client = client or Client()
    asked = issuer.authorize(client.post("/accounts/oidc/login/").headers["Location"])
    back = {"code": "code1", "state": asked["state"]} | change
    return client, client.get("/accounts/oidc/login/callback/", back)


def inside(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_the_question_has_pkce_nonce_and_state(issuer: Issuer) -> None:
    client = Client()
    assert client.get("/accounts/oidc/login/").status_code == 200, "asking first: nobody is sent on by a link"
    asked = issuer.authorize(
        client.post("/accounts/oidc/login/?scope=admin&auth_params=nonce%3Dmine").headers["Location"]
    )
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["nonce"]) >= 32
    assert asked["state"]
    assert set(asked["scope"].split()) == {"openid", "profile", "email"}, "a link adds nothing"
    assert asked["redirect_uri"] == "http://testserver/accounts/oidc/login/callback/"


def test_staff_gets_in_and_an_account(issuer: Issuer) -> None:
    issuer.claims["name"] = "Sam Staff"
    client, _answer = enter(issuer)
    assert inside(client)
    user = User.objects.get()
    assert (user.email, user.name) == ("staff@city.example", "Sam Staff")
    assert EmailAddress.objects.get().verified
    # no token is kept, and of the answer only what the checks need
    assert not SocialToken.objects.exists()
    assert set(SocialAccount.objects.get().extra_data["id_token"]) == {"sub", "nonce"}
    again, _answer = enter(issuer)
    assert inside(again)
    assert User.objects.count() == 1


LIES: dict[str, dict[str, Any]] = {
    "wrong issuer": {"claims": {"iss": "https://evil.example"}},
    "no issuer": {"claims": {"iss": None}},
    "wrong audience": {"claims": {"aud": "another"}},
    "several audiences, another presenter": {"claims": {"aud": [CLIENT, "another"], "azp": "another"}},
    "another presenter": {"claims": {"azp": "another"}},
    "expired": {"claims": {"exp": int(time.time()) - 3600}},
    "never expires": {"claims": {"exp": None}},
    "wrong nonce": {"claims": {"nonce": "another"}},
    "no nonce": {"claims": {"nonce": None}},
    "no subject": {"claims": {"sub": None}},
    "no key id": {"headers": {"kid": None}},
    "unknown key": {"headers": {"kid": "k2"}},
    "no id token": {"answer": {"id_token": None}},
    "rubbish": {"answer": {"id_token": "a.b.c"}},
    "address not verified": {"claims": {"email_verified": False}},
    "verified in words only": {"claims": {"email_verified": "false"}},
    "no address": {"claims": {"email": None}},
    "user-info of somebody else": {
        "claims": {"email": None},
        "userinfo": {"sub": "s2", "email": "boss@city.example", "email_verified": True},
    },
}


@pytest.mark.parametrize("lie", LIES)
def test_lies_are_refused(issuer: Issuer, lie: str) -> None:
    issuer.spoil = LIES[lie]
    client, answer = enter(issuer)
    assert not inside(client), lie
    assert not User.objects.exists()
    assert answer.status_code == 401
    check(answer, lie)
    assert b"did not work" in answer.content


@pytest.mark.parametrize("how", ["strange key", "none", "HS256 with the public key"])
def test_signatures_are_checked(issuer: Issuer, how: str) -> None:
    shared = b"x" * 64
    issuer.signing = {
        "strange key": (STRANGE_KEY, "RS256"),
        "none": (None, "none"),
        "HS256 with the public key": (shared, "HS256"),
    }[how]
    client, _answer = enter(issuer)
    assert not inside(client)


def test_another_issuer_in_the_discovery_is_refused(issuer: Issuer) -> None:
    issuer.config = {"issuer": "https://evil.example"}
    client = Client()
    assert "Location" not in client.post("/accounts/oidc/login/").headers


@pytest.mark.parametrize("change", [{"state": "another"}, {"state": ""}, {"code": "another"}])
def test_what_comes_back_must_fit(issuer: Issuer, change: dict[str, str]) -> None:
    client, _answer = enter(issuer, **change)
    assert not inside(client)


def test_a_code_is_not_taken_twice_nor_in_another_browser(issuer: Issuer) -> None:
    client = Client()
    asked = issuer.authorize(client.post("/accounts/oidc/login/").headers["Location"])
    back = {"code": "code1", "state": asked["state"]}
    thief = Client()
    thief.post("/accounts/oidc/login/")
    thief.get("/accounts/oidc/login/callback/", back)
    assert not inside(thief), "the answer to another browser's question"
    client.get("/accounts/oidc/login/callback/", back)
    assert inside(client)
    client.post("/accounts/logout/")
    client.get("/accounts/oidc/login/callback/", back)
    assert not inside(client), "the same answer again"


def test_an_account_is_linked_only_when_its_address_is_verified(issuer: Issuer, person: Any) -> None:
    known = person("known")
    issuer.claims["email"] = known.email
    for verified, works in ((False, False), (True, True)):
        EmailAddress.objects.update_or_create(
            user=known, email=known.email, defaults={"verified": verified, "primary": True}
        )
        client, _answer = enter(issuer)
        assert inside(client) is works
    assert SocialAccount.objects.get().user == known
    known.refresh_from_db()
    assert known.check_password("known-long-password")


def test_a_second_factor_is_asked_for_here_too(issuer: Issuer) -> None:
    enter(issuer)
    TOTP.activate(User.objects.get(), generate_totp_secret())
    client, answer = enter(issuer)
    assert not inside(client)
    assert answer.headers["Location"].startswith("/accounts/2fa/authenticate/")


def test_an_account_that_is_switched_off_stays_out(issuer: Issuer) -> None:
    enter(issuer)
    User.objects.update(is_active=False)
    client, _answer = enter(issuer)
    assert not inside(client)


def test_staff_domains_know_no_other_way(issuer: Issuer, person: Any) -> None:
    user = User.objects.create_user("boss@city.example", "a-long-enough-password")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    said = []
    for email in (user.email, "nobody@city.example", "nobody@sub.city.example"):
        client = Client()
        answer = client.post("/accounts/login/", {"login": email, "password": "a-long-enough-password"})
        assert not inside(client)
        said.append(answer.content.decode().count("City hall"))
    assert len(set(said)) == 1, "it depends on the domain, not on the account"
    new = {"email": "new@city.example", "password1": "a long enough one", "password2": "a long enough one"}
    Client().post("/accounts/signup/", new)
    assert not User.objects.filter(email="new@city.example").exists()
    issuer.claims["email"] = user.email
    client, _answer = enter(issuer)
    assert inside(client)


@pytest.mark.parametrize(
    ("email", "staff"),
    [
        ("a@city.example", True),
        ("a@CITY.example", True),
        ("a@dept.city.example", True),
        ("a@notcity.example", False),
        ("a@city.example.evil.org", False),
        ("city.example@evil.org", False),
    ],
)
def test_domains(issuer: Issuer, email: str, staff: bool) -> None:
    assert belongs_to_staff(email) is staff


def test_without_the_setting_there_is_nothing(db: None) -> None:
    for path in ("login/", "login/callback/"):
        assert Client().get(f"/accounts/oidc/{path}").status_code == 404
    assert "oidc" not in Client().get("/accounts/login/").content.decode()


def test_an_issuer_without_tls_is_refused() -> None:
    options = read_options({"ISOPOLIS_WEB_OIDC_URL": "http://city.example"})
    with pytest.raises(CallError, match="https"):
        oidc_provider(options)
