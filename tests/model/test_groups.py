"""Groups are an algebra: crossing is commutative, associative, idempotent, and has one text."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isopolis.model import EVERYONE, CallError, Dimension, Group

names = st.sampled_from(["age", "sex", "origin", "income", "disability"])
# category ids are column names of real tables: anything that is not blank
plain = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=12).filter(
    lambda t: t == t.strip()
)
awkward = st.sampled_from(
    [
        "65+",
        "Bosnia & Herzegovina",
        "a & b=c",
        "&",
        "&&",
        "a&b",
        "x=y",
        "& b",
        "a &",
        "everyone",
        "rest",
        "<5",
    ]
)
groups = st.dictionaries(names, plain | awkward, max_size=4).map(lambda d: Group(tuple(d.items())))


@given(groups)
def test_text_comes_back_as_the_same_group(g: Group) -> None:
    assert Group.parse(str(g)) == g


@given(groups, groups)
def test_two_groups_with_the_same_text_are_the_same(a: Group, b: Group) -> None:
    assert (str(a) == str(b)) == (a == b)


@given(st.dictionaries(names, st.sampled_from(["a", "b"]), max_size=5), st.data())
def test_crossing_is_commutative_associative_and_idempotent(
    whole: dict[str, str], data: st.DataObject
) -> None:
    def some() -> Group:
        keys = data.draw(st.sets(st.sampled_from(sorted(whole)))) if whole else set()
        return Group(tuple((k, whole[k]) for k in keys))

    a, b, c = some(), some(), some()
    assert a & b == b & a
    assert str(a & b) == str(b & a)
    assert (a & b) & c == a & (b & c)
    assert a & a == a
    assert a & EVERYONE == a
    assert (a & b).within(a)
    assert a.within(EVERYONE)
    assert hash(a & b) == hash(b & a)


def test_the_text_is_the_one_in_the_documentation() -> None:
    g = Group.of(disability="yes") & Group.of(age="65+")
    assert str(g) == "age=65+ & disability=yes"
    assert g.dimensions == ("age", "disability")
    assert list(g) == [("age", "65+"), ("disability", "yes")]
    assert Group.parse("disability=yes & age=65+") == g
    assert str(EVERYONE) == "everyone"
    assert Group.parse("everyone") == Group.parse("") == EVERYONE


def test_within_is_not_the_same_as_overlap() -> None:
    old, old_women = Group.of(age="65+"), Group.of(age="65+", sex="female")
    assert old_women.within(old)
    assert not old.within(old_women)
    assert not old_women.within(Group.of(sex="male"))


def test_nobody_is_in_two_categories_at_once() -> None:
    with pytest.raises(CallError, match=r'two categories of "age" at once \(0-14, 65\+\)'):
        Group.of(age="65+") & Group.of(age="0-14")
    with pytest.raises(CallError, match="two categories"):
        Group.parse("age=1 & age=2")


@pytest.mark.parametrize("text", ["age", "age=", "=65+", "age=65+ & ", "age=65+ & sex", "age=65+ and sex"])
def test_a_text_that_is_no_group_says_how_to_write_one(text: str) -> None:
    if text == "age=65+ and sex":
        assert Group.parse(text) == Group.of(age="65+ and sex")  # a category may be called so
        return
    with pytest.raises(CallError, match="dimension=category"):
        Group.parse(text)


@given(groups)
def test_groups_pickle(g: Group) -> None:
    assert pickle.loads(pickle.dumps(g)) == g


# -- Dimension --------------------------------------------------------------------------


def test_dimension_has_names_for_readers() -> None:
    age = Dimension("age_band", ("0-14", "65+"), labels={"65+": "65 and over"}, ordered=True)
    assert age.title == "Age band"
    assert Dimension("age", ("a",), label="Age of residents").title == "Age of residents"
    assert age.label_of("65+") == "65 and over"
    assert age.label_of("0-14") == "0-14"
    assert Dimension("b", ("born_abroad",)).label_of("born_abroad") == "Born abroad"
    assert age.index("65+") == 1


def test_dimension_names_near_categories() -> None:
    sex = Dimension("sex", ("female", "male"))
    with pytest.raises(CallError, match='did you mean "female"'):
        sex.index("femal")
    with pytest.raises(CallError, match='there is "female", "male"'):
        sex.index("zzzz")


def test_dimension_refuses_doubled_or_no_categories() -> None:
    with pytest.raises(CallError, match='"male" twice'):
        Dimension("sex", ("male", "female", "male"))
    with pytest.raises(CallError, match="no category"):
        Dimension("sex", ())


@pytest.mark.parametrize("name", ["", " ", "a=b", "age & sex", "age × sex"])
def test_dimension_refuses_a_name_that_breaks_the_text_of_groups(name: str) -> None:
    with pytest.raises(CallError, match="cannot name a dimension"):
        Dimension(name, ("a", "b"))


def test_dimension_is_frozen_pickles_and_keeps_everything() -> None:
    d = Dimension("origin", ("a", "b"), "Origin", {"a": "A"}, True, True, False, "origin", "law 5")
    again = pickle.loads(pickle.dumps(d))
    assert again == d
    assert (again.ordered, again.sensitive, again.exhaustive) == (True, True, False)
    assert (again.ground, again.legal_basis, again.label_of("a")) == ("origin", "law 5", "A")
    with pytest.raises(AttributeError):
        d.name = "x"  # type: ignore[misc]
    with pytest.raises(TypeError):
        d.labels["a"] = "B"  # type: ignore[index]
    categories = ["a", "b"]
    d = Dimension("origin", categories)  # type: ignore[arg-type]
    categories.append("c")
    assert d.categories == ("a", "b")
