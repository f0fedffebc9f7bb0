"""Small GTFS feeds, written by code: an example city, not a real place."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

Table = Sequence[Mapping[str, object]]

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def clock(seconds: int) -> str:
    """``25:10:00``."""
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def week(
    service: str, days: str = "1111100", first: str = "20260105", last: str = "20260201"
) -> dict[str, object]:
    """Row of calendar.txt; 2026-01-05 is a Monday."""
    return {
        "service_id": service, **dict(zip(DAYS, days, strict=True)), "start_date": first, "end_date": last
    }  # fmt: skip


def stop(name: str, lat: float, lon: float, **more: object) -> dict[str, object]:
    """Row of stops.txt."""
    return {"stop_id": name, "stop_name": f"Stop {name}", "stop_lat": lat, "stop_lon": lon, **more}


def trip(name: str, route: str = "R1", service: str = "W", **more: object) -> dict[str, object]:
    """Row of trips.txt."""
    return {"route_id": route, "service_id": service, "trip_id": name, **more}


def calls(name: str, *at: tuple[str, str] | tuple[str, str, str], **more: object) -> list[dict[str, object]]:
    """Rows of stop_times.txt: stop, arrival and, where it differs, departure."""
    return [
        {
            "trip_id": name, "arrival_time": a[1], "departure_time": a[-1], "stop_id": a[0],
            "stop_sequence": i, **more,
        }
        for i, a in enumerate(at, 1)
    ]  # fmt: skip


def small() -> dict[str, list[dict[str, object]]]:
    """Three stops A, B, C a kilometre apart and two trips on working days: 8:00 and 9:00."""
    return {
        "agency": [
            {"agency_id": "X", "agency_name": "Example", "agency_url": "https://example.org",
             "agency_timezone": "Europe/Vienna"}
        ],
        "stops": [stop("A", 48.20, 16.30), stop("B", 48.21, 16.30), stop("C", 48.22, 16.30)],
        "routes": [{"route_id": "R1", "agency_id": "X", "route_short_name": "1", "route_type": 3}],
        "calendar": [week("W")],
        "trips": [trip("t1"), trip("t2")],
        "stop_times": [
            *calls("t1", ("A", "08:00:00"), ("B", "08:05:00", "08:06:00"), ("C", "08:10:00")),
            *calls("t2", ("A", "09:00:00"), ("B", "09:05:00", "09:06:00"), ("C", "09:10:00")),
        ],
    }  # fmt: skip


def text(rows: Table) -> str:
    """Table as the text of a file."""
    heads = list(dict.fromkeys(k for row in rows for k in row))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows([row.get(h, "") for h in heads] for row in rows)
    return out.getvalue()


def write_feed(
    path: Path,
    tables: Mapping[str, Table | str | bytes] | None = None,
    *,
    inside: str = "",
) -> Path:
    """Write a feed, as a folder or, where `path` ends so, as a .zip; `inside` is a folder in it.

    Parameters
    ----------
    tables : mapping of str to table, text or bytes
        By name without ``.txt``; `small()` when not given. A table with no rows is left out.
    """
    tables = small() if tables is None else tables
    files = {
        f"{inside}{name}.txt": rows if isinstance(rows, bytes)
        else (rows if isinstance(rows, str) else text(rows)).encode()
        for name, rows in tables.items() if rows
    }  # fmt: skip
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, data in files.items():
                packed.writestr(name, data)
        return path
    for name, data in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
    return path
