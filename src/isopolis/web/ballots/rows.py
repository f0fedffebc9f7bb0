"""The few statements of one accepted ballot, written out: building them each time cost more than they do.

Names of tables come from the models, values never do: they are parameters. Both databases read the same text
but for the words that lock a row, which SQLite has none of, since a writer there is alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models

from isopolis.web.modules.models import Module, Phase, Process
from isopolis.web.workspaces.models import Workspace

from .models import Code, RollEntry, Vote, Waiting

__all__ = ["codes_row", "facts", "insert", "locked", "mark", "number_of", "states", "waiting"]

PORTION = 100
"""Rows in one statement."""


def _table(model: type[models.Model]) -> str:
    return f'"{model._meta.db_table}"'


def number_of(vote: Any) -> Any:
    """Return the number of a vote as this database writes it."""
    return Vote._meta.pk.get_db_prep_value(vote, connection)


def _all(text: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        return list(cursor.fetchall())


# -- before ------------------------------------------------------------------------------------------------
_FACTS = (
    "SELECT v.id, v.state, p.state, p.title, w.id, w.name, w.archived_at, m.kind, m.title, "
    "h.id, h.kind, h.starts_at, h.ends_at "
    f"FROM {_table(Vote)} v JOIN {_table(Module)} m ON m.id = v.module_id "
    f"JOIN {_table(Process)} p ON p.id = m.process_id JOIN {_table(Workspace)} w ON w.id = p.workspace_id "
    f"LEFT JOIN {_table(Phase)} h ON h.module_id = m.id "
    "WHERE m.id = %s AND p.number = %s AND w.slug = %s ORDER BY h.id"
)


def facts(slug: str, number: int, module: int) -> tuple[tuple[Any, ...], ...]:
    """Return everything that decides whether a ballot can be cast at an address now; empty if no vote is."""
    return tuple(_all(_FACTS, [module, number, slug]))


_CODE = (
    f"SELECT c.entry_id, c.salt, c.secret, e.cell FROM {_table(Code)} c "
    f"JOIN {_table(RollEntry)} e ON e.id = c.entry_id WHERE c.id = %s AND e.vote_id = %s"
)


def codes_row(vote: Vote, selector: str) -> tuple[str, str, str, str] | None:
    """Return key on the roll, salt, kept hash and cell of a code."""
    found: Any = _all(_CODE, [selector, number_of(vote.pk)])
    return found[0] if found else None


# -- one group, in its transaction ---------------------------------------------------------------------------
def locked(number: Any) -> Vote | None:
    """Lock a vote and return what a group needs of it.

    Its commit waits for the disk, whatever the settings of the database server say.
    """
    text = f"SELECT state, epoch, least, module_id FROM {_table(Vote)} WHERE id = %s"
    if connection.vendor == "postgresql":
        found = _all(
            f"SELECT state, epoch, least, module_id, set_config('synchronous_commit', 'on', true) "
            f"FROM {_table(Vote)} WHERE id = %s FOR UPDATE",
            [number_of(number)],
        )
    else:
        found = _all(text, [number_of(number)])
    if not found:
        return None
    state, epoch, least, module = found[0][:4]
    return Vote(pk=number, state=state, epoch=epoch, least=least, module_id=module)


def _places(values: Sequence[Any]) -> str:
    return ", ".join(["%s"] * len(values))


def states(vote: Vote, entries: Sequence[str]) -> dict[str, str]:
    """Return what has become of these rights to vote, and lock them, in one order everywhere."""
    lock = " FOR UPDATE" if connection.vendor == "postgresql" else ""
    text = (
        f"SELECT id, state FROM {_table(RollEntry)} WHERE vote_id = %s AND id IN ({_places(entries)}) "
        f"ORDER BY id{lock}"
    )
    return dict(_all(text, [number_of(vote.pk), *entries]))  # type: ignore[arg-type]


def mark(vote: Vote, channel: str, entries: Sequence[str]) -> int:
    """Mark people who have not voted; return how many were marked."""
    text = (
        f"UPDATE {_table(RollEntry)} SET state = %s, channel = %s "
        f"WHERE vote_id = %s AND state = %s AND id IN ({_places(entries)})"
    )
    with connection.cursor() as cursor:
        cursor.execute(text, ["voted", channel, number_of(vote.pk), "open", *entries])
        return int(cursor.rowcount)


def insert(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows as they are."""
    kept = list(rows)
    one = f"({_places(columns)})"
    names = ", ".join(f'"{c}"' for c in columns)
    with connection.cursor() as cursor:
        for start in range(0, len(kept), PORTION):
            part = kept[start : start + PORTION]
            text = f"INSERT INTO {_table(model)} ({names}) VALUES {', '.join([one] * len(part))}"
            cursor.execute(text, [value for row in part for value in row])


def waiting(vote: Vote) -> int:
    """Count the ballots that wait."""
    found = _all(f"SELECT COUNT(*) FROM {_table(Waiting)} WHERE vote_id = %s", [number_of(vote.pk)])
    return int(found[0][0])
