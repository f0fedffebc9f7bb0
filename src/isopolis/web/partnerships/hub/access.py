"""The doors of a partnership's pages: some are for everybody, the rest for those who work in it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from isopolis.act.partnership import LEVELS_OF_ACCESS
from isopolis.web.partnerships.models import Partnership

__all__ = ["levels", "open_partnership"]

View = Callable[..., HttpResponse]


def levels(partnership: Partnership, user: Any) -> tuple[str, ...]:
    """Return which records somebody may read: ``("public",)`` for a visitor, all for a coordinator."""
    role = partnership.role_of(user)
    many = {"coordinator": 3, "reader": 2, "city": 2, "expert": 2}.get(role, 1)
    return LEVELS_OF_ACCESS[:many]


def open_partnership(view: View) -> View:
    """Give a view the partnership of its address; 404 if it is not public and not one's own."""

    @wraps(view)
    def guarded(request: HttpRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponse:
        found = Partnership.objects.filter(slug=slug).first()
        if found is None or not (found.public or found.role_of(request.user)):
            raise Http404
        return view(request, found, *args, **kwargs)

    guarded.guarded_by = "open when the partnership is public, else for its members"  # type: ignore[attr-defined]
    return guarded
