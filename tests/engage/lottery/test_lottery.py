"""The fairest lottery: against every panel of people, against published values, and what must hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isopolis.engage.lottery.mixing import Budget
from isopolis.engage.lottery.pool import Quota, collapse
from isopolis.engage.lottery.search import Search, exchanges
from isopolis.engage.lottery.solve import OBJECTIVES, lottery
from isopolis.engage.lottery.targets import impossible, leximin_target
from isopolis.model import CallError

from .pools import ENDLESS, every_panel, people_of, slow_leximin


@st.composite
def small_pools(draw):
    families = draw(st.integers(1, 3))
    rows = draw(st.lists(st.tuples(*[st.sampled_from("xyz"[: 2 + (f == 1)]) for f in range(families)]),
                         min_size=4, max_size=8))  # fmt: skip
    size = draw(st.integers(1, 4))
    homes = draw(st.one_of(st.just([]), st.lists(st.sampled_from(["", "h", "i"]), min_size=len(rows),
                                                 max_size=len(rows))))  # fmt: skip
    quotas = []
    for f in range(families):
        for value in "xyz"[: 2 + (f == 1)]:
            low = draw(st.integers(0, 1))
            quotas.append(Quota((("abc"[f], value),), low, draw(st.integers(max(low, 1), size))))
    return people_of(rows, homes), quotas, size, bool(homes)


def chances_of_people(made) -> np.ndarray:
    out = np.zeros(made.types.people)
    for chance, members in zip(made.chances, made.types.members, strict=True):
        out[list(members)] = chance
    return out


@settings(max_examples=25)
@given(small_pools())
def test_leximin_is_what_looking_at_every_panel_gives(pool) -> None:
    people, quotas, size, homes = pool
    made = lottery(collapse(people, quotas, size, homes), "leximin", ENDLESS)
    panels = every_panel(people, quotas, size, homes)
    if not len(panels):
        assert made is None
        return
    assert made is not None
    slow = slow_leximin(panels)
    assert sorted(chances_of_people(made)) == pytest.approx(sorted(slow), abs=2e-6)
    assert made.gap < 1e-5
    assert all(made.types.allows(p) for p in made.panels)


@settings(max_examples=25)
@given(small_pools())
def test_maximin_and_nash_prove_their_gap(pool) -> None:
    people, quotas, size, homes = pool
    types = collapse(people, quotas, size, homes)
    least, even = lottery(types, "maximin", ENDLESS), lottery(types, "nash", ENDLESS)
    panels = every_panel(people, quotas, size, homes)
    if least is None or even is None:
        assert not len(panels)
        return
    slow = slow_leximin(panels)
    can = slow > 0
    assert least.lowest == pytest.approx(slow[can].min(), abs=2e-6)
    assert least.bound >= slow[can].min() - 1e-9
    # no mixture of all panels has a larger product than the bound says
    weights = np.full(len(panels), 1 / len(panels))
    for _ in range(3000):
        weights = weights * (panels[:, can] @ (1 / (weights @ panels[:, can]))) / can.sum()
    best = float(np.exp(np.log(weights @ panels[:, can]).mean()))
    assert even.geometric_mean >= best * (1 - 1e-3)
    assert even.bound >= best * (1 - 1e-9)
    for made in (least, even):
        assert made.chances @ types.count == pytest.approx(size)
        assert made.weights.sum() == pytest.approx(1)


def test_where_whole_people_are_less_than_their_fractions() -> None:
    """Two of three features each, odd cycle: half of everybody keeps the quotas, no whole panel does so."""
    rows = [("x", "x", "n"), ("x", "n", "x"), ("n", "x", "x"), ("n", "n", "n"), ("n", "n", "n")]
    people = people_of(rows)
    quotas = [Quota(((f, "x"),), 0, 1) for f in "abc"]
    made = lottery(collapse(people, quotas, 2), "leximin", ENDLESS)
    assert made is not None
    slow = slow_leximin(every_panel(people, quotas, 2, False))
    assert sorted(chances_of_people(made)) == pytest.approx(sorted(slow), abs=1e-6)


def test_people_who_can_never_be_drawn_are_named_and_do_not_spoil_the_others() -> None:
    people = people_of([("x",)] * 4 + [("y",)])
    made = lottery(collapse(people, [Quota((("a", "x"),), 2, 2), Quota((("a", "y"),), 0, 0)], 2), "leximin",
                   ENDLESS)  # fmt: skip
    assert made is not None
    assert made.never.sum() == 1
    assert made.lowest == pytest.approx(0.5)


def test_one_of_a_household_at_most() -> None:
    people = people_of([("x",), ("x",), ("x",), ("y",)], ["h", "h", "", "h"])
    made = lottery(collapse(people, [Quota((("a", "x"),), 0, 2), Quota((("a", "y"),), 0, 2)], 2, True),
                   "leximin", ENDLESS)  # fmt: skip
    assert made is not None
    assert chances_of_people(made) == pytest.approx([1 / 3, 1 / 3, 1, 1 / 3])


def random_pool(people: int, size: int, values: tuple[int, ...], seed: int):
    """Quotas are the shares of the residents; volunteers are not like them."""
    rng = np.random.default_rng(seed)
    columns, quotas = [], []
    for f, many in enumerate(values):
        residents = rng.dirichlet(np.full(many, 4.0))
        come = residents * np.exp(rng.normal(0, 0.5, many))
        columns.append(rng.choice(many, people, p=come / come.sum()))
        for v, share in enumerate(residents):
            quotas.append(Quota((("abcdefgh"[f], str(v)),), int(share * size), int(share * size) + 1))
    return people_of([[str(v) for v in row] for row in np.stack(columns, 1)]), quotas, size


@pytest.fixture(scope="module")
def middle():
    return collapse(*random_pool(400, 30, (2, 3, 4), 5))


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_a_pool_of_hundreds_is_solved_to_the_end(middle, objective: str) -> None:
    made = lottery(middle, objective, ENDLESS)
    assert made is not None
    assert made.gap < 1e-5
    assert made.chances @ middle.count == pytest.approx(30)
    assert all(middle.allows(p) for p in made.panels)


def test_the_order_of_people_changes_nothing() -> None:
    people, quotas, size = random_pool(90, 12, (2, 3), 5)
    one, two = (lottery(collapse(p, quotas, size), "leximin", ENDLESS) for p in (people, people[::-1]))
    assert one is not None
    assert two is not None
    assert sorted(chances_of_people(one)) == pytest.approx(sorted(chances_of_people(two)), abs=1e-6)


def test_more_room_never_lowers_the_lowest_chance() -> None:
    people, quotas, size = random_pool(80, 12, (2, 3, 3), 6)
    wide = [Quota(q.traits, max(q.low - 1, 0), q.high + 1) for q in quotas]
    tight, loose = (leximin_target(t, impossible(t)).bound for t in (collapse(people, q, size)
                                                                     for q in (quotas, wide)))  # fmt: skip
    assert loose >= tight - 1e-9


def test_when_time_is_up_the_gap_is_said() -> None:
    people, quotas, size = random_pool(400, 30, (2, 3, 4), 5)
    ticks = iter(range(10_000))
    made = lottery(collapse(people, quotas, size), "leximin", Budget(lambda: float(next(ticks)), 40.0))
    assert made is not None
    assert 0 < made.gap <= 1
    assert made.lowest <= made.bound
    again = lottery(collapse(people, quotas, size), "leximin", ENDLESS)
    assert again is not None
    assert made.bound >= again.lowest - 1e-9


def test_compiled_and_plain_exchanges_both_mend(middle) -> None:
    search = Search(middle)
    rewards = np.random.default_rng(3).normal(size=len(middle))
    start = np.zeros(len(middle), dtype=np.int64)
    order = np.argsort(-rewards)
    for kind in order:
        start[kind] = min(middle.cap[kind], 30 - start.sum())
    for compiled in (False, True):
        best = np.zeros_like(start)
        rows = np.where(middle.rows >= 0, middle.rows, len(middle.low))
        low, high = np.append(middle.low, 0), np.append(middle.high, 30)
        state = np.array([7], dtype=np.uint64)
        assert exchanges(compiled)(start.copy(), rewards, rows, low, high, middle.cap, 6.0, 60, state, best)
        assert middle.allows(best)
    assert rewards @ best <= search.best(rewards)[1].bound + 1e-9 or search.bound >= rewards @ best - 1e-9


def test_wrong_calls_say_what_is_allowed() -> None:
    people = people_of([("x",)] * 3)
    with pytest.raises(CallError, match="leximin"):
        lottery(collapse(people, [], 2), "fairest", ENDLESS)
    with pytest.raises(CallError, match="3 people"):
        collapse(people, [], 4)
    with pytest.raises(CallError, match="two quotas"):
        collapse(people, [Quota((("a", "x"),), 0, 1)] * 2, 1)
