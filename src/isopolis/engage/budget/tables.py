"""What the cells of a vote's tables mean: META, PROJECTS and VOTES become an `Election`, and back.

The columns are those of the Pabulib format; exports of platforms are brought into the same form first.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from isopolis.model import Problems
from isopolis.model.text import phrase

from .election import Attribute, Ballots, Election, Limits, Project, Side

__all__ = ["election_from_tables", "tables_of"]

Columns = Mapping[str, Sequence[str]]
NUMBER = re.compile(r"[+-]?\d+(\.\d*)?|[+-]?\.\d+")
KINDS = {
    "approval": "approval",
    "choose-1": "choose-1",
    "choose1": "choose-1",
    "cumulative": "cumulative",
    "scoring": "scoring",
    "ordinal": "ordinal",
    "knapsack": "knapsack",
}
NOT_ATTRIBUTES = {"voter_id", "vote", "points"}
APART = (
    "budget_per_category",
    "budget_per_neighborhood",
    "min_sum_cost_per_category",
    "max_sum_cost_per_category",
)
"""Headings of META that ask for more than one budget."""


class _Reading:
    """One file while it is being read: what was found wrong, and where rows stand."""

    def __init__(self, file: str, meta: Mapping[str, str], first_project: int, first_vote: int) -> None:
        self.file, self.meta = file, meta
        self.first = {"projects": first_project, "votes": first_vote}
        self.problems = Problems()

    def rows(self, part: str, places: Sequence[int]) -> dict[str, object]:
        """Say where: the first few rows and how many."""
        return {
            "file": self.file,
            "rows": tuple(self.first[part] + int(i) for i in places[:5]),
            "count": len(places),
        }

    def number(self, key: str) -> Fraction | None:
        """Return the number under a heading of META; None where there is none."""
        text = self.meta.get(key, "").strip()
        if not text:
            return None
        found = number(text)
        if found is None:
            self.problems.error(
                "number", phrase("{key} is no number", key=key), file=self.file, column=key, value=text
            )
        return found


def number(text: str) -> Fraction | None:
    """Read a number as these files write it: ``250000``, ``250000.0``, ``1 250 000,50``; else None."""
    bare = re.sub(r"[\s\u00a0\u202f'’_]", "", text)
    if re.fullmatch(r"[+-]?\d+,\d{1,2}", bare):
        bare = bare.replace(",", ".")
    elif re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", bare):
        bare = bare.replace(",", "")
    return Fraction(bare) if NUMBER.fullmatch(bare) else None


def election_from_tables(
    meta: Mapping[str, str],
    projects: Columns,
    votes: Columns,
    *,
    file: str = "",
    first_project: int = 2,
    first_vote: int = 2,
) -> Election:
    """Make an election from the three tables of a vote.

    Parameters
    ----------
    meta : mapping of str to str
    projects, votes : mapping of column to cells
    file : str
        Name for messages.
    first_project, first_vote : int
        Row of the first project and the first ballot in the file.

    Raises
    ------
    DataError
        With everything that makes a count impossible, at once.
    """
    reading = _Reading(file, meta, first_project, first_vote)
    problems = reading.problems
    for part, columns, needed in (
        ("PROJECTS", projects, ("project_id", "cost")),
        ("VOTES", votes, ("vote",)),
    ):
        for name in needed:
            if name not in columns:
                problems.error(
                    "no-column",
                    phrase("the part {part} has no column {name}", part=part, name=name),
                    file=file,
                    rule=", ".join(columns),
                )
    kind = _kind(reading)
    budget = reading.number("budget")
    if budget is None and not problems.fatal:
        problems.error("no-budget", phrase("the file names no budget"), file=file, column="budget")
    problems.raise_if_fatal()
    scale, costs = _money(reading, projects, budget or Fraction(0))
    limits, score = _limits(reading, scale), reading.number("min_project_score_threshold")
    listed = _projects(reading, projects, costs)
    ballots = _ballots(reading, votes, listed, kind, limits)
    _not_applied(reading, projects, ballots)
    problems.raise_if_fatal()
    return Election(
        name=" ".join(filter(None, (meta.get("description"), meta.get("instance")))),
        currency=meta.get("currency", ""),
        scale=scale,
        budget=int((budget or 0) * scale),
        projects=listed,
        ballot=kind,
        ballots=ballots,
        voters=tuple(votes.get("voter_id", ())),
        attributes={n: Attribute.of(n, c) for n, c in votes.items() if n not in NOT_ATTRIBUTES and any(c)},
        limits=limits,
        min_score=0 if score is None else max(0, math.ceil(score)),
        official_rule=meta.get("rule", ""),
        meta=meta,
        caveats=tuple(problems),
    )


def _kind(reading: _Reading) -> str:
    given = reading.meta.get("vote_type", "").strip().lower()
    kind = KINDS.get(given)
    if kind is None:
        reading.problems.error(
            "ballot-kind",
            phrase("there is no ballot of this kind"),
            file=reading.file,
            column="vote_type",
            value=given,
            rule=", ".join(sorted(set(KINDS.values()))),
        )
        return given
    if kind == "approval" and reading.meta.get("max_sum_cost", "").strip():
        return "knapsack"
    return kind


def _money(reading: _Reading, projects: Columns, budget: Fraction) -> tuple[int, list[int]]:
    """Return how many units make one of the currency, and the costs in units."""
    costs = [number(text) for text in projects["cost"]]
    bad = [i for i, c in enumerate(costs) if c is None or c <= 0]
    if bad:
        reading.problems.error(
            "cost",
            phrase("the cost of a project must be a number above 0"),
            column="cost",
            value=projects["cost"][bad[0]],
            **reading.rows("projects", bad),
        )
    amounts = [budget, *(c for c in costs if c is not None)]
    scale = next(
        (s for s in (1, 10**2, 10**4, 10**6) if all((a * s).denominator == 1 for a in amounts)), 10**6
    )
    if budget <= 0:
        reading.problems.error(
            "budget",
            phrase("the budget must be more than nothing"),
            file=reading.file,
            column="budget",
            value=reading.meta.get("budget"),
        )
    return scale, [int((c or 0) * scale) for c in costs]


def _limits(reading: _Reading, scale: int) -> Limits:
    def whole(*names: str, times: int = 1) -> int | None:
        found = [n for n in map(reading.number, names) if n is not None]
        return int(found[0] * times) if found else None

    return Limits(
        whole("min_length"),
        whole("max_length"),
        whole("min_sum_cost", times=scale),
        whole("max_sum_cost", times=scale),
        whole("max_sum_points", "max_points"),
    )


def _projects(reading: _Reading, projects: Columns, costs: Sequence[int]) -> tuple[Project, ...]:
    ids = projects["project_id"]
    seen: set[str] = set()
    twice = [i for i, p in enumerate(ids) if p in seen or seen.add(p)]  # type: ignore[func-returns-value]
    if twice:
        reading.problems.error(
            "project-twice",
            phrase("a project stands twice in the list"),
            column="project_id",
            value=ids[twice[0]],
            **reading.rows("projects", twice),
        )
    empty = [""] * len(ids)

    def column(*names: str) -> Sequence[str]:
        return next((projects[n] for n in names if any(projects.get(n, ()))), empty)

    places = column("neighborhood", "district", "subunit", "subdistrict")
    points = zip(column("latitude"), column("longitude"), strict=True)
    return tuple(
        Project(i, cost, name, _list(category), _list(target), place, _selected(selected), _point(*point))
        for i, cost, name, category, target, place, selected, point in zip(
            ids,
            costs,
            column("name"),
            column("category", "categories"),
            column("target", "targets", "beneficiaries"),
            places,
            column("selected"),
            points,
            strict=True,
        )
    )


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _selected(text: str) -> bool | None:
    """Any mark but 0 is a funded project; some files write 2 or 3 for one funded for another reason."""
    if not text:
        return None
    found = number(text)
    return None if found is None else found > 0


def _point(latitude: str, longitude: str) -> tuple[float, float] | None:
    both = number(latitude), number(longitude)
    if both[0] is None or both[1] is None or abs(both[0]) > 90 or abs(both[1]) > 180:
        return None
    return float(both[0]), float(both[1])


def _ballots(
    reading: _Reading, votes: Columns, projects: Sequence[Project], kind: str, limits: Limits
) -> Ballots:
    """Return the marks of all ballots; unknown projects and doubles are left out and said."""
    index = {p.id: i for i, p in enumerate(projects)}
    cells = votes["vote"]
    marks = [_marks(cell) for cell in cells]
    lengths = np.array([len(m) for m in marks], np.int64)
    voter = np.repeat(np.arange(len(marks)), lengths)
    project = np.array([index.get(p, -1) for m in marks for p in m], np.int64)
    weight = _weights(reading, votes, kind, lengths, limits)
    keep = project >= 0
    if not keep.all():
        _left_out(
            reading, "unknown-project", phrase("ballots name projects that are not in the list"), voter[~keep]
        )
    order = np.argsort(voter * (len(projects) + 1) + project, kind="stable")
    keys = (voter * (len(projects) + 1) + project)[order]
    double = np.zeros(len(keys), bool)
    double[order[1:][keys[1:] == keys[:-1]]] = True
    double &= keep
    if double.any():
        _left_out(
            reading, "mark-twice", phrase("ballots name a project twice; once was counted"), voter[double]
        )
    keep &= ~double & (weight > 0)
    side = Side(*_sorted(voter[keep], project[keep], weight[keep], len(marks)))
    made = Ballots(side, len(projects))
    _too_long(reading, made, limits)
    return made


def _marks(cell: str) -> list[str]:
    if " " in cell or not cell:
        return [p for p in (part.strip() for part in cell.split(",")) if p]
    return [p for p in cell.split(",") if p]


def _sorted(
    voter: NDArray[np.int64], project: NDArray[np.int64], weight: NDArray[np.int64], people: int
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]:
    start = np.concatenate(([0], np.cumsum(np.bincount(voter, minlength=people)))).astype(np.int64)
    arrays = start, project.astype(np.int32), weight.astype(np.int64)
    for array in arrays:
        array.setflags(write=False)
    return arrays


def _weights(
    reading: _Reading, votes: Columns, kind: str, lengths: NDArray[np.int64], limits: Limits
) -> NDArray[np.int64]:
    """Return the points of each mark: 1 for a tick, given points, or Borda's points of a ranking."""
    total = int(lengths.sum())
    if kind == "ordinal":
        longest = max(limits.max_length or 0, int(lengths.max(initial=0)))
        first = np.repeat(np.cumsum(lengths) - lengths, lengths)
        return longest - (np.arange(total) - first)
    if kind not in ("cumulative", "scoring"):
        return np.ones(total, np.int64)
    if "points" not in votes:
        reading.problems.error(
            "no-column",
            phrase("the part {part} has no column {name}", part="VOTES", name="points"),
            file=reading.file,
            rule=", ".join(votes),
        )
        return np.ones(total, np.int64)
    given = [_marks(cell) for cell in votes["points"]]
    wrong = [i for i, (g, n) in enumerate(zip(given, lengths.tolist(), strict=True)) if len(g) != n]
    if wrong:
        reading.problems.error(
            "points",
            phrase("a ballot has not as many points as projects"),
            column="points",
            value=votes["points"][wrong[0]],
            **reading.rows("votes", wrong),
        )
        return np.ones(total, np.int64)
    return _whole_points(reading, given, lengths)


def _whole_points(
    reading: _Reading, given: Sequence[Sequence[str]], lengths: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Read points; where some are not whole, all are counted in the same smaller unit."""
    read: dict[str, Fraction | None] = {text: number(text) for cell in given for text in cell}
    voters = np.repeat(np.arange(len(lengths)), lengths)
    numbers = [read[text] for cell in given for text in cell]
    for code, message, wrong in (
        ("points", phrase("points must be numbers"), [i for i, n in enumerate(numbers) if n is None]),
        (
            "points-below-0",
            phrase("points below 0 count as none"),
            [i for i, n in enumerate(numbers) if n and n < 0],
        ),
    ):
        if wrong:
            where = reading.rows("votes", voters[wrong].tolist())
            say = reading.problems.error if code == "points" else reading.problems.caveat
            say(code, message, column="points", **where)
    unit = math.lcm(*(n.denominator for n in read.values() if n is not None), 1)
    if unit > 1:
        reading.problems.caveat(
            "points-unit",
            phrase("points are counted in parts of {unit}", unit=unit),
            file=reading.file,
            column="points",
        )
    return np.array([0 if n is None else max(0, int(n * unit)) for n in numbers], np.int64)


def _left_out(reading: _Reading, code: str, message: str, voters: NDArray[np.int64]) -> None:
    reading.problems.caveat(code, message, column="vote", **reading.rows("votes", np.unique(voters).tolist()))


def _too_long(reading: _Reading, ballots: Ballots, limits: Limits) -> None:
    """Say which ballots break the file's own limits; they count, as the city counted them."""
    long = limits.max_length is not None and ballots.lengths > limits.max_length
    if np.any(long):
        reading.problems.caveat(
            "too-many-projects",
            phrase("ballots name more projects than allowed; they count all the same"),
            rule=f"max_length {limits.max_length}",
            column="vote",
            **reading.rows("votes", np.flatnonzero(long).tolist()),
        )
    empty = np.flatnonzero(ballots.lengths == 0)
    if len(empty):
        reading.problems.caveat(
            "empty-ballots",
            phrase("ballots name no project; their voters count"),
            column="vote",
            **reading.rows("votes", empty.tolist()),
        )


def _not_applied(reading: _Reading, projects: Columns, ballots: Ballots) -> None:
    """Say what the file asks for and no rule here does, and where its sums differ from the ballots."""
    for key in APART:
        if reading.meta.get(key):
            reading.problems.caveat(
                "budgets-apart",
                phrase("{key} is not applied: all projects share one budget", key=key),
                file=reading.file,
                column=key,
                value=reading.meta[key],
            )
    for key, counted in (("num_projects", ballots.n_projects), ("num_votes", ballots.n_voters)):
        said = reading.number(key)
        if said is not None and said != counted:
            reading.problems.caveat(
                "not-as-many",
                phrase("the file says {key} {said} and has {counted}", key=key, said=said, counted=counted),
                file=reading.file,
                column=key,
            )
    for name, found in (("votes", ballots.votes), ("score", ballots.score)):
        cells = [number(c) for c in projects.get(name, ())]
        wrong = [i for i, c in enumerate(cells) if c is not None and c != int(found[i])]
        if wrong:
            reading.problems.caveat(
                "other-sum",
                phrase("the column {name} differs from a count of the ballots, which is used", name=name),
                column=name,
                value=projects[name][wrong[0]],
                rule=str(int(found[wrong[0]])),
                **reading.rows("projects", wrong),
            )


def tables_of(
    election: Election, *, selected: Sequence[int] | None = None, attributes: bool = False
) -> tuple[dict[str, str], dict[str, list[str]], dict[str, list[str]]]:
    """Return META, PROJECTS and VOTES of an election, as `election_from_tables` reads them.

    Parameters
    ----------
    selected : sequence of int, optional
        Winners to mark; by default those of the city, where they are known.
    attributes : bool
        Write what is known of each voter. False by default: with three headings most voters are the
        only one of their kind, and their ballot could be read by whoever knows them.
    """
    winners = election.official if selected is None else tuple(selected)
    ballots, weighted = election.ballots, election.ballot in ("cumulative", "scoring")
    meta = dict(election.meta) | {
        "num_projects": str(election.n_projects),
        "num_votes": str(election.n_voters),
        "budget": _amount(election.money(election.budget)),
        "vote_type": "approval" if election.ballot == "knapsack" else election.ballot,
    }
    meta.setdefault("description", election.name)
    if election.ballot == "knapsack":
        meta.setdefault("max_sum_cost", _amount(election.money(election.limits.max_cost or election.budget)))
    if election.min_score:
        meta["min_project_score_threshold"] = str(election.min_score)
    projects = {
        "project_id": list(election.ids),
        "cost": [_amount(election.money(p.cost)) for p in election.projects],
        "votes": [str(v) for v in ballots.votes.tolist()],
        **({"score": [str(v) for v in ballots.score.tolist()]} if ballots.weighted else {}),
        "name": [p.name for p in election.projects],
        "category": [",".join(p.category) for p in election.projects],
        "target": [",".join(p.target) for p in election.projects],
        "neighborhood": [p.place for p in election.projects],
        **(
            {}
            if winners is None
            else {"selected": [str(int(i in winners)) for i in range(election.n_projects)]}
        ),
        "latitude": ["" if p.point is None else repr(p.point[0]) for p in election.projects],
        "longitude": ["" if p.point is None else repr(p.point[1]) for p in election.projects],
    }
    kept = {n: c for n, c in projects.items() if n in ("project_id", "cost", "votes") or any(c)}
    side, many = ballots.by_voter, election.n_voters
    votes = {
        "voter_id": list(election.voters) or [str(i + 1) for i in range(many)],
        "vote": [",".join(election.ids[p] for p in side.row(i).tolist()) for i in range(many)],
    }
    if weighted:
        votes["points"] = [",".join(map(str, side.weights(i).tolist())) for i in range(many)]
    if attributes:
        for name, a in election.attributes.items():
            votes[name] = [a.labels[c] if c >= 0 else "" for c in a.codes.tolist()]
    return meta, kept, votes


def _amount(amount: Fraction) -> str:
    if amount.denominator == 1:
        return str(amount.numerator)
    return f"{float(amount):.6f}".rstrip("0")
