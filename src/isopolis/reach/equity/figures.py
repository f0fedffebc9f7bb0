"""Measures of equity for every group, each with what the counts and the map leave open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError, Undefined
from isopolis.model.text import phrase

from ..measures.result import Access, Bounds
from ..measures.spec import EQUITY, ReachSpec
from .inequality import kappa_of
from .level import best_off
from .people import People
from .weighted import Masked, Settings, Weighted

__all__ = ["FEW", "USUAL", "Equity", "Figure", "Parts", "draws_for", "equity_of", "equity_table"]

FEW = 10
"""People of a group below which its figures carry a caveat, and it is not taken as the best off."""

USUAL = ("mean", "median", "gap_to_best", "ratio_to_best", "gap_to_everyone", "gini", "theil",
         "kolm_pollak_ede", "kolm_pollak_index")  # fmt: skip
"""What is asked when nothing is named; with a standard also `WITH_STANDARD`, with a rank `WITH_RANK`."""

WITH_STANDARD = ("share_within", "fgt0", "fgt1", "fgt2")
WITH_RANK = ("palma", "concentration")
CELLS = 20_000_000
LEAST, MOST = 39, 399

Ends = tuple[float, float]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Parts:
    """Where an interval comes from.

    Parameters
    ----------
    counts : (float, float) or None
        Middle 95 of 100 redrawn tables of people, under the usual reading of the map; None when the error
        of the counts is not known.
    tags : (float, float) or None
        Values under the two extreme readings of the map; None where they are the same.
    guaranteed : bool
        True when `tags` enclose the value of every reading of the map in between.
    outer : (float, float) or None
        For gaps: ends that no reading of the map can leave, wider than `tags`, which compare both groups
        on the same map.
    """

    counts: Ends | None = None
    tags: Ends | None = None
    guaranteed: bool = False
    outer: Ends | None = None

    def said(self) -> str:
        """Say where the interval comes from."""
        if self.counts is None and self.tags is None:
            return phrase("No interval: the error of the counts was not stated.")
        if self.tags is None:
            return phrase("The interval holds what the counts leave open.")
        if self.counts is None:
            return phrase(
                "The interval holds what the map leaves open; the error of the counts was not stated."
            )
        if self.guaranteed:
            return phrase("The interval holds what the counts and the map leave open.")
        return phrase("The interval holds what the counts leave open, and two readings of the map.")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measure of equity for one group.

    Parameters
    ----------
    measure, group : str
    value : float or Undefined
    interval : (float, float) or None
        Envelope of `parts` and the value; None when there is no value or nothing is known of its error.
    parts : Parts
    people : float
        People of the group with a value.
    away : float
        People of the group who reach nothing, where less is better.
    lost : float
        People of the group whose origin is not on the network.
    versus : str
        Group that it is compared with; empty when none.
    caveats : tuple of str
    """

    measure: str
    group: str
    value: float | Undefined
    interval: Ends | None
    parts: Parts
    people: float
    away: float
    lost: float
    versus: str = ""
    caveats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Equity:
    """Every figure that was asked for, and how.

    Parameters
    ----------
    figures : tuple of Figure
        Measure by measure, group by group; everyone last.
    best : str
        The best-off group, empty where there is none.
    settings : Settings
        With the kappa that served all groups.
    draws : int
        Tables of people that were redrawn; 0 where counts are exact or their error is not known.
    caveats : tuple of str
    """

    figures: tuple[Figure, ...]
    best: str
    settings: Settings
    draws: int
    caveats: tuple[str, ...] = ()

    def of(self, measure: str, group: str) -> Figure:
        """Return one figure.

        Raises
        ------
        CallError
            If it was not asked for.
        """
        for figure in self.figures:
            if figure.measure == measure and figure.group == group:
                return figure
        raise CallError(f'there is no figure "{measure}" of "{group}"')


def draws_for(origins: int, cells: int) -> int:
    """Return how many tables to redraw: many for a small table, fewer for a huge one."""
    return int(np.clip(CELLS // max(origins * cells, 1), LEAST, MOST))


def equity_of(
    access: Access | Bounds,
    people: People,
    *,
    measures: Sequence[str] | None = None,
    settings: Settings | None = None,
    rng: np.random.Generator | None = None,
    draws: int | None = None,
) -> Equity:
    """Measure the equity of one value of access over groups of people.

    Parameters
    ----------
    access : Access or Bounds
        (O,) one value per origin, with the two extreme readings of the map where they are known.
    people : People
        By origin and group.
    measures : sequence of str, optional
        Registered names; `USUAL` and what the settings allow when not given.
    settings : Settings, optional
    rng : numpy Generator, optional
        For redrawing counts; without it counts are taken as they stand, and the interval holds the
        readings of the map only.
    draws : int, optional
        Tables to redraw; by size of the table when not given.

    Returns
    -------
    Equity

    Raises
    ------
    CallError
        If a measure is unknown or lacks what it needs.

    Notes
    -----
    The best-off group and the aversion per unit of access are chosen once, on the counts and the map as
    they stand, and kept in every redraw: otherwise a gap would drift away from 0 by chance alone.
    """
    return _one(Bounds.of(access), people, people.table(), measures, settings, rng, draws, None)[0]


def equity_table(
    access: Access | Bounds,
    people: People,
    *,
    measures: Sequence[str] | None = None,
    settings: Settings | None = None,
    rng: np.random.Generator | None = None,
    draws: int | None = None,
) -> tuple[Equity, ...]:
    """Measure the equity of (O, K) values, column by column; see `equity_of`.

    What does not depend on the values (people, ranks) is worked out once.
    """
    bounds, table = Bounds.of(access), people.table()
    out: list[Equity] = []
    like: Weighted | None = None
    for k in range(bounds.expected.values.shape[1]):
        found, like = _one(bounds.column(k), people, table, measures, settings, rng, draws, like)
        out.append(found)
    return tuple(out)


def _one(
    bounds: Bounds,
    people: People,
    table: Floats,
    measures: Sequence[str] | None,
    settings: Settings | None,
    rng: np.random.Generator | None,
    draws: int | None,
    like: Weighted | None,
) -> tuple[Equity, Weighted]:
    asked = replace(settings or Settings(), everyone=table.shape[1] - 1)
    names = tuple(measures) if measures is not None else _usual(asked)
    specs = [EQUITY[name] for name in names]
    main = Weighted(bounds.expected, table, like)
    asked = _settled(main, asked, specs)
    readings = [main]
    if not bounds.sure:
        readings += [Weighted(a, table, main) for a in (bounds.pessimistic, bounds.optimistic)]
    values = [_values(w, asked, specs) for w in readings]
    many = 0
    redrawn: list[Any] = []
    if rng is not None and people.redraw is not None and not people.redraw.sure:
        many = draws_for(*people.cells.shape) if draws is None else draws
        redrawn = _redrawn(readings, people, asked, specs, many, rng)
    stated = people.redraw is not None and (people.redraw.sure or many > 0)
    # who reaches nothing on one reading and something on another changes whom a mean is about
    steady = all(np.array_equal(r.state, main.state) for r in readings)
    outer = _outer(readings, asked, specs) if steady else {}
    figures = [
        _figure(spec, g, people, main, asked, [v[m][g] for v in values], [r[:, m, g] for r in redrawn],
                stated, (outer.get((spec.name, g)), steady))
        for m, spec in enumerate(specs)
        for g in range(len(people.names))
    ]  # fmt: skip
    best = people.names[asked.best] if asked.best is not None else ""
    return Equity(tuple(figures), best, asked, many, people.caveats), main


def _usual(asked: Settings) -> tuple[str, ...]:
    out = USUAL + (WITH_STANDARD if asked.standard is not None else ())
    return out + (WITH_RANK if asked.rank is not None else ())


def _settled(main: Weighted, asked: Settings, specs: list[ReachSpec]) -> Settings:
    """Choose the aversion per unit and the best-off group once for all redraws."""
    if asked.kappa is None and any("kolm" in s.name or "kolm" in asked.level for s in specs):
        asked = replace(asked, kappa=kappa_of(main, asked.epsilon, asked.everyone))
    if not any(s.family == "gap" and s.name.endswith("best") for s in specs):
        return asked
    may = main.everybody >= FEW
    may[asked.everyone] = False
    if asked.candidates is not None:
        may &= asked.candidates
    asked = replace(asked, candidates=may)
    return replace(asked, best=best_off(main, asked))


def _values(w: Weighted, asked: Settings, specs: list[ReachSpec]) -> list[Masked]:
    return [spec.kernel(w, asked) for spec in specs]


def _redrawn(
    readings: list[Weighted],
    people: People,
    asked: Settings,
    specs: list[ReachSpec],
    many: int,
    rng: np.random.Generator,
) -> list[Any]:
    """One (draws, measures, groups) masked array for each reading of the map."""
    out = [np.ma.masked_all((many, len(specs), len(people.names))) for _ in readings]
    for d in range(many):
        table = people.drawn(rng)
        for r, w in enumerate(readings):
            moved = w.reweighed(table)
            for m, found in enumerate(_values(moved, asked, specs)):
                out[r][d, m] = found
    return out


def _ends(draws: Any) -> Ends | None:
    """Middle 95 of 100 values that exist; None where more than one in twenty does not."""
    kept = draws.compressed()
    if not len(kept) or len(kept) < 0.95 * len(draws):
        return None
    low, high = np.percentile(kept, [2.5, 97.5])
    return float(low), float(high)


def _outer(readings: list[Weighted], asked: Settings, specs: list[ReachSpec]) -> dict[tuple[str, int], Ends]:
    """Ends of gaps that no reading of the map can leave: one group at its worst, the other at its best."""
    if len(readings) < 3 or not EQUITY[asked.level].guaranteed:
        return {}
    out = {}
    ends = [EQUITY[asked.level].kernel(w, asked) for w in readings]
    if any(np.ma.getmaskarray(e).any() for e in ends):
        return {}
    low, high = np.min([e.data for e in ends], axis=0), np.max([e.data for e in ends], axis=0)
    more = EQUITY[asked.level].better == "more" or readings[0].better == "more"
    for spec in specs:
        if not spec.name.startswith("gap_to"):
            continue
        to = asked.best if spec.name == "gap_to_best" else asked.everyone
        if to is None:
            continue
        for g in range(len(low)):
            ends_of = (
                (low[to] - high[g], high[to] - low[g]) if more else (low[g] - high[to], high[g] - low[to])
            )
            out[spec.name, g] = (0.0, 0.0) if g == to else (float(ends_of[0]), float(ends_of[1]))
    return out


def _figure(
    spec: ReachSpec,
    g: int,
    people: People,
    w: Weighted,
    asked: Settings,
    values: list[Any],
    draws: list[Any],
    stated: bool,
    sure: tuple[Ends | None, bool],
) -> Figure:
    group = people.names[g]
    to = _versus(spec, asked, people.names)
    base = {
        "measure": spec.name, "group": group, "versus": to, "people": float(w.total[g]),
        "away": float(w.away[g]), "lost": float(w.lost[g]), "caveats": _caveats(spec, w, g),
    }  # fmt: skip
    if np.ma.is_masked(values[0]):
        return Figure(value=_why(spec, w, g), interval=None, parts=Parts(), **base)  # type: ignore[arg-type]
    value = float(values[0])
    tags = None
    hidden = len(values) > 1 and any(np.ma.is_masked(v) for v in values)
    if len(values) > 1 and not hidden:
        found = [float(v) for v in values]
        tags = (min(found), max(found))
    each = [_ends(d) for d in draws]
    counts = (value, value) if stated and not draws else (each[0] if each else None)
    outer, steady = sure
    counted = steady or spec.family == "poverty" or spec.name in COUNT_ALL
    parts = Parts(counts, tags, spec.guaranteed and counted, outer)
    known = [value, *(tags or ()), *(counts or ())]
    known += [end for ends in each[1:] if ends is not None for end in ends]
    given = not hidden and (tags is not None or counts is not None)
    interval = (min(known), max(known)) if given else None
    if hidden:
        text = phrase("Under another reading of the map there is no value, so no interval is given.")
        base["caveats"] = (*base["caveats"], text)  # type: ignore[misc]
    return Figure(value=value, interval=interval, parts=parts, **base)  # type: ignore[arg-type]


def _versus(spec: ReachSpec, asked: Settings, names: tuple[str, ...]) -> str:
    if spec.name.endswith("_to_everyone"):
        return names[asked.everyone]
    return names[asked.best] if spec.name.endswith("_to_best") and asked.best is not None else ""


def _caveats(spec: ReachSpec, w: Weighted, g: int) -> tuple[str, ...]:
    out = []
    everybody = float(w.everybody[g] + w.lost[g])
    if 0 < everybody < FEW:
        out.append(phrase("Fewer than {n} people: one of them can turn this figure.", n=str(FEW)))
    if w.away[g] > 0 and spec.family in ("level", "gap", "inequality") and spec.name not in COUNT_ALL:
        out.append(
            phrase(
                "{percent} of them reach nothing and have no value here.",
                percent=f"{float(w.away[g]) / everybody:.1%}",
            )
        )
    if w.lost[g] > 0:
        out.append(
            phrase(
                "{percent} of them live where nothing is known: off the network.",
                percent=f"{float(w.lost[g]) / everybody:.1%}",
            )
        )
    return tuple(out)


COUNT_ALL = ("median", "percentile", "share_within")


def _why(spec: ReachSpec, w: Weighted, g: int) -> Undefined:
    if w.everybody[g] <= 0 and w.lost[g] <= 0:
        return Undefined("group-absent", phrase("Nobody of this group was counted."))
    if w.everybody[g] <= 0:
        return Undefined(
            "off-network", phrase("Everybody of this group lives where nothing is known: off the network.")
        )
    if w.total[g] <= 0:
        return Undefined("unreachable", phrase("Nobody of this group reaches any of it."))
    if spec.name in COUNT_ALL:
        return Undefined("unreachable", phrase("So many of this group reach nothing that this has no value."))
    if spec.name == "atkinson" and w.better == "less":
        return Undefined("not-for-times", phrase("This index is for what is good, not for minutes."))
    if not w.values.any():
        return Undefined("nothing", phrase("Everybody has 0, so nothing can be unequal."))
    if spec.family == "gap" and spec.name != "palma":
        return Undefined("nobody-to-compare", phrase("There is no group with a value to compare with."))
    return Undefined("no-value", phrase("This group has no access, or no rank, to measure this by."))
