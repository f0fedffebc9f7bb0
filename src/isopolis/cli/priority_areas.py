"""The command on priority areas, and on neighbourhoods that change."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

__all__ = ["priority_areas"]

SHOWN = 20
WIDTH = 88


def priority_areas(
    city: Annotated[
        Path | None, typer.Argument(metavar="CITY", help="City folder, or one file of zones.")
    ] = None,
    rule: Annotated[
        str, typer.Option(metavar="NAME", help="Rule that ships, or a rule file (YAML).")
    ] = "france_2014",
    rules: Annotated[bool, typer.Option("--rules", help="List the rules, with what they need.")] = False,
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=COLUMN", help="Column of a name in a rule; may be repeated."),
    ] = None,
    number: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=NUMBER", help="Number that a rule refers to; may be repeated."),
    ] = None,
    warn: Annotated[
        bool, typer.Option("--warn", help="Warn of gentrification and displacement instead.")
    ] = False,
    before: Annotated[str, typer.Option(metavar="DATE", help="First date, for --warn.")] = "",
    after: Annotated[str, typer.Option(metavar="DATE", help="Last date.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    report: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a page with a map here.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
    lang: Annotated[str, typer.Option(metavar="LANGUAGE", help="Language of the sentences.")] = "en",
) -> None:
    """Delimit priority areas by a rule, or say which published rules see a neighbourhood change."""
    from isopolis.flows.area_rules import area_rule
    from isopolis.flows.cities import load
    from isopolis.flows.priority_areas import Asked, signs
    from isopolis.flows.priority_areas import priority_areas as delimited
    from isopolis.model import CallError

    if rules:
        _list_rules()
        return
    if city is None:
        raise CallError("name the city: a folder, or one file of zones")
    if report is not None and report.exists():
        raise CallError(f"{report} is there already; name a place that is new")
    asked = Asked(_columns(column), _numbers(number), before, after)
    made = None if warn else area_rule(rule)
    progress = _quiet if quiet else _say
    progress(f"reading {city}")
    place = load(city)
    _known_dates(asked, place)
    progress("asking the rules")
    found: Any = signs(place, asked) if made is None else delimited(place, made, asked)
    known = found.known if warn else found.undefined is None
    if report is not None and known:
        _write(report, found, lang)
    if as_json:
        print(json.dumps(found.to_dict(), ensure_ascii=False, allow_nan=False, indent=1))
    else:
        _print(found, lang)
    if not known:
        if report is not None:
            print(f"isopolis: {report} was not written: nothing can be said", file=sys.stderr)
        raise typer.Exit(1)


def _say(text: str) -> None:
    print(f"… {text}", file=sys.stderr, flush=True)


def _quiet(text: str) -> None:
    """Say nothing."""


def _pairs(given: list[str] | None, option: str) -> dict[str, str]:
    from isopolis.model import CallError

    out = {}
    for one in given or ():
        name, sign, value = one.partition("=")
        if not sign or not name.strip() or not value.strip():
            raise CallError(f'{option} "{one}" is not NAME=VALUE')
        out[name.strip()] = value.strip()
    return out


def _columns(given: list[str] | None) -> dict[str, str]:
    from isopolis.flows.area_rules import change_rules

    out = _pairs(given, "--column")
    # a rule file of the user's own may call its columns anything; the names of ours are a help, not a fence
    shipped = list(change_rules().columns)
    for name in out:
        if name not in shipped:
            _say(f'"{name}" is a name of no rule that ships; it counts if your rule file uses it')
    return out


def _numbers(given: list[str] | None) -> dict[str, float]:
    import math

    from isopolis.model import CallError

    out = {}
    for name, text in _pairs(given, "--number").items():
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value) or value <= 0:
            raise CallError(f'--number "{name}={text}": a number above 0 is needed, such as {name}=1.2')
        out[name] = value
    return out


def _known_dates(asked: Any, city: Any) -> None:
    from isopolis.model import CallError, near

    dates = {d for d in city.dates if d} | {k.rpartition(" at ")[2] for k in city.context if " at " in k}
    for date in filter(None, (asked.before, asked.after)):
        if date not in dates:
            raise CallError(f'the city has no date "{date}": {near(date, sorted(dates))}')


def _list_rules() -> None:
    from isopolis.flows.area_rules import area_rule, area_rules, change_rules

    for name in area_rules():
        rule = area_rule(name)
        needs = ", ".join(filter(None, (rule.value, rule.people, rule.reference)))
        print(f"{name}: {rule.title}\n  needs {needs}\n  read: {rule.source.cite}; {rule.source.where}")
    print("\nWith --warn:")
    every = change_rules()
    for one in (*every.gentrification, *every.displacement):
        source = every.sources[one.id]
        print(f"{one.id}: {one.title}\n  needs {', '.join(one.needs)}\n  read: {source.cite}; {source.where}")
    print("\nColumns and numbers:")
    for name, meaning in {**every.columns, **every.numbers}.items():
        print(f"  {name}: {meaning}")


def _print(found: Any, lang: str) -> None:
    import textwrap

    from isopolis.explain.languages import said
    from isopolis.flows.priority_areas import Areas, named
    from isopolis.model.text import phrase

    def wrapped(text: str, lead: str = "") -> None:
        print(textwrap.fill(said(text, lang), WIDTH, initial_indent=lead, subsequent_indent=" " * len(lead)))

    if isinstance(found, Areas):
        wrapped(found.rule.title)
        wrapped(found.said())
        if found.undefined is None:
            wrapped(phrase("Threshold: {reckoned}.", reckoned=found.reckoned()))
        for caution in found.cautions():
            wrapped(caution, "  ! ")
        rows = found.rows()
        for row in rows[:SHOWN]:
            print(
                f"{row['area']:>4}  {len(row['zones']):>5}  {row['people']:>9,}  "
                f"{row['stability_mean']:>5.0%}  {row['stability_least']:>5.0%}"
            )
            wrapped(named(row["names"]), " " * 6)
        if rows:
            wrapped(
                phrase(
                    "Columns: area, zones, people, share of {n} variants of the rule in which its people, "
                    "and in which its weakest zone, are in an area.",
                    n=str(found.variants),
                )
            )
        if len(rows) > SHOWN:
            print(f"… +{len(rows) - SHOWN} (--json)")
        for note in found.rule.notes:
            wrapped(note, "  - ")
        return
    for sentence in found.said():
        wrapped(sentence, "  - ")
    wrapped(found.rules.compared_with, "  ! ")


def _write(place: Path, found: Any, lang: str) -> None:
    from isopolis.explain.languages import said
    from isopolis.report.agreement import areas_report, page, signs_report

    def say(text: str) -> str:
        return said(text, lang)

    from isopolis.flows.priority_areas import Areas

    made = areas_report(found, lang, say) if isinstance(found, Areas) else signs_report(found, lang, say)
    place.write_text(page(made), encoding="utf-8")
    _say(f"written: {place}")
