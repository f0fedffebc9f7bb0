"""What somebody asks of a service: when, in which body, with how much money, in which language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from isopolis.model import CallError
from isopolis.model.text import phrase

__all__ = ["WEEKDAYS", "Asked"]

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


DAYS = (
    phrase("Monday"), phrase("Tuesday"), phrase("Wednesday"), phrase("Thursday"), phrase("Friday"),
    phrase("Saturday"), phrase("Sunday"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, and when. Nothing given means that the barrier is not looked at.

    Parameters
    ----------
    weekday : int or None
        0 for Monday to 6 for Sunday; with `minute`.
    minute : int or None
        Minutes after midnight at which people arrive, 0..1439.
    step_free : bool
        True for those who cannot take steps: wheelchair profiles, prams.
    fee_limit : float or None
        Euros for one use that people can pay; 0 when it must be free.
    languages : tuple of str
        ISO 639 codes; one of them has to be spoken. Empty when any language does.
    offline : bool
        True for people without internet: a place that is booked online only refuses them.
    capacity : float or None
        A place has to have at least so much room.
    groups : tuple of str
        Columns of eligibility, for a service that admits some groups and not others.

    Raises
    ------
    CallError
        If a day, a time or an amount is none.
    """

    weekday: int | None = None
    minute: int | None = None
    step_free: bool = False
    fee_limit: float | None = None
    languages: tuple[str, ...] = ()
    offline: bool = False
    capacity: float | None = None
    groups: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "languages", tuple(x.strip().lower() for x in self.languages))
        object.__setattr__(self, "groups", tuple(self.groups))
        if (self.weekday is None) != (self.minute is None):
            raise CallError("opening hours are asked with a weekday and a time together")
        if self.weekday is not None and not 0 <= self.weekday <= 6:
            raise CallError("a weekday is a number from 0 (Monday) to 6 (Sunday)")
        if self.minute is not None and not 0 <= self.minute < 1440:
            raise CallError("a time of day is a number of minutes after midnight, from 0 to 1439")
        for name in ("fee_limit", "capacity"):
            value = getattr(self, name)
            if value is not None and not value >= 0:
                raise CallError("a fee that people can pay and room that they need are numbers of 0 or more")

    @classmethod
    def at(cls, weekday: str, time: str, **others: object) -> Asked:
        """Ask by the name of a day and a time as people write it: ``Asked.at("Tuesday", "17:30")``.

        Raises
        ------
        CallError
            If there is no such day or time.
        """
        short = weekday.strip().lower()
        found = [i for i, day in enumerate(WEEKDAYS) if len(short) >= 2 and day.lower().startswith(short)]
        if len(found) != 1:
            raise CallError(f'"{weekday}" is no weekday: ' + _days(WEEKDAYS))
        hour, _, minute = time.strip().partition(":")
        if not (hour.isdigit() and minute.isdigit() and len(minute) == 2 and int(minute) < 60):
            raise CallError(f'"{time}" is no time of day: write it as 17:30')
        return cls(found[0], 60 * int(hour) + int(minute), **others)  # type: ignore[arg-type]

    def when(self) -> str:
        """Say the day and time, empty when none is asked."""
        if self.weekday is None or self.minute is None:
            return ""
        clock = f"{self.minute // 60:02d}:{self.minute % 60:02d}"
        return phrase("{day}, {time}", day=DAYS[self.weekday], time=clock)


def _days(names: Sequence[str]) -> str:
    return "Mo, Tu, We, Th, Fr, Sa, Su, or " + ", ".join(names)
