"""Telling an outage from a defect: the disk is full, the database is away; and the page that says so.

Nothing here asks the database or writes anything.
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import Error, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

__all__ = ["AWAY", "FULL", "little_space", "outage", "outage_page"]

FULL, AWAY = "full", "away"
NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
RETRY_SECONDS = 10
LITTLE = 1_000_000

# SQLite calls a wrong question an operational error too; that is a defect and no outage
DEFECTS = ("no such ", "near ", "no column ", "table ", "unrecognized ", "incomplete input")


def outage(error: BaseException | None) -> str:
    """Return `FULL` or `AWAY` when that is what lies behind an error, else nothing."""
    chain = list(_chain(error))
    if any(_full(e) for e in chain):
        return FULL
    if not any(_away(e) for e in chain):
        return ""
    # on a full disk SQLite also fails in other words
    return FULL if little_space() else AWAY


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _full(error: BaseException) -> bool:
    if isinstance(error, OSError) and error.errno in NO_SPACE:
        return True
    text = str(error)
    return getattr(error, "sqlstate", "") == "53100" or (
        isinstance(error, Error) and ("disk is full" in text or "No space left" in text)
    )


def _away(error: BaseException) -> bool:
    if isinstance(error, InterfaceError):
        return True
    return isinstance(error, OperationalError) and not str(error).startswith(DEFECTS)


def little_space() -> bool:
    """Tell whether next to nothing fits on the disk of the data folder any more."""
    try:
        return shutil.disk_usage(Path(settings.DATA_DIR)).free < LITTLE
    except OSError:
        return False


def outage_page(request: HttpRequest, kind: str) -> HttpResponse:
    """Answer 507 or 503 with what happened and what to do."""
    status = 507 if kind == FULL else 503
    if kind == FULL:
        title, text = (
            _("There is no space left"),
            _(
                "The disk of this server is full. What you sent was not kept; everything kept before "
                "is safe, and can be read."
            ),
        )
        advice = _("Tell the people who run this server. Send it again when they have made room.")
    else:
        title, text = (
            _("The platform is out of reach for a moment"),
            _(
                "The database does not answer. It is not known whether what you sent just now was kept; "
                "everything that was confirmed before is safe."
            ),
        )
        advice = _("Wait a minute, load the page again, and look whether your last change is there.")
    said = {"title": title, "text": text, "advice": advice}
    response: HttpResponse
    if request.path.startswith("/api/"):
        response = JsonResponse(
            {"title": str(title), "status": status, "detail": f"{text} {advice}"},
            status=status, content_type="application/problem+json",
        )  # fmt: skip
    else:
        response = HttpResponse(render_to_string("outage.html", said), status=status)
    response.headers["Retry-After"] = str(RETRY_SECONDS if kind == AWAY else 60 * RETRY_SECONDS)
    response.headers["Cache-Control"] = "no-store"
    return response
