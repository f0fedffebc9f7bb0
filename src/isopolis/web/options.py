"""Every setting of the platform in one table: its name, its default, what it is for.

A value comes from the environment (``ISOPOLIS_WEB_`` and the name in capitals), else from the
TOML file that ``ISOPOLIS_WEB_CONFIG`` names (``isopolis.toml`` in the data folder when it does not),
else from the table. A name that the table does not have is an error that names the nearest one.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from isopolis.model import CallError, near

__all__ = ["OPTIONS", "PREFIX", "Option", "oidc_provider", "read_options", "site_of"]

PREFIX = "ISOPOLIS_WEB_"
CONFIG_FILE = "isopolis.toml"


@dataclass(frozen=True, slots=True)
class Option:
    """One setting; the type of its default is its type."""

    name: str
    default: str | int | bool
    help: str

    @property
    def variable(self) -> str:
        """Name of the environment variable."""
        return PREFIX + self.name.upper()


OPTIONS = (
    Option("data", "isopolis-data", "folder of the database, the uploads and the results"),
    Option("secret_key", "", "signs sessions and links; made once and kept in the data folder when empty"),
    Option("database_url", "", "postgresql://user:password@host:5432/name; SQLite among the data if empty"),
    Option("hosts", "localhost,127.0.0.1,[::1]", "names under which the site may be asked for, with commas"),
    Option("https", False, "true behind TLS: cookies only over https, HSTS, redirect from http"),
    Option("proxy", False, "true behind one proxy that sets X-Forwarded-Proto and X-Forwarded-For itself"),
    Option("email_url", "", "smtp://user:password@host:587 or smtps://…; mail stays among the data if empty"),
    Option("site", "", "address of the site for links in mails, https://name; of https and hosts if empty"),
    Option("email_from", "isopolis@localhost", "sender of the platform's mail"),
    Option("signup", True, "whether anyone may make an account"),
    Option("founding", True, "whether every account may create a workspace, or only administrators"),
    Option("oidc_url", "", "address of the city's own sign-in (OpenID Connect issuer); empty: none"),
    Option("oidc_client", "", "name under which the city's sign-in knows this platform"),
    Option("oidc_secret", "", "secret that goes with oidc_client"),
    Option("oidc_name", "City account", "what the button for the city's sign-in says"),
    Option("oidc_domains", "", "mail domains, with commas, whose people must use the city's sign-in"),
    Option("idle_minutes", 60, "minutes without a page after which somebody is signed out; 12 hours at most"),
    Option("link_minutes", 60, "how long a one-time sign-in link works"),
    Option("upload_mb", 200, "most megabytes in one upload"),
    Option("upload_files", 100, "most files in one upload, those inside a zip counted"),
    Option("unpacked_mb", 1000, "most megabytes after unpacking"),
    Option("jobs_at_once", 2, "computations at once, one per workspace; with 2, a heavy city blocks none"),
    Option("job_minutes", 120, "minutes after which a computation is stopped"),
    Option("job_memory_mb", 0, "memory that one computation may use; 0 is no limit"),
    Option("inactive_days", 1095, "days without use after which an account is erased, after a warning"),
    Option("inactive_warning_days", 30, "days between that warning and the erasure"),
    Option("unverified_days", 14, "days after which an account with an unconfirmed address is erased"),
    Option("mail_days", 30, "days that mail files stay where no mail server is set up"),
    Option("log_days", 90, "days that log files in the data folder stay"),
    Option("job_days", 365, "days after which a finished job forgets who asked for it and its errors"),
    Option("erasure_days", 400, "days that the list of erased numbers is kept; longer than any backup"),
    Option("equality_url", "", "database of its own for equality attributes; the same one if empty"),
    Option("equality_secret", "", "keys of equality attributes; made once in the data folder when empty"),
    Option("ballots_secret", "", "key of rolls and ballot boxes; made once in the data folder when empty"),
    Option("controller", "", "who is responsible for personal data: name and address of the city or body"),
    Option("controller_contact", "", "e-mail address or telephone for questions about personal data"),
    Option("protection_officer", "", "e-mail address or telephone of the data protection officer"),
    Option("authority", "", "name of the data protection authority that hears complaints"),
    Option("accessibility_contact", "", "e-mail address or telephone for barriers that somebody meets"),
    Option("log_format", "text", "how logs are written: text for people, json for machines"),
    Option("log_requests", False, "true writes one line per request, without addresses and names"),
    Option("metrics_token", "", "bearer token for /metrics; if empty only this machine reads it, unproxied"),
    Option("api_per_minute", 600, "requests that one token of the programming interface has each minute"),
    Option("api_anonymous_per_minute", 120, "requests without token that one address has there each minute"),
    Option("debug", False, "Django's debug pages; never where others can reach the site"),
)  # fmt: skip


def read_options(environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the value of every option.

    Raises
    ------
    CallError
        For an unknown name, or a value of the wrong type.
    """
    env = os.environ if environment is None else environment
    known = {o.name: o for o in OPTIONS}
    _refuse_unknown(
        (k[len(PREFIX) :].lower() for k in env if k.startswith(PREFIX)), [*known, "config"], "the environment"
    )
    said: dict[str, Any] = {o.name: env[o.variable] for o in OPTIONS if o.variable in env}
    folder = Path(str(said.get("data", known["data"].default)))
    stated = env.get(PREFIX + "CONFIG", "")
    path = Path(stated) if stated else folder / CONFIG_FILE
    if stated or path.is_file():
        written = _toml(path)
        _refuse_unknown(written, list(known), path.name)
        said = written | said
    values = {name: _typed(option, said.get(name, option.default)) for name, option in known.items()}
    return values | {"data": Path(values["data"]).expanduser().absolute()}


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CallError(f"{path.name} cannot be read as settings: {error}") from None


def _refuse_unknown(names: Any, known: list[str], where: str) -> None:
    for name in names:
        if name not in known:
            raise CallError(f'{where} has a setting "{name}" that does not exist: {near(name, known)}')


def _typed(option: Option, value: Any) -> Any:
    kind = type(option.default)
    if isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
        return value
    words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False, "": False}
    try:
        return words[str(value).strip().lower()] if kind is bool else kind(value)
    except (KeyError, ValueError):
        what = "true or false" if kind is bool else "a whole number"
        raise CallError(f'the setting "{option.name}" must be {what} (found "{value}")') from None


def site_of(options: Mapping[str, Any]) -> str:
    """Return the address of the site without a slash at its end, for links in mails that no page sends.

    Raises
    ------
    CallError
        When the setting ``site`` is no address.
    """
    stated: str = options["site"].strip().rstrip("/")
    if stated:
        if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", stated):
            raise CallError(f'the setting "site" must begin with https:// or http:// (found "{stated}")')
        return stated
    names = [h.strip().lstrip(".") for h in options["hosts"].split(",")]
    far = [h for h in names if h and h not in ("*", "localhost", "[::1]") and not h.startswith("127.")]
    return f"{'https' if options['https'] else 'http'}://{far[0] if far else 'localhost'}"


def oidc_provider(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return what allauth needs to know of the city's own sign-in; empty when there is none.

    Raises
    ------
    CallError
        When the address of the issuer is no https address of a server.
    """
    url = options["oidc_url"].rstrip("/")
    if not url:
        return {}
    local = url.startswith(("http://127.0.0.1", "http://localhost"))
    if not (url.startswith("https://") or local):
        raise CallError(f'the setting "oidc_url" must begin with https:// (found "{url}")')
    app = {
        "provider_id": "oidc",
        "name": options["oidc_name"],
        "client_id": options["oidc_client"],
        "secret": options["oidc_secret"],
        "settings": {"server_url": url, "oauth_pkce_enabled": True},
    }
    return {"oidc": {"APPS": [app]}}
