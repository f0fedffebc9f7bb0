"""The page of a link on which a contact agrees to be named, or takes that back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from isopolis.web.actions import ValidationError

from .contact import GiveConsent, LinkHolder, TakeConsentBack, contact_of

__all__ = ["contact"]


@never_cache
@sensitive_variables("token")
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest, token: str) -> HttpResponse:
    """Show what would be shown of the person; only the buttons change something, not opening the link."""
    found = contact_of(token)
    if found is None:
        return render(request, "library/contact_gone.html", status=410)
    if request.method == "POST":
        kind = TakeConsentBack if "take_back" in request.POST else GiveConsent
        try:
            kind(LinkHolder(found.digest), found).run()
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect("library_contact", token)
        if kind is TakeConsentBack:
            return render(request, "library/contact_gone.html", {"thanks": True})
        messages.success(request, _("Thank you. You can take this back here at any time: keep the link."))
        return redirect("library_contact", token)
    return render(request, "library/contact.html", {"contact": found, "entry": found.entry})


# who is asked needs no account: the token in the address is the key
contact.open_door = "token"  # type: ignore[attr-defined]
