"""The questionnaire engine: shipped frames, import, export, completeness, other years and other cities."""

from __future__ import annotations

import csv
import io
import statistics
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isopolis.act import frames
from isopolis.act.frames import (
    Answer,
    Evidence,
    Frame,
    completeness,
    export,
    over_time,
    read_frame,
    with_peers,
)
from isopolis.model import CallError, DataError

SOURCE = {"url": "https://example.org/form", "title": "Example", "read": date(2026, 11, 21)}


def frame(questions: list[dict[str, Any]], **more: Any) -> Frame:
    sections = [{"id": "s", "title": "Section", "questions": questions}]
    top = {"id": "example", "version": "1", "title": "Example", "source": SOURCE, "sections": sections}
    return read_frame(top | more, "example.yaml")


SMALL = [
    {"id": "how_far", "text": "How far?", "scale": "0-3", "required": True, "evidence": "needed"},
    {"id": "why", "text": "Why?", "limit": 10},
    {"id": "count", "text": "How many?", "scale": "number"},
    {"id": "done", "text": "Done?", "scale": "yes_no_partly"},
    {"id": "who", "text": "Who?", "scale": "terms", "scheme": "group"},
    {"id": "gone", "absent": "could not be read"},
]
PROOF = (Evidence("finding", "diagnosis 1, finding 2"),)


# -- what ships ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", frames.shipped_names())
def test_shipped_frames_have_a_source_and_come_back_from_yaml_and_csv(name: str) -> None:
    made = frames.shipped(name)
    assert made.id == name
    assert made.source.mark in ("read", "inferred", "general")
    again = frames.read_text(frames.write_yaml(made), f"{name}.yaml")
    assert again == made
    asked = [q.id for q in made.questions()]
    rows = list(csv.DictReader(io.StringIO(frames.write_csv(made))))
    assert [r["id"] for r in rows] == asked
    head = {"id": name, "version": made.version, "title": made.title, "source": SOURCE}
    table = frames.read_csv(frames.write_csv(made), head, f"{name}.csv")
    assert [(q.id, q.measured(), q.limit, q.absent) for q in table.questions()] == [
        (q.id, q.measured(), q.limit, q.absent) for q in made.questions()
    ]


def test_the_charter_says_what_was_read_and_what_not() -> None:
    charter = frames.shipped("cemr_charter")
    numbers = sorted(int(q.number.removeprefix("Article ")) for q in charter.questions())
    assert numbers == list(range(1, 40)), "30 articles of 2006 and nine of 2022"
    for question in charter.asked():
        assert question.source is not None, question.id
        assert question.source.read is not None
    for question in charter.absent():
        assert question.text == "", "nothing is said about what was not read"
        assert "could not be read" in question.absent


def test_the_reference_framework_has_thirty_objectives() -> None:
    made = frames.shipped("rfsc")
    stems = {q.id.rsplit("_", 1)[0] for q in made.questions()}
    assert len(stems) == 30
    assert len({q.id.rsplit("_", 1)[0] for q in made.absent()}) == 11


def test_every_term_of_a_frame_is_of_a_scheme_that_ships() -> None:
    from isopolis import content

    schemes = {
        content.read(f"vocabulary/{n}").get("scheme")
        for n in content.names("vocabulary")
        if n.endswith(".yaml")
    }
    used = {q.scheme for n in frames.shipped_names() for q in frames.shipped(n).questions() if q.scheme}
    assert used <= schemes


# -- reading ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("question", "says"),
    [
        ({"id": "a"}, "the text is missing"),
        ({"id": "a", "text": "A?", "scale": "0-4"}, "the scale is unknown"),
        ({"id": "a", "text": "A?", "scale": "choice"}, "lists its choices"),
        ({"id": "a", "text": "A?", "choices": ["x"]}, "lists its choices"),
        ({"id": "a", "text": "A?", "limit": 0}, "a number of characters"),
        ({"id": "a", "text": "A?", "scale": "number", "limit": 5}, "a number of characters"),
        ({"id": "a", "text": "A?", "limits": 5}, '"limits" is unknown'),
        ({"id": "A b", "text": "A?"}, "an id is missing or not allowed"),
        ({"id": "why", "text": "Twice?"}, "used twice"),
        ({"id": "a", "text": "A?", "evidence": "maybe"}, "none, wanted or needed"),
        ({"id": "a", "text": "A?", "meaning": 0}, "a whole number from 1"),
        ({"id": "a", "text": "A?", "source": {"url": "x", "title": "y"}}, "the day of reading"),
    ],
)
def test_a_frame_that_cannot_be_is_refused(question: dict[str, Any], says: str) -> None:
    with pytest.raises(DataError, match=says):
        frame([*SMALL, question])


def test_a_table_with_wrong_cells_names_row_and_column() -> None:
    text = "section;id;text;limit\r\ns;a;A?;many\r\ns;b;B?;12\r\n"
    with pytest.raises(DataError) as error:
        frames.read_csv(text, {"id": "x", "title": "X", "source": SOURCE}, "x.csv")
    assert 'x.csv, row 2, column "limit"' in str(error.value)
    with pytest.raises(DataError, match="column is unknown"):
        frames.read_csv("id,txt\na,A?\n", {"id": "x", "title": "X", "source": SOURCE}, "x.csv")


def test_gaps_are_filled_from_a_table_and_nothing_else_is() -> None:
    charter = frames.shipped("cemr_charter")
    rows = list(csv.DictReader(io.StringIO(frames.write_csv(charter, only_absent=True))))
    assert len(rows) == len(charter.absent())
    assert all(not r["text"] and not r["absent"] for r in rows)
    one = "section,id,text,scale\nx,article_03,example text,0-3\n"
    head = {"id": "cemr_charter", "version": "x", "title": "x", "source": SOURCE}
    full = frames.filled(charter, frames.read_csv(one, head, "x.csv"))
    article = full.question("article_03")
    assert article is not None
    assert (article.text, article.number, article.absent) == ("example text", "Article 3", "")
    assert len(full.absent()) == len(charter.absent()) - 1
    with pytest.raises(DataError, match="no absent question"):
        frames.filled(charter, frames.read_csv(one.replace("article_03", "article_01"), head, "x.csv"))


def test_no_such_frame() -> None:
    with pytest.raises(CallError, match="no frame"):
        frames.shipped("charter_of_nowhere")


# -- answers ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "answer", "says"),
    [
        ("how_far", Answer(4), "does not fit"),
        ("how_far", Answer(True), "does not fit"),
        ("how_far", Answer(2.0), "does not fit"),
        ("done", Answer("maybe"), "does not fit"),
        ("count", Answer(float("nan")), "does not fit"),
        ("who", Answer(("group:martians",)), "no term of the vocabulary"),
        ("who", Answer(()), "does not fit"),
        ("why", Answer(None, "not_known"), "say why"),
        ("why", Answer("x", "not_applicable", "because"), "has no value"),
        ("why", Answer("x", "guessed"), "state is unknown"),
        ("why", Answer("x", evidence=(Evidence("rumour", "x"),)), "a kind and a reference"),
        ("gone", Answer("x"), "absent here"),
        ("whyy", Answer("x"), "no question"),
    ],
)
def test_answers_that_cannot_be(name: str, answer: Answer, says: str) -> None:
    wrong = frames.wrong_answers(frame(SMALL), {name: answer}, lambda term, scheme: term == "group:women")
    assert len(wrong) == 1
    assert says in str(wrong[0])


def test_answers_that_can_be_and_their_plain_form() -> None:
    made = frame([*SMALL, {"id": "day", "text": "When?", "scale": "date"}])
    answers = {
        "how_far": Answer(2, evidence=PROOF),
        "why": Answer("because"),
        "count": Answer(2.5),
        "done": Answer("partly"),
        "who": Answer(("group:women",)),
        "day": Answer(date(2026, 11, 22)),
    }
    assert frames.wrong_answers(made, answers, lambda term, scheme: True) == []
    assert frames.from_plain(made, frames.to_plain(answers)) == answers


def test_completeness_by_hand() -> None:
    answers = {
        "how_far": Answer(2),
        "why": Answer(None, "not_applicable", "no such service"),
        "count": Answer(None, "not_known", "nobody counts"),
    }
    found = completeness(frame(SMALL), answers)
    assert (found.asked, found.answered) == (5, 2)
    assert found.by_section == (("s", 2, 5),)
    assert found.not_known == ("count",)
    assert found.without_evidence == ("how_far",)
    assert found.open_required == ()
    assert found.absent == ("gone",)
    assert not found.done
    assert completeness(frame(SMALL), {"how_far": Answer(2, evidence=PROOF)}).done


# -- export -------------------------------------------------------------------------------------------
def test_a_text_over_its_limit_and_missing_evidence_refuse_the_export() -> None:
    made = frame(SMALL)
    fits = {"how_far": Answer(1, evidence=PROOF), "why": Answer("0123456789")}
    assert export(made, fits).ready
    long = export(made, {"how_far": Answer(1), "why": Answer("0123456789a")})
    assert not long.ready
    assert any("1 characters too long: 11 of 10" in r for r in long.refused)
    assert any(r.startswith("Evidence is missing") for r in long.refused)
    assert any(r.startswith("An answer is missing") for r in export(made, {}).refused)
    assert export(made, fits, limits={"why": 9}).refused, "this year's form is stricter"


def test_characters_are_those_that_a_reader_sees() -> None:
    assert frames.characters("e\u0301") == 1, "a letter with a mark put on it"
    assert frames.characters("a\r\nb") == 3
    assert frames.characters("Łódź ΑΩ") == 7


def test_an_unknown_limit_is_said_and_not_invented() -> None:
    made = frame([{"id": "why", "text": "Why?", "limit": "not stated"}])
    out = export(made, {"why": Answer("x" * 100_000)})
    assert out.ready
    assert any("look up the limit" in note for note in out.notes)


def test_a_table_computes_nothing_in_a_spreadsheet() -> None:
    made = frame([{"id": "why", "text": "Why?"}])
    for evil in ("=1+1", "+1", "-1", "@x", "\t=1", " =1"):
        text = frames.to_csv(export(made, {"why": Answer(evil, comment=evil)}))
        row = next(csv.DictReader(io.StringIO(text)))
        assert row["answer"] == f"'{evil}"
        assert row["comment"] == f"'{evil}"


# -- two dates ----------------------------------------------------------------------------------------
def states(before: Frame, earlier: dict[str, Answer], now: Frame, later: dict[str, Answer]) -> dict[str, str]:
    return {c.question.id: c.state for c in over_time(before, earlier, now, later)}


def test_questions_are_matched_by_id_and_a_new_meaning_blocks() -> None:
    old = frame([*SMALL, {"id": "last", "text": "Last?"}])
    new = frame(
        [
            {"id": "done", "text": "Is it done?", "scale": "yes_no_partly"},  # moved and reworded
            SMALL[0] | {"meaning": 2},
            {"id": "count", "text": "How many?", "scale": "0-5"},
            {"id": "fresh", "text": "New?"},
            SMALL[1],
            SMALL[4],
        ]
    )
    earlier = {
        "done": Answer("no"), "how_far": Answer(1), "count": Answer(3), "last": Answer("x"),
        "why": Answer("a"),
        "who": Answer(("group:women", "group:children")),
    }  # fmt: skip
    later = {
        "done": Answer("partly"), "how_far": Answer(3), "count": Answer(4), "fresh": Answer("y"),
        "why": Answer("b"),
        "who": Answer(("group:children", "group:women")),
    }  # fmt: skip
    assert states(old, earlier, new, later) == {
        "done": "up", "how_far": "blocked", "count": "blocked", "fresh": "only_now", "why": "changed",
        "who": "same",
        "last": "only_before",
    }  # fmt: skip


def test_what_was_not_known_is_not_compared() -> None:
    made = frame(SMALL)
    found = states(made, {"how_far": Answer(1)}, made, {"how_far": Answer(None, "not_known", "lost")})
    assert found["how_far"] == "open"


@given(st.integers(0, 3), st.integers(0, 3))
def test_up_and_down_are_opposite(a: int, b: int) -> None:
    made = frame(SMALL)
    there = states(made, {"how_far": Answer(a)}, made, {"how_far": Answer(b)})["how_far"]
    back = states(made, {"how_far": Answer(b)}, made, {"how_far": Answer(a)})["how_far"]
    assert {there, back} in ({"same"}, {"up", "down"})


# -- other cities -------------------------------------------------------------------------------------
@given(st.lists(st.one_of(st.none(), st.integers(0, 3)), max_size=9))
def test_a_median_of_few_is_refused(values: list[int | None]) -> None:
    made = frame(SMALL)
    others = [(made, {} if v is None else {"how_far": Answer(v)}) for v in values]
    line = next(p for p in with_peers(made, {"how_far": Answer(2)}, others) if p.question.id == "how_far")
    known = [v for v in values if v is not None]
    assert line.n == len(known)
    assert line.mine == 2
    if len(known) < 5:
        assert line.median is None
        assert "Fewer than 5" in line.why
    else:
        assert line.median == statistics.median(known)


def test_cities_that_answered_another_question_do_not_count() -> None:
    made = frame(SMALL)
    other = frame([SMALL[0] | {"meaning": 2}])
    others = [(made, {"how_far": Answer(1)})] * 4 + [(other, {"how_far": Answer(1)})]
    assert with_peers(made, {}, others)[0].n == 4
    assert {p.question.id for p in with_peers(made, {}, others)} == {"how_far", "count", "done"}


def test_questionnaires_of_one_s_own_meet_only_word_for_word() -> None:
    made = frame(SMALL)
    same = [(made, {"how_far": Answer(1)})] * 4
    reworded = frame([SMALL[0] | {"text": "How far are others?"}, *SMALL[1:]])
    elsewhere = replace(made, source=replace(made.source, url="https://example.org/elsewhere"))
    for other in (reworded, elsewhere):
        others = [*same, (other, {"how_far": Answer(1)})]
        assert with_peers(made, {}, others)[0].n == 5
        assert with_peers(made, {}, others, exact=True)[0].n == 4


def test_texts_by_language() -> None:
    made = frame([{"id": "why", "text": {"en": "Why?", "fr": "Pourquoi ?"}}], title={"en": "E", "de": "D"})
    assert frames.read_frame(frames.write_plain(made), "x") == made
    line = export(made, {}, "fr").lines[0]
    assert "Pourquoi" in frames.to_csv(replace(export(made, {}, "fr"), lines=(line,)), "fr")
