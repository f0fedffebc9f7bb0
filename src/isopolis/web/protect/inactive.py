"""Accounts that nobody uses: a warning by mail first, erasure later. Accounts that were never confirmed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import send_mail
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

__all__ = ["clean", "clean_unverified", "unused", "unverified"]


def unused(limit: datetime) -> Any:
    """Return the accounts that nobody has signed in to since `limit`."""
    seen = Q(last_login__lt=limit) | Q(last_login=None, joined_at__lt=limit)
    return get_user_model().objects.filter(seen, is_admin=False).order_by("pk")


def unverified(limit: datetime) -> Any:
    """Return accounts made before `limit` whose address was never confirmed and that were never used."""
    users = get_user_model().objects.filter(joined_at__lt=limit, last_login=None, is_admin=False)
    return users.filter(membership=None).exclude(emailaddress__verified=True).order_by("pk")


def clean(limit: datetime, dry: bool) -> int:
    """Warn the owners of unused accounts, and erase those that were warned long enough ago.

    Without a mail server nobody can be warned, so nobody is erased. An account that is the last owner
    of a workspace stays until the workspace has another one.
    """
    from .models import Warned

    if not settings.OPTIONS["email_url"]:
        return 0
    now = limit + timedelta(days=settings.OPTIONS["inactive_days"])
    patience = now - timedelta(days=settings.OPTIONS["inactive_warning_days"])
    candidates = {u.pk: u for u in unused(limit)}
    if not dry:
        # who has come back since is no candidate any more, and will be warned anew one day
        Warned.objects.exclude(user__in=candidates).delete()
    warned = dict(Warned.objects.filter(user__in=candidates).values_list("user", "at"))
    late = [u for pk, u in candidates.items() if pk in warned and warned[pk] <= patience]
    if not dry:
        for user in candidates.values():
            if user.pk not in warned:
                _warn(user, now)
    return sum(_erase(user, dry) for user in late)


def clean_unverified(limit: datetime, dry: bool) -> int:
    """Erase accounts that were never confirmed, where addresses are confirmed at all."""
    if not settings.OPTIONS["email_url"]:
        return 0
    return sum(_erase(user, dry) for user in list(unverified(limit)))


def _warn(user: Any, now: datetime) -> None:
    from .models import Warned

    body = render_to_string(
        "protect/warning.txt",
        {
            "days": settings.OPTIONS["inactive_warning_days"],
            "years": settings.OPTIONS["inactive_days"] // 365,
        },
    )
    send_mail(_("Your account will be erased"), body, settings.DEFAULT_FROM_EMAIL, [user.email])
    Warned.objects.create(user=user, at=now)


def _erase(user: Any, dry: bool) -> bool:
    from .actions import SERVER, EraseAccount
    from .erasure import plan

    found = plan(user)
    if found.hand_over or found.alone:
        return False
    if not dry:
        EraseAccount(SERVER, user).run()
    return True
