"""What makes a cell unsafe: each rule with a reason that a resident understands.

A rule looks at true numbers and answers with a `Verdict`: which cells it concerns, why, and
what happens to them. No text of a verdict holds a count.

References
----------
Hundepool, A. et al. (2012): Statistical Disclosure Control, Wiley, chapters 4 and 5 (threshold,
dominance, p % rule, group disclosure).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError, Counts, Group
from isopolis.model.text import Number, phrase
from isopolis.model.vocabulary import standard

__all__ = [
    "Hit",
    "Verdict",
    "few_households",
    "few_people",
    "n_k",
    "one_attribute",
    "one_zone",
    "p_percent",
    "zero_cells",
]

Flags = npt.NDArray[np.bool_]
HIDDEN = "hidden"
SHOWN = "shown"


@dataclass(frozen=True, slots=True)
class Hit:
    """One cell met by one rule.

    Parameters
    ----------
    zone, group : str
        Where, and the canonical text of the group.
    rule : str
        Machine name of the rule.
    reason : str
        Why, in one sentence for a resident.
    action : str
        What happens to the cell: ``hidden`` or ``shown``.
    """

    zone: str
    group: str
    rule: str
    reason: str
    action: str

    def __str__(self) -> str:
        return f"{self.zone}, {self.group}: {self.action}. {self.reason}"


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """What one rule says about one table.

    Parameters
    ----------
    rule, reason, action : str
        As in `Hit`.
    cells : (Z, ...) bool array
        True where the rule is met.
    counts : Counts
        The table looked at; only its zones and dimensions are used.
    """

    rule: str
    reason: str
    action: str
    cells: Flags
    counts: Counts

    @property
    def met(self) -> int:
        """How many cells the rule concerns."""
        return int(self.cells.sum())

    def hits(self) -> Iterator[Hit]:
        """Every cell concerned, in the order of the table."""
        for row, *at in np.argwhere(self.cells):
            pairs = zip(self.counts.dimensions, at, strict=True)
            group = Group(tuple((d.name, d.categories[i]) for d, i in pairs))
            yield Hit(str(self.counts.zone_ids[row]), str(group), self.rule, self.reason, self.action)


def _known(counts: Counts) -> Flags:
    return np.asarray(~(counts.hidden | counts.absent), dtype=np.bool_)


def few_people(counts: Counts, threshold: int = 10, *, zeros: bool = False) -> Verdict:
    """Find cells with at least one person but fewer than `threshold`; with `zeros` empty ones too."""
    low = 0 if zeros else 1e-9
    cells = _known(counts) & (counts.values < threshold) & (counts.values >= low)
    reason = phrase(
        "Fewer than {least} people: somebody who knows them could recognise them.", least=f"{threshold}"
    )
    return Verdict("few-people", reason, HIDDEN, cells, counts)


def few_households(counts: Counts, households: npt.ArrayLike, least: int = 2) -> Verdict:
    """Find cells whose people live in fewer than `least` households.

    Parameters
    ----------
    households : array like `counts.values`
        Households in which the people of each cell live.
    """
    homes = np.broadcast_to(np.asarray(households, dtype=np.float64), counts.values.shape)
    cells = _known(counts) & (counts.values > 0) & (homes < least)
    reason = phrase(
        "These people live in fewer than {least} households: it would tell about one family.",
        least=f"{least}",
    )
    return Verdict("few-households", reason, HIDDEN, cells, counts)


def one_attribute(counts: Counts, name: str, below: float = 30) -> Verdict:
    """Find lines along dimension `name` in which everybody is in the same category.

    Parameters
    ----------
    name : str
        The dimension whose category would become known of everybody in the line.
    below : float
        Only lines of fewer people than this; infinity for every line.

    Returns
    -------
    Verdict
        All cells of the line, the empty ones too: showing that the other categories are empty
        tells just as much.
    """
    axis = counts.axis(name)
    known = _known(counts).all(axis=axis, keepdims=True)
    total = counts.values.sum(axis=axis, keepdims=True)
    alone = (counts.values > 0).sum(axis=axis, keepdims=True) == 1
    lines = known & alone & (total > 0) & (total < below)
    if len(counts.dimension(name).categories) == 1:
        lines = np.zeros_like(lines)  # a single category tells nothing that the total does not tell
    reason = phrase(
        "Everybody in this group is in the same category of {dimension}: "
        "who knows that a person belongs to the group would learn it about that person.",
        dimension=standard(counts.dimension(name).title.lower()),
    )
    return Verdict("one-attribute", reason, HIDDEN, np.broadcast_to(lines, counts.values.shape), counts)


def one_zone(counts: Counts, below: float = 30) -> Verdict:
    """Find groups of fewer than `below` people who all live in one zone of several."""
    total = counts.values.sum(axis=0, keepdims=True)
    known = _known(counts).all(axis=0, keepdims=True)
    lines = known & ((counts.values > 0).sum(axis=0, keepdims=True) == 1) & (total > 0) & (total < below)
    if len(counts.zone_ids) == 1:
        lines = np.zeros_like(lines)
    reason = phrase(
        "All people of this small group live in the same zone: it would tell where each of them lives."
    )
    return Verdict("one-zone", reason, HIDDEN, lines & (counts.values > 0), counts)


def zero_cells(counts: Counts, *, hide: bool = False) -> Verdict:
    """Find cells with nobody in them: shown by default, and said so, because they tell something."""
    cells = _known(counts) & (counts.values == 0)
    reason = phrase(
        "Nobody of this group is counted here; that tells that no resident of the zone belongs to it."
    )
    return Verdict("zero", reason, HIDDEN if hide else SHOWN, cells, counts)


def _largest(contributions: npt.ArrayLike, n: int) -> tuple[npt.NDArray[np.float64], ...]:
    parts = np.asarray(contributions, dtype=np.float64)
    if (parts < 0).any() or not np.isfinite(parts).all():
        raise CallError("contributions must be finite and not negative")
    ranked = -np.sort(-parts, axis=-1)
    return parts.sum(axis=-1), ranked[..., :n].sum(axis=-1), ranked


def p_percent(counts: Counts, contributions: npt.ArrayLike, p: float = 10.0) -> Verdict:
    """Find totals from which the second largest contributor can work out the largest within `p` %.

    Parameters
    ----------
    counts : Counts
        A magnitude table: its cells are sums (euros, hours), not people.
    contributions : (Z, ..., n) array
        What each contributor put into the cell; 0 where there are fewer than n.
    p : float
        In percent of the largest contribution.

    Notes
    -----
    Unsafe when ``X − x1 − x2 < p/100 · x1`` (Hundepool et al. 2012, section 4.2.2).
    """
    total, _, ranked = _largest(contributions, 2)
    first = ranked[..., 0]
    second = ranked[..., 1] if ranked.shape[-1] > 1 else 0.0
    cells = _known(counts) & (total > 0) & (total - first - second < p / 100 * first)
    reason = phrase(
        "One contributor is so large that another could work out its share to within {percent}.",
        percent=Number(f"{p:g}%"),
    )
    return Verdict("p-percent", reason, HIDDEN, cells, counts)


def n_k(counts: Counts, contributions: npt.ArrayLike, n: int = 2, k: float = 85.0) -> Verdict:
    """Find totals of which the `n` largest contributors make more than `k` % (dominance rule)."""
    total, top, _ = _largest(contributions, n)
    cells = _known(counts) & (total > 0) & (top > k / 100 * total)
    reason = phrase(
        "{n} contributors make more than {percent} of this total.", n=f"{n}", percent=Number(f"{k:g}%")
    )
    return Verdict("dominance", reason, HIDDEN, cells, counts)
