"""Rows of the sheets of an XLSForm → a form; whatever cannot be asked here is refused with its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from isopolis.model import CallError, Problems, near
from isopolis.model.text import listing, phrase

from .expressions import ExpressionError, Node, parse, references, walk
from .form import KINDS, Choice, Form, Question
from .randomised import Design, design_of

__all__ = ["DESIGN", "Rows", "form_of", "needs"]

Rows = Sequence[tuple[int, Mapping[str, str]]]
"""Row number of the sheet, and heading → text of every filled cell."""

DESIGN = "randomised"
"""Column of our own, with the design of a randomised question; other programs pass it over."""

WORDS = ("label", "hint", "constraint_message", "required_message")
_ALIASES = {
    "relevance": "relevant", "bind::relevant": "relevant", "bind::constraint": "constraint",
    "bind::required": "required", "bind::calculate": "calculation", "calculate": "calculation",
    "caption": "label", "list name": "list_name", "value": "name", "constraint message": "constraint_message",
    "required message": "required_message", "choice filter": "choice_filter", "command": "type",
    "randomized": DESIGN,
}  # fmt: skip
_USED = {
    "type", "name", "relevant", "constraint", "required", "calculation", "choice_filter", "appearance",
    DESIGN, *WORDS,
}  # fmt: skip
_REFUSED = {"trigger", "repeat_count", "body::accuracythreshold", "query", "parameters"}
_SILENT = {"notes", "note", "comment", "comments", "disabled"}
_RECORDED = {
    "start", "end", "today", "deviceid", "phonenumber", "username", "email", "subscriberid", "simserial",
    "audit", "start-geopoint",
}  # fmt: skip
_NAME = re.compile(r"[^\W\d][\w.\-]*")
_TRUE = {"yes", "true", "true()", "1"}
_FALSE = {"no", "false", "false()", "0", ""}
_ALWAYS = Node("call", "true")
_LANGUAGE = re.compile(r"^(?P<column>[^:]+?)\s*::?\s*(?P<language>.+)$")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where problems of one sheet are noted."""

    file: str
    sheet: str
    problems: Problems

    @property
    def shown(self) -> str:
        return phrase("{file}, sheet “{sheet}”", file=self.file, sheet=self.sheet)

    def error(self, code: str, said: str, row: int = 0, column: str = "", value: str | None = None,
              hint: str = "", rule: str = "") -> None:  # fmt: skip
        self.problems.error(
            code, said, file=self.shown, rows=(row,) if row else (), column=column or None, value=value,
            hint=hint, rule=rule,
        )  # fmt: skip

    def caveat(self, code: str, said: str, row: int = 0, column: str = "", value: str | None = None) -> None:
        rows = (row,) if row else ()
        self.problems.caveat(code, said, file=self.shown, rows=rows, column=column or None, value=value)


def form_of(file: str, survey: Rows, choices: Rows, settings: Rows, problems: Problems) -> Form:
    """Make a form of the rows of its sheets.

    Parameters
    ----------
    file : str
        Name for messages.
    survey, choices, settings : Rows
    problems : Problems
        What is wrong is written down here; the form is of use only when nothing of it is fatal.
    """
    at = _Place(file, "survey", problems)
    lists, spoken = _lists(choices, _Place(file, "choices", problems))
    questions = _questions(survey, lists, at)
    if not any(q.asked for q in questions) and not problems.fatal:
        at.error("no-question", phrase("the form asks nothing"))
    _names_once(questions, at)
    _references(questions, lists, at)
    order = _order(questions, at)
    given = settings[0][1] if settings else {}
    first = given.get("default_language", "").strip()
    said = [lang for q in questions for w in (q.label, q.hint) for lang in w]
    languages = tuple(dict.fromkeys([*([first] if first in {*said, *spoken} else []), *said, *spoken]))
    for question in questions:
        _untranslated(question, languages, at)
    title = given.get("form_title") or given.get("form_id") or file
    return Form(title, given.get("version", ""), languages, questions, lists, order)


def _column(heading: str) -> tuple[str, str]:
    """Return the column and the language of a heading: ``label::Deutsch (de)``."""
    plain = " ".join(heading.strip().split())
    low = plain.lower()
    if low in _ALIASES:
        return _ALIASES[low], ""
    found = _LANGUAGE.match(plain)
    if found:
        name = _ALIASES.get(found["column"].lower(), found["column"].lower().replace(" ", "_"))
        if name in WORDS:
            return name, found["language"].strip()
    return low, ""


def _sorted_cells(cells: Mapping[str, str]) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Cells by column, and texts by column and language."""
    plain: dict[str, str] = {}
    words: dict[str, dict[str, str]] = {w: {} for w in WORDS}
    for heading, value in cells.items():
        name, language = _column(heading)
        if name in WORDS:
            words[name][language] = value
        else:
            plain[name] = value
    return plain, words


# -- choices -----------------------------------------------------------------------------------------------
def _lists(rows: Rows, at: _Place) -> tuple[dict[str, tuple[Choice, ...]], list[str]]:
    out: dict[str, list[Choice]] = {}
    for number, cells in rows:
        plain, words = _sorted_cells(cells)
        name, list_name = plain.pop("name", ""), plain.pop("list_name", "")
        if not list_name and not name:
            continue
        if not list_name or not name:
            missing = "name" if list_name else "list_name"
            at.error("choice-incomplete", phrase("a choice has no {column}", column=missing), number, missing)
            continue
        if any(c.isspace() for c in name):
            at.error("bad-name", phrase("the name of a choice must not have blanks"), number, "name", name)
        if not any(words["label"].values()):
            at.error("no-label", phrase("a choice has no label"), number, "label")
        for heading in cells:
            if heading.lower().startswith(("media", "image", "audio", "video")):
                at.caveat("not-shown", phrase("pictures and sounds are not shown here"), number, heading)
        have = out.setdefault(list_name, [])
        if name in {c.name for c in have}:
            at.error("repeated-choice", phrase("the list has this choice twice"), number, "name", name)
            continue
        have.append(Choice(name, words["label"], plain | {"name": name}))
    spoken = [lang for have in out.values() for c in have for lang in c.label]
    return {k: tuple(v) for k, v in out.items()}, spoken


# -- questions ---------------------------------------------------------------------------------------------
def _questions(rows: Rows, lists: Mapping[str, tuple[Choice, ...]], at: _Place) -> tuple[Question, ...]:
    out: list[Question] = []
    around: list[tuple[str, int]] = []
    _headings(rows, at)
    for number, cells in rows:
        plain, words = _sorted_cells(cells)
        kind = " ".join(plain.get("type", "").lower().split())
        if not kind:
            if plain.get("name") or any(words["label"].values()):
                at.error("no-type", phrase("the row has no type"), number, "type")
            continue
        if kind.replace("_", " ") == "end group":
            if not around:
                at.error("group-not-open", phrase("a group ends that was not begun"), number, "type")
            else:
                around.pop()
            continue
        made = _question(number, plain, words, lists, at)
        if made is None:
            continue
        made = replace(made, inside=tuple(n for n, _ in around))
        out.append(made)
        if made.kind == "group":
            around.append((made.name, number))
    for name, number in around:
        at.error("group-not-ended", phrase("the group “{name}” has no end", name=name), number, "type")
    return tuple(out)


def _headings(rows: Rows, at: _Place) -> None:
    """Say once of each column that is not understood what becomes of it."""
    seen: dict[str, int] = {}
    for number, cells in rows:
        for heading in cells:
            seen.setdefault(heading, number)
    for heading, number in seen.items():
        name = _column(heading)[0]
        if name in _USED or name in _SILENT:
            continue
        if name in _REFUSED:
            at.error("not-done", phrase("this column cannot be done here"), number, heading,
                     hint=phrase("Empty the column, or ask the question in another way."))  # fmt: skip
        else:
            at.caveat("column-passed-over", phrase("this column is not used here"), number, heading)


def _question(
    number: int,
    plain: Mapping[str, str],
    words: Mapping[str, Mapping[str, str]],
    lists: Mapping[str, tuple[Choice, ...]],
    at: _Place,
) -> Question | None:
    kind, list_name = _kind(number, plain["type"], lists, at)
    if not kind:
        return None
    name = plain.get("name", "")
    if not name and kind in ("group", "note"):
        name = f"{kind}_{number}"
    if not _NAME.fullmatch(name):
        at.error("bad-name", phrase("a name begins with a letter and has letters, digits, “_”, “-” and “.”"),
                 number, "name", name)  # fmt: skip
        return None
    if kind not in ("group", "calculate") and not any(words["label"].values()):
        at.error("no-label", phrase("the question “{name}” has no label", name=name), number, "label")

    def expression(column: str, *, columns: bool = False, dot: bool = False) -> Node | None:
        return _expression(number, plain.get(column, ""), column, at, columns=columns, dot=dot)

    required = plain.get("required", "").strip()
    low = required.lower()
    calculation = expression("calculation")
    if kind == "calculate" and not plain.get("calculation"):
        at.error("no-calculation", phrase("nothing is calculated here"), number, "calculation")
    return Question(
        name, kind, number, words["label"], words["hint"], words["constraint_message"],
        words["required_message"], (), list_name, expression("relevant"), expression("constraint", dot=True),
        _ALWAYS if low in _TRUE else None if low in _FALSE else expression("required"),
        calculation if kind == "calculate" else None, expression("choice_filter", columns=True),
        _design(number, plain.get(DESIGN, ""), kind, lists.get(list_name, ()), at),
        "field-list" in plain.get("appearance", "").split(),
    )  # fmt: skip


def _kind(number: int, written: str, lists: Mapping[str, tuple[Choice, ...]], at: _Place) -> tuple[str, str]:
    """Return kind and list of choices; two empty texts where the row is passed over or refused."""
    words = written.split()
    low = written.lower().replace("_", " ").split()
    if low == ["begin", "group"]:
        return "group", ""
    for name in ("select_one", "select_multiple"):
        if low[:2] == name.split("_") and words[0].lower() in (name, "select"):
            rest = words[1:] if "_" in words[0] else words[2:]
            if len(rest) == 1 and rest[0] in lists:
                return name, rest[0]
            return _no_list(number, written, rest, lists, at)
    plain = written.strip().lower()
    plain = {"int": "integer", "string": "text"}.get(plain, plain)
    if plain in _RECORDED:
        at.caveat("not-recorded", phrase("this is not recorded: it tells about the person or the device"),
                  number, "type", written)  # fmt: skip
    elif plain in KINDS and plain != "group":
        return plain, ""
    else:
        at.error(
            "type-not-done", phrase("this type of question cannot be done here"), number, "type", written,
            rule=", ".join(k for k in KINDS if k != "group") + ", begin_group, end_group",
            hint=phrase("Ask it in another way, or leave it out."),
        )  # fmt: skip
    return "", ""


def _no_list(
    number: int, written: str, rest: Sequence[str], lists: Mapping[str, tuple[Choice, ...]], at: _Place
) -> tuple[str, str]:
    if len(rest) == 2 and rest[1] == "or_other":
        said = phrase("“or_other” cannot be done here")
        hint = phrase("Add a choice “other” to the list, and a text question shown when it is chosen.")
        at.error("type-not-done", said, number, "type", written, hint=hint)
    elif len(rest) == 1:
        said = phrase("there is no list of choices “{name}”: {hint}", name=rest[0], hint=near(rest[0], lists))
        at.error("no-list", said, number, "type", written)
    else:
        said = phrase("this type of question cannot be done here")
        rule = phrase("select_one LIST or select_multiple LIST")
        at.error("type-not-done", said, number, "type", written, rule=rule)
    return "", ""


def _expression(number: int, text: str, column: str, at: _Place, *, columns: bool, dot: bool) -> Node | None:
    if not text.strip():
        return None
    try:
        return parse(text, columns=columns, dot=dot)
    except ExpressionError as error:
        said = phrase("from character {place} on: {reason}", place=str(error.place), reason=error.reason)
        at.error("bad-expression", said, number, column, text[:200])
        return None


def _design(number: int, text: str, kind: str, choices: Sequence[Choice], at: _Place) -> Design | None:
    if not text.strip():
        return None
    if kind != "select_one" or len(choices) != 2:
        said = phrase("only a select_one of two choices can be randomised; the first is the sensitive one")
        at.error("bad-design", said, number, DESIGN, text)
        return None
    try:
        return design_of(text)
    except CallError as error:
        at.error("bad-design", str(error), number, DESIGN, text)
        return None


# -- what holds them together ------------------------------------------------------------------------------
def _names_once(questions: Iterable[Question], at: _Place) -> None:
    seen: dict[str, int] = {}
    for q in questions:
        if q.name in seen:
            said = phrase("the name is used in row {row} already", row=str(seen[q.name]))
            at.error("repeated-name", said, q.row, "name", q.name)
        seen.setdefault(q.name, q.row)


_EXPRESSIONS = ("relevant", "constraint", "required", "calculation", "choice_filter")


def _references(questions: Sequence[Question], lists: Mapping[str, tuple[Choice, ...]], at: _Place) -> None:
    known = {q.name: q for q in questions}
    answered = [q.name for q in questions if q.asked or q.kind == "calculate"]
    columns = {name: {k for c in have for k in c.columns} for name, have in lists.items()}
    for q in questions:
        for column in _EXPRESSIONS:
            node = getattr(q, column)
            if node is None:
                continue
            for name in sorted(references(node) - set(answered)):
                said = phrase("there is no question “{name}”: {hint}", name=name, hint=near(name, answered))
                at.error("no-question", said, q.row, column)
            for part in walk(node):
                if part.kind == "column" and part.value not in columns.get(q.list_name, ()):
                    said = phrase("the choices have no column “{name}”", name=str(part.value))
                    at.error("no-column", said, q.row, column)
            _never_equal(q, column, node, known, lists, at)
        for name in sorted(_in_words(q) - set(answered)):
            said = phrase("the text speaks of a question “{name}” that is not there", name=name)
            at.error("no-question", said, q.row, "label")


def _never_equal(
    q: Question, column: str, node: Node, known: Mapping[str, Question],
    lists: Mapping[str, tuple[Choice, ...]], at: _Place,
) -> None:  # fmt: skip
    """Say where an answer is compared with a choice that its list does not have."""
    for part in walk(node):
        pair = part.parts
        compares = (part.kind == "op" and part.value in ("=", "!=")) or part.value == "selected"
        if not compares or {p.kind for p in pair} != {"ref", "text"}:
            continue
        ref, text = sorted(pair, key=lambda p: p.kind)
        about = known.get(str(ref.value))
        if about is None or not about.list_name or text.value == "":
            continue
        names = [c.name for c in lists[about.list_name]]
        if text.value not in names:
            said = phrase(
                "“{name}” can never be “{value}”: {hint}",
                name=about.name, value=str(text.value), hint=near(str(text.value), names),
            )  # fmt: skip
            at.caveat("never-equal", said, q.row, column)


_PIPED = re.compile(r"\$\{\s*([^{}\s]+)\s*\}")


def _in_words(q: Question) -> set[str]:
    texts = (t for words in (q.label, q.hint) for t in words.values())
    return {name for t in texts for name in _PIPED.findall(t)}


def needs(q: Question) -> frozenset[str]:
    """Return the questions whose answers decide how this one is asked."""
    nodes = (q.relevant, q.calculation, q.choice_filter, q.required)
    asked = frozenset().union(*(references(n) for n in nodes if n is not None))
    return asked | _in_words(q)


def _order(questions: Sequence[Question], at: _Place) -> tuple[str, ...]:
    """Put questions after what they need; say which wait for each other in a circle."""
    waits = {}
    names = {q.name for q in questions}
    for q in questions:
        nodes = [n for n in (q.relevant, q.calculation) if n is not None]
        waits[q.name] = (frozenset().union(*map(references, nodes)) | set(q.inside)) & names
    out: list[str] = []
    left = dict(waits)
    while left:
        free = [name for name, need in left.items() if not need & left.keys()]
        if not free:
            row = next(q.row for q in questions if q.name in left)
            shown = listing([phrase("“{name}”", name=n) for n in list(left)[:5]])
            said = phrase("questions wait for each other in a circle: {names}", names=shown)
            at.error("circle", said, row, "relevant")
            return tuple(out + list(left))
        out += free
        left = {k: v for k, v in left.items() if k not in free}
    return tuple(out)


def _untranslated(q: Question, languages: Sequence[str], at: _Place) -> None:
    missing = [lang for lang in languages if lang and q.label and not q.label.get(lang)]
    if missing:
        said = phrase(
            "the question “{name}” has no words in {languages}; another language is shown",
            name=q.name,
            languages=listing(missing),
        )
        at.caveat("untranslated", said, q.row, "label")
