"""A worries desk served by Open311 GeoReport v2, and requests that programs hand in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from isopolis.web.api.actions import MakeToken
from isopolis.web.modules.models import Module
from isopolis.web.modules.worries.actions import EnterWorry, HandInWorry, SetUpDesk
from isopolis.web.modules.worries.caring import (
    PublishText,
    RegisterWorry,
    ResolveWorry,
    SortWorry,
)
from isopolis.web.modules.worries.models import Contact, Worry

from .worrytown import desk_module, told


@pytest.fixture
def module(city: Any, owner: Any) -> Module:
    return desk_module(city, owner)


# -- programs ------------------------------------------------------------------------------------------
@pytest.fixture
def service(module: Module, owner: Any) -> str:
    """Four registered requests over a year; the last one nobody has read."""
    city = module.process.workspace
    for days, topic, done, read in (
        (1, "worry:roads", False, True), (2, "service:street_lighting", True, True),
        (200, "worry:roads", True, True), (3, "worry:roads", False, False),
    ):  # fmt: skip
        day = timezone.localdate() - timedelta(days=days)
        one = EnterWorry(owner, city, module, f"Worry of {days} days", day=day, street="Main Street").run()
        who = (owner, city, module, one)
        SortWorry(*who, topic=topic).run()
        RegisterWorry(*who, day=day).run()
        if done:
            ResolveWorry(*who, day=day).run()
        if read:
            PublishText(*who, text=one.text).run()
    told(module, "Not registered")
    return f"{module.get_absolute_url()}georeport/v2/"


def ids(service: str, **asked: Any) -> list[str]:
    answer = Client().get(f"{service}requests.json", asked)
    assert answer.status_code == 200, answer.content
    assert answer["Access-Control-Allow-Origin"] == "*"
    return [r["service_request_id"] for r in answer.json()]


def test_requests_are_filtered_as_the_standard_says(service: str) -> None:
    today = timezone.now()
    assert ids(service) == ["1", "2"]  # 90 days without dates; only what an officer has read
    assert ids(service, status="closed") == ["2"]
    assert ids(service, status="open,closed") == ["1", "2"]
    assert ids(service, service_code="worry:roads") == ["1"]
    assert ids(service, service_code="worry:roads,service:street_lighting", status="open") == ["1"]
    # a number overrides all other filters
    assert ids(service, service_request_id="3,1,99", status="open") == ["1", "3"]
    assert ids(service, service_request_id="4") == []
    long_ago = (today - timedelta(days=205)).isoformat()
    assert ids(service, start_date=long_ago) == ["3"]
    assert ids(service, end_date=long_ago) == []
    assert ids(service, start_date=(today - timedelta(days=2, hours=23)).strftime("%Y-%m-%dT%H:%M:%SZ")) == [
        "1", "2",
    ]  # fmt: skip
    assert ids(service, page="2") == []
    one = Client().get(f"{service}requests/2.json").json()
    assert one[0]["status"] == "closed"
    assert one[0]["address"] == "Main Street"
    assert one[0]["requested_datetime"].endswith("T00:00:00Z")
    assert one[0]["service_name"] != one[0]["service_code"] == "service:street_lighting"


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ("requests.json?status=lost", 400, "open or closed"),
        ("requests.json?start_date=soon", 400, "start_date must be written as"),
        ("requests.json?start_date=2026-01-01&end_date=2026-06-01", 400, "90 days"),
        ("requests.json?start_date=2026-02-01&end_date=2026-01-01", 400, "after end_date"),
        ("requests.json?page=0", 400, "whole number"),
        ("requests/99.json", 404, "service_request_id"),
        ("requests/4.json", 404, "service_request_id"),
        ("requests/²%00.json", 404, "service_request_id"),
        ("services/nothing.json", 404, "service_code"),
        ("tokens/x.json", 404, "token"),
        ("requests.csv", 404, ".json or .xml"),
    ],
)
def test_errors_have_the_form_of_the_standard(service: str, asked: str, status: int, said: str) -> None:
    answer = Client().get(service + asked)
    assert answer.status_code == status
    assert answer.json()[0]["code"] == status
    assert said in answer.json()[0]["description"]
    if ".json" in asked:
        root = ET.fromstring(Client().get(service + asked.replace(".json", ".xml")).content)
        assert root.tag == "errors"
        assert root.findtext("error/code") == str(status)


def test_topics_and_discovery(service: str) -> None:
    listed = Client().get(f"{service}services.json").json()
    assert {"worry:roads", "service:street_lighting"} <= {s["service_code"] for s in listed}
    assert all(s["metadata"] is False and s["type"] == "realtime" for s in listed)
    root = ET.fromstring(Client().get(f"{service}services.xml").content)
    assert [s.findtext("service_code") for s in root] == [s["service_code"] for s in listed]
    defined = Client().get(f"{service}services/worry:roads.json").json()
    assert defined == {"service_code": "worry:roads", "attributes": []}
    found = Client().get(f"{service}discovery.json").json()
    assert found["endpoints"][0]["specification"].endswith("GeoReport_v2")
    assert found["endpoints"][0]["url"].endswith(service.rstrip("/"))
    assert ET.fromstring(Client().get(f"{service}discovery.xml").content).findtext("endpoint/url")


def test_a_program_hands_a_request_in_with_a_token_of_an_officer(
    module: Module, owner: Any, service: str, staff: dict[str, Any]
) -> None:
    city, path = module.process.workspace, f"{service}requests.json"
    strict = Client(enforce_csrf_checks=True)
    data = {
        "service_code": "worry:roads",
        "lat": "52.5",
        "long": "13.4",
        "description": "A hole",
        "email": "a@b.org",
    }
    off = strict.post(path, data)
    assert (off.status_code, off.json()[0]["description"]) == (
        403,
        "This desk takes no requests from programs.",
    )
    SetUpDesk(owner, city, module, ["en"], True).run()
    key = _key(owner, "write:worries")
    for given in (
        "",
        "iso_" + "x" * 43,
        _key(owner, "read:findings"),
        _key(staff["viewer"], "write:worries"),
    ):
        refused = strict.post(path, data | {"api_key": given})
        assert (refused.status_code, "write:worries" in refused.content.decode()) == (403, True)
    before = Worry.objects.count()
    answer = strict.post(path, data | {"api_key": key})
    assert answer.status_code == 201, answer.content
    token = answer.json()[0]["token"]
    made = Worry.objects.get(pk=token)
    assert (made.channel, made.proposed, made.lat, made.text) == ("import", "worry:roads", 52.5, "A hole")
    assert Worry.objects.count() == before + 1
    assert not Contact.objects.exists()
    assert Client().get(f"{service}tokens/{token}.json").json() == [{"token": token}]
    RegisterWorry(owner, city, module, made).run()
    assert Client().get(f"{service}tokens/{token}.json").json()[0]["service_request_id"] == "5"
    header = {"headers": {"authorization": f"Bearer {key}"}}
    wrong = strict.post(f"{service}requests.xml", {"lat": "north"}, **header)
    assert wrong.status_code == 400
    several = strict.post(path, {"x": "y"}, **header).json()
    assert [e["description"].split()[0] for e in several] == ["service_code", "lat", "description"]
    assert (
        "topics" in strict.post(path, data | {"service_code": "nothing"}, **header).json()[0]["description"]
    )
    assert strict.put(path).status_code == 405
    with pytest.raises(PermissionDenied):
        HandInWorry(staff["viewer"], city, module, "A hole", topic="worry:roads").run()


def _key(user: Any, scope: str) -> str:
    action = MakeToken(user, "hotline", (scope,), 30, None)
    action.run()
    return str(action.secret)
