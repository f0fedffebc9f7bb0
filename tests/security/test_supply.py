"""What is shipped, and with what: libraries, licences, settings of a server, nothing that does not belong."""

from __future__ import annotations

import re
import subprocess
import tomllib
from importlib.metadata import PackageNotFoundError, distribution, metadata, version
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from .conftest import EVERYTHING, ROOT, texts
from .test_absent import EVERY
from .test_answers import behind_tls

NGINX = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_every_library_has_a_lowest_version() -> None:
    lists = [PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"].values()]
    loose = [r for group in lists for r in group if not r.startswith("isopolis") and ">=" not in r]
    assert loose == []


def test_no_library_comes_from_an_address() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert not re.search(r"git\+|@\s*(https?|file):|index-url|find-links|extra-index", text)


def test_what_is_installed_is_what_was_asked_for() -> None:
    """The lowest versions that we promise are met by what the tests run with."""
    from packaging.requirements import Requirement

    for text in PROJECT["project"]["dependencies"] + PROJECT["project"]["optional-dependencies"]["web"]:
        asked = Requirement(text)
        assert asked.specifier.contains(version(asked.name), prereleases=True), text


def test_licences_fit() -> None:
    """None of GPL or AGPL alone; every library says what it is under."""
    bad, silent = [], []
    for name in sorted(EVERY):
        try:
            said = metadata(name)
        except PackageNotFoundError:
            continue
        text = " ".join(
            [
                said.get("License-Expression") or "",
                (said.get("License") or "")[:200],
                *(c for c in said.get_all("Classifier") or [] if "License" in c),
            ]
        )
        if re.search(r"\bA?GPL|GNU (Affero )?General Public", text) and not re.search(
            r"LGPL|Lesser| OR |MIT|BSD|Apache|MPL", text
        ):
            bad.append(name)
        if not text.strip() and not _known_text(name, said.get_all("License-File") or []):
            silent.append(name)
    assert bad == []
    assert silent == []


def _known_text(name: str, files: list[str]) -> bool:
    """Tell whether a library that says nothing in its metadata brings the text of a licence that fits."""
    wanted = re.compile(
        r"Redistribution and use in source and binary forms|Permission is hereby granted, free"
    )
    found = [f for f in distribution(name).files or [] if f.name in {Path(p).name for p in files}]
    return any(wanted.search(f.read_text()) for f in found)


def test_the_inventory_of_libraries_can_be_printed() -> None:
    """Every library far and near, with its version, from the metadata of the installation."""
    found = {}
    for name in EVERY:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # for other systems only
            continue
    assert len(found) > 40
    assert all(re.match(r"\d", v) for v in found.values())
    assert {"django", "django-allauth", "argon2-cffi", "gunicorn", "numpy"} <= set(found)


def test_django_is_a_version_that_gets_mended() -> None:
    major, minor = map(int, version("django").split(".")[:2])
    assert (major, minor) >= (5, 2)


# -- what is in the package ------------------------------------------------------------------------
def listed() -> list[str]:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.splitlines() or [
        p.relative_to(ROOT).as_posix() for p in ROOT.rglob("*") if p.is_file()
    ]


def test_no_secret_lies_in_the_repository() -> None:
    names = [
        n
        for n in listed()
        if re.search(
            r"(^|/)(\.env|secret_key|equality_key|id_[rd]sa|.*\.(pem|key|p12|pfx|kdbx)|credentials?(\.\w+)?)$",
            n,
        )
    ]
    assert names == []
    marks = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|ghp_[A-Za-z0-9]{36}|xox[bp]-\d")
    found = []
    for name in listed():
        path = ROOT / name
        if (
            path.suffix
            in (".py", ".md", ".toml", ".conf", ".service", ".example", ".yml", ".html", ".js", "")
            and path.is_file()
            and path.stat().st_size < 500_000
        ):
            text = path.read_bytes().decode("utf-8", "replace")
            if marks.search(text) and name != "tests/security/test_supply.py":
                found.append(name)
    assert found == []


def test_the_package_has_the_program_and_nothing_else() -> None:
    assert PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == ["src/isopolis"]
    odd = [
        p
        for p in EVERYTHING.rglob("*")
        if p.is_file()
        and re.search(
            r"(^|/)(test_|conftest|\.git|\.svn)|\.(bak|orig|swp|sqlite3|log|pem)$",
            p.as_posix().split("/src/isopolis/")[1],
        )
    ]
    assert odd == []


def test_no_page_of_developers_is_open(owner: Any, browse: Any) -> None:
    for who in (Client(), browse(owner)):
        for url in (
            "/admin/",
            "/__debug__/",
            "/silk/",
            "/docs/",
            "/swagger/",
            "/graphql",
            "/server-status",
            "/debug/",
            "/phpinfo.php",
            "/console/",
            "/static/admin/css/base.css",
        ):
            assert who.get(url).status_code == 404, url
    assert "django.contrib.admin" not in settings.INSTALLED_APPS
    assert not [a for a in settings.INSTALLED_APPS if re.search("debug|extensions|silk", a)]


def test_numbers_of_the_server_are_not_for_everybody(db: None, settings: Any) -> None:
    foreign = Client(REMOTE_ADDR="198.51.100.7")
    assert foreign.get("/metrics").status_code in (401, 403, 404)
    assert "location = /metrics" in NGINX
    body = foreign.get("/health").content.decode()
    for word in (version("django"), "python", "postgres", "sqlite", "/"):
        assert word not in body.lower(), word


def test_debugging_is_off_unless_asked_for() -> None:
    from isopolis.web.options import read_options

    assert read_options({})["debug"] is False
    assert settings.DEBUG is False
    example = (ROOT / "deploy" / "environment.example").read_text(encoding="utf-8")
    assert not re.search(r"^ISOPOLIS_WEB_DEBUG=(1|true|yes)", example, re.M | re.I)


# -- the proxy, as we hand it out ------------------------------------------------------------------
def test_only_new_versions_of_tls() -> None:
    said = re.search(r"ssl_protocols ([^;]+);", NGINX)
    assert said
    assert said[1].split() == ["TLSv1.2", "TLSv1.3"]


def test_only_strong_ciphers() -> None:
    said = re.search(r"ssl_ciphers ([^;]+);", NGINX)
    assert said
    for cipher in said[1].split(":"):
        assert cipher.startswith("ECDHE-"), cipher
        assert "GCM" in cipher or "CHACHA20-POLY1305" in cipher, cipher
    assert "ssl_prefer_server_ciphers on;" in NGINX
    assert "AES256" in said[1].split(":")[0]


def test_nothing_but_the_redirect_is_served_without_tls() -> None:
    plain = NGINX[NGINX.index("listen 80") : NGINX.index("listen 443")]
    assert "return 301 https://" in plain
    assert "proxy_pass" not in plain
    assert "root" not in plain


def test_the_proxy_overwrites_what_visitors_send() -> None:
    for name in (
        "X-Forwarded-For $remote_addr",
        "X-Forwarded-Proto $scheme",
        'X-Forwarded-Host ""',
        'Forwarded ""',
        'X-Request-ID ""',
    ):
        assert f"proxy_set_header {name};" in NGINX, name
    assert "$proxy_add_x_forwarded_for" not in NGINX


def test_the_settings_for_a_server_are_the_safe_ones() -> None:
    found = behind_tls()
    for name in (
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "SECURE_SSL_REDIRECT",
        "SECURE_HSTS_INCLUDE_SUBDOMAINS",
    ):
        assert found[name] is True, name
    assert found["ACCOUNT_DEFAULT_HTTP_PROTOCOL"] == "https"
    assert found["MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN"] is False
    assert found["DEBUG"] is False


def test_mail_goes_out_encrypted() -> None:
    for url, ssl, tls in (
        ("smtps://u:p@mail.example.org", True, False),
        ("smtp://u:p@mail.example.org:587", False, True),
    ):
        found = behind_tls(ISOPOLIS_WEB_EMAIL_URL=url)
        assert (found["EMAIL_USE_SSL"], found["EMAIL_USE_TLS"]) == (ssl, tls)
        assert found["EMAIL_TIMEOUT"] <= 20


def test_certificates_of_others_are_checked() -> None:
    """Nowhere is the check of a certificate switched off."""
    assert (
        texts(
            r"verify\s*=\s*False|CERT_NONE|check_hostname\s*=\s*False|_create_unverified|InsecureRequest",
            ".py",
        )
        == []
    )
    page = (ROOT / "docs" / "production.md").read_text(encoding="utf-8")
    assert "sslmode=verify-full" in page


def test_the_service_runs_without_rights_and_sees_its_folder_only() -> None:
    unit = (ROOT / "deploy" / "isopolis.service").read_text(encoding="utf-8")
    for line in (
        "NoNewPrivileges=",
        "ProtectSystem=strict",
        "PrivateTmp=",
        "ProtectHome=",
        "User=isopolis",
        "CapabilityBoundingSet=",
    ):
        assert line in unit, line
    paths = re.findall(r"^(?:ReadWritePaths|StateDirectory)=(.*)$", unit, re.M)
    assert paths


def test_no_default_password_is_handed_out() -> None:
    """What we hand out has no password in it, or one that cannot be taken for a real one."""
    for name in (
        "deploy/environment.example",
        "docs/production.md",
        "docs/platform.md",
        "deploy/Containerfile",
    ):
        text = (ROOT / name).read_text(encoding="utf-8")
        for password in re.findall(r"://[\w.-]+:([^@\s/]+)@", text):
            assert re.fullmatch(r"password|PASSWORD|CHANGE.*|\.\.\.|…|[<{$].*", password), (name, password)


@pytest.mark.parametrize("name", ["secret_key", "equality_key"])
def test_files_of_keys_are_for_the_service_only(tmp_path: Any, name: str, settings: Any) -> None:
    from isopolis.web.protect import equality
    from isopolis.web.server import _secret_key

    settings.DATA_DIR = tmp_path
    _secret_key(tmp_path / "secret_key")
    equality._secret()
    assert (tmp_path / name).stat().st_mode & 0o777 == 0o600


def test_the_platform_is_one_application_on_one_host() -> None:
    """Cookies are bound to the host (no domain), and every address belongs to this application."""
    assert settings.SESSION_COOKIE_DOMAIN is None
    assert settings.CSRF_COOKIE_DOMAIN is None
    assert settings.LANGUAGE_COOKIE_DOMAIN is None
    assert settings.CSRF_TRUSTED_ORIGINS == []
    assert NGINX.count("proxy_pass") == 1
