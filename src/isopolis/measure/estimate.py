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
from isopolis.model.text import joint, phrase, phrases

from . import null_sd
from .arrays import Floats, column_totals, zone_totals
from .draws import FEW_ZONES, Observed, blocks, by_chance, generator, replicates
from .fused import Fast, Fused, against_rest
from .noise.known import Known, about, known, not_identifiable
from .noise.second_moments import biased, corrected, variances
from .noise.tables import JOINT, Drawn, Part, kind_of
from .spec import MeasureSpec

__all__ = ["Estimate", "Question", "estimate"]

FEWEST = 19
"""Random tables that a caller must allow at least: p can then reach 0.05."""

UNSEEN = 1e-4
"""A value that noise moves by less is given as counted."""

UNSTATED = phrase("none: the counts carry an error, and how large it is was not stated")


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

    `shift` is how far the value lies above the mean of what is known of its target, and
    `spread` the standard deviation of that; both are kept because a change between dates
    needs them.
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


def estimate(
    seen: Observed,
    questions: Sequence[Question],
    *,
    seed: int,
    key: str,
    simulations: int | None = None,
    drawn: Drawn | Part | None = None,
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
    drawn : Drawn or Part, optional
        What is known of this table, where it was drawn already.

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
    reasons = [undefined(q, q.select(seen.x)) for q in questions]
    alive = [i for i, r in enumerate(reasons) if r is None]
    out = [Estimate(r if r is not None else 0.0) for r in reasons]
    if not alive:
        return out
    asked = [questions[i] for i in alive]
    count = replicates(seen.x.shape[0], seen.x.shape[1], simulations)
    drawn = drawn or Drawn(seen, count, seed, key)
    target = _targets(asked, drawn)
    answered = _values(seen, asked, target)
    answered = _chance(seen, asked, answered, seed, key, count)
    answered = _intervals(seen, asked, answered, target, drawn.count)
    for i, found in zip(alive, answered, strict=True):
        out[i] = found
    return out


def _targets(asked: Sequence[Question], drawn: Drawn | Part) -> list[Known | None]:
    """What is known of the target of each question; None where no interval is given."""
    alike: dict[bytes, list[int]] = {}
    if drawn.kind == "unstated":
        return [None] * len(asked)
    for i, q in enumerate(asked):
        if not q.spec.no_interval or drawn.kind == "noisy":
            alike.setdefault(drawn.mark(q.select), []).append(i)
    out: list[Known | None] = [None] * len(asked)
    for mark, places in alike.items():
        tables = drawn.joint() if mark == JOINT else drawn.pair(mark)
        parts: dict[int, list[Floats]] = {i: [] for i in places}
        start = 0
        for size in blocks(len(tables), *tables.shape[1:]):
            fused = Fused(tables[start : start + size])
            start += size
            for i in places:
                parts[i].append(_asked_of(asked[i], fused, mark != JOINT))
        for i in places:
            out[i] = known(np.concatenate(parts[i]))
    return out


def _asked_of(q: Question, tables: Fused, pair: bool) -> Floats:
    """Answer for drawn tables: the question's own two columns, or all columns."""
    if not pair:
        return q.ask(tables)
    fast = against_rest(q.spec.name, 0) if q.fast is not None else None
    if fast is not None:
        return fast(tables)
    return np.asarray(q.spec.kernel(tables.x, *q.extra), dtype=np.float64)


def _values(seen: Observed, asked: Sequence[Question], target: Sequence[Known | None]) -> list[Estimate]:
    """The value as counted; behind noise and hidden cells the estimate, or why there is none."""
    tables, noisy = Fused(seen.x[None]), kind_of(seen) == "noisy"
    variance = variances(seen) if noisy else None
    off = biased(seen).astype(np.float64) if noisy else np.zeros(seen.x.shape)
    found = []
    for q, t in zip(asked, target, strict=True):
        table = q.select(seen.x)
        counted = float(q.ask(tables)[0])
        value: float | Undefined = counted
        if noisy and t is not None:
            moments = variance if not q.select(off).any() else None
            value = not_identifiable(t, seen, q.spec.family, q.spec.name, q.select) or _without_noise(
                q, table, moments, t, counted
            )
        found.append(Estimate(value, maximum=q.spec.maximum(table), members=round(float(table[:, 0].sum()))))
    return found


def _without_noise(
    q: Question, table: Floats, variance: Floats | Undefined | None, t: Known, counted: float
) -> float:
    """Exact for second moments of counts whose noise has mean 0, by the likelihood for the rest.

    As counted where that would not be seen: noise of a few cells leaves the figures of everybody else alone.
    """
    exact = None
    if variance is not None and not isinstance(variance, Undefined):
        exact = corrected(q.spec.name, table, q.select(variance))
    found = t.middle if exact is None else exact
    return counted if abs(found - counted) < UNSEEN else found


def _chance(
    seen: Observed, asked: Sequence[Question], found: list[Estimate], seed: int, key: str, count: int
) -> list[Estimate]:
    zones = int((zone_totals(seen.x) > 0).sum())
    drawn_for = [
        i
        for i, q in enumerate(asked)
        if q.spec.kind != "share"
        and not isinstance(found[i].value, Undefined)
        and (q.spec.expected is None or q.spec.sd is None or zones < FEW_ZONES)
    ]
    null = _simulate([asked[i] for i in drawn_for], seen, seed, key, count) if drawn_for else np.empty((0, 0))
    simulated = dict(zip(drawn_for, null, strict=True))
    return [
        # how large a group is has nothing to do with where people live
        found[i]
        if q.spec.kind == "share" or isinstance(found[i].value, Undefined)
        else _with_chance(q, found[i], q.select(seen.x), simulated.get(i))
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
    exact = q.spec.sd is not None and null_sd.is_exact(q.spec.name, table)
    p = None
    if null is None or exact:
        assert q.spec.sd is not None
        sd = float(q.spec.sd(table, *q.extra))
        sd_word = phrase("exact sd") if exact else phrase("sd by the conditional central limit")
    else:
        sd = float(null.std(ddof=1))
        sd_word = phrases("sd of {n} random arrangements", "sd of {n} random arrangements", runs)
    if null is not None:
        p = (1 + int((null >= float(found.value) - 1e-12).sum())) / (runs + 1)  # type: ignore[arg-type]
    words = [mean_word, sd_word]
    if p is not None and exact:
        words.append(phrases("p of {n} random arrangement", "p of {n} random arrangements", runs))
    return replace(found, expected=expected, sd=sd, p=p, null_method=joint(words, "; "))


def _intervals(
    seen: Observed,
    asked: Sequence[Question],
    found: list[Estimate],
    target: Sequence[Known | None],
    count: int,
) -> list[Estimate]:
    """Put what is known of the target beside each value."""
    method = "" if kind_of(seen) == "unstated" else about(seen, count)
    out = []
    for q, f, t in zip(asked, found, target, strict=True):
        if isinstance(f.value, Undefined):
            out.append(replace(f, maximum=None))
        elif t is None or q.spec.no_interval:
            why = phrase(q.spec.no_interval) if q.spec.no_interval else UNSTATED
            out.append(replace(f, interval_method=why))
        else:
            interval = (t.low, t.high)
            out.append(
                replace(f, shift=f.value - t.middle, spread=t.sd, interval=interval, interval_method=method)
            )
    return out
