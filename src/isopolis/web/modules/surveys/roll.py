"""The roll of a survey and its one-time codes; made as those of ballots are, under keys of their own."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext as _

from isopolis.engage.ledger import codes
from isopolis.engage.representation.cells import Cell
from isopolis.model import CallError
from isopolis.web.actions import ValidationError
from isopolis.web.ballots import keys
from isopolis.web.ballots.roll import Person
from isopolis.web.modules.consultation.limits import drawer

from .models import Code, RollEntry, Survey

__all__ = ["add_people", "entries_of", "entry_of", "new_codes", "slow_down"]

MOST_PEOPLE = 500_000
MOST_WRONG, SECONDS = 30, 600
"""Wrong codes from one drawer of addresses in so many seconds, after which none is taken from it."""
NOBODY = ("", "0" * 32, "0" * 64)


def _name(survey: Survey, identifier: str) -> str:
    return codes.roll_key(keys.lasting(survey.pk, "roll"), identifier)


def add_people(survey: Survey, people: Sequence[Person]) -> int:
    """Put people on the roll in the order of their hashes; return how many are new."""
    if len(people) > MOST_PEOPLE:
        raise ValidationError(_("A roll has at most %(most)s people.") % {"most": MOST_PEOPLE})
    wanted: dict[str, str] = {}
    for person in people:
        try:
            cell = str(Cell.parse(person.cell))
        except CallError as error:
            said = _("The cell “%(cell)s” cannot be read: %(why)s")
            raise ValidationError(said % {"cell": person.cell[:60], "why": error}) from None
        if len(cell) > 300:
            raise ValidationError(_("The cell “%(cell)s” is too long.") % {"cell": f"{cell[:40]}…"})
        wanted.setdefault(_name(survey, person.identifier), cell)
    names, known = sorted(wanted), set[str]()
    for start in range(0, len(names), 500):
        part = RollEntry.objects.filter(pk__in=names[start : start + 500])
        known |= set(part.values_list("pk", flat=True))
    new = [RollEntry(id=n, survey=survey, cell=wanted[n]) for n in names if n not in known]
    RollEntry.objects.bulk_create(new, batch_size=1000)
    return len(new)


def new_codes(survey: Survey, identifiers: Sequence[str]) -> dict[str, str]:
    """Make a code for each who is on the roll and has not answered; the codes are nowhere kept."""
    wanted: dict[str, str] = {}
    for identifier in identifiers:
        if codes.normal_identifier(identifier):
            wanted.setdefault(_name(survey, identifier), identifier)
    names = sorted(wanted)
    found: list[RollEntry] = []
    for start in range(0, len(names), 500):
        part = names[start : start + 500]
        found += RollEntry.objects.filter(pk__in=part, survey=survey, state=RollEntry.State.OPEN)
        Code.objects.filter(entry__in=part).delete()
    key = keys.lasting(survey.pk, "codes")
    taken = set(Code.objects.values_list("pk", flat=True))
    printed, made = {}, []
    for entry in sorted(found, key=lambda e: e.pk):
        code = codes.code_from(secrets.token_bytes(10))
        while code[: codes.SELECTOR] in taken:
            code = codes.code_from(secrets.token_bytes(10))
        taken.add(code[: codes.SELECTOR])
        salt = secrets.token_hex(16)
        kept = codes.sealed_secret(key, salt, code[codes.SELECTOR :])
        made.append(Code(id=code[: codes.SELECTOR], entry=entry, salt=salt, secret=kept))
        printed[wanted[entry.pk]] = codes.grouped(code)
    Code.objects.bulk_create(sorted(made, key=lambda c: c.pk), batch_size=1000)
    return {i: printed[i] for i in dict.fromkeys(identifiers) if i in printed}


def entry_of(survey: Survey, typed: str) -> str:
    """Return the place of a code on the roll; empty when it is none, after the same work."""
    return entries_of(survey, [typed])[0]


def entries_of(survey: Survey, typed: Sequence[str]) -> list[str]:
    """Return the places of codes on the roll, as `entry_of` does for one."""
    parts = [codes.split(codes.normal(one)) for one in typed]
    names, found = sorted({p[0] for p in parts if p is not None}), dict[str, Any]()
    for start in range(0, len(names), 500):
        rows = Code.objects.filter(pk__in=names[start : start + 500], entry__survey=survey)
        found |= {pk: told for pk, *told in rows.values_list("pk", "entry_id", "salt", "secret")}
    key, places = keys.lasting(survey.pk, "codes"), []
    for part in parts:
        known = found.get(part[0]) if part is not None else None
        entry, salt, kept = known or NOBODY
        fits = codes.secret_fits(key, salt, part[1] if part else "", kept)
        places.append(entry if known and fits else "")
    return places


def slow_down(survey: Survey, address: str, now: datetime, *, wrong: bool = False) -> None:
    """Count a wrong code from a drawer of addresses; raise when there were many. No address is kept."""
    number = drawer(address, timezone.localtime(now).date().isoformat())
    place = f"survey:{survey.pk}:{number}:{int(now.timestamp()) // SECONDS}"
    if wrong:
        cache.add(place, 0, SECONDS)
        try:
            cache.incr(place)
        except ValueError:  # it went away in between
            return
    elif int(cache.get(place, 0)) >= MOST_WRONG:
        raise ValidationError(
            _("Many wrong codes came from here just now. Wait ten minutes, then try again.")
        )
