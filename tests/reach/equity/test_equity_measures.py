"""Measures of equity against hand values, loops over single people, and the laws that they declare."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isopolis.model import CallError
from isopolis.reach.equity import EQUITY, Settings, Weighted, best_off, kappa_of, palma_between, theil_parts
from isopolis.reach.measures import LAWS, NOT_LOCATED, REACHED, UNREACHABLE, Access

ASKED = Settings(standard=5, epsilon=1.0, everyone=0, percent=90, bounds=(0, 100))


def of(values: Any, people: Any, *, better: str = "more", away: Any = (), worst: float = 60.0) -> Weighted:
    state = np.full(len(values), REACHED)
    state[list(away)] = UNREACHABLE
    return Weighted(Access(np.asarray(values, float), state, "x", "minutes", better, worst), people)


def ask(name: str, w: Weighted, **settings: Any) -> float:
    from dataclasses import replace

    found = EQUITY[name].kernel(w, replace(ASKED, **settings))
    assert not np.ma.is_masked(found[0])
    return float(found[0])


# -- hand values ------------------------------------------------------------------------------------
HALVES = [1, 3], [10, 10]


@pytest.mark.parametrize(
    ("name", "values", "better", "settings", "wanted"),
    [
        ("mean", [1, 3], "more", {}, 2),
        ("median", [1, 3], "more", {}, 1),
        ("percentile", [1, 3], "more", {"percent": 51}, 3),
        ("gini", [1, 3], "more", {}, 0.25),
        ("gini", [0, 3], "more", {}, 0.5),
        ("theil", [1, 3], "more", {}, 0.25 * math.log(0.5) + 0.75 * math.log(1.5)),
        ("theil", [0, 3], "more", {}, math.log(2)),
        ("atkinson", [1, 4], "more", {"epsilon": 1}, 0.2),
        ("atkinson", [1, 9], "more", {"epsilon": 0.5}, 0.2),
        ("atkinson", [1, 3], "more", {"epsilon": 2}, 0.25),
        ("atkinson", [0, 3], "more", {"epsilon": 1}, 1),
        ("atkinson", [0, 3], "more", {"epsilon": 0.5}, 0.5),
        ("kolm_pollak_ede", [0, math.log(3)], "more", {"kappa": 1}, math.log(1.5)),
        ("kolm_pollak_ede", [0, math.log(3)], "less", {"kappa": -1}, math.log(2)),
        ("kolm_pollak_index", [0, math.log(3)], "more", {"kappa": 1}, math.log(3) / 2 - math.log(1.5)),
        ("kolm_pollak_index", [0, math.log(3)], "less", {"kappa": -1}, math.log(2) - math.log(3) / 2),
        ("share_within", [1, 5], "more", {}, 0.5),
        ("share_within", [5, 6], "less", {}, 0.5),
        ("fgt0", [1, 5], "more", {}, 0.5),
        ("fgt1", [1, 5], "more", {}, 0.4),
        ("fgt2", [1, 5], "more", {}, 0.32),
        ("fgt1", [5, 16], "less", {}, 0.1),
        ("fgt2", [5, 16], "less", {}, 0.02),
        ("concentration", [1, 3], "more", {"rank": np.array([1, 2])}, 0.25),
        ("concentration", [1, 3], "more", {"rank": np.array([2, 1])}, -0.25),
        ("concentration", [1, 3], "more", {"rank": np.array([7, 7])}, 0),
        ("wagstaff", [0, 1], "more", {"rank": np.array([1, 2]), "bounds": (0, 1)}, 1),
        ("erreygers", [0, 1], "more", {"rank": np.array([1, 2]), "bounds": (0, 1)}, 1),
        ("erreygers", [1, 3], "more", {"rank": np.array([1, 2]), "bounds": (0, 4)}, 0.5),
        ("wagstaff", [1, 3], "more", {"rank": np.array([1, 2]), "bounds": (0, 4)}, 0.5),
        ("palma", [1, 3], "more", {"rank": np.array([1, 2])}, 3),
        ("palma", [1, 3], "more", {"rank": np.array([2, 1])}, 1 / 3),
    ],
)  # fmt: skip
def test_hand_values(name: str, values: Any, better: str, settings: Any, wanted: float) -> None:
    assert ask(name, of(values, [10, 10], better=better), **settings) == pytest.approx(wanted, abs=1e-12)


def test_the_published_line_of_five_people() -> None:
    """One of five has half of the standard: the example that stands in the explanations."""
    w = of([2.5, 5, 5, 9, 9], np.ones(5))
    assert [ask(f"fgt{a}", w) for a in (0, 1, 2)] == pytest.approx([0.2, 0.1, 0.05])


# -- loops over people ------------------------------------------------------------------------------
people_and_values = st.lists(
    st.tuples(st.integers(0, 20), st.integers(1, 4), st.integers(0, 3)), min_size=2, max_size=7
).filter(lambda rows: any(v for v, _, _ in rows))


def one_by_one(name: str, y: list[float], r: list[float], kappa: float) -> float:
    """Slow twin over single people, in the order of their rank."""
    n, m = len(y), sum(y) / len(y)
    z = 5.0
    if name == "gini":
        return sum(abs(a - b) for a in y for b in y) / (2 * n * n * m)
    if name == "theil":
        return sum(a / m * math.log(a / m) for a in y if a) / n
    if name == "atkinson":
        return 1 - (0 if 0 in y else math.exp(sum(map(math.log, y)) / n) / m)
    if name == "kolm_pollak_ede":
        return -math.log(sum(math.exp(-kappa * a) for a in y) / n) / kappa
    if name == "kolm_pollak_index":
        return abs(m - one_by_one("kolm_pollak_ede", y, r, kappa))
    if name in ("fgt0", "fgt1", "fgt2"):
        return sum(((z - a) / z) ** int(name[-1]) for a in y if a < z) / n
    if name == "share_within":
        return sum(a >= z for a in y) / n
    if name in ("median", "percentile"):
        q = 0.5 if name == "median" else 0.9
        return sorted(y)[math.ceil(round(q * n, 9)) - 1]
    if name == "mean":
        return m
    ranks = [(sum(b < a for b in r) + sum(b <= a for b in r)) / 2 / n for a in r]
    index = 2 / (n * m) * sum(a * b for a, b in zip(y, ranks, strict=True)) - 1
    if name == "concentration":
        return index
    if name == "erreygers":
        return 4 * m * index / 100
    if name == "wagstaff":
        return index * m * 100 / ((100 - m) * m)
    raise AssertionError(name)


ALONE = [n for n in EQUITY if EQUITY[n].family != "gap"]


@pytest.mark.parametrize("name", ALONE)
@given(rows=people_and_values)
def test_every_measure_equals_a_loop_over_people(name: str, rows: Any) -> None:
    values, people, rank = (list(x) for x in zip(*rows, strict=True))
    w = of(values, people)
    kappa = kappa_of(w, 1.0, 0)
    y = [float(v) for v, n, _ in rows for _ in range(n)]
    r = [float(k) for _, n, k in rows for _ in range(n)]
    wanted = one_by_one(name, y, r, kappa)
    assert ask(name, w, rank=np.array(rank, float)) == pytest.approx(wanted, abs=1e-9)


@given(people_and_values)
def test_palma_equals_sorted_people_cut_in_tenths(rows: Any) -> None:
    rows = [(v, n, i) for i, (v, n, _) in enumerate(rows)]
    values, people, rank = (list(x) for x in zip(*rows, strict=True))
    each = [v for v, n, _ in rows for _ in range(10 * n)]
    poor, rich = each[: 4 * len(each) // 10], each[9 * len(each) // 10 :]
    found = EQUITY["palma"].kernel(of(values, people), Settings(rank=np.array(rank, float)))
    if sum(poor) == 0:
        assert np.ma.is_masked(found[0])
        return
    wanted = (sum(rich) / len(rich)) / (sum(poor) / len(poor))
    assert found[0] == pytest.approx(wanted)


# -- declared laws ----------------------------------------------------------------------------------
@pytest.mark.parametrize("name", list(EQUITY))
@given(rows=people_and_values, better=st.sampled_from(["more", "less"]), data=st.data())
def test_every_measure_keeps_its_laws(name: str, rows: Any, better: str, data: Any) -> None:
    values, people, rank = (np.array(x, float) for x in zip(*rows, strict=True))
    laws, least = EQUITY[name].laws, kappa_of(of(values, people, better=better), 1.0, 0)
    table = np.stack([people, np.arange(len(people)) % 2 * people + 1], axis=1)

    def value(v: Any, p: Any = table, r: Any = rank, k: float | None = least) -> Any:
        return EQUITY[name].kernel(
            of(v, p, better=better),
            Settings(standard=5, everyone=0, bounds=(0, 1000), rank=r, kappa=k, best=1, level="mean"),
        )

    base = value(values)
    hidden = np.ma.getmaskarray(base)
    if hidden.all():
        return
    if "order" in laws:
        at = data.draw(st.permutations(range(len(values))))
        same(value(values[at], table[at], rank[at]), base)
    if "replication" in laws:
        same(value(values, 10 * table), base)
    if "scale" in laws:
        same(value(7 * values), base)
    if "translation" in laws:
        same(value(values + 4), base + 4)
    if "shift-free" in laws:
        same(value(values + 4), base)
    if "bounded" in laws:
        assert (base.compressed() >= 0).all()
        assert (base.compressed() <= 1).all()
    flat = np.full(len(values), 6.0)
    level = kappa_of(of(flat, people, better=better), 1.0, 0)
    if "zero-when-equal" in laws:
        assert value(flat, k=level).compressed() == pytest.approx(0, abs=1e-9)
    if "mean-when-equal" in laws:
        assert value(flat, k=level).compressed() == pytest.approx(6)
    if "mirror" in laws:
        same(value(values, r=-rank), -base)
    if "averse" in laws:
        mean = EQUITY["mean"].kernel(of(values, table, better=better), Settings())
        assert (base <= mean + 1e-9).all() if better == "more" else (base >= mean - 1e-9).all()
    if "monotone" in laws:
        gain = st.lists(st.integers(0, 5), min_size=len(values), max_size=len(values))
        risen = value(values + np.array(data.draw(gain))) - base
        # values rise: so does a level, and so does the share within a standard where more is better
        falls = (EQUITY[name].better == "less") == (better == "more")
        up = 1 if EQUITY[name].better == "as access" or not falls else -1
        assert (up * risen >= -1e-9).all()
    if "transfer" in laws:
        regressive(name, values, people, better, least)


def same(a: Any, b: Any) -> None:
    assert (np.ma.getmaskarray(a) == np.ma.getmaskarray(b)).all()
    assert a.filled(0) == pytest.approx(b.filled(0), abs=1e-8)


def regressive(name: str, values: Any, people: Any, better: str, kappa: float) -> None:
    """Take one unit of access from the person with least and give it to the one with most."""
    y = np.repeat(values, people.astype(int))
    poor, rich = y.argmin(), y.argmax()
    if y[poor] < 1 or poor == rich:
        return
    moved = y.copy()
    moved[poor] -= 1
    moved[rich] += 1
    settings = Settings(everyone=0, kappa=kappa)
    found = [EQUITY[name].kernel(of(v, np.ones(len(y)), better=better), settings) for v in (y, moved)]
    if not np.ma.is_masked(found[0][0]):
        assert found[1][0] >= found[0][0] - 1e-12


def test_every_declared_law_is_known() -> None:
    for name in EQUITY:
        assert EQUITY[name].laws <= set(LAWS)


# -- parts and directions ---------------------------------------------------------------------------
@given(people_and_values)
def test_theil_falls_into_its_parts_exactly(rows: Any) -> None:
    values, people, group = (np.array(x) for x in zip(*rows, strict=True))
    table = np.stack([np.where(group == g, people, 0) for g in range(4)], axis=1)
    parts = theil_parts(of(values, table))
    assert parts.total == pytest.approx(ask("theil", of(values, people)), abs=1e-12)
    assert parts.between + parts.within == pytest.approx(parts.total, abs=1e-15)
    assert parts.within >= 0
    assert parts.between >= -1e-12
    assert parts.each_within.sum() == pytest.approx(parts.within)


def test_gaps_point_the_same_way_for_places_and_for_minutes() -> None:
    table = np.array([[10, 0, 10], [0, 10, 10]])
    asked = Settings(everyone=2, candidates=np.array([True, True, False]))
    for better, gaps, best in (("more", [6, 0, 3], 1), ("less", [0, 6, 3], 0)):
        w = of([2, 8], table, better=better)
        assert best_off(w, asked) == best
        assert EQUITY["gap_to_best"].kernel(w, asked).tolist() == gaps
        sign = 1 if better == "more" else -1
        assert EQUITY["gap_to_everyone"].kernel(w, asked).tolist() == [3 * sign, -3 * sign, 0]
    assert EQUITY["ratio_to_everyone"].kernel(w, asked).tolist() == pytest.approx([0.4, 1.6, 1])
    share = Settings(everyone=2, level="share_within", standard=5)
    assert EQUITY["gap_to_everyone"].kernel(of([2, 8], table, better="less"), share).tolist() == [
        -0.5,
        0.5,
        0,
    ]
    assert palma_between(of([2, 8], table), [1], [0]) == 4
    assert palma_between(of([0, 8], table), [1], [0]) is None


def test_whoever_reaches_nothing_is_counted_apart() -> None:
    w = of([4, 10, 0], [3, 3, 4], better="less", away=[2], worst=55)
    assert (w.total[0], w.away[0]) == (6, 4)
    assert ask("mean", w) == 7
    assert ask("share_within", w) == pytest.approx(0.3)
    assert ask("fgt0", w) == pytest.approx(0.7)
    assert ask("fgt1", w) == pytest.approx((3 * 0.1 + 4) / 10)
    assert ask("fgt2", w) == pytest.approx((3 * 0.01 + 4) / 10)
    assert ask("median", w) == 10
    assert np.ma.is_masked(EQUITY["percentile"].kernel(w, ASKED)[0])
    # where more is better, reaching nothing is a true nothing
    assert ask("mean", of([4, 10, 0], [3, 3, 4], away=[2])) == pytest.approx(4.2)


def test_people_off_the_network_are_lost_and_not_at_zero() -> None:
    access = Access(np.array([4.0, 0.0]), np.array([REACHED, NOT_LOCATED]))
    w = Weighted(access, [5, 5])
    assert (w.total[0], w.lost[0], ask("mean", w)) == (5, 5, 4)


def test_far_groups_have_an_equivalent_of_their_own() -> None:
    w = of([1, 10_000, 10_000.5], [[9, 0], [0, 1], [0, 1]])
    found = EQUITY["kolm_pollak_ede"].kernel(w, Settings(kappa=1.0))
    assert found[1] == pytest.approx(10_000 - math.log((1 + math.exp(-0.5)) / 2))


@pytest.mark.parametrize(
    ("name", "settings", "better"),
    [
        ("share_within", {"standard": None}, "more"),
        ("fgt1", {"standard": 0}, "more"),
        ("fgt1", {"standard": 60}, "less"),
        ("atkinson", {"epsilon": 0}, "more"),
        ("kolm_pollak_ede", {"epsilon": -1}, "more"),
        ("kolm_pollak_ede", {"kappa": -1.0}, "more"),
        ("concentration", {}, "more"),
        ("concentration", {"rank": np.array([1.0])}, "more"),
        ("wagstaff", {"rank": np.array([1.0, 2.0]), "bounds": (0, 2)}, "more"),
        ("erreygers", {"rank": np.array([1.0, 2.0]), "bounds": None}, "more"),
        ("gap_to_best", {"level": "gini"}, "more"),
    ],
)
def test_wrong_questions_are_refused(name: str, settings: Any, better: str) -> None:
    with pytest.raises(CallError):
        ask(name, of([1, 3], [10, 10], better=better), **settings)


@pytest.mark.parametrize("people", [[1], [1, -1], [1, np.inf], [[[1]], [[2]]]])
def test_wrong_people_are_refused(people: Any) -> None:
    with pytest.raises(CallError):
        of([1, 3], people)


@pytest.mark.parametrize("share", [0.1, 0.7, 1 / 3, 1e-3])
def test_a_rounded_sum_of_people_does_not_move_a_percentile(share: float) -> None:
    for many in (10, 20, 50):
        w = of(np.arange(1, many + 1), np.full(many, share))
        for k in range(1, many):
            assert ask("percentile", w, percent=100 * k / many) == k
