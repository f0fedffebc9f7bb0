"""Who took part: a file of participants beside a city's census.

The same function serves the command line and the platform, where participants come from the participation
record instead of a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from isopolis.engage.representation.board import Board, board
from isopolis.engage.representation.cells import Cell
from isopolis.engage.representation.placed import Placed, place
from isopolis.engage.representation.shown import MOST_UNSAFE, small_share
from isopolis.model import CallError, City, Counts, Group, Problem, near
from isopolis.model.text import listing, phrase
from isopolis.privacy import Policy
from isopolis.privacy.blocks import gather

__all__ = ["Taken", "Turnout", "people_of", "policy_of", "residents_of", "who_took_part"]

Progress = Callable[[str], None]

FINEST = 0.25
"""Part of the cells that may be too small to show; above it neighbourhoods are joined to larger ones."""

GROUPS_MOST = 60
SENSITIVE = 30
CROSSED = 2
"""Dimensions crossed unless somebody asks for more."""


@dataclass(frozen=True, slots=True, eq=False)
class Turnout:
    """Participants as a file or the participation record tells them.

    Parameters
    ----------
    people : mapping of Cell to int
    dimensions : tuple of str
        Dimensions of the city that are known of participants.
    level : str
        ``zone``, or the level that neighbourhoods are named by.
    residents : Counts or None
        Who could take part, where the file itself says so.
    columns : mapping of str to str
        What was read from which column.
    rows : (categories, table) or None
        Row by row, where every row is one person: for answers that are weighted.
    caveats : tuple of Problem
    """

    people: Mapping[Cell, int]
    dimensions: tuple[str, ...]
    level: str = "zone"
    residents: Counts | None = None
    columns: Mapping[str, str] | None = None
    rows: Any = None
    caveats: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """The board of one process in one city.

    Parameters
    ----------
    city : str
    board : Board
    zone_names : mapping of str to str
    placed : Placed
        True numbers, before the gate. Not to be shown.
    level : str
        Level of the neighbourhoods on the board.
    notes : tuple of str
        Of the city, of the choices made here, and of the board.
    caveats : tuple of Problem
        What was found in the files.
    """

    city: str
    board: Board
    zone_names: Mapping[str, str]
    placed: Placed
    level: str
    notes: tuple[str, ...]
    caveats: tuple[Problem, ...] = ()


def people_of(
    path: Path,
    city: City,
    *,
    zone: str = "",
    people: str = "",
    residents: str = "",
    dimensions: Mapping[str, str] | None = None,
) -> Turnout:
    """Read participants from a file.

    Parameters
    ----------
    path : Path
        A row per person, or per neighbourhood and group with a number.
    city : City
    zone, people, residents : str
        Columns, where their names do not say it.
    dimensions : mapping of str to str, optional
        Dimension of the city → its column, where the column has another name.

    Raises
    ------
    DataError
        With everything that is wrong in the file.
    """
    from isopolis.read.participants import read_participants

    read = read_participants(path, city, zone=zone, people=people, residents=residents, dimensions=dimensions)
    names = tuple(read.categories)
    rows = list(zip(read.zones, *(read.categories[n] for n in names), strict=True))
    counted: dict[Cell, int] = {}
    lived: dict[Cell, float] = {}
    for i, (zone_id, *have) in enumerate(rows):
        cell = Cell(str(zone_id), Group(tuple((n, c) for n, c in zip(names, have, strict=True) if c)))
        counted[cell] = counted.get(cell, 0) + int(read.people[i])
        if read.residents is not None:
            lived[cell] = lived.get(cell, 0.0) + float(read.residents[i])
    could = _counts_of(lived, city, names, read.level) if lived else None
    single = None if "people" in read.columns else (read.categories, read.table)
    return Turnout(counted, names, read.level, could, dict(read.columns), single, read.caveats)


def policy_of(threshold: int = 10) -> Policy:
    """Return rules of publication that show true counts or none, from so many people on."""
    return Policy(protection="suppress", threshold=threshold, sensitive_threshold=max(threshold, SENSITIVE))


def _counts_of(lived: Mapping[Cell, float], city: City, names: Sequence[str], level: str) -> Counts:
    """Make a table of those who could take part, where the file itself counts them."""
    known = {d.name: d for c in city.counts for d in c.dimensions}
    used = {n: {dict(c.group).get(n) for c in lived} for n in names}
    dimensions = tuple(
        replace(known[n], categories=tuple(c for c in known[n].categories if c in used[n])) for n in names
    )
    zones = _units(city, level)
    empty = Counts(
        np.array(zones, dtype=object), dimensions,
        np.zeros((len(zones), *(len(d.categories) for d in dimensions))), np.zeros(1, np.uint8),
        universe="those who could take part",
    )  # fmt: skip
    values = np.zeros(empty.values.shape)
    row = {z: i for i, z in enumerate(zones)}
    for cell, n in lived.items():
        have = dict(cell.group)
        if cell.zone in row and all(d.name in have for d in dimensions):
            values[(row[cell.zone], *(d.index(have[d.name]) for d in dimensions))] += n
    return replace(empty, values=values)


def _units(city: City, level: str) -> list[str]:
    if level == "zone":
        return [str(z) for z in city.zones.ids]
    return list(dict.fromkeys(str(p) for p in city.zones.parents[level] if str(p)))


def residents_of(
    city: City, by: Sequence[str], *, leave_out: Sequence[Group] = (), level: str = "zone"
) -> Counts:
    """Return the newest census counts by zone and the dimensions `by`.

    Parameters
    ----------
    leave_out : sequence of Group
        Who could not take part, such as ``age=0-14``; each names one category.
    level : str
        ``zone`` or a level of parents.

    Raises
    ------
    CallError
        If no table crosses what is asked for.
    """
    outside = [part for group in leave_out for part in group]
    needed = tuple(dict.fromkeys((*by, *(name for name, _ in outside))))
    table = city.table(*needed)
    for name, category in outside:
        dimension, axis = table.dimension(name), table.axis(name)
        kept = [c for c in dimension.categories if c != category]
        if len(kept) == len(dimension.categories):
            raise CallError(f'"{name}" has no category "{category}": ' + near(category, dimension.categories))
        if not kept:
            raise CallError(f'nobody is left when every category of "{name}" is left out')
        where = [dimension.index(c) for c in kept]
        table = _taken(table, axis, where, replace(dimension, categories=tuple(kept)))
    table = table.margin(*by)
    if level == "zone":
        return table
    return gather(table, city.zones.parents[level], _units(city, level))


def _taken(table: Counts, axis: int, where: list[int], dimension: Any) -> Counts:
    dimensions = (*table.dimensions[: axis - 1], dimension, *table.dimensions[axis:])
    parts: dict[str, Any] = {
        n: None if getattr(table, n) is None else np.take(getattr(table, n), where, axis)
        for n in ("values", "mechanism", "lower", "upper", "se")
    }
    return replace(table, dimensions=dimensions, **parts)


def who_took_part(
    turnout: Turnout,
    city: City,
    *,
    by: Sequence[str] = (),
    level: str = "",
    leave_out: Sequence[Group] = (),
    policy: Policy | None = None,
    rng: np.random.Generator | None = None,
    progress: Progress | None = None,
) -> Taken:
    """Hold participants against the census.

    Parameters
    ----------
    turnout : Turnout
    city : City
    by : sequence of str
        Dimensions to cross; up to two of those known of participants when not given.
    level : str
        Level of neighbourhoods; the finest at which most cells may be shown when not given.
    leave_out : sequence of Group
        Who could not take part.
    policy, rng
        As in `board`.
    progress : callable, optional
        Called with a sentence before each step.

    Raises
    ------
    CallError
        If a dimension or level is not known, or there are too few participants.
    """
    say = progress or (lambda _: None)
    policy = policy or policy_of()
    say("putting participants beside residents")
    _check(turnout, city, by, level)
    notes: list[str] = []
    for names, unit in _choices(turnout, city, by, level):
        placed = _placed(turnout, city, names, unit, leave_out)
        share, unsafe = small_share(placed, policy)
        if bool(level) or (share <= FINEST and unsafe <= MOST_UNSAFE) or not names:
            break
    if len(names) and unsafe > MOST_UNSAFE:
        raise CallError(phrase("too many cells are too small to show; choose a larger level or fewer groups"))
    notes += _choices_said(turnout, city, by, names, level, unit)
    say("what may be shown, and rates")
    found = board(placed, policy, rng=rng)
    titles = {str(i): str(n) for i, n in zip(city.zones.ids, city.zones.names, strict=True)}  # type: ignore[arg-type]
    names_ = titles if unit == "zone" else {u: u for u in _units(city, unit)}
    said = (*city.notes, *notes, *found.notes)
    return Taken(city.name, found, names_, placed, unit, said, (*turnout.caveats, *city.caveats))


def _check(turnout: Turnout, city: City, by: Sequence[str], level: str) -> None:
    for name in by:
        if name not in turnout.dimensions:
            raise CallError(
                f'nothing is known of "{name}" of participants: ' + near(name, turnout.dimensions)
            )
    levels = ("zone", *city.zones.parents)
    if level and level not in levels:
        raise CallError(f'there is no level "{level}": ' + near(level, levels))


def _levels(turnout: Turnout, city: City, level: str) -> list[str]:
    """Levels that participants can be put at: theirs, and larger ones."""
    all_ = ["zone", *city.zones.parents]
    if level and all_.index(level) < all_.index(turnout.level):
        raise CallError(phrase("participants are known by “{level}” only", level=turnout.level))
    return [level] if level else all_[all_.index(turnout.level) :]


def _choices(
    turnout: Turnout, city: City, by: Sequence[str], level: str
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Dimensions and level to try, the finest first; the crossing is kept longer than small zones."""
    wanted = tuple(by) or turnout.dimensions
    seen = False
    for n in range(len(wanted) if by else min(CROSSED, len(wanted)), 0, -1):
        for names in combinations(wanted, n):
            if not _crossed(turnout, city, names):
                continue
            seen = True
            for unit in _levels(turnout, city, level):
                yield names, unit
        if by and seen:
            break
    if by and not seen:
        raise CallError(phrase("no table of {city} crosses {names}", city=city.name, names=listing(list(by))))
    for unit in _levels(turnout, city, level):
        yield (), unit


def _crossed(turnout: Turnout, city: City, names: tuple[str, ...]) -> bool:
    tables = [turnout.residents] if turnout.residents is not None else list(city.counts)
    for table in tables:
        if table.has(names):
            sizes = [len(table.dimension(n).categories) for n in names]
            return int(np.prod(sizes)) <= GROUPS_MOST
    return False


def _placed(
    turnout: Turnout, city: City, names: tuple[str, ...], unit: str, leave_out: Sequence[Group]
) -> Placed:
    if turnout.residents is not None:
        lived = turnout.residents.margin(*names)
        if unit != turnout.level:
            lived = gather(lived, _parents(city, turnout.level, unit), _units(city, unit))
    else:
        lived = residents_of(city, names, leave_out=leave_out, level=unit)
    people: Mapping[Cell, int] = turnout.people
    if unit != turnout.level:
        of = dict(zip(_units(city, turnout.level), _parents(city, turnout.level, unit), strict=True))
        moved: dict[Cell, int] = {}
        for cell, n in people.items():
            there = Cell(str(of.get(cell.zone, cell.zone)), cell.group)
            moved[there] = moved.get(there, 0) + n
        people = moved
    if leave_out:
        gone = [set(g.parts) for g in leave_out]
        people = {c: n for c, n in people.items() if not any(g <= set(c.group.parts) for g in gone)}
    return place(people, lived)


def _parents(city: City, level: str, unit: str) -> Any:
    """Unit in which each unit of `level` lies; levels nest."""
    if level == "zone":
        return city.zones.parents[unit]
    inside = dict(zip(map(str, city.zones.parents[level]), map(str, city.zones.parents[unit]), strict=True))
    return np.array([inside[u] for u in _units(city, level)], dtype=object)


def _choices_said(
    turnout: Turnout, city: City, by: Sequence[str], names: tuple[str, ...], level: str, unit: str
) -> list[str]:
    out = []
    if not level and unit != turnout.level:
        out.append(
            phrase(
                "Neighbourhoods are joined to “{level}”: by themselves, more than a quarter of the cells "
                "would be too small to show.", level=unit,
            )
        )  # fmt: skip
    left = [d for d in (by or turnout.dimensions) if d not in names]
    if left:
        said = listing([phrase("“{name}”", name=d) for d in left])
        out.append(phrase("Not crossed here, though known of participants: {names}.", names=said))
    return out
