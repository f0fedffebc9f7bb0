"""The files of a publication, made once: pages as small JSON files, and the downloads.

Everything here is made from what the gate gave out. True numbers come in at one place only, in
`staff_report`, and that is never written to a file.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from isopolis.flows.publication import MEASURED, Published
from isopolis.model import City, Finding
from isopolis.model.text import to_tree
from isopolis.report.counts import HIDDEN, released_tables, write_counts_csv, write_counts_json
from isopolis.report.files import write_csv, write_json
from isopolis.report.prose import Names, number
from isopolis.web.diagnoses.pages import write_pages

from .store import digest_of

__all__ = ["staff_report", "write_public"]

PAGES = ("overview.json", "list-", "findings-", "figure-", "table-", "public.json")
"""How the names of files begin that public pages read; nothing else stays in the folder."""
LISTED = 300


def write_public(made: Published, folder: Path, say: Callable[[str], None]) -> dict[str, Any]:
    """Write everything that the public pages of a publication show into the empty `folder`.

    Returns
    -------
    dict
        ``summary`` in a few numbers, and ``digest`` of all files.
    """
    pages = folder / "pages"
    pages.mkdir()
    write_pages(made.diagnosis, pages, say)
    for path in pages.iterdir():
        if not path.name.startswith(PAGES):
            path.unlink()
    say("pages: tables")
    tables = released_tables(made.released.safe, made.diagnosis.city)  # type: ignore[arg-type]
    for k, table in enumerate(tables):
        _write(pages / f"table-{k}.json", table)
    _write(pages / "public.json", _public(made, tables))
    write_csv(made.diagnosis.findings, folder / "findings.csv")
    write_json(made.diagnosis.findings, folder / "findings.json")
    write_counts_csv(tables, folder / "counts.csv")
    write_counts_json(tables, folder / "counts.json")
    summary = {
        "city": made.diagnosis.city.name,
        "findings": len(made.diagnosis.findings),
        "tables": len(tables),
        "zones": len(made.diagnosis.city.zones),
    }
    return {"summary": summary, "digest": digest_of(folder)}


def _public(made: Published, tables: Sequence[dict[str, Any]]) -> dict[str, Any]:
    audit = made.released.audit
    return {
        "basis": [int(b == MEASURED) for b in made.basis],
        "protection": audit.protection,
        "parameters": dict(audit.parameters),
        "hidden": sum(c == HIDDEN for t in tables for row in _units(t) for c in (*row["cells"], row["all"])),
        "tables": [
            {
                "number": k,
                "title": t["title"],
                "date": t["date"],
                "universe": t["universe"],
                "zones": len(t["levels"][0]["units"]),
            }
            for k, t in enumerate(tables)
        ],
    }


def _units(table: dict[str, Any]) -> list[dict[str, Any]]:
    return [unit for level in table["levels"] for unit in level["units"]]


def _write(path: Path, item: Any) -> None:
    # texts keep what they were made of, so that each reader gets them in their own language
    path.write_text(json.dumps(to_tree(item), ensure_ascii=False, allow_nan=False), encoding="utf-8")


def staff_report(made: Published, city: City, findings: Sequence[Finding]) -> dict[str, Any]:
    """Say what was withheld and why, and how far what is shown is from the truth. Never public."""
    names = Names(made.diagnosis.city, {f.scope for f in made.diagnosis.findings})
    audit, compared = made.released.audit, made.released.audit.compared
    rules = Counter((h.rule, h.reason) for h in made.withheld)
    return {
        "notes": list(audit.notes),
        "hidden_first": sum(a.primary for a in audit.hidden),
        "hidden_more": sum(not a.primary for a in audit.hidden),
        "rules": [[rule, reason, n] for (rule, reason), n in rules.most_common()],
        "withheld": [
            [
                names.place(h.zone),
                names.group(h.group) if "=" in h.group else names.dimension(h.group),
                h.reason,
            ]
            for h in made.withheld[:LISTED]
        ],
        "withheld_all": len(made.withheld),
        "pairs": compared.pairs if compared else 0,
        "covered": compared.covered if compared else 0,
        "clashes": [str(c) for c in compared.clashes[:LISTED]] if compared else [],
        "beside": _beside(made, findings, names),
    }


def _beside(made: Published, findings: Sequence[Finding], names: Names) -> list[list[str]]:
    """The headlines, as measured and as published."""

    def key(f: Finding) -> tuple[str, ...]:
        return f.measure, f.dimension, f.group, f.versus, f.scale, f.scope, f.date

    true = {key(f): f for f in findings if f.defined}
    return [
        [names.subject(f), number(true[key(f)].number), number(f.number)]
        for f in made.diagnosis.headlines
        if f.defined and key(f) in true
    ]
