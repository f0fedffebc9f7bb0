"""A new installation opens on a library that is not empty: shipped records are taken in at the start."""

from __future__ import annotations

import hashlib
import logging

from isopolis import content

__all__ = ["edition", "load_shipped"]

NAME = "shipped"
log = logging.getLogger(__name__)


def edition() -> str:
    """Return a hash of all shipped records; it changes with any of them."""
    whole = hashlib.sha256()
    for name in content.names("library"):
        whole.update(name.encode() + b"\0" + content.text(f"library/{name}").encode() + b"\0")
    return whole.hexdigest()


def load_shipped() -> bool:
    """Take in the shipped records if this edition was not taken in yet; doing it twice changes nothing."""
    from django.db import transaction

    from isopolis.learn.library import shipped
    from isopolis.web.protect.actions import SERVER

    from .desk import LoadShipped
    from .models import Loaded

    now = edition()
    if Loaded.objects.filter(name=NAME, digest=now).exists():
        return False
    with transaction.atomic():
        # the row is the lock: two servers that start at once wait for each other
        Loaded.objects.get_or_create(name=NAME, defaults={"digest": ""})
        row = Loaded.objects.select_for_update().get(name=NAME)
        if row.digest == now:
            return False
        LoadShipped(SERVER, shipped()).run()
        row.digest = now
        row.save(update_fields=["digest"])
    return True
