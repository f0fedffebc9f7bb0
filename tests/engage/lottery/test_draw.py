"""The public list, relaxations, quotas from a census, letters and replacements."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isopolis.engage.lottery.invite import Stratum, addresses, letters
from isopolis.engage.lottery.lots import Lots
from isopolis.engage.lottery.pool import Quota, collapse, counted
from isopolis.engage.lottery.public import public_list, rounded
from isopolis.engage.lottery.quotas import check, from_counts
from isopolis.engage.lottery.relax import relaxations, relaxed
from isopolis.engage.lottery.replace import replacements, vacancy
from isopolis.engage.lottery.solve import lottery
from isopolis.model import CallError, Problems

from .pools import ENDLESS, every_panel, people_of


# -- lots -------------------------------------------------------------------------------------------
def test_lots_are_what_sha256_says() -> None:
    """Recomputed with sha256sum: the first 8 bytes of sha256("dice 6 1 4|number|1")."""
    import hashlib

    word = int(hashlib.sha256(b"dice 6 1 4|number|1").hexdigest()[:16], 16)
    assert Lots("dice 6 1 4", "number").below(1000) == word % 1000


def test_lots_of_two_purposes_are_different_and_fair() -> None:
    many = Lots("a", "one")
    drawn = np.bincount([many.below(6) for _ in range(6000)], minlength=6)
    assert abs(drawn - 1000).max() < 120
    assert Lots("a", "one").shuffled(range(20)) != Lots("a", "two").shuffled(range(20))
    assert sorted(Lots("a", "one").shuffled(range(20))) == list(range(20))


# -- the list ---------------------------------------------------------------------------------------
@given(st.lists(st.floats(0.001, 1), min_size=1, max_size=12), st.integers(1, 40), st.integers(0, 5))
@settings(max_examples=40)
def test_rounding_keeps_the_sum_and_moves_less_than_one(weights, total, seed) -> None:
    shares = np.array(weights) / sum(weights)
    panels = np.random.default_rng(seed).integers(0, 3, (len(weights), 4))
    whole = rounded(shares, panels, total, Lots(str(seed), "r"))
    assert whole.sum() == total
    assert (np.abs(whole - shares * total) < 1 + 1e-6).all()


def test_rounding_changes_no_chance_on_average() -> None:
    shares, panels = np.array([0.37, 0.21, 0.3, 0.12]), np.eye(4, dtype=int)
    mean = np.mean([rounded(shares, panels, 5, Lots(str(i), "r")) for i in range(3000)], axis=0)
    assert mean == pytest.approx(shares * 5, abs=0.04)  # four standard deviations of half a ticket


@pytest.fixture(scope="module")
def drawn():
    people = people_of([("xyz"[i % 3], "mn"[i % 2]) for i in range(24)], [f"h{i // 2}" for i in range(24)])
    quotas = [Quota((("a", v),), 2, 3) for v in "xyz"] + [Quota((("b", v),), 3, 5) for v in "mn"]
    made = lottery(collapse(people, quotas, 8, True), "leximin", ENDLESS)
    return people, quotas, made, public_list(made, "seed")


def test_every_panel_of_the_list_keeps_quotas_and_households(drawn) -> None:
    people, quotas, _, listed = drawn
    assert len(listed.panels) == 1000
    for panel in listed.panels:
        who = [people[i] for i in panel]
        assert len(who) == len(set(panel)) == 8
        assert all(q.low <= n <= q.high for q, n in zip(quotas, counted(who, quotas), strict=True))
        assert len({p.household for p in who}) == 8


def test_tickets_are_the_chances(drawn) -> None:
    _, _, made, listed = drawn
    assert sum(listed.tickets) == 8000
    for kind, members in enumerate(made.types.members):
        of_type = [listed.tickets[i] for i in members]
        assert max(of_type) - min(of_type) <= 3
        assert np.mean(of_type) / 1000 == pytest.approx(made.chances[kind], abs=0.01)


def test_the_same_seed_gives_the_same_list_and_another_seed_another(drawn) -> None:
    people, _, made, listed = drawn
    ids = [p.id for p in people]
    assert public_list(made, "seed").text(ids) == listed.text(ids)
    assert public_list(made, "seed!").digest(ids) != listed.digest(ids)
    first = listed.text(ids).splitlines()[0].split()
    assert first[0] == "000"
    assert first[1:] == [ids[i] for i in listed.panels[0]]


# -- quotas that cannot be met ------------------------------------------------------------------------
def smallest_change(people, quotas, size) -> int:
    """By how many people bounds must move, by looking at every panel."""
    least = 10**9
    for who in itertools.combinations(people, size):
        counts = counted(who, quotas)
        moved = sum(max(q.low - n, 0) + max(n - q.high, 0) for q, n in zip(quotas, counts, strict=True))
        least = min(least, moved)
    return least


@given(
    st.lists(st.tuples(st.sampled_from("xy"), st.sampled_from("mn")), min_size=4, max_size=7),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=4, max_size=4),
)
@settings(max_examples=30)
def test_relaxations_are_the_smallest_and_they_help(rows, bounds) -> None:
    people, size = people_of(rows), 3
    traits = [("a", "x"), ("a", "y"), ("b", "m"), ("b", "n")]
    quotas = [Quota((t,), low, low + more) for t, (low, more) in zip(traits, bounds, strict=True)]
    if len(every_panel(people, quotas, size, False)):
        return
    found = relaxations(collapse(people, quotas, size))
    assert found
    assert found[0].people == smallest_change(people, quotas, size)
    assert list(found) == sorted(found, key=lambda r: r.people)
    for one in found:
        assert len(every_panel(people, relaxed(quotas, one), size, False))


def test_what_is_wrong_with_quotas_is_said_all_at_once() -> None:
    people = people_of([("x",)] * 5 + [("y",)])
    quotas = [Quota((("a", "x"),), 3, 3), Quota((("a", "y"),), 2, 2)]
    problems = Problems()
    check(quotas, counted(people, quotas), 4, problems)
    assert {p.code for p in problems} == {"too-few-people", "quotas-too-high"}
    assert "only 1 are in the pool" in str(next(iter(problems)))


# -- quotas from a census -----------------------------------------------------------------------------
@given(st.lists(st.integers(0, 5000), min_size=1, max_size=12).filter(any), st.integers(1, 200))
def test_quotas_from_counts_always_leave_room(counts, size) -> None:
    quotas = from_counts(["a"], {(str(i),): n for i, n in enumerate(counts)}, size)
    assert sum(q.low for q in quotas) <= size <= sum(q.high for q in quotas)
    for quota, n in zip(quotas, counts, strict=True):
        assert quota.low <= size * n / sum(counts) <= quota.high <= quota.low + 1


def test_crossed_quotas_come_from_crossed_counts() -> None:
    counts = {("female", "65+"): 300, ("female", "-64"): 700, ("male", "65+"): 200, ("male", "-64"): 800}
    quotas = from_counts(["sex", "age"], counts, 20)
    assert [(q.low, q.high) for q in quotas] == [(3, 3), (7, 7), (2, 2), (8, 8)]
    assert quotas[0].name == "sex=female & age=65+"
    with pytest.raises(CallError, match="sex × age"):
        from_counts(["sex", "age"], dict.fromkeys(counts, 0), 20)


def test_crossed_quotas_hold_on_the_panel() -> None:
    rows = [(s, a) for s in "fm" for a in "oy" for _ in range(5)]
    quotas = from_counts(["a", "b"], {("f", "o"): 1, ("f", "y"): 3, ("m", "o"): 2, ("m", "y"): 2}, 8)
    made = lottery(collapse(people_of(rows), quotas, 8), "leximin", ENDLESS)
    assert made is not None
    assert sorted(made.chances) == pytest.approx([0.2, 0.4, 0.4, 0.6])


# -- letters ----------------------------------------------------------------------------------------
def test_letters_make_up_for_low_response() -> None:
    strata = [Stratum("least deprived", 10_000, 0.08), Stratum("most deprived", 10_000, 0.02)]
    rich, poor = letters(strata, 5_000)
    assert (rich.letters, poor.letters) == (1000, 4000)
    assert rich.volunteers == pytest.approx(poor.volunteers)
    assert poor.end_to_end(0.1) == pytest.approx(rich.end_to_end(0.1))


@given(st.lists(st.tuples(st.integers(1, 500), st.floats(0.01, 1)), min_size=1, max_size=6), st.floats(0, 1))
def test_letters_are_all_sent_and_nobody_gets_two(strata, part) -> None:
    named = [Stratum(str(i), n, r) for i, (n, r) in enumerate(strata)]
    total = int(part * sum(n for n, _ in strata))
    shared = letters(named, total)
    assert sum(x.letters for x in shared) == total
    assert all(0 <= x.letters <= x.stratum.households for x in shared)


def test_letters_refuse_what_cannot_be() -> None:
    with pytest.raises(CallError, match="fewer households"):
        letters([Stratum("a", 5, 0.1)], 6)
    with pytest.raises(CallError, match="above 0"):
        letters([Stratum("a", 5, 0.0)], 1)


def test_addresses_are_drawn_alike() -> None:
    houses = [f"house {i}" for i in range(10)]
    seen = [h for s in range(2000) for h in addresses(houses, 3, str(s), "letters")]
    assert min(seen.count(h) for h in houses) > 500
    assert max(seen.count(h) for h in houses) < 700


# -- replacements -----------------------------------------------------------------------------------
def test_replacements_keep_the_quotas_of_the_whole_panel(drawn) -> None:
    people, quotas, _, listed = drawn
    panel = [people[i].id for i in listed.panels[0]]
    seats = vacancy(people, quotas, panel, panel[:2], households=True)
    made = replacements(seats, ENDLESS)
    assert made is not None
    again = public_list(made, "seed 2", 100)
    for newcomers in again.panels:
        who = [p for p in people if p.id in panel[2:]] + [seats.people[i] for i in newcomers]
        assert len(who) == 8
        assert all(q.low <= n <= q.high for q, n in zip(quotas, counted(who, quotas), strict=True))
        assert len({p.household for p in who}) == 8
    assert not {p.id for p in seats.people} & set(panel)


def test_only_people_of_the_panel_can_leave_it(drawn) -> None:
    people, quotas, _, _ = drawn
    with pytest.raises(CallError, match="p23"):
        vacancy(people, quotas, ["p1"], ["p23"])
    with pytest.raises(CallError, match="nobody"):
        vacancy(people, quotas, ["p1"], [])
