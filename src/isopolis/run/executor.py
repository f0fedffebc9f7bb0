"""Where parts of a run are worked on: in this process, or on a cluster. The same call for both."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from types import TracebackType
from typing import Any, Protocol

from isopolis.model import CallError
from isopolis.model.text import phrase

__all__ = ["MEMORY", "Executor", "InProcess", "executor"]

MEMORY = 2**30
"""Bytes for one part in this process."""


class Executor(Protocol):
    """Works on parts.

    Attributes
    ----------
    workers : int
        How many parts are worked on at once.
    memory : int
        Bytes that one worker may use for a part.
    lost : int
        Workers that have gone so far, whatever took them.
    """

    workers: int
    memory: int
    lost: int

    def results(
        self, task: Callable[[Any], Any], items: Iterable[tuple[int, Any]]
    ) -> Generator[tuple[int, Any], None, None]:
        """Yield the number of each item with its result, in the order in which they end.

        An exception of `task` is raised here. `items` is read as parts are begun, so that only a few
        are in memory at once.
        """
        ...

    def __enter__(self) -> Executor:
        """Return itself."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let workers go that were begun for this."""
        ...


class InProcess:
    """One part after another, here."""

    def __init__(self, memory: int = MEMORY) -> None:
        self.workers, self.memory, self.lost = 1, memory, 0

    def results(
        self, task: Callable[[Any], Any], items: Iterable[tuple[int, Any]]
    ) -> Generator[tuple[int, Any], None, None]:
        """Yield results in the order of the items."""
        for number, item in items:
            yield number, task(item)

    def __enter__(self) -> InProcess:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing was begun."""


def executor(workers: int = 0, *, scheduler: str = "", memory: int = 0) -> Executor:
    """Return the executor for what a user asked for.

    Parameters
    ----------
    workers : int
        Processes of a cluster on this machine; 0 for this process alone.
    scheduler : str
        Address of a Dask scheduler that runs already (``tcp://host:8786``); `workers` is then its own.
    memory : int
        Bytes for each worker; 0 for a default.

    Raises
    ------
    CallError
        If both are asked for, a number is negative, or Dask is not installed.
    """
    if workers < 0 or memory < 0:
        raise CallError(phrase("workers and memory are 0 or more"))
    if workers and scheduler:
        raise CallError(phrase("give workers (a cluster of its own) or a scheduler that runs, not both"))
    if not workers and not scheduler:
        return InProcess(memory or MEMORY)
    from .cluster import Dask

    return Dask.at(scheduler, memory=memory) if scheduler else Dask.local(workers, memory=memory)
