"""Technologies that are not here, so that their requirements have nothing to apply to: shown, not claimed."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, requires

import pytest
from django.apps import apps
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from .conftest import EVERYTHING, ROOT, imports, texts


def wanted(*roots: str) -> set[str]:
    """Names of all distributions that `isopolis[web,postgres]` brings, near and far."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    waiting = [*project["dependencies"], *extras["web"], *extras["postgres"]]
    known: set[str] = set()
    while waiting:
        text = waiting.pop()
        name = re.split(r"[\s\[<>=!~;(]", text, maxsplit=1)[0].lower().replace("_", "-")
        if name in known or name == "isopolis":
            continue
        if "extra ==" in text.replace("extra==", "extra =="):
            chosen = re.search(r"extra == ['\"]([\w-]+)['\"]", text)
            if not chosen or chosen[1] not in ("mfa", "socialaccount", "binary"):
                continue
        known.add(name)
        try:
            waiting += requires(name) or []
        except PackageNotFoundError:
            continue
    return known


EVERY = wanted()

NOT_HERE = {
    "GraphQL": (r"graphene|strawberry|ariadne|graphql", r"graphql"),
    "WebSocket": (r"channels|daphne|websockets?|wsproto|socketio|autobahn", r"\bws/|websocket"),
    "LDAP": (r"ldap", r"ldap"),
    "LaTeX": (r"pylatex|latex|pdflatex", r"latex"),
    "JNDI": (r"jpype|py4j|jnius|jaydebeapi", r"jndi"),
    "memcache": (r"memcache|pylibmc|pymemcache", r"memcache"),
    "SAML": (r"saml|xmlsec", r"saml"),
    "OAuth server": (
        r"oauth-toolkit|authlib\b(?<!oauthlib)|oauth2-provider|oidc-provider",
        r"\bo/|oauth/(authorize|token)|\.well-known/openid",
    ),
    "telephone": (r"twilio|vonage|messagebird|phonenumber", r"sms|phone"),
    "WebRTC": (r"aiortc|webrtc|livekit|janus|mediasoup|coturn", r"webrtc|turn|stun|signalling"),
    "virtual screens": (r"novnc|guacamole", r"vnc"),
    "HTML editors": (r"tinymce|ckeditor|summernote|quill|prosemirror", r"editor"),
}


def addresses(patterns: object = None, before: str = "") -> list[str]:
    out: list[str] = []
    for p in get_resolver().url_patterns if patterns is None else patterns:  # type: ignore[attr-defined]
        whole = before + str(p.pattern)
        out += addresses(p.url_patterns, whole) if isinstance(p, URLResolver) else [whole]
        assert isinstance(p, (URLPattern, URLResolver))
    return out


@pytest.mark.parametrize("what", NOT_HERE)
def test_not_here(what: str) -> None:
    """No distribution, no import, no app and no address of it."""
    packages, places = NOT_HERE[what]
    assert [n for n in EVERY if re.search(packages, n)] == []
    assert [p for p, m in imports() if re.match(packages, m.split(".")[0])] == []
    assert [a.name for a in apps.get_app_configs() if re.search(packages, a.name)] == []
    assert [a for a in addresses() if re.search(places, a)] == []


def test_the_look_finds_what_is_here() -> None:
    """The guard itself: it would see these."""
    assert {"django", "argon2-cffi", "pyjwt", "cryptography"} <= EVERY
    assert len(EVERY) > 40
    assert [p for p, m in imports() if m.startswith("django.")]
    assert [a for a in addresses() if "accounts/login" in a]


def test_no_xpath_and_no_xml_parser_of_ours() -> None:
    # ElementTree reads only the drawings that we have made ourselves
    users = {p.rsplit(":", 1)[0] for p, m in imports() if m.startswith("xml.etree")}
    assert users == {"src/isopolis/web/diagnoses/drawings.py", "src/isopolis/report/svg.py"}
    bad = ("lxml", "xml.dom", "xml.sax", "xml.parsers", "defusedxml", "untangle", "xmltodict", "elementpath")
    assert [p for p, m in imports() if m.startswith(bad)] == []
    # conditions of forms are written in a part of XPath; they are evaluated over answers, never over XML
    found = {p.rsplit(":", 1)[0] for p in texts(r"\.xpath\(|XPath", ".py", ".js")}
    assert found <= {f"src/isopolis/engage/surveys/{name}.py" for name in ("evaluate", "expressions")}
    assert texts(r"\.xpath\(", ".py", ".js") == []


def test_no_asynchronous_server() -> None:
    assert not hasattr(settings, "ASGI_APPLICATION") or settings.ASGI_APPLICATION is None
    assert not list(EVERYTHING.rglob("asgi.py"))
    assert texts(r"WebSocket\(|EventSource\(|RTCPeerConnection|getUserMedia", ".js", ".html") == []


def test_no_messages_between_windows_and_no_jsonp() -> None:
    assert texts(r"postMessage|addEventListener\(\s*['\"]message['\"]|onmessage", ".js", ".html") == []
    assert texts(r"jsonp|callback=", ".js", ".html") == []


def test_no_plugins_of_browsers() -> None:
    assert (
        texts(
            r"<(applet|object|embed|bgsound|marquee)\b|ActiveX|application/x-shockwave|x-silverlight",
            ".html",
            ".js",
        )
        == []
    )


def test_no_client_certificates_are_believed() -> None:
    assert texts(r"SSL_CLIENT|X-SSL-Client|X-Client-Cert|HTTP_X_CLIENT", ".py", ".html") == []
    conf = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    assert "ssl_verify_client" not in conf


def test_no_tokens_that_carry_their_content_are_made() -> None:
    """The only such tokens are those of the city's sign-in, which others make and we check."""
    from .conftest import calls

    made = [p for p, n, _node in calls() if n in ("jwt.encode", "jws.sign") or n.endswith(".encode_jwt")]
    assert made == []
    users = {p.rsplit(":", 1)[0] for p, m in imports() if m.split(".")[0] in ("jwt", "jose", "jwcrypto")}
    assert users == set()


def test_no_requests_of_ours_to_other_servers() -> None:
    """Our code opens no address: mail, database and the city's sign-in go through their libraries."""
    bad = (
        "requests",
        "httpx",
        "aiohttp",
        "urllib.request",
        "urllib3",
        "http.client",
        "ftplib",
        "telnetlib",
        "xmlrpc",
        "smtplib.SMTP_SSL",
        "smtplib.SMTP.",
        "poplib",
        "imaplib",
        "nntplib",
        "paramiko",
    )
    # the one command that fetches, a library's bundle or whether links are dead, when somebody asks it to
    asked = "src/isopolis/cli/library.py"
    assert [p for p, m in imports() if m.startswith(bad) and p.rsplit(":", 1)[0] != asked] == []
    users = {p.rsplit(":", 1)[0].split("/src/")[-1] for p, m in imports() if m.split(".")[0] == "socket"}
    assert users <= {
        "src/isopolis/web/server.py",
        "src/isopolis/web/work/runner.py",
        "src/isopolis/web/operate/lock.py",
        "src/isopolis/web/operate/doctor.py",
    }, users


def test_no_back_channel_for_signing_out() -> None:
    assert [
        a for a in addresses() if re.search(r"backchannel|back-channel|logout_token|frontchannel", a)
    ] == []
    assert texts(r"logout\+jwt|logout_token", ".py") == []


def test_no_encryption_of_our_own() -> None:
    """One place seals what waits for shuffling, with a library's authenticated cipher that has no options."""
    bad = ("cryptography", "Crypto", "nacl", "OpenSSL", "pyaes", "rsa", "ecdsa", "ssl")
    found = {(p.rsplit(":", 1)[0], m) for p, m in imports() if m.split(".")[0] in bad}
    assert {p for p, _m in found} == {"src/isopolis/web/ballots/keys.py"}
    assert {m.rpartition(".")[0] for _p, m in found} | {m for _p, m in found} >= {
        "cryptography.hazmat.primitives.ciphers.aead"
    }
    assert not [m for _p, m in found if re.search(r"modes|padding|algorithms|asymmetric|Fernet|kdf", m)]
    source = (EVERYTHING / "web" / "ballots" / "keys.py").read_text(encoding="utf-8")
    assert re.search(r"LENGTH, NONCE = 32, 12\b", source), "256 bits, and the length of nonce of the standard"
    assert source.count("AESGCM(") == 2, "sealed in one place, opened in one"
    assert re.search(r"nonce = secrets\.token_bytes\(NONCE\)", source), "each nonce is drawn"


def test_no_key_is_made_of_a_password() -> None:
    from .conftest import calls

    assert [p for p, n, _node in calls() if re.search(r"pbkdf2|scrypt|bcrypt|PBKDF2|HKDF", n)] == []


def test_no_unmanaged_memory() -> None:
    bad = ("ctypes", "cffi", "mmap", "_ctypes")
    # one call to the system, with two numbers, so that children end with their parent
    users = {p.rsplit(":", 1)[0] for p, m in imports() if m.split(".")[0] in bad}
    # and the compiled loops of equal shares, which get addresses and sizes of arrays that Python holds
    assert users <= {"src/isopolis/web/tied.py", "src/isopolis/engage/budget/machine.py"}
    assert not [p for p in EVERYTHING.rglob("*") if p.suffix in (".c", ".cpp", ".h", ".pyx", ".so", ".rs")]
