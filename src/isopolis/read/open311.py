"""Worries from a file: service requests of Open311 GeoReport v2 as JSON, or a table.

A table has one row per worry, or one row per week, topic, place or channel with the numbers received,
registered and resolved. Names, addresses of people, e-mail and telephone numbers are not read.

GeoReport has no word for "registered": a request that has a ``token`` and no ``service_request_id`` yet is
received only.

References
----------
Open311 GeoReport API v2, http://wiki.open311.org/GeoReport_v2/ ("GET Service Requests").
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from isopolis.model import DataError, Problem, Problems
from isopolis.model.text import phrase

from .tables import read_table
from .vocabulary import plain

__all__ = ["LARGEST", "MOST_ROWS", "Worry", "WorryFile", "read_worries"]

LARGEST = 300_000_000
"""Bytes of a JSON file."""

MOST_ROWS = 5_000_000
"""Worries of one file, those of counted rows included."""

LONGEST = 10_000
"""Letters of one worry that are kept."""

NAMES: Mapping[str, tuple[str, ...]] = {
    "id": ("service_request_id", "id", "number", "case", "case_id"),
    "token": ("token",),
    "text": ("description", "text", "worry", "message", "complaint"),
    "service": ("service_name", "service", "topic", "category", "type", "service_code"),
    "channel": ("channel", "source", "origin_of_request"),
    "zone": ("zone", "zone_id", "neighbourhood", "neighborhood", "district", "quarter", "ward", "area"),
    "lat": ("lat", "latitude"),
    "lon": ("long", "lon", "lng", "longitude"),
    "received": ("requested_datetime", "received", "received_at", "date", "created", "week"),
    "registered": ("registered", "registered_at"),
    "resolved": ("resolved", "resolved_at", "closed", "closed_at", "done"),
    "status": ("status",),
    "updated": ("updated_datetime", "updated"),
}
COUNTED = ("received", "registered", "resolved")
OPEN = frozenset("open new received registered acknowledged assigned pending in_progress started".split())
CLOSED = frozenset("closed resolved done fixed completed".split())
YES, NO = frozenset("yes true 1 y".split()), frozenset("no false 0 n".split())


@dataclass(frozen=True, slots=True)
class Worry:
    """One worry, or so many of which nothing else is known; empty and NaN are not known."""

    id: str = ""
    text: str = ""
    service: str = ""
    channel: str = ""
    zone: str = ""
    group: str = ""
    received: datetime | None = None
    closed: datetime | None = None
    registered: bool = True
    resolved: bool = False
    lat: float = math.nan
    lon: float = math.nan
    count: int = 1


@dataclass(frozen=True, slots=True)
class WorryFile:
    """What a file says.

    Parameters
    ----------
    file : str
    worries : tuple of Worry
    columns : mapping of str to str
        What was read from which column.
    caveats : tuple of Problem
    """

    file: str
    worries: tuple[Worry, ...]
    columns: Mapping[str, str]
    caveats: tuple[Problem, ...] = ()


@dataclass(slots=True)
class _Wrong:
    """Rows with the same fault, told once."""

    problems: Problems
    file: str
    seen: dict[tuple[str, str, bool], list[tuple[int, str]]] = field(default_factory=dict)

    def add(self, code: str, column: str, row: int, value: object, *, fatal: bool = True) -> None:
        self.seen.setdefault((code, column, fatal), []).append((row, str(value)[:80]))

    def tell(self) -> None:
        for (code, column, fatal), rows in self.seen.items():
            tell = self.problems.error if fatal else self.problems.caveat
            message, rule = _FAULTS[code]()
            tell(
                code, message, file=self.file, column=column or None, rows=tuple(r for r, _ in rows[:5]),
                count=len(rows), value=rows[0][1], rule=rule,
            )  # fmt: skip


_FAULTS: Mapping[str, Any] = {
    "no-time": lambda: (
        phrase("this is no date"),
        phrase("2026-02-17, 17.02.2026, 2026-02-17T08:30:00+06:00, or a week as 2026-W08"),
    ),
    "no-status": lambda: (phrase("this is no status"), phrase("open or closed")),
    "no-mark": lambda: (phrase("this is neither yes nor no"), phrase("yes, no, a date, or nothing")),
    "no-number": lambda: (
        phrase("worries are counted in whole numbers"), phrase("a whole number, 0 or more"),
    ),
    "no-order": lambda: (
        phrase("more was resolved than registered, or more registered than received"),
        phrase("received is the largest and resolved the smallest"),
    ),
    "before": lambda: (phrase("it was resolved before it was received"), phrase("a later time")),
    "no-point": lambda: (
        phrase("this is no point on earth; the worry stays without one"), phrase("degrees, north and east"),
    ),
    "no-object": lambda: (phrase("this is no service request"), phrase("an object with names and values")),
    "twice": lambda: (phrase("this number is there already; the first one counts"), ""),
}  # fmt: skip


def read_worries(path: Path, *, group: str = "") -> WorryFile:
    """Read a file of worries.

    Parameters
    ----------
    path : Path
        ``.json`` as GeoReport v2 gives it, or a table (CSV, Excel, Parquet).
    group : str
        Column, or name in the JSON, of a group of residents.

    Raises
    ------
    DataError
        With everything that is wrong in the file.
    """
    problems = Problems()
    wrong = _Wrong(problems, path.name)
    if path.suffix.lower() == ".json":
        rows, first = _json_rows(path, wrong), 1
        columns = _columns(dict.fromkeys(k for r in rows for k in r), group)
    else:
        table = read_table(path, problems=problems)
        columns, first = _columns(table.columns, group), 2
        texts = {c: table[c].text().tolist() for c in table.columns}
        rows = [{c: t[i] for c, t in texts.items()} for i in range(len(table))]
    if group and "group" not in columns:
        problems.error("no-group", phrase("no column is called {name}", name=group), file=path.name)
    if not rows:
        problems.error("empty-table", phrase("there is no worry"), file=path.name)
    if _is_counted(rows, columns):
        worries = [_counted(r, columns, i + first, wrong) for i, r in enumerate(rows)]
        made = [w for some in worries for w in some]
    else:
        if rows and not {"received", "text", "service", "id"} & set(columns):
            problems.error(
                "no-columns", phrase("nothing here says what a worry is or when it came"), file=path.name,
                rule=phrase("columns such as id, received, text, service, zone, channel, status"),
            )  # fmt: skip
        made = _once([_single(r, columns, i + first, wrong) for i, r in enumerate(rows)], first, wrong)
    if sum(w.count for w in made) > MOST_ROWS:
        problems.error("too-many", phrase("these are more than 5 million worries"), file=path.name)
    wrong.tell()
    problems.raise_if_fatal()
    return WorryFile(path.name, tuple(made), columns, tuple(problems))


def _json_rows(path: Path, wrong: _Wrong) -> list[Mapping[str, Any]]:
    if path.stat().st_size > LARGEST:
        raise DataError([Problem("too-large", phrase("the file is larger than 300 MB"), file=path.name)])
    try:
        told = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        said = phrase("the file is no JSON: {error}", error=str(error)[:200])
        raise DataError([Problem("no-json", said, file=path.name)]) from error
    if isinstance(told, dict):
        told = told.get("service_requests") or told.get("requests")
    if not isinstance(told, list):
        rule = phrase("a list of service requests, as GET requests.json of GeoReport v2 answers")
        said = phrase("there is no list of requests")
        raise DataError([Problem("no-list", said, file=path.name, rule=rule)])
    rows: list[Mapping[str, Any]] = []
    for i, item in enumerate(told):
        if isinstance(item, dict):
            more = item.get("extended_attributes")
            flat = (more if isinstance(more, dict) else {}) | item
            rows.append({str(k): v for k, v in flat.items() if isinstance(v, str | int | float | bool)})
        else:
            wrong.add("no-object", "", i + 1, item)
            rows.append({})
    return rows


def _columns(there: Mapping[str, Any], group: str) -> dict[str, str]:
    names: dict[str, str] = {}
    for column in there:
        names.setdefault(plain(column), column)
    found = {k: next((names[n] for n in known if n in names), "") for k, known in NAMES.items()}
    if group and plain(group) in names:
        found["group"] = names[plain(group)]
    return {k: v for k, v in found.items() if v}


def _is_counted(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> bool:
    """Tell numbers of worries from a row per worry: all three are named, `received` is whole numbers."""
    names = [columns.get(k) for k in COUNTED]
    if not rows or names[1] is None or names[2] is None or "received" not in map(plain, rows[0]):
        return False
    column = next(c for c in rows[0] if plain(c) == "received")
    given = [str(r.get(column, "")).strip() for r in rows]
    return any(given) and all(g.isdecimal() for g in given if g)


def _counted(row: Mapping[str, Any], columns: Mapping[str, str], at: int, wrong: _Wrong) -> tuple[Worry, ...]:
    numbers = []
    for name in COUNTED:
        column = next(c for c in row if plain(c) == name)
        text = str(row.get(column, "")).strip()
        if not (text.isdecimal() and text.isascii() and len(text) < 10):
            wrong.add("no-number", column, at, text)
            return ()
        numbers.append(int(text))
    received, registered, resolved = numbers
    if not received >= registered >= resolved:
        wrong.add("no-order", "", at, f"{received} / {registered} / {resolved}")
        return ()
    when_column = next((c for c in row if plain(c) in ("week", "date", "requested_datetime")), "")
    when = _time(row.get(when_column, ""), when_column, at, wrong) if when_column else None
    shared: dict[str, Any] = {
        k: _text(row, columns, k) for k in ("text", "service", "channel", "zone", "group")
    }
    waiting, open_ = received - registered, registered - resolved
    parts = ((waiting, False, False), (open_, True, False), (resolved, True, True))
    return tuple(
        Worry(**shared, received=when, registered=noted, resolved=done, count=n)
        for n, noted, done in parts
        if n
    )


def _text(row: Mapping[str, Any], columns: Mapping[str, str], key: str) -> str:
    value = row.get(columns.get(key, ""), "")
    return "" if value is None else str(value).strip()[:LONGEST]


def _single(row: Mapping[str, Any], columns: Mapping[str, str], at: int, wrong: _Wrong) -> Worry:
    def said(key: str) -> str:
        return _text(row, columns, key)

    received = _time(said("received"), columns.get("received", ""), at, wrong)
    registered, when_registered = _mark(said("registered"), columns.get("registered", ""), at, wrong)
    resolved, closed = _mark(said("resolved"), columns.get("resolved", ""), at, wrong)
    if "status" in columns and "resolved" not in columns:
        resolved = _closed(said("status"), at, columns["status"], wrong)
        closed = _time(said("updated"), columns.get("updated", ""), at, wrong) if resolved else None
    if "registered" not in columns:
        # what has no number but a token was received, and nobody took it up yet
        registered = bool(said("id")) or "token" not in columns or bool(resolved)
    if resolved and not registered:
        wrong.add("no-order", columns.get("registered", ""), at, said("registered"))
    received, closed = _together(received or when_registered, closed, at, wrong)
    lat, lon = _point(said("lat"), said("lon"), at, columns.get("lat", ""), wrong)
    return Worry(
        said("id") or said("token"), said("text"), said("service"), said("channel"), said("zone"),
        said("group"), received, closed, bool(registered), bool(resolved), lat, lon,
    )  # fmt: skip


def _closed(text: str, at: int, column: str, wrong: _Wrong) -> bool:
    status = plain(text)
    if status and status not in OPEN | CLOSED:
        wrong.add("no-status", column, at, text)
    return status in CLOSED


def _mark(text: str, column: str, at: int, wrong: _Wrong) -> tuple[bool | None, datetime | None]:
    """Read yes, no or a date, which is a yes."""
    word = text.casefold()
    if word in YES or word in NO or not word:
        return word in YES, None
    if not word[0].isdigit():
        wrong.add("no-mark", column, at, text)
        return False, None
    return True, _time(text, column, at, wrong)


def _time(value: Any, column: str, at: int, wrong: _Wrong) -> datetime | None:
    text = str(value).strip()
    if not text:
        return None
    try:
        day, _blank, clock = text.partition(" ")
        parts = day.split(".")
        if len(parts) == 3 and all(p.isdecimal() for p in parts):
            text = f"{parts[2]:0>4}-{parts[1]:0>2}-{parts[0]:0>2}" + (f"T{clock}" if clock else "")
        elif not (len(text) >= 8 and text[4:5] == "-"):
            raise ValueError(text)  # 20260217 and 2/17/26 could be anything
        made = datetime.fromisoformat(text)
        if not 1900 <= made.year <= 2200:
            raise ValueError(text)
    except (ValueError, OverflowError):
        wrong.add("no-time", column, at, text)
        return None
    return made


def _together(
    received: datetime | None, closed: datetime | None, at: int, wrong: _Wrong
) -> tuple[datetime | None, datetime | None]:
    """Write both times by the clock of the place where the worry came in."""
    if received is not None and closed is not None:
        if received.tzinfo is not None:
            closed = (closed if closed.tzinfo else closed.replace(tzinfo=received.tzinfo)).astimezone(
                received.tzinfo
            )
        elif closed.tzinfo is not None:
            closed = closed.astimezone(UTC)
        # a date alone is its midnight: the same day is not before
        if closed.replace(tzinfo=None) < received.replace(tzinfo=None):
            whole_day = (closed.hour, closed.minute, closed.second) == (0, 0, 0)
            if whole_day and received.replace(tzinfo=None) - closed.replace(tzinfo=None) < timedelta(days=1):
                closed = received
            else:
                wrong.add("before", "", at, closed)
    return (
        received.replace(tzinfo=None) if received else None,
        closed.replace(tzinfo=None) if closed else None,
    )


def _point(lat: str, lon: str, at: int, column: str, wrong: _Wrong) -> tuple[float, float]:
    if not lat and not lon:
        return math.nan, math.nan
    try:
        north, east = float(lat), float(lon)
    except ValueError:
        north = east = math.nan
    # 0, 0 is what forms write when they know nothing
    if not (abs(north) <= 90 and abs(east) <= 180) or (north == 0 and east == 0):
        wrong.add("no-point", column, at, f"{lat}, {lon}", fatal=False)
        return math.nan, math.nan
    return north, east


def _once(worries: list[Worry], first: int, wrong: _Wrong) -> list[Worry]:
    seen: set[str] = set()
    out = []
    for i, worry in enumerate(worries):
        if worry.id and worry.id in seen:
            wrong.add("twice", "id", i + first, worry.id, fatal=False)
            continue
        seen.add(worry.id)
        out.append(worry)
    return out
