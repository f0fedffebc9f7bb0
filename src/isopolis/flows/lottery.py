"""Draw an assembly: from two tables to a panel, everybody's chance and the proof of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from isopolis.engage.lottery.mixing import Budget
from isopolis.engage.lottery.pool import Person, Quota, collapse, counted
from isopolis.engage.lottery.public import PANELS, PublicList, public_list
from isopolis.engage.lottery.quotas import check, from_counts
from isopolis.engage.lottery.relax import Relaxation, relaxations, relaxed
from isopolis.engage.lottery.solve import OBJECTIVES, Lottery, known_objective, lottery
from isopolis.model import CallError, DataError, Problem, Problems
from isopolis.model.text import joint, phrase, phrases
from isopolis.read.lottery import PeopleTable, QuotaTable, read_people, read_quotas, text_table

__all__ = [
    "Draw", "ImpossibleError", "certificate", "draw_from_files", "draw_panel", "fairest", "people_of",
    "pool_from_files", "quotas_of",
]  # fmt: skip


class ImpossibleError(DataError):
    """No panel keeps the quotas; `relaxations` are the smallest changes that make one possible."""

    def __init__(self, problems: Sequence[Problem], found: tuple[Relaxation, ...]) -> None:
        super().__init__(problems)
        self.relaxations = found

    def __reduce__(self) -> Any:
        return (type(self), (self.problems, self.relaxations))


@dataclass(frozen=True, slots=True, eq=False)
class Draw:
    """A drawn panel and everything that shows how it came about.

    Attributes
    ----------
    people : tuple of Person
        The pool, in the order of the table.
    quotas : tuple of Quota
        As they held for the draw.
    lottery : Lottery
    listed : PublicList
        The equally likely panels.
    number : int
        Which of them was drawn.
    seed : str
    households : bool
    by_row : bool
        The table had no ids: people are called by their rows in it, the heading is row 1.
    """

    people: tuple[Person, ...]
    quotas: tuple[Quota, ...]
    lottery: Lottery
    listed: PublicList
    number: int
    seed: str
    households: bool = False
    by_row: bool = False

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the pool."""
        return tuple(p.id for p in self.people)

    @property
    def panel(self) -> tuple[str, ...]:
        """Ids of the panel, in the order of the pool."""
        return tuple(self.people[i].id for i in self.listed.panels[self.number])

    @property
    def chances(self) -> dict[str, float]:
        """Chance of each person before the list was made; they sum to the size of the panel."""
        of_type = self.lottery.chances
        found: dict[int, float] = {}
        for kind, members in enumerate(self.lottery.types.members):
            found |= dict.fromkeys(members, float(of_type[kind]))
        return {p.id: found[i] for i, p in enumerate(self.people)}

    @property
    def never(self) -> tuple[str, ...]:
        """Ids of those whom no allowed panel can hold."""
        kinds = np.flatnonzero(self.lottery.never)
        places = sorted(i for k in kinds for i in self.lottery.types.members[k])
        return tuple(self.people[i].id for i in places)

    def counts(self) -> list[int]:
        """People of the panel in each quota."""
        chosen = set(self.panel)
        return counted([p for p in self.people if p.id in chosen], self.quotas)

    def to_dict(self) -> dict[str, Any]:
        """Return the plain JSON form."""
        made, total = self.lottery, len(self.listed.panels)
        tickets = [t for i, t in enumerate(self.listed.tickets) if self.people[i].id not in set(self.never)]
        return {
            "panel": list(self.panel),
            "size": made.types.size,
            "objective": made.objective,
            "min_chance": made.lowest,
            "max_chance": float(made.chances.max()),
            "bound": made.bound,
            "gap": made.gap,
            "seed": self.seed,
            "chances": self.chances,
            "never": list(self.never),
            "geometric_mean": made.geometric_mean,
            "share_of_best": made.share,
            "levels": made.levels,
            "pool": len(self.people),
            "ids_are_rows": self.by_row,
            "types": len(made.types),
            "one_per_household": self.households,
            "panels_in_lottery": len(made.panels),
            "list": {
                "panels": total,
                "number": self.number,
                "digest": self.listed.digest(self.ids),
                "fewest_tickets": min(tickets, default=0),
                "most_tickets": max(tickets, default=0),
            },
            "quotas": [
                {"quota": q.name, "min": q.low, "max": q.high, "panel": n}
                for q, n in zip(self.quotas, self.counts(), strict=True)
            ],
        }


def quotas_of(table: QuotaTable, size: int, slack: int = 0) -> tuple[Quota, ...]:
    """Return quotas with bounds; census counts are turned into bounds for a panel of `size`."""
    if not table.from_counts:
        return tuple(
            Quota(tuple(zip(r.attributes, r.values, strict=True)), r.low or 0, r.high or 0)
            for r in table.rows
        )
    families: dict[tuple[str, ...], dict[tuple[str, ...], float]] = {}
    for row in table.rows:
        families.setdefault(row.attributes, {})[row.values] = row.count or 0.0
    return tuple(q for names, cells in families.items() for q in from_counts(names, cells, size, slack))


def people_of(table: PeopleTable, quotas: Sequence[Quota], problems: Problems) -> tuple[Person, ...]:
    """Return the volunteers; write down values that no quota of their attribute names."""
    for attribute in dict.fromkeys(a for q in quotas for a in q.attributes):
        known = {v for q in quotas for a, v in q.traits if a == attribute}
        loose = [i for i, v in enumerate(table.traits[attribute]) if v not in known]
        if loose and any(q.attributes == (attribute,) for q in quotas):
            problems.error(
                "value-without-quota",
                phrases("{n} person has a value without a quota", "{n} people have a value without a quota",
                        len(loose)),
                file=table.file,
                column=attribute,
                rows=tuple(table.rows[i] for i in loose[:5]),
                count=len(loose),
                value=table.traits[attribute][loose[0]],
                rule=joint(sorted(known), ", "),
                hint=phrase("Add the value to the quotas, with 0 as lower bound if need be."),
            )  # fmt: skip
    return tuple(
        Person(name, {a: v[i] for a, v in table.traits.items()}, table.households[i])
        for i, name in enumerate(table.ids)
    )


def draw_panel(
    people: Sequence[Person],
    quotas: Sequence[Quota],
    size: int,
    *,
    seed: str,
    objective: str = "leximin",
    households: bool = False,
    budget: Budget,
    number: int | None = None,
    panels: int = PANELS,
    say: Callable[[str], None] = lambda _: None,
) -> Draw:
    """Draw a panel.

    Parameters
    ----------
    people : sequence of Person
    quotas : sequence of Quota
    size : int
    seed : str
        Announced before the draw; it makes the list and, without `number`, draws the panel.
    objective : {"leximin", "maximin", "nash"}
    households : bool
        At most one person of a household.
    budget : Budget
    number : int, optional
        The number that was drawn in the room, from 0 to `panels` - 1.
    panels : int
        Equally likely panels on the list.
    say : callable
        Progress.

    Raises
    ------
    ImpossibleError
        When no panel keeps the quotas; with the smallest changes that would help.
    CallError
        When size or number are out of range or the objective is unknown.
    """
    if number is not None and not 0 <= number < panels:
        raise CallError(phrase("the number must be from 0 to {last}", last=panels - 1))
    made = fairest(people, quotas, size, objective=objective, households=households, budget=budget, say=say)
    listed = public_list(made, seed, panels)
    chosen = listed.number() if number is None else number
    return Draw(tuple(people), tuple(quotas), made, listed, chosen, seed, households)


def fairest(
    people: Sequence[Person],
    quotas: Sequence[Quota],
    size: int,
    *,
    objective: str,
    households: bool,
    budget: Budget,
    say: Callable[[str], None] = lambda _: None,
) -> Lottery:
    """Find the fairest lottery before any seed is known; see `draw_panel`.

    Raises
    ------
    ImpossibleError
        When no panel keeps the quotas; with the smallest changes that would help.
    """
    types = collapse(people, quotas, size, households)
    say(phrase(
        "{people} people of {kinds} kinds; the quotas treat people of one kind alike",
        people=len(people), kinds=len(types),
    ))  # fmt: skip
    problems = Problems()
    check(quotas, counted(people, quotas), size, problems)
    made = None if problems.fatal else lottery(types, objective, budget, say=say)
    if made is None:
        found = relaxations(types)
        raise ImpossibleError([*problems, *_suggested(found)], found)
    return made


def _suggested(found: Sequence[Relaxation]) -> list[Problem]:
    """One problem that says which changes would help."""
    if not found:
        return [Problem("no-panel", phrase("no panel keeps the quotas, and no change of them helps"))]
    ways = []
    for relaxation in found:
        parts = [
            phrase(
                "{name}: {low} to {high} in the place of {old_low} to {old_high}",
                name=c.quota.name, low=c.low, high=c.high, old_low=c.quota.low, old_high=c.quota.high,
            )
            for c in relaxation.changes
        ]  # fmt: skip
        ways.append(joint(parts, "; "))
    hints = [phrase("Way {n}: {change}.", n=i, change=way) for i, way in enumerate(ways, 1)]
    return [
        Problem(
            "no-panel",
            phrase("no panel can keep all quotas together"),
            hint=joint((phrase("The smallest changes that make one possible:"), *hints)),
        )
    ]


def draw_from_files(
    people: Path | bytes,
    quotas: Path | bytes,
    size: int,
    *,
    id_column: str = "",
    household: Sequence[str] = (),
    slack: int = 0,
    relax: bool = False,
    **options: Any,
) -> Draw:
    """Read both tables and draw; see `draw_panel` for the options.

    Parameters
    ----------
    people, quotas : Path or bytes
        Files, or the bytes of delimited text.
    size : int
    id_column : str
    household : sequence of str
        Columns that name a household; at most one person of each is drawn.
    slack : int
        Leeway around quotas that come from census counts, in people.
    relax : bool
        Make the smallest change where the quotas cannot be met.

    Raises
    ------
    CallError
        Before anything is read, when there is no such objective.
    """
    known_objective(options.get("objective", OBJECTIVES[0]))
    pool, bounds, by_row = _read(
        people, quotas, size, id_column=id_column, household=household, slack=slack
    )  # fmt: skip
    try:
        drawn = draw_panel(pool, bounds, size, households=bool(household), **options)
    except ImpossibleError as none:
        if not (relax and none.relaxations):
            raise
        wider = relaxed(bounds, none.relaxations[0])
        drawn = draw_panel(pool, wider, size, households=bool(household), **options)
    return replace(drawn, by_row=by_row)


def pool_from_files(
    people: Path | bytes,
    quotas: Path | bytes,
    size: int,
    *,
    id_column: str = "",
    household: Sequence[str] = (),
    slack: int = 0,
) -> tuple[tuple[Person, ...], tuple[Quota, ...]]:
    """Read both tables; see `draw_from_files`.

    Raises
    ------
    DataError
        With everything that is wrong in them.
    """
    pool, bounds, _ = _read(people, quotas, size, id_column=id_column, household=household, slack=slack)
    return pool, bounds


def _read(
    people: Path | bytes,
    quotas: Path | bytes,
    size: int,
    *,
    id_column: str,
    household: Sequence[str],
    slack: int,
) -> tuple[tuple[Person, ...], tuple[Quota, ...], bool]:
    """Read both tables; say too whether people are called by their rows."""
    problems = Problems()
    rows = read_quotas(_table(quotas, "quotas.csv", problems), problems)
    table = read_people(
        _table(people, "people.csv", problems), rows.attributes, problems,
        id_column=id_column, household=household,
    )  # fmt: skip
    bounds = quotas_of(rows, size, slack)
    pool = people_of(table, bounds, problems)
    problems.raise_if_fatal()
    return pool, bounds, not table.id_column


def _table(source: Path | bytes, file: str, problems: Problems) -> Any:
    return text_table(source, file, problems) if isinstance(source, bytes) else source


def certificate(draw: Draw, person: str) -> Mapping[str, Any]:
    """Return what one person can be told: the chance, the tickets on the list, and how to check them.

    Raises
    ------
    CallError
        When there is no such person in the pool.
    """
    place = next((i for i, p in enumerate(draw.people) if p.id == person), None)
    if place is None:
        raise CallError(phrase('there is nobody called "{person}" in the pool', person=person))
    on = [n for n, panel in enumerate(draw.listed.panels) if place in panel]
    return {
        "person": person,
        "chance": draw.chances[person],
        "tickets": len(on),
        "of": len(draw.listed.panels),
        "list_chance": str(Fraction(len(on), len(draw.listed.panels))),
        "panels": on,
        "drawn": draw.number,
        "selected": draw.number in on,
        "seed": draw.seed,
        "digest": draw.listed.digest(draw.ids),
        "lowest_chance_of_all": draw.lottery.lowest,
        "no_lottery_can_exceed": draw.lottery.bound,
    }
