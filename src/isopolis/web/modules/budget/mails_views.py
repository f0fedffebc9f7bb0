"""Pages on which somebody chooses which mail comes about a budget."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from isopolis.web.modules.access import in_module
from isopolis.web.modules.models import Module

from .access import address, context_of, found
from .mails import read_key
from .mails_actions import ChooseMail
from .models import MailChoice

__all__ = ["mails", "stop"]

Wish: Any = MailChoice.Wish


class MailForm(forms.Form):
    """Which mail somebody wants."""

    wish = forms.ChoiceField(
        label=gettext_lazy("Which mail do you want?"), choices=MailChoice.Wish.choices,
        widget=forms.RadioSelect,
    )  # fmt: skip


@in_module("budget", "budget.mail")
@require_http_methods(["GET", "POST"])
def mails(request: HttpRequest, module: Module) -> HttpResponse:
    """Choose which mail one wants."""
    budget, user = found(module), request.user
    kept = MailChoice.objects.filter(user=user.pk, budget=budget).first()
    wish = kept.wish if kept is not None else Wish.OWN
    form = MailForm(request.POST or None, initial={"wish": wish})
    if request.method == "POST" and form.is_valid():
        ChooseMail(user, module.process.workspace, budget, form.cleaned_data["wish"]).run()
        messages.success(request, _("Your choice was kept."))
        return redirect(address(module, "budget_mails"))
    context: dict[str, Any] = context_of(request, module, budget) | {
        "form": form, "proved": _proved(user),
    }  # fmt: skip
    return render(request, "modules/budget/mails.html", context)


def _proved(user: Any) -> bool:
    return EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=True).exists()


@in_module("budget")
@require_http_methods(["GET", "POST"])
def stop(request: HttpRequest, module: Module, key: str) -> HttpResponse:
    """Ask once more, then stop the mail of whoever was sent this link; looking at the link stops none."""
    budget = found(module)
    user = read_key(key, budget)
    if user is None:
        raise Http404
    done = request.method == "POST"
    if done:
        ChooseMail(user, module.process.workspace, budget, Wish.NONE).run()
    context = context_of(request, module, budget) | {"done": done}
    return render(request, "modules/budget/mails_stop.html", context)
