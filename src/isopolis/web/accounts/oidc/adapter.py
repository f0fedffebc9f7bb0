"""Who is let in by the city's sign-in, and to which account it leads."""

from __future__ import annotations

import logging
from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from isopolis.web.accounts.domains import belongs_to_staff
from isopolis.web.audit.chain import append

from .checks import check_nonce

__all__ = ["StaffAdapter"]

log = logging.getLogger(__name__)


class StaffAdapter(DefaultSocialAccountAdapter):
    """Takes verified addresses only, and links to accounts with the same verified address only."""

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Refuse what is not verified; `PermissionDenied` and `OAuth2Error` lead to the page of failures."""
        check_nonce(sociallogin.state, sociallogin.account.extra_data)
        address = sociallogin.email_addresses[0] if sociallogin.email_addresses else None
        if address is None or address.verified is not True:
            raise PermissionDenied("the city's sign-in has not verified the e-mail address")
        account = sociallogin.user
        if account is not None and account.pk is not None and not account.is_active:
            raise PermissionDenied("the account is switched off")
        by_address = getattr(sociallogin, "_did_authenticate_by_email", None)
        if by_address and not _verified_here(account, address.email):
            raise PermissionDenied("the account with this address has not verified it")

    def can_authenticate_by_email(self, login: Any, email: str) -> bool:
        """Find the account of an address only when the city's sign-in has verified it."""
        return any(a.email.lower() == email.lower() and a.verified is True for a in login.email_addresses)

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Let staff make an account even where sign-up is closed to everybody else."""
        return bool(settings.OPTIONS["signup"]) or belongs_to_staff(sociallogin.user.email)

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> Any:
        """Take over address and name."""
        user = super().populate_user(request, sociallogin, data)
        user.email = user.email.lower()
        user.name = str(data.get("name") or "")[:120]
        return user

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> Any:
        """Keep the new account and write that it was made."""
        saved = super().save_user(request, sociallogin, form)
        append("account.create", actor=saved.pk, target=f"account:{saved.pk}")
        return saved

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Any = None,
        extra_context: Any = None,
    ) -> None:
        """Write why it failed to the log of the server, nothing about whom."""
        why = (
            str(exception)
            if isinstance(exception, (OAuth2Error, PermissionDenied))
            else type(exception).__name__
        )
        log.warning("sign-in with the city account refused: %s", why)


def _verified_here(user: Any, email: str) -> bool:
    return EmailAddress.objects.filter(user=user, email__iexact=email, verified=True).exists()
