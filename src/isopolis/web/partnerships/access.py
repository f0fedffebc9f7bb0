"""The door of a partnership: who has nothing to do with it gets 404, as if there were none."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse

from isopolis.web.permissions import require

from .models import Partnership

__all__ = ["in_partnership"]

View = Callable[..., HttpResponse]


def in_partnership(verb: str) -> Callable[[View], View]:
    """Give a view the partnership of its address."""

    def wrap(view: View) -> View:
        @wraps(view)
        @login_required
        def guarded(request: HttpRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponse:
            found = Partnership.objects.filter(slug=slug).first()
            if found is None or not found.role_of(request.user):
                raise Http404
            if verb != "own":
                require(request.user, verb, partnership=found)
            return view(request, found, *args, **kwargs)

        guarded.permission = verb  # type: ignore[attr-defined]
        return guarded

    return wrap
