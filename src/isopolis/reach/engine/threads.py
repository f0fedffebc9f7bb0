"""Work in threads: loops in machine code let others run, and each thread has its own room."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["in_threads"]

Room = tuple[Any, ...]


def in_threads(
    work: Callable[[int, int, Room], None],
    many: int,
    chunk: int,
    room: Callable[[], Room],
    threads: int,
    kept: list[Room] | None = None,
) -> None:
    """Call ``work(begin, end, room)`` for chunks of `many` things, whichever thread takes them.

    Parameters
    ----------
    work : callable
    many, chunk : int
    room : callable
        Makes the arrays that one thread works in; it leaves them as it found them.
    threads : int
    kept : list, optional
        Rooms of an earlier call, used again and added to.
    """
    parts = [(a, min(many, a + chunk)) for a in range(0, many, chunk)]
    rooms = kept if kept is not None else []
    used = max(1, min(threads, len(parts)))
    while len(rooms) < used:
        rooms.append(room())

    def take(which: int) -> None:
        for begin, end in parts[which::used]:
            work(begin, end, rooms[which])

    if used == 1:
        take(0)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(used) as pool:
        list(pool.map(take, range(used)))
