"""Every index of the catalogue against every law that it declares, on generated tables.

Also what each does when zones are joined, when people are exchanged and when nobody is there.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from isopolis.measure import CATALOGUE, LAWS, MEASURES, MeasureSpec
from isopolis.measure.catalogue import corrected, diversity, ordinal, two_group, zones

MODULES = {m.__name__ for m in (corrected, diversity, ordinal, two_group, zones)}
OURS = [s for s in CATALOGUE.values() if s.kernel.__module__ in MODULES]
NAMES = [s.name for s in OURS]
CORRECTED = {s.name for s in OURS if s.kernel.__module__ == corrected.__name__}
TOLERANCE = 1e-9
STYLES = ("tiny", "small", "large", "holes", "absent", "weights", "rare")


def city(seed: int, count: int, groups: int, style: str) -> np.ndarray:
    rng = np.random.default_rng(seed)
    n = {"tiny": 3, "small": 30, "large": 20_000}.get(style, 300)
    mix = rng.dirichlet(np.full(groups, 0.5), size=count)
    x = rng.poisson(mix * rng.exponential(n, (count, 1))).astype(float)
    if style == "holes":
        x[rng.random(x.shape) < 0.5] = 0
        x[rng.random(count) < 0.3] = 0
    if style == "absent":
        x[:, rng.integers(groups)] = 0
    if style == "weights":
        x *= rng.random(x.shape)
    if style == "rare":
        x[:, 0] = 0
        x[rng.integers(count), 0] = 1
    return x


def cases(spec: MeasureSpec) -> list[tuple[np.ndarray, np.random.Generator]]:
    least = 3 if spec.kind == "ordered" else 2
    out = []
    for k, style in enumerate(STYLES):
        for count in (2, 7) if spec.name in CORRECTED else (1, 2, 20):
            seed = 100 * k + count
            x = city(seed, count, least + seed % 3, style)
            if spec.name == "bias_corrected_dissimilarity":
                x = np.minimum(x, 2000)
            out.append((x, np.random.default_rng(seed)))
    return out


def same(a: object, b: object) -> None:
    np.testing.assert_allclose(a, b, rtol=1e-9, atol=TOLERANCE)


# -- the laws ----------------------------------------------------------------------------


def zone_order(spec: MeasureSpec, x: np.ndarray, rng: np.random.Generator) -> None:
    order, before = rng.permutation(len(x)), spec.kernel(x)
    same(spec.kernel(x[order]), before[order] if spec.kind == "local" else before)


def group_order(spec: MeasureSpec, x: np.ndarray, rng: np.random.Generator) -> None:
    same(spec.kernel(x[:, rng.permutation(x.shape[1])]), spec.kernel(x))


def scale(spec: MeasureSpec, x: np.ndarray, rng: np.random.Generator) -> None:
    same(spec.kernel(x * 10), spec.kernel(x))


def split(spec: MeasureSpec, x: np.ndarray, rng: np.random.Generator) -> None:
    zone, part = rng.integers(len(x)), rng.random()
    parted = np.vstack([x, x[zone] * (1 - part)])
    parted[zone] *= part
    same(spec.kernel(parted), spec.kernel(x))


def merge(spec: MeasureSpec, x: np.ndarray, rng: np.random.Generator) -> None:
    if len(x) > 1:
        a, b = rng.choice(len(x), 2, replace=False)
        joined = x.copy()
        joined[a] += joined[b]
        assert spec.kernel(np.delete(joined, b, axis=0)) <= spec.kernel(x) + TOLERANCE


def empty_zone(spec: MeasureSpec, x: np.ndarray, rng: np.random.Generator) -> None:
    place = rng.integers(len(x) + 1)
    after = spec.kernel(np.insert(x, place, 0.0, axis=0))
    same(np.delete(after, place) if spec.kind == "local" else after, spec.kernel(x))


def absent_group(spec: MeasureSpec, x: np.ndarray, rng: np.random.Generator) -> None:
    place = rng.integers(1 if spec.groups == "one" else 0, x.shape[1] + 1)
    same(spec.kernel(np.insert(x, place, 0.0, axis=1)), spec.kernel(x))


def zero_when_even(spec: MeasureSpec, x: np.ndarray, rng: np.random.Generator) -> None:
    even = np.outer(x.sum(axis=1), rng.dirichlet(np.ones(x.shape[1])))
    # a square root makes 1e-16 of rounding 1e-8
    np.testing.assert_allclose(spec.kernel(even), 0, atol=1e-7)


def one_when_apart(spec: MeasureSpec, x: np.ndarray, rng: np.random.Generator) -> None:
    if len(x) > 1:
        owner = rng.integers(0, x.shape[1], len(x))
        owner[:2] = rng.permutation([0, 1])
        apart = np.zeros(x.shape)
        apart[np.arange(len(x)), owner] = 1 + rng.integers(0, 500, len(x))
        if spec.name not in CORRECTED or np.ptp(apart.sum(axis=1)) > 0:
            same(spec.kernel(apart), spec.maximum(apart))


def margin_free(spec: MeasureSpec, x: np.ndarray, rng: np.random.Generator) -> None:
    same(spec.kernel(x[:, :2] * [2.0, 1.0]), spec.kernel(x[:, :2]))


def bounded(spec: MeasureSpec, x: np.ndarray, rng: np.random.Generator) -> None:
    value = spec.kernel(x)
    assert (value >= spec.minimum - TOLERANCE).all()
    assert (value <= spec.maximum(x) + TOLERANCE).all()


CHECKS: dict[str, Callable[[MeasureSpec, np.ndarray, np.random.Generator], None]] = {
    "zone-order": zone_order,
    "group-order": group_order,
    "scale": scale,
    "split": split,
    "merge": merge,
    "empty-zone": empty_zone,
    "absent-group": absent_group,
    "zero-when-even": zero_when_even,
    "one-when-apart": one_when_apart,
    "margin-free": margin_free,
    "bounded": bounded,
}


@pytest.mark.parametrize("name", NAMES)
def test_index_obeys_its_laws(name: str) -> None:
    spec = CATALOGUE[name]
    for law in spec.laws:
        for x, rng in cases(spec):
            CHECKS[law](spec, x, rng)


UNEVEN = np.array([[30.0, 10, 5], [5, 40, 15], [20, 20, 60], [2, 7, 50], [9, 1, 3]])
BROKEN = [
    ("gorard", "margin-free"), ("concentration_profile", "margin-free"), ("atkinson", "group-order"),
    ("relative_diversity", "margin-free"), ("squared_coefficient_of_variation", "margin-free"),
    ("simpson_concentration", "zero-when-even"), ("diversity", "zero-when-even"),
    ("ordinal_variation_ratio", "group-order"), ("ordinal_absolute", "group-order"),
    ("modified_dissimilarity", "scale"), ("modified_dissimilarity", "split"),
    ("density_corrected_dissimilarity", "scale"), ("bias_corrected_dissimilarity", "scale"),
    ("local_diversity", "zero-when-even"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "law"), BROKEN, ids=["-".join(b) for b in BROKEN])
def test_a_law_that_is_not_declared_fails_on_an_example(name: str, law: str) -> None:
    spec = CATALOGUE[name]
    assert law not in spec.laws

    def check(seed: int) -> None:
        CHECKS[law](spec, UNEVEN, np.random.default_rng(seed))

    with pytest.raises(AssertionError):
        list(map(check, range(20)))


def test_why_the_concentration_profile_does_not_declare_merge() -> None:
    kernel = CATALOGUE["concentration_profile"].kernel
    apart = np.array([[0.0, 10], [4, 6], [12, 0]])
    joined = np.array([[4.0, 16], [12, 0]])
    assert kernel(joined) > kernel(apart) + 0.02


# -- people moved ------------------------------------------------------------------------

CITY_WIDE = {"diversity", "normalised_diversity", "simpson_interaction", "simpson_concentration"}
MOVES = [n for n in NAMES if CATALOGUE[n].kind != "local"]


@pytest.mark.parametrize("name", MOVES)
def test_people_exchanged_towards_evenness_never_raise_it(name: str) -> None:
    """A member leaves a zone where members are frequent, another person takes the place."""
    kernel = CATALOGUE[name].kernel
    x = np.array([[60.0, 20, 10], [40, 40, 20], [10, 70, 30], [5, 20, 70]])
    x = np.stack([x[:, 0], x[:, 1] + x[:, 2]], axis=1) if CATALOGUE[name].groups == "one" else x
    moved = x.copy()
    moved[0] += [-5, 5] if x.shape[1] == 2 else [-5, 0, 5]
    moved[3] -= [-5, 5] if x.shape[1] == 2 else [-5, 0, 5]
    if name in CITY_WIDE:
        assert kernel(moved) == kernel(x)
    else:
        assert kernel(moved) < kernel(x) - 1e-4


@pytest.mark.parametrize("name", MOVES)
def test_joining_the_two_extreme_zones_moves_it_as_it_must(name: str) -> None:
    kernel = CATALOGUE[name].kernel
    x = np.array([[80.0, 20], [50, 50], [20, 80], [50, 50]])
    joined = np.array([[100.0, 100], [50, 50], [50, 50]])
    if name in CITY_WIDE:
        assert kernel(joined) == kernel(x)
    elif name.startswith("modified"):
        assert kernel(joined) < 0 < kernel(x)  # evener than chance would be
    else:
        # redrawing a table that is even makes it uneven, which is taken away from nothing
        assert (kernel(joined) < 0) if name.startswith("bias") else abs(kernel(joined)) < 1e-7
        assert kernel(x) > 0.03


@pytest.mark.parametrize("name", [n for n in NAMES if CATALOGUE[n].kind == "local"])
def test_a_zone_that_becomes_more_mixed_moves_alone(name: str) -> None:
    kernel = CATALOGUE[name].kernel
    x = np.array([[60.0, 20], [40, 40], [10, 70]])
    moved = x + np.array([[-5, 5], [0, 0], [0, 0]])
    step = kernel(moved) - kernel(x)
    assert (step[1:] == 0).all()
    assert step[0] < 0 if name == "local_simpson_concentration" else step[0] > 0


# -- whatever the table ------------------------------------------------------------------

NOTHING = [
    np.zeros((0, 3)), np.zeros((1, 3)), np.zeros((5, 3)), np.array([[7.0, 0, 0]]), np.array([[7.0, 2, 1]]),
    np.array([[7.0, 0, 0], [3, 0, 0]]), np.array([[0.0, 0, 7], [0, 0, 0], [0, 0, 1]]),
    np.array([[1.0, 0, 0], [0, 0, 0]]), np.array([[1e-9, 0, 1e-9], [0, 2e-9, 1e-9]]),
    np.array([[3.0, 0, 0], [4.0, 0, 0]]), np.array([[0.0, 3, 1], [0, 4.0, 0]]),
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_never_nan_and_no_warning(name: str) -> None:
    spec = CATALOGUE[name]
    with np.errstate(all="raise", under="ignore"):
        for x in NOTHING:
            value = np.asarray(spec.kernel(x))
            assert np.isfinite(value).all()
            assert value.shape == (x.shape[:1] if spec.kind == "local" else ())
            assert np.isfinite(spec.maximum(x))


@pytest.mark.parametrize("name", NAMES)
def test_leading_axes_equal_a_loop_and_inputs_stay(name: str) -> None:
    kernel = CATALOGUE[name].kernel
    x = np.stack([city(k, 6, 4, style) for k, style in enumerate(("tiny", "small", "holes", "weights"))])
    before = x.copy()
    x.flags.writeable = False
    loop = np.stack([kernel(table) for table in x])
    same(kernel(x.reshape(2, 2, 6, 4)), loop.reshape(2, 2, *loop.shape[1:]))
    np.testing.assert_array_equal(x, before)


# -- the registry ------------------------------------------------------------------------


def test_the_catalogue_holds_every_measure_of_a_diagnosis() -> None:
    assert set(MEASURES) <= set(CATALOGUE)
    assert not set(NAMES) & set(MEASURES)


def test_symbols_are_told_apart() -> None:
    symbols = [s.symbol.lower() for s in (*MEASURES.values(), *OURS)]
    assert len(symbols) == len(set(symbols))


@pytest.mark.parametrize("name", list(CATALOGUE))
def test_every_index_says_why_and_by_what_it_is_checked(name: str) -> None:
    spec = CATALOGUE[name]
    assert spec.verdict in ("recommended", "legacy")
    assert spec.because.endswith(".")
    assert spec.oracle
    assert spec.laws <= set(LAWS)
