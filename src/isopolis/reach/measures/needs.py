"""A set of daily needs: how many are within so many minutes, and how long until all are met."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isopolis.explain import Citation, Explain
from isopolis.model import CallError

from .result import MINUTE, NOT_LOCATED, REACHED, UNREACHABLE, Access, minutes
from .spec import access

__all__ = ["Needs", "completeness", "minutes_to_all", "needs"]

Costs = npt.NDArray[np.int32]

MORENO = Citation(
    "Moreno, C., Allam, Z., Chabaud, D., Gall, C. and Pratlong, F.", 2021,
    "Introducing the 15-Minute City: sustainability, resilience and place identity in future "
    "post-pandemic cities", "Smart Cities 4(1), 93-111",
)  # fmt: skip
LOGAN = Citation(
    "Logan, T. M., Hobbs, M. H., Conrow, L. C., Reid, N. L., Young, R. A. and Anderson, M. J.", 2022,
    "The x-minute city: Measuring the 10, 15, 20-minute city and an evaluation of its use for sustainable "
    "urban design", "Cities 131, 103924",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Needs:
    """Daily needs of every origin.

    Parameters
    ----------
    names : tuple of str
        Kinds of service.
    share : Access
        (O, T) weighted share of needs within each cutoff, 0..1.
    all_met : Access
        (O,) minutes until the last need is met; `UNREACHABLE` where one is not in reach.
    hardest : (O,) array of int
        Need that takes longest, in the order of `names`; the first that is not in reach where there is one.
    missing : (O,) array of int
        Needs that are not in reach at all.
    """

    names: tuple[str, ...]
    share: Access
    all_met: Access
    hardest: npt.NDArray[np.int32]
    missing: npt.NDArray[np.int32]


def _costs(costs: npt.ArrayLike) -> Costs:
    out = np.asarray(costs)
    if out.ndim != 2 or not out.shape[1]:
        raise CallError("times to daily needs are a table of origins by needs, with at least one need")
    if not np.issubdtype(out.dtype, np.integer):
        raise CallError("times to daily needs are whole milliseconds, -1 where a need is not in reach")
    return out


@access(
    "completeness",
    symbol="15'",
    family="needs",
    unit="share",
    because="It says in one figure what a neighbourhood lacks, and the parts can be named.",
    oracle="a loop over origins and needs",
    peers=("CityAccessMap", "the 15-minute city"),
    explain=Explain(
        title="Daily needs within reach",
        one_line="What share of daily needs is met within so many minutes?",
        low="Near 0 hardly any need is met within that time.",
        high="At 1 every need on the list is met within that time.",
        ask_next=(
            "Which need is missing most often, and for whom?",
            "Who wrote the list? Ask people who care for others, and people who cannot walk far.",
        ),
        pitfalls=(
            "The list of needs is a choice. A list made by commuters forgets care.",
            "One place of each kind is enough here, even when it is full, closed or too dear.",
        ),
        not_for="Do not use it as a reason to keep people within their quarter.",
        example="With eight needs, a value of 0.75 means that six of them are met within 15 minutes.",
        citations=(MORENO, LOGAN),
    ),
    laws=("order", "faster", "more-places", "bounded"),
    say="{percent} of daily needs are met within {minutes} minutes.",
)  # fmt: skip
def completeness(
    costs: npt.ArrayLike, cutoffs: npt.ArrayLike, weights: npt.ArrayLike | None = None
) -> Access:
    """Weighted share of needs within each cutoff.

    Parameters
    ----------
    costs : (O, N) array of int, milliseconds
        Time to the nearest place of each need; -1 where there is none in reach.
    cutoffs : (T,) array, milliseconds
        Included.
    weights : (N,) array, optional
        How much each need counts; equal when not given.

    Returns
    -------
    Access
        (O, T) shares. A need that is out of reach is a need not met.

    Raises
    ------
    CallError
        If shapes disagree, or weights are negative or all 0.

    References
    ----------
    Moreno et al. (2021); Logan et al. (2022).
    """
    times = _costs(costs)
    many = times.shape[1]
    weight = np.ones(many) if weights is None else np.asarray(weights, dtype=np.float64)
    if weight.shape != (many,) or not np.isfinite(weight).all() or (weight < 0).any() or not weight.any():
        raise CallError(f"give a weight of 0 or more for each of the {many} needs, not all of them 0")
    out = np.empty((len(times), len(np.atleast_1d(cutoffs))))
    for t, cutoff in enumerate(np.atleast_1d(cutoffs)):
        met = (times >= 0) & (times <= cutoff)
        # all needs met must be exactly 1
        out[:, t] = np.where(met[:, weight > 0].all(axis=1), 1.0, met @ weight / weight.sum())
    return Access(out, np.full(out.shape, REACHED), "completeness", "share")


@access(
    "minutes_to_all",
    symbol="t(all)",
    family="needs",
    unit="minutes",
    better="less",
    because="A chain of errands is as long as its longest leg, and the need that makes it so can be named.",
    oracle="a loop over origins and needs",
    peers=("the x-minute city",),
    explain=Explain(
        title="Minutes until every daily need is met",
        one_line="How long does it take to get to the need that is farthest away?",
        low="A low value: everything on the list is near.",
        high="A high value: at least one need is far away.",
        ask_next=("Which need takes longest here, and how many people does it concern?",),
        pitfalls=(
            "One rare need decides the value. Look at which one it is.",
            "Where a need is out of reach there is no value at all, and such places must be named.",
        ),
        not_for="Do not add it up over people as time spent: nobody goes to every need each day.",
        example="A value of 24 means that seven needs may be near, but the eighth takes 24 minutes.",
        citations=(LOGAN,),
    ),
    laws=("order", "faster", "more-places"),
    say="The daily need that is farthest away takes {minutes} minutes.",
)  # fmt: skip
def minutes_to_all(costs: npt.ArrayLike) -> Access:
    """Minutes to the farthest of the needs.

    Parameters
    ----------
    costs : (O, N) array of int, milliseconds
        Time to the nearest place of each need; -1 where there is none in reach.

    Returns
    -------
    Access
        (O,) minutes; `UNREACHABLE` where a need is out of reach.

    References
    ----------
    Logan et al. (2022).
    """
    times = _costs(costs)
    state = np.where((times < 0).any(axis=1), UNREACHABLE, REACHED)
    return Access(minutes(times.max(axis=1)), state, "minutes_to_all", "minutes", "less")


def needs(
    names: tuple[str, ...],
    costs: npt.ArrayLike,
    cutoffs: npt.ArrayLike,
    *,
    weights: npt.ArrayLike | None = None,
    limit: int = 0,
    attached: npt.ArrayLike | None = None,
) -> Needs:
    """Return everything about a set of daily needs at once.

    Parameters
    ----------
    names : tuple of str
        One per need.
    costs, cutoffs, weights
        See `completeness`.
    limit : int, milliseconds
        Longest time that was looked for; 0 when there was no limit.
    attached : (O,) array of bool, optional
        False for origins that are not on the network: nothing is known of them.

    Raises
    ------
    CallError
        If shapes disagree, or a cutoff is longer than was looked for.
    """
    times = _costs(costs)
    if len(names) != times.shape[1]:
        raise CallError("give one name for each daily need")
    if limit and int(np.max(cutoffs)) > limit:
        raise CallError(
            f"times to daily needs were looked for up to {limit / MINUTE:g} minutes; ask for no longer cutoff"
        )
    share, last = completeness(times, cutoffs, weights), minutes_to_all(times)
    last = Access(last.values, last.state, last.measure, last.unit, last.better, limit / MINUTE)
    if attached is not None:
        share, last = share.located(attached), last.located(attached)
    # what is out of reach is harder than anything in reach
    worst = np.where(times < 0, np.iinfo(np.int64).max, times.astype(np.int64)).argmax(axis=1)
    known = last.state != NOT_LOCATED
    missing = np.where(known, (times < 0).sum(axis=1), 0)
    return Needs(tuple(names), share, last, worst.astype(np.int32), missing.astype(np.int32))
