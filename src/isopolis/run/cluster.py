"""Parts on a Dask cluster: workers of its own on this machine, or a cluster that runs already."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Any

import numpy as np

from isopolis import __version__
from isopolis.model import CallError
from isopolis.model.text import phrase

__all__ = ["Dask"]

SHARE = 0.4
"""Part of a worker's memory that a part may plan with; the rest is the program, and what the plan forgets."""

MEMORY = 2 * 2**30
"""Bytes for each worker of a cluster of our own when nothing is said."""

WAIT = 20
"""Seconds to wait for a scheduler."""

TRIES = 3
"""How often a part is begun where a machine fails it; an error of the part itself is raised at once."""

AHEAD = 2
"""Parts given to each worker: one to work on and one to follow."""


class Dask:
    """Parts on the workers of a Dask client.

    A part whose worker dies is given to another by the scheduler, up to three times; if it is lost
    altogether it is begun again here, up to `TRIES` times.

    Parameters
    ----------
    client : distributed.Client
    memory : int
        Bytes for each worker; the least limit that the workers state when 0.
    """

    def __init__(self, client: Any, *, memory: int = 0) -> None:
        self.client = client
        self._close = ExitStack()
        try:
            known = self._workers()
            if not known:
                raise CallError(phrase("the cluster has no worker: begin one and try again"))
            self._seen, self.lost, self.workers = known, 0, len(known)
            self.memory = int(SHARE * (memory or self._least_limit() or MEMORY))
            self._check_versions()
        except BaseException:
            self._close.close()
            raise

    @classmethod
    def local(cls, workers: int, *, memory: int = 0) -> Dask:
        """Begin `workers` processes on this machine, which end with this executor.

        They listen on this machine only, and speak TLS with keys made for this run: what reaches a worker
        can run code in it.
        """
        distributed = _distributed()
        import logging
        import tempfile

        stack = ExitStack()
        scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="isopolis-workers-"))
        cluster = stack.enter_context(
            distributed.LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                memory_limit=memory or MEMORY,
                host="127.0.0.1",
                protocol="tls://",
                security=_keys(),
                dashboard_address=None,
                local_directory=scratch,
                silence_logs=logging.CRITICAL,
            )
        )
        return cls._over(stack, cluster, memory)

    @classmethod
    def at(cls, scheduler: str, *, memory: int = 0) -> Dask:
        """Use the cluster whose scheduler listens at an address; it is left running.

        Raises
        ------
        CallError
            If nothing answers there.
        """
        _distributed()
        return cls._over(ExitStack(), scheduler, memory)

    @classmethod
    def _over(cls, stack: ExitStack, place: Any, memory: int) -> Dask:
        distributed = _distributed()
        try:
            client = stack.enter_context(distributed.Client(place, set_as_default=False, timeout=WAIT))
            made = cls(client, memory=memory)
        except (OSError, ValueError) as error:
            stack.close()
            raise CallError(
                phrase("no Dask scheduler answers at {place}: {why}", place=place, why=error)
            ) from error
        except BaseException:
            stack.close()
            raise
        made._close = stack
        return made

    def results(
        self, task: Callable[[Any], Any], items: Iterable[tuple[int, Any]]
    ) -> Generator[tuple[int, Any], None, None]:
        """Yield results as they come; the scheduler and this process hold a few parts at once."""
        distributed = _distributed()
        waiting = iter(items)
        begun: dict[Any, tuple[int, Any, int]] = {}
        ended = distributed.as_completed(loop=self.client.loop)

        def begin(number: int, item: Any, tried: int) -> None:
            with warnings.catch_warnings():
                # a grid in memory is sent by windows, which is meant
                warnings.filterwarnings("ignore", message="Sending large graph")
                future = self.client.submit(task, item, pure=False)
            begun[future] = (number, item, tried)
            ended.add(future)

        def begin_next() -> None:
            following = next(waiting, None)
            if following is not None:
                begin(*following, 1)

        try:
            for _ in range(AHEAD * self.workers):
                begin_next()
            for future in ended:
                number, item, tried = begun.pop(future)
                error = _error(future)
                self._count_lost()
                if error is None:
                    value = future.result()
                    future.release()
                    begin_next()
                    yield number, value
                elif _machine_failed(error) and tried < TRIES:
                    begin(number, item, tried + 1)
                else:
                    raise _named(error, number, tried)
        finally:
            self.client.cancel(list(begun))

    def _workers(self) -> set[str]:
        """Addresses of the workers that are there now."""
        # not from scheduler_info: the client refreshes that behind our back, with no workers in it
        return set(self.client.nthreads())

    def _least_limit(self) -> int:
        """Bytes of the worker that has least; 0 when none states a limit."""
        states = self.client.scheduler_info(n_workers=-1)["workers"].values()
        return int(min((w["memory_limit"] for w in states if w["memory_limit"]), default=0))

    def _count_lost(self) -> None:
        now = self._workers()
        self.lost += len(self._seen - now)
        self._seen = now

    def _check_versions(self) -> None:
        """Other code may give other numbers: refuse it before anything is computed."""

        def there() -> tuple[str, str]:
            # inside, so that it is sent as it is: a worker may not have this module
            try:
                import numpy

                import isopolis
            except ImportError:
                return "", ""
            return isopolis.__version__, numpy.__version__

        ours = (__version__, np.__version__)
        for address, theirs in self.client.run(there).items():
            if tuple(theirs) != ours:
                raise CallError(
                    phrase(
                        "the worker {address} has {theirs}, and this is {ours}: install the same on all",
                        address=address,
                        theirs=_said(theirs),
                        ours=_said(ours),
                    )
                )

    def __enter__(self) -> Dask:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the workers that were begun for this; a cluster that ran before runs on."""
        self._close.close()


def _said(versions: Sequence[str]) -> str:
    isopolis, numpy = versions
    if not isopolis:
        return phrase("no isopolis")
    return phrase("isopolis {isopolis} with numpy {numpy}", isopolis=isopolis, numpy=numpy)


def _distributed() -> Any:
    try:
        import distributed
    except ImportError as error:
        raise _not_installed() from error
    return distributed


def _keys() -> Any:
    """Keys of a cluster of our own, which end with it."""
    try:
        return _distributed().Security.temporary()
    except ImportError as error:
        raise _not_installed() from error


def _not_installed() -> CallError:
    return CallError(
        phrase(
            "workers need Dask, which is not installed: pip install 'isopolis[cluster]'; without workers the"
            " same is computed in this process"
        )
    )


def _error(future: Any) -> BaseException | None:
    if future.status == "finished":
        return None
    if future.status == "error":
        found: BaseException = future.exception()
        return found
    return ConnectionError(f"the part is {future.status}")


def _machine_failed(error: BaseException) -> bool:
    """True where a second attempt may go well; an error of the part itself would come again."""
    certain = (FileNotFoundError, PermissionError, IsADirectoryError, NotADirectoryError)
    return isinstance(error, OSError) and not isinstance(error, certain)


def _named(error: BaseException, number: int, tried: int) -> BaseException:
    from distributed.scheduler import KilledWorker

    if isinstance(error, KilledWorker):
        return CallError(
            phrase(
                "part {number} ended every worker that it was given to, most likely for want of memory: give"
                " workers more memory, or make parts smaller. What is done is kept where a folder was named",
                number=number,
            )
        )
    if isinstance(error, ConnectionError):
        return CallError(
            phrase("the cluster lost part {number} {n} times: {why}", number=number, n=tried, why=error)
        )
    return error
