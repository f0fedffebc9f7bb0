"""How many voted, and in which way: the only numbers about voters beside the ballots themselves.

By neighbourhood and group there is the board of who took part, which goes through the privacy gate; a second
table of the same people beside it would let one be subtracted from the other.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from isopolis.engage.budget.audit.published import POLICY
from isopolis.web import ballots
from isopolis.web.ballots.models import RollEntry
from isopolis.web.modules.models import Module

__all__ = ["turnout_told"]


def turnout_told(module: Module) -> dict[str, Any]:
    """Return how many are on the roll, how many voted, and by which way as far as it may be shown."""
    counted = ballots.turnout(module)
    ways = Counter({k: n for k, n in counted.items() if k not in ("roll", "voted")})
    revoked = RollEntry.objects.filter(vote__module=module, state=RollEntry.State.REVOKED).count()
    return {"roll": counted["roll"] - revoked, "voted": counted["voted"], "ways": _ways(ways)}


def _ways(ways: Counter[str]) -> list[list[Any]]:
    """How many by which way; small numbers are hidden, and one more where only one is small."""
    small = {c for c, n in ways.items() if n < POLICY.threshold}
    if len(small) == 1 and len(ways) > 1:
        small.add(min((c for c in ways if c not in small), key=lambda c: (ways[c], c)))
    return [[c, None if c in small else n] for c, n in sorted(ways.items())]
