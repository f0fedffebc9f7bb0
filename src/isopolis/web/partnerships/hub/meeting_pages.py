"""Meetings, the registers of decisions and tasks, and calendars that other programs follow."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from isopolis.act.partnership import FORMS, STATES, calendar_of, decisions, open_tasks, tasks
from isopolis.web.languages import page_language
from isopolis.web.partnerships.models import FeedKey, Partnership

from . import shelf
from .access import levels, open_partnership
from .pages import shown
from .paging import page_of
from .voices import feed_of

__all__ = ["calendar", "decision_register", "meeting", "meetings", "private_calendar"]


@open_partnership
@require_safe
def meetings(request: HttpRequest, partnership: Partnership) -> HttpResponse:
    """List the meetings, the newest first."""
    found = shelf.records(partnership, "meeting", levels(partnership, request.user))
    feed = request.user.is_authenticated and FeedKey.objects.filter(
        partnership=partnership, user=request.user
    )
    more = {
        "page": page_of(request, shelf.newest_first(found)),
        "forms": FORMS,
        "has_feed": bool(feed and feed.exists()),
        "feed_link": request.session.pop("feed_link", "") if request.user.is_authenticated else "",
    }
    return shown(request, partnership, "meetings", more)


@open_partnership
@require_safe
def meeting(request: HttpRequest, partnership: Partnership, key: str) -> HttpResponse:
    """Show one meeting: agenda, minutes, decisions, tasks."""
    found = shelf.record(partnership, "meeting", key, levels(partnership, request.user))
    more = {"meeting": found, "forms": FORMS, "rows": tasks([found], timezone.localdate()), "states": STATES}
    return shown(request, partnership, "meeting", more)


@open_partnership
@require_safe
def decision_register(request: HttpRequest, partnership: Partnership) -> HttpResponse:
    """Search the decisions of all meetings, and list the tasks that are open."""
    found = shelf.records(partnership, "meeting", levels(partnership, request.user))
    query = request.GET.get("q", "")[:200]
    more = {
        "query": query,
        "page": page_of(request, decisions(found, query)),
        "tasks": open_tasks(found, timezone.localdate()),
        "states": STATES,
    }
    return shown(request, partnership, "decisions", more)


def _file(request: HttpRequest, partnership: Partnership, found: list[Any]) -> HttpResponse:
    page = request.build_absolute_uri(reverse("hub_meeting", args=[partnership.slug, "KEY"]))
    text = calendar_of(
        found,
        partnership.name,
        f"{partnership.pk}.isopolis",
        timezone.now(),
        page_language(),
        page=page.replace("{", "").replace("}", "").replace("KEY", "{key}"),
    )
    answer = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    answer.headers["Content-Disposition"] = f'inline; filename="{partnership.slug}.ics"'
    return answer


@open_partnership
@require_safe
def calendar(request: HttpRequest, partnership: Partnership) -> HttpResponse:
    """Give the public meetings as a calendar: the same for everybody, whoever is signed in."""
    return _file(request, partnership, shelf.records(partnership, "meeting", ("public",)))


@require_safe
def private_calendar(request: HttpRequest, token: str) -> HttpResponse:
    """Give the meetings that the owner of a secret link may read at this moment."""
    key = feed_of(token)
    if key is None or not key.user.is_active or not key.partnership.role_of(key.user):
        raise Http404
    answer = _file(
        request, key.partnership, shelf.records(key.partnership, "meeting", levels(key.partnership, key.user))
    )
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


private_calendar.guarded_by = "the token is the key"  # type: ignore[attr-defined]
