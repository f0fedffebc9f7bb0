"""Suppression, against an attacker of its own and against counting every possible table."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isopolis.model import Counts, Mechanism
from isopolis.privacy import blocks, suppress
from isopolis.privacy.linear import bounds, system_of
from isopolis.privacy.suppress import check, needs_of

from .tables import AGE, SEX, attack, enumerate_tables, table

PARENTS = {"district": ["a", "a", "b", "b", "b"]}


def cells_of(block, row: int, at: tuple, finest: Counts) -> tuple:
    """Cells of the finest block that one cell of `block` adds up."""
    ids = [str(z) for z in finest.zone_ids]
    fixed = dict(zip(block.names, at, strict=True))
    axes = [[fixed[d.name]] if d.name in fixed else range(len(d.categories)) for d in finest.dimensions]
    return tuple(product([ids.index(z) for z in block.extents[row]], *axes))


def assert_no_attack(counts: Counts, parents: dict | None, threshold: int) -> None:
    out = suppress([counts], parents, threshold=threshold)
    assert out.safe
    finest = out.blocks[0][0].counts
    for block, true in zip(out.blocks[0], blocks(counts, parents), strict=True):
        for at in np.ndindex(*true.counts.values.shape):
            x = true.counts.values[at]
            hidden = block.counts.mechanism[at] == Mechanism.INTERVAL
            assert hidden or not 0 < x < threshold
            if not hidden:
                assert block.counts.values[at] == x
                continue
            low, high = attack(out, cells_of(block, at[0], at[1:], finest))
            assert block.counts.lower[at] >= low - 1e-6
            assert np.isinf(high) or block.counts.upper[at] <= high + 1e-6
            assert block.counts.lower[at] <= x <= block.counts.upper[at]
            if 0 < x < threshold:
                assert low <= 1e-6
                assert high >= threshold - 1e-6


@settings(max_examples=25)
@given(st.integers(0, 100_000))
def test_no_linear_programme_recovers_a_cell_of_zones_by_categories(seed: int) -> None:
    rng = np.random.default_rng(seed)
    assert_no_attack(table(rng.integers(0, 25, (5, 3)), AGE), PARENTS, 10)


@settings(max_examples=10)
@given(st.integers(0, 100_000))
def test_no_linear_programme_recovers_a_cell_of_a_crossing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    assert_no_attack(table(rng.integers(0, 40, (5, 2, 3)), SEX, AGE), PARENTS, 10)


@settings(max_examples=12)
@given(st.lists(st.integers(0, 3), min_size=6, max_size=6))
def test_bounds_are_those_of_all_possible_tables(numbers: list[int]) -> None:
    counts = table(np.reshape(numbers, (2, 3)), AGE)
    out = suppress([counts], threshold=2)
    assert out.safe
    city = next(b for b in out.blocks[0] if b.level == "city" and not b.names).counts
    if city.mechanism[0] >= Mechanism.INTERVAL:
        return  # without a grand total there are endlessly many tables
    possible = list(enumerate_tables(out, 6))
    finest = out.blocks[0][0].counts
    for at in np.argwhere(finest.hidden):
        place = tuple(int(i) for i in at)
        values = [p[place] for p in possible]
        if max(values) < 6:
            assert (min(values), max(values)) == (finest.lower[place], finest.upper[place])


def test_a_planted_leak_is_caught() -> None:
    # the classic mistake: one small cell hidden, all totals shown
    counts = table([[20, 30, 4], [20, 30, 40]], AGE)
    system = system_of([counts])
    needs = needs_of(system, (system.truth < 10) & (system.truth > 0), 10)
    low, high, _ = bounds(system, needs.cells)
    at = np.flatnonzero(needs.cells)
    assert (low[at], high[at]) == ([4.0], [4.0])
    assert check(system, needs, needs.cells)[at].all()
    # a whole row hidden is still told by the columns
    row = needs.cells.copy()
    row[system.index[0][0][0]] = True
    assert check(system, needs, row)[at].all()
    # a rectangle whose other corners are too small to move is no protection either
    thin = table([[20, 3, 2], [20, 30, 3]], AGE)
    system = system_of([thin])
    small = (system.truth < 10) & (system.truth > 0)
    assert check(system, needs_of(system, small, 10), small).any()
    assert suppress([thin]).safe


def test_hidden_cells_hold_no_trace_of_their_number() -> None:
    first = suppress([table([[20, 30, 4], [20, 30, 46]], AGE)])
    second = suppress([table([[18, 30, 6], [22, 30, 44]], AGE)])
    for a, b in zip(first.blocks[0], second.blocks[0], strict=True):
        np.testing.assert_array_equal(a.counts.hidden, b.counts.hidden)
        np.testing.assert_array_equal(a.counts.values, b.counts.values)
        np.testing.assert_array_equal(a.counts.lower, b.counts.lower)
        np.testing.assert_array_equal(a.counts.upper, b.counts.upper)


def test_linked_tables_are_protected_together() -> None:
    rng = np.random.default_rng(3)
    values = rng.integers(4, 60, (6, 2, 3))
    both = suppress([table(values.sum(axis=2), SEX), table(values.sum(axis=1), AGE)], threshold=40)
    assert both.safe
    totals = [next(b for b in parts if b.level == "zone" and not b.names).counts for parts in both.blocks]
    np.testing.assert_array_equal(totals[0].hidden, totals[1].hidden)
    np.testing.assert_array_equal(totals[0].values, totals[1].values)


def test_equal_inputs_give_equal_patterns() -> None:
    counts = table(np.random.default_rng(8).integers(0, 30, (12, 3)), AGE)
    one, two = suppress([counts]), suppress([counts])
    np.testing.assert_array_equal(one.tables[0].mechanism, two.tables[0].mechanism)
    assert one.audit == two.audit


def test_dimensions_keep_their_order_and_percent_is_for_magnitudes() -> None:
    values = np.random.default_rng(4).integers(50, 900, (4, 2, 3)).astype(float)
    counts = table(values, SEX, AGE)
    assert [d.name for d in suppress([counts]).tables[0].dimensions] == ["sex", "age"]

    def first(block):
        mask = np.zeros(block.counts.values.shape, bool)
        if block.level == "zone" and block.names == ("age", "sex"):
            mask[0, 0, 0] = True
        return mask

    out = suppress([counts], percent=15, unsafe=first)
    assert out.safe
    (cell,) = [a for a in out.audit if a.primary]
    assert cell.low <= values[0, 0, 0] * 0.85 + 1e-6
    assert cell.high >= values[0, 0, 0] * 1.15 - 1e-6


def test_what_is_public_already_protects_nothing() -> None:
    counts = table([[20, 30, 4], [20, 30, 46]], AGE)

    def everything_else(block):
        return ~((block.counts.values < 10) & (block.counts.values > 0))

    out = suppress([counts], public=everything_else)
    assert not out.safe
    assert [a.safe for a in out.audit] == [False]


def test_source_gaps_stay_as_they_are() -> None:
    values = np.array([[20.0, 30, 0], [20, 30, 46], [15, 16, 17]])
    mechanism = np.array([[0, 0, 6], [0, 0, 0], [0, 7, 0]], np.uint8)
    counts = Counts(np.array(["a", "b", "c"], object), (AGE,), values, mechanism, lower=1.0, upper=5.0)
    out = suppress([counts]).tables[0]
    assert out.mechanism[0, 2] == Mechanism.INTERVAL
    assert out.mechanism[2, 1] == Mechanism.NOT_COLLECTED
    assert (out.lower[0, 2], out.upper[0, 2]) == pytest.approx((1, 5))
