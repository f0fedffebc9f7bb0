"""The commands that hand a binding secret vote to Belenios, and take its verified result back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

__all__ = ["belenios"]

belenios = typer.Typer(
    help="Hand a binding secret vote to Belenios, and take its verified result back.", no_args_is_help=True
)
Vote = Annotated[
    Path, typer.Argument(metavar="VOTE", help="The .pb file of the vote: projects, budget, kind of ballot.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
STEPS = """\
Written: {folder}/questions.json and {folder}/voters.txt, for {voters:,} people and {projects:,} projects.
Now each of these on a machine of its own, with belenios-tool (docs/ballots.md has the whole list):
  the registry      belenios-tool setup generate-credentials --uuid UUID --group {group} --file voters.txt
  each trustee      belenios-tool setup generate-trustee-key --group {group}
  the city          belenios-tool setup make-trustees
                    belenios-tool setup make-election --uuid UUID --group {group} --template questions.json
After the count:    isopolis belenios import FOLDER VOTE"""
GROUPS = {"ballots": "RFC-3526-2048", "totals": "BELENIOS-2048"}


@belenios.command("export")
def export(
    vote: Vote,
    roll: Annotated[Path, typer.Argument(metavar="ROLL", help="Text file, an identifier in each line.")],
    out: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder to write; not there yet.")],
    totals: Annotated[
        bool, typer.Option("--totals", help="Open sums of votes only, and never a ballot.")
    ] = False,
    description: Annotated[str, typer.Option(metavar="TEXT", help="Shown to those who vote.")] = "",
    administrator: Annotated[str, typer.Option(metavar="NAME", help="Who runs the vote.")] = "",
    registry: Annotated[str, typer.Option(metavar="NAME", help="Who sends out the credentials.")] = "",
    as_json: AsJson = False,
) -> None:
    """Write the questions and the roll in the form that belenios-tool reads."""
    from isopolis.flows.belenios import hand_over

    made = hand_over(
        vote, roll, out, ballots=not totals, description=description, administrator=administrator,
        authority=registry,
    )  # fmt: skip
    said = {"folder": str(made.folder), "voters": made.voters, "projects": made.projects, "opens": made.opens}
    if as_json:
        print(json.dumps(said | {"group": GROUPS[made.opens]}, ensure_ascii=False, indent=1))
    else:
        print(STEPS.format(**said, group=GROUPS[made.opens]))


@belenios.command("import")
def take(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Folder with the archive of the election, UUID.bel.")
    ],
    vote: Vote,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the opened ballots as a .pb file.")
    ] = None,
    tool: Annotated[
        str, typer.Option(metavar="PROGRAM", help="Name or path of belenios-tool.")
    ] = "belenios-tool",
    as_json: AsJson = False,
) -> None:
    """Let Belenios verify an archive, and take its result; exit code 1 when it does not verify."""
    from isopolis.flows.belenios import take_back
    from isopolis.flows.vote import vote_text
    from isopolis.model import CallError

    if not folder.exists():
        raise CallError(f'there is no "{folder}"; name the folder of an election of Belenios')
    taken, election, origin = take_back(folder, vote, tool=tool)
    if out is not None:
        if election is None:
            raise CallError("no ballot was opened in this vote, so that there is nothing to write")
        out.write_text(vote_text(election), encoding="utf-8")
    said = {"voters": taken.voters, "invalid": taken.invalid, "totals": dict(taken.totals),
            "opens": "totals" if taken.ballots is None else "ballots"}  # fmt: skip
    if as_json:
        print(json.dumps(origin | said, ensure_ascii=False, indent=1))
    else:
        _tell(said, origin, out)


def _tell(said: dict[str, Any], origin: dict[str, Any], out: Path | None) -> None:
    print(f"Belenios ({origin['program']}) verifies election {origin['uuid']}: {said['voters']:,} ballots.")
    if said["invalid"]:
        print(f"{said['invalid']:,} of them break a limit of the ballot and count for nothing.")
    for name, votes in sorted(said["totals"].items(), key=lambda pair: (-pair[1], pair[0])):
        print(f"{votes:>9,}  {name}")
    if out is not None:
        print(f"The ballots are in {out}; count them with: isopolis vote {out} --rule equal_shares")
