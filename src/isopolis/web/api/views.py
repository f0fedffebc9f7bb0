"""Pages of tokens: see them, make one, revoke one; and the page that lists what programs may ask."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from isopolis.web.actions import ValidationError

from .actions import MakeToken, RevokeToken
from .forms import TokenForm
from .models import ApiToken
from .scopes import SCOPES

__all__ = ["manual", "new", "revoke", "tokens"]


@login_required
@require_safe
def tokens(request: HttpRequest) -> HttpResponse:
    """List one's own tokens."""
    mine = ApiToken.objects.filter(user=request.user, revoked_at=None).select_related("workspace")
    rows = [
        {
            "token": t,
            "scopes": [SCOPES[s] for s in t.scopes if s in SCOPES],
            "over": not t.valid(timezone.now()),
        }
        for t in mine.order_by("-created_at")
    ]
    return render(request, "api/tokens.html", {"rows": rows})


@never_cache
@login_required
@reauthentication_required
@sensitive_variables("action")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Make a token and show it this once."""
    form = TokenForm(request.user, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        action = MakeToken(request.user, given["name"], given["scopes"], given["days"], given["only"])
        try:
            made = action.run()
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return render(request, "api/made.html", {"token": made, "secret": action.secret})
    return render(request, "api/new.html", {"form": form}, status=422 if form.errors else 200)


@login_required
@require_POST
def revoke(request: HttpRequest, token: UUID) -> HttpResponse:
    """End a token; this asks for no password, since it takes a right away."""
    mine = get_object_or_404(ApiToken, pk=token, user=request.user)
    try:
        RevokeToken(request.user, mine).run()
        messages.success(request, _("The token is revoked. Programs that use it are refused from now on."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("tokens")


@require_safe
def manual(request: HttpRequest) -> HttpResponse:
    """List everything that programs may ask for, from the same schema that programs read."""
    from .service import api

    return render(request, "api/manual.html", {"operations": operations(api.get_openapi_schema())})


def operations(schema: Any) -> list[dict[str, Any]]:
    """Flatten an OpenAPI schema into rows for a page."""
    return [
        {
            "method": method.upper(), "path": path, "summary": said["summary"],
            "text": said.get("description", ""), "parameters": said.get("parameters", []),
            "answers": ", ".join(sorted(map(str, said["responses"]))),
            "scopes": [s for option in said.get("security", []) for names in option.values() for s in names],
        }
        for path, methods in schema["paths"].items()
        for method, said in methods.items()
    ]  # fmt: skip
