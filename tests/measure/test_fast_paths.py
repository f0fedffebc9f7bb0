"""Fast ways against the slow ones that they stand for: shared sums, and coarse sums of wide counts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import xlogy

from isopolis.flows.ask import about_crossing, about_dimension
from isopolis.measure.fused import Fused
from isopolis.measure.null_mean import hypergeometric
from isopolis.measure.null_sd import _binomial
from isopolis.measure.windows import WIDE, Bell, means
from isopolis.model import Dimension, Group

# -- shared sums -----------------------------------------------------------------------------


def tables(seed: int, zones: int, groups: int, style: str) -> np.ndarray:
    """Three tables, some with empty zones, absent groups, one group only, weights, or nobody."""
    rng = np.random.default_rng(seed)
    x = rng.poisson(rng.dirichlet(np.full(groups, 0.6), (3, zones)) * rng.exponential(60, (3, zones, 1)))
    x = x.astype(float)
    x[:, rng.random(zones) < 0.2] = 0
    if style == "absent":
        x[1, :, rng.integers(groups)] = 0
    if style == "one group":
        x[:, :, 1:] = 0
    if style == "nobody":
        x[2] = 0
    if style == "weights":
        x *= rng.random(x.shape)
    if style == "even":
        x = np.repeat(x.sum(axis=1, keepdims=True), zones, axis=1) * rng.random((3, zones, 1))
    return x


@settings(max_examples=150)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([1, 2, 5, 40]),
    st.integers(2, 5),
    st.sampled_from(["plain", "absent", "one group", "nobody", "weights", "even"]),
)
def test_shared_sums_answer_as_the_kernels_do(seed: int, zones: int, groups: int, style: str) -> None:
    x = tables(seed, zones, groups, style)
    dimension = Dimension("d", tuple(f"c{i}" for i in range(groups)))
    asked = [*about_dimension(dimension, "zone")]
    names = [Group((("d", c),)) for c in dimension.categories]
    asked += about_crossing((dimension,), names, "zone")
    fused = Fused(x)
    fast = [a.question for a in asked if a.question.fast is not None]
    assert len(fast) > 5 * groups
    for q in fast:
        slow = q.spec.kernel(q.select(x), *q.extra)
        np.testing.assert_allclose(q.ask(fused), slow, rtol=1e-9, atol=1e-11, err_msg=q.key)
        assert np.isfinite(q.ask(fused)).all()


def test_shared_sums_do_not_change_the_tables() -> None:
    x = tables(1, 20, 4, "plain")
    before = x.copy()
    fused = Fused(x)
    for asked in about_dimension(Dimension("d", ("a", "b", "c", "d")), "zone"):
        asked.question.ask(fused)
    np.testing.assert_array_equal(x, before)


# -- coarse sums of wide counts ----------------------------------------------------------------


def both(bell: Bell) -> list[tuple[np.ndarray, np.ndarray]]:
    """Means of smooth functions, by the coarse and by the full sum."""

    def functions(x: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, ...]:
        f = xlogy(x, x / bell.mean[0])
        return f, f * f, x - bell.mean[0]

    return list(zip(*(means(bell, functions, smooth=s) for s in (True, False)), strict=True))


@pytest.mark.parametrize(
    ("people", "members", "size"),
    [
        (100_000, 30_000, 2_000),
        (100_000, 900, 60_000),  # a small group, most of which lives there
        (1_000_000, 1_000, 600_000),
        (5_000_000, 4_990_000, 700_000),  # nearly everyone
        (10_000, 5_000, 5_000),
        (3_000_000, 20_000, 300_000),
    ],
)
def test_coarse_sums_of_hypergeometric_counts(people: int, members: int, size: int) -> None:
    bell = hypergeometric(np.array([float(size)]), float(people), float(members))
    assert bell.spread[0] > WIDE * 0.9
    for coarse, full in both(bell):
        assert coarse[0] == pytest.approx(full[0], rel=1e-10, abs=1e-9)


@pytest.mark.parametrize("p", [0.001, 0.02, 0.5, 0.97])
@pytest.mark.parametrize("size", [1_000, 20_000, 400_000])
def test_coarse_sums_of_binomial_counts(size: int, p: float) -> None:
    bell = _binomial(np.array([float(size)]), p)
    for coarse, full in both(bell):
        assert coarse[0] == pytest.approx(full[0], rel=1e-10, abs=1e-9)


def test_many_sizes_at_once_equal_one_at_a_time() -> None:
    sizes = np.array([3.0, 40_000, 700, 5, 120_000, 1, 0, 900])
    together = means(hypergeometric(sizes, 2e6, 3e5), lambda x, n: (xlogy(x, x),), smooth=True)[0]
    for size, value in zip(sizes, together, strict=True):
        alone = means(hypergeometric(np.array([size]), 2e6, 3e5), lambda x, n: (xlogy(x, x),), smooth=True)[0]
        assert value == pytest.approx(alone[0], rel=1e-13)
