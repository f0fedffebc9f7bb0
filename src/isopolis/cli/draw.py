"""The command that draws an assembly."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from isopolis.flows.lottery import Draw

__all__ = ["draw"]

SHOWN = 10
ENOUGH = 0.0005
"""A gap that is written as 0.0 % is none to a reader."""


def draw(
    people: Annotated[Path, typer.Argument(metavar="PEOPLE", help="Table of volunteers, one row each.")],
    quotas: Annotated[
        Path,
        typer.Argument(metavar="QUOTAS", help="Table of quotas: feature, value, min, max; or census counts."),
    ],
    size: Annotated[int, typer.Option("--size", min=1, help="People on the panel.")],
    objective: Annotated[str, typer.Option(metavar="NAME", help="leximin, maximin or nash.")] = "leximin",
    seed: Annotated[
        str, typer.Option(metavar="TEXT", help="Announced seed; a fresh one is made and printed without it.")
    ] = "",
    number: Annotated[
        int | None, typer.Option(min=0, help="Number of the panel that was drawn in the room.")
    ] = None,
    household: Annotated[
        str, typer.Option(metavar="A,B", help="Columns that name a household: one person of each at most.")
    ] = "",
    id_column: Annotated[str, typer.Option("--id", metavar="COLUMN", help="Column of ids.")] = "",
    slack: Annotated[int, typer.Option(min=0, help="Leeway in people around quotas from census counts.")] = 0,
    relax: Annotated[
        bool, typer.Option(help="Make the smallest change to quotas that cannot be met.")
    ] = False,
    panels: Annotated[int, typer.Option(min=1, max=10_000, help="Panels on the public list.")] = 1000,
    seconds: Annotated[float, typer.Option(min=0.1, max=86_400, help="Stop searching after so long.")] = 240,
    within: Annotated[
        float | None,
        typer.Option(min=0, max=0.5, help="Stop when proven to be this near to the best: 0.01 is 1 %."),
    ] = None,
    list_file: Annotated[
        Path | None, typer.Option("--list", metavar="FILE", help="Write the public list here.")
    ] = None,
    person: Annotated[
        str, typer.Option(metavar="ID", help="Print the certificate of one person instead.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Draw an assembly by lot: quotas kept, chances as equal as they can be, and the proof."""
    import secrets
    import time

    from isopolis.engage.lottery.mixing import Budget
    from isopolis.flows.lottery import certificate, draw_from_files

    drawn = draw_from_files(
        people,
        quotas,
        size,
        seed=seed or secrets.token_hex(8),
        objective=objective,
        household=[c.strip() for c in household.split(",") if c.strip()],
        id_column=id_column,
        slack=slack,
        relax=relax,
        number=number,
        panels=panels,
        budget=Budget(time.monotonic, time.monotonic() + seconds, within),
        say=(lambda _: None) if quiet else _say,
    )
    if list_file is not None:
        _write(list_file, drawn.listed.text(drawn.ids))
    if person:
        print(json.dumps(certificate(drawn, person), ensure_ascii=False, indent=1))
    elif as_json:
        print(json.dumps(drawn.to_dict(), ensure_ascii=False, indent=1))
    else:
        _show(drawn)


def _say(text: str) -> None:
    print(f"… {text}", file=sys.stderr, flush=True)


def _write(place: Path, text: str) -> None:
    """Write beside the place, then rename: never half a list."""
    part = place.with_name(place.name + ".part")
    part.write_text(text, encoding="utf-8")
    part.replace(place)


def _show(drawn: Draw) -> None:
    made, panels, name = drawn.lottery, len(drawn.listed.panels), "row " * drawn.by_row
    print(f"Panel of {made.types.size} from {len(drawn.people):,} volunteers, seed {drawn.seed}")
    print(f"Number {drawn.number} of the list of {panels:,} equally likely panels, 0 to {panels - 1}")
    print(f"Fingerprint of the list (sha256): {drawn.listed.digest(drawn.ids)}")
    if drawn.by_row:
        print("The table has no column of ids: people are called by their rows in it, the heading is row 1")
    print("\n".join(f"  {name}{person}" for person in drawn.panel))
    for line in _chances(drawn):
        print(line)
    if drawn.never:
        more = f" and {len(drawn.never) - SHOWN} more" if len(drawn.never) > SHOWN else ""
        print(f"Volunteers who cannot be on any panel that keeps the quotas: {len(drawn.never)}: "
              + ", ".join(name + one for one in drawn.never[:SHOWN]) + more)  # fmt: skip
    print("People on the panel for each quota, and how many are allowed:")
    for quota, count in zip(drawn.quotas, drawn.counts(), strict=True):
        print(f"  {quota.name}: {count} ({quota.low} to {quota.high})")


def _chances(drawn: Draw) -> Iterator[str]:
    """Chances, how good they can be at best, and how far from the best they may be."""
    made = drawn.lottery
    low, high = f"{made.lowest:.1%}", f"{float(made.chances.max()):.1%}"
    yield f"Chance of a volunteer to be drawn: {low}" + (f" to {high}" if high != low else " for everybody")
    if made.objective == "nash":
        yield f"Geometric mean of the chances: {made.geometric_mean:.1%}; at best {made.bound:.1%}"
        short = "the mean may be up to {gap:.1%} of itself below the best"
    else:
        yield f"No lottery that keeps the quotas gives everybody more than {made.bound:.1%}"
        short = "the lowest chance may be up to {gap:.1%} of itself below the best"
    if made.gap >= ENOUGH:
        gap = short.format(gap=made.gap)
        yield f"The search ended before it was proven that nothing is fairer: {gap}"
    else:
        yield "It is proven that no lottery is fairer by this measure"
