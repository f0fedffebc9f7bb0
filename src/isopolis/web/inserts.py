"""Adding a row by a statement that is made once, for what every change or many people at once add."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Model

__all__ = ["insert", "statement", "values_of"]


def insert(row: Model) -> None:
    """Add a new object to the default database, as `Model.save` does but without its signals.

    Django writes the SQL of an insertion anew each time, which costs several times what the database does.
    """
    sql, fields = statement(type(row))  # type: ignore[arg-type]  # classes can be kept in mind
    key = row._meta.pk
    returned = key is not None and key not in fields
    with connection.cursor() as cursor:
        cursor.execute(sql, values_of(row, fields))
        if returned:
            row.pk = cursor.fetchall()[0][0]
    row._state.adding, row._state.db = False, connection.alias


def values_of(row: Model, fields: list[Any]) -> list[Any]:
    """Return what the database is given for these fields of a new object."""
    return [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]


@cache
def statement(model: type[Model]) -> tuple[str, list[Any]]:
    """Return the SQL that adds one row, and the fields in its order; the database gives numbers itself."""
    quote = connection.ops.quote_name
    key = model._meta.pk
    numbered = key is not None and key.db_returning
    fields = [f for f in model._meta.concrete_fields if not (numbered and f is key)]
    names, places = ", ".join(quote(f.column) for f in fields), ", ".join(["%s"] * len(fields))
    sql = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({places})"
    return (f"{sql} RETURNING {quote(key.column)}" if numbered and key is not None else sql), fields
