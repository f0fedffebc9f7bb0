"""Where to send the next letters, so that the widest gap closes furthest for the money.

The cover of a cell (a group in a neighbourhood) is how many took part over how many would have at the rate of
the city. Letters go to addresses of neighbourhoods, never to people for what they are; those of a
neighbourhood reach its groups as they live there. Sought are the letters that lift the smallest cover as high
as the money allows, then the next smallest where that one has all letters it can have. As only the letters
of its own neighbourhood lift a cell, this is a matter of filling up from below.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError
from isopolis.model.text import phrase

from .board import Board, Line
from .cells import Cell

__all__ = ["ANSWER", "BATCH", "FAITH", "Invitation", "Invitations", "invite"]

Floats = npt.NDArray[np.float64]

ANSWER = 0.03
"""Part of the letters that bring somebody, before the city has tried: a guess to be replaced."""

BATCH = 10
FAITH = 100.0
"""Letters that the guess counts as, once there are letters that were sent."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """Letters to one neighbourhood.

    Parameters
    ----------
    zone : str
    letters : int
    cost : int
        In the smallest unit of money.
    expected : float
        People who take part because of them, on average.
    cover, cover_after : float
        Of the group of the neighbourhood that is covered least, before and after.
    """

    zone: str
    letters: int
    cost: int
    expected: float
    cover: float
    cover_after: float


@dataclass(frozen=True, slots=True)
class Invitations:
    """All letters, the most to one neighbourhood first.

    Parameters
    ----------
    letters : tuple of Invitation
    spent, budget : int
        In the smallest unit of money.
    widest : Cell
        The cell with the smallest cover before.
    cover, cover_after : float
        The smallest cover before and after.
    answer : float
        Part of the letters that was taken to bring somebody, in the average of the city.
    """

    letters: tuple[Invitation, ...]
    spent: int
    budget: int
    widest: Cell
    cover: float
    cover_after: float
    answer: float


def invite(
    board: Board,
    budget: int,
    cost: int,
    *,
    answer: float = ANSWER,
    sent: Mapping[str, tuple[int, int]] | None = None,
    batch: int = BATCH,
) -> Invitations:
    """Plan letters.

    Parameters
    ----------
    board : Board
    budget, cost : int
        Money for letters, and for one letter; in the same smallest unit (cents).
    answer : float
        Part of the letters that bring somebody, in the average of the city; groups that take part less
        are taken to answer less in the same measure.
    sent : mapping of str to (int, int), optional
        Zone → letters sent so far and people who came: what is learned from them replaces the guess.
    batch : int
        Letters are sent in multiples of this.

    Raises
    ------
    CallError
        If money or answer make no sense, or nothing is known of any neighbourhood.
    """
    if budget < 0 or cost < 1 or batch < 1:
        raise CallError(phrase("a letter costs at least 1, and the money is not less than 0"))
    if not 0 < answer <= 1:
        raise CallError(phrase("the part of letters that is answered lies between 0 and 1"))
    plan = _Plan(board, answer, dict(sent or {}))
    letters = _whole(plan.letters(Fraction(budget, cost)), budget, cost, batch)
    return plan.told(letters, budget, cost)


class _Plan:
    """Neighbourhoods, their cells and what one letter does to each cell."""

    def __init__(self, board: Board, answer: float, sent: dict[str, tuple[int, int]]) -> None:
        self.rate, self.answer = board.rate, answer
        self.zones = [line for line in board.zones if isinstance(line.rate, float)]
        if not self.zones or board.rate <= 0:
            raise CallError(phrase("nothing is known of any neighbourhood"))
        inside: dict[str, list[Line]] = {}
        for line in board.cells:
            if isinstance(line.rate, float) and line.residents:
                inside.setdefault(line.zone, []).append(line)
        self.cells = [cell for z in self.zones for cell in inside.get(z.zone) or [z]]
        row = {z.zone: j for j, z in enumerate(self.zones)}
        self.zone = np.array([row[c.zone] for c in self.cells])
        rates = np.array([_rate(c) for c in self.cells])
        # who takes part less answers less; what was learned of a neighbourhood holds for all its groups
        trust = np.array(
            [self._learned(z, sent) / max(_guess(z, answer, self.rate), 1e-12) for z in self.zones]
        )
        self.chance = np.minimum(1.0, answer * rates / self.rate * trust[self.zone])
        people = np.array([max(z.residents, 1) for z in self.zones], dtype=np.float64)
        self.cover = rates / self.rate
        self.lift = self.chance / (people[self.zone] * self.rate)  # of the cover, by one letter
        size = np.array([c.residents for c in self.cells], dtype=np.float64)
        came = np.bincount(self.zone, self.chance * size, len(self.zones))
        self.reach = came / np.maximum(np.bincount(self.zone, size, len(self.zones)), 1)
        self.most = np.array([
            max(0.0, z.residents * (1 - _rate(z)) - sent.get(z.zone, (0, 0))[0]) for z in self.zones
        ])  # fmt: skip

    def _learned(self, zone: Line, sent: dict[str, tuple[int, int]]) -> float:
        letters, came = sent.get(zone.zone, (0, 0))
        if not 0 <= came <= letters:
            raise CallError(phrase("more people came from {zone} than letters were sent", zone=zone.zone))
        return (came + FAITH * _guess(zone, self.answer, self.rate)) / (letters + FAITH)

    def needed(self, cover: float) -> Floats:
        """Return the letters that bring every cell to this cover, as far as there are people to write to."""
        gap = np.maximum(0.0, cover - self.cover)
        letters = np.divide(gap, self.lift, out=np.where(gap > 0, np.inf, 0.0), where=self.lift > 0)
        out = np.zeros(len(self.zones))
        np.maximum.at(out, self.zone, letters)
        return np.minimum(out, self.most)

    def letters(self, affordable: Fraction) -> Floats:
        """Return the letters to each neighbourhood: the smallest cover as large as can be, up to 1."""
        if self.needed(1.0).sum() <= affordable:
            return self.needed(1.0)
        low, high = 0.0, 1.0
        for _halving in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if self.needed(middle).sum() <= affordable else (low, middle)
        return self.needed(low)

    def told(self, letters: npt.NDArray[np.int64], budget: int, cost: int) -> Invitations:
        """Say what whole numbers of letters do."""
        after = self.cover + self.lift * letters[self.zone]
        smallest = [(float(self.cover[self.zone == j].min()), float(after[self.zone == j].min()))
                    for j in range(len(self.zones))]  # fmt: skip
        rows = [
            Invitation(
                self.zones[j].zone, int(letters[j]), int(letters[j]) * cost,
                float(letters[j] * self.reach[j]), *smallest[j],
            )
            for j in np.argsort(-letters, kind="stable").tolist() if letters[j] > 0
        ]  # fmt: skip
        worst = self.cells[int(self.cover.argmin())]
        return Invitations(
            tuple(rows), int(letters.sum()) * cost, budget, Cell(worst.zone, worst.group),
            float(self.cover.min()), float(after.min()), self.answer,
        )  # fmt: skip


def _guess(zone: Line, answer: float, rate: float) -> float:
    return min(1.0, answer * _rate(zone) / rate)


def _rate(line: Line) -> float:
    return line.rate if isinstance(line.rate, float) else 0.0


def _whole(letters: Sequence[float] | Floats, budget: int, cost: int, batch: int) -> npt.NDArray[np.int64]:
    """Round to whole batches within the money: all down, then up where most was lost."""
    exact = np.asarray(letters) / batch
    out = np.floor(exact + 1e-9).astype(np.int64)
    spare = budget // (cost * batch) - int(out.sum())
    for j in np.argsort(-(exact - out), kind="stable").tolist():
        if spare > 0 and exact[j] - out[j] > 1e-6:
            out[j] += 1
            spare -= 1
    return out * batch
