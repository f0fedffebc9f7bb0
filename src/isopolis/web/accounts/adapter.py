"""How allauth behaves here."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from .domains import belongs_to_staff

__all__ = ["Adapter", "FactorAdapter", "refuse_staff"]


class Adapter(DefaultAccountAdapter):
    """Sign-up can be closed by a setting; every sign-up is in the audit log."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Tell whether anyone may make an account."""
        return bool(settings.OPTIONS["signup"])

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        """Keep the new account and write that it was made."""
        from isopolis.web.audit.chain import append

        saved = super().save_user(request, user, form, commit)
        if commit:
            append("account.create", actor=saved.pk, target=f"account:{saved.pk}")
        return saved

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse a password for addresses of staff, before anything about the account is looked up."""
        refuse_staff(str(credentials.get("email") or ""))
        super().pre_authenticate(request, **credentials)

    def pre_login(self, request: HttpRequest, user: Any, **hints: Any) -> HttpResponse | None:
        """Let staff in by the city's sign-in only, not by a passkey that they made before."""
        methods = {record.get("method") for record in get_authentication_records(request, user)}
        if belongs_to_staff(user.email) and not methods & {"socialaccount", "link"}:
            messages.error(request, _staff_sentence())
            return redirect("account_login")
        answer: HttpResponse | None = super().pre_login(request, user, **hints)
        return answer

    def send_password_reset_mail(self, user: Any, email: str, context: dict[str, Any]) -> None:
        """Send no link for a password that would not be taken; the page says the same as always."""
        if not belongs_to_staff(email):
            super().send_password_reset_mail(user, email, context)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # the library counts by the name of the site too, which whoever asks can vary by the port in Host
        return str(credentials.get("email") or credentials.get("username") or "").strip().lower()


class FactorAdapter(DefaultMFAAdapter):
    """Second factors and passkeys."""

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Name this server for the passkeys that are made on it."""
        made: dict[str, str] = super().get_public_key_credential_rp_entity()
        return made | {"name": "Isopolis"}


def refuse_staff(email: str) -> None:
    """Raise `ValidationError` for an address of staff; the answer depends on its domain only."""
    if belongs_to_staff(email):
        raise ValidationError(_staff_sentence(), code="staff")


def _staff_sentence() -> str:
    said = _("Addresses of this domain sign in with “%(name)s”: use that button.")
    return said % {"name": settings.OPTIONS["oidc_name"]}
