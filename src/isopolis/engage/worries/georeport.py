"""Service requests as Open311 GeoReport v2 writes them, as JSON rows and as XML; nothing about people.

References
----------
Open311 GeoReport API v2, http://wiki.open311.org/GeoReport_v2/ ("GET Service Requests",
"GET Service List").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from isopolis.model import CallError

from .desk import Desk

__all__ = ["request_rows", "requests_xml", "service_rows", "services_xml", "to_xml"]

Row = Mapping[str, Any]

_NAME = re.compile(r"[a-z_]+")
# what XML 1.0 does not allow at all, not even escaped
_NEVER = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


def request_rows(
    desk: Desk,
    labels: Mapping[str, str],
    *,
    which: Sequence[int] | None = None,
    texts: bool = True,
    decimals: int = 4,
) -> tuple[dict[str, Any], ...]:
    """Write worries as rows of ``GET requests``.

    Parameters
    ----------
    desk : Desk
        What is registered has a ``service_request_id``; what is only received is left out, as the
        standard shows requests only.
    labels : mapping of str to str
        Topic → its name.
    which : sequence of int, optional
        Positions; all when not given.
    texts : bool
        False leaves out what people wrote, for desks that have not moderated it.
    decimals : int
        Of coordinates: 4 are some ten metres.
    """
    chosen = range(len(desk)) if which is None else which
    return tuple(_row(desk, i, labels, texts, decimals) for i in chosen if desk.registered[i])


def _row(desk: Desk, i: int, labels: Mapping[str, str], texts: bool, decimals: int) -> dict[str, Any]:
    topic = str(desk.topics[i])
    row: dict[str, Any] = {
        "service_request_id": str(desk.ids[i]),
        "status": "closed" if desk.resolved[i] else "open",
        "service_name": labels.get(topic, str(desk.services[i])),
        "service_code": topic or str(desk.services[i]),
        "description": str(desk.texts[i]) if texts else "",
        "requested_datetime": _written(desk.received[i]),
        "updated_datetime": _written(desk.closed[i]),
    }
    if np.isfinite(desk.lat[i]) and np.isfinite(desk.lon[i]):
        row |= {"lat": round(float(desk.lat[i]), decimals), "long": round(float(desk.lon[i]), decimals)}
    return {k: v for k, v in row.items() if v != "" or k == "service_request_id"}


def _written(time: np.datetime64) -> str:
    return "" if np.isnat(time) else str(time.astype("datetime64[s]"))


def service_rows(labels: Mapping[str, str]) -> tuple[dict[str, Any], ...]:
    """Write topics as rows of ``GET services``."""
    return tuple(
        {
            "service_code": code, "service_name": name, "description": name, "metadata": False,
            "type": "realtime", "keywords": "", "group": code.partition(":")[0],
        }
        for code, name in labels.items()
    )  # fmt: skip


def requests_xml(rows: Iterable[Row]) -> str:
    """Write rows of `request_rows` as ``GET requests.xml`` answers them."""
    return to_xml("service_requests", "request", rows)


def services_xml(rows: Iterable[Row]) -> str:
    """Write rows of `service_rows` as ``GET services.xml`` answers them."""
    return to_xml("services", "service", rows)


def to_xml(outer: str, inner: str, rows: Iterable[Row], *, head: Row | None = None) -> str:
    """Write rows as elements called `inner` in one called `outer`, after the values of `head`.

    Raises
    ------
    CallError
        If a name is none of GeoReport.
    """
    lines = ['<?xml version="1.0" encoding="utf-8"?>', f"<{outer}>"]
    lines += _elements(head or {}, "  ")
    for row in rows:
        lines += [f"  <{inner}>", *_elements(row, "    "), f"  </{inner}>"]
    return "\n".join([*lines, f"</{outer}>", ""])


def _elements(row: Row, indent: str) -> list[str]:
    for name in row:
        if not _NAME.fullmatch(name):
            raise CallError(f"{name!r} is no name of GeoReport; names are small letters and lines")
    return [f"{indent}<{name}>{_escaped(value)}</{name}>" for name, value in row.items()]


def _escaped(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return _NEVER.sub("\ufffd", text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
