"""What makes a result by public transport doubtful."""

from __future__ import annotations

import numpy as np
import pytest

from isopolis.model.errors import CallError
from isopolis.reach.transit import Late, Links, Walks, adds_nothing, delayed, delays, times

from .towns import links, timetable


def town(first: int = 36_000):
    """Two origins, one place; a bus every ten minutes for an hour; both ends at the stops."""
    plan = timetable(
        2,
        [[(0, first + 600 * n, first + 600 * n), (1, first + 600 * n + 300, first + 600 * n + 300)]
         for n in range(7)],
    )  # fmt: skip
    walks = Walks(
        links(2, 2, [(0, 0, 0)]), links(2, 1, [(1, 0, 0)]), Links.none(2, 2), links(2, 1, [(0, 0, 1_200_000)])
    )
    return plan, walks


LEAVE = np.arange(36_000, 37_800, 60)


def test_no_alarm_when_people_gain() -> None:
    plan, walks = town()
    found = times(plan, walks, LEAVE, limit=1800)
    assert adds_nothing(found, walks.direct, plan) is None
    assert adds_nothing(found, walks.direct, plan, people=[1, 0], least=1.0) is None


def test_the_alarm_names_the_hours_of_service() -> None:
    plan, walks = town(first=60_000)
    alarm = adds_nothing(times(plan, walks, LEAVE, limit=1800), walks.direct, plan)
    assert alarm is not None
    assert (alarm.share, alarm.pairs, alarm.trips, alarm.span) == (0.0, 0, 0, (60_000, 63_900))
    assert "from 16:40 to 17:45; 0 of them between 10:00 and 10:59" in alarm.problem.message
    assert not alarm.problem.fatal


def test_the_alarm_counts_people_and_the_gain_asked_for() -> None:
    plan, walks = town()
    found = times(plan, walks, LEAVE, limit=1800)
    alarm = adds_nothing(found, walks.direct, plan, people=[3, 97])
    assert alarm is not None
    assert (alarm.share, alarm.pairs, alarm.trips) == (0.03, 1, 6)
    # the median is 9 minutes of at most 14: 11 minutes less than on foot
    quicker = 1200 - int(found.at(50.0)[0, 0])
    assert adds_nothing(found, walks.direct, plan, gain=quicker) is None
    assert adds_nothing(found, walks.direct, plan, gain=quicker + 1) is not None


def test_an_alarm_without_any_trip() -> None:
    plan, walks = timetable(2, []), town()[1]
    alarm = adds_nothing(times(plan, walks, LEAVE, limit=1800), walks.direct, plan)
    assert alarm is not None
    assert alarm.span is None
    assert "No trip runs on 2026-05-04" in alarm.problem.message
    with pytest.raises(CallError, match="not those of these"):
        adds_nothing(times(plan, walks, LEAVE, limit=1800), Links.none(3, 1), plan)
    with pytest.raises(CallError, match="somebody somewhere"):
        adds_nothing(times(plan, walks, LEAVE, limit=1800), walks.direct, plan, people=[0, 0])


def test_delays_shift_whole_trips() -> None:
    plan, _ = town()
    late = np.array([0, 30, -40_000, 7, 0, 0, 0])
    shifted = delayed(plan, late)
    assert (shifted.call_arrival - plan.call_arrival).tolist() == [
        0, 0, 30, 30, -37_200, -37_200, 7, 7, 0, 0, 0, 0, 0, 0,
    ]  # fmt: skip


def test_the_same_delay_for_all_is_the_timetable_later() -> None:
    plan, walks = town()
    found = delays(
        plan, walks, [36_000], limit=1800, cutoff=420, seed=5, late=Late(observed=np.array([120.0])), draws=2
    )
    # 300 s as planned, 420 s two minutes late: still within the cutoff, which counts
    assert (found.pairs, found.lost.tolist(), found.later.tolist()) == (1, [0.0, 0.0], [120.0, 120.0])
    found = delays(
        plan, walks, [36_000], limit=1800, cutoff=419, seed=5, late=Late(observed=np.array([120.0])), draws=1
    )
    assert found.lost.tolist() == [1.0]
    assert "100.0% of the 1 pairs" in found.said()


def test_draws_depend_on_the_seed_alone() -> None:
    plan, walks = town()
    options = {"limit": 1800, "cutoff": 600, "late": Late(200, 0.8)}
    five = delays(plan, walks, LEAVE, seed=1, draws=5, **options)
    two = delays(plan, walks, LEAVE, seed=1, draws=2, threads=2, **options)
    assert five.later[:2].tolist() == two.later.tolist()
    assert delays(plan, walks, LEAVE, seed=2, draws=2, **options).later.tolist() != two.later.tolist()
    assert len(set(five.later.tolist())) > 1


def test_the_median_of_drawn_delays_is_the_one_asked_for() -> None:
    drawn = Late(90, 0.7).draw(np.random.default_rng(1), 20_000)
    assert np.median(drawn) == pytest.approx(90, rel=0.03)
    assert np.log(drawn[drawn > 0]).std() == pytest.approx(0.7, rel=0.03)


def test_delays_without_anything_in_reach_say_so() -> None:
    plan, walks = town(first=60_000)
    found = delays(plan, walks, [36_000], limit=900, cutoff=600, seed=1, draws=1)
    assert (found.pairs, len(found.lost), len(found.later)) == (0, 0, 0)
    assert "cannot change anything" in found.said()


@pytest.mark.parametrize("wrong", [{"median": 0}, {"sigma": -1}, {"median": float("nan")},
                                   {"observed": np.zeros(0)}])  # fmt: skip
def test_impossible_delays_are_refused(wrong) -> None:
    with pytest.raises(CallError):
        Late(**wrong)


def test_a_cutoff_beyond_the_limit_is_refused() -> None:
    plan, walks = town()
    with pytest.raises(CallError, match="cutoff"):
        delays(plan, walks, [0], limit=600, cutoff=601, seed=1)
