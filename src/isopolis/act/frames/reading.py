"""Frames from plain data: YAML, or a CSV table with one row for each question."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date, datetime
from typing import Any

from isopolis.act.rules.words import is_said, said_as
from isopolis.model.errors import Problems, near
from isopolis.model.text import phrase

from .model import EVIDENCE, NOT_STATED, ORDERED, SCALES, Frame, Question, Section, Source

__all__ = ["COLUMNS", "filled", "read_csv", "read_frame", "write_csv", "write_plain", "write_yaml"]

ISO = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
MARKS = ("read", "inferred", "general", "own")
FRAME_KEYS = {"id", "version", "title", "note", "source", "scale_labels", "sections"}
SECTION_KEYS = {"id", "title", "note", "questions"}
QUESTION_KEYS = {f.name for f in fields(Question)}
LONGEST_CELL = 131_072
COLUMNS = (
    "section", "section_title", "id", "number", "text", "help", "scale", "limit", "choices", "scheme", "role",
    "required", "evidence", "meaning", "absent",
)  # fmt: skip
"""Columns of the CSV form; choices are separated by ``|``."""

MOST_QUESTIONS = 1000


def read_frame(plain: Any, file: str) -> Frame:
    """Read the plain data of a frame.

    Raises
    ------
    DataError
        With everything that is wrong in it.
    """
    return _Reading(file).frame(plain)


class _Reading:
    def __init__(self, file: str) -> None:
        self.file, self.problems = file, Problems()
        self.seen: set[str] = set()

    def wrong(self, where: str, message: str, value: Any = None, rule: str = "", hint: str = "") -> None:
        shown = str(value)[:120] if value is not None else None
        place: dict[str, Any] = {"file": self.file, "column": where or None}
        self.problems.error("frame", message, value=shown, rule=rule, hint=hint, **place)

    def keys(self, plain: Any, allowed: set[str], where: str) -> Mapping[str, Any]:
        if not isinstance(plain, Mapping):
            self.wrong(where, phrase("this is no list of names with values"), plain)
            return {}
        for key in plain:
            if key not in allowed:
                said = phrase('"{key}" is unknown here', key=str(key))
                self.wrong(where, said, hint=near(str(key), sorted(allowed)))
        return plain

    def frame(self, plain: Any) -> Frame:
        top = self.keys(plain, FRAME_KEYS, "")
        name = self.name(top.get("id"), "id", set())
        if not is_said(top.get("title")):
            self.wrong("title", phrase("a title is missing"))
        source = self.source(top.get("source"), "source")
        labels = self.labels(top.get("scale_labels") or {})
        given = top.get("sections")
        if not isinstance(given, list) or not given:
            self.wrong("sections", phrase("there are no sections"))
            given = []
        ids: set[str] = set()
        sections = tuple(self.section(s, f"sections {n}", ids) for n, s in enumerate(given, 1))
        if sum(len(s.questions) for s in sections) > MOST_QUESTIONS:
            self.wrong("sections", phrase("there are more than {n} questions", n=MOST_QUESTIONS))
        self.problems.raise_if_fatal()
        assert source is not None
        version, note = str(top.get("version", "")), top.get("note", "")
        return Frame(name, version, top["title"], note, source, sections, labels)

    def name(self, given: Any, where: str, seen: set[str]) -> str:
        if not isinstance(given, str) or not NAME.match(given):
            self.wrong(where, phrase("an id is missing or not allowed"), given, rule="a-z, 0-9, _")
            return "?"
        if given in seen:
            self.wrong(where, phrase('the id "{id}" is used twice', id=given))
        seen.add(given)
        return given

    def labels(self, plain: Any) -> dict[str, tuple[Any, ...]]:
        out = {}
        for scale, given in self.keys(plain, set(ORDERED), "scale_labels").items():
            if not isinstance(given, list) or len(given) != len(ORDERED.get(scale, ())):
                said = phrase("a scale has one label for each of its steps")
                self.wrong(f"scale_labels › {scale}", said, given)
            else:
                out[scale] = tuple(given)
        return out

    def section(self, plain: Any, where: str, ids: set[str]) -> Section:
        one = self.keys(plain, SECTION_KEYS, where)
        name = self.name(one.get("id"), where, ids)
        if not is_said(one.get("title")):
            self.wrong(where, phrase("a title is missing"))
        given = one.get("questions")
        if not isinstance(given, list) or not given:
            self.wrong(where, phrase("a section has questions"))
            given = []
        made = tuple(self.question(q, f"{name} {n}") for n, q in enumerate(given, 1))
        return Section(name, one.get("title", ""), made, one.get("note", ""))

    def question(self, plain: Any, where: str) -> Question:
        one = dict(self.keys(plain, QUESTION_KEYS, where))
        name = self.name(one.get("id"), where, self.seen)
        where = name if name != "?" else where
        absent = one.get("absent", "")
        if not isinstance(absent, str):
            self.wrong(where, phrase("absent is the reason why the question is missing"), absent)
        if not absent and not is_said(one.get("text")):
            self.wrong(where, phrase("the text is missing; or say under absent why"))
        scale = one.get("scale", "text")
        if scale not in SCALES:
            self.wrong(where, phrase("the scale is unknown"), scale, hint=near(str(scale), SCALES))
        choices = self.choices(one.get("choices") or [], scale, where)
        self.limit(one.get("limit"), scale, where)
        if one.get("evidence", "none") not in EVIDENCE:
            self.wrong(where, phrase("evidence is none, wanted or needed"), one.get("evidence"))
        if not isinstance(one.get("required", False), bool):
            self.wrong(where, phrase("required is true or false"), one.get("required"))
        meaning = one.get("meaning", 1)
        if not isinstance(meaning, int) or isinstance(meaning, bool) or meaning < 1:
            self.wrong(where, phrase("meaning is a whole number from 1"), meaning)
        source = self.source(one["source"], where) if "source" in one else None
        kept = {k: v for k, v in one.items() if k in QUESTION_KEYS and v is not None}
        return Question(
            **(kept | {"id": name, "text": one.get("text", ""), "choices": choices, "source": source})
        )

    def choices(self, given: Any, scale: str, where: str) -> tuple[str, ...]:
        texts = isinstance(given, list) and all(isinstance(c, str) and c for c in given)
        if not texts or len(set(given)) != len(given) or (scale == "choice") != bool(given):
            self.wrong(where, phrase("a choice lists its choices, and nothing else does"), given)
            return ()
        return tuple(given)

    def limit(self, given: Any, scale: str, where: str) -> None:
        fine = given in (None, NOT_STATED) or (
            isinstance(given, int) and not isinstance(given, bool) and given > 0
        )
        if not fine or (given is not None and scale != "text"):
            said = phrase("a limit is a number of characters of a text, or “not stated”")
            self.wrong(where, said, given)

    def source(self, plain: Any, where: str) -> Source | None:
        if not isinstance(plain, Mapping) or not plain:
            self.wrong(where, phrase("a source is missing: url, title, the day it was read, mark"))
            return None
        one = self.keys(plain, {"url", "title", "read", "mark"}, where)
        mark, read, url = one.get("mark", "read"), one.get("read"), str(one.get("url", ""))
        if mark not in MARKS:
            self.wrong(where, phrase("the mark is unknown"), mark, rule=", ".join(MARKS))
        if isinstance(read, str) and ISO.match(read):
            read = _iso(read)
        if read is not None and (isinstance(read, datetime) or not isinstance(read, date)):
            self.wrong(where, phrase("this is no date"), read, rule="2026-11-21")
        if mark in ("read", "inferred") and (read is None or not re.match(r"https?://\S+\Z", url)):
            self.wrong(where, phrase("a source that was read has an address and the day of reading"), url)
        return Source(url, str(one.get("title", "")), read if isinstance(read, date) else None, str(mark))


def _iso(text: str) -> Any:
    """Return a day written as JSON writes it; the text itself where there is no such day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


# -- tables -------------------------------------------------------------------------------------------
def read_csv(text: str, head: Mapping[str, Any], file: str) -> Frame:
    """Read a frame from a table with one row for each question.

    Parameters
    ----------
    text : str
        CSV with the columns `COLUMNS` (section, id and text are enough); comma or semicolon.
    head : mapping
        id, version, title, note, source of the frame, as in YAML.
    file : str
        Name of the file, for messages.

    Raises
    ------
    DataError
        With everything that is wrong, with rows as a spreadsheet counts them.
    """
    problems = Problems()
    text = text.lstrip("\ufeff")
    first = next(iter(text.splitlines()), "")
    between = ";" if first.count(";") > first.count(",") else ","
    try:
        # with newline="" the table's own reader finds the ends of lines, a lone carriage return too
        rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=between))
        # the reader's own limit belongs to the whole process, where somebody else may have raised it
        if any(len(str(cell)) > LONGEST_CELL for row in rows for cell in row.values()):
            raise csv.Error(f"field larger than field limit ({LONGEST_CELL})")
    except csv.Error as error:
        rows = []
        said = phrase("this is not a table as it should be: {why}", why=str(error))
        problems.error("frame", said, file=file)
    unknown = [c for c in (rows[0] if rows else {}) if c not in COLUMNS]
    for column in unknown:
        said = phrase("this column is unknown")
        problems.error("frame", said, file=file, column=str(column), hint=near(str(column), COLUMNS))
    sections: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(rows, 2):
        name = (row.get("section") or "questions").strip()
        title = (row.get("section_title") or "").strip() or name
        section = sections.setdefault(name, {"id": name, "title": title, "questions": []})
        section["questions"].append(_cells(row, number, file, problems))
    problems.raise_if_fatal()
    return read_frame({**head, "sections": list(sections.values())}, file)


def _cells(row: Mapping[str, Any], number: int, file: str, problems: Problems) -> dict[str, Any]:
    given = {k: (row.get(k) or "").strip() for k in COLUMNS[2:]}
    out: dict[str, Any] = {k: v for k, v in given.items() if v}
    if "choices" in out:
        out["choices"] = [c.strip() for c in out["choices"].split("|") if c.strip()]
    for name in ("limit", "meaning"):
        if out.get(name, NOT_STATED) != NOT_STATED:
            if out[name].isdecimal() and len(out[name]) < 8:
                out[name] = int(out[name])
            else:
                said = phrase("this is no whole number")
                problems.error("frame", said, file=file, rows=(number,), column=name, value=out[name][:40])
    if "required" in out:
        out["required"] = out["required"].casefold() in ("yes", "true", "1", "x")
    return out


def write_csv(frame: Frame, only_absent: bool = False, language: str = "en") -> str:
    """Return a frame as a table that `read_csv` reads; with `only_absent` the template of what is missing."""
    out = io.StringIO()
    table = csv.DictWriter(out, COLUMNS, lineterminator="\r\n")
    table.writeheader()
    for section in frame.sections:
        for question in section.questions:
            if question.absent or not only_absent:
                table.writerow(_row(section, question, language, only_absent))
    return out.getvalue()


def _row(section: Section, question: Question, language: str, empty: bool) -> dict[str, Any]:
    plain = {k: getattr(question, k) for k in COLUMNS[2:]}
    for key in ("text", "help"):
        plain[key] = said_as(plain[key], language)
    plain |= {"choices": "|".join(question.choices), "required": "yes" if question.required else ""}
    plain["limit"] = "" if question.limit is None else question.limit
    plain["absent"] = "" if empty else question.absent
    return {"section": section.id, "section_title": said_as(section.title, language), **plain}


def filled(frame: Frame, more: Frame) -> Frame:
    """Return `frame` with those of its absent questions that `more` has, in their old places.

    Raises
    ------
    DataError
        When `more` has questions that are no absent questions of `frame`.
    """
    given = {q.id: q for q in more.asked()}
    problems = Problems()
    gaps = {q.id for q in frame.absent()}
    for name in given:
        if name not in gaps:
            said = phrase('"{id}" is no absent question of this frame', id=name)
            problems.error("frame", said, hint=near(name, sorted(gaps)))
    problems.raise_if_fatal()

    def one(question: Question) -> Question:
        new = given.get(question.id)
        return replace(new, number=new.number or question.number, source=more.source) if new else question

    sections = tuple(replace(s, questions=tuple(one(q) for q in s.questions)) for s in frame.sections)
    return replace(frame, sections=sections)


def write_plain(frame: Frame) -> dict[str, Any]:
    """Return a frame as plain data that `read_frame` reads back."""
    return {
        "id": frame.id,
        "version": frame.version,
        "title": frame.title,
        "note": frame.note,
        "source": _plain(frame.source),
        "scale_labels": {k: list(v) for k, v in frame.scale_labels.items()},
        "sections": [
            {
                "id": s.id,
                "title": s.title,
                "note": s.note,
                "questions": [_question(q) for q in s.questions],
            }
            for s in frame.sections
        ],
    }


def write_yaml(frame: Frame) -> str:
    """Return a frame as YAML text that `read_frame` reads back once it is parsed."""
    import yaml

    written: str = yaml.safe_dump(write_plain(frame), allow_unicode=True, sort_keys=False, width=110)
    return written


def _question(question: Question) -> dict[str, Any]:
    out = {f.name: getattr(question, f.name) for f in fields(Question)}
    out |= {"choices": list(question.choices)}
    out["source"] = _plain(question.source) if question.source else None
    return {k: v for k, v in out.items() if v not in (None, "", [], False) or k in ("id", "text")}


def _plain(source: Source) -> dict[str, Any]:
    return {"url": source.url, "title": source.title, "read": source.read, "mark": source.mark}
