"""The command on worries: what a desk received, what became of it, and whose worries are drowned."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

__all__ = ["worries"]


def worries(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="GeoReport v2 JSON, or a table with a row per worry."),
    ],
    city: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="City folder, for rates and neighbourhoods.")
    ] = None,
    languages: Annotated[
        str, typer.Option(metavar="A,B", help="Languages residents may write in, such as ky,ru.")
    ] = "en",
    group: Annotated[
        str, typer.Option(metavar="NAME", help="Column of a group; a dimension of the city.")
    ] = "",
    threshold: Annotated[
        int, typer.Option(min=0, help="Fewest worries that are shown; 0 for the desk itself.")
    ] = 10,
    until: Annotated[
        str, typer.Option(metavar="DATE", help="When the files were made; the last time in them without it.")
    ] = "",
    metres: Annotated[float, typer.Option(min=1, help="Duplicates are so near at most.")] = 150.0,
    days: Annotated[float, typer.Option(min=0.01, help="Duplicates come within so many days.")] = 14.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    lang: Annotated[str, typer.Option(metavar="CODE", help="Language of the sentences.")] = "en",
) -> None:
    """Say what residents worry about: received, registered, resolved; the many and the unheard."""
    from isopolis.engage.worries.duplicates import Rules
    from isopolis.flows.cities import load
    from isopolis.flows.worries import hear, read_desk

    place = None
    if city is not None:
        _say(f"reading {city}")
        place = load(city)
    _say("reading worries")
    spoken = [code.strip() for code in languages.split(",") if code.strip()]
    desk, caveats = read_desk(files, place, languages=spoken, group=group)
    heard = hear(
        desk, place, group=group, language=lang, threshold=threshold, until=_day(until),
        rules=Rules(metres=metres, days=days), caveats=caveats, progress=_say,
    )  # fmt: skip
    if as_json:
        from isopolis.flows.worries_words import as_json as told

        print(json.dumps(told(heard), ensure_ascii=False, allow_nan=False, indent=1))
    else:
        _print(heard, lang)


def _say(text: str) -> None:
    print(f"… {text}", file=sys.stderr, flush=True)


def _day(text: str) -> Any:
    from datetime import datetime

    from isopolis.model import CallError

    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        raise CallError(f"write --until as 2026-02-17, not {text!r}") from None


def _print(heard: Any, lang: str) -> None:
    from isopolis.explain.languages import said
    from isopolis.flows.worries_words import first_lines, headings, pressing_said, rows_of, wait_said

    def line(text: str, mark: str = "  - ") -> None:
        print(mark + said(text, lang))

    for text in first_lines(heard):
        line(text)
    for name in heard.tables:
        print("\n" + said(headings()[name], lang))
        for row in rows_of(heard, name):
            print("  " + "  ".join(said(c, lang) for c in row if c))
    if isinstance(heard.unheard, tuple) and heard.unheard:
        print()
        for one in heard.unheard:
            line(pressing_said(heard, one))
    print()
    for zone, wait in heard.waits.items():
        print(f"  {heard.places.get(zone, zone) or '*'}: {said(wait_said(wait), lang)}")
    print()
    for note in heard.notes:
        line(note)
    for caveat in heard.caveats:
        line(caveat.said())
