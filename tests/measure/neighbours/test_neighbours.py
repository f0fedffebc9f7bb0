"""Neighbourhoods against slow, obvious twins, and hostile input."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from isopolis.measure.neighbours import (
    Borders,
    alone,
    contiguity,
    distance_band,
    from_matrix,
    grid_borders,
    kernel,
    nearest_people,
    nearest_zones,
    network_band,
    orders,
    weights_of,
)
from isopolis.measure.spatial import neighbours_within
from isopolis.model import CallError

RNG = np.random.default_rng(8)
AT = RNG.random((60, 2)) * 1000
PEOPLE = RNG.integers(0, 50, 60).astype(float)
APART = np.hypot(*(AT[:, None] - AT[None]).transpose(2, 0, 1))
GRID = grid_borders([1, 2, 3], [4, 5])
#  3 4 5
#  0 1 2


def dense(neighbourhood) -> np.ndarray:  # type: ignore[no-untyped-def]
    return neighbourhood.weights.toarray()


def test_grid_borders() -> None:
    rook = {(min(a, b), max(a, b)) for a, b in np.argwhere(dense(contiguity(GRID, "rook")))}
    assert rook == {(0, 1), (1, 2), (3, 4), (4, 5), (0, 3), (1, 4), (2, 5)}
    queen = {(min(a, b), max(a, b)) for a, b in np.argwhere(dense(contiguity(GRID, "queen")))}
    assert queen - rook == {(0, 4), (1, 3), (1, 5), (2, 4)}
    length = dense(contiguity(GRID, by="length"))
    assert (length[0, 1], length[1, 4], length[0, 4]) == (4, 2, 0)
    assert GRID.area.tolist() == [4, 8, 12, 5, 10, 15]
    assert GRID.perimeter[0] == 10
    assert GRID.inner()[0] == 4 + 1


def test_orders_are_steps() -> None:
    grid = grid_borders(np.ones(7), np.ones(6))
    place = np.array([(i % 7, i // 7) for i in range(42)])
    gap = np.abs(place[:, None] - place[None])
    rook, queen = gap.sum(axis=2), gap.max(axis=2)
    for rule, steps in (("rook", rook), ("queen", queen)):
        for k, ring in enumerate(orders(contiguity(grid, rule), 4), start=1):
            np.testing.assert_array_equal(dense(ring), steps == k)


def test_bands_and_kernels() -> None:
    np.testing.assert_array_equal(dense(distance_band(AT, 200)), APART <= 200)
    np.testing.assert_array_equal(dense(distance_band(AT, 200)), neighbours_within(AT, 200).toarray())
    u = APART / 250
    for shape, slow in {
        "uniform": np.where(u <= 1, 1, 0),
        "triangular": np.clip(1 - u, 0, None),
        "epanechnikov": np.clip(1 - u**2, 0, None),
        "biweight": np.clip(1 - u**2, 0, None) ** 2,
        "gaussian": np.exp(-(u**2) / 2),
        "exponential": np.exp(-u),
    }.items():
        np.testing.assert_allclose(dense(kernel(AT, 250, shape)), slow, atol=1e-13)


def test_environments_are_sums_never_rounded() -> None:
    x = RNG.poisson(1.0, (60, 3)).astype(float)
    near = kernel(AT, 150, "triangular")
    np.testing.assert_allclose(near.environment(x), np.clip(1 - APART / 150, 0, None) @ x, atol=1e-12)
    stacked = near.environment(np.stack([x, 2 * x]))
    np.testing.assert_allclose(stacked[1], 2 * stacked[0])
    np.testing.assert_array_equal(weights_of("local", x, near.environment(x)), x.sum(axis=1))


def test_nearest_zones() -> None:
    slow = np.zeros((60, 60))
    for i in range(60):
        slow[i, np.argsort(APART[i])[1:6]] = 1
    np.testing.assert_array_equal(dense(nearest_zones(AT, 5)), slow)
    np.testing.assert_array_equal(dense(nearest_zones(AT, 5, include_self=True)), slow + np.eye(60))
    assert dense(nearest_zones(np.zeros((4, 2)), 2)).diagonal().sum() == 0


@pytest.mark.parametrize("k", [0.5, 1, 40, 137, 900, float(PEOPLE.sum())])
def test_nearest_people_hold_exactly_k(k: float) -> None:
    weights = dense(nearest_people(AT, PEOPLE, k))
    np.testing.assert_allclose(weights @ PEOPLE, k, rtol=1e-12)
    for i in range(60):
        left = k
        for j in sorted(range(60), key=lambda j: (APART[i, j], j)):
            part = min(1.0, left / PEOPLE[j]) if PEOPLE[j] and left > 1e-9 else 0.0
            assert weights[i, j] == pytest.approx(part, abs=1e-9)
            left -= part * PEOPLE[j]


def test_nearest_people_share_the_last_ring() -> None:
    cross = np.array([(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)], dtype=float)
    weights = dense(nearest_people(cross, [10, 5, 15, 10, 10], 30))
    np.testing.assert_allclose(weights[0], [1, 0.5, 0.5, 0.5, 0.5])
    many = np.array([(np.cos(a), np.sin(a)) for a in np.arange(0, 6.28, 0.01)]).round(12)
    weights = dense(nearest_people(np.vstack([[0, 0], many]), np.ones(len(many) + 1), 100))
    assert weights[0].sum() == pytest.approx(100)


def test_network_and_straight_line() -> None:
    """A river with one bridge: zones 0-2 on one bank, 3-5 on the other, the bridge between 2 and 5."""
    links = np.zeros((6, 6))
    for a, b, cost in [(0, 1, 100), (1, 2, 100), (3, 4, 100), (4, 5, 100), (2, 5, 50)]:
        links[a, b] = links[b, a] = cost
    steps = np.full((6, 6), np.inf)
    steps[links > 0] = links[links > 0]
    np.fill_diagonal(steps, 0)
    for k in range(6):  # Floyd and Warshall
        steps = np.minimum(steps, steps[:, [k]] + steps[[k]])
    for limit in (0, 50, 100, 250, 450):
        near = network_band(csr_array(links), np.arange(6), limit)
        np.testing.assert_array_equal(dense(near), steps <= limit)
    shared = network_band(csr_array(links), [0, 0, 5], 10)
    np.testing.assert_array_equal(dense(shared), [[1, 1, 0], [1, 1, 0], [0, 0, 1]])
    assert shared.name == "within 10 m along the network"


def test_a_network_without_zones_is_empty() -> None:
    assert network_band(csr_array((2, 2)), [], 5).zones == 0


def test_borders_take_lists_of_numbers() -> None:
    near = contiguity(Borders([0], [1], [2], [1, 1], [4, 4]), "rook", by="length")  # type: ignore[arg-type]
    np.testing.assert_array_equal(dense(near), [[0, 2], [2, 0]])


def test_one_way_streets() -> None:
    one_way = csr_array(([5.0], ([0], [1])), shape=(2, 2))
    np.testing.assert_array_equal(dense(network_band(one_way, [0, 1], 5)), [[1, 1], [0, 1]])


def test_rows_and_self() -> None:
    near = from_matrix([[0, 2, 2], [0, 0, 0], [1, 0, 3]])
    np.testing.assert_allclose(dense(near.by_rows()), [[0, 0.5, 0.5], [0, 0, 0], [0.25, 0, 0.75]])
    np.testing.assert_array_equal(dense(near.without_self()), [[0, 2, 2], [0, 0, 0], [1, 0, 0]])
    np.testing.assert_array_equal(dense(near.with_self([7, 8, 9])).diagonal(), [7, 8, 9])
    np.testing.assert_array_equal(dense(alone(3)), np.eye(3))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: distance_band(AT, 0), "above 0"),
        (lambda: distance_band(AT, float("nan")), "above 0"),
        (lambda: distance_band([[0, 0], [np.nan, 1]], 5), "zone 1 has no place"),
        (lambda: distance_band([1, 2], 5), "points are"),
        (lambda: kernel(AT, 100, "box"), "triangular"),  # type: ignore[arg-type]
        (lambda: nearest_zones(AT, 60), "1 to 59"),
        (lambda: nearest_people(AT, PEOPLE, PEOPLE.sum() + 1), "the city has"),
        (lambda: nearest_people(AT, PEOPLE[:3], 5), "60 points and 3"),
        (lambda: nearest_people(AT, np.where(PEOPLE > 48, np.nan, PEOPLE), 5), "holds nan people"),
        (lambda: nearest_people(AT, PEOPLE - 40, 5), "numbers from 0 up"),
        (lambda: nearest_zones(AT, 1.5), "a whole number"),  # type: ignore[arg-type]
        (lambda: nearest_zones(AT[:1], 1), "two zones or more"),
        (lambda: alone(3).with_self(-1), "from 0 up"),
        (lambda: alone(3).with_self([1, 2]), "each of 3 zones"),
        (lambda: network_band(csr_array((2, 2)), [0.5], 1), "a whole number"),
        (lambda: Borders(GRID.first, GRID.second, GRID.length, GRID.area, GRID.area[:3]), "6 areas and 3"),
        (
            lambda: Borders(GRID.first, GRID.second, GRID.length, -GRID.area, GRID.area),
            "area of zone 0 is -4",
        ),
        (lambda: from_matrix([[1, 2]]), "square"),
        (lambda: from_matrix([[1, 0], [0, -2]]), "row 1"),
        (lambda: from_matrix([[1, np.inf], [0, 2]]), "row 0"),
        (lambda: contiguity(GRID, "bishop"), "rook or queen"),  # type: ignore[arg-type]
        (lambda: orders(contiguity(GRID), 0), "count from 1"),
        (lambda: network_band(csr_array((3, 3)), [0, 3], 5), "zone 1"),
        (lambda: network_band(csr_array([[0, -1.0], [0, 0]]), [0, 1], 5), "above 0"),
        (lambda: network_band(csr_array((2, 2)), [0], -1), "0 or more"),
        (lambda: alone(3).environment(np.ones((4, 2))), "4 zones"),
        (lambda: weights_of("both", np.ones((3, 2)), np.ones((3, 2))), "local, environment"),  # type: ignore[arg-type]
    ],
)
def test_wrong_calls_are_told(call, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(CallError, match=words):
        call()


@pytest.mark.parametrize(
    ("first", "second", "length", "words"),
    [
        ([0], [9], [1.0], "zone 9"),
        ([0], [0], [1.0], "itself"),
        ([0, 1], [1, 0], [1.0, 1.0], "twice"),
        ([0], [1], [-1.0], "pair 0 is -1"),
        ([0], [1], [np.nan], "pair 0 is nan"),
        ([-4], [1], [1.0], "zone -4"),
        ([0], [1], [1.0, 2.0], "do not belong together"),
    ],
)
def test_wrong_borders_are_told(first: list, second: list, length: list, words: str) -> None:
    with pytest.raises(CallError, match=words):
        Borders(np.array(first), np.array(second), np.array(length), np.ones(3), np.ones(3))
