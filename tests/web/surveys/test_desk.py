"""Officers: a form is checked, frozen and opened; hostile ones are refused; paper and tables come in."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from isopolis.web.audit.models import AuditEvent
from isopolis.web.ballots.roll import Person
from isopolis.web.modules.actions import CreateProcess
from isopolis.web.modules.models import Module, Phase
from isopolis.web.modules.surveys import actions, box
from isopolis.web.modules.surveys.actions import (
    FormError,
    KeepForm,
    LoadRoll,
    MakeLetters,
    MarkSpecial,
    OpenForm,
    SetAccess,
)
from isopolis.web.modules.surveys.entries import BringMany, SettleSheet, ThrowAway, TypeSheet
from isopolis.web.modules.surveys.models import Answer, Paper, RollEntry, Survey, Version, Waiting
from isopolis.web.participation.counting import counted

from ..test_pages import check
from .forms import CHOICES, HEAD, SURVEY, book, walk


def text(answer: Any) -> str:
    return str(answer.content.decode())


def sent(content: bytes, name: str = "form.xlsx") -> dict[str, Any]:
    return {"file": SimpleUploadedFile(name, content)}


# -- the form --------------------------------------------------------------------------------------------
def test_from_upload_to_an_open_form_on_the_pages(module: Module, home: str, staff: Any, browse: Any) -> None:
    officer, anybody = browse(staff["participation_officer"]), Client()
    check(anybody.get(home), home)
    assert "not open yet" in text(anybody.get(home))
    desk = f"{home}desk/"
    check(officer.get(desk), desk)
    bad = officer.post(f"{desk}form/", sent(book([HEAD, ("integer", "a", "A", "A", "", "${zz} = 1"),
                                                   ("select_one no", "b", "B", "B")])))  # fmt: skip
    assert bad.status_code == 422
    check(bad, desk)
    assert "row 2, column" in text(bad)
    assert "row 3" in text(bad)
    assert "zz" in text(bad)
    assert not Survey.objects.exists()
    assert officer.post(f"{desk}form/", sent(book())).status_code == 302
    for name in ("", "preview/", "preview/?language=العربية (ar)", "special/"):
        check(officer.get(desk + name), desk)
    assert "asked only after certain answers" in text(officer.get(f"{desk}preview/"))
    assert officer.post(f"{desk}special/", {"p-birthplace": "because"}).status_code == 302
    officer.post(f"{desk}open/")
    assert "Nobody must be made to answer" in text(officer.get(desk))
    officer.post(f"{desk}special/", {"p-ill": "to plan stops"})
    officer.post(f"{desk}open/")
    assert Survey.objects.get().current() is not None
    check(officer.get(f"{desk}special/"), desk)
    for name in ("", "paper/", "paper/sheet/", "many/", "results/", "results/weights/", "roll/", "letters/"):
        check(officer.get(desk + name), desk + name)
    assert "6 questions at most" in text(anybody.get(home))


def test_a_form_is_frozen_once_somebody_has_answered(
    survey: Survey, owner: Any, city: Any, home: str
) -> None:
    module = survey.module
    KeepForm(owner, city, module, book()).run()
    KeepForm(owner, city, module, book(SURVEY[:3])).run()
    assert list(survey.version_set.order_by("number").values_list("number", "state")) == [
        (1, "open"),
        (2, "draft"),
    ]
    client = Client()
    last = walk(client, home)
    OpenForm(owner, city, module).run()
    assert client.post(last).status_code == 410
    assert [v.state for v in survey.version_set.order_by("number")] == ["closed", "open"]
    first = Version.objects.get(number=1)
    with pytest.raises(ValidationError, match="replaced"):
        box.accept(first, [box.Sent({"birthplace": "here"}, "web")])
    with pytest.raises(ValidationError, match="open and stands"):
        MarkSpecial(owner, city, module, {}).run()
    with pytest.raises(ValidationError, match="open already"):
        OpenForm(owner, city, module).run()


def bomb() -> bytes:
    """A workbook whose sheet unpacks to 80 MB."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book())) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, old.read(part))
        new.writestr("xl/worksheets/sheet9.xml", b" " * 80_000_000)
    return out.getvalue()


def many_questions(n: int) -> bytes:
    return book([("type", "name", "label"), *(("integer", f"q{i}", f"Q{i}") for i in range(n))])


HOSTILE = {
    "bomb": (bomb, "unpacks to"),
    "formula": (lambda: book([*SURVEY, ("=1+1", "c", "C")]), "formula"),
    "5,000 questions": (lambda: many_questions(5_000), "far larger than a form"),
    "301 questions": (lambda: many_questions(301), "nobody answers that"),
    "circle": (
        lambda: book([HEAD, *(("integer", a, a, "", "", f"${{{b}}} = 1") for a, b in ("xy", "yx"))]),
        "circle",
    ),
    "501 choices": (
        lambda: book(
            [HEAD, ("select_one l", "a", "A")], [CHOICES[0], *(("l", f"c{i}", "x") for i in range(501))]
        ),
        "501 choices",
    ),
    "no workbook": (lambda: b"MZ not a workbook", "not an Excel workbook"),
    "empty": (lambda: b"", "not an Excel workbook"),
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_forms_are_refused_in_plain_words(module: Module, owner: Any, city: Any, kind: str) -> None:
    make, said = HOSTILE[kind]
    with pytest.raises(FormError) as caught:
        KeepForm(owner, city, module, make()).run()
    assert said in " ".join(caught.value.messages), caught.value.messages
    assert not Survey.objects.exists()


def test_what_a_form_says_is_never_markup(module: Module, owner: Any, city: Any, home: str) -> None:
    evil = "<script>alert(1)</script>"
    survey = [HEAD, ("select_one birthplace", "a", evil, evil, evil)]
    choices = [CHOICES[0], ("birthplace", "x", evil, evil)]
    KeepForm(owner, city, module, book(survey, choices, [("form_title",), (evil,)])).run()
    OpenForm(owner, city, module).run()
    client = Client()
    step = client.post(f"{home}start/", {"language": "English (en)"})["Location"]
    pages = [client.get(home), client.get(step)]
    client.post(step, {"a-a": "x"})
    pages.append(client.get(f"{home}send/"))
    for page in pages:
        assert evil not in text(page)
        assert "&lt;script&gt;" in text(page)


def test_who_may(survey: Survey, staff: Any, browse: Any, city: Any, owner: Any, home: str) -> None:
    for role, status in (
        ("participation_officer", 200),
        ("analyst", 403),
        ("resident", 403),
        ("stranger", 403),
    ):
        assert browse(staff[role]).get(f"{home}desk/").status_code == status, role
    with pytest.raises(PermissionDenied):
        KeepForm(staff["moderator"], city, survey.module, book()).run()
    from isopolis.web.workspaces.actions import CreateWorkspace

    other = CreateWorkspace(owner, "Othertown").run()
    theirs = Module.objects.get(process=CreateProcess(owner, other, "Theirs", "survey").run())
    with pytest.raises(ValidationError, match="another workspace"):
        KeepForm(owner, city, theirs, book()).run()


# -- the roll --------------------------------------------------------------------------------------------
def test_the_roll_on_the_pages(survey: Survey, home: str, staff: Any, browse: Any) -> None:
    officer = browse(staff["participation_officer"])
    desk = f"{home}desk/"
    assert officer.post(f"{desk}roll/", {"people": "identifier\nA 1\n"}).status_code == 200
    assert officer.post(f"{desk}access/", {"access": "roll"}).status_code == 302
    people = "identifier,cell\n" + "".join(f"A-{n},Z01\n" for n in range(5))
    assert officer.post(f"{desk}roll/", {"people": people}).status_code == 302
    assert RollEntry.objects.count() == 5
    table = officer.post(f"{desk}letters/", {"identifiers": "a1\nA 2\nnobody", "to": "file"})
    rows = list(csv.reader(io.StringIO(text(table))))
    assert [r[0] for r in rows] == ["identifier", "a1", "A 2"]
    slips = officer.post(f"{desk}letters/", {"identifiers": "a3", "to": "page"})
    check(slips, desk)
    check(officer.get(desk), desk)
    box.accept(survey.current(), [box.Sent({"age": "4"}, "web", RollEntry.objects.first().pk)])
    officer.post(f"{desk}access/", {"access": "anonymous"})
    assert "cannot be changed any more" in text(officer.get(desk))


# -- paper -----------------------------------------------------------------------------------------------
TYPED = {"a-birthplace": "here", "a-age": "44", "a-ways": ["bus"], "a-bus": "Shade", "a-ill": "no"}


def test_paper_is_typed_in_twice_and_differences_are_settled(
    survey: Survey, home: str, staff: Any, browse: Any
) -> None:
    one, two = browse(staff["participation_officer"]), browse(staff["owner"])
    sheet = f"{home}desk/paper/sheet/"
    wrong = one.post(sheet, {"sheet": "7", "a-age": "400", "a-birthplace": "here"})
    assert wrong.status_code == 422
    assert "From 14 to 119 years." in text(wrong)
    assert one.post(sheet, {"sheet": "7", **TYPED}).status_code == 302
    assert "The second time is for somebody else" in text(one.post(sheet, {"sheet": "7", **TYPED}))
    assert two.post(sheet, {"sheet": "7", **TYPED, "a-age": "44"})["Location"].endswith("/paper/")
    assert "typed in twice already" in text(two.post(sheet, {"sheet": "7", **TYPED}))
    one.post(sheet, {"sheet": "8", **TYPED})
    differs = two.post(sheet, {"sheet": "8", **TYPED, "a-age": "41", "a-birthplace": "abroad"})["Location"]
    page = two.get(differs)
    check(page, differs)
    assert "Born" not in text(page)
    assert "41" in text(page)
    assert "Shade" not in text(page)
    check(one.get(f"{home}desk/paper/"), sheet)
    half = two.post(differs, {"c-age": "2"})
    assert half.status_code == 422
    assert two.post(differs, {"c-age": "3", "a-age": "42", "c-birthplace": "2"}).status_code == 302
    assert box.flush(survey) == 2
    given = sorted(a.given["age"] for a in Answer.objects.all())
    assert given == ["42", "44"]
    assert counted([survey.module.pk])[survey.module.pk] == {("paper", ""): 2}
    for paper in Paper.objects.all():
        assert (paper.state, paper.first, paper.second, paper.first_by) == ("done", {}, {}, None)


def test_a_sheet_with_a_wrong_number_is_taken_back(survey: Survey, owner: Any, city: Any) -> None:
    typed = {"birthplace": "here"}
    paper = TypeSheet(owner, city, survey.module, "9", typed).run()
    ThrowAway(owner, city, survey.module, paper).run()
    assert not Paper.objects.exists()
    with pytest.raises(ValidationError, match="number of the sheet"):
        TypeSheet(owner, city, survey.module, " ", typed).run()


def test_paper_by_roll_needs_its_code_once(survey: Survey, owner: Any, city: Any, staff: Any) -> None:
    SetAccess(owner, city, survey.module, "roll").run()
    LoadRoll(owner, city, survey.module, [Person("p1"), Person("p2")]).run()
    code, other = MakeLetters(owner, city, survey.module, ["p1", "p2"]).run().values()
    second = staff["participation_officer"]
    TypeSheet(owner, city, survey.module, "1", {"birthplace": "here"}).run()
    with pytest.raises(ValidationError, match="none of this survey"):
        TypeSheet(second, city, survey.module, "1", {"birthplace": "here"}).run()
    TypeSheet(second, city, survey.module, "1", {"birthplace": "here"}, code).run()
    TypeSheet(owner, city, survey.module, "2", {"birthplace": "here"}).run()
    paper = TypeSheet(second, city, survey.module, "2", {"birthplace": "abroad"}, other).run()
    with pytest.raises(ValidationError, match="Each code counts once"):
        SettleSheet(owner, city, survey.module, paper, {"birthplace": "here"}, code).run()
    SettleSheet(owner, city, survey.module, paper, {"birthplace": "here"}, other).run()
    kept = str(list(Paper.objects.values_list()))
    assert code not in kept
    assert other not in kept


# -- tables ----------------------------------------------------------------------------------------------
def test_a_table_from_the_field(survey: Survey, home: str, staff: Any, browse: Any) -> None:
    officer = browse(staff["participation_officer"])
    empty = officer.get(f"{home}desk/template.csv")
    assert text(empty).lstrip("\ufeff").split() == ["birthplace,age,ways,bus,ill,fare"]
    guide = load_workbook(io.BytesIO(officer.get(f"{home}desk/template.xlsx").content))
    assert guide.sheetnames == ["Answers", "Questions"]
    assert officer.get(f"{home}desk/template.exe").status_code == 404
    head = "birthplace,age,ways,bus,ill,fare\n"
    bad = head + "moon,20,bus,,,\nhere,7,,,,\nhere,x,foot plane,,,\n"
    many = f"{home}desk/many/"
    refused = officer.post(many, sent(bad.encode(), "a.csv") | {"channel": "import"})
    assert refused.status_code == 422
    check(refused, many)
    for said in ("moon", "row 2", "row 3", "row 4", "plane"):
        assert said in text(refused), said
    assert Waiting.objects.count() == 0
    good = head + "here,20,bus,Shade,no,yes\nabroad,71,foot,,yes,no\n"
    assert officer.post(many, sent(good.encode(), "a.csv") | {"channel": "phone"}).status_code == 302
    assert counted([survey.module.pk])[survey.module.pk] == {("phone", ""): 2}
    again = officer.post(many, sent(good.encode(), "a.csv") | {"channel": "phone"})
    assert "taken already" in text(again)
    assert Waiting.objects.count() == 2


def test_a_table_by_roll_names_wrong_and_repeated_codes(survey: Survey, owner: Any, city: Any) -> None:
    SetAccess(owner, city, survey.module, "roll").run()
    LoadRoll(owner, city, survey.module, [Person("p1"), Person("p2")]).run()
    code, other = MakeLetters(owner, city, survey.module, ["p1", "p2"]).run().values()
    rows = f"code,birthplace\n{code},here\n{code},here\nnonsense,here\n"
    with pytest.raises(FormError) as caught:
        BringMany(owner, city, survey.module, rows.encode(), "a.csv").run()
    assert [(p.code, p.rows) for p in caught.value.problems] == [("no-code", (4,)), ("repeated-code", (2, 3))]
    good = f"code,birthplace\n{code},here\n{other},abroad\n"
    assert BringMany(owner, city, survey.module, good.encode(), "a.csv").run() == 2
    with pytest.raises(ValidationError, match="Each code counts once"):
        BringMany(owner, city, survey.module, f"code,birthplace\n{code},abroad\n".encode(), "b.csv").run()
    assert Waiting.objects.count() == 2


def test_paper_comes_in_after_the_end_until_results_are_public(
    survey: Survey, owner: Any, city: Any, home: str, staff: Any, browse: Any
) -> None:
    now = timezone.now()
    Phase.objects.filter(module=survey.module).update(
        starts_at=now - timedelta(days=9), ends_at=now - timedelta(days=1)
    )
    TypeSheet(owner, city, survey.module, "1", {"birthplace": "here"}).run()
    Survey.objects.update(published_at=now)
    with pytest.raises(PermissionDenied, match="results are public"):
        TypeSheet(owner, city, survey.module, "2", {"birthplace": "here"}).run()
    page = browse(staff["owner"]).get(f"{home}desk/paper/")
    check(page, home)
    assert "results are public" in text(page)


def test_the_log_names_no_answer(survey: Survey, owner: Any, city: Any) -> None:
    TypeSheet(owner, city, survey.module, "a sheet", {"birthplace": "here"}).run()
    kept = str(list(AuditEvent.objects.values_list("detail", "target")))
    assert "here" not in kept
    assert "a sheet" not in kept
    assert actions.KIND == "survey"
