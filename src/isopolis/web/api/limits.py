"""How many requests a token or an address has each minute; exact counts of what is rarer.

All processes count in one table. Of requests each takes a small share at a time and counts that in its own
memory, so that most requests write nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F
from django.http import HttpRequest

from .models import Usage

__all__ = ["Allowance", "Counter", "address_key", "counted", "counter", "network_of"]

SHARES = 20
"""A process takes one twentieth of the limit at a time."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of one minute."""

    granted: bool
    limit: int
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        """Return what clients are told."""
        told = {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }
        return told if self.granted else told | {"Retry-After": str(self.reset)}


@dataclass
class Counter:
    """Grants requests; one for each process."""

    held: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    lock: Any = field(default_factory=threading.Lock)

    def ask(self, who: str, limit: int, now: float | None = None) -> Allowance:
        """Count one request of `who`."""
        now = time.time() if now is None else now
        minute, reset = int(now // 60), 60 - int(now % 60)
        with self.lock:
            known, left, beyond = self.held.get(who, (minute, 0, limit))
            if known != minute:
                left, beyond = 0, limit
            if left == 0 and beyond > 0:
                left, beyond = _share(who, minute, limit)
            granted = left > 0
            left -= granted
            if len(self.held) > 10_000:  # addresses of earlier minutes
                self.held = {k: v for k, v in self.held.items() if v[0] == minute}
            self.held[who] = (minute, left, beyond)
        return Allowance(granted, limit, left + beyond, reset)


counter = Counter()


def _share(who: str, minute: int, limit: int) -> tuple[int, int]:
    """Take a share of the minute in the name of this process; return it and what is left for everybody."""
    step = max(1, limit // SHARES)
    mine = Usage.objects.filter(who=who, minute=minute)
    if not mine.update(granted=F("granted") + step):
        try:
            with transaction.atomic():
                Usage.objects.filter(minute__lt=minute - 1).delete()
                Usage.objects.create(who=who, minute=minute, granted=step)
        except IntegrityError:  # another process began the minute
            mine.update(granted=F("granted") + step)
    taken = mine.values_list("granted", flat=True).first() or step
    return max(0, min(step, limit - (taken - step))), max(0, limit - taken)


def counted(key: str, until: datetime) -> int:
    """Count one more of `key` and return how many there are; a new `until` begins anew.

    The database adds, so that processes which count at once lose nothing. What is kept is a keyed hash.
    """
    who = hmac.new(settings.SECRET_KEY.encode(), key.encode(), hashlib.sha256).hexdigest()
    mine = Usage.objects.filter(who=who, minute=int(until.timestamp() // 60))
    if not mine.update(granted=F("granted") + 1):
        try:
            with transaction.atomic():
                Usage.objects.create(who=who, minute=int(until.timestamp() // 60), granted=1)
        except IntegrityError:  # another process was the first
            mine.update(granted=F("granted") + 1)
    return mine.values_list("granted", flat=True).first() or 1


def network_of(request: HttpRequest) -> str:
    """Return where a request comes from: the address that the proxy tells, where one is set, else its own."""
    from allauth.account.adapter import get_adapter

    try:
        address = ipaddress.ip_address(str(get_adapter().get_client_ip(request)))
    except (ValueError, PermissionDenied):  # a socket file has no address: all come from one place then
        address = ipaddress.ip_address(0)
    # one line has 2^64 addresses of the new kind
    prefix = 64 if address.version == 6 else 32
    return str(ipaddress.ip_network((address, prefix), strict=False))


def address_key(request: HttpRequest) -> str:
    """Return a name for where a request comes from, which cannot be turned back into the address."""
    key = f"{settings.SECRET_KEY}{int(time.time() // 3600)}"
    return hmac.new(key.encode(), network_of(request).encode(), hashlib.sha256).hexdigest()
