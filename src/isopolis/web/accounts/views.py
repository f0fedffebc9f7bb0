"""The first page, and the one-time sign-in link."""

from __future__ import annotations

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from isopolis.web.audit.chain import append

from .links import redeem

__all__ = ["home", "sign_in_link"]


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what this is, or the workspaces of whoever has signed in."""
    if request.user.is_authenticated:
        return redirect("workspaces")
    return render(request, "home.html")


@never_cache
@sensitive_variables("token")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    """Ask before spending the link, since mail programs and browsers follow links by themselves."""
    if request.method != "POST":
        response = render(request, "accounts/link.html")
    elif (user := redeem(token)) is None:
        response = render(request, "accounts/link_spent.html", status=410)
    else:
        login(request, user, backend="allauth.account.auth_backends.AuthenticationBackend")
        append("account.sign_in_by_link", actor=user.pk, target=f"account:{user.pk}")
        response = redirect("workspaces")
    response.headers["Referrer-Policy"] = "no-referrer" if request.method == "POST" else "same-origin"
    return response
