"""What may be shown of a table of worries: small numbers are hidden, with what gives them away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress

import numpy as np

from isopolis.model import CallError, Counts, Dimension
from isopolis.privacy import Policy, blocks, verdicts

from .desk import Line

__all__ = ["ShownLine", "show"]


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line of a table; `received`, `registered` and `resolved` are None where they are hidden."""

    key: str
    received: int | None
    registered: int | None
    resolved: int | None


def show(lines: Sequence[Line], threshold: int) -> tuple[ShownLine, ...]:
    """Hide numbers of worries below `threshold`, and others with which they could be worked out.

    Parameters
    ----------
    lines : sequence of Line
        Of one table, whose sum is shown.
    threshold : int
        Fewest worries that are shown; 0 shows everything, for the desk itself.

    Raises
    ------
    CallError
        If the threshold is negative.
    """
    if threshold < 0:
        raise CallError("the fewest worries that are shown cannot be below 0")
    hidden = _hidden([x.received for x in lines], threshold) if threshold and lines else [False] * len(lines)
    return tuple(
        ShownLine(x.key, None, None, None)
        if secret
        else ShownLine(x.key, x.received, x.registered, x.resolved)
        for x, secret in zip(lines, hidden, strict=True)
    )


def _hidden(numbers: list[int], threshold: int) -> list[bool]:
    """Hide the small ones, then the next smallest until a reader can deduce nothing below the threshold.

    With one sum a hidden number can be anything between nothing and all that is hidden: enough is
    hidden when that is the threshold or more, in two lines or more.
    """
    out = list(_few(numbers, threshold))
    waiting = sorted((n, i) for i, n in enumerate(numbers) if not out[i])
    while any(out) and waiting and (sum(out) < 2 or sum(compress(numbers, out)) < threshold):
        out[waiting.pop(0)[1]] = True
    return out


def _few(numbers: list[int], threshold: int) -> list[bool]:
    names = tuple(f"k{i}" for i in range(len(numbers)))
    counts = Counts(
        np.array(["city"], dtype=object), (Dimension("key", names),),
        np.array([numbers], dtype=np.float64), np.zeros((1, 1), np.uint8), universe="worries",
    )  # fmt: skip
    policy = Policy(protection="suppress", threshold=threshold, sensitive_threshold=max(threshold, 30))
    finest = next(b for b in blocks(counts) if b.names == ("key",))
    small = np.zeros(len(numbers), dtype=bool)
    for verdict in verdicts(finest, policy):
        small |= verdict.cells.ravel()
    return [bool(x) for x in small]
