"""The shipped partnership in the platform, with a coordinator, a reader and an expert from outside."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from isopolis.act.partnership import read_book
from isopolis.content import read
from isopolis.web.partnerships.hub.actions import LoadBook
from isopolis.web.partnerships.models import PartnershipMembership
from isopolis.web.protect.actions import SERVER

FILE = "partnership/cities_of_equality.yaml"


def shipped() -> Any:
    return read_book(read(FILE), FILE)


def partnership_of(person: Any) -> SimpleNamespace:
    """Load it; `person` makes accounts."""
    chair, reader, expert = person("chair"), person("reader"), person("expert")
    made = LoadBook(SERVER, shipped(), chair).run()
    PartnershipMembership.objects.create(user=reader, partnership=made, role="reader")
    until = timezone.localdate() + timedelta(days=5)
    PartnershipMembership.objects.create(user=expert, partnership=made, role="expert", until=until)
    return SimpleNamespace(
        all=made, chair=chair, reader=reader, expert=expert, at=f"/partnership/{made.slug}/",
        stranger=person("stranger"),
    )  # fmt: skip
