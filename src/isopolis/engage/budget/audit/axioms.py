"""Which promises of fairness an outcome keeps: the justified-representation family.

Representation (JR) and its robust form (EJR+) are decided for any size. For EJR and PJR, exactly and up to
one or any project, deciding is NP-hard in general: the search of `cohesive` is exact where it ends, EJR+
settles what it implies, and what remains is said to be *not decided*.

References
----------
Aziz, H., Lee, B. E. & Talmon, N. (2018): Proportionally representative participatory budgeting, AAMAS
(representation for budgets). Brill, M. & Peters, J. (2023): Robust and verifiable proportionality axioms
for multiwinner voting, EC, section 5 (EJR+ up to any project; decided in polynomial time).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from isopolis.model import CallError
from isopolis.model.text import Number, count, joint, listing, phrase

from .approvals import Approvals
from .cohesive import EXTENDED, LEVELS, NODES, PROPORTIONAL, ROWS, Breach, Search, search

__all__ = ["BROKEN", "HOLDS", "OPEN", "Verdict", "axioms", "check_measure", "plus", "represented", "title"]

HOLDS, BROKEN, OPEN = "holds", "broken", "not decided"
JR, PLUS = "jr", "ejr+"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer for one axiom.

    Parameters
    ----------
    axiom : str
        ``jr``, ``ejr+``, ``ejr``, ``ejr-any``, ``ejr-one``, ``pjr``, ``pjr-any`` or ``pjr-one``.
    measure : {"cost", "count"}
        What voters get from a project.
    answer : {"holds", "broken", "not decided"}
    breach : Breach or None
        The group that shows that it is broken.
    how : str
        Why the answer is known, or why it is not, in a sentence.
    """

    axiom: str
    measure: str
    answer: str
    breach: Breach | None = None
    how: str = ""

    def said(self, names: Sequence[str], money: Callable[[int], str], voters: int) -> str:
        """Say who is left short and by what; empty when nobody is.

        Parameters
        ----------
        names : sequence of str
            Of all projects.
        money : callable
            Units → text.
        voters : int
            All voters.
        """
        b = self.breach
        if b is None:
            return ""
        group = phrase(
            "{n} voters ({share} of all) support {projects}, and their part of the budget would pay for it.",
            n=count(b.size),
            share=Number(f"{b.size / voters:.1%}"),
            projects=listing([phrase("“{name}”", name=names[p]) for p in b.projects]),
        )
        if self.axiom == JR:
            return joint((group, phrase("Not one of them got any project.")))
        due, got = (money(x) if self.measure == "cost" else count(x) for x in (b.need, b.got))
        if self.axiom.startswith(PROPORTIONAL):
            tail = phrase(
                "All of them together got {got} in projects they support; {due} is due.", got=got, due=due
            )
        elif self.measure == "cost":
            tail = phrase("The best off among them got {got} in projects they support; {due} is due.",
                          got=got, due=due)  # fmt: skip
        else:
            tail = phrase("Projects that the best off among them got: {got}; due: {due}.", got=got, due=due)
        return joint((group, tail))

    def to_dict(self) -> dict[str, Any]:
        """Return the plain JSON form; projects as their numbers."""
        b = self.breach
        seen = (
            None
            if b is None
            else {"projects": list(b.projects), "voters": b.size, "due": b.need, "got": b.got}
        )
        return {
            "axiom": self.axiom, "measure": self.measure, "answer": self.answer, "group": seen,
            "how": str(self.how),
        }  # fmt: skip


def title(axiom: str) -> str:
    """Name an axiom in words."""
    names = {
        JR: phrase("Every group large enough for a project has at least one voter with a funded project"),
        PLUS: phrase("Fair share for every group, robust form (EJR+ up to any project)"),
        "ejr": phrase("Fair share for every group, exactly (EJR)"),
        "ejr-any": phrase("Fair share for every group, up to any project (EJR-X)"),
        "ejr-one": phrase("Fair share for every group, up to one project (EJR-1)"),
        "pjr": phrase("Fair share for every group taken together, exactly (PJR)"),
        "pjr-any": phrase("Fair share for every group taken together, up to any project (PJR-X)"),
        "pjr-one": phrase("Fair share for every group taken together, up to one project (PJR-1)"),
    }
    if axiom not in names:
        raise CallError(f'there is no axiom "{axiom}"')
    return names[axiom]


def check_measure(measure: str) -> None:
    """Refuse a measure of what voters get that is none.

    Raises
    ------
    CallError
    """
    if measure not in ("cost", "count"):
        raise CallError(f'what voters get is measured by "cost" or "count", not by "{measure}"')


def represented(approvals: Approvals, winners: Iterable[int]) -> Breach | None:
    """Find the largest group that could pay a project they all support and of whom nobody got anything.

    Examples
    --------
    >>> from isopolis.engage.budget.audit.approvals import approvals_of
    >>> represented(approvals_of([[0], [0], [1], [1]], [10, 10], 20), [0])
    Breach(projects=(1,), size=2, need=1, got=0)
    """
    won = approvals.flags(winners)
    nothing = approvals.utility(np.flatnonzero(won), "count") == 0
    best: Breach | None = None
    for p in np.flatnonzero(~won).tolist():
        size = int(nothing[approvals.of(p)].sum())
        pays = size * approvals.budget >= approvals.voters * int(approvals.costs[p])
        if pays and size and (best is None or size > best.size):
            best = Breach((p,), size, 1, 0)
    return best


def plus(approvals: Approvals, winners: Iterable[int], measure: str = "cost") -> Breach | None:
    """Find the largest group whose members all support one lost project and are each too poor by it.

    With ``cost``, everybody in the group has, even with the lost project added, no more money in funded
    projects than the group's share. With ``count``, everybody has fewer projects than the group's share
    would pay at the price of the lost one.
    """
    check_measure(measure)
    won = approvals.flags(winners)
    got = approvals.utility(np.flatnonzero(won), measure)
    best: Breach | None = None
    for p in np.flatnonzero(~won).tolist():
        cost = int(approvals.costs[p])
        mine = np.sort(got[approvals.of(p)])
        size = np.arange(1, len(mine) + 1, dtype=np.int64)
        with_it = mine + cost if measure == "cost" else (mine + 1) * cost
        short = np.flatnonzero(with_it * approvals.voters <= size * approvals.budget)
        if len(short) and (best is None or short[-1] + 1 > best.size):
            k = int(short[-1])
            share = int(size[k]) * approvals.budget // approvals.voters
            best = Breach((p,), k + 1, share if measure == "cost" else share // cost, int(mine[k]))
    return best


def axioms(
    approvals: Approvals,
    winners: Iterable[int],
    measures: tuple[str, ...] = ("cost", "count"),
    *,
    nodes: int = NODES,
    rows: int = ROWS,
) -> tuple[Verdict, ...]:
    """Check the justified-representation family on an outcome.

    Parameters
    ----------
    approvals : Approvals
    winners : iterable of int
        Numbers of the funded projects.
    measures : tuple of str
        ``cost``, ``count``.
    nodes, rows : int
        Limits of the search for each measure.

    Returns
    -------
    tuple of Verdict
        JR first, then for each measure EJR+, EJR and PJR; by ``count`` the forms up to one or any project
        are the same as the exact one and are left out.
    """
    won = tuple(sorted(set(winners)))
    breach = represented(approvals, won)
    out = [Verdict(JR, "count", BROKEN if breach else HOLDS, breach, _directly())]
    for measure in measures:
        check_measure(measure)
        out += _of_measure(approvals, won, measure, nodes, rows)
    return tuple(out)


def _of_measure(
    approvals: Approvals, won: tuple[int, ...], measure: str, nodes: int, rows: int
) -> list[Verdict]:
    robust = plus(approvals, won, measure)
    out = [Verdict(PLUS, measure, BROKEN if robust else HOLDS, robust, _directly())]
    found = search(approvals, won, measure, nodes=nodes, rows=rows)
    for axiom in (EXTENDED, PROPORTIONAL):
        for level in LEVELS if measure == "cost" else ("",):
            name = f"{axiom}-{level}" if level else axiom
            implied = measure == "cost" and robust is None and level != ""
            out.append(_verdict(name, measure, found, (axiom, level), implied))
    return out


def _verdict(name: str, measure: str, found: Search, key: tuple[str, str], implied: bool) -> Verdict:
    if key in found.breaches:
        return Verdict(name, measure, BROKEN, found.breaches[key], _by_search(found))
    if implied:
        return Verdict(name, measure, HOLDS, None, phrase("It follows from the robust form, which holds."))
    if key in found.open:
        why = phrase(
            "The number of groups to look at grows too fast with the size of the vote; "
            "{nodes} sets of projects were looked at and none shows a breach.",
            nodes=f"{found.nodes:,}",
        )
        return Verdict(name, measure, OPEN, None, why)
    return Verdict(name, measure, HOLDS, None, _by_search(found))


def _directly() -> str:
    return phrase("Decided for every group, project by project.")


def _by_search(found: Search) -> str:
    return phrase("Decided by looking at {nodes} sets of projects.", nodes=f"{found.nodes:,}")
