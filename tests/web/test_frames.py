"""Questionnaires in a workspace: filled in with evidence, compared, exported within limits, kept apart."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from isopolis.act import frames
from isopolis.act.frames import Answer, Evidence
from isopolis.web.actions import ValidationError
from isopolis.web.frames.actions import AnswerSection, BeginSheet, CloseSheet, RemoveSheet, ShareSheet
from isopolis.web.frames.models import OwnFrame, Sheet
from isopolis.web.workspaces.actions import CreateWorkspace

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
PROOF = (Evidence("link", "https://example.org/minutes"),)


@pytest.fixture
def sheet(owner: Any, city: Any) -> Sheet:
    made: Sheet = BeginSheet(owner, city, "urban_strategy", "Year one", NOW).run()
    return made


def answer(user: Any, sheet: Sheet, section: str, answers: dict[str, Any]) -> Sheet:
    sheet.refresh_from_db()
    revision = sheet.revisions.get(section, 0)
    made: Sheet = AnswerSection(user, sheet.workspace, sheet, section, answers, revision, NOW).run()
    return made


def at(sheet: Sheet, rest: str = "") -> str:
    return f"/w/{sheet.workspace.slug}/questionnaires/{sheet.number}/{rest}"


# -- the whole way in the browser's words --------------------------------------------------------------
def test_from_beginning_to_export(browse: Callable[[Any], Client], staff: dict[str, Any], city: Any) -> None:
    client = browse(staff["policy_officer"])
    assert b"Begin one" in client.get(f"/w/{city.slug}/questionnaires/").content
    page = client.get(f"/w/{city.slug}/questionnaires/new/").content.decode()
    assert "24 are absent because they could not be read" in page
    answered = client.post(f"/w/{city.slug}/questionnaires/new/", {"key": "urban_strategy", "title": "2026"})
    sheet = Sheet.objects.get()
    assert answered["Location"] == at(sheet)
    page = client.get(at(sheet, "part/strategic/")).content.decode()
    assert page.count("<fieldset") == 3
    assert "evidence needed" in page
    sent = {
        "revision": "0", "q-vision": "3", "q-vision-state": "answered", "q-needs": "4",
        "q-needs-state": "answered",
        "q-needs-kind": "link", "q-needs-ref": "https://example.org/needs", "q-groups": ["group:women"],
        "q-groups-state": "answered", "next": "1",
    }  # fmt: skip
    answered = client.post(at(sheet, "part/strategic/"), sent)
    assert answered["Location"] == at(sheet, "part/territorial/")
    sheet.refresh_from_db()
    given = sheet.given(sheet.frame())
    assert given["needs"] == Answer(4, evidence=(Evidence("link", "https://example.org/needs"),))
    assert given["groups"].value == ("group:women",)
    page = client.get(at(sheet)).content.decode()
    assert "3 of 14 questions are answered" in page
    assert "Answers still needed" in page
    page = client.get(at(sheet, "export/")).content.decode()
    assert "It cannot be handed in yet" in page
    rows = list(csv.DictReader(io.StringIO(client.get(at(sheet, "answers.csv")).content.decode())))
    assert rows[1]["evidence"] == "link https://example.org/needs"
    assert rows[1]["answer"].startswith("4 –")
    kept = json.loads(client.get(at(sheet, "answers.json")).content)
    assert frames.read_frame(kept["frame"], "x") == frames.shipped("urban_strategy")
    assert client.get(at(sheet, "answers.exe")).status_code == 404


def test_what_cannot_be_taken_stands_there_still(
    browse: Callable[[Any], Client], owner: Any, sheet: Sheet
) -> None:
    client = browse(owner)
    sent = {
        "revision": "0", "q-vision": "9", "q-needs-state": "not_known", "q-groups": ["group:martians"],
        "q-groups-state": "answered", "q-vision-comment": "because <b>so</b>",
    }  # fmt: skip
    page = client.post(at(sheet, "part/strategic/"), sent).content.decode()
    assert "Choose one of the answers." in page
    assert "Say in the remark why it is not known" in page
    assert "because &lt;b&gt;so&lt;/b&gt;" in page
    sheet.refresh_from_db()
    assert sheet.answers == {}
    sent = {"revision": "0", "q-groups": ["group:martians"]}
    page = client.post(at(sheet, "part/strategic/"), sent).content.decode()
    assert "is no term of the vocabulary" in page


def test_evidence_is_added_and_taken_away(browse: Callable[[Any], Client], owner: Any, sheet: Sheet) -> None:
    client = browse(owner)
    answer(owner, sheet, "strategic", {"needs": Answer(2, evidence=PROOF)})
    page = client.get(at(sheet, "part/strategic/")).content.decode()
    assert "https://example.org/minutes" in page
    sent = {
        "revision": "1", "q-needs": "2", "q-needs-kind": ["link", "case"],
        "q-needs-ref": ["https://example.org/minutes", "lib 7"], "q-needs-drop": "0",
    }  # fmt: skip
    client.post(at(sheet, "part/strategic/"), sent)
    sheet.refresh_from_db()
    assert sheet.given(sheet.frame())["needs"].evidence == (Evidence("case", "lib 7"),)


def test_an_answer_can_be_taken_away(browse: Callable[[Any], Client], owner: Any, sheet: Sheet) -> None:
    answer(owner, sheet, "strategic", {"vision": Answer(2)})
    browse(owner).post(at(sheet, "part/strategic/"), {"revision": "1", "q-vision": ""})
    sheet.refresh_from_db()
    assert sheet.answers == {}


def test_two_people_do_not_undo_each_other(browse: Callable[[Any], Client], staff: Any, sheet: Sheet) -> None:
    answer(staff["analyst"], sheet, "strategic", {"vision": Answer(5)})
    page = browse(staff["owner"]).post(at(sheet, "part/strategic/"), {"revision": "0", "q-vision": "1"})
    assert "Somebody else saved this part meanwhile" in page.content.decode()
    sheet.refresh_from_db()
    assert sheet.given(sheet.frame())["vision"].value == 5
    browse(staff["owner"]).post(at(sheet, "part/territorial/"), {"revision": "0", "q-area": "1"})
    sheet.refresh_from_db()
    assert set(sheet.answers) == {"vision", "area"}, "another section is nobody's conflict"


def test_a_limit_of_this_year_refuses_what_is_too_long(
    browse: Callable[[Any], Client], owner: Any, city: Any
) -> None:
    sheet = BeginSheet(owner, city, "inclusion_award", "", NOW).run()
    answer(owner, sheet, "work", {"initiatives": Answer("x" * 501, evidence=PROOF)})
    client = browse(owner)
    page = client.get(at(sheet, "export/")).content.decode()
    assert "look up the limit" in page
    assert "characters too long" not in page
    page = client.get(at(sheet, "export/"), {"limit-initiatives": "500"}).content.decode()
    assert "1 characters too long: 501 of 500" in page
    for nonsense in ("-1", "0", "1e9", "٣", "9" * 40):
        assert client.get(at(sheet, "export/"), {"limit-initiatives": nonsense}).status_code == 200


# -- finished, compared ---------------------------------------------------------------------------------
def test_what_is_finished_is_not_changed(browse: Callable[[Any], Client], owner: Any, sheet: Sheet) -> None:
    CloseSheet(owner, sheet.workspace, sheet, True, NOW).run()
    with pytest.raises(ValidationError, match="finished"):
        answer(owner, sheet, "strategic", {"vision": Answer(1)})
    with pytest.raises(ValidationError, match="finished"):
        RemoveSheet(owner, sheet.workspace, sheet).run()
    CloseSheet(owner, sheet.workspace, sheet, False, NOW).run()
    client = browse(owner)
    client.post(at(sheet, "remove/"))
    assert not Sheet.objects.exists()


def test_two_years_side_by_side(browse: Callable[[Any], Client], owner: Any, city: Any, sheet: Sheet) -> None:
    answer(owner, sheet, "strategic", {"vision": Answer(1), "needs": Answer(3, evidence=PROOF)})
    later = BeginSheet(owner, city, "urban_strategy", "Year two", datetime(2027, 11, 22, tzinfo=UTC)).run()
    answer(owner, later, "strategic", {"vision": Answer(4), "needs": Answer(3, evidence=PROOF)})
    page = browse(owner).get(at(later, "compare/")).content.decode()
    assert "Year one → Year two" in page
    assert page.count(">higher<") == 1
    assert page.count(">unchanged<") == 1
    assert "Fewer than 5 other cities" in page


def test_medians_need_five_cities_and_their_consent(
    browse: Callable[[Any], Client], person: Callable[..., Any], owner: Any, sheet: Sheet
) -> None:
    answer(owner, sheet, "strategic", {"vision": Answer(1)})
    shared = []
    for n, value in enumerate((0, 2, 3, 5, 5)):
        other = person(f"other{n}")
        town = CreateWorkspace(other, f"Othertown {n}").run()
        theirs = BeginSheet(other, town, "urban_strategy", "Secret title", NOW).run()
        answer(other, theirs, "strategic", {"vision": Answer(value)})
        CloseSheet(other, town, theirs, True, NOW).run()
        shared.append((other, town, theirs))
    client = browse(owner)
    for other, town, theirs in shared[:4]:
        ShareSheet(other, town, theirs, True).run()
    assert "Fewer than 5 other cities" in client.get(at(sheet, "compare/")).content.decode()
    other, town, theirs = shared[4]
    ShareSheet(other, town, theirs, True).run()
    page = client.get(at(sheet, "compare/")).content.decode()
    assert "<td>1</td><td>3</td><td>5</td>" in page, "median of 0, 2, 3, 5, 5"
    assert "Othertown" not in page
    assert "Secret" not in page
    CloseSheet(other, town, theirs, False).run()
    theirs.refresh_from_db()
    assert not theirs.compared, "opened again it no longer counts"
    with pytest.raises(ValidationError):
        ShareSheet(other, town, theirs, True).run()


def shared_by(user: Any, name: str, value: int) -> Any:
    """A city of `user` that lets one answer count."""
    town = CreateWorkspace(user, name).run()
    theirs = BeginSheet(user, town, "urban_strategy", "Theirs", NOW).run()
    answer(user, theirs, "strategic", {"vision": Answer(value)})
    CloseSheet(user, town, theirs, True, NOW).run()
    ShareSheet(user, town, theirs, True).run()
    return town


def test_nobody_founds_cities_to_work_out_the_answer_of_one(
    browse: Callable[[Any], Client], person: Callable[..., Any], owner: Any, sheet: Sheet
) -> None:
    """With the answers 0, 0, 5, 5 of one's own cities the median is what the real one answered."""
    schemer = person("schemer")
    for n, value in enumerate((0, 0, 5, 5)):
        shared_by(schemer, f"Sham {n}", value)
        shared_by(owner, f"Second home {n}", value)
    shared_by(person("mayor"), "Real", 3)

    def counted(user: Any, of: Sheet) -> set[str]:
        page = browse(user).get(at(of, "compare/")).content.decode()
        assert "Fewer than 5 other cities" in page
        return set(re.findall(r"<td>(\d+)</td></tr>", page))

    assert counted(owner, sheet) == {"0", "2"}, "one of the schemer's, the real one, none of one's own"
    mine = Sheet.objects.filter(workspace__name="Sham 0").get()
    assert counted(schemer, mine) == {"0", "2"}


def test_only_an_owner_lets_answers_count(browse: Callable[[Any], Client], staff: Any, sheet: Sheet) -> None:
    CloseSheet(staff["owner"], sheet.workspace, sheet, True, NOW).run()
    assert browse(staff["policy_officer"]).post(at(sheet, "share/")).status_code == 403
    assert browse(staff["owner"]).post(at(sheet, "share/")).status_code == 302
    sheet.refresh_from_db()
    assert sheet.compared


# -- one's own questionnaire --------------------------------------------------------------------------
YAML = b"""id: own
version: "1"
title: Ours
source: {url: "https://example.org/own", title: Ours, read: 2026-11-01}
sections:
  - id: one
    title: One
    questions:
      - {id: a, text: "A <script>alert(1)</script>?", scale: yes_no}
"""


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("{id: a, text: A, scale: terms, scheme: nosuch}", "is unknown here"),
        ("{id: a, text: A, scale: terms, scheme: [group]}", "is unknown here"),
        ('{id: a, text: "\\0", scale: text}', "the text is missing"),
    ],
)
def test_what_no_page_could_show_is_refused(
    browse: Callable[[Any], Client], owner: Any, city: Any, question: str, says: str
) -> None:
    start = YAML.split(b"      - ")[0]
    file = SimpleUploadedFile("own.yaml", start + b"      - " + question.encode() + b"\n")
    page = browse(owner).post(f"/w/{city.slug}/questionnaires/bring/", {"file": file})
    assert says in page.content.decode()
    assert not OwnFrame.objects.exists()


def test_signs_that_no_database_keeps_go_and_terms_of_all_schemes_are_offered(
    browse: Callable[[Any], Client], owner: Any, city: Any
) -> None:
    body = YAML.replace(b"title: One", b'title: "One\\0"').replace(b"scale: yes_no", b"scale: terms")
    client = browse(owner)
    file = SimpleUploadedFile("own.yaml", body)
    assert client.post(f"/w/{city.slug}/questionnaires/bring/", {"file": file}).status_code == 302
    assert OwnFrame.objects.get().content["sections"][0]["title"] == "One"
    sheet = BeginSheet(owner, city, "own").run()
    page = client.get(at(sheet, "part/one/")).content.decode()
    assert 'value="group:women"' in page
    assert 'value="ground:disability"' in page
    answer(owner, sheet, "one", {"a": Answer(("group:women", "ground:disability"))})
    with pytest.raises(ValidationError, match="no term"):
        answer(owner, sheet, "one", {"a": Answer(("group:nobody",))})


def test_a_scheme_that_is_gone_breaks_no_page(browse: Callable[[Any], Client], owner: Any, city: Any) -> None:
    body = YAML.replace(b"scale: yes_no", b"scale: terms, scheme: group")
    client = browse(owner)
    file = SimpleUploadedFile("own.yaml", body)
    assert client.post(f"/w/{city.slug}/questionnaires/bring/", {"file": file}).status_code == 302
    own = OwnFrame.objects.get()
    own.content["sections"][0]["questions"][0]["scheme"] = "gone"
    own.save()
    sheet = BeginSheet(owner, city, "own").run()
    assert client.get(at(sheet, "part/one/")).status_code == 200


def test_a_table_with_other_ends_of_lines_is_read_and_a_broken_one_refused(
    browse: Callable[[Any], Client], owner: Any, city: Any
) -> None:
    csv.field_size_limit(10_000_000)  # as other readers of the same process set it, and may have done already
    client, place = browse(owner), f"/w/{city.slug}/questionnaires/bring/"
    said = {"key": "tabled", "title": "T", "url": "https://example.org/t", "read": "2026-11-01"}
    long = b"section,id,text\rone,b," + b"x" * 131_073 + b"\r"
    page = client.post(place, said | {"file": SimpleUploadedFile("t.csv", long)})
    assert "this is not a table as it should be" in page.content.decode()
    table = b"section;id;text;scale\rone;b;B?;0-3\r"
    assert client.post(place, said | {"file": SimpleUploadedFile("t.csv", table)}).status_code == 302
    assert OwnFrame.objects.get().content["sections"][0]["questions"][0]["text"] == "B?"


def test_a_city_brings_its_own(browse: Callable[[Any], Client], owner: Any, city: Any) -> None:
    client = browse(owner)
    place = f"/w/{city.slug}/questionnaires/bring/"
    assert client.post(place, {"file": SimpleUploadedFile("own.yaml", YAML)}).status_code == 302
    assert OwnFrame.objects.get().key == "own"
    sheet = BeginSheet(owner, city, "own").run()
    page = client.get(at(sheet, "part/one/")).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    table = b"section;id;text;scale\r\none;b;B?;0-3\r\n"
    sent = {"key": "tabled", "title": "T", "url": "https://example.org/t", "read": "2026-11-01"}
    assert client.post(place, sent | {"file": SimpleUploadedFile("t.csv", table)}).status_code == 302
    # what was begun keeps its questions
    changed = YAML.replace(b"{id: a,", b"{id: c,")
    client.post(place, {"file": SimpleUploadedFile("own.yaml", changed)})
    sheet.refresh_from_db()
    assert [q.id for q in sheet.frame().questions()] == ["a"]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("x.yaml", b"a: [", "x.yaml"),
        ("x.yaml", b"\xff\xfe", "UTF-8"),
        ("x.yaml", b"!!python/object/apply:os.system ['true']", "python"),
        ("x.yaml", YAML.replace(b"yes_no", b"stars"), "the scale is unknown"),
        ("x.yaml", YAML.replace(b"id: own", b"id: rfsc"), "take another id"),
        ("x.yaml", b"x" * 600_000, "too large"),
        ("x.csv", b"section,id,text\none,a,A?\n", "a title is missing"),
    ],
)
def test_a_file_that_cannot_be_is_refused(
    browse: Callable[[Any], Client], owner: Any, city: Any, name: str, content: bytes, says: str
) -> None:
    page = browse(owner).post(
        f"/w/{city.slug}/questionnaires/bring/", {"file": SimpleUploadedFile(name, content)}
    )
    assert page.status_code == 200
    assert says in page.content.decode()
    assert not OwnFrame.objects.exists()


# -- doors -------------------------------------------------------------------------------------------------
PAGES = ("", "part/strategic/", "compare/", "export/", "answers.csv", "answers.json")


def test_foreign_questionnaires_are_not_there(
    browse: Callable[[Any], Client], person: Callable[..., Any], sheet: Sheet
) -> None:
    other = person("other")
    mine = CreateWorkspace(other, "Othertown").run()
    client = browse(other)
    for page in PAGES:
        assert client.get(at(sheet, page)).status_code == 404
        assert client.get(f"/w/{mine.slug}/questionnaires/{sheet.number}/{page}").status_code == 404
    with pytest.raises(ValidationError, match="another workspace"):
        AnswerSection(other, mine, sheet, "strategic", {}, 0).run()


def test_who_reads_and_who_answers(browse: Callable[[Any], Client], staff: Any, sheet: Sheet) -> None:
    for role, user in staff.items():
        reads = role in ("owner", "analyst", "participation_officer", "policy_officer", "viewer")
        answers = reads and role != "viewer"
        gone = 404 if role == "stranger" else 403
        client = browse(user)
        assert client.get(at(sheet)).status_code == (200 if reads else gone), role
        assert client.get(at(sheet, "part/strategic/")).status_code == (200 if answers else gone), role
        assert client.post(at(sheet, "part/strategic/"), {}).status_code == (200 if answers else gone), role


def test_every_shipped_questionnaire_can_be_begun_and_every_part_opens(
    browse: Callable[[Any], Client], owner: Any, city: Any
) -> None:
    client = browse(owner)
    for name in frames.shipped_names():
        sheet = BeginSheet(owner, city, name).run()
        for section in sheet.frame().sections:
            wanted = 200 if any(not q.absent for q in section.questions) else 404
            page = client.get(at(sheet, f"part/{section.id}/"))
            assert page.status_code == wanted, (name, section.id)
            assert len(page.content) < 200_000
        for page_name in PAGES[2:]:
            assert client.get(at(sheet, page_name)).status_code == 200


def test_a_day_stays_a_day(owner: Any, city: Any) -> None:
    sheet = BeginSheet(owner, city, "uaeu_action").run()
    answer(owner, sheet, "how", {"start": Answer(date(2027, 1, 1))})
    sheet.refresh_from_db()
    assert sheet.given(sheet.frame())["start"].value == date(2027, 1, 1)
