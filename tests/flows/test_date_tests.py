"""Two dates of one city: a change is found, chance is not called one, and what cannot be tested says why."""

from __future__ import annotations

import numpy as np
import pytest

from isopolis.flows.date_tests import between_dates
from isopolis.measure import MEASURES
from isopolis.model import CallError, Mechanism

from .towns import ORIGIN, SEX, counts, town, values


def even(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).binomial(60, 0.4, (20, 2)).astype(float)


def test_a_change_is_found_with_its_side_and_stays_quiet_without() -> None:
    apart = np.array([[60.0, 5.0], [5.0, 60.0]] * 10)
    city = town(counts(even(1), SEX, date="2010"), counts(apart, SEX, date="2020"), drawn=False)
    found = between_dates(city, side="greater", seed=1, count=99)
    # of two groups D is one number: once, or the two copies would weigh on all other tests
    assert [t.title.split(",")[0] for t in found] == [
        "Information theory index (H): sex",
        "Dissimilarity (D): “Female” against “Male” (sex)",
    ]
    d = MEASURES["dissimilarity"].kernel
    assert found[1].values == pytest.approx((float(d(even(1))), float(d(apart))))
    for tested in found:
        assert tested.difference is not None
        assert tested.difference.p == 0.01
        assert tested.adjusted is not None
        assert tested.adjusted >= 0.01
    h = MEASURES["information_theory"].kernel
    assert found[0].difference is not None
    assert found[0].difference.value == pytest.approx(float(h(apart)) - float(h(even(1))))
    still = town(counts(even(1), SEX, date="2010"), counts(even(2), SEX, date="2020"), drawn=False)
    p = [t.difference.p for t in between_dates(still, count=99) if t.difference is not None]
    assert min(p) > 0.01
    assert len(between_dates(still, count=19, measure="dissimilarity", group="male")) == 1
    assert between_dates(still, count=19)[0].to_dict()["interval"] == []


def test_what_cannot_be_tested_says_why() -> None:
    x = values(12, (3,))
    noisy = counts(
        x, ORIGIN, date="2020", mechanism=np.full(x.shape, Mechanism.CELL_KEY, np.uint8), parameter=2.0
    )
    for tested in between_dates(town(counts(x, ORIGIN, date="2010"), noisy, drawn=False), count=19):
        assert tested.difference is None
        assert tested.why_none == "noise was added to the counts"
        assert tested.values is not None
    gone = x.copy()
    gone[:, 1:] = 0
    alone = counts(gone, ORIGIN, date="2020")
    found = between_dates(town(counts(x, ORIGIN, date="2010"), alone, drawn=False), count=19)
    assert any("fewer than two groups" in t.why_none for t in found)


def test_wrong_calls_are_refused() -> None:
    one = town(counts(values(12, (2,)), SEX, date="2010"), drawn=False)
    for wrong, match in (
        ({}, "two dates"),
        ({"side": "up"}, "allowed"),
        ({"dates": ["2010"]}, "two different"),
        ({"dates": ["2010", "2011"]}, 'no date "2011"; it has 2010'),
        ({"measure": "gini"}, 'only information_theory and dissimilarity are tested, not "gini"'),
    ):
        with pytest.raises(CallError, match=match):
            between_dates(one, **wrong)  # type: ignore[arg-type]


def test_a_group_that_is_not_there_is_told_and_a_year_will_do() -> None:
    x = values(12, (3,))
    two = town(*(counts(x, ORIGIN, date=d) for d in ("2010-06-30", "2020-12-31")), drawn=False)
    (found,) = between_dates(two, ["2010", "2020-12"], count=19, measure="information_theory")
    assert found.title.endswith("2010-06-30 to 2020-12-31")
    with pytest.raises(CallError, match='no group of origin has "foo" in its name'):
        between_dates(two, count=19, group="foo")
    third = town(*two.counts, counts(x, ORIGIN, date="2020-01-01"), drawn=False)
    with pytest.raises(CallError, match="fits several dates of origin: 2020-01-01, 2020-12-31"):
        between_dates(third, ["2010", "2020"], count=19)


def test_rounded_counts_name_their_base_and_keep_their_values() -> None:
    x = values(12, (3,))
    code = np.full(x.shape, Mechanism.ROUNDED, np.uint8)
    rounded = [counts(x, ORIGIN, date=d, mechanism=code, parameter=3.0) for d in ("2010", "2020")]
    found = between_dates(town(*rounded, drawn=False), count=19)
    assert {t.why_none for t in found} == {"the counts were rounded to multiples of 3"}
    h = float(MEASURES["information_theory"].kernel(x))
    assert found[0].values == pytest.approx((h, h))
    assert found[0].to_dict()["values"] == pytest.approx([h, h])
