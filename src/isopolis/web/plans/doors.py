"""The doors of plans: the same pages in a city and in a partnership."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse

from isopolis.web.partnerships.access import in_partnership
from isopolis.web.partnerships.models import Partnership
from isopolis.web.permissions import Verdict, may
from isopolis.web.workspaces.access import inside
from isopolis.web.workspaces.models import Workspace

from .models import ActionPlan

__all__ = ["address", "at_home", "may_here", "of_plan", "pages"]

View = Callable[..., HttpResponse]
IN_PARTNERSHIP = {
    "plan.see": "hub.read",
    "plan.manage": "partnership.manage",
    "plan.finalise": "partnership.manage",
}
"""What is asked in a partnership instead."""


def may_here(user: Any, verb: str, home: Workspace | Partnership) -> Verdict:
    """Judge a verb of plans in a city or in a partnership."""
    if isinstance(home, Partnership):
        return may(user, IN_PARTNERSHIP[verb], partnership=home)
    return may(user, verb, home)


def address(home: Workspace | Partnership, name: str, *more: Any) -> str:
    """Address of a page of plans at this place."""
    prefix = "partnership_" if isinstance(home, Partnership) else ""
    return reverse(prefix + name, args=[home.slug, *more])


def at_home(verb: str) -> Callable[[View], View]:
    """Mark a view with what it asks; it is given the workspace or the partnership."""

    def mark(view: View) -> View:
        view.asks = verb  # type: ignore[attr-defined]
        return view

    return mark


def of_plan(verb: str) -> Callable[[View], View]:
    """Mark a view that is given one plan of the place; a number of another place leads nowhere."""

    def mark(view: View) -> View:
        @wraps(view)
        def found(
            request: HttpRequest, home: Workspace | Partnership, number: int, *args: Any, **kwargs: Any
        ) -> HttpResponse:
            if number > 2**31:
                raise Http404
            where = "partnership" if isinstance(home, Partnership) else "workspace"
            row = get_object_or_404(ActionPlan, number=number, **{where: home})
            setattr(row, where, home)
            return view(request, row, *args, **kwargs)

        found.asks = verb  # type: ignore[attr-defined]
        return found

    return mark


def pages(routes: list[tuple[str, View, str]]) -> list[URLPattern]:
    """Return each page twice: under a workspace and under a partnership."""
    out = []
    for route, view, name in routes:
        verb = view.asks  # type: ignore[attr-defined]
        out.append(path(f"w/<slug:slug>/plans/{route}", inside(verb)(view), name=name))
        partner = in_partnership(IN_PARTNERSHIP[verb])(view)
        out.append(path(f"partnerships/<slug:slug>/plans/{route}", partner, name=f"partnership_{name}"))
    return out
