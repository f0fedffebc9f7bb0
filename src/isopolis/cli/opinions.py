"""The command that maps the opinions of a conversation."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

__all__ = ["opinions"]

SHOWN = 10


def opinions(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Folder of a conversation in Polis's form.")
    ],
    people: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Table of participants and their attributes.")
    ] = None,
    by: Annotated[str, typer.Option(metavar="A,B", help='Attributes; "age & sex" crosses two.')] = "",
    census: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Residents by attribute: attribute, value, count.")
    ] = None,
    residents: Annotated[
        int | None, typer.Option(min=1, help="How many people could have taken part.")
    ] = None,
    resamples: Annotated[
        int, typer.Option(min=0, max=10_000, help="Resamples that test how steady the groups are.")
    ] = 100,
    seed: Annotated[int, typer.Option(min=0, help="Start of the random numbers.")] = 1,
    threshold: Annotated[int, typer.Option(min=3, help="Fewest voters of a group that is shown.")] = 10,
    export: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write it with its groups in Polis's form.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
    lang: Annotated[str, typer.Option(metavar="CODE", help="Language of the sentences.")] = "en",
) -> None:
    """Map the opinions of a conversation: groups, how steady they are, and what all agree on."""
    from isopolis.flows.opinions import export as write
    from isopolis.flows.opinions import opinions as mapped
    from isopolis.flows.opinions_words import as_json as plain

    found = mapped(
        folder,
        people=people,
        by=[b.strip() for b in by.split(",") if b.strip()],
        census=census,
        residents=residents,
        resamples=resamples,
        seed=seed,
        threshold=threshold,
        progress=(lambda _done, _of: None) if quiet else _say,
    )
    if export is not None:
        for path in write(found, export):
            print(path, file=sys.stderr)
    if as_json:
        print(json.dumps(plain(found), ensure_ascii=False, allow_nan=False, indent=1))
    else:
        _show(found, lang)


def _say(done: int, of: int) -> None:
    if done % max(of // 4, 1) == 0:
        print(f"… resample {done} of {of}", file=sys.stderr, flush=True)


def _show(found: Any, lang: str) -> None:
    from isopolis.explain.languages import said
    from isopolis.flows.opinions_words import as_json, lead
    from isopolis.model.text import count, phrase

    def line(text: str) -> None:
        print(said(text, lang))

    for text in lead(found):
        line(text)
    out = as_json(found)
    for group in out["groups"]:
        print()
        line(phrase(
            "Group {name}, {n} people. By these votes it differs most from the others:",
            name=group["group"], n=count(group["people"]),
        ))  # fmt: skip
        for mark in group["marked_by"]:
            print(f"  {mark['share']:.0%} {mark['vote']}: {_short(mark['text'])}")
    print()
    for text in _headings(any(row["value"] is not None for row in out["consensus"])):
        line(text)
    for row in out["consensus"][:SHOWN]:
        value = "" if row["value"] is None else f"{row['value']:.2f}  {row['standing']}  "
        print(f"  {value}{row['agree']}/{row['disagree']}/{row['pass']}  {_short(row['text'])}")
    for census in out["census"]:
        print()
        line(phrase("By {attribute}: voters / residents", attribute=census["attribute"]))
        if census["reason"]:
            print(f"  {census['reason']}")
        for group in census["groups"]:
            print(f"  {group['group']}: {group['reason'] or group['voters']} / {group['residents'] or '–'}")
        for row in census["consensus"][:SHOWN]:
            value = "–   " if row["value"] is None else f"{row['value']:.2f}"
            print(f"  {value}  {row['standing']}  {_short(row['text'])}")


def _headings(grouped: bool) -> tuple[str, ...]:
    """What the list of statements is, and what stands in front of each."""
    from isopolis.model.text import phrase

    votes = phrase("In front of each: how many agree / disagree / pass.")
    if not grouped:
        return phrase("Statements, those that most agree with first"), votes
    return (
        phrase("Statements, those on which all groups agree most first"),
        phrase(
            "In front of each: agreement over all groups from 0 to 1; agreed (a majority of every group "
            "agrees), rejected (of every group disagrees), divides (one agrees where another disagrees), "
            "open (none of these) or unknown (too few votes); how many agree / disagree / pass."
        ),
    )


def _short(text: str) -> str:
    one = " ".join(text.split())
    return one if len(one) <= 100 else one[:99] + "…"
