"""The counted numbers of a desk as tables and drawings, in the language of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from isopolis.model.text import Number
from isopolis.model.text import count as counting
from isopolis.web.languages import NAMES, RIGHT_TO_LEFT, said, spoken
from isopolis.web.participation.models import Participation

from .charts import Bar, bars
from .words import topic_names

__all__ = ["FIRST", "KEYS", "LISTED", "told", "whole_table"]

KEYS = ("topic", "place", "week", "channel", "language")
LISTED = (*KEYS, "rates", "waits")
"""Tables that have a page of their own."""

FIRST = 12
"""Rows of a table on the first page."""


def told(shown: Mapping[str, Any], code: str) -> dict[str, Any]:
    """Say everything that a desk's page shows.

    Parameters
    ----------
    shown : mapping
        As `numbers.count` kept it.
    code : str
        Language of the page.
    """
    names = topic_names(code)
    return {
        "whole": shown["whole"],
        "tables": [_figure(shown, key, code) for key in KEYS if len(shown["tables"].get(key, ()))],
        "many": _many(shown, names),
        "unheard": _unheard(shown, names),
        "unheard_why": spoken(shown["unheard"]["reason"]) if shown["unheard"]["reason"] else "",
        "surges": [
            {"topic": names.get(t, t), "day": _day(day), "received": n, "usual": number_format(usual, 0)}
            for t, day, n, usual in shown["surges"]
        ],
        "places": _first(_places(shown)),
        "waits": _first(_waits(shown)),
        "notes": spoken(shown["notes"]),
    }


def captions() -> dict[str, str]:
    """Return what each table is called."""
    return {
        "topic": _("By topic"), "place": _("By neighbourhood"), "week": _("By week"),
        "channel": _("By the way they came"), "language": _("By language"),
    }  # fmt: skip


def whole_table(shown: Mapping[str, Any], key: str, code: str) -> dict[str, Any]:
    """Return one table of `LISTED` with all its rows; the caller pages it."""
    if key not in KEYS:
        return _places(shown) if key == "rates" else _waits(shown)
    rows = [_row(shown, key, line, code) for line in _ordered(shown, key)]
    return {
        "key": key, "caption": captions()[key], "head": _head(key), "rows": rows, "text_columns": [0],
    }  # fmt: skip


def _head(key: str) -> list[str]:
    first = {"topic": _("topic"), "place": _("neighbourhood"), "week": _("week"), "channel": _("way"),
             "language": _("language")}[key]  # fmt: skip
    return [first, *_words()]


def _words() -> list[str]:
    return [_("received"), _("registered"), _("resolved")]


def _ordered(shown: Mapping[str, Any], key: str) -> list[Any]:
    lines = shown["tables"][key]
    if key == "week":
        return sorted(lines, key=lambda x: x[0], reverse=True)
    return sorted(lines, key=lambda x: (x[1] is None, -(x[1] or 0), x[0]))


def _name(shown: Mapping[str, Any], key: str, value: str, code: str) -> str:
    if not value:
        return _("not known")
    if key == "topic":
        return topic_names(code).get(value, value)
    if key == "place":
        return str(shown["names"].get(value, value))
    if key == "channel":
        return str(dict(Participation.Channel.choices).get(value, value))
    return NAMES.get(value, value) if key == "language" else value


def _row(shown: Mapping[str, Any], key: str, line: Sequence[Any], code: str) -> list[str]:
    value, received, registered, resolved = line
    name = _name(shown, key, value, code)
    if received is None:
        return [name, _("hidden"), _("hidden"), _("hidden")]
    return [name, *(said(counting(n)) for n in (received, registered, resolved))]


def _figure(shown: Mapping[str, Any], key: str, code: str) -> dict[str, Any]:
    lines = _ordered(shown, key)
    first = lines[:FIRST]
    drawn: list[Bar] = []
    for value, received, registered, resolved in reversed(first) if key == "week" else first:
        numbers = None if received is None else (received, registered, resolved)
        beside = _("hidden") if received is None else said(counting(received))
        drawn.append((_name(shown, key, value, code), numbers, beside))
    table = whole_table(shown, key, code)
    table["rows"] = table["rows"][:FIRST]
    table["folded"] = len(table["rows"]) > FIRST // 2
    return {
        "key": f"by-{key}", "heading": captions()[key],
        "title": _("%(caption)s: received, registered and resolved") % {"caption": captions()[key]},
        "summary": _("The bar is what was received; the darker ones in it are registered and resolved."),
        "svg": bars(drawn, _words(), rtl=code in RIGHT_TO_LEFT), "table": table,
        "more": len(lines) if len(lines) > FIRST else 0,
        "name": key,
    }  # fmt: skip


def _said(number: float | None, digits: int) -> str:
    return "–" if number is None else said(Number(f"{number:,.{digits}f}"))


def _interval(low: float | None, high: float | None, digits: int) -> str:
    if low is None and high is None:
        return "–"
    if high is None:
        return _("%(low)s or more") % {"low": _said(low, digits)}
    return _("%(low)s to %(high)s") % {"low": _said(low, digits), "high": _said(high, digits)}


def _many(shown: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    rows = [
        [names.get(topic, topic), said(counting(n)), said(counting(one)), _said(rate, 2),
         _interval(low, high, 2)]
        for topic, n, one, rate, low, high in shown["many"][:FIRST]
    ]  # fmt: skip
    head = [_("topic"), _("received"), _("different ones"),
            _("per 1,000 residents"), _("interval")]  # fmt: skip
    return {"key": "many", "caption": _("What most people tell"), "head": head, "rows": rows,
            "text_columns": [0]}  # fmt: skip


def _unheard(shown: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    rows = [
        [names.get(topic, topic), str(shown["names"].get(unit, unit)), _said(ratio, 1),
         _interval(low, high, 1), said(counting(about)),
         _("calls less than others") if quiet else ""]
        for _kind, unit, topic, about, ratio, low, high, quiet in shown["unheard"]["rows"][:FIRST]
    ]  # fmt: skip
    head = [_("topic"), _("where"), _("times as often as elsewhere"), _("interval"), _("worries, about"),
            _("note")]  # fmt: skip
    return {"key": "unheard", "caption": _("What a few live with, and is drowned by the rest"), "head": head,
            "rows": rows, "text_columns": [0, 1, 5]}  # fmt: skip


def _places(shown: Mapping[str, Any]) -> dict[str, Any]:
    found = sorted(shown["places"], key=lambda x: (-x[1], x[0]))
    rows = [
        [str(shown["names"].get(zone, zone)), _said(rate, 2), _interval(low, high, 2)]
        for zone, rate, low, high in found
    ]
    head = [_("neighbourhood"), _("worries per 1,000 residents"), _("interval")]
    return {"key": "rates", "caption": _("Worries per 1,000 residents"), "head": head, "rows": rows,
            "text_columns": [0]}  # fmt: skip


def _waits(shown: Mapping[str, Any]) -> dict[str, Any]:
    rows = []
    # the whole city first, then the longest
    order = sorted(shown["waits"], key=lambda x: (x[0] != "", x[1] is None, -(x[1] or 0), x[0]))
    for zone, median, low, high, why in order:
        name = str(shown["names"].get(zone, zone)) or _("whole city")
        if median is None:
            rows.append([name, spoken(why), _interval(low, None, 1)])
        else:
            rows.append([name, _said(median, 1), _interval(low, high, 1)])
    head = [_("neighbourhood"), _("days until half are resolved"), _("interval")]
    return {"key": "waits", "caption": _("How long it takes"), "head": head, "rows": rows,
            "text_columns": [0, 1]}  # fmt: skip


def _first(table: dict[str, Any]) -> dict[str, Any]:
    """Keep the first rows, and say how many there are where more are left."""
    rows = table["rows"]
    return table | {"rows": rows[:FIRST], "more": len(rows) if len(rows) > FIRST else 0}


def _day(text: str) -> str:
    return str(date_format(date.fromisoformat(text), "DATE_FORMAT"))
