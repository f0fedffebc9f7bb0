"""Cell-key noise: the perturbation table of the literature, and noise that belongs to people."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isopolis.model import CallError, Mechanism
from isopolis.privacy import blocks, identity_keys, noise_table, perturbed, record_keys, sum_keys
from isopolis.privacy.cell_key import record_block_keys
from isopolis.privacy.perturb import entropy_row

from .tables import AGE, SECRET, SEX, table

NOISE = noise_table(5, 2)

# D = 5, V = 2: noise −5 … 5, from an independent prototype (maximum entropy, mean 0, variance 2)
ORACLE = {
    1: [0, 0, 0, 0, 0.5204, 0.2303, 0.1124, 0.0605, 0.0359, 0.0235, 0.0170],
    2: [0, 0, 0, 0.1571, 0.2409, 0.2583, 0.1936, 0.1015, 0.0372, 0.0095, 0.0017],
    3: [0, 0, 0.0343, 0.1104, 0.2214, 0.2764, 0.2151, 0.1043, 0.0315, 0.0059, 0.0007],
    5: [0.0005, 0.0052, 0.0298, 0.1038, 0.2196, 0.2819, 0.2196, 0.1038, 0.0298, 0.0052, 0.0005],
}


@pytest.mark.parametrize("count", ORACLE)
def test_rows_of_the_oracle(count: int) -> None:
    np.testing.assert_allclose(noise_table(5, 2).rows[count], ORACLE[count], atol=5.1e-5)


@given(st.integers(1, 8), st.floats(0.1, 12), st.integers(0, 7))
def test_every_row_has_mean_zero_and_stays_above_zero(largest: int, variance: float, small: int) -> None:
    if small >= largest:
        with pytest.raises(CallError):
            noise_table(largest, variance, small)
        return
    made = noise_table(largest, variance, small)
    v = np.arange(-largest, largest + 1)
    np.testing.assert_allclose(made.rows.sum(axis=1), 1)
    np.testing.assert_allclose(made.rows @ v, 0, atol=1e-7)
    np.testing.assert_allclose(made.rows @ v**2, made.variances, atol=1e-7)
    results = np.arange(len(made.rows))[:, None] + v
    forbidden = (results < 0) | ((results >= 1) & (results <= small))
    assert (made.rows[forbidden] == 0).all()
    reduced = made.variances[1:] != variance
    assert int(reduced.sum()) == len(made.notes)


def test_an_impossible_variance_is_reduced_and_said() -> None:
    made = noise_table(5, 6)
    assert made.variances[1] < 5 < 6 == made.variances[5]  # −1 and 5: at most 1 · 5
    assert made.notes[0].startswith("count 1: variance 4.75 instead of 6")
    with pytest.raises(CallError):
        entropy_row([-1, 0, 1], 1.5)
    with pytest.raises(CallError):
        entropy_row([0, 1, 2], 1.0)


def test_the_row_has_the_largest_entropy() -> None:
    # any other distribution with the same two moments has less: step along the null space
    v = np.arange(-2.0, 6)
    p = entropy_row(v, 2.0)
    free = np.linalg.svd(np.stack([np.ones(8), v, v**2]))[2][3:]
    for step in (*free, *-free):
        q = p + 1e-4 * step
        assert -(q * np.log(q)).sum() < -(p * np.log(p)).sum()


def noisy(counts, secret: bytes = SECRET, parents: dict | None = None) -> dict:
    parts = blocks(counts, parents)
    made = zip(parts, identity_keys(secret, parts), strict=True)
    return {(b.level, b.names): perturbed(b.counts, k, NOISE) for b, k in made}


@given(st.integers(0, 10_000))
def test_zero_stays_zero_and_nothing_is_negative(seed: int) -> None:
    rng = np.random.default_rng(seed)
    counts = table(rng.integers(0, 8, (6, 2, 3)), SEX, AGE)
    for cells, true in zip(noisy(counts).values(), blocks(counts), strict=True):
        assert (cells.values[true.counts.values == 0] == 0).all()
        assert (cells.values >= 0).all()
        assert (np.abs(cells.values - true.counts.values) <= 5).all()
        assert (cells.mechanism == Mechanism.CELL_KEY).all()
        assert cells.parameter == 2.0


def test_noise_is_unbiased_with_the_variance_promised() -> None:
    true = np.random.default_rng(5).integers(5, 60, (4000, 2))
    noise = noisy(table(true, SEX))["zone", ("sex",)].values - true
    n = noise.size
    assert abs(noise.mean()) < 4 * np.sqrt(2 / n)
    assert abs(noise.var() - 2) < 4 * np.sqrt(2 * 4 / n) * 1.2


def test_equal_secrets_give_equal_noise_and_others_do_not() -> None:
    counts = table(np.full((50, 2), 20), SEX)
    one, again, other = (noisy(counts, s)["zone", ("sex",)].values for s in (SECRET, SECRET, SECRET[::-1]))
    np.testing.assert_array_equal(one, again)
    assert (one != other).mean() > 0.5
    with pytest.raises(CallError):
        noisy(counts, b"short")


def test_the_same_zone_total_is_the_same_in_every_table() -> None:
    values = np.random.default_rng(1).integers(1, 40, (30, 2, 3))
    whole = noisy(table(values, SEX, AGE))
    sex, age = noisy(table(values.sum(axis=2), SEX)), noisy(table(values.sum(axis=1), AGE))
    np.testing.assert_array_equal(sex["zone", ()].values, age["zone", ()].values)
    np.testing.assert_array_equal(sex["zone", ("sex",)].values, whole["zone", ("sex",)].values)
    np.testing.assert_array_equal(age["city", ("age",)].values, whole["city", ("age",)].values)


def test_a_cell_that_is_everybody_has_the_noise_of_everybody() -> None:
    made = noisy(table([[[9, 0, 0], [0, 0, 0]], [[3, 3, 3], [3, 3, 3]]], SEX, AGE))
    everybody = made["zone", ()].values[0]
    assert made["zone", ("sex",)].values[0, 0] == everybody
    assert made["zone", ("age", "sex")].values[0, 0, 0] == everybody
    # and a district with one inhabited zone is that zone
    two = noisy(table([[9, 5], [0, 0], [4, 4]], SEX), parents={"district": ["a", "a", "b"]})
    np.testing.assert_array_equal(two["district", ("sex",)].values[0], two["zone", ("sex",)].values[0])


def test_a_revised_count_gets_noise_of_its_own() -> None:
    before = noisy(table(np.full((200, 2), 20), SEX))["zone", ("sex",)].values
    after = noisy(table(np.full((200, 2), 21), SEX))["zone", ("sex",)].values
    assert len(np.unique(after - before)) > 5  # else the difference of two releases would be exact


def test_record_keys_add_up_over_any_partition() -> None:
    rng = np.random.default_rng(2)
    people = [f"p{i}" for i in range(400)]
    zone, sex, age = rng.integers(0, 4, 400), rng.integers(0, 2, 400), rng.integers(0, 3, 400)
    keys = record_keys(SECRET, people)
    shape = (4, 2, 3)
    cells = np.ravel_multi_index((zone, sex, age), shape)
    counts = table(np.bincount(cells, minlength=24).reshape(shape), SEX, AGE)
    parts = blocks(counts, {"district": ["a", "a", "b", "b"]})
    made = dict(
        zip(
            [(b.level, b.names) for b in parts],
            record_block_keys(parts, counts, sum_keys(keys, cells, shape)),
            strict=True,
        )
    )
    women_in_a = keys[(zone < 2) & (sex == 0)].sum(dtype=np.uint64)
    assert made["district", ("sex",)][0, 0] == women_in_a
    assert made["city", ()][0] == keys.sum(dtype=np.uint64)
    np.testing.assert_array_equal(
        sum_keys(keys, np.ravel_multi_index((zone, age), (4, 3)), (4, 3)), made["zone", ("age",)]
    )
