"""Erasing an account: what would happen, and doing it.

`plan` reads the register and says for every table what goes and what stays; `erase` does exactly that.
The audit log is never touched: it holds numbers, and whose number it was is gone.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone

from . import equality, traces
from .models import Erasure
from .register import Erase, Record, records

__all__ = [
    "Line",
    "Plan",
    "addresses_of",
    "erase",
    "keep_list",
    "known_erasures",
    "plan",
    "remove_workspace",
    "wipe",
]

LIST = "erased.csv"
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Line:
    """What happens to rows of one table, or to one other place."""

    place: str
    about: str
    rows: int
    what: Erase


@dataclass(frozen=True, slots=True)
class Plan:
    """What an erasure does.

    Parameters
    ----------
    number : int
        Of the account.
    lines : tuple of Line
        Places that hold something, and what happens there.
    hand_over : tuple of Workspace
        Workspaces with other members whose only owner this is: name another owner first.
    alone : tuple of Workspace
        Workspaces without any other member: they would go too.
    """

    number: int
    lines: tuple[Line, ...]
    hand_over: tuple[Any, ...]
    alone: tuple[Any, ...]


def plan(account: Any) -> Plan:
    """Say what erasing `account` would do, without doing it."""
    lines = [
        Line(record.model, str(record.about), found.count(), what)
        for record, _, found, what in _steps(account)
        if found.exists()
    ]
    for place, number in traces.count(_marks(account)).items():
        lines += [Line(place, place, number, Erase.DELETE)] if number else []
    answers = equality.count_for(account.pk)
    lines += [Line("equality.Answer", "equality", answers, Erase.DELETE)] if answers else []
    hand_over, alone = _owned_alone(account)
    return Plan(account.pk, tuple(lines), hand_over, alone)


def _steps(account: Any) -> list[tuple[Record, str, models.QuerySet[Any], Erase]]:
    """Return every row of the person with what happens to it: deletions last, the account at the very end."""
    addresses = addresses_of(account)
    steps = [
        (record, path, record.rows_of(path, account.pk, addresses), what)
        for record in records()
        for path, what in record.owners.items()
    ]
    last = type(account)
    return sorted(steps, key=lambda s: (s[3] is Erase.DELETE, s[0].table() is last))


def _marks(account: Any) -> traces.Marks:
    """Collect what the person can be recognised by, from every field that the register calls a name."""
    names = [
        value
        for record in records()
        for path in record.owners
        for field in record.names
        for value in record.rows_of(path, account.pk, addresses_of(account)).values_list(field, flat=True)
    ]
    return traces.marks_of(account.pk, (*addresses_of(account), *names))


def addresses_of(account: Any) -> tuple[str, ...]:
    """Return every e-mail address of an account, the main one first."""
    from allauth.account.models import EmailAddress

    more = EmailAddress.objects.filter(user=account).order_by("pk").values_list("email", flat=True)
    return tuple(dict.fromkeys([account.email, *more]))


def _owned_alone(account: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    mine = account.membership_set.filter(role="owner").select_related("workspace").order_by("workspace__name")
    last = [m.workspace for m in mine if m.is_last_owner()]
    others = {w.pk for w in last if w.membership_set.exclude(user=account).exists()}
    return tuple(w for w in last if w.pk in others), tuple(w for w in last if w.pk not in others)


def erase(account: Any, at: datetime | None = None) -> Plan:
    """Erase an account everywhere, inside the transaction of the caller; return what was done.

    Workspaces must have been handed over or closed before.
    """
    at = at or timezone.now()
    done = plan(account)
    # all rows are found before any is changed: a row over which a path leads may lose its link first
    steps = [
        (r, path, list(found.values_list("pk", flat=True)), what) for r, path, found, what in _steps(account)
    ]
    traces.clear(_marks(account))
    equality.forget(account.pk)
    for record, path, keys, what in steps:
        _apply(record, path, keys, what, at)
    made = Erasure.objects.create(number=done.number, at=at)
    transaction.on_commit(lambda: keep_list([made]))
    transaction.on_commit(wipe)
    return done


def _apply(record: Record, path: str, keys: list[Any], what: Erase, at: datetime) -> None:
    put: dict[str, Any] = {} if "__" in path else {path: None}
    if what is Erase.BLANK:
        put |= {n: _empty(record.table()._meta.get_field(n)) for n in record.blank}
        put |= dict.fromkeys(record.marked, at)
    for start in range(0, len(keys), CHUNK):
        rows = record.table()._base_manager.filter(pk__in=keys[start : start + CHUNK])
        if what is Erase.DELETE:
            rows.delete()
        elif what in (Erase.UNLINK, Erase.BLANK):
            rows.update(**put)


def _empty(one: Any) -> Any:
    return None if one.null else one.to_python(one.get_default() if one.has_default() else "")


def remove_workspace(workspace: Any) -> None:
    """Remove a workspace with its tables; its files go when the transaction is kept."""
    from isopolis.web.workspaces.running import remove_files

    number = str(workspace.pk)
    equality.close_all(workspace)
    workspace.delete()
    transaction.on_commit(lambda: remove_files(number))


def wipe() -> None:
    """Make SQLite write its journal into the database now, so that no copy of an erased row stays in it."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


# -- the list that outlives a restore --------------------------------------------------------------
def known_erasures(path: Path | None = None) -> dict[int, datetime]:
    """Return numbers of erased accounts with the newest time, from the table and from the list."""
    known = dict(Erasure.objects.order_by("at").values_list("number", "at"))
    file = path or Path(settings.DATA_DIR) / LIST
    if file.is_file():
        for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines()):
            at = datetime.fromisoformat(row["at"]).astimezone(UTC)
            number = int(row["number"])
            known[number] = max(at, known.get(number, at))
    return known


def keep_list(new: Iterable[Erasure]) -> None:
    """Add erasures to the list beside the database; it is kept apart from backups of the database."""
    path = Path(settings.DATA_DIR) / LIST
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        if fresh:
            writer.writerow(["number", "at"])
        writer.writerows([e.number, e.at.isoformat()] for e in new)
