"""Commands for whoever runs a server: backup, restore, upgrade, doctor."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from .serve import Data, need_web, say

__all__ = ["add_commands"]


def add_commands(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    for command in (backup, restore, upgrade, doctor):
        app.command()(command)


def backup(
    to: Annotated[
        Path | None,
        typer.Option(metavar="PATH", help="File or folder; backups in the data folder if not said."),
    ] = None,
    data: Data = None,
    secrets: Annotated[
        bool, typer.Option("--secrets/--no-secrets", help="Take the secret keys and the settings along.")
    ] = True,
    keep: Annotated[
        int,
        typer.Option(min=0, max=10_000, help="Keep this many backups there and remove older ones; 0: all."),
    ] = 0,
) -> None:
    """Copy everything that a server must not lose into one file, while it runs."""
    need_web()
    from isopolis.web.operate.backup import existing, make_backup
    from isopolis.web.server import set_up

    existing(data)
    folder = set_up(data)

    made = make_backup(folder, to, secrets=secrets, keep=keep)
    print(made.path)
    say(f"{made.files:,} files and {made.rows:,} rows in {made.size / 1e6:,.1f} MB")
    if made.missing:
        say(f"{len(made.missing)} files are missing in the data folder itself, {made.missing[0]} first")
    say(f"See whether it can be restored: isopolis restore {made.path} --verify")


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that isopolis backup made.")],
    data: Data = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Only try it, in a scratch folder that is removed again.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace what is there, after a backup of it.")
    ] = False,
) -> None:
    """Put a backup back, or try whether that would work."""
    need_web()
    from isopolis.web.operate.restore import restore as put_back
    from isopolis.web.operate.restore import try_out

    trial = try_out(file, data) if verify else put_back(file, data, replace=replace, say=say)
    made = trial.manifest
    if not trial:
        print(f"isopolis: {file.name} cannot be restored:", file=sys.stderr)
        for problem in trial.problems:
            print(f"  - {problem}", file=sys.stderr)
        raise typer.Exit(1)
    say(f"Made at {made['made_at']} by version {made['version']}: {len(made['files']):,} files")
    if made["missing"]:
        say(f"{len(made['missing'])} files were missing already when it was made, {made['missing'][0]} first")
    if trial.upgrade:
        say(
            f"This version cannot upgrade its tables ({trial.upgrade}); use version {made['version']} with it"
        )
        if verify:
            raise typer.Exit(1)
    else:
        say(f"The audit log is whole: {trial.audit:,} rows. Results that open: {trial.results:,}")
    print("This backup can be restored." if verify else "The backup was restored. Start the server again.")


def upgrade(data: Data = None) -> None:
    """Bring the tables of an earlier version to this one, after a backup."""
    need_web()
    from isopolis.web.operate.backup import existing
    from isopolis.web.operate.lock import alone
    from isopolis.web.operate.upgrade import upgrade as bring_up
    from isopolis.web.server import set_up

    existing(data)
    folder = set_up(data)
    with alone(folder):
        if not bring_up(folder, say):
            print("There is nothing to upgrade.")


def doctor(
    data: Data = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Look at an installation and say what is wrong and what to do."""
    need_web()
    from isopolis.web.operate.doctor import examine, print_checks

    if not print_checks(examine(data), as_json):
        raise typer.Exit(1)
