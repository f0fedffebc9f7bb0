"""What chance gives: exact means against the enumeration of every table, deviations against simulation."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import factorial, prod
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.special import xlogy
from scipy.stats import chi2, hypergeom

from isopolis.measure import MEASURES, Observed, Question, estimate, null_sd
from isopolis.measure.draws import FEW_ZONES, MANY, by_chance, replicates
from isopolis.measure.exposure import exposure_matrix
from isopolis.measure.null_mean import (
    absolute_deviation,
    local_mutual_information,
    xlogx,
)
from isopolis.measure.null_mean import exposure_matrix as expected_exposure_matrix
from isopolis.model import CallError, Undefined

# -- every table with given margins -------------------------------------------------------


def rows(size: int, room: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Every way to place `size` people in groups that have so much room left."""
    for row in product(*(range(min(size, r) + 1) for r in room)):
        if sum(row) == size:
            yield row


def tables(sizes: tuple[int, ...], columns: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], ...]]:
    if not sizes:
        if not any(columns):
            yield ()
        return
    for row in rows(sizes[0], columns):
        left = tuple(c - r for c, r in zip(columns, row, strict=True))
        for rest in tables(sizes[1:], left):
            yield (row, *rest)


def all_tables(sizes: tuple[int, ...], columns: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Every table with these margins and its probability when people are placed at random."""
    found = list(tables(sizes, columns))
    top = prod(factorial(n) for n in (*sizes, *columns))
    weights = [top / (factorial(sum(sizes)) * prod(factorial(c) for row in t for c in row)) for t in found]
    return np.array(found, dtype=float), np.array(weights)


MARGINS = [
    ((2, 3, 4), (4, 5)),
    ((1, 1, 1, 6), (2, 7)),
    ((3, 0, 2, 3), (1, 7)),
    ((6, 5), (10, 1)),
    ((2, 3, 4), (4, 3, 2)),
    ((1, 2, 1, 5), (3, 0, 6)),
    ((4, 4), (2, 3, 1, 2)),
    ((1, 3, 2, 2), (3, 2, 2, 1)),
    ((2, 3), (1, 1, 1, 1, 1)),
]
IDS = [f"{s}-{c}" for s, c in MARGINS]
WITH_MEAN = [s.name for s in MEASURES.values() if s.expected is not None]


def extra(kind: str, zones: int) -> tuple[Any, ...]:
    if kind == "nested":
        return (np.array([0, 1, 0, 1, 1])[:zones],)
    if kind == "spatial":
        chain = np.eye(zones) + np.eye(zones, k=1) + np.eye(zones, k=-1)
        return (csr_array(chain),)
    return ()


def test_the_measures_with_an_exact_mean_are_those_that_are_promised() -> None:
    assert set(WITH_MEAN) == {
        "dissimilarity",
        "information_theory",
        "mutual_information",
        "variance_ratio",
        "exposure",
        "isolation",
        "ordinal_information_theory",
        "rank_order_information_theory",
        "spatial_information_theory",
        "mutual_information_between",
        "mutual_information_within",
    }


@pytest.mark.parametrize("name", WITH_MEAN)
@pytest.mark.parametrize(("sizes", "columns"), MARGINS, ids=IDS)
def test_exact_mean_is_the_mean_over_all_tables(
    name: str, sizes: tuple[int, ...], columns: tuple[int, ...]
) -> None:
    spec = MEASURES[name]
    every, weights = all_tables(sizes, columns)
    assert weights.sum() == pytest.approx(1, abs=1e-12)
    if spec.kind == "ordered" and len(columns) < 3:
        every = np.concatenate([every, np.zeros((*every.shape[:2], 1))], axis=2)  # a highest step of nobody
    more = extra(spec.kind, len(sizes))
    assert spec.expected is not None
    want = float(weights @ spec.kernel(every, *more))
    # the mean depends on the margins only, whichever table is shown
    for table in (every[0], every[-1]):
        assert spec.expected(table, *more) == pytest.approx(want, rel=0, abs=1e-12)


@pytest.mark.parametrize(("sizes", "columns"), MARGINS, ids=IDS)
def test_exact_means_of_the_exposure_matrix_and_of_local_scores(
    sizes: tuple[int, ...], columns: tuple[int, ...]
) -> None:
    every, weights = all_tables(sizes, columns)
    matrix = np.tensordot(weights, exposure_matrix(every), 1)
    np.testing.assert_allclose(expected_exposure_matrix(every[0]), matrix, rtol=0, atol=1e-12)
    local = weights @ MEASURES["local_mutual_information"].kernel(every)
    np.testing.assert_allclose(local_mutual_information(every[0]), local, rtol=0, atol=1e-12)


def test_counts_that_are_not_whole_are_rounded_for_chance() -> None:
    x = np.array([[10.2, 4.9], [7.6, 12.4]])
    for name in ("dissimilarity", "information_theory", "variance_ratio"):
        expected = MEASURES[name].expected
        assert expected is not None
        assert expected(x) == expected(np.rint(x))


# -- hypergeometric sums against scipy -----------------------------------------------------


@settings(max_examples=150)
@given(st.data())
def test_mean_deviation_against_scipy(data: st.DataObject) -> None:
    people = data.draw(st.one_of(st.integers(1, 12), st.integers(1, 3000)))
    members = data.draw(st.integers(0, people))
    size = data.draw(st.integers(0, people))
    law = hypergeom(people, members, size)
    k = np.arange(size + 1)
    want = float(law.pmf(k) @ np.abs(k - size * members / people))
    got = absolute_deviation(np.array([float(size)]), float(people), float(members))[0]
    assert got == pytest.approx(want, rel=1e-9, abs=1e-12)


@settings(max_examples=150)
@given(st.data())
def test_mean_of_x_ln_x_against_scipy(data: st.DataObject) -> None:
    people = data.draw(st.one_of(st.integers(1, 12), st.integers(1, 3000)))
    members = data.draw(st.integers(0, people))
    sizes = data.draw(st.lists(st.integers(0, people), min_size=1, max_size=4))
    got = xlogx(np.array(sizes, dtype=float), float(people), float(members))
    for size, value in zip(sizes, got, strict=True):
        k = np.arange(size + 1)
        want = float(hypergeom(people, members, size).pmf(k) @ xlogy(k, k))
        assert value == pytest.approx(want, rel=1e-9, abs=1e-12)


def test_sums_hold_for_a_large_city() -> None:
    people, members, size = 5_000_000, 40_000, 30_000
    k = np.arange(0, 2000)
    pmf = hypergeom(people, members, size).pmf(k)
    mean = size * members / people
    got = absolute_deviation(np.array([float(size)]), people, members)[0]
    assert got == pytest.approx(float(pmf @ np.abs(k - mean)), rel=1e-7)
    got = xlogx(np.array([float(size)]), people, members)[0]
    assert got == pytest.approx(float(pmf @ xlogy(k, k)), rel=1e-9)


# -- random tables --------------------------------------------------------------------------


@pytest.mark.parametrize(("sizes", "columns"), [MARGINS[0], MARGINS[4]], ids=["two", "three"])
def test_tables_by_chance_come_as_often_as_they_should(
    sizes: tuple[int, ...], columns: tuple[int, ...]
) -> None:
    every, weights = all_tables(sizes, columns)
    place = {t.tobytes(): i for i, t in enumerate(every)}
    draws = 20_000
    drawn = by_chance(every[0], draws, np.random.default_rng(4))
    seen = np.bincount([place[t.tobytes()] for t in drawn], minlength=len(every))
    likely = weights * draws >= 5
    statistic = float(((seen - weights * draws)[likely] ** 2 / (weights * draws)[likely]).sum())
    assert statistic < chi2.ppf(0.9999, likely.sum() - 1)
    assert likely.sum() > 10


def placed_at_random(size: np.ndarray, shares: tuple[float, ...], seed: int) -> np.ndarray:
    """(Z, G) people put in zones with no regard to their group."""
    rng = np.random.default_rng(seed)
    group = rng.choice(len(shares), p=shares, size=int(size.sum()))
    x = np.zeros((len(size), len(shares)))
    np.add.at(x, (np.repeat(np.arange(len(size)), size), group), 1)
    return x


DRAWS = 8000
MONTE_CARLO = 1 / np.sqrt(2 * DRAWS)  # error of a simulated sd, relative: 0.8 % (a normal law)
CITIES = {
    "2 groups, 40 zones of 10": (40, 10, (0.5, 0.5)),
    "2 groups, a rare one": (60, 60, (0.99, 0.01)),
    "2 groups, large zones": (150, 1500, (0.93, 0.07)),
    "2 groups, zones of 4": (400, 4, (0.8, 0.2)),
    "3 groups, 40 zones of 10": (40, 10, (0.6, 0.3, 0.1)),
    "3 groups, zones around the limit of recursion": (80, 64, (0.6, 0.3, 0.1)),
    "3 groups, large zones, rare ones": (60, 300, (0.98, 0.012, 0.008)),
    "5 groups, small zones": (40, 12, (0.3, 0.25, 0.2, 0.15, 0.1)),
    "5 groups, large zones": (60, 400, (0.7, 0.15, 0.1, 0.04, 0.01)),
}
WITH_SD = [s.name for s in MEASURES.values() if s.sd is not None and s.kind != "nested"]


@pytest.fixture(scope="module")
def simulated() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    out = {}
    for number, (label, (zones, size, shares)) in enumerate(CITIES.items()):
        rng = np.random.default_rng(100 + number)
        sizes = np.maximum(rng.gamma(4, size / 4, zones).astype(int), 1)
        x = placed_at_random(sizes, shares, number)
        out[label] = (x, by_chance(x, DRAWS, rng))
    return out


@pytest.mark.parametrize("label", list(CITIES))
@pytest.mark.parametrize("name", WITH_SD)
def test_sd_is_within_three_percent_of_simulation(
    name: str, label: str, simulated: dict[str, tuple[np.ndarray, np.ndarray]]
) -> None:
    spec, (x, drawn) = MEASURES[name], simulated[label]
    values = spec.kernel(drawn)
    assert spec.sd is not None
    assert spec.expected is not None
    assert spec.sd(x) == pytest.approx(values.std(), rel=0.03 + 2 * MONTE_CARLO)
    # four standard errors of the simulated mean
    assert spec.expected(x) == pytest.approx(values.mean(), abs=4 * values.std() / np.sqrt(DRAWS))


@pytest.mark.parametrize("districts", [2, 3, 10, 30])
@pytest.mark.parametrize(
    "label", ["2 groups, large zones", "3 groups, 40 zones of 10", "5 groups, large zones"]
)
def test_sd_of_the_parts_between_and_within(
    label: str, districts: int, simulated: dict[str, tuple[np.ndarray, np.ndarray]]
) -> None:
    x, drawn = simulated[label]
    parents = np.arange(len(x)) % districts
    for name in ("mutual_information_between", "mutual_information_within"):
        spec = MEASURES[name]
        assert spec.sd is not None
        got = spec.sd(x, parents)
        # hardly a zone more than districts: the two parts are then not quite independent
        rough = 0.10 if name.endswith("within") and districts > len(x) / 2 else 0.03
        assert got == pytest.approx(spec.kernel(drawn, parents).std(), rel=rough + 2 * MONTE_CARLO), name


@pytest.mark.parametrize("name", null_sd.EXACT)
@pytest.mark.parametrize(("sizes", "columns"), MARGINS, ids=IDS)
def test_sd_of_small_tables_is_that_over_all_tables(
    name: str, sizes: tuple[int, ...], columns: tuple[int, ...]
) -> None:
    every, weights = all_tables(sizes, columns)
    values = MEASURES[name].kernel(every)
    assert null_sd.is_exact(name, every[0])
    found = getattr(null_sd, name)(every[0])
    assert found**2 == pytest.approx(weights @ values**2 - (weights @ values) ** 2, rel=1e-9, abs=1e-14)


def test_a_zone_with_most_of_the_people_does_not_spoil_the_sd() -> None:
    # the limit is for zones none of which is large beside all others: it gave half as much again
    x = placed_at_random(np.array([*range(6, 30), *range(6, 30), 3000]), (0.7, 0.3), 5)
    drawn = MEASURES["dissimilarity"].kernel(by_chance(x, 2000, np.random.default_rng(1)))
    assert null_sd.dissimilarity(x) == pytest.approx(drawn.std(), rel=4 / np.sqrt(2 * 2000))


def test_many_sizes_are_left_to_the_limit_which_hardly_differs() -> None:
    sizes = np.arange(20, 64)
    x = placed_at_random(sizes, (0.6, 0.4), 5)
    wide = placed_at_random(np.arange(20, 70), (0.6, 0.4), 5)
    assert null_sd.is_exact("dissimilarity", x)
    assert not null_sd.is_exact("dissimilarity", wide)
    assert not null_sd.is_exact("gini", x)
    for limit, exact in (
        (null_sd._two_absolute, null_sd._absolute_cell),
        (lambda m: null_sd._two_groups(m, null_sd._entropy_cell), null_sd._entropy_cell),
    ):
        m = null_sd._margins(x)
        assert m is not None
        assert np.sqrt(limit(m)) == pytest.approx(null_sd._exact(m, exact), rel=0.03)


def test_sd_is_zero_where_chance_has_no_room() -> None:
    for x in ([[5.0, 3.0]], [[5.0, 0.0], [7.0, 0.0]], [[0.0, 0.0], [4.0, 3.0]], [[0.0, 0.0]]):
        for name in WITH_SD:
            sd = MEASURES[name].sd
            assert sd is not None
            assert sd(np.array(x)) == 0


# -- estimate: what stands beside a value ----------------------------------------------------


def everything(x: np.ndarray) -> np.ndarray:
    return x


def ask(name: str, *more: Any) -> Question:
    return Question(MEASURES[name], everything, name, more)


NAMES = ["dissimilarity", "gini", "information_theory", "variance_ratio", "isolation"]


def city(zones: int, seed: int = 1, people: float = 200.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    mix = rng.dirichlet([8.0, 4.0], zones)
    return rng.poisson(mix * people).astype(float)


def test_few_zones_are_simulated_and_many_are_computed() -> None:
    small = Observed(city(FEW_ZONES - 1, people=60.0))
    few = estimate(small, [ask("dissimilarity")], seed=1, key="k")[0]
    assert few.p is not None
    assert f"exact sd; p of {MANY} random arrangements" in few.null_method
    for table, name in ((small, "gini"), (Observed(city(FEW_ZONES - 1)), "dissimilarity")):
        drawn = estimate(table, [ask(name)], seed=1, key="k")[0]
        assert f"sd of {MANY} random arrangements" in drawn.null_method
    many = estimate(Observed(city(3 * FEW_ZONES)), [ask("dissimilarity")], seed=1, key="k")[0]
    assert many.p is None
    assert "conditional central limit" in many.null_method
    for found in (few, many):
        assert "exact mean with both margins fixed" in found.null_method


def test_empty_zones_do_not_make_a_city_of_many_zones() -> None:
    x = np.concatenate([city(10), np.zeros((60, 2))])
    found = estimate(Observed(x), [ask("dissimilarity")], seed=1, key="k")[0]
    assert found.p is not None


@pytest.mark.parametrize("zones", [2, 3, 5, 12])
def test_few_zones_have_everything(zones: int) -> None:
    found_all = estimate(Observed(city(zones)), [ask(n) for n in NAMES], seed=1, key="k")
    assert sum(f.interval is None for f in found_all) <= 1  # Gini has a reason for none
    for found in found_all:
        assert isinstance(found.value, float)
        assert found.sd is not None
        assert found.sd > 0
        if found.interval is None:
            assert found.interval_method.startswith("none: ")
        else:
            assert 0 <= found.interval[0] <= found.interval[1] <= 1


def test_simulated_mean_of_gini_is_near_the_truth() -> None:
    sizes, columns = MARGINS[0]
    every, weights = all_tables(sizes, columns)
    values = MEASURES["gini"].kernel(every)
    found = estimate(Observed(every[0]), [ask("gini")], seed=1, key="k", simulations=4000)[0]
    sd = np.sqrt(weights @ values**2 - (weights @ values) ** 2)
    assert found.expected == pytest.approx(weights @ values, abs=4 * sd / np.sqrt(4000))
    assert found.sd == pytest.approx(sd, rel=0.05)


def test_p_counts_itself_and_is_never_zero() -> None:
    apart = np.array([[500.0, 0], [0, 500]] * 6)
    for runs in (19, 99):
        found = estimate(Observed(apart), [ask("gini")], seed=1, key="k", simulations=runs)[0]
        assert found.p == pytest.approx(1 / (runs + 1), rel=1e-15)
    even = np.full((12, 2), 50.0)
    found = estimate(Observed(even), [ask("gini")], seed=1, key="k", simulations=99)[0]
    assert found.p == 1.0


def test_p_is_spread_evenly_under_chance() -> None:
    # if p were off, its mean over cities by chance would not be near a half
    p = []
    for seed in range(60):
        x = placed_at_random(np.full(12, 30), (0.6, 0.4), seed)
        found = estimate(Observed(x), [ask("information_theory")], seed=seed, key="k", simulations=99)[0]
        assert found.p is not None
        p.append(found.p)
    assert np.mean(p) == pytest.approx(0.5, abs=4 / np.sqrt(12 * 60))
    assert 0.05 < np.mean(np.array(p) < 0.25) < 0.45


def test_same_seed_same_values_whatever_else_is_asked() -> None:
    x = city(15)
    alone = {n: estimate(Observed(x), [ask(n)], seed=5, key="k")[0] for n in NAMES}
    beside = estimate(Observed(x), [ask(n) for n in NAMES], seed=5, key="k")
    backwards = estimate(Observed(x), [ask(n) for n in NAMES[::-1]], seed=5, key="k")[::-1]
    for name, a, b in zip(NAMES, beside, backwards, strict=True):
        assert alone[name] == a == b, name


def test_an_undefined_question_does_not_move_the_others() -> None:
    x = city(15)

    def nobody(t: np.ndarray) -> np.ndarray:
        return t * [0.0, 1.0]

    lost = Question(MEASURES["dissimilarity"], nobody, "nobody")
    alone = estimate(Observed(x), [ask("gini")], seed=5, key="k")[0]
    beside = estimate(Observed(x), [lost, ask("gini"), lost], seed=5, key="k")
    assert beside[1] == alone
    assert isinstance(beside[0].value, Undefined)


def test_another_seed_or_key_gives_other_random_tables() -> None:
    x = city(15)
    first = estimate(Observed(x), [ask("gini")], seed=5, key="k")[0]
    assert estimate(Observed(x), [ask("gini")], seed=6, key="k")[0].sd != first.sd
    assert estimate(Observed(x), [ask("gini")], seed=5, key="other")[0].sd != first.sd
    assert estimate(Observed(x), [ask("gini")], seed=6, key="k")[0].value == first.value


def test_excess_is_zero_at_chance_and_one_when_apart() -> None:
    apart = np.array([[50.0, 0], [0, 50]] * 30)
    found = estimate(Observed(apart), [ask("dissimilarity"), ask("mutual_information")], seed=1, key="k")
    for f in found:
        assert f.excess == pytest.approx(1, abs=1e-12)
    x = placed_at_random(np.full(200, 40), (0.7, 0.3), 3)
    f = estimate(Observed(x), [ask("dissimilarity")], seed=1, key="k")[0]
    assert f.excess == pytest.approx(0, abs=0.03)


def test_how_many_random_tables() -> None:
    assert replicates(39, 2) == 999
    assert replicates(40, 2) == 199
    assert replicates(1_000_000, 6) == 12
    assert replicates(40, 2, 50) == 50
    assert replicates(10_000_000, 6, 5000) == 12


@pytest.mark.parametrize("few", [-3, 0, 1, 18])
def test_too_few_random_tables_are_refused(few: int) -> None:
    with pytest.raises(CallError, match="19"):
        estimate(Observed(city(12)), [ask("gini")], seed=1, key="k", simulations=few)


@pytest.mark.parametrize(
    ("x", "name", "code"),
    [
        (np.zeros((4, 2)), "dissimilarity", "nobody"),
        (np.zeros((0, 2)), "gini", "nobody"),
        (np.array([[0.0, 3], [0, 4]]), "dissimilarity", "group-absent"),
        (np.array([[3.0, 0], [4, 0]]), "dissimilarity", "everyone"),
        (np.array([[3.0, 0, 0], [4, 0, 0]]), "information_theory", "one-group"),
        (np.array([[3.0, 2, 1], [0, 0, 0]]), "information_theory", "one-zone"),
        (np.array([[3.0, 0, 1], [2, 0, 5]]), "exposure", "group-absent"),
        (np.array([[0.0, 3, 1], [0, 2, 5]]), "exposure", "group-absent"),
    ],
)
def test_no_value_without_a_reason(x: np.ndarray, name: str, code: str) -> None:
    found = estimate(Observed(x), [ask(name)], seed=1, key="k")[0]
    assert isinstance(found.value, Undefined)
    assert found.value.code == code
    assert found.value.reason.endswith(".")
    assert (found.expected, found.sd, found.p, found.interval, found.excess) == (None,) * 5


def test_a_share_needs_no_zones_and_has_no_chance_value() -> None:
    found = estimate(Observed(np.array([[30.0, 70.0]])), [ask("share")], seed=1, key="k")[0]
    assert found.value == 0.3
    assert (found.expected, found.sd, found.p) == (None, None, None)
