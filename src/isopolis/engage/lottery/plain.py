"""A lottery as plain lists and numbers, so that it is found once and used when the seed is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .pool import Types
from .solve import Lottery

__all__ = ["lottery_from_plain", "lottery_to_plain"]


def lottery_to_plain(lottery: Lottery) -> dict[str, Any]:
    """Return what JSON can hold; panels as pairs of type and seats."""
    return {
        "objective": lottery.objective,
        "panels": [[[int(t), int(panel[t])] for t in np.flatnonzero(panel)] for panel in lottery.panels],
        "weights": lottery.weights.tolist(),
        "never": np.flatnonzero(lottery.never).tolist(),
        "bound": lottery.bound,
        "share": lottery.share,
        "levels": lottery.levels,
    }


def lottery_from_plain(types: Types, plain: Mapping[str, Any]) -> Lottery:
    """Read back what `lottery_to_plain` made, for the same pool.

    Raises
    ------
    ValueError
        When a panel does not keep the rules of this pool: the pool is another one.
    """
    panels = np.zeros((len(plain["panels"]), len(types)), dtype=np.int64)
    for place, panel in enumerate(plain["panels"]):
        for kind, seats in panel:
            if not 0 <= kind < len(types):
                raise ValueError("the lottery belongs to another pool")
            panels[place, kind] = seats
    if not all(types.allows(p) for p in panels):
        raise ValueError("the lottery belongs to another pool")
    never = np.zeros(len(types), dtype=bool)
    never[plain["never"]] = True
    weights = np.array(plain["weights"])
    return Lottery(
        types, plain["objective"], panels, weights, never, plain["bound"], plain["share"], plain["levels"]
    )
