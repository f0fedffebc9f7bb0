"""The roll: keyed hashes of those who may vote, their one-time codes, and how many have voted."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _

from isopolis.engage.ledger import codes
from isopolis.engage.representation.cells import Cell
from isopolis.model import CallError
from isopolis.web.actions import ValidationError

from . import keys
from .models import Code, RollEntry, Vote

__all__ = [
    "MOST_PEOPLE", "Loaded", "Person", "add_people", "new_codes", "package_of", "people_from", "roll_digest",
    "turnout_of",
]  # fmt: skip

MOST_PEOPLE = 2_000_000
IDENTIFIER, CELL = "identifier", "cell"
MANY = 2000
SPECIAL = frozenset(
    "biometric creed denomination disability disabled ethnic ethnicity faith genetic health ideology lgbt "
    "lgbti lgbtiq orientation party political politics race racial religion religious sexual sexuality "
    "union".split()
)
"""Words for special categories of personal data (GDPR Art. 9)."""


@dataclass(frozen=True, slots=True)
class Person:
    """A line of the list that a register gives.

    Parameters
    ----------
    identifier : str
        What a person is known by and can say: a number of the register, never kept as it is.
    cell : str
        Neighbourhood and group as the participation record writes them; may be empty. Nothing of what only
        the person can say of themselves: to vote it is never needed.
    """

    identifier: str
    cell: str = ""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a list.

    Parameters
    ----------
    new, there, twice : int
        People who are on the roll now, who were on it before, and lines that name somebody again.
    """

    new: int
    there: int
    twice: int


def people_from(text: str) -> list[Person]:
    """Read a list as CSV with the columns ``identifier`` and, if the city wants, ``cell``.

    Raises
    ------
    ValidationError
        If there is no such column, or another one: what is not needed is not taken.
    """
    first = text.lstrip("\ufeff").splitlines()[:1]
    mark = max(",;\t", key=first[0].count) if first else ","
    reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff")), delimiter=mark)
    names = [n.strip().lower() for n in reader.fieldnames or []]
    if IDENTIFIER not in names or set(names) - {IDENTIFIER, CELL}:
        raise ValidationError(
            _(
                "The first line names the columns: “identifier”, and “cell” if there is one. Nothing else is "
                "taken."
            )
        )
    reader.fieldnames = names
    out, empty = [], []
    for number, row in enumerate(reader, 2):
        named = (row[IDENTIFIER] or "").strip()
        if codes.normal_identifier(named):
            out.append(Person(named, (row.get(CELL) or "").strip()))
        elif any(row.values()):
            empty.append(number)
    if empty:
        said = _("There is no identifier in these lines: %(lines)s.")
        raise ValidationError(said % {"lines": ", ".join(map(str, empty[:10]))})
    return out


def add_people(vote: Vote, people: Sequence[Person]) -> Loaded:
    """Put people on the roll in the order of their hashes, which tells nothing of the list."""
    if len(people) > MOST_PEOPLE:
        raise ValidationError(_("A roll has at most %(most)s people.") % {"most": MOST_PEOPLE})
    key = keys.lasting(vote.pk, "roll")
    wanted: dict[str, str] = {}
    twice = 0
    for person in people:
        name = codes.roll_key(key, person.identifier)
        twice += name in wanted
        wanted.setdefault(name, person.cell)
    _check_cells(set(wanted.values()))
    known = set()
    names = sorted(wanted)
    for start in range(0, len(names), 500):
        part = RollEntry.objects.filter(pk__in=names[start : start + 500])
        known |= set(part.values_list("pk", flat=True))
    new = [RollEntry(id=n, vote=vote, cell=wanted[n]) for n in names if n not in known]
    RollEntry.objects.bulk_create(new, batch_size=MANY)
    return Loaded(len(new), len(known), twice)


def _check_cells(cells: Iterable[str]) -> None:
    for cell in sorted(cells):
        try:
            read = Cell.parse(cell)
        except CallError as error:
            raise ValidationError(
                _("The cell “%(cell)s” cannot be read: %(why)s") % {"cell": cell, "why": error}
            ) from None
        special = sorted(d for d, _category in read.group if SPECIAL & set(re.split(r"[\W_]+", d.casefold())))
        if special:
            raise ValidationError(
                _("Nobody is asked for “%(what)s” to vote, so it has no place on a roll.")
                % {"what": ", ".join(special)}
            )
        if len(str(read)) > 300:
            raise ValidationError(_("The cell “%(cell)s” is too long.") % {"cell": f"{cell[:40]}…"})


def _code_for(key: bytes, entry: RollEntry) -> tuple[str, Code]:
    """Make a code; what is returned first is printed and nowhere kept."""
    code = codes.code_from(secrets.token_bytes(10))
    salt = secrets.token_hex(16)
    kept = codes.sealed_secret(key, salt, code[codes.SELECTOR :])
    return code, Code(id=code[: codes.SELECTOR], entry=entry, salt=salt, secret=kept)


def new_codes(vote: Vote, entries: Sequence[RollEntry]) -> list[str]:
    """Make a code for each entry, in the place of an older one; return them as they are printed."""
    key, made = keys.lasting(vote.pk, "codes"), {}
    taken = set(Code.objects.values_list("pk", flat=True))
    for start in range(0, len(entries), 500):
        Code.objects.filter(entry__in=[e.pk for e in entries[start : start + 500]]).delete()
    printed = []
    for entry in entries:
        code, row = _code_for(key, entry)
        while row.pk in taken or row.pk in made:
            code, row = _code_for(key, entry)
        made[row.pk] = row
        printed.append(codes.grouped(code))
    Code.objects.bulk_create([made[k] for k in sorted(made)], batch_size=MANY)
    return printed


def package_of(vote: Vote, count: int) -> list[str]:
    """Make places on the roll that belong to nobody yet, each with a code."""
    entries = sorted(
        (RollEntry(id=secrets.token_hex(32), vote=vote, package=True) for _n in range(count)),
        key=lambda e: e.pk,
    )
    RollEntry.objects.bulk_create(entries, batch_size=MANY)
    return new_codes(vote, entries)


def roll_digest(vote: Vote) -> str:
    """Return SHA-256 over every key on the roll: a place that somebody puts in by the way shows."""
    sums = hashlib.sha256()
    names = RollEntry.objects.filter(vote=vote).order_by("pk").values_list("pk", flat=True)
    for name in names.iterator(chunk_size=5000):
        sums.update(name.encode() + b"\n")
    return sums.hexdigest()


def turnout_of(module: Any) -> dict[str, int]:
    """Return how many are on the roll, have voted, and by which channel."""
    rows = RollEntry.objects.filter(vote__module=module)
    out = {"roll": rows.count(), "voted": 0}
    counts: Any = rows.filter(state=RollEntry.State.VOTED).values_list("channel").order_by("channel")
    for channel, number in counts.annotate(n=Count("pk")):
        out[channel] = number
        out["voted"] += number
    return out
