"""Lists in pieces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest

__all__ = ["page_of"]

ROWS = 30


def page_of(request: HttpRequest, found: Sequence[Any], rows: int = ROWS) -> Page[Any]:
    """Return the piece of a list that ``?page=`` asks for."""
    return Paginator(found, rows).get_page(request.GET.get("page"))
