"""The command on access to services."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

__all__ = ["access", "body", "print_notes"]


def access(
    city: Annotated[
        Path | None, typer.Argument(metavar="CITY", help="City folder; --profiles needs none.")
    ] = None,
    service: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Service: the data's own name, or a term of the vocabulary. For digital access: "
            "digital_help, the points that help people online. Left out, the services are listed.",
        ),
    ] = "",
    profile: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="How people move: a name that --profiles lists, or a YAML file. One named: compared with "
            "the seven others. Several (repeated): only these, and the first is the one asked for.",
        ),
    ] = None,
    minutes: Annotated[float, typer.Option(metavar="N", help="How far is near.")] = 15.0,
    by: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME,NAME",
            help="Groups: --by a,b crosses two dimensions, --by a --by b does each on its own. Left out: "
            "every dimension, and every pair that the data counts together.",
        ),
    ] = None,
    at: Annotated[str, typer.Option(metavar="MOMENT", help='Open then: "Tu 14:30".')] = "",
    fee: Annotated[
        str,
        typer.Option(
            metavar="AMOUNT", help="The most that people can pay, in the currency of the data; 0 means free."
        ),
    ] = "",
    language: Annotated[
        str, typer.Option(metavar="CODE", help="A language that must be spoken there: ar.")
    ] = "",
    offline: Annotated[
        bool, typer.Option("--offline", help="People without internet: no place that is booked online only.")
    ] = False,
    no_transit: Annotated[bool, typer.Option("--no-transit", help="Leave the timetables aside.")] = False,
    depart: Annotated[str, typer.Option(metavar="WINDOW", help="Departures: 14:00-16:00.")] = "",
    date: Annotated[str, typer.Option(metavar="DATE", help="Day of the timetable, 2019-05-13.")] = "",
    sites: Annotated[int, typer.Option(metavar="N", help="New sites to look for; 0 for none.")] = 2,
    change: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CHANGE",
            help="What if: add:ZONE, close:PLACE, move:PLACE:LON,LAT, extend:PLACE:hours=24/7, kerb:NODE, "
            "tag:WAY:surface=asphalt; docs/access.md has all. Repeated: each is counted alone.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    report: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a page with maps here.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
    lang: Annotated[str, typer.Option(metavar="LANGUAGE", help="Language of the sentences.")] = "en",
    profiles: Annotated[bool, typer.Option("--profiles", help="List the ways of moving.")] = False,
) -> None:
    """Say who can reach a service, by group, by body and by hour, and what would change it."""
    from isopolis.flows.access import access as answered
    from isopolis.flows.access_asked import AccessAsked
    from isopolis.flows.access_call import check_language
    from isopolis.flows.access_json import to_dict
    from isopolis.flows.access_load import load_access
    from isopolis.flows.access_words import lines
    from isopolis.model import CallError

    lang = _known(lang)
    if profiles:
        _list_profiles(lang)
        return
    if city is None:
        raise CallError("CITY is needed: the folder of a city, as in isopolis access my-city --service NAME")
    _new_file(report)
    most = _amount(fee)
    progress = _quiet if quiet else _say
    named = tuple(map(body, profile or ("adult",)))
    crossings = tuple(tuple(n.strip() for n in one.split(",") if n.strip()) for one in by or ())
    data = load_access(city, progress=progress)
    if not service:
        known = ", ".join(p.kind for p in data.services) or "none"
        raise CallError(f"--service is needed; {data.name} has {known}")
    asked = AccessAsked(
        service, named[0], minutes, named[1:], crossings, at, most, language, not no_transit, depart, date,
        sites, tuple(change or ()), offline,
    )  # fmt: skip
    check_language(data, service, language)
    found = answered(data, asked, progress=progress)
    if report is not None:
        _write(report, found, lang)
    if as_json:
        print(json.dumps(to_dict(found), ensure_ascii=False, allow_nan=False, indent=1))
        return
    print_notes(data.notes, lang)
    _print(lines(found), lang)


def print_notes(notes: tuple[str, ...], lang: str) -> None:
    """Print what every product of this data must carry, before anything else."""
    from isopolis.explain.languages import said
    from isopolis.model.vocabulary import standard

    for note in notes:
        print(f"** {said(standard(note), lang)} **")


def body(name: str) -> Any:
    """Return the name of a shipped profile as it is, and what a YAML file of one's own holds."""
    from isopolis import content
    from isopolis.model import CallError

    place = Path(name)
    if place.suffix.lower() not in (".yaml", ".yml"):
        return name
    if not place.is_file():
        raise CallError(f"--profile {name}: there is no such file; --profiles lists the ways that ship")
    try:
        found = content.parse(place.read_text(encoding="utf-8"), name)
    except ValueError as wrong:
        raise CallError(f"--profile {name}: {wrong}") from None
    if not isinstance(found, dict):
        raise CallError(
            f"--profile {name}: a profile is needed; docs/mobility-profiles.md explains every key"
        )
    return found


def _new_file(report: Path | None) -> None:
    """Refuse, before anything is worked out, a page that could not be written in the end."""
    import os

    from isopolis.model import CallError

    if report is None:
        return
    if report.exists():
        raise CallError(f"{report} is there already; name a place that is new")
    folder = report.parent
    if not folder.is_dir():
        said = f"{folder} is no folder" if folder.exists() else f"there is no folder {folder}; make it"
        raise CallError(f"--report {report}: {said}, or name another place")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise CallError(
            f"--report {report}: nothing can be written to the folder {folder}; name another place"
        )


def _amount(text: str) -> float | None:
    """Read the most that people can pay; None where nothing is said."""
    import math

    from isopolis.model import CallError

    if not text.strip():
        return None
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not (math.isfinite(found) and found >= 0):
        raise CallError(f'--fee "{text}": a number is needed; 0 means free')
    return found


def _known(lang: str) -> str:
    """Return the code of a language that has words; refuse any other."""
    from .app import _known as known

    return known(lang)


def _say(text: str) -> None:
    print(f"… {text}", file=sys.stderr, flush=True)


def _quiet(text: str) -> None:
    """Say nothing."""


def _list_profiles(lang: str) -> None:
    from isopolis.explain.languages import said
    from isopolis.flows.access_call import profile_lines

    for line in profile_lines():
        print(said(line, lang))


def _print(found: list[str], lang: str) -> None:
    import textwrap

    from isopolis.explain.languages import said

    for line in found:
        lead = "  " if line.startswith("  ") else ""
        print(textwrap.fill(said(line, lang), 88, initial_indent="", subsequent_indent=lead + "  "))


def _write(place: Path, found: Any, lang: str) -> None:
    from isopolis.explain.languages import said
    from isopolis.report.access import access_report
    from isopolis.report.agreement import page

    def say(text: str) -> str:
        return said(text, lang)

    place.write_text(page(access_report(found, lang, say)), encoding="utf-8")
    _say(f"written: {place}")
