"""Metrics and logs: what machines need to watch a server, and nothing about anybody."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from isopolis.model import CallError
from isopolis.web.operate.logs import Discreet, PlainFormatter, json_formatter, logging_settings

from .towns import diagnosed


def read(text: str) -> dict[str, list[tuple[dict[str, str], float]]]:
    """Parse a page of metrics by the library's own parser."""
    out: dict[str, list[tuple[dict[str, str], float]]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            out.setdefault(sample.name, []).append((dict(sample.labels), sample.value))
    return out


# -- metrics --------------------------------------------------------------------------------
def test_metrics_count_what_happened(owner: Any, city: Any, browse: Callable[[Any], Client]) -> None:
    def answered() -> float:
        found = read(Client().get("/metrics").content.decode()).get("isopolis_requests_total", [])
        return sum(
            v for labels, v in found if labels == {"view": "workspace", "method": "GET", "status": "200"}
        )

    before = answered()
    diagnosed(owner, city)
    person = browse(owner)
    for _ in range(3):
        person.get(f"/w/{city.slug}/")
    assert answered() == before + 3
    found = read(Client().get("/metrics").content.decode())
    assert ({"state": "done"}, 2.0) in found["isopolis_jobs"]
    assert found["isopolis_database_bytes"][0][1] > 10_000
    assert found["isopolis_database_up"] == [({}, 1.0)]
    assert found["isopolis_queue_age_seconds"] == [({}, 0.0)]


def test_metrics_hold_no_address_and_no_person(
    owner: Any, city: Any, browse: Callable[[Any], Client]
) -> None:
    person = browse(owner)
    for path in (f"/w/{city.slug}/?q=secret-word", "/sign-in/secret-token/", "/no/such/secret-page"):
        person.get(path)
    person.generic("SECRETMETHOD", "/")
    page = Client().get("/metrics").content.decode()
    for word in ("secret", "SECRET", city.slug, str(city.pk), owner.email, "?q="):
        assert word not in page
    labels = {name for samples in read(page).values() for labels, _ in samples for name in labels}
    assert labels <= {"view", "method", "status", "le", "state", "version", "database"}


@pytest.mark.parametrize(
    ("token", "proxy", "meta", "code"),
    [
        ("", False, {}, 200),
        ("", False, {"REMOTE_ADDR": "::1"}, 200),
        ("", False, {"REMOTE_ADDR": "203.0.113.9"}, 404),
        ("", True, {}, 404),
        ("", False, {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 404),
        ("", False, {"HTTP_FORWARDED": "for=127.0.0.1"}, 404),
        ("t0ken", False, {}, 404),
        ("t0ken", False, {"HTTP_AUTHORIZATION": "Bearer wrong"}, 404),
        ("t0ken", False, {"HTTP_AUTHORIZATION": "t0ken"}, 404),
        ("t0ken", False, {"HTTP_AUTHORIZATION": "Bearer \u00e9"}, 404),
        ("t0ken", True, {"HTTP_AUTHORIZATION": "Bearer t0ken", "REMOTE_ADDR": "203.0.113.9"}, 200),
    ],
)
def test_who_may_read_metrics(
    db: None, settings: Any, token: str, proxy: bool, meta: dict[str, str], code: int
) -> None:
    settings.OPTIONS = settings.OPTIONS | {"metrics_token": token, "proxy": proxy}
    assert Client().get("/metrics", **meta).status_code == code


def test_metrics_answer_when_the_database_does_not(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> Any:
        raise DatabaseError

    with monkeypatch.context() as patch:
        patch.setattr("isopolis.web.operate.metrics._database_bytes", away)
        answer = Client().get("/metrics")
    assert answer.status_code == 200
    assert read(answer.content.decode())["isopolis_database_up"] == [({}, 0.0)]


# -- logs --------------------------------------------------------------------------------
class Kept(logging.Handler):
    """Keeps what a formatter makes of each record."""

    def __init__(self, formatter: logging.Formatter) -> None:
        super().__init__()
        self.setFormatter(formatter)
        self.addFilter(Discreet())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture(params=["text", "json"])
def kept(request: pytest.FixtureRequest) -> Any:
    handler = Kept(PlainFormatter() if request.param == "text" else json_formatter())
    requests, root = logging.getLogger("isopolis.web.requests"), logging.getLogger()
    before = requests.level
    requests.setLevel(logging.INFO)
    root.addHandler(handler)
    yield handler
    root.removeHandler(handler)
    requests.setLevel(before)


def test_a_request_is_one_line_without_address_or_name(
    kept: Kept, owner: Any, city: Any, browse: Callable[[Any], Client]
) -> None:
    person = browse(owner)
    answer = person.get(f"/w/{city.slug}/?q=secret-word", REMOTE_ADDR="203.0.113.9")
    person.get("/sign-in/secret-token/")
    person.post("/sign-in/secret-token/")
    person.get("/w/secret-city/")
    text = "\n".join(kept.lines)
    for word in ("secret", city.slug, city.name, owner.email, owner.name + " ", "203.0.113.9", "?q="):
        assert word not in text
    line = next(x for x in kept.lines if answer.headers["X-Request-ID"] in x)
    if line.startswith("{"):
        said = json.loads(line)
        assert (said["view"], said["status"], said["method"]) == ("workspace", 200, "GET")
        assert (said["account"], said["workspace"]) == (owner.pk, str(city.pk))
        assert said["ms"] > 0
        assert said["request_id"] == answer.headers["X-Request-ID"]
    else:
        assert re.search(r"\[[0-9a-f]{16}\] GET workspace 200 in [0-9.]+ ms$", line)


def test_an_error_has_a_number_that_the_page_shows(
    kept: Kept, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **more: Any) -> Any:
        raise RuntimeError("no account ana@example.org from 203.0.113.9")

    monkeypatch.setattr("isopolis.web.accounts.views.render", broken)
    client = Client(raise_request_exception=False)
    answer = client.get("/", headers={"X-Request-ID": "chosen-by-the-visitor"})
    assert answer.status_code == 500
    number = answer.headers["X-Request-ID"]
    assert re.fullmatch("[0-9a-f]{16}", number), "never one that the visitor chose"
    assert number in answer.content.decode()
    (line,) = [x for x in kept.lines if "Traceback" in x]
    assert number in line
    assert "RuntimeError" in line
    assert "ana@" not in line
    assert "203.0" not in line


def test_the_form_of_the_log_is_one_of_two() -> None:
    with pytest.raises(CallError, match=re.escape('must be text or json (found "xml")')):
        logging_settings("xml", False)
    assert logging_settings("json", True)["loggers"]["isopolis.web.requests"]["level"] == "INFO"
