"""Randomised answers and results: estimates recovered, intervals that cover, small numbers not shown."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isopolis.engage.surveys.build import form_of
from isopolis.engage.surveys.form import Form
from isopolis.engage.surveys.randomised import Design, design_of, estimate, forced, unrelated, warner
from isopolis.engage.surveys.results import results
from isopolis.intersect.raking import Margin
from isopolis.model import CallError, Problems, Undefined
from isopolis.privacy import Policy

POLICY = Policy(protection="suppress", threshold=10)
DESIGNS = [warner("3/4"), unrelated("1/2", "1/4"), forced("1/6", "1/6")]


def test_designs_are_the_published_ones() -> None:
    assert (warner("7/10").yes_if, warner("7/10").yes_if_not) == (Fraction(7, 10), Fraction(3, 10))
    assert forced("1/6", "1/6").yes_if == Fraction(5, 6)
    assert unrelated("1/2", "1/4").yes_if == Fraction(5, 8)
    assert design_of("Warner 0.75") == Design("warner", Fraction(3, 4), Fraction(1, 4), "Warner 0.75")


@given(st.floats(0.02, 0.98), st.integers(55, 90), st.integers(150, 5_000))
def test_variance_is_warners_formula(share: float, percent: int, n: int) -> None:
    """Warner (1965), equation 2.5: the variance of a plain question and what chance adds, written apart."""
    p = percent / 100
    said_yes = share * p + (1 - share) * (1 - p)
    found = estimate(warner(Fraction(percent, 100)), said_yes, n)
    assert found.share == pytest.approx(share, abs=1e-9)
    by_hand = (share * (1 - share) + p * (1 - p) / (2 * p - 1) ** 2) / (n - 1)
    assert found.variance == pytest.approx(by_hand, rel=1e-9)
    assert found.loss == pytest.approx(math.log(p / (1 - p)))


@pytest.mark.parametrize("design", DESIGNS, ids=lambda d: d.name)
@pytest.mark.parametrize("share", [0.05, 0.3])
def test_shares_are_recovered_and_intervals_cover(design: Design, share: float) -> None:
    rng = np.random.default_rng(11)
    n, runs = 1_000, 600
    sensitive = rng.random((runs, n)) < share
    chance = np.where(sensitive, float(design.yes_if), float(design.yes_if_not))
    yes = (rng.random((runs, n)) < chance).mean(axis=1)
    found = [estimate(design, float(y), n) for y in yes]
    shares = np.array([f.share for f in found])
    assert shares.mean() == pytest.approx(share, abs=4 * shares.std() / math.sqrt(runs))
    assert np.mean([f.variance for f in found]) == pytest.approx(shares.var(), rel=0.2)
    covered = np.mean([f.interval[0] <= share <= f.interval[1] for f in found])  # type: ignore[index]
    assert 0.93 <= covered <= 0.98


@pytest.mark.parametrize("design", DESIGNS, ids=lambda d: d.name)
def test_privacy_loss_bounds_what_an_answer_tells(design: Design) -> None:
    """Law: no answer makes the odds of anybody more than exp(loss) times what they were."""
    for share in (0.01, 0.2, 0.5):
        said = share * float(design.yes_if) + (1 - share) * float(design.yes_if_not)
        surest = estimate(design, said, 1_000).surest
        assert surest is not None
        odds = surest / (1 - surest) / (share / (1 - share))
        assert odds <= math.exp(design.loss) * (1 + 1e-6)


@pytest.mark.parametrize(
    "text",
    ["", "warner", "warner 1/2", "warner 1", "warner 99/100", "forced 1/2 1/2", "forced 0 1/6", "coin 1/2",
     "warner x", "unrelated 2/3 1/12", "unrelated 2/3 0", "warner 1/0", "forced -1 1/6"],
)  # fmt: skip
def test_designs_that_are_refused(text: str) -> None:
    with pytest.raises(CallError):
        design_of(text)


def test_too_few_randomised_answers() -> None:
    found = estimate(warner("3/4"), 0.4, 60)
    assert isinstance(found.share, Undefined)
    assert found.interval is None


# -- results -----------------------------------------------------------------------------------------------
def make() -> Form:
    names = [*(("yn", n) for n in ("yes", "no")), *(("way", n) for n in ("foot", "bus", "tram", "boat"))]
    choices = [{"list_name": k, "name": n, "label": n.title()} for k, n in names]
    survey = [
        {"type": "select_one yn", "name": "park", "label": "Park?"},
        {"type": "select_one way", "name": "way", "label": "Way? ${park}"},
        {"type": "select_multiple way", "name": "ways", "label": "Ways?"},
        {"type": "integer", "name": "age", "label": "Age?"},
        {"type": "text", "name": "words", "label": "Words?"},
        {"type": "select_one yn", "name": "fine", "label": "Fined?", "randomised": "forced 1/6 1/6"},
    ]  # fmt: skip
    problems = Problems()
    both = (list(enumerate(x, start=2)) for x in (survey, choices))
    form = form_of("f.xlsx", *both, [], problems)  # type: ignore[call-arg]
    problems.raise_if_fatal()
    return form


FORM = make()


def people(n: int = 400) -> list[dict[str, str]]:
    """Young people, a quarter here and half of the city, want the park; old people do not."""
    out = []
    for i in range(n):
        young = i % 4 == 0
        way = "boat" if i < 4 else ["foot", "bus", "tram"][i % 3]
        out.append(
            {"park": "yes" if young else "no", "way": way, "ways": "foot boat" if i < 4 else "foot",
             "age": "20" if young else "60", "words": "x", "fine": "yes" if i % 3 == 0 else "no"}
        )  # fmt: skip
    return out


def by_age(n: int = 400) -> Margin:
    return Margin("age", ("young", "old"), np.arange(n) % 4 > 0, np.array([500.0, 500.0]))


def test_weighted_beside_raw() -> None:
    found = results(FORM, people(), [by_age()], policy=POLICY)
    park = {s.name: s for s in found.questions[0].shares}
    assert (park["yes"].people, park["yes"].raw) == (100, 0.25)
    assert park["yes"].weighted == pytest.approx(0.5)
    low, high = park["yes"].weighted_interval or (0, 0)
    assert 0.4 < low < 0.5 < high < 0.6
    assert found.raked.design_effect == pytest.approx(4 / 3)  # (1/4)·2² + (3/4)·(2/3)²
    average = found.questions[3].average
    assert average is not None
    assert (average.raw, average.weighted) == (50.0, pytest.approx(40.0))
    assert "design effect 1.33" in found.notes[0]


def test_small_counts_are_not_shown_and_cannot_be_worked_out() -> None:
    found = results(FORM, people(), [by_age()], policy=POLICY)
    way = found.questions[1]
    hidden = [s.name for s in way.shares if isinstance(s.people, Undefined)]
    assert "boat" in hidden
    assert len(hidden) >= 2  # one alone follows from the others
    assert all(isinstance(s.raw, Undefined) and isinstance(s.weighted, Undefined)
               for s in way.shares if s.name in hidden)  # fmt: skip
    assert way.label == "Way? …"
    ways = {s.name: s.people for s in found.questions[2].shares}
    assert isinstance(ways["boat"], Undefined)
    assert found.questions[4].refusal is not None
    assert found.questions[4].refusal.code == "own-words"


def test_few_who_did_not_answer_are_not_told_by_the_base() -> None:
    given = people()
    for i in (5, 6, 7):
        given[i]["park"] = ""
    park = results(FORM, given, policy=POLICY).questions[0]
    assert park.people == 400
    assert park.notes
    shown = [s.people for s in park.shares if not isinstance(s.people, Undefined)]
    assert len(shown) <= 1  # both would leave 3
    for i in range(60):
        given[i]["park"] = ""
    assert results(FORM, given, policy=POLICY).questions[0].people == 340


def test_too_thin_to_weight_or_to_show() -> None:
    thin = results(FORM, people(12), [by_age(12)], policy=POLICY)
    assert thin.raked.refusal is not None
    assert thin.raked.refusal.code == "too-thin"
    assert all(isinstance(s.weighted, Undefined) for q in thin.questions for s in q.shares)
    few = results(FORM, people(9), policy=POLICY)
    assert all(q.refusal is not None and q.refusal.code == "too-few" for q in few.questions)
    assert results(FORM, [], [], policy=POLICY).people == 0
    assert results(FORM, people(), policy=POLICY).raked.refusal is not None


def test_randomised_question_has_estimate_and_no_counts() -> None:
    fine = results(FORM, people(), [by_age()], policy=POLICY).questions[5]
    assert fine.shares == ()
    assert fine.estimate is not None
    yes = np.array([i % 3 == 0 for i in range(400)])
    weights = np.where(np.arange(400) % 4 == 0, 2.0, 2 / 3)
    said = weights[yes].sum() / weights.sum()
    assert fine.estimate.share == pytest.approx((said - 1 / 6) / (4 / 6))
    assert fine.estimate.effective_n == pytest.approx(300)
    assert fine.estimate.loss == pytest.approx(math.log(5))
    assert "variance" in fine.notes[0]
