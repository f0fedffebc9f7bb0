"""The door of the interface: whose token, which workspace, which role, how often."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.translation import gettext as _
from ninja.security import HttpBearer

from isopolis.web.permissions import require
from isopolis.web.workspaces.models import Workspace

from .limits import address_key, counter
from .models import ApiToken
from .problems import ProblemError, as_answer
from .scopes import SCOPES
from .tags import tag_of
from .tokens import find

__all__ = ["Bearer", "gate", "may_use", "needs", "workspaces_of"]

View = Callable[..., Any]
UNAUTHORIZED = 'Bearer realm="Isopolis"'


class Bearer(HttpBearer):
    """A token in the header ``Authorization: Bearer …``; cookies and addresses open nothing."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        """Return the token if it is good, and count the request as its own."""
        found = find(token.strip())
        if found is not None:
            _count(request, f"token:{found.pk}", settings.OPTIONS["api_per_minute"])
        return found


def _count(request: HttpRequest, who: str, limit: int) -> None:
    allowance = counter.ask(who, limit)
    request.allowance = allowance
    if not allowance.granted:
        raise ProblemError(
            429,
            _("More than %(limit)s requests came within a minute. Go on in %(seconds)s seconds.")
            % {"limit": limit, "seconds": allowance.reset},
        )


def _count_address(request: HttpRequest) -> None:
    """Count a request that no token stands for."""
    _count(request, address_key(request), settings.OPTIONS["api_anonymous_per_minute"])


def workspaces_of(token: ApiToken) -> Any:
    """Return the workspaces that the token reaches: those of its owner today, or the one it was made for."""
    mine = Workspace.objects.filter(membership__user=token.user)
    return mine if token.workspace_id is None else mine.filter(pk=token.workspace_id)


def may_use(token: ApiToken, scope: str) -> None:
    """Refuse when the token was not made for this."""
    if scope and scope not in token.scopes:
        raise ProblemError(
            403,
            _("This token was made without the scope %(scope)s. Make another one that has it.")
            % {"scope": scope},
            headers={"WWW-Authenticate": f'{UNAUTHORIZED}, error="insufficient_scope", scope="{scope}"'},
        )


def needs(scope: str, verb: str) -> Callable[[View], View]:
    """Let a view in only with this scope, inside a workspace of the token, for a role that may do `verb`.

    The view finds the workspace in ``request.workspace``. A workspace of others is not there.
    """
    assert scope in SCOPES or not scope

    def wrap(view: View) -> View:
        @wraps(view)
        def entered(request: HttpRequest, workspace: str, *args: Any, **kwargs: Any) -> Any:
            may_use(request.auth, scope)
            found = workspaces_of(request.auth).filter(slug=workspace).first()
            if found is None:
                raise Http404
            require(request.auth.user, verb, found)
            request.workspace = found
            return view(request, workspace, *args, **kwargs)

        # the schema is made from this, and the names in it are known where the view was written
        entered.__signature__ = inspect.signature(view, eval_str=True)  # type: ignore[attr-defined]
        entered.scope, entered.permission = scope, verb  # type: ignore[attr-defined]
        return entered

    return wrap


def gate(view: View, *, public: bool = False) -> View:
    """Give every answer of the interface what it must carry, and every error its shape."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.allowance = None
        try:
            # where no token is asked for, a header with one must not put the counting off
            if public or "authorization" not in request.headers:
                _count_address(request)
            response = view(request, *args, **kwargs)
            if request.allowance is None:  # what was sent is no token: it cannot be tried out without end
                _count_address(request)
        except ProblemError as error:
            response = as_answer(error.status, error.detail, error.problems, error.headers)
        if response.status_code == 405:
            allowed = response.headers.get("Allow", "")
            detail = _("Use one of these methods: %(methods)s.") % {"methods": allowed}
            response = as_answer(405, detail, headers={"Allow": allowed})
        return _finished(request, response, public)

    answered.csrf_exempt = True  # type: ignore[attr-defined]
    return answered


def _finished(request: HttpRequest, response: HttpResponse, public: bool) -> HttpResponse:
    safe = request.method in ("GET", "HEAD")
    if safe and response.status_code == 200 and not response.streaming and "ETag" not in response.headers:
        response.headers["ETag"] = tag_of(response.content)
    if safe and response.status_code == 200 and "ETag" in response.headers:
        changed = get_conditional_response(request, etag=response.headers["ETag"], response=response)
        if changed is not response:
            response.close()
        response = changed
    for name, value in request.allowance.headers().items() if request.allowance else ():
        response.headers[name] = value
    if public:
        # published for everybody, so that maps on other sites may show it too
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        for_people = response.headers.get("Content-Type", "").startswith("text/html")
        patch_cache_control(response, **{"private" if for_people else "public": True}, no_cache=True)
    else:
        patch_cache_control(response, private=True, no_cache=True)
        patch_vary_headers(response, ["Authorization"])
    return response
