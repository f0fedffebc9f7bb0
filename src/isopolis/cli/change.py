"""The command on change between dates."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

__all__ = ["change"]


def change(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="City folder, or one file of zones.")],
    of: Annotated[
        str,
        typer.Argument(metavar="WHOM", help="Dimension (origin), or one group (origin=foreigners)."),
    ],
    measure: Annotated[
        str, typer.Option(metavar="NAME", help="A measure that `isopolis measures` lists.")
    ] = "mutual_information",
    dates: Annotated[
        str, typer.Option(metavar="A,B", help="Two or more dates; the oldest and the newest if not given.")
    ] = "",
    method: Annotated[
        str, typer.Option(metavar="NAME", help="shapley, shapley_equal, km, or mrc.")
    ] = "shapley",
    later: Annotated[
        Path | None, typer.Option(metavar="PATH", help="The same city at a newer date, with other zones.")
    ] = None,
    crosswalk: Annotated[
        str,
        typer.Option(metavar="FILE", help='Table with from, to, people; or "area" to use the outlines.'),
    ] = "",
    report: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a page here.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
    lang: Annotated[str, typer.Option(metavar="LANGUAGE", help="Language of the sentences.")] = "en",
) -> None:
    """Split a change between dates: other people, other zones, or another spread over them."""
    from isopolis.flows.change import change as split
    from isopolis.flows.cities import load
    from isopolis.model import CallError

    if report is not None and report.exists():
        raise CallError(f"{report} is there already; name a place that is new")
    if crosswalk and later is None:
        raise CallError("--crosswalk needs --later PATH: the city with the newer zones")
    language, say = _known(lang), _quiet if quiet else _say
    say(f"reading {path}")
    city = load(path)
    newer = None
    if later is not None:
        say(f"reading {later}")
        newer = load(later)
    found = split(
        city,
        of,
        measure=measure,
        dates=[d.strip() for d in dates.split(",") if d.strip()],
        method=method,
        later=newer,
        crosswalk=crosswalk,
        progress=say,
    )
    if report is not None:
        _write(report, found, language)
    if as_json:
        print(json.dumps(found.to_dict(), ensure_ascii=False, allow_nan=False, indent=1))
    else:
        _print(found, language)
    if found.refusal is not None:
        raise typer.Exit(1)


def _known(lang: str) -> str:
    from .peers import _known as known

    return known(lang)


def _say(text: str) -> None:
    print(f"… {text}", file=sys.stderr, flush=True)


def _quiet(text: str) -> None:
    """Swallow progress."""


def _write(place: Path, found: Any, language: str) -> None:
    from functools import partial

    from isopolis.explain.languages import said
    from isopolis.report.change import change_html, compose_change

    page = compose_change(found, language=language, say=partial(said, code=language))
    place.write_text(change_html(page), encoding="utf-8")
    print(place.resolve(), file=sys.stderr)


def _print(found: Any, language: str) -> None:
    from isopolis.explain.languages import said
    from isopolis.report.change import tables

    for note in found.notes:
        print(f"** {said(note, language)} **")
    from isopolis.flows.change_words import sentences

    for text in sentences(found):
        mark = "  ! " if found.refusal is not None and text == found.refusal.reason else "  - "
        print(mark + said(text, language))
    for table in tables(found, lambda text: said(text, language)):
        print("\n" + table.caption)
        wide = max([len(r[0]) for r in table.rows] + [len(table.head[0])])
        for row in (table.head, *table.rows):
            print(f"  {row[0]:<{wide}}  " + "  ".join(f"{c:>12}" for c in row[1:]))
        if table.note:
            print("  " + table.note)
    print()
    for caveat in found.caveats:
        print("  - " + said(caveat, language))
