"""The report as PDF/UA-1, by typst, from data and never from markup."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from isopolis.explain import Explain

from .blocks import Block, Bullets, Cards, Facts, Figure, Method, Report, Section, Table, Text
from .fonts import covered

__all__ = ["write_pdf"]

ROWS = 30
"""Longest table on paper; the page has all rows."""

TEMPLATE = "templates/report.typ"


def write_pdf(report: Report, path: Path) -> None:
    """Write the short form of `report`, tagged, with its language, title and text for every drawing.

    Parameters
    ----------
    report : Report
    path : Path
        File to write.
    """
    with tempfile.TemporaryDirectory(dir=path.parent) as name:
        folder = Path(name)
        data = json.dumps(_Pages(folder).report(report), ensure_ascii=False)
        (folder / "report.json").write_text(data, encoding="utf-8", errors="replace")
        source = files("isopolis.report").joinpath(TEMPLATE).read_bytes()
        (folder / "report.typ").write_bytes(source)
        made = folder / "report.pdf"
        _compile(folder, made, known_faces=_covered(data))
        shutil.move(made, path)


def _compile(folder: Path, made: Path, *, known_faces: bool) -> None:
    import typst

    # the computer's own faces come in only for scripts that ours lack
    typst.compile(
        folder / "report.typ",
        output=made,
        root=folder,
        font_paths=[_fonts()],
        ignore_system_fonts=known_faces,
        format="pdf",
        pdf_standards=["ua-1"],
    )


def _fonts() -> Path:
    import matplotlib as mpl

    return Path(mpl.get_data_path()) / "fonts" / "ttf"


@lru_cache(maxsize=1)
def _letters() -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(str(_fonts() / "DejaVuSans.ttf")).get_charmap())


def _covered(text: str) -> bool:
    return {ord(c) for c in set(text)} <= _letters() | {10}


def _for_paper(svg: str) -> str:
    """Return a drawing whose words can be read out of a PDF.

    In a drawing, a mark apart from its letter (the short vowels of Arabic) and a letter that no face has
    become glyphs without a text, which PDF/UA forbids. The text beside the drawing has them all.
    """
    return re.sub("[^\x00-\x7f]", lambda found: _drawn(found[0]), unicodedata.normalize("NFC", svg))


def _drawn(letter: str) -> str:
    if unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return ""
    return letter if ord(letter) in _letters() or covered(letter) else "\N{WHITE SQUARE}"


class _Pages:
    """Turns blocks into what the template reads, and puts the drawings beside it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def report(self, report: Report) -> dict[str, Any]:
        return {
            "title": report.title,
            "subtitle": report.subtitle,
            "language": report.language,
            "notices": list(report.notices),
            "sections": self._sections(report.sections),
        }

    def _sections(self, sections: Sequence[Section]) -> list[dict[str, Any]]:
        return [
            {"title": s.title, "blocks": [self._block(b) for b in s.blocks], "parts": self._sections(s.parts)}
            for s in map(_brief, sections)
            if s.short
        ]

    def _block(self, block: Block) -> dict[str, Any]:
        match block:
            case Text(text, tone):
                return {"kind": "text", "text": text, "tone": tone}
            case Bullets(items):
                return {"kind": "bullets", "items": list(items)}
            case Facts(pairs):
                return {"kind": "facts", "pairs": [list(p) for p in pairs]}
            case Table():
                return _table(block)
            case Figure():
                return self._figure(block)
            case Cards():
                return _cards(block)
            case Method(_, explain):
                return _method(explain)

    def _figure(self, figure: Figure) -> dict[str, Any]:
        name = f"{figure.key}.svg"
        (self._folder / name).write_text(_for_paper(figure.svg), encoding="utf-8")
        return {
            "kind": "figure",
            "title": figure.title,
            "summary": figure.summary,
            "note": _with_table(figure),
            "file": name,
            "width": 88,
            "alt": f"{figure.title}. {figure.summary}",
            "table": _table(figure.table) if figure.table and len(figure.table.rows) <= ROWS else None,
        }


def _brief(section: Section) -> Section:
    """Put the methods into one list instead of one part each."""
    methods = tuple(b for part in section.parts for b in part.blocks if isinstance(b, Method))
    if not methods:
        return section
    other = tuple(p for p in section.parts if not any(isinstance(b, Method) for b in p.blocks))
    return Section(section.key, section.title, (*section.blocks, *methods), other, section.short)


def _with_table(figure: Figure) -> str:
    long = figure.table is not None and len(figure.table.rows) > ROWS
    return f"{figure.note} The numbers are in report.html.".strip() if long else figure.note


def _table(table: Table) -> dict[str, Any]:
    rows = [list(r) for r in table.rows[:ROWS]]
    left = len(table.rows) - len(rows)
    note = table.note
    if left:
        note = (note + f" {left:,} more rows are in report.html.").strip()
    return {
        "kind": "table",
        "caption": table.caption,
        "head": list(table.head),
        "rows": rows,
        "words": sorted(table.text_columns),
        "widths": _widths(table.head, rows, table.text_columns),
        "note": note,
    }


def _widths(head: Sequence[str], rows: Sequence[Sequence[str]], words: frozenset[int]) -> list[float]:
    """Share of the line for each column, after its longest word, its usual and its longest text."""
    out = []
    for i, title in enumerate(head):
        cells = [title, *(r[i] for r in rows)]
        word = max((len(w) for c in cells for w in c.split()), default=1)
        usual = max(sum(map(len, cells)) / len(cells), max(map(len, cells)) / 3) if i in words else 0
        out.append(float(min(max(word, usual, 4), 40)))
    return out


def _cards(block: Cards) -> dict[str, Any]:
    cards = [
        {
            "title": c.title,
            "sentence": c.sentence,
            "facts": [list(f) for f in c.facts],
            "reason": c.reason,
            "caveats": list(c.caveats),
            "small": c.small,
        }
        for c in block.items
    ]
    return {"kind": "cards", "cards": cards}


def _method(explain: Explain) -> dict[str, Any]:
    pairs = [
        ("A low value", explain.low),
        ("A high value", explain.high),
        ("Take care", " ".join(explain.pitfalls)),
        ("Sources", " ".join(str(c) for c in explain.citations)),
    ]
    return {
        "kind": "method",
        "title": explain.title,
        "line": explain.one_line,
        "pairs": [list(p) for p in pairs],
    }
