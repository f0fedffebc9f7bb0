"""The plan at a glance: drawing, list and table say the same; files open and run nothing."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isopolis.act.plan import COLUMNS, Action, Node, Plan, rows, tree
from isopolis.report.plan import (
    compose_plan,
    glance_table,
    plan_csv,
    plan_html,
    plan_json,
    plan_xlsx,
    write_plan_pdf,
)
from isopolis.report.plan_tree import chunks, draw_tree, laid_out

TODAY = date(2026, 11, 22)
SVG = "{http://www.w3.org/2000/svg}"


def label(term: str) -> str:
    return term.partition(":")[2]


def make(n: int, **more: Any) -> Action:
    base = {
        "id": f"a{n}",
        "title": f"Action number {n} with a title that takes more than a line",
        "pillar": "pillar:knowledge",
        "theme": f"theme:t{n % 3}",
        "bottleneck": f"Bottleneck {n % 2}",
        "outputs": [{"title": f"Output {n}.{m}"} for m in range(1 + n % 3)],
    }
    return Action.model_validate(base | more)


def plan(n: int = 7) -> Plan:
    return Plan(
        title="A plan",
        place="Exampletown (example data, not a real place)",
        actions=tuple(map(make, range(n))),
    )


def said_in_drawing(svg: str) -> list[str]:
    """Texts of the boxes, read from the drawing alone."""
    root = ET.fromstring(svg)
    texts = [t for t in root.iter(f"{SVG}text") if t.get("class") != "head"]
    return [" ".join("".join(s.text or "" for s in t.iter(f"{SVG}tspan")).split()) for t in texts]


def said_in_table(nodes: tuple[Node, ...]) -> set[str]:
    """Texts of the table, the action with its state."""
    return {cell for a, b, c, tag, d in rows(nodes) for cell in (a, b, f"{c} ({tag})", d)}


def test_the_drawing_says_what_the_table_says() -> None:
    nodes = tree(plan(), label)
    svg = draw_tree(nodes, "k", "At a glance", "Seven actions")
    drawn = said_in_drawing(svg)
    assert set(drawn) == said_in_table(nodes)
    assert drawn.count("Action number 4 with a title that takes more than a line (proposal)") == 1
    # as many boxes as nodes, and the rows in the same order
    assert [d for d in drawn if d.startswith("Output")] == [r[4] for r in rows(nodes)]
    assert glance_table(nodes).rows == rows(nodes)


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=70)


@given(st.lists(st.tuples(WORDS, WORDS, WORDS), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_any_words_come_back_from_the_drawing(words: list[tuple[str, str, str]]) -> None:
    actions = []
    for n, (title, bottleneck, output) in enumerate(words):
        if title.strip() and output.strip():
            actions.append(make(n, title=title, bottleneck=bottleneck, outputs=[{"title": output}]))
    nodes = tree(Plan(title="x", actions=tuple(actions)), label)
    squeezed = {" ".join(t.split()) for t in said_in_table(nodes)}
    assert set(said_in_drawing(draw_tree(nodes, "k", "t", "s"))) == squeezed


def test_no_box_covers_another() -> None:
    boxes, height = laid_out(tree(plan(11), label))
    for n, a in enumerate(boxes):
        assert a.top >= 0
        assert a.top + a.height <= height
        for b in boxes[n + 1 :]:
            if a.column == b.column:
                assert a.top + a.height <= b.top or b.top + b.height <= a.top


def test_the_drawing_names_itself_and_holds_no_style_and_no_script() -> None:
    nodes = tree(Plan(title="x", actions=(make(0, title="<script>alert(1)</script> & \"x\" 'y'"),)), label)
    svg = draw_tree(nodes, "k", "At <b>glance", "Sum & more")
    root = ET.fromstring(svg)
    assert root.get("role") == "img"
    named = {e.get("id"): e.text for e in root if e.get("id")}
    assert [named[i] for i in (root.get("aria-labelledby") or "").split()] == ["At <b>glance", "Sum & more"]
    assert "<script" not in svg
    assert "style=" not in svg
    assert not list(root.iter(f"{SVG}style"))


def test_from_right_to_left_the_themes_stand_at_the_right() -> None:
    nodes = tree(plan(1), label)
    for rtl in (False, True):
        root = ET.fromstring(draw_tree(nodes, "k", "t", "s", rtl=rtl))
        xs = [float(r.get("x", "0")) for r in root.iter(f"{SVG}rect")]
        assert (xs == sorted(xs)) is not rtl


@pytest.mark.parametrize("most", [1, 2, 5, 100])
def test_pieces_for_paper_lose_nothing(most: int) -> None:
    nodes = tree(plan(20), label)
    pieces = list(chunks(nodes, most))
    assert all(sum(n.leaves for n in p) <= most for p in pieces)
    assert [r for p in pieces for r in rows(p)] == list(rows(nodes))


def test_the_page_holds_drawing_and_table() -> None:
    page = plan_html(compose_plan(plan(), TODAY, label))
    assert page.count("<h1>") == 1
    assert "Output 5.2" in page
    assert page.count("<svg") == 1
    assert 'aria-label="The plan at a glance"' in page
    assert "Example data, not a real place." in page


def test_the_paper_holds_every_row(tmp_path: Path) -> None:
    report = compose_plan(plan(20), TODAY, label, paper=True)
    figures = [b for b in report.sections[0].blocks if type(b).__name__ == "Figure"]
    assert len(figures) > 1
    assert tuple(r for f in figures for r in f.table.rows) == rows(tree(plan(20), label))  # type: ignore[union-attr]
    path = tmp_path / "plan.pdf"
    write_plan_pdf(report, path)
    assert path.read_bytes().startswith(b"%PDF")


HOSTILE = ["=1+1", "+1", "-1", "@x", "\t=1", '=HYPERLINK("http://x")']


def test_no_cell_runs_as_a_formula() -> None:
    from openpyxl import load_workbook

    made = Plan(title="x", actions=tuple(make(n, title="t", leader=t, gap=t) for n, t in enumerate(HOSTILE)))
    table = list(csv.DictReader(io.StringIO(plan_csv(made, TODAY, label))))
    assert [r["leader"][0] for r in table] == ["'"] * len(HOSTILE)
    sheet = load_workbook(io.BytesIO(plan_xlsx(made, TODAY, label))).worksheets[0]
    cells = [c for line in sheet.iter_rows() for c in line]
    assert all(c.data_type != "f" for c in cells)
    assert not any(str(c.value).startswith(("=", "+", "@")) for c in cells)


def test_every_column_is_in_every_file() -> None:
    from openpyxl import load_workbook

    made = plan(2)
    assert tuple(next(csv.reader(io.StringIO(plan_csv(made, TODAY, label))))) == COLUMNS
    data = json.loads(plan_json(made, TODAY, label))
    assert data["columns"] == list(COLUMNS)
    assert list(data["monitoring"][0]) == list(COLUMNS)
    book = load_workbook(io.BytesIO(plan_xlsx(made, TODAY, label)))
    assert book.worksheets[0].max_column == len(COLUMNS)
    assert book.worksheets[1].max_row == 1 + len(rows(tree(made, label)))


def test_a_sheet_takes_signs_that_xml_does_not_have() -> None:
    made = Plan(title="x", actions=(make(0, title="a\x0bb", gap="x" * 8000),))
    assert plan_xlsx(made, TODAY, label).startswith(b"PK")
