"""The map of opinions against slow twins, other tools' values and laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isopolis.engage.opinions.clusters import adjusted_rand, grouped, kmeans, silhouette
from isopolis.engage.opinions.mapping import opinion_map
from isopolis.engage.opinions.space import axes, centred, positions
from isopolis.engage.opinions.standing import STANDINGS, Said, informed, marking, said, standings
from isopolis.engage.opinions.votes import Votes, latest
from isopolis.model import CallError

POINTS = np.array([[(i * 7) % 11, (i * 5) % 13] for i in range(24)], float)
LABELS = np.array([0 if a < 5 else 1 if b < 7 else 2 for a, b in POINTS])


def votes_of(dense: np.ndarray, allowed: np.ndarray | None = None) -> Votes:
    """Votes of a table with NaN where nobody voted."""
    person, statement = np.nonzero(~np.isnan(dense))
    n, m = dense.shape
    return Votes(
        tuple(f"p{i}" for i in range(n)), tuple(f"s{i}" for i in range(m)),
        person.astype(np.int32), statement.astype(np.int32), dense[person, statement].astype(np.int8),
        np.ones(m, bool) if allowed is None else allowed,
    )  # fmt: skip


def camps(n: int, m: int, seed: int, *, share: float = 0.6, sure: float = 0.85) -> np.ndarray:
    """Two camps that mostly answer every second statement the other way."""
    rng = np.random.default_rng(seed)
    camp = np.where(np.arange(n) < n // 3, 1, -1)
    view = np.where(np.arange(m) % 2 == 0, camp[:, None], 1)
    out = np.where(rng.random((n, m)) < sure, view, rng.integers(-1, 2, (n, m))).astype(float)
    out[rng.random((n, m)) > share] = np.nan
    return out


@pytest.mark.parametrize("m", [12, 90])
def test_the_sparse_way_equals_the_filled_table(m: int) -> None:
    dense = camps(80, m, 1)
    allowed = np.arange(m) % 5 != 0
    votes = votes_of(dense, allowed)
    filled = np.where(allowed, dense, 0.0)
    filled = np.where(np.isnan(filled), np.nanmean(filled, axis=0), filled)
    filled -= filled.mean(axis=0)
    wanted = np.linalg.svd(filled, full_matrices=False)[2][:2]
    matrix = centred(votes)
    assert np.allclose(matrix.toarray(), filled)
    found = axes(matrix)
    assert np.allclose(np.abs(np.sum(found.T * wanted, axis=1)), 1, atol=1e-8)
    counted = (~np.isnan(np.where(allowed, dense, 0.0))).sum(axis=1)
    assert np.allclose(positions(votes, matrix, found), filled @ found * np.sqrt(m / counted)[:, None])


def test_weights_equal_people_written_twice() -> None:
    dense = camps(40, 90, 2)
    weights = np.random.default_rng(3).integers(0, 3, 40)
    once, twice = votes_of(dense), votes_of(np.repeat(dense, weights, axis=0))
    one = axes(centred(once, weights.astype(float)), weights.astype(float))
    assert np.allclose(one, axes(centred(twice)), atol=1e-7)


def test_silhouette_and_rand_index_as_scikit_learn_has_them() -> None:
    # scikit-learn 1.9.1: silhouette_score, adjusted_rand_score
    assert silhouette(POINTS, np.ones(24), LABELS) == pytest.approx(0.2934211796832468, abs=1e-12)
    assert adjusted_rand(LABELS, np.arange(24) % 3) == pytest.approx(-0.021668472372697724, abs=1e-12)
    assert adjusted_rand(LABELS, (POINTS[:, 0] >= 6).astype(int)) == pytest.approx(
        0.5306870715765981, abs=1e-12
    )


def test_a_point_of_weight_three_is_three_points() -> None:
    weights = np.arange(24) % 3 + 1.0
    many = np.repeat(np.arange(24), weights.astype(int))
    assert silhouette(POINTS, weights, LABELS) == pytest.approx(
        silhouette(POINTS[many], np.ones(len(many)), LABELS[many])
    )


@given(st.lists(st.integers(0, 3), min_size=2, max_size=30), st.permutations(range(4)))
def test_the_rand_index_does_not_care_for_names(labels: list[int], names: list[int]) -> None:
    one = np.array(labels)
    assert adjusted_rand(one, np.array(names)[one]) == pytest.approx(1)


def test_k_means_finds_what_lies_apart() -> None:
    rng = np.random.default_rng(4)
    true = np.repeat([0, 1, 2], [150, 90, 60])
    points = rng.normal(0, 0.3, (300, 2)) + np.array([[0, 0], [5, 0], [0, 5]])[true]
    found = grouped(points, np.ones(300), np.random.default_rng(1))
    assert found.sizes.tolist() == [150, 90, 60]  # the largest first
    assert adjusted_rand(found.labels, true) == 1
    assert kmeans(points[:2], np.ones(2), 5, rng)[1].shape[0] <= 5


def test_two_camps_are_found_and_steady() -> None:
    dense = camps(240, 40, 5)
    found = opinion_map(votes_of(dense), np.random.default_rng(1), resamples=20)
    assert found.state == "steady"
    assert found.number == 2
    assert adjusted_rand(found.group, (np.arange(240) < 80).astype(int)) > 0.95
    assert found.stability is not None
    assert found.stability.numbers[2] == 1
    names = [STANDINGS[i] for i in found.standing]
    assert names.count("divides") == 20
    assert names.count("agreed") == 20
    again = opinion_map(votes_of(dense), np.random.default_rng(1), resamples=20)
    assert np.array_equal(found.group, again.group)
    assert np.array_equal(found.stability.agreement, again.stability.agreement)


def test_noise_is_not_called_steady() -> None:
    rng = np.random.default_rng(6)
    dense = rng.integers(-1, 2, (150, 30)).astype(float)
    found = opinion_map(votes_of(dense), rng, resamples=20)
    assert found.state == "unsteady"
    assert found.reason


def test_few_people_get_no_groups_but_their_instability() -> None:
    found = opinion_map(votes_of(camps(30, 20, 7)), np.random.default_rng(1), resamples=5)
    assert (found.state, found.number) == ("refused", 0)
    assert (found.group == -1).all()
    assert found.stability is not None
    tiny = opinion_map(votes_of(camps(5, 20, 7)), np.random.default_rng(1))
    assert (tiny.state, tiny.stability) == ("refused", None)


def test_people_of_one_mind_are_no_groups() -> None:
    found = opinion_map(votes_of(np.ones((80, 10))), np.random.default_rng(1))
    assert found.state == "refused"


def test_a_group_of_few_is_not_shown() -> None:
    dense = np.ones((100, 40))
    dense[:6] = -1
    dense[np.random.default_rng(8).random(dense.shape) < 0.1] = 0
    assert opinion_map(votes_of(dense), np.random.default_rng(1), resamples=0).state == "refused"


def test_who_voted_little_is_not_placed() -> None:
    dense = camps(120, 40, 9, share=1)
    dense[:10, 6:] = np.nan
    found = opinion_map(votes_of(dense), np.random.default_rng(1), resamples=0)
    assert found.placed.sum() == 110
    assert (found.group[:10] == -1).all()


def test_counts_and_consensus_by_hand() -> None:
    dense = np.array([[1, 1], [1, -1], [np.nan, 0], [-1, np.nan]], float)
    counts = said(votes_of(dense), np.array([0, 0, 1, 1]), 2)
    assert counts.agree.tolist() == [[2, 1], [0, 0]]
    assert counts.votes.tolist() == [[2, 2], [1, 1]]
    # (2 + 1) / (2 + 2) · (0 + 1) / (1 + 2), and (1 + 1) / (2 + 2) · (0 + 1) / (1 + 2)
    assert informed(counts).tolist() == pytest.approx([1 / 4, 1 / 6])


def test_standings_by_hand() -> None:
    agree = np.array([[20, 0, 20, 10, 3], [20, 0, 0, 9, 20]], float)
    disagree = np.array([[0, 20, 0, 5, 0], [0, 20, 20, 5, 0]], float)
    votes = np.array([[20, 20, 20, 20, 3], [20, 20, 20, 20, 20]], float)
    found = standings(Said(agree, disagree, votes))
    assert [STANDINGS[i] for i in found] == ["agreed", "rejected", "divides", "open", "unknown"]


def test_what_marks_a_group() -> None:
    agree = np.array([[30, 2, 15], [3, 28, 15]], float)
    votes = np.full((2, 3), 32.0)
    marks = marking(Said(agree, votes - agree, votes), np.array([True, True, True]))
    assert marks[0][:2] == [(0, 1), (1, -1)]
    assert all(j != 2 for group in marks for j, _ in group)
    assert marking(Said(agree, votes - agree, votes), np.zeros(3, bool)) == [[], []]


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(-1, 1), st.integers(0, 5)), max_size=40
    )
)
def test_the_last_vote_counts(rows: list[tuple[int, int, int, int]]) -> None:
    slow: dict[tuple[int, int], int] = {}
    for p, s, v, _ in sorted(rows, key=lambda r: r[3]):
        slow[p, s] = v
    columns = np.array(rows, np.int64).reshape(-1, 4)
    kept, _ = latest(
        ("a", "b", "c", "d"), ("1", "2", "3", "4"), columns[:, 0].astype(np.int32),
        columns[:, 1].astype(np.int32), columns[:, 2].astype(np.int8), columns[:, 3], np.ones(4, bool),
    )  # fmt: skip
    found = {
        (int(p), int(s)): int(v) for p, s, v in zip(kept.person, kept.statement, kept.value, strict=True)
    }
    assert found == slow


@pytest.mark.parametrize(
    ("person", "statement", "value"),
    [
        ([0, 0], [1, 0], [1, 1]),
        ([0, 0], [1, 1], [1, 1]),
        ([0], [0], [2]),
        ([2], [0], [1]),
        ([0], [0, 1], [1]),
    ],
)
def test_votes_that_make_no_sense_are_refused(
    person: list[int], statement: list[int], value: list[int]
) -> None:
    with pytest.raises(CallError):
        Votes(
            ("a", "b"), ("1", "2"), np.array(person, np.int32), np.array(statement, np.int32),
            np.array(value, np.int8), np.ones(2, bool),
        )  # fmt: skip
