"""What is voted on, and a ballot in one form, whoever wrote it and in whatever order.

A ballot is a mapping of project to points: 1 for a tick, the points that were given, or in a ranking the
place from the end, so that it says the same to every rule and has one spelling only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from isopolis.engage.budget.election import BALLOTS, Election, Limits, Project, ballots_of
from isopolis.model import DataError, Problem, Problems
from isopolis.model.text import phrase

__all__ = ["Question", "canonical", "checked", "digest", "election_of", "padded", "question_from", "unpadded"]

MOST_PROJECTS = 1000
POINTS = ("cumulative", "scoring")


def canonical(content: Any) -> bytes:
    """Return plain JSON in its one spelling.

    Examples
    --------
    >>> canonical({"b": 1, "a": [2]})
    b'{"a":[2],"b":1}'
    """
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def digest(content: Any) -> str:
    """Return SHA-256 of the one spelling of plain JSON, 64 letters."""
    return hashlib.sha256(canonical(content)).hexdigest()


@dataclass(frozen=True, slots=True)
class Question:
    """What people vote on; fixed when the vote opens.

    Parameters
    ----------
    name : str
        What the vote is called.
    budget : int
        In units, `scale` of them to one of the `currency`.
    projects : tuple of Project
    ballot : str
        One of `isopolis.engage.budget.election.BALLOTS`.
    limits : Limits
    min_score : int
        Smallest score with which a project may be funded.
    currency : str
    scale : int

    Raises
    ------
    DataError
        With everything that makes no sense.
    """

    name: str
    budget: int
    projects: tuple[Project, ...]
    ballot: str = "approval"
    limits: Limits = field(default_factory=Limits)
    min_score: int = 0
    currency: str = ""
    scale: int = 1

    def __post_init__(self) -> None:
        problems = Problems()
        if self.ballot not in BALLOTS:
            problems.error("ballot-kind", phrase("there is no ballot of this kind"), value=self.ballot,
                           rule=", ".join(BALLOTS))  # fmt: skip
        if self.budget < 1 or self.scale < 1:
            problems.error("budget", phrase("the budget must be more than nothing"), value=str(self.budget))
        if not 1 <= len(self.projects) <= MOST_PROJECTS:
            problems.error("projects", phrase("a vote has 1 to {most} projects", most=MOST_PROJECTS),
                           value=str(len(self.projects)))  # fmt: skip
        ids = [p.id for p in self.projects]
        for one in sorted({i for i in ids if ids.count(i) > 1}):
            problems.error("project-twice", phrase("a project stands twice in the list"), value=one)
        for p in self.projects:
            if p.cost < 1 or not p.id:
                problems.error(
                    "cost", phrase("project {id} costs nothing or less", id=p.id), value=str(p.cost)
                )
        if self.ballot == "cumulative" and not self.limits.max_points:
            problems.error("points", phrase("a ballot of points says how many points there are"))
        problems.raise_if_fatal()

    @property
    def most_points(self) -> int:
        """Most points that one project can have on a ballot."""
        if self.ballot in POINTS:
            return self.limits.max_points or 10
        return len(self.projects) if self.ballot == "ordinal" else 1

    @property
    def room(self) -> int:
        """Bytes in which every ballot that is possible fits, so that its length says nothing of it."""
        longest = {p.id: self.most_points for p in self.projects}
        return len(canonical(longest)) + 8

    def to_plain(self) -> dict[str, Any]:
        """Return plain JSON."""
        kept = [
            {"id": p.id, "cost": p.cost, "name": p.name, "category": list(p.category),
             "target": list(p.target), "place": p.place}
            for p in self.projects
        ]  # fmt: skip
        return {
            "name": self.name, "budget": self.budget, "ballot": self.ballot, "currency": self.currency,
            "scale": self.scale, "min_score": self.min_score, "limits": asdict(self.limits), "projects": kept,
        }  # fmt: skip


def question_from(plain: Mapping[str, Any]) -> Question:
    """Read what `Question.to_plain` wrote."""
    projects = tuple(
        Project(p["id"], int(p["cost"]), p["name"], tuple(p["category"]), tuple(p["target"]), p["place"])
        for p in plain["projects"]
    )
    return Question(
        name=plain["name"], budget=int(plain["budget"]), projects=projects, ballot=plain["ballot"],
        limits=Limits(**plain["limits"]), min_score=int(plain["min_score"]), currency=plain["currency"],
        scale=int(plain["scale"]),
    )  # fmt: skip


def checked(question: Question, choice: Sequence[str] | Mapping[str, int]) -> dict[str, int]:
    """Bring a choice into its one form.

    Parameters
    ----------
    question : Question
    choice : sequence of str, or mapping of str to int
        Ids of projects, the best first in a ranking; points by id where the ballot has points.

    Returns
    -------
    dict
        Points by id, sorted by id; empty for an empty ballot.

    Raises
    ------
    DataError
        With every limit that is broken.
    """
    problems = Problems()
    given = _points(question, choice, problems)
    known = {p.id: p for p in question.projects}
    unknown = sorted(set(given) - set(known))
    if unknown:
        problems.error(
            "unknown-project", phrase("this is none of the projects"), value=", ".join(unknown[:5])
        )
    problems.raise_if_fatal()
    _limits(question, given, sum(known[i].cost for i in given), problems)
    problems.raise_if_fatal()
    return dict(sorted(given.items()))


def _points(
    question: Question, choice: Sequence[str] | Mapping[str, int], problems: Problems
) -> dict[str, int]:
    if question.ballot in POINTS:
        if not isinstance(choice, Mapping):
            problems.error("ballot-form", phrase("this ballot gives points to projects"))
            return {}
        wrong = [k for k, v in choice.items() if isinstance(v, bool) or not isinstance(v, int) or v < 0]
        if wrong:
            problems.error("points", phrase("points are whole numbers from 0 on"), value=", ".join(wrong[:5]))
            return {}
        return {str(k): v for k, v in choice.items() if v}
    listed = [str(c) for c in choice]
    if len(set(listed)) != len(listed):
        problems.error("twice", phrase("a project stands twice on this ballot"))
    if question.ballot == "ordinal":
        return {p: len(listed) - n for n, p in enumerate(listed)}
    return dict.fromkeys(listed, 1)


def _limits(question: Question, given: Mapping[str, int], cost: int, problems: Problems) -> None:
    least, most = question.limits.min_length, question.limits.max_length
    if question.ballot == "choose-1":
        most = 1
    if least is not None and len(given) < least:
        problems.error("too-few", phrase("this ballot needs more projects"), value=str(len(given)),
                       rule=phrase("at least {n}", n=least))  # fmt: skip
    if most is not None and len(given) > most:
        problems.error("too-many", phrase("this ballot has too many projects"), value=str(len(given)),
                       rule=phrase("at most {n}", n=most))  # fmt: skip
    dearest = question.limits.max_cost
    if question.ballot == "knapsack":
        dearest = min(dearest or question.budget, question.budget)
    if dearest is not None and cost > dearest:
        problems.error("too-dear", phrase("the projects on this ballot cost too much together"),
                       value=f"{cost:,}", rule=phrase("at most {n}", n=f"{dearest:,}"))  # fmt: skip
    if question.limits.min_cost is not None and cost < question.limits.min_cost:
        problems.error("too-cheap", phrase("the projects on this ballot cost too little together"),
                       value=f"{cost:,}",
                       rule=phrase("at least {n}", n=f"{question.limits.min_cost:,}"))  # fmt: skip
    _point_limits(question, given, problems)


def _point_limits(question: Question, given: Mapping[str, int], problems: Problems) -> None:
    if question.ballot not in POINTS or not given:
        return
    most = question.limits.max_points or question.most_points
    points = sum(given.values()) if question.ballot == "cumulative" else max(given.values())
    if points > most:
        problems.error("too-many-points", phrase("there are too many points on this ballot"),
                       value=str(points), rule=phrase("at most {n}", n=most))  # fmt: skip


def padded(content: bytes, room: int) -> bytes:
    r"""Fill up to `room` bytes, so that no length tells what is inside.

    Examples
    --------
    >>> padded(b"ab", 6), unpadded(padded(b"ab", 6))
    (b'\x00\x00\x00\x02ab', b'ab')
    """
    if len(content) + 4 > room:
        raise DataError([Problem("ballot-long", phrase("a ballot is longer than its envelope"))])
    return (len(content).to_bytes(4, "big") + content).ljust(room, b"\0")


def unpadded(filled: bytes) -> bytes:
    """Return what `padded` filled up."""
    return filled[4 : 4 + int.from_bytes(filled[:4], "big")]


def election_of(question: Question, ballots: Sequence[Mapping[str, int]]) -> Election:
    """Make the election that rules count, its ballots in the order of their spelling.

    Parameters
    ----------
    question : Question
    ballots : sequence of mappings
        As `checked` returned them, at least one. Their order is forgotten.

    Returns
    -------
    Election
        Without ids of voters and without attributes.
    """
    place = {p.id: n for n, p in enumerate(question.projects)}
    rows = sorted(ballots, key=canonical)
    chosen = [[p for _points, _place, p in sorted((-n, place[p], p) for p, n in b.items())] for b in rows]
    marks = [[b[p] for p in c] for b, c in zip(rows, chosen, strict=True)]
    if question.ballot == "ordinal":  # the best counts as much as the longest ballot is long
        longest = question.limits.max_length or max(map(len, rows), default=0)
        marks = [[longest - n for n in range(len(c))] for c in chosen]
    return Election(
        name=question.name,
        currency=question.currency,
        scale=question.scale,
        budget=question.budget,
        projects=question.projects,
        ballot=question.ballot,
        ballots=ballots_of([[place[p] for p in c] for c in chosen], len(place), marks),
        limits=question.limits,
        min_score=question.min_score,
    )
