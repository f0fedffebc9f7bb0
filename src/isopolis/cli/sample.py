"""The command on persons of a survey."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["sample"]


def sample(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="Table with one row per person.")],
    zone: Annotated[str, typer.Option(metavar="COLUMN", help="Where the person lives.")],
    group: Annotated[str, typer.Option(metavar="COLUMN", help="The person's group.")],
    weight: Annotated[str, typer.Option(metavar="COLUMN", help="Main weight, if there is one.")] = "",
    replicates: Annotated[
        str, typer.Option(metavar="A,B or A*", help="Replicate weights: columns, or the beginning of all.")
    ] = "",
    kind: Annotated[
        str,
        typer.Option(metavar="KIND", help="Of the replicate weights: sdr, brr, fay, bootstrap, jk1 or jk2."),
    ] = "sdr",
    fay: Annotated[float, typer.Option(metavar="NUMBER", help="Fay's constant, with --kind fay.")] = 0.0,
    runs: Annotated[int, typer.Option(min=49, max=100_000, help="Samples drawn again.")] = 499,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same numbers.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    lang: Annotated[str, typer.Option(metavar="LANGUAGE", help="Language of the sentences.")] = "en",
) -> None:
    """Measure segregation in a sample of persons, with the error of the sample."""
    from isopolis.explain.languages import said
    from isopolis.flows.sampled import doubts, persons, read_said, sampled, sentence
    from isopolis.model import CallError, DataError

    from .peers import _known

    language = _known(lang)
    columns = [c.strip() for c in replicates.split(",") if c.strip()]
    try:
        given = persons(path, zone=zone, group=group, weight=weight, replicates=columns)
    except DataError as error:
        # a misspelt column is a wrong call, as in the other commands
        if any(p.code != "no-column" for p in error.problems):
            raise
        raise CallError(str(error)) from None
    found = sampled(given, kind=kind, fay=fay, seed=seed, count=runs)
    if as_json:
        read = {"persons": len(given.zone), "zones": len(given.zones), "groups": len(given.groups)}
        read["doubts"] = [str(d) for d in doubts(given)]  # type: ignore[assignment]
        print(json.dumps([f.to_dict() | read for f in found], ensure_ascii=False, allow_nan=False, indent=1))
        return
    print(said(read_said(given), language))
    for doubt in doubts(given):
        print(f"** {said(doubt, language)} **")
    for one in found:
        print(f"  - {said(sentence(one), language)}")
