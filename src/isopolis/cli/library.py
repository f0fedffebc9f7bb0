"""Commands for the library: look at it, check records, take it elsewhere, take others in, dead links."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .library_search import search
from .serve import Data, need_web, say

if TYPE_CHECKING:
    from isopolis.learn.record import Record
    from isopolis.model import Problem

__all__ = ["library"]

library = typer.Typer(
    help="The library of cases, policies and methods: list, check, export, import, dead links.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
FORMS = ("json", "csv", "dcat", "participedia", "bundle")
SECONDS = 20.0
MOST_BYTES = 64_000_000
Files = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[FILE]...", help="YAML, JSON or CSV; the shipped records if not said."),
]


def _text(path: Path) -> str:
    """Read a text in UTF-8, or say what lies there instead."""
    from isopolis.model import CallError

    try:
        raw = path.read_bytes()
    except OSError as error:
        raise CallError(f"{path} cannot be read: {error.strerror}") from None
    for begin, what in ((b"%PDF", "a PDF"), (b"PK", "an Office document or an archive")):
        if raw.startswith(begin):
            raise CallError(f"{path.name} is {what}; records come as YAML, JSON or CSV in UTF-8")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CallError(f"{path.name} is not UTF-8: save it again as UTF-8") from None


def _read(path: Path) -> list[Record]:
    """Read the records of a file by its ending; all problems at once."""
    from isopolis.content import parse
    from isopolis.learn.exchange import from_csv, from_json
    from isopolis.learn.library import library_of
    from isopolis.learn.vocabulary import shipped as vocabulary
    from isopolis.model import CallError

    text = _text(path)
    kind = path.suffix.lower()
    if kind == ".json":
        return list(from_json(text, vocabulary(), file=path.name))
    if kind == ".csv" and _is_participedia(text):
        return _from_participedia(text, path.name)
    if kind == ".csv":
        return list(from_csv(text, vocabulary(), file=path.name))
    if kind not in (".yaml", ".yml"):
        raise CallError(f"{path.name} is no YAML, JSON or CSV file by its name")
    try:
        plain = parse(text, path.name)
    except ValueError as error:
        raise CallError(str(error)) from None
    return list(library_of({path.name: plain}, vocabulary()))


def _is_participedia(text: str) -> bool:
    """Tell whether a table has Participedia's columns."""
    names = set(text.partition("\n")[0].strip().split(","))
    return "method_types" in names and "updated_date" in names


def _from_participedia(text: str, name: str) -> list[Record]:
    from isopolis.learn.exchange import from_participedia, rows_of
    from isopolis.model import DataError

    made = from_participedia(rows_of(text), datetime.now(UTC).date(), file=name)
    if made.problems:
        raise DataError(made.problems)
    if made.untitled:
        say(f"{made.untitled:,} entries have no title in {name}: they are named by their number and place")
    if made.unmapped:
        say(f"Columns without a place in a record: {', '.join(sorted(made.unmapped))}")
    return list(made.records)


def _records(files: list[Path] | None) -> list[Record]:
    from isopolis.learn.library import shipped
    from isopolis.model import DataError

    if not files:
        return list(shipped())
    found: list[Record] = []
    problems: list[Problem] = []
    for path in files:
        try:
            found += _read(path)
        except DataError as error:
            problems += error.problems
    if problems:
        raise DataError(problems)
    return found


@library.command(name="list")
def list_records(
    files: Files = None,
    kind: Annotated[str, typer.Option(help="Only of this kind: case, policy, law and so on.")] = "",
) -> None:
    """List records: id, kind, country, evidence grade, share of answered questions, title."""
    from isopolis.learn.record import KINDS, completeness
    from isopolis.model import CallError, near

    if kind and kind not in KINDS:
        raise CallError(f'there is no kind "{kind}": {near(kind, KINDS)}')
    for r in _records(files):
        if kind in ("", r.kind):
            country = (r.place.country if r.place else None) or "-"
            share = f"{100 * completeness(r).share:.0f}%"
            title = r.title.best([r.language]).text
            print(f"{r.id}\t{r.kind}\t{country}\t{r.evidence_grade}\t{share}\t{title}")


@library.command()
def show(
    id: Annotated[str, typer.Argument(metavar="ID", help="As isopolis library list says.")],
    files: Files = None,
) -> None:
    """Print one record as JSON, and which questions nobody has answered."""
    import json

    from isopolis.learn.record import completeness
    from isopolis.model import CallError, near

    known = {r.id: r for r in _records(files)}
    if id not in known:
        raise CallError(f'there is no record "{id}": {near(id, known)}')
    print(json.dumps(known[id].plain(), ensure_ascii=False, indent=1))
    missing = completeness(known[id]).missing
    if missing:
        say(f"No answer to: {', '.join(missing)}")


@library.command()
def check(files: Files = None) -> None:
    """Say everything that is wrong with records; the exit code is 1 when something is."""
    from isopolis.learn.record import problems
    from isopolis.learn.vocabulary import shipped as vocabulary
    from isopolis.model import DataError

    found = _records(files)
    wrong = [p for r in found for p in problems(r.plain(), vocabulary(), file=r.id)]
    if wrong:
        raise DataError(wrong)
    print(f"{len(found):,} records, nothing wrong")


@library.command()
def export(
    to: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write; - for the screen.")],
    form: Annotated[str, typer.Option("--as", help="json, csv, dcat, participedia or bundle.")] = "json",
    files: Annotated[
        list[Path] | None, typer.Option("--from", help="Files instead of the shipped records.")
    ] = None,
    origin: Annotated[str, typer.Option(help="For dcat and bundle: the address of the library.")] = "",
) -> None:
    """Write records in another form."""
    from isopolis.model import CallError, near

    if form not in FORMS:
        raise CallError(f'there is no form "{form}": {near(form, FORMS)}')
    if form in ("dcat", "bundle") and not origin:
        raise CallError("say the address of the library with --origin")
    text = _written(_records(files), form, origin)
    if str(to) == "-":
        sys.stdout.write(text)
        return
    try:
        to.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise CallError(f"{to} cannot be written: {error.strerror}") from None


def _written(records: list[Record], form: str, origin: str) -> str:
    import json

    from isopolis.learn.exchange import bundle, to_csv, to_dcat_text, to_json, to_participedia

    if form == "csv":
        return to_csv(records)
    if form == "dcat":
        return to_dcat_text(records, address=origin, publisher=origin, title="Library of city policies")
    if form == "participedia":
        return json.dumps([to_participedia(r) for r in records], ensure_ascii=False, indent=1) + "\n"
    return bundle(records, origin, datetime.now(UTC)) if form == "bundle" else to_json(records)


@library.command(name="import")
def take_in(
    what: Annotated[str, typer.Argument(metavar="FILE|URL", help="A bundle of another installation.")],
    origin: Annotated[
        str, typer.Option(help="Address of the library that it must come from; that of a URL if not said.")
    ] = "",
    ours: Annotated[str, typer.Option(help="Address of the library of this server.")] = "this installation",
    data: Data = None,
) -> None:
    """Take the library of another installation into this server's."""
    need_web()
    from isopolis.model import CallError
    from isopolis.web.server import prepare

    remote = what.startswith(("http://", "https://"))
    text = _fetched(what) if remote else _text(Path(what))
    expected = origin or (what.rsplit("/bundle", 1)[0] + "/" if remote else "")
    if not expected:
        raise CallError("say where the file comes from with --origin")
    prepare(data)
    from isopolis.web.library.desk import ImportBundle
    from isopolis.web.protect.actions import SERVER

    made = ImportBundle(SERVER, text, what.rsplit("/", 1)[-1], expected, ours).run()
    print(f"new {made.added}, changed {made.updated}, withdrawn {made.withdrawn}, as before {made.unchanged}")
    for problem in made.refused:
        print(
            f"  - refused: {problem['message']} {problem['value'] or problem['file'] or ''}", file=sys.stderr
        )
    if made.refused and not (made.added or made.updated or made.withdrawn or made.unchanged):
        raise typer.Exit(1)


def _fetched(url: str) -> str:
    """Fetch a bundle; only when somebody runs the command, never a page of the server."""
    import urllib.error
    import urllib.request

    from isopolis.model import CallError

    try:
        with urllib.request.urlopen(_request(url), timeout=SECONDS) as answer:
            body: bytes = answer.read(MOST_BYTES + 1)
        if len(body) > MOST_BYTES:
            raise CallError(f"{url} is larger than {MOST_BYTES / 1e6:.0f} MB")
        return body.decode("utf-8")
    except (OSError, ValueError, urllib.error.URLError) as error:
        raise CallError(f"{url} cannot be fetched: {error}") from None


def _request(url: str, method: str = "GET") -> Any:
    import urllib.request

    from isopolis import __version__

    return urllib.request.Request(url, method=method, headers={"User-Agent": f"isopolis/{__version__}"})


@library.command()
def links(
    files: Files = None,
    fetch: Annotated[
        bool, typer.Option("--fetch", help="Ask each address; without it they are only listed.")
    ] = False,
) -> None:
    """List the addresses of sources; with --fetch, those that no longer answer."""
    from isopolis.learn.library import addresses, dead_links

    records = _records(files)
    every = addresses(records)
    if not fetch:
        for record, path, url, _archived in every:
            print(f"{record}\t{path}\t{url}")
        say("These are not asked without --fetch")
        return
    dead = dead_links(records, [_asked(url) for url in dict.fromkeys(url for _r, _p, url, _a in every)])
    for d in dead:
        print(f"{d.record}\t{d.path}\t{d.url}\t{d.status or d.reason}\t{d.archived_url or 'no kept copy'}")
    say(f"{len(dead)} of {len(every)} addresses do not answer")
    if dead:
        raise typer.Exit(1)


def _asked(url: str) -> Any:
    import urllib.error
    import urllib.request

    from isopolis.learn.library import Answer

    today: date = datetime.now(UTC).date()
    try:
        with urllib.request.urlopen(_request(url), timeout=SECONDS) as answer:
            return Answer(url, answer.status, checked_on=today)
    except urllib.error.HTTPError as error:
        return Answer(url, error.code, checked_on=today)
    except (OSError, ValueError) as error:
        return Answer(url, None, type(error).__name__, today)


library.command()(search)
