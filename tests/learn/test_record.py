"""The record: what is one, what is none and why, how complete it is, and that what ships is right."""

from __future__ import annotations

import copy
import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isopolis import content
from isopolis.learn.library import Answer, addresses, dead_links, library_of, shipped
from isopolis.learn.record import NOT_STATED, PARTS, Record, Texts, completeness, hostile, problems
from isopolis.learn.vocabulary import shipped as vocabulary
from isopolis.model import DataError


def plain(**more: Any) -> dict[str, Any]:
    """The smallest record, and whatever else is wanted in it."""
    base = {
        "id": "night-buses",
        "kind": "case",
        "title": {"en": "Night buses"},
        "sources": [{"title": "Report", "read_on": "2026-11-22"}],
    }
    return base | more


def found(**more: Any) -> list[tuple[str, str | None]]:
    return [(p.code, p.column) for p in problems(plain(**more), vocabulary())]


# -- what is wrong ---------------------------------------------------------------------------------
def test_the_smallest_record_is_one() -> None:
    assert problems(plain(), vocabulary()) == []
    record = Record.model_validate(plain())
    assert record.cost is None, "nobody has answered yet, which is another thing than not stated"


TAKEN_BACK = {"by": "A", "date": "2026-01-01", "withdrawn": "2026-02-01"}
READ = "2026-11-22"
WRONG = [
    ({"id": "Big Letters"}, "wrong-form", "id"),
    ({"kind": "rumour"}, "wrong-word", "kind"),
    ({"titel": "x"}, "unknown-field", "titel"),
    ({"title": {}}, "empty", "title"),
    ({"title": {"de": "Nachtbusse"}, "translations": {"de": "human"}}, "no-title", "title"),
    ({"title": {"en": "x", "de": "y"}}, "unmarked-translation", "translations"),
    ({"title": {"en": "x", "de": "y"}, "translations": {"de": "dog"}}, "wrong-word", "translations.de"),
    ({"summary": {"en": "word " * 301}}, "too-long", "summary.en"),
    ({"sources": []}, "empty", "sources"),
    ({"sources": [{"title": "x"}]}, "missing", "sources[0].read_on"),
    ({"sources": [{"read_on": READ}]}, "empty-source", "sources[0]"),
    ({"sources": [{"url": "javascript:alert(1)", "read_on": READ}]}, "bad-address", "sources[0].url"),
    ({"sources": [{"url": "https://a@b.example/", "read_on": READ}]}, "bad-address", "sources[0].url"),
    ({"place": {"name": "X", "country": "France"}}, "wrong-form", "place.country"),
    ({"place": {"name": "X", "lat": 91}}, "less-than-equal", "place.lat"),
    ({"period": {"start": "2021-13"}}, "bad-day", "period.start"),
    ({"period": {"start": "2021-02-30"}}, "bad-day", "period.start"),
    ({"period": {"start": "2022", "end": "2021-12"}}, "bad-period", "period"),
    ({"cost": "free"}, "wrong-word", "cost"),
    ({"cost": {}}, "empty-cost", "cost"),
    ({"cost": {"total": 5}}, "no-currency", "cost"),
    ({"cost": {"total": -5, "currency": "EUR"}}, "greater-than-equal", "cost.total"),
    ({"cost": {"total": 1, "currency": "EUR", "source": "https://x.example"}}, "uncited", "cost.source"),
    ({"staff_fte": True}, "float-type", "staff_fte"),
    ({"staff_fte": float("nan")}, "finite-number", "staff_fte"),
    ({"contact": {"name": "Ada"}}, "no-consent", "contact"),
    ({"contact": {"email": "a@b.example", "consent": TAKEN_BACK}}, "no-consent", "contact"),
    ({"contact": {"email": "a\x00@b.example"}}, "markup", "contact.email"),
    ({"documents": [{"title": {"en": "x"}, "sha256": "12"}]}, "wrong-form", "documents[0].sha256"),
    ({"intersections": [["group:women"]]}, "empty", "intersections[0]"),
    ({"themes": ["theme:hosing"]}, "unknown-term", "themes[0]"),
    ({"themes": ["group:women"]}, "wrong-scheme", "themes[0]"),
    ({"gained": {"groups": ["theme:housing"]}}, "wrong-scheme", "gained.groups[0]"),
    ({"intersections": [["group:women", "group:nobody"]]}, "unknown-term", "intersections[0][1]"),
    ({"results": [{"indicator": {"en": "x"}, "group": "group:nobody"}]}, "unknown-term", "results[0].group"),
    ({"failures": {"en": "<b>bold</b>"}}, "markup", "failures.en"),
    ({"failures": {"en": "see javascript:alert(1)"}}, "markup", "failures.en"),
    ({"failures": {"en": "turned \u202e round"}}, "markup", "failures.en"),
    ({"evidence_grade": 5}, "wrong-word", "evidence_grade"),
    ({"reviews": [{"by": "A", "date": "2026-01-01", "criteria": {"beauty": 4}}]}, "wrong-word",
     "reviews[0].criteria.beauty"),
]  # fmt: skip


@pytest.mark.parametrize(("more", "code", "path"), WRONG)
def test_each_fault_is_named_with_its_field(more: dict[str, Any], code: str, path: str) -> None:
    said = found(**more)
    assert (code, path) in said
    assert len(said) == 1, "and nothing else is blamed"


def test_all_faults_of_a_record_are_said_at_once() -> None:
    bad = [w for w in WRONG if list(w[0]) in (["kind"], ["titel"], ["failures"], ["staff_fte"], ["themes"])][
        :6
    ]
    whole = plain()
    for more, _code, _path in bad:
        whole |= more
    codes = {p.code for p in problems(whole, vocabulary())}
    assert codes >= {"wrong-word", "unknown-field"}
    assert len(problems(whole, vocabulary())) >= 4


def test_an_unknown_term_is_answered_with_near_ones() -> None:
    (problem,) = problems(plain(themes=["theme:hosing"]), vocabulary())
    assert "theme:housing" in str(problem) or "housing" in str(problem)


@pytest.mark.parametrize("thing", [None, [], "text", 5, {}, {"id": []}, {"title": 5}, {"sources": {"a": 1}},
                                   {"sources": [{"url": []}]}, {"language": [], "title": {"en": "x"}},
                                   {"intersections": 5}])  # fmt: skip
def test_what_is_no_record_at_all_is_said_without_an_exception(thing: Any) -> None:
    assert problems(thing, vocabulary())


def test_size_and_depth_have_ends() -> None:
    deep: Any = {"a": 1}
    for _ in range(5000):
        deep = {"a": deep}
    assert [p.code for p in problems(plain(x=deep))] == ["too-much"]
    assert [p.code for p in problems(plain(body={"en": "x" * 600_000}))] == ["too-much"]


# -- evidence --------------------------------------------------------------------------------------
RESULT = [{"indicator": {"en": "Riders"}, "before": 1, "after": 2, "n": 10, "design": "before_after"}]


def test_a_grade_of_two_needs_results_and_answers_to_cost_and_failures() -> None:
    assert found(evidence_grade=1) == []
    assert found(evidence_grade=2) == [("grade-without-evidence", n) for n in ("results", "cost", "failures")]
    assert found(evidence_grade=2, results=NOT_STATED, cost=NOT_STATED, failures=NOT_STATED) == [
        ("grade-without-evidence", "results")
    ], "not stated is an answer to cost and failures, and none to what was found"
    assert found(evidence_grade=2, results=RESULT, cost=NOT_STATED, failures=NOT_STATED) == []
    with pytest.raises(ValueError, match="grade"):
        Record.model_validate(plain(evidence_grade=3))


# -- completeness ----------------------------------------------------------------------------------
def test_completeness_counts_by_hand() -> None:
    assert completeness(Record.model_validate(plain())).share == 0
    some = Record.model_validate(
        plain(summary={"en": "x"}, cost=NOT_STATED, failures=NOT_STATED, transfer={"conditions": {"en": "x"}})
    )
    made = completeness(some)
    assert made.share == pytest.approx((1 + 0.5 + 0.5 + 1) / 18)
    assert len(PARTS) == 18
    assert made.parts["cost"] == "not stated"
    assert made.parts["conditions"] == "stated"
    assert "staff_fte" in made.missing


# -- texts -----------------------------------------------------------------------------------------
def test_the_best_language() -> None:
    texts = Texts({"pt": "olá", "en": "hello"})
    assert texts.best(["pt-BR", "en"]) == ("olá", "pt")
    assert texts.best(["de"]) == ("olá", "pt"), "the first that was written"


@pytest.mark.parametrize("text", ["<5 people", "a < b > c", "1 <- 2", "R&D", "data: see below", "🚲"])
def test_plain_texts_are_not_taken_for_tags(text: str) -> None:
    assert hostile(text) == ""


@pytest.mark.parametrize(
    ("text", "what"),
    [("<script>", "tag"), ("<img src=x>", "tag"), ("</p>", "tag"), ("<!--", "tag"), ("<?php", "tag"),
     ("[x](javascript:alert(1))", "script"), ("VBScript : x", "script"), ("data:text/html,x", "script"),
     ("a\x00b", "unseen"), ("\u202dx", "unseen"), ("\x9b", "unseen")],
)  # fmt: skip
def test_hostile_texts_are(text: str, what: str) -> None:
    assert hostile(text) == what


# -- there and back --------------------------------------------------------------------------------
@given(st.text(max_size=40), st.floats(0, 1e12), st.sampled_from(["stated", NOT_STATED, None]))
def test_the_plain_form_is_read_back(text: str, amount: float, state: str | None) -> None:
    more: dict[str, Any] = {}
    if state is not None:
        more["cost"] = {"total": amount, "currency": "EUR"} if state == "stated" else state
    if text.strip() and not hostile(text):
        more["failures"] = {"en": text}
    whole = plain(**more)
    record = Record.model_validate(whole)
    again = json.loads(json.dumps(record.plain()))
    assert Record.model_validate(again) == record
    assert problems(again) == []


# -- what ships ------------------------------------------------------------------------------------
def test_what_ships_is_right_and_answers_what_it_must() -> None:
    records = shipped()
    assert {"evian-free-period-products", "vienna-police-recruits", "bishkek-main-worries"} <= {
        r.id for r in records
    }
    for record in records:
        assert problems(record.plain(), vocabulary(), file=record.id) == []
        assert record.cost is not None, record.id
        assert record.failures is not None, record.id
        assert record.groups or record.grounds, record.id
        assert all(s.read_on <= date(2026, 11, 30) for s in record.sources), record.id
        assert not (record.contact and record.contact.personal), f"{record.id}: nobody gave consent"


def test_each_file_has_the_name_of_its_record() -> None:
    for name in content.names("library"):
        assert content.read(f"library/{name}")["id"] == name.removesuffix(".yaml")


def test_a_library_with_faults_says_all_of_them() -> None:
    twice, bad = plain(), plain(id="x", kind="rumour")
    with pytest.raises(DataError) as said:
        library_of({"a.yaml": plain(), "b.yaml": twice, "c.yaml": bad})
    assert [(p.code, p.file) for p in said.value.problems] == [
        ("doubled", "b.yaml"),
        ("wrong-word", "c.yaml"),
    ]
    assert len(library_of({"a.yaml": plain(), "b.yaml": plain(id="other", kind="law")}).of("law")) == 1


# -- dead links ------------------------------------------------------------------------------------
def test_dead_links_are_those_that_were_asked_and_did_not_answer() -> None:
    sources = [
        {"url": f"https://{n}.example/", "read_on": "2026-11-22", "archived_url": f"https://old.example/{n}"}
        for n in ("gone", "there", "shy", "never-asked", "unheard")
    ]
    record = Record.model_validate(plain(sources=sources))
    assert len(addresses([record])) == 5
    answers = [
        Answer("https://gone.example/", 404), Answer("https://there.example/", 200),
        Answer("https://shy.example/", 403), Answer("https://unheard.example/", None, "TimeoutError"),
    ]  # fmt: skip
    dead = dead_links([record], answers)
    assert [(d.path, d.status, d.archived_url) for d in dead] == [
        ("sources[0].url", 404, "https://old.example/gone"),
        ("sources[4].url", None, "https://old.example/unheard"),
    ]


def test_nothing_in_a_record_can_be_changed() -> None:
    record = Record.model_validate(plain())
    with pytest.raises(ValueError, match="frozen"):
        record.kind = "law"  # type: ignore[misc]
    before = copy.deepcopy(record)
    assert before == record
