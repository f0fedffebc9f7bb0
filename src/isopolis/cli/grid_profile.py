"""The command for grids of any size."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .lists import numbers

if TYPE_CHECKING:
    from isopolis.flows.grid_profile import GridProfile

__all__ = ["grid_profile"]

UNITS = {"": 1, "B": 1, "K": 10**3, "M": 10**6, "G": 10**9, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}


def grid_profile(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...", help="One .npy of (rows, columns, groups), one .npy per group, or one raster."
        ),
    ],
    radii: Annotated[str, typer.Option(metavar="A,B", help="Distances in metres; 0 is the cell itself.")],
    cell: Annotated[
        float, typer.Option(metavar="METRES", min=0, help="Side of a cell, where the file does not say.")
    ] = 0.0,
    groups: Annotated[str, typer.Option(metavar="A,B", help="Names of the groups.")] = "",
    shape: Annotated[str, typer.Option(help="square, disc, or a kernel: biweight, gaussian, …")] = "square",
    score: Annotated[
        list[str] | None, typer.Option(help="entropy (H), interaction (R), gap (D), squares (V); repeat it.")
    ] = None,
    workers: Annotated[
        int, typer.Option(min=0, help="Processes of a cluster on this machine; 0 is this process alone.")
    ] = 0,
    scheduler: Annotated[
        str, typer.Option(metavar="ADDRESS", help="A Dask scheduler that runs, tcp://host:8786.")
    ] = "",
    memory: Annotated[str, typer.Option(metavar="SIZE", help="Memory of one worker: 4GiB.")] = "",
    band: Annotated[int, typer.Option(metavar="ROWS", min=0, help="Rows of a band; by memory when 0.")] = 0,
    keep: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep what is done here; the same call then goes on.")
    ] = None,
    send: Annotated[
        bool, typer.Option("--send", help="Send people to workers that do not see the file.")
    ] = False,
    simulations: Annotated[
        int | None,
        typer.Option(min=0, help="Random tables, 0 for none; as many as are soon done if not given."),
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of every random stream.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Measure a grid of people at several distances, whatever its size: by bands, on one process or many."""
    from isopolis.flows.diagnose import SEED
    from isopolis.flows.grid_profile import grid_profile as measure
    from isopolis.flows.grids import open_grid
    from isopolis.run import executor

    grid = open_grid(files, names=_listed(groups), cell=cell)
    with executor(workers, scheduler=scheduler, memory=size(memory)) as by:
        found = measure(
            grid,
            numbers(radii, "--radii"),
            shape=shape,
            scores=score or ["entropy"],
            executor=by,
            band_rows=band,
            keep=keep,
            send=send,
            simulations=simulations,
            seed=SEED if seed is None else seed,
            progress=None if quiet else _say,
        )
    if as_json:
        print(json.dumps(found.to_dict(), ensure_ascii=False, allow_nan=False, indent=1))
    else:
        _print(found)


def size(text: str) -> int:
    """Bytes of ``4GiB``, ``500 MB`` or ``1000000``; 0 for nothing.

    Raises
    ------
    CallError
        If it is no size.
    """
    from isopolis.model import CallError

    plain = text.strip().replace(" ", "").removesuffix("B")
    digits = plain.rstrip("KMGi")
    try:
        return int(float(digits or "0") * UNITS[plain[len(digits) :]]) if plain else 0
    except (KeyError, ValueError, OverflowError):
        raise CallError(f'"{text}" is no size: write it as 4GiB, 500MB or bytes') from None


def _listed(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _say(text: str) -> None:
    print(f"… {text}", file=sys.stderr, flush=True)


def _reasons(found: GridProfile) -> list[str]:
    """Why numbers are missing, each reason once."""
    columns = (*found.values.values(), *found.expected.values(), *found.excess.values())
    reasons = [str(v) for column in columns for v in column if not isinstance(v, float)]
    return list(dict.fromkeys(reasons))


def _band(ends: tuple[float, float] | None) -> str:
    from isopolis.model.text import phrase

    if ends is None:
        return "–"
    low, high = (f"{end:.5f}".replace("-", "−") for end in ends)
    return phrase("{low} to {high}", low=low, high=high)


def _print(found: GridProfile) -> None:
    from isopolis.flows.grid_profile import NAMES
    from isopolis.model.text import joint, phrase

    people = sum(found.totals)
    print(
        f"{found.rows:,} × {found.columns:,} cells of {found.cell:g} m, {people:,} people, "
        f"{len(found.names)} groups, {found.shape} windows"
    )
    for score, values in found.values.items():
        print(f"{NAMES[score]}")
        heads = (phrase("radius"), phrase("value"), phrase("by chance"), phrase("excess"))
        print("  ".join([*(f"{head:>9}" for head in heads), f"{phrase('Chance, 95 of 100'):>20}"]))
        beside = zip(
            found.radii, values, found.expected[score], found.excess[score], found.strays[score], strict=True
        )
        for metres, *cells, strays in beside:
            said = [f"{c:9.5f}".replace("-", "−") if isinstance(c, float) else f"{'–':>9}" for c in cells]
            print("  ".join([f"{f'{metres:g} m':>9}", *said, f"{_band(strays.band):>20}"]))
    if found.tables:
        print(f"  - {joint((phrase('Chance, 95 of 100'), found.method), ': ')}")
    for reason in _reasons(found):
        print(f"  - {reason}")
    for caveat in found.caveats:
        print(f"  - {caveat}")
