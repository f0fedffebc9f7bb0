"""The door of a workspace: one place that decides between 404, 403 and the page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse

from isopolis.web.permissions import require, verdicts

from .models import Workspace

__all__ = ["allowed", "inside"]

View = Callable[..., HttpResponse]


def inside(verb: str) -> Callable[[View], View]:
    """Give a view the workspace of its address.

    Who is no member gets 404, as if there were no such city; a member whose role is not enough
    gets 403 with the reason.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        @login_required
        def guarded(request: HttpRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponse:
            workspace = Workspace.objects.filter(slug=slug, membership__user=request.user).first()
            if workspace is None:
                raise Http404
            request.workspace_id = workspace.pk  # type: ignore[attr-defined]  # for the log
            require(request.user, verb, workspace)
            return view(request, workspace, *args, **kwargs)

        guarded.permission = verb  # type: ignore[attr-defined]
        return guarded

    return wrap


def allowed(request: HttpRequest, workspace: Workspace, *verbs: str) -> dict[str, bool]:
    """Tell a template which buttons to show: ``{"data_upload": True}``."""
    judged = verdicts(request.user, verbs, workspace)
    return {verb.replace(".", "_"): bool(verdict) for verb, verdict in judged.items()}
