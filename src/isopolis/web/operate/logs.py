"""Logs for people or for machines: a number for each request, and nothing that tells who somebody is.

Addresses of pages may hold one-time keys and words that somebody searched, so a log has the name of the
page instead; people and cities are there by their numbers only.
"""

from __future__ import annotations

import logging
import re
from contextvars import ContextVar
from typing import Any

from isopolis.model import CallError

__all__ = ["FORMATS", "REQUEST", "Discreet", "PlainFormatter", "json_formatter", "logging_settings"]

FORMATS = ("text", "json")
REQUEST: ContextVar[str] = ContextVar("request", default="")
"""Number of the request that is being answered, for every line that is written meanwhile."""

MAIL = re.compile(r"[^\s<>\"'()=,;]+@[^\s<>\"'(),;]+")
NETWORK = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b")


def scrub(text: str) -> str:
    """Take e-mail and network addresses out, which messages of libraries may hold."""
    return NETWORK.sub("[address]", MAIL.sub("[address]", text))


class Discreet(logging.Filter):
    """Give each record its request's number, and the page's name instead of its address."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record; none is dropped."""
        request = getattr(record, "request", None)
        record.request_id = getattr(request, "request_id", None) or REQUEST.get() or "-"
        if record.name.startswith("django.") and hasattr(request, "META"):
            record.msg, record.args = "%s (%s)", (getattr(record, "status_code", ""), name_of(request))
            record.request = None  # its text holds the address
        return True


def name_of(request: Any) -> str:
    """Name the page that a request asks for, without what is particular about it."""
    match = getattr(request, "resolver_match", None)
    return (match.view_name or "unnamed") if match else "none"


class PlainFormatter(logging.Formatter):
    """One line for people, and the trace of an error below it."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Write the record."""
        return scrub(super().format(record))


def json_formatter() -> logging.Formatter:
    """Return a formatter that writes one JSON object per line."""
    from pythonjsonlogger.json import JsonFormatter

    class Scrubbed(JsonFormatter):
        def format(self, record: logging.LogRecord) -> str:
            return scrub(super().format(record))

    return Scrubbed(
        "%(asctime)s %(levelname)s %(name)s %(message)s %(request_id)s",
        rename_fields={"asctime": "at", "levelname": "level", "name": "logger"},
        reserved_attrs=[*_usual(), "request"],
        datefmt="%Y-%m-%dT%H:%M:%S%z",
    )


def _usual() -> list[str]:
    """List the attributes that every record has; what is beyond them is ours to show."""
    return [*vars(logging.makeLogRecord({})), "message", "asctime", "taskName", "server_time"]


def logging_settings(form: str, requests: bool) -> dict[str, Any]:
    """Return Django's setting for logs.

    Raises
    ------
    CallError
        For a form that there is not.
    """
    if form not in FORMATS:
        raise CallError(f'the setting "log_format" must be {" or ".join(FORMATS)} (found "{form}")')
    here = "isopolis.web.operate.logs"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"discreet": {"()": f"{here}.Discreet"}},
        "formatters": {
            "text": {"()": f"{here}.PlainFormatter"},
            "json": {"()": f"{here}.json_formatter"},
        },
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": form, "filters": ["discreet"]}
        },
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {
            # Django has handlers of its own for these, which would write addresses of pages
            "django": {"handlers": [], "level": "WARNING", "propagate": True},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            "isopolis.web": {"level": "INFO"},
            "isopolis.web.requests": {"level": "INFO" if requests else "WARNING"},
        },
    }
