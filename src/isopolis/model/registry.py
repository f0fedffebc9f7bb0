"""The one door through which measures, readers and rules come in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from typing import Generic, TypeVar

from .errors import CallError, near

__all__ = ["Registry"]

T = TypeVar("T")


class Registry(Generic[T]):
    """Things by name, filled on first use by the built-ins and by plugins alike.

    Parameters
    ----------
    kind : str
        What is kept, for error messages: ``measure``.
    load : callable
        Imports the modules that register the built-ins.
    group : str
        Entry-point group through which other distributions add theirs; each
        entry point names a module to import.
    """

    def __init__(self, kind: str, load: Callable[[], None], group: str) -> None:
        self.kind = kind
        self._load = load
        self._group = group
        self._items: dict[str, T] = {}
        self._ready = False

    def add(self, name: str, item: T) -> T:
        """Register `item`.

        Raises
        ------
        CallError
            If the name is taken.
        """
        if name in self._items:
            raise CallError(f'there is already a {self.kind} called "{name}"')
        self._items[name] = item
        return item

    def _fill(self) -> None:
        if self._ready:
            return
        self._ready = True  # first, because plugins look in here while they load
        try:
            self._load()
            for point in entry_points(group=self._group):
                point.load()
        except BaseException:
            self._ready = False  # fail again next time rather than look empty
            raise

    def __getitem__(self, name: str) -> T:
        self._fill()
        try:
            return self._items[name]
        except KeyError:
            raise CallError(f'there is no {self.kind} "{name}": ' + near(name, self._items)) from None

    def __iter__(self) -> Iterator[str]:
        self._fill()
        return iter(tuple(self._items))

    def __contains__(self, name: object) -> bool:
        self._fill()
        return name in self._items

    def values(self) -> tuple[T, ...]:
        """Everything registered, built-ins first."""
        self._fill()
        return tuple(self._items.values())
