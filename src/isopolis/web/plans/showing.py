"""What pages of plans are made of, for those who work on a plan and for everybody."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from django.http import Http404, HttpResponse

from isopolis.act.plan import COLUMNS, Plan, heading, tree
from isopolis.act.plan import monitoring as monitoring_rows
from isopolis.model.text import phrase
from isopolis.report.plan import (
    compose_plan,
    glance_table,
    plan_csv,
    plan_html,
    plan_json,
    plan_xlsx,
    summary_of,
    write_plan_pdf,
)
from isopolis.report.plan_tree import draw_tree
from isopolis.web.languages import RIGHT_TO_LEFT, page_language, said

__all__ = ["FILES", "as_file", "file_answer", "glance_of", "monitoring_table", "paper_of"]

Label = Callable[[str], str]

FILES = {
    "monitoring.csv": "text/csv; charset=utf-8",
    "monitoring.xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "plan.json": "application/json",
    "plan.html": "text/html; charset=utf-8",
    "plan.pdf": "application/pdf",
    "glance.svg": "image/svg+xml",
}


def glance_of(plan: Plan, label: Label) -> dict[str, Any]:
    """Return the plan at a glance: drawing, the same as a list in a list, the same as a table."""
    nodes = tree(plan, label)
    return {
        "svg": _svg(plan, label),
        "nodes": _spoken(nodes),
        "table": glance_table(nodes, said),
        "summary": said(summary_of(plan)),
    }


def _spoken(nodes: Any) -> list[dict[str, Any]]:
    return [
        {
            "text": said(n.text),
            "tag": said(n.tag),
            "id": n.id,
            "kind": n.kind,
            "children": _spoken(n.children),
        }
        for n in nodes
    ]


def _svg(plan: Plan, label: Label) -> str:
    title = phrase("The plan at a glance")
    rtl = page_language() in RIGHT_TO_LEFT
    return draw_tree(tree(plan, label), "glance", title, summary_of(plan), say=said, rtl=rtl)


def monitoring_table(plan: Plan, today: date, label: Label) -> dict[str, Any]:
    """Return the monitoring table in words, with the heading of each column."""
    rows = monitoring_rows(plan, today, label)
    return {
        "caption": said(phrase("Monitoring table")),
        "head": [said(heading(c)) for c in COLUMNS],
        "rows": [[said(row[c]) for c in COLUMNS] for row in rows],
        "text_columns": range(len(COLUMNS)),
    }


def file_answer(plan: Plan, name: str, today: date, label: Label) -> HttpResponse:
    """Return one of the files of a plan, made here and now."""
    if name not in FILES:
        raise Http404
    language = page_language()
    body: str | bytes
    match name:
        case "monitoring.csv":
            body = plan_csv(plan, today, label, said)
        case "monitoring.xlsx":
            body = plan_xlsx(plan, today, label, said)
        case "plan.json":
            body = plan_json(plan, today, label)
        case "plan.html":
            body = plan_html(compose_plan(plan, today, label, language=language, say=said))
        case "plan.pdf":
            body = paper_of(plan, today, label)
        case _:
            body = _svg(plan, label)
    return as_file(body, name)


def as_file(body: str | bytes, name: str) -> HttpResponse:
    """Return a file to be saved; opened in a browser it can run nothing."""
    answer = HttpResponse(body, content_type=FILES[name])
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Content-Security-Policy"] = (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    )
    return answer


def paper_of(plan: Plan, today: date, label: Label) -> bytes:
    """Return the plan as PDF; making it takes seconds, so that no stranger may ask for it."""
    language = page_language()
    report = compose_plan(plan, today, label, language=language, say=said, paper=True)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.pdf"
        write_plan_pdf(report, path)
        return path.read_bytes()
