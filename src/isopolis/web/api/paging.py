"""Pages of long lists: so many from here on, and the address of the next page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from django.http import HttpRequest
from ninja import Query

__all__ = ["FARTHEST", "MOST", "Limit", "Offset", "address", "next_page"]

MOST = 1000
FARTHEST = 10**9
Limit = Annotated[int, Query(ge=1, le=MOST, description="how many at most")]
Offset = Annotated[int, Query(ge=0, le=FARTHEST, description="how many to leave out")]


def address(request: HttpRequest, changes: Mapping[str, Any]) -> str:
    """Return the address of this request with other parameters; None takes one out."""
    kept = {k: v for k, v in request.GET.items() if k not in changes}
    said = kept | {k: str(v) for k, v in changes.items() if v is not None}
    return request.build_absolute_uri(request.path + (f"?{urlencode(said)}" if said else ""))


def next_page(request: HttpRequest, limit: int, offset: int, matched: int) -> str | None:
    """Return the address of the next page, if there is one."""
    return address(request, {"limit": limit, "offset": offset + limit}) if offset + limit < matched else None
