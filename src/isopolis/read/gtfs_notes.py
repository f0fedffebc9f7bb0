"""What is said about a feed as a whole: its hours, its agencies, how much of it could not be used."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from isopolis.model.text import count, listing, phrase, phrases

from .gtfs_days import day_number, day_text
from .gtfs_files import Feed, get_again
from .gtfs_times import Calls
from .gtfs_trips import Runs, Trips

__all__ = ["clock", "note_broken", "note_feed", "note_hours", "time_zones"]

MOST_BROKEN = 0.05
"""Share of the trips of a day that may be left out because of errors; above it there is no timetable."""
MOST_SILENT = 0.5
"""Share of the trips of a day that may have no calls, as those of buses on demand."""
_LATE_START, _EARLY_END = 8 * 3600, 19 * 3600
_LONG_GAP = 3 * 3600
_MORNING, _EVENING = 6 * 3600, 22 * 3600


def clock(seconds: int) -> str:
    """``11:40``."""
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}"


def time_zones(feed: Feed) -> tuple[str, ...]:
    """Time zones of the agencies of a feed."""
    table = feed.table("agency.txt", (), ("agency_timezone",))
    if table is None:
        return ()
    return tuple(sorted({v for v in table.column("agency_timezone").text.tolist() if v}))


def note_feed(feed: Feed, day: int) -> None:
    """Say what is odd about the agencies and about the dates for which a feed was published."""
    zones = time_zones(feed)
    if not zones:
        feed.problems.caveat(
            "no-time-zone", phrase("the feed does not say its time zone"), file=f"{feed.file}/agency.txt",
            column="agency_timezone", hint=phrase("Times were taken as the local ones."),
        )  # fmt: skip
    if len(zones) > 1:
        feed.problems.caveat(
            "time-zones", phrase("the agencies of a feed have different time zones: {zones}",
                                 zones=listing(zones)),
            file=f"{feed.file}/agency.txt", column="agency_timezone",
            rule=phrase("one time zone for all agencies of a feed"), hint=get_again(),
        )  # fmt: skip
    table = feed.table("feed_info.txt", (), ("feed_start_date", "feed_end_date"))
    if table is None or not table.rows or not day:
        return
    first, last = (
        day_number(str(table.column(n).text[0])) for n in ("feed_start_date", "feed_end_date")
    )  # fmt: skip
    if (0 < day < first) or (0 < last < day):
        feed.problems.caveat(
            "outside-feed",
            phrase("the publisher answers for this feed only from {first} to {last}, which {date} is not in",
                   first=day_text(first) if first > 0 else "…", last=day_text(last) if last > 0 else "…",
                   date=day_text(day)),
            file=table.file, hint=phrase("Trips of that day may be missing or out of date."),
        )  # fmt: skip


def note_broken(feed: Feed, calls: Calls, trips: Trips, active: npt.NDArray[np.bool_]) -> None:
    """Say how many trips of the day are left out; a fatal problem where they are more than a few."""
    out = int((calls.broken & active).sum())
    silent = int(((np.diff(calls.pointer) == 0) & ~calls.broken & active).sum())
    all_trips = int(active.sum())
    if silent:
        (feed.problems.error if silent > MOST_SILENT * all_trips else feed.problems.caveat)(
            "no-calls",
            phrases("{n} trip of the day calls at no two stops, and was left out",
                    "{n} trips of the day call at no two stops, and were left out", silent),
            file=f"{feed.file}/stop_times.txt", count=silent,
            rule=phrase("at least two stops where people get on and off"), hint=get_again(),
        )  # fmt: skip
    if not out:
        return
    fatal = out > MOST_BROKEN * all_trips
    (feed.problems.error if fatal else feed.problems.caveat)(
        "broken-trips",
        phrases("{n} of the {all} trips of the day has errors in its times or stops",
                "{n} of the {all} trips of the day have errors in their times or stops", out,
                all=count(all_trips)),
        file=f"{feed.file}/stop_times.txt", count=out,
        rule=phrase("at most {percent}% of the trips; such trips are left out", percent=count(5)),
        hint=get_again(),
    )  # fmt: skip


def note_hours(feed: Feed, runs: Runs) -> None:
    """Say when trips begin only late, end early, or do not run for hours in between."""
    if not len(runs.trip):
        return
    calls = np.sort(np.concatenate([runs.arrival, runs.departure]))
    first, last = int(calls[0]), int(calls[-1])
    hint = phrase("Outside these hours the results show a city without this service.")
    if first > _LATE_START or last < _EARLY_END:
        feed.problems.caveat(
            "few-hours",
            phrase("no trip runs before {first} or after {last}", first=clock(first), last=clock(last)),
            file=feed.file, hint=hint,
        )  # fmt: skip
    by_day = calls[(calls >= _MORNING) & (calls <= _EVENING)]  # at night few feeds run
    gaps = np.diff(by_day)
    if len(gaps) and gaps.max() > _LONG_GAP:
        at = int(gaps.argmax())
        feed.problems.caveat(
            "no-trips-for-hours",
            phrase("no trip calls anywhere between {first} and {last}", first=clock(int(by_day[at])),
                   last=clock(int(by_day[at + 1]))),
            file=feed.file, hint=hint,
        )  # fmt: skip
