"""Whom the places themselves admit: hours, fee, language, steps at the door, booking, eligibility."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import NO, YES, AccessData, Dimension, Group, Places, Problem, Problems

from .access_asked import DAYS, AccessAsked, moment

__all__ = ["Doors", "doors_of"]

Flags = npt.NDArray[np.bool_]
Answers = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class Doors:
    """What each place answers to the people who come.

    Parameters
    ----------
    admits : (P,) array of int
        `YES`, `NO` or `UNKNOWN` for people at large: everything but eligibility.
    places : Places
    dimensions : tuple of Dimension
    said : tuple of str
        How many places admit, and why the others do not.
    problems : tuple of Problem
    """

    admits: Answers
    places: Places
    dimensions: tuple[Dimension, ...]
    said: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    def everyone(self, policy: str) -> Flags:
        """(P,) places that admit people at large, unknown read as `policy` says."""
        return _read(self.admits, policy)

    def of(self, groups: Sequence[Group]) -> list[tuple[dict[str, Flags] | None, tuple[Group, ...]]]:
        """Return groups that the same places admit, together; None for those that no place is for."""
        from isopolis.reach.services import all_of

        answers = self._eligible(groups)
        together: dict[bytes, list[int]] = {}
        for column in range(len(groups)):
            together.setdefault(answers[:, column].tobytes(), []).append(column)
        out: list[tuple[dict[str, Flags] | None, tuple[Group, ...]]] = []
        for columns in together.values():
            one = answers[:, columns[0]]
            members = tuple(groups[c] for c in columns)
            if len(one) and (one == NO).all():
                out.append((None, members))
                continue
            both = all_of(self.admits, one)
            out.append(({p: _read(both, p) for p in ("optimistic", "expected", "pessimistic")}, members))
        return out

    def _eligible(self, groups: Sequence[Group]) -> Answers:
        from isopolis.read.eligible import eligible

        assert self.places.eligibility is not None
        if not any(self.places.eligibility):
            # data that says of no place whom it admits has no such barrier to show
            return np.full((len(self.places), len(groups)), YES, dtype=np.int8)
        return np.asarray(eligible(self.places.eligibility, groups, self.dimensions), dtype=np.int8)


def _read(answers: Answers, policy: str) -> Flags:
    """Read unknown as no where pessimistic, and as yes otherwise: most places that say nothing admit."""
    return np.asarray(answers == YES if policy == "pessimistic" else answers != NO)


def doors_of(data: AccessData, places: Places, profile: Any, asked: AccessAsked) -> Doors:
    """Ask every place what it admits."""
    from isopolis.reach.services import Asked, admits

    problems = Problems()
    terms: dict[str, Any] = {
        "fee_limit": asked.fee,
        "languages": (asked.language,) if asked.language else (),
        # whoever cannot take stairs in the street cannot take them at the door
        "step_free": profile.limits.steps != "allowed",
        "offline": asked.offline,
    }
    open_now: Answers | None = None
    if asked.at:
        from isopolis.read.opening import open_at

        assert places.hours is not None
        open_now = np.asarray(open_at(places.hours, asked.at, problems=problems), dtype=np.int8)
        day, seconds = moment(asked.at)
        terms |= {"weekday": DAYS.index(day), "minute": seconds // 60 % 1440}
    found = admits(places, Asked(**terms), open_at=open_now)
    dimensions = tuple({d.name: d for c in data.origins.counts for d in c.dimensions}.values())
    said = (found.said(),) if found.barriers else ()
    return Doors(found.answer, places, dimensions, said, tuple(problems))
