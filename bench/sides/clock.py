"""One way to time, used on both sides."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

__all__ = ["cpu_seconds"]


def cpu_seconds(call: Callable[[], Any], *, repeats: int = 5, at_least: float = 0.05) -> float:
    """CPU seconds of one call: the least of `repeats` rounds of enough calls to last `at_least`."""
    calls = 1
    while True:
        start = time.process_time()
        for _ in range(calls):
            call()
        spent = time.process_time() - start
        if spent >= at_least or calls >= 1024:
            break
        calls *= 4
    best = spent / calls
    for _ in range(repeats - 1):
        start = time.process_time()
        for _ in range(calls):
            call()
        best = min(best, (time.process_time() - start) / calls)
    return best
