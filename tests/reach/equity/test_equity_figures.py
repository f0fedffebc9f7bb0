"""Intervals of equity figures: what the counts leave open, what the map leaves open, and both together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isopolis.model import CallError, Counts, Dimension, Group, Mechanism, Undefined
from isopolis.reach.equity import (
    EQUITY,
    FEW,
    People,
    Settings,
    Weighted,
    draws_for,
    equity_of,
    equity_table,
    lattice,
)
from isopolis.reach.measures import NOT_LOCATED, REACHED, UNREACHABLE, Access, Bounds

SEX, AGE = Dimension("sex", ("f", "m")), Dimension("age", ("0-64", "65+"))


def access(values: Any, *, better: str = "more", state: Any = None, worst: float = 60) -> Access:
    values = np.asarray(values, float)
    return Access(values, np.zeros(values.shape) if state is None else state, "x", "minutes", better, worst)


def counts(values: Any, mechanism: Any = Mechanism.EXACT, **more: Any) -> Counts:
    values = np.asarray(values, float)
    zones = np.array([f"z{i}" for i in range(len(values))], object)
    dims = (SEX, AGE) if values.ndim == 3 else (SEX,)
    return Counts(zones, dims, values, np.array(mechanism, np.uint8), **more)


def test_the_lattice_holds_every_group_and_every_crossing() -> None:
    names = [str(g) for g in lattice(counts(np.ones((1, 2, 2))))]
    assert len(names) == len(set(names)) == 8
    assert len(lattice(counts(np.ones((1, 2, 2))), 1)) == 4


def test_people_of_crossed_groups_add_up() -> None:
    table = np.arange(8).reshape(2, 2, 2)
    wanted = (Group.parse("sex=f"), Group.parse("sex=m & age=65+"))
    people = People.of(counts(table), wanted)
    assert people.names == (*map(str, wanted), "everyone")
    assert people.table().tolist() == [[1, 3, 6], [9, 7, 22]]
    with pytest.raises(CallError):
        People.of(counts(table), (Group.parse("sex=x"),))
    with pytest.raises(CallError):
        People.plain(np.ones((2, 2)), ["a"])


def test_exact_counts_and_a_full_map_leave_nothing_open() -> None:
    found = equity_of(access([1, 3]), People.plain([[10, 10], [10, 30]], ["a", "b"]))
    figure = found.of("mean", "b")
    assert figure.value == 2.5
    assert figure.interval == (2.5, 2.5)
    assert found.best == "b"
    assert found.of("gap_to_best", "a").value == 0.5
    assert found.of("gap_to_best", "a").versus == "b"
    assert found.draws == 0
    with pytest.raises(CallError):
        found.of("mean", "c")
    with pytest.raises(CallError):
        equity_of(access([1, 3]), People.plain([[10], [10]], ["a"]), measures=["goodness"])


def test_the_interval_of_a_sample_covers_as_often_as_it_says() -> None:
    """Zones are drawn around known means with a known error; 95 of 100 intervals should hold the truth."""
    rng = np.random.default_rng(7)
    truth, values = rng.uniform(50, 150, (40, 2)), rng.uniform(0, 20, 40)
    wanted = float(np.average(values, weights=truth[:, 0]))
    held = 0
    for _ in range(60):
        seen = np.maximum(truth + rng.normal(0, 15, truth.shape), 1)
        people = People.of(counts(seen, Mechanism.SAMPLE, se=np.full(truth.shape, 15.0)))
        found = equity_of(access(values), people, measures=["mean"], rng=rng, draws=99)
        low, high = found.of("mean", "sex=f").interval
        held += low <= wanted <= high
    assert 51 <= held <= 60


def test_a_sampled_mean_moves_as_the_delta_method_says() -> None:
    rng = np.random.default_rng(3)
    seen, values = rng.uniform(200, 400, (60, 2)), rng.uniform(0, 20, 60)
    people = People.of(counts(seen, Mechanism.SAMPLE, se=np.full(seen.shape, 20.0)))
    found = equity_of(access(values), people, measures=["mean"], rng=rng, draws=399).of("mean", "sex=f")
    p = seen[:, 0]
    sd = np.sqrt((20.0**2 * (values - found.value) ** 2).sum()) / p.sum()
    assert np.diff(found.parts.counts)[0] / (2 * 1.96) == pytest.approx(sd, rel=0.15)


@pytest.mark.parametrize(
    ("mechanism", "parameter"),
    [(Mechanism.ROUNDED, 5.0), (Mechanism.CELL_KEY, 2.0), (Mechanism.DP, 1.0)],
)
def test_every_way_of_publishing_is_drawn_around_what_was_published(mechanism, parameter: float) -> None:
    seen = np.full((400, 2), 40.0)
    people = People.of(counts(seen, mechanism, parameter=parameter))
    drawn = people.drawn(np.random.default_rng(1))[:, 0]
    assert drawn.mean() == pytest.approx(40, abs=0.5)
    assert 0.5 < drawn.std() < 6
    assert (drawn == np.rint(drawn)).all()


def test_hidden_cells_stay_within_their_bounds() -> None:
    seen = np.array([[100.0, 50], [0, 50]])
    hidden = np.array([[0, 0], [Mechanism.INTERVAL, 0]])
    table = counts(seen, hidden, lower=np.full((2, 2), 1.0), upper=np.full((2, 2), 9.0))
    people = People.of(table)
    rng = np.random.default_rng(5)
    drawn = np.stack([people.drawn(rng) for _ in range(400)])
    assert set(np.unique(drawn[:, 1, 0])) == set(range(1, 10))
    assert (drawn[:, 0] == [100, 50, 150]).all()
    found = equity_of(access([0, 10]), people, measures=["mean"], rng=rng).of("mean", "sex=f")
    assert found.value == pytest.approx(50 / 105)
    assert found.interval == pytest.approx((10 / 101, 90 / 109), abs=0.01)
    still = equity_of(access([0, 10]), people, measures=["mean"]).of("mean", "sex=f")
    assert still.interval is None
    assert "not stated" in still.parts.said()


def test_a_sample_without_its_error_gets_no_interval() -> None:
    people = People.of(counts([[5, 5], [5, 5]], Mechanism.SAMPLE))
    found = equity_of(access([1, 2]), people, measures=["mean"], rng=np.random.default_rng(0))
    assert found.of("mean", "sex=f").interval is None
    assert "sample" in found.caveats[0]
    with pytest.raises(CallError):
        people.drawn(np.random.default_rng(0))


def test_cells_not_collected_are_said() -> None:
    people = People.of(counts([[5, 0], [5, 5]], [[0, Mechanism.NOT_COLLECTED], [0, 0]]))
    assert people.caveats == ("1 cell was not collected: its people are not in these figures.",)
    assert people.table()[0].tolist() == [5, 0, 5]


def test_equal_seeds_give_equal_intervals() -> None:
    people = People.of(counts(np.full((5, 2), 30.0), Mechanism.CELL_KEY, parameter=2.0))
    a, b = (equity_of(access(range(5)), people, rng=np.random.default_rng(9)) for _ in range(2))
    assert a.figures == b.figures


# -- the map ----------------------------------------------------------------------------------------
readings = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 9), st.integers(0, 9), st.integers(1, 9)),
    min_size=2,
    max_size=6,
)


@settings(max_examples=40)
@given(readings, st.lists(st.floats(0, 1), min_size=6, max_size=6), st.sampled_from(["more", "less"]))
def test_no_reading_of_the_map_leaves_guaranteed_bounds(rows: Any, mix: Any, better: str) -> None:
    middle, up, down, people = (np.array(x, float) for x in zip(*rows, strict=True))
    low, high = np.maximum(middle - down, 0), middle + up
    ends = (low, middle, high) if better == "more" else (high, middle, low)
    bounds = Bounds(*(access(v, better=better) for v in ends))
    table = np.stack([people, people[::-1]], axis=1)
    named = People.plain(table, ["a", "b"])
    asked = Settings(standard=10, kappa=0.1 if better == "more" else -0.1)
    names = [n for n in EQUITY if EQUITY[n].guaranteed] + ["gap_to_everyone"]
    found = equity_of(bounds, named, measures=names, settings=asked)
    other = access(low + np.array(mix[: len(low)]) * (high - low), better=better)
    between = equity_of(other, named, measures=names, settings=asked)
    for figure in found.figures:
        value = between.of(figure.measure, figure.group).value
        ends = figure.parts.tags if figure.parts.guaranteed else figure.parts.outer
        if ends is None:  # the readings are the same
            assert value == pytest.approx(figure.value)
            continue
        assert ends[0] - 1e-9 <= value <= ends[1] + 1e-9
        assert figure.interval[0] <= figure.value <= figure.interval[1]


def test_the_interval_is_the_envelope_of_counts_and_map() -> None:
    table = counts(np.full((6, 2), 30.0), Mechanism.CELL_KEY, parameter=2.0)
    slow, fast = access([9, 2, 3, 4, 5, 6], better="less"), access([1, 2, 3, 4, 5, 6], better="less")
    rng = np.random.default_rng(2)
    found = equity_of(Bounds(slow, fast, fast), People.of(table), measures=["mean", "gini"], rng=rng)
    figure = found.of("mean", "sex=f")
    assert figure.parts.tags == pytest.approx((3.5, 29 / 6))
    assert figure.interval[0] <= figure.parts.counts[0] < figure.parts.tags[0]
    assert figure.interval[1] > figure.parts.tags[1]
    assert figure.parts.said() == "The interval holds what the counts and the map leave open."
    assert "two readings" in found.of("gini", "sex=f").parts.said()


def test_a_mean_over_other_people_is_no_guarantee() -> None:
    slow = access([5, 0], better="less", state=[REACHED, UNREACHABLE])
    fast = access([5, 20], better="less")
    people = People.plain([[10], [10]], ["a"])
    asked = Settings(standard=10)
    found = equity_of(Bounds(slow, fast, fast), people, measures=["mean", "fgt1"], settings=asked)
    assert not found.of("mean", "a").parts.guaranteed
    assert found.of("fgt1", "a").parts.guaranteed
    assert found.of("fgt1", "a").parts.tags == pytest.approx((0.1, 0.5))
    gone = Bounds(access([0, 0], better="less", state=[UNREACHABLE] * 2), fast, fast)
    lost = equity_of(gone, people, measures=["mean"]).of("mean", "a")
    assert lost.interval is None
    assert "another reading" in lost.caveats[-1]


# -- what has no value, and what has to be said -----------------------------------------------------
def test_reasons_and_caveats() -> None:
    state = [REACHED, UNREACHABLE, NOT_LOCATED]
    times = access([5, 0, 0], better="less", state=state)
    people = People.plain(
        [[4, 0, 0, 0, 90], [4, 20, 0, 0, 10], [0, 0, 7, 0, 0]], ["few", "away", "lost", "none", "many"]
    )
    found = equity_of(times, people, measures=["mean", "median", "atkinson", "gap_to_best", "fgt0"],
                      settings=Settings(standard=10))  # fmt: skip
    code = {g: found.of("mean", g).value.code for g in ("away", "lost", "none")}
    assert code == {"away": "unreachable", "lost": "off-network", "none": "group-absent"}
    assert found.of("atkinson", "many").value.code == "not-for-times"
    assert any("Fewer than 10" in c for c in found.of("mean", "few").caveats)
    assert any(c.startswith("50.0% of them reach nothing") for c in found.of("mean", "few").caveats)
    assert found.best == "many"
    assert found.of("fgt0", "away").value == 1
    assert found.of("mean", "everyone").lost == 7
    assert any("off the network" in c for c in found.of("mean", "everyone").caveats)
    nothing = equity_of(access([0, 0]), People.plain([[5], [5]], ["a"]), measures=["gini", "gap_to_best"])
    assert nothing.of("gini", "a").value.code == "nothing"
    assert isinstance(equity_of(times, People.plain(np.zeros((3, 1)), ["a"]), measures=["gap_to_best"])
                      .of("gap_to_best", "a").value, Undefined)  # fmt: skip


def test_a_ratio_to_nothing_says_why() -> None:
    people = People.plain([[10], [10], [10], [10]], ["a"])
    asked = Settings(rank=np.arange(4.0))
    poor = equity_of(access([0, 0, 5, 9]), people, measures=["palma"], settings=asked).of("palma", "a").value
    assert poor.code == "no-value"
    names = ["ratio_to_everyone", "ratio_to_best", "palma"]
    nothing = equity_of(access([0] * 4), people, measures=names, settings=asked)
    assert {f.value.code for f in nothing.figures} == {"nothing"}


FEWEST = [[FEW - 1, 0, 0], [0, 50, 0], [0, 0, 50]]


def test_a_handful_of_people_is_not_the_best_off() -> None:
    found = equity_of(access([9, 3, 1]), People.plain(FEWEST, list("abc")))
    assert found.best == "b"
    assert found.of("gap_to_best", "a").value == -6


def test_columns_together_equal_columns_alone() -> None:
    rng = np.random.default_rng(4)
    values = rng.integers(0, 30, (20, 3)).astype(float)
    people = People.plain(rng.integers(0, 40, (20, 2)), ["a", "b"])
    asked = Settings(standard=7, rank=rng.normal(size=20))
    both = equity_table(access(values), people, settings=asked)
    for k in range(3):
        assert both[k].figures == equity_of(access(values[:, k]), people, settings=asked).figures


def test_values_are_put_in_order_once() -> None:
    w = Weighted(access([3, 1, 2]), np.ones((3, 1)))
    again = w.reweighed(np.array([[1.0], [5], [1]]))
    assert again.order is w.order
    assert EQUITY["median"].kernel(again, Settings())[0] == 1


def test_huge_tables_are_drawn_less_often() -> None:
    assert draws_for(100, 10) == 399
    assert draws_for(300_000, 10) == 39
    with pytest.raises(CallError):
        equity_of(access(np.ones((2, 2))), People.plain([[1], [1]], ["a"]))
