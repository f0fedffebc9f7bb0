"""Whom a place admits: hand values, and every age counted one by one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isopolis.model import NO, UNKNOWN, YES, Dimension, Group, Problems
from isopolis.read.eligible import ages_of, eligible

AGE = Dimension("age", ("0-14", "15-29", "30-44", "45-64", "65-79", "80+"), ground="age")
SEX = Dimension("sex", ("female", "male"))
ABLE = Dimension("disability", ("no", "yes"))
OPEN, SHUT, NK = YES, NO, UNKNOWN


def answer(text: str, group: str, universe: str = "residents") -> int:
    return int(eligible([text], [Group.parse(group)], [AGE, SEX, ABLE], universe=universe)[0, 0])


@pytest.mark.parametrize(
    ("text", "group", "expected"),
    [
        ("everyone", "everyone", OPEN),
        ("Everyone", "age=80+ & sex=male", OPEN),
        ("residents", "sex=female", OPEN),
        ("65 and over", "age=65-79", OPEN),
        ("65 and over", "age=80+ & sex=female", OPEN),
        ("65 and over", "age=45-64", SHUT),
        ("65 and over", "sex=female", NK),
        ("over 65", "age=65-79", OPEN),
        ("children 6-14", "age=0-14", NK),
        ("children 6-14", "age=15-29", SHUT),
        ("0-14", "age=0-14", OPEN),
        ("under 18", "age=15-29", NK),
        ("women", "sex=female", OPEN),
        ("women", "sex=male & age=80+", SHUT),
        ("women", "age=80+", NK),
        ("women and men", "sex=male", NK),
        ("women aged 65 and over", "sex=female & age=80+", OPEN),
        ("women aged 65 and over", "sex=male & age=80+", SHUT),
        ("women aged 65 and over", "sex=female & age=0-14", SHUT),
        ("people with a disability", "disability=yes", OPEN),
        ("people with a disability", "disability=no", SHUT),
        ("members of the club", "everyone", NK),
        ("members aged 65 and over", "age=80+", NK),
        ("members aged 65 and over", "age=0-14", SHUT),
        ("", "everyone", NK),
        ("unknown", "everyone", NK),
        ("not men", "sex=female", NK),
        ("children", "age=0-14", NK),
        ("people under 15", "age=0-14", OPEN),
        # two ages, and numbers that are no ages
        ("under 18 or over 65", "age=30-44", NK),
        ("under 18 or over 65", "age=0-14", NK),
        ("children 6-14 and 65 and over", "age=80+", NK),
        ("children 6-36 months", "age=0-14", NK),
        ("children 6-36 months", "age=80+", NK),
        ("pupils of grades 1-4", "age=15-29", NK),
        ("groups up to 10 people", "age=30-44", NK),
        ("households below 1000 €", "age=80+", NK),
        # one condition or all of them: the text does not say
        ("women and children", "sex=male & age=0-14", NK),
        ("women and children", "sex=female", NK),
        ("under 15 and women", "sex=female & age=30-44", NK),
        ("under 15 and women", "sex=male & age=30-44", SHUT),
        ("under 15 and women", "sex=female & age=0-14", OPEN),
        ("65 and over, people with a disability", "age=80+ & disability=no", NK),
        ("65 and over, people with a disability", "age=0-14 & disability=no", SHUT),
        ("women aged 65 and over and their families", "sex=male & age=80+", NK),
        ("women and girls", "sex=female", OPEN),
        ("girls", "sex=female & age=65-79", NK),
        ("girls", "sex=male", SHUT),
        ("girls 0-14", "sex=female & age=0-14", OPEN),
        ("adults up to 64", "age=0-14", SHUT),
        ("adults up to 64", "age=45-64", OPEN),
        ("minors from 15", "age=30-44", SHUT),
        ("adults aged 65+", "age=65-79", OPEN),
        ("over 65s", "age=0-14", SHUT),
    ],
)
def test_hand_values(text: str, group: str, expected: int) -> None:
    assert answer(text, group) == expected


def test_residents_of_a_table_that_counts_others() -> None:
    assert answer("residents", "everyone", universe="people at work") == UNKNOWN
    assert answer("everyone", "everyone", universe="people at work") == YES


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 90), st.integers(0, 25), st.integers(0, 90), st.integers(0, 25))
def test_bands_equal_counting_single_years(low: int, more: int, start: int, wide: int) -> None:
    band, rule = set(range(start, start + wide + 1)), set(range(low, low + more + 1))
    age = Dimension("age", (f"{start}-{start + wide}",))
    found = eligible([f"{low}-{low + more}"], [Group.of(age=age.categories[0])], [age])[0, 0]
    assert found == (YES if band <= rule else NO if not band & rule else UNKNOWN)


def test_ages_in_words() -> None:
    assert ages_of("under 18") == (0, 18)
    assert ages_of("up to 17") == (0, 18)
    assert ages_of("80+") == (80, 200)
    assert ages_of("age_6_15") == (6, 16)
    assert ages_of("14-6") is None
    assert ages_of("women") is None


def test_what_is_not_known_is_said() -> None:
    problems = Problems()
    groups = [Group.of(age=c) for c in AGE.categories]
    found = eligible(
        ["children 6-14", "friends", "everyone", "friends", ""], groups, [AGE], problems=problems
    )
    assert found.shape == (5, 6)
    assert {p.code: p.count for p in problems} == {"eligibility-not-read": 2, "admitted-in-part": 1}
    assert not any(p.fatal for p in problems)
    assert eligible([], groups, [AGE]).shape == (0, 6)
