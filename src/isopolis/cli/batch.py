"""The command for many cities."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["batch"]


def batch(
    folders: Annotated[list[Path], typer.Argument(metavar="FOLDER...", help="City folders.")],
    workers: Annotated[
        int, typer.Option(min=0, help="Processes of a cluster on this machine; 0 is this process alone.")
    ] = 0,
    scheduler: Annotated[
        str, typer.Option(metavar="ADDRESS", help="A Dask scheduler that runs, tcp://host:8786.")
    ] = "",
    memory: Annotated[str, typer.Option(metavar="SIZE", help="Memory of one worker: 4GiB.")] = "",
    keep: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep what is done here; the same call then goes on.")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of every random stream.")] = None,
    simulations: Annotated[int | None, typer.Option(min=19, help="Random tables per table.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print all findings as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Diagnose many cities; one that cannot be read does not stop the others (exit code 1 at the end)."""
    from isopolis.flows.batch import diagnose_many
    from isopolis.run import executor

    from .grid_profile import _say, size

    with executor(workers, scheduler=scheduler, memory=size(memory)) as by:
        found = diagnose_many(
            folders,
            seed=seed,
            simulations=simulations,
            executor=by,
            keep=keep,
            progress=None if quiet else _say,
        )
    if as_json:
        print(json.dumps([c.to_dict() for c in found], ensure_ascii=False, allow_nan=False, indent=1))
    else:
        for city in found:
            state = "no diagnosis" if city.failed else f"{len(city.findings):,} findings"
            print(f"{city.name} ({city.path}): {state}")
            for note in city.notes:
                print(f"  ** {note} **")
            for finding in city.headlines[:3]:
                print(f"  - {finding.explanation}")
    for city in found:
        for problem in (p for p in city.problems if p.fatal):
            print(f"isopolis: {city.path}: {problem}", file=sys.stderr)
    if any(c.failed for c in found):
        raise typer.Exit(1)
