"""What commands print on standard output."""

from __future__ import annotations

import json
from pathlib import Path

from isopolis.flows.diagnosis import Diagnosis
from isopolis.flows.measure_one import measures
from isopolis.flows.words import percent
from isopolis.model import Finding

__all__ = ["print_findings", "print_measures", "print_summary"]

WIDTH = 88


def print_findings(diagnosis: Diagnosis) -> None:
    """Print every finding as one JSON list."""
    print(
        json.dumps([f.to_dict() for f in diagnosis.findings], ensure_ascii=False, allow_nan=False, indent=1)
    )


def print_summary(diagnosis: Diagnosis, out: Path | None) -> None:
    """Print what stands out, what cannot be known, and where the report is."""
    city = diagnosis.city
    for note in city.notes:
        print(f"** {note} **")
    heading = f"{city.name}: {len(city.zones):,} zones, {len(diagnosis.findings):,} findings"
    print(f"{heading}\n{'=' * len(heading)}")
    for reason in diagnosis.undefined:
        _wrapped(str(reason), "  ! ")
    if diagnosis.headlines:
        print("What stands out")
    for place, finding in enumerate(diagnosis.headlines):
        _wrapped(f"{finding.explanation} {_numbers(finding)}", "  - ")
        _wrapped(diagnosis.headline_reasons.get(place, ""), "    ")
    if not diagnosis.headlines and not diagnosis.undefined:
        _wrapped("No group is separated enough to lead a report; all values are in the findings.", "  - ")
    if city.caveats:
        print("Found in the files")
        for problem in city.caveats:
            _wrapped(str(problem), "  - ")
    if diagnosis.unknowns:
        print("What cannot be known from this data")
        for sentence in diagnosis.unknowns:
            _wrapped(sentence, "  - ")
    if out is None:
        print("For the report with maps and all findings: --out DIR")
    else:
        print(f"Report: {(out / 'report.html').resolve()}")


def _numbers(finding: Finding) -> str:
    if finding.interval is None or finding.excess is None:
        return ""
    low, high = finding.interval
    return f"[between {percent(low)} and {percent(high)}; excess over chance {percent(finding.excess)}]"


def _wrapped(text: str, lead: str) -> None:
    import textwrap

    if text:
        print(textwrap.fill(text, WIDTH, initial_indent=lead, subsequent_indent=" " * len(lead)))


def print_measures(as_json: bool) -> None:
    """Print the list of measures."""
    rows = [
        {"name": m.name, "symbol": m.symbol, "family": m.family, "question": m.explain.one_line}
        for m in measures()
    ]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    wide = max(len(r["name"]) for r in rows)
    for row in rows:
        print(f"{row['name']:<{wide}}  {row['symbol']:<9} {row['question']}")
    print("\nMore about one: isopolis explain NAME")
