"""From a table and a list of questions to values with chance and interval.

One set of random tables serves every question asked of the same table, so that a
diagnosis of a million zones stays affordable.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from isopolis.model import CallError, Undefined
from isopolis.model.text import Number, joint, phrase, phrases

from .arrays import Floats, column_totals, zone_totals
from .draws import FEW_ZONES, Observed, around, blocks, by_chance, fills, generator, replicates, shrunken_mix
from .fused import Fast, Fused
from .spec import MeasureSpec

__all__ = ["Estimate", "Question", "estimate"]

Z95 = 1.959963984540054
FEWEST = 19
"""Random tables that a caller must allow at least: p can then reach 0.05."""

HIDDEN_MOST = 0.10
"""Largest part of a group that may be hidden by suppression before we refuse."""

SHRINK_AGAIN = 40
"""Fewest drawn tables for which the doubt about the shrinkage is looked at."""

ABOUT_PROBABILITIES = phrase("about: the probabilities that generated the counts, zone populations fixed")
ABOUT_COUNTS = phrase("about: the true counts behind the sample")


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """One measure asked of some columns of a table.

    Parameters
    ----------
    spec : MeasureSpec
    select : callable
        (..., Z, G) full table → (..., Z, k) columns for the kernel.
    key : str
        Text that names the question; keys its random stream.
    extra : tuple
        Further positional arguments of the kernel (neighbourhood, parents).
    fast : callable, optional
        The same answer from sums that other questions need too (see `fused`).
    """

    spec: MeasureSpec
    select: Callable[[Floats], Floats]
    key: str
    extra: tuple[Any, ...] = ()
    fast: Fast | None = None

    def ask(self, tables: Fused) -> Floats:
        """Answer for (..., Z, G) tables: the kernel on the selected columns."""
        if self.fast is not None:
            return self.fast(tables)
        return np.asarray(self.spec.kernel(self.select(tables.x), *self.extra), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with what chance would give and how far it may be off.

    `shift` is the bias found by redrawing and `spread` the standard deviation of the
    redrawn values; both are kept because a change between dates needs them.
    """

    value: float | Undefined
    expected: float | None = None
    maximum: float | None = None
    sd: float | None = None
    null_method: str = ""
    p: float | None = None
    shift: float | None = None
    spread: float | None = None
    interval: tuple[float, float] | None = None
    interval_method: str = ""
    members: int = 0

    @property
    def excess(self) -> float | None:
        """(value − expected) / (maximum − expected)."""
        if isinstance(self.value, Undefined) or self.expected is None or self.maximum is None:
            return None
        room = self.maximum - self.expected
        return (self.value - self.expected) / room if room > 1e-12 else None


def undefined(question: Question, table: Floats) -> Undefined | None:
    """Say why the question has no answer for this table, or None."""
    columns, size = column_totals(table), zone_totals(table)
    people, zones = float(columns.sum()), int((size > 0).sum())
    if people == 0:
        return Undefined("nobody", phrase("Nobody was counted here."))
    if question.spec.kind == "share":
        return None
    asked = ("exposure",)
    if question.spec.kind in asked or len(columns) == 2:
        if columns[0] == 0:
            return Undefined("group-absent", phrase("Nobody of this group was counted."))
        if columns[0] == people and question.spec.kind not in asked:
            return Undefined(
                "everyone",
                phrase("Everyone counted belongs to this group, so there is nobody to compare with."),
            )
        if (
            len(columns) > 1
            and columns[1] == 0
            and question.spec.kind in asked
            and question.spec.name == "exposure"
        ):
            return Undefined("group-absent", phrase("Nobody of the other group was counted."))
    if (columns > 0).sum() < 2:
        return Undefined("one-group", phrase("Only one group was counted, so there is nothing to compare."))
    if zones < 2:
        return Undefined(
            "one-zone", phrase("All people counted live in one zone, so nothing can be said about where.")
        )
    return None


def hidden_too_much(question: Question, seen: Observed) -> Undefined | None:
    """Refuse where suppression hides more than a tenth of the smallest group asked about."""
    if not seen.hidden or seen.lower is None or seen.upper is None:
        return None
    half = column_totals(question.select(seen.upper) - question.select(seen.lower)) / 2
    columns = column_totals(question.select(seen.x))
    share = float((half / np.maximum(columns, 1)).max())
    if share <= HIDDEN_MOST:
        return None
    return Undefined(
        "suppressed",
        phrase(
            "Suppressed cells may hold up to {share} of a group either way; above {most} "
            "a value would say more about the suppression than about the city.",
            share=Number(f"{share:.0%}"),
            most=Number(f"{HIDDEN_MOST:.0%}"),
        ),
    )


def estimate(
    seen: Observed,
    questions: Sequence[Question],
    *,
    seed: int,
    key: str,
    simulations: int | None = None,
) -> list[Estimate]:
    """Answer all questions about one table.

    Parameters
    ----------
    seen : Observed
        (Z, G) table; zones with nobody may be there.
    questions : sequence of Question
    seed, key : int, str
        Key of the random streams.
    simulations : int, optional
        Random tables at most; chosen from the size of the table when not given.

    Returns
    -------
    list of Estimate, in the order of the questions

    Raises
    ------
    CallError
        If fewer than `FEWEST` simulations are allowed.
    """
    if simulations is not None and simulations < FEWEST:
        raise CallError(f"{simulations} simulations are too few: allow at least {FEWEST}")
    reasons = [undefined(q, q.select(seen.x)) or hidden_too_much(q, seen) for q in questions]
    alive = [i for i, r in enumerate(reasons) if r is None]
    out = [Estimate(r if r is not None else 0.0) for r in reasons]
    if not alive:
        return out
    asked = [questions[i] for i in alive]
    count = replicates(seen.x.shape[0], seen.x.shape[1], simulations)
    answered = _values(seen, asked, seed, key, count)
    answered = _chance(seen, asked, answered, seed, key, count)
    answered = _intervals(seen, asked, answered, seed, key, count)
    for i, found in zip(alive, answered, strict=True):
        out[i] = found
    return out


def _values(seen: Observed, asked: Sequence[Question], seed: int, key: str, count: int) -> list[Estimate]:
    tables = Fused(fills(seen, count, generator(seed, f"{key}/fill")) if seen.hidden else seen.x[None])
    found = []
    for q in asked:
        table = q.select(seen.x)
        value = float(q.ask(tables).mean())
        found.append(Estimate(value, maximum=q.spec.maximum(table), members=round(float(table[:, 0].sum()))))
    return found


def _chance(
    seen: Observed, asked: Sequence[Question], found: list[Estimate], seed: int, key: str, count: int
) -> list[Estimate]:
    zones = int((zone_totals(seen.x) > 0).sum())
    drawn_for = [
        i
        for i, q in enumerate(asked)
        if q.spec.kind != "share" and (q.spec.expected is None or q.spec.sd is None or zones < FEW_ZONES)
    ]
    null = _simulate([asked[i] for i in drawn_for], seen, seed, key, count) if drawn_for else np.empty((0, 0))
    simulated = dict(zip(drawn_for, null, strict=True))
    return [
        # how large a group is has nothing to do with where people live
        found[i] if q.spec.kind == "share" else _with_chance(q, found[i], q.select(seen.x), simulated.get(i))
        for i, q in enumerate(asked)
    ]


def _simulate(asked: Sequence[Question], seen: Observed, seed: int, key: str, count: int) -> Floats:
    rng = generator(seed, f"{key}/chance")
    columns: list[list[Floats]] = [[] for _ in asked]
    for size in blocks(count, *seen.x.shape):
        tables = Fused(by_chance(seen.x, size, rng))
        for q, column in zip(asked, columns, strict=True):
            column.append(q.ask(tables))
    return np.stack([np.concatenate(c) for c in columns])


def _with_chance(q: Question, found: Estimate, table: Floats, null: Floats | None) -> Estimate:
    runs = 0 if null is None else len(null)
    if q.spec.expected is not None:
        expected = float(q.spec.expected(table, *q.extra))
        mean_word = phrase("exact mean with both margins fixed")
    else:
        assert null is not None
        expected = float(null.mean())
        mean_word = phrases(
            "mean of {n} random arrangements with both margins fixed",
            "mean of {n} random arrangements with both margins fixed",
            runs,
        )
    if null is None:
        assert q.spec.sd is not None
        sd, p = float(q.spec.sd(table, *q.extra)), None
        sd_word = phrase("sd by the conditional central limit")
    else:
        sd = float(null.std(ddof=1))
        sd_word = phrases("sd of {n} random arrangements", "sd of {n} random arrangements", runs)
        p = (1 + int((null >= float(found.value) - 1e-12).sum())) / (runs + 1)  # type: ignore[arg-type]
    return replace(found, expected=expected, sd=sd, p=p, null_method=joint((mean_word, sd_word), "; "))


def _intervals(
    seen: Observed, asked: Sequence[Question], found: list[Estimate], seed: int, key: str, count: int
) -> list[Estimate]:
    """Redraw the table around what was seen; centre by the bias, widen by the spread.

    The value of a table drawn around known probabilities shows how far a value lies
    from its target. The spread is the larger of that of the drawn values and that of
    the drawn values after shrinkage: the second sees the doubt about the true spread.
    """
    wanted = [i for i, q in enumerate(asked) if not q.spec.no_interval]
    redrawn = _redrawn(seen, [asked[i] for i in wanted], seed, key, count)
    sampled = seen.se is not None
    out = [replace(f, interval_method=phrase(q.spec.no_interval)) for q, f in zip(asked, found, strict=True)]
    for i, row in zip(wanted, redrawn, strict=True):
        out[i] = _with_interval(asked[i], found[i], row, count, sampled)
    return out


def _redrawn(
    seen: Observed, asked: Sequence[Question], seed: int, key: str, count: int
) -> list[list[tuple[Floats, Floats, Floats]]]:
    """By question and block: values of the drawn tables, of their centres, of the drawn ones pulled in."""
    if not asked:
        return []
    rng = generator(seed, f"{key}/around")
    rows: list[list[tuple[Floats, Floats, Floats]]] = [[] for _ in asked]
    for size in blocks(count, *seen.x.shape):
        tables, middles = around(seen, fills(seen, size, rng), rng)
        drawn = Fused(tables)
        # without hidden cells all centres are the same table: ask it once
        centre = Fused(middles) if seen.hidden else Fused(middles[:1]) if not rows[0] else None
        pulled = _pulled(seen, tables, count)
        for q, row in zip(asked, rows, strict=True):
            middle = row[0][1][:1] if centre is None else q.ask(centre)
            value = q.ask(drawn)
            row.append((value, np.broadcast_to(middle, (size,)), value if pulled is None else q.ask(pulled)))
    return rows


def _pulled(seen: Observed, tables: Floats, count: int) -> Fused | None:
    """Shrink the drawn tables; not where nothing was shrunken, nor where few tables were drawn.

    Few are drawn of a huge table only, in which the doubt about the true spread is nil.
    """
    if seen.se is not None or count < SHRINK_AGAIN:
        return None
    return Fused(shrunken_mix(tables) * zone_totals(tables)[..., None])


def _with_interval(
    q: Question, found: Estimate, row: list[tuple[Floats, Floats, Floats]], count: int, sampled: bool
) -> Estimate:
    drawn, centre, pulled = (np.concatenate([part[k] for part in row]) for k in range(3))
    shift = float((drawn - centre).mean())
    spread = float(max((drawn - centre).std(ddof=1), pulled.std(ddof=1)))
    middle = float(found.value) - shift  # type: ignore[arg-type]
    top = found.maximum if found.maximum is not None else np.inf
    floor = -np.inf if q.spec.kind == "spatial" else 0.0
    low, high = (float(np.clip(middle + s * Z95 * spread, floor, top)) for s in (-1, 1))
    if sampled:
        how = phrases(
            "{n} tables redrawn around stated standard errors, corrected for bias, 95 %",
            "{n} tables redrawn around stated standard errors, corrected for bias, 95 %",
            count,
        )
    else:
        how = phrases(
            "{n} tables redrawn around shrunken zone shares, corrected for bias, 95 %",
            "{n} tables redrawn around shrunken zone shares, corrected for bias, 95 %",
            count,
        )
    method = joint((how, ABOUT_COUNTS if sampled else ABOUT_PROBABILITIES), "; ")
    return replace(found, shift=shift, spread=spread, interval=(low, high), interval_method=method)
