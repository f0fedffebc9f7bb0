"""What a sample says: against persons of a simple sample, and the normal law of stated errors."""

from __future__ import annotations

import numpy as np

from isopolis.intersect.sampled import SampledPair

THETA = np.linspace(-6, 2, 401)
SHARE = 1 / (1 + np.exp(-THETA))


def centred(loglik: np.ndarray) -> np.ndarray:
    return loglik - loglik.max(axis=1, keepdims=True)


def test_a_tenth_of_the_people_is_recognised() -> None:
    s = np.array([[3.0, 40.0], [0.0, 25.0], [11.0, 90.0]])
    pair = SampledPair.of(10 * s, 90 * s)
    for share in (pair.share, np.full(3, 0.3)):
        np.testing.assert_allclose(pair.worth(share), s.sum(axis=1), rtol=1e-9)
    persons = s[:, :1] * np.log(SHARE) + s[:, 1:] * np.log(1 - SHARE)
    near = centred(persons) > -4
    np.testing.assert_allclose(centred(pair.loglik(THETA))[near], centred(persons)[near], atol=0.02)


def test_estimates_without_error_are_counts() -> None:
    x = np.array([[30.0, 400.0], [0.0, 250.0]])
    pair = SampledPair.of(x, np.zeros(x.shape))
    np.testing.assert_array_equal(pair.worth(np.array([0.1, 0.2])), x.sum(axis=1))
    persons = x[:, :1] * np.log(SHARE) + x[:, 1:] * np.log(1 - SHARE)
    near = centred(persons) > -4
    np.testing.assert_allclose(centred(pair.loglik(THETA))[near], centred(persons)[near], atol=0.05)


def test_errors_of_one_size_are_normal_noise() -> None:
    rng = np.random.default_rng(1)
    x = np.stack([rng.integers(5_000, 90_000, 40), rng.integers(60_000, 90_000, 40)], axis=1).astype(float)
    pair = SampledPair.of(x, np.full(x.shape, 3000.0**2))
    assert pair.slope < 1e-9
    n = x.sum(axis=1)
    at = x[:, 0] / n
    np.testing.assert_allclose(pair.error(at), ((1 - at) ** 2 + at**2) * 3000.0**2 / n**2, rtol=1e-6)


def test_errors_beyond_a_simple_sample_are_worth_fewer_persons() -> None:
    rng = np.random.default_rng(2)
    x = np.stack([rng.integers(50, 300, 30), rng.integers(300, 900, 30)], axis=1).astype(float)
    small, large = (SampledPair.of(x, times * x) for times in (1.0, 25.0))
    at = small.share
    np.testing.assert_allclose(small.worth(at), x.sum(axis=1) / 2, rtol=1e-6)
    np.testing.assert_allclose(large.worth(at), x.sum(axis=1) / 26, rtol=1e-6)


def test_an_error_of_an_empty_cell_is_kept() -> None:
    x, v = np.array([[0.0, 400.0], [20.0, 380.0], [40.0, 360.0]]), np.full((3, 2), 144.0)
    pair = SampledPair.of(x, v)
    assert pair.error(np.full(3, 1e-6))[0] > 0.9 * 144 / 400**2


def test_zones_of_their_own_fraction_keep_it() -> None:
    s = np.array([[5.0, 45.0], [8.0, 60.0], [4.0, 30.0], [9.0, 80.0]])
    weight = np.array([[10.0], [10.0], [20.0], [20.0]])
    pair = SampledPair.of(weight * s, weight * (weight - 1) * s)
    worth = pair.worth(pair.share) / s.sum(axis=1)
    assert (np.abs(np.log(worth)) < 0.5).all()
    assert worth.max() / worth.min() < 1.7


def test_nobody_published_is_nobody() -> None:
    pair = SampledPair.of(np.zeros((3, 2)), np.ones((3, 2)))
    np.testing.assert_array_equal(pair.worth(np.full(3, 0.5)), 0)
    np.testing.assert_array_equal(pair.loglik(THETA), 0)
