"""Random tables that do not depend on workers, tests by them, samples drawn again, comparisons, maps."""

from __future__ import annotations

from collections import Counter
from itertools import permutations

import numpy as np
import pytest
from scipy.stats import binom, chi2, false_discovery_control, hypergeom

from isopolis.measure import MEASURES, Observed, Question, estimate, null_mean, null_sd
from isopolis.measure.evenness import dissimilarity
from isopolis.measure.inference import (
    alias,
    arranged,
    benjamini_hochberg,
    benjamini_yekutieli,
    chance,
    dates_shuffled,
    of_estimates,
    of_normal,
    permute,
    person_bootstrap,
    randomised,
    replicate_weights,
    replicates,
    stands_out,
    stream,
    zone_p,
)
from isopolis.measure.inference.resample import drawn_again
from isopolis.measure.information import information_theory
from isopolis.model import CallError

RNG = np.random.default_rng(6)
CITY = RNG.multinomial(RNG.integers(5, 60, 300), [0.6, 0.3, 0.1])


def h(x: np.ndarray) -> float:
    return float(information_theory(x))


# -- streams --------------------------------------------------------------------------------


def test_a_stream_depends_on_nothing_but_its_key() -> None:
    bits = stream(1, 2, 3, "a").integers(0, 2**63, 4)
    stream(1, 2, 4, "a").random(1000)
    assert (stream(1, 2, 3, "a").integers(0, 2**63, 4) == bits).all()
    others = [stream(2, 2, 3, "a"), stream(1, 3, 3, "a"), stream(1, 2, 4, "a"), stream(1, 2, 3, "b")]
    assert all((o.integers(0, 2**63, 4) != bits).any() for o in others)


def test_a_stream_is_philox_with_the_replicate_and_block_in_its_counter() -> None:
    long = stream(7, 0, 0)
    long.bit_generator.advance(2**128)  # one step of the third word of the counter: the next block
    assert (long.integers(0, 2**63, 8) == stream(7, 0, 1).integers(0, 2**63, 8)).all()


# -- persons placed at random ------------------------------------------------------------------


def test_margins_stay_and_workers_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permute, "BLOCK", 64)
    drawn = arranged(CITY, 5, 0)
    assert (drawn.sum(axis=0) == CITY.sum(axis=0)).all()
    assert (drawn.sum(axis=1) == CITY.sum(axis=1)).all()
    one, three = (replicates(CITY, h, seed=5, count=12, workers=w) for w in (1, 3))
    assert (one == three).all()
    later = replicates(CITY, h, seed=5, count=5, start=7)
    assert (one[7:] == later).all()


def test_every_table_comes_as_often_as_chance_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permute, "BLOCK", 2)  # two blocks
    table = np.array([[2, 0], [1, 0], [0, 2]])
    arranger = permute.Arranger(table)
    seen = Counter(tuple(arranger.draw(3, r)[:, 0].astype(int)) for r in range(3000))
    # C(2, a) C(1, b) C(2, c) of the C(5, 3) = 10 ways to place three members
    ways = {(2, 1, 0): 1, (2, 0, 1): 2, (1, 1, 1): 4, (1, 0, 2): 2, (0, 1, 2): 1}
    expected = {k: 3000 * v / 10 for k, v in ways.items()}
    assert set(seen) == set(expected)
    assert sum((seen[k] - e) ** 2 / e for k, e in expected.items()) < chi2.ppf(0.999, len(expected) - 1)


@pytest.mark.parametrize("pieces", [1, 3])
def test_three_groups_come_as_often_too_whole_or_in_pieces(
    pieces: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(permute, "MOST", {1: 255, 3: 2}[pieces])  # the zone of 5 in one piece or in three
    table = np.array([[2, 1, 2], [1, 0, 0], [0, 1, 0]])
    arranger = permute.Arranger(table)
    draws = 4000
    seen = Counter(arranger.draw(7, r).astype(int).tobytes() for r in range(draws))
    expected = {
        np.array(t).reshape(3, 3).tobytes(): w * draws for t, w in _all_tables((5, 1, 1), (3, 2, 2)).items()
    }
    assert set(seen) <= set(expected)
    statistic = sum((seen[k] - e) ** 2 / e for k, e in expected.items())
    assert statistic < chi2.ppf(0.999, len(expected) - 1)


def _all_tables(sizes: tuple[int, ...], columns: tuple[int, ...]) -> dict[tuple[int, ...], float]:
    """Every table with these margins, flat, and the part of all arrangements that leads to it."""
    people = [g for g, n in enumerate(columns) for _ in range(n)]
    ends = np.cumsum(sizes)
    found: Counter[tuple[int, ...]] = Counter()
    for order in set(permutations(people)):
        rows = (order[a:b] for a, b in zip([0, *ends], ends, strict=False))
        found[tuple(row.count(g) for row in rows for g in range(len(columns)))] += 1
    every = sum(found.values())
    return {t: n / every for t, n in found.items()}


def test_large_zones_are_drawn_in_pieces_with_the_law_of_one_draw() -> None:
    x = np.array([[900, 100, 0], [40, 20, 0], [0, 0, 0], [3000, 40, 0]])
    arranger = permute.Arranger(x)
    drawn = np.stack([arranger.draw(1, r) for r in range(400)])
    assert (drawn.sum(axis=1) == x.sum(axis=0)).all()
    assert (drawn.sum(axis=2) == x.sum(axis=1)).all()
    assert (drawn == np.rint(drawn)).all()
    assert drawn.min() >= 0
    for zone, size in ((0, 1000), (1, 60), (3, 3040)):
        law = hypergeom(4100, 160, size)
        count = drawn[:, zone, 1]
        assert count.mean() == pytest.approx(law.mean(), abs=4 * law.std() / 20)
        assert count.std() == pytest.approx(law.std(), rel=4 / np.sqrt(800))


def test_nobody_anywhere_and_one_group_are_arranged_too() -> None:
    for x in ([[0, 0], [0, 0]], [[3, 0], [2, 0]], [[0, 7]], np.zeros((0, 2))):
        assert (arranged(x, 1, 0) == x).all()


@pytest.mark.parametrize(("most", "share"), [(1, 0.3), (15, 0.5), (60, 0.01), (255, 0.63), (200, 0.9999)])
def test_alias_tables_hold_the_binomial_laws(most: int, share: float) -> None:
    law = alias.binomials(most, share)
    cells = law.cells.reshape(most + 1, -1).astype(np.int64)
    own = (cells >> 8) / 2**24 + law.further.reshape(cells.shape) / 2**48
    chance = own / cells.shape[1]
    for row, others, part in zip(chance, cells & 255, (1 - own) / cells.shape[1], strict=True):
        np.add.at(row, others, part)
    for n in range(most + 1):
        want = np.pad(binom.pmf(np.arange(n + 1), n, share), (0, cells.shape[1] - n - 1))
        np.testing.assert_allclose(chance[n], want, atol=2e-14)  # scipy's own last digits


def test_a_tie_with_the_bound_is_broken_by_further_bits() -> None:
    law = alias.Binomials(np.array([(5 << 8) | 1, 0], np.uint32), np.array([1 << 23, 0], np.uint32), 1)
    words = np.full(4000, 5 << 7, dtype=np.uint32)  # column 0, and the next 24 bits are those of its bound
    drawn = law.draw(np.zeros(4000, np.uint32), words, stream(1, 0))
    assert drawn.mean() == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(4000))
    sure = law.draw(np.zeros(2, np.uint32), np.array([4 << 7, 6 << 7], np.uint32), stream(1, 0))
    assert sure.tolist() == [0, 1]


def test_words_are_the_halves_of_words_of_64_bits() -> None:
    whole = stream(3, 0).integers(0, 2**64, (2, 3), dtype=np.uint64)
    want = [[part for w in row for part in (int(w) % 2**32, int(w) >> 32)][:5] for row in whole]
    assert alias.words(stream(3, 0), 2, 5).tolist() == want


def test_arrangements_have_the_exact_mean_and_the_central_limits_sd() -> None:
    values = replicates(CITY, h, seed=11, count=600)
    assert values.mean() == pytest.approx(null_mean.information_theory(CITY), abs=4 * values.std() / 600**0.5)
    assert values.std() == pytest.approx(null_sd.information_theory(CITY), rel=0.03 + 2 / (2 * 600) ** 0.5)


def test_p_is_never_0_and_uniform_by_chance() -> None:
    apart = np.array([[20, 0], [0, 20], [20, 0], [0, 20]])
    assert randomised(apart, h, seed=1, most=99).p == pytest.approx(0.01)
    p = [randomised(arranged(CITY[:20], 2, r), h, seed=100 + r, most=39).p for r in range(60)]
    assert np.mean(p) == pytest.approx(0.5, abs=4 / np.sqrt(12 * 60))


def test_an_early_stop_gives_the_same_bits_for_any_number_of_workers() -> None:
    even = arranged(CITY[:40], 2, 0)
    one, two = (randomised(even, h, seed=1, most=400, enough=5, workers=w) for w in (1, 2))
    assert one == two
    assert one.runs < 400
    assert one.p == 5 / one.runs
    assert "stopped early" in one.method


def test_wrong_calls_are_refused() -> None:
    for call in (
        lambda: randomised(CITY, h, seed=1, most=5),
        lambda: randomised(CITY, h, seed=1, side="up"),
        lambda: randomised(CITY, h, seed=1, side="two-sided", enough=3),
        lambda: person_bootstrap(CITY, h, seed=1, count=3),
        lambda: replicate_weights(CITY, np.stack([CITY]), h, kind="brr"),
        lambda: replicate_weights(CITY, np.stack([CITY] * 3), h, kind="boot"),
        lambda: replicate_weights(CITY, np.stack([CITY] * 3), h, kind="fay", fay=1.0),
        lambda: replicate_weights(CITY, np.stack([CITY] * 3), h, kind="given"),
        lambda: replicate_weights(CITY, np.stack([CITY] * 3), h, kind="fay"),
        lambda: replicate_weights(CITY, np.stack([CITY] * 3), h, kind="brr", fay=0.5),
        lambda: replicate_weights(CITY, np.stack([CITY] * 3), h, kind="brr", factors=np.ones(3)),
        lambda: replicate_weights(CITY, np.stack([CITY] * 3), h, kind="given", factors=[1, -1, 1]),
        lambda: replicate_weights(CITY, np.stack([CITY[1:]] * 3), h, kind="brr"),
        # a statistic that is no number would make everything rare
        lambda: randomised(CITY, lambda x: np.nan, seed=1, most=19),
        lambda: dates_shuffled(CITY, CITY, lambda x: np.nan, seed=1, count=19),
        lambda: person_bootstrap(CITY, lambda x: np.nan, seed=1, count=49),
        lambda: arranged([[1e15, 3], [2, 4]], 1, 0),
        lambda: arranged([[-1, 3], [2, 4]], 1, 0),
        lambda: zone_p([[np.nan, 3], [2, 4]], 0),
        lambda: chance([[np.inf, 3], [2, 4]]),
        lambda: of_normal((1.0, 0.0), (1.0, 0.0), side="less", method=""),
        lambda: dates_shuffled(CITY, CITY[1:], h, seed=1),
        lambda: benjamini_hochberg([0.1, np.nan]),
    ):
        with pytest.raises(CallError):
            call()


# -- moments together ------------------------------------------------------------------------


def test_moments_together_are_those_of_each_measure() -> None:
    found = chance(CITY)
    assert found.mean_d == null_mean.dissimilarity(CITY)
    assert found.sd_d == null_sd.dissimilarity(CITY)
    assert found.mean_h == pytest.approx(null_mean.information_theory(CITY), rel=1e-14)
    assert found.sd_h == pytest.approx(null_sd.information_theory(CITY), rel=1e-14)
    empty = chance(np.zeros((3, 2)))
    assert (empty.mean_d, empty.sd_d, empty.mean_h, empty.sd_h) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("size", "p"), [(1, 0.2), (3, 1 / 3), (10, 0.5), (64, 0.999), (65, 0.01), (400, 0.3), (9000, 1e-4)]
)
def test_closed_moments_of_an_absolute_deviation_are_those_summed(size: int, p: float) -> None:
    k = np.arange(size + 1)
    from scipy.stats import binom

    weight, z = binom.pmf(k, size, p), k - size * p
    m = null_sd._Margins(np.array([float(size)]), np.ones(1), np.array([p, 1 - p]), 1e6)
    variance, cross = null_sd._absolute_moments(m, 0)
    assert variance[0] == pytest.approx(weight @ z**2 - (weight @ np.abs(z)) ** 2, rel=1e-8, abs=1e-12)
    assert cross[0] == pytest.approx(weight @ (np.abs(z) * z), rel=1e-7, abs=1e-9)


def test_recursions_are_the_sum_over_every_table_of_a_zone() -> None:
    from math import factorial, prod

    p, sizes = np.array([0.5, 0.3, 0.15, 0.05]), np.array([1.0, 3.0, 6.0])
    for cell in (null_sd._entropy_cell, null_sd._absolute_cell):
        got = null_sd._recursions(sizes, p, cell)
        for n, variance in zip(sizes.astype(int), got, strict=True):
            moments = np.zeros(2)
            for row in np.ndindex(*(n + 1,) * 4):
                if sum(row) == n:
                    weight = factorial(n) / prod(factorial(r) for r in row) * float(np.prod(p**row))
                    cells = zip(row, p, strict=True)
                    t = sum(float(cell(np.array([r]), np.array([n]), q)[0]) for r, q in cells)
                    moments += weight * np.array([t, t * t])
            assert variance == pytest.approx(moments[1] - moments[0] ** 2, rel=1e-10)


# -- samples ---------------------------------------------------------------------------------


def test_persons_drawn_again_keep_their_number_and_their_cells_mean() -> None:
    drawn = np.stack([drawn_again(CITY, 3, r) for r in range(200)])
    assert (drawn.sum(axis=(1, 2)) == CITY.sum()).all()
    error = (drawn.mean(axis=0) - CITY) / np.sqrt(np.maximum(CITY, 1) / 200)
    assert np.abs(error).max() < 5
    assert (drawn_again(CITY, 3, 7) == drawn[7]).all()


def test_the_bootstrap_finds_the_bias_and_the_error_of_a_sample() -> None:
    rng = np.random.default_rng(8)
    share = rng.beta(2, 4, 150)
    people = np.stack([share, 1 - share], axis=1) / 150
    truth = h(people * 1e6)
    samples = [rng.multinomial(6000, people.ravel()).reshape(150, 2) for _ in range(40)]
    found = [person_bootstrap(x, h, seed=1, count=60) for x in samples]
    errors = np.array([f.corrected - truth for f in found])
    assert np.mean([f.se for f in found]) == pytest.approx(errors.std(), rel=0.35)
    raw = np.mean([f.value - truth for f in found])
    assert abs(errors.mean()) < 0.35 * raw
    assert sum(f.interval[0] <= truth <= f.interval[1] for f in found) >= 34


def test_replicate_weights_are_the_surveys_formula() -> None:
    rng = np.random.default_rng(4)
    tables = CITY + rng.normal(0, 1, (8, *CITY.shape)).clip(-1, 1) * (CITY > 2)
    values = np.array([h(t) for t in tables])
    squares = ((values - h(CITY)) ** 2).sum()
    factors = {"brr": 1 / 8, "bootstrap": 1 / 8, "jk1": 7 / 8, "jk2": 1, "sdr": 0.5}
    for kind, factor in factors.items():
        assert replicate_weights(CITY, tables, h, kind=kind).se == pytest.approx(np.sqrt(factor * squares))
    assert replicate_weights(CITY, tables, h, kind="fay", fay=0.5).se == pytest.approx(np.sqrt(squares / 2))
    given = replicate_weights(CITY, tables, h, kind="given", factors=np.full(8, 0.25))
    assert given.se == pytest.approx(np.sqrt(squares / 4))
    assert given.bias is None
    # seven degrees of freedom: 2.3646 in every table of Student's law
    assert given.interval[1] - given.value == pytest.approx(2.364624 * given.se, rel=1e-6)


def test_a_stratified_jackknife_is_the_textbook_variance_of_a_stratified_mean() -> None:
    # strata of 3 and 4 persons: the variance of the sum of both means is the sum of s²/n
    strata = [np.array([3.0, 5.0, 10.0]), np.array([1.0, 2.0, 6.0, 9.0])]
    tables, factors = [], []
    for k, people in enumerate(strata):
        for i in range(len(people)):
            left = np.delete(people, i).mean()
            tables.append(np.full((1, 1), left + strata[1 - k].mean()))
            factors.append((len(people) - 1) / len(people))
    full = np.full((1, 1), sum(s.mean() for s in strata))
    found = replicate_weights(full, np.stack(tables), lambda t: float(t[0, 0]), kind="given", factors=factors)
    assert found.se**2 == pytest.approx(sum(s.var(ddof=1) / len(s) for s in strata))


def test_a_jackknife_of_means_is_its_textbook_variance() -> None:
    people = np.array([3.0, 5.0, 8.0, 9.0])  # the variance of a mean is s²/n, by leaving one out
    tables = np.stack([np.full((1, 1), np.delete(people, i).mean()) for i in range(4)])
    found = replicate_weights(np.full((1, 1), people.mean()), tables, lambda t: float(t[0, 0]), kind="jk1")
    assert found.se == pytest.approx(people.std(ddof=1) / 2)


# -- comparisons -----------------------------------------------------------------------------


def test_sides_of_a_difference() -> None:
    both, up, down = (
        of_normal((1.0, 0.3), (0.4, 0.4), side=s, method="") for s in ("two-sided", "greater", "less")
    )
    assert both.z == pytest.approx(1.2)
    assert both.p == pytest.approx(0.2301393404)  # normal table at 1.2
    assert up.p == pytest.approx(both.p / 2)
    assert up.p + down.p == pytest.approx(1)
    assert both.interval == pytest.approx((0.6 - 0.979981992, 0.6 + 0.979981992))


def test_two_cities_of_one_law_seldom_differ_and_two_of_unlike_laws_do() -> None:
    rng = np.random.default_rng(9)
    spec = MEASURES["information_theory"]
    ask = [Question(spec, lambda x: x, "h")]

    def made(spread: float, seed: int):  # type: ignore[no-untyped-def]
        share = rng.beta(0.3 * spread, 0.7 * spread, 200)
        x = rng.binomial(60, share)
        seen = Observed(np.stack([x, 60 - x], axis=1).astype(float))
        return estimate(seen, ask, seed=seed, key="c", simulations=59)[0]

    alike = [of_estimates(made(12, i), made(12, 50 + i)).p for i in range(12)]
    assert np.mean(np.array(alike) < 0.05) <= 0.25
    assert of_estimates(made(4, 1), made(30, 2), side="greater").p < 1e-6


def test_shuffled_dates_find_a_change_and_keep_quiet_without() -> None:
    rng = np.random.default_rng(12)
    size = rng.integers(20, 60, 60)
    still = [rng.multinomial(size, [0.7, 0.3]) for _ in range(2)]
    p = [
        dates_shuffled(*(rng.multinomial(size, [0.7, 0.3]) for _ in range(2)), h, seed=i, count=39).p
        for i in range(40)
    ]
    assert np.mean(p) == pytest.approx(0.5, abs=0.2)
    moved = still[1].copy()
    moved[:30] = np.stack([size[:30], 0 * size[:30]], axis=1)
    found = dates_shuffled(still[0], moved, h, seed=1, count=99, side="greater")
    assert found.p == 0.01
    assert found.value == pytest.approx(h(moved) - h(still[0]))


# -- maps ------------------------------------------------------------------------------------


def test_adjusted_p_are_those_of_scipy() -> None:
    p = np.random.default_rng(2).random(50) ** 3
    np.testing.assert_allclose(benjamini_hochberg(p), false_discovery_control(p, method="bh"), rtol=1e-13)
    np.testing.assert_allclose(benjamini_yekutieli(p), false_discovery_control(p, method="by"), rtol=1e-13)
    # Benjamini and Hochberg (1995), section 3.2: of these 15, four are rejected at 0.05
    paper = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
             0.6528, 0.7590, 1.0]  # fmt: skip
    assert (benjamini_hochberg(paper) <= 0.05).sum() == 4
    assert benjamini_hochberg([]).shape == (0,)


def test_p_of_a_zone_is_the_exact_tail() -> None:
    table = np.array([[5, 0], [1, 4], [0, 0], [2, 8]])
    p = zone_p(table, 0)
    assert p[0] == pytest.approx(2 * hypergeom.pmf(5, 20, 8, 5))
    assert p[2] == 1
    assert (p <= 1).all()


def test_p_of_zones_of_all_sizes_is_that_of_scipy() -> None:
    rng = np.random.default_rng(3)
    size = rng.integers(0, 400, 60)
    table = np.stack([k := rng.binomial(size, rng.random(60)), size - k], axis=1)
    people, members = table.sum(), table[:, 0].sum()
    law = hypergeom(people, members, size)
    want = np.clip(2 * np.minimum(law.cdf(table[:, 0]), law.sf(table[:, 0] - 1)), 0, 1)
    want[size == 0] = 1
    np.testing.assert_allclose(zone_p(table, 0), want, rtol=1e-8, atol=1e-15)
    assert (zone_p(np.array([[3, 0], [2, 0]]), 0) == 1).all()


def test_zones_that_stand_out_are_marked_with_their_side() -> None:
    table = np.array([[60, 40], [0, 100], *[[30, 70]] * 20, [0, 0]])
    marks = stands_out(table)
    assert marks[0].tolist() == [1, -1]
    assert marks[1].tolist() == [-1, 1]
    assert not marks[2:].any()
    assert stands_out(np.zeros((0, 2))).shape == (0, 2)


def test_a_map_of_nobody_in_particular_marks_few_zones() -> None:
    marked = [(benjamini_hochberg(zone_p(arranged(CITY, 1, r), 0)) <= 0.1).any() for r in range(25)]
    assert np.mean(marked) <= 0.3


def test_dissimilarity_is_tested_too() -> None:
    assert randomised(CITY, lambda x: float(dissimilarity(x)), seed=3, most=49, side="two-sided").p > 0.01
