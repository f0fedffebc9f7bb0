"""How allauth behaves here."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest

__all__ = ["Adapter"]


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
