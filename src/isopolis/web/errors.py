"""Pages for when something did not work: what happened, and what to do."""

from __future__ import annotations

import sys
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from .outage import outage, outage_page

__all__ = ["bad_request", "broken", "csrf_failure", "forbidden", "not_found", "too_large"]


def _page(request: HttpRequest, status: int, title: str, text: str, advice: str) -> HttpResponse:
    context = {"title": title, "text": text, "advice": advice}
    return render(request, "error.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 400."""
    return _page(
        request, 400, _("This request could not be understood"),
        _("Your browser sent something that this page does not take."),
        _("Go back, check what you entered and send it again."),
    )  # fmt: skip


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 403 with the reason when one is known."""
    return _page(
        request, 403, _("You may not do this"),
        str(exception) or _("Your role in this workspace does not allow it."),
        _("Ask an owner of the workspace for the role that you need."),
    )  # fmt: skip


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 404, the same for what does not exist and for what belongs to others."""
    return _page(
        request, 404, _("There is no such page"),
        _("The address is mistyped, or what it led to is gone, or you are not a member of that workspace."),
        _("Check the address, or go to your workspaces and look for it there."),
    )  # fmt: skip


def broken(request: HttpRequest) -> HttpResponse:
    """Answer 500, or 503 and 507 in an outage, without asking the database, which may be what is broken."""
    from django.template.loader import render_to_string

    # Django calls this while it handles the error, wherever that came from: a page, a middleware, a template
    if kind := outage(sys.exc_info()[1]):
        return outage_page(request, kind)
    return HttpResponse(
        render_to_string("500.html", {"number": getattr(request, "request_id", "")}), status=500
    )


def too_large(request: HttpRequest, most: int) -> HttpResponse:
    """Answer 413; nothing of the request has been read."""
    if request.path.startswith("/api/v1/"):
        from isopolis.web.api.problems import as_answer

        return as_answer(413, _("Most is %(megabytes)s MB.") % {"megabytes": most // 1_000_000})
    from django.template.loader import render_to_string

    return HttpResponse(render_to_string("413.html", {"megabytes": most // 1_000_000}), status=413)


def csrf_failure(request: HttpRequest, reason: str = "", **more: Any) -> HttpResponse:
    """Answer a form that did not come from our own page, or came too late."""
    return _page(
        request, 403, _("This form has expired"),
        _("The form was open for too long, or cookies are switched off in your browser."),
        _("Go back, reload the page and send the form again. Allow cookies for this site."),
    )  # fmt: skip
