"""Rates, surges, and the worry of the unheard: a worry of a 2 % group survives 1,000 calls."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isopolis.engage.worries.rates import rate, shrunk, surges, unheard, voice
from isopolis.model import CallError

RESIDENTS = np.array([20_000.0, 480_000.0, 300_000.0, 200_000.0])  # the first is 2 %
TOPICS = ("ramps", "lighting", "roads", "transport", "order", "waste", "snow")
WEEK = 7


def _city(seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Unit, topic and day of each worry of four weeks: the first group calls half as often, but of ramps."""
    rng = np.random.default_rng(seed)
    per_day = np.outer(RESIDENTS / RESIDENTS.sum(), [1, 15, 14, 12, 11, 9, 1.0])
    per_day[0] *= 0.5
    per_day[0, 0] = 0.6
    unit, topic, day = np.nonzero(counts := rng.poisson(np.repeat(per_day[:, :, None], 28, axis=2)))
    times = counts[unit, topic, day]
    return tuple(np.repeat(x, times) for x in (unit, topic, day))  # type: ignore[return-value]


def _tables(unit: np.ndarray, topic: np.ndarray, day: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    weights, _ = surges(day, topic)
    whole, calm = np.zeros((4, 7)), np.zeros((4, 7))
    np.add.at(whole, (unit, topic), 1.0)
    np.add.at(calm, (unit, topic), weights)
    return whole, calm


def _heard(table: np.ndarray) -> list[int]:
    return np.argsort(-table.sum(axis=0))[:5].tolist()


def test_a_worry_of_a_2_percent_group_survives_a_surge_of_1000_calls() -> None:
    unit, topic, day = _city()
    before, calm = _tables(unit, topic, day)
    first = unheard(before, RESIDENTS, calm=calm, heard=_heard(before))[0]
    assert (first.unit, first.topic) == (0, 0)
    rng = np.random.default_rng(9)
    # everywhere, only elsewhere, only in the group's own place
    for shares in (RESIDENTS / RESIDENTS.sum(), np.array([0, 0.4, 0.3, 0.3]), np.array([1.0, 0, 0, 0])):
        calls = rng.choice(4, 1000, p=shares)
        many, calm = _tables(
            np.append(unit, calls), np.append(topic, np.full(1000, 6)), np.append(day, np.full(1000, 20))
        )
        heard = _heard(many)
        assert heard[0] == 6  # among the many it comes first; by number, ramps come last
        assert np.argmin(many.sum(axis=0)) == 0
        after = unheard(many, RESIDENTS, calm=calm, heard=heard)[0]
        assert (after.unit, after.topic, after.received) == (0, 0, first.received)
        assert after.ratio == pytest.approx(first.ratio, rel=0.1)
        assert after.low == pytest.approx(first.low, rel=0.1)


def test_without_the_surge_brought_down_it_would_be_pushed_out() -> None:
    """The guard can fail: with the calls of a surge counted as a voice, the group seems loud."""
    unit, topic, day = _city()
    table, _ = _tables(
        np.append(unit, np.zeros(1000, int)),
        np.append(topic, np.full(1000, 6)),
        np.append(day, np.full(1000, 20)),
    )
    loud = [u for u in unheard(table, RESIDENTS, heard=_heard(table)) if u.topic == 0]
    assert not loud or loud[0].ratio < 2


def test_surges_are_days_far_above_the_usual() -> None:
    day = np.concatenate([np.repeat(np.arange(20), 55), np.full(1000, 11), np.arange(20)])
    topic = np.concatenate([np.zeros(1100, int), np.zeros(1000, int), np.ones(20, int)])
    weights, found = surges(day, topic)
    assert found == ((0, 11, 1055, 55.0),)
    assert weights[(day == 11) & (topic == 0)].sum() == pytest.approx(55)
    assert (weights[(day != 11) | (topic == 1)] == 1).all()
    assert surges(np.full(1000, 3), np.zeros(1000, int))[1] == ()  # one day: nobody knows what is usual
    assert surges(np.full(3, -1), np.zeros(3, int))[1] == ()
    lone = surges(np.append(np.arange(10), np.full(30, 4)), np.append(np.zeros(10, int), np.ones(30, int)))
    assert lone[1] == ((1, 4, 30, 0.0),)


@given(st.lists(st.tuples(st.integers(0, 25), st.integers(0, 2)), max_size=80))
def test_the_median_day_is_that_of_the_whole_span(rows: list[tuple[int, int]]) -> None:
    day, topic = np.array([r[0] for r in rows], int), np.array([r[1] for r in rows], int)
    weights, found = surges(day, topic)
    assert ((weights > 0) & (weights <= 1)).all()
    for t, _d, _n, usual in found:
        span = np.arange(day.min(), day.max() + 1)
        assert usual == np.median([((day == d) & (topic == t)).sum() for d in span])


def test_rates_have_jeffreys_intervals() -> None:
    # scipy 1.16, stats.gamma.ppf([.025, .975], 10.5) = 5.1416, 17.7394
    ten = rate(10, 1000)
    assert (ten.rate, ten.low, ten.high) == pytest.approx((10, 5.1416, 17.7394), abs=5e-4)
    assert rate(0, 500).low == 0
    assert 0 < rate(0, 500).high < 10
    for bad in ((1, 0), (-1, 10)):
        with pytest.raises(CallError):
            rate(*bad)


def test_intervals_hold_the_true_ratio_as_often_as_they_say() -> None:
    rng = np.random.default_rng(5)
    inside = total = 0
    for _ in range(60):
        true = rng.gamma(4, 1 / 4, 40)
        expected = rng.uniform(1, 30, 40)
        found = shrunk(rng.poisson(true * expected), expected)
        inside += int(((found.low <= true) & (true <= found.high)).sum())
        total += 40
    assert 0.93 <= inside / total <= 0.97


@given(st.lists(st.tuples(st.integers(0, 40), st.floats(0.1, 40)), min_size=1, max_size=12))
def test_small_groups_are_drawn_towards_one(rows: list[tuple[int, float]]) -> None:
    k, e = np.array([r[0] for r in rows], float), np.array([r[1] for r in rows])
    found = shrunk(k, e)
    own = k / e
    assert ((found.mean >= np.minimum(own, 1) - 1e-9) & (found.mean <= np.maximum(own, 1) + 1e-9)).all()
    assert (found.low < found.high).all()
    assert found.prior > 0


def test_voices_and_hostile_calls() -> None:
    calls = voice([10.0, 400, 410], [100_000.0, 400_000, 400_000])
    assert calls.high[0] < 1
    assert unheard(np.zeros((1, 2)), [5.0]) == ()
    assert unheard(np.zeros((3, 2)), [5.0, 5.0, 0.0]) == ()
    with pytest.raises(CallError):
        unheard(np.zeros(3), [1.0, 1.0, 1.0])
    with pytest.raises(CallError):
        shrunk([1.0], [0.0])
