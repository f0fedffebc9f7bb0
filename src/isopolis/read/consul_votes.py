"""CONSUL Democracy: projects as its page of investments exports them, and lines of ballots.

The export ``budget_investments.csv`` has its headings in the language of the page, always in one order:
number and title first, the scope before the feasibility, which holds the price in brackets. A dump of the
table ``budget_investments`` (``id, title, price, heading_id, winner`` …) is read as well. Ballots are the
rows of the table ``budget_ballot_lines`` (``ballot_id``, ``investment_id``). Each heading is a pot.
"""

from __future__ import annotations

from pathlib import Path

from isopolis.model import Problems
from isopolis.model.text import phrase

from .pabulib import PbFile
from .vote_tables import Sheet, amount, as_pabulib, ballots_from_lines, checked_votes, read_sheet

__all__ = ["read_consul"]

BALLOT, PROJECT, HEADING = "ballot_id", "investment_id", "heading_id"
WIDTHS = (12, 13)
TRUE = ("t", "true", "1")


def read_consul(projects: Path, ballots: Path, *, budget: str, pot: str = "") -> PbFile:
    """Read one heading of a CONSUL budget.

    Parameters
    ----------
    projects, ballots : Path
        The two tables.
    budget : str
        The amount of the heading, which neither table holds.
    pot : str
        Name (export) or id (dump) of the heading where the projects are of several.

    Raises
    ------
    DataError
        With everything that is wrong.
    """
    problems = Problems()
    listed, lines = read_sheet(projects, problems), read_sheet(ballots, problems)
    problems.raise_if_fatal()
    if BALLOT not in lines.head or PROJECT not in lines.head:
        problems.error(
            "no-ballots", phrase("these are not lines of ballots"), file=lines.file,
            rule=f"{BALLOT}, {PROJECT}", hint=phrase("Export the table budget_ballot_lines."),
        )  # fmt: skip
    dump = "price" in listed.head and "title" in listed.head and "id" in listed.head
    if not dump and len(listed.head) not in WIDTHS:
        problems.error(
            "not-consul", phrase("these are not the columns of CONSUL's export of investments"),
            file=listed.file, rule=phrase("id, title, price and heading_id, or the columns of the export"),
        )  # fmt: skip
    problems.raise_if_fatal()
    found = _from_dump(listed) if dump else _from_export(listed)
    found = _of_pot(found, pot, listed.file, problems)
    ids = {p["project_id"]: p for p in found}
    inside = tuple((n, r) for n, r in lines.rows if not _elsewhere(r, pot, ids, dump))
    votes = ballots_from_lines(Sheet(lines.file, lines.head, inside), BALLOT, PROJECT, ids, problems)
    priced = [p for p in found if p["cost"]]
    _without_price(found, votes, listed.file, problems)
    checked_votes(priced, votes, listed.file, problems)
    problems.raise_if_fatal()
    meta = {
        "description": projects.stem, "num_projects": str(len(priced)), "num_votes": str(len(votes)),
        "budget": budget, "vote_type": "approval", "rule": "greedy",
    }  # fmt: skip
    rows = tuple({k: v for k, v in p.items() if k != "pot"} for p in priced)
    return as_pabulib(projects.name, meta, rows, votes, problems)


def _elsewhere(row: dict[str, str], pot: str, ids: dict[str, dict[str, str]], dump: bool) -> bool:
    """True for a line of another heading."""
    if row.get(PROJECT, "") in ids or not pot:
        return False
    return not dump or row.get(HEADING, "") != pot


def _from_dump(sheet: Sheet) -> list[dict[str, str]]:
    out = []
    for _, row in sheet.rows:
        won = {"selected": str(int(row["winner"].lower() in TRUE))} if "winner" in row else {}
        out.append(
            {
                "project_id": row["id"], "cost": amount(row["price"]) or "", "name": row["title"],
                "votes": row.get("ballot_lines_count", ""), "pot": row.get(HEADING, ""), **won,
            }
        )  # fmt: skip
    return out


def _from_export(sheet: Sheet) -> list[dict[str, str]]:
    """Columns by place: a count of supports (12 columns) or a description (13) stands after the title."""
    number, title, scope, price = 0, 1, 6, 7
    out = []
    for _, row in sheet.rows:
        cells = [row.get(name, "") for name in sheet.head]
        inside = cells[price].partition("(")[2]
        out.append(
            {
                "project_id": cells[number], "cost": amount(inside) or "", "name": cells[title],
                "votes": "", "pot": cells[scope],
            }
        )  # fmt: skip
    return out


def _of_pot(found: list[dict[str, str]], pot: str, file: str, problems: Problems) -> list[dict[str, str]]:
    pots = {p["pot"] for p in found}
    if len(pots) > 1 and pot not in pots:
        problems.error(
            "several-pots", phrase("the projects are of several headings, each a pot of its own; say which"),
            file=file, value=pot, rule=", ".join(sorted(pots)),
        )  # fmt: skip
        return []
    return [p for p in found if not pot or p["pot"] == pot]


def _without_price(
    found: list[dict[str, str]], votes: tuple[dict[str, str], ...], file: str, problems: Problems
) -> None:
    """Projects without a price were never voted on; one that was is a problem."""
    chosen = {p for row in votes for p in row["vote"].split(",")}
    bare = [p["project_id"] for p in found if not p["cost"]]
    wrong = [p for p in bare if p in chosen]
    if wrong:
        problems.error("no-cost", phrase("projects that have votes have no price"), file=file,
                       value=", ".join(wrong[:5]), count=len(wrong))  # fmt: skip
    elif bare:
        problems.caveat("not-on-ballot", phrase("projects without a price are left out"), file=file,
                        value=", ".join(bare[:5]), count=len(bare))  # fmt: skip
