"""Members on any day, registers, slips, surveys, versions: by hand, by laws, by slow twins."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isopolis.act.partnership import (
    LACKS,
    Answer,
    answer_problems,
    changes,
    check_record,
    coordinators_on,
    countries_of,
    dates_of_change,
    decisions,
    draw,
    first_day,
    last_day,
    layers_on,
    members_on,
    open_tasks,
    read_book,
    register,
    results,
    said,
    slip,
    stakeholders,
    tasks,
    without,
)
from isopolis.act.partnership.commitments import Commitment
from isopolis.act.partnership.meetings import Meeting
from isopolis.act.partnership.members import Member
from isopolis.act.partnership.paper import Version
from isopolis.act.partnership.texts import Milestone, Survey
from isopolis.content import read
from isopolis.model import DataError

FILE = "partnership/cities_of_equality.yaml"
TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def book():
    return read_book(read(FILE), FILE)


def member(key: str, start: str | None = None, end: str | None = None, **more: object) -> Member:
    plain = {
        "key": key,
        "name": key,
        "type": "city",
        "level": "local",
        "country": "FR",
        "start": start,
        "end": end,
    }
    return Member.model_validate(plain | more)


# -- the shipped partnership against what its pages say --------------------------------------------------
def test_eleven_stakeholders_of_nine_countries_and_barcelona_since_january_2025(book) -> None:
    before, after = (stakeholders(members_on(book.members, date(2024 + n, 1, 31))) for n in (0, 1))
    assert (len(before), len(countries_of(before))) == (11, 9)
    assert {m.key for m in after} - {m.key for m in before} == {"barcelona"}
    assert [len(layer) for layer in layers_on(book.members, date(2025, 6, 1))] == [2, 2, 4, 3, 1, 9]
    assert {m.key for m in coordinators_on(book.members, TODAY)} == {"anct", "rome"}
    assert members_on(book.members, date(2024, 1, 30)) == ()


def test_every_term_and_every_case_of_the_shipped_file_exists(book) -> None:
    from isopolis.content import names
    from isopolis.learn.vocabulary import shipped

    vocabulary, library = shipped(), set(names("library"))
    terms = [c for p in book.of("paper") for v in p.versions for t in v.themes for c in t.concepts]
    terms += [
        t for p in book.of("plan") for a in p.plan.actions for t in (a.theme, a.pillar, *a.secondary_pillars)
    ]
    assert [t for t in (*terms, book.library) if t not in vocabulary] == []
    cases = [c.record for k in book.of("commitment") for c in k.cases]
    assert len(cases) == 4
    assert [c for c in cases if f"{c}.yaml" not in library] == []


def test_every_record_that_tells_something_says_where_it_was_read(book) -> None:
    for kind, record in book:
        if kind not in ("member", "document"):
            assert record.sources, (kind, record.key)
            assert all(s.read for s in record.sources)


def test_nothing_absent_has_a_text_made_up_for_it(book) -> None:
    assert {d.key for d in book.of("document") if d.status == "absent"} == {
        "orientation-paper",
        "ex-ante-assessment",
        "final-action-plan",
    }
    assert all(not s.text for p in book.of("paper") for v in p.versions for s in v.sections)


# -- members ---------------------------------------------------------------------------------------------
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@st.composite
def people(draw_: st.DrawFn) -> list[Member]:
    out = []
    for n in range(draw_(st.integers(0, 6))):
        a, b = sorted([draw_(days), draw_(days)])
        start, end = draw_(st.booleans()), draw_(st.booleans())
        cut = draw_(st.sampled_from([4, 7, 10]))
        kind = draw_(st.sampled_from(["city", "region", "umbrella", "eu_institution"]))
        begins, ends = a.isoformat()[:cut] if start else None, b.isoformat() if end else None
        out.append(member(f"m{n}", begins, ends, type=kind))
    return out


@given(people(), days)
def test_layers_are_the_members_parted_by_type(who: list[Member], on: date) -> None:
    layers = layers_on(who, on)
    here = members_on(who, on)
    assert [m for layer in layers for m in layer.members] == list(here)
    slow = {m.key for m in who if any(d == on for d in _every_day(m))}
    assert {m.key for m in here} == slow


def _every_day(m: Member) -> list[date]:
    """List each day of a membership, the slow and obvious way."""
    first = first_day(m.start) if m.start else date(2019, 12, 31)
    last = last_day(m.end) if m.end else date(2031, 1, 1)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


@given(people())
def test_the_list_changes_on_the_named_days_only(who: list[Member]) -> None:
    named = set(dates_of_change(who))
    for day in sorted(named):
        before, after = ({m.key for m in members_on(who, d)} for d in (day - timedelta(days=1), day))
        near = [
            m for m in who if (m.start and first_day(m.start) == day) or (m.end and last_day(m.end) < day)
        ]
        assert before != after or near
    for n in range(0, 4000, 97):
        day = date(2020, 1, 1) + timedelta(days=n)
        if day not in named:
            assert members_on(who, day) == members_on(who, day - timedelta(days=1))


def test_a_month_is_its_first_day_to_begin_and_its_last_to_end() -> None:
    one = member("a", "2025-01", "2025-02")
    assert [one.active(date(2025, m, d)) for m, d in ((1, 1), (2, 28), (3, 1))] == [True, True, False]
    assert not one.active(date(2024, 12, 31))


def test_roles_have_dates() -> None:
    one = member("a", "2024", roles=[{"role": "coordinator", "start": "2024-01-31", "end": "2025-06"}])
    assert [one.role_on(date(*d)) for d in ((2024, 1, 30), (2024, 1, 31), (2025, 6, 30), (2025, 7, 1))] == [
        "member",
        "coordinator",
        "coordinator",
        "member",
    ]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"start": "2025-02-30"}, "day is out of range"),
        ({"start": "25-1"}, "is no date"),
        ({"start": "2025-03", "end": "2025-01"}, "ends (2025-01) before it begins"),
        ({"country": "France"}, "pattern"),
        ({"type": "village"}, "national_authority"),
        ({"key": "../etc"}, "a key is"),
        ({"url": "javascript:alert(1)"}, "http"),
        ({"place": {"name": "x", "lat": 91, "lon": 0}}, "90"),
        ({"nose": 1}, "not permitted"),
        ({"name": {}}, "text"),
    ],
)
def test_a_wrong_member_is_refused_with_its_reason(more: dict[str, object], says: str) -> None:
    plain = {"key": "a", "name": "A", "type": "city", "level": "local", "country": "FR"} | more
    record, wrong = check_record("member", plain, "members.yaml")
    assert record is None
    assert says in " ".join(str(p) for p in wrong)
    assert all(p.file == "members.yaml" for p in wrong)


# -- the map ---------------------------------------------------------------------------------------------
def test_points_keep_their_order_on_the_map(book) -> None:
    drawing = draw(members_on(book.members, date(2025, 6, 1)))
    at = {d.name: (d.x, d.y) for d in drawing.dots}
    assert at["Barcelona"][0] < at["Rome"][0] < at["Varna"][0]
    assert at["Biržai"][1] < at["Brussels"][1] < at["Rome"][1]
    assert all(0 <= x <= drawing.width and 0 <= y <= drawing.height for x, y in at.values())
    assert sum(len(d.members) for d in drawing.dots) == 20  # one has no place


def test_a_map_of_one_place_or_none_has_a_size() -> None:
    assert draw([]).dots == ()
    one = draw([member("a", place={"name": "x", "lat": 50, "lon": 10})])
    assert len(one.dots) == 1
    assert one.height > 0


# -- meetings --------------------------------------------------------------------------------------------
def meeting(key: str, day: str, **more: object) -> Meeting:
    return Meeting.model_validate({"key": key, "title": key, "day": day} | more)


def test_decisions_are_found_in_any_script_and_newest_first() -> None:
    found = [
        meeting("a", "2024-01", decisions=[{"number": "1", "text": "Βιβλιοθήκη για ΌΛΟΥΣ"}]),
        meeting(
            "b",
            "2025",
            decisions=[{"number": "2", "text": "Éducation pour tous"}, {"number": "3", "text": "x"}],
        ),
    ]
    assert [r.decision.number for r in decisions(found)] == ["2", "3", "1"]
    assert [r.decision.number for r in decisions(found, "education TOUS")] == ["2"]
    assert [r.decision.number for r in decisions(found, "βιβλιοθηκη")] == ["1"]
    assert decisions(found, "education βιβλιοθηκη") == ()


def test_tasks_are_late_after_their_last_day() -> None:
    rows = [
        {"text": "no day"},
        {"text": "march", "due": "2025-03"},
        {"text": "done", "due": "2025-01", "state": "done"},
    ]
    one = [meeting("a", "2024", tasks=rows)]
    assert [(r.task.text, r.late) for r in tasks(one, date(2025, 3, 31))] == [
        ("done", False),
        ("march", False),
        ("no day", False),
    ]
    assert [(r.task.text, r.late) for r in open_tasks(one, date(2025, 4, 1))] == [
        ("march", True),
        ("no day", False),
    ]


@pytest.mark.parametrize(
    "more",
    [
        {"starts": "10:00", "ends": "09:00"},
        {"ends": "10:00"},
        {"until": "2023-12-31"},
        {"zone": "Rome"},
        {"decisions": [{"number": "1", "text": "a"}, {"number": "1", "text": "b"}]},
        {"day": "2024-01", "starts": "10:00"},
    ],
)
def test_a_meeting_that_cannot_be_is_refused(more: dict[str, object]) -> None:
    record, wrong = check_record("meeting", {"key": "a", "title": "A", "day": "2024-01-31"} | more)
    assert record is None
    assert wrong


# -- milestones ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("planned", "actual", "late"),
    [
        ("2025-06-06", "2025-06-13", (7, 7)),
        ("2025-06-06", "2025-06-01", (-5, -5)),
        ("2024-12-31", "2025", (1, 365)),
        ("2024-06", "2024-06", (0, 0)),
        ("2025-05", "2025-05-06", (-25, 5)),
        ("2026-11-20", None, (2, 2)),
        ("2026-11", None, None),
        ("2024-06-30", "not stated", None),
    ],
)
def test_slips(planned: str, actual: str | None, late: tuple[int, int] | None) -> None:
    one = Milestone.model_validate({"key": "a", "title": "A", "planned": planned, "actual": actual})
    assert slip(one, TODAY) == late


# -- commitments -----------------------------------------------------------------------------------------
def commitment(key: str, **more: object) -> Commitment:
    return Commitment.model_validate({"key": key, "title": key} | more)


def test_the_register_says_what_each_commitment_lacks() -> None:
    whole = commitment(
        "whole", indicators=[{"title": "i"}], evidence=[{"title": "e"}], owner="Rome", reviewed="2026-01-01",
        review_due="2026-11-22",
    )  # fmt: skip
    late = commitment("late", part_of="whole", owner="x", reviewed="2025", review_due="2026-11-21")
    rows = register([late, whole], TODAY)
    assert [(r.commitment.key, r.depth, r.lacks) for r in rows] == [
        ("whole", 0, ()),
        ("late", 1, ("indicator", "evidence", "overdue")),
    ]
    assert [r.commitment.key for r in without(rows, "overdue")] == ["late"]
    assert [len(without(rows, what)) for what in LACKS] == [1, 1, 0, 0, 1]
    with pytest.raises(ValueError, match="nothing can lack"):
        without(rows, "nose")


@given(st.lists(st.sampled_from([None, *"abcde"]), min_size=5, max_size=5))
def test_the_register_loses_nothing_whatever_hangs_on_what(parents: list[str | None]) -> None:
    """Circles and lost parents included: everything stands there once."""
    those = [
        commitment(k, part_of=p) if p and p != k else commitment(k)
        for k, p in zip("abcde", parents, strict=True)
    ]
    rows = register(those, TODAY)
    assert sorted(r.commitment.key for r in rows) == list("abcde")


# -- surveys ---------------------------------------------------------------------------------------------
SURVEY = Survey.model_validate(
    {
        "key": "s",
        "title": "S",
        "questions": [
            {"key": "t", "text": "What?"},
            {"key": "o", "text": "Which?", "kind": "one", "options": ["a", "b"]},
            {"key": "m", "text": "Which ones?", "kind": "several", "options": ["x", "y", "z"]},
        ],
    }
)


def test_results_count_every_option_and_tell_silence_from_zero() -> None:
    given_ = [
        Answer("Rome", {"t": ("yes",), "o": ("a",), "m": ("x", "z")}),
        Answer("Varna", {"o": ("a",)}),
    ]
    t, o, m = results(SURVEY, given_)
    assert t.texts == (("Rome", "yes"),)
    assert t.silent == ("Varna",)
    assert o.counts == (("a", 2), ("b", 0))
    assert m.counts == (("x", 1), ("y", 0), ("z", 1))
    assert m.silent == ("Varna",)


@pytest.mark.parametrize(
    "said_",
    [
        {"o": ("c",)},
        {"o": ("a", "b")},
        {"nose": ("a",)},
        {"t": ("a", "b")},
        {"m": ("x", "x")},
        {"t": ("a" * 4001,)},
    ],
)
def test_answers_that_do_not_fit_are_refused(said_: dict[str, tuple[str, ...]]) -> None:
    assert answer_problems(SURVEY, said_)
    assert answer_problems(SURVEY, {"t": ("a",), "o": ("b",), "m": ("x", "y")}) == []


# -- the paper -------------------------------------------------------------------------------------------
def test_changes_between_versions() -> None:
    def version(number: str, **texts: str) -> Version:
        sections = [{"key": k, "title": k, "text": t} for k, t in texts.items()]
        return Version.model_validate({"number": number, "sections": sections})

    before, after = version("1", a="x", b="y"), version("2", a="x", b="z", c="w")
    assert [(c.what, c.key) for c in changes(before, after)] == [("changed", "b"), ("added", "c")]
    assert [(c.what, c.key) for c in changes(after, before)] == [("changed", "b"), ("removed", "c")]
    assert changes(after, after) == ()


# -- the whole file --------------------------------------------------------------------------------------
def test_all_that_is_wrong_in_a_file_is_said_at_once() -> None:
    plain = {
        "key": "x",
        "name": "X",
        "about": "x",
        "nose": 1,
        "members": [{"key": "a"}, "b"],
        "news": {"key": "n"},
        "commitments": [
            {"key": "c", "title": "C", "part_of": "d"},
            {"key": "c", "title": "C", "strategies": ["s"]},
        ],
    }
    with pytest.raises(DataError) as caught:
        read_book(plain, "own.yaml")
    whole = str(caught.value)
    for part in (
        'no part "nose"',
        "member a",
        "no list of fields",
        '"news" is no list',
        "there 2 times",
        '"d"',
        '"s"',
    ):
        assert part in whole, part


@pytest.mark.parametrize("plain", [None, [], "x", 3])
def test_what_is_no_file_is_refused(plain: object) -> None:
    with pytest.raises(DataError, match="no partnership file"):
        read_book(plain)


def test_texts_are_said_in_the_language_asked_for_or_say_which() -> None:
    assert said({"en": "a", "pt": "b"}, "pt-BR") == ("b", "pt")
    assert said({"en": "a", "pt": "b"}, "de") == ("a", "en")
    assert said({"lt": "c"}, "de") == ("c", "lt")
