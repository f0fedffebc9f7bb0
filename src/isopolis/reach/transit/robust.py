"""How firm times by public transport are: when they add nothing, and what delays do to them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from isopolis.model.errors import CallError, Problem
from isopolis.model.text import Number, count, phrase, phrases
from isopolis.model.timetable import Timetable

from .journey import clock
from .links import Links, Walks
from .network import Network
from .times import Times, times

__all__ = ["Alarm", "Late", "Robustness", "adds_nothing", "delayed", "delays"]


@dataclass(frozen=True, slots=True)
class Alarm:
    """Public transport is in the data, and hardly anybody is quicker with it than on foot.

    Parameters
    ----------
    share : float
        Share of the origins (or of the people there) that gain, 0 to 1.
    pairs : int
        Pairs of origin and place that gain.
    trips : int
        Trips that run at some moment of the window.
    span : (int, int) or None
        First departure and last arrival of the day, seconds after midnight; None if nothing runs.
    problem : Problem
        The same as a sentence, with what to do next.
    """

    share: float
    pairs: int
    trips: int
    span: tuple[int, int] | None
    problem: Problem


def adds_nothing(
    found: Times,
    on_foot: Links,
    timetable: Timetable,
    *,
    percentile: float | None = None,
    people: npt.ArrayLike | None = None,
    gain: int = 60,
    least: float = 0.05,
) -> Alarm | None:
    """Say when public transport improves on walking for hardly anybody: most often the feed is the reason.

    Parameters
    ----------
    found : Times
    on_foot : Links
        Direct walks, origins to places, the same that `found` was computed with.
    timetable : Timetable
    percentile : float, optional
        One of those of `found`; the middle one if not given.
    people : (O,) array, optional
        People at each origin; every origin counts once if not given.
    gain : int, seconds
        By how much somebody must be quicker, at one place at least, to count; a place that is reached
        by public transport only counts as well.
    least : float, 0 to 1
        No alarm if this share or more gain.

    Raises
    ------
    CallError
        If origins disagree, or nobody lives at any of them.
    """
    q = found.percentiles[len(found.percentiles) // 2] if percentile is None else percentile
    seconds = found.at(q)
    if (on_foot.rows, on_foot.columns) != seconds.shape:
        raise CallError("the walks are not those of these travel times")
    weights = np.ones(on_foot.rows) if people is None else np.asarray(people, dtype=np.float64)
    if weights.shape != (on_foot.rows,) or not weights.sum() > 0 or (weights < 0).any():
        raise CallError("people by origin must be 0 or more, one number for each, and somebody somewhere")
    walk = np.full(seconds.shape, np.inf)
    quickest = on_foot.shortest()
    walk[quickest.tails(), quickest.indices] = -(-quickest.costs.astype(np.int64) // 1000)
    gains = (seconds >= 0) & (walk - seconds >= gain)
    share = float(weights[gains.any(axis=1)].sum() / weights.sum())
    if share >= least:
        return None
    first, last = int(found.departures[0]), int(found.departures[-1]) + found.limit
    pointer = timetable.trip_pointer
    riding = np.diff(pointer) > 1
    begin = timetable.call_departure[pointer[:-1][riding]]
    end = timetable.call_arrival[pointer[1:][riding] - 1]
    running = int(((begin <= last) & (end >= first)).sum())
    span = (int(begin.min()), int(end.max())) if len(begin) else None
    problem = _alarm(share, running, span, timetable, first, last)
    return Alarm(share, int(gains.sum()), running, span, problem)


def _alarm(
    share: float, trips: int, span: tuple[int, int] | None, timetable: Timetable, first: int, last: int
) -> Problem:
    if span is None:
        service = phrase("No trip runs on {date}.", date=timetable.date)
    else:
        service = phrases(
            "On {date} trips run from {begin} to {end}; {n} of them between {first} and {last}.",
            "On {date} trips run from {begin} to {end}; {n} of them between {first} and {last}.",
            trips, date=timetable.date, begin=clock(span[0]), end=clock(span[1]), first=clock(first),
            last=clock(last),
        )  # fmt: skip
    return Problem(
        code="transit-adds-nothing",
        message=phrase(
            "Public transport is quicker than walking for {share} only of those counted. {service}",
            share=Number(f"{share:.1%}"), service=service,
        ),
        file=timetable.source or None,
        rule=phrase("the feed covers {first} to {last}", first=timetable.covers[0], last=timetable.covers[1])
        if all(timetable.covers)
        else "",
        hint=phrase("Look at the date, the hours and whether stops and streets lie in the same place."),
        fatal=False,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Late:
    """By how much whole trips run late.

    Parameters
    ----------
    median : float, seconds
        Median of a lognormal distribution, above 0 (an assumption unless it was measured), and
    sigma : float
        its spread: the standard deviation of the logarithm, 0 or more.
    observed : (n,) array, seconds, optional
        Delays that were measured; drawn from with replacement instead. Trips that left early are below 0.
    """

    median: float = 60.0
    sigma: float = 1.0
    observed: npt.NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        if not self.median > 0 or not self.sigma >= 0 or not np.isfinite([self.median, self.sigma]).all():
            raise CallError(
                f"a delay needs a median above 0 and a sigma of 0 or more, not {self.median:g} "
                f"and {self.sigma:g}"
            )
        if self.observed is not None and (not len(self.observed) or not np.isfinite(self.observed).all()):
            raise CallError("observed delays must be numbers of seconds, at least one")

    def draw(self, rng: np.random.Generator, trips: int) -> npt.NDArray[np.int64]:
        """(trips,) whole seconds."""
        if self.observed is not None:
            return np.rint(rng.choice(np.asarray(self.observed, dtype=np.float64), trips)).astype(np.int64)
        late = self.median * np.exp(self.sigma * rng.standard_normal(trips))
        return np.rint(np.minimum(late, 86_400.0)).astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Robustness:
    """What delays do to travel times, over several draws.

    Parameters
    ----------
    pairs : int
        Pairs of origin and place that are within the cutoff as planned.
    lost, won : (R,) arrays, 0 to 1
        Share of these pairs that are not within the cutoff any more, and pairs that newly are, as a share
        of the same number; for each draw. Empty where no pair is within the cutoff as planned.
    later : (R,) array, seconds
        Mean change of the travel time over the pairs that are reached within the limit both times; empty
        where there is none.
    cutoff : int, seconds
    percentile : float
    """

    pairs: int
    lost: npt.NDArray[np.float64]
    won: npt.NDArray[np.float64]
    later: npt.NDArray[np.float64]
    cutoff: int
    percentile: float

    def said(self) -> str:
        """Say it in a sentence."""
        if not len(self.lost):
            return phrase("No place is reached in time, so that delays cannot change anything.")
        return phrase(
            "With delays, {lost} of the {n} pairs of origin and place in reach are not in reach any more "
            "({least} to {most} between draws).",
            lost=Number(f"{self.lost.mean():.1%}"), n=count(self.pairs),
            least=Number(f"{self.lost.min():.1%}"), most=Number(f"{self.lost.max():.1%}"),
        )  # fmt: skip


def delayed(timetable: Timetable, late: npt.NDArray[np.integer]) -> Timetable:
    """Shift every trip by its own (T,) seconds; nothing runs before midnight."""
    first = timetable.call_arrival[np.minimum(timetable.trip_pointer[:-1], len(timetable.call_arrival) - 1)]
    shift = np.repeat(np.maximum(late, -first.astype(np.int64)), np.diff(timetable.trip_pointer))
    return replace(
        timetable,
        call_arrival=(timetable.call_arrival + shift).astype(np.int32),
        call_departure=(timetable.call_departure + shift).astype(np.int32),
    )


def delays(
    network: Network | Timetable,
    walks: Walks,
    departures: npt.ArrayLike,
    *,
    limit: int,
    cutoff: int,
    seed: int,
    late: Late | None = None,
    draws: int = 5,
    percentile: float = 50.0,
    rounds: int = 4,
    wheelchair: str | None = None,
    boarding: int = 0,
    threads: int = 1,
) -> Robustness:
    """Shift trips by drawn delays and compute the travel times again.

    Riders are thought to know the delays of the day and to take the best journey there is then: the loss
    to somebody who planned by the timetable is larger.

    Parameters
    ----------
    network, walks, departures, limit, rounds, wheelchair, boarding, threads
        As for `times`.
    cutoff : int, seconds
        Who reaches what within this time is compared; at most `limit`.
    seed : int
        Draw r depends on `seed` and r alone (Philox, Salmon et al. 2011).
    late : Late, optional
        Delays of whole trips, independent of each other.
    draws : int, at least 1
    percentile : float
        Of the departures, as for `times`.

    Raises
    ------
    CallError
        If the cutoff lies above the limit, or as for `times`.
    """
    if not 0 < cutoff <= limit or draws < 1:
        raise CallError(f"the cutoff must lie between 1 and the limit, {limit} s, and draws be 1 or more")
    plan = Network.of(network)

    def medians(of: Network) -> npt.NDArray[np.int32]:
        return times(
            of, walks, departures, limit=limit, rounds=rounds, percentiles=(percentile,),
            wheelchair=wheelchair, boarding=boarding, threads=threads,
        ).at(percentile)  # fmt: skip

    planned = medians(plan)
    within = (planned >= 0) & (planned <= cutoff)
    pairs, lost, won, later = int(within.sum()), [], [], []
    for r in range(draws):
        rng = np.random.Generator(np.random.Philox(key=np.array([seed, r], dtype=np.uint64)))
        drawn = (late or Late()).draw(rng, len(plan.timetable.trip_ids))
        now = medians(Network.of(delayed(plan.timetable, drawn)))
        still = (now >= 0) & (now <= cutoff)
        if pairs:
            lost.append((within & ~still).sum() / pairs)
            won.append((still & ~within).sum() / pairs)
        both = (planned >= 0) & (now >= 0)
        if both.any():
            later.append(float((now[both].astype(np.int64) - planned[both]).mean()))
    return Robustness(pairs, np.array(lost), np.array(won), np.array(later), cutoff, percentile)
