"""What a reader must know beside the numbers of a board."""

from __future__ import annotations

from isopolis.model.text import Number, count, phrase
from isopolis.privacy import Policy

from .placed import Placed

__all__ = ["notes", "roughly"]

MUCH = 0.2


def roughly(people: int, policy: Policy) -> str:
    """Write a number of people; a small one is not told."""
    if 0 < people < policy.threshold:
        return phrase("fewer than {least}", least=count(policy.threshold))
    return count(people)


def notes(placed: Placed, policy: Policy) -> tuple[str, ...]:
    """Return the sentences, the most weighty first."""
    out = []
    if placed.unplaced:
        share = placed.unplaced / placed.everyone
        out.append(
            phrase(
                "Of {n} participants the neighbourhood or the group is not known ({share}); rates are of "
                "those who are known, and so all rates are too low by that much.",
                n=roughly(placed.unplaced, policy), share=Number(f"{share:.0%}"),
            )
        )  # fmt: skip
        if share > MUCH:
            out.append(
                phrase("So many are not known that groups who rather say nothing may seem to be missing.")
            )
    if placed.beyond:
        out.append(
            phrase(
                "{n} participants are of cells in which the census counts fewer people than took part; "
                "these cells are left out.", n=roughly(placed.beyond, policy),
            )
        )  # fmt: skip
    out.append(
        phrase(
            "Numbers below {least} are hidden, and others with which they could be worked out. Where a "
            "number is hidden the rate is estimated from its neighbourhood and group only.",
            least=count(policy.threshold),
        )
    )
    out.append(
        phrase(
            "Rates of neighbourhoods and of crossings are drawn towards what their margins say, the more so "
            "the fewer people they are of. Intervals are about how ready people are to take part, not about "
            "counting."
        )
    )
    return tuple(out)
