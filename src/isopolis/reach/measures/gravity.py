"""Potential access: every place counts, the less the farther it is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from isopolis.explain import Citation, Explain
from isopolis.model import Problem, Travel
from isopolis.model.text import phrase

from .decay import Decay
from .result import MINUTE, REACHED, Access
from .sparse import Rows, amounts_of, row_sums, rows_of
from .spec import access

__all__ = ["cut_short", "gravity"]

HANSEN = Citation(
    "Hansen, W. G.", 1959, "How accessibility shapes land use",
    "Journal of the American Institute of Planners 25(2), 73-76",
)  # fmt: skip
KWAN = Citation(
    "Kwan, M.-P.", 1998,
    "Space-time and integral measures of individual accessibility: a comparative analysis using a "
    "point-based framework",
    "Geographical Analysis 30(3), 191-216", "table 1",
)  # fmt: skip
LEVINSON = Citation(
    "Levinson, D. and King, D.", 2020, "Transport Access Manual: A guide for measuring connection between "
    "people and places", "Committee of the Transport Access Manual, University of Sydney",
)  # fmt: skip

SMALL = 1e-3
"""Weight beyond the longest time that may be left out without a word."""


def cut_short(rows: Rows, fade: Decay) -> tuple[Problem, ...]:
    """Say when times were not looked for as far as the decay reaches."""
    if not rows.limit or fade.end * MINUTE <= rows.limit:
        return ()
    beyond = float(fade.weights(np.array([rows.limit + 1]))[0])
    if beyond < SMALL:
        return ()
    message = phrase(
        "places beyond {limit} minutes were not looked for, though each would still count up to {weight}",
        limit=f"{rows.limit / MINUTE:g}",
        weight=f"{beyond:.3f}",
    )
    return (Problem("decay-cut-short", message, fatal=False, hint=phrase("Look for longer times.")),)


@access(
    "gravity",
    symbol="A(f)",
    family="opportunities",
    unit="places",
    because="It counts near places more than far ones, which one limit in minutes cannot.",
    oracle="a loop over a dictionary; closed forms of each decay on a line of places",
    peers=("R accessibility gravity", "pandana aggregate(decay)", "PySAL access WeightedCatchment"),
    explain=Explain(
        title="Places, the near ones counted more",
        one_line="How many places are there for people here, when a far place counts less than a near one?",
        low="A low value: places are few or far.",
        high="A high value: places are many and near.",
        ask_next=(
            "Does another way of counting far places less turn the order of the groups?",
            "Was the weight taken from trips that people really make?",
        ),
        pitfalls=(
            "The value depends on how fast the weight falls, and somebody has to choose that.",
            "It has no unit that one can count on the ground: compare values, do not read one alone.",
            "It does not see that others want the same places.",
        ),
        not_for="Do not use it for a promise to citizens: nobody can check it at the door.",
        example=(
            "When a place counts half at 10 minutes, one clinic next door and two at 10 minutes make 2."
        ),
        citations=(HANSEN, KWAN, LEVINSON),
    ),
    laws=("order", "faster", "more-places", "adds-up"),
    say="Counting far places less, there are {count} {service}.",
)  # fmt: skip
def gravity(travel: Travel | Rows, amounts: npt.ArrayLike | None, fade: Decay) -> Access:
    """Sum of amounts, each times the weight of its time.

    Parameters
    ----------
    travel : Travel or Rows
    amounts : (P,) or (P, C) array, or None for 1 each
    fade : Decay
        From `decay` or `stepped`.

    Returns
    -------
    Access
        (O, C). A caveat says when times were cut off before the decay was small.

    Raises
    ------
    CallError
        If amounts do not fit the places.

    References
    ----------
    Hansen (1959); Kwan (1998), table 1; Levinson and King (2020).
    """
    rows = rows_of(travel)
    out = row_sums(rows, fade.weights(rows.costs), amounts_of(rows, amounts))
    return Access(out, np.full(out.shape, REACHED), "gravity", caveats=cut_short(rows, fade))
