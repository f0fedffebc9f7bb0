"""report.pdf: tagged, named, in a language, with the notice on every page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pypdf import PdfReader

from isopolis.flows.diagnosis import Diagnosis
from isopolis.report.blocks import Bullets, Figure, Report, Section, Text, table
from isopolis.report.pdf import write_pdf

from .conftest import NOTICE


@pytest.fixture(scope="module")
def pdf(made: dict[str, Path]) -> PdfReader:
    return PdfReader(made["report.pdf"])


def test_it_is_tagged_and_says_so(pdf: PdfReader) -> None:
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"].value
    assert "/StructTreeRoot" in root
    assert root["/Lang"].startswith("en")
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value
    assert "<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data().decode()


def test_title_and_notice(pdf: PdfReader) -> None:
    assert pdf.metadata is not None
    assert pdf.metadata.title is not None
    assert pdf.metadata.title.startswith("Gridville <script>")
    for page in pdf.pages:
        assert NOTICE in page.extract_text()


def test_hostile_names_are_printed_as_they_are(pdf: PdfReader) -> None:
    text = " ".join("".join(p.extract_text() for p in pdf.pages).split())
    assert '& "x" #*_$ \\ @a' in text
    assert "Origin <b>bold</b>" in text


def tags(node: object, found: list[dict]) -> list[dict]:
    """Every element of the structure tree."""
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        for child in node:
            tags(child, found)
    elif isinstance(node, dict):
        if "/S" in node:
            found.append(node)
        if "/K" in node:
            tags(node["/K"], found)
    return found


def test_every_drawing_has_alternative_text_and_tables_have_headings(pdf: PdfReader) -> None:
    found = tags(pdf.trailer["/Root"]["/StructTreeRoot"], [])
    figures = [t for t in found if t["/S"] == "/Figure"]
    assert len(figures) >= 10
    assert all(t.get("/Alt") for t in figures)
    kinds = {str(t["/S"]) for t in found}
    assert {"/H1", "/H2", "/H3", "/Table", "/TH", "/TD", "/P"} <= kinds


@pytest.mark.parametrize(
    "text",
    [
        "#panic()",
        '#import "x": *',
        "$ x $",
        "*b* _i_ `c`",
        "= h",
        "\\ \" '",
        "@ref <label>",
        "// c /* d */",
        "日本 עברית عربي 🙂",
        "-- ...",
    ],
)
def test_any_text_can_be_printed(text: str, tmp_path: Path) -> None:
    section = Section("a", text, (Text(text), Bullets((text,)), table(text, (text, "n"), [(text, "1")])))
    write_pdf(Report(text, text, (text,), (section,)), tmp_path / "r.pdf")
    pages = PdfReader(tmp_path / "r.pdf").pages
    assert len(pages) == 1
    if text.isascii():
        printed = "".join(p.extract_text() for p in pages)
        assert text.split()[0] in printed


@pytest.mark.parametrize(
    "text", ["يتوزّعوا مُدُن", "שָׁלוֹם", "x\u0302\u0323 y", "हिन्दी", "e\u200dx", "cafe\u0301"]
)
def test_any_text_can_stand_in_a_drawing(text: str, tmp_path: Path) -> None:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 40">'
        f'<text x="9" y="20" font-family="DejaVu Sans">{text}</text></svg>'
    )
    drawing = Figure("f", "Drawing", text, svg)
    write_pdf(Report("t", "s", (), (Section("a", "b", (drawing,)),)), tmp_path / "r.pdf")
    assert len(PdfReader(tmp_path / "r.pdf").pages) == 1


def test_equal_reports_give_equal_files(build: Callable[..., Diagnosis], tmp_path: Path) -> None:
    report = Report("t", "s", (), (Section("a", "b", (Text("c"),)),))
    write_pdf(report, tmp_path / "one.pdf")
    write_pdf(report, tmp_path / "two.pdf")
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()


def test_a_list_of_contents_follows_the_title(pdf: PdfReader) -> None:
    text = pdf.pages[0].extract_text()
    assert text.index("Contents") < text.index("What stands out") < text.index("Settings")
    # it is no part of itself, and the bookmarks are those of the chapters
    assert text.count("Contents") == 1
