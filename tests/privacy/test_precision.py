"""What indices tell beside a table, what a published finding still says of its origin, and dominance."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest

from isopolis.model import Finding, Mechanism
from isopolis.privacy import Ledger, Policy, release, told_bits, unknown_bits, within_budget
from isopolis.privacy.rules import few_people, n_k, p_percent

from .tables import AGE, FAITH, SECRET, table

POLICY = Policy(digits=3)
SUPPRESS = Policy(digits=3, protection="suppress")


def released(counts, policy: Policy):
    return release(counts, policy, Ledger(), secret=SECRET, purpose="t", now="n").tables


def values(count: int) -> list[Finding]:
    return [Finding("dissimilarity", i / 1000, "age", f"age=a{i}", "rest") for i in range(count)]


def test_unknown_bits_by_hand() -> None:
    (noisy,) = released(table([[20, 30, 40], [20, 0, 46]], AGE), POLICY)
    # five cells with somebody in them; the noise of large counts as the literature gives it
    row = [0.0005, 0.0052, 0.0298, 0.1038, 0.2196, 0.2819, 0.2196, 0.1038, 0.0298, 0.0052, 0.0005]
    each = -sum(p * math.log2(p) for p in row)
    assert unknown_bits(noisy, POLICY) == pytest.approx(5 * each, rel=2e-3)
    (hiding,) = released(table([[60, 20, 70], [70, 60, 90], [50, 80, 90], [99, 98, 97]], FAITH), SUPPRESS)
    assert hiding.hidden.any()
    assert unknown_bits(hiding, SUPPRESS) == pytest.approx(hiding.hidden.sum() * math.log2(11))


def test_told_bits_count_each_value_once() -> None:
    same = [Finding("gini", 0.25, "age", "age=a"), Finding("gini", 0.25, "age", "age=b")]
    assert told_bits(same, POLICY) == pytest.approx(3 * math.log2(10))
    assert told_bits(values(7), POLICY) == pytest.approx(7 * 3 * math.log2(10))


def test_a_table_shown_as_it_is_leaves_nothing_to_tell() -> None:
    shown = released(table([[20, 30, 40], [20, 30, 46]], AGE), SUPPRESS)
    assert (shown[0].mechanism == Mechanism.EXACT).all()
    assert within_budget(values(500), shown, SUPPRESS)
    assert within_budget(values(500), (), POLICY)


def test_the_budget_grows_with_the_table() -> None:
    rng = np.random.default_rng(3)
    small = released(table(rng.integers(20, 90, (12, 3)), AGE), POLICY)
    large = released(table(rng.integers(20, 90, (400, 3)), AGE), POLICY)
    assert not within_budget(values(20), small, POLICY)
    assert within_budget(values(20), large, POLICY)
    assert within_budget(values(2), small, POLICY)


def test_one_hidden_number_can_be_found_by_an_index_and_the_budget_forbids_that() -> None:
    """The attack that the budget is against: true counts shown, few hidden, one exact index beside them."""
    true = np.array([[60, 4], [70, 50], [50, 80], [99, 98]], float)

    def index(counts: np.ndarray) -> float:
        a, b = counts[:, 0] / counts[:, 0].sum(), counts[:, 1] / counts[:, 1].sum()
        return round(float(np.abs(a - b).sum() / 2), 3)

    fits = []
    for guess in range(10):
        tried = true.copy()
        tried[0, 1] = guess
        fits += [guess] * (index(tried) == index(true))
    assert fits == [4], "three digits name the hidden count among ten candidates"
    from isopolis.model import Dimension

    shown = released(table(true, Dimension("group", ("a", "b"))), SUPPRESS)
    assert shown[0].hidden[0, 1]
    assert not within_budget([Finding("dissimilarity", index(true), "group")], shown, SUPPRESS)


# -- what a finding still says -------------------------------------------------------------------------
ORIGIN = {
    "source": {"key": "k", "title": "Register", "files": ["people.csv"], "sha256": {"people.csv": "ab" * 32}},
    "universe": "residents", "seed": 20240131, "before": {"sha256": {"x": "cd" * 32}},
}  # fmt: skip
FOUND = Finding(
    "dissimilarity", 0.31234567, "sex", "sex=female", "rest", n_people=1234, n_group=617, n_zones=12,
    provenance=ORIGIN,
    caveats=(
        "1,237 people live in zones without an outline and are left out of values by distance.",
        "3 people live in zones without an outline.",
        "Only 37 people in this group: read the excess over chance, not the value.",
        "Only 5 zones: one zone more or less changes the value.",
    ),
)  # fmt: skip


@pytest.mark.parametrize("finding", [FOUND, dataclasses.replace(FOUND, n_group=4)])
def test_no_fingerprint_of_a_file_leaves_the_gate(finding: Finding) -> None:
    """Who can guess a small file can check the guess by its SHA-256, however much is hidden in a table."""
    (made,) = release([finding], POLICY, Ledger(), secret=SECRET, purpose="t", now="n").safe
    said = json.dumps(made.to_dict(), default=dict)
    for secret in ("ab" * 32, "cd" * 32, "sha256", "20240131", "people.csv"):
        assert secret not in said
    assert "Register" in said


def test_numbers_of_people_in_caveats_are_coarse() -> None:
    (made,) = release([FOUND], POLICY, Ledger(), secret=SECRET, purpose="t", now="n").safe
    assert made.caveats[:4] == (
        "About 1,240 people live in zones without an outline and are left out of values by distance.",
        "Fewer than 10 people live in zones without an outline.",
        "Fewer than 100 people in this group: read the excess over chance, not the value.",
        "Only 5 zones: one zone more or less changes the value.",
    )


# -- dominance, and counts of people ---------------------------------------------------------------------
def test_dominance_of_people_is_what_the_threshold_hides_already() -> None:
    """Each person adds one to a count, so that nobody dominates where there are three or more."""
    counts = table([[n, 0, 0] for n in range(1, 60)], AGE)
    people = np.zeros((59, 3, 60))
    for row in range(59):
        people[row, 0, : row + 1] = 1
    least = few_people(counts, 3).cells
    for rule in (p_percent(counts, people, p=10), n_k(counts, people, n=2, k=85)):
        assert (rule.cells <= least).all()
    with pytest.raises(Exception, match="at least 3"):
        Policy(threshold=2)
