"""Paper typed in twice by two people: where the two differ, somebody looks at the paper again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from isopolis.model import Problem, Problems
from isopolis.model.text import phrase, phrases

from .answering import check
from .form import Form

__all__ = ["Compared", "Difference", "compare"]

Entry = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """One answer that was typed in two ways.

    Parameters
    ----------
    paper : str
        Number of the sheet of paper.
    name : str
        Of the question.
    first, second : str
        As typed.
    rows : (int, int)
        In the two files.
    """

    paper: str
    name: str
    first: str
    second: str
    rows: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Compared:
    """Two entries of the same papers.

    Parameters
    ----------
    agreed : mapping of str to (mapping of str to str)
        Paper → its answers, of papers whose entries are the same.
    differences : tuple of Difference
    only_first, only_second : tuple of str
        Papers that were typed in once.
    papers, answers : int
        Papers in both, and questions compared in them.
    """

    agreed: Mapping[str, Entry]
    differences: tuple[Difference, ...]
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]
    papers: int
    answers: int

    @property
    def rate(self) -> float:
        """Differences for each answer compared, 0–1; 0 when nothing was compared."""
        return len(self.differences) / self.answers if self.answers else 0.0


def compare(
    form: Form,
    first: Sequence[tuple[int, Entry]],
    second: Sequence[tuple[int, Entry]],
    key: str,
    today: date,
    problems: Problems,
) -> Compared:
    """Compare two entries of the same papers.

    Parameters
    ----------
    form : Form
    first, second : sequences of (row, answers)
        Answers with the number of the paper under `key`.
    key : str
    today : date
    problems : Problems
        Papers without a number, or with the number of another in the same file, are noted here.

    Notes
    -----
    Two ways to write the same are the same: 5 and 5.0, choices in another order.
    """
    one, two = _by_paper(first, key, 1, problems), _by_paper(second, key, 2, problems)
    both = [p for p in one if p in two]
    differences: list[Difference] = []
    agreed: dict[str, Entry] = {}
    for paper in both:
        (row_1, typed_1), (row_2, typed_2) = one[paper], two[paper]
        found = [
            Difference(paper, q.name, typed_1.get(q.name, ""), typed_2.get(q.name, ""), (row_1, row_2))
            for q in form.asked
            if _same_form(q.kind, typed_1.get(q.name, "")) != _same_form(q.kind, typed_2.get(q.name, ""))
        ]
        differences += found
        if not found:
            agreed[paper] = check(form, {q.name: typed_1.get(q.name, "") for q in form.asked}, today).answers
    return Compared(
        agreed, tuple(differences), tuple(p for p in one if p not in two),
        tuple(p for p in two if p not in one), len(both), len(both) * len(form.asked),
    )  # fmt: skip


def _same_form(kind: str, typed: str) -> object:
    text = " ".join(typed.split())
    if kind == "select_multiple":
        return frozenset(text.split())
    if kind in ("integer", "decimal"):
        try:
            return float(text.replace(",", ".")) if text else ""
        except ValueError:
            return text
    return text


def _by_paper(
    rows: Sequence[tuple[int, Entry]], key: str, which: int, problems: Problems
) -> dict[str, tuple[int, Entry]]:
    out: dict[str, tuple[int, Entry]] = {}
    without, twice = [], []
    for row, typed in rows:
        paper = typed.get(key, "").strip()
        if not paper:
            without.append(row)
        elif paper in out:
            twice.append(row)
        else:
            out[paper] = (row, typed)
    file = phrase("entry {which}", which=str(which))
    for code, found, said in (
        ("no-paper", without, phrases("a paper has no number", "papers have no number", len(without))),
        ("repeated-paper", twice, phrases("a paper is there twice", "papers are there twice", len(twice))),
    ):
        if found:
            problems.add(Problem(code, said, file=file, rows=tuple(found), count=len(found), column=key))
    return out
