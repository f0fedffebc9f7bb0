"""PostgreSQL whose answers are waited for with an end, even when the network swallows everything."""

from __future__ import annotations

from typing import Any

import psycopg
from django.db.backends.postgresql import base

__all__ = ["DatabaseWrapper"]

PATIENCE = 45.0
"""Seconds; more than the server's own limit for one statement, which says better what was wrong."""


class _Impatient(psycopg.Connection[Any]):
    """A connection that is closed when an answer does not come at all."""

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for an answer, but not for ever."""
        try:
            return super().wait(gen, interval, PATIENCE if timeout is None else timeout)
        except psycopg.Error as error:
            active = self.pgconn.transaction_status == psycopg.pq.TransactionStatus.ACTIVE
            if timeout is None and active:  # no answer: what comes later would be taken for another's
                self.pgconn.finish()
                raise psycopg.OperationalError("the database did not answer in time") from error
            raise


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's wrapper over such connections."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect; the isolation level is PostgreSQL's own, read committed."""
        self.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        return _Impatient.connect(**conn_params)
