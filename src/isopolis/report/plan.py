"""An action plan as a page, as PDF, and as tables for spreadsheets and programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from isopolis.act.plan import COLUMNS, Action, Node, Plan, heading, monitoring, rows, to_plain, tree
from isopolis.model.text import phrase, phrases

from .blocks import Block, Bullets, Facts, Figure, Report, Section, Table, Text
from .files import neutral
from .plan_tree import HEADS, chunks, draw_tree

__all__ = [
    "compose_plan", "glance_table", "plan_csv", "plan_html", "plan_json", "plan_xlsx", "summary_of",
    "write_plan_pdf",
]  # fmt: skip

Label = Callable[[str], str]
Say = Callable[[str], str]

ROWS_A_DRAWING = 14
"""Rows of the tree that fit on one sheet of paper, with the table under it."""
ROWS_A_TABLE = 30
RIGHT_TO_LEFT = ("ar", "fa", "he", "ur")


def summary_of(plan: Plan) -> str:
    """Say in a sentence how large the plan is."""
    outputs = sum(len(a.outputs) for a in plan.actions)
    return phrase(
        "{actions} with {outputs}, by theme and by what stands in the way.",
        actions=phrases("{n} action", "{n} actions", len(plan.actions)),
        outputs=phrases("{n} output", "{n} outputs", outputs),
    )


def glance_table(themes: Sequence[Node], say: Say = str, caption: str = "") -> Table:
    """Return the tree as a table, with the same words as the drawing."""
    head = (HEADS[0], HEADS[1], HEADS[2], phrase("State"), HEADS[3])
    body = tuple(tuple(say(cell) for cell in row) for row in rows(tuple(themes)))
    words = frozenset(range(5))
    return Table(say(caption or phrase("The plan at a glance")), tuple(map(say, head)), body, words)


# -- the report ------------------------------------------------------------------------------------------
def compose_plan(
    plan: Plan, today: date, label: Label, *, language: str = "en", say: Say = str, paper: bool = False
) -> Report:
    """Return the plan as a report.

    Parameters
    ----------
    plan : Plan
    today : date
        For what is late.
    label : callable
        Id of a term → its words.
    language : str
    say : callable
        Says a text of ours in that language.
    paper : bool
        Cut drawing and table so that each piece fits on a sheet.
    """
    themes = tree(plan, label)
    sections = (
        Section("glance", say(phrase("At a glance")), _glance(plan, themes, language, say, paper)),
        Section("actions", say(phrase("Actions")), (), _actions(plan, today, label, say)),
        Section("log", say(phrase("Versions and changes")), _log(plan, say)),
    )
    notices = () if "example data" not in plan.place else (say(phrase("Example data, not a real place.")),)
    subtitle = ", ".join(p for p in (plan.place, today.isoformat()) if p)
    return Report(plan.title, subtitle, notices, sections, language=language)


def _glance(plan: Plan, themes: tuple[Node, ...], language: str, say: Say, paper: bool) -> tuple[Block, ...]:
    intro: list[Block] = [Text(plan.note, "lead")] if plan.note else []
    facts = [
        (phrase("Drafted from"), plan.diagnosis),
        (phrase("Definition of a city of equality"), plan.definition),
    ]
    stated = tuple((say(name), value) for name, value in facts if value)
    if stated:
        intro.append(Facts(stated))
    pieces = list(chunks(themes, ROWS_A_DRAWING)) if paper else [themes]
    figures = [_figure(plan, piece, n, language, say) for n, piece in enumerate(pieces) if piece]
    return (*intro, *figures)


def _figure(plan: Plan, themes: tuple[Node, ...], n: int, language: str, say: Say) -> Figure:
    title = phrase("The plan at a glance")
    key, rtl = f"glance{n}", language in RIGHT_TO_LEFT
    drawn = draw_tree(themes, key, title, summary_of(plan), say=say, rtl=rtl)
    # the page gives the drawing its name itself
    bare = drawn.replace(f'role="img" aria-labelledby="{key}-name {key}-about" ', "", 1)
    return Figure(key, say(title), say(summary_of(plan)), bare, glance_table(themes, say))


def _actions(plan: Plan, today: date, label: Label, say: Say) -> tuple[Section, ...]:
    cells = monitoring(plan, today, label)
    out = []
    for action, row in zip(plan.actions, cells, strict=True):
        facts = tuple((say(heading(c)), say(row[c])) for c in COLUMNS if c not in ("title", "id"))
        out.append(
            Section(f"action-{action.id}", f"{action.id}: {action.title}", (Facts(facts), *_why(action, say)))
        )
    return tuple(out)


def _why(action: Action, say: Say) -> tuple[Block, ...]:
    if not action.evidence:
        return ()
    items = tuple(_sentence(e.title or e.ref, e.why, e.url) for e in action.evidence)
    return (Text(say(phrase("Why it is here:"))), Bullets(items))


def _sentence(*parts: str) -> str:
    return " ".join(p if p.endswith((".", "?", "!")) else f"{p}." for p in parts if p)


def _log(plan: Plan, say: Say) -> tuple[Block, ...]:
    if not plan.changes:
        return (Text(say(phrase("Nothing was changed yet."))),)
    head = (phrase("Day"), phrase("By"), phrase("Action"), phrase("What"), phrase("Why"))
    body = tuple((c.when.date().isoformat(), c.who, c.action, c.what, c.why) for c in plan.changes)
    blocks: list[Block] = []
    for at in range(0, len(body), ROWS_A_TABLE):
        piece = body[at : at + ROWS_A_TABLE]
        blocks.append(
            Table(say(phrase("Changes")), tuple(map(say, head)), piece, frozenset(range(5)), len(body) > 12)
        )
    return tuple(blocks)


def plan_html(report: Report) -> str:
    """Return a whole page of a plan that needs nothing else."""
    from isopolis import __version__

    from .html import environment

    page = environment().get_template("plan.html.j2")
    return str(page.render(report=report, version=__version__))


def write_plan_pdf(report: Report, path: Path) -> None:
    """Write the plan as PDF/UA; compose it with ``paper=True`` first."""
    from .pdf import write_pdf

    write_pdf(report, path)


# -- tables ------------------------------------------------------------------------------------------------
def plan_json(plan: Plan, today: date, label: Label) -> str:
    """Return the plan and its monitoring table as JSON."""
    data = {"plan": to_plain(plan), "columns": list(COLUMNS), "monitoring": monitoring(plan, today, label)}
    return json.dumps(data, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def plan_csv(plan: Plan, today: date, label: Label, say: Say = str) -> str:
    """Return the monitoring table as CSV (RFC 4180); no cell runs as a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in monitoring(plan, today, label):
        writer.writerow([neutral(say(row[c])) for c in COLUMNS])
    return out.getvalue()


def plan_xlsx(plan: Plan, today: date, label: Label, say: Say = str) -> bytes:
    """Return the monitoring table as a workbook, with a second sheet that is the plan at a glance."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.title = "Monitoring"
    _sheet(
        sheet,
        [say(heading(c)) for c in COLUMNS],
        [[say(r[c]) for c in COLUMNS] for r in monitoring(plan, today, label)],
    )
    glance = glance_table(tree(plan, label), say)
    _sheet(book.create_sheet("At a glance"), glance.head, glance.rows)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _sheet(sheet: Any, head: Sequence[str], body: Sequence[Sequence[str]]) -> None:
    for n, line in enumerate([head, *body], start=1):
        for m, cell in enumerate(line, start=1):
            made = sheet.cell(n, m)
            # openpyxl takes what begins with "=" for a formula, and refuses signs that XML does not have
            made.value, made.data_type = neutral(_printable(cell)), "s"
    sheet.freeze_panes = "A2"


def _printable(text: str) -> str:
    return "".join(c for c in str(text) if c in "\t\n" or ord(c) >= 32)[:32_000]
