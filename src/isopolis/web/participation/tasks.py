"""Holding participants against the census, as a background job."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from typing import Any

from django.utils import timezone

from isopolis.engage.representation.cells import Cell
from isopolis.model import Group
from isopolis.model.text import noted, to_plain, to_tree
from isopolis.web.datasets.models import Dataset
from isopolis.web.datasets.storage import snapshot

from .counting import counted
from .models import Board
from .short import picked

__all__ = ["ZONES_LISTED", "count", "people_of"]

ZONES_LISTED = 400
DRAWN = 30


def count(job: Any, say: Callable[[str], None]) -> None:
    """Read the census, count, and keep the board."""
    from isopolis.flows.cities import load
    from isopolis.flows.who_took_part import Turnout, who_took_part

    board = Board.objects.select_related("module__process").get(pk=job.subject)
    revision, asked = board.revision, board.asked
    dataset = Dataset.objects.get(pk=asked["dataset"], workspace_id=job.workspace_id)
    city = load(snapshot(dataset, dataset.config), progress=say)
    people = people_of(board.module)
    known = _known(city, people)
    Board.objects.filter(pk=board.pk).update(known=known)
    names = tuple(d for d in known["seen"] if d in known["dimensions"])
    taken = who_took_part(
        Turnout(people, names), city, by=tuple(n for n in asked["by"] if n in names),
        level=asked["level"], leave_out=[Group.parse(g) for g in asked["leave_out"]], progress=say,
    )  # fmt: skip
    say("tables and drawings")
    made = _page(taken, city, board.module)
    # what was asked for meanwhile has its own job
    Board.objects.filter(pk=board.pk, revision=revision).update(shown=made, counted_at=timezone.now())


def people_of(module: Any) -> dict[Cell, int]:
    """Return how many people of each cell took part, over all channels."""
    out: dict[Cell, int] = {}
    for (_channel, text), n in counted([module]).get(module.pk, {}).items():
        cell = Cell.parse(text)
        out[cell] = out.get(cell, 0) + n
    return out


def _known(city: Any, people: dict[Cell, int]) -> dict[str, Any]:
    """What an officer can choose from."""
    zones = zip(map(str, city.zones.ids), map(str, city.zones.names), strict=True)
    return {
        "levels": ["zone", *city.zones.parents],
        "dimensions": {d.name: [str(d.title), list(d.categories)] for c in city.counts for d in c.dimensions},
        "seen": sorted({name for cell in people for name, _category in cell.group}),
        "zones": list(zones)[:ZONES_LISTED],
    }


def _page(taken: Any, city: Any, module: Any) -> dict[str, Any]:
    from isopolis.flows.took_part_words import as_json, group_names, lead, listings, unequal_said
    from isopolis.model.vocabulary import standard

    caveats = [to_plain(p.said()) for p in taken.caveats]
    tables, numbers = listings(taken, city), as_json(taken)
    return {
        "lead": to_tree(list(lead(taken, city))),
        "uneven": to_tree(list(unequal_said(taken.board, city))),
        "tables": [_table(t) for t in tables],
        "zones_figure": _zones_figure(tables, numbers["zones"]),
        "notes": [*to_tree([standard(n) for n in taken.notes]), *caveats],
        "channels": _channels(module, int(taken.board.card["threshold"])),
        "numbers": numbers,
        "names": group_names(taken, city) | dict(taken.zone_names),
    }


def _table(listing: Any) -> dict[str, Any]:
    rows = [[r.label, *r.cells] for r in listing.rows]
    made: dict[str, Any] = to_tree(
        {"key": listing.key, "caption": listing.caption, "head": list(listing.head), "rows": rows}
    )
    figure = _figure(listing) if listing.key in ("gaps", "by-1", "by-2", "by-3") else None
    return made | {"figure": figure, "text_columns": [0, 7]}


def _zones_figure(tables: Any, zones: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Draw the neighbourhoods that stand where there is room for few, as on the page of a result."""
    of_zones = next(t for t in tables if t.key == "zones")
    return _figure(replace(of_zones, rows=tuple(of_zones.rows[n] for n in picked(zones))))


def _figure(listing: Any) -> dict[str, Any] | None:
    from isopolis.report.took_part import ratio_figure
    from isopolis.web.diagnoses.drawings import without_inline_styles

    with noted() as seen:
        figure = ratio_figure(listing, listing.key)
    if figure is None:
        return None
    nodes = {unescape(t) for t in re.findall(r"<(?:text|title)(?:\s[^>]*)?>([^<]+)<", figure.svg)}
    words = {node: {"is": to_plain(seen[node])} for node in sorted(nodes & seen.keys())}
    svg = without_inline_styles(figure.svg)
    made: dict[str, Any] = to_tree({"key": figure.key, "title": figure.title, "summary": figure.summary})
    return made | {"svg": svg, "words": words}


def _channels(module: Any, threshold: int) -> list[list[Any]]:
    """How many by which channel; small numbers are hidden, and one more where only one is small."""
    sums: dict[str, int] = {}
    for (channel, _cell), n in counted([module]).get(module.pk, {}).items():
        sums[channel] = sums.get(channel, 0) + n
    small = {c for c, n in sums.items() if n < threshold}
    if len(small) == 1 and len(sums) > 1:
        small.add(min((c for c in sums if c not in small), key=lambda c: (sums[c], c)))
    return [[channel, None if channel in small else n] for channel, n in sorted(sums.items())]
