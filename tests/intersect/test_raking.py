"""Raking: against another program, against closed forms, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isopolis.engage.representation.weighted import shares
from isopolis.intersect.raking import Margin, kish, margins_of, rake
from isopolis.model import CallError, Undefined

# people by age (3) × origin (2) × sex (2)
COUNTS = np.array([[[12, 9], [7, 5]], [[20, 31], [6, 8]], [[25, 14], [3, 4]]])
TARGETS = ("age", [300.0, 420.0, 280.0]), ("origin", [700.0, 300.0]), ("sex", [520.0, 480.0])
# ipfn 1.4.4, ipfn(counts, margins, [[0], [1], [2]], convergence_rate=1e-12).iteration()
IPFN = np.array(
    [
        [[98.22015701, 70.57851979], [77.89401795, 53.30730526]],
        [[123.02519189, 182.69909989], [50.17668829, 64.09901992]],
        [[146.74375632, 78.73327509], [23.94018853, 30.58278005]],
    ]
)


def people() -> np.ndarray:
    """(n, 3) categories of every person."""
    return np.repeat(np.argwhere(COUNTS > 0), COUNTS[COUNTS > 0], axis=0)


def margins(codes: np.ndarray | None = None) -> list[Margin]:
    of = people() if codes is None else codes
    return [
        Margin(name, tuple(map(str, range(len(t)))), of[:, j], np.array(t))
        for j, (name, t) in enumerate(TARGETS)
    ]


def test_the_weights_are_those_of_another_program() -> None:
    out = rake(margins(), trim=None, fewest_in_category=1)
    assert out.converged
    assert out.refusal is None
    mass = np.zeros(COUNTS.shape)
    np.add.at(mass, tuple(people().T), out.weights)
    assert mass / mass.sum() * 1000 == pytest.approx(IPFN, abs=1e-6)


def test_one_margin_is_post_stratification() -> None:
    codes = np.array([0] * 30 + [1] * 10)
    out = rake([Margin("sex", ("f", "m"), codes, np.array([1.0, 1.0]))])
    assert out.weights[0] == pytest.approx(20 / 30)
    assert out.weights[-1] == pytest.approx(2.0)
    # Kish by hand: n Σw² / (Σw)²
    assert out.design_effect == pytest.approx(40 * (30 * (2 / 3) ** 2 + 10 * 4) / 40**2)
    assert out.effective_n == pytest.approx(40 / out.design_effect)
    assert kish([1, 1, 1]) == (1.0, 3.0)


@settings(max_examples=15)
@given(st.integers(0, 10_000))
def test_margins_are_met_and_nobody_weighs_less_than_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    codes = np.column_stack([rng.integers(0, 3, 300), rng.integers(0, 2, 300), rng.integers(0, 2, 300)])
    wanted = [rng.uniform(1, 3, k) for k in (3, 2, 2)]
    given_ = [Margin(str(j), tuple(map(str, range(len(w)))), codes[:, j], w) for j, w in enumerate(wanted)]
    out = rake(given_, trim=None)
    assert out.converged
    assert out.furthest < 1e-8
    assert (out.weights > 0).all()
    assert out.weights.mean() == pytest.approx(1)
    # people of the same kind weigh the same, and the order of margins does not matter
    again = rake(given_[::-1], trim=None)
    assert again.weights == pytest.approx(out.weights, rel=1e-5)


def test_no_weight_is_above_the_limit_and_the_margins_say_how_far_they_are_missed() -> None:
    codes = np.array([0] * 190 + [1] * 10)
    free = rake([Margin("a", ("x", "y"), codes, np.array([1.0, 1.0]))], trim=None)
    held = rake([Margin("a", ("x", "y"), codes, np.array([1.0, 1.0]))], trim=3.0)
    assert free.weights.max() == pytest.approx(10)
    assert held.weights.max() == pytest.approx(3.0)
    assert held.trimmed == 10
    assert held.weights.mean() == pytest.approx(1)
    # 10 people of weight 3 among 200: 15 % instead of 50 %
    assert held.furthest == pytest.approx(0.35)
    assert held.effective_n > free.effective_n


def test_people_of_unknown_category_keep_what_the_other_margins_give() -> None:
    codes = np.array([[0, 0]] * 20 + [[1, -1]] * 20)
    one = Margin("a", ("x", "y"), codes[:, 0], np.array([3.0, 1.0]))
    two = Margin("b", ("u",), codes[:, 1], np.array([5.0]))
    out = rake([one, two])
    assert out.weights[-1] == pytest.approx(0.5)


def test_too_few_in_a_category_is_refused_in_words() -> None:
    codes = np.array([0] * 50 + [1] * 4)
    out = rake([Margin("Age", ("under 30", "80+"), codes, np.array([1.0, 1.0]))])
    assert isinstance(out.refusal, Undefined)
    assert out.refusal.code == "too-thin"
    assert "“80+” (Age)" in out.refusal.reason
    assert rake([Margin("Age", ("a",), np.array([], dtype=int), np.array([1.0]))]).refusal.code == "nobody"


def test_too_few_effective_people_are_refused() -> None:
    codes = np.array([0] * 100 + [1] * 6)
    out = rake([Margin("a", ("x", "y"), codes, np.array([1.0, 9.0]))], trim=None)
    assert out.effective_n < 10
    assert out.refusal is not None
    assert out.refusal.code == "too-thin"


def test_margins_that_contradict_each_other_are_refused() -> None:
    codes = np.array([0] * 40 + [1] * 40)
    same = [Margin(n, ("x", "y"), codes, np.array(t)) for n, t in (("a", [1.0, 1.0]), ("b", [1.0, 3.0]))]
    out = rake(same, trim=None)
    assert not out.converged
    assert out.refusal.code == "no-weights"


@pytest.mark.parametrize("call", [
    lambda: rake([]),
    lambda: rake(margins(), trim=1.0),
    lambda: rake(margins(), np.zeros(COUNTS.sum())),
    lambda: rake([*margins(), Margin("x", ("a",), np.array([0]), np.array([1.0]))]),
    lambda: Margin("a", ("x",), np.array([1]), np.array([1.0])),
    lambda: Margin("a", ("x",), np.array([0]), np.array([0.0])),
    lambda: Margin("a", ("x", "y"), np.array([0]), np.array([1.0])),
    lambda: Margin("a", ("x",), np.array([0]), np.array([np.nan])),
])  # fmt: skip
def test_calls_that_make_no_sense_say_so(call) -> None:
    with pytest.raises(CallError):
        call()


def test_margins_from_names() -> None:
    made = margins_of({"sex": ["f", "m", "?"], "eyes": ["b"] * 3}, {"sex": {"f": 3, "m": 2}, "age": {"x": 1}})
    assert [m.name for m in made] == ["sex"]
    assert made[0].codes.tolist() == [0, 1, -1]


# -- an answer, raw and weighted -------------------------------------------------------------------------
def test_weighting_finds_the_answer_of_the_city() -> None:
    """Young people are one in two of the city and one in ten of those who answer; they think otherwise."""
    rng = np.random.default_rng(3)
    inside = wide = 0
    for _run in range(60):
        young = rng.random(600) < 0.1
        yes = rng.random(600) < np.where(young, 0.8, 0.3)
        out = rake([Margin("age", ("young", "old"), np.where(young, 0, 1), np.array([1.0, 1.0]))])
        told = shares(np.where(yes, 0, 1), ["yes", "no"], out)[0]
        inside += told.weighted_interval[0] <= 0.55 <= told.weighted_interval[1]
        wide += told.raw_interval[0] <= 0.55 <= told.raw_interval[1]
    assert inside >= 54  # 95 % of 60 less two standard deviations
    assert wide == 0


def test_refused_weights_give_no_weighted_number() -> None:
    out = rake([Margin("a", ("x", "y"), np.array([0] * 30 + [1] * 2), np.array([1.0, 1.0]))])
    told = shares(np.zeros(32, dtype=int), ["yes"], out)
    assert isinstance(told[0].weighted, Undefined)
    assert told[0].weighted_interval is None
    assert told[0].raw == 1.0
    assert told[0].raw_interval[1] == 1.0
