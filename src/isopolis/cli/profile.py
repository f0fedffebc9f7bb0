"""The command on scale: near and far, few people and many, straight lines and ways."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from .lists import numbers

__all__ = ["profile"]


def profile(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="City folder, or one file of zones.")],
    of: Annotated[
        str, typer.Argument(metavar="WHOM", help="Dimension (origin), or one group (origin=foreigners).")
    ],
    versus: Annotated[
        str, typer.Option(metavar="GROUP", help="Another group; everyone else if not given.")
    ] = "",
    measure: Annotated[
        str, typer.Option(metavar="NAME", help="An index of the catalogue, as docs/measures.md lists them.")
    ] = "information_theory",
    radii: Annotated[
        str, typer.Option(metavar="A,B", help="Metres around each zone; chosen from the city if not given.")
    ] = "",
    people: Annotated[str, typer.Option(metavar="A,B", help="Numbers of nearest people.")] = "",
    kernel: Annotated[
        str, typer.Option(metavar="SHAPE", help="Nearer people count more: biweight, gaussian, …")
    ] = "",
    travel: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Table with from, to, minutes or metres: the same by these ways."),
    ] = None,
    streets: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Layer of streets: the same along them.")
    ] = None,
    minutes: Annotated[str, typer.Option(metavar="A,B", help="Minutes on the way, with --travel.")] = "",
    ratio: Annotated[
        str, typer.Option(metavar="NEAR,FAR", help="Two of the radii to divide; about 500 m and 4 km.")
    ] = "",
    date: Annotated[str, typer.Option(metavar="DATE", help="The newest if not given.")] = "",
    weighting: Annotated[
        str, typer.Option(metavar="NAME", help="local (own people), or environment (everybody around).")
    ] = "local",
    bands: Annotated[
        str, typer.Option(metavar="NAME", help="auto, redrawn, permutation, bootstrap, or none.")
    ] = "auto",
    simulations: Annotated[int | None, typer.Option(min=19, help="Random tables.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of every random stream.")] = None,
    report: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a page here.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
    lang: Annotated[str, typer.Option(metavar="LANGUAGE", help="Language of the sentences.")] = "en",
) -> None:
    """Measure at growing distances, numbers of people and ways, to see at which scale a pattern lives."""
    from isopolis.flows.cities import load
    from isopolis.flows.diagnose import SEED
    from isopolis.flows.profile import profile as measured
    from isopolis.model import CallError

    from .change import _known, _quiet, _say

    if report is not None and report.exists():
        raise CallError(f"{report} is there already; name a place that is new")
    divided = numbers(ratio, "--ratio")
    if divided and len(divided) != 2:
        raise CallError(f'--ratio "{ratio}" names {len(divided)} scales: name two, NEAR,FAR')
    language, say = _known(lang), _quiet if quiet else _say
    asked: dict[str, Any] = {
        "radii": numbers(radii, "--radii"),
        "people": numbers(people, "--people"),
        "minutes": numbers(minutes, "--minutes"),
        "ends": tuple(divided) or None,
        "seed": SEED if seed is None else seed,
    }
    say(f"reading {path}")
    found = measured(
        load(path), of, versus=versus, measure=measure, kernel=kernel, travel=travel, streets=streets,
        date=date, weighting=weighting, bands=bands, simulations=simulations, progress=say, **asked,
    )  # fmt: skip
    if report is not None:
        _write(report, found, language)
    if as_json:
        print(json.dumps(found.to_dict(), ensure_ascii=False, allow_nan=False, indent=1))
    else:
        _print(found, language)
    if all(p["value"] is None for p in found.to_dict()["scales"]):
        raise typer.Exit(1)


def _write(place: Path, found: Any, language: str) -> None:
    from functools import partial

    from isopolis.explain.languages import said
    from isopolis.report.change import change_html
    from isopolis.report.profile import compose_profile

    page = compose_profile(found, language=language, say=partial(said, code=language))
    place.write_text(change_html(page), encoding="utf-8")
    print(place.resolve(), file=sys.stderr)


def _print(found: Any, language: str) -> None:
    from isopolis.explain.languages import said
    from isopolis.flows.profile_words import sentences
    from isopolis.report.profile import tables

    for note in found.notes:
        print(f"** {said(note, language)} **")
    for text in sentences(found):
        print("  - " + said(text, language))
    for table in tables(found, lambda text: said(text, language)):
        print("\n" + table.caption)
        rows = (table.head, *table.rows)
        wide = [max(len(r[c]) for r in rows) for c in range(len(table.head))]
        for row in rows:
            rest = (f"{cell:>{w}}" for cell, w in zip(row[1:], wide[1:], strict=True))
            print(f"  {row[0]:<{wide[0]}}  " + "  ".join(rest))
        if table.note:
            print("  " + table.note)
    print()
    for caveat in found.caveats:
        print("  - " + said(caveat, language))
