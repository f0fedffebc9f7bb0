"""Forms out of rows: what is asked, on which page, which answers stand, what is refused and where."""

from __future__ import annotations

from datetime import date

import pytest

from isopolis.engage.surveys.answering import check, pages, sections, state_of
from isopolis.engage.surveys.build import form_of
from isopolis.engage.surveys.entries import compare
from isopolis.engage.surveys.evaluate import Unknown
from isopolis.engage.surveys.form import Form
from isopolis.model import Problems

TODAY = date(2026, 5, 31)
CHOICES = [
    {"list_name": "yn", "name": "yes", "label::en": "Yes", "label::ar": "نعم"},
    {"list_name": "yn", "name": "no", "label::en": "No", "label::ar": "لا"},
    {"list_name": "district", "name": "north", "label::en": "North"},
    {"list_name": "district", "name": "south", "label::en": "South"},
    {"list_name": "school", "name": "n1", "label::en": "N1", "district": "north"},
    {"list_name": "school", "name": "n2", "label::en": "N2", "district": "north"},
    {"list_name": "school", "name": "s1", "label::en": "S1", "district": "south"},
]
SURVEY = [
    {"type": "begin group", "name": "home", "label::en": "Home", "label::ar": "البيت"},
    {"type": "integer", "name": "people", "label::en": "How many?", "required": "yes", "constraint": ". > 0",
     "constraint_message::en": "At least you."},
    {"type": "select_one yn", "name": "children", "label::en": "Children?", "label::ar": "أطفال؟",
     "relevant": "${people} > 1"},
    {"type": "end group"},
    {"type": "begin group", "name": "schools", "label::en": "Schools", "relevant": "${children} = 'yes'"},
    {"type": "select_one district", "name": "where", "label::en": "Where?", "required": "yes"},
    {"type": "select_one school", "name": "which", "label::en": "Which in ${where}?",
     "choice_filter": "district = ${where}"},
    {"type": "end group"},
    {"type": "calculate", "name": "half", "calculation": "${people} div 2"},
    {"type": "note", "name": "told", "label::en": "Half is ${half}"},
    {"type": "select_multiple yn", "name": "both", "label::en": "Both?"},
    {"type": "date", "name": "day", "label::en": "When?", "constraint": ". <= today()"},
    {"type": "decimal", "name": "rent", "label::en": "Rent?"},
    {"type": "text", "name": "words", "label::en": "Anything?"},
]  # fmt: skip


def rows(cells: list[dict[str, str]]) -> list[tuple[int, dict[str, str]]]:
    return list(enumerate(cells, start=2))


def make(survey: list[dict[str, str]] = SURVEY, choices: list[dict[str, str]] = CHOICES) -> Form:
    problems = Problems()
    form = form_of("f.xlsx", rows(survey), rows(choices), [], problems)
    problems.raise_if_fatal()
    return form


@pytest.fixture(scope="module")
def form() -> Form:
    return make()


# -- skip logic --------------------------------------------------------------------------------------------
def test_shown_skipped_or_not_known_yet(form: Form) -> None:
    start = state_of(form, {}, TODAY).shown
    assert start["people"] is True
    assert start["children"] == Unknown(frozenset({"people"}))
    assert start["which"] == Unknown(frozenset({"people"}))
    alone = state_of(form, {"people": "1"}, TODAY).shown
    assert alone["children"] is False
    assert alone["where"] is False  # what hangs on a skipped question is skipped, too
    family = state_of(form, {"people": "4", "children": "yes"}, TODAY)
    assert family.shown["where"] is True
    assert family.values["half"] == 2.0


def test_pages_never_need_a_script(form: Form) -> None:
    """Law: nothing on a page depends on an answer of the same page."""
    cut = sections(form)
    assert cut == (
        ("people",), ("children",), ("where",), ("which",), ("told", "both", "day", "rent", "words"),
    )  # fmt: skip
    first = pages(form, {}, TODAY)
    assert [p.state for p in first] == ["open", "waiting", "waiting", "waiting", "open"]
    later = pages(form, {"people": "2", "children": "yes", "where": "south"}, TODAY, "ar")
    assert [c[0] for c in later[3].items[0].choices] == ["s1"]
    assert later[3].items[0].label == "Which in South?"
    assert later[0].title == "البيت"
    assert later[1].items[0].label == "أطفال؟"
    assert later[4].items[0].label == "Half is 1"
    assert later[0].items[0].required
    assert [p.state for p in pages(form, {"people": "1"}, TODAY)][1:4] == ["skipped"] * 3


def test_ten_questions_make_a_page() -> None:
    survey = [{"type": "text", "name": f"q{i}", "label": f"Q{i}"} for i in range(23)]
    assert [len(p) for p in sections(make(survey))] == [10, 10, 3]


# -- answers -----------------------------------------------------------------------------------------------
def test_answers_are_kept_in_one_form(form: Form) -> None:
    given = {"people": " ٣ ", "children": "no", "both": "no yes no", "rent": "700,50", "day": "2026-05-30"}
    found = check(form, given, TODAY)
    assert found.troubles == ()
    assert {k: v for k, v in found.answers.items() if v} == {
        "people": "3", "children": "no", "both": "no yes", "rent": "700.5", "day": "2026-05-30",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "name", "code"),
    [
        ({}, "people", "required"),
        ({"people": "0"}, "people", "constraint"),
        ({"people": "two"}, "people", "not-allowed"),
        ({"people": "1e9"}, "people", "not-allowed"),
        ({"people": "2", "children": "perhaps"}, "children", "not-allowed"),
        ({"people": "2", "children": "yes"}, "where", "required"),
        ({"people": "2", "children": "yes", "where": "north", "which": "s1"}, "which", "not-allowed"),
        ({"people": "1", "day": "2026-06-01"}, "day", "constraint"),
        ({"people": "1", "day": "31.05.2026"}, "day", "not-allowed"),
        ({"people": "1", "rent": "nan"}, "rent", "not-allowed"),
        ({"people": "1", "both": "yes maybe"}, "both", "not-allowed"),
        ({"people": "1", "words": "x" * 10_001}, "words", "not-allowed"),
        ({"people": "1", "admin": "1"}, "admin", "unknown-question"),
    ],
)
def test_answers_that_may_not_stand(form: Form, given: dict[str, str], name: str, code: str) -> None:
    found = check(form, given, TODAY)
    assert [(t.name, t.code) for t in found.troubles] == [(name, code)]
    assert name not in found.answers


def test_own_messages_and_answers_nobody_asked_for(form: Form) -> None:
    assert check(form, {"people": "0"}, TODAY).troubles[0].message == "At least you."
    found = check(form, {"people": "1", "children": "yes", "where": "north"}, TODAY)
    assert found.skipped == ("children", "where")
    assert "children" not in found.answers
    assert check(form, {"people": "2"}, TODAY, whole=False).troubles == ()


# -- what is refused ---------------------------------------------------------------------------------------
Q = {"type": "text", "name": "a", "label": "A"}


@pytest.mark.parametrize(
    ("survey", "place", "said"),
    [
        ([Q | {"type": "geopoint"}], (2, "type"), "cannot be done here"),
        ([Q, {"type": "begin_repeat", "name": "r", "label": "R"}], (3, "type"), "cannot be done here"),
        ([Q | {"type": "select_one yn or_other"}], (2, "type"), "or_other"),
        ([Q | {"type": "select_one yna"}], (2, "type"), "no list of choices"),
        ([Q | {"type": "select_one_from_file x.csv"}], (2, "type"), "cannot be done here"),
        ([Q | {"relevant": "${b} = 1"}], (2, "relevant"), "no question “b”"),
        ([Q | {"relevant": "pulldata('x')"}], (2, "relevant"), "from character 1 on"),
        ([Q | {"relevant": "${a} = 1"}], (2, "relevant"), "circle"),
        ([Q | {"relevant": ". = 1"}], (2, "relevant"), "not understood"),
        ([Q, Q], (3, "name"), "row 2 already"),
        ([Q | {"name": "1a"}], (2, "name"), "begins with a letter"),
        ([Q | {"label": ""}], (2, "label"), "no label"),
        ([Q | {"label": "Hi ${z}"}], (2, "label"), "“z”"),
        ([Q | {"trigger": "${a}"}], (2, "trigger"), "cannot be done here"),
        ([Q, {"type": "begin_group", "name": "g"}], (3, "type"), "no end"),
        ([Q, {"type": "end_group"}], (3, "type"), "not begun"),
        (
            [Q | {"type": "select_one school", "choice_filter": "town = 'x'"}],
            (2, "choice_filter"),
            "no column",
        ),
        ([Q | {"randomised": "warner 3/4"}], (2, "randomised"), "two choices"),
        ([Q | {"type": "select_one yn", "randomised": "warner 1/2"}], (2, "randomised"), "tell nothing"),
        (
            [Q | {"type": "select_one yn", "randomised": "forced 0 0"}],
            (2, "randomised"),
            "give a person away",
        ),
        ([{"type": "note", "name": "n", "label": "N"}], None, "asks nothing"),
    ],
)
def test_refused_with_sheet_row_and_column(
    survey: list[dict[str, str]], place: tuple[int, str] | None, said: str
) -> None:
    problems = Problems()
    form_of("f.xlsx", rows(survey), rows(CHOICES), [], problems)
    fatal = [p for p in problems if p.fatal]
    assert len(fatal) == 1, [str(p) for p in fatal]
    assert said in str(fatal[0])
    assert "sheet “survey”" in str(fatal[0].file)
    if place:
        assert (fatal[0].rows[0], fatal[0].column) == place


def test_everything_is_said_at_once() -> None:
    problems = Problems()
    survey = [Q | {"type": "audio"}, Q | {"relevant": "1 +"}, Q | {"name": "b", "constraint": ". >"}]
    choices = [*CHOICES, CHOICES[0], {"list_name": "yn", "label": "x"}]
    form_of("f.xlsx", rows(survey), rows(choices), [], problems)
    assert [p.code for p in problems if p.fatal] == [
        "repeated-choice", "choice-incomplete", "type-not-done", "bad-expression", "bad-expression",
    ]  # fmt: skip


def test_what_is_only_mentioned() -> None:
    problems = Problems()
    survey = [
        {"type": "deviceid", "name": "d"}, Q | {"media::image": "x.png", "label::fr": "A"},
        {"type": "select_one yn", "name": "b", "label": "B"}, Q | {"name": "c", "relevant": "${b} = 'yess'"},
    ]  # fmt: skip
    form_of("f.xlsx", rows(survey), rows(CHOICES), [], problems)
    assert not problems.fatal
    codes = {p.code for p in problems}
    assert codes == {"not-recorded", "column-passed-over", "untranslated", "never-equal"}


# -- paper typed in twice ----------------------------------------------------------------------------------
def test_two_entries_are_compared(form: Form) -> None:
    base = {"people": "2", "children": "no", "both": "yes no", "rent": "5", "words": "Hello  you"}
    one = [(2, base | {"paper": "1"}), (3, base | {"paper": "2"}), (4, base | {"paper": "3"})]
    two = [
        (2, base | {"paper": "2", "people": "3", "words": "Hello me"}),
        (3, base | {"paper": "1", "both": "no yes", "rent": "5.0", "words": "Hello you"}),
        (4, base | {"paper": "9"}),
    ]
    problems = Problems()
    found = compare(form, one, two, "paper", TODAY, problems)
    assert len(problems) == 0
    assert [(d.paper, d.name, d.first, d.second, d.rows) for d in found.differences] == [
        ("2", "people", "2", "3", (3, 2)), ("2", "words", "Hello  you", "Hello me", (3, 2)),
    ]  # fmt: skip
    assert (found.only_first, found.only_second, found.papers) == (("3",), ("9",), 2)
    assert found.agreed["1"]["people"] == "2"
    assert found.rate == 2 / (2 * len(form.asked))


def test_papers_without_number_or_twice(form: Form) -> None:
    problems = Problems()
    compare(form, [(2, {}), (3, {"paper": "1"}), (4, {"paper": "1"})], [], "paper", TODAY, problems)
    assert [(p.code, p.rows) for p in problems] == [("no-paper", (2,)), ("repeated-paper", (4,))]
