"""Commands on action plans: drafted from a diagnosis, checked, exported, what is due."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

__all__ = ["plan"]

plan = typer.Typer(
    help="Action plans: draft one from a diagnosis, check it, export it.", no_args_is_help=True
)

City = Annotated[Path, typer.Argument(metavar="CITY", help="City folder, or one file of zones with columns.")]
File = Annotated[Path, typer.Argument(metavar="FILE", help="A plan as JSON.")]
Lang = Annotated[str, typer.Option(metavar="CODE", help="Language of the texts that are written down.")]

LARGEST = 20_000_000
NAMES = ("plan.html", "plan.pdf", "plan.json", "monitoring.csv", "monitoring.xlsx")


@plan.command()
def draft(
    city: City,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the plan as JSON here.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the plan as JSON.")] = False,
    gaps: Annotated[int, typer.Option(min=1, max=20, help="How many gaps, the largest first.")] = 5,
    best: Annotated[int, typer.Option("--best", min=1, max=20, help="Measures for each gap.")] = 3,
    lang: Lang = "en",
) -> None:
    """Draft a plan: for each large gap the measures of the library that fit, for people to decide."""
    made = _drafted(city, gaps, best, lang)
    data = json.dumps(_plain(made.plan), ensure_ascii=False, indent=1)
    if out is not None:
        _new(out)
        out.write_text(data + "\n", encoding="utf-8")
    if as_json:
        print(data)
        return
    _print(made)
    if out is not None:
        print(f"Plan: {out.resolve()}")


def _drafted(path: Path, gaps: int, best: int, lang: str) -> Any:
    from isopolis.flows.cities import load
    from isopolis.flows.diagnose import diagnose
    from isopolis.flows.draft_plan import draft_plan, gaps_of
    from isopolis.learn import library, vocabulary
    from isopolis.model.vocabulary import standard

    print(f"… reading {path}", file=sys.stderr)
    city, words = load(path), vocabulary.shipped()
    print("… measuring", file=sys.stderr)
    today = date.today().isoformat()
    found = gaps_of(diagnose(city, today=today), words, most=gaps)
    notes = f" ({'; '.join(standard(n) for n in city.notes)})" if city.notes else ""
    return draft_plan(
        found,
        library.shipped(),
        words,
        title=f"{city.name}: action plan (draft)",
        place=f"{city.name}{notes}",
        diagnosis=today,
        definition=words.definition().key,
        k=best,
        language=lang,
    )


def _plain(made: Any) -> dict[str, Any]:
    from isopolis.act.plan import to_plain

    return to_plain(made)


def _print(made: Any) -> None:
    print(made.plan.note)
    for gap in made.gaps:
        print(f"\n{gap.subject}: {gap.sentence}")
        mine = [a for a in made.plan.actions if any(e.ref == gap.ref for e in a.evidence)]
        for action in mine:
            why = next(e.why for e in action.evidence if e.ref == gap.ref)
            print(f"  {action.id}  {action.title}\n      {why}")
        if not mine:
            print("  The library has no measure for this yet.")
    for action in made.plan.actions:
        told = next(e.why for e in action.evidence if e.kind == "record")
        print(f"\n{action.id}  {action.title}\n  {told}")


def _read(path: Path) -> Any:
    from isopolis.act.plan import read_plan
    from isopolis.model import CallError

    try:
        if path.stat().st_size > LARGEST:
            raise CallError(f"{path} has more than {LARGEST:,} bytes: that is no plan")
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CallError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise CallError(f"{path} is no JSON: {error}") from None
    # what `plan export` writes holds the plan beside its table
    inner = data.get("plan") if isinstance(data, dict) else None
    return read_plan(inner if isinstance(inner, dict) else data)


@plan.command()
def check(file: File, lang: Lang = "en") -> None:
    """Say all that is wrong with a plan, or still open, at once."""
    from isopolis.act.plan import facts_of, problems
    from isopolis.explain.languages import said
    from isopolis.learn import vocabulary

    made = _read(file)
    found = problems(made, facts_of(made, vocabulary.shipped(), date.today()))
    for problem in found:
        print(("! " if problem.fatal else "- ") + said(problem.said(), lang))
    if not found:
        print("Nothing is wrong with this plan.")
    if any(p.fatal for p in found):
        raise typer.Exit(1)


@plan.command()
def due(
    file: File,
    on: Annotated[str, typer.Option(metavar="DAY", help="Instead of today, such as 2027-05-01.")] = "",
    lang: Lang = "en",
) -> None:
    """Say what is due: updates every six to nine months, milestones, outputs, indicators."""
    from isopolis.act.plan import due as what_is_due
    from isopolis.explain.languages import said
    from isopolis.model import CallError

    try:
        day = date.fromisoformat(on) if on else date.today()
    except ValueError:
        raise CallError(f"{on!r} is no day; write it like 2027-05-01") from None
    found = what_is_due(_read(file), day)
    for one in found:
        print(f"{one.day} {'late ' if one.late else ''}{one.action}: {said(one.text, lang)}")
    if not found:
        print("Nothing is due.")


@plan.command()
def export(
    file: File,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the files; they must be new.")],
    lang: Lang = "en",
    pdf: Annotated[bool, typer.Option(help="Also make plan.pdf.")] = True,
) -> None:
    """Write the plan at a glance as a page and PDF, and the monitoring table as CSV, XLSX and JSON."""
    from functools import partial

    from isopolis.explain.languages import said
    from isopolis.learn import vocabulary
    from isopolis.report import plan as report

    made, today, words = _read(file), date.today(), vocabulary.shipped()

    def label(term: str) -> str:
        return str(words.label(term, lang)) if term in words else term

    say = partial(said, code=lang)
    for name in NAMES:
        _new(out / name)
    out.mkdir(parents=True, exist_ok=True)
    page = report.compose_plan(made, today, label, language=lang, say=say)
    (out / "plan.html").write_text(report.plan_html(page), encoding="utf-8")
    (out / "plan.json").write_text(report.plan_json(made, today, label), encoding="utf-8")
    (out / "monitoring.csv").write_text(
        report.plan_csv(made, today, label, say), encoding="utf-8", newline=""
    )
    (out / "monitoring.xlsx").write_bytes(report.plan_xlsx(made, today, label, say))
    if pdf:
        paper = report.compose_plan(made, today, label, language=lang, say=say, paper=True)
        report.write_plan_pdf(paper, out / "plan.pdf")
    for name in NAMES:
        if (out / name).exists():
            print(out / name)


def _new(path: Path) -> None:
    from isopolis.model import CallError

    if path.exists():
        raise CallError(f"{path} is there already; name a place that is new")
