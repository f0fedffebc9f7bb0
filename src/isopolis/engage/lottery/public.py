"""The public draw: a list of 1,000 equally likely panels with names, and one number that decides.

The lottery's probabilities are rounded to whole numbers of equally likely panels so that every chance
stays what it was on average; people of a type take turns in a random order. The list and its digest are
published before the number is drawn, in the room, with dice or balls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .lots import Lots, digest
from .pool import Types
from .solve import Lottery

__all__ = ["PANELS", "PublicList", "public_list", "rounded"]

Real = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
PANELS = 1000


@dataclass(frozen=True, slots=True)
class PublicList:
    """Equally likely panels, each a tuple of places in the pool in order.

    Attributes
    ----------
    seed : str
    panels : tuple of tuple of int
    tickets : tuple of int
        For each person of the pool, on how many panels of the list.
    """

    seed: str
    panels: tuple[tuple[int, ...], ...]
    tickets: tuple[int, ...]

    def text(self, ids: Sequence[str]) -> str:
        """Return the list as it is published: a line per panel, its number and the ids."""
        width = len(str(len(self.panels) - 1))
        return "".join(
            f"{number:0{width}d} {' '.join(ids[p] for p in panel)}\n"
            for number, panel in enumerate(self.panels)
        )

    def digest(self, ids: Sequence[str]) -> str:
        """Return the SHA-256 of `text`."""
        return digest(self.text(ids))

    def number(self) -> int:
        """Return the number of the panel that the seed draws."""
        return Lots(self.seed, "number").below(len(self.panels))


def rounded(weights: Real, panels: Whole, total: int, lots: Lots) -> Whole:
    """Round `total` × weights to whole numbers with that sum; each stays what it was on average.

    Two fractions at a time are moved against each other until one is whole, up or down with the
    probabilities that keep both means (pipage rounding; Flanigan, Kehne and Procaccia, *Fair sortition
    made transparent*, NeurIPS 2021, section 4). Partners are panels that are most alike, so that people
    gain on one what they lose on the other.

    Parameters
    ----------
    weights : (J,) array summing to 1
    panels : (J, T) array
    total : int
    lots : Lots
    """
    exact = weights * total
    whole = np.floor(exact + 1e-9)
    part = np.clip(exact - whole, 0.0, 1.0)
    part[part < 1e-9] = 0.0
    alike = (panels @ panels.T).astype(float)
    open_ = part > 0
    current = int(np.argmax(open_)) if open_.any() else -1
    while current >= 0:
        open_[current] = False
        if not open_.any():
            part[current] = round(part[current])
            break
        other = int(np.argmax(np.where(open_, alike[current], -1.0)))
        first, second = _moved(part[current], part[other], lots)
        part[current], part[other] = first, second
        if 0 < first < 1:
            open_[other], open_[current] = False, True
        else:
            open_[other] = 0 < second < 1
            current = other if open_[other] else (int(np.argmax(open_)) if open_.any() else -1)
    whole += np.rint(part)
    # the fractions summed to a whole number; a rounding error of the sum goes to the largest weight
    whole[int(np.argmax(weights))] += total - int(whole.sum())
    return whole.astype(np.int64)


def _moved(first: float, second: float, lots: Lots) -> tuple[float, float]:
    """Move two fractions against each other until one of them is 0 or 1."""
    up, down = min(1 - first, second), min(first, 1 - second)
    move = up if lots.share() * (up + down) < down else -down
    first, second = first + move, second - move
    return _clean(first), _clean(second)


def _clean(part: float) -> float:
    return round(part) if abs(part - round(part)) < 1e-9 else part


def public_list(lottery: Lottery, seed: str, total: int = PANELS) -> PublicList:
    """Make the list of equally likely panels from a lottery and the announced seed."""
    copies = rounded(lottery.weights, lottery.panels, total, Lots(seed, "rounding"))
    order = Lots(seed, "order").shuffled(np.repeat(np.arange(len(copies)), copies).tolist())
    turns = _Turns(lottery.types, Lots(seed, "people"))
    panels = tuple(turns.seated(lottery.panels[j]) for j in order)
    tickets = np.bincount(np.array([p for panel in panels for p in panel]), minlength=lottery.types.people)
    return PublicList(seed, panels, tuple(tickets.tolist()))


@dataclass(order=True, slots=True)
class _Turn:
    """How often a person sat so far, the place in the random order, who it is, and the household."""

    sat: int
    place: int
    who: int
    home: str


class _Turns:
    """People of a type take their turns: who sat least often, in a random order, one per household."""

    def __init__(self, types: Types, lots: Lots) -> None:
        self._queues = [
            [_Turn(0, place, who, home) for place, (who, home) in enumerate(lots.shuffled(both))]
            for both in (
                list(zip(*of_type, strict=True))
                for of_type in zip(types.members, types.households, strict=True)
            )
        ]

    def seated(self, panel: Whole) -> tuple[int, ...]:
        people: list[int] = []
        homes: set[str] = set()
        for kind in np.flatnonzero(panel).tolist():
            wanted = int(panel[kind])
            for turn in sorted(self._queues[kind]):
                if wanted == 0:
                    break
                if turn.home and turn.home in homes:
                    continue
                homes.add(turn.home)
                people.append(turn.who)
                turn.sat += 1
                wanted -= 1
        return tuple(sorted(people))
