"""Who took part, for the page of a result: the published board in short.

Every number is one that the board shows already; nothing is counted here, and nothing is shown before the
board is published, so that no two tables of the same people stand beside each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from isopolis.model.text import phrase
from isopolis.web.languages import said, said_drawing, spoken
from isopolis.web.modules.models import Module
from isopolis.web.participation.models import Board
from isopolis.web.participation.short import picked

from .access import address

__all__ = ["people_told"]

GROUPS_MOST = 2
"""Dimensions that the page shows; the board has the others."""
COLUMNS = (0, 1, 2, 3, 4, 7)
"""Who, residents, took part, rate, its interval, read as: columns of a table of the board."""
TOOK = 2
WORDS = (0, 5)
"""Columns of words among these."""


def people_told(module: Module) -> dict[str, Any] | None:
    """Return the published board in short, in the language of the page; None where none is published."""
    kept = Board.objects.filter(module=module).exclude(public={}).first()
    if kept is None:
        return None
    public, numbers = kept.public, kept.public.get("numbers", {})
    tables = {t["key"]: t for t in public.get("tables", [])}
    zones = numbers.get("zones", [])
    rows, shown = picked(zones), []
    if "zones" in tables:
        drawn = public.get("zones_figure")
        shown.append(_said(tables["zones"], rows, drawn) | {"said": _of_zones(zones, rows)})
    by_group = [tables[f"by-{n}"] for n in range(1, GROUPS_MOST + 1) if f"by-{n}" in tables]
    shown += [_said(t, range(len(t["rows"])), t.get("figure")) for t in by_group]
    hidden = said(phrase("hidden"))
    return {
        "lead": spoken(public.get("lead", [])),
        "address": address(module, "who_took_part"),
        "tables": shown,
        "hidden": any(row[TOOK] == hidden for part in shown for row in part["table"]["rows"]),
        "all_zones": address(module, "who_took_part_table", "zones") if len(rows) < len(zones) else "",
    }


def _of_zones(zones: Sequence[Mapping[str, Any]], rows: Sequence[int]) -> str:
    if not zones or len(rows) == len(zones):
        return ""
    if not rows:
        return _("Nobody surely has less than their share.")
    told = _("Of %(all)s neighbourhoods these surely have less than their share, most people missing first:")
    return told % {"all": len(zones)}


def _said(kept: Mapping[str, Any], rows: Sequence[int], drawn: Mapping[str, Any] | None) -> dict[str, Any]:
    """Say some columns and rows of a table, with the drawing of the same rows."""
    head, key = spoken(kept["head"]), f"people-{kept['key']}"
    table = {
        "key": key, "caption": spoken(kept["caption"]), "text_columns": WORDS,
        "head": [head[c] for c in COLUMNS],
        "rows": [[spoken(kept["rows"][r][c]) for c in COLUMNS] for r in rows],
    }  # fmt: skip
    if not drawn or not rows:
        return {"table": table, "figure": None}
    figure = {"key": key, "title": spoken(drawn["title"]), "summary": spoken(drawn["summary"])}
    figure |= {"svg": said_drawing(drawn["svg"], drawn["words"]), "table": table}
    return {"table": table, "figure": figure}
