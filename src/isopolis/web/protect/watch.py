"""A line in the server's log for everything that has to do with signing in, by number, never by address."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver

__all__: list[str] = []

log = logging.getLogger("isopolis.web.security")


def _methods(request: Any) -> str:
    records = request.session.get("account_authentication_methods", []) if request is not None else []
    return ", ".join(dict.fromkeys(str(r.get("method")) for r in records)) or "password or link"


@receiver(user_logged_in, dispatch_uid="isopolis.watch.in")
def on_sign_in(sender: Any, request: Any, user: Any, **more: Any) -> None:
    """Write that an account came in, and how."""
    log.info("sign-in of account %s (%s)", user.pk, _methods(request))


@receiver(user_logged_out, dispatch_uid="isopolis.watch.out")
def on_sign_out(sender: Any, request: Any, user: Any, **more: Any) -> None:
    """Write that an account left."""
    log.info("sign-out of account %s", getattr(user, "pk", None))


@receiver(user_login_failed, dispatch_uid="isopolis.watch.failed")
def on_failure(sender: Any, credentials: Any, request: Any = None, **more: Any) -> None:
    """Write that somebody did not come in; for which account is nobody's business here."""
    log.warning("sign-in failed")
