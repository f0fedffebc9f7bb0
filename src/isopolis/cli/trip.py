"""The command that explains one journey."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["trip"]


def trip(
    city: Annotated[Path, typer.Argument(metavar="CITY", help="City folder.")],
    start: Annotated[str, typer.Argument(metavar="FROM", help="Zone, place, or LON,LAT.")],
    goal: Annotated[str, typer.Argument(metavar="TO", help="Zone, place, or LON,LAT.")],
    profile: Annotated[str, typer.Option(metavar="NAME", help="How one moves.")] = "adult",
    depart: Annotated[
        str, typer.Option(metavar="TIME", help="Also by public transport, leaving at 14:05.")
    ] = "",
    date: Annotated[str, typer.Option(metavar="DATE", help="Day of the timetable, 2019-05-13.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
    lang: Annotated[str, typer.Option(metavar="LANGUAGE", help="Language of the sentences.")] = "en",
) -> None:
    """Explain the quickest journey between two places, street by street, for one way of moving."""
    import textwrap

    from isopolis.explain.languages import said
    from isopolis.flows.access_load import load_access
    from isopolis.flows.access_trip import trip as explained
    from isopolis.flows.access_trip import trip_lines, trip_to_dict

    from .access import body, print_notes

    lang = _known(lang)
    progress = _quiet if quiet else _say
    data = load_access(city, progress=progress)
    found = explained(data, start, goal, profile=body(profile), depart=depart, date=date, progress=progress)
    if as_json:
        print(json.dumps(trip_to_dict(found), ensure_ascii=False, allow_nan=False, indent=1))
    else:
        print_notes(data.notes, lang)
        for line in trip_lines(found):
            print(textwrap.fill(said(line, lang), 88, subsequent_indent="    "))
    if dict(found.seconds)["expected"] is None:
        raise typer.Exit(1)


def _known(lang: str) -> str:
    """Return the code of a language that has words; refuse any other."""
    from .app import _known as known

    return known(lang)


def _say(text: str) -> None:
    print(f"… {text}", file=sys.stderr, flush=True)


def _quiet(text: str) -> None:
    """Say nothing."""
