"""Commands on personal data. Django is imported inside, and only when one of them runs."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from .serve import Data, need_web

__all__ = ["personal"]

personal = typer.Typer(
    help="What the platform keeps about people: export, erase, clean.", no_args_is_help=True
)
Account = Annotated[str, typer.Option(help="E-mail address or number of the account.")]
Dry = Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")]


def _account(said: str) -> Any:
    from isopolis.model import CallError
    from isopolis.web.accounts.models import User

    found = User.objects.filter(pk=int(said)) if said.isdecimal() else User.objects.filter(email__iexact=said)
    account = found.first()
    if account is None:
        raise CallError("there is no such account; give its e-mail address or its number with --account")
    return account


def _prepare(data: Path | None) -> None:
    need_web()
    from isopolis.web.server import prepare

    prepare(data)


def _run(action: Any) -> Any:
    """Run an action; what speaks against it is told as a sentence."""
    from isopolis.model import CallError
    from isopolis.web.actions import ValidationError

    try:
        return action.run()
    except ValidationError as error:
        raise CallError(" ".join(error.messages)) from None


@personal.command()
def export(
    account: Account,
    to: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the files.")],
    data: Data = None,
) -> None:
    """Write everything that is kept about an account: one JSON file and a CSV file per table."""
    _prepare(data)
    from isopolis.web.protect.actions import SERVER, ExportAccount
    from isopolis.web.protect.export import write

    for path in write(_run(ExportAccount(SERVER, _account(account))), to):
        print(path)


@personal.command()
def erase(
    account: Account,
    dry_run: Dry = False,
    close: Annotated[
        bool, typer.Option("--close", help="Workspaces without any other member go too.")
    ] = False,
    data: Data = None,
) -> None:
    """Erase an account everywhere; the log keeps its number."""
    _prepare(data)
    from isopolis.web.protect.actions import SERVER, EraseAccount
    from isopolis.web.protect.erasure import plan

    who = _account(account)
    found = plan(who)
    for line in found.lines:
        print(f"{line.what.value:<7} {line.rows:>6,}  {line.place}: {line.about}")
    for workspace in found.alone:
        print(f"delete       1  workspace {workspace.slug}: no other member; needs --close")
    for workspace in found.hand_over:
        print(f"refuse       1  workspace {workspace.slug}: name another owner first", file=sys.stderr)
    if dry_run:
        print("Nothing was changed.")
        return
    _run(EraseAccount(SERVER, who, close=close))
    print(f"Account {found.number} is erased. Backups still hold it until they are thrown away.")


@personal.command("sign-out")
def sign_out(account: Account, data: Data = None) -> None:
    """End every session of an account; it can sign in again."""
    _prepare(data)
    from isopolis.web.protect.actions import SERVER, EndSessions

    print(f"{_run(EndSessions(SERVER, _account(account)))} sessions were ended.")


@personal.command()
def retention(dry_run: Dry = False, data: Data = None) -> None:
    """Apply all time limits now; `isopolis serve` does it once a day."""
    _prepare(data)
    from isopolis.web.protect.retention import run

    for cleaned in run(datetime.now(UTC), dry=dry_run):
        print(f"{cleaned.count:>6,}  {cleaned.rule.key}: {cleaned.rule}")
    if dry_run:
        print("Nothing was changed.")


@personal.command()
def replay(
    source: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", help="A kept erased.csv; that of the data folder."),
    ] = None,
    dry_run: Dry = False,
    data: Data = None,
) -> None:
    """After a restore: erase again whoever had been erased since the backup was made."""
    from isopolis.model import CallError

    if source is not None and not source.is_file():
        raise CallError(f"there is no file {source}; give the kept erased.csv with --from")
    _prepare(data)
    from isopolis.web.protect.replay import replay as again

    erased, left = again(source, dry=dry_run)
    print(f"{'Would erase' if dry_run else 'Erased'} again: {', '.join(map(str, erased)) or 'nobody'}")
    if left:
        print(
            f"isopolis: only owner of a workspace with others: {', '.join(map(str, left))}", file=sys.stderr
        )
        raise typer.Exit(1)


@personal.command()
def dpia(
    to: Annotated[Path, typer.Option(metavar="FILE", help="File for the Markdown text.")], data: Data = None
) -> None:
    """Write the frame of a data protection impact assessment, filled in from tables and settings."""
    _prepare(data)
    from isopolis.web.protect.records import dpia as frame

    to.write_text(frame(), encoding="utf-8")
    print(to)
