"""Answers in a file of participants, as they were given and weighted to the census."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from isopolis.engage.representation.board import Board, Line
from isopolis.engage.representation.invite import Invitations, invite
from isopolis.engage.representation.weighted import Share, shares
from isopolis.intersect.raking import Margin, Raked, rake
from isopolis.model import CallError, City, Counts, Group, Undefined
from isopolis.model.text import Number, count, listing, phrase, to_tree

from .who_took_part import Turnout, residents_of

__all__ = ["Answer", "answer_json", "plan_json", "plan_of", "weigh"]

MOST_ANSWERS = 40
FEWEST = 10


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """One question.

    Parameters
    ----------
    question : str
    shares : tuple of Share
    raked : Raked
    by : tuple of str
        What was weighted by.
    note : str
        What the weights cost, or why there are none.
    """

    question: str
    shares: tuple[Share, ...]
    raked: Raked
    by: tuple[str, ...]
    note: str


def weigh(turnout: Turnout, city: City, column: str, *, leave_out: Sequence[Group] = ()) -> Answer:
    """Weight the answers of one column by every dimension that is known of participants.

    Parameters
    ----------
    turnout : Turnout
        Of a file with a row per person.
    city : City
    column : str
    leave_out : sequence of Group
        Who could not take part.

    Raises
    ------
    CallError
        If the file has no such column, or rows that are several people.
    """
    if turnout.rows is None:
        raise CallError(phrase("answers are weighted where every row of the file is one person"))
    categories, table = turnout.rows
    codes, texts = table[column].coded()
    distinct = [str(t) for t in texts if str(t)]
    if len(distinct) > MOST_ANSWERS:
        raise CallError(
            phrase(
                'column "{column}" has {n} different answers; at most {most} can be shown',
                column=column, n=count(len(distinct)), most=count(MOST_ANSWERS),
            )
        )  # fmt: skip
    position = {t: i for i, t in enumerate(distinct)}
    given = np.array([position.get(str(t), -1) for t in texts], dtype=np.int64)[codes]
    margins = [
        _margin(name, values, _lived(turnout, city, name, leave_out)) for name, values in categories.items()
    ]
    if not margins:
        raise CallError(phrase("only the neighbourhood is known of participants: nothing to weight by"))
    raked = rake(margins)
    small = [t for t in distinct if 0 < int((given == position[t]).sum()) < FEWEST]
    kept = [t for t in distinct if t not in small]
    place = {position[t]: i for i, t in enumerate(kept)}
    joined = np.array([place.get(int(g), len(kept) if g >= 0 else -1) for g in given], dtype=np.int64)
    names = [*kept, phrase("other answers")] if small else kept
    by = tuple(m.name for m in margins)
    return Answer(column, shares(joined, names, raked), raked, by, _note(raked, by))


def _lived(turnout: Turnout, city: City, name: str, leave_out: Sequence[Group]) -> Counts:
    if turnout.residents is not None:
        return turnout.residents.margin(name)
    return residents_of(city, (name,), leave_out=leave_out)


def _margin(name: str, values: Any, lived: Counts) -> Margin:
    dimension = lived.dimension(name)
    position = {c: i for i, c in enumerate(dimension.categories)}
    codes = np.array([position.get(str(v), -1) for v in values], dtype=np.int64)
    return Margin(name, dimension.categories, codes, lived.best().sum(axis=0))


def _note(raked: Raked, by: Sequence[str]) -> str:
    if raked.refusal is not None:
        return raked.refusal.reason
    return phrase(
        "Weighted by {by}. The weights cost as much as asking fewer people: the {n} who answered tell as "
        "much as {effective} would with equal weights (design effect {effect}).",
        by=listing(list(by)), n=count(len(raked.weights)), effective=count(raked.effective_n),
        effect=Number(f"{raked.design_effect:.2f}"),
    )  # fmt: skip


# -- for programs ------------------------------------------------------------------------------------------
def answer_json(answer: Answer) -> dict[str, Any]:
    """Return one question as plain values."""
    raked = answer.raked
    refused = raked.refusal
    return {
        "question": answer.question, "weighted_by": list(answer.by),
        "design_effect": round(raked.design_effect, 6), "effective_n": round(raked.effective_n, 3),
        "trimmed": raked.trimmed, "furthest_margin": round(raked.furthest, 9),
        "refused": None if refused is None else {"code": refused.code, "reason": str(refused.reason)},
        "shares": [
            {
                "answer": str(s.answer), "people": s.people, "raw": round(s.raw, 6),
                "raw_interval": [round(x, 6) for x in s.raw_interval],
                "weighted": None if isinstance(s.weighted, Undefined) else round(s.weighted, 6),
                "weighted_interval": None
                if s.weighted_interval is None else [round(x, 6) for x in s.weighted_interval],
            }
            for s in answer.shares
        ],
    }  # fmt: skip


def plan_json(plan: Invitations) -> dict[str, Any]:
    """Return the plan of letters as plain values; money in cents."""
    return {
        "budget_cents": plan.budget, "spent_cents": plan.spent, "answer": plan.answer,
        "smallest_cover": {
            "zone": plan.widest.zone, "group": str(plan.widest.group), "before": round(plan.cover, 6),
            "after": round(plan.cover_after, 6),
        },
        "letters": [
            {
                "zone": i.zone, "letters": i.letters, "cost_cents": i.cost, "expected": round(i.expected, 3),
                "cover": round(i.cover, 6), "cover_after": round(i.cover_after, 6),
            }
            for i in plan.letters
        ],
    }  # fmt: skip


def plan_of(
    numbers: Mapping[str, Any], names: Mapping[str, str], budget: int, cost: int, answer: float
) -> tuple[Any, Any]:
    """Plan letters from a board that was kept as plain values (`took_part_words.as_json`).

    Parameters
    ----------
    numbers : mapping
    names : mapping of str to str
        Zone → its name.
    budget, cost : int
        In cents.
    answer : float
        Part of the letters that bring somebody.

    Returns
    -------
    (sentence, table)
        Both in the form for pages (`isopolis.model.text.to_tree`).

    Raises
    ------
    CallError
        As `invite`.
    """
    from .took_part_words import invitation_table

    board = _kept_board(numbers)
    plan = invite(board, budget, cost, answer=answer)
    sentence, listing_ = invitation_table(plan, names)
    rows = [[r.label, *r.cells] for r in listing_.rows]
    table = {"caption": listing_.caption, "head": list(listing_.head), "rows": rows}
    return to_tree([sentence])[0], to_tree(table) | {"text_columns": [0]}


def _kept_board(numbers: Mapping[str, Any]) -> Board:
    def lines(rows: Sequence[Mapping[str, Any]]) -> tuple[Line, ...]:
        return tuple(
            Line(r["zone"], Group.parse(r["group"]), r["residents"], r["took_part"], float(r["rate"]), 0.0)
            for r in rows
            if isinstance(r["rate"], (int, float))
        )

    zones, cells = lines(numbers["zones"]), lines(numbers["cells"])
    return Board(
        numbers["participants"], numbers["placed"], numbers["residents"], float(numbers["rate"]), (0.0, 0.0),
        {}, zones, cells, {}, {}, 0, (),
    )  # fmt: skip
