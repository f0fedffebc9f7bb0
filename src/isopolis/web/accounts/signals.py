"""What follows when somebody changes how the account is protected: a row in the log, a fresh session key."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as factors
from django.dispatch import receiver

from isopolis.web.audit.chain import append

from .rotation import rotate

__all__: list[str] = []


def _write(user: Any, what: str) -> None:
    append("account.security", actor=user.pk, target=f"account:{user.pk}", detail={"what": what})


@receiver(account.password_changed, dispatch_uid="isopolis.password_changed")
@receiver(account.password_set, dispatch_uid="isopolis.password_set")
@receiver(account.password_reset, dispatch_uid="isopolis.password_reset")
def on_password(sender: Any, request: Any, user: Any, **more: Any) -> None:
    """Write down that the password is another one."""
    _write(user, "password")


@receiver(account.email_changed, dispatch_uid="isopolis.email_changed")
def on_email(sender: Any, request: Any, user: Any, **more: Any) -> None:
    """Write down that the address is another one."""
    _write(user, "e-mail")


@receiver(factors.authenticator_added, dispatch_uid="isopolis.factor_added")
@receiver(factors.authenticator_removed, dispatch_uid="isopolis.factor_removed")
@receiver(factors.authenticator_reset, dispatch_uid="isopolis.factor_reset")
def on_factor(sender: Any, request: Any, user: Any, **more: Any) -> None:
    """Write down that a second factor came or went, and change the key of the session."""
    _write(user, "second factor")
    if request is not None and request.session.session_key:
        rotate(request)
