"""The board: placing, the gate, rates and ratios, letters."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isopolis.engage.representation.board import Board, _Whole, board
from isopolis.engage.representation.cells import Cell
from isopolis.engage.representation.invite import invite
from isopolis.engage.representation.placed import Placed, place
from isopolis.engage.representation.shown import show
from isopolis.intersect.shrink import jeffreys
from isopolis.model import CallError, Counts, Dimension, Group, Mechanism, Undefined
from isopolis.privacy import Policy

AGES = Dimension("age", ("15-29", "30-64", "65+"), ordered=True)
ORIGINS = Dimension("origin", ("native", "abroad"))
POLICY = Policy(protection="suppress")


def residents(values: np.ndarray, *dimensions: Dimension) -> Counts:
    zones = np.array([f"Z{i}" for i in range(len(values))], dtype=object)
    return Counts(zones, dimensions, values, np.zeros(1, np.uint8), date="2025", source="census")


def placed(took: np.ndarray, lived: np.ndarray, *dimensions: Dimension) -> Placed:
    base = residents(lived, *dimensions)
    people = {}
    for index, n in np.ndenumerate(took):
        z, *at = index
        parts = tuple((d.name, d.categories[i]) for d, i in zip(dimensions, at, strict=True))
        people[Cell(str(base.zone_ids[z]), Group(parts))] = int(n)
    return place(people, base)


@pytest.fixture(scope="module")
def town() -> Placed:
    """24 neighbourhoods; the young and the last neighbourhoods take part less."""
    rng = np.random.default_rng(7)
    lived = rng.integers(80, 700, (24, 3)).astype(float)
    rate = np.array([0.08, 0.16, 0.22])[None, :] * np.linspace(1.3, 0.6, 24)[:, None]
    return placed(rng.binomial(lived.astype(int), rate).astype(float), lived, AGES)


@pytest.fixture(scope="module")
def made(town: Placed) -> Board:
    return board(town)


# -- cells ------------------------------------------------------------------------------------------------
@settings(max_examples=25)
@given(st.text(max_size=12), st.sampled_from(["", "a=b", "age=65+ & sex=female", "x=Bosnia && Herzegovina"]))
def test_the_text_of_a_cell_is_read_back(zone: str, group: str) -> None:
    cell = Cell(zone.strip(), Group.parse(group))
    assert Cell.parse(str(cell)) == cell


# -- placing ------------------------------------------------------------------------------------------------
def test_who_cannot_be_placed_is_counted_by_reason() -> None:
    lived = residents(np.array([[100.0, 80.0], [0.0, 50.0]]), ORIGINS)
    native, abroad = Group.of(origin="native"), Group.of(origin="abroad")
    out = place(
        {
            Cell("Z0", native): 10,
            Cell("Z0", native & Group.of(age="65+")): 5,  # more is known than is asked
            Cell("", native): 3,
            Cell("Z0"): 4,
            Cell("Z9", native): 1,
            Cell("Z0", Group.of(origin="Mars")): 2,
            Cell("Z1", native): 6,  # where the census counts nobody
            Cell("Z1", abroad): 51,  # more than there are
        },
        lived,
    )
    assert out.took.values.tolist() == [[15, 0], [0, 0]]
    assert (out.no_zone, out.no_group, out.strange, out.beyond) == (3, 4, 3, 57)
    assert (out.everyone, out.counted, out.unplaced) == (82, 15, 10)
    assert out.residents.values.tolist() == [[100, 80], [0, 0]]


def test_cells_that_nobody_counted_are_left_out() -> None:
    base = residents(np.array([[100.0, 80.0]]), ORIGINS)
    gone = replace(base, mechanism=np.array([[0, Mechanism.NOT_COLLECTED]], dtype=np.uint8))
    out = place({Cell("Z0", Group.of(origin="abroad")): 12, Cell("Z0", Group.of(origin="native")): 11}, gone)
    assert (out.counted, out.beyond) == (11, 12)


# -- the board ----------------------------------------------------------------------------------------------
def test_rates_and_ratios_by_hand() -> None:
    out = board(
        placed(np.array([[30.0, 90.0], [70.0, 10.0]]), np.array([[300.0, 300.0], [700.0, 200.0]]), ORIGINS)
    )
    assert out.rate == pytest.approx(200 / 1500)
    native, abroad = out.groups["origin"]
    assert (native.took, native.residents) == (100, 1000)
    assert native.rate == pytest.approx(0.1)
    assert native.ratio == pytest.approx((100 / 200) / (1000 / 1500))
    assert abroad.ratio == pytest.approx((100 / 200) / (500 / 1500))
    assert (native.side, abroad.side) == ("below", "above")
    assert native.missing == int(1000 * 200 / 1500 - 100)
    assert out.unequal["origin"].value == pytest.approx(0.5 * (abs(0.5 - 2 / 3) + abs(0.5 - 1 / 3)))
    assert out.card["residents"] == {"date": "2025", "universe": "residents", "source": "census"}


def test_small_processes_get_the_exact_test() -> None:
    out = board(
        placed(np.array([[12.0, 30.0], [14.0, 25.0]]), np.array([[500.0, 300.0], [700.0, 200.0]]), ORIGINS)
    )
    assert out.tests["origin"] < 0.001


def test_ratios_of_groups_lie_in_their_intervals_as_often_as_is_said() -> None:
    rng = np.random.default_rng(4)
    lived, rate = np.array([2400.0, 810.0, 90.0]), np.array([0.12, 0.2, 0.07])
    true = rate / ((lived * rate).sum() / lived.sum())
    inside = []
    for _run in range(400):
        took = rng.binomial(lived.astype(int), rate).astype(float)
        whole = _Whole(float(took.sum()), float(lived.sum()), 0.95)
        _ratio, low, high = whole.ratio(took / lived, *jeffreys(took, lived), lived)
        inside.append((low <= true) & (true <= high))
    covered = np.mean(inside, axis=0)
    assert (covered >= 0.925).all()
    assert (covered <= 0.985).all()


def test_every_cell_has_a_rate_though_small_numbers_are_hidden(town: Placed, made: Board) -> None:
    assert len(made.cells) == 24 * 3
    hidden = [c for c in made.cells if c.took is None]
    assert hidden
    assert len(hidden) == made.hidden
    for line in made.cells:
        assert isinstance(line.rate, float)
        low, high = line.rate_interval
        assert 0 <= low <= line.rate <= high <= 1
        assert line.residents % 10 == 0
        assert line.took is None or line.took == 0 or line.took >= 10
    young = made.groups["age"][0]
    assert young.side == "below"
    assert [z.side for z in made.zones[-3:]].count("below") >= 2


def test_what_is_shown_depends_on_what_passes_the_gate_only(town: Placed) -> None:
    """Moving people between cells that are hidden anyway changes no number on the board."""
    shown = show(town, POLICY).view(("age",), by_zone=True)
    rows, _columns = np.nonzero(shown.hidden)
    # four hidden cells at the corners of a rectangle: their margins stay as they are
    for r in set(rows):
        for s in set(rows) - {r}:
            both = [c for c in range(3) if shown.hidden[r, c] and shown.hidden[s, c]]
            if len(both) < 2:
                continue
            moved = town.took.values.copy()
            for (z, c), step in zip(
                ((r, both[0]), (s, both[1]), (r, both[1]), (s, both[0])), (1, 1, -1, -1), strict=True
            ):
                moved[z, c] += step
            other = replace(town, took=replace(town.took, values=moved))
            again = show(other, POLICY).view(("age",), by_zone=True)
            same = np.array_equal(again.hidden, shown.hidden) and np.array_equal(again.low, shown.low)
            if (moved >= 0).all() and same and np.array_equal(again.high, shown.high):
                one, two = board(town), board(other)
                assert one.cells == two.cells
                assert one.groups == two.groups
                return
    pytest.fail("no rectangle of hidden cells to move people in")


def test_hidden_bounds_are_not_tighter_than_the_threshold(town: Placed) -> None:
    view = show(town, POLICY).view(("age",), by_zone=True)
    small = view.hidden & (town.took.values < 10)
    assert (view.low[small] <= 0).all()
    assert (view.high[small] >= np.minimum(9, view.residents[small])).all()
    assert (view.low[~view.hidden] == town.took.values[~view.hidden]).all()


def test_refusals() -> None:
    few = placed(np.array([[4.0, 5.0]]), np.array([[100.0, 100.0]]), ORIGINS)
    with pytest.raises(CallError, match="only 9 participants"):
        board(few)
    many = placed(np.array([[40.0, 50.0]]), np.array([[100.0, 100.0]]), ORIGINS)
    with pytest.raises(CallError, match="suppress"):
        board(many, Policy())


def test_a_city_without_dimensions_has_neighbourhoods_only() -> None:
    out = board(placed(np.array([40.0, 80.0, 15.0]), np.array([400.0, 500.0, 300.0])))
    assert out.cells == ()
    assert [z.took for z in out.zones] == [40, 80, 15]
    assert out.groups == {}


def test_where_nobody_lives_nothing_is_said() -> None:
    out = board(
        placed(np.array([[40.0, 0.0], [80.0, 30.0]]), np.array([[400.0, 0.0], [500.0, 300.0]]), ORIGINS)
    )
    empty = next(c for c in out.cells if c.zone == "Z0" and c.group == Group.of(origin="abroad"))
    assert isinstance(empty.rate, Undefined)
    assert empty.residents == 0


# -- letters ------------------------------------------------------------------------------------------------
def test_letters_go_where_the_cover_is_smallest(made: Board) -> None:
    plan = invite(made, 120_000, 120)
    assert plan.spent <= 120_000
    assert all(i.letters % 10 == 0 for i in plan.letters)
    assert plan.cover == pytest.approx(min(c.rate for c in made.cells) / made.rate)
    assert plan.cover_after > plan.cover
    assert plan.letters[0].zone == plan.widest.zone or plan.letters[0].cover <= plan.cover * 1.2
    assert sum(i.cost for i in plan.letters) == plan.spent


def test_more_money_never_lowers_the_smallest_cover(made: Board) -> None:
    after = [invite(made, money, 100, batch=1).cover_after for money in (0, 10_000, 50_000, 200_000, 10**7)]
    assert after == sorted(after)
    assert invite(made, 0, 100).letters == ()


def test_no_other_plan_lifts_the_smallest_cover_further(made: Board) -> None:
    """Another way to the same: a linear programme over all letters."""
    from scipy.optimize import linprog

    from isopolis.engage.representation.invite import _Plan

    plan = _Plan(made, 0.03, {})
    zones = len(plan.zones)
    rows = np.zeros((len(plan.cells), zones + 1))
    rows[np.arange(len(plan.cells)), plan.zone] = -plan.lift
    rows[:, -1] = 1.0
    money = np.append(np.ones(zones), 0.0)[None, :]
    best = linprog(
        np.append(np.zeros(zones), -1.0), np.vstack([rows, money]), np.append(plan.cover, 800.0),
        bounds=[*((0, m) for m in plan.most), (0, 1)],
    )  # fmt: skip
    mine = plan.letters(800)
    assert (plan.cover + plan.lift * mine[plan.zone]).min() == pytest.approx(-best.fun, rel=1e-6)
    assert mine.sum() <= 800 + 1e-6


def test_what_was_answered_replaces_the_guess(made: Board) -> None:
    zone = invite(made, 50_000, 100).letters[0].zone
    well = invite(made, 50_000, 100, sent={zone: (500, 100)})
    badly = invite(made, 50_000, 100, sent={zone: (500, 0)})
    per = [next(i.expected / i.letters for i in p.letters if i.zone == zone) for p in (well, badly)]
    assert per[0] > 5 * per[1]
    with pytest.raises(CallError, match="more people came"):
        invite(made, 50_000, 100, sent={zone: (5, 6)})
    for wrong in ({"answer": 0.0}, {"answer": 1.5}, {"batch": 0}):
        with pytest.raises(CallError):
            invite(made, 100, 1, **wrong)
    with pytest.raises(CallError):
        invite(made, 100, 0)
