"""What every rule and every audit of a participatory budget reads: projects, ballots, voters.

Money is held in whole units, `Election.scale` of them to one of the currency: 100 when the file
writes cents, else 1. Ballots are sparse: three arrays by voter, and the same three by project.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from isopolis.model import DataError, Problem, Problems
from isopolis.model.text import phrase

__all__ = [
    "BALLOTS",
    "Attribute",
    "Ballots",
    "Election",
    "Limits",
    "Project",
    "Side",
    "ballots_of",
    "election",
]

BALLOTS = ("approval", "choose-1", "cumulative", "scoring", "ordinal", "knapsack")
"""Kinds of ballot: projects ticked, one project ticked, points shared out of a total, points given freely,
projects in order of preference, projects ticked that together cost no more than the budget."""

LARGEST = 2**53
"""Money, points and their products stay whole numbers that a double holds exactly."""


def _frozen(array: Any, kind: Any) -> NDArray[Any]:
    made = np.array(array, dtype=kind)
    made.setflags(write=False)
    return made


@dataclass(frozen=True, slots=True)
class Project:
    """One project that can be funded.

    Parameters
    ----------
    id : str
        As in the file; unique.
    cost : int
        In units of the election; above 0.
    name : str
    category, target : tuple of str
        Topics, and the people it is for, as the city wrote them.
    place : str
        District or neighbourhood that it belongs to; empty for the whole city.
    selected : bool or None
        Whether the city funded it; None when the file does not say.
    point : (latitude, longitude) or None
        Degrees.
    """

    id: str
    cost: int
    name: str = ""
    category: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    place: str = ""
    selected: bool | None = None
    point: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """Sparse entries sorted by voter or by project.

    Parameters
    ----------
    start : (rows + 1,) int64
        Entries of row ``i`` stand at ``start[i]:start[i + 1]``.
    other : (entries,) int32
        Index of the project (sorted by voter) or of the voter (sorted by project).
    weight : (entries,) int64
        Points; 1 for a tick; Borda points for a ranking.
    """

    start: NDArray[np.int64]
    other: NDArray[np.int32]
    weight: NDArray[np.int64]

    def row(self, i: int) -> NDArray[np.int32]:
        """Return the indices on the other side for row `i`."""
        return self.other[self.start[i] : self.start[i + 1]]

    def weights(self, i: int) -> NDArray[np.int64]:
        """Return the weights of row `i`, in the order of `row`."""
        return self.weight[self.start[i] : self.start[i + 1]]


@dataclass(frozen=True)
class Ballots:
    """All ballots; the order within a ballot is the voter's (the best first in a ranking).

    Parameters
    ----------
    by_voter : Side
        Rows are voters, in the order of the file. Empty ballots are rows too.
    n_projects : int
    """

    by_voter: Side
    n_projects: int

    @property
    def n_voters(self) -> int:
        """How many people voted, empty ballots included."""
        return len(self.by_voter.start) - 1

    @property
    def n_entries(self) -> int:
        """How many ticks, marks or places there are in all."""
        return len(self.by_voter.other)

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """Projects on each ballot, ``(voters,)``."""
        return _frozen(np.diff(self.by_voter.start), np.int64)

    @cached_property
    def voters(self) -> NDArray[np.int32]:
        """Voter of each entry of `by_voter`, ``(entries,)``."""
        return _frozen(np.repeat(np.arange(self.n_voters), self.lengths), np.int32)

    @cached_property
    def by_project(self) -> Side:
        """The same entries with a row for each project; voters ascending within a row."""
        order = np.argsort(self.by_voter.other, kind="stable")
        counts = np.bincount(self.by_voter.other, minlength=self.n_projects)
        return Side(
            _frozen(np.concatenate(([0], np.cumsum(counts))), np.int64),
            _frozen(self.voters[order], np.int32),
            _frozen(self.by_voter.weight[order], np.int64),
        )

    @cached_property
    def votes(self) -> NDArray[np.int64]:
        """People who put each project on their ballot, ``(projects,)``."""
        return _frozen(np.diff(self.by_project.start), np.int64)

    @cached_property
    def score(self) -> NDArray[np.int64]:
        """Sum of the weights of each project, ``(projects,)``; equals `votes` for ticks."""
        total = np.concatenate(([0], np.cumsum(self.by_project.weight)))
        return _frozen(np.diff(total[self.by_project.start]), np.int64)

    @property
    def weighted(self) -> bool:
        """True when some weight differs from 1."""
        return bool((self.by_voter.weight != 1).any())


@dataclass(frozen=True, slots=True)
class Attribute:
    """What the file says about each voter under one heading.

    Parameters
    ----------
    name : str
        ``age``, ``sex``, ``district``, ``neighborhood``, ``voting_method`` …
    labels : tuple of str
        The different values, in order of first appearance.
    codes : (voters,) int32
        Index into `labels`; −1 where the file says nothing.
    """

    name: str
    labels: tuple[str, ...]
    codes: NDArray[np.int32]

    @classmethod
    def of(cls, name: str, values: Sequence[str]) -> Attribute:
        """Code `values`, one for each voter; an empty text is unknown."""
        seen: dict[str, int] = {}
        codes = [seen.setdefault(v, len(seen)) if v else -1 for v in values]
        return cls(name, tuple(seen), _frozen(codes, np.int32))

    @property
    def known(self) -> int:
        """For how many voters there is a value."""
        return int((self.codes >= 0).sum())


@dataclass(frozen=True, slots=True)
class Limits:
    """What a ballot may hold; None where the file sets no limit.

    Parameters
    ----------
    min_length, max_length : int or None
        Projects on a ballot.
    min_cost, max_cost : int or None
        Total cost of a ballot, units.
    max_points : int or None
        Total points of a ballot (cumulative) or points of one project (scoring).
    """

    min_length: int | None = None
    max_length: int | None = None
    min_cost: int | None = None
    max_cost: int | None = None
    max_points: int | None = None


@dataclass(frozen=True)
class Election:
    """A vote on a budget: projects, ballots, what is known of the voters, and the city's own outcome.

    Parameters
    ----------
    name : str
    currency : str
        Code or sign, as in the file; may be empty.
    scale : int
        Units to one of the currency.
    budget : int
        Units; above 0.
    projects : tuple of Project
    ballot : str
        One of `BALLOTS`.
    ballots : Ballots
    voters : tuple of str
        Id of each ballot in the file; never an identity of a person.
    attributes : mapping of str to Attribute
    limits : Limits
    min_score : int
        Smallest score (`Ballots.score`) with which a project may be funded; 0 for none.
    official_rule : str
        What the file calls the city's rule; empty when it does not say.
    meta : mapping of str to str
        The file's description of itself, as it stands.
    caveats : tuple of Problem
        What the reader found that does not make a result wrong.
    """

    name: str
    currency: str
    scale: int
    budget: int
    projects: tuple[Project, ...]
    ballot: str
    ballots: Ballots
    voters: tuple[str, ...] = ()
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    limits: Limits = Limits()
    min_score: int = 0
    official_rule: str = ""
    meta: Mapping[str, str] = field(default_factory=dict)
    caveats: tuple[Problem, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no rule could answer, everything at once."""
        problems = Problems()
        _check(self, problems)
        problems.raise_if_fatal()
        object.__setattr__(self, "attributes", MappingProxyType(dict(self.attributes)))
        object.__setattr__(self, "meta", MappingProxyType(dict(self.meta)))

    @property
    def n_voters(self) -> int:
        """Ballots, empty ones included."""
        return self.ballots.n_voters

    @property
    def n_projects(self) -> int:
        """Projects on the list."""
        return len(self.projects)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Ids of the projects, in order."""
        return tuple(p.id for p in self.projects)

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Place of each id."""
        return MappingProxyType({p: i for i, p in enumerate(self.ids)})

    @cached_property
    def costs(self) -> NDArray[np.int64]:
        """Costs in units, ``(projects,)``."""
        return _frozen([p.cost for p in self.projects], np.int64)

    @cached_property
    def official(self) -> tuple[int, ...] | None:
        """Indices of what the city funded, ascending; None when the file does not say."""
        if all(p.selected is None for p in self.projects):
            return None
        return tuple(i for i, p in enumerate(self.projects) if p.selected)

    def money(self, units: int | Fraction) -> Fraction:
        """Return an amount of units in the currency."""
        return Fraction(units) / self.scale

    def cost_of(self, chosen: Iterable[int]) -> int:
        """Return what projects cost together, units."""
        return sum(self.projects[i].cost for i in chosen)


def _check(e: Election, problems: Problems) -> None:
    if e.ballot not in BALLOTS:
        problems.error(
            "ballot-kind", phrase("there is no ballot of this kind"), value=e.ballot, rule=", ".join(BALLOTS)
        )
    if e.scale < 1 or e.budget < 1:
        problems.error("budget", phrase("the budget must be more than nothing"), value=str(e.budget))
    if not e.projects:
        problems.error("no-projects", phrase("there is no project to vote on"))
    seen: set[str] = set()
    for p in e.projects:
        if p.id in seen:
            problems.error("project-twice", phrase("a project stands twice in the list"), value=p.id)
        seen.add(p.id)
        if p.cost < 1:
            problems.error("cost", phrase("project {id} costs nothing or less", id=p.id), value=str(p.cost))
    if e.n_voters < 1:
        problems.error("no-ballots", phrase("there is no ballot to count"))
    if max(sum(p.cost for p in e.projects), e.budget) >= LARGEST:
        problems.error(
            "too-large",
            phrase("the sums of money are too large"),
            rule=f"< {LARGEST:,}",
            hint=phrase("Write the amounts in a larger unit."),
        )
    for name, attribute in e.attributes.items():
        if len(attribute.codes) != e.n_voters:
            problems.error("attribute", phrase("{name} is not known for each ballot", name=name))
    if e.voters and len(e.voters) != e.n_voters:
        problems.error("voters", phrase("there are not as many ids as ballots"))


def ballots_of(chosen: Sequence[Sequence[int]], n_projects: int, weights: Any = None) -> Ballots:
    """Make ballots from lists of project indices.

    Parameters
    ----------
    chosen : sequence of sequences of int
        One list for each voter, each project at most once.
    n_projects : int
    weights : sequence of sequences of int, optional
        Points above 0, in the same places; 1 everywhere by default.

    Raises
    ------
    DataError
        Naming the first ballots with a project that does not exist or stands twice, or a weight below 1.
    """
    start = np.concatenate(([0], np.cumsum([len(c) for c in chosen], dtype=np.int64)))
    other = np.fromiter((p for c in chosen for p in c), np.int64, int(start[-1]))
    if weights is None:
        weight = np.ones(len(other), np.int64)
    else:
        weight = np.fromiter((w for c in weights for w in c), np.int64, int(start[-1]))
    voters = np.repeat(np.arange(len(chosen)), np.diff(start))
    _refuse(
        voters[(other < 0) | (other >= n_projects)],
        "unknown-project",
        phrase("a ballot names a project that does not exist"),
    )
    keys = np.sort(voters * n_projects + other)
    _refuse(
        keys[1:][keys[1:] == keys[:-1]] // max(n_projects, 1),
        "twice",
        phrase("a ballot names a project twice"),
    )
    _refuse(
        voters[(weight < 1) | (weight >= LARGEST)], "weight", phrase("a mark must be a whole number above 0")
    )
    side = Side(_frozen(start, np.int64), _frozen(other, np.int32), _frozen(weight, np.int64))
    return Ballots(side, n_projects)


def _refuse(voters: NDArray[Any], code: str, message: str) -> None:
    if len(voters):
        rows = tuple(int(v) + 1 for v in voters[:5])
        raise DataError([Problem(code, message, rows=rows, count=len(voters))])


def election(
    budget: int,
    costs: Sequence[int],
    chosen: Sequence[Sequence[int]],
    *,
    weights: Sequence[Sequence[int]] | None = None,
    ballot: str = "approval",
    ids: Sequence[str] | None = None,
    **more: Any,
) -> Election:
    """Make an election from plain lists: for notebooks, tests and the platform.

    Parameters
    ----------
    budget : int
        Units of money.
    costs : sequence of int
    chosen : sequence of sequences of int
        Project indices of each ballot; the best first when `ballot` is ``ordinal``.
    weights : sequence of sequences of int, optional
        Points of each ballot.
    ballot : str
        One of `BALLOTS`.
    ids : sequence of str, optional
        By default ``"0"``, ``"1"`` …
    **more
        Other fields of `Election`.
    """
    names = [str(i) for i in range(len(costs))] if ids is None else list(ids)
    if weights is None and ballot == "ordinal":
        longest = more.get("limits", Limits()).max_length or max((len(c) for c in chosen), default=0)
        weights = [[longest - i for i in range(len(c))] for c in chosen]
    return Election(
        name=more.pop("name", ""),
        currency=more.pop("currency", ""),
        scale=more.pop("scale", 1),
        budget=budget,
        projects=more.pop("projects", None)
        or tuple(Project(i, int(c)) for i, c in zip(names, costs, strict=True)),
        ballot=ballot,
        ballots=ballots_of(chosen, len(costs), weights),
        **more,
    )
