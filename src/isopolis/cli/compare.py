"""Two or more cities side by side, or two dates of one city."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["compare"]


def compare(
    cities: Annotated[
        list[Path],
        typer.Argument(metavar="PATH PATH …", help="City folders, or JSON findings of `diagnose --json`."),
    ],
    measure: Annotated[str, typer.Option(metavar="NAME", help="Only this measure.")] = "",
    group: Annotated[str, typer.Option(metavar="TEXT", help="Only groups with this in their name.")] = "",
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of every random stream.")] = None,
    simulations: Annotated[
        int | None, typer.Option(min=19, help="Random tables per table of counts.")
    ] = None,
    test: Annotated[
        str,
        typer.Option(
            metavar="SIDE",
            help="Test first city against second: two-sided (of two cities, unless you say otherwise), "
            "greater (first is larger), less.",
        ),
    ] = "",
    dates: Annotated[
        str, typer.Option(metavar="A,B", help="One city: test its newer date against the older; with --test.")
    ] = "",
    every: Annotated[bool, typer.Option("--all", help="Print every row, not only the clearest.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
    lang: Annotated[str, typer.Option(metavar="LANGUAGE", help="Language of the sentences.")] = "en",
) -> None:
    """Put the findings of cities side by side, or say every reason why they cannot be."""
    from isopolis.flows.benchmark import compared
    from isopolis.flows.diagnose import SEED
    from isopolis.flows.differences import differences

    from .show_compare import print_rows

    language = _language(lang)
    _check(cities, test, dates)
    if len(cities) == 1:
        named = [d.strip() for d in dates.split(",") if d.strip()]
        only, draws = (measure, group), (seed, simulations)
        _compare_dates(cities[0], named, test or "two-sided", only, draws, as_json, quiet, language)
        return
    rows = compared(
        cities,
        seed=SEED if seed is None else seed,
        simulations=simulations,
        measure=measure,
        group=group,
        progress=None if quiet else _progress,
    )
    found = differences(rows, test or "two-sided") if len(cities) == 2 else ()
    if as_json:
        tests = iter([{"test": t.to_dict()} for t in found])
        plain = [r.to_dict() | (next(tests, {}) if r.compared else {}) for r in rows]
        print(json.dumps(plain, ensure_ascii=False, allow_nan=False, indent=1))
    else:
        print_rows(rows, found, language, every=every)
    if not any(r.compared for r in rows):
        raise typer.Exit(1)


def _language(lang: str) -> str:
    """Return the code of a language that has words; refuse any other."""
    from isopolis.explain.languages import language
    from isopolis.model import CallError

    found = language(lang)
    if not found.known:
        raise CallError(f'there is no translation into "{lang}"; `isopolis languages` lists what there is')
    return found.code


def _check(cities: list[Path], test: str, dates: str) -> None:
    """Refuse a call that cannot lead to an answer before anything is read."""
    from isopolis.flows.differences import SIDES
    from isopolis.model import CallError

    if len(cities) == 1 and not (dates or test):
        raise CallError(
            "one city has nothing beside it: name another, "
            "or test two of its dates with --test two-sided --dates A,B"
        )
    if dates and len(cities) != 1:
        raise CallError("--dates compares one city with itself: name one")
    if test and test not in SIDES:
        raise CallError(f"--test {test}: allowed are {', '.join(SIDES)}")
    if test and len(cities) > 2:
        raise CallError("a test compares two cities: name exactly two")


def _compare_dates(
    city: Path,
    dates: list[str],
    side: str,
    only: tuple[str, str],
    draws: tuple[int | None, int | None],
    as_json: bool,
    quiet: bool,
    language: str,
) -> None:
    """Test one city between two dates; `only` a measure and a group, `draws` the seed and their number."""
    from isopolis.flows.cities import load
    from isopolis.flows.date_tests import SHUFFLES, between_dates
    from isopolis.flows.diagnose import SEED

    from .show_compare import print_tests

    progress = None if quiet else _progress
    found = between_dates(
        load(city, progress=progress),
        dates,
        side=side,
        seed=SEED if draws[0] is None else draws[0],
        count=draws[1] or SHUFFLES,
        measure=only[0],
        group=only[1],
        progress=progress,
    )
    if as_json:
        print(json.dumps([t.to_dict() for t in found], ensure_ascii=False, allow_nan=False, indent=1))
    else:
        print_tests(found, language)
    if not any(t.difference for t in found):
        raise typer.Exit(1)


def _progress(text: str) -> None:
    print(f"… {text}", file=sys.stderr, flush=True)
