"""Every plan there is, judged with fractions and plain loops: shares no line with the product."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations
from math import exp, log

from isopolis.reach.siting import Question


def dense(question: Question) -> list[list[int]]:
    starts, columns, values = (a.tolist() for a in question.costs)
    out = [[-1] * len(question.ids) for _ in range(len(starts) - 1)]
    for o in range(len(out)):
        for at in range(starts[o], starts[o + 1]):
            out[o][columns[at]] = values[at]
    return out


def nearest(question: Question, table: list[list[int]], open_sites: set[int]) -> list[int]:
    out = []
    for o, row in enumerate(table):
        reach = [row[c] for c in open_sites if row[c] >= 0]
        reach += [int(question.existing[o])] if question.existing[o] >= 0 else []
        out.append(min(reach) if reach else -1)
    return out


def loss(question: Question, cost: int) -> int:
    if question.measure == "within":
        return int(not 0 <= cost <= question.standard)
    worst = question.longest - question.standard
    return worst if cost < 0 else min(max(cost - question.standard, 0), worst)


def group_losses(question: Question, costs: list[int]) -> list[Fraction]:
    each, out = [loss(question, c) for c in costs], []
    for g in range(len(question.groups)):
        people = [float(n) for n in question.people[:, g]]
        assert all(n.is_integer() for n in people)
        if sum(people):
            out.append(Fraction(sum(int(n) * x for n, x in zip(people, each, strict=True)), int(sum(people))))
    return out


def total(question: Question, costs: list[int]) -> Fraction:
    people = question.people.sum(axis=1) if question.everyone is None else question.everyone
    return sum(
        (Fraction(float(n)) * loss(question, c) for n, c in zip(people, costs, strict=True)), Fraction(0)
    )


def plans(question: Question) -> Iterator[tuple[set[int], list[int]]]:
    """Every allowed set of open sites, with the nearest cost of each origin."""
    table, now = dense(question), {c for c, x in enumerate(question.open_now) if x}
    today = group_losses(question, nearest(question, table, now))
    every = range(len(question.ids))
    for many in range(len(question.ids) + 1):
        for chosen in map(set, combinations(every, many)):
            price = sum(question.prices[c] for c in chosen - now) + sum(
                question.closing[c] for c in now - chosen
            )
            if question.sites is not None and len(chosen - now) > question.sites:
                continue
            if question.closures is not None and len(now - chosen) > question.closures:
                continue
            if question.budget is not None and price > question.budget + 1e-9:
                continue
            costs = nearest(question, table, chosen)
            after = group_losses(question, costs)
            if any(a > t for a, t in zip(after, today, strict=True)):
                continue
            yield chosen, costs


def best_leximin(question: Question) -> tuple[Fraction, ...]:
    return min(tuple(sorted(group_losses(question, c), reverse=True)) for _, c in plans(question))


def best_total(question: Question) -> Fraction:
    return min(total(question, c) for _, c in plans(question))


def ede(question: Question, costs: list[int], today: list[int]) -> float:
    """Kolm-Pollak equivalent straight from its definition, kappa from today's losses."""
    worst = 1 if question.measure == "within" else question.longest - question.standard
    first = [float(x / worst) for x in group_losses(question, today)]
    squares = sum(x * x for x in first)
    kappa = question.aversion * (sum(first) / squares if squares else 1.0)
    now = [float(x / worst) for x in group_losses(question, costs)]
    return log(sum(exp(kappa * x) for x in now) / len(now)) / kappa if now else 0.0


def best_ede(question: Question) -> float:
    table, now = dense(question), {c for c, x in enumerate(question.open_now) if x}
    today = nearest(question, table, now)
    return min(ede(question, c, today) for _, c in plans(question))
