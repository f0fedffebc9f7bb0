"""The time to the nearest, and what is within reach: closest, cumulative, cumulative over a band."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from isopolis.explain import Citation, Explain
from isopolis.model import CallError, Travel

from .result import MINUTE, REACHED, UNREACHABLE, Access, minutes
from .sparse import Rows, amounts_of, cutoffs_of, row_sums, rows_of
from .spec import access

__all__ = ["closest", "closest_costs", "cumulative", "interval_cumulative"]

INGRAM = Citation(
    "Ingram, D. R.", 1971, "The concept of accessibility: A search for an operational form",
    "Regional Studies 5(2), 101-107",
)  # fmt: skip
GEURS = Citation(
    "Geurs, K. T. and van Wee, B.", 2004,
    "Accessibility evaluation of land-use and transport strategies: review and research directions",
    "Journal of Transport Geography 12(2), 127-140", "section 4",
)  # fmt: skip
WACHS = Citation(
    "Wachs, M. and Kumagai, T. G.", 1973, "Physical accessibility as a social indicator",
    "Socio-Economic Planning Sciences 7(5), 437-456",
)  # fmt: skip
TOMASIELLO = Citation(
    "Tomasiello, D. B., Herszenhut, D., Oliveira, J. L. A., Braga, C. K. V. and Pereira, R. H. M.", 2023,
    "A time interval metric for cumulative opportunity accessibility", "Applied Geography 157, 103007",
)  # fmt: skip


def closest_costs(
    travel: Travel | Rows, amounts: npt.ArrayLike | None = None, *, k: int = 1
) -> npt.NDArray[np.int32]:
    """(O, C) time to the k-th nearest in milliseconds, -1 where there are fewer than k in reach.

    A place with an amount of 3 stands for three places at once. See `closest`.
    """
    rows = rows_of(travel)
    table = amounts_of(rows, amounts)
    if k < 1:
        raise CallError("the k-th nearest is asked with k of 1 or more")
    out = np.full((rows.origins, table.shape[1]), -1, dtype=np.int32)
    for c in range(table.shape[1]):
        some = rows.kept(table[rows.indices, c] > 0)
        if not len(some.costs):
            continue
        out[:, c] = _first(some) if k == 1 else _kth(some, table[:, c], k)
    return out


def _first(rows: Rows) -> npt.NDArray[np.int32]:
    full = np.flatnonzero(np.diff(rows.indptr) > 0)
    out = np.full(rows.origins, -1, dtype=np.int32)
    out[full] = np.minimum.reduceat(rows.costs, rows.indptr[full])
    return out


def _kth(rows: Rows, amount: npt.NDArray[np.float64], k: int) -> npt.NDArray[np.int32]:
    row = rows.row()
    order = np.lexsort((rows.costs, row))
    found = np.cumsum(amount[rows.indices[order]])
    before = np.concatenate([[0.0], found])[rows.indptr[:-1]][row]
    # sums of fractions may fall short by a rounding
    enough = np.flatnonzero(found - before >= k * (1 - 1e-12))
    out = np.full(rows.origins, -1, dtype=np.int32)
    at, first = np.unique(row[enough], return_index=True)
    out[at] = rows.costs[order][enough[first]]
    return out


@access(
    "closest",
    symbol="t",
    family="time",
    unit="minutes",
    better="less",
    because="A time is understood at once, and needs no choice but which service is meant.",
    oracle="a loop over a dictionary of times; sorting every row",
    peers=("R accessibility cost_to_closest", "pandana nearest_pois", "cityseer"),
    explain=Explain(
        title="Minutes to the nearest",
        one_line="How long does it take to get to the nearest place, or to the second or third nearest?",
        low="A low value: the service is at the door.",
        high="A high value: people spend much time on the way, or give up.",
        ask_next=(
            "Is the nearest place open, free of steps and willing to admit these people?",
            "Who reaches no place at all? They have no time here and must be named.",
        ),
        pitfalls=(
            "The nearest place may be full, closed or of another kind than is needed.",
            (
                "Whoever reaches nothing within the time that was looked for has no value. A mean of the "
                "others hides them."
            ),
        ),
        not_for="Do not use it for things of which people need many to choose from, such as jobs.",
        example="A value of 18 means that people here need 18 minutes to the nearest health centre.",
        citations=(INGRAM, GEURS),
    ),
    laws=("order", "faster", "more-places"),
    say="The nearest {service} is {minutes} minutes away.",
)  # fmt: skip
def closest(travel: Travel | Rows, amounts: npt.ArrayLike | None = None, *, k: int = 1) -> Access:
    """Minutes to the k-th nearest place.

    Parameters
    ----------
    travel : Travel or Rows
    amounts : (P,) or (P, C) array, optional
        How many there are at each place, in C columns; 1 each when not given. Places with 0 do not
        count; a place with 3 counts as three.
    k : int
        1 for the nearest.

    Returns
    -------
    Access
        (O, C) minutes; `UNREACHABLE` where fewer than `k` are in reach.

    Raises
    ------
    CallError
        If amounts do not fit the places, or `k` is less than 1.

    References
    ----------
    Ingram (1971).
    """
    rows = rows_of(travel)
    costs = closest_costs(rows, amounts, k=k)
    state = np.where(costs < 0, UNREACHABLE, REACHED)
    return Access(minutes(costs), state, "closest", "minutes", "less", rows.limit / MINUTE)


@access(
    "cumulative",
    symbol="A",
    family="opportunities",
    unit="places",
    because="It is said in places and minutes, and every tool gives the same figure for it.",
    oracle="pandas direct sums of Belo Horizonte at 15, 30, 45 and 60 minutes; a loop over a dictionary",
    peers=("R accessibility cumulative_cutoff", "pandana aggregate", "r5r accessibility(step)"),
    explain=Explain(
        title="Places within reach",
        one_line="How many places, jobs or seats can be reached within so many minutes?",
        low="A low value: there is little within that time.",
        high="A high value: there is much to choose from within that time.",
        ask_next=(
            "Does another number of minutes tell another story? Ask for several.",
            "How many other people reach the same places? Look at a measure with competition.",
        ),
        pitfalls=(
            "A place one minute beyond the limit counts nothing, a place at the limit counts in full.",
            "It does not see that others want the same places.",
        ),
        not_for="Do not compare values with different numbers of minutes, or of different things.",
        example="A value of 4 within 15 minutes means that four health centres are at most 15 minutes away.",
        citations=(WACHS, GEURS),
    ),
    laws=("order", "faster", "more-places", "adds-up"),
    say="{count} {service} are within {minutes} minutes.",
)  # fmt: skip
def cumulative(travel: Travel | Rows, amounts: npt.ArrayLike | None, cutoffs: npt.ArrayLike) -> Access:
    """Sum of what is within each cutoff, cutoffs included.

    Parameters
    ----------
    travel : Travel or Rows
    amounts : (P,) or (P, C) array, or None for 1 each
    cutoffs : (T,) array, milliseconds, rising

    Returns
    -------
    Access
        (O, T, C) sums, exact where amounts are whole numbers below 2**53 in sum. Reaching nothing is
        a true 0.

    Raises
    ------
    CallError
        If amounts do not fit, cutoffs do not rise, or one is longer than was looked for.

    References
    ----------
    Wachs and Kumagai (1973); Geurs and van Wee (2004), section 4.2.
    """
    rows = rows_of(travel)
    table, cut = amounts_of(rows, amounts), cutoffs_of(rows, cutoffs)
    # one column more for what is beyond the last cutoff
    band = np.searchsorted(cut, rows.costs, side="left")
    wide = len(cut) + 1
    key = rows.row() * wide + band
    out = np.empty((rows.origins, len(cut), table.shape[1]))
    for c in range(table.shape[1]):
        sums = np.bincount(key, table[rows.indices, c], rows.origins * wide).reshape(rows.origins, wide)
        out[:, :, c] = np.cumsum(sums[:, :-1], axis=1)
    return Access(out, np.full(out.shape, REACHED), "cumulative")


@access(
    "interval_cumulative",
    symbol="A(band)",
    family="opportunities",
    unit="places",
    because="It does not hang on one number of minutes that somebody chose.",
    oracle="the mean of cumulative access over every minute of the band",
    peers=("R accessibility cumulative_interval",),
    explain=Explain(
        title="Places within reach, over a band of minutes",
        one_line="How many places can be reached, on average over limits from so many to so many minutes?",
        low="A low value: there is little, whichever limit within the band is taken.",
        high="A high value: there is much, whichever limit within the band is taken.",
        ask_next=("Is the order of groups the same at both ends of the band?",),
        pitfalls=(
            "It is a mean over limits, so it need not be a whole number of places.",
            "A wide band mixes near and far places into one figure.",
        ),
        not_for="Do not use it for a promise in law or policy that names one number of minutes.",
        example=(
            "A value of 3.5 for 10 to 20 minutes means three or four clinics, depending on the limit taken."
        ),
        citations=(TOMASIELLO,),
    ),
    laws=("order", "faster", "more-places", "adds-up"),
    say="Between {low} and {high} minutes, {count} {service} are in reach on average.",
)  # fmt: skip
def interval_cumulative(
    travel: Travel | Rows,
    amounts: npt.ArrayLike | None,
    low: int,
    high: int,
    *,
    step: int = MINUTE,
) -> Access:
    """Mean of cumulative access over the cutoffs ``low, low + step, …, high``.

    Parameters
    ----------
    travel : Travel or Rows
    amounts : (P,) or (P, C) array, or None for 1 each
    low, high : int, milliseconds
        Ends of the band, both included.
    step : int, milliseconds
        Between one cutoff and the next.

    Returns
    -------
    Access
        (O, C).

    Raises
    ------
    CallError
        If the band is empty or longer than was looked for.

    References
    ----------
    Tomasiello et al. (2023).
    """
    rows = rows_of(travel)
    if step < 1 or low > high:
        raise CallError("a band of cutoffs runs from a shorter time to a longer one, in steps above 0")
    cut = cutoffs_of(rows, np.arange(low, high + 1, step))
    table = amounts_of(rows, amounts)
    # a place counts at every cutoff from its own time on
    share = (len(cut) - np.searchsorted(cut, rows.costs, side="left")) / len(cut)
    out = row_sums(rows, share, table)
    return Access(out, np.full(out.shape, REACHED), "interval_cumulative")
