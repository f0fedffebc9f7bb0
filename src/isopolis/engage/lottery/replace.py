"""When people of a panel drop out: who may come in, by a lottery that is as fair as the first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from isopolis.model import CallError
from isopolis.model.text import phrase

from .mixing import Budget
from .pool import Person, Quota, Types, collapse, counted
from .solve import Lottery, lottery

__all__ = ["Vacancy", "replacements", "vacancy"]


@dataclass(frozen=True, slots=True, eq=False)
class Vacancy:
    """The seats to fill: who may fill them, and what the newcomers together must look like."""

    people: tuple[Person, ...]
    quotas: tuple[Quota, ...]
    size: int
    types: Types


def vacancy(
    people: Sequence[Person],
    quotas: Sequence[Quota],
    panel: Collection[str],
    gone: Collection[str],
    refused: Collection[str] = (),
    households: bool = False,
) -> Vacancy:
    """Return the seats that are free when some of the panel leave and the others stay.

    Parameters
    ----------
    people : sequence of Person
        The whole pool.
    quotas : sequence of Quota
        The quotas of the whole panel.
    panel, gone, refused : collections of ids
        Who was drawn, who of them leaves, and who else cannot be drawn again.
    households : bool
        True when nobody may come in who lives with somebody who stays.

    Raises
    ------
    CallError
        When somebody leaves who is not on the panel, or nobody does.
    """
    strangers = sorted(set(gone) - set(panel))
    if strangers or not gone:
        raise CallError(
            phrase("not on the panel: {names}", names=", ".join(strangers))
            if strangers
            else phrase("nobody leaves the panel")
        )
    staying = [p for p in people if p.id in set(panel) - set(gone)]
    homes = {p.household for p in staying if p.household} if households else set()
    out = set(panel) | set(gone) | set(refused)
    free = tuple(p for p in people if p.id not in out and p.household not in homes)
    have = counted(staying, quotas)
    left = tuple(
        replace(q, low=max(q.low - n, 0), high=max(q.high - n, 0)) for q, n in zip(quotas, have, strict=True)
    )
    return Vacancy(free, left, len(gone), collapse(free, left, len(gone), households))


def replacements(
    seats: Vacancy, budget: Budget, *, seed: int = 1, say: Callable[[str], None] = lambda _: None
) -> Lottery | None:
    """Return the lottery over newcomers with the largest lowest chance; None when nobody fits."""
    return lottery(seats.types, "leximin", budget, seed=seed, say=say)
