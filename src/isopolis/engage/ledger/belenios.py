"""What goes to Belenios and what comes back, as plain data; Belenios itself is another program.

A vote is handed over in one of two ways. *Totals*: each ballot is encrypted as a row of 0 and 1, and only
the sums are ever opened, which is enough for rules that look at votes by project. *Ballots*: each ballot is
encrypted as a row of whole numbers, the trustees shuffle all of them, and every ballot is opened, so that
rules that look at single ballots, such as equal shares, can count. There Belenios does not check the limits
of a ballot, therefore `ballots_from` does.

Formats: Belenios specification 2.0, sections "Election" and "Election result".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from isopolis.model import DataError, Problem, Problems
from isopolis.model.text import phrase

from .ballot import Question, checked

__all__ = ["MOST_VOTERS", "Taken", "ballots_from", "result_of", "same_question", "template_of", "totals_from",
           "voters_of"]  # fmt: skip

TICKS = ("approval", "choose-1")
MOST_VOTERS = 1_000_000


@dataclass(frozen=True, slots=True)
class Taken:
    """What came back.

    Parameters
    ----------
    voters : int
        Ballots that Belenios counted.
    totals : mapping of str to int
        Votes, or points, by project.
    ballots : tuple of mappings, or None
        Every ballot that keeps the limits, in no order that means anything; None where only sums were opened.
    invalid : int
        Ballots that break a limit, and count for nothing.
    """

    voters: int
    totals: Mapping[str, int]
    ballots: tuple[Mapping[str, int], ...] | None
    invalid: int = 0


def template_of(
    question: Question, *, ballots: bool, description: str = "", administrator: str = "", authority: str = ""
) -> dict[str, Any]:
    """Return the template from which ``belenios-tool setup make-election`` makes an election.

    Parameters
    ----------
    question : Question
    ballots : bool
        True to open shuffled ballots, False to open sums only.
    description, administrator, authority : str
        As people see them.

    Raises
    ------
    DataError
        If sums are not enough, because the ballot has points, an order or a limit of cost.
    """
    answers = [_said(question, n) for n in range(len(question.projects))]
    if ballots:
        asked: dict[str, Any] = {
            "type": "NonHomomorphic", "value": {"answers": answers, "question": question.name},
        }  # fmt: skip
    else:
        _only_ticks(question)
        most = 1 if question.ballot == "choose-1" else question.limits.max_length or len(answers)
        asked = {
            "answers": answers, "min": min(question.limits.min_length or 0, most),
            "max": min(most, len(answers)), "question": question.name,
        }  # fmt: skip
    return {
        "description": description, "name": question.name, "questions": [asked],
        "administrator": administrator, "credential_authority": authority,
    }  # fmt: skip


def _said(question: Question, number: int) -> str:
    """Write a project as people read it; the id in front makes it the only one of this name."""
    p = question.projects[number]
    return f"{p.id}: {p.name}" if p.name and p.name != p.id else p.id


def _only_ticks(question: Question) -> None:
    limits = question.limits
    if question.ballot not in TICKS or limits.max_cost is not None or limits.min_cost is not None:
        raise DataError(
            [Problem("belenios-totals", phrase("sums of votes are not enough for this kind of ballot"),
                     value=question.ballot,
                     hint=phrase("Let Belenios open the shuffled ballots: leave out “--totals”."))]
        )  # fmt: skip


def voters_of(identifiers: Sequence[str]) -> str:
    """Return the list of voters, a line each.

    Raises
    ------
    DataError
        With everybody who stands there twice, and everything that would break a line.
    """
    problems, seen = Problems(), set()
    if not 1 <= len(identifiers) <= MOST_VOTERS:
        problems.error("belenios-voters", phrase("a roll has 1 to {most} people", most=MOST_VOTERS),
                       value=str(len(identifiers)))  # fmt: skip
    for row, name in enumerate(identifiers, 1):
        if not name or any(c in name for c in ",\n\r\t") or name != name.strip():
            problems.error(
                "belenios-voter", phrase("an identifier has no comma and no space at its ends"),
                rows=(row,), value=name[:60],
            )  # fmt: skip
        if name.lower() in seen:
            problems.error(
                "belenios-twice", phrase("somebody stands twice on the roll"), rows=(row,), value=name[:60]
            )
        seen.add(name.lower())
    problems.raise_if_fatal()
    return "".join(f"{name}\n" for name in identifiers)


# -- back ----------------------------------------------------------------------------------------------------
def same_question(question: Question, election: Mapping[str, Any]) -> bool:
    """Hold the election of an archive against the question; return whether it opens ballots.

    Raises
    ------
    DataError
        With what differs: another vote must not be counted as this one.
    """
    kinds = {True: template_of(question, ballots=True)["questions"]}
    if question.ballot in TICKS and question.limits.max_cost is None and question.limits.min_cost is None:
        kinds[False] = template_of(question, ballots=False)["questions"]
    for opens, asked in kinds.items():
        if election.get("questions") == asked:
            return opens
    raise DataError(
        [Problem("belenios-other", phrase("the archive is of another vote: its projects or limits differ"),
                 hint=phrase("Name the file from which this vote was handed over."))]
    )  # fmt: skip


def result_of(question: Question, election: Mapping[str, Any], result: Any, accepted: int) -> Taken:
    """Read a result that Belenios has verified.

    Parameters
    ----------
    question : Question
    election, result : plain JSON
        As they stand in the archive.
    accepted : int
        Ballots in the archive, each voter's last one.

    Raises
    ------
    DataError
        If the result is not of this vote or has another form than the question.
    """
    opens = same_question(question, election)
    rows = result.get("result") if isinstance(result, Mapping) else None
    if not isinstance(rows, list) or len(rows) != 1 or not isinstance(rows[0], list):
        raise _odd()
    taken = ballots_from(question, rows[0]) if opens else totals_from(question, rows[0], accepted)
    if taken.voters != accepted:
        raise _odd()
    return taken


def _odd() -> DataError:
    return DataError([Problem("belenios-result", phrase("the result does not have the form of this vote"))])


def _whole(row: Any, length: int) -> list[int]:
    """Read a row of numbers, which Belenios writes as numbers, or as texts where they may be large."""
    if not isinstance(row, list) or len(row) != length:
        raise _odd()
    numbers = []
    for cell in row:
        text = str(cell) if isinstance(cell, int | str) and not isinstance(cell, bool) else ""
        if not (text.isascii() and text.isdecimal()):
            raise _odd()
        numbers.append(int(text))
    return numbers


def totals_from(question: Question, row: Any, accepted: int) -> Taken:
    """Read sums of votes."""
    numbers = _whole(row, len(question.projects))
    if any(n > accepted for n in numbers):
        raise _odd()
    return Taken(accepted, dict(zip((p.id for p in question.projects), numbers, strict=True)), None)


def ballots_from(question: Question, rows: Sequence[Any]) -> Taken:
    """Read shuffled ballots; those that break a limit are counted as invalid."""
    ids = [p.id for p in question.projects]
    kept: list[dict[str, int]] = []
    for row in rows:
        given = {i: n for i, n in zip(ids, _whole(row, len(ids)), strict=True) if n}
        try:
            kept.append(checked(question, _choice(question, given)))
        except DataError:
            continue
    totals = dict.fromkeys(ids, 0)
    for ballot in kept:
        for i, n in ballot.items():
            totals[i] += n
    return Taken(len(rows), totals, tuple(kept), len(rows) - len(kept))


def _choice(question: Question, given: Mapping[str, int]) -> Sequence[str] | Mapping[str, int]:
    """Turn numbers by project into a choice: ticks are 1, places 1, 2, 3 …, points as they are."""
    if question.ballot in ("cumulative", "scoring"):
        return given
    listed = sorted(given, key=lambda i: given[i])
    wanted = list(range(1, len(listed) + 1)) if question.ballot == "ordinal" else [1] * len(listed)
    if [given[i] for i in listed] != wanted:
        raise DataError([Problem("belenios-row", phrase("these numbers are no ballot of this kind"))])
    return listed
