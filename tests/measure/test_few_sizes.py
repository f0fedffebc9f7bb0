"""Smooth functions of a size from few sizes: as exact as each size by itself."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import hypergeom

from isopolis.measure import null_sd
from isopolis.measure.few_sizes import LEAST, NODES, at_sizes
from isopolis.measure.null_mean import xlogx

EVERY = np.arange(0.0, 700.0)
PEOPLE = 40_000


@pytest.mark.parametrize("share", [1e-4, 0.01, 0.2, 0.5, 0.8, 0.99, 0.9999])
def test_means_between_are_those_of_each_size_by_itself(share: float) -> None:
    members = float(round(PEOPLE * share))
    got = xlogx(EVERY, PEOPLE, members)
    for size in (0, 1, 40, 64, 65, 100, 255, 256, 301, 699):
        alone = xlogx(np.array([float(size)]), PEOPLE, members)[0]
        assert got[size] == pytest.approx(alone, rel=3e-12, abs=1e-13)
    k = np.arange(301)
    want = hypergeom(PEOPLE, int(members), 300).pmf(k) @ (k * np.log(np.maximum(k, 1)))
    assert got[300] == pytest.approx(want, rel=1e-9)


@pytest.mark.parametrize("p", [1e-4, 0.05, 0.5, 0.97])
def test_variances_and_covariances_too(p: float) -> None:
    m = null_sd._Margins(EVERY[1:], np.ones(699), np.array([p, 1 - p]), 1e6)
    got = null_sd._cell_moments(m, 0, null_sd._entropy_cell)
    for size in (1, 63, 64, 90, 255, 256, 500, 699):
        one = null_sd._Margins(np.array([float(size)]), np.ones(1), np.array([p, 1 - p]), 1e6)
        alone = null_sd._cell_moments(one, 0, null_sd._entropy_cell)
        for a, b in zip(got, alone, strict=True):
            assert a[size - 1] == pytest.approx(b[0], rel=1e-9, abs=1e-10)


def test_few_sizes_are_asked_for_few_and_each_for_itself_where_there_are_not_many() -> None:
    asked: list[int] = []

    def smooth(n: np.ndarray) -> list[np.ndarray]:
        asked.append(len(n))
        return [n**1.5, np.log1p(n)]

    many = np.unique(np.random.default_rng(1).integers(0, 60_000, 20_000)).astype(float)
    found = at_sizes(many, smooth)
    assert asked == [int((many < LEAST).sum()) + 5 * NODES]
    np.testing.assert_allclose(found[0], many**1.5, rtol=1e-12)
    np.testing.assert_allclose(found[1], np.log1p(many), rtol=1e-12)
    few = many[:: len(many) // 15]
    assert at_sizes(few, smooth)[0].tolist() == (few**1.5).tolist()
    limited = at_sizes(np.arange(1.0, 400.0), smooth, most=200.0)  # no span fits below the limit
    assert limited[0].tolist() == (np.arange(1.0, 400.0) ** 1.5).tolist()
    nodes = LEAST * 4 ** ((1 + np.cos(np.pi * 0.5 / NODES)) / 2)
    hit = np.append(np.arange(64.0, 100.0), nodes)  # a size that is a node
    np.testing.assert_allclose(at_sizes(hit, smooth)[1], np.log1p(hit), rtol=1e-12)


def test_nobody_at_all() -> None:
    assert at_sizes(np.empty(0), lambda n: [n])[0].shape == (0,)
