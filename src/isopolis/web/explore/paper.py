"""One finding on paper: the same words as its page, set by the report's own printer."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from isopolis.report.blocks import Bullets, Facts, Figure, Report, Section, Table, Text
from isopolis.report.prose import explain_of

__all__ = ["finding_pdf"]


def finding_pdf(
    found: dict[str, Any],
    figures: Sequence[dict[str, Any]],
    notes: Sequence[str],
    subtitle: str,
    language: str,
) -> bytes:
    """Set one finding as PDF/UA.

    Parameters
    ----------
    found, figures : mappings
        As the pages have them.
    notes : sequence of str
        Sentences that every product of this city must carry.
    subtitle, language : str
    """
    from isopolis.report.pdf import write_pdf

    report = Report(
        title=str(found["subject"]),
        subtitle=subtitle,
        notices=tuple(map(str, notes)),
        sections=tuple(_sections(found, figures)),
        language=language,
    )
    with tempfile.TemporaryDirectory(prefix="isopolis-") as folder:
        path = Path(folder) / "finding.pdf"
        write_pdf(report, path)
        return path.read_bytes()


def _sections(found: dict[str, Any], figures: Sequence[dict[str, Any]]) -> list[Section]:
    numbers = (
        (_("Measured"), found["value"] or "–"),
        (_("Expected by chance"), found["expected"]),
        (_("Most possible"), found["maximum"]),
        (_("Excess over chance"), found["excess"]),
        (_("Interval"), found["interval"]),
        (_("Who"), found["who"]),
    )
    first: list[Any] = [Text(str(found["small"]), "note"), Text(str(found["sentence"]), "lead")]
    first.append(Facts(_pairs(numbers)))
    if found["caveats"]:
        first.append(Bullets(tuple(map(str, found["caveats"]))))
    out = [Section("finding", str(found["measure"]), tuple(first))]
    drawn = [_figure(f) for f in figures]
    if drawn:
        out.append(Section("drawings", _("Drawings"), tuple(drawn)))
    explain = explain_of(found["name"])
    if explain is not None:
        texts = [explain.one_line, explain.low, explain.high, *explain.pitfalls]
        out.append(Section("measure", _("What this measures"), (Bullets(tuple(map(str, texts))),)))
    origin = [
        (_("Chance"), found["null_method"]),
        (_("Interval"), found["interval_method"]),
        *found["provenance"],
    ]
    out.append(Section("origin", _("Method and origin"), (Facts(_pairs(origin)),)))
    return out


def _pairs(rows: Sequence[Any]) -> tuple[tuple[str, str], ...]:
    return tuple((str(name), str(value)) for name, value in rows if value)


def _figure(figure: dict[str, Any]) -> Figure:
    table = figure.get("table")
    made = None
    if table:
        rows = tuple(tuple(map(str, row)) for row in table["rows"])
        words = frozenset(table["text_columns"])
        made = Table(
            str(table["caption"]), tuple(map(str, table["head"])), rows, words, note=str(table["note"])
        )
    return Figure(
        figure["key"],
        str(figure["title"]),
        str(figure["summary"]),
        str(figure["svg"]),
        made,
        str(figure["note"]),
    )
