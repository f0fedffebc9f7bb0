"""The law of shares over zones: against quadrature, and on laws that are known."""

from __future__ import annotations

import numpy as np
import pytest

from isopolis.intersect import mixing
from isopolis.intersect.mixing import Law, grid_of, law_of, shares_drawn


def binomial(x: np.ndarray, n: np.ndarray, theta: np.ndarray) -> np.ndarray:
    return x[:, None] * -np.logaddexp(0, -theta) + (n - x)[:, None] * -np.logaddexp(0, theta)


def learned(q: np.ndarray, n: np.ndarray, seed: int = 1) -> Law:
    rng = np.random.default_rng(seed)
    x = rng.binomial(n, q).astype(float)
    theta = grid_of(x, n.astype(float))
    return law_of(binomial(x, n.astype(float), theta), theta, np.ones(len(x)), rng, 60)


def moments(law: Law) -> tuple[float, float]:
    mean = law.weights @ law.theta
    spread = np.sqrt((law.weights * (law.theta - mean[:, None]) ** 2).sum(axis=1))
    return float(mean.mean()), float(spread.mean())


def test_a_normal_law_is_found_again() -> None:
    rng = np.random.default_rng(3)
    q = 1 / (1 + np.exp(-(-1.5 + 0.6 * rng.standard_normal(400))))
    law = learned(q, np.full(400, 200))
    mean, spread = moments(law)
    assert mean == pytest.approx(-1.5, abs=0.08)
    assert spread == pytest.approx(0.6, abs=0.06)
    np.testing.assert_allclose(law.weights.sum(axis=1), 1, atol=1e-9)


def test_two_kinds_of_zones_are_told_from_a_broad_law() -> None:
    kinds = np.where(np.arange(200) % 3 == 0, 0.3, 0.1)
    assert learned(kinds, np.full(200, 150)).two > 0.99
    rng = np.random.default_rng(4)
    q = 1 / (1 + np.exp(-(-1.5 + 0.5 * rng.standard_normal(200))))
    assert learned(q, np.full(200, 150)).two < 0.6


def test_zones_of_one_kind_are_drawn_with_one_share() -> None:
    # a grid would spread them over neighbouring points, and Gini would see segregation between them
    kinds = np.where(np.arange(200) % 3 == 0, 0.3, 0.1)
    n = np.full(200, 150.0)
    rng = np.random.default_rng(1)
    x = rng.binomial(150, kinds).astype(float)
    theta = grid_of(x, n)
    seen = binomial(x, n, theta)
    law = law_of(seen, theta, np.ones(200), rng, 60)
    shares = 1 / (1 + np.exp(-shares_drawn(lambda part: seen[part], law, 200, 60, rng)))
    different = np.array([len(np.unique(row)) for row in shares])
    assert np.median(different) == 2
    pair = shares[different == 2]
    assert pair.min(axis=1).mean() == pytest.approx(0.1, abs=0.01)
    assert pair.max(axis=1).mean() == pytest.approx(0.3, abs=0.02)
    # between the points of the grid
    assert len(np.unique(pair.min(axis=1))) > 0.5 * len(pair)


def test_fewer_zones_leave_more_doubt_about_the_law() -> None:
    rng = np.random.default_rng(5)
    q = 1 / (1 + np.exp(-(-1.5 + 0.6 * rng.standard_normal(400))))
    few, many = (learned(q[:k], np.full(k, 60)) for k in (25, 400))
    doubt = [float((law.weights @ law.theta).std()) for law in (few, many)]
    assert doubt[0] > 2 * doubt[1]


def test_drawn_shares_follow_bayes() -> None:
    # one zone, a known law: its shares have the posterior that quadrature gives
    theta = np.linspace(-4, 2, 61)
    law = np.exp(-0.5 * ((theta + 1) / 0.8) ** 2)
    law /= law.sum()
    seen = binomial(np.array([3.0, 12.0]), np.array([20.0, 20.0]), theta)
    at = shares_drawn(
        lambda part: seen[part],
        Law(theta, law[None], theta[None], 0.0, 1.0),
        2,
        40_000,
        np.random.default_rng(1),
    )
    for k in range(2):
        exact = np.exp(seen[k] - seen[k].max()) * law
        exact /= exact.sum()
        assert at[:, k].mean() == pytest.approx(exact @ theta, abs=0.02)
        assert at[:, k].std() == pytest.approx(np.sqrt(exact @ (theta - exact @ theta) ** 2), rel=0.03)


def test_parts_of_the_zones_are_asked_for_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mixing, "BLOCK", 7)
    theta, zones = np.linspace(-3, 3, 31), 20
    seen = binomial(np.arange(20.0), np.full(20, 20.0), theta)
    asked: list[tuple[int, int]] = []

    def likelihood(part: slice) -> np.ndarray:
        asked.append((part.start, part.stop))
        return seen[part]

    flat = Law(theta, np.full((2, 31), 1 / 31), np.tile(np.arange(31.0), (2, 1)), 0.0, 1.0)
    at = shares_drawn(likelihood, flat, zones, 30, np.random.default_rng(1))
    assert asked == [(0, 7), (7, 14), (14, 20)]
    assert at.shape == (30, 20)
    assert (np.diff(at.mean(axis=0)) > -1).all()


def test_the_grid_holds_every_share_with_its_error() -> None:
    x, n = np.array([0.0, 5, 900]), np.array([12.0, 10, 1000])
    theta = grid_of(x, n)
    assert theta[0] < np.log(0.5 / 12.5) - 2
    assert theta[-1] > np.log(900 / 100) + 0.1
    np.testing.assert_allclose(np.diff(theta), theta[1] - theta[0])
