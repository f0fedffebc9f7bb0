"""Values that others published or computed, to the digits that they gave.

* US schools: elbersb/segregation 1.1.0.9000 (R), values of its documentation and of a run.
* Winship (1977), table 2.
* PySAL segregation 2.5.4: ``expected.json`` of each data set.
* OasisR 3.1.1: ordinal values of ``GreHSize``.
* Reardon's integral by quadrature, and slow twins by their definitions.

Nothing here goes through the reader of the project: tables are read with csv and sqlite3.
"""

from __future__ import annotations

import csv
import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.sparse import csr_array
from scipy.special import xlogy
from scipy.stats import beta

from isopolis.measure import MEASURES
from isopolis.measure.exposure import exposure_matrix
from isopolis.measure.nested import together
from isopolis.measure.null_mean import dissimilarity as expected_dissimilarity
from isopolis.measure.ordered import rank_order_weights
from isopolis.measure.spatial import neighbours_within, pairs_within

CLOSE = {"rel": 0, "abs": 1e-12}
RACES = ("asian", "black", "hisp", "white", "native")


def ask(name: str, x: Any, *extra: Any) -> Any:
    return MEASURES[name].kernel(np.asarray(x, dtype=float), *extra)


# -- US schools ------------------------------------------------------------------------


class Schools:
    """Race by school, with the district and the state of each school."""

    def __init__(self, path: Path) -> None:
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        keys = sorted({(r["state"], r["district"], r["school"]) for r in rows})
        place = {k: i for i, k in enumerate(keys)}
        self.x = np.zeros((len(keys), len(RACES)))
        for r in rows:
            school = place[r["state"], r["district"], r["school"]]
            self.x[school, RACES.index(r["race"])] += float(r["n"])
        self.state = np.unique([k[0] for k in keys], return_inverse=True)[1]
        self.district = np.unique(["/".join(k[:2]) for k in keys], return_inverse=True)[1]


@pytest.fixture(scope="module")
def schools00(data: Path) -> Schools:
    return Schools(data / "schools_us_2000_2005" / "schools00.csv")


@pytest.fixture(scope="module")
def schools05(data: Path) -> Schools:
    return Schools(data / "schools_us_2000_2005" / "schools05.csv")


def test_schools_tables_are_the_published_ones(schools00: Schools, schools05: Schools) -> None:
    assert (len(schools00.x), schools00.x.sum()) == (2045, 877_739)
    assert schools05.x.sum() == 826_734


def test_schools_m_and_h(schools00: Schools, schools05: Schools) -> None:
    assert ask("mutual_information", schools00.x) == pytest.approx(0.425538975876420, **CLOSE)
    assert ask("information_theory", schools00.x) == pytest.approx(0.418808314641945, **CLOSE)
    assert ask("mutual_information", schools05.x) == pytest.approx(0.413385092019674, **CLOSE)
    assert ask("information_theory", schools05.x) == pytest.approx(0.389284843308534, **CLOSE)


def test_schools_between_districts_and_states(schools00: Schools) -> None:
    x, state, district = schools00.x, schools00.state, schools00.district
    m_district = ask("mutual_information_between", x, district)
    m_state = ask("mutual_information_between", x, state)
    assert m_district == pytest.approx(0.337952496788853, **CLOSE)
    assert m_state == pytest.approx(0.0992437012829429, **CLOSE)
    assert ask("information_theory", together(x, district)) == pytest.approx(0.332607172627779, **CLOSE)
    assert ask("information_theory", together(x, state)) == pytest.approx(0.0976739843572132, **CLOSE)
    within_state = ask("mutual_information_within", x, state)
    assert within_state == pytest.approx(0.326295274593474, **CLOSE)
    within_district = ask("mutual_information_within", x, district)
    assert within_district == pytest.approx(0.0875864790875664, **CLOSE)
    # districts inside states: the same measure, one level up
    codes = np.zeros(district.max() + 1, dtype=int)
    codes[district] = state
    districts_in_states = ask("mutual_information_within", together(x, district), codes)
    assert districts_in_states == pytest.approx(0.2387087955059103, **CLOSE)
    unit = ask("mutual_information", x) / ask("information_theory", x)
    assert districts_in_states / unit == pytest.approx(0.2349331882705664, **CLOSE)
    assert within_district / unit == pytest.approx(0.0862011420141650, **CLOSE)
    assert within_state / unit == pytest.approx(0.321134330284729, **CLOSE)


@pytest.mark.parametrize(
    ("state", "m", "weight", "h", "ratio"),
    [
        (0, 0.408596522834574, 0.276881852122328, 0.496921569209236, 0.809250114633598),
        (1, 0.254995859585263, 0.403542510928647, 0.268088400301113, 0.936118992735963),
        (2, 0.345022055434215, 0.319575636949025, 0.361125742152516, 0.940295509022469),
    ],
)
def test_schools_inside_each_state(
    schools00: Schools, state: int, m: float, weight: float, h: float, ratio: float
) -> None:
    x = schools00.x
    inside = x[schools00.state == state]
    assert ask("mutual_information", inside) == pytest.approx(m, **CLOSE)
    assert ask("information_theory", inside) == pytest.approx(h, **CLOSE)
    assert inside.sum() / x.sum() == pytest.approx(weight, **CLOSE)
    most = MEASURES["mutual_information"].maximum
    assert most(inside) / most(x) == pytest.approx(ratio, **CLOSE)


def test_schools_local_scores_of_races(schools00: Schools) -> None:
    # the score of a group is that of a zone with groups and zones exchanged: M is symmetric
    want = [0.628767251748377, 0.880541305150669, 0.776632742882373, 0.183639285365455, 1.4342643919387]
    scores = ask("local_mutual_information", schools00.x.T)
    np.testing.assert_allclose(scores, want, rtol=0, atol=1e-12)
    share = schools00.x.sum(axis=0) / schools00.x.sum()
    np.testing.assert_allclose(
        share,
        [0.0225534014097585, 0.190149919281244, 0.151696574949957, 0.628092177743042, 0.00750792661599861],
        rtol=0,
        atol=1e-12,
    )
    assert share @ scores == pytest.approx(0.425538975876420, **CLOSE)


def test_schools_local_scores_of_zones_add_up_to_m(schools00: Schools) -> None:
    n = schools00.x.sum(axis=1)
    total = n @ ask("local_mutual_information", schools00.x) / n.sum()
    assert total == pytest.approx(0.425538975876420, **CLOSE)


def test_schools_dissimilarity_and_isolation(schools00: Schools) -> None:
    black_white = schools00.x[:, [1, 3]]
    assert ask("dissimilarity", black_white) == pytest.approx(0.728387884871103, **CLOSE)
    want = [
        0.0560886193840592,
        0.6119595745214216,
        0.4426203359199896,
        0.7943007035654296,
        0.0891944617597810,
    ]
    np.testing.assert_allclose(np.diag(exposure_matrix(schools00.x)), want, rtol=0, atol=1e-12)
    for column, value in enumerate(want):
        own = schools00.x[:, column]
        pair = np.stack([own, schools00.x.sum(axis=1) - own], axis=1)
        assert ask("isolation", pair) == pytest.approx(value, **CLOSE)


def test_schools_pupils_one_by_one(data: Path) -> None:
    with (data / "schools_us_2000_2005" / "school_ses.csv").open(newline="") as file:
        pupils = list(csv.DictReader(file))
    assert len(pupils) == 5153
    for column, m, h in [
        ("ethnic_group", 0.544489071292147, 0.576926208634721),
        ("ses_quintile", 0.350952894624255, 0.219311510277201),
    ]:
        counted = Counter((p["school_id"], p[column]) for p in pupils)
        zones, groups = (sorted({k[i] for k in counted}) for i in range(2))
        x = np.array([[counted[z, g] for g in groups] for z in zones])
        assert ask("mutual_information", x) == pytest.approx(m, **CLOSE)
        assert ask("information_theory", x) == pytest.approx(h, **CLOSE)


def test_schools_chance_against_the_simulation_of_others(schools00: Schools) -> None:
    # 100 random tables of elbersb's mutual_total_expected: mean 0.0048006, sd 7.5e-5
    expected = MEASURES["mutual_information"].expected
    sd = MEASURES["mutual_information"].sd
    assert expected is not None
    assert sd is not None
    monte_carlo = 7.5e-5 / np.sqrt(100)
    assert expected(schools00.x) == pytest.approx(0.0048006, abs=4 * monte_carlo)
    # the sd of 100 draws has itself an error of one part in fourteen
    assert sd(schools00.x) == pytest.approx(7.5e-5, rel=0.25)


# -- Winship ---------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "share", "value"), [(10, 0.1, 0.387), (10, 0.5, 0.246), (100, 0.1, 0.131)])
def test_winship_table_2(size: int, share: float, value: float) -> None:
    zones = 1000
    members = np.full(zones, size * share)
    x = np.stack([members, size - members], axis=1)
    assert expected_dissimilarity(x) == pytest.approx(value, abs=0.001)


# -- PySAL -----------------------------------------------------------------------------

ONE_GROUP = {
    "Dissim": "dissimilarity",
    "Gini": "gini",
    "Entropy": "information_theory",
    "Isolation": "isolation",
    "Interaction": "exposure",
    "CorrelationR": "variance_ratio",
}
ALL_GROUPS = {
    "MultiDissim": "dissimilarity",
    "MultiGini": "gini",
    "MultiInfoTheory": "information_theory",
    "MultiNormExposure": "variance_ratio",
    "MultiDivergence": "mutual_information",
}


def check_pysal(x: np.ndarray, values: dict[str, float], names: dict[str, str]) -> None:
    for theirs, ours in names.items():
        assert ask(ours, x) == pytest.approx(values[theirs], **CLOSE), theirs


def expected_json(folder: Path) -> Any:
    return json.loads((folder / "expected.json").read_text(encoding="utf-8"))


def columns(path: Path, names: Sequence[str]) -> np.ndarray:
    with path.open(newline="", encoding="utf-8") as file:
        return np.array([[float(r[n]) for n in names] for r in csv.DictReader(file)])


def against_rest(path: Path, text: str) -> np.ndarray:
    """``"foreigners of total"`` → (Z, 2) the group and everybody else."""
    both = columns(path, text.split(" of "))
    return np.stack([both[:, 0], both[:, 1] - both[:, 0]], axis=1)


@pytest.mark.parametrize(("year", "file"), [("2000", "schools00.csv"), ("2005", "schools05.csv")])
def test_pysal_on_schools(data: Path, year: str, file: str) -> None:
    folder = data / "schools_us_2000_2005"
    want, x = expected_json(folder)["years"][year], Schools(folder / file).x
    check_pysal(x, want["multigroup"], ALL_GROUPS)
    pair = np.stack([x[:, 1], x.sum(axis=1) - x[:, 1]], axis=1)
    check_pysal(pair, want["black_vs_rest"], ONE_GROUP)


@pytest.mark.parametrize(
    ("period", "file"), [("2015h1", "population_2015h1.csv"), ("2020h2", "population_2020h2.csv")]
)
def test_pysal_on_berlin(data: Path, period: str, file: str) -> None:
    folder = data / "berlin_planning_areas"
    want = expected_json(folder)["periods"][period]
    assert len(want["single_group"]) == 4
    for text, values in want["single_group"].items():
        check_pysal(against_rest(folder / file, text), values, ONE_GROUP)
    for values in want["multigroup"].values():
        check_pysal(columns(folder / file, values["groups"]), values["values"], ALL_GROUPS)


def test_pysal_on_barcelona(data: Path) -> None:
    folder = data / "barcelona_neighbourhoods"
    want, file = expected_json(folder), folder / "neighbourhoods.csv"
    assert len(want["single_group"]) == 3
    # born_abroad is stated of birth_total, which the four birthplaces add up to
    births = ["born_barcelona", "born_rest_catalonia", "born_rest_spain", "born_abroad"]
    for text, values in want["single_group"].items():
        group, total = text.split(" of ")
        if total == "birth_total":
            four = columns(file, births)
            x = np.stack([four[:, 3], four[:, :3].sum(axis=1)], axis=1)
        else:
            x = against_rest(file, text)
        check_pysal(x, values, ONE_GROUP)
        assert x[:, 0].sum() == want["totals"][group]
    for values in want["multigroup"].values():
        check_pysal(columns(file, values["groups"]), values["values"], ALL_GROUPS)


def layer(path: Path, names: Sequence[str]) -> np.ndarray:
    """Read number columns of the one layer of a GeoPackage."""
    with sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True) as base:
        table = base.execute("select table_name from gpkg_contents").fetchone()[0]
        listed = ", ".join(f'"{n}"' for n in names)
        return np.array(base.execute(f'select {listed} from "{table}" order by fid').fetchall(), dtype=float)


@pytest.mark.parametrize("pattern", "ABCDEFGHI")
def test_pysal_on_chessboards(data: Path, pattern: str) -> None:
    folder = data / "oasisr_teaching"
    want = expected_json(folder)["segdata"][pattern]["values"]
    x = layer(folder / "segdata.gpkg", [f"{pattern}1", f"{pattern}2"])
    assert x.shape == (100, 2)
    check_pysal(x, want, ONE_GROUP)
    if want["Dissim"] > 1 - 1e-9:  # complete separation is exactly 1, not nearly
        assert ask("dissimilarity", x) == pytest.approx(1, abs=1e-15)


SIZES = ["small_1_2", "medium_3_4", "big_5_plus"]


def test_pysal_on_grenoble_households(data: Path) -> None:
    folder = data / "oasisr_teaching"
    want, x = expected_json(folder)["GreHSize"], layer(folder / "GreHSize.gpkg", SIZES)
    check_pysal(x, want["multigroup"], ALL_GROUPS)
    for column, name in enumerate(SIZES):
        pair = np.stack([x[:, column], x.sum(axis=1) - x[:, column]], axis=1)
        check_pysal(pair, want["single_group"][name], ONE_GROUP)


def test_oasisr_on_grenoble_households(data: Path) -> None:
    x = layer(data / "oasisr_teaching" / "GreHSize.gpkg", SIZES)
    assert ask("ordinal_information_theory", x) == pytest.approx(0.0194221851525016, **CLOSE)
    # OasisR gives four digits of the others
    for name, value in [
        ("dissimilarity", 0.149),
        ("gini", 0.191),
        ("information_theory", 0.0188),
        ("variance_ratio", 0.0243),
    ]:
        assert ask(name, x) == pytest.approx(value, abs=6e-5), name


# -- toy tables of elbersb's tests -------------------------------------------------------


def test_toy_tables() -> None:
    apart = np.zeros((8, 2))
    apart[0, 0] = apart[4, 1] = 40
    assert ask("mutual_information", apart) == pytest.approx(np.log(2), **CLOSE)
    assert ask("information_theory", apart) == pytest.approx(1, **CLOSE)
    assert ask("dissimilarity", [[40, 0], [0, 60]]) == pytest.approx(1, **CLOSE)
    assert ask("dissimilarity", [[80, 20], [20, 80]]) == pytest.approx(0.6, **CLOSE)


# -- slow twins ------------------------------------------------------------------------


def uneven(seed: int, zones: int, groups: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    x = rng.poisson(rng.dirichlet(np.full(groups, 0.7), zones) * rng.exponential(80, (zones, 1)))
    return x.astype(float)


@pytest.mark.parametrize("groups", [2, 3, 6])
@pytest.mark.parametrize("zones", [2, 5, 40])
def test_gini_is_the_sum_over_pairs_of_zones(zones: int, groups: int) -> None:
    x = uneven(zones + groups, zones, groups)
    x[0] = x[-1]  # ties
    n, people = x.sum(axis=1), x.sum()
    p = x.sum(axis=0) / people
    total = 0.0
    for g in range(groups):
        for i in range(zones):
            for j in range(zones):
                if n[i] and n[j]:
                    total += n[i] * n[j] * abs(x[i, g] / n[i] - x[j, g] / n[j])
    want = total / (2 * people**2 * sum(q * (1 - q) for q in p))
    assert ask("gini", x) == pytest.approx(want, **CLOSE)


def entropy(p: np.ndarray) -> float:
    return float(-xlogy(p, p).sum())


@pytest.mark.parametrize("radius", [0.0, 120.0, 400.0, 5000.0])
def test_spatial_h_by_its_definition(radius: float) -> None:
    rng = np.random.default_rng(3)
    x, points = uneven(9, 60, 4), rng.uniform(0, 1500, (60, 2))
    x[:3] = 0
    top = entropy(x.sum(axis=0) / x.sum())
    inside = 0.0
    for i in range(60):
        near = [j for j in range(60) if np.hypot(*(points[i] - points[j])) <= radius]
        around = sum(x[j] for j in near)
        if around.sum():
            inside += x[i].sum() * entropy(around / around.sum())
    want = 1 - inside / (x.sum() * top)
    matrix = neighbours_within(points, radius)
    assert ask("spatial_information_theory", x, matrix) == pytest.approx(want, **CLOSE)
    distance = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    np.testing.assert_array_equal(matrix.toarray(), (distance <= radius).astype(float))
    assert pairs_within(points, radius) == int((distance <= radius).sum())


def test_zones_at_the_same_point_are_neighbours_at_any_radius() -> None:
    points = np.array([[0.0, 0], [0, 0], [500, 0]])
    want = [[1.0, 1, 0], [1, 1, 0], [0, 0, 1]]
    np.testing.assert_array_equal(neighbours_within(points, 100).toarray(), want)


def test_spatial_h_takes_weights() -> None:
    x = np.array([[10.0, 0], [0, 10]])
    half = csr_array(np.array([[1.0, 0.5], [0.5, 1.0]]))
    want = 1 - entropy(np.array([2 / 3, 1 / 3])) / np.log(2)
    assert ask("spatial_information_theory", x, half) == pytest.approx(want, **CLOSE)


@pytest.mark.parametrize("steps", [3, 4, 7])
def test_ordinal_h_is_the_mean_of_h_over_thresholds_weighted_by_entropy(steps: int) -> None:
    x = uneven(steps, 25, steps)
    top = bottom = 0.0
    for k in range(1, steps):
        pair = np.stack([x[:, :k].sum(axis=1), x[:, k:].sum(axis=1)], axis=1)
        weight = entropy(pair.sum(axis=0) / pair.sum())
        top += weight * ask("information_theory", pair)
        bottom += weight
    assert ask("ordinal_information_theory", x) == pytest.approx(top / bottom, **CLOSE)


# -- rank-order H ----------------------------------------------------------------------


def binary_entropy(p: float) -> float:
    return float(-xlogy(p, p) - xlogy(1 - p, 1 - p))


@pytest.mark.parametrize("steps", [6, 8, 16])
@pytest.mark.parametrize("power", range(5))
def test_rank_order_weights_integrate_polynomials(steps: int, power: int) -> None:
    # for H(p) = p^power the fit is exact, so the sum is Reardon's integral 2 ∫ E(p) H(p) dp
    columns = np.random.default_rng(steps).dirichlet(np.full(steps, 3.0)) * 1000
    p = np.cumsum(columns)[:-1] / 1000
    m = np.array([binary_entropy(q) * q**power for q in p])
    want = 2 * quad(lambda q: binary_entropy(q) * q**power, 0, 1, epsabs=1e-13)[0]
    assert rank_order_weights(columns) @ m == pytest.approx(want, rel=0, abs=1e-9)


def test_few_steps_are_fitted_by_a_lower_order() -> None:
    columns = np.array([300.0, 200, 100, 400])  # three thresholds: a parabola, exactly
    p = np.cumsum(columns)[:-1] / 1000
    for power in range(3):
        m = np.array([binary_entropy(q) * q**power for q in p])
        want = 2 * quad(lambda q, k=power: binary_entropy(q) * q**k, 0, 1, epsabs=1e-13)[0]
        assert rank_order_weights(columns) @ m == pytest.approx(want, rel=0, abs=1e-9)


@pytest.mark.parametrize(("steps", "off"), [(8, 4e-3), (12, 2e-3), (20, 1e-3)])
def test_rank_order_h_of_a_city_known_in_full(steps: int, off: float) -> None:
    # half of the people live in zones with ranks after Beta(2, 1), half after Beta(1, 2):
    # together ranks are uniform, and Reardon's integral can be taken by quadrature
    low, high = beta(1, 2), beta(2, 1)

    def information(p: float) -> float:
        inside = (binary_entropy(low.cdf(p)) + binary_entropy(high.cdf(p))) / 2
        return binary_entropy(p) - inside

    want = 2 * quad(information, 0, 1, epsabs=1e-12)[0]
    assert 0.05 < want < 0.3
    edges = np.linspace(0, 1, steps + 1)
    x = 1e6 * np.stack([np.diff(low.cdf(edges)), np.diff(high.cdf(edges))])
    assert ask("rank_order_information_theory", x) == pytest.approx(want, rel=off)
