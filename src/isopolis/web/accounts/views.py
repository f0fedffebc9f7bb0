"""The first page, and the one-time sign-in link."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from isopolis.web.audit.chain import append
from isopolis.web.workspaces.models import Workspace

from .actions import EditProfile
from .forms import ProfileForm
from .links import redeem

__all__ = ["account", "home", "sign_in_link", "sign_out_everywhere"]

ELSEWHERE = (("tokens", "tokens"), ("data", "own_data"), ("erase", "erase_account"))
"""Names of addresses of other apps that the account page leads to, when they are installed."""


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what this is, or the workspaces of whoever has signed in."""
    if request.user.is_authenticated:
        return redirect("workspaces")
    return render(request, "home.html")


def start_page(user: Any) -> str:
    """Address where somebody begins: the workspace when there is one only, else the list."""
    mine = list(Workspace.objects.filter(membership__user=user).order_by("pk")[:2])
    return mine[0].get_absolute_url() if len(mine) == 1 else reverse("workspaces")


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
        append("account.sign_in_by_link", actor=user.pk, target=f"account:{user.pk}")
        record_authentication(request, user, "link")
        # the stages of signing in follow: a second factor, if the account has one, is asked for
        response = perform_login(
            request, Login(user=user, email_verification="none", redirect_url=start_page(user))
        )
    response.headers["Referrer-Policy"] = "no-referrer" if request.method == "POST" else "same-origin"
    return response


@login_required
@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Keep name and language; lead to everything else about the account."""
    user = request.user
    form = ProfileForm(request.POST or None, initial={"name": user.name, "language": user.language})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        EditProfile(user, said["name"], said["language"]).run()
        messages.success(request, _("Your name and language were kept."))
        response = redirect("your_account")
        if said["language"]:
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                said["language"],
                httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
                samesite=settings.LANGUAGE_COOKIE_SAMESITE,
                secure=settings.LANGUAGE_COOKIE_SECURE,
            )
        else:
            response.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
        return response
    factors = Authenticator.objects.filter(user=user)
    context = {
        "form": form,
        "passkeys": factors.filter(type="webauthn").count(),
        "totp": factors.filter(type="totp").exists(),
        "sessions": UserSession.objects.filter(user=user).count(),
        "city_sign_in_offered": bool(settings.OPTIONS["oidc_url"]),
        "city_sign_in": SocialAccount.objects.filter(user=user).exists(),
        "elsewhere": {name: address for name, url in ELSEWHERE if (address := _address(url))},
    }
    return render(request, "accounts/account.html", context)


@login_required
@require_POST
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """End every session of the account, this one too."""
    user = request.user
    for session in UserSession.objects.filter(user=user):
        session.end()
    append("account.sign_out_everywhere", actor=user.pk, target=f"account:{user.pk}")
    logout(request)
    messages.success(request, _("You are signed out everywhere."))
    return redirect("home")


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
