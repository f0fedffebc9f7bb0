"""The one loop: parts in any order, once or again, put together in the order of the items."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from .executor import Executor, InProcess
from .keep import Kept

__all__ = ["Progress", "carry_out"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is.

    Parameters
    ----------
    done, total : int
        Parts.
    kept : int
        Of those done, how many an earlier run had left.
    lost : int
        Workers that were lost and whose parts were begun again.
    """

    done: int
    total: int
    kept: int = 0
    lost: int = 0


def carry_out(
    task: Callable[[Any], Any],
    items: Sequence[Any],
    executor: Executor | None = None,
    *,
    kept: Kept | None = None,
    progress: Callable[[Progress], None] | None = None,
    send: Callable[[Any], Any] | None = None,
    take: Callable[[Any], Any] | None = None,
) -> list[Any]:
    """Return ``[task(item) for item in items]``, worked on by `executor`.

    Parameters
    ----------
    task : callable
        Of a module, and pure: the same item gives the same result wherever it is worked on.
    items : sequence
        Small descriptions of parts.
    executor : Executor, optional
        This process when not given.
    kept : Kept, optional
        Where results are kept as they come; those that are there are not computed again.
    progress : callable, optional
        Called at the start and after every part.
    send : callable, optional
        Makes what is sent from an item, when it is begun: large data of a few parts only are then in
        memory at once.
    take : callable, optional
        Called with each result when it is here, in any order, and returns what is held of it: large results
        can be added up as they come.

    Returns
    -------
    list
        In the order of `items`, whatever the order in which they ended; of each what `take` returned.
    """
    by = executor or InProcess()
    tell = progress or (lambda _: None)
    hold = take or (lambda result: result)
    out: list[Any] = [None] * len(items)
    open_parts = []
    for number in range(len(items)):
        found, value = kept.get(number) if kept else (False, None)
        if found:
            out[number] = hold(value)
        else:
            open_parts.append(number)
    before = done = len(items) - len(open_parts)
    tell(Progress(done, len(items), before, by.lost))
    if not open_parts:
        return out
    make = send or (lambda item: item)
    # closed here and not when it is forgotten: a cluster may have ended by then
    with closing(by.results(task, ((n, make(items[n])) for n in open_parts))) as results:
        for number, result in results:
            if kept:
                kept.put(number, result)
            out[number] = hold(result)
            done += 1
            tell(Progress(done, len(items), before, by.lost))
    return out
