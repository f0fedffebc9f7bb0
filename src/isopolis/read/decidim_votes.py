"""Decidim: projects as its budgets component exports them, and ballots as lines of orders.

Decidim exports projects as CSV (`ProjectSerializer`: ``id``, ``title/en``, ``budget_amount``,
``confirmed_votes`` …). Ballots are not in that file: they are the rows of the table
``decidim_budgets_line_items`` (``decidim_order_id``, ``decidim_project_id``), where a join with
``decidim_budgets_orders`` may add ``checked_out_at``; an order without it was never cast. From 2026 on
Decidim writes ``.pb`` files itself, which are read directly.
"""

from __future__ import annotations

from pathlib import Path

from isopolis.model import Problems
from isopolis.model.text import phrase

from .pabulib import PbFile
from .vote_tables import Sheet, amount, as_pabulib, ballots_from_lines, checked_votes, read_sheet

__all__ = ["is_decidim", "read_decidim"]

ORDER = ("decidim_order_id", "order_id", "order/id")
PROJECT = ("decidim_project_id", "project_id", "project/id")
BUDGET = ("budget/id", "decidim_budgets_budget_id")
DONE = "checked_out_at"


def is_decidim(head: tuple[str, ...]) -> bool:
    """Tell by the columns whether a table is Decidim's list of projects."""
    return "id" in head and "budget_amount" in head


def read_decidim(projects: Path, ballots: Path, *, budget: str, pot: str = "", language: str = "") -> PbFile:
    """Read a budget of Decidim.

    Parameters
    ----------
    projects, ballots : Path
        The two tables.
    budget : str
        The amount to spend, which neither table holds.
    pot : str
        Id of the budget where the projects are of several.
    language : str
        Of the titles; the first that there is when empty.

    Raises
    ------
    DataError
        With everything that is wrong.
    """
    problems = Problems()
    listed, lines = read_sheet(projects, problems), read_sheet(ballots, problems)
    problems.raise_if_fatal()
    if not is_decidim(listed.head):
        problems.error(
            "not-decidim", phrase("these are not the columns of Decidim's export of projects"),
            file=listed.file, rule="id, title/…, budget_amount",
        )  # fmt: skip
    order, project = lines.first(ORDER), lines.first(PROJECT)
    if order is None or project is None:
        problems.error(
            "no-ballots", phrase("these are not lines of orders"), file=lines.file,
            rule="decidim_order_id, decidim_project_id",
            hint=phrase("Export the table decidim_budgets_line_items, or a .pb file of the budget."),
        )  # fmt: skip
    problems.raise_if_fatal()
    assert order is not None
    assert project is not None
    found = _projects(listed, pot, language, problems)
    cast = tuple((n, row) for n, row in lines.rows if row.get(DONE, "cast"))
    if len(cast) < len(lines.rows):
        open_ = len({row[order] for _, row in lines.rows if not row.get(DONE, "cast")})
        problems.caveat("not-cast", phrase("ballots that were begun and never cast are left out"),
                        file=lines.file, count=open_)  # fmt: skip
    votes = ballots_from_lines(
        Sheet(lines.file, lines.head, cast), order, project, {p["project_id"]: p for p in found}, problems
    )
    checked_votes(found, votes, listed.file, problems)
    problems.raise_if_fatal()
    meta = {
        "description": projects.stem, "num_projects": str(len(found)), "num_votes": str(len(votes)),
        "budget": budget, "vote_type": "approval", "rule": "",
    }  # fmt: skip
    return as_pabulib(projects.name, meta, found, votes, problems)


def _projects(sheet: Sheet, pot: str, language: str, problems: Problems) -> list[dict[str, str]]:
    titles = [n for n in sheet.head if n.startswith("title/")]
    title = f"title/{language}" if f"title/{language}" in titles else (titles[0] if titles else "title")
    where = sheet.first(BUDGET)
    pots = {row.get(where, "") for _, row in sheet.rows} if where else set()
    if len(pots) > 1 and pot not in pots:
        problems.error(
            "several-pots", phrase("the projects are of several budgets; say which"), file=sheet.file,
            column=where or "", value=pot, rule=", ".join(sorted(pots)),
        )  # fmt: skip
        return []
    out = []
    for number, row in sheet.rows:
        if where and pot and row.get(where) != pot:
            continue
        cost = amount(row.get("budget_amount", ""))
        if cost is None:
            problems.error("no-cost", phrase("the project has no cost"), file=sheet.file, rows=(number,),
                           column="budget_amount", value=row.get("budget_amount", ""))  # fmt: skip
        chosen = {"selected": str(int(bool(row["selected_at"])))} if "selected_at" in row else {}
        out.append(
            {
                "project_id": row.get("id", ""), "cost": cost or "0", "votes": row.get("confirmed_votes", ""),
                "name": row.get(title, ""), "category": row.get("category/name/en", ""), **chosen,
            }
        )  # fmt: skip
    return out
