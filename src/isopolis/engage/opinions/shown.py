"""What may be told of voters by groups of the census: through the gate, every crossing with it.

How many people voted is told to everybody. How many of a group did, and what a group says to a statement,
is told where neither is about few people and neither can be worked out from what else is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isopolis.model import Counts, Dimension, Mechanism
from isopolis.privacy import Block, Policy, suppress, verdicts

from .standing import Said

__all__ = ["POLICY", "Family", "families_shown", "statements_shown"]

Flags = npt.NDArray[np.bool_]
Values = tuple[str, ...]

POLICY = Policy(protection="suppress", differencing=False)
"""True counts, and nothing about fewer than ten people."""


@dataclass(frozen=True, slots=True)
class Family:
    """Groups of one attribute, or of several crossed.

    Parameters
    ----------
    attributes : tuple of str
    groups : tuple of tuple of str
        One value for each attribute; groups of the census without a voter too.
    people : tuple of int
        Voters of each group.
    hidden : tuple of bool
        Where the number may not be told.
    unknown : int or None
        Voters of whom an attribute is not known; None where that may not be told.
    """

    attributes: tuple[str, ...]
    groups: tuple[Values, ...]
    people: tuple[int, ...]
    hidden: tuple[bool, ...]
    unknown: int | None


def families_shown(
    families: Mapping[Values, Sequence[Values]],
    traits: Mapping[str, Sequence[str]],
    residents: Mapping[Values, Mapping[Values, float]],
    policy: Policy = POLICY,
) -> tuple[Family, ...]:
    """Count voters by group and send all tables through the gate at once.

    Parameters
    ----------
    families : mapping
        Attributes → groups that are to be listed even without a voter.
    traits : mapping of str to sequence of str
        Attribute → value of each voter, empty where it is not known.
    residents : mapping
        Attributes → group → residents, where the census is given.
    policy : Policy
        With protection ``suppress``.
    """
    values = {a: _values(a, families, traits[a]) for f in families for a in f}
    place = {a: f"a{i}" for i, a in enumerate(values)}
    tables = [_table(f, values, place, traits) for f in families]
    lived = {
        tuple(sorted(place[a] for a in f)): _residents(f, values, place, residents.get(f, {}))
        for f in families
    }

    def unsafe(block: Block) -> Flags:
        counts = block.counts.values
        out = np.zeros(counts.shape, dtype=bool)
        if not block.names:
            return out
        for verdict in verdicts(block, policy):
            out |= verdict.cells
        if block.names in lived:  # those who stayed away are as easily recognised as those who came
            there = lived[block.names][None]
            out |= (there > 0) & (counts > 0) & (there - counts < policy.threshold)
        return out

    done = suppress(
        tables, threshold=policy.threshold, unsafe=unsafe,
        public=lambda block: np.full(block.counts.values.shape, not block.names),
    )  # fmt: skip
    return tuple(
        _read(f, families[f], values, place, table, done.blocks[i], done.safe)
        for i, (f, table) in enumerate(zip(families, tables, strict=True))
    )


def _values(name: str, families: Mapping[Values, Sequence[Values]], given: Sequence[str]) -> list[str]:
    """Values of an attribute, those of the census first; the last one, empty, stands for not known."""
    listed = [g[f.index(name)] for f, groups in families.items() if name in f for g in groups]
    return [*dict.fromkeys(v for v in [*listed, *sorted(set(given))] if v), ""]


def _table(
    family: Values, values: Mapping[str, list[str]], place: Mapping[str, str],
    traits: Mapping[str, Sequence[str]],
) -> Counts:  # fmt: skip
    size = tuple(len(values[a]) for a in family)
    codes = []
    for a in family:
        at = {v: i for i, v in enumerate(values[a])}
        codes.append(np.array([at[v] for v in traits[a]], np.int64))
    flat = np.ravel_multi_index(tuple(codes), size) if len(codes[0]) else np.zeros(0, np.int64)
    people = np.bincount(flat, minlength=int(np.prod(size))).astype(float).reshape(1, *size)
    dimensions = tuple(Dimension(place[a], tuple(f"c{i}" for i in range(len(values[a])))) for a in family)
    zone, exact = np.array(["all"], dtype=object), np.array(Mechanism.EXACT, np.uint8)
    return Counts(zone, dimensions, people, exact, universe="voters")


def _residents(
    family: Values, values: Mapping[str, list[str]], place: Mapping[str, str], lived: Mapping[Values, float]
) -> npt.NDArray[np.float64]:
    """Residents of each cell in the order of a block, where dimensions stand in alphabetical order."""
    out = np.zeros(tuple(len(values[a]) for a in family))
    for group, n in lived.items():
        at = tuple(values[a].index(v) for a, v in zip(family, group, strict=True))
        out[at] = n
    return out.transpose(_order(family, place))


def _order(family: Values, place: Mapping[str, str]) -> list[int]:
    return sorted(range(len(family)), key=lambda i: place[family[i]])


def _read(
    family: Values, listed: Sequence[Values], values: Mapping[str, list[str]], place: Mapping[str, str],
    table: Counts, blocks: Sequence[Block], safe: bool,
) -> Family:  # fmt: skip
    names = tuple(sorted(place[a] for a in family))
    block = next(b for b in blocks if b.level == "zone" and b.names == names)
    hidden = np.asarray(np.broadcast_to(block.counts.hidden, block.counts.values.shape)[0])
    hidden = hidden.transpose(np.argsort(_order(family, place)))
    if not safe:
        hidden = np.ones_like(hidden)
    people = table.values[0]
    seen = [
        tuple(values[a][i] for a, i in zip(family, at, strict=True))
        for at in np.argwhere(people > 0).tolist()
    ]
    groups = tuple(dict.fromkeys(g for g in [*listed, *sorted(seen)] if all(g)))
    cells = [tuple(values[a].index(v) for a, v in zip(family, g, strict=True)) for g in groups]
    known = np.zeros(people.shape, dtype=bool)
    known[tuple(slice(0, -1) for _ in family)] = True
    # the sum of several cells is told only where each of them is
    tellable = safe and not (hidden & ((people > 0) if len(family) == 1 else True) & ~known).any()
    tellable = tellable and (len(family) == 1 or not hidden.any())
    return Family(
        family, groups, tuple(int(people[c]) for c in cells), tuple(bool(hidden[c]) for c in cells),
        int(people[~known].sum()) if tellable else None,
    )  # fmt: skip


def statements_shown(counts: Said, policy: Policy = POLICY) -> Flags:
    """Tell for each statement whether something may be said about it over these groups.

    Every group has given it as many votes as the gate demands of a count.

    Returns
    -------
    (m,) bool array
    """
    votes = counts.votes
    groups, m = votes.shape
    if not groups or not m:
        return np.zeros(m, dtype=bool)
    table = Counts(
        np.array([f"s{j}" for j in range(m)], dtype=object),
        (Dimension("group", tuple(f"c{g}" for g in range(groups))),),
        votes.T.copy(), np.array(Mechanism.EXACT, np.uint8), universe="voters",
    )  # fmt: skip
    few = np.zeros((m, groups), dtype=bool)
    whole = Block("zone", table, tuple(frozenset([str(z)]) for z in table.zone_ids))
    for verdict in verdicts(whole, policy):
        if verdict.rule == "few-people":
            few |= verdict.cells
    return np.asarray(~(few | (table.values == 0)).any(axis=1))
