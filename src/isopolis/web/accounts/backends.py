"""How a session finds its account: one look at the database, made ready once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.db import DEFAULT_DB_ALIAS, connections

from .models import User

__all__ = ["Accounts"]


class Accounts(AuthenticationBackend):  # type: ignore[misc]
    """Sign-in by e-mail address; every page of a member asks this who they are."""

    def get_user(self, user_id: Any) -> User | None:
        """Return the account of this number, if it is one that may sign in.

        Django makes the question to the database anew each time, which costs more than its answer.
        """
        connection = connections[DEFAULT_DB_ALIAS]
        names, sql, converters = _question(connection.vendor)
        with connection.cursor() as cursor:
            cursor.execute(sql, [user_id])
            row = cursor.fetchone()
        if row is None:
            return None
        values = list(row)
        for place, expression, convert in converters:
            values[place] = convert(values[place], expression, connection)
        user = User.from_db(DEFAULT_DB_ALIAS, names, values)
        return user if self.user_can_authenticate(user) else None


@cache
def _question(_vendor: str) -> tuple[list[str], str, list[tuple[int, Any, Callable[..., Any]]]]:
    """Return the names of the fields, the SQL, and what makes Python's values of the database's."""
    connection = connections[DEFAULT_DB_ALIAS]
    columns = [field.get_col(User._meta.db_table) for field in User._meta.concrete_fields]
    converters = [
        (place, column, convert)
        for place, column in enumerate(columns)
        for convert in [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)]
    ]
    sql, _one = User.objects.filter(pk=1).query.sql_with_params()
    return [field.attname for field in User._meta.concrete_fields], sql, converters
