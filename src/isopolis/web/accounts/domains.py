"""Mail domains whose people sign in with the city's own account and in no other way."""

from __future__ import annotations

from django.conf import settings

__all__ = ["belongs_to_staff"]


def belongs_to_staff(email: str) -> bool:
    """Tell whether an address is in one of the domains of the setting ``oidc_domains``, or below one."""
    if not settings.OPTIONS["oidc_url"]:
        return False
    domain = email.rpartition("@")[2].strip().rstrip(".").lower()
    named = [d.strip().strip("@.").lower() for d in settings.OPTIONS["oidc_domains"].split(",")]
    return any(domain == d or domain.endswith("." + d) for d in named if d)
