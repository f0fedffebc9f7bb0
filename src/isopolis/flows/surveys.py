"""Surveys: a form is read and checked, answers are read and told, two entries of paper are compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from isopolis.engage.surveys.answering import check, sections
from isopolis.engage.surveys.build import DESIGN, form_of
from isopolis.engage.surveys.entries import Compared, compare
from isopolis.engage.surveys.form import Form
from isopolis.engage.surveys.results import QuestionResult, Results, results
from isopolis.intersect.raking import Margin
from isopolis.model import City, Problem, Problems, Undefined
from isopolis.model.text import phrase

from .who_took_part import policy_of, residents_of

__all__ = ["Answered", "Loaded", "answers_of", "compare_entries", "form_again", "form_json", "load_form",
           "margins_of_city", "question_json", "results_json", "survey_results"]  # fmt: skip

Progress = Callable[[str], None]
KNOWN = 0.6
"""Part of the filled cells of a column that must be categories of the city to weight people by it."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A form that may be used, with what is to be known about it; `plain` is what `form_again` reads."""

    form: Form
    caveats: tuple[Problem, ...]
    plain: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answered:
    """Answers as a file has them, checked.

    Parameters
    ----------
    answers : tuple of mapping
        Of each person: question → answer.
    columns : mapping of str to tuple of str
        Everything in the file, row by row.
    caveats : tuple of Problem
    """

    answers: tuple[Mapping[str, str], ...]
    columns: Mapping[str, tuple[str, ...]]
    caveats: tuple[Problem, ...]


def load_form(path: Path, *, judge: bool = True, progress: Progress | None = None) -> Loaded:
    """Read an XLSForm.

    Parameters
    ----------
    path : Path
    judge : bool
        Ask pyxform, too, whether other programs will take the form; it takes a second.
    progress : callable, optional

    Raises
    ------
    DataError
        With everything that cannot be done, by sheet, row and column.
    """
    from isopolis.read.xlsform import check_xlsform, read_xlsform

    say = progress or (lambda _: None)
    problems = Problems()
    say(f"reading {path}")
    sheets = read_xlsform(path, problems)
    form = form_of(sheets.file, sheets.survey, sheets.choices, sheets.settings, problems)
    if judge and not problems.fatal:
        say("asking pyxform")
        check_xlsform(sheets, frozenset({DESIGN, "randomized"}), problems)
    problems.raise_if_fatal()
    plain = {name: [[n, dict(cells)] for n, cells in getattr(sheets, name)] for name in _SHEETS}
    return Loaded(form, tuple(problems), {"file": sheets.file} | plain)


_SHEETS = ("survey", "choices", "settings")


def form_again(plain: Mapping[str, Any]) -> Form:
    """Return a form as `Loaded.plain` has it; it was checked before."""
    survey, choices, settings = ([(n, cells) for n, cells in plain[name]] for name in _SHEETS)
    return form_of(plain["file"], survey, choices, settings, Problems())


# -- answers -----------------------------------------------------------------------------------------------
def _rows_of(path: Path, form: Form, problems: Problems) -> tuple[list[tuple[int, dict[str, str]]], set[str]]:
    """Rows of a table under the names of the questions, and the names that it has."""
    from isopolis.read.tables import read_table

    table = read_table(path, problems=problems)
    names = _names(form, list(table.columns))
    texts = {names.get(c, c): [str(t) for t in table[c].text()] for c in table.columns}
    numbers = [int(n) for n in table.row_numbers]
    rows = [(n, {c: t[i] for c, t in texts.items()}) for i, n in enumerate(numbers)]
    return rows, set(texts)


def _names(form: Form, columns: Sequence[str]) -> dict[str, str]:
    """Column → question, where collectors write the groups before the name."""
    out = {}
    for q in form.asked:
        forms = [q.name, *(mark.join([*q.inside, q.name]) for mark in ("/", "-", ":"))]
        found = next((f for f in forms if f in columns), None)
        if found is not None:
            out[found] = q.name
    return out


def answers_of(path: Path, form: Form, today: date) -> Answered:
    """Read answers, a row for each person, and check them against the form.

    Raises
    ------
    DataError
        With every answer that the form does not allow: what stands there was not answered to this form.
    """
    problems = Problems()
    rows, names = _rows_of(path, form, problems)
    missing = [q.name for q in form.asked if q.name not in names]
    if len(missing) == len(form.asked):
        problems.error("no-answers", phrase("no column has the name of a question"), file=path.name)
        problems.raise_if_fatal()
    for name in missing:
        problems.caveat("no-column", phrase("nobody's answer to “{name}” is in the file", name=name),
                        file=path.name)  # fmt: skip
    troubled: dict[tuple[str, str, str], list[int]] = {}
    values: dict[tuple[str, str, str], str] = {}
    kept = []
    for number, row in rows:
        found = check(form, {q.name: row.get(q.name, "") for q in form.asked}, today)
        kept.append(found.answers)
        told = [(t.name, t.code, t.message) for t in found.troubles]
        told += [
            (n, "skipped", phrase("answered although it was not asked; not counted")) for n in found.skipped
        ]
        for key in told:
            if key[1] == "required" and key[0] in missing:
                continue
            troubled.setdefault(key, []).append(number)
            values.setdefault(key, row.get(key[0], ""))
    for (name, code, message), where in troubled.items():
        mild = code in ("required", "skipped")
        problems.add(
            Problem(
                code, message, file=path.name, rows=tuple(where), column=name, count=len(where),
                value=None if mild else values[name, code, message][:60], fatal=not mild,
            )
        )  # fmt: skip
    problems.raise_if_fatal()
    columns = {c: tuple(row[c] for _, row in rows) for c in sorted(names)}
    return Answered(tuple(kept), columns, tuple(problems))


def survey_results(
    form: Form,
    answered: Answered,
    city: City | None = None,
    *,
    threshold: int = 10,
    language: str = "",
    progress: Progress | None = None,
) -> Results:
    """Tell what a survey says, weighted to the census of a city where there is one.

    Parameters
    ----------
    form : Form
    answered : Answered
    city : City, optional
        Weights are by every dimension of it that is a question or a column of the answers.
    threshold : int
        Fewest people that are shown.
    language : str
        Of labels, as the form names it.
    progress : callable, optional

    Raises
    ------
    CallError
        If the threshold is not possible.
    """
    say = progress or (lambda _: None)
    say("counting and weighting")
    margins = [] if city is None else margins_of_city(answered.columns, city)
    policy = policy_of(threshold)
    return results(form, answered.answers, margins, policy=policy, language=language)


def margins_of_city(columns: Mapping[str, Sequence[str]], city: City) -> list[Margin]:
    """Return what people can be weighted by: columns whose values are categories of the city's census."""
    out = []
    for name in dict.fromkeys(d.name for table in city.counts for d in table.dimensions):
        values = columns.get(name)
        if values is None:
            continue
        lived = residents_of(city, (name,))
        categories = lived.dimension(name).categories
        position = {c: i for i, c in enumerate(categories)}
        codes = np.array([position.get(v.strip(), -1) for v in values], dtype=np.int64)
        filled = sum(bool(v.strip()) for v in values)
        if filled and (codes >= 0).sum() >= KNOWN * filled:
            out.append(Margin(name, categories, codes, lived.best().sum(axis=0)))
    return out


def compare_entries(
    form: Form, first: Path, second: Path, key: str, today: date
) -> tuple[Compared, tuple[Problem, ...]]:
    """Compare two entries of the same papers.

    Parameters
    ----------
    form : Form
    first, second : Path
        Tables with a row per paper.
    key : str
        Column with the number of the paper.
    today : date

    Raises
    ------
    DataError
        If there is no such column, or a paper has no number or is there twice.
    """
    problems = Problems()
    both = []
    for path in (first, second):
        rows, names = _rows_of(path, form, problems)
        if key not in names:
            problems.error("no-column", phrase("there is no column with the number of the paper"),
                           file=path.name, column=key)  # fmt: skip
        both.append(rows)
    problems.raise_if_fatal()
    found = compare(form, both[0], both[1], key, today, problems)
    problems.raise_if_fatal()
    return found, tuple(problems)


# -- for programs ------------------------------------------------------------------------------------------
def form_json(form: Form) -> dict[str, Any]:
    """Return a form as plain values."""
    return {
        "title": form.title, "version": form.version, "languages": list(form.languages),
        "pages": [list(names) for names in sections(form)],
        "questions": [
            {
                "name": q.name, "type": q.kind, "row": q.row, "label": dict(q.label),
                "groups": list(q.inside),
                "choices": [c.name for c in form.choices.get(q.list_name, ())],
                "required": q.required is not None, "conditional": q.relevant is not None,
                "randomised": None if q.design is None else {
                    "design": q.design.name, "yes_if": str(q.design.yes_if),
                    "yes_if_not": str(q.design.yes_if_not), "privacy_loss": round(q.design.loss, 6),
                },
            }
            for q in form.questions
            if q.kind not in ("group",)
        ],
    }  # fmt: skip


def results_json(found: Results) -> dict[str, Any]:
    """Return results as plain values; what may not be shown is an object with its reason."""
    raked = found.raked
    return {
        "people": found.people, "weighted_by": list(found.weighted_by),
        "design_effect": round(raked.design_effect, 6), "effective_n": round(raked.effective_n, 3),
        "trimmed": raked.trimmed, "refused": _plain(raked.refusal), "notes": [str(n) for n in found.notes],
        "questions": [question_json(q) for q in found.questions],
    }  # fmt: skip


def _plain(value: Any) -> Any:
    if isinstance(value, Undefined):
        return {"code": value.code, "reason": str(value.reason)}
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    return round(value, 6) if isinstance(value, float) else value


def question_json(q: QuestionResult) -> dict[str, Any]:
    """Return what one question says as plain values."""
    out: dict[str, Any] = {
        "name": q.name, "label": q.label, "type": q.kind, "people": _plain(q.people),
        "refused": _plain(q.refusal), "notes": [str(n) for n in q.notes],
    }  # fmt: skip
    fields = ("raw", "raw_interval", "weighted", "weighted_interval")
    if q.shares:
        out["shares"] = [
            {"answer": s.name, "label": s.label, "people": _plain(s.people)}
            | {f: _plain(getattr(s, f)) for f in fields}
            for s in q.shares
        ]
    if q.average is not None:
        out["average"] = {f: _plain(getattr(q.average, f)) for f in fields}
    if q.estimate is not None:
        e = q.estimate
        out["estimate"] = {
            "share": _plain(e.share), "interval": _plain(e.interval), "variance": e.variance,
            "direct_variance": e.direct_variance, "effective_n": _plain(e.effective_n),
            "privacy_loss": _plain(e.loss), "surest": _plain(e.surest),
        }  # fmt: skip
    return out
