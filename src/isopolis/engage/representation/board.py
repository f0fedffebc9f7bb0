"""Who took part against who lives here: rates, ratios and gaps by group, neighbourhood and both.

The ratio of a group is its share of the participants over its share of the residents: 1 is its share, 0.5
is half of it. Every number comes from what the gate lets through (`shown`); a cell that is hidden is
estimated from its margins and its bounds (`isopolis.intersect.shrink`).

References
----------
Donner, A. & Zou, G. Y. (2012): Closed-form confidence intervals for functions of the normal mean and
standard deviation, Statistical Methods in Medical Research 21(4), 347–359 (intervals of ratios from
intervals of their parts, on the scale of logarithms).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.intersect.shrink import jeffreys, shrink
from isopolis.model import CallError, Dimension, Group, Undefined
from isopolis.model.text import phrase
from isopolis.privacy import Policy

from .chance import Unequal, exact_test, unequal
from .placed import Placed
from .shown import Shown, View, show

__all__ = ["FEWEST", "LEVEL", "SMALL", "Board", "Line", "board"]

Floats = npt.NDArray[np.float64]

LEVEL = 0.95
FEWEST = 10
"""Fewest placed participants for a board."""

SMALL = 200
"""Up to so many participants the exact test is given beside the intervals."""

TENS = 10
"""Residents are shown in tens."""


@dataclass(frozen=True, slots=True)
class Line:
    """One group, neighbourhood, or both.

    Parameters
    ----------
    zone : str
        Empty for the whole city.
    group : Group
    residents : int
        In tens.
    took : int or None
        Participants; None where the number is hidden.
    rate, ratio : float or Undefined
        Part of the residents who took part; share of participants over share of residents.
    rate_interval, ratio_interval : (float, float) or None
    counted : bool
        True when the rate is what was counted, False when it is drawn towards the margins.
    missing : int
        How many more people would have taken part at the average rate of the city; 0 when none.
    """

    zone: str
    group: Group
    residents: int
    took: int | None
    rate: float | Undefined
    ratio: float | Undefined
    rate_interval: tuple[float, float] | None = None
    ratio_interval: tuple[float, float] | None = None
    counted: bool = True
    missing: int = 0

    @property
    def side(self) -> str:
        """``below``, ``above`` or ``about`` its share, as far as the interval tells; empty without one."""
        if self.ratio_interval is None:
            return ""
        low, high = self.ratio_interval
        return "below" if high < 1 else "above" if low > 1 else "about"


@dataclass(frozen=True, slots=True, eq=False)
class Board:
    """Who took part.

    Parameters
    ----------
    participants, counted, residents : int
        Everyone who took part; those whose cell is known; people counted by the census.
    rate, rate_interval
        Of the whole city, of those whose cell is known.
    groups : mapping of str to tuple of Line
        By dimension.
    zones, cells : tuple of Line
        By neighbourhood; by neighbourhood and group.
    unequal : mapping of str to Unequal or Undefined
        By dimension, and ``zones``.
    tests : mapping of str to float or Undefined
        Exact probability under chance by dimension, for small processes.
    hidden : int
        Cells whose number is hidden.
    notes : tuple of str
        What a reader must know.
    card : mapping
        Every choice that changes a number.
    """

    participants: int
    counted: int
    residents: int
    rate: float
    rate_interval: tuple[float, float]
    groups: Mapping[str, tuple[Line, ...]]
    zones: tuple[Line, ...]
    cells: tuple[Line, ...]
    unequal: Mapping[str, Unequal | Undefined]
    tests: Mapping[str, float | Undefined]
    hidden: int
    notes: tuple[str, ...]
    card: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class _Whole:
    """The city, against which every line is held."""

    took: float
    residents: float
    level: float

    @property
    def rate(self) -> float:
        return self.took / self.residents

    def ratio(self, rate: Floats, low: Floats, high: Floats, people: Floats) -> tuple[Floats, ...]:
        """Ratios with intervals: a group's rate over that of all others, brought to that of all."""
        part = np.minimum(people / self.residents, 1.0)
        others_n = np.maximum(self.residents - people, 0.0)
        others = np.clip((self.took - rate * people) / np.maximum(others_n, 1), 0.0, 1.0)
        o_low, o_high = jeffreys(np.rint(others * others_n), np.maximum(others_n, 1), self.level)

        def log(x: Floats) -> Floats:
            return np.log(np.maximum(x, 1e-12))

        centre = log(rate) - log(others)
        down = np.hypot(log(rate) - log(low), log(o_high) - log(others))
        up = np.hypot(log(high) - log(np.maximum(rate, 1e-12)), log(others) - log(o_low))
        # nobody took part: the logarithm of the rate says nothing, the upper end still does
        top = np.where(rate > 0, centre + up, log(high) - log(o_low))
        bottom = np.where(low > 0, np.exp(centre - down), 0.0)

        def of_all(q: Floats) -> Floats:
            return np.asarray(q / (part * q + 1 - part))

        return rate / self.rate, of_all(bottom), of_all(np.exp(np.minimum(top, 700)))


def board(
    placed: Placed,
    policy: Policy | None = None,
    *,
    level: float = LEVEL,
    rng: np.random.Generator | None = None,
) -> Board:
    """Compare participants with residents.

    Parameters
    ----------
    placed : Placed
        Participants and residents by the same cells.
    policy : Policy, optional
        Rules of publication; its protection must be ``suppress``.
    level : float
        Probability of the intervals.
    rng : numpy Generator, optional
        For tests with too many tables to go through.

    Returns
    -------
    Board

    Raises
    ------
    CallError
        If the policy adds noise, fewer than 10 participants could be placed, or the table cannot be shown.
    """
    policy = policy or Policy(protection="suppress")
    if policy.protection != "suppress":
        raise CallError("the board shows true counts or none: its policy must suppress")
    if placed.counted < FEWEST:
        raise CallError(
            phrase(
                "only {n} participants have a neighbourhood and a category that the census knows; a board "
                "needs {least}", n=f"{placed.counted}", least=f"{FEWEST}",
            )
        )  # fmt: skip
    shown = show(placed, policy)
    if not shown.safe:
        raise CallError(phrase("this table cannot be protected; choose larger zones or fewer categories"))
    return _Maker(placed, shown, policy, level, rng).made()


@dataclass(slots=True, eq=False)
class _Maker:
    """What the parts of one board share."""

    placed: Placed
    shown: Shown
    policy: Policy
    level: float
    rng: np.random.Generator | None
    whole: _Whole = field(init=False)

    def __post_init__(self) -> None:
        all_ = self.shown.view((), by_zone=False)
        self.whole = _Whole(float(all_.low.sum()), float(all_.residents.sum()), self.level)

    @property
    def dimensions(self) -> tuple[Dimension, ...]:
        return self.placed.took.dimensions

    def made(self) -> Board:
        one = {d.name: self.shown.view((d.name,), by_zone=False) for d in self.dimensions}
        low, high = jeffreys(self.whole.took, self.whole.residents, self.level)
        zones = self._zone_view()
        cells = self._cells() if self.dimensions else ()
        return Board(
            participants=self.placed.everyone,
            counted=self.placed.counted,
            residents=_tens(self.whole.residents),
            rate=self.whole.rate,
            rate_interval=(float(low), float(high)),
            groups={name: self._groups(name, view) for name, view in one.items()},
            zones=zones,
            cells=cells,
            unequal={n: self._unequal(v) for n, v in one.items()}
            | {"zones": self._unequal(self.shown.view((), by_zone=True))},
            tests={n: self._test(v) for n, v in one.items()} if self.placed.counted <= SMALL else {},
            hidden=sum(line.took is None for line in cells or zones),
            notes=self._notes(),
            card=self._card(),
        )

    def _groups(self, name: str, view: View) -> tuple[Line, ...]:
        dimension = next(d for d in self.dimensions if d.name == name)
        labels = [("", Group(((name, c),))) for c in dimension.categories]
        low, high = jeffreys(view.low[0], np.maximum(view.residents[0], 1), self.level)
        rate = view.low[0] / np.maximum(view.residents[0], 1)
        hidden = view.hidden[0]
        return self._lines(labels, view.residents[0], view, (rate, low, high), ~hidden, guess=False)

    def _zone_view(self) -> tuple[Line, ...]:
        view = self.shown.view((), by_zone=True)
        labels = [(str(z), Group()) for z in self.placed.took.zone_ids]
        people = view.residents
        found = shrink(
            _middle(view)[:, None], people[:, None], lower=view.low[:, None], upper=view.high[:, None],
            level=self.level,
        )  # fmt: skip
        rates = (found.mean[:, 0], found.low[:, 0], found.high[:, 0])
        return self._lines(labels, people, view, rates, np.zeros(len(people), dtype=bool), guess=True)

    def _cells(self) -> tuple[Line, ...]:
        names = tuple(sorted(d.name for d in self.dimensions))
        view = self.shown.view(names, by_zone=True)
        dims = [next(d for d in self.dimensions if d.name == n) for n in names]
        groups = [
            Group(tuple((d.name, d.categories[i]) for d, i in zip(dims, at, strict=True)))
            for at in np.ndindex(*(len(d.categories) for d in dims))
        ]
        labels = [(str(z), g) for z in self.placed.took.zone_ids for g in groups]
        flat = (len(self.placed.took.zone_ids), len(groups))
        parts = [getattr(view, n).reshape(flat) for n in ("low", "high", "residents")]
        found = shrink(
            (parts[0] + parts[1]) // 2, parts[2], _features(dims, groups), crossed=len(dims) > 1,
            lower=parts[0], upper=parts[1], level=self.level,
        )  # fmt: skip
        rates = tuple(a.ravel() for a in (found.mean, found.low, found.high))
        never = np.zeros(len(labels), dtype=bool)
        return self._lines(labels, parts[2].ravel(), view, rates, never, guess=True)

    def _lines(
        self,
        labels: list[tuple[str, Group]],
        people: Floats,
        view: View,
        rates: tuple[Floats, ...],
        counted: npt.NDArray[np.bool_],
        *,
        guess: bool,
    ) -> tuple[Line, ...]:
        """Make lines; where a number is hidden the rate is a guess from the margins, or not given."""
        rate, low, high = rates
        took, hidden = view.low.ravel(), view.hidden.ravel()
        ratio, r_low, r_high = self.whole.ratio(rate, low, high, people)
        gap = np.maximum(0.0, np.floor((self.whole.rate - rate) * people))
        out = []
        for i, (zone, group) in enumerate(labels):
            if people[i] <= 0:
                nobody = Undefined("nobody", phrase("The census counts nobody here."))
                out.append(Line(zone, group, 0, None if hidden[i] else 0, nobody, nobody))
                continue
            if hidden[i] and not guess:
                why = Undefined("suppressed", phrase("So few people that the number is hidden."))
                out.append(Line(zone, group, _tens(people[i]), None, why, why))
                continue
            out.append(
                Line(
                    zone, group, _tens(people[i]), None if hidden[i] else int(took[i]),
                    float(rate[i]), float(ratio[i]),
                    (float(low[i]), float(high[i])), (float(r_low[i]), float(r_high[i])),
                    bool(counted[i]), int(gap[i]),
                )
            )  # fmt: skip
        return tuple(out)

    def _unequal(self, view: View) -> Unequal | Undefined:
        if view.hidden.any():
            return Undefined("suppressed", phrase("Some of these numbers are hidden."))
        return unequal(view.low.ravel(), view.residents.ravel())

    def _test(self, view: View) -> float | Undefined:
        if view.hidden.any():
            return Undefined("suppressed", phrase("Some of these numbers are hidden."))
        return exact_test(view.low.ravel(), view.residents.ravel(), self.rng)

    def _notes(self) -> tuple[str, ...]:
        from .words import notes

        return notes(self.placed, self.policy)

    def _card(self) -> dict[str, Any]:
        return {
            "version": 1,
            "by": [d.name for d in self.dimensions],
            "interval": self.level,
            "threshold": self.policy.threshold,
            "sensitive_threshold": self.policy.sensitive_threshold,
            "residents": {
                "date": self.placed.residents.date, "universe": self.placed.residents.universe,
                "source": self.placed.residents.source,
            },
            "estimate": "beta-binomial towards margins",
        }  # fmt: skip


def _middle(view: View) -> Floats:
    return np.asarray((view.low + view.high) // 2)


def _features(dimensions: list[Dimension], groups: list[Group]) -> Floats:
    wanted = [(d.name, c) for d in dimensions for c in d.categories]
    return np.array([[float(part in g.parts) for part in wanted] for g in groups])


def _tens(people: float) -> int:
    return int(round(float(people) / TENS) * TENS)
