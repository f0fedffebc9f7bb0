"""What commands print on standard output."""

from __future__ import annotations

import json
from pathlib import Path

from isopolis.explain.languages import said
from isopolis.flows.diagnosis import Diagnosis
from isopolis.flows.measure_one import measures
from isopolis.flows.small_units import said_of as corrections_of
from isopolis.flows.words import percent
from isopolis.model import Finding
from isopolis.model.text import count, joint, phrase
from isopolis.model.vocabulary import standard

__all__ = ["print_explanation", "print_findings", "print_measures", "print_summary"]

WIDTH = 88


def print_findings(diagnosis: Diagnosis) -> None:
    """Print every finding as one JSON list."""
    print(
        json.dumps([f.to_dict() for f in diagnosis.findings], ensure_ascii=False, allow_nan=False, indent=1)
    )


def print_summary(diagnosis: Diagnosis, out: Path | None, language: str = "en") -> None:
    """Print what stands out, what cannot be known, and where the report is."""
    city = diagnosis.city

    def wrapped(text: str, lead: str) -> None:
        _wrapped(said(text, language), lead)

    for note in city.notes:
        print(f"** {said(standard(note), language)} **")
    heading = said(_heading(diagnosis), language)
    print(f"{heading}\n{'=' * len(heading)}")
    for reason in diagnosis.undefined:
        wrapped(reason.reason, "  ! ")
    if diagnosis.headlines:
        print(said(phrase("What stands out"), language))
    for place, finding in enumerate(diagnosis.headlines):
        wrapped(joint((finding.explanation, _numbers(finding))), "  - ")
        wrapped(corrections_of(finding), "    ")
        wrapped(diagnosis.headline_reasons.get(place, ""), "    ")
    if not diagnosis.headlines and not diagnosis.undefined:
        wrapped(
            phrase("No group is separated enough to lead a report; all values are in the findings."), "  - "
        )
    if city.caveats:
        print(said(phrase("Found in the files"), language))
        for problem in city.caveats:
            wrapped(problem.said(), "  - ")
    if diagnosis.unknowns:
        print(said(phrase("What cannot be known from this data"), language))
        for sentence in diagnosis.unknowns:
            wrapped(sentence, "  - ")
    last = phrase("For the report with maps and all findings: {option}", option="--out DIR")
    if out is not None:
        last = phrase("Report: {file}", file=(out / "report.html").resolve())
    print(said(last, language))


def _heading(diagnosis: Diagnosis) -> str:
    city = diagnosis.city
    return phrase(
        "{city}: {zones} zones, {findings} findings",
        city=city.name,
        zones=count(len(city.zones)),
        findings=count(len(diagnosis.findings)),
    )


def _numbers(finding: Finding) -> str:
    if finding.interval is None or finding.excess is None:
        return ""
    low, high = finding.interval
    return phrase(
        "[between {low} and {high}; excess over chance {excess}]",
        low=percent(low),
        high=percent(high),
        excess=percent(finding.excess),
    )


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
    print("\nMore about one: isopolis explain NAME. Indices that one asks for by name: docs/measures.md")


def print_explanation(name: str, language: str) -> None:
    """Print what a measure or index means, and what the catalogue says of it."""
    from isopolis.explain import to_text
    from isopolis.flows.measure_one import index_of, standing

    spec = index_of(name)
    print(to_text(spec.explain, language=language), end="")
    for heading, texts in standing(spec):
        print(f"\n{said(heading, language)}")
        for text in texts:
            _wrapped(said(text, language), "  - ")
