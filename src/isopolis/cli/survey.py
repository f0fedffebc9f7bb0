"""The commands on surveys: check a form, tell what the answers say, compare two entries of paper."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

__all__ = ["survey"]

survey = typer.Typer(
    help="Surveys: check a form, weight its answers, compare paper typed in twice.", no_args_is_help=True
)

FormFile = Annotated[Path, typer.Argument(metavar="FORM", help="XLSForm workbook (.xlsx).")]
Json = Annotated[bool, typer.Option("--json", help="Print as JSON.")]
Lang = Annotated[str, typer.Option(metavar="CODE", help="Language of the sentences.")]
Labels = Annotated[
    str, typer.Option(metavar="LANGUAGE", help="Language of the form's own words, as the form names it.")
]


def _say(text: str) -> None:
    print(f"… {text}", file=sys.stderr, flush=True)


def _print_json(tree: Any) -> None:
    print(json.dumps(tree, ensure_ascii=False, allow_nan=False, indent=1))


def _line(text: str, lang: str, mark: str = "  - ") -> None:
    from isopolis.explain.languages import said

    print(mark + said(text, lang))


@survey.command(name="check")
def check_form(form: FormFile, as_json: Json = False, lang: Lang = "en") -> None:
    """Check an XLSForm: what it asks, in which order, and what cannot be done here."""
    from isopolis.flows.surveys import form_json, load_form
    from isopolis.model.text import phrases

    loaded = load_form(form, progress=_say)
    if as_json:
        _print_json(form_json(loaded.form) | {"caveats": [c.to_dict() for c in loaded.caveats]})
        return
    told = form_json(loaded.form)
    n, pages = len(loaded.form.asked), len(told["pages"])
    print(loaded.form.title)
    _line(phrases("{n} question", "{n} questions", n), lang)
    _line(phrases("{n} page", "{n} pages", pages), lang)
    for caveat in loaded.caveats:
        _line(caveat.said(), lang)


@survey.command(name="results")
def tell_results(
    form: FormFile,
    answers: Annotated[Path, typer.Argument(metavar="ANSWERS", help="Table with a row for each person.")],
    city: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="City whose census the answers are weighted to.")
    ] = None,
    threshold: Annotated[int, typer.Option(min=3, help="Fewest people that are shown.")] = 10,
    labels: Labels = "",
    as_json: Json = False,
    lang: Lang = "en",
) -> None:
    """Tell what a survey says: as answered, and weighted to the census, with intervals."""
    from datetime import date

    from isopolis.flows.cities import load
    from isopolis.flows.surveys import answers_of, load_form, results_json, survey_results

    loaded = load_form(form, judge=False, progress=_say)
    _say(f"reading {answers}")
    answered = answers_of(answers, loaded.form, date.today())
    place = None if city is None else load(city)
    found = survey_results(loaded.form, answered, place, threshold=threshold, language=labels, progress=_say)
    if as_json:
        _print_json(results_json(found) | {"caveats": [c.to_dict() for c in answered.caveats]})
        return
    for question in found.questions:
        _print_question(question, lang)
    print()
    for text in (*found.notes, *(c.said() for c in answered.caveats)):
        _line(text, lang)


def _print_question(question: Any, lang: str) -> None:
    print(f"\n{question.label}")
    if question.refusal is not None:
        _line(question.refusal.reason, lang)
    for share in question.shares:
        print(f"  {_number(share.raw):>7}  {_number(share.weighted):>7}  {share.label}")
    if question.average is not None:
        print(f"  {question.average.raw:.2f}")
    if question.estimate is not None and question.estimate.interval is not None:
        low, high = question.estimate.interval
        print(f"  {_number(question.estimate.share):>7}  ({low:.1%} – {high:.1%})")
    for note in question.notes:
        _line(note, lang)


def _number(value: Any) -> str:
    return f"{value:.1%}" if isinstance(value, float) else "–"


@survey.command(name="compare")
def compare_two(
    form: FormFile,
    first: Annotated[Path, typer.Argument(metavar="FIRST", help="Papers as typed in by one person.")],
    second: Annotated[Path, typer.Argument(metavar="SECOND", help="The same papers, by another person.")],
    key: Annotated[
        str, typer.Option(metavar="COLUMN", help="Column with the number of the paper.")
    ] = "paper",
    as_json: Json = False,
    lang: Lang = "en",
) -> None:
    """List where two entries of the same papers differ; exit code 1 when they do."""
    from datetime import date

    from isopolis.flows.surveys import compare_entries, load_form
    from isopolis.model.text import phrases

    loaded = load_form(form, judge=False, progress=_say)
    found, _caveats = compare_entries(loaded.form, first, second, key, date.today())
    same = not (found.differences or found.only_first or found.only_second)
    if as_json:
        _print_json(
            {
                "papers": found.papers, "answers": found.answers, "rate": round(found.rate, 6),
                "agreed": len(found.agreed), "only_first": list(found.only_first),
                "only_second": list(found.only_second),
                "differences": [
                    {"paper": d.paper, "question": d.name, "first": d.first, "second": d.second,
                     "rows": list(d.rows)}
                    for d in found.differences
                ],
            }
        )  # fmt: skip
    else:
        for d in found.differences:
            print(f"{d.paper}  {d.name}: {d.first!r} ≠ {d.second!r}  ({d.rows[0]}, {d.rows[1]})")
        _line(phrases("{n} difference", "{n} differences", len(found.differences)), lang)
        once = len(found.only_first) + len(found.only_second)
        _line(phrases("{n} paper typed in once only", "{n} papers typed in once only", once), lang)
    if not same:
        raise typer.Exit(1)
