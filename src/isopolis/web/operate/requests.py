"""The outermost layer of every request: its number, its time, its line in the log."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from isopolis.web.idle import unseen

from .logs import REQUEST, name_of
from .metrics import observe

__all__ = ["observed"]

log = logging.getLogger("isopolis.web.requests")
Respond = Callable[[HttpRequest], HttpResponse]


def observed(get_response: Respond) -> Respond:
    """Number a request, time it, count it and write one line about it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        # never a number that the browser brings: it could be a person's, or a line of its own
        request.request_id = uuid.uuid4().hex[:16]  # type: ignore[attr-defined]
        mark, started = REQUEST.set(request.request_id), time.perf_counter()  # type: ignore[attr-defined]
        try:
            response = get_response(request)
            seconds = time.perf_counter() - started
            response.headers["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]
            observe(name_of(request), request.method or "", response.status_code, seconds)
            _write(request, response, seconds)
        finally:
            REQUEST.reset(mark)
        return response

    return middleware


def _write(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    if not log.isEnabledFor(logging.INFO):
        return
    # whom the request is of is told only if the page itself had asked for that: no query for a log
    person = None if unseen(request) else getattr(request, "_cached_user", None)
    place = getattr(request, "workspace_id", None)
    facts = {
        "method": request.method,
        "view": name_of(request),
        "status": response.status_code,
        "ms": round(1000 * seconds, 1),
        "account": getattr(person, "pk", None),
        "workspace": str(place) if place else None,
    }
    log.info("%(method)s %(view)s %(status)s in %(ms)s ms", facts, extra=facts)
