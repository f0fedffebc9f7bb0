"""Searching the fairest lottery, as a background job."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from isopolis.engage.lottery.mixing import Budget
from isopolis.engage.lottery.plain import lottery_to_plain
from isopolis.model import CallError, DataError

from .models import Assembly

__all__ = ["SECONDS", "solve"]

SECONDS = 240.0


def solve(job: Any, say: Callable[[str], None]) -> None:
    """Search the lottery of a pool; keep it, or why no panel keeps the quotas."""
    from isopolis.flows.lottery import fairest

    found = Assembly.objects.get(pk=job.subject)
    budget = Budget(time.monotonic, time.monotonic() + SECONDS)
    try:
        made = fairest(
            found.people(),
            found.bounds(),
            found.size,
            objective=found.objective,
            households=found.households,
            budget=budget,
            say=say,
        )
    except (DataError, CallError) as error:
        kept: dict[str, Any] = {"solved": None, "trouble": str(error)[:8000]}
    else:
        plain = lottery_to_plain(made)
        kept = {
            "trouble": "",
            "solved": plain | {"lowest": made.lowest, "gap": made.gap, "types": len(made.types)},
        }
    # a newer pool has a search of its own
    Assembly.objects.filter(pk=found.pk, version=found.version, listed_at=None).update(**kept)
