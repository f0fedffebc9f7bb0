"""Open311 GeoReport v2: topics and registered worries for programs, and requests that they hand in.

Only what an officer has read is served; texts only where they are published, places only with their texts.
Contacts are in no answer.

References
----------
Open311 GeoReport API v2, http://wiki.open311.org/GeoReport_v2/ and service discovery,
http://wiki.open311.org/Service_Discovery/.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from isopolis.engage.worries.georeport import request_rows, requests_xml, service_rows, services_xml, to_xml
from isopolis.web.actions import ValidationError
from isopolis.web.api.limits import address_key, counter
from isopolis.web.api.tokens import find
from isopolis.web.languages import page_language
from isopolis.web.modules.access import in_module
from isopolis.web.modules.models import Module
from isopolis.web.permissions import may

from .actions import HandInWorry
from .models import Worry, desk_of
from .views import address
from .words import single_desk, topic_names

__all__ = ["MOST", "SCOPE", "SPAN"]

MOST = 1000
SPAN = timedelta(days=90)
SCOPE = "write:worries"
FORMS = {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}

View = Callable[..., HttpResponse]


@dataclass
class _RefusedError(Exception):
    """What is wrong with a request, in the standard's words: a code of HTTP and sentences."""

    status: int
    said: tuple[str, ...]


def _door(*methods: str) -> Callable[[View], View]:
    """Open a view to programs: errors in the standard's form, a limit per minute, no cookies."""

    def wrap(view: View) -> View:
        inner = in_module("worries")(view)

        @csrf_exempt
        @wraps(view)
        def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            form = kwargs.get("form", "json")
            try:
                if form not in FORMS:
                    raise _RefusedError(404, (_("Ask for .json or .xml."),))
                if request.method not in (*methods, "HEAD"):
                    raise _RefusedError(405, (_("This address does not take this method."),))
                _within_limit(request)
                answer = inner(request, *args, **kwargs)
            except Http404:
                answer = _errors(form, 404, (_("There is no such thing here."),))
            except _RefusedError as error:
                answer = _errors(form, error.status, error.said)
            if answer.status_code == 405:
                answer["Allow"] = ", ".join(methods)
            answer["Access-Control-Allow-Origin"] = "*"
            answer["Cross-Origin-Resource-Policy"] = "cross-origin"
            answer["Cache-Control"] = "no-cache"
            return answer

        return answered

    return wrap


def _within_limit(request: HttpRequest) -> None:
    limit = settings.OPTIONS["api_anonymous_per_minute"]
    if not counter.ask(address_key(request), limit).granted:
        said = _("More than %(limit)s requests came within a minute.") % {"limit": limit}
        raise _RefusedError(429, (said,))


def _errors(form: str, status: int, said: tuple[str, ...]) -> HttpResponse:
    rows = [{"code": status, "description": str(s)} for s in said]
    return _written(form, rows, to_xml("errors", "error", rows), status)


def _written(form: str, told: Any, xml: str, status: int = 200) -> HttpResponse:
    if form == "xml":
        return HttpResponse(xml, content_type=FORMS["xml"], status=status)
    body = json.dumps(told, ensure_ascii=False, allow_nan=False)
    return HttpResponse(body, content_type=FORMS.get(form, FORMS["json"]), status=status)


# -- what there is -----------------------------------------------------------------------------------------
@_door("GET")
def discovery(request: HttpRequest, module: Module, form: str) -> HttpResponse:
    """Say where the service is, and in which forms."""
    root = request.build_absolute_uri(address(module, "georeport_services", "json"))
    root = root.rsplit("/services.", 1)[0]
    desk, contact = desk_of(module), settings.OPTIONS["controller_contact"]
    told = {
        "changeset": (desk.counted_at or module.process.published_at or timezone.now()).isoformat(),
        "contact": contact or module.process.workspace.name,
        "key_service": _("Tokens are made on the page of an account.") if desk.takes_requests else "",
        "endpoints": [
            {
                "specification": "http://wiki.open311.org/GeoReport_v2",
                "url": root,
                "changeset": (module.process.published_at or timezone.now()).isoformat(),
                "type": "production",
                "formats": [FORMS["json"].partition(";")[0], FORMS["xml"].partition(";")[0]],
            }
        ],
    }
    flat = {k: v for k, v in told.items() if k != "endpoints"}
    ends = [{**e, "formats": " ".join(e["formats"])} for e in told["endpoints"]]
    xml = to_xml("discovery", "endpoint", ends, head=flat)
    return _written(form, told, xml)


@_door("GET")
def services(request: HttpRequest, module: Module, form: str) -> HttpResponse:
    """List the topics."""
    rows = service_rows(topic_names(page_language()))
    return _written(form, list(rows), services_xml(rows))


@_door("GET")
def service(request: HttpRequest, module: Module, code: str, form: str) -> HttpResponse:
    """Define a topic: it asks for nothing beyond the worry itself."""
    if code not in topic_names("en"):
        raise _RefusedError(404, (_("service_code was not found"),))
    told = {"service_code": code, "attributes": []}
    xml = to_xml("service_definition", "attribute", [], head={"service_code": code})
    return _written(form, told, xml)


# -- requests ----------------------------------------------------------------------------------------------
@_door("GET", "POST")
def requests(request: HttpRequest, module: Module, form: str) -> HttpResponse:
    """List registered worries that an officer has read, the newest first; or take a request."""
    if request.method == "POST":
        return _hand_in(request, module, form)
    found = _filtered(request, module)
    page = _number(request.GET.get("page") or "1", "page")
    found = found.order_by("-received_at", "-pk")[(page - 1) * MOST : page * MOST]
    rows = _rows(list(found))
    return _written(form, rows, requests_xml(rows))


@_door("GET")
def one(request: HttpRequest, module: Module, request_id: str, form: str) -> HttpResponse:
    """Give one request."""
    found = _served(module).filter(_numbered([request_id])).first()
    if found is None:
        raise _RefusedError(404, (_("service_request_id was not found"),))
    rows = _rows([found])
    return _written(form, rows, requests_xml(rows))


@_door("GET")
def token(request: HttpRequest, module: Module, token: str, form: str) -> HttpResponse:
    """Tell which number a request got, once it is registered."""
    try:
        found = Worry.objects.filter(pk=UUID(token), desk__module=module).first()
    except ValueError:
        found = None
    if found is None:
        raise _RefusedError(404, (_("token was not found"),))
    row = {"token": str(found.pk)}
    if found.registered:
        row["service_request_id"] = found.request_id
    return _written(form, [row], to_xml("service_requests", "request", [row]))


def _served(module: Module) -> Any:
    return Worry.objects.filter(desk=desk_of(module), registered=True).exclude(state=Worry.State.UNREAD)


def _numbered(numbers: list[str]) -> Q:
    """Find by the number of the desk it came from, or by ours."""
    ours = [int(n) for n in numbers if n.isascii() and n.isdecimal() and len(n) < 10]
    return Q(outside__in=[n for n in numbers if n and "\0" not in n]) | Q(outside="", number__in=ours)


def _number(text: str, name: str) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < len(text) < 7 and int(text)):
        raise _RefusedError(400, (_("%(name)s must be a whole number from 1 on") % {"name": name},))
    return int(text)


def _filtered(request: HttpRequest, module: Module) -> Any:
    """Keep to the filters of the standard; the number overrides all others."""
    asked = {k: v.replace("\0", "") for k, v in request.GET.items()}
    rows = _served(module)
    if asked.get("service_request_id"):
        return rows.filter(_numbered(_listed(asked["service_request_id"])))
    if asked.get("service_code"):
        codes = _listed(asked["service_code"])
        rows = rows.filter(Q(topic__in=codes) | Q(topic="", proposed__in=codes))
    if asked.get("status"):
        states = set(_listed(asked["status"]))
        if states - {"open", "closed"}:
            raise _RefusedError(400, (_("status must be open or closed"),))
        if len(states) == 1:
            rows = rows.filter(resolved="closed" in states)
    start, end = _span(asked)
    return rows.filter(received_at__gte=start, received_at__lte=end)


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")][:MOST]


def _span(asked: dict[str, str]) -> tuple[datetime, datetime]:
    """Return from when to when: 90 days at most, the last ones when nothing is said."""
    start, end = (_moment(asked.get(k, ""), k) for k in ("start_date", "end_date"))
    if start and end and start > end:
        raise _RefusedError(400, (_("start_date must not be after end_date"),))
    if start and end and end - start > SPAN:
        raise _RefusedError(400, (_("start_date and end_date must not be more than 90 days apart"),))
    if start is None:
        end = end or timezone.now()
        return end - SPAN, end
    return start, end or start + SPAN


def _moment(text: str, name: str) -> datetime | None:
    if not text:
        return None
    try:
        # a plus sign in an address is read as a blank
        made = datetime.fromisoformat(text.strip().replace(" ", "+", 1) if "T" in text else text.strip())
        if not 1900 <= made.year <= 2200:
            raise ValueError(text)
    except ValueError:
        said = _("%(name)s must be written as 2026-02-17T08:30:00Z") % {"name": name}
        raise _RefusedError(400, (said,)) from None
    return made if made.tzinfo else made.replace(tzinfo=UTC)


def _rows(found: list[Worry]) -> list[dict[str, Any]]:
    """Write worries as the standard does; what is hidden, and its place, is left out."""
    for one in found:
        shown = one.state == Worry.State.SHOWN
        one.text = one.public_text if shown else ""
        if not shown:
            one.lat = one.lon = None
    rows = request_rows(single_desk(found), topic_names(page_language()))
    return [_finished(row, one) for row, one in zip(rows, found, strict=True)]


def _finished(row: dict[str, Any], one: Worry) -> dict[str, Any]:
    more: dict[str, Any] = {}
    if one.state == Worry.State.HIDDEN:
        more["status_notes"] = _("The text is hidden; the reason stands in the public log.")
    elif one.street and one.channel != "web":  # what a resident typed there no officer was shown to publish
        more["address"] = one.street
    # the platform's clock is that of UTC
    times = {k: f"{row[k]}Z" for k in ("requested_datetime", "updated_datetime") if k in row}
    if one.state == Worry.State.SHOWN and one.zone:
        more["zone"] = one.zone
    return row | times | more


# -- handing in --------------------------------------------------------------------------------------------
def _hand_in(request: HttpRequest, module: Module, form: str) -> HttpResponse:
    """Take a request of a program that acts for an officer; names and addresses of people are not kept."""
    who = _program(request, module)
    given = {k: v.replace("\0", "").strip() for k, v in request.POST.items()}
    lat, lon = _point(given)
    wrong = []
    if not given.get("service_code"):
        wrong.append(_("service_code was not provided"))
    if lat is None and not given.get("address_string"):
        wrong.append(_("lat and long, or address_string, must be provided"))
    if not given.get("description"):
        wrong.append(_("description was not provided"))
    if wrong:
        raise _RefusedError(400, tuple(wrong))
    change = HandInWorry(
        who, module.process.workspace, module, given["description"], street=given.get("address_string", ""),
        topic=given["service_code"], lat=lat, lon=lon,
    )  # fmt: skip
    try:
        made = change.run()
    except ValidationError as error:
        raise _RefusedError(400, tuple(error.messages)) from None
    except PermissionDenied as error:
        raise _RefusedError(403, (str(error),)) from None
    row = {
        "token": str(made.pk),
        "service_notice": _("It is received; its number comes when it is taken up."),
    }
    return _written(form, [row], to_xml("service_requests", "request", [row]), 201)


def _program(request: HttpRequest, module: Module) -> Any:
    """Return for whom a program acts: its token comes as ``api_key`` or in the header."""
    city = module.process.workspace
    if not desk_of(module).takes_requests:
        raise _RefusedError(403, (_("This desk takes no requests from programs."),))
    header = request.headers.get("authorization", "")
    given = header[7:] if header.lower().startswith("bearer ") else request.POST.get("api_key", "")
    found = find(given.strip()) if given else None
    reach = found is not None and found.workspace_id in (None, city.pk) and SCOPE in found.scopes
    if found is None or not reach or not may(found.user, "worries.manage", city, module):
        said = _("api_key must be a token with the scope %(scope)s of an officer of this city")
        raise _RefusedError(403, (said % {"scope": SCOPE},))
    if not counter.ask(f"token:{found.pk}", settings.OPTIONS["api_per_minute"]).granted:
        raise _RefusedError(429, (_("Too many requests came from this token within a minute."),))
    return found.user


def _point(given: dict[str, str]) -> tuple[float | None, float | None]:
    lat, lon = given.get("lat", ""), given.get("long", "")
    if not lat and not lon:
        return None, None
    try:
        north, east = float(lat), float(lon)
    except ValueError:
        north = east = math.nan
    if not (abs(north) <= 90 and abs(east) <= 180):
        raise _RefusedError(400, (_("lat and long must be degrees"),))
    return north, east
