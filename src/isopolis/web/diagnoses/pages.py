"""A diagnosis as small JSON files, one for each page, so that a page reads only what it shows.

``overview.json``; ``list-K.json`` for each dimension; ``findings-K.json`` with a hundred findings each;
``figure-KEY.json``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from isopolis.flows.diagnosis import Diagnosis
from isopolis.model import Finding
from isopolis.model.text import joint, phrase, phrases, to_tree
from isopolis.model.vocabulary import standard
from isopolis.report.prose import (
    Names,
    clean,
    explain_of,
    interval,
    measure_title,
    number,
    percent,
    sentence,
    several,
)  # fmt: skip
from isopolis.web.explore.zones_pages import write_explore

from .drawings import Drawings

__all__ = ["CHUNK", "write_pages"]

CHUNK = 100
DRAWN_MOST = 5000
"""Findings for which figures are looked up; beyond this a page shows its numbers only."""


def write_pages(diagnosis: Diagnosis, folder: Path, say: Callable[[str], None]) -> None:
    """Write everything that the pages of `diagnosis` show into the empty `folder`."""
    names = Names(diagnosis.city, {f.scope for f in diagnosis.findings})
    drawings = Drawings(diagnosis, names)
    place = {id(f): n for n, f in enumerate(diagnosis.findings)}
    headlines = [place[id(f)] for f in diagnosis.headlines]
    say("pages: drawings")
    # headlines come first, so that they have their maps when a city has more groups than may be drawn
    order = [*headlines, *(n for n in range(len(diagnosis.findings)) if n not in set(headlines))]
    keys = {}
    for step, n in enumerate(order[:DRAWN_MOST]):
        keys[n] = drawings.of(diagnosis.findings[n])
        if step % 20 == 0:
            say(f"pages: drawings ({step + 1} of {len(order)})")
    write_explore(diagnosis, drawings, names, folder, say)
    for key, figure in drawings.made.items():
        if figure is not None:
            _write(folder / f"figure-{key}.json", drawings.as_json(key))
    say("pages: findings")
    for start in range(0, len(diagnosis.findings), CHUNK):
        rows = [
            _finding(f, names) | {"number": start + i, "figures": keys.get(start + i, ())}
            for i, f in enumerate(diagnosis.findings[start : start + CHUNK])
        ]
        _write(folder / f"findings-{start // CHUNK}.json", rows)
    _write(
        folder / "overview.json", _overview(diagnosis, names, headlines) | _lists(diagnosis, names, folder)
    )


def _write(path: Path, item: Any) -> None:
    # texts keep what they were made of, so that each reader gets them in their own language
    path.write_text(json.dumps(to_tree(item), ensure_ascii=False, allow_nan=False), encoding="utf-8")


def _overview(diagnosis: Diagnosis, names: Names, headlines: Sequence[int]) -> dict[str, Any]:
    city = diagnosis.city
    cards = []
    for position, n in enumerate(headlines):
        card = _finding(diagnosis.findings[n], names)
        wanted = ("subject", "sentence", "value", "expected", "excess", "interval", "small", "caveats")
        why = sentence(diagnosis.headline_reasons.get(position, ""))
        cards.append({k: card[k] for k in wanted} | {"number": n, "reason": why})
    return {
        "city": clean(city.name),
        "notes": [standard(clean(n)) for n in city.notes],
        "zones": len(city.zones),
        "dates": [clean(d) for d in city.dates if d],
        "findings": len(diagnosis.findings),
        "headlines": cards,
        "unknowns": [sentence(u) for u in diagnosis.unknowns],
        "undefined": [clean(u.reason) for u in diagnosis.undefined],
        "caveats": [clean(p.said()) for p in city.caveats],
        "settings": {k: standard(clean(v)) for k, v in diagnosis.settings.items()},
    }


def _lists(diagnosis: Diagnosis, names: Names, folder: Path) -> dict[str, Any]:
    """Write one list for each dimension; return what there is to choose from."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for n, f in enumerate(diagnosis.findings):
        rows.setdefault(f.dimension, []).append(
            {
                "number": n,
                "measure": clean(measure_title(f.measure)),
                "subject": clean(names.subject(f)),
                "place": joint((clean(names.place(f.scope)), standard(clean(f.scale)), clean(f.date)), " · "),
                "value": number(f.number) if f.defined else phrase("none"),
                "expected": number(f.expected),
                "excess": percent(f.excess),
            }
        )
    chosen = []
    for k, (dimension, listed) in enumerate(rows.items()):
        _write(folder / f"list-{k}.json", listed)
        title = names.dimension(dimension) if dimension else phrase("All together")
        chosen.append({"number": k, "title": title, "count": len(listed)})
    return {"dimensions": chosen}


def _finding(f: Finding, names: Names) -> dict[str, Any]:
    """Return one finding in words."""
    explain = explain_of(f.measure)
    small = (
        clean(measure_title(f.measure)), clean(names.place(f.scope)), standard(clean(f.scale)), clean(f.date),
    )  # fmt: skip
    return {
        "subject": clean(names.subject(f)),
        "versus": clean(names.group(f.versus)) if f.versus else "",
        "measure": clean(measure_title(f.measure)),
        "name": f.measure,
        "sentence": sentence(f.explanation) or clean(str(f.value)),
        "value": number(f.number) if f.defined else "",
        "why_none": "" if f.defined else clean(f.value),
        "expected": number(f.expected),
        "maximum": number(f.maximum),
        "excess": percent(f.excess),
        "interval": interval(f),
        "interval_method": sentence(f.interval_method),
        "null_method": sentence(f.null_method),
        "p": number(f.p),
        "who": _who(f),
        "small": joint(small, " · "),
        "caveats": [sentence(c) for c in f.caveats],
        "provenance": _plain(f.provenance),
        "explain_title": phrase(explain.title) if explain else "",
        "explain": {"explains": f.measure} if explain else "",
    }


def _who(f: Finding) -> str:
    zones = phrases("{n} zone", "{n} zones", f.n_zones)
    if not f.n_group:
        return phrase("{people} in {zones}", people=several(f.n_people, "person"), zones=zones)
    return phrase(
        "{group} in the group, out of {people} in {zones}",
        group=several(f.n_group, "person"),
        people=several(f.n_people, "person"),
        zones=zones,
    )


_ORIGIN = {
    "source": phrase("source"),
    "source key": phrase("source: key"),
    "source title": phrase("source: title"),
    "source publisher": phrase("source: publisher"),
    "source licence": phrase("source: licence"),
    "source date": phrase("source: date"),
    "source url": phrase("source: address"),
    "source files": phrase("source: files"),
    "universe": phrase("who is counted"),
    "observed": phrase("how the counts were observed"),
    "software": phrase("software"),
    "seed": phrase("seed of the random numbers"),
}
"""Readers' names of the parts of a finding's origin; `before` and `after` stand in front of them."""


_OBSERVED = {
    "exact": phrase("exact"),
    "sample": phrase("from a sample"),
    "rounded": phrase("rounded"),
    "cell_key": phrase("with cell-key noise"),
    "dp": phrase("with noise (differential privacy)"),
    "modelled": phrase("modelled"),
    "interval": phrase("known within bounds"),
    "not_collected": phrase("not collected"),
}
"""How counts came to be known, for readers."""


def _origin(key: str) -> str:
    """Name a part of where a finding came from."""
    if key in _ORIGIN:
        return _ORIGIN[key]
    lead, _, rest = key.partition(" ")
    if lead == "before":
        return phrase("before: {part}", part=_origin(rest))
    return phrase("after: {part}", part=_origin(rest)) if lead == "after" else key


def _plain(provenance: Any) -> list[tuple[str, str]]:
    """Flatten where a finding came from into readers' names and values."""
    return [(_origin(name), standard(value)) for name, value in _flat(provenance)]


def _flat(provenance: Any) -> list[tuple[str, str]]:
    said: list[tuple[str, str]] = []
    for key, value in dict(provenance).items():
        if isinstance(value, dict):
            said += [(f"{key} {k}".replace("_", " "), v) for k, v in _flat(value) if v]
        elif isinstance(value, (list, tuple)):
            said.append((key.replace("_", " "), joint([_OBSERVED.get(v, clean(v)) for v in value], ", ")))
        elif value not in ("", None):
            said.append((key.replace("_", " "), clean(value)))
    return said
