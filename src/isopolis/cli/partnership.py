"""Commands on partnerships: list and check their files, load one into the platform, write a calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .serve import Data, need_web

if TYPE_CHECKING:
    from isopolis.act.partnership import Book

__all__ = ["partnership"]

partnership = typer.Typer(
    help="Partnerships of cities: members, meetings, news, commitments.", no_args_is_help=True
)
Name = Annotated[
    str, typer.Argument(metavar="NAME", help="Name of a shipped partnership, or a YAML file of your own.")
]


def _book(name: str) -> Book:
    from isopolis.act.partnership import read_book
    from isopolis.content import names, parse, read
    from isopolis.model import CallError

    path = Path(name)
    if path.suffix in (".yaml", ".yml") and path.is_file():
        try:
            return read_book(parse(path.read_text(encoding="utf-8"), path.name), path.name)
        except (UnicodeDecodeError, ValueError) as error:
            raise CallError(f"{path} cannot be read: {error}") from None
    shipped = f"{name.replace('-', '_')}.yaml"
    if shipped not in names("partnership"):
        known = ", ".join(n.removesuffix(".yaml").replace("_", "-") for n in names("partnership"))
        raise CallError(f'there is no partnership "{name}"; shipped are: {known}. Or name a YAML file')
    return read_book(read(f"partnership/{shipped}"), shipped)


@partnership.command("list")
def listed() -> None:
    """List the partnerships that ship with the program."""
    from isopolis.act.partnership import said
    from isopolis.content import names

    for file in names("partnership"):
        book = _book(file.removesuffix(".yaml"))
        print(f"{book.key}: {said(book.name, 'en')[0]}, {len(book.members)} members")


@partnership.command()
def check(name: Name) -> None:
    """Check a partnership's file; says everything that is wrong with it."""
    book = _book(name)
    counts = ", ".join(f"{len(records)} {kind}" for kind, records in book.records.items() if records)
    print(f"{book.key} is whole: {counts}")


@partnership.command()
def members(
    name: Name,
    on: Annotated[str, typer.Option(metavar="DATE", help="Day, as 2025-06-01; today when left out.")] = "",
) -> None:
    """List the members of a day by type."""
    from isopolis.act.partnership import countries_of, layers_on, members_on, said, stakeholders
    from isopolis.model import CallError

    try:
        day = date.fromisoformat(on) if on else date.today()
    except ValueError:
        raise CallError(f'"{on}" is no day; write it as 2025-06-01') from None
    book = _book(name)
    here = stakeholders(members_on(book.members, day))
    print(f"{day}: {len(here)} stakeholders from {len(countries_of(here))} countries")
    for layer in layers_on(book.members, day):
        print(f"{layer.title} ({len(layer)})")
        for m in layer.members:
            print(f"  {said(m.name, 'en')[0]} ({m.country}), {m.role_on(day)}")


@partnership.command()
def calendar(
    name: Name,
    to: Annotated[Path, typer.Option(metavar="FILE", help="File for the calendar (.ics).")],
) -> None:
    """Write the public meetings as an iCalendar file."""
    from isopolis.act.partnership import calendar_of, said

    book = _book(name)
    public = [m for m in book.of("meeting") if m.access == "public"]
    text = calendar_of(public, said(book.name, "en")[0], f"{book.key}.isopolis", datetime.now(UTC))
    to.write_text(text, encoding="utf-8", newline="")
    print(to)


@partnership.command()
def load(
    name: Name,
    coordinator: Annotated[
        str, typer.Option(metavar="EMAIL", help="Account that is to coordinate it; none when left out.")
    ] = "",
    replace: Annotated[
        bool, typer.Option("--replace", help="Also replace records that were changed here.")
    ] = False,
    data: Data = None,
) -> None:
    """Put a partnership into the platform. Loading again adds what is new and changes nothing else."""
    book = _book(name)
    need_web()
    from isopolis.web.server import prepare

    prepare(data)
    print(put(book, coordinator, replace))


def put(book: Book, coordinator: str = "", replace: bool = False) -> str:
    """Load a book into the platform that is set up, and say what was done."""
    from isopolis.model import CallError
    from isopolis.web.actions import ValidationError
    from isopolis.web.partnerships.hub.actions import LoadBook
    from isopolis.web.protect.actions import SERVER

    action = LoadBook(SERVER, book, _account(coordinator), replace=replace)
    try:
        made = action.run()
    except ValidationError as error:
        raise CallError(" ".join(error.messages)) from None
    return f"/partnership/{made.slug}/ is there, with {action.added} new records"


def _account(email: str) -> Any:
    from isopolis.model import CallError
    from isopolis.web.accounts.models import User

    if not email:
        return None
    found = User.objects.filter(email__iexact=email).first()
    if found is None:
        raise CallError(f"there is no account with the address {email}; it has to sign up first")
    return found
