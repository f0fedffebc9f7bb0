"""The rule engine: laws of three-valued logic, a slow twin, quota rules by hand, files to be refused."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isopolis.act import rules
from isopolis.act.rules import Answer, Judged, Truth, check, judge, read_rules
from isopolis.act.rules.truth import all_of, any_of, count_of, not_of, unknown
from isopolis.model import CallError, DataError

DAY = date(2026, 11, 22)
SOURCE = {"url": "https://example.org/rules", "title": "Example", "read": date(2026, 11, 21)}
YES, NO, OPEN = Judged(Truth.YES), Judged(Truth.NO), unknown("x")
three = st.sampled_from([YES, NO, OPEN, unknown("y")])
many = st.lists(three, max_size=5)


def made(require: Any, fields: dict[str, Any], **more: Any) -> rules.RuleSet:
    """One rule as a set."""
    labelled = {k: {"label": f"What is {k}?", **v} for k, v in fields.items()}
    rule = {"id": "one", "title": "It is so", "todo": "Do it", "require": require} | more
    top = {"id": "example", "title": "Example", "status": "programme", "source": SOURCE}
    return read_rules(top | {"fields": labelled, "rules": [rule]}, "example.yaml")


def answer(require: Any, fields: dict[str, Any], facts: dict[str, Any], **more: Any) -> str:
    return str(judge(made(require, fields, **more), facts, DAY).of("one").answer)


# -- Kleene's laws ------------------------------------------------------------------------------------
TABLE = {  # S. C. Kleene, Introduction to Metamathematics (1952), page 334
    ("yes", "yes"): ("yes", "yes"), ("yes", "no"): ("no", "yes"), ("yes", "unknown"): ("unknown", "yes"),
    ("no", "yes"): ("no", "yes"), ("no", "no"): ("no", "no"), ("no", "unknown"): ("no", "unknown"),
    ("unknown", "yes"): ("unknown", "yes"), ("unknown", "no"): ("no", "unknown"),
    ("unknown", "unknown"): ("unknown", "unknown"),
}  # fmt: skip


@pytest.mark.parametrize(("a", "b"), TABLE)
def test_the_printed_table(a: str, b: str) -> None:
    pair = [unknown("x") if t == "unknown" else Judged(Truth(t)) for t in (a, b)]
    assert (str(all_of(pair).truth), str(any_of(pair).truth)) == TABLE[a, b]


@given(many)
def test_not_twice_changes_nothing_and_de_morgan_holds(parts: list[Judged]) -> None:
    assert all(not_of(not_of(p)) == p for p in parts)
    assert not_of(all_of(parts)) == any_of(not_of(p) for p in parts)
    assert not_of(any_of(parts)) == all_of(not_of(p) for p in parts)


@given(many, st.randoms())
def test_order_and_repetition_do_not_matter(parts: list[Judged], random: Any) -> None:
    other = [*parts, *parts]
    random.shuffle(other)
    assert all_of(parts) == all_of(other)
    assert any_of(parts) == any_of(other)


@given(three, three, three)
def test_and_and_or_distribute(a: Judged, b: Judged, c: Judged) -> None:
    left = all_of([a, any_of([b, c])])
    right = any_of([all_of([a, b]), all_of([a, c])])
    assert left.truth is right.truth


@given(many)
def test_an_answer_stays_when_more_becomes_known(parts: list[Judged]) -> None:
    """Monotone in information: a yes or no is never taken back, whatever the open parts turn out to be."""
    for whole in (all_of, any_of, lambda p: count_of(p, 1, 2)):
        before = whole(parts)
        if before.truth is Truth.UNKNOWN:
            continue
        holes = [i for i, p in enumerate(parts) if p.truth is Truth.UNKNOWN]
        for filled in itertools.product((YES, NO), repeat=len(holes)):
            later = list(parts)
            for at, value in zip(holes, filled, strict=True):
                later[at] = value
            assert whole(later) == before


@given(many, st.integers(0, 5), st.integers(0, 5))
def test_counting_is_all_completions(parts: list[Judged], low: int, more: int) -> None:
    """The range of possible counts against each completion by itself."""
    holes = [i for i, p in enumerate(parts) if p.truth is Truth.UNKNOWN]
    found = set()
    for filled in itertools.product((1, 0), repeat=len(holes)):
        total = sum(p.truth is Truth.YES for p in parts) + sum(filled)
        found.add(low <= total <= low + more)
    wanted = {frozenset({True}): "yes", frozenset({False}): "no"}.get(frozenset(found), "unknown")
    assert str(count_of(parts, low, low + more).truth) == wanted


def test_an_unknown_answer_names_its_facts() -> None:
    with pytest.raises(ValueError, match="names missing facts"):
        Judged(Truth.UNKNOWN)
    assert all_of([unknown("a"), YES, unknown("b")]).missing == {"a", "b"}
    assert all_of([unknown("a"), NO]).missing == frozenset()


# -- the slow twin: every completion of the missing facts ---------------------------------------------
DOMAINS: dict[str, tuple[Any, ...]] = {
    "n": (0, 1, 2, 3),
    "m": (0, 1, 2, 3),
    "b": (True, False),
    "c": ("A", "B"),
}
FIELDS = {
    "n": {"type": "integer"},
    "m": {"type": "integer"},
    "b": {"type": "yes_no"},
    "c": {"type": "choice", "choices": ["A", "B"]},
}
leaves = st.one_of(
    st.tuples(
        st.sampled_from(["eq", "ne", ">=", "<=", ">", "<"]), st.sampled_from("nm"), st.integers(0, 3)
    ).map(lambda t: {t[0]: [t[1], t[2]]}),
    st.sampled_from([True, False]).map(lambda v: {"eq": ["b", v]}),
    st.sampled_from("AB").map(lambda v: {"in": ["c", [v]]}),
    st.sampled_from([{"eq": ["n", {"field": "m"}]}, {"between": ["n", 1, 2]}, {">": ["m", {"field": "n"}]}]),
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda p: {"all": p}),
        st.lists(inner, min_size=1, max_size=3).map(lambda p: {"any": p}),
        inner.map(lambda p: {"not": p}),
        st.lists(inner, min_size=1, max_size=3).map(lambda p: {"count": {"of": p, "at_least": 1}}),
    ),
    max_leaves=6,
)
partial = st.fixed_dictionaries({}, optional={k: st.sampled_from(v) for k, v in DOMAINS.items()})


@given(trees, partial)
def test_no_answer_that_a_completion_denies(tree: Any, facts: dict[str, Any]) -> None:
    """Yes or no only if every completion of the missing facts says the same.

    The other way round does not hold: Kleene's logic is weaker where one missing fact stands in several
    places ("n is 1 or n is not 1" stays unknown) and where a domain ends (n >= 0 of numbers from 0 to 3).
    """
    rule = made({"all": [tree, FULL]}, FIELDS).rules[0].require.parts[0]  # type: ignore[attr-defined]
    holes = [f for f in DOMAINS if f not in facts]
    answers = {
        rule.judge({**facts, **dict(zip(holes, values, strict=True))}).truth
        for values in itertools.product(*(DOMAINS[h] for h in holes))
    }
    found = rule.judge(facts)
    assert Truth.UNKNOWN not in answers
    if found.truth is Truth.UNKNOWN:
        assert found.missing <= set(holes)
    else:
        assert answers == {found.truth}


FULL = {"any": [{"eq": [f, v]} for f, values in DOMAINS.items() for v in values[:1]]}
"""Looks at every field, so that the file of the example has none without a rule."""


def test_where_kleene_is_weaker() -> None:
    either = {"any": [{"eq": ["n", 1]}, {"not": {"eq": ["n", 1]}}]}
    assert answer(either, {"n": {"type": "integer"}}, {}) == "unknown"
    assert answer(either, {"n": {"type": "integer"}}, {"n": 7}) == "yes"


lists = st.lists(st.sampled_from(["w", "m", None]), min_size=1, max_size=7)


@given(lists, st.integers(1, 4), st.data())
def test_windows_places_and_shares_are_exact(items: list[Any], size: int, data: Any) -> None:
    """Over lists the answer is yes or no exactly when every completion agrees: both twins, by enumeration."""
    n = data.draw(st.integers(1, size))
    asked = {
        "window": {"list": "names", "value": "w", "at_least": n, "of_every": size},
        "top_k": {"list": "names", "value": "w", "k": size, "at_least": n},
        "share": {"list": "names", "value": "w", "at_least": n / size},
    }

    def twin(op: str, full: list[str]) -> bool:
        if op == "window":
            runs = [full[i : i + size] for i in range(len(full) - size + 1)]
            return all(run.count("w") >= n for run in runs)
        if op == "top_k":
            return full[:size].count("w") >= n
        return full.count("w") * size >= n * len(full)  # as integers: no rounding anywhere

    holes = [i for i, item in enumerate(items) if item is None]
    for op, given_ in asked.items():
        if op == "share" and size == 3:
            continue  # a third is no finite decimal; the file says 0.333…
        found = set()
        for filled in itertools.product("wm", repeat=len(holes)):
            full = list(items)
            for at, value in zip(holes, filled, strict=True):
                full[at] = value
            found.add(twin(op, full))
        wanted = {frozenset({True}): "yes", frozenset({False}): "no"}.get(frozenset(found), "unknown")
        assert answer({op: given_}, {"names": {"type": "list"}}, {"names": items}) == wanted, op


# -- quota rules by hand, as research names them ------------------------------------------------------
NAMES = {"names": {"type": "list"}}
ALBANIA = {
    "all": [
        {"share": {"list": "names", "value": ["w"], "at_least": 0.3}},
        {"window": {"list": "names", "value": "w", "at_least": 1, "of_every": 2}},
        {"top_k": {"list": "names", "value": "w", "k": 3, "at_least": 1}},
    ]
}


def test_a_list_can_pass_the_share_and_fail_the_places() -> None:
    last = list("mmmmwwww")
    assert answer(ALBANIA["all"][0], NAMES, {"names": last}) == "yes"
    assert answer(ALBANIA["all"][2], NAMES, {"names": last}) == "no"
    assert answer(ALBANIA, NAMES, {"names": last}) == "no"
    assert answer(ALBANIA, NAMES, {"names": list("mwmwmwmw")}) == "yes"
    assert answer(ALBANIA, NAMES, {"names": ["m", None, "m", "w"]}) == "unknown"


def test_two_in_every_five() -> None:
    rule = {"window": {"list": "names", "value": "w", "at_least": 2, "of_every": 5, "blocks": True}}
    assert answer(rule, NAMES, {"names": list("wwmmm" + "mmmww")}) == "yes"
    sliding = {"window": {"list": "names", "value": "w", "at_least": 2, "of_every": 5}}
    assert answer(sliding, NAMES, {"names": list("wwmmm" + "mmmww")}) == "no", "mmmmm stands in the middle"
    assert answer(rule, NAMES, {"names": list("wwmmm" + "mmm")}) == "no", "two of five is one of three"
    assert answer(rule, NAMES, {"names": list("wwmmm" + "mw")}) == "yes"


def test_parity_from_a_population_on() -> None:
    fields = NAMES | {"population": {"type": "integer"}}
    parity = {"share": {"list": "names", "value": "w", "at_least": 0.5, "round": "down"}}
    when = {">": ["population", 20_000]}
    assert answer(parity, fields, {"population": 20_000, "names": ["m"]}, when=when) == "not applicable"
    assert answer(parity, fields, {"population": 20_001, "names": list("mmw")}, when=when) == "yes"
    assert answer(parity, fields, {"population": 20_001, "names": list("mmm")}, when=when) == "no"
    assert answer(parity, fields, {"names": list("mmm")}, when=when) == "unknown"
    assert answer(parity, fields, {"names": list("wmw")}, when=when) == "yes", "met wherever it applies"


@pytest.mark.parametrize(
    ("rounding", "women", "wanted"),
    [("up", 2, "yes"), ("up", 1, "no"), ("down", 1, "yes"), ("nearest", 1, "no")],
)
def test_rounding(rounding: str, women: int, wanted: str) -> None:
    """Of three, half is 1.5: up 2, down 1, nearest 2."""
    rule = {"share": {"list": "names", "value": "w", "at_least": 0.5, "round": rounding}}
    assert answer(rule, NAMES, {"names": ["w"] * women + ["m"] * (3 - women)}) == wanted


def test_shares_are_exact_and_a_share_of_nothing_is_not_known() -> None:
    fields = {"part": {"type": "number"}, "whole": {"type": "number"}}
    rule = {"share": {"part": "part", "whole": "whole", "at_least": 0.51}}
    assert answer(rule, fields, {"part": 51, "whole": 100}) == "yes"
    assert answer(rule, fields, {"part": 50.99, "whole": 100}) == "no"
    assert answer(rule, fields, {"part": 0, "whole": 0}) == "unknown"
    assert (
        answer({"share": {"list": "names", "value": "w", "at_least": 0.5}}, NAMES, {"names": []}) == "unknown"
    )


# -- dates, reasons, to-do ----------------------------------------------------------------------------
def test_a_rule_holds_on_its_days_only() -> None:
    span = {"valid_from": date(2026, 1, 1), "valid_to": date(2026, 12, 31)}
    ruled = made({">=": ["n", 3]}, {"n": {"type": "integer"}}, **span)
    on = {
        d: str(judge(ruled, {"n": 1}, d).answer)
        for d in (date(2025, 12, 31), *span.values(), date(2027, 1, 1))
    }
    assert list(on.values()) == ["yes", "no", "no", "yes"], "a rule that is not in force forbids nothing"
    assert judge(ruled, {"n": 1}, date(2027, 1, 1)).of("one").answer is Answer.NOT_IN_FORCE


def test_reasons_and_todo() -> None:
    ruled = rules.shipped("eui_city_to_city")
    verdict = judge(ruled, {"visits": 4, "months": 5, "applicant_country": "IT"}, DAY)
    assert verdict.answer is Answer.NO
    assert verdict.of("visits").reason == "Not met: There are one to three visits."
    assert verdict.of("months").reason == "Met: All visits lie within five months."
    assert verdict.of("different_states").missing == ("peer_country",)
    assert "Country of the peer, as two letters" in verdict.of("different_states").reason
    assert verdict.todo[0] == "Plan at most three visits."
    assert verdict.todo[1].startswith("State: ")
    assert all(r.rule.source.url.startswith("https://") and r.rule.source.read for r in verdict.rules)


def test_a_recommendation_never_refuses() -> None:
    soft = made({"eq": ["n", 1]}, {"n": {"type": "integer"}}, hard=False)
    assert str(judge(soft, {"n": 2}, DAY).answer) == "yes"
    assert judge(soft, {"n": 2}, DAY).todo == ("Do it",)


# -- what ships ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", rules.shipped_names())
def test_shipped_rules_pass_their_own_tests_and_each_is_covered(name: str) -> None:
    checked = check(rules.shipped(name), rules.shipped_trials(name))
    assert checked.failed == ()
    assert checked.uncovered == ()


@pytest.mark.parametrize("name", rules.shipped_names())
def test_a_missing_fact_is_never_a_no(name: str) -> None:
    ruled = rules.shipped(name)
    verdict = judge(ruled, {}, DAY)
    assert verdict.answer is Answer.UNKNOWN
    assert {v.answer for v in verdict.rules} == {Answer.UNKNOWN}
    # and taking any one fact away from any test turns no yes into a no
    for trial in rules.shipped_trials(name):
        full = judge(ruled, trial.facts, trial.on)
        for fact in trial.facts:
            less = judge(ruled, {**trial.facts, fact: None}, trial.on)
            for before, after in zip(full.rules, less.rules, strict=True):
                assert (after.answer, before.answer) != (Answer.NO, Answer.YES), (trial.name, fact)


def test_a_wrong_test_fails_and_an_untested_rule_is_named() -> None:
    ruled = made({">=": ["n", 3]}, {"n": {"type": "integer"}})
    plain = {
        "rules": "example",
        "date": DAY,
        "tests": [{"name": "t", "facts": {"n": 2}, "expect": {"one": True}}],
    }
    checked = check(ruled, rules.read_trials(plain, ruled, "t.yaml"))
    assert checked.passed == 0
    assert "should be yes and is no" in checked.failed[0]
    assert checked.uncovered == (("one", (Answer.NO, Answer.UNKNOWN)),)
    assert not checked.fine


# -- refused when loading -----------------------------------------------------------------------------
GOOD = {"n": {"type": "integer"}}
WRONG: list[tuple[Any, str]] = [
    ({"eq": ["m", 1]}, 'the field "m" is unknown'),
    ({"eqq": ["n", 1]}, "there is no operation"),
    ({"eq": ["n", "one"]}, "this value does not fit"),
    ({"eq": ["n", None]}, "this value does not fit"),
    ({">": ["n"]}, "a field and a value"),
    ({"in": ["n", []]}, "a list of values"),
    ({"between": ["n", 1]}, "the lowest and the highest"),
    ({"all": []}, "a list of conditions"),
    ({"eq": ["n", 1], "ne": ["n", 2]}, "one operation"),
    ({"use": "nothing"}, "no condition is defined"),
    ({"count": {"of": [{"eq": ["n", 1]}]}}, "at_least, at_most or both"),
    ({"count": {"of": [{"eq": ["n", 1]}], "at_least": 3, "at_most": 1}}, "more than at_most"),
    ({"share": {"list": "n", "value": 1, "at_least": 0.5}}, "does not fit here"),
    ({"window": {"list": "n", "value": 1, "at_least": 3, "of_every": 2}}, "does not fit here"),
    ({"top_k": {"list": "n", "value": 1, "k": True, "at_least": 1}}, "another type"),
    ({"eq": ["n", {"field": "o"}]}, "cannot be compared"),
    ("n >= 1", "one operation"),
    (None, "one operation"),
]  # fmt: skip


@pytest.mark.parametrize(("require", "says"), WRONG)
def test_a_condition_that_cannot_be_is_refused(require: Any, says: str) -> None:
    with pytest.raises(DataError) as error:
        made(require, GOOD)
    assert says in str(error.value)
    assert "example.yaml" in str(error.value)


def plain(**more: Any) -> dict[str, Any]:
    rule = {"id": "one", "title": "It is so", "todo": "Do it", "require": {"use": "a"}}
    return {
        "id": "example", "title": "Example", "status": "programme", "source": SOURCE,
        "fields": {"n": {"type": "integer", "label": "n?"}}, "rules": [rule],
    } | more  # fmt: skip


TWO = {"n": {"type": "integer", "label": "n?"}, "o": {"type": "date", "label": "o?"}}


def test_circles_are_refused_with_their_path() -> None:
    define = {"a": {"use": "b"}, "b": {"not": {"use": "c"}}, "c": {"any": [{"use": "a"}, {"eq": ["n", 1]}]}}
    with pytest.raises(DataError, match="a → b → c → a"):
        read_rules(plain(define=define), "example.yaml")


def test_all_problems_of_a_file_come_at_once() -> None:
    broken = plain(
        status="rumour", extra=1, fields={"n": {"type": "integer"}, "N!": {"type": "float", "label": "x"}}
    )
    with pytest.raises(DataError) as error:
        read_rules(broken, "broken.yaml")
    said = str(error.value)
    for part in (
        '"extra" is unknown',
        "a label is missing",
        "the type is unknown",
        "the status is unknown",
        "no condition",
    ):
        assert part in said
    assert said.count("broken.yaml") == len(error.value.problems)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"source": {}}, "a source is missing"),
        ({"source": {"url": "https://example.org", "title": "x"}}, "the day of reading"),
        ({"source": SOURCE | {"mark": "heard"}}, "the mark is unknown"),
        ({"define": {"a": {"eq": ["n", 1]}}, "valid_from": "soon"}, "no date"),
        ({"define": {"a": {"eq": ["n", 1]}}, "fields": TWO}, "no rule looks at this field"),
        ({"rules": []}, "there are no rules"),
        ({"id": "Not An Id"}, "an id is missing or not allowed"),
    ],
)  # fmt: skip
def test_files_without_source_date_or_use_are_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(DataError, match=says):
        read_rules(plain(**change), "example.yaml")


def test_a_deep_condition_is_refused_without_a_stack_overflow() -> None:
    deep: Any = {"eq": ["n", 1]}
    for _ in range(5000):
        deep = {"not": deep}
    with pytest.raises(DataError, match="too deep"):
        made(deep, GOOD)


def test_a_chain_of_definitions_is_not_followed_for_ever() -> None:
    define: dict[str, Any] = {f"d{i}": {"use": f"d{i + 1}"} for i in range(3000)} | {
        "d3000": {"eq": ["n", 1]}
    }
    with pytest.raises(DataError, match="too deep"):
        read_rules(plain(define=define | {"a": {"use": "d0"}}), "example.yaml")


def test_facts_are_checked_and_all_named() -> None:
    with pytest.raises(DataError) as error:
        judge(rules.shipped("eui_city_to_city"), {"visit": 1, "applicant_country": False, "visits": 2.5}, DAY)
    said = str(error.value)
    assert 'the fact "visit" is unknown' in said
    assert "visits" in said
    assert "YAML reads NO and YES" in said
    assert len(error.value.problems) == 3


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "3", True, [3]])
def test_no_number_that_is_none(value: Any) -> None:
    with pytest.raises(DataError):
        judge(made({">=": ["n", 3]}, {"n": {"type": "number"}}), {"n": value}, DAY)


def test_text_that_is_no_yaml() -> None:
    with pytest.raises(CallError, match="broken"):
        rules.read_text("a: [", "broken.yaml")
    with pytest.raises(CallError, match="no rules"):
        rules.shipped("eui_city")


def test_yaml_makes_no_objects() -> None:
    with pytest.raises(CallError):
        rules.read_text("!!python/object/apply:os.system ['true']", "evil.yaml")
