"""Errors for programs: one shape for all of them, that of RFC 9457."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from ninja import Field, Schema

__all__ = ["MEDIA_TYPE", "Problem", "ProblemError", "as_answer", "rows_of"]

MEDIA_TYPE = "application/problem+json"


class Row(Schema):
    """One thing to mend."""

    where: str = Field("", description="parameter, field, file or column")
    message: str


class Problem(Schema):
    """Why a request was not answered (RFC 9457)."""

    type: str = Field(description="what kind of problem; the same for every problem of the kind")
    title: str = Field(description="the kind in a few words")
    status: int = Field(description="the HTTP status again")
    detail: str = Field(description="what happened here and what to do")
    problems: list[Row] = Field(default_factory=list, description="each thing to mend")


class ProblemError(Exception):
    """Ends a request with a problem."""

    def __init__(
        self,
        status: int,
        detail: str,
        problems: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail
        self.problems, self.headers = problems, dict(headers or {})


def _kinds() -> dict[int, tuple[str, str]]:
    return {
        400: ("bad-request", _("The request cannot be understood")),
        401: ("no-token", _("A valid token is needed")),
        403: ("not-allowed", _("This is not allowed")),
        404: ("not-there", _("There is no such thing")),
        405: ("method", _("This cannot be done here")),
        406: ("format", _("There is no such format")),
        409: ("conflict", _("This does not fit the present state")),
        413: ("too-large", _("This is too large")),
        422: ("invalid", _("Something has to be mended first")),
        429: ("too-many", _("Too many requests")),
    }


def as_answer(
    status: int,
    detail: str,
    problems: Iterable[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Return a problem as the answer to a request."""
    kind, title = _kinds().get(status, ("error", _("This did not work")))
    body = {
        # a name, not an address: nothing has to be fetched to know what it means
        "type": f"urn:isopolis:problem:{kind}",
        "title": title,
        "status": status,
        "detail": detail,
        "problems": [{"where": p.get("where", ""), "message": p["message"]} for p in problems],
    }
    return HttpResponse(
        json.dumps(body, ensure_ascii=False),
        status=status,
        content_type=MEDIA_TYPE,
        headers=dict(headers or {}),
    )


def rows_of(errors: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return what the schema found as rows."""
    return [
        {"where": " ".join(str(part) for part in e["loc"] if part not in ("query", "path", "body", "form")),
         "message": str(e["msg"])}
        for e in errors
    ]  # fmt: skip
