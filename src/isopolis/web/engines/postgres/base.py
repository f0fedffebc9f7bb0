"""PostgreSQL whose answers are waited for with an end, even when the network swallows everything."""

from __future__ import annotations

import select
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

    def is_usable(self) -> bool:
        """Tell whether the server still has this connection, without asking it at every request.

        A server that ends, or that ends a connection, says so: there is something to read where nothing was
        asked. From one that vanished without a word a question would get no answer either; that wait has
        its own end.
        """
        link = self.connection.pgconn
        idle = link.transaction_status == psycopg.pq.TransactionStatus.IDLE
        if not idle or not _spoken(link.socket):
            return bool(idle)
        return super().is_usable()  # a notice, or the end


def _spoken(socket: int) -> bool:
    if not hasattr(select, "poll"):  # Windows
        return bool(select.select([socket], [], [], 0)[0])
    poll = select.poll()
    poll.register(socket, select.POLLIN)
    return bool(poll.poll(0))
