"""Pages: what is kept about people, one's own data, erasing an account, records, accessibility."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from isopolis.web.actions import ValidationError
from isopolis.web.permissions import require

from . import erasure, records
from .accessibility import LIMITS, STANDARD, TESTED
from .actions import EraseAccount, ExportAccount
from .export import packed
from .forms import EraseForm
from .register import Erase

__all__ = [
    "accessibility", "erase_account", "impact_assessment", "own_data", "privacy", "records_of_processing",
]  # fmt: skip


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Say in plain words what is kept about people."""
    return render(request, "protect/privacy.html", {"entries": records.entries()} | records.contact())


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """Say how accessible the site is, how that was tested, and whom to tell of barriers."""
    context = {"standard": STANDARD, "tested": TESTED, "limits": LIMITS} | records.contact()
    return render(request, "protect/accessibility.html", context)


@login_required
@require_safe
def records_of_processing(request: HttpRequest) -> HttpResponse:
    """Show the whole table, for whoever runs the server."""
    require(request.user, "records.read")
    return render(request, "protect/records.html", {"entries": records.entries()} | records.contact())


@login_required
@require_safe
def impact_assessment(request: HttpRequest) -> HttpResponse:
    """Give the frame of an impact assessment as a file."""
    require(request.user, "records.read")
    response = HttpResponse(records.dpia(), content_type="text/markdown; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="impact-assessment.md"'
    return response


@login_required
@reauthentication_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def own_data(request: HttpRequest) -> HttpResponse:
    """Offer everything that is kept about oneself, and give it."""
    if request.method != "POST":
        return render(request, "protect/own_data.html")
    response = HttpResponse(
        packed(ExportAccount(request.user, request.user).run()), content_type="application/zip"
    )
    response.headers["Content-Disposition"] = f'attachment; filename="isopolis-account-{request.user.pk}.zip"'
    return response


@login_required
@reauthentication_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def erase_account(request: HttpRequest) -> HttpResponse:
    """Show what would go and what would stay; erase when the address is typed in."""
    user: Any = request.user
    form = EraseForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            EraseAccount(user, user, close=form.cleaned_data["close"]).run()
        except ValidationError as error:
            form.add_error(None, error)
        else:
            logout(request)
            messages.success(request, _("Your account is erased. Nothing here leads to you any more."))
            return redirect("home")
    found = erasure.plan(user)
    context = {
        "form": form,
        "plan": found,
        "goes": [line for line in found.lines if line.what is Erase.DELETE],
        "stays": [line for line in found.lines if line.what is not Erase.DELETE],
    }
    return render(request, "protect/erase.html", context)
