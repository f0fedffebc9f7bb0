"""Commands for those who write rules and questionnaires: check them, list them, make templates."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

__all__ = ["frames", "rules"]

rules = typer.Typer(help="Rules of programmes and laws: list them, run their tests.", no_args_is_help=True)
frames = typer.Typer(
    help="Questionnaires: list them, check them, make them from tables.", no_args_is_help=True
)


def _text(path: Path) -> str:
    from isopolis.model import CallError

    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CallError(f"{path} cannot be read as text: {error}") from None


@rules.command("list")
def list_rules() -> None:
    """List the rules that ship, with their status, source and the day it was read."""
    from isopolis.act.rules import said_as, shipped, shipped_names

    for name in shipped_names():
        made = shipped(name)
        print(f"{name}  {said_as(made.title)} ({made.version})")
        for rule in made.rules:
            read = f"{rule.source.mark} {rule.source.read or ''}".strip()
            print(f"  {rule.id}: {said_as(rule.title)} [{rule.status}, {read}, {rule.source.url}]")


@rules.command()
def check(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE", help="Rule files; NAME.test.yaml lies beside each.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="The rules that ship.")] = False,
) -> None:
    """Run the YAML tests of rules and name rules that no test covers; exit code 1 if something is wrong."""
    from isopolis.act.rules import check as run
    from isopolis.act.rules import shipped, shipped_names, shipped_trials
    from isopolis.model import CallError

    if not files and not everything:
        raise CallError("name a rule file, or --all for those that ship")
    checked = [run(*_read_rules(path)) for path in files or ()]
    checked += [run(shipped(n), shipped_trials(n)) for n in (shipped_names() if everything else ())]
    for one in checked:
        _show(one)
    if not all(one.fine for one in checked):
        raise typer.Exit(1)


def _read_rules(path: Path) -> Any:
    from isopolis.act.rules import read_text

    tests = path.with_name(f"{path.stem}.test.yaml")
    return read_text(_text(path), path.name, _text(tests) if tests.is_file() else "")


def _show(one: Any) -> None:
    print(f"{one.set.id}: {len(one.set.rules)} rules, {one.passed} tests passed, {len(one.failed)} failed")
    for said in one.failed:
        print(f"  - {said}")
    for name, answers in one.uncovered:
        print(f"  - no test expects {' or '.join(map(str, answers))} of {name}")


@rules.command("judge")
def judge_facts(
    which: Annotated[str, typer.Argument(metavar="RULES", help="Name of rules that ship, or a rule file.")],
    facts: Annotated[Path, typer.Argument(metavar="FACTS", help="YAML file of facts.")],
    on: Annotated[str, typer.Option(help="Day, 2026-11-22; today without it.")] = "",
) -> None:
    """Say of each rule whether facts meet it, why, and what to do."""
    from isopolis.act.rules import judge, shipped
    from isopolis.content import parse
    from isopolis.model import CallError

    made = _read_rules(Path(which))[0] if which.endswith((".yaml", ".yml")) else shipped(which)
    try:
        plain = parse(_text(facts), facts.name) or {}
        day = date.fromisoformat(on) if on else date.today()
    except ValueError as error:
        raise CallError(str(error)) from None
    if not isinstance(plain, dict):
        raise CallError(f"{facts.name} is no list of facts with values")
    verdict = judge(made, plain, day)
    print(f"{made.id} on {day}: {verdict.answer}")
    for one in verdict.rules:
        print(f"  {one.answer}: {one.reason} ({one.rule.source.url})")
    for todo in verdict.todo:
        print(f"  → {todo}")


@frames.command("list")
def list_frames() -> None:
    """List the questionnaires that ship, with what is absent in them."""
    from isopolis.act.frames import shipped, shipped_names
    from isopolis.act.rules import said_as

    for name in shipped_names():
        made = shipped(name)
        gaps = f", {len(made.absent())} absent" if made.absent() else ""
        print(f"{name}  {said_as(made.title)}: {len(made.asked())} questions{gaps} ({made.version})")


@frames.command("check")
def check_frame(file: Annotated[Path, typer.Argument(metavar="FILE", help="Questionnaire as YAML.")]) -> None:
    """Check a questionnaire, and count its questions."""
    from isopolis.act.frames import read_text

    made = read_text(_text(file), file.name)
    counts = f"{len(made.asked())} questions, {len(made.absent())} absent"
    print(f"{made.id}: {len(made.sections)} sections, {counts}")


@frames.command()
def template(
    name: Annotated[str, typer.Argument(help="A questionnaire that ships.")],
    absent: Annotated[bool, typer.Option("--absent", help="Only the questions that are absent.")] = False,
) -> None:
    """Print a questionnaire as a table to fill in; `isopolis frames table` reads it."""
    from isopolis.act.frames import shipped, write_csv

    sys.stdout.write(write_csv(shipped(name), absent))


@frames.command()
def table(
    file: Annotated[Path, typer.Argument(metavar="CSV", help="One row for each question.")],
    source: Annotated[str, typer.Option(help="Address where the questions were read.")],
    read: Annotated[str, typer.Option(help="Day on which they were read, 2026-11-22.")],
    name: Annotated[str, typer.Option("--id", help="Id of a new questionnaire.")] = "",
    title: Annotated[str, typer.Option(help="Title of a new questionnaire.")] = "",
    into: Annotated[str, typer.Option(help="A questionnaire that ships, to fill its absent questions.")] = "",
) -> None:
    """Print a table as a questionnaire in YAML, or one that ships with its gaps filled."""
    from isopolis.act.frames import filled, read_csv, shipped, write_yaml
    from isopolis.model import CallError

    if bool(name) == bool(into):
        raise CallError("give --id and --title for a new questionnaire, or --into for one that ships")
    try:
        day = date.fromisoformat(read)
    except ValueError:
        raise CallError(f'"{read}" is no day; write 2026-11-22') from None
    head = {"id": name or into, "version": read, "title": title or into}
    made = read_csv(_text(file), head | {"source": {"url": source, "title": title, "read": day}}, file.name)
    sys.stdout.write(write_yaml(filled(shipped(into), made) if into else made))
